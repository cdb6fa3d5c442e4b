"""Telemetry agrees with the motion."""

import math

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import GRAVITY_MPS2
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from tests.unit.embedded.dynamics.driving import body, controls, drive, one_of_each, set_speed

LEVEL = SlopedPlane()
CAR = body(ObjectClass.CAR)


def test_at_rest_the_wheels_carry_the_weight() -> None:
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies), brake=1.0), 1.0, LEVEL)
    for actor_id, each in zip(vehicles.ids.tolist(), bodies, strict=True):
        told = vehicles.telemetry_of(actor_id)
        assert sum(w.load_n for w in told.wheels) == pytest.approx(each.mass_kg * GRAVITY_MPS2)
        assert [w.load_n for w in told.wheels] == pytest.approx([w.rest_load_n for w in told.wheels])
        assert told.speed_mps == 0.0
        assert told.drag_n == 0.0
        assert all(w.forward_force_n == 0.0 == w.left_force_n for w in told.wheels)
        assert all(w.turning_radps == 0.0 for w in told.wheels)


@pytest.mark.parametrize("asked", [{"throttle": 0.7}, {"brake": 0.5}, {}])
def test_wheel_forces_and_drag_make_the_acceleration(asked: dict[str, float]) -> None:
    vehicles, bodies = one_of_each()
    set_speed(vehicles, 9.0)
    drive(vehicles, controls(len(bodies), **asked), 0.5, LEVEL)
    vehicles.step(0.01, LEVEL)
    for n, (actor_id, each) in enumerate(zip(vehicles.ids.tolist(), bodies, strict=True)):
        told = vehicles.telemetry_of(actor_id)
        force = sum(w.forward_force_n for w in told.wheels) - told.drag_n
        assert force / each.mass_kg == pytest.approx(vehicles.acceleration_mps2[n, 0], abs=0.02)
        assert told.speed_mps == vehicles.speed_mps[n]
        assert sum(w.torque_nm for w in told.wheels) == pytest.approx(
            sum(w.forward_force_n for w in told.wheels) * each.wheel_radius_m
        )
        assert all(
            w.turning_radps == pytest.approx(told.speed_mps / each.wheel_radius_m, rel=0.12)
            for w in told.wheels
        )


def test_turning_loads_the_outer_wheels_and_braking_the_front() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity())
    vehicles.step(0.05, LEVEL)
    set_speed(vehicles, 12.0)
    drive(vehicles, controls(1, throttle=0.3, steer=0.15), 1.5, LEVEL)
    left, right, rear_left, rear_right = vehicles.telemetry_of(1).wheels
    assert left.load_n > right.load_n
    assert rear_left.load_n > rear_right.load_n, "to the right: the left wheels are outside"
    aside = sum(w.left_force_n for w in (left, right, rear_left, rear_right))
    yaw = vehicles.rpy_rad[0, 2]
    felt = vehicles.acceleration_mps2[0, 1] * math.cos(yaw) - vehicles.acceleration_mps2[0, 0] * math.sin(yaw)
    assert aside / CAR.mass_kg == pytest.approx(felt, abs=0.4)
    assert aside < 0.0
    assert left.lateral_slip_rad * left.left_force_n < 0.0, "a tyre pushes against its slip"
    inner, outer = sorted(map(abs, vehicles.wheel_steer_rad(1)[:2]), reverse=True)
    assert inner > outer
    drive(vehicles, controls(1, brake=1.0), 0.4, LEVEL)
    wheels = vehicles.telemetry_of(1).wheels
    assert wheels[0].load_n + wheels[1].load_n > 1.2 * (wheels[2].load_n + wheels[3].load_n)
    assert all(abs(w.forward_force_n) <= 1.001 * w.friction * w.rest_load_n for w in wheels)


def test_engine_and_wheels_turn_together() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity())
    drive(vehicles, controls(1, throttle=0.5), 8.0, LEVEL)
    told = vehicles.telemetry_of(1)
    ratio = CAR.physics.gears[told.gear - 1].ratio * CAR.physics.final_ratio
    rolling = told.speed_mps / CAR.wheel_radius_m * 30.0 / math.pi * ratio
    assert told.engine_rpm == pytest.approx(rolling, rel=0.1)
    assert told.engine_rpm > rolling, "the clutch slips while it pulls"
    assert (told.throttle, told.brake, told.steer) == (0.5, 0.0, 0.0)


def test_in_the_air_and_without_physics_wheels_carry_nothing() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.from_xyz_rpy(0.0, 0.0, 30.0))
    vehicles.add(2, CAR, Pose.from_xyz_rpy(0.0, 50.0, 0.0))
    vehicles.set_simulate_physics(2, False)
    for _ in range(5):
        vehicles.step(0.05, LEVEL)
    for actor_id in (1, 2):
        told = vehicles.telemetry_of(actor_id)
        assert all(w.load_n == w.forward_force_n == w.left_force_n == 0.0 for w in told.wheels)
        assert all(math.isfinite(w.turning_radps) for w in told.wheels)


def test_wheels_without_physics_are_turned_by_hand() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity())
    vehicles.step(0.05, LEVEL)
    vehicles.set_simulate_physics(1, False)
    vehicles.turn_wheel(1, 0, steer_rad=0.3)
    vehicles.turn_wheel(1, 3, steer_rad=-0.2, rotation_rad=1.5)
    assert vehicles.wheel_steer_rad(1) == (0.3, 0.0, 0.0, -0.2)
    assert vehicles.wheel_pitch_rad(1)[3] == 1.5
    vehicles.step(0.05, LEVEL)
    np.testing.assert_allclose([vehicles.steer_rad[0], vehicles.wheel_rotation_rad[0]], [0.3, 1.5])
    vehicles.set_simulate_physics(1, True)
    vehicles.step(0.05, LEVEL)
    assert vehicles.wheel_steer_rad(1)[3] == 0.0
