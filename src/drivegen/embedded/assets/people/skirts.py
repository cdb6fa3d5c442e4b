"""How skirts and the skirts of coats follow the legs: pushed forward by one knee, backward by the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from drivegen.embedded.assets.people.build import Build
from drivegen.embedded.assets.people.covers import hem_of_skirt
from drivegen.embedded.assets.people.limbs import Mat4
from drivegen.embedded.assets.people.trunk import skirt_rows_m

LEG_M = ((0.35, 0.058, 0.060), (0.65, 0.053, 0.050), (1.0, 0.047, 0.048))
"""How thick a leg is before and behind its axis, as shares of the height, by shares of the thigh."""
ASIDE = 0.94
"""How far the cloth stands out where the legs are, against the middle between them."""
WIDEST_RAD = 1.1


@lru_cache(maxsize=512)
def _cloth(
    build: Build,
) -> tuple[tuple[float, float, float, float, float], tuple[tuple[float, float, float], ...]]:
    """The skirt and the legs in it.

    Returns:
        How far front and back stand out at the hips, by how much more a metre below, the hem's depth; and
        (depth in thighs, front and back of the leg) of points of a leg.
    """
    rows, h = skirt_rows_m(build), build.height_m
    hem = (build.hip - hem_of_skirt(build)) * h
    thigh = (build.hip - build.knee) * h
    at = [np.interp((-0.3 * hem, -hem), rows[:, 0], rows[:, k]) * ASIDE for k in (2, 3)]
    slope = [float((v[1] - v[0]) / (0.7 * hem)) for v in at]
    first = [float(v[1]) - k * hem for v, k in zip(at, slope, strict=True)]
    shares = sorted({0.35, 0.65, min(1.0, hem / thigh), hem / thigh})
    scale = h * build.girth
    table = np.array(LEG_M)
    legs = []
    for share in shares:
        front, back = (float(np.interp(share, table[:, 0], table[:, k])) * scale for k in (1, 2))
        legs.append((share, front, back))
    return (first[0], first[1], slope[0], slope[1], hem), tuple(legs)


def skirt_frames(
    build: Build, pelvis: Mat4, shins: Sequence[Mat4], feet: Sequence[Mat4]
) -> tuple[Mat4, Mat4]:
    """Frames of the skirt that the foremost leg pushes and of the one that the rearmost does."""
    (front, back, front_slope, back_slope, hem), points = _cloth(build)
    thigh = (build.hip - build.knee) * build.height_m
    below = max((build.knee - build.ankle) * build.height_m, 1e-3)
    forward, backward = -0.02, -0.02
    turn, origin = pelvis[:3, :3], pelvis[:3, 3]
    for shin, foot in zip(shins, feet, strict=True):
        kx, _, kz = ((shin[:3, 3] - origin) @ turn).tolist()
        ax, _, az = ((foot[:3, 3] - origin) @ turn).tolist()
        for share, before, behind in points:
            on = min(share, 1.0)
            x, z = on * kx, -on * kz
            if share > 1.0:
                lower = min((share - 1.0) * thigh / below, 1.0)
                x, z = x + lower * (ax - kx), z - lower * (az - kz)
            z = max(z, 0.05)
            forward = max(forward, _needed(x + before, z, front, front_slope, hem))
            backward = max(backward, _needed(behind - x, z, back, back_slope, hem))
    return _swung(pelvis, -min(forward, WIDEST_RAD)), _swung(pelvis, min(backward, WIDEST_RAD))


def _needed(x: float, depth: float, at_hips: float, slope: float, hem: float) -> float:
    """How far the cloth must swing for a point of a leg to be just inside it."""
    reach = math.hypot(x, depth)
    out = at_hips + slope * min(0.93 * reach, hem)
    return math.atan2(x, depth) - math.asin(min(out / reach, 1.0))


def _swung(pelvis: Mat4, angle_rad: float) -> Mat4:
    """A frame turned about its own y axis."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    out = pelvis.copy()
    out[:3, 0] = c * pelvis[:3, 0] - s * pelvis[:3, 2]
    out[:3, 2] = s * pelvis[:3, 0] + c * pelvis[:3, 2]
    return out
