"""`show_recorder_file_info`: what happens in a recording, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drivegen.embedded.playback.log import Frame, LogError, LogReader, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.reports.physics import physics_lines
from drivegen.embedded.playback.reports.text import Lines, end, head, number, triple

_LIGHTS = (
    "Position", "LowBeam", "HighBeam", "Brake", "RightBlinker", "LeftBlinker", "Reverse", "Fog", "Interior",
    "Special1", "Special2",
)  # fmt: skip
"""CARLA's VehicleLightState, bit by bit."""
_DOORS = ("Front Left", "Front Right", "Rear Left", "Rear Right", "Hood", "Trunk", "All")
_EVENTS = (PacketId.EVENT_ADD, PacketId.EVENT_DEL, PacketId.EVENT_PARENT, PacketId.COLLISION)

Describe = Callable[[Any], list[str]]


def file_info(reader: LogReader, *, show_all: bool) -> str:
    """The text.

    Args:
        reader: The recording.
        show_all: Every packet of every frame; else only frames in which something comes, goes or collides.
    """
    lines = Lines()
    for line in head(reader.header):
        lines.add(line)
    last: Frame | None = None
    damage = ""
    try:
        for frame in reader.frames(None if show_all else _EVENTS):
            _frame(lines, frame, show_all)
            last = frame
            if lines.full:
                break
    except LogError as error:
        damage = str(error)
    end(lines, reader, last, damage)
    return lines.text()


def _frame(lines: Lines, frame: Frame, show_all: bool) -> None:
    body: list[str] = []
    for packet in dict.fromkeys(kind for kind, _ in frame.packets):
        records = frame.records(packet)
        if packet in _EVENTS:
            for record in records:
                body += _EVENT_LINES[packet](record)
        elif packet in _TITLES:
            title, describe = _TITLES[packet]
            body.append(f" {title}: {len(records)}")
            for record in records:
                body += describe(record)
        elif packet is PacketId.PLATFORM_TIME:
            body += [f" Current platform time: {number(r.seconds)}" for r in records]
    if body or show_all:
        lines.add(f"Frame {frame.start.id} at {number(frame.start.elapsed_s)} seconds")
        for line in body:
            lines.add(line)


def _create(add: p.EventAdd) -> list[str]:
    first = f" Create {add.actor}: {add.blueprint} ({add.type}) at {triple(add.location_cm)}"
    return [first, *(f"  {a.id} = {a.value}" for a in add.attributes)]


def _collision(hit: p.Collision) -> list[str]:
    hero1, hero2 = (" (hero) " if hero else "" for hero in (hit.hero1, hit.hero2))
    return [f" Collision id {hit.id} between {hit.actor1}{hero1} with {hit.actor2}{hero2}"]


def _lights(record: p.VehicleLights) -> list[str]:
    on = [name for bit, name in enumerate(_LIGHTS) if record.flags >> bit & 1]
    return [f"  Id: {record.actor} {' '.join(on) or 'None'}"]


def _scene_light(record: p.SceneLight) -> list[str]:
    color = f"({number(record.red)}, {number(record.green)}, {number(record.blue)})"
    return [
        f"  Id: {record.light} enabled: {record.on} intensity: {number(record.intensity)} RGB_color: {color}"
    ]


def _box(record: p.Box) -> list[str]:
    return [f"  Id: {record.actor} origin: {triple(record.origin_cm)} extension: {triple(record.extent_cm)}"]


def _bones(record: p.WalkerBones) -> list[str]:
    rows = [
        f'     Bone: "{b.name}" relative: Loc{triple(b.location_cm)} Rot{triple(b.rotation_deg)}'
        for b in record.bones
    ]
    return [f"  Id: {record.actor}", *rows]


def _door(record: p.VehicleDoor) -> list[str]:
    name = _DOORS[record.door] if record.door < len(_DOORS) else str(record.door)
    return [f"  Id: {record.actor}", f"  Doors {'opened' if record.open else 'closed'}:  {name} "]


def _weather(record: p.WeatherChange) -> list[str]:
    values = [(name, getattr(record, name)) for name in record.__dataclass_fields__]
    return ["  " + ", ".join(f"{name}: {number(value)}" for name, value in values)]


def _position(r: p.Position) -> list[str]:
    return [f"  Id: {r.actor} Location: {triple(r.location_cm)} Rotation: {triple(r.rotation_deg)}"]


def _light_state(r: p.LightState) -> list[str]:
    return [f"  Id: {r.actor} state: {r.state} frozen: {int(r.frozen)} elapsedTime: {number(r.elapsed_s)}"]


def _vehicle(r: p.VehicleAnimation) -> list[str]:
    return [
        f"  Id: {r.actor} Steering: {number(r.steer)} Throttle: {number(r.throttle)} Brake: {number(r.brake)}"
        f" Handbrake: {int(r.hand_brake)} Gear: {r.gear}"
    ]


def _kinematics(r: p.Kinematics) -> list[str]:
    return [
        f"  Id: {r.actor} linear_velocity: {triple(r.velocity_mps)}"
        f" angular_velocity: {triple(r.angular_velocity_dps)}"
    ]


def _light_time(r: p.TrafficLightTime) -> list[str]:
    return [
        f"  Id: {r.actor} green_time: {number(r.green_s)} yellow_time: {number(r.yellow_s)}"
        f" red_time: {number(r.red_s)}"
    ]


_EVENT_LINES: dict[PacketId, Describe] = {
    PacketId.EVENT_ADD: _create,
    PacketId.EVENT_DEL: lambda r: [f" Destroy {r.actor}"],
    PacketId.EVENT_PARENT: lambda r: [f" Parenting {r.actor} with {r.parent} (parent)"],
    PacketId.COLLISION: _collision,
}
_TITLES: dict[PacketId, tuple[str, Describe]] = {
    PacketId.POSITION: ("Positions", _position),
    PacketId.STATE: ("State traffic lights", _light_state),
    PacketId.ANIM_VEHICLE: ("Vehicle animations", _vehicle),
    PacketId.ANIM_WALKER: ("Walker animations", lambda r: [f"  Id: {r.actor} speed: {number(r.speed_cmps)}"]),
    PacketId.VEHICLE_DOOR: ("Vehicle door animations", _door),
    PacketId.VEHICLE_LIGHT: ("Vehicle light animations", _lights),
    PacketId.SCENE_LIGHT: ("Scene light changes", _scene_light),
    PacketId.KINEMATICS: ("Dynamic actors", _kinematics),
    PacketId.BOUNDING_BOX: ("Actor bounding boxes", _box),
    PacketId.TRIGGER_VOLUME: ("Actor trigger volumes", _box),
    PacketId.PHYSICS_CONTROL: ("Physics Control events", physics_lines),
    PacketId.TRAFFIC_LIGHT_TIME: ("Traffic Light time events", _light_time),
    PacketId.WALKER_BONES: ("Walkers Bones", _bones),
    PacketId.WEATHER: ("Weather events", _weather),
}
