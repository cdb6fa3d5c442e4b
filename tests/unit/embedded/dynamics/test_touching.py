import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import Polygon

from drivegen.embedded.dynamics.obstacles import padded
from drivegen.embedded.dynamics.solids import hull
from drivegen.embedded.dynamics.touching import APART, meeting_point, touch


def _shapes(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b = hull(rng.normal(size=(6, 2))), hull(rng.normal(size=(6, 2)) + rng.normal(0.0, 2.0, 2))
    return a, b, rng.normal(0.0, 3.0, 2)


def _touch(a: np.ndarray, b: np.ndarray, way: np.ndarray) -> tuple[float, float, float, float]:
    return touch(padded(a), len(a), padded(b), len(b), float(way[0]), float(way[1]))


@pytest.mark.parametrize("seed", range(60))
def test_at_rest_it_says_what_shapely_says(seed: int) -> None:
    a, b, _ = _shapes(seed)
    entry, depth, nx, ny = _touch(a, b, np.zeros(2))
    shape_a, shape_b = Polygon(a), Polygon(b)
    assert (entry < APART) == (shape_a.intersection(shape_b).area > 0.0)
    if entry < APART:
        parted = translate(shape_b, nx * (depth + 1e-6), ny * (depth + 1e-6))
        assert shape_a.intersection(parted).area < 1e-9
        kept = translate(shape_b, nx * 0.9 * depth, ny * 0.9 * depth)
        assert shape_a.intersects(kept), "no farther than needed"


@pytest.mark.parametrize("seed", range(60))
def test_on_the_way_it_says_what_small_steps_say(seed: int) -> None:
    a, b, way = _shapes(seed + 1000)
    shape_a = Polygon(a)
    before = translate(Polygon(b), -way[0], -way[1])
    if shape_a.intersects(before):
        return
    entry, depth, nx, ny = _touch(a, b, way)
    shares = np.linspace(0.0, 1.0, 400)
    met = [s for s in shares if shape_a.intersection(translate(before, *(s * way))).area > 1e-6]
    if not met:
        assert entry >= APART or shape_a.distance(translate(before, *(entry * way))) < 0.05
        return
    assert entry == pytest.approx(met[0], abs=0.02)
    back = translate(Polygon(b), nx * (depth + 1e-6), ny * (depth + 1e-6))
    assert shape_a.intersection(back).area < 1e-9, "also those that went right through"


def test_touching_sides_meet_in_the_middle_of_what_they_share() -> None:
    a = np.array([(-2.0, -1.0), (0.0, -1.0), (0.0, 1.0), (-2.0, 1.0)])
    b = np.array([(0.0, 0.4), (1.0, 0.4), (1.0, 3.0), (0.0, 3.0)])
    assert meeting_point(padded(a), 4, padded(b), 4, 1.0, 0.0) == pytest.approx((0.0, 0.7))
    corner = np.array([(0.0, 0.2), (1.0, -1.0), (1.0, 1.5)])
    assert meeting_point(padded(a), 4, padded(corner), 3, 1.0, 0.0) == pytest.approx((0.0, 0.2))
