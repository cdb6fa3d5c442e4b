"""The V2X-Sim export, read back by a reader of its own; with errors in the files that must be noticed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from nuscenes_reader import Row, Tables, rotation
from tests.cooperative_capture import make_cooperative_plan, pole_rig, write_cooperative_capture
from tests.unit.capture import synthetic_capture as world

from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen_exporters.nuscenes.exporter import NuScenes
from drivegen_exporters.nuscenes.scene import belongings
from drivegen_exporters.v2x_sim.exporter import V2xSim
from drivegen_exporters.v2x_sim.scene import agent_ids, channel_name

VERSION = "v1.0-mini"
LIDARS = [f"LIDAR_TOP_id_{k}" for k in range(4)]
"""Of roadside_1, the ego, vehicle_1 and roadside_2."""


@pytest.fixture(scope="module")
def cooperative(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keyframes, so that velocities are known."""
    plan = make_cooperative_plan(duration_s=0.6)
    return write_cooperative_capture(tmp_path_factory.mktemp("captures") / "scene-0001.mcap", plan).path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, cooperative: Path) -> Path:
    out = tmp_path_factory.mktemp("export") / "v2x_sim"
    summary = V2xSim().export([cooperative], out)
    assert summary.counts["agents"] == 4 and summary.counts["samples"] == 2
    return out


@pytest.fixture(scope="module")
def tables(root: Path) -> Tables:
    return Tables(root, VERSION)


def own_data(tables: Tables, sample: Row) -> dict[str, Row]:
    """What the devkit makes of it: the sample's key data by channel."""
    return {
        d["filename"].split("/")[1]: d
        for d in tables.rows["sample_data"]
        if d["sample_token"] == sample["token"] and d["is_key_frame"]
    }


def moved(tables: Tables, annotation: Row, time_us: int) -> Row:
    """An annotation carried on by its velocity, as far as the samples beside it tell."""
    ends = [tables.get("sample_annotation", annotation[k]) for k in ("prev", "next") if annotation[k]]
    if not ends:
        return annotation
    first, last = (ends[0], annotation) if annotation["prev"] else (annotation, ends[-1])
    times = [tables.get("sample", a["sample_token"])["timestamp"] for a in (first, last)]
    way = np.array(last["translation"]) - np.array(first["translation"])
    here = tables.get("sample", annotation["sample_token"])["timestamp"]
    at = np.array(annotation["translation"]) + way * (time_us - here) / (times[1] - times[0])
    return {**annotation, "translation": at.tolist()}


def mismatches(tables: Tables, late_us: int = 0) -> int:
    """Annotations whose num_lidar_pts is not what all agents' points in their boxes come to."""
    wrong = 0
    for sample in tables.rows["sample"]:
        data = own_data(tables, sample)
        for annotation in tables.annotations_of(sample):
            found = 0
            for name in LIDARS:
                box = moved(tables, annotation, data[name]["timestamp"] + late_us)
                found += tables.points_in_box(tables.points(data[name]), data[name], box)
            wrong += found != annotation["num_lidar_pts"]
    return wrong


def test_agents_have_numbers(tables: Tables, root: Path) -> None:
    agents = [json.loads(line) for line in (root / "agents.jsonl").read_text().splitlines()]
    assert [(a["id"], a["agent"], a["track_id"]) for a in agents] == [
        (0, "roadside_1", None), (1, "ego", 70), (2, "vehicle_1", 25), (3, "roadside_2", None)
    ]  # fmt: skip
    channels = {s["channel"]: s["modality"] for s in tables.rows["sensor"]}
    assert {c for c, m in channels.items() if m == "lidar"} == set(LIDARS)
    assert {c for c, m in channels.items() if m == "camera"} == {
        "CAM_FRONT_id_0", "CAM_LEFT_id_0", "CAM_FRONT_id_1", "CAM_BACK_id_1", "CAM_FRONT_id_2",
        "CAM_BACK_id_2", "CAM_FRONT_id_3", "CAM_LEFT_id_3",
    }  # fmt: skip


def test_each_sample_has_its_own_data_of_all_agents(tables: Tables) -> None:
    for sample in tables.rows["sample"]:
        data = own_data(tables, sample)
        assert len(data) == 12
        for name, row in data.items():
            apart = abs(row["timestamp"] - sample["timestamp"])
            # vehicle_1 and roadside_2 run one tick late.
            assert apart == (50_000 if name[-1] in "23" else 0)
            assert row["filename"].startswith("samples/")
    listed = {d["filename"] for d in tables.rows["sample_data"]}
    assert listed == {
        str(p.relative_to(tables.root))
        for folder in ("samples", "sweeps")
        for p in (tables.root / folder).rglob("*.*")
    }
    assert len(tables.rows["lidarseg"]) == 2 * len(LIDARS)
    for record in tables.rows["lidarseg"]:
        sweep = tables.points(tables.get("sample_data", record["sample_data_token"]))
        assert (tables.root / record["filename"]).stat().st_size == len(sweep)


def test_boxes_hold_the_points_of_all_agents(tables: Tables) -> None:
    assert mismatches(tables) == 0
    annotations = tables.rows["sample_annotation"]
    bodies = {a["instance_token"] for a in annotations}
    assert len(bodies) == 12  # eleven things, the connected vehicle among them, and the ego
    assert sum(a["num_lidar_pts"] > 100 for a in annotations) > 10


def test_boxes_cover_their_pixels(tables: Tables, cooperative: Path) -> None:
    """Corners projected by the written calibration surround the pixels that an object has in the capture."""
    checked = dict.fromkeys("0123", 0)
    with CaptureReader(cooperative) as reader:
        names = {number: name for name, number in agent_ids(reader).items()}
        frames = {f.time_ns // 1000: f for f in reader.frames()}
        for sample in tables.rows["sample"]:
            for name, row in own_data(tables, sample).items():
                if not name.startswith("CAM"):
                    continue
                agent = names[int(name[-1])]
                frame = frames[row["timestamp"] - 1_767_225_600_000_000]
                instance = frame.agents[agent].instance(name[: -len("_id_0")])
                image = cv2.imread(str(tables.root / row["filename"]))
                assert image.shape[:2] == instance.shape
                k = np.array(
                    tables.get("calibrated_sensor", row["calibrated_sensor_token"])["camera_intrinsic"]
                )
                for label in frame.around(agent):
                    token = tables_token(tables, label.track_id)
                    found = [a for a in tables.annotations_of(sample) if a["instance_token"] == token]
                    rows, columns = np.nonzero(instance == label.track_id)
                    if not found or len(rows) < 30:
                        continue
                    box = moved(tables, found[0], row["timestamp"])
                    corners = tables.to_sensor(tables.corners(box), row)
                    if corners[:, 2].min() < 0.5:
                        continue
                    u, v = (corners @ k.T / corners[:, 2:])[:, :2].T
                    assert u.min() - 1 <= columns.min() and columns.max() <= u.max()
                    assert v.min() - 1 <= rows.min() and rows.max() <= v.max()
                    seen = (columns.max() - columns.min() + 1) * (rows.max() - rows.min() + 1)
                    if label.seen_by(agent).cameras[name[: -len("_id_0")]].visible_fraction == 1.0:
                        clipped = np.clip(u, 0, row["width"]), np.clip(v, 0, row["height"])
                        assert seen > 0.6 * np.ptp(clipped[0]) * np.ptp(clipped[1])
                    checked[name[-1]] += 1
    assert all(checked.values())


def tables_token(tables: Tables, track_id: int) -> str:
    from drivegen_exporters.nuscenes.tables import token

    return token("scene-0001", "instance", track_id)


def turned(q: list[float], degrees: float) -> list[float]:
    """A rotation and then one about z."""
    c, s = np.cos(np.radians(degrees) / 2), np.sin(np.radians(degrees) / 2)
    w, x, y, z = q
    return [c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w]


def lidar_mounts(tables: Tables, name: str) -> list[Row]:
    return [
        c
        for c in tables.rows["calibrated_sensor"]
        if tables.get("sensor", c["sensor_token"])["channel"] == name
    ]


def flip_mount(tables: Tables) -> None:
    """The lateral axis of a roadside LiDAR's mount the other way round."""
    for row in lidar_mounts(tables, "LIDAR_TOP_id_0"):
        x, y, z = row["translation"]
        row["translation"] = [x, -y, z]
        w, i, j, k = row["rotation"]
        row["rotation"] = [w, -i, j, -k]


def degrees_for_radians(tables: Tables) -> None:
    """The second pole's heading taken for degrees."""
    for d in tables.rows["sample_data"]:
        if "LIDAR_TOP_id_3" in d["filename"]:
            pose = tables.get("ego_pose", d["ego_pose_token"])
            pose["rotation"] = turned([1.0, 0.0, 0.0, 0.0], np.radians(-37.0))


def slight_turn(tables: Tables) -> None:
    for d in tables.rows["sample_data"]:
        if "LIDAR_TOP_id_2" in d["filename"]:
            pose = tables.get("ego_pose", d["ego_pose_token"])
            pose["rotation"] = turned(pose["rotation"], 0.5)


def poses_of_another(tables: Tables) -> None:
    """The ego's poses for the connected vehicle's data."""
    ego = next(d for d in tables.rows["sample_data"] if "LIDAR_TOP_id_1" in d["filename"])
    for d in tables.rows["sample_data"]:
        if "LIDAR_TOP_id_2" in d["filename"]:
            d["ego_pose_token"] = ego["ego_pose_token"]


@pytest.mark.parametrize("plant", [flip_mount, degrees_for_radians, slight_turn, poses_of_another])
def test_errors_in_the_files_are_noticed(root: Path, tmp_path: Path, plant: Callable[[Tables], None]) -> None:
    tables = Tables(root, VERSION)
    plant(tables)
    assert mismatches(tables) > 3


def test_a_shift_of_time_is_noticed(tables: Tables) -> None:
    assert mismatches(tables, late_us=100_000) > 10


def test_lidarseg_knows_what_carries_the_agent(tables: Tables) -> None:
    """Nobody's points are its own body's: those are not in this world, and other agents see cars."""
    names = {c["index"]: c["name"] for c in tables.rows["category"]}
    for record in tables.rows["lidarseg"]:
        labels = np.fromfile(tables.root / record["filename"], np.uint8)
        data = tables.get("sample_data", record["sample_data_token"])
        sample = tables.get("sample", data["sample_token"])
        found = {names[i] for i in labels}
        assert "vehicle.ego" not in found and {"flat.driveable_surface", "vehicle.car"} <= found
        inside = 0
        for a in tables.annotations_of(sample):
            inside += tables.points_in_box(tables.points(data), data, moved(tables, a, data["timestamp"]))
        things = [i for i, name in names.items() if name.startswith(("vehicle.", "human."))]
        assert np.isin(labels, things).sum() == inside


def test_the_same_capture_gives_the_same_bytes(root: Path, cooperative: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mcap"
    shutil.copy(cooperative, other)
    V2xSim().export([other], tmp_path / "again")
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(root)).read_bytes()


def test_nuscenes_takes_the_ego_alone(cooperative: Path, tmp_path: Path) -> None:
    """Evidence of other agents' sensors is not the ego's."""
    NuScenes().export([cooperative], tmp_path / "out")
    tables = Tables(tmp_path / "out")
    assert {s["channel"] for s in tables.rows["sensor"]} == {"CAM_FRONT", "CAM_BACK", "LIDAR_TOP"}
    wrong, total = tables.count_mismatches()
    assert wrong == 0 and total > 10


def test_captures_without_others_are_refused(tmp_path: Path) -> None:
    path = world.write_capture(
        tmp_path / "a.mcap", world.make_plan(duration_s=0.1, rig=world.make_rig(32, 18, 24))
    ).path
    with pytest.raises(ExportError, match="the ego is alone in scene scene-0001; v2x_sim wants"):
        V2xSim().export([path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_numbers_and_names(cooperative: Path) -> None:
    class Turned:
        """A reader in whose capture some agents have no LiDAR."""

        def __init__(self, reader: CaptureReader, blind: set[str]) -> None:
            self.plan = reader.plan
            self.rigs = {
                name: replace(rig, sensors=rig.cameras) if name in blind else rig
                for name, rig in reader.rigs.items()
            }

    with CaptureReader(cooperative) as reader:
        assert agent_ids(Turned(reader, {"roadside_1"})) == {  # type: ignore[arg-type]
            "roadside_2": 0, "ego": 1, "vehicle_1": 2, "roadside_1": 3
        }  # fmt: skip
        assert agent_ids(Turned(reader, {"roadside_1", "roadside_2"})) == {  # type: ignore[arg-type]
            "ego": 1, "vehicle_1": 2, "roadside_1": 3, "roadside_2": 4
        }  # fmt: skip
    rig = pole_rig()
    lidar, camera = rig.lidars[0], rig.cameras[0]
    second = replace(lidar, name="lidar_side")
    both = Rig(name="both", sensors=(replace(lidar, name="lidar_0"), second))
    assert [channel_name(both, s) for s in both.sensors if isinstance(s, Lidar)] == [
        "LIDAR_TOP",
        "LIDAR_SIDE",
    ]
    named = {
        n: channel_name(rig, replace(camera, name=n)) for n in ("camera_0", "CAM_LEFT", "wide", "camera")
    }
    assert named == {"camera_0": "CAM_0", "CAM_LEFT": "CAM_LEFT", "wide": "CAM_WIDE", "camera": "CAM_FRONT"}
    assert isinstance(camera, Camera)


def test_what_lies_between_belongs_to_the_next() -> None:
    assert belongings([0, 2, 4, 6, 8], {2: 0, 6: 1}, 2) == {
        0: (0, False), 2: (0, True), 4: (1, False), 6: (1, True), 8: (1, False)
    }  # fmt: skip
    assert belongings([1], {}, 3) == {1: (2, False)}
    assert rotation([1.0, 0.0, 0.0, 0.0]).tolist() == np.eye(3).tolist()
