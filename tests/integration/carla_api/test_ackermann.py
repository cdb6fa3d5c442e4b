"""carla.Vehicle: Ackermann control."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")


def _ahead(car: Any) -> float:
    return float(car.get_velocity().dot(car.get_transform().get_forward_vector()))


def test_gains_come_back(car: Any) -> None:
    usual = car.get_ackermann_controller_settings()
    assert (usual.speed_kp, usual.speed_ki, usual.speed_kd) == pytest.approx((0.15, 0.0, 0.25))
    assert (usual.accel_kp, usual.accel_ki, usual.accel_kd) == pytest.approx((0.01, 0.0, 0.01))
    wanted = carla.AckermannControllerSettings(
        speed_kp=0.3, speed_ki=0.0, speed_kd=0.1, accel_kp=0.05, accel_ki=0.0, accel_kd=0.01
    )
    car.apply_ackermann_controller_settings(wanted)
    got = car.get_ackermann_controller_settings()
    assert (got.speed_kp, got.speed_kd, got.accel_kp) == pytest.approx((0.3, 0.1, 0.05))


@pytest.mark.parametrize("batch", [False, True])
def test_a_speed_is_kept_until_a_control_is_applied(client: Any, world: Any, car: Any, batch: bool) -> None:
    quick = carla.AckermannControllerSettings(
        speed_kp=0.3, speed_ki=0.0, speed_kd=0.1, accel_kp=0.05, accel_ki=0.0, accel_kd=0.01
    )
    car.apply_ackermann_controller_settings(quick)
    course = carla.VehicleAckermannControl(speed=4.0, acceleration=2.0)
    if batch:
        command = carla.command.ApplyVehicleAckermannControl(car, course)
        (answer,) = client.apply_batch_sync([command], False)
        assert not answer.error
    else:
        car.apply_ackermann_control(course)
    for _ in range(160):
        world.tick()
    assert _ahead(car) == pytest.approx(4.0, abs=0.5)
    car.apply_control(carla.VehicleControl(brake=1.0))
    for _ in range(40):
        world.tick()
    assert _ahead(car) == pytest.approx(0.0, abs=0.01)


def test_the_wheel_turns_at_the_speed_asked_for(world: Any, car: Any) -> None:
    car.apply_ackermann_control(carla.VehicleAckermannControl(steer=0.4, steer_speed=0.4, speed=1.0))
    for _ in range(10):
        world.tick()
    lock = car.get_physics_control().wheels[0].max_steer_angle * 3.14159265 / 180.0
    assert car.get_control().steer == pytest.approx(0.2 / lock, rel=0.02)
