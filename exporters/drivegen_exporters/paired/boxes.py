"""Labels of one side: boxes in its LiDAR frame and in its image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import CameraLabel, ObjectLabel, PixelBox
from drivegen.core.lenses import Pinhole
from drivegen_exporters.classes import vocabulary

_WORDS = vocabulary("dair_v2x")
VEHICLES = frozenset({"Car", "Van", "Truck", "Bus"})
"""The types that cooperative labels of DAIR-V2X-C hold."""

_NEAR_M = 0.05
"""Boxes are cut here before they are projected."""
_WHOLE = 0.95
"""From this visible fraction on nothing is said to be in the way."""
_CUT_PX = 1.0
"""Less of a box beyond the border of the image is no truncation."""
_SIGNS = np.array(
    [[x, y, z] for z in (-1.0, 1.0) for x, y in ((1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (-1.0, 1.0))]
)
"""Corners in the formats' order: front left, front right, rear right, rear left; bottom, then top."""
_EDGES = np.array(
    [(i, (i + 1) % 4) for i in range(4)]
    + [(i + 4, (i + 1) % 4 + 4) for i in range(4)]
    + [(i, i + 4) for i in range(4)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageBox:
    """A box as a pinhole camera has it."""

    box_px: PixelBox
    """Clipped to the image."""
    truncated: int
    """0: not, 1: mostly at the left or right border, 2: mostly at the upper or lower."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideLabel:
    """An object in the LiDAR frame of a side, turned about z alone."""

    track_id: int
    type: str
    center_m: Vec3
    size_m: Vec3
    """Length, width, height."""
    yaw_rad: float
    """About z, counter-clockwise, 0 along x."""
    alpha_rad: float
    """KITTI's observation angle, in the camera."""
    image: ImageBox | None
    """None of what is not in the image."""
    occluded: int
    """0: nothing is in the way, 1: up to half of it is hidden, 2: more, or it is not in the image."""
    lidar_points: int
    """Returns of the side's LiDAR in the sweep of the label's moment; of the image's, 0 without a sweep."""

    def corners_m(self) -> Float64[np.ndarray, "8 3"]:
        """The corners in the formats' order."""
        return box_corners(self.center_m, self.size_m, self.yaw_rad)

    def fields(self) -> dict[str, Any]:
        """The fields that all labels have, in the formats' words; micrometres, microradians."""
        left, top, right, bottom = self.image.box_px if self.image else (0.0, 0.0, 0.0, 0.0)
        length, width, height = (_rounded(v) for v in self.size_m)
        x, y, z = (_rounded(v) for v in self.center_m)
        return {
            "type": self.type,
            "truncated_state": self.image.truncated if self.image else 0,
            "occluded_state": self.occluded,
            "alpha": _rounded(self.alpha_rad),
            "2d_box": {
                "xmin": _rounded(left),
                "ymin": _rounded(top),
                "xmax": _rounded(right),
                "ymax": _rounded(bottom),
            },
            "3d_dimensions": {"h": height, "w": width, "l": length},
            "3d_location": {"x": x, "y": y, "z": z},
            "rotation": _rounded(self.yaw_rad),
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageView:
    """The image of a side that is written: a pinhole's."""

    pinhole: Pinhole
    width_px: int
    height_px: int
    camera_lidar: Pose
    """The true optical frame from the side's LiDAR frame."""

    def box(self, corners_m: Float64[np.ndarray, "8 3"]) -> ImageBox | None:
        """A box, given by its corners in the LiDAR frame, in the image; none if it is not there."""
        optical = self.camera_lidar.transform_points(corners_m)
        before = _before(optical)
        if not len(before):
            return None
        pixels = self.pinhole.project(before)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        size = np.array([self.width_px, self.height_px], dtype=np.float64)
        left_top, right_bottom = np.maximum(low, 0.0), np.minimum(high, size)
        if not (right_bottom > left_top).all():
            return None
        lost = (left_top - low) + (high - right_bottom)
        truncated = 0 if lost.max() < _CUT_PX else 1 + int(lost[1] > lost[0])
        (left, top), (right, bottom) = left_top.tolist(), right_bottom.tolist()
        return ImageBox(box_px=(left, top, right, bottom), truncated=truncated)

    def alpha_rad(self, center_m: Vec3, yaw_rad: float) -> float:
        """KITTI's observation angle: rotation about the camera's y less the direction to the object.

        Geiger et al., KITTI object development kit (2012), readme of the labels.
        """
        x, _, z = self.camera_lidar.transform_points(center_m)
        ahead = self.camera_lidar.rotation @ np.array([math.cos(yaw_rad), math.sin(yaw_rad), 0.0])
        return wrapped(math.atan2(-ahead[2], ahead[0]) - math.atan2(x, z))


def side_label(
    label: ObjectLabel, lidar_map: Pose, view: ImageView, seen: CameraLabel | None, lidar_points: int
) -> SideLabel:
    """An object as a side has it.

    Args:
        label: The object at the moment of the label.
        lidar_map: The side's true LiDAR frame from the world at that moment.
        view: The side's image.
        seen: What the side's camera has of it; none if it has nothing.
        lidar_points: Returns from it.
    """
    category = _WORDS.category(label)
    assert category is not None, "DAIR-V2X has a type for each class"
    center = lidar_map.transform_points(label.box.pose.position_m)
    ahead = lidar_map.rotation @ label.box.pose.rotation[:, 0]
    yaw = math.atan2(ahead[1], ahead[0])
    image = view.box(box_corners(center, label.box.size_m, yaw))
    return SideLabel(
        track_id=label.track_id,
        type=category.name,
        center_m=center,
        size_m=label.box.size_m,
        yaw_rad=yaw,
        alpha_rad=view.alpha_rad(center, yaw),
        image=image,
        occluded=_occluded(seen) if image else 2,
        lidar_points=lidar_points,
    )


def box_corners(center_m: Vec3, size_m: Vec3, yaw_rad: float) -> Float64[np.ndarray, "8 3"]:
    """The corners of a box that is turned about z, in the formats' order."""
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return _SIGNS * (size_m / 2.0) @ turn.T + center_m


def wrapped(angle_rad: float) -> float:
    """The same angle from -pi to pi."""
    return math.remainder(angle_rad, 2.0 * math.pi)


def _before(optical: Float64[np.ndarray, "8 3"]) -> Float64[np.ndarray, "n 3"]:
    """What of a box's corners lies before the camera, and where its edges meet the near plane."""
    ahead = optical[:, 2] >= _NEAR_M
    if ahead.all():
        return optical
    a, b = optical[_EDGES[:, 0]], optical[_EDGES[:, 1]]
    cut = (a[:, 2] >= _NEAR_M) != (b[:, 2] >= _NEAR_M)
    a, b = a[cut], b[cut]
    share = (_NEAR_M - a[:, 2]) / (b[:, 2] - a[:, 2])
    return np.concatenate([optical[ahead], a + share[:, None] * (b - a)])


def _occluded(seen: CameraLabel | None) -> int:
    if seen is None or seen.visible_fraction < 0.5:
        return 2
    return 0 if seen.visible_fraction >= _WHOLE else 1


def _rounded(value: float) -> float:
    return round(float(value), 6)
