import numpy as np
import pytest
from shapely.geometry import MultiPoint

from drivegen.core.geometry import Box, Pose
from drivegen.core.lenses import BrownConrady, KannalaBrandt, Pinhole
from drivegen.record.lens_outline import LensOutlines
from drivegen.record.projection import project_box

OPTICAL = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
FISHEYE = KannalaBrandt(fx_px=200.0, fy_px=200.0, cx_px=330.0, cy_px=250.0, k1=0.03, k2=-0.018, k3=0.0035)
WIDE = BrownConrady(
    fx_px=330.0, fy_px=330.0, cx_px=318.0, cy_px=245.0, k1=-0.31, k2=0.11, p1=0.001, k3=-0.012
)
W, H = 640, 480


def corners(pose: Pose, size: tuple[float, float, float]) -> np.ndarray:
    return Box(pose=pose, size_m=np.array(size, dtype=np.float64)).corners_m() @ OPTICAL.T


def surface(points: np.ndarray, n: int = 60) -> np.ndarray:
    """Many points on the faces of a box."""
    t = np.linspace(0.0, 1.0, n)
    a, b = np.meshgrid(t, t)
    edges = [points[1 << k] - points[0] for k in range(3)]
    found = []
    for k in range(3):
        u, v = edges[(k + 1) % 3], edges[(k + 2) % 3]
        for side in (0.0, 1.0):
            found.append(points[0] + side * edges[k] + a[..., None] * u + b[..., None] * v)
    return np.concatenate([f.reshape(-1, 3) for f in found])


def outer(pixels: np.ndarray) -> np.ndarray:
    return np.array([*pixels.min(axis=0), *pixels.max(axis=0)])


@pytest.mark.parametrize("lens", [FISHEYE, WIDE], ids=["fisheye", "brown_conrady"])
def test_boxes_are_those_of_many_projected_points(lens):
    rng = np.random.default_rng(5)
    compared = bent = 0
    for _ in range(260):
        turn = rng.uniform(-np.pi, np.pi)
        pose = Pose.from_xyz_rpy(
            *(rng.uniform(8, 16) * np.array([np.cos(turn), np.sin(turn), 0.0]) + [0, 0, rng.uniform(-2, 2)]),
            *rng.uniform(-3, 3, 3),
        )
        points = corners(pose, tuple(rng.uniform(0.4, [12.0, 3.0, 3.0])))
        pixels = lens.project(surface(points))
        seen = pixels[~np.isnan(pixels).any(axis=1)]
        inside = seen[((seen >= 0) & (seen <= [W, H])).all(axis=1)]
        found = LensOutlines(lens, W, H).of([points])[0]
        if len(inside) == 0:
            continue
        if len(inside) < len(pixels):  # cut by the border: the samples end up to one step before it
            tolerance = 9.0
        else:
            tolerance = 0.35
            straight = lens.project(points)  # the box of the corners alone
            bent += np.abs([*straight.min(axis=0), *straight.max(axis=0)] - outer(inside)).max() > 1.0
        compared += 1
        np.testing.assert_allclose(found.box_px, outer(inside), atol=tolerance)
    assert compared > 50
    assert bent > 3


def test_areas_are_those_of_the_projected_points():
    points = corners(Pose.from_xyz_rpy(1.0, 4.0, -0.5, 0.1, 0.2, 0.3), (2.0, 1.5, 1.5))
    found = LensOutlines(FISHEYE, W, H).of([points])[0]
    hull = MultiPoint(FISHEYE.project(surface(points))).convex_hull.area
    assert found.inside_px2 == pytest.approx(found.whole_px2)
    assert 0.93 * hull < found.whole_px2 <= hull * 1.001


def test_a_lens_without_distortion_agrees_with_the_pinhole():
    straight = BrownConrady(fx_px=330.0, fy_px=330.0, cx_px=320.0, cy_px=240.0)
    outline = np.empty((64, 2))
    rng = np.random.default_rng(6)
    for _ in range(50):
        points = corners(
            Pose.from_xyz_rpy(*rng.uniform([4, -6, -3], [20, 6, 3]), *rng.uniform(-3, 3, 3)), (2, 1, 1)
        )
        whole, inside, n = project_box(points, (330.0, 330.0), (320.0, 240.0), W, H, outline)
        found = LensOutlines(straight, W, H).of([points])[0]
        assert (found is None) == (inside <= 0.0)
        if found is not None:
            assert (found.whole_px2, found.inside_px2) == pytest.approx((whole, inside), rel=1e-6)
            low, high = outline[:n].min(axis=0), outline[:n].max(axis=0)
            np.testing.assert_allclose(found.box_px, [*low, *high], atol=1e-6)


def test_the_image_circle_cuts_boxes():
    narrow = KannalaBrandt(fx_px=200.0, fy_px=200.0, cx_px=320.0, cy_px=240.0, field_deg=100.0)
    radius = 200.0 * np.radians(50.0)
    # A wall from straight ahead to far beyond the rim on the right.
    wall = corners(Pose.from_xyz_rpy(5.0, -20.0, 0.0), (0.1, 40.0, 1.0))
    found = LensOutlines(narrow, W, H).of([wall])[0]
    assert found.box_px[2] == pytest.approx(320.0 + radius, abs=0.1)
    assert 1.0 - found.inside_px2 / found.whole_px2 > 0.1


def test_what_is_behind_is_not_in_the_image_and_what_is_around_fills_it():
    behind = corners(Pose.from_xyz_rpy(-6.0, 0.3, 0.2), (4.0, 2.0, 2.0))
    beside = corners(Pose.from_xyz_rpy(-0.35, 4.0, 0.0), (0.3, 1.0, 1.0))  # 92 degrees off the axis
    around = corners(Pose.from_xyz_rpy(0.2, 0.1, 0.0), (4.0, 2.0, 2.0))
    found = LensOutlines(FISHEYE, W, H).of([behind, beside, around])
    assert found[0] is None
    assert found[1] is not None
    assert found[2].inside_px2 > 0.8 * W * H
    assert LensOutlines(WIDE, W, H).of([behind, beside])[:2] == [None, None]
    assert LensOutlines(WIDE, W, H).of([]) == []


def test_pinholes_have_outlines_too():
    lens = Pinhole(fx_px=300.0, fy_px=200.0, cx_px=100.0, cy_px=50.0)
    cube = corners(Pose.from_xyz_rpy(11.0, 0.0, 0.0), (2.0, 2.0, 2.0))
    assert LensOutlines(lens, 640, 480).of([cube])[0].box_px == pytest.approx((70.0, 30.0, 130.0, 70.0))
