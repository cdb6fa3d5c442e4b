"""What riders wear: drawn for each variant."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.people.build import BOTTOMS, TOPS, Color
from drivegen.embedded.assets.vehicles.light.bodies import BODIES, Outfit, Sort
from drivegen.embedded.assets.vehicles.light.headgear import Headgear

HELMETS: tuple[Color, ...] = (
    (232, 232, 230), (30, 30, 32), (196, 36, 40), (236, 150, 170), (60, 110, 170), (240, 200, 60),
    (150, 196, 190), (110, 112, 118), (96, 60, 120), (214, 206, 186),
)  # fmt: skip
GLOVES: tuple[Color, ...] = ((30, 30, 32), (60, 60, 66), (90, 40, 44))


def _pick(rng: np.random.Generator, options: tuple[Color, ...]) -> Color:
    return options[int(rng.integers(len(options)))]


def _among(rng: np.random.Generator, shares: dict[Headgear, float]) -> Headgear:
    names = tuple(shares)
    weights = np.array([shares[n] for n in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]


EVERYDAY = {
    Headgear.HALF: 0.42,
    Headgear.VISOR: 0.26,
    Headgear.OPEN: 0.20,
    Headgear.NONE: 0.08,
    Headgear.CAP: 0.04,
}
COURIERS = {Headgear.HALF: 0.55, Headgear.OPEN: 0.35, Headgear.VISOR: 0.10}
CYCLISTS = {
    Headgear.NONE: 0.62,
    Headgear.BICYCLE: 0.14,
    Headgear.CAP: 0.10,
    Headgear.SUN_HAT: 0.06,
    Headgear.BEANIE: 0.08,
}
RACERS = {Headgear.BICYCLE: 0.92, Headgear.NONE: 0.08}
MOTORCYCLISTS = {Headgear.FULL: 0.62, Headgear.OPEN: 0.33, Headgear.VISOR: 0.05}
WORKERS = {Headgear.NONE: 0.35, Headgear.HALF: 0.25, Headgear.CAP: 0.25, Headgear.SUN_HAT: 0.15}


def draw_outfit(
    rng: np.random.Generator,
    sort: Sort,
    kit_colors: tuple[Color, Color] | None = None,
    headgear: dict[Headgear, float] | None = None,
) -> Outfit:
    """A body and its clothes.

    Args:
        rng: of the variant.
        sort: which bodies.
        kit_colors: of a courier: jacket and helmet, and what goes with it.
        headgear: shares of what is worn on the head; usual ones by default.
    """
    index = int(rng.integers(BODIES[sort]))
    usual = COURIERS if sort == Sort.COURIER else WORKERS if sort == Sort.WORKER else EVERYDAY
    hat = _among(rng, headgear if headgear is not None else usual)
    top, bottom, helmet = _pick(rng, TOPS), _pick(rng, BOTTOMS), _pick(rng, HELMETS)
    if kit_colors is not None:
        top, helmet = kit_colors[0], kit_colors[0]
        bottom = _pick(rng, ((30, 30, 34), (40, 44, 56), (60, 60, 64)))
    elif sort == Sort.WORKER and rng.random() < 0.5:
        top = _pick(rng, ((60, 66, 78), (52, 70, 92), (86, 92, 84), (222, 108, 30)))
    gloves = _pick(rng, GLOVES) if rng.random() < 0.3 else None
    return Outfit(
        sort=sort,
        index=index,
        headgear=hat,
        headgear_rgb=helmet,
        top_rgb=top,
        bottom_rgb=bottom,
        gloves_rgb=gloves,
    )


def draw_passenger(rng: np.random.Generator, sort: Sort) -> Outfit:
    """Somebody who rides along."""
    bright: tuple[Color, ...] = (
        (214, 80, 90),
        (70, 130, 190),
        (236, 190, 70),
        (110, 170, 120),
        (230, 150, 180),
    )
    child = sort == Sort.CHILD
    hats = {Headgear.HALF: 0.7, Headgear.NONE: 0.3} if child else {Headgear.NONE: 0.7, Headgear.CAP: 0.3}
    return Outfit(
        sort=sort,
        index=int(rng.integers(BODIES[sort])),
        headgear=_among(rng, hats),
        headgear_rgb=_pick(rng, bright if child else HELMETS),
        top_rgb=_pick(rng, bright if child else TOPS),
        bottom_rgb=_pick(rng, BOTTOMS),
    )
