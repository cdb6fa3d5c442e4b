"""The roads of the scenario library, made by the road forms: `python -m drivegen_generators.scenarios.roads`.

Streets are straight and meet at right angles where the form allows it, so that a person can read positions
off the file: the crossing lies at the origin, the first arm leads east.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.campus import Campus
from drivegen_generators.roads.expressway import ExpresswayRoads
from drivegen_generators.roads.industrial_park import IndustrialPark
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.roads.roundabout import Roundabout
from drivegen_generators.roads.tunnel import Tunnel
from drivegen_generators.roads.unsignalised import UnsignalisedJunction

_SEED = 7
_STRAIGHT_M = 1e6
_WIDE = (3.5, 3.5)

Generate = Callable[[np.random.Generator, str], RoadNetwork]

ROADS: Mapping[str, Generate] = {
    "signal_junction": SignalisedJunction(
        lanes=[3, 2, 3, 2],
        lane_width_m=_WIDE,
        median_width_m=(4.0, 4.0),
        separator_width_m=(1.5, 1.5),
        bicycle_lane_width_m=(3.0, 3.0),
        pavement_width_m=(4.0, 4.0),
        arm_length_m=(170.0, 170.0),
        pocket_length_m=(40.0, 40.0),
        bend_radius_m=_STRAIGHT_M,
        skew_deg=0.0,
        slips=False,
        u_turns=True,
        speed_limit_kmh=60.0,
    ).generate,
    "signal_crossing": MidblockCrossing(
        signalised=True,
        lanes=2,
        lane_width_m=_WIDE,
        median_width_m=(1.0, 1.0),
        arm_length_m=(160.0, 160.0),
        bend_radius_m=_STRAIGHT_M,
    ).generate,
    "street_with_zebra": MidblockCrossing(
        signalised=False,
        lanes=2,
        lane_width_m=_WIDE,
        median_width_m=(1.0, 1.0),
        separator_width_m=(1.5, 1.5),
        bicycle_lane_width_m=(2.5, 2.5),
        pavement_width_m=(4.0, 4.0),
        arm_length_m=(200.0, 200.0),
        bend_radius_m=_STRAIGHT_M,
        bus_stops=1,
    ).generate,
    "crest_street": MidblockCrossing(
        signalised=False,
        lanes=1,
        lane_width_m=_WIDE,
        arm_length_m=(200.0, 200.0),
        bend_radius_m=_STRAIGHT_M,
        grade_percent=(-5.0, -5.0),
    ).generate,
    "bend_street": MidblockCrossing(
        signalised=False,
        lanes=2,
        lane_width_m=_WIDE,
        arm_length_m=(220.0, 220.0),
        bend_radius_m=150.0,
    ).generate,
    "parking_street": MidblockCrossing(
        signalised=False,
        lanes=1,
        lane_width_m=_WIDE,
        median_width_m=(0.5, 0.5),
        arm_length_m=(140.0, 140.0),
        bend_radius_m=_STRAIGHT_M,
        parking_lanes=2,
        speed_limit_kmh=40.0,
    ).generate,
    "work_zone_street": MidblockCrossing(
        signalised=False,
        lanes=3,
        lane_width_m=_WIDE,
        median_width_m=(2.0, 2.0),
        arm_length_m=(260.0, 260.0),
        bend_radius_m=_STRAIGHT_M,
        work_zones=1,
        speed_limit_kmh=60.0,
    ).generate,
    "priority_junction": UnsignalisedJunction(
        main_lanes=1,
        sign="stop",
        lane_width_m=(3.25, 3.25),
        bicycle_lanes=True,
        arm_length_m=(110.0, 110.0),
        bend_radius_m=_STRAIGHT_M,
        skew_deg=0.0,
    ).generate,
    "roundabout": Roundabout(
        arms=4,
        circulating_lanes=2,
        bicycle_lanes=True,
        arm_length_m=(100.0, 100.0),
        bend_radius_m=_STRAIGHT_M,
    ).generate,
    "expressway": ExpresswayRoads(
        kind="merge", lanes=3, hard_shoulder=True, side_lanes=2, bend_radius_m=_STRAIGHT_M
    ).generate,
    "tunnel": Tunnel(lanes=2, skew_deg=0.0, bend_radius_m=_STRAIGHT_M).generate,
    "campus": Campus(inner_streets=2, gates=1, bus_stops=1, parking_lanes=3).generate,
    "industrial_park": IndustrialPark(inner_streets=2, ring_lanes=1).generate,
}
"""Each road's form with its options; what these leave open is drawn from a seed of the road's name."""


def road_text(name: str) -> str:
    """The OpenDRIVE text of a road of the library; always the same."""
    return write_network(ROADS[name](derive_rng(_SEED, name), name))


def write_roads(folder: Path) -> None:
    """Writes all roads into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ROADS:
        (folder / f"{name}.xodr").write_text(road_text(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_roads(Path(sys.argv[1] if len(sys.argv) > 1 else "scenarios/roads"))
