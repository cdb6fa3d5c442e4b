"""The parts of a person as meshes, each with its joint at the origin, standing: x forward, y left, z up.

Clothes are white CLOTH, so that a drawable's tint colours them; skin, hair, shoes, bags keep their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, ellipsoid, loft, tube
from drivegen.embedded.assets.people.build import Bottom, Build, Color, Luggage, Top
from drivegen.embedded.assets.people.covers import (
    LOOSE,
    SKIRT_BACK,
    SKIRT_FRONT,
    SKIRT_HEM,
    bag_span,
    handbag_place,
    waist,
)
from drivegen.embedded.assets.people.head import Ring, add_head, body_ring
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material, MeshLibrary

WHITE = (255, 255, 255)
SIDES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonParts:
    """Indexes of a person's meshes in the library."""

    pelvis: int
    torso: int
    head: int
    upper_arms: tuple[int, int]
    """Left, right."""
    forearms: tuple[int, int]
    hands: tuple[int, int]
    thigh: int
    shin: int
    feet: tuple[int, int]


class PartMaker:
    """Makes the parts of one build."""

    def __init__(self, build: Build, tag: Tag) -> None:
        self.build, self.tag, self.h = build, tag, build.height_m
        self.cloth = Finish(WHITE, Material.CLOTH, tag)
        self.skin = Finish(build.skin, Material.MATTE, tag)

    def dyed(self, color: Color) -> Finish:
        """Something of a fixed colour."""
        return Finish(color, Material.MATTE, self.tag)

    def rings(self, rows: list[tuple[float, float, float, float]], base: float, power: float = 2.3) -> Shape:
        """A solid through level rows (height share, half width, front, back as shares) about `base`."""
        g = self.build.girth
        return loft(
            [
                body_ring(
                    (z - base) * self.h, w * g * self.h, f * g * self.h, -b * g * self.h, power, SIDES + 2
                )
                for z, w, f, b in rows
            ]
        )

    def pelvis(self) -> Sculpture:
        """Hips in trousers, shorts or a skirt; origin between the hip joints."""
        b, out = self.build, Sculpture()
        wide = 0.098 if b.woman else 0.092
        top = waist(b) + 0.03
        rows = [
            (b.hip - 0.062, 0.030, 0.030, 0.040),
            (b.hip - 0.045, wide * 0.86, 0.050, 0.062),
            (b.hip + 0.005, wide, 0.060, 0.070),
            (b.hip + 0.045, wide * 0.93, 0.060, 0.058),
            (top, wide * 0.84, 0.056, 0.050),
        ]
        if b.bottom == Bottom.SKIRT:
            hem = b.knee + SKIRT_HEM
            rows = [
                (hem, wide * 1.20, SKIRT_FRONT, SKIRT_BACK),
                (hem + 0.07, wide * 1.15, 0.090, 0.098),
                *rows[2:],
            ]
        out.add(self.rings(rows, b.hip), self.cloth)
        if b.top in (Top.TEE, Top.SHIRT) and b.bottom == Bottom.TROUSERS:
            belt = [(b.hip + 0.046, wide * 0.94, 0.062, 0.060), (b.hip + 0.062, wide * 0.92, 0.062, 0.058)]
            out.add(self.rings(belt, b.hip), self.dyed((34, 28, 24)))
        return out

    def torso(self) -> Sculpture:
        """Waist to shoulders with collar and luggage; origin at the waist joint."""
        b, out = self.build, Sculpture()
        base = waist(b)
        s = b.shoulder
        loose = LOOSE[b.top]
        hem = {
            Top.JACKET: b.hip - 0.01,
            Top.COAT: b.hip - 0.060,
            Top.SHIRT: b.hip + 0.005,
            Top.TEE: b.hip + 0.015,
        }[b.top]
        sh = b.shoulder_half
        belly = (b.girth - 1.0) * 0.10
        if b.woman:
            shape = [
                (hem, 0.101 + loose, 0.070 + loose, 0.075 + loose),
                (base + 0.02, 0.080 + loose, 0.056 + loose, 0.054 + loose),
                (base + 0.07, 0.075 + loose, 0.055 + loose, 0.050 + loose),
                (s - 0.085, 0.086 + loose, 0.078 + loose, 0.056),
                (s - 0.055, 0.090 + loose, 0.072 + loose, 0.058),
            ]
        else:
            shape = [
                (hem, 0.098 + loose, 0.068 + loose, 0.073 + loose),
                (base + 0.02, 0.087 + loose, 0.062 + loose + belly, 0.056 + loose),
                (base + 0.08, 0.087 + loose, 0.062 + loose + belly, 0.054 + loose),
                (s - 0.085, 0.097 + loose, 0.069 + loose, 0.058 + loose),
                (s - 0.050, 0.100 + loose, 0.066 + loose, 0.060 + loose),
            ]
        shape += [
            (s - 0.015, sh * 1.09, 0.048, 0.054),
            (s + 0.007, sh * 0.98, 0.040, 0.048),
            (s + 0.024, sh * 0.66, 0.033, 0.044),
            (s + 0.040, 0.036, 0.030, 0.044),
        ]
        if b.top == Top.COAT:
            shape[0] = (hem, 0.108, 0.092, 0.085)
            shape.insert(1, (b.hip + 0.01, 0.100 + loose, 0.074 + loose, 0.074 + loose))
        out.add(self.rings(shape, base), self.cloth)
        self._add_front(out, base, hem, loose)
        if b.luggage == Luggage.BACKPACK:
            self._add_backpack(out)
        elif b.luggage == Luggage.HANDBAG:
            self._add_handbag(out)
        return out

    def _add_front(self, out: Sculpture, base: float, hem: float, loose: float) -> None:
        b, h, g = self.build, self.h, self.build.girth
        if b.top in (Top.JACKET, Top.COAT):
            chest = (0.080 if b.woman else 0.071) + loose
            path = [
                ((0.063 + loose) * g * h, 0.0, (hem + 0.004 - base) * h),
                (((0.056 if b.woman else 0.063) + loose) * g * h, 0.0, 0.05 * h),
                (chest * g * h, 0.0, (b.shoulder - 0.085 - base) * h),
                (0.045 * g * h, 0.0, (b.shoulder + 0.010 - base) * h),
            ]
            out.add(
                tube(path, [0.006, 0.006, 0.008, 0.022], 6, flatten=1.6),
                self.dyed(b.accent if b.top == Top.JACKET else (40, 38, 38)),
            )
            collar = [
                (b.shoulder + 0.020, 0.050, 0.040, 0.052),
                (b.shoulder + 0.052, 0.041, 0.036, 0.048),
            ]
            out.add(self.rings(collar, base, 2.1), self.cloth)
        elif b.top == Top.SHIRT:
            collar = [(b.shoulder + 0.024, 0.044, 0.037, 0.050), (b.shoulder + 0.046, 0.037, 0.034, 0.046)]
            out.add(self.rings(collar, base, 2.1), self.dyed(b.accent))

    def _add_backpack(self, out: Sculpture) -> None:
        low, high = bag_span(self.build)
        back = -0.055 * self.h * self.build.girth
        color = tuple(int(c * 0.45) for c in self.build.accent)
        middle = (low + high) / 2
        out.add(
            box((0.115, 0.28, high - low - 0.02), (back - 0.055, 0.0, middle), 0.045),
            self.dyed((color[0], color[1], color[2])),
        )
        out.add(
            box((0.05, 0.22, (high - low) * 0.42), (back - 0.10, 0.0, low + (high - low) * 0.30), 0.02),
            self.dyed(self.build.accent),
        )
        h, g = self.h, self.build.girth
        for y in (0.075, -0.075):
            s = (self.build.shoulder - waist(self.build)) * h
            path = [
                (back, y, s - 0.005 * h),
                (-0.012 * h, y, s + 0.036 * h),
                (0.045 * h * g, y, s + 0.014 * h),
                (0.060 * h * g + 0.008, y, s - 0.035 * h),
                (self._chest() + 0.006, y * 1.05, s - 0.085 * h),
                (0.80 * self._chest(), y * 1.6, s - 0.155 * h),
                (0.02 * h, math.copysign(0.100 * g * h, y), s - 0.19 * h),
            ]
            out.add(tube(path, 0.012, 5, flatten=1.7), self.dyed((36, 36, 38)))

    def _chest(self) -> float:
        """How far the chest stands out."""
        loose = LOOSE[self.build.top]
        return ((0.078 if self.build.woman else 0.069) + loose) * self.h * self.build.girth

    def _add_handbag(self, out: Sculpture) -> None:
        y, z = handbag_place(self.build)
        out.add(box((0.24, 0.085, 0.18), (0.0, y, z), 0.03), self.dyed(self.build.shoe_color))
        h = self.h
        s = (self.build.shoulder - waist(self.build)) * h
        for x in (0.07, -0.07):
            path = [(x, y, z + 0.08), (x * 0.8, y * 0.98, s * 0.6), (x * 0.35, y * 0.55, s + 0.012 * h)]
            out.add(tube(path, 0.010, 5), self.dyed(self.build.shoe_color))

    def upper_arm(self) -> Sculpture:
        """Shoulder to elbow, the same on both sides."""
        b, out, h = self.build, Sculpture(), self.h
        g = b.girth * (0.90 if b.woman else 1.0)
        length = b.upper_arm * h
        thick = 0.0 if b.top in (Top.TEE, Top.SHIRT) else 0.0035
        r = [
            (0.095, 0.25),
            (0.075, 0.62),
            (0.025, 0.92),
            (-0.06, 1.0),
            (-0.30, 0.93),
            (-0.85, 0.80),
            (-1.0, 0.78),
            (-1.09, 0.50),
        ]
        radius = (0.0315 + thick) * g * h
        rings = [
            body_ring(z * length, k * radius, k * radius * 1.08, -k * radius * 1.08, 2.0, SIDES) for z, k in r
        ]
        if b.top == Top.TEE:
            out.add(
                loft(
                    [
                        body_ring(
                            z * length, k * radius * 1.10, k * radius * 1.2, -k * radius * 1.2, 2.0, SIDES
                        )
                        for z, k in r[:5]
                    ]
                    + [body_ring(-0.52 * length, radius, radius * 1.15, -radius * 1.15, 2.0, SIDES)]
                ),
                self.cloth,
            )
            out.add(loft(rings[3:]), self.skin)
        else:
            out.add(loft(rings), self.cloth)
        return out

    def forearm(self) -> Sculpture:
        """Elbow to wrist, the same on both sides."""
        b, out, h = self.build, Sculpture(), self.h
        g = b.girth * (0.90 if b.woman else 1.0)
        length = b.forearm * h
        thick = 0.0 if b.top in (Top.TEE, Top.SHIRT) else 0.003
        r = [
            (0.075, 0.60),
            (0.03, 0.92),
            (-0.10, 1.04),
            (-0.30, 1.03),
            (-0.65, 0.86),
            (-0.96, 0.74),
            (-1.0, 0.62),
        ]
        radius = (0.0245 + thick) * g * h
        sleeve = self.skin if b.top == Top.TEE else self.cloth
        if b.top == Top.TEE:
            r = [(z, k * (1.0 if z > -0.6 else 0.88)) for z, k in r]
        out.add(
            loft([body_ring(z * length, k * radius, k * radius, -k * radius, 2.0, SIDES) for z, k in r]),
            sleeve,
        )
        return out

    def hand(self, side: float) -> Sculpture:
        """Wrist to finger tips; the palm looks inward."""
        out = Sculpture()
        hand = self.build.hand * self.h
        rows = [
            (0.08, 0.13, 0.17, 0.0),
            (-0.06, 0.13, 0.19, 0.0),
            (-0.28, 0.135, 0.26, 0.0),
            (-0.50, 0.125, 0.26, -0.02),
            (-0.72, 0.11, 0.22, -0.07),
            (-0.92, 0.075, 0.16, -0.13),
            (-1.0, 0.03, 0.08, -0.16),
        ]
        rings = [
            body_ring(z * hand, w * hand, d * hand, -d * hand, 2.6, 8, y=side * y * hand)
            for z, w, d, y in rows
        ]
        out.add(loft(rings), self.skin)
        thumb = [
            (0.13 * hand, 0.0, -0.10 * hand),
            (0.30 * hand, side * -0.06 * hand, -0.34 * hand),
            (0.30 * hand, side * -0.12 * hand, -0.56 * hand),
        ]
        out.add(tube(thumb, [0.085 * hand, 0.075 * hand, 0.045 * hand], 6), self.skin)
        return out

    def thigh(self) -> Sculpture:
        """Hip joint to knee."""
        b, out, h = self.build, Sculpture(), self.h
        length = (b.hip - b.knee) * h
        g = b.girth
        slim = 0.92 if b.bottom == Bottom.SKIRT else 1.0
        rows = [
            (0.10, 0.030, 0.036, 0.040),
            (0.02, 0.046, 0.052, 0.058),
            (-0.15, 0.048, 0.053, 0.055),
            (-0.50, 0.043, 0.047, 0.045),
            (-0.85, 0.036, 0.039, 0.037),
            (-1.0, 0.034, 0.036, 0.035),
            (-1.10, 0.025, 0.027, 0.027),
        ]
        rings = [
            body_ring(z * length, w * g * slim * h, f * g * slim * h, -k * g * slim * h, 2.1, SIDES)
            for z, w, f, k in rows
        ]
        if b.bottom == Bottom.SHORTS:
            hem = [body_ring(-0.92 * length, 0.047 * g * h, 0.050 * g * h, -0.048 * g * h, 2.1, SIDES)]
            out.add(loft(rings[:4] + hem), self.cloth)
            out.add(loft(rings[3:]), self.skin)
        else:
            out.add(loft(rings), self.cloth)
        return out

    def shin(self) -> Sculpture:
        """Knee to ankle."""
        b, out, h = self.build, Sculpture(), self.h
        length = (b.knee - b.ankle) * h
        g = b.girth
        bare = b.bottom != Bottom.TROUSERS
        if bare:
            rows = [
                (0.08, 0.024, 0.028, 0.026),
                (0.0, 0.030, 0.033, 0.031),
                (-0.25, 0.030, 0.028, 0.038),
                (-0.55, 0.024, 0.022, 0.030),
                (-0.85, 0.018, 0.019, 0.021),
                (-1.03, 0.018, 0.020, 0.021),
            ]
        else:
            rows = [
                (0.10, 0.024, 0.027, 0.025),
                (0.0, 0.0345, 0.036, 0.035),
                (-0.28, 0.034, 0.033, 0.040),
                (-0.65, 0.031, 0.031, 0.036),
                (-0.98, 0.031, 0.034, 0.035),
                (-1.06, 0.031, 0.036, 0.034),
            ]
        stocking = self.dyed((46, 40, 40)) if b.bottom == Bottom.SKIRT and sum(b.skin) % 2 else self.skin
        out.add(
            loft(
                [body_ring(z * length, w * g * h, f * g * h, -k * g * h, 2.1, SIDES) for z, w, f, k in rows]
            ),
            stocking if bare else self.cloth,
        )
        return out

    def foot(self, side: float) -> Sculpture:
        """A shoe; origin at the ankle, sole `ankle` below it."""
        b, out, h = self.build, Sculpture(), self.h
        low, length = -b.ankle * h, b.foot * h
        rows = [
            # x from the heel, half width, height of the upper, shift to the inside
            (-0.255, 0.085, 0.30, 0.0),
            (-0.235, 0.140, 0.42, 0.0),
            (-0.10, 0.165, 0.46, 0.0),
            (0.06, 0.165, 0.44, 0.0),
            (0.22, 0.165, 0.33, 0.01),
            (0.45, 0.180, 0.235, 0.02),
            (0.62, 0.165, 0.20, 0.03),
            (0.72, 0.115, 0.165, 0.04),
            (0.745, 0.06, 0.12, 0.04),
        ]
        sole = 0.085 * length
        upper, under = [], []
        for x, w, top, inside in rows:
            y = -side * inside * length
            half = w * length
            high = low + top * length
            upper.append(_arch_ring(x * length, y, half, low + sole * 0.9, high))
            under.append(_arch_ring(x * length * 1.0, y, half * 1.06, low, low + sole))
        out.add(loft(upper), self.dyed(b.shoe_color))
        pale = sum(b.shoe_color) > 300
        out.add(loft(under), self.dyed((70, 68, 66) if pale else b.accent))
        out.add(
            ellipsoid((0.20 * length, 0.135 * length, 0.16 * length), (0.0, 0.0, -0.012 * h), 8, 4),
            self.skin if b.bottom != Bottom.TROUSERS else self.dyed((60, 60, 62)),
        )
        return out


def _arch_ring(x: float, y: float, half: float, low: float, high: float) -> Ring:
    """A section across a shoe: flat below, round above."""
    mid = low + (high - low) * 0.55
    outline = [
        (-0.92, low),
        (0.92, low),
        (1.0, low + (high - low) * 0.25),
        (0.93, mid),
        (0.55, high - (high - low) * 0.10),
    ]
    outline += [
        (0.0, high),
        (-0.55, high - (high - low) * 0.10),
        (-0.93, mid),
        (-1.0, low + (high - low) * 0.25),
    ]
    return np.array([(x, y + half * a, z) for a, z in outline])


def make_parts(library: MeshLibrary, build: Build, tag: Tag, name: str) -> PersonParts:
    """Adds the meshes of a person to the library."""
    maker = PartMaker(build, tag)
    head = Sculpture()
    add_head(head, build, tag)

    def put(sculpture: Sculpture, part: str) -> int:
        return library.add(sculpture.mesh(f"{name}/{part}"))

    upper, fore = put(maker.upper_arm(), "upper_arm"), put(maker.forearm(), "forearm")
    return PersonParts(
        pelvis=put(maker.pelvis(), "pelvis"),
        torso=put(maker.torso(), "torso"),
        head=put(head, "head"),
        upper_arms=(upper, upper),
        forearms=(fore, fore),
        hands=(put(maker.hand(1.0), "hand_left"), put(maker.hand(-1.0), "hand_right")),
        thigh=put(maker.thigh(), "thigh"),
        shin=put(maker.shin(), "shin"),
        feet=(put(maker.foot(1.0), "foot_left"), put(maker.foot(-1.0), "foot_right")),
    )
