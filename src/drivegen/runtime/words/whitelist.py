"""What words may change of a configuration, whoever read them: these keys, and plain bounded values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from drivegen.core.errors import ConfigError

KEYS = frozenset(
    {
        "job.scenes",
        "job.seed",
        "scene.duration_s",
        "scene.warmup_s",
        "map.plugin",
        "map.file",
        "map.params",
        "weather.plugin",
        "weather.params",
        "weather.presets",
        "weather.hours",
        "weather.day_of_year",
        "traffic.vehicles",
        "traffic.params.parked",
        "traffic.params.riders",
        "traffic.params.mix",
        "traffic.params.staged",
        "traffic.params.bus_stops",
        "traffic.params.queue_share",
        "traffic.params.violations.red_light",
        "traffic.params.violations.wrong_way",
        "pedestrians.pedestrians",
        "pedestrians.params.child_share",
        "pedestrians.params.group_share",
        "pedestrians.params.crossing_share",
        "pedestrians.params.kerb_share",
        "pedestrians.params.jaywalking_share",
        "pedestrians.params.dart_outs",
        "rig.blueprint",
    }
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_BLUEPRINT = re.compile(r"vehicle\.[a-z0-9_]{1,30}\.[a-z0-9_]{1,30}")
_LARGEST = 2**31
_DEEPEST = 3
_LONGEST = 40


def check_values(values: Mapping[str, Any]) -> None:
    """Raises ConfigError for a key that is not in `KEYS`, and for a value that is no name, number or list."""
    for key, value in values.items():
        if key not in KEYS:
            raise ConfigError(f"words may not set {key!r}")
        if key == "map.file":
            fine = value is None
        elif key == "rig.blueprint":
            fine = isinstance(value, str) and _BLUEPRINT.fullmatch(value) is not None
        else:
            fine = _plain(value, _DEEPEST)
        if not fine:
            raise ConfigError(f"words may not set {key} to that value")


def _plain(value: Any, deep: int) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, (int, float)):
        return math.isfinite(value) and abs(value) < _LARGEST
    if isinstance(value, str):
        return _NAME.fullmatch(value) is not None
    if deep == 0:
        return False
    if isinstance(value, (list, tuple)):
        return len(value) <= _LONGEST and all(_plain(each, deep - 1) for each in value)
    if isinstance(value, Mapping):
        return len(value) <= _LONGEST and all(
            isinstance(name, str) and _NAME.fullmatch(name) is not None and _plain(each, deep - 1)
            for name, each in value.items()
        )
    return False
