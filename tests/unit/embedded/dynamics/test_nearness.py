import numpy as np
import pytest

from drivegen.embedded.dynamics import colliders as c
from drivegen.embedded.dynamics.nearness import bounds_within, near_bodies, near_pieces
from tests.unit.embedded.dynamics.standing import pole, standing, wall


def _bodies(n: int, spread_m: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.zeros((n, c.N_BODY))
    rows[:, [c.X, c.Y]] = rng.uniform(-spread_m, spread_m, (n, 2))
    rows[:, [c.VX, c.VY]] = rng.normal(0.0, 10.0, (n, 2))
    rows[:, c.HIGH] = rng.uniform(0.5, 3.0, n)
    rows[:, c.LOW] = rng.uniform(0.0, 2.0, n)
    rows[:, c.REACH] = rng.uniform(0.2, 5.0, n)
    rows[:, c.EASE] = rng.integers(0, 3, n) > 0
    rows[:, c.SOLID] = rng.integers(0, 6, n) > 0
    return rows


def _bounds(rows: np.ndarray) -> np.ndarray:
    bounds = np.empty((len(rows), 4))
    bounds_within(rows, 0.05, bounds)
    return bounds


@pytest.mark.parametrize(("n", "spread_m"), [(0, 1.0), (1, 1.0), (60, 15.0), (200, 400.0)])
def test_pairs_are_those_of_comparing_all_with_all(n: int, spread_m: float) -> None:
    rows = _bodies(n, spread_m, seed=n)
    bounds = _bounds(rows)
    expected = set()
    for i in range(n):
        for j in range(i + 1, n):
            apart = (bounds[i, :2] > bounds[j, 2:]).any() or (bounds[j, :2] > bounds[i, 2:]).any()
            apart |= rows[i, c.LOW] > rows[j, c.HIGH] or rows[j, c.LOW] > rows[i, c.HIGH]
            solid = rows[i, c.SOLID] * rows[j, c.SOLID] > 0.0
            if solid and not apart and rows[i, c.EASE] + rows[j, c.EASE] > 0.0:
                expected.add((i, j))
    pairs = [tuple(pair) for pair in near_bodies(rows, bounds).tolist()]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected
    assert expected or n < 60


def test_pieces_of_scenery_are_those_of_comparing_all_with_all() -> None:
    rng = np.random.default_rng(3)
    plans = [pole(*rng.uniform(-60, 60, 2)) for _ in range(300)]
    plans += [wall(float(rng.uniform(-60, 60)), half_m=float(rng.uniform(1, 30))) for _ in range(20)]
    fast = standing(*plans, low_m=1.0, high_m=2.5)
    rows = _bodies(120, 80.0, seed=4)
    bounds = _bounds(rows)
    found = near_pieces(
        rows, bounds, fast.bounds_m, fast.heights_m, fast.origin_m, fast.cell_m, fast.shape, fast.starts,
        fast.entries,
    )  # fmt: skip
    expected = {
        (i, j)
        for i in range(len(rows))
        for j in range(len(fast))
        if rows[i, c.SOLID] > 0.0
        and rows[i, c.EASE] > 0.0
        and (bounds[i, :2] <= fast.bounds_m[j, 2:]).all()
        and (fast.bounds_m[j, :2] <= bounds[i, 2:]).all()
        and rows[i, c.LOW] <= fast.heights_m[j, 1]
        and fast.heights_m[j, 0] <= rows[i, c.HIGH]
    }
    pairs = [tuple(pair) for pair in found.tolist()]
    assert len(pairs) == len(set(pairs)) > 30
    assert set(pairs) == expected
    assert [i for i, _ in pairs] == sorted(i for i, _ in pairs)
