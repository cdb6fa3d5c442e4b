"""Gates of estates: a keeper's house and a barrier beside each carriageway, with their booms up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from drivegen.opendrive.model import RoadNetwork, RoadObject
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M
from drivegen.opendrive.things import thing_object
from drivegen_generators.roads.arm import Arm

_AT_M = 24.0
"""From the junction's edge."""
_BOOM_M = (0.8, 0.4, 5.2)
_HOUSE_M = (2.6, 2.0, 2.7)
_FROM_KERB_M = 0.55
_OBJECTS_EACH = 10


def with_gates(
    network: RoadNetwork, arms: Iterable[Arm], rng: np.random.Generator, *, first_object: int
) -> RoadNetwork:
    """The network with a barrier on both sides of each arm and a house on one."""
    added: dict[int, tuple[RoadObject, ...]] = {}
    for number, arm in enumerate(arms):
        boom, house = (int(v) for v in rng.integers(0, 1000, 2))
        first = first_object + _OBJECTS_EACH * number
        section = arm.section
        paved = section.pavement_m > 0.0
        added[arm.ids.out] = (
            _thing(first, "boom_barrier", boom, _BOOM_M, _AT_M, -section.kerb_m - _FROM_KERB_M, paved=paved),
        )
        added[arm.ids.into] = (
            _thing(
                first + 1,
                "boom_barrier",
                boom,
                _BOOM_M,
                arm.axis.length_m - _AT_M,
                -section.kerb_m - _FROM_KERB_M,
                paved=paved,
            ),
            _thing(
                first + 2,
                "gatehouse",
                house,
                _HOUSE_M,
                arm.axis.length_m - _AT_M + 3.0,
                -section.outer_m - 0.5 * _HOUSE_M[1] - 0.3,
                paved=False,
            ),
        )
    roads = tuple(
        replace(road, objects=(*road.objects, *added[road.id])) if road.id in added else road
        for road in network.roads
    )
    return replace(network, roads=roads)


def _thing(
    object_id: int,
    kind: str,
    variant: int,
    size_m: tuple[float, float, float],
    s_m: float,
    t_m: float,
    *,
    paved: bool,
) -> RoadObject:
    """Booms reach to the left over the carriageway; doors of houses look away from it."""
    return thing_object(
        object_id=object_id,
        name="".join(part.capitalize() for part in kind.split("_")),
        kind="barrier" if kind == "boom_barrier" else "building",
        blueprint_id=f"static.prop.drivegen.{kind}",
        variant=variant,
        s_m=s_m,
        t_m=t_m,
        z_offset_m=KERB_HEIGHT_M if paved else 0.0,
        heading_rad=math.pi / 2.0 if kind == "boom_barrier" else 0.0,
        size_m=size_m,
    )
