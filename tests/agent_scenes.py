"""Small scenes with several agents, planned by the real planner from the real configuration."""

from __future__ import annotations

from pathlib import Path

from hydra import compose, initialize_config_dir

from drivegen.core.plans import ScenePlan
from drivegen.data import data_root
from drivegen.runtime.config import Config, config_from, register_schema
from drivegen.runtime.planning import Planner

SHORT = (
    "map=junction",
    "rig=tiny",
    "agents=tiny",
    "scene.warmup_s=1.0",
    "scene.duration_s=0.6",
    "scene.keyframe_s=0.5",
    "traffic.vehicles=16",
    "pedestrians.pedestrians=6",
)


def composed(*overrides: str) -> Config:
    """A checked configuration."""
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        return config_from(compose("config", overrides=[*SHORT, *overrides]))


def plan_scene(folder: Path, *overrides: str) -> tuple[ScenePlan, Path]:
    """The first plan of a job and its road's file."""
    planner = Planner(composed(*overrides))
    plan = planner.plan(0)
    road = folder / plan.map.opendrive
    road.write_text(planner.map(0).text, encoding="utf-8")
    return plan, road
