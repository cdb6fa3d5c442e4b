"""Courses and speeds that are kept."""

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from tests.unit.embedded.dynamics.driving import KINDS, body, controls, one_of_each

LEVEL = SlopedPlane()
QUICK = (0.3, 0.0, 0.1, 0.05, 0.0, 0.01)


def keep(vehicles: VehicleDynamics, seconds: float, **want: float) -> np.ndarray:
    """Speeds tick by tick."""
    course = tuple(want.get(k, 0.0) for k in ("steer", "steer_speed", "speed", "acceleration", "jerk"))
    for actor_id in vehicles.ids.tolist():
        vehicles.set_course(actor_id, course)
    seen = []
    for _ in range(round(seconds / 0.05)):
        vehicles.step(0.05, LEVEL)
        seen.append(vehicles.speed_mps)
    return np.array(seen)


def car() -> VehicleDynamics:
    vehicles = VehicleDynamics()
    vehicles.add(1, body(ObjectClass.CAR), Pose.identity())
    vehicles.step(0.05, LEVEL)
    return vehicles


@pytest.mark.parametrize("speed", [5.0, 12.0])
def test_a_speed_is_reached_and_kept(speed: float) -> None:
    vehicles, _ = one_of_each()
    vehicles.remove(1 + KINDS.index(ObjectClass.BICYCLE))  # has not the power for 12 m/s
    for actor_id in vehicles.ids.tolist():
        vehicles.set_course_gains(actor_id, QUICK)
    seen = keep(vehicles, 40.0, speed=speed)
    np.testing.assert_allclose(seen[-100:], speed, rtol=0.08)


def test_carlas_own_gains_bring_a_car_near_its_speed() -> None:
    seen = keep(car(), 60.0, speed=8.0)[:, 0]
    assert np.abs(seen[-200:] - 8.0).max() < 1.6


def test_acceleration_is_limited() -> None:
    vehicles = car()
    vehicles.set_course_gains(1, QUICK)
    seen = keep(vehicles, 12.0, speed=15.0, acceleration=1.0)[:, 0]
    smooth = np.convolve(np.diff(seen) / 0.05, np.full(10, 0.1), "valid")
    assert smooth.max() < 1.5
    assert seen[-1] > 6.0


def test_jerk_is_limited() -> None:
    rises = []
    for jerk in (0.0, 0.5):
        vehicles = car()
        vehicles.set_course_gains(1, QUICK)
        seen = keep(vehicles, 3.0, speed=15.0, jerk=jerk)[:, 0]
        rises.append(float(seen[-1]))
    assert rises[1] < 0.7 * rises[0]


def test_to_a_stand_and_backwards() -> None:
    vehicles = car()
    vehicles.set_course_gains(1, QUICK)
    keep(vehicles, 15.0, speed=5.0)
    seen = keep(vehicles, 40.0, speed=-3.0)[:, 0]
    assert vehicles.controls.gear[0] == -1
    assert seen[-1] == pytest.approx(-3.0, abs=0.4)
    seen = keep(vehicles, 30.0, speed=0.0)[:, 0]
    assert seen[-1] == 0.0
    assert vehicles.controls.brake[0] == 1.0


def test_steer_and_how_fast_it_turns() -> None:
    vehicles = car()
    lock = body(ObjectClass.CAR).max_steer_rad
    keep(vehicles, 0.05, steer=0.5, speed=5.0)
    assert vehicles.controls.steer[0] == pytest.approx(0.5 / lock)
    vehicles = car()
    keep(vehicles, 0.5, steer=-0.5, steer_speed=0.4, speed=5.0)
    assert vehicles.controls.steer[0] == pytest.approx(-0.2 / lock)
    keep(vehicles, 2.0, steer=-9.0, steer_speed=0.0, speed=5.0)
    assert vehicles.controls.steer[0] == -1.0
    assert vehicles.rpy_rad[0, 2] > 0.0, "negative steer is to the left, which is positive here"


def test_a_control_ends_a_course() -> None:
    vehicles = car()
    keep(vehicles, 3.0, speed=8.0)
    vehicles.set_control(vehicles.ids, controls(1, brake=1.0))
    for _ in range(100):
        vehicles.step(0.05, LEVEL)
    assert vehicles.speed_mps[0] == 0.0
    assert vehicles.controls.throttle[0] == 0.0


def test_gains_come_back() -> None:
    vehicles = car()
    assert vehicles.course_gains(1) == (0.15, 0.0, 0.25, 0.01, 0.0, 0.01)
    vehicles.set_course_gains(1, QUICK)
    assert vehicles.course_gains(1) == QUICK
