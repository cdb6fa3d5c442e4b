"""Small meshes and placements for tests of rays and sensors."""

import numpy as np

from drivegen.core.geometry import rotation_from_rpy
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh

BOX_FACES = (
    ((-1, 0, 0), (0, 4, 6, 2)),
    ((1, 0, 0), (1, 3, 7, 5)),
    ((0, -1, 0), (0, 1, 5, 4)),
    ((0, 1, 0), (2, 6, 7, 3)),
    ((0, 0, -1), (0, 2, 3, 1)),
    ((0, 0, 1), (4, 5, 7, 6)),
)
"""Normal and corners (bit k of a corner is the sign on axis k), counter-clockwise from outside."""


def mesh(positions, triangles, tag=Tag.CAR, material=Material.MATTE, name="mesh"):
    count = len(positions)
    return Mesh(
        name=name,
        positions_m=np.asarray(positions, np.float32),
        normals=np.tile(np.float32([0, 0, 1]), (count, 1)),
        uvs=np.zeros((count, 2), np.float32),
        colors=np.full((count, 3), 128, np.uint8),
        materials=np.full(count, material, np.uint8),
        tags=np.full(count, tag, np.uint8),
        triangles=np.asarray(triangles, np.int32),
    )


def box(length, width, height, tag=Tag.CAR, material=Material.MATTE):
    """Centred on the origin, front faces outwards."""
    corners = np.array([[(i >> k & 1) - 0.5 for k in range(3)] for i in range(8)]) * [length, width, height]
    positions, triangles = [], []
    for _, face in BOX_FACES:
        start = len(positions)
        positions.extend(corners[c] for c in face)
        triangles += [[start, start + 1, start + 2], [start, start + 2, start + 3]]
    return mesh(positions, triangles, tag, material, "box")


def ground(side, tag=Tag.ROAD, material=Material.ASPHALT):
    """A square in z = 0."""
    h = side / 2
    return mesh(
        [[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0]], [[0, 1, 2], [0, 2, 3]], tag, material, "ground"
    )


def place(*rows):
    """Drawables from (mesh index, object id, (x, y, z), (roll, pitch, yaw)) rows."""
    count = len(rows)
    world_mesh = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    for matrix, (_, _, xyz, rpy) in zip(world_mesh, rows, strict=True):
        matrix[:3, :3] = rotation_from_rpy(*rpy)
        matrix[:3, 3] = xyz
    return Drawables(
        mesh_index=np.array([r[0] for r in rows], np.int32),
        world_mesh=world_mesh,
        object_id=np.array([r[1] for r in rows], np.uint32),
        tint=np.zeros((count, 3), np.uint8),
        lights=np.zeros(count, np.uint32),
    )


def unit(vectors):
    vectors = np.asarray(vectors, np.float64)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def slab_distance(origins, directions, half, rotation, centre):
    """Where rays meet an oriented box, in float64: inf where they miss (origins outside the box)."""
    o = (np.asarray(origins, np.float64) - centre) @ rotation
    d = np.asarray(directions, np.float64) @ rotation
    with np.errstate(divide="ignore"):
        a, b = (-half - o) / d, (half - o) / d
    near = np.minimum(a, b).max(axis=1)
    far = np.maximum(a, b).min(axis=1)
    return np.where((near <= far) & (near > 0), near, np.inf)
