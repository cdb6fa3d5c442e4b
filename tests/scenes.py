"""Small scenes on the generated junction, recorded with the real client from the real server."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

from drivegen.core.geometry import Pose
from drivegen.core.plans import EgoPlan, MapPlan, ScenePlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Rig
from drivegen.opendrive.writer import write_network
from drivegen.record.session import Endpoint, SceneResult, record_scene
from drivegen.runtime.servers.embedded import EmbeddedServer
from drivegen_generators.pedestrians.pavements import Pavements
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.vehicles.traffic import Traffic
from drivegen_generators.weather.presets import Presets

TICK_S = 0.05


def small_rig(width_px: int = 320, height_px: int = 180) -> Rig:
    """Four cameras all round, a LiDAR, GNSS and IMU."""

    def camera(name: str, yaw_deg: float, fov_deg: float) -> Camera:
        mount = Pose.from_xyz_rpy(
            0.5 * math.cos(math.radians(yaw_deg)), 0.0, 1.6, 0.0, 0.02, math.radians(yaw_deg)
        )
        return Camera(
            name=name,
            agent_sensor=mount,
            width_px=width_px,
            height_px=height_px,
            fov_deg=fov_deg,
            period_s=0.2,
        )

    return Rig(
        name="small",
        sensors=(
            camera("FRONT", 0.0, 90.0),
            camera("LEFT", 90.0, 90.0),
            camera("BACK", 180.0, 100.0),
            camera("RIGHT", -90.0, 90.0),
            Lidar(
                name="TOP",
                agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.9, yaw_rad=0.1),
                channels=32,
                upper_fov_deg=10.0,
                lower_fov_deg=-30.0,
                range_m=80.0,
                columns=720,
                period_s=0.1,
            ),
            Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.5), period_s=0.1),
            Imu(name="IMU", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.5), period_s=0.1),
        ),
    )


def make_scene(
    folder: Path, seed: int, vehicles: int, walkers: int, **changes: Any
) -> tuple[ScenePlan, Path]:
    """A plan and its road's file."""
    network = BeijingJunction().generate(derive_rng(seed, "map"), "junction")
    text = write_network(network)
    road = folder / "junction.xodr"
    road.write_text(text, encoding="utf-8")
    traffic = Traffic(reach_m=40.0).plan(derive_rng(seed, "vehicles"), network, vehicles)
    people = Pavements(reach_m=30.0).plan(derive_rng(seed, "walkers"), network, walkers, near=traffic.ego)
    values: dict[str, Any] = {
        "scene": "scene-0001",
        "seed": seed,
        "tick_s": TICK_S,
        "warmup_s": 2.0,
        "duration_s": 0.6,
        "keyframe_s": 0.2,
        "label_range_m": 80.0,
        "map": MapPlan(
            name="junction",
            opendrive=road.name,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            scenery_seed=seed,
        ),
        "weather": Presets().plan(derive_rng(seed, "weather"), "clear", 10.0, 172, 39.795, 116.506),
        "ego": EgoPlan(
            blueprint="vehicle.lincoln.mkz_2020",
            color_rgb=(220, 220, 225),
            start=traffic.ego,
            speed_difference_percent=10.0,
            rig=small_rig(),
        ),
        "vehicles": traffic.vehicles,
        "walkers": people.walkers,
        "requested": {"vehicles": float(vehicles), "pedestrians": float(walkers)},
    }
    return ScenePlan(**{**values, **changes}), road


def start_server(plan: ScenePlan, road: Path, folder: Path) -> EmbeddedServer:
    """A fresh server on a free port."""
    return EmbeddedServer(
        road,
        scenery_seed=plan.map.scenery_seed,
        renderer="auto",
        log=folder / "server.log",
        start_timeout_s=180.0,
        render_threads=1,
    )


def record(
    plan: ScenePlan, road: Path, server: EmbeddedServer, capture: Path, timeout_s: float = 30.0
) -> SceneResult:
    """Records the plan on a server."""
    return record_scene(
        plan,
        map_path=road,
        endpoint=Endpoint(port=server.port, call_timeout_s=timeout_s),
        capture_path=capture,
        provenance={"made by": "a test"},
    )
