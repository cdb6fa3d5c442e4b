"""A shower that passes over while a scene is recorded: pictures, LiDAR and a second run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.plans import WeatherPlan
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen.core.weather import Weather, WeatherKeyframe
from tests.scenes import make_scene, record, start_server

BRIGHT = Weather(sun_altitude_deg=40.0)
FOGGY = Weather(sun_altitude_deg=40.0, fog_density=90.0, cloudiness=90.0)


def rig() -> Rig:
    return Rig(
        name="two",
        sensors=(
            Camera(
                name="FRONT",
                agent_sensor=Pose.from_xyz_rpy(0.5, 0.0, 1.6),
                width_px=96,
                height_px=64,
                fov_deg=90.0,
                period_s=0.2,
            ),
            Lidar(
                name="TOP",
                agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.9),
                channels=16,
                upper_fov_deg=10.0,
                lower_fov_deg=-20.0,
                range_m=80.0,
                columns=360,
                period_s=0.2,
            ),
        ),
    )


def test_simulator_and_sensor_models_follow_the_weather(tmp_path: Path) -> None:
    weather = WeatherPlan(
        preset="fog_comes",
        hour=10.0,
        parameters=BRIGHT,
        keyframes=(WeatherKeyframe(time_s=0.4, parameters=FOGGY),),
        update_s=0.2,
    )
    plan, road = make_scene(
        tmp_path, seed=5, vehicles=2, walkers=0, weather=weather, warmup_s=0.2, duration_s=0.6
    )
    plan = replace(plan, ego=replace(plan.ego, rig=rig()))
    hashes = []
    for name in ("one", "two"):
        with start_server(plan, road, tmp_path) as server:
            path = tmp_path / f"{name}.mcap"
            hashes.append(record(plan, road, server, path).capture.content_sha256)
    assert hashes[0] == hashes[1]
    with CaptureReader(tmp_path / "one.mcap") as reader:
        agents = [f.agents[EGO] for f in reader.frames() if f.time_ns % 200_000_000 == 0]
        points = [len(a.sweep("TOP")) for a in agents]
        sky = [a.bgr("FRONT")[:12].astype(float).mean(axis=(0, 1)) for a in agents]
    # Fog takes returns from the LiDAR, half of it at the second frame and all at the third.
    assert points[0] > 1.5 * points[2]
    assert points[0] > points[1] > points[2]
    blue = [s[0] - s[2] for s in sky]
    assert blue[0] > blue[2] + 10.0, "the blue sky is still there"
