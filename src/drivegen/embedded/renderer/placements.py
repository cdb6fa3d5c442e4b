"""Placed parts: which of them a view sees, and the draw commands for those."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64, UInt8

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.parts import LEVELS
from drivegen.embedded.renderer.store import GeometryStore

INSTANCE = np.dtype(
    [("world_mesh", "12f4"), ("label", "u4"), ("tint", "u4"), ("lights", "u4"), ("seed", "u4")]
)
"""Layout of the instance buffer; moderngl: `4f 4f 4f 4u /i`."""

COMMAND = np.dtype(
    [("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base_vertex", "i4"), ("row", "u4")]
)
"""DrawElementsIndirectCommand."""

SOFT_M = 0.5
"""No surface looks farther than this from itself for what shades it."""

EXACT_WITHIN_M, EXACT_ERROR_M = 50.0, 0.0005
"""Up to this depth no level is off by more: what rays hit there is where it is drawn, to a millimetre."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placements:
    """q placed parts: a part of a mesh at the pose of an instance row."""

    part: Int64[np.ndarray, "q"]
    row: Int64[np.ndarray, "q"]
    """Into the instance buffer."""
    centre_m: Float32[np.ndarray, "q 3"]
    """Of the part's sphere, in the world."""
    radius_m: Float32[np.ndarray, "q"]
    shading: UInt8[np.ndarray, "q"]

    @staticmethod
    def joined(a: Placements, b: Placements) -> Placements:
        """Those of a, then those of b."""
        return Placements(
            part=np.concatenate([a.part, b.part]),
            row=np.concatenate([a.row, b.row]),
            centre_m=np.concatenate([a.centre_m, b.centre_m]),
            radius_m=np.concatenate([a.radius_m, b.radius_m]),
            shading=np.concatenate([a.shading, b.shading]),
        )


def instances_of(drawables: Drawables) -> np.ndarray:
    """Instance rows, dtype INSTANCE, (n,)."""
    out = np.zeros(len(drawables), INSTANCE)
    out["world_mesh"] = drawables.world_mesh[:, :3, :].reshape(-1, 12)
    ids = drawables.object_id.astype(np.uint32)
    # The label's bytes in memory are B, G, R, A: high byte, low byte, tag (by the shader), 255.
    out["label"] = ((ids >> 8) & 0xFF) | ((ids & 0xFF) << 8) | np.uint32(0xFF000000)
    tint = drawables.tint.astype(np.uint32)
    out["tint"] = tint[:, 0] | (tint[:, 1] << 8) | (tint[:, 2] << 16)
    out["lights"] = drawables.lights
    # Looks of one mesh at several places differ by a number made of the place (Knuth's multiplier).
    place = np.rint(drawables.world_mesh[:, :2, 3]).astype(np.int64).astype(np.uint32)
    out["seed"] = ((place[:, 0] * np.uint32(73856093)) ^ (place[:, 1] * np.uint32(19349663))) >> np.uint32(7)
    return out


def place(store: GeometryStore, drawables: Drawables, first_row: int) -> Placements:
    """The parts of all drawables; the drawables' instance rows begin at `first_row`."""
    mesh = drawables.mesh_index.astype(np.int64)
    count = store.part_count[mesh]
    row = np.repeat(np.arange(len(drawables)), count)
    before = np.cumsum(count) - count
    part = store.part_start[mesh][row] + np.arange(len(row)) - before[row]
    matrix = drawables.world_mesh
    centre = np.einsum("qij,qj->qi", matrix[row, :3, :3], store.centre_m[part]) + matrix[row, :3, 3]
    return Placements(
        part=part,
        row=row + first_row,
        centre_m=centre.astype(np.float32),
        radius_m=store.radius_m[part],
        shading=store.shading[part],
    )


def in_frustum(
    placements: Placements,
    eye_m: Float64[np.ndarray, "3"],
    rotation: Float64[np.ndarray, "3 3"],
    tangents: tuple[float, float],
    far_m: float,
) -> tuple[Bool[np.ndarray, "q"], Float32[np.ndarray, "q"]]:
    """What may be seen, and how far along the optical axis each sphere's middle is.

    Args:
        placements: Placed parts.
        eye_m: The camera's position.
        rotation: Camera to world; columns forward, left, up.
        tangents: Of half the horizontal and half the vertical field of view.
        far_m: Far plane.
    """
    relative = (placements.centre_m - eye_m.astype(np.float32)) @ rotation.astype(np.float32)
    x, r = relative[:, 0], placements.radius_m
    seen = (x > -r) & (x < far_m + r)
    for axis, tangent in ((1, tangents[0]), (2, tangents[1])):
        slant = np.float32(np.hypot(1.0, tangent))
        seen &= np.abs(relative[:, axis]) - np.float32(tangent) * x <= r * slant
    return seen, x


def in_light(
    placements: Placements, light_world: Float64[np.ndarray, "4 4"]
) -> tuple[Float32[np.ndarray, "q 3"], Float32[np.ndarray, "q 2"]]:
    """Middles of the spheres in a light's coordinates, and how far they reach in its x and y."""
    rows = light_world[:3].astype(np.float32)
    middle = placements.centre_m @ rows[:, :3].T + rows[:, 3]
    reach = placements.radius_m[:, None] * np.linalg.norm(rows[:2, :3], axis=1)
    return middle, reach


def may_shade(
    placements: Placements,
    eye_m: Float64[np.ndarray, "3"],
    rotation: Float64[np.ndarray, "3 3"],
    tangents: tuple[float, float],
    to_sun: Float64[np.ndarray, "3"],
) -> Bool[np.ndarray, "q"]:
    """What may throw a shadow on something that a camera sees.

    The shadow of a sphere is the ray from its middle away from the sun, as thick as the sphere: it misses the
    field of view when it begins outside one of its planes and does not turn towards that.

    Args:
        placements: Placed parts.
        eye_m: The camera's position.
        rotation: Camera to world; columns forward, left, up.
        tangents: Of half the horizontal and half the vertical field of view.
        to_sun: Unit.
    """
    relative = (placements.centre_m - eye_m.astype(np.float32)) @ rotation.astype(np.float32)
    away = -to_sun @ rotation
    reach = placements.radius_m + np.float32(SOFT_M)
    seen = np.ones(len(placements.part), np.bool_)
    for axis, tangent in ((1, tangents[0]), (2, tangents[1])):
        for sign in (1.0, -1.0):
            # Inward unit normal of a plane through the eye.
            inward = np.zeros(3)
            inward[0], inward[axis] = tangent, sign
            inward /= np.hypot(1.0, tangent)
            if away @ inward <= 0.0:
                seen &= relative @ inward.astype(np.float32) >= -reach
    if away[0] <= 0.0:
        seen &= relative[:, 0] >= -reach
    return seen


def commands(
    store: GeometryStore,
    placements: Placements,
    chosen: Int64[np.ndarray, "k"],
    level: Int32[np.ndarray, "k"],
) -> np.ndarray:
    """Draw commands, dtype COMMAND, of the chosen placements in their order."""
    part = placements.part[chosen]
    out = np.zeros(len(chosen), COMMAND)
    out["count"] = store.count[part, level]
    out["instances"] = 1
    out["first"] = store.first[part, level]
    out["base_vertex"] = store.base_vertex[part]
    out["row"] = placements.row[chosen]
    return out


def allowed_errors_m(
    nearest_m: Float32[np.ndarray, "k"], pixel_rad: float, error_px: float
) -> Float32[np.ndarray, "k"]:
    """By how much parts may be off in an image: their depth near by, their outlines far away.

    Args:
        nearest_m: Depth of the nearest point of each part.
        pixel_rad: Width of a pixel one metre away.
        error_px: Error in the image.
    """
    error_m = np.maximum(nearest_m, 0.0) * np.float32(pixel_rad * error_px)
    return np.where(nearest_m < EXACT_WITHIN_M, np.minimum(error_m, np.float32(EXACT_ERROR_M)), error_m)


def levels_for(
    store: GeometryStore, part: Int64[np.ndarray, "k"], allowed_m: Float32[np.ndarray, "k"]
) -> Int32[np.ndarray, "k"]:
    """The coarsest level of each part that is off by no more than is allowed."""
    fits = store.error_m[part] <= allowed_m[:, None]
    level = (LEVELS - 1) - fits[:, ::-1].argmax(axis=1)
    return np.where(fits.any(axis=1), level, 0).astype(np.int32)
