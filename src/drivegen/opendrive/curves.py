"""The pieces of a reference line: positions, headings and curvatures along line, arc, clothoid, polynomials.

Formulas: ASAM OpenDRIVE 1.8, chapter "Geometry". Clothoids are integrated by Gauss-Legendre quadrature, which
has no singular case for constant or vanishing curvature. Polynomials are walked by arc length, as CARLA does.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.model import Arc, Geometry, Line, ParamPoly3, Poly3, Spiral

Curve = tuple[
    Float64[np.ndarray, "n"], Float64[np.ndarray, "n"], Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]
]
"""x, y, heading (unwrapped), curvature."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_TABLE_STEP_M = 0.1


def evaluate_geometry(geometry: Geometry, ds_m: Float64[np.ndarray, "n"]) -> Curve:
    """The curve at distances from the geometry's start, in the map frame."""
    shape = geometry.shape
    if isinstance(shape, Line):
        u, v, turn, curvature = ds_m, np.zeros_like(ds_m), np.zeros_like(ds_m), np.zeros_like(ds_m)
    elif isinstance(shape, Arc):
        u, v, turn, curvature = _arc(shape, ds_m)
    elif isinstance(shape, Spiral):
        u, v, turn, curvature = _spiral(shape, geometry.length_m, ds_m)
    elif isinstance(shape, Poly3):
        u, v, turn, curvature = _poly3(shape, geometry.length_m, ds_m)
    else:
        u, v, turn, curvature = _param_poly3(shape, geometry.length_m, ds_m)
    c, s = np.cos(geometry.heading_rad), np.sin(geometry.heading_rad)
    return (
        geometry.x_m + c * u - s * v,
        geometry.y_m + s * u + c * v,
        geometry.heading_rad + turn,
        curvature,
    )


def _arc(shape: Arc, ds: Float64[np.ndarray, "n"]) -> Curve:
    k = shape.curvature_pm
    turn = k * ds
    # sin(x)/x and (1-cos(x))/x keep their digits where x is small; numpy's sinc is sin(pi x)/(pi x).
    half = np.sinc(turn / (2.0 * np.pi))
    return ds * np.sinc(turn / np.pi), ds * np.sin(turn / 2.0) * half, turn, np.full_like(ds, k)


def _spiral(shape: Spiral, length_m: float, ds: Float64[np.ndarray, "n"]) -> Curve:
    k0 = shape.curvature_start_pm
    rate = (shape.curvature_end_pm - k0) / length_m
    at = 0.5 * ds[:, None] * (_NODES[None, :] + 1.0)
    angle = k0 * at + 0.5 * rate * at**2
    half = 0.5 * ds
    return (
        half * (np.cos(angle) @ _WEIGHTS),
        half * (np.sin(angle) @ _WEIGHTS),
        k0 * ds + 0.5 * rate * ds**2,
        k0 + rate * ds,
    )


def _cubic(c: tuple[float, float, float, float], p: Float64[np.ndarray, "n"]) -> list[np.ndarray]:
    value = c[0] + p * (c[1] + p * (c[2] + p * c[3]))
    first = c[1] + p * (2.0 * c[2] + p * 3.0 * c[3])
    second = 2.0 * c[2] + p * 6.0 * c[3]
    return [value, first, second]


def _poly3(shape: Poly3, length_m: float, ds: Float64[np.ndarray, "n"]) -> Curve:
    v = (shape.a, shape.b, shape.c, shape.d)
    return _by_arc_length((0.0, 1.0, 0.0, 0.0), v, length_m, length_m, ds)


def _param_poly3(shape: ParamPoly3, length_m: float, ds: Float64[np.ndarray, "n"]) -> Curve:
    return _by_arc_length(shape.u, shape.v, 1.0 if shape.normalized else length_m, length_m, ds)


def _by_arc_length(
    u: tuple[float, float, float, float],
    v: tuple[float, float, float, float],
    last_p: float,
    length_m: float,
    ds: Float64[np.ndarray, "n"],
) -> Curve:
    count = max(16, int(np.ceil(length_m / _TABLE_STEP_M))) + 1
    p = np.linspace(0.0, last_p, count)
    _, du, _ = _cubic(u, p)
    _, dv, _ = _cubic(v, p)
    speed = np.hypot(du, dv)
    length = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * np.diff(p))])
    at = np.interp(ds, length, p)
    # Beyond the table the parameter goes on at the last speed, so that rounding of s leaves no flat end.
    over = np.maximum(ds - length[-1], 0.0)
    at = at + over / max(float(speed[-1]), 1e-9)
    x, dx, ddx = _cubic(u, at)
    y, dy, ddy = _cubic(v, at)
    norm = np.maximum(np.hypot(dx, dy), 1e-9)
    return x, y, np.arctan2(dy, dx), (dx * ddy - dy * ddx) / norm**3


def largest_curvature(geometry: Geometry) -> float:
    """The largest |curvature| of a piece, 1/m; of polynomials sampled."""
    shape = geometry.shape
    if isinstance(shape, Line):
        return 0.0
    if isinstance(shape, Arc):
        return abs(shape.curvature_pm)
    if isinstance(shape, Spiral):
        return max(abs(shape.curvature_start_pm), abs(shape.curvature_end_pm))
    _, _, _, curvature = evaluate_geometry(geometry, np.linspace(0.0, geometry.length_m, 17))
    return float(np.max(np.abs(curvature)))
