"""Checks of one label by itself: numbers, size, class, speed, place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float64
from scipy.spatial import cKDTree

from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.report.rows import Labels
from drivegen.report.strange.finding import Finding, Level, finding, times, worst_of_tracks

Sizes = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
SIZES_M: dict[str, Sizes] = {
    "car": ((2.5, 6.2), (1.3, 2.4), (1.1, 2.4)),
    "van": ((3.2, 8.0), (1.4, 2.7), (1.5, 3.3)),
    "truck": ((4.0, 20.0), (1.6, 3.6), (1.8, 4.4)),
    "bus": ((5.0, 19.0), (1.8, 4.0), (2.2, 4.6)),
    "emergency": ((4.0, 13.0), (1.6, 3.2), (1.6, 4.2)),
    "police": ((3.5, 7.0), (1.5, 2.5), (1.2, 3.0)),
    "motorcycle": ((1.2, 3.0), (0.4, 1.6), (0.8, 2.4)),
    "bicycle": ((1.0, 2.6), (0.3, 1.2), (0.8, 2.4)),
    "tricycle": ((1.6, 4.5), (0.6, 2.0), (1.0, 2.7)),
    "construction": ((1.8, 16.0), (0.8, 4.5), (1.2, 5.0)),
    "unmanned": ((1.0, 7.0), (0.6, 2.6), (0.8, 3.3)),
    "pedestrian": ((0.15, 2.2), (0.2, 1.8), (0.9, 2.4)),
    "child": ((0.12, 1.6), (0.15, 1.4), (0.5, 1.75)),
}
"""(least, greatest) length, width, height. Set by hand and wide: around what is sold, and what GB 1589-2016
allows on roads (12 m rigid, 18.1 m articulated, 4 m high); CARLA's own buses and lorries are wider than its
2.55 m because of their mirrors."""

FASTEST_MPS = {"pedestrian": 8.0, "child": 7.0, "bicycle": 16.0, "tricycle": 20.0, "unmanned": 20.0}
"""Of the others `_FASTEST_MPS`."""
_FASTEST_MPS = 50.0
_RIGID_M = 0.05
_RIDDEN_M = 0.35
"""How much the box of a two-wheeler may change: its rider moves."""
_OFF_GROUND_M = 0.35
_AXES = ("long", "wide", "high")
_SOFT = frozenset(k.value for k in PEOPLE)


def check_shapes(
    labels: Labels, ground_z_m: Float64[np.ndarray, "n"], sizes_m: Mapping[str, Sizes] = SIZES_M
) -> list[Finding]:
    """All checks of this module.

    Args:
        labels: Of a scene.
        ground_z_m: Height of the ground under each; NaN where it is not known.
        sizes_m: What is plausible, by class.
    """
    return [
        *_numbers(labels),
        *_repeats(labels),
        *_sizes(labels, sizes_m),
        *_changes(labels),
        *_speeds(labels),
        *_ground(labels, ground_z_m),
        *_around_ego(labels),
        *_overlaps(labels),
    ]


def _numbers(labels: Labels) -> list[Finding]:
    values = np.column_stack([labels.xyz_m, labels.yaw_rad, labels.size_m, labels.distance_m])
    bad = ~np.isfinite(values).all(axis=1) | (labels.size_m <= 0.0).any(axis=1)
    return [
        finding(
            labels, row, "number", Level.WRONG, 9.0, "a place, heading or size is no number, or not above 0"
        )
        for row, _ in worst_of_tracks(labels, bad, bad.astype(float))
    ]


def _repeats(labels: Labels) -> list[Finding]:
    again = np.zeros(len(labels), bool)
    again[1:] = (np.diff(labels.track) == 0) & (np.diff(labels.frame) == 0)
    return [
        finding(
            labels,
            row,
            "repeat",
            Level.WRONG,
            9.0,
            f"track {labels.track[row]} is labelled twice{times(n)}",
            n,
        )
        for row, n in worst_of_tracks(labels, again, again.astype(float))
    ]


def _sizes(labels: Labels, sizes_m: Mapping[str, Sizes]) -> list[Finding]:
    out = []
    for kind in sorted(set(labels.kind) & set(sizes_m)):
        rows = labels.kind == kind
        for axis, (low, high) in enumerate(sizes_m[kind]):
            size = labels.size_m[:, axis]
            with np.errstate(divide="ignore", invalid="ignore"):
                score = np.fmax(size / high, low / size)
            for row, n in worst_of_tracks(labels, rows & (score > 1.0), score):
                usual = f"a {kind} is {low:g} to {high:g} m {_AXES[axis]}"
                why = f"{size[row]:.2f} m {_AXES[axis]}; {usual}{times(n)}"
                out.append(finding(labels, row, "size", Level.WRONG, min(score[row], 9.0), why, n))
    return out


def _changes(labels: Labels) -> list[Finding]:
    out = []
    for part in _tracks(labels):
        kinds = labels.kind[part]
        if (kinds != kinds[0]).any():
            row = int(part[np.argmax(kinds != kinds[0])])
            why = f"a {kinds[0]} before, a {labels.kind[row]} from here on"
            out.append(finding(labels, row, "class_change", Level.WRONG, 3.0, why))
            continue
        if kinds[0] in _SOFT:  # people swing their arms
            continue
        allowed = _RIDDEN_M if kinds[0] in {k.value for k in RIDDEN} else _RIGID_M
        off = np.abs(labels.size_m[part] - np.median(labels.size_m[part], axis=0))
        row, axis = (int(v) for v in np.unravel_index(np.nanargmax(off), off.shape))
        if off[row, axis] > allowed:
            usual = float(np.median(labels.size_m[part], axis=0)[axis])
            why = f"{labels.size_m[part[row], axis]:.2f} m {_AXES[axis]}, else {usual:.2f} m"
            score = float(off[row, axis] / allowed)
            out.append(finding(labels, int(part[row]), "size_change", Level.WRONG, min(score, 9.0), why))
    return out


def _speeds(labels: Labels) -> list[Finding]:
    most = np.array([FASTEST_MPS.get(k, _FASTEST_MPS) for k in labels.kind], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        score = labels.speed_mps / most
        strange = score > 1.0
    out = []
    for row, n in worst_of_tracks(labels, strange, np.nan_to_num(score)):
        usual = f"a {labels.kind[row]} reaches {3.6 * most[row]:.0f} km/h"
        why = f"{3.6 * labels.speed_mps[row]:.0f} km/h; {usual}{times(n)}"
        out.append(finding(labels, row, "speed", Level.WRONG, min(score[row], 9.0), why, n))
    return out


def _ground(labels: Labels, ground_z_m: Float64[np.ndarray, "n"]) -> list[Finding]:
    gap = labels.xyz_m[:, 2] - 0.5 * labels.size_m[:, 2] - ground_z_m
    with np.errstate(invalid="ignore"):
        strange = np.abs(gap) > _OFF_GROUND_M
    out = []
    for row, n in worst_of_tracks(labels, strange, np.nan_to_num(np.abs(gap))):
        where = "above" if gap[row] > 0 else "below"
        why = f"its lower side is {abs(gap[row]):.2f} m {where} the ground{times(n)}"
        score = abs(gap[row]) / _OFF_GROUND_M
        out.append(finding(labels, row, "ground", Level.WRONG, min(score, 9.0), why, n))
    return out


def _around_ego(labels: Labels) -> list[Finding]:
    """Boxes that hold the ego's origin, on the ground under its middle."""
    away = labels.map_ego[:, :3] - labels.xyz_m
    cos, sin = np.cos(labels.yaw_rad), np.sin(labels.yaw_rad)
    along, across = cos * away[:, 0] + sin * away[:, 1], cos * away[:, 1] - sin * away[:, 0]
    half = 0.5 * labels.size_m
    held = (
        (np.abs(along) < half[:, 0]) & (np.abs(across) < half[:, 1]) & (np.abs(away[:, 2]) < half[:, 2] + 0.5)
    )
    return [
        finding(labels, row, "inside", Level.WRONG, 5.0, f"its box holds the ego's own place{times(n)}", n)
        for row, n in worst_of_tracks(labels, held, -labels.distance_m)
    ]


def _overlaps(labels: Labels) -> list[Finding]:
    """Pairs of boxes that reach into each other, in keyframes; each pair once."""
    worst: dict[tuple[int, int], tuple[float, int, int]] = {}
    for frame in np.unique(labels.frame[labels.keyframe]):
        rows = np.flatnonzero((labels.frame == frame) & np.isfinite(labels.xyz_m).all(axis=1))
        if len(rows) < 2:
            continue
        pairs = cKDTree(labels.xyz_m[rows, :2]).query_pairs(12.0, output_type="ndarray")
        if not len(pairs):
            continue
        a, b = rows[pairs[:, 0]], rows[pairs[:, 1]]
        depth = _depth(labels, a, b)
        limit = np.where(_people(labels, a) | _people(labels, b), 0.25, 0.5)
        for k in np.flatnonzero(depth > limit):
            key = (int(labels.track[a[k]]), int(labels.track[b[k]]))
            found = (float(depth[k] / limit[k]), int(a[k]), int(b[k]))
            worst[key] = max(found, worst.get(key, found))
    return [
        finding(
            labels,
            a,
            "overlap",
            # What people carry is in their boxes, and groups stand close.
            Level.DOUBTFUL if score < 1.6 or _people(labels, np.array([a, b])).any() else Level.WRONG,
            min(score, 9.0),
            f"reaches {_depth(labels, np.array([a]), np.array([b]))[0]:.2f} m into the {labels.kind[b]}"
            f" of track {labels.track[b]}",
        )
        for score, a, b in worst.values()
    ]


def _people(labels: Labels, rows: np.ndarray) -> Bool[np.ndarray, "k"]:
    return np.isin(labels.kind[rows], [ObjectClass.PEDESTRIAN.value, ObjectClass.CHILD.value])


def _depth(labels: Labels, a: np.ndarray, b: np.ndarray) -> Float64[np.ndarray, "k"]:
    """How far pairs of boxes reach into each other in plan; 0 or less where they do not, or above each other.

    By separating axes (Gottschalk, Lin, Manocha 1996, OBBTree, section 5, in two dimensions).
    """
    gap = labels.xyz_m[b, :2] - labels.xyz_m[a, :2]
    half_a, half_b = 0.5 * labels.size_m[a], 0.5 * labels.size_m[b]
    depth = half_a[:, 2] + half_b[:, 2] - np.abs(labels.xyz_m[b, 2] - labels.xyz_m[a, 2])
    for yaw in (labels.yaw_rad[a], labels.yaw_rad[b]):
        for turn in (0.0, np.pi / 2):
            axis = np.stack([np.cos(yaw + turn), np.sin(yaw + turn)], axis=1)
            reach = np.zeros(len(a))
            for half, of in ((half_a, labels.yaw_rad[a]), (half_b, labels.yaw_rad[b])):
                off = yaw + turn - of
                reach += half[:, 0] * np.abs(np.cos(off)) + half[:, 1] * np.abs(np.sin(off))
            depth = np.minimum(depth, reach - np.abs(np.einsum("ki,ki->k", gap, axis)))
    return np.asarray(depth)


def _tracks(labels: Labels) -> list[np.ndarray]:
    if not len(labels):
        return []
    return np.split(np.arange(len(labels)), np.flatnonzero(np.diff(labels.track)) + 1)
