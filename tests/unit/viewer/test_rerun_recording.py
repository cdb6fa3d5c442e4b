"""Rerun recordings, read back by Rerun's own reader; skipped where rerun is not installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivegen.capture.reader import CaptureReader
from drivegen.capture.schema import sensor_topic
from drivegen.cli.main import main
from drivegen.core.geometry import Pose
from tests.cooperative_capture import EGO_TRACK, make_cooperative_plan, write_cooperative_capture


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ego, a connected vehicle and two poles, in a run with one scene; 8 frames."""
    folder = tmp_path_factory.mktemp("run") / "captures"
    folder.mkdir()
    return write_cooperative_capture(folder / "s.mcap", make_cooperative_plan("s", 0.4)).path


def recorded(path: Path) -> dict[str, dict[int | None, dict[str, Any]]]:
    """Values of each entity by tick; of what does not change at None."""
    from rerun.chunk import RrdReader

    found: dict[str, dict[int | None, dict[str, Any]]] = {}
    for chunk in RrdReader(str(path)).store().stream().to_chunks():
        rows = chunk.to_record_batch().to_pylist()
        for row in rows:
            tick = None if chunk.is_static else row.pop("tick")
            found.setdefault(str(chunk.entity_path), {}).setdefault(tick, {}).update(row)
    return found


def pose(row: dict[str, Any]) -> Pose:
    x, y, z, w = row["Transform3D:quaternion"][0]
    return Pose(
        position_m=np.array(row["Transform3D:translation"][0]), orientation_wxyz=np.array([w, x, y, z])
    )


@pytest.fixture(scope="module")
def saved(capture: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    pytest.importorskip("rerun")
    path = tmp_path_factory.mktemp("rrd") / "s.rrd"
    assert main(["view", str(capture), "--save", str(path)]) == 0
    assert [p.name for p in path.parent.iterdir()] == ["s.rrd"]
    return recorded(path)


def test_objects_are_those_of_each_frame(capture: Path, saved: dict[str, Any]) -> None:
    with CaptureReader(capture) as reader:
        for frame in reader.frames():
            row = saved["/world/objects"][frame.index]
            labels = [*frame.objects, frame.agents["ego"].body]
            assert row["track_id"] == [label.track_id for label in labels] and EGO_TRACK in row["track_id"]
            names = [f"{label.object_class.value} {label.track_id}" for label in labels]
            assert row["Boxes3D:labels"] == names
            for i, label in enumerate(labels):
                box = label.box
                np.testing.assert_allclose(row["Boxes3D:centers"][i], box.pose.position_m, atol=1e-4)
                np.testing.assert_allclose(np.array(row["Boxes3D:half_sizes"][i]) * 2, box.size_m, atol=1e-5)
                x, y, z, w = row["Boxes3D:quaternions"][i]
                np.testing.assert_allclose([w, x, y, z], box.pose.orientation_wxyz, atol=1e-6)
            assert row["time"].total_seconds() * 1e9 == pytest.approx(frame.time_ns)
        assert set(saved["/world/objects"]) == {None, *range(len(reader))}


def test_sensors_are_placed_and_cameras_project(capture: Path, saved: dict[str, Any]) -> None:
    """What is seen of an object lies where its box is projected by what the recording says alone."""
    checked = 0
    for name in ("ego", "roadside_1"):
        map_camera = pose(saved[f"/world/{name}"][2]) @ pose(saved[f"/world/{name}/CAM_FRONT"][None])
        pinhole = saved[f"/world/{name}/CAM_FRONT"][None]
        intrinsic = np.array(pinhole["Pinhole:image_from_camera"][0]).reshape(3, 3).T
        assert pinhole["Pinhole:resolution"][0] == [160.0, 90.0]
        objects, seen = saved["/world/objects"][2], saved[f"/world/{name}/CAM_FRONT/boxes"][2]
        for label, middle, half in zip(
            seen["Boxes2D:labels"], seen["Boxes2D:centers"], seen["Boxes2D:half_sizes"], strict=True
        ):
            i = objects["Boxes3D:labels"].index(label)
            x, y, z, w = objects["Boxes3D:quaternions"][i]
            turn = Pose(position_m=np.zeros(3), orientation_wxyz=np.array([w, x, y, z])).rotation
            signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
            corners = (signs * objects["Boxes3D:half_sizes"][i]) @ turn.T + objects["Boxes3D:centers"][i]
            points = map_camera.inverse().transform_points(corners) @ intrinsic.T
            if points[:, 2].min() > 0.5:
                pixels = points[:, :2] / points[:, 2:]
                assert np.all(pixels.min(axis=0) <= np.subtract(middle, half) + 0.51)
                assert np.all(pixels.max(axis=0) >= np.add(middle, half) - 0.51)
                checked += 1
    assert checked >= 6


def test_images_and_points_are_the_captures(capture: Path, saved: dict[str, Any]) -> None:
    with CaptureReader(capture) as reader:
        frame = reader.frame(2)
        agent = frame.agents["roadside_1"]
        entity = "/world/roadside_1/CAM_LEFT"
        assert bytes(saved[f"{entity}/image"][2]["EncodedImage:blob"][0]) == agent.jpeg("CAM_LEFT")
        tags = np.frombuffer(bytes(saved[f"{entity}/semantic"][2]["SegmentationImage:buffer"][0]), np.uint8)
        np.testing.assert_array_equal(tags.reshape(90, 160), agent.tag("CAM_LEFT"))
        depth = saved[f"{entity}/depth"][2]
        assert depth["EncodedDepthImage:meter"] == [256.0]
        png = bytes(depth["EncodedDepthImage:blob"][0])
        assert png in reader.payload(sensor_topic("roadside_1", "CAM_LEFT", "depth"), frame.time_ns)
        sweep = agent.sweep("LIDAR_TOP")
        cloud = saved["/world/roadside_1/LIDAR_TOP/points"][2]
        np.testing.assert_array_equal(cloud["Points3D:positions"], sweep.points_m)
        assert cloud["object_id"] == sweep.object_id.tolist()
        assert cloud["Points3D:class_ids"] == sweep.tag.tolist()
    assert 3 not in saved[f"{entity}/image"]
    assert len(saved["/world/map/lanes"][None]["LineStrips3D:strips"]) == 5
    way = saved["/world/map/paths/ego"][None]["LineStrips3D:strips"][0]
    assert len(way) == 8 and way[0] == saved["/world/ego"][0]["Transform3D:translation"][0]
    assert {row["TextLog:text"][0] for row in saved["/signals/101"].values()} == {"red"}


def test_a_part_of_it(capture: Path, tmp_path: Path) -> None:
    pytest.importorskip("rerun")
    path = tmp_path / "part.rrd"
    run = str(capture.parent.parent)
    words = ["view", run, "--save", str(path), "--agent", "roadside_2", "--from", "0.1", "--every", "2"]
    assert main(words) == 0
    found = recorded(path)
    assert set(found["/world/objects"]) == {None, 2, 4, 6}
    assert "/world/roadside_2" in found and "/world/ego" not in found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--agent", "bus"], "--agent bus: there are ego, vehicle_1, roadside_1, roadside_2"),
        (["--from", "9"], "no frame from 9 s to inf s; the capture has 8 frames from 0 to 0.35 s"),
        (["--every", "0"], "--every 0: 1 or more is wanted"),
        (["--scene", "x"], "no captures; give one of s with --scene"),
        (["--save", "/proc/no/x.rrd"], "/proc/no/x.rrd could not be written"),
    ],
)
def test_what_cannot_be_shown_is_said(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    pytest.importorskip("rerun")
    assert main(["view", str(capture.parent), "--save", str(tmp_path / "x.rrd"), *words]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_it_is_said_when_rerun_is_missing(
    capture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rerun", None)
    monkeypatch.delitem(sys.modules, "drivegen.viewer.rerun_recording", raising=False)
    assert main(["view", str(capture)]) == 2
    assert "pip install 'drivegen[view]'" in capsys.readouterr().err
