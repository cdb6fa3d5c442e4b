import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.walkers import WalkerDynamics, stride_m

LEVEL = SlopedPlane()
SIZE_M = np.array([0.4, 0.5, 1.8])
EAST = np.array([1.0, 0.0, 0.0])


class _Pavement:
    """A pavement 15 cm high between x = 3 and x = 6."""

    def height_near(self, xyz_m):
        on = (xyz_m[:, 0] > 3.0) & (xyz_m[:, 0] < 6.0)
        return np.where(on, 0.15, 0.0)


def _walker(yaw_rad: float = 0.0) -> WalkerDynamics:
    walkers = WalkerDynamics()
    walkers.add(9, SIZE_M, Pose.from_xyz_rpy(0.0, 0.0, 0.9, yaw_rad=yaw_rad))
    return walkers


def test_comes_up_to_speed_smoothly_and_turns_into_its_direction() -> None:
    walkers = _walker(yaw_rad=np.pi / 2)
    walkers.set_control(9, EAST, 1.4)
    speeds = []
    for _ in range(40):
        walkers.step(0.05, LEVEL)
        speeds.append(walkers.speed_mps[0])
        assert np.linalg.norm(walkers.acceleration_mps2[0]) <= 3.0 + 1e-9
    assert speeds[0] < 0.3
    assert speeds[-1] == pytest.approx(1.4)
    assert walkers.rpy_rad[0, 2] == pytest.approx(0.0, abs=1e-9)
    walkers.set_control(9, EAST, 0.0)
    for _ in range(20):
        walkers.step(0.05, LEVEL)
    assert walkers.speed_mps[0] == 0.0


def test_two_steps_a_turn_of_the_gait() -> None:
    walkers = _walker()
    walkers.set_control(9, EAST, 1.4)
    for _ in range(60):
        walkers.step(0.05, LEVEL)
    start, phase, turned = walkers.position_m[0, 0], walkers.gait_phase_rad[0], 0.0
    for _ in range(200):
        walkers.step(0.05, LEVEL)
        turned += (walkers.gait_phase_rad[0] - phase) % (2 * np.pi)
        phase = walkers.gait_phase_rad[0]
    stride = (walkers.position_m[0, 0] - start) / (turned / (2 * np.pi))
    assert stride == pytest.approx(stride_m(np.array([1.4]), SIZE_M[2:])[0])
    assert 1.3 < stride < 1.7, "a grown-up's double step at walking pace"


def test_feet_never_sink_into_a_kerb_and_rest_on_the_ground() -> None:
    walkers, ground = _walker(), _Pavement()
    walkers.set_control(9, EAST, 1.6)
    jumps, last, heights = [], 0.0, []
    for _ in range(120):
        walkers.step(0.05, ground)
        position = walkers.position_m[0]
        feet = position[2] - SIZE_M[2] / 2
        under = np.array([[position[0] + dx, 0.0, feet] for dx in np.linspace(-0.2, 0.2, 21)])
        assert feet >= ground.height_near(under).max() - 1e-9
        jumps.append(abs(feet - last))
        heights.append(feet)
        last = feet
    assert max(jumps) <= 0.0601
    assert max(heights) == pytest.approx(0.15)
    assert heights[-1] == pytest.approx(0.0, abs=1e-9)


def test_a_state_places_the_walker_and_gives_its_velocity() -> None:
    walkers = _walker()
    for k in range(1, 5):
        walkers.set_state(9, Pose.from_xyz_rpy(0.07 * k, 0.0, 5.0, yaw_rad=0.3), 1.4)
        walkers.step(0.05, LEVEL)
        assert walkers.position_m[0, 0] == pytest.approx(0.07 * k)
        np.testing.assert_allclose(walkers.velocity_mps[0], [1.4, 0.0, 0.0], atol=1e-9)
        assert walkers.rpy_rad[0, 2] == pytest.approx(0.3)
    assert walkers.position_m[0, 2] == pytest.approx(0.9), "the height is the ground's, not the state's"
    walkers.set_state(9, Pose.from_xyz_rpy(80.0, 0.0, 0.9), 1.4)
    walkers.step(0.05, LEVEL)
    assert walkers.speed_mps[0] == pytest.approx(1.4), "a jump to another place is no motion"


def test_jumps_once_and_lands() -> None:
    walkers = _walker()
    walkers.set_control(9, EAST, 0.0, jump=True)
    heights = []
    for _ in range(40):
        walkers.step(0.05, LEVEL)
        heights.append(walkers.position_m[0, 2] - 0.9)
    assert max(heights) == pytest.approx(5.0**2 / 2 / 9.81, abs=0.05)
    assert heights[-1] == pytest.approx(0.0, abs=1e-9)
    assert sum(h > 0.01 for h in heights) * 0.05 == pytest.approx(2 * 5.0 / 9.81, abs=0.06)


def test_rows_follow_their_walkers_when_others_leave() -> None:
    walkers = WalkerDynamics()
    for i in range(4):
        walkers.add(i + 1, SIZE_M, Pose.from_xyz_rpy(float(i), 0.0, 0.9))
    walkers.remove(2)
    assert walkers.ids.tolist() == [1, 3, 4]
    assert walkers.position_m[walkers.row_of(3), 0] == 2.0
