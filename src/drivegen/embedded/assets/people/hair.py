"""Hair and headgear, in head heights above the chin."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, loft, mirrored_pair, tube
from drivegen.embedded.assets.people.build import Build, Color, Hair, Outfit
from drivegen.embedded.assets.people.skull import skull_shell
from drivegen.embedded.assets.people.surface import Ring, body_ring
from drivegen.embedded.assets.sculpt import Finish, Shape
from drivegen.embedded.mesh import Material

SOFT_RAD = 2.0
"""Hair has no edges."""


class Put(Protocol):
    """Takes a shape of the head."""

    def __call__(self, shape: Shape, finish: Finish, crease_rad: float = ...) -> None:
        """Adds it."""
        ...


_ANGLES = np.radians(np.linspace(-180.0, 180.0, 19))
_ROUND = np.abs(np.degrees(_ANGLES))
_ROWS = 6
_HATS = (Hair.CAP, Hair.HELMET, Hair.BEANIE, Hair.SUN_HAT, Hair.HARD_HAT, Hair.PEAKED_CAP)


def add_hair(put: Put, build: Build, tag: Tag) -> None:
    """Adds what covers the head."""
    if build.hair in _HATS:
        _add_style(put, build.under, Finish(build.hair_color, Material.MATTE, tag), covered=True)
        _add_hat(put, build, tag)
    else:
        _add_style(put, build.hair, Finish(build.hair_color, Material.MATTE, tag))


def _edge(*points: tuple[float, float]) -> Float64[np.ndarray, "19"]:
    """Heights of a hairline by the angle from straight ahead in degrees."""
    return np.interp(_ROUND, [p[0] for p in points], [p[1] for p in points])


def _shell(
    low: Float64[np.ndarray, "19"],
    rim: float,
    side: float,
    top: float,
    *,
    high: float = 1.0,
    hangs: bool = False,
    rows: int = _ROWS,
) -> Shape:
    """Hair from a hairline up, thin at the edge, `side` thick on the sides and `top` on the crown."""
    share = np.linspace(0.0, 1.0, rows)[:, None]
    thick = np.interp(share, [0.0, 0.15, 0.5, 1.0], [rim, side, (side + top) / 2, top])
    thick = np.broadcast_to(thick, (rows, len(_ANGLES))).copy()
    return skull_shell(low, thick, _ANGLES, high=high, straight_below=0.42 if hangs else 0.16, lining=hangs)


_MEN = (
    (0.0, 0.83),
    (25.0, 0.815),
    (46.0, 0.75),
    (60.0, 0.60),
    (78.0, 0.46),
    (90.0, 0.40),
    (100.0, 0.46),
    (115.0, 0.38),
    (135.0, 0.26),
    (180.0, 0.21),
)
_BACK = (
    (0.0, 0.84),
    (30.0, 0.82),
    (52.0, 0.72),
    (66.0, 0.60),
    (80.0, 0.50),
    (100.0, 0.44),
    (125.0, 0.28),
    (180.0, 0.20),
)


def _add_style(put: Put, style: Hair, hair: Finish, *, covered: bool = False) -> None:
    top, rows = (0.012, 4) if covered else (0.05, _ROWS)
    match style:
        case Hair.CROP:
            put(_shell(_edge(*_MEN), 0.004, 0.012, 0.014, rows=rows), hair, SOFT_RAD)
        case Hair.BALD:
            put(
                _shell(
                    _edge(
                        (0.0, 0.62), (70.0, 0.60), (85.0, 0.44), (110.0, 0.40), (130.0, 0.22), (180.0, 0.15)
                    ),
                    0.006,
                    0.03,
                    0.004,
                    high=0.66,
                    rows=5,
                ),
                hair,
                SOFT_RAD,
            )
        case Hair.FRINGE:
            put(
                _shell(
                    _edge(
                        (0.0, 0.66),
                        (32.0, 0.65),
                        (55.0, 0.56),
                        (75.0, 0.44),
                        (92.0, 0.40),
                        (112.0, 0.36),
                        (135.0, 0.24),
                        (180.0, 0.18),
                    ),
                    0.018,
                    0.042,
                    top,
                ),
                hair,
                SOFT_RAD,
            )
        case Hair.CURLS:
            shell = _shell(
                _edge((0.0, 0.76), (40.0, 0.70), (60.0, 0.50), (90.0, 0.36), (120.0, 0.24), (180.0, 0.12)),
                0.025,
                0.075,
                0.02 if covered else 0.085,
                rows=7,
            )
            wave = 1.0 + 0.045 * np.abs(
                np.sin(23.0 * shell.points_m[:, 1] + 3.0)
                * np.sin(21.0 * shell.points_m[:, 2])
                * np.cos(19.0 * shell.points_m[:, 0])
            )
            put(
                Shape(
                    points_m=(shell.points_m - (0, 0, 0.5)) * wave[:, None] + (0, 0, 0.5), faces=shell.faces
                ),
                hair,
                SOFT_RAD,
            )
        case Hair.BOB:
            put(
                _shell(
                    _edge(
                        (0.0, 0.69),
                        (28.0, 0.68),
                        (46.0, 0.60),
                        (56.0, 0.05),
                        (80.0, 0.00),
                        (120.0, -0.04),
                        (180.0, -0.05),
                    ),
                    0.045,
                    0.075,
                    max(top, 0.055),
                    hangs=True,
                    rows=6,
                ),
                hair,
                SOFT_RAD,
            )
        case Hair.LONG:
            put(
                _shell(
                    _edge(
                        (0.0, 0.80),
                        (30.0, 0.76),
                        (50.0, 0.60),
                        (62.0, -0.10),
                        (85.0, -0.42),
                        (130.0, -0.58),
                        (180.0, -0.62),
                    ),
                    0.03,
                    0.070,
                    max(top, 0.055),
                    hangs=True,
                    rows=7,
                ),
                hair,
                SOFT_RAD,
            )
        case Hair.TAIL:
            put(_shell(_edge(*_BACK), 0.006, 0.022, min(top, 0.035), rows=rows), hair, SOFT_RAD)
            put(
                tube(
                    [
                        (-0.44, 0, 0.74),
                        (-0.56, 0, 0.70),
                        (-0.60, 0, 0.48),
                        (-0.57, 0, 0.20),
                        (-0.54, 0, -0.06),
                    ],
                    [0.06, 0.085, 0.10, 0.085, 0.02],
                    8,
                ),
                hair,
            )
        case Hair.BUN:
            put(_shell(_edge(*_BACK), 0.006, 0.022, min(top, 0.035), rows=rows), hair, SOFT_RAD)
            put(ellipsoid((0.12, 0.14, 0.13), (-0.53, 0.0, 0.66), 9, 6), hair)
        case Hair.PIGTAILS:
            put(_shell(_edge(*_BACK), 0.006, 0.022, min(top, 0.035), rows=rows), hair, SOFT_RAD)
            braid = [
                (-0.22, 0.32, 0.42),
                (-0.24, 0.44, 0.36),
                (-0.20, 0.47, 0.10),
                (-0.14, 0.44, -0.16),
                (-0.12, 0.42, -0.30),
            ]
            put(mirrored_pair(tube(braid, [0.06, 0.08, 0.075, 0.065, 0.015], 7)), hair)
        case _:
            put(_shell(_edge(*_MEN), 0.012, 0.030, top), hair, SOFT_RAD)


def _add_hat(put: Put, build: Build, tag: Tag) -> None:
    cloth = Finish(build.accent, Material.MATTE, tag)
    match build.hair:
        case Hair.CAP:
            put(_shell(np.full(19, 0.70), 0.035, 0.045, 0.06), cloth, SOFT_RAD)
            put(_peak(0.30, 0.74, 0.70, 0.030), cloth)
        case Hair.BEANIE:
            low = _edge((0.0, 0.70), (90.0, 0.58), (180.0, 0.45))
            put(_shell(low, 0.05, 0.055, 0.085), cloth, SOFT_RAD)
            cuff = skull_shell(
                low - 0.01, np.array([[0.072] * 19, [0.075] * 19, [0.06] * 19]), _ANGLES, high=0.74
            )
            put(cuff, Finish(_shade(build.accent, 0.8), Material.MATTE, tag))
        case Hair.SUN_HAT:
            put(_shell(np.full(19, 0.72), 0.04, 0.045, 0.11), cloth, SOFT_RAD)
            brim = [
                body_ring(z, w, f, b, 2.0, 20)
                for z, w, f, b in (
                    (0.725, 0.36, 0.43, -0.47),
                    (0.665, 0.60, 0.68, -0.70),
                    (0.680, 0.61, 0.69, -0.71),
                    (0.760, 0.37, 0.44, -0.48),
                )
            ]
            put(loft(brim), cloth)
            put(
                loft(
                    [
                        body_ring(z, w, f, b, 2.25, 20)
                        for z, w, f, b in ((0.735, 0.385, 0.455, -0.495), (0.80, 0.365, 0.435, -0.475))
                    ]
                ),
                Finish(_shade(build.accent, 0.6), Material.MATTE, tag),
            )
        case Hair.HARD_HAT:
            shell = Finish(build.accent, Material.SATIN, tag)
            rows = (
                (0.70, 0.40, 0.48, -0.53),
                (0.74, 0.405, 0.47, -0.53),
                (0.90, 0.365, 0.42, -0.485),
                (1.03, 0.25, 0.27, -0.34),
                (1.10, 0.13, 0.13, -0.20),
                (1.13, 0.02, -0.02, -0.05),
            )
            put(loft([body_ring(z, w, f, b, 2.1, 18) for z, w, f, b in rows]), shell)
            put(
                loft(
                    [
                        body_ring(z, w, f, b, 2.1, 18)
                        for z, w, f, b in (
                            (0.685, 0.415, 0.62, -0.56),
                            (0.705, 0.425, 0.63, -0.57),
                            (0.72, 0.40, 0.50, -0.53),
                        )
                    ]
                ),
                shell,
            )
            ridge = [
                (0.40, 0.0, 0.92),
                (0.20, 0.0, 1.10),
                (-0.05, 0.0, 1.14),
                (-0.28, 0.0, 1.09),
                (-0.46, 0.0, 0.92),
            ]
            put(tube(ridge, 0.035, 5), shell)
            strap = tube(
                [(0.02, 0.36, 0.70), (0.08, 0.315, 0.22), (0.24, 0.14, -0.02), (0.27, 0.0, -0.03)], 0.012, 4
            )
            put(mirrored_pair(strap), Finish((40, 40, 44), Material.MATTE, tag))
        case Hair.PEAKED_CAP:
            dark = Finish(
                (26, 32, 52) if build.outfit == Outfit.POLICE else build.accent, Material.MATTE, tag
            )
            band = [
                body_ring(z, w, f, b, 2.2, 18)
                for z, w, f, b in ((0.70, 0.365, 0.435, -0.49), (0.84, 0.375, 0.445, -0.50))
            ]
            put(loft(band), Finish(_shade(dark.color, 0.7), Material.MATTE, tag))
            crown = (
                (0.83, 0.38, 0.46, -0.50),
                (0.98, 0.485, 0.60, -0.56),
                (1.02, 0.485, 0.61, -0.55),
                (1.09, 0.30, 0.36, -0.38),
                (1.10, 0.02, 0.05, -0.05),
            )
            put(loft([body_ring(z, w, f, b, 2.1, 18) for z, w, f, b in crown]), dark)
            put(_peak(0.30, 0.68, 0.69, 0.060), Finish((18, 18, 20), Material.SATIN, tag))
            put(
                ellipsoid((0.02, 0.05, 0.06), (0.50, 0.0, 0.88), 8, 4),
                Finish((206, 176, 90), Material.METAL, tag),
            )
        case _:
            _add_cycle_helmet(put, build, tag)


def _peak(half: float, front: float, z: float, drop: float) -> Shape:
    """The visor of a cap."""
    across = np.linspace(-1.0, 1.0, 9)
    rings: list[Ring] = []
    for u in np.linspace(0.0, 1.0, 4):
        x = 0.36 * np.sqrt(1.0 - 0.55 * across**2) + (front - 0.36) * u * np.sqrt(
            np.maximum(1.0 - across**2, 0.0)
        )
        y = half * across * (1.0 - 0.06 * u)
        h = z + 0.02 - drop * u - 0.06 * across**2 * (1.0 - 0.3 * u)
        upper = np.stack([x, y, h], axis=1)
        lower = np.stack([x, y, h - 0.018], axis=1)[::-1]
        rings.append(np.concatenate([upper, lower]))
    return loft(rings)


def _shade(color: Color, share: float) -> Color:
    return (int(color[0] * share), int(color[1] * share), int(color[2] * share))


def _add_cycle_helmet(put: Put, build: Build, tag: Tag) -> None:
    shell = Finish(build.accent, Material.PAINT, tag)
    rows = (
        (0.66, 0.37, 0.42, -0.50),
        (0.72, 0.41, 0.48, -0.55),
        (0.88, 0.37, 0.42, -0.50),
        (1.03, 0.22, 0.24, -0.31),
        (1.10, 0.03, 0.0, -0.06),
    )
    put(_solid(rows), shell)
    for y in (-0.16, 0.0, 0.16):
        slot = ellipsoid((0.30, 0.035, 0.03), (-0.03, y, 1.055 - abs(y) * 0.35), 6, 4)
        put(slot, Finish((24, 24, 26), Material.MATTE, tag))
    strap = tube([(0.05, 0.36, 0.66), (0.10, 0.30, 0.20), (0.22, 0.12, -0.02)], 0.022, 4)
    put(mirrored_pair(strap), Finish((24, 24, 26), Material.MATTE, tag))


def _solid(rows: tuple[tuple[float, float, float, float], ...]) -> Shape:
    return loft([body_ring(z, w, f, b, 2.25, 12) for z, w, f, b in rows])


def add_full_helmet(put: Put, build: Build, tag: Tag) -> None:
    """A motorcycle helmet with a dark visor."""
    rows = (
        (-0.04, 0.25, 0.34, -0.30),
        (0.02, 0.33, 0.50, -0.40),
        (0.26, 0.40, 0.56, -0.52),
        (0.50, 0.43, 0.50, -0.57),
        (0.76, 0.42, 0.48, -0.56),
        (0.96, 0.31, 0.34, -0.42),
        (1.08, 0.15, 0.14, -0.20),
        (1.12, 0.02, 0.0, -0.04),
    )
    put(_solid(rows), Finish(build.accent, Material.PAINT, tag))
    visor = []
    for z, half, front in (
        (0.40, 0.425, 0.545),
        (0.52, 0.437, 0.525),
        (0.66, 0.435, 0.50),
        (0.74, 0.425, 0.48),
    ):
        angle = np.linspace(-1.15, 1.15, 9)
        visor.append(np.stack([front * np.cos(angle) ** 0.8, half * np.sin(angle), np.full(9, z)], axis=1))
    put(_visor(np.array(visor)), Finish((26, 30, 34), Material.GLASS, tag))


def _visor(rows: Float64[np.ndarray, "m n 3"]) -> Shape:
    """A thin closed sheet through a curved patch."""
    inner = rows * np.array([0.9, 0.97, 1.0])
    rings = [np.concatenate([outer, back[::-1]]) for outer, back in zip(rows, inner, strict=True)]
    return loft(rings)
