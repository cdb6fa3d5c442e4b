"""What a job will make and cost, told before it is begun, and set against what it has cost."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from typing import Any

from drivegen.runtime.config import Config
from drivegen.runtime.costs import Calibration, Estimate, Learner, read_calibration
from drivegen.runtime.ledger import Ledger, Mark
from drivegen.runtime.planning import Planner
from drivegen.runtime.worker import Assigned
from drivegen.runtime.workload import Workload, total, workload_of

SAMPLE = 32
"""Plans that are drawn for a forecast, evenly over the scenes that are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Of the scenes of a job that are missing."""

    planned: int
    missing: int
    estimate: Estimate
    """Of the missing ones."""
    calibration: Calibration
    gpus: float
    """That each worker holds."""
    workers: int
    cores: float
    """That the workers share; infinite on a cluster that was joined."""

    @property
    def gpu_hours(self) -> float:
        """That workers hold their GPUs, by the time that a processor takes: no GPU was measured."""
        return self.estimate.worker_s * self.gpus / 3600.0

    @property
    def duration_s(self) -> float:
        """Wall time: each worker one scene after the other, and no more cores than there are."""
        cpu_s = sum(self.estimate.cpu_s.values())
        return max(self.estimate.worker_s / self.workers, cpu_s / self.cores)

    def as_plain(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            **self.estimate.as_plain(),
            "seconds": self.duration_s,
            "gpu_hours": self.gpu_hours,
            "calibrated_with_scenes": self.calibration.scenes,
        }

    def lines(self) -> list[str]:
        """For people."""
        estimate, load = self.estimate, self.estimate.load
        cpu = {part: seconds / 3600.0 for part, seconds in estimate.cpu_s.items()}
        source = (
            f"{self.calibration.scenes} scenes recorded on this machine"
            if self.calibration.scenes
            else "drivegen's own measurements on another machine, none of this one yet"
        )
        gpu = f"{self.gpu_hours:.2f} GPU-hours (as long as a processor takes: not measured on a GPU)"
        return [
            f"scenes: {self.planned} planned, {self.planned - self.missing} there, {self.missing} to record",
            f"frames: {load.frames:.0f} ({load.keyframes:.0f} keyframes), {load.images:.0f} images, "
            f"{load.megabeams:.1f} million LiDAR beams",
            f"captures: {estimate.bytes / 1e9:.2f} GB",
            f"processor: {sum(cpu.values()):.2f} CPU-hours ("
            + ", ".join(f"{part} {hours:.2f}" for part, hours in cpu.items())
            + ")",
            f"GPU: {gpu if self.gpus else '0 GPU-hours (none is asked for)'}",
            f"duration: {span(self.duration_s)} with {self.workers} workers on "
            + ("a cluster" if math.isinf(self.cores) else f"{self.cores:.0f} cores"),
            f"by {source}; a forecast of recording alone, without looks, exports and the report",
        ]


def foresee(config: Config, planner: Planner, ledger: Ledger) -> Forecast:
    """Draws a few plans and adds their work up; writes nothing."""
    scenes = config.job.scenes
    there = sum(1 for _ in ledger.finished(scenes))
    missing = scenes - there
    count = min(SAMPLE, missing)
    done = _missing(ledger, scenes, count)
    loads = [workload_of(planner.plan(index)) for index in done]
    load = total(loads).times(missing / count) if count else Workload()
    calibration = read_calibration(kind_of_server(config))
    workers = 1 if config.job.pool == "inline" else config.job.workers
    server = config.server
    return Forecast(
        planned=scenes,
        missing=missing,
        estimate=calibration.estimate(load),
        calibration=calibration,
        gpus=config.ray.gpus or (min(1.0, len(server.gpus) / workers) if server.gpus else 0.0),
        workers=max(1, min(workers, missing)),
        cores=math.inf if config.ray.address else float(len(os.sched_getaffinity(0))),
    )


def _missing(ledger: Ledger, scenes: int, count: int) -> list[int]:
    """Scenes, evenly over those that are missing."""
    if not count:
        return []
    there = set(ledger.finished(scenes)) if scenes <= 100_000 else set()
    missing = [i for i in range(scenes) if i not in there] if there else range(scenes)
    return [missing[int(k * len(missing) / count)] for k in range(count)]


def kind_of_server(config: Config) -> str:
    """What costs depend on beside the work."""
    server = config.server
    drawn = "gpu" if server.gpus else server.renderer
    return f"{server.kind} {drawn}"


class Accountant:
    """A follower that adds up what the scenes of a job have cost, and teaches the machine's calibration."""

    def __init__(self, config: Config) -> None:
        self._kind = kind_of_server(config)
        self._workers = 1 if config.job.pool == "inline" else config.job.workers
        self._learner = Learner(self._kind, self._workers)
        self._alone = self._workers == 1
        self.load = Workload()
        self.truth = {"scenes": 0.0, "frames": 0.0, "bytes": 0.0, "cpu_seconds": 0.0, "worker_seconds": 0.0}

    def there(self, scene: Assigned, mark: Mark) -> None:
        """Costs nothing."""

    def recorded(self, scene: Assigned, mark: Mark) -> None:
        """Its cost is in the mark."""
        del scene
        known = {f.name for f in fields(Workload)}
        load = Workload(**{name: value for name, value in mark.load.items() if name in known})
        self.load += load
        self._learner.add(mark, load, alone=self._alone)
        for name, value in (
            ("scenes", 1.0),
            ("frames", mark.frames),
            ("bytes", mark.bytes),
            ("cpu_seconds", sum(mark.cpu_seconds.values())),
            ("worker_seconds", mark.seconds),
        ):
            self.truth[name] += value

    def step(self) -> None:
        """Nothing runs."""

    def hold(self) -> str:
        """Never."""
        return ""

    def busy(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Enters what was learnt."""
        self._learner.enter()
        self._learner = Learner(self._kind, self._workers)


def compared(forecast: Forecast, accountant: Accountant, seconds: float) -> dict[str, dict[str, float]]:
    """The forecast of as many scenes as were recorded, beside what they came to."""
    recorded = accountant.truth["scenes"]
    share = recorded / forecast.missing if forecast.missing else 0.0
    told = {name: value * share for name, value in forecast.estimate.as_plain().items()}
    return {
        "estimate": {**told, "seconds": forecast.duration_s * share},
        "truth": {**accountant.truth, "seconds": seconds},
    }


def comparison(figures: dict[str, dict[str, float]]) -> str:
    """One line of it."""
    told, came = figures["estimate"], figures["truth"]
    return ", ".join(
        (
            f"{_beside(told['bytes'] / 1e9, came['bytes'] / 1e9, 'GB')}",
            f"{_beside(told['cpu_seconds'] / 3600, came['cpu_seconds'] / 3600, 'CPU-hours')}",
            f"{span(told['seconds'])} and came {span(came['seconds'])}",
        )
    )


def _beside(told: float, came: float, unit: str) -> str:
    return f"{told:.3g} and came {came:.3g} {unit}"


def span(seconds: float) -> str:
    """A duration in words."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
