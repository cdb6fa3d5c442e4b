"""Smooth edges in a finished picture: morphological anti-aliasing (Reshetov 2009), on the processor.

Where neighbours differ, the border between them runs along pixels in steps. Each step is taken for what is
left of a straight line between the middles of the borders where it turns (Jimenez and others 2011), and the
pixels that the line cuts take as much of the colour beyond it as it cuts off. Only the colour is looked at,
and only the colour changes: labels, depth, normals and flow stay what one ray through each pixel meets.
"""

from __future__ import annotations

import numba
import numpy as np
from jaxtyping import UInt8

LEAST_STEP = 16
"""Neighbours whose brightness differs by more, of 255, are an edge; what is less hardly shows."""
RED, GREEN, BLUE = 77, 150, 29
"""Weights of brightness (ITU-R BT.601), of 256."""


class Smoother:
    """Smooths pictures of one size."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._luma = np.empty((height_px, width_px), np.uint8)
        # A flag for each pixel: it differs from the one to the right, from the one below. At the end of each
        # row and after the last row there are zeros, met from both ends; eight flags are looked at together.
        shape = (height_px + 2, ((width_px + 1) // 8 + 1) * 8)
        self._right, self._below = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        self._events = np.empty((max(64, height_px * width_px // 4), 2), np.int32)
        self._weights = np.empty(len(self._events), np.float32)

    def smooth(self, bgra: UInt8[np.ndarray, "h w 4"]) -> None:
        """Changes the picture in place."""
        _find(bgra, self._luma, self._right, self._below)
        args = (self._right, self._below, self._events, self._weights)
        count = _trace_lying(self._below.view(np.uint64), self._luma.shape, *args)
        count = _trace_standing(self._right.view(np.uint64), self._luma.shape, *args, count)
        _blend(bgra.reshape(-1, 4), self._events[:count], self._weights[:count])


@numba.njit(cache=True, nogil=True)
def _find(bgra, luma, right, below):  # type: ignore[no-untyped-def]
    height, width = luma.shape
    for y in range(height):
        for x in range(width):
            luma[y, x] = (bgra[y, x, 0] * BLUE + bgra[y, x, 1] * GREEN + bgra[y, x, 2] * RED) >> 8
        for x in range(width - 1):
            step = np.int16(luma[y, x]) - np.int16(luma[y, x + 1])
            right[y, x] = np.uint8((step > LEAST_STEP) | (step < -LEAST_STEP))
        if y > 0:
            for x in range(width):
                step = np.int16(luma[y - 1, x]) - np.int16(luma[y, x])
                below[y - 1, x] = np.uint8((step > LEAST_STEP) | (step < -LEAST_STEP))


@numba.njit(cache=True, nogil=True)
def _trace_lying(eights, shape, right, below, events, weights):  # type: ignore[no-untyped-def]
    """Borders between a row and the next: fills in (pixel, neighbour whose colour it takes) and the share.

    Returns how many there are.
    """
    height, width = shape
    count = 0
    for y in range(height - 1):
        x = 0
        while x < width:
            if eights[y, x >> 3] == 0:
                x = (x | 7) + 1
                continue
            if not below[y, x]:
                x += 1
                continue
            first = x
            while x < width and below[y, x]:
                x += 1
            before, after = 0, 0
            if first > 0:
                z = first - 1
                before = _turn(right[:, z], y)
            if x < width:
                z = x - 1
                after = _turn(right[:, z], y)
            count = _cut(before, after, x - first, y * width + first, 1, width, events, weights, count)
    return count


@numba.njit(cache=True, nogil=True)
def _trace_standing(eights, shape, right, below, events, weights, count):  # type: ignore[no-untyped-def]
    """The same for borders between a column and the next: all columns at once, row by row."""
    height, width = shape
    since = np.zeros(right.shape[1], np.int32)
    # The row above the first has no border.
    above = height
    for y in range(height + 1):
        for eight in range(eights.shape[1]):
            if eights[y, eight] == eights[above, eight]:
                continue
            for x in range(8 * eight, 8 * eight + 8):
                if right[y, x] == right[above, x]:
                    continue
                if right[y, x]:
                    since[x] = y
                    continue
                first = since[x]
                before, after = 0, 0
                if first > 0:
                    z = first - 1
                    before = _turn(below[z], x)
                if y < height:
                    z = y - 1
                    after = _turn(below[z], x)
                count = _cut(before, after, y - first, first * width + x, width, 1, events, weights, count)
        above = y
    return count


@numba.njit(cache=True, nogil=True)
def _turn(line, near):  # type: ignore[no-untyped-def]
    """Whither a border turns at its end: -1 to the near side, 1 to the far side, 0 if it is not plain.

    Where it goes on that way for more than two pixels it is a corner, not a step (two: a line of one pixel).

    Args:
        line: Flags of the borders across the end.
        near: The one on the near side; the next is on the far side.
    """
    far = near + 1
    turn = np.int64(line[far]) - np.int64(line[near])
    if turn < 0 and line[near - 1] and line[near - 2]:
        return 0
    if turn > 0 and line[far + 1] and line[far + 2]:
        return 0
    return turn


@numba.njit(cache=True, nogil=True)
def _cut(before, after, length, near, along, across, events, weights, count):  # type: ignore[no-untyped-def]
    """Adds the pixels that the line along a border cuts.

    Args:
        before: Whither the border turns at its first end.
        after: The same at its last end.
        length: Pixels on each side.
        near: Index of the first pixel on the near side.
        along: From a pixel to the next along the border.
        across: From a pixel to the one on the far side.
        events: Filled in.
        weights: Filled in.
        count: How many there are.
    """
    half = 0.5 * length
    for end in range(2):
        turn = before if end == 0 else after
        if turn == 0:
            continue
        k = 0
        while k < half and count < len(events):
            # The line falls from half a pixel at the end to nothing in the middle.
            to = min(k + 1.0, half)
            share = (to - k) * 0.5 * (1.0 - 0.5 * (k + to) / half)
            pixel = near + along * (k if end == 0 else length - 1 - k)
            if turn < 0:
                events[count, 0], events[count, 1] = pixel, pixel + across
            else:
                events[count, 0], events[count, 1] = pixel + across, pixel
            weights[count] = share
            count += 1
            k += 1
    return count


@numba.njit(cache=True, nogil=True)
def _blend(pixels, events, weights):  # type: ignore[no-untyped-def]
    """Adds all shares of colours as they were before any of them."""
    deltas = np.empty((len(events), 3), np.float32)
    for k in range(len(events)):
        for i in range(3):
            there, here = np.float32(pixels[events[k, 1], i]), np.float32(pixels[events[k, 0], i])
            deltas[k, i] = weights[k] * (there - here)
    for k in range(len(events)):
        for i in range(3):
            value = np.float32(pixels[events[k, 0], i]) + deltas[k, i]
            pixels[events[k, 0], i] = np.uint8(min(max(value + np.float32(0.5), 0.0), 255.0))
