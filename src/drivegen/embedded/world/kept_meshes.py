"""Surfaces and scenery as plain arrays, for the shelf."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets import scenery as assets
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh, MeshLibrary
from drivegen.embedded.world.shelf import Arrays
from drivegen.opendrive.surfaces import Surface
from drivegen.opendrive.surfaces.surface import SurfaceKind

_SURFACE = ("positions_m", "normals", "uvs", "triangles", "colors")
_MESH = ("positions_m", "normals", "uvs", "colors", "materials", "tags", "triangles")
_DRAWABLES = ("mesh_index", "world_mesh", "object_id", "tint", "lights")


def surfaces_to_arrays(surfaces: Sequence[Surface]) -> Arrays:
    """The inverse of `surfaces_of`."""
    return {"kinds": np.array([s.kind.value for s in surfaces]), **_joined(surfaces, _SURFACE)}


def surfaces_of(arrays: Arrays) -> tuple[Surface, ...]:
    """The surfaces, in their order."""
    return tuple(
        Surface(kind=SurfaceKind(kind.item()), **fields)
        for kind, fields in zip(arrays["kinds"], _parted(arrays, _SURFACE), strict=True)
    )


def scenery_to_arrays(scenery: assets.Scenery, meshes: Sequence[Mesh]) -> Arrays:
    """Scenery whose drawables point into `meshes`; the inverse of `scenery_of`."""
    objects = scenery.objects
    out = {
        "names": np.array([m.name for m in meshes]),
        **_joined(meshes, _MESH),
        **{f"drawables.{name}": getattr(scenery.drawables, name) for name in _DRAWABLES},
        "objects.id": np.array([o.id for o in objects], dtype=np.int64),
        "objects.name": np.array([o.name for o in objects]),
        "objects.tag": np.array([int(o.tag) for o in objects], dtype=np.int64),
        "objects.row": np.array([o.row for o in objects], dtype=np.int64),
        "objects.size_m": np.array([o.box.size_m for o in objects]).reshape(-1, 3),
    }
    for name, poses in (("pose", [o.pose for o in objects]), ("box", [o.box.pose for o in objects])):
        out[f"objects.{name}.position_m"] = np.array([p.position_m for p in poses]).reshape(-1, 3)
        out[f"objects.{name}.wxyz"] = np.array([p.orientation_wxyz for p in poses]).reshape(-1, 4)
    return out


def scenery_of(arrays: Arrays, library: MeshLibrary, stock: Sequence[int] | None = None) -> assets.Scenery:
    """The scenery; its meshes are added to the library.

    Args:
        arrays: Of `scenery_to_arrays`.
        library: Takes the meshes.
        stock: Where the library has the meshes that the drawables' first indices mean and the arrays lack.
    """
    first = len(library.meshes)
    for name, fields in zip(arrays["names"], _parted(arrays, _MESH), strict=True):
        library.add(Mesh(name=name.item(), **fields))
    drawables = {name: arrays[f"drawables.{name}"] for name in _DRAWABLES}
    place = np.array([*(stock or ()), *range(first, len(library.meshes))], np.int32)
    drawables["mesh_index"] = place[drawables["mesh_index"]]
    poses, boxes = (_poses(arrays, name) for name in ("pose", "box"))
    return assets.Scenery(
        drawables=Drawables(**drawables),
        objects=tuple(
            assets.SceneryObject(
                id=int(arrays["objects.id"][i]),
                name=arrays["objects.name"][i].item(),
                tag=Tag(int(arrays["objects.tag"][i])),
                pose=poses[i],
                box=Box(pose=boxes[i], size_m=arrays["objects.size_m"][i]),
                row=int(arrays["objects.row"][i]),
            )
            for i in range(len(poses))
        ),
    )


def _poses(arrays: Arrays, name: str) -> list[Pose]:
    columns = (arrays[f"objects.{name}.position_m"], arrays[f"objects.{name}.wxyz"])
    return [Pose(position_m=p, orientation_wxyz=q) for p, q in zip(*columns, strict=True)]


def _joined(things: Sequence[Surface | Mesh], names: Sequence[str]) -> dict[str, np.ndarray]:
    """All things' arrays of a name behind one another, and where each begins."""
    out: dict[str, np.ndarray] = {}
    for name in names:
        parts = [getattr(thing, name) for thing in things]
        out[f"each.{name}"] = np.concatenate(parts) if parts else np.zeros(0)
        out[f"ends.{name}"] = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return out


def _parted(arrays: Arrays, names: Sequence[str]) -> list[dict[str, np.ndarray]]:
    split = {name: np.split(arrays[f"each.{name}"], arrays[f"ends.{name}"][:-1]) for name in names}
    count = len(arrays[f"ends.{names[0]}"])
    return [{name: split[name][i] for name in names} for i in range(count)]
