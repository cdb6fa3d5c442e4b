"""Pinhole images from those of lenses that distort, for data sets that know pinholes only.

The pinhole looks where the camera looks, has its size, square pixels and its principal point in the middle.
Its field is the widest of which the lens sees every pixel, but no wider than asked for: what the lens sees
beside it is lost. Colours are interpolated a second time, which smooths noise and fine texture a little, and
the JPEG is compressed a second time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float64, Int16, UInt8, UInt16

from drivegen.capture.images import decode_jpeg, encode_jpeg
from drivegen.core.errors import ExportError
from drivegen.core.lenses import Lens, Pinhole, pinhole_of_field, pixel_rays, sees
from drivegen.core.sensors import Camera

JPEG_QUALITY = 95
MOST_FOCAL = 50.0
"""In widths of the image: a field of 1.1 degrees."""
_GROWTH = 1.002
_LOOKED_AT = 64
"""Points on each side of the image that tell whether it is filled."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rectification:
    """How the images of one camera become a pinhole's."""

    pinhole: Pinhole
    kept: float
    """Share of the camera's pixels that are still to be seen."""
    at: Int16[np.ndarray, "h w 2"]
    share: UInt16[np.ndarray, "h w"]

    def image(self, bgr: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        """The pinhole's image."""
        return np.asarray(cv2.remap(bgr, self.at, self.share, cv2.INTER_LINEAR))

    def jpeg(self, data: bytes) -> bytes:
        """The pinhole's image as a JPEG, from the camera's."""
        return encode_jpeg(self.image(decode_jpeg(data)), JPEG_QUALITY)


def rectification_of(camera: Camera, most_fov_deg: float) -> Rectification | None:
    """How to make a pinhole of a camera; none when it is one already. Raises ExportError when none fits.

    Args:
        camera: Whose images they are.
        most_fov_deg: Horizontal field that the pinhole has at most.
    """
    lens = camera.optics
    if isinstance(lens, Pinhole):
        return None
    return _rectification_of(lens, camera.width_px, camera.height_px, most_fov_deg)


@lru_cache(maxsize=16)
def _rectification_of(lens: Lens, width_px: int, height_px: int, most_fov_deg: float) -> Rectification:
    pinhole = pinhole_of_field(width_px, height_px, most_fov_deg)
    while not _filled(lens, pinhole, width_px, height_px):
        focal_px = pinhole.fx_px * _GROWTH
        if focal_px > MOST_FOCAL * width_px:
            raise ExportError(
                "the principal point of a camera lies so near the border of its image that no pinhole's image"
                " can be cut from it; export captures without this camera"
            )
        pinhole = Pinhole(fx_px=focal_px, fy_px=focal_px, cx_px=pinhole.cx_px, cy_px=pinhole.cy_px)
    y, x = np.mgrid[0:height_px, 0:width_px]
    source = lens.project(pinhole.unproject(np.stack([x + 0.5, y + 0.5], axis=-1)))
    # OpenCV's pixel centres are whole numbers.
    at, share = cv2.convertMaps((source - 0.5).astype(np.float32), None, cv2.CV_16SC2)
    rays = pixel_rays(lens, width_px, height_px)
    seen = sees(rays)
    there = pinhole.project(rays[seen])
    inside = ((there >= 0.0) & (there <= [width_px, height_px])).all(axis=-1)
    return Rectification(pinhole=pinhole, kept=float(inside.mean()), at=at, share=share)


def _filled(lens: Lens, pinhole: Pinhole, width_px: int, height_px: int) -> bool:
    """Whether the lens sees the whole border of the pinhole's image."""
    found = lens.project(pinhole.unproject(_border(width_px, height_px)))
    with np.errstate(invalid="ignore"):
        return bool(((found >= 0.0) & (found <= [width_px, height_px])).all())


def _border(width_px: int, height_px: int) -> Float64[np.ndarray, "n 2"]:
    t = np.linspace(0.0, 1.0, _LOOKED_AT)
    zero, one = np.zeros_like(t), np.ones_like(t)
    sides = [(t, zero), (t, one), (zero, t), (one, t)]
    return np.concatenate([np.stack([x * width_px, y * height_px], axis=-1) for x, y in sides])


def field_deg(pinhole: Pinhole, width_px: int) -> float:
    """Horizontal field of view of a pinhole with its principal point in the middle."""
    return 2.0 * math.degrees(math.atan(width_px / 2.0 / pinhole.fx_px))
