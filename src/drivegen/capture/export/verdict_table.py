"""Verdicts on a look in a data set: `verdicts.jsonl`, one line an image that was judged, whatever the format.

A line is `drivegen.core.verdicts.to_plain` of the image, with its scene. Data sets of the simulator's images,
and of looks that nobody judged, have no such file.
"""

from __future__ import annotations

import shutil

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.part import PartWriter
from drivegen.capture.export.selected import SelectedCapture
from drivegen.capture.messages import to_json
from drivegen.core.verdicts import Verdict, VerdictRates, rates_from_plain, to_plain

TABLE = "verdicts.jsonl"


def keep_verdicts(capture: SelectedCapture, part: PartWriter) -> None:
    """Keeps the verdicts on a scene's look for the joining; nothing where nobody judged it."""
    rates = capture.verdict_rates
    if rates is None:
        return
    part.about["verdicts"] = rates.plain()
    with part.keep(TABLE) as file:
        for image in capture.all_verdicts():
            file.write(to_json({"scene": capture.scene, **to_plain(image)}) + b"\n")


def join_verdicts(parts: Parts, dataset: DatasetWriter) -> VerdictRates | None:
    """Writes the table of all scenes, and adds their rates up; none where nobody judged."""
    judged = [part for part in parts if "verdicts" in part.about]
    if not judged:
        return None
    total = VerdictRates()
    with dataset.open(TABLE) as table:
        for part in judged:
            total = total + rates_from_plain(part.about["verdicts"])
            with part.kept(TABLE).open("rb") as lines:
                shutil.copyfileobj(lines, table)
    return total


def told(rates: VerdictRates) -> str:
    """Markdown for the card."""
    counts = ", ".join(f"{rates.counts.get(v, 0)} {v}" for v in Verdict)
    done = ", ".join(f"{count} {name}" for name, count in rates.actions.items()) or "nothing"
    return (
        f"# Verdicts\n\nThe images are a look. Of {rates.judged} objects in {rates.images} images judges"
        f" say: {counts} (what was invented has no label). Done about them: {done};"
        f" {rates.frames_dropped} frames left out. `{TABLE}` has each verdict with its evidence.\n"
    )
