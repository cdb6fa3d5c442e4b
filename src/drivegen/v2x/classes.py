"""Kinds of road users as messages name them."""

from __future__ import annotations

from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.v2x.rsm import ParticipantKind
from drivegen.v2x.ssm import DetectedType

BODY_CLASS: dict[ObjectClass, int] = {
    ObjectClass.CAR: 10,
    ObjectClass.VAN: 20,
    ObjectClass.TRUCK: 25,
    ObjectClass.BUS: 50,
    ObjectClass.EMERGENCY: 60,
    ObjectClass.POLICE: 66,
    ObjectClass.MOTORCYCLE: 40,
    ObjectClass.BICYCLE: 85,
    ObjectClass.TRICYCLE: 47,
    ObjectClass.CONSTRUCTION: 26,
    ObjectClass.UNMANNED: 1,
    ObjectClass.PEDESTRIAN: 82,
    ObjectClass.CHILD: 82,
}
"""Numbers of the standard's table of basic vehicle classes. It has none for low-speed unmanned vehicles (sent
as special use), construction machines (as another truck) and children (as pedestrians)."""
_CLASS_OF_BODY = {BODY_CLASS[name]: name for name in reversed(ObjectClass)}
"""Of several with one number the first."""

PARTICIPANT_KIND: dict[ObjectClass, ParticipantKind] = {
    name: ParticipantKind.PEDESTRIAN
    if name in PEOPLE
    else ParticipantKind.NON_MOTOR
    if name in (ObjectClass.BICYCLE, ObjectClass.TRICYCLE)
    else ParticipantKind.MOTOR
    for name in ObjectClass
}

DETECTED_TYPE: dict[ObjectClass, DetectedType] = {
    ObjectClass.CAR: DetectedType.CAR,
    ObjectClass.VAN: DetectedType.VAN,
    ObjectClass.TRUCK: DetectedType.TRUCK,
    ObjectClass.BUS: DetectedType.BUS,
    ObjectClass.EMERGENCY: DetectedType.VAN,
    ObjectClass.POLICE: DetectedType.CAR,
    ObjectClass.MOTORCYCLE: DetectedType.MOTORCYCLIST,
    ObjectClass.BICYCLE: DetectedType.CYCLIST,
    ObjectClass.TRICYCLE: DetectedType.TRICYCLIST,
    ObjectClass.CONSTRUCTION: DetectedType.TRUCK,
    ObjectClass.UNMANNED: DetectedType.MOVABLE,
    ObjectClass.PEDESTRIAN: DetectedType.PEDESTRIAN,
    ObjectClass.CHILD: DetectedType.PEDESTRIAN,
}
_CLASS_OF_KIND = {
    ParticipantKind.MOTOR: ObjectClass.CAR,
    ParticipantKind.NON_MOTOR: ObjectClass.BICYCLE,
    ParticipantKind.PEDESTRIAN: ObjectClass.PEDESTRIAN,
}
_TENS = {
    10: ObjectClass.CAR,
    20: ObjectClass.TRUCK,
    30: ObjectClass.TRUCK,
    40: ObjectClass.MOTORCYCLE,
    50: ObjectClass.BUS,
    60: ObjectClass.EMERGENCY,
    80: ObjectClass.PEDESTRIAN,
}


def class_of(body_class: int | None, kind: ParticipantKind | None = None) -> ObjectClass | None:
    """What a number of the standard's table means here, else what the coarse kind means; none if neither."""
    if body_class in _CLASS_OF_BODY:
        return _CLASS_OF_BODY[body_class]
    by_ten = _TENS.get(body_class // 10 * 10) if body_class is not None else None
    return by_ten or (_CLASS_OF_KIND.get(kind) if kind is not None else None)
