"""Which of drivegen's families of vehicles drive in Beijing, the room they take, and their colours.

Lengths and widths are the largest of a family's members and of its stand-ins: a plan names a family and a
variant, and the server knows the member's size. A stand-in is the nearest of CARLA 0.9.16's blueprints, for
servers without drivegen's. Shares within a kind are a choice, not a count.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Rgb = tuple[int, int, int]


class Kind(StrEnum):
    """What the mix of traffic is given in."""

    CAR = "car"
    TAXI = "taxi"
    VAN = "van"
    BUS = "bus"
    TRUCK = "truck"
    CONSTRUCTION = "construction"
    EMERGENCY = "emergency"
    POLICE = "police"
    MOTORCYCLE = "motorcycle"
    """Motorcycles and, most of them, electric bicycles."""
    BICYCLE = "bicycle"
    TRICYCLE = "tricycle"
    UNMANNED = "unmanned"
    """Low-speed vehicles without a driver, as the demonstration zone runs them."""


TWO_WHEELERS = frozenset({Kind.MOTORCYCLE, Kind.BICYCLE})
KERB_KINDS = TWO_WHEELERS | {Kind.TRICYCLE, Kind.UNMANNED}
"""Slow ones that keep to the lane at the kerb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A blueprint and the room it takes."""

    blueprint: str
    length_m: float
    width_m: float
    stand_ins: tuple[str, ...]
    """CARLA's blueprints that come nearest; at least one."""
    share: float = 1.0
    """Among the models of its kind."""
    paints: tuple[tuple[Rgb, float], ...] = ()
    """Colours of its own, if they are not those of its kind."""


def _model(
    name: str,
    length_m: float,
    width_m: float,
    stand_ins: str,
    share: float = 1.0,
    paints: tuple[tuple[Rgb, float], ...] = (),
) -> Model:
    return Model(
        blueprint=f"vehicle.drivegen.{name}",
        length_m=length_m,
        width_m=width_m,
        stand_ins=tuple(f"vehicle.{stand_in}" for stand_in in stand_ins.split()),
        share=share,
        paints=paints,
    )


_MACHINE_PAINT = (((236, 172, 28), 0.7), ((226, 120, 30), 0.2), ((232, 232, 228), 0.1))
_HEAVY_PAINT = (
    ((236, 237, 238), 0.25),
    ((170, 30, 32), 0.25),
    ((34, 70, 140), 0.25),
    ((214, 120, 30), 0.1),
    ((40, 100, 90), 0.15),
)

MODELS: dict[Kind, tuple[Model, ...]] = {
    Kind.CAR: (
        _model(
            "sedan", 5.15, 2.20, "lincoln.mkz_2017 lincoln.mkz_2020 tesla.model3 mercedes.coupe_2020", 4.0
        ),
        _model("suv", 5.15, 2.25, "audi.etron nissan.patrol", 3.4),
        _model("hatchback", 4.40, 2.10, "seat.leon citroen.c3 nissan.micra audi.a2", 1.5),
        _model("mpv", 5.30, 2.25, "bmw.grandtourer", 0.8),
        _model("pickup", 5.65, 2.25, "jeep.wrangler_rubicon", 0.3),
    ),
    Kind.TAXI: (_model("taxi", 4.90, 2.20, "toyota.prius"),),
    Kind.VAN: (
        _model("minivan", 4.80, 2.00, "volkswagen.t2_2021", 1.5),
        _model("van", 6.10, 2.35, "mercedes.sprinter"),
    ),
    Kind.BUS: (
        _model("bus", 12.05, 3.95, "mitsubishi.fusorosa", 3.0),
        _model("articulated_bus", 18.05, 3.95, "mitsubishi.fusorosa", 0.5),
        _model("coach", 12.25, 3.95, "mitsubishi.fusorosa", 0.8),
        _model("school_bus", 10.30, 3.95, "mitsubishi.fusorosa", 0.3),
    ),
    Kind.TRUCK: (
        _model("light_truck", 6.05, 2.65, "carlamotors.carlacola", 3.0),
        _model("heavy_truck", 16.55, 2.95, "carlamotors.european_hgv", 1.0, _HEAVY_PAINT),
        _model("tanker", 14.30, 2.95, "carlamotors.european_hgv", 0.3, _HEAVY_PAINT),
        _model("concrete_mixer", 9.65, 2.95, "carlamotors.european_hgv", 0.4, _HEAVY_PAINT),
    ),
    Kind.CONSTRUCTION: (
        _model("excavator", 7.95, 2.95, "carlamotors.european_hgv"),
        _model("wheel_loader", 8.05, 2.95, "carlamotors.european_hgv"),
        _model("road_roller", 6.15, 2.65, "carlamotors.carlacola"),
    ),
    Kind.EMERGENCY: (
        _model("ambulance", 6.40, 2.40, "ford.ambulance"),
        _model("fire_engine", 11.05, 2.95, "carlamotors.firetruck", 0.4),
    ),
    Kind.POLICE: (_model("police", 5.25, 2.25, "dodge.charger_police_2020"),),
    Kind.MOTORCYCLE: (
        _model("ebike", 2.10, 0.95, "vespa.zx125", 5.0),
        _model("motorcycle", 2.40, 1.00, "yamaha.yzf kawasaki.ninja"),
    ),
    Kind.BICYCLE: (_model("bicycle", 1.95, 0.90, "gazelle.omafiets diamondback.century bh.crossbike"),),
    Kind.TRICYCLE: (_model("etricycle", 3.10, 1.40, "vespa.zx125"),),
    Kind.UNMANNED: (
        _model("unmanned_delivery", 3.30, 1.50, "micro.microlino", 3.0),
        _model("unmanned_retail", 3.10, 1.65, "micro.microlino"),
        _model("unmanned_patrol", 2.40, 1.50, "micro.microlino"),
        _model("unmanned_sweeper", 3.00, 1.95, "micro.microlino"),
        _model("unmanned_shuttle", 6.10, 2.35, "volkswagen.t2_2021", 0.6),
    ),
}

_CAR_PAINT: tuple[tuple[Rgb, float], ...] = (
    ((236, 237, 238), 0.42),
    ((17, 18, 20), 0.20),
    ((92, 96, 100), 0.13),
    ((176, 180, 184), 0.07),
    ((32, 58, 108), 0.06),
    ((138, 22, 28), 0.05),
    ((94, 78, 62), 0.03),
    ((46, 92, 74), 0.02),
    ((196, 206, 214), 0.02),
)

PAINT: dict[Kind, tuple[tuple[Rgb, float], ...]] = {
    Kind.CAR: _CAR_PAINT,
    Kind.TAXI: (((212, 158, 44), 1.0),),
    Kind.VAN: (((238, 238, 236), 0.6), ((168, 172, 176), 0.2), ((44, 84, 130), 0.2)),
    Kind.BUS: (((232, 234, 230), 0.4), ((36, 120, 78), 0.35), ((176, 38, 40), 0.25)),
    Kind.TRUCK: (((236, 237, 238), 0.5), ((40, 86, 150), 0.35), ((176, 180, 184), 0.15)),
    Kind.CONSTRUCTION: _MACHINE_PAINT,
    Kind.EMERGENCY: (((240, 240, 240), 1.0),),
    Kind.POLICE: (((238, 240, 242), 1.0),),
    Kind.MOTORCYCLE: (
        ((226, 228, 230), 0.25),
        ((190, 36, 34), 0.2),
        ((30, 30, 32), 0.25),
        ((122, 128, 134), 0.15),
        ((150, 196, 184), 0.15),
    ),
    Kind.BICYCLE: (((248, 186, 22), 0.4), ((52, 140, 206), 0.3), ((40, 40, 42), 0.3)),
    Kind.TRICYCLE: (
        ((40, 92, 170), 0.3),
        ((168, 36, 36), 0.2),
        ((44, 110, 74), 0.2),
        ((220, 120, 36), 0.15),
        ((190, 192, 194), 0.15),
    ),
    Kind.UNMANNED: (((238, 240, 241), 0.5), ((36, 110, 214), 0.25), ((250, 196, 28), 0.25)),
}
"""Colours and their shares; buses, taxis and services keep their livery. Yellow and blue bicycles are the
hired ones."""

BEIJING: dict[str, float] = {
    Kind.CAR: 0.62,
    Kind.TAXI: 0.06,
    Kind.VAN: 0.06,
    Kind.BUS: 0.03,
    Kind.TRUCK: 0.045,
    Kind.CONSTRUCTION: 0.005,
    Kind.EMERGENCY: 0.01,
    Kind.POLICE: 0.01,
    Kind.MOTORCYCLE: 0.07,
    Kind.BICYCLE: 0.04,
    Kind.TRICYCLE: 0.03,
    Kind.UNMANNED: 0.02,
}
"""A choice that looks like a street of Yizhuang on a workday."""

COURIERS = (2, 6, 15, 16, 17, 20, 23, 29, 30, 31, 40, 41, 43, 46, 48, 53, 65, 69, 76, 77, 80, 82, 84, 88)
"""Members of the e-bikes that are couriers with a box; about three in ten are."""
