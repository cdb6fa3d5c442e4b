"""Scenarios played through the client on embedded servers that were started for them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import carla
import pytest

from drivegen.record.world import Endpoint, ServerWorld
from drivegen.scenario.model.entities import File
from drivegen.scenario.model.road_network import RoadNetwork
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.options import PlayerOptions
from drivegen.scenario.player.player import Player
from tests.integration.conftest import end_server, ready, start_server
from tests.unit.scenario.player.plays import (
    CAR,
    STRAIGHT,
    after,
    condition,
    event,
    group,
    lane,
    lane_change,
    scenario,
    speed,
    teleport,
)

pytestmark = pytest.mark.timeout(240)

WALKER = """<Pedestrian name="walker" pedestrianCategory="pedestrian" mass="70"><BoundingBox>
<Center x="0" y="0" z="0.9"/><Dimensions width="0.6" length="0.6" height="1.8"/></BoundingBox>
<Properties/></Pedestrian>"""
TRUCK = CAR.replace('"car" v', '"truck" v').replace('vehicleCategory="car"', 'vehicleCategory="truck"')
DELETE = '<GlobalAction><EntityAction entityRef="Truck"><DeleteEntityAction/></EntityAction></GlobalAction>'


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("road") / "Straight.xodr"
    path.write_text(STRAIGHT.replace("2000", "400"))
    return path


def story(road: Path) -> Scenario:
    """A car changes lanes, a truck is taken out, somebody walks, the ego drives on."""
    change = event("change", lane_change(-2, by=1.0), condition(after(0.5)))
    gone = event("gone", DELETE, condition(after(1.0)))
    what = scenario(
        {
            "Ego": teleport(lane(20)) + speed(8),
            "Car": teleport(lane(50)) + speed(6),
            "Truck": teleport(lane(80, -2)),
            "Walker": teleport(lane(60, -3)) + speed(1.4),
        },
        group("Car", change),
        group("Truck", gone),
        stop=condition(after(2.0)),
        entities={"Truck": TRUCK, "Walker": WALKER},
    )
    return replace(what, road_network=RoadNetwork(logic_file=File(filepath=str(road))), path=None)


@contextmanager
def fresh(road: Path) -> Iterator[ServerWorld]:
    """A server that was just started."""
    process = start_server(road, seed=1, families=True)
    try:
        yield ServerWorld(Endpoint(port=int(str(ready(process)["port"]))))
    finally:
        code, errors = end_server(process)
        assert code == 0, errors


class Pedal:
    """An agent that brakes."""

    def __init__(self, actor: Any, world: Any) -> None:
        del world
        self.actor = actor

    def run_step(self) -> Any:
        """See `Agent`."""
        return carla.VehicleControl(brake=1.0)


def test_actors_are_where_the_scenario_says_and_go_when_it_says(road: Path) -> None:
    with fresh(road) as server, Player(story(road), server) as player:
        kinds = {name: actor.type_id for name, actor in player.actors.by_name.items()}
        assert kinds["Walker"].startswith("walker.")
        assert kinds["Truck"] != kinds["Car"]
        while not player.done:
            player.step()
            car = player.bodies["Car"]
            middle = player.actor("Car").get_transform().location
            ahead = car.box.x_m * math.cos(car.pose.heading_rad)
            aside = car.box.x_m * math.sin(car.pose.heading_rad)
            assert middle.x == pytest.approx(car.pose.x_m + ahead, abs=0.02)
            assert -middle.y == pytest.approx(car.pose.y_m + aside, abs=0.02)
        assert player.ended
        assert "Truck" not in player.actors.by_name
        first = player.trajectory
        own = player.core.rows()
        assert first[-len(own) :] == own
    with fresh(road) as server, Player(story(road), server) as player:
        player.run()
        assert player.trajectory == first


def test_an_agent_drives_the_ego_and_the_core_sees_it(road: Path) -> None:
    options = PlayerOptions(drivers={"Ego": Pedal})
    with fresh(road) as server, Player(story(road), server, options) as player:
        player.run()
        ego = player.bodies["Ego"]
        assert ego.speed_mps < 1.0
        assert 22.0 < ego.pose.x_m < 36.0
        assert ego.travelled_m == pytest.approx(ego.pose.x_m - 20.0, abs=0.3)
        at = player.actor("Ego").get_transform().location
        assert at.x == pytest.approx(ego.pose.x_m + ego.box.x_m, abs=0.02)
