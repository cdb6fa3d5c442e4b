"""Agents beside the ego in the configuration: connected vehicles, roadside units, errors, V2X.

docs/cooperation.md tells what each key means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from omegaconf import MISSING

from drivegen.core.agents import Sky
from drivegen.core.errors import ConfigError
from drivegen.core.roadside import roadside_pole
from drivegen.core.v2x_plan import ChannelPlan, DetectorPlan, V2xPlan
from drivegen.runtime.camera_config import CameraConfig
from drivegen.runtime.point_config import LidarConfig, RadarConfig
from drivegen.runtime.rig_config import RigConfig, check_range

PHASES = ("rig", "agent", "sensor")
SPAT = ("required", "where_signals")


@dataclass(slots=True, kw_only=True)
class RoadsideCameraConfig(CameraConfig):
    """A camera at a mount of a pole; x_m to roll_deg are from the mount, x along its view."""

    mount: str = "camera_0"
    z_m: float = 0.0
    level: bool = False
    """Leave out how far the mount looks down: angles count from the level."""


@dataclass(slots=True, kw_only=True)
class RoadsideLidarConfig(LidarConfig):
    """A LiDAR at a mount of a pole; x_m to roll_deg are from the mount, x along its view."""

    mount: str = "lidar_0"
    z_m: float = 0.0
    level: bool = False
    """Leave out how far the mount looks down: angles count from the level."""


@dataclass(slots=True, kw_only=True)
class RoadsideRadarConfig(RadarConfig):
    """A radar at a mount of a pole; x_m to pitch_deg are from the mount, x along its view."""

    mount: str = "radar_0"
    x_m: float = 0.0
    z_m: float = 0.0
    level: bool = False
    """Leave out how far the mount looks down: angles count from the level."""


@dataclass(slots=True, kw_only=True)
class RoadsideRigConfig:
    """What a pole carries."""

    name: str = MISSING
    cameras: dict[str, RoadsideCameraConfig] = field(default_factory=dict)
    lidars: dict[str, RoadsideLidarConfig] = field(default_factory=dict)
    radars: dict[str, RoadsideRadarConfig] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ClockConfig:
    """An agent's clock; offset and drift are drawn once for each agent and scene, normal."""

    offset_ms: float = 0.0
    """Mean."""
    offset_sigma_ms: float = 0.0
    drift_ppm: float = 0.0
    """Mean."""
    drift_sigma_ppm: float = 0.0
    jitter_ms: float = 0.0
    """Standard deviation of each stamp."""


@dataclass(slots=True, kw_only=True)
class LocalisationConfig:
    """How an agent finds its pose."""

    sky: str = "exact"
    """exact, open, canyon or covered."""
    scale: float = 1.0
    """Multiplies all errors."""


@dataclass(slots=True, kw_only=True)
class CalibrationConfig:
    """How far an agent's files have its sensors from where they are; drawn once for each sensor and scene."""

    position_sigma_m: float = 0.0
    """Along each axis."""
    rotation_sigma_deg: float = 0.0
    """About each axis."""


@dataclass(slots=True, kw_only=True)
class ErrorsConfig:
    """What an agent gets wrong."""

    clock: ClockConfig = field(default_factory=ClockConfig)
    localisation: LocalisationConfig = field(default_factory=LocalisationConfig)
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)


@dataclass(slots=True, kw_only=True)
class ConnectedConfig:
    """Vehicles of the traffic that carry a rig: vehicle_1, vehicle_2, ..."""

    count: int = 0
    rig: RigConfig | None = None
    """Of each; the vehicle becomes its blueprint."""
    within_m: float = 120.0
    """From the way between the ego and the junction."""
    phases: str = "rig"
    """rig: as its sensors say; agent: one drawn for each agent; sensor: one drawn for each sensor."""
    errors: ErrorsConfig = field(default_factory=ErrorsConfig)


@dataclass(slots=True, kw_only=True)
class RoadsideConfig:
    """Units at the poles of one junction: roadside_1, roadside_2, ..."""

    count: int = 0
    rig: RoadsideRigConfig | None = None
    """Of each."""
    junction: int | None = None
    """OpenDRIVE id; null: the first one with poles on the ego's way, else the nearest."""
    poles: list[str] = field(default_factory=list)
    """Ids of OpenDRIVE objects, `count` of them; empty: those nearest to the ego."""
    phases: str = "rig"
    """As of connected vehicles."""
    spat: str = "required"
    """required: a junction without lights is refused where agents talk; where_signals: it sends none."""
    errors: ErrorsConfig = field(default_factory=ErrorsConfig)


@dataclass(slots=True, kw_only=True)
class DetectorConfig:
    """See `drivegen.core.v2x_plan.DetectorPlan`."""

    least_points: int = 5
    least_pixels: int = 200
    miss_rate: float = 0.03
    false_alarms: float = 0.2
    position_sigma_m: float = 0.15
    yaw_sigma_rad: float = 0.05
    speed_sigma_mps: float = 0.3
    size_sigma: float = 0.04
    latency_s: float = 0.06


@dataclass(slots=True, kw_only=True)
class ChannelConfig:
    """See `drivegen.core.v2x_plan.ChannelPlan`."""

    power_dbm: float = 23.0
    range_m: float = 500.0
    latency_ms: float = 12.0
    latency_spread: float = 0.35
    shadowing: bool = True
    background_senders: int = 0
    cloud_latency_ms: float = 40.0
    cloud_loss: float = 0.001


@dataclass(slots=True, kw_only=True)
class V2xConfig:
    """What agents tell one another."""

    enabled: bool = False
    rate_hz: float = 10.0
    detector: DetectorConfig = field(default_factory=DetectorConfig)
    channel: ChannelConfig = field(default_factory=ChannelConfig)
    cloud: bool = True


@dataclass(slots=True, kw_only=True)
class AgentsConfig:
    """Agents beside the ego."""

    connected: ConnectedConfig = field(default_factory=ConnectedConfig)
    roadside: RoadsideConfig = field(default_factory=RoadsideConfig)
    errors: dict[str, ErrorsConfig] = field(default_factory=dict)
    """Of single agents by name (ego, vehicle_1, roadside_1, ...), in place of their group's."""
    v2x: V2xConfig = field(default_factory=V2xConfig)


_LIMITS: dict[type, dict[str, tuple[float, float]]] = {
    ClockConfig: {
        "offset_ms": (-60_000, 60_000),
        "offset_sigma_ms": (0, 60_000),
        "drift_ppm": (-1000, 1000),
        "drift_sigma_ppm": (0, 1000),
        "jitter_ms": (0, 1000),
    },
    LocalisationConfig: {"scale": (0, 100)},
    CalibrationConfig: {"position_sigma_m": (0, 1), "rotation_sigma_deg": (0, 10)},
    DetectorConfig: {
        "least_points": (1, 100_000),
        "least_pixels": (1, 10_000_000),
        "miss_rate": (0, 1),
        "false_alarms": (0, 100),
        "position_sigma_m": (0, 10),
        "yaw_sigma_rad": (0, math.pi),
        "speed_sigma_mps": (0, 20),
        "size_sigma": (0, 0.5),
        "latency_s": (0, 5),
    },
    ChannelConfig: {
        "power_dbm": (-20, 40),
        "range_m": (1, 5000),
        "latency_ms": (0, 5000),
        "latency_spread": (0, 3),
        "background_senders": (0, 10_000),
        "cloud_latency_ms": (0, 5000),
        "cloud_loss": (0, 1),
    },
}


def make_v2x(config: V2xConfig) -> V2xPlan | None:
    """Of a scene plan; none where nobody talks."""
    if not config.enabled:
        return None
    detector = {f.name: getattr(config.detector, f.name) for f in fields(DetectorConfig)}
    channel = {f.name: getattr(config.channel, f.name) for f in fields(ChannelConfig)}
    return V2xPlan(
        rate_hz=config.rate_hz,
        detector=DetectorPlan(**detector),
        channel=ChannelPlan(**channel),
        cloud=config.cloud,
    )


def agent_names(config: AgentsConfig) -> tuple[str, ...]:
    """All agents of a scene: the ego, connected vehicles, roadside units."""
    vehicles = (f"vehicle_{k + 1}" for k in range(config.connected.count))
    units = (f"roadside_{k + 1}" for k in range(config.roadside.count))
    return ("ego", *vehicles, *units)


APART_M = 0.05
"""Two sensors at one mount must be moved apart by so much at least."""


def check_mounts(rig: RoadsideRigConfig, where: str) -> None:
    """Raises ConfigError for a mount that no pole has, and for two sensors at one place."""
    known = sorted({m for v in range(64) for m in roadside_pole(v).mounts if not m.startswith("sign")})
    sensors = {
        f"{group}.{key}": each
        for group in ("cameras", "lidars", "radars")
        for key, each in getattr(rig, group).items()
    }
    taken: dict[str, list[tuple[str, np.ndarray]]] = {}
    for key, each in sensors.items():
        if each.mount not in known:
            raise ConfigError(
                f"{where}.{key}.mount={each.mount!r}: no pole has it; there are {', '.join(known)}"
            )
        place = np.array([each.x_m, each.y_m, each.z_m])
        for other, there in taken.setdefault(each.mount, []):
            if np.linalg.norm(place - there) < APART_M:
                raise ConfigError(
                    f"{where}: {other} and {key} are both at mount {each.mount}; take another mount, or "
                    f"set x_m, y_m, z_m {APART_M} m apart"
                )
        taken[each.mount].append((key, place))


def check_agents(config: AgentsConfig, tick_s: float) -> None:
    """Raises ConfigError, naming key and mend, for what cannot be; rigs are checked by `check_rig`."""
    connected, roadside = config.connected, config.roadside
    check_range("agents.connected.count", connected.count, 0, 100)
    check_range("agents.connected.within_m", connected.within_m, 1, 5000)
    check_range("agents.roadside.count", roadside.count, 0, 100)
    for key, group in (("agents.connected", connected), ("agents.roadside", roadside)):
        if group.phases not in PHASES:
            raise ConfigError(f"{key}.phases={group.phases!r}: one of {', '.join(PHASES)} is wanted")
        if group.count and group.rig is None:
            preset = "rig@agents.connected.rig" if group is connected else "roadside@agents.roadside.rig"
            raise ConfigError(f"{key}.rig: {group.count} agents have none; choose one, as {preset}=NAME does")
        _check_errors(f"{key}.errors", group.errors)
    if roadside.spat not in SPAT:
        raise ConfigError(f"agents.roadside.spat={roadside.spat!r}: one of {', '.join(SPAT)} is wanted")
    _check_poles(roadside)
    names = agent_names(config)
    for name, errors in config.errors.items():
        if name not in names:
            raise ConfigError(f"agents.errors.{name}: no such agent; there are {', '.join(names)}")
        _check_errors(f"agents.errors.{name}", errors)
    _check_v2x(config.v2x, tick_s)


def _check_poles(roadside: RoadsideConfig) -> None:
    for pole in roadside.poles:
        if roadside.poles.count(pole) > 1:
            raise ConfigError(
                f"agents.roadside.poles: two units at pole {pole}; name each pole once (one unit has all the "
                "sensors of its pole)"
            )
    if roadside.poles and len(roadside.poles) != roadside.count:
        raise ConfigError(
            f"agents.roadside.count={roadside.count}, but agents.roadside.poles names {len(roadside.poles)}; "
            "name as many, or none"
        )


def _check_errors(where: str, errors: ErrorsConfig) -> None:
    skies = tuple(sky.value for sky in Sky)
    if errors.localisation.sky not in skies:
        raise ConfigError(
            f"{where}.localisation.sky={errors.localisation.sky!r}: one of {', '.join(skies)} is wanted"
        )
    for key in ("clock", "localisation", "calibration"):
        _check_limits(f"{where}.{key}", getattr(errors, key))


def _check_v2x(v2x: V2xConfig, tick_s: float) -> None:
    check_range("agents.v2x.rate_hz", v2x.rate_hz, 0.1, 100)
    ticks = 1.0 / v2x.rate_hz / tick_s
    if abs(ticks - round(ticks)) > 1e-6:
        raise ConfigError(
            f"agents.v2x.rate_hz={v2x.rate_hz}: its period must be a multiple of scene.tick_s={tick_s}"
        )
    _check_limits("agents.v2x.detector", v2x.detector)
    _check_limits("agents.v2x.channel", v2x.channel)


def _check_limits(where: str, section: Any) -> None:
    for name, (low, high) in _LIMITS[type(section)].items():
        check_range(f"{where}.{name}", getattr(section, name), low, high)
