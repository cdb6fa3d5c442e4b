"""The sun's shadows: a near and a far map in one texture, shared by all views of a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Bool, Float32, Float64

from drivegen.core.geometry import Mat4
from drivegen.embedded.renderer.gl_calls import GlCalls
from drivegen.embedded.renderer.parts import ShadingClass
from drivegen.embedded.renderer.placements import Placements, commands, in_light, levels_for
from drivegen.embedded.renderer.programs import Programs
from drivegen.embedded.renderer.store import GeometryStore

NEAR_TEXELS, FAR_TEXELS = 1536, 1024
ATLAS = (NEAR_TEXELS + FAR_TEXELS, NEAR_TEXELS)
"""shading.glsl knows this layout: the near map at the left, the far one at the lower right."""
NEAR_HALF_M, FAR_HALF_M = 48.0, 208.0
NEAR_TEXEL_M, FAR_TEXEL_M = 2 * NEAR_HALF_M / NEAR_TEXELS, 2 * FAR_HALF_M / FAR_TEXELS
DEPTH_HALF_M = 400.0
"""Casters up to this far towards the sun throw shadows."""
NEAR_STEP_M, FAR_STEP_M = 12.0, 52.0
"""The maps move in such steps, multiples of a texel: edges do not crawl, and what stands still is drawn into
them only when they move."""
LEVEL_ERROR_TEXELS = 2.0
TILE_TEXELS = 128
"""What moving things were drawn into is made good in such squares."""
TILES = (ATLAS[1] // TILE_TEXELS, ATLAS[0] // TILE_TEXELS)
INNER = 0.97
"""Inside this much of the near map the far one is never looked at."""
SLOPE_BIAS, CONSTANT_BIAS = 1.6, 24.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadowFrame:
    """Where the maps lie."""

    near_world: Mat4
    """World to xy in -1..1 and z in 0..1 of the near map."""
    far_world: Mat4

    @property
    def far_near(self) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
        """Factor and offset from the near map's coordinates to the far one's."""
        scale = np.array([NEAR_HALF_M / FAR_HALF_M, NEAR_HALF_M / FAR_HALF_M, 1.0])
        return scale, self.far_world[:3, 3] - scale * self.near_world[:3, 3]


def shadow_frame(to_sun: Float64[np.ndarray, "3"], focus_m: Float64[np.ndarray, "3"]) -> ShadowFrame:
    """Maps around a point, moved in steps so that texels stay where they are in the world."""
    reference = np.array([0.0, 0.0, 1.0]) if abs(to_sun[2]) < 0.95 else np.array([0.0, 1.0, 0.0])
    right = np.cross(reference, to_sun)
    right /= np.linalg.norm(right)
    basis = np.stack([right, np.cross(to_sun, right), to_sun])
    focus = basis @ focus_m
    return ShadowFrame(
        near_world=_map(basis, focus, NEAR_HALF_M, NEAR_STEP_M),
        far_world=_map(basis, focus, FAR_HALF_M, FAR_STEP_M),
    )


def _map(
    basis: Float64[np.ndarray, "3 3"], focus: Float64[np.ndarray, "3"], half_m: float, step_m: float
) -> Mat4:
    centre = np.round(focus / step_m) * step_m
    scale = np.array([1.0 / half_m, 1.0 / half_m, -0.5 / DEPTH_HALF_M])
    out = np.eye(4)
    out[:3, :3] = basis * scale[:, None]
    out[:3, 3] = -centre * scale + np.array([0.0, 0.0, 0.5])
    return out


class ShadowMaps:
    """Two textures: what stands still, drawn seldom, and a copy of it with what moves, drawn every moment."""

    def __init__(
        self, gl: moderngl.Context, calls: GlCalls, store: GeometryStore, programs: Programs
    ) -> None:
        self._gl = gl
        self._calls = calls
        self._store = store
        self._programs = programs
        self._still = gl.depth_texture(ATLAS)
        self.texture = gl.depth_texture(ATLAS)
        self.texture.compare_func = "<="
        self.texture.filter = (gl.LINEAR, gl.LINEAR)
        self._still_buffer = gl.framebuffer([], self._still)
        self._buffer = gl.framebuffer([], self.texture)
        self._still_key: tuple[bytes, int] | None = None
        self._drawn_over = np.ones(TILES, np.bool_)

    def draw(
        self,
        frame: ShadowFrame,
        still: Placements,
        still_generation: int,
        moving: Placements,
        seen: Bool[np.ndarray, "q"],
        draw_commands: Callable[[moderngl.VertexArray, np.ndarray], None],
        use_matrix: Callable[[Mat4], None],
    ) -> None:
        """Draws both maps.

        Args:
            frame: Where they lie.
            still: Placed parts that stand still.
            still_generation: Changes when `still` does.
            moving: Placed parts of this moment.
            seen: Which of those may throw shadows on what a view shows.
            draw_commands: Draws commands with a vertex array.
            use_matrix: Makes a matrix the shadow program's `shadow_world`.
        """
        gl = self._gl
        gl.enable_only(gl.DEPTH_TEST | gl.CULL_FACE)
        gl.depth_func = "<="
        gl.front_face = "ccw"
        gl.polygon_offset = (SLOPE_BIAS, CONSTANT_BIAS)
        key = (frame.near_world.tobytes() + frame.far_world.tobytes(), still_generation)
        if key != self._still_key:
            self._still_buffer.use()
            self._still_buffer.viewport = (0, 0, *ATLAS)
            self._still_buffer.clear(depth=1.0)
            everything = np.ones(len(still.part), np.bool_)
            self._draw_into(self._still_buffer, frame, still, everything, draw_commands, use_matrix)
            self._still_key = key
            self._drawn_over[:] = True
        for corner, size in runs_of(self._drawn_over):
            self._calls.copy_texture(self._still.glo, self.texture.glo, corner, size)
        self._drawn_over = self._draw_into(self._buffer, frame, moving, seen, draw_commands, use_matrix)
        gl.polygon_offset = (0.0, 0.0)

    def _draw_into(
        self,
        buffer: moderngl.Framebuffer,
        frame: ShadowFrame,
        placements: Placements,
        wanted: Bool[np.ndarray, "q"],
        draw_commands: Callable[[moderngl.VertexArray, np.ndarray], None],
        use_matrix: Callable[[Mat4], None],
    ) -> Bool[np.ndarray, "y x"]:
        """Draws what is wanted; returns the tiles that it lies in."""
        places = (
            (frame.near_world, (0, 0, NEAR_TEXELS, NEAR_TEXELS), NEAR_TEXEL_M),
            (frame.far_world, (NEAR_TEXELS, 0, FAR_TEXELS, FAR_TEXELS), FAR_TEXEL_M),
        )
        touched = np.zeros(TILES, np.bool_)
        for matrix, viewport, texel in places:
            middle, reach = in_light(placements, matrix)
            hit = (np.abs(middle[:, :2]) <= 1.0 + reach).all(axis=1)
            # What is smaller than a texel hardly leaves a trace.
            hit &= wanted & (placements.shading < ShadingClass.ROAD) & (placements.radius_m > texel)
            chosen = np.flatnonzero(hit)
            if len(chosen) == 0:
                continue
            # A shadow has its caster's place in the map.
            wanted = wanted & ~(np.abs(middle[:, :2]) + reach < INNER).all(axis=1)
            chosen = chosen[np.argsort(middle[chosen, 2], kind="stable")]
            touched |= tiles_of(middle[chosen, :2], reach[chosen], viewport)
            buffer.use()
            buffer.viewport = viewport
            use_matrix(matrix)
            allowed_m = np.full(len(chosen), texel * LEVEL_ERROR_TEXELS, np.float32)
            levels = levels_for(self._store, placements.part[chosen], allowed_m)
            draw_commands(self._programs.shadow(), commands(self._store, placements, chosen, levels))
        return touched


def tiles_of(
    middle: Float32[np.ndarray, "k 2"], reach: Float32[np.ndarray, "k 2"], viewport: tuple[int, int, int, int]
) -> Bool[np.ndarray, "y x"]:
    """Tiles of the texture that rectangles touch.

    Args:
        middle: Of the rectangles, in -1..1 of a map.
        reach: Half of their sizes.
        viewport: Of the map in the texture.
    """
    x, y, width, height = viewport
    size = np.array([width, height], np.float32)
    # One texel more on each side, for what is rounded.
    low = np.clip((middle - reach + 1.0) * (0.5 * size) - 1.0, 0.0, size - 1.0)
    high = np.clip((middle + reach + 1.0) * (0.5 * size) + 1.0, 0.0, size - 1.0)
    corner = np.array([x, y])
    first = (low.astype(np.int64) + corner) // TILE_TEXELS
    last = (high.astype(np.int64) + corner) // TILE_TEXELS + 1
    # Sums over rows and columns of what enters and leaves at the corners count the rectangles at each tile.
    corners = np.zeros((TILES[0] + 1, TILES[1] + 1), np.int64)
    np.add.at(corners, (first[:, 1], first[:, 0]), 1)
    np.add.at(corners, (last[:, 1], first[:, 0]), -1)
    np.add.at(corners, (first[:, 1], last[:, 0]), -1)
    np.add.at(corners, (last[:, 1], last[:, 0]), 1)
    return np.asarray(corners.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0)


def runs_of(tiles: Bool[np.ndarray, "y x"]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """(corner, size) in texels of rectangles that hold the tiles and no other: runs of each row."""
    padded = np.pad(tiles.astype(np.int8), ((0, 0), (1, 1)))
    step = np.diff(padded, axis=1)
    rows, starts = np.nonzero(step == 1)
    ends = np.nonzero(step == -1)[1]
    return [
        (
            (start * TILE_TEXELS, row * TILE_TEXELS),
            (min(end * TILE_TEXELS, ATLAS[0]) - start * TILE_TEXELS, TILE_TEXELS),
        )
        for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]
