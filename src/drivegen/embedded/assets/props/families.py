"""All families of props."""

from __future__ import annotations

from drivegen.embedded.assets.props import (
    animals,
    barriers,
    belongings,
    cones,
    gates,
    loose,
    parked,
    roadside,
    served,
    stops,
    street,
    worksite,
)
from drivegen.embedded.assets.props.family import PropFamily
from drivegen.embedded.assets.props.making import PropDesign

DESIGNS: tuple[PropDesign, ...] = (
    *cones.DESIGNS,
    *barriers.DESIGNS,
    *worksite.DESIGNS,
    *street.DESIGNS,
    *loose.DESIGNS,
    *belongings.DESIGNS,
    *served.DESIGNS,
    *stops.DESIGNS,
    *gates.DESIGNS,
    *parked.DESIGNS,
    *animals.DESIGNS,
)
PROP_FAMILIES: tuple[PropFamily, ...] = (
    *(design.family() for design in DESIGNS),
    roadside.FAMILY,
)
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in PROP_FAMILIES}
