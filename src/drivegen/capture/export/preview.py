"""The visible mark of generated content: the words AI生成 in a corner of pictures that people look at.

GB 45438-2025 (in force since 2025-09-01) wants a text at an edge or a corner, at least 5 % of the shortest
side high. Pictures that networks learn from get the implicit mark alone
(`drivegen.capture.export.marking`): words in their pixels would be learnt. The letters are drawn as strokes,
so that no font with Chinese is needed.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from jaxtyping import UInt8

HEIGHT_SHARE = 0.06
"""Of the letters, of the shortest side; the standard wants 0.05."""
_LEAST_PX = 14
_GAP, _MARGIN = 0.3, 0.45
"""Between letters, and around them: of their height."""
_SHIFT = 4
"""Bits behind the point in coordinates that OpenCV draws."""
_Strokes = tuple[tuple[tuple[float, float], ...], ...]
_LETTERS: tuple[tuple[float, _Strokes], ...] = (
    (0.8, (((0, 1), (0.5, 0), (1, 1)), ((0.2, 0.64), (0.8, 0.64)))),
    (0.15, (((0.5, 0), (0.5, 1)),)),
    (
        1.0,
        (
            ((0.27, 0.03), (0.05, 0.42)),
            ((0.2, 0.25), (0.92, 0.25)),
            ((0.14, 0.6), (0.88, 0.6)),
            ((0.02, 0.98), (0.98, 0.98)),
            ((0.53, 0), (0.53, 0.98)),
        ),
    ),
    (
        1.0,
        (
            ((0.12, 0.22), (0.97, 0.22)),
            ((0.12, 0.22), (0.12, 0.6), (0.02, 1)),
            ((0.12, 0.48), (0.44, 0.48), (0.41, 0.82), (0.32, 0.8)),
            ((0.56, 0), (0.63, 0.5), (0.78, 0.85), (0.95, 0.98), (0.99, 0.78)),
            ((0.87, 0.4), (0.68, 0.72), (0.46, 0.98)),
            ((0.72, 0.02), (0.87, 0.13)),
        ),
    ),
)
"""A, I, 生, 成: width against height, and strokes from (0, 0) top left to (1, 1)."""


_WIDE = sum(width for width, _ in _LETTERS) + _GAP * (len(_LETTERS) - 1) + 2 * _MARGIN
_TALL = 1 + 2 * _MARGIN
"""Of the mark with its margins, against the letters' height."""


def mark_size(rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns that the mark takes in the lower right corner of a picture of that size."""
    height = _letters_px(rows, columns)
    return min(math.ceil(_TALL * height), rows), min(math.ceil(_WIDE * height), columns)


def mark_preview(bgr: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    """A copy of a picture with the mark in its lower right corner. For previews only."""
    rows, columns = bgr.shape[:2]
    height = _letters_px(rows, columns)
    out = bgr.copy()
    top, left = rows - math.ceil(_TALL * height), columns - math.ceil(_WIDE * height)
    plate = out[max(top, 0) :, max(left, 0) :]
    plate[:] = plate // 4
    x, y = left + _MARGIN * height, top + _MARGIN * height
    thickness = max(1, round(0.1 * height))
    for width, strokes in _LETTERS:
        for stroke in strokes:
            points = np.array(stroke) * [width * height, height] + [x, y]
            fixed = np.round(points * (1 << _SHIFT)).astype(np.int32)
            cv2.polylines(out, [fixed], False, (255, 255, 255), thickness, cv2.LINE_AA, _SHIFT)
        x += (width + _GAP) * height
    return out


def _letters_px(rows: int, columns: int) -> int:
    height = max(math.ceil(HEIGHT_SHARE * min(rows, columns)), _LEAST_PX)
    return max(1, min(height, int(columns / _WIDE), int(rows / _TALL)))
