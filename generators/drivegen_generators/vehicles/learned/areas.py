"""Where each group may be: how far a place is outside, on a raster around a point.

Levels of a bridge are not told apart: the raster is what all of them cover together.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, Float64, Int

from drivegen_generators.vehicles.learned.pieces import PieceKind, Pieces
from drivegen_generators.vehicles.learned.scenes import Group

CELL_M = 0.5
_FINER = 2
"""Lanes are drawn on cells so many times finer, then halved."""
_CLOSE_M = 1.5
"""Gaps between the lanes of a junction narrower than this are floor too."""

KINDS: dict[Group, tuple[PieceKind, ...]] = {
    Group.VEHICLE: (PieceKind.DRIVING, PieceKind.JUNCTION, PieceKind.PARKING),
    Group.RIDER: (PieceKind.DRIVING, PieceKind.JUNCTION, PieceKind.PARKING, PieceKind.BIKING),
    Group.WALKER: (PieceKind.PAVEMENT, PieceKind.CROSSING),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Areas:
    """Distance to the area of each of g groups: positive outside, negative inside."""

    low_m: Float64[np.ndarray, "2"]
    """Place of the middle of cell [0, 0]."""
    distance_m: Float32[np.ndarray, "g h w"]

    @staticmethod
    def around(pieces: Pieces, middle_m: Float[np.ndarray, "2"], reach_m: float = 150.0) -> Areas:
        """A square with a point in its middle."""
        fine = CELL_M / _FINER
        size = int(2.0 * reach_m / fine)
        corner = np.asarray(middle_m, np.float64) - reach_m
        heading = pieces.heading_rad
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=-1) * (0.5 * pieces.width_m)[:, None, None]
        xy = pieces.points_m[..., :2]
        rings = np.concatenate([xy + left, (xy - left)[:, ::-1]], axis=1)
        pixels = np.round((rings - corner) / fine * 16.0).astype(np.int32)
        near = (np.abs(xy - middle_m).max(axis=2) < reach_m + 40.0).any(axis=1)
        layers = []
        for group in Group:
            drawn = np.zeros((size, size), np.uint8)
            for p in np.flatnonzero(near & np.isin(pieces.kind, KINDS[group])):
                cv2.fillPoly(drawn, [pixels[p]], 1, shift=4)
            close = int(_CLOSE_M / fine)
            drawn = cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, np.ones((close, close), np.uint8))
            outside = cv2.distanceTransform(1 - drawn, cv2.DIST_L2, 5)
            inside = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
            both = (outside - inside) * fine
            layers.append(both.reshape(size // _FINER, _FINER, -1, _FINER).mean(axis=(1, 3)))
        return Areas(low_m=corner + 0.5 * CELL_M, distance_m=np.array(layers, np.float32))

    def outside_m(
        self, xy_m: Float[np.ndarray, "*b n t 2"], group: Int[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "*b n t"]:
        """How far places of n actors are outside (negative: inside).

        What lies off the raster, and who is not there (NaN), is inside.
        """
        gone = ~np.isfinite(xy_m[..., 0])
        at = (np.where(gone[..., None], self.low_m - 1.0, xy_m) - self.low_m) / CELL_M
        h, w = self.distance_m.shape[1:]
        x, y = np.clip(at[..., 0], 0.0, w - 1.001), np.clip(at[..., 1], 0.0, h - 1.001)
        i, j = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        u, v = x - i, y - j
        g = np.broadcast_to(group[:, None], i.shape)
        d = self.distance_m
        found = (d[g, j, i] * (1 - u) + d[g, j, i + 1] * u) * (1 - v)
        found += (d[g, j + 1, i] * (1 - u) + d[g, j + 1, i + 1] * u) * v
        off = (at < 0.0).any(axis=-1) | (at[..., 0] > w - 1) | (at[..., 1] > h - 1)
        return np.where(off, -1.0, found)
