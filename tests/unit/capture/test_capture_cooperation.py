"""Captures of several agents: what goes in comes out, and what does not fit together is stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from mcap.reader import make_reader
from tests.cooperative_capture import (
    EGO_TRACK,
    POLE_1,
    POLE_2,
    VEHICLE,
    VEHICLE_TRACK,
    make_cooperative_frames,
    make_cooperative_plan,
)
from tests.unit.capture import synthetic_capture as world

from drivegen.capture import schema
from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.completeness import FrameGate
from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.capture.index import build_index, query
from drivegen.capture.looks import LookOrder, make_look
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.agents import AgentErrors, check_agent_name, label_key
from drivegen.core.cooperation import CLOUD
from drivegen.core.errors import FrameError, PlanError
from drivegen.core.geometry import Pose
from drivegen.core.looks import Style
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Lidar
from drivegen.report.html import write_report

PLAN = make_cooperative_plan(duration_s=0.3)


@pytest.fixture(scope="module")
def frames() -> tuple[Frame, ...]:
    return tuple(make_cooperative_frames(PLAN))


@pytest.fixture(scope="module")
def summary(frames: tuple[Frame, ...], tmp_path_factory: pytest.TempPathFactory) -> CaptureSummary:
    return write(tmp_path_factory.mktemp("cooperative") / "scene-0001.mcap", PLAN, frames)


def write(path: Path, plan: ScenePlan, frames: tuple[Frame, ...], threads: int = 2) -> CaptureSummary:
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=world.XODR, threads=threads) as writer:
        for frame in frames:
            writer.write(frame)
        return writer.close()


def assert_same(a: Any, b: Any, where: str = "frame") -> None:
    """Equal to the last bit, but images (JPEG) and depths (1/256 m), which have their own tests."""
    if is_dataclass(a):
        assert type(a) is type(b), where
        for f in fields(a):
            if f.name in ("bgr", "depth_m"):
                assert getattr(a, f.name).shape == getattr(b, f.name).shape, where
            else:
                assert_same(getattr(a, f.name), getattr(b, f.name), f"{where}.{f.name}")
    elif isinstance(a, np.ndarray):
        np.testing.assert_array_equal(a, b, err_msg=where)
    elif isinstance(a, dict):
        assert sorted(a) == sorted(b), where
        for key in a:
            assert_same(a[key], b[key], f"{where}[{key}]")
    elif isinstance(a, (tuple, list)):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}[{i}]")
    else:
        assert a == b, where


def test_everything_comes_back(summary: CaptureSummary, frames: tuple[Frame, ...]) -> None:
    with CaptureReader(summary.path) as reader:
        assert list(reader.rigs) == [EGO, VEHICLE, POLE_1, POLE_2]
        assert reader.plan.to_json() == PLAN.to_json()
        for written, read in zip(frames, reader.frames(), strict=True):
            assert_same(written, read.load(), f"frame {written.index}")
            for name in reader.rigs:
                assert_same(written.around(name), read.around(name))
        assert reader.verify() == summary.content_sha256
        # What is not the same is told apart.
        with pytest.raises(AssertionError, match="exchange"):
            assert_same(replace(frames[1], exchange=frames[0].exchange), frames[1])


def test_agents_run_by_their_own_phases(summary: CaptureSummary) -> None:
    with CaptureReader(summary.path) as reader:
        first, second = reader.frame(0).agents, reader.frame(1).agents
        assert first[EGO].delivered_by(Lidar) == first[POLE_1].delivered_by(Lidar) == ("LIDAR_TOP",)
        assert not first[VEHICLE].delivered_by(Camera) and not first[POLE_2].delivered_by(Lidar)
        assert second[VEHICLE].delivered_by(Camera) == ("CAM_FRONT", "CAM_BACK")
        assert not second[EGO].delivered_by(Camera)
        only = reader.frame(1).load([f"{VEHICLE}/CAM_BACK", "LIDAR_TOP"])
        assert [list(a.images) for a in only.agents.values()] == [[], ["CAM_BACK"], [], []]
        assert [list(a.sweeps) for a in only.agents.values()] == [[], ["LIDAR_TOP"], [], ["LIDAR_TOP"]]


def test_beliefs_bodies_and_mounts(summary: CaptureSummary) -> None:
    with CaptureReader(summary.path) as reader:
        agents = reader.frame(1).agents
        assert agents[EGO].body is not None and agents[EGO].body.track_id == agents[EGO].track_id == EGO_TRACK
        assert agents[VEHICLE].track_id == VEHICLE_TRACK and agents[VEHICLE].body is None
        assert agents[POLE_1].track_id is None
        ids = {name: [o.track_id for o in reader.frame(1).around(name)] for name in agents}
        assert EGO_TRACK not in ids[EGO] and VEHICLE_TRACK in ids[EGO]
        assert EGO_TRACK in ids[VEHICLE] and VEHICLE_TRACK not in ids[VEHICLE]
        assert {EGO_TRACK, VEHICLE_TRACK} < set(ids[POLE_2])
        belief = agents[VEHICLE].belief
        assert belief is not None and belief.stamp_ns == reader.frame(1).time_ns - 7_000_000 + 1_000
        assert set(belief.channel_stamps_ns) == set(agents[VEHICLE].delivered)
        assert 0.0 < np.linalg.norm(belief.map_agent.position_m - agents[VEHICLE].map_agent.position_m) < 0.6
        true = reader.sensor(VEHICLE, "CAM_FRONT").agent_sensor
        wrong = reader.believed_mount(VEHICLE, "CAM_FRONT")
        assert wrong.yaw_rad - true.yaw_rad == pytest.approx(np.radians(1.0))
        same = reader.believed_mount(VEHICLE, "CAM_BACK")
        np.testing.assert_array_equal(same.matrix, reader.sensor(VEHICLE, "CAM_BACK").agent_sensor.matrix)


def test_points_of_all_agents_lie_in_one_world(summary: CaptureSummary) -> None:
    """The synthetic world is right for every agent; a pose that is not is noticed."""

    def misses(slip: Pose) -> int:
        wrong = 0
        with CaptureReader(summary.path) as reader:
            for frame in reader.frames():
                for name, agent in frame.agents.items():
                    labels = {o.track_id: o for o in frame.around(name)}
                    for channel in agent.delivered_by(Lidar):
                        sweep = agent.sweep(channel)
                        pose = agent.map_agent @ slip @ reader.sensor(name, channel).agent_sensor
                        points = pose.transform_points(sweep.points_m)
                        wrong += int((np.abs(points[sweep.object_id == 0, 2]) > 1e-3).sum())
                        for i, label in labels.items():
                            mine = sweep.object_id == i
                            assert label.seen_by(name).lidar_points[channel] == mine.sum()
                            wrong += int((~label.box.contains(points[mine])).sum())
                        assert set(np.unique(sweep.object_id)) <= {0, *labels}
        return wrong

    assert misses(Pose.identity()) == 0
    assert misses(Pose.from_xyz_rpy(0.1, 0.0, 0.0)) > 100
    assert misses(Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=0.02)) > 100


def test_images_of_all_agents_show_the_boxes(summary: CaptureSummary) -> None:
    shown: dict[str, int] = {}
    with CaptureReader(summary.path) as reader:
        for frame in reader.frames():
            for name, agent in frame.agents.items():
                for channel in agent.delivered_by(Camera):
                    camera = reader.sensor(name, channel)
                    assert isinstance(camera, Camera)
                    optical_map = (agent.map_agent @ camera_optical(camera)).inverse()
                    instance = agent.instance(channel)
                    for label in frame.around(name):
                        corners = optical_map.transform_points(label.box.corners_m())
                        rows, columns = np.nonzero(instance == label.track_id)
                        if corners[:, 2].min() < 0.5 or len(rows) < 20:
                            continue
                        pixels = camera.optics.project(corners)
                        assert columns.min() >= pixels[:, 0].min() - 1
                        assert columns.max() <= pixels[:, 0].max() + 1
                        assert rows.min() >= pixels[:, 1].min() - 1
                        assert rows.max() <= pixels[:, 1].max() + 1
                        assert label.seen_by(name).cameras[channel].visible_pixels == len(rows)
                        shown[name] = shown.get(name, 0) + 1
        assert Clip(reader).cameras[-1][0] == POLE_2
    assert set(shown) == {EGO, VEHICLE, POLE_1, POLE_2}


def test_the_index_tells_what_each_agent_saw(
    summary: CaptureSummary, frames: tuple[Frame, ...], tmp_path: Path
) -> None:
    build_index([summary.path], tmp_path / "index")
    asked = query(
        tmp_path,
        "select agent, frame, track_id, lidar_points, visible_fraction, detected, len(cameras)"
        " from sightings",
    ).rows
    rows = {row[:3]: row[3:] for row in asked}
    assert len(rows) == len(asked)
    for frame in frames:
        assert frame.exchange is not None
        for name, mine in frame.agents.items():
            found = {d.track_id for d in frame.exchange.detections.get(name, ())}
            for label in (o.seen_by(name) for o in frame.around(name)):
                points = sum(label.lidar_points.values())
                fractions = [c.visible_fraction for c in label.cameras.values()]
                row = rows.pop((name, frame.index, label.track_id), None)
                if row is None:
                    assert not points and not any(c.visible_pixels for c in label.cameras.values())
                    continue
                assert row[0] == (points if mine.sweeps else None)
                if mine.images:
                    assert row[1] == pytest.approx(max(fractions, default=0.0), abs=1e-6)
                assert row[2] == (label.track_id in found if mine.sweeps else None)
                assert row[3] == len(label.cameras)
    assert not rows
    agents = query(
        tmp_path,
        "select agent, any_value(kind), any_value(track_id), sum(lidar_points), sum(messages_sent),"
        " sum(messages_lost), avg(clock_error_ns), max(position_error_m) from agents group by 1 order by 1",
    ).rows
    assert [row[:3] for row in agents] == [
        (EGO, "ego", EGO_TRACK), (POLE_1, "roadside", None), (POLE_2, "roadside", None),
        (VEHICLE, "vehicle", VEHICLE_TRACK),
    ]  # fmt: skip
    for name, _, _, points, sent, lost, clock_ns, away_m in agents:
        assert points == sum(len(s) for f in frames for s in f.agents[name].sweeps.values())
        messages = [m for f in frames if f.exchange is not None for m in f.exchange.messages]
        assert sent == sum(m.sender == name for m in messages)
        assert lost == sum(r.time_ns is None for m in messages for r in m.receptions if r.receiver == name)
        assert (away_m == 0.0) == (name in (POLE_1, POLE_2))
        assert clock_ns == pytest.approx(PLAN.agent_errors[name].clock.offset_ns, abs=10_000)
    # What the ego has is what it has without others.
    ego = query(tmp_path, "select sum(lidar_points), count(visible_fraction) from objects").rows[0]
    assert ego[0] == sum(o.seen_by(EGO).lidar_points.get("LIDAR_TOP", 0) for f in frames for o in f.objects)
    assert ego[1] == sum(len(f.objects) for f in frames if f.agents[EGO].images)


def test_a_look_has_all_agents(summary: CaptureSummary, tmp_path: Path) -> None:
    class Negative:
        version = 1

        def check(self, style: Style) -> None: ...

        def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
            for image in clip.images():
                yield image, 255 - image.bgr

    (tmp_path / "captures").mkdir()
    capture = tmp_path / "captures" / summary.path.name
    shutil.copy(summary.path, capture)
    make_look(capture, LookOrder(name="negative", plugin="negative"), Negative())
    with CaptureReader(capture) as plain, CaptureReader(capture, look="negative") as other:
        for name, channel, index in (
            (POLE_2, "CAM_LEFT", 1),
            (VEHICLE, "CAM_FRONT", 3),
            (EGO, "CAM_BACK", 2),
        ):
            before, after = (r.frame(index).agents[name].bgr(channel) for r in (plain, other))
            assert np.abs(255 - before.astype(int) - after).mean() < 4


def test_the_report_takes_a_run_of_several_agents(summary: CaptureSummary, tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    shutil.copy(summary.path, tmp_path / "captures")
    build_index([summary.path], tmp_path / "index")
    write_report(tmp_path, tmp_path / "report.html", [])
    page = (tmp_path / "report.html").read_text()
    assert "CAM_FRONT with" in page


def test_the_same_frames_give_the_same_bytes(
    summary: CaptureSummary, frames: tuple[Frame, ...], tmp_path: Path
) -> None:
    for threads in (0, 3):
        # The order in which the recorder names agents is nothing to the file.
        turned = tuple(replace(f, agents=dict(reversed(f.agents.items()))) for f in frames)
        again = write(tmp_path / f"{threads}.mcap", PLAN, turned, threads)
        assert again.path.read_bytes() == summary.path.read_bytes()


def test_other_readers_find_their_way(summary: CaptureSummary) -> None:
    with summary.path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        topics = set()
        for described, channel, message in reader.iter_messages():
            topics.add(channel.topic)
            assert described is not None
            if described.encoding == "jsonschema":
                assert set(json.loads(described.data)["required"]) <= set(json.loads(message.data))
            if channel.topic == schema.TF_TOPIC:
                children = {t.child_frame_id for t in FrameTransforms.FromString(message.data).transforms}
                assert {EGO, VEHICLE, POLE_2, f"{POLE_1}/LIDAR_TOP"} <= children
        assert {"/v2x/messages", "/cloud/picture", f"/{VEHICLE}/belief", f"/{POLE_1}/detections"} <= topics
        assert {f"/{EGO}/body", f"/{VEHICLE}/body"} <= topics and f"/{POLE_1}/body" not in topics
        believed = next(m for m in reader.iter_metadata() if m.name == "drivegen.believed")
        assert list(believed.metadata) == [VEHICLE]
        assert list(json.loads(believed.metadata[VEHICLE])) == ["CAM_FRONT"]


def test_the_ego_alone_has_no_topics_of_others(tmp_path: Path) -> None:
    plan = world.make_plan(duration_s=0.1, rig=world.make_rig(32, 18, 24))
    path = write(tmp_path / "a.mcap", plan, world.make_frames(plan)).path
    with path.open("rb") as file:
        summary = make_reader(file).get_summary()
        assert summary is not None
        kinds = {c.topic.rsplit("/", 1)[1] for c in summary.channels.values()}
    assert not kinds & {"belief", "body", "messages", "picture"}
    with CaptureReader(path) as reader:
        agent = reader.frame(0).agents[EGO]
        assert agent.belief is agent.track_id is agent.body is reader.frame(0).exchange is None
        assert_same(reader.frame(0).around(EGO), reader.frame(0).objects)


def agent(frame: Frame, name: str, **changes: object) -> Frame:
    agents = {**frame.agents, name: replace(frame.agents[name], **changes)}  # type: ignore[arg-type]
    return replace(frame, agents=agents)


def message(frame: Frame, index: int, **changes: object) -> Frame:
    assert frame.exchange is not None
    messages = list(frame.exchange.messages)
    messages[index] = replace(messages[index], **changes)  # type: ignore[arg-type]
    return replace(frame, exchange=replace(frame.exchange, messages=tuple(messages)))


def reception(frame: Frame, **changes: object) -> Frame:
    assert frame.exchange is not None
    received = list(frame.exchange.messages[0].receptions)
    k = next(i for i, r in enumerate(received) if r.time_ns is not None)
    received[k] = replace(received[k], **changes)  # type: ignore[arg-type]
    return message(frame, 0, receptions=tuple(received))


def detected(frame: Frame, name: str, track_id: int | None) -> Frame:
    assert frame.exchange is not None
    found = frame.exchange.detections[EGO]
    if track_id is not None:
        found = (replace(found[0], track_id=track_id), *found[1:])
    detections = {**frame.exchange.detections, name: found}
    return replace(frame, exchange=replace(frame.exchange, detections=detections))


def stray_stamp(frame: Frame) -> Frame:
    belief = frame.agents[EGO].belief
    assert belief is not None
    return agent(frame, EGO, belief=replace(belief, channel_stamps_ns={}))


def stray_body(frame: Frame) -> Frame:
    body = frame.agents[EGO].body
    assert body is not None
    return agent(frame, EGO, body=replace(body, track_id=VEHICLE_TRACK), track_id=VEHICLE_TRACK)


CASES: list[tuple[int, Callable[[Frame], Frame], str]] = [
    (1, lambda f: agent(f, VEHICLE, sweeps={}), "vehicle_1: LiDAR LIDAR_TOP was due and delivered nothing"),
    (0, lambda f: agent(f, POLE_2, images=f.agents[POLE_1].images), "roadside_2: camera .* was not due"),
    (0, lambda f: agent(f, VEHICLE, belief=None), "vehicle_1: the plan gives it errors, but no belief came"),
    (0, stray_stamp, r"ego: its clock stamped \[\], but"),
    (0, lambda f: agent(f, EGO, track_id=None), "ego: track_id is None; one is wanted"),
    (0, lambda f: agent(f, POLE_1, track_id=24), "roadside_1: track_id is 24"),
    (0, lambda f: agent(f, EGO, body=None), "a body is wanted of the ego"),
    (0, lambda f: agent(f, EGO, track_id=VEHICLE_TRACK), "its body is 70, its track 25"),
    (0, stray_body, "share an id in the low 16 bits"),
    (0, lambda f: agent(f, VEHICLE, track_id=3), "track 3 that carries it is none of the frame's objects"),
    (0, lambda f: replace(f, exchange=None), "an exchange is wanted"),
    (0, lambda f: detected(f, "roadside_9", None), "detections: roadside_9 is no agent of the plan"),
    (0, lambda f: detected(f, EGO, 999), "a detection of ego is of object 999, which is not there"),
    (2, lambda f: message(f, 0, number=3), "message 3: number .* was to come"),
    (2, lambda f: message(f, 0, sender="cart_7"), "its sender: cart_7 is no agent"),
    (2, lambda f: message(f, 0, made_ns=f.time_ns + 1), "it must be made after"),
    (2, lambda f: message(f, 0, made_ns=f.time_ns - 100_000_000), "it must be made after"),
    (2, lambda f: message(f, 0, made_ns=f.time_ns - 19_500_000), "must come by the time they were made"),
    (2, lambda f: message(f, 0, receptions=()), r"receivers are \[\], \['cloud', 'roadside_1'"),
    (2, lambda f: reception(f, cause="range"), "has a cause of loss, or a time, and not both"),
    (2, lambda f: reception(f, time_ns=1), "had it before it was sent"),
]


@pytest.mark.parametrize(("index", "change", "words"), CASES)
def test_what_does_not_fit_is_stopped(
    frames: tuple[Frame, ...], index: int, change: Callable[[Frame], Frame], words: str
) -> None:
    gate = FrameGate(PLAN, PLAN.rigs)
    for frame in frames[:index]:
        gate.check(frame)
    with pytest.raises(FrameError, match=words):
        gate.check(change(frames[index]))
    gate = FrameGate(PLAN, PLAN.rigs)
    for frame in frames[: index + 1]:
        gate.check(frame)


def test_a_belief_comes_always_or_never(frames: tuple[Frame, ...]) -> None:
    plan = replace(PLAN, roadside=tuple(replace(r, errors=AgentErrors()) for r in PLAN.roadside))
    gate = FrameGate(plan, plan.rigs)
    gate.check(agent(frames[0], POLE_1, belief=None))
    with pytest.raises(FrameError, match="roadside_1 believed in some frames only"):
        gate.check(frames[1])


def test_a_phase_needs_its_frames(frames: tuple[Frame, ...]) -> None:
    def still(rig: Any) -> Any:
        return replace(rig, sensors=rig.sensors[:3])  # without GNSS and the IMU, which is due at every tick

    plan = replace(
        PLAN,
        ego=replace(PLAN.ego, rig=still(PLAN.ego.rig)),
        connected=tuple(replace(a, rig=still(a.rig)) for a in PLAN.connected),
        roadside=tuple(replace(a, rig=still(a.rig)) for a in PLAN.roadside),
    )

    def shorn(frame: Frame, index: int) -> Frame:
        agents: dict[str, AgentFrame] = {}
        for name, a in frame.agents.items():
            bare = replace(a, gnss={}, imu={})
            assert a.belief is not None
            stamps = {c: s for c, s in a.belief.channel_stamps_ns.items() if c in bare.delivered}
            agents[name] = replace(bare, belief=replace(a.belief, channel_stamps_ns=stamps))
        return replace(frame, agents=agents, index=index)

    gate = FrameGate(plan, plan.rigs)
    for index, frame in enumerate(frames):
        gate.check(shorn(frame, index))
    gate.check_end()
    gate = FrameGate(plan, plan.rigs)
    gate.check(shorn(frames[0], 0))
    with pytest.raises(FrameError, match=r"the frame at 3\.050 s, when data was due, is missing"):
        gate.check(shorn(frames[2], 1))
    gate = FrameGate(plan, plan.rigs)
    for index, frame in enumerate(frames[:5]):
        gate.check(shorn(frame, index))
    with pytest.raises(FrameError, match=r"asks for data until 0\.250 s"):
        gate.check_end()


def with_phase(plan: ScenePlan, name: str, phase_s: float) -> ScenePlan:
    rig = plan.rigs[name]
    sensors = (replace(rig.sensors[0], phase_s=phase_s), *rig.sensors[1:])
    if name == EGO:
        return replace(plan, ego=replace(plan.ego, rig=replace(rig, sensors=sensors)))
    units = tuple(
        replace(r, rig=replace(rig, sensors=sensors)) if r.name == name else r for r in plan.roadside
    )
    return replace(plan, roadside=units)


def renamed(name: str) -> ScenePlan:
    return replace(PLAN, roadside=(replace(PLAN.roadside[0], name=name), *PLAN.roadside[1:]))


def believing_in(channel: str) -> ScenePlan:
    errors = AgentErrors(believed_mounts={channel: Pose.identity()})
    return replace(PLAN, connected=(replace(PLAN.connected[0], errors=errors),))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (with_phase(PLAN, EGO, 0.05), "ego CAM_FRONT: phase_s=0.05; sensors of the ego are due"),
        (with_phase(PLAN, POLE_1, 0.07), "roadside_1 CAM_FRONT: phase_s=0.07 is not a multiple of the tick"),
        (with_phase(PLAN, POLE_1, 0.1), "phase_s=0.1 is not"),
        (renamed(POLE_2), "two agents are called roadside_2"),
        (renamed(CLOUD), "an agent is called 'cloud'"),
        (renamed("a/b"), "an agent is called 'a/b'"),
        (believing_in("CAM_UP"), r"vehicle_1 believes in mounts of \['CAM_UP'\], which its rig has not"),
    ],
)
def test_plans_that_cannot_be_are_refused(plan: ScenePlan, words: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=words):
        CaptureWriter(tmp_path / "a.mcap", plan, {}, opendrive=world.XODR)
    assert not list(tmp_path.iterdir())


def test_names_and_keys() -> None:
    check_agent_name("vehicle_1")
    for name in ("", "ego", "Map", "1st", "a b", "über"):
        with pytest.raises(PlanError):
            check_agent_name(name)
    assert label_key(EGO, "CAM") == "CAM" and label_key(POLE_1, "CAM") == "roadside_1/CAM"
