"""A street of rectangles with textures: what judges are asked about, without a simulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from drivegen.capture.judging import SeenObject, Shown
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag

CAR, OTHER = 7, 9
BOXES = {CAR: (60, 60, 110, 92), OTHER: (180, 50, 214, 90)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """What is known of an image."""

    bgr: np.ndarray
    depth_m: np.ndarray
    tag: np.ndarray
    instance: np.ndarray


def street(left_out: int = 0, shift_px: int = 0) -> Picture:
    """Two cars before a wall with windows; one left out, or the first moved to the right."""
    rng = derive_rng("judges", "street")
    bgr = np.full((160, 288, 3), 120, np.uint8)
    bgr[100:] = 70
    for x in range(8, 280, 24):
        bgr[20:40, x : x + 12] = (90, 80, 60)
    bgr += rng.integers(0, 6, bgr.shape, dtype=np.uint8)
    tag = np.full(bgr.shape[:2], Tag.BUILDING, np.uint8)
    tag[100:] = Tag.ROAD
    instance = np.zeros(tag.shape, np.uint16)
    for track, (left, top, right, bottom) in BOXES.items():
        if track == left_out:
            continue
        x = left + (shift_px if track == CAR else 0)
        here = np.s_[top:bottom, x : x + right - left]
        bgr[here] = (40, 40, 190)
        bgr[top + 4 : top + 12, x + 6 : x + right - left - 6] = 230
        cv2.circle(bgr, (x + 10, bottom - 2), 6, (15, 15, 15), -1)
        cv2.circle(bgr, (x + right - left - 10, bottom - 2), 6, (15, 15, 15), -1)
        tag[here], instance[here] = Tag.CAR, track
    # Things stand before what is behind them.
    depth_m = np.where(instance > 0, 15.0, 20.0).astype(np.float32)
    return Picture(bgr=bgr, depth_m=depth_m, tag=tag, instance=instance)


def shown(look: np.ndarray, tracks: tuple[int, ...] = (CAR, OTHER)) -> Shown:
    """The street beside a look of it."""
    objects = tuple(
        SeenObject(
            track_id=t,
            object_class="car",
            box_px=tuple(float(v) for v in BOXES[t]),  # type: ignore[arg-type]
            pixels=(BOXES[t][2] - BOXES[t][0]) * (BOXES[t][3] - BOXES[t][1]),
        )
        for t in tracks
    )
    return Shown(controls=street(), look_bgr=look, objects=objects)


def write_views(folder: Path, views: int = 2) -> None:
    """Views of the street as `benchmarks.verdicts.frames` keeps them; in each second one a car is gone."""
    for number in range(views):
        for which, left_out in (("a", 0), ("b", OTHER if number % 2 else CAR)):
            picture, name = street(left_out=left_out), f"street-1-{number:04d}{which}"
            depth, tag = (picture.depth_m * 256.0).astype(np.uint16), picture.tag.astype(np.uint16)
            cv2.imwrite(str(folder / f"{name}.png"), np.stack([depth, picture.instance, tag], axis=-1))
            cv2.imwrite(str(folder / f"{name}.jpg"), picture.bgr)
            cv2.imwrite(str(folder / f"{name}.look.jpg"), (picture.bgr * 0.4).astype(np.uint8))
            (folder / f"{name}.look.json").write_text('{"time": "night"}', encoding="utf-8")
