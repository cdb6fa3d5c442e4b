"""Edits planted into frames for training and calibration: painted over, cut out, pasted, moved.

Those by which judges are measured are rendered (`benchmarks.verdicts.edits`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8, UInt16

from drivegen.capture.judging import SeenObject
from drivegen.core.tags import Tag
from drivegen_generators.judges.working import THING_TAGS

_STANDS_ON = (Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK)
_CLASS_OF_TAG = {Tag.PEDESTRIAN: "pedestrian", Tag.RIDER: "bicycle", Tag.MOTORCYCLE: "bicycle",
                 Tag.BICYCLE: "bicycle"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A frame as `python -m benchmarks.verdicts.frames` keeps it; what judges call controls."""

    bgr: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    tag: UInt8[np.ndarray, "h w"]
    instance: UInt16[np.ndarray, "h w"]


@dataclass(slots=True, kw_only=True, eq=False)
class Planted:
    """A frame after edits."""

    bgr: UInt8[np.ndarray, "h w 3"]
    lost: set[int] = field(default_factory=set)
    moved: dict[int, tuple[int, int]] = field(default_factory=dict)
    spoilt: set[int] = field(default_factory=set)
    """Objects that another edit touched."""
    invented: Bool[np.ndarray, "h w"] | None = None
    invented_tag: int | None = None


def objects_of(frame: Frame, least_pixels: int) -> tuple[SeenObject, ...]:
    """The things of a frame that have so many pixels."""
    thing = np.isin(frame.tag, THING_TAGS)
    out = []
    for number in np.unique(frame.instance[thing]):
        where = frame.instance == number
        pixels = int(where.sum())
        if number == 0 or pixels < least_pixels or thing[where].mean() < 0.5:
            continue
        rows, columns = np.nonzero(where)
        tag = Tag(int(np.bincount(frame.tag[where]).argmax()))
        box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
        name = _CLASS_OF_TAG.get(tag, "car")
        out.append(SeenObject(track_id=int(number), object_class=name, box_px=box, pixels=pixels))
    return tuple(out)


def plant(frame: Frame, other: Frame, rng: np.random.Generator) -> Planted:
    """One object of three lost, one moved, and one of another frame pasted in, where there are any."""
    seen = objects_of(frame, 60)
    out = Planted(bgr=frame.bgr.copy())
    chosen = [seen[i] for i in rng.permutation(len(seen))]
    for one in chosen[: len(chosen) // 3 + (rng.random() < 0.5)]:
        _erase(out, frame, one, rng)
        out.lost.add(one.track_id)
    rest = [o for o in chosen if o.track_id not in out.lost]
    if rest and rng.random() < 0.7:
        _move(out, frame, rest[0], rng)
    if rng.random() < 0.8:
        _paste(out, frame, other, rng)
    for one in seen:
        if one.track_id in out.lost or one.track_id in out.moved:
            continue
        where = frame.instance == one.track_id
        if (out.bgr[where] != frame.bgr[where]).any(axis=-1).mean() > 0.1:
            out.spoilt.add(one.track_id)
    return out


def _erase(out: Planted, frame: Frame, seen: SeenObject, rng: np.random.Generator) -> None:
    mask = cv2.dilate((frame.instance == seen.track_id).astype(np.uint8), np.ones((5, 5), np.uint8))
    width = round(seen.box_px[2] - seen.box_px[0]) + 8
    beside = np.roll(out.bgr, width if rng.random() < 0.5 else -width, axis=1)
    if rng.random() < 0.5 and width < frame.tag.shape[1] // 3:
        # What lies beside it, laid over it with a soft border.
        share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5)[..., None]
        out.bgr = (share * beside + (1.0 - share) * out.bgr).astype(np.uint8)
    else:
        out.bgr = np.asarray(cv2.inpaint(out.bgr, mask, 3, cv2.INPAINT_TELEA), np.uint8)


def _move(out: Planted, frame: Frame, seen: SeenObject, rng: np.random.Generator) -> None:
    length = float(rng.uniform(2.5, 14.0))
    turn = float(rng.uniform(0.0, 2.0 * np.pi))
    shift = round(length * np.cos(turn)), round(0.4 * length * np.sin(turn))
    if max(abs(shift[0]), abs(shift[1])) < 2:
        return
    own = (frame.instance == seen.track_id).astype(np.uint8)
    hole = cv2.dilate(own, np.ones((3, 3), np.uint8))
    empty = np.asarray(cv2.inpaint(out.bgr, hole, 3, cv2.INPAINT_TELEA), np.uint8)
    way = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    size = frame.tag.shape[::-1]
    share = cv2.warpAffine(own.astype(np.float32), way, size)[..., None]
    out.bgr = (share * cv2.warpAffine(frame.bgr, way, size) + (1.0 - share) * empty).astype(np.uint8)
    out.moved[seen.track_id] = shift


def _paste(out: Planted, frame: Frame, other: Frame, rng: np.random.Generator) -> None:
    height, width = frame.tag.shape
    whole = [
        o
        for o in objects_of(other, 150)
        if min(o.box_px[0], o.box_px[1]) > 1 and o.box_px[2] < width - 1 and o.box_px[3] < height - 1
    ]
    floor = np.argwhere(np.isin(frame.tag, _STANDS_ON) & (frame.depth_m > 5.0) & (frame.depth_m < 60.0))
    if not whole or len(floor) == 0:
        return
    things = np.isin(frame.tag, THING_TAGS)
    for _ in range(8):
        chosen = whole[int(rng.integers(len(whole)))]
        foot_y, foot_x = floor[int(rng.integers(len(floor)))]
        own = other.instance == chosen.track_id
        scale = float(np.median(other.depth_m[own]) / frame.depth_m[foot_y, foot_x])
        left, top, right, bottom = (round(v) for v in chosen.box_px)
        size = round((right - left) * scale), round((bottom - top) * scale)
        if not 0.25 < scale < 1.6 or min(size) < 6:
            continue
        x, y = int(foot_x) - size[0] // 2, int(foot_y) - size[1]
        if x < 0 or y < 0 or x + size[0] > width or y + size[1] > height:
            continue
        here = np.s_[y : y + size[1], x : x + size[0]]
        mask = cv2.resize(own[top:bottom, left:right].astype(np.float32), size, interpolation=cv2.INTER_AREA)
        if things[here][mask > 0.5].mean() > 0.05 or (mask > 0.5).sum() < 60:
            continue
        colors = cv2.resize(other.bgr[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
        share = mask[..., None]
        out.bgr[here] = (share * colors + (1.0 - share) * out.bgr[here]).astype(np.uint8)
        out.invented = np.zeros((height, width), bool)
        out.invented[here] = mask > 0.5
        out.invented_tag = int(np.bincount(other.tag[own]).argmax())
        return
