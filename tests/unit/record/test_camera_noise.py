import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.lenses import KannalaBrandt
from drivegen.core.photography import (
    AutoExposure,
    ManualExposure,
    SensorNoise,
    gain_and_time,
    illuminance_lux,
)
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather
from drivegen.record.camera_noise import Sensor, linear_to_srgb, srgb_to_linear, vignette

MANUAL = ManualExposure(shutter_s=0.005, iso=1600.0, f_number=1.8)
NOISE = SensorNoise(full_well_e=9000.0, read_noise_e=6.0, dark_current_eps=900.0, dsnu_e=2.0, prnu=0.01)


def make_camera(**changes: object) -> Camera:
    values = {
        "name": "CAM",
        "agent_sensor": Pose.identity(),
        "width_px": 320,
        "height_px": 200,
        "fov_deg": 70.0,
        "period_s": 0.1,
        "exposure": MANUAL,
        "noise": NOISE,
    }
    return Camera(**{**values, **changes})


def grey(value: int) -> np.ndarray:
    return np.full((200, 320, 3), value, np.uint8)


@pytest.mark.parametrize("value", [60, 100, 140, 180, 210])
def test_mean_and_variance_follow_the_model_at_every_grey(value):
    sensor = Sensor(make_camera(), Weather(), 7)
    white_e = 9000.0 * 100.0 / 1600.0
    assert sensor.white_e == pytest.approx(white_e)
    light = float(srgb_to_linear(np.array([value / 255.0]))[0])
    # EMVA 1288: shot noise, dark noise, fixed patterns; then the converter's and sRGB's steps.
    wanted = light * white_e + 6.0**2 + 900.0 * 0.005 + 2.0**2 + (0.01 * light * white_e) ** 2
    assert float(sensor.variance_e2(np.array([light * white_e]))[0]) == pytest.approx(wanted)
    electrons = srgb_to_linear(sensor.take(grey(value), 1) / 255.0) * white_e
    slope = srgb_to_linear(np.array([(value + 1) / 255.0, (value - 1) / 255.0]))
    step_e = float(slope[0] - slope[1]) / 2.0 * white_e
    assert electrons.mean() == pytest.approx(light * white_e, rel=0.01)
    assert electrons.var() == pytest.approx(wanted + step_e**2 / 12.0 + sensor.step_e**2 / 12.0, rel=0.04)


def test_of_two_images_only_the_patterns_are_the_same():
    sensor = Sensor(make_camera(), Weather(), 7)
    white_e = sensor.white_e
    first, second = (srgb_to_linear(sensor.take(grey(180), k) / 255.0) * white_e for k in (1, 2))
    light = float(srgb_to_linear(np.array([180 / 255.0]))[0]) * white_e
    temporal = (first - second).var() / 2.0
    fixed = np.mean((first - first.mean()) * (second - second.mean()))
    assert temporal == pytest.approx(light + 36.0 + 4.5, rel=0.06)
    assert fixed == pytest.approx(4.0 + (0.01 * light) ** 2, rel=0.25)


def test_the_same_seed_and_image_give_the_same_bytes_and_others_do_not():
    one, same, other = (Sensor(make_camera(), Weather(), seed) for seed in (7, 7, 8))
    image = grey(120)
    np.testing.assert_array_equal(one.take(image, 5), same.take(image, 5))
    assert (one.take(image, 5) != same.take(image, 6)).mean() > 0.5
    assert (one.take(image, 5) != other.take(image, 5)).mean() > 0.5
    channels = one.take(image, 5).reshape(-1, 3).astype(float)
    assert np.abs(np.corrcoef(channels.T) - np.eye(3)).max() < 0.03


def test_noise_leaves_no_trace_of_neighbours():
    noisy = Sensor(make_camera(), Weather(), 7).take(grey(120), 5).astype(float)[..., 0]
    noisy -= noisy.mean()
    for shift in ((0, 1), (1, 0), (1, 1), (0, 2)):
        beside = np.roll(noisy, shift, axis=(0, 1))
        assert abs((noisy * beside).mean() / noisy.var()) < 0.02


def test_higher_gain_is_noisier_and_darkness_raises_the_gain():
    spread = [
        Sensor(make_camera(noise=SensorNoise(iso=iso)), Weather(), 1).take(grey(90), 1).std()
        for iso in (100.0, 800.0, 6400.0)
    ]
    assert spread[0] < 0.6 * spread[1] < 0.36 * spread[2]
    gains = [
        gain_and_time(AutoExposure(), SensorNoise(), Weather(sun_altitude_deg=altitude))[0]
        for altitude in (60.0, 5.0, -3.0, -15.0)
    ]
    assert gains[:2] == [100.0, 100.0]
    assert 100.0 < gains[2] <= gains[3]
    assert gain_and_time(MANUAL, SensorNoise(), Weather(sun_altitude_deg=-15.0)) == (1600.0, 0.005)
    assert gain_and_time(MANUAL, SensorNoise(iso=50.0), Weather())[0] == 50.0
    assert MANUAL.ev100 == pytest.approx(np.log2(1.8**2 * 200.0 * 100.0 / 1600.0))


def test_daylight_is_of_the_right_order():
    assert 9e4 < illuminance_lux(Weather(sun_altitude_deg=60.0)) < 1.2e5
    assert 1.5e4 < illuminance_lux(Weather(sun_altitude_deg=60.0, cloudiness=100.0)) < 2.5e4
    assert illuminance_lux(Weather(sun_altitude_deg=-40.0)) == 15.0


def test_srgb_is_its_own_inverse():
    values = np.linspace(0.0, 1.0, 1001)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(values)), values, atol=1e-7)


def test_a_camera_without_noise_and_vignetting_changes_nothing():
    sensor = Sensor(make_camera(noise=None), Weather(), 7)
    assert not sensor.changes


def test_vignetting_takes_the_share_of_light_that_was_asked_for():
    camera = make_camera(noise=None, vignetting=0.4)
    sensor = Sensor(camera, Weather(), 7)
    out = sensor.take(grey(200), 1)
    light = srgb_to_linear(out[..., 1] / 255.0) / srgb_to_linear(np.array(200 / 255.0))
    assert light[0, 0] == pytest.approx(0.6, abs=0.01)
    assert light[100, 160] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(light[100, 160:]) <= 0).all()
    np.testing.assert_array_equal(sensor.take(grey(200), 2), out)


def test_vignetting_of_a_fisheye_follows_the_angle():
    lens = KannalaBrandt(fx_px=90.0, fy_px=90.0, cx_px=160.0, cy_px=100.0)
    gain = vignette(make_camera(lens=lens, vignetting=0.5))
    rim = 160 - int(90.0 * np.radians(94.5))
    assert gain[100, rim] == pytest.approx(0.5, abs=0.02)
    assert gain[100, 160] == pytest.approx(1.0, abs=1e-3)
    assert (gain >= 0.5 - 1e-6).all()
