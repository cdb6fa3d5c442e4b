"""Coarser levels of a part by clustering its vertices (Rossignac and Borrel 1993)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from drivegen.embedded.mesh import Material

NORMAL_STEPS = 1.5
"""Clusters hold vertices whose normals fall into the same of about 4^3 cells, so that edges stay edges."""


def clustered(
    vertices: np.ndarray, triangles: Int[np.ndarray, "t 3"], cell_m: float
) -> tuple[Int[np.ndarray, "s 3"], float]:
    """Triangles between the vertices that stand for their clusters, and the farthest that a vertex moved (m).

    A cluster is what lies in one cubic cell with one material, tag and kind of normal. Its first vertex
    stands for it, so that the coarse surface has no point that the fine one lacks.
    """
    used, inverse = np.unique(triangles.reshape(-1), return_inverse=True)
    v = vertices[used]
    normal = np.rint(v["normal"] / 127.0 * NORMAL_STEPS).astype(np.int64)
    normal[v["material"] == Material.FOLIAGE] = 0
    key = np.column_stack(
        [np.floor(v["position"] / cell_m).astype(np.int64), normal, v["material"], v["tag"], v["color"] // 32]
    )
    _, first, cluster = np.unique(key, axis=0, return_index=True, return_inverse=True)
    cluster = cluster.reshape(-1)
    coarse = cluster[inverse].reshape(-1, 3)
    whole = (coarse[:, 0] != coarse[:, 1]) & (coarse[:, 1] != coarse[:, 2]) & (coarse[:, 0] != coarse[:, 2])
    coarse = coarse[whole]
    turned = np.take_along_axis(
        coarse, (np.arange(3) + coarse.argmin(axis=1)[:, None]) % 3, axis=1
    )  # equal triangles begin with the same corner
    _, keep = np.unique(turned, axis=0, return_index=True)
    moved = v["position"] - v["position"][first[cluster]]
    error_m = float(np.sqrt((moved.astype(np.float64) ** 2).sum(axis=1).max()))
    return used[first[turned[np.sort(keep)]]], error_m
