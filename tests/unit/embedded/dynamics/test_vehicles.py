import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import AIR_DENSITY_KGPM3, GRAVITY_MPS2
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from tests.unit.embedded.dynamics.driving import KINDS, body, controls, drive, one_of_each, set_speed

LEVEL = SlopedPlane()


@pytest.mark.parametrize("dt_s", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("speed_mps", [3.0, 8.0, 14.0])
def test_full_braking_stops_within_the_formula(speed_mps: float, dt_s: float) -> None:
    vehicles, bodies = one_of_each()
    vehicles.step(dt_s, LEVEL)
    set_speed(vehicles, speed_mps)
    before = vehicles.position_m
    drive(vehicles, controls(len(bodies), brake=1.0), 6.0, LEVEL, dt_s)
    way = np.linalg.norm(vehicles.position_m - before, axis=1)
    braking = np.array([b.brake_deceleration_mps2 for b in bodies])
    ideal = speed_mps**2 / (2 * braking)
    assert np.array_equal(vehicles.speed_mps, np.zeros(len(bodies)))
    # The pedal takes 1/6 s; air and rolling resistance help by less than a tenth.
    assert np.all(way <= ideal + speed_mps * 0.1 + 0.02)
    assert np.all(way >= 0.9 * ideal)


def test_turning_radius_at_walking_pace_is_that_of_the_geometry() -> None:
    vehicles, bodies = one_of_each()
    for actor_id in vehicles.ids:
        vehicles.set_constant_velocity(int(actor_id), None)
    drive(vehicles, controls(len(bodies), throttle=0.1, steer=-0.5), 3.0, LEVEL)
    set_speed(vehicles, 0.5)
    drive(vehicles, controls(len(bodies), throttle=0.02, steer=-0.5), 1.0, LEVEL)
    wheelbase = np.array([b.wheelbase_m for b in bodies])
    offset = np.array([b.rear_axle_m for b in bodies])
    # The rear axle follows the circle of radius wheelbase / tan(steer); the origin lies ahead of it.
    expected = np.hypot(wheelbase / np.tan(vehicles.steer_rad), offset)
    radius = np.linalg.norm(vehicles.velocity_mps, axis=1) / vehicles.angular_velocity_radps[:, 2]
    assert np.all(vehicles.steer_rad > 0.1), "negative steer is to the left, which is positive here"
    np.testing.assert_allclose(radius, expected, rtol=0.03)


def test_terminal_speed_is_where_power_meets_resistance() -> None:
    vehicles, bodies = one_of_each(300.0)
    set_speed(vehicles, 30.0)
    drive(vehicles, controls(len(bodies), throttle=1.0), 200.0, LEVEL, 0.4)
    for b, v in zip(bodies, vehicles.speed_mps, strict=True):
        resistance = (
            0.5 * AIR_DENSITY_KGPM3 * b.drag_area_m2 * v**2 + b.rolling_resistance * b.mass_kg * GRAVITY_MPS2
        )
        assert resistance * v == pytest.approx(b.drive_power_w, rel=0.03)


@pytest.mark.parametrize("rise", [-0.15, 0.15])
def test_holds_on_a_slope_under_brake_to_the_last_bit(rise: float) -> None:
    ground = SlopedPlane(rise, 0.05)
    for asked in ({"brake": 1.0}, {"hand_brake": True}):
        vehicles, bodies = one_of_each()
        drive(vehicles, controls(len(bodies), **asked), 3.0, ground)
        before = vehicles.position_m
        drive(vehicles, controls(len(bodies), **asked), 20.0, ground)
        np.testing.assert_allclose(vehicles.position_m, before, atol=1e-9)
        assert np.all(vehicles.velocity_mps == 0.0)
        assert np.all(np.abs(vehicles.acceleration_mps2) == 0.0)


def test_rolls_down_a_slope_without_brakes() -> None:
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies)), 5.0, SlopedPlane(-0.1))
    assert np.all(vehicles.speed_mps > 1.0)
    np.testing.assert_allclose(vehicles.rpy_rad[:, 1], np.arctan(0.1), atol=1e-6)
    down = vehicles.velocity_mps
    np.testing.assert_allclose(down[:, 2] / down[:, 0], -0.1, atol=1e-6)


def test_stands_still_without_jitter() -> None:
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies), throttle=0.6, steer=0.3), 3.0, LEVEL)
    drive(vehicles, controls(len(bodies), brake=1.0, steer=0.3), 5.0, LEVEL)
    before = vehicles.position_m, vehicles.rpy_rad
    drive(vehicles, controls(len(bodies), steer=-0.8), 5.0, LEVEL)
    assert np.array_equal(vehicles.position_m, before[0])
    assert np.array_equal(vehicles.rpy_rad, before[1])


@pytest.mark.parametrize("steer", [-1.0, -0.4, -0.1, 0.2])
@pytest.mark.parametrize("speed_mps", [5.0, 15.0, 30.0])
def test_no_more_acceleration_than_the_tyres_hold(speed_mps: float, steer: float) -> None:
    vehicles, bodies = one_of_each(400.0)
    vehicles.step(0.01, LEVEL)
    set_speed(vehicles, speed_mps)
    vehicles.set_control(vehicles.ids, controls(len(bodies), throttle=0.5, steer=steer))
    vehicles.step(0.01, LEVEL)
    most = np.zeros(len(bodies))
    for _ in range(200):
        vehicles.step(0.01, LEVEL)
        drag = (
            np.array([0.5 * AIR_DENSITY_KGPM3 * b.drag_area_m2 / b.mass_kg for b in bodies])
            * np.linalg.norm(vehicles.velocity_mps, axis=1) ** 2
        )
        most = np.maximum(most, np.linalg.norm(vehicles.acceleration_mps2, axis=1) - drag)
    friction = np.array([b.tyre_friction for b in bodies])
    assert np.all(most <= 1.03 * friction * GRAVITY_MPS2)


@pytest.mark.parametrize("steer", [-0.6, 0.0, 0.05, 1.0])
def test_coasting_never_gains_energy(steer: float) -> None:
    vehicles, bodies = one_of_each(400.0)
    vehicles.step(0.05, LEVEL)
    set_speed(vehicles, 15.0)
    vehicles.set_control(vehicles.ids, controls(len(bodies), steer=steer))
    inertia = np.array([(b.size_m[0] ** 2 + b.size_m[1] ** 2) / 12 for b in bodies])
    ahead = np.array([(b.front_axle_m - b.rear_axle_m) / 2 for b in bodies])
    last = np.full(len(bodies), np.inf)
    for _ in range(200):
        vehicles.step(0.05, LEVEL)
        yaw, rate, velocity = (
            vehicles.rpy_rad[:, 2],
            vehicles.angular_velocity_radps[:, 2],
            vehicles.velocity_mps,
        )
        centre_x = velocity[:, 0] - rate * ahead * np.sin(yaw)
        centre_y = velocity[:, 1] + rate * ahead * np.cos(yaw)
        energy = 0.5 * (centre_x**2 + centre_y**2 + inertia * rate**2)
        assert np.all(energy <= last + 1e-9)
        last = energy


def test_reverse_and_hand_brake() -> None:
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies), throttle=0.5, reverse=True), 10.0, LEVEL)
    assert np.all(vehicles.speed_mps < -1.0)
    assert np.all(vehicles.speed_mps > -9.0)
    assert np.all(vehicles.controls.gear == -1)
    drive(vehicles, controls(len(bodies), hand_brake=True), 8.0, LEVEL)
    assert np.all(vehicles.speed_mps == 0.0)


def test_gears_follow_the_speed_and_the_driver() -> None:
    vehicles, bodies = one_of_each()
    gears = []
    for speed_mps in (0.0, 5.0, 10.0, 20.0, 30.0):
        set_speed(vehicles, speed_mps)
        vehicles.step(0.05, LEVEL)
        gears.append(vehicles.controls.gear)
    assert np.all(gears[0] == 1)
    assert np.all(np.diff(gears, axis=0) >= 0)
    assert [int(g[0]) for g in gears] == [1, 1, 2, 3, 4], "of a car"
    assert np.all(gears[-1] <= [len(b.physics.gears) for b in bodies])
    neutral = controls(len(bodies), throttle=1.0)
    neutral.manual_gear[:] = True
    set_speed(vehicles, 0.0)
    drive(vehicles, neutral, 2.0, LEVEL)
    assert np.all(vehicles.controls.gear == 0)
    assert np.all(vehicles.speed_mps == 0.0)


@pytest.mark.parametrize("slope", [(0.0, 0.0), (0.08, -0.04)])
def test_velocity_is_the_change_of_position(slope: tuple[float, float]) -> None:
    vehicles, bodies = one_of_each()
    ground = SlopedPlane(*slope)
    drive(vehicles, controls(len(bodies), throttle=0.7, steer=-0.1), 4.0, ground, 0.01)
    before = vehicles.position_m
    vehicles.step(0.01, ground)
    np.testing.assert_allclose((vehicles.position_m - before) / 0.01, vehicles.velocity_mps, atol=0.08)


@pytest.mark.parametrize("rise", [-0.5, 0.5])
def test_steep_ground_is_never_left(rise: float) -> None:
    """On 50 % a wheel drops 35 cm a step at 15 m/s: it still grips and brakes as the slope allows."""
    ground = SlopedPlane(rise)
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies), brake=1.0), 2.0, ground)
    set_speed(vehicles, 15.0)
    vehicles.set_control(vehicles.ids, controls(len(bodies), brake=1.0))
    for _ in range(8):
        vehicles.step(0.05, ground)
        position = vehicles.position_m
        np.testing.assert_allclose(position[:, 2], rise * position[:, 0], atol=5e-3)
    before = vehicles.speed_mps
    vehicles.step(0.05, ground)
    slowed = (before - vehicles.speed_mps) / 0.05
    np.testing.assert_allclose(slowed, vehicles.brake_deceleration_mps2, atol=0.4)


def test_falls_to_the_ground_and_is_lifted_out_of_it() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 0.6))
    vehicles.add(2, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 50.0, -0.6))
    vehicles.step(0.05, LEVEL)
    assert vehicles.position_m[0, 2] > 0.5
    assert vehicles.position_m[1, 2] == 0.0
    drive(vehicles, controls(2), 1.0, LEVEL)
    np.testing.assert_allclose(vehicles.position_m[:, 2], 0.0, atol=1e-6)


class _Kerb:
    """Ground that steps up by 15 cm at x = 20."""

    def height_near(self, xyz_m):
        return np.where(xyz_m[:, 0] > 20.0, 0.15, 0.0)


def test_no_ground_pokes_into_a_box_that_crosses_a_kerb() -> None:
    vehicles, bodies = one_of_each()
    ground = _Kerb()
    set_speed(vehicles, 6.0)
    vehicles.set_control(vehicles.ids, controls(len(bodies), throttle=0.3))
    highest = 0.0
    for _ in range(160):
        vehicles.step(0.05, ground)
        for b, position, rpy in zip(bodies, vehicles.position_m, vehicles.rpy_rad, strict=True):
            box = Pose.from_xyz_rpy(*position, *rpy)
            ends = np.array([[x, y, 0.0] for x in (-0.5, 0, 0.5) for y in (-0.5, 0, 0.5)]) * b.size_m
            bottom = box.transform_points(ends)
            height = ground.height_near(bottom)
            # Tilt moves the corners by a few millimetres over the ground.
            assert np.all(bottom[:, 2] >= height - 0.02) or np.any(np.abs(bottom[:, 0] - 20.0) < 0.05)
            highest = max(highest, float(position[2]))
    assert np.all(vehicles.position_m[:, 0] > 25.0)
    np.testing.assert_allclose(vehicles.position_m[:, 2], 0.15, atol=0.01)
    assert highest < 0.35


def test_a_vehicle_without_physics_moves_as_it_is_put() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(7, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 3.0))
    vehicles.set_simulate_physics(7, False)
    for k in range(1, 4):
        vehicles.set_pose(7, Pose.from_xyz_rpy(0.5 * k, 0.0, 3.0))
        vehicles.step(0.05, LEVEL)
    assert np.array_equal(vehicles.position_m[0], [1.5, 0.0, 3.0])
    np.testing.assert_allclose(vehicles.velocity_mps[0], [10.0, 0.0, 0.0])
    vehicles.step(0.05, LEVEL)
    assert np.array_equal(vehicles.velocity_mps[0], [0.0, 0.0, 0.0])


def test_constant_velocity_lasts_until_it_is_ended() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(7, body(ObjectClass.CAR), Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=np.pi / 2))
    vehicles.set_constant_velocity(7, np.array([5.0, 0.0, 0.0]))
    drive(vehicles, controls(1, brake=1.0), 2.0, LEVEL)
    np.testing.assert_allclose(vehicles.velocity_mps[0], [0.0, 5.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(vehicles.position_m[0], [0.0, 10.0, 0.0], atol=1e-9)
    vehicles.set_constant_velocity(7, None)
    drive(vehicles, controls(1, brake=1.0), 2.0, LEVEL)
    assert vehicles.speed_mps[0] == 0.0


def test_rows_follow_their_vehicles_when_others_leave() -> None:
    vehicles, bodies = one_of_each()
    drive(vehicles, controls(len(bodies), throttle=1.0), 1.0, LEVEL)
    kept = vehicles.position_m[vehicles.row_of(4)]
    vehicles.remove(2)
    assert vehicles.ids.tolist() == [1, 3, 4, 5, 6]
    assert np.array_equal(vehicles.position_m[vehicles.row_of(4)], kept)
    assert vehicles.body_of(4) is bodies[3]
    with pytest.raises(KeyError):
        vehicles.row_of(2)
    with pytest.raises(KeyError):
        vehicles.add(4, bodies[0], Pose.identity())


def test_the_same_drive_gives_the_same_bits() -> None:
    def course() -> np.ndarray:
        vehicles, bodies = one_of_each(3.0)
        rng = np.random.default_rng(5)
        for _ in range(40):
            throttle, steer, brake = rng.random(), rng.uniform(-1, 1), float(rng.random() < 0.2)
            drive(vehicles, controls(len(bodies), throttle, steer, brake), 0.25, SlopedPlane(0.02, -0.03))
        return np.concatenate([vehicles.position_m, vehicles.rpy_rad, vehicles.velocity_mps], axis=1)

    assert np.array_equal(course(), course())


def test_usual_bodies_are_plausible() -> None:
    for kind in KINDS:
        b = body(kind)
        assert 0.0 < b.wheelbase_m < b.size_m[0]
        assert 3.5 < b.brake_deceleration_mps2 < 9.81
        assert b.max_single_steer_rad <= b.max_steer_rad
    assert 1200 < body(ObjectClass.CAR).mass_kg < 1900
    assert 9000 < body(ObjectClass.BUS).mass_kg < 16000
    assert 70 < body(ObjectClass.BICYCLE).mass_kg < 130
