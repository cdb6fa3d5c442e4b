"""Pushes that nothing can bear."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.dynamics import columns as col
from drivegen.embedded.dynamics.sanity import FASTEST_MPS, FASTEST_TURN_RADPS, keep_sane


def _rows() -> np.ndarray:
    rows = np.zeros((4, col.N_STATE))
    rows[:, col.X] = (1.0, 2.0, 3.0, 4.0)
    rows[:, col.FORWARD] = 10.0
    return rows


def test_what_is_possible_is_left_as_it_is() -> None:
    before, after = _rows(), _rows()
    after[:, col.X] += 0.5
    wanted = after.copy()
    keep_sane(after, before, 0.05)
    np.testing.assert_array_equal(after, wanted)


def test_a_step_that_failed_leaves_a_vehicle_where_it_stood() -> None:
    before, after = _rows(), _rows()
    after[0, col.Y] = np.nan
    after[1, col.YAW_RATE] = np.inf
    after[2, col.X] = 1e30
    keep_sane(after, before, 0.05)
    np.testing.assert_array_equal(after[:3, col.X], (1.0, 2.0, 3.0))
    np.testing.assert_array_equal(after[:, col.FORWARD], (0.0, 0.0, 0.0, 10.0))
    assert np.isfinite(after).all()


def test_velocities_have_limits() -> None:
    before, after = _rows(), _rows()
    after[0, [col.FORWARD, col.LEFT, col.FALL, col.YAW_RATE]] = (1e9, -1e9, -1e9, 1e9)
    keep_sane(after, before, 0.05)
    limits = (FASTEST_MPS, -FASTEST_MPS, -FASTEST_MPS, FASTEST_TURN_RADPS)
    np.testing.assert_array_equal(after[0, [col.FORWARD, col.LEFT, col.FALL, col.YAW_RATE]], limits)
