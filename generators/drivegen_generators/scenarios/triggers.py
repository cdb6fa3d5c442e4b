"""Conditions of OpenSCENARIO. Metres, m/s, seconds."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen_generators.scenarios.xml import Element, Value, element


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A condition before it has its name; conditions side by side must all hold."""

    says: Element
    edge: str = "none"
    delay: Value = 0


def at_time(seconds: Value) -> When:
    """From a time of the simulation on."""
    return When(says=_value(element("SimulationTimeCondition", value=seconds, rule="greaterOrEqual")))


def near(who: str, position: Element, distance: Value) -> When:
    """`who` is within a straight distance of a position."""
    return _entity(
        who,
        element(
            "DistanceCondition",
            position,
            value=distance,
            freespace=False,
            rule="lessThan",
            coordinateSystem="entity",
            relativeDistanceType="euclidianDistance",
        ),
    )


def close_to(who: str, other: str, distance: Value, freespace: bool = False) -> When:
    """Two entities are within a straight distance."""
    return _relative(who, other, distance, "lessThan", "euclidianDistance", freespace)


def ahead_of(who: str, other: str, distance: Value) -> When:
    """`other` is nearer than a distance along the road, between the bodies."""
    return _entity(
        who,
        element(
            "RelativeDistanceCondition",
            entityRef=other,
            value=distance,
            freespace=True,
            rule="lessThan",
            coordinateSystem="lane",
            relativeDistanceType="longitudinal",
        ),
    )


def headway(who: str, other: str, seconds: Value) -> When:
    """`who` is less than a time behind `other`."""
    return _entity(
        who,
        element(
            "TimeHeadwayCondition",
            entityRef=other,
            value=seconds,
            freespace=True,
            rule="lessThan",
            coordinateSystem="lane",
            relativeDistanceType="longitudinal",
        ),
    )


def driven(who: str, distance: Value) -> When:
    """`who` has driven so far since the start."""
    return _entity(who, element("TraveledDistanceCondition", value=distance))


def stands(who: str, seconds: Value) -> When:
    """`who` has stood still for so long."""
    return _entity(who, element("StandStillCondition", duration=seconds))


def faster(who: str, speed: Value) -> When:
    """`who` is faster than a speed."""
    return _entity(who, element("SpeedCondition", value=speed, rule="greaterThan"))


def slower(who: str, speed: Value) -> When:
    """`who` is slower than a speed."""
    return _entity(who, element("SpeedCondition", value=speed, rule="lessThan"))


def done(event: str, delay: Value = 0) -> When:
    """An event has come to its end."""
    return When(
        says=_value(
            element(
                "StoryboardElementStateCondition",
                storyboardElementType="event",
                storyboardElementRef=event,
                state="completeState",
            )
        ),
        delay=delay,
    )


def variable(name: str, value: Value) -> When:
    """A variable of the scenario has a value."""
    return When(says=_value(element("VariableCondition", variableRef=name, value=value, rule="equalTo")))


def _relative(who: str, other: str, distance: Value, rule: str, kind: str, freespace: bool) -> When:
    return _entity(
        who,
        element(
            "RelativeDistanceCondition",
            entityRef=other,
            value=distance,
            freespace=freespace,
            rule=rule,
            coordinateSystem="entity",
            relativeDistanceType=kind,
        ),
    )


def _value(condition: Element) -> Element:
    return element("ByValueCondition", condition)


def _entity(who: str, condition: Element) -> When:
    return When(
        says=element(
            "ByEntityCondition",
            element(
                "TriggeringEntities",
                element("EntityRef", entityRef=who),
                triggeringEntitiesRule="any",
            ),
            element("EntityCondition", condition),
        )
    )
