"""Who is about: families and members, parties, speeds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from drivegen_generators.pedestrians.dice import Dice

_CHILD_NUMBERS = (9, 10, 11, 12, 13, 14, 48, 49)
"""Numbers of CARLA 0.9.16's walker blueprints that are 1.1 or 1.3 m tall."""

_ALL = 52

_GROWN_NUMBERS = tuple(n for n in range(1, _ALL + 1) if n not in _CHILD_NUMBERS)

POOL = 24
"""So many different people of a scene at most: each takes the server time and memory."""

GREATEST_VARIANT = 65535

ADULTS: dict[str, float] = {
    "woman": 0.37, "man": 0.37, "old_woman": 0.075, "old_man": 0.07, "traveller": 0.02, "courier": 0.025,
    "worker": 0.03, "police_officer": 0.01, "stroller": 0.02, "wheelchair": 0.01,
}  # fmt: skip
"""Families of drivegen's grown people and their shares on a street; this project's own figures."""

CHILDREN: dict[str, float] = {"girl": 0.3, "boy": 0.3, "student": 0.25, "toddler": 0.15}

UNDER_UMBRELLAS = ("woman", "man")
"""Who opens an umbrella in rain."""

PACE: dict[str, float] = {
    "old_woman": 0.78, "old_man": 0.80, "stroller": 0.88, "wheelchair": 0.75, "traveller": 0.95,
    "toddler": 0.72, "courier": 1.15,
}  # fmt: skip
"""Their speeds against those of other adults, and toddlers' against other children's."""

ROLES: dict[str, str] = {"courier": "delivery", "wheelchair": "wheelchair"}
"""Of families that are there for something."""

SLOWEST_MPS, FASTEST_MPS = 0.6, 2.2

SIZES = ((2, 0.7), (3, 0.2), (4, 0.1))
"""Of groups and their shares; pairs are by far the most (Moussaid et al. 2010, PLoS ONE 5, e10047)."""

ACCOMPANIED = 0.85
"""Of children that have an adult with them, where there are enough adults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One walker without a way."""

    blueprint: str
    variant: int
    stand_in: str
    speed_mps: float
    roles: tuple[str, ...]


class Crowd:
    """Who is about in a scene: each member of a family drawn anew until there are `POOL` of them.

    Args:
        dice: To draw from.
        families: People of drivegen's own families, else CARLA's.
        umbrella_share: Of grown people without hands full.
        speed_mps: Mean and deviation of adults.
        child_speed_mps: Mean of children.
    """

    def __init__(
        self,
        dice: Dice,
        *,
        families: bool,
        umbrella_share: float,
        speed_mps: tuple[float, float],
        child_speed_mps: float,
    ) -> None:
        self._dice = dice
        self._families = families
        self._umbrella_share = umbrella_share
        self._speed_mps = speed_mps
        self._child_speed_mps = child_speed_mps
        self._pool: list[tuple[bool, str, int]] = []

    def person(self, child: bool) -> Person:
        """The next one."""
        dice = self._dice
        mean, deviation = self._speed_mps
        speed = dice.normal(self._child_speed_mps if child else mean, deviation)
        number = dice.choice(_CHILD_NUMBERS if child else _GROWN_NUMBERS)
        blueprint = f"walker.pedestrian.{number:04d}"
        variant, stand_in = 0, ""
        roles: tuple[str, ...] = ()
        if self._families:
            family, variant = self._member(child)
            blueprint, stand_in = f"walker.drivegen.{family}", blueprint
            speed *= PACE.get(family, 1.0)
            roles = (ROLES[family],) if family in ROLES else ()
        return Person(
            blueprint=blueprint,
            variant=variant,
            stand_in=stand_in,
            speed_mps=round(min(max(speed, SLOWEST_MPS), FASTEST_MPS), 3),
            roles=roles,
        )

    def _member(self, child: bool) -> tuple[str, int]:
        """Family and variant."""
        dice = self._dice
        names, sums = _CHILD_SUMS if child else _ADULT_SUMS
        family = names[dice.weighted(sums)]
        opens, variant = dice.chance(self._umbrella_share), dice.index(GREATEST_VARIANT + 1)
        if opens and family in UNDER_UMBRELLAS:
            family = "umbrella"
        # The last place waits for the first one of the other age.
        both = any(c != child for c, _, _ in self._pool)
        if len(self._pool) < (POOL if both else POOL - 1):
            self._pool.append((child, family, variant))
            return family, variant
        alike = [(f, v) for _, f, v in self._pool if f == family]
        alike = alike or [(f, v) for c, f, v in self._pool if c == child]
        return alike[variant % len(alike)]


def parties(dice: Dice, count: int, child_share: float, group_share: float) -> list[tuple[bool, ...]]:
    """Who walks together: of each party, whether each member is a child; adults come first.

    Args:
        dice: To draw from.
        count: Of people.
        child_share: Of them.
        group_share: Of them that walk in groups.
    """
    children = sum(dice.chance(child_share) for _ in range(count))
    adults = count - children
    grouped = dice.count(group_share * count)
    out: list[tuple[bool, ...]] = []
    # Children first: as far as they go, they are who is in company.
    led = sum(dice.chance(ACCOMPANIED) for _ in range(children)) if group_share > 0.0 else 0
    alone = children - led
    while grouped > 1 and adults + led > 1:
        size = min(SIZES[dice.weighted(_SIZE_SUMS)][0], max(2, grouped), adults + led)
        grown = min(adults, max(1, size - led))
        members = (False,) * grown + (True,) * (size - grown)
        out.append(members)
        adults -= grown
        led -= size - grown
        grouped -= size
    while led and adults:
        out.append((False, True))
        adults, led = adults - 1, led - 1
    out += [(False,)] * adults + [(True,)] * (led + alone)
    # In any order: where the pavements are full, the last are left out.
    for k in range(len(out) - 1, 0, -1):
        j = dice.index(k + 1)
        out[k], out[j] = out[j], out[k]
    return out


def _sums(shares: dict[str, float]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    return tuple(shares), tuple(accumulate(shares.values()))


_ADULT_SUMS, _CHILD_SUMS = _sums(ADULTS), _sums(CHILDREN)
_SIZE_SUMS = tuple(accumulate(share for _, share in SIZES))
