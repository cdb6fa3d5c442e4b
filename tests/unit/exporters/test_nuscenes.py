"""The nuScenes export, read back by a reader of its own, against the captures."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from nuscenes_reader import Row, Tables, rotation

from drivegen.capture.export.description import EVERYWHERE
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import CaptureError, ExportError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag
from drivegen_exporters.nuscenes import scene, sweeps, vocabulary
from drivegen_exporters.nuscenes.exporter import NuScenes


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "nuscenes"
    NuScenes().export(captures, out)
    return out


@pytest.fixture(scope="module")
def tables(root: Path) -> Tables:
    return Tables(root)


def digest(folder: Path) -> str:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return hashlib.sha256(
        b"".join(str(p.relative_to(folder)).encode() + p.read_bytes() for p in files)
    ).hexdigest()


def test_all_tables_are_there_and_tokens_are_unique(tables: Tables) -> None:
    thirteen = ["category", "attribute", "visibility", "instance", "sensor", "calibrated_sensor", "ego_pose"]
    thirteen += ["log", "scene", "sample", "sample_data", "sample_annotation", "map"]
    for name in (*thirteen, "lidarseg", "panoptic"):
        assert tables.rows[name], name
        assert len(tables.by_token[name]) == len(tables.rows[name])
    assert len(tables.rows["category"]) == 32
    assert [c["index"] for c in tables.rows["category"]] == list(range(32))
    both = ["scene-0001", "scene-0002"]
    splits = tables.rows["splits"]
    assert list(splits) == ["drivegen_train", "drivegen_val", "drivegen_test", "drivegen_all"]
    assert splits["drivegen_all"] == both
    assert sorted(splits["drivegen_train"] + splits["drivegen_val"] + splits["drivegen_test"]) == both


def chain(tables: Tables, table: str, first: str) -> list[Row]:
    rows, previous = [], ""
    while first:
        row = tables.get(table, first)
        assert row["prev"] == previous
        rows.append(row)
        previous, first = first, row["next"]
    return rows


def test_chains_have_no_gap(tables: Tables) -> None:
    for s in tables.rows["scene"]:
        samples = chain(tables, "sample", s["first_sample_token"])
        assert len(samples) == s["nbr_samples"] and samples[-1]["token"] == s["last_sample_token"]
        assert {r["scene_token"] for r in samples} == {s["token"]}
        assert set(np.diff([r["timestamp"] for r in samples])) == {500_000}
    assert len(tables.rows["sample"]) == 3 + 2
    linked = 0
    for instance in tables.rows["instance"]:
        rows = chain(tables, "sample_annotation", instance["first_annotation_token"])
        assert len(rows) == instance["nbr_annotations"]
        assert rows[-1]["token"] == instance["last_annotation_token"]
        assert {r["instance_token"] for r in rows} == {instance["token"]}
        linked += len(rows)
    assert linked == len(tables.rows["sample_annotation"])
    starts = [d for d in tables.rows["sample_data"] if not d["prev"]]
    assert len(starts) == 2 * 7
    assert sum(len(chain(tables, "sample_data", d["token"])) for d in starts) == len(
        tables.rows["sample_data"]
    )


def test_sweeps_belong_to_the_next_sample(tables: Tables) -> None:
    last = {s["last_sample_token"] for s in tables.rows["scene"]}
    lidar = [d for d in tables.rows["sample_data"] if "LIDAR_TOP" in d["filename"]]
    assert len(lidar) == 15 + 8
    for d in lidar:
        sample = tables.get("sample", d["sample_token"])
        wait_us = sample["timestamp"] - d["timestamp"]
        assert (wait_us == 0) == d["is_key_frame"] == d["filename"].startswith("samples/")
        assert 0 <= wait_us < 500_000 or (d["sample_token"] in last and -500_000 < wait_us < 0)


def test_references_and_files(tables: Tables, root: Path) -> None:
    for d in tables.rows["sample_data"]:
        tables.get("ego_pose", d["ego_pose_token"])
        sensor = tables.get(
            "sensor", tables.get("calibrated_sensor", d["calibrated_sensor_token"])["sensor_token"]
        )
        assert sensor["channel"] == d["filename"].split("/")[1]
        assert (root / d["filename"]).is_file()
        if sensor["modality"] == "camera":
            assert cv2.imread(str(root / d["filename"])).shape == (d["height"], d["width"], 3)
    for a in tables.rows["sample_annotation"]:
        tables.get("sample", a["sample_token"])
        tables.get("visibility", a["visibility_token"])
        assert len(a["attribute_tokens"]) == 1
        tables.get("attribute", a["attribute_tokens"][0])
        tables.get("category", tables.get("instance", a["instance_token"])["category_token"])
    logs = {r["token"] for r in tables.rows["log"]}
    assert {t for m in tables.rows["map"] for t in m["log_tokens"]} == logs
    listed = {d["filename"] for t in ("sample_data", "lidarseg", "panoptic", "map") for d in tables.rows[t]}
    on_disk = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and p.suffix != ".json"}
    on_disk -= set(EVERYWHERE)
    assert listed == on_disk


def test_boxes_hold_the_points_that_the_capture_counted(tables: Tables) -> None:
    wrong, total = tables.count_mismatches()
    assert (wrong, total) == (0, 43)


def test_boxes_and_velocities_are_the_captures(tables: Tables, captures: list[Path]) -> None:
    origin = np.array([*tables.rows["map"][0]["world_origin_m"], 0.0])
    found = {}
    for a in tables.rows["sample_annotation"]:
        sample = tables.get("sample", a["sample_token"])
        name = tables.get("scene", sample["scene_token"])["name"]
        found[name, sample["timestamp"], tuple(np.round(np.add(a["translation"], origin), 6))] = a
    count = 0
    for path in captures:
        with CaptureReader(path) as reader:
            for frame in reader.frames(keyframes=True):
                for o in frame.objects:
                    if not o.lidar_points["LIDAR_TOP"]:
                        continue
                    count += 1
                    key = (reader.scene, scene.timestamp_us(frame), tuple(np.round(o.box.pose.position_m, 6)))
                    a = found[key]
                    np.testing.assert_allclose(rotation(a["rotation"]), o.box.pose.rotation, atol=1e-12)
                    assert a["size"] == [o.box.size_m[1], o.box.size_m[0], o.box.size_m[2]]
                    category = tables.get("instance", a["instance_token"])["category_token"]
                    name = tables.get("category", category)["name"]
                    if name.startswith("vehicle"):
                        assert a["size"][1] > a["size"][0]
                    attribute = tables.get("attribute", a["attribute_tokens"][0])["name"]
                    if o.blueprint == "vehicle.bh.crossbike":
                        assert (name, attribute) == ("vehicle.bicycle", "cycle.with_rider")
                    if o.blueprint == "vehicle.yamaha.yzf":
                        assert (name, attribute) == ("vehicle.motorcycle", "cycle.without_rider")
                    if a["prev"]:
                        previous = tables.get("sample_annotation", a["prev"])
                        moved = np.subtract(a["translation"], previous["translation"]) / 0.5
                        np.testing.assert_allclose(moved, o.velocity_mps, atol=1e-6)
    assert count == len(tables.rows["sample_annotation"])


def test_boxes_project_onto_their_pixels(tables: Tables, captures: list[Path]) -> None:
    """Seen from each camera, by the written calibration, a box covers the pixels of its object."""
    checked = 0
    with CaptureReader(captures[0]) as reader:
        rows = [s for s in tables.rows["scene"] if s["name"] == "scene-0001"]
        samples = chain(tables, "sample", rows[0]["first_sample_token"])
        for sample, frame in zip(samples, reader.frames(keyframes=True), strict=True):
            annotations = {a["instance_token"]: a for a in tables.annotations_of(sample)}
            for o in frame.objects:
                a = annotations.get(scene.token(reader.scene, "instance", o.track_id))
                for channel, label in o.cameras.items():
                    if a is None or label.visible_box_px is None or label.truncation > 0:
                        continue
                    data = tables.sample_data_of(sample, channel)
                    corners = tables.to_sensor(tables.corners(a), data)
                    if corners[:, 2].min() < 0.5:
                        continue
                    k = np.array(
                        tables.get("calibrated_sensor", data["calibrated_sensor_token"])["camera_intrinsic"]
                    )
                    pixels = corners @ k.T
                    pixels = pixels[:, :2] / pixels[:, 2:]
                    left, top, right, bottom = label.full_box_px
                    np.testing.assert_allclose(pixels.min(axis=0), [left, top], atol=1.5)
                    np.testing.assert_allclose(pixels.max(axis=0), [right, bottom], atol=1.5)
                    checked += 1
    assert checked >= 15


def test_lidar_has_nuscenes_axes_and_units(tables: Tables, captures: list[Path]) -> None:
    """x right, y forward; intensity 0..255."""
    sample = tables.rows["sample"][0]
    data = tables.sample_data_of(sample, "LIDAR_TOP")
    mount = rotation(tables.get("calibrated_sensor", data["calibrated_sensor_token"])["rotation"])
    np.testing.assert_allclose(mount @ [0, 1, 0], [1, 0, 0], atol=1e-12)  # forward
    np.testing.assert_allclose(mount @ [1, 0, 0], [0, -1, 0], atol=1e-12)  # right
    points = tables.points(data)
    with CaptureReader(captures[0]) as reader:
        sweep = reader.frame(0).agents[EGO].sweep("LIDAR_TOP")
    np.testing.assert_array_equal(points[:, 0], -sweep.points_m[:, 1])
    np.testing.assert_array_equal(points[:, 1], sweep.points_m[:, 0])
    np.testing.assert_array_equal(points[:, 3], sweep.intensity * np.float32(255))
    np.testing.assert_array_equal(points[:, 4], sweep.ring)
    assert points[:, 3].max() > 200


def test_lidarseg_agrees_with_boxes_and_tags(tables: Tables, captures: list[Path], root: Path) -> None:
    assert len(tables.rows["lidarseg"]) == len(tables.rows["sample"])
    names = {c["index"]: c["name"] for c in tables.rows["category"]}
    for record in tables.rows["lidarseg"]:
        data = tables.get("sample_data", record["sample_data_token"])
        assert record["filename"].endswith(f"{data['token']}_lidarseg.bin")
        labels = np.fromfile(root / record["filename"], np.uint8)
        assert len(labels) == len(tables.points(data))
        sample = tables.get("sample", data["sample_token"])
        for a in tables.annotations_of(sample):
            category = tables.get("category", tables.get("instance", a["instance_token"])["category_token"])
            assert (labels == category["index"]).sum() >= a["num_lidar_pts"]
    with CaptureReader(captures[0]) as reader:
        sweep = reader.frame(0).agents[EGO].sweep("LIDAR_TOP")
        mount = reader.sensor(EGO, "LIDAR_TOP").agent_sensor
        labels = sweeps.point_categories(sweep, reader.frame(0).objects, mount)
    assert {names[i] for i in labels[sweep.tag == Tag.ROAD]} == {"flat.driveable_surface"}
    assert {names[i] for i in labels[sweep.tag == Tag.TERRAIN]} == {"flat.terrain"}
    assert {names[i] for i in labels[sweep.object_id == 31]} == {"human.pedestrian.child"}
    without = sweeps.point_categories(sweep, (), mount)
    assert {names[i] for i in without[sweep.object_id == 31]} == {"human.pedestrian.adult"}
    assert "vehicle.ego" not in {names[i] for i in labels}


def test_panoptic_labels_tell_objects_apart(tables: Tables, captures: list[Path], root: Path) -> None:
    """By the boxes: who has returns has one number in the scene, and nobody else has it."""
    lidarseg = {r["sample_data_token"]: r for r in tables.rows["lidarseg"]}
    numbers: dict[tuple[str, int], str] = {}
    for record in tables.rows["panoptic"]:
        data = tables.get("sample_data", record["sample_data_token"])
        labels = np.load(root / record["filename"])["data"]
        assert labels.dtype == np.uint16
        np.testing.assert_array_equal(
            labels // 1000, np.fromfile(root / lidarseg[data["token"]]["filename"], np.uint8)
        )
        sample = tables.get("sample", data["sample_token"])
        points = tables.points(data)
        things = 0
        for a in tables.annotations_of(sample):
            category = tables.get("category", tables.get("instance", a["instance_token"])["category_token"])
            mine = labels[labels % 1000 > 0]
            ids, counts = np.unique(mine[mine // 1000 == category["index"]], return_counts=True)
            inside = [i for i, n in zip(ids, counts, strict=True) if n == a["num_lidar_pts"]]
            found = [
                int(i)
                for i in inside
                if tables.points_in_box(points[labels == i], data, a) == a["num_lidar_pts"]
            ]
            assert len(found) == 1
            owner = numbers.setdefault((sample["scene_token"], found[0] % 1000), a["instance_token"])
            assert owner == a["instance_token"]
            things += a["num_lidar_pts"]
        assert (labels % 1000 > 0).sum() == things
    assert len(numbers) == len(tables.rows["instance"])


def test_returns_from_the_ego_itself_are_the_egos() -> None:
    points = np.array([[2.0, 0.5, -1.0], [2.0, 0.5, -1.0], [2.0, 4.0, -1.0], [2.0, 0.5, -1.0]], np.float32)
    sweep = Sweep(
        points_m=points,
        intensity=np.ones(4, np.float32),
        ring=np.zeros(4, np.uint16),
        object_id=np.zeros(4, np.uint32),
        tag=np.array([Tag.CAR, Tag.ROAD, Tag.CAR, Tag.TRUCK], np.uint8),
    )
    labels = sweeps.point_categories(sweep, (), Pose.from_xyz_rpy(-0.5, 0.0, 1.8))
    names = [vocabulary.CATEGORIES[i][0] for i in labels]
    assert names == ["vehicle.ego", "flat.driveable_surface", "vehicle.car", "vehicle.ego"]


def test_the_map_mask_is_white_where_the_ego_drives(tables: Tables, root: Path) -> None:
    row = tables.rows["map"][0]
    mask = cv2.imread(str(root / row["filename"]), cv2.IMREAD_UNCHANGED)
    assert mask.ndim == 2 and set(np.unique(mask)) == {0, 255}

    def at(x_m: float, y_m: float) -> int:
        """The devkit's rule: 0.1 m a pixel, origin in the lower left corner."""
        return int(mask[round(mask.shape[0] - y_m / 0.1), round(x_m / 0.1)])

    for pose in tables.rows["ego_pose"]:
        x, y, _ = pose["translation"]
        assert at(x, y) == 255  # in its lane
        assert at(x, y + 5.4 - 0.2) == at(x, y - 1.8 + 0.2) == 255  # within the borders, 7 m apart
        assert at(x, y + 5.2 + 0.2) == at(x, y - 1.8 - 0.2) == 0  # pavements are not
    assert mask.shape[1] == (240 + 40) * 10
    assert int((mask > 0).sum()) == pytest.approx(2400 * 70, rel=0.02)  # borders are inclusive


def test_visibility_is_measured() -> None:
    assert [vocabulary.visibility_of(f) for f in (0.0, 0.4, 0.41, 0.6, 0.61, 0.8, 0.81, 1.0)] == list(
        "11223344"
    )


def test_visibility_over_two_cameras(captures: list[Path]) -> None:
    with CaptureReader(captures[0]) as reader:
        label = next(o for o in reader.frame(0).objects if len(o.cameras) == 1)
    (one,) = label.cameras.values()
    big = type(one)(
        visible_fraction=0.2,
        visible_pixels=1,
        truncation=0.0,
        visible_box_px=None,
        full_box_px=(0, 0, 30, 10),
    )
    small = type(one)(
        visible_fraction=1.0,
        visible_pixels=1,
        truncation=0.0,
        visible_box_px=None,
        full_box_px=(0, 0, 10, 10),
    )
    label.cameras.clear()
    assert vocabulary.visible_fraction(label) == 0.0
    label.cameras.update({"A": big, "B": small})
    assert vocabulary.visible_fraction(label) == pytest.approx(0.4)


def test_hidden_objects_are_annotated_when_asked_for(
    tmp_path: Path, captures: list[Path], tables: Tables
) -> None:
    plain = NuScenes().export(captures, tmp_path / "plain")
    full = NuScenes({"hidden": True}).export(captures, tmp_path / "full")
    assert full.counts["annotations"] == plain.counts["annotations"] + plain.counts["labels_left_out"] == 55
    assert full.counts["labels_left_out"] == 0
    hidden = [a for a in Tables(tmp_path / "full").rows["sample_annotation"] if not a["num_lidar_pts"]]
    assert len(hidden) == plain.counts["labels_left_out"] == 12
    assert any(a["visibility_token"] == "1" for a in hidden)
    assert all(a["num_lidar_pts"] for a in tables.rows["sample_annotation"])


def test_the_same_captures_give_the_same_bytes(tmp_path: Path, captures: list[Path], root: Path) -> None:
    summary = NuScenes().export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)
    files = [p for p in root.rglob("*") if p.is_file()]
    assert summary.files == len(files)
    assert summary.bytes == sum(p.stat().st_size for p in files)


# Deliberate errors: the independent reader must see them.


def swap_size(row: Row) -> None:
    width, length, height = row["size"]
    row["size"] = [length, width, height]


def turn(row: Row) -> None:
    w, x, y, z = row["rotation"]
    row["rotation"] = [w, x, y, -z]


def shift(row: Row) -> None:
    row["translation"][0] += 0.5


@pytest.mark.parametrize("mutate", [swap_size, turn, shift])
def test_a_wrong_box_is_caught(
    tmp_path: Path, captures: list[Path], monkeypatch: pytest.MonkeyPatch, mutate: object
) -> None:
    original = scene.SceneExport._flush

    def flush(self: scene.SceneExport) -> None:
        for rows in self._annotations.values():
            for row in rows:
                mutate(row)  # type: ignore[operator]
        original(self)

    monkeypatch.setattr(scene.SceneExport, "_flush", flush)
    NuScenes().export(captures, tmp_path / "wrong")
    wrong, total = Tables(tmp_path / "wrong").count_mismatches()
    assert wrong > 0.1 * total


def test_a_wrong_lidar_frame_is_caught(
    tmp_path: Path, captures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "SENSOR_FROM_NUSCENES", np.eye(3))
    NuScenes().export(captures, tmp_path / "wrong")
    wrong, total = Tables(tmp_path / "wrong").count_mismatches()
    assert wrong > 0.5 * total


def test_a_wrong_camera_frame_is_caught(
    tmp_path: Path, captures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mirrored(camera: Camera) -> object:
        matrix = camera.agent_sensor.matrix.copy()
        matrix[:3, :3] = camera.agent_sensor.rotation @ OPTICAL_FROM_MOUNT
        return type(camera.agent_sensor).from_matrix(matrix)

    monkeypatch.setattr(scene, "camera_optical", mirrored)
    NuScenes().export(captures, tmp_path / "wrong")
    with pytest.raises(AssertionError):
        test_boxes_project_onto_their_pixels(Tables(tmp_path / "wrong"), captures)


# What cannot be exported


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"verion": "v1.0-x"}, "unknown option verion; there are version, split, hidden"),
        ({"version": "../x"}, "cannot be a name"),
        ({"split": 3}, "split=3: str is wanted"),
        ({"hidden": "yes"}, "hidden='yes': bool is wanted"),
    ],
)
def test_wrong_options(
    tmp_path: Path, captures: list[Path], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ExportError, match=message):
        NuScenes(options).export(captures, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_foreign_folder_is_left_alone(tmp_path: Path, captures: list[Path]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportError, match="is no data set of drivegen's"):
        NuScenes().export(captures, out)
    assert [p.name for p in tmp_path.rglob("*")] == ["out", "thesis.txt"]


def test_an_older_export_is_replaced_whole(tmp_path: Path, captures: list[Path]) -> None:
    out = tmp_path / "out"
    NuScenes().export(captures, out)
    NuScenes().export(captures[:1], out)
    splits = json.loads((out / "v1.0-drivegen/splits.json").read_text())
    assert splits["drivegen_all"] == ["scene-0001"]
    assert not list(out.rglob("*scene-0002*"))
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_broken_capture_leaves_nothing(tmp_path: Path, captures: list[Path]) -> None:
    broken = tmp_path / "scene-0009.mcap"
    broken.write_bytes(captures[0].read_bytes()[:-1000])
    with pytest.raises(CaptureError, match="cut short"):
        NuScenes().export([*captures, broken], tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["scene-0009.mcap"]


def test_a_capture_that_breaks_half_way_leaves_the_older_export(tmp_path: Path, captures: list[Path]) -> None:
    out = tmp_path / "out"
    NuScenes().export(captures, out)
    before = digest(out)
    changed = bytearray(captures[1].read_bytes())
    at = changed.index(b"(\xb5/\xfd", len(changed) // 2)  # a zstd frame: labels of a later chunk
    changed[at + 40] ^= 0xFF
    (tmp_path / "scene-0002.mcap").write_bytes(changed)
    with pytest.raises(CaptureError, match="is damaged"):
        NuScenes().export([captures[0], tmp_path / "scene-0002.mcap"], out)
    assert digest(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "scene-0002.mcap"]


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, captures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    original = os.writev

    def writev(descriptor: int, pieces: list[bytes]) -> int:
        written.append(descriptor)
        if len(written) == 20:
            with Path("/dev/full").open("wb", buffering=0) as full:
                full.write(pieces[0])  # ENOSPC
        return original(descriptor, pieces)

    monkeypatch.setattr(os, "writev", writev)
    with pytest.raises(
        ExportError, match=r"out could not be written: No space left on device; nothing was left"
    ):
        NuScenes().export(captures, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_scenes_come_once_and_at_all(tmp_path: Path, captures: list[Path]) -> None:
    shutil.copy(captures[0], tmp_path / "copy.mcap")
    with pytest.raises(ExportError, match="scene scene-0001 is in"):
        NuScenes().export([captures[0], tmp_path / "copy.mcap"], tmp_path / "out")
    with pytest.raises(ExportError, match="there is no capture"):
        NuScenes().export([], tmp_path / "out")


def test_a_rig_without_the_reference_lidar_is_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    from synthetic_capture import XODR, make_frames, make_plan, make_rig

    from drivegen.capture.writer import CaptureWriter

    rig = make_rig(32, 18, 24)
    plan = make_plan(duration_s=0.1, rig=replace(rig, sensors=rig.sensors[:1]))
    with CaptureWriter(tmp_path / "a.mcap", plan, {}, opendrive=XODR) as writer:
        for frame in make_frames(plan):
            writer.write(frame)
    with pytest.raises(ExportError, match=r"wants a LiDAR named LIDAR_TOP in the rig, which has CAM_FRONT"):
        NuScenes().export([tmp_path / "a.mcap"], tmp_path / "out")


@pytest.mark.parametrize(
    ("blueprint", "object_class", "category"),
    [
        ("walker.drivegen.wheelchair", ObjectClass.PEDESTRIAN, "human.pedestrian.wheelchair"),
        ("walker.drivegen.stroller", ObjectClass.PEDESTRIAN, "human.pedestrian.stroller"),
        ("walker.drivegen.worker", ObjectClass.PEDESTRIAN, "human.pedestrian.construction_worker"),
        ("walker.drivegen.police_officer", ObjectClass.PEDESTRIAN, "human.pedestrian.police_officer"),
        ("walker.drivegen.toddler", ObjectClass.CHILD, "human.pedestrian.child"),
        ("walker.drivegen.umbrella", ObjectClass.PEDESTRIAN, "human.pedestrian.adult"),
    ],
)
def test_families_of_people_have_categories_of_their_own(blueprint, object_class, category):
    still = np.zeros(3)
    label = ObjectLabel(
        track_id=1,
        object_class=object_class,
        blueprint=blueprint,
        rider=False,
        box=Box(pose=Pose.from_xyz_rpy(0.0, 0.0, 0.0), size_m=np.ones(3)),
        velocity_mps=still,
        acceleration_mps2=still,
        yaw_rate_radps=0.0,
    )
    assert vocabulary.category_of(label) == category
