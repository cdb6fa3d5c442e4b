"""Tricycles: boxes, cabs, cabins, beds and their loads."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, rod, tube
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.light import kit, loads
from drivegen.embedded.assets.vehicles.light.kit import Color, vec
from drivegen.embedded.assets.vehicles.light.tricycle_frame import TricycleFrame
from drivegen.embedded.assets.vehicles.light.tricycle_styles import Form
from drivegen.embedded.mesh import Material


class TricycleMaker(TricycleFrame):
    """Adds the body."""

    def frame(self, rng: np.random.Generator) -> Sculpture:
        """Everything that does not steer."""
        out, s = Sculpture(), self.style
        self._chassis(out)
        if s.form == Form.PARCEL:
            self._parcel_box(out)
            self._cab(out)
        elif s.form == Form.PASSENGER:
            self._cabin(out)
            self._cab(out)
        else:
            self._bed(out)
            self._load(out, rng)
            if s.form == Form.OPEN:
                self._front_shield(out)
                if s.canopy:
                    self._canopy(out)
        self._lamps_behind(out)
        return out

    def _parcel_box(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        long = self.wall_x + s.tail_m
        low, middle = s.floor_m - 0.02, (self.wall_x - s.tail_m) / 2
        tall = s.top_m - low
        out.add(
            box((long, 2 * s.half_m, tall), (middle, 0, low + tall / 2), 0.035), self.body, crease_rad=0.5
        )
        out.add(
            box((long * 0.98, 2 * s.half_m + 0.008, tall * 0.22), (middle, 0, low + tall * 0.42), 0.004),
            self.band,
        )
        out.add(
            box(
                (long * 0.40, 2 * s.half_m + 0.014, tall * 0.13),
                (middle - long * 0.12, 0, low + tall * 0.72),
                0.005,
            ),
            self.band,
        )
        silver = f.of((214, 216, 218), Material.RETRO)
        for k in range(5):
            x = middle - long * 0.40 + long * 0.2 * k
            tone = silver if k % 2 else f.of((190, 30, 34), Material.RETRO)
            out.add(box((long * 0.13, 2 * s.half_m + 0.010, 0.045), (x, 0, low + 0.055), 0.003), tone)
        back = -s.tail_m
        for y in (0.0, s.half_m * 0.93, -s.half_m * 0.93):
            out.add(box((0.012, 0.012, tall * 0.90), (back - 0.001, y, low + tall * 0.5)), f.dark)
        for y in (0.06, -0.06):
            out.add(
                rod(vec(back - 0.018, y, low + 0.15), vec(back - 0.018, y, low + tall - 0.12), 0.010, 5),
                f.metal,
            )
            out.add(box((0.03, 0.03, 0.14), vec(back - 0.020, y, low + tall * 0.45), 0.006), f.dark)
        out.add(
            box((0.008, s.half_m * 0.7, tall * 0.18), (back - 0.002, s.half_m * 0.5, low + tall * 0.74)),
            self.band,
        )
        for side in (1.0, -1.0):
            frame_m = vec(middle + long * 0.22, side * (s.half_m + 0.001), low + tall * 0.52)
            for dx in (-0.24, 0.24):
                out.add(box((0.010, 0.010, tall * 0.72), frame_m + vec(dx, 0, 0)), f.dark)
            out.add(box((0.49, 0.010, 0.010), frame_m + vec(0, 0, tall * 0.36)), f.dark)
            out.add(box((0.03, 0.03, 0.12), frame_m + vec(-0.19, 0, 0.0), 0.006), f.metal)
        out.add(
            mirrored_pair(kit.guard(vec(0, s.track_m / 2, s.radius_m), s.radius_m, 0.15, 3.0, 0.07, 0.025)),
            f.dark,
        )
        out.add(box((0.02, s.half_m * 1.8, 0.10), (back + 0.02, 0, low - 0.05), 0.004), f.dark)

    def _cab(self, out: Sculpture) -> None:
        """A roof on pillars over the driver, a windscreen, a nose, perhaps half doors."""
        s, f = self.style, self.f
        half = min(s.half_m - 0.03, 0.46)
        nose_x = float(self.front[0]) + 0.06
        screen_low = vec(nose_x - 0.10, 0, 0.98)
        screen_high = vec(nose_x - 0.30, 0, self.head_room_m - 0.02)
        top = self.head_room_m
        roof_back = self.wall_x - (0.05 if s.top_m > top - 0.1 else 0.0)
        roof = [
            (roof_back - 0.02, half * 0.98, top - 0.005, top + 0.035),
            (self.hip_x + 0.1, half, top + 0.005, top + 0.055),
            (float(screen_high[0]) + 0.02, half * 0.97, top - 0.01, top + 0.04),
            (float(screen_high[0]) + 0.08, half * 0.92, top - 0.03, top + 0.01),
        ]
        out.add(kit.sweep(roof, 4.5), self.body)
        rows = [
            (vec(nose_x - 0.02, 0, 0.46), half * 0.72, 1.0),
            (vec(nose_x + 0.03, 0, 0.62), half * 0.92, 1.1),
            (vec(nose_x + 0.02, 0, 0.80), half, 1.1),
            (vec(nose_x - 0.06, 0, 0.97), half * 0.99, 1.0),
        ]
        out.add(kit.slab(rows, 0.10, 0.05), self.body)
        out.add(
            kit.slab([(p + vec(0.006, 0, 0), h * 0.62, b) for p, h, b in rows[1:3]], 0.04, 0.03), self.band
        )
        pane = [(screen_low + vec(0.0, 0, 0), half * 0.97, 1.0), (screen_high, half * 0.92, 0.8)]
        glass = self.f.of((58, 68, 74), Material.GLASS)
        frame_only = [(p + vec(0.004, 0, 0), h * 1.0, b) for p, h, b in pane]
        self._screen(out, frame_only, glass)
        for side in (1.0, -1.0):
            low, high = (
                screen_low + vec(-0.05, side * half * 0.97, 0),
                screen_high + vec(-0.04, side * half * 0.93, 0),
            )
            out.add(rod(low, high, 0.022, 7), self.body)
            rear = vec(self.wall_x + 0.03, side * half * 0.97, top)
            out.add(rod(rear, rear * np.array([1, 1, 0]) + vec(0, 0, 0.45), 0.02, 7), self.body)
            sill = [vec(self.wall_x, side * half * 0.95, 0.36), vec(nose_x - 0.12, side * half * 0.86, 0.36)]
            out.add(rod(sill[0], sill[1], 0.022, 6), f.dark)
            out.add(rod(sill[1], low - vec(0.02, 0, 0.04), 0.022, 6), self.body)
            mirror = vec(nose_x - 0.16, side * (half + 0.11), 1.22)
            out.add(box((0.035, 0.10, 0.15), mirror, 0.015), f.dark)
            out.add(rod(mirror, low * 0.7 + high * 0.3, 0.009, 5), f.dark)
            if s.doors:
                middle = (sill[0] + sill[1]) / 2 + vec(-0.02, 0, 0.22)
                out.add(box((float(sill[1][0] - sill[0][0]) - 0.14, 0.03, 0.40), middle, 0.01), self.body)
                out.add(
                    box((float(sill[1][0] - sill[0][0]) - 0.30, 0.036, 0.10), middle + vec(0, 0, 0.06), 0.01),
                    self.band,
                )
        self._nose_lamps(out, nose_x, half)

    def _screen(self, out: Sculpture, pane: list[tuple[Vec3, float, float]], glass: Finish) -> None:
        """A windscreen that one sees the driver through: its frame, a wiper, a tinted strip on top."""
        (low, half_low, _), (high, half_high, _) = pane
        for a, b in ((low, half_low), (high, half_high)):
            out.add(rod(a + vec(-0.03, -b, 0), a + vec(-0.03, b, 0), 0.016, 6), self.f.dark)
        strip = high * 0.84 + low * 0.16
        out.add(kit.slab([(strip, half_high * 1.0, 0.4), (high, half_high, 0.4)], 0.05, 0.006), glass)
        out.add(
            rod(low + vec(0.012, 0.05, 0.02), low * 0.55 + high * 0.45 + vec(0.012, 0.20, 0), 0.007, 4),
            self.f.dark,
        )

    def _nose_lamps(self, out: Sculpture, nose_x: float, half: float) -> None:
        f = self.f
        for side in (1.0, -1.0):
            kit.round_lamp(out, f, vec(nose_x - 0.035, side * half * 0.66, 0.80), 0.058, f.chrome)
        kit.indicators(out, f, vec(nose_x - 0.055, half * 0.84, 0.66))
        out.add(box((0.02, 0.24, 0.08), (nose_x + 0.05, 0, 0.60), 0.006), f.dark)

    def _cabin(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        half, top = s.half_m - 0.01, self.head_room_m - 0.02
        back, low = -s.tail_m, s.floor_m - 0.04
        shell = [
            (back, half * 0.90, low, 1.10),
            (back + 0.06, half, low - 0.02, 1.12),
            (self.wall_x - 0.04, half, low - 0.02, 1.12),
            (self.wall_x + 0.01, half * 0.96, low, 1.10),
        ]
        out.add(kit.sweep(shell, 5.0, 16), f.paint)
        house = [
            (back + 0.03, half * 0.82, 1.08, top - 0.05),
            (back + 0.10, half * 0.93, 1.06, top + 0.01),
            (self.wall_x - 0.05, half * 0.95, 1.06, top + 0.01),
            (self.wall_x + 0.01, half * 0.92, 1.08, top - 0.02),
        ]
        out.add(kit.sweep(house, 5.0, 16), f.of((54, 62, 68), Material.GLASS))
        for share in (0.0, 0.48, 1.0):
            x = back + 0.09 + (self.wall_x - 0.06 - back - 0.09) * share
            out.add(
                mirrored_pair(box((0.055, 0.03, top - 1.04), (x, half * 0.945, (top + 1.06) / 2), 0.008)),
                f.paint,
            )
        lid = [
            (back + 0.00, half * 0.90, top - 0.03, top + 0.03),
            (back + 0.14, half * 0.98, top - 0.02, top + 0.06),
            (self.wall_x + 0.02, half * 0.98, top - 0.02, top + 0.06),
        ]
        out.add(kit.sweep(lid, 4.0), f.paint)
        out.add(
            mirrored_pair(kit.guard(vec(0, s.track_m / 2, s.radius_m), s.radius_m, 0.15, 3.0, 0.07, 0.025)),
            f.dark,
        )
        out.add(
            box(
                (self.wall_x - back - 0.1, 2 * half + 0.01, 0.03), ((self.wall_x + back) / 2, 0, 0.80), 0.006
            ),
            f.chrome,
        )

    def _bed(self, out: Sculpture) -> None:
        s, f = self.style, self.f
        long, half = self.wall_x + s.tail_m, s.half_m
        middle = (self.wall_x - s.tail_m) / 2
        if s.form == Form.PEDAL:
            self._planks(out)
            return
        out.add(box((long, 2 * half, 0.05), (middle, 0, s.floor_m + 0.0)), f.paint)
        wall = 0.30
        for side in (1.0, -1.0):
            out.add(box((long, 0.025, wall), (middle, side * (half - 0.0125), s.floor_m + wall / 2)), f.paint)
            for x in np.linspace(-s.tail_m + 0.05, self.wall_x - 0.05, 6):
                out.add(
                    box((0.035, 0.02, wall), (float(x), side * (half + 0.008), s.floor_m + wall / 2)), f.paint
                )
            out.add(box((long, 0.05, 0.03), (middle, side * (half - 0.01), s.floor_m + wall), 0.006), f.dark)
        for x in (-s.tail_m + 0.012, self.wall_x - 0.012):
            out.add(box((0.025, 2 * half, wall), (x, 0, s.floor_m + wall / 2)), f.paint)
        for x in (-0.12, 0.0, 0.12):
            rail = vec(self.wall_x - 0.02 + 0 * x, 0, s.floor_m + wall)
            out.add(
                mirrored_pair(
                    rod(
                        rail + vec(0, half * (0.2 + abs(x) * 5), 0),
                        rail + vec(0, half * (0.2 + abs(x) * 5), 0.28),
                        0.012,
                        5,
                    )
                ),
                f.dark,
            )
        bow = [
            vec(self.wall_x - 0.02, half * 0.82, s.floor_m + wall + 0.28),
            vec(self.wall_x - 0.02, -half * 0.82, s.floor_m + wall + 0.28),
        ]
        out.add(rod(bow[0], bow[1], 0.014, 6), f.dark)
        out.add(
            mirrored_pair(kit.guard(vec(0, s.track_m / 2, s.radius_m), s.radius_m, 0.2, 2.95, 0.06, 0.02)),
            f.dark,
        )

    def _planks(self, out: Sculpture) -> None:
        """The wooden bed of a pedal tricycle with its rails."""
        s, f = self.style, self.f
        long, half = self.wall_x + s.tail_m, s.half_m
        middle = (self.wall_x - s.tail_m) / 2
        wood = f.of((150, 116, 78))
        for k in range(6):
            y = -half * 0.82 + half * 1.64 * k / 5
            out.add(box((long, half * 0.30, 0.03), (middle, y, s.floor_m)), wood)
        for x in (-s.tail_m + 0.08, 0.0, self.wall_x - 0.10):
            out.add(box((0.05, 2 * half * 0.92, 0.05), (x, 0, s.floor_m - 0.04)), f.dark)
        for y in (half * 0.93, -half * 0.93):
            out.add(
                rod(vec(-s.tail_m, y, s.floor_m + 0.14), vec(self.wall_x, y, s.floor_m + 0.14), 0.014, 6),
                f.paint,
            )
            for x in np.linspace(-s.tail_m + 0.03, self.wall_x - 0.03, 6):
                out.add(rod(vec(x, y, s.floor_m), vec(x, y, s.floor_m + 0.14), 0.010, 5), f.paint)
        for y in (0.10, -0.10):
            out.add(rod(vec(0, y, s.radius_m), vec(0, y, s.floor_m - 0.03), 0.02, 6), f.dark)
            out.add(
                mirrored_pair(
                    rod(
                        vec(0, s.track_m / 2 - 0.08, s.radius_m),
                        vec(0, half * 0.7, s.floor_m - 0.03),
                        0.02,
                        6,
                    )
                ),
                f.dark,
            )

    def _load(self, out: Sculpture, rng: np.random.Generator) -> None:
        s, f = self.style, self.f
        back, front, half = -s.tail_m + 0.04, self.wall_x - 0.05, s.half_m - 0.05
        floor = s.floor_m + 0.03
        if s.load == "cartons":
            high = float(rng.uniform(0.45, 0.95))
            loads.cartons(out, f, vec(back, -half, floor), (front - back, 2 * half, high), rng)
        elif s.load == "sacks":
            tones: tuple[Color, ...] = ((222, 220, 212), (60, 64, 70), (90, 130, 160), (206, 190, 150))
            places: list[tuple[Vec3, float, Color]] = []
            for layer in range(2):
                for k in range(5 - layer):
                    x = back + 0.2 + (front - back - 0.4) * (k + 0.5 * layer) / 4
                    for y in (-half * 0.5, half * 0.5):
                        r = float(rng.uniform(0.18, 0.24))
                        at = vec(x, y + float(rng.uniform(-0.04, 0.04)), floor + 0.17 + 0.26 * layer)
                        places.append((at, r, tones[int(rng.integers(4))]))
            loads.sacks(out, f, places)
        elif s.load == "barrels":
            blue = f.of((92, 150, 206), Material.SATIN)
            jar = [(0.128, 0.0), (0.134, 0.03), (0.134, 0.30), (0.12, 0.36), (0.05, 0.41), (0.03, 0.46)]
            for x in np.arange(back + 0.16, front - 0.12, 0.285):
                for y in np.arange(-half + 0.14, half - 0.10, 0.29):
                    if rng.random() < 0.88:
                        out.add(lathe(jar, 12).moved((float(x), float(y), floor)), blue)
        elif s.load == "planks":
            for k in range(14):
                y, z = -half * 0.8 + (k % 7) * half * 0.26, floor + 0.03 + 0.05 * (k // 7)
                tone = f.of(((176, 140, 96), (196, 164, 120), (150, 152, 156))[int(rng.integers(3))])
                out.add(box((front - back - 0.08 * (k % 3), 0.10, 0.04), ((front + back) / 2, y, z)), tone)

    def _front_shield(self, out: Sculpture) -> None:
        f, s = self.f, self.style
        rows = [
            (self.head.at(0.56) + vec(0.10, 0, 0), 0.16, 0.6),
            (self.head.at(0.66) + vec(0.13, 0, 0), 0.25, 1.0),
            (self.head.at(0.84) + vec(0.12, 0, 0), 0.26, 1.0),
            (self.head.at(0.96) + vec(0.08, 0, 0), 0.19, 0.8),
        ]
        out.add(kit.slab(rows, 0.06, 0.03), f.paint)
        wings = [
            (self.head.at(0.34) + vec(-0.04, 0, 0), 0.24, 0.4),
            (self.head.at(0.50) + vec(0.02, 0, 0), 0.27, 0.7),
            (self.head.at(0.70) + vec(0.06, 0, 0), 0.24, 0.9),
        ]
        out.add(kit.slab([(p - vec(0.07, 0, 0), h, b) for p, h, b in wings], 0.05, 0.025), f.paint)
        kit.round_lamp(out, f, self.head.at(0.78) + vec(0.145, 0, 0), 0.075, f.chrome)
        kit.indicators(out, f, self.head.at(0.72) + vec(0.10, 0.24, 0))
        if s.doors:
            stem = self.head.at(s.bar_m)
            screen = [
                (stem + vec(0.10, 0, -0.02), 0.24, 1.0),
                (stem + vec(0.06, 0, 0.13), 0.25, 1.0),
                (stem + vec(0.03, 0, 0.25), 0.19, 0.8),
            ]
            out.add(kit.slab(screen, 0.06, 0.006), f.of((120, 134, 142), Material.GLASS))

    def _canopy(self, out: Sculpture) -> None:
        """A sheet on poles over the driver."""
        s, f = self.style, self.f
        top = self.head_room_m + 0.03
        stem = float(self.head.at(s.bar_m)[0])
        sheet = [
            (self.wall_x - 0.10, 0.42, top - 0.02, top),
            (self.hip_x + 0.1, 0.45, top + 0.035, top + 0.055),
            (stem + 0.22, 0.42, top - 0.02, top),
        ]
        out.add(kit.sweep(sheet, 4.0), f.of(s.colors[1] if sum(s.colors[1]) < 500 else (60, 90, 140)))
        for y in (0.38, -0.38):
            out.add(
                rod(vec(self.wall_x - 0.02, y, s.floor_m + 0.3), vec(self.wall_x - 0.02, y, top), 0.012, 6),
                f.metal,
            )
            out.add(
                tube(
                    np.array(
                        [vec(stem + 0.03, y * 0.5, 0.70), vec(stem + 0.14, y, 1.0), vec(stem + 0.12, y, top)]
                    ),
                    0.012,
                    6,
                ),
                f.metal,
            )
