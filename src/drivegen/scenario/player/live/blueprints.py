"""Which blueprint plays an entity: of its class, nearest in size.

Sizes are those that drivegen's own list of CARLA 0.9.16's blueprints states; blueprints that a server has
beyond it are taken only where they are named.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ScenarioError
from drivegen.embedded.world.blueprints.blueprint import Blueprint, Family
from drivegen.embedded.world.blueprints.library import BlueprintLibrary
from drivegen.scenario.model.entities import EntityObject, MiscObject, Pedestrian, Properties, Vehicle
from drivegen.scenario.model.names import MiscObjectCategory, PedestrianCategory, Role, VehicleCategory
from drivegen.scenario.player.bodies import Body

BLUEPRINT = "blueprint"
"""A property that names the blueprint."""
CLASS = "class"
"""A property that names drivegen's class of object (`tricycle`, `unmanned`, `construction`, `child`, ...)."""

_VEHICLES = {
    VehicleCategory.CAR: (ObjectClass.CAR,),
    VehicleCategory.VAN: (ObjectClass.VAN, ObjectClass.CAR),
    VehicleCategory.TRUCK: (ObjectClass.TRUCK, ObjectClass.VAN),
    VehicleCategory.BUS: (ObjectClass.BUS, ObjectClass.TRUCK),
    VehicleCategory.TRAM: (ObjectClass.BUS, ObjectClass.TRUCK),
    VehicleCategory.TRAIN: (ObjectClass.BUS, ObjectClass.TRUCK),
    VehicleCategory.TRAILER: (ObjectClass.TRUCK, ObjectClass.VAN),
    VehicleCategory.SEMITRAILER: (ObjectClass.TRUCK, ObjectClass.VAN),
    VehicleCategory.MOTORBIKE: (ObjectClass.MOTORCYCLE,),
    VehicleCategory.BICYCLE: (ObjectClass.BICYCLE,),
}
_PROPS = {
    MiscObjectCategory.BARRIER: ("barrier",),
    MiscObjectCategory.RAILING: ("barrier", "fence"),
    MiscObjectCategory.OBSTACLE: ("box", "cone", "barrel", "bin"),
    MiscObjectCategory.POLE: ("streetsign", "pole", "cone"),
    MiscObjectCategory.TREE: ("tree", "plant"),
    MiscObjectCategory.VEGETATION: ("plant",),
    MiscObjectCategory.STREET_LAMP: ("streetsign", "pole"),
}


@cache
def _known() -> dict[str, Blueprint]:
    return {b.id: b for b in BlueprintLibrary().blueprints}


def blueprint_of(body: Body, available: Collection[str]) -> str:
    """The blueprint that plays an entity on a server that has those available. ScenarioError if none can."""
    what = body.source.entity_object
    named = _named(what, available)
    if named is not None:
        return named
    classes = _classes(what)
    if classes is None:
        return _prop(body, what, available)
    there = [b for b in _known().values() if b.id in available and not b.refusal]
    for wanted in classes:
        found = [b for b in there if b.object_class is wanted]
        if found:
            return _nearest(body, found)
    raise ScenarioError(
        f'{body.source.place}: the server has no blueprint for "{body.name}" ({" or ".join(classes)}): '
        f'name one by a property "{BLUEPRINT}"'
    )


def _named(what: EntityObject, available: Collection[str]) -> str | None:
    """By a property, or where the model or the entity's kind has a blueprint's name, as ScenarioRunner has
    it."""
    properties = getattr(what, "properties", None)
    wanted = properties.get(BLUEPRINT) if isinstance(properties, Properties) else None
    if wanted is not None and wanted not in available:
        raise ScenarioError(f'{what.place}: the server has no blueprint "{wanted}": name one that it has')
    names = (wanted, getattr(what, "model3d", None), getattr(what, "model", None), what.name)
    return next((name for name in names if name is not None and name in available), None)


def _classes(what: EntityObject) -> tuple[ObjectClass, ...] | None:
    properties = getattr(what, "properties", None)
    given = properties.get(CLASS) if isinstance(properties, Properties) else None
    if given is not None:
        try:
            return (ObjectClass(given),)
        except ValueError:
            raise ScenarioError(
                f'{what.place}: "{given}" is no class of object: one of {", ".join(ObjectClass)}'
            ) from None
    if isinstance(what, Vehicle):
        if what.role is Role.POLICE:
            return ObjectClass.POLICE, ObjectClass.CAR
        if what.role in {Role.AMBULANCE, Role.FIRE}:
            return ObjectClass.EMERGENCY, ObjectClass.VAN
        return _VEHICLES[what.vehicle_category]
    if isinstance(what, Pedestrian):
        child = what.bounding_box.dimensions.height < 1.5
        animal = what.pedestrian_category is PedestrianCategory.ANIMAL
        return (ObjectClass.CHILD,) if child or animal else (ObjectClass.PEDESTRIAN,)
    return None if isinstance(what, MiscObject) else (ObjectClass.CAR,)


def _prop(body: Body, what: EntityObject, available: Collection[str]) -> str:
    props = [b for b in _known().values() if b.family is Family.PROP and b.id in available and not b.refusal]
    category = what.misc_object_category if isinstance(what, MiscObject) else MiscObjectCategory.OBSTACLE
    words = _PROPS.get(category, ())
    fitting = [b for b in props if any(word in b.id for word in words)]
    if not props:
        raise ScenarioError(f'{body.source.place}: the server has no props for "{body.name}"')
    return _nearest(body, fitting or props)


def _nearest(body: Body, blueprints: list[Blueprint]) -> str:
    """The one whose box differs least from the entity's, by the sum of relative differences; ties by name."""
    own = (body.box.length_m, body.box.width_m, body.box.height_m)

    def differs(blueprint: Blueprint) -> tuple[float, str]:
        return (
            round(sum(abs(a - b) / max(a, b, 0.1) for a, b in zip(own, blueprint.size_m, strict=True)), 6),
            blueprint.id,
        )

    return min(blueprints, key=differs).id
