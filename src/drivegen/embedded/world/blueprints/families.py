"""Blueprints of drivegen's own families: vehicle.drivegen.*, walker.drivegen.*, static.prop.drivegen.*.

Each has the attribute `variant`: which member of the family it is. The box, and a person's gender, are the
member's.
"""

from __future__ import annotations

from drivegen.core.actors import RIDDEN, TAG_OF_CLASS
from drivegen.core.tags import Tag
from drivegen.embedded.assets.props.families import PROP_FAMILIES
from drivegen.embedded.assets.props.family import PropFamily
from drivegen.embedded.assets.vehicles.families import VEHICLE_FAMILIES
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.walkers.families import WALKER_FAMILIES
from drivegen.embedded.assets.walkers.family import WalkerFamily
from drivegen.embedded.world.blueprints.blueprint import (
    Attribute,
    AttributeKind,
    Blueprint,
    Family,
    Members,
    fixed,
    role,
)
from drivegen.embedded.world.blueprints.props import size_word

RECOMMENDED_VARIANTS = tuple(str(k) for k in range(64))
"""Where clients choose among recommended values; any number to 65535 is a member."""


def family_blueprints() -> tuple[Blueprint, ...]:
    """All families, in the order in which they are listed."""
    return (
        *(_vehicle(family) for family in VEHICLE_FAMILIES),
        *(_walker(family) for family in WALKER_FAMILIES),
        *(_prop(family) for family in PROP_FAMILIES),
    )


def _variant() -> Attribute:
    return Attribute(id="variant", kind=AttributeKind.INT, value="0", recommended=RECOMMENDED_VARIANTS)


def _vehicle(family: VehicleFamily) -> Blueprint:
    tag = TAG_OF_CLASS[family.object_class]
    return Blueprint(
        id=family.blueprint_id,
        family=Family.VEHICLE,
        attributes=(
            role("autopilot", "scenario", "ego_vehicle"),
            Attribute(
                id="color", kind=AttributeKind.COLOR, value=family.paints[0], recommended=family.paints
            ),
            _variant(),
            Attribute(id="sticky_control", kind=AttributeKind.BOOL, value="true", recommended=("true",)),
            Attribute(id="terramechanics", kind=AttributeKind.BOOL, value="false", recommended=("false",)),
            fixed("object_type", AttributeKind.STRING, ""),
            fixed("base_type", AttributeKind.STRING, family.base_type),
            fixed("special_type", AttributeKind.STRING, family.special_type),
            fixed("number_of_wheels", AttributeKind.INT, str(family.wheels)),
            fixed("generation", AttributeKind.INT, "2"),
            fixed("has_dynamic_doors", AttributeKind.BOOL, "false"),
            fixed("has_lights", AttributeKind.BOOL, "true" if family.has_lights else "false"),
        ),
        # Of its members alone: to know a box, the body is made, and a server starts with all families.
        object_class=family.object_class,
        tags=(tag, Tag.RIDER) if family.object_class in RIDDEN else (tag,),
        members=Members(size_m=family.size_m),
    )


def _walker(family: WalkerFamily) -> Blueprint:
    walking, running = family.speeds_mps
    speeds = ("0.0", f"{walking:.1f}", f"{running:.1f}")
    return Blueprint(
        id=family.blueprint_id,
        family=Family.WALKER,
        attributes=(
            role("pedestrian"),
            Attribute(id="speed", kind=AttributeKind.FLOAT, value=speeds[0], recommended=speeds),
            _variant(),
            Attribute(id="is_invincible", kind=AttributeKind.BOOL, value="true", recommended=("true",)),
            fixed("gender", AttributeKind.STRING, family.gender(0)),
            fixed("generation", AttributeKind.INT, "2"),
            fixed("age", AttributeKind.STRING, family.age),
            fixed("can_use_wheelchair", AttributeKind.BOOL, "false"),
            # CARLA's generate_traffic.py sets it wherever there is a word on wheelchairs at all.
            Attribute(
                id="use_wheelchair", kind=AttributeKind.BOOL, value="false", recommended=("true", "false")
            ),
        ),
        size_m=family.size_m(0),
        object_class=family.object_class,
        tags=(Tag.PEDESTRIAN,),
        members=Members(size_m=family.size_m, attributes=lambda variant: {"gender": family.gender(variant)}),
    )


def _prop(family: PropFamily) -> Blueprint:
    return Blueprint(
        id=family.blueprint_id,
        family=Family.PROP,
        attributes=(
            role("prop"),
            fixed("size", AttributeKind.STRING, size_word(family.size_m(0))),
            _variant(),
        ),
        size_m=family.size_m(0),
        tags=family.tags,
        members=Members(
            size_m=family.size_m, attributes=lambda variant: {"size": size_word(family.size_m(variant))}
        ),
    )
