"""Forms: the solids that things are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.sculpt import Faces, Shape, Vector, join

Ring = Float64[np.ndarray, "n 3"]


@lru_cache(maxsize=1024)
def grid_faces(rows: int, columns: int, *, wrap: bool = False) -> Faces:
    """Two triangles for each cell of a grid of points in row-major order; `wrap` joins last and first column.

    With rows going up and columns going right (seen from outside) the faces look outward. Not to be written.
    """
    cells = columns if wrap else columns - 1
    i, j = (a.reshape(-1) for a in np.meshgrid(np.arange(rows - 1), np.arange(cells), indexing="ij"))
    k = (j + 1) % columns
    p, q, r, s = i * columns + j, i * columns + k, (i + 1) * columns + k, (i + 1) * columns + j
    out = np.stack([np.stack([p, q, r], 1), np.stack([p, r, s], 1)], 1).reshape(-1, 3)
    out.flags.writeable = False
    return out


def patch(points: Float[np.ndarray, "m n 3"]) -> Shape:
    """An open surface through a grid of points."""
    m, n = points.shape[:2]
    return Shape(points_m=np.asarray(points, np.float64).reshape(-1, 3), faces=grid_faces(m, n))


def loft(rings: Sequence[Ring] | Float64[np.ndarray, "m n 3"], *, cap: bool = True) -> Shape:
    """A closed solid through rings of equally many points, closed at both ends by flat fans."""
    stack = np.asarray(rings, dtype=np.float64)
    m, n = stack.shape[:2]
    points = stack.reshape(-1, 3)
    faces = grid_faces(m, n, wrap=True)
    if not cap:
        return Shape(points_m=points, faces=faces)
    j = np.arange(n)
    k = (j + 1) % n
    low, high = m * n, m * n + 1
    points = np.concatenate([points, stack[0].mean(axis=0)[None], stack[-1].mean(axis=0)[None]])
    ends = [
        np.stack([np.full(n, low), k, j], 1),
        np.stack([np.full(n, high), (m - 1) * n + j, (m - 1) * n + k], 1),
    ]
    return Shape(points_m=points, faces=np.concatenate([faces, *ends])).closed()


def box(size_m: Vector, centre_m: Vector = (0.0, 0.0, 0.0), bevel_m: float = 0.0) -> Shape:
    """A box; a bevel cuts all edges at 45 degrees."""
    half = np.asarray(size_m, dtype=np.float64) / 2.0
    bevel = min(bevel_m, float(half.min()) * 0.95)
    if bevel <= 0.0:
        corners = np.array([[x, y, z] for z in (-1, 1) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
        quads = [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
        faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
        return Shape(points_m=corners * half + np.asarray(centre_m, dtype=np.float64), faces=faces)

    def ring(x: float, y: float, z: float) -> Ring:
        inner_x, inner_y = max(x - bevel, 0.0), max(y - bevel, 0.0)
        outline = [(inner_x, -y), (x, -inner_y), (x, inner_y), (inner_x, y)]
        outline += [(-a, -b) for a, b in outline]
        return np.array([(a, b, z) for a, b in outline])

    hx, hy, hz = half
    rings = [
        ring(hx - bevel, hy - bevel, -hz),
        ring(hx, hy, -hz + bevel),
        ring(hx, hy, hz - bevel),
        ring(hx - bevel, hy - bevel, hz),
    ]
    return loft(rings).moved(centre_m)


def lathe(profile_rz: Sequence[tuple[float, float]], sides: int) -> Shape:
    """A solid of revolution about z; the profile runs from bottom to top as (radius, z)."""
    angle = np.arange(sides) * (2 * math.pi / sides)
    circle = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], 1)
    rings = [circle * max(r, 1e-6) + (0.0, 0.0, z) for r, z in profile_rz]
    return loft(rings)


def dome(radius_m: float, rise_m: float, sides: int) -> Shape:
    """An open cap about z that looks up: the lens of a lamp."""
    angle = np.arange(sides) * (2 * math.pi / sides)
    rings = [
        np.stack(
            [r * radius_m * np.cos(angle), r * radius_m * np.sin(angle), np.full(sides, h * rise_m)], axis=1
        )
        for r, h in ((1.0, 0.0), (0.8, 0.5), (0.45, 0.87), (0.0, 1.0))
    ]
    return loft(rings, cap=False).facing((0.0, 0.0, 1.0))


def torus(radius_m: float, tube_m: float, sides: int, tube_sides: int) -> Shape:
    """A ring about z."""
    u = np.arange(sides) * (2 * math.pi / sides)
    v = np.arange(tube_sides) * (2 * math.pi / tube_sides)
    r = radius_m + tube_m * np.cos(v)
    points = np.stack(
        [
            np.cos(u)[:, None] * r,
            np.sin(u)[:, None] * r,
            np.broadcast_to(tube_m * np.sin(v), (sides, tube_sides)),
        ],
        axis=-1,
    )
    rows = np.concatenate([points, points[:1]])
    return Shape(points_m=rows.reshape(-1, 3), faces=grid_faces(sides + 1, tube_sides, wrap=True)).closed()


def frame_along(
    direction: Float[np.ndarray, "3"], up: Vector = (0.0, 0.0, 1.0)
) -> Float64[np.ndarray, "3 3"]:
    """A rotation whose third column is the direction; its first lies as near to `up` as can be."""
    # In scalars: numpy takes ten times as long for one vector.
    zx, zy, zz = (float(v) for v in direction)
    length = max(math.sqrt(zx * zx + zy * zy + zz * zz), 1e-12)
    zx, zy, zz = zx / length, zy / length, zz / length
    hx, hy, hz = (float(v) for v in up)
    along = hx * zx + hy * zy + hz * zz
    if abs(along) > 0.999 * math.sqrt(hx * hx + hy * hy + hz * hz):
        hx, hy, hz = (1.0, 0.0, 0.0) if abs(zx) < 0.9 else (0.0, 1.0, 0.0)
        along = hx * zx + hy * zy + hz * zz
    xx, xy, xz = hx - along * zx, hy - along * zy, hz - along * zz
    length = math.sqrt(xx * xx + xy * xy + xz * xz)
    xx, xy, xz = xx / length, xy / length, xz / length
    return np.array([[xx, zy * xz - zz * xy, zx], [xy, zz * xx - zx * xz, zy], [xz, zx * xy - zy * xx, zz]])


def tube(
    path_m: Float[np.ndarray, "n 3"] | Sequence[Vector],
    radius_m: float | Sequence[float],
    sides: int,
    *,
    flatten: float = 1.0,
) -> Shape:
    """A round bar along a path; `flatten` scales its section sideways."""
    path = np.asarray(path_m, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (len(path),))
    tangent = np.gradient(path, axis=0)
    angle = np.arange(sides) * (2 * math.pi / sides)
    rings = []
    up = np.array([0.0, 0.0, 1.0])
    for point, along, radius in zip(path, tangent, radii, strict=True):
        basis = frame_along(along, up)
        up = basis[:, 0]
        offset = np.cos(angle)[:, None] * basis[:, 0] + flatten * np.sin(angle)[:, None] * basis[:, 1]
        rings.append(point + radius * offset)
    return loft(rings)


def rod(a_m: Vector, b_m: Vector, radius_m: float, sides: int = 8) -> Shape:
    """A straight round bar."""
    return tube([a_m, b_m], radius_m, sides)


def ellipsoid(radii_m: Vector, centre_m: Vector = (0.0, 0.0, 0.0), sides: int = 10, rows: int = 6) -> Shape:
    """An ellipsoid of latitude rows."""
    v = np.linspace(-math.pi / 2, math.pi / 2, rows + 1)
    return lathe([(math.cos(a), math.sin(a)) for a in v], sides).scaled(radii_m).moved(centre_m)


def icosphere(level: int) -> Shape:
    """A unit sphere of 20 * 4^level triangles."""
    g = (1 + math.sqrt(5)) / 2
    corners: list[tuple[float, float, float]] = [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0)]
    corners += [(0, -1, g), (0, 1, g)]
    corners += [(0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    points = np.array(corners, dtype=np.float64)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    text = "0-11-5 0-5-1 0-1-7 0-7-10 0-10-11 1-5-9 5-11-4 11-10-2 10-7-6 7-1-8 3-9-4 3-4-2 3-2-6 3-6-8 3-8-9"
    text += " 4-9-5 2-4-11 6-2-10 8-6-7 9-8-1"
    faces = np.array([[int(v) for v in t.split("-")] for t in text.split()])
    for _ in range(level):
        a, b, c = (points[faces[:, k]] for k in range(3))
        middle = np.concatenate([a + b, b + c, c + a])
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        n, m = len(points), len(faces)
        ab, bc, ca = n + np.arange(m), n + m + np.arange(m), n + 2 * m + np.arange(m)
        faces = np.concatenate(
            [
                np.stack(t, 1)
                for t in ((faces[:, 0], ab, ca), (ab, faces[:, 1], bc), (ca, bc, faces[:, 2]), (ab, bc, ca))
            ]
        )
        points = np.concatenate([points, middle])
    return Shape(points_m=points, faces=faces).closed()


def prism(outline_xy: Sequence[tuple[float, float]], low_m: float, high_m: float) -> Shape:
    """An upright prism over a convex or star-shaped outline, counter-clockwise from above."""
    flat = np.array(outline_xy, dtype=np.float64)
    rings = [np.column_stack([flat, np.full(len(flat), z)]) for z in (low_m, high_m)]
    return loft(rings)


def plate(centre_m: Vector, across: Vector, up: Vector) -> tuple[Shape, Float64[np.ndarray, "4 2"]]:
    """A flat quad from its centre and its two half axes, facing `across` x `up`; with uv in metres."""
    c, a, u = (np.asarray(v, dtype=np.float64) for v in (centre_m, across, up))
    points = np.stack([c - a - u, c + a - u, c + a + u, c - a + u])
    w, h = 2 * float(np.linalg.norm(a)), 2 * float(np.linalg.norm(u))
    return (
        Shape(points_m=points, faces=np.array([[0, 1, 2], [0, 2, 3]])),
        np.array([[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]]),
    )


def mirrored_pair(shape: Shape) -> Shape:
    """A shape and its mirror image on the other side of the plane y = 0."""
    return join([shape, shape.scaled((1.0, -1.0, 1.0))])


def rotation_about(axis: int, angle_rad: float) -> Float64[np.ndarray, "3 3"]:
    """Rotation about a coordinate axis (0 x, 1 y, 2 z) by the right-hand rule."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out = np.zeros((3, 3))
    out[axis, axis], out[i, i], out[i, j], out[j, i], out[j, j] = 1.0, c, -s, s, c
    return out
