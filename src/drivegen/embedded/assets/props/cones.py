"""Cones, posts and bollards: what is set up to lead traffic."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import lathe, rotation_about
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    RED,
    RUBBER,
    STEEL,
    WHITE,
    YELLOW,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    pick,
    rounded_slab,
    shaded,
)
from drivegen.embedded.mesh import Material

CONES_M = ((0.45, 0.28), (0.50, 0.30), (0.70, 0.36), (0.75, 0.38), (0.90, 0.42))
"""Height and base of usual cones."""


def _cone(rng: np.random.Generator) -> Design:
    height, base = pick(rng, CONES_M)
    color = shaded(rng, pick(rng, (ORANGE, RED, (238, 78, 20), ORANGE, RED, ORANGE, YELLOW, BLUE)))
    sleeve = shaded(rng, WHITE, 8)
    bands = int(rng.integers(1, 4)) if height > 0.6 else int(rng.integers(1, 3))
    square, foot = chance(rng, 0.7), pick(rng, (RUBBER, color, RUBBER))
    grip = chance(rng, 0.4)
    first, share = between(rng, 0.30, 0.44), between(rng, 0.12, 0.18)

    def sculpt(m: Maker) -> None:
        thick = 0.035
        if square:
            m.add(rounded_slab(base, base, 0.0, thick, 0.05), foot, Material.RUBBER)
        else:
            m.turned(
                [(base / 2, 0.0), (base / 2, thick * 0.7), (base * 0.42, thick)],
                foot,
                Material.RUBBER,
                sides=20,
            )
        low, top = base * 0.36, 0.028

        def radius(z: float) -> float:
            return low + (top - low) * (z - thick) / (height - thick)

        m.turned(
            [(low * 1.08, thick), (radius(0.08), 0.08), (top, height - 0.012), (top * 0.8, height)], color
        )
        for k in range(bands):
            z0 = height * (first + k * share * 1.45)
            z1 = min(z0 + height * share, height * 0.93)
            if z1 > z0:
                ring = [
                    (radius(z0) + 0.002, z0),
                    (radius(z0) + 0.0035, z0 + 0.002),
                    (radius(z1) + 0.0035, z1),
                ]
                m.turned(ring, sleeve, Material.RETRO)
        if grip:
            m.turned(
                [(0.016, height - 0.03), (0.034, height - 0.012), (0.026, height + 0.0)], BLACK, sides=10
            )

    return Design(size=(base, base, height), sculpt=sculpt)


def _delineator(rng: np.random.Generator) -> Design:
    height = pick(rng, (0.45, 0.65, 0.75, 0.80, 1.0))
    base = pick(rng, (0.20, 0.22, 0.25))
    color = shaded(rng, pick(rng, (ORANGE, (228, 62, 26), RED, GREEN, YELLOW)))
    bands, band = int(rng.integers(2, 4)), shaded(rng, pick(rng, (WHITE, WHITE, YELLOW)), 6)
    thick = between(rng, 0.034, 0.045)
    head = chance(rng, 0.35)

    def sculpt(m: Maker) -> None:
        m.turned(
            [(base / 2, 0.0), (base / 2, 0.015), (base * 0.30, 0.045), (thick, 0.06)], RUBBER, Material.RUBBER
        )
        m.turned([(thick, 0.04), (thick, height - 0.03), (thick * 0.7, height)], color, sides=12)
        for k in range(bands):
            z = height * (0.45 + 0.18 * k)
            m.turned([(thick + 0.003, z), (thick + 0.003, z + height * 0.10)], band, Material.RETRO, sides=12)
        if head:
            m.turned(
                [(0.0, height - 0.005), (thick * 1.3, height - 0.02), (thick * 1.3, height - 0.06)][::-1],
                BLACK,
                sides=12,
            )

    return Design(size=(base, base, height), sculpt=sculpt)


def _bollard(rng: np.random.Generator) -> Design:
    kind = pick(rng, ("steel", "steel", "stone", "ball", "square"))
    height = between(rng, 0.55, 1.05) if kind != "ball" else between(rng, 0.45, 0.60)
    width = {
        "steel": between(rng, 0.11, 0.17),
        "stone": between(rng, 0.24, 0.34),
        "ball": height,
        "square": 0.16,
    }[kind]
    color = shaded(rng, pick(rng, (STEEL, BLACK, (60, 66, 72), YELLOW, (176, 60, 40))))
    stone = shaded(rng, pick(rng, ((170, 166, 158), (148, 146, 142), (186, 176, 160))))
    band, bands = pick(rng, (YELLOW, WHITE, RED)), int(rng.integers(1, 4))

    def sculpt(m: Maker) -> None:
        r = width / 2
        surface = Material.METAL if max(color) - min(color) < 40 else Material.SATIN
        if kind == "steel":
            top = 0.05 if bands > 1 else 0.01
            m.turned([(r, 0.0), (r, 0.018)], color, surface)
            m.turned([(r * 0.8, 0.0), (r * 0.8, height - top), (r * 0.45, height)], color, surface)
            for k in range(bands):
                z = height * (0.52 + 0.14 * k)
                m.turned([(r * 0.8 + 0.003, z), (r * 0.8 + 0.003, z + 0.055)], band, Material.RETRO)
        elif kind == "stone":
            m.turned(
                [
                    (r, 0.0),
                    (r, 0.12),
                    (r * 0.86, 0.15),
                    (r * 0.80, height * 0.80),
                    (r * 0.92, height * 0.86),
                    (r * 0.70, height * 0.95),
                    (0.0, height),
                ],
                stone,
                Material.MATTE,
            )
        elif kind == "ball":
            angle = np.linspace(-1.25, math.pi / 2, 9)
            profile = [(r * math.cos(a), r * 0.97 + r * 1.03 * math.sin(a)) for a in angle]
            m.turned([(r * 0.55, 0.0), (r * 0.55, 0.05), *profile[1:]], stone, Material.MATTE, sides=18)
        else:
            m.block((width, width, 0.03), (0, 0, 0.015), GREY, Material.METAL)
            m.block((width * 0.8, width * 0.8, height), (0, 0, height / 2), color, surface, bevel=0.012)
            for k in range(bands):
                z = height * (0.55 + 0.13 * k)
                m.block((width * 0.8 + 0.006, width * 0.8 + 0.006, 0.05), (0, 0, z), band, Material.RETRO)

    return Design(size=(width, width, height), sculpt=sculpt)


def _beacon(rng: np.random.Generator) -> Design:
    """A warning lamp on a tripod, a post or a battery box."""
    kind = pick(rng, ("box", "post", "tripod"))
    height = {
        "box": between(rng, 0.30, 0.42),
        "post": between(rng, 0.9, 1.25),
        "tripod": between(rng, 1.0, 1.4),
    }[kind]
    width = {"box": 0.19, "post": 0.30, "tripod": 0.62}[kind]
    lens = pick(rng, ((246, 148, 16), (220, 32, 28), (246, 148, 16), (30, 76, 214)))
    body = shaded(rng, pick(rng, (YELLOW, ORANGE, BLACK, GREY)))
    sun, ribs = chance(rng, 0.5), chance(rng, 0.5)

    def sculpt(m: Maker) -> None:
        top = height - (0.05 if sun else 0.0)
        if kind == "box":
            m.block((width, width * 0.72, top - 0.14), (0, 0, (top - 0.14) / 2), body, bevel=0.02)
            m.block((width, width * 0.98, 0.03), (0, 0, 0.015), body)
        elif kind == "post":
            m.turned([(width / 2, 0.0), (width / 2, 0.05), (0.05, 0.09)], RUBBER, Material.RUBBER)
            m.turned([(0.03, 0.06), (0.03, top - 0.12)], body, Material.MATTE, sides=10)
            for k in range(3):
                m.turned(
                    [(0.033, 0.35 + 0.18 * k), (0.033, 0.43 + 0.18 * k)], WHITE, Material.RETRO, sides=10
                )
        else:
            for k in range(3):
                a = 2 * math.pi * k / 3
                m.bar(
                    (0.30 * math.cos(a), 0.30 * math.sin(a), 0.012),
                    (0.02 * math.cos(a), 0.02 * math.sin(a), top - 0.2),
                    0.012,
                )
            m.turned([(0.028, top - 0.30), (0.028, top - 0.12)], body, sides=10)
        m.turned([(0.07, top - 0.15), (0.075, top - 0.135)], BLACK)
        steps = [(0.068, top - 0.135), (0.070, top - 0.06), (0.052, top - 0.012), (0.0, top)]
        m.turned(steps, lens, Material.LIT_SIGN, sides=16 if ribs else 10)
        if sun:
            m.block((0.13, 0.15, 0.012), (0, 0, height - 0.008), (24, 34, 62), Material.SATIN)
            m.bar((0, 0, top - 0.01), (0, 0, height - 0.01), 0.012)

    length = 0.474 if kind == "tripod" else width
    return Design(size=(length, width if kind != "tripod" else 0.54, height), sculpt=sculpt)


def _hydrant(rng: np.random.Generator) -> Design:
    height = between(rng, 0.60, 0.85)
    color = shaded(rng, pick(rng, (RED, (206, 42, 30), (178, 26, 30))))
    cap = shaded(rng, pick(rng, (color, YELLOW, LIGHT_GREY)))
    width = between(rng, 0.34, 0.42)
    two = chance(rng, 0.6)

    def sculpt(m: Maker) -> None:
        h = height
        m.turned(
            [
                (0.15, 0.0),
                (0.15, 0.035),
                (0.10, 0.05),
                (0.085, h * 0.12),
                (0.085, h * 0.62),
                (0.125, h * 0.64),
                (0.125, h * 0.69),
                (0.11, h * 0.72),
                (0.09, h * 0.84),
                (0.035, h * 0.93),
                (0.03, h),
            ],
            color,
        )
        flat = rotation_about(0, math.pi / 2)
        reach = width / 2
        for side in (-1, 1):
            nozzle = lathe([(0.05, 0.0), (0.05, reach - 0.05), (0.062, reach - 0.05), (0.062, reach)], 12)
            m.add(
                nozzle.turned(flat if side < 0 else rotation_about(0, -math.pi / 2)).moved((0, 0, h * 0.52)),
                cap,
            )
        front = lathe([(0.062, 0.0), (0.062, 0.13), (0.075, 0.13), (0.075, 0.17)], 12)
        m.add(front.turned(rotation_about(1, math.pi / 2)).moved((0, 0, h * (0.42 if two else 0.5))), cap)

    return Design(size=(0.32, width, height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="traffic_cone", tags=(Tag.DYNAMIC,), design=_cone, mass_kg=3.0),
    PropDesign(name="delineator_post", tags=(Tag.POLE,), design=_delineator),
    PropDesign(name="bollard", tags=(Tag.POLE,), design=_bollard),
    PropDesign(name="warning_beacon", tags=(Tag.DYNAMIC,), design=_beacon, mass_kg=6.0),
    PropDesign(name="fire_hydrant", tags=(Tag.STATIC,), design=_hydrant),
)
