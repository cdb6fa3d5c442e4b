"""The inner loop: rays in packets through Embree, without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from drivegen.embedded.raycast.embree import PACKET_FIELDS, PACKET_WIDTH

_MISS = 0xFFFFFFFF


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles for the machine without the GIL, and keeps the result on disk where numba finds a place for it.

    numba tries beside the source, then the user's cache folder; where neither can be written (a read-only
    container) it raises when the function is decorated, and the function is compiled anew in each process.
    """
    options = {"nogil": True, "error_model": "numpy", "boundscheck": False}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)


@intrinsic
def _call_intersect(typing_context, function, valid, scene, packet, arguments):  # type: ignore[no-untyped-def]
    """Calls rtcIntersect16 by its address; all arguments are addresses."""
    signature = types.void(types.uintp, types.uintp, types.uintp, types.uintp, types.uintp)

    def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [word] * 4)
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
        return context.get_dummy_value()

    return signature, generate


@compiled
def cast_packets(
    function,
    scene,
    arguments,
    words,
    valid,
    origins,
    directions,
    t_max,
    group_start,
    row_mesh,
    row_object_id,
    row_rotation,
    mesh_start,
    triangle_tag,
    triangle_material,
    distance,
    object_id,
    tag,
    material,
    cos_incidence,
    normal,
):  # type: ignore[no-untyped-def]
    """Casts n rays, 16 at a time, and looks up what each of them hit.

    Args:
        function: Address of rtcIntersect16.
        scene: Handle of the scene.
        arguments: Address of RTCIntersectArguments.
        words: (21, 16) float32, 64-byte aligned: the packet.
        valid: (16,) int32, 64-byte aligned.
        origins: (n, 3) or (1, 3) float32.
        directions: (n, 3) float32.
        t_max: End of the rays.
        group_start: (g,) first row of each group of instances.
        row_mesh: (rows,) mesh of each instance.
        row_object_id: (rows,) uint32.
        row_rotation: (rows, 3, 3) float32, mesh to world.
        mesh_start: (meshes,) where a mesh's triangles begin in the next two.
        triangle_tag: uint8.
        triangle_material: uint8.
        distance, object_id, tag, material, cos_incidence, normal: Filled in; see `Hits`.
    """
    count = directions.shape[0]
    shared_origin = origins.shape[0] == 1
    bits = words.view(np.uint32)
    for first in range(0, count, PACKET_WIDTH):
        lanes = min(PACKET_WIDTH, count - first)
        for lane in range(PACKET_WIDTH):
            ray = first + min(lane, lanes - 1)
            start = 0 if shared_origin else ray
            for axis in range(3):
                words[axis, lane] = origins[start, axis]
                words[4 + axis, lane] = directions[ray, axis]
            words[3, lane] = 0.0
            words[7, lane] = 0.0
            words[8, lane] = t_max
            bits[9, lane] = _MISS
            bits[10, lane] = 0
            bits[11, lane] = 0
            bits[18, lane] = _MISS
            bits[19, lane] = _MISS
            bits[20, lane] = _MISS
            valid[lane] = -1 if lane < lanes else 0
        _call_intersect(
            function,
            np.uintp(valid.ctypes.data),
            scene,
            np.uintp(words.ctypes.data),
            arguments,
        )
        for lane in range(lanes):
            ray = first + lane
            if bits[18, lane] == _MISS:
                distance[ray] = np.inf
                object_id[ray] = 0
                tag[ray] = 0
                material[ray] = 0
                cos_incidence[ray] = 0.0
                for axis in range(3):
                    normal[ray, axis] = 0.0
                continue
            distance[ray] = words[8, lane]
            row = group_start[bits[19, lane]] + bits[20, lane]
            face = mesh_start[row_mesh[row]] + bits[17, lane]
            object_id[ray] = row_object_id[row]
            tag[ray] = triangle_tag[face]
            material[ray] = triangle_material[face]
            x, y, z = words[12, lane], words[13, lane], words[14, lane]
            scale = 1.0 / np.sqrt(x * x + y * y + z * z)
            cosine = np.float32(0.0)
            for axis in range(3):
                turned = scale * (
                    row_rotation[row, axis, 0] * x
                    + row_rotation[row, axis, 1] * y
                    + row_rotation[row, axis, 2] * z
                )
                normal[ray, axis] = turned
                cosine -= turned * words[4 + axis, lane]
            if cosine < 0.0:
                cosine = -cosine
                for axis in range(3):
                    normal[ray, axis] = -normal[ray, axis]
            cos_incidence[ray] = min(cosine, np.float32(1.0))
