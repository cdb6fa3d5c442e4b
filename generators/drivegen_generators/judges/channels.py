"""What the segmenter sees of an image, its look and the labels: nine channels."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Bool, Float32, UInt8

from drivegen_generators.judges.layers import CHANNELS
from drivegen_generators.judges.working import grey

_AROUND_PX = 31
_NOISE = 6.0
"""Grey values: fainter differences from what is around are not drawn out of the dark."""
_LEAST_SPREAD = 12.0
"""Grey values."""


def channels(
    bgr: UInt8[np.ndarray, "h w 3"], look_bgr: UInt8[np.ndarray, "h w 3"], things: Bool[np.ndarray, "h w"]
) -> Float32[np.ndarray, "9 h w"]:
    """Of both images the colours, about 0 with spread 1, and how the brightness differs from what is around.

    So a darker, paler or greyer look changes little. The last channel is 1 where a labelled thing is.
    """
    out = np.empty((CHANNELS, *things.shape), np.float32)
    for first, image in ((0, bgr), (4, look_bgr)):
        mean, spread = cv2.meanStdDev(image)
        for channel in range(3):
            spread_here = max(float(spread[channel, 0]), _LEAST_SPREAD)
            out[first + channel] = (image[..., channel] - np.float32(mean[channel, 0])) / np.float32(
                spread_here
            )
        out[first + 3] = _drawn_out(grey(image))
    out[8] = things
    return out


def _drawn_out(brightness: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """Divided by how much it usually differs around there, within +-3."""
    beside = brightness - cv2.blur(brightness, (_AROUND_PX, _AROUND_PX))
    # Sums that slide leave rests below zero.
    usual = np.sqrt(np.maximum(cv2.blur(beside * beside, (_AROUND_PX, _AROUND_PX)), np.float32(0.0)))
    return np.asarray(np.clip(beside / (usual + np.float32(_NOISE)), -3.0, 3.0), np.float32)
