"""The configuration of a job, as Hydra composes it. A key that is not here is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from drivegen.core.errors import ConfigError
from drivegen.runtime.camera_config import CameraConfig, check_camera
from drivegen.runtime.point_config import (
    DegradationConfig,
    LidarConfig,
    RadarConfig,
    check_degradation,
    check_lidar,
    check_radar,
    make_lidar,
    make_radar,
)
from drivegen.runtime.stage_config import LookConfig, StageResources, check_looks, check_resources
from drivegen.runtime.storage.config import StorageConfig, check_storage


@dataclass(slots=True, kw_only=True)
class PluginConfig:
    """A plugin by the name of its entry point, and its parameters."""

    plugin: str = MISSING
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class CoverageConfig:
    """Which combinations of levels the scenes have; see docs/sampling.md."""

    strategy: str = "independent"
    """independent, stratified or pairwise."""
    factors: dict[str, Any] = field(default_factory=dict)
    """Overrides by factor and level: {weather: {fog: {weather.presets: [fog]}, ...}, ...}."""


@dataclass(slots=True, kw_only=True)
class JobConfig:
    """One run of `drivegen generate`."""

    name: str = "default"
    """Names the run folder below `runs_dir`."""
    runs_dir: str = "runs"
    seed: int = 0
    scenes: int = 1
    workers: int = 1
    pool: str = "ray"
    """ray, or inline: one scene after the other in this process, for debugging."""
    max_attempts: int = 3
    """Tries of a scene before it is set aside."""
    scene_timeout_s: float = 900.0
    """A scene that takes longer is ended and tried again."""
    verify: bool = False
    """When a job is run again: read all captures that are there, and record anew those that are not what was
    written."""
    least_free_gb: float = 0.5
    """With less room on the run folder's disk no scene is begun, and the job stops."""
    stage_workers: int = 1
    """Looks and exports of scenes that are worked on at once, beside the recording."""
    stage_timeout_s: float = 3600.0
    """A look or an export of a scene that takes longer is ended and tried again."""
    stage_backlog: int = 4
    """Recorded scenes that may wait for their looks and exports; with so many, recording waits."""
    on_change: str = "refuse"
    """Where the run folder was made with another configuration or version: refuse (and show the difference),
    keep (finished scenes stay, missing ones are made as configured now), or redo (finished scenes whose plans
    are the same now stay, the others are recorded again)."""
    dry_run: bool = False
    """Only tell what the job would make and cost; nothing is written."""
    coverage: CoverageConfig = field(default_factory=CoverageConfig)


@dataclass(slots=True, kw_only=True)
class SceneConfig:
    """How long scenes are and how densely they are annotated."""

    duration_s: float = 10.0
    warmup_s: float = 5.0
    """Simulated before the first recorded frame, so that traffic moves."""
    tick_s: float = 0.05
    keyframe_s: float = 0.5
    label_range_m: float = 100.0
    jpeg_quality: int = 92


@dataclass(slots=True, kw_only=True)
class ServerConfig:
    """The CARLA server of each worker."""

    kind: str = "embedded"
    """embedded: drivegen's own, new for each scene; carla: a real one, launched or joined."""
    renderer: str = "auto"
    """Of the embedded server: auto, egl or osmesa."""
    gpus: list[int] = field(default_factory=list)
    """GPUs that draw, by their numbers in EGL's order: workers take them by turns. Without any, the one that
    Ray gave to the worker (`ray.gpus`) draws, else the first that there is, else the processor."""
    start_timeout_s: float = 60.0
    call_timeout_s: float = 30.0
    command: list[str] = field(default_factory=list)
    """Launches a real server; {port} is its RPC port. Words with {gpu} are left out without `gpus`."""
    join: list[str] = field(default_factory=list)
    """host:port of real servers that run already, one for each worker; then none is launched, nor ended."""
    stop_timeout_s: float = 10.0
    """A launched server that does not end so long after it was asked is made to."""
    restart_after_scenes: int = 0
    """A launched server is started anew after so many; 0: never."""
    memory_limit_mb: float = 0.0
    """Or when its processes hold more; 0: no limit."""


@dataclass(slots=True, kw_only=True)
class RayConfig:
    """Where workers run."""

    address: str | None = None
    """Of a cluster to join (auto, or host:port); none: a Ray of the job's own, on this machine."""
    cpus: float = 1.0
    """Of a worker, and of what it starts."""
    gpus: float = 0.0
    memory_mb: float = 0.0
    """Set aside for a worker; 0: none."""
    look: StageResources = field(default_factory=StageResources)
    """Of a task that gives a scene a look."""
    export: StageResources = field(default_factory=StageResources)
    """Of a task that makes a scene's part of a data set."""


@dataclass(slots=True, kw_only=True)
class MapConfig:
    """The road: a generator's, or a user's OpenDRIVE file."""

    plugin: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    variants: int = 1
    """How many different roads a job draws; scenes take turns on them."""
    file: str | None = None
    """An OpenDRIVE file; then no generator is asked."""


@dataclass(slots=True, kw_only=True)
class TrafficConfig(PluginConfig):
    """Vehicles."""

    vehicles: int = 20


@dataclass(slots=True, kw_only=True)
class PedestriansConfig(PluginConfig):
    """People on foot."""

    pedestrians: int = 10


@dataclass(slots=True, kw_only=True)
class WeatherConfig(PluginConfig):
    """Weather presets and hours of the day; scenes draw one of each."""

    presets: list[str] = field(default_factory=lambda: ["clear"])
    hours: list[float] = field(default_factory=lambda: [10.0])
    day_of_year: int = 172
    latitude_deg: float = 39.795
    """Of a map that has no geoReference; the sun's path depends on it."""
    longitude_deg: float = 116.506


@dataclass(slots=True, kw_only=True)
class PointSensorConfig:
    """A GNSS receiver or an IMU of a rig."""

    name: str = MISSING
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    period_s: float = 0.1


@dataclass(slots=True, kw_only=True)
class RigConfig:
    """What the ego vehicle is and carries."""

    name: str = MISSING
    blueprint: str = "vehicle.lincoln.mkz_2020"
    color_rgb: list[int] = field(default_factory=lambda: [225, 227, 230])
    speed_difference_percent: float = 10.0
    cameras: dict[str, CameraConfig] = field(default_factory=dict)
    lidars: dict[str, LidarConfig] = field(default_factory=dict)
    radars: dict[str, RadarConfig] = field(default_factory=dict)
    gnss: dict[str, PointSensorConfig] = field(default_factory=dict)
    imus: dict[str, PointSensorConfig] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ExportConfig:
    """The data set to write when the captures are there; none when `format` is null."""

    format: str | None = None
    look: str = ""
    """Whose images it has; empty: the simulator's."""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Config:
    """All of it."""

    job: JobConfig = field(default_factory=JobConfig)
    scene: SceneConfig = field(default_factory=SceneConfig)
    server: ServerConfig = field(default_factory=ServerConfig)
    ray: RayConfig = field(default_factory=RayConfig)
    map: MapConfig = field(default_factory=MapConfig)
    traffic: TrafficConfig = field(default_factory=TrafficConfig)
    pedestrians: PedestriansConfig = field(default_factory=PedestriansConfig)
    weather: WeatherConfig = field(default_factory=WeatherConfig)
    degradation: DegradationConfig = field(default_factory=DegradationConfig)
    rig: RigConfig = field(default_factory=RigConfig)
    look: dict[str, LookConfig] = field(default_factory=dict)
    """By name; every scene gets all of them."""
    export: ExportConfig = field(default_factory=ExportConfig)
    storage: StorageConfig = field(default_factory=StorageConfig)
    report: bool = True
    """Write report.html when the captures are there."""


def register_schema() -> None:
    """Makes the schema known to Hydra under the name that conf/config.yaml starts from."""
    ConfigStore.instance().store(name="schema", node=Config)


def config_from(composed: DictConfig) -> Config:
    """The composed configuration as plain dataclasses, checked. Raises ConfigError naming key and mend."""
    try:
        config = OmegaConf.to_object(composed)
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from None
    assert isinstance(config, Config)
    check_config(config)
    return config


def check_config(config: Config) -> None:
    """Raises ConfigError for the first value that is out of range."""
    job, scene = config.job, config.scene
    if not job.name or "/" in job.name or job.name.startswith("."):
        raise ConfigError(f"job.name={job.name!r}: a folder name without '/' is wanted")
    _check_range("job.scenes", job.scenes, 1, 10_000_000)
    _check_range("job.workers", job.workers, 1, 100_000)
    _check_range("job.max_attempts", job.max_attempts, 1, 100)
    _check_range("job.stage_workers", job.stage_workers, 1, 100_000)
    _check_range("job.stage_backlog", job.stage_backlog, 1, 1_000_000)
    _check_range("job.scene_timeout_s", job.scene_timeout_s, 1, math.inf)
    _check_range("job.stage_timeout_s", job.stage_timeout_s, 1, 1e6)
    _check_choice("job.pool", job.pool, ("ray", "inline"))
    _check_choice("job.on_change", job.on_change, ("refuse", "keep", "redo"))
    _check_range("scene.tick_s", scene.tick_s, 0.005, 0.1)
    _check_range("scene.duration_s", scene.duration_s, scene.tick_s, 600)
    _check_range("scene.warmup_s", scene.warmup_s, 0, 600)
    _check_range("scene.label_range_m", scene.label_range_m, 1, 1000)
    _check_range("scene.jpeg_quality", scene.jpeg_quality, 1, 100)
    _check_multiple("scene.keyframe_s", scene.keyframe_s, scene.tick_s)
    _check_range("job.least_free_gb", job.least_free_gb, 0, math.inf)
    _check_server(config.server, job)
    check_storage(config.storage)
    for key in ("cpus", "gpus", "memory_mb"):
        _check_range(f"ray.{key}", getattr(config.ray, key), 0, math.inf)
    check_resources("ray.look", config.ray.look)
    check_resources("ray.export", config.ray.export)
    check_looks(config.look)
    _check_range("map.variants", config.map.variants, 1, 1_000_000)
    if (config.map.file is None) == (config.map.plugin is None):
        raise ConfigError("map: give either map.plugin (a generator) or map.file (an OpenDRIVE file)")
    _check_range("traffic.vehicles", config.traffic.vehicles, 0, 1000)
    _check_range("pedestrians.pedestrians", config.pedestrians.pedestrians, 0, 1000)
    _check_range("weather.day_of_year", config.weather.day_of_year, 1, 366)
    if not config.weather.presets or not config.weather.hours:
        raise ConfigError("weather.presets and weather.hours: at least one of each is wanted")
    for hour in config.weather.hours:
        _check_range("weather.hours", hour, 0, 24)
    check_degradation(config.degradation)
    _check_rig(config.rig, scene)


def _check_server(server: ServerConfig, job: JobConfig) -> None:
    _check_choice("server.kind", server.kind, ("embedded", "carla"))
    _check_choice("server.renderer", server.renderer, ("auto", "egl", "osmesa"))
    for gpu in server.gpus:
        _check_range("server.gpus", gpu, 0, 1023)
    if server.gpus and server.renderer == "osmesa":
        raise ConfigError("server.gpus: no GPU draws with server.renderer=osmesa; choose auto or egl")
    for key in ("start_timeout_s", "call_timeout_s", "stop_timeout_s"):
        _check_range(f"server.{key}", getattr(server, key), 1, 3600)
    _check_range("server.restart_after_scenes", server.restart_after_scenes, 0, 1_000_000)
    _check_range("server.memory_limit_mb", server.memory_limit_mb, 0, math.inf)
    if server.kind == "embedded":
        return
    if not server.command and not server.join:
        raise ConfigError(
            "server=carla: give either server.command (how to launch one) or server.join (where they run)"
        )
    if not server.join and not any("{port}" in word for word in server.command):
        raise ConfigError(
            f"server.command={server.command}: no word has {{port}}; the server must be told its RPC port, "
            "for example -carla-rpc-port={port}"
        )
    if server.join and job.workers > len(server.join):
        raise ConfigError(
            f"job.workers={job.workers}, but server.join names {len(server.join)} servers; one each is wanted"
        )


def _check_rig(rig: RigConfig, scene: SceneConfig) -> None:
    if len(rig.color_rgb) != 3 or not all(0 <= c <= 255 for c in rig.color_rgb):
        raise ConfigError(f"rig.color_rgb={rig.color_rgb}: three values of 0..255 are wanted")
    sensors: dict[str, CameraConfig | LidarConfig | RadarConfig | PointSensorConfig] = {
        **rig.cameras,
        **rig.lidars,
        **rig.radars,
        **rig.gnss,
        **rig.imus,
    }
    names = [s.name for s in sensors.values()]
    for name in sorted({n for n in names if names.count(n) > 1}):
        raise ConfigError(f"rig: two sensors are named {name!r}")
    if not rig.cameras and not rig.lidars and not rig.radars:
        raise ConfigError("rig: at least one camera, LiDAR or radar is wanted")
    for key, camera in rig.cameras.items():
        where = f"rig.cameras.{key}"
        _check_range(f"{where}.width_px", camera.width_px, 16, 8192)
        _check_range(f"{where}.height_px", camera.height_px, 16, 8192)
        fisheye = camera.lens is not None and camera.lens.model == "kannala_brandt"
        _check_range(f"{where}.fov_deg", camera.fov_deg, 1, 190 if fisheye else 170)
        _check_multiple(f"{where}.period_s", camera.period_s, scene.tick_s)
        try:
            check_camera(camera)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
    for key, lidar in rig.lidars.items():
        where = f"rig.lidars.{key}"
        check_lidar(lidar, where, scene.tick_s)
    for key, radar in rig.radars.items():
        check_radar(radar, f"rig.radars.{key}")
    for key, sensor in sensors.items():
        period_s = _period_s(sensor)
        _check_multiple(f"rig sensor {key}.period_s", period_s, scene.tick_s)
        ratio = scene.keyframe_s / period_s
        if abs(ratio - round(ratio)) > 1e-6:
            raise ConfigError(
                f"rig sensor {key}: period_s={period_s} does not divide "
                f"scene.keyframe_s={scene.keyframe_s}; every sensor must be due at a keyframe"
            )


def _period_s(sensor: CameraConfig | LidarConfig | RadarConfig | PointSensorConfig) -> float:
    """Of LiDARs and radars it may be the preset's."""
    if isinstance(sensor, LidarConfig):
        return make_lidar(sensor).period_s
    return make_radar(sensor).period_s if isinstance(sensor, RadarConfig) else sensor.period_s


def _check_range(key: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise ConfigError(f"{key}={value}: a value from {low} to {high} is wanted")


def _check_choice(key: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{key}={value!r}: one of {', '.join(choices)} is wanted")


def _check_multiple(key: str, value: float, tick_s: float) -> None:
    ticks = value / tick_s
    if not math.isfinite(ticks) or ticks < 1 - 1e-6 or abs(ticks - round(ticks)) > 1e-6:
        raise ConfigError(f"{key}={value}: a multiple of scene.tick_s={tick_s} is wanted")
