"""LiDARs, radars and degradation in the configuration."""

from pathlib import Path

import pytest

from drivegen.core.degradation import Degradation
from drivegen.core.errors import ConfigError
from drivegen.data import data_root
from drivegen.runtime.point_config import make_degradation
from drivegen.runtime.rig_config import make_rig
from tests.unit.runtime.test_config import composed

RIGS = sorted(p.stem for p in Path(data_root() / "conf" / "rig").glob("*.yaml"))
DEGRADATIONS = sorted(p.stem for p in Path(data_root() / "conf" / "degradation").glob("*.yaml"))


@pytest.mark.parametrize("rig", RIGS)
def test_every_rig_composes(rig: str) -> None:
    assert make_rig(composed(f"rig={rig}").rig).sensors


def test_a_rig_with_radars_has_nuscenes_channels() -> None:
    rig = make_rig(composed("rig=nuscenes_radar").rig)
    assert [r.name for r in rig.radars] == [
        "RADAR_FRONT",
        "RADAR_FRONT_LEFT",
        "RADAR_FRONT_RIGHT",
        "RADAR_BACK_LEFT",
        "RADAR_BACK_RIGHT",
    ]
    assert len(rig.cameras) == 6
    assert [lidar.channels for lidar in rig.lidars] == [32]


def test_a_preset_gives_what_is_not_given() -> None:
    (lidar,) = make_rig(composed("rig=v2x_vehicle", "rig.lidars.lidar_top.columns=900").rig).lidars
    assert (lidar.channels, lidar.columns, lidar.range_m, lidar.preset) == (40, 900, 200.0, "pandar40p")


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_every_degradation_composes(name: str) -> None:
    assert isinstance(make_degradation(composed(f"degradation={name}").degradation), Degradation)


def test_what_degradations_say() -> None:
    assert make_degradation(composed().degradation) == Degradation()
    off = make_degradation(composed("degradation=none").degradation)
    assert not (off.lidar or off.radar or off.spray)
    assert make_degradation(composed("degradation=snow").degradation).snow_mmph == 1.0


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("rig.lidars.lidar_top.preset=hdl64", "no LiDAR preset 'hdl64'; there are hdl32e"),
        ("rig.lidars.lidar_top.channels=16", "preset pandar40p has its own channels; leave channels out"),
        ("rig.lidars.lidar_top.returns=3", "rig.lidars.lidar_top.returns=3: a value from 1 to 2"),
        ("rig.lidars.lidar_top.intensity=power", "one of reflectivity, carla"),
        ("rig.lidars.lidar_top.period_s=0.07", "multiple of scene.tick_s"),
        ("rig.radars.radar_front.preset=ars", "no radar preset 'ars'; there are front_long"),
        ("rig.radars.radar_front.range_m=0", "rig.radars.radar_front.range_m=0"),
        ("rig.radars.radar_front.period_s=0.2", "does not divide"),
        ("rig.radars.radar_front.name=LIDAR_TOP", "two sensors are named 'LIDAR_TOP'"),
        ("degradation.snow_mmph=-1", "degradation.snow_mmph=-1"),
    ],
)
def test_values_out_of_range_name_key_and_mend(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        composed("rig=v2x_vehicle", override)
    assert words in str(error.value)


def test_a_sweep_in_motion_needs_whole_sectors() -> None:
    moving = ("rig=v2x_vehicle", "rig.lidars.lidar_top.motion=true")
    assert make_rig(composed(*moving).rig).lidars[0].motion
    with pytest.raises(ConfigError, match="columns=901 must be a multiple of the 2 ticks"):
        composed(*moving, "rig.lidars.lidar_top.columns=901")
