"""Scenes that were played or recorded before, recorded with sensors: a job over given plans."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException

from drivegen.core.errors import ConfigError
from drivegen.core.plans import ScenePlan
from drivegen.core.rng import derive_seed
from drivegen.data import data_root
from drivegen.opendrive.reader import read_network
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.folder import write_atomically
from drivegen.runtime.job import JobSummary, run_job
from drivegen.runtime.planning import DrawnMap, Planner
from drivegen.runtime.point_config import make_degradation
from drivegen.runtime.rig_config import make_rig
from drivegen.runtime.scene_names import scene_name
from drivegen.scenario.staging import UNTOLD

GIVEN, RUN = "to_record", "recorded"
"""Folders below the output: plans and roads, and the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A scene to be recorded."""

    name: str
    """Of the scenario, or of the recorded scene."""
    plan: ScenePlan
    """Without sensors."""
    road: str
    """OpenDRIVE text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How scenes are recorded."""

    rig: str | None = None
    """Of conf/rig; none: the plans' own."""
    weather: str | None = None
    """A preset in place of the scenes' own weather."""
    overrides: tuple[str, ...] = ()
    """Of a job's configuration: export=nuscenes, look=..., scene.keyframe_s=0.5, ..."""


def config_of(wishes: Wishes, out: Path, scenes: int, tick_s: float) -> Config:
    """The configuration of the job. Raises ConfigError in Hydra's words."""
    register_schema()
    words = [] if wishes.rig is None else [f"rig={wishes.rig}"]
    if wishes.weather is not None:
        words.append(f"weather.presets=[{wishes.weather}]")
    words += [
        "job.pool=inline",
        "job.on_change=redo",
        *wishes.overrides,
        f"job.runs_dir={json.dumps(str(out.resolve()))}",
        f"job.name={RUN}",
        f"job.plans={json.dumps(str((out / GIVEN).resolve()))}",
        f"job.scenes={scenes}",
        f"scene.tick_s={tick_s}",
        "scene.warmup_s=0.0",
    ]
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(data_root() / "conf")):
            return config_from(compose(config_name="config", overrides=words))
    except HydraException as error:
        raise ConfigError(str(error).splitlines()[0]) from None


def check_wishes(wishes: Wishes, out: Path) -> None:
    """Raises a DrivegenError for what no scene could be recorded with; before anything is played."""
    dresser = _Dresser(config_of(wishes, out, 1, 0.05), wishes)
    if wishes.weather is not None:
        dresser.try_weather()


def take(scenes: Sequence[Staged], wishes: Wishes, out: Path) -> JobSummary:
    """Records scenes into a run folder `recorded` below `out`. Raises DrivegenError as a job does."""
    if not scenes:
        raise ConfigError("there is nothing to record")
    config = config_of(wishes, out, len(scenes), scenes[0].plan.tick_s)
    dresser = _Dresser(config, wishes)
    given = out / GIVEN
    (given / "plans").mkdir(parents=True, exist_ok=True)
    (given / "maps").mkdir(parents=True, exist_ok=True)
    for old in (given / "plans").glob("*.json"):
        old.unlink()
    names: dict[str, str] = {}
    for index, staged in enumerate(scenes):
        plan = dresser.dress(staged, index)
        names[plan.scene] = staged.name
        write_atomically(given / "maps" / plan.map.opendrive, staged.road)
        write_atomically(given / "plans" / f"{plan.scene}.json", plan.to_json())
    write_atomically(given / "scenes.json", json.dumps(names, indent=1, ensure_ascii=False) + "\n")
    return run_job(config)


class _Dresser:
    """Gives plans what a configuration says of sensors, weather and labels."""

    def __init__(self, config: Config, wishes: Wishes) -> None:
        self._config = config
        self._rig = None if wishes.rig is None else make_rig(config.rig)
        self._planner = Planner(replace_plans(config))
        self._weather = wishes.weather is not None

    def try_weather(self) -> None:
        """Draws one for any road. Raises ConfigError."""
        self._planner.draw_weather(0, self._planner.map(0))

    def dress(self, staged: Staged, index: int) -> ScenePlan:
        """The plan to record as scene `index`."""
        config, plan = self._config, staged.plan
        name = scene_name(index)
        road = DrawnMap(
            plan=plan.map, text=staged.road, network=read_network(staged.road, plan.map.opendrive)
        )
        weather = plan.weather
        if self._weather or weather.preset == UNTOLD:
            weather = self._planner.draw_weather(index, road)
        # Roads of one name are one file only if they are the same.
        opendrive = f"{Path(plan.map.opendrive).stem}-{plan.map.sha256[:8]}.xodr"
        return replace(
            plan,
            scene=name,
            seed=derive_seed(config.job.seed, name),
            keyframe_s=config.scene.keyframe_s,
            label_range_m=config.scene.label_range_m,
            map=replace(plan.map, opendrive=opendrive),
            weather=weather,
            ego=replace(plan.ego, rig=self._rig or plan.ego.rig),
            degradation=make_degradation(config.degradation),
            levels={"of": staged.name},
        )


def replace_plans(config: Config) -> Config:
    """The configuration of a job that draws its plans."""
    return replace(config, job=replace(config.job, plans=None))
