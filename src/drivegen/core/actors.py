"""Classes of annotated objects."""

from enum import StrEnum

from drivegen.core.tags import Tag


class ObjectClass(StrEnum):
    """What an annotated object is. Exporters map these to their format's names."""

    CAR = "car"
    VAN = "van"
    TRUCK = "truck"
    BUS = "bus"
    EMERGENCY = "emergency"
    POLICE = "police"
    MOTORCYCLE = "motorcycle"
    BICYCLE = "bicycle"
    TRICYCLE = "tricycle"
    """Cargo and passenger tricycles, with their rider."""
    CONSTRUCTION = "construction"
    """Machines that move under their own power: excavators, loaders, rollers."""
    UNMANNED = "unmanned"
    """Low-speed vehicles without a driver: delivery, retail, patrol, sweeping."""
    PEDESTRIAN = "pedestrian"
    CHILD = "child"


TWO_WHEELERS = frozenset({ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE})
RIDDEN = TWO_WHEELERS | {ObjectClass.TRICYCLE}
"""One object with its rider."""
PEOPLE = frozenset({ObjectClass.PEDESTRIAN, ObjectClass.CHILD})

TAG_OF_CLASS: dict[ObjectClass, Tag] = {
    ObjectClass.CAR: Tag.CAR,
    ObjectClass.VAN: Tag.CAR,
    ObjectClass.TRUCK: Tag.TRUCK,
    ObjectClass.BUS: Tag.BUS,
    ObjectClass.EMERGENCY: Tag.TRUCK,
    ObjectClass.POLICE: Tag.CAR,
    ObjectClass.MOTORCYCLE: Tag.MOTORCYCLE,
    ObjectClass.BICYCLE: Tag.BICYCLE,
    ObjectClass.TRICYCLE: Tag.MOTORCYCLE,
    ObjectClass.CONSTRUCTION: Tag.TRUCK,
    ObjectClass.UNMANNED: Tag.CAR,
    ObjectClass.PEDESTRIAN: Tag.PEDESTRIAN,
    ObjectClass.CHILD: Tag.PEDESTRIAN,
}
"""Tag of an object's body; a rider has `Tag.RIDER`."""
