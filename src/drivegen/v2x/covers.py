"""Where the sky is covered: in tunnels and under bridges, as a map's <tunnel> and <bridge> records say.

Bridges that a map does not record (roads that merely cross above one another) cover nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import RoadNetwork, Structure, StructureKind
from drivegen.opendrive.structures import DECK_M

_STEP_M = 1.0
_WITHIN_TUNNEL_M = 4.0
"""A point is in a tunnel when its ground is no farther than this from the tunnel's floor."""
_CLEARANCE_M = 1.5
"""A point is under a bridge when its ground lies at least so far below the deck's lower side."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cover:
    kind: StructureKind
    low_m: Float64[np.ndarray, "2"]
    high_m: Float64[np.ndarray, "2"]
    line_m: Float64[np.ndarray, "n 3"]
    """Of the road's reference line."""
    heading_rad: Float64[np.ndarray, "n"]
    left_m: Float64[np.ndarray, "n"]
    right_m: Float64[np.ndarray, "n"]
    """t of the outermost lanes' borders."""

    def over(self, point_m: Vec3) -> bool:
        if np.any(point_m[:2] < self.low_m) or np.any(point_m[:2] > self.high_m):
            return False
        delta = point_m[:2] - self.line_m[:, :2]
        i = int(np.argmin(np.einsum("ij,ij->i", delta, delta)))
        c, s = np.cos(self.heading_rad[i]), np.sin(self.heading_rad[i])
        along, across = delta[i] @ (c, s), delta[i] @ (-s, c)
        if abs(along) > _STEP_M or not self.right_m[i] <= across <= self.left_m[i]:
            return False
        above = float(self.line_m[i, 2] - point_m[2])
        if self.kind is StructureKind.TUNNEL:
            return abs(above) <= _WITHIN_TUNNEL_M
        return above >= DECK_M + _CLEARANCE_M


class Covers:
    """The covered places of a map."""

    def __init__(self, network: RoadNetwork) -> None:
        geometry = NetworkGeometry(network)
        self._covers = tuple(
            _cover(geometry.curve(road.id), structure)
            for road in network.roads
            for structure in road.structures
        )

    def __len__(self) -> int:
        return len(self._covers)

    def over(self, point_m: Vec3) -> bool:
        """Whether a point on the ground has a ceiling over it."""
        return any(cover.over(point_m) for cover in self._covers)


def _cover(curve: RoadCurve, structure: Structure) -> _Cover:
    first = max(structure.s_m, 0.0)
    last = min(structure.s_m + structure.length_m, curve.road.length_m)
    s = np.linspace(first, max(first, last), max(2, int(np.ceil((last - first) / _STEP_M)) + 1))
    xy, heading, _ = curve.reference(s)
    left, right = np.zeros(len(s)), np.zeros(len(s))
    section = np.array([curve.road.section_at(float(v)) for v in s])
    for index in np.unique(section):
        rows = section == index
        borders = np.stack(list(curve.border_offsets(int(index), s[rows]).values()))
        left[rows], right[rows] = borders.max(axis=0), borders.min(axis=0)
    reach = float(max(np.abs(left).max(), np.abs(right).max())) + _STEP_M
    return _Cover(
        kind=structure.kind,
        low_m=xy.min(axis=0) - reach,
        high_m=xy.max(axis=0) + reach,
        line_m=np.column_stack([xy, curve.elevation(s)[0]]),
        heading_rad=heading,
        left_m=left,
        right_m=right,
    )
