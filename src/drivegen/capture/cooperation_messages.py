"""Payloads of cooperation: bodies, beliefs, detections, messages and the cloud's picture as JSON and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from drivegen.capture.frame import AgentFrame
from drivegen.capture.messages import object_from_plain, object_to_plain, to_json
from drivegen.core.actors import ObjectClass
from drivegen.core.cooperation import (
    Belief,
    CloudObject,
    CloudPicture,
    Detection,
    LaneState,
    MessageKind,
    Reception,
    SentMessage,
)
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel


def encode_body(agent: AgentFrame) -> bytes:
    """JSON of what carries an agent."""
    label = None if agent.body is None else object_to_plain(agent.body)
    return to_json({"track_id": agent.track_id, "label": label})


def decode_body(data: bytes) -> tuple[int, ObjectLabel | None]:
    """The inverse of `encode_body`: track id and label."""
    plain = json.loads(data)
    label = plain["label"]
    return plain["track_id"], None if label is None else object_from_plain(label)


def encode_belief(belief: Belief) -> bytes:
    """JSON."""
    return to_json(
        {
            "stamp_ns": int(belief.stamp_ns),
            "channel_stamps_ns": {k: int(v) for k, v in sorted(belief.channel_stamps_ns.items())},
            **_pose_to_plain(belief.map_agent),
            "position_sigma_m": float(belief.position_sigma_m),
        }
    )


def decode_belief(data: bytes) -> Belief:
    """The inverse of `encode_belief`."""
    plain = json.loads(data)
    return Belief(
        stamp_ns=plain["stamp_ns"],
        channel_stamps_ns=plain["channel_stamps_ns"],
        map_agent=_pose_from_plain(plain),
        position_sigma_m=plain["position_sigma_m"],
    )


def encode_detections(detections: tuple[Detection, ...]) -> bytes:
    """JSON of one agent's detections."""
    return to_json({"detections": [_detection_to_plain(d) for d in detections]})


def decode_detections(data: bytes) -> tuple[Detection, ...]:
    """The inverse of `encode_detections`."""
    return tuple(
        Detection(
            detection_id=d["detection_id"],
            track_id=d["track_id"],
            object_class=ObjectClass(d["class"]),
            box=_box_from_plain(d),
            velocity_mps=np.array(d["velocity_mps"], dtype=np.float64),
            score=d["score"],
            stamp_ns=d["stamp_ns"],
        )
        for d in json.loads(data)["detections"]
    )


def encode_sent(messages: tuple[SentMessage, ...]) -> bytes:
    """JSON of messages and what became of them; payloads as hex."""
    return to_json({"messages": [_sent_to_plain(m) for m in messages]})


def decode_sent(data: bytes) -> tuple[SentMessage, ...]:
    """The inverse of `encode_sent`."""
    return tuple(
        SentMessage(
            sender=m["sender"],
            number=m["number"],
            kind=MessageKind(m["kind"]),
            made_ns=m["made_ns"],
            sent_ns=m["sent_ns"],
            payload=bytes.fromhex(m["payload"]),
            decoded=m["decoded"],
            receptions=tuple(Reception(**r) for r in m["receptions"]),
        )
        for m in json.loads(data)["messages"]
    )


def encode_cloud(picture: CloudPicture) -> bytes:
    """JSON of what the cloud holds."""
    return to_json(cloud_to_plain(picture))


def cloud_to_plain(picture: CloudPicture) -> dict[str, Any]:
    """What the cloud holds as JSON data."""
    return {
        "time_ns": int(picture.time_ns),
        "objects": [_cloud_object_to_plain(o) for o in picture.objects],
        "signals": dict(sorted(picture.signals.items())),
        "lanes": [
            {
                "road_id": int(lane.road_id),
                "lane_id": int(lane.lane_id),
                "flow_per_h": float(lane.flow_per_h),
                "speed_mps": None if lane.speed_mps is None else float(lane.speed_mps),
                "vehicles": int(lane.vehicles),
                "queue_m": float(lane.queue_m),
            }
            for lane in picture.lanes
        ],
    }


def decode_cloud(data: bytes) -> CloudPicture:
    """The inverse of `encode_cloud`."""
    plain = json.loads(data)
    return CloudPicture(
        time_ns=plain["time_ns"],
        objects=tuple(
            CloudObject(
                cloud_id=o["cloud_id"],
                track_id=o["track_id"],
                object_class=ObjectClass(o["class"]),
                box=_box_from_plain(o),
                velocity_mps=np.array(o["velocity_mps"], dtype=np.float64),
                sources=tuple(o["sources"]),
                age_ns=o["age_ns"],
            )
            for o in plain["objects"]
        ),
        signals=plain["signals"],
        lanes=tuple(LaneState(**lane) for lane in plain["lanes"]),
    )


def _pose_to_plain(pose: Pose) -> dict[str, Any]:
    return {"position_m": pose.position_m.tolist(), "orientation_wxyz": pose.orientation_wxyz.tolist()}


def _pose_from_plain(plain: dict[str, Any]) -> Pose:
    return Pose(
        position_m=np.array(plain["position_m"], dtype=np.float64),
        orientation_wxyz=np.array(plain["orientation_wxyz"], dtype=np.float64),
    )


def _box_to_plain(box: Box) -> dict[str, Any]:
    return {
        "center_m": box.pose.position_m.tolist(),
        "orientation_wxyz": box.pose.orientation_wxyz.tolist(),
        "size_m": box.size_m.tolist(),
    }


def _box_from_plain(plain: dict[str, Any]) -> Box:
    return Box(
        pose=_pose_from_plain({**plain, "position_m": plain["center_m"]}),
        size_m=np.array(plain["size_m"], dtype=np.float64),
    )


def _detection_to_plain(detection: Detection) -> dict[str, Any]:
    return {
        "detection_id": int(detection.detection_id),
        "track_id": int(detection.track_id),
        "class": detection.object_class.value,
        **_box_to_plain(detection.box),
        "velocity_mps": detection.velocity_mps.tolist(),
        "score": float(detection.score),
        "stamp_ns": int(detection.stamp_ns),
    }


def _sent_to_plain(message: SentMessage) -> dict[str, Any]:
    return {
        "sender": message.sender,
        "number": int(message.number),
        "kind": message.kind.value,
        "made_ns": int(message.made_ns),
        "sent_ns": int(message.sent_ns),
        "payload": message.payload.hex(),
        "decoded": message.decoded,
        "receptions": [
            {
                "receiver": r.receiver,
                "time_ns": None if r.time_ns is None else int(r.time_ns),
                "cause": r.cause,
                "path": r.path,
            }
            for r in message.receptions
        ],
    }


def _cloud_object_to_plain(found: CloudObject) -> dict[str, Any]:
    return {
        "cloud_id": int(found.cloud_id),
        "track_id": int(found.track_id),
        "class": found.object_class.value,
        **_box_to_plain(found.box),
        "velocity_mps": found.velocity_mps.tolist(),
        "sources": list(found.sources),
        "age_ns": int(found.age_ns),
    }
