"""The form of a skull, and shells over it: hair, caps. In head heights above the chin."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.forms import patch
from drivegen.embedded.assets.sculpt import Shape

POWER = 2.25
_HALF = np.radians(np.array([6.5, 14.0, 24.0, 37.0, 53.0, 73.0, 98.0, 125.0, 153.0]))
COLUMNS: Float64[np.ndarray, "20"] = np.concatenate([[0.0], _HALF, [np.pi], -_HALF[::-1]])
"""Angles about the vertical from straight ahead, closer together in the face."""
_PROFILE = np.array(
    # rise, half width, front, back: a head one unit high from chin to crown
    [
        (-0.01, 0.08, 0.32, 0.02), (0.03, 0.17, 0.375, -0.08), (0.07, 0.215, 0.390, -0.15),
        (0.14, 0.252, 0.395, -0.23), (0.27, 0.288, 0.400, -0.34), (0.42, 0.318, 0.405, -0.42),
        (0.52, 0.330, 0.408, -0.45), (0.60, 0.335, 0.420, -0.46), (0.74, 0.325, 0.405, -0.445),
        (0.84, 0.285, 0.340, -0.385), (0.92, 0.215, 0.235, -0.285), (0.97, 0.130, 0.130, -0.175),
        (1.0, 0.015, 0.0, -0.04),
    ]
)  # fmt: skip
CENTRE = np.array([-0.015, 0.0, 0.52])
_RADII = np.array([0.44, 0.335, 0.50])


def skull_points(
    rise: Float[np.ndarray, "..."], angle: Float[np.ndarray, "..."]
) -> Float64[np.ndarray, "... 3"]:
    """Points of the bare skull at heights and angles."""
    z = _PROFILE[:, 0]
    half, front, back = (np.interp(rise, z, _PROFILE[:, k]) for k in (1, 2, 3))
    c, s = np.cos(angle), np.sin(angle)
    out = np.empty((*np.shape(rise), 3))
    out[..., 0] = (front + back) / 2 + (front - back) / 2 * np.sign(c) * np.abs(c) ** (2 / POWER)
    out[..., 1] = half * np.sign(s) * np.abs(s) ** (2 / POWER)
    out[..., 2] = rise
    return out


def skull_shell(
    low: Float[np.ndarray, "c"],
    thick: Float[np.ndarray, "r c"],
    angles: Float[np.ndarray, "c"],
    *,
    high: float = 1.0,
    straight_below: float = 0.40,
    lining: bool = False,
) -> Shape:
    """A sheet over the skull from a lower edge to the crown, closed round where the angles go round.

    Args:
        low: height of the lower edge at each angle; below `straight_below` the sheet hangs straight down.
        thick: distance from the skull, for each row and angle; as many rows as wanted.
        angles: ascending; the last is joined to the first where they differ by a whole turn.
        high: height of the upper edge.
        straight_below: see `low`.
        lining: also the inside is drawn.
    """
    rows = len(thick)
    share = np.sin(np.linspace(0.0, np.pi / 2, rows))[:, None]
    rise = low[None, :] + (high - low[None, :]) * share
    at = skull_points(np.maximum(rise, straight_below), np.broadcast_to(angles, rise.shape))
    normal = (at - CENTRE) / _RADII**2
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
    below = rise < straight_below
    normal[..., 2] = np.where(below, 0.0, normal[..., 2])
    at[..., 2] = np.where(below, rise, at[..., 2])
    outer = at + normal * np.asarray(thick)[..., None]
    sheet = _outward(patch(outer))
    if not lining:
        return sheet
    inner = patch(at + normal * 0.008)
    inner = _outward(inner)
    count = len(sheet.points_m)
    return Shape(
        points_m=np.concatenate([sheet.points_m, inner.points_m]),
        faces=np.concatenate([sheet.faces, inner.faces[:, ::-1] + count]),
    )


def _outward(sheet: Shape) -> Shape:
    a, b, c = (sheet.points_m[sheet.faces[:, k]] for k in range(3))
    out = float((np.cross(b - a, c - a) * ((a + b + c) / 3 - CENTRE) * (1.0, 1.0, 0.3)).sum())
    return sheet if out > 0 else Shape(points_m=sheet.points_m, faces=sheet.faces[:, ::-1])
