"""A small logical scenario without roads: a car goes east, a box of 1 m crosses its way after `Start_s`."""

from __future__ import annotations

from pathlib import Path

from tests.unit.scenario.texts import VEHICLE

STEP = '<SpeedActionDynamics dynamicsShape="step" dynamicsDimension="time" value="0"/>'


def _private(name: str, position: str, speed: str) -> str:
    return f"""
        <Private entityRef="{name}">
          <PrivateAction><TeleportAction><Position><WorldPosition {position}/></Position></TeleportAction>
          </PrivateAction>
          <PrivateAction><LongitudinalAction><SpeedAction>{STEP}
            <SpeedActionTarget><AbsoluteTargetSpeed value="{speed}"/></SpeedActionTarget>
          </SpeedAction></LongitudinalAction></PrivateAction>
        </Private>"""


def _when(value: str) -> str:
    return f"""<ConditionGroup><Condition name="c{value}" delay="0" conditionEdge="none"><ByValueCondition>
      <SimulationTimeCondition value="{value}" rule="greaterOrEqual"/>
    </ByValueCondition></Condition></ConditionGroup>"""


TEXT = f"""<?xml version="1.0" encoding="UTF-8"?>
<OpenSCENARIO>
  <FileHeader revMajor="1" revMinor="3" date="2026-11-22T00:00:00" description="Crossing" author="us"/>
  <ParameterDeclarations>
    <ParameterDeclaration name="Start_s" parameterType="double" value="0">
      <ConstraintGroup>
        <ValueConstraint rule="greaterOrEqual" value="0"/><ValueConstraint rule="lessThan" value="12"/>
      </ConstraintGroup>
    </ParameterDeclaration>
    <ParameterDeclaration name="Across" parameterType="int" value="3">
      <ConstraintGroup>
        <ValueConstraint rule="greaterThan" value="1"/><ValueConstraint rule="lessOrEqual" value="4"/>
      </ConstraintGroup>
    </ParameterDeclaration>
  </ParameterDeclarations>
  <CatalogLocations/>
  <RoadNetwork/>
  <Entities>
    <ScenarioObject name="Ego">{VEHICLE.format(name="car")}</ScenarioObject>
    <ScenarioObject name="Crossing">{VEHICLE.format(name="other")}</ScenarioObject>
  </Entities>
  <Storyboard>
    <Init><Actions>{_private("Ego", 'x="0" y="0"', "10")}
      {_private("Crossing", 'x="60" y="-20" h="1.570796"', "0")}</Actions></Init>
    <Story name="Story"><Act name="Act"><ManeuverGroup name="Group" maximumExecutionCount="1">
      <Actors selectTriggeringEntities="false"><EntityRef entityRef="Crossing"/></Actors>
      <Maneuver name="Maneuver"><Event name="Go" priority="override" maximumExecutionCount="1">
        <Action name="Goes"><PrivateAction><LongitudinalAction><SpeedAction>{STEP}
          <SpeedActionTarget><AbsoluteTargetSpeed value="$Across"/></SpeedActionTarget>
        </SpeedAction></LongitudinalAction></PrivateAction></Action>
        <StartTrigger>{_when("$Start_s")}</StartTrigger>
      </Event></Maneuver>
    </ManeuverGroup><StartTrigger>{_when("0")}</StartTrigger></Act></Story>
    <StopTrigger>{_when("12")}</StopTrigger>
  </Storyboard>
</OpenSCENARIO>
"""

DISTRIBUTION = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSCENARIO>
  <FileHeader revMajor="1" revMinor="3" date="2026-11-22T00:00:00" description="Values" author="us"/>
  <ParameterValueDistribution><ScenarioFile filepath="crossing.xosc"/>{}</ParameterValueDistribution>
</OpenSCENARIO>
"""


def write(folder: Path, definition: str | None = None) -> Path:
    """The scenario, and beside it a distribution if one is given."""
    path = folder / "crossing.xosc"
    path.write_text(TEXT, encoding="utf-8")
    if definition is not None:
        beside = folder / "crossing.distribution.xosc"
        beside.write_text(DISTRIBUTION.format(definition), encoding="utf-8")
    return path
