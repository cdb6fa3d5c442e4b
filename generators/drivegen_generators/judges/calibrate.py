"""Sets the scales of judges: `python -m drivegen_generators.judges.calibrate FRAMES`.

FRAMES is what `python -m benchmarks.verdicts.frames` wrote with another seed than that of training. A
picture's look is the view's other picture, where some objects are gone, new or elsewhere: as it was drawn,
restyled at random, or in its procedural look; or it is the picture itself with edits planted in it
(`judges.planted`). What judges measure of objects that were edited and of those that were not becomes a
logistic regression for each judge, question and kind of style, in scales.json. No weight of a scale follows
from anything else. Procedural looks count in scales of their own kinds of style alone: what a prompt's look
will be like, they do not tell.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float64

from drivegen.capture.judging import Shown
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.judges import augment
from drivegen_generators.judges.edges import Edges
from drivegen_generators.judges.layers import LOST, MOVED, NEW, SAME
from drivegen_generators.judges.pairs import IGNORED, Pair, Pictures, hash_of, names_of, planted_pair
from drivegen_generators.judges.planted import Frame, objects_of, plant
from drivegen_generators.judges.scales import ANY, SCALES, Scale, style_key
from drivegen_generators.judges.segmenter import Segmenter

STYLES = {
    "plain": Style(),
    "any": Style(prompt="any"),
    "dark": Style(time="night"),
    "turbid": Style(weather="fog"),
}
QUESTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "edges": {
        "lost": (
            "edges_here", "edges_best", "recall", "boundary_auc", "boundary_fall", "depth_auc", "blur_ssim",
            "size",
        ),
        "moved": ("edges_here", "edges_best", "gain", "shift", "size"),
        "invented": ("edges_here", "new_edges", "blur_ssim", "size"),
    },
    "segmenter": {
        "lost": ("lost", "odds_lost", "surely", "moved", "size"),
        "invented": ("odds_new", "most", "filled", "moved", "size"),
    },
}  # fmt: skip
_RIDGE = 0.02
_LEAST_PX = 60
_MOSTLY, _UNTOUCHED, _INVENTED = 0.5, 0.9, 0.25
"""Shares of an object's or a region's pixels."""
_LEAST_EXAMPLES = 25
"""Of both kinds; a style with fewer is judged by all styles together."""

Rows = dict[tuple[str, str, str], list[tuple[dict[str, float], bool]]]
"""Numbers, and whether it was edited, by judge, question and style."""


def styled(bgr: np.ndarray, frame: Frame, style: str, rng: np.random.Generator) -> np.ndarray:
    """A look of one of the kinds."""
    if style == "plain":
        return bgr
    if style == "any":
        return augment.restyled(bgr, frame.depth_m, frame.instance, rng)
    image = bgr.astype(np.float32) / 255.0
    image = augment.dimmed(image, rng) if style == "dark" else augment.hazy(image, frame.depth_m, rng)
    return (np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)


def measure(folder: Path, seed: int, workers: int) -> tuple[Rows, Rows]:
    """What the judges measure of all pictures: of those restyled, and of procedural looks."""
    both: tuple[Rows, Rows] = (defaultdict(list), defaultdict(list))
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (folder, seed)) as pool:
        for found in pool.map(_measured, names_of(folder), chunksize=8):
            for rows, more in zip(both, found, strict=True):
                for key, examples in more.items():
                    rows[key] += examples
    return both


_OWN: dict[str, Any] = {}
"""Of a process that measures."""


def _begin(folder: Path, seed: int) -> None:
    cv2.setNumThreads(1)
    _OWN.update(pictures=Pictures(folder), seed=seed, judges=(Edges(), Segmenter()))


def _measured(name: str) -> tuple[Rows, Rows]:
    pictures, seed, judges = _OWN["pictures"], _OWN["seed"], _OWN["judges"]
    restyled: Rows = defaultdict(list)
    of_looks: Rows = defaultdict(list)
    frame, after = pictures.frames[name], pictures.other(name)
    rng = derive_rng(seed, "planted", name)
    pasted = pictures.frames[pictures.names[int(rng.integers(len(pictures.names)))]]
    planted = planted_pair(frame, plant(frame, pasted, rng))
    for style, asked in STYLES.items():
        for kind, pair in (("view", pictures.pair(name, after, look=False)), ("planted", planted)):
            look = styled(pair.look_bgr, frame, style, derive_rng(seed, "calibrate", name, style, kind))
            _measure_one(replace(pair, look_bgr=look), asked, judges, restyled, shifts=kind == "planted")
    for then in (after, name):
        _measure_one(pictures.pair(name, then, look=True), pictures.styles[then], judges, of_looks)
    return restyled, of_looks


def _measure_one(
    pair: Pair, style: Style, judges: tuple[Edges, Segmenter], rows: Rows, *, shifts: bool = False
) -> None:
    """Counts what is measured; of moves only where `shifts` says that they are known to the pixel."""
    edges, segmenter = judges
    objects = objects_of(pair.frame, _LEAST_PX)
    shown = Shown(controls=pair.frame, look_bgr=pair.look_bgr, objects=objects, style=style)
    key = style_key(style)
    for seen in objects:
        fate = pair.outcomes[pair.frame.instance == seen.track_id]
        lost, moved = (float((fate == k).mean()) > _MOSTLY for k in (LOST, MOVED))
        if not lost and not moved and (fate == SAME).mean() < _UNTOUCHED:
            continue
        found = edges.evidence(shown, seen)
        if found is not None:
            rows["edges", "lost", key].append((found[0], lost))
            if shifts and not lost:
                rows["edges", "moved", key].append((found[0], moved))
        sight = segmenter.evidence(shown, seen)
        if sight is not None:
            rows["segmenter", "lost", key].append((sight, lost))
    for region in (*segmenter.regions(shown), *edges.regions(shown)):
        left, top, right, bottom = (round(v) for v in region.box_px)
        here = pair.outcomes[top:bottom, left:right]
        new = float(np.isin(here, NEW).mean()) if here.size else 0.0
        if new < _INVENTED and (here == IGNORED).mean() > 1.0 - _UNTOUCHED:
            continue
        for judge in judges:
            evidence = judge.region_evidence(shown, region)
            if evidence is not None:
                rows[judge.name, "invented", key].append((evidence, new >= _INVENTED))


def fit(examples: list[tuple[dict[str, float], bool]], names: tuple[str, ...]) -> Scale:
    """A logistic regression in which both kinds weigh the same (Newton's method, a ridge on the factors)."""
    x = np.array([[e[n] for n in names] for e, _ in examples], np.float64)
    y = np.array([edited for _, edited in examples], np.float64)
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    design = np.hstack([(x - middle) / spread, np.ones((len(x), 1))])
    weight = np.where(y > 0.5, 0.5 / max(1.0, y.sum()), 0.5 / max(1.0, (1.0 - y).sum()))
    beta: Float64[np.ndarray, "k"] = np.zeros(design.shape[1])
    ridge = np.full(design.shape[1], _RIDGE / len(names))
    ridge[-1] = 1e-6
    for _ in range(60):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30.0, 30.0)))
        slope = design.T @ (weight * (y - chance)) - ridge * beta
        bend = (design * (weight * chance * (1.0 - chance))[:, None]).T @ design + np.diag(ridge)
        beta = beta + np.linalg.solve(bend, slope)
    factors = beta[:-1] / spread
    return Scale(
        names=names,
        factors=tuple(round(float(f), 5) for f in factors),
        offset=round(float(beta[-1] - factors @ middle), 5),
    )


def scales_of(rows: Rows, of_looks: Rows) -> dict[str, Any]:
    """Scales by judge, question and kind of style, with how well each tells its own examples apart."""
    out: dict[str, Any] = {}
    for judge, questions in QUESTIONS.items():
        for question, names in questions.items():
            by_style = {
                s: [e for each in (rows, of_looks) for e in each.get((judge, question, s), [])]
                for s in ("dark", "turbid", "weather")
            }
            by_style[ANY] = [e for (j, q, _), found in sorted(rows.items()) if (j, q) == (judge, question)
                             for e in found]  # fmt: skip
            for style, examples in by_style.items():
                edited = sum(e for _, e in examples)
                if style != ANY and min(edited, len(examples) - edited) < _LEAST_EXAMPLES:
                    continue
                scale = fit(examples, names)
                plain = asdict(scale)
                plain["names"], plain["factors"] = list(scale.names), list(scale.factors)
                weights = np.array([scale.weight(e) for e, _ in examples])
                truth = np.array([e for _, e in examples], bool)
                plain["examples"] = {"edited": int(truth.sum()), "not": int((~truth).sum())}
                plain["found"] = round(float((weights[truth] > 0.0).mean()), 3) if truth.any() else 0.0
                plain["false"] = round(float((weights[~truth] > 0.0).mean()), 3)
                out.setdefault(judge, {}).setdefault(question, {})[style] = plain
    return out


def main(words: list[str] | None = None) -> None:
    """Measures, fits, writes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("frames", type=Path)
    parser.add_argument("--out", type=Path, default=SCALES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(words)
    restyled, of_looks = measure(given.frames, given.seed, given.workers)
    scales = scales_of(restyled, of_looks)
    found = {"frames_sha256": hash_of(given.frames), "seed": given.seed, "scales": scales}
    given.out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for judge, questions in scales.items():
        for question, styles in questions.items():
            for style, scale in styles.items():
                line = f"{judge:10} {question:9} {style:7} {scale['examples']} found {scale['found']}"
                sys.stdout.write(f"{line} false {scale['false']}\n")


if __name__ == "__main__":
    main()
