"""Tables say what decoding one by one says, and nothing where that would fail."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivegen.embedded.wire.codec import WireError
from drivegen.embedded.wire.commands import ApplyVehicleControl, ApplyWalkerState, decode_command
from drivegen.embedded.wire.tables import control_table, step_table
from drivegen.embedded.wire.values import GREATEST

_IDS = st.integers(0, 2**32 - 1)
_NUMBERS = st.one_of(st.floats(width=32, allow_nan=False, allow_infinity=False), st.integers(-9, 9))
_CONTROLS = st.tuples(
    _IDS,
    st.tuples(
        _NUMBERS,
        _NUMBERS,
        _NUMBERS,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.integers(-(2**31), 2**31 - 1),
    ),
)
_COORDINATES = st.one_of(st.floats(-GREATEST, GREATEST, width=32), st.integers(-9, 9))
_PLACES = st.tuples(_COORDINATES, _COORDINATES, _COORDINATES)
_STEPS = st.tuples(_IDS, st.tuples(_PLACES, _PLACES), _COORDINATES)


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, tuple | list) else value


@given(st.lists(_CONTROLS, min_size=1, max_size=5))
def test_controls_as_one_by_one(rows: list[Any]) -> None:
    commands = [[[2, _lists(row)]] for row in rows]
    table = control_table(commands)
    assert table is not None
    for i, plain in enumerate(commands):
        one = decode_command(plain)
        assert isinstance(one, ApplyVehicleControl)
        assert table.actors[i] == one.actor
        control = one.control
        assert table.numbers[:, i].tolist() == [control.throttle, control.steer, control.brake]
        switches = [control.hand_brake, control.reverse, control.manual_gear_shift]
        assert table.switches[:, i].tolist() == switches
        assert table.gear[i] == control.gear


@given(st.lists(_STEPS, min_size=1, max_size=5))
def test_steps_as_one_by_one(rows: list[Any]) -> None:
    commands = [[[7, _lists(row)]] for row in rows]
    table = step_table(commands)
    assert table is not None
    for i, plain in enumerate(commands):
        one = decode_command(plain)
        assert isinstance(one, ApplyWalkerState)
        at = one.transform.location
        assert (table.actors[i], table.speed_mps[i]) == (one.actor, one.speed)
        assert table.location_m[i].tolist() == [at.x, at.y, at.z]
        assert table.yaw_deg[i] == one.transform.rotation.yaw


_GOOD_CONTROL = [[2, [7, [0.5, 0.0, 0.0, False, False, True, 1]]]]
_GOOD_STEP = [[7, [7, [[1.0, 2.0, 3.0], [0.0, 90.0, 0.0]], 1.5]]]
_BAD = (None, "text", b"bytes", [], [1], {}, float("nan"), float("inf"), 2**40, -1, True, 0.5, 2**64 - 1)


def _places(value: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    below = (
        [p for i, v in enumerate(value) for p in _places(v, (*path, i))] if isinstance(value, list) else []
    )
    return [path, *below]


@pytest.mark.parametrize(("good", "make"), [(_GOOD_CONTROL, control_table), (_GOOD_STEP, step_table)])
def test_a_table_takes_exactly_what_is_well_formed(good: Any, make: Any) -> None:
    """Each value at each place, after a good command: a table only where the command decodes."""
    refused = 0
    for path in _places(good)[2:]:  # the command itself and its kind are looked at before
        if path == (0, 0):
            continue
        for bad in _BAD:
            command = copy.deepcopy(good)
            place = command
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = bad
            table = make([good, command])
            try:
                decode_command(command)
                assert table is not None, (path, bad)
            except WireError:
                refused += 1
                assert table is None, (path, bad)
    assert refused > 100


def test_a_field_more_is_no_table() -> None:
    assert control_table([[[2, [7, [0.5, 0.0, 0.0, False, False, True, 1], 0]]]]) is None
    assert np.isfinite(control_table([_GOOD_CONTROL]).numbers).all()  # type: ignore[union-attr]
