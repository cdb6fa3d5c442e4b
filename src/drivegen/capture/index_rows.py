"""What the index of a run holds: its tables, and their rows of one capture.

| table | a row for each | |
| --- | --- | --- |
| scenes | scene | |
| frames | frame | of the ego, and what all sensors delivered |
| agents | agent and frame | where it is, what it delivered, how far its clock and belief are off |
| objects | object and frame | as the ego and its sensors have it |
| sightings | object, agent and frame | only where the agent's sensors or its detector have something of it |

The ego's body is no row of `objects`; to other agents it is one of `sightings`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from drivegen.capture.frame import EGO
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.cooperation import Exchange
from drivegen.core.labels import ObjectLabel
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Lidar, Radar

_F8 = pa.float64()
_F4 = pa.float32()
SCENES = pa.schema(
    [
        ("scene", pa.string()),
        ("capture", pa.string()),
        ("content_sha256", pa.string()),
        ("plan_sha256", pa.string()),
        ("map", pa.string()),
        ("weather", pa.string()),
        ("hour", _F8),
        ("cloudiness", _F8),
        ("precipitation", _F8),
        ("fog_density", _F8),
        ("wetness", _F8),
        ("sun_altitude_deg", _F8),
        ("duration_s", _F8),
        ("frames", pa.int32()),
        ("keyframes", pa.int32()),
        ("tracks", pa.int32()),
    ]
)
FRAMES = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("objects", pa.int32()),
        ("lidar_points", pa.int64()),
        ("radar_points", pa.int64()),
        ("ego_x_m", _F8),
        ("ego_y_m", _F8),
        ("ego_z_m", _F8),
        ("ego_yaw_rad", _F8),
        ("ego_speed_mps", _F8),
        ("delivered", pa.list_(pa.string())),
        ("signals", pa.map_(pa.string(), pa.string())),
    ]
)
CAMERA = pa.struct(
    [
        ("camera", pa.string()),
        ("visible_fraction", _F4),
        ("visible_pixels", pa.int32()),
        ("truncation", _F4),
    ]
)
OBJECTS = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("track_id", pa.int64()),
        ("class", pa.string()),
        ("blueprint", pa.string()),
        ("rider", pa.bool_()),
        ("x_m", _F8),
        ("y_m", _F8),
        ("z_m", _F8),
        ("yaw_rad", _F8),
        ("length_m", _F8),
        ("width_m", _F8),
        ("height_m", _F8),
        ("speed_mps", _F8),
        ("distance_m", _F8),
        ("ego_x_m", _F8),
        ("ego_y_m", _F8),
        ("lidar_points", pa.int32()),
        ("radar_points", pa.int32()),
        ("visible_fraction", _F4),
        ("cameras", pa.list_(CAMERA)),
    ]
)
"""`distance_m` is from the ego's origin to the box's centre; `ego_x_m`, `ego_y_m` are the centre in the ego's
frame; `visible_fraction` is the greatest over the ego's cameras, null where none delivered. Points and
cameras are the ego's."""
AGENTS = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("agent", pa.string()),
        ("kind", pa.string()),
        ("track_id", pa.int64()),
        ("x_m", _F8),
        ("y_m", _F8),
        ("z_m", _F8),
        ("yaw_rad", _F8),
        ("speed_mps", _F8),
        ("delivered", pa.list_(pa.string())),
        ("lidar_points", pa.int64()),
        ("radar_points", pa.int64()),
        ("clock_error_ns", pa.int64()),
        ("position_error_m", _F8),
        ("detections", pa.int32()),
        ("false_alarms", pa.int32()),
        ("messages_sent", pa.int32()),
        ("messages_lost", pa.int32()),
    ]
)
"""`kind` is ego, vehicle or roadside; `track_id` is that of what carries the agent, where others see it;
`delivered` are channels. `clock_error_ns` is the agent's clock less simulation time, `position_error_m` how
far away it believes to be; null where everybody knows the truth. `messages_lost` are those of others that it
should have had."""
SIGHTINGS = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("track_id", pa.int64()),
        ("class", pa.string()),
        ("agent", pa.string()),
        ("distance_m", _F8),
        ("lidar_points", pa.int32()),
        ("radar_points", pa.int32()),
        ("visible_fraction", _F4),
        ("cameras", pa.list_(CAMERA)),
        ("detected", pa.bool_()),
    ]
)
"""`distance_m` is from the agent's origin to the box's centre; `lidar_points`, `radar_points` and
`visible_fraction` (the greatest over its cameras) are null where no sensor of the kind delivered; `detected`
tells whether its detector found the object, null where it did not look in this frame."""
SCHEMAS = {
    "scenes": SCENES,
    "frames": FRAMES,
    "agents": AGENTS,
    "objects": OBJECTS,
    "sightings": SIGHTINGS,
}

Row = dict[str, Any]


def rows_of(reader: CaptureReader, path: CapturePlace) -> dict[str, list[Row]]:
    """All rows of a capture by table."""
    out: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    kinds = _kinds(reader.plan)
    for frame in reader.frames():
        exchange = frame.exchange
        for name, agent in frame.agents.items():
            out["agents"].append(_agent_row(reader.scene, frame, agent, kinds[name], exchange))
            out["sightings"] += _sighting_rows(reader.scene, frame, agent, exchange)
        ego = out["agents"][-len(frame.agents)]
        out["frames"].append(_frame_row(reader.scene, frame, ego))
        out["objects"] += (_object_row(reader.scene, frame, label) for label in frame.objects)
    out["scenes"] = [_scene_row(reader, path, out["frames"], out["objects"])]
    return out


def _kinds(plan: ScenePlan) -> dict[str, str]:
    return {
        EGO: "ego",
        **{agent.name: "vehicle" for agent in plan.connected},
        **{agent.name: "roadside" for agent in plan.roadside},
    }


def _scene_row(reader: CaptureReader, path: CapturePlace, frames: list[Row], objects: list[Row]) -> Row:
    plan = reader.plan
    weather = plan.weather.parameters
    return {
        "scene": reader.scene,
        "capture": path.name,
        "content_sha256": reader.content_sha256,
        "plan_sha256": plan.sha256,
        "map": plan.map.name,
        "weather": plan.weather.preset,
        "hour": plan.weather.hour,
        "cloudiness": weather.cloudiness,
        "precipitation": weather.precipitation,
        "fog_density": weather.fog_density,
        "wetness": weather.wetness,
        "sun_altitude_deg": weather.sun_altitude_deg,
        "duration_s": (frames[-1]["time_ns"] - frames[0]["time_ns"]) / 1e9 if frames else 0.0,
        "frames": len(frames),
        "keyframes": sum(f["keyframe"] for f in frames),
        "tracks": len({o["track_id"] for o in objects}),
    }


def _frame_row(scene: str, frame: CapturedFrame, ego: Row) -> Row:
    return {
        "scene": scene,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "objects": len(frame.objects),
        "lidar_points": ego["lidar_points"],
        "radar_points": ego["radar_points"],
        "ego_x_m": ego["x_m"],
        "ego_y_m": ego["y_m"],
        "ego_z_m": ego["z_m"],
        "ego_yaw_rad": ego["yaw_rad"],
        "ego_speed_mps": ego["speed_mps"],
        "delivered": [f"{a.name}/{c}" for a in frame.agents.values() for c in a.delivered],
        "signals": sorted(frame.signals.items()),
    }


def _agent_row(
    scene: str, frame: CapturedFrame, agent: CapturedAgent, kind: str, exchange: Exchange | None
) -> Row:
    x, y, z = (float(v) for v in agent.map_agent.position_m)
    belief = agent.belief
    away = None if belief is None else belief.map_agent.position_m - agent.map_agent.position_m
    talk = {} if exchange is None else _talk(exchange, agent.name)
    return {
        "scene": scene,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "agent": agent.name,
        "kind": kind,
        "track_id": agent.track_id,
        "x_m": x,
        "y_m": y,
        "z_m": z,
        "yaw_rad": agent.map_agent.yaw_rad,
        "speed_mps": float(np.linalg.norm(agent.velocity_mps)),
        "delivered": list(agent.delivered),
        "lidar_points": sum(len(agent.sweep(c)) for c in agent.delivered_by(Lidar)),
        "radar_points": sum(len(agent.radar(c)) for c in agent.delivered_by(Radar)),
        "clock_error_ns": None if belief is None else belief.stamp_ns - frame.time_ns,
        "position_error_m": None if away is None else float(np.linalg.norm(away)),
        **talk,
    }


def _talk(exchange: Exchange, agent: str) -> Row:
    detections = exchange.detections.get(agent)
    to_it = [r for m in exchange.messages for r in m.receptions if r.receiver == agent]
    return {
        "detections": None if detections is None else len(detections),
        "false_alarms": None if detections is None else sum(d.track_id == 0 for d in detections),
        "messages_sent": sum(m.sender == agent for m in exchange.messages),
        "messages_lost": sum(r.time_ns is None for r in to_it),
    }


def _sighting_rows(
    scene: str, frame: CapturedFrame, agent: CapturedAgent, exchange: Exchange | None
) -> list[Row]:
    looked = None if exchange is None else exchange.detections.get(agent.name)
    found = None if looked is None else {d.track_id for d in looked}
    rows = []
    for everybodys in frame.around(agent.name):
        label = everybodys.seen_by(agent.name)
        visible = any(c.visible_pixels for c in label.cameras.values())
        points = sum(label.lidar_points.values()) + sum(label.radar_points.values())
        detected = None if found is None else label.track_id in found
        if not (visible or points or detected):
            continue
        offset = label.box.pose.position_m - agent.map_agent.position_m
        rows.append(
            {
                "scene": scene,
                "frame": frame.index,
                "time_ns": frame.time_ns,
                "keyframe": frame.keyframe,
                "track_id": label.track_id,
                "class": label.object_class.value,
                "agent": agent.name,
                "distance_m": float(np.linalg.norm(offset)),
                **_evidence(label, agent),
                "detected": detected,
            }
        )
    return rows


def _evidence(label: ObjectLabel, agent: CapturedAgent) -> Row:
    """What an agent's sensors have of an object; `label` holds the keys of that agent alone."""
    fractions = [c.visible_fraction for c in label.cameras.values()]
    return {
        "lidar_points": sum(label.lidar_points.values()) if label.lidar_points else None,
        "radar_points": sum(label.radar_points.values()) if label.radar_points else None,
        "visible_fraction": max(fractions, default=0.0) if agent.delivered_by(Camera) else None,
        "cameras": [
            {
                "camera": name,
                "visible_fraction": c.visible_fraction,
                "visible_pixels": c.visible_pixels,
                "truncation": c.truncation,
            }
            for name, c in sorted(label.cameras.items())
        ],
    }


def _object_row(scene: str, frame: CapturedFrame, label: ObjectLabel) -> Row:
    ego = frame.agents[EGO]
    map_ego = ego.map_agent
    x, y, z = (float(v) for v in label.box.pose.position_m)
    length, width, height = (float(v) for v in label.box.size_m)
    offset = label.box.pose.position_m - map_ego.position_m
    in_ego = offset @ map_ego.rotation
    return {
        "scene": scene,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "track_id": label.track_id,
        "class": label.object_class.value,
        "blueprint": label.blueprint,
        "rider": label.rider,
        "x_m": x,
        "y_m": y,
        "z_m": z,
        "yaw_rad": label.box.pose.yaw_rad,
        "length_m": length,
        "width_m": width,
        "height_m": height,
        "speed_mps": float(np.linalg.norm(label.velocity_mps)),
        "distance_m": float(np.linalg.norm(offset)),
        "ego_x_m": float(in_ego[0]),
        "ego_y_m": float(in_ego[1]),
        **_evidence(label.seen_by(EGO), ego),
    }
