"""carla.Vehicle: physics control, telemetry, forces, wheels (as CARLA's smoke test of them)."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")

FIELDS = (
    "max_rpm", "moi", "damping_rate_full_throttle", "damping_rate_zero_throttle_clutch_engaged",
    "damping_rate_zero_throttle_clutch_disengaged", "use_gear_autobox", "gear_switch_time",
    "clutch_strength", "final_ratio", "mass", "drag_coefficient", "use_sweep_wheel_collision",
)  # fmt: skip
WHEEL_FIELDS = (
    "tire_friction", "damping_rate", "max_steer_angle", "radius", "max_brake_torque", "max_handbrake_torque",
    "lat_stiff_max_load", "lat_stiff_value", "long_stiff_value",
)  # fmt: skip


def changed(vehicle: Any, **changes: Any) -> Any:
    """The vehicle's physics control with fields changed; those of wheels in all wheels."""
    control = vehicle.get_physics_control()
    wheels = list(control.wheels)
    for name, value in changes.items():
        if name in WHEEL_FIELDS:
            for wheel in wheels:
                setattr(wheel, name, value)
        else:
            setattr(control, name, value)
    control.wheels = wheels
    return control


def values(control: Any) -> list[float]:
    """All that a physics control carries, but the wheels' places."""
    found = [float(getattr(control, name)) for name in FIELDS]
    for points in (control.torque_curve, control.steering_curve):
        found += [value for point in points for value in (point.x, point.y)]
    for gear in control.forward_gears:
        found += [gear.ratio, gear.down_ratio, gear.up_ratio]
    found += [control.center_of_mass.x, control.center_of_mass.y, control.center_of_mass.z]
    for wheel in control.wheels:
        found += [float(getattr(wheel, name)) for name in WHEEL_FIELDS]
    return found


@pytest.fixture
def pair(world: Any, library: Any, car: Any) -> tuple[Any, Any]:
    """Two cars as far from each other as spawn points lie."""
    here = car.get_location()
    spots = sorted(world.get_map().get_spawn_points(), key=lambda spot: here.distance(spot.location))
    other = world.spawn_actor(library.find("vehicle.tesla.model3"), spots[-1])
    for _ in range(10):
        world.tick()
    return car, other


def ahead(car: Any, speed_mps: float) -> Any:
    return car.get_transform().get_forward_vector() * speed_mps


def test_every_blueprint_has_physics_that_come_back(client: Any, world: Any, library: Any) -> None:
    spot = world.get_map().get_spawn_points()[0]
    for blueprint in library.filter("vehicle.*"):
        vehicle = world.spawn_actor(blueprint, spot)
        before = vehicle.get_physics_control()
        assert len(before.wheels) == 4
        sent = changed(vehicle, drag_coefficient=5.0, tire_friction=5.0, long_stiff_value=987.0)
        vehicle.apply_physics_control(sent)
        got = vehicle.get_physics_control()
        assert values(got) == values(sent), blueprint.id
        assert values(got) != values(before)
        client.apply_batch_sync([carla.command.ApplyVehiclePhysicsControl(vehicle, before)], False)
        assert values(vehicle.get_physics_control()) == values(before)
        world.tick()  # what no snapshot has told of, the client may hold for dead
        assert vehicle.destroy()


def test_all_fields_come_back_and_wheels_are_where_they_are_seen(world: Any, car: Any) -> None:
    sent = changed(car, mass=2000.0, max_rpm=7000.0, moi=0.5, use_sweep_wheel_collision=True, radius=40.0)
    sent.torque_curve = [carla.Vector2D(x=0, y=400), carla.Vector2D(x=1300, y=600)]
    sent.steering_curve = [carla.Vector2D(x=0, y=1), carla.Vector2D(x=100, y=0.3)]
    sent.forward_gears = [carla.GearPhysicsControl(ratio=3.0, down_ratio=0.3, up_ratio=0.6)]
    sent.center_of_mass = carla.Vector3D(x=0.2, y=0.1, z=-0.3)
    car.apply_physics_control(sent)
    world.tick()
    got = car.get_physics_control()
    assert values(got) == values(sent)
    place = car.get_transform()
    for index, wheel in enumerate(got.wheels):
        at = carla.Location(wheel.position.x / 100, wheel.position.y / 100, wheel.position.z / 100)
        local = at - place.location
        forward, right = local.dot(place.get_forward_vector()), local.dot(place.get_right_vector())
        assert (forward > 1.0) == (index < 2)
        assert (right > 0.5) == (index % 2 == 1), "order: left before right"
        assert local.dot(place.get_up_vector()) == pytest.approx(0.4, abs=0.02)


def test_bad_physics_are_refused_and_change_nothing(client: Any, car: Any) -> None:
    before = values(car.get_physics_control())
    wrong = changed(car, mass=0.0)
    (answer,) = client.apply_batch_sync([carla.command.ApplyVehiclePhysicsControl(car, wrong)], False)
    assert "mass" in answer.error
    assert values(car.get_physics_control()) == before


def test_without_friction_a_car_slides(client: Any, world: Any, pair: tuple[Any, Any]) -> None:
    sliding, other = pair
    for vehicle, changes in ((sliding, {"tire_friction": 0.0}), (other, {})):
        vehicle.apply_physics_control(changed(vehicle, drag_coefficient=0.0, **changes))
    other.set_enable_gravity(False)
    world.tick()
    for vehicle in pair:
        vehicle.set_target_velocity(ahead(vehicle, 10.0))
    world.tick()
    for vehicle in pair:
        vehicle.apply_control(carla.VehicleControl(brake=1.0, steer=0.5))
    headings = [vehicle.get_transform().rotation.yaw for vehicle in pair]
    for _ in range(8):  # 4 m, before a kerb
        world.tick()
    for vehicle, heading in zip(pair, headings, strict=True):
        assert vehicle.get_velocity().length() == pytest.approx(10.0, abs=0.1)
        assert vehicle.get_transform().rotation.yaw == pytest.approx(heading, abs=0.1)


def test_more_friction_stops_sooner(world: Any, pair: tuple[Any, Any]) -> None:
    ways = []
    for friction, vehicle in zip((0.5, 3.0), pair, strict=True):
        vehicle.apply_physics_control(changed(vehicle, tire_friction=friction))
        vehicle.set_target_velocity(ahead(vehicle, 8.0))
        vehicle.apply_control(carla.VehicleControl(brake=1.0))
    starts = [vehicle.get_location() for vehicle in pair]
    for _ in range(80):
        world.tick()
    ways = [start.distance(vehicle.get_location()) for start, vehicle in zip(starts, pair, strict=True)]
    assert ways[1] < 0.75 * ways[0]


def friction_trigger(world: Any, library: Any, place: Any, friction: float, half_m: Any) -> Any:
    blueprint = library.find("static.trigger.friction")
    blueprint.set_attribute("friction", str(friction))
    for axis in "xyz":
        blueprint.set_attribute(f"extent_{axis}", str(100.0 * getattr(half_m, axis)))
    return world.spawn_actor(blueprint, place)


def test_a_friction_trigger_acts_where_it_is(world: Any, library: Any, pair: tuple[Any, Any]) -> None:
    """What CARLA's smoke test asks: without friction before, slowed within, without friction after."""
    other, car = pair
    start = car.get_transform()
    middle = carla.Transform(start.location + ahead(car, 6.0), start.rotation)
    trigger = friction_trigger(world, library, middle, 5.0, carla.Vector3D(x=2.0, y=3.0, z=1.0))
    assert trigger.bounding_box.extent.x == pytest.approx(2.0)
    for vehicle in pair:
        vehicle.apply_physics_control(changed(vehicle, drag_coefficient=0.0, tire_friction=0.0))
        vehicle.set_target_velocity(ahead(vehicle, 10.0))
    course = []
    for _ in range(30):
        world.tick()
        along = (car.get_location() - start.location).dot(start.get_forward_vector())
        course.append((along, car.get_physics_control().wheels[0].tire_friction, car.get_velocity().length()))
        assert other.get_physics_control().wheels[0].tire_friction == 0.0
    assert {friction for along, friction, _ in course if along < 2.0} == {0.0}
    assert {friction for along, friction, _ in course if 3.5 < along < 6.0} == {5.0}
    assert {friction for along, friction, _ in course if along > 8.0} == {0.0}
    speeds = [speed for _, _, speed in course]
    assert speeds[1] == pytest.approx(10.0, abs=1e-3)
    assert speeds[-1] < 9.9
    assert other.get_velocity().length() == pytest.approx(10.0, abs=0.1)


def test_a_friction_trigger_is_in_nobodys_way_and_unseen(
    client: Any, world: Any, library: Any, car: Any, listen: Any
) -> None:
    place = car.get_transform()
    blueprint = library.find("sensor.camera.semantic_segmentation")
    camera = world.spawn_actor(blueprint, carla.Transform(carla.Location(x=-6.0, z=3.0)), attach_to=car)
    images = listen(camera)
    world.tick()
    before = bytes(images.get(timeout=20.0).raw_data)
    trigger = friction_trigger(world, library, place, 3.5, carla.Vector3D(x=9.0, y=9.0, z=9.0))
    world.tick()
    assert bytes(images.get(timeout=20.0).raw_data) == before
    assert not trigger.semantic_tags
    assert trigger.get_location().distance(place.location) == pytest.approx(0.0, abs=1e-4)
    assert (
        world.cast_ray(place.location + carla.Location(z=20.0), place.location + carla.Location(z=15.0)) == []
    )
    camera.stop()
    camera.destroy()
    car.destroy()
    assert world.try_spawn_actor(library.find("vehicle.audi.tt"), place) is not None
    assert trigger.destroy()


@pytest.mark.parametrize(
    ("substepping", "length", "most"), [(True, 0.01, 10), (True, 0.05, 16), (False, 0.01, 1)]
)
def test_substeps_give_like_results(
    world: Any, car: Any, substepping: bool, length: float, most: int
) -> None:
    settings = world.get_settings()
    settings.substepping, settings.max_substep_delta_time, settings.max_substeps = substepping, length, most
    world.apply_settings(settings)
    car.apply_control(carla.VehicleControl(throttle=0.7))
    start = car.get_location()
    for _ in range(40):
        world.tick()
    assert car.get_velocity().length() == pytest.approx(5.7, abs=0.4)
    assert start.distance(car.get_location()) == pytest.approx(5.5, abs=0.5)


def test_telemetry_agrees_with_the_motion(world: Any, car: Any) -> None:
    for _ in range(10):
        world.tick()
    control = car.get_physics_control()
    told = car.get_telemetry_data()
    assert sum(w.tire_load for w in told.wheels) == pytest.approx(control.mass * 9.81, rel=0.01)
    assert told.speed == pytest.approx(0.0, abs=0.01)
    car.apply_control(carla.VehicleControl(throttle=0.6))
    for _ in range(60):
        world.tick()
    told = car.get_telemetry_data()
    assert told.speed == pytest.approx(car.get_velocity().length(), rel=0.02)
    assert (told.throttle, told.brake, told.gear) == (pytest.approx(0.6), 0.0, car.get_control().gear)
    assert 500.0 < told.engine_rpm < control.max_rpm
    force = sum(w.long_force for w in told.wheels) - told.drag
    assert force / control.mass == pytest.approx(car.get_acceleration().length(), abs=0.15)
    for wheel in told.wheels:
        assert wheel.omega == pytest.approx(told.speed / (control.wheels[0].radius / 100), rel=0.1)
        assert wheel.torque == pytest.approx(wheel.long_force * control.wheels[0].radius / 100, rel=1e-4)
    car.show_debug_telemetry(True)
    assert car.get_failure_state() == carla.VehicleFailureState.NONE


def test_gears_are_the_drivers(world: Any, car: Any) -> None:
    car.apply_control(carla.VehicleControl(throttle=1.0, manual_gear_shift=True, gear=0))
    for _ in range(20):
        world.tick()
    assert car.get_control().gear == 0
    assert car.get_velocity().length() < 0.05
    assert car.get_telemetry_data().engine_rpm > 2000.0
    car.apply_control(carla.VehicleControl(throttle=1.0, manual_gear_shift=True, gear=-1))
    for _ in range(20):
        world.tick()
    assert car.get_control().gear == -1
    assert car.get_control().reverse
    assert car.get_velocity().dot(car.get_transform().get_forward_vector()) < -0.5


def test_impulses_and_forces(client: Any, world: Any, car: Any) -> None:
    mass = car.get_physics_control().mass
    forward = car.get_transform().get_forward_vector()
    car.apply_control(carla.VehicleControl(manual_gear_shift=True, gear=0))
    car.add_impulse(forward * mass * 4.0)
    world.tick()
    assert car.get_velocity().dot(forward) == pytest.approx(4.0, abs=0.2)
    before = car.get_velocity().dot(forward)
    car.add_force(forward * mass * 6.0)
    world.tick()
    after = car.get_velocity().dot(forward)
    assert after - before == pytest.approx(0.3, abs=0.05), "6 m/s2 over a step of 0.05 s"
    world.tick()
    assert car.get_velocity().dot(forward) == pytest.approx(after, abs=0.05), "over one step alone"
    client.apply_batch_sync([carla.command.ApplyForce(car, forward * mass * 6.0)], False)
    world.tick()
    assert car.get_velocity().dot(forward) - after == pytest.approx(0.25, abs=0.08)


def test_what_turns_a_car_is_in_degrees_and_centimetres(client: Any, world: Any, car: Any) -> None:
    car.set_enable_gravity(False)
    size, mass = car.bounding_box.extent, car.get_physics_control().mass
    inertia = mass * ((2 * size.x) ** 2 + (2 * size.y) ** 2) / 12.0
    one = carla.Vector3D(z=10.0 * inertia * 1e4)
    car.add_angular_impulse(one)
    world.tick()
    assert car.get_angular_velocity().z == pytest.approx(10.0, rel=0.01)
    client.apply_batch_sync([carla.command.ApplyAngularImpulse(car, one)], False)
    world.tick()
    assert car.get_angular_velocity().z == pytest.approx(20.0, rel=0.01)
    (answer,) = client.apply_batch_sync([carla.command.ApplyTorque(car, one * -20.0)], False)
    assert not answer.error
    world.tick()
    assert car.get_angular_velocity().z == pytest.approx(10.0, rel=0.01)


def test_wheels_are_turned_by_physics_or_by_hand(world: Any, car: Any) -> None:
    front, rear = carla.VehicleWheelLocation.FL_Wheel, carla.VehicleWheelLocation.BL_Wheel
    car.apply_control(carla.VehicleControl(steer=0.5))
    for _ in range(20):
        world.tick()
    left, right = (car.get_wheel_steer_angle(w) for w in (front, carla.VehicleWheelLocation.FR_Wheel))
    assert right > left > 5.0, "to the right the right wheel is the inner one"
    assert car.get_wheel_steer_angle(rear) == 0.0
    car.set_wheel_steer_direction(front, -10.0)
    world.tick()
    assert car.get_wheel_steer_angle(front) == pytest.approx(left, abs=0.1), "as in CARLA"
    car.set_simulate_physics(False)
    car.set_wheel_steer_direction(front, -10.0)
    world.tick()
    assert car.get_wheel_steer_angle(front) == pytest.approx(-10.0)
