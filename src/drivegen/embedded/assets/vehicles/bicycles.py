"""Bicycles: road, city and mountain, with riders who pedal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    box,
    ellipsoid,
    lathe,
    mirrored_pair,
    rod,
    rotation_about,
    torus,
    tube,
)
from drivegen.embedded.assets.people.build import Build, Hair
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.rider import Seat, draw_rider_build, fit_rider
from drivegen.embedded.assets.vehicles.two_wheeler import Crank, TwoWheeler
from drivegen.embedded.assets.vehicles.wheel import spoked_wheel
from drivegen.embedded.mesh import Material, MeshLibrary

CRANK_M = 0.162


@dataclass(frozen=True, slots=True, kw_only=True)
class BicycleStyle:
    """What makes one kind of bicycle differ from another."""

    radius_m: float
    tyre_m: float
    lean_rad: float
    bar_half_m: float
    bar_above_saddle_m: float
    step_through: bool = False
    basket: bool = False
    mudguards: bool = False
    drop_bar: bool = False
    helmet: Hair = Hair.HELMET


STYLES = {
    "vehicle.diamondback.century": BicycleStyle(
        radius_m=0.335, tyre_m=0.014, lean_rad=0.80, bar_half_m=0.22, bar_above_saddle_m=-0.02, drop_bar=True
    ),
    "vehicle.bh.crossbike": BicycleStyle(
        radius_m=0.315, tyre_m=0.025, lean_rad=0.52, bar_half_m=0.40, bar_above_saddle_m=0.06
    ),
    "vehicle.gazelle.omafiets": BicycleStyle(
        radius_m=0.345,
        tyre_m=0.020,
        lean_rad=0.16,
        bar_half_m=0.32,
        bar_above_saddle_m=0.16,
        step_through=True,
        basket=True,
        mudguards=True,
        helmet=Hair.SHORT,
    ),
}


class BicycleMaker:
    """Builds one bicycle in its box."""

    def __init__(self, blueprint_id: str, size_lwh_m: tuple[float, float, float]) -> None:
        self.style = STYLES[blueprint_id]
        s, (length, width, _) = self.style, size_lwh_m
        self.half_m = width / 2 - CLEARANCE_M
        end = length / 2 - CLEARANCE_M - s.radius_m
        z = s.radius_m + CLEARANCE_M
        self.rear, self.front = np.array([-end, 0.0, z]), np.array([end, 0.0, z])
        base = 2 * end
        self.bracket = np.array([-end + 0.42 * base, 0.0, z - 0.055])
        slope = math.tan(math.radians(18.0))
        self.axis = np.array([-slope, 0.0, 1.0]) / math.hypot(1.0, slope)
        self.foot = self.front - np.array([0.045, 0.0, 0.0])
        self.bar_half = min(s.bar_half_m, self.half_m - 0.022)
        self.tag = Tag.BICYCLE

    def seat(self, build: Build) -> Seat:
        """Saddle for a leg that is nearly straight over the lowest pedal."""
        h = build.height_m
        reach = 0.955 * build.leg_m
        ankle = self.bracket[2] - CRANK_M + 0.02 + build.ankle * h
        back = 0.16 + 0.42 * build.foot * h * 0.5
        z = ankle + math.sqrt(max(reach**2 - (back - 0.05) ** 2, 0.1))
        return Seat(
            hip_m=np.array([self.bracket[0] - back, 0.0, z]),
            lean_rad=self.style.lean_rad,
            elbows_out=0.35,
            knees_out=0.10,
            foot_pitch_rad=0.12,
        )

    def on_axis(self, z_m: float) -> np.ndarray:
        """The point of the steering axis at a height."""
        return np.asarray(self.foot + self.axis * ((z_m - self.foot[2]) / self.axis[2]))

    def paint(self) -> Finish:
        """The frame's colour."""
        return Finish((255, 255, 255), Material.PAINT, self.tag)

    def finish(self, color: tuple[int, int, int], material: Material = Material.MATTE) -> Finish:
        """A finish with the machine's tag."""
        return Finish(color, material, self.tag)

    def frame(self, saddle: np.ndarray, bar_z: float) -> Sculpture:
        """Tubes, saddle, mudguard, lamps at the rear."""
        out, s = Sculpture(), self.style
        head_low, head_high = self.on_axis(self.front[2] + s.radius_m + 0.06), self.on_axis(bar_z - 0.07)
        post = self.bracket + (saddle - self.bracket) * 0.78
        tubes = [(self.bracket, head_low, 0.020), (self.bracket, post, 0.017)]
        if s.step_through:
            low = self.bracket + (post - self.bracket) * 0.28
            out.add(
                tube([low, low * 0.6 + head_high * 0.4 - np.array([0, 0, 0.07]), head_high], 0.016, 7),
                self.paint(),
            )
        else:
            tubes.append((post, head_high, 0.016))
        for a, b, r in tubes:
            out.add(rod(a, b, r, 8), self.paint())
        out.add(rod(head_low, head_high, 0.021, 8), self.paint())
        for side in (0.055, -0.055):
            axle = self.rear + np.array([0.0, side, 0.0])
            out.add(rod(self.bracket + np.array([0, side * 0.6, 0]), axle, 0.009, 6), self.paint())
            out.add(rod(post + np.array([0, side * 0.25, 0]), axle, 0.008, 6), self.paint())
        out.add(
            rod(post, saddle - np.array([0, 0, 0.03]), 0.013, 7), self.finish((180, 182, 186), Material.METAL)
        )
        dark = self.finish((26, 25, 25))
        out.add(ellipsoid((0.085, 0.075, 0.032), saddle - np.array([0.06, 0, 0.0]), 10, 4), dark)
        out.add(ellipsoid((0.14, 0.035, 0.028), saddle + np.array([0.03, 0, 0.0]), 8, 4), dark)
        ring = torus(0.095, 0.007, 18, 4).turned(rotation_about(0, math.pi / 2))
        out.add(
            ring.moved(self.bracket + np.array([0, -0.055, 0])), self.finish((70, 72, 75), Material.METAL)
        )
        for dz in (0.093, -0.093):
            chain = [self.bracket + np.array([0, -0.055, dz]), self.rear + np.array([0, -0.055, dz * 0.4])]
            out.add(rod(chain[0], chain[1], 0.004, 4), dark)
        if s.mudguards:
            out.add(self._guard(self.rear, 0.6, 2.95), dark)
        out.add(
            box((0.03, 0.05, 0.05), self.rear + np.array([-0.02, 0, s.radius_m + 0.09]), 0.01),
            self.finish((170, 16, 20), Material.TAIL_LAMP),
        )
        out.add(
            rod(
                post - np.array([0.0, 0, 0.1]), self.rear + np.array([-0.01, 0, s.radius_m + 0.09]), 0.008, 5
            ),
            dark,
        )
        return out

    def _guard(self, axle: np.ndarray, start: float, end: float) -> Shape:
        angle = np.linspace(start, end, 12)
        radius = self.style.radius_m + 0.018
        path = axle + np.stack([radius * np.cos(angle), 0 * angle, radius * np.sin(angle)], axis=1)
        path = path[
            (path[:, 0] > self.rear[0] - self.style.radius_m + 0.012)
            & (path[:, 0] < self.front[0] + self.style.radius_m - 0.012)
        ]
        return tube(path, 0.010, 6, flatten=2.6)

    def steered_part(self, bar_z: float) -> tuple[Sculpture, tuple[np.ndarray, np.ndarray]]:
        """Fork, stem and bars; and where the hands hold."""
        out, s = Sculpture(), self.style
        metal = self.finish((178, 181, 185), Material.METAL)
        dark = self.finish((28, 28, 29))
        crown = self.on_axis(self.front[2] + s.radius_m + 0.045)
        for side in (0.048, -0.048):
            out.add(
                tube(
                    [
                        crown + np.array([0, side, 0]),
                        self.front + np.array([-0.03, side, 0.12]),
                        self.front + np.array([0, side, 0]),
                    ],
                    [0.013, 0.011, 0.009],
                    6,
                ),
                self.paint(),
            )
        out.add(rod(crown + np.array([0, 0.05, 0]), crown - np.array([0, 0.05, 0]), 0.016, 6), self.paint())
        stem = self.on_axis(bar_z)
        out.add(rod(self.on_axis(bar_z - 0.10), stem, 0.014, 7), metal)
        half = self.bar_half
        if s.drop_bar:
            ahead = stem + np.array([0.07, 0, 0.0])
            out.add(rod(stem, ahead, 0.014, 6), dark)
            drop = [
                ahead + np.array([0, half * 0.9, 0]),
                ahead + np.array([0.06, half, 0.0]),
                ahead + np.array([0.09, half, -0.05]),
                ahead + np.array([0.03, half, -0.12]),
            ]
            out.add(
                rod(ahead - np.array([0, half * 0.9, 0]), ahead + np.array([0, half * 0.9, 0]), 0.012, 7),
                dark,
            )
            out.add(mirrored_pair(tube(drop, 0.0125, 7)), dark)
            grip = ahead + np.array([0.065, half - 0.012, 0.012])
        else:
            back = 0.12 if s.step_through else 0.04
            bar = [
                stem + np.array([0.03, 0, 0]),
                stem + np.array([0.02, half * 0.45, 0.02]),
                stem + np.array([-back * 0.4, half * 0.75, 0.025]),
                stem + np.array([-back, half, 0.02]),
            ]
            out.add(mirrored_pair(tube(bar, 0.011, 7)), metal)
            grip_a, grip_b = bar[2] * 0.35 + bar[3] * 0.65 - np.array([0, 0.03, 0]), bar[3]
            out.add(mirrored_pair(rod(grip_a, grip_b, 0.017, 7)), dark)
            grip = (bar[2] + bar[3]) / 2 + np.array([0.0, 0.0, 0.02])
        lamp = lathe([(0.028, -0.03), (0.034, 0.02), (0.0, 0.028)], 10).turned(rotation_about(1, math.pi / 2))
        out.add(
            lamp.moved(self.on_axis(bar_z - 0.09) + np.array([0.06, 0, 0])),
            self.finish((232, 234, 236), Material.HEAD_LAMP),
        )
        if s.basket:
            base = self.on_axis(bar_z - 0.22) + np.array([0.19, 0, 0.0])
            wire = self.finish((60, 62, 64), Material.METAL)
            for dz, grow in ((0.0, 0.85), (0.08, 0.92), (0.17, 1.0)):
                x, y = 0.13 * grow, 0.17 * grow
                loop = [base + np.array([a, b, dz]) for a, b in ((x, y), (-x, y), (-x, -y), (x, -y))]
                for p, q in zip(loop, loop[1:] + loop[:1], strict=True):
                    out.add(rod(p, q, 0.006, 4), wire)
            for a, b in [(x, y) for x in (-1, -0.33, 0.33, 1) for y in (-1, 1)] + [
                (x, y) for x in (-1, 1) for y in (-0.5, 0, 0.5)
            ]:
                out.add(
                    rod(
                        base + np.array([0.11 * a, 0.145 * b, 0]),
                        base + np.array([0.13 * a, 0.17 * b, 0.17]),
                        0.004,
                        4,
                    ),
                    wire,
                )
            out.add(box((0.22, 0.29, 0.008), base, 0.0), wire)
        if s.mudguards:
            out.add(self._guard(self.front, 0.45, 2.5), self.finish((26, 25, 25)))
        left = np.asarray(grip)
        return out, (left, left * np.array([1.0, -1.0, 1.0]))

    def crank(self) -> Sculpture:
        """Arms and pedals about the bracket, the left one up."""
        out = Sculpture()
        metal, dark = self.finish((96, 98, 102), Material.METAL), self.finish((30, 30, 31))
        out.add(rod((0, -0.07, 0), (0, 0.07, 0), 0.016, 8), metal)
        for sign in (1.0, -1.0):
            y = sign * 0.075
            out.add(rod((0, y, 0), (0, y, sign * CRANK_M), 0.010, 6), metal)
            out.add(rod((0, y, sign * CRANK_M), (0, y + sign * 0.095, sign * CRANK_M), 0.016, 8), dark)
        return out


def make_bicycle(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], look: int
) -> TwoWheeler:
    """A bicycle with its rider; `look` chooses the rider."""
    maker = BicycleMaker(blueprint_id, size_lwh_m)
    s = maker.style
    build = draw_rider_build(blueprint_id, look, s.helmet, 1.65)
    rider = fit_rider(
        library, build, maker.seat, size_lwh_m[2] - CLEARANCE_M - 0.004, f"{blueprint_id}/rider{look}"
    )
    b = rider.person.build
    saddle = rider.seat.hip_m - np.array([0.02, 0.0, 0.058 * b.height_m])
    bar_z = float(saddle[2]) + s.bar_above_saddle_m
    steered, grips = maker.steered_part(bar_z)
    rim = (40, 41, 43) if not s.mudguards else (190, 192, 196)
    wheel = library.add(spoked_wheel(s.radius_m, s.tyre_m, 20, Tag.BICYCLE, f"{blueprint_id}/wheel", rim))
    machine = TwoWheeler(
        blueprint_id=blueprint_id,
        size_lwh_m=size_lwh_m,
        wheel_radius_m=s.radius_m,
        rear_radius_m=s.radius_m,
        frame_mesh=library.add(maker.frame(saddle, bar_z).mesh(f"{blueprint_id}/frame")),
        steered_mesh=library.add(steered.mesh(f"{blueprint_id}/steered")),
        front_wheel_mesh=wheel,
        rear_wheel_mesh=wheel,
        front_axle_m=maker.front,
        rear_axle_m=maker.rear,
        steer_axis=maker.axis,
        steer_point_m=maker.foot,
        grips_m=grips,
        rests_m=grips,
        crank=Crank(
            mesh=library.add(maker.crank().mesh(f"{blueprint_id}/crank")),
            centre_m=maker.bracket,
            length_m=CRANK_M,
            half_width_m=0.125,
        ),
        rider=rider,
    )
    return machine.with_steer_limit(library)
