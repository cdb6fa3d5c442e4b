"""Which CARLA 0.9.16 blueprints stand for what drives in Beijing, their size, and their colours.

Lengths and widths are those of CARLA 0.9.16's bounding boxes. Shares within a kind are a choice, not a count.
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
    EMERGENCY = "emergency"
    POLICE = "police"
    MOTORCYCLE = "motorcycle"
    BICYCLE = "bicycle"


TWO_WHEELERS = frozenset({Kind.MOTORCYCLE, Kind.BICYCLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A blueprint and the room it takes."""

    blueprint: str
    length_m: float
    width_m: float
    share: float = 1.0
    """Among the models of its kind."""


def _model(name: str, length_m: float, width_m: float, share: float = 1.0) -> Model:
    return Model(blueprint=f"vehicle.{name}", length_m=length_m, width_m=width_m, share=share)


MODELS: dict[Kind, tuple[Model, ...]] = {
    Kind.CAR: (
        _model("audi.a2", 3.71, 1.79, 0.5),
        _model("audi.etron", 4.86, 2.04, 1.5),
        _model("audi.tt", 4.19, 2.00, 0.3),
        _model("bmw.grandtourer", 4.62, 2.25),
        _model("citroen.c3", 3.99, 1.86, 0.7),
        _model("dodge.charger_2020", 5.01, 1.89, 0.2),
        _model("jeep.wrangler_rubicon", 3.87, 1.91, 0.4),
        _model("lincoln.mkz_2017", 4.91, 2.13),
        _model("lincoln.mkz_2020", 4.90, 1.84),
        _model("mercedes.coupe_2020", 4.68, 1.82),
        _model("micro.microlino", 2.21, 1.49, 0.6),
        _model("mini.cooper_s_2021", 4.56, 2.10, 0.4),
        _model("nissan.micra", 3.64, 1.85, 0.7),
        _model("nissan.patrol_2021", 5.57, 2.15, 1.2),
        _model("seat.leon", 4.20, 1.82),
        _model("tesla.model3", 4.80, 2.17, 2.0),
        _model("toyota.prius", 4.52, 2.01),
    ),
    Kind.TAXI: (
        _model("toyota.prius", 4.52, 2.01),
        _model("lincoln.mkz_2017", 4.91, 2.13),
        _model("ford.crown", 5.37, 1.81, 0.3),
    ),
    Kind.VAN: (
        _model("mercedes.sprinter", 5.92, 1.99, 2.0),
        _model("volkswagen.t2_2021", 4.45, 1.78),
        _model("volkswagen.t2", 4.49, 2.07, 0.5),
    ),
    Kind.BUS: (_model("mitsubishi.fusorosa", 10.28, 3.95),),
    Kind.TRUCK: (
        _model("carlamotors.european_hgv", 7.94, 2.90),
        _model("carlamotors.carlacola", 5.21, 2.63, 1.5),
        _model("tesla.cybertruck", 6.28, 2.39, 0.2),
    ),
    Kind.EMERGENCY: (_model("ford.ambulance", 6.37, 2.36), _model("carlamotors.firetruck", 8.47, 2.90, 0.4)),
    Kind.POLICE: (_model("dodge.charger_police_2020", 5.24, 1.93),),
    Kind.MOTORCYCLE: (
        _model("vespa.zx125", 1.82, 0.87, 4.0),
        _model("yamaha.yzf", 2.20, 0.87, 0.5),
        _model("kawasaki.ninja", 2.05, 0.80, 0.5),
    ),
    Kind.BICYCLE: (
        _model("gazelle.omafiets", 1.85, 0.66, 2.0),
        _model("diamondback.century", 1.66, 0.59),
        _model("bh.crossbike", 1.51, 0.87),
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
    Kind.TAXI: (((214, 160, 42), 1.0),),
    Kind.VAN: (((238, 238, 236), 0.6), ((168, 172, 176), 0.2), ((44, 84, 130), 0.2)),
    Kind.BUS: (((232, 234, 230), 0.4), ((36, 120, 78), 0.35), ((176, 38, 40), 0.25)),
    Kind.TRUCK: (((226, 228, 228), 0.4), ((36, 76, 140), 0.35), ((158, 40, 34), 0.25)),
    Kind.EMERGENCY: (((240, 240, 240), 1.0),),
    Kind.POLICE: (((238, 240, 242), 1.0),),
    Kind.MOTORCYCLE: (
        ((196, 200, 202), 0.3),
        ((190, 36, 34), 0.25),
        ((30, 30, 32), 0.25),
        ((246, 198, 24), 0.2),
    ),
    Kind.BICYCLE: (((248, 186, 22), 0.4), ((52, 140, 206), 0.3), ((40, 40, 42), 0.3)),
}
"""Colours and their shares. Yellow and blue bicycles are the hired ones."""

BEIJING: dict[str, float] = {
    Kind.CAR: 0.66,
    Kind.TAXI: 0.06,
    Kind.VAN: 0.07,
    Kind.BUS: 0.03,
    Kind.TRUCK: 0.04,
    Kind.EMERGENCY: 0.01,
    Kind.POLICE: 0.01,
    Kind.MOTORCYCLE: 0.07,
    Kind.BICYCLE: 0.05,
}
"""A choice that looks like a street of Yizhuang on a workday."""
