"""Obstacle detectors: what they mind, what they leave out."""

import numpy as np
import pytest

from drivegen.core.geometry import rotation_from_rpy
from drivegen.core.tags import Tag
from drivegen.embedded.sensors.moment import Movers
from drivegen.embedded.sensors.request import Request
from tests.unit.embedded.raycast.shapes import place
from tests.unit.embedded.sensors.room import STILL, moment, request, sensor, suite


def movers(*ids):
    return Movers(
        ids=np.array(ids, np.uint32),
        position_m=np.zeros((len(ids), 3)),
        velocity_mps=np.zeros((len(ids), 3)),
        angular_velocity_radps=np.zeros((len(ids), 3)),
    )


def detect(a_moment, height=1.0, carriers=(), ignored=frozenset(), yaw=0.0, **attributes):
    world_sensor = np.eye(4)
    world_sensor[:3, :3] = rotation_from_rpy(0.0, 0.0, yaw)
    world_sensor[2, 3] = height
    asked = request(sensor("sensor.other.obstacle", **attributes), world_sensor)
    asked = Request(
        sensor=asked.sensor,
        world_sensor=world_sensor,
        body=asked.body,
        carriers=carriers,
        ignored=ignored,
    )
    one, _, _ = suite()
    try:
        return one.measure([asked], a_moment)[0]
    finally:
        one.close()


# Road below, a wall from 40 m on, a car 7 with its rear at 10 m, a signal post 3 (a car's box) at 6 m aside.
STREET = place((0, 0, STILL, STILL), (1, 0, (50.0, 0.0, 0.0), STILL))
CARS = place((2, 7, (12.0, 0.0, 1.0), STILL), (2, 3, (8.0, 2.2, 1.0), STILL))


def test_the_first_thing_ahead_is_told():
    found = detect(moment(STREET, CARS), distance=30, hit_radius=0.3)
    assert found.other.object_id == 7
    assert found.other.tag == Tag.CAR
    assert found.distance_m == pytest.approx(10.0 - 0.3, abs=1e-5)


def test_the_radius_counts():
    found = detect(moment(STREET, CARS), height=1.5, distance=30, hit_radius=1.3)
    assert found.other.object_id == 3, "the post stands 1.2 m aside"


def test_nothing_within_the_distance_is_no_event():
    assert detect(moment(STREET, CARS), distance=9, hit_radius=0.3) is None
    assert detect(moment(STREET, CARS), distance=30, hit_radius=0.3, yaw=np.pi) is None


def test_the_defaults_are_carlas():
    near = place((2, 7, (7.4, 0.0, 1.0), STILL))
    assert detect(moment(STREET, near)).distance_m == pytest.approx(7.4 - 2.0 - 0.5, abs=1e-5)
    farther = place((2, 7, (7.6, 0.0, 1.0), STILL))
    assert detect(moment(STREET, farther)) is None


def test_only_dynamics_leaves_out_what_belongs_to_the_map():
    asked = {"distance": 60, "hit_radius": 1.3, "only_dynamics": "true"}
    assert detect(moment(STREET, CARS, movers=movers(7)), **asked).other.object_id == 7
    assert detect(moment(STREET, CARS, movers=movers(8)), **asked) is None
    asked["only_dynamics"] = "False"
    assert detect(moment(STREET, CARS, movers=movers(7)), **asked).other.tag == Tag.ROAD


def test_carriers_and_ignored_vehicles_are_passed_through():
    asked = {"distance": 60, "hit_radius": 0.3}
    own = place((2, 5, (0.0, 0.0, 1.0), STILL), (2, 7, (12.0, 0.0, 1.0), STILL))
    assert detect(moment(STREET, own), **asked).other.object_id == 5
    assert detect(moment(STREET, own), **asked, carriers=(6, 5)).other.object_id == 7
    wall = detect(moment(STREET, own), **asked, carriers=(5,), ignored=frozenset({7}))
    assert (wall.other.object_id, wall.other.tag) == (0, Tag.WALL)
    assert wall.distance_m == pytest.approx(40.0 - 0.3, abs=1e-4)


def test_a_low_sensor_reports_the_road_at_once():
    found = detect(moment(STREET, CARS), height=0.4)
    assert (found.other.tag, found.distance_m) == (Tag.ROAD, 0.0)
