from types import SimpleNamespace

import carla
import numpy as np
import pytest

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


def test_inertial_readings_change_hands():
    measurement = SimpleNamespace(
        accelerometer=carla.Vector3D(1.0, 2.0, 9.81), gyroscope=carla.Vector3D(0.1, 0.2, 0.3), compass=1.5
    )
    reading = unpack.imu(measurement)
    np.testing.assert_allclose(reading.acceleration_mps2, [1.0, -2.0, 9.81], rtol=1e-6)
    np.testing.assert_allclose(reading.angular_velocity_radps, [-0.1, 0.2, -0.3], rtol=1e-6)
    assert reading.compass_rad == 1.5
