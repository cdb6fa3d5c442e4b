"""The part of `drivegen replay` that records: scenarios that were played, and captures once more."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drivegen.core.errors import ConfigError

if TYPE_CHECKING:
    from drivegen.runtime.replay.outcome import Outcome
    from drivegen.runtime.replay.taking import Staged, Wishes


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Adds what recording takes."""
    group = verb.add_argument_group("recording")
    group.add_argument(
        "--record",
        "--rig",
        dest="rig",
        metavar="RIG",
        help="record what was played with the sensors of conf/rig/RIG, into the run OUT/recorded; "
        "of captures: in place of the recorded rig",
    )
    group.add_argument(
        "--record-which",
        choices=("all", "failures"),
        default="all",
        help="of the scenarios (default: %(default)s)",
    )
    group.add_argument("--weather", metavar="PRESET", help="in place of the scenes' own")
    group.add_argument(
        "--ego",
        default="ego",
        metavar="WHO",
        help="of a capture: the vehicle that carries the sensors, an object's id or an agent's name",
    )
    group.add_argument("--from-s", type=float, default=0.0, metavar="S", help="of a capture: begin there")
    group.add_argument("--to-s", type=float, default=math.inf, metavar="S", help="of a capture: end there")
    group.add_argument(
        "--job",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="of the recording job, as `drivegen generate` takes it: export=nuscenes, "
        "scene.keyframe_s=0.2, ...; can be repeated",
    )


def are_captures(paths: Sequence[Path]) -> bool:
    """Whether the paths are captures or run folders. ConfigError where only some are."""
    found = [p.suffix == ".mcap" or (p / "captures").is_dir() for p in paths]
    if any(found) and not all(found):
        other = paths[found.index(False)]
        raise ConfigError(f"{other} is no capture, but others are: replay scenarios and captures by turns")
    return all(found)


def check(arguments: argparse.Namespace) -> None:
    """Raises a DrivegenError for sensors, weather or keys that the recording would refuse at its end."""
    from drivegen.runtime.replay.taking import check_wishes  # noqa: PLC0415  (hydra: only where used)

    check_wishes(_wishes(arguments), arguments.out)


def record_runs(outcomes: Sequence[Outcome], arguments: argparse.Namespace) -> None:
    """Records the runs of which a plan was written. DrivegenError."""
    from drivegen.core.plans import ScenePlan  # noqa: PLC0415  (numpy, hydra, ray: only where used)
    from drivegen.runtime.replay.page import CASES  # noqa: PLC0415
    from drivegen.runtime.replay.run import PLAN, ROAD  # noqa: PLC0415
    from drivegen.runtime.replay.taking import Staged  # noqa: PLC0415

    staged = []
    for outcome in outcomes:
        folder = arguments.out / CASES / outcome.case.name
        if (folder / PLAN).is_file():
            plan = ScenePlan.from_json((folder / PLAN).read_text(encoding="utf-8"))
            road = (folder / ROAD).read_text(encoding="utf-8")
            staged.append(Staged(name=outcome.case.name, plan=plan, road=road))
    if not staged:
        sys.stderr.write(f"drivegen: nothing to record: --record-which {arguments.record_which}\n")
        return
    _take(staged, _wishes(arguments), arguments.out)


def record_again(arguments: argparse.Namespace) -> int:
    """Records captures again; the exit code. DrivegenError."""
    from drivegen.capture.reader import CaptureReader  # noqa: PLC0415
    from drivegen.runtime.replay.captures import captures_at, plan_again  # noqa: PLC0415
    from drivegen.runtime.replay.taking import Staged  # noqa: PLC0415

    staged = []
    for path in (c for p in arguments.paths for c in captures_at(p)):
        with CaptureReader(path) as reader:
            plan, road = plan_again(reader, arguments.ego, arguments.from_s, arguments.to_s)
            staged.append(Staged(name=path.stem, plan=plan, road=road))
    first = staged[0].plan
    odd = next((s for s in staged if s.plan.tick_s != first.tick_s), None)
    if odd is not None:
        raise ConfigError(
            f"{odd.name} was recorded in ticks of {odd.plan.tick_s:g} s, {staged[0].name} of "
            f"{first.tick_s:g} s: replay them one by one"
        )
    wishes = _wishes(arguments)
    usual = (f"scene.keyframe_s={first.keyframe_s}", f"scene.label_range_m={first.label_range_m}")
    wishes = replace(wishes, overrides=(*usual, *wishes.overrides))
    return _take(staged, wishes, arguments.out)


def _wishes(arguments: argparse.Namespace) -> Wishes:
    from drivegen.runtime.replay.taking import Wishes  # noqa: PLC0415

    return Wishes(rig=arguments.rig, weather=arguments.weather, overrides=tuple(arguments.job))


def _take(staged: Sequence[Staged], wishes: Wishes, out: Path) -> int:
    from drivegen.runtime.replay.taking import take  # noqa: PLC0415

    summary = take(staged, wishes, out)
    done = summary.scenes - summary.set_aside
    sys.stderr.write(f"drivegen: {done} of {summary.scenes} scenes recorded; {summary.folder.root}\n")
    return 1 if summary.set_aside or summary.stages_set_aside else 0
