"""Plugins by entry point: drivegen never imports them by name."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from drivegen.core.errors import ConfigError


def names(kind: str) -> list[str]:
    """The plugins of a kind ("generators.roads", "exporters") that are installed."""
    return sorted(e.name for e in entry_points(group=f"drivegen.{kind}"))


def make(kind: str, name: str, params: dict[str, Any], where: str) -> Any:
    """An instance of a plugin. Raises ConfigError when it is unknown or refuses its parameters."""
    found = entry_points(group=f"drivegen.{kind}", name=name)
    if not found:
        raise ConfigError(
            f"{where}={name!r}: no such plugin; installed are {', '.join(names(kind)) or 'none'}"
        )
    plugin = next(iter(found)).load()
    try:
        return plugin(**params)
    except TypeError as error:
        raise ConfigError(f"{where} {name!r}: {error}") from None
