"""Light and weather change the picture as they should, and nothing but the picture."""

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material
from drivegen.embedded.renderer.light import light_of
from drivegen.embedded.renderer.views import EVERYTHING, CameraView, Output
from tests.unit.embedded.renderer.stage import box_mesh, placed, plane_mesh, pose
from tests.unit.embedded.renderer.street import NIGHT, NOON, RAIN, street, views

COLOR = {Output.COLOR}


def looking_down(height_m=20.0, size=200, **knobs):
    camera = pose(z=height_m, pitch=np.pi / 2)
    return CameraView(width_px=size, height_px=size, fov_deg=90.0, world_camera=camera, **knobs)


def luma(image):
    return image.bgra[..., :3].astype(float) @ [0.0722, 0.7152, 0.2126]


def test_a_box_throws_its_shadow_away_from_the_sun(library, make_renderer):
    ground = library.add(plane_mesh(100.0, material=Material.MATTE))
    box = library.add(box_mesh((2.0, 2.0, 4.0), (0, 0, 2.0)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))
    # The sun in the east (azimuth 90 degrees is +x), 45 degrees high: 4 m of shadow to the west.
    sun = Weather(sun_altitude_deg=45.0, sun_azimuth_deg=90.0)
    light = luma(renderer.render([looking_down()], placed([(box, np.eye(4), 5)]), sun, COLOR)[0])

    def at(x, y):  # the camera looks down with its top towards +x: 5 pixels a metre
        return light[round(100 - 5 * x), round(100 - 5 * y)]

    lit, shaded = at(0, 8), at(-3, 0)
    assert shaded < 0.6 * lit
    assert at(-4.5, 0) < 0.6 * lit
    assert at(-5.6, 0) > 0.9 * lit
    assert at(3.5, 0) > 0.9 * lit
    assert at(-3, 1.5) > 0.9 * lit
    open_ground = light[10:60, 120:190]
    assert open_ground.std() < 1.5, "flat ground in the sun shades itself"


def test_shadow_texels_stay_where_they_are(library, make_renderer):
    """The shadow's edge does not move on the ground when the camera does."""
    ground = library.add(plane_mesh(300.0))
    box = library.add(box_mesh((2.0, 2.0, 4.0), (0, 0, 2.0)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0), (box, np.eye(4), 0)]))
    sun = Weather(sun_altitude_deg=40.0, sun_azimuth_deg=120.0)
    pictures = []
    for step in range(4):
        view = looking_down(20.0)
        moved = view.world_camera.copy()
        moved[0, 3] += 0.2 * step  # one pixel of the picture
        view = CameraView(width_px=200, height_px=200, fov_deg=90.0, world_camera=moved)
        pictures.append(luma(renderer.render([view], Drawables.empty(), sun, COLOR)[0]))
    for step in (1, 2, 3):
        a, b = pictures[0][: 200 - step], pictures[step][step:]
        ground_only = np.ones_like(a, bool)
        ground_only[70:130, 70:130] = False  # the box itself is seen from another side
        assert np.quantile(np.abs(a - b)[ground_only], 0.999) < 4.0


def test_overcast_has_no_hard_shadow(library, make_renderer):
    ground = library.add(plane_mesh(100.0))
    box = library.add(box_mesh((2.0, 2.0, 4.0), (0, 0, 2.0)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0), (box, np.eye(4), 0)]))
    grey = Weather(sun_altitude_deg=45.0, sun_azimuth_deg=90.0, cloudiness=100.0)
    light = luma(renderer.render([looking_down()], Drawables.empty(), grey, COLOR)[0])
    assert light[115, 100] > 0.9 * light[100, 60]


def test_night_is_dark_and_lamps_light_it(library, make_renderer):
    still, _ = street(library)
    renderer = make_renderer(library)
    unlit = Drawables(
        mesh_index=still.mesh_index,
        world_mesh=still.world_mesh,
        object_id=still.object_id,
        tint=still.tint,
        lights=np.zeros_like(still.lights),
    )
    renderer.set_static(unlit)
    dark = luma(renderer.render(views()[:1], Drawables.empty(), NIGHT, COLOR)[0])
    renderer.set_static(still)
    lamps = luma(renderer.render(views()[:1], Drawables.empty(), NIGHT, COLOR)[0])
    noon = luma(renderer.render(views()[:1], Drawables.empty(), NOON, COLOR)[0])
    road = np.s_[130:, 60:260]
    assert dark[road].mean() < 0.5 * noon[road].mean()
    assert dark[road].mean() > 4.0, "too dark to read"
    assert lamps[road].mean() > 1.3 * dark[road].mean()


@pytest.mark.parametrize(
    ("material", "bit", "channel"),
    [
        (Material.HEAD_LAMP, bits.LIGHT_LOW_BEAM, 1),
        (Material.BRAKE_LAMP, bits.LIGHT_BRAKE, 2),
        (Material.INDICATOR_LEFT, bits.LIGHT_LEFT_BLINKER, 2),
        (Material.SIGNAL_RED, bits.LIGHT_SIGNAL_RED, 2),
        (Material.SIGNAL_GREEN, bits.LIGHT_SIGNAL_GREEN, 1),
    ],
)
@pytest.mark.parametrize("weather", [NOON, NIGHT], ids=["noon", "night"])
def test_a_lens_shines_when_its_bit_is_set(library, make_renderer, material, bit, channel, weather):
    lens = library.add(box_mesh((0.4, 0.4, 0.4), material=material, color=(120, 120, 120)))
    renderer = make_renderer(library)
    view = CameraView(width_px=64, height_px=64, fov_deg=20.0, world_camera=np.eye(4))
    off, on = (
        renderer.render([view], placed([(lens, pose(x=5.0), 1)], lights), weather, COLOR)[0]
        .bgra[32, 32]
        .astype(int)
        for lights in (0, bit)
    )
    assert on[channel] > 190
    assert on[channel] > off[channel] + 60
    if channel == 2:
        assert on[0] < 150, "a red or amber lens is not white"


def test_wetness_darkens_the_road_and_leaves_labels(library, make_renderer):
    still, _ = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    down = pose(z=6.0, pitch=1.2)
    view = CameraView(width_px=160, height_px=120, fov_deg=60.0, world_camera=down)
    dry_weather = Weather(sun_altitude_deg=40.0, cloudiness=90.0)
    wet_weather = Weather(sun_altitude_deg=40.0, cloudiness=90.0, wetness=100.0)
    dry = renderer.render([view], Drawables.empty(), dry_weather, EVERYTHING)[0]
    wet = renderer.render([view], Drawables.empty(), wet_weather, EVERYTHING)[0]
    road = dry.tag == Tag.ROAD
    assert luma(wet)[road].mean() < 0.85 * luma(dry)[road].mean()
    assert np.array_equal(dry.labels, wet.labels) and np.array_equal(dry.depth_m, wet.depth_m)


def test_weather_never_touches_labels(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    fog = Weather(sun_altitude_deg=30.0, fog_density=60.0)
    images = [renderer.render(views(), cars, w, EVERYTHING) for w in (NOON, RAIN, NIGHT, fog)]
    alone = renderer.render(views(), cars, NOON, {Output.DEPTH, Output.LABELS})
    for k in range(3):
        for other in (*(i[k] for i in images[1:]), alone[k]):
            assert np.array_equal(images[0][k].labels, other.labels)
            assert np.array_equal(images[0][k].depth_m, other.depth_m)
        assert len({i[k].bgra.tobytes() for i in images}) == 4


def test_fog_hides_what_is_far(library, make_renderer):
    wall = library.add(box_mesh((1.0, 300.0, 100.0), color=(30, 30, 30)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(wall, pose(x=120.0), 0)]))
    view = CameraView(width_px=64, height_px=64, fov_deg=20.0, world_camera=np.eye(4))
    contrast = []
    for density in (0.0, 40.0, 100.0):
        weather = Weather(sun_altitude_deg=40.0, cloudiness=80.0, fog_density=density)
        haze = light_of(weather).haze
        contrast.append(luma(renderer.render([view], Drawables.empty(), weather, COLOR)[0]).mean())
        assert np.isfinite(haze).all()
    assert contrast[0] < contrast[1] - 20 < contrast[2] - 20


def test_exposure_and_gamma_brighten(library, make_renderer):
    ground = library.add(plane_mesh(100.0))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))
    mean = {
        name: luma(renderer.render([looking_down(**knobs)], Drawables.empty(), NOON, COLOR)[0]).mean()
        for name, knobs in {"usual": {}, "exposed": {"exposure_ev": 1.0}, "gamma": {"gamma": 3.0}}.items()
    }
    assert mean["exposed"] > mean["usual"] + 15
    assert mean["gamma"] > mean["usual"] + 5


@pytest.mark.parametrize("altitude", [60.0, 10.0, 2.0, -4.0, -40.0])
@pytest.mark.parametrize("cloudiness", [0.0, 50.0, 100.0])
def test_light_is_finite_and_gets_less_towards_night(altitude, cloudiness):
    light = light_of(Weather(sun_altitude_deg=altitude, cloudiness=cloudiness))
    assert np.isfinite(light.ambient).all() and (light.sun >= 0).all()
    assert light.sky_scale > 0 and light.exposure > 0
    darker = light_of(Weather(sun_altitude_deg=altitude - 20.0, cloudiness=cloudiness))
    assert darker.ambient[0].sum() < light.ambient[0].sum()
    # A camera follows the light, but not all the way.
    assert darker.exposure * darker.ambient[0].sum() < 1.6 * light.exposure * (
        light.ambient[0].sum() + light.sun.sum()
    )


def test_the_sky_is_blue_in_a_weather_that_names_only_its_sun():
    # As the carla client's constructor fills it in: 0 but for the Rayleigh scale.
    bare = Weather(sun_altitude_deg=45.0, fog_falloff=0.0, scattering_intensity=0.0, mie_scattering_scale=0.0)
    usual = Weather(sun_altitude_deg=45.0)
    assert bare.rayleigh_scattering_scale == usual.rayleigh_scattering_scale
    zenith = light_of(bare).zenith
    assert zenith[2] > 1.5 * zenith[0]
    assert zenith == pytest.approx(light_of(usual).zenith, rel=0.35)
