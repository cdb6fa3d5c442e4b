"""Wheels of motor vehicles: tyre, rim design, brake disc. The axle is y; the outer face looks to +y."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, loft, rotation_about
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.motor.panels import shade
from drivegen.embedded.assets.vehicles.wheel import TYRE, _about_axle, _hoop
from drivegen.embedded.mesh import Material, Mesh


class Rim(StrEnum):
    """Designs."""

    FIVE = "five"
    SPLIT_FIVE = "split_five"
    TEN = "ten"
    MULTI = "multi"
    TURBINE = "turbine"
    AERO = "aero"
    """A nearly closed disc, as electric cars wear."""
    MESH = "mesh"
    STEEL = "steel"
    """Pressed steel with holes."""
    COVER = "cover"
    """A plastic cover over steel."""
    HEAVY = "heavy"
    """Trucks and buses: deep dish, ten nuts."""


CAR_RIMS = (Rim.FIVE, Rim.SPLIT_FIVE, Rim.TEN, Rim.MULTI, Rim.TURBINE, Rim.AERO, Rim.MESH)
RIM_COLORS = ((178, 181, 185), (46, 48, 51), (120, 123, 127), (205, 207, 210))


def _spoke(
    inner_m: float, outer_m: float, wide: tuple[float, float], face_m: float, skew: float = 0.0
) -> Shape:
    """A flat bar from hub to rim about z, turned by `skew` towards its end; its face is `face_m` high."""
    rings = []
    for radius, half, z, turn in ((inner_m, wide[0], face_m * 0.93, 0.0), (outer_m, wide[1], face_m, skew)):
        c, s = math.cos(turn), math.sin(turn)
        corners = ((-half, z - 0.03), (half, z - 0.03), (half * 0.8, z), (-half * 0.8, z))
        rings.append([(radius * c - y * s, radius * s + y * c, h) for y, h in corners])
    return loft(np.array(rings))


def motor_wheel(
    radius_m: float,
    width_m: float,
    rim: Rim,
    tag: Tag,
    name: str,
    *,
    color: tuple[int, int, int] = RIM_COLORS[0],
    profile: float = 0.70,
    caliper: tuple[int, int, int] = (60, 62, 65),
) -> Mesh:
    """A wheel; `profile` is the rim's radius over the tyre's."""
    out = Sculpture()
    rubber, dark = Finish(TYRE, Material.RUBBER, tag), Finish((30, 31, 33), Material.MATTE, tag)
    if rim == Rim.AERO:
        color = shade(color, 0.62)
    metal = Finish(color, Material.METAL, tag)
    half, r = width_m / 2, radius_m * profile
    edge = 0.13 * (radius_m - r) + 0.010
    tyre = [
        (r, -half * 0.90),
        (radius_m - edge * 1.6, -half),
        (radius_m - edge * 0.4, -half * 0.90),
        (radius_m, -half * 0.70),
    ]
    tyre += [(rr, -z) for rr, z in tyre[::-1]]
    out.add(_about_axle(_hoop(tyre, 26)), rubber)
    out.add(_about_axle(lathe([(r * 0.985, -half * 0.85), (r * 0.985, half * 0.10)], 18)), dark)
    lip = [
        (r * 0.925, half * 0.70),
        (r * 0.955, half * 0.95),
        (r * 1.01, half * 0.97),
        (r * 1.01, half * 0.70),
    ]
    out.add(_about_axle(_hoop(lip, 26)), metal)
    if rim in (Rim.STEEL, Rim.HEAVY, Rim.COVER, Rim.AERO):
        _add_disc(out, rim, r, half, metal, dark)
    else:
        steel = Finish((112, 114, 118), Material.METAL, tag)
        out.add(_about_axle(lathe([(r * 0.74, half * 0.12), (r * 0.74, half * 0.22)], 18)), steel)
        out.add(
            _about_axle(box((r * 0.26, r * 0.62, 0.05), (r * 0.66, 0.0, half * 0.30), 0.01)),
            Finish(caliper, Material.SATIN, tag),
        )
        _add_spokes(out, rim, r, half, metal)
    return out.mesh(name)


def _add_spokes(out: Sculpture, rim: Rim, r: float, half: float, metal: Finish) -> None:
    face = half * 0.90
    bars: list[tuple[float, tuple[float, float], float]] = []
    turn = 2 * math.pi
    if rim == Rim.FIVE:
        bars = [(k / 5, (r * 0.17, r * 0.12), 0.0) for k in range(5)]
    elif rim == Rim.SPLIT_FIVE:
        bars = [(k / 5 + s * 0.026, (r * 0.055, r * 0.06), s * 0.11) for k in range(5) for s in (-1, 1)]
    elif rim == Rim.TEN:
        bars = [(k / 10, (r * 0.07, r * 0.06), 0.0) for k in range(10)]
    elif rim == Rim.MULTI:
        bars = [(k / 16, (r * 0.035, r * 0.035), 0.0) for k in range(16)]
    elif rim == Rim.TURBINE:
        bars = [(k / 7, (r * 0.08, r * 0.15), 0.42) for k in range(7)]
    else:
        bars = [(k / 9, (r * 0.035, r * 0.035), s * 0.28) for k in range(9) for s in (-1, 1)]
    for share, wide, skew in bars:
        spoke = _spoke(r * 0.16, r * 0.965, wide, face, skew).turned(rotation_about(2, share * turn))
        out.add(_about_axle(spoke), metal, crease_rad=0.4)
    hub = lathe([(r * 0.24, half * 0.30), (r * 0.24, face * 0.90), (r * 0.19, face * 1.04)], 12)
    out.add(_about_axle(hub), metal)
    cap = lathe([(r * 0.115, face), (r * 0.105, face * 1.10)], 10)
    out.add(_about_axle(cap), Finish((26, 27, 29), Material.SATIN, metal.tag))


def _add_disc(out: Sculpture, rim: Rim, r: float, half: float, metal: Finish, dark: Finish) -> None:
    if rim == Rim.HEAVY:
        out.add(
            _about_axle(
                lathe(
                    [
                        (r * 0.93, half * 0.15),
                        (r * 0.90, half * 0.50),
                        (r * 0.62, half * 0.62),
                        (r * 0.55, half * 0.55),
                    ],
                    20,
                )
            ),
            metal,
        )
        out.add(
            _about_axle(
                lathe([(r * 0.40, half * 0.4), (r * 0.36, half * 0.92), (r * 0.16, half * 0.98)], 14)
            ),
            metal,
        )
        for k in range(10):
            nut = lathe([(r * 0.035, half * 0.5), (r * 0.03, half * 0.72)], 6).moved((r * 0.56, 0.0, 0.0))
            out.add(_about_axle(nut.turned(rotation_about(2, k * math.pi / 5))), metal)
            hole = lathe([(r * 0.075, half * 0.3), (r * 0.075, half * 0.605)], 6).moved((r * 0.76, 0.0, 0.0))
            out.add(_about_axle(hole.turned(rotation_about(2, (k + 0.5) * math.pi / 5))), dark)
        return
    if rim == Rim.STEEL:
        out.add(
            _about_axle(
                lathe([(r * 0.93, half * 0.4), (r * 0.62, half * 0.80), (r * 0.34, half * 0.60)], 18)
            ),
            metal,
        )
        holes, where, size = 10, 0.78, 0.08
    else:
        out.add(
            _about_axle(
                lathe(
                    [
                        (r * 0.955, half * 0.55),
                        (r * 0.93, half * 0.90),
                        (r * 0.50, half * 0.99),
                        (r * 0.30, half * 0.94),
                    ],
                    22,
                )
            ),
            metal,
        )
        holes, where, size = (7, 0.72, 0.0) if rim == Rim.COVER else (5, 0.70, 0.0)
    for k in range(holes):
        turn = rotation_about(2, k * 2 * math.pi / holes)
        if size > 0.0:
            cut = lathe([(r * size, half * 0.2), (r * size, half * 0.79)], 6).moved((r * where, 0, 0))
        else:
            wide = r * (0.07 if rim == Rim.COVER else 0.10)
            cut = _spoke(
                r * 0.52, r * 0.90, (wide * 0.4, wide), half * 1.005, 0.16 if rim == Rim.AERO else 0.0
            )
        out.add(_about_axle(cut.turned(turn)), dark)
    out.add(
        _about_axle(lathe([(r * 0.22, half * 0.5), (r * 0.20, half * 1.0), (r * 0.14, half * 1.03)], 12)),
        metal,
    )


def heavy_wheel(radius_m: float, width_m: float, tag: Tag, name: str, *, twin: bool = False) -> Mesh:
    """A wheel of a truck or bus; a twin has two tyres side by side and a deep dish, as driven axles have."""
    out = Sculpture()
    half, r = width_m / 2, radius_m * 0.60
    rubber, dark = Finish(TYRE, Material.RUBBER, tag), Finish((34, 35, 37), Material.MATTE, tag)
    steel = Finish((150, 153, 157), Material.METAL, tag)
    edge = radius_m * 0.05
    if twin:
        one = width_m * 0.46
        lobe = [
            (r, 0.0),
            (radius_m - edge, 0.0),
            (radius_m, one * 0.16),
            (radius_m, one * 0.84),
            (radius_m - edge, one),
        ]
        tyre = [(a, -half + z) for a, z in lobe] + [(a, half - one + z) for a, z in lobe[1:]] + [(r, half)]
    else:
        tyre = [
            (r, -half),
            (radius_m - edge, -half),
            (radius_m, -half * 0.72),
            (radius_m, half * 0.72),
            (radius_m - edge, half),
            (r, half),
        ]
    out.add(_about_axle(_hoop(tyre, 22)), rubber)
    out.add(_about_axle(lathe([(r, -half * 0.95), (r, half - 0.16)], 14)), dark)
    out.add(
        _about_axle(
            _hoop(
                [
                    (r * 0.92, half - 0.05),
                    (r * 0.95, half + 0.0),
                    (r * 1.02, half + 0.0),
                    (r * 1.02, half - 0.05),
                ],
                20,
            )
        ),
        steel,
    )
    if twin:
        out.add(_about_axle(lathe([(r * 0.90, half - 0.165), (r * 0.62, half - 0.15)], 16)), steel)
        out.add(
            _about_axle(
                lathe([(r * 0.42, half - 0.16), (r * 0.38, half - 0.03), (r * 0.20, half - 0.005)], 12)
            ),
            dark,
        )
        z = half - 0.15
    else:
        out.add(
            _about_axle(
                lathe([(r * 0.92, half - 0.10), (r * 0.80, half - 0.03), (r * 0.45, half - 0.015)], 16)
            ),
            steel,
        )
        out.add(
            _about_axle(lathe([(r * 0.30, half - 0.02), (r * 0.27, half + 0.0), (r * 0.10, half + 0.0)], 10)),
            dark,
        )
        z = half - 0.025
    for k in range(8):
        hole = _spoke(r * 0.66, r * 0.80, (r * 0.07, r * 0.08), z + 0.012).turned(
            rotation_about(2, k * math.pi / 4)
        )
        out.add(_about_axle(hole), dark)
    return out.mesh(name)
