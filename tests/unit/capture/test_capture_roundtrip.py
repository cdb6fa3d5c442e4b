"""What goes in comes out; the same in gives the same bytes; another in gives another hash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from mcap.reader import make_reader
from synthetic_capture import XODR, make_frames, make_plan, write_capture

from drivegen.capture import schema
from drivegen.capture.frame import EGO, Frame
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.errors import CaptureError, PlanError
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar


def assert_same_label(a: ObjectLabel, b: ObjectLabel) -> None:
    assert (a.track_id, a.object_class, a.blueprint, a.rider) == (
        b.track_id,
        b.object_class,
        b.blueprint,
        b.rider,
    )
    np.testing.assert_array_equal(a.box.pose.matrix, b.box.pose.matrix)
    np.testing.assert_array_equal(a.box.size_m, b.box.size_m)
    np.testing.assert_array_equal(a.velocity_mps, b.velocity_mps)
    np.testing.assert_array_equal(a.acceleration_mps2, b.acceleration_mps2)
    assert a.yaw_rate_radps == b.yaw_rate_radps
    assert a.cameras == b.cameras
    assert a.lidar_points == b.lidar_points
    assert a.radar_points == b.radar_points


def assert_same_frame(written: Frame, read: Frame) -> None:
    assert (written.index, written.time_ns, written.keyframe) == (read.index, read.time_ns, read.keyframe)
    assert written.signals == read.signals
    assert len(written.objects) == len(read.objects)
    for a, b in zip(written.objects, read.objects, strict=True):
        assert_same_label(a, b)
    assert list(written.agents) == list(read.agents)
    mine, theirs = written.agents[EGO], read.agents[EGO]
    np.testing.assert_array_equal(mine.map_agent.matrix, theirs.map_agent.matrix)
    for name in ("velocity_mps", "acceleration_mps2", "angular_velocity_radps"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    assert list(mine.images) == list(theirs.images)
    for channel, image in mine.images.items():
        other = theirs.images[channel]
        np.testing.assert_array_equal(image.tag, other.tag)
        np.testing.assert_array_equal(image.instance, other.instance)
        np.testing.assert_allclose(image.depth_m, other.depth_m, atol=0.5 / 256 + 1e-5)
        error = image.bgr.astype(int) - other.bgr.astype(int)
        assert np.abs(error).mean() < 4.0  # JPEG
    assert list(mine.sweeps) == list(theirs.sweeps)
    for channel, sweep in mine.sweeps.items():
        for name in ("points_m", "intensity", "ring", "object_id", "tag", "cos_incidence"):
            np.testing.assert_array_equal(getattr(sweep, name), getattr(theirs.sweeps[channel], name))
    assert mine.gnss == theirs.gnss
    assert list(mine.imu) == list(theirs.imu)
    for channel, reading in mine.imu.items():
        np.testing.assert_array_equal(reading.acceleration_mps2, theirs.imu[channel].acceleration_mps2)
        np.testing.assert_array_equal(
            reading.angular_velocity_radps, theirs.imu[channel].angular_velocity_radps
        )
        assert reading.compass_rad == theirs.imu[channel].compass_rad


def test_every_frame_comes_back(summary: CaptureSummary) -> None:
    plan = make_plan()
    with CaptureReader(summary.path) as reader:
        assert len(reader) == summary.frames == 30
        assert sum(1 for _ in reader.frames(keyframes=True)) == summary.keyframes == 3
        assert not reader.recovered
        for written, read in zip(make_frames(plan), reader.frames(), strict=True):
            assert_same_frame(written, read.load())


def test_frames_come_in_any_order_and_by_channel(capture: Path) -> None:
    with CaptureReader(capture) as reader:
        last = reader.frame(29)
        assert last.index == 29
        front = reader.frame(10).load(channels=["CAM_FRONT"]).agents[EGO]
        assert list(front.images) == ["CAM_FRONT"]
        assert not front.sweeps
        agent = reader.frame(10).agents[EGO]
        assert agent.delivered_by(Camera)[0] == "CAM_FRONT"
        assert agent.delivered_by(Lidar) == ("LIDAR_TOP",)
        assert agent.jpeg("CAM_FRONT")[:2] == b"\xff\xd8"
        with pytest.raises(CaptureError, match=r"no frame 30; it has 0\.\.29"):
            reader.frame(30)
        with pytest.raises(CaptureError, match="no message on /ego/CAM_FRONT/image"):
            reader.frame(1).agents[EGO].jpeg("CAM_FRONT")
        with pytest.raises(CaptureError, match="no sensor ego/CAM_TOP; there are ego/CAM_FRONT"):
            reader.sensor(EGO, "CAM_TOP")


def test_a_capture_stands_alone(capture: Path) -> None:
    plan = make_plan()
    with CaptureReader(capture) as reader:
        assert reader.plan.to_json() == plan.to_json()
        assert reader.opendrive == XODR
        assert reader.provenance == {"drivegen": "test"}
        assert [s.name for s in reader.rigs[EGO].sensors] == [s.name for s in plan.ego.rig.sensors]
        np.testing.assert_array_equal(
            reader.rigs[EGO].sensors[1].agent_sensor.matrix, plan.ego.rig.sensors[1].agent_sensor.matrix
        )


def test_same_frames_give_the_same_bytes_whatever_the_threads(
    summary: CaptureSummary, tmp_path: Path
) -> None:
    for threads in (0, 3):
        again = write_capture(tmp_path / f"{threads}.mcap", threads=threads)
        assert again.content_sha256 == summary.content_sha256
        assert again.path.read_bytes() == summary.path.read_bytes()


def test_the_stored_hash_is_the_hash_of_what_is_stored(summary: CaptureSummary) -> None:
    with CaptureReader(summary.path) as reader:
        assert reader.content_sha256 == summary.content_sha256
        assert reader.verify() == summary.content_sha256


def test_the_hash_ignores_chunks_and_provenance(
    summary: CaptureSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivegen.capture.writer._CHUNK_BYTES", 1000)
    plan = make_plan()
    with CaptureWriter(tmp_path / "a.mcap", plan, {"drivegen": "another"}, opendrive=XODR) as writer:
        for frame in make_frames(plan):
            writer.write(frame)
        other = writer.close()
    assert other.path.read_bytes() != summary.path.read_bytes()
    assert other.content_sha256 == summary.content_sha256


def short_hash(path: Path, change: str) -> str:
    """Content hash of half a second in which one thing is different."""
    plan = make_plan(duration_s=0.1)
    if change == "plan":
        plan = replace(plan, seed=8)
    with CaptureWriter(path, plan, {}, opendrive=XODR) as writer:
        for original in make_frames(plan):
            frame = original
            if change == "label" and frame.index == 1:
                first = replace(frame.objects[0], yaw_rate_radps=1e-9)
                frame = replace(frame, objects=(first, *frame.objects[1:]))
            elif change == "pixel" and frame.index == 0:
                ego = frame.agents[EGO]
                image = ego.images["CAM_BACK"]
                instance = image.instance.copy()
                instance[3, 4] += 1
                images = {**ego.images, "CAM_BACK": replace(image, instance=instance)}
                frame = replace(frame, agents={EGO: replace(ego, images=images)})
            elif change == "point" and frame.index == 0:
                ego = frame.agents[EGO]
                points = ego.sweeps["LIDAR_TOP"].points_m.copy()
                points[5, 0] = np.nextafter(points[5, 0], np.float32(1e9))
                sweeps = {"LIDAR_TOP": replace(ego.sweeps["LIDAR_TOP"], points_m=points)}
                frame = replace(frame, agents={EGO: replace(ego, sweeps=sweeps)})
            elif change == "time":
                frame = replace(frame, time_ns=frame.time_ns + 1)
            elif change == "signal" and frame.index == 0:
                frame = replace(frame, signals={"101": "green", "102": "green"})
            writer.write(frame)
        return writer.close().content_sha256


def test_the_hash_sees_every_change(tmp_path: Path) -> None:
    changes = ["nothing", "plan", "label", "pixel", "point", "time", "signal"]
    hashes = [short_hash(tmp_path / f"{c}.mcap", c) for c in changes]
    assert len(set(hashes)) == len(changes)
    assert short_hash(tmp_path / "again.mcap", "nothing") == hashes[0]


def test_another_road_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"plain_road\.xodr has SHA-256"):
        CaptureWriter(tmp_path / "a.mcap", make_plan(), {}, opendrive=XODR + " ")
    assert not list(tmp_path.iterdir())


def test_the_reference_reader_of_mcap_reads_it(capture: Path) -> None:
    plan = make_plan()
    with capture.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == sum(summary.statistics.channel_message_counts.values())
        assert {c.compression for c in summary.chunk_indexes} == {"", "zstd"}
        times = []
        counts: dict[str, int] = {}
        for message_schema, channel, message in reader.iter_messages():
            times.append(message.log_time)
            counts[channel.topic] = counts.get(channel.topic, 0) + 1
            assert message_schema is not None
            if channel.topic == "/ego/CAM_FRONT/calibration":
                calibration = CameraCalibration.FromString(message.data)
                np.testing.assert_allclose(
                    np.reshape(calibration.K, (3, 3)), plan.ego.rig.cameras[0].intrinsic
                )
            if channel.topic == schema.TF_TOPIC and message.log_time == times[0]:
                transforms = FrameTransforms.FromString(message.data).transforms
                children = [t.child_frame_id for t in transforms]
                assert children[0] == EGO and "ego/CAM_BACK" in children
                front = transforms[children.index("ego/CAM_FRONT")]
                optical = camera_optical(plan.ego.rig.cameras[0])
                assert front.parent_frame_id == EGO
                np.testing.assert_allclose(
                    [front.rotation.w, front.rotation.x, front.rotation.y, front.rotation.z],
                    optical.orientation_wxyz,
                )
            if message_schema.encoding == "jsonschema":
                described = json.loads(message_schema.data)
                assert set(described["required"]) <= set(json.loads(message.data))
        assert times == sorted(times)
        assert counts["/frame"] == 30
        assert counts["/ego/CAM_FRONT/image"] == counts["/ego/CAM_BACK/instance"] == 3
        assert counts["/ego/LIDAR_TOP/points"] == 15
        assert [a.name for a in reader.iter_attachments()] == [schema.MAP_ATTACHMENT]
        names = {m.name for m in reader.iter_metadata()}
        assert {"drivegen.plan", "drivegen.rigs", "drivegen.capture", "drivegen.summary"} <= names
