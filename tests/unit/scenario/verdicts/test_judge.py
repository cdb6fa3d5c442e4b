"""Measures of made-up motions whose answers are known on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.errors import ScenarioError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.scenario.player.bodies import Box
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.signal_record import SignalChange
from drivegen.scenario.verdicts.conflicts import distances_m, post_encroachment, times_to_collision_s
from drivegen.scenario.verdicts.criteria import Bound, bounds_of
from drivegen.scenario.verdicts.judge import Evidence, Verdict, judge, subject_of
from drivegen.scenario.verdicts.motion import Motion
from drivegen.scenario.verdicts.rules import is_red
from drivegen_generators.roads.beijing_junction import BeijingJunction

CAR = Box(x_m=1.5, y_m=0.0, z_m=0.75, length_m=4.0, width_m=2.0, height_m=1.5)
DT_S = 0.05


def moved(
    name: str, start: tuple[float, float], heading: float, speeds: np.ndarray, z_m: float = 0.0
) -> Motion:
    """Straight on from `start`, which is the reference point's, at these speeds."""
    speeds = np.asarray(speeds, dtype=float)
    gone = np.concatenate([[0.0], np.cumsum(speeds[:-1]) * DT_S])
    xyz = np.stack(
        [start[0] + gone * math.cos(heading), start[1] + gone * math.sin(heading), np.full(len(gone), z_m)],
        axis=1,
    )
    return Motion(
        name=name,
        box=CAR,
        tick=np.arange(len(gone)),
        time_s=np.arange(len(gone)) * DT_S,
        xyz_m=xyz,
        heading_rad=np.full(len(gone), heading),
        speed_mps=speeds,
    )


def steady(
    name: str, start: tuple[float, float], heading: float, speed: float, seconds: float, **more: float
) -> Motion:
    return moved(name, start, heading, np.full(round(seconds / DT_S) + 1, speed), **more)


def test_time_to_collision_behind_another_is_gap_over_closing_speed() -> None:
    ego, lead = steady("ego", (0, 0), 0.0, 10.0, 1.0), steady("lead", (24, 1), 0.0, 5.0, 1.0)
    _, times = times_to_collision_s(ego, lead)
    gaps = distances_m(ego, lead)[1]
    assert times[0] == pytest.approx((24 - 4) / 5.0)
    assert gaps[0] == pytest.approx(20.0)
    assert times[-1] == pytest.approx(gaps[-1] / 5.0)
    aside = steady("aside", (24, 2.5), 0.0, 5.0, 1.0)
    assert np.isinf(times_to_collision_s(ego, aside)[1]).all()


def test_time_to_collision_of_crossing_courses() -> None:
    # The other's front comes to the ego's left side (y = 1) when the ego covers x = 0.
    ego = steady("ego", (-16.5, 0), 0.0, 10.0, 0.5)
    other = steady("other", (0, 20), -math.pi / 2, 10.0, 0.5)
    assert times_to_collision_s(ego, other)[1][0] == pytest.approx((20 - 3.5 - 1) / 10.0)


@pytest.mark.parametrize("height_m, touches", [(0.0, True), (1.4, True), (6.0, False)])
def test_boxes_meet_where_they_share_height(height_m: float, touches: bool) -> None:
    ego = steady("ego", (-20, 0), 0.0, 10.0, 4.0)
    other = steady("other", (0, 20), -math.pi / 2, 10.0, 4.0, z_m=height_m)
    gaps = distances_m(ego, other)[1]
    assert (len(gaps) > 0 and gaps.min() == 0.0) == touches
    found = post_encroachment(ego, other)
    assert (found is not None and found[0] == 0.0) == touches


def test_post_encroachment_time_of_crossing_courses() -> None:
    """The ego's rear leaves the other's way (x = 1) before the other's front comes to the ego's."""
    ego = steady("ego", (-20, 0), 0.0, 10.0, 6.0)
    other = steady("other", (0, 40), -math.pi / 2, 10.0, 6.0)
    found = post_encroachment(ego, other)
    assert found is not None
    leaves, comes = (20 + 1 + 0.5) / 10.0, (40 - 3.5 - 1) / 10.0
    assert found[0] == pytest.approx(comes - leaves, abs=0.21)
    follower = steady("follower", (-40, 0), 0.0, 10.0, 6.0)
    assert post_encroachment(ego, follower) is None
    assert post_encroachment(ego, steady("parked", (0, 3), 0.5, 0.0, 6.0)) is None


@pytest.fixture(scope="module")
def junction() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(0, "map"), "junction")


def ruled(junction: RoadNetwork, subject: Motion, *others: Motion, **more: object) -> Verdict:
    evidence = Evidence(subject=subject, others=others, space=RoadSpace(junction), ended_s=12.0, **more)  # type: ignore[arg-type]
    return judge(evidence, ())


def value(verdict: Verdict, measure: str) -> float:
    return next(j.finding.value for j in verdict.judged if j.finding.measure == measure)


def test_passing_a_stop_line_counts_only_while_its_light_is_red(junction: RoadNetwork) -> None:
    head = next(h for h in signal_heads(junction) if h.stop_lines)
    line = head.stop_lines[0]
    heading = line.heading_rad
    middle = (np.asarray(line.start_m) + np.asarray(line.end_m))[:2] / 2
    start = tuple(middle - 30.0 * np.array([math.cos(heading), math.sin(heading)]))
    subject = steady("ego", start, heading, 10.0, 5.0)  # its front comes to the line after (30 - 3.5) / 10 s
    red_then_green = (
        SignalChange(time_s=0.0, signal_id=head.signal_id, state="red"),
        SignalChange(time_s=2.6, signal_id=head.signal_id, state="green"),
    )
    late_green = (red_then_green[0], SignalChange(time_s=2.8, signal_id=head.signal_id, state="green"))
    assert value(ruled(junction, subject, signals=red_then_green), "red_lights") == 0
    assert value(ruled(junction, subject, signals=late_green), "red_lights") == 1
    waits = moved("ego", start, heading, np.concatenate([np.linspace(10, 0, 61), np.zeros(60)]))
    assert value(ruled(junction, waits, signals=late_green), "red_lights") == 0
    back = steady("ego", tuple(2 * middle - np.array(start)), heading + math.pi, 10.0, 5.0)
    assert value(ruled(junction, back, signals=late_green), "red_lights") == 0


def test_dynamics_are_those_of_the_speeds(junction: RoadNetwork) -> None:
    speeds = np.concatenate([np.full(40, 10.0), 10.0 - 4.0 * DT_S * np.arange(51), np.zeros(60)])
    verdict = ruled(junction, moved("ego", (0, 0), 0.0, speeds))
    assert value(verdict, "deceleration_mps2") == pytest.approx(4.0)
    assert value(verdict, "acceleration_mps2") == 0.0
    assert value(verdict, "jerk_mps3") == pytest.approx(4.0 / 0.5)
    assert value(verdict, "stand_still_s") == pytest.approx(60 * DT_S, abs=DT_S)
    assert value(verdict, "goal_s") == 12.0


def test_leaving_the_road_is_counted_once_a_time(junction: RoadNetwork) -> None:
    line = next(h for h in signal_heads(junction) if h.stop_lines).stop_lines[0]
    heading = line.heading_rad
    middle = (np.asarray(line.start_m) + np.asarray(line.end_m))[:2] / 2
    ahead = np.array([math.cos(heading), math.sin(heading)])
    stays = steady("ego", tuple(middle - 20 * ahead), heading, 5.0, 2.0)
    assert value(ruled(junction, stays), "off_road") == 0
    leaves = steady("ego", tuple(middle - 20 * ahead), heading + math.pi / 2, 20.0, 10.0)
    assert value(ruled(junction, leaves), "off_road") >= 1


def test_bounds_decide(junction: RoadNetwork) -> None:
    ego, lead = steady("ego", (0, 0), 0.0, 10.0, 4.0), steady("lead", (34, 0), 0.0, 2.0, 4.0)
    evidence = Evidence(subject=ego, others=(lead,), space=RoadSpace(junction), ended_s=math.inf)
    verdict = judge(evidence, bounds_of(("distance_m>=0.5", "collisions<=0", "goal_s<=60")), only_asked=True)
    assert [j.finding.measure for j in verdict.failed] == ["collisions", "goal_s", "distance_m"]
    assert verdict.failed[0].finding.who == "lead"
    assert verdict.first_failure_s == pytest.approx((34 - 4) / 8.0, abs=DT_S)
    assert not verdict.passed
    assert judge(evidence, (Bound(measure="distance_m", least=0.0),)).passed


def test_words_of_signals() -> None:
    assert all(map(is_red, ("red", "Red", "red;off;off", "on;off;off", "1;0;0", "redyellow")))
    assert not any(map(is_red, ("green", "off", "off;off;on", "0;0;1", "yellow", "off;off;green")))


def test_refusals() -> None:
    for words in ("speed<=3", "distance_m=3", "distance_m>=x"):
        with pytest.raises(ScenarioError):
            bounds_of((words,))
    with pytest.raises(ScenarioError):
        Bound(measure="distance_m", least=3.0, most=1.0)
    with pytest.raises(ScenarioError, match="nobody"):
        subject_of(())
    with pytest.raises(ScenarioError, match='no entity "A"'):
        subject_of(("B",), "A")
    assert subject_of(("Lead", "Ego")) == "Ego"
    assert subject_of(("Lead", "Other")) == "Lead"
