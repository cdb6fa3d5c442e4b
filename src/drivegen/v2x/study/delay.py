"""The delay study: recall and error by range, sight, sources and delay, and the order that must come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64
from scipy.optimize import linear_sum_assignment

from drivegen.core.errors import V2xError
from drivegen.v2x.study.late_fusion import Setting, Sources, snapshot
from drivegen.v2x.study.moments import Moment, Recording, Sight

DELAYS_S = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
RANGES_M = ((0.0, 25.0), (25.0, 50.0), (50.0, 75.0), (75.0, 100.0))
"""From the ego."""
MATCH_M = 2.0
"""An object is found when an estimate's centre lies so near to its own, in the plane."""
_SLACK = 0.02
"""So much may recall go against the order before it is a fault, and GOSPA, as a share of the vehicle's."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of one cell of the table."""

    there: int = 0
    found: int = 0
    error_sum_m: float = 0.0

    @property
    def recall(self) -> float:
        """Share of those that are there; not a number where nobody is."""
        return self.found / self.there if self.there else float("nan")

    @property
    def error_m(self) -> float:
        """Mean distance of those that were found; not a number where none was."""
        return self.error_sum_m / self.found if self.found else float("nan")


@dataclass(slots=True, kw_only=True)
class Result:
    """What a setting gives over all recordings."""

    setting: Setting
    moments: int = 0
    wrong: int = 0
    """Estimates within range that match nothing."""
    cells: dict[tuple[int, Sight], Tally] = field(default_factory=dict)
    """By the index of the range, and sight."""

    def tally(self, ranges: Sequence[int] | None = None, sight: Sight | None = None) -> Tally:
        """The sum over ranges (all) and sights (all)."""
        out = Tally()
        for (index, seen), cell in sorted(self.cells.items()):
            if (ranges is None or index in ranges) and (sight is None or seen is sight):
                out.there += cell.there
                out.found += cell.found
                out.error_sum_m += cell.error_sum_m
        return out

    @property
    def gospa_m(self) -> float:
        """Mean of GOSPA over the moments: distances of what was found, and a metre for each miss and ghost.

        With c = `MATCH_M`, p = 1, alpha = 2 (Rahmathullah, Garcia-Fernandez, Svensson: Generalized Optimal
        Sub-Pattern Assignment Metric, FUSION 2017). Unlike the mean error it cannot fall by losing what is
        far off, and unlike recall it counts what is not there.
        """
        whole = self.tally()
        unmatched = whole.there - whole.found + self.wrong
        return (whole.error_sum_m + 0.5 * MATCH_M * unmatched) / max(1, self.moments)

    @property
    def wrong_per_moment(self) -> float:
        """Mean number of estimates within range that match nothing."""
        return self.wrong / max(1, self.moments)


def settings_of_study() -> tuple[Setting, ...]:
    """All rows: the vehicle alone, and what is added, at every delay, with and without compensation."""
    shared = [
        Setting(sources=sources, delay_s=delay, compensated=compensated)
        for sources in (Sources.MESSAGES, Sources.CLOUDS)
        for compensated in (True, False)
        for delay in DELAYS_S
    ]
    return (Setting(sources=Sources.VEHICLE), *shared)


def evaluate(
    recordings: Sequence[Recording], settings: Sequence[Setting], *, settled_s: float = 1.5
) -> tuple[Result, ...]:
    """Results by setting, over all moments at which the ego perceives.

    Positions are compared in the ego's frame: what it believes against what is true, so that an error of its
    own localisation weighs where it does in driving.

    Args:
        recordings: scenes.
        settings: rows of the table.
        settled_s: the beginning of each scene is left out, when delayed data has not come yet.

    Raises V2xError where there is no moment to judge.
    """
    results = tuple(Result(setting=s) for s in settings)
    for recording in recordings:
        first = recording.moments[0].time_ns + round(settled_s * 1e9)
        for moment in recording.moments:
            if moment.own is None or moment.time_ns < first:
                continue
            for result in results:
                _judge(result, recording, moment)
    if not results or not results[0].moments:
        raise V2xError("there is no moment to judge: the ego perceives nowhere, or scenes are too short")
    return results


def _judge(result: Result, recording: Recording, moment: Moment) -> None:
    result.moments += 1
    known = snapshot(recording, moment, result.setting)
    true = np.array([t.position_m[:2] for t in moment.truths]).reshape(-1, 2)
    at, away = _in_ego(known.at_m, moment, believed=True), _in_ego(true, moment, believed=False)
    farthest = RANGES_M[-1][1]
    pairs = _matches(away, at)
    for row, truth in enumerate(moment.truths):
        index = _range_index(float(np.linalg.norm(away[row])))
        if index is None:
            continue
        cell = result.cells.setdefault((index, truth.sight), Tally())
        cell.there += 1
        if row in pairs:
            cell.found += 1
            cell.error_sum_m += float(np.linalg.norm(away[row] - at[pairs[row]]))
    taken = set(pairs.values())
    result.wrong += sum(1 for i, p in enumerate(at) if i not in taken and float(np.linalg.norm(p)) < farthest)


def _in_ego(
    at_m: Float64[np.ndarray, "n 2"], moment: Moment, *, believed: bool
) -> Float64[np.ndarray, "n 2"]:
    pose = moment.believed if believed else moment.map_ego
    cosine, sine = np.cos(pose.yaw_rad), np.sin(pose.yaw_rad)
    return np.asarray((at_m - pose.position_m[:2]) @ np.array([[cosine, -sine], [sine, cosine]]))


def _range_index(far_m: float) -> int | None:
    return next((i for i, (low, high) in enumerate(RANGES_M) if low <= far_m < high), None)


def _matches(true: Float64[np.ndarray, "n 2"], at: Float64[np.ndarray, "m 2"]) -> dict[int, int]:
    """Estimates by the truths that they match, one each, least sum of distances."""
    if not len(true) or not len(at):
        return {}
    gap = np.linalg.norm(true[:, None] - at[None, :], axis=2)
    rows, columns = linear_sum_assignment(np.where(gap <= MATCH_M, gap, 1e3))
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if gap[i, j] <= MATCH_M}


def order_faults(results: Sequence[Result]) -> list[str]:
    """Where the results are not in the order that must come out; empty: they are.

    Messages must find more than the vehicle alone and roadside point clouds no less than messages. Delay must
    cost: without compensation GOSPA grows with it. Compensation must do no harm to fresh data, win back a
    third of what half a second costs, and not undo the delay altogether.
    """
    by = {(r.setting.sources, r.setting.compensated, r.setting.delay_s): r for r in results}
    alone, told, clouds = (by[sources, True, 0.0] for sources in Sources)
    recalls = [r.tally().recall for r in (alone, told, clouds)]
    faults = []
    if recalls[1] <= recalls[0] + _SLACK or told.gospa_m >= alone.gospa_m:
        faults.append(f"messages do not help: recall {recalls[0]:.3f} alone, {recalls[1]:.3f} with them")
    if recalls[2] < recalls[1] - _SLACK:
        faults.append(f"roadside point clouds hurt: recall {recalls[1]:.3f} without, {recalls[2]:.3f}")
    for sources in (Sources.MESSAGES, Sources.CLOUDS):
        raw = [by[sources, False, d].gospa_m for d in DELAYS_S]
        moved = [by[sources, True, d].gospa_m for d in DELAYS_S]
        faults += [f"{sources}: {what}" for what in _delay_faults(raw, moved, _SLACK * alone.gospa_m)]
    return faults


def _delay_faults(raw: Sequence[float], moved: Sequence[float], slack: float) -> list[str]:
    """Of GOSPA by delay, without and with compensation."""
    out = [
        f"{delay:g} s of delay does good"
        for before, after, delay in zip(raw[:-1], raw[1:], DELAYS_S[1:], strict=True)
        if after < before - slack
    ]
    cost = raw[-1] - raw[0]
    if cost <= slack:
        out.append(f"{DELAYS_S[-1]:g} s of delay cost nothing")
    if moved[0] > raw[0] + slack:
        out.append("compensation harms fresh data")
    if moved[-1] > raw[-1] - cost / 3.0:
        out.append(f"compensation wins too little back at {DELAYS_S[-1]:g} s")
    if moved[-1] <= moved[0]:
        out.append("compensated delay costs nothing, though velocities are not exact")
    return out
