"""Impulses, forces and torques that clients put on vehicles."""

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from tests.unit.embedded.dynamics.driving import body

LEVEL = SlopedPlane()
CAR = body(ObjectClass.CAR)
INERTIA = CAR.mass_kg * (CAR.size_m[0] ** 2 + CAR.size_m[1] ** 2) / 12.0


def floating(yaw_rad: float = 0.0) -> VehicleDynamics:
    """A car without gravity, so that no tyre hinders it."""
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.from_xyz_rpy(10.0, 20.0, 0.0, yaw_rad=yaw_rad))
    vehicles.set_gravity(1, False)
    return vehicles


@pytest.mark.parametrize("yaw_rad", [0.0, 2.0])
def test_an_impulse_is_mass_times_velocity(yaw_rad: float) -> None:
    vehicles = floating(yaw_rad)
    vehicles.add_impulse(1, np.array([3000.0, -1500.0, 0.0]))
    vehicles.step(0.05, LEVEL)
    np.testing.assert_allclose(
        vehicles.velocity_mps[0], np.array([3000.0, -1500.0, 0.0]) / CAR.mass_kg, rtol=0.01
    )


@pytest.mark.parametrize("dt_s", [0.01, 0.05])
def test_a_force_acts_over_the_next_step_alone(dt_s: float) -> None:
    vehicles = floating(1.0)
    vehicles.add_force(1, np.array([0.0, 8000.0, 0.0]))
    vehicles.add_force(1, np.array([0.0, 2000.0, 0.0]))
    vehicles.step(dt_s, LEVEL)
    first = vehicles.velocity_mps[0].copy()
    assert first[1] == pytest.approx(1e4 * dt_s / CAR.mass_kg, rel=1e-3)
    vehicles.step(dt_s, LEVEL)
    np.testing.assert_allclose(vehicles.velocity_mps[0], first, rtol=2e-3, atol=1e-6)


def test_pushes_beside_the_centre_turn() -> None:
    at = np.array([12.0, 20.0, 0.5])
    lever = 2.0 - (CAR.front_axle_m - CAR.rear_axle_m) / 2
    vehicles = floating()
    vehicles.add_impulse(1, np.array([0.0, 1000.0, 0.0]), at)
    vehicles.step(0.05, LEVEL)
    assert vehicles.angular_velocity_radps[0, 2] == pytest.approx(1000.0 * lever / INERTIA)
    vehicles = floating()
    vehicles.add_force(1, np.array([0.0, 1000.0, 0.0]), at)
    vehicles.step(0.05, LEVEL)
    assert vehicles.angular_velocity_radps[0, 2] == pytest.approx(50.0 * lever / INERTIA)


def test_angular_impulse_and_torque() -> None:
    vehicles = floating()
    vehicles.add_angular_impulse(1, np.array([0.0, 0.0, 500.0]))
    vehicles.step(0.05, LEVEL)
    assert vehicles.angular_velocity_radps[0, 2] == pytest.approx(500.0 / INERTIA)
    vehicles.add_torque(1, np.array([0.0, 0.0, -1e4]))
    vehicles.step(0.05, LEVEL)
    vehicles.step(0.05, LEVEL)
    assert vehicles.angular_velocity_radps[0, 2] == pytest.approx(0.0, abs=1e-9)


def test_tyres_resist_a_push_from_the_side() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity())
    for _ in range(20):
        vehicles.add_force(1, np.array([0.0, 3000.0, 0.0]))
        vehicles.step(0.05, LEVEL)
    assert abs(vehicles.position_m[0, 1]) < 0.5
    assert 3000.0 / CAR.mass_kg * 0.5 > 0.9, "without tyres it would be a metre away"


def test_turning_in_the_air_turns_no_velocity() -> None:
    vehicles = floating()
    vehicles.set_target_velocity(1, np.array([10.0, 0.0, 0.0]))
    vehicles.set_target_angular_velocity(1, np.array([0.0, 0.0, 1.0]))
    for _ in range(20):
        vehicles.step(0.05, LEVEL)
    assert vehicles.rpy_rad[0, 2] == pytest.approx(1.0)
    np.testing.assert_allclose(vehicles.velocity_mps[0, 1], 0.0, atol=0.2)


def test_a_stopped_engine_drives_no_more_and_is_told_of() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity())
    assert vehicles.failure.tolist() == [0]
    vehicles.stop_engine(1)
    vehicles.set_course(1, (0.0, 0.0, 5.0, 0.0, 0.0))
    for _ in range(40):
        vehicles.step(0.05, LEVEL)
    assert vehicles.controls.throttle[0] > 0.0
    assert vehicles.speed_mps[0] == 0.0
    assert vehicles.failure.tolist() == [2]
