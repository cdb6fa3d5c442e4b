"""Rays that are followed through an image's depth: reflections and cast shadows from what the camera sees.

Screen-space ray marching (after McGuire and Mara, "Efficient GPU Screen-Space Ray Tracing", Journal of
Computer Graphics Techniques 3(4), 2014, with steps in the world instead of in pixels). It knows only what the
image shows: what is outside it or hidden reflects and shades nothing, and behind each surface it must guess
how thick the thing is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int32

from drivegen_generators.appearance.surfaces import Surfaces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """Of n rays."""

    found: Bool[np.ndarray, "n"]
    row: Int32[np.ndarray, "n"]
    column: Int32[np.ndarray, "n"]
    distance_m: Float32[np.ndarray, "n"]
    """From the ray's start; `reach_m` where nothing was hit."""


def follow(
    surfaces: Surfaces,
    starts_m: Float32[np.ndarray, "n 3"],
    directions: Float32[np.ndarray, "n 3"],
    *,
    reach_m: float,
    steps: int,
    thick_m: float,
) -> Hits:
    """The first pixel whose surface each ray passes behind, by less than `thick_m`.

    Args:
        surfaces: Of the image.
        starts_m: In the world.
        directions: In the world, of length 1.
        reach_m: How far rays go.
        steps: Along a ray; they get longer.
        thick_m: What a surface hides behind it counts as the thing itself up to there.
    """
    image = surfaces.image
    height, width = image.tag.shape
    turn = image.map_optical.rotation.astype(np.float32)
    start = (starts_m - surfaces.eye_m) @ turn
    along = directions @ turn
    n = len(starts_m)
    found = np.zeros(n, bool)
    row, column = np.zeros(n, np.int32), np.zeros(n, np.int32)
    distance = np.full(n, reach_m, np.float32)
    alive = np.arange(n)
    # The phase of the steps differs from pixel to pixel, the same way in every frame, and is blurred later.
    phase = ((np.arange(n) * 0.618034) % 1.0).astype(np.float32)
    for step in range(steps):
        if len(alive) == 0:
            break
        t = np.float32(reach_m) * ((step + np.float32(0.5) + phase[alive]) / (steps + 1)) ** 2
        points = start[alive] + along[alive] * t[:, None]
        pixels = image.camera.optics.project(points)
        inside = (pixels >= 0).all(axis=1) & (pixels[:, 0] < width) & (pixels[:, 1] < height)
        alive, points, t, pixels = alive[inside], points[inside], t[inside], pixels[inside].astype(np.int32)
        behind = np.linalg.norm(points, axis=1) - image.distance_m[pixels[:, 1], pixels[:, 0]]
        least = 0.02 + 0.01 * t
        hit = (behind > least) & (behind < thick_m)
        rows = alive[hit]
        found[rows] = True
        row[rows], column[rows] = pixels[hit, 1], pixels[hit, 0]
        distance[rows] = t[hit]
        alive = alive[~hit]
    return Hits(found=found, row=row, column=column, distance_m=distance)
