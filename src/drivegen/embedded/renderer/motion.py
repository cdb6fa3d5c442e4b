"""Where things were before: what the shaders need to say how far each pixel has moved."""

from __future__ import annotations

from typing import Protocol

import moderngl
import numpy as np
from jaxtyping import Float32, Int64, UInt64

from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.programs import BEFORE_BINDING

BEFORE_INSTANCE = np.dtype([("world_mesh", "12f4")])
"""Layout of the buffer, row by row beside the instance buffer; moderngl: `4f 4f 4f /i`."""

BEFORE_BLOCK = np.dtype([("clip", "f4", (4, 4)), ("eye", "f4", 4), ("pixel", "f4", 4)])
"""The uniform block of flow.glsl (std140); the matrix columns first."""

FIRST_ROWS = 1024


class MotionPrograms(Protocol):
    """What makes vertex arrays that read the buffer."""

    def use_before(self, buffer: moderngl.Buffer) -> None:
        """Takes another buffer of `BEFORE_INSTANCE` rows."""
        ...


def ranked(drawables: Drawables) -> tuple[Int64[np.ndarray, "n"], UInt64[np.ndarray, "n"]]:
    """Rows in the order of their keys, and those keys: object, mesh, and which of its rows with that mesh.

    An actor's rows keep their order from moment to moment (a car's four wheels are one mesh), so that equal
    keys of two moments are the same part of the same actor.
    """
    part = (drawables.object_id.astype(np.uint64) << np.uint64(20)) | drawables.mesh_index.astype(np.uint64)
    order = np.argsort(part, kind="stable")
    part = part[order]
    row = np.arange(len(part))
    first = np.maximum.accumulate(np.where(np.r_[True, part[1:] != part[:-1]], row, 0)) if len(row) else row
    nth = np.minimum(row - first, 0xFFF).astype(np.uint64)
    return order, (part << np.uint64(12)) | nth


def placed_before(now: Drawables, before: Drawables) -> Float32[np.ndarray, "n 4 4"]:
    """The transforms that the rows of `now` had in `before`; their own where they are new."""
    out = now.world_mesh.copy()
    if len(now) == 0 or len(before) == 0:
        return out
    order, key = ranked(now)
    order_before, key_before = ranked(before)
    found = np.minimum(np.searchsorted(key_before, key), len(key_before) - 1)
    same = key_before[found] == key
    out[order[same]] = before.world_mesh[order_before[found[same]]]
    return out


def before_block(clip: Mat4, eye_m: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    """The block, dtype BEFORE_BLOCK, ().

    Args:
        clip: Metres relative to the eye, in the world's axes, to clip space, as the camera stood before.
        eye_m: Where its eye was.
        size_px: Width and height of the image.
    """
    block = np.zeros((), BEFORE_BLOCK)
    block["clip"] = clip.T
    block["eye"][:3] = eye_m
    block["pixel"][:2] = 2.0 / size_px[0], 2.0 / size_px[1]
    return block


class Motion:
    """Keeps the transforms of before on the GPU."""

    def __init__(self, gl: moderngl.Context, programs: MotionPrograms) -> None:
        self._gl = gl
        self._programs = programs
        self._buffer = gl.buffer(reserve=BEFORE_INSTANCE.itemsize * FIRST_ROWS)
        self._block = gl.buffer(reserve=BEFORE_BLOCK.itemsize)
        self._holds: tuple[Drawables, Drawables, Drawables] | None = None
        programs.use_before(self._buffer)

    def take(self, still: Drawables, now: Drawables, before: Drawables, block: np.ndarray) -> None:
        """Takes the moment before for the draws that follow.

        Args:
            still: What stands still: the first rows of the instance buffer.
            now: What moves: the rows after them.
            before: What moves, as it was.
            block: Of `before_block`.
        """
        self._block.write(block.tobytes())
        self._block.bind_to_uniform_block(BEFORE_BINDING)
        holds = (still, now, before)
        if self._holds is not None and all(a is b for a, b in zip(self._holds, holds, strict=True)):
            return
        rows = np.zeros(len(still) + len(now), BEFORE_INSTANCE)
        rows["world_mesh"][: len(still)] = still.world_mesh[:, :3, :].reshape(-1, 12)
        rows["world_mesh"][len(still) :] = placed_before(now, before)[:, :3, :].reshape(-1, 12)
        if rows.nbytes > self._buffer.size:
            self._buffer.release()
            self._buffer = self._gl.buffer(reserve=2 * rows.nbytes)
            self._programs.use_before(self._buffer)
        if len(rows):
            self._buffer.write(rows)
        self._holds = holds
