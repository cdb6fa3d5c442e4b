"""How near a course came to failing, and how badly it failed: one number that a search can raise.

Each bound that was asked gives a part. A bound that was kept gives less than 1, the more the nearer it was to
being broken; a broken one gives 1 and more, the more the worse it was. A closeness falls with a margin m as
1 / (1 + m / scale), a severity rises with an excess e as e / (e + scale).

Which measures tell near misses: Westhofen et al., Criticality Metrics for Automated Driving: A Review and
Suitability Analysis of the State of the Art, Archives of Computational Methods in Engineering 30 (2023). To
search with the margin by which a rule is kept, negative once it is broken: Fainekos and Pappas, Robustness of
temporal logic specifications for continuous-time signals, Theoretical Computer Science 410 (2009). The scales
are our own choice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from drivegen.scenario.verdicts import rules
from drivegen.scenario.verdicts.conflicts import distances_m
from drivegen.scenario.verdicts.judge import TOUCH_M, Evidence, Judged, Verdict
from drivegen.scenario.verdicts.motion import Motion, together

SCALES: Mapping[str, float] = {
    "collisions": 10.0,
    "off_road": 1.0,
    "red_lights": 1.0,
    "goal_s": 5.0,
    "distance_m": 1.0,
    "time_to_collision_s": 1.5,
    "post_encroachment_time_s": 1.0,
    "deceleration_mps2": 2.0,
    "acceleration_mps2": 2.0,
    "jerk_mps3": 5.0,
    "over_limit_kmh": 10.0,
    "stand_still_s": 5.0,
}
"""Margins that halve the closeness and excesses that give half the severity. Of collisions in m/s of the
impact, of off-road in metres beyond the lanes; the others in the measure's own unit."""

_NEAR = ("distance_m", "time_to_collision_s", "post_encroachment_time_s")
"""Of which the closeness to a collision is the mean."""
_NEVER = 0.5
"""Severity of what has no end, such as a goal that was never reached."""
_LEADING = 0.75
"""Weight of the most critical of the bounds that were kept; the rest is the mean of all, so that a bound that
is always tight does not hide how the others change."""
_ROAD_STEP_S = 0.5
_RINGS_M = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_MOST_CORNERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Criticality:
    """Of one course."""

    value: float
    """Below 1 if all bounds were kept, from 1 to 2 if not."""
    parts: Mapping[str, float]
    """By measure that was asked."""
    kinds: tuple[str, ...] = ()
    """What failed and who took part, such as `collisions: Child`; sorted."""


def criticality_of(evidence: Evidence, verdict: Verdict) -> Criticality:
    """Of a course with its verdict, which must tell all measures."""
    values = {j.finding.measure: j.finding.value for j in verdict.judged}
    parts: dict[str, float] = {}
    for judged in verdict.judged:
        if judged.bound is None:
            continue
        measure = judged.finding.measure
        if judged.passed:
            parts[measure] = _closeness(judged, values, evidence)
        else:
            parts[measure] = 1.0 + _severity(judged, evidence)
    broken = [parts[j.finding.measure] for j in verdict.failed]
    kept = list(parts.values())
    if broken:
        value = max(broken)
    else:
        value = _LEADING * max(kept) + (1.0 - _LEADING) * sum(kept) / len(kept) if kept else 0.0
    return Criticality(value=value, parts=parts, kinds=kinds_of(verdict))


def kinds_of(verdict: Verdict) -> tuple[str, ...]:
    """What failed and who took part."""
    found = []
    for judged in verdict.failed:
        # What came second, third and so on does not make a failure another one.
        first = judged.finding.who.partition(", ")[0]
        found.append(f"{judged.finding.measure}: {first}" if first else judged.finding.measure)
    return tuple(sorted(found))


def impact_mps(subject: Motion, other: Motion) -> float | None:
    """The speed at which two boxes move against each other when they first touch; None if they do not."""
    _, gaps = distances_m(subject, other)
    touching = np.flatnonzero(gaps <= TOUCH_M)
    if not len(touching):
        return None
    a, b = together(subject, other)
    row = int(touching[0])
    return float(np.linalg.norm(b.velocity_mps[row] - a.velocity_mps[row]))


def _closeness(judged: Judged, values: Mapping[str, float], evidence: Evidence) -> float:
    measure, bound = judged.finding.measure, judged.bound
    assert bound is not None
    if measure == "collisions":
        return sum(_falling(values[near], SCALES[near]) for near in _NEAR) / len(_NEAR)
    if measure == "off_road":
        return _falling(_room_m(evidence), SCALES[measure])
    if measure == "red_lights":
        return 0.0
    value = values[measure]
    margin = min(value - bound.least, bound.most - value)
    return _falling(margin if not math.isnan(margin) else math.inf, SCALES[measure])


def _severity(judged: Judged, evidence: Evidence) -> float:
    finding, bound = judged.finding, judged.bound
    assert bound is not None
    scale = SCALES[finding.measure]
    if finding.measure == "collisions" and finding.value > bound.most:
        return _rising(max((impact_mps(evidence.subject, o) or 0.0) for o in evidence.others), scale)
    if finding.measure == "off_road" and finding.value > bound.most:
        return _rising(_beyond_m(evidence), scale)
    return _rising(max(bound.least - finding.value, finding.value - bound.most), scale)


def _falling(margin: float, scale: float) -> float:
    return 1.0 / (1.0 + max(margin, 0.0) / scale)


def _rising(excess: float, scale: float) -> float:
    return excess / (excess + scale) if math.isfinite(excess) else _NEVER


def _room_m(evidence: Evidence) -> float:
    """By how much a box on the road could be larger all around and not be on it; one of the rings."""
    subject = evidence.subject.thinned(_ROAD_STEP_S)
    for ring_m in _RINGS_M:
        box = replace(
            subject.box,
            length_m=subject.box.length_m + 2.0 * ring_m,
            width_m=subject.box.width_m + 2.0 * ring_m,
        )
        if rules.off_road(replace(subject, box=box), evidence.space).any():
            return ring_m
    return math.inf


def _beyond_m(evidence: Evidence) -> float:
    """How far the corner that is farthest from lanes for wheels is from them; one of the rings."""
    corners = evidence.subject.thinned(_ROAD_STEP_S / 2.0).corners_m.reshape(-1, 2)
    space = evidence.space
    off = np.array([not space.on_road(float(x), float(y)) for x, y in corners], dtype=bool)
    turns = np.arange(12) * (np.pi / 6.0)
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    deepest_m = _RINGS_M[0]
    for corner in corners[off][:: max(1, int(off.sum()) // _MOST_CORNERS)]:
        for ring_m in _RINGS_M:
            if any(space.on_road(float(x), float(y)) for x, y in corner + ring_m * around):
                break
        deepest_m = max(deepest_m, ring_m)
    return deepest_m
