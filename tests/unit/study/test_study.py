"""The study: what is held out, what arms learn from, what is made of the scores."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivegen.capture.looks import LookOrder, make_look
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.tags import Tag
from drivegen.study.classes import CLASS_OF_CITYSCAPES, CLASS_OF_TAG, CLASSES, IGNORED
from drivegen.study.holdout import SceneTraits, hold_out
from drivegen.study.intervals import interval_of
from drivegen.study.pictures import Labelled, looks_of, of_captures, of_folder
from drivegen_generators.appearance.procedural import Procedural
from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture

SCENES = {f"s{m}{w}": SceneTraits(map=f"map{m}", weather=w) for m in "123" for w in ("clear", "rain")}


def test_what_is_judged_on_shares_neither_map_nor_weather_with_what_is_learnt_from() -> None:
    held = hold_out(SCENES, ["map2"], ["rain"], 0)
    assert held.test == ("s2rain",) and held.train == ("s1clear", "s3clear")
    drawn = hold_out(SCENES, [], [], 4)
    assert drawn == hold_out(dict(reversed(SCENES.items())), [], [], 4)
    assert len(drawn.maps) == 1 and len(drawn.weathers) == 1
    assert not {SCENES[s].map for s in drawn.train} & {SCENES[s].map for s in drawn.test}
    assert not {SCENES[s].weather for s in drawn.train} & {SCENES[s].weather for s in drawn.test}


def test_what_cannot_be_held_out_is_said() -> None:
    with pytest.raises(ConfigError, match="no map9 in the run; there are map1, map2, map3"):
        hold_out(SCENES, ["map9"], [], 0)
    with pytest.raises(ConfigError, match="no scene is left to learn from"):
        hold_out(SCENES, ["map1", "map2", "map3"], ["rain"], 0)
    with pytest.raises(ConfigError, match="no scene is left to judge on"):
        known = {name: SCENES[name] for name in ("s1clear", "s2rain", "s3clear")}
        hold_out(known, ["map3"], ["rain"], 0)


def test_intervals_are_students() -> None:
    """By hand: mean 0.2, deviation 0.1, t(0.975, 2) = 4.303."""
    found = interval_of([0.1, 0.2, 0.3])
    assert found.mean == pytest.approx(0.2)
    assert found.high - found.mean == pytest.approx(4.303 * 0.1 / math.sqrt(3), rel=1e-3)
    assert math.isinf(interval_of([0.4]).high)


def test_classes_of_labels() -> None:
    names = list(CLASSES)
    assert names[CLASS_OF_TAG[Tag.ROAD_LINE]] == "road" and CLASS_OF_TAG[Tag.NONE] == IGNORED
    # labelIds: 7 road, 11 building, 24 person, 26 car; 0 unlabeled, 3 out of roi.
    assert [names[CLASS_OF_CITYSCAPES[i]] for i in (7, 11, 24, 26)] == [
        "road",
        "building",
        "person",
        "vehicle",
    ]
    assert CLASS_OF_CITYSCAPES[0] == CLASS_OF_CITYSCAPES[3] == IGNORED


@pytest.mark.parametrize("layout", ["cityscapes", "plain"])
def test_real_pictures(tmp_path: Path, layout: str) -> None:
    ids = np.full((20, 40), 7, np.uint8)
    ids[:10] = 23
    if layout == "cityscapes":
        picture = tmp_path / "leftImg8bit/val/aachen/aachen_000000_000019_leftImg8bit.png"
        mask = tmp_path / "gtFine/val/aachen/aachen_000000_000019_gtFine_labelIds.png"
    else:
        picture, mask = tmp_path / "images/a.jpg", tmp_path / "masks/a.png"
    for path in (picture, mask):
        path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(picture), np.full((20, 40, 3), (255, 0, 0), np.uint8))
    with pytest.raises(ConfigError, match=r"is missing: each image wants a mask"):
        of_folder(tmp_path, (20, 10))
    cv2.imwrite(str(mask), ids)
    found = of_folder(tmp_path, (20, 10))
    assert found.rgb.shape == (1, 3, 10, 20) and found.truth.shape == (1, 10, 20)
    assert found.rgb[0, 2].mean() > 250  # blue, red first
    assert found.truth[0, 0, 0] == list(CLASSES).index("sky") and found.truth[0, 9, 9] == 0
    cv2.imwrite(str(mask), ids[:5])
    with pytest.raises(ConfigError, match="one-channel mask of its size"):
        of_folder(tmp_path, (20, 10))


def test_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no images; leftImg8bit/val"):
        of_folder(tmp_path, (20, 10))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes on two maps in two weathers; those with clear weather have a look."""
    folder = tmp_path_factory.mktemp("study") / "runs" / "small"
    (folder / "captures").mkdir(parents=True)
    for number, (place, weather) in enumerate([("a", "clear"), ("a", "rain"), ("b", "clear"), ("b", "rain")]):
        plan = make_plan(f"s{number}", 0.1, make_rig(64, 36, 45))
        plan = replace(plan, map=replace(plan.map, name=place), weather=replace(plan.weather, preset=weather))
        capture = folder / "captures" / f"s{number}.mcap"
        write_capture(capture, plan)
        if weather == "clear":
            order = LookOrder(name="foggy", plugin="procedural", style=Style(weather="fog"), seed=1)
            make_look(capture, order, Procedural())
    return folder


def test_looks_are_other_colours_of_the_same_images(run: Path) -> None:
    assert looks_of(run, ["s0", "s2"]) == {"foggy": "procedural"}
    assert looks_of(run, ["s0", "s1"]) == {}
    plain, foggy = (of_captures(run, ["s0"], (32, 18), look=look) for look in ("", "foggy"))
    np.testing.assert_array_equal(plain.truth, foggy.truth)
    assert np.abs(plain.rgb.astype(int) - foggy.rgb).mean() > 2
    assert len(of_captures(run, ["s0"], (32, 18), most=2)) == 2


def test_arms_start_alike_and_learn(run: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    from drivegen.study.training import Recipe, jittered, judge, train

    rng = np.random.default_rng(0)
    truth = np.zeros((8, 16, 24), np.uint8)
    truth[:, 8:] = 5
    rgb = np.where(truth[:, None] == 5, 220, 30).repeat(3, 1).astype(np.uint8)
    data = Labelled(rgb=rgb + rng.integers(0, 20, rgb.shape, np.uint8), truth=truth)
    recipe = Recipe(steps=40, batch=4, width=4)
    nets = [train([data], False, recipe, 3) for _ in range(2)]
    for a, b in zip(*(n.state_dict().values() for n in nets), strict=True):
        assert torch.equal(a, b)
    found = judge(nets[0], data)
    assert np.nanmean(found) > 0.6 and np.isnan(found[1])
    # An arm of two equal looks is the arm of one: what is drawn for looks moves nothing else.
    twice = train([data, data], False, recipe, 3)
    assert all(
        torch.equal(a, b)
        for a, b in zip(nets[0].state_dict().values(), twice.state_dict().values(), strict=True)
    )
    jitter = jittered(rgb, np.random.default_rng(1))
    assert jitter.shape == rgb.shape and not np.array_equal(jitter, rgb)
    untrained = train([data], False, Recipe(steps=2, batch=4, width=4), 3)
    assert np.nanmean(judge(untrained, data)) < np.nanmean(found)


def test_all_arms_on_real_pictures_too(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    from drivegen.cli.main import main

    copy = tmp_path / "all"
    shutil.copytree(run, copy)
    # The study asks a look's file which back end made it, and nothing more: another name makes another arm.
    for scene in ("s0", "s2"):
        order = LookOrder(name="painted", plugin="diffusers_image", style=Style(time="dusk"), seed=1)
        make_look(copy / "captures" / f"{scene}.mcap", order, Procedural())
    real = tmp_path / "city"
    for kind in ("images", "masks"):
        (real / kind).mkdir(parents=True)
    cv2.imwrite(str(real / "images" / "a.png"), np.full((18, 32, 3), 90, np.uint8))
    cv2.imwrite(str(real / "masks" / "a.png"), np.full((18, 32), 7, np.uint8))
    words = ["study", str(copy), "--hold-maps", "b", "--hold-weather", "rain", "--real", str(real)]
    assert main([*words, "--steps", "2", "--seeds", "2", "--size", "32x18", "--threads", "1"]) == 0
    assert "| diffusion looks |" in capsys.readouterr().out
    data = json.loads((copy / "study" / "study.json").read_text())
    assert [arm["looks"] for arm in data["arms"]] == [[], [], ["foggy"], ["painted"]]
    assert set(data["summary"]) == {"held-out scenes", "real"}
    for arm in data["arms"]:
        assert len(arm["scores"]["real"]) == 2
    page = (copy / "study" / "study.html").read_text()
    assert page.count("diffusion looks") >= 2 and "real" in page
    assert main([*words[:-1], str(tmp_path / "nowhere")]) == 2


def test_a_study_from_the_command_line(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    from drivegen.cli.main import main

    words = ["study", str(run), "--out", str(tmp_path), "--hold-maps", "b", "--hold-weather", "rain"]
    assert main([*words, "--steps", "2", "--seeds", "2", "--size", "32x18", "--threads", "1"]) == 0
    out = capsys.readouterr().out
    assert "| procedural looks |" in out and "diffusion looks" not in out
    data = json.loads((tmp_path / "study.json").read_text())
    assert data["holdout"]["test"] == ["s3"] and data["holdout"]["train"] == ["s0"]
    assert [arm["looks"] for arm in data["arms"]] == [[], [], ["foggy"]]
    summary = data["summary"]["held-out scenes"]
    scores = [s["mean"] for s in data["arms"][2]["scores"]["held-out scenes"]]
    assert summary["procedural looks"]["mean_iou"]["mean"] == pytest.approx(sum(scores) / 2)
    assert summary["simulator"]["gain"] is None and str(run.parent) not in json.dumps(data)
    page = (tmp_path / "study.html").read_text()
    assert "<svg" in page and "http" not in page
    assert main([*words, "--size", "small"]) == 2
    assert main([*words, "--seeds", "1"]) == 2
    assert main(["study", str(run), "--hold-maps", "a", "--hold-weather", "clear"]) == 2
    assert "has no look of all scenes that are learnt from (s3)" in capsys.readouterr().err
