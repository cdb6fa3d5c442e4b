"""Frames of motorcycles and scooters: tank, seat, fairing, engine, tail."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    box,
    dome,
    ellipsoid,
    lathe,
    loft,
    mirrored_pair,
    plate,
    rod,
    rotation_about,
    tube,
)
from drivegen.embedded.assets.people.build import Build
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.motorcycle_styles import STYLES, Form
from drivegen.embedded.assets.vehicles.rider import Seat
from drivegen.embedded.mesh import Material

Vec3 = Float64[np.ndarray, "3"]


class MotorcycleFrame:
    """One motorcycle in its box: its measures, and all that does not steer."""

    def __init__(self, blueprint_id: str, size_lwh_m: tuple[float, float, float]) -> None:
        self.style = STYLES[blueprint_id]
        s = self.style
        self.length_m, width, _ = size_lwh_m
        self.half_m = width / 2 - CLEARANCE_M
        end = self.length_m / 2 - CLEARANCE_M
        tail = 0.16 if s.form != Form.SCOOTER else 0.12
        self.front = np.array([end - s.front_radius_m, 0.0, s.front_radius_m + CLEARANCE_M])
        self.rear = np.array([-end + s.rear_radius_m + tail, 0.0, s.rear_radius_m + CLEARANCE_M])
        self.end = end
        slope = math.tan(math.radians(s.rake_deg))
        self.axis = np.array([-slope, 0.0, 1.0]) / math.hypot(1.0, slope)
        self.foot = self.front - np.array([0.04, 0.0, 0.0])
        self.tag = Tag.MOTORCYCLE
        self.paint = Finish((255, 255, 255), Material.PAINT, self.tag)
        self.dark = Finish((30, 30, 32), Material.MATTE, self.tag)
        self.metal = Finish((150, 152, 156), Material.METAL, self.tag)
        self.chrome = Finish((206, 208, 212), Material.METAL, self.tag)
        self.leather = Finish((26, 24, 24), Material.MATTE, self.tag)
        self.red = Finish((170, 16, 20), Material.TAIL_LAMP, self.tag)
        self.brake = Finish((190, 20, 24), Material.BRAKE_LAMP, self.tag)
        self.lens = Finish((230, 233, 236), Material.HEAD_LAMP, self.tag)
        self.hip_x = -s.seat_back_f * self.length_m

    def seat(self, build: Build) -> Seat:
        """On the saddle."""
        s = self.style
        return Seat(
            hip_m=np.array([self.hip_x, 0.0, s.seat_m + 0.055 * build.height_m]),
            lean_rad=s.lean_rad,
            elbows_out=0.8 if s.form != Form.SCOOTER else 0.4,
            knees_out=0.35 if s.form != Form.SCOOTER else 0.15,
            foot_pitch_rad=0.30 if s.form == Form.SPORT else -0.35 if s.form == Form.CRUISER else -0.05,
        )

    def on_axis(self, z_m: float) -> Vec3:
        """The point of the steering axis at a height."""
        return np.asarray(self.foot + self.axis * ((z_m - self.foot[2]) / self.axis[2]))

    def rests(self) -> tuple[Vec3, Vec3]:
        """Where the balls of the feet rest."""
        x, y, z = self.style.rest_m
        left = np.array([x * self.length_m, y, z])
        return left, left * np.array([1.0, -1.0, 1.0])

    def sweep(
        self,
        out: Sculpture,
        rows: list[tuple[float, float, float, float]],
        finish: Finish,
        power: float = 2.6,
    ) -> None:
        """A body along x through (x, half width, low z, high z)."""
        angle = np.arange(12) * (2 * math.pi / 12)
        c, s = np.cos(angle), np.sin(angle)
        round_to = 2.0 / power
        rings = []
        for x, half, low, high in rows:
            y = half * np.sign(c) * np.abs(c) ** round_to
            z = (low + high) / 2 + (high - low) / 2 * np.sign(s) * np.abs(s) ** round_to
            rings.append(np.stack([np.full(12, x), y, z], axis=1))
        out.add(loft(rings), finish)

    def frame(self) -> Sculpture:
        """Everything that does not steer."""
        out = Sculpture()
        {Form.SPORT: self._sport, Form.CRUISER: self._cruiser, Form.SCOOTER: self._scooter}[self.style.form](
            out
        )
        tail = -self.end
        seat = self.style.seat_m
        number, uvs = plate((tail + 0.055, 0.0, 0.52), (0.0, -0.11, 0.0), (0.05, 0.0, 0.075))
        out.add(number.facing((-1.0, 0.0, 0.3)), Finish((232, 184, 24), Material.PLATE, self.tag), uvs=uvs)
        out.add(box((0.012, 0.23, 0.16), (tail + 0.075, 0, 0.52)), self.dark)
        for y, material in ((0.13, Material.INDICATOR_LEFT), (-0.13, Material.INDICATOR_RIGHT)):
            out.add(
                ellipsoid((0.03, 0.028, 0.022), (tail + 0.10, y, seat - 0.13), 8, 4),
                Finish((214, 120, 20), material, self.tag),
            )
            out.add(rod((tail + 0.12, 0, seat - 0.13), (tail + 0.10, y, seat - 0.13), 0.008, 5), self.dark)
        out.add(rod((tail + 0.08, 0, 0.56), (tail + 0.14, 0, seat - 0.02), 0.014, 5), self.dark)
        for side in (0.075, -0.075):
            if self.style.form != Form.SCOOTER:
                arm = [(self.rear[0] + 0.48, side, 0.42), (self.rear[0], side * 1.2, self.rear[2])]
                out.add(rod(arm[0], arm[1], 0.024, 6), self.metal)
        return out

    def _sport(self, out: Sculpture) -> None:
        tail, x = -self.end, self.hip_x
        seat = self.style.seat_m
        neck = self.on_axis(0.86)
        self.sweep(
            out,
            [
                (x + 0.14, 0.09, seat - 0.10, seat + 0.02),
                (x + 0.24, 0.15, seat - 0.10, seat + 0.16),
                (x + 0.40, 0.17, seat - 0.10, seat + 0.20),
                (neck[0] - 0.06, 0.10, seat - 0.08, seat + 0.12),
            ],
            self.paint,
        )
        self.sweep(
            out,
            [
                (tail + 0.04, 0.04, seat + 0.06, seat + 0.12),
                (tail + 0.22, 0.11, seat - 0.02, seat + 0.14),
                (x - 0.12, 0.14, seat - 0.12, seat + 0.06),
                (x + 0.12, 0.12, seat - 0.14, seat - 0.01),
            ],
            self.paint,
        )
        self.sweep(
            out,
            [
                (x - 0.16, 0.10, seat + 0.01, seat + 0.055),
                (x, 0.14, seat - 0.03, seat + 0.025),
                (x + 0.17, 0.10, seat - 0.03, seat + 0.02),
            ],
            self.leather,
        )
        nose = self.front[0] + 0.02
        self.sweep(
            out,
            [
                (nose - 0.62, 0.15, 0.28, 0.78),
                (nose - 0.44, 0.21, 0.24, 0.88),
                (nose - 0.24, 0.20, 0.52, 0.94),
                (nose - 0.06, 0.13, 0.64, 0.90),
                (nose + 0.02, 0.04, 0.70, 0.80),
            ],
            self.paint,
        )
        self.sweep(
            out,
            [
                (nose - 0.46, 0.16, 0.88, 1.02),
                (nose - 0.36, 0.16, 0.86, 1.06),
                (nose - 0.18, 0.14, 0.84, 0.97),
                (nose - 0.08, 0.08, 0.82, 0.90),
            ],
            Finish((40, 46, 52), Material.GLASS, self.tag),
        )
        beam = dome(1.0, 1.0, 10).turned(rotation_about(1, math.pi / 2)).scaled((0.09, 0.055, 0.035))
        out.add(mirrored_pair(beam.moved((nose - 0.08, 0.07, 0.765))), self.lens)
        self.sweep(
            out,
            [(self.rear[0] + 0.42, 0.10, 0.24, 0.62), (0.0, 0.17, 0.20, 0.64), (0.22, 0.15, 0.20, 0.60)],
            self.dark,
        )
        pipe = [
            (0.15, -0.12, 0.24),
            (-0.15, -0.15, 0.26),
            (self.rear[0] + 0.1, -0.19, 0.44),
            (self.rear[0] - 0.16, -0.20, 0.54),
        ]
        out.add(tube(pipe, [0.03, 0.035, 0.055, 0.055], 10), self.metal)
        out.add(box((0.05, 0.12, 0.035), (tail + 0.035, 0.0, seat + 0.085), 0.01), self.red)
        out.add(box((0.03, 0.08, 0.03), (tail + 0.05, 0.0, seat + 0.045), 0.008), self.brake)
        self._guard(out, self.rear, self.style.rear_radius_m, 0.9, 2.0)

    def _cruiser(self, out: Sculpture) -> None:
        tail, x, seat = -self.end, self.hip_x, self.style.seat_m
        neck = self.on_axis(0.82)
        self.sweep(
            out,
            [
                (x + 0.20, 0.06, seat - 0.02, seat + 0.06),
                (x + 0.34, 0.15, seat - 0.04, seat + 0.16),
                (x + 0.58, 0.16, seat - 0.02, seat + 0.20),
                (neck[0] - 0.03, 0.06, seat + 0.06, seat + 0.18),
            ],
            self.paint,
            2.2,
        )
        self.sweep(
            out,
            [
                (x - 0.42, 0.10, seat + 0.02, seat + 0.10),
                (x - 0.22, 0.13, seat - 0.02, seat + 0.10),
                (x - 0.12, 0.16, seat - 0.10, seat + 0.04),
                (x + 0.06, 0.17, seat - 0.10, seat - 0.01),
                (x + 0.24, 0.09, seat - 0.08, seat + 0.02),
            ],
            self.leather,
        )
        for lean in (-0.42, 0.42):
            cylinder = lathe([(0.07, 0.0), (0.085, 0.02), (0.085, 0.24), (0.06, 0.29)], 10).turned(
                rotation_about(1, lean)
            )
            out.add(cylinder.moved((0.08, 0.0, 0.42)), self.chrome)
        self.sweep(
            out,
            [
                (-0.34, 0.10, 0.20, 0.46),
                (-0.10, 0.16, 0.16, 0.48),
                (0.20, 0.16, 0.16, 0.46),
                (0.34, 0.08, 0.22, 0.42),
            ],
            self.metal,
        )
        for y, z in ((-0.17, 0.28), (-0.19, 0.40)):
            pipe = [
                (0.22, y * 0.7, 0.48),
                (0.14, y, z),
                (self.rear[0] + 0.2, y, z),
                (self.rear[0] - 0.22, y, z + 0.01),
            ]
            out.add(tube(pipe, [0.025, 0.035, 0.042, 0.045], 9), self.chrome)
        for a, b in (
            ((0.45, 0.0, 0.30), neck),
            ((x - 0.05, 0.0, seat - 0.14), neck - np.array([0.02, 0, 0.06])),
        ):
            out.add(rod(a, b, 0.024, 7), self.dark)
        self._guard(out, self.rear, self.style.rear_radius_m, 0.45, 2.7, 0.085)
        out.add(ellipsoid((0.035, 0.05, 0.035), (tail + 0.045, 0.0, 0.66), 10, 5), self.red)
        out.add(box((0.03, 0.09, 0.03), (tail + 0.06, 0.0, 0.605), 0.008), self.brake)
        out.add(rod((x - 0.3, 0.0, seat - 0.06), (tail + 0.06, 0.0, 0.66), 0.02, 6), self.dark)
        for side in (0.13, -0.13):
            out.add(
                rod((self.rear[0] + 0.02, side, self.rear[2]), (x - 0.18, side * 0.9, seat - 0.04), 0.028, 8),
                self.chrome,
            )
            rest = np.array(
                [
                    self.style.rest_m[0] * self.length_m,
                    math.copysign(self.style.rest_m[1], side),
                    self.style.rest_m[2] - 0.02,
                ]
            )
            out.add(rod(rest * np.array([1, 0.4, 1]), rest, 0.016, 6), self.dark)

    def _scooter(self, out: Sculpture) -> None:
        tail, x, seat = -self.end, self.hip_x, self.style.seat_m
        board = self.style.rest_m[2] - 0.02
        shield = self.on_axis(0.62)
        self.sweep(
            out,
            [
                (tail + 0.03, 0.10, seat - 0.22, seat - 0.04),
                (tail + 0.16, 0.19, seat - 0.42, seat - 0.02),
                (x - 0.06, 0.22, board - 0.02, seat - 0.03),
                (x + 0.18, 0.19, board - 0.06, seat - 0.04),
                (x + 0.30, 0.12, board - 0.06, seat - 0.16),
            ],
            self.paint,
            2.8,
        )
        self.sweep(
            out,
            [
                (tail + 0.12, 0.11, seat - 0.05, seat + 0.02),
                (x - 0.10, 0.15, seat - 0.06, seat + 0.03),
                (x + 0.12, 0.14, seat - 0.06, seat + 0.01),
                (x + 0.30, 0.08, seat - 0.08, seat - 0.01),
            ],
            self.leather,
        )
        self.sweep(
            out,
            [
                (x + 0.22, 0.17, board - 0.09, board - 0.015),
                (shield[0] - 0.06, 0.17, board - 0.09, board - 0.015),
                (shield[0] + 0.03, 0.14, board - 0.05, board + 0.04),
            ],
            self.dark,
            5.0,
        )
        rows = []
        for z, half, lean in (
            (board - 0.03, 0.16, 0.0),
            (0.45, 0.205, 0.0),
            (0.66, 0.20, 0.0),
            (0.84, 0.13, 0.0),
            (0.92, 0.07, 0.0),
        ):
            point = self.on_axis(z) + np.array([lean - 0.01, 0, 0])
            bow = 0.07
            y = np.array([-1.0, -0.6, 0.0, 0.6, 1.0])
            ahead = np.stack([point[0] + 0.03 + bow * (1 - y**2), half * y, np.full(5, z)], axis=1)
            behind = np.stack(
                [point[0] - 0.02 + bow * 0.6 * (1 - y[::-1] ** 2), half * y[::-1], np.full(5, z)], axis=1
            )
            rows.append(np.concatenate([ahead, behind]))
        out.add(loft(rows), self.paint)
        out.add(box((0.04, 0.10, 0.06), (tail + 0.035, 0.0, seat - 0.12), 0.012), self.red)
        out.add(box((0.03, 0.07, 0.03), (tail + 0.05, 0.0, seat - 0.06), 0.008), self.brake)
        out.add(
            ellipsoid((0.20, 0.04, 0.07), (self.rear[0] + 0.05, -0.16, self.rear[2] + 0.02), 10, 5),
            self.metal,
        )

    def _guard(
        self, out: Sculpture, axle: Vec3, radius: float, start: float, end: float, half: float = 0.06
    ) -> None:
        angle = np.linspace(start, end, 9)
        rows = []
        for a in angle:
            c, s = math.cos(a), math.sin(a)
            rim = [
                (radius + 0.010, -half),
                (radius + 0.035, -half * 0.7),
                (radius + 0.035, half * 0.7),
                (radius + 0.010, half),
                (radius + 0.022, 0.0),
            ]
            rows.append(np.array([axle + np.array([r * c, y, r * s]) for r, y in rim]))
        out.add(loft(rows), self.paint)
