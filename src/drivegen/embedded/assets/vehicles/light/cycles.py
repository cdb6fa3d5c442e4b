"""Bicycles: shared ones, city, road, mountain and folding ones, with riders who pedal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, ellipsoid, mirrored_pair, rod, rotation_about, torus, tube
from drivegen.embedded.assets.people.build import Color
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.light import kit, loads
from drivegen.embedded.assets.vehicles.light.bodies import Sort
from drivegen.embedded.assets.vehicles.light.kit import Finishes, vec
from drivegen.embedded.assets.vehicles.light.machine import (
    CrankPart,
    Machine,
    Part,
    WheelPart,
    ridden_family,
    seated,
)
from drivegen.embedded.assets.vehicles.light.outfits import CYCLISTS, RACERS, draw_outfit, draw_passenger
from drivegen.embedded.assets.vehicles.light.posture import Saddle, saddle_height_m
from drivegen.embedded.assets.vehicles.light.ridden import PEDAL_HALF_M
from drivegen.embedded.assets.vehicles.light.steering import Steering
from drivegen.embedded.mesh import Material, Mesh

PEDAL_M = 0.085
"""Width of a pedal."""
SHARED: tuple[Color, ...] = ((248, 190, 16), (38, 136, 222), (38, 186, 140))
"""Colours of shared bicycles; nobody's in particular."""
PAINTS: tuple[Color, ...] = (
    (28, 28, 32), (226, 228, 230), (170, 32, 38), (40, 76, 140), (84, 120, 90), (196, 176, 140),
    (232, 120, 40), (90, 96, 104), (196, 96, 120), (70, 150, 170),
)  # fmt: skip


class Form(StrEnum):
    """Kinds of bicycle."""

    SHARED = "shared"
    CITY = "city"
    ROAD = "road"
    MOUNTAIN = "mountain"
    FOLDING = "folding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The measures and equipment of one bicycle."""

    form: Form
    radius_m: float
    tyre_m: float
    base_m: float
    bracket_z_m: float
    crank_m: float
    rake_deg: float
    lean_rad: float
    bar_half_m: float
    bar_up_m: float
    """Of the bars over the saddle."""
    bar_back_m: float
    """How far the grips stand behind the stem."""
    tube_m: float
    low: bool
    """Without a top tube."""
    guards: bool
    basket: bool
    rack: bool
    child: bool
    drop: bool
    rim: Color


def draw_style(rng: np.random.Generator) -> Style:
    """One of the forms, its measures and what is mounted."""
    form = Form(str(rng.choice(list(Form), p=[0.42, 0.24, 0.12, 0.12, 0.10])))
    u = rng.uniform(-1.0, 1.0, 6)
    rims: tuple[Color, ...] = ((44, 45, 47), (186, 188, 192))
    r = {
        Form.SHARED: 0.315,
        Form.CITY: 0.33,
        Form.ROAD: 0.338,
        Form.MOUNTAIN: 0.34,
        Form.FOLDING: 0.215 if u[5] < 0 else 0.25,
    }[form]
    sporty = form in (Form.ROAD, Form.MOUNTAIN)
    rack = form == Form.CITY and bool(rng.random() < 0.75)
    return Style(
        form=form,
        radius_m=round(r + 0.006 * u[0], 3) if form != Form.FOLDING else r,
        tyre_m={Form.ROAD: 0.0135, Form.MOUNTAIN: 0.027}.get(form, 0.020),
        base_m={Form.ROAD: 0.99, Form.MOUNTAIN: 1.09, Form.FOLDING: 1.00}.get(form, 1.06) + 0.015 * u[1],
        bracket_z_m=0.275 if form != Form.FOLDING else 0.285,
        crank_m=0.165 if sporty else 0.155,
        rake_deg=18.0,
        lean_rad={Form.ROAD: 0.72, Form.MOUNTAIN: 0.45}.get(form, 0.16),
        bar_half_m={Form.ROAD: 0.21, Form.MOUNTAIN: 0.35, Form.FOLDING: 0.27}.get(form, 0.29) + 0.012 * u[2],
        bar_up_m={Form.ROAD: -0.03, Form.MOUNTAIN: 0.05, Form.FOLDING: 0.10}.get(form, 0.15) + 0.03 * u[3],
        bar_back_m={Form.ROAD: -0.08, Form.MOUNTAIN: 0.03, Form.FOLDING: 0.03}.get(form, 0.13),
        tube_m={Form.SHARED: 0.026, Form.MOUNTAIN: 0.024, Form.FOLDING: 0.028}.get(form, 0.0165),
        low=form in (Form.SHARED, Form.FOLDING) or (form == Form.CITY and bool(u[4] < 0.3)),
        guards=not sporty,
        basket=form == Form.SHARED
        or (form == Form.CITY and bool(rng.random() < 0.65))
        or (form == Form.FOLDING and bool(rng.random() < 0.3)),
        rack=rack,
        child=rack and bool(rng.random() < 0.25),
        drop=form == Form.ROAD,
        rim=rims[int(rng.integers(2))],
    )


@lru_cache(maxsize=16)
def crank_mesh(crank_m: float, inner_m: float, tag: Tag) -> Mesh:
    """Arms and pedals about the bracket, the left one up.

    Args:
        crank_m: length of an arm.
        inner_m: from the middle to the inner end of a pedal.
        tag: of the vehicle.
    """
    out = Sculpture()
    f = Finishes(tag)
    out.add(rod((0, -inner_m, 0), (0, inner_m, 0), 0.015, 8), f.metal)
    for sign in (1.0, -1.0):
        y = sign * (inner_m - 0.008)
        out.add(rod((0, y, 0), (0, y, sign * crank_m), 0.0095, 6), f.metal)
        pedal = (0.085, PEDAL_M, 2 * PEDAL_HALF_M)
        out.add(box(pedal, (0, sign * (inner_m + PEDAL_M / 2), sign * crank_m), 0.006), f.dark)
    return out.mesh(f"light/crank/{tag}/{crank_m:.3f}/{inner_m:.3f}")


class CycleMaker:
    """Builds one bicycle to its rider."""

    def __init__(self, style: Style, saddle_z_m: float, own: Color) -> None:
        s = self.style = style
        self.f = Finishes(Tag.BICYCLE)
        self.own = own
        self.rear = vec(0.0, 0.0, s.radius_m)
        self.front = vec(s.base_m, 0.0, s.radius_m)
        self.head = Steering(self.front, s.rake_deg, 0.045)
        self.bracket = bracket(s)
        self.saddle_top = vec(self.bracket[0] - SETBACK_M[s.form], 0.0, saddle_z_m)
        self.bar_z = saddle_z_m + s.bar_up_m
        stem = self.head.at(self.bar_z)
        half = s.bar_half_m
        if s.drop:
            ahead = stem + vec(0.07, 0, 0)
            self.bar = [
                ahead,
                ahead + vec(0, half * 0.92, 0),
                ahead + vec(0.05, half, -0.002),
                ahead + vec(0.085, half, -0.045),
                ahead + vec(0.025, half, -0.12),
            ]
            self.grip, self.axis = ahead + vec(0.045, half - 0.004, 0.006), vec(0.0, 1.0, 0.0)
        else:
            rise = 0.02 if s.form in (Form.MOUNTAIN, Form.FOLDING) else 0.045
            self.bar = [
                stem + vec(0.03, 0.0, 0.0),
                stem + vec(0.02, half * 0.35, rise),
                stem + vec(-s.bar_back_m * 0.40, half * 0.72, rise + 0.01),
                stem + vec(-s.bar_back_m, half, rise),
            ]
            self.grip, self.axis = kit.grip_on(self.bar)

    def frame(self) -> Sculpture:
        """Tubes, saddle, mudguard, chain, what is mounted behind."""
        out, s, f = Sculpture(), self.style, self.f
        paint, t = f.paint, s.tube_m
        head_low, head_high = self._head_ends()
        top = self.saddle_top - vec(0, 0, 0.05)
        seat_high = self.bracket + (top - self.bracket) * (0.62 if s.form != Form.FOLDING else 0.36)
        out.add(rod(head_low, head_high, t * 1.25, 9), paint)
        out.add(rod(self.bracket, seat_high, t * 0.95, 8), paint)
        out.add(rod(seat_high, top, 0.0135, 7), f.metal)
        if s.form == Form.SHARED:
            low = self.bracket * 0.62 + head_low * 0.38 - vec(0, 0, 0.075)
            path = [head_high - vec(0.01, 0, 0.03), head_low * 0.75 + self.bracket * 0.25, low, self.bracket]
            out.add(tube(np.array(path), [t, t * 1.15, t * 1.25, t * 1.15], 9), paint)
        elif s.form == Form.FOLDING:
            join = self.bracket + (seat_high - self.bracket) * 0.72
            out.add(tube(np.array([head_low, (head_low + join) / 2 - vec(0, 0, 0.02), join]), t, 9), paint)
            out.add(rod(join, self.bracket, t * 0.8, 8), paint)
            hinge = (head_low + join) / 2 - vec(0, 0, 0.02)
            out.add(box((0.05, 2.5 * t, 2.6 * t), hinge, 0.008), f.metal)
        else:
            out.add(rod(self.bracket, head_low, t * 1.1, 8), paint)
            if s.low:
                join = self.bracket + (seat_high - self.bracket) * 0.36
                bent = join * 0.55 + head_high * 0.45 - vec(0, 0, 0.06)
                out.add(tube(np.array([join, bent, head_high - vec(0, 0, 0.03)]), t, 8), paint)
            else:
                drop = 0.10 if s.form == Form.MOUNTAIN else 0.02
                out.add(rod(seat_high - vec(0, 0, drop), head_high - vec(0, 0, 0.02), t, 8), paint)
        for y in (0.055, -0.055):
            axle = self.rear + vec(0, y, 0)
            out.add(rod(self.bracket + vec(0, y * 0.6, 0), axle, 0.0095, 6), paint)
            out.add(rod(seat_high * 0.9 + self.bracket * 0.1 + vec(0, y * 0.3, 0), axle, 0.008, 6), paint)
        self._saddle(out, top)
        self._chain(out)
        if s.guards:
            out.add(kit.guard(self.rear, s.radius_m, 0.75, 2.95, 0.030, 0.022), self._trim())
        self._rear_end(out, seat_high)
        stand = self.rear + vec(0.10, 0.05, -0.06)
        out.add(rod(stand, stand + vec(-0.20, 0.06, -0.02), 0.009, 5), f.dark)
        if s.form == Form.ROAD or (s.form == Form.MOUNTAIN and s.rim[0] < 100):
            middle = (self.bracket * 0.55 + head_low * 0.45) + vec(-0.02, 0, 0.075)
            out.add(
                rod(middle + vec(-0.05, 0, -0.06), middle + vec(0.05, 0, 0.06), 0.034, 9),
                f.of((200, 206, 210), Material.SATIN),
            )
        return out

    def _head_ends(self) -> tuple[Vec3, Vec3]:
        s = self.style
        low = self.head.at(2 * s.radius_m + (0.12 if s.form == Form.MOUNTAIN else 0.06))
        if s.form == Form.FOLDING:
            low = self.head.at(2 * s.radius_m + 0.05)
            return low, self.head.at(float(low[2]) + 0.13)
        high = max(self.bar_z - 0.09, float(low[2]) + 0.09)
        return low, self.head.at(min(high, float(low[2]) + 0.20))

    def _trim(self) -> Finish:
        return self.f.paint if self.style.form == Form.SHARED else self.f.dark

    def _saddle(self, out: Sculpture, top: Vec3) -> None:
        s, f = self.style, self.f
        wide = 0.072 if s.form in (Form.ROAD, Form.MOUNTAIN) else 0.095
        x, z = float(top[0]), float(self.saddle_top[2])
        rows = [
            (x - 0.13, wide * 0.62, z - 0.035, z + 0.006),
            (x - 0.09, wide, z - 0.04, z + 0.012),
            (x - 0.02, wide * 0.80, z - 0.04, z + 0.002),
            (x + 0.06, wide * 0.36, z - 0.04, z - 0.002),
            (x + 0.145, 0.020, z - 0.038, z - 0.010),
        ]
        out.add(kit.sweep(rows, 2.3, 12), f.leather)
        out.add(rod(top - vec(0.07, 0, -0.012), top + vec(0.08, 0, 0.012), 0.008, 5), f.metal)

    def _chain(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        side = vec(0, -0.052, 0)
        ring = torus(0.085, 0.007, 20, 4).turned(rotation_about(0, math.pi / 2))
        out.add(ring.moved(self.bracket + side), f.metal)
        if s.guards:
            rows = [
                (float(self.bracket[0]) + 0.10, 0.010, self.bracket[2] - 0.07, self.bracket[2] + 0.07),
                (float(self.bracket[0]) + 0.04, 0.014, self.bracket[2] - 0.10, self.bracket[2] + 0.10),
                (float(self.bracket[0]) - 0.04, 0.014, self.bracket[2] - 0.10, self.bracket[2] + 0.10),
                (0.0, 0.012, s.radius_m - 0.045, s.radius_m + 0.045),
                (-0.05, 0.008, s.radius_m - 0.02, s.radius_m + 0.02),
            ]
            out.add(kit.sweep(rows[::-1], 2.6).moved(side - vec(0, 0.012, 0)), self._trim())
            return
        for dz in (0.083, -0.083):
            out.add(
                rod(self.bracket + side + vec(0, 0, dz), self.rear + side + vec(0, 0, dz * 0.4), 0.004, 4),
                f.dark,
            )

    def _rear_end(self, out: Sculpture, seat_high: Vec3) -> None:
        s, f = self.style, self.f
        z = 2 * s.radius_m + 0.05
        if s.rack:
            loads.rack(out, f, vec(0.14, 0, z + 0.02), 0.36, 0.065)
            for y in (0.06, -0.06):
                out.add(rod(self.rear + vec(0, y, 0), vec(-0.12, y, z + 0.02), 0.006, 5), f.metal)
        if s.form == Form.SHARED:
            lock = self.rear + vec(0.06, 0, s.radius_m + 0.03)
            out.add(box((0.10, 0.14, 0.07), lock, 0.02), f.dark)
            out.add(
                box((0.08, 0.09, 0.012), lock + vec(0.0, 0, 0.04), 0.004), f.of((30, 40, 70), Material.SATIN)
            )
        lamp = (
            vec(-s.radius_m * 0.86 - 0.015, 0, s.radius_m * 1.55)
            if s.guards
            else seat_high + vec(-0.045, 0, 0.03)
        )
        out.add(box((0.02, 0.05, 0.036), lamp, 0.007), f.red)
        if s.guards:
            out.add(box((0.014, 0.10, 0.05), lamp + vec(0.014, 0, 0), 0.004), f.dark)

    def steered(self) -> Sculpture:
        """Fork, stem, bars, lamp, basket."""
        out, s, f = Sculpture(), self.style, self.f
        low, high = self._head_ends()
        gap = 0.052 if s.form == Form.MOUNTAIN else 0.045
        fat = 0.018 if s.form == Form.MOUNTAIN else 0.0125
        for y in (gap, -gap):
            ends = [low + vec(0.01, y, -0.01), self.front + vec(-0.035, y, 0.14), self.front + vec(0, y, 0)]
            out.add(
                tube(np.array(ends), [fat, fat, 0.009], 7), f.dark if s.form == Form.MOUNTAIN else f.paint
            )
            if s.form == Form.MOUNTAIN:
                out.add(rod(ends[0], ends[0] * 0.55 + ends[2] * 0.45, fat * 0.72, 7), f.chrome)
        out.add(box((0.045, 2 * gap + 0.03, 0.03), low + vec(0.008, 0, -0.012), 0.01), f.paint)
        stem = self.head.at(self.bar_z)
        out.add(rod(high - vec(0, 0, 0.01), stem, 0.016 if s.form == Form.FOLDING else 0.0135, 7), f.metal)
        if s.drop:
            out.add(rod(stem, self.bar[0], 0.014, 6), f.dark)
            out.add(mirrored_pair(tube(np.array(self.bar), 0.0125, 7)), f.dark)
            hood = [self.bar[2] + vec(-0.01, 0, 0.006), self.bar[2] + vec(0.045, 0, 0.03)]
            out.add(mirrored_pair(rod(hood[0], hood[1], 0.016, 7)), f.dark)
        else:
            out.add(rod(stem, self.bar[0], 0.014, 6), f.metal)
            kit.bar(out, f, self.bar, f.dark if s.form == Form.MOUNTAIN else f.metal, 0.0105)
        lamp = self.head.at(float(low[2]) + 0.08) + vec(0.055, 0, 0.0)
        if s.form != Form.ROAD:
            kit.round_lamp(out, f, lamp, 0.026, f.dark)
        else:
            kit.round_lamp(out, f, self.bar[0] + vec(0.02, 0.05, 0.03), 0.016, f.dark)
        if s.basket:
            base = self.head.at(max(self.bar_z - 0.20, 2 * s.radius_m + 0.10)) + vec(0.19, 0, 0)
            grey = f.of((60, 62, 64), Material.METAL) if s.form != Form.SHARED else f.of((52, 54, 56))
            if s.form == Form.SHARED:
                loads.tub_basket(out, base, (0.25, 0.34, 0.18), grey)
                out.add(box((0.008, 0.26, 0.10), base + vec(0.118, 0, 0.09), 0.003), f.paint)
            else:
                loads.wire_basket(out, base, (0.25, 0.34, 0.19), grey)
            out.add(rod(base - vec(0.10, 0, -0.01), self.head.at(float(base[2])), 0.010, 5), f.dark)
        if s.guards:
            out.add(kit.guard(self.front, s.radius_m, 0.35, 2.40, 0.030, 0.022), self._trim())
        if s.form != Form.ROAD:
            out.add(
                ellipsoid(
                    (0.022, 0.022, 0.018), self.bar[1] * 0.5 + self.bar[2] * 0.5 + vec(0, 0, 0.02), 8, 5
                ),
                f.chrome,
            )
        return out


SETBACK_M = {Form.SHARED: 0.20, Form.CITY: 0.20, Form.ROAD: 0.19, Form.MOUNTAIN: 0.18, Form.FOLDING: 0.19}
"""Of the saddle behind the bracket."""


def bracket(style: Style) -> Vec3:
    """Where the crank turns."""
    return vec(0.435 if style.form != Form.FOLDING else 0.40, 0.0, style.bracket_z_m)


def design(variant: int) -> Machine:
    """The bicycle of a variant."""
    rng = derive_rng("bicycle", variant)
    s = draw_style(rng)
    shared = s.form == Form.SHARED
    own = SHARED[int(rng.integers(len(SHARED)))] if shared else PAINTS[int(rng.integers(len(PAINTS)))]
    sporty = s.form in (Form.ROAD, Form.MOUNTAIN)
    outfit = draw_outfit(
        rng, Sort.SPORTY if sporty else Sort.ANYBODY, headgear=RACERS if s.drop else CYCLISTS
    )
    low = bracket(s) + vec(0, 0, PEDAL_HALF_M - s.crank_m)
    maker = CycleMaker(s, saddle_height_m(outfit.build, low, SETBACK_M[s.form]), own)
    frame = maker.frame()
    passengers: list[Part] = []
    if s.child:
        base = vec(-0.04, 0, 2 * s.radius_m + 0.12)
        hips, hand, foot = loads.child_seat(frame, maker.f, base, (70, 74, 82))
        child = draw_passenger(rng, Sort.CHILD)
        passengers += seated(child, Saddle(point_m=hips, lean_rad=0.02, arm_share=0.97), hand, foot)
    rim = own if shared and s.rim[0] > 100 else s.rim
    wheel = kit.wire_wheel(s.radius_m, s.tyre_m, 24 if s.form != Form.FOLDING else 20, Tag.BICYCLE, rim)
    inner = 0.075
    return Machine(
        frame=frame,
        steered=maker.steered(),
        wheels=[
            WheelPart(mesh=wheel, axle_m=maker.front, radius_m=s.radius_m, steers=True),
            WheelPart(mesh=wheel, axle_m=maker.rear, radius_m=s.radius_m),
        ],
        steer_axis=maker.head.axis,
        steer_point_m=maker.head.foot,
        grip_m=maker.grip,
        bar_axis=maker.axis,
        rest_m=maker.bracket,
        crank=CrankPart(
            mesh=crank_mesh(s.crank_m, inner, Tag.BICYCLE),
            centre_m=maker.bracket,
            length_m=s.crank_m,
            half_width_m=inner + PEDAL_M / 2,
            gear=0.40 if s.form != Form.FOLDING else 0.30,
        ),
        saddle=Saddle(
            point_m=maker.saddle_top,
            lean_rad=s.lean_rad,
            elbows_out=0.4,
            knees_out=0.08,
            foot_pitch_rad=0.12,
        ),
        outfit=outfit,
        own_rgb=own,
        livery=shared,
        passengers=passengers,
    )


BICYCLE = ridden_family(
    name="bicycle",
    base_type="bicycle",
    object_class=ObjectClass.BICYCLE,
    wheels=2,
    paints=tuple(",".join(str(c) for c in color) for color in PAINTS),
    design=design,
    has_lights=False,
)
