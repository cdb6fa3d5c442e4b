"""Bags that hang from the shoulders; in the torso's frame."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, tube
from drivegen.embedded.assets.people.build import Build, Color, Luggage
from drivegen.embedded.assets.people.covers import bag_span, handbag_place, waist
from drivegen.embedded.assets.people.surface import Trunk
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material


def add_bag(out: Sculpture, build: Build, trunk: Trunk, tag: Tag) -> None:
    """Adds what the build carries on its shoulders."""
    if build.luggage in (Luggage.BACKPACK, Luggage.SATCHEL):
        _backpack(out, build, trunk, tag)
    elif build.luggage == Luggage.HANDBAG:
        _handbag(out, build, tag)
    elif build.luggage == Luggage.CROSSBODY:
        _crossbody(out, build, trunk, tag)


def _backpack(out: Sculpture, b: Build, trunk: Trunk, tag: Tag) -> None:
    low, high = bag_span(b)
    h = b.height_m
    back = float(trunk.x_at(np.array(0.0), np.array((low + high) / 2), -1.0)) + 0.012
    dark = (int(b.bag_color[0] * 0.55), int(b.bag_color[1] * 0.55), int(b.bag_color[2] * 0.55))
    cloth, trim = Finish(b.bag_color, Material.MATTE, tag), Finish(dark, Material.MATTE, tag)
    deep = 0.13 if b.luggage == Luggage.BACKPACK else 0.15
    wide = min(0.29, 0.185 * h)
    tall = high - low - 0.02
    middle = (low + high) / 2
    bevel = 0.045 if b.luggage == Luggage.BACKPACK else 0.02
    out.add(box((deep, wide, tall), (back - deep / 2, 0.0, middle), bevel), cloth)
    pocket = box((0.05, wide * 0.78, tall * 0.42), (back - deep - 0.008, 0.0, low + tall * 0.32), 0.018)
    out.add(pocket, trim)
    out.add(
        box((deep * 0.8, wide * 1.01, 0.012), (back - deep / 2 - 0.012, 0.0, low + tall * 0.80), 0.004), trim
    )
    if b.luggage == Luggage.SATCHEL:
        out.add(
            box((0.006, wide * 0.6, 0.025), (back - deep - 0.036, 0.0, low + tall * 0.36)),
            Finish((206, 208, 212), Material.RETRO, tag),
        )
    for side in (1.0, -1.0):
        out.add(_strap(b, trunk, side, back), Finish((40, 40, 44), Material.MATTE, tag))


def _strap(b: Build, trunk: Trunk, side: float, back: float) -> Shape:
    h = b.height_m
    s = (b.shoulder - waist(b)) * h
    y0 = side * 0.056 * b.girth * h
    front = []
    for z, spread in ((s - 0.02 * h, 1.0), (s - 0.06 * h, 1.02), (s - 0.11 * h, 1.12), (s - 0.16 * h, 1.4)):
        y = y0 * spread
        front.append((float(trunk.x_at(np.array(y), np.array(z))) + 0.004, y, z))
    top = s + 0.022 * h
    end = (-0.01 * h, math.copysign(trunk.row(s - 0.19 * h)[0] + 0.002, side), s - 0.19 * h)
    path = [(back, y0, s - 0.015 * h), (-0.030 * h, y0, top), (0.008 * h, y0, top - 0.002 * h), *front, end]
    return tube(path, 0.010, 6, flatten=2.0)


def _handbag(out: Sculpture, b: Build, tag: Tag) -> None:
    y, z = handbag_place(b)
    leather = Finish(b.bag_color, Material.SATIN, tag)
    out.add(box((0.26, 0.10, 0.19), (-0.02, y, z), 0.025), leather)
    out.add(box((0.05, 0.104, 0.03), (0.0, y, z + 0.045), 0.004), Finish((190, 160, 90), Material.METAL, tag))
    h = b.height_m
    s = (b.shoulder - waist(b)) * h
    half = b.shoulder_half * b.girth * h
    for x in (0.08, -0.08):
        path = [
            (x, y, z + 0.08),
            (x * 0.9, y * 1.02, s * 0.55),
            (x * 0.4, -half * 0.92, s + 0.016 * h),
            (0.0, -half * 0.80, s + 0.022 * h),
        ]
        out.add(tube(path, 0.007, 5), leather)


def _crossbody(out: Sculpture, b: Build, trunk: Trunk, tag: Tag) -> None:
    h = b.height_m
    leather = Finish(b.bag_color, Material.SATIN, tag)
    s = (b.shoulder - waist(b)) * h
    low = -0.01 * h
    for side in (1.0, -1.0):
        z = np.linspace(low + 0.05, s + 0.016 * h, 9)
        y = np.linspace(-trunk.row(low + 0.05)[0] * 0.9, 0.060 * h * b.girth, 9)
        x = trunk.x_at(y, z, side) + side * 0.004
        path = np.stack([x, y, z], axis=1)
        out.add(tube(path, 0.007, 5, flatten=2.0), Finish(_dark(b.bag_color), Material.MATTE, tag))
    aside = -trunk.row(low)[0] - 0.045
    out.add(box((0.22, 0.075, 0.16), (0.02, aside, low), 0.022), leather)


def _dark(color: Color) -> Color:
    return (int(color[0] * 0.6), int(color[1] * 0.6), int(color[2] * 0.6))
