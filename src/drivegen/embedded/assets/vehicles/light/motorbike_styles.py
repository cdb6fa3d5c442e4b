"""What makes one motorcycle differ from another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivegen.embedded.assets.vehicles.light.kit import Color

PLATES: tuple[Color, ...] = ((226, 182, 28), (24, 62, 158))
"""Grounds of motorcycles' plates: yellow, and blue for the outer districts and light ones."""


class Form(StrEnum):
    """Kinds of motorcycle."""

    COMMUTER = "commuter"
    SPORT = "sport"
    SCOOTER = "scooter"
    CARGO = "cargo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The measures and equipment of one motorcycle with a tank."""

    form: Form
    radius_m: float
    tyre_m: float
    base_m: float
    saddle_m: float
    bar_m: float
    bar_half_m: float
    lean_rad: float
    plate: Color
    seat_rgb: Color
    engine_rgb: Color
    screen: bool
    crate: bool
    case: bool
    second: bool
    """A passenger behind."""


def draw_style(rng: np.random.Generator, form: Form) -> Style:
    """Measures and equipment of a form."""
    u = rng.uniform(-1.0, 1.0, 5)
    sport, cargo = form == Form.SPORT, form == Form.CARGO
    seats: tuple[Color, ...] = ((28, 26, 26), (84, 54, 36), (40, 40, 46))
    engines: tuple[Color, ...] = ((44, 45, 48), (150, 152, 156))
    return Style(
        form=form,
        radius_m=0.30 if sport else 0.295 + (0.01 if u[0] > 0 else 0.0),
        tyre_m=0.14 if sport else 0.105,
        base_m=1.36 + 0.04 * u[1],
        saddle_m=0.79 + 0.02 * u[2],
        bar_m=(0.93 if sport else 1.05) + 0.03 * u[3],
        bar_half_m=(0.31 if sport else 0.36) + 0.015 * u[4],
        lean_rad=0.5 if sport else 0.10,
        plate=PLATES[int(rng.integers(2))],
        seat_rgb=seats[int(rng.integers(3))],
        engine_rgb=engines[int(rng.integers(2))],
        screen=bool(rng.random() < 0.25),
        crate=cargo,
        case=not sport and not cargo and bool(rng.random() < 0.45),
        second=not cargo and not sport and bool(rng.random() < 0.22),
    )
