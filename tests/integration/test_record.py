"""The recorder against the embedded server, by the real client."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import carla
import numpy as np
import pytest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import DrivegenError, FrameError, PlanError
from drivegen.core.plans import ScenePlan
from drivegen.record import streams
from tests.scenes import make_scene, record, start_server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record")


@pytest.fixture(scope="module")
def scene(folder: Path) -> tuple[ScenePlan, Path]:
    return make_scene(folder, seed=11, vehicles=12, walkers=8)


def left_over(port: int) -> list[str]:
    """Actors that a recording should have taken away."""
    client = carla.Client("127.0.0.1", port)
    client.set_timeout(10.0)
    world = client.get_world()
    settings = world.get_settings()
    assert not settings.synchronous_mode
    world.wait_for_tick(10.0)
    families = ("vehicle.", "walker.", "sensor.")
    return [a.type_id for a in world.get_actors() if a.type_id.startswith(families)]


def test_the_same_plan_gives_the_same_bytes_and_leaves_nothing(scene, folder):
    plan, road = scene
    results = []
    for name in ("first.mcap", "second.mcap"):
        with start_server(plan, road, folder) as server:
            results.append(record(plan, road, server, folder / name))
            assert left_over(server.port) == []
    first, second = results
    assert first.capture.content_sha256 == second.capture.content_sha256
    assert first.achieved["vehicles"] + first.achieved["pedestrians"] + len(first.spawn_failures) == 20
    assert first.achieved["vehicles"] >= 11
    # 0.6 s with something due every 0.1 s, cameras and keyframes every 0.2 s.
    assert first.frames == 6
    assert first.capture.keyframes == 3
    assert {"connect", "spawn", "warm-up", "tick", "sensors", "truth", "visibility", "write"} <= set(
        first.stage_s
    )


def test_frames_hold_what_the_plan_asks_for(folder):
    with CaptureReader(folder / "first.mcap") as capture:
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


def test_velocities_are_the_differences_of_positions(folder):
    with CaptureReader(folder / "first.mcap") as capture:
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


def test_errors_before_the_first_frame_leave_nothing(scene, folder, monkeypatch):
    plan, road = scene
    with start_server(plan, road, folder) as server:
        odd = replace(plan, vehicles=(replace(plan.vehicles[0], blueprint="vehicle.horse.cart"),))
        with pytest.raises(PlanError, match=r"no blueprint vehicle\.horse\.cart"):
            record(odd, road, server, folder / "odd.mcap")
        assert left_over(server.port) == []

        def deaf(self: streams.Stream) -> None:
            if "depth" not in self.name or not self.name.startswith("LEFT"):
                self.actor.listen(self._receive)

        monkeypatch.setattr(streams.Stream, "listen", deaf)
        monkeypatch.setattr("tests.scenes.TIMEOUT_S", 3.0)
        with pytest.raises(FrameError, match=r"LEFT \(sensor\.camera\.depth\)"):
            record(plan, road, server, folder / "deaf.mcap")
        assert left_over(server.port) == []
    assert not list(folder.glob("odd*")) + list(folder.glob("deaf*"))


def test_a_sensor_that_falls_silent_is_named_with_its_frame(scene, folder, monkeypatch):
    plan, road = scene
    taken = 0
    receive = streams.Stream._receive

    def forgetful(self: streams.Stream, data) -> None:
        nonlocal taken
        if self.name.startswith("TOP"):
            taken += 1
            if taken > 6:
                return
        receive(self, data)

    monkeypatch.setattr(streams.Stream, "_receive", forgetful)
    monkeypatch.setattr("tests.scenes.TIMEOUT_S", 3.0)
    with start_server(plan, road, folder) as server:
        with pytest.raises(FrameError, match=r"frame \d+: sensor TOP .* did not deliver"):
            record(plan, road, server, folder / "silent.mcap")
        assert left_over(server.port) == []
    assert not list(folder.glob("silent*"))


def test_a_plan_for_another_road_is_refused(scene, folder):
    plan, road = scene
    with start_server(plan, road, folder) as server:
        other = folder / "other.xodr"
        other.write_text(road.read_text(encoding="utf-8").replace("junction", "junktion"), encoding="utf-8")
        with pytest.raises(DrivegenError, match="is not the road of the plan"):
            record(plan, other, server, folder / "other.mcap")
