"""Vehicles, walkers and props run into one another and into what stands fast."""

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.core.tags import Tag
from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.contacts import SCENERY_ID
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.props import PropDynamics
from drivegen.embedded.dynamics.solids import box_solid
from drivegen.embedded.dynamics.stepping import Surroundings
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from tests.unit.embedded.dynamics.driving import body
from tests.unit.embedded.dynamics.standing import pole, standing, wall

LEVEL = SlopedPlane()
PERSON_M = np.array([0.5, 0.5, 1.8])
CAR, WALKER, PROP = 1, 2, 3
HALF_CAR_M = body(ObjectClass.CAR).size_m[0] / 2


def _car(speed_mps: float, y_m: float = 0.0, x_m: float = 0.0) -> VehicleDynamics:
    """At `x_m`, going along x."""
    vehicles = VehicleDynamics()
    vehicles.add(CAR, body(ObjectClass.CAR), Pose.from_xyz_rpy(x_m, y_m, 0.0))
    vehicles.step(0.001, LEVEL)
    vehicles.set_target_velocity(CAR, np.array([speed_mps, 0.0, 0.0]))
    return vehicles


@pytest.mark.parametrize("dt_s", [0.05, 0.1])
@pytest.mark.parametrize("x_m", [20.0, 20.31, 20.83])
def test_a_thin_wall_stops_a_fast_car(dt_s: float, x_m: float) -> None:
    vehicles, around = _car(30.0), Surroundings(obstacles=standing(wall(x_m)))
    hit = np.zeros(3)
    for _ in range(round(1.5 / dt_s)):
        vehicles.step(dt_s, LEVEL, around)
        assert vehicles.position_m[0, 0] + HALF_CAR_M < x_m + 0.01
        met = vehicles.contacts
        if len(met):
            assert (met.first_id.tolist(), met.second_id.tolist()) == ([CAR], [SCENERY_ID])
            assert met.second_tag.tolist() == [Tag.WALL]
            hit += met.impulse_ns.sum(axis=0)
    mass = body(ObjectClass.CAR).mass_kg
    assert hit[0] == pytest.approx(30.0 * mass * 1.1, rel=0.05), "all its momentum, and a little back"
    assert vehicles.velocity_mps[0, 0] <= 0.0


@pytest.mark.parametrize("dt_s", [0.05, 0.1])
@pytest.mark.parametrize("aside_m", [0.0, 0.2, -0.4, 0.6])
def test_a_pole_stops_or_turns_a_fast_car(dt_s: float, aside_m: float) -> None:
    vehicles, around = _car(30.0), Surroundings(obstacles=standing(pole(20.0, aside_m)))
    for _ in range(round(0.8 / dt_s)):
        vehicles.step(dt_s, LEVEL, around)
    assert vehicles.position_m[0, 0] < 20.0
    assert vehicles.speed_mps[0] < 6.0


def test_a_pole_beside_the_body_does_not_stop_it() -> None:
    """Mirrors fold: the box is wider than the body."""
    half_m = body(ObjectClass.CAR).size_m[1] / 2
    vehicles, around = _car(20.0), Surroundings(obstacles=standing(pole(20.0, half_m + 0.15)))
    for _ in range(40):
        vehicles.step(0.05, LEVEL, around)
        assert not len(vehicles.contacts)
    assert vehicles.position_m[0, 0] > 30.0


@pytest.mark.parametrize(("low_m", "high_m"), [(1.8, 6.0), (0.0, 0.15)])
def test_what_is_above_or_flat_stops_nobody(low_m: float, high_m: float) -> None:
    around = Surroundings(obstacles=standing(wall(10.0), low_m=low_m, high_m=high_m))
    vehicles = _car(15.0)
    for _ in range(30):
        vehicles.step(0.05, LEVEL, around)
    assert vehicles.position_m[0, 0] > 15.0


def test_a_car_slides_along_a_row_of_walls() -> None:
    """Fields that lie flush: no edge between them holds it up."""
    y_m = body(ObjectClass.CAR).size_m[1] / 2 * 0.9 + 0.3
    fields = [
        np.array([(x, y_m), (x + 2.0, y_m), (x + 2.0, y_m + 0.2), (x, y_m + 0.2)]) for x in range(-4, 60, 2)
    ]
    vehicles, around = _car(15.0), Surroundings(obstacles=standing(*fields))
    vehicles.set_target_velocity(CAR, np.array([15.0, 1.5, 0.0]))
    touched = False
    for _ in range(40):
        vehicles.step(0.05, LEVEL, around)
        touched = touched or len(vehicles.contacts) > 0
    assert touched
    assert vehicles.speed_mps[0] > 9.0
    assert vehicles.position_m[0, 1] < 0.5


@pytest.mark.parametrize("dt_s", [0.05, 0.1])
@pytest.mark.parametrize("aside_m", [0.0, 0.4])
def test_cars_that_close_in_with_60_mps_meet(dt_s: float, aside_m: float) -> None:
    vehicles = _car(30.0)
    vehicles.add(9, body(ObjectClass.CAR), Pose.from_xyz_rpy(23.7, aside_m, 0.0, yaw_rad=np.pi))
    vehicles.step(0.001, LEVEL)
    vehicles.set_target_velocity(9, np.array([-30.0, 0.0, 0.0]))
    impulse = 0.0
    for _ in range(round(0.6 / dt_s)):
        vehicles.step(dt_s, LEVEL)
        impulse += float(vehicles.contacts.impulse_ns[:, 0].sum())
        assert vehicles.position_m[0, 0] < vehicles.position_m[1, 0]
    assert impulse > 25.0 * body(ObjectClass.CAR).mass_kg


@pytest.mark.parametrize("dt_s", [0.05, 0.1])
def test_a_walker_is_thrown_and_comes_to_rest(dt_s: float) -> None:
    vehicles, walkers = _car(15.0), WalkerDynamics()
    walkers.add(WALKER, PERSON_M, Pose.from_xyz_rpy(12.0, 0.3, 0.9))
    fastest, hit = 0.0, 0.0
    for _ in range(round(5.0 / dt_s)):
        walkers.step(dt_s, LEVEL)
        vehicles.step(dt_s, LEVEL, Surroundings(walkers=walkers))
        fastest = max(fastest, walkers.speed_mps[0])
        if len(vehicles.contacts):
            assert (vehicles.contacts.first_id[0], vehicles.contacts.second_id[0]) == (CAR, WALKER)
            if not hit:
                assert walkers.thrown[0]
                vehicles.set_target_velocity(CAR, np.zeros(3))  # the driver brakes, so to say
            hit += vehicles.contacts.impulse_ns[0, 0]
    assert 12.0 < fastest < 15.5
    assert hit == pytest.approx(75.0 * 14.2, rel=0.1)
    # Searle: v^2 / (2 mu g)
    assert walkers.position_m[0, 0] - 12.0 == pytest.approx(fastest**2 / (2 * 0.66 * 9.81), rel=0.15)
    assert walkers.speed_mps[0] == 0.0
    assert not walkers.thrown[0]


def test_walkers_stop_at_walls_and_slide_along_them() -> None:
    walkers, around_m = WalkerDynamics(), standing(wall(3.0))
    walkers.add(WALKER, PERSON_M, Pose.from_xyz_rpy(0.0, 0.0, 0.9))
    walkers.set_control(WALKER, np.array([1.0, 0.5, 0.0]), 1.5)
    vehicles = VehicleDynamics()
    for _ in range(100):
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers, obstacles=around_m))
        assert walkers.position_m[0, 0] < 3.0 - 0.24
    assert vehicles.contacts.first_id.tolist() == [WALKER]
    assert walkers.position_m[0, 1] > 1.5, "slides along"


def test_walkers_do_not_walk_through_one_another() -> None:
    walkers, vehicles = WalkerDynamics(), VehicleDynamics()
    for i, x in enumerate((0.0, 4.0)):
        walkers.add(i + 1, PERSON_M, Pose.from_xyz_rpy(x, 0.0, 0.9))
        walkers.set_control(i + 1, np.array([1.0 if i == 0 else -1.0, 0.0, 0.0]), 1.4)
    for _ in range(80):
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers))
    assert np.linalg.norm(walkers.position_m[0] - walkers.position_m[1]) > 0.49
    assert (vehicles.contacts.first_id.tolist(), vehicles.contacts.second_id.tolist()) == ([1], [2])


def _prop(mass_kg: float, x_m: float = 12.0) -> PropDynamics:
    props = PropDynamics()
    props.add(PROP, [box_solid(0.4, 0.4, 1.0, Tag.DYNAMIC)], mass_kg, Pose.from_xyz_rpy(x_m, 0.0, 0.0))
    return props


def test_props_stand_fast_until_they_have_physics() -> None:
    props, vehicles = _prop(5.0), _car(10.0)
    for _ in range(60):
        props.fall(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(props=props))
    assert vehicles.position_m[0, 0] + HALF_CAR_M < 11.61
    assert not len(props.moving[0])


@pytest.mark.parametrize(("mass_kg", "least_mps", "most_mps"), [(5.0, 9.5, 11.5), (800.0, 6.0, 8.0)])
def test_props_with_physics_are_pushed_and_come_to_rest(
    mass_kg: float, least_mps: float, most_mps: float
) -> None:
    props, vehicles = _prop(mass_kg), _car(10.0)
    props.set_simulate_physics(PROP, True)
    mass = body(ObjectClass.CAR).mass_kg
    speeds = []
    for _ in range(200):
        before = vehicles.velocity_mps[0, 0]
        props.fall(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(props=props))
        speeds.append(props.motion_of(PROP)[0][0])
        if len(vehicles.contacts) and max(speeds[:-1], default=0.0) == 0.0:
            given = vehicles.contacts.impulse_ns[0, 0]
            assert vehicles.contacts.second_id.tolist() == [PROP]
            lost = mass * (before - vehicles.velocity_mps[0, 0])
            assert given == pytest.approx(lost, rel=0.02, abs=80.0), "the car rolls on its tyres too"
            vehicles.set_target_velocity(CAR, np.zeros(3))
    assert least_mps < max(speeds) < most_mps
    assert speeds[-1] == 0.0
    ids, position_m, _ = props.moving
    assert ids.tolist() == [PROP]
    assert position_m[0, 0] > 14.0
    assert position_m[0, 2] == 0.0


def test_a_prop_falls_to_the_ground_only_with_physics() -> None:
    props, vehicles = PropDynamics(), VehicleDynamics()
    props.add(PROP, [box_solid(0.4, 0.4, 1.0, Tag.STATIC)], 10.0, Pose.from_xyz_rpy(0.0, 0.0, 2.0))
    for physics in (False, True):
        props.set_simulate_physics(PROP, physics)
        for _ in range(30):
            props.fall(0.05, LEVEL)
            vehicles.step(0.05, LEVEL, Surroundings(props=props))
        assert props._props[PROP].position_m[2] == (0.0 if physics else 2.0)


@pytest.mark.parametrize("who", ["car", "walker", "prop"])
def test_without_collisions_nothing_is_met(who: str) -> None:
    vehicles, walkers, props = _car(10.0), WalkerDynamics(), _prop(50.0, x_m=8.0)
    walkers.add(WALKER, PERSON_M, Pose.from_xyz_rpy(12.0, 0.0, 0.9))
    if who == "car":
        vehicles.set_collisions(CAR, False)
    else:
        walkers.set_collisions(WALKER, False)
        props.set_collisions(PROP, False)
    for _ in range(40):
        walkers.step(0.05, LEVEL)
        props.fall(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers, props=props))
        assert not len(vehicles.contacts)
    assert vehicles.position_m[0, 0] > 14.0


def test_the_dead_lie_and_do_not_walk_on() -> None:
    walkers, vehicles = WalkerDynamics(), VehicleDynamics()
    walkers.add(WALKER, PERSON_M, Pose.from_xyz_rpy(0.0, 0.0, 0.9))
    walkers.set_control(WALKER, np.array([1.0, 0.0, 0.0]), 1.5)
    for k in range(60):
        if k == 20:
            walkers.set_dead(WALKER)
        walkers.step(0.05, LEVEL)
        vehicles.step(0.05, LEVEL, Surroundings(walkers=walkers))
    assert walkers.dead[0]
    assert 0.5 < walkers.position_m[0, 0] < 2.0
    walkers.set_state(WALKER, Pose.from_xyz_rpy(9.0, 0.0, 0.9), 1.0)
    walkers.step(0.05, LEVEL)
    assert walkers.position_m[0, 0] < 2.0


@pytest.mark.parametrize("seed", range(20))
def test_crashes_lose_energy_and_keep_momentum(seed: int) -> None:
    """Spinning and glancing, of unlike masses, over a step too short for tyres to matter."""
    rng = np.random.default_rng(seed)
    vehicles = VehicleDynamics()
    kinds = (ObjectClass.CAR, ObjectClass.TRUCK if seed % 2 else ObjectClass.VAN)
    for i, kind in enumerate(kinds):
        place = Pose.from_xyz_rpy(11.0 * i, rng.uniform(-1.5, 1.5), 0.0, yaw_rad=rng.uniform(-3.0, 3.0))
        vehicles.add(i + 1, body(kind), place)
    vehicles.step(1e-6, LEVEL)
    for i, along in enumerate((30.0, -30.0)):
        vehicles.set_target_velocity(i + 1, np.array([along, rng.uniform(-5, 5), 0.0]))
        vehicles.set_target_angular_velocity(i + 1, np.array([0.0, 0.0, rng.uniform(-2, 2)]))
    for _ in range(400):
        energy, momentum = _energy_and_momentum(vehicles)
        vehicles.step(0.001, LEVEL)
        if len(vehicles.contacts):
            break
    else:
        pytest.fail("they never met")
    after, momentum_after = _energy_and_momentum(vehicles)
    assert after < energy
    masses = sum(body(kind).mass_kg for kind in kinds)
    given = np.linalg.norm(vehicles.contacts.impulse_ns[0])
    assert np.linalg.norm(momentum_after - momentum) < 0.01 * given + 0.03 * masses


def _energy_and_momentum(vehicles: VehicleDynamics) -> tuple[float, np.ndarray]:
    """Of the centres of mass."""
    state, bodies = vehicles._state, vehicles._body
    c, s = np.cos(state[:, col.YAW]), np.sin(state[:, col.YAW])
    forward, left = state[:, col.FORWARD], state[:, col.LEFT]
    v = np.stack([forward * c - left * s, forward * s + left * c], axis=1)
    mass = bodies[:, col.MASS]
    spinning = bodies[:, col.YAW_INERTIA] * state[:, col.YAW_RATE] ** 2
    return 0.5 * float((mass * (v**2).sum(axis=1) + spinning).sum()), mass @ v
