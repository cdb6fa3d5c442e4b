"""What the members of families look like: stature, build, clothes, colours; each drawn from its variant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.people.build import (
    GREYS,
    HAIRS,
    Bottom,
    Build,
    Color,
    Hair,
    Kind,
    Luggage,
    Outfit,
    Pattern,
    Top,
)

T = TypeVar("T")

STATURE_M: dict[Kind, tuple[float, float]] = {
    Kind.MAN: (1.687, 0.067),
    Kind.WOMAN: (1.572, 0.059),
    Kind.OLD_MAN: (1.650, 0.062),
    Kind.OLD_WOMAN: (1.530, 0.056),
}
"""Mean and deviation of barefoot adults: medians and the distance of the 5th and 95th percentiles, over 3.29,
of men and women of 18 to 70 years (GB/T 10000-2023); the old are some centimetres shorter."""
CHILD_M = (0.87, 0.96, 1.03, 1.10, 1.16, 1.22, 1.27, 1.33, 1.38, 1.43, 1.50, 1.57, 1.63)
"""Median stature at 2, 3, ... 14 years, mean of girls and boys (WHO standards of 2006, reference of 2007)."""
FIRST_YEAR = 2
CHILD_DEVIATION = 0.04
SHOES_M = 0.025
HAIR_M = 0.015

SKIN: tuple[Color, ...] = (
    (238, 200, 172), (232, 190, 160), (226, 182, 150), (218, 172, 138), (206, 158, 124), (194, 144, 112),
    (178, 128, 98),
)  # fmt: skip
FAR_SKIN: tuple[Color, ...] = ((240, 206, 186), (150, 104, 76), (104, 70, 52), (80, 54, 42))
DYED_HAIR: tuple[Color, ...] = ((96, 60, 36), (122, 78, 44), (72, 40, 34), (150, 108, 62))
DARK: tuple[Color, ...] = ((30, 31, 36), (38, 44, 58), (52, 54, 60), (44, 40, 40), (28, 40, 62), (60, 50, 44))
BRIGHT: tuple[Color, ...] = (
    (176, 40, 42), (214, 92, 42), (222, 178, 60), (52, 122, 84), (40, 104, 160), (98, 70, 150),
    (206, 96, 132), (46, 150, 160), (122, 160, 60),
)  # fmt: skip
SOFT: tuple[Color, ...] = (
    (226, 224, 218), (206, 196, 178), (178, 190, 204), (216, 188, 190), (186, 200, 180), (160, 148, 132),
    (196, 176, 144), (140, 156, 172), (232, 216, 178), (150, 134, 150),
)  # fmt: skip
DENIM: tuple[Color, ...] = ((44, 58, 92), (62, 80, 112), (30, 36, 54), (98, 116, 142))
CHINO: tuple[Color, ...] = (
    (34, 35, 40),
    (62, 62, 66),
    (128, 116, 96),
    (84, 84, 70),
    (168, 156, 132),
    (40, 46, 60),
)
SHOES: tuple[Color, ...] = (
    (34, 33, 34),
    (226, 226, 224),
    (88, 62, 44),
    (70, 74, 84),
    (166, 46, 46),
    (60, 84, 120),
)
BAGS: tuple[Color, ...] = (
    (36, 38, 44),
    (88, 60, 42),
    (150, 46, 48),
    (40, 70, 110),
    (96, 110, 84),
    (190, 160, 120),
    (210, 206, 200),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A member of a family: a body in clothes and their colours."""

    build: Build
    top: Color
    bottom: Color


def pick(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of some, each as likely as its weight says."""
    if weights is None:
        return options[int(rng.integers(len(options)))]
    edges = np.cumsum(np.asarray(weights, np.float64))
    return options[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]


def _stature(kind: Kind, rng: np.random.Generator, years: tuple[float, float]) -> float:
    if kind in STATURE_M:
        mean, deviation = STATURE_M[kind]
        return float(np.clip(rng.normal(mean, deviation), mean - 2.4 * deviation, mean + 2.6 * deviation))
    age = float(rng.uniform(*years))
    median = float(np.interp(age, FIRST_YEAR + np.arange(len(CHILD_M)), CHILD_M))
    return median * float(np.clip(rng.normal(1.0, CHILD_DEVIATION), 0.92, 1.08))


def _shares(stature_m: float, kind: Kind) -> dict[str, Any]:
    """Proportions of a body: those of adults, and of children by their stature.

    Heads of children are as large as the growth of the head says: 0.21 of the stature at two years, 0.16 at
    eight, 0.13 in adults (Bogin 1999), and legs grow from under a half.
    """
    if kind in STATURE_M:
        woman = kind in (Kind.WOMAN, Kind.OLD_WOMAN)
        return {"shoulder_half": 0.086, "hip_half": 0.052} if woman else {}
    grown = float(np.clip((stature_m - 0.85) / 0.75, 0.0, 1.0))

    def between(small: float, great: float) -> float:
        return small + (great - small) * grown

    return {
        "hip": between(0.455, 0.522), "knee": between(0.250, 0.283), "ankle": between(0.050, 0.046),
        "shoulder": between(0.735, 0.808), "shoulder_half": between(0.093, 0.092),
        "upper_arm": between(0.150, 0.169), "forearm": between(0.124, 0.144), "hand": between(0.094, 0.100),
        "head": between(0.212, 0.138), "foot": between(0.150, 0.150), "hip_half": between(0.052, 0.051),
    }  # fmt: skip


def body(kind: Kind, rng: np.random.Generator, years: tuple[float, float] = (6.0, 12.0)) -> Build:
    """A body with skin and hair, not dressed yet."""
    stature = _stature(kind, rng, years)
    old = kind in (Kind.OLD_MAN, Kind.OLD_WOMAN)
    child = kind in (Kind.BOY, Kind.GIRL)
    # Widths follow the body-mass index, whose scatter among adults is some 14 % (so widths' is half of that).
    heavy = float(np.clip(rng.normal(0.0, 1.0), -1.7, 2.2))
    girth = (1.0 if not child else 1.04 + 0.18 * max(0.0, (1.1 - stature) / 0.25)) + 0.055 * heavy
    hair = pick(rng, GREYS, (2, 2, 3)) if old and rng.random() < 0.8 else pick(rng, HAIRS, (5, 4, 2, 1))
    if not old and not child and rng.random() < 0.12:
        hair = pick(rng, DYED_HAIR)
    skin = pick(rng, SKIN, (2, 4, 5, 5, 3, 2, 1)) if rng.random() < 0.94 else pick(rng, FAR_SKIN)
    return Build(
        height_m=round(stature + SHOES_M + HAIR_M, 4),
        kind=kind,
        skin=skin,
        hair_color=hair,
        girth=round(girth, 4),
        belly=round(max(0.0, 0.008 * heavy + (0.006 if old else 0.0)), 4),
        glasses=bool(rng.random() < (0.35 if not child else 0.2)),
        rest=float(pick(rng, (1.0, -1.0, 0.7, -0.7, 0.3))),
        shoe_color=pick(rng, SHOES, (5, 4, 2, 2, 1, 1)),
        bag_color=pick(rng, BAGS),
        accent=pick(rng, SOFT),
        leg_ease=float(pick(rng, (0.0, 0.002, 0.004, 0.008), (2, 3, 3, 1.5))),
        **_shares(stature, kind),
    )


def _top_color(top: Top, rng: np.random.Generator) -> Color:
    if top in (Top.COAT, Top.LONG_COAT):
        return pick(rng, (*DARK, (150, 118, 84), (170, 160, 148), (120, 40, 44), (196, 176, 144)))
    if top == Top.SHIRT:
        return pick(rng, (*SOFT, (236, 238, 240), (236, 238, 240), (120, 150, 190), (40, 44, 60)))
    if top == Top.DRESS:
        return pick(rng, (*BRIGHT, *SOFT, (34, 36, 48), (60, 64, 90)))
    return pick(rng, (*DARK, *BRIGHT, *SOFT, *DARK))


_PATTERNS: dict[Top, dict[Pattern, float]] = {
    Top.TEE: {Pattern.PLAIN: 4, Pattern.STRIPES: 2, Pattern.CHEST: 3, Pattern.BLOCK: 1},
    Top.HOODIE: {Pattern.PLAIN: 4, Pattern.CHEST: 3, Pattern.SLEEVES: 1.5, Pattern.BLOCK: 1},
    Top.JACKET: {Pattern.PLAIN: 5, Pattern.BLOCK: 2, Pattern.SLEEVES: 1},
    Top.DOWN: {Pattern.PLAIN: 4, Pattern.BLOCK: 1},
    Top.SHIRT: {Pattern.PLAIN: 5, Pattern.STRIPES: 1},
    Top.DRESS: {Pattern.PLAIN: 4, Pattern.STRIPES: 1, Pattern.BLOCK: 1},
}


def _dress(
    build: Build, rng: np.random.Generator, tops: Mapping[Top, float], bottoms: Mapping[Bottom, float]
) -> Look:
    top = pick(rng, tuple(tops), tuple(tops.values()))
    bottom = pick(rng, tuple(bottoms), tuple(bottoms.values()))
    warm = top in (Top.DOWN, Top.COAT, Top.LONG_COAT)
    if (warm and bottom == Bottom.SHORTS) or top == Top.LONG_COAT:
        bottom = Bottom.TROUSERS
    if top == Top.DRESS:
        bottom = Bottom.SKIRT
    color = _top_color(top, rng)
    patterns = _PATTERNS.get(top, {Pattern.PLAIN: 1})
    pattern = pick(rng, tuple(patterns), tuple(patterns.values()))
    legs = pick(rng, DENIM) if rng.random() < 0.45 else pick(rng, CHINO)
    if top == Top.DRESS:
        legs = color
    elif bottom in (Bottom.SKIRT, Bottom.LONG_SKIRT):
        legs = pick(rng, (*DARK, *SOFT, *BRIGHT[:1], *BRIGHT[4:7]))
    boots = bool(warm and build.woman and rng.random() < 0.4)
    return Look(
        build=replace(
            build,
            top=top,
            bottom=bottom,
            pattern=pattern,
            second=pick(rng, (*SOFT, *BRIGHT, *DARK)),
            boots=boots,
            shoe_color=pick(rng, ((34, 32, 32), (96, 66, 44))) if boots else build.shoe_color,
            scarf=pick(rng, (*BRIGHT, *SOFT)) if warm and rng.random() < 0.35 else None,
            mask=bool(rng.random() < 0.13),
        ),
        top=color,
        bottom=legs,
    )


def _hatted(look: Look, rng: np.random.Generator, hats: Mapping[Hair, float], style: Hair) -> Look:
    """Hair of a style, or a hat over it."""
    hat = pick(rng, (style, *hats), (1.0 - sum(hats.values()), *hats.values()))
    color = pick(rng, (*BRIGHT, *SOFT, *DARK)) if hat != style else look.build.accent
    return replace(look, build=replace(look.build, hair=hat, under=style, accent=color))


def man(rng: np.random.Generator) -> Look:
    """A grown man in everyday clothes."""
    tops = {
        Top.TEE: 3,
        Top.SHIRT: 3,
        Top.JACKET: 4,
        Top.HOODIE: 2,
        Top.COAT: 1.5,
        Top.DOWN: 2,
        Top.LONG_COAT: 0.8,
    }
    look = _dress(body(Kind.MAN, rng), rng, tops, {Bottom.TROUSERS: 6, Bottom.SHORTS: 1})
    style = pick(rng, (Hair.SHORT, Hair.CROP, Hair.FRINGE, Hair.CURLS, Hair.BALD), (6, 2, 2, 0.4, 0.5))
    look = _hatted(look, rng, {Hair.CAP: 0.12, Hair.BEANIE: 0.05}, style)
    bag = pick(rng, (Luggage.NONE, Luggage.BACKPACK, Luggage.CROSSBODY), (6, 2.2, 1))
    return replace(look, build=replace(look.build, luggage=bag))


def woman(rng: np.random.Generator) -> Look:
    """A grown woman in everyday clothes."""
    tops = {
        Top.TEE: 2.5, Top.SHIRT: 2.5, Top.JACKET: 3, Top.HOODIE: 1.5, Top.COAT: 1.5, Top.DOWN: 2,
        Top.LONG_COAT: 1.5, Top.DRESS: 2.5,
    }  # fmt: skip
    bottoms = {Bottom.TROUSERS: 5, Bottom.SKIRT: 1.5, Bottom.LONG_SKIRT: 1, Bottom.SHORTS: 0.6}
    look = _dress(body(Kind.WOMAN, rng), rng, tops, bottoms)
    style = pick(
        rng, (Hair.LONG, Hair.TAIL, Hair.BOB, Hair.BUN, Hair.CURLS, Hair.FRINGE), (4, 4, 2.5, 1.5, 0.6, 0.8)
    )
    look = _hatted(look, rng, {Hair.SUN_HAT: 0.07, Hair.BEANIE: 0.05, Hair.CAP: 0.05}, style)
    bag = pick(rng, (Luggage.NONE, Luggage.HANDBAG, Luggage.BACKPACK, Luggage.CROSSBODY), (4, 2.5, 1.5, 1.5))
    return replace(look, build=replace(look.build, luggage=bag))


def old_man(rng: np.random.Generator) -> Look:
    """A man of seventy and more, a little bent."""
    tops = {Top.JACKET: 4, Top.SHIRT: 2.5, Top.DOWN: 2, Top.COAT: 1.5, Top.TEE: 1}
    look = _dress(body(Kind.OLD_MAN, rng), rng, tops, {Bottom.TROUSERS: 1})
    style = pick(rng, (Hair.SHORT, Hair.CROP, Hair.BALD), (3, 2, 3))
    look = _hatted(look, rng, {Hair.CAP: 0.22, Hair.BEANIE: 0.10, Hair.SUN_HAT: 0.05}, style)
    return replace(look, build=replace(look.build, stoop_rad=float(rng.uniform(0.06, 0.30))))


def old_woman(rng: np.random.Generator) -> Look:
    """A woman of seventy and more, a little bent."""
    tops = {Top.JACKET: 4, Top.SHIRT: 2.5, Top.DOWN: 2.5, Top.COAT: 1.5, Top.TEE: 0.7}
    look = _dress(body(Kind.OLD_WOMAN, rng), rng, tops, {Bottom.TROUSERS: 6, Bottom.LONG_SKIRT: 1})
    style = pick(rng, (Hair.FRINGE, Hair.CURLS, Hair.BOB, Hair.BUN), (3, 3, 1.5, 1))
    look = _hatted(look, rng, {Hair.SUN_HAT: 0.10, Hair.BEANIE: 0.12}, style)
    bag = pick(rng, (Luggage.NONE, Luggage.CROSSBODY, Luggage.HANDBAG), (3, 1, 1))
    return replace(look, build=replace(look.build, stoop_rad=float(rng.uniform(0.08, 0.36)), luggage=bag))


def boy(rng: np.random.Generator) -> Look:
    """A boy of six to twelve."""
    tops = {Top.TEE: 4, Top.HOODIE: 3, Top.JACKET: 3, Top.DOWN: 2}
    look = _dress(body(Kind.BOY, rng), rng, tops, {Bottom.TROUSERS: 3, Bottom.SHORTS: 2})
    style = pick(rng, (Hair.SHORT, Hair.CROP, Hair.FRINGE), (3, 2, 3))
    look = _hatted(look, rng, {Hair.CAP: 0.15, Hair.BEANIE: 0.06}, style)
    return _small(look, rng, 0.3)


def girl(rng: np.random.Generator) -> Look:
    """A girl of six to twelve."""
    tops = {Top.TEE: 3, Top.HOODIE: 2.5, Top.JACKET: 3, Top.DOWN: 2, Top.DRESS: 2.5}
    bottoms = {Bottom.TROUSERS: 4, Bottom.SKIRT: 2, Bottom.SHORTS: 1}
    look = _dress(body(Kind.GIRL, rng), rng, tops, bottoms)
    style = pick(rng, (Hair.TAIL, Hair.PIGTAILS, Hair.BOB, Hair.LONG, Hair.BUN), (4, 2.5, 2, 1, 0.7))
    return _small(_hatted(look, rng, {Hair.SUN_HAT: 0.07, Hair.BEANIE: 0.06}, style), rng, 0.3)


def toddler(rng: np.random.Generator) -> Look:
    """A child of two to five."""
    kind = pick(rng, (Kind.BOY, Kind.GIRL))
    tops = {
        Top.TEE: 3,
        Top.HOODIE: 3,
        Top.JACKET: 2,
        Top.DOWN: 3,
        **({Top.DRESS: 2} if kind == Kind.GIRL else {}),
    }
    look = _dress(body(kind, rng, (2.0, 5.0)), rng, tops, {Bottom.TROUSERS: 4, Bottom.SHORTS: 1})
    style = pick(
        rng,
        (Hair.BOB, Hair.PIGTAILS, Hair.TAIL) if kind == Kind.GIRL else (Hair.FRINGE, Hair.CROP, Hair.SHORT),
    )
    look = _hatted(look, rng, {Hair.SUN_HAT: 0.12, Hair.BEANIE: 0.15, Hair.CAP: 0.05}, style)
    return _small(look, rng, 0.0)


def _small(look: Look, rng: np.random.Generator, satchels: float) -> Look:
    bag = Luggage.SATCHEL if rng.random() < satchels else Luggage.NONE
    build = replace(look.build, luggage=bag, bag_color=pick(rng, BRIGHT), boots=False, mask=False)
    return replace(look, build=build)


def student(rng: np.random.Generator) -> Look:
    """A pupil in the tracksuit that schools wear, with a satchel and often the red neckerchief."""
    kind = pick(rng, (Kind.BOY, Kind.GIRL))
    build = body(kind, rng, (7.0, 14.0))
    style = (Hair.SHORT, Hair.CROP, Hair.FRINGE) if kind == Kind.BOY else (Hair.TAIL, Hair.BOB, Hair.PIGTAILS)
    school = pick(
        rng,
        (((36, 74, 148), (232, 234, 236)), ((150, 34, 42), (236, 234, 230)), ((34, 44, 76), (224, 228, 232)),
         ((30, 110, 96), (236, 236, 232)), ((232, 234, 236), (44, 84, 156)), ((70, 74, 84), (206, 60, 56))),
    )  # fmt: skip
    return Look(
        build=replace(
            build,
            top=Top.JACKET,
            bottom=Bottom.TROUSERS,
            hair=pick(rng, style),
            outfit=Outfit.SCHOOL if rng.random() < 0.75 else Outfit.PLAIN,
            pattern=pick(rng, (Pattern.BLOCK, Pattern.SLEEVES, Pattern.PLAIN), (4, 2, 1)),
            second=school[1],
            luggage=Luggage.SATCHEL,
            bag_color=pick(rng, BRIGHT),
            shoe_color=(226, 226, 224),
            leg_ease=0.006,
        ),
        top=school[0],
        bottom=school[0] if sum(school[0]) < 600 else school[1],
    )


def worker(rng: np.random.Generator) -> Look:
    """A road or building worker in a high-visibility vest and a helmet; street sweepers wear a cap."""
    kind = pick(rng, (Kind.MAN, Kind.WOMAN, Kind.OLD_MAN), (7, 1.5, 1.5))
    build = body(kind, rng)
    vest = pick(rng, ((206, 232, 46), (244, 112, 32), (236, 76, 34)), (3, 4, 1))
    helmet = pick(
        rng, ((240, 196, 30), (232, 232, 230), (196, 44, 40), (36, 92, 170), (240, 120, 30)), (4, 2, 2, 2, 1)
    )
    sweeper = rng.random() < 0.3
    return Look(
        build=replace(
            build,
            top=pick(rng, (Top.JACKET, Top.SHIRT, Top.TEE), (4, 2, 1.5)),
            bottom=Bottom.TROUSERS,
            hair=Hair.CAP if sweeper else Hair.HARD_HAT,
            under=Hair.BUN if kind == Kind.WOMAN else Hair.CROP,
            accent=vest if sweeper else helmet,
            outfit=Outfit.HI_VIS,
            second=vest,
            glasses=False,
            mask=bool(rng.random() < 0.15),
            luggage=Luggage.NONE,
            shoe_color=pick(rng, ((44, 40, 36), (82, 62, 44), (30, 30, 32))),
            leg_ease=0.006,
        ),
        top=vest if sweeper else pick(rng, ((44, 62, 98), (70, 74, 80), (36, 44, 60), (96, 100, 104))),
        bottom=vest
        if sweeper and rng.random() < 0.5
        else pick(rng, (*CHINO[:2], (44, 62, 98), (70, 74, 80))),
    )


def courier(rng: np.random.Generator) -> Look:
    """Who brings meals and parcels, in the jacket of an invented firm, often with a bag on the back."""
    kind = pick(rng, (Kind.MAN, Kind.WOMAN), (8, 1.2))
    look = _dress(body(kind, rng), rng, {Top.JACKET: 3, Top.TEE: 1}, {Bottom.TROUSERS: 1})
    firm = pick(rng, ((248, 196, 28), (40, 130, 214), (206, 44, 40), (60, 160, 86), (240, 116, 32)))
    hat = pick(rng, (Hair.HELMET, Hair.CAP), (3, 2))
    return Look(
        build=replace(
            look.build,
            hair=hat,
            under=Hair.TAIL if kind == Kind.WOMAN else Hair.CROP,
            accent=firm,
            outfit=Outfit.COURIER,
            pattern=Pattern.PLAIN,
            second=firm,
            luggage=pick(rng, (Luggage.SATCHEL, Luggage.NONE, Luggage.CROSSBODY), (3, 3, 1)),
            bag_color=firm if rng.random() < 0.6 else (48, 50, 56),
            scarf=None,
        ),
        top=pick(rng, ((40, 42, 48), (60, 62, 70), (232, 232, 230))),
        bottom=pick(rng, CHINO[:2]),
    )


def police_officer(rng: np.random.Generator) -> Look:
    """A police officer; traffic police wear the high-visibility vest."""
    kind = pick(rng, (Kind.MAN, Kind.WOMAN), (4, 1))
    build = body(kind, rng)
    traffic = rng.random() < 0.55
    winter = rng.random() < 0.5
    shirt = (148, 178, 210) if not winter else (26, 32, 52)
    return Look(
        build=replace(
            build,
            top=Top.JACKET if winter else pick(rng, (Top.SHIRT, Top.TEE)),
            bottom=Bottom.TROUSERS,
            hair=Hair.PEAKED_CAP,
            under=Hair.BUN if kind == Kind.WOMAN else Hair.CROP,
            accent=(26, 32, 52) if not traffic or rng.random() < 0.4 else (232, 232, 232),
            outfit=Outfit.HI_VIS if traffic else Outfit.POLICE,
            second=(196, 226, 44) if traffic else shirt,
            luggage=Luggage.NONE,
            glasses=bool(rng.random() < 0.2),
            shoe_color=(24, 24, 26),
            leg_ease=0.003,
        ),
        top=shirt,
        bottom=(26, 32, 52),
    )


def anybody(rng: np.random.Generator) -> Look:
    """A grown person."""
    return pick(rng, (man, woman))(rng)


def old_person(rng: np.random.Generator) -> Look:
    """An old person, hardly bent: who sits."""
    look = pick(rng, (old_man, old_woman, man, woman), (3, 3, 1, 1))(rng)
    build = replace(look.build, stoop_rad=0.3 * look.build.stoop_rad, luggage=Luggage.NONE)
    if build.top == Top.LONG_COAT:
        build = replace(build, top=Top.JACKET)
    if build.bottom in (Bottom.SKIRT, Bottom.LONG_SKIRT) or build.top == Top.DRESS:
        build = replace(
            build, bottom=Bottom.TROUSERS, top=Top.JACKET if build.top == Top.DRESS else build.top
        )
        return replace(look, build=build, bottom=pick(rng, CHINO))
    return replace(look, build=build)


def free_back(look: Look) -> Look:
    """The same without a bag that hands would be in the way of."""
    keep = look.build.luggage in (Luggage.BACKPACK, Luggage.SATCHEL)
    return replace(look, build=replace(look.build, luggage=look.build.luggage if keep else Luggage.NONE))


@lru_cache(maxsize=4096)
def look_of(family: str, draw: Callable[[np.random.Generator], Look], variant: int) -> Look:
    """The look of a member."""
    return draw(derive_rng("walker family", family, variant))
