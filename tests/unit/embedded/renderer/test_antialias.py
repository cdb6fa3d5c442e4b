"""Smooth edges: as much of each colour as the line covers; nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from drivegen.embedded.renderer.antialias import Smoother
from drivegen.embedded.renderer.views import EVERYTHING, Output
from tests.unit.embedded.renderer.street import NIGHT, NOON, street, views

DARK, BRIGHT = 40, 200


def half_plane(width, height, slope, across, samples=1):
    """Bright below a line through the middle; with many samples to a pixel its exact cover."""
    x, y = np.meshgrid(
        (np.arange(width * samples) + 0.5) / samples, (np.arange(height * samples) + 0.5) / samples
    )
    if across:
        x, y, width, height = y, x, height, width
    below = (y - height / 2 - 0.217 > slope * (x - width / 2)).astype(float)
    cover = below.reshape(len(below) // samples, samples, -1, samples).mean(axis=(1, 3))
    image = np.full((*cover.shape, 4), 255, np.uint8)
    image[..., :3] = np.rint(DARK + (BRIGHT - DARK) * cover)[..., None]
    return image


def error(image, exact):
    return float(np.abs(image[..., :3].astype(float) - exact[..., :3])[8:-8, 8:-8].sum())


@pytest.mark.parametrize("across", [False, True], ids=["lying", "standing"])
@pytest.mark.parametrize(
    ("slope", "left"), [(0.05, 0.25), (0.13, 0.4), (-0.21, 0.45), (0.4, 0.5), (-0.7, 0.65)]
)
def test_an_edge_becomes_as_smooth_as_its_cover(slope, left, across):
    jagged, exact = half_plane(97, 90, slope, across), half_plane(97, 90, slope, across, 16)
    smooth = jagged.copy()
    Smoother(97, 90).smooth(smooth)
    assert error(smooth, exact) < left * error(jagged, exact)


def test_straight_edges_and_faint_ones_stay():
    rng = np.random.default_rng(0)
    image = np.full((60, 83, 4), 255, np.uint8)
    image[..., :3] = rng.integers(90, 100, (60, 83, 1))
    image[20:40, 30:50, :3] = 200
    smooth = image.copy()
    Smoother(83, 60).smooth(smooth)
    assert np.array_equal(smooth, image)


def test_a_picture_of_noise_is_no_trouble():
    rng = np.random.default_rng(1)
    for size in ((1, 1), (1, 9), (9, 1), (8, 8), (37, 50)):
        image = rng.integers(0, 256, (*size, 4)).astype(np.uint8)
        once, again = image.copy(), image.copy()
        smoother = Smoother(size[1], size[0])
        smoother.smooth(once)
        smoother.smooth(rng.integers(0, 256, (*size, 4)).astype(np.uint8))
        smoother.smooth(again)
        assert np.array_equal(once, again)
        assert np.array_equal(once[..., 3], image[..., 3])


@pytest.mark.parametrize("weather", [NOON, NIGHT], ids=["noon", "night"])
def test_only_the_colour_changes(library, make_renderer, weather):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    view = views(640, 360)[0]
    smooth = renderer.render([view], cars, weather, EVERYTHING)[0]
    raw = renderer.render([replace(view, smooth=False)], cars, weather, EVERYTHING)[0]
    for name in ("depth_m", "labels", "normal", "flow"):
        assert getattr(smooth, name).tobytes() == getattr(raw, name).tobytes(), name
    changed = (smooth.bgra != raw.bgra).any(axis=2)
    assert 0.002 < changed.mean() < 0.2
    alone = renderer.render([view], cars, weather, {Output.COLOR})[0]
    assert np.array_equal(alone.bgra, smooth.bgra)
    assert (smooth.bgra[..., 3] == 255).all()
