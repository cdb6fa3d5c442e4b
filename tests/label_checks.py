"""Checks of exported labels that hold for any format, whatever frames it is written in.

A test reads a format with transforms of its own, the consumer's, and gives what it found here: boxes by their
corners, clouds, pixels. Self-consistent mirror images do not pass: the numbers of points were counted by the
sensor, and instance images were drawn by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

FRONT_LEFT, FRONT_RIGHT, REAR_RIGHT, REAR_LEFT = 0, 1, 2, 3
"""Order of corners at the bottom; the top follows in the same order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadBox:
    """A box as a consumer has it."""

    object_id: int
    corners: np.ndarray
    """8 x 3, in the frame of the cloud that it is checked with."""
    lidar_points: int | None = None
    """The number that came with the label; it was copied, not counted from this box."""


def corners_of(center: np.ndarray, rotation: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Corners in the order of `ReadBox` of a box with this length, width and height."""
    ground = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
    signs = np.array([(x, y, z) for z in (-1, 1) for x, y in ground], dtype=np.float64)
    return (signs * np.asarray(size) / 2) @ np.asarray(rotation).T + np.asarray(center)


def inside(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Which points lie in a box."""
    origin = corners[REAR_RIGHT]
    found = np.ones(len(points), bool)
    for other in (corners[FRONT_RIGHT], corners[REAR_LEFT], corners[REAR_RIGHT + 4]):
        axis = other - origin
        along = (points - origin) @ axis / (axis @ axis)
        found &= (along >= 0.0) & (along <= 1.0)
    return found


def wrong_counts(clouds: Iterable[tuple[np.ndarray, list[ReadBox]]]) -> tuple[int, int]:
    """Boxes that do not hold as many points as came with them, and all boxes that were looked at."""
    wrong = total = 0
    for points, boxes in clouds:
        for box in boxes:
            total += 1
            wrong += int(inside(points, box.corners).sum()) != box.lidar_points
    return wrong, total


def bounds_px(optical: np.ndarray, k: np.ndarray) -> np.ndarray | None:
    """(left, top, right, bottom) of points in the optical frame; none if not all are before the camera."""
    if optical[:, 2].min() < 0.3:
        return None
    pixels = optical @ k.T
    pixels = pixels[:, :2] / pixels[:, 2:]
    return np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])


def wrong_pixels(
    instance: np.ndarray,
    boxes_px: Mapping[int, np.ndarray],
    *,
    whole: Collection[int] = (),
    least: int = 12,
    slack_px: float = 1.5,
) -> tuple[int, int]:
    """Objects whose pixels leave their projected box, or do not reach its sides, and all that were looked at.

    Args:
        instance: Low 16 bits of the object ids; h x w.
        boxes_px: Projected boxes by object id, not clipped.
        whole: Objects that are boxes and in plain view: their pixels reach all sides.
        least: Objects with fewer pixels are not looked at.
        slack_px: How far a pixel may lie outside, or stay inside.
    """
    wrong = total = 0
    for object_id, bounds in boxes_px.items():
        rows, columns = np.nonzero(instance == (object_id & 0xFFFF))
        if len(rows) < least:
            continue
        total += 1
        seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        out = (seen - bounds) * [-1, -1, 1, 1]
        wrong += bool(out.max() > slack_px or (object_id in whole and out.min() < -slack_px))
    return wrong, total


def apart_m(a: np.ndarray, b: np.ndarray) -> float:
    """Greatest distance between corners of the same name: also a box that is turned by 90 or 180 degrees is
    far from itself."""
    return float(np.linalg.norm(np.asarray(a) - np.asarray(b), axis=1).max())
