import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from drivegen.core.errors import ConfigError
from drivegen.core.lenses import BrownConrady, KannalaBrandt, horizontal_field_deg
from drivegen.core.photography import AutoExposure, ManualExposure, SensorNoise, Soiling
from drivegen.data import data_root
from drivegen.runtime.camera_config import CameraConfig, ExposureConfig, LensConfig, check_camera, make_camera
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.rig_config import make_rig


def composed(*overrides: str) -> Config:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        return config_from(compose("config", overrides=list(overrides)))


def test_the_fisheye_rig_sees_all_round() -> None:
    rig = make_rig(composed("rig=surround_fisheye").rig)
    assert len(rig.cameras) == 4
    for camera in rig.cameras:
        assert isinstance(camera.lens, KannalaBrandt)
        assert camera.lens.field_deg == 190.0
        assert camera.fov_deg == pytest.approx(190.0)
        assert camera.depth_along_ray
        assert camera.soiling == Soiling()
    turn = np.linspace(-np.pi, np.pi, 721)[:-1]
    far = np.stack([100.0 * np.cos(turn), 100.0 * np.sin(turn), np.zeros(720)], -1)
    seen = np.zeros(720, bool)
    for camera in rig.cameras:
        mount = camera.agent_sensor.inverse().transform_points(far)
        pixels = camera.optics.project(np.stack([-mount[:, 1], -mount[:, 2], mount[:, 0]], -1))
        with np.errstate(invalid="ignore"):
            seen |= ((pixels >= 0) & (pixels <= [camera.width_px, camera.height_px])).all(axis=1)
    assert seen.all()


def test_the_front_rig_has_lenses_of_three_fields() -> None:
    rig = make_rig(composed("rig=front_lenses").rig)
    fields = [horizontal_field_deg(c.optics, c.width_px) for c in rig.cameras]
    assert fields == pytest.approx([120.0, 60.0, 28.0], abs=0.1)
    assert all(isinstance(c.lens, BrownConrady) and c.noise is not None for c in rig.cameras)
    assert [len(c.lens.coefficients) for c in rig.cameras] == [8, 5, 5]
    assert [c.jpeg_quality for c in rig.cameras] == [90, 92, 92]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("lens.coefficients=[-0.9,0,0,0]", "rig.cameras.main: camera CAM_MAIN: lens: .* folds back inside"),
        ("lens.coefficients=[1,2,3]", "brown_conrady has 0 or 4 or 5 or 8 of them"),
        ("lens.model=mei", "lens.model='mei': one of pinhole, brown_conrady, kannala_brandt"),
        ("lens.fx_px=0", "fx_px is 0; a positive number"),
        ("lens.cx_px=-4", "principal point .* outside the image"),
        ("lens.field_deg=90", "only kannala_brandt has an image circle"),
        ("lens.coefficients=[0,0,0,0,1000]", "it would have to be drawn at"),
        ("fov_deg=175", "rig.cameras.main.fov_deg=175"),
        ("noise.bits=99", "noise.bits is 99; 8 to 16"),
        ("noise.full_well_e=0", "noise.full_well_e is 0"),
        ("exposure.mode=hand", "exposure.mode='hand': one of auto, manual"),
        ("exposure.compensation_ev=99", "exposure.compensation_ev is 99"),
        ("soiling.drops=2", "soiling.drops is 2; 0 to 1"),
        ("vignetting=1", "vignetting is 1"),
        ("jpeg_quality=0", "jpeg_quality is 0; 1 to 100"),
    ],
)
def test_a_bad_camera_is_one_error_with_key_and_mend(override: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        composed("rig=front_lenses", f"rig.cameras.main.{override}")
    assert "rig.cameras.main" in str(error.value)
    assert "\n" not in str(error.value)


def test_focal_length_and_middle_follow_from_the_field_unless_they_are_given() -> None:
    config = CameraConfig(name="C", fov_deg=180.0, width_px=1000, height_px=900)
    config.lens = LensConfig(model="kannala_brandt")
    lens = make_camera(config).lens
    assert isinstance(lens, KannalaBrandt)
    assert (lens.fx_px, lens.fy_px) == pytest.approx((500.0 / (np.pi / 2),) * 2)
    assert (lens.cx_px, lens.cy_px, lens.field_deg) == (500.0, 450.0, 180.0)
    config.lens = LensConfig(model="kannala_brandt", fx_px=300.0, cy_px=440.0, field_deg=150.0)
    lens = make_camera(config).lens
    assert (lens.fx_px, lens.fy_px, lens.cy_px, lens.field_deg) == (300.0, 300.0, 440.0, 150.0)
    assert make_camera(config).fov_deg == pytest.approx(150.0)


def test_a_plain_camera_has_none_of_it() -> None:
    camera = make_camera(CameraConfig(name="C"))
    assert (camera.lens, camera.noise, camera.soiling, camera.jpeg_quality) == (None, None, None, None)
    assert camera.exposure == AutoExposure()
    check_camera(CameraConfig(name="C"))


def test_exposure_and_noise_are_passed_on() -> None:
    config = composed(
        "rig=front_lenses",
        "rig.cameras.main.exposure={mode: manual, iso: 400, shutter_s: 0.002, f_number: 2}",
    )
    camera = make_rig(config.rig).cameras[1]
    assert camera.exposure == ManualExposure(shutter_s=0.002, iso=400.0, f_number=2.0)
    assert camera.noise == SensorNoise()
    assert make_camera(CameraConfig(name="C", exposure=ExposureConfig(compensation_ev=1.0))).exposure == (
        AutoExposure(compensation_ev=1.0)
    )
