"""The demonstration zone's eight applications of unmanned vehicles, and the families that stand for them.

The zone lists robotaxis, unmanned delivery, unmanned retail, autonomous buses, unmanned sweepers, unmanned
patrol, automated trucks, and automated valet parking with others. Robotaxis, trucks and parking cars look as
driven ones do: their plans say by a role what they are.
"""

from __future__ import annotations

from enum import StrEnum

from drivegen_generators.vehicles.models import MODELS, Kind, Model, Rgb


class Application(StrEnum):
    """What an unmanned vehicle is there for; also its role in a plan."""

    ROBOTAXI = "robotaxi"
    DELIVERY = "unmanned_delivery"
    RETAIL = "unmanned_retail"
    BUS = "autonomous_bus"
    SWEEPER = "unmanned_sweeper"
    PATROL = "unmanned_patrol"
    TRUCK = "automated_truck"
    VALET = "valet_parking"


def _models(kind: Kind, *names: str) -> tuple[Model, ...]:
    return tuple(m for m in MODELS[kind] if m.blueprint.rpartition(".")[2] in names)


KIND_OF: dict[Application, Kind] = {
    Application.ROBOTAXI: Kind.CAR,
    Application.DELIVERY: Kind.UNMANNED,
    Application.RETAIL: Kind.UNMANNED,
    Application.BUS: Kind.UNMANNED,
    Application.SWEEPER: Kind.UNMANNED,
    Application.PATROL: Kind.UNMANNED,
    Application.TRUCK: Kind.TRUCK,
    Application.VALET: Kind.CAR,
}
"""Whose colours and place in the road it takes."""

MODELS_OF: dict[Application, tuple[Model, ...]] = {
    Application.ROBOTAXI: _models(Kind.CAR, "sedan", "suv", "mpv"),
    Application.DELIVERY: _models(Kind.UNMANNED, "unmanned_delivery"),
    Application.RETAIL: _models(Kind.UNMANNED, "unmanned_retail"),
    Application.BUS: _models(Kind.UNMANNED, "unmanned_shuttle"),
    Application.SWEEPER: _models(Kind.UNMANNED, "unmanned_sweeper"),
    Application.PATROL: _models(Kind.UNMANNED, "unmanned_patrol"),
    Application.TRUCK: _models(Kind.TRUCK, "heavy_truck"),
    Application.VALET: _models(Kind.CAR, "sedan", "suv"),
}

ROBOTAXI_PAINT: tuple[tuple[Rgb, float], ...] = (((240, 242, 244), 0.8), ((196, 200, 204), 0.2))
"""Fleets are white or silver."""

ZONE: dict[str, float] = {
    Kind.CAR: 0.58,
    Kind.TAXI: 0.05,
    Kind.VAN: 0.06,
    Kind.BUS: 0.03,
    Kind.TRUCK: 0.045,
    Kind.CONSTRUCTION: 0.005,
    Kind.EMERGENCY: 0.005,
    Kind.POLICE: 0.01,
    Kind.MOTORCYCLE: 0.06,
    Kind.BICYCLE: 0.035,
    Kind.TRICYCLE: 0.03,
    Application.ROBOTAXI: 0.04,
    Application.DELIVERY: 0.015,
    Application.RETAIL: 0.004,
    Application.BUS: 0.006,
    Application.SWEEPER: 0.004,
    Application.PATROL: 0.004,
    Application.TRUCK: 0.01,
    Application.VALET: 0.007,
}
"""A street of the zone on a workday with all eight applications; this project's own choice."""
