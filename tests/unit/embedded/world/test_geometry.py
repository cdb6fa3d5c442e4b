"""Many poses at once, and whether places are free."""

import math

import numpy as np
import pytest

from drivegen.core.geometry import Pose, rotation_from_rpy, rpy_from_rotation
from drivegen.embedded.world.occupancy import upright_boxes_overlap
from drivegen.embedded.world.transforms import matrices, rpy_of


def test_matrices_are_those_of_core() -> None:
    rng = np.random.default_rng(7)
    position, rpy = rng.normal(size=(50, 3)), rng.uniform(-1.5, 1.5, (50, 3))
    rpy[0] = 0.3, math.pi / 2, 0.0
    world = matrices(position, rpy)
    back = rpy_of(world)
    for i in range(50):
        np.testing.assert_allclose(world[i, :3, :3], rotation_from_rpy(*rpy[i]), atol=1e-12)
        np.testing.assert_allclose(world[i, :3, 3], position[i])
        np.testing.assert_allclose(back[i], rpy_from_rotation(world[i, :3, :3]), atol=1e-9)


def _overlap(x: float, y: float, z: float, yaw_deg: float) -> bool:
    """Of a 4 x 2 x 1.5 m box at a place with one at the origin."""
    half = np.array([2.0, 1.0, 0.75])
    other = Pose.from_xyz_rpy(x, y, z, yaw_rad=math.radians(yaw_deg)).matrix
    return bool(upright_boxes_overlap(np.eye(4), half, other[None], half[None])[0])


@pytest.mark.parametrize(
    ("x", "y", "z", "yaw_deg", "wanted"),
    [
        (0.0, 0.0, 0.0, 0.0, True),
        (3.9, 0.0, 0.0, 0.0, True),
        (4.0, 0.0, 0.0, 0.0, False),
        (0.0, 1.9, 0.0, 0.0, True),
        (0.0, 2.0, 0.0, 0.0, False),
        (0.0, 0.0, 1.4, 0.0, True),
        (0.0, 0.0, 1.5, 0.0, False),
        (2.9, 0.0, 0.0, 90.0, True),
        (3.1, 0.0, 0.0, 90.0, False),
        # Corner to corner: the axis-aligned bounds overlap, the boxes do not.
        (2.9, 2.4, 0.0, -45.0, False),
        (2.5, 1.5, 0.0, 45.0, True),
    ],
)
def test_overlap_of_upright_boxes(x: float, y: float, z: float, yaw_deg: float, wanted: bool) -> None:
    assert _overlap(x, y, z, yaw_deg) is wanted


def test_overlap_agrees_with_sampling() -> None:
    rng = np.random.default_rng(3)
    half = np.array([2.0, 1.0, 0.75])
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, 41)] * 2, indexing="ij"), -1).reshape(-1, 2) * half[:2]
    points = np.concatenate([grid, np.zeros((len(grid), 1))], axis=1)
    for _ in range(200):
        other = Pose.from_xyz_rpy(*rng.uniform(-5, 5, 2), 0.0, yaw_rad=rng.uniform(-3, 3))
        local = other.transform_points(points)
        sampled = bool(np.any(np.all(np.abs(local[:, :2]) < half[:2] - 0.15, axis=1)))
        found = bool(upright_boxes_overlap(np.eye(4), half, other.matrix[None], half[None])[0])
        assert found or not sampled
