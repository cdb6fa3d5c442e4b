"""How drivers drive: parameters of CARLA's Traffic Manager by style, each drawn from a distribution.

The figures are this project's own choice, not a survey's. They keep to what the Traffic Manager can do: its
vehicles brake and steer alike, and differ in the speed that they want, the gap that they leave, where in the
lane they run, whether they change lanes, and what they ignore.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.draws import Spread, Table, constant

NONE = constant(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Distributions of one style."""

    speed_difference_percent: Spread
    """Below the speed limit when positive."""
    following_distance_m: Spread
    lane_change_share: float
    """Of its drivers who change lanes."""
    lane_offset_m: Spread = NONE
    """To the left of the lane's middle."""
    ignores_lights_percent: Spread = NONE
    ignores_signs_percent: Spread = NONE
    ignores_vehicles_percent: Spread = NONE
    ignores_walkers_percent: Spread = NONE
    keeps_right_percent: Spread = NONE

    def draw(self, rng: np.random.Generator) -> Behaviour:
        """One driver."""
        return Behaviour(
            speed_difference_percent=round(self.speed_difference_percent.draw(rng), 2),
            following_distance_m=round(self.following_distance_m.draw(rng), 2),
            lane_changes=bool(rng.random() < self.lane_change_share),
            lane_offset_m=round(self.lane_offset_m.draw(rng), 3),
            ignores_lights_percent=round(self.ignores_lights_percent.draw(rng), 2),
            ignores_signs_percent=round(self.ignores_signs_percent.draw(rng), 2),
            ignores_vehicles_percent=round(self.ignores_vehicles_percent.draw(rng), 2),
            ignores_walkers_percent=round(self.ignores_walkers_percent.draw(rng), 2),
            keeps_right_percent=round(self.keeps_right_percent.draw(rng), 2),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One driver's parameters, as `VehiclePlan` has them."""

    speed_difference_percent: float
    following_distance_m: float
    lane_changes: bool
    lane_offset_m: float = 0.0
    ignores_lights_percent: float = 0.0
    ignores_signs_percent: float = 0.0
    ignores_vehicles_percent: float = 0.0
    ignores_walkers_percent: float = 0.0
    keeps_right_percent: float = 0.0


def _spread(mean: float, deviation: float, least: float, most: float) -> Spread:
    return Spread(mean=mean, deviation=deviation, least=least, most=most)


STYLES: dict[str, Style] = {
    "cautious": Style(
        speed_difference_percent=_spread(25.0, 8.0, 10.0, 50.0),
        following_distance_m=_spread(5.0, 1.2, 3.0, 9.0),
        lane_change_share=0.15,
        lane_offset_m=_spread(-0.05, 0.10, -0.3, 0.3),
        keeps_right_percent=_spread(20.0, 10.0, 0.0, 50.0),
    ),
    "normal": Style(
        speed_difference_percent=_spread(12.0, 8.0, -8.0, 35.0),
        following_distance_m=_spread(3.5, 0.8, 2.0, 6.0),
        lane_change_share=0.6,
        lane_offset_m=_spread(0.0, 0.12, -0.35, 0.35),
    ),
    "hurried": Style(
        speed_difference_percent=_spread(-2.0, 6.0, -15.0, 12.0),
        following_distance_m=_spread(2.5, 0.5, 1.5, 4.0),
        lane_change_share=0.85,
        lane_offset_m=_spread(0.05, 0.15, -0.4, 0.4),
        ignores_signs_percent=_spread(5.0, 5.0, 0.0, 20.0),
    ),
    "aggressive": Style(
        speed_difference_percent=_spread(-14.0, 7.0, -30.0, 0.0),
        following_distance_m=_spread(1.6, 0.4, 1.0, 2.5),
        lane_change_share=1.0,
        lane_offset_m=_spread(0.08, 0.18, -0.45, 0.45),
        ignores_signs_percent=_spread(15.0, 10.0, 0.0, 40.0),
    ),
}
"""No style ignores lights, vehicles or people by itself: violations have rates of their own."""

SHARES: dict[str, float] = {"cautious": 0.22, "normal": 0.55, "hurried": 0.18, "aggressive": 0.05}
"""A choice."""

_LIMITS = {
    "speed_difference_percent": (-100.0, 95.0),
    "following_distance_m": (0.5, 50.0),
    "lane_offset_m": (-1.0, 1.0),
}
_FIELDS = tuple(f.name for f in dataclasses.fields(Style))


class Styles:
    """Several styles and how many drivers have each."""

    def __init__(self, options: Mapping[str, object]) -> None:
        """Takes shares by style, or by style `share` and distributions of its own.

        A distribution is [mean, deviation, least, most]. A style with another name than those here starts
        from "normal". Raises ConfigError for what cannot be.
        """
        found = checks.mapping("styles", options, tuple(options))
        self.styles: dict[str, Style] = {}
        self.shares: dict[str, float] = {}
        for name, value in found.items():
            share, style = _read(name, value)
            if share > 0.0:
                self.styles[name], self.shares[name] = style, share
        if not self.shares:
            raise ConfigError("traffic styles: at least one share must be greater than 0")
        self._table = Table(list(self.shares.items()))

    def draw(self, rng: np.random.Generator) -> Behaviour:
        """A driver of a style drawn by the shares."""
        return self.styles[self._table.draw(rng)].draw(rng)


def _read(name: str, value: object) -> tuple[float, Style]:
    base = STYLES.get(name)
    if not isinstance(value, Mapping):
        if base is None:
            raise ConfigError(
                f"traffic styles: {name!r} is none of {', '.join(STYLES)}; give it distributions of its own"
            )
        return checks.number(f"styles.{name}", value, 0.0, float("inf")), base
    given = checks.mapping(f"styles.{name}", value, ("share", *_FIELDS))
    share = checks.number(f"styles.{name}.share", given.pop("share", 0.0), 0.0, float("inf"))
    changes: dict[str, object] = {}
    for field, numbers in given.items():
        place = f"styles.{name}.{field}"
        if field == "lane_change_share":
            changes[field] = checks.number(place, numbers, 0.0, 1.0)
        else:
            changes[field] = _read_spread(place, numbers, *_LIMITS.get(field, (0.0, 100.0)))
    return share, dataclasses.replace(base or STYLES["normal"], **changes)  # type: ignore[arg-type]


def _read_spread(place: str, numbers: object, low: float, high: float) -> Spread:
    if not isinstance(numbers, Sequence) or isinstance(numbers, str) or len(numbers) != 4:
        raise ConfigError(f"traffic {place} is {numbers!r}; [mean, deviation, least, most] is wanted")
    least, most = checks.ascending(place, numbers[2:], low, high)
    mean = checks.number(place, numbers[0], least, most)
    return Spread(
        mean=mean, deviation=checks.number(place, numbers[1], 0.0, high - low), least=least, most=most
    )
