"""Bridges: which pieces lie above each other, and which of them a walker on one level can reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from jaxtyping import Float64, Int64

from drivegen.embedded.navigation.pieces import Piece

HEADROOM_M = 2.5
"""Surfaces farther apart than this are two levels; a person passes between them."""
_STEP_M = 1.5
"""Surfaces that meet within this belong to one level: the heights of connected roads differ by less."""
_SMALLEST_OVERLAP_M2 = 0.5
_TOUCH_M = 0.05


def overlaps(pieces: Sequence[Piece]) -> shapely.Geometry:
    """Where pieces lie above each other, in plan; empty for a network on one level."""
    low = np.array([float(p.z_m.min()) for p in pieces])
    high = np.array([float(p.z_m.max()) for p in pieces])
    if not len(pieces) or high.max() - low.min() <= HEADROOM_M:
        return shapely.MultiPolygon()
    first, second = _meeting(pieces, 0.0)
    apart = np.maximum(high[first] - low[second], high[second] - low[first]) > HEADROOM_M
    first, second = first[apart], second[apart]
    outlines = _outlines(pieces)
    common = shapely.intersection(outlines[first], outlines[second])
    large = shapely.area(common) > _SMALLEST_OVERLAP_M2
    first, second, common = first[large], second[large], common[large]
    gap = _gaps(pieces, first, second, shapely.point_on_surface(common))
    return shapely.union_all(common[gap > HEADROOM_M])


def split_levels(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Groups of pieces that touch at nearly equal heights, in the order of their first piece."""
    group = list(range(len(pieces)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    first, second = _meeting(pieces, _TOUCH_M)
    outlines = _outlines(pieces)
    spots = shapely.point_on_surface(
        shapely.intersection(
            shapely.buffer(outlines[first], _TOUCH_M), shapely.buffer(outlines[second], _TOUCH_M)
        )
    )
    gap = _gaps(pieces, first, second, spots)
    for i, j in zip(first[gap < _STEP_M].tolist(), second[gap < _STEP_M].tolist(), strict=True):
        a, b = root(i), root(j)
        group[max(a, b)] = min(a, b)
    out: dict[int, list[Piece]] = {}
    for i, piece in enumerate(pieces):
        out.setdefault(root(i), []).append(piece)
    return list(out.values())


def _outlines(pieces: Sequence[Piece]) -> np.ndarray:
    return np.array([p.outline for p in pieces], dtype=object)


def _meeting(
    pieces: Sequence[Piece], reach_m: float
) -> tuple[Int64[np.ndarray, "k"], Int64[np.ndarray, "k"]]:
    """Pairs of pieces that come within a distance in plan, each once, sorted."""
    outlines = _outlines(pieces)
    first, second = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=reach_m)
    once = first < second
    order = np.lexsort((second[once], first[once]))
    return first[once][order], second[once][order]


def _gaps(
    pieces: Sequence[Piece], first: np.ndarray, second: np.ndarray, spots: np.ndarray
) -> Float64[np.ndarray, "k"]:
    gaps = np.zeros(len(spots))
    for side, sign in ((first, 1.0), (second, -1.0)):
        for i in np.unique(side):
            mine = side == i
            gaps[mine] += sign * pieces[i].height(spots[mine])
    return np.abs(gaps)
