"""What a job asked for and what came out, in one file."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from drivegen import __version__
from drivegen.runtime.config import Config
from drivegen.runtime.covering import Assignment, Coverage
from drivegen.runtime.folder import RunFolder, write_json, writing
from drivegen.runtime.ledger import FINISHED, SET_ASIDE, Ledger

MISSING_NAMED = 100
"""Pairs of levels that the manifest names when no finished scene has them."""


def write_manifest(
    config: Config,
    folder: RunFolder,
    ledger: Ledger,
    scenes: Iterable[str],
    seconds: dict[str, float],
    assignment: Assignment,
    stages_set_aside: dict[str, dict[str, str]] | None = None,
) -> None:
    """Adds the marks of all scenes up, and lists the content hashes of the finished ones beside it."""
    achieved: Counter[str] = Counter()
    requested: Counter[str] = Counter()
    weathers: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    maps: set[str] = set()
    set_aside: list[str] = []
    levels: list[dict[str, str]] = []
    root = hashlib.sha256()
    with writing(folder.content_hashes) as file:
        for scene in scenes:
            numbers["planned"] += 1
            mark = ledger.read(scene)
            if mark is None:
                continue
            if mark.status == SET_ASIDE:
                set_aside.append(scene)
            if mark.status != FINISHED:
                continue
            numbers.update({"finished": 1, "frames": mark.frames, "bytes": mark.bytes})
            achieved.update(mark.achieved)
            requested.update(mark.requested)
            weathers[mark.weather] += 1
            maps.add(mark.map)
            if mark.levels:
                levels.append(mark.levels)
            line = f"{mark.content_sha256}  {scene}\n"
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
                "planned": numbers["planned"],
                "finished": numbers["finished"],
                "set_aside": set_aside,
            },
            "stages_set_aside": stages_set_aside or {},
            "frames": numbers["frames"],
            "bytes": numbers["bytes"],
            "content_sha256": root.hexdigest(),
            "requested": dict(requested),
            "achieved": dict(achieved),
            "weather": dict(weathers),
            "maps": sorted(maps),
            "seconds": seconds,
            **_coverage(assignment, numbers["planned"], levels),
        },
    )


def _coverage(assignment: Assignment, planned: int, finished: list[dict[str, str]]) -> dict[str, Any]:
    """Requested (planned) against achieved (finished) coverage; nothing for a job without factors."""
    factors = assignment.factors
    if not factors:
        return {}
    requested = Coverage.of(factors, (assignment.levels(i) for i in range(planned)))
    achieved = Coverage.of(factors, finished)
    return {
        "coverage": {
            "strategy": assignment.strategy,
            "possible_pairs": requested.possible,
            "requested": {"pairs": requested.pairs, "scenes": requested.scenes, "levels": requested.levels},
            "achieved": {"pairs": achieved.pairs, "scenes": achieved.scenes, "levels": achieved.levels},
            "missing_pairs": list(achieved.missing[:MISSING_NAMED]),
        }
    }
