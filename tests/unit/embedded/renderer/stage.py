"""Simple meshes and scenes with known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh


def mesh_of(
    points, normals, triangles, material=Material.MATTE, tag=Tag.STATIC, color=(180, 180, 180), uvs=None
):
    n = len(points)
    return Mesh(
        name="test",
        positions_m=np.asarray(points, np.float32),
        normals=np.asarray(normals, np.float32),
        uvs=np.zeros((n, 2), np.float32) if uvs is None else np.asarray(uvs, np.float32),
        colors=np.tile(np.array(color, np.uint8), (n, 1)),
        materials=np.full(n, material, np.uint8),
        tags=np.full(n, tag, np.uint8),
        triangles=np.asarray(triangles, np.int32),
    )


def box_mesh(size_m, centre_m=(0.0, 0.0, 0.0), **look) -> Mesh:
    """A box whose faces look outward."""
    half = np.asarray(size_m, float) / 2
    points, normals, triangles = [], [], []
    for axis in range(3):
        for sign in (1.0, -1.0):
            normal = np.eye(3)[axis] * sign
            u = np.eye(3)[(axis + 1) % 3]
            v = np.cross(normal, u)
            k = len(points)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                points.append((normal + a * u + b * v) * half + centre_m)
                normals.append(normal)
            triangles += [(k, k + 1, k + 2), (k, k + 2, k + 3)]
    return mesh_of(points, normals, triangles, **look)


def plane_mesh(half_m: float, z_m: float = 0.0, **look) -> Mesh:
    """One quad that looks up."""
    corners = [(-half_m, -half_m, z_m), (half_m, -half_m, z_m), (half_m, half_m, z_m), (-half_m, half_m, z_m)]
    return mesh_of(corners, [(0, 0, 1)] * 4, [(0, 1, 2), (0, 2, 3)], **look)


def ball_mesh(radius_m: float, segments: int, **look) -> Mesh:
    """A closed sphere about the origin."""
    rows, columns = segments // 2, segments
    polar = np.pi * np.arange(1, rows) / rows
    turn = 2 * np.pi * np.arange(columns) / columns
    rings = np.stack(
        [
            np.outer(np.sin(polar), np.cos(turn)),
            np.outer(np.sin(polar), np.sin(turn)),
            np.outer(np.cos(polar), np.ones(columns)),
        ],
        -1,
    ).reshape(-1, 3)
    normals = np.concatenate([rings, [(0, 0, 1.0), (0, 0, -1.0)]])
    top, bottom = len(rings), len(rings) + 1
    triangles = []
    for j in range(columns):
        k = (j + 1) % columns
        triangles += [(top, j, k), (bottom, (rows - 2) * columns + k, (rows - 2) * columns + j)]
        for i in range(rows - 2):
            a, b = i * columns + j, i * columns + k
            triangles += [(a, a + columns, b), (b, a + columns, b + columns)]
    return mesh_of(normals * radius_m, normals, triangles, **look)


def leaves_mesh(count: int) -> Mesh:
    """Loose triangles in a ball of radius 2 m."""
    rng = np.random.default_rng(8)
    middle = rng.normal(size=(count, 1, 3))
    middle *= (
        2.0 * rng.uniform(0, 1, (count, 1, 1)) ** (1 / 3) / np.linalg.norm(middle, axis=2, keepdims=True)
    )
    points = (middle + rng.normal(0, 0.2, (count, 3, 3))).reshape(-1, 3)
    triangles = np.arange(3 * count).reshape(-1, 3)
    normals = np.tile([0.0, 0.0, 1.0], (3 * count, 1))
    return mesh_of(
        points, normals, triangles, material=Material.FOLIAGE, tag=Tag.VEGETATION, color=(70, 100, 50)
    )


def pose(x=0.0, y=0.0, z=0.0, yaw=0.0, pitch=0.0):
    """World from body: yaw counter-clockwise, positive pitch nose down."""
    c, s, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    out = np.eye(4)
    out[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]]
    )
    out[:3, 3] = (x, y, z)
    return out


def placed(rows: Sequence[tuple[int, np.ndarray, int]], lights: int = 0, tint=(255, 255, 255)) -> Drawables:
    """Drawables from (mesh index, world_mesh, object id)."""
    n = len(rows)
    return Drawables(
        mesh_index=np.array([r[0] for r in rows], np.int32),
        world_mesh=np.array([r[1] for r in rows], np.float32).reshape(n, 4, 4),
        object_id=np.array([r[2] for r in rows], np.uint32),
        tint=np.tile(np.array(tint, np.uint8), (n, 1)),
        lights=np.full(n, lights, np.uint32),
    )


def pixel_rays(view) -> np.ndarray:
    """World rays through the pixels' middles whose component along the optical axis is 1, (h, w, 3)."""
    f = view.width_px / 2 / np.tan(np.radians(view.fov_deg) / 2)
    u, v = np.meshgrid(np.arange(view.width_px) + 0.5, np.arange(view.height_px) + 0.5)
    rays = np.stack([np.ones_like(u), -(u - view.width_px / 2) / f, -(v - view.height_px / 2) / f], -1)
    return rays @ view.world_camera[:3, :3].T


def hit_box(eye, rays, world_box, size_m):
    """Depth at which rays enter a box, infinite where they miss (slabs)."""
    inverse = np.linalg.inv(world_box)
    o = inverse[:3, :3] @ eye + inverse[:3, 3]
    d = rays @ inverse[:3, :3].T
    half = np.asarray(size_m) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (-half - o) / d, (half - o) / d
    low, high = np.minimum(a, b).max(-1), np.maximum(a, b).min(-1)
    return np.where((low < high) & (low > 0.1), low, np.inf)
