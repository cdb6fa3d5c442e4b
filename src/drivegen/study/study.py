"""A study: arms that differ in colours alone, over seeds, judged on held-out scenes and real pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_seed
from drivegen.datasets import open as open_captures
from drivegen.study.classes import CLASSES
from drivegen.study.holdout import Holdout, SceneTraits, hold_out
from drivegen.study.intervals import Interval, interval_of
from drivegen.study.pictures import Labelled, looks_of, of_captures, of_folder

SIMULATOR = "simulator"
JITTER = "simulator, colours jittered"
PROCEDURAL = "procedural looks"
DIFFUSION = "diffusion looks"
KINDS = {"procedural": PROCEDURAL}
"""Arm by back end; all others are diffusion's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be studied."""

    run: Path
    hold_maps: tuple[str, ...] = ()
    hold_weather: tuple[str, ...] = ()
    real: Path | None = None
    """A folder of real pictures to judge on as well."""
    size: tuple[int, int] = (128, 72)
    """Width and height of what the network sees."""
    steps: int = 400
    """Of training, the same in all arms."""
    seeds: int = 5
    first_seed: int = 0
    most_images: int = 0
    """Of training; 0: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """What became of an arm."""

    name: str
    looks: tuple[str, ...]
    """That it learnt from, the simulator's left out."""
    scores: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    """By test set: of each seed the intersection over union by class, and `mean`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that a study found."""

    order: dict[str, Any]
    holdout: Holdout
    images: dict[str, int]
    """Number by set."""
    arms: list[ArmResult]

    def mean_iou(self, arm: ArmResult, test: str) -> Interval:
        """Of an arm, over seeds."""
        return interval_of([score["mean"] for score in arm.scores[test]])

    def gain(self, arm: ArmResult, test: str) -> Interval:
        """Over the first arm, seed by seed."""
        pairs = zip(arm.scores[test], self.arms[0].scores[test], strict=True)
        return interval_of([ours["mean"] - theirs["mean"] for ours, theirs in pairs])

    def to_json(self) -> str:
        """Everything, with the intervals."""
        data = asdict(self)
        data["summary"] = {
            test: {
                arm.name: {
                    "mean_iou": _plain(self.mean_iou(arm, test)),
                    "gain": None if arm is self.arms[0] else _plain(self.gain(arm, test)),
                }
                for arm in self.arms
            }
            for test in self.arms[0].scores
        }
        return json.dumps(_finite(data), indent=2, ensure_ascii=False, default=str) + "\n"


def study(order: Order, tell: Callable[[str], None]) -> Findings:
    """Trains and judges all arms.

    Raises:
        ConfigError: torch is not there, the run has no look, or nothing can be held out as asked.
        CaptureError: A capture cannot be read.
    """
    training = _training()
    _check(order)
    frames = open_captures(order.run)
    scenes = {}
    for name in frames.scenes:
        plan = frames.plan(name)
        scenes[name] = SceneTraits(map=plan.map.name, weather=plan.weather.preset)
    frames.close()
    held = hold_out(scenes, order.hold_maps, order.hold_weather, order.first_seed)
    looks = looks_of(order.run, held.train)
    if not looks:
        raise ConfigError(
            f"{order.run} has no look of all scenes that are learnt from ({', '.join(held.train)});"
            " make some first: drivegen generate ... look=[haze,rain,dusk]"
        )
    tests = {"held-out scenes": of_captures(order.run, held.test, order.size)}
    if order.real is not None:
        tests["real"] = of_folder(order.real, order.size)
    simulator = of_captures(order.run, held.train, order.size, most=order.most_images)
    arms = _arms(order, held, looks, simulator)
    recipe = training.Recipe(steps=order.steps)
    results = [ArmResult(name=n, looks=names, scores={t: [] for t in tests}) for n, names, _ in arms]
    for number in range(order.seeds):
        seed = derive_seed(order.first_seed, "study", number)
        for (name, _, sets), result in zip(arms, results, strict=True):
            net = training.train(sets, name == JITTER, recipe, seed)
            for test, pictures in tests.items():
                result.scores[test].append(_score(training.judge(net, pictures)))
            means = ", ".join(f"{t} {s[-1]['mean']:.3f}" for t, s in result.scores.items())
            tell(f"seed {number + 1} of {order.seeds}, {name}: mIoU {means}")
    images = {"training": len(simulator), **{test: len(pictures) for test, pictures in tests.items()}}
    return Findings(order=_order(order), holdout=held, images=images, arms=results)


def _training() -> Any:
    try:
        from drivegen.study import training  # noqa: PLC0415  (torch: only where used)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ConfigError("drivegen study needs torch: pip install 'drivegen[train]'") from None
    return training


def _check(order: Order) -> None:
    width, height = order.size
    if min(width, height) < 16 or max(width, height) > 4096:
        raise ConfigError(f"--size {width}x{height}: 16 to 4096 pixels a side are wanted")
    for name, value in (("steps", order.steps), ("seeds", order.seeds)):
        if value < 2:
            raise ConfigError(f"--{name} {value}: 2 or more are wanted")


def _arms(
    order: Order, held: Holdout, looks: dict[str, str], simulator: Labelled
) -> list[tuple[str, tuple[str, ...], list[Labelled]]]:
    """Name, looks and pictures of each arm; every arm has the simulator's own among its pictures."""
    arms: list[tuple[str, tuple[str, ...], list[Labelled]]] = [
        (SIMULATOR, (), [simulator]),
        (JITTER, (), [simulator]),
    ]
    for kind in (PROCEDURAL, DIFFUSION):
        names = tuple(look for look, plugin in looks.items() if KINDS.get(plugin, DIFFUSION) == kind)
        if names:
            sets = [
                of_captures(order.run, held.train, order.size, look=n, most=order.most_images) for n in names
            ]
            arms.append((kind, names, [simulator, *sets]))
    return arms


def _score(found: np.ndarray) -> dict[str, float]:
    by_class = {name: float(value) for name, value in zip(CLASSES, found, strict=True)}
    return {**by_class, "mean": float(np.nanmean(found))}


def _order(order: Order) -> dict[str, Any]:
    plain = asdict(order)
    # Where things lie on this machine is nobody else's.
    plain["run"] = order.run.name
    plain["real"] = order.real.name if order.real is not None else None
    return plain


def _plain(interval: Interval) -> dict[str, float]:
    return asdict(interval)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(each) for each in value]
    return value
