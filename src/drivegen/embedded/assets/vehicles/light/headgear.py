"""What riders wear on their heads: meshes in head heights about the chin, placed on a bare or hairy head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, loft, mirrored_pair, tube
from drivegen.embedded.assets.people.build import Build
from drivegen.embedded.assets.people.covers import neck_foot
from drivegen.embedded.assets.people.head import body_ring, head_top
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material, Mesh

Row = tuple[float, float, float, float]


class Headgear(StrEnum):
    """Kinds of headgear; colours come from the drawable's tint."""

    NONE = "none"
    HALF = "half"
    """The round half shell of e-bikes."""
    VISOR = "visor"
    """The half shell with a clear visor in front of the face."""
    OPEN = "open"
    """Down over the ears, chin free."""
    BICYCLE = "bicycle"
    FULL = "full"
    """Closed, with a dark visor."""
    CAP = "cap"
    SUN_HAT = "sun_hat"
    """A wide brim against the sun."""
    BEANIE = "beanie"


_DARK = Finish((26, 26, 28), Material.MATTE, Tag.RIDER)
_SHELL = Finish((255, 255, 255), Material.PAINT, Tag.RIDER)
_CLOTH = Finish((255, 255, 255), Material.CLOTH, Tag.RIDER)
_PANE = Finish((52, 60, 68), Material.GLASS, Tag.RIDER)

_ROWS: dict[Headgear, tuple[Row, ...]] = {
    # rise over the chin, half width, front, back
    Headgear.HALF: (
        (0.60, 0.385, 0.44, -0.53),
        (0.64, 0.425, 0.50, -0.57),
        (0.80, 0.42, 0.47, -0.56),
        (0.98, 0.34, 0.36, -0.45),
        (1.10, 0.19, 0.19, -0.28),
        (1.14, 0.03, 0.0, -0.07),
    ),
    Headgear.OPEN: (
        (0.16, 0.40, -0.02, -0.50),
        (0.30, 0.425, 0.08, -0.56),
        (0.56, 0.435, 0.26, -0.58),
        (0.68, 0.44, 0.50, -0.58),
        (0.84, 0.42, 0.47, -0.56),
        (1.02, 0.32, 0.34, -0.43),
        (1.12, 0.16, 0.15, -0.22),
        (1.15, 0.02, 0.0, -0.05),
    ),
    Headgear.BICYCLE: (
        (0.66, 0.37, 0.44, -0.50),
        (0.72, 0.40, 0.50, -0.56),
        (0.88, 0.37, 0.43, -0.52),
        (1.03, 0.23, 0.25, -0.33),
        (1.11, 0.03, 0.0, -0.06),
    ),
    Headgear.FULL: (
        (-0.06, 0.25, 0.36, -0.28),
        (0.00, 0.34, 0.52, -0.40),
        (0.26, 0.41, 0.57, -0.53),
        (0.50, 0.44, 0.52, -0.58),
        (0.76, 0.43, 0.49, -0.57),
        (0.96, 0.32, 0.35, -0.43),
        (1.10, 0.15, 0.14, -0.20),
        (1.14, 0.02, 0.0, -0.04),
    ),
    Headgear.CAP: (
        (0.66, 0.38, 0.45, -0.51),
        (0.78, 0.375, 0.44, -0.50),
        (0.94, 0.31, 0.36, -0.42),
        (1.06, 0.17, 0.20, -0.24),
        (1.10, 0.03, 0.0, -0.06),
    ),
    Headgear.SUN_HAT: (
        (0.74, 0.385, 0.45, -0.51),
        (0.86, 0.36, 0.41, -0.47),
        (1.04, 0.30, 0.33, -0.39),
        (1.09, 0.22, 0.24, -0.29),
        (1.10, 0.03, 0.0, -0.05),
    ),
    Headgear.BEANIE: (
        (0.54, 0.385, 0.43, -0.50),
        (0.66, 0.395, 0.46, -0.52),
        (0.84, 0.37, 0.42, -0.49),
        (1.02, 0.26, 0.28, -0.34),
        (1.10, 0.10, 0.10, -0.14),
        (1.12, 0.02, 0.0, -0.03),
    ),
}
_ROWS[Headgear.VISOR] = _ROWS[Headgear.HALF]


def chin_m(build: Build) -> tuple[Float64[np.ndarray, "3"], float]:
    """Where the chin is in the frame of the head's joint, and the height of a head."""
    unit = build.head * build.height_m / head_top(build)
    rise = (1.0 - build.head - neck_foot(build)) * build.height_m
    return np.array([0.02 * unit / 0.22, 0.0, rise]), unit


def _solid(rows: Sequence[Row], sides: int = 14, power: float = 2.2) -> Shape:
    return loft([body_ring(z, w, f, b, power, sides) for z, w, f, b in rows])


def _pane(rows: Sequence[tuple[float, float, float]], reach_rad: float) -> Shape:
    """A thin closed sheet round the face through rows of (rise, half width, front)."""
    angle = np.linspace(-reach_rad, reach_rad, 9)
    outer = np.array(
        [
            np.stack([front * np.cos(angle) ** 0.8, half * np.sin(angle), np.full(9, z)], axis=1)
            for z, half, front in rows
        ]
    )
    inner = outer * np.array([0.93, 0.97, 1.0])
    return loft([np.concatenate([o, i[::-1]]) for o, i in zip(outer, inner, strict=True)])


@lru_cache(maxsize=256)
def headgear_mesh(headgear: Headgear, head_m: float) -> Mesh:
    """The mesh about the chin, for heads `head_m` high."""
    unit = _headgear(headgear)
    return replace(
        unit,
        name=f"light rider/headgear/{headgear}/{head_m:.4f}",
        positions_m=unit.positions_m * np.float32(head_m),
    )


@lru_cache(maxsize=16)
def _headgear(headgear: Headgear) -> Mesh:
    """The same for a head one unit high."""
    out = Sculpture()
    soft = headgear in (Headgear.CAP, Headgear.SUN_HAT, Headgear.BEANIE)
    out.add(_solid(_ROWS[headgear]), _CLOTH if soft else _SHELL)
    if headgear == Headgear.CAP:
        out.add(loft([body_ring(z, 0.27, 0.74, 0.20, 2.6, 12) for z in (0.685, 0.715)]), _CLOTH)
    elif headgear == Headgear.SUN_HAT:
        brim = [(0.70, 0.62, 0.70, -0.76), (0.725, 0.63, 0.71, -0.77), (0.80, 0.38, 0.44, -0.50)]
        out.add(_solid(brim, 16), _CLOTH)
    elif headgear == Headgear.BEANIE:
        out.add(_solid([(0.50, 0.40, 0.455, -0.515), (0.62, 0.405, 0.465, -0.52)]), _CLOTH)
    elif headgear == Headgear.FULL:
        rows = [(0.34, 0.43, 0.565), (0.52, 0.45, 0.545), (0.68, 0.447, 0.515), (0.78, 0.437, 0.49)]
        out.add(_pane(rows, 1.30), _PANE)
    elif headgear in (Headgear.HALF, Headgear.VISOR):
        if headgear == Headgear.VISOR:
            rows = [(0.40, 0.415, 0.56), (0.52, 0.43, 0.555), (0.66, 0.435, 0.525), (0.72, 0.43, 0.51)]
            out.add(_pane(rows, 1.10), _PANE)
        else:
            peak = [body_ring(z, 0.30, 0.66, 0.30, 2.4, 12) for z in (0.665, 0.70)]
            out.add(loft(peak), _DARK)
        out.add(_solid([(0.585, 0.40, 0.46, -0.545), (0.625, 0.428, 0.503, -0.573)]), _DARK)
    elif headgear == Headgear.BICYCLE:
        for y in (-0.17, 0.0, 0.17):
            out.add(ellipsoid((0.30, 0.035, 0.03), (-0.03, y, 1.065 - abs(y) * 0.35), 6, 4), _DARK)
    if headgear in (Headgear.HALF, Headgear.VISOR, Headgear.BICYCLE, Headgear.OPEN):
        strap = tube([(0.05, 0.365, 0.64), (0.10, 0.30, 0.20), (0.22, 0.12, -0.02)], 0.024, 4)
        out.add(mirrored_pair(strap), _DARK)
    return out.mesh("headgear")
