"""The OSI export, read with osi3 and mcap alone, against the captures."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.opendrive.signals import SignalHead
from drivegen_exporters.osi.exporter import Osi


def test_the_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "osi3", None)
    with pytest.raises(ExportError, match=r"pip install 'drivegen\[osi\]'"):
        Osi()


osi3 = pytest.importorskip("osi3")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "osi"
    Osi().export(captures, out)
    return out


def messages(root: Path, kind: str, scene: str) -> list:
    from osi3.osi_groundtruth_pb2 import GroundTruth
    from osi3.osi_sensorview_pb2 import SensorView

    type_of = {"gt": GroundTruth, "sv": SensorView}[kind]
    (path,) = root.glob(f"20260101T000000Z_{kind}_3.*_{scene}.mcap")
    with path.open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True)
        names = [m.name for m in reader.iter_metadata()]
        assert names == ["net.asam.osi.trace"]
        out = []
        for schema, channel, message in reader.iter_messages():
            assert schema.name == f"osi3.{type_of.__name__}"
            assert channel.metadata["net.asam.osi.trace.channel.osi_version"].startswith("3.")
            out.append(type_of.FromString(message.data))
        assert path.name.split("_")[4] == str(len(out))
    return out


def turn(orientation) -> np.ndarray:
    """ISO 8855: yaw, then pitch, then roll."""
    a, b, c = orientation.yaw, orientation.pitch, orientation.roll
    z = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]])
    y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    x = np.array([[1, 0, 0], [0, math.cos(c), -math.sin(c)], [0, math.sin(c), math.cos(c)]])
    return z @ y @ x


def test_ground_truth_is_the_captures(root: Path, captures: list[Path]) -> None:
    types = {
        ObjectClass.BICYCLE: (2, 11),
        ObjectClass.BUS: (2, 12),
        ObjectClass.PEDESTRIAN: (3, 0),
        ObjectClass.POLICE: (2, 4),
    }
    with CaptureReader(captures[0]) as reader:
        found = messages(root, "gt", "scene-0001")
        assert len(found) == len(reader)
        for message, frame in zip(found, reader.frames(), strict=True):
            assert message.timestamp.seconds * 10**9 + message.timestamp.nanos == frame.time_ns
            objects = {o.id.value: o for o in message.moving_object}
            assert len(objects) == len(frame.objects) + 1
            host = objects[message.host_vehicle_id.value]
            pose = frame.agents[EGO].map_agent
            np.testing.assert_allclose(
                [host.base.position.x, host.base.position.y, host.base.orientation.yaw],
                [*pose.position_m[:2], pose.yaw_rad],
                atol=1e-9,
            )
            for label in frame.objects:
                item = objects[label.track_id]
                p, d, v = item.base.position, item.base.dimension, item.base.velocity
                np.testing.assert_array_equal([p.x, p.y, p.z], label.box.pose.position_m)
                np.testing.assert_array_equal([d.length, d.width, d.height], label.box.size_m)
                np.testing.assert_array_equal([v.x, v.y, v.z], label.velocity_mps)
                np.testing.assert_allclose(turn(item.base.orientation), label.box.pose.rotation, atol=1e-12)
                kind = (item.type, item.vehicle_classification.type)
                assert kind == types.get(label.object_class, kind)
                assert (item.vehicle_classification.role == 5) == (label.object_class is ObjectClass.POLICE)


def test_sensor_views_hold_the_ground_truth_and_the_mounts(root: Path, captures: list[Path]) -> None:
    truths, views = (messages(root, kind, "scene-0002") for kind in ("gt", "sv"))
    with CaptureReader(captures[1]) as reader:
        rig = reader.rigs[EGO]
        for truth, view, frame in zip(truths, views, reader.frames(), strict=True):
            assert view.global_ground_truth == truth
            cameras = [c for c in rig.cameras if c.name in frame.agents[EGO].delivered]
            assert len(view.camera_sensor_view) == len(cameras)
            for item, camera in zip(view.camera_sensor_view, cameras, strict=True):
                mount = item.view_configuration.mounting_position
                np.testing.assert_allclose(turn(mount.orientation), camera.agent_sensor.rotation, atol=1e-12)
                np.testing.assert_array_equal(
                    [mount.position.x, mount.position.y, mount.position.z], camera.agent_sensor.position_m
                )


def test_the_lit_bulb_is_the_signals(captures: list[Path]) -> None:
    from drivegen_exporters.osi.ground_truth import ground_truth

    heads = tuple(
        SignalHead(
            index=i,
            signal_id=name,
            pose=Pose.from_xyz_rpy(10.0 * i, 5.0, 5.0, yaw_rad=1.0),
            foot_m=np.array([10.0 * i, 5.0, 0.0]),
            controller_id=None,
            junction_id=None,
            sequence=0,
            stop_lines=(),
        )
        for i, name in enumerate(("101", "102", "103"))
    )
    with CaptureReader(captures[0]) as reader:
        message = ground_truth(reader.frame(0), heads, "", "road.xodr")
    lights = message.traffic_light
    assert len({t.id.value for t in lights} | {o.id.value for o in message.moving_object}) == 9 + len(
        message.moving_object
    )
    lit = [(i // 3, t.classification.color) for i, t in enumerate(lights) if t.classification.mode == 3]
    assert lit == [(0, 2), (1, 4)]  # red, green; the third shows nothing
    assert lights[0].base.position.z > lights[1].base.position.z > lights[2].base.position.z


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    Osi().export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


def test_wrong_options() -> None:
    with pytest.raises(ExportError, match="ground_truth, sensor_view or both"):
        Osi({"message": "all"})
