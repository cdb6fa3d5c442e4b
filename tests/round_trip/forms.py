"""What readers give and captures want: values by quantity and key, and how far apart they are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

Found = dict[str, dict[Hashable, Any]]
"""Values by key, by quantity. A quantity's name begins with its kind, see `apart`."""


def nothing() -> Found:
    """To be filled."""
    return defaultdict(dict)


def add_pose(found: Found, name: str, key: Hashable, pose: np.ndarray) -> None:
    """A 4x4 as a place and a turn."""
    found[f"place of {name}"][key] = pose[:3, 3]
    found[f"turn of {name}"][key] = pose[:3, :3]


def square(rotation: np.ndarray, place: Any) -> np.ndarray:
    """A 4x4."""
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = rotation, np.asarray(place, float)
    return out


def of_wxyz(q: Any) -> np.ndarray:
    """The rotation of a unit quaternion, as the matrix of v -> q v q* (Hamilton)."""
    w, x, y, z = (float(v) for v in q)
    left = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    right = np.array([[w, x, y, z], [-x, w, -z, y], [-y, z, w, -x], [-z, -y, x, w]])
    return (left @ right)[1:, 1:]


def of_ypr(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """ISO 8855: first yaw about z, then pitch about the new y, then roll about the new x."""
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), math.sin(roll)
    z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    return z @ y @ np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])


def apart(name: str, one: Any, other: Any) -> float:
    """How far two values of a quantity are apart, by its kind: the first word of its name.

    `turn`: the angle between two rotations, rad. `heading`: between two angles, rad. `same`: 0 or 1.
    `share`: largest difference over the other's size. `grid`: the share of points without a voxel of their
    class, or in a voxel that no beam is said to have met. All else: largest absolute difference.
    """
    kind = name.split(maxsplit=1)[0]
    if kind == "same":
        return float(not np.array_equal(one, other))
    if kind == "grid":
        return _points_astray(*one, *other)
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape:
        return math.inf
    if kind == "turn":
        between = one @ other.T
        # The sine is exact where the angle is small; a mirror is no turn.
        if abs(np.linalg.det(one) - 1.0) > 1e-4:
            return math.inf
        sine = np.linalg.norm(between - between.T) / math.sqrt(8.0)
        return math.atan2(sine, (np.trace(between) - 1.0) / 2.0)
    if kind == "heading":
        return abs(math.remainder(float(one - other), math.tau))
    if not one.size:
        return 0.0
    if kind == "share":
        return float((np.abs(one - other) / np.maximum(np.abs(other), 1e-3)).max())
    return float(np.abs(one - other).max())


@dataclass(frozen=True)
class Row:
    """One quantity of a format: how many values were compared, and how far the worst was off."""

    quantity: str
    values: int
    worst: float
    precision: float

    @property
    def holds(self) -> bool:
        return self.worst <= self.precision


def compare(read: Found, wanted: Found, precisions: dict[str, float]) -> list[Row]:
    """Raises AssertionError where the two hold other quantities or keys, or no precision is known."""
    assert set(read) == set(wanted) == set(precisions), (sorted(read), sorted(wanted), sorted(precisions))
    rows = []
    for name, precision in precisions.items():
        missing, extra = set(wanted[name]) - set(read[name]), set(read[name]) - set(wanted[name])
        assert not missing and not extra, f"{name}: missing {_some(missing)}, too many {_some(extra)}"
        assert wanted[name], f"{name}: nothing to compare"
        worst = max(apart(name, read[name][key], value) for key, value in wanted[name].items())
        rows.append(Row(name, len(wanted[name]), worst, precision))
    return rows


def _some(keys: set[Hashable]) -> str:
    shown = sorted(map(str, keys))[:3]
    return f"{len(keys)} ({'; '.join(shown)})" if shown else "none"


def _points_astray(semantics: np.ndarray, met: np.ndarray, points: np.ndarray, classes: np.ndarray) -> float:
    """Surfaces are gathered in cells of 0.2 m, so they may stand in a voxel at most 0.18 m away."""
    right = np.zeros(len(points), bool)
    for step in np.ndindex(3, 3, 3):
        at, inside = _voxels(points + 0.18 * (np.array(step) - 1.0), semantics.shape)
        right |= inside & (semantics[tuple(at.T)] == classes)
    at, inside = _voxels(points, semantics.shape)
    right &= met[tuple(at.T)] == 1
    return float(1.0 - right[inside].mean())


def _voxels(points: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Indexes of voxels, and which points are in the grid."""
    at = np.floor((points - [-40.0, -40.0, -1.0]) / 0.4).astype(int)
    inside = ((at >= 0) & (at < shape)).all(axis=1)
    return np.clip(at, 0, np.array(shape) - 1), inside
