"""The judge of edges, on edits that are known."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from drivegen.capture.jury import SURE, Jury
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.verdicts import Verdict
from drivegen_generators.judges.edges import Edges

from .pictures import BOXES, CAR, OTHER, shown, street


def verdicts(look: np.ndarray) -> dict[int | None, Verdict]:
    return {o.track_id: o.verdict for o in Jury(judges=(Edges(),)).judge(shown(look))}


@pytest.mark.parametrize("track", [CAR, OTHER])
def test_an_erased_object_is_lost_and_the_other_is_kept(track: int) -> None:
    found = verdicts(street(left_out=track).bgr)
    assert found[track] is Verdict.LOST
    assert found[CAR + OTHER - track] is Verdict.KEPT


@pytest.mark.parametrize("shift_px", [6, 12])
def test_a_moved_object_is_moved_by_so_much(shift_px: int) -> None:
    by_track = {o.track_id: o for o in Jury(judges=(Edges(),)).judge(shown(street(shift_px=shift_px).bgr))}
    assert by_track[CAR].verdict is Verdict.MOVED
    assert by_track[CAR].shift_px == pytest.approx((shift_px, 0.0), abs=1.0)
    assert by_track[OTHER].verdict is Verdict.KEPT


def test_other_colours_light_and_sharpness_lose_nothing() -> None:
    bgr = street().bgr
    looks = {
        "same": bgr,
        "negative": 255 - bgr,
        "dark": (bgr * 0.25).astype(np.uint8),
        "blue": np.clip(bgr * np.array([1.4, 0.9, 0.6]), 0, 255).astype(np.uint8),
        "soft": cv2.GaussianBlur(bgr, (0, 0), 1.2),
    }
    for name, look in looks.items():
        assert set(verdicts(look).values()) == {Verdict.KEPT}, name


def test_it_names_where_edges_are_new_unless_all_are() -> None:
    judge = Edges()
    look = street().bgr.copy()
    cv2.rectangle(look, (130, 104), (165, 130), (10, 10, 10), -1)
    cv2.rectangle(look, (136, 108), (158, 116), (220, 220, 220), -1)
    (region,) = judge.regions(shown(look))
    left, top, right, bottom = region.box_px
    assert left < 148 < right and top < 117 < bottom and right - left < 60
    vote = judge.weigh(shown(look), region)
    assert vote is not None and vote.evidence["new_edges"] > 0.5
    # Lamps make edges too.
    dark = judge.weigh(replace(shown(look), style=Style(time="night")), region)
    assert dark is not None and dark.weight < 0.0 < vote.weight
    assert judge.regions(shown(street().bgr)) == []
    noise = np.random.default_rng(0).integers(0, 255, look.shape, dtype=np.uint8)
    assert judge.regions(shown(noise)) == []


def test_weights_fall_when_edges_stay() -> None:
    judge = Edges()
    kept = judge.votes(shown(street().bgr))[CAR]
    lost = judge.votes(shown(street(left_out=CAR).bgr))[CAR]
    assert kept.weight < -SURE < SURE < lost.weight
    for number in ("recall", "boundary_auc", "depth_auc"):
        assert kept.evidence[number] > lost.evidence[number] + 0.05, number
    assert BOXES[CAR][0] == 60


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="width_px"):
        Edges(width_px=10)
