"""Scene plans with tracks: recorded, recorded again out of the capture, and cut into a scenario."""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivegen.capture.motions import Motion, Motions, motions_of
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.errors import ConfigError, PlanError
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.plans import Drive, PropPlan, ScenePlan, VehiclePlan, WalkerPlan
from drivegen.core.sensors import Gnss, Imu, Lidar, Rig
from drivegen.core.tracks import Anchor, SignalCourse, Track, TrackCourse
from drivegen.embedded.world.blueprints.library import BlueprintLibrary
from drivegen.record.on_tracks import check_tracks
from drivegen.record.schedule import Schedule
from drivegen.runtime.replay.captures import plan_again
from drivegen.scenario.from_recording import scenario_of
from drivegen.scenario.player.simulate import simulate
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.road import road_of
from drivegen.scenario.staging import plan_of
from drivegen.scenario.support import check_support
from tests.scenes import TICK_S, make_scene, record, start_server

WARMUP_S, DURATION_S = 0.5, 2.0
SIGNAL = "1004"

pytestmark = pytest.mark.timeout(300)


def rig() -> Rig:
    """Cheap sensors."""
    return Rig(
        name="few",
        sensors=(
            Lidar(
                name="TOP",
                agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.9),
                channels=8,
                upper_fov_deg=5.0,
                lower_fov_deg=-30.0,
                range_m=60.0,
                columns=180,
                period_s=0.1,
            ),
            Imu(name="IMU", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.5), period_s=TICK_S),
            Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.5), period_s=0.1),
        ),
    )


def bend(at: Vec3, radius_m: float, speed_mps: float, begins_s: float, ends_s: float, **more: Any) -> Track:
    """To the left from south of a point, by rows that are not ticks."""
    times = np.append(np.arange(begins_s, ends_s - 0.01, 0.17), ends_s)
    angle = times * speed_mps / radius_m
    ring = np.stack([np.sin(angle), -np.cos(angle), np.zeros_like(angle)], axis=1)
    return Track.through(times, at + radius_m * ring, angle, **more)


def make_plan(folder: Path) -> tuple[ScenePlan, Path]:
    """Beside a car and a walker of the usual kind: the ego, a car, a bus that is there for a while, a walker
    and a box on tracks, and a light that the plan switches."""
    plan, road = make_scene(folder, 3, 1, 1, warmup_s=WARMUP_S, duration_s=DURATION_S, keyframe_s=0.5)
    start = plan.ego.start
    at = np.array([start.x_m, start.y_m, start.z_m])
    ends_s = WARMUP_S + DURATION_S

    def car(blueprint: str, track: Track) -> VehiclePlan:
        return VehiclePlan(
            blueprint=blueprint,
            color_rgb=(30, 60, 90),
            start=start,
            speed_difference_percent=0.0,
            following_distance_m=0.0,
            lane_changes=False,
            drive=Drive.TRACK,
            track=track,
        )

    return replace(
        plan,
        ego=replace(plan.ego, rig=rig(), track=bend(at, 25.0, 9.0, 0.0, ends_s)),
        vehicles=(
            *plan.vehicles,
            car("vehicle.tesla.model3", bend(at, 15.0, 5.0, 0.0, ends_s, anchor=Anchor.MIDDLE)),
            # Drives through the ego: what follows tracks does not push.
            car("vehicle.drivegen.bus", bend(at, 25.0, 8.0, 1.0, 1.6)),
        ),
        walkers=(
            *plan.walkers,
            WalkerPlan(
                blueprint="walker.pedestrian.0001",
                speed_mps=0.0,
                waypoints=(),
                crossings=(),
                roles=("on a track",),
                track=bend(at, 6.0, 1.4, 0.8, ends_s),
            ),
        ),
        props=(PropPlan(blueprint="static.prop.box01", track=bend(at, 9.0, 2.0, 0.0, ends_s)),),
        signals=(SignalCourse(signal_id=SIGNAL, times_s=(0.0, 1.5), states=("green", "red")),),
    ), road


def _record(plan_json: str, road: Path, folder: Path, capture: Path) -> tuple[dict[str, float], str]:
    plan = ScenePlan.from_json(plan_json)
    with start_server(plan, road, folder) as server:
        result = record(plan, road, server, capture)
    assert not result.spawn_failures
    return result.achieved, result.capture.content_sha256


@dataclass(frozen=True, kw_only=True)
class Recorded:
    plan: ScenePlan
    first: Path
    hashes: tuple[str, str]
    achieved: dict[str, float]
    again: Path
    """The capture's motion, recorded once more."""
    plan_again: ScenePlan


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("tracks")
    plan, road = make_plan(folder)
    first, twin, again = (folder / f"{name}.mcap" for name in ("first", "twin", "again"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        achieved, one = process.submit(_record, plan.to_json(), road, folder, first).result()
        _, two = process.submit(_record, plan.to_json(), road, folder, twin).result()
        with CaptureReader(first) as reader:
            replayed, text = plan_again(reader)
        assert text == road.read_text(encoding="utf-8")
        process.submit(_record, replayed.to_json(), road, folder, again).result()
    return Recorded(
        plan=plan, first=first, hashes=(one, two), achieved=achieved, again=again, plan_again=replayed
    )


def middle_of(course: TrackCourse, label: ObjectLabel, time_s: float) -> Vec3:
    """Where a track has the middle of a label's box."""
    placed = course.at(time_s)
    up = 0.0 if course.track.anchor is Anchor.MIDDLE else label.box.size_m[2] / 2
    return np.asarray(placed.pose.transform_points(np.array([[0.0, 0.0, up]]))[0])


def test_who_is_on_a_track_is_where_it_says_and_moves_as_it_says(recorded: Recorded) -> None:
    plan = recorded.plan
    ego, car, bus = (TrackCourse(t) for t in (plan.ego.track, *(v.track for v in plan.vehicles[1:])) if t)
    seen = {"vehicle.tesla.model3": 0, "vehicle.drivegen.bus": 0}
    with CaptureReader(recorded.first) as reader:
        for frame in reader.frames():
            time_s = frame.time_ns * 1e-9 + WARMUP_S
            agent, placed = frame.agents["ego"], ego.at(time_s)
            assert np.linalg.norm(agent.map_agent.position_m - placed.position_m) < 0.01
            assert np.linalg.norm(agent.velocity_mps - placed.velocity_mps) < 0.1
            # The simulator's own accelerometer agrees from the third tick on: 9 m/s round 25 m.
            if frame.index > 1:
                assert agent.imu("IMU").acceleration_mps2[1] == pytest.approx(9.0**2 / 25.0, abs=0.4)
            assert agent.imu("IMU").angular_velocity_radps[2] == pytest.approx(9.0 / 25.0, abs=0.02)
            for label in frame.objects:
                course = {"vehicle.tesla.model3": car, "vehicle.drivegen.bus": bus}.get(label.blueprint)
                if course is None:
                    continue
                seen[label.blueprint] += 1
                assert course.is_there(time_s)
                off = label.box.pose.position_m - middle_of(course, label, time_s)
                assert np.linalg.norm(off) < 0.01
                assert np.linalg.norm(label.velocity_mps - course.at(time_s).velocity_mps) < 0.1
    assert seen == {"vehicle.tesla.model3": 40, "vehicle.drivegen.bus": 13}


def test_walkers_on_tracks_move_their_legs(recorded: Recorded) -> None:
    track = recorded.plan.walkers[1].track
    assert track is not None
    course = TrackCourse(track)
    strides = []
    with CaptureReader(recorded.first) as reader:
        for frame in reader.frames():
            time_s = frame.time_ns * 1e-9 + WARMUP_S
            found = [o for o in frame.objects if o.blueprint == "walker.pedestrian.0001"]
            assert bool(found) == course.is_there(time_s)
            for label in found:
                placed = course.at(time_s)
                joints = label.joints_m
                assert joints is not None
                # Hips sway with the steps.
                assert np.linalg.norm((joints[[11, 12]].mean(axis=0) - placed.position_m)[:2]) < 0.03
                assert np.linalg.norm(label.velocity_mps - placed.velocity_mps) < 0.1
                forward = np.array([math.cos(placed.yaw_rad), math.sin(placed.yaw_rad), 0.0])
                strides.append(float((joints[15] - joints[16]) @ forward))
    assert max(strides) > 0.3
    assert min(strides) < -0.3
    assert recorded.achieved["role on a track"] == 1.0


def test_a_plan_switches_lights_and_puts_things_there(recorded: Recorded) -> None:
    with CaptureReader(recorded.first) as reader:
        shown = [frame.signals[SIGNAL] for frame in reader.frames()]
    assert shown == ["green"] * 20 + ["red"] * 20


def test_the_same_tracks_give_the_same_bytes(recorded: Recorded) -> None:
    assert recorded.hashes[0] == recorded.hashes[1]


def _places(motion: Motion) -> dict[float, list[float]]:
    return {
        round(t, 3): [x, y, z]
        for track in motion.tracks
        for t, x, y, z in zip(track.times_s, track.x_m, track.y_m, track.z_m, strict=True)
    }


def _twin(motion: Motion, among: Motions) -> Motion:
    """Who stands for an object in another recording: the same blueprint, nearest where it begins."""
    time_s, place = min(_places(motion).items())
    same = [m for m in among.objects if m.blueprint == motion.blueprint and time_s in _places(m)]
    return min(same, key=lambda m: math.dist(_places(m)[time_s], place))


def test_a_capture_recorded_again_has_the_same_motion(recorded: Recorded) -> None:
    with CaptureReader(recorded.first) as one, CaptureReader(recorded.again) as two:
        old, new = motions_of(one), motions_of(two)
    assert {m.blueprint for m in old.objects} == {m.blueprint for m in new.objects}
    assert any(m.object_class in PEOPLE for m in old.objects)
    for motion in (*old.objects, old.agents["ego"]):
        before = _places(motion)
        after = _places(new.agents["ego"] if motion is old.agents["ego"] else _twin(motion, new))
        assert before.keys() == after.keys()
        assert max(math.dist(before[t], after[t]) for t in before) < 0.02
    assert old.signals == new.signals


def test_another_vehicle_becomes_the_ego(recorded: Recorded) -> None:
    with CaptureReader(recorded.first) as reader:
        motions = motions_of(reader)
        bus, walker = (
            next(m for m in motions.objects if m.object_class is wanted)
            for wanted in (ObjectClass.BUS, ObjectClass.PEDESTRIAN)
        )
        plan, _ = plan_again(reader, str(bus.track_id))
        with pytest.raises(ConfigError, match=f"--ego {walker.track_id} is a pedestrian"):
            plan_again(reader, str(walker.track_id))
    assert plan.ego.blueprint == "vehicle.drivegen.bus"
    # As long as the bus was there, and the old ego among the others.
    assert plan.duration_s == pytest.approx(0.65)
    assert "vehicle.lincoln.mkz_2020" in [v.blueprint for v in plan.vehicles]
    bare = replace(plan.ego, rig=Rig(name="none", sensors=()))
    check_tracks(plan, Schedule.of(replace(plan, ego=bare, keyframe_s=TICK_S)))


def test_a_cut_scenario_plays_the_same_motion(recorded: Recorded, tmp_path: Path) -> None:
    from_s = 0.3
    with CaptureReader(recorded.first) as reader:
        (tmp_path / "cut.xodr").write_text(reader.opendrive, encoding="utf-8")
        (tmp_path / "cut.xosc").write_bytes(scenario_of(reader, "cut.xodr", from_s, 1.9))
        scenario = read_scenario(tmp_path / "cut.xosc")
        check_support(scenario)
        road = road_of(scenario)
        assert road is not None
        course = simulate(scenario, road.network, TICK_S)
        assert course.ended
        assert not course.ignored
        blueprints = [b.id for b in BlueprintLibrary().blueprints if not b.refusal]
        plan = plan_of(scenario, road, course, name="cut", subject="Ego", step_s=TICK_S, available=blueprints)
        actors = {x.track.of: x for x in (*plan.vehicles, *plan.walkers) if x.track is not None}
        assert plan.ego.track is not None
        compared = 0
        for frame in reader.frames():
            time_s = frame.time_ns * 1e-9 - from_s + plan.warmup_s
            if not plan.warmup_s - 1e-6 <= time_s <= 1.6 + plan.warmup_s + 1e-6:
                continue
            ego = TrackCourse(plan.ego.track).at(time_s).position_m
            assert np.linalg.norm(ego - frame.agents["ego"].map_agent.position_m) < 0.05
            for label in frame.objects:
                actor = actors[f"{label.object_class.value.capitalize()}_{label.track_id}"]
                assert actor.blueprint == label.blueprint
                assert actor.track is not None
                played = TrackCourse(actor.track)
                assert played.is_there(time_s)
                if label.object_class in PEOPLE:
                    assert label.joints_m is not None
                    off = (label.joints_m[[11, 12]].mean(axis=0) - played.at(time_s).position_m)[:2]
                else:
                    off = label.box.pose.position_m - middle_of(played, label, time_s)
                assert np.linalg.norm(off) < 0.05
                compared += 1
    assert compared > 100
    assert {s.signal_id: s.states for s in plan.signals}[SIGNAL] == ("green", "red")


def test_tracks_of_agents_must_last_as_long_as_the_scene(tmp_path: Path) -> None:
    plan, _ = make_plan(tmp_path)
    track = plan.ego.track
    assert track is not None
    short = bend(np.zeros(3), 25.0, 9.0, 0.0, WARMUP_S + DURATION_S - 0.2)
    check_tracks(plan, Schedule.of(plan))
    with pytest.raises(PlanError, match=r"ego's track goes from 0 to 2\.3 s"):
        check_tracks(replace(plan, ego=replace(plan.ego, track=short)), Schedule.of(plan))
