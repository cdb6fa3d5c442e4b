"""LiDARs and radars by name, and plans that were written before they had so many fields."""

import json

import numpy as np
import pytest

from drivegen.core.degradation import Degradation
from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.lidar_presets import LIDAR_PRESETS, lidar_preset, list_lidar_presets
from drivegen.core.plain import from_plain, to_plain
from drivegen.core.plans import ScenePlan
from drivegen.core.radar_presets import RADAR_PRESETS, list_radar_presets, radar_preset
from drivegen.core.sensors import ChannelRun, Lidar, Radar
from tests.unit.core.test_plans import make_plan

HERE = Pose.identity()


@pytest.mark.parametrize(
    ("name", "channels", "low_deg", "high_deg", "width_deg"),
    [
        ("hdl32e", 32, -30.67, 10.67, 360.0),
        ("pandar40p", 40, -25.0, 15.0, 360.0),
        ("pandar64", 64, -25.0, 15.0, 360.0),
        ("pandar128", 128, -25.0, 15.0, 360.0),
        ("roadside300", 300, -20.0, 20.0, 100.0),
        ("at128", 128, -12.7, 12.7, 120.0),
    ],
)
def test_presets_have_the_published_fields_of_view(name, channels, low_deg, high_deg, width_deg):
    lidar = lidar_preset(name).lidar("L", HERE)
    elevations = lidar.elevations_deg
    assert len(elevations) == lidar.channels == channels
    assert (np.diff(elevations) > 0).all(), "ring 0 is the lowest"
    assert (elevations[0], elevations[-1]) == (low_deg, high_deg)
    assert lidar.horizontal_fov_deg == width_deg
    assert lidar.preset == name


def test_fine_beams_lie_where_the_data_sheets_have_them():
    for name, step, low in (
        ("pandar40p", 1 / 3, -6.0),
        ("pandar64", 1 / 6, -6.0),
        ("pandar128", 1 / 8, -6.0),
    ):
        elevations = lidar_preset(name).lidar("L", HERE).elevations_deg
        fine = elevations[(elevations >= low - 1e-9) & (elevations <= 2.0 + 1e-9)]
        np.testing.assert_allclose(np.diff(fine), step, atol=1e-9)
        assert len(fine) == round(8 / step) + 1


def test_lists_for_people_and_errors_that_list():
    assert [name for name, _ in list_lidar_presets()] == list(LIDAR_PRESETS)
    assert [name for name, _ in list_radar_presets()] == list(RADAR_PRESETS)
    assert all(len(text) > 20 for _, text in (*list_lidar_presets(), *list_radar_presets()))
    with pytest.raises(ConfigError, match="no LiDAR preset 'hdl64'; there are hdl32e, pandar40p"):
        lidar_preset("hdl64")
    with pytest.raises(ConfigError, match="no radar preset 'ars'; there are front_long"):
        radar_preset("ars")


def test_runs_that_do_not_make_up_the_channels_are_refused():
    with pytest.raises(ConfigError, match=r"3 channels from 2\.0 to 0\.0 degrees; 4"):
        Lidar(
            name="L",
            agent_sensor=HERE,
            channels=4,
            upper_fov_deg=2.0,
            lower_fov_deg=0.0,
            range_m=50.0,
            columns=10,
            period_s=0.1,
            runs=(ChannelRun(upper_deg=2.0, lower_deg=0.0, channels=3),),
        )


def test_radars_come_back_from_plain_data():
    radar = radar_preset("corner").radar("R", HERE, rays=99)
    back = from_plain(Radar, to_plain(radar))
    assert (back.name, back.preset, back.rays, back.max_velocity_mps) == ("R", "corner", 99, 44.0)


def test_a_plan_without_the_new_fields_reads_as_before_them():
    plan = make_plan()
    old = json.loads(plan.to_json())
    del old["degradation"]
    for sensor in old["ego"]["rig"]["sensors"]:
        if sensor["kind"] == "lidar":
            for name in ("preset", "runs", "horizontal_fov_deg", "intensity", "returns", "motion"):
                del sensor[name]
    read = ScenePlan.from_json(json.dumps(old))
    assert read.degradation == Degradation()
    assert read.to_json() == plan.to_json()
