"""Which boxes overlap, seen from above, by the separating axis theorem."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Float64

SLACK_M = 0.05
"""Boxes are so much smaller on each side: labels round, and mirrors are not hit first."""
STOREY_M = 3.5
"""Farther apart in height is another level."""


@np.errstate(invalid="ignore")
def meet(
    a_m: Float[np.ndarray, "*b 3"],
    a_size_m: Float[np.ndarray, "*b 2"],
    b_m: Float[np.ndarray, "*b 3"],
    b_size_m: Float[np.ndarray, "*b 2"],
) -> Bool[np.ndarray, "*b"]:
    """Whether boxes overlap: x, y and yaw of each, and length and width."""
    dx, dy = b_m[..., 0] - a_m[..., 0], b_m[..., 1] - a_m[..., 1]
    ca, sa, cb, sb = np.cos(a_m[..., 2]), np.sin(a_m[..., 2]), np.cos(b_m[..., 2]), np.sin(b_m[..., 2])
    half_a, half_b = 0.5 * np.asarray(a_size_m) - SLACK_M, 0.5 * np.asarray(b_size_m) - SLACK_M
    cos, sin = np.abs(ca * cb + sa * sb), np.abs(ca * sb - sa * cb)
    out = np.abs(dx * ca + dy * sa) < half_a[..., 0] + half_b[..., 0] * cos + half_b[..., 1] * sin
    out &= np.abs(dy * ca - dx * sa) < half_a[..., 1] + half_b[..., 0] * sin + half_b[..., 1] * cos
    out &= np.abs(dx * cb + dy * sb) < half_b[..., 0] + half_a[..., 0] * cos + half_a[..., 1] * sin
    out &= np.abs(dy * cb - dx * sb) < half_b[..., 1] + half_a[..., 0] * sin + half_a[..., 1] * cos
    return np.asarray(out)


def pairs(
    pose_m: Float[np.ndarray, "n t 3"], reach_m: Float[np.ndarray, "n"], z_m: Float[np.ndarray, "n"]
) -> Float64[np.ndarray, "p 2"]:
    """Actors that come near enough to meet at any time, the lesser number first."""
    low = np.nanmin(pose_m[..., :2], axis=1) - reach_m[:, None]
    high = np.nanmax(pose_m[..., :2], axis=1) + reach_m[:, None]
    near = ((low[:, None] <= high[None]) & (high[:, None] >= low[None])).all(axis=2)
    near &= np.abs(z_m[:, None] - z_m[None]) < STOREY_M
    return np.argwhere(np.triu(near, 1))


def overlapping(
    pose_m: Float[np.ndarray, "n t 3"], size_m: Float[np.ndarray, "n 2"], z_m: Float[np.ndarray, "n"]
) -> Bool[np.ndarray, "n"]:
    """Who overlaps anybody at any time, without pairs that do so from the beginning.

    Args:
        pose_m: x, y, yaw; NaN where somebody is not there.
        size_m: Length and width.
        z_m: Height at the beginning.
    """
    out = np.zeros(len(pose_m), np.bool_)
    found = pairs(pose_m, 0.5 * np.hypot(size_m[:, 0], size_m[:, 1]), z_m)
    if not len(found):
        return out
    a, b = found[:, 0], found[:, 1]
    hit = meet(pose_m[a], size_m[a][:, None], pose_m[b], size_m[b][:, None])
    hit = hit.any(axis=1) & ~hit[:, 0]
    out[a[hit]] = out[b[hit]] = True
    return out


def overlapping_pairs(
    pose_m: Float[np.ndarray, "n t 3"], size_m: Float[np.ndarray, "n 2"], z_m: Float[np.ndarray, "n"]
) -> list[tuple[int, int]]:
    """As `overlapping`, the pairs."""
    found = pairs(pose_m, 0.5 * np.hypot(size_m[:, 0], size_m[:, 1]), z_m)
    if not len(found):
        return []
    a, b = found[:, 0], found[:, 1]
    hit = meet(pose_m[a], size_m[a][:, None], pose_m[b], size_m[b][:, None])
    hit = hit.any(axis=1) & ~hit[:, 0]
    return [(int(i), int(j)) for i, j in found[hit]]
