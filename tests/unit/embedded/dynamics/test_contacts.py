import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.stepping import Surroundings
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from tests.unit.embedded.dynamics.driving import SIZES_M, body, controls, drive, set_speed

LEVEL = SlopedPlane()
PERSON_M = np.array([0.4, 0.5, 1.8])


def _corners(vehicles: VehicleDynamics, row: int) -> np.ndarray:
    x, y, yaw = *vehicles.position_m[row, :2], vehicles.rpy_rad[row, 2]
    half = vehicles.size_m[row, :2] / 2
    local = np.array([(a, b) for a in (-1, 1) for b in (-1, 1)]) * half
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    return local @ turn.T + [x, y]


def _depth(vehicles: VehicleDynamics, a: int, b: int) -> float:
    """Overlap of two boxes along the axis where it is least, from the corners alone."""
    pa, pb = _corners(vehicles, a), _corners(vehicles, b)
    least = np.inf
    for row in (a, b):
        yaw = vehicles.rpy_rad[row, 2]
        for axis in ((np.cos(yaw), np.sin(yaw)), (-np.sin(yaw), np.cos(yaw))):
            qa, qb = pa @ axis, pb @ axis
            least = min(least, qa.max() - qb.min(), qb.max() - qa.min())
    return float(least)


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.2, np.pi / 2, 2.5])
@pytest.mark.parametrize("speed_mps", [3.0, 14.0, 30.0])
def test_vehicles_do_not_pass_through_one_another(angle: float, speed_mps: float) -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 0.0))
    vehicles.add(2, body(ObjectClass.TRUCK), Pose.from_xyz_rpy(20.0, 0.3, 0.0, yaw_rad=angle))
    vehicles.step(0.05, LEVEL)
    set_speed(vehicles, 0.0)
    vehicles.set_target_velocity(1, np.array([speed_mps, 0.0, 0.0]))
    vehicles.set_control(vehicles.ids, controls(2, throttle=0.5))
    vehicles.set_control(vehicles.ids[1:], controls(1, brake=1.0))
    met = False
    for _ in range(80):
        vehicles.step(0.05, LEVEL)
        assert _depth(vehicles, 0, 1) < 0.01
        if len(vehicles.contacts.first_id):
            assert (vehicles.contacts.first_id[0], vehicles.contacts.second_id[0]) == (1, 2)
            met = met or vehicles.contacts.impulse_ns[0, 0] > 0.0
    assert met


def test_a_crash_adds_no_energy_and_keeps_momentum() -> None:
    vehicles = VehicleDynamics()
    kinds = [ObjectClass.CAR, ObjectClass.VAN]
    for i, kind in enumerate(kinds):
        vehicles.add(i + 1, body(kind), Pose.from_xyz_rpy(8.0 * i, 0.4 * i, 0.0, yaw_rad=np.pi * i))
    vehicles.step(0.001, LEVEL)
    set_speed(vehicles, 12.0)
    masses = np.array([body(kind).mass_kg for kind in kinds])

    def energy_and_momentum() -> tuple[float, np.ndarray]:
        v = vehicles.velocity_mps
        spin = masses * (vehicles.size_m[:, 0] ** 2 + vehicles.size_m[:, 1] ** 2) / 12
        rate = vehicles.angular_velocity_radps[:, 2]
        return float(0.5 * (masses * (v**2).sum(axis=1) + spin * rate**2).sum()), masses @ v

    vehicles.step(0.001, LEVEL)
    while not len(vehicles.contacts.first_id):
        energy, momentum = energy_and_momentum()
        vehicles.step(0.001, LEVEL)
    after, momentum_after = energy_and_momentum()
    assert after < 0.8 * energy
    # Tyres act too within the millisecond; the centre of mass lies a little off the origin.
    assert np.linalg.norm(momentum_after - momentum) < 0.1 * masses.sum()


def test_a_heap_of_overlapping_vehicles_comes_apart() -> None:
    vehicles = VehicleDynamics()
    rng = np.random.default_rng(3)
    for i in range(12):
        kind = list(SIZES_M)[i % len(SIZES_M)]
        x, y = rng.uniform(-6, 6, 2)
        vehicles.add(i + 1, body(kind), Pose.from_xyz_rpy(x, y, 0.0, yaw_rad=rng.uniform(-3, 3)))
    drive(vehicles, controls(12, brake=1.0), 10.0, LEVEL)
    deepest = max(_depth(vehicles, a, b) for a in range(12) for b in range(a))
    assert deepest < 0.02


def test_vehicles_above_one_another_do_not_touch() -> None:
    vehicles = VehicleDynamics()
    for i in range(2):
        vehicles.add(i + 1, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 6.0 * i))
        vehicles.set_simulate_physics(i + 1, False)
    vehicles.step(0.05, LEVEL)
    assert not len(vehicles.contacts.first_id)


def test_a_car_pushes_a_walker_and_loses_little_speed() -> None:
    vehicles, walkers = VehicleDynamics(), WalkerDynamics()
    vehicles.add(1, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 0.0))
    walkers.add(2, PERSON_M, Pose.from_xyz_rpy(6.0, 0.1, 0.9))
    vehicles.step(0.05, LEVEL)
    set_speed(vehicles, 8.0)
    touched = False
    for _ in range(40):
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers))
        local = walkers.position_m[0, :2] - vehicles.position_m[0, :2]
        outside = np.abs(local) - vehicles.size_m[0, :2] / 2
        assert np.hypot(*np.maximum(outside, 0.0)) >= 0.25 - 1e-6
        if len(vehicles.contacts.first_id):
            touched = True
            assert vehicles.contacts.second_id[0] == 2
    assert touched
    assert 4.0 < vehicles.speed_mps[0] < 8.0


def test_a_walker_cannot_walk_into_a_standing_car() -> None:
    vehicles, walkers = VehicleDynamics(), WalkerDynamics()
    vehicles.add(1, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 0.0))
    walkers.add(2, PERSON_M, Pose.from_xyz_rpy(0.0, -4.0, 0.9))
    walkers.set_control(2, np.array([0.0, 1.0, 0.0]), 1.5)
    for _ in range(100):
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers))
    assert walkers.position_m[0, 1] < -vehicles.size_m[0, 1] / 2 - 0.24
    np.testing.assert_allclose(vehicles.position_m[0], 0.0, atol=1e-9)
