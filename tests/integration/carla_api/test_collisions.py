"""Who runs into whom: vehicles, walkers, props and what stands on the map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import in_front  # noqa: E402
from tests.integration.conftest import end_server, ready, start_server  # noqa: E402

FAST_MPS = 30.0


def _velocity(actor: Any) -> np.ndarray:
    v = actor.get_velocity()
    return np.array([v.x, v.y, v.z])


def _along(car: Any, other: Any) -> float:
    """How far ahead of a car something is."""
    return float((other.get_location() - car.get_location()).dot(car.get_transform().get_forward_vector()))


def test_a_head_on_crash_keeps_the_momentum(world: Any, car: Any) -> None:
    other = in_front(world, car, "vehicle.ford.ambulance", 22.0)
    world.tick()
    place = other.get_transform()
    place.rotation.yaw += 180.0
    other.set_transform(place)
    for _ in range(10):
        world.tick()
    masses = [each.get_physics_control().mass for each in (car, other)]
    for each in (car, other):
        each.set_target_velocity(FAST_MPS * each.get_transform().get_forward_vector())
    met = False
    for _ in range(12):
        before = [_velocity(each) for each in (car, other)]
        world.tick()
        after = [_velocity(each) for each in (car, other)]
        struck = np.linalg.norm(before[0]) > 20.0 and np.linalg.norm(after[0] - before[0]) > 5.0
        if struck:
            met = True
            lost = sum(m * (b - a) for m, a, b in zip(masses, after, before, strict=True))
            moved = sum(m * np.linalg.norm(b) for m, b in zip(masses, before, strict=True))
            assert np.linalg.norm(lost) < 0.01 * moved
    assert met
    assert _along(car, other) > 0.9 * (car.bounding_box.extent.x + other.bounding_box.extent.x)


@pytest.mark.parametrize("type_id", ["static.prop.streetbarrier", "static.prop.barrel", "vehicle.audi.a2"])
def test_no_car_is_too_fast_to_be_stopped(world: Any, car: Any, type_id: str) -> None:
    """A barrier 0.37 m thick stands fast; a parked car is pushed on, never passed through."""
    thing = in_front(world, car, type_id, 14.3)
    world.tick()
    car.set_target_velocity(FAST_MPS * car.get_transform().get_forward_vector())
    for _ in range(20):
        world.tick()
        assert _along(car, thing) > car.bounding_box.extent.x
    if type_id.startswith("static"):
        assert car.get_velocity().length() < 6.0


def test_props_are_pushed_once_they_have_physics(world: Any, car: Any) -> None:
    cone = in_front(world, car, "static.prop.trafficcone01", 8.0)
    cone.set_simulate_physics(True)
    world.tick()
    start = cone.get_location()
    car.set_target_velocity(8.0 * car.get_transform().get_forward_vector())
    fastest = 0.0
    for _ in range(20):
        world.tick()
        fastest = max(fastest, cone.get_velocity().length())
    assert fastest > 7.0
    assert car.get_velocity().length() > 6.5
    car.apply_control(carla.VehicleControl(brake=1.0))
    for _ in range(80):
        world.tick()
    assert cone.get_location().distance(start) > 4.0
    assert cone.get_velocity().length() == 0.0


def test_a_railing_stops_a_car(world: Any, car: Any) -> None:
    """The median's, left of the lane."""
    railings = world.get_level_bbs(carla.CityObjectLabel.Fences)
    start = car.get_transform()
    place = carla.Transform(start.location + 4.0 * start.get_right_vector(), start.rotation)
    place.rotation.yaw -= 90.0
    ahead = place.get_forward_vector()
    near = [b.location for b in railings if b.location.distance(place.location) < 9.0]
    away = [(location - place.location).dot(ahead) for location in near]
    to_rail = min(distance for distance in away if distance > 0.0)
    car.set_transform(place)
    world.tick()
    car.set_target_velocity(15.0 * ahead)
    nearest = 0.0
    for _ in range(30):
        world.tick()
        nearest = max(nearest, (car.get_location() - place.location).dot(ahead) + car.bounding_box.extent.x)
    assert to_rail - 0.3 < nearest < to_rail + 0.1


def test_a_struck_walker_is_thrown_and_gets_up(world: Any, car: Any) -> None:
    walker = in_front(world, car, "walker.pedestrian.0001", 8.0)
    for _ in range(10):
        world.tick()
    start = walker.get_location()
    car.set_target_velocity(12.0 * car.get_transform().get_forward_vector())
    fastest = 0.0
    for _ in range(80):
        world.tick()
        fastest = max(fastest, walker.get_velocity().length())
        if fastest > 1.0:
            car.apply_control(carla.VehicleControl(brake=1.0))
    assert 9.0 < fastest < 12.5
    assert walker.get_location().distance(start) > 3.0
    assert walker.get_velocity().length() < 0.1
    walker.apply_control(carla.WalkerControl(direction=carla.Vector3D(x=1.0), speed=1.4))
    for _ in range(10):
        world.tick()
    assert walker.get_velocity().length() > 0.5, "it gets up: CARLA kills nobody by itself"


@pytest.mark.parametrize("who", ["car", "thing"])
def test_without_collisions_a_car_passes_through(world: Any, car: Any, who: str) -> None:
    thing = in_front(world, car, "static.prop.container", 9.0)
    (car if who == "car" else thing).set_collisions(False)
    car.enable_constant_velocity(carla.Vector3D(x=8.0))
    for _ in range(50):
        world.tick()
    assert _along(car, thing) < -3.0
    assert car.get_location().z > -0.5, "but not through the ground"


def test_a_batch_spawns_a_car_at_every_spawn_point(client: Any, world: Any, library: Any) -> None:
    blueprint = library.find("vehicle.nissan.micra")
    taken: list[Any] = []
    for point in world.get_map().get_spawn_points():
        if all(point.location.distance(other.location) > 5.0 for other in taken):
            taken.append(point)
    answers = client.apply_batch_sync([carla.command.SpawnActor(blueprint, p) for p in taken], False)
    assert len(answers) > 20
    assert not [a.error for a in answers if a.error]


def _pile_up(port: int) -> list[tuple[float, ...]]:
    """Ten cars and a few loose things that crash into one heap, tick by tick."""
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(60.0)
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, 0.05
    world.apply_settings(settings)
    library = world.get_blueprint_library()
    centre = world.get_map().get_spawn_points()[0]
    kinds = sorted(b.id for b in library.filter("vehicle.*") if b.get_attribute("base_type") == "car")
    actors = []
    for k in range(10):
        place = carla.Transform(centre.location, centre.rotation)
        place.location += (9.0 * k - 40.0) * centre.get_forward_vector()
        place.location += 0.4 * (k % 3) * centre.get_right_vector()
        place.rotation.yaw += 180.0 if k >= 5 else 0.0
        actors.append(world.spawn_actor(library.find(kinds[k]), place))
    for k in range(3):
        place = carla.Transform(centre.location + (k - 1.0) * centre.get_forward_vector(), centre.rotation)
        cone = world.spawn_actor(library.find("static.prop.constructioncone"), place)
        cone.set_simulate_physics(True)
        actors.append(cone)
    world.tick()
    for actor in actors[:10]:
        actor.set_target_velocity(18.0 * actor.get_transform().get_forward_vector())
    course: list[tuple[float, ...]] = []
    for _ in range(60):
        world.tick()
        for actor in actors:
            place, velocity = actor.get_transform(), actor.get_velocity()
            course.append((place.location.x, place.location.y, place.rotation.yaw, velocity.x, velocity.y))
    return course


def test_ten_cars_crash_alike_on_two_fresh_servers(maps: Path) -> None:
    courses = []
    for _ in range(2):
        process = start_server(maps, map_name="Yizhuang01", seed=7)
        try:
            courses.append(_pile_up(int(str(ready(process)["port"]))))
        finally:
            code, errors = end_server(process)
        assert code == 0, errors
    assert courses[0] == courses[1]
    first, last = np.array(courses[0][:13]), np.array(courses[0][-13:])
    assert np.abs(last[:10, 3:]).max() < 0.5 * np.abs(first[:10, 3:]).max(), "they did crash"
    assert (np.linalg.norm(last[:10, :2] - first[:10, :2], axis=1) > 1.0).sum() >= 8
