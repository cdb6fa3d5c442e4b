"""What a wet road reflects: the things above it, drawn upside down into a smaller picture of their own."""

from __future__ import annotations

import moderngl
import numpy as np
from jaxtyping import Bool, Float32, Float64

from drivegen.core.geometry import Mat4
from drivegen.embedded.renderer.placements import Placements, in_frustum
from drivegen.embedded.renderer.programs import MIRROR_UNIT
from drivegen.embedded.renderer.uniforms import clip_relative, tangents
from drivegen.embedded.renderer.views import FAR_M, CameraView

SHRINK = 2
"""Pixels of the picture for one of the mirror."""
LEVEL_ERROR_PX = 4.0
SMALLEST_RAD = 0.004
"""What looks smaller is left out."""
HIGHEST_EYE_M = 12.0
"""From higher up a wet road reflects next to nothing but the sky."""


class Mirror:
    """Targets for the reflected picture, one for each size of image."""

    def __init__(self, gl: moderngl.Context) -> None:
        self._gl = gl
        self._buffers: dict[tuple[int, int], tuple[moderngl.Texture, moderngl.Framebuffer]] = {}

    def begin(self, view: CameraView) -> None:
        """Binds a cleared target that is as the view's image, but smaller."""
        size = (-(-view.width_px // SHRINK), -(-view.height_px // SHRINK))
        if size not in self._buffers:
            texture = self._gl.texture(size, 4)
            texture.filter = (self._gl.LINEAR, self._gl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
            depth = self._gl.depth_renderbuffer(size)
            self._buffers[size] = texture, self._gl.framebuffer([texture], depth)
        texture, framebuffer = self._buffers[size]
        framebuffer.use()
        framebuffer.clear(depth=0.0)
        texture.use(MIRROR_UNIT)


def mirrored_clip(view: CameraView, ground_m: float) -> Mat4:
    """`clip_relative` of what lies as far below the ground as a point lies above it."""
    reflect = np.diag([1.0, 1.0, -1.0, 1.0])
    reflect[2, 3] = 2.0 * (ground_m - view.world_camera[2, 3])
    return np.asarray(clip_relative(view, view.world_camera) @ reflect)


def seen_in_mirror(
    placed: Placements, view: CameraView, ground_m: float
) -> tuple[Bool[np.ndarray, "n"], Float32[np.ndarray, "n"] | Float64[np.ndarray, "n"]]:
    """Which parts the mirror shows, and how far from the eye their middles are."""
    flip = np.array([1.0, 1.0, -1.0])
    eye = view.world_camera[:3, 3] * flip + (0.0, 0.0, 2.0 * ground_m)
    seen, distance = in_frustum(placed, eye, view.world_camera[:3, :3] * flip[:, None], tangents(view), FAR_M)
    return seen & (placed.radius_m > distance * SMALLEST_RAD), distance
