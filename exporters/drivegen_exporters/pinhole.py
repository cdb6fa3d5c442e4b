"""Cameras as pinholes, for data sets that know no other, and boxes as pinholes see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent
from drivegen.core.geometry import Box, Mat3, Pose
from drivegen.core.labels import ObjectLabel, PixelBox
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import Camera
from drivegen_exporters.rectify import Rectification, rectification_of

NEAR_M = 0.1
"""Of a box that reaches behind the camera, what lies farther along the axis than this counts."""

_EDGES = np.array([(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit])
"""Corners of `Box.corners_m` that an edge joins."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenBox:
    """A box in a pinhole's image."""

    full_px: PixelBox
    """Around the projection of the whole box, clipped to the image; the first pixel covers 0..1."""
    truncation: float
    """Share of the projection's rectangle outside the image."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PinholeCamera:
    """A camera of the rig, or the pinhole that its images are made."""

    camera: Camera
    pinhole: Pinhole
    rectification: Rectification | None
    agent_optical: Pose
    """x right, y down, z forward."""

    @staticmethod
    def of(camera: Camera, most_fov_deg: float) -> PinholeCamera:
        """The camera itself if it is a pinhole, else one of at most this field. Raises ExportError."""
        found = rectification_of(camera, most_fov_deg)
        lens = camera.optics
        return PinholeCamera(
            camera=camera,
            pinhole=lens if found is None and isinstance(lens, Pinhole) else found.pinhole,  # type: ignore[union-attr]
            rectification=found,
            agent_optical=camera_optical(camera),
        )

    @property
    def intrinsic_centred(self) -> Mat3:
        """K for whom the centre of the top left pixel is (0, 0), as OpenCV's, KITTI's and others' tools."""
        k = self.pinhole.intrinsic.copy()
        k[:2, 2] -= 0.5
        return k

    def jpeg(self, agent: CapturedAgent) -> bytes:
        """The pinhole's image; that of the capture, byte for byte, if the camera is one."""
        data = agent.jpeg(self.camera.name)
        return data if self.rectification is None else self.rectification.jpeg(data)

    def seen(self, label: ObjectLabel, optical_map: Pose) -> SeenBox | None:
        """Where an object is in the pinhole's image; none if it is outside.

        Of a camera that is a pinhole itself this is what the capture says.
        """
        known = label.cameras.get(self.camera.name)
        if known is None:
            return None
        if self.rectification is None:
            return SeenBox(full_px=known.full_box_px, truncation=known.truncation)
        return project_box(label.box, optical_map, self.pinhole, self.camera.width_px, self.camera.height_px)


def project_box(
    box: Box, optical_map: Pose, pinhole: Pinhole, width_px: int, height_px: int
) -> SeenBox | None:
    """A box of the world in an image; none if nothing of it is in front of the camera and inside."""
    corners = optical_map.transform_points(box.corners_m())
    points = _in_front(corners)
    if not len(points):
        return None
    pixels = pinhole.project(points)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    inner_low = np.clip(low, 0.0, [width_px, height_px])
    inner_high = np.clip(high, 0.0, [width_px, height_px])
    if (inner_high <= inner_low).any():
        return None
    share = float(np.prod(inner_high - inner_low) / np.prod(high - low))
    return SeenBox(
        full_px=(float(inner_low[0]), float(inner_low[1]), float(inner_high[0]), float(inner_high[1])),
        truncation=min(max(1.0 - share, 0.0), 1.0),
    )


def _in_front(corners: Float64[np.ndarray, "8 3"]) -> Float64[np.ndarray, "n 3"]:
    """Corners beyond `NEAR_M`, and where edges pass through that plane."""
    front = corners[:, 2] >= NEAR_M
    a, b = corners[_EDGES[:, 0]], corners[_EDGES[:, 1]]
    crossing = front[_EDGES[:, 0]] != front[_EDGES[:, 1]]
    a, b = a[crossing], b[crossing]
    t = (NEAR_M - a[:, 2]) / (b[:, 2] - a[:, 2])
    return np.concatenate([corners[front], a + t[:, None] * (b - a)])
