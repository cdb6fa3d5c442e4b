"""Motorcycles: commuters, sports, large scooters and laden ones."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, rod, rotation_about, tube
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.light import ebikes, kit, loads
from drivegen.embedded.assets.vehicles.light.bodies import Sort
from drivegen.embedded.assets.vehicles.light.ebike_styles import Style as EbikeStyle
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, vec
from drivegen.embedded.assets.vehicles.light.machine import Machine, Part, WheelPart, ridden_family, seated
from drivegen.embedded.assets.vehicles.light.motorbike_styles import PLATES, Form, Style, draw_style
from drivegen.embedded.assets.vehicles.light.outfits import MOTORCYCLISTS, draw_outfit, draw_passenger
from drivegen.embedded.assets.vehicles.light.posture import Saddle
from drivegen.embedded.assets.vehicles.light.steering import Steering
from drivegen.embedded.mesh import Material

PAINTS: tuple[Color, ...] = (
    (166, 28, 32), (24, 25, 28), (36, 70, 150), (224, 226, 228), (96, 102, 110), (40, 92, 66),
    (226, 120, 30), (196, 188, 168), (60, 26, 34),
)  # fmt: skip


class MotorbikeMaker:
    """Builds one motorcycle with a tank."""

    def __init__(self, style: Style) -> None:
        s = self.style = style
        self.f = Finishes(Tag.MOTORCYCLE)
        self.rear = vec(0.0, 0.0, s.radius_m)
        self.front = vec(s.base_m, 0.0, s.radius_m)
        self.head = Steering(self.front, 25.0)
        self.leather = self.f.of(s.seat_rgb, Material.SATIN)
        self.engine = self.f.of(s.engine_rgb, Material.METAL)
        stem, half = self.head.at(s.bar_m), s.bar_half_m
        if s.form == Form.SPORT:
            self.bar = [
                stem + vec(0.0, 0.04, -0.02),
                stem + vec(0.0, half * 0.40, -0.02),
                stem + vec(-0.04, half * 0.66, -0.03),
                stem + vec(-0.10, half, -0.045),
            ]
        else:
            self.bar = [
                stem + vec(0.03, 0.0, -0.04),
                stem + vec(0.03, half * 0.30, 0.0),
                stem + vec(-0.03, half * 0.64, 0.03),
                stem + vec(-0.10, half, 0.015),
            ]
        self.grip, self.axis = kit.grip_on(self.bar)
        self.hip_x = float(self.grip[0]) - (0.60 if s.form == Form.SPORT else 0.50)
        self.neck = self.head.at(s.saddle_m + 0.10)

    def frame(self) -> Sculpture:
        """Everything that does not steer."""
        out, s, f = Sculpture(), self.style, self.f
        self._tank_and_seat(out)
        self._engine(out)
        if s.form == Form.SPORT:
            self._fairing(out)
        else:
            cradle = [
                self.neck - vec(0.03, 0, 0.10),
                vec(self.hip_x + 0.42, 0, 0.30),
                vec(self.hip_x + 0.05, 0, 0.25),
            ]
            for y in (0.08, -0.08):
                out.add(tube(np.array([c + vec(0, y, 0) for c in cradle]), 0.017, 6), f.dark)
            panel = [
                (self.hip_x - 0.16, 0.10, s.saddle_m - 0.20, s.saddle_m - 0.05),
                (self.hip_x + 0.02, 0.135, s.saddle_m - 0.28, s.saddle_m - 0.05),
                (self.hip_x + 0.18, 0.11, s.saddle_m - 0.24, s.saddle_m - 0.06),
            ]
            out.add(kit.sweep(panel, 2.8), f.paint)
        for y in (0.085, -0.085):
            out.add(rod(vec(self.hip_x + 0.10, y, 0.36), self.rear + vec(0, y, 0), 0.024, 6), f.dark)
            low = self.rear + vec(0.02, y * 1.2, 0.04)
            if s.form != Form.SPORT:
                kit.spring(out, f, low, vec(-0.0 + 0.05, y * 1.2, s.saddle_m - 0.10), 0.032, (200, 200, 196))
        self._tail(out)
        rest = self.rest()
        out.add(
            mirrored_pair(
                rod(rest * np.array([1, 0.35, 1]) - vec(0, 0, 0.018), rest - vec(0, 0, 0.016), 0.015, 6)
            ),
            f.dark,
        )
        return out

    def _tank_and_seat(self, out: Sculpture) -> None:
        s, f, x, seat = self.style, self.f, self.hip_x, self.style.saddle_m
        neck_x = float(self.neck[0])
        up = 0.20 if s.form == Form.SPORT else 0.17
        tank = [
            (x + 0.15, 0.075, seat - 0.07, seat + 0.02),
            (x + 0.22, 0.115, seat - 0.08, seat + up * 0.6),
            (x + 0.34, 0.145, seat - 0.06, seat + up * 0.98),
            (neck_x - 0.14, 0.150, seat - 0.03, seat + up * 1.08),
            (neck_x - 0.03, 0.09, seat + 0.01, seat + up * 0.85),
        ]
        out.add(kit.sweep(tank, 2.5, 16), f.paint)
        cap = lathe([(0.035, 0.0), (0.035, 0.012), (0.02, 0.018)], 10)
        out.add(cap.moved((neck_x - 0.17, 0.0, seat + up * 1.06)), f.chrome)
        back = x - (0.20 if s.form == Form.SPORT else 0.46)
        bench = [
            (back, 0.085, seat - 0.02, seat + 0.055),
            (back + 0.07, 0.125, seat - 0.05, seat + 0.055),
            (x - 0.15, 0.14, seat - 0.06, seat + 0.045),
            (x - 0.06, 0.145, seat - 0.07, seat + 0.006),
            (x + 0.10, 0.115, seat - 0.07, seat + 0.002),
            (x + 0.20, 0.075, seat - 0.06, seat + 0.012),
        ]
        out.add(kit.sweep(bench, 2.6, 14), self.leather)

    def _engine(self, out: Sculpture) -> None:
        s, f, x = self.style, self.f, self.hip_x
        case = [
            (x + 0.02, 0.10, 0.24, 0.42),
            (x + 0.14, 0.145, 0.20, 0.46),
            (x + 0.34, 0.145, 0.19, 0.44),
            (x + 0.42, 0.09, 0.24, 0.38),
        ]
        out.add(kit.sweep(case, 3.0, 14), self.engine)
        cylinder = lathe([(0.07, 0.0), (0.075, 0.05)], 10)
        turn = rotation_about(1, 0.30)
        for k in range(5):
            fin = lathe([(0.078 + 0.008 * (k % 2), 0.0), (0.078 + 0.008 * (k % 2), 0.026)], 12)
            out.add(fin.moved((0, 0, 0.04 + 0.036 * k)).turned(turn).moved((x + 0.25, 0, 0.40)), self.engine)
        out.add(cylinder.moved((0, 0, 0.20)).turned(turn).moved((x + 0.25, 0, 0.40)), f.dark)
        for y in (0.148, -0.148):
            disc = lathe([(0.075, -0.008), (0.07, 0.012), (0.03, 0.016)], 14)
            flat = disc.turned(rotation_about(0, -math.copysign(math.pi / 2, y)))
            out.add(flat.moved((x + 0.20, y, 0.32)), f.metal)
        pipe = [
            vec(x + 0.36, -0.06, 0.50),
            vec(x + 0.44, -0.10, 0.34),
            vec(x + 0.30, -0.15, 0.22),
            vec(0.22, -0.165, 0.24),
            vec(0.05, -0.175, 0.30),
            vec(-0.24, -0.185, 0.38 if s.form == Form.SPORT else 0.33),
        ]
        out.add(
            tube(np.array(pipe), [0.022, 0.022, 0.024, 0.03, 0.048, 0.046], 9),
            f.chrome if s.form != Form.SPORT else f.metal,
        )

    def _fairing(self, out: Sculpture) -> None:
        f, s = self.f, self.style
        nose = float(self.front[0]) - 0.02
        side = [
            (nose - 0.66, 0.14, 0.26, s.saddle_m - 0.04),
            (nose - 0.46, 0.205, 0.22, s.saddle_m + 0.06),
            (nose - 0.24, 0.20, 0.46, s.saddle_m + 0.14),
            (nose - 0.06, 0.13, s.saddle_m - 0.15, s.saddle_m + 0.10),
            (nose + 0.03, 0.045, s.saddle_m - 0.09, s.saddle_m + 0.00),
        ]
        out.add(kit.sweep(side, 2.5, 16), f.paint)
        out.add(
            kit.sweep(
                [(x - 0.01, w * 1.012, low + 0.02, (low + high) / 2 - 0.06) for x, w, low, high in side[:3]],
                2.6,
            ),
            f.dark,
        )
        pane = [
            (nose - 0.42, 0.13, s.saddle_m + 0.08, s.saddle_m + 0.25),
            (nose - 0.32, 0.135, s.saddle_m + 0.06, s.saddle_m + 0.27),
            (nose - 0.14, 0.12, s.saddle_m + 0.05, s.saddle_m + 0.15),
            (nose - 0.05, 0.07, s.saddle_m + 0.04, s.saddle_m + 0.09),
        ]
        out.add(kit.sweep(pane, 2.4), f.glass)
        beam = box((0.05, 0.09, 0.045), (nose - 0.035, 0.075, s.saddle_m - 0.015), 0.018)
        out.add(mirrored_pair(beam), f.lens)
        kit.indicators(out, f, vec(nose - 0.16, 0.215, s.saddle_m - 0.02))

    def _tail(self, out: Sculpture) -> None:
        s, f, seat = self.style, self.f, self.style.saddle_m
        if s.form == Form.SPORT:
            tail_x = self.hip_x - 0.42
            rows = [
                (tail_x, 0.035, seat + 0.08, seat + 0.13),
                (tail_x + 0.16, 0.10, seat + 0.00, seat + 0.14),
                (self.hip_x - 0.16, 0.13, seat - 0.10, seat + 0.06),
                (self.hip_x + 0.10, 0.115, seat - 0.13, seat - 0.02),
            ]
            out.add(kit.sweep(rows, 2.5, 14), f.paint)
            lamp = vec(tail_x + 0.005, 0, seat + 0.10)
        else:
            tail_x = self.hip_x - 0.50
            rows = [
                (tail_x - 0.02, 0.05, seat - 0.03, seat + 0.03),
                (tail_x + 0.12, 0.10, seat - 0.07, seat + 0.02),
                (self.hip_x - 0.16, 0.12, seat - 0.14, seat - 0.03),
            ]
            out.add(kit.sweep(rows, 2.8), f.paint)
            lamp = vec(tail_x - 0.015, 0, seat - 0.005)
            out.add(kit.guard(self.rear, s.radius_m, 0.75, 2.55, 0.07), f.dark)
            loads.rack(out, f, vec(tail_x + 0.12, 0, seat + 0.055), 0.26, 0.10)
            strut = rod(
                vec(tail_x - 0.10, 0.09, seat + 0.055), vec(tail_x + 0.10, 0.085, seat - 0.05), 0.009, 5
            )
            out.add(mirrored_pair(strut), f.metal)
        kit.blob_lamp(out, lamp, (0.04, 0.12, 0.045), f.red)
        kit.blob_lamp(out, lamp - vec(0.006, 0, 0.0), (0.04, 0.06, 0.028), f.brake)
        kit.indicators(out, f, vec(float(lamp[0]) + 0.03, 0.135, seat - 0.05), stalk=True)
        plate = vec(float(lamp[0]) - 0.015, 0, seat - 0.18)
        kit.rear_plate(out, f, plate, s.plate, (0.22, 0.14))
        out.add(rod(plate + vec(0.012, 0, 0.05), lamp + vec(0.05, 0, -0.01), 0.014, 5), f.dark)

    def steered(self) -> Sculpture:
        """Fork, bars, lamp, clocks, mirrors."""
        out, s, f = Sculpture(), self.style, self.f
        gap = 0.095
        top = s.bar_m - (0.05 if s.form != Form.SPORT else 0.0)
        crown = self.head.at(min(2 * s.radius_m + 0.12, top - 0.08))
        for y in (gap, -gap):
            side = vec(0.025, y, 0)
            out.add(rod(self.front + vec(0, y, 0), crown + side, 0.029, 8), f.dark)
            out.add(rod(crown + side, self.head.at(top) + side, 0.021, 8), f.chrome)
        for z in (float(crown[2]), top - 0.01):
            out.add(box((0.07, 2 * gap + 0.05, 0.03), self.head.at(z) + vec(0.018, 0, 0), 0.008), f.metal)
        out.add(kit.guard(self.front, s.radius_m, 0.55, 2.35, 0.07), f.paint)
        kit.bar(out, f, self.bar, f.chrome if s.form != Form.SPORT else f.dark, 0.013)
        stem = self.head.at(s.bar_m)
        foot = self.bar[2] * 0.75 + self.bar[3] * 0.25
        head = vec(float(stem[0]) + 0.03, s.bar_half_m + 0.02, s.bar_m + 0.16)
        kit.mirrors(out, f, foot, head, s.form != Form.SPORT)
        if s.form != Form.SPORT:
            lamp = self.head.at(s.bar_m - 0.13) + vec(0.155, 0, 0)
            kit.round_lamp(out, f, lamp, 0.085, f.chrome)
            for y in (0.05, -0.05):
                clock = lathe([(0.04, -0.05), (0.045, 0.0)], 12).turned(rotation_about(1, -0.5))
                out.add(clock.moved(stem + vec(0.07, y, 0.02)), f.dark)
            kit.indicators(out, f, self.head.at(s.bar_m - 0.15) + vec(0.10, 0.16, 0), stalk=True)
        if s.screen and s.form != Form.SPORT:
            rows = [
                (stem + vec(0.17, 0, -0.02), 0.20, 1.0),
                (stem + vec(0.13, 0, 0.10), 0.20, 1.0),
                (stem + vec(0.09, 0, 0.20), 0.13, 0.8),
            ]
            out.add(kit.slab(rows, 0.07, 0.006), f.of((120, 134, 142), Material.GLASS))
        return out

    def rest(self) -> Vec3:
        """Under the ball of the left foot."""
        if self.style.form == Form.SPORT:
            return vec(self.hip_x + 0.10, 0.19, 0.36)
        return vec(self.hip_x + 0.28, 0.20, 0.31)

    def saddle(self) -> Saddle:
        """How the rider sits."""
        sport = self.style.form == Form.SPORT
        return Saddle(
            point_m=vec(self.hip_x, 0.0, self.style.saddle_m),
            lean_rad=self.style.lean_rad,
            elbows_out=0.8,
            knees_out=0.34,
            foot_pitch_rad=0.25 if sport else 0.0,
        )


def _crate(out: Sculpture, f: Finishes, base: Vec3, rng: np.random.Generator) -> None:
    """What a laden motorcycle carries behind: a crate and bags at the sides."""
    tones: tuple[Color, ...] = ((40, 90, 150), (160, 44, 40), (60, 62, 66), (190, 150, 60))
    tone = tones[int(rng.integers(len(tones)))]
    loads.tub_basket(out, base, (0.42, 0.46, 0.30), f.of(tone))
    loads.cartons(out, f, base + vec(-0.17, -0.18, 0.02), (0.34, 0.36, float(rng.uniform(0.3, 0.6))), rng)
    canvas = f.of(((86, 88, 70), (60, 60, 66), (110, 80, 54))[int(rng.integers(3))])
    out.add(mirrored_pair(box((0.40, 0.15, 0.32), base + vec(0.08, 0.235, -0.20), 0.03)), canvas)


def _tanked(rng: np.random.Generator, form: Form) -> Machine:
    style = draw_style(rng, form)
    maker = MotorbikeMaker(style)
    frame = maker.frame()
    sort = Sort.COURIER if form == Form.CARGO and rng.random() < 0.4 else Sort.SPORTY
    outfit = draw_outfit(rng, sort, headgear=MOTORCYCLISTS)
    passengers: list[Part] = []
    behind = vec(maker.hip_x - 0.50, 0, style.saddle_m + 0.064)
    if style.crate:
        _crate(frame, maker.f, behind, rng)
    elif style.second:
        hips = vec(maker.hip_x - 0.31, 0, style.saddle_m + 0.05)
        hand = vec(maker.hip_x - 0.02, 0.16, style.saddle_m + 0.17)
        peg = vec(maker.hip_x + 0.0, 0.20, 0.38)
        second = draw_passenger(rng, Sort.SPORTY)
        passengers += seated(
            second, Saddle(point_m=hips, lean_rad=0.06, knees_out=0.5, arm_share=0.97), hand, peg
        )
        frame.add(
            mirrored_pair(
                rod(peg * np.array([1, 0.4, 1]) - vec(0, 0, 0.018), peg - vec(0, 0, 0.016), 0.013, 5)
            ),
            maker.f.dark,
        )
    elif style.case:
        loads.top_case(frame, maker.f, behind, ((34, 34, 36), (90, 92, 96))[int(rng.integers(2))], 0.42)
    own = PAINTS[int(rng.integers(len(PAINTS)))]
    spokes = 5 if form == Form.SPORT else 6
    return Machine(
        frame=frame,
        steered=maker.steered(),
        wheels=[
            WheelPart(
                mesh=kit.cast_wheel(style.radius_m, style.tyre_m * 0.88, spokes, Tag.MOTORCYCLE),
                axle_m=maker.front,
                radius_m=style.radius_m,
                steers=True,
            ),
            WheelPart(
                mesh=kit.cast_wheel(style.radius_m, style.tyre_m, spokes, Tag.MOTORCYCLE),
                axle_m=maker.rear,
                radius_m=style.radius_m,
            ),
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


def _scooter(rng: np.random.Generator) -> Machine:
    """A large scooter: the e-bike's form, longer and higher, with an engine behind."""
    u = rng.uniform(-1.0, 1.0, 4)
    extras = {"mirrors"}
    extras |= {
        name
        for name, share in (("screen", 0.5), ("top_case", 0.5), ("backrest", 0.3))
        if rng.random() < share
    }
    style = EbikeStyle(
        scooter=True,
        radius_m=0.25,
        tyre_m=0.12,
        base_m=1.34 + 0.05 * u[0],
        saddle_m=0.785 + 0.02 * u[1],
        bar_m=1.09 + 0.03 * u[2],
        bar_half_m=0.355 + 0.015 * u[3],
        board_m=0.32,
        half_m=0.19,
        round_lamp=bool(rng.random() < 0.4),
        panel=((34, 34, 36), (58, 58, 62))[int(rng.integers(2))],
        accent=(70, 72, 76),
        courier=-1,
        extras=frozenset(extras),
    )
    maker = ebikes.EbikeMaker(style)
    frame, f = maker.frame(), maker.f
    muffler = [vec(0.16, -0.12, 0.24), vec(0.02, -0.155, 0.27), vec(-0.30, -0.165, 0.36)]
    frame.add(tube(np.array(muffler), [0.03, 0.055, 0.055], 10), f.dark)
    frame.add(box((0.20, 0.02, 0.05), (-0.14, -0.215, 0.33), 0.008), f.chrome)
    kit.rear_plate(frame, f, vec(maker.tail_x - 0.055, 0, 0.46), PLATES[int(rng.integers(2))], (0.22, 0.14))
    if "top_case" in extras:
        loads.rack(frame, f, vec(0.02, 0, style.saddle_m + 0.035), 0.36, 0.10)
        loads.top_case(frame, f, vec(-0.22, 0, style.saddle_m + 0.04), (34, 34, 36), 0.42)
    wheel = kit.cast_wheel(style.radius_m, style.tyre_m, 5, Tag.MOTORCYCLE)
    own = PAINTS[int(rng.integers(len(PAINTS)))]
    return Machine(
        frame=frame,
        steered=maker.steered(),
        wheels=[
            WheelPart(mesh=wheel, axle_m=maker.front, radius_m=style.radius_m, steers=True),
            WheelPart(mesh=wheel, axle_m=maker.rear, radius_m=style.radius_m),
        ],
        steer_axis=maker.head.axis,
        steer_point_m=maker.head.foot,
        grip_m=maker.grip,
        bar_axis=maker.axis,
        rest_m=maker.rest(),
        saddle=maker.saddle(),
        outfit=draw_outfit(rng, Sort.ANYBODY, headgear=MOTORCYCLISTS),
        own_rgb=own,
    )


def design(variant: int) -> Machine:
    """The motorcycle of a variant."""
    rng = derive_rng("motorcycle design", variant)
    form = Form(str(rng.choice(list(Form), p=[0.40, 0.17, 0.23, 0.20])))
    return _scooter(rng) if form == Form.SCOOTER else _tanked(rng, form)


MOTORCYCLE = ridden_family(
    name="motorcycle",
    base_type="motorcycle",
    object_class=ObjectClass.MOTORCYCLE,
    wheels=2,
    paints=tuple(",".join(str(c) for c in color) for color in PAINTS),
    design=design,
)
