"""The OPV2V export, read back by a reader of its own with the consumers' transforms, against the capture."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from opv2v_reader import Scenario, View, box_corners, matrix, moved, read_pcd
from tests.cooperative_capture import (
    EGO_TRACK,
    POLE_1,
    POLE_2,
    POLE_FOOT_Z_M,
    VEHICLE,
    VEHICLE_TRACK,
    make_cooperative_frames,
    make_cooperative_plan,
    write_cooperative_capture,
)
from tests.unit.capture import synthetic_capture as world

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.actors import PEOPLE, RIDDEN
from drivegen.core.agents import label_key
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Rig
from drivegen.core.tags import Tag
from drivegen_exporters.opv2v import members, scene
from drivegen_exporters.opv2v.exporter import Opv2v
from drivegen_exporters.opv2v.formats import pcd_bytes, yaml_bytes

FOLDERS = {EGO: "1000070", VEHICLE: "2000025", POLE_1: "-1", POLE_2: "3000002"}
AGENTS = {folder: name for name, folder in FOLDERS.items()}
LIDAR = "LIDAR_TOP"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cooperation") / "scene-0001.mcap"
    write_cooperative_capture(path, make_cooperative_plan(duration_s=0.6))
    return path


@pytest.fixture(scope="module")
def reader(capture: Path) -> Iterator[CaptureReader]:
    with CaptureReader(capture) as opened:
        yield opened


@pytest.fixture(scope="module")
def by_sweep(capture: Path, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return export(capture, tmp_path_factory.mktemp("by_sweep") / "set", labels="sweep")


@pytest.fixture(scope="module")
def by_moment(capture: Path, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return export(capture, tmp_path_factory.mktemp("by_moment") / "set", images=False)


def export(capture: Path, out: Path, **options: object) -> Scenario:
    Opv2v(options).export([capture], out)
    return Scenario(out / "train" / "scene-0001")


def all_views(scenario: Scenario) -> list[View]:
    return [view for agent in scenario.agents for view in scenario.views(agent)]


def taken(reader: CaptureReader, view: View, channel: str) -> CapturedFrame:
    """The frame in which a sensor delivered what lies at a stamp."""
    name = AGENTS[view.agent]
    frames = (reader.frame(i) for i in range(int(view.stamp), -1, -1))
    return next(f for f in frames if channel in f.agents[name].delivered)


def wanted_counts(reader: CaptureReader, view: View) -> dict[int, int]:
    """By id, the returns that the capture says an agent's vehicles have."""
    name = AGENTS[view.agent]
    found = {}
    for o in taken(reader, view, LIDAR).around(name):
        points = o.lidar_points.get(label_key(name, LIDAR), 0)
        if points and o.object_class not in PEOPLE | RIDDEN:
            found[o.track_id + (1_000_000 if o.track_id == EGO_TRACK else 2_000_000)] = points
    return found


def mismatches(reader: CaptureReader, scenario: Scenario) -> tuple[int, int]:
    """Boxes that do not hold what the capture says, and boxes."""
    wrong = total = 0
    for view in all_views(scenario):
        counts, wanted = view.counts(), wanted_counts(reader, view)
        assert counts.keys() == wanted.keys()
        wrong += sum(counts[i] != wanted[i] for i in wanted)
        total += len(wanted)
    return wrong, total


def test_folders_are_those_that_loaders_expect(by_sweep: Scenario) -> None:
    assert by_sweep.agents == ["1000070", "2000025", "3000002", "-1"]
    # Frame 1 is the first by which all have delivered, 2 the ego's next.
    assert set(map(tuple, by_sweep.stamps.values())) == {("000002", "000004", "000006", "000008", "000010")}
    files = {p.suffix for p in by_sweep.root.rglob("*") if p.is_file()}
    assert files == {".yaml", ".pcd", ".png"}
    protocol = yaml.safe_load((by_sweep.root / "data_protocol.yaml").read_text())
    assert protocol["world"]["fixed_delta_seconds"] == 0.05
    described = protocol["scenario"]["agents"]
    assert {a["name"]: str(i) for i, a in described.items()} == FOLDERS
    assert [a["kind"] for a in described.values()] == ["vehicle", "vehicle", "roadside_unit", "roadside_unit"]
    mark = json.loads((by_sweep.root.parents[1] / "drivegen.json").read_text())
    assert mark["format"] == "opv2v" and list(mark["captures"]) == ["scene-0001"]


def test_boxes_hold_the_returns_that_the_capture_counted(reader: CaptureReader, by_sweep: Scenario) -> None:
    wrong, total = mismatches(reader, by_sweep)
    assert wrong == 0 and total > 100
    for view in all_views(by_sweep):
        assert view.counts() == {i: v["lidar_points"] for i, v in view.data["vehicles"].items()}
        assert int(view.agent) not in view.data["vehicles"]
    seen = {i for v in by_sweep.views(FOLDERS[POLE_1]) for i in v.data["vehicles"]}
    assert {1_000_000 + EGO_TRACK, 2_000_000 + VEHICLE_TRACK} <= seen


def test_other_returns_are_on_the_ground_in_every_cloud(reader: CaptureReader, by_sweep: Scenario) -> None:
    for view in all_views(by_sweep):
        sweep = taken(reader, view, LIDAR).agents[AGENTS[view.agent]].sweep(LIDAR)
        in_world = moved(matrix(view.data["lidar_pose"]), view.points)
        assert np.abs(in_world[sweep.object_id == 0, 2]).max() < 1e-4
        intensity = read_pcd(view.path.with_suffix(".pcd"))[1]
        assert np.abs(intensity - sweep.intensity).max() <= 0.5 / 255 + 1e-6


def test_boxes_cover_their_pixels(reader: CaptureReader, by_sweep: Scenario) -> None:
    checked = whole = 0
    for view in all_views(by_sweep):
        name = AGENTS[view.agent]
        described = yaml.safe_load((by_sweep.root / "data_protocol.yaml").read_text())["scenario"]["agents"]
        for place, channel in described[int(view.agent)]["cameras"].items():
            frame = taken(reader, view, channel)
            image = cv2.imread(str(view.path.with_name(f"{view.stamp}_{place}.png")))
            assert (image == frame.agents[name].bgr(channel)).all()
            instance = frame.agents[name].instance(channel)
            for number, vehicle in view.data["vehicles"].items():
                rows, columns = np.nonzero(instance == number % 1_000_000)
                corners = view.project(place, box_corners(vehicle))
                if len(rows) < 20 or (corners[:, 2] < 0.5).any():
                    continue
                left, top = corners[:, :2].min(axis=0)
                right, bottom = corners[:, :2].max(axis=0)
                assert left <= columns.min() + 0.5 and columns.max() + 0.5 <= right
                assert top <= rows.min() + 0.5 and rows.max() + 0.5 <= bottom
                label = next(o for o in frame.around(name) if o.track_id == number % 1_000_000)
                full = label.cameras[label_key(name, channel)].full_box_px
                checked += 1
                if min(left, top, 160 - right, 90 - bottom) > 0:
                    assert np.abs(np.subtract([left, top, right, bottom], full)).max() < 2.5
                    whole += 1
    assert checked > 30 and whole > 10


def test_extrinsic_leads_from_the_cloud_to_the_camera(by_sweep: Scenario) -> None:
    for view in all_views(by_sweep):
        for camera in (k for k in view.data if k.startswith("camera")):
            wanted = np.linalg.inv(matrix(view.data[camera]["cords"])) @ matrix(view.data["lidar_pose"])
            assert np.allclose(view.data[camera]["extrinsic"], wanted, atol=1e-6)


def test_cameras_are_where_they_look(by_sweep: Scenario) -> None:
    protocol = yaml.safe_load((by_sweep.root / "data_protocol.yaml").read_text())
    cameras = {a["name"]: a["cameras"] for a in protocol["scenario"]["agents"].values()}
    assert cameras[EGO] == cameras[VEHICLE] == {"camera0": "CAM_FRONT", "camera3": "CAM_BACK"}
    assert cameras[POLE_1] == {"camera0": "CAM_FRONT", "camera2": "CAM_LEFT"}


@pytest.mark.parametrize("count", [4, 6])
def test_rigs_of_more_cameras_fill_all_places(count: int) -> None:
    rig = world.make_rig()
    cameras = {c.name: c for c in rig.cameras}
    four = ("CAM_BACK", "CAM_BACK_LEFT", "CAM_BACK_RIGHT", "CAM_FRONT")
    chosen = [cameras[name] for name in (four if count == 4 else sorted(cameras))]
    views = members._views(Rig(name="r", sensors=tuple(chosen)), 100.0)
    names = [v.camera.name for v in views]
    assert [v.place for v in views] == [0, 1, 2, 3]
    assert names == ["CAM_FRONT", "CAM_BACK_RIGHT", "CAM_BACK_LEFT", "CAM_BACK"]


def test_poses_are_truth_and_belief_in_carlas_axes(reader: CaptureReader, by_sweep: Scenario) -> None:
    for view in all_views(by_sweep):
        agent = reader.frame(int(view.stamp)).agents[AGENTS[view.agent]]
        for key, pose in (
            ("true_ego_pos", agent.map_agent),
            ("predicted_ego_pos", agent.belief.map_agent),
        ):
            x, y, z, roll, yaw, pitch = view.data[key]
            assert np.allclose([x, -y, z], pose.position_m, atol=1e-8)
            assert (roll, pitch) == (0.0, 0.0) and np.isclose(np.radians(-yaw), pose.yaw_rad, atol=1e-9)
        speed = {EGO: 6.0, VEHICLE: 8.0}.get(AGENTS[view.agent], 0.0)
        assert view.data["ego_speed"] == pytest.approx(speed * 3.6)
        assert view.data["drivegen"]["clock_ns"] == agent.belief.stamp_ns
        off = np.subtract(view.data["true_ego_pos"], view.data["predicted_ego_pos"])
        assert (np.abs(off).max() > 0.01) == (AGENTS[view.agent] in {EGO, VEHICLE})


def test_plans_are_what_was_driven(by_sweep: Scenario) -> None:
    first = by_sweep.view(FOLDERS[EGO], "000002")
    (x, y, *_), ahead = first.data["true_ego_pos"], first.data["plan_trajectory"]
    assert ahead and np.allclose(ahead[0][:2], [x + 6.0 * 0.2, y], atol=0.02)
    assert ahead[0][2] == pytest.approx(6.0 * 3.6)
    assert by_sweep.view(FOLDERS[POLE_1], "000002").data["plan_trajectory"] == []


def test_labels_of_the_moment(reader: CaptureReader, by_moment: Scenario, by_sweep: Scenario) -> None:
    """What moves is where it is at the stamp, also beside a cloud that is a tick older."""
    for view in all_views(by_moment):
        late = AGENTS[view.agent] in {VEHICLE, POLE_2}
        assert view.data["drivegen"]["lidar_age_ns"] == (50_000_000 if late else 0)
        frame = reader.frame(int(view.stamp))
        labels = {o.track_id: o for o in frame.around(AGENTS[view.agent])}
        older = by_sweep.view(view.agent, view.stamp).data["vehicles"]
        for number, vehicle in view.data["vehicles"].items():
            label = labels[number % 1_000_000]
            x, y, z = (a + b for a, b in zip(vehicle["location"], vehicle["center"], strict=True))
            assert np.allclose([x, -y, z], label.box.pose.position_m, atol=1e-6)
            gone = np.subtract(vehicle["location"], older[number]["location"])
            wanted = np.linalg.norm(label.velocity_mps) * 0.05 if late else 0.0
            assert np.linalg.norm(gone) == pytest.approx(wanted, abs=2e-3)
        if not late:
            assert view.counts() == wanted_counts(reader, view)
    assert not list(by_moment.root.rglob("*.png"))


def test_clouds_of_roadside_units_are_level_and_low(
    capture: Path, by_moment: Scenario, tmp_path: Path
) -> None:
    x, y, z, roll, _, pitch = by_moment.view("-1", "000002").data["lidar_pose"]
    assert (z, roll, pitch) == (pytest.approx(POLE_FOOT_Z_M + 1.9), 0.0, 0.0)
    high = export(capture, tmp_path / "set", images=False, labels="sweep", unit_lidar_height_m=0)
    view = high.view("-1", "000002")
    assert view.data["lidar_pose"][:3] == pytest.approx([x, y, POLE_FOOT_Z_M + 5.8])
    assert view.counts() == {i: v["lidar_points"] for i, v in view.data["vehicles"].items()}


@pytest.mark.parametrize(
    ("negative_ids", "agents"),
    [
        (0, ["1000070", "2000025", "3000001", "3000002"]),
        (2, ["-2", "1000070", "2000025", "-1"]),
    ],
)
def test_ids_of_roadside_units(capture: Path, tmp_path: Path, negative_ids: int, agents: list[str]) -> None:
    """Two negative ids put a roadside unit first, which is why only one is the default."""
    found = export(capture, tmp_path / "set", images=False, negative_ids=negative_ids)
    assert found.agents == agents


def test_two_wheelers_and_hidden_vehicles(capture: Path, by_moment: Scenario, tmp_path: Path) -> None:
    def numbers(scenario: Scenario) -> set[int]:
        return {i for view in all_views(scenario) for i in view.data["vehicles"]}

    plain = numbers(by_moment)
    more = numbers(export(capture, tmp_path / "two", images=False, two_wheelers=True))
    assert plain < more and more - plain <= {2_000_040, 2_000_041}
    hidden = export(capture, tmp_path / "hidden", images=False, hidden=True)
    for view in all_views(hidden):
        shown = by_moment.view(view.agent, view.stamp).data["vehicles"]
        assert shown.keys() == {i for i, v in view.data["vehicles"].items() if v["lidar_points"]}
        # 7 things and the ego, without itself.
        assert len(view.data["vehicles"]) == (7 if AGENTS[view.agent] in {EGO, VEHICLE} else 8)


def radians(pose: Pose) -> list[float]:
    found = CARLA_POSE(pose)
    return found[:3] + [float(np.radians(a)) for a in found[3:]]


CARLA_POSE, VEHICLE_OF = scene.carla_pose, scene.vehicle


def full_extent(label: object, points: int) -> dict[str, object]:
    found = VEHICLE_OF(label, points)
    return {**found, "extent": [2 * v for v in found["extent"]]}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("flip_points", lambda points: points),
        ("carla_pose", radians),
        ("vehicle", full_extent),
    ],
    ids=["axis_not_flipped", "radians_for_degrees", "full_extent"],
)
def test_wrong_geometry_is_seen(
    capture: Path,
    reader: CaptureReader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    wrong: Callable[..., object],
) -> None:
    monkeypatch.setattr(scene, name, wrong)
    found, total = mismatches(reader, export(capture, tmp_path / "set", images=False, labels="sweep"))
    assert found > 0.4 * total


def test_a_late_agent_is_seen(reader: CaptureReader, by_sweep: Scenario, tmp_path: Path) -> None:
    """The clouds of one agent 0.1 s late: its boxes that move hold other points."""
    shutil.copytree(by_sweep.root, tmp_path / "late")
    late = Scenario(tmp_path / "late")
    agent, stamps = FOLDERS[VEHICLE], late.stamps[FOLDERS[VEHICLE]]
    for before, after in pairwise(stamps):
        shutil.copy(by_sweep.root / agent / f"{before}.pcd", late.root / agent / f"{after}.pcd")
    found, _ = mismatches(reader, late)
    mine = len([i for v in late.views(agent)[1:] for i in v.data["vehicles"]])
    assert found > 0.5 * mine


def test_equal_captures_give_equal_bytes(capture: Path, by_sweep: Scenario, tmp_path: Path) -> None:
    def digest(root: Path) -> str:
        files = sorted(p for p in root.rglob("*") if p.is_file())
        return hashlib.sha256(
            b"".join(str(p.relative_to(root)).encode() + p.read_bytes() for p in files)
        ).hexdigest()

    again = export(capture, tmp_path / "set", labels="sweep")
    assert digest(again.root.parents[1]) == digest(by_sweep.root.parents[1])


def test_a_capture_of_the_ego_alone(captures: list[Path], tmp_path: Path) -> None:
    summary = Opv2v({"splits": {"val": 1.0}}).export(captures, tmp_path / "set")
    assert summary.counts["agents"] == summary.scenes == 2
    scenario = Scenario(tmp_path / "set" / "validate" / "scene-0001")
    # As far apart as the images, which come twice a second.
    assert scenario.agents == ["1000000"]
    assert scenario.stamps["1000000"] == ["000000", "000010", "000020"]
    view = scenario.view("1000000", "000010")
    assert view.counts() == {i: v["lidar_points"] for i, v in view.data["vehicles"].items()}
    assert view.data["predicted_ego_pos"] == view.data["true_ego_pos"]
    assert "clock_ns" not in view.data["drivegen"]


def with_own_returns(frame: Frame, name: str) -> Frame:
    """With twenty returns of the roof that carries the LiDAR, along its y: it is turned on its mount."""
    agent = frame.agents[name]
    if LIDAR not in agent.sweeps:
        return frame
    sweep, extra = agent.sweeps[LIDAR], 20
    roof = np.column_stack([np.zeros(extra), np.linspace(-1.5, 1.5, extra), np.full(extra, -0.5)])
    grown = {
        "points_m": np.concatenate([sweep.points_m, roof.astype(np.float32)]),
        "object_id": np.concatenate([sweep.object_id, np.zeros(extra, np.uint32)]),
        "tag": np.concatenate([sweep.tag, np.full(extra, Tag.CAR, np.uint8)]),
        **{
            key: np.concatenate([getattr(sweep, key), getattr(sweep, key)[:extra]])
            for key in ("intensity", "ring", "cos_incidence")
        },
    }
    sweeps = {**agent.sweeps, LIDAR: replace(sweep, **grown)}
    return replace(frame, agents={**frame.agents, name: replace(agent, sweeps=sweeps)})


def test_clouds_lack_the_body_that_carries_the_lidar(by_moment: Scenario, tmp_path: Path) -> None:
    plan = make_cooperative_plan(duration_s=0.3)
    path = tmp_path / "scene-0001.mcap"
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=world.XODR) as writer:
        for frame in make_cooperative_frames(plan):
            writer.write(with_own_returns(with_own_returns(frame, EGO), VEHICLE))
        writer.close()
    scenario = export(path, tmp_path / "set", images=False)
    views = all_views(scenario)
    assert {AGENTS[v.agent] for v in views} == set(FOLDERS)
    for view in views:
        plain = by_moment.view(view.agent, view.stamp).points
        assert np.array_equal(view.points, plain)


def test_stamps_count_ticks_also_where_frames_are_left_out(tmp_path: Path) -> None:
    """A capture has only frames in which something was due."""
    rig = world.make_rig()
    rig = Rig(name="plain", sensors=tuple(s for s in rig.sensors if s.name in {LIDAR, "CAM_FRONT"}))
    plan = world.make_plan(duration_s=1.2, rig=rig)
    due = [f for f in world.make_frames(plan) if f.agents[EGO].delivered]
    path = tmp_path / "scene-0001.mcap"
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=world.XODR) as writer:
        for index, frame in enumerate(due):
            writer.write(replace(frame, index=index))
        writer.close()
    assert len(due) == 12
    scenario = export(path, tmp_path / "set")
    assert scenario.stamps["1000000"] == ["000000", "000010", "000020"]
    (x, *_), ahead = (scenario.view("1000000", "000010").data[k] for k in ("true_ego_pos", "plan_trajectory"))
    assert np.allclose(np.array(ahead)[:, 0] - x, 6.0 * 0.2 * np.arange(1, 4), atol=1e-6)


def test_what_a_capture_lacks_is_said(tmp_path: Path) -> None:
    plan = make_cooperative_plan(duration_s=0.1)
    short = tmp_path / "short.mcap"
    write_cooperative_capture(short, plan)
    with pytest.raises(ExportError, match=r"no moment by which every sensor has delivered.*longer scene"):
        Opv2v().export([short], tmp_path / "set")
    rig = Rig(name="blind", sensors=plan.ego.rig.cameras)
    path = tmp_path / "blind.mcap"
    write_cooperative_capture(path, replace(plan, ego=replace(plan.ego, rig=rig)))
    with pytest.raises(ExportError, match="wants a LiDAR in the rig of the ego"):
        Opv2v().export([path], tmp_path / "set")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"labels": "now"}, "moment or sweep is wanted"),
        ({"negative_ids": -1}, "0 or more"),
        ({"unit_lidar_height_m": -2}, "0 to 20"),
        ({"rectified_fov_deg": 170}, "10 to 150"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ExportError, match=said):
        Opv2v(options)


def test_texts_are_what_parsers_read() -> None:
    data = {
        "on": {"a b": [1, -2.5, 1e-7, -0.0], 12: "no", -3: {}, "empty": []},
        "none": None,
        "truth": True,
        "text": "1.5",
        "colon": "a: b",
        "nested": [{"x": [1.0]}, "plain"],
        "float64": np.float64(3e-5),
    }
    text = yaml_bytes(data)
    found = yaml.safe_load(text)
    assert found == {**data, "on": {**data["on"], "a b": [1, -2.5, 1e-7, 0.0]}}
    assert b"-0.0" not in text and b"e-" not in text
    empty = pcd_bytes(np.zeros((0, 3)), np.zeros(0, np.float32))
    assert b"POINTS 0\n" in empty and empty.endswith(b"DATA binary\n")


def test_ids_have_room_for_six_digits() -> None:
    assert members.object_id(999_999) == 2_999_999
    with pytest.raises(ExportError, match="more than six digits"):
        members.object_id(1_000_000)
