"""Scenes dealt to splits: their shares, the same kinds of scenes in each, what later scenes may not move."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from synthetic_capture import make_plan

from drivegen.capture.export.known_splits import with_known
from drivegen.capture.export.splits import Dealer, Splits, read_splits, time_of_day, traits_of
from drivegen.core.errors import ExportError
from drivegen.core.rng import derive_rng
from drivegen_exporters.yolo.exporter import Yolo

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


def known_from(path: object, shares: object = None, seed: int = 0) -> Splits:
    splits = read_splits(shares, seed, "coco")
    return with_known(splits, str(path), "coco", shares_given=shares is not None)


def test_scenes_keep_the_splits_of_another_data_set(tmp_path: Path) -> None:
    scenes = world(60)
    before = deal(dict(list(scenes.items())[:40]), seed=1)
    rows = "".join(f"{split},{scene},x\n" for scene, split in before.items())
    (tmp_path / "scenes.csv").write_text("split,scene,map\n" + rows)
    (tmp_path / "some.json").write_text(
        json.dumps({s: [n for n, o in before.items() if o == s] for s in set(before.values())})
    )
    dealer = Dealer(known_from(tmp_path, seed=9))
    after = {scene: dealer.deal(scene, traits) for scene, traits in scenes.items()}
    assert {scene: after[scene] for scene in before} == before
    # All others are dealt so that the shares come out over all.
    assert Counter(after.values()) == {"train": 48, "val": 6, "test": 6}
    assert known_from(tmp_path / "scenes.csv").known == before
    assert known_from(tmp_path / "some.json").known == before
    assert known_from(tmp_path).known_sha256 != known_from(tmp_path / "some.json").known_sha256


def test_splits_are_those_of_the_other_data_set(tmp_path: Path) -> None:
    (tmp_path / "scenes.csv").write_text("scene,split\na,day\nb,night\nc,day\nd,train\n")
    found = known_from(tmp_path)
    assert dict(found.shares) == {"train": 0.25, "day": 0.5, "night": 0.25}
    asked = known_from(tmp_path, {"train": 0.5, "val": 0.5})
    assert dict(asked.shares) == {"train": 0.5, "val": 0.5, "day": 0.0, "night": 0.0}
    dealer = Dealer(asked)
    assert [dealer.deal(s, {}) for s in "abcd"] == ["day", "night", "day", "train"]
    assert {dealer.deal(f"new-{i}", {}) for i in range(9)} == {"train", "val"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.csv", None, "could not be read"),
        ("a.csv", "scene,part\na,train\n", "tells no splits"),
        ("a.csv", "scene,split\n", "there is no scene in it"),
        ("a.csv", "scene,split\na,train\na,val\n", "scene a is in train and in val"),
        ("a.csv", "scene,split\na,../x\n", "letters, digits"),
        ("a.csv", "scene,split\na\n", "tells no splits"),
        ("a.json", '{"train": "a"}', "tells no splits"),
        ("a.json", "[1", "tells no splits"),
        ("a.json", '{"train": [1]}', "tells no splits"),
    ],
)
def test_what_tells_no_splits_is_refused(tmp_path: Path, name: str, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(ExportError, match=said):
        known_from(tmp_path / name)


def test_an_export_takes_over_splits(captures: list[Path], tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("scene,split\nscene-0001,test\nscene-0002,train\n")
    Yolo({"cameras": "CAM_FRONT", "splits_from": str(tmp_path / "splits.csv")}).export(
        captures, tmp_path / "yolo"
    )
    rows = (tmp_path / "yolo" / "scenes.csv").read_text().splitlines()[1:]
    assert [row.split(",")[:2] for row in rows] == [["scene-0001", "test"], ["scene-0002", "train"]]
    # And what it made can be taken over again.
    assert known_from(tmp_path / "yolo").known == {"scene-0001": "test", "scene-0002": "train"}
    assert str(tmp_path) not in (tmp_path / "yolo" / "drivegen.json").read_text()
