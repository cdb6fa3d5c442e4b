"""What the card of a data set tells: of one scene, and added up over all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from drivegen.capture.export.selected import SelectedCapture
from drivegen.capture.export.splits import traits_of
from drivegen.core.agents import EGO

_MOST_NAMED = 1000
"""Values of one kind (maps, say) that are counted one by one."""


def about_scene(capture: SelectedCapture) -> dict[str, Any]:
    """Plain data of a scene and of the frames of it that are exported."""
    plan = capture.plan
    frames = [(f.time_ns, f.keyframe) for f in capture.frames()]
    return {
        "frames": len(frames),
        "keyframes": sum(keyframe for _, keyframe in frames),
        "seconds": (frames[-1][0] - frames[0][0]) / 1e9 if frames else 0.0,
        "traits": traits_of(plan),
        "plan_sha256": plan.sha256,
        "seed": plan.seed,
        "hour": plan.weather.hour,
        "label_range_m": plan.label_range_m,
        "made_by": capture.provenance,
        "sensors": {
            ("" if agent == EGO else f"{agent} ") + sensor.name: type(sensor).__name__.lower()
            for agent, rig in capture.rigs.items()
            for sensor in rig.sensors
        },
        "labels": dict(sorted(capture.count_labels().items())),
    }


@dataclass(slots=True)
class Overview:
    """Of all scenes of a data set."""

    scenes: int = 0
    frames: int = 0
    keyframes: int = 0
    seconds: float = 0.0
    splits: Counter[str] = field(default_factory=Counter)
    traits: dict[str, Counter[str]] = field(default_factory=dict)
    labels: Counter[str] = field(default_factory=Counter)
    """Of keyframes, by class."""
    sensors: dict[str, str] = field(default_factory=dict)
    """Kind by name."""
    made_by: dict[str, Counter[str]] = field(default_factory=dict)
    """Versions by name of what recorded the captures."""
    agents: Counter[str] = field(default_factory=Counter)
    """Scenes by agent, where others than the ego were asked for."""
    ranges_m: Counter[str] = field(default_factory=Counter)
    """How far away objects are annotated."""

    def add(self, about: dict[str, Any], split: str) -> None:
        """Adds a scene."""
        self.scenes += 1
        self.frames += about["frames"]
        self.keyframes += about["keyframes"]
        self.seconds += about["seconds"]
        self.splits[split] += 1
        for trait, level in about["traits"].items():
            _count(self.traits.setdefault(trait, Counter()), level)
        for name, version in about["made_by"].items():
            _count(self.made_by.setdefault(name, Counter()), version)
        self.labels.update(about["labels"])
        for agent in about.get("agents", ()):
            _count(self.agents, agent)
        _count(self.ranges_m, f"{about['label_range_m']:g}")
        if len(self.sensors) < _MOST_NAMED:
            self.sensors.update(about["sensors"])


def _count(counter: Counter[str], value: str) -> None:
    counter[value if value in counter or len(counter) < _MOST_NAMED else "others"] += 1
