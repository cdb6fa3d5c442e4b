"""The procedural looks against the definitions that they are made of."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.appearance.air import light_of_air, transmission, veiled
from drivegen_generators.appearance.light import (
    DAYLIGHT_K,
    LUMINANCE,
    add_noise,
    cast_of,
    chromaticity,
    encoded,
    linear_of,
)
from drivegen_generators.appearance.procedural import Procedural

FAR = 1e9


def looking(
    directions: list[list[float]], distances_m: list[float], height_m: float = 1.5
) -> SimpleNamespace:
    """Pixels with rays in the world's axes."""
    rays = np.array([directions], np.float32)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    return SimpleNamespace(
        rays=rays,
        distance_m=np.array([distances_m], np.float32),
        height_m=height_m,
        map_optical=SimpleNamespace(rotation=np.eye(3)),
    )


def test_a_black_thing_keeps_five_percent_of_its_contrast_at_the_optical_range() -> None:
    """WMO's definition of the meteorological optical range."""
    image = looking([[1, 0, 0]] * 3, [150.0, 75.0, 0.0])
    through = transmission(image, 150.0, FAR)
    np.testing.assert_allclose(through[0], [0.05, math.sqrt(0.05), 1.0], rtol=1e-5)
    air = np.array([0.5, 0.6, 0.7], np.float32)
    seen = veiled(np.zeros((1, 3, 3), np.float32), through, air)
    contrast = (air - seen[0, 0]) / air
    np.testing.assert_allclose(contrast, 0.05, rtol=1e-5)


@pytest.mark.parametrize("climb", [-0.05, -1e-5, 0.0, 1e-5, 0.3, 1.0])
def test_the_layer_thins_as_it_is_said_to(climb: float) -> None:
    """Against the sum over small steps along the ray."""
    layer_m, height_m, reach_m = 40.0, 10.0, 150.0
    direction = [math.sqrt(1 - climb**2), 0.0, climb]
    image = looking([direction, direction], [reach_m, math.inf], height_m)
    steps = (np.arange(200_000) + 0.5) / 200_000 * reach_m
    density = np.exp(-(height_m + steps * climb) / layer_m)
    depth = -math.log(0.05) / 100.0 * density.mean() * reach_m
    through = transmission(image, 100.0, layer_m)[0]
    assert through[0] == pytest.approx(math.exp(-depth), rel=1e-3)
    if climb <= 1e-5:
        assert through[1] == 0.0  # Towards the horizon one never leaves the layer.
    else:
        zenith = -math.log(0.05) / 100.0 * math.exp(-height_m / layer_m) * layer_m / climb
        assert through[1] == pytest.approx(math.exp(-zenith), rel=1e-3)


def test_colours_of_temperatures_are_the_standard_lights() -> None:
    assert chromaticity(6504.0) == pytest.approx((0.3127, 0.3290), abs=3e-4)  # D65, CIE 15
    assert chromaticity(5003.0) == pytest.approx((0.3457, 0.3585), abs=5e-4)  # D50
    assert chromaticity(2856.0) == pytest.approx((0.4476, 0.4074), abs=1e-3)  # A, a black body
    np.testing.assert_allclose(cast_of(DAYLIGHT_K), np.eye(3), atol=1e-12)
    for temperature_k, order in ((3000.0, [0, 1, 2]), (12000.0, [2, 1, 0])):
        white = cast_of(temperature_k) @ np.ones(3)
        assert white[order[0]] > white[order[1]] > white[order[2]]
        # Its numbers are rounded to four digits in the standard.
        assert white @ LUMINANCE == pytest.approx(1.0, abs=1e-3)


def test_encoding_is_the_other_way_round() -> None:
    bgr = np.stack([np.arange(256, dtype=np.uint8).reshape(16, 16)] * 3, axis=-1)
    bgr[..., 0] = bgr[..., 0][::-1]
    back = encoded(linear_of(bgr))
    # 4096 steps are coarser than the darkest of the 256 encoded ones.
    assert np.abs(back.astype(int) - bgr).max() <= 1
    assert linear_of(np.full((1, 1, 3), 188, np.uint8))[0, 0, 0] == pytest.approx(0.5029, abs=1e-4)


def test_noise_is_that_of_counted_light() -> None:
    flat = np.full((300, 300, 3), 0.2, np.float32)
    noisy = add_noise(flat, 16.0, 10_000.0, 3.0, derive_rng(1, "noise"))
    electrons = 0.2 * 10_000 / 16
    assert noisy.mean() == pytest.approx(0.2, rel=2e-3)
    assert noisy.std() == pytest.approx(math.sqrt(electrons + 9.0) * 16 / 10_000, rel=0.01)


def test_the_air_shines_as_the_sky_at_the_horizon() -> None:
    bgr = np.zeros((1, 3, 3), np.uint8)
    bgr[0, 0] = (255, 200, 180)  # horizon
    bgr[0, 1] = (255, 40, 20)  # zenith
    image = looking([[1, 0, 0.05], [0, 0, 1], [1, 0, -0.2]], [math.inf, math.inf, 5.0])
    image.bgr, image.sky = bgr, np.array([[True, True, False]])
    horizon = linear_of(bgr)[0, 0]
    air = light_of_air([image])
    assert air @ LUMINANCE == pytest.approx(horizon @ LUMINANCE, rel=1e-5)
    assert np.ptp(air) < 0.3 * np.ptp(horizon)
    image.sky = np.zeros((1, 3), bool)
    assert light_of_air([image]).max() > 0  # No sky to be seen: the brightest that there is.


@pytest.mark.parametrize(
    ("params", "style", "said"),
    [
        ({"visibility_m": 0}, {}, "visibility_m=0"),
        ({"visibility_m": [300, 100]}, {}, "visibility_m"),
        ({"layer_m": 0.0}, {}, "layer_m=0.0"),
        ({"air_rgb": [1, 1]}, {}, "air_rgb"),
        ({"full_well_e": 1}, {}, "full_well_e"),
        ({}, {"weather": "hail"}, "weather='hail': one of clear, haze, fog"),
        ({}, {"time": "noonish"}, "time='noonish': one of day, dusk, night"),
    ],
)
def test_what_it_does_not_understand_it_refuses(params: dict, style: dict, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        Procedural(**params).check(Style(**style))
