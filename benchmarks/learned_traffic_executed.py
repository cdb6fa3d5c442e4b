"""Learned traffic as it came: collisions and places off the road counted in the labels of recorded scenes.

`drivegen generate experiment=learned_traffic`, then `python -m benchmarks.learned_traffic_executed RUN`. Also
says how far labels are from the tracks of the plans, and what rule-based traffic does by the same count
(`--beside RUN`, of any job with labels every 0.2 s).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivegen.capture.reader import CaptureReader
from drivegen.core.plans import ScenePlan
from drivegen.core.tracks import TrackCourse
from drivegen_generators.vehicles.learned.overlaps import overlapping
from drivegen_generators.vehicles.learned.rolling import OUTSIDE_M, areas_of
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group, Scene, scene_of

WINDOW_ROWS = 30
"""Scenes are counted in stretches of 6 s, so that longer ones compare."""


@dataclass(slots=True)
class Count:
    """Of some scenes."""

    scenes: int = 0
    stretches: int = 0
    actors: int = 0
    """That moved, in all stretches."""
    colliding: int = 0
    with_collision: int = 0
    """Stretches in which anybody collides."""
    driving: int = 0
    off_road: int = 0
    tracks: int = 0
    missing: int = 0
    worst_m: float = 0.0
    """Of a label from its track."""

    def add(self, scene: Scene, plan: ScenePlan) -> None:
        """Counts a scene."""
        self.scenes += 1
        there = scene.there
        for first in range(0, len(there) - WINDOW_ROWS + 1, WINDOW_ROWS):
            rows = slice(first, first + WINDOW_ROWS)
            pose = np.concatenate([scene.xyz_m[rows, :, :2], scene.yaw_rad[rows, :, None]], axis=2)
            pose = pose.transpose(1, 0, 2)
            seen = there[rows].all(axis=0)
            pose, group, size = pose[seen], scene.group[seen], scene.size_m[seen]
            moved = np.linalg.norm(pose[:, :, :2] - pose[:, :1, :2], axis=2).max(axis=1) > 0.5
            hit = overlapping(pose, size, scene.xyz_m[first, seen, 2])
            self.stretches += 1
            self.actors += int(moved.sum())
            self.colliding += int((hit & moved).sum())
            self.with_collision += bool((hit & moved).any())
            middle = pose[:, 0, :2].mean(axis=0) if scene.ego < 0 else scene.xyz_m[first, scene.ego, :2]
            outside = areas_of(scene.pieces, middle).outside_m(pose[..., :2], group)
            drives = moved & (group != Group.WALKER) & (outside[:, 0] <= OUTSIDE_M)
            self.driving += int(drives.sum())
            self.off_road += int((drives & (outside > OUTSIDE_M).any(axis=1)).sum())
        self._compare(scene, plan)

    def _compare(self, scene: Scene, plan: ScenePlan) -> None:
        """Labels against tracks, of vehicles by who is nearest at each moment."""
        for vehicle in plan.vehicles:
            if vehicle.track is None:
                continue
            self.tracks += 1
            course = TrackCourse(vehicle.track)
            gaps = []
            for t in range(0, len(scene.xyz_m), 5):
                time_s = plan.warmup_s + t * STEP_S
                if not course.is_there(time_s):
                    continue
                apart = np.linalg.norm(scene.xyz_m[t] - course.at(time_s).position_m, axis=1)
                near = np.linalg.norm(course.at(time_s).position_m - scene.xyz_m[t, scene.ego]) < 100.0
                if near and np.isfinite(apart).any():
                    gaps.append(float(np.nanmin(apart)))
            if gaps and min(gaps) > 2.0:
                self.missing += 1
            elif gaps:
                self.worst_m = max(self.worst_m, *gaps)

    def row(self, name: str) -> str:
        """A line of the table."""
        return (
            f"| {name} | {self.scenes} | {self.stretches} | {self.actors} | "
            f"{100 * self.colliding / max(1, self.actors):.2f} % | {self.with_collision} | "
            f"{100 * self.off_road / max(1, self.driving):.2f} % | {self.tracks} | {self.missing} | "
            f"{self.worst_m:.3f} |"
        )


def count(run: Path) -> Count:
    """All captures of a run."""
    found = Count()
    for capture in sorted((run / "captures").glob("*.mcap")):
        with CaptureReader(capture) as reader:
            plan = reader.plan
        found.add(scene_of(capture), plan)
    return found


def main() -> int:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--beside", type=Path, help="a run of rule-based traffic")
    given = parser.parse_args()
    print(
        "| | scenes | stretches of 6 s | actors that moved | colliding | stretches with a collision | "
        "off the road | vehicles' tracks | not there | farthest from its track, m |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    print(count(given.run).row("learned"))
    if given.beside:
        print(count(given.beside).row("rule-based"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
