"""The recorder against the embedded server, by the real client."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import carla
import numpy as np
import pytest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import FrameError, PlanError
from drivegen.core.plans import ScenePlan
from drivegen.record import streams
from drivegen.record.session import Endpoint, SceneResult, record_scene
from drivegen.runtime.servers.embedded import EmbeddedServer
from tests.scenes import make_scene, record, start_server


@dataclass(frozen=True, kw_only=True, eq=False)
class Recorded:
    """A scene that was recorded, and the server that still runs."""

    folder: Path
    plan: ScenePlan
    road: Path
    server: EmbeddedServer
    result: SceneResult

    @property
    def capture(self) -> Path:
        return self.result.capture.path


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("record")
    plan, road = make_scene(folder, seed=11, vehicles=12, walkers=8)
    with start_server(plan, road, folder) as server:
        result = record(plan, road, server, folder / "first.mcap")
        yield Recorded(folder=folder, plan=plan, road=road, server=server, result=result)


def left_over(port: int) -> list[str]:
    """Actors that a recording should have taken away."""
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(10.0)
    world = client.get_world()
    assert not world.get_settings().synchronous_mode
    world.wait_for_tick(10.0)
    families = ("vehicle.", "walker.", "sensor.")
    return [a.type_id for a in world.get_actors() if a.type_id.startswith(families)]


def test_what_was_asked_for_is_recorded_and_the_server_left_empty(first):
    result = first.result
    assert left_over(first.server.port) == []
    assert result.achieved["vehicles"] + result.achieved["pedestrians"] + len(result.spawn_failures) == 20
    assert result.achieved["vehicles"] >= 11
    # 0.6 s with something due every 0.1 s, cameras and keyframes every 0.2 s.
    assert result.frames == 6
    assert result.capture.keyframes == 3
    stages = {"connect", "spawn", "warm-up", "tick", "sensors", "truth", "visibility", "write"}
    assert stages <= set(result.stage_s)


def content_in_a_process_of_its_own(plan: ScenePlan, road: Path, folder: Path) -> str:
    """As jobs record: the client's Traffic Managers belong to the process, and this one has had others."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(record_on_fresh_server, plan.to_json(), road, folder).result(timeout=150)


def record_on_fresh_server(plan_json: str, road: Path, folder: Path) -> str:
    folder.mkdir()
    plan = ScenePlan.from_json(plan_json)
    with start_server(plan, road, folder) as server:
        return record(plan, road, server, folder / "scene.mcap").capture.content_sha256


def test_frames_hold_what_the_plan_asks_for(first):
    with CaptureReader(first.capture) as capture:
        frames = list(capture.frames())
        assert [f.time_ns for f in frames] == [i * 100_000_000 for i in range(6)]
        assert [f.keyframe for f in frames] == [True, False] * 3
        loaded = [f.load() for f in frames]
    for frame in loaded:
        agent = frame.agents[EGO]
        assert list(agent.sweeps) == ["TOP"]
        assert sorted(agent.images) == (["BACK", "FRONT", "LEFT", "RIGHT"] if frame.keyframe else [])
        assert len(agent.sweeps["TOP"]) > 5000
        assert frame.signals
        assert set(frame.signals.values()) <= {"red", "yellow", "green", "off"}
        fix = agent.gnss["GNSS"]
        assert fix.latitude_deg == pytest.approx(39.795, abs=0.01)
        assert fix.longitude_deg == pytest.approx(116.506, abs=0.01)
        assert agent.imu["IMU"].acceleration_mps2[2] == pytest.approx(9.81, abs=1.0)
    speeds = [np.linalg.norm(o.velocity_mps) for f in loaded for o in f.objects if o.rider is False]
    assert max(speeds) > 2.0


def test_velocities_are_the_differences_of_positions(first):
    with CaptureReader(first.capture) as capture:
        frames = [f.load([]) for f in capture.frames()]
    compared = 0
    for before, after in pairwise(frames):
        seconds = (after.time_ns - before.time_ns) / 1e9
        now = {o.track_id: o for o in after.objects}
        for label in before.objects:
            # A walker's box is that of its limbs, whose middle swings.
            if label.track_id not in now or not label.blueprint.startswith("vehicle."):
                continue
            moved = now[label.track_id].box.pose.position_m - label.box.pose.position_m
            mean = (label.velocity_mps + now[label.track_id].velocity_mps) / 2
            np.testing.assert_allclose(moved[:2] / seconds, mean[:2], atol=0.5)
            compared += 1
    assert compared > 20


def test_an_unknown_blueprint_is_refused_before_anything_is_spawned(first):
    odd = replace(
        first.plan, vehicles=(replace(first.plan.vehicles[0], blueprint="vehicle.horse.cart", stand_in=""),)
    )
    with pytest.raises(PlanError, match=r"no blueprint vehicle\.horse\.cart"):
        record(odd, first.road, first.server, first.folder / "odd.mcap")
    assert left_over(first.server.port) == []
    assert not list(first.folder.glob("odd*"))


def test_a_sensor_that_never_speaks_is_named(first, monkeypatch):
    def deaf(self: streams.Stream) -> None:
        if self.name != "LEFT (sensor.camera.depth)":
            self.actor.listen(self._receive)

    monkeypatch.setattr(streams.Stream, "listen", deaf)
    with pytest.raises(FrameError, match=r"LEFT \(sensor\.camera\.depth\)"):
        record(first.plan, first.road, first.server, first.folder / "deaf.mcap", timeout_s=3.0)
    assert left_over(first.server.port) == []
    assert [p.name for p in first.folder.glob("deaf*")] == ["deaf.mcap.part"], (
        "frames so far, for the quarantine"
    )


def test_a_sensor_that_falls_silent_is_named_with_its_frame(first, monkeypatch):
    taken = 0
    receive = streams.Stream._receive

    def forgetful(self: streams.Stream, data: Any) -> None:
        nonlocal taken
        taken += self.name.startswith("TOP")
        if not self.name.startswith("TOP") or taken <= 6:
            receive(self, data)

    monkeypatch.setattr(streams.Stream, "_receive", forgetful)
    with pytest.raises(FrameError, match=r"frame \d+: sensor TOP .* did not deliver"):
        record(first.plan, first.road, first.server, first.folder / "silent.mcap", timeout_s=3.0)
    assert left_over(first.server.port) == []
    assert [p.name for p in first.folder.glob("silent*")] == ["silent.mcap.part"], (
        "frames so far, for the quarantine"
    )


def test_a_plan_for_another_road_is_refused_before_a_server_is_asked(first):
    other = first.folder / "other.xodr"
    other.write_text(first.road.read_text(encoding="utf-8") + "<!-- other -->", encoding="utf-8")
    with pytest.raises(PlanError, match="is not the road of the plan"):
        record_scene(
            first.plan,
            map_path=other,
            endpoint=Endpoint(port=1),
            capture_path=first.folder / "other.mcap",
            provenance={},
        )
