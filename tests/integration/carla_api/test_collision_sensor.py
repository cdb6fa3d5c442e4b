"""sensor.other.collision: who met whom, how hard, and every one of it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, in_front, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]


def _impulse(event: Any) -> np.ndarray:
    return np.array([event.normal_impulse.x, event.normal_impulse.y, event.normal_impulse.z])


def _velocity(actor: Any) -> np.ndarray:
    v = actor.get_velocity()
    return np.array([v.x, v.y, v.z])


def test_both_cars_are_told_the_momentum_that_went_over(world: Any, car: Any, listen: Listen) -> None:
    struck = in_front(world, car, "vehicle.tesla.model3", 8.0)
    for _ in range(10):
        world.tick()
    mine, theirs = (
        listen(mount(world, who, "sensor.other.collision", carla.Transform())) for who in (car, struck)
    )
    car.set_target_velocity(car.get_transform().get_forward_vector() * 10.0)
    given = None
    for _ in range(20):
        before = _velocity(struck)
        frame = world.tick()
        if struck.get_velocity().length() > 1.0:
            given = _velocity(struck) - before
            break
    assert given is not None, "the car ahead was struck"
    (event,), (answer,) = drain(mine), drain(theirs)
    assert event.frame == answer.frame == frame
    assert (event.actor.id, event.other_actor.id) == (car.id, struck.id)
    assert (answer.actor.id, answer.other_actor.id) == (struck.id, car.id)
    assert event.other_actor.type_id == "vehicle.tesla.model3"
    np.testing.assert_allclose(_impulse(event), -_impulse(answer), rtol=1e-5, atol=1e-2)
    # In the tick of the blow the tyres do little beside it.
    mass = struck.get_physics_control().mass
    np.testing.assert_allclose(_impulse(answer), mass * given, rtol=0.08, atol=0.03 * mass)


def test_an_event_for_each_other_body_in_one_tick(world: Any, car: Any, listen: Listen) -> None:
    walkers = [in_front(world, car, "walker.pedestrian.0001", 6.0, aside) for aside in (-0.6, 0.6)]
    world.tick()
    events = listen(mount(world, car, "sensor.other.collision", carla.Transform()))
    car.enable_constant_velocity(carla.Vector3D(x=6.0))
    for _ in range(20):
        world.tick()
    told = drain(events)
    by_frame: dict[int, list[int]] = {}
    for event in told:
        assert event.actor.id == car.id
        assert event.other_actor.type_id == "walker.pedestrian.0001"
        by_frame.setdefault(event.frame, []).append(event.other_actor.id)
    assert [w.id for w in walkers] in [sorted(ids) for ids in by_frame.values()]
    assert all(len(ids) == len(set(ids)) for ids in by_frame.values()), "a pair once a tick"


@pytest.mark.parametrize("type_id", ["static.prop.trafficcone01", "static.prop.container"])
def test_a_prop_is_told_as_the_actor_that_it_is(world: Any, car: Any, listen: Listen, type_id: str) -> None:
    prop = in_front(world, car, type_id, 8.0)
    world.tick()
    events = listen(mount(world, car, "sensor.other.collision", carla.Transform()))
    answers = listen(mount(world, prop, "sensor.other.collision", carla.Transform()))
    car.set_target_velocity(car.get_transform().get_forward_vector() * 12.0)
    for _ in range(16):
        world.tick()
    told, answered = drain(events), drain(answers)
    assert {(e.other_actor.id, e.other_actor.type_id) for e in told} == {(prop.id, type_id)}
    assert [e.frame for e in told] == [e.frame for e in answered]
    assert {e.other_actor.id for e in answered} == {car.id}
    forward = car.get_transform().get_forward_vector()
    along = np.array([forward.x, forward.y, forward.z])
    assert sum(_impulse(e) @ along for e in told) < 0 < sum(_impulse(e) @ along for e in answered)


def test_who_stands_clear_is_told_nothing(world: Any, car: Any, listen: Listen) -> None:
    in_front(world, car, "vehicle.tesla.model3", 9.0)
    events = listen(mount(world, car, "sensor.other.collision", carla.Transform()))
    loose = listen(mount(world, None, "sensor.other.collision", car.get_transform()))
    for _ in range(20):
        world.tick()
    assert not drain(events)
    assert not drain(loose), "without a parent there is nobody to collide"


def test_a_wall_is_told_by_its_tag(world: Any, car: Any, listen: Listen) -> None:
    house = max(
        world.get_level_bbs(carla.CityObjectLabel.Buildings), key=lambda box: box.extent.x * box.extent.y
    )
    to_wall = house.rotation.get_forward_vector()
    away = house.extent.x + 8.0
    place = carla.Transform(house.location + to_wall * away, house.rotation)
    place.rotation.yaw += 180.0
    place.location.z = house.location.z - house.extent.z + 1.0
    car.set_transform(place)
    car.set_target_velocity(carla.Vector3D())
    for _ in range(20):
        world.tick()
    events = listen(mount(world, car, "sensor.other.collision", carla.Transform()))
    car.set_target_velocity(car.get_transform().get_forward_vector() * 12.0)
    for _ in range(30):
        world.tick()
    told = drain(events)
    assert told, "the house stops the car"
    assert {e.other_actor.id for e in told} == {0}
    building = [e for e in told if e.other_actor.type_id == "static.building"]
    assert building
    assert list(building[0].other_actor.semantic_tags) == [int(carla.CityObjectLabel.Buildings)]
    forward = car.get_transform().get_forward_vector()
    pushed_back = _impulse(max(building, key=lambda e: e.normal_impulse.length()))
    assert pushed_back @ [forward.x, forward.y, forward.z] < -1000.0
