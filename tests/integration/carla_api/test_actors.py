"""carla.Actor: blueprints, spawning, attaching, placing, destroying, batches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")


def _ahead(transform: Any, metres: float, right: float = 0.0, up: float = 0.5) -> Any:
    forward, side = transform.get_forward_vector(), transform.get_right_vector()
    place = transform.location + carla.Location(
        forward.x * metres + side.x * right, forward.y * metres + side.y * right, up
    )
    return carla.Transform(place, transform.rotation)


def test_all_families_are_in_the_library(library: Any) -> None:
    assert len(library) > 200
    for pattern in ("sensor.*", "static.prop.*", "vehicle.*", "walker.pedestrian.*"):
        assert library.filter(pattern)
    for blueprint in library:
        assert len(blueprint.id.split(".")) >= 3
        assert blueprint.has_attribute("role_name")
        assert blueprint.match_tags(blueprint.id.split(".")[0])


def test_attributes_can_be_set_and_read(world: Any, library: Any) -> None:
    blueprint = library.find("vehicle.tesla.model3")
    assert blueprint.get_attribute("number_of_wheels").as_int() == 4
    assert blueprint.get_attribute("base_type").as_str() == "car"
    assert len(blueprint.get_attribute("color").recommended_values) > 3
    blueprint.set_attribute("color", "12,34,56")
    blueprint.set_attribute("role_name", "hero")
    actor = world.spawn_actor(blueprint, world.get_map().get_spawn_points()[0])
    world.tick()
    (found,) = world.get_actors([actor.id])
    assert found.attributes["color"] == "12,34,56"
    assert found.attributes["role_name"] == "hero"
    assert found.attributes["base_type"] == "car"
    assert list(found.semantic_tags) == [int(carla.CityObjectLabel.Car)]
    assert found.type_id == "vehicle.tesla.model3"


def test_every_vehicle_and_walker_spawns_with_its_box(client: Any, world: Any, library: Any) -> None:
    points = world.get_map().get_spawn_points()
    vehicles, walkers = list(library.filter("vehicle.*")), list(library.filter("walker.pedestrian.*"))
    batch = [carla.command.SpawnActor(b, p) for b, p in zip(vehicles + walkers, points[::2], strict=False)]
    answers = client.apply_batch_sync(batch, True)
    assert [a.error for a in answers if a.error] == []
    assert len(answers) == len(vehicles) + len(walkers) <= len(points[::2])
    actors = {a.id: a for a in world.get_actors([a.actor_id for a in answers])}
    for answer in answers:
        actor = actors[answer.actor_id]
        box = actor.bounding_box
        assert min(box.extent.x, box.extent.y, box.extent.z) > 0.1
        if actor.type_id.startswith("vehicle"):
            assert box.location.z == pytest.approx(box.extent.z)
        else:
            assert box.location.z == 0.0
            assert actor.get_transform().location.z == pytest.approx(box.extent.z, abs=0.3)


def test_a_place_that_is_taken_is_refused_in_carlas_words(world: Any, library: Any, car: Any) -> None:
    blueprint = library.find("vehicle.audi.tt")
    with pytest.raises(RuntimeError, match="Spawn failed because of collision at spawn position"):
        world.spawn_actor(blueprint, car.get_transform())
    assert world.try_spawn_actor(blueprint, car.get_transform()) is None
    assert world.try_spawn_actor(blueprint, _ahead(car.get_transform(), 6.0)) is not None


def test_an_unknown_blueprint_is_named(world: Any, library: Any) -> None:
    answer = world.try_spawn_actor(library.find("static.prop.mesh"), carla.Transform())
    assert answer is None
    with pytest.raises(RuntimeError, match=r"cannot spawn 'sensor\.other\.v2x'"):
        world.spawn_actor(library.find("sensor.other.v2x"), carla.Transform())


def test_props_are_seen_by_a_camera(world: Any, library: Any, listen: Any) -> None:
    kinds = ("static.prop.streetbarrier", "static.prop.busstop", "static.prop.vendingmachine")
    actors = [
        world.spawn_actor(library.find(kind), carla.Transform(carla.Location(x=308.0, y=300.0 + 4.0 * i)))
        for i, kind in enumerate(kinds)
    ]
    blueprint = library.find("sensor.camera.instance_segmentation")
    camera = world.spawn_actor(blueprint, carla.Transform(carla.Location(x=296.0, y=304.0, z=2.0)))
    images = listen(camera)
    world.tick()
    pixels = np.frombuffer(images.get(timeout=60.0).raw_data, np.uint8).reshape(600, 800, 4).astype(int)
    ids = set(np.unique(pixels[..., 1] + 256 * pixels[..., 0]).tolist())
    assert {actor.id for actor in actors} <= ids


def test_an_actor_is_put_where_it_is_told(world: Any, library: Any, car: Any) -> None:
    points = world.get_map().get_spawn_points()
    car.set_transform(points[40])
    world.tick()
    assert car.get_location().distance(points[40].location) < 0.2
    turned = car.get_transform().rotation.yaw
    car.set_location(points[41].location)
    world.tick()
    assert car.get_location().distance(points[41].location) < 0.2
    assert car.get_transform().rotation.yaw == pytest.approx(turned, abs=1.0)
    prop = world.spawn_actor(library.find("static.prop.trafficcone01"), _ahead(points[60], 0.0, up=0.0))
    prop.set_transform(points[61])
    world.tick()
    assert prop.get_location().distance(points[61].location) < 1e-3


def test_a_child_moves_with_its_parent(world: Any, library: Any, car: Any) -> None:
    mount = carla.Transform(carla.Location(x=1.5, y=-0.5, z=1.7), carla.Rotation(yaw=30.0))
    sensor = world.spawn_actor(library.find("sensor.other.gnss"), mount, attach_to=car)
    child = world.spawn_actor(library.find("sensor.other.imu"), mount, attach_to=sensor)
    car.apply_control(carla.VehicleControl(throttle=1.0, steer=0.3))
    for _ in range(30):
        world.tick()
    parent = car.get_transform()
    assert car.get_velocity().length() > 1.0
    wanted = parent.transform(carla.Location(mount.location))
    assert sensor.get_location().distance(wanted) < 1e-3
    turned = (sensor.get_transform().rotation.yaw - parent.rotation.yaw) % 360
    assert turned == pytest.approx(30.0, abs=0.05)
    again = sensor.get_transform().transform(carla.Location(mount.location))
    assert child.get_location().distance(again) < 1e-3
    place = sensor.get_transform()
    car.destroy()
    world.tick()
    assert sensor.get_location().distance(place.location) < 1e-3, "it stays where its parent left it"


def test_a_destroyed_actor_is_gone(world: Any, car: Any) -> None:
    assert car.destroy()
    world.tick()
    assert car.id not in [a.id for a in world.get_actors()]
    with pytest.raises(RuntimeError):
        car.get_transform()


def test_what_belongs_to_the_map_stays(client: Any, world: Any) -> None:
    ids = [world.get_spectator().id, world.get_actors().filter("traffic.traffic_light")[0].id]
    answers = client.apply_batch_sync([carla.command.DestroyActor(i) for i in ids], True)
    assert all("belongs to the map" in a.error for a in answers)
    (missing,) = client.apply_batch_sync([carla.command.DestroyActor(4_000_000)], False)
    assert missing.error == "actor 4000000 does not exist"


def test_commands_after_a_spawn_are_about_the_new_actor(client: Any, world: Any, library: Any) -> None:
    point = world.get_map().get_spawn_points()[3]
    velocity = point.get_forward_vector() * 5.0
    command = carla.command.SpawnActor(library.find("vehicle.mini.cooper_s"), point)
    command = command.then(carla.command.SetVehicleLightState(carla.command.FutureActor, 3))
    command = command.then(carla.command.ApplyTargetVelocity(carla.command.FutureActor, velocity))
    (answer,) = client.apply_batch_sync([command], True)
    assert not answer.error
    (actor,) = world.get_actors([answer.actor_id])
    assert int(actor.get_light_state()) == 3
    assert actor.get_velocity().length() == pytest.approx(5.0, abs=0.5)


def test_an_asynchronous_batch_can_tick(client: Any, world: Any, library: Any) -> None:
    frame = world.get_snapshot().frame
    client.apply_batch([], True)
    assert world.tick() == frame + 2


def test_ids_are_never_used_again(client: Any, world: Any, library: Any) -> None:
    seen: set[int] = set()
    blueprint, point = library.find("vehicle.audi.a2"), world.get_map().get_spawn_points()[0]
    for _ in range(5):
        actor = world.spawn_actor(blueprint, point)
        assert actor.id not in seen
        seen.add(actor.id)
        world.tick()  # what no snapshot has told of, the client may hold for dead
        assert actor.destroy()
    world.tick()


def test_rotations_and_places_keep_carlas_frame(world: Any, library: Any) -> None:
    wanted = carla.Transform(carla.Location(3.0, -4.0, 5.0), carla.Rotation(pitch=10.0, yaw=-120.0, roll=5.0))
    prop = world.spawn_actor(library.find("static.prop.gnome"), wanted)
    world.tick()
    got = prop.get_transform()
    assert got.location.distance(wanted.location) < 1e-4
    for name in ("pitch", "yaw", "roll"):
        assert getattr(got.rotation, name) == pytest.approx(getattr(wanted.rotation, name), abs=1e-3)
    assert math.isclose(got.get_forward_vector().x, wanted.get_forward_vector().x, abs_tol=1e-4)
