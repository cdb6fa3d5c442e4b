"""An image at the size that judges work at; what several of them need is worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8, UInt16

from drivegen.capture.judging import Shown
from drivegen.core.labels import PixelBox
from drivegen.core.tags import Tag

THING_TAGS = (
    Tag.PEDESTRIAN, Tag.RIDER, Tag.CAR, Tag.TRUCK, Tag.BUS, Tag.TRAIN, Tag.MOTORCYCLE, Tag.BICYCLE,
)  # fmt: skip
MARGIN_PX = 3
"""Around an object: its outline and a little of what is behind it."""


@dataclass(eq=False)
class Working:
    """An image and its look, not wider than asked for."""

    bgr: UInt8[np.ndarray, "h w 3"]
    look_bgr: UInt8[np.ndarray, "h w 3"]
    tag: UInt8[np.ndarray, "h w"]
    instance: UInt16[np.ndarray, "h w"]
    depth_m: Float32[np.ndarray, "h w"]
    """0 where nothing was hit or too far."""
    scale: float
    """Of this size to the image's."""

    @cached_property
    def things(self) -> Bool[np.ndarray, "h w"]:
        """Where an object is that could have a label."""
        return np.isin(self.tag, THING_TAGS)

    def place(self, box_px: PixelBox, margin_px: int) -> tuple[slice, slice]:
        """Rows and columns of a box of the image, with a margin of this size's pixels."""
        left, top, right, bottom = (v * self.scale for v in box_px)
        height, width = self.tag.shape
        rows = slice(max(0, int(top) - margin_px), min(height, int(np.ceil(bottom)) + margin_px))
        return rows, slice(max(0, int(left) - margin_px), min(width, int(np.ceil(right)) + margin_px))

    def mask(self, track_id: int, rows: slice, columns: slice) -> Bool[np.ndarray, "h w"]:
        """Pixels of an object within a place."""
        return np.asarray(self.instance[rows, columns] == np.uint16(track_id & 0xFFFF))


def working(shown: Shown, most_px: int) -> Working:
    """The image not wider than that; kept with it for the next judge."""
    key = f"working {most_px}"
    found = shown.notes.get(key)
    if not isinstance(found, Working):
        found = shown.notes[key] = _reduced(shown, most_px)
    return found


def _reduced(shown: Shown, most_px: int) -> Working:
    controls = shown.controls
    height, width = controls.tag.shape
    scale = min(1.0, most_px / width)
    images = [controls.bgr, shown.look_bgr, controls.tag, controls.instance, controls.depth_m]
    if scale < 1.0:
        size = (round(width * scale), round(height * scale))
        ways = [cv2.INTER_AREA, cv2.INTER_AREA, *[cv2.INTER_NEAREST] * 3]
        images = [cv2.resize(i, size, interpolation=w) for i, w in zip(images, ways, strict=True)]
    bgr, look, tag, instance, depth_m = images
    return Working(bgr=bgr, look_bgr=look, tag=tag, instance=instance, depth_m=depth_m, scale=scale)


def grey(bgr: UInt8[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w"]:
    """Brightness, 0 to 255."""
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.float32)
