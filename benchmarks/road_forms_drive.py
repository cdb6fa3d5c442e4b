"""A study: Traffic Manager vehicles on each generated road form: who leaves the road, who stands in vain?

python -m benchmarks.road_forms_drive [--vehicles 20] [--seconds 30] [--draws 1] [FORM ...]
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.lockstep import TICK_S
from benchmarks.traffic_manager_drive import Recording, judge, record
from drivegen.core.rng import derive_rng
from drivegen.embedded.world.maps import MapStore
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

FORMS: dict[str, tuple[str, dict[str, object]]] = {
    "junction_4": ("junction", {"arms": 4}),
    "junction_3": ("junction", {"arms": 3}),
    "unsignalised_4": ("unsignalised", {"arms": 4}),
    "unsignalised_3": ("unsignalised", {"arms": 3}),
    "midblock_lights": ("midblock", {"signalised": True}),
    "midblock_zebra": ("midblock", {"signalised": False}),
    "roundabout": ("roundabout", {}),
    "unsignalised_grades": ("unsignalised", {"grade_percent": [-6.0, 6.0]}),
    "roundabout_grades": ("roundabout", {"grade_percent": [-6.0, 6.0]}),
    "overpass": ("overpass", {}),
    "tunnel": ("tunnel", {}),
    "expressway_merge": ("expressway", {"kind": "merge"}),
    "expressway_diverge": ("expressway", {"kind": "diverge"}),
    "expressway_weaving": ("expressway", {"kind": "weaving"}),
    "expressway_all": ("expressway", {"kind": "all"}),
}
LEVEL_M = 0.4
"""Who is farther than this from the ground, or moves farther up or down in a tick, has left its level."""
PATIENCE_S = 3.0
"""Who stands longer than this needs a cause."""
AHEAD_M = 15.0
"""A vehicle so near, not behind, is a cause: a queue, or somebody to give way to."""
AHEAD_COSINE = -0.1


def draw(form: str, seed: int, folder: Path) -> Path:
    """A draw of a form as a file."""
    plugin, params = FORMS[form]
    roads = plugins.make("generators.roads", plugin, params, "map.plugin")
    path = folder / f"{form}_{seed}.xodr"
    path.write_text(write_network(roads.generate(derive_rng(seed, "map"), form)), encoding="utf-8")
    return path


def stands_without_cause(driven: Recording) -> list[tuple[int, float, float]]:
    """(vehicle, first second, length) of stands longer than `PATIENCE_S` in which no tick has a cause.

    Causes: a light, or another vehicle near that is not behind.
    """
    out = []
    for n in range(driven.x_m.shape[1]):
        still = driven.speed_mps[:, n] < 0.1
        edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            length = (last - first) * TICK_S
            if length > PATIENCE_S and not any(_has_cause(driven, t, n) for t in range(first, last)):
                out.append((n, first * TICK_S, length))
    return out


def off_level(road: Path, driven: Recording) -> int:
    """At how many moments a vehicle is not on the surface that it was on a tick before."""
    known = MapStore(road)
    ground = known.load(known.names[0]).ground
    places = np.stack([driven.x_m, driven.y_m, driven.z_m], axis=2)
    there = np.isfinite(driven.z_m)
    gap = ground.height_near(places[there]) - driven.z_m[there]
    jumps = np.abs(np.diff(driven.z_m, axis=0)) > LEVEL_M
    return int(np.sum(np.abs(gap) > LEVEL_M) + np.sum(jumps))


def _has_cause(driven: Recording, t: int, n: int) -> bool:
    if driven.at_light[t, n]:
        return True
    dx, dy = driven.x_m[t] - driven.x_m[t, n], driven.y_m[t] - driven.y_m[t, n]
    apart = np.hypot(dx, dy)
    yaw = driven.yaw_rad[t, n]
    ahead = (dx * math.cos(yaw) + dy * math.sin(yaw)) >= AHEAD_COSINE * apart
    near = (apart < AHEAD_M + driven.size_m[n, 0] / 2.0) & (apart > 0.0) & ahead
    return bool(np.any(near))


def main() -> int:
    """Prints one line a drive; exit code 1 if anybody leaves the road or stands for nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"of {', '.join(FORMS)}; without any: all")
    parser.add_argument("--vehicles", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="seed of the first draw")
    arguments = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for form in arguments.forms or FORMS:
            for seed in range(arguments.first, arguments.first + arguments.draws):
                road = draw(form, seed, Path(folder))
                driven = record(road, arguments.vehicles, arguments.seconds)
                found, idle = judge(road, driven), stands_without_cause(driven)
                level = off_level(road, driven)
                wrong += found.centre_off_lane + found.destroyed + len(idle) + level
                print(
                    f"{form} {seed}: {found.vehicles} vehicles, {found.mean_speed_mps:.1f} m/s, "
                    f"{found.junctions_passed} junctions passed, destroyed {found.destroyed}, "
                    f"centre off {found.centre_off_lane}, wheels off {found.wheels_off_lane} "
                    f"{ {k: v for k, v in found.off_lane_by_kind.items() if v} }, "
                    f"overlaps {found.overlaps} (deepest {found.deepest_overlap_m:.2f} m), "
                    f"off level {level}, "
                    f"red crossings {found.red_crossings}, queues {found.queues} released "
                    f"{found.queues_released}, longest stand {found.longest_stand_s:.1f} s, "
                    f"without cause {[(n, round(at, 1), round(long, 1)) for n, at, long in idle]}",
                    flush=True,
                )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
