import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from drivegen.core.errors import ConfigError
from drivegen.data import data_root
from drivegen.runtime.config import Config, check_config, config_from, register_schema
from drivegen.runtime.rig_config import make_rig

EXPERIMENTS = sorted(p.stem for p in (data_root() / "conf" / "experiment").glob("*.yaml"))


def composed(*overrides: str) -> Config:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        return config_from(compose("config", overrides=list(overrides)))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_composes(experiment: str) -> None:
    config = composed(f"experiment={experiment}")
    assert config.job.name == experiment
    assert make_rig(config.rig).sensors


def test_demo_is_what_the_readme_says() -> None:
    config = composed("experiment=demo")
    assert (config.job.scenes, config.scene.duration_s, config.scene.keyframe_s) == (2, 4.0, 0.5)
    rig = make_rig(config.rig)
    assert [(c.width_px, c.height_px) for c in rig.cameras] == [(800, 450)] * 6
    assert [s.period_s for s in rig.lidars] == [0.1]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("job.scenes=0", "job.scenes=0"),
        ("job.name=a/b", "job.name"),
        ("job.pool=threads", "one of ray, inline"),
        ("server.gpus=[0,-1]", "server.gpus"),
        ("scene.tick_s=0.3", "scene.tick_s"),
        ("scene.tick_s=nan", "scene.tick_s"),
        ("scene.keyframe_s=0.52", "scene.keyframe_s"),
        ("scene.jpeg_quality=101", "scene.jpeg_quality"),
        ("rig.cameras.cam_front.fov_deg=190", "rig.cameras.cam_front.fov_deg"),
        ("rig.cameras.cam_back.period_s=0.4", "does not divide"),
        ("rig.cameras.cam_back.name=CAM_FRONT", "two sensors are named 'CAM_FRONT'"),
        ("rig.lidars.lidar_top.lower_fov_deg=20", "lower_fov_deg"),
        ("weather.hours=[25]", "weather.hours"),
        ("weather.presets=[]", "weather.presets"),
        ("map.file=x.xodr", "either map.plugin"),
        ("server.renderer=vulkan", "auto, egl, osmesa"),
    ],
)
def test_values_out_of_range_name_key_and_mend(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        composed("experiment=demo", override)
    assert words in str(error.value)


def test_gpus_are_refused_where_none_can_draw() -> None:
    with pytest.raises(ConfigError, match=r"no GPU draws with server\.renderer=osmesa"):
        composed("experiment=demo", "server.gpus=[0]", "server.renderer=osmesa")
    assert composed("experiment=demo", "server.gpus=[0,2]").server.gpus == [0, 2]


def test_missing_value_is_named() -> None:
    with pytest.raises(ConfigError, match="file"):
        composed("map=file")


def test_defaults_of_the_schema_are_in_range() -> None:
    config = composed()
    check_config(config)
    assert OmegaConf.to_yaml(config)
