"""Futures that the model draws, seen from above: `python -m benchmarks.learned_traffic_picture OUT.png`.

A row with and a row without guidance, a column for each moment: all samples of the futures of everybody at
the beginning of a drawn scene.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.runtime import plugins
from drivegen_generators.vehicles.learned.beginnings import Beginning, beginning
from drivegen_generators.vehicles.learned.guidance import SAFE, Guide
from drivegen_generators.vehicles.learned.lights import StopLines, lights_of, turning
from drivegen_generators.vehicles.learned.overlaps import meet, overlapping, overlapping_pairs
from drivegen_generators.vehicles.learned.pieces import PieceKind, Pieces
from drivegen_generators.vehicles.learned.rolling import Road, areas_of, draw_window
from drivegen_generators.vehicles.learned.sampling import Sampler
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.weights import SHIPPED, load_model
from drivegen_generators.vehicles.learned.windows import FUTURE
from drivegen_generators.vehicles.traffic import Traffic

mpl.use("agg")
import matplotlib.pyplot as plt

FORMS = (("junction", {"arms": 4}), ("roundabout", {}), ("expressway", {}))
REACH_M = 65.0
SAMPLES = 5
COLORS = {Group.VEHICLE: "#2563a8", Group.RIDER: "#c2570c", Group.WALKER: "#2f855a"}
GUIDES = (("without guidance", Guide()), ("kept apart and on the road", SAFE))
LANES = {
    PieceKind.DRIVING: "#e3e3e3",
    PieceKind.JUNCTION: "#e3e3e3",
    PieceKind.BIKING: "#f6dfcf",
    PieceKind.PARKING: "#ededed",
    PieceKind.PAVEMENT: "#e7f1e6",
    PieceKind.CROSSING: "#cfcfcf",
}


def scene(form: str, params: dict[str, object], seed: int) -> tuple[RoadNetwork, Road, Beginning]:
    """A road and how a scene on it begins."""
    roads = plugins.make("generators.roads", form, params, "map.plugin")
    network = roads.generate(derive_rng(seed, "map"), form)
    traffic = Traffic(riders={"count": 6}, parked=0.2)
    draft = traffic.plan(derive_rng(seed, "vehicles"), network, 20)
    lights = lights_of(turning(network, 20.0))
    pieces = Pieces.of(network)
    begun = beginning(derive_rng(seed, "speeds"), draft.ego, draft.vehicles, pieces, lights)
    road = Road(
        pieces=pieces,
        lights=lights,
        stop_lines=StopLines(network),
        areas=areas_of(pieces, begun.present.xyz_m[0, :2]),
    )
    return network, road, begun


def panel(axes: Any, road: Road, begun: Beginning, drawn: np.ndarray) -> None:
    """One moment with its futures."""
    present = begun.present
    pieces = road.pieces
    left = np.stack([-np.sin(pieces.heading_rad), np.cos(pieces.heading_rad)], -1)
    left *= 0.5 * pieces.width_m[:, None, None]
    for p in np.argsort(-pieces.kind, kind="stable"):
        line = pieces.points_m[p, :, :2]
        ring = np.concatenate([line + left[p], (line - left[p])[::-1]])
        axes.fill(*ring.T, color=LANES[PieceKind(pieces.kind[p])], lw=0, zorder=1)
    for n in np.flatnonzero(~begun.stands):
        color = "#b0202f" if present.ego[n] else COLORS[Group(present.group[n])]
        for sample in drawn[:, n]:
            whole = np.concatenate([present.xyz_m[n : n + 1, :2], sample[:, :2]])
            axes.plot(*whole.T, color=color, lw=1.0, alpha=0.55, zorder=3)
            axes.plot(*whole[-1], ".", color=color, ms=3.5, zorder=4)
    for n in range(len(present.group)):
        c, s = np.cos(present.yaw_rad[n]), np.sin(present.yaw_rad[n])
        half = 0.5 * present.size_m[n]
        corners = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * half
        box = corners @ np.array([[c, s], [-s, c]]) + present.xyz_m[n, :2]
        stands = bool(begun.stands[n])
        color = "#9a9a9a" if stands else "#b0202f" if present.ego[n] else COLORS[Group(present.group[n])]
        axes.fill(*box.T, color=color, lw=0, zorder=5)
    x, y = present.xyz_m[0, :2]
    axes.set(xlim=(x - REACH_M, x + REACH_M), ylim=(y - REACH_M, y + REACH_M), xticks=[], yticks=[])
    axes.set_aspect("equal")


def mark_overlaps(axes: Any, begun: Beginning, whole: np.ndarray) -> None:
    """A cross where two first overlap in a sample."""
    present = begun.present
    for sample in whole:
        for i, j in overlapping_pairs(sample, present.size_m, present.xyz_m[:, 2]):
            hit = meet(sample[i], present.size_m[i], sample[j], present.size_m[j])
            first = int(np.argmax(hit))
            place = 0.5 * (sample[i, first, :2] + sample[j, first, :2])
            axes.plot(*place, "x", color="black", ms=9, mew=1.8, zorder=6)


def main() -> int:
    """Draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    given = parser.parse_args()
    sampler = Sampler(model=load_model(given.weights))
    figure, grid = plt.subplots(len(GUIDES), len(FORMS), figsize=(15, 10.6), layout="constrained")
    for column, (form, params) in enumerate(FORMS):
        _, road, begun = scene(form, params, given.seed)
        present = begun.present
        pose = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
        still = np.repeat(pose[:, None], FUTURE, axis=1)
        fixed = np.where(begun.stands[:, None, None], still, np.nan)
        for row, (name, guide) in enumerate(GUIDES):
            drawn = draw_window(
                sampler,
                derive_rng(given.seed, "noise"),
                present,
                road,
                0.0,
                samples=SAMPLES,
                guide=guide,
                fixed_m=fixed,
            )
            axes = grid[row][column]
            panel(axes, road, begun, drawn)
            now = np.concatenate([np.repeat(pose[None, :, None], SAMPLES, axis=0), drawn], axis=2)
            mark_overlaps(axes, begun, now)
            hits = [int(overlapping(p, present.size_m, present.xyz_m[:, 2]).sum()) for p in now]
            outside = road.areas.outside_m(drawn[..., :2], present.group) > 0.3
            off = (outside.any(axis=2) & ~begun.stands).sum()
            axes.set_title(
                f"{form}, {name}:\nin {SAMPLES} samples {sum(hits)} collide, {off} leave the road",
                fontsize=10,
            )
    figure.suptitle(
        f"{SAMPLES} drawn futures of {FUTURE * STEP_S:.0f} s from one beginning: ego red, vehicles blue, "
        "riders orange, parked grey boxes; dots: where they end; crosses: two overlap\n"
        "light grey: lanes, pink: lanes of bicycles, green: pavements, darker grey: crossings"
    )
    figure.savefig(given.out, dpi=100)
    return 0


if __name__ == "__main__":
    sys.exit(main())
