"""What clients change of a vehicle changes its motion."""

from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import GRAVITY_MPS2, body_for
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.physics import VehiclePhysics, on_curve
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from tests.unit.embedded.dynamics.driving import KINDS, SIZES_M, body, controls, drive, set_speed

LEVEL = SlopedPlane()
CAR = body(ObjectClass.CAR)


def cars(*physics: VehiclePhysics) -> VehicleDynamics:
    """Cars side by side, heading along x, each with its physics."""
    vehicles = VehicleDynamics()
    for n, each in enumerate(physics):
        vehicles.add(n + 1, CAR, Pose.from_xyz_rpy(0.0, 50.0 * n, 0.0))
        vehicles.set_physics(n + 1, each)
    vehicles.step(0.05, LEVEL)
    return vehicles


def wheels(physics: VehiclePhysics, **changes: float) -> VehiclePhysics:
    return replace(physics, wheels=tuple(replace(w, **changes) for w in physics.wheels))


def speeds(vehicles: VehicleDynamics, seconds: float, **asked: float) -> np.ndarray:
    drive(vehicles, controls(len(vehicles), **asked), seconds, LEVEL)
    return vehicles.speed_mps


@pytest.mark.parametrize(("kind", "electric"), [*((kind, False) for kind in KINDS), (ObjectClass.CAR, True)])
def test_usual_physics_give_the_promised_forces(kind: ObjectClass, electric: bool) -> None:
    made = body_for(kind, np.array(SIZES_M[kind]), electric=electric)
    made.physics.check()
    vehicles = VehicleDynamics()
    vehicles.add(1, made, Pose.identity())
    drive(vehicles, controls(1, throttle=1.0), 1.0, LEVEL)
    seen = []
    for _ in range(400):
        before = vehicles.speed_mps[0]
        vehicles.step(0.05, LEVEL)
        speed = vehicles.speed_mps[0]
        slows = 0.6 * made.drag_area_m2 * speed**2 + made.rolling_resistance * made.mass_kg * GRAVITY_MPS2
        seen.append((speed, (speed - before) / 0.05 * made.mass_kg + slows))
    speed, force = np.array(seen).T
    promised = np.minimum(made.drive_force_n, made.drive_power_w / speed)
    np.testing.assert_allclose(force / promised, 1.0, atol=0.1)
    assert abs(np.mean(force / promised) - 1.0) < 0.04


def test_acceleration_does_not_jump_when_gears_change() -> None:
    vehicles = cars(CAR.physics)
    vehicles.set_control(vehicles.ids, controls(1, throttle=0.8))
    gears, pull = [], []
    for _ in range(500):
        vehicles.step(0.05, LEVEL)
        gears.append(int(vehicles.controls.gear[0]))
        pull.append(vehicles.acceleration_mps2[0, 0])
    assert len(set(gears)) >= 4
    assert np.all(np.diff(gears) >= 0), "a box that hunts"
    assert np.abs(np.diff(pull[6:])).max() < 0.25


def test_mass_torque_gears_and_radius_scale_the_acceleration() -> None:
    usual = CAR.physics
    heavy = replace(usual, mass_kg=2.0 * usual.mass_kg)
    weak = replace(usual, torque_curve=tuple((rpm, t / 2.0) for rpm, t in usual.torque_curve))
    long = replace(usual, final_ratio=usual.final_ratio / 2.0)
    tall = wheels(usual, radius_cm=2.0 * usual.wheels[0].radius_cm)
    gained = speeds(cars(usual, heavy, weak, long, tall), 1.5, throttle=1.0)
    np.testing.assert_allclose(gained[1:] / gained[0], 0.5, atol=0.05)


def test_drag_and_bearings_slow_a_vehicle() -> None:
    usual = CAR.physics
    made = cars(usual, replace(usual, drag_coefficient=5.0), wheels(usual, damping_rate=20.0))
    set_speed(made, 20.0)
    left = speeds(made, 2.0)
    drag = 0.6 * 5.0 * CAR.drag_area_m2 / usual.drag_coefficient / usual.mass_kg
    coasting = left[0] / 20.0
    assert left[1] == pytest.approx(20.0 * coasting / (1.0 + drag * 20.0 * 2.0), rel=0.05)
    rate = 4 * (20.0 - 0.25) / CAR.wheel_radius_m**2 / usual.mass_kg
    assert left[2] == pytest.approx(20.0 * coasting * np.exp(-rate * 2.0), rel=0.05)


def test_without_friction_nobody_brakes_steers_or_drives() -> None:
    made = cars(wheels(replace(CAR.physics, drag_coefficient=0.0), tire_friction=0.0))
    set_speed(made, 100.0 / 3.6)
    for asked in ({"brake": 1.0}, {"hand_brake": True}, {"throttle": 1.0}, {"steer": 0.5}, {}):
        drive(made, controls(1, **asked), 2.0, LEVEL)
        np.testing.assert_allclose(made.velocity_mps, [[100.0 / 3.6, 0.0, 0.0]], atol=1e-9)
        assert made.rpy_rad[0, 2] == pytest.approx(0.0, abs=1e-9)


def test_friction_sets_the_stopping_distance_and_each_wheel_counts() -> None:
    frictions = (0.2, 0.5, 1.0, 2.0)
    one_less = replace(
        CAR.physics,
        wheels=(replace(CAR.physics.wheels[0], tire_friction=0.0), *CAR.physics.wheels[1:]),
    )
    made = cars(*(wheels(CAR.physics, tire_friction=f) for f in frictions), CAR.physics, one_less)
    set_speed(made, 20.0)
    before = made.position_m[:, 0]
    drive(made, controls(len(made), brake=1.0), 20.0, LEVEL)
    way = made.position_m[:, 0] - before
    assert np.all(np.diff(way[:4]) < 0.0)
    limit = CAR.tyre_friction * np.sqrt(np.array(frictions[:3]) / 3.5) * GRAVITY_MPS2
    np.testing.assert_allclose(way[:3], 20.0**2 / (2.0 * limit), rtol=0.06)
    assert way[5] > 1.2 * way[4]
    assert made.rpy_rad[5, 2] < -0.02, "without grip front left, the right side brakes more: it turns right"
    assert np.all(made.rpy_rad[:5, 2] == 0.0)


def test_brake_and_hand_brake_torques_act_by_wheel() -> None:
    none = wheels(CAR.physics, max_brake_torque_nm=0.0, max_hand_brake_torque_nm=0.0)
    half = wheels(CAR.physics, max_brake_torque_nm=CAR.physics.wheels[0].max_brake_torque_nm / 2.0)
    made = cars(none, half, CAR.physics)
    set_speed(made, 20.0)
    slowed = 20.0 - speeds(made, 1.2, brake=1.0)
    assert slowed[0] < 0.8
    assert slowed[1] / slowed[2] == pytest.approx(0.5, abs=0.06)
    set_speed(made, 10.0)
    held = speeds(made, 1.0, hand_brake=True)
    assert held[0] > 9.0 > held[2]


def test_soft_tyres_reach_less_of_their_friction() -> None:
    soft = wheels(CAR.physics, long_stiff_value=100.0)
    made = cars(soft, CAR.physics)
    gained = speeds(made, 2.0, throttle=1.0)
    most = 4 * 100.0 * GRAVITY_MPS2 / CAR.mass_kg
    assert gained[0] < most * 2.0 < gained[1]


def test_lateral_stiffness_and_mass_centre_change_how_a_car_turns() -> None:
    usual = CAR.physics
    made = cars(
        usual,
        wheels(usual, lat_stiff_value=8.0),
        replace(usual, mass_centre_m=(0.5, 0.0, 0.0)),
        replace(usual, mass_centre_m=(-0.5, 0.0, 0.0)),
    )
    set_speed(made, 15.0)
    drive(made, controls(4, throttle=0.2, steer=0.05), 1.0, LEVEL)
    rate = np.abs(made.angular_velocity_radps[:, 2])
    assert rate[1] != pytest.approx(rate[0], rel=0.02)
    assert rate[2] < rate[0] < rate[3], "weight in front pushes wide"


def test_steering_curve_and_lock_set_the_wheels_angle() -> None:
    usual = CAR.physics
    curved = replace(usual, steering_curve=((0.0, 1.0), (10.0, 0.2), (1000.0, 0.1)))
    made = cars(usual, curved, wheels(usual, max_steer_deg=30.0))
    drive(made, controls(3, steer=-1.0), 1.0, LEVEL)
    full = made.steer_rad
    assert full[0] == pytest.approx(CAR.max_single_steer_rad)
    assert full[1] == pytest.approx(full[0])
    assert full[2] == pytest.approx(CAR.single_steer_rad(np.radians(30.0)))
    for n in range(3):
        made.set_constant_velocity(n + 1, np.array([3.0, 0.0, 0.0]))
    made.step(0.05, LEVEL)
    made.step(0.05, LEVEL)
    share = on_curve(curved.steering_curve, 3.0 * 3.6)
    assert made.steer_rad[1] == pytest.approx(share * CAR.max_single_steer_rad, rel=1e-3)
    assert made.steer_rad[1] < 0.4 * made.steer_rad[0]


def test_gears_shift_by_their_ratios_and_take_their_time() -> None:
    usual = CAR.physics
    slow = replace(usual, gear_switch_time_s=1.0)
    by_hand = replace(usual, automatic=False)
    made = cars(usual, slow, by_hand)
    gained = speeds(made, 4.0, throttle=1.0)
    assert gained[1] < gained[0] - 1.0, "no drive while gears change"
    assert made.controls.gear.tolist()[2] == 1
    top = usual.max_rpm * np.pi / 30.0 / (usual.gears[0].ratio * usual.final_ratio) * CAR.wheel_radius_m
    drive(made, controls(3, throttle=1.0), 8.0, LEVEL)
    assert made.speed_mps[2] == pytest.approx(top, rel=0.03), "the limiter ends first gear"
    assert made.telemetry_of(3).engine_rpm == pytest.approx(usual.max_rpm, rel=0.03)


def test_manual_gears_neutral_and_engine_braking() -> None:
    made = cars(CAR.physics, CAR.physics, CAR.physics)
    set_speed(made, 12.0)
    asked = controls(3)
    asked.manual_gear[:] = True
    asked.gear[:] = (0, 2, 6)
    drive(made, asked, 3.0, LEVEL)
    assert made.controls.gear.tolist() == [0, 2, 6]
    neutral, second, sixth = made.speed_mps
    assert second < sixth < neutral, "the shorter the gear, the more the engine brakes"
    asked = replace(asked, throttle=np.ones(3), gear=np.array([0, 99, -9], np.int32))
    drive(made, asked, 1.0, LEVEL)
    assert made.controls.gear.tolist() == [0, 6, -1]
    assert made.telemetry_of(1).engine_rpm > 5000, "an engine in neutral revs up"
    assert made.speed_mps[0] < neutral


def test_slopes() -> None:
    up = SlopedPlane(0.15)
    made = cars(CAR.physics, CAR.physics, CAR.physics)
    asked = controls(3)
    asked.hand_brake[1] = True
    asked.throttle[2] = 0.8
    asked.manual_gear[0] = True
    drive(made, asked, 4.0, up)
    assert made.speed_mps[0] < -4.0, "neutral: it rolls down"
    assert made.speed_mps[1] == 0.0
    assert made.speed_mps[2] > 5.0


def test_what_cannot_be_is_refused_by_name() -> None:
    usual = CAR.physics
    for wrong, named in (
        (replace(usual, wheels=usual.wheels[:2]), "2 wheels"),
        (replace(usual, gears=()), "forward_gears"),
        (replace(usual, mass_kg=0.0), "mass"),
        (replace(usual, mass_kg=float("nan")), "mass"),
        (replace(usual, torque_curve=((100.0, 1.0), (50.0, 1.0))), "torque_curve"),
        (replace(usual, max_rpm=float("inf")), "max_rpm"),
        (wheels(usual, radius_cm=0.0), "radius"),
    ):
        made = cars(usual)
        with pytest.raises(ConfigError, match=named):
            made.set_physics(1, wrong)
        assert made.physics_of(1) is usual


@pytest.mark.parametrize("clutch", [0.01, 10.0, 1e5])
@pytest.mark.parametrize("moi", [0.001, 1.0, 50.0])
def test_no_engine_makes_the_motion_unstable(clutch: float, moi: float) -> None:
    made = cars(replace(CAR.physics, clutch_strength=clutch, moi=moi))
    for asked in ({"throttle": 1.0}, {"throttle": 0.3}, {"brake": 1.0}, {"throttle": 1.0, "reverse": True}):
        made.set_control(made.ids, controls(1, **asked))
        for _ in range(60):
            made.step(0.05, LEVEL)
            assert np.abs(made.acceleration_mps2).max() < 1.1 * CAR.tyre_friction * GRAVITY_MPS2
    made.set_control(made.ids, controls(1, brake=1.0))
    drive(made, controls(1, brake=1.0), 6.0, LEVEL)
    assert made.speed_mps[0] == 0.0


def test_a_control_that_does_not_stick_lasts_a_step() -> None:
    vehicles = VehicleDynamics()
    vehicles.add(1, CAR, Pose.identity(), sticky=False)
    vehicles.set_control(vehicles.ids, controls(1, throttle=1.0))
    vehicles.step(0.05, LEVEL)
    once = vehicles.speed_mps[0]
    vehicles.step(0.5, LEVEL)
    assert once > 0.0
    assert vehicles.speed_mps[0] < once + 0.5
    assert vehicles.controls.throttle[0] == 0.0
