"""E-bikes: the new national standard's with pedals, the larger scooters, and couriers' with their boxes."""

from __future__ import annotations

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, ellipsoid, mirrored_pair, rod, torus, tube
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.light import kit, loads
from drivegen.embedded.assets.vehicles.light.bodies import Sort
from drivegen.embedded.assets.vehicles.light.ebike_styles import Style, draw_style
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, vec
from drivegen.embedded.assets.vehicles.light.machine import Machine, Part, WheelPart, ridden_family, seated
from drivegen.embedded.assets.vehicles.light.outfits import draw_outfit, draw_passenger
from drivegen.embedded.assets.vehicles.light.posture import Saddle
from drivegen.embedded.assets.vehicles.light.steering import Steering
from drivegen.embedded.mesh import Material

PAINTS: tuple[Color, ...] = (
    (226, 228, 230), (24, 25, 28), (172, 30, 36), (236, 168, 176), (150, 196, 184), (122, 128, 134),
    (40, 84, 150), (224, 214, 190), (28, 40, 74), (188, 164, 128), (96, 130, 96), (232, 196, 60),
)  # fmt: skip
QUILTS: tuple[tuple[Color, Color], ...] = (
    ((58, 66, 84), (150, 40, 50)),
    ((128, 44, 58), (40, 36, 40)),
    ((70, 92, 78), (200, 190, 160)),
    ((38, 38, 42), (110, 112, 116)),
    ((150, 120, 92), (84, 62, 50)),
)
CAPES: tuple[Color, ...] = (
    (36, 70, 140),
    (110, 52, 130),
    (222, 176, 40),
    (40, 120, 92),
    (196, 84, 120),
    (70, 76, 84),
)


class EbikeMaker:
    """Builds one e-bike."""

    def __init__(self, style: Style) -> None:
        s = self.style = style
        self.f = Finishes(Tag.MOTORCYCLE)
        self.rear = vec(0.0, 0.0, s.radius_m)
        self.front = vec(s.base_m, 0.0, s.radius_m)
        self.head = Steering(self.front, 25.0 if s.scooter else 22.0)
        self.panel = self.f.of(s.panel)
        self.trim = self.f.of(s.panel, Material.SATIN)
        self.accent = self.f.of(s.accent, Material.SATIN)
        stem = self.head.at(s.bar_m)
        half = s.bar_half_m
        self.bar = [
            stem + vec(0.02, 0.0, -0.01),
            stem + vec(0.01, half * 0.30, 0.02),
            stem + vec(-0.05, half * 0.64, 0.035),
            stem + vec(-0.105, half, 0.015),
        ]
        self.grip, self.axis = kit.grip_on(self.bar)
        self.hip_x = float(self.grip[0]) - 0.43
        self.tail_x = -s.radius_m - 0.02

    def frame(self) -> Sculpture:
        """Everything that does not steer."""
        out, s, f = Sculpture(), self.style, self.f
        x, seat = self.hip_x, s.saddle_m
        if s.scooter:
            self._scooter_body(out)
        else:
            self._light_body(out)
        board_end = float(self.head.at(s.board_m)[0]) - 0.10
        board = [
            (x + 0.10, s.half_m * 0.9, s.board_m - 0.10, s.board_m - 0.012),
            (x + 0.22, s.half_m, s.board_m - 0.11, s.board_m - 0.012),
            (board_end, s.half_m, s.board_m - 0.10, s.board_m - 0.012),
            (board_end + 0.06, s.half_m * 0.9, s.board_m - 0.06, s.board_m + 0.03),
        ]
        out.add(kit.sweep(board, 6.0), self.panel)
        mat = (board_end - x - 0.24, s.half_m * 1.75, 0.012)
        out.add(box(mat, ((board_end + x + 0.24) / 2, 0.0, s.board_m - 0.010), 0.004), f.dark)
        self._leg_shield(out)
        for y in (0.075, -0.075):
            pivot = vec(0.30, y, s.radius_m + 0.03)
            out.add(rod(pivot, self.rear + vec(-0.02, y, 0.0), 0.019, 6), f.dark)
            kit.spring(
                out,
                f,
                self.rear + vec(-0.01, y * 1.15, 0.03),
                vec(0.05, y * 1.1, seat - 0.17),
                0.028,
                s.accent,
            )
        out.add(kit.guard(self.rear, s.radius_m, 0.6, 2.75, 0.055), f.dark)
        kit.rear_plate(out, f, vec(self.tail_x - 0.045, 0, s.radius_m + 0.12), (238, 238, 236), (0.17, 0.10))
        out.add(
            rod(
                vec(self.tail_x + 0.07, 0, seat - 0.16),
                vec(self.tail_x - 0.035, 0, s.radius_m + 0.15),
                0.014,
                5,
            ),
            f.dark,
        )
        if "pedals" in s.extras:
            self._pedals(out)
        out.add(rod(vec(0.22, 0.10, 0.16), vec(-0.05, 0.14, 0.10), 0.012, 5), f.dark)
        return out

    def _light_body(self, out: Sculpture) -> None:
        s, f, x, seat = self.style, self.f, self.hip_x, self.style.saddle_m
        w, tail = s.half_m, self.tail_x
        low = s.radius_m * 2 + 0.03
        body = [
            (tail - 0.02, 0.05, seat - 0.13, seat - 0.05),
            (tail + 0.10, w * 0.82, seat - 0.20, seat - 0.035),
            (0.02, w * 0.95, low, seat - 0.03),
            (x - 0.02, w, s.radius_m + 0.10, seat - 0.03),
            (x + 0.10, w * 0.95, s.board_m - 0.03, seat - 0.04),
            (x + 0.18, w * 0.70, s.board_m - 0.04, seat - 0.09),
            (x + 0.21, w * 0.45, s.board_m - 0.04, seat - 0.22),
        ]
        out.add(kit.sweep(body, 3.2, 14), f.paint)
        low_body = [
            (0.07, 0.05, s.radius_m - 0.02, s.radius_m + 0.10),
            (x - 0.02, 0.075, s.radius_m - 0.06, s.board_m + 0.05),
            (x + 0.22, 0.085, s.radius_m - 0.06, s.board_m - 0.04),
        ]
        out.add(kit.sweep(low_body, 4.0), f.dark)
        stripe = box((0.26, 2 * w + 0.006, 0.028), (x - 0.06, 0.0, seat - 0.13), 0.008)
        out.add(stripe, self.accent)
        self._saddle(out, tail + 0.05, x + 0.17, 0.115)
        self._tail(out, tail - 0.03, seat - 0.085, w * 0.6)

    def _scooter_body(self, out: Sculpture) -> None:
        s, f, x, seat = self.style, self.f, self.hip_x, self.style.saddle_m
        w, tail = s.half_m, self.tail_x - 0.06
        low = s.radius_m * 2 + 0.02
        body = [
            (tail - 0.01, 0.045, seat - 0.09, seat - 0.01),
            (tail + 0.09, w * 0.72, seat - 0.19, seat - 0.005),
            (tail + 0.24, w * 0.95, low + 0.02, seat - 0.01),
            (0.05, w, low - 0.02, seat - 0.02),
            (x - 0.02, w * 1.02, s.radius_m + 0.12, seat - 0.02),
            (x + 0.12, w, s.board_m - 0.04, seat - 0.03),
            (x + 0.22, w * 0.80, s.board_m - 0.05, seat - 0.08),
            (x + 0.26, w * 0.55, s.board_m - 0.05, seat - 0.22),
        ]
        out.add(kit.sweep(body, 2.9, 16), f.paint)
        sill = [
            (0.10, w * 0.75, s.radius_m - 0.06, s.radius_m + 0.12),
            (x, w * 1.03, s.radius_m - 0.10, s.board_m + 0.03),
            (x + 0.26, w * 1.02, s.radius_m - 0.11, s.board_m - 0.02),
        ]
        out.add(kit.sweep(sill, 4.0), self.panel)
        swoosh = [
            (tail + 0.10, w * 0.76, seat - 0.15, seat - 0.11),
            (0.0, w * 1.01, seat - 0.21, seat - 0.15),
            (x + 0.10, w * 1.02, seat - 0.25, seat - 0.17),
        ]
        out.add(kit.sweep(swoosh, 3.4), self.trim)
        self._saddle(out, tail + 0.10, x + 0.20, 0.145)
        self._tail(out, tail - 0.02, seat - 0.055, w * 0.62)
        handle = [
            vec(0.02, w * 0.95, seat + 0.0),
            vec(tail, w * 0.9, seat + 0.045),
            vec(tail - 0.02, 0.0, seat + 0.05),
        ]
        out.add(mirrored_pair(tube(np.array(handle), 0.013, 6)), f.metal)

    def _saddle(self, out: Sculpture, back: float, front: float, half: float) -> None:
        s, f, seat = self.style, self.f, self.style.saddle_m
        if s.courier >= 0 or "child" in s.extras:
            back = self.hip_x - 0.16
        middle = self.hip_x - 0.10
        rows = [
            (back, half * 0.72, seat - 0.04, seat + 0.025),
            (back + 0.05, half * 0.95, seat - 0.055, seat + 0.035),
            (middle, half, seat - 0.055, seat + 0.022),
            (middle + 0.08, half * 0.98, seat - 0.06, seat + 0.002),
            (front - 0.10, half * 0.80, seat - 0.06, seat + 0.004),
            (front, half * 0.42, seat - 0.055, seat - 0.012),
        ]
        out.add(kit.sweep(rows, 2.7, 14), f.leather)
        if "backrest" in s.extras:
            rest = vec(back - 0.02, 0, seat + 0.16)
            out.add(box((0.05, 0.22, 0.16), rest, 0.022), f.leather)
            out.add(
                mirrored_pair(rod(vec(back + 0.02, 0.07, seat - 0.02), rest + vec(0, 0.07, 0), 0.010, 5)),
                f.metal,
            )

    def _tail(self, out: Sculpture, x: float, z: float, half: float) -> None:
        f = self.f
        kit.blob_lamp(out, vec(x + 0.012, 0, z), (0.05, 2 * half, 0.05), f.red)
        kit.blob_lamp(out, vec(x + 0.004, 0, z - 0.002), (0.05, half * 0.9, 0.03), f.brake)
        kit.indicators(out, f, vec(x + 0.045, half + 0.03, z - 0.012))

    def _leg_shield(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        ahead = 0.075 if s.scooter else 0.055
        wide = s.half_m * (1.12 if s.scooter else 1.20)
        high = s.bar_m - 0.14
        rows = []
        for t, grow, bow in (
            (0.0, 0.78, 0.6),
            (0.25, 1.0, 1.0),
            (0.6, 1.06, 1.2),
            (0.85, 0.80, 1.0),
            (1.0, 0.5, 0.6),
        ):
            z = s.board_m - 0.06 + (high - s.board_m + 0.06) * t
            lean = float(self.head.at(max(z, s.radius_m * 2 + 0.06))[0])
            rows.append((vec(lean + ahead, 0, z), wide * grow, bow))
        out.add(kit.slab(rows, 0.07 if s.scooter else 0.05, 0.028), f.paint)
        inner = [(p - vec(0.034, 0, 0), half * 0.93, bow) for p, half, bow in rows[:4]]
        out.add(kit.slab(inner, 0.06 if s.scooter else 0.045, 0.030), self.panel)
        out.add(rod(self.head.at(0.40), self.head.at(s.bar_m - 0.12), 0.026, 8), f.dark)
        face_z = s.board_m + (high - s.board_m) * 0.62
        face = self.head.at(face_z) + vec(ahead + 0.002, 0, 0)
        if s.scooter:
            for sign, finish in ((1.0, f.left), (-1.0, f.right)):
                out.add(
                    ellipsoid((0.022, 0.045, 0.020), face + vec(-0.02, sign * wide * 0.62, 0.02), 8, 4),
                    finish,
                )
        low = self.head.at(face_z - 0.10) + vec(ahead + 0.006, 0, 0)
        out.add(box((0.03, 0.10, 0.035), low, 0.008), self.accent)
        bag_hook = self.head.at(s.saddle_m) + vec(-0.02, 0, 0)
        out.add(rod(bag_hook, bag_hook + vec(-0.05, 0, -0.01), 0.008, 5), f.metal)
        if "bags" in s.extras:
            loads.sacks(out, f, [(bag_hook + vec(-0.09, 0.0, -0.19), 0.10, (226, 226, 222))])

    def _pedals(self, out: Sculpture) -> None:
        f, s = self.f, self.style
        centre = vec(self.hip_x + 0.14, 0.0, s.radius_m + 0.02)
        out.add(rod(centre - vec(0, 0.11, 0), centre + vec(0, 0.11, 0), 0.014, 6), f.metal)
        for sign in (1.0, -1.0):
            foot = centre + vec(0.11 * sign, sign * 0.115, -0.01 * sign)
            out.add(rod(centre + vec(0, sign * 0.115, 0), foot, 0.009, 5), f.metal)
            out.add(box((0.07, 0.075, 0.022), foot + vec(0, sign * 0.045, 0), 0.006), f.dark)
        ring = torus(0.07, 0.006, 16, 4).turned(np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]))
        out.add(ring.moved(centre - vec(0, 0.095, 0)), f.metal)

    def steered(self) -> Sculpture:
        """Fork, bars, lamp, mirrors, basket."""
        out, s, f = Sculpture(), self.style, self.f
        gap = 0.062 if s.scooter else 0.052
        crown = self.head.at(2 * s.radius_m + 0.075)
        for y in (gap, -gap):
            knee = self.head.at(s.radius_m + 0.10) + vec(0.018, y, 0)
            out.add(
                tube(np.array([self.front + vec(0, y, 0), knee, crown + vec(0.02, y, 0)]), 0.021, 7), f.dark
            )
            out.add(rod(knee, crown + vec(0.02, y, 0), 0.016, 6), f.metal)
        out.add(box((0.06, 2 * gap + 0.04, 0.035), crown + vec(0.015, 0, 0), 0.01), f.dark)
        out.add(kit.guard(self.front, s.radius_m, 0.35, 2.35, 0.056), f.paint)
        out.add(rod(crown, self.head.at(s.bar_m), 0.02, 7), f.dark)
        kit.bar(out, f, self.bar, f.metal if not s.scooter else f.dark, 0.012)
        stem = self.head.at(s.bar_m)
        self._console(out, stem)
        if "mirrors" in s.extras:
            foot = self.bar[2] * 0.8 + self.bar[3] * 0.2
            kit.mirrors(
                out, f, foot, vec(float(stem[0]) + 0.0, s.bar_half_m + 0.005, s.bar_m + 0.17), s.round_lamp
            )
        if "phone" in s.extras:
            out.add(box((0.012, 0.075, 0.15), stem + vec(-0.035, 0.06, 0.085), 0.005), f.dark)
            glow = box((0.004, 0.066, 0.14), stem + vec(-0.042, 0.06, 0.085))
            out.add(glow, f.of((150, 176, 200), Material.LIT_SIGN))
        if "screen" in s.extras:
            rows = [
                (stem + vec(0.10, 0, 0.02), 0.17, 1.0),
                (stem + vec(0.04, 0, 0.14), 0.18, 1.0),
                (stem + vec(0.00, 0, 0.26), 0.12, 0.8),
            ]
            out.add(kit.slab(rows, 0.06, 0.006), f.of((150, 164, 172), Material.GLASS))
        base = self.head.at(s.bar_m - 0.26) + vec(0.225, 0, 0.0)
        if "basket" in s.extras:
            loads.wire_basket(out, base, (0.24, 0.32, 0.20), f.of((52, 54, 56), Material.METAL))
            out.add(rod(base - vec(0.10, 0, 0.0), crown + vec(0.03, 0, 0), 0.010, 5), f.dark)
        elif "tub" in s.extras:
            loads.tub_basket(out, base + vec(0.01, 0, 0.01), (0.25, 0.33, 0.20), f.of((44, 44, 46)))
            out.add(rod(base - vec(0.10, 0, 0.0), crown + vec(0.03, 0, 0), 0.010, 5), f.dark)
        if "quilt" in s.extras:
            color, trim = QUILTS[int(s.base_m * 1e4) % len(QUILTS)]
            knee = vec(float(self.grip[0]) + 0.10, 0, s.board_m + 0.16)
            loads.quilt(out, f, stem + vec(0.045, 0, 0.0), self.grip, knee, s.bar_half_m + 0.03, color, trim)
        return out

    def _console(self, out: Sculpture, stem: Vec3) -> None:
        s, f = self.style, self.f
        wide = 0.115 if s.scooter else 0.085
        cover = [
            (float(stem[0]) - 0.075, wide * 0.7, s.bar_m - 0.02, s.bar_m + 0.03),
            (float(stem[0]) - 0.03, wide, s.bar_m - 0.05, s.bar_m + 0.055),
            (float(stem[0]) + 0.05, wide, s.bar_m - 0.07, s.bar_m + 0.04),
            (float(stem[0]) + 0.10, wide * 0.7, s.bar_m - 0.06, s.bar_m + 0.01),
        ]
        out.add(kit.sweep(cover, 3.0), f.paint)
        out.add(box((0.06, wide * 1.2, 0.006), stem + vec(-0.045, 0, 0.052), 0.002), f.dark)
        nose = stem + vec(0.098, 0, -0.022)
        if s.round_lamp:
            kit.round_lamp(out, f, nose + vec(0.0, 0, 0.0), 0.062 if s.scooter else 0.05, self.trim)
        else:
            kit.blob_lamp(out, nose + vec(-0.004, 0, 0), (0.04, wide * 1.25, 0.06), f.lens)
        if not s.scooter:
            kit.indicators(out, f, stem + vec(0.065, wide + 0.025, -0.015))

    def saddle(self) -> Saddle:
        """How the rider sits."""
        return Saddle(
            point_m=vec(self.hip_x, 0.0, self.style.saddle_m),
            lean_rad=0.06,
            elbows_out=0.45,
            knees_out=0.16 if self.style.scooter else 0.10,
            foot_pitch_rad=-0.04,
        )

    def rest(self) -> Vec3:
        """Under the ball of the left foot, on the board."""
        return vec(float(self.grip[0]) + 0.02, self.style.half_m * 0.62, self.style.board_m - 0.003)


def design(variant: int) -> Machine:
    """The e-bike of a variant."""
    rng = derive_rng("e-bike", variant)
    style = draw_style(rng)
    maker = EbikeMaker(style)
    f = maker.f
    frame = maker.frame()
    own = PAINTS[int(rng.integers(len(PAINTS)))]
    kit_colors = loads.COURIER_KITS[style.courier] if style.courier >= 0 else None
    outfit = draw_outfit(rng, Sort.COURIER if kit_colors else Sort.ANYBODY, kit_colors)
    passengers: list[Part] = []
    seat = style.saddle_m
    if kit_colors:
        size = float(rng.uniform(0.42, 0.50))
        loads.rack(frame, f, front=vec(0.10, 0, seat + 0.0), length_m=size - 0.02, half_m=0.13)
        base = vec(maker.hip_x - 0.19 - size / 2, 0, seat + 0.015)
        loads.insulated_box(frame, f, base, (size, size, size * float(rng.uniform(0.9, 1.1))), *kit_colors)
    elif "child" in style.extras:
        base = vec(maker.hip_x - 0.35, 0, seat + 0.06)
        shells: tuple[Color, ...] = ((60, 64, 72), (190, 60, 70), (70, 110, 150))
        hips, hand, foot = loads.child_seat(frame, f, base, shells[int(rng.integers(3))])
        child = draw_passenger(rng, Sort.CHILD)
        passengers += seated(child, Saddle(point_m=hips, lean_rad=0.02, arm_share=0.97), hand, foot)
        loads.rack(frame, f, vec(0.12, 0, seat + 0.02), 0.36, 0.11)
    elif "top_case" in style.extras:
        loads.rack(frame, f, vec(0.0, 0, seat + 0.01), 0.30, 0.10)
        case: tuple[Color, ...] = ((34, 34, 36), (120, 124, 128), style.accent)
        loads.top_case(frame, f, vec(-0.24, 0, seat + 0.02), case[int(rng.integers(3))])
    rear = kit.cast_wheel(style.radius_m, style.tyre_m, 5 if style.scooter else 6, Tag.MOTORCYCLE)
    machine = Machine(
        frame=frame,
        steered=maker.steered(),
        wheels=[
            WheelPart(mesh=rear, axle_m=maker.front, radius_m=style.radius_m, steers=True),
            WheelPart(mesh=rear, axle_m=maker.rear, radius_m=style.radius_m),
        ],
        steer_axis=maker.head.axis,
        steer_point_m=maker.head.foot,
        grip_m=maker.grip,
        bar_axis=maker.axis,
        rest_m=maker.rest(),
        saddle=maker.saddle(),
        outfit=outfit,
        own_rgb=own,
        passengers=passengers,
    )
    if "cape" in style.extras:
        _add_cape(machine, CAPES[int(rng.integers(len(CAPES)))])
    return machine


def _add_cape(machine: Machine, color: Color) -> None:
    """Over the rider, where that sits straight on."""
    b = machine.outfit.build
    h = b.height_m
    hip = machine.saddle.point_m
    neck = hip + vec(0.07, 0, (0.056 + b.shoulder - b.hip + 0.03) * h)
    loads.cape(
        machine.frame, neck, b.shoulder_half * h * b.girth, machine.grip_m, float(hip[0]) - 0.08, color
    )


EBIKE = ridden_family(
    name="ebike",
    base_type="motorcycle",
    object_class=ObjectClass.MOTORCYCLE,
    wheels=2,
    special_type="electric",
    paints=tuple(",".join(str(c) for c in color) for color in PAINTS),
    design=design,
)
