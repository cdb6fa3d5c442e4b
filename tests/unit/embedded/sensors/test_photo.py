import math

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.photo import Photo, white_balance
from drivegen.embedded.world.blueprints.sensors import sensor_blueprints
from tests.unit.embedded.sensors.room import texts


def photo(**attributes):
    return Photo.of(Attributes("sensor.camera.rgb", texts(**attributes)))


def grey(shade=120, size=(40, 60)):
    out = np.full((*size, 4), 255, np.uint8)
    out[..., :3] = shade
    return out


def test_carlas_defaults_leave_the_picture_as_it_is():
    blueprint = next(b for b in sensor_blueprints() if b.id == "sensor.camera.rgb")
    every = {a.id: a.value for a in blueprint.attributes}
    assert len(every) > 40
    assert Photo.of(Attributes(blueprint.id, every)) == Photo()
    picture = grey()
    assert Photo().finish(picture, None) is picture


def test_exposure_by_hand_is_that_of_the_camera():
    assert photo().camera_ev is None
    # EV100 = log2(N^2 t^-1 100 / S): the rule of sunny 16, f/16 at 1/100 s and ISO 100.
    sunny = photo(exposure_mode="manual", fstop=16, shutter_speed=100, iso=100)
    assert sunny.camera_ev == pytest.approx(math.log2(16 * 16 * 100))
    faster = photo(exposure_mode="manual", fstop=16, shutter_speed=400, iso=200)
    assert faster.camera_ev == pytest.approx(sunny.camera_ev + 1.0)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("exposure_mode", "auto", "expected histogram or manual"),
        ("exposure_min_bright", "13", "above exposure_max_bright"),
        ("shutter_speed", "0", "expected a number"),
        ("temp", "10", "expected a number from 1000 to 40000"),
        ("motion_blur_intensity", "2", "expected a number from 0 to 1"),
        ("bloom_intensity", "nan", "expected a number"),
    ],
)
def test_a_bad_value_is_refused(name, value, expected):
    with pytest.raises(ConfigError, match=name) as error:
        photo(**{name: value})
    assert expected in str(error.value)


def test_white_balance_takes_the_light_of_its_temperature_for_white():
    assert white_balance(6500.0, 0.0) == pytest.approx(np.eye(3), abs=1e-9)
    picture = grey()
    warm = photo(temp=9000).finish(picture, None)[0, 0].astype(int)
    cold = photo(temp=4000).finish(picture, None)[0, 0].astype(int)
    green = photo(tint=0.5).finish(picture, None)[0, 0].astype(int)
    # Blue, green, red.
    assert warm[2] > warm[1] > warm[0] + 10
    assert cold[0] > cold[1] > cold[2] + 10
    assert green[1] > max(green[0], green[2]) + 10
    assert warm[3] == 255
    assert (picture == grey()).all(), "the renderer's picture is shared"
    # Brightness stays: relative luminance of a grey of 120 is 0.188.
    light = (np.array([*warm[:3]]) / 255.0) ** 2.2 @ np.array([0.0722, 0.7152, 0.2126])
    assert light == pytest.approx((120 / 255.0) ** 2.2, rel=0.05)


def test_motion_blur_is_as_long_as_its_share_of_the_way():
    picture = grey(0, (20, 200))
    picture[:, 100:, :3] = 200
    flow = np.zeros((20, 200, 2), np.float32)
    flow[..., 0] = 20 * 2 / 200  # 20 pixels to the right
    edge = photo(motion_blur_intensity=0.5).finish(picture, flow)[10, :, 0].astype(int)
    inside = (edge > 4) & (edge < 196)
    assert inside.sum() == pytest.approx(10, abs=2)
    assert edge[99:101].mean() == pytest.approx(100, abs=15)
    short = photo(motion_blur_intensity=0.5, motion_blur_max_distortion=0.02)
    edge = short.finish(picture, flow)[10, :, 0]
    assert ((edge > 4) & (edge < 196)).sum() <= 5
    assert photo(motion_blur_intensity=0.5).finish(picture, np.zeros_like(flow)) is picture


def test_bloom_spreads_what_is_bright_and_colourless():
    picture = grey(10, (90, 160))
    picture[40:50, 75:85, :3] = 255
    bloomed = photo(bloom_intensity=3.0).finish(picture, None)
    assert bloomed[38, 80, 0] > 15
    assert bloomed[5, 5, 0] == 10
    assert (picture[..., 0] == 255).sum() == 100
    picture[40:50, 75:85, :3] = (255, 0, 0)
    assert photo(bloom_intensity=3.0).finish(picture, None)[38, 80, 0] == 10


def test_effects_can_be_switched_off():
    plain = photo(enable_postprocess_effects="false", temp=3000, tint=0.3, bloom_intensity=4)
    assert plain == Photo(smooth=False)
    blurred = photo(enable_postprocess_effects="False", motion_blur_intensity=1.0)
    assert blurred.motion_blur == 0.0
