"""From a configuration to scene plans. Scene i of a job depends on the job's seed and i, on nothing else."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import ConfigError, MapError
from drivegen.core.plans import (
    Drive,
    EgoPlan,
    MapPlan,
    ScenePlan,
    TrafficDraw,
    VehiclePlan,
    WalkersDraw,
    WeatherPlan,
)
from drivegen.core.rng import derive_rng, derive_seed
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins
from drivegen.runtime.agents_planning import AgentPlanner
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Assignment
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.levels import Levels
from drivegen.runtime.point_config import make_degradation
from drivegen.runtime.rig_config import make_rig
from drivegen.runtime.scene_names import scene_name
from drivegen.runtime.workload import workload_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnMap:
    """A road of the job."""

    plan: MapPlan
    text: str
    """OpenDRIVE."""
    network: RoadNetwork

    def latitude_longitude_deg(self, config: Config) -> tuple[float, float]:
        """Where the map's origin is; the configuration says it for a map without geoReference."""
        found = dict(re.findall(r"\+(lat_0|lon_0)=(\S+)", self.network.geo_reference or ""))
        try:
            return float(found["lat_0"]), float(found["lon_0"])
        except (KeyError, ValueError):
            return config.weather.latitude_deg, config.weather.longitude_deg


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScene:
    """What a job remembers of a plan that lies in its folder."""

    scene: str
    sha256: str
    """Of the plan."""
    weather: str
    map: str
    levels: dict[str, str]
    requested: dict[str, float]
    load: dict[str, float]
    """What it asks of a machine: fields of `Workload`."""


KEPT_MAPS = 8
"""Roads that a planner remembers: a city has some 50 MB, and a worker's scenes come map by map."""

_FAMILIES = {"map": "roads", "traffic": "vehicles"}
"""Kinds of generators whose section of the configuration has another name."""


class Planner:
    """Draws the plans of a job, one at a time."""

    def __init__(self, config: Config) -> None:
        """Finds the plugins and checks their parameters. Raises ConfigError or MapError."""
        self._config = config
        self._levels = Levels(config)
        self.assignment = Assignment(config.job.coverage.strategy, self._levels.factors, config.job.seed)
        self._plugins: dict[tuple[str, str], Any] = {}
        self._maps: OrderedDict[tuple[str, int], DrawnMap] = OrderedDict()
        """The last that were asked for."""
        self._rig = make_rig(config.rig)
        self._agents = AgentPlanner(config)
        self._find_plugins(config)
        for factor, levels in self.assignment.factors.items():
            for level in levels:
                self._find_plugins(self._levels.config({factor: level}))

    def _find_plugins(self, config: Config) -> None:
        for root in ("traffic", "pedestrians", "weather"):
            self._plugin(root, config)
        if config.map.plugin is not None:
            self._plugin("map", config)

    def _plugin(self, root: str, config: Config) -> Any:
        """An instance for each different plugin and parameters of a section of the configuration. `lasts_s`
        that is null is the length of the scene with its warm-up."""
        section = getattr(config, root)
        params = dict(section.params)
        if "lasts_s" in params and params["lasts_s"] is None:
            params["lasts_s"] = config.scene.warmup_s + config.scene.duration_s
        key = (root, repr((section.plugin, params)))
        if key not in self._plugins:
            kind = f"generators.{_FAMILIES.get(root, root)}"
            self._plugins[key] = plugins.make(kind, section.plugin, params, f"{root}.plugin")
        return self._plugins[key]

    @property
    def fingerprint(self) -> str:
        """Of what is planned, for whoever compares: the first plan's hash."""
        return self.plan(0).sha256

    def road_key(self, index: int) -> tuple[str, int]:
        """Equal for scenes on one road, which take turns on those of a generator; a user's file is of all."""
        levels = self.assignment.levels(index)
        road = self._levels.config(levels).map
        return self._levels.map_tag(levels), index % road.variants if road.file is None else 0

    def map(self, index: int) -> DrawnMap:
        """The road of scene `index`."""
        key = self.road_key(index)
        if key in self._maps:
            self._maps.move_to_end(key)
        else:
            self._maps[key] = self._draw_map(self._levels.config(self.assignment.levels(index)), *key)
            if len(self._maps) > KEPT_MAPS:
                self._maps.popitem(last=False)
        return self._maps[key]

    def _draw_map(self, config: Config, tag: str, variant: int) -> DrawnMap:
        tags = (tag,) if tag else ()
        if config.map.file is not None:
            name, text, network = _read_map(Path(config.map.file))
            name = "_".join([name, *tags])
        else:
            name = "_".join([str(config.map.plugin), *tags, f"{variant + 1:04d}"])
            roads = self._plugin("map", config)
            network = roads.generate(derive_rng(config.job.seed, "map", variant, *tags), name)
            text = write_network(network)
        plan = MapPlan(
            name=name,
            opendrive=f"{name}.xodr",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            scenery_seed=derive_seed(config.job.seed, "scenery", variant, *tags) & 0x7FFFFFFF,
        )
        return DrawnMap(plan=plan, text=text, network=network)

    def draw_weather(self, index: int, drawn: DrawnMap) -> WeatherPlan:
        """The weather of scene `index` on a road."""
        config = self._levels.config(self.assignment.levels(index))
        weather: WeatherPlan = self._plugin("weather", config).plan(
            derive_rng(derive_seed(config.job.seed, scene_name(index)), "weather"),
            # Scenes take turns on presets and hours, so that few scenes already differ.
            config.weather.presets[index % len(config.weather.presets)],
            config.weather.hours[index % len(config.weather.hours)],
            config.weather.day_of_year,
            *drawn.latitude_longitude_deg(config),
        )
        return weather

    def plan(self, index: int) -> ScenePlan:
        """The plan of scene `index`."""
        levels = self.assignment.levels(index)
        config = self._levels.config(levels)
        name = scene_name(index)
        seed = derive_seed(config.job.seed, name)
        drawn = self.map(index)
        weather = self.draw_weather(index, drawn)
        traffic: TrafficDraw = self._plugin("traffic", config).plan(
            derive_rng(seed, "vehicles"), drawn.network, config.traffic.vehicles, hour=weather.hour
        )
        walkers: WalkersDraw = self._plugin("pedestrians", config).plan(
            derive_rng(seed, "pedestrians"),
            drawn.network,
            config.pedestrians.pedestrians,
            near=traffic.ego,
            weather=weather.parameters,
            vehicles=(*traffic.vehicles, *_ego_on_track(config, traffic)),
        )
        agents = self._agents.plan(name, seed, drawn.plan.name, drawn.network, traffic, self._rig)
        return ScenePlan(
            scene=name,
            seed=seed,
            tick_s=config.scene.tick_s,
            warmup_s=config.scene.warmup_s,
            duration_s=config.scene.duration_s,
            keyframe_s=config.scene.keyframe_s,
            label_range_m=config.scene.label_range_m,
            map=drawn.plan,
            weather=weather,
            ego=EgoPlan(
                blueprint=config.rig.blueprint,
                color_rgb=(config.rig.color_rgb[0], config.rig.color_rgb[1], config.rig.color_rgb[2]),
                start=traffic.ego,
                speed_difference_percent=config.rig.speed_difference_percent,
                rig=self._rig,
                errors=agents.ego_errors,
                track=traffic.ego_track,
            ),
            vehicles=agents.vehicles,
            walkers=walkers.walkers,
            requested={
                "vehicles": float(config.traffic.vehicles),
                "pedestrians": float(config.pedestrians.pedestrians),
                **traffic.requested,
                **walkers.requested,
                **agents.requested,
            },
            degradation=make_degradation(config.degradation),
            levels=levels,
            connected=agents.connected,
            roadside=agents.roadside,
            v2x=agents.v2x,
            signals=traffic.signals,
        )

    def write_scene(self, folder: RunFolder, index: int, laid: set[str]) -> PlannedScene:
        """Lays one plan into the run folder, and its map unless that is among those `laid` already."""
        plan = self.plan(index)
        if plan.map.name not in laid:
            road = folder.maps / plan.map.opendrive
            if not road.is_file() or hashlib.sha256(road.read_bytes()).hexdigest() != plan.map.sha256:
                write_atomically(road, self.map(index).text)
            laid.add(plan.map.name)
        text = plan.to_json()
        # Not durably: what is lost is drawn again.
        write_atomically(folder.plan(plan.scene), text, durable=False)
        return PlannedScene(
            scene=plan.scene,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            weather=plan.weather.preset,
            map=plan.map.name,
            levels=plan.levels,
            requested=plan.requested,
            load=asdict(workload_of(plan)),
        )


def _ego_on_track(config: Config, traffic: TrafficDraw) -> tuple[VehiclePlan, ...]:
    """The ego as one of the vehicles that walkers meet, where it is known how it moves."""
    if traffic.ego_track is None:
        return ()
    return (
        VehiclePlan(
            blueprint=config.rig.blueprint,
            color_rgb=(0, 0, 0),
            start=traffic.ego,
            speed_difference_percent=0.0,
            following_distance_m=0.0,
            lane_changes=False,
            drive=Drive.TRACK,
            track=traffic.ego_track,
        ),
    )


def _read_map(path: Path) -> tuple[str, str, RoadNetwork]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"map.file={path}: {error.strerror}; give the path of an OpenDRIVE file") from None
    except UnicodeDecodeError:
        raise MapError(f"{path}: not a text file in UTF-8; give an OpenDRIVE file (.xodr)") from None
    return path.stem, text, read_network(text, str(path))
