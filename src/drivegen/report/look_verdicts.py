"""Looks of a run: how often objects were kept, moved, lost or invented, and pictures of the worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.labels import PixelBox
from drivegen.core.verdicts import Action, ImageVerdicts, ObjectVerdict, Verdict, VerdictRates
from drivegen.report.portraits import cut_out
from drivegen.report.scenes import Picture, picture

_SHOWN = 6
"""Of each look."""
_COLOR = {Verdict.LOST: (60, 60, 235), Verdict.MOVED: (40, 190, 240), Verdict.INVENTED: (235, 70, 200)}
_GAP_PX = 6

Worst = tuple[float, str, ImageVerdicts, ObjectVerdict]
"""How bad, the scene, the image, the object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstView:
    """One of the worst objects."""

    verdict: str
    what: str
    where: str
    picture: Picture
    votes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """A look as the page shows it."""

    name: str
    scenes: int
    rates: VerdictRates
    share: dict[str, float]
    worst: tuple[WorstView, ...]


def look_views(run: Path, captures: Mapping[str, CapturePlace]) -> list[LookView]:
    """The judged looks of a run, by name.

    Args:
        run: Its folder, with looks/NAME/SCENE.mcap.
        captures: By scene.
    """
    out = []
    for folder in sorted(p for p in (run / "looks").glob("*") if p.is_dir()):
        found = _view(folder, captures)
        if found is not None:
            out.append(found)
    return out


def _view(folder: Path, captures: Mapping[str, CapturePlace]) -> LookView | None:
    total, scenes = VerdictRates(), 0
    worst: list[Worst] = []
    for path in sorted(folder.glob("*.mcap")):
        if path.stem not in captures:
            continue
        try:
            with CaptureReader(captures[path.stem], look=folder.name) as reader:
                rates = reader.verdict_rates
                if rates is None:
                    continue
                total, scenes = total + rates, scenes + 1
                worst += [
                    (_badness(o), path.stem, image, o)
                    for image in reader.all_verdicts()
                    for o in image.objects
                    if o.verdict in _COLOR
                ]
        except CaptureError:  # made of another recording, or damaged: the next job makes it again
            continue
        worst = sorted(worst, key=lambda w: (-w[0], w[1], w[2].time_ns, w[3].box_px))[:_SHOWN]
    if not scenes:
        return None
    return LookView(
        name=folder.name,
        scenes=scenes,
        rates=total,
        share={v.value: total.share(v) for v in Verdict},
        worst=tuple(_worst(captures[w[1]], folder.name, w) for w in worst),
    )


def _badness(found: ObjectVerdict) -> float:
    """What is large and surely wrong comes first."""
    sure = sum(v.weight for v in found.votes) + (6.0 if found.verdict is Verdict.MOVED else 0.0)
    return max(0.1, sure) * float(np.log10(max(10, found.pixels)))


def _worst(capture: CapturePlace, look: str, worst: Worst) -> WorstView:
    _, scene, image, found = worst
    pair = []
    for name in ("", look):
        with CaptureReader(capture, look=name) as reader:
            agent = reader.frame(image.frame).agents[image.agent]
            pair.append(_cut(agent.bgr(image.channel), found))
    gap = np.full((pair[0].shape[0], _GAP_PX, 3), 255, np.uint8)
    both = np.hstack([pair[0], gap, pair[1]])
    track = "" if found.track_id is None else f" {found.track_id}"
    where = f"{scene}, frame {image.frame}, {image.agent}/{image.channel}"
    what = f"{found.object_class}{track}, {found.pixels:,} pixels"
    if found.action is not Action.KEEP:
        what += f"; {found.action.value.replace('_', ' ')}"
    return WorstView(
        verdict=found.verdict.value,
        what=what,
        where=where,
        picture=picture(
            both, both.shape[1], "simulator and look", f"{found.verdict.value}: {what}, simulator and look"
        ),
        votes=tuple(
            f"{v.judge} {v.verdict.value} ({v.weight:+.1f})"
            for v in sorted(found.votes, key=lambda v: v.judge)
        ),
    )


def _cut(bgr: UInt8[np.ndarray, "h w 3"], found: ObjectVerdict) -> UInt8[np.ndarray, "u v 3"]:
    out = bgr.copy()
    width = 2 if out.shape[1] > 1200 else 1
    _frame(out, found.box_px, _COLOR[found.verdict], width)
    return cut_out(out, found.box_px)


def _frame(image: UInt8[np.ndarray, "h w 3"], box: PixelBox, color: tuple[int, int, int], width: int) -> None:
    left, top, right, bottom = (round(v) for v in box)
    # A white line around it: a thin one in colour is lost in noise, on grass and at night.
    for out, shade in ((2 * width, (255, 255, 255)), (width, color)):
        cv2.rectangle(image, (left - out, top - out), (right + out - 1, bottom + out - 1), shade, width)
