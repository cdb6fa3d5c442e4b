import math

import cv2
import numpy as np
import pytest

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Pose
from drivegen.core.lenses import (
    BrownConrady,
    KannalaBrandt,
    Pinhole,
    focal_for_field,
    horizontal_field_deg,
    pinhole_of_field,
    pixel_rays,
    sees,
)
from drivegen.core.plain import from_plain, to_plain
from drivegen.core.sensors import Camera

SIZE = (1600, 900)
FIVE = BrownConrady(
    fx_px=910.0, fy_px=905.0, cx_px=812.0, cy_px=441.0, k1=-0.31, k2=0.11, p1=0.0011, p2=-0.0007, k3=-0.012
)
EIGHT = BrownConrady(
    fx_px=640.0,
    fy_px=640.0,
    cx_px=800.0,
    cy_px=450.0,
    k1=0.7606,
    k2=0.099,
    p1=0.0002,
    p2=-0.0003,
    k3=0.0011,
    k4=1.0206,
    k5=0.2308,
    k6=0.0087,
)
FISHEYE = KannalaBrandt(
    fx_px=386.0, fy_px=384.0, cx_px=642.0, cy_px=478.0, k1=0.03, k2=-0.018, k3=0.0035, k4=-0.0003
)
NONE = np.zeros(3)


@pytest.mark.parametrize("lens", [FIVE, EIGHT], ids=["five", "eight"])
def test_brown_conrady_is_opencvs_project_points(lens):
    rng = np.random.default_rng(1)
    points = rng.uniform([-9.0, -5.0, 10.0], [9.0, 5.0, 11.0], (2000, 3))
    theirs = cv2.projectPoints(points[:, None], NONE, NONE, lens.intrinsic, np.array(lens.coefficients))[0]
    np.testing.assert_allclose(lens.project(points), theirs[:, 0], atol=1e-8)
    assert np.abs(lens.project(points) - pinhole(lens).project(points)).max() > 20.0


def pinhole(lens):
    return Pinhole(fx_px=lens.fx_px, fy_px=lens.fy_px, cx_px=lens.cx_px, cy_px=lens.cy_px)


def test_kannala_brandt_is_opencvs_fisheye():
    rng = np.random.default_rng(2)
    points = rng.uniform([-9.0, -9.0, 0.3], [9.0, 9.0, 10.0], (2000, 3))  # OpenCV's knows z > 0 only
    theirs = cv2.fisheye.projectPoints(
        points[:, None], NONE, NONE, FISHEYE.intrinsic, np.array(FISHEYE.coefficients)
    )[0]
    np.testing.assert_allclose(FISHEYE.project(points), theirs[:, 0], atol=1e-8)


@pytest.mark.parametrize("lens", [FIVE, EIGHT, pinhole(FIVE)], ids=["five", "eight", "pinhole"])
def test_unproject_is_the_inverse_all_over_the_image(lens):
    pixels = np.stack(np.meshgrid(np.linspace(0, SIZE[0], 81), np.linspace(0, SIZE[1], 46)), -1)
    rays = lens.unproject(pixels)
    assert np.all(rays[..., 2] == 1.0)
    np.testing.assert_allclose(lens.project(rays * 7.0), pixels, atol=1e-6)


def test_a_fisheye_sees_behind_itself_and_knows_the_ray():
    rng = np.random.default_rng(3)
    angle, turn = np.radians(rng.uniform(0.0, 94.99, 3000)), rng.uniform(-np.pi, np.pi, 3000)
    rays = np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)], -1)
    assert (rays[:, 2] < 0).sum() > 100
    np.testing.assert_allclose(FISHEYE.unproject(FISHEYE.project(rays * 3.0)), rays, atol=1e-9)
    axis = FISHEYE.unproject(np.array([FISHEYE.cx_px, FISHEYE.cy_px]))
    np.testing.assert_array_equal(axis, [0.0, 0.0, 1.0])


def test_outside_the_field_there_is_nothing():
    beyond = np.array([np.sin(np.radians(95.1)), 0.0, np.cos(np.radians(95.1))])
    assert np.isnan(FISHEYE.project(beyond)).all()
    assert not np.isnan(FISHEYE.project_on(beyond)).any()
    edge = FISHEYE.project(np.array([np.sin(np.radians(94.9)), 0.0, np.cos(np.radians(94.9))]))
    assert np.isnan(FISHEYE.unproject(edge + np.array([2.0, 0.0]))).all()
    assert np.isnan(FIVE.project(np.array([0.0, 0.0, -1.0]))).all()
    assert np.isnan(FIVE.project(np.array([FIVE.reach * 1.01, 0.0, 1.0]))).all()


def test_continued_lenses_agree_inside_and_grow_outside():
    angles = np.radians(np.linspace(1.0, 170.0, 300))
    rays = np.stack([np.sin(angles), np.zeros(300), np.cos(angles)], -1)
    radius = FISHEYE.project_on(rays)[:, 0]
    assert (np.diff(radius) > 0).all()
    steep = np.stack([np.linspace(0.0, 30.0, 400), np.zeros(400), np.ones(400)], -1)
    radius = FIVE.project_on(steep)[:, 0]
    assert (np.diff(radius) > 0).all()
    inside = steep[steep[:, 0] < FIVE.reach]
    np.testing.assert_allclose(FIVE.project_on(inside), FIVE.project(inside), atol=1e-9)


@pytest.mark.parametrize("lens", [FIVE, FISHEYE], ids=["brown_conrady", "kannala_brandt"])
def test_the_table_of_rays_has_what_unproject_says(lens):
    width, height = (160, 90) if lens is FIVE else (1280, 960)
    if lens is FIVE:
        lens = BrownConrady(fx_px=91.0, fy_px=90.5, cx_px=81.2, cy_px=44.1, k1=-0.31, k2=0.11, p1=0.0011)
    table = pixel_rays(lens, width, height)
    y, x = np.mgrid[0:height:7, 0:width:9]
    rays = np.nan_to_num(lens.unproject(np.stack([x + 0.5, y + 0.5], -1)))
    np.testing.assert_allclose(table[y, x], rays, atol=1e-6)
    assert sees(table).all() == (lens is not FISHEYE)


def test_a_polynomial_that_folds_back_in_the_image_is_refused():
    assert FIVE.problem(*SIZE) is None
    assert EIGHT.problem(*SIZE) is None
    assert FISHEYE.problem(1280, 960) is None
    strong = BrownConrady(fx_px=900.0, fy_px=900.0, cx_px=800.0, cy_px=450.0, k1=-0.9)
    assert "folds back inside the image" in strong.problem(*SIZE)
    # The same coefficients are fine where the image ends before.
    small = BrownConrady(fx_px=900.0, fy_px=900.0, cx_px=200.0, cy_px=150.0, k1=-0.9)
    assert small.problem(400, 300) is None
    twisted = BrownConrady(fx_px=400.0, fy_px=400.0, cx_px=800.0, cy_px=450.0, p1=0.4)
    assert "folds back" in twisted.problem(*SIZE)
    folded = KannalaBrandt(fx_px=386.0, fy_px=386.0, cx_px=640.0, cy_px=480.0, k1=-0.2)
    assert "folds back 73" in folded.problem(1280, 960)
    narrow = KannalaBrandt(fx_px=386.0, fy_px=386.0, cx_px=640.0, cy_px=480.0, k1=-0.2, field_deg=140.0)
    assert narrow.problem(1280, 960) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fx_px": 0.0}, "fx_px is 0"),
        ({"fy_px": math.nan}, "fy_px is nan"),
        ({"cx_px": 1300.0}, "outside the image"),
        ({"k2": math.inf}, "not finite"),
        ({"field_deg": 200.0}, "field_deg is 200"),
    ],
)
def test_a_camera_refuses_a_lens_that_cannot_be(changes, words):
    values = {"fx_px": 386.0, "fy_px": 386.0, "cx_px": 640.0, "cy_px": 480.0, **changes}
    with pytest.raises(PlanError, match=f"camera SIDE: .*{words}"):
        make_camera(KannalaBrandt(**values))


def make_camera(lens):
    return Camera(
        name="SIDE",
        agent_sensor=Pose.identity(),
        width_px=1280,
        height_px=960,
        fov_deg=190.0,
        period_s=0.1,
        lens=lens,
    )


def test_the_focal_length_for_a_field_gives_that_field():
    for lens, field in ((FIVE, 70.0), (EIGHT, 120.0), (FISHEYE, 190.0), (pinhole(FIVE), 50.0)):
        focal = focal_for_field(lens, 1280, field)
        sized = type(lens)(
            **{n: getattr(lens, n) for n in type(lens).__slots__ if n[0] in "kpf" and n[-2:] != "px"},
            fx_px=focal,
            fy_px=focal,
            cx_px=640.0,
            cy_px=480.0,
        )
        assert horizontal_field_deg(sized, 1280) == pytest.approx(field, abs=0.2)
    with pytest.raises(ValueError, match="folds back"):
        focal_for_field(BrownConrady(fx_px=1, fy_px=1, cx_px=1, cy_px=1, k1=-0.9), 1280, 90.0)


def test_cameras_without_a_lens_are_the_pinhole_of_their_field():
    camera = make_camera(None)
    assert camera.lens is None
    assert not camera.depth_along_ray
    camera = Camera(
        name="C", agent_sensor=Pose.identity(), width_px=160, height_px=90, fov_deg=90.0, period_s=0.1
    )
    assert camera.optics == pinhole_of_field(160, 90, 90.0)
    np.testing.assert_allclose(camera.intrinsic, [[80, 0, 80], [0, 80, 45], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize("lens", [None, FIVE, FISHEYE, pinhole(FIVE)])
def test_lenses_go_through_plans(lens):
    camera = Camera(
        name="C",
        agent_sensor=Pose.identity(),
        width_px=1600,
        height_px=960,
        fov_deg=90.0,
        period_s=0.1,
        lens=lens,
    )
    plain = to_plain(camera)
    assert from_plain(Camera, plain).lens == lens
    # What was written before there were lenses is read as a pinhole.
    for name in ("lens", "exposure", "vignetting", "noise", "soiling", "jpeg_quality"):
        del plain[name]
    assert from_plain(Camera, plain).lens is None


def test_slopes_are_the_derivatives_of_radii():
    angles = np.linspace(0.05, 1.6, 40)
    numeric = (FISHEYE.radius(angles + 1e-6) - FISHEYE.radius(angles - 1e-6)) / 2e-6
    np.testing.assert_allclose(FISHEYE.slope(angles), numeric, atol=1e-7)
