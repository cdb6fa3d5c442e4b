"""Texts of small OpenSCENARIO files, and how to change them."""

from __future__ import annotations

VEHICLE = """\
<Vehicle name="{name}" vehicleCategory="car">
  <ParameterDeclarations/>
  <BoundingBox>
    <Center x="1.4" y="0" z="0.8"/>
    <Dimensions width="1.9" length="4.5" height="1.6"/>
  </BoundingBox>
  <Performance maxSpeed="60" maxAcceleration="5" maxDeceleration="9"/>
  <Axles>
    <FrontAxle maxSteering="0.5" wheelDiameter="0.6" trackWidth="1.6" positionX="2.8" positionZ="0.3"/>
    <RearAxle maxSteering="0" wheelDiameter="0.6" trackWidth="1.6" positionX="0" positionZ="0.3"/>
  </Axles>
  <Properties/>
</Vehicle>"""

SCENARIO = (
    """\
<?xml version="1.0" encoding="UTF-8"?>
<OpenSCENARIO>
  <FileHeader revMajor="1" revMinor="1" date="2024-05-01T12:00:00"
              description="A lead car brakes" author="us"/>
  <ParameterDeclarations>
    <ParameterDeclaration name="Speed_kph" parameterType="double" value="50.0">
      <ConstraintGroup>
        <ValueConstraint rule="greaterThan" value="0"/>
        <ValueConstraint rule="lessOrEqual" value="60"/>
      </ConstraintGroup>
    </ParameterDeclaration>
    <ParameterDeclaration name="Speed" parameterType="double" value="${$Speed_kph / 3.6}"/>
    <ParameterDeclaration name="Lane" parameterType="string" value="-1"/>
  </ParameterDeclarations>
  <CatalogLocations/>
  <RoadNetwork>
    <LogicFile filepath="road.xodr"/>
  </RoadNetwork>
  <Entities>
    <ScenarioObject name="Ego">
      """
    + VEHICLE.format(name="car").replace("\n", "\n      ")
    + """
    </ScenarioObject>
    <ScenarioObject name="Lead">
      """
    + VEHICLE.format(name="other").replace("\n", "\n      ")
    + """
    </ScenarioObject>
  </Entities>
  <Storyboard>
    <Init>
      <Actions>
        <Private entityRef="Ego">
          <PrivateAction>
            <TeleportAction>
              <Position>
                <LanePosition roadId="0" laneId="$Lane" s="5"/>
              </Position>
            </TeleportAction>
          </PrivateAction>
          <PrivateAction>
            <LongitudinalAction>
              <SpeedAction>
                <SpeedActionDynamics dynamicsShape="step" dynamicsDimension="time" value="0"/>
                <SpeedActionTarget>
                  <AbsoluteTargetSpeed value="$Speed"/>
                </SpeedActionTarget>
              </SpeedAction>
            </LongitudinalAction>
          </PrivateAction>
        </Private>
      </Actions>
    </Init>
    <Story name="Story">
      <Act name="Act">
        <ManeuverGroup name="Group" maximumExecutionCount="1">
          <Actors selectTriggeringEntities="false">
            <EntityRef entityRef="Lead"/>
          </Actors>
          <Maneuver name="Maneuver">
            <Event name="Brake" priority="overwrite">
              <Action name="BrakeAction">
                <PrivateAction>
                  <LongitudinalAction>
                    <SpeedAction>
                      <SpeedActionDynamics dynamicsShape="linear" dynamicsDimension="rate" value="4"/>
                      <SpeedActionTarget>
                        <AbsoluteTargetSpeed value="0"/>
                      </SpeedActionTarget>
                    </SpeedAction>
                  </LongitudinalAction>
                </PrivateAction>
              </Action>
              <StartTrigger>
                <ConditionGroup>
                  <Condition name="Near" delay="0" conditionEdge="rising">
                    <ByEntityCondition>
                      <TriggeringEntities triggeringEntitiesRule="any">
                        <EntityRef entityRef="Ego"/>
                      </TriggeringEntities>
                      <EntityCondition>
                        <TimeHeadwayCondition entityRef="Lead" value="2" freespace="true" rule="lessThan"
                                              alongRoute="true"/>
                      </EntityCondition>
                    </ByEntityCondition>
                  </Condition>
                </ConditionGroup>
              </StartTrigger>
            </Event>
          </Maneuver>
        </ManeuverGroup>
        <StartTrigger>
          <ConditionGroup>
            <Condition name="Start" delay="0" conditionEdge="none">
              <ByValueCondition>
                <SimulationTimeCondition value="0" rule="greaterThan"/>
              </ByValueCondition>
            </Condition>
          </ConditionGroup>
        </StartTrigger>
      </Act>
    </Story>
    <StopTrigger>
      <ConditionGroup>
        <Condition name="End" delay="0" conditionEdge="none">
          <ByValueCondition>
            <StoryboardElementStateCondition state="completeState" storyboardElementRef="Brake"
                                             storyboardElementType="event"/>
          </ByValueCondition>
        </Condition>
      </ConditionGroup>
    </StopTrigger>
  </Storyboard>
</OpenSCENARIO>
"""
)
"""A lead car brakes when the ego has come near; it uses parameters, an expression and an old attribute."""


def changed(*changes: tuple[str, str], text: str = SCENARIO) -> str:
    """The text with each new part once in the old one's place, which must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(part: str, text: str = SCENARIO) -> int:
    """The line, from 1, where a part first stands."""
    return text[: text.index(part)].count("\n") + 1
