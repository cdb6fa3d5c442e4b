import numpy as np
import pytest

from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.lens import Lens
from tests.unit.embedded.sensors.room import texts

CURVED = {"lens_circle_multiplier": 3.0, "lens_circle_falloff": 3.0}
"""What CARLA's own example of a distorted camera sets."""
SIZE = (200, 120)


def lens(**attributes):
    return Lens.of(Attributes("sensor.camera.rgb", texts(**attributes)))


def middles():
    x = (np.arange(SIZE[0]) + 0.5) / SIZE[0] * 2 - 1
    y = (np.arange(SIZE[1]) + 0.5) / SIZE[1] * 2 - 1
    return np.meshgrid(x, y)


def by_formula(x, y, k=-1.0, k_cube=0.0, size=0.08, multiplier=3.0, falloff=3.0):
    r2 = size * (x * x + y * y)
    f = 1 + r2 * (k + k_cube * np.sqrt(r2))
    return 1 + np.minimum(multiplier * np.sqrt(r2), 1) ** falloff * (f - 1)


@pytest.mark.parametrize(
    "attributes",
    [{}, {"lens_k": 3.0, "lens_kcube": 2.0}, {"lens_circle_falloff": 0.0}, {**CURVED, "lens_k": 0.0}],
)
def test_without_a_multiplier_there_is_no_lens(attributes):
    """CARLA's defaults are a pinhole, whatever else is set."""
    assert lens(**attributes) is None


@pytest.mark.parametrize("k", [{}, {"lens_k": 0.6, "lens_kcube": 0.4}])
def test_each_pixel_shows_the_place_of_the_formula(k):
    # A picture that says where its pixels are.
    x, y = middles()
    place = np.stack([x, y], -1).astype(np.float32)
    seen = lens(**CURVED, **k)._sampled(place, 1)
    scale = by_formula(x, y, *k.values())
    inside = (np.abs(x * scale) < 0.98) & (np.abs(y * scale) < 0.98)
    expected = np.stack([x * scale, y * scale], -1)
    assert np.abs(seen - expected)[inside].max() < 2e-3
    assert inside.mean() > 0.8
    assert np.abs(scale - 1).max() > 0.05, "nothing is bent: the test shows nothing"


def test_labels_bend_as_pictures_do():
    """Squares of label k are painted in shade k: after the lens they still are."""
    x, y = middles()
    label = ((x > -0.2).astype(int) + 2 * (y > 0.3) + 4 * (x * x + y * y > 0.8)).astype(np.uint8)
    picture = np.repeat((label * 30)[..., None], 4, axis=-1)
    one = lens(**CURVED)
    bent = one.bend_labels(np.repeat(label[..., None], 4, axis=-1))[..., 0]
    assert set(np.unique(bent)) == set(np.unique(label)), "labels are not mixed"
    agree = np.rint(one.bend_picture(picture)[..., 0] / 30.0) == bent
    assert agree.mean() > 0.96
    assert (bent != label).mean() > 0.01
    # Depth, too, is never mixed from two surfaces.
    depth = label.astype(np.float32) * 7.3
    assert set(np.unique(one.bend_labels(depth))) == set(np.unique(depth))


def test_flow_in_the_distorted_image_leads_from_place_to_place():
    one = lens(**CURVED)
    x, y = middles()
    assert not one.bend_flow(np.zeros((SIZE[1], SIZE[0], 2), np.float32)).any()
    # In the pinhole's image everything moves by the same: to the right and up.
    way = np.array([0.06, 0.03])
    flow = one.bend_flow(np.broadcast_to(way.astype(np.float32), (SIZE[1], SIZE[0], 2)))
    # Where it was in the distorted image, seen through the lens, is where it was in the pinhole's.
    x0, y0 = x - flow[..., 0], y + flow[..., 1]
    then, now = by_formula(x0, y0), by_formula(x, y)
    error = np.stack([x * now - x0 * then - way[0], y0 * then - y * now - way[1]], -1)
    assert np.abs(error * np.array(SIZE) / 2).max() < 0.05
    assert np.abs(flow - way).max() > 0.005


def test_a_lens_that_would_fold_the_image_over_holds_it():
    one = lens(
        lens_circle_multiplier=20.0, lens_circle_falloff=1.0, lens_k=-1.0, lens_x_size=1, lens_y_size=1
    )
    r = np.linspace(0.0, 1.4, 100)
    assert (np.diff(one.radius_in_pinhole(r)) >= 0.0).all()
