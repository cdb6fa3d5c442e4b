"""Panels: windows, lamps, trims and stripes that lie on a skin, a few millimetres proud of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

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


def shade(color: Rgb, share: float) -> Rgb:
    """A darker tone of a colour."""
    r, g, b = (round(c * share) for c in color)
    return r, g, b


class Panels:
    """Lays panels on skins."""

    def __init__(self, out: Sculpture, hull: Hull, tag: Tag) -> None:
        self.out, self.hull, self.tag = out, hull, tag
        self._laid: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._finishes: list[Finish] = []

    def flush(self) -> None:
        """Adds all that was laid since to the sculpture, at once: that is much quicker than one by one."""
        if not self._laid:
            return
        offsets = np.cumsum([0, *(len(points) for points, _, _ in self._laid)])
        palette = list(dict.fromkeys(self._finishes))
        place = {finish: k for k, finish in enumerate(palette)}
        index = np.repeat([place[f] for f in self._finishes], [len(faces) for _, faces, _ in self._laid])
        shape = Shape(
            points_m=np.concatenate([points for points, _, _ in self._laid]),
            faces=np.concatenate(
                [faces + o for (_, faces, _), o in zip(self._laid, offsets[:-1], strict=True)]
            ),
        )
        self.out.add(shape, (palette, index), normals=np.concatenate([n for _, _, n in self._laid]))
        self._laid, self._finishes = [], []

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
        at = _stops(len(low), cells)
        a, b = self._edge(low, at), self._edge(high, at)
        share = np.linspace(0.0, 1.0, rows + 1)[:, None]
        u = a[:, 0] + (b[:, 0] - a[:, 0]) * share
        v = a[:, 1] + (b[:, 1] - a[:, 1]) * share
        du, dv = 1e-3 * (1.0 + float(np.abs(u).max())), 1e-3
        # One evaluation of the skin gives the points and their tangents: calls cost more than numbers.
        five = skin(np.stack([u, u + du, u - du, u, u]), np.stack([v, v, v, v + dv, v - dv]))
        points, p, q = five[0], five[1] - five[2], five[3] - five[4]
        normal = _cross(p, q)
        size = np.sqrt(np.einsum("ijk,ijk->ij", normal, normal))[..., None]
        # Where a skin is clamped it has no tangents: there the panel's mean direction must do.
        blank = size[..., 0] < 1e-13
        normal /= np.maximum(size, 1e-15)
        if blank.any():
            mean = normal.reshape(-1, 3).sum(axis=0)
            normal[blank] = mean / max(float(np.linalg.norm(mean)), 1e-15)
        away = points.reshape(-1, 3).mean(axis=0) - np.array(inside_m)
        normal = normal if normal.reshape(-1, 3).sum(axis=0) @ away >= 0.0 else -normal
        points = (points + normal * out_m).reshape(-1, 3)
        normal = normal.reshape(-1, 3)
        faces = _cells(rows + 1, len(at))
        i, j, k = faces.T
        areas = _cross(points[j] - points[i], points[k] - points[i])
        if float(np.einsum("tx,tx->", areas, normal[i])) < 0.0:
            faces = faces[:, ::-1]
        self._laid.append((points, faces, normal))
        self._finishes.append(finish)
        if mirror:
            flip = np.array([1.0, -1.0, 1.0])
            self._laid.append((points * flip, faces[:, ::-1], normal * flip))
            self._finishes.append(finish)

    def lay(
        self,
        skin: Skin,
        u: np.ndarray,
        v: np.ndarray,
        faces: np.ndarray,
        finish: Finish,
        out_m: float,
        inside_m: tuple[float, float, float] = (0.0, 0.0, 0.4),
    ) -> None:
        """Triangles given in a surface's coordinates."""
        d = 1e-3
        five = skin(np.stack([u, u + d, u - d, u, u]), np.stack([v, v, v, v + d, v - d]))
        normal = np.cross(five[1] - five[2], five[3] - five[4])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-15)
        away = five[0].mean(axis=0) - np.array(inside_m)
        normal = normal if normal.sum(axis=0) @ away >= 0.0 else -normal
        points = five[0] + normal * out_m
        corners = points[faces]
        face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        turned = np.einsum("tx,tx->t", face, normal[faces[:, 0]]) < 0.0
        self._laid.append((points, np.where(turned[:, None], faces[:, ::-1], faces), normal))
        self._finishes.append(finish)

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


@cache
def _stops(corners: int, cells: int) -> np.ndarray:
    """Where an edge of so many corners is divided, as shares."""
    per = max(1, round(cells / (corners - 1)))
    return np.linspace(0.0, 1.0, per * (corners - 1) + 1)


@cache
def _cells(rows: int, columns: int) -> np.ndarray:
    return grid_faces(rows, columns)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of vectors along the last axis; quicker than numpy's for small arrays."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
