"""What is in a capture: topics, schemas, frames of reference, and the content hash.

A capture is an MCAP file. Its metadata records carry the plan (`drivegen.plan`), the rigs by agent
(`drivegen.rigs`), versions (`drivegen.provenance`), the schema's version and, where there are several, the
agents in their order (`drivegen.capture`) and, at the end, the content hash (`drivegen.summary`); the road is
attached as `map.xodr`. Log times are simulation time in nanoseconds.

Topics (A an agent, C a channel of its rig; sensors run by their own periods and phases):

| topic | message | |
| --- | --- | --- |
| /frame | JSON | commits a frame: written after all its other messages |
| /objects, /signals | JSON | labels of the moment, world frame |
| /tf | foxglove.FrameTransforms | map -> A -> A/C; cameras by their optical frame |
| /A/pose | foxglove.PoseInFrame | |
| /A/motion | JSON | |
| /A/C/calibration | foxglove.CameraCalibration | once; `distortion_model` and `D` tell the lens |
| /A/C/image | foxglove.CompressedImage | JPEG |
| /A/C/depth | foxglove.CompressedImage | 16-bit PNG, 1/256 m, 0 = nothing hit or too far; see below |
| /A/C/semantic | foxglove.CompressedImage | 8-bit PNG, `core.tags.Tag` |
| /A/C/instance | foxglove.CompressedImage | 16-bit PNG, low 16 bits of the object id |
| /A/C/soiling | foxglove.CompressedImage | once, of cameras with soiling: 8-bit PNG, 0 clean .. 255 opaque |
| /A/C/points | foxglove.PointCloud | `POINT_DTYPE`, sensor frame |
| /A/C/detections | foxglove.PointCloud | `DETECTION_DTYPE`, sensor frame |
| /A/C/fix | foxglove.LocationFix | |
| /A/C/imu | JSON | |

Of scenes with more agents than the ego, or with agents that err or talk, also:

| topic | message | |
| --- | --- | --- |
| /A/body | JSON | the object that carries A; of the ego its label too, as the other agents see it |
| /A/belief | JSON | A's clock, and where it believes to be |
| /A/detections | JSON | what A's perception made of the frame, world frame as A believes it |
| /v2x/messages | JSON | messages made since the frame before, with what became of them |
| /cloud/picture | JSON | what the cloud holds |

Keys of sensors in labels are C for the ego and A/C for others. /tf holds the truth of all agents. The
metadata record `drivegen.believed` has, by agent, the mounts that its calibration has wrong: JSON of poses
(agent from sensor) by channel; all others are believed as the rigs have them.

Depth is along the optical axis, but of fisheyes (`kannala_brandt`) it is the distance from the camera, along
the ray of the pixel. The metadata record `drivegen.depth` says which by A/C: `axis` or `ray`.

Readers skip topics that they do not know, so later kinds of data come as new topics with the major version
unchanged: other appearances of an image as /A/C/looks/NAME. Schema 1.1 brought agents beside the ego, 1.2
joints of people.

Payloads that are compressed already (images) or do not compress (points) stand in uncompressed chunks,
label text in zstd chunks. Chunks end between frames.

Content hash: SHA-256 over the plan's canonical JSON and then, topic by topic in the order of their names,
over the topic and the SHA-256 of its (log time, length, payload) sequence. It does not depend on chunking,
on provenance, or on a clock.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from foxglove_schemas_protobuf import (
    CameraCalibration_pb2,
    CompressedImage_pb2,
    FrameTransforms_pb2,
    LocationFix_pb2,
    PointCloud_pb2,
    PoseInFrame_pb2,
)
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

SCHEMA_VERSION = (1, 2)
"""A reader takes every file of its own major version."""
PROFILE = "drivegen"
MAP_ATTACHMENT = "map.xodr"

FRAME_TOPIC = "/frame"
OBJECTS_TOPIC = "/objects"
SIGNALS_TOPIC = "/signals"
TF_TOPIC = "/tf"
MESSAGES_TOPIC = "/v2x/messages"
CLOUD_TOPIC = "/cloud/picture"

DEPTH_STEPS_PER_M = 256.0

POINT_DTYPE = np.dtype(
    {
        "names": ["x", "y", "z", "intensity", "object_id", "ring", "tag", "clutter"],
        "formats": ["<f4", "<f4", "<f4", "<f4", "<u4", "<u2", "u1", "u1"],
        "itemsize": 24,
    }
)
"""One return of a LiDAR; those of `POINT_EXTRAS` that the sensor gives follow in that order."""
POINT_EXTRAS = {"cos_incidence": "<f4", "time_offset_s": "<f4", "return_index": "u1"}

DETECTION_DTYPE = np.dtype(
    [
        *((n, "<f4") for n in ("x", "y", "z", "range_m", "azimuth_rad", "elevation_rad")),
        *((n, "<f4") for n in ("velocity_mps", "compensated_mps", "rcs_dbsm", "snr_db")),
        ("object_id", "<u4"),
        ("echo", "u1"),
        ("ambiguity", "i1"),
    ]
)
"""One detection of a radar, `drivegen.capture.frame.RadarScan`; x, y, z are for viewers."""


def point_dtype(extras: Iterable[str]) -> np.dtype[Any]:
    """`POINT_DTYPE` with some of `POINT_EXTRAS`."""
    fields = {name: kind[:2] for name, kind in (POINT_DTYPE.fields or {}).items()}
    end = POINT_DTYPE.itemsize
    for name in extras:
        fields[name] = (np.dtype(POINT_EXTRAS[name]), end)
        end += fields[name][0].itemsize
    return np.dtype(
        {
            "names": list(fields),
            "formats": [kind for kind, _ in fields.values()],
            "offsets": [offset for _, offset in fields.values()],
            "itemsize": end,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A message type as MCAP wants it described."""

    name: str
    encoding: str
    """Of the schema: protobuf or jsonschema."""
    message_encoding: str
    data: bytes


def protobuf_schema(message: Any) -> Schema:
    """How MCAP is told of a protobuf message: its file and all that it imports."""
    files: dict[str, FileDescriptor] = {}

    def visit(file: FileDescriptor) -> None:
        if file.name not in files:
            for dependency in file.dependencies:
                visit(dependency)
            files[file.name] = file

    visit(message.DESCRIPTOR.file)
    described = FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(described.file.add())
    return Schema(
        name=message.DESCRIPTOR.full_name,
        encoding="protobuf",
        message_encoding="protobuf",
        data=described.SerializeToString(deterministic=True),
    )


def _json(name: str, properties: dict[str, Any]) -> Schema:
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
    }
    return Schema(
        name=name,
        encoding="jsonschema",
        message_encoding="json",
        data=json.dumps(described, sort_keys=True).encode(),
    )


_NUMBER = {"type": "number"}
_INTEGER = {"type": "integer"}
_STRING = {"type": "string"}
_VEC3 = {"type": "array", "items": _NUMBER, "minItems": 3, "maxItems": 3}
_QUAT = {"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4}
_PIXEL_BOX = {**_QUAT, "description": "left, top, right, bottom in pixels"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


_CAMERA_LABEL = _object(
    {
        "visible_fraction": _NUMBER,
        "visible_pixels": _INTEGER,
        "truncation": _NUMBER,
        "visible_box_px": {"anyOf": [_PIXEL_BOX, {"type": "null"}]},
        "full_box_px": _PIXEL_BOX,
    }
)
_OBJECT_LABEL = _object(
    {
        "track_id": _INTEGER,
        "class": _STRING,
        "blueprint": _STRING,
        "rider": {"type": "boolean"},
        "center_m": _VEC3,
        "orientation_wxyz": _QUAT,
        "size_m": {**_VEC3, "description": "length, width, height"},
        "velocity_mps": _VEC3,
        "acceleration_mps2": _VEC3,
        "yaw_rate_radps": _NUMBER,
        "cameras": {"type": "object", "additionalProperties": _CAMERA_LABEL},
        "lidar_points": {"type": "object", "additionalProperties": _INTEGER},
        "radar_points": {"type": "object", "additionalProperties": _INTEGER},
    }
)
_OBJECT_LABEL["properties"]["joints_m"] = {
    "type": "array",
    "description": "of people: drivegen.core.joints; null where a joint is not known",
    "items": {"anyOf": [_VEC3, {"type": "null"}]},
    "minItems": 17,
    "maxItems": 17,
}

FRAME = _json(
    "drivegen.Frame",
    {
        "index": _INTEGER,
        "time_ns": _INTEGER,
        "keyframe": {"type": "boolean"},
        "agents": {
            "type": "object",
            "description": "channels that delivered, by agent",
            "additionalProperties": {"type": "array", "items": _STRING},
        },
    },
)
OBJECTS = _json("drivegen.Objects", {"objects": {"type": "array", "items": _OBJECT_LABEL}})
SIGNALS = _json("drivegen.Signals", {"signals": {"type": "object", "additionalProperties": _STRING}})
MOTION = _json(
    "drivegen.Motion",
    {"velocity_mps": _VEC3, "acceleration_mps2": _VEC3, "angular_velocity_radps": _VEC3},
)
IMU = _json(
    "drivegen.Imu",
    {"acceleration_mps2": _VEC3, "angular_velocity_radps": _VEC3, "compass_rad": _NUMBER},
)
_NULL = {"type": "null"}
_BOX = {"center_m": _VEC3, "orientation_wxyz": _QUAT, "size_m": _VEC3}
BODY = _json("drivegen.Body", {"track_id": _INTEGER, "label": {"anyOf": [_OBJECT_LABEL, _NULL]}})
BELIEF = _json(
    "drivegen.Belief",
    {
        "stamp_ns": {**_INTEGER, "description": "by the agent's clock"},
        "channel_stamps_ns": {"type": "object", "additionalProperties": _INTEGER},
        "position_m": _VEC3,
        "orientation_wxyz": _QUAT,
        "position_sigma_m": _NUMBER,
    },
)
_DETECTION = _object(
    {
        "detection_id": _INTEGER,
        "track_id": {**_INTEGER, "description": "truth; 0 for a false alarm"},
        "class": _STRING,
        **_BOX,
        "velocity_mps": _VEC3,
        "score": _NUMBER,
        "stamp_ns": {**_INTEGER, "description": "by the agent's clock"},
    }
)
DETECTIONS = _json("drivegen.Detections", {"detections": {"type": "array", "items": _DETECTION}})
_RECEPTION = _object(
    {
        "receiver": _STRING,
        "time_ns": {"anyOf": [_INTEGER, _NULL]},
        "cause": {**_STRING, "description": "why it was lost; empty if it came"},
        "path": _STRING,
    }
)
_MESSAGE = _object(
    {
        "sender": _STRING,
        "number": _INTEGER,
        "kind": _STRING,
        "made_ns": _INTEGER,
        "sent_ns": _INTEGER,
        "payload": {**_STRING, "description": "UPER, as hex"},
        "decoded": {"type": "object"},
        "receptions": {"type": "array", "items": _RECEPTION},
    }
)
MESSAGES = _json("drivegen.Messages", {"messages": {"type": "array", "items": _MESSAGE}})
_CLOUD_OBJECT = _object(
    {
        "cloud_id": _INTEGER,
        "track_id": {**_INTEGER, "description": "truth; 0 for a false alarm"},
        "class": _STRING,
        **_BOX,
        "velocity_mps": _VEC3,
        "sources": {"type": "array", "items": _STRING},
        "age_ns": _INTEGER,
    }
)
_LANE = _object(
    {
        "road_id": _INTEGER,
        "lane_id": _INTEGER,
        "flow_per_h": _NUMBER,
        "speed_mps": {"anyOf": [_NUMBER, _NULL]},
        "vehicles": _INTEGER,
        "queue_m": _NUMBER,
    }
)
CLOUD = _json(
    "drivegen.CloudPicture",
    {
        "time_ns": _INTEGER,
        "objects": {"type": "array", "items": _CLOUD_OBJECT},
        "signals": {"type": "object", "additionalProperties": _STRING},
        "lanes": {"type": "array", "items": _LANE},
    },
)
_VOTE = _object(
    {
        "judge": _STRING,
        "verdict": _STRING,
        "weight": _NUMBER,
        "evidence": {"type": "object", "additionalProperties": _NUMBER},
        "shift_px": {"anyOf": [{"type": "array", "items": _NUMBER}, _NULL]},
    }
)
_OBJECT_VERDICT = _object(
    {
        "verdict": _STRING,
        "track_id": {"anyOf": [_INTEGER, _NULL]},
        "class": _STRING,
        "box_px": _PIXEL_BOX,
        "pixels": _INTEGER,
        "action": _STRING,
        "shift_px": {"anyOf": [{"type": "array", "items": _NUMBER}, _NULL]},
        "votes": {"type": "array", "items": _VOTE},
    }
)
VERDICTS = _json(
    "drivegen.Verdicts",
    {
        "agent": _STRING,
        "channel": _STRING,
        "time_ns": _INTEGER,
        "frame": _INTEGER,
        "objects": {"type": "array", "items": _OBJECT_VERDICT},
    },
)
"""In files of looks (`drivegen.capture.look_file`)."""
IMAGE = protobuf_schema(CompressedImage_pb2.CompressedImage)
POINTS = protobuf_schema(PointCloud_pb2.PointCloud)
CALIBRATION = protobuf_schema(CameraCalibration_pb2.CameraCalibration)
TRANSFORMS = protobuf_schema(FrameTransforms_pb2.FrameTransforms)
POSE = protobuf_schema(PoseInFrame_pb2.PoseInFrame)
FIX = protobuf_schema(LocationFix_pb2.LocationFix)


def agent_topic(agent: str, kind: str) -> str:
    """Topic of an agent's own data: pose, motion, body, belief or detections."""
    return f"/{agent}/{kind}"


def sensor_topic(agent: str, channel: str, kind: str) -> str:
    """Topic of a sensor: image, depth, semantic, instance, calibration, points, detections, fix or imu."""
    return f"/{agent}/{channel}/{kind}"


class ContentHash:
    """Takes in messages and gives the content hash that the module's text defines."""

    def __init__(self) -> None:
        self._topics: dict[str, Any] = {}

    def add(self, topic: str, log_time_ns: int, payload: bytes | memoryview) -> None:
        """Takes in one message; of one topic in the order of the file."""
        digest = self._topics.get(topic)
        if digest is None:
            digest = self._topics[topic] = hashlib.sha256()
        digest.update(struct.pack("<QQ", log_time_ns, len(payload)))
        digest.update(payload)

    def hexdigest(self, plan_json: str) -> str:
        """The hash of all messages so far and the plan's canonical JSON."""
        total = hashlib.sha256(plan_json.encode())
        for topic in sorted(self._topics):
            name = topic.encode()
            total.update(struct.pack("<Q", len(name)) + name + self._topics[topic].digest())
        return total.hexdigest()
