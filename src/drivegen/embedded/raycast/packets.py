"""The inner loop: rays in packets through Embree, without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

# Rows of a packet, each as wide as the packet: RTCRay (12), then RTCHit (9).
_ORIGIN = 0
_T_NEAR = 3
_DIRECTION = 4
_TIME = 7
_T_FAR = 8
_MASK = 9
_RAY_ID = 10
_RAY_FLAGS = 11
_NORMAL = 12
_TRIANGLE = 17
_GEOMETRY = 18
_GROUP = 19
_ROW = 20

_NONE = 0xFFFFFFFF
"""Embree's invalid id; as a mask, every bit."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles for this machine, without the GIL, and keeps the result on disk where there is a place for it.

    numba tries beside the source, then the user's cache folder; where neither can be written (a read-only
    container) it raises when the function is decorated, and the function is compiled anew in each process.
    """
    options = {"nogil": True, "error_model": "numpy", "boundscheck": False}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)


@intrinsic
def _call_intersect(  # type: ignore[no-untyped-def]
    _context,
    _function,
    _valid,
    _scene,
    _packet,
    _arguments,
):
    """Calls rtcIntersect4, 8 or 16 by its address; all arguments are addresses.

    A ctypes function would do the same, but numba keeps nothing on disk that refers to one.
    """
    word = types.uintp

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        bits = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [bits] * 4)
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
        return context.get_dummy_value()

    return types.void(word, word, word, word, word), generate


def reset_packet(words: Any) -> None:
    """Fills in what is the same for every packet: all of it that `cast_packets` does not write."""
    bits = words.view(np.uint32)
    words[_T_NEAR] = 0.0
    words[_TIME] = 0.0
    bits[_MASK] = _NONE
    bits[_RAY_ID] = 0
    bits[_RAY_FLAGS] = 0
    bits[_GROUP] = _NONE
    bits[_ROW] = _NONE


@compiled
def _load(
    words: Any, valid: Any, first: Any, lanes: Any, origins: Any, directions: Any, rotation: Any, t_max: Any
) -> None:
    """Fills a packet with `lanes` rays from `first` on; the lanes beyond repeat the last ray and are off."""
    bits = words.view(np.uint32)
    shared = origins.shape[0] == 1
    for lane in range(words.shape[1]):
        ray = first + min(lane, lanes - 1)
        x, y, z = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        start = 0 if shared else ray
        for axis in range(3):
            words[_ORIGIN + axis, lane] = origins[start, axis]
            words[_DIRECTION + axis, lane] = (
                rotation[axis, 0] * x + rotation[axis, 1] * y + rotation[axis, 2] * z
            )
        words[_T_FAR, lane] = t_max
        bits[_GEOMETRY, lane] = _NONE
        valid[lane] = -1 if lane < lanes else 0


@compiled
def _face_normal(words: Any, lane: Any, rotation: Any, normal: Any) -> Any:
    """Writes the unit normal, turned against the ray, and returns the cosine between them."""
    x, y, z = words[_NORMAL, lane], words[_NORMAL + 1, lane], words[_NORMAL + 2, lane]
    scale = np.float32(1.0) / np.sqrt(x * x + y * y + z * z)
    cosine = np.float32(0.0)
    for axis in range(3):
        turned = scale * (rotation[axis, 0] * x + rotation[axis, 1] * y + rotation[axis, 2] * z)
        normal[axis] = turned
        cosine -= turned * words[_DIRECTION + axis, lane]
    if cosine < 0.0:
        cosine = -cosine
        for axis in range(3):
            normal[axis] = -normal[axis]
    return min(cosine, np.float32(1.0))


@compiled
def cast_packets(
    function: Any,
    scenes: Any,
    arguments: Any,
    words: Any,
    valid: Any,
    origins: Any,
    directions: Any,
    rotation: Any,
    t_max: Any,
    group_start: Any,
    row_mesh: Any,
    row_object_id: Any,
    row_rotation: Any,
    mesh_start: Any,
    triangle_tag: Any,
    triangle_material: Any,
    distance: Any,
    object_id: Any,
    tag: Any,
    material: Any,
    cos_incidence: Any,
    normal: Any,
) -> None:
    """Casts n rays, a packet at a time, and looks up what each of them hit.

    Args:
        function: Address of rtcIntersect4, 8 or 16.
        scenes: (s,) uint64 handles: a ray ends at the first thing in any of them.
        arguments: Address of RTCIntersectArguments.
        words: (21, width) float32, 64-byte aligned, as `reset_packet` leaves it: the packet.
        valid: (width,) int32, 64-byte aligned.
        origins: (n, 3) or (1, 3) float32.
        directions: (n, 3) float32.
        rotation: (3, 3) float32, of the directions' frame to the world.
        t_max: End of the rays.
        group_start: (g,) first row of each group of instances.
        row_mesh: (rows,) mesh of each instance.
        row_object_id: (rows,) uint32.
        row_rotation: (rows, 3, 3) float32, mesh to world.
        mesh_start: (meshes,) where a mesh's triangles begin in the next two.
        triangle_tag: uint8.
        triangle_material: uint8.
        distance: (n,) float32, filled in like the following ones; see `Hits`.
        object_id: (n,) uint32.
        tag: (n,) uint8.
        material: (n,) uint8.
        cos_incidence: (n,) float32.
        normal: (n, 3) float32.
    """
    bits = words.view(np.uint32)
    count, width = directions.shape[0], words.shape[1]
    for first in range(0, count, width):
        lanes = min(width, count - first)
        _load(words, valid, first, lanes, origins, directions, rotation, t_max)
        for scene in scenes:
            _call_intersect(
                function, np.uintp(valid.ctypes.data), scene, np.uintp(words.ctypes.data), arguments
            )
        for lane in range(lanes):
            ray = first + lane
            if bits[_GEOMETRY, lane] == _NONE:
                distance[ray] = np.inf
                object_id[ray] = tag[ray] = material[ray] = 0
                cos_incidence[ray] = normal[ray, 0] = normal[ray, 1] = normal[ray, 2] = 0.0
                continue
            row = group_start[bits[_GROUP, lane]] + bits[_ROW, lane]
            face = mesh_start[row_mesh[row]] + bits[_TRIANGLE, lane]
            distance[ray] = words[_T_FAR, lane]
            object_id[ray] = row_object_id[row]
            tag[ray] = triangle_tag[face]
            material[ray] = triangle_material[face]
            cos_incidence[ray] = _face_normal(words, lane, row_rotation[row], normal[ray])
