"""Whatever traffic is asked for on whatever road: nobody stands in another, and equal draws give equal plans.

DRIVEGEN_DRAWS sets how many draws are made.
"""

from __future__ import annotations

import os
from functools import cache, lru_cache
from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drivegen.core.plans import Drive
from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, LaneType, RoadNetwork
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.roads.campus import Campus
from drivegen_generators.roads.expressway import ExpresswayRoads
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.roads.overpass import Overpass
from drivegen_generators.roads.roundabout import Roundabout
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from drivegen_generators.vehicles.demand import Demand
from drivegen_generators.vehicles.traffic import Traffic
from tests.unit.generators.vehicles.plans import overlaps

DRAWS = int(os.environ.get("DRIVEGEN_DRAWS", "16"))
ON_LANE_M = 0.5
FORMS = {
    "beijing_junction": BeijingJunction,
    "junction": lambda: SignalisedJunction(parking_lanes=2, bus_stops=2),
    "unsignalised": UnsignalisedJunction,
    "midblock": MidblockCrossing,
    "roundabout": Roundabout,
    "campus": Campus,
    "overpass": Overpass,
    "expressway": ExpresswayRoads,
}


@cache
def road(form: str, seed: int) -> RoadNetwork:
    return FORMS[form]().generate(derive_rng(seed, "map"), form)


@lru_cache(maxsize=4)
def lane_points(form: str, seed: int) -> np.ndarray:
    """Middles of driving and bicycle lanes, every 0.25 m along the road."""
    network = road(form, seed)
    geometry = NetworkGeometry(network)
    out = []
    for one in network.roads:
        curve = geometry.curve(one.id)
        for index, section in enumerate(one.lane_sections):
            first, last = curve.section_range(index)
            stations = np.linspace(first, last, max(2, int((last - first) / 0.25) + 1))
            for lane in section.lanes:
                if lane.id != 0 and lane.type in {*DRIVABLE, LaneType.BIKING}:
                    out.append(curve.lane_centre(index, lane.id, stations).position_m)
    return np.concatenate(out)


share = st.sampled_from([0.0, 0.3, 1.0])
options = st.fixed_dictionaries(
    {
        "parked": share,
        "bus_stops": share,
        "queue_share": st.sampled_from([0.0, 0.5]),
        "riders": st.fixed_dictionaries({"count": st.integers(0, 25), "delivery": share}),
        "violations": st.fixed_dictionaries(
            {"red_light": share, "illegal_stop": share, "wrong_way": share, "cut_in": st.just(0.1)}
        ),
        "convoys": st.integers(0, 2),
        "emergency": st.sampled_from([0.0, 0.2]),
    }
)


@settings(max_examples=DRAWS, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    form=st.sampled_from(sorted(FORMS)),
    variant=st.integers(0, 1),
    seed=st.integers(0, 2**31),
    count=st.sampled_from([0, 3, 30, 120]),
    plugin=st.sampled_from(["traffic", "demand"]),
    asked=options,
)
def test_nobody_stands_in_another(
    form: str, variant: int, seed: int, count: int, plugin: str, asked: dict[str, Any]
) -> None:
    network = road(form, variant)

    def draw() -> Any:
        made = Demand(**asked) if plugin == "demand" else Traffic(bicycle_lanes=True, styles={}, **asked)
        return made.plan(derive_rng(seed), network, count, hour=8.0)

    drawn = draw()
    assert not overlaps(drawn)
    moving = [v for v in drawn.vehicles if v.drive is not Drive.PARKED and v.enters_s == 0.0]
    beside = asked["riders"]["count"] + sum("bus_stop" in v.roles for v in drawn.vehicles)
    assert len(moving) <= count + beside
    middles = lane_points(form, variant)
    for vehicle in moving:
        if vehicle.drive is Drive.TRAFFIC_MANAGER and "bus_stop" not in vehicle.roles:
            away = middles[:, :2] - [vehicle.start.x_m, vehicle.start.y_m]
            assert np.hypot(*away.T).min() < ON_LANE_M
    for vehicle in drawn.vehicles:
        places = np.array([(vehicle.start.x_m, vehicle.start.y_m), *(p[:2] for p in vehicle.route)])
        assert np.isfinite(places).all()
        assert vehicle.drive is not Drive.RIDER or len(places) > 1
    assert draw() == drawn
