"""Verdicts on looks: how they are joined, kept, read, and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_capture import make_plan, write_capture

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.export.selected import SelectedCapture
from drivegen.capture.export.selection import Selection
from drivegen.capture.frame import EGO
from drivegen.capture.images import decode_jpeg
from drivegen.capture.judged_looks import Judging
from drivegen.capture.judging import Region, SeenObject, Shown
from drivegen.capture.jury import SURE, Jury, Rules, verdict_of
from drivegen.capture.look_file import LookFile, look_path
from drivegen.capture.looks import LookOrder, make_look
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ConfigError
from drivegen.core.looks import Style
from drivegen.core.verdicts import Action, ImageVerdicts, Verdict, Vote, from_plain, rates_of, to_plain
from drivegen_exporters.yolo.exporter import Yolo

SEEN = SeenObject(track_id=4, object_class="car", box_px=(1.0, 2.0, 3.0, 4.0), pixels=200)


def vote(weight: float, shift: tuple[float, float] | None = None) -> Vote:
    verdict = Verdict.MOVED if shift else Verdict.LOST if weight > 0 else Verdict.KEPT
    return Vote(judge="j", verdict=verdict, weight=weight, evidence={"a": 0.5}, shift_px=shift)


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [
        ((), Verdict.UNSURE),
        ((vote(-0.1),), Verdict.KEPT),
        ((vote(1.5), vote(1.5)), Verdict.LOST),
        ((vote(4.0), vote(-3.0)), Verdict.UNSURE),
        ((vote(1.0), vote(-2.0)), Verdict.KEPT),
        ((vote(-1.0, (6.0, 0.0)), vote(1.0)), Verdict.MOVED),
        ((vote(2.0, (6.0, 0.0)), vote(5.0)), Verdict.LOST),
    ],
)
def test_weights_are_added(votes: tuple[Vote, ...], verdict: Verdict) -> None:
    found = verdict_of(SEEN, votes)
    assert found.verdict is verdict
    assert (found.shift_px is not None) == (verdict is Verdict.MOVED)


@pytest.mark.parametrize(
    ("time", "lost", "invented"), [("", True, True), ("day", True, True), ("night", False, False)]
)
def test_in_the_dark_more_is_wanted(time: str, lost: bool, invented: bool) -> None:
    class Judge:
        name, version = "j", 1

        def votes(self, shown: Shown) -> dict[int, Vote]:
            return {SEEN.track_id: vote(1.4)}

        def regions(self, shown: Shown) -> list[Region]:
            return [Region(box_px=(9.0, 9.0, 12.0, 12.0), object_class="person", pixels=9)]

        def weigh(self, shown: Shown, region: Region) -> Vote | None:
            return vote(0.9)

    picture = Dark()
    shown = Shown(controls=picture, look_bgr=picture.bgr, objects=(SEEN,), style=Style(time=time))
    found = [o.verdict for o in Jury(judges=(Judge(),)).judge(shown)]
    assert (Verdict.LOST in found) is lost and (Verdict.INVENTED in found) is invented


class Dark:
    """An image of nothing."""

    bgr = np.zeros((16, 16, 3), np.uint8)
    depth_m = np.zeros((16, 16), np.float32)
    tag = np.zeros((16, 16), np.uint8)
    instance = np.zeros((16, 16), np.uint16)


class Watcher:
    """Calls lost what the look shows wholly green, and invented what it shows wholly blue in a corner."""

    name, version = "watcher", 3

    def votes(self, shown: Shown) -> dict[int, Vote]:
        return {
            o.track_id: vote(5.0 if _is(shown.look_bgr[shown.mask(o.track_id)], 1) else -5.0)
            for o in shown.objects
        }

    def regions(self, shown: Shown) -> list[Region]:
        if not _is(shown.look_bgr[:8, :8].reshape(-1, 3), 0):
            return []
        return [Region(box_px=(0.0, 0.0, 8.0, 8.0), object_class="person", pixels=64)]

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        return replace(vote(SURE + 1.0), verdict=Verdict.INVENTED)


def _is(pixels: np.ndarray, channel: int) -> bool:
    mean = pixels.mean(axis=0)
    return bool(mean[channel] > 200 and np.delete(mean, channel).max() < 60)


class Spoiler:
    """Paints one track green from a strength of 0.5; in the first frame also a blue corner."""

    version = 1

    def __init__(self, track: int) -> None:
        self._track = track

    def check(self, style: Style) -> None:
        pass

    def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
        for image in clip.images():
            bgr = image.bgr.copy()
            if style.strength >= 0.5:
                bgr[image.instance == self._track] = (0, 255, 0)
                if image.frame == 0:
                    bgr[:8, :8] = (255, 0, 0)
            yield image, bgr


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    (tmp_path / "captures").mkdir()
    return write_capture(tmp_path / "captures" / "scene-0001.mcap", make_plan(duration_s=0.6)).path


@pytest.fixture
def track(capture: Path) -> int:
    """The object that most pixels of some camera show."""
    with CaptureReader(capture) as reader:
        frame = reader.frame(0)
        seen = {o.track_id: sum(c.visible_pixels for c in o.cameras.values()) for o in frame.objects}
    return max(seen, key=lambda t: seen[t])


def order(**rules: object) -> LookOrder:
    judging = Judging(judges={"watcher": {}}, rules=Rules(least_pixels=20, **rules))  # type: ignore[arg-type]
    return LookOrder(name="odd", plugin="spoiler", judging=judging)


def jury(asked: LookOrder) -> Jury:
    return Jury(judges=(Watcher(),), rules=asked.judging.rules)


def test_verdicts_are_kept_with_their_evidence_and_read_back(capture: Path, track: int) -> None:
    asked = order()
    digest = make_look(capture, asked, Spoiler(track), jury(asked))
    with CaptureReader(capture, look="odd") as reader, LookFile(look_path(capture, "odd")) as look:
        found = list(reader.all_verdicts())
        assert {o.verdict for v in found for o in v.objects if o.track_id == track} == {Verdict.LOST}
        others = {o.verdict for v in found for o in v.objects if o.track_id not in (track, None)}
        assert others == {Verdict.KEPT}
        invented = [(v.frame, o) for v in found for o in v.objects if o.verdict is Verdict.INVENTED]
        assert {f for f, _ in invented} == {0} and invented[0][1].object_class == "person"
        for one in found:
            assert from_plain(json.loads(json.dumps(to_plain(one)))) == one
            assert reader.verdicts(one.agent, one.channel, one.time_ns) == one
        assert reader.verdict_rates == replace(rates_of(found), tries=1)
        assert look.origin.judging["judges"] == {"watcher": 3}
        assert reader.verdict_rates.share(Verdict.LOST) > 0
    with CaptureReader(capture) as plain:
        assert plain.verdict_rates is None and list(plain.all_verdicts()) == []
    assert make_look(capture, asked, Spoiler(track), jury(asked)) == digest
    # Other rules: another look.
    other = order(lost=Action.KEEP)
    assert make_look(capture, other, Spoiler(track), jury(other)) != digest


def test_lost_objects_are_left_out_of_exports_and_verdicts_go_along(capture: Path, track: int) -> None:
    asked = order()
    make_look(capture, asked, Spoiler(track), jury(asked))
    with SelectedCapture(capture, Selection(), look="odd") as reader, CaptureReader(capture) as plain:
        for one, other in zip(reader.frames(), plain.frames(), strict=True):
            gone = {o.track_id for o in other.objects} - {o.track_id for o in one.objects}
            lost = {t for tracks in reader.dropped(one.index).values() for t in tracks}
            assert gone == lost
            assert lost <= {track}
            for channel in one.agents[EGO].delivered:
                if channel.startswith("CAM"):
                    now, then = one.agents[EGO].instance(channel), other.agents[EGO].instance(channel)
                    hidden = track in reader.dropped(one.index).get(channel, ())
                    np.testing.assert_array_equal(now, np.where(then == track, 0, then) if hidden else then)
        assert any(reader.dropped(f.index) for f in reader.frames())
    for look, labels in (("odd", True), ("", False)):
        out = capture.parent.parent / f"yolo-{look}"
        Yolo({"look": look}).export([capture], out)
        table = out / "verdicts.jsonl"
        assert table.exists() == labels
        if labels:
            lines = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
            assert {line["scene"] for line in lines} == {"scene-0001"}
            assert "lost" in (out / "README.md").read_text(encoding="utf-8")
    texts = [sorted((capture.parent.parent / f"yolo-{look}").rglob("*.txt")) for look in ("odd", "")]
    lines = [sum(len(p.read_text().splitlines()) for p in found if "labels" in str(p)) for found in texts]
    assert lines[0] < lines[1]


def test_frames_are_dropped_where_it_is_asked(capture: Path, track: int) -> None:
    asked = order(lost=Action.KEEP, invented=Action.DROP_FRAME)
    make_look(capture, asked, Spoiler(track), jury(asked))
    with SelectedCapture(capture, Selection(), look="odd") as reader, CaptureReader(capture) as plain:
        assert [f.index for f in reader.frames()] == [f.index for f in plain.frames()][1:]
        assert reader.verdict_rates is not None and reader.verdict_rates.frames_dropped == 1


def test_objects_are_laid_back(capture: Path, track: int) -> None:
    asked = replace(order(lost=Action.RESTORE), jpeg_quality=100)
    make_look(capture, asked, Spoiler(track), jury(asked))
    checked = 0
    with CaptureReader(capture, look="odd") as reader, CaptureReader(capture) as plain:
        for image in reader.all_verdicts():
            for one in image.objects:
                if one.track_id != track:
                    continue
                assert one.verdict is Verdict.LOST and one.action is Action.RESTORE
                where = plain.frame(image.frame).agents[EGO].instance(image.channel) == track
                now, then = (
                    decode_jpeg(r.jpeg(image.agent, image.channel, image.time_ns)).astype(float)[where]
                    for r in (reader, plain)
                )
                assert np.abs(now - then).mean() < 12
                checked += 1
    assert checked


def test_a_look_that_loses_too_much_is_made_again_with_the_next_strength(
    capture: Path, track: int, tmp_path: Path
) -> None:
    asked = order()
    weaker = replace(asked, judging=replace(asked.judging, strengths=(0.8, 0.3), retry_above=0.01))
    make_look(capture, weaker, Spoiler(track), jury(asked))
    with CaptureReader(capture, look="odd") as reader:
        rates = reader.verdict_rates
        assert rates is not None and rates.tries == 3 and rates.counts["lost"] == 0
    assert [p.name for p in (tmp_path / "looks" / "odd").iterdir()] == ["scene-0001.mcap"]
    # The last is taken as it is.
    stubborn = replace(asked, judging=replace(asked.judging, strengths=(0.8,), retry_above=0.01))
    make_look(capture, stubborn, Spoiler(track), jury(asked))
    with CaptureReader(capture, look="odd") as reader:
        rates = reader.verdict_rates
        assert rates is not None and rates.tries == 2 and rates.counts["lost"] > 0


def test_rules_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="invented=drop_label"):
        Rules(invented=Action.DROP_LABEL)
    with pytest.raises(ConfigError, match="strengths"):
        Judging(strengths=(1.5,))
    image = ImageVerdicts(agent="ego", channel="CAM", time_ns=1, frame=0)
    assert rates_of([image]).share(Verdict.LOST) == 0.0
