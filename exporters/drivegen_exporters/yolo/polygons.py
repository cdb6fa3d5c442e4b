"""A mask as one polygon, as YOLO's segmentation wants it."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float64

from drivegen_exporters.masks import Mask

_SCALE = 2
"""The mask is doubled first, so that its outline runs within a quarter of a pixel of its border."""


def polygon_of(mask: Mask) -> Float64[np.ndarray, "n 2"]:
    """The outline in pixels of the image. Pieces are joined by lines there and back; holes are lost."""
    big = np.repeat(np.repeat(mask.pixels, _SCALE, axis=0), _SCALE, axis=1).astype(np.uint8)
    pieces, _ = cv2.findContours(big, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = sorted((np.asarray(p).reshape(-1, 2) for p in pieces), key=lambda p: tuple(p[0]))
    there = [np.concatenate([p, p[:1]]) for p in outlines]
    back = [p[:1] for p in outlines[-2::-1]]
    points = np.concatenate(there + back if len(outlines) > 1 else outlines)
    return (points + 0.5) / _SCALE + [mask.left, mask.top]
