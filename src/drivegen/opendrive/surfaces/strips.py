"""Roads outside junctions: one strip a lane, kerbs between strips of different height."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.surfaces.builder import SurfaceBuilder, grid_triangles
from drivegen.opendrive.surfaces.lane_kinds import (
    KERB_HEIGHT_M,
    KERB_STONE_M,
    RAISED,
    RAMP_M,
    DroppedKerbs,
    lane_kind,
)
from drivegen.opendrive.surfaces.plan import ring_area
from drivegen.opendrive.surfaces.surface import SurfaceKind

_SKIRT_M = 0.3
_RAMP_STEP_M = 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Slab:
    """A lane section's cross-sections: n stations by k borders from left to right."""

    curve: RoadCurve
    section: int
    s_m: Float64[np.ndarray, "n"]
    t_m: Float64[np.ndarray, "n k"]
    xy_m: Float64[np.ndarray, "n k 2"]
    z_m: Float64[np.ndarray, "n"]
    lanes: tuple[int, ...]
    """Lane ids from left to right, k - 1 of them."""
    kinds: tuple[SurfaceKind, ...]

    @cached_property
    def outline(self) -> shapely.Geometry:
        """The section in plan."""
        ring = np.concatenate([self.xy_m[:, -1], self.xy_m[::-1, 0]])
        return ring_area(ring)

    def lane_outline(self, index: int) -> shapely.Geometry:
        """One lane in plan."""
        ring = np.concatenate([self.xy_m[:, index + 1], self.xy_m[::-1, index]])
        return ring_area(ring)


def make_slab(
    curve: RoadCurve, section: int, drops: DroppedKerbs, marks_m: Float64[np.ndarray, "k"] | None = None
) -> Slab | None:
    """The section's cross-sections, also at given stations; None for sections without length or lanes."""
    first, last = curve.section_range(section)
    lanes = curve.road.lane_sections[section]
    if last - first < 1e-3 or not (lanes.left or lanes.right):
        return None
    s = curve.stations(section)
    if marks_m is not None and len(marks_m):
        s = np.unique(np.concatenate([s, marks_m[(marks_m > first) & (marks_m < last)]]))
    slab = _slab(curve, section, s)
    if not any(kind in RAISED for kind in slab.kinds):
        return slab
    zones = drops.near(slab.outline, RAMP_M)
    if not zones:
        return slab
    dense = np.linspace(first, last, max(2, int(np.ceil((last - first) / _RAMP_STEP_M))))
    points = _slab(curve, section, dense).xy_m
    close = np.zeros(len(dense), dtype=bool)
    for column in range(points.shape[1]):
        close |= drops.factor(points[:, column]) < 1.0
    close[1:] |= close[:-1].copy()
    close[:-1] |= close[1:].copy()
    return _slab(curve, section, np.unique(np.concatenate([s, dense[close]])))


def _slab(curve: RoadCurve, section: int, s: Float64[np.ndarray, "n"]) -> Slab:
    lanes = curve.road.lane_sections[section]
    borders = curve.border_offsets(section, s)
    order = sorted(borders, reverse=True)
    t = np.stack([borders[i] for i in order], axis=1)
    reference, heading, _ = curve.reference(s)
    normal = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    ids = tuple(i for i in order if i != 0)
    return Slab(
        curve=curve,
        section=section,
        s_m=s,
        t_m=t,
        xy_m=reference[:, None, :] + t[:, :, None] * normal[:, None, :],
        z_m=curve.elevation(s)[0],
        lanes=ids,
        kinds=tuple(lane_kind(lanes, lane) for i in ids if (lane := lanes.lane(i)) is not None),
    )


def add_slab(builder: SurfaceBuilder, slab: Slab, drops: DroppedKerbs) -> None:
    """Adds the section's lanes and kerbs."""
    ramps = any(k in RAISED for k in slab.kinds) and bool(drops.near(slab.outline, RAMP_M))
    heights = [KERB_HEIGHT_M if kind in RAISED else 0.0 for kind in slab.kinds]
    for i, kind in enumerate(slab.kinds):
        left_stone = heights[i] > 0.0 and i > 0 and heights[i - 1] < heights[i]
        right_stone = heights[i] > 0.0 and i + 1 < len(heights) and heights[i + 1] < heights[i]
        _add_lane(builder, slab, i, kind, (left_stone, right_stone), drops if ramps else None)
    low = [0.0, *heights, 0.0]
    for i in range(slab.t_m.shape[1]):
        left, right = low[i], low[i + 1]
        outside = i == 0 or i == slab.t_m.shape[1] - 1
        if left == right and not outside:
            continue
        top = slab.z_m + max(left, right) * _factor(slab.xy_m[:, i], drops if ramps else None)
        bottom = slab.z_m - (_SKIRT_M if outside else 0.01)
        _add_wall(builder, slab.xy_m[:, i], bottom, top, faces_right=left > right or (i > 0 and outside))


def _factor(xy: Float64[np.ndarray, "n 2"], drops: DroppedKerbs | None) -> Float64[np.ndarray, "n"]:
    return np.ones(len(xy)) if drops is None else drops.factor(xy)


def _add_lane(
    builder: SurfaceBuilder,
    slab: Slab,
    index: int,
    kind: SurfaceKind,
    stones: tuple[bool, bool],
    drops: DroppedKerbs | None,
) -> None:
    left, right = slab.xy_m[:, index], slab.xy_m[:, index + 1]
    width = np.abs(slab.t_m[:, index + 1] - slab.t_m[:, index])
    shares = [np.zeros(len(width)), np.ones(len(width))]
    stone = np.minimum(KERB_STONE_M / np.maximum(width, 1e-6), 0.5)
    if stones[0]:
        shares.insert(1, stone)
    if stones[1]:
        shares.insert(-1, 1.0 - stone)
    inner = 1 if stones[0] else 0
    if drops is not None and kind in RAISED:
        # The slope of a dropped kerb runs across the pavement, so columns must be close there.
        count = int(np.ceil(float(np.max(width)) / _RAMP_STEP_M))
        first, last = shares[inner], shares[inner + 1]
        shares[inner + 1 : inner + 1] = [first + (last - first) * k / count for k in range(1, count)]
    columns = np.stack(shares, axis=1)
    xy = left[:, None, :] + columns[:, :, None] * (right - left)[:, None, :]
    z = np.repeat(slab.z_m[:, None], columns.shape[1], axis=1)
    if kind in RAISED:
        z = z + KERB_HEIGHT_M * _factor(xy.reshape(-1, 2), drops).reshape(z.shape)
    points = np.concatenate([xy, z[:, :, None]], axis=2)
    if kind in RAISED:
        _add_end_walls(builder, points, slab.z_m)
    end = columns.shape[1] - 1
    cut = end - (1 if stones[1] else 0)
    for start, stop, part in ((0, inner, SurfaceKind.KERB), (inner, cut, kind), (cut, end, SurfaceKind.KERB)):
        if stop > start:
            piece = points[:, start : stop + 1]
            # Columns run to the right, so the grid's triangles are turned to face up.
            triangles = grid_triangles(piece.shape[0], piece.shape[1])[:, ::-1]
            uvs = _along_and_across(part, slab.s_m, columns[:, start : stop + 1])
            builder.add(part, piece.reshape(-1, 3), triangles, uvs=uvs)


def _along_and_across(
    kind: SurfaceKind, s_m: Float64[np.ndarray, "n"], share: Float64[np.ndarray, "n k"]
) -> Float64[np.ndarray, "m 2"] | None:
    """Metres along the road, and where wheels leave tracks the share of the lane to the right, else -1."""
    if kind not in (SurfaceKind.DRIVING, SurfaceKind.SHOULDER, SurfaceKind.BIKING, SurfaceKind.PARKING):
        return None
    across = share if kind is SurfaceKind.DRIVING else np.full_like(share, -1.0)
    return np.stack([np.broadcast_to(s_m[:, None], share.shape), across], axis=2).reshape(-1, 2)


def _add_end_walls(
    builder: SurfaceBuilder, points: Float64[np.ndarray, "n k 3"], base_m: Float64[np.ndarray, "n"]
) -> None:
    for row, forward in ((0, False), (len(points) - 1, True)):
        line = points[row]
        bottom = np.full(len(line), base_m[row] - 0.01)
        # Seen from outside the section the wall runs left to right at its start, right to left at its end.
        _add_wall(builder, line[:, :2], bottom, line[:, 2], faces_right=not forward)


def _add_wall(
    builder: SurfaceBuilder,
    xy: Float64[np.ndarray, "n 2"],
    bottom_m: Float64[np.ndarray, "n"],
    top_m: Float64[np.ndarray, "n"],
    *,
    faces_right: bool,
) -> None:
    """An upright face along a polyline, seen from its right or left side."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    top_m = np.maximum(top_m, bottom_m)
    points = np.stack([np.column_stack([xy, bottom_m]), np.column_stack([xy, top_m])], axis=1).reshape(-1, 3)
    uvs = np.stack([np.column_stack([along, bottom_m]), np.column_stack([along, top_m])], axis=1).reshape(
        -1, 2
    )
    triangles = grid_triangles(len(xy), 2)
    builder.add(SurfaceKind.KERB, points, triangles if faces_right else triangles[:, ::-1], uvs=uvs)


def add_deck(
    builder: SurfaceBuilder, slab: Slab, elevated: Bool[np.ndarray, "n"], depth_m: float = 0.8
) -> None:
    """Underside and sides of the stretches that stand above other ground."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], elevated.astype(np.int8), [0]])))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        rows = slice(max(first - 1, 0), min(stop + 1, len(elevated)))
        left, right, z = slab.xy_m[rows, 0], slab.xy_m[rows, -1], slab.z_m[rows]
        if len(z) < 2:
            continue
        _add_wall(builder, left, z - depth_m, z, faces_right=False)
        _add_wall(builder, right, z - depth_m, z, faces_right=True)
        under = np.stack(
            [np.column_stack([left, z - depth_m]), np.column_stack([right, z - depth_m])], axis=1
        )
        builder.add(SurfaceKind.BRIDGE, under.reshape(-1, 3), grid_triangles(len(z), 2))
