"""What the segmenter is taught: pairs of pictures, and what became of each pixel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen_generators.judges import calibrate
from drivegen_generators.judges.channels import channels
from drivegen_generators.judges.layers import (
    CHANNELS,
    LOST,
    MOVED,
    NEW_PERSON,
    NEW_TWO_WHEELER,
    NEW_VEHICLE,
    SAME,
)
from drivegen_generators.judges.pairs import IGNORED, Pictures, became, planted_pair
from drivegen_generators.judges.planted import Frame, Planted
from drivegen_generators.judges.segmenter import Segmenter
from drivegen_generators.judges.weights import read_tensors

from .pictures import BOXES, CAR, OTHER, street, write_views


def _frame(left_out: int = 0, shift_px: int = 0) -> Frame:
    made = street(left_out=left_out, shift_px=shift_px)
    return Frame(bgr=made.bgr, depth_m=made.depth_m, tag=made.tag, instance=made.instance)


def _of(outcomes: np.ndarray, track: int) -> set[int]:
    left, top, right, bottom = BOXES[track]
    return set(np.unique(outcomes[top:bottom, left:right]).tolist())


def test_what_is_gone_new_elsewhere_or_as_it_was() -> None:
    outcomes, _ = became(_frame(), _frame(left_out=CAR))
    assert _of(outcomes, CAR) == {LOST} and _of(outcomes, OTHER) == {SAME}
    outcomes, _ = became(_frame(left_out=CAR), _frame())
    assert _of(outcomes, CAR) == {NEW_VEHICLE} and _of(outcomes, OTHER) == {SAME}
    outcomes, _ = became(_frame(), _frame(shift_px=12))
    assert _of(outcomes, CAR) == {MOVED}
    assert set(outcomes[70, 110:122].tolist()) == {MOVED} and outcomes[70, 125] == SAME
    outcomes, _ = became(_frame(), _frame())
    assert set(np.unique(outcomes).tolist()) == {SAME}


def test_what_something_new_hides_teaches_nothing() -> None:
    """A car that is gone where a person stands now."""
    then = _frame(left_out=CAR)
    then.tag[60:92, 60:80], then.instance[60:92, 60:80] = Tag.PEDESTRIAN, 31
    outcomes, _ = became(_frame(), then)
    assert set(np.unique(outcomes[60:92, 60:80]).tolist()) == {IGNORED}
    assert set(np.unique(outcomes[60:92, 80:110]).tolist()) == {LOST}


@pytest.mark.parametrize(
    ("tag", "outcome"),
    [(Tag.PEDESTRIAN, NEW_PERSON), (Tag.BICYCLE, NEW_TWO_WHEELER), (Tag.BUS, NEW_VEHICLE)],
)
def test_new_things_have_their_kind(tag: Tag, outcome: int) -> None:
    then = _frame()
    then.tag[110:140, 20:40], then.instance[110:140, 20:40] = tag, 31
    outcomes, _ = became(_frame(), then)
    assert set(np.unique(outcomes[110:140, 20:40]).tolist()) == {outcome}
    then.instance[110:140, 20:40], then.instance[110:113, 20:25] = 0, 31
    outcomes, _ = became(_frame(), then)
    assert set(np.unique(outcomes[110:113, 20:25]).tolist()) == {IGNORED}, "too small"


def test_planted_edits_are_told_as_others_are() -> None:
    frame = _frame()
    invented = np.zeros(frame.tag.shape, bool)
    invented[110:130, 200:230] = True
    planted = Planted(
        bgr=frame.bgr, lost={CAR}, moved={OTHER: (6, 0)}, invented=invented, invented_tag=Tag.PEDESTRIAN
    )
    outcomes = planted_pair(frame, planted).outcomes
    assert _of(outcomes, CAR) == {LOST} and _of(outcomes, OTHER) == {MOVED}
    assert outcomes[70, 216] == MOVED and outcomes[120, 210] == NEW_PERSON and outcomes[150, 10] == SAME


def test_a_darker_or_paler_look_shows_the_network_much_the_same() -> None:
    place = street()
    things = place.instance > 0
    same = channels(place.bgr, place.bgr, things)
    assert same.shape == (CHANNELS, *things.shape)
    np.testing.assert_array_equal(same[:4], same[4:8])
    for gain, lift in ((0.5, 0), (0.5, 120)):
        look = (place.bgr * gain + lift).astype(np.uint8)
        other = channels(place.bgr, look, things)
        assert np.abs(other[4:7] - same[4:7]).mean() < 0.1
        assert np.corrcoef(other[7].ravel(), same[7].ravel())[0, 1] > 0.9
    gone = channels(place.bgr, street(left_out=CAR).bgr, things)
    left, top, right, bottom = BOXES[CAR]
    assert np.abs(gone[4:7] - same[4:7])[:, top:bottom, left:right].mean() > 0.5


def test_draws_follow_from_their_seed(tmp_path: Path) -> None:
    write_views(tmp_path)
    pictures = Pictures(tmp_path)
    drawn = [pictures.draw(pictures.names, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    seen, outcomes, weight = drawn[0]
    assert seen.shape == (CHANNELS, 160, 240) and outcomes.shape == weight.shape == (80, 120)
    assert all((a == b).all() for a, b in zip(drawn[0], drawn[1], strict=True))
    assert any((a != b).any() for a, b in zip(drawn[0], drawn[2], strict=True))


def test_training_and_calibration_run_from_a_folder_of_views(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from drivegen_generators.judges import train

    frames, out = tmp_path / "frames", tmp_path / "w.safetensors"
    frames.mkdir()
    with pytest.raises(SystemExit, match=r"benchmarks\.verdicts\.frames"):
        train.main([str(frames), "--out", str(out), "--steps", "2"])
    write_views(frames, views=10)
    train.main([str(frames), "--out", str(out), "--steps", "2"])
    _, about = read_tensors(out)
    assert (about["steps"], about["frames"]) == ("2", "18")
    Segmenter(weights=str(out))
    scales = tmp_path / "scales.json"
    calibrate.main([str(frames), "--out", str(scales)])
    found = json.loads(scales.read_text(encoding="utf-8"))["scales"]
    assert set(found) == {"edges", "segmenter"} and set(found["edges"]) == {"lost", "moved", "invented"}
    assert found["edges"]["lost"]["any"]["examples"]["edited"] > 20
