"""The judge that sees: a small network, trained on our own renders, that is shown both images and the labels.

It says pixel by pixel whether what was there is there, gone or elsewhere, and where a thing is that was not.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

from drivegen.capture.judging import Region, SeenObject, Shown
from drivegen.core.errors import ConfigError
from drivegen.core.verdicts import Verdict, Vote
from drivegen_generators.judges.channels import channels
from drivegen_generators.judges.layers import LOST, MOVED, NEW, OUTCOMES, SHRINK, STEP_PX, VERSION
from drivegen_generators.judges.onnx_text import model
from drivegen_generators.judges.scales import Scales
from drivegen_generators.judges.weights import read_tensors
from drivegen_generators.judges.working import Working, working

WEIGHTS = Path(__file__).with_name("segmenter.safetensors")
_NEW = 0.5
"""Probability from which a region of new things is looked at."""
_LEAST_REGION_PX = 40
_SURELY = 0.7


class Segmenter:
    """The judge. It runs on OpenCV: torch is needed to train it, not to use it.

    Args:
        width_px: Images are judged at no more than this width.
        weights: A file of `drivegen_generators.judges.train`; the one that comes along when empty.

    Raises:
        ConfigError: A number is out of range, or the weights cannot be read.
    """

    name = "segmenter"
    version = 2

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
        """On every object."""
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
        """New things in the look where no label has any."""
        image, became = self._became(shown)
        height, width = became.shape[1:]
        free = cv2.resize(image.things.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA) == 0
        new = (became[list(NEW)].sum(axis=0) > _NEW) & free
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(new.astype(np.uint8), connectivity=8)
        back = SHRINK / image.scale
        found = []
        for number in range(1, count):
            left, top, wide, high, area = (int(v) for v in stats[number])
            if area * SHRINK**2 < _LEAST_REGION_PX:
                continue
            where = numbers == number
            kind = max(NEW, key=lambda k: float(became[k][where].sum()))
            box = (left * back, top * back, (left + wide) * back, (top + high) * back)
            found.append(Region(box_px=box, object_class=OUTCOMES[kind], pixels=round(area * back**2)))
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
        """Numbers of an object."""
        image, became = self._became(shown)
        rows, columns = image.place(seen.box_px, 2)
        mask = image.mask(seen.track_id, rows, columns).astype(np.uint8)
        here = became[:, *_halved(rows, columns)]
        share = cv2.resize(mask, here.shape[:0:-1], interpolation=cv2.INTER_AREA).astype(np.float32)
        if share.sum() < 3.0:
            return None
        lost, moved = (float((here[k] * share).sum() / share.sum()) for k in (LOST, MOVED))
        return {
            "lost": lost,
            "odds_lost": _odds(lost),
            "surely": float(((here[LOST] > _SURELY) * share).sum() / share.sum()),
            "moved": moved,
            "size": math.log10(float(mask.sum())),
        }

    def region_evidence(self, shown: Shown, region: Region) -> dict[str, float] | None:
        """Numbers of a region."""
        image, became = self._became(shown)
        here = became[:, *_halved(*image.place(region.box_px, 0))]
        if here[0].size == 0:
            return None
        new = here[list(NEW)].sum(axis=0)
        most = np.sort(new, axis=None)[-max(1, new.size // 4) :]
        return {
            "odds_new": _odds(float(most.mean())),
            "most": float(new.max()),
            "filled": float((new > _NEW).mean()),
            "moved": float(here[MOVED].mean()),
            "size": math.log10(max(1.0, region.pixels * image.scale**2)),
        }

    def _became(self, shown: Shown) -> tuple[Working, Float32[np.ndarray, "outcomes u v"]]:
        image = working(shown, self._width_px)
        key = f"segmenter {id(self)}"
        found = shown.notes.get(key)
        if not isinstance(found, np.ndarray):
            found = shown.notes[key] = self.probabilities(image.bgr, image.look_bgr, image.things)
        return image, found

    def probabilities(
        self,
        bgr: UInt8[np.ndarray, "h w 3"],
        look_bgr: UInt8[np.ndarray, "h w 3"],
        things: Bool[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "outcomes u v"]:
        """What the network makes of an image, its look and labelled things, at 1 / `SHRINK` of their size."""
        height, width = things.shape
        down, right = -height % STEP_PX, -width % STEP_PX
        seen = [
            cv2.copyMakeBorder(channel, 0, down, 0, right, cv2.BORDER_REFLECT_101)
            for channel in channels(bgr, look_bgr, things)
        ]
        self._net.setInput(np.stack(seen)[None])
        scores = self._net.forward()[0][:, : -(-height // SHRINK), : -(-width // SHRINK)]
        scores = np.exp(scores - scores.max(axis=0))
        return np.asarray(scores / scores.sum(axis=0), np.float32)


def _halved(rows: slice, columns: slice) -> tuple[slice, slice]:
    """A place, in the network's answer."""
    return (slice(rows.start // SHRINK, -(-rows.stop // SHRINK)),
            slice(columns.start // SHRINK, -(-columns.stop // SHRINK)))  # fmt: skip


def _odds(share: float) -> float:
    share = min(0.98, max(0.02, share))
    return math.log(share / (1.0 - share))
