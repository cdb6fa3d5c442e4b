"""Which pixels of an image are an object's, cut out to its visible box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, UInt16

from drivegen.core.labels import CameraLabel, ObjectLabel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mask:
    """Pixels inside a window of an image; every border of the window has one."""

    left: int
    top: int
    pixels: Bool[np.ndarray, "h w"]

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.pixels))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width, height; the first pixel covers 0..1."""
        height, width = self.pixels.shape
        return self.left, self.top, width, height

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the image."""
        height, width = self.pixels.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def mask_of(pixels: Bool[np.ndarray, "h w"], left: int = 0, top: int = 0) -> Mask | None:
    """A mask with its window drawn tight; none without a pixel."""
    rows = np.flatnonzero(pixels.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(pixels.any(axis=0))
    first_row, last_row, first, last = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return Mask(
        left=left + int(first), top=top + int(first_row), pixels=pixels[first_row:last_row, first:last]
    )


def object_masks(
    objects: Sequence[ObjectLabel], channel: str, instance: UInt16[np.ndarray, "h w"]
) -> Iterator[tuple[ObjectLabel, CameraLabel, Mask]]:
    """The objects that a camera sees, by ascending track id, and their pixels."""
    for label in objects:
        seen = label.cameras.get(channel)
        if seen is None or seen.visible_box_px is None:
            continue
        left, top, right, bottom = (round(v) for v in seen.visible_box_px)
        mask = mask_of(instance[top:bottom, left:right] == label.track_id & 0xFFFF, left, top)
        if mask is not None:
            yield label, seen, mask


def part_of(mask: Mask, where: Bool[np.ndarray, "h w"]) -> Mask | None:
    """The pixels of a mask at which an image of truths says so; none without a pixel."""
    return mask_of(mask.pixels & where[mask.window], mask.left, mask.top)


def runs_of(mask: Mask, height: int, width: int) -> Int64[np.ndarray, "n"]:
    """Lengths of runs without and with the mask, by turns, down the columns of the whole image."""
    columns, rows = np.nonzero(mask.pixels.T)
    at = (columns + mask.left) * height + rows + mask.top
    starts = np.flatnonzero(np.diff(at, prepend=at[0] - 2) != 1)
    begins, ends = at[starts], np.append(at[starts[1:] - 1], at[-1]) + 1
    edges = np.stack([begins, ends], axis=1).reshape(-1)
    edges = np.concatenate([[0], edges, [height * width]])
    runs = np.diff(edges)
    return runs if runs[-1] else runs[:-1]
