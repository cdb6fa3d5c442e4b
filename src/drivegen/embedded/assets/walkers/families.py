"""All families of people."""

from __future__ import annotations

from drivegen.core.actors import ObjectClass
from drivegen.embedded.assets.walkers import wardrobe
from drivegen.embedded.assets.walkers.family import WalkerFamily
from drivegen.embedded.assets.walkers.gear import Carriage
from drivegen.embedded.assets.walkers.members import Sort, family_of
from drivegen.embedded.assets.walkers.stride import Pace

_MOST = ((Carriage.FREE, 7.0), (Carriage.PHONE, 1.5), (Carriage.BAG, 1.8))
_CHILD = ObjectClass.CHILD
SORTS: tuple[Sort, ...] = (
    Sort(name="man", draw=wardrobe.man, carriages=_MOST),
    Sort(name="woman", draw=wardrobe.woman, carriages=_MOST),
    Sort(
        name="old_man",
        draw=wardrobe.old_man,
        carriages=((Carriage.FREE, 1.0), (Carriage.CANE, 1.0), (Carriage.BAG, 0.3)),
        age="old",
        speeds_mps=(1.0, 1.8),
    ),
    Sort(
        name="old_woman",
        draw=wardrobe.old_woman,
        carriages=((Carriage.FREE, 1.0), (Carriage.CANE, 0.7), (Carriage.BAG, 0.6)),
        age="old",
        speeds_mps=(1.0, 1.8),
    ),
    Sort(name="boy", draw=wardrobe.boy, object_class=_CHILD, age="child", speeds_mps=(1.2, 2.6)),
    Sort(name="girl", draw=wardrobe.girl, object_class=_CHILD, age="child", speeds_mps=(1.2, 2.6)),
    Sort(name="toddler", draw=wardrobe.toddler, object_class=_CHILD, age="child", speeds_mps=(0.8, 1.6)),
    Sort(name="student", draw=wardrobe.student, object_class=_CHILD, age="child", speeds_mps=(1.3, 2.8)),
    Sort(name="worker", draw=wardrobe.worker),
    Sort(name="courier", draw=wardrobe.courier, carriages=((Carriage.FREE, 2.0), (Carriage.BAG, 1.0))),
    Sort(name="police_officer", draw=wardrobe.police_officer),
    Sort(name="traveller", draw=wardrobe.anybody, carriages=((Carriage.SUITCASE, 1.0),)),
    Sort(name="umbrella", draw=wardrobe.anybody, carriages=((Carriage.UMBRELLA, 1.0),)),
    Sort(
        name="wheelchair",
        draw=wardrobe.old_person,
        carriages=((Carriage.WHEELCHAIR, 1.0),),
        speeds_mps=(0.9, 1.6),
    ),
    Sort(
        name="stroller", draw=wardrobe.anybody, carriages=((Carriage.STROLLER, 1.0),), speeds_mps=(1.1, 2.0)
    ),
)
WALKER_FAMILIES: tuple[WalkerFamily, ...] = tuple(family_of(sort) for sort in SORTS)
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
