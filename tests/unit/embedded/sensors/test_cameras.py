import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.embedded.renderer.views import GBuffer, Output
from drivegen.embedded.sensors.camera import encode_depth
from tests.unit.embedded.sensors.room import inside_room, moment, request, sensor, suite

SMALL = {"image_size_x": 8, "image_size_y": 4, "fov": 70}
KINDS = ("rgb", "depth", "semantic_segmentation", "instance_segmentation")


def camera(kind, **attributes):
    return sensor(f"sensor.camera.{kind}", **{**SMALL, **attributes})


def decode(bgra):
    """CARLA's documented formula."""
    b, g, r = (bgra[..., k].astype(np.float64) for k in range(3))
    return 1000.0 * (r + 256.0 * g + 65536.0 * b) / (256.0**3 - 1)


def test_depth_survives_its_encoding():
    depth = np.random.default_rng(0).uniform(0.0, 1000.0, (90, 70)).astype(np.float32)
    depth[0, :5] = [0.0, 0.1, 999.99994, 1000.0, 5000.0]
    bgra = encode_depth(depth)
    error = np.abs(decode(bgra) - np.minimum(depth, 1000.0))
    # Half a step of 60 um, and float32's own grain above 500 m.
    assert error.max() < 9.2e-5
    assert error[depth < 250].max() < 4.5e-5
    assert np.all(bgra[..., 3] == 255)
    assert bgra[0, 0].tolist() == [0, 0, 0, 255]
    assert bgra[0, 4].tolist() == [255, 255, 255, 255]
    # 1 m is 16777.215 steps: 16777 = 0x004189.
    assert encode_depth(np.ones((1, 1), np.float32))[0, 0].tolist() == [0x00, 0x41, 0x89, 255]


def test_each_kind_shows_its_buffer():
    one, renderer, _ = suite()
    rgb, depth, semantic, instance = one.measure([request(camera(k)) for k in KINDS], moment())
    one.close()
    assert renderer.closed
    column = np.broadcast_to(np.arange(8), (4, 8))
    for image in (rgb, depth, semantic, instance):
        assert image.bgra.shape == (4, 8, 4)
        assert image.bgra.dtype == np.uint8
        assert image.fov_deg == 70
        assert np.all(image.bgra[..., 3] == 255)
    assert np.all(rgb.bgra[..., :3] == 100)
    np.testing.assert_allclose(decode(depth.bgra), 0.25 * column, atol=4e-5)
    np.testing.assert_array_equal(semantic.bgra[..., 2], column + 3)
    assert not semantic.bgra[..., :2].any()
    np.testing.assert_array_equal(instance.bgra[..., 2], column + 3)
    np.testing.assert_array_equal(instance.bgra[..., 1], column + 2)
    np.testing.assert_array_equal(instance.bgra[..., 0], column + 1)


def test_cameras_of_one_pose_and_form_share_a_view():
    one, renderer, _ = suite()
    one.measure([request(camera(k)) for k in (*KINDS, "depth")], moment(inside_room()))
    views, wanted = renderer.calls[0]
    assert len(renderer.calls) == len(views) == 1
    assert wanted == {Output.COLOR, Output.DEPTH, Output.LABELS}
    one.close()


def test_others_have_views_of_their_own():
    one, renderer, _ = suite()
    elsewhere = np.eye(4)
    elsewhere[0, 3] = 2.0
    images = one.measure(
        [
            request(camera("depth")),
            request(camera("depth", fov=90)),
            request(camera("depth"), elsewhere),
            request(camera("depth", image_size_x=16)),
            request(camera("rgb")),
        ],
        moment(),
    )
    calls = {frozenset(wanted): [v.fov_deg for v in views] for views, wanted in renderer.calls}
    assert calls == {
        frozenset({Output.DEPTH}): [90, 70, 70],
        frozenset({Output.DEPTH, Output.COLOR}): [70],
    }
    assert [i.bgra.shape[1] for i in images] == [8, 8, 8, 16, 8]
    assert [i.fov_deg for i in images] == [70, 90, 70, 70, 70]
    one.close()


def test_exposure_is_the_colour_cameras_own():
    one, renderer, _ = suite()
    bright, dark, _ = one.measure(
        [
            request(camera("rgb", exposure_compensation=3)),
            request(camera("rgb", exposure_compensation=-2)),
            request(camera("instance_segmentation")),
        ],
        moment(),
    )
    assert (bright.bgra[0, 0, 0], dark.bgra[0, 0, 0]) == (103, 98)
    assert sum(len(views) for views, _ in renderer.calls) == 2
    # A label camera that comes first does not set the exposure.
    renderer.calls.clear()
    _, bright = one.measure(
        [request(camera("depth")), request(camera("rgb", exposure_compensation=3))], moment()
    )
    assert bright.bgra[0, 0, 0] == 103
    assert sum(len(views) for views, _ in renderer.calls) == 1
    one.close()


def test_static_things_are_handed_over_once():
    one, renderer, _ = suite()
    static = inside_room()
    for _ in range(3):
        one.measure([request(camera("rgb"))], moment(static))
    assert renderer.statics == 1
    one.measure([request(camera("rgb"))], moment(inside_room()))
    assert renderer.statics == 2
    one.close()


def test_nothing_is_made_before_it_is_needed():
    def refuse():
        raise AssertionError("made without need")

    from drivegen.embedded.sensors.suite import SensorSuite

    one = SensorSuite(refuse, refuse)
    assert len(one.measure([request(sensor("sensor.other.gnss"))], moment())) == 1
    with pytest.raises(AssertionError, match="without need"):
        one.measure([request(camera("rgb"))], moment())
    one.close()


def test_a_buffer_that_is_missing_is_named():
    with pytest.raises(RenderError, match="labels"):
        camera("instance_segmentation").image(GBuffer())
