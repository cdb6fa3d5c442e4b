import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import PlanError
from drivegen.core.geometry import Box, Pose
from drivegen.core.lenses import KannalaBrandt, pixel_rays, sees
from drivegen.core.photography import Soiling
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather
from drivegen.record.camera_effects import CameraEffects
from drivegen.record.soiling import OPAQUE_FROM, SoiledGlass
from drivegen.record.visibility import Target, camera_labels

SEEN = np.ones((180, 320), bool)
WET = Weather(precipitation=60.0, precipitation_deposits=60.0, wetness=80.0)


def glass(soiling: Soiling, weather: Weather = WET, seed: int = 3) -> SoiledGlass:
    return SoiledGlass(soiling, weather, SEEN, seed)


def picture() -> np.ndarray:
    y, x = np.mgrid[0:180, 0:320]
    return np.stack([x * 0.7, y * 1.3, (x + y) * 0.5], -1).astype(np.uint8)


def test_what_is_on_the_glass_follows_the_weather_unless_it_is_set():
    dry = glass(Soiling(), Weather())
    assert dry.clean
    image = picture()
    np.testing.assert_array_equal(dry.soil(image), image)
    cover = [glass(Soiling(dirt=0.0), Weather(precipitation=p)).mask.mean() for p in (10.0, 40.0, 100.0)]
    assert 0.0 < cover[0] < cover[1] < cover[2]
    assert glass(Soiling(drops=0.0), WET).mask.mean() > 0.0  # spray leaves dirt
    assert glass(Soiling(drops=0.0, dirt=0.0), WET).clean
    dirty = [glass(Soiling(drops=0.0, dirt=d)).mask.mean() for d in (0.2, 0.6, 1.0)]
    assert dirty[0] < dirty[1] < dirty[2]


def test_more_rain_adds_drops_and_moves_none():
    few, many = (glass(Soiling(drops=d, dirt=0.0)).mask for d in (0.2, 0.6))
    assert (many >= few).all()
    assert (many > few).any()


def test_clean_glass_shows_the_scene_as_it_is():
    soiled = glass(Soiling(drops=0.5, dirt=0.5))
    image = picture()
    out = soiled.soil(image)
    np.testing.assert_array_equal(out[soiled.mask == 0], image[soiled.mask == 0])
    opaque = soiled.mask >= OPAQUE_FROM
    assert np.abs(out[opaque].astype(int) - image[opaque]).mean() > 10
    np.testing.assert_array_equal(image, picture())  # the input is not written to


def test_a_drop_shows_the_scene_upside_down_and_small():
    y, x = np.mgrid[0:180, 0:320]
    soiled = SoiledGlass(Soiling(drops=0.1, dirt=0.0, drop_size_px=14.0), WET, SEEN, 4)
    seen = 0
    for ramp, along in ((x * 0.7 + 20, 1), (y * 1.2 + 20, 0)):
        out = soiled.soil(np.repeat(ramp[..., None], 3, axis=-1).astype(np.uint8))[..., 0].astype(float)
        for drop in soiled._drops:
            inner = drop.alpha[..., 0] > 0.9
            # Beside the border it shows what lies beyond, which is mirrored.
            middle = (drop.rows.start + drop.rows.stop) / 2, (drop.columns.start + drop.columns.stop) / 2
            if abs(middle[0] - 90) > 40 or abs(middle[1] - 160) > 80 or inner.sum() < 50:
                continue
            place = np.broadcast_to((y, x)[along][drop.rows, drop.columns], inner.shape)[inner]
            shown = out[drop.rows, drop.columns][inner]
            assert np.corrcoef(place, shown)[0, 1] < -0.6
            assert np.polyfit(place, shown, 1)[0] < -1.5  # the ramp itself rises by 0.7 and 1.2 a pixel
            seen += 1
    assert seen >= 4


def test_the_same_seed_soils_the_same_way():
    one, same, other = (glass(Soiling(drops=0.4, dirt=0.4), seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.mask, same.mask)
    np.testing.assert_array_equal(one.soil(picture()), same.soil(picture()))
    assert (one.mask != other.mask).mean() > 0.2


def test_beyond_the_image_circle_nothing_is_drawn():
    lens = KannalaBrandt(fx_px=50.0, fy_px=50.0, cx_px=160.0, cy_px=90.0)
    seen = sees(pixel_rays(lens, 320, 180))
    soiled = SoiledGlass(Soiling(drops=1.0, dirt=1.0), WET, seen, 3)
    assert soiled.mask[~seen].max() == 0
    assert soiled.mask[seen].mean() > 40
    image = np.where(seen[..., None], picture(), 0).astype(np.uint8)
    assert soiled.soil(image)[~seen].max() == 0


@pytest.mark.parametrize(
    ("changes", "words"), [({"drops": 1.5}, "drops"), ({"drop_size_px": 0.0}, "drop_size")]
)
def test_amounts_out_of_range_are_refused(changes, words):
    with pytest.raises(PlanError, match=f"camera CAM: soiling.{words}"):
        make_camera(soiling=Soiling(**changes))


def make_camera(**changes: object) -> Camera:
    values = {
        "name": "CAM",
        "agent_sensor": Pose.identity(),
        "width_px": 320,
        "height_px": 180,
        "fov_deg": 70.0,
        "period_s": 0.1,
    }
    return Camera(**{**values, **changes})


def test_labels_behind_dirt_are_less_visible():
    camera, at = make_camera(), Pose.from_xyz_rpy(0.0, 0.0, 0.75)
    box = Box(pose=Pose.from_xyz_rpy(15.0, 0.0, 0.75), size_m=np.array([4.6, 1.9, 1.5]))
    targets = [Target(track_id=7, object_class=ObjectClass.CAR, box=box)]
    depth, instance = np.full((180, 320), 60.0, np.float32), np.zeros((180, 320), np.uint16)
    instance[80:100, 145:175] = 7
    depth[80:100, 145:175] = 13.0
    clean = camera_labels(camera, at, depth, instance, targets)[7]
    assert clean.visible_fraction == pytest.approx(1.0)
    dirt = np.zeros((180, 320), bool)
    dirt[:, 160:] = True
    half = camera_labels(camera, at, depth, instance, targets, dirt)[7]
    assert half.visible_pixels == clean.visible_pixels // 2
    assert half.visible_fraction == pytest.approx(0.5)
    assert half.visible_box_px == (145.0, 80.0, 160.0, 100.0)
    assert half.full_box_px == clean.full_box_px
    none = camera_labels(camera, at, depth, instance, targets, np.ones((180, 320), bool))[7]
    assert (none.visible_fraction, none.visible_pixels, none.visible_box_px) == (0.0, 0, None)


def test_effects_depend_on_plan_camera_and_time_alone(scene_plan):
    from drivegen.core.photography import SensorNoise

    plan = scene_plan()
    camera = make_camera(noise=SensorNoise(), soiling=Soiling(drops=0.5, dirt=0.3), vignetting=0.2)
    one, same = CameraEffects(camera, plan), CameraEffects(camera, plan)
    other = CameraEffects(camera, scene_plan(seed=2))
    image = picture()
    np.testing.assert_array_equal(one.apply(image, 10**8), same.apply(image, 10**8))
    assert (one.apply(image, 10**8) != one.apply(image, 2 * 10**8)).any()
    np.testing.assert_array_equal(one.soiling, same.soiling)
    assert (one.soiling != other.soiling).any()
    assert one.opaque is not None
    plain = CameraEffects(make_camera(), plan)
    assert plain.apply(image, 0) is image
    assert plain.soiling is None
    assert plain.opaque is None
