"""Plans of large jobs, drawn by several processes: no scene depends on another, so any split is the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from drivegen.runtime.config import Config
from drivegen.runtime.folder import RunFolder
from drivegen.runtime.planning import PlannedScene, Planner

LEAST_SCENES = 500
"""Of a process: with fewer, starting it takes longer than it saves."""
PART = 100
"""Scenes that a process is given at once."""


def write_plans(planner: Planner, config: Config, folder: RunFolder) -> Iterator[PlannedScene]:
    """`Planner.write`, with as many processes as there are cores where the job is large enough."""
    scenes = config.job.scenes
    processes = min(len(os.sched_getaffinity(0)), scenes // LEAST_SCENES)
    if processes < 2:
        yield from planner.write(folder)
        return
    parts = [(start, min(start + PART, scenes)) for start in range(0, scenes, PART)]
    # Not by fork: this process may have threads.
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(config, str(folder.root))
    ) as pool:
        for part in pool.map(_write_part, parts):
            yield from part


class _Worker:
    """What a process keeps from one part to the next."""

    planner: Planner
    folder: RunFolder
    laid: set[str]


def _begin(config: Config, root: str) -> None:
    _Worker.planner, _Worker.folder, _Worker.laid = Planner(config), RunFolder(Path(root)), set()


def _write_part(part: tuple[int, int]) -> list[PlannedScene]:
    return [_Worker.planner.write_scene(_Worker.folder, i, _Worker.laid) for i in range(*part)]
