"""The site: a plan of what is road, pavement and free ground, from above."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, UInt8

from drivegen.opendrive.surfaces import Surface, SurfaceKind

CELL_M = 0.5
MOST_CELLS = 3000
"""Along a side; maps of more than 1.5 km get coarser cells."""
MARGIN_M = 130.0
CLOSED_MARGIN_M = 64.0
"""Around a window: how far roads are seen from within."""
DRIVEN = frozenset({SurfaceKind.DRIVING})
ROADWAY = frozenset({SurfaceKind.DRIVING, SurfaceKind.SHOULDER, SurfaceKind.BIKING, SurfaceKind.PARKING})
PAVED = ROADWAY | {SurfaceKind.SIDEWALK, SurfaceKind.MEDIAN, SurfaceKind.KERB}
_SHIFT = 4


class Site:
    """Distances to roads and what has been built so far, on a grid."""

    def __init__(
        self, surfaces: Sequence[Surface], window: tuple[float, float, float, float] | None = None
    ) -> None:
        """From `mesh_network`.

        Args:
            surfaces: What is there.
            window: Least x and y, greatest x and y: where anything may be built; None for everywhere.
        """
        self._closed = window is not None
        if window is not None:
            self.low_m: Float64[np.ndarray, "2"] = np.array(window[:2]) - CLOSED_MARGIN_M
            self.high_m: Float64[np.ndarray, "2"] = np.array(window[2:]) + CLOSED_MARGIN_M
        else:
            flat = [s.positions_m[:, :2] for s in surfaces if s.kind in PAVED and len(s.positions_m)]
            every = np.concatenate(flat) if flat else np.zeros((1, 2), np.float32)
            self.low_m = every.min(axis=0).astype(np.float64) - MARGIN_M
            self.high_m = every.max(axis=0).astype(np.float64) + MARGIN_M
        span = self.high_m - self.low_m
        self.cell_m = max(CELL_M, float(span.max()) / MOST_CELLS)
        columns, rows = (int(np.ceil(v / self.cell_m)) + 1 for v in span)
        self._shape = (rows, columns)
        self.to_driven_m = self._distance(surfaces, DRIVEN)
        self.to_roadway_m = self._distance(surfaces, ROADWAY)
        self.to_paved_m = self._distance(surfaces, PAVED)
        self._built: UInt8[np.ndarray, "r c"] = np.zeros(self._shape, np.uint8)
        if self._closed:
            border = round(CLOSED_MARGIN_M / self.cell_m)
            self._built[:] = 1
            self._built[border:-border, border:-border] = 0

    def _distance(
        self, surfaces: Sequence[Surface], kinds: frozenset[SurfaceKind]
    ) -> Float32[np.ndarray, "r c"]:
        """Distance of every cell's middle to the nearest surface of some kinds, metres."""
        mask = np.zeros(self._shape, np.uint8)
        for surface in surfaces:
            if surface.kind not in kinds:
                continue
            corners = surface.positions_m[surface.triangles][:, :, :2].astype(np.float64)
            pixels = np.rint((corners - self.low_m) / self.cell_m * (1 << _SHIFT)).astype(np.int32)
            for triangle in pixels:
                cv2.fillConvexPoly(mask, triangle, 1, cv2.LINE_8, _SHIFT)
        if not mask.any():
            return np.full(self._shape, 1e4, np.float32)
        distance = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return np.asarray(distance * self.cell_m, dtype=np.float32)

    def _cells(self, xy_m: Float[np.ndarray, "n 2"]) -> tuple[np.ndarray, np.ndarray, Bool[np.ndarray, "n"]]:
        cell = np.rint((np.asarray(xy_m, dtype=np.float64) - self.low_m) / self.cell_m).astype(np.int64)
        inside = np.all((cell >= 0) & (cell < np.array(self._shape[::-1])), axis=1)
        cell = np.clip(cell, 0, np.array(self._shape[::-1]) - 1)
        return cell[:, 1], cell[:, 0], inside

    def look(
        self, field: Float32[np.ndarray, "r c"], xy_m: Float[np.ndarray, "n 2"]
    ) -> Float64[np.ndarray, "n"]:
        """A distance field at points; far outside the plan everything is far."""
        row, column, inside = self._cells(xy_m)
        return np.where(inside, field[row, column].astype(np.float64), 1e4)

    def is_free(self, outline_m: Float[np.ndarray, "k 2"], from_paved_m: float) -> bool:
        """True if an outline touches nothing built and keeps its distance from all that is paved."""
        mask, window = self._fill(outline_m)
        if mask is None:
            return not self._closed
        inside = mask > 0
        return bool(
            not np.any(self._built[window][inside])
            and np.all(self.to_paved_m[window][inside] >= from_paved_m)
        )

    def build(self, outline_m: Float[np.ndarray, "k 2"]) -> None:
        """Takes the ground inside an outline."""
        mask, window = self._fill(outline_m)
        if mask is not None:
            self._built[window] |= mask

    def built_at(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """Which points are built upon."""
        row, column, inside = self._cells(xy_m)
        built = inside & (self._built[row, column] > 0)
        return np.asarray(built | ~inside) if self._closed else np.asarray(built)

    def _fill(
        self, outline_m: Float[np.ndarray, "k 2"]
    ) -> tuple[UInt8[np.ndarray, "a b"] | None, tuple[slice, slice]]:
        corners = (np.asarray(outline_m, dtype=np.float64) - self.low_m) / self.cell_m
        low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 1, 0, None)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, np.array(self._shape[::-1]))
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        if np.any(high <= low):
            return None, window
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        cv2.fillPoly(mask, [np.rint((corners - low) * (1 << _SHIFT)).astype(np.int32)], 1, cv2.LINE_8, _SHIFT)
        return mask, window
