"""Triggers of CARLA 0.9.16: there is one, of friction. Its extents are centimetres from its middle."""

from __future__ import annotations

from drivegen.embedded.world.blueprints.blueprint import Attribute, AttributeKind, Blueprint, Family, role


def trigger_blueprints() -> tuple[Blueprint, ...]:
    """All triggers."""
    return (_friction(),)


def _friction() -> Blueprint:
    def number(name: str, value: str) -> Attribute:
        return Attribute(id=name, kind=AttributeKind.FLOAT, value=value, recommended=(value,))

    return Blueprint(
        id="static.trigger.friction",
        family=Family.TRIGGER,
        attributes=(
            role(),
            number("friction", "3.5"),
            number("extent_x", "1.0"),
            number("extent_y", "1.0"),
            number("extent_z", "1.0"),
        ),
    )
