"""The player against recorded courses of the 15 ALKS scenarios.

    python -m benchmarks.alks_reference FOLDER [--servers SECONDS]

FOLDER holds `alks/concrete_scenarios/*.xosc` and `alks-reference/*.csv` (time,name,x,y,z,h,...,speed at every
step). With --servers the first SECONDS of each scenario are also played twice through the client, each time
on an embedded server that was just started, and compared row by row. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from drivegen.record.world import Endpoint, ServerWorld
from drivegen.runtime.servers.embedded import EmbeddedServer
from drivegen.scenario.player.options import PlayerOptions
from drivegen.scenario.player.player import Player
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.simulate import simulate
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.road import road_of

EGO = "Ego"
"""Driven by a controller of its own in the reference, by the script here: not compared."""
_SIDEWAYS_M = 1e-4
_FASTER_MPS = 1e-4


@dataclass(frozen=True)
class Line:
    """What is known of one scripted actor."""

    scenario: str
    actor: str
    rows: int
    rmse_m: float
    worst_m: float
    heading_rad: float
    speed_mps: float
    events: int
    event_s: float
    ended_s: float


def changes(rows: list[tuple[float, float, float, float, float]]) -> list[float]:
    """Times of the rows in which going sideways or changing speed begins or ends; (time, x, y, h, speed).

    The roads begin along x: sideways is along y.
    """
    out: list[float] = []
    last = (False, False)
    for a, b in pairwise(rows):
        now = (abs(b[2] - a[2]) > _SIDEWAYS_M, abs(b[4] - a[4]) > _FASTER_MPS)
        out += [b[0] for x, y in zip(last, now, strict=True) if x != y]
        last = now
    return out


def compare(name: str, own: list[Row], reference: Path, ended_s: float) -> list[Line]:
    """Each scripted actor's course against the reference's, at the reference's times."""
    with reference.open(encoding="utf-8") as file:
        theirs = list(csv.DictReader(file))
    at = {(r.name, round(r.time_s * 1000)): r for r in own}
    lines = []
    for actor in dict.fromkeys(r["name"] for r in theirs):
        if actor == EGO:
            continue
        pairs = []
        for row in theirs:
            mine = at.get((actor, round(float(row["time"]) * 1000)))
            if row["name"] == actor and mine is not None:
                pairs.append((mine, row))
        off = [math.hypot(m.x_m - float(r["x"]), m.y_m - float(r["y"])) for m, r in pairs]
        turned = [abs(math.remainder(m.h_rad - float(r["h"]), 2 * math.pi)) for m, r in pairs]
        faster = [abs(m.speed_mps - float(r["speed"])) for m, r in pairs]
        # Their files have five decimals, so ours are taken with as many.
        mine_changes = changes(
            [tuple(round(v, 5) for v in (m.time_s, m.x_m, m.y_m, m.h_rad, m.speed_mps)) for m, _ in pairs]  # type: ignore[misc]
        )
        their_changes = changes(
            [tuple(float(r[k]) for k in ("time", "x", "y", "h", "speed")) for _, r in pairs]  # type: ignore[misc]
        )
        gap = math.inf
        if len(mine_changes) == len(their_changes):
            gap = max((abs(a - b) for a, b in zip(mine_changes, their_changes, strict=True)), default=0.0)
        expected = sum(1 for r in theirs if r["name"] == actor)
        assert len(pairs) == expected, f"{name}: {len(pairs)} of {expected} rows of {actor}"
        lines.append(
            Line(
                scenario=name,
                actor=actor,
                rows=len(pairs),
                rmse_m=math.sqrt(sum(o * o for o in off) / len(off)),
                worst_m=max(off),
                heading_rad=max(turned),
                speed_mps=max(faster),
                events=len(their_changes),
                event_s=gap,
                ended_s=ended_s,
            )
        )
    return lines


def through_server(path: Path, folder: Path, limit_s: float) -> list[Row]:
    """The course of a scenario played on a server that was started for it."""
    scenario = read_scenario(path)
    assert scenario.logic_file is not None
    with (
        EmbeddedServer(
            scenario.logic_file,
            scenery_seed=0,
            renderer="auto",
            log=folder / "server.log",
            start_timeout_s=120.0,
            render_threads=1,
        ) as server,
        Player(
            scenario,
            ServerWorld(Endpoint(port=server.port)),
            PlayerOptions(limit_s=limit_s),
        ) as player,
    ):
        player.run()
        return player.trajectory


def main() -> int:
    """Prints the table; 1 if a scenario is off by more than 0.1 m or 0.05 s, or does not end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--servers", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    print("| scenario | ends (s) | actor | position RMSE (m) | worst (m) | heading (rad) | speed (m/s) | "
          "changes | off by (s) |" + (" two fresh servers |" if options.servers else ""))  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|" + ("---|" if options.servers else ""))
    bad = 0
    for path in sorted((options.folder / "alks" / "concrete_scenarios").glob("*.xosc")):
        scenario = read_scenario(path)
        road = road_of(scenario)
        assert road is not None
        course = simulate(scenario, road.network)
        twice = ""
        if options.servers:
            with tempfile.TemporaryDirectory() as folder:
                one, other = (through_server(path, Path(folder), options.servers) for _ in range(2))
            same = one == other == list(course.rows)[: len(one)]
            bad += not same
            twice = f" {'identical' if same else 'DIFFERENT'} |"
        reference = options.folder / "alks-reference" / f"{path.stem}.csv"
        name = path.stem.removeprefix("alks_scenario_").removesuffix("_template")
        bad += not course.ended
        for line in compare(name, list(course.rows), reference, course.time_s):
            bad += line.rmse_m > 0.1 or line.event_s > 0.05 + 1e-9
            print(
                f"| {line.scenario} | {line.ended_s:.2f} | {line.actor} | {line.rmse_m:.4f} | "
                f"{line.worst_m:.4f} | {line.heading_rad:.4f} | {line.speed_mps:.4f} | "
                f"{line.events} | {line.event_s:.2f} |{twice}"
            )
        if not any(r.name != EGO for r in course.rows):
            print(f"| {name} | {course.time_s:.2f} | (the ego alone) | | | | | | |{twice}")
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
