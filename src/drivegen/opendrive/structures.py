"""What carries or covers roads: walls, decks, cuts, tunnels, where a <bridge> or <tunnel> says so.

A structure is built where its road leaves the ground and comes back to it: the ground under a bridge or over
a tunnel is taken as straight between the places where the grades outside the record end. Records of which
that is not true (a bridge that spans several roads, one that lies level) are left alone; the mesh then tells
bridges by the roads beneath them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import Structure, StructureKind

DECK_M = 1.2
"""Depth of decks: girders and slab, for spans of 25 to 35 m."""
ROOF_M = 0.8
"""From a tunnel's ceiling to the ground above."""
OPEN_FROM_M = DECK_M + 1.6
"""Bridges this high above the ground are open below, lower ones stand on walls."""
WALLS_FROM_M = 0.3
"""Where a road lies this far from the ground, walls begin."""
_WITHIN_M = 1.0
_STEP_M = 0.5
_FLAT = 1e-3
_LEAST_COVER_M = 4.0


class Footing(StrEnum):
    """How a stretch of road stands to the ground."""

    WALLED = "walled"
    """Raised, on earth between walls."""
    DECK = "deck"
    """Raised, open below."""
    CUT = "cut"
    """Below the ground between walls, open to the sky."""
    COVERED = "covered"
    """Below the ground, under a ceiling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a road with one footing."""

    first_m: float
    last_m: float
    footing: Footing


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A structure as it stands along its road."""

    curve: RoadCurve
    structure: Structure
    stretches: tuple[Stretch, ...]
    """In order, without gaps."""
    feet_m: tuple[float, float]
    """Stations where the road is back at the level of the ground."""
    feet_z_m: tuple[float, float]

    def ground_m(self, s_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
        """Height of the ground that the road has left."""
        return np.interp(s_m, self.feet_m, self.feet_z_m)

    def ceiling_m(self, s_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
        """Height of a tunnel's ceiling."""
        return self.ground_m(s_m) - ROOF_M


def built_structures(geometry: NetworkGeometry) -> dict[int, tuple[Built, ...]]:
    """The structures of each road that has any, by road id."""
    out: dict[int, tuple[Built, ...]] = {}
    for road in geometry.network.roads:
        found = tuple(
            built
            for structure in road.structures
            if (built := _build(geometry.curve(road.id), structure)) is not None
        )
        if found and road.junction is None:
            out[road.id] = found
    return out


def _build(curve: RoadCurve, structure: Structure) -> Built | None:
    first, last = structure.s_m, structure.s_m + structure.length_m
    if first < _WITHIN_M or last > curve.road.length_m - _WITHIN_M or first >= last:
        return None
    sign = 1.0 if structure.kind is StructureKind.BRIDGE else -1.0
    feet = _foot(curve, first, -1.0, sign), _foot(curve, last, 1.0, sign)
    z = curve.elevation(np.array(feet))[0]
    bare = Built(
        curve=curve,
        structure=structure,
        stretches=(),
        feet_m=feet,
        feet_z_m=(float(z[0]), float(z[1])),
    )

    def apart(s_m: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
        return np.asarray(sign * (curve.elevation(s_m)[0] - bare.ground_m(s_m)))

    stretches = _bridge(apart, first, last) if sign > 0.0 else _tunnel(apart, first, last, feet)
    if not stretches:
        return None
    return Built(curve=curve, structure=structure, stretches=stretches, feet_m=feet, feet_z_m=bare.feet_z_m)


def _foot(curve: RoadCurve, from_m: float, direction: float, sign: float) -> float:
    """Where the road, followed away from a structure, no longer comes nearer to the ground."""
    end = curve.road.length_m if direction > 0.0 else 0.0
    count = max(int(abs(end - from_m) / _STEP_M) + 1, 2)
    s = np.linspace(from_m, end, count)
    slope = -direction * sign * curve.elevation(s)[1]
    towards = np.flatnonzero(slope >= _FLAT)
    if len(towards) == 0:
        return from_m
    # Floors of tunnels may be level at first.
    level = np.flatnonzero(slope[towards[0] :] < _FLAT)
    return float(s[towards[0] + level[0]]) if len(level) else end


Apart = Callable[[Float64[np.ndarray, "n"]], Float64[np.ndarray, "n"]]


def _bridge(apart: Apart, first: float, last: float) -> tuple[Stretch, ...]:
    span = _beyond(apart, first, last, OPEN_FROM_M)
    if span is None:
        return ()
    low, high = span
    return _stretches((first, low, Footing.WALLED), (low, high, Footing.DECK), (high, last, Footing.WALLED))


def _tunnel(apart: Apart, first: float, last: float, feet: tuple[float, float]) -> tuple[Stretch, ...]:
    if apart(np.array([first, last])).min() < _LEAST_COVER_M:
        return ()
    span = _beyond(apart, feet[0], feet[1], WALLS_FROM_M)
    if span is None:
        return ()
    low, high = min(span[0], first), max(span[1], last)
    return _stretches((low, first, Footing.CUT), (first, last, Footing.COVERED), (last, high, Footing.CUT))


def _stretches(*parts: tuple[float, float, Footing]) -> tuple[Stretch, ...]:
    return tuple(Stretch(first_m=a, last_m=b, footing=kind) for a, b, kind in parts if b - a > 0.05)


def _beyond(apart: Apart, first: float, last: float, least_m: float) -> tuple[float, float] | None:
    """First and last station with at least a distance from the ground."""
    s = np.linspace(first, last, max(int((last - first) / _STEP_M), 2))
    there = np.flatnonzero(apart(s) >= least_m)
    if len(there) == 0:
        return None
    i, j = int(there[0]), int(there[-1])
    low = float(s[0]) if i == 0 else _bisected(apart, float(s[i - 1]), float(s[i]), least_m)
    high = float(s[-1]) if j == len(s) - 1 else _bisected(apart, float(s[j + 1]), float(s[j]), least_m)
    return low, high


def _bisected(apart: Apart, outside: float, inside: float, least_m: float) -> float:
    for _ in range(30):
        middle = 0.5 * (outside + inside)
        if apart(np.array([middle]))[0] >= least_m:
            inside = middle
        else:
            outside = middle
    return inside
