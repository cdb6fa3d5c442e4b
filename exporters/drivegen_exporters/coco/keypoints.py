"""COCO's keypoints of people: joints of the capture, projected into an image.

A joint outside the image, or one that is not known, has flag 0 and no place. Within, the flag is 2 (visible)
when the depth image shows nothing that is nearer than the joint by more than the body around it is deep, 1
(hidden) else: behind something, or behind the person's own body. Places are of pixels' middles: the middle
of the top left pixel is (0, 0), as in COCO's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64

from drivegen.core.geometry import Pose
from drivegen.core.joints import DEPTH_IN_BODY_M, JOINTS, Joints
from drivegen.core.sensors import Camera

HIDDEN, VISIBLE = 1, 2
_SLACK_M = 0.06
"""Depth beyond the body's own that a joint may have and still count as visible: clothes, slant, rounding."""

SKELETON: tuple[tuple[str, str], ...] = (
    ("left_ankle", "left_knee"), ("left_knee", "left_hip"), ("right_ankle", "right_knee"),
    ("right_knee", "right_hip"), ("left_hip", "right_hip"), ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"), ("left_shoulder", "right_shoulder"), ("left_shoulder", "left_elbow"),
    ("right_shoulder", "right_elbow"), ("left_elbow", "left_wrist"), ("right_elbow", "right_wrist"),
    ("left_eye", "right_eye"), ("nose", "left_eye"), ("nose", "right_eye"), ("left_eye", "left_ear"),
    ("right_eye", "right_ear"), ("left_ear", "left_shoulder"), ("right_ear", "right_shoulder"),
)  # fmt: skip
"""Joints that are drawn with a line between, as COCO joins them."""

CATEGORY: dict[str, Any] = {
    "keypoints": list(JOINTS),
    "skeleton": [[JOINTS.index(a) + 1, JOINTS.index(b) + 1] for a, b in SKELETON],
}
"""What the category of people says beside its number and name."""


def keypoints_of(
    joints_m: Joints | None, camera: Camera, optical_map: Pose, depth_m: Float32[np.ndarray, "h w"]
) -> dict[str, Any]:
    """`keypoints` and `num_keypoints` of a person in an image.

    Args:
        joints_m: In the world frame; none of somebody whose joints are not known.
        camera: Whose image it is.
        optical_map: World to the camera's optical frame.
        depth_m: Of the image, along the axis or the ray as the camera has it; 0: nothing, or far away.
    """
    values = np.zeros((len(JOINTS), 3))
    if joints_m is not None:
        optical = optical_map.transform_points(np.nan_to_num(joints_m))
        ahead = np.isfinite(joints_m[:, 0])
        if not camera.depth_along_ray:
            ahead &= optical[:, 2] > 0.05
        pixels = np.full((len(JOINTS), 2), np.nan)
        pixels[ahead] = camera.optics.project(optical[ahead])
        inside = _inside(pixels, depth_m.shape)
        columns, rows = np.floor(pixels[inside]).astype(int).T
        own = np.linalg.norm(optical, axis=1) if camera.depth_along_ray else optical[:, 2]
        before = depth_m[rows, columns]
        shown = (before == 0.0) | (before > (own - np.array(DEPTH_IN_BODY_M) - _SLACK_M)[inside])
        values[inside, :2] = np.round(pixels[inside] - 0.5, 2)
        values[inside, 2] = np.where(shown, VISIBLE, HIDDEN)
    plain = [int(v) if i % 3 == 2 else v for i, v in enumerate(values.reshape(-1).tolist())]
    return {"keypoints": plain, "num_keypoints": int(np.count_nonzero(values[:, 2]))}


def _inside(pixels: Float64[np.ndarray, "n 2"], shape: tuple[int, ...]) -> Bool[np.ndarray, "n"]:
    """Which places are in the image; NaN is not."""
    height, width = shape
    with np.errstate(invalid="ignore"):
        return np.asarray(((pixels >= 0.0) & (pixels < (width, height))).all(axis=1))
