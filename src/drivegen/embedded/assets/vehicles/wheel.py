"""Wheels: tyre, rim, spokes. The axle is y; the outer face looks to +y; the origin is the middle."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, grid_faces, lathe, rod, rotation_about, torus
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material, Mesh

TYRE = (24, 24, 25)


class RimStyle(StrEnum):
    """How the rim is drawn."""

    FIVE = "five"
    TEN = "ten"
    DISC = "disc"
    """Pressed steel with holes: vans, trucks, buses."""


def _about_axle(shape: Shape) -> Shape:
    """A shape made about z, laid onto the axle: its top becomes the outer face."""
    return shape.turned(rotation_about(0, -math.pi / 2))


def _hoop(profile_rz: list[tuple[float, float]], sides: int) -> Shape:
    """A ring about z with a closed profile of (radius, z)."""
    angle = np.arange(sides + 1) * (2 * math.pi / sides)
    radius, z = np.array(profile_rz).T
    points = np.stack(
        [
            np.cos(angle)[:, None] * radius,
            np.sin(angle)[:, None] * radius,
            np.broadcast_to(z, (sides + 1, len(z))),
        ],
        axis=-1,
    )
    points[-1] = points[0]
    return Shape(
        points_m=points.reshape(-1, 3), faces=grid_faces(sides + 1, len(profile_rz), wrap=True)
    ).closed()


def car_wheel(radius_m: float, width_m: float, rim: RimStyle, tag: Tag, name: str) -> Mesh:
    """A wheel of a car, van, bus or truck, about 350 triangles."""
    sculpture = Sculpture()
    rubber = Finish(TYRE, Material.RUBBER, tag)
    metal = Finish((176, 179, 183), Material.METAL, tag)
    dark = Finish((38, 39, 41), Material.MATTE, tag)
    half, rim_r = width_m / 2, radius_m * (0.69 if rim != RimStyle.DISC else 0.62)
    shoulder = 0.045 * radius_m / 0.33
    tyre = [
        (rim_r, -half * 0.92),
        (radius_m - shoulder * 0.9, -half),
        (radius_m - shoulder * 0.25, -half * 0.86),
    ]
    tyre += [(radius_m, -half * 0.6), (radius_m, half * 0.6)]
    tyre += [
        (radius_m - shoulder * 0.25, half * 0.86),
        (radius_m - shoulder * 0.9, half),
        (rim_r, half * 0.92),
    ]
    sculpture.add(_about_axle(_hoop(tyre, 18)), rubber)
    backing = lathe([(rim_r * 1.0, -half * 0.8), (rim_r * 1.0, half * 0.35)], 14)
    sculpture.add(_about_axle(backing), dark)
    lip = [
        (rim_r * 0.93, half * 0.80),
        (rim_r * 0.96, half * 0.95),
        (rim_r * 1.02, half * 0.97),
        (rim_r * 1.02, half * 0.80),
    ]
    sculpture.add(_about_axle(_hoop(lip, 16)), metal)
    if rim == RimStyle.DISC:
        dish = lathe(
            [(rim_r * 0.94, half * 0.5), (rim_r * 0.62, half * 0.82), (rim_r * 0.34, half * 0.62)], 16
        )
        sculpture.add(_about_axle(dish), metal)
        hub = lathe([(rim_r * 0.30, half * 0.5), (rim_r * 0.28, half * 0.98), (rim_r * 0.12, half * 1.0)], 12)
        sculpture.add(_about_axle(hub), metal)
        for k in range(8):
            turn = rotation_about(2, k * math.pi / 4)
            hole = (
                lathe([(rim_r * 0.10, 0.0), (rim_r * 0.10, half * 0.79)], 6)
                .moved((rim_r * 0.76, 0, 0))
                .turned(turn)
            )
            sculpture.add(_about_axle(hole), dark)
    else:
        count = 5 if rim == RimStyle.FIVE else 10
        spoke_w = rim_r * (0.26 if rim == RimStyle.FIVE else 0.12)
        for k in range(count):
            turn = rotation_about(2, k * 2 * math.pi / count)
            spoke = box((rim_r * 0.86, spoke_w, 0.024), (rim_r * 0.53, 0.0, half * 0.86))
            sculpture.add(_about_axle(spoke.turned(turn)), metal)
        hub = lathe([(rim_r * 0.25, half * 0.5), (rim_r * 0.20, half * 0.96)], 8)
        sculpture.add(_about_axle(hub), metal)
    return sculpture.mesh(name)


def spoked_wheel(
    radius_m: float, tyre_m: float, spokes: int, tag: Tag, name: str, rim_color: tuple[int, int, int]
) -> Mesh:
    """A wheel of a bicycle: thin tyre, rim, crossed spokes, hub."""
    sculpture = Sculpture()
    sculpture.add(_about_axle(torus(radius_m - tyre_m, tyre_m, 28, 6)), Finish(TYRE, Material.RUBBER, tag))
    metal = Finish(rim_color, Material.METAL, tag)
    sculpture.add(_about_axle(torus(radius_m - 2.3 * tyre_m, tyre_m * 0.55, 28, 5)), metal)
    sculpture.add(
        _about_axle(lathe([(0.022, -0.045), (0.03, -0.035), (0.03, 0.035), (0.022, 0.045)], 10)), metal
    )
    wire = Finish((150, 152, 155), Material.METAL, tag)
    for k in range(spokes):
        angle = 2 * math.pi * k / spokes
        lean = 0.30 if k % 2 else -0.30
        a = np.array(
            [
                0.026 * math.cos(angle + lean * 3),
                0.026 * math.sin(angle + lean * 3),
                0.03 if k % 4 < 2 else -0.03,
            ]
        )
        b = np.array(
            [(radius_m - 2.4 * tyre_m) * math.cos(angle), (radius_m - 2.4 * tyre_m) * math.sin(angle), 0.0]
        )
        sculpture.add(_about_axle(rod(a, b, 0.0022, 3)), wire)
    return sculpture.mesh(name)


def motorcycle_wheel(radius_m: float, width_m: float, spokes: int, tag: Tag, name: str) -> Mesh:
    """A wheel of a motorcycle or scooter: fat tyre, cast spokes, brake disc."""
    sculpture = Sculpture()
    tyre = _about_axle(torus(radius_m - width_m / 2, width_m / 2, 26, 8))
    sculpture.add(tyre, Finish(TYRE, Material.RUBBER, tag))
    metal = Finish((58, 60, 63), Material.METAL, tag)
    rim_r = radius_m - width_m * 0.92
    sculpture.add(_about_axle(torus(rim_r, width_m * 0.22, 24, 6)), metal)
    hub_r = min(0.05, rim_r * 0.35)
    sculpture.add(_about_axle(lathe([(hub_r, -width_m * 0.45), (hub_r, width_m * 0.45)], 12)), metal)
    for k in range(spokes):
        spoke = box((rim_r - hub_r * 0.5, 0.028, 0.03), ((rim_r + hub_r * 0.5) / 2, 0, 0), 0.006)
        sculpture.add(_about_axle(spoke.turned(rotation_about(2, k * 2 * math.pi / spokes))), metal)
    steel = Finish((170, 172, 176), Material.METAL, tag)
    disc = lathe([(rim_r * 0.72, width_m * 0.50), (rim_r * 0.72, width_m * 0.56)], 20)
    sculpture.add(_about_axle(disc), steel)
    return sculpture.mesh(name)
