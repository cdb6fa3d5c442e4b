"""CARLA's frame: what faces backwards does so at one angle."""

import math

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.embedded.wire.frames import rotations_to_carla, transform_of


@pytest.mark.parametrize("yaw_rad", [math.pi, -math.pi, np.nextafter(math.pi, 0), np.nextafter(-math.pi, 0)])
def test_a_half_turn_is_plus_180_degrees_in_transforms_and_in_snapshots(yaw_rad: float) -> None:
    told = transform_of(Pose.from_xyz_rpy(0.0, 0.0, 0.0, 0.0, 0.0, yaw_rad)).rotation.yaw
    assert told == pytest.approx(180.0, abs=1e-6)
    assert rotations_to_carla(np.array([[0.0, 0.0, yaw_rad]]))[0, 1] == pytest.approx(180.0, abs=1e-6)


@pytest.mark.parametrize("yaw_rad", [0.0, 1.0, -1.0, 3.1, -3.1])
def test_other_turns_change_sign_only(yaw_rad: float) -> None:
    wanted = -math.degrees(yaw_rad)
    assert transform_of(Pose.from_xyz_rpy(0.0, 0.0, 0.0, 0.0, 0.0, yaw_rad)).rotation.yaw == pytest.approx(
        wanted
    )
    assert rotations_to_carla(np.array([[0.0, 0.0, yaw_rad]]))[0, 1] == pytest.approx(wanted)
