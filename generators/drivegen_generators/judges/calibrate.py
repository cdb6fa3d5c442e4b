"""Sets the scales of judges: `python -m drivegen_generators.judges.calibrate FRAMES RUN [RUN ...]`.

FRAMES is what `python -m benchmarks.verdicts.frames` wrote with another seed than that of training; RUN a run
folder of scenes by day in clear weather. Edits are planted in the pictures (`judges.planted`); those of
FRAMES are restyled at random, four ways, those of RUN get procedural looks (`judges.looked`). What judges
measure of objects that were edited and of those that were not becomes a logistic regression for each judge,
question and kind of style, in scales.json. No weight of a scale follows from anything else. Procedural looks
count in scales of their own kinds of style alone: what a prompt's look will be like, they do not tell.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float64

from drivegen.capture.judging import Shown
from drivegen.core.labels import PixelBox
from drivegen.core.looks import Style
from drivegen.core.rng import derive_rng
from drivegen_generators.judges import augment
from drivegen_generators.judges.edges import Edges
from drivegen_generators.judges.looked import looked
from drivegen_generators.judges.planted import Frame, Planted, objects_of, plant
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
        "lost": ("odds_after", "fall", "missed", "size"),
        "invented": ("seen_before", "odds_after", "most", "filled", "size"),
    },
}  # fmt: skip
_RIDGE = 0.02
_LEAST_EXAMPLES = 25
"""Of both kinds; a style with fewer is judged by all styles together."""

Rows = dict[tuple[str, str, str], list[tuple[dict[str, float], bool]]]
"""Numbers, and whether it was edited, by judge, question and style."""


def load(folder: Path, name: str) -> Frame:
    """A frame."""
    labels = np.asarray(cv2.imread(str(folder / f"{name}.png"), cv2.IMREAD_UNCHANGED))
    return Frame(
        bgr=np.asarray(cv2.imread(str(folder / f"{name}.jpg")), np.uint8),
        depth_m=labels[..., 0].astype(np.float32) / 256.0,
        tag=labels[..., 2].astype(np.uint8),
        instance=labels[..., 1],
    )


def styled(bgr: np.ndarray, frame: Frame, style: str, rng: np.random.Generator) -> np.ndarray:
    """A look of one of the kinds."""
    if style == "plain":
        return bgr
    if style == "any":
        return augment.restyled(bgr, frame.depth_m, frame.instance, rng)
    image = bgr.astype(np.float32) / 255.0
    image = augment.dimmed(image, rng) if style == "dark" else augment.hazy(image, frame.depth_m, rng)
    return (np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)


def measure(folder: Path, judges: tuple[Edges, Segmenter], seed: int) -> tuple[Rows, str]:
    """What the judges measure of all frames, and the hash of these."""
    rows: Rows = defaultdict(list)
    names = sorted(p.stem for p in folder.glob("*.jpg"))
    digest = hashlib.sha256()
    for number, name in enumerate(names):
        digest.update((folder / f"{name}.jpg").read_bytes())
        frame, other = load(folder, name), load(folder, names[(number * 7 + 3) % len(names)])
        for style, asked in STYLES.items():
            rng = derive_rng(seed, "calibrate", name, style)
            planted = plant(frame, other, rng)
            look = styled(planted.bgr, frame, style, rng)
            shown = Shown(controls=frame, look_bgr=look, objects=objects_of(frame, 60), style=asked)
            _measure_one(shown, planted, judges, rows)
    return rows, digest.hexdigest()


def measure_looked(runs: Sequence[Path], judges: tuple[Edges, Segmenter], seed: int) -> Rows:
    """The same of the captures of runs in procedural looks."""
    captures = sorted(path for run in runs for path in (run / "captures").glob("*.mcap"))
    if not captures:
        raise SystemExit(f"{', '.join(map(str, runs))}: there are no captures")
    rows: Rows = defaultdict(list)
    for shown, planted in looked(captures, seed):
        _measure_one(shown, planted, judges, rows)
    return rows


def _measure_one(shown: Shown, planted: Planted, judges: tuple[Edges, Segmenter], rows: Rows) -> None:
    edges, segmenter = judges
    style = style_key(shown.style)
    for seen in shown.objects:
        if seen.track_id in planted.spoilt:
            continue
        lost, moved = seen.track_id in planted.lost, seen.track_id in planted.moved
        found = edges.evidence(shown, seen)
        if found is not None:
            rows["edges", "lost", style].append((found[0], lost))
            if not lost:
                rows["edges", "moved", style].append((found[0], moved))
        sight = segmenter.evidence(shown, seen)
        if sight is not None and not moved:
            rows["segmenter", "lost", style].append((sight, lost))
    for region in (*segmenter.regions(shown), *edges.regions(shown)):
        share = 0.0 if planted.invented is None else _share(planted.invented, region.box_px)
        for judge in judges:
            evidence = judge.region_evidence(shown, region)
            if evidence is not None:
                rows[judge.name, "invented", style].append((evidence, share > 0.25))


def _share(mask: np.ndarray, box_px: PixelBox) -> float:
    left, top, right, bottom = (int(v) for v in box_px)
    part = mask[top:bottom, left:right]
    return float(part.mean()) if part.size else 0.0


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
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=SCALES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    judges = Edges(), Segmenter()
    rows, digest = measure(given.frames, judges, given.seed)
    of_looks = measure_looked(given.runs, judges, given.seed)
    found = {"frames_sha256": digest, "seed": given.seed, "scales": scales_of(rows, of_looks)}
    given.out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for judge, questions in found["scales"].items():
        for question, styles in questions.items():
            for style, scale in styles.items():
                line = f"{judge:10} {question:9} {style:7} {scale['examples']} found {scale['found']}"
                sys.stdout.write(f"{line} false {scale['false']}\n")


if __name__ == "__main__":
    main()
