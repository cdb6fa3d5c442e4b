"""Pedestrians of CARLA 0.9.16: walker.pedestrian.0001 to 0052.

Ids and box sizes are facts of CARLA 0.9.16; who is a child is that of its public pedestrian catalogue, and so
is the generation (2 from 0015 on). Genders and speeds are those of this project's own figures.
"""

from __future__ import annotations

from drivegen.core.actors import ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.world.blueprints.blueprint import (
    Attribute,
    AttributeKind,
    Blueprint,
    Family,
    fixed,
    role,
)

COUNT = 52
_SMALL_CHILDREN = (9, 10, 11, 48, 49)
_CHILDREN = (12, 13, 14)
_ADULT_SIZE_M = (0.375358, 0.375358, 1.86)
_CHILD_SIZE_M = (0.375358, 0.375358, 1.3)
_SMALL_CHILD_SIZE_M = (0.5, 0.5, 1.1)


def walker_blueprints() -> tuple[Blueprint, ...]:
    """All pedestrians, sorted by id."""
    return tuple(_walker(number) for number in range(1, COUNT + 1))


def _walker(number: int) -> Blueprint:
    child = number in _CHILDREN or number in _SMALL_CHILDREN
    size = _ADULT_SIZE_M
    if number in _SMALL_CHILDREN:
        size = _SMALL_CHILD_SIZE_M
    elif number in _CHILDREN:
        size = _CHILD_SIZE_M
    # Standing, walking, running, in m/s: generate_traffic.py takes the second and the third.
    speeds = ("0.0", "1.1", "2.2") if child else ("0.0", "1.4", "3.0")
    return Blueprint(
        id=f"walker.pedestrian.{number:04d}",
        family=Family.WALKER,
        attributes=(
            role("pedestrian"),
            Attribute(id="speed", kind=AttributeKind.FLOAT, value=speeds[0], recommended=speeds),
            Attribute(id="is_invincible", kind=AttributeKind.BOOL, value="true", recommended=("true",)),
            fixed("gender", AttributeKind.STRING, "male" if number % 2 == 0 else "female"),
            fixed("generation", AttributeKind.INT, "1" if number <= 14 else "2"),
            fixed("age", AttributeKind.STRING, "child" if child else "adult"),
            fixed("can_use_wheelchair", AttributeKind.BOOL, "false"),
            # CARLA's generate_traffic.py sets it wherever there is a word on wheelchairs at all.
            Attribute(
                id="use_wheelchair", kind=AttributeKind.BOOL, value="false", recommended=("true", "false")
            ),
        ),
        size_m=size,
        object_class=ObjectClass.CHILD if child else ObjectClass.PEDESTRIAN,
        tags=(Tag.PEDESTRIAN,),
    )
