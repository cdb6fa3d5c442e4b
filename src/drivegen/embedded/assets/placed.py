"""Rows of drawables from meshes and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.drawables import Drawables

WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One placed mesh of an asset, in the asset's own frame."""

    mesh: int
    """Index into the `MeshLibrary`."""
    asset_mesh: Float64[np.ndarray, "4 4"]
    tint: tuple[int, int, int] = WHITE


def place_rows(
    rows: Sequence[Row], world_asset: Float[np.ndarray, "4 4"], lights: int, object_id: int
) -> Drawables:
    """Drawables of an asset's rows at a pose in the world; all rows share the lights and the id."""
    count = len(rows)
    local = np.stack([r.asset_mesh for r in rows]) if count else np.zeros((0, 4, 4))
    world = np.asarray(world_asset, dtype=np.float64) @ local
    return Drawables(
        mesh_index=np.array([r.mesh for r in rows], np.int32),
        world_mesh=world.astype(np.float32),
        object_id=np.full(count, object_id, np.uint32),
        tint=np.array([r.tint for r in rows], np.uint8).reshape(count, 3),
        lights=np.full(count, lights, np.uint32),
    )
