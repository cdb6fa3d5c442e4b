"""Checks of a label against the same object's labels before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.core.actors import PEOPLE
from drivegen.report.rows import Labels
from drivegen.report.strange.finding import Finding, Level, finding, times, worst_of_tracks

_JUMP_M = 0.5
_BRAKING_MPS2 = 12.0
"""Hardest change of speed that is taken for driving; collisions are harder."""
_FASTEST_MPS = 60.0
"""Where no speed is labelled."""
_MOVES_MPS = {True: 0.8, False: 2.5}
"""Of people and of the rest: what moves slower may go backwards."""
_BACKWARDS_RAD = np.radians(120.0)
_SIDEWAYS_RAD = np.radians(50.0)
_TURN_RAD = np.radians(45.0)
_TURN_RADPS = np.radians(90.0)
_LONGEST_S = 0.65
"""Between labels that are held against each other."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """k pairs of labels of one track in successive frames that have labels."""

    before: Int64[np.ndarray, "k"]
    after: Int64[np.ndarray, "k"]
    time_s: Float64[np.ndarray, "k"]
    way_m: Float64[np.ndarray, "k"]
    climb_m: Float64[np.ndarray, "k"]
    heading_rad: Float64[np.ndarray, "k"]
    """Of the way, less the label's heading in the middle; -pi to pi."""
    turn_rad: Float64[np.ndarray, "k"]


def check_motion(labels: Labels, frames: Int64[np.ndarray, "f"], label_range_m: float) -> list[Finding]:
    """All checks of this module.

    Args:
        labels: Of a scene.
        frames: Numbers of the frames of the scene.
        label_range_m: How far from the ego there are labels.
    """
    steps = _steps(labels)
    return [
        *_jumps(labels, steps),
        *_headings(labels, steps),
        *_turns(labels, steps),
        *_speed_steps(labels, steps),
        *_gaps(labels, frames, label_range_m),
    ]


def _steps(labels: Labels) -> Steps:
    same = (np.diff(labels.track) == 0) & (np.diff(labels.time_s) > 0) & (np.diff(labels.time_s) < _LONGEST_S)
    before = np.flatnonzero(same)
    after = before + 1
    move = labels.xyz_m[after] - labels.xyz_m[before]
    turn = _wrapped(labels.yaw_rad[after] - labels.yaw_rad[before])
    middle = labels.yaw_rad[before] + 0.5 * turn
    return Steps(
        before=before,
        after=after,
        time_s=labels.time_s[after] - labels.time_s[before],
        way_m=np.hypot(move[:, 0], move[:, 1]),
        climb_m=np.abs(move[:, 2]),
        heading_rad=_wrapped(np.arctan2(move[:, 1], move[:, 0]) - middle),
        turn_rad=np.abs(turn),
    )


def _wrapped(angle: Float64[np.ndarray, "k"]) -> Float64[np.ndarray, "k"]:
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _of_rows(
    labels: Labels, rows: Int64[np.ndarray, "k"], strange: Bool[np.ndarray, "k"], score: np.ndarray
) -> tuple[Bool[np.ndarray, "n"], Float64[np.ndarray, "n"], Int64[np.ndarray, "n"]]:
    """From steps to rows: which are strange, how much, and by which step."""
    flag, value = np.zeros(len(labels), bool), np.zeros(len(labels))
    step = np.zeros(len(labels), np.int64)
    flag[rows[strange]] = True
    value[rows[strange]] = score[strange]
    step[rows[strange]] = np.flatnonzero(strange)
    return flag, value, step


def _limits(labels: Labels, steps: Steps) -> tuple[Float64[np.ndarray, "k"], Float64[np.ndarray, "k"]]:
    """(expected, longest plausible) way of each step in metres."""
    speeds = np.stack([labels.speed_mps[steps.before], labels.speed_mps[steps.after]])
    known = np.isfinite(speeds).all(axis=0)
    expected = np.where(known, speeds.mean(axis=0) * steps.time_s, 0.0)
    slack = _JUMP_M + 0.25 * _BRAKING_MPS2 * steps.time_s**2
    return expected, np.where(known, expected + slack, _FASTEST_MPS * steps.time_s + slack)


def _jumps(labels: Labels, steps: Steps) -> list[Finding]:
    speeds = np.stack([labels.speed_mps[steps.before], labels.speed_mps[steps.after]])
    known = np.isfinite(speeds).all(axis=0)
    expected, limit = _limits(labels, steps)
    level = 0.3 + 0.3 * steps.way_m
    score = np.fmax((steps.way_m - expected) / np.maximum(limit - expected, 1e-6), steps.climb_m / level)
    strange = (steps.way_m > limit) | (steps.climb_m > level)
    flag, value, step = _of_rows(labels, steps.after, strange, score)
    out = []
    for row, n in worst_of_tracks(labels, flag, value):
        k = int(step[row])
        if steps.way_m[k] > limit[k]:
            told = f" at {speeds[:, k].mean():.1f} m/s" if known[k] else ""
            why = f"is {steps.way_m[k]:.2f} m farther after {steps.time_s[k]:.2g} s{told}{times(n)}"
        else:
            why = f"rises or falls by {steps.climb_m[k]:.2f} m in {steps.time_s[k]:.2g} s{times(n)}"
        out.append(finding(labels, row, "jump", Level.WRONG, min(value[row], 9.0), why, n))
    return out


def _headings(labels: Labels, steps: Steps) -> list[Finding]:
    people = labels.is_any([k.value for k in PEOPLE])[steps.before]
    moving = steps.way_m / steps.time_s > np.where(people, _MOVES_MPS[True], _MOVES_MPS[False])
    moving &= (steps.way_m > 0.05) & (steps.way_m <= _limits(labels, steps)[1])  # who jumps has no direction
    off = np.abs(steps.heading_rad)
    strange = moving & (off > np.where(people, _BACKWARDS_RAD, _SIDEWAYS_RAD))
    flag, value, step = _of_rows(labels, steps.before, strange, off)
    out = []
    for row, n in worst_of_tracks(labels, flag, value):
        k = int(step[row])
        how = "against" if off[k] > _BACKWARDS_RAD else "across"
        speed = steps.way_m[k] / steps.time_s[k]
        why = f"goes {how} its heading ({np.degrees(off[k]):.0f} degrees off) at {speed:.1f} m/s{times(n)}"
        # A person may step back, and turn about within a step.
        level = Level.WRONG if not people[k] or n > 3 else Level.DOUBTFUL
        out.append(finding(labels, row, "heading", level, off[k] / _SIDEWAYS_RAD + min(n, 20) / 20, why, n))
    return out


def _turns(labels: Labels, steps: Steps) -> list[Finding]:
    people = labels.is_any([k.value for k in PEOPLE])[steps.before]
    limit = np.where(people, np.radians(150.0), _TURN_RAD) + _TURN_RADPS * steps.time_s
    strange = steps.turn_rad > np.minimum(limit, np.radians(170.0))
    flag, value, step = _of_rows(labels, steps.after, strange, steps.turn_rad / limit)
    out = []
    for row, n in worst_of_tracks(labels, flag, value):
        k = int(step[row])
        turned = f"{np.degrees(steps.turn_rad[k]):.0f} degrees"
        why = f"its heading is another by {turned} after {steps.time_s[k]:.2g} s"
        level = Level.DOUBTFUL if people[k] else Level.WRONG
        out.append(finding(labels, row, "turn", level, value[row], why + times(n), n))
    return out


def _speed_steps(labels: Labels, steps: Steps) -> list[Finding]:
    """Where the label's speed and its own motion disagree for long: a wrong unit, a stale value."""
    speeds = np.stack([labels.speed_mps[steps.before], labels.speed_mps[steps.after]])
    with np.errstate(invalid="ignore"):
        low = speeds.min(axis=0) - 0.5 * _BRAKING_MPS2 * steps.time_s
        moved = steps.way_m / steps.time_s
        off = low - moved
        strange = off > 1.0 + 0.25 * speeds.max(axis=0)
    flag, value, step = _of_rows(labels, steps.before, strange, np.nan_to_num(off))
    out = []
    for row, n in worst_of_tracks(labels, flag, value):
        if n < 3:
            continue
        k = int(step[row])
        why = f"labelled with {speeds[:, k].mean():.1f} m/s, moves {moved[k]:.1f} m/s{times(n)}"
        out.append(finding(labels, row, "speed_step", Level.DOUBTFUL, 1.0 + off[k] / 5.0, why, n))
    return out


def _gaps(labels: Labels, frames: Int64[np.ndarray, "f"], label_range_m: float) -> list[Finding]:
    """Tracks with missing frames in between, well within the range of labels."""
    place = np.full(int(frames.max()) + 1 if len(frames) else 1, -1, np.int64)
    place[frames] = np.arange(len(frames))
    same = np.diff(labels.track) == 0
    missing = np.diff(place[labels.frame]) - 1
    reach = 0.85 * label_range_m
    inside = (labels.distance_m[:-1] < reach) & (labels.distance_m[1:] < reach)
    strange = np.zeros(len(labels), bool)
    score = np.zeros(len(labels))
    strange[1:] = same & (missing > 0) & inside
    score[1:] = missing
    out = []
    for row, n in worst_of_tracks(labels, strange, score):
        count = int(score[row])
        why = (
            f"had no label in the {count} frame{'s' if count > 1 else ''} before,"
            f" {labels.distance_m[row]:.0f} m from the ego{times(n)}"
        )
        out.append(finding(labels, row, "gap", Level.DOUBTFUL, 1.0 + min(count, 40) / 10, why, n))
    return out
