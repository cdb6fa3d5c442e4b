"""Tokens, headers and payloads."""

import struct

import msgpack
import numpy as np

from drivegen.core.geometry import Pose
from drivegen.embedded.sensors.measurements import CameraImage, GnssFix, ImuReading, LidarScan, SemanticScan
from drivegen.embedded.wire.sensor_data import payload
from drivegen.embedded.wire.streams import SensorType, header, token


def test_a_token_says_stream_port_and_protocol() -> None:
    data = token(513, 2001)
    assert struct.unpack("<IHBB16s", data) == (513, 2001, 1, 0, bytes(16))
    assert len(data) == 24


def test_a_header_is_48_bytes_in_carlas_frame() -> None:
    data = header(SensorType.RGB, 9, 0.45, Pose.from_xyz_rpy(1.0, 2.0, 3.0, 0.1, 0.2, 0.3))
    kind, frame, stamp, x, y, z, pitch, yaw, roll = struct.unpack("<QQd6f", data)
    assert (kind, frame, stamp, x, y, z) == (13, 9, 0.45, 1.0, -2.0, 3.0)
    np.testing.assert_allclose([pitch, yaw, roll], np.degrees([-0.2, -0.3, 0.1]), rtol=1e-5)


def test_an_image_is_its_size_and_its_pixels() -> None:
    pixels = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    data = b"".join(payload(CameraImage(bgra=pixels, fov_deg=70.0)))
    assert struct.unpack_from("<IIf", data) == (3, 2, 70.0)
    assert data[12:] == pixels.tobytes()


def test_a_lidar_scan_is_counts_and_points_with_y_turned_round() -> None:
    scan = LidarScan(
        horizontal_angle_rad=0.5,
        channel_counts=np.array([1, 0, 1], np.uint32),
        points=np.array([[1, 2, 3, 0.5], [4, -5, 6, 0.25]], np.float32),
    )
    data = b"".join(payload(scan))
    assert struct.unpack_from("<fIIII", data) == (0.5, 3, 1, 0, 1)
    assert np.frombuffer(data, "<f4", offset=20).tolist() == [1, -2, 3, 0.5, 4, 5, 6, 0.25]
    assert scan.points[0, 1] == 2, "the scan itself stays as it was"


def test_a_semantic_scan_has_24_bytes_a_point() -> None:
    scan = SemanticScan(
        horizontal_angle_rad=0.5,
        channel_counts=np.array([1], np.uint32),
        points_m=np.array([[1, 2, 3]], np.float32),
        cos_incidence=np.array([0.75], np.float32),
        object_id=np.array([4242], np.uint32),
        tag=np.array([14], np.uint32),
    )
    data = b"".join(payload(scan))
    assert struct.unpack_from("<4f2I", data, 12) == (1.0, -2.0, 3.0, 0.75, 4242, 14)
    assert len(data) == 12 + 24


def test_gnss_and_imu_are_msgpack() -> None:
    fix = GnssFix(latitude_deg=39.8, longitude_deg=116.5, altitude_m=20.0)
    assert msgpack.unpackb(b"".join(payload(fix))) == [39.8, 116.5, 20.0]
    reading = ImuReading(
        acceleration_mps2=np.array([1.0, 2.0, 3.0]),
        angular_velocity_radps=np.array([0.1, 0.2, 0.3]),
        compass_rad=1.5,
    )
    assert msgpack.unpackb(b"".join(payload(reading))) == [[1.0, -2.0, 3.0], [-0.1, 0.2, -0.3], 1.5]
