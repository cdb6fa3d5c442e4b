"""Which pinhole images a lens is made from, so that any CARLA server can draw for it.

A field of up to `WIDEST_DEG` across is one pinhole. A wider one is a pinhole straight ahead, 90 degrees wide,
and up to four more that are tilted towards the rim: those of a cube, but only as large as the lens looks.
Each has as many pixels as the lens needs at its finest: where the lens magnifies most, a step of one pixel in
its image is one pixel of the face.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float32, Float64

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Mat3, Pose
from drivegen.core.lenses import Lens, Pinhole, pixel_rays, sees
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera

WIDEST_DEG = 125.0
"""Of a single pinhole; wider ones waste most of their pixels on the corners."""
MARGIN_PX = 2
"""Around what a face is needed for: interpolation looks one pixel beyond."""
MOST_PX = 8192
MOST_ROWS = 32000
"""Of all faces together: they are resampled as one image, of which OpenCV takes no more."""
SMALL_PX = 96
"""About the shorter side of the image that `check_faces` looks at."""
STEPS_LOOKED_AT = 1e5
FINEST_SHARE = 0.002
"""So many of the pixels may be magnified more: single ones in the corners do not decide."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """A pinhole camera of the server at the place of the rig's camera."""

    name: str
    """Empty for one that looks where the camera looks."""
    sensor_face: Pose
    """How it is turned in the camera's mount frame."""
    width_px: int
    height_px: int
    focal_px: float
    rows: slice
    """Of the camera's image, around the pixels that the face is for."""
    columns: slice
    taken: Bool[np.ndarray, "h w"]
    """Which pixels in these rows and columns it is for."""
    at_px: Float32[np.ndarray, "h w 2"]
    """Where they are in the face; continuous, the first pixel covers 0..1. Any value where not `taken`."""
    depth_scale: Float32[np.ndarray, "h w"]
    """What the camera's image has as depth over the depth along the face's axis."""

    @property
    def fov_deg(self) -> float:
        """Horizontal field of view."""
        return 2.0 * math.degrees(math.atan(self.width_px / 2.0 / self.focal_px))


def is_plain(camera: Camera) -> bool:
    """Whether the server's own pinhole is the camera's image."""
    return camera.lens is None


def check_faces(camera: Camera) -> None:
    """Raises PlanError as `faces_of` does, but looks at a small image of the same view, which is quick."""
    lens = camera.lens
    if lens is None:
        return
    by = max(1, min(camera.width_px, camera.height_px) // SMALL_PX)
    small = replace(
        lens,
        fx_px=lens.fx_px / by,
        fy_px=lens.fy_px / by,
        cx_px=lens.cx_px / by,
        cy_px=lens.cy_px / by,
    )
    try:
        faces = _faces_of(small, camera.width_px // by, camera.height_px // by, camera.depth_along_ray)
        _check_sizes([(f.width_px * by, f.height_px * by) for f in faces])
    except PlanError as error:
        raise PlanError(f"camera {camera.name}: {error}") from None


def faces_of(camera: Camera) -> tuple[Face, ...]:
    """The faces of a camera with a lens. Raises PlanError when one would be larger than a server draws."""
    assert camera.lens is not None
    try:
        faces = _faces_of(camera.lens, camera.width_px, camera.height_px, camera.depth_along_ray)
        _check_sizes([(f.width_px, f.height_px) for f in faces])
    except PlanError as error:
        raise PlanError(f"camera {camera.name}: {error}") from None
    return faces


@lru_cache(maxsize=16)
def _faces_of(lens: Lens, width_px: int, height_px: int, along_ray: bool) -> tuple[Face, ...]:
    rays = pixel_rays(lens, width_px, height_px).astype(np.float64)
    seen = sees(pixel_rays(lens, width_px, height_px))
    with np.errstate(divide="ignore", invalid="ignore"):
        steep = np.abs(rays[..., :2] / rays[..., 2:])[seen].max() if seen.any() else 0.0
    ahead = bool((rays[..., 2][seen] > 0.0).all())
    if isinstance(lens, Pinhole) or (ahead and steep <= math.tan(math.radians(WIDEST_DEG / 2.0))):
        return (_face("", np.eye(3), rays, seen, along_ray),)
    x, y, z = rays[..., 0], rays[..., 1], rays[..., 2]
    front = seen & (np.maximum(np.abs(x), np.abs(y)) <= z)
    beside = seen & ~front & (np.abs(x) >= np.abs(y))
    above = seen & ~front & ~beside
    found = [_face("front", np.eye(3), rays, front, along_ray)] if front.any() else []
    for name, axis, sign, part in (
        ("right", 0, 1.0, beside & (x > 0)),
        ("left", 0, -1.0, beside & (x < 0)),
        ("down", 1, 1.0, above & (y > 0)),
        ("up", 1, -1.0, above & (y < 0)),
    ):
        if part.any():
            angle = np.arctan2(sign * rays[part][:, axis], rays[part][:, 2])
            tilt = sign * float(angle.min() + angle.max()) / 2.0
            found.append(_face(name, _turned(axis, tilt), rays, part, along_ray))
    return tuple(found)


def _turned(axis: int, tilt_rad: float) -> Mat3:
    """Optical axes (columns) of a face that is turned towards +x (axis 0) or +y (axis 1)."""
    c, s = math.cos(tilt_rad), math.sin(tilt_rad)
    if axis == 0:
        return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _face(
    name: str,
    axes: Mat3,
    rays: Float64[np.ndarray, "h w 3"],
    part: Bool[np.ndarray, "h w"],
    along_ray: bool,
) -> Face:
    """The face that shows a part of the image's pixels."""
    rows, columns = _span(np.any(part, axis=1)), _span(np.any(part, axis=0))
    taken = part[rows, columns]
    own = rays[rows, columns] @ axes
    with np.errstate(divide="ignore", invalid="ignore"):
        plane = own[..., :2] / own[..., 2:]
    focal_px = _finest(plane, taken)
    half = np.abs(plane[taken]).max(axis=0)
    width_px, height_px = (2 * (math.ceil(float(h) * focal_px) + MARGIN_PX) for h in half)
    at = plane * focal_px + np.array([width_px / 2.0, height_px / 2.0])
    size = np.linalg.norm(rays[rows, columns], axis=-1) if along_ray else rays[rows, columns][..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        depth_scale = size / own[..., 2]
    return Face(
        name=name,
        sensor_face=_mounted(axes),
        width_px=width_px,
        height_px=height_px,
        focal_px=focal_px,
        rows=rows,
        columns=columns,
        taken=taken,
        at_px=np.where(taken[..., None], at, -10.0).astype(np.float32),
        depth_scale=np.where(taken, depth_scale, 0.0).astype(np.float32),
    )


def _check_sizes(sizes: Sequence[tuple[int, int]]) -> None:
    most, rows = max(max(size) for size in sizes), sum(height for _, height in sizes)
    if most > MOST_PX or rows > MOST_ROWS:
        raise PlanError(
            f"lens: it magnifies so much that it would have to be drawn at {most} pixels a side, {rows} rows"
            f" in all; {MOST_PX} and {MOST_ROWS} are the most. Take a smaller image or check the coefficients"
        )


def _span(used: Bool[np.ndarray, "n"]) -> slice:
    found = np.nonzero(used)[0]
    return slice(int(found[0]), int(found[-1]) + 1)


def _finest(plane: Float64[np.ndarray, "h w 2"], taken: Bool[np.ndarray, "h w"]) -> float:
    """Focal length of a face at which the smallest step from pixel to pixel is one of its own."""
    every = max(1, round(math.sqrt(taken.size / STEPS_LOOKED_AT)))
    here = (slice(0, -1, every), slice(0, -1, every))
    beside, below = (here[0], slice(1, None, every)), (slice(1, None, every), here[1])
    across, down = plane[beside] - plane[here], plane[below] - plane[here]
    whole = taken[here] & taken[beside] & taken[below]
    if not whole.any():
        raise PlanError("lens: it sees less than two pixels of a side; a larger image is wanted")
    a, b = across[whole].T
    c, d = down[whole].T
    # The smaller singular value of [[a, b], [c, d]].
    half = (a * a + b * b + c * c + d * d) / 2.0
    product = a * d - b * c
    least = np.sqrt(np.maximum(half - np.sqrt(np.maximum(half * half - product * product, 0.0)), 1e-18))
    return float(1.0 / np.quantile(least, FINEST_SHARE))


def _mounted(axes: Mat3) -> Pose:
    matrix = np.eye(4)
    matrix[:3, :3] = OPTICAL_FROM_MOUNT.T @ axes @ OPTICAL_FROM_MOUNT
    return Pose.from_matrix(matrix)
