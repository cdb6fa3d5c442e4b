"""Rows of KITTI's label files (Geiger, Lenz, Urtasun, CVPR 2012, and the development kit's readme).

The camera's frame is x right, y down, z forward. A row holds the box's height, width and length, the middle
of its bottom, and its turn about y, 0 where it faces +x. A box is upright in the camera's frame: pitch and
roll between object and camera are lost, its centre is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen_exporters.kitti.vocabulary import DONT_CARE, occlusion_of, type_of
from drivegen_exporters.pinhole import PinholeCamera

LEAST_PX = 1.0
"""An object whose box in the image is narrower or lower is not labelled."""
_NO_BOX = "-1000 -1000 -1000 -10"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One object in one image."""

    track_id: int
    """-1 of a region that is not to be judged."""
    type: str
    truncation: float
    occlusion: int
    rest: str
    """Columns from alpha on."""

    @property
    def object_row(self) -> str:
        """15 columns."""
        return f"{self.type} {self.truncation:.2f} {self.occlusion} {self.rest}"

    def tracking_row(self, frame: int) -> str:
        """17 columns. Truncation is 0 for none, 1 up to half of the object, 2 beyond."""
        truncated = self.truncation if self.track_id < 0 else math.ceil(self.truncation * 2.0 - 0.02)
        return f"{frame} {self.track_id} {self.type} {truncated:.0f} {self.occlusion} {self.rest}"


def row_of(label: ObjectLabel, view: PinholeCamera, map_agent: Pose, lidar: str) -> LabelRow | None:
    """The row of an object; none if the image does not show it.

    As in KITTI, what is seen but not met by the LiDAR is a region that is not to be judged.
    """
    known = label.cameras.get(view.camera.name)
    if known is None or known.visible_box_px is None:
        return None
    optical_map = (map_agent @ view.agent_optical).inverse()
    seen = view.seen(label, optical_map)
    if seen is None:
        return None
    # The centre of the top left pixel is (0, 0): a box goes from the centre of its first to that of its last.
    left, top, right, bottom = seen.full_px
    right_px, bottom_px = right - 1.0, bottom - 1.0
    if right_px - left < LEAST_PX or bottom_px - top < LEAST_PX:
        return None
    pixels = f"{left:.2f} {top:.2f} {right_px:.2f} {bottom_px:.2f}"
    if not label.lidar_points.get(lidar, 0):
        return LabelRow(
            track_id=-1,
            type=DONT_CARE,
            truncation=-1,
            occlusion=-1,
            rest=f"-10 {pixels} -1 -1 -1 {_NO_BOX}",
        )
    optical_box = optical_map @ label.box.pose
    length, width, height = (float(v) for v in label.box.size_m)
    x, y, z = (float(v) for v in optical_box.position_m)
    ahead = optical_box.rotation[:, 0]
    rotation_y = math.atan2(-float(ahead[2]), float(ahead[0]))
    alpha = math.remainder(rotation_y - math.atan2(x, z), math.tau)
    return LabelRow(
        track_id=label.track_id,
        type=type_of(label),
        truncation=seen.truncation,
        occlusion=occlusion_of(known.visible_fraction),
        rest=f"{alpha:.4f} {pixels} {height:.3f} {width:.3f} {length:.3f}"
        f" {x:.3f} {y + height / 2.0:.3f} {z:.3f} {rotation_y:.4f}",
    )
