"""What the asset tests measure on meshes."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary
from drivegen.embedded.world.blueprints.library import BlueprintLibrary

BLUEPRINTS = tuple(b for b in BlueprintLibrary(families=False).blueprints if not b.refusal)
VEHICLES = tuple(b for b in BLUEPRINTS if b.id.startswith("vehicle.") and ".drivegen." not in b.id)
"""CARLA's; drivegen's own families, whose sizes follow from a variant, have tests of their own."""
WALKERS = tuple(b for b in BLUEPRINTS if b.id.startswith("walker."))
PROPS = tuple(
    b for b in BLUEPRINTS if b.id.startswith("static.prop.") and min(b.size_m) > 0 and b.members is None
)


def placed_points(library: MeshLibrary, drawables: Drawables) -> np.ndarray:
    """All vertices of drawables in the world, (n, 3)."""
    return np.concatenate(
        [
            library.meshes[mesh].positions_m @ matrix[:3, :3].T + matrix[:3, 3]
            for mesh, matrix in zip(drawables.mesh_index, drawables.world_mesh, strict=True)
        ]
    )


def volume_m3(mesh: Mesh) -> float:
    """Signed volume over all triangles: positive if closed parts look outward."""
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def is_closed(mesh: Mesh) -> bool:
    """True if every edge between two positions is walked as often one way as the other."""
    _, place = np.unique(np.round(mesh.positions_m * 1e4).astype(np.int64), axis=0, return_inverse=True)
    t = place.reshape(-1)[mesh.triangles]
    edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    forward, count = np.unique(edges, axis=0, return_counts=True)
    back, count_back = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    return np.array_equal(forward, back) and np.array_equal(count, count_back)


def check_mesh(mesh: Mesh) -> None:
    """Arrays fit each other; values are valid; vertex normals lie on their faces' outer side."""
    count = len(mesh.positions_m)
    assert len(mesh.triangles) > 0, mesh.name
    for array in (mesh.normals, mesh.uvs, mesh.colors, mesh.materials, mesh.tags):
        assert len(array) == count, mesh.name
    assert mesh.triangles.min() >= 0 and mesh.triangles.max() < count, mesh.name
    assert np.all(np.isfinite(mesh.positions_m)) and np.all(np.isfinite(mesh.uvs)), mesh.name
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-3), mesh.name
    assert set(np.unique(mesh.materials)) <= {int(m) for m in Material}, mesh.name
    assert set(np.unique(mesh.tags)) <= {int(t) for t in Tag} - {int(Tag.NONE)}, mesh.name
    # A triangle's material and tag are those of its first vertex, so all three must agree.
    for values in (mesh.materials, mesh.tags):
        corner = values[mesh.triangles]
        assert np.all(corner == corner[:, :1]), mesh.name
    p = mesh.positions_m[mesh.triangles].astype(np.float64)
    face = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
    area = np.linalg.norm(face, axis=1)
    large = area > 1e-5
    cosine = np.einsum("tcx,tx->tc", mesh.normals[mesh.triangles[large]], face[large] / area[large, None])
    assert np.mean(cosine > 0.0) > 0.995, f"{mesh.name}: {np.mean(cosine <= 0):.4f} of corners look inward"


def mesh_bytes(mesh: Mesh) -> bytes:
    """All that a mesh holds."""
    arrays = (
        mesh.positions_m,
        mesh.normals,
        mesh.uvs,
        mesh.colors,
        mesh.materials,
        mesh.tags,
        mesh.triangles,
    )
    return mesh.name.encode() + b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
