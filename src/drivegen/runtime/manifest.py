"""What a job asked for and what came out, in one file."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from drivegen import __version__
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Assignment, Coverage
from drivegen.runtime.folder import RunFolder, write_json, writing
from drivegen.runtime.ledger import FINISHED, Ledger, Mark

MISSING_NAMED = 100
"""Pairs of levels that the manifest names when no finished scene has them."""


NAMED = 1000
"""Scenes that were set aside, and maps, that the manifest names at most."""


@dataclass(slots=True)
class _Sums:
    """Of the marks of a job."""

    numbers: Counter[str] = field(default_factory=Counter)
    requested: Counter[str] = field(default_factory=Counter)
    achieved: Counter[str] = field(default_factory=Counter)
    weathers: Counter[str] = field(default_factory=Counter)
    maps: set[str] = field(default_factory=set)
    set_aside: list[str] = field(default_factory=list)
    levels: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)

    def add(self, mark: Mark) -> None:
        self.numbers["failed"] += len(mark.causes)
        if mark.status != FINISHED:
            self.numbers["set aside"] += 1
            if len(self.set_aside) < NAMED:
                self.set_aside.append(mark.scene)
            return
        self.numbers.update({"finished": 1, "frames": mark.frames, "bytes": mark.bytes})
        self.achieved.update(mark.achieved)
        self.requested.update(mark.requested)
        self.weathers[mark.weather] += 1
        if len(self.maps) < NAMED:
            self.maps.add(mark.map)
        if mark.levels:
            self.levels[tuple(mark.levels.items())] += 1


def write_manifest(
    config: Config,
    folder: RunFolder,
    ledger: Ledger,
    assignment: Assignment,
    coverage: Coverage | None = None,
    **facts: Any,
) -> None:
    """Adds the marks of all scenes up, and lists the content hashes of the finished ones beside it.

    Args:
        config: Of the job.
        folder: Its run folder.
        ledger: Its ledger; marks are read one by one.
        assignment: Of levels to scenes.
        coverage: Of the scenes that are planned, where the job has factors.
        facts: What else is to stand in the manifest.
    """
    sums = _Sums()
    root = hashlib.sha256()
    with writing(folder.content_hashes) as file:
        for mark in ledger.marks(config.job.scenes):
            sums.add(mark)
            if mark.status == FINISHED:
                line = f"{mark.content_sha256}  {mark.scene}\n"
                root.update(line.encode())
                file.write(line)
    write_json(
        folder.manifest,
        {
            "job": config.job.name,
            "version": __version__,
            "carla": version("carla"),
            "seed": config.job.seed,
            "scenes": {
                "planned": config.job.scenes,
                "finished": sums.numbers["finished"],
                "set_aside": sums.set_aside,
            },
            "set_aside_in_all": sums.numbers["set aside"],
            "failed_attempts": sums.numbers["failed"],
            "frames": sums.numbers["frames"],
            "bytes": sums.numbers["bytes"],
            "content_sha256": root.hexdigest(),
            "requested": dict(sums.requested),
            "achieved": dict(sums.achieved),
            "weather": dict(sums.weathers),
            "maps": sorted(sums.maps),
            **_coverage(coverage, assignment, sums.levels),
            **facts,
        },
    )


def _coverage(
    requested: Coverage | None, assignment: Assignment, finished: Counter[tuple[tuple[str, str], ...]]
) -> dict[str, Any]:
    """Requested (planned) against achieved (finished) coverage; nothing for a job without factors."""
    if requested is None:
        return {}
    achieved = Coverage.of(assignment.factors, (dict(levels) for levels in finished.elements()))
    return {
        "coverage": {
            "strategy": assignment.strategy,
            "possible_pairs": requested.possible,
            "requested": {"pairs": requested.pairs, "scenes": requested.scenes, "levels": requested.levels},
            "achieved": {"pairs": achieved.pairs, "scenes": achieved.scenes, "levels": achieved.levels},
            "missing_pairs": list(achieved.missing[:MISSING_NAMED]),
        }
    }
