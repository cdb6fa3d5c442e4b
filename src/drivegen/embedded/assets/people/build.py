"""Who a person is: proportions, clothes, hair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

Color = tuple[int, int, int]


class Kind(StrEnum):
    """Age and sex as far as the body shows them."""

    MAN = "man"
    WOMAN = "woman"
    BOY = "boy"
    GIRL = "girl"
    OLD_MAN = "old_man"
    OLD_WOMAN = "old_woman"


class Top(StrEnum):
    """What covers the upper body."""

    JACKET = "jacket"
    SHIRT = "shirt"
    COAT = "coat"
    TEE = "tee"
    HOODIE = "hoodie"
    DOWN = "down"
    """A quilted down jacket."""
    LONG_COAT = "long_coat"
    """To the knee."""
    DRESS = "dress"
    """With short sleeves; its skirt is of the same cloth."""


class Bottom(StrEnum):
    """What covers the legs."""

    TROUSERS = "trousers"
    SKIRT = "skirt"
    SHORTS = "shorts"
    LONG_SKIRT = "long_skirt"


class Hair(StrEnum):
    """How the head is covered."""

    SHORT = "short"
    LONG = "long"
    TAIL = "tail"
    BALD = "bald"
    CAP = "cap"
    HELMET = "helmet"
    """A bicycle helmet."""
    FULL_HELMET = "full_helmet"
    """A motorcycle helmet with a visor."""
    BOB = "bob"
    BUN = "bun"
    CROP = "crop"
    """Clipped to a few millimetres."""
    FRINGE = "fringe"
    CURLS = "curls"
    PIGTAILS = "pigtails"
    BEANIE = "beanie"
    SUN_HAT = "sun_hat"
    HARD_HAT = "hard_hat"
    PEAKED_CAP = "peaked_cap"
    """Of a uniform."""


class Luggage(StrEnum):
    """What is carried."""

    NONE = "none"
    BACKPACK = "backpack"
    HANDBAG = "handbag"
    SATCHEL = "satchel"
    """A school bag on the back."""
    CROSSBODY = "crossbody"
    """A small bag on a strap across the chest."""


class Pattern(StrEnum):
    """What is on the cloth of the upper body."""

    PLAIN = "plain"
    STRIPES = "stripes"
    BLOCK = "block"
    """Chest and shoulders in another colour."""
    CHEST = "chest"
    """A printed patch on the chest."""
    SLEEVES = "sleeves"
    """Sleeves in another colour."""


class Outfit(StrEnum):
    """What is worn over or beside it."""

    PLAIN = "plain"
    HI_VIS = "hi_vis"
    """A vest with bands that reflect: two round the trunk, one over each shoulder (EN ISO 20471)."""
    POLICE = "police"
    SCHOOL = "school"
    """A tracksuit with a stripe along the sleeves, and a red neckerchief."""
    COURIER = "courier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A body's measures as shares of its height, and what it wears.

    Shares are means of adults' body measurements (Drillis and Contini 1966; Winter 2009, figure 4.1), rounded
    and, for children, with the larger head and shorter limbs of about eight years.
    """

    height_m: float
    """Sole to crown, hair and headgear included."""
    kind: Kind
    top: Top = Top.JACKET
    bottom: Bottom = Bottom.TROUSERS
    hair: Hair = Hair.SHORT
    luggage: Luggage = Luggage.NONE
    skin: Color = (224, 178, 148)
    hair_color: Color = (28, 24, 22)
    shoe_color: Color = (40, 38, 38)
    accent: Color = (230, 230, 228)
    """Shirt under an open jacket, straps, soles."""
    girth: float = 1.0
    """Scale of widths and depths."""
    belly: float = 0.0
    """How far the belly stands out, as a share of the height; 0 flat to 0.03."""
    pattern: Pattern = Pattern.PLAIN
    outfit: Outfit = Outfit.PLAIN
    second: Color = (222, 222, 220)
    """The other colour of a pattern, and of a vest."""
    bag_color: Color = (60, 60, 66)
    under: Hair = Hair.CROP
    """The hair beneath headgear."""
    glasses: bool = False
    mask: bool = False
    boots: bool = False
    scarf: Color | None = None
    stoop_rad: float = 0.0
    """How far the back is bent."""
    leg_ease: float = 0.0
    """How much wider than the leg the trousers are, as a share of the height."""
    rest: float = 0.0
    """How a standing body rests: 1 on the left leg, -1 on the right, 0 on both."""
    pace_m: float = 0.0
    """Height that the steps are scaled by, where it is not the body's."""
    hip: float = 0.525
    hip_half: float = 0.050
    knee: float = 0.285
    ankle: float = 0.046
    shoulder: float = 0.812
    shoulder_half: float = 0.096
    upper_arm: float = 0.170
    forearm: float = 0.145
    hand: float = 0.100
    head: float = 0.132
    foot: float = 0.148

    @property
    def leg_m(self) -> float:
        """Hip joint to ankle."""
        return (self.hip - self.ankle) * self.height_m

    @property
    def woman(self) -> bool:
        """Which torso."""
        return self.kind in (Kind.WOMAN, Kind.OLD_WOMAN)

    @property
    def skirted(self) -> bool:
        """Whether something hangs about both legs."""
        return self.bottom in (Bottom.SKIRT, Bottom.LONG_SKIRT) or self.top in (Top.DRESS, Top.LONG_COAT)

    @property
    def skirt_of_top(self) -> bool:
        """Whether that has the colour of the top."""
        return self.top in (Top.DRESS, Top.LONG_COAT)

    @property
    def bare_arms(self) -> bool:
        """Short sleeves."""
        return self.top in (Top.TEE, Top.DRESS)

    @property
    def bare_legs(self) -> bool:
        """Skin below the knee."""
        return self.bottom != Bottom.TROUSERS or self.top == Top.DRESS


SKINS: tuple[Color, ...] = (
    (232, 190, 160),
    (224, 178, 148),
    (208, 160, 126),
    (190, 140, 106),
    (150, 104, 76),
    (104, 70, 52),
)
HAIRS: tuple[Color, ...] = ((22, 20, 20), (30, 25, 22), (48, 34, 26), (70, 48, 32))
GREYS: tuple[Color, ...] = ((150, 148, 146), (190, 188, 186), (110, 108, 108))
TOPS: tuple[Color, ...] = (
    (38, 44, 58), (66, 70, 76), (150, 44, 44), (44, 82, 120), (214, 208, 196), (52, 74, 58),
    (190, 150, 84), (120, 88, 66), (226, 226, 228), (92, 104, 128), (196, 110, 120), (30, 30, 32),
    (214, 122, 52), (110, 140, 168),
)  # fmt: skip
BOTTOMS: tuple[Color, ...] = (
    (34, 38, 52),
    (44, 56, 86),
    (28, 28, 30),
    (86, 82, 76),
    (120, 108, 90),
    (64, 66, 70),
    (60, 72, 98),
)
SHOES: tuple[Color, ...] = ((36, 34, 34), (222, 222, 220), (92, 66, 46), (60, 62, 70), (150, 40, 40))
ACCENTS: tuple[Color, ...] = ((232, 232, 230), (180, 186, 194), (60, 90, 140), (206, 180, 120))


def _pick(rng: np.random.Generator, options: tuple[Color, ...]) -> Color:
    return options[int(rng.integers(len(options)))]


def draw_build(kind: Kind, height_m: float, rng: np.random.Generator) -> Build:
    """A person of a kind, all else drawn."""
    old = kind in (Kind.OLD_MAN, Kind.OLD_WOMAN)
    woman = kind in (Kind.WOMAN, Kind.OLD_WOMAN)
    build = Build(
        height_m=height_m,
        kind=kind,
        top=Top(str(rng.choice(["jacket", "jacket", "shirt", "coat", "tee"]))),
        bottom=Bottom(
            str(rng.choice(["trousers", "trousers", "skirt"] if woman else ["trousers"] * 4 + ["shorts"]))
        ),
        hair=Hair(
            str(rng.choice(["long", "tail", "short"] if woman else ["short", "short", "short", "cap"]))
        ),
        luggage=Luggage(
            str(rng.choice(["none", "handbag", "backpack"] if woman else ["none", "none", "backpack"]))
        ),
        skin=_pick(rng, SKINS[:4] if rng.random() < 0.85 else SKINS),
        hair_color=_pick(rng, GREYS if old else HAIRS),
        shoe_color=_pick(rng, SHOES),
        accent=_pick(rng, ACCENTS),
        girth=float(rng.uniform(0.94, 1.10 if not old else 1.14)),
    )
    if kind == Kind.OLD_MAN:
        hair = Hair.BALD if rng.random() < 0.4 else Hair.SHORT
        build = replace(
            build, hair=hair, luggage=Luggage.NONE, top=Top.JACKET if build.top == Top.TEE else build.top
        )
    if kind == Kind.OLD_WOMAN:
        build = replace(build, hair=Hair.SHORT, bottom=Bottom.TROUSERS)
    if woman:
        build = replace(build, shoulder_half=0.086, hip_half=0.052)
    if kind in (Kind.BOY, Kind.GIRL):
        build = replace(
            build,
            luggage=Luggage.BACKPACK if rng.random() < 0.6 else Luggage.NONE,
            hip=0.49,
            knee=0.27,
            ankle=0.048,
            shoulder=0.775,
            upper_arm=0.160,
            forearm=0.135,
            hand=0.098,
            head=0.175,
            foot=0.150,
        )
        if kind == Kind.GIRL:
            build = replace(build, hair=Hair.TAIL if rng.random() < 0.6 else Hair.LONG)
    return build
