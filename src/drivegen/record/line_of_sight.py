"""What stands between the antennas of two agents, as the server's rays tell.

The words are those of 3GPP TR 37.885, 6.2.1: a link is in line of sight, blocked by vehicles (NLOSv) or
by buildings (NLOS).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import carla
import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Box, Vec3
from drivegen.core.handedness import FLIP_Y, flip_points
from drivegen.core.tags import Tag
from drivegen.record.agents import Carried

LOS = "los"
NLOS_VEHICLE = "nlos_vehicle"
NLOS_BUILDING = "nlos_building"

VEHICLES = frozenset({Tag.CAR, Tag.TRUCK, Tag.BUS, Tag.TRAIN})
"""Two-wheelers and people are too slim to count, as in TR 37.885, where they have no antenna height."""
SOLID = frozenset({Tag.BUILDING, Tag.WALL, Tag.BRIDGE, Tag.TERRAIN, Tag.GROUND, Tag.ROAD, Tag.SIDEWALK})
"""What blocks for good: also the ground, over the top of a hill. Trees, poles and fences do not count."""
BLOCKING = VEHICLES | SOLID

ROOF_M = 0.1
"""An antenna stands so high over a vehicle's roof."""
OWN_M = 0.5
"""What a ray meets no farther than this from an agent's own body is that body."""


class LinesOfSight:
    """Asks a server between ticks; each pair of agents costs a call."""

    def __init__(self, world: Any, antennas_m: Mapping[str, Vec3]) -> None:
        """Takes the world and where the antennas of roadside units are, by the agent's name."""
        self._world = world
        self._fixed = dict(antennas_m)

    def paths(self, carried: Mapping[str, Carried]) -> dict[tuple[str, str], str]:
        """`LOS`, `NLOS_VEHICLE` or `NLOS_BUILDING` by pair of names, each pair in both orders.

        Raises RuntimeError as the client does.
        """
        antennas = {name: self._antenna(name, each) for name, each in carried.items()}
        out: dict[tuple[str, str], str] = {}
        for a, b in combinations(carried, 2):
            own = [c.box for c in (carried[a], carried[b])]
            path = self._path(antennas[a], antennas[b], own)
            out[a, b] = out[b, a] = path
        return out

    def _antenna(self, name: str, carried: Carried) -> Vec3:
        if name in self._fixed:
            return self._fixed[name]
        roof = np.array([[0.0, 0.0, carried.box.size_m[2] / 2 + ROOF_M]])
        return carried.box.pose.transform_points(roof)[0]

    def _path(self, start_m: Vec3, end_m: Vec3, own: list[Box]) -> str:
        points = [
            p for p in self._world.cast_ray(_location(start_m), _location(end_m)) if int(p.label) in BLOCKING
        ]
        if not points:
            return LOS
        places = np.array([_place(p) for p in points])
        free = ~np.any([box.contains(places, OWN_M) for box in own], axis=0)
        met = {int(p.label) for p, out in zip(points, free, strict=True) if out}
        if met & SOLID:
            return NLOS_BUILDING
        return NLOS_VEHICLE if met & VEHICLES else LOS


def _location(place_m: Float64[np.ndarray, "3"]) -> Any:
    x, y, z = (float(v) for v in flip_points(place_m))
    return carla.Location(x=x, y=y, z=z)


def _place(point: Any) -> Vec3:
    at = point.location
    return np.array([at.x, at.y, at.z]) * FLIP_Y
