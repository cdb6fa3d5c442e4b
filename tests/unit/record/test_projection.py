import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPoint, box

from drivegen.core.geometry import Box, Pose
from drivegen.record.projection import NEAR_M, convex_hull, polygon_area, project_box

OPTICAL = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])


def corners(pose: Pose, size: tuple[float, float, float]) -> np.ndarray:
    return Box(pose=pose, size_m=np.array(size)).corners_m() @ OPTICAL.T


def test_a_cube_straight_ahead_covers_its_front_face():
    outline = np.empty((64, 2))
    cube = corners(Pose.from_xyz_rpy(11.0, 0.0, 0.0), (2.0, 2.0, 2.0))
    whole, inside, n = project_box(cube, (100.0, 100.0), (100.0, 50.0), 200, 100, outline)
    # The front face is 10 m away: 2 m are 20 pixels.
    assert whole == pytest.approx(400.0)
    assert inside == pytest.approx(400.0)
    assert outline[:n].min(axis=0) == pytest.approx([90.0, 40.0])
    assert outline[:n].max(axis=0) == pytest.approx([110.0, 60.0])


def test_half_of_a_cube_at_the_image_border_is_outside():
    outline = np.empty((64, 2))
    cube = corners(Pose.from_xyz_rpy(10.001, 10.0, 0.0), (0.002, 2.0, 2.0))  # seen at x = 0, the left border
    whole, inside, _ = project_box(cube, (100.0, 100.0), (100.0, 50.0), 200, 100, outline)
    assert inside / whole == pytest.approx(0.5, abs=1e-3)


def test_a_box_behind_the_camera_has_no_projection():
    outline = np.empty((64, 2))
    assert project_box(
        corners(Pose.from_xyz_rpy(-9.0, 0, 0), (4.0, 2.0, 2.0)),
        (100.0, 100.0),
        (100.0, 50.0),
        200,
        100,
        outline,
    ) == (
        0.0,
        0.0,
        0,
    )


def test_a_box_beside_the_camera_that_crosses_the_near_plane_stays_on_its_side():
    outline = np.empty((64, 2))
    # A bus from 4 m behind to 6 m in front of the camera, its near wall 1 m to the left.
    beside = corners(Pose.from_xyz_rpy(1.0, 2.0, 0.0), (10.0, 2.0, 3.0))
    whole, inside, n = project_box(beside, (100.0, 100.0), (100.0, 50.0), 200, 100, outline)
    assert inside > 0
    assert whole > 100 * inside
    # Its front right edge, 6 m ahead and 1 m left, is the rightmost thing.
    assert outline[:n, 0].max() == pytest.approx(100.0 - 100.0 / 6.0)
    assert outline[:n, 0].min() == pytest.approx(0.0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_areas_are_those_of_shapely(seed):
    rng = np.random.default_rng(seed)
    pose = Pose.from_xyz_rpy(*rng.uniform([NEAR_M + 6, -8, -4], [30, 8, 4]), *rng.uniform(-3, 3, 3))
    points = corners(pose, tuple(rng.uniform(0.3, 5, 3)))
    outline = np.empty((64, 2))
    whole, inside, n = project_box(points, (300.0, 300.0), (200.0, 100.0), 400, 200, outline)
    pixels = 300.0 * points[:, :2] / points[:, 2:] + [200.0, 100.0]
    hull = MultiPoint(pixels).convex_hull
    assert whole == pytest.approx(hull.area, rel=1e-6)
    assert inside == pytest.approx(hull.intersection(box(0, 0, 400, 200)).area, rel=1e-6, abs=1e-6)
    assert polygon_area(outline, n) == pytest.approx(inside)


def test_hull_drops_inner_and_collinear_points():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [1.0, 1.0], [0.0, 1.0]])
    hull = np.empty((14, 2))
    assert convex_hull(points, len(points), hull) == 4
