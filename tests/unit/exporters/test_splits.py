"""Scenes dealt to splits: their shares, the same kinds of scenes in each, what later scenes may not move."""

from __future__ import annotations

from collections import Counter

import pytest
from synthetic_capture import make_plan

from drivegen.capture.export.splits import Dealer, Splits, read_splits, time_of_day, traits_of
from drivegen.core.errors import ExportError
from drivegen.core.rng import derive_rng

USUAL = {"train": 0.8, "val": 0.1, "test": 0.1}


def world(scenes: int, seed: int = 0) -> dict[str, dict[str, str]]:
    """Scenes with traits that are drawn independently, so that most combinations come once or never."""
    rng = derive_rng("splits", seed)
    kinds = {
        "weather": ["clear", "rain", "fog", "snow"],
        "time": ["day", "day", "night"],
        "map": [f"map_{i}" for i in range(5)],
        "level density": ["1", "2", "3", "4"],
    }
    return {
        f"scene-{i:05d}": {k: str(v[rng.integers(len(v))]) for k, v in kinds.items()} for i in range(scenes)
    }


def deal(scenes: dict[str, dict[str, str]], **splits: object) -> dict[str, str]:
    dealer = Dealer(Splits(**splits))  # type: ignore[arg-type]
    return {scene: dealer.deal(scene, traits) for scene, traits in sorted(scenes.items())}


@pytest.mark.parametrize("shares", [USUAL, {"a": 0.5, "b": 0.5}, {"x": 0.7, "y": 0.2, "z": 0.1, "none": 0.0}])
def test_each_trait_is_spread_by_the_shares(shares: dict[str, float]) -> None:
    for seed in range(3):
        scenes = world(200, seed)
        dealt = deal(scenes, shares=shares, seed=seed)
        total = Counter(dealt.values())
        assert all(abs(total[s] - 200 * share) <= 1.0 for s, share in shares.items())
        for trait in scenes["scene-00000"]:
            of_level = Counter(traits[trait] for traits in scenes.values())
            found = Counter((traits[trait], dealt[scene]) for scene, traits in scenes.items())
            for level, number in of_level.items():
                for split, share in shares.items():
                    # By chance alone a quarter of the test split would be off by more than three scenes.
                    assert abs(found[level, split] - share * number) <= 3.0, (trait, level, split)


def test_later_scenes_move_none() -> None:
    scenes = world(150)
    first = dict(list(scenes.items())[:90])
    all_of_them = deal(scenes)
    assert deal(first) == {scene: all_of_them[scene] for scene in first}


def test_the_seed_decides_and_nothing_else() -> None:
    scenes = world(60)
    assert deal(scenes, seed=4) == deal(dict(reversed(scenes.items())), seed=4)
    assert deal(scenes, seed=4) != deal(scenes, seed=5)


def test_ten_scenes_fill_every_split() -> None:
    for seed in range(20):
        assert Counter(deal(world(10, seed), seed=seed).values()) == {"train": 8, "val": 1, "test": 1}


def test_a_trait_with_a_level_a_scene_costs_no_memory() -> None:
    dealer = Dealer(Splits())
    for i in range(6000):
        dealer.deal(f"scene-{i:05d}", {"map": f"map_{i}", "weather": "clear"})
    assert len(dealer._counts) == 4096 + 2


def test_traits_are_the_plans() -> None:
    assert traits_of(make_plan()) == {"weather": "clear", "time": "day", "map": "plain_road"}
    assert [time_of_day(a) for a in (40.0, 3.0, -3.0, -10.0)] == ["day", "twilight", "twilight", "night"]


@pytest.mark.parametrize(
    ("shares", "seed", "said"),
    [
        ({"train": 0.8}, 0, "make up 0.8; 1 is wanted"),
        ({"train": 1.2, "val": -0.2}, 0, "splits.train=1.2: a share from 0 to 1"),
        ({"train": "much"}, 0, "splits.train='much'"),
        ({"../train": 1.0}, 0, "letters, digits"),
        ([0.8, 0.2], 0, "shares by name"),
        ({}, 0, "shares by name"),
        (USUAL, 1.5, "split_seed=1.5: a whole number"),
    ],
)
def test_what_is_no_split_is_refused(shares: object, seed: object, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        read_splits(shares, seed, "nuscenes")
