"""Legs and feet of a person; each part with its joint at the origin, hanging along -z."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, loft
from drivegen.embedded.assets.people.build import Bottom, Build, Color, Outfit
from drivegen.embedded.assets.people.surface import Ring, Rows, tubular
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material

WHITE = (255, 255, 255)
SIDES = 10
_THIGH = (
    (0.06, 0.030, 0.034, 0.038), (0.0, 0.0455, 0.050, 0.058), (-0.12, 0.0480, 0.053, 0.056),
    (-0.35, 0.0450, 0.051, 0.048), (-0.65, 0.0395, 0.045, 0.041), (-0.90, 0.0350, 0.039, 0.036),
    (-1.0, 0.0335, 0.0365, 0.0350), (-1.07, 0.0290, 0.0315, 0.0305), (-1.12, 0.0190, 0.0205, 0.0200),
    (-1.14, 0.0030, 0.0030, 0.0030),
)  # fmt: skip
_SHIN = (
    (0.145, 0.003, 0.003, 0.003), (0.125, 0.0175, 0.0185, 0.0180), (0.07, 0.0280, 0.0300, 0.0290),
    (0.0, 0.0330, 0.0350, 0.0345), (-0.13, 0.0320, 0.0310, 0.0385), (-0.30, 0.0315, 0.0285, 0.0415),
    (-0.50, 0.0270, 0.0250, 0.0360), (-0.75, 0.0205, 0.0205, 0.0255), (-0.93, 0.0185, 0.0195, 0.0220),
    (-1.03, 0.0190, 0.0210, 0.0225),
)  # fmt: skip


_LAST = (
    (-0.262, 0.075, 0.16, 0.0), (-0.24, 0.118, 0.27, 0.0), (-0.16, 0.140, 0.33, 0.0), (0.0, 0.150, 0.35, 0.0),
    (0.12, 0.162, 0.335, 0.01), (0.28, 0.176, 0.275, 0.02), (0.45, 0.183, 0.22, 0.02),
    (0.58, 0.175, 0.195, 0.03), (0.68, 0.145, 0.165, 0.04), (0.735, 0.085, 0.125, 0.04),
    (0.745, 0.04, 0.10, 0.04),
)  # fmt: skip
"""Sections of a shoe: (x, half width, top, inward shift) in lengths of the foot."""


class LegMaker:
    """Makes the legs of one build."""

    def __init__(self, build: Build, tag: Tag) -> None:
        self.build, self.tag, self.h = build, tag, build.height_m
        self.cloth = Finish(WHITE, Material.CLOTH, tag)
        self.skin = Finish(build.skin, Material.SKIN, tag)

    def dyed(self, color: Color, material: Material = Material.MATTE) -> Finish:
        """Something of a fixed colour."""
        return Finish(color, material, self.tag)

    def _limb(self, rows: Rows, length: float, ease: float = 0.0) -> Shape:
        s = self.build.girth * self.h
        return tubular(
            [(z * length, (w + ease) * s, (f + ease) * s, (k + ease) * s) for z, w, f, k in rows], 2.1, SIDES
        )

    def thigh(self) -> Sculpture:
        """Hip joint to knee."""
        b, out = self.build, Sculpture()
        length = (b.hip - b.knee) * self.h
        if b.bottom == Bottom.SHORTS:
            out.add(self._limb(_THIGH[4:], length), self.skin)
            hem = (-0.84, 0.0445, 0.0500, 0.0470)
            out.add(self._limb((*_THIGH[:4], hem), length, b.leg_ease), self.cloth)
        elif b.skirted:
            # Hidden but for the knee, and slim, so that the cloth stays outside.
            rows = [
                (z, w - t, f - t, k - t) for z, w, f, k in _THIGH[1:] for t in (max(0.0, 0.011 * (1 + z)),)
            ]
            out.add(self._limb(rows, length), self.skin if b.bare_legs else self.cloth)
        else:
            out.add(self._limb(_THIGH, length, 0.6 * b.leg_ease), self.cloth)
        return out

    def shin(self) -> Sculpture:
        """Knee to ankle."""
        b, out = self.build, Sculpture()
        length = (b.knee - b.ankle) * self.h
        if b.bare_legs:
            out.add(self._limb(_SHIN, length, -0.001), self.skin)
            if not b.boots:
                sock = [(z, w + 0.0012, f + 0.0012, k + 0.0012) for z, w, f, k in _SHIN[7:]]
                out.add(
                    self._limb(sock, length),
                    self.dyed((232, 232, 230) if sum(b.shoe_color) > 180 else (70, 70, 74)),
                )
        else:
            e = b.leg_ease
            rows = (
                *_SHIN[:4], (-0.16, 0.0325, 0.0325, 0.0385), (-0.32, 0.0320, 0.0305, 0.0400),
                (-0.65, 0.0300 + e, 0.0300 + e, 0.0350 + e),
                (-0.97, 0.0290 + 1.5 * e, 0.0330 + 1.5 * e, 0.0320 + 1.5 * e),
                (-0.96, 0.0220, 0.0240, 0.0240),
            )  # fmt: skip
            out.add(self._limb(rows, length), self.cloth)
            if b.outfit == Outfit.HI_VIS:
                bands = [(z, 0.0325 + 0.4 * e, 0.0320 + 0.4 * e, 0.0400 + 0.4 * e) for z in (-0.50, -0.38)]
                out.add(self._limb(bands, length), self.dyed((206, 208, 212), Material.RETRO))
        if b.boots:
            leg = [(z, w + 0.003, f + 0.003, k + 0.003) for z, w, f, k in _SHIN if z < -0.4]
            out.add(
                self._limb([(-0.46, 0.031, 0.030, 0.041), *leg], length),
                self.dyed(b.shoe_color, Material.SATIN),
            )
        return out

    def foot(self, side: float) -> Sculpture:
        """A shoe; origin at the ankle joint, x to the toes."""
        b, out = self.build, Sculpture()
        length = b.foot * self.h
        upper, under, ankle = (
            shape.scaled((length, length, length)) for shape in _shoe(side, round(b.ankle / b.foot, 4))
        )
        out.add(upper, self.dyed(b.shoe_color, Material.SATIN if b.boots else Material.MATTE))
        pale = sum(b.shoe_color) > 300 or b.boots
        out.add(under, self.dyed((74, 72, 70) if pale else (228, 226, 220)))
        bare = b.bare_legs and not b.boots
        sock = self.dyed((232, 232, 230) if bare else (64, 64, 68))
        out.add(ankle, self.skin if bare and sum(b.shoe_color) < 180 else sock)
        return out


@lru_cache(maxsize=32)
def _shoe(side: float, ankle: float) -> tuple[Shape, Shape, Shape]:
    """(upper, sole, ankle) of a shoe one foot long whose sole is `ankle` under the joint."""
    sole = 0.085
    upper, under = [], []
    for k, (x, w, top, inside) in enumerate(_LAST):
        y = -side * inside
        upper.append(_arch_ring(x, y, w, -ankle + sole * 0.9, -ankle + top))
        if k % 2 == 0:
            outline = ((-1.0, 0.0), (1.0, 0.0), (1.0, sole), (-1.0, sole))
            under.append(np.array([(x, y + 1.05 * w * a, z - ankle) for a, z in outline]))
    joint = ellipsoid((0.17, 0.135, 0.20), (-0.02, 0.0, -0.027), 8, 3)
    return loft(upper), loft(under), joint


def _arch_ring(x: float, y: float, half: float, low: float, high: float) -> Ring:
    """A section across a shoe: flat below, round above."""
    mid = low + (high - low) * 0.55
    top = high - (high - low) * 0.10
    outline = [(-0.92, low), (0.92, low), (1.0, low + (high - low) * 0.25), (0.93, mid), (0.55, top)]
    outline += [(0.0, high), (-0.55, top), (-0.93, mid), (-1.0, low + (high - low) * 0.25)]
    return np.array([(x, y + half * a, z) for a, z in outline])
