"""A scene with a connected vehicle and roadside units, recorded by the real client from the real server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CaptureReader
from drivegen.core.plans import ScenePlan
from drivegen.core.tags import Tag
from tests.agent_scenes import plan_scene
from tests.integration.test_record import content_in_a_process_of_its_own

GROWN_M = 0.05
SAME_M = 0.02
"""A static point that two agents see lies at one place to this, by the true poses."""
FLAT = frozenset({Tag.ROAD, Tag.SIDEWALK})
"""Surfaces that neighbouring points of a sweep lie on too."""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScenePlan, Path, Path]:
    folder = tmp_path_factory.mktemp("agents")
    plan, road = plan_scene(folder, "agents.roadside.count=2")
    return plan, road, folder


@pytest.fixture(scope="module")
def content(planned: tuple[ScenePlan, Path, Path]) -> str:
    plan, road, folder = planned
    return content_in_a_process_of_its_own(plan, road, folder / "first")


@pytest.fixture(scope="module")
def frames(planned: tuple[ScenePlan, Path, Path], content: str) -> list[Frame]:
    assert content
    with CaptureReader(planned[2] / "first" / "scene.mcap") as capture:
        return [frame.load() for frame in capture.frames()]


def test_every_agent_delivers_when_its_sensors_are_due_and_else_nothing(planned, frames):
    plan = planned[0]
    names = ["ego", "vehicle_1", "roadside_1", "roadside_2"]
    phases = {s.phase_s for name, rig in plan.rigs.items() for s in rig.sensors if name != EGO}
    assert len(phases) >= 3, "sensors run out of phase with one another"
    times = set()
    for frame in frames:
        assert sorted(frame.agents) == sorted(names)
        for name, rig in plan.rigs.items():
            agent = frame.agents[name]
            delivered = {*agent.images, *agent.sweeps, *agent.gnss, *agent.imu}
            due = {
                s.name
                for s in rig.sensors
                if round((frame.time_ns / 1e9 - s.phase_s) * 1000) % round(s.period_s * 1000) == 0
            }
            assert delivered == due, f"{name} at {frame.time_ns}"
        times.add(frame.time_ns)
    wanted = {
        tick * 50_000_000
        for tick in range(round(plan.duration_s / plan.tick_s))
        for rig in plan.rigs.values()
        for s in rig.sensors
        if (tick - round(s.phase_s / 0.05)) % round(s.period_s / 0.05) == 0
    }
    assert times == wanted, "a frame whenever anything is due"


def test_bodies_are_labelled_for_all_but_their_own_sensors(frames):
    for frame in frames:
        ego, vehicle = frame.agents[EGO], frame.agents["vehicle_1"]
        assert ego.body is not None
        assert ego.body.track_id == ego.track_id
        ids = [o.track_id for o in frame.objects]
        assert ego.track_id not in ids
        assert vehicle.track_id in ids
        assert frame.agents["roadside_1"].track_id is None
        for label in (*frame.objects, ego.body):
            keys = {*label.cameras, *label.lidar_points}
            assert not (label is ego.body and any("/" not in key for key in keys))
            if label.track_id == vehicle.track_id:
                assert not any(key.startswith("vehicle_1/") for key in keys)
    seen = sum(sum(f.agents[EGO].body.lidar_points.values()) for f in frames)
    assert seen > 10, "the others see the ego"


def world_points(plan: ScenePlan, frame: Frame, name: str):
    """Points of an agent's LiDARs in the world, with their ids and tags, by label key."""
    agent = frame.agents[name]
    for lidar in plan.rigs[name].lidars:
        if lidar.name in agent.sweeps:
            sweep = agent.sweeps[lidar.name]
            points = (agent.map_agent @ lidar.agent_sensor).transform_points(sweep.points_m)
            yield (lidar.name if name == EGO else f"{name}/{lidar.name}"), points, sweep


def faults(plan: ScenePlan, frames: list[Frame], shift_m: float = 0.0) -> tuple[int, int]:
    """Returns of objects, and how many of them are outside the box of who they are said to be."""
    total = outside = 0
    for frame in frames:
        for name in frame.agents:
            around = {o.track_id: o for o in frame.around(name)}
            for key, points, sweep in world_points(plan, frame, name):
                assert set(np.unique(sweep.object_id)) <= {0, *around}
                for track_id, label in around.items():
                    own = points[sweep.object_id == track_id] + [shift_m, 0.0, 0.0]
                    assert label.lidar_points[key] == len(own)
                    total += len(own)
                    outside += int((~label.box.contains(own, GROWN_M)).sum())
    return total, outside


def test_labels_agree_with_the_returns_of_every_agent(planned, frames):
    total, outside = faults(planned[0], frames)
    assert total > 300
    assert outside == 0
    assert faults(planned[0], frames, shift_m=0.5)[1] > 50, "a planted error is found"


def test_masks_of_every_camera_are_those_of_its_labels(planned, frames):
    plan, masks = planned[0], 0
    for frame in frames:
        for name, agent in frame.agents.items():
            around = {o.track_id & 0xFFFF: o for o in frame.around(name)}
            for channel, image in agent.images.items():
                ids, counts = np.unique(image.instance[image.instance > 0], return_counts=True)
                key = channel if name == EGO else f"{name}/{channel}"
                assert set(ids.tolist()) <= set(around), f"{name} has its own body in view"
                for low, count in zip(ids.tolist(), counts.tolist(), strict=True):
                    assert around[low].cameras[key].visible_pixels == count
                    masks += 1
    assert plan.roadside
    assert masks > 10


def distances(plan: ScenePlan, frames: list[Frame], shift_m: float = 0.0) -> np.ndarray:
    """How far returns of flat ground of one agent lie from the surface through another's nearest three."""
    out = []
    static: dict[str, np.ndarray] = {}
    for name in plan.rigs:
        clouds = [
            points[(sweep.object_id == 0) & np.isin(sweep.tag, list(FLAT))]
            for frame in frames
            for _, points, sweep in world_points(plan, frame, name)
        ]
        static[name] = np.concatenate(clouds)
    names = list(static)
    for i, a in enumerate(names):
        tree = cKDTree(static[a][:, :2])
        for b in names[i + 1 :]:
            points = static[b] + [0.0, 0.0, shift_m]
            apart, rows = tree.query(points[:, :2], k=3)
            near = apart[:, 2] < 0.25
            triples = static[a][rows[near]]
            level = np.ptp(triples[:, :, 2], axis=1) < 0.01
            out.append(np.abs(points[near][level, 2] - triples[level].mean(axis=1)[:, 2]))
    return np.concatenate(out)


def test_a_static_point_that_two_agents_see_is_at_one_place(planned, frames):
    found = distances(planned[0], frames)
    print(f"{len(found)} points seen by two agents: median {np.median(found):.4f} m")
    assert len(found) > 100
    assert np.percentile(found, 95) < SAME_M
    assert np.median(distances(planned[0], frames, shift_m=0.05)) > SAME_M, "a planted error is found"


def test_agents_talk_and_err_as_planned(planned, frames):
    plan = planned[0]
    sent = [m for frame in frames for m in frame.exchange.messages]
    assert [m.number for m in sent] == list(range(len(sent)))
    assert {m.sender for m in sent} == set(plan.rigs)
    assert {"BSM", "MAP", "SPAT"} <= {m.kind.value for m in sent}
    radio = [r for m in sent for r in m.receptions if r.receiver != "cloud"]
    assert {r.path for r in radio} <= {"los", "nlos_vehicle", "nlos_building"}
    assert sum(r.time_ns is not None for r in radio) > len(radio) / 2
    assert any(frame.exchange.cloud is not None for frame in frames)
    for frame in frames:
        unit, vehicle = frame.agents["roadside_1"], frame.agents["vehicle_1"]
        off = np.linalg.norm(vehicle.belief.map_agent.position_m - vehicle.map_agent.position_m)
        assert 0.0 < off < 15.0
        assert np.linalg.norm(unit.belief.map_agent.position_m - unit.map_agent.position_m) < 1e-9


def test_the_same_plan_on_a_fresh_server_gives_the_same_bytes(planned, content):
    plan, road, folder = planned
    assert content_in_a_process_of_its_own(plan, road, folder / "again") == content
