"""The sensors of a run: what each is, what was due and what came, and whether it can be as it says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.capture.completeness import nanoseconds
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.lenses import KannalaBrandt
from drivegen.core.sensors import Camera, Lidar, Radar, Rig, Sensor
from drivegen.report import charts
from drivegen.report.evidence import Pairing

_HIGHEST_M = 25.0
_FARTHEST_M = 12.0
_CAMERA_REACH_M = 60.0
"""Drawn for cameras, which have none of their own."""
_SAME_M, _SAME_RAD = 0.01, 0.01


@dataclass(slots=True, kw_only=True)
class SensorFacts:
    """One sensor of one agent."""

    agent: str
    name: str
    kind: str
    what: str
    """Size and field of view, or beams and range."""
    rate_hz: float
    mount: str
    due: int = 0
    delivered: int = 0
    believed: str = ""
    """How far its agent's calibration has its mount off; empty where it is right."""

    @property
    def whole(self) -> bool:
        """Everything came that was due."""
        return self.delivered == self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class RigView:
    """An agent's sensors from above."""

    agent: str
    svg: str
    blind_deg: float
    """Of the horizon that no camera sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """Of a run."""

    table: tuple[SensorFacts, ...]
    rigs: tuple[RigView, ...]
    scenes: int
    rigs_differ: bool
    """Scenes have different rigs; what is told of a sensor is of the first scene that has it."""
    due: int
    delivered: int
    doubts: tuple[str, ...]
    pairings: tuple[Pairing, ...]
    label_range_m: float
    """The least of the scenes: nearer to the ego all that moves is labelled."""


def look_at_sensors(captures: Sequence[CapturePlace], pairings: Sequence[Pairing]) -> Sensors:
    """Opens each capture; nothing of what sensors delivered is decoded."""
    table: dict[tuple[str, str], SensorFacts] = {}
    rigs: dict[str, Rig] = {}
    doubts: dict[str, None] = {}
    differ = False
    label_range_m = math.inf
    for place in captures:
        with CaptureReader(place) as reader:
            errors = reader.plan.agent_errors
            for agent, rig in reader.rigs.items():
                differ |= agent in rigs and [s.name for s in rigs[agent].sensors] != [
                    s.name for s in rig.sensors
                ]
                rigs.setdefault(agent, rig)
                for sensor in rig.sensors:
                    if (agent, sensor.name) not in table:
                        table[agent, sensor.name] = _facts(agent, sensor)
                for doubt in _doubts(agent, rig):
                    doubts[doubt] = None
                for channel in errors[agent].believed_mounts:
                    table[agent, channel].believed = _off(errors[agent].mount(rig, channel), rig, channel)
            label_range_m = min(label_range_m, reader.plan.label_range_m)
            _count(reader, table)
    for pairing in pairings:
        if not pairing.ok:
            doubts[
                f"{pairing.agent}/{pairing.camera} and the LiDARs of its agent are {pairing.median_m:.2f} m"
                " apart in the median: a mount, a lens or a clock is not what it says"
            ] = None
    rows = tuple(table.values())
    return Sensors(
        table=rows,
        rigs=tuple(
            _rig_view(agent, rig) for agent, rig in rigs.items() if rig.cameras or rig.lidars or rig.radars
        ),
        scenes=len(captures),
        rigs_differ=differ,
        due=sum(r.due for r in rows),
        delivered=sum(r.delivered for r in rows),
        doubts=tuple(doubts),
        pairings=tuple(sorted(pairings, key=lambda p: (p.agent, p.camera))),
        label_range_m=label_range_m,
    )


def _count(reader: CaptureReader, table: dict[tuple[str, str], SensorFacts]) -> None:
    first_ns = reader.frame(0).time_ns if len(reader) else 0
    clocks = [
        (table[agent, s.name], nanoseconds(s.phase_s), nanoseconds(s.period_s), agent, s.name)
        for agent, rig in reader.rigs.items()
        for s in rig.sensors
    ]
    for frame in reader.frames():
        since_ns = frame.time_ns - first_ns
        for facts, phase_ns, period_ns, agent, name in clocks:
            facts.due += since_ns >= phase_ns and (since_ns - phase_ns) % period_ns == 0
            facts.delivered += name in frame.agents[agent].delivered


def _facts(agent: str, sensor: Sensor) -> SensorFacts:
    x, y, z = sensor.agent_sensor.position_m
    yaw = math.degrees(sensor.agent_sensor.yaw_rad)
    return SensorFacts(
        agent=agent,
        name=sensor.name,
        kind=type(sensor).__name__,
        what=_what(sensor),
        rate_hz=1.0 / sensor.period_s,
        mount=f"{x:+.2f}, {y:+.2f}, {z:+.2f} m; {yaw:.0f}°",
    )


def _what(sensor: Sensor) -> str:
    if isinstance(sensor, Camera):
        lens = type(sensor.lens).__name__ if sensor.lens is not None else "pinhole"
        return f"{sensor.width_px} × {sensor.height_px} px, {math.degrees(field_of(sensor)):.0f}°, {lens}"
    if isinstance(sensor, Lidar):
        beams = f"{sensor.channels} × {sensor.columns} beams"
        return f"{beams}, {sensor.horizontal_fov_deg:.0f}°, {sensor.range_m:.0f} m"
    if isinstance(sensor, Radar):
        return f"{sensor.horizontal_fov_deg:.0f}°, {sensor.range_m:.0f} m"
    return ""


def field_of(camera: Camera) -> float:
    """Horizontal field of view in radians, through the middle row of the image, as its lens has it."""
    row = np.array([[0.5, camera.height_px / 2], [camera.width_px - 0.5, camera.height_px / 2]])
    rays = camera.optics.unproject(row)
    if not np.isfinite(rays).all():  # the corners of a fisheye are dark
        columns = np.stack(
            [np.arange(camera.width_px) + 0.5, np.full(camera.width_px, camera.height_px / 2)], 1
        )
        every = camera.optics.unproject(columns)
        rays = every[np.isfinite(every).all(axis=1)][[0, -1]]
    angles = np.arctan2(rays[:, 0], rays[:, 2])
    return float(abs(angles[1] - angles[0]))


def _doubts(agent: str, rig: Rig) -> list[str]:
    """What cannot be, or is seldom meant."""
    out = []
    for sensor in rig.sensors:
        name = f"{agent}/{sensor.name}"
        x, y, z = sensor.agent_sensor.position_m
        if not -0.1 <= z <= _HIGHEST_M:
            out.append(f"{name} is mounted {z:.2f} m above the ground")
        if math.hypot(x, y) > _FARTHEST_M:
            out.append(f"{name} is mounted {math.hypot(x, y):.1f} m away from its agent")
        if isinstance(sensor, Camera):
            out += _camera_doubts(name, sensor)
        if isinstance(sensor, Lidar) and sensor.agent_sensor.rotation[2, 2] < 0.2:
            out.append(f"{name} lies on its side or is upside down")
    seeing = [s for s in rig.sensors if isinstance(s, Camera | Lidar)]
    for i, one in enumerate(seeing):
        for other in seeing[i + 1 :]:
            if type(one) is type(other) and _alike(one.agent_sensor, other.agent_sensor):
                out.append(f"{agent}/{one.name} and {agent}/{other.name} have the same mount")
    return out


def _camera_doubts(name: str, camera: Camera) -> list[str]:
    out = []
    k = camera.intrinsic
    if abs(k[0, 2] - camera.width_px / 2) > 0.1 * camera.width_px:
        out.append(
            f"{name}: its principal point is {k[0, 2] - camera.width_px / 2:+.0f} px off the middle, sideways"
        )
    if abs(k[1, 2] - camera.height_px / 2) > 0.1 * camera.height_px:
        out.append(
            f"{name}: its principal point is {k[1, 2] - camera.height_px / 2:+.0f} px off the middle, upwards"
        )
    if abs(k[0, 0] / k[1, 1] - 1.0) > 0.05:
        out.append(f"{name}: its pixels are {k[1, 1] / k[0, 0]:.2f} times as wide as high")
    if camera.agent_sensor.rotation[2, 2] < 0.2:
        out.append(f"{name} is upside down, or looks up or down")
    if camera.lens is None and abs(math.degrees(field_of(camera)) - camera.fov_deg) > 1.0:
        out.append(
            f"{name}: its lens sees {math.degrees(field_of(camera)):.0f}°, it says {camera.fov_deg:g}°"
        )
    return out


def _alike(one: Pose, other: Pose) -> bool:
    turned = one.rotation.T @ other.rotation
    angle = math.acos(min(max((float(np.trace(turned)) - 1.0) / 2.0, -1.0), 1.0))
    return float(np.linalg.norm(one.position_m - other.position_m)) < _SAME_M and angle < _SAME_RAD


def _sensor(rig: Rig, channel: str) -> Sensor:
    return next(s for s in rig.sensors if s.name == channel)


def _off(believed: Pose, rig: Rig, channel: str) -> str:
    true = _sensor(rig, channel).agent_sensor
    turned = true.rotation.T @ believed.rotation
    angle = math.degrees(math.acos(min(max((float(np.trace(turned)) - 1.0) / 2.0, -1.0), 1.0)))
    if np.allclose(believed.matrix, true.matrix, atol=1e-9):
        return ""
    return f"{np.linalg.norm(believed.position_m - true.position_m):.2f} m and {angle:.1f}°"


def _rig_view(agent: str, rig: Rig) -> RigView:
    sectors = []
    horizon = np.zeros(720, bool)
    for sensor in rig.sensors:
        yaw = sensor.agent_sensor.yaw_rad
        if isinstance(sensor, Camera):
            field = field_of(sensor)
            sectors.append(_sector(sensor, "camera", yaw, field, _CAMERA_REACH_M))
            angles = np.radians(np.arange(720) / 2.0)
            off = np.abs((angles - yaw + np.pi) % (2 * np.pi) - np.pi)
            horizon |= off <= field / 2
        elif isinstance(sensor, Lidar):
            sectors.append(
                _sector(sensor, "lidar", yaw, math.radians(sensor.horizontal_fov_deg), sensor.range_m)
            )
        elif isinstance(sensor, Radar):
            sectors.append(
                _sector(sensor, "radar", yaw, math.radians(sensor.horizontal_fov_deg), sensor.range_m)
            )
    return RigView(
        agent=agent,
        svg=charts.fans(sectors, f"fields of view of the sensors of {agent}, from above"),
        blind_deg=float((~horizon).sum() / 2.0) if rig.cameras else 360.0,
    )


def _sector(sensor: Sensor, kind: str, yaw: float, field: float, reach_m: float) -> charts.Sector:
    fish = isinstance(sensor, Camera) and isinstance(sensor.lens, KannalaBrandt)
    return charts.Sector(
        name=sensor.name + (" (fisheye)" if fish else ""),
        kind=kind,
        middle_rad=yaw,
        field_rad=min(field, 2 * math.pi),
        reach_m=reach_m,
    )
