"""The LiDARs and radars of a rig, and what weather does to them, in the configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from drivegen.core.degradation import Degradation
from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.lidar_presets import lidar_preset
from drivegen.core.radar_presets import radar_preset
from drivegen.core.sensors import Lidar, Radar

_EVEN: dict[str, Any] = {
    "channels": 32,
    "upper_fov_deg": 10.0,
    "lower_fov_deg": -30.0,
    "range_m": 100.0,
    "columns": 1080,
    "period_s": 0.1,
}
"""A LiDAR without a preset."""
_BEAMS = ("channels", "upper_fov_deg", "lower_fov_deg")
_LIDAR_LIMITS: dict[str, tuple[float, float]] = {
    "channels": (1, 512),
    "columns": (8, 8192),
    "range_m": (1, 1000),
    "horizontal_fov_deg": (1, 360),
    "returns": (1, 2),
    "divergence_mrad": (0.1, 50),
    "range_at_10_percent_m": (0, 1000),
    "range_noise_m": (0, 1),
}
_RADAR_LIMITS: dict[str, tuple[float, float]] = {
    "horizontal_fov_deg": (1, 178),
    "vertical_fov_deg": (1, 178),
    "range_m": (1, 1000),
    "rays": (10, 1_000_000),
    "frequency_ghz": (10, 300),
    "range_resolution_m": (0.01, 50),
    "azimuth_resolution_deg": (0.01, 90),
    "elevation_resolution_deg": (0, 90),
    "velocity_resolution_mps": (0.001, 50),
    "max_velocity_mps": (0, 500),
    "reference_range_m": (1, 1000),
    "false_alarms": (0, 1000),
}
_DEGRADATION_LIMITS: dict[str, tuple[float, float]] = {
    "rain_at_full_mmph": (0, 300),
    "snow_mmph": (0, 50),
    "fog_visibility_m": (0, 100_000),
    "dust_visibility_m": (0, 100_000),
}


@dataclass(slots=True, kw_only=True)
class LidarConfig:
    """A LiDAR of a rig; see `drivegen.core.sensors.Lidar`. What is null is the preset's, or as said here."""

    name: str = MISSING
    preset: str | None = None
    """A name from `drivegen.core.lidar_presets`; null: evenly spread channels."""
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 1.84
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    """Positive looks down (ISO 8855)."""
    roll_deg: float = 0.0
    channels: int | None = None
    """32 without a preset; with one the preset's."""
    upper_fov_deg: float | None = None
    """10 without a preset; with one the preset's."""
    lower_fov_deg: float | None = None
    """-30 without a preset; with one the preset's."""
    range_m: float | None = None
    """100 without a preset."""
    columns: int | None = None
    """1080 without a preset."""
    period_s: float | None = None
    """0.1 without a preset."""
    phase_s: float = 0.0
    """Of the first sweep; none of the ego's sensors have one."""
    horizontal_fov_deg: float | None = None
    """360 without a preset."""
    intensity: str = "reflectivity"
    """reflectivity or carla."""
    returns: int = 1
    """1, or 2 for the strongest and the last, which costs four times the rays."""
    divergence_mrad: float | None = None
    """2 without a preset."""
    motion: bool = False
    """Put the sweep together from the sectors of several ticks."""
    range_at_10_percent_m: float | None = None
    """0 (nothing is lost in clear air) without a preset."""
    range_noise_m: float | None = None
    """0 without a preset."""


@dataclass(slots=True, kw_only=True)
class RadarConfig:
    """A radar of a rig; see `drivegen.core.sensors.Radar`. What is null is the preset's."""

    name: str = MISSING
    preset: str = "front_near"
    """A name from `drivegen.core.radar_presets`."""
    x_m: float = 2.6
    y_m: float = 0.0
    z_m: float = 0.6
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    """Positive looks down (ISO 8855)."""
    horizontal_fov_deg: float | None = None
    vertical_fov_deg: float | None = None
    range_m: float | None = None
    period_s: float | None = None
    phase_s: float = 0.0
    """Of the first measurement; none of the ego's sensors have one."""
    rays: int | None = None
    frequency_ghz: float | None = None
    range_resolution_m: float | None = None
    azimuth_resolution_deg: float | None = None
    elevation_resolution_deg: float | None = None
    velocity_resolution_mps: float | None = None
    max_velocity_mps: float | None = None
    reference_range_m: float | None = None
    false_alarms: float | None = None
    ghosts: bool = True


@dataclass(slots=True, kw_only=True)
class DegradationConfig:
    """What weather does to LiDARs and radars; see `drivegen.core.degradation.Degradation`."""

    lidar: bool = True
    radar: bool = True
    spray: bool = True
    rain_at_full_mmph: float = 50.0
    """Rain at CARLA's precipitation of 100 per cent."""
    snow_mmph: float = 0.0
    """Snow as melted water; CARLA's weather has none."""
    fog_visibility_m: float = 0.0
    """0: from the weather's fog density."""
    dust_visibility_m: float = 0.0
    """0: from the weather's dust storm."""


def make_lidar(config: LidarConfig) -> Lidar:
    """The LiDAR of a configuration. Raises ConfigError naming key and mend."""
    mount = Pose.from_xyz_rpy(
        config.x_m,
        config.y_m,
        config.z_m,
        math.radians(config.roll_deg),
        math.radians(config.pitch_deg),
        math.radians(config.yaw_deg),
    )
    names = (*_BEAMS, "range_m", "columns", "period_s", "phase_s", *_LIDAR_LIMITS, "intensity", "motion")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    if config.preset is None:
        return Lidar(name=config.name, agent_sensor=mount, **{**_EVEN, **given})
    preset = lidar_preset(config.preset)
    clash = [n for n in _BEAMS if n in given]
    if clash:
        raise ConfigError(
            f"LiDAR {config.name}: preset {config.preset} has its own channels; leave {', '.join(clash)} out"
        )
    return preset.lidar(config.name, mount, **given)


def make_radar(config: RadarConfig) -> Radar:
    """The radar of a configuration. Raises ConfigError naming key and mend."""
    mount = Pose.from_xyz_rpy(
        config.x_m,
        config.y_m,
        config.z_m,
        0.0,
        math.radians(config.pitch_deg),
        math.radians(config.yaw_deg),
    )
    names = (*_RADAR_LIMITS, "period_s", "phase_s", "ghosts")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    return radar_preset(config.preset).radar(config.name, mount, **given)


def make_degradation(config: DegradationConfig) -> Degradation:
    """Of a scene plan."""
    return Degradation(**{name: getattr(config, name) for name in DegradationConfig.__slots__})


def check_lidar(config: LidarConfig, where: str, tick_s: float) -> None:
    """Raises ConfigError, naming key and mend, for a LiDAR that cannot be made."""
    made = _made(make_lidar, config, where)
    _check_limits(made, _LIDAR_LIMITS, where)
    if made.intensity not in ("reflectivity", "carla"):
        raise ConfigError(f"{where}.intensity={made.intensity!r}: one of reflectivity, carla is wanted")
    if not -90 <= made.lower_fov_deg <= made.upper_fov_deg <= 90:
        raise ConfigError(f"{where}: -90 <= lower_fov_deg <= upper_fov_deg <= 90 is wanted")
    if made.motion:
        sectors = round(made.period_s / tick_s)
        if made.columns % max(sectors, 1):
            raise ConfigError(
                f"{where}: with motion, columns={made.columns} must be a multiple of the {sectors} ticks of a"
                " sweep (period_s over scene.tick_s)"
            )


def check_radar(config: RadarConfig, where: str) -> None:
    """Raises ConfigError, naming key and mend, for a radar that cannot be made."""
    _check_limits(_made(make_radar, config, where), _RADAR_LIMITS, where)


def check_degradation(config: DegradationConfig) -> None:
    """Raises ConfigError, naming key and mend, for a value out of range."""
    _check_limits(config, _DEGRADATION_LIMITS, "degradation")


def _made(make: Any, config: Any, where: str) -> Any:
    try:
        return make(config)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _check_limits(value: Any, limits: dict[str, tuple[float, float]], where: str) -> None:
    for name, (low, high) in limits.items():
        found = getattr(value, name)
        if not (math.isfinite(found) and low <= found <= high):
            raise ConfigError(f"{where}.{name}={found}: a value from {low} to {high} is wanted")
