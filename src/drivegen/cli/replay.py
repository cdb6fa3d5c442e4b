"""`drivegen replay`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drivegen.cli import recording
from drivegen.core.errors import ConfigError, ScenarioError

if TYPE_CHECKING:
    from drivegen.runtime.replay.outcome import Outcome
    from drivegen.runtime.replay.run import Options

FAILED, UNPLAYABLE = 1, 2
_STEPS_S = (0.001, 0.5)
SWEEPS = ("none", "grid", "pairwise", "random")
SEARCH = "search"
SERVERLESS = "none"


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the verb."""
    verb = verbs.add_parser(
        "replay",
        help="play OpenSCENARIO files and folders: verdicts, trajectories, JUnit, a page, films of failures; "
        "or captures again, with other sensors, weather or ego",
        description="Plays scenarios and judges them; or records again what moved in captures. "
        "Exit code: 0 all passed or recorded, 1 some failed, 2 none could be played.",
        epilog="Measures of criteria: docs/replay.md.",
    )
    verb.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="scenarios, distributions, folders of scenarios; or captures (.mcap) and run folders",
    )
    verb.add_argument(
        "--tag",
        action="append",
        default=[],
        help="scenarios of the library with this tag (see `drivegen scenarios list`); given again: with all",
    )
    verb.add_argument("--out", type=Path, default=Path("runs/replay"), help="folder (default: %(default)s)")
    verb.add_argument(
        "--set", dest="given", action="append", default=[], metavar="NAME=VALUE", help="a parameter's value"
    )
    verb.add_argument(
        "--sweep",
        choices=(*SWEEPS, SEARCH),
        default="none",
        help="combine the values of NAME.distribution.xosc beside each scenario; search: those that "
        "bring the subject nearer to failing, and keep failures as scenarios (default: %(default)s)",
    )
    verb.add_argument(
        "--runs", type=int, default=20, help="of a random sweep or a search (default: %(default)s)"
    )
    verb.add_argument("--seed", type=int, default=0, help="of all draws (default: %(default)s)")
    verb.add_argument(
        "--criterion",
        dest="criteria",
        action="append",
        default=[],
        metavar="MEASURE>=NUMBER",
        help="in place of what the files ask; can be repeated",
    )
    verb.add_argument("--subject", help="the entity that is judged (default: ego, hero, or the first)")
    verb.add_argument(
        "--driver",
        default="file",
        metavar="WHO",
        help="of the subject: file (as its controller says; the default), simple (the simple driver), "
        "script (the scenario), and in a world traffic_manager, external (a client of yours finds the "
        "actor by its role_name), or MODULE:NAME of a function (actor, world) -> agent with run_step()",
    )
    verb.add_argument(
        "--server",
        default="embedded",
        help="embedded (a fresh one for each run; the default), HOST:PORT of one that runs, "
        "none (kinematics alone)",
    )
    verb.add_argument(
        "--maps", type=Path, metavar="FOLDER", help="NAME.xodr for scenarios that name a map (Town01) by NAME"
    )
    verb.add_argument("--repeat", type=int, default=1, help="runs of each scenario, compared (default: 1)")
    verb.add_argument("--step", type=float, default=0.05, metavar="S", help="of simulation (default: 0.05)")
    verb.add_argument("--limit", type=float, default=120.0, metavar="S", help="simulated (default: 120)")
    verb.add_argument(
        "--time-limit", type=float, default=300.0, metavar="S", help="of wall time a scenario (default: 300)"
    )
    verb.add_argument("--films", choices=("failures", "all", "none"), default="failures")
    verb.add_argument(
        "--trajectory",
        type=Path,
        metavar="FILE.csv",
        help="of every entity at every step; one scenario alone",
    )
    verb.add_argument("--junit", type=Path, metavar="FILE.xml", help="a copy of OUT/junit.xml")
    verb.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    recording.add_arguments(verb)
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays what the words name."""
    from drivegen.runtime.replay.cases import cases_of  # noqa: PLC0415  (carla, shapely, cv2: only where used)
    from drivegen.runtime.replay.outcome import Status  # noqa: PLC0415
    from drivegen.runtime.replay.page import CASES  # noqa: PLC0415
    from drivegen.runtime.replay.replay import JUNIT, PAGE, replay  # noqa: PLC0415
    from drivegen.runtime.replay.sweeps import Sweep  # noqa: PLC0415

    arguments.paths = [*arguments.paths, *_tagged(arguments.tag)]
    if not arguments.paths:
        raise ConfigError(
            "nothing to play: name scenarios, folders of them, captures, or a --tag of the library"
        )
    if recording.are_captures(arguments.paths):
        return recording.record_again(arguments)
    options = _options(arguments)
    workers = round(_between("--workers", arguments.workers, 1, 256))
    if arguments.sweep == SEARCH:
        return _search(arguments, options, workers)
    sweep = Sweep(how=arguments.sweep, runs=arguments.runs, seed=arguments.seed)
    cases = cases_of(arguments.paths, sweep, _given(arguments.given))
    if arguments.trajectory is not None and len(cases) != 1:
        raise ScenarioError(f"--trajectory is of one scenario, and here are {len(cases)}: name one")
    if arguments.rig is not None:
        recording.check(arguments)
    outcomes = replay(cases, options, arguments.out, workers=workers, told=_tell)
    if arguments.trajectory is not None and outcomes[0].status is not Status.ERROR:
        _copy(arguments.out / CASES / cases[0].name / "trajectory.csv", arguments.trajectory)
    if arguments.junit is not None:
        _copy(arguments.out / JUNIT, arguments.junit)
    passed = sum(o.status is Status.PASSED for o in outcomes)
    failed = sum(o.status is Status.FAILED for o in outcomes)
    sys.stderr.write(
        f"drivegen: {len(outcomes)} scenarios: {passed} passed, {failed} failed, "
        f"{len(outcomes) - passed - failed} not playable; {arguments.out / PAGE}\n"
    )
    if passed + failed == 0:
        return UNPLAYABLE
    if arguments.rig is not None:
        recording.record_runs(outcomes, arguments)
    return 0 if passed == len(outcomes) else FAILED


def _tagged(tags: list[str]) -> list[Path]:
    from drivegen.scenario.library import read_library  # noqa: PLC0415

    return [entry.file for entry in read_library(None).tagged(tags)] if tags else []


def _search(arguments: argparse.Namespace, options: Options, workers: int) -> int:
    from drivegen.cli.searching import run_search  # noqa: PLC0415
    from drivegen.runtime.replay.replay import JUNIT  # noqa: PLC0415

    _between("--runs", arguments.runs, 1, 1_000_000)
    if arguments.trajectory is not None:
        raise ScenarioError("--trajectory is of one scenario, and a search plays many: leave one of them out")
    code = run_search(arguments, options, _given(arguments.given), workers, _tell)
    if arguments.junit is not None:
        _copy(arguments.out / JUNIT, arguments.junit)
    return code


def _options(arguments: argparse.Namespace) -> Options:
    """What does not fit is told before anything is read. ConfigError, ScenarioError."""
    from drivegen.runtime.replay.drivers import DRIVERS  # noqa: PLC0415
    from drivegen.runtime.replay.run import Options  # noqa: PLC0415
    from drivegen.runtime.replay.world import EMBEDDED, driver_named, endpoint_of  # noqa: PLC0415
    from drivegen.scenario.verdicts.criteria import bounds_of  # noqa: PLC0415

    if arguments.server not in (EMBEDDED, SERVERLESS):
        endpoint_of(arguments.server)
    if arguments.driver not in DRIVERS:
        if arguments.server == SERVERLESS:
            raise ConfigError(f"--driver {arguments.driver} needs a world: leave out --server none")
        driver_named(arguments.driver)
    return Options(
        dt_s=_between("--step", arguments.step, *_STEPS_S),
        limit_s=_between("--limit", arguments.limit, 0.001, 1e6),
        wall_limit_s=_between("--time-limit", arguments.time_limit, 1.0, 1e6),
        repeat=round(_between("--repeat", arguments.repeat, 1, 1000)),
        driver=arguments.driver,
        subject=arguments.subject,
        bounds=bounds_of(tuple(arguments.criteria)),
        films=arguments.films,
        record="none" if arguments.rig is None else arguments.record_which,
        server=arguments.server,
        maps=arguments.maps,
        seed=arguments.seed,
    )


def _tell(outcome: Outcome, done: int, count: int) -> None:
    from drivegen.runtime.replay.junit import reasons  # noqa: PLC0415
    from drivegen.runtime.replay.outcome import Status  # noqa: PLC0415

    said = outcome.message if outcome.status is Status.ERROR else "; ".join(reasons(outcome))
    what = f" of {count}" if count > 1 else ""
    own = (
        ""
        if outcome.criteria_are_its_own or outcome.status is Status.ERROR
        else " (it asks nothing: collisions)"
    )
    line = f"{done}{what}: {outcome.case.name}: {outcome.status}{own}{': ' + said if said else ''}"
    sys.stderr.write(line + "\n")


def _given(words: list[str]) -> dict[str, str]:
    out = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ScenarioError(f'"{word}" sets no parameter: write NAME=VALUE')
        out[name.removeprefix("$")] = value
    return out


def _between(name: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        raise ScenarioError(f"{name} {value:g} is out of range: give {least:g} to {most:g}")
    return value


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise ScenarioError(f"{target}: cannot be written ({error.strerror})") from error
