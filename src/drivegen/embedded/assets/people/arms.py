"""Arms and hands of a person; each part with its joint at the origin, hanging along -z."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import loft, patch, tube
from drivegen.embedded.assets.people.build import Build, Outfit, Pattern, Top
from drivegen.embedded.assets.people.surface import body_ring, tubular
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape, join
from drivegen.embedded.mesh import Material

WHITE = (255, 255, 255)
SIDES = 10
_THICK = {
    Top.JACKET: 0.0035,
    Top.COAT: 0.0045,
    Top.LONG_COAT: 0.0045,
    Top.HOODIE: 0.0035,
    Top.DOWN: 0.0095,
    Top.SHIRT: 0.0015,
}
"""Of sleeves, as a share of the height."""
_FINGERS = ((0.155, 0.055, 0.84), (0.052, 0.058, 0.96), (-0.052, 0.055, 0.88), (-0.150, 0.048, 0.68))
"""(forward, radius, length) of the four long fingers, in halves of a hand."""
GRIP = (0.0, 0.13, -0.42)
"""Where a closed hand holds a bar: forward, inward, along, in hands."""


class ArmMaker:
    """Makes the arms of one build."""

    def __init__(self, build: Build, tag: Tag) -> None:
        self.build, self.tag, self.h = build, tag, build.height_m
        b = build
        other = b.pattern == Pattern.SLEEVES or b.outfit == Outfit.COURIER
        self.sleeve = Finish(b.second, Material.MATTE, tag) if other else Finish(WHITE, Material.CLOTH, tag)
        self.skin = Finish(b.skin, Material.SKIN, tag)
        self.thick = _THICK.get(b.top, 0.0)
        self.slim = b.girth * (0.90 if b.woman else 1.0)

    def upper_arm(self) -> Sculpture:
        """Shoulder to elbow, the same on both sides."""
        b, out, h = self.build, Sculpture(), self.h
        length = b.upper_arm * h
        rows = [
            (0.082, 0.003), (0.072, 0.0135), (0.046, 0.0215), (0.0, 0.0272), (-0.12, 0.0296), (-0.45, 0.0270),
            (-0.80, 0.0245), (-1.0, 0.0234), (-1.09, 0.0200), (-1.130, 0.0130), (-1.145, 0.0030),
        ]  # fmt: skip
        if not b.bare_arms:
            out.add(self._limb(rows, length, self._quilt(rows)), self.sleeve)
            if b.outfit in (Outfit.HI_VIS, Outfit.SCHOOL):
                self._stripe(out, rows, length)
            return out
        skin = [(z, r) for z, r in rows if z < -0.1]
        out.add(self._limb(skin, length, [0.0] * len(skin)), self.skin)
        short = [(z, r) for z, r in rows if z > -0.4] + [(-0.56, 0.0285)]
        out.add(self._limb(short, length, [0.0025] * (len(short) - 1) + [0.005]), self.sleeve)
        return out

    def _quilt(self, rows: list[tuple[float, float]]) -> list[float]:
        wave = 0.0025 if self.build.top == Top.DOWN else 0.0
        return [self.thick + (wave if k % 2 else -wave) for k in range(len(rows))]

    def _limb(self, rows: list[tuple[float, float]], length: float, thick: list[float]) -> Shape:
        scale = self.slim * self.h
        return tubular(
            [
                (z * length, (r + t) * scale, (r + t) * 1.06 * scale, (r + t) * 1.06 * scale)
                for (z, r), t in zip(rows, thick, strict=True)
            ],
            2.0,
            SIDES,
        )

    def _stripe(self, out: Sculpture, rows: list[tuple[float, float]], length: float) -> None:
        """A band round the sleeve of a working jacket, or along that of a tracksuit."""
        z, r = np.array(rows)[::-1].T
        scale = self.slim * self.h
        if self.build.outfit == Outfit.HI_VIS:
            return
        at = np.array([-0.02, -0.3, -0.6, -0.9])
        reach = (np.interp(at, z, r) + self.thick + 0.0015) * scale
        for side in (1.0, -1.0):
            quad = np.array(
                [
                    [(x, side * k * 0.985, a * length) for a, k in zip(at, reach, strict=True)]
                    for x in (-0.012, 0.012)
                ]
            )
            out.add(patch(quad).facing((0.0, side, 0.0)), Finish((240, 240, 240), Material.MATTE, self.tag))

    def forearm(self) -> Sculpture:
        """Elbow to wrist, the same on both sides."""
        b, out = self.build, Sculpture()
        length = b.forearm * self.h
        rows = [
            (0.165, 0.003), (0.148, 0.0125), (0.080, 0.0212), (0.0, 0.0243), (-0.15, 0.0247), (-0.35, 0.0238),
            (-0.70, 0.0198), (-0.96, 0.0168), (-1.0, 0.0160), (-1.02, 0.0100),
        ]  # fmt: skip
        if b.bare_arms:
            out.add(self._limb(rows, length, [0.0] * len(rows)), self.skin)
            return out
        sleeve = [*rows[:7], (-0.93, 0.0190), (-0.99, 0.0185), (-0.985, 0.0120)]
        out.add(self._limb(sleeve, length, self._quilt(sleeve)), self.sleeve)
        return out

    def hand(self, side: float) -> Sculpture:
        """An open hand, wrist to finger tips, the fingers a little bent; the palm looks inward."""
        return self._scaled(_open_hand(side))

    def fist(self, side: float) -> Sculpture:
        """A hand closed about a bar that lies along x at `GRIP`."""
        return self._scaled(_closed_hand(side))

    def _scaled(self, unit: Shape) -> Sculpture:
        out, hand = Sculpture(), self.build.hand * self.h
        out.add(unit.scaled((hand, hand, hand)), self.skin)
        return out


def _palm(side: float, low: float) -> Shape:
    rows = (
        (0.10, 0.11, 0.14), (-0.05, 0.115, 0.160), (-0.22, 0.125, 0.205), (-0.40, 0.110, 0.225),
        (low, 0.07, 0.205),
    )  # fmt: skip
    return loft([body_ring(z, w, d, -d, 2.6, 10, y=-side * 0.01) for z, w, d in rows])


def _along(
    path: Sequence[tuple[float, float, float]], radii: Sequence[float], side: float, sides: int
) -> Shape:
    """A finger through points (forward, inward, up)."""
    return tube([(x, -side * inward, z) for x, inward, z in path], radii, sides)


@lru_cache(maxsize=2)
def _open_hand(side: float) -> Shape:
    """One hand high."""
    parts = [_palm(side, -0.52)]
    for x, r, length in _FINGERS:
        reach = 0.5 * length
        path = (
            (x, 0.0, -0.44), (x, 0.02, -0.47 - 0.38 * reach), (x * 0.98, 0.07, -0.47 - 0.74 * reach),
            (x * 0.94, 0.15, -0.47 - reach),
        )  # fmt: skip
        parts.append(_along(path, (r * 1.05, r, r * 0.92, r * 0.6), side, 5))
    thumb = ((0.12, 0.02, -0.08), (0.23, 0.06, -0.25), (0.28, 0.09, -0.40), (0.285, 0.12, -0.54))
    return join([*parts, _along(thumb, (0.085, 0.080, 0.066, 0.040), side, 6)])


@lru_cache(maxsize=2)
def _closed_hand(side: float) -> Shape:
    parts = [_palm(side, -0.46)]
    for x, r, _ in _FINGERS:
        path = ((x, 0.0, -0.40), (x, 0.06, -0.56), (x, 0.20, -0.60), (x, 0.28, -0.47), (x, 0.24, -0.36))
        parts.append(_along(path, (r * 1.1, r * 1.1, r, r, r * 0.7), side, 5))
    thumb = ((0.12, 0.02, -0.10), (0.24, 0.10, -0.26), (0.24, 0.22, -0.36), (0.12, 0.31, -0.42))
    return join([*parts, _along(thumb, (0.085, 0.080, 0.066, 0.040), side, 6)])
