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
    PEDESTRIAN = "pedestrian"
    CHILD = "child"


TWO_WHEELERS = frozenset({ObjectClass.MOTORCYCLE, ObjectClass.BICYCLE})
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
    ObjectClass.PEDESTRIAN: Tag.PEDESTRIAN,
    ObjectClass.CHILD: Tag.PEDESTRIAN,
}
"""Tag of an object's body; a rider on a two-wheeler has `Tag.RIDER`."""
