"""The roadside pole: lamp, cameras, LiDARs, radars, radio and cabinet on one pole (多杆合一)."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_rng
from drivegen.core.roadside import (
    ANTENNA_M,
    CABINET_M,
    CABINET_Y_M,
    LENS_GAP_M,
    SHADE_M,
    RoadsidePole,
    roadside_pole,
)
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, rod, rotation_about
from drivegen.embedded.assets.posts import mast
from drivegen.embedded.assets.props.family import PREFIX, PropFamily
from drivegen.embedded.assets.props.making import (
    BLACK,
    GREY,
    LIGHT_GREY,
    STEEL,
    WHITE,
    Color,
    Maker,
    darker,
    fitted,
    pick,
    shaded,
)
from drivegen.embedded.assets.sculpt import Finish, Shape
from drivegen.embedded.mesh import Material, Mesh

NAME = "roadside_pole"
_GLASS: Color = (18, 22, 30)


def _mesh(variant: int) -> Mesh:
    pole = roadside_pole(variant)
    rng = derive_rng("prop", NAME, variant)
    paint = shaded(rng, pick(rng, (STEEL, (176, 180, 183), (92, 98, 104), (70, 78, 86), LIGHT_GREY)))
    cabinet = shaded(rng, pick(rng, ((196, 200, 200), (150, 158, 156), (96, 124, 108), (226, 228, 228))))
    m = Maker(Tag.POLE)
    _pole(m, pole, paint)
    _arm(m, pole, paint)
    _lamp(m, pole, paint, rng)
    for name, mount in pole.mounts.items():
        kind = name.split("_")[0]
        if kind in _DEVICES:
            _DEVICES[kind](m, mount, paint)
    _carriers(m, pole, paint)
    _radio(m, pole, paint)
    _cabinet(m, pole, cabinet, rng)
    return fitted(m.sculpture.mesh(f"{PREFIX}{NAME}/{variant}"), pole.size_m)


def _pole(m: Maker, pole: RoadsidePole, paint: Color) -> None:
    finish = Finish(paint, Material.METAL, Tag.POLE)
    part = Maker(Tag.POLE)
    mast(part.sculpture, finish, height_m=pole.height_m, radius_m=0.15, sides=12)
    m.sculpture.add_turned(part.sculpture, np.eye(3), (0.0, pole.foot_y_m, 0.0))
    m.block((0.02, 0.16, 0.42), (0.152, pole.foot_y_m, 0.75), darker(paint, 0.85), Material.METAL)
    m.block((0.24, 0.26, 0.40), (-0.22, pole.foot_y_m, 2.3), LIGHT_GREY, Material.SATIN, bevel=0.015)


def _arm(m: Maker, pole: RoadsidePole, paint: Color) -> None:
    y0, z = pole.foot_y_m, pole.arm_z_m
    end = y0 - pole.arm_m - 0.18
    m.pipe([(0, y0, z), (0, (y0 + end) / 2, z), (0, end, z)], [0.085, 0.07, 0.055], paint, sides=10)
    m.bar((0, y0, z + 0.45), (0, y0 - pole.arm_m * 0.4, z + 0.05), 0.025, paint)
    m.turned(
        [(0.135, z - 0.12), (0.135, z + 0.12)], darker(paint, 0.9), Material.METAL, at=(0, y0, 0), sides=12
    )


def _lamp(m: Maker, pole: RoadsidePole, paint: Color, rng: np.random.Generator) -> None:
    """A street lamp over the road; on some a small one over the pavement too."""
    y0, top = pole.foot_y_m, pole.height_m
    sides = [(-1.0, 1.7)] + ([(1.0, 0.55)] if rng.random() < 0.4 else [])
    for side, reach in sides:
        m.pipe(
            [(0, y0, top - 0.25), (0, y0 + side * reach * 0.4, top - 0.04), (0, y0 + side * reach, top)],
            [0.045, 0.038, 0.032],
            paint,
        )
        long = 0.6 if side < 0 else 0.4
        middle = y0 + side * (reach + long * 0.35)
        m.block((0.24, long, 0.08), (0, middle, top), darker(paint, 0.8), Material.METAL, bevel=0.02)
        m.sheet(
            (0, middle, top - 0.0405),
            (0, long * 0.36, 0),
            (0.08, 0, 0),
            (238, 236, 226),
            Material.STREET_LAMP,
        )


def _along(mount: Pose, shape: Shape) -> Shape:
    return shape.turned(mount.rotation).moved(mount.position_m)


def _camera(m: Maker, mount: Pose, _: Color) -> None:
    """A bullet camera; its glass lies just behind the mount."""
    back = -LENS_GAP_M
    m.add(_along(mount, box((0.34, 0.13, 0.13), (back - 0.19, 0, 0), 0.02)), WHITE, Material.SATIN)
    long, up = SHADE_M
    shade = box((0.40, 0.16, 0.012), (long - 0.20, 0, up - 0.006))
    m.add(_along(mount, shade), WHITE, Material.SATIN)
    front = lathe([(0.05, -0.03), (0.05, 0.0)], 14).turned(rotation_about(1, math.pi / 2))
    m.add(_along(mount, front.moved((back, 0, 0))), _GLASS, Material.GLASS)


def _fisheye(m: Maker, mount: Pose, paint: Color) -> None:
    """A dome that looks down."""
    x, y, z = mount.position_m
    z = z + LENS_GAP_M
    m.turned(
        [(0.0, z), (0.045, z + 0.012), (0.075, z + 0.05)], _GLASS, Material.GLASS, at=(x, y, 0), sides=14
    )
    m.turned([(0.095, z + 0.05), (0.095, z + 0.11), (0.05, z + 0.14)], WHITE, Material.SATIN, at=(x, y, 0))
    m.bar((x, y, z + 0.12), (x, y, z + 0.20), 0.03, paint)


def _lidar(m: Maker, mount: Pose, _: Color) -> None:
    """A solid-state LiDAR: a flat box with a dark window and ribs behind."""
    back = -LENS_GAP_M
    m.add(_along(mount, box((0.20, 0.34, 0.15), (back - 0.11, 0, 0), 0.02)), (58, 62, 68), Material.SATIN)
    m.add(_along(mount, box((0.012, 0.28, 0.10), (back - 0.006, 0, 0))), (30, 14, 18), Material.GLASS)
    for k in range(4):
        rib = box((0.10, 0.012, 0.17), (back - 0.15, 0.11 - 0.073 * k, 0))
        m.add(_along(mount, rib), (44, 48, 52), Material.MATTE)


def _radar(m: Maker, mount: Pose, _: Color) -> None:
    """A flat millimetre-wave radar."""
    back = -LENS_GAP_M
    m.add(_along(mount, box((0.07, 0.26, 0.22), (back - 0.045, 0, 0), 0.015)), (70, 74, 78), Material.SATIN)
    m.add(
        _along(mount, box((0.012, 0.22, 0.18), (back - 0.006, 0, 0), 0.004)), (204, 206, 206), Material.SATIN
    )


_DEVICES = {"camera": _camera, "fisheye": _fisheye, "lidar": _lidar, "radar": _radar}


def _carriers(m: Maker, pole: RoadsidePole, paint: Color) -> None:
    """Brackets between the arm and the devices on it."""
    for name, mount in pole.mounts.items():
        kind = name.split("_")[0]
        if kind not in ("camera", "lidar", "radar"):
            continue
        view = mount.rotation[:, 0]
        reach = {"camera": 0.22, "lidar": 0.12, "radar": 0.06}[kind]
        below = mount.position_m - view * (LENS_GAP_M + reach)
        drop = {"camera": 0.06, "lidar": 0.07, "radar": 0.08}[kind]
        foot = (below[0], below[1], pole.arm_z_m + 0.05)
        m.bar((below[0], below[1], below[2] - drop), foot, 0.018, darker(paint, 0.8))
        m.bar((0, below[1], pole.arm_z_m + 0.04), foot, 0.024, darker(paint, 0.8))
        m.block((0.06, 0.06, 0.06), foot, darker(paint, 0.7), Material.METAL)


def _radio(m: Maker, pole: RoadsidePole, paint: Color) -> None:
    """The roadside unit on the pole's top with its two rods."""
    y0, top = pole.foot_y_m, pole.height_m
    m.turned([(0.03, top - 0.05), (0.03, top + 0.12)], paint, Material.METAL, at=(0, y0, 0), sides=8)
    m.block((0.12, 0.24, 0.26), (0, y0, top + 0.14), WHITE, Material.SATIN, bevel=0.02)
    for side in (-1, 1):
        y = y0 + side * 0.09
        shape = lathe([(0.014, 0.0), (0.012, ANTENNA_M - 0.27), (0.005, ANTENNA_M - 0.25)], 8)
        m.add(shape.moved((0, y, top + 0.25)), WHITE, Material.SATIN)


def _cabinet(m: Maker, pole: RoadsidePole, color: Color, rng: np.random.Generator) -> None:
    """The cabinet with the computer at the foot."""
    l, w, h = CABINET_M  # noqa: E741
    y = pole.foot_y_m + CABINET_Y_M
    m.block((l * 0.96, w * 0.96, 0.12), (0, y, 0.06), (134, 132, 128), tag=Tag.STATIC)
    m.block(
        (l * 0.92, w * 0.92, h - 0.16),
        (0, y, 0.12 + (h - 0.16) / 2),
        color,
        Material.SATIN,
        bevel=0.015,
        tag=Tag.STATIC,
    )
    m.block((l, w, 0.05), (0, y, h - 0.025), darker(color, 0.85), Material.SATIN, bevel=0.015, tag=Tag.STATIC)
    for side in (-1, 1):
        x = side * l * 0.46
        m.block(
            (0.012, w * 0.80, h - 0.30), (x, y, h / 2), darker(color, 1.06), Material.SATIN, tag=Tag.STATIC
        )
        for k in range(5):
            m.block(
                (0.006, w * 0.5, 0.014),
                (x + side * 0.008, y, 0.28 + 0.04 * k),
                darker(color, 0.5),
                tag=Tag.STATIC,
            )
        m.block(
            (0.03, 0.025, 0.14),
            (x + side * 0.01, y - w * 0.34, h * 0.55),
            GREY,
            Material.METAL,
            tag=Tag.STATIC,
        )
    tone = pick(rng, ((24, 84, 162), (20, 120, 110), (226, 120, 24)))
    m.block((0.006, 0.30, 0.16), (l * 0.46 + 0.009, y, h * 0.76), tone, tag=Tag.STATIC)
    conduit = rod((0, y - w * 0.40, 0.3), (0, pole.foot_y_m + 0.1, 0.3), 0.03, 6)
    m.add(conduit, BLACK, Material.RUBBER, tag=Tag.STATIC)


FAMILY = PropFamily(
    name=NAME,
    tags=(Tag.POLE, Tag.STATIC),
    size_m=lambda variant: roadside_pole(variant).size_m,
    mesh=_mesh,
)
