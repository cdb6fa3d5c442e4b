"""carla.Vehicle: control, motion, lights, physics switches, bounding boxes."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")


def _drive(world: Any, car: Any, ticks: int, **control: object) -> None:
    car.apply_control(carla.VehicleControl(**control))
    for _ in range(ticks):
        world.tick()


def test_throttle_and_brake(world: Any, car: Any) -> None:
    start = car.get_transform()
    _drive(world, car, 60, throttle=0.8)
    forward = car.get_transform().get_forward_vector()
    assert car.get_velocity().dot(forward) > 5.0
    assert (car.get_location() - start.location).dot(start.get_forward_vector()) > 5.0
    assert car.get_control().throttle == pytest.approx(0.8)
    assert car.get_control().gear >= 1
    _drive(world, car, 80, brake=1.0)
    assert car.get_velocity().length() < 0.05


def test_steering_turns_to_the_side_that_carla_says(world: Any, car: Any) -> None:
    _drive(world, car, 30, throttle=0.6)
    before = car.get_transform()
    _drive(world, car, 20, throttle=0.4, steer=0.4)
    after = car.get_transform()
    turned = (after.rotation.yaw - before.rotation.yaw + 180) % 360 - 180
    assert turned > 5.0, "a positive steer turns right: yaw grows in CARLA's frame"
    assert (after.location - before.location).dot(before.get_right_vector()) > 0.1
    assert car.get_angular_velocity().z > 5.0


def test_reverse_goes_backwards(world: Any, car: Any) -> None:
    _drive(world, car, 40, throttle=0.5, reverse=True)
    assert car.get_velocity().dot(car.get_transform().get_forward_vector()) < -1.0
    assert car.get_control().gear == -1


def test_lights_come_back(world: Any, car: Any) -> None:
    lights = carla.VehicleLightState(carla.VehicleLightState.LowBeam | carla.VehicleLightState.LeftBlinker)
    car.set_light_state(lights)
    assert car.get_light_state() == lights
    assert dict(world.get_vehicles_light_states()) == {car.id: lights}


def test_without_physics_a_car_stays(world: Any, car: Any) -> None:
    car.set_simulate_physics(False)
    place = car.get_location()
    _drive(world, car, 20, throttle=1.0)
    assert car.get_location().distance(place) < 1e-3
    car.set_simulate_physics(True)
    _drive(world, car, 20, throttle=1.0)
    assert car.get_location().distance(place) > 0.2


def test_velocities_are_set(world: Any, car: Any) -> None:
    forward = car.get_transform().get_forward_vector()
    car.set_target_velocity(forward * 8.0)
    world.tick()
    assert car.get_velocity().dot(forward) == pytest.approx(8.0, abs=0.5)
    car.enable_constant_velocity(carla.Vector3D(x=6.0))
    for _ in range(20):
        world.tick()
    assert car.get_velocity().length() == pytest.approx(6.0, abs=0.1)
    car.disable_constant_velocity()


def test_the_speed_limit_is_the_roads(world: Any, car: Any) -> None:
    assert car.get_speed_limit() == pytest.approx(60.0, abs=0.1)


def test_acceleration_is_the_change_of_velocity(world: Any, car: Any) -> None:
    _drive(world, car, 20, throttle=0.7)
    before = car.get_velocity()
    world.tick()
    after = car.get_velocity()
    got = car.get_acceleration()
    assert got.x == pytest.approx((after.x - before.x) / 0.05, abs=0.05)
    assert got.y == pytest.approx((after.y - before.y) / 0.05, abs=0.05)


def test_cars_do_not_drive_through_each_other(world: Any, library: Any, car: Any) -> None:
    place = car.get_transform()
    ahead = carla.Transform(place.location + place.get_forward_vector() * 20.0, place.rotation)
    ahead.location.z += 0.3
    other = world.spawn_actor(library.find("vehicle.ford.ambulance"), ahead)
    car.enable_constant_velocity(carla.Vector3D(x=10.0))
    for _ in range(60):
        world.tick()
        gap = (other.get_location() - car.get_location()).dot(car.get_transform().get_forward_vector())
        assert gap > 0.8 * (car.bounding_box.extent.x + other.bounding_box.extent.x)


def test_level_boxes_and_environment_objects(world: Any) -> None:
    buildings = world.get_level_bbs(carla.CityObjectLabel.Buildings)
    objects = world.get_environment_objects(carla.CityObjectLabel.Buildings)
    assert len(buildings) == len(objects)
    for found in objects:
        assert found.type == carla.CityObjectLabel.Buildings
        assert min(found.bounding_box.extent.x, found.bounding_box.extent.y) > 1.0
    assert world.get_level_bbs(carla.CityObjectLabel.Train) == []
