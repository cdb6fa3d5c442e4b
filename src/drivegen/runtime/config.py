"""The configuration of a job, as Hydra composes it. A key that is not here is refused."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from drivegen.capture.export.card import Card
from drivegen.core.errors import ConfigError
from drivegen.runtime.agents_config import AgentsConfig, RoadsideRigConfig, check_agents, check_mounts
from drivegen.runtime.point_config import DegradationConfig, check_degradation
from drivegen.runtime.rig_config import (
    RigConfig,
    check_choice,
    check_multiple,
    check_range,
    check_sensors,
    check_vehicle,
)
from drivegen.runtime.stage_config import LookConfig, StageResources, check_looks, check_resources
from drivegen.runtime.storage.config import StorageConfig, check_storage
from drivegen.runtime.words_config import WordsConfig, check_words


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
    plans: str | None = None
    """A folder with plans/*.json and maps/, for example another run's: they are recorded, none is drawn."""
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
    start_timeout_s: float = 180.0
    """Until a server answers. Where drivegen is new, or its road, it first compiles and makes meshes."""
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
class ExportConfig:
    """The data set to write when the captures are there; none when `format` is null."""

    format: str | None = None
    look: str = ""
    """Whose images it has; empty: the simulator's."""
    agents: str = "ego"
    """Whose sensors it has: ego, all, or names and kinds (roadside, connected) with commas between."""
    where: str = ""
    """Frames that it has, as an expression over the index (docs/exporters.md); empty: all."""
    nth: int = 1
    """Every n-th frame."""
    hz: float = 0.0
    """So many frames a second; 0: all."""
    scale: float = 1.0
    """Of the images' width and height; labels follow."""
    jpeg_quality: int = 0
    """1..100; 0: as captured."""
    splits: dict[str, float] = field(default_factory=lambda: {"train": 0.8, "val": 0.1, "test": 0.1})
    """Shares of the scenes by name."""
    split_seed: int = 0
    splits_from: str = ""
    """A data set, or a file, whose scenes keep the splits that they have there."""
    card: dict[str, Any] = field(default_factory=lambda: asdict(Card()))
    """What its publisher says of it (`drivegen.capture.export.card.Card`): licence, contact, grade, ..."""
    c2pa: dict[str, str] = field(default_factory=dict)
    """Who signs the scenes (`drivegen.capture.export.signing.Signing`): certificate, key; empty: nobody."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the format."""


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
    """Of the ego."""
    agents: AgentsConfig = field(default_factory=AgentsConfig)
    look: dict[str, LookConfig] = field(default_factory=dict)
    """By name; every scene gets all of them."""
    export: ExportConfig = field(default_factory=ExportConfig)
    storage: StorageConfig = field(default_factory=StorageConfig)
    words: WordsConfig = field(default_factory=WordsConfig)
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
    check_range("job.scenes", job.scenes, 1, 10_000_000)
    check_range("job.workers", job.workers, 1, 100_000)
    check_range("job.max_attempts", job.max_attempts, 1, 100)
    check_range("job.stage_workers", job.stage_workers, 1, 100_000)
    check_range("job.stage_backlog", job.stage_backlog, 1, 1_000_000)
    check_range("job.scene_timeout_s", job.scene_timeout_s, 1, math.inf)
    check_range("job.stage_timeout_s", job.stage_timeout_s, 1, 1e6)
    check_choice("job.pool", job.pool, ("ray", "inline"))
    check_choice("job.on_change", job.on_change, ("refuse", "keep", "redo"))
    check_range("scene.tick_s", scene.tick_s, 0.005, 0.1)
    check_range("scene.duration_s", scene.duration_s, scene.tick_s, 600)
    check_range("scene.warmup_s", scene.warmup_s, 0, 600)
    check_range("scene.label_range_m", scene.label_range_m, 1, 1000)
    check_range("scene.jpeg_quality", scene.jpeg_quality, 1, 100)
    check_multiple("scene.keyframe_s", scene.keyframe_s, scene.tick_s)
    check_range("job.least_free_gb", job.least_free_gb, 0, math.inf)
    _check_server(config.server, job)
    check_storage(config.storage)
    for key in ("cpus", "gpus", "memory_mb"):
        check_range(f"ray.{key}", getattr(config.ray, key), 0, math.inf)
    check_resources("ray.look", config.ray.look)
    check_resources("ray.export", config.ray.export)
    check_looks(config.look)
    check_words(config.words)
    check_range("map.variants", config.map.variants, 1, 1_000_000)
    if (config.map.file is None) == (config.map.plugin is None):
        raise ConfigError("map: give either map.plugin (a generator) or map.file (an OpenDRIVE file)")
    check_range("traffic.vehicles", config.traffic.vehicles, 0, 1000)
    check_range("pedestrians.pedestrians", config.pedestrians.pedestrians, 0, 1000)
    check_range("weather.day_of_year", config.weather.day_of_year, 1, 366)
    if not config.weather.presets or not config.weather.hours:
        raise ConfigError("weather.presets and weather.hours: at least one of each is wanted")
    for hour in config.weather.hours:
        check_range("weather.hours", hour, 0, 24)
    check_degradation(config.degradation)
    check_vehicle(config.rig, "rig")
    _check_rig(config.rig, "rig", scene, phases=False)
    check_agents(config.agents, scene.tick_s)
    connected, roadside = config.agents.connected.rig, config.agents.roadside.rig
    if connected is not None:
        check_vehicle(connected, "agents.connected.rig")
        _check_rig(connected, "agents.connected.rig", scene, phases=True)
    if roadside is not None:
        check_mounts(roadside, "agents.roadside.rig")
        _check_rig(roadside, "agents.roadside.rig", scene, phases=True)


def _check_rig(rig: RigConfig | RoadsideRigConfig, where: str, scene: SceneConfig, *, phases: bool) -> None:
    names = ("cameras", "lidars", "radars", "gnss", "imus")
    groups = {name: getattr(rig, name) for name in names if hasattr(rig, name)}
    check_sensors(groups, where, tick_s=scene.tick_s, keyframe_s=scene.keyframe_s, phases=phases)


def _check_server(server: ServerConfig, job: JobConfig) -> None:
    check_choice("server.kind", server.kind, ("embedded", "carla"))
    check_choice("server.renderer", server.renderer, ("auto", "egl", "osmesa"))
    for gpu in server.gpus:
        check_range("server.gpus", gpu, 0, 1023)
    if server.gpus and server.renderer == "osmesa":
        raise ConfigError("server.gpus: no GPU draws with server.renderer=osmesa; choose auto or egl")
    for key in ("start_timeout_s", "call_timeout_s", "stop_timeout_s"):
        check_range(f"server.{key}", getattr(server, key), 1, 3600)
    check_range("server.restart_after_scenes", server.restart_after_scenes, 0, 1_000_000)
    check_range("server.memory_limit_mb", server.memory_limit_mb, 0, math.inf)
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
