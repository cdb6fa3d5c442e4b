"""Vehicles of CARLA 0.9.16.

Ids and full box sizes are facts of CARLA 0.9.16; base types, special types and generations are those of its
public vehicle catalogue. Colours are this project's own.
"""

from __future__ import annotations

from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.assets.vehicles.catalogue import DOORED
from drivegen.embedded.world.blueprints.blueprint import (
    Attribute,
    AttributeKind,
    Blueprint,
    Family,
    fixed,
    role,
)

# id after "vehicle.", base type, class, special type, wheels, generation, length, width, height in metres
_ROWS: tuple[tuple[str, str, ObjectClass, str, int, int, float, float, float], ...] = (
    ("audi.a2", "car", ObjectClass.CAR, "", 4, 1, 3.705369, 1.788679, 1.549050),
    ("audi.etron", "car", ObjectClass.CAR, "electric", 4, 1, 4.855709, 2.032757, 1.649359),
    ("audi.tt", "car", ObjectClass.CAR, "", 4, 1, 4.181210, 1.994117, 1.385296),
    ("bh.crossbike", "bicycle", ObjectClass.BICYCLE, "", 2, 1, 1.509323, 0.865941, 1.612354),
    ("bmw.grandtourer", "car", ObjectClass.CAR, "", 4, 1, 4.611006, 2.241713, 1.667276),
    ("carlamotors.carlacola", "truck", ObjectClass.TRUCK, "", 4, 1, 5.203838, 2.626990, 2.467445),
    ("carlamotors.european_hgv", "truck", ObjectClass.TRUCK, "", 4, 2, 7.935710, 2.891088, 3.461943),
    (
        "carlamotors.firetruck",
        "truck",
        ObjectClass.EMERGENCY,
        "emergency",
        4,
        2,
        8.468041,
        2.891088,
        3.827412,
    ),
    ("chevrolet.impala", "car", ObjectClass.CAR, "", 4, 1, 5.357480, 2.033203, 1.410659),
    ("citroen.c3", "car", ObjectClass.CAR, "", 4, 1, 3.987685, 1.850848, 1.617110),
    ("diamondback.century", "bicycle", ObjectClass.BICYCLE, "", 2, 1, 1.656244, 0.582438, 1.619767),
    ("dodge.charger_2020", "car", ObjectClass.CAR, "", 4, 2, 5.007825, 1.881622, 1.534725),
    ("dodge.charger_police", "car", ObjectClass.POLICE, "emergency", 4, 1, 4.974244, 2.038401, 1.542118),
    ("dodge.charger_police_2020", "car", ObjectClass.POLICE, "emergency", 4, 2, 5.237514, 1.929760, 1.638383),
    ("ford.ambulance", "van", ObjectClass.EMERGENCY, "emergency", 4, 2, 6.365643, 2.351174, 2.431376),
    ("ford.crown", "car", ObjectClass.CAR, "taxi", 4, 2, 5.365679, 1.800724, 1.574966),
    ("ford.mustang", "car", ObjectClass.CAR, "", 4, 1, 4.717525, 1.894827, 1.300940),
    ("gazelle.omafiets", "bicycle", ObjectClass.BICYCLE, "", 2, 1, 1.843441, 0.659043, 1.775829),
    (
        "harley-davidson.low_rider",
        "motorcycle",
        ObjectClass.MOTORCYCLE,
        "",
        2,
        1,
        2.350176,
        0.766233,
        1.649494,
    ),
    ("jeep.wrangler_rubicon", "car", ObjectClass.CAR, "", 4, 1, 3.866221, 1.905197, 1.877936),
    ("kawasaki.ninja", "motorcycle", ObjectClass.MOTORCYCLE, "", 2, 1, 2.043684, 0.796912, 1.523191),
    ("lincoln.mkz_2017", "car", ObjectClass.CAR, "", 4, 1, 4.901683, 2.128324, 1.510746),
    ("lincoln.mkz_2020", "car", ObjectClass.CAR, "", 4, 2, 4.892382, 1.836713, 1.490278),
    ("mercedes.coupe", "car", ObjectClass.CAR, "", 4, 1, 5.026777, 2.151546, 1.650652),
    ("mercedes.coupe_2020", "car", ObjectClass.CAR, "", 4, 2, 4.673639, 1.811813, 1.441947),
    ("mercedes.sprinter", "van", ObjectClass.VAN, "", 4, 2, 5.915190, 1.988433, 2.560655),
    ("micro.microlino", "car", ObjectClass.CAR, "electric", 4, 1, 2.207295, 1.480920, 1.376025),
    ("mini.cooper_s", "car", ObjectClass.CAR, "", 4, 1, 3.805800, 1.970276, 1.475030),
    ("mini.cooper_s_2021", "car", ObjectClass.CAR, "", 4, 2, 4.552699, 2.097072, 1.767166),
    ("mitsubishi.fusorosa", "bus", ObjectClass.BUS, "", 4, 2, 10.272685, 3.944152, 4.252848),
    ("nissan.micra", "car", ObjectClass.CAR, "", 4, 1, 3.633376, 1.845114, 1.501283),
    ("nissan.patrol", "car", ObjectClass.CAR, "", 4, 1, 4.604510, 1.931593, 1.854846),
    ("nissan.patrol_2021", "car", ObjectClass.CAR, "", 4, 2, 5.565829, 2.149967, 2.045147),
    ("seat.leon", "car", ObjectClass.CAR, "", 4, 1, 4.192830, 1.816186, 1.473831),
    ("tesla.cybertruck", "truck", ObjectClass.TRUCK, "electric", 4, 2, 6.273553, 2.389574, 2.098191),
    ("tesla.model3", "car", ObjectClass.CAR, "electric", 4, 1, 4.791780, 2.163450, 1.487660),
    ("toyota.prius", "car", ObjectClass.CAR, "", 4, 1, 4.513523, 2.006814, 1.524833),
    ("vespa.zx125", "motorcycle", ObjectClass.MOTORCYCLE, "", 2, 1, 1.817107, 0.865941, 1.590091),
    ("volkswagen.t2", "van", ObjectClass.VAN, "", 4, 1, 4.480437, 2.069315, 2.037792),
    ("volkswagen.t2_2021", "van", ObjectClass.VAN, "", 4, 2, 4.442184, 1.774565, 1.987207),
    ("yamaha.yzf", "motorcycle", ObjectClass.MOTORCYCLE, "", 2, 1, 2.190768, 0.865917, 1.530381),
)

_PAINTS = (
    "235,235,232",
    "24,25,28",
    "128,132,136",
    "178,180,182",
    "62,66,72",
    "118,16,24",
    "24,52,104",
    "16,74,88",
    "66,46,36",
    "196,164,112",
    "46,84,56",
)
_BICYCLE_PAINTS = ("20,96,150", "210,60,30", "40,40,44", "30,130,90")
_LIVERIES: dict[str, tuple[str, ...]] = {
    "ford.ambulance": ("245,245,245",),
    "carlamotors.firetruck": ("190,20,20",),
    "dodge.charger_police": ("240,240,240",),
    "dodge.charger_police_2020": ("240,240,240",),
    "ford.crown": ("240,190,30", "40,110,70", "30,90,160"),
    "mitsubishi.fusorosa": ("232,232,226", "28,110,72", "190,40,40", "30,80,150"),
    "carlamotors.carlacola": ("200,30,30",),
    "carlamotors.european_hgv": ("225,225,225", "30,70,140", "170,30,30"),
}
_DRIVERS = ("1", "2", "3")
"""Riders of two-wheelers, as CARLA's `driver_id` counts them."""


def vehicle_blueprints() -> tuple[Blueprint, ...]:
    """All vehicles, sorted by id."""
    return tuple(_vehicle(*row) for row in _ROWS)


def _vehicle(
    name: str,
    base_type: str,
    object_class: ObjectClass,
    special_type: str,
    wheels: int,
    generation: int,
    length_m: float,
    width_m: float,
    height_m: float,
) -> Blueprint:
    rider = object_class in (ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE)
    paints = _LIVERIES.get(name, _BICYCLE_PAINTS if object_class is ObjectClass.BICYCLE else _PAINTS)
    attributes = [
        role("autopilot", "scenario", "ego_vehicle"),
        Attribute(id="color", kind=AttributeKind.COLOR, value=paints[0], recommended=paints),
        Attribute(id="sticky_control", kind=AttributeKind.BOOL, value="true", recommended=("true",)),
        Attribute(id="terramechanics", kind=AttributeKind.BOOL, value="false", recommended=("false",)),
        fixed("object_type", AttributeKind.STRING, ""),
        fixed("base_type", AttributeKind.STRING, base_type),
        fixed("special_type", AttributeKind.STRING, special_type),
        fixed("number_of_wheels", AttributeKind.INT, str(wheels)),
        fixed("generation", AttributeKind.INT, str(generation)),
        fixed("has_dynamic_doors", AttributeKind.BOOL, "true" if f"vehicle.{name}" in DOORED else "false"),
        fixed("has_lights", AttributeKind.BOOL, "false" if object_class is ObjectClass.BICYCLE else "true"),
    ]
    if rider:
        attributes.insert(
            2,
            Attribute(
                id="driver_id",
                kind=AttributeKind.INT,
                value=_DRIVERS[0],
                recommended=_DRIVERS,
                restricted=True,
            ),
        )
    tag = TAG_OF_CLASS[object_class]
    return Blueprint(
        id=f"vehicle.{name}",
        family=Family.VEHICLE,
        attributes=tuple(attributes),
        size_m=(length_m, width_m, height_m),
        object_class=object_class,
        tags=(tag, Tag.RIDER) if rider else (tag,),
    )
