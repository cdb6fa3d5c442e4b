"""The messages of a capture as rows: a Parquet table by receiver, and JSON lines with the decoded forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from drivegen.capture.cooperation_messages import cloud_to_plain
from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedFrame
from drivegen.core.cooperation import CLOUD, CloudPicture, SentMessage
from drivegen.core.plans import ScenePlan

RECEPTIONS = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("number", pa.int64()),
        ("kind", pa.string()),
        ("sender", pa.string()),
        ("sender_kind", pa.string()),
        ("made_ns", pa.int64()),
        ("sent_ns", pa.int64()),
        ("receiver", pa.string()),
        ("receiver_kind", pa.string()),
        ("received_ns", pa.int64()),
        ("cause", pa.string()),
        ("path", pa.string()),
        ("distance_m", pa.float64()),
        ("size_bytes", pa.int32()),
        ("payload", pa.binary()),
    ]
)
"""A row a message and receiver; docs/exporters.md tells the columns."""


def kinds_of(plan: ScenePlan) -> dict[str, str]:
    """ego, vehicle, roadside or cloud, by name; agents in the order of the plan's rigs."""
    out = {EGO: "ego"}
    out |= {agent.name: "vehicle" for agent in plan.connected}
    out |= {agent.name: "roadside" for agent in plan.roadside}
    if plan.v2x is not None and plan.v2x.cloud:
        out[CLOUD] = "cloud"
    return out


def reception_rows(scene: str, frame: CapturedFrame, kinds: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Rows of `RECEPTIONS` for the messages of a frame, by number and receiver."""
    if frame.exchange is None:
        return
    places = {name: agent.map_agent.position_m for name, agent in frame.agents.items()}
    for message in frame.exchange.messages:
        for reception in message.receptions:
            here, there = places[message.sender], places.get(reception.receiver)
            yield {
                "scene": scene,
                "frame": frame.index,
                "number": message.number,
                "kind": message.kind.value,
                "sender": message.sender,
                "sender_kind": kinds[message.sender],
                "made_ns": message.made_ns,
                "sent_ns": message.sent_ns,
                "receiver": reception.receiver,
                "receiver_kind": kinds[reception.receiver],
                "received_ns": reception.time_ns,
                "cause": reception.cause or None,
                "path": reception.path or None,
                "distance_m": None if there is None else float(np.linalg.norm(there - here)),
                "size_bytes": len(message.payload),
                "payload": message.payload,
            }


def decoded_line(scene: str, message: SentMessage) -> bytes:
    """One line of JSON: a message, its fields, and what became of it."""
    return _line(
        {
            "scene": scene,
            "number": message.number,
            "kind": message.kind.value,
            "sender": message.sender,
            "made_ns": message.made_ns,
            "sent_ns": message.sent_ns,
            "payload": message.payload.hex(),
            "decoded": message.decoded,
            "receptions": [
                {"receiver": r.receiver, "received_ns": r.time_ns, "cause": r.cause, "path": r.path}
                for r in message.receptions
            ],
        }
    )


def cloud_line(scene: str, frame: int, picture: CloudPicture) -> bytes:
    """One line of JSON: what the cloud held."""
    return _line({"scene": scene, "frame": frame, **cloud_to_plain(picture)})


def agent_line(scene: str, name: str, kind: str, interface: int, track_id: int | None) -> bytes:
    """One line of JSON: who an agent is."""
    return _line({"scene": scene, "agent": name, "kind": kind, "interface": interface, "track_id": track_id})


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
