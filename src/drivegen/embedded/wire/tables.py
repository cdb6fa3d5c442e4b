"""Runs of one kind of command as columns: what clients send every tick for hundreds of actors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int32

from drivegen.embedded.wire.codec import F32_MAX, Plain
from drivegen.embedded.wire.values import GREATEST

_IDS = range(2**32)
_I32 = range(-(2**31), 2**31)
_NUMBERS = frozenset({float, int})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ControlTable:
    """A run of ApplyVehicleControl; values as in CARLA."""

    actors: tuple[int, ...]
    numbers: Float64[np.ndarray, "3 n"]
    """Throttle, steer, brake."""
    switches: Bool[np.ndarray, "3 n"]
    """Hand brake, reverse, manual gear."""
    gear: Int32[np.ndarray, "n"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepTable:
    """A run of ApplyWalkerState, in CARLA's frame."""

    actors: tuple[int, ...]
    location_m: Float64[np.ndarray, "n 3"]
    yaw_deg: Float64[np.ndarray, "n"]
    speed_mps: Float64[np.ndarray, "n"]


def control_table(commands: Sequence[Plain]) -> ControlTable | None:
    """None when anything is not as it should be: decoding one by one says what."""
    try:
        actors, controls = _columns([c[0][1] for c in commands], 2)
        columns = _columns(controls, 7)
        if not _are_ids(actors) or {type(g) for g in columns[6]} != {int}:
            return None
        if any({type(v) for v in column} != {bool} for column in columns[3:6]):
            return None
        numbers = _numbers(columns[:3], F32_MAX)
        if numbers is None or min(columns[6]) not in _I32 or max(columns[6]) not in _I32:
            return None
    except _MISSHAPEN:
        return None
    return ControlTable(
        actors=actors,
        numbers=numbers,
        switches=np.array(columns[3:6], np.bool_),
        gear=np.array(columns[6], np.int32),
    )


def step_table(commands: Sequence[Plain]) -> StepTable | None:
    """None when anything is not as it should be: decoding one by one says what."""
    try:
        actors, transforms, speeds = _columns([c[0][1] for c in commands], 3)
        locations, rotations = _columns(transforms, 2)
        numbers = _numbers((*_columns(locations, 3), *_columns(rotations, 3)), GREATEST)
        speed = _numbers((speeds,), F32_MAX)
        if numbers is None or speed is None or not _are_ids(actors):
            return None
    except _MISSHAPEN:
        return None
    return StepTable(actors=actors, location_m=numbers[:3].T, yaw_deg=numbers[4], speed_mps=speed[0])


_MISSHAPEN = (TypeError, ValueError, IndexError, KeyError, OverflowError)


def _columns(rows: Sequence[Plain], size: int) -> tuple[tuple[Any, ...], ...]:
    """Rows turned into columns. Raises ValueError unless all are lists of one size."""
    if {type(row) for row in rows} != {list} or {len(row) for row in rows} != {size}:
        raise ValueError
    return tuple(zip(*rows, strict=True))


def _are_ids(values: tuple[Any, ...]) -> bool:
    return {type(v) for v in values} == {int} and min(values) in _IDS and max(values) in _IDS


def _numbers(columns: Sequence[tuple[Any, ...]], greatest: float) -> Float64[np.ndarray, "k n"] | None:
    """None unless all are numbers up to the greatest."""
    if any(not _NUMBERS.issuperset(map(type, column)) for column in columns):
        return None
    table = np.array(columns, np.float64)
    return table if (np.abs(table) <= greatest).all() else None
