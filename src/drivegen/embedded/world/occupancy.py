"""Whether a place is free for an actor to be spawned."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.core.geometry import Mat4
from drivegen.embedded.dynamics.obstacles import Obstacles
from drivegen.embedded.dynamics.solids import STEP_M
from drivegen.embedded.dynamics.touching import APART, touch

SLACK_M = 0.02
"""Boxes that overlap by less than this still count as clear of each other."""


def upright_boxes_overlap(
    world_box: Mat4,
    half_m: Float64[np.ndarray, "3"],
    world_others: Float64[np.ndarray, "n 4 4"],
    others_half_m: Float64[np.ndarray, "n 3"],
) -> Bool[np.ndarray, "n"]:
    """Which of n boxes a box overlaps, taking all as upright prisms turned about the vertical.

    Separating axes in the plane (the four sides' normals), and the intervals of height.

    Args:
        world_box: Pose of the box's centre.
        half_m: Its half sizes.
        world_others: Poses of the others' centres.
        others_half_m: Their half sizes.
    """
    gap = world_others[:, :3, 3] - world_box[:3, 3]
    apart = np.abs(gap[:, 2]) >= half_m[2] + others_half_m[:, 2] - SLACK_M
    own_axes = _unit(world_box[None, :2, :2])
    axes = _unit(world_others[:, :2, :2])
    reach_own = half_m[:2]
    for k in range(2):
        axis = np.broadcast_to(own_axes[:, :, k], (len(gap), 2))
        apart |= _separated(axis, gap, own_axes, reach_own, axes, others_half_m)
        apart |= _separated(axes[:, :, k], gap, own_axes, reach_own, axes, others_half_m)
    return ~apart


def _separated(
    axis: Float64[np.ndarray, "n 2"],
    gap: Float64[np.ndarray, "n 3"],
    own_axes: Float64[np.ndarray, "1 2 2"],
    own_half: Float64[np.ndarray, "2"],
    axes: Float64[np.ndarray, "n 2 2"],
    half: Float64[np.ndarray, "n 3"],
) -> Bool[np.ndarray, "n"]:
    distance = np.abs(np.einsum("ni,ni->n", axis, gap[:, :2]))
    own = np.abs(np.einsum("ni,nik->nk", axis, np.broadcast_to(own_axes, axes.shape))) @ own_half
    other = np.einsum("nk,nk->n", np.abs(np.einsum("ni,nik->nk", axis, axes)), half[:, :2])
    return np.asarray(distance >= own + other - SLACK_M)


def _unit(axes: Float64[np.ndarray, "n 2 2"]) -> Float64[np.ndarray, "n 2 2"]:
    """Columns of unit length: a slope shortens a horizontal projection."""
    return axes / np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-9)


def box_meets(world_box: Mat4, half_m: Float64[np.ndarray, "3"], fast: Obstacles) -> bool:
    """Whether a box, taken as an upright prism, overlaps any of some obstacles.

    Args:
        world_box: Pose of the box's centre.
        half_m: Its half sizes.
        fast: What stands there. What is lower than a step over the box's foot is in nobody's way.
    """
    centre = world_box[:3, 3]
    reach = float(np.hypot(half_m[0], half_m[1]))
    bounds, heights = fast.bounds_m, fast.heights_m
    near = (bounds[:, 0] < centre[0] + reach) & (bounds[:, 2] > centre[0] - reach)
    near &= (bounds[:, 1] < centre[1] + reach) & (bounds[:, 3] > centre[1] - reach)
    near &= (heights[:, 0] < centre[2] + half_m[2]) & (heights[:, 1] > centre[2] - half_m[2] + STEP_M)
    signs = np.array([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)])
    corners = (signs * half_m[:2]) @ _unit(world_box[None, :2, :2])[0].T + centre[:2]
    return any(
        touch(corners, 4, fast.corners_m[k], int(fast.counts[k]), 0.0, 0.0)[0] < APART
        for k in np.flatnonzero(near)
    )
