"""Known edits under procedural looks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivegen.core.looks import Style
from drivegen_generators.judges import looked as rooms
from drivegen_generators.judges.planted import Frame, Planted
from drivegen_generators.judges.scales import ANY, style_key
from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture


def test_looks_are_made_of_the_edited_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captures = [
        write_capture(tmp_path / f"s{n}.mcap", make_plan(f"s{n}", 0.1, make_rig(64, 36, 45))).path
        for n in (1, 2)
    ]
    monkeypatch.setattr(rooms, "LOOKS", (Style(weather="haze"), Style(time="dusk")))
    plain = list(rooms.looked(captures, 1))

    def blackened(frame: Frame, other: Frame, rng: np.random.Generator) -> Planted:
        bgr = frame.bgr.copy()
        bgr[:, :32] = 0
        return Planted(bgr=bgr)

    monkeypatch.setattr(rooms, "plant", blackened)
    edited = list(rooms.looked(captures, 1))
    assert len(plain) == len(edited) > 0 and len(edited) % 4 == 0
    assert [shown.style.time for shown, _ in edited[: len(edited) // 4]] == [""] * (len(edited) // 4)
    for (before, _), (after, planted) in zip(plain, edited, strict=True):
        # What judges are shown as the simulator's image knows of no edit; the look does.
        np.testing.assert_array_equal(before.controls.bgr, after.controls.bgr)
        assert planted.bgr[:, :32].max() == 0
        left, right = (np.abs(before.look_bgr.astype(int) - after.look_bgr)[:, part].mean()
                       for part in (slice(4, 28), slice(40, 60)))  # fmt: skip
        assert left > 2 * right, (left, right)


def test_styles_are_judged_by_their_kind() -> None:
    for style, key in (
        (Style(time="night", weather="rain"), "dark"),
        (Style(weather="fog"), "turbid"),
        (Style(weather="snow"), "weather"),
        (Style(season="autumn"), "weather"),
        (Style(prompt="snow at night", time="night"), ANY),
        (Style(), ANY),
    ):
        assert style_key(style) == key
