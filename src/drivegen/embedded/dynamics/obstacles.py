"""All that stands fast: ground plans of the scenery with a grid to find those that are near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int32, Int64, UInt8, UInt32

from drivegen.embedded.dynamics.solids import MOST_CORNERS

CELL_M = 4.0
_MOST_CELLS = 4_000_000
"""Of a grid; on larger maps the cells are larger."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Obstacles:
    """m upright convex prisms in the world that nothing moves."""

    corners_m: Float64[np.ndarray, "m 8 2"]
    """Counter-clockwise; the last one is repeated."""
    counts: Int64[np.ndarray, "m"]
    """Of corners."""
    heights_m: Float64[np.ndarray, "m 2"]
    """Between which they stand."""
    tags: UInt8[np.ndarray, "m"]
    """`core.tags.Tag`."""
    owners: UInt32[np.ndarray, "m"]
    """Actor ids; 0 for scenery."""
    sources: Int32[np.ndarray, "m"]
    """Which piece of scenery each is of, counted from 0; -1 for none."""
    bounds_m: Float64[np.ndarray, "m 4"]
    """Least and greatest x and y: x0, y0, x1, y1."""
    origin_m: Float64[np.ndarray, "2"]
    """Of the grid."""
    cell_m: float
    starts: Int64[np.ndarray, "c"]
    """Where a cell's entries begin in `entries`, flattened with x slowest; the last number ends them."""
    shape: tuple[int, int]
    """Cells along x and y."""
    entries: Int64[np.ndarray, "e"]

    def __len__(self) -> int:
        return len(self.counts)

    @staticmethod
    def none() -> Obstacles:
        """A plain."""
        return obstacles(
            corners_m=np.zeros((0, MOST_CORNERS, 2)),
            counts=np.zeros(0, np.int64),
            heights_m=np.zeros((0, 2)),
            tags=np.zeros(0, np.uint8),
        )

    def only(self, keep: Bool[np.ndarray, "m"]) -> Obstacles:
        """Some of them."""
        return obstacles(
            corners_m=self.corners_m[keep],
            counts=self.counts[keep],
            heights_m=self.heights_m[keep],
            tags=self.tags[keep],
            owners=self.owners[keep],
            sources=self.sources[keep],
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` makes them of again."""
        return {
            "corners_m": self.corners_m,
            "counts": self.counts,
            "heights_m": self.heights_m,
            "tags": self.tags,
            "owners": self.owners,
            "sources": self.sources,
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, np.ndarray]) -> Obstacles:
        """From `arrays`."""
        return obstacles(**arrays)


def obstacles(
    *,
    corners_m: Float64[np.ndarray, "m 8 2"],
    counts: Int64[np.ndarray, "m"],
    heights_m: Float64[np.ndarray, "m 2"],
    tags: UInt8[np.ndarray, "m"],
    owners: UInt32[np.ndarray, "m"] | None = None,
    sources: Int32[np.ndarray, "m"] | None = None,
) -> Obstacles:
    """Obstacles with their grid; arguments as of `Obstacles`."""
    count = len(counts)
    bounds = np.zeros((count, 4))
    if count:
        bounds[:, :2], bounds[:, 2:] = corners_m.min(axis=1), corners_m.max(axis=1)
        origin, far = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    else:
        origin = far = np.zeros(2)
    cell = max(CELL_M, float(np.sqrt(np.prod(far - origin) / _MOST_CELLS)))
    shape = tuple(int(v) for v in np.floor((far - origin) / cell).astype(np.int64) + 1)
    first = np.floor((bounds[:, :2] - origin) / cell).astype(np.int64)
    last = np.floor((bounds[:, 2:] - origin) / cell).astype(np.int64)
    spans = last - first + 1
    each = spans[:, 0] * spans[:, 1]
    piece = np.repeat(np.arange(count), each)
    number = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
    at_x = first[piece, 0] + number // np.maximum(spans[piece, 1], 1)
    at_y = first[piece, 1] + number % np.maximum(spans[piece, 1], 1)
    place = at_x * shape[1] + at_y
    order = np.argsort(place, kind="stable")
    starts = np.zeros(shape[0] * shape[1] + 1, np.int64)
    starts[1:] = np.cumsum(np.bincount(place, minlength=shape[0] * shape[1]))
    return Obstacles(
        corners_m=np.ascontiguousarray(corners_m, np.float64),
        counts=np.asarray(counts, np.int64),
        heights_m=np.ascontiguousarray(heights_m, np.float64),
        tags=np.asarray(tags, np.uint8),
        owners=np.zeros(count, np.uint32) if owners is None else np.asarray(owners, np.uint32),
        sources=np.full(count, -1, np.int32) if sources is None else np.asarray(sources, np.int32),
        bounds_m=bounds,
        origin_m=origin,
        cell_m=cell,
        starts=starts,
        shape=(shape[0], shape[1]),
        entries=piece[order].astype(np.int64),
    )


def padded(corners_m: Float64[np.ndarray, "k 2"]) -> Float64[np.ndarray, "8 2"]:
    """Corners with the last one repeated."""
    missing = MOST_CORNERS - len(corners_m)
    return np.concatenate([corners_m, np.repeat(corners_m[-1:], missing, axis=0)])
