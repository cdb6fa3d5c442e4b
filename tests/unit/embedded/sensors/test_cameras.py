import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.embedded.renderer.views import GBuffer, Output
from drivegen.embedded.sensors.camera import CameraKind, encode_depth, encode_normals
from drivegen.embedded.sensors.measurements import FlowImage, PixelEvents
from drivegen.embedded.world.blueprints.sensors import sensor_blueprints
from tests.unit.embedded.sensors.room import inside_room, moment, request, sensor, suite

SMALL = {"image_size_x": 8, "image_size_y": 4, "fov": 70}
KINDS = ("rgb", "depth", "semantic_segmentation", "instance_segmentation")
LENS = {"lens_circle_multiplier": 3, "lens_circle_falloff": 3}


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


def test_normals_are_in_carlas_world():
    normal = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]], np.float32)
    # Red x, green y to the right, blue up; the image says blue, green, red.
    assert encode_normals(normal)[0].tolist() == [
        [128, 128, 255, 255],
        [128, 0, 128, 255],
        [255, 128, 128, 255],
        [128, 128, 128, 255],
    ]
    one, _, _ = suite()
    (image,) = one.measure([request(camera("normals"))], moment())
    assert image.bgra[0, 0].tolist() == [230, 51, 128, 255]
    one.close()


def ahead(x_m):
    pose = np.eye(4)
    pose[0, 3] = x_m
    return pose


def measured(one, cameras, x_m, time_s):
    return one.measure([request(c, ahead(x_m)) for c in cameras], moment(dt_s=0.1, time_s=time_s))


def test_flow_is_counted_from_the_image_before():
    one, _, _ = suite()
    every, second = camera("optical_flow"), camera("optical_flow", sensor_tick=0.2)
    seen = []
    for tick, x_m in enumerate((0.0, 1.0, 3.0, 3.0)):
        due = [every, second] if tick % 2 == 0 else [every]
        seen.append([float(image.flow[0, 0, 0]) for image in measured(one, due, x_m, tick * 0.1)])
    assert seen == [[0.0, 0.0], [1.0], [2.0, 3.0], [0.0]]
    one.close()


def test_there_is_no_flow_after_a_gap():
    """Nobody read the images in between: the way since the last one would be too long."""
    one, _, _ = suite()
    flow = camera("optical_flow")
    images = [
        measured(one, [flow], x_m, time_s)[0] for x_m, time_s in ((0, 0.0), (1, 0.1), (9, 0.9), (10, 1.0))
    ]
    assert all(isinstance(image, FlowImage) for image in images)
    assert [float(image.flow[0, 0, 0]) for image in images] == [0.0, 1.0, 0.0, 1.0]
    one.close()


def test_cameras_share_a_view_where_they_agree_on_what_was_before():
    one, renderer, _ = suite()
    old, fresh = camera("optical_flow"), camera("optical_flow")
    measured(one, [old], 0.0, 0.0)
    renderer.calls.clear()
    measured(one, [camera("depth"), old, fresh, camera("rgb")], 1.0, 0.1)
    wanted = sorted(sorted(w) for views, w in renderer.calls for _ in views)
    assert wanted == [["color", "depth", "flow"], ["flow"]]
    renderer.calls.clear()
    measured(one, [old, fresh], 2.0, 0.2)
    assert sum(len(views) for views, _ in renderer.calls) == 1
    one.close()


def test_motion_blur_asks_for_flow_and_others_do_not():
    one, renderer, _ = suite()
    measured(one, [camera("rgb")], 0.0, 0.0)
    measured(one, [camera("rgb", motion_blur_intensity=0.8)], 0.0, 0.1)
    assert [wanted for _, wanted in renderer.calls] == [{Output.COLOR}, {Output.COLOR, Output.FLOW}]
    one.close()


def test_an_event_camera_tells_changes_and_nothing_else():
    one, renderer, _ = suite()
    dvs = camera("dvs", use_log="false", positive_threshold=20)
    bright = camera("rgb", exposure_compensation=2)
    assert measured(one, [dvs], 0.0, 0.0) == [None]
    assert measured(one, [dvs], 0.0, 0.1) == [None]
    renderer.shade = 150
    events, image = measured(one, [dvs, bright], 0.0, 0.2)
    assert isinstance(events, PixelEvents)
    assert (events.width_px, events.height_px, events.fov_deg) == (8, 4, 70)
    assert len(events.events) == 2 * 8 * 4
    assert events.events["t"].min() > 100_000_000
    assert image.bgra[0, 0, 0] == 152, "the other camera's exposure is not the event camera's"
    one.close()


@pytest.mark.parametrize("kind", CameraKind)
def test_every_attribute_of_the_blueprint_is_taken_and_its_default_changes_nothing(kind):
    blueprint = next(b for b in sensor_blueprints() if b.id == f"sensor.camera.{kind}")
    every = {a.id: a.value for a in blueprint.attributes} | {"image_size_x": 8, "image_size_y": 4, "fov": 70}
    assert {"lens_k", "lens_kcube", "lens_circle_falloff", "sensor_tick"} <= every.keys()
    one, renderer, _ = suite()
    plain, full = camera(kind), sensor(blueprint.id, **every)
    for k in range(2):
        renderer.shade = 100 + 80 * k
        a, b = measured(one, [plain, full], k * 0.5, k * 0.1)
        if a is None:
            assert b is None
            continue
        name = next(n for n in ("bgra", "flow", "events") if hasattr(a, n))
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()
    assert len(renderer.calls[-1][0]) == 1, "they share their view"
    one.close()


def test_a_lens_bends_all_kinds_alike():
    one, _, _ = suite()
    big = {"image_size_x": 64, "image_size_y": 40, **LENS}
    cameras = [camera(kind, **big) for kind in KINDS]
    _, depth, semantic, instance = measured(one, cameras, 0.0, 0.0)
    column = np.rint(decode(depth.bgra) * 4).astype(int)
    np.testing.assert_array_equal(semantic.bgra[..., 2], column + 3)
    np.testing.assert_array_equal(instance.bgra[..., 0], column + 1)
    assert (column[0] != np.arange(64)).any()
    assert (column[20, 28:36] == np.arange(28, 36)).all()
    one.close()
