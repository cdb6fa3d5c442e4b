"""Known edits, judged: `python -m benchmarks.verdicts [OUT] [--share 1.0]` (`make verdicts`).

Makes what is missing of the 500 edits (`benchmarks.verdicts.edits`), judges each look by the judges `edges`
and `segmenter` as a job does, and prints and writes (OUT/verdicts.json, OUT/verdicts.md) for each kind of
edit how often it was found, and how often judges were wrong about what nobody had touched.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.verdicts.edits import ROADS, SEED, Edit, read
from drivegen.capture.judging import SeenObject, Shown
from drivegen.capture.jury import Jury
from drivegen.core.looks import Style
from drivegen.core.verdicts import ObjectVerdict, Verdict
from drivegen.runtime import plugins

LEAST_PX = 100
SIZES = ((0, 400), (400, 1600), (1600, 1 << 30))
"""Visible pixels of what was edited, from and to below."""
LARGE_PX = 400
HARMLESS = ("recolour", "night", "blur")
_CHANGED, _SHARE_CHANGED = 12, 0.1
"""Grey values, and share of an invention's box, from which it lies where the picture was changed."""
_COVERED = 0.25
"""Share of the box of what was invented that verdicts must cover to have found it: its shadow is not it."""
WRONG = (Verdict.LOST, Verdict.MOVED)


@dataclass(slots=True)
class Tally:
    """What came out."""

    edited: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Verdicts on what was edited, by kind of edit and size."""
    untouched: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Verdicts on what was not, by kind of edit; inventions where there are none among them."""
    given: Counter[str] = field(default_factory=Counter)
    """Verdicts lost, moved and invented, of any size and of those from `LARGE_PX` on."""
    true: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    images_wrong: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def main(words: list[str] | None = None) -> None:
    """Makes, judges, tells."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("runs/verdicts"))
    parser.add_argument("--share", type=float, default=1.0, help="of the 500 edits")
    parser.add_argument("--judges", nargs="*", default=["edges", "segmenter"])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--roads", nargs="*", default=ROADS)
    parser.add_argument("--only", action="store_true", help="judge what is there, make nothing")
    given = parser.parse_args(words)
    edits = given.out / "edits"
    if not given.only:
        # In a process of its own: the client leaves threads behind, among which a fork may wait for ever.
        asked = ["--share", str(given.share), "--seed", str(given.seed), "--roads", *given.roads]
        command = [sys.executable, "-m", "benchmarks.verdicts.edits", str(edits), *asked]
        subprocess.run(command, check=True)
    tally = judge_all(edits, given.judges, given.workers)
    found = {"judges": given.judges, "seed": given.seed, **summary(tally)}
    (given.out / "verdicts.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    text = table(found)
    (given.out / "verdicts.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


_JURY: dict[str, Jury] = {}
"""Of a process that judges."""


def judge_all(folder: Path, judges: list[str], workers: int) -> Tally:
    """Judges all edits of a folder."""
    tally = Tally()
    names = sorted(path.stem for path in folder.glob("*.json"))
    with (
        (folder.parent / "judged.jsonl").open("w", encoding="utf-8") as lines,
        ProcessPoolExecutor(workers, initializer=_begin, initargs=(judges,)) as pool,
    ):
        for judged in pool.map(_judge, [(folder, name) for name in names], chunksize=4):
            tally.seconds += judged.seconds
            _count(tally, judged)
            edit = judged.edit
            line = {**_line(edit, judged.found), "on_edit": len(judged.on_edit), "hit": judged.hit}
            line["untouched"] = edit.untouched
            lines.write(json.dumps(line) + "\n")
    return tally


def _begin(judges: list[str]) -> None:
    cv2.setNumThreads(1)
    _JURY["jury"] = Jury(judges=tuple(plugins.make("generators.judges", n, {}, "--judges") for n in judges))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An edit, and what judges said."""

    edit: Edit
    found: tuple[ObjectVerdict, ...]
    on_edit: tuple[ObjectVerdict, ...]
    """Inventions that lie where the picture was changed by one, the largest first."""
    hit: bool
    """These cover what was invented."""
    seconds: float


def _judge(place: tuple[Path, str]) -> Judged:
    edit, before, after = read(*place)
    shown = Shown(
        controls=before,
        look_bgr=after,
        objects=tuple(_objects(edit, before.instance)),
        style=Style(time="night") if edit.kind == "night" else Style(),
    )
    began = time.process_time()
    found = _JURY["jury"].judge(shown)
    seconds = time.process_time() - began
    on_edit: list[ObjectVerdict] = []
    if edit.kind == "invent":
        changed = cv2.absdiff(before.bgr, after).max(axis=-1) > _CHANGED
        changed = cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        within = np.zeros_like(changed)
        if edit.target_box_px is not None:
            left, top, right, bottom = edit.target_box_px
            within[top:bottom, left:right] = 1
        for one in found:
            box = tuple(round(v) for v in one.box_px)
            if one.verdict is Verdict.INVENTED and (
                _lies_on(box, changed) > _SHARE_CHANGED or _lies_on(box, within) > 0.5
            ):
                on_edit.append(one)
    covered = np.zeros(after.shape[:2], bool)
    for one in on_edit:
        left, top, right, bottom = (round(v) for v in one.box_px)
        covered[top:bottom, left:right] = True
    hit = False
    if edit.target_box_px is not None:
        left, top, right, bottom = edit.target_box_px
        hit = bool(covered[top:bottom, left:right].mean() > _COVERED)
    return Judged(
        edit=edit,
        found=found,
        on_edit=tuple(sorted(on_edit, key=lambda o: -o.pixels)),
        hit=hit,
        seconds=seconds,
    )


def _lies_on(box: tuple[int, ...], where: np.ndarray) -> float:
    """Share of a box; in the dark what is invented changes hardly any pixel by much, and its box tells."""
    left, top, right, bottom = box
    return float(where[top:bottom, left:right].mean())


def _objects(edit: Edit, instance: np.ndarray) -> Iterator[SeenObject]:
    """What was edited, and what was not touched."""
    wanted = list(edit.untouched)
    if edit.target is not None and edit.kind != "invent":
        wanted.append(edit.target)
    for number in sorted(wanted):
        rows, columns = np.nonzero(instance == number)
        if len(rows) < LEAST_PX:
            continue
        box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
        yield SeenObject(track_id=number, object_class="object", box_px=box, pixels=len(rows))


def size_of(pixels: int) -> str:
    """Of what was edited."""
    low, high = next(s for s in SIZES if s[0] <= pixels < s[1])
    return f"{low} px and more" if high > 1 << 20 else f"{low} to {high} px"


def _count(tally: Tally, judged: Judged) -> None:
    edit, found = judged.edit, judged.found
    key = f"{edit.kind}|{size_of(edit.target_px)}"
    inventions = [o for o in found if o.verdict is Verdict.INVENTED]
    if edit.kind == "invent":
        tally.edited[key]["invented" if judged.hit else "missed"] += 1
    wrong = 0
    for one in found:
        # One invention that is found in several places is one.
        if one.verdict in (*WRONG, Verdict.INVENTED) and one not in judged.on_edit[1:]:
            keys = [one.verdict.value, f"{one.verdict.value}, {LARGE_PX} px and more"]
            for key_of in keys[: 1 + (one.pixels >= LARGE_PX)]:
                tally.given[key_of] += 1
                tally.true[key_of] += _is_true(judged, one)
        if one.verdict is Verdict.INVENTED:
            continue
        if one.track_id == edit.target and edit.kind not in ("recolour", "invent"):
            tally.edited[key][one.verdict.value] += 1
        else:
            if one.track_id == edit.target:
                tally.edited[key][one.verdict.value] += 1
            tally.untouched[edit.kind][one.verdict.value] += 1
            wrong += one.verdict in WRONG
    # One invention that is found in several places is one.
    false_inventions = len(inventions) - len(judged.on_edit)
    tally.untouched[edit.kind]["invented"] += false_inventions
    tally.images[edit.kind] += 1
    tally.images_wrong[edit.kind] += bool(wrong + false_inventions)


def _line(edit: Edit, found: tuple[ObjectVerdict, ...]) -> dict[str, Any]:
    return {
        "name": edit.name,
        "kind": edit.kind,
        "target": edit.target,
        "target_px": edit.target_px,
        "weather": edit.weather,
        "objects": [
            {
                "track": o.track_id,
                "verdict": o.verdict.value,
                "pixels": o.pixels,
                "box": [round(v) for v in o.box_px],
                "votes": {v.judge: [round(v.weight, 2), v.evidence] for v in o.votes},
            }
            for o in found
        ],
    }


def summary(tally: Tally) -> dict[str, Any]:
    """Recall by kind and size; precision of each verdict; false alarms."""
    rows = []
    for key in sorted(tally.edited):
        kind, size = key.split("|")
        counts = tally.edited[key]
        rows.append({"kind": kind, "size": size, "count": counts.total(), "verdicts": dict(counts)})
    alarms = {}
    for kind, counts in sorted(tally.untouched.items()):
        judged = counts.total() - counts["invented"]
        wrong = counts["lost"] + counts["moved"] + counts["invented"]
        alarms[kind] = {
            "objects": judged,
            **{v.value: counts[v.value] for v in Verdict},
            "share": round(wrong / max(1, judged), 4),
            "images": tally.images[kind],
            "images_wrong": tally.images_wrong[kind],
        }
    harmless = [alarms[k] for k in HARMLESS if k in alarms]
    objects = sum(a["objects"] for a in harmless)
    wrong = sum(a["lost"] + a["moved"] + a["invented"] for a in harmless)
    return {
        "edits": tally.images.total(),
        "edited": rows,
        "precision": _precision(tally),
        "untouched": alarms,
        "harmless": {"objects": objects, "wrong": wrong, "share": round(wrong / max(1, objects), 4)},
        "cpu_ms_per_image": round(1000.0 * tally.seconds / max(1, tally.images.total()), 1),
    }


def _precision(tally: Tally) -> dict[str, dict[str, float]]:
    """Of the verdicts lost, moved and invented: how many were true, over all edits, of any size and of large.

    A moved object that is called lost counts as wrong, and the other way round.
    """
    return {
        key: {
            "given": count,
            "true": tally.true[key],
            "precision": round(tally.true[key] / max(1, count), 4),
        }
        for key, count in sorted(tally.given.items())
    }


def _is_true(judged: Judged, one: ObjectVerdict) -> bool:
    kind = judged.edit.kind.split()[0]
    if one.verdict is Verdict.INVENTED:
        return judged.hit and one in judged.on_edit
    true = {"erase": Verdict.LOST, "move": Verdict.MOVED}.get(kind)
    return one.verdict is true and one.track_id == judged.edit.target


def table(found: dict[str, Any]) -> str:
    """As Markdown."""
    lines = [
        "| edit | size | edits | kept | moved | lost | unsure | invented found | missed |",
        "|" + "---|" * 9,
    ]
    for row in found["edited"]:
        verdicts = row["verdicts"]
        names = ("kept", "moved", "lost", "unsure", "invented", "missed")
        cells = " | ".join(str(verdicts.get(v, 0)) for v in names)
        lines.append(f"| {row['kind']} | {row['size']} | {row['count']} | {cells} |")
    lines += ["", "| verdict | given | true | precision |", "|---|---|---|---|"]
    lines += [
        f"| {v} | {p['given']} | {p['true']} | {p['precision']} |" for v, p in found["precision"].items()
    ]
    lines += ["", "| untouched objects in | objects | lost | moved | invented | unsure | false alarms |"]
    lines.append("|" + "---|" * 7)
    for kind, a in found["untouched"].items():
        cells = " | ".join(str(a[v]) for v in ("lost", "moved", "invented", "unsure"))
        lines.append(f"| {kind} | {a['objects']} | {cells} | {100 * a['share']:.1f} % |")
    harmless = found["harmless"]
    share = f"{harmless['wrong']} of {harmless['objects']} objects, {100 * harmless['share']:.2f} %"
    lines += ["", f"False alarms on harmless restyling ({', '.join(HARMLESS)}): {share}."]
    lines += [f"{found['edits']} edits, {found['cpu_ms_per_image']} CPU-ms an image for the judges.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
