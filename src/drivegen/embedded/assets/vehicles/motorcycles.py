"""Motorcycles and scooters with their riders."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import (
    box,
    ellipsoid,
    lathe,
    mirrored_pair,
    plate,
    rod,
    rotation_about,
    tube,
)
from drivegen.embedded.assets.people.build import Hair
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.motorcycle_frame import MotorcycleFrame
from drivegen.embedded.assets.vehicles.motorcycle_styles import Form
from drivegen.embedded.assets.vehicles.rider import draw_rider_build, fit_rider
from drivegen.embedded.assets.vehicles.two_wheeler import TwoWheeler
from drivegen.embedded.assets.vehicles.wheel import motorcycle_wheel
from drivegen.embedded.mesh import Material, MeshLibrary

Vec3 = Float64[np.ndarray, "3"]


class MotorcycleMaker(MotorcycleFrame):
    """Adds what steers."""

    def steered_part(self) -> tuple[Sculpture, tuple[Vec3, Vec3]]:
        """Fork, bars, lamp, mirrors; and where the hands hold."""
        out, s = Sculpture(), self.style
        scooter = s.form == Form.SCOOTER
        top = self.on_axis(s.bar_m - 0.06)
        gap = 0.10 if not scooter else 0.05
        for side in (gap, -gap) if not scooter else (gap,):
            out.add(
                rod(
                    self.front + np.array([0, side, 0]),
                    self.on_axis(0.60 if not scooter else 0.42) + np.array([0.03, side, 0]),
                    0.030,
                    8,
                ),
                self.dark,
            )
            out.add(
                rod(
                    self.on_axis(0.55) + np.array([0.03, side, 0]), top + np.array([0.03, side, 0]), 0.022, 8
                ),
                self.chrome,
            )
        for z in (s.bar_m - 0.08, 0.70):
            clamp = self.on_axis(z) + np.array([0.015, 0, 0])
            out.add(box((0.07, 2 * gap + 0.05, 0.03), clamp, 0.008), self.metal)
        half = min(s.bar_half_m, self.half_m - 0.03)
        stem = self.on_axis(s.bar_m)
        back = {Form.SPORT: 0.06, Form.CRUISER: 0.20, Form.SCOOTER: 0.06}[s.form]
        bar = [
            stem + np.array([0.02, 0, -0.03]),
            stem + np.array([0.01, half * 0.35, 0.0]),
            stem + np.array([-back * 0.5, half * 0.7, 0.0]),
            stem + np.array([-back, half, -0.02]),
        ]
        out.add(mirrored_pair(tube(bar, 0.014, 7)), self.metal if not scooter else self.paint)
        out.add(mirrored_pair(rod(bar[2], bar[3], 0.020, 8)), self.dark)
        grip = (bar[2] * 0.4 + bar[3] * 0.6) + np.array([0.0, 0.0, 0.015])
        reach = self.half_m - 0.002
        head = np.array([stem[0] + 0.02, reach - 0.075, s.bar_m + 0.16])
        mirror = ellipsoid((0.025, 0.073, 0.045), head, 10, 5)
        out.add(mirrored_pair(mirror), self.dark)
        glass, _ = plate(head - np.array([0.0265, 0, 0]), (0.0, -0.05, 0.0), (0.0, 0.0, 0.03))
        out.add(
            mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), Finish((120, 128, 135), Material.GLASS, self.tag)
        )
        out.add(mirrored_pair(rod(bar[2], head, 0.008, 5)), self.dark)
        guard_z = self.style.front_radius_m
        self._guard(out, self.front, guard_z, 0.7, 2.3, 0.075)
        if s.form != Form.SPORT:
            lamp = lathe([(0.045, -0.10), (0.085, -0.03), (0.09, 0.02)], 14).turned(
                rotation_about(1, math.pi / 2)
            )
            glass_lamp = lathe([(0.086, 0.0), (0.07, 0.03), (0.0, 0.04)], 14).turned(
                rotation_about(1, math.pi / 2)
            )
            centre = self.on_axis(s.bar_m - (0.16 if not scooter else 0.03)) + np.array(
                [0.15 if not scooter else 0.10, 0, 0]
            )
            out.add(lamp.moved(centre), self.chrome if not scooter else self.paint)
            out.add(glass_lamp.moved(centre + np.array([0.02, 0, 0])), self.lens)
        for y, material in ((0.16, Material.INDICATOR_LEFT), (-0.16, Material.INDICATOR_RIGHT)):
            spot = self.on_axis(s.bar_m - 0.17) + np.array([0.10, y, 0])
            out.add(ellipsoid((0.03, 0.028, 0.022), spot, 8, 4), Finish((214, 120, 20), material, self.tag))
            out.add(rod(spot, spot - np.array([0.06, y * 0.5, 0]), 0.008, 5), self.dark)
        return out, (grip, grip * np.array([1.0, -1.0, 1.0]))


def make_motorcycle(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], look: int
) -> TwoWheeler:
    """A motorcycle or scooter with its rider; `look` chooses the rider."""
    maker = MotorcycleMaker(blueprint_id, size_lwh_m)
    s = maker.style
    scooter = s.form == Form.SCOOTER
    build = draw_rider_build(blueprint_id, look, Hair.HELMET if scooter else Hair.FULL_HELMET, 1.70)
    rider = fit_rider(
        library, build, maker.seat, size_lwh_m[2] - CLEARANCE_M - 0.004, f"{blueprint_id}/rider{look}"
    )
    steered, grips = maker.steered_part()
    spokes = 5 if s.form != Form.CRUISER else 9
    name = f"{blueprint_id}"
    machine = TwoWheeler(
        blueprint_id=blueprint_id,
        size_lwh_m=size_lwh_m,
        wheel_radius_m=s.front_radius_m,
        rear_radius_m=s.rear_radius_m,
        frame_mesh=library.add(maker.frame().mesh(f"{name}/frame")),
        steered_mesh=library.add(steered.mesh(f"{name}/steered")),
        front_wheel_mesh=library.add(
            motorcycle_wheel(s.front_radius_m, s.tyre_m * 0.85, spokes, Tag.MOTORCYCLE, f"{name}/front_wheel")
        ),
        rear_wheel_mesh=library.add(
            motorcycle_wheel(s.rear_radius_m, s.tyre_m, spokes, Tag.MOTORCYCLE, f"{name}/rear_wheel")
        ),
        front_axle_m=maker.front,
        rear_axle_m=maker.rear,
        steer_axis=maker.axis,
        steer_point_m=maker.foot,
        grips_m=grips,
        rests_m=maker.rests(),
        crank=None,
        rider=rider,
    )
    return machine.with_steer_limit(library)
