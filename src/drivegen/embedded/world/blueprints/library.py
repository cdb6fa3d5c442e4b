"""All blueprints of a server, and descriptions checked against them."""

from __future__ import annotations

from collections.abc import Mapping

from drivegen.core.errors import ConfigError
from drivegen.embedded.world.blueprints.blueprint import (
    GREATEST_VARIANT,
    Attribute,
    AttributeKind,
    Blueprint,
)
from drivegen.embedded.world.blueprints.families import family_blueprints
from drivegen.embedded.world.blueprints.props import prop_blueprints
from drivegen.embedded.world.blueprints.sensors import sensor_blueprints
from drivegen.embedded.world.blueprints.triggers import trigger_blueprints
from drivegen.embedded.world.blueprints.vehicles import vehicle_blueprints
from drivegen.embedded.world.blueprints.walkers import walker_blueprints


class BlueprintLibrary:
    """CARLA 0.9.16's blueprints and drivegen's own families behind them.

    Those that cannot be spawned here are listed too and say why.
    """

    def __init__(self, *, families: bool = True) -> None:
        """With drivegen's own families, or with nothing that CARLA lacks."""
        self.blueprints: tuple[Blueprint, ...] = (
            *sensor_blueprints(),
            *prop_blueprints(),
            *trigger_blueprints(),
            *vehicle_blueprints(),
            *walker_blueprints(),
            *(family_blueprints() if families else ()),
        )
        self._by_id = {b.id: b for b in self.blueprints}
        self._uid = {b.id: uid for uid, b in enumerate(self.blueprints, start=1)}

    def uid(self, blueprint_id: str) -> int:
        """Place of a blueprint in the library, from 1; 0 for actors without one."""
        return self._uid.get(blueprint_id, 0)

    def find(self, blueprint_id: str) -> Blueprint:
        """A blueprint that can be spawned. Raises ConfigError that names it."""
        blueprint = self._by_id.get(blueprint_id)
        if blueprint is None:
            raise ConfigError(f"blueprint '{blueprint_id}' is unknown")
        if blueprint.refusal:
            raise ConfigError(
                f"drivegen's embedded server cannot spawn '{blueprint_id}' ({blueprint.refusal})"
            )
        return blueprint

    def complete(self, blueprint: Blueprint, given: Mapping[str, str]) -> dict[str, str]:
        """All of a blueprint's values: those given, the defaults for the rest; what is fixed stays.

        Raises:
            ConfigError: A value is not one of its attribute's kind. A name that the blueprint lacks is kept
                as it is, as CARLA does.
        """
        values = dict(given)
        for attribute in blueprint.attributes:
            if not attribute.modifiable or attribute.id not in values:
                values[attribute.id] = attribute.value
            else:
                _check(blueprint, attribute, values[attribute.id])
        if blueprint.members is not None:
            values |= blueprint.members.attributes(variant_of(values))
        return values


def variant_of(values: Mapping[str, str]) -> int:
    """Which member of a family an actor is, from its complete values; 0 where there are no families."""
    return int(float(values.get("variant", "0")))


def _check(blueprint: Blueprint, attribute: Attribute, value: str) -> None:
    try:
        match attribute.kind:
            case AttributeKind.INT:
                # Scripts give whole numbers as "64.0" too, and CARLA takes them.
                if not float(value).is_integer():
                    raise ValueError(value)
                if attribute.id == "variant" and not 0 <= float(value) <= GREATEST_VARIANT:
                    raise ConfigError(
                        f"{blueprint.id}: attribute variant: {value[:40]} is not from 0 to {GREATEST_VARIANT}"
                    )
            case AttributeKind.FLOAT:
                float(value)
            case AttributeKind.COLOR:
                color_of(value)
            case AttributeKind.BOOL | AttributeKind.STRING:
                pass
    except ValueError:
        raise ConfigError(
            f"{blueprint.id}: attribute {attribute.id}: {value[:40]!r} is not {attribute.kind.name.lower()}"
        ) from None


def color_of(text: str) -> tuple[int, int, int]:
    """ "r,g,b" as numbers 0..255. Raises ValueError."""
    parts = [int(p) for p in text.split(",")]
    if len(parts) != 3 or not all(0 <= p <= 255 for p in parts):
        raise ValueError(text)
    return parts[0], parts[1], parts[2]
