"""The darkness under what stands on the ground: cheap, and without it things float under a grey sky.

Vehicles and people darken the ground below their largest mesh, what stands still around its foot.
"""

from __future__ import annotations

from typing import Protocol

import moderngl
import numpy as np
from jaxtyping import Float64, UInt32

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.store import GeometryStore

CONTACT = np.dtype(
    [("middle", "3f4"), ("half_length", "f4"), ("forward", "2f4"), ("half_width", "f4"), ("strength", "f4")]
)
"""Layout of the buffer; moderngl: `4f 4f /i`."""
MOST_CONTACTS = 1024
STRENGTH, STILL_STRENGTH = 0.72, 0.42
LARGEST_FOOT_M, LARGEST_LOW_M = 90.0, 12.0
"""Larger ones are ground; the second of what is low."""
TALL_M, SMALL_FOOT = 3.0, 0.1
"""Taller things with a foot that is less than this share of their plan stand on that foot alone."""
LEAST_EYE_M = 0.3
HIGHEST_FOOT_M = 0.5
"""A mesh whose foot is higher above its origin hangs."""
STILL_WITHIN_M = 70.0
"""Still things further from the camera have none."""
MIN_SIDE_M, MIN_HEIGHT_M, MAX_LIFT_M = 0.2, 0.25, 1.3
"""What casts a contact: upright meshes at least this large whose bottom is not higher above the ground."""
WIDE_M = 1.6
"""What is as wide as a car keeps the light from the ground below it."""


class ContactPrograms(Protocol):
    """What makes vertex arrays of quads, one for each row of a buffer."""

    def overlay(self, name: str, rows: moderngl.Buffer) -> moderngl.VertexArray:
        """A vertex array of the program `name`."""
        ...


def contacts_of(store: GeometryStore, drawables: Drawables) -> tuple[np.ndarray, UInt32[np.ndarray, "n"]]:
    """Rows, dtype CONTACT, and ids of objects: the largest mesh's footprint at the height of the lowest."""
    rows = np.flatnonzero(drawables.object_id)
    if len(rows) == 0:
        return np.zeros(0, CONTACT), np.zeros(0, np.uint32)
    mesh, matrix = drawables.mesh_index[rows], drawables.world_mesh[rows]
    low, high = store.low_m[mesh], store.high_m[mesh]
    size = high - low
    middle = np.einsum("nij,nj->ni", matrix[:, :3, :3], (low + high) / 2) + matrix[:, :3, 3]
    half_height = np.einsum("nj,nj->n", np.abs(matrix[:, 2, :3]), size / 2)
    bottom = middle[:, 2] - half_height
    ids = drawables.object_id[rows]
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(ids[order]) != 0])
    ground = np.minimum.reduceat(bottom[order], starts)
    ground_of = np.empty(len(rows), np.float32)
    ground_of[order] = np.repeat(ground, np.diff(np.r_[starts, len(rows)]))
    upright = matrix[:, 2, 2] > 0.9
    solid = (size[:, :2].max(axis=1) >= MIN_SIDE_M) & (size[:, 2] >= MIN_HEIGHT_M)
    good = upright & solid & (bottom - ground_of <= MAX_LIFT_M)
    area = np.where(good, size[:, 0] * size[:, 1], -1.0)
    best = np.lexsort((np.arange(len(rows)), -area, ids))
    chosen = best[np.flatnonzero(np.r_[True, np.diff(ids[best]) != 0])]
    chosen = chosen[area[chosen] > 0.0][:MOST_CONTACTS]
    out = np.zeros(len(chosen), CONTACT)
    # A mast with an arm darkens the ground at its foot, not below the arm.
    foot_low, foot_high = store.foot_low_m[mesh[chosen]], store.foot_high_m[mesh[chosen]]
    foot = (foot_high - foot_low)[:, :2]
    mast = (size[chosen, 2] > TALL_M) & (foot.prod(axis=1) < SMALL_FOOT * area[chosen])
    middle[chosen[mast]] = (
        np.einsum("nij,nj->ni", matrix[chosen[mast], :3, :3], ((foot_low + foot_high) / 2)[mast])
        + matrix[chosen[mast], :3, 3]
    )
    size[chosen[mast], :2] = foot[mast]
    out["middle"][:, :2] = middle[chosen, :2]
    out["middle"][:, 2] = ground_of[chosen]
    out["half_length"], out["half_width"] = size[chosen, 0] / 2, size[chosen, 1] / 2
    forward = matrix[chosen, :2, 0]
    out["forward"] = forward / np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-6)
    # Light gets in under what is narrow: two-wheelers, people.
    out["strength"] = STRENGTH * np.clip(size[chosen, 1] / WIDE_M, 0.35, 1.0)
    return out, ids[chosen]


def still_contacts(store: GeometryStore, drawables: Drawables) -> np.ndarray:
    """One row, dtype CONTACT, for each upright mesh that stands still, around its foot."""
    low, high = store.foot_low_m[drawables.mesh_index], store.foot_high_m[drawables.mesh_index]
    size = high - low
    matrix = drawables.world_mesh
    side = size[:, :2].max(axis=1) if len(size) else np.zeros(0)
    good = (side >= 0.05) & (side <= LARGEST_FOOT_M) & (low[:, 2] <= HIGHEST_FOOT_M)
    tall = store.high_m[drawables.mesh_index, 2] - low[:, 2]
    # A tile of road with its kerb stands on nothing.
    good &= (tall >= MIN_HEIGHT_M) & ((side <= LARGEST_LOW_M) | (tall >= 2.5))
    # Meshes in the map's own frame are ground, with the walls of cuts and bridges.
    good &= np.any(matrix != np.eye(4, dtype=np.float32), axis=(1, 2))
    rows = np.flatnonzero(good & (matrix[:, 2, 2] > 0.9))
    out = np.zeros(len(rows), CONTACT)
    foot = (low[rows] + high[rows]) / 2
    # What is rooted below the ground has its origin on it.
    foot[:, 2] = np.maximum(low[rows, 2], 0.0)
    out["middle"] = np.einsum("nij,nj->ni", matrix[rows, :3, :3], foot) + matrix[rows, :3, 3]
    out["half_length"], out["half_width"] = size[rows, 0] / 2, size[rows, 1] / 2
    forward = matrix[rows, :2, 0]
    out["forward"] = forward / np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-6)
    out["strength"] = STILL_STRENGTH * np.clip(side[rows] / 0.5, 0.4, 1.0)
    return out


def nearby(rows: np.ndarray, eyes_m: Float64[np.ndarray, "v 3"], most: int) -> np.ndarray:
    """The rows next to any of the eyes, in their order, at most so many."""
    if len(rows) == 0 or most <= 0:
        return rows[:0]
    away = rows["middle"][:, None, :2].astype(np.float64) - eyes_m[None, :, :2]
    reach = np.maximum(rows["half_length"], rows["half_width"])
    distance = np.linalg.norm(away, axis=2).min(axis=1) - reach
    chosen = np.flatnonzero(distance < STILL_WITHIN_M)
    if len(chosen) > most:
        chosen = np.sort(chosen[np.argsort(distance[chosen], kind="stable")[:most]])
    return rows[chosen]


def ground_below(rows: np.ndarray, eye_m: Float64[np.ndarray, "3"]) -> float | None:
    """Height of the ground near an eye: that of the nearest thing that stands below it; None if none does."""
    below = rows[rows["middle"][:, 2] < eye_m[2] - LEAST_EYE_M]
    if len(below) == 0:
        return None
    away = np.linalg.norm(below["middle"][:, :2] - eye_m[:2], axis=1)
    away -= np.maximum(below["half_length"], below["half_width"])
    nearest = int(np.argmin(away))
    return float(below["middle"][nearest, 2]) if away[nearest] < STILL_WITHIN_M else None


class Contacts:
    """Draws contacts over the colour of what is already there."""

    def __init__(self, gl: moderngl.Context, programs: ContactPrograms) -> None:
        self._gl = gl
        self._buffer = gl.buffer(reserve=CONTACT.itemsize * MOST_CONTACTS)
        self._quads = programs.overlay("contact", self._buffer)
        self._count = 0

    def take(self, rows: np.ndarray) -> None:
        """Takes the contacts of a moment."""
        self._count = len(rows)
        if self._count:
            self._buffer.write(rows)

    def draw(self) -> None:
        """Darkens the bound framebuffer's colour; its depth decides what is in front."""
        if self._count == 0:
            return
        gl = self._gl
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        # Colour and alpha apart; moderngl's stubs know only the short form.
        gl.blend_func = gl.ZERO, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._quads.render(gl.TRIANGLE_STRIP, vertices=4, instances=self._count)
