"""Where two runs part."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from drivegen.runtime.replay.outcome import WORLD, Parting, parting
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.simulate import Course

ROWS = tuple(
    Row(time_s=0.05 * tick, name=name, x_m=x + tick, y_m=0.0, z_m=0.0, h_rad=0.0, speed_mps=20.0)
    for tick in range(4)
    for name, x in (("Ego", 0.0), ("Lead", 30.0))
)
FIRST = Course(
    rows=ROWS, happened=(), signals=(), ended=True, time_s=0.15, shown=(b"begin", b"one", b"two", b"three")
)


def test_equal_runs_do_not_part() -> None:
    assert parting(FIRST, replace(FIRST, rows=tuple(replace(row) for row in ROWS)), 2) is None


def test_the_first_row_that_differs_is_told_with_its_distance() -> None:
    rows = list(ROWS)
    rows[5] = replace(rows[5], y_m=0.5)
    rows[7] = replace(rows[7], y_m=9.0)
    found = parting(FIRST, replace(FIRST, rows=tuple(rows)), 3)
    assert found is not None
    assert (found.run, found.name) == (3, "Lead")
    assert found.time_s == pytest.approx(0.1)
    assert found.apart_m == pytest.approx(0.5)


def test_the_last_bit_counts() -> None:
    rows = (*ROWS[:-1], replace(ROWS[-1], x_m=math.nextafter(ROWS[-1].x_m, math.inf)))
    found = parting(FIRST, replace(FIRST, rows=rows), 2)
    assert found is not None
    assert found.time_s == pytest.approx(0.15)


@pytest.mark.parametrize("longer_first", [True, False])
def test_a_run_that_ends_earlier_parts_there(longer_first: bool) -> None:
    shorter = replace(FIRST, rows=ROWS[:-2])
    one, other = (FIRST, shorter) if longer_first else (shorter, FIRST)
    assert parting(one, other, 2) == Parting(run=2, time_s=ROWS[-2].time_s, name="Ego", apart_m=math.inf)


def test_worlds_that_show_something_else_part_although_the_rows_are_equal() -> None:
    other = replace(FIRST, shown=(b"begin", b"one", b"2", b"three"))
    found = parting(FIRST, other, 2)
    assert found is not None
    assert found.name == WORLD
    assert found.time_s == pytest.approx(0.1)
