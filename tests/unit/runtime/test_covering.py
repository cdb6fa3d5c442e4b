import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.runtime.covering import Assignment, Coverage, covering_array

SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=6)


def uncovered(sizes: list[int], rows: list[tuple[int, ...]]) -> int:
    seen = {(f, r[f], g, r[g]) for r in rows for f, g in combinations(range(len(sizes)), 2)}
    return sum(sizes[f] * sizes[g] for f, g in combinations(range(len(sizes)), 2)) - len(seen)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**31))
def test_all_pairs_are_covered_with_no_more_rows_than_the_product(sizes: list[int], seed: int) -> None:
    rows = covering_array(sizes, derive_rng(seed))
    assert all(len(r) == len(sizes) and all(0 <= k < n for k, n in zip(r, sizes, strict=True)) for r in rows)
    assert uncovered(sizes, rows) == 0
    assert {r[0] for r in rows} == set(range(sizes[0]))
    largest = sorted(sizes)[-2:]
    assert math.prod(largest) <= len(rows) <= math.prod(sizes)
    assert rows == covering_array(sizes, derive_rng(seed))


def test_rows_are_few() -> None:
    # 3^4 has an array of 9 rows; a greedy one comes close. The product has 81.
    assert all(len(covering_array([3] * 4, derive_rng(s))) <= 13 for s in range(5))
    sizes = [6, 5, 4, 4, 3, 3]
    rows = covering_array(sizes, derive_rng(1))
    assert len(rows) <= 45 < math.prod(sizes)
    assert uncovered(sizes, rows[:-1]) > 0, "the last row must be needed"


FACTORS = {
    "weather": ("clear", "rain", "fog", "haze"),
    "light": ("day", "dusk", "night"),
    "traffic": ("thin", "dense"),
    "people": ("none", "some", "many"),
}


def test_500_scenes_cover_all_pairs_and_few_do_too() -> None:
    pairwise = Assignment("pairwise", FACTORS, 3)
    rows = [pairwise.levels(i) for i in range(500)]
    first = next(n for n in range(1, 73) if not Coverage.of(FACTORS, rows[:n]).missing)
    assert first <= 20 < math.prod(len(v) for v in FACTORS.values())
    whole = Coverage.of(FACTORS, rows)
    assert whole.pairs == whole.possible == 12 + 8 + 12 + 6 + 9 + 6
    assert min(whole.levels["weather"].values()) > 90
    assert "53 of 53 pairs of levels (100.0 %) in 500 scenes" in str(whole)
    drawn = Assignment("independent", FACTORS, 3)
    assert Coverage.of(FACTORS, [drawn.levels(i) for i in range(first)]).missing


@pytest.mark.parametrize("strategy", ["independent", "stratified", "pairwise"])
def test_a_scene_depends_on_seed_and_index_alone(strategy: str) -> None:
    one = Assignment(strategy, FACTORS, 3)
    forward = [one.levels(i) for i in range(60)]
    again = Assignment(strategy, FACTORS, 3)
    assert [again.levels(i) for i in (59, 3, 17)] == [forward[i] for i in (59, 3, 17)]
    assert [Assignment(strategy, FACTORS, 4).levels(i) for i in range(60)] != forward


def test_every_repetition_covers_all_pairs_and_is_another_one() -> None:
    plan = Assignment("pairwise", FACTORS, 3)
    plan.levels(0)
    size = len(plan._array)
    for start in (0, size, 1000 * size):
        rows = [plan.levels(start + k) for k in range(size)]
        assert not Coverage.of(FACTORS, rows).missing
    assert [plan.levels(k) for k in range(size)] != [plan.levels(size + k) for k in range(size)]


def test_strata_have_each_level_once() -> None:
    plan = Assignment("stratified", FACTORS, 8)
    for block in range(5):
        assert {plan.levels(4 * block + k)["weather"] for k in range(4)} == set(FACTORS["weather"])
        assert {plan.levels(3 * block + k)["light"] for k in range(3)} == set(FACTORS["light"])


def test_missing_pairs_are_named() -> None:
    factors = {"a": ("x", "y"), "b": ("u", "v")}
    found = Coverage.of(factors, [{"a": "x", "b": "u"}, {"a": "y", "b": "v"}])
    assert (found.pairs, found.possible) == (2, 4)
    assert found.missing == ("a=x, b=v", "a=y, b=u")
    assert found.levels == {"a": {"x": 1, "y": 1}, "b": {"u": 1, "v": 1}}


def test_refusals_and_nothing_to_cover() -> None:
    with pytest.raises(ConfigError, match="strategy"):
        Assignment("all", FACTORS, 1)
    with pytest.raises(ConfigError, match="at least one level"):
        Assignment("pairwise", {"a": ()}, 1)
    assert Assignment("pairwise", {}, 1).levels(7) == {}
