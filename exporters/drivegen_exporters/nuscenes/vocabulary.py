"""nuScenes' words, and which of them stand for drivegen's.

Lost on the way: vans are cars; a police car and an ambulance keep their own category, other emergency
vehicles are trucks; of a pedestrian only the embedded server's blueprints say more than child or adult.
Whether a vehicle that stands is parked is not known, so it is `stopped`.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from drivegen.core.actors import PEOPLE, RIDDEN, ObjectClass
from drivegen.core.labels import ObjectLabel
from drivegen.core.tags import Tag

CATEGORIES: tuple[tuple[str, str], ...] = (
    ("noise", "Returns without a class."),
    ("animal", "Animals."),
    ("human.pedestrian.adult", "Adults on foot."),
    ("human.pedestrian.child", "Children on foot."),
    ("human.pedestrian.construction_worker", "Construction workers."),
    ("human.pedestrian.personal_mobility", "People on scooters, skateboards and the like."),
    ("human.pedestrian.police_officer", "Police officers."),
    ("human.pedestrian.stroller", "Strollers."),
    ("human.pedestrian.wheelchair", "Wheelchairs."),
    ("movable_object.barrier", "Temporary barriers."),
    ("movable_object.debris", "Debris on the road."),
    ("movable_object.pushable_pullable", "What people push or pull, and other movable things."),
    ("movable_object.trafficcone", "Traffic cones."),
    ("static_object.bicycle_rack", "Places for parked bicycles."),
    ("vehicle.bicycle", "Bicycles, with their rider."),
    ("vehicle.bus.bendy", "Articulated buses."),
    ("vehicle.bus.rigid", "Rigid buses."),
    ("vehicle.car", "Cars and vans."),
    ("vehicle.construction", "Construction vehicles."),
    ("vehicle.emergency.ambulance", "Ambulances."),
    ("vehicle.emergency.police", "Police cars."),
    ("vehicle.motorcycle", "Motorcycles and mopeds, with their rider."),
    ("vehicle.trailer", "Trailers."),
    ("vehicle.truck", "Trucks."),
    ("flat.driveable_surface", "Carriageways."),
    ("flat.other", "Other flat ground."),
    ("flat.sidewalk", "Pavements and bicycle paths."),
    ("flat.terrain", "Grass and soil."),
    ("static.manmade", "Buildings, walls, poles, signs."),
    ("static.other", "Other things that stand."),
    ("static.vegetation", "Trees and bushes."),
    ("vehicle.ego", "The ego vehicle."),
)
"""Name and description; the position is the lidarseg index (nuScenes-lidarseg's own order)."""

INDEX = {name: i for i, (name, _) in enumerate(CATEGORIES)}

ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("vehicle.moving", "Vehicle is moving."),
    ("vehicle.stopped", "Vehicle stands."),
    ("vehicle.parked", "Vehicle stands and will not drive on."),
    ("cycle.with_rider", "Somebody is on it."),
    ("cycle.without_rider", "Nobody is on it."),
    ("pedestrian.moving", "Walks or runs."),
    ("pedestrian.standing", "Stands."),
    ("pedestrian.sitting_lying_down", "Sits or lies."),
)

VISIBILITIES: tuple[tuple[str, str, float], ...] = (
    ("1", "v0-40", 0.4),
    ("2", "v40-60", 0.6),
    ("3", "v60-80", 0.8),
    ("4", "v80-100", 1.0),
)
"""Token, level, upper end of the visible fraction."""

_CATEGORY_OF_CLASS = {
    ObjectClass.CAR: "vehicle.car",
    ObjectClass.VAN: "vehicle.car",
    ObjectClass.TRUCK: "vehicle.truck",
    ObjectClass.BUS: "vehicle.bus.rigid",
    ObjectClass.EMERGENCY: "vehicle.truck",
    ObjectClass.POLICE: "vehicle.emergency.police",
    ObjectClass.MOTORCYCLE: "vehicle.motorcycle",
    ObjectClass.BICYCLE: "vehicle.bicycle",
    ObjectClass.TRICYCLE: "vehicle.motorcycle",
    ObjectClass.CONSTRUCTION: "vehicle.construction",
    ObjectClass.UNMANNED: "vehicle.car",
    ObjectClass.PEDESTRIAN: "human.pedestrian.adult",
    ObjectClass.CHILD: "human.pedestrian.child",
}

_CATEGORY_OF_TAG = {
    Tag.ROAD: "flat.driveable_surface",
    Tag.SIDEWALK: "flat.sidewalk",
    Tag.BUILDING: "static.manmade",
    Tag.WALL: "static.manmade",
    Tag.FENCE: "static.manmade",
    Tag.POLE: "static.manmade",
    Tag.TRAFFIC_LIGHT: "static.manmade",
    Tag.TRAFFIC_SIGN: "static.manmade",
    Tag.VEGETATION: "static.vegetation",
    Tag.TERRAIN: "flat.terrain",
    Tag.PEDESTRIAN: "human.pedestrian.adult",
    Tag.RIDER: "vehicle.bicycle",
    Tag.CAR: "vehicle.car",
    Tag.TRUCK: "vehicle.truck",
    Tag.BUS: "vehicle.bus.rigid",
    Tag.TRAIN: "static.other",
    Tag.MOTORCYCLE: "vehicle.motorcycle",
    Tag.BICYCLE: "vehicle.bicycle",
    Tag.STATIC: "static.other",
    Tag.DYNAMIC: "movable_object.pushable_pullable",
    Tag.OTHER: "static.other",
    Tag.WATER: "flat.other",
    Tag.ROAD_LINE: "flat.driveable_surface",
    Tag.GROUND: "flat.other",
    Tag.BRIDGE: "static.manmade",
    Tag.RAIL_TRACK: "flat.other",
    Tag.GUARD_RAIL: "static.manmade",
}

MOVING_MPS = 0.2
"""Slower than this, something stands."""


_CATEGORY_OF_FAMILY = {
    "walker.drivegen.wheelchair": "human.pedestrian.wheelchair",
    "walker.drivegen.stroller": "human.pedestrian.stroller",
    "walker.drivegen.worker": "human.pedestrian.construction_worker",
    "walker.drivegen.police_officer": "human.pedestrian.police_officer",
}
"""Of people whose blueprint says more than their class: the families of the embedded server."""


def category_of(label: ObjectLabel) -> str:
    """The category of an object."""
    if label.blueprint in _CATEGORY_OF_FAMILY:
        return _CATEGORY_OF_FAMILY[label.blueprint]
    if label.object_class is ObjectClass.EMERGENCY and "ambulance" in label.blueprint:
        return "vehicle.emergency.ambulance"
    return _CATEGORY_OF_CLASS[label.object_class]


def attribute_of(label: ObjectLabel) -> str:
    """The one attribute of an object."""
    moves = float(label.velocity_mps @ label.velocity_mps) > MOVING_MPS**2
    if label.object_class in RIDDEN:
        return "cycle.with_rider" if label.rider else "cycle.without_rider"
    if label.object_class in PEOPLE:
        return "pedestrian.moving" if moves else "pedestrian.standing"
    return "vehicle.moving" if moves else "vehicle.stopped"


def visible_fraction(label: ObjectLabel) -> float:
    """The fraction of an object that is visible over all cameras of the moment.

    The mean of the cameras' fractions, each weighted by the area of the object's box in its image: half an
    object in one camera and half in another, both in plain view, is wholly visible. 0 where no camera has it.
    """
    total = weighted = 0.0
    for camera in label.cameras.values():
        left, top, right, bottom = camera.full_box_px
        area = max(right - left, 0.0) * max(bottom - top, 0.0)
        total += area
        weighted += area * camera.visible_fraction
    return weighted / total if total > 0 else 0.0


def visibility_of(fraction: float) -> str:
    """The visibility token of a fraction."""
    return next((token for token, _, upper in VISIBILITIES if fraction <= upper), VISIBILITIES[-1][0])


def index_of_tags() -> UInt8[np.ndarray, "256"]:
    """The lidarseg index by semantic tag; noise for what has none."""
    table = np.zeros(256, np.uint8)
    for tag, category in _CATEGORY_OF_TAG.items():
        table[tag] = INDEX[category]
    return table
