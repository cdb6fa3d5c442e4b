"""DAIR-V2X-C and V2X-Seq-SPD exports, read back as their own loaders read them, against the sensors."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from paired_reader import TYPES, PairedReader, Row, moved
from tests.label_checks import apart_m, wrong_counts, wrong_pixels

from drivegen.capture.export.description import EVERYWHERE
from drivegen.capture.export.exporter import Exporter
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen_exporters.dair_v2x.exporter import DairV2x
from drivegen_exporters.paired import boxes, calibration, pairs, sides
from drivegen_exporters.v2x_seq.exporter import V2xSeq

FORMATS: dict[str, type[Exporter[Any]]] = {"dair_v2x": DairV2x, "v2x_seq": V2xSeq}
FIRST_US = 1_767_225_600_000_000 + 3_000_000
"""2026-01-01 and the simulation's time at the captures' first frame."""


HALVES = {"splits": {"train": 0.5, "val": 0.5}, "split_seed": 2}
"""Deals the first scene to train and the second to val."""


def export(captures: Sequence[Path], out: Path, name: str, **options: Any) -> PairedReader:
    FORMATS[name](options).export(captures, out)
    return PairedReader(out, sequential=name == "v2x_seq")


@pytest.fixture(scope="module")
def sets(
    cooperative_captures: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, PairedReader]:
    """Both scenes in each format."""
    folder = tmp_path_factory.mktemp("paired")
    return {name: export(cooperative_captures, folder / name, name, **HALVES) for name in FORMATS}


@pytest.fixture(params=FORMATS)
def both(request: pytest.FixtureRequest, sets: dict[str, PairedReader]) -> PairedReader:
    """Both scenes in one format."""
    return sets[request.param]


def count(reader: PairedReader) -> tuple[int, int]:
    rows = (*reader.vehicle, *reader.unit)
    return wrong_counts((reader.cloud(r)[:, :3], reader.boxes(r)) for r in rows)


def look(reader: PairedReader, captures: Sequence[Path], side: str = "") -> tuple[int, int]:
    """Objects of which the pixels are not where their boxes are."""
    wrong = total = 0
    opened = {path.stem: CaptureReader(path) for path in captures}
    for row in (*reader.vehicle, *reader.unit):
        if side in reader.side_of(row) and row["scene"] in opened:
            frame = opened[row["scene"]].frame(row["image_frame"])
            instance = frame.agents[row["agent"]].instance("CAM_FRONT")
            a, b = wrong_pixels(instance, reader.boxes_px(row), whole=reader.in_plain_view(row))
            wrong, total = wrong + a, total + b
    for capture in opened.values():
        capture.close()
    return wrong, total


def gaps(reader: PairedReader) -> tuple[list[float], list[float]]:
    """Distances of cooperative boxes from the vehicle's own, and from the units' of the same tick, which come
    through the written chain and the correction."""
    own, theirs = [], []
    for pair in reader.pairs:
        vehicle, unit = reader.frames_of(pair)
        ours = {b.object_id: b.corners for b in reader.boxes(vehicle)}
        chain = reader.vehicle_unit(pair)
        others = {b.object_id: moved(b.corners, chain) for b in reader.boxes(unit)}
        for box in reader.cooperative(pair):
            if box.object_id in ours:
                own.append(apart_m(box.corners, ours[box.object_id]))
            if box.object_id in others and vehicle["pointcloud_frame"] == unit["pointcloud_frame"]:
                theirs.append(apart_m(box.corners, others[box.object_id]))
    return own, theirs


def test_boxes_hold_the_points_that_their_sensor_counted(both: PairedReader) -> None:
    wrong, total = count(both)
    assert wrong == 0 and total > 150


def test_boxes_cover_their_pixels(both: PairedReader, cooperative_captures: list[Path]) -> None:
    wrong, total = look(both, cooperative_captures)
    assert wrong == 0 and total > 80


def test_cooperative_boxes_are_those_of_both_sides(both: PairedReader) -> None:
    own, theirs = gaps(both)
    assert max(own) < 1e-5 and max(theirs) < 1e-5
    assert len(own) > 50 and len(theirs) > 25
    for pair in both.pairs:
        vehicle, unit = both.frames_of(pair)
        kinds = {int(x["object_id"]): x["type"] for row in (vehicle, unit) for x in both.labels(row)}
        wanted = {i for i, t in kinds.items() if both.sequential or t in {"Car", "Van", "Truck", "Bus"}}
        # The vehicle itself is an object of the unit's alone.
        assert {b.object_id for b in both.cooperative(pair)} == wanted - {70}
        assert 70 in {b.object_id for b in both.boxes(unit)}


def flipped(fields: Callable[..., Row]) -> Callable[..., Row]:
    def plant(self: boxes.SideLabel) -> Row:
        row = fields(self)
        row["3d_location"]["y"] *= -1.0
        return row

    return plant


def degrees(fields: Callable[..., Row]) -> Callable[..., Row]:
    return lambda self: (row := fields(self)) | {"rotation": math.degrees(row["rotation"])}


def swapped(fields: Callable[..., Row]) -> Callable[..., Row]:
    def plant(self: boxes.SideLabel) -> Row:
        row = fields(self)
        h, w, length = (row["3d_dimensions"][k] for k in "hwl")
        return row | {"3d_dimensions": {"h": h, "w": length, "l": w}}

    return plant


def on_the_ground(fields: Callable[..., Row]) -> Callable[..., Row]:
    def plant(self: boxes.SideLabel) -> Row:
        row = fields(self)
        row["3d_location"]["z"] -= row["3d_dimensions"]["h"] / 2.0
        return row

    return plant


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("plant", [flipped, degrees, swapped, on_the_ground])
def test_wrong_fields_are_found(
    plant: Any, name: str, cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes.SideLabel, "fields", plant(boxes.SideLabel.fields))
    reader = export(cooperative_captures[1:], tmp_path / "set", name)
    wrong, total = count(reader)
    # Things that stand along x are the same after a half turn; a degree reads as a radian.
    assert wrong > total / 3
    wrong, total = look(reader, cooperative_captures[1:])
    assert wrong > total / 3
    own, _ = gaps(reader)
    assert name == "v2x_seq" or max(own) > 0.5


def test_a_shift_in_time_is_found(
    cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels of the units of 0.1 s later."""
    around = sides.Side.around

    def later(self: sides.Side, index: int) -> Any:
        ahead = 2 if self.agent.startswith("roadside") else 0
        return around(self, min(index + ahead, len(self._reader) - 1))

    monkeypatch.setattr(sides.Side, "around", later)
    reader = export(cooperative_captures[:1], tmp_path / "set", "dair_v2x")
    moving = 0
    for row in reader.unit[:-2]:
        wrong, _ = wrong_counts([(reader.cloud(row)[:, :3], reader.boxes(row))])
        moving += wrong
    assert moving > 10
    _, theirs = gaps(reader)
    assert max(theirs) > 0.5


def test_a_tilt_that_is_left_in_is_found(
    cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The units' LiDARs lean by 8 degrees; the frame of the sensor itself can hold no boxes."""
    monkeypatch.setattr(calibration, "levelled", lambda agent_sensor: agent_sensor)
    reader = export(cooperative_captures[1:], tmp_path / "set", "dair_v2x")
    wrong, total = wrong_counts((reader.cloud(r)[:, :3], reader.boxes(r)) for r in reader.unit)
    assert wrong > total / 3


def test_a_turned_order_of_corners_is_found(
    cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = boxes._SIGNS
    monkeypatch.setattr(boxes, "_SIGNS", np.concatenate([np.roll(signs[:4], 1, 0), np.roll(signs[4:], 1, 0)]))
    own, theirs = gaps(export(cooperative_captures[1:], tmp_path / "set", "dair_v2x"))
    assert min(own) > 0.5 and min(theirs) > 0.5


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("turn", [-1.0, 0.0])
def test_a_wrong_correction_is_found(
    name: str, turn: float, cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pairs.Pair
    monkeypatch.setattr(pairs, "Pair", lambda **k: made(**{**k, "offset_m": turn * k["offset_m"]}))
    own, theirs = gaps(export(cooperative_captures[1:], tmp_path / "set", name))
    assert max(own) < 1e-5 and min(theirs) > 0.02 and max(theirs) > 0.15


def test_a_camera_that_looks_elsewhere_is_found(
    cooperative_captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By 2 degrees."""
    true = calibration.camera_optical

    def turned(camera: Camera) -> Pose:
        return true(camera) @ Pose.from_xyz_rpy(0.0, 0.0, 0.0, pitch_rad=math.radians(2.0))

    monkeypatch.setattr(calibration, "camera_optical", turned)
    captures = cooperative_captures[1:]
    wrong, total = look(export(captures, tmp_path / "set", "dair_v2x"), captures)
    assert wrong > total / 2


def test_errors_of_calibration_are_written_or_not(cooperative_captures: list[Path], tmp_path: Path) -> None:
    """vehicle_1 believes its front camera 1 degree off: the chain to its image is off, unless truth is
    asked for; its labels are true to image and cloud in either case."""
    for truth in (False, True):
        reader = export(
            cooperative_captures[1:],
            tmp_path / str(truth),
            "dair_v2x",
            vehicle="vehicle_1",
            true_calibration=truth,
            unit="roadside_2",
        )
        assert {r["agent"] for r in reader.vehicle} == {"vehicle_1"}
        assert {r["agent"] for r in reader.unit} == {"roadside_2"}
        wrong, total = look(reader, cooperative_captures[1:], "vehicle")
        assert total >= 6 and (wrong == 0 if truth else wrong > total / 3)
        assert count(reader)[0] == 0
        own, theirs = gaps(reader)
        assert max(own) < 1e-5 and max(theirs) < 1e-5 and theirs
        for row in reader.vehicle:
            projected = {k: v for k, v in reader.boxes_px(row).items() if truth}
            for label in reader.labels(row, "camera"):
                if int(label["object_id"]) in projected and label["truncated_state"] == "0":
                    found = [float(label["2d_box"][k]) for k in ("xmin", "ymin", "xmax", "ymax")]
                    np.testing.assert_allclose(found, projected[int(label["object_id"])], atol=1e-3)


def test_times_are_the_agents_own_or_true(cooperative_captures: list[Path], tmp_path: Path) -> None:
    captures = cooperative_captures[1:]
    own = export(captures, tmp_path / "own", "dair_v2x")
    true = export(captures, tmp_path / "true", "dair_v2x", true_clocks=True, true_poses=True)
    for row in true.vehicle:
        assert int(row["pointcloud_timestamp"]) == FIRST_US + 50_000 * row["pointcloud_frame"]
        assert int(row["image_timestamp"]) == FIRST_US + 50_000 * row["image_frame"]
    clock = {"ego": 1_500, "roadside_1": 200, "roadside_2": 400}
    for row, exact in zip((*own.vehicle, *own.unit), (*true.vehicle, *true.unit), strict=True):
        for key in ("pointcloud_timestamp", "image_timestamp"):
            assert type(row[key]) is str
            assert int(row[key]) - int(exact[key]) == clock[row["agent"]]
    assert all(p["system_error_offset"] == {"delta_x": 0.0, "delta_y": 0.0} for p in true.pairs)
    assert max(max(g) for g in gaps(true)) < 1e-5
    with CaptureReader(captures[0]) as capture:
        for row in true.vehicle:
            pose = capture.frame(row["pointcloud_frame"]).agents["ego"].map_agent
            rotation, translation = true.transform(row, "calib_novatel_to_world_path")
            np.testing.assert_allclose(rotation, pose.rotation, atol=1e-12)
            np.testing.assert_allclose(translation, pose.position_m, atol=1e-12)
            believed = own.transform(own.vehicle_by_id[own.id_of(row)], "calib_novatel_to_world_path")[1]
            assert 0.01 < np.linalg.norm(believed - translation) < 0.6


def test_the_virtual_lidar_is_level(both: PairedReader) -> None:
    for row in both.unit:
        rotation, translation = both.transform(row, "calib_virtuallidar_to_world_path")
        np.testing.assert_allclose(rotation[2], [0, 0, 1], atol=1e-12)
        low = np.percentile(both.cloud(row)[:, 2], 20)
        assert translation[2] + low == pytest.approx(0.0, abs=1e-4)


def test_intensities_go_to_255(both: PairedReader) -> None:
    found = np.concatenate([both.cloud(r)[:, 3] for r in both.vehicle])
    assert found.min() >= 0 and 150 < found.max() <= 255


def test_ids_run_through_all_scenes(both: PairedReader) -> None:
    for rows in (both.vehicle, both.unit):
        assert [both.id_of(r) for r in rows] == [f"{n:06d}" for n in range(len(rows))]
        for row in rows:
            assert row["frame_id"] == both.id_of(row)
            files = [v for k, v in row.items() if k.endswith("_path")]
            assert {Path(f).stem for f in files} == {both.id_of(row)}
            assert all((both.root / both.side_of(row) / f).is_file() for f in files)
        times = [(r["scene"], r["agent"], int(r["pointcloud_timestamp"])) for r in rows]
        assert len(rows) == 2 * (4 + 2)
        # The vehicle's frames come once for each unit.
        resets = sum(a[2] >= b[2] for a, b in pairwise(times) if a[:2] == b[:2])
        assert resets == (2 if rows is both.vehicle else 0)
    listed = {
        str(Path(both.side_of(row)) / value)
        for row in (*both.vehicle, *both.unit)
        for key, value in row.items()
        if key.endswith("_path")
    }
    on_disk = {str(p.relative_to(both.root)) for p in both.root.rglob("*") if p.is_file()}
    others = {f for f in on_disk - listed if not f.startswith("cooperative/label")}
    assert others == {*EVERYWHERE, "split_data.json"} | {
        f"{s}/data_info.json" for s in ("cooperative", "vehicle-side", "infrastructure-side")
    }
    for row in (*both.vehicle, *both.unit):
        image = cv2.imread(str(both.root / both.side_of(row) / row["image_path"]))
        assert image.shape == (90, 160, 3)


def test_segments_and_splits(both: PairedReader) -> None:
    key = "sequence_id" if both.sequential else "batch_id"
    first = ("start_frame_id", "end_frame_id") if both.sequential else ("batch_start_id", "batch_end_id")
    for rows in (both.vehicle, both.unit):
        for segment in {r[key] for r in rows}:
            ids = [both.id_of(r) for r in rows if r[key] == segment]
            assert {tuple(r[k] for k in first) for r in rows if r[key] == segment} == {(ids[0], ids[-1])}
    assert sorted({r[key] for r in both.unit}) == ["0000", "0001", "0002", "0003"]
    split = both.split
    assert split["batch_split"] == {"train": ["0000", "0001"], "val": ["0002", "0003"], "test": []}
    for rows, name in ((both.vehicle, "vehicle_split"), (both.unit, "infrastructure_split")):
        for part, segments in split["batch_split"].items():
            assert split[name][part] == [both.id_of(r) for r in rows if r[key] in segments]
    paired = [both.id_of(both.frames_of(p)[0]) for p in both.pairs]
    assert [i for part in ("train", "val") for i in split["cooperative_split"][part]] == paired
    for pair in both.pairs:
        vehicle, unit = both.frames_of(pair)
        assert vehicle[key] == unit[key] and vehicle["intersection_loc"] == unit["intersection_loc"]
        assert abs(int(vehicle["pointcloud_timestamp"]) - int(unit["pointcloud_timestamp"])) <= 60_000


def test_earlier_frames_of_units_are_found_by_their_numbers(both: PairedReader) -> None:
    """The asynchronous loaders step back by numbers, within the segment."""
    for k in (1, 3):
        found = [both.earlier_unit(both.frames_of(p)[1], k) for p in both.pairs]
        delays = [f[1] for f in found if f is not None]
        assert delays == pytest.approx([100.0 * k] * len(delays), abs=1.5) and delays
        for pair, earlier in zip(both.pairs, found, strict=True):
            unit = both.frames_of(pair)[1]
            assert earlier is None or earlier[0]["agent"] == unit["agent"]


def test_labels_speak_the_formats_words(both: PairedReader) -> None:
    kind = (int, float) if both.sequential else str
    seen = set()
    for row in (*both.vehicle, *both.unit):
        for view in ("lidar", "camera"):
            for label in both.labels(row, view):
                seen.add(label["type"])
                numbers = [label[k] for k in ("truncated_state", "occluded_state", "alpha", "rotation")]
                numbers += [v for k in ("2d_box", "3d_dimensions", "3d_location") for v in label[k].values()]
                assert all(isinstance(n, kind) for n in numbers)
                assert int(label["truncated_state"]) in {0, 1, 2} and int(label["occluded_state"]) in {
                    0,
                    1,
                    2,
                }
                assert abs(float(label["alpha"])) <= math.pi and abs(float(label["rotation"])) <= math.pi
                box = [float(label["2d_box"][k]) for k in ("xmin", "ymin", "xmax", "ymax")]
                assert 0 <= box[0] <= box[2] <= 160 and 0 <= box[1] <= box[3] <= 90
                assert view == "lidar" or (box[0] < box[2] and box[1] < box[3])
    assert seen <= TYPES and {"Car", "Truck", "Bus", "Van", "Pedestrian", "Cyclist"} <= seen
    for pair in both.pairs:
        number = both.id_of(both.frames_of(pair)[0])
        folder = "label" if both.sequential else "label_world"
        for label in both.json(f"cooperative/{folder}/{number}.json"):
            assert all(isinstance(v, float) for v in label["3d_dimensions"].values())


def test_tracks_and_tokens_of_sequences(sets: dict[str, PairedReader]) -> None:
    reader = sets["v2x_seq"]
    tokens: dict[str, Row] = {}
    object_of: dict[str, tuple[str, int]] = {}
    for row in (*reader.vehicle, *reader.unit):
        for view in ("lidar", "camera"):
            for label in reader.labels(row, view):
                assert tokens.setdefault(label["token"], label) is label
                assert len(label["track_id"]) == 6
                thing = (row["scene"], label["object_id"])
                assert object_of.setdefault(label["track_id"], thing) == thing
    assert len(set(object_of.values())) == len(object_of)
    sides_seen = set()
    for pair in reader.pairs:
        vehicle, unit = reader.frames_of(pair)
        for label in reader.json(f"cooperative/label/{pair['vehicle_frame']}.json"):
            sides_seen.add(label["from_side"])
            assert label["token"] not in tokens
            for short, row in (("veh", vehicle), ("inf", unit)):
                assert label[f"{short}_frame_id"] == reader.id_of(row)
                assert label[f"{short}_pointcloud_timestamp"] == row["pointcloud_timestamp"]
                there = label["from_side"] in (short, "coop")
                assert (label[f"{short}_track_id"] != "-1") == there == (label[f"{short}_token"] != "-1")
                if there:
                    other = tokens[label[f"{short}_token"]]
                    assert other["object_id"] == label["object_id"]
                    assert other["track_id"] == label[f"{short}_track_id"] == label["track_id"]
                    assert other in reader.labels(row)
    assert sides_seen == {"veh", "inf", "coop"}


def digest(folder: Path) -> str:
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return hashlib.sha256(
        b"".join(str(p.relative_to(folder)).encode() + p.read_bytes() for p in found)
    ).hexdigest()


@pytest.mark.parametrize("name", FORMATS)
def test_equal_captures_give_equal_bytes_with_links_and_without(
    name: str,
    sets: dict[str, PairedReader],
    cooperative_captures: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linked = sets[name]
    first, again = linked.vehicle[0], linked.vehicle[4]
    assert first["pointcloud_frame"] == again["pointcloud_frame"]
    image, same = (linked.root / "vehicle-side" / r["image_path"] for r in (first, again))
    assert image.samefile(same)

    def refuse(*_: object) -> None:
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    moved_files = export(cooperative_captures[::-1], tmp_path / "set", name, **HALVES)
    assert digest(linked.root) == digest(moved_files.root)
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_what_nothing_hit_is_labelled_when_asked_for(
    cooperative_captures: list[Path], tmp_path: Path
) -> None:
    plain = export(cooperative_captures[1:], tmp_path / "plain", "dair_v2x")
    hidden = export(cooperative_captures[1:], tmp_path / "hidden", "dair_v2x", hidden=True)
    for a, b in zip((*plain.vehicle, *plain.unit), (*hidden.vehicle, *hidden.unit), strict=True):
        few, all_ = (
            {x["object_id"]: int(x["num_lidar_pts"]) for x in s.labels(r)}
            for s, r in ((plain, a), (hidden, b))
        )
        assert {k for k, n in all_.items() if n} == set(few) and min(few.values()) > 0
    assert sum(len(hidden.labels(r)) for r in hidden.vehicle) > sum(
        len(plain.labels(r)) for r in plain.vehicle
    )
    assert count(hidden)[0] == 0


def test_pairs_can_be_limited(cooperative_captures: list[Path], tmp_path: Path) -> None:
    near = export(cooperative_captures[1:], tmp_path / "near", "dair_v2x", pair_range_m=5.0)
    assert not near.pairs and near.split["cooperative_split"]["train"] == [] and near.vehicle
    error = near.json(f"infrastructure-side/{near.unit[0]['calib_virtuallidar_to_world_path']}")[
        "relative_error"
    ]
    assert error == {"delta_x": "", "delta_y": ""}
    together = export(cooperative_captures[1:], tmp_path / "now", "dair_v2x", pair_within_ms=10.0)
    assert {together.frames_of(p)[1]["agent"] for p in together.pairs} == {"roadside_1"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vehicle": "bicycle_9"}, "no agent 'bicycle_9'; there are ego, vehicle_1, roadside_1, roadside_2"),
        ({"unit": "ego"}, "wants a roadside unit named ego; there are roadside_1, roadside_2"),
        ({"vehicle_lidar": "LIDAR_X"}, r"ego has no LiDAR LIDAR_X.*there: LIDAR_TOP"),
        ({"unit_camera": "CAM_BACK"}, r"roadside_1 has no camera CAM_BACK.*there: CAM_FRONT, CAM_LEFT"),
    ],
)
def test_what_is_not_there_is_refused(
    options: dict[str, str], said: str, cooperative_captures: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=said):
        export(cooperative_captures[1:], tmp_path / "set", "dair_v2x", **options)
    assert not list(tmp_path.iterdir())


def test_a_capture_of_the_ego_alone_is_refused(tmp_path: Path) -> None:
    from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture

    path = write_capture(tmp_path / "a.mcap", make_plan(duration_s=0.1, rig=make_rig(32, 18, 24))).path
    with pytest.raises(ExportError, match="the format wants a roadside unit; there are none"):
        V2xSeq().export([path], tmp_path / "set")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pair_within_ms": -1.0}, "pair_within_ms=-1: 0 to 1000"),
        ({"rectified_fov_deg": 170.0}, "rectified_fov_deg=170: 10 to 150"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float], said: str) -> None:
    for make in FORMATS.values():
        with pytest.raises(ExportError, match=said):
            make(options)


def test_slow_cameras_with_lenses(tmp_path: Path) -> None:
    """Frames share an image; objects keep their colours where the written pinhole projects their boxes."""
    from tests.cooperative_capture import make_cooperative_plan, write_cooperative_capture
    from tests.unit.capture.synthetic_capture import THINGS

    from drivegen.core.lenses import BrownConrady

    plan = make_cooperative_plan(duration_s=0.2)
    lens = BrownConrady(fx_px=90.0, fy_px=91.0, cx_px=83.0, cy_px=44.0, k1=-0.3, k2=0.1, p1=0.001, p2=-0.001)
    sensors = tuple(
        replace(s, lens=lens, jpeg_quality=98, period_s=0.2) if s.name == "CAM_FRONT" else s
        for s in plan.ego.rig.sensors
    )
    plan = replace(plan, ego=replace(plan.ego, rig=replace(plan.ego.rig, sensors=sensors)))
    path = write_cooperative_capture(tmp_path / "scene-0001.mcap", plan).path
    reader = export([path], tmp_path / "set", "dair_v2x")
    images = [reader.root / "vehicle-side" / r["image_path"] for r in reader.vehicle]
    assert len(images) == 4 and all(image.samefile(images[0]) for image in images)
    assert [r["pointcloud_frame"] for r in reader.vehicle] == [0, 2, 0, 2]
    assert {r["image_timestamp"] for r in reader.vehicle} == {reader.vehicle[0]["pointcloud_timestamp"]}
    assert count(reader)[0] == 0
    rare = export([path], tmp_path / "rare", "v2x_seq", every_sweep=False)
    assert [r["pointcloud_frame"] for r in rare.vehicle] == [0, 0]
    row = reader.vehicle[1]
    image = cv2.imread(str(reader.root / "vehicle-side" / row["image_path"])).astype(float)
    colors = {t.track_id: t.color for t in THINGS}
    checked = 0
    for label in reader.labels(row, "camera"):
        if label["occluded_state"] == label["truncated_state"] == "0":
            left, top, right, bottom = reader.boxes_px(row)[int(label["object_id"])]
            if right - left > 4 and bottom - top > 4:
                middle = image[int((top + bottom) / 2), int((left + right) / 2)]
                assert np.abs(middle - colors[int(label["object_id"])]).max() < 30
                checked += 1
    assert checked >= 2


def test_levelled_frames_keep_place_and_heading() -> None:
    mount = Pose.from_xyz_rpy(1.0, -2.0, 5.0, roll_rad=0.1, pitch_rad=0.3, yaw_rad=2.0)
    found = calibration.levelled(mount)
    np.testing.assert_allclose(found.position_m, mount.position_m)
    np.testing.assert_allclose(found.rotation[2], [0, 0, 1], atol=1e-12)
    ahead = mount.rotation[:2, 0] / np.linalg.norm(mount.rotation[:2, 0])
    np.testing.assert_allclose(found.rotation[:2, 0], ahead, atol=1e-12)
    down = calibration.levelled(Pose.from_xyz_rpy(0.0, 0.0, 6.0, pitch_rad=math.pi / 2))
    np.testing.assert_allclose(down.rotation, np.eye(3), atol=1e-12)
