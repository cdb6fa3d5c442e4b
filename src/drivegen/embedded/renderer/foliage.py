"""Coarser levels of leaves: fewer and larger ones (stochastic simplification, Cook and others 2007)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int64

from drivegen.embedded.mesh import Material

LEAF_M = 0.08
"""At an error of this size about half of the leaves are left."""
MOST_GROWTH = 3.2
"""Leaves grow so that the crown stays as dense, but no more than this."""
GOLDEN = 0.6180339887498949


def lone_leaves(vertices: np.ndarray, triangles: Int64[np.ndarray, "t 3"]) -> Bool[np.ndarray, "t"]:
    """Which triangles are leaves of their own: of foliage, sharing no vertex with another triangle."""
    uses = np.bincount(triangles.reshape(-1), minlength=len(vertices))
    alone = (uses[triangles] == 1).all(axis=1)
    return np.asarray(alone & (vertices["material"][triangles[:, 0]] == Material.FOLIAGE))


def thinned_levels(
    vertices: np.ndarray, leaves: Int64[np.ndarray, "n 3"], errors_m: Sequence[float]
) -> tuple[np.ndarray, list[Int64[np.ndarray, "k 3"]]]:
    """Vertices with those of the grown leaves added, and the leaves that are left at each error.

    A leaf that is left at one level is left at all finer ones.
    """
    # The golden ratio's multiples spread evenly however many are taken.
    rank = np.arange(len(leaves)) * GOLDEN % 1.0
    parts, levels, total = [vertices], [], len(vertices)
    for error_m in errors_m:
        share = 1.0 / (1.0 + (error_m / LEAF_M) ** 2 + error_m / LEAF_M)
        kept = leaves[rank < share]
        grown = vertices[kept.reshape(-1)].copy()
        corners = vertices["position"][kept].astype(np.float64)
        middle = corners.mean(axis=1, keepdims=True)
        growth = min(share**-0.5, MOST_GROWTH)
        grown["position"] = (middle + (corners - middle) * growth).reshape(-1, 3)
        parts.append(grown)
        levels.append(np.arange(total, total + len(grown)).reshape(-1, 3))
        total += len(grown)
    return np.concatenate(parts), levels
