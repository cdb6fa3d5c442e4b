"""Agents of a real recording agree on what stands still; planted errors of connected vehicles are seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.agents import AgentErrors, Clock
from drivegen.core.cooperation import Belief
from drivegen.core.geometry import Pose
from drivegen.report.agreement import Agreement, Beliefs
from tests.agent_scenes import plan_scene
from tests.scenes import record, start_server

SAME_M = 0.02
VEHICLES = {"vehicle_1", "vehicle_2"}
OFFSET_NS = 100_000_000
POSE_ERROR_M = 0.3
MOUNT_ERROR_RAD = math.radians(0.5)
EXACT = (
    *(
        f"{group}.{key}=0"
        for group in ("agents.connected.errors", "agents.roadside.errors", "agents.errors.ego")
        for key in (
            *("clock.offset_sigma_ms", "clock.drift_sigma_ppm", "clock.jitter_ms"),
            *("calibration.position_sigma_m", "calibration.rotation_sigma_deg"),
        )
    ),
    "agents.connected.errors.localisation.sky=exact",
    "agents.errors.ego.localisation.sky=exact",
)
FEW = (
    *("job.seed=7", "map=junction", "rig=v2x_small", "agents=v2x_junction", "agents.v2x.enabled=false"),
    *("scene.warmup_s=4.0", "scene.duration_s=0.6", "traffic.vehicles=30", "pedestrians.pedestrians=0"),
    *("rig.cameras.cam_front.width_px=320", "rig.cameras.cam_front.height_px=180"),
    *("agents.connected.rig.cameras.cam_front.width_px=320",),
    *("agents.connected.rig.cameras.cam_front.height_px=180",),
    *("agents.roadside.rig.cameras.cam.width_px=320", "agents.roadside.rig.cameras.cam.height_px=180"),
)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As recorded; nobody errs."""
    folder = tmp_path_factory.mktemp("agreement")
    plan, road = plan_scene(folder, *FEW, *EXACT)
    with start_server(plan, road, folder) as server:
        record(plan, road, server, folder / "scene.mcap")
    return folder / "scene.mcap"


@pytest.fixture(scope="module")
def planted(capture: Path) -> Iterator[CaptureReader]:
    """The same, with errors of both vehicles."""
    path = capture.with_name("planted.mcap")
    with CaptureReader(capture) as reader:
        plan = reader.plan
        lidar = plan.connected[0].rig.lidars[0]
        turned = lidar.agent_sensor @ Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=MOUNT_ERROR_RAD)
        errors = AgentErrors(clock=Clock(offset_ns=OFFSET_NS), believed_mounts={lidar.name: turned})
        wrong = replace(plan, connected=tuple(replace(c, errors=errors) for c in plan.connected))
        with CaptureWriter(path, wrong, {"drivegen": "test"}, opendrive=reader.opendrive) as writer:
            for captured in reader.frames():
                frame = captured.load()
                agents = {}
                for name, agent in frame.agents.items():
                    late_ns = OFFSET_NS if name in VEHICLES else 0
                    way = np.full(3, POSE_ERROR_M / math.sqrt(2.0)) * [1, 1, 0] * (name in VEHICLES)
                    place = replace_position(agent.map_agent, way)
                    stamp = frame.time_ns + late_ns
                    belief = Belief(
                        stamp_ns=stamp,
                        channel_stamps_ns=dict.fromkeys(agent.delivered, stamp),
                        map_agent=place,
                        position_sigma_m=0.0,
                    )
                    agents[name] = replace(agent, belief=belief)
                writer.write(replace(frame, agents=agents))
            writer.close()
    with CaptureReader(path) as opened:
        yield opened


def replace_position(pose: Pose, way: np.ndarray) -> Pose:
    return Pose(position_m=pose.position_m + way, orientation_wxyz=pose.orientation_wxyz)


@pytest.fixture(scope="module")
def agreement(planted: CaptureReader) -> Agreement:
    return Agreement(planted, moments=3)


def test_static_points_of_all_lidars_meet(agreement: Agreement) -> None:
    found = agreement.lidars()
    assert len(found) == 10
    met = [pair for pair in found if pair.ground.points + pair.walls.points > 100]
    assert len(met) >= 3 and any(pair.walls.points > 50 for pair in met)
    for pair in found:
        for spread in (pair.ground, pair.walls):
            assert spread.points == 0 or spread.median_m < 0.001, pair
            assert spread.points < 50 or spread.p95_m < SAME_M, pair


def test_static_points_lie_where_other_agents_cameras_see_them(agreement: Agreement) -> None:
    found = [a for a in agreement.images() if a.surfaces.points > 100]
    assert len({(a.lidar_agent, a.camera_agent) for a in found}) >= 4
    for pair in found:
        assert pair.surfaces.median_m < 0.005 and pair.before < 0.005, pair


@pytest.mark.parametrize("belief", ["clocks", "poses", "mounts"])
def test_a_planted_error_is_seen(planted: CaptureReader, agreement: Agreement, belief: str) -> None:
    speeds = [np.linalg.norm(planted.frame(0).agents[name].velocity_mps) for name in VEHICLES]
    assert max(speeds) > 2.0, "a clock tells only of who moves"
    found = agreement.lidars(Beliefs(**{belief: True}))
    wrong = [p.walls.p95_m for p in found if VEHICLES & {*p.agents} and p.walls.points > 50]
    assert max(wrong) > 5 * SAME_M, found
    for pair in found:
        if not VEHICLES & {*pair.agents}:
            assert pair.walls.points < 50 or pair.walls.p95_m < SAME_M
