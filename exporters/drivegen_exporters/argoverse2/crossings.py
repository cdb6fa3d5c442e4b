"""Pedestrian crossings as Argoverse 2 has them: two edges of two points each, along which people walk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.surfaces.lane_kinds import long_box, object_outline

_LEAST_M2 = 0.01
"""What covers less than this is no crossing."""

_Line = Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossing:
    """A crossing in the map frame."""

    id: int
    """Positive, 48 bits; depends on the road, the object's id and its place in the file alone."""
    edge1: Float64[np.ndarray, "2 3"]
    """Metres, from one kerb to the other."""
    edge2: Float64[np.ndarray, "2 3"]
    """The same side by side with `edge1`, in its direction."""


def crossings(geometry: NetworkGeometry) -> Iterator[Crossing]:
    """The crossings of all roads in the file's order: objects of the type crosswalk that have an outline."""
    for road in geometry.network.roads:
        for place, item in enumerate(road.objects):
            if item.type != "crosswalk" or len(item.outline) < 3:
                continue
            outline = object_outline(geometry, road.id, item)
            if shapely.area(shapely.convex_hull(shapely.multipoints(outline[:, :2]))) < _LEAST_M2:
                continue
            edge1, edge2 = crossing_edges(outline)
            yield Crossing(id=_number(f"crossing|{road.id}|{item.id}|{place}"), edge1=edge1, edge2=edge2)


def crossing_edges(outline_m: _Line) -> tuple[Float64[np.ndarray, "2 3"], Float64[np.ndarray, "2 3"]]:
    """The two edges of an outline along its long axis, on which people of drivegen's own server walk.

    Of a convex outline of four corners they are sides; any other outline becomes its tightest rectangle in
    plan, at its mean height.

    Args:
        outline_m: Corners in the map frame, not closed.
    """
    centre, along, across, length, width = long_box(outline_m)
    if len(outline_m) == 4 and _is_convex(outline_m):
        sides = np.roll(outline_m, -1, axis=0) - outline_m
        share = np.abs(sides[:, :2] @ along) / np.linalg.norm(sides[:, :2], axis=1)
        a, b, c, d = np.roll(outline_m, 0 if share[0] + share[2] >= share[1] + share[3] else -1, axis=0)
        edge1, edge2 = np.stack([a, b]), np.stack([d, c])
        ahead = float((edge1[1] - edge1[0])[:2] @ along)
        return (edge1, edge2) if ahead > 0.0 else (edge1[::-1], edge2[::-1])
    z = float(np.mean(outline_m[:, 2]))
    ends = (centre - length * along, centre + length * along)
    left, right = (np.array([[*(end + side * width * across), z] for end in ends]) for side in (1.0, -1.0))
    return left, right


def _is_convex(outline: _Line) -> bool:
    sides = (np.roll(outline, -1, axis=0) - outline)[:, :2]
    after = np.roll(sides, -1, axis=0)
    turn = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    return bool((turn > 1e-6).all() or (turn < -1e-6).all())


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "little") + 1
