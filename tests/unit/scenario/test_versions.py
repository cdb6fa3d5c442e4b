from __future__ import annotations

import math

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.controller_actions import ActivateControllerAction, ControllerAction
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.environment import Precipitation, Sun
from drivegen.scenario.model.positions import GeoPosition
from drivegen.scenario.model.private_actions import FollowTrajectoryAction, SpeedAction
from drivegen.scenario.model.routing import Clothoid
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.traffic import Range, TrafficSwarmAction
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reader import parse_scenario
from tests.unit.scenario.texts import SCENARIO, changed

TELEPORT = SCENARIO[SCENARIO.index("<TeleportAction>") : SCENARIO.index("</TeleportAction>") + 17]
POSITION = '<Position><LanePosition roadId="0" laneId="1" s="0"/></Position>'


def with_action(action: str, *changes: tuple[str, str]) -> Scenario:
    return parse_scenario(changed((TELEPORT, action), *changes).encode())


def with_global(action: str) -> Scenario:
    text = changed(
        ('<Private entityRef="Ego">', f'<GlobalAction>{action}</GlobalAction><Private entityRef="Ego">')
    )
    return parse_scenario(text.encode())


def only(scenario: Scenario, cls: type[Element]) -> Element:
    [found] = [e for e in walk(scenario) if isinstance(e, cls)]
    return found


def test_a_controller_may_be_activated_as_1_0_does() -> None:
    scenario = with_action('<ActivateControllerAction lateral="true" controllerRef="c"/>')
    activated = ActivateControllerAction(lateral=True, object_controller_ref="c")
    assert only(scenario, ControllerAction) == ControllerAction(activate_controller_action=activated)


def test_a_trajectory_may_stand_directly_in_its_action() -> None:
    shape = f'<Clothoid curvature="0" curvatureDot="0.1" length="5">{POSITION}</Clothoid>'
    scenario = with_action(
        '<RoutingAction><FollowTrajectoryAction><Trajectory name="t" closed="false">'
        f"<Shape>{shape}</Shape></Trajectory>"
        '<TimeReference><None/></TimeReference><TrajectoryFollowingMode followingMode="follow"/>'
        "</FollowTrajectoryAction></RoutingAction>"
    )
    action = only(scenario, FollowTrajectoryAction)
    assert isinstance(action, FollowTrajectoryAction) and isinstance(action.trajectory.shape, Clothoid)
    assert action.trajectory.shape.curvature_prime == 0.1
    assert action.time_reference.timing is None


def test_radians_of_1_1_are_degrees() -> None:
    scenario = with_action(
        '<TeleportAction><Position><GeoPosition latitude="0.5" longitude="-1" height="7"/></Position>'
        "</TeleportAction>"
    )
    assert only(scenario, GeoPosition) == GeoPosition(
        latitude_deg=math.degrees(0.5), longitude_deg=math.degrees(-1.0), altitude=7.0
    )


def test_the_weather_of_1_0_is_read() -> None:
    scenario = with_global(
        '<EnvironmentAction><Environment name="e">'
        '<TimeOfDay animation="false" dateTime="2024-05-01T12:00:00"/>'
        '<Weather cloudState="free"><Sun intensity="1000" azimuth="0" elevation="1"/><Fog visualRange="INF"/>'
        '<Precipitation precipitationType="rain" intensity="0.5"/></Weather>'
        '<RoadCondition frictionScaleFactor="1"/></Environment></EnvironmentAction>'
    )
    assert only(scenario, Sun) == Sun(azimuth=0.0, elevation=1.0, illuminance=1000.0)
    precipitation = only(scenario, Precipitation)
    assert isinstance(precipitation, Precipitation)
    assert (precipitation.intensity, precipitation.precipitation_intensity) == (0.5, None)


def test_the_speed_of_a_swarm_becomes_a_range() -> None:
    scenario = with_global(
        '<TrafficAction><TrafficSwarmAction innerRadius="1" numberOfVehicles="3" offset="0"'
        ' semiMajorAxis="9" semiMinorAxis="8" velocity="7">'
        '<CentralObject entityRef="Ego"/></TrafficSwarmAction></TrafficAction>'
    )
    swarm = only(scenario, TrafficSwarmAction)
    assert isinstance(swarm, TrafficSwarmAction)
    assert swarm.initial_speed_range == Range(lower_limit=7.0, upper_limit=7.0)


def test_a_braking_rate_with_a_sign_is_read_without() -> None:
    scenario = parse_scenario(changed(('value="4"', 'value="-4"')).encode())
    values = [e.speed_action_dynamics.value for e in walk(scenario) if isinstance(e, SpeedAction)]
    assert values == [0.0, 4.0]
    assert any("a rate has no sign" in n.text for n in scenario.notices)
    with pytest.raises(ScenarioError, match="the value of a transition is negative"):
        parse_scenario(changed(('Dimension="time" value="0"', 'Dimension="time" value="-4"')).encode())


def test_another_tools_criteria_are_no_trigger() -> None:
    criterion = (
        '<Condition name="criteria_CollisionTest" delay="0" conditionEdge="rising"><ByValueCondition>'
        '<ParameterCondition parameterRef="" value="" rule="lessThan"/></ByValueCondition></Condition>'
    )
    scenario = parse_scenario(
        changed(('<Condition name="End"', f'{criterion}<Condition name="End"')).encode()
    )
    stop = scenario.storyboard.stop_trigger
    assert stop is not None and [c.name for c in stop.condition_groups[0].conditions] == ["End"]
    with pytest.raises(ScenarioError, match="there is no parameter ''"):
        parse_scenario(
            changed(
                ('<Condition name="End"', f'{criterion}<Condition name="End"'), ("criteria_", "")
            ).encode()
        )


def test_what_is_newer_than_the_file_is_read_and_noticed() -> None:
    scenario = with_action("<RoutingAction><RandomRouteAction/></RoutingAction>")
    assert "RandomRouteAction came with 1.3, but the file is of 1.1" in [n.text for n in scenario.notices]
    newest = with_action(
        "<RoutingAction><RandomRouteAction/></RoutingAction>", ('revMinor="1"', 'revMinor="3"')
    )
    assert not [n for n in newest.notices if "came with" in n.text]
