"""Speeds, lanes, triggers: what the kinematic core does tick by tick."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from drivegen.core.errors import ScenarioError
from tests.unit.scenario.player.plays import (
    after,
    at,
    by_entity,
    condition,
    event,
    group,
    lane,
    lane_change,
    run,
    scenario,
    speed,
    state,
    teleport,
    when,
)

START = {"Ego": teleport(lane(10)) + speed(10)}


def test_an_entity_without_actions_goes_on_along_its_lane() -> None:
    course = run(scenario(START), limit=2.0)
    assert at(course, "Ego", 0.0).x_m == pytest.approx(10.0)
    last = at(course, "Ego", 2.0)
    assert [last.x_m, last.y_m, last.speed_mps] == pytest.approx([30.0, -1.75, 10.0])


def test_left_lanes_are_driven_against_s() -> None:
    course = run(scenario({"Ego": teleport(lane(100, 2)) + speed(10)}), limit=1.0)
    last = at(course, "Ego", 1.0)
    assert [last.x_m, last.y_m, last.h_rad] == pytest.approx([90.0, 5.25, math.pi])


def test_a_speed_is_reached_by_rate_and_its_end_is_seen_one_step_later() -> None:
    brake = event("brake", speed(0.0, "linear", "rate", 5.0), condition(after(1.0)))
    again = event("go", speed(3.0), condition(state("event", "brake", "endTransition"), "rising", 0.5))
    course = run(scenario(START, group("Ego", brake, again)), limit=5.0)
    assert at(course, "Ego", 1.0).speed_mps == 10.0
    assert at(course, "Ego", 1.05).speed_mps == pytest.approx(9.75)
    assert at(course, "Ego", 2.95).speed_mps > 0.0
    assert at(course, "Ego", 3.0).speed_mps == 0.0
    assert when(course, "brake", "endTransition") == [3.0]
    assert when(course, "go", "startTransition") == [3.5]
    assert at(course, "Ego", 3.55).speed_mps == 3.0


@pytest.mark.parametrize(("shape", "half"), [("linear", 15.0), ("cubic", 15.0), ("sinusoidal", 15.0)])
def test_shapes_of_speed_meet_in_the_middle_and_at_the_end(shape: str, half: float) -> None:
    faster = event("faster", speed(20.0, shape, "time", 2.0), condition(after(0.0)))
    course = run(scenario(START, group("Ego", faster)), limit=3.0)
    assert at(course, "Ego", 1.0).speed_mps == pytest.approx(half)
    assert at(course, "Ego", 2.0).speed_mps == 20.0
    quarter = {"linear": 12.5, "cubic": 11.5625, "sinusoidal": 15.0 - 5.0 * math.sqrt(0.5)}[shape]
    assert at(course, "Ego", 0.5).speed_mps == pytest.approx(quarter)


def test_performance_makes_a_steep_change_longer() -> None:
    faster = event("faster", speed(30.0, "linear", "time", 1.0), condition(after(0.0)))
    course = run(scenario(START, group("Ego", faster)), limit=3.0)
    assert at(course, "Ego", 1.0).speed_mps == pytest.approx(20.0)
    assert when(course, "faster", "endTransition") == pytest.approx([2.0])


def test_a_speed_over_a_distance_is_there_after_it() -> None:
    faster = event("faster", speed(20.0, "linear", "distance", 60.0), condition(after(0.0)))
    course = run(scenario(START, group("Ego", faster)), limit=6.0, dt=0.01)
    done = when(course, "faster", "endTransition")[0]
    assert at(course, "Ego", done).x_m == pytest.approx(70.0, abs=0.1)


def test_a_lane_change_keeps_the_speed_over_ground_and_turns_the_car() -> None:
    change = event("change", lane_change(-2), condition(after(1.0)))
    course = run(scenario(START, group("Ego", change)), limit=4.0)
    assert at(course, "Ego", 1.0).y_m == pytest.approx(-1.75)
    assert at(course, "Ego", 2.0).y_m == pytest.approx(-3.5)
    assert at(course, "Ego", 3.0).y_m == pytest.approx(-5.25)
    assert at(course, "Ego", 3.0).h_rad == 0.0
    assert math.sin(at(course, "Ego", 2.05).h_rad) == pytest.approx(-0.5 * math.pi * 3.5 / 2.0 / 10.0)
    steps = [at(course, "Ego", 1.0 + 0.05 * i) for i in range(41)]
    gone = sum(math.hypot(b.x_m - a.x_m, b.y_m - a.y_m) for a, b in pairwise(steps))
    assert gone == pytest.approx(20.0, abs=0.01)
    assert at(course, "Ego", 3.0).x_m < 40.0 - 0.3


def test_a_lane_that_is_not_there_is_one_clear_error() -> None:
    change = event("change", lane_change(-9), condition(after(1.0)))
    with pytest.raises(ScenarioError, match="lane -9"):
        run(scenario(START, group("Ego", change)))


def test_the_stop_trigger_ends_the_scenario_and_its_last_step_stands() -> None:
    course = run(scenario(START, stop=condition(after(2.0))))
    assert course.ended
    assert course.time_s == pytest.approx(2.05)
    assert at(course, "Ego", 2.05).x_m == at(course, "Ego", 2.0).x_m


def test_without_a_stop_trigger_it_ends_with_its_stories() -> None:
    course = run(scenario(START, group("Ego", event("faster", speed(11.0), condition(after(1.0))))))
    assert course.ended
    assert course.time_s == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("edge", "times"), [("none", [0.0]), ("rising", [0.95]), ("falling", [2.95]), ("risingOrFalling", [0.95])]
)
def test_edges(edge: str, times: list[float]) -> None:
    inner = by_entity("Ego", '<SpeedCondition value="10.5" rule="greaterThan"/>')
    waits = "rising" if edge != "none" else "none"
    rule = inner if waits == "rising" else after(0.0)
    events = (
        event("up", speed(12.0), condition(after(0.95))),
        event("down", speed(9.0), condition(after(2.95))),
        event("watched", speed(5.0), condition(rule, edge)),
    )
    course = run(scenario(START, group("Ego", *events)), limit=4.0)
    assert when(course, "watched", "startTransition") == pytest.approx(times)


def test_all_conditions_of_a_group_and_any_group_start_an_event() -> None:
    both = event("both", speed(5.0), condition(after(1.0)), condition(after(2.0)))
    course = run(scenario(START, group("Ego", both)), limit=3.0)
    assert when(course, "both", "startTransition") == [2.0]


def test_override_stops_what_runs_and_skip_leaves_it() -> None:
    slow = event("slow", speed(0.0, "linear", "time", 8.0), condition(after(0.0)))
    over = event("over", speed(20.0), condition(after(1.0)), priority="override")
    course = run(scenario(START, group("Ego", slow, over)), limit=3.0)
    assert when(course, "slow", "stopTransition") == [1.0]
    assert at(course, "Ego", 1.05).speed_mps == 20.0
    skip = event("skip", speed(20.0), condition(after(1.0)), priority="skip")
    course = run(scenario(START, group("Ego", slow, skip)), limit=3.0)
    assert when(course, "skip", "skipTransition") == [1.0]
    assert when(course, "skip", "startTransition") == []


def test_an_event_runs_as_often_as_it_may() -> None:
    often = event("often", speed(10.0, "linear", "time", 1.0), condition(after(0.0)), count=3)
    course = run(scenario(START, group("Ego", often)), limit=6.0)
    assert when(course, "often", "startTransition") == pytest.approx([0.0, 1.0, 2.0])
    rising = event("often", speed(0.0, "linear", "time", 0.5), condition(after(1.0), "rising"), count=3)
    course = run(scenario(START, group("Ego", rising)), limit=6.0)
    assert when(course, "often", "startTransition") == [1.0]


def test_the_same_scenario_gives_the_same_numbers() -> None:
    change = event("change", lane_change(-3, by=3.3), condition(after(0.7)))
    brake = event("brake", speed(2.0, "cubic", "rate", 3.0), condition(after(1.3)))
    one = run(scenario(START, group("Ego", change, brake)))
    other = run(scenario(START, group("Ego", change, brake)))
    assert one.rows == other.rows
    assert one.happened == other.happened


def test_an_entity_is_brought_in_beside_one_that_is_placed_later_in_the_file() -> None:
    """As in ScenarioRunner's files; the second waits for the first, which waits for the ego."""

    def beside(name: str, other: str) -> str:
        position = f'<Position><RelativeRoadPosition entityRef="{other}" ds="30" dt="0"/></Position>'
        action = f"<AddEntityAction>{position}</AddEntityAction>"
        return f'<GlobalAction><EntityAction entityRef="{name}">{action}</EntityAction></GlobalAction>'

    what = scenario(
        {"Ego": teleport(lane(10)), "First": "", "Second": ""},
        global_init=beside("Second", "First") + beside("First", "Ego"),
    )
    course = run(what, limit=0.05)
    assert [at(course, name, 0.0).x_m for name in ("Ego", "First", "Second")] == pytest.approx([10, 40, 70])
    with pytest.raises(ScenarioError, match="no position yet"):
        run(scenario({"Ego": "", "First": ""}, global_init=beside("First", "Ego")))
