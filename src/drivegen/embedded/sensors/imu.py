"""sensor.other.imu."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.geometry import Mat4, Vec3
from drivegen.core.handedness import FLIP_AXIAL
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.measurements import ImuReading
from drivegen.embedded.sensors.moment import BodyState
from drivegen.embedded.sensors.noise import noise_rng


class Imu:
    """Accelerometer, gyroscope and compass, fixed to a rigid body.

    The accelerometer reads the specific force at the sensor's own place,
    a + alpha x r + omega x (omega x r) - g, with r from the body's origin to the sensor and alpha from the
    change of omega since the last reading. CARLA takes the second difference of the sensor's positions, the
    same quantity except that it jumps in the first two ticks and when the actor is teleported.
    Attributes name axes of CARLA's frame.
    """

    def __init__(self, attributes: Attributes, seed: int) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        self._accel_stddev = _three(attributes, "noise_accel_stddev", 0.0)
        self._gyro_stddev = _three(attributes, "noise_gyro_stddev", 0.0)
        self._gyro_bias = _three(attributes, "noise_gyro_bias", -math.inf) * FLIP_AXIAL
        self._rng = noise_rng(attributes, seed, "sensor.other.imu")
        self._last: tuple[float, Vec3] | None = None

    def measure(self, world_sensor: Mat4, body: BodyState, time_s: float, gravity_mps2: float) -> ImuReading:
        """The reading at `time_s`."""
        rotation = world_sensor[:3, :3]
        omega = body.angular_velocity_radps
        spin_up = np.zeros(3)
        if self._last is not None and time_s > self._last[0]:
            spin_up = (omega - self._last[1]) / (time_s - self._last[0])
        self._last = (time_s, np.array(omega, dtype=np.float64))
        arm = world_sensor[:3, 3] - body.position_m
        force = body.acceleration_mps2 + np.cross(spin_up, arm) + np.cross(omega, np.cross(omega, arm))
        force = force + np.array([0.0, 0.0, gravity_mps2])
        noise = self._rng.standard_normal((2, 3))
        return ImuReading(
            acceleration_mps2=rotation.T @ force + self._accel_stddev * noise[0],
            angular_velocity_radps=rotation.T @ omega + self._gyro_bias + self._gyro_stddev * noise[1],
            compass_rad=_compass(rotation[:, 0]),
        )


def _three(attributes: Attributes, name: str, low: float) -> Vec3:
    return np.array([attributes.number(f"{name}_{axis}", 0.0, low) for axis in "xyz"])


def _compass(forward: Vec3) -> float:
    """Clockwise from +y (CARLA's -y, its north); 0 where the sensor points straight up or down."""
    if abs(forward[0]) < 1e-12 and abs(forward[1]) < 1e-12:
        return 0.0
    return math.atan2(float(forward[0]), float(forward[1])) % (2.0 * math.pi)
