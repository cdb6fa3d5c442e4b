"""Panels: windows, lamps, trims and stripes that lie on a skin, a few millimetres proud of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import grid_faces
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.motor.hull import Hull
from drivegen.embedded.mesh import Material

Rgb = tuple[int, int, int]
Corner = tuple[float, float]
Skin = Callable[[np.ndarray, np.ndarray], Float64[np.ndarray, "*n 3"]]
"""Points of a surface by two coordinates."""

DARK: Rgb = (20, 21, 23)
BLACK: Rgb = (11, 12, 13)
CHROME: Rgb = (206, 209, 213)
SILVER: Rgb = (150, 153, 157)
LENS: Rgb = (226, 231, 236)
RED_LENS: Rgb = (142, 12, 16)
BRIGHT_RED: Rgb = (188, 20, 24)
AMBER: Rgb = (222, 126, 22)
GLASS: Rgb = (24, 29, 32)
WHITE: Rgb = (255, 255, 255)


def disc(u: float, v: float, ru: float, rv: float, points: int = 7) -> tuple[list[Corner], list[Corner]]:
    """Lower and upper edge of an ellipse."""
    angle = np.linspace(0.0, np.pi, points)
    low = [(u - ru * float(np.cos(a)), v - rv * float(np.sin(a))) for a in angle]
    high = [(u - ru * float(np.cos(a)), v + rv * float(np.sin(a))) for a in angle]
    return low, high


class Panels:
    """Lays panels on skins."""

    def __init__(self, out: Sculpture, hull: Hull, tag: Tag) -> None:
        self.out, self.hull, self.tag = out, hull, tag

    def finish(self, color: Rgb, material: Material = Material.MATTE) -> Finish:
        """A finish with the vehicle's tag."""
        return Finish(color, material, self.tag)

    def on(
        self,
        skin: Skin,
        low: Sequence[Corner],
        high: Sequence[Corner],
        finish: Finish,
        *,
        out_m: float = 0.006,
        cells: int = 6,
        rows: int = 2,
        mirror: bool = False,
        inside_m: tuple[float, float, float] = (0.0, 0.0, 0.4),
    ) -> None:
        """A panel between two edges of equally many points.

        Args:
            skin: The surface.
            low: Lower edge, in the surface's coordinates.
            high: Upper edge.
            finish: Of the panel.
            out_m: How far it stands out.
            cells: Divisions along the edges, at least; corners of the edges are kept.
            rows: Divisions between the edges.
            mirror: Also its mirror image on the other side of y = 0.
            inside_m: A point within the body: panels look away from it.
        """
        at = self._stops(low, high, cells)
        a, b = self._edge(low, at), self._edge(high, at)
        t = np.linspace(0.0, 1.0, rows + 1)[:, None, None]
        uv = a + (b - a) * t
        u, v = uv[..., 0], uv[..., 1]
        points = skin(u, v)
        du, dv = 1e-3 * (1.0 + np.abs(u).max()), 1e-3
        across = skin(u + du, v) - skin(u - du, v)
        along = skin(u, v + dv) - skin(u, v - dv)
        normal = np.cross(across, along)
        size = np.linalg.norm(normal, axis=-1, keepdims=True)
        normal = normal / np.maximum(size, 1e-15)
        mean = normal.reshape(-1, 3).sum(axis=0)
        away = points.reshape(-1, 3).mean(axis=0) - np.array(inside_m)
        sign = 1.0 if mean @ away >= 0.0 else -1.0
        mean = mean * sign
        points = points + normal * (sign * out_m)
        m, n = points.shape[:2]
        shape = Shape(points_m=points.reshape(-1, 3), faces=grid_faces(m, n)).facing(mean)
        self.out.add(shape, finish)
        if mirror:
            self.out.add(shape.scaled((1.0, -1.0, 1.0)), finish)

    @staticmethod
    def _stops(low: Sequence[Corner], high: Sequence[Corner], cells: int) -> np.ndarray:
        corners = np.linspace(0.0, 1.0, len(low))
        per = max(1, round(cells / (len(low) - 1)))
        return np.unique(
            np.concatenate([np.linspace(a, b, per + 1) for a, b in zip(corners, corners[1:], strict=False)])
        )

    @staticmethod
    def _edge(corners: Sequence[Corner], at: np.ndarray) -> np.ndarray:
        knots = np.linspace(0.0, 1.0, len(corners))
        points = np.array(corners, np.float64)
        return np.stack([np.interp(at, knots, points[:, 0]), np.interp(at, knots, points[:, 1])], axis=-1)

    def nose(self, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object) -> None:
        """On the nose: (turn in degrees, z)."""
        self.on(lambda u, v: self.hull.end_point_m(True, u, v), low, high, finish, **how)  # type: ignore[arg-type]

    def tail(self, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object) -> None:
        """On the tail: (turn in degrees, z)."""
        self.on(lambda u, v: self.hull.end_point_m(False, u, v), low, high, finish, **how)  # type: ignore[arg-type]

    def end(
        self, front: bool, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object
    ) -> None:
        """On nose or tail."""
        (self.nose if front else self.tail)(low, high, finish, **how)

    def sides(self, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object) -> None:
        """On both sides: (x, z)."""
        how = {"mirror": True, **how}
        self.on(self.hull.side_point_m, low, high, finish, **how)  # type: ignore[arg-type]

    def side(
        self, left: bool, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object
    ) -> None:
        """On one side: (x, z)."""
        flip = np.array([1.0, 1.0 if left else -1.0, 1.0])
        self.on(lambda u, v: self.hull.side_point_m(u, v) * flip, low, high, finish, **how)  # type: ignore[arg-type]

    def top(self, low: Sequence[Corner], high: Sequence[Corner], finish: Finish, **how: object) -> None:
        """On the top: (x, share across)."""
        self.on(self.hull.top_point_m, low, high, finish, **how)  # type: ignore[arg-type]

    def indicators(
        self,
        front: bool,
        low: Sequence[Corner],
        high: Sequence[Corner],
        *,
        color: Rgb = AMBER,
        out_m: float = 0.012,
    ) -> None:
        """A left and a right indicator on nose or tail."""
        self.end(front, low, high, self.finish(color, Material.INDICATOR_LEFT), out_m=out_m)
        other = [[(-a, z) for a, z in edge] for edge in (low, high)]
        self.end(front, other[0], other[1], self.finish(color, Material.INDICATOR_RIGHT), out_m=out_m)

    def seam(self, skin: Skin, path: Sequence[Corner], wide: tuple[float, float], **how: object) -> None:
        """A dark gap along a path, so wide in the surface's two coordinates."""
        du, dv = wide[0] / 2, wide[1] / 2
        low = [(u - du, v - dv) for u, v in path]
        high = [(u + du, v + dv) for u, v in path]
        how = {"out_m": 0.003, "rows": 1, **how}
        self.on(skin, low, high, self.finish((12, 12, 13)), **how)  # type: ignore[arg-type]
