"""What readers give, against the capture's own reader; picks, splits, places, errors."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import shutil
from pathlib import Path

import fsspec
import numpy as np
import pytest

from drivegen import datasets
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError, ConfigError, ExportError
from drivegen.core.geometry import Pose
from drivegen_exporters.yolo.exporter import Yolo
from tests.cooperative_capture import VEHICLE, make_cooperative_plan, write_cooperative_capture

NEAR = "class = 'pedestrian' and distance_m < 11.9"


@pytest.fixture(scope="module")
def frames(run: Path) -> datasets.FrameSet:
    return datasets.open(run)


def test_frames_are_those_of_the_captures(run: Path, frames: datasets.FrameSet) -> None:
    assert frames.scenes == ("scene-0001", "scene-0002")
    assert [f.index for f in frames] == [*range(12), *range(8)]
    assert frames[-1].scene == "scene-0002" and frames[-1].index == 7
    assert [f.index for f in frames[10:14]] == [10, 11, 0, 1]
    assert [(f.scene, f.index) for f in datasets.open(run, keyframes=True)] == [
        ("scene-0001", 0), ("scene-0001", 10), ("scene-0002", 0),
    ]  # fmt: skip
    with pytest.raises(IndexError):
        frames[20]


def test_arrays_are_what_was_recorded(run: Path, frames: datasets.FrameSet) -> None:
    view = frames[14]
    with CaptureReader(run / "captures/scene-0002.mcap") as reader:
        frame = reader.frame(2).load()
    assert view.time_ns == frame.time_ns and view.signals == frame.signals
    assert view.agents == tuple(frame.agents)
    for name, recorded in frame.agents.items():
        agent = view.agent(name)
        np.testing.assert_array_equal(agent.map_agent, recorded.map_agent.matrix)
        np.testing.assert_array_equal(agent.velocity_mps, recorded.velocity_mps)
        assert set(agent.cameras) == set(recorded.images) and set(agent.lidars) == set(recorded.sweeps)
        for channel, image in recorded.images.items():
            np.testing.assert_array_equal(agent.rgb(channel), image.bgr[..., ::-1])
            np.testing.assert_array_equal(agent.depth_m(channel), image.depth_m)
            np.testing.assert_array_equal(agent.semantic(channel), image.tag)
            np.testing.assert_array_equal(agent.instance(channel), image.instance)
        for channel, sweep in recorded.sweeps.items():
            np.testing.assert_array_equal(agent.lidar(channel).points_m, sweep.points_m)
    assert view.agent().imu("IMU").compass_rad == frame.agents["ego"].imu["IMU"].compass_rad


@pytest.mark.parametrize("name", ["ego", "roadside_1"])
def test_boxes_hold_the_points_of_their_objects(frames: datasets.FrameSet, name: str) -> None:
    agent = frames[2].agent(name)
    sweep = agent.lidar("LIDAR_TOP")
    boxes = agent.boxes("LIDAR_TOP")
    assert boxes.lidar_points.sum() == (sweep.object_id > 0).sum() > 50
    assert agent.captured.track_id not in boxes.track_id
    for i, track in enumerate(boxes.track_id):
        points = sweep.points_m[sweep.object_id == track] - boxes.center_m[i]
        assert len(points) == boxes.lidar_points[i]
        turn = Pose(position_m=np.zeros(3), orientation_wxyz=boxes.orientation_wxyz[i]).rotation
        assert np.all(np.abs(points @ turn) <= boxes.size_m[i] / 2)
        np.testing.assert_allclose(boxes.corners_m()[i].mean(axis=0), boxes.center_m[i], atol=1e-9)


def test_frames_of_reference_agree(frames: datasets.FrameSet) -> None:
    agent = frames[2].agent("roadside_1")
    here, there = agent.boxes(), agent.boxes("map")
    moved = here.center_m @ agent.map_agent[:3, :3].T + agent.map_agent[:3, 3]
    np.testing.assert_allclose(moved, there.center_m, atol=1e-9)
    yaw = math.atan2(agent.map_agent[1, 0], agent.map_agent[0, 0])
    turned = here.yaw_rad + yaw - there.yaw_rad
    np.testing.assert_allclose(np.sin(turned), 0.0, atol=1e-6)
    speeds = np.linalg.norm(there.velocity_mps, axis=1)
    np.testing.assert_allclose(np.linalg.norm(here.velocity_mps, axis=1), speeds)
    assert speeds.max() > 4.0
    np.testing.assert_array_equal(frames[2].boxes().track_id, [o.track_id for o in frames[2].objects])


def test_boxes_project_onto_their_pixels(frames: datasets.FrameSet) -> None:
    for image in frames[2:3].images(agents=["ego", "roadside_1"]):
        calibration = image.calibration
        boxes, seen = image.boxes(), image.pixel_boxes()
        assert calibration.lens is not None and image.rgb.shape[:2] == (
            calibration.height_px,
            calibration.width_px,
        )
        instance = image.instance
        for box, track in zip(seen.box_px, seen.track_id, strict=True):
            rows, columns = np.nonzero(instance == track)
            np.testing.assert_array_equal(box, [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            corners = boxes.corners_m()[boxes.track_id == track][0]
            if corners[:, 2].min() > 0.5:
                pixels = calibration.lens.project(corners)
                assert np.all(pixels.min(axis=0) <= box[:2] + 0.51)
                assert np.all(pixels.max(axis=0) >= box[2:] - 0.51)
        assert set(seen.track_id) <= set(image.pixel_boxes(hidden=True).track_id)


def test_beliefs_stand_beside_the_truth(frames: datasets.FrameSet) -> None:
    agent = frames[1].agent(VEHICLE)
    true, believed = agent.calibration("CAM_FRONT"), agent.calibration("CAM_FRONT", believed=True)
    off = true.agent_sensor[:3, :3].T @ believed.agent_sensor[:3, :3]
    assert math.degrees(math.acos((np.trace(off) - 1) / 2)) == pytest.approx(1.0, abs=1e-6)
    assert 0.01 < np.linalg.norm(true.map_sensor[:2, 3] - believed.map_sensor[:2, 3]) < 0.6
    exact = agent.calibration("CAM_BACK", believed=True)
    np.testing.assert_allclose(exact.agent_sensor, agent.calibration("CAM_BACK").agent_sensor, atol=1e-12)
    np.testing.assert_allclose(true.sensor_map @ true.map_sensor, np.eye(4), atol=1e-12)


def test_images_are_those_that_were_delivered(frames: datasets.FrameSet) -> None:
    images = frames.images()
    assert len(images) == 6 * 8 + 4 * 8  # two cameras of four agents, each at 10 Hz
    assert images[0].name == "scene-0001/0/ego/CAM_FRONT" and images[0].jpeg[:2] == b"\xff\xd8"
    left = frames.images(channels=["CAM_LEFT"])
    assert {i.agent.name for i in left} == {"roadside_1", "roadside_2"}
    assert len(left[2:5]) == 3 and left[2:5][0].name == left[2].name
    with pytest.raises(CaptureError, match=r"no image of channels.*ego/CAM_FRONT"):
        frames.images(channels=["CAM_TOP"])


def test_where_is_asked_of_index_and_captures_alike(run: Path, frames: datasets.FrameSet) -> None:
    picked = [(f.scene, f.index) for f in frames.where(NEAR)]
    told = [
        (f.scene, f.index)
        for f in frames
        if any(
            o.object_class == "pedestrian"
            and np.linalg.norm(o.box.pose.position_m - f.agent().map_agent[:3, 3]) < 11.9
            for o in f.objects
        )
    ]
    assert picked == told and 0 < len(told) < len(frames)
    without_index = datasets.open(run / "captures/scene-0001.mcap", where=NEAR)
    assert [(f.scene, f.index) for f in without_index] == [p for p in told if p[0] == "scene-0001"]
    with pytest.raises(ExportError, match="no_such"):
        frames.where("no_such > 1")


def test_splits_are_those_of_exports(frames: datasets.FrameSet, run: Path, tmp_path: Path) -> None:
    halves = {"train": 0.5, "val": 0.5}
    summary = Yolo({"splits": halves, "split_seed": 3}).export(
        sorted((run / "captures").glob("*.mcap")), tmp_path / "set"
    )
    rows = [line.split(",") for line in (summary.out / "scenes.csv").read_text().splitlines()]
    scene, split = rows[0].index("scene"), rows[0].index("split")
    parts = frames.split(halves, seed=3)
    assert {r[scene]: r[split] for r in rows[1:]} == {s: n for n, p in parts.items() for s in p.scenes}
    assert len(parts["train"]) + len(parts["val"]) == len(frames)


def test_few_captures_stay_open(run: Path, frames: datasets.FrameSet) -> None:
    narrow = datasets.open(run, most_open=1)
    first, last = narrow[0], narrow[-1]
    channel = first.agent().cameras[0]
    for view, number in ((first, 0), (last, -1), (first, 0)):
        np.testing.assert_array_equal(view.agent().map_agent, frames[number].agent().map_agent)
    np.testing.assert_array_equal(first.agent().rgb(channel), frames[0].agent().rgb(channel))
    narrow.close()
    assert first.agent().rgb(channel).any()


def _digest(images: datasets.ImageSet) -> list[int]:
    return [int(image.rgb.astype(np.int64).sum()) for image in images[:6]]


def test_other_processes_read_alike(frames: datasets.FrameSet) -> None:
    images = frames.images()
    here = _digest(images)
    assert _digest(pickle.loads(pickle.dumps(images))) == here
    receive, send = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        send.send(_digest(images))
        os._exit(0)
    assert receive.recv() == here
    os.waitpid(child, 0)
    assert _digest(images) == here


def test_places(run: Path, frames: datasets.FrameSet) -> None:
    captures = run / "captures"
    assert len(datasets.open(str(captures))) == len(datasets.open(f"file://{run}")) == 20
    alone = datasets.open(captures / "scene-0002.mcap")
    assert alone.scenes == ("scene-0002",) and len(alone) == 8
    memory = fsspec.filesystem("memory")
    memory.put(str(run), "/readers", recursive=True)
    try:
        remote = datasets.open("memory://readers", where=NEAR)
        assert [(f.scene, f.index) for f in remote] == [(f.scene, f.index) for f in frames.where(NEAR)]
        channel = frames[0].agent().cameras[0]
        np.testing.assert_array_equal(
            remote[1].agent().rgb(channel), frames.where(NEAR)[1].agent().rgb(channel)
        )
        assert len(datasets.open("memory://readers/captures/scene-0002.mcap")) == 8
    finally:
        memory.rm("/readers", recursive=True)


def test_an_index_that_is_not_of_the_captures_is_not_believed(copied: Path) -> None:
    shutil.copy(copied / "captures/scene-0002.mcap", copied / "captures/scene-0003.mcap")
    with pytest.raises(CaptureError, match="scene scene-0002 is in two captures"):
        datasets.open(copied)
    (copied / "captures/scene-0003.mcap").unlink()
    (copied / "captures/scene-0002.mcap").unlink()
    assert datasets.open(copied).scenes == ("scene-0001",)
    write_cooperative_capture(copied / "captures/scene-0002.mcap", make_cooperative_plan("scene-0002", 0.2))
    changed = datasets.open(copied)
    assert changed[0].agent().cameras
    with pytest.raises(CaptureError, match="another recording"):
        changed[-1].agent()


def test_a_broken_index_is_named(copied: Path) -> None:
    (copied / "index/objects.parquet").write_bytes(b"PAR1 no")
    frames = datasets.open(copied)
    with pytest.raises(CaptureError, match=r"objects\.parquet cannot be read"):
        frames.where(NEAR)
    (copied / "index/frames.parquet").write_bytes(b"")
    with pytest.raises(CaptureError, match=r"frames\.parquet cannot be read"):
        datasets.open(copied)


def test_what_is_not_there_is_named(run: Path, frames: datasets.FrameSet, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no such file or folder"):
        datasets.open(tmp_path / "nothing")
    with pytest.raises(CaptureError, match="no captures there"):
        datasets.open(tmp_path)
    with pytest.raises(CaptureError, match="no captures there"):
        datasets.open("memory://nothing")
    with pytest.raises(ConfigError):
        datasets.open("nosuch://nothing")
    with pytest.raises(CaptureError, match=r"no agent cloud; there are ego, vehicle_1"):
        frames[0].agent("cloud")
    with pytest.raises(CaptureError, match="CAM_TOP delivered nothing; there are"):
        frames[0].agent().rgb("CAM_TOP")
    with pytest.raises(CaptureError, match="no scene scene-0007"):
        frames.of_scenes(["scene-0007"])
    with pytest.raises(CaptureError, match="no scene x"):
        frames.plan("x")
    with pytest.raises(CaptureError, match="make the look"):
        datasets.open(run, look="fog")[0].agent()
    with pytest.raises(ValueError, match="only cameras"):
        _ = frames[0].agent().calibration("LIDAR_TOP").intrinsic
    assert frames.of_scenes(["scene-0002"]).plan("scene-0002").scene == "scene-0002"
