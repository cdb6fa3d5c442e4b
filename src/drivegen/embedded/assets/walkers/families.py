"""All families of people."""

from __future__ import annotations

from drivegen.embedded.assets.walkers.family import WalkerFamily
from drivegen.embedded.assets.walkers.stride import Pace

WALKER_FAMILIES: tuple[WalkerFamily, ...] = ()
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in WALKER_FAMILIES}


def pace_of(blueprint_id: str, height_m: float, variant: int) -> Pace:
    """How the phase of a walker follows its speed.

    Args:
        blueprint_id: CARLA's or a family's.
        height_m: of the blueprint's box.
        variant: of a family's member.
    """
    family = FAMILY_OF_BLUEPRINT.get(blueprint_id)
    return Pace(stature_m=height_m) if family is None else family.pace(variant)
