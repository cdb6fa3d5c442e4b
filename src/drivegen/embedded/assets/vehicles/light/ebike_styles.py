"""What makes one e-bike differ from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.embedded.assets.vehicles.light import loads
from drivegen.embedded.assets.vehicles.light.kit import Color


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The measures and equipment of one e-bike."""

    scooter: bool
    radius_m: float
    tyre_m: float
    base_m: float
    saddle_m: float
    bar_m: float
    bar_half_m: float
    board_m: float
    half_m: float
    """Of the body at its widest."""
    round_lamp: bool
    panel: Color
    """Of what is not painted."""
    accent: Color
    courier: int
    """Number of the kit of a courier, or -1."""
    extras: frozenset[str]


def draw_style(rng: np.random.Generator) -> Style:
    """One of the forms, its measures and what is mounted."""
    courier = int(rng.integers(len(loads.COURIER_KITS))) if rng.random() < 0.30 else -1
    scooter = bool(rng.random() < (0.55 if courier >= 0 else 0.40))
    wanted = {
        "mirrors": 0.75, "basket": 0.0 if scooter else 0.55, "tub": 0.15, "top_case": 0.35, "child": 0.16,
        "quilt": 0.13, "cape": 0.07, "backrest": 0.4, "pedals": 0.0 if scooter else 0.8, "screen": 0.12,
        "bags": 0.12, "phone": 0.5,
    }  # fmt: skip
    extras = {name for name, share in wanted.items() if rng.random() < share}
    if courier >= 0:
        extras -= {"top_case", "child", "backrest", "basket", "bags"}
        extras |= {"phone"}
    if "child" in extras:
        extras -= {"top_case", "backrest", "cape"}
    if "cape" in extras:
        extras -= {"quilt", "screen", "phone"}
    grow = float(rng.uniform(-1.0, 1.0))
    panels: tuple[Color, ...] = ((34, 34, 36), (58, 58, 62), (206, 206, 204), (92, 84, 78))
    accents: tuple[Color, ...] = ((190, 30, 34), (224, 170, 30), (40, 110, 190), (60, 62, 66), (226, 110, 40))
    return Style(
        scooter=scooter,
        radius_m=round((0.232 if scooter else 0.205) + 0.012 * grow, 2),
        tyre_m=0.09 if scooter else 0.07,
        base_m=(1.24 if scooter else 1.13) + 0.05 * grow,
        saddle_m=(0.755 if scooter else 0.735) + 0.025 * float(rng.uniform(-1, 1)),
        bar_m=(1.05 if scooter else 1.02) + 0.03 * float(rng.uniform(-1, 1)),
        bar_half_m=(0.335 if scooter else 0.305) + 0.02 * float(rng.uniform(-1, 1)),
        board_m=0.30 if scooter else 0.275,
        half_m=(0.165 if scooter else 0.125) + 0.012 * float(rng.uniform(-1, 1)),
        round_lamp=bool(rng.random() < 0.5),
        panel=panels[int(rng.integers(len(panels)))],
        accent=accents[int(rng.integers(len(accents)))],
        courier=courier,
        extras=frozenset(extras),
    )
