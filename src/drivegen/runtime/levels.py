"""Levels of factors as changes of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from drivegen.core.errors import ConfigError
from drivegen.runtime.config import Config, check_config

ROOTS = ("map", "traffic", "pedestrians", "weather", "degradation")
"""What a level may change: what a scene is made of, not how the work is done nor what looks on."""

KEPT_CONFIGS = 4096
"""Combinations of levels that are remembered; there may be far more."""

Changes = dict[str, dict[str, Any]]
"""By root: value by the rest of the key."""


class Levels:
    """The factors of a configuration."""

    def __init__(self, config: Config) -> None:
        """Reads and tries every level. Raises ConfigError that names factor, level and key."""
        self._config = config
        self._changes: dict[str, dict[str, Changes]] = {}
        self._configs: dict[tuple[tuple[str, str], ...], Config] = {}
        owner: dict[str, str] = {}
        for factor, levels in config.job.coverage.factors.items():
            where = f"job.coverage.factors.{factor}"
            if not isinstance(levels, Mapping) or not levels:
                raise ConfigError(f"{where}: levels and their overrides are wanted")
            self._changes[factor] = {}
            for level, overrides in levels.items():
                if not re.fullmatch(r"[A-Za-z0-9_.-]+", str(level)):
                    raise ConfigError(f"{where}: the level {level!r} must be letters, digits, _ . -")
                self._changes[factor][str(level)] = _changes(overrides, f"{where}.{level}")
            for key in sorted({k for c in self._changes[factor].values() for k in _keys(c)}):
                if owner.setdefault(key, factor) != factor:
                    raise ConfigError(f"{where}: {key} is set by the factor {owner[key]} too")
            for level in self._changes[factor]:
                self.config({factor: level})

    @property
    def factors(self) -> dict[str, tuple[str, ...]]:
        """Levels by factor."""
        return {factor: tuple(levels) for factor, levels in self._changes.items()}

    def config(self, levels: Mapping[str, str]) -> Config:
        """The configuration with these levels. Raises ConfigError."""
        key = tuple(levels.items())
        if key not in self._configs:
            if len(self._configs) >= KEPT_CONFIGS:
                self._configs.clear()
            self._configs[key] = self._changed(levels)
        return self._configs[key]

    def map_tag(self, levels: Mapping[str, str]) -> str:
        """Names roads apart that differ by levels; empty where levels leave the road alone."""
        forms = [f for f, changes in self._changes.items() if any("map" in c for c in changes.values())]
        return "_".join(levels[f] for f in forms if f in levels)

    def _changed(self, levels: Mapping[str, str]) -> Config:
        sections: dict[str, Any] = {}
        for factor, level in levels.items():
            for root, values in self._changes[factor][level].items():
                where = f"job.coverage.factors.{factor}.{level}"
                section = sections.get(root, getattr(self._config, root))
                sections[root] = _updated(section, values, f"{where}: {root}")
        if not sections:
            return self._config
        changed = replace(self._config, **sections)
        try:
            check_config(changed)
        except ConfigError as error:
            named = ", ".join(f"{f}={k}" for f, k in levels.items())
            raise ConfigError(f"job.coverage with {named}: {error}") from None
        return changed


def _changes(overrides: Any, where: str) -> Changes:
    if not isinstance(overrides, Mapping):
        raise ConfigError(f"{where}: a mapping of keys to values is wanted, not {overrides!r}")
    found: Changes = {}
    for key, value in overrides.items():
        root, _, rest = str(key).partition(".")
        if root not in ROOTS or not rest:
            raise ConfigError(
                f"{where}: {key!r} must be a key below {', '.join(ROOTS)}, for example map.plugin"
            )
        found.setdefault(root, {})[rest] = value
    return found


def _keys(changes: Changes) -> list[str]:
    return [f"{root}.{rest}" for root, values in changes.items() for rest in values]


def _updated(section: Any, values: Mapping[str, Any], where: str) -> Any:
    node = OmegaConf.structured(section)
    for key, value in values.items():
        try:
            OmegaConf.update(node, key, value, merge=False)
        except OmegaConfBaseException as error:
            raise ConfigError(f"{where}.{key}: {str(error).splitlines()[0]}") from None
    return OmegaConf.to_object(node)
