"""Columns of the table of all bodies that can touch: vehicles first, then walkers, then props.

A body is an upright convex prism that slides on the ground and turns about the vertical. Kernels see it as a
row of this table and the corners of its two forms: n x 2 x 8 x 2, counter-clockwise, the last one repeated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

X, Y, YAW = 0, 1, 2  # of the corners' own frame, world, m, rad
VX, VY, SPIN = 3, 4, 5  # of the centre of mass, world, m/s, rad/s
AHEAD = 6  # centre of mass ahead of (X, Y), m
LOW, HIGH = 7, 8  # m, world
EASE, TURN_EASE = 9, 10  # 1 / mass, 1 / moment of inertia; 0 for what stands fast
REACH = 11  # of a circle about (X, Y) around all corners, m
START_X, START_Y = 12, 13  # at the beginning of the substep
SLOWING, TURN_SLOWING = 14, 15  # by friction on the ground, m/s2, rad/s2; not of vehicles
SOLID = 16  # 1, or 0 for what passes through everything
SOFT = 17  # 1 for people: nothing bounces off them
TOUCHED = 18  # 1 once it has touched anything in this step
N_BODY = 19

WALKER_MASS_KG = 75.0
WALKER_SIDES = 8

# Of the plans of the vehicles as they are drawn, between 0.2 m and 0.75 m above the ground.
LORRY_HALF_WIDTH_M = 1.25
"""Boxes from here on are as wide as the bodies; those of cars and vans hold mirrors."""
WITHOUT_MIRRORS = 0.9
"""Width of a car's body over that of its box."""
CAR_NOSE, LORRY_NOSE, TAIL = (0.3, 0.25), (0.15, 0.1), (0.15, 0.15)
"""How corners are cut: metres along, and share of the half width."""
SHORTEST_M = 2.0
"""Noses of shorter vehicles are shorter in proportion."""

Table = np.ndarray[Any, Any]


BOX, OUTLINE = 0, 1
"""A body's two forms; of walkers and props they are the same."""


def both_forms(corners: Table) -> Table:
    """n x 2 x 8 x 2: the same corners (n x 8 x 2) for either."""
    return np.stack([corners, corners], axis=1)


def vehicle_forms(half_length_m: Table, half_width_m: Table) -> Table:
    """n x 2 x 8 x 2 of vehicles: their boxes, and their bodies without mirrors."""
    return np.stack([box_corners(half_length_m, half_width_m), outlines(half_length_m, half_width_m)], axis=1)


def round_corners(radius_m: Table) -> Table:
    """Regular octagons (n x 8 x 2) whose sides are `radius_m` (n) from their middle."""
    angle = (np.arange(WALKER_SIDES) + 0.5) * 2.0 * np.pi / WALKER_SIDES
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) / np.cos(np.pi / WALKER_SIDES)
    return np.asarray(radius_m[:, None, None] * circle)


def box_corners(half_length_m: Table, half_width_m: Table) -> Table:
    """Rectangles (n x 8 x 2) about their middles."""
    signs = np.array([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), *[(1.0, -1.0)] * 5])
    halves = np.stack([half_length_m, half_width_m], axis=1)
    return np.asarray(signs[None] * halves[:, None])


def outlines(half_length_m: Table, half_width_m: Table) -> Table:
    """Bodies of vehicles (n x 8 x 2) in their boxes: without mirrors, with rounded corners."""
    lorry = half_width_m >= LORRY_HALF_WIDTH_M
    width = half_width_m * np.where(lorry, 1.0, WITHOUT_MIRRORS)
    short = np.minimum(1.0, half_length_m / SHORTEST_M)
    nose_m = np.where(lorry, LORRY_NOSE[0], CAR_NOSE[0]) * short
    nose_width = width * (1.0 - np.where(lorry, LORRY_NOSE[1], CAR_NOSE[1]))
    tail_m, tail_width = TAIL[0] * short, width * (1.0 - TAIL[1])
    left = [
        (half_length_m, nose_width),
        (half_length_m - nose_m, width),
        (tail_m - half_length_m, width),
        (-half_length_m, tail_width),
    ]
    right = [(x, -y) for x, y in reversed(left)]
    return np.stack([np.stack(point, axis=1) for point in (*left, *right)], axis=1)
