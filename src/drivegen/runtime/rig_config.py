"""Rigs in the configuration: a vehicle's sensors, and what holds of all rigs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Gnss, Imu, Rig, Sensor
from drivegen.runtime.camera_config import CameraConfig, check_camera, make_camera
from drivegen.runtime.point_config import (
    LidarConfig,
    RadarConfig,
    check_lidar,
    check_radar,
    make_lidar,
    make_radar,
)


@dataclass(slots=True, kw_only=True)
class PointSensorConfig:
    """A GNSS receiver or an IMU of a rig."""

    name: str = MISSING
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    period_s: float = 0.1
    phase_s: float = 0.0
    """Of the first reading; none of the ego's sensors have one."""


SensorConfig = CameraConfig | LidarConfig | RadarConfig | PointSensorConfig


@dataclass(slots=True, kw_only=True)
class RigConfig:
    """What a vehicle is and carries."""

    name: str = MISSING
    blueprint: str = "vehicle.lincoln.mkz_2020"
    color_rgb: list[int] = field(default_factory=lambda: [225, 227, 230])
    speed_difference_percent: float = 10.0
    """Below the speed limit; of the ego (connected vehicles keep their own)."""
    cameras: dict[str, CameraConfig] = field(default_factory=dict)
    lidars: dict[str, LidarConfig] = field(default_factory=dict)
    radars: dict[str, RadarConfig] = field(default_factory=dict)
    gnss: dict[str, PointSensorConfig] = field(default_factory=dict)
    imus: dict[str, PointSensorConfig] = field(default_factory=dict)


def make_rig(config: RigConfig) -> Rig:
    """The rig of a configuration; mounts in the agent's frame."""
    sensors: list[Sensor] = [make_camera(c) for c in config.cameras.values()]
    sensors += [make_lidar(s) for s in config.lidars.values()]
    sensors += [make_radar(s) for s in config.radars.values()]
    for made, group in ((Gnss, config.gnss), (Imu, config.imus)):
        sensors += [
            made(
                name=s.name,
                agent_sensor=Pose.from_xyz_rpy(s.x_m, s.y_m, s.z_m),
                period_s=s.period_s,
                phase_s=s.phase_s,
            )
            for s in group.values()
        ]
    return Rig(name=config.name, sensors=tuple(sensors))


def check_vehicle(rig: RigConfig, where: str) -> None:
    """Raises ConfigError for a vehicle that cannot be."""
    if len(rig.color_rgb) != 3 or not all(0 <= c <= 255 for c in rig.color_rgb):
        raise ConfigError(f"{where}.color_rgb={rig.color_rgb}: three values of 0..255 are wanted")


def check_sensors(
    groups: Mapping[str, Mapping[str, Any]], where: str, *, tick_s: float, keyframe_s: float, phases: bool
) -> None:
    """Raises ConfigError, naming key and mend, for sensors that cannot be or do not go together.

    Args:
        groups: Configurations by key, by group: cameras, lidars, radars, gnss, imus; some may lack.
        where: Key of the rig.
        tick_s: Of the scene.
        keyframe_s: Of the scene.
        phases: Whether sensors may have a phase: those of the ego may not.
    """
    sensors = {f"{group}.{key}": s for group, found in groups.items() for key, s in found.items()}
    names = [s.name for s in sensors.values()]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{where}: two sensors are named {name!r}; rename one")
        if not name or "/" in name:
            raise ConfigError(f"{where}: a sensor is named {name!r}; a word without '/' is wanted")
    if not any(groups.get(group) for group in ("cameras", "lidars", "radars")):
        raise ConfigError(f"{where}: at least one camera, LiDAR or radar is wanted")
    for key, camera in groups.get("cameras", {}).items():
        _check_camera(camera, f"{where}.cameras.{key}")
    for key, lidar in groups.get("lidars", {}).items():
        check_lidar(lidar, f"{where}.lidars.{key}", tick_s)
    for key, radar in groups.get("radars", {}).items():
        check_radar(radar, f"{where}.radars.{key}")
    for key, sensor in sensors.items():
        period_s = _period_s(sensor)
        check_multiple(f"{where}.{key}.period_s", period_s, tick_s)
        ratio = keyframe_s / period_s
        if abs(ratio - round(ratio)) > 1e-6:
            raise ConfigError(
                f"{where}.{key}: period_s={period_s} does not divide "
                f"scene.keyframe_s={keyframe_s}; every sensor must be due at a keyframe"
            )
        _check_phase(f"{where}.{key}.phase_s", sensor.phase_s, period_s, tick_s, phases)


def _check_camera(camera: CameraConfig, where: str) -> None:
    check_range(f"{where}.width_px", camera.width_px, 16, 8192)
    check_range(f"{where}.height_px", camera.height_px, 16, 8192)
    fisheye = camera.lens is not None and camera.lens.model == "kannala_brandt"
    check_range(f"{where}.fov_deg", camera.fov_deg, 1, 190 if fisheye else 170)
    try:
        check_camera(camera)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None


def _check_phase(key: str, phase_s: float, period_s: float, tick_s: float, allowed: bool) -> None:
    if phase_s == 0.0:
        return
    if not allowed:
        raise ConfigError(f"{key}={phase_s}: the ego's sensors have no phase; leave it out")
    ticks = phase_s / tick_s
    if not (0.0 < phase_s < period_s - 1e-9) or abs(ticks - round(ticks)) > 1e-6:
        raise ConfigError(
            f"{key}={phase_s}: a multiple of scene.tick_s={tick_s} below the period of {period_s} s is wanted"
        )


def _period_s(sensor: SensorConfig) -> float:
    """Of LiDARs and radars it may be the preset's."""
    if isinstance(sensor, LidarConfig):
        return make_lidar(sensor).period_s
    return make_radar(sensor).period_s if isinstance(sensor, RadarConfig) else sensor.period_s


def check_range(key: str, value: float, low: float, high: float) -> None:
    """Raises ConfigError unless the value is finite and between the limits, both included."""
    if not (math.isfinite(value) and low <= value <= high):
        raise ConfigError(f"{key}={value}: a value from {low} to {high} is wanted")


def check_choice(key: str, value: str, choices: tuple[str, ...]) -> None:
    """Raises ConfigError unless the value is one of those."""
    if value not in choices:
        raise ConfigError(f"{key}={value!r}: one of {', '.join(choices)} is wanted")


def check_multiple(key: str, value: float, tick_s: float) -> None:
    """Raises ConfigError unless the value is a whole number of ticks, one at least."""
    ticks = value / tick_s
    if not math.isfinite(ticks) or ticks < 1 - 1e-6 or abs(ticks - round(ticks)) > 1e-6:
        raise ConfigError(f"{key}={value}: a multiple of scene.tick_s={tick_s} is wanted")
