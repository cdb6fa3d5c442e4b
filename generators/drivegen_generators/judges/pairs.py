"""Pairs of pictures that the segmenter learns from: a frame, and one that may be its look or not quite."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Bool, Float16, UInt8, UInt16

from drivegen.core.looks import Style
from drivegen.core.tags import Tag
from drivegen_generators.judges.augment import restyled
from drivegen_generators.judges.channels import channels
from drivegen_generators.judges.layers import (
    LOST,
    MOVED,
    NEW_PERSON,
    NEW_TWO_WHEELER,
    NEW_VEHICLE,
    SAME,
    SHRINK,
)
from drivegen_generators.judges.planted import Frame, Planted, plant
from drivegen_generators.judges.working import THING_TAGS

IGNORED = 255
CROP_W, CROP_H = 240, 160
_LEAST_PX = 30
"""Things with fewer pixels teach nothing."""
_COVERS, _LEFT = 0.9, 0.15
"""Shares of an object's pixels: from which it is where it was, below which it is gone."""
SHIFT_PX = (2.0, 25.0)
"""What is nearer was not moved; what is farther is neither moved nor lost and new."""
_USUAL_PX = 800.0
_PLANTED, _OTHER, _LOOK, _LOOK_RESTYLED = 0.15, 0.6, 0.45, 0.3
"""Chances: of a planted edit; of the view's other picture; of the procedural look; of this restyled too."""

Outcomes = UInt8[np.ndarray, "h w"]
Weights = Float16[np.ndarray, "h w"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """A frame, what is taken for its look, and what became of it."""

    frame: Frame
    look_bgr: UInt8[np.ndarray, "h w 3"]
    outcomes: Outcomes
    """`IGNORED` where nothing is to be learnt."""
    weight: Weights
    """Pixels of small things weigh more."""


def names_of(folder: Path) -> list[str]:
    """Of the pictures in a folder. Raises SystemExit where there are none."""
    names = sorted(p.stem for p in folder.glob("*.png"))
    if not names:
        raise SystemExit(f"{folder}: there are no frames; make them by python -m benchmarks.verdicts.frames")
    return names


def hash_of(folder: Path) -> str:
    """SHA-256 of all pictures in a folder, in the order of their names."""
    digest = hashlib.sha256()
    for name in names_of(folder):
        for kind in ("jpg", "png", "look.jpg"):
            digest.update((folder / f"{name}.{kind}").read_bytes())
    return digest.hexdigest()


class Pictures:
    """All pictures of a folder of `benchmarks.verdicts.frames`, in memory."""

    def __init__(self, folder: Path) -> None:
        self.names = names_of(folder)
        self.frames: dict[str, Frame] = {}
        self.looks: dict[str, UInt8[np.ndarray, "h w 3"]] = {}
        self.styles: dict[str, Style] = {}
        for name in self.names:
            labels = np.asarray(cv2.imread(str(folder / f"{name}.png"), cv2.IMREAD_UNCHANGED))
            self.frames[name] = Frame(
                bgr=np.asarray(cv2.imread(str(folder / f"{name}.jpg")), np.uint8),
                depth_m=labels[..., 0].astype(np.float32) / 256.0,
                tag=labels[..., 2].astype(np.uint8),
                instance=np.ascontiguousarray(labels[..., 1]),
            )
            self.looks[name] = np.asarray(cv2.imread(str(folder / f"{name}.look.jpg")), np.uint8)
            style = json.loads((folder / f"{name}.look.json").read_text(encoding="utf-8"))
            self.styles[name] = Style(**style)
        self._became: dict[tuple[str, str], tuple[Outcomes, Weights]] = {}

    @staticmethod
    def other(name: str) -> str:
        """The other picture of a view."""
        return name[:-1] + ("b" if name[-1] == "a" else "a")

    def pair(self, name: str, after: str, *, look: bool) -> Pair:
        """A picture, and the same or another one of its view, which may be in its look."""
        frame, then = self.frames[name], self.frames[after]
        if (name, after) not in self._became:
            self._became[name, after] = became(frame, then)
        outcomes, weight = self._became[name, after]
        bgr = self.looks[after] if look else then.bgr
        return Pair(frame=frame, look_bgr=bgr, outcomes=outcomes, weight=weight)

    def draw(self, names: list[str], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the network sees (9, h, w), and what became of it, with weights, at half its size."""
        name = names[int(rng.integers(len(names)))]
        if rng.random() < _PLANTED:
            other = self.frames[names[int(rng.integers(len(names)))]]
            pair, restyle = planted_pair(self.frames[name], plant(self.frames[name], other, rng)), True
        else:
            look = bool(rng.random() < _LOOK)
            after = self.other(name) if rng.random() < _OTHER else name
            pair, restyle = self.pair(name, after, look=look), not look or rng.random() < _LOOK_RESTYLED
        return _cropped(pair, restyle, rng)


def _cropped(
    pair: Pair, restyle: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame, size = pair.frame, (CROP_W, CROP_H)
    things = np.isin(frame.tag, THING_TAGS)
    here, scale = _place(things | (pair.outcomes != SAME), rng)
    way = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    before, after = (cv2.resize(i[here], size, interpolation=way) for i in (frame.bgr, pair.look_bgr))
    outcomes, instance, weight, labelled, depth_m = (
        cv2.resize(np.ascontiguousarray(i[here]), size, interpolation=cv2.INTER_NEAREST)
        for i in (
            pair.outcomes,
            frame.instance,
            pair.weight.astype(np.float32),
            things.astype(np.uint8),
            frame.depth_m,
        )
    )
    if restyle:
        after = restyled(after, depth_m, instance, rng)
    seen = channels(before, after, labelled > 0)
    if rng.random() < 0.5:
        seen, outcomes, weight = seen[..., ::-1], outcomes[:, ::-1], weight[:, ::-1]
    half = np.s_[SHRINK // 2 :: SHRINK, SHRINK // 2 :: SHRINK]
    return np.ascontiguousarray(seen), outcomes[half].copy(), weight[half].copy()


def _place(wanted: Bool[np.ndarray, "h w"], rng: np.random.Generator) -> tuple[tuple[slice, slice], float]:
    """Of three places at random the one with more of what is wanted; and how large it is beside a crop."""
    height, width = wanted.shape
    scale = float(np.exp(rng.uniform(np.log(0.45), np.log(1.6))))
    w, h = min(width, round(CROP_W * scale)), min(height, round(CROP_H * scale))
    places: list[tuple[int, int, tuple[slice, slice]]] = []
    for number in range(3):
        left, top = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        here = (slice(top, top + h), slice(left, left + w))
        places.append((int(wanted[here][::3, ::3].sum()), number, here))
    return max(places)[2], scale


def became(frame: Frame, then: Frame) -> tuple[Outcomes, Weights]:
    """What became of each pixel of a frame in another picture of its view, and what each weighs."""
    outcomes = np.full(frame.tag.shape, SAME, np.uint8)
    weight = np.ones(frame.tag.shape, np.float16)
    was, is_ = (np.isin(f.tag, THING_TAGS) for f in (frame, then))
    first, second = np.where(was, frame.instance, 0), np.where(is_, then.instance, 0)
    for number in np.union1d(first, second).tolist():
        if number == 0:
            continue
        a, b = first == number, second == number
        fate, alone = _fate(a, b, then), (a & ~is_) | (b & ~was)
        if fate is None:
            outcomes[a | b] = IGNORED
            continue
        weight[a | b] = _weight_of(max(int(a.sum()), int(b.sum())))
        if fate != SAME:
            outcomes[a | b] = IGNORED
            # Where something else stands before it, what is to be said?
            outcomes[alone | (a & b)] = fate
    return outcomes, weight


def _fate(a: np.ndarray, b: np.ndarray, then: Frame) -> int | None:
    """What became of an object that had these pixels and now has those; None where that is not to be told."""
    was, is_ = int(a.sum()), int(b.sum())
    if max(was, is_) < _LEAST_PX:
        return None
    if is_ < _LEFT * was:
        return LOST
    if was < _LEFT * is_:
        return new_of(then.tag[b])
    if (a & b).sum() >= _COVERS * min(was, is_):
        return SAME
    shift = np.subtract(np.argwhere(b).mean(axis=0), np.argwhere(a).mean(axis=0))
    return MOVED if SHIFT_PX[0] <= float(np.hypot(*shift)) <= SHIFT_PX[1] else None


def _weight_of(pixels: int) -> float:
    """Of a pixel of a thing of so many."""
    return float(np.clip(np.sqrt(_USUAL_PX / max(1, pixels)), 0.7, 4.0))


def new_of(tags: UInt8[np.ndarray, "n"]) -> int:
    """Which kind of new thing has these tags."""
    tag = Tag(int(np.bincount(tags).argmax()))
    if tag is Tag.PEDESTRIAN:
        return NEW_PERSON
    return NEW_TWO_WHEELER if tag in (Tag.RIDER, Tag.MOTORCYCLE, Tag.BICYCLE) else NEW_VEHICLE


def planted_pair(frame: Frame, planted: Planted) -> Pair:
    """A frame and its edits."""
    outcomes = np.full(frame.tag.shape, SAME, np.uint8)
    weight = np.ones(frame.tag.shape, np.float16)
    instance: UInt16[np.ndarray, "h w"] = np.where(np.isin(frame.tag, THING_TAGS), frame.instance, 0)
    for number, count in zip(*np.unique(instance, return_counts=True), strict=True):
        where = instance == number
        if number:
            weight[where] = _weight_of(int(count))
        if number in planted.lost:
            outcomes[where] = LOST
        elif number in planted.moved:
            outcomes[where] = MOVED
        elif number in planted.spoilt:
            outcomes[where] = IGNORED
    for shift, number in ((s, n) for n, s in planted.moved.items()):
        way = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        there = cv2.warpAffine((instance == number).astype(np.uint8), way, instance.shape[::-1]) > 0
        outcomes[there & (instance == 0)] = MOVED
    if planted.invented is not None and planted.invented_tag is not None:
        outcomes[planted.invented] = new_of(np.array([planted.invented_tag], np.uint8))
        weight[planted.invented] = _weight_of(int(planted.invented.sum()))
    return Pair(frame=frame, look_bgr=planted.bgr, outcomes=outcomes, weight=weight)
