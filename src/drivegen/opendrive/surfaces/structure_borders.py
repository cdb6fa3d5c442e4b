"""Cross-sections of stretches that stand on decks and walls or run through cuts and tunnels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.structures import Built, Footing, Stretch
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, lane_kind
from drivegen.opendrive.surfaces.plan import ring_area

MARK_EVERY_M = 4.0
_BESIDE_M = 0.3
_LEVEL_M = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """One stretch within one lane section: n stations, both outer borders."""

    built: Built
    stretch: Stretch
    s_m: Float64[np.ndarray, "n"]
    left_m: Float64[np.ndarray, "n 3"]
    """At the height of the carriageway."""
    right_m: Float64[np.ndarray, "n 3"]
    to_left: Float64[np.ndarray, "n 2"]
    """Unit vectors across the road."""
    lift_m: tuple[float, float]
    """Of what lies at the left and the right border: a kerb's height or 0."""
    is_outer: tuple[bool, bool]
    """Whether nothing of the same level lies beyond the left and the right border."""

    @property
    def footing(self) -> Footing:
        """Of the stretch."""
        return self.stretch.footing

    @property
    def ground_m(self) -> Float64[np.ndarray, "n"]:
        """Height of the ground beside pavements."""
        return self.built.ground_m(self.s_m) + KERB_HEIGHT_M

    @property
    def outline(self) -> shapely.Geometry:
        """In plan."""
        return ring_area(np.concatenate([self.right_m[:, :2], self.left_m[::-1, :2]]))


def marks_of(structures: tuple[Built, ...]) -> Float64[np.ndarray, "n"]:
    """Stations at which a road's surface must have a cross-section."""
    marks = [np.zeros(0)]
    for built in structures:
        for stretch in built.stretches:
            count = max(int(np.ceil((stretch.last_m - stretch.first_m) / MARK_EVERY_M)), 1)
            marks.append(np.linspace(stretch.first_m, stretch.last_m, count + 1))
    return np.unique(np.concatenate(marks))


def structure_bands(geometry: NetworkGeometry, built: Mapping[int, tuple[Built, ...]]) -> list[Band]:
    """All stretches, road by road, in order."""
    outlines = [_road_outline(geometry.curve(road), s) for road in built for s in built[road]]
    owners = [road for road in built for _ in built[road]]
    out = []
    for road, structures in built.items():
        others = [v for v, owner in zip(outlines, owners, strict=True) if owner != road]
        marks = marks_of(structures)
        for structure in structures:
            for stretch in structure.stretches:
                out += _bands(structure, stretch, marks, others)
    return out


def _stations(curve: RoadCurve, section: int, marks: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "m"]:
    first, last = curve.section_range(section)
    inside = marks[(marks > first) & (marks < last)]
    return np.unique(np.concatenate([curve.stations(section), inside]))


def _bands(
    built: Built,
    stretch: Stretch,
    marks: Float64[np.ndarray, "n"],
    others: list[tuple[shapely.Geometry, float, float]],
) -> list[Band]:
    out = []
    curve = built.curve
    for index, section in enumerate(curve.road.lane_sections):
        s = _stations(curve, index, marks)
        s = s[(s >= stretch.first_m - 1e-9) & (s <= stretch.last_m + 1e-9)]
        if len(s) < 2:
            continue
        borders = curve.border_offsets(index, s)
        high, low = max(borders), min(borders)
        heading = curve.reference(s)[1]
        left, right = curve.points(s, borders[high]), curve.points(s, borders[low])
        to_left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        kinds = [section.lane(i) for i in (high, low)]
        lifts = [
            KERB_HEIGHT_M if lane is not None and lane.id and lane_kind(section, lane) in RAISED else 0.0
            for lane in kinds
        ]
        out.append(
            Band(
                built=built,
                stretch=stretch,
                s_m=s,
                left_m=left,
                right_m=right,
                to_left=to_left,
                lift_m=(lifts[0], lifts[1]),
                is_outer=(
                    _is_free(left, left[:, :2] + _BESIDE_M * to_left, others),
                    _is_free(right, right[:, :2] - _BESIDE_M * to_left, others),
                ),
            )
        )
    return out


def _road_outline(curve: RoadCurve, built: Built) -> tuple[shapely.Geometry, float, float]:
    """(plan, lowest, highest) of a road from foot to foot of a structure."""
    rings, heights = [], []
    for index in range(len(curve.road.lane_sections)):
        s = curve.stations(index)
        s = s[(s > built.feet_m[0] - 30.0) & (s < built.feet_m[1] + 30.0)]
        if len(s) < 2:
            continue
        borders = curve.border_offsets(index, s)
        ring = [curve.points(s, borders[min(borders)]), curve.points(s, borders[max(borders)])[::-1]]
        rings.append(ring_area(np.concatenate(ring)[:, :2]))
        heights.append(curve.elevation(s)[0])
    z = np.concatenate(heights) if heights else np.zeros(1)
    return shapely.union_all(rings), float(z.min()), float(z.max())


def _is_free(
    border_m: Float64[np.ndarray, "n 3"],
    beside_m: Float64[np.ndarray, "n 2"],
    others: list[tuple[shapely.Geometry, float, float]],
) -> bool:
    """True if most points beside a border lie on none of the other roads that reach its height."""
    taken = np.zeros(len(beside_m), dtype=bool)
    for outline, low, high in others:
        reaches = (border_m[:, 2] > low - _LEVEL_M) & (border_m[:, 2] < high + _LEVEL_M)
        taken |= reaches & shapely.contains_xy(outline, beside_m[:, 0], beside_m[:, 1])
    return bool(np.mean(taken) < 0.5)
