"""From a course of events to a verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.errors import ScenarioError
from drivegen.opendrive.model import RoadNetwork
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.bodies import body_of
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.signal_record import SignalChange
from drivegen.scenario.player.simulate import Course
from drivegen.scenario.verdicts import rules
from drivegen.scenario.verdicts.conflicts import distances_m, post_encroachment, times_to_collision_s
from drivegen.scenario.verdicts.criteria import MEASURES, Bound
from drivegen.scenario.verdicts.motion import Motion, motions_of

TOUCH_M = 1e-9
_ACCELERATION_S = 0.3
_JERK_S = 0.5
_STILL_MPS = 0.1
_ROAD_STEP_S = 0.1
"""The road is asked ten times a second."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What a verdict is based on."""

    subject: Motion
    others: tuple[Motion, ...]
    space: RoadSpace
    ended_s: float
    """When the stop trigger ended the scenario; infinite if it was cut off."""
    signals: tuple[SignalChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measure of one course."""

    measure: str
    value: float
    time_s: float | None = None
    """When it was so; None where it belongs to no moment."""
    who: str = ""
    """The other entity or thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A finding beside what was asked; `bound` is None for what is only told."""

    finding: Finding
    bound: Bound | None

    @property
    def passed(self) -> bool:
        """True where nothing was asked."""
        return self.bound is None or self.bound.holds(self.finding.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that was asked of a course, and what came."""

    judged: tuple[Judged, ...]

    @property
    def passed(self) -> bool:
        """Whether all bounds were kept."""
        return all(j.passed for j in self.judged)

    @property
    def failed(self) -> tuple[Judged, ...]:
        """What was not kept."""
        return tuple(j for j in self.judged if not j.passed)

    @property
    def first_failure_s(self) -> float | None:
        """When the first of the failures that have a moment happened."""
        times = [j.finding.time_s for j in self.failed if j.finding.time_s is not None]
        return min(times) if times else None


def evidence_of(scenario: Scenario, network: RoadNetwork | None, course: Course, subject: str) -> Evidence:
    """What a course says of an entity. ScenarioError if it was never there."""
    boxes = {o.name: body_of(o).box for o in scenario.entities.scenario_objects}
    motions = motions_of(course.rows, boxes)
    if subject not in motions:
        raise ScenarioError(f'"{subject}" never came into the scenario, so there is nothing to judge')
    return Evidence(
        subject=motions.pop(subject),
        others=tuple(motions.values()),
        space=RoadSpace(network or RoadNetwork(name="", geo_reference="", roads=())),
        ended_s=course.time_s if course.ended else math.inf,
        signals=course.signals,
    )


def judge(evidence: Evidence, bounds: Sequence[Bound], *, only_asked: bool = False) -> Verdict:
    """Findings for all measures, or only for those in `bounds`; what `bounds` names is judged."""
    asked = {bound.measure: bound for bound in bounds}
    return Verdict(
        judged=tuple(
            Judged(finding=_FINDERS[measure](evidence), bound=asked.get(measure))
            for measure in MEASURES
            if measure in asked or not only_asked
        )
    )


def subject_of(names: Sequence[str], wanted: str | None = None) -> str:
    """The entity that is judged: `wanted`, else one called ego or hero in any case, else the first."""
    if wanted is not None:
        if wanted not in names:
            raise ScenarioError(f'the scenario has no entity "{wanted}": name one of {", ".join(names)}')
        return wanted
    if not names:
        raise ScenarioError("the scenario has no entities: there is nobody to judge")
    for usual in ("ego", "hero"):
        for name in names:
            if name.lower() == usual:
                return name
    return next((n for n in names if n.lower().startswith(("ego", "hero"))), names[0])


def _collisions(evidence: Evidence) -> Finding:
    first: dict[str, float] = {}
    for other in evidence.others:
        times, gaps = distances_m(evidence.subject, other)
        touching = np.flatnonzero(gaps <= TOUCH_M)
        if len(touching):
            first[other.name] = float(times[touching[0]])
    names = sorted(first, key=lambda name: (first[name], name))
    return Finding(
        measure="collisions",
        value=float(len(first)),
        time_s=first[names[0]] if names else None,
        who=", ".join(names),
    )


def _off_road(evidence: Evidence) -> Finding:
    subject = evidence.subject.thinned(_ROAD_STEP_S)
    spells = rules.spells(rules.off_road(subject, evidence.space))
    when = float(subject.time_s[spells[0][0]]) if spells else None
    return Finding(measure="off_road", value=float(len(spells)), time_s=when)


def _red_lights(evidence: Evidence) -> Finding:
    passed = rules.red_lights(evidence.subject, evidence.space.network, evidence.signals)
    return Finding(
        measure="red_lights",
        value=float(len(passed)),
        time_s=passed[0].time_s if passed else None,
        who=", ".join(f"signal {p.signal_id}" for p in passed),
    )


def _goal(evidence: Evidence) -> Finding:
    ended = evidence.ended_s
    return Finding(measure="goal_s", value=ended, time_s=ended if math.isfinite(ended) else None)


def _least(
    measure: str,
    evidence: Evidence,
    of: Callable[[Motion, Motion], tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]],
) -> Finding:
    best = Finding(measure=measure, value=math.inf)
    for other in evidence.others:
        times, values = of(evidence.subject, other)
        if len(values) and values.min() < best.value:
            row = int(np.argmin(values))
            best = Finding(
                measure=measure, value=float(values[row]), time_s=float(times[row]), who=other.name
            )
    return best


def _post_encroachment(evidence: Evidence) -> Finding:
    best = Finding(measure="post_encroachment_time_s", value=math.inf)
    for other in evidence.others:
        found = post_encroachment(evidence.subject, other)
        if found is not None and found[0] < best.value:
            best = Finding(measure=best.measure, value=found[0], time_s=found[1], who=other.name)
    return best


def _rates(
    time_s: Float[np.ndarray, " n"], values: Float[np.ndarray, " n"], over_s: float
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """(middles of windows, mean rate of change over each); nothing for a course shorter than a window."""
    if len(time_s) < 2:
        return np.zeros(0), np.zeros(0)
    rows = max(1, round(over_s / float(np.median(np.diff(time_s)))))
    if len(time_s) <= rows:
        return np.zeros(0), np.zeros(0)
    taken = time_s[rows:] - time_s[:-rows]
    return (time_s[rows:] + time_s[:-rows]) / 2.0, (values[rows:] - values[:-rows]) / taken


def _greatest(measure: str, times: Float[np.ndarray, " k"], values: Float[np.ndarray, " k"]) -> Finding:
    """The greatest value above 0, and when."""
    if not len(values) or values.max() <= 0.0:
        return Finding(measure=measure, value=0.0)
    row = int(np.argmax(values))
    return Finding(measure=measure, value=float(values[row]), time_s=float(times[row]))


def _braking(evidence: Evidence) -> Finding:
    times, rates = _rates(evidence.subject.time_s, np.abs(evidence.subject.speed_mps), _ACCELERATION_S)
    return _greatest("deceleration_mps2", times, -rates)


def _accelerating(evidence: Evidence) -> Finding:
    times, rates = _rates(evidence.subject.time_s, np.abs(evidence.subject.speed_mps), _ACCELERATION_S)
    return _greatest("acceleration_mps2", times, rates)


def _jerk(evidence: Evidence) -> Finding:
    times, rates = _rates(evidence.subject.time_s, evidence.subject.speed_mps, _ACCELERATION_S)
    return _greatest("jerk_mps3", *_absolute(_rates(times, rates, _JERK_S)))


def _absolute(
    series: tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]],
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    return series[0], np.abs(series[1])


def _over_limit(evidence: Evidence) -> Finding:
    subject = evidence.subject.thinned(_ROAD_STEP_S)
    above = np.abs(subject.speed_mps) - rules.limits_mps(subject, evidence.space)
    return _greatest("over_limit_kmh", subject.time_s, above * 3.6)


def _stand_still(evidence: Evidence) -> Finding:
    subject = evidence.subject
    spells = rules.spells(np.abs(subject.speed_mps) < _STILL_MPS)
    longest = max(
        ((float(subject.time_s[b] - subject.time_s[a]), float(subject.time_s[a])) for a, b in spells),
        key=lambda spell: spell[0],
        default=(0.0, None),
    )
    return Finding(measure="stand_still_s", value=longest[0], time_s=longest[1])


_FINDERS: Mapping[str, Callable[[Evidence], Finding]] = {
    "collisions": _collisions,
    "off_road": _off_road,
    "red_lights": _red_lights,
    "goal_s": _goal,
    "distance_m": lambda evidence: _least("distance_m", evidence, distances_m),
    "time_to_collision_s": lambda evidence: _least("time_to_collision_s", evidence, times_to_collision_s),
    "post_encroachment_time_s": _post_encroachment,
    "deceleration_mps2": _braking,
    "acceleration_mps2": _accelerating,
    "jerk_mps3": _jerk,
    "over_limit_kmh": _over_limit,
    "stand_still_s": _stand_still,
}
