from __future__ import annotations

import ast
from pathlib import Path

import pytest

from drivegen.scenario.model.entities import TrailerObject
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player import kinematics
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.reader import parse_scenario
from drivegen.scenario.reading.problems import BrokenScenarioError
from drivegen.scenario.reading.schema import all_schemas, tag_of
from drivegen.scenario.support import (
    GROUPS,
    Level,
    check_support,
    classes,
    left_out,
    support_of,
    support_table,
)
from drivegen.scenario.writer import write_scenario
from tests.unit.scenario.any_scenario import AnyScenario
from tests.unit.scenario.texts import SCENARIO, changed, line_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "openscenario.md"

PLAYED = """
TeleportAction SpeedAction ActivateControllerAction LaneChangeAction FollowTrajectoryAction
AssignRouteAction SynchronizeAction AssignControllerAction OverrideControllerValueAction
LongitudinalDistanceAction LaneOffsetAction LightStateAction SpeedProfileAction LateralDistanceAction
AcquirePositionAction ControllerAction EnvironmentAction EntityAction DeleteEntityAction AddEntityAction
SetAction ParameterAction VariableAction TrafficSignalStateAction SimulationTimeCondition
StoryboardElementStateCondition TraveledDistanceCondition RelativeDistanceCondition StandStillCondition
ParameterCondition ReachPositionCondition VariableCondition TimeHeadwayCondition EndOfRoadCondition
SpeedCondition RelativeSpeedCondition CollisionCondition DistanceCondition TimeToCollisionCondition
AccelerationCondition RelativeClearanceCondition AngleCondition OffroadCondition LanePosition WorldPosition
RelativeLanePosition RelativeRoadPosition RelativeObjectPosition RoadPosition RoutePosition
TrajectoryPosition RelativeWorldPosition Polyline Clothoid ClothoidSpline Nurbs Vehicle Pedestrian
MiscObject
"""
"""What occurs in two or more files of the public libraries."""


@pytest.mark.parametrize("name", PLAYED.split())
def test_what_public_libraries_use_is_played(name: str) -> None:
    [element] = {c for choice in GROUPS.values() for c in classes(choice) if c.__name__ == name}
    support = support_of(element)
    assert support is not None and support.level is Level.PLAYED


def test_no_element_is_forgotten() -> None:
    """What a choice of the standard may come to is in the table: all names that end like one."""
    ends = ("Action", "Condition", "Position")
    names = {s.element for s in all_schemas(Scenario) if tag_of(s.element).endswith(ends)}
    unknown = {c.__name__ for c in names if support_of(c) is None}
    assert unknown <= {
        "Action",
        "Condition",
        "ByEntityCondition",
        "RoadCondition",
        "OverridePedalAction",
        "OverrideBrakeAction",
        "OverrideSteeringWheelAction",
        "OverrideGearAction",
    }


def test_what_is_not_supported_is_told_with_file_and_line_before_a_start() -> None:
    stop = "<GlobalAction><TrafficAction trafficName='t'><TrafficStopAction/></TrafficAction></GlobalAction>"
    text = changed(('<Private entityRef="Ego">', f'{stop}\n        <Private entityRef="Ego">'))
    scenario = parse_scenario(text.encode(), Path("here.xosc"))
    with pytest.raises(BrokenScenarioError) as caught:
        check_support(scenario)
    [problem] = caught.value.problems
    assert str(problem.place) == f"here.xosc:{line_of('TrafficStopAction', text)}"
    assert problem.text.startswith("not supported: TrafficStopAction")
    with pytest.raises(BrokenScenarioError, match="not supported: TrafficStopAction"):
        Kinematics(scenario, None, 0.05)
    check_support(parse_scenario(SCENARIO.encode()))


def test_the_player_knows_every_element_that_the_table_calls_played() -> None:
    player = Path(kinematics.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in player.rglob("*.py")]
    known = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
    listed = {c for choice in GROUPS.values() for c in classes(choice)}
    played = {c.__name__ for c in listed if (s := support_of(c)) is not None and s.level is Level.PLAYED}
    by_field = {"AssignControllerAction", "OverrideControllerValueAction", "ActivateControllerAction"}
    by_rest = {"DeleteEntityAction"}
    assert played - known <= by_field | by_rest


def test_a_trailer_is_left_out_and_said() -> None:
    scenario = next(
        s
        for seed in range(99)
        for s in [AnyScenario(seed).scenario()]
        if isinstance(getattr(s.entities.scenario_objects[0].entity_object, "trailer", None), TrailerObject)
    )
    back = parse_scenario(write_scenario(scenario), Path("here.xosc"))
    assert any(n.text.startswith("left out: Trailer") for n in left_out(back))
    assert all(n.place.file == "here.xosc" and n.place.line > 1 for n in left_out(back))


def test_the_documents_table_is_that_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    begin, end = "<!-- support: begin -->\n", "<!-- support: end -->"
    assert text[text.index(begin) + len(begin) : text.index(end)].strip() == support_table().strip()
