"""What work costs: a model of CPU time and bytes, with figures that were measured, put right for a machine.

Every figure of `SHIPPED` was fitted by `python -m benchmarks costs` (non-negative least squares over scenes
of different rigs, lengths and traffic); docs/measurements.md tells where and when. A machine's own jobs then
say how much dearer or cheaper each part is there: `calibration.json` in the user's cache folder keeps the
sums of both for each kind of server and renderer.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivegen.runtime.folder import write_json
from drivegen.runtime.ledger import Mark
from drivegen.runtime.workload import Workload

PARTS = ("rendering", "server", "recorder", "bytes")
"""CPU seconds of the first three: drawing and rays, the rest of the server, the recorder."""
WALL = "wall"
"""Wall seconds of a scene over its CPU seconds, one worker alone."""

Rates = Mapping[str, Mapping[str, float]]
"""By part and field of `Workload`: cost of one."""

SHIPPED: Rates = {
    "rendering": {"scenes": 1.17, "actor_images": 0.00212, "drawn_megapixels": 0.193, "megabeams": 0.497},
    "server": {"scenes": 8.64, "actor_ticks": 0.000866, "megabeams": 0.109},
    "recorder": {
        "scenes": 2.4,
        "ticks": 0.00348,
        "actor_ticks": 0.000815,
        "megapixels": 0.0484,
        "lens_megapixels": 0.843,
        "megabeams": 0.653,
    },
    "bytes": {"scenes": 1.06e5, "frames": 5.38e3, "megapixels": 4.78e5, "megabeams": 2.64e7},
}
SHIPPED_WALL = 1.0

FORGET = 0.999
"""Each scene counts so much less when the next one is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What scenes cost."""

    load: Workload
    cpu_s: dict[str, float]
    """By part."""
    bytes: float
    worker_s: float
    """Wall time of one worker that has a core for itself."""

    def as_plain(self) -> dict[str, float]:
        """For the manifest."""
        return {
            "scenes": self.load.scenes,
            "frames": self.load.frames,
            "bytes": self.bytes,
            "cpu_seconds": sum(self.cpu_s.values()),
            "worker_seconds": self.worker_s,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How a machine differs from the one of `SHIPPED`."""

    factors: dict[str, float] = field(default_factory=dict)
    """By part, and of wall time; 1 where nothing is known."""
    scenes: int = 0
    """That they come from; none: the shipped figures."""

    def estimate(self, load: Workload) -> Estimate:
        """What scenes of this work cost here."""
        cost = {part: modelled(part, load) * self.factors.get(part, 1.0) for part in PARTS}
        size = cost.pop("bytes")
        wall = SHIPPED_WALL * self.factors.get(WALL, 1.0)
        return Estimate(load=load, cpu_s=cost, bytes=size, worker_s=wall * sum(cost.values()))


def modelled(part: str, load: Workload) -> float:
    """Cost of a part by the shipped figures."""
    return sum(rate * getattr(load, name) for name, rate in SHIPPED[part].items())


def calibration_path() -> Path:
    """Below the user's cache folder."""
    root = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(root).expanduser() / "drivegen" / "calibration.json"


def read_calibration(kind: str, path: Path | None = None) -> Calibration:
    """Of a kind of server; the shipped figures alone where nothing is known or readable.

    Args:
        kind: As `kind_of_server` names it.
        path: Default: the user's.
    """
    entry = _read(path or calibration_path()).get(kind, {})
    told, model = entry.get("told", {}), entry.get("model", {})
    factors = {name: told[name] / model[name] for name in (*PARTS, WALL) if _both(name, told, model)}
    return Calibration(factors=factors, scenes=int(entry.get("scenes", 0)))


def _both(name: str, told: Mapping[str, float], model: Mapping[str, float]) -> bool:
    return told.get(name, 0.0) > 0.0 and model.get(name, 0.0) > 0.0


class Learner:
    """Adds what the scenes of a job cost, and enters it into the machine's calibration.

    On a machine that has recorded nothing of the kind before, the first scene of each worker teaches nothing:
    it pays for what is compiled and laid on the shelf once, many times what a scene costs.
    """

    def __init__(self, kind: str, workers: int = 1, path: Path | None = None) -> None:
        """
        Args:
            kind: Of the server, as `kind_of_server` names it.
            workers: That record at once.
            path: Default: the user's.
        """
        self._kind = kind
        self._path = path or calibration_path()
        self._cold = 0 if kind in _read(self._path) else workers
        self._met = False
        self._told = dict.fromkeys((*PARTS, WALL), 0.0)
        self._model = dict.fromkeys((*PARTS, WALL), 0.0)
        self.scenes = 0

    def add(self, mark: Mark, load: Workload, *, alone: bool) -> None:
        """A finished scene; `alone`: no other worker shared the machine, so its wall time tells something."""
        cpu = mark.cpu_seconds
        told = {
            "rendering": cpu.get("rendering", 0.0),
            "server": cpu.get("server, not rendering", 0.0),
            "recorder": cpu.get("recorder", 0.0),
            "bytes": float(mark.bytes),
        }
        if not all(value > 0.0 for value in told.values()):
            return  # a server that does not account for itself, or no recording at all
        self._met = True
        if self._cold:
            self._cold -= 1
            return
        self.scenes += 1
        for part, value in told.items():
            self._told[part] = FORGET * self._told[part] + value
            self._model[part] = FORGET * self._model[part] + modelled(part, load)
        if alone:
            used = sum(value for part, value in told.items() if part != "bytes")
            self._told[WALL] = FORGET * self._told[WALL] + mark.seconds
            self._model[WALL] = FORGET * self._model[WALL] + SHIPPED_WALL * used

    def enter(self) -> None:
        """Adds the sums to the file; a file that cannot be written only costs accuracy."""
        if not self._met:
            return
        data = _read(self._path)
        entry = data.get(self._kind, {})
        keep = FORGET**self.scenes
        sums = {}
        for name, ours in (("told", self._told), ("model", self._model)):
            before = entry.get(name, {})
            sums[name] = {part: keep * before.get(part, 0.0) + value for part, value in ours.items()}
        data[self._kind] = {**sums, "scenes": int(entry.get("scenes", 0)) + self.scenes}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._path, data)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
