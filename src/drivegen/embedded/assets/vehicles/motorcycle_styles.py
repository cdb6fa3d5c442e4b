"""What makes one motorcycle differ from another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """Kinds of motorcycle."""

    SPORT = "sport"
    CRUISER = "cruiser"
    SCOOTER = "scooter"


@dataclass(frozen=True, slots=True, kw_only=True)
class MotorcycleStyle:
    """What makes one kind differ from another; lengths as shares of the box."""

    form: Form
    front_radius_m: float
    rear_radius_m: float
    tyre_m: float
    rake_deg: float
    lean_rad: float
    seat_m: float
    seat_back_f: float
    """Of the rider's hips, behind the middle, over the length."""
    bar_m: float
    bar_half_m: float
    rest_m: tuple[float, float, float]
    """Foot rest: x over the length from the middle, y and z in metres."""


STYLES = {
    "vehicle.kawasaki.ninja": MotorcycleStyle(
        form=Form.SPORT,
        front_radius_m=0.30,
        rear_radius_m=0.31,
        tyre_m=0.14,
        rake_deg=24.0,
        lean_rad=0.62,
        seat_m=0.80,
        seat_back_f=0.12,
        bar_m=0.93,
        bar_half_m=0.31,
        rest_m=(-0.11, 0.19, 0.34),
    ),
    "vehicle.yamaha.yzf": MotorcycleStyle(
        form=Form.SPORT,
        front_radius_m=0.30,
        rear_radius_m=0.32,
        tyre_m=0.15,
        rake_deg=24.0,
        lean_rad=0.58,
        seat_m=0.80,
        seat_back_f=0.11,
        bar_m=0.93,
        bar_half_m=0.32,
        rest_m=(-0.10, 0.20, 0.34),
    ),
    "vehicle.harley-davidson.low_rider": MotorcycleStyle(
        form=Form.CRUISER,
        front_radius_m=0.33,
        rear_radius_m=0.32,
        tyre_m=0.13,
        rake_deg=31.0,
        lean_rad=0.02,
        seat_m=0.69,
        seat_back_f=0.15,
        bar_m=1.06,
        bar_half_m=0.33,
        rest_m=(0.10, 0.21, 0.32),
    ),
    "vehicle.vespa.zx125": MotorcycleStyle(
        form=Form.SCOOTER,
        front_radius_m=0.23,
        rear_radius_m=0.23,
        tyre_m=0.10,
        rake_deg=25.0,
        lean_rad=0.08,
        seat_m=0.77,
        seat_back_f=0.16,
        bar_m=1.00,
        bar_half_m=0.31,
        rest_m=(0.12, 0.12, 0.31),
    ),
}
