"""Paint of parking bays and of the stands of buses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Road, RoadObject
from drivegen.opendrive.object_poses import BAY, STAND, object_pose
from drivegen.opendrive.surfaces.builder import COLORS, YELLOW, Rgb
from drivegen.opendrive.surfaces.paint import Paint, ribbon_triangles
from drivegen.opendrive.surfaces.surface import SurfaceKind

_BAY_LINE_M = 0.1
_STAND_LINE_M = 0.15
_INSET_M = 0.15
"""Lines of a stand lie so far inside it."""
_STEP_M = 1.0
_ZIGZAG_M = 3.0
"""Length of one stroke along the stand."""
_ZIGZAG_SHARE = 0.22
"""Of a stand's length, at each end."""
_LETTER_M = (1.8, 1.1)
"""Along the traffic, and across."""
_LETTER_LINE_M = 0.16
_LETTER_STEP_M = 2.6
_LETTERS: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = (
    # 公, 交, 车: strokes in a square of side 1 from its lower left corner, as a driver sees it.
    (
        ((0.40, 0.95), (0.05, 0.45)), ((0.60, 0.95), (0.97, 0.45)),
        ((0.50, 0.55), (0.20, 0.08), (0.82, 0.08)), ((0.62, 0.32), (0.88, 0.0)),
    ),
    (
        ((0.50, 1.0), (0.50, 0.82)), ((0.05, 0.78), (0.95, 0.78)), ((0.35, 0.70), (0.10, 0.48)),
        ((0.65, 0.70), (0.90, 0.48)), ((0.68, 0.50), (0.35, 0.12), (0.05, 0.0)),
        ((0.32, 0.50), (0.65, 0.12), (0.97, 0.0)),
    ),
    (
        ((0.08, 0.88), (0.92, 0.88)), ((0.42, 1.0), (0.18, 0.58), (0.88, 0.58)), ((0.03, 0.30), (0.97, 0.30)),
        ((0.54, 0.75), (0.54, -0.02)),
    ),
)  # fmt: skip


def add_stands(paint: Paint, geometry: NetworkGeometry) -> None:
    """Paints the parking bays and the stands of buses of all roads."""
    for road in geometry.network.roads:
        for item in road.objects:
            if item.type == BAY:
                _Plate(paint, geometry, road, item, COLORS[SurfaceKind.MARKING]).frame(_BAY_LINE_M, 0.0)
            elif item.name.startswith(STAND):
                plate = _Plate(paint, geometry, road, item, YELLOW)
                plate.frame(_STAND_LINE_M, _INSET_M)
                plate.zigzag()
                plate.letters()


class _Plate:
    """Strokes in the frame of an object: u along it, v to its left, from its middle."""

    def __init__(
        self, paint: Paint, geometry: NetworkGeometry, road: Road, item: RoadObject, color: Rgb
    ) -> None:
        self._paint, self._color = paint, color
        self._curve = geometry.curve(road.id)
        self._along = abs(np.sin(item.heading_rad)) < 0.5
        self._item = item
        pose = object_pose(geometry, road, item)
        self._origin_m = pose.position_m
        self._yaw_rad = pose.yaw_rad
        self.half_m = (item.length_m / 2.0, item.width_m / 2.0)

    def stroke(self, points_m: Float64[np.ndarray, "n 2"], width_m: float) -> None:
        """A line of straight pieces; pieces overlap at corners."""
        for a, b in pairwise(points_m):
            length = float(np.linalg.norm(b - a))
            if length < 1e-6:
                continue
            along = (b - a) / length
            beside = np.array([-along[1], along[0]]) * width_m / 2.0
            first, last = a - along * width_m / 2.0, b + along * width_m / 2.0
            share = np.linspace(0.0, 1.0, max(2, int(np.ceil(length / _STEP_M)) + 1))[:, None]
            middle = first + share * (last - first)
            local = np.stack([middle + beside, middle - beside], axis=1).reshape(-1, 2)
            xy, z = self._world(local)
            triangles = ribbon_triangles(np.arange(len(share) - 1))
            self._paint.add(SurfaceKind.MARKING, xy, z, triangles, color=self._color)

    def _world(
        self, local: Float64[np.ndarray, "n 2"]
    ) -> tuple[Float64[np.ndarray, "n 2"], Float64[np.ndarray, "n"]]:
        """What lies along the road follows its bends."""
        if self._along:
            s = np.clip(self._item.s_m + local[:, 0], 0.0, self._curve.road.length_m)
            points = self._curve.points(s, self._item.t_m + local[:, 1])
            return points[:, :2], points[:, 2]
        c, w = np.cos(self._yaw_rad), np.sin(self._yaw_rad)
        xy = self._origin_m[:2] + local @ np.array([[c, w], [-w, c]])
        return xy, np.full(len(local), float(self._origin_m[2]))

    def frame(self, width_m: float, inset_m: float) -> None:
        """Its border."""
        u, v = self.half_m[0] - inset_m, self.half_m[1] - inset_m
        self.stroke(np.array([(-u, -v), (u, -v), (u, v), (-u, v), (-u, -v)]), width_m)

    def zigzag(self) -> None:
        """To and fro across both ends."""
        v = self.half_m[1] - _INSET_M
        count = max(2, round(2.0 * self.half_m[0] * _ZIGZAG_SHARE / _ZIGZAG_M))
        for end in (-1.0, 1.0):
            first = end * (self.half_m[0] - _INSET_M)
            points = [(first - end * k * _ZIGZAG_M, v if k % 2 else -v) for k in range(count + 1)]
            self.stroke(np.array(points), _STAND_LINE_M)

    def letters(self) -> None:
        """公交车, one behind the other, the first one met first."""
        high, wide = _LETTER_M
        for k, strokes in enumerate(_LETTERS):
            at = (k - (len(_LETTERS) - 1) / 2.0) * _LETTER_STEP_M
            for points in strokes:
                local = [(at + (y - 0.5) * high, (0.5 - x) * wide) for x, y in points]
                self.stroke(np.array(local), _LETTER_LINE_M)
