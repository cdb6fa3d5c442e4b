"""What makes one tricycle differ from another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivegen.embedded.assets.vehicles.light.kit import Color

PARCELS: tuple[tuple[Color, Color], ...] = (
    # body, band
    ((236, 238, 238), (206, 34, 44)),
    ((236, 238, 238), (34, 120, 200)),
    ((30, 112, 78), (238, 220, 60)),
    ((246, 190, 22), (34, 34, 38)),
    ((28, 30, 34), (206, 34, 44)),
    ((104, 56, 140), (240, 240, 238)),
    ((232, 108, 32), (240, 240, 238)),
    ((38, 92, 176), (240, 240, 238)),
)
"""Colours of parcel services; nobody's in particular."""


class Form(StrEnum):
    """Kinds of tricycle."""

    PARCEL = "parcel"
    OPEN = "open"
    PASSENGER = "passenger"
    PEDAL = "pedal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The measures and equipment of one tricycle."""

    form: Form
    radius_m: float
    base_m: float
    track_m: float
    half_m: float
    """Of the body."""
    tail_m: float
    """Of the body behind the rear axle."""
    floor_m: float
    top_m: float
    saddle_m: float
    bar_m: float
    colors: tuple[Color, Color]
    doors: bool
    """Half doors beside the driver."""
    canopy: bool
    load: str


def draw_style(rng: np.random.Generator) -> Style:
    """One of the forms, its measures and its load."""
    form = Form(str(rng.choice(list(Form), p=[0.48, 0.30, 0.13, 0.09])))
    u = rng.uniform(-1.0, 1.0, 6)
    half = 0.50 + 0.05 * u[0]
    pedal = form == Form.PEDAL
    return Style(
        form=form,
        radius_m=0.33 if pedal else 0.235 + (0.015 if u[1] > 0 else 0.0),
        base_m=(1.62 if pedal else 1.92) + 0.06 * u[2],
        track_m=2 * half - (0.10 if form in (Form.PARCEL, Form.PASSENGER) else 0.02),
        half_m=half,
        tail_m=0.42 + 0.06 * u[3],
        floor_m=0.44 if not pedal else 0.56,
        top_m=1.60 + 0.10 * u[4],
        saddle_m=0.68,
        bar_m=1.02 + 0.02 * u[5],
        colors=PARCELS[int(rng.integers(len(PARCELS)))],
        doors=bool(rng.random() < 0.45),
        canopy=bool(rng.random() < 0.35),
        load=str(
            rng.choice(["none", "cartons", "sacks", "barrels", "planks"], p=[0.2, 0.34, 0.18, 0.16, 0.12])
        ),
    )
