import struct
from types import SimpleNamespace

import carla
import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.sensors import Lidar
from drivegen.record import unpack


def pixels(*bgra):
    return np.array([bgra], np.uint8).reshape(1, len(bgra), 4)


def test_depth_is_carlas_24_bit_code():
    # 12.5 m is 0.0125 of the range: code 209715 = 0x033333.
    image = pixels((0x03, 0x33, 0x33, 255), (0xFF, 0xFF, 0xFF, 255), (0, 0, 1, 255))
    depth = unpack.depth(image)
    assert depth[0, 0] == pytest.approx(12.5, abs=1e-4)
    assert depth[0, 1] == 0.0  # the sky
    assert depth[0, 2] == pytest.approx(1000.0 / 16777215.0)


def test_tag_and_id_of_an_instance_image():
    tag, raw = unpack.split_instances(pixels((0x12, 0x34, 14, 255), (0, 7, 12, 255)))
    assert tag.tolist() == [[14, 12]]
    assert raw.tolist() == [[0x1234, 7]]


def test_color_leaves_alpha():
    image = pixels((1, 2, 3, 255), (4, 5, 6, 255))
    assert unpack.color(image).tolist() == [[[1, 2, 3], [4, 5, 6]]]


def test_a_sweep_in_the_right_handed_frame_with_rings_from_below():
    lidar = Lidar(
        name="TOP",
        agent_sensor=Pose.identity(),
        channels=2,
        upper_fov_deg=0.0,
        lower_fov_deg=-10.0,
        range_m=50.0,
        columns=2,
        period_s=0.1,
        atmosphere_attenuation=0.01,
    )
    points = [(3.0, 4.0, 0.0, 0.5, 70001, 14), (10.0, 0.0, 0.0, 1.0, 9, 4), (0.0, -2.0, -1.0, 0.2, 0, 1)]
    measurement = SimpleNamespace(
        raw_data=b"".join(struct.pack("<4f2I", *p) for p in points),
        channels=2,
        get_point_count=lambda k: [2, 1][k],
    )
    sweep = unpack.sweep(measurement, lidar, np.array([70001], np.uint32))
    np.testing.assert_allclose(sweep.points_m, [[3, -4, 0], [10, 0, 0], [0, 2, -1]])
    assert sweep.ring.tolist() == [1, 1, 0]
    assert sweep.object_id.tolist() == [70001, 0, 0]
    assert sweep.tag.tolist() == [14, 4, 1]
    np.testing.assert_allclose(sweep.intensity, np.exp([-0.05, -0.1, -0.01 * 5**0.5]), rtol=1e-6)
    np.testing.assert_allclose(sweep.cos_incidence, [0.5, 1.0, 0.2])


def test_inertial_readings_change_hands():
    measurement = SimpleNamespace(
        accelerometer=carla.Vector3D(1.0, 2.0, 9.81), gyroscope=carla.Vector3D(0.1, 0.2, 0.3), compass=1.5
    )
    reading = unpack.imu(measurement)
    np.testing.assert_allclose(reading.acceleration_mps2, [1.0, -2.0, 9.81], rtol=1e-6)
    np.testing.assert_allclose(reading.angular_velocity_radps, [-0.1, 0.2, -0.3], rtol=1e-6)
    assert reading.compass_rad == 1.5
