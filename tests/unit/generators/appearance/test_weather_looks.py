"""Rain, snow, another sun, night and seasons on streets whose every pixel is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.looks import Style
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen_generators.appearance.daylight import daylight_of, even, shaded_by, towards_sun
from drivegen_generators.appearance.falling import (
    Falling,
    drawn_into,
    rain_of,
    rain_sizes,
    rain_speed_mps,
    snow_of,
    snow_sizes,
)
from drivegen_generators.appearance.lamps import (
    STREET_CD,
    STREET_RGB,
    Lamp,
    PostFinder,
    lit_by,
    vehicle_lamps,
)
from drivegen_generators.appearance.light import LUMINANCE, linear_of
from drivegen_generators.appearance.procedural import Procedural
from drivegen_generators.appearance.seasons import SEASONS, in_season
from drivegen_generators.appearance.snow import cover_of
from drivegen_generators.appearance.surfaces import Surfaces
from drivegen_generators.appearance.wet import WATER, albedo_ratio, fresnel, mirrored
from tests.unit.generators.appearance.street import Block, StreetClip, street

CAR = Block(low_m=(8, -1, 0), high_m=(12, 1, 1.5), tag=Tag.CAR, rgb=(180, 30, 30), instance=7)
SUNNY = Weather(sun_azimuth_deg=0.0, sun_altitude_deg=40.0)  # North is +y: the sun stands on the left.


def test_water_darkens_and_reflects_by_the_laws_of_optics() -> None:
    assert albedo_ratio(np.float32(0.12)) == pytest.approx(1 / (WATER**2 * 0.88 + 0.12))
    assert albedo_ratio(np.float32(1.0)) == pytest.approx(1.0)
    assert fresnel(np.array([1.0]))[0] == pytest.approx(((WATER - 1) / (WATER + 1)) ** 2, rel=1e-4)
    assert fresnel(np.array([1e-3]))[0] > 0.99
    # At Brewster's angle only light polarised across is left: sin^2 of the angles' difference, halved.
    brewster = math.atan(WATER)
    across = math.sin(2 * brewster - math.pi / 2) ** 2
    assert fresnel(np.array([math.cos(brewster)]))[0] == pytest.approx(across / 2, rel=1e-3)


@pytest.mark.parametrize("rate", [2.0, 10.0, 40.0])
def test_what_falls_adds_up_to_its_rate(rate: float) -> None:
    """Marshall and Palmer's drops at the speeds of Atlas and others carry about the rain they are said to."""
    sizes = rain_sizes(rate)
    d = np.linspace(0.2, 8.0, 4000, dtype=np.float32)
    number = sizes.n0_per_m3_mm * np.exp(-sizes.slope_per_mm * d)
    flux_mmph = (np.pi / 6 * d**3 * number * rain_speed_mps(d)).sum() * float(d[1] - d[0]) * 1e-6 * 3600
    assert flux_mmph == pytest.approx(rate, rel=0.25)
    extinction = (2 * np.pi / 4 * d**2 * number).sum() * float(d[1] - d[0]) * 1e-6
    assert sizes.extinction_per_m == pytest.approx(extinction, rel=0.1)
    assert snow_sizes(2.0).extinction_per_m > 2 * rain_sizes(2.0).extinction_per_m
    drawn = rain_of(rate, 0.0, 3)
    assert len(drawn.start_m) == pytest.approx(sizes.drawn_per_m3 * drawn.box_m**3, rel=0.03)


def test_a_streak_is_as_long_as_the_drop_falls_and_as_strong_as_it_covers() -> None:
    image = street([])
    surfaces = Surfaces(image)
    eye = image.map_optical.position_m
    drop = Falling(
        box_m=6.0,
        start_m=np.array([[3.0 + 1.5, 3.0, 3.0]], np.float32) + np.remainder(eye, 6.0).astype(np.float32),
        velocity_mps=np.array([[0.0, 0.0, -8.0]], np.float32),
        diameter_m=np.array([0.02], np.float32),
        sway_m=0.0,
    )
    black = np.zeros((*image.tag.shape, 3), np.float32)
    out = drawn_into(black, surfaces, drop, np.ones(3, np.float32), 0.01)[..., 1]
    rows, columns = np.nonzero(out > 0.01)
    focal = image.camera.intrinsic[0, 0]
    assert np.ptp(rows) == pytest.approx(8.0 * 0.01 * focal / 1.5, abs=2.5)
    assert np.ptp(columns) <= 3
    # It is before each pixel of its way for diameter / length of the exposure.
    assert out.max() == pytest.approx(0.94 * 0.02 / 0.08, abs=0.08)


def test_what_is_before_a_drop_hides_it() -> None:
    near = Block(low_m=(0.9, -5, 0), high_m=(1.0, 5, 4), tag=Tag.BUILDING, rgb=(90, 90, 90))
    falling, light = snow_of(2.0, 1.0, 1), np.ones(3, np.float32)
    seen = []
    for blocks in ([], [near]):
        surfaces = Surfaces(street(blocks))
        black = np.zeros((*surfaces.solid.shape, 3), np.float32)
        seen.append((drawn_into(black, surfaces, falling, light, 0.004) > 0.1).mean())
    assert seen[1] < 0.5 * seen[0]
    assert seen[0] > 0.001


def test_a_sun_casts_shadows_away_from_itself() -> None:
    surfaces = Surfaces(street([CAR]))
    shaded = shaded_by(surfaces, towards_sun(0.0, 40.0))
    points = surfaces.points_m
    road = (surfaces.image.tag == Tag.ROAD) & (points[..., 0] > 8.3) & (points[..., 0] < 9.8)
    y = points[..., 1]
    assert shaded[road & (y < -1.2) & (y > -2.2)].mean() > 0.8
    assert shaded[road & (y > 1.2) & (y < 3.0)].mean() < 0.05
    assert shaded[road & (y < -3.5) & (y > -6.0)].mean() < 0.05


def _with_shadow(points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Sun on level ground 3 times the sky's light, but in a band to the right."""
    dark = (points[..., 1] < -1.0) & (points[..., 1] > -2.5) & (points[..., 2] < 0.01)
    return np.where(dark, 0.25, 1.0)


def test_taking_the_sun_out_takes_its_shadows_out() -> None:
    image = street([], shade=_with_shadow)
    light = daylight_of([image], SUNNY)
    assert light.ratio == pytest.approx(4.0, rel=0.1)
    surfaces = Surfaces(image)
    level = even(linear_of(image.bgr), surfaces, light) @ LUMINANCE
    near = (image.tag == Tag.ROAD) & (image.distance_m < 20)
    before = linear_of(image.bgr)[near] @ LUMINANCE
    assert np.percentile(before, 99) > 3.5 * np.percentile(before, 1)
    assert np.percentile(level[near], 97) < 1.25 * np.percentile(level[near], 3)
    # Without two brightnesses there is no sun to be taken out.
    assert not daylight_of([street([])], SUNNY).has_sun


def test_wet_ground_mirrors_what_stands_on_it() -> None:
    surfaces = Surfaces(street([CAR]))
    linear = linear_of(surfaces.image.bgr)

    def grey(directions: np.ndarray) -> np.ndarray:
        return np.full((len(directions), 3), 0.3, np.float32)

    out = mirrored(linear, surfaces, grey, 1.0, 5)
    points = surfaces.points_m
    before = (surfaces.image.tag == Tag.ROAD) & (points[..., 0] > 5.5) & (points[..., 0] < 7.5)
    ahead, beside = before & (np.abs(points[..., 1]) < 0.5), before & (np.abs(points[..., 1]) > 2.5)
    redness = (out - linear)[..., 0] - (out - linear)[..., 1]
    assert redness[ahead].mean() > 0.01
    assert abs(redness[beside].mean()) < 0.002
    np.testing.assert_array_equal(mirrored(linear, surfaces, grey, 0.0, 5), linear)


def test_snow_lies_on_what_faces_up_and_stays_where_it_is() -> None:
    wall = Block(low_m=(15, -8, 0), high_m=(17, -4, 1.0), tag=Tag.WALL, rgb=(120, 90, 80))
    surfaces = Surfaces(street([CAR, wall], eye_m=(0, 0, 3.0)))
    cover = cover_of(surfaces, 1.0, 2)
    top = surfaces.up > 0.95
    car = surfaces.image.tag == Tag.CAR
    assert cover[car & top].mean() > 0.5
    assert cover[car & (np.abs(surfaces.up) < 0.1)].mean() < 0.1
    assert cover[(surfaces.image.tag == Tag.WALL) & (np.abs(surfaces.up) < 0.05)].mean() < 0.15
    assert cover[surfaces.image.sky].mean() < 0.01
    moved = Surfaces(street([CAR, wall], eye_m=(1.0, 0.5, 3.0), yaw_deg=4.0))
    again = cover_of(moved, 1.0, 2)
    road = (surfaces.image.tag == Tag.ROAD) & (surfaces.image.distance_m < 12)
    places = surfaces.points_m[road]
    pixels = moved.image.camera.optics.project(moved.image.map_optical.inverse().transform_points(places))
    inside = (pixels > 1).all(axis=1) & (pixels[:, 0] < 158) & (pixels[:, 1] < 98)
    column, row = pixels[inside].astype(int).T
    same = moved.image.tag[row, column] == Tag.ROAD
    assert same.sum() > 500
    assert np.corrcoef(cover[road][inside][same], again[row, column][same])[0, 1] > 0.9


def _vehicle(x_m: float, acceleration: float = 0.0) -> ObjectLabel:
    return ObjectLabel(
        track_id=7,
        object_class=ObjectClass.CAR,
        blueprint="vehicle.audi.a2",
        rider=False,
        box=Box(pose=Pose.from_xyz_rpy(x_m, 0.0, 0.75), size_m=np.array([4.0, 2.0, 1.5])),
        velocity_mps=np.array([5.0, 0.0, 0.0]),
        acceleration_mps2=np.array([acceleration, 0.0, 0.0]),
        yaw_rate_radps=0.0,
    )


def test_lamps_sit_on_boxes_and_are_off_where_somebody_parks() -> None:
    nobody = np.zeros((0, 2))
    lamps = vehicle_lamps([_vehicle(10.0)], nobody)
    assert sorted(lamp.kind for lamp in lamps) == ["head", "head", "tail", "tail"]
    for lamp in lamps:
        assert lamp.position_m[0] == pytest.approx(12.0 if lamp.kind == "head" else 8.0, abs=0.1)
        assert abs(lamp.position_m[1]) < 1.0
        assert lamp.forward[0] == pytest.approx(1.0 if lamp.kind == "head" else -1.0)
    assert vehicle_lamps([_vehicle(10.0)], np.array([[10.0, 0.2]])) == []
    braking = vehicle_lamps([_vehicle(10.0, -3.0)], nobody)
    assert max(lamp.power for lamp in braking) > 1.0 == max(lamp.power for lamp in lamps)


def test_light_falls_off_with_the_square_of_the_distance() -> None:
    lamp = Lamp(position_m=np.array([8.0, 0.0, 9.0]), forward=np.array([0.0, 0.0, -1.0]), kind="street")
    surfaces = Surfaces(street([]))
    lux = lit_by(surfaces, [lamp], 0.0) @ LUMINANCE
    below = np.linalg.norm(surfaces.points_m[..., :2] - lamp.position_m[:2], axis=-1) < 0.6
    assert lux[below].mean() == pytest.approx(STREET_CD / 81.0 * float(STREET_RGB @ LUMINANCE), rel=0.05)
    far = (surfaces.points_m[..., 0] > 60) & (surfaces.image.tag == Tag.ROAD)
    assert lux[far].max() < 0.5


def test_posts_with_arms_carry_lamps_and_others_do_not() -> None:
    def post(x: float, y: float, high: float, arm: float) -> list[Block]:
        stem = Block(low_m=(x, y, 0), high_m=(x + 0.2, y + 0.2, high), tag=Tag.POLE, rgb=(150, 150, 150))
        if not arm:
            return [stem]
        bar = Block(
            low_m=(x, y, high - 0.2), high_m=(x + 0.2, y + arm, high), tag=Tag.POLE, rgb=(150, 150, 150)
        )
        return [stem, bar]

    finder = PostFinder()
    finder.add(street([*post(20, 6, 9.0, 2.2), *post(24, -6, 9.0, 0.0), *post(20, -1, 4.5, 2.0)]))
    (found,) = finder.lamps()
    assert found.position_m == pytest.approx([20.1, 8.0, 8.8], abs=0.5)


def test_a_season_turns_plants_and_nothing_else() -> None:
    tree = Block(low_m=(9, 2, 1), high_m=(11, 4, 4), tag=Tag.VEGETATION, rgb=(60, 130, 50))
    surfaces = Surfaces(street([CAR, tree]))
    linear = linear_of(surfaces.image.bgr)
    season = SEASONS["autumn"]
    assert season is not None
    out = in_season(linear, surfaces, season, 1.0, 4)
    plant = surfaces.image.tag == Tag.VEGETATION
    assert (linear[plant][:, 1] > linear[plant][:, 0]).all()
    assert (out[plant][:, 0] > out[plant][:, 1]).mean() > 0.5
    apart = np.abs(surfaces.points_m[..., 1] - 3.0) > 3.0
    np.testing.assert_allclose(out[apart], linear[apart], atol=1e-6)
    np.testing.assert_allclose(in_season(linear, surfaces, season, 0.0, 4), linear, atol=1e-6)


def _made(
    style: dict[str, Any], params: dict[str, Any], seed: int, times_s: tuple[float, ...]
) -> list[np.ndarray]:
    images = [street([CAR], shade=_with_shadow, time_s=t, objects=(_vehicle(10.0),)) for t in times_s]
    clip = StreetClip(images, SUNNY)
    made = Procedural(**params).images(clip, Style(**style), seed)  # type: ignore[arg-type]
    return [bgr for _, bgr in made]


@pytest.mark.parametrize(
    ("style", "params"),
    [
        ({"weather": "rain"}, {}),
        ({"weather": "snow"}, {}),
        ({"weather": "overcast"}, {}),
        ({"time": "night", "weather": "rain"}, {}),
        ({"time": "dusk"}, {}),
        ({"season": "winter"}, {}),
        ({}, {"sun_azimuth_deg": 90.0, "sun_altitude_deg": 30.0}),
    ],
)
def test_a_seed_gives_the_same_look_and_surfaces_do_not_flicker(style: dict, params: dict) -> None:
    first, later = _made(style, params, 3, (1.0, 1.1))
    np.testing.assert_array_equal(first, _made(style, params, 3, (1.0,))[0])
    plain = street([CAR], shade=_with_shadow).bgr
    if "season" not in style:
        assert np.abs(first.astype(int) - plain).mean() > 2
    # What falls, and the noise of the dark, may move; what stands does not.
    apart = np.abs(first.astype(int) - later).max(axis=-1)
    if style.get("time") in ("night", "dusk"):
        assert np.median(apart) <= 20
    else:
        assert (apart > 2).mean() < (0.25 if style.get("weather") in ("rain", "snow") else 0.001)
    if style.get("weather") in ("rain", "snow") and "time" not in style:
        assert not np.array_equal(first, later)
        assert not np.array_equal(first, _made(style, params, 4, (1.0,))[0])


def test_no_strength_leaves_everything_as_it_is() -> None:
    plain = street([CAR], shade=_with_shadow).bgr
    for style in ({"weather": "rain"}, {"weather": "snow"}, {"time": "night"}, {"season": "autumn"}):
        (out,) = _made({**style, "strength": 0.0}, {}, 1, (0.0,))
        assert np.abs(out.astype(int) - plain).max() <= 1, style


@pytest.mark.parametrize(
    ("params", "style", "said"),
    [
        ({"rain_mmph": 0.0}, {}, "rain_mmph=0.0"),
        ({"rain_mmph": 10.0}, {"weather": "fog"}, "rain_mmph goes with weather=rain, not fog"),
        ({"snow_cover": 2}, {}, "snow_cover=2"),
        ({"sun_azimuth_deg": 10.0}, {}, "wanted both"),
        ({"sun_azimuth_deg": 10.0, "sun_altitude_deg": 2.0}, {}, "sun_altitude_deg=2.0"),
        ({"sun_azimuth_deg": 10.0, "sun_altitude_deg": 20.0}, {"weather": "rain"}, "without clouds"),
        ({}, {"season": "monsoon"}, "season='monsoon': one of summer, spring"),
    ],
)
def test_what_cannot_be_is_refused(params: dict, style: dict, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Procedural(**params).check(Style(**style))
