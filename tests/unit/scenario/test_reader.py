from __future__ import annotations

from pathlib import Path

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.conditions import ByEntityCondition, TimeHeadwayCondition
from drivegen.scenario.model.names import CoordinateSystem, Priority, RelativeDistanceType
from drivegen.scenario.model.positions import LanePosition
from drivegen.scenario.model.private_actions import AbsoluteTargetSpeed, SpeedAction, TeleportAction
from drivegen.scenario.reader import parse_scenario, read_scenario
from drivegen.scenario.reading.problems import BrokenScenarioError
from tests.unit.scenario.texts import SCENARIO, changed, line_of


def test_a_scenario_is_read_with_its_parameters_and_expressions_as_plain_values() -> None:
    scenario = parse_scenario(SCENARIO.encode())
    teleport, speed = scenario.storyboard.init.actions.privates[0].private_actions
    assert isinstance(teleport, TeleportAction)
    assert teleport.position == LanePosition(road_id="0", lane_id="-1", s=5.0)
    assert isinstance(speed, SpeedAction)
    assert speed.speed_action_target == AbsoluteTargetSpeed(value=50.0 / 3.6)
    assert {p.name: p.value for p in scenario.parameter_declarations}["Speed_kph"] == "50.0"


def test_values_given_from_outside_replace_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xosc"
    path.write_text(SCENARIO)
    scenario = read_scenario(path, {"Speed_kph": 36, "Lane": -2})
    teleport, speed = scenario.storyboard.init.actions.privates[0].private_actions
    assert isinstance(teleport, TeleportAction) and isinstance(teleport.position, LanePosition)
    assert teleport.position.lane_id == "-2"
    assert isinstance(speed, SpeedAction)
    assert speed.speed_action_target == AbsoluteTargetSpeed(value=10.0)
    assert scenario.logic_file == tmp_path / "road.xodr"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Speed_kph": 61}, "parameter 'Speed_kph' is 61, but it must be lessOrEqual 60"),
        ({"Speed_kph": "fast"}, "'fast' is not a number"),
        ({"Sped_kph": 50}, "did you mean 'Speed_kph'?"),
    ],
)
def test_wrong_values_from_outside_are_refused(given: dict[str, int | str], said: str) -> None:
    with pytest.raises(ScenarioError, match="parameters given") as caught:
        parse_scenario(SCENARIO.encode(), parameters=given)
    assert said in str(caught.value)


def test_what_older_versions_wrote_is_brought_to_the_newest() -> None:
    scenario = parse_scenario(SCENARIO.encode())
    event = scenario.storyboard.stories[0].acts[0].maneuver_groups[0].maneuvers[0].events[0]
    assert event.priority is Priority.OVERRIDE
    assert event.start_trigger is not None
    condition = event.start_trigger.condition_groups[0].conditions[0].condition
    assert isinstance(condition, ByEntityCondition)
    headway = condition.entity_condition
    assert isinstance(headway, TimeHeadwayCondition)
    assert headway.coordinate_system is CoordinateSystem.ROAD
    assert headway.relative_distance_type is RelativeDistanceType.LONGITUDINAL
    [notice] = [n for n in scenario.notices if "alongRoute" in n.text]
    assert notice.place.line == line_of("alongRoute"), "the attribute's own line, not the tag's"


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ('laneId="$Lane"', 'lane="1"', "<LanePosition", "LanePosition needs the attribute 'laneId'"),
        ('s="5"', 's="far"', "<LanePosition", "s of LanePosition: 'far' is not a number"),
        ('s="5"', 's="NaN"', "<LanePosition", "'NaN' is not a finite number"),
        ('s="5"', 's="$where"', "<LanePosition", "there is no parameter 'where' here"),
        ('s="5"', 's="${5/0}"', "<LanePosition", "it divides by zero"),
        ('"step"', '"stepp"', '"step"', "did you mean 'step'?"),
        ('"rising"', '"up"', '"rising"', "not one of ConditionEdge's words"),
        (
            '<EntityRef entityRef="Lead"/>',
            '<EntityRef entityRef="Led"/>',
            "<EntityRef",
            "did you mean 'Lead'?",
        ),
        ('storyboardElementRef="Brake"', 'storyboardElementRef="Break"', "<StoryboardE", "no event 'Break'"),
        ('Type="event"', 'Type="action"', "<StoryboardE", "'Brake' is no action but event"),
        ('maximumExecutionCount="1"', 'maximumExecutionCount="-1"', "<ManeuverGroup", "'-1' is not from 0"),
        ('maximumExecutionCount="1"', 'maximumExecutionCount="1.5"', "<ManeuverGroup", "not an integer"),
        ("<TeleportAction>", "<Teleport>", "<TeleportAction>", "did you mean 'TeleportAction'?"),
        ("<CatalogLocations/>", "stray words", "<OpenSCENARIO>", "OpenSCENARIO has text ('stray words')"),
        ('revMinor="1"', 'revMinor="9"', "<FileHeader", "OpenSCENARIO 1.9 is not read here"),
        ('name="Lead">', 'name="Ego">', 'name="Lead">', "two entities are named 'Ego'"),
        ('value="50.0"', 'value="70.0"', 'value="50.0"', "it must be lessOrEqual 60"),
        ('<AbsoluteTargetSpeed value="$Speed"/>', "", "<SpeedActionTarget>", "needs just one of"),
    ],
)
def test_an_error_says_what_is_wrong_and_the_line_where_it_stands(
    old: str, new: str, at: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.xosc"
    text = changed((old, new))
    if old == "<TeleportAction>":
        text = text.replace("</TeleportAction>", "</Teleport>", 1)
    path.write_text(text)
    with pytest.raises(BrokenScenarioError) as caught:
        read_scenario(path)
    problems = [p for p in caught.value.problems if said in p.text]
    assert problems, str(caught.value)
    assert problems[0].place.file == str(path)
    assert problems[0].place.line == line_of(at), problems[0]


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = changed(('s="5"', 's="far"'), ('"rising"', '"up"'))
    with pytest.raises(BrokenScenarioError) as caught:
        parse_scenario(text.encode())
    assert len(caught.value.problems) == 2
    assert "(and 1 more problem)" in str(caught.value)
