"""sensor.other.obstacle: a sphere pushed forwards."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, in_front, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
BUMPER = carla.Transform(carla.Location(x=2.0, z=1.0))


def test_the_distance_is_that_to_the_car_ahead(world: Any, car: Any, listen: Listen) -> None:
    ahead = in_front(world, car, "vehicle.ford.ambulance", 16.0)
    world.tick()
    sensor = mount(
        world, car, "sensor.other.obstacle", BUMPER, distance=30, hit_radius=0.3, only_dynamics=True
    )
    events = listen(sensor)
    for _ in range(3):
        frame = world.tick()
        event = events.get(timeout=5.0)
        assert event.frame == frame
        assert event.actor.id == sensor.id, "as CARLA's server does; its documentation says the parent"
        assert event.other_actor.id == ahead.id
        assert event.other_actor.type_id == "vehicle.ford.ambulance"
        gap = car.get_location().distance(ahead.get_location()) - 2.0 - ahead.bounding_box.extent.x
        assert event.distance == pytest.approx(gap - 0.3, abs=0.35)
    assert not drain(events), "one a tick"


def test_scenery_is_told_by_its_tag_unless_only_dynamics(world: Any, car: Any, listen: Listen) -> None:
    down = carla.Transform(carla.Location(x=2.0, z=1.5), carla.Rotation(pitch=-60))
    everything = listen(mount(world, car, "sensor.other.obstacle", down, distance=10, hit_radius=0.1))
    dynamics = listen(
        mount(world, car, "sensor.other.obstacle", down, distance=10, hit_radius=0.1, only_dynamics=True)
    )
    world.tick()
    event = everything.get(timeout=5.0)
    assert event.other_actor.id == 0
    assert event.other_actor.type_id in ("static.road", "static.roadline")
    assert list(event.other_actor.semantic_tags) in (
        [int(carla.CityObjectLabel.Roads)],
        [int(carla.CityObjectLabel.RoadLines)],
    )
    # 1.5 m above the road, 60 degrees downwards: the sphere touches 0.1 m before.
    assert event.distance == pytest.approx((1.5 - 0.1) / 0.866, abs=0.1)
    assert not drain(dynamics)


def test_sensor_tick_and_ignored_vehicles(world: Any, car: Any, listen: Listen) -> None:
    ahead = in_front(world, car, "vehicle.ford.ambulance", 12.0)
    world.tick()
    sensor = mount(
        world, car, "sensor.other.obstacle", BUMPER, distance=20, only_dynamics=True, sensor_tick=0.2
    )
    events = listen(sensor)
    first = world.tick()
    for _ in range(8):
        world.tick()
    assert [event.frame for event in drain(events)] == [first, first + 4, first + 8]
    sensor.set_ignored_vehicles([ahead.id])
    for _ in range(8):
        world.tick()
    assert not drain(events)
    sensor.set_ignored_vehicles([])
    for _ in range(4):
        world.tick()
    assert len(drain(events)) == 1


def test_a_walker_is_an_obstacle(world: Any, car: Any, listen: Listen) -> None:
    walker = in_front(world, car, "walker.pedestrian.0001", 8.0)
    world.tick()
    events = listen(mount(world, car, "sensor.other.obstacle", BUMPER, distance=20, only_dynamics=True))
    world.tick()
    event = events.get(timeout=5.0)
    assert event.other_actor.id == walker.id
    assert 4.0 < event.distance < 6.5


def test_a_prop_can_move_but_a_signal_post_cannot(world: Any, car: Any, listen: Listen) -> None:
    prop = in_front(world, car, "static.prop.container", 12.0)
    world.tick()
    asked = {"distance": 20, "only_dynamics": True}
    events = listen(mount(world, car, "sensor.other.obstacle", BUMPER, **asked))
    world.tick()
    assert events.get(timeout=5.0).other_actor.id == prop.id
    light = next(iter(world.get_actors().filter("traffic.traffic_light*")))
    foot = light.get_location()
    before = carla.Transform(foot + carla.Location(x=-5.0, z=1.5))
    fixed = listen(mount(world, None, "sensor.other.obstacle", before, **asked))
    either = listen(mount(world, None, "sensor.other.obstacle", before, distance=20))
    world.tick()
    assert either.get(timeout=5.0).other_actor is not None
    assert not any(e.other_actor.id == light.id for e in drain(fixed))
