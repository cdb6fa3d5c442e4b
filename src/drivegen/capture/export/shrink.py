"""Smaller images with labels that fit them.

Colours are averaged over the area of each new pixel. What must not be mixed (tags, ids, depth, dirt) is that
of the old pixel in which the middle of the new one lies. Visible pixels and their boxes are counted in the
new images, so they agree with the masks; what has no pixel left is not visible any more. Fractions,
truncation and whatever is in metres stay; boxes of whole objects shrink with the image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from jaxtyping import Float64, Int64, UInt8, UInt16

from drivegen.core.labels import CameraLabel
from drivegen.core.lenses import Pinhole
from drivegen.core.photography import OPAQUE_FROM
from drivegen.core.sensors import Camera

Image = TypeVar("Image", bound=np.ndarray)

_IDS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrink:
    """Of one camera."""

    camera: Camera
    """With the new size and its lens in new pixels."""
    width_px: int
    """Before."""
    height_px: int

    @property
    def ratios(self) -> tuple[float, float]:
        """Of the new width and height to the old."""
        return self.camera.width_px / self.width_px, self.camera.height_px / self.height_px

    def colours(self, bgr: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
        """A colour image."""
        size = (self.camera.width_px, self.camera.height_px)
        return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA))

    def values(self, image: Image) -> Image:
        """An image whose values must not be mixed."""
        rows = _middles(self.height_px, self.camera.height_px)
        columns = _middles(self.width_px, self.camera.width_px)
        return np.ascontiguousarray(image[rows[:, None], columns[None, :]])  # type: ignore[return-value]

    def label(self, label: CameraLabel, seen: Seen, track_id: int) -> CameraLabel:
        """An object's label in this camera."""
        across, down = self.ratios
        left, top, right, bottom = label.full_box_px
        pixels = int(seen.pixels[track_id & 0xFFFF])
        box = seen.boxes_px[track_id & 0xFFFF]
        return CameraLabel(
            visible_fraction=label.visible_fraction if pixels else 0.0,
            visible_pixels=pixels,
            truncation=label.truncation,
            visible_box_px=(float(box[0]), float(box[1]), float(box[2]), float(box[3])) if pixels else None,
            full_box_px=(left * across, top * down, right * across, bottom * down),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What is to be seen of objects in an image, by the low 16 bits of their ids."""

    pixels: Int64[np.ndarray, "65536"]
    boxes_px: Float64[np.ndarray, "65536 4"]
    """Left, top, right, bottom; of no meaning without pixels."""


def shrink_of(camera: Camera, scale: float) -> Shrink:
    """How images of a camera are made smaller.

    Args:
        camera: As it took them.
        scale: Of width and height, up to 1; the new size is whole pixels.
    """
    width, height = (max(1, round(n * scale)) for n in (camera.width_px, camera.height_px))
    across, down = width / camera.width_px, height / camera.height_px
    lens = camera.lens
    if lens is None and across != down:
        lens = camera.optics
    if lens is not None:
        lens = replace(
            lens,
            fx_px=lens.fx_px * across,
            fy_px=lens.fy_px * down,
            cx_px=lens.cx_px * across,
            cy_px=lens.cy_px * down,
        )
    assert lens is not None or isinstance(camera.optics, Pinhole)
    small = replace(camera, width_px=width, height_px=height, lens=lens)
    return Shrink(camera=small, width_px=camera.width_px, height_px=camera.height_px)


def seen_in(instance: UInt16[np.ndarray, "h w"], soiling: UInt8[np.ndarray, "h w"] | None) -> Seen:
    """What is to be seen in an image of ids; behind opaque dirt nothing is."""
    shown = instance if soiling is None else np.where(soiling >= OPAQUE_FROM, np.uint16(0), instance)
    y, x = np.nonzero(shown)
    ids = shown[y, x].astype(np.int64)
    boxes = np.zeros((_IDS, 4))
    boxes[:, :2] = np.inf
    for column, values in ((0, x), (1, y)):
        np.minimum.at(boxes[:, column], ids, values)
        np.maximum.at(boxes[:, column + 2], ids, values + 1)
    return Seen(pixels=np.bincount(ids, minlength=_IDS), boxes_px=boxes)


@lru_cache(maxsize=64)
def _middles(before: int, after: int) -> Int64[np.ndarray, "n"]:
    """Of each new pixel the old one that its middle lies in."""
    return ((2 * np.arange(after, dtype=np.int64) + 1) * before) // (2 * after)
