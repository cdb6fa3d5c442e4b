"""Checks of what configurations of road forms say."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from drivegen.core.errors import ConfigError

T = TypeVar("T")


def read_options(form: str, kind: type[T], given: Mapping[str, Any]) -> T:
    """An instance of a configuration. Raises ConfigError for a name that it does not have."""
    known = sorted(f.name for f in dataclasses.fields(kind))  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            raise ConfigError(f"{form}: unknown option {name!r}; it has {known}")
    return kind(**given)


def check_number(form: str, name: str, value: object, least: float, most: float) -> None:
    """Raises ConfigError unless a value is a number within two bounds."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not least <= value <= most:  # type: ignore[operator]
        raise ConfigError(f"{form}: {name}={value!r} must be a number within {least:g} to {most:g}")


def check_whole(form: str, name: str, value: object, least: int, most: int) -> None:
    """Raises ConfigError unless a value is a whole number within two bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{form}: {name}={value!r} must be a whole number within {least} to {most}")


def check_range(form: str, name: str, value: object, least: float, most: float) -> None:
    """Raises ConfigError unless a value is a pair of numbers, the lesser first, within two bounds."""
    pair = list(value) if isinstance(value, (list, tuple)) or hasattr(value, "__iter__") else []
    if isinstance(value, (str, bytes)) or len(pair) != 2:
        raise ConfigError(f"{form}: {name}={value!r} must be a pair: least and most of what is drawn")
    for number in pair:
        check_number(form, name, number, least, most)
    if pair[0] > pair[1]:
        raise ConfigError(f"{form}: {name}={value!r} has its larger number first; swap them")


def check_ranges(form: str, config: object, *bounds: tuple[str, float, float]) -> None:
    """`check_range` of fields of a configuration, each given as (name, least, most)."""
    for name, least, most in bounds:
        check_range(form, name, getattr(config, name), least, most)


def check_place(form: str, latitude_deg: object, longitude_deg: object) -> None:
    """Raises ConfigError unless a map's origin is where a transverse Mercator projection serves."""
    check_number(form, "latitude_deg", latitude_deg, -80.0, 84.0)
    check_number(form, "longitude_deg", longitude_deg, -180.0, 180.0)


def check_flag(form: str, name: str, value: object) -> None:
    """Raises ConfigError unless a value is true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{form}: {name}={value!r} must be true or false")


def as_pair(values: Sequence[float]) -> tuple[float, float]:
    """The two numbers of a checked pair."""
    return values[0], values[1]


def draw_between(rng: np.random.Generator, pair: tuple[float, float]) -> float:
    """A uniform draw from a pair, to the centimetre."""
    return round(float(rng.uniform(pair[0], pair[1])), 2)
