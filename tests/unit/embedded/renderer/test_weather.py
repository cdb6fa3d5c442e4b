"""What each weather does to the picture, and that it does nothing to the labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary
from drivegen.embedded.renderer.light import TEXELS, light_of
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.sky import coarse_directions, radiance
from drivegen.embedded.renderer.views import EVERYTHING, Before, CameraView, GBuffer, Output
from tests.unit.embedded.renderer.stage import box_mesh, mesh_of, placed, plane_mesh, pose
from tests.unit.embedded.renderer.street import NIGHT, NOON, RAIN, street, views

COLOR = frozenset({Output.COLOR})
DUSK = Weather(sun_altitude_deg=1.0, sun_azimuth_deg=90.0, cloudiness=30.0)
FOG = Weather(sun_altitude_deg=40.0, cloudiness=60.0, fog_density=50.0)
DUST = Weather(sun_altitude_deg=50.0, dust_storm=70.0)
RAINY_NIGHT = replace(RAIN, sun_altitude_deg=-40.0)
ALL = {
    "dust": DUST,
    "rain": RAIN,
    "wet in the sun": replace(NOON, wetness=70.0, precipitation_deposits=80.0),
    "night": NIGHT,
    "rainy, foggy night": replace(RAINY_NIGHT, fog_density=40.0, fog_falloff=3.0),
}


def luma(image: GBuffer) -> np.ndarray:
    assert image.bgra is not None
    return image.bgra[..., :3].astype(float) @ [0.0722, 0.7152, 0.2126]


def test_no_weather_touches_a_label(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    before = [replace(v, before=Before(world_camera=pose(x=-0.4, z=1.6), moving=cars)) for v in views()[:1]]
    plain = renderer.render(before, cars, NOON, EVERYTHING)
    assert any(image.flow.any() for image in plain)
    for name, weather in ALL.items():
        images = renderer.render(before, cars, weather, EVERYTHING, None, 7.25)
        for a, b in zip(plain, images, strict=True):
            for field in ("depth_m", "labels", "normal", "flow"):
                assert getattr(a, field).tobytes() == getattr(b, field).tobytes(), f"{name}: {field}"
            assert a.bgra.tobytes() != b.bgra.tobytes(), f"{name} looks like noon"


def test_night_is_darker_than_dusk_and_dusk_than_noon(library, make_renderer):
    still, _ = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    light = [
        luma(renderer.render(views()[:1], Drawables.empty(), w, COLOR)[0]).mean() for w in (NOON, DUSK, NIGHT)
    ]
    assert light[2] < 0.6 * light[1] < 0.6 * light[0]


def test_a_wet_road_shows_what_stands_on_it(library, make_renderer):
    road = library.add(plane_mesh(200.0, tag=Tag.ROAD, material=Material.ASPHALT, color=(80, 80, 80)))
    red = library.add(box_mesh((1.0, 8.0, 6.0), (0, 0, 3.0), color=(230, 20, 20)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(road, np.eye(4), 0)]))
    view = CameraView(width_px=240, height_px=180, fov_deg=60.0, world_camera=pose(z=1.6))
    wall = placed([(red, pose(x=22.0), 3)])

    def redness(weather: Weather, seen: Drawables) -> float:
        image = renderer.render([view], seen, weather, EVERYTHING)[0]
        # Road right before the wall, where a mirror would show it.
        chosen = (image.tag == Tag.ROAD) & (image.depth_m > 8.0) & (image.depth_m < 20.0)
        chosen[:, :95] = chosen[:, 145:] = False
        assert chosen.sum() > 500
        b, g, r, _ = image.bgra[chosen].astype(float).mean(axis=0)
        return float(r - 0.5 * (g + b))

    overcast = Weather(sun_altitude_deg=50.0, cloudiness=100.0)
    soaked = replace(overcast, wetness=100.0, precipitation_deposits=100.0)
    assert abs(redness(overcast, wall) - redness(overcast, Drawables.empty())) < 3.0
    assert redness(soaked, wall) > redness(soaked, Drawables.empty()) + 15.0


def lens_mesh(material: Material) -> Mesh:
    """Two lenses of 0.2 m that look along +x."""
    points = [
        (0.0, y + a, 0.8 + b)
        for y in (0.7, -0.7)
        for a, b in ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1))
    ]
    triangles = [(k, k + i, k + i + 1) for k in (0, 4) for i in (1, 2)]
    return mesh_of(points, [(1.0, 0.0, 0.0)] * 8, triangles, material=material)


def test_lamps_light_the_road_where_they_point(library, make_renderer):
    road = placed([(library.add(plane_mesh(150.0, tag=Tag.ROAD, material=Material.ASPHALT)), np.eye(4), 0)])
    car = library.add(lens_mesh(Material.HEAD_LAMP))
    renderer = make_renderer(library)
    renderer.set_static(road)
    down = CameraView(width_px=200, height_px=200, fov_deg=90.0, world_camera=pose(z=20.0, pitch=np.pi / 2))

    def shot(lights: int) -> np.ndarray:
        return luma(renderer.render([down], placed([(car, np.eye(4), 5)], lights), NIGHT, COLOR)[0])

    gained = shot(bits.LIGHT_LOW_BEAM) - shot(0)

    def at(x: float, y: float) -> float:  # the top of the image is towards +x, 5 pixels a metre
        row, column = round(100 - 5 * x), round(100 - 5 * y)
        return float(gained[row - 3 : row + 4, column - 3 : column + 4].mean())

    assert at(12.0, 0.0) > 12.0
    assert at(12.0, 0.0) > 4.0 * at(12.0, 11.0)
    assert at(12.0, 0.0) > 4.0 * at(-12.0, 0.0)
    assert at(17.0, 0.0) < at(9.0, 0.0)


def test_a_lamp_shows_in_the_wet_road(library, make_renderer):
    street(library)
    renderer = make_renderer(library)
    renderer.set_static(placed([(0, np.eye(4), 0)]))
    view = CameraView(width_px=200, height_px=160, fov_deg=50.0, world_camera=pose(z=1.6))
    brake = library.add(lens_mesh(Material.BRAKE_LAMP))
    # The lens looks back at the eye.
    ahead = placed([(brake, pose(x=18.0, yaw=np.pi), 4)], bits.LIGHT_BRAKE)
    off = placed([(brake, pose(x=18.0, yaw=np.pi), 4)])
    below = np.s_[88:120, 82:118, 2]

    def red(weather: Weather) -> float:
        on, dark = (renderer.render([view], d, weather, COLOR)[0].bgra[below] for d in (ahead, off))
        return float((on.astype(int) - dark.astype(int)).mean())

    dry = replace(RAINY_NIGHT, precipitation=0.0, precipitation_deposits=0.0, wetness=0.0)
    wet = replace(dry, wetness=100.0, precipitation_deposits=60.0)
    assert red(wet) > red(dry) + 4.0


def walls(library: MeshLibrary) -> Drawables:
    """Dark walls at 10, 40 and 120 m, side by side."""
    wall = library.add(box_mesh((0.5, 0.22, 2.0), color=(20, 20, 20)))
    rows = []
    for k, x in enumerate((10.0, 40.0, 120.0)):
        world = pose(x=x, y=(1 - k) * 0.26 * x)
        world[1:3, 1:3] *= x
        rows.append((wall, world, k + 1))
    return placed(rows)


def test_fog_hides_the_far_before_the_near(library, make_renderer):
    renderer = make_renderer(library)
    renderer.set_static(walls(library))
    view = CameraView(width_px=240, height_px=120, fov_deg=60.0, world_camera=np.eye(4))

    def contrast(weather: Weather) -> np.ndarray:
        image = renderer.render([view], Drawables.empty(), weather, EVERYTHING)[0]
        light = luma(image)
        sky = light[image.tag == Tag.SKY].mean()
        return np.array([sky - light[image.object_id == k].mean() for k in (1, 2, 3)])

    clear, thin, dense = (
        contrast(Weather(sun_altitude_deg=40.0, cloudiness=90.0, fog_density=d)) for d in (0.0, 25.0, 60.0)
    )
    kept = thin / clear
    assert kept[0] > kept[1] + 0.1 > kept[2] + 0.2
    assert dense[1] < 0.35 * clear[1]
    assert abs(dense[2]) < 0.06 * clear[2]
    # It begins where it is told to.
    late = contrast(Weather(sun_altitude_deg=40.0, cloudiness=90.0, fog_density=60.0, fog_distance_m=25.0))
    assert late[0] == pytest.approx(
        contrast(Weather(sun_altitude_deg=40.0, cloudiness=90.0, fog_density=60.0, fog_distance_m=900.0))[0],
        abs=2.0,
    )
    assert late[1] > dense[1] + 10.0


def test_fog_of_a_great_falloff_lies_on_the_ground(library, make_renderer):
    tower = library.add(box_mesh((4.0, 8.0, 90.0), (0, 0, 45.0), color=(15, 15, 15)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(tower, pose(x=70.0), 1)]))
    view = CameraView(width_px=60, height_px=180, fov_deg=8.0, world_camera=pose(z=1.6, pitch=-0.45))
    foggy = Weather(sun_altitude_deg=40.0, cloudiness=90.0, fog_density=20.0)

    def column(falloff: float) -> np.ndarray:
        image = renderer.render([view], Drawables.empty(), replace(foggy, fog_falloff=falloff), EVERYTHING)[0]
        assert (image.object_id[:, 28:32] == 1).all()
        return luma(image)[:, 28:32].mean(axis=1)

    even, low = column(0.0), column(5.0)
    middle = np.s_[60:120]
    assert low[middle].mean() < even[middle].mean() - 30.0


def test_dust_is_brown_and_fog_is_not(library, make_renderer):
    wall = library.add(box_mesh((1.0, 300.0, 100.0), color=(30, 30, 30)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(wall, pose(x=150.0), 0)]))
    view = CameraView(width_px=64, height_px=64, fov_deg=20.0, world_camera=np.eye(4))
    tint = {}
    for name, weather in {"dust": DUST, "fog": FOG}.items():
        b, g, r, _ = renderer.render([view], Drawables.empty(), weather, COLOR)[0].bgra.mean((0, 1))
        tint[name] = r - b
        assert g > 60.0
    assert tint["dust"] > 12.0
    assert abs(tint["fog"]) < 8.0


def test_rain_falls_with_simulated_time_and_only_when_it_rains(library, make_renderer):
    street(library)
    renderer = make_renderer(library)

    def picture(weather: Weather, time_s: float) -> bytes:
        image = renderer.render(views()[:1], Drawables.empty(), weather, COLOR, None, time_s)[0]
        return image.bgra.tobytes()

    assert picture(RAIN, 1.0) == picture(RAIN, 1.0)
    assert picture(RAIN, 1.0) != picture(RAIN, 1.05)
    assert picture(NOON, 1.0) == picture(NOON, 1.05)
    calm, gale = (picture(replace(RAIN, wind_intensity=w), 1.0) for w in (0.0, 100.0))
    assert calm != gale


def test_two_renderers_draw_the_same_bytes(library, make_renderer):
    still, cars = street(library)
    pictures = []
    for _ in range(2):
        renderer: Renderer = make_renderer(library)
        renderer.set_static(still)
        pictures.append(
            [
                image.bgra.tobytes()
                for weather in (RAINY_NIGHT, DUST)
                for image in renderer.render(views(160, 90), cars, weather, COLOR, None, 3.5)
            ]
        )
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("weather", [NOON, replace(NOON, cloudiness=60.0), DUSK, NIGHT, DUST], ids=str)
def test_the_fine_sky_is_the_one_whose_light_is_summed(library, make_renderer, weather):
    renderer = make_renderer(library)
    light = light_of(weather)
    renderer.render(
        [CameraView(width_px=8, height_px=8, fov_deg=60.0, world_camera=np.eye(4))],
        Drawables.empty(),
        weather,
        COLOR,
    )
    sky = renderer._sky.sky
    fine = np.frombuffer(sky.read(), np.uint8).reshape(sky.height, sky.width, 4)[..., :3] / 255.0
    step = sky.width // TEXELS
    blocks = (fine**2 * light.sky_scale).reshape(TEXELS, step, TEXELS, step, 3).mean((1, 3))
    summed = np.minimum(radiance(light.sky, coarse_directions(TEXELS)), light.sky_scale)
    error = np.abs(blocks - summed).mean(-1)
    assert np.median(error) < 0.03 * light.sky_scale
    assert blocks.mean() == pytest.approx(summed.mean(), rel=0.06)


def test_clouds_cover_the_more_of_the_sky_the_more_there_are():
    share = []
    for cloudiness in (10.0, 30.0, 50.0, 70.0):
        sky = light_of(Weather(sun_altitude_deg=50.0, cloudiness=cloudiness)).sky
        clear = replace(sky, cover=0.0)
        d = coarse_directions(TEXELS)
        changed = np.abs(radiance(sky, d) - radiance(clear, d)).mean(-1) > 0.05 * sky.sunlit.mean()
        share.append(float(changed.mean()))
    assert share == sorted(share)
    assert share[0] < 0.2
    assert share[-1] > 0.6


def test_sheeting_shines_in_the_light_of_head_lamps(library, make_renderer):
    street(library)
    car = library.add(lens_mesh(Material.HEAD_LAMP))
    boards = [
        library.add(box_mesh((0.05, 1.0, 1.0), (0, 0, 1.2), material=m, color=(120, 120, 120)))
        for m in (Material.RETRO, Material.MATTE)
    ]
    renderer = make_renderer(library)
    renderer.set_static(placed([(0, np.eye(4), 0)]))
    view = CameraView(width_px=120, height_px=60, fov_deg=30.0, world_camera=pose(x=1.0, z=1.6))
    things = Drawables.concatenate(
        [
            placed([(car, pose(x=-3.0), 9)], bits.LIGHT_LOW_BEAM),
            placed([(boards[0], pose(x=22.0, y=1.0), 1), (boards[1], pose(x=22.0, y=-1.0), 2)]),
        ]
    )
    image = renderer.render([view], things, NIGHT, EVERYTHING)[0]
    retro, matte = (luma(image)[image.object_id == k].mean() for k in (1, 2))
    assert retro > 1.5 * matte
