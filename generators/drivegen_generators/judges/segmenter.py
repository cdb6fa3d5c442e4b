"""The judge that sees: a small network, trained on our own renders, that tells things from what is no thing.

It looks at the simulator's image too: what it does not see there it cannot miss in the look, and what it sees
in both without a label is none of the look's doing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.judging import Region, SeenObject, Shown
from drivegen.core.errors import ConfigError
from drivegen.core.verdicts import Verdict, Vote
from drivegen_generators.judges.layers import CLASSES, SHRINK, STEP_PX, THINGS, VERSION
from drivegen_generators.judges.onnx_text import model
from drivegen_generators.judges.scales import Scales
from drivegen_generators.judges.weights import read_tensors
from drivegen_generators.judges.working import Working, working

WEIGHTS = Path(__file__).with_name("segmenter.safetensors")
_SEEN, _UNSEEN = 0.5, 0.4
_LEAST_REGION_PX = 40
_NAMES = tuple(CLASSES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sight:
    """What the network sees in an image and in its look."""

    before: Float32[np.ndarray, "classes h w"]
    """Probabilities, at 1 / `SHRINK` of the working size."""
    after: Float32[np.ndarray, "classes h w"]
    thing_before: Float32[np.ndarray, "h w"]
    thing_after: Float32[np.ndarray, "h w"]


class Segmenter:
    """The judge. It runs on OpenCV: torch is needed to train it, not to use it.

    Args:
        width_px: Images are judged at no more than this width.
        weights: A file of `drivegen_generators.judges.train`; the one that comes along when empty.

    Raises:
        ConfigError: A number is out of range, or the weights cannot be read.
    """

    name = "segmenter"
    version = 1

    def __init__(self, *, width_px: int = 800, weights: str = "", scales: Scales | None = None) -> None:
        if not 160 <= width_px <= 4096:
            raise ConfigError(f"judge segmenter: width_px={width_px}: 160 to 4096 is wanted")
        self._width_px = width_px
        self.scales = scales or Scales(self.name)
        path = Path(weights) if weights else WEIGHTS
        tensors, about = read_tensors(path)
        if about.get("version") != str(VERSION):
            raise ConfigError(f"{path}: weights of another segmenter; train it anew")
        try:
            self._net: Any = cv2.dnn.readNetFromONNX(np.frombuffer(model(tensors), np.uint8))
        except KeyError as error:
            raise ConfigError(f"{path}: {error} is missing") from None

    def votes(self, shown: Shown) -> dict[int, Vote]:
        """On every object that it saw in the simulator's image."""
        out = {}
        for seen in shown.objects:
            evidence = self.evidence(shown, seen)
            if evidence is None:
                continue
            lost = self.scales.weight("lost", shown.style, evidence)
            verdict = Verdict.LOST if lost > 0.0 else Verdict.KEPT
            out[seen.track_id] = Vote(judge=self.name, verdict=verdict, weight=lost, evidence=evidence)
        return out

    def regions(self, shown: Shown) -> list[Region]:
        """Things in the look where no label has any, and none was seen before."""
        image, sight = self._sight(shown)
        labelled = cv2.dilate(image.things.astype(np.uint8), np.ones((7, 7), np.uint8))
        height, width = sight.thing_after.shape
        free = cv2.resize(labelled, (width, height), interpolation=cv2.INTER_NEAREST) == 0
        new = (sight.thing_after > _SEEN) & (sight.thing_before < _UNSEEN) & free
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(new.astype(np.uint8), connectivity=8)
        back = SHRINK / image.scale
        found = []
        for number in range(1, count):
            left, top, wide, high, area = (int(v) for v in stats[number])
            if area * SHRINK**2 < _LEAST_REGION_PX:
                continue
            where = numbers == number
            kind = max(THINGS, key=lambda k: float(sight.after[k][where].sum()))
            box = (left * back, top * back, (left + wide) * back, (top + high) * back)
            found.append(Region(box_px=box, object_class=_NAMES[kind], pixels=round(area * back**2)))
        return found

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        """Whether a thing is there that was not."""
        evidence = self.region_evidence(shown, region)
        if evidence is None:
            return None
        weight = self.scales.weight("invented", shown.style, evidence)
        verdict = Verdict.INVENTED if weight > 0.0 else Verdict.KEPT
        return Vote(judge=self.name, verdict=verdict, weight=weight, evidence=evidence)

    def evidence(self, shown: Shown, seen: SeenObject) -> dict[str, float] | None:
        """Numbers of an object; none where the simulator's image shows the network no thing."""
        image, sight = self._sight(shown)
        rows, columns = image.place(seen.box_px, 2)
        mask = image.mask(seen.track_id, rows, columns).astype(np.uint8)
        small = (slice(rows.start // SHRINK, -(-rows.stop // SHRINK)),
                 slice(columns.start // SHRINK, -(-columns.stop // SHRINK)))  # fmt: skip
        before, after = sight.thing_before[small], sight.thing_after[small]
        share = cv2.resize(mask, before.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
        if share.sum() < 3.0:
            return None
        seen_before = float((before * share).sum() / share.sum())
        seen_after = float((after * share).sum() / share.sum())
        return {
            "seen_before": seen_before,
            "seen_after": seen_after,
            "odds_after": _odds(seen_after),
            "fall": (_odds(seen_before) - _odds(seen_after)) * seen_before,
            "missed": seen_before * (1.0 - seen_after),
            "size": math.log10(float(mask.sum())),
        }

    def region_evidence(self, shown: Shown, region: Region) -> dict[str, float] | None:
        """Numbers of a region."""
        image, sight = self._sight(shown)
        rows, columns = image.place(region.box_px, 0)
        here = (slice(rows.start // SHRINK, -(-rows.stop // SHRINK)),
                slice(columns.start // SHRINK, -(-columns.stop // SHRINK)))  # fmt: skip
        before, after = sight.thing_before[here], sight.thing_after[here]
        if after.size == 0:
            return None
        new = (after > _SEEN) & (before < _UNSEEN)
        if not new.any():
            new = np.ones_like(new)
        return {
            "seen_before": float(before[new].mean()),
            "odds_after": _odds(float(after[new].mean())),
            "most": float(after.max()),
            "filled": float(new.mean()),
            "size": math.log10(max(1.0, region.pixels * image.scale**2)),
        }

    def _sight(self, shown: Shown) -> tuple[Working, _Sight]:
        image = working(shown, self._width_px)
        key = f"segmenter {id(self)}"
        found = shown.notes.get(key)
        if not isinstance(found, _Sight):
            before, after = self.probabilities(image.bgr), self.probabilities(image.look_bgr)
            found = shown.notes[key] = _Sight(
                before=before,
                after=after,
                thing_before=before[list(THINGS)].sum(axis=0),
                thing_after=after[list(THINGS)].sum(axis=0),
            )
        return image, found

    def probabilities(self, bgr: UInt8[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "classes u v"]:
        """What the network makes of an image, at 1 / `SHRINK` of its size."""
        height, width = bgr.shape[:2]
        down, right = -height % STEP_PX, -width % STEP_PX
        padded = cv2.copyMakeBorder(bgr, 0, down, 0, right, cv2.BORDER_REFLECT_101)
        blob = padded.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1.0)
        self._net.setInput(np.ascontiguousarray(blob))
        scores = self._net.forward()[0][:, : -(-height // SHRINK), : -(-width // SHRINK)]
        scores = np.exp(scores - scores.max(axis=0))
        return np.asarray(scores / scores.sum(axis=0), np.float32)


def _odds(share: float) -> float:
    share = min(0.98, max(0.02, share))
    return math.log(share / (1.0 - share))
