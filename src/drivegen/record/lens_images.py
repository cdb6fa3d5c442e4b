"""Images of a camera with a lens, resampled from a server's pinhole images.

Colour is interpolated (bilinear, on sRGB values as they come). Depth, tag and instance are those of the one
pixel of a face in which a ray lies, so nothing is in them that the server did not draw. Depth is taken along
the camera's own ray. All maps are made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numba
import numpy as np
from jaxtyping import Float32, Int32, UInt8, UInt16

from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag
from drivegen.record import unpack
from drivegen.record.camera_parts import part_name
from drivegen.record.lens_faces import Face, faces_of, is_plain


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawImage:
    """What a camera delivered, before ids are known."""

    bgr: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    """As `Camera.depth_along_ray` says; 0 where nothing was hit."""
    tag: UInt8[np.ndarray, "h w"]
    raw: UInt16[np.ndarray, "h w"]
    """The server's instance ids."""


class LensImages:
    """Puts a camera's images together; of a plain pinhole it only unpacks them."""

    def __init__(self, camera: Camera) -> None:
        """Raises PlanError when the lens needs larger images than a server draws."""
        self._shape = (camera.height_px, camera.width_px)
        self._faces = () if is_plain(camera) else faces_of(camera)
        if not self._faces:
            return
        self._sources = tuple(_source_pixels(face) for face in self._faces)
        self._atlas = np.zeros(
            (sum(f.height_px for f in self._faces), max(f.width_px for f in self._faces), 4), np.uint8
        )
        at = np.full((*self._shape, 2), _NOWHERE, np.float32)
        top = 0
        for face in self._faces:
            place = face.at_px + np.array([0.0, top], np.float32)
            np.copyto(at[face.rows, face.columns], place, where=face.taken[..., None])
            top += face.height_px
        # OpenCV's pixel centres are whole numbers.
        self._maps = cv2.convertMaps(at - np.float32(0.5), None, cv2.CV_16SC2)

    def take(self, parts: Mapping[str, Any]) -> RawImage:
        """The images of a tick, from the `carla.Image`s by part."""
        if not self._faces:
            tag, raw = unpack.split_instances(unpack.bgra(parts["instance_segmentation"]))
            return RawImage(
                bgr=unpack.color(unpack.bgra(parts["rgb"])),
                depth_m=unpack.depth(unpack.bgra(parts["depth"])),
                tag=tag,
                raw=raw,
            )
        depth_m = np.zeros(self._shape, np.float32)
        tag = np.full(self._shape, Tag.NONE, np.uint8)
        raw = np.zeros(self._shape, np.uint16)
        for face, source in zip(self._faces, self._sources, strict=True):
            window = (face.rows, face.columns)
            _label(
                source,
                face.depth_scale,
                unpack.bgra(parts[part_name("depth", face.name)]).reshape(-1, 4),
                unpack.bgra(parts[part_name("instance_segmentation", face.name)]).reshape(-1, 4),
                depth_m[window],
                tag[window],
                raw[window],
            )
        return RawImage(bgr=self.color(parts), depth_m=depth_m, tag=tag, raw=raw)

    def color(self, parts: Mapping[str, Any]) -> UInt8[np.ndarray, "h w 3"]:
        """The colour image of a camera with a lens; black where the lens does not see."""
        drawn = [unpack.bgra(parts[part_name("rgb", face.name)]) for face in self._faces]
        atlas = drawn[0]
        if len(drawn) > 1:
            atlas, top = self._atlas, 0
            for face in drawn:
                height, width, _ = face.shape
                atlas[top : top + height, :width] = face
                top += height
        bent = cv2.remap(
            atlas, *self._maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0)
        )
        return unpack.color(bent)


_NOWHERE = -10.0
"""A place outside every face."""


def _source_pixels(face: Face) -> Int32[np.ndarray, "h w"]:
    """Index of the pixel of the face in which each of the camera's lies; -1 where it is another face's."""
    column, row = np.floor(face.at_px).astype(np.int32).transpose(2, 0, 1)
    return np.where(face.taken, row * face.width_px + column, -1).astype(np.int32)


@numba.njit(cache=True)
def _label(
    source: Int32[np.ndarray, "h w"],
    scale: Float32[np.ndarray, "h w"],
    depth: UInt8[np.ndarray, "n 4"],
    instances: UInt8[np.ndarray, "n 4"],
    depth_m: Float32[np.ndarray, "h w"],
    tag: UInt8[np.ndarray, "h w"],
    raw: UInt16[np.ndarray, "h w"],
) -> None:
    height, width = source.shape
    step = unpack.DEPTH_FAR_M / 16777215.0
    for y in range(height):
        for x in range(width):
            at = source[y, x]
            if at < 0:
                continue
            code = np.int64(depth[at, 2]) + 256 * np.int64(depth[at, 1]) + 65536 * np.int64(depth[at, 0])
            metres = code * step
            if metres < unpack.SKY_FROM_M:
                depth_m[y, x] = metres * scale[y, x]
            tag[y, x] = instances[at, 2]
            raw[y, x] = np.uint16(instances[at, 1]) | (np.uint16(instances[at, 0]) << np.uint16(8))
