"""Walkers that CARLA's client leads over its mesh: it takes physics and collisions from them."""

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import body_for
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.stepping import Surroundings
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics

SIZE_M = np.array([0.4, 0.5, 1.8])
LEVEL = SlopedPlane()


class _Step:
    """A step of 15 cm at x = 1."""

    def height_near(self, xyz_m):
        return np.where(xyz_m[:, 0] > 1.0, 0.15, 0.0)


def _walkers(*x_m: float) -> WalkerDynamics:
    walkers = WalkerDynamics()
    for i, x in enumerate(x_m):
        walkers.add(i + 1, SIZE_M, Pose.from_xyz_rpy(x, 0.0, 0.9))
        walkers.set_simulate_physics(i + 1, False)
    return walkers


def _lead(walkers: WalkerDynamics, ids: list[int], x_m: list[float], speed_mps: float = 1.0) -> None:
    walkers.lead(
        ids,
        np.column_stack([x_m, np.zeros(len(x_m))]),
        np.full(len(x_m), 0.1),
        np.full(len(x_m), speed_mps),
    )


def test_their_feet_follow_the_ground_and_their_velocity_the_places() -> None:
    walkers = _walkers(0.0, 5.0)
    for k in range(1, 61):
        _lead(walkers, [2, 1], [5.0, 0.05 * k])
        walkers.step(0.05, _Step())
    assert walkers.position_m[:, 0] == pytest.approx([3.0, 5.0])
    assert walkers.position_m[:, 2] == pytest.approx(0.15 + 0.9), "up the step, each by itself"
    assert walkers.velocity_mps[:, 0] == pytest.approx([1.0, 0.0])
    assert walkers.rpy_rad[:, 2] == pytest.approx(0.1)


def test_without_a_next_place_they_stand() -> None:
    walkers = _walkers(0.0)
    _lead(walkers, [1], [0.05])
    walkers.step(0.05, LEVEL)
    walkers.step(0.05, LEVEL)
    assert walkers.velocity_mps[0] == pytest.approx(0.0)
    assert walkers.position_m[0, 0] == pytest.approx(0.05)


def test_a_far_place_is_a_jump_not_a_walk() -> None:
    walkers = _walkers(0.0)
    _lead(walkers, [1], [40.0], speed_mps=1.3)
    walkers.step(0.05, LEVEL)
    assert walkers.position_m[0, 0] == pytest.approx(40.0)
    assert walkers.speed_mps[0] == pytest.approx(1.3)


@pytest.mark.parametrize("collisions", [True, False])
def test_vehicles_pass_through_walkers_without_collisions(collisions: bool) -> None:
    walkers, vehicles = WalkerDynamics(), VehicleDynamics()
    walkers.add(1, SIZE_M, Pose.from_xyz_rpy(4.0, 0.0, 0.9))
    walkers.set_collisions(1, collisions)
    vehicles.add(2, body_for(ObjectClass.CAR, np.array([4.5, 1.9, 1.5])), Pose.identity())
    vehicles.set_constant_velocity(2, np.array([5.0, 0.0, 0.0]))
    for _ in range(20):
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers))
    moved = np.linalg.norm(walkers.position_m[0, :2] - [4.0, 0.0])
    assert bool(moved > 0.5) is collisions
