"""A pinhole camera by ray casting: what labels are judged against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary
from drivegen.embedded.raycast.scene import RayScene


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    depth_m: np.ndarray
    instance: np.ndarray
    tag: np.ndarray


def take_picture(scene: RayScene, camera: Camera, map_camera: Pose) -> Picture:
    """Depth, ids and tags at the middles of pixels."""
    x, y = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.linalg.inv(camera.intrinsic).T
    lengths = np.linalg.norm(rays, axis=-1)
    world = (rays / lengths[..., None]) @ OPTICAL_FROM_MOUNT @ map_camera.rotation.T
    hits = scene.cast(map_camera.position_m[None], world.reshape(-1, 3).astype(np.float32))
    shape = (camera.height_px, camera.width_px)
    distance = hits.distance_m.reshape(shape)
    hit = np.isfinite(distance)
    return Picture(
        depth_m=np.where(hit, distance / lengths, 0.0).astype(np.float32),
        instance=np.where(hit, hits.object_id.reshape(shape), 0).astype(np.uint16),
        tag=np.where(hit, hits.tag.reshape(shape), Tag.SKY).astype(np.uint8),
    )


def cuboid_mesh(size_m: tuple[float, float, float], tag: Tag) -> Mesh:
    """A solid box around the origin."""
    corners = np.array([[(i >> k & 1) - 0.5 for k in range(3)] for i in range(8)]) * np.array(size_m)
    quads = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh(
        name="cuboid",
        positions_m=corners.astype(np.float32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (8, 1)),
        uvs=np.zeros((8, 2), np.float32),
        colors=np.full((8, 3), 128, np.uint8),
        materials=np.full(8, Material.MATTE, np.uint8),
        tags=np.full(8, tag, np.uint8),
        triangles=np.array(triangles, np.int32),
    )


def placed(mesh: int, pose: Pose, object_id: int) -> Drawables:
    """One mesh."""
    return Drawables(
        mesh_index=np.array([mesh], np.int32),
        world_mesh=pose.matrix[None].astype(np.float32),
        object_id=np.array([object_id], np.uint32),
        tint=np.zeros((1, 3), np.uint8),
        lights=np.zeros(1, np.uint32),
    )


def ground(library: MeshLibrary) -> Drawables:
    """A large flat slab with its top at z = 0."""
    index = library.add(cuboid_mesh((400.0, 400.0, 1.0), Tag.ROAD))
    return placed(index, Pose.from_xyz_rpy(0.0, 0.0, -0.5), 0)
