"""From a configuration to scene plans. Scene i of a job depends on the job's seed and i, on nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivegen.core.errors import ConfigError, MapError
from drivegen.core.geometry import Pose
from drivegen.core.plans import EgoPlan, MapPlan, ScenePlan
from drivegen.core.rng import derive_rng, derive_seed
from drivegen.core.sensors import Gnss, Imu, Rig, Sensor
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins
from drivegen.runtime.camera_config import make_camera
from drivegen.runtime.config import Config, RigConfig
from drivegen.runtime.folder import RunFolder, write_atomically
from drivegen.runtime.point_config import make_degradation, make_lidar, make_radar


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


class Planner:
    """Draws the plans of a job, one at a time."""

    def __init__(self, config: Config) -> None:
        """Finds the plugins and checks their parameters. Raises ConfigError or MapError."""
        self._config = config
        self._traffic = plugins.make(
            "generators.vehicles", config.traffic.plugin, config.traffic.params, "traffic.plugin"
        )
        self._pedestrians = plugins.make(
            "generators.pedestrians",
            config.pedestrians.plugin,
            config.pedestrians.params,
            "pedestrians.plugin",
        )
        self._weather = plugins.make(
            "generators.weather", config.weather.plugin, config.weather.params, "weather.plugin"
        )
        self._roads: Any = None
        if config.map.plugin is not None:
            self._roads = plugins.make("generators.roads", config.map.plugin, config.map.params, "map.plugin")
        self._rig = make_rig(config.rig)
        self._maps: dict[int, DrawnMap] = {}

    def scene_name(self, index: int) -> str:
        """Name of scene `index`, counted from 0."""
        return f"scene-{index + 1:04d}"

    def map(self, variant: int) -> DrawnMap:
        """Road `variant` of the job."""
        if variant not in self._maps:
            self._maps[variant] = self._draw_map(variant)
        return self._maps[variant]

    def _map_of_scene(self, index: int) -> DrawnMap:
        """Scenes take turns on the roads of a generator; a user's file is the one road of all."""
        return self.map(index % self._config.map.variants if self._config.map.file is None else 0)

    def _draw_map(self, variant: int) -> DrawnMap:
        config = self._config
        if config.map.file is not None:
            name, text, network = _read_map(Path(config.map.file))
        else:
            name = f"{config.map.plugin}_{variant + 1:04d}"
            network = self._roads.generate(derive_rng(config.job.seed, "map", variant), name)
            text = write_network(network)
        plan = MapPlan(
            name=name,
            opendrive=f"{name}.xodr",
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            scenery_seed=derive_seed(config.job.seed, "scenery", variant) & 0x7FFFFFFF,
        )
        return DrawnMap(plan=plan, text=text, network=network)

    def plan(self, index: int) -> ScenePlan:
        """The plan of scene `index`."""
        config = self._config
        name = self.scene_name(index)
        seed = derive_seed(config.job.seed, name)
        drawn = self._map_of_scene(index)
        ego, vehicles = self._traffic.plan(
            derive_rng(seed, "vehicles"), drawn.network, config.traffic.vehicles
        )
        weather = self._weather.plan(
            derive_rng(seed, "weather"),
            # Scenes take turns on presets and hours, so that few scenes already differ.
            config.weather.presets[index % len(config.weather.presets)],
            config.weather.hours[index % len(config.weather.hours)],
            config.weather.day_of_year,
            *drawn.latitude_longitude_deg(config),
        )
        walkers = self._pedestrians.plan(
            derive_rng(seed, "pedestrians"),
            drawn.network,
            config.pedestrians.pedestrians,
            near=ego,
            weather=weather.parameters,
        )
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
                start=ego,
                speed_difference_percent=config.rig.speed_difference_percent,
                rig=self._rig,
            ),
            vehicles=vehicles,
            walkers=walkers,
            requested={
                "vehicles": float(config.traffic.vehicles),
                "pedestrians": float(config.pedestrians.pedestrians),
            },
            degradation=make_degradation(config.degradation),
        )

    def write(self, folder: RunFolder) -> Iterator[ScenePlan]:
        """Draws every plan of the job and lays it, and its map, into the run folder."""
        for index in range(self._config.job.scenes):
            plan = self.plan(index)
            road = folder.maps / plan.map.opendrive
            if not road.is_file() or hashlib.sha256(road.read_bytes()).hexdigest() != plan.map.sha256:
                write_atomically(road, self._map_of_scene(index).text)
            write_atomically(folder.plan(plan.scene), plan.to_json())
            yield plan


def _read_map(path: Path) -> tuple[str, str, RoadNetwork]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"map.file={path}: {error.strerror}; give the path of an OpenDRIVE file") from None
    except UnicodeDecodeError:
        raise MapError(f"{path}: not a text file in UTF-8; give an OpenDRIVE file (.xodr)") from None
    return path.stem, text, read_network(text, str(path))


def make_rig(config: RigConfig) -> Rig:
    """The rig of a configuration; mounts in the agent's frame."""
    sensors: list[Sensor] = [make_camera(c) for c in config.cameras.values()]
    sensors += [make_lidar(s) for s in config.lidars.values()]
    sensors += [make_radar(s) for s in config.radars.values()]
    sensors += [
        Gnss(name=s.name, agent_sensor=Pose.from_xyz_rpy(s.x_m, s.y_m, s.z_m), period_s=s.period_s)
        for s in config.gnss.values()
    ]
    sensors += [
        Imu(name=s.name, agent_sensor=Pose.from_xyz_rpy(s.x_m, s.y_m, s.z_m), period_s=s.period_s)
        for s in config.imus.values()
    ]
    return Rig(name=config.name, sensors=tuple(sensors))
