"""Trajectories, distances, offsets, synchronising, entities, values, drivers."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.opendrive.reader import read_network
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.simulate import simulate
from tests.unit.scenario.player.plays import (
    STRAIGHT,
    after,
    at,
    by_entity,
    condition,
    event,
    group,
    lane,
    run,
    scenario,
    speed,
    state,
    teleport,
    when,
)

EGO = teleport(lane(10)) + speed(10)


def follow(shape: str, timing: str = "<None/>") -> str:
    return (
        "<PrivateAction><RoutingAction><FollowTrajectoryAction><TrajectoryRef>"
        f'<Trajectory name="way" closed="false"><Shape>{shape}</Shape></Trajectory></TrajectoryRef>'
        f"<TimeReference>{timing}</TimeReference>"
        '<TrajectoryFollowingMode followingMode="position"/></FollowTrajectoryAction></RoutingAction>'
        "</PrivateAction>"
    )


def vertex(x: float, y: float, time: float | None = None) -> str:
    clock = "" if time is None else f' time="{time}"'
    return f'<Vertex{clock}><Position><WorldPosition x="{x}" y="{y}"/></Position></Vertex>'


TIMED = '<Timing domainAbsoluteRelative="relative" scale="1" offset="0"/>'


def test_a_timed_polyline_is_met_exactly_and_gives_the_speed() -> None:
    way = "<Polyline>" + vertex(10, 0, 0) + vertex(20, 0, 2) + vertex(20, -6, 3) + "</Polyline>"
    walk = event("walk", follow(way, TIMED), condition(after(1.0)))
    course = run(scenario({"Ego": EGO}, group("Ego", walk)), limit=6.0)
    halfway = at(course, "Ego", 2.0)
    assert [halfway.x_m, halfway.y_m] == pytest.approx([15.0, 0.0])
    assert halfway.speed_mps == pytest.approx(5.0)
    corner = at(course, "Ego", 3.5)
    assert [corner.x_m, corner.y_m] == pytest.approx([20.0, -3.0])
    assert math.sin(corner.h_rad) == pytest.approx(-1.0)
    assert when(course, "walk", "endTransition") == [4.0]


def test_an_untimed_clothoid_is_followed_at_the_own_speed() -> None:
    way = (
        '<Clothoid curvature="0.0" curvaturePrime="0.001" length="40">'
        '<Position><WorldPosition x="10" y="-1.75" h="0"/></Position></Clothoid>'
    )
    walk = event("walk", follow(way), condition(after(0.0)))
    course = run(scenario({"Ego": EGO}, group("Ego", walk)), limit=3.5)
    last = at(course, "Ego", 3.0)
    assert last.h_rad == pytest.approx(0.5 * 0.001 * 30.0**2, abs=1e-3)
    assert 10.0 < last.x_m < 40.0


def test_a_nurbs_curve_of_order_two_is_its_polygon() -> None:
    points = "".join(
        f'<ControlPoint><Position><WorldPosition x="{x}" y="{y}"/></Position></ControlPoint>'
        for x, y in ((10, -1.75), (20, -1.75), (20, 8))
    )
    knots = "".join(f'<Knot value="{v}"/>' for v in (0, 0, 1, 2, 2))
    walk = event("walk", follow(f'<Nurbs order="2">{points}{knots}</Nurbs>'), condition(after(0.0)))
    course = run(scenario({"Ego": EGO}, group("Ego", walk)), limit=2.0)
    assert at(course, "Ego", 0.5).x_m == pytest.approx(15.0, abs=0.01)
    assert at(course, "Ego", 1.5).x_m == pytest.approx(20.0, abs=0.01)
    assert at(course, "Ego", 1.5).y_m == pytest.approx(3.25, abs=0.05)


def distance(inner: str, limits: str = "") -> str:
    return (
        f'<PrivateAction><LongitudinalAction><LongitudinalDistanceAction entityRef="Ego" {inner}>{limits}'
        "</LongitudinalDistanceAction></LongitudinalAction></PrivateAction>"
    )


def test_a_time_gap_without_limits_is_there_at_once() -> None:
    gap = distance('continuous="false" freespace="true" timeGap="2" displacement="leadingReferencedEntity"')
    lead = teleport(lane(30)) + speed(10) + gap
    course = run(scenario({"Ego": EGO, "Lead": lead}), limit=1.0)
    # 20 m of free space and a length of 5 m between equal reference points.
    assert at(course, "Lead", 0.0).x_m - at(course, "Ego", 0.0).x_m == pytest.approx(25.0)


def test_a_distance_with_limits_is_reached_within_them() -> None:
    keep = distance(
        'continuous="true" freespace="false" distance="20" displacement="trailingReferencedEntity"',
        '<DynamicConstraints maxAcceleration="3" maxDeceleration="4" maxSpeed="25"/>',
    )
    chase = event("chase", keep, condition(after(0.0)))
    ego = teleport(lane(100)) + speed(10)
    course = run(
        scenario({"Ego": ego, "Other": teleport(lane(20)) + speed(10)}, group("Other", chase)), limit=20.0
    )
    own = [r.speed_mps for r in course.rows if r.name == "Other"]
    assert max(own) <= 25.0
    assert max(b - a for a, b in pairwise(own)) <= 3.0 * 0.05 + 1e-9
    assert at(course, "Ego", 20.0).x_m - at(course, "Other", 20.0).x_m == pytest.approx(20.0, abs=0.3)


def test_two_arrive_together() -> None:
    meet = (
        '<PrivateAction><SynchronizeAction masterEntityRef="Ego">'
        f"<TargetPositionMaster>{lane(110)[10:-11]}</TargetPositionMaster>"
        f"<TargetPosition>{lane(90, -2)[10:-11]}</TargetPosition>"
        '<FinalSpeed><AbsoluteSpeed value="8"/></FinalSpeed></SynchronizeAction></PrivateAction>'
    )
    other = teleport(lane(20, -2)) + speed(3)
    meets = group("Other", event("meet", meet, condition(after(0.0))))
    course = run(scenario({"Ego": EGO, "Other": other}, meets), limit=10.0)
    assert at(course, "Ego", 10.0).x_m == pytest.approx(110.0, abs=0.1)
    assert at(course, "Other", 10.0).x_m == pytest.approx(90.0, abs=1.0)
    assert at(course, "Other", 10.0).speed_mps == pytest.approx(8.0, abs=0.3)


def test_entities_come_and_go() -> None:
    add = (
        f'<GlobalAction><EntityAction entityRef="Late"><AddEntityAction>{lane(50, -2)}</AddEntityAction>'
        "</EntityAction></GlobalAction>"
    )
    gone = '<GlobalAction><EntityAction entityRef="Late"><DeleteEntityAction/></EntityAction></GlobalAction>'
    events = (event("add", add, condition(after(1.0))), event("gone", gone, condition(after(2.0))))
    course = run(scenario({"Ego": EGO, "Late": ""}, group("Ego", *events)), limit=3.0)
    times = [r.time_s for r in course.rows if r.name == "Late"]
    assert [times[0], times[-1]] == pytest.approx([1.05, 2.0])


def test_variables_are_set_and_asked_for() -> None:
    declared = (
        '<ParameterDeclarations/><VariableDeclarations><VariableDeclaration name="go" variableType="boolean" '
        'value="false"/></VariableDeclarations>'
    )
    put = '<VariableAction variableRef="go"><SetAction value="true"/></VariableAction>'
    put = f"<GlobalAction>{put}</GlobalAction>"
    asks = '<VariableCondition variableRef="go" rule="equalTo" value="true"/>'
    asks = f"<ByValueCondition>{asks}</ByValueCondition>"
    events = (event("set", put, condition(after(1.0))), event("went", speed(20), condition(asks)))
    course = run(scenario({"Ego": EGO}, group("Ego", *events), declarations=declared), limit=3.0)
    assert when(course, "went", "startTransition") == [1.0]


def test_an_entity_that_refers_to_one_without_a_place_is_one_clear_error() -> None:
    lost = teleport('<Position><RelativeLanePosition entityRef="Ghost" dLane="0" ds="5"/></Position>')
    with pytest.raises(ScenarioError, match='"Ghost"'):
        run(scenario({"Ego": lost, "Ghost": ""}))


def test_places_may_be_named_before_they_are_taken() -> None:
    behind = teleport('<Position><RelativeLanePosition entityRef="Lead" dLane="1" ds="-20"/></Position>')
    course = run(scenario({"Ego": behind, "Lead": teleport(lane(100, -2))}), limit=0.1)
    first = at(course, "Ego", 0.0)
    assert [first.x_m, first.y_m] == pytest.approx([80.0, -1.75])


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ('<TimeHeadwayCondition entityRef="Lead" value="3" freespace="true" rule="lessThan"/>', 5.5),
        ('<RelativeDistanceCondition entityRef="Lead" relativeDistanceType="longitudinal" value="30" '
         'freespace="false" rule="lessThan"/>', 6.0),
        ('<TimeToCollisionCondition value="2" freespace="true" rule="lessThan">'
         '<TimeToCollisionConditionTarget>'
         '<EntityRef entityRef="Lead"/></TimeToCollisionConditionTarget></TimeToCollisionCondition>', 6.5),
        ('<TraveledDistanceCondition value="40"/>', 4.0),
        ('<CollisionCondition><EntityRef entityRef="Lead"/></CollisionCondition>', 8.5),
        (f'<ReachPositionCondition tolerance="1">{lane(50)}</ReachPositionCondition>', 3.9),
        (f'<DistanceCondition value="5" freespace="false" rule="lessThan">{lane(50)}'
         '</DistanceCondition>', 3.5),
    ],
)  # fmt: skip
def test_conditions_of_entities(inner: str, expected: float) -> None:
    watched = event("watched", speed(10), condition(by_entity("Ego", inner)))
    course = run(scenario({"Ego": EGO, "Lead": teleport(lane(100))}, group("Ego", watched)), limit=9.0)
    assert when(course, "watched", "startTransition")[0] == pytest.approx(expected, abs=0.051)


def test_standing_still_has_to_last() -> None:
    halt = event("halt", speed(0), condition(after(1.0)))
    stands = event("stands", speed(1), condition(by_entity("Ego", '<StandStillCondition duration="2"/>')))
    course = run(scenario({"Ego": EGO}, group("Ego", halt, stands)), limit=5.0)
    assert when(course, "stands", "startTransition")[0] == pytest.approx(3.0, abs=0.06)


def test_the_simple_driver_stops_behind_what_stands_in_its_lane() -> None:
    what = scenario({"Ego": EGO, "Lead": teleport(lane(120)), "Aside": teleport(lane(60, -2))})
    network = read_network(STRAIGHT, "road.xodr")
    course = simulate(what, network, limit_s=40.0, simple={"Ego": SimpleDriver()})
    last = at(course, "Ego", 40.0)
    assert last.speed_mps < 0.3
    gap = 120.0 - last.x_m - 5.0
    assert 1.0 < gap < 4.0


def test_the_end_of_an_unknown_element_is_one_clear_error() -> None:
    waits = event("waits", speed(1), condition(state("event", "nowhere", "endTransition")))
    with pytest.raises(ScenarioError, match="nowhere"):
        run(scenario({"Ego": EGO}, group("Ego", waits)))
