import math

import numpy as np
import pytest

from drivegen.core.geometry import rotation_from_rpy
from drivegen.core.handedness import FLIP_AXIAL
from drivegen.embedded.sensors.moment import BodyState
from tests.unit.embedded.sensors.room import sensor


def pose(rpy=(0.0, 0.0, 0.0), position=(0.0, 0.0, 0.0)):
    out = np.eye(4)
    out[:3, :3] = rotation_from_rpy(*rpy)
    out[:3, 3] = position
    return out


def body(velocity=(0, 0, 0), angular=(0, 0, 0), acceleration=(0, 0, 0), position=(0, 0, 0)):
    return BodyState(
        position_m=np.array(position, np.float64),
        velocity_mps=np.array(velocity, np.float64),
        angular_velocity_radps=np.array(angular, np.float64),
        acceleration_mps2=np.array(acceleration, np.float64),
    )


def read(imu, world_sensor, state, time_s=0.0):
    return imu.measure(world_sensor, state, time_s, 9.81)


def test_at_rest_it_feels_gravity_upwards():
    reading = read(sensor("sensor.other.imu"), pose(), body())
    np.testing.assert_allclose(reading.acceleration_mps2, [0, 0, 9.81], atol=1e-12)
    np.testing.assert_array_equal(reading.angular_velocity_radps, 0.0)


def test_tilted_it_feels_gravity_in_its_own_frame():
    # Positive pitch is nose down: 30 degrees down puts the up vector half behind the nose.
    reading = read(sensor("sensor.other.imu"), pose((0.0, math.radians(30), 1.1)), body())
    np.testing.assert_allclose(
        reading.acceleration_mps2, [-9.81 * 0.5, 0.0, 9.81 * math.sqrt(0.75)], atol=1e-9
    )


def test_braking_is_felt_backwards_whatever_the_heading():
    reading = read(sensor("sensor.other.imu"), pose((0, 0, math.pi / 2)), body(acceleration=(0, -4, 0)))
    np.testing.assert_allclose(reading.acceleration_mps2, [-4.0, 0.0, 9.81], atol=1e-9)


def test_on_a_turntable_the_arm_counts():
    # 2 rad/s about the body's origin, sensor 1.5 m ahead of it: omega^2 r = 6 m/s2 inwards.
    imu = sensor("sensor.other.imu")
    spinning = body(angular=(0, 0, 2.0), position=(5.0, 5.0, 0.0))
    reading = read(imu, pose(position=(6.5, 5.0, 0.0)), spinning)
    np.testing.assert_allclose(reading.acceleration_mps2, [-6.0, 0.0, 9.81], atol=1e-9)
    np.testing.assert_allclose(reading.angular_velocity_radps, [0, 0, 2.0])
    # From 2 to 2.5 rad/s in 0.1 s: alpha r = 5 * 1.5 sideways, omega^2 r = 9.375 inwards.
    faster = body(angular=(0, 0, 2.5), position=(5.0, 5.0, 0.0))
    reading = read(imu, pose(position=(6.5, 5.0, 0.0)), faster, 0.1)
    np.testing.assert_allclose(reading.acceleration_mps2, [-9.375, 7.5, 9.81], atol=1e-9)


def test_rotation_is_told_in_the_sensors_frame():
    reading = read(sensor("sensor.other.imu"), pose((0, 0, math.pi / 2)), body(angular=(0.5, 0, 0.1)))
    np.testing.assert_allclose(reading.angular_velocity_radps, [0.0, -0.5, 0.1], atol=1e-12)


@pytest.mark.parametrize(
    ("yaw_deg", "compass_deg"), [(90, 0), (0, 90), (-90, 180), (180, 270), (89.0, 1.0), (91.0, 359.0)]
)
def test_the_compass_turns_clockwise_from_north(yaw_deg, compass_deg):
    # North is CARLA's -y and drivegen's +y, so a yaw of 90 degrees (counter-clockwise from +x) looks north.
    reading = read(sensor("sensor.other.imu"), pose((0.1, -0.2, math.radians(yaw_deg))), body())
    assert 0.0 <= reading.compass_rad < 2 * math.pi
    difference = math.remainder(reading.compass_rad - math.radians(compass_deg), 2 * math.pi)
    assert difference == pytest.approx(0.0, abs=1e-9)


def test_bias_and_noise_are_on_carlas_axes():
    imu = sensor(
        "sensor.other.imu",
        noise_accel_stddev_x=0.1,
        noise_accel_stddev_y=0.2,
        noise_accel_stddev_z=0.3,
        noise_gyro_stddev_x=0.01,
        noise_gyro_stddev_y=0.02,
        noise_gyro_stddev_z=0.03,
        noise_gyro_bias_x=1.0,
        noise_gyro_bias_y=-2.0,
        noise_gyro_bias_z=3.0,
    )
    readings = [read(imu, pose(), body(), 0.1 * k) for k in range(4000)]
    accel = np.array([r.acceleration_mps2 for r in readings])
    gyro_carla = np.array([r.angular_velocity_radps for r in readings]) * FLIP_AXIAL
    np.testing.assert_allclose(accel.std(axis=0), [0.1, 0.2, 0.3], rtol=0.06)
    np.testing.assert_allclose(accel.mean(axis=0), [0, 0, 9.81], atol=4.5 * 0.3 / math.sqrt(4000))
    np.testing.assert_allclose(gyro_carla.std(axis=0), [0.01, 0.02, 0.03], rtol=0.06)
    np.testing.assert_allclose(gyro_carla.mean(axis=0), [1, -2, 3], atol=4.5 * 0.03 / math.sqrt(4000))


def test_a_seed_repeats():
    def readings(seed):
        imu = sensor("sensor.other.imu", seed, noise_accel_stddev_x=1.0)
        return [read(imu, pose(), body(), 0.1 * k).acceleration_mps2[0] for k in range(3)]

    assert readings(4) == readings(4)
    assert readings(4) != readings(5)
