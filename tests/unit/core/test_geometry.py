import carla
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivegen.core.geometry import (
    Box,
    Pose,
    quaternion_from_rotation,
    rotation_from_quaternion,
    rotation_from_rpy,
    rpy_from_rotation,
)
from drivegen.core.handedness import FLIP_Y, angles_to_carla, flip_points, pose_from_carla, pose_to_carla

angles = st.floats(-np.pi + 1e-3, np.pi - 1e-3)
tilts = st.floats(-1.5, 1.5)
metres = st.floats(-1e4, 1e4)


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    return Pose.from_xyz_rpy(*(draw(metres) for _ in range(3)), draw(angles), draw(tilts), draw(angles))


@given(angles, tilts, angles)
def test_angles_survive_the_matrix(roll: float, pitch: float, yaw: float) -> None:
    assert np.allclose(rpy_from_rotation(rotation_from_rpy(roll, pitch, yaw)), (roll, pitch, yaw), atol=1e-9)


@given(angles, tilts, angles)
def test_rotation_survives_the_quaternion(roll: float, pitch: float, yaw: float) -> None:
    rotation = rotation_from_rpy(roll, pitch, yaw)
    q = quaternion_from_rotation(rotation)
    assert q[0] >= 0 and np.isclose(np.linalg.norm(q), 1.0)
    assert np.allclose(rotation_from_quaternion(q), rotation, atol=1e-12)


@given(poses(), poses(), poses())
def test_poses_form_a_group(a: Pose, b: Pose, c: Pose) -> None:
    assert np.allclose(((a @ b) @ c).matrix, (a @ (b @ c)).matrix, atol=1e-6)
    assert np.allclose((a @ a.inverse()).matrix, np.eye(4), atol=1e-6)
    assert np.allclose((a @ b).matrix, a.matrix @ b.matrix, atol=1e-6)


def test_yaw_turns_left_and_pitch_lowers_the_nose() -> None:
    assert np.allclose(rotation_from_rpy(0, 0, np.pi / 2) @ [1, 0, 0], [0, 1, 0])
    assert np.allclose(rotation_from_rpy(0, np.pi / 2, 0) @ [1, 0, 0], [0, 0, -1])
    assert np.allclose(rotation_from_rpy(np.pi / 2, 0, 0) @ [0, 1, 0], [0, 0, 1])


@given(metres, metres, metres, st.floats(-89, 89), st.floats(-179, 179), st.floats(-179, 179))
def test_frames_agree_with_the_carla_client(
    x: float, y: float, z: float, pitch: float, yaw: float, roll: float
) -> None:
    transform = carla.Transform(carla.Location(x, y, z), carla.Rotation(pitch, yaw, roll))
    left = np.array(transform.get_matrix())
    flip = np.diag([*FLIP_Y, 1.0])
    pose = pose_from_carla(x, y, z, pitch, yaw, roll)  # the client computes in float32
    assert np.allclose(pose.matrix, flip @ left @ flip, atol=2e-3, rtol=1e-6)
    assert np.allclose(pose_to_carla(pose), (x, y, z, pitch, yaw, roll), atol=1e-6)
    assert np.allclose(angles_to_carla(pose.rotation[None]), [[pitch, yaw, roll]], atol=1e-6)


def test_points_flip_as_the_client_transforms_them() -> None:
    transform = carla.Transform(carla.Location(1, 2, 3), carla.Rotation(10, 20, 30))
    point = transform.transform(carla.Location(4, -5, 6))
    mine = pose_from_carla(1, 2, 3, 10, 20, 30).transform_points(flip_points(np.array([[4.0, -5.0, 6.0]])))
    assert np.allclose(flip_points(mine)[0], [point.x, point.y, point.z], atol=1e-4)


def test_box_corners_and_contents() -> None:
    box = Box(pose=Pose.from_xyz_rpy(10, 0, 1, yaw_rad=np.pi / 2), size_m=np.array([4.0, 2.0, 1.5]))
    corners = box.corners_m()
    assert np.allclose(corners[7], [9, 2, 1.75])
    assert box.contains(corners, 1e-9).all()
    assert not box.contains(corners, -1e-3).any()
    assert box.contains(np.array([[10.0, 2.04, 1.0]]), 0.05).all()
    assert not box.contains(np.array([[10.0, 2.04, 1.0]])).any()


@pytest.mark.parametrize("pitch", [np.pi / 2, -np.pi / 2])
def test_gimbal_lock_still_gives_the_rotation(pitch: float) -> None:
    rotation = rotation_from_rpy(0.3, pitch, 0.7)
    assert np.allclose(rotation_from_rpy(*rpy_from_rotation(rotation)), rotation, atol=1e-7)
