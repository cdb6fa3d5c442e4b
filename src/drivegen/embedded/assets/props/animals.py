"""Dogs and cats that stand or are caught in a step: props, since CARLA has no animals among its actors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, mirrored_pair, tube
from drivegen.embedded.assets.props.making import (
    BLACK,
    Color,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    darker,
    pick,
    shaded,
)

DOGS: tuple[tuple[Color, Color], ...] = (
    ((186, 140, 84), (232, 214, 186)), ((60, 46, 38), (170, 112, 66)), ((34, 32, 32), (34, 32, 32)),
    ((226, 214, 196), (240, 234, 224)), ((120, 84, 54), (236, 230, 220)), ((150, 146, 140), (210, 206, 200)),
)  # fmt: skip
CATS: tuple[tuple[Color, Color], ...] = (
    ((196, 128, 66), (236, 220, 200)), ((40, 38, 38), (40, 38, 38)), ((120, 112, 102), (206, 200, 190)),
    ((226, 220, 210), (236, 232, 226)), ((70, 62, 56), (232, 228, 222)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beast:
    """A four-legged animal; lengths in metres."""

    back: float
    """Height of the back."""
    trunk: float
    """From rump to chest."""
    girth: float
    """Half the width of the chest."""
    snout: float
    """Length of the muzzle against the head."""
    ears: float
    """1 upright, -1 hanging."""
    tail: float
    """How far it points upward, -1 to 1."""
    step: float
    """How far the legs are apart in a step; 0 stands."""
    coat: Color
    second: Color


def _legs(m: Maker, a: _Beast) -> None:
    thick = 0.30 * a.girth
    hip, chest = -0.42 * a.trunk, 0.40 * a.trunk
    for side in (1.0, -1.0):
        y = side * 0.55 * a.girth
        for x, hind in ((hip, True), (chest, False)):
            swing = a.step * (side if hind else -side) * 0.30 * a.back
            bend = -0.12 * a.back if hind else 0.03 * a.back
            top = (x + (0.03 * a.trunk if hind else 0.0), 0.85 * y, 0.78 * a.back)
            knee = (x + 0.35 * swing - (0.5 * bend if hind else 0.0), y, 0.40 * a.back)
            hock = (x + 0.75 * swing + bend, y, 0.20 * a.back)
            foot = (x + swing + 0.3 * bend, y, 0.055 * a.back)
            widths = [1.7 * thick if hind else 1.4 * thick, 1.35 * thick, 0.75 * thick, 0.75 * thick]
            m.add(tube([top, knee, hock, foot], widths, 7), a.coat)
            paw = ellipsoid((1.35 * thick, 0.95 * thick, 0.055 * a.back), (0, 0, 0), 7, 4)
            m.add(paw.moved((foot[0] + 0.5 * thick, y, 0.055 * a.back)), a.second)


def _head(m: Maker, a: _Beast) -> None:
    head = 0.78 * a.girth
    at = np.array([0.62 * a.trunk, 0.0, 1.16 * a.back])

    def near(x: float, y: float, z: float) -> Float64[np.ndarray, "3"]:
        return np.array([at[0] + x, at[1] + y, at[2] + z])

    neck = [(0.40 * a.trunk, 0, 0.80 * a.back), (0.50 * a.trunk, 0, 0.98 * a.back), tuple(at)]
    m.add(tube(neck, [0.80 * a.girth, 0.62 * a.girth, 0.60 * a.girth], 8), a.coat)
    m.add(ellipsoid((1.10 * head, 0.92 * head, 0.92 * head), at, 10, 6), a.coat)
    long = a.snout * head
    muzzle = [near(0.55 * head, 0, -0.18 * head), near(0.9 * head + long, 0, -0.34 * head)]
    m.add(tube(muzzle, [0.60 * head, 0.38 * head], 8), a.second)
    nose = ellipsoid((0.14 * head, 0.16 * head, 0.12 * head), near(0.95 * head + long, 0, -0.20 * head), 6, 4)
    m.add(nose, BLACK)
    eye = ellipsoid(
        (0.10 * head, 0.13 * head, 0.13 * head), near(0.80 * head, 0.48 * head, 0.22 * head), 6, 4
    )
    m.add(mirrored_pair(eye), BLACK)
    base = near(-0.10 * head, 0.62 * head, 0.55 * head)
    tip = near(-0.10 * head, (0.70 if a.ears > 0 else 1.05) * head, (0.80 + 0.70 * a.ears) * head)
    ear = tube([base, (base + tip) / 2, tip], [0.36 * head, 0.30 * head, 0.05 * head], 6, flatten=0.45)
    m.add(mirrored_pair(ear), darker(a.coat, 0.8))


def _sculpt(m: Maker, a: _Beast) -> None:
    trunk = [
        (-0.56 * a.trunk, 0, 0.80 * a.back), (-0.44 * a.trunk, 0, 0.80 * a.back),
        (-0.05 * a.trunk, 0, 0.78 * a.back),
        (0.30 * a.trunk, 0, 0.74 * a.back), (0.52 * a.trunk, 0, 0.78 * a.back),
    ]  # fmt: skip
    widths = [0.30 * a.girth, 0.86 * a.girth, 0.88 * a.girth, 1.08 * a.girth, 0.50 * a.girth]
    m.add(tube(trunk, widths, 10, flatten=0.86), a.coat)
    _legs(m, a)
    _head(m, a)
    root = np.array([-0.54 * a.trunk, 0.0, 0.84 * a.back])
    middle = root + np.array([-0.24 * a.trunk, 0.02, 0.16 * a.tail * a.back])
    tip = middle + np.array([-0.16 * a.trunk, 0.03, 0.34 * a.tail * a.back])
    m.add(tube([root, middle, tip], [0.26 * a.girth, 0.20 * a.girth, 0.07 * a.girth], 6), a.coat)


def _box(a: _Beast) -> tuple[float, float, float]:
    """The extent of what `_sculpt` makes, taken from it."""
    maker = Maker(Tag.DYNAMIC)
    _sculpt(maker, a)
    size = np.ptp(maker.sculpture.points_m(), axis=0)
    return (round(float(size[0]), 3), round(float(size[1]), 3), round(float(size[2]), 3))


def _design(a: _Beast) -> Design:
    return Design(size=_box(a), sculpt=lambda m: _sculpt(m, a))


def _dog(rng: np.random.Generator) -> Design:
    back = between(rng, 0.26, 0.62)
    coat, second = pick(rng, DOGS)
    return _design(
        _Beast(
            back=back,
            trunk=back * between(rng, 0.88, 1.22),
            girth=back * between(rng, 0.19, 0.25),
            snout=between(rng, 0.2, 0.9),
            ears=1.0 if chance(rng, 0.5) else -1.0,
            tail=between(rng, -0.6, 1.0),
            step=between(rng, 0.4, 1.0) if chance(rng, 0.6) else 0.0,
            coat=shaded(rng, coat),
            second=shaded(rng, second),
        )
    )


def _cat(rng: np.random.Generator) -> Design:
    back = between(rng, 0.22, 0.28)
    coat, second = pick(rng, CATS)
    return _design(
        _Beast(
            back=back,
            trunk=back * between(rng, 1.15, 1.35),
            girth=back * between(rng, 0.24, 0.30),
            snout=0.0,
            ears=0.9,
            tail=between(rng, -0.3, 1.0),
            step=between(rng, 0.4, 1.0) if chance(rng, 0.6) else 0.0,
            coat=shaded(rng, coat),
            second=shaded(rng, second),
        )
    )


DESIGNS = (
    PropDesign(name="dog", tags=(Tag.DYNAMIC,), design=_dog, mass_kg=18.0),
    PropDesign(name="cat", tags=(Tag.DYNAMIC,), design=_cat, mass_kg=4.5),
)
