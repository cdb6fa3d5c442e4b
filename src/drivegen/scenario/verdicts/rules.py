"""What the road asks of a subject: to stay on it, to stop at red, to keep to the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import StopLine, signal_heads
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.signal_record import SignalChange
from drivegen.scenario.verdicts.motion import Motion

_BESIDE_M = 0.5
"""By how much a front may pass beside a painted stop line and still pass it."""
_FACING = 0.5
"""Cosine of the largest angle between a course and the direction in which a stop line is passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedLight:
    """A stop line that was passed while its light was red."""

    time_s: float
    signal_id: str


def off_road(motion: Motion, space: RoadSpace) -> Bool[np.ndarray, " n"]:
    """At which ticks any corner of the box is not above a lane for wheels."""
    return np.array(
        [not all(space.on_road(float(x), float(y)) for x, y in corners) for corners in motion.corners_m],
        dtype=bool,
    )


def spells(flags: Bool[np.ndarray, " n"]) -> list[tuple[int, int]]:
    """(first, last) row of each stretch of true flags."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)
    )


def is_red(state: str) -> bool:
    """Whether a state of a signal forbids to go: `red`, `red;off;off`, `on;off;off`, `1;0;0`, `stop`.

    The standard leaves the words to the files. Lamps are told from top to bottom; red with yellow is red.
    """
    words = [w.strip().lower() for w in state.split(";")]
    if any(w in {"red", "stop", "redyellow", "red_yellow", "red-yellow"} for w in words):
        return True
    return len(words) >= 2 and words[0] in {"on", "1", "true", "flashing"}


def red_lights(motion: Motion, network: RoadNetwork, changes: Sequence[SignalChange]) -> list[RedLight]:
    """Stop lines that the front of the box passed in their direction while their signal was red."""
    front, course = motion.front_m, motion.ahead
    found: dict[tuple[float, str], RedLight] = {}
    by_signal: dict[str, list[SignalChange]] = {}
    for change in changes:
        by_signal.setdefault(change.signal_id, []).append(change)
    for head in signal_heads(network):
        told = by_signal.get(head.signal_id)
        if told is None:
            continue
        for line in head.stop_lines:
            for row in _passes(front, course, line):
                time_s = float(motion.time_s[row])
                before = [c.state for c in told if c.time_s <= time_s]
                if before and is_red(before[-1]):
                    found[time_s, head.signal_id] = RedLight(time_s=time_s, signal_id=head.signal_id)
    return [found[key] for key in sorted(found)]


def _passes(front_m: Float[np.ndarray, "n 2"], course: Float[np.ndarray, "n 2"], line: StopLine) -> list[int]:
    """Rows at which a front is past a line and was before it one tick earlier."""
    start, end = np.asarray(line.start_m)[:2], np.asarray(line.end_m)[:2]
    ahead = np.array([np.cos(line.heading_rad), np.sin(line.heading_rad)])
    across = np.array([-ahead[1], ahead[0]])
    middle = (start + end) / 2.0
    along = (front_m - middle) @ ahead
    beside = np.abs((front_m - middle) @ across)
    half = float(np.linalg.norm(end - start)) / 2.0 + _BESIDE_M
    passed = (along[:-1] < 0.0) & (along[1:] >= 0.0) & (beside[1:] <= half)
    # A jump over half the map passes no line.
    passed &= np.abs(along[1:] - along[:-1]) < 10.0
    return (np.flatnonzero(passed & (course[1:] @ ahead > _FACING)) + 1).tolist()


def limits_mps(motion: Motion, space: RoadSpace) -> Float[np.ndarray, " n"]:
    """The limit where the subject is: its lane's, else its road's; infinite where none is told."""
    out = np.full(len(motion.tick), np.inf)
    if space.empty:
        return out
    previous: int | None = None
    for row, ((x, y, _), heading) in enumerate(zip(motion.xyz_m, motion.heading_rad, strict=True)):
        spot = space.locate(float(x), float(y), float(heading), prefer=previous)
        previous = spot.road_id
        road = space.road(spot.road_id)
        section = road.lane_sections[space.points(spot.road_id).section(spot.s_m)]
        lane = section.lane(spot.lane_id)
        told = [v.max_mps for v in lane.speeds if section.s_m + v.s_offset_m <= spot.s_m] if lane else []
        told = told or [t.max_mps for t in road.types if t.s_m <= spot.s_m and t.max_mps is not None]
        if told:
            out[row] = told[-1]
    return out
