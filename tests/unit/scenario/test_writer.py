from __future__ import annotations

import dataclasses

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.controller_actions import (
    ActivateControllerAction,
    ControllerAction,
    OverrideControllerValueAction,
)
from drivegen.scenario.model.element import Element
from drivegen.scenario.model.routing import ClothoidSpline
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.model.walk import walk
from drivegen.scenario.reader import parse_scenario
from drivegen.scenario.reading.document import parse_document
from drivegen.scenario.reading.schema import all_schemas
from drivegen.scenario.writer import write_scenario
from tests.unit.scenario.any_scenario import AnyScenario
from tests.unit.scenario.texts import SCENARIO, changed


def of_minor(scenario: Scenario, minor: int) -> Scenario:
    header = dataclasses.replace(scenario.file_header, rev_major=1, rev_minor=minor)
    return dataclasses.replace(scenario, file_header=header)


def test_every_element_of_the_model_reads_back_as_it_was_written() -> None:
    drawn: set[type[Element]] = set()
    written: set[type[Element]] = set()
    for seed in range(20):
        scenario = AnyScenario(seed, drawn).scenario()
        back = parse_scenario(write_scenario(scenario))
        assert back == of_minor(scenario, 3), seed
        assert not back.notices
        written |= {type(e) for e in walk(scenario)}
    missing = {s.element.__name__ for s in all_schemas(Scenario)} - {c.__name__ for c in written}
    assert missing <= {"ValueConstraintGroup", "ValueConstraint"}, "these are in the texts of other tests"


@pytest.mark.parametrize("minor", [2, 3])
def test_a_written_file_is_one_concrete_scenario(minor: int) -> None:
    scenario = parse_scenario(SCENARIO.encode(), parameters={"Speed_kph": 36})
    content = write_scenario(scenario, minor=minor)
    assert b"$" not in content
    root = parse_document(content, "written")
    assert [c.tag for c in root.children][:3] == ["FileHeader", "ParameterDeclarations", "CatalogLocations"]
    assert parse_scenario(content) == of_minor(scenario, minor)


def test_what_a_version_cannot_say_is_refused() -> None:
    act = SCENARIO[SCENARIO.rindex("<StartTrigger>") : SCENARIO.index("</Act>")]
    scenario = parse_scenario(changed((act, "")).encode())
    with pytest.raises(ScenarioError, match=r"an act without a start trigger is of 1\.3"):
        write_scenario(scenario, minor=2)
    spline = next(
        s
        for seed in range(99)
        for s in [AnyScenario(seed).scenario()]
        if any(isinstance(e, ClothoidSpline) for e in walk(s)) and s.storyboard.stop_trigger is not None
    )
    with pytest.raises(ScenarioError, match=r"is of 1\.3: write that version"):
        write_scenario(spline, minor=2)
    with pytest.raises(ScenarioError, match=r"1\.1 is not written"):
        write_scenario(scenario, minor=1)


def test_actions_on_controllers_that_stood_together_are_written_one_by_one() -> None:
    scenario = parse_scenario(SCENARIO.encode())
    private = scenario.storyboard.init.actions.privates[0]
    both = ControllerAction(
        override_controller_value_action=OverrideControllerValueAction(),
        activate_controller_action=ActivateControllerAction(lateral=True),
    )
    actions = dataclasses.replace(
        scenario.storyboard.init.actions, privates=(dataclasses.replace(private, private_actions=(both,)),)
    )
    init = dataclasses.replace(scenario.storyboard.init, actions=actions)
    scenario = dataclasses.replace(scenario, storyboard=dataclasses.replace(scenario.storyboard, init=init))
    back = parse_scenario(write_scenario(scenario))
    assert back.storyboard.init.actions.privates[0].private_actions == (
        ControllerAction(override_controller_value_action=OverrideControllerValueAction()),
        ControllerAction(activate_controller_action=ActivateControllerAction(lateral=True)),
    )
