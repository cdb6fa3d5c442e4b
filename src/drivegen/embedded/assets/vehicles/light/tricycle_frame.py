"""Tricycles: chassis, seat, what steers, lamps."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, mirrored_pair, rod, tube
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.light import kit
from drivegen.embedded.assets.vehicles.light.kit import Finishes, vec
from drivegen.embedded.assets.vehicles.light.steering import Steering
from drivegen.embedded.assets.vehicles.light.tricycle_styles import Form, Style
from drivegen.embedded.mesh import Material


class TricycleFrame:
    """One tricycle: its measures, and what all forms share."""

    def __init__(self, style: Style) -> None:
        s = self.style = style
        self.f = Finishes(Tag.MOTORCYCLE)
        self.front = vec(s.base_m, 0.0, s.radius_m)
        self.head = Steering(self.front, 20.0 if s.form != Form.PEDAL else 17.0)
        stem, half = self.head.at(s.bar_m), 0.32
        self.bar = [
            stem + vec(0.02, 0.0, 0.0),
            stem + vec(0.0, half * 0.30, 0.03),
            stem + vec(-0.06, half * 0.64, 0.045),
            stem + vec(-0.13, half, 0.03),
        ]
        self.grip, self.axis = kit.grip_on(self.bar)
        self.hip_x = float(self.grip[0]) - 0.47
        self.wall_x = self.hip_x - 0.20
        """Front of the bed or box."""
        self.body = self.f.paint
        self.band = self.f.of(s.colors[1], Material.SATIN)
        self.head_room_m = 1.70

    def _chassis(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        out.add(
            rod(
                vec(0, -s.track_m / 2 + 0.05, s.radius_m), vec(0, s.track_m / 2 - 0.05, s.radius_m), 0.032, 8
            ),
            f.dark,
        )
        if s.form == Form.PEDAL:
            return
        out.add(box((0.24, 0.24, 0.22), (0.02, 0.0, s.radius_m), 0.05), f.dark)
        for y in (0.22, -0.22):
            rail = [vec(-s.tail_m + 0.02, y, s.floor_m - 0.05), vec(self.wall_x, y, s.floor_m - 0.05)]
            out.add(box((float(rail[1][0] - rail[0][0]), 0.05, 0.07), (rail[0] + rail[1]) / 2), f.dark)
            out.add(
                mirrored_pair(box((0.40, 0.05, 0.03), vec(0, s.track_m / 2 - 0.13, s.radius_m + 0.06))),
                f.dark,
            )
        floor_end = float(self.head.at(0.4)[0]) - 0.10
        out.add(
            box(
                (floor_end - self.wall_x + 0.10, 0.46, 0.05),
                ((floor_end + self.wall_x - 0.10) / 2, 0, 0.315),
                0.012,
            ),
            f.dark,
        )
        out.add(box((0.50, 0.40, 0.12), (self.wall_x - 0.02, 0, 0.30), 0.02), f.dark)
        neck = self.head.at(0.86)
        out.add(
            tube(
                np.array([vec(floor_end - 0.02, 0, 0.33), self.head.at(0.48) - vec(0.06, 0, 0), neck]),
                0.03,
                8,
            ),
            f.dark,
        )
        seat = [
            (self.hip_x - 0.17, 0.17, s.saddle_m - 0.09, s.saddle_m + 0.02),
            (self.hip_x - 0.05, 0.20, s.saddle_m - 0.10, s.saddle_m + 0.004),
            (self.hip_x + 0.14, 0.18, s.saddle_m - 0.10, s.saddle_m + 0.004),
            (self.hip_x + 0.21, 0.13, s.saddle_m - 0.09, s.saddle_m - 0.02),
        ]
        out.add(kit.sweep(seat, 3.0), f.leather)
        out.add(
            box((0.34, 0.34, s.saddle_m - 0.43), (self.hip_x - 0.02, 0, (s.saddle_m + 0.25) / 2), 0.02),
            f.grey,
        )
        out.add(box((0.05, 0.34, 0.24), (self.wall_x + 0.035, 0, s.saddle_m + 0.18), 0.02), f.leather)

    def _lamps_behind(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        x, z = -s.tail_m - 0.012, s.floor_m - 0.06
        for side, turn in ((1.0, f.left), (-1.0, f.right)):
            y = side * (s.half_m - 0.10)
            kit.blob_lamp(out, vec(x, y, z), (0.03, 0.10, 0.07), f.red)
            kit.blob_lamp(out, vec(x, y - side * 0.10, z), (0.03, 0.08, 0.07), f.brake)
            kit.blob_lamp(out, vec(x, y - side * 0.18, z), (0.03, 0.07, 0.07), turn)
        out.add(box((0.03, 2 * s.half_m - 0.06, 0.10), (x + 0.022, 0, z), 0.008), f.dark)
        if s.form != Form.PEDAL:
            kit.rear_plate(out, f, vec(x - 0.004, 0, z - 0.005), (226, 182, 28), (0.22, 0.09))

    def steered(self) -> Sculpture:
        """Fork, mudguard, bars."""
        out, s, f = Sculpture(), self.style, self.f
        gap = 0.075
        crown = self.head.at(2 * s.radius_m + 0.09)
        for y in (gap, -gap):
            knee = self.head.at(s.radius_m + 0.12) + vec(0.02, y, 0)
            out.add(
                tube(np.array([self.front + vec(0, y, 0), knee, crown + vec(0.01, y, 0)]), 0.024, 7), f.dark
            )
        out.add(box((0.07, 2 * gap + 0.06, 0.04), crown + vec(0.01, 0, 0), 0.01), f.dark)
        out.add(
            kit.guard(self.front, s.radius_m, 0.3, 2.4, 0.065, 0.025),
            f.paint if s.form == Form.OPEN else f.dark,
        )
        out.add(rod(crown, self.head.at(s.bar_m), 0.022, 8), f.dark)
        kit.bar(out, f, self.bar, f.dark if s.form != Form.PEDAL else f.metal, 0.013)
        stem = self.head.at(s.bar_m)
        if s.form != Form.PEDAL:
            out.add(box((0.10, 0.24, 0.07), stem + vec(0.02, 0, 0.0), 0.02), f.dark)
        else:
            kit.round_lamp(out, f, stem + vec(0.08, 0, -0.10), 0.035, f.dark)
        if s.form == Form.OPEN and not s.doors:
            foot = self.bar[2] * 0.7 + self.bar[3] * 0.3
            kit.mirrors(out, f, foot, vec(float(stem[0]), 0.36, s.bar_m + 0.17), True)
        return out

    def pedal_frame(self, out: Sculpture, saddle_top: Vec3, bracket: Vec3) -> None:
        """The front half of a pedal tricycle: a bicycle's, joined to the bed."""
        s, f = self.style, self.f
        low, high = self.head.at(2 * s.radius_m + 0.06), self.head.at(s.bar_m - 0.10)
        out.add(rod(low, high, 0.024, 8), f.paint)
        out.add(rod(bracket, low, 0.019, 8), f.paint)
        out.add(rod(bracket, saddle_top - vec(0, 0, 0.05), 0.017, 8), f.paint)
        out.add(rod(saddle_top * 0.7 + bracket * 0.3, high - vec(0, 0, 0.03), 0.018, 8), f.paint)
        for y in (0.10, -0.10):
            out.add(rod(bracket + vec(0, y * 0.4, 0), vec(0, y, s.radius_m), 0.013, 6), f.paint)
            out.add(
                rod(saddle_top * 0.6 + bracket * 0.4, vec(self.wall_x - 0.05, y * 2, s.floor_m), 0.013, 6),
                f.paint,
            )
        x, z = float(saddle_top[0]), float(saddle_top[2])
        rows = [
            (x - 0.13, 0.07, z - 0.04, z + 0.01),
            (x - 0.06, 0.11, z - 0.045, z + 0.012),
            (x + 0.04, 0.05, z - 0.04, z),
            (x + 0.14, 0.022, z - 0.04, z - 0.01),
        ]
        out.add(kit.sweep(rows, 2.3), f.leather)
        for dz in (0.08, -0.08):
            out.add(rod(bracket + vec(0, -0.06, dz), vec(0, -0.06, s.radius_m + dz * 0.4), 0.005, 4), f.dark)
