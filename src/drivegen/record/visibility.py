"""How much of each object a camera sees, estimated from what it delivered.

The visible fraction is visible pixels over the pixels that the object alone would cover inside the image. The
second number cannot be seen; it is estimated for each object from the rays of the pixels that meet its box:

- own: the pixel shows the object;
- occluded: the pixel shows something nearer than the place where its ray enters the box;
- free: the pixel shows something behind that place, so the object does not fill the box there.

`silhouettes` says for each class how likely a ray through a part of the box meets the object. Own and free
pixels correct that expectation for the object at hand; occluded pixels are then counted with it:

    calibration c = own / expectation over own and free pixels   (drawn towards 1 where these are few)
    fraction      = own / (own + c * expectation over occluded pixels)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32, Int64, UInt16

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import CameraLabel
from drivegen.core.lenses import Pinhole, pixel_rays
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.record.lens_outline import LensOutlines, Outline
from drivegen.record.projection import project_box
from drivegen.record.silhouettes import parts_of

SAMPLES = 12000.0
"""Objects whose projection covers more pixels are sampled on a coarser grid of about so many."""

DEPTH_TOLERANCE_M = 0.05
"""A pixel is an occluder if it is nearer than the box by more than this, or by 1 % of the depth."""

PRIOR_PIXELS = 8.0
PRIOR_SHARE = 0.1
"""The expectation has the weight of so many observed pixels, plus so large a share of the projection."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """An object whose visibility is asked for."""

    track_id: int
    object_class: ObjectClass
    box: Box
    """In the world frame."""


def camera_labels(
    camera: Camera,
    map_camera: Pose,
    depth_m: Float32[np.ndarray, "h w"],
    instance: UInt16[np.ndarray, "h w"],
    targets: Sequence[Target],
    hidden: Bool[np.ndarray, "h w"] | None = None,
) -> dict[int, CameraLabel]:
    """Labels by track id, for the targets whose projected box meets the image.

    Args:
        camera: Gives size and lens.
        map_camera: Pose of the mount frame (x forward, y left, z up) in the world.
        depth_m: As `Camera.depth_along_ray` says; 0 where nothing was hit.
        instance: Low 16 bits of track ids; 0 for the rest.
        targets: Boxes in the world frame.
        hidden: Pixels behind dirt on the camera's glass: what they would show is not visible.
    """
    if not targets:
        return {}
    row_of_id = np.full(65536, -1, np.int32)
    for row, target in enumerate(targets):
        row_of_id[target.track_id & 0xFFFF] = row
    extents = _scan(instance, row_of_id, len(targets))
    clean = extents[:, 0]
    if hidden is not None:
        extents = _scan(np.where(hidden, np.uint16(0), instance), row_of_id, len(targets))
    world_to_optical = OPTICAL_FROM_MOUNT @ map_camera.rotation.T
    labels: dict[int, CameraLabel] = {}
    outlines = _outlines(camera, map_camera, world_to_optical, targets)
    table = _ray_table(camera)
    for row, target in enumerate(targets):
        box, outline = target.box, outlines[row]
        if outline is None:
            continue
        left, top, right, bottom = outline.box_px
        own = int(extents[row, 0])
        fraction = 0.0
        if own:
            expected = _expectations(
                *_rays(camera, map_camera, world_to_optical, box),
                table,
                *_parts(target),
                left,
                top,
                right,
                bottom,
                max(1, int(np.sqrt(outline.inside_px2 / SAMPLES))),
                depth_m,
                instance,
                target.track_id & 0xFFFF,
                row_of_id,
            )
            # What dirt hides counts as if it were there to be seen, except in what is seen.
            fraction = _fraction(int(clean[row]), *expected) * own / int(clean[row])
        labels[target.track_id] = CameraLabel(
            visible_fraction=fraction,
            visible_pixels=own,
            truncation=float(np.clip(1.0 - outline.inside_px2 / outline.whole_px2, 0.0, 1.0)),
            visible_box_px=_pixel_box(extents[row]) if own else None,
            full_box_px=outline.box_px,
        )
    return labels


def _outlines(
    camera: Camera,
    map_camera: Pose,
    world_to_optical: Float64[np.ndarray, "3 3"],
    targets: Sequence[Target],
) -> list[Outline | None]:
    """What each target's box covers; none where that is nothing."""
    corners = [(t.box.corners_m() - map_camera.position_m) @ world_to_optical.T for t in targets]
    lens = camera.optics
    if not isinstance(lens, Pinhole):
        return LensOutlines(lens, camera.width_px, camera.height_px).of(corners)
    found: list[Outline | None] = []
    polygon = np.empty((64, 2))
    focal, centre = (lens.fx_px, lens.fy_px), (lens.cx_px, lens.cy_px)
    for each in corners:
        whole, inside, n = project_box(each, focal, centre, camera.width_px, camera.height_px, polygon)
        found.append(Outline.around(polygon[:n], whole, inside) if inside > 0.0 else None)
    return found


def _ray_table(camera: Camera) -> Float32[np.ndarray, "h w 3"]:
    """Rays by pixel; of no size where they are linear in the pixel and need no table."""
    lens = camera.optics
    if isinstance(lens, Pinhole):
        return np.empty((0, 0, 3), np.float32)
    return pixel_rays(lens, camera.width_px, camera.height_px)


def _pixel_box(extent: Int64[np.ndarray, "5"]) -> tuple[float, float, float, float]:
    return float(extent[1]), float(extent[2]), float(extent[3] + 1), float(extent[4] + 1)


def _rays(
    camera: Camera, map_camera: Pose, world_to_optical: Float64[np.ndarray, "3 3"], box: Box
) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3 3"]]:
    """Camera centre in the box's frame, and what leads there from (u, v, 1), or from a ray of the table."""
    origin = (map_camera.position_m - box.pose.position_m) @ box.pose.rotation
    directions = box.pose.rotation.T @ world_to_optical.T
    if isinstance(camera.optics, Pinhole):
        directions = directions @ np.linalg.inv(camera.intrinsic)
    return origin, directions.T.copy()


def _parts(
    target: Target,
) -> tuple[Float64[np.ndarray, "p1 3"], Float64[np.ndarray, "p1 3"], Float64[np.ndarray, "p1"]]:
    """Low and high corners and probabilities of the box itself (row 0) and of the silhouette's parts."""
    half = target.box.size_m / 2.0
    parts = parts_of(target.object_class)
    return (
        np.concatenate([-half[None], parts[:, 0:3] * half]),
        np.concatenate([half[None], parts[:, 3:6] * half]),
        np.concatenate([[0.0], parts[:, 6]]),
    )


def _fraction(own: int, seen: float, hidden: float, step: int) -> float:
    """The formula of the module's head; `seen`, `hidden` are expectations over every step-th pixel."""
    area = float(step * step)
    seen_px, hidden_px = seen * area, hidden * area
    weight = PRIOR_PIXELS + PRIOR_SHARE * (seen_px + hidden_px)
    calibration = (own + weight) / (seen_px + weight)
    return float(min(1.0, own / (own + calibration * hidden_px)))


@numba.njit(cache=True)
def _scan(
    instance: UInt16[np.ndarray, "h w"], row_of_id: Int32[np.ndarray, "65536"], n: int
) -> Int64[np.ndarray, "n 5"]:
    """(pixels, left, top, right, bottom) of each row; the last four are inclusive indexes."""
    height, width = instance.shape
    out = np.zeros((n, 5), np.int64)
    for row in range(n):
        out[row, 1], out[row, 2], out[row, 3], out[row, 4] = width, height, -1, -1
    for y in range(height):
        for x in range(width):
            identity = instance[y, x]
            if identity == 0:
                continue
            row = row_of_id[identity]
            if row < 0:
                continue
            out[row, 0] += 1
            out[row, 1] = min(out[row, 1], x)
            out[row, 2] = min(out[row, 2], y)
            out[row, 3] = max(out[row, 3], x)
            out[row, 4] = max(out[row, 4], y)
    return out


@numba.njit(cache=True)
def _slab(
    origin: Float64[np.ndarray, "3"],
    dx: float,
    dy: float,
    dz: float,
    low_m: Float64[np.ndarray, "p 3"],
    high_m: Float64[np.ndarray, "p 3"],
    p: int,
) -> tuple[float, float]:
    """Where a ray enters and leaves axis-aligned box p; (1, 0) if it does not (Kay and Kajiya 1986)."""
    enter, leave = 0.0, np.inf
    for k in range(3):
        d = dx if k == 0 else (dy if k == 1 else dz)
        if abs(d) < 1e-12:
            if origin[k] < low_m[p, k] or origin[k] > high_m[p, k]:
                return 1.0, 0.0
            continue
        a = (low_m[p, k] - origin[k]) / d
        b = (high_m[p, k] - origin[k]) / d
        if a > b:
            a, b = b, a
        enter = max(enter, a)
        leave = min(leave, b)
        if enter > leave:
            return 1.0, 0.0
    return enter, leave


@numba.njit(cache=True)
def _expectations(
    origin: Float64[np.ndarray, "3"],
    directions: Float64[np.ndarray, "3 3"],
    table: Float32[np.ndarray, "h w 3"],
    low_m: Float64[np.ndarray, "p1 3"],
    high_m: Float64[np.ndarray, "p1 3"],
    share: Float64[np.ndarray, "p1"],
    left: float,
    top: float,
    right: float,
    bottom: float,
    step: int,
    depth_m: Float32[np.ndarray, "h w"],
    instance: UInt16[np.ndarray, "h w"],
    identity: int,
    row_of_id: Int32[np.ndarray, "65536"],
) -> tuple[float, float, int]:
    """Sums of the silhouette's expectation over pixels not occluded and over occluded ones, and the step."""
    seen, hidden = 0.0, 0.0
    height, width = instance.shape
    x0, y0 = max(0, int(left)) + step // 2, max(0, int(top)) + step // 2
    x1, y1 = min(width, int(right) + 1), min(height, int(bottom) + 1)
    linear = table.shape[0] == 0
    for y in range(y0, y1, step):
        for x in range(x0, x1, step):
            u, v, w = x + 0.5, y + 0.5, 1.0
            if not linear:
                u, v, w = float(table[y, x, 0]), float(table[y, x, 1]), float(table[y, x, 2])
                if u == 0.0 and v == 0.0 and w == 0.0:  # outside the image circle
                    continue
            dx = directions[0, 0] * u + directions[1, 0] * v + directions[2, 0] * w
            dy = directions[0, 1] * u + directions[1, 1] * v + directions[2, 1] * w
            dz = directions[0, 2] * u + directions[1, 2] * v + directions[2, 2] * w
            enter, leave = _slab(origin, dx, dy, dz, low_m, high_m, 0)
            if enter > leave:
                continue
            expected = 0.0
            for p in range(1, len(share)):
                if share[p] > expected:
                    a, b = _slab(origin, dx, dy, dz, low_m, high_m, p)
                    if a <= b:
                        expected = share[p]
            shown = instance[y, x]
            depth = depth_m[y, x]
            occluded = False
            if shown != identity and depth > 0.0:
                edge = enter - max(DEPTH_TOLERANCE_M, 0.01 * enter)
                if shown != 0 and row_of_id[shown] >= 0:
                    edge = 0.5 * (enter + leave)  # boxes of two objects may overlap
                occluded = depth < edge
            if occluded:
                hidden += expected
            else:
                seen += expected
    return seen, hidden, step
