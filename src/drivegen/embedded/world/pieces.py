"""Pieces of the level that no builder placed one by one: tiles of the ground, signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import SceneryObject
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh, part_of

GROUND_FROM = 1 << 32
"""Ids of ground tiles begin here: above those of all that stands on the ground."""
ACTORS_FROM = 1 << 40
"""Ids of the parts of signals begin here."""
_TAGS = 32
_NAMES = {
    Tag.ROAD: "Road",
    Tag.SIDEWALK: "SideWalk",
    Tag.ROAD_LINE: "RoadLine",
    Tag.TERRAIN: "Terrain",
}


def ground_pieces(
    drawables: Drawables, meshes: Sequence[Mesh], standing: Sequence[SceneryObject], first: int = 0
) -> tuple[SceneryObject, ...]:
    """One piece for each tag in each drawable that is no standing object's: tiles of road, pavement, paint.

    Args:
        drawables: All that stands still; ground meshes lie in the map frame.
        meshes: What the drawables point into.
        standing: Pieces whose rows are their own.
        first: Ids are counted as if the first row had this number.
    """
    owned = {piece.row for piece in standing}
    out = []
    for row in range(len(drawables)):
        if row in owned:
            continue
        mesh = meshes[int(drawables.mesh_index[row])]
        used = np.unique(mesh.triangles)
        for tag in np.unique(mesh.tags[used]):
            points = mesh.positions_m[used[mesh.tags[used] == tag]].astype(np.float64)
            low, high = points.min(axis=0), points.max(axis=0)
            middle = Pose(position_m=(low + high) / 2, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0]))
            name = _NAMES.get(Tag(int(tag)), Tag(int(tag)).name.title())
            out.append(
                SceneryObject(
                    id=GROUND_FROM + (first + row) * _TAGS + int(tag),
                    name=f"{name}_Tile_{mesh.name.removeprefix('ground/')}",
                    tag=Tag(int(tag)),
                    pose=middle,
                    box=Box(pose=middle, size_m=high - low),
                    row=row,
                    whole=False,
                )
            )
    return tuple(out)


def without_tags(mesh: Mesh, tags: frozenset[int]) -> Mesh:
    """The mesh without the triangles of some tags."""
    keep = ~np.isin(mesh.tags[mesh.triangles[:, 0]], sorted(tags))
    return part_of(mesh, keep, f"{mesh.name}-{'_'.join(map(str, sorted(tags)))}")


def actor_pieces(
    number: int, name: str, drawables: Drawables, meshes: Sequence[Mesh]
) -> tuple[SceneryObject, ...]:
    """The parts of an actor that belongs to the map: a signal's pole and head.

    Args:
        number: Of the actor among its like, the same in every episode.
        name: Of the actor.
        drawables: As it stands now; part k is row k.
        meshes: What the drawables point into.
    """
    out = []
    for k in range(len(drawables)):
        mesh = meshes[int(drawables.mesh_index[k])]
        if not len(mesh.positions_m):
            continue
        tag = Tag(int(np.bincount(mesh.tags).argmax()))
        low = mesh.positions_m.min(axis=0).astype(np.float64)
        high = mesh.positions_m.max(axis=0).astype(np.float64)
        pose = Pose.from_matrix(drawables.world_mesh[k].astype(np.float64))
        middle = Pose(position_m=(low + high) / 2, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0]))
        out.append(
            SceneryObject(
                id=ACTORS_FROM + number * _TAGS + k,
                name=f"{name}_{tag.name.title().replace('_', '')}_{k}",
                tag=tag,
                pose=pose,
                box=Box(pose=pose @ middle, size_m=high - low),
            )
        )
    return tuple(out)


def ground_row(piece_id: int) -> int:
    """The number that the row of a ground piece was counted with, by the piece's id."""
    return (piece_id - GROUND_FROM) // _TAGS


def actor_number(piece_id: int) -> int:
    """The number of the actor that a piece is part of, by the piece's id."""
    return (piece_id - ACTORS_FROM) // _TAGS


def row_within_actor(drawables: Drawables) -> np.ndarray:
    """For each row, the how-manieth of its actor it is, (n,) int64. An actor's rows lie together."""
    ids = drawables.object_id
    first = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]])) if len(ids) else np.zeros(0, int)
    starts = np.repeat(first, np.diff(np.append(first, len(ids))))
    return np.arange(len(ids)) - starts


def kept(drawables: Drawables, rows: Bool[np.ndarray, "n"]) -> Drawables:
    """Some of the rows."""
    return Drawables(
        mesh_index=drawables.mesh_index[rows],
        world_mesh=drawables.world_mesh[rows],
        object_id=drawables.object_id[rows],
        tint=drawables.tint[rows],
        lights=drawables.lights[rows],
    )
