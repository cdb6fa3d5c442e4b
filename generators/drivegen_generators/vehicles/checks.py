"""Checks of what the configuration of traffic says; each names the option and the mend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from drivegen.core.errors import ConfigError


def number(name: str, value: object, low: float, high: float) -> float:
    """A number within bounds. Raises ConfigError else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise ConfigError(f"traffic {name} is {value!r}; a number is wanted")
    if not low <= value <= high:
        raise ConfigError(f"traffic {name} is {value}; it must lie in {low}..{high}")
    return float(value)


def whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number within bounds. Raises ConfigError else."""
    found = number(name, value, low, high)
    if found != int(found):
        raise ConfigError(f"traffic {name} is {value}; a whole number is wanted")
    return int(found)


def pair(name: str, values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """Two numbers within bounds. Raises ConfigError else."""
    if len(values) != 2:
        raise ConfigError(f"traffic {name} is {values!r}; two numbers are wanted")
    return number(name, values[0], low, high), number(name, values[1], low, high)


def ascending(name: str, values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """Two numbers within bounds, the lesser first. Raises ConfigError else."""
    found = pair(name, values, low, high)
    if found[0] > found[1]:
        raise ConfigError(f"traffic {name}: the first number must not exceed the second")
    return found


def flag(name: str, value: object) -> bool:
    """True or false. Raises ConfigError else."""
    if not isinstance(value, bool):
        raise ConfigError(f"traffic {name} is {value!r}; true or false is wanted")
    return value


def mapping(name: str, value: object, known: Sequence[str]) -> dict[str, object]:
    """Options by name; none gives none. Raises ConfigError for one that is not known."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"traffic {name} is {value!r}; options by name are wanted")
    for key in value:
        if key not in known:
            raise ConfigError(f"traffic {name}: {key!r} is unknown; there are {', '.join(known)}")
    return {str(k): v for k, v in value.items()}


def shares(name: str, value: Mapping[str, float], known: Sequence[str]) -> dict[str, float]:
    """Weights by name in the order of `known`, zeros left out. Raises ConfigError if none is left."""
    found = mapping(name, value, known)
    weights = {k: number(f"{name}.{k}", v, 0.0, math.inf) for k, v in found.items()}
    if sum(weights.values()) <= 0:
        raise ConfigError(f"traffic {name}: at least one share must be greater than 0")
    return {k: weights[k] for k in known if weights.get(k, 0.0) > 0}
