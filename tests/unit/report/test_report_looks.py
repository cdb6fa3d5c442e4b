"""The report's section on looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tests.unit.capture.synthetic_capture import make_plan, write_capture

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.judged_looks import Judging
from drivegen.capture.judging import Region, Shown
from drivegen.capture.jury import Jury, Rules
from drivegen.capture.looks import LookOrder, make_look
from drivegen.core.looks import Style
from drivegen.core.verdicts import Verdict, Vote
from drivegen.report.look_verdicts import look_views


class Strict:
    """Everything is lost; what is larger more surely."""

    name, version = "strict", 1

    def votes(self, shown: Shown) -> dict[int, Vote]:
        return {
            o.track_id: Vote(
                judge="strict", verdict=Verdict.LOST, weight=3.0, evidence={"px": float(o.pixels)}
            )
            for o in shown.objects
        }

    def regions(self, shown: Shown) -> list[Region]:
        return []

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        return None


class Grey:
    version = 1

    def check(self, style: Style) -> None:
        pass

    def images(self, clip: Clip, style: Style, seed: int) -> Iterator[tuple[ClipImage, np.ndarray]]:
        for image in clip.images():
            yield image, np.full_like(image.bgr, 128)


def test_the_worst_come_first_with_both_pictures(tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    plan = make_plan(duration_s=0.2)
    capture = write_capture(tmp_path / "captures" / f"{plan.scene}.mcap", plan).path
    order = LookOrder(name="grey", plugin="grey", judging=Judging(judges={"strict": {}}))
    make_look(capture, order, Grey(), Jury(judges=(Strict(),), rules=Rules()))
    make_look(capture, LookOrder(name="unjudged", plugin="grey"), Grey())
    (view,) = look_views(tmp_path, {capture.stem: capture})
    assert view.name == "grey" and view.share["lost"] == 1.0 and view.rates.counts["kept"] == 0
    pixels = [int(w.what.split(", ")[1].split()[0].replace(",", "")) for w in view.worst]
    assert len(pixels) > 3 and pixels == sorted(pixels, reverse=True)
    assert view.worst[0].votes == ("strict lost (+3.0)",)
    assert view.worst[0].picture.uri.startswith("data:image/webp;base64,")
