"""Labels as arrays: boxes in space and in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel

CLASSES: tuple[str, ...] = tuple(c.value for c in ObjectClass)
"""Names by class id."""
_ID_OF_CLASS = {c: i for i, c in enumerate(ObjectClass)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """n objects in one frame of reference, by ascending track id."""

    center_m: Float64[np.ndarray, "n 3"]
    size_m: Float64[np.ndarray, "n 3"]
    """Full length (x), width (y), height (z) along the box's own axes."""
    orientation_wxyz: Float64[np.ndarray, "n 4"]
    """Frame of reference from box."""
    velocity_mps: Float64[np.ndarray, "n 3"]
    """Over the ground, along the axes of the frame of reference."""
    track_id: Int64[np.ndarray, "n"]
    class_id: Int64[np.ndarray, "n"]
    """Index into `CLASSES`."""
    rider: Bool[np.ndarray, "n"]
    """A two-wheeler with somebody on it."""
    lidar_points: Int64[np.ndarray, "n"]
    """Returns of all LiDARs of the agent in this frame."""
    radar_points: Int64[np.ndarray, "n"]
    visible_fraction: Float32[np.ndarray, "n"]
    """The greatest over the agent's cameras in this frame; NaN where none has the object in its image."""

    def __len__(self) -> int:
        return len(self.track_id)

    @property
    def yaw_rad(self) -> Float64[np.ndarray, "n"]:
        """Of the box's x axis about the frame's z axis, counter-clockwise."""
        w, x, y, z = self.orientation_wxyz.T
        return np.asarray(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))

    def corners_m(self) -> Float64[np.ndarray, "n 8 3"]:
        """The corners; index bits are (x, y, z) > 0."""
        bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
        local = (bits * 2.0 - 1.0)[None] * self.size_m[:, None] / 2.0
        rotations = [Pose(position_m=np.zeros(3), orientation_wxyz=q).rotation for q in self.orientation_wxyz]
        turned = np.einsum("nij,nkj->nki", np.array(rotations).reshape(-1, 3, 3), local)
        return np.asarray(turned + self.center_m[:, None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelBoxes:
    """n objects in one image, by ascending track id."""

    box_px: Float32[np.ndarray, "n 4"]
    """left, top, right, bottom; continuous, so the first pixel covers 0..1."""
    track_id: Int64[np.ndarray, "n"]
    class_id: Int64[np.ndarray, "n"]
    """Index into `CLASSES`."""
    visible_fraction: Float32[np.ndarray, "n"]
    truncation: Float32[np.ndarray, "n"]

    def __len__(self) -> int:
        return len(self.track_id)


def boxes_of(labels: Sequence[ObjectLabel], reference_map: Pose) -> Boxes:
    """Labels of the world frame, in another frame of reference.

    Args:
        labels: With the sensors of one agent (`ObjectLabel.seen_by`).
        reference_map: The frame of reference from the world.
    """
    poses = [reference_map @ label.box.pose for label in labels]
    velocities = np.array([label.velocity_mps for label in labels], np.float64).reshape(-1, 3)
    fractions = [max((c.visible_fraction for c in o.cameras.values()), default=np.nan) for o in labels]
    return Boxes(
        center_m=np.array([p.position_m for p in poses], np.float64).reshape(-1, 3),
        size_m=np.array([label.box.size_m for label in labels], np.float64).reshape(-1, 3),
        orientation_wxyz=np.array([p.orientation_wxyz for p in poses], np.float64).reshape(-1, 4),
        velocity_mps=velocities @ reference_map.rotation.T,
        track_id=np.array([label.track_id for label in labels], np.int64),
        class_id=class_ids(labels),
        rider=np.array([label.rider for label in labels], np.bool_),
        lidar_points=np.array([sum(o.lidar_points.values()) for o in labels], np.int64),
        radar_points=np.array([sum(o.radar_points.values()) for o in labels], np.int64),
        visible_fraction=np.array(fractions, np.float32),
    )


def pixel_boxes_of(labels: Sequence[ObjectLabel], channel: str, *, hidden: bool) -> PixelBoxes:
    """Objects in a camera's image.

    Args:
        labels: With the sensors of the camera's agent.
        channel: The camera's.
        hidden: With all objects whose box projects into the image, each with that box clipped to the image;
            otherwise those that can be seen, each with the box of its visible pixels.
    """
    found = []
    for label in labels:
        camera = label.cameras.get(channel)
        if camera is None:
            continue
        box = camera.full_box_px if hidden else camera.visible_box_px
        if box is not None:
            found.append((label, camera, box))
    return PixelBoxes(
        box_px=np.array([box for _, _, box in found], np.float32).reshape(-1, 4),
        track_id=np.array([label.track_id for label, _, _ in found], np.int64),
        class_id=class_ids([label for label, _, _ in found]),
        visible_fraction=np.array([c.visible_fraction for _, c, _ in found], np.float32),
        truncation=np.array([c.truncation for _, c, _ in found], np.float32),
    )


def class_ids(labels: Sequence[ObjectLabel]) -> Int64[np.ndarray, "n"]:
    """Of each object."""
    return np.array([_ID_OF_CLASS[label.object_class] for label in labels], np.int64)
