import socket

import pytest

from drivegen.core.geometry import Pose
from drivegen.core.plans import EgoPlan, MapPlan, PlacedPose, ScenePlan, WeatherPlan
from drivegen.core.sensors import Camera, Imu, Lidar, Rig
from drivegen.core.weather import Weather


@pytest.fixture
def free_port():
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def scene_plan():
    """Makes plans of a rig with one camera, one LiDAR and one IMU."""

    def make(**changes):
        at = Pose.from_xyz_rpy(0.0, 0.0, 1.6)
        rig = Rig(
            name="small",
            sensors=(
                Camera(name="CAM", agent_sensor=at, width_px=64, height_px=32, fov_deg=70.0, period_s=0.5),
                Lidar(
                    name="TOP",
                    agent_sensor=at,
                    channels=8,
                    upper_fov_deg=10.0,
                    lower_fov_deg=-30.0,
                    range_m=80.0,
                    columns=90,
                    period_s=0.1,
                ),
                Imu(name="IMU", agent_sensor=at, period_s=0.05),
            ),
        )
        values = {
            "scene": "scene-0001",
            "seed": 1,
            "tick_s": 0.05,
            "warmup_s": 1.0,
            "duration_s": 2.0,
            "keyframe_s": 0.5,
            "label_range_m": 100.0,
            "map": MapPlan(name="m", opendrive="m.xodr", sha256="0" * 64, scenery_seed=1),
            "weather": WeatherPlan(preset="clear", hour=10.0, parameters=Weather()),
            "ego": EgoPlan(
                blueprint="vehicle.lincoln.mkz_2020",
                color_rgb=(1, 2, 3),
                start=PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0),
                speed_difference_percent=0.0,
                rig=rig,
            ),
            "vehicles": (),
            "walkers": (),
            "requested": {},
        }
        return ScenePlan(**{**values, **changes})

    return make
