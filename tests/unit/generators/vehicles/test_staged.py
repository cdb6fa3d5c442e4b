"""Deeds that are to be seen for certain."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Drive, TrafficDraw
from drivegen.core.rng import derive_rng
from drivegen.opendrive.way_halts import WayHalts
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.vehicles.demand import Demand
from drivegen_generators.vehicles.staged import RED_LIGHT_ROLE
from drivegen_generators.vehicles.strips import Strips
from drivegen_generators.vehicles.traffic import Traffic

NETWORK = SignalisedJunction(slips=False).generate(derive_rng(5, "map"), "x")


def _riders(draw: TrafficDraw) -> list:
    return [v for v in draw.vehicles if RED_LIGHT_ROLE in v.roles]


@pytest.mark.parametrize("seed", range(4))
def test_riders_come_from_the_side_over_the_egos_way_past_a_light(seed: int) -> None:
    draw = Traffic(staged={"red_light": 2}).plan(derive_rng(seed, "t"), NETWORK, 12)
    riders = _riders(draw)
    assert len(riders) == 2
    for rider in riders:
        turn = abs(math.remainder(rider.start.yaw_rad - draw.ego.yaw_rad, math.pi))
        assert turn > 1.0, "from the side"
        assert rider.drive is Drive.RIDER and rider.ignores_lights_percent == 100.0
        way = np.array([(rider.start.x_m, rider.start.y_m), *((x, y) for x, y, _ in rider.route)])
        aside = (way - [draw.ego.x_m, draw.ego.y_m]) @ [
            -math.sin(draw.ego.yaw_rad),
            math.cos(draw.ego.yaw_rad),
        ]
        ahead = (way - [draw.ego.x_m, draw.ego.y_m]) @ [
            math.cos(draw.ego.yaw_rad),
            math.sin(draw.ego.yaw_rad),
        ]
        cut = int(np.argmin(np.abs(aside)))
        assert aside[0] * aside[-1] < 0.0 and 30.0 < ahead[cut] < 140.0, "across the ego's way, ahead of it"
        (first, *_) = WayHalts(NETWORK).of(way)
        assert 2.0 < first.at_m < 20.0, "it begins just before its own stop line"


def test_the_egos_light_is_green_first_and_the_riders_is_not() -> None:
    draw = Traffic(staged={"red_light": 1}).plan(derive_rng(1, "t"), NETWORK, 8)
    strips = Strips.of(NETWORK)
    here = min(
        (s for s in strips.stops if s.first),
        key=lambda s: math.dist(strips.strips[s.strip].at(s.along_m)[:2], (draw.ego.x_m, draw.ego.y_m)),
    )
    x, y, _, heading = strips.strips[here.strip].at(here.along_m)
    assert abs(math.remainder(heading - draw.ego.yaw_rad, math.tau)) < 0.1
    assert 25.0 < math.dist((x, y), (draw.ego.x_m, draw.ego.y_m)) < 95.0


def test_others_come_in_the_number_that_is_staged() -> None:
    draw = Traffic(staged={"cut_in": 1, "emergency": 2, "illegal_stop": 1}).plan(
        derive_rng(2, "t"), NETWORK, 20
    )
    count = {
        role: sum(role in v.roles for v in draw.vehicles) for role in ("cut_in", "emergency", "illegal_stop")
    }
    assert count == {"cut_in": 1, "emergency": 2, "illegal_stop": 1}
    assert draw.requested["role emergency"] == 2.0


def test_where_it_cannot_be_it_is_wanted_and_does_not_come() -> None:
    street = MidblockCrossing().generate(derive_rng(1, "map"), "x")
    for plugin, network in (
        (Traffic(staged={"red_light": 1}), street),
        (Demand(staged={"red_light": 1}), NETWORK),
    ):
        draw = plugin.plan(derive_rng(1, "t"), network, 5)
        assert draw.requested[f"role {RED_LIGHT_ROLE}"] == 1.0
        assert not _riders(draw)


def test_nothing_staged_changes_nothing() -> None:
    assert Traffic(staged={}).plan(derive_rng(1, "t"), NETWORK, 12) == Traffic().plan(
        derive_rng(1, "t"), NETWORK, 12
    )


@pytest.mark.parametrize(
    "wrong", [{"red_light": 6}, {"red_light": 0.5}, {"rider": "horse"}, {"dragons": 1}, 3]
)
def test_what_cannot_be_staged_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigError):
        Traffic(staged=wrong)
