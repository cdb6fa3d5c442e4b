"""Payloads: labels, poses, calibrations and points to bytes and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from foxglove_schemas_protobuf.LocationFix_pb2 import LocationFix
from foxglove_schemas_protobuf.PackedElementField_pb2 import PackedElementField
from foxglove_schemas_protobuf.PointCloud_pb2 import PointCloud
from foxglove_schemas_protobuf.PoseInFrame_pb2 import PoseInFrame

from drivegen.capture.frame import AgentFrame, GnssFix, ImuReading, RadarScan, Sweep
from drivegen.capture.schema import DETECTION_DTYPE, POINT_EXTRAS, point_dtype
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.joints import Joints
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.lenses import BrownConrady, KannalaBrandt
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera, Rig

MAP_FRAME = "map"
_NS = 1_000_000_000

_PACKED_TYPE = {
    np.dtype("u1"): PackedElementField.UINT8,
    np.dtype("i1"): PackedElementField.INT8,
    np.dtype("<u2"): PackedElementField.UINT16,
    np.dtype("<u4"): PackedElementField.UINT32,
    np.dtype("<f4"): PackedElementField.FLOAT32,
}

_RADAR_COLUMNS = tuple(name for name in DETECTION_DTYPE.names or () if name not in "xyz")


def to_json(value: Any) -> bytes:
    """Compact JSON; keys in the order given, floats by their shortest exact text."""
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
"""One for all: to make one takes as long as a short text."""


def sensor_frame(agent: str, channel: str) -> str:
    """Name of a sensor's frame of reference; of a camera it is the optical frame."""
    return f"{agent}/{channel}"


def camera_optical(camera: Camera) -> Pose:
    """`agent_optical` of a camera: x right, y down, z forward."""
    matrix = camera.agent_sensor.matrix.copy()
    matrix[:3, :3] = camera.agent_sensor.rotation @ OPTICAL_FROM_MOUNT.T
    return Pose.from_matrix(matrix)


# Labels


def object_to_plain(label: ObjectLabel) -> dict[str, Any]:
    """A label as JSON data."""
    joints = {} if label.joints_m is None else {"joints_m": _joints_to_plain(label.joints_m)}
    return {
        "track_id": int(label.track_id),
        "class": label.object_class.value,
        "blueprint": label.blueprint,
        "rider": bool(label.rider),
        "center_m": label.box.pose.position_m.tolist(),
        "orientation_wxyz": label.box.pose.orientation_wxyz.tolist(),
        "size_m": label.box.size_m.tolist(),
        "velocity_mps": label.velocity_mps.tolist(),
        "acceleration_mps2": label.acceleration_mps2.tolist(),
        "yaw_rate_radps": float(label.yaw_rate_radps),
        "cameras": {k: _camera_label_to_plain(v) for k, v in sorted(label.cameras.items())},
        "lidar_points": {k: int(v) for k, v in sorted(label.lidar_points.items())},
        "radar_points": {k: int(v) for k, v in sorted(label.radar_points.items())},
        **joints,
    }


def _joints_to_plain(joints_m: Joints) -> list[list[float] | None]:
    return [[round(v, 3) for v in row] if row[0] == row[0] else None for row in joints_m.tolist()]


def _joints_from_plain(rows: list[list[float] | None] | None) -> Joints | None:
    return None if rows is None else np.array([row or [np.nan] * 3 for row in rows], np.float64)


def _camera_label_to_plain(label: CameraLabel) -> dict[str, Any]:
    visible = label.visible_box_px
    return {
        "visible_fraction": float(label.visible_fraction),
        "visible_pixels": int(label.visible_pixels),
        "truncation": float(label.truncation),
        "visible_box_px": None if visible is None else [float(v) for v in visible],
        "full_box_px": [float(v) for v in label.full_box_px],
    }


def object_from_plain(data: dict[str, Any]) -> ObjectLabel:
    """The inverse of `object_to_plain`."""
    return ObjectLabel(
        track_id=data["track_id"],
        object_class=ObjectClass(data["class"]),
        blueprint=data["blueprint"],
        rider=data["rider"],
        box=Box(
            pose=Pose(
                position_m=np.array(data["center_m"]), orientation_wxyz=np.array(data["orientation_wxyz"])
            ),
            size_m=np.array(data["size_m"]),
        ),
        velocity_mps=np.array(data["velocity_mps"]),
        acceleration_mps2=np.array(data["acceleration_mps2"]),
        yaw_rate_radps=data["yaw_rate_radps"],
        cameras={k: _camera_label_from_plain(v) for k, v in data["cameras"].items()},
        lidar_points=data["lidar_points"],
        radar_points=data["radar_points"],
        joints_m=_joints_from_plain(data.get("joints_m")),
    )


def _camera_label_from_plain(data: dict[str, Any]) -> CameraLabel:
    visible = data["visible_box_px"]
    left, top, right, bottom = data["full_box_px"]
    return CameraLabel(
        visible_fraction=data["visible_fraction"],
        visible_pixels=data["visible_pixels"],
        truncation=data["truncation"],
        visible_box_px=None if visible is None else (visible[0], visible[1], visible[2], visible[3]),
        full_box_px=(left, top, right, bottom),
    )


# An agent's motion


def encode_pose(map_agent: Pose, time_ns: int) -> bytes:
    """foxglove.PoseInFrame in the map frame."""
    message = PoseInFrame(frame_id=MAP_FRAME)
    _set_time(message.timestamp, time_ns)
    _set_pose(message.pose.position, message.pose.orientation, map_agent)
    return bytes(message.SerializeToString(deterministic=True))


def decode_pose(data: bytes | memoryview) -> Pose:
    """The inverse of `encode_pose`, exact."""
    pose = PoseInFrame.FromString(bytes(data)).pose
    p, q = pose.position, pose.orientation
    return Pose(position_m=np.array([p.x, p.y, p.z]), orientation_wxyz=np.array([q.w, q.x, q.y, q.z]))


def encode_motion(agent: AgentFrame) -> bytes:
    """JSON of an agent's velocity, acceleration and angular velocity in the world frame."""
    return to_json(
        {
            "velocity_mps": agent.velocity_mps.tolist(),
            "acceleration_mps2": agent.acceleration_mps2.tolist(),
            "angular_velocity_radps": agent.angular_velocity_radps.tolist(),
        }
    )


def encode_transforms(agents: dict[str, tuple[Pose, Rig]], time_ns: int) -> bytes:
    """foxglove.FrameTransforms of all agents and their sensors."""
    message = FrameTransforms()
    for name, (map_agent, rig) in agents.items():
        _add_transform(message, MAP_FRAME, name, map_agent, time_ns)
        for sensor in rig.sensors:
            pose = camera_optical(sensor) if isinstance(sensor, Camera) else sensor.agent_sensor
            _add_transform(message, name, sensor_frame(name, sensor.name), pose, time_ns)
    return bytes(message.SerializeToString(deterministic=True))


def _add_transform(message: Any, parent: str, child: str, pose: Pose, time_ns: int) -> None:
    transform = message.transforms.add(parent_frame_id=parent, child_frame_id=child)
    _set_time(transform.timestamp, time_ns)
    _set_pose(transform.translation, transform.rotation, pose)


def _set_time(target: Any, time_ns: int) -> None:
    target.seconds, target.nanos = divmod(time_ns, _NS)


def _set_pose(position: Any, orientation: Any, pose: Pose) -> None:
    position.x, position.y, position.z = (float(v) for v in pose.position_m)
    orientation.w, orientation.x, orientation.y, orientation.z = (float(v) for v in pose.orientation_wxyz)


# Sensors


def encode_image(data: bytes, image_format: str, frame_id: str, time_ns: int) -> bytes:
    """foxglove.CompressedImage around a file's bytes."""
    message = CompressedImage(data=data, format=image_format, frame_id=frame_id)
    _set_time(message.timestamp, time_ns)
    return bytes(message.SerializeToString(deterministic=True))


def decode_image(data: bytes | memoryview) -> bytes:
    """The file's bytes (JPEG or PNG) of a foxglove.CompressedImage."""
    view = memoryview(data)
    # Protobuf (encoding guide): first the time, one byte of length; then the image, whose length is a varint.
    if len(view) > 2 and view[0] == 0x0A and view[1] < 0x80:
        at = 2 + view[1]
        if len(view) > at and view[at] == 0x12:
            length = shift = 0
            for byte in view[at + 1 : at + 6]:
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    start = at + 1 + shift // 7
                    if start + length <= len(view):
                        return bytes(view[start : start + length])
                    break
    return bytes(CompressedImage.FromString(bytes(data)).data)


def image_around(
    pieces: Sequence[bytes | memoryview], image_format: str, frame_id: str, time_ns: int
) -> list[bytes | memoryview]:
    """`encode_image` of a file in pieces, in pieces: nothing is copied."""
    head, tail = CompressedImage(), CompressedImage(format=image_format, frame_id=frame_id)
    _set_time(head.timestamp, time_ns)
    length = sum(len(p) for p in pieces)
    size = bytearray()
    while length >= 0x80:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    lead = head.SerializeToString(deterministic=True) + b"\x12" + size
    return [lead, *pieces, tail.SerializeToString(deterministic=True)]


def encode_calibration(camera: Camera, frame_id: str, time_ns: int) -> bytes:
    """foxglove.CameraCalibration, with the lens in the coefficients of OpenCV's order.

    The centre of the top left pixel is at (0.5, 0.5) for K and P.
    """
    k = camera.intrinsic
    model, coefficients = distortion_of(camera)
    message = CameraCalibration(
        frame_id=frame_id,
        width=camera.width_px,
        height=camera.height_px,
        distortion_model=model,
        D=coefficients,
        K=k.reshape(-1).tolist(),
        R=np.eye(3).reshape(-1).tolist(),
        P=np.hstack([k, np.zeros((3, 1))]).reshape(-1).tolist(),
    )
    _set_time(message.timestamp, time_ns)
    return bytes(message.SerializeToString(deterministic=True))


def distortion_of(camera: Camera) -> tuple[str, list[float]]:
    """Name that foxglove.CameraCalibration has for the lens, and its coefficients."""
    lens = camera.optics
    if isinstance(lens, KannalaBrandt):
        return "kannala_brandt", list(lens.coefficients)
    if isinstance(lens, BrownConrady):
        found = list(lens.coefficients)
        return "plumb_bob" if len(found) == 5 else "rational_polynomial", found
    return "plumb_bob", [0.0] * 5


def encode_sweep(sweep: Sweep, frame_id: str, time_ns: int) -> bytes:
    """foxglove.PointCloud in the sensor's frame, `schema.point_dtype`."""
    extras = [name for name in POINT_EXTRAS if getattr(sweep, name) is not None]
    rows = np.zeros(len(sweep), point_dtype(extras))
    for axis, name in enumerate("xyz"):
        rows[name] = sweep.points_m[:, axis]
    for name in ("intensity", "object_id", "ring", "tag", *extras):
        rows[name] = getattr(sweep, name)
    if sweep.clutter is not None:
        rows["clutter"] = sweep.clutter
    return _encode_rows(rows, frame_id, time_ns)


def decode_sweep(data: bytes | memoryview) -> Sweep:
    """The inverse of `encode_sweep`; fields that this version does not know are skipped."""
    rows = _decode_rows(data)
    names = rows.dtype.names or ()
    clutter = rows["clutter"].copy() if "clutter" in names and rows["clutter"].any() else None
    return Sweep(
        points_m=np.stack([rows["x"], rows["y"], rows["z"]], axis=1),
        intensity=rows["intensity"].copy(),
        ring=rows["ring"].copy(),
        object_id=rows["object_id"].copy(),
        tag=rows["tag"].copy(),
        clutter=clutter,
        **{name: rows[name].copy() for name in POINT_EXTRAS if name in names},
    )


def encode_radar(scan: RadarScan, frame_id: str, time_ns: int) -> bytes:
    """foxglove.PointCloud in the sensor's frame, `schema.DETECTION_DTYPE`."""
    rows = np.zeros(len(scan), DETECTION_DTYPE)
    for axis, name in enumerate("xyz"):
        rows[name] = scan.points_m[:, axis]
    for name in _RADAR_COLUMNS:
        rows[name] = getattr(scan, name)
    return _encode_rows(rows, frame_id, time_ns)


def decode_radar(data: bytes | memoryview) -> RadarScan:
    """The inverse of `encode_radar`; fields that this version does not know are skipped."""
    rows = _decode_rows(data)
    return RadarScan(**{name: rows[name].copy() for name in _RADAR_COLUMNS})


def _encode_rows(rows: Any, frame_id: str, time_ns: int) -> bytes:
    message = PointCloud(frame_id=frame_id, point_stride=rows.dtype.itemsize, data=rows.tobytes())
    for name, (kind, offset, *_) in (rows.dtype.fields or {}).items():
        message.fields.add(name=name, offset=offset, type=_PACKED_TYPE[kind])
    message.pose.orientation.w = 1.0
    _set_time(message.timestamp, time_ns)
    return bytes(message.SerializeToString(deterministic=True))


def _decode_rows(data: bytes | memoryview) -> Any:
    message = PointCloud.FromString(bytes(data))
    numpy_of = {v: k for k, v in _PACKED_TYPE.items()}
    known = [f for f in message.fields if f.type in numpy_of]
    dtype = np.dtype(
        {
            "names": [f.name for f in known],
            "formats": [numpy_of[f.type] for f in known],
            "offsets": [f.offset for f in known],
            "itemsize": message.point_stride,
        }
    )
    return np.frombuffer(message.data, dtype)


def encode_fix(fix: GnssFix, frame_id: str, time_ns: int) -> bytes:
    """foxglove.LocationFix."""
    message = LocationFix(
        frame_id=frame_id,
        latitude=fix.latitude_deg,
        longitude=fix.longitude_deg,
        altitude=fix.altitude_m,
    )
    _set_time(message.timestamp, time_ns)
    return bytes(message.SerializeToString(deterministic=True))


def decode_fix(data: bytes | memoryview) -> GnssFix:
    """The inverse of `encode_fix`."""
    message = LocationFix.FromString(bytes(data))
    return GnssFix(
        latitude_deg=message.latitude, longitude_deg=message.longitude, altitude_m=message.altitude
    )


def encode_imu(reading: ImuReading) -> bytes:
    """JSON."""
    return to_json(
        {
            "acceleration_mps2": reading.acceleration_mps2.tolist(),
            "angular_velocity_radps": reading.angular_velocity_radps.tolist(),
            "compass_rad": float(reading.compass_rad),
        }
    )


def decode_imu(data: bytes | memoryview) -> ImuReading:
    """The inverse of `encode_imu`."""
    plain = json.loads(bytes(data))
    return ImuReading(
        acceleration_mps2=np.array(plain["acceleration_mps2"], dtype=np.float64),
        angular_velocity_radps=np.array(plain["angular_velocity_radps"], dtype=np.float64),
        compass_rad=float(plain["compass_rad"]),
    )
