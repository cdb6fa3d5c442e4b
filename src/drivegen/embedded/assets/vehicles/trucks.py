"""Trucks: a cab in front of a load body on a frame."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, rod, rotation_about
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.asset import FourWheeler, box_matrix
from drivegen.embedded.assets.vehicles.cars import RunningGear, assemble
from drivegen.embedded.assets.vehicles.catalogue import DOORED, Family, family_of
from drivegen.embedded.assets.vehicles.doors import DoorLines, DoorMaker, Opening, door_lines
from drivegen.embedded.assets.vehicles.fittings import (
    AMBER_LENS,
    DARK,
    LENS,
    PLATE_BLUE,
    RED_LENS,
    Fitter,
    add_face,
    add_gaps,
    add_handle,
    add_wipers,
)
from drivegen.embedded.assets.vehicles.shell import Shell, add_shell
from drivegen.embedded.assets.vehicles.style import BodyStyle, Fascia
from drivegen.embedded.assets.vehicles.wheel import RimStyle, car_wheel
from drivegen.embedded.mesh import Material, MeshLibrary, merge_meshes

PLATE_YELLOW = (232, 184, 24)
"""Large vehicles in China carry yellow plates."""
FIRE_RED = (200, 26, 26)
NO_REAR_AXLE = 9.0

CAB = BodyStyle(
    hood_front_h=0.46,
    hood_rear_h=0.475,
    belt_h=0.50,
    deck_h=0.50,
    tail_h=0.50,
    cowl_f=0.02,
    roof_front_f=0.13,
    roof_rear_f=0.965,
    backlight_f=0.985,
    rear_axle_f=NO_REAR_AXLE,
    roof_width=0.93,
    roof_drop_h=0.0,
    nose_m=0.22,
    nose_power=4.0,
    nose_rake_m=0.015,
    tail_m=0.08,
    tail_power=6.0,
    tail_rake_m=0.0,
    side_cells=((0.05, "pillar"), (0.60, "glass"), (1.0, "pillar")),
    rear_window=False,
    door_lines_f=(0.10, 0.66),
    fascia=Fascia.BLOCK,
    clearance_m=0.32,
    mirror_m=0.0,
)


def make_truck(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], look: int
) -> FourWheeler:
    """A box truck, a heavy truck or a fire engine; `look` chooses the colour of its load body."""
    length, width, height = size_lwh_m
    family = family_of(blueprint_id)
    heavy = family != Family.BOX_TRUCK
    radius, tyre = (0.51, 0.30) if heavy else (0.38, 0.23)
    mirror = 0.16 if heavy else 0.12
    cab_length = 2.25 if heavy else 1.75
    cab_height = height * (0.86 if family == Family.FIRE_ENGINE else 0.95 if heavy else 0.86)
    cab_style = replace(
        CAB, wheel_radius_m=radius, wheel_width_m=tyre, front_axle_f=0.58, clearance_m=0.42 if heavy else 0.30
    )
    shell = Shell(cab_style, (cab_length, width - 2 * mirror, cab_height))
    cab = Sculpture()
    add_shell(cab, shell, Tag.TRUCK)
    beacons = cab_height if family == Family.FIRE_ENGINE else None
    _add_cab_fixed(cab, shell, width / 2 - 0.01, beacons)
    add_handle(Fitter(cab, shell, Tag.TRUCK), 0)
    shift = (length - cab_length) / 2
    moved = np.eye(4)
    moved[0, 3] = shift
    load = Sculpture()
    truck = TruckBody(load, (length, width - 2 * mirror, height), length / 2 - cab_length - 0.08, radius)
    truck.add_frame()
    if family == Family.FIRE_ENGINE:
        truck.add_equipment_body()
        truck.add_ladder()
    else:
        truck.add_box(((224, 226, 228), (206, 60, 44), (70, 120, 176))[look % 3], deep=not heavy)
        if heavy:
            truck.add_deflector(cab_length)
    truck.add_rear()
    load_mesh = load.mesh("load")
    body = merge_meshes([cab.mesh("cab").transformed(moved), load_mesh], f"{blueprint_id}/body")
    front = shell.axles_m[0] + shift
    rear = -length / 2 + length * (0.20 if heavy else 0.22)
    running = RunningGear(
        wheel=car_wheel(radius, tyre, RimStyle.DISC, Tag.TRUCK, f"{blueprint_id}/wheel"),
        radius_m=radius,
        tyre_m=tyre,
        axles_m=(front, rear),
        face_m=width / 2 - mirror - 0.06,
    )
    livery = FIRE_RED if family == Family.FIRE_ENGINE else None
    fitted = box_matrix(body, size_lwh_m)
    opening = None
    if blueprint_id in DOORED:
        maker = DoorMaker(
            library=library,
            name=blueprint_id,
            shell=shell,
            tag=Tag.TRUCK,
            body_shell=fitted @ moved,
            add_fixed=partial(_add_cab_fixed, shell=shell, reach_m=width / 2 - 0.01, beacons_m=beacons),
            add_moving=partial(_add_to_cab_door, shell=shell),
            also=load_mesh.transformed(fitted),
        )
        opening = Opening(tuple(line.door for line in door_lines(shell)), maker.make)
    return assemble(library, blueprint_id, size_lwh_m, body.transformed(fitted), running, livery, opening)


def _add_cab_fixed(sculpture: Sculpture, shell: Shell, reach_m: float, beacons_m: float | None) -> None:
    """Everything on the cab's skin that does not move with a door; beacons at a height, if any."""
    fit = Fitter(sculpture, shell, Tag.TRUCK)
    add_face(fit)
    add_gaps(fit)
    add_wipers(fit)
    fit.arch_lips(fit.finish(DARK, Material.MATTE), 0.05)
    _add_cab_mirrors(fit, reach_m)
    if beacons_m is not None:
        _add_beacons(fit, beacons_m)


def _add_to_cab_door(sculpture: Sculpture, line: DoorLines, *, shell: Shell) -> None:
    add_handle(Fitter(sculpture, shell, Tag.TRUCK), 0, (line.left,))


def _add_cab_mirrors(fit: Fitter, reach_m: float) -> None:
    shell = fit.shell
    x, z = shell.length_m / 2 - 0.10, shell.belt_m + 0.10
    dark = fit.finish(DARK, Material.MATTE)
    housing = box((0.10, 0.20, 0.42), (x, reach_m - 0.10, z + 0.28), 0.03)
    fit.sculpture.add(mirrored_pair(housing), dark)
    for dz in (0.08, 0.48):
        arm = rod((x - 0.12, shell.half_width_m * 0.93, z + dz), (x, reach_m - 0.12, z + dz), 0.016, 5)
        fit.sculpture.add(mirrored_pair(arm), dark)


def _add_beacons(fit: Fitter, top_m: float) -> None:
    shell = fit.shell
    half = shell.half_width_m * 0.72
    bar = box((0.30, 2 * half, 0.06), (0.25, 0.0, top_m + 0.0), 0.01)
    fit.sculpture.add(bar, fit.finish(DARK, Material.MATTE))
    for sign, material in ((1.0, Material.BEACON_FIRST), (-1.0, Material.BEACON_SECOND)):
        lens = box((0.34, half * 0.85, 0.15), (0.25, sign * half * 0.55, top_m + 0.08), 0.03)
        fit.sculpture.add(lens, fit.finish((214, 26, 30), material))


class TruckBody:
    """Everything behind the cab, in the truck's frame."""

    def __init__(
        self,
        sculpture: Sculpture,
        size_lwh_m: tuple[float, float, float],
        front_m: float,
        wheel_radius_m: float,
    ) -> None:
        self.sculpture = sculpture
        self.length_m, self.width_m, self.height_m = size_lwh_m
        self.front_m, self.rear_m = front_m, -size_lwh_m[0] / 2 + 0.03
        self.radius_m = wheel_radius_m
        self.floor_m = wheel_radius_m * 2 + 0.06

    @staticmethod
    def finish(color: tuple[int, int, int], material: Material = Material.MATTE) -> Finish:
        """A finish with the truck's tag."""
        return Finish(color, material, Tag.TRUCK)

    def add_frame(self) -> None:
        """Ladder frame, tank, side guards, mudguards."""
        dark = self.finish((34, 35, 37))
        middle, span = (self.front_m + self.rear_m) / 2, self.front_m - self.rear_m
        beam = box((span + 0.9, 0.12, 0.26), (middle + 0.4, 0.42, self.floor_m - 0.16))
        self.sculpture.add(mirrored_pair(beam), dark)
        tank = lathe([(0.24, -0.45), (0.27, -0.42), (0.27, 0.42), (0.24, 0.45)], 12).turned(
            rotation_about(1, math.pi / 2)
        )
        self.sculpture.add(
            mirrored_pair(tank.moved((self.front_m - 0.75, self.width_m * 0.36, 0.66))),
            self.finish((150, 153, 157), Material.METAL),
        )
        guard_y = self.width_m / 2 - 0.06
        guard_front, guard_rear = self.front_m - 0.1, self.rear_m + self.length_m * 0.20 + self.radius_m + 0.2
        for z in (0.48, 0.76):
            if guard_front - guard_rear > 0.4:
                rail = box(
                    (guard_front - guard_rear, 0.03, 0.10), ((guard_front + guard_rear) / 2, guard_y, z)
                )
                self.sculpture.add(mirrored_pair(rail), self.finish((168, 171, 175), Material.METAL))

    def add_box(self, color: tuple[int, int, int], *, deep: bool) -> None:
        """A closed box body with ribs, corner posts and rear doors."""
        low, high = self.floor_m, self.height_m - 0.02
        span = self.front_m - self.rear_m - 0.06
        middle = (self.front_m + self.rear_m) / 2
        wide = self.width_m - 0.02
        self.sculpture.add(
            box((span, wide, high - low), (middle, 0.0, (high + low) / 2), 0.03), self.finish(color)
        )
        frame = self.finish((172, 175, 179), Material.METAL)
        for z in (low + 0.05, high - 0.05):
            self.sculpture.add(box((span + 0.02, wide + 0.02, 0.09), (middle, 0.0, z)), frame)
        for x in (self.rear_m + 0.06, self.front_m - 0.10):
            post = box((0.10, 0.03, high - low), (x, wide / 2, (high + low) / 2))
            self.sculpture.add(mirrored_pair(post), frame)
        count = 0 if deep else 7
        for k in range(count):
            x = self.rear_m + span * (k + 1) / (count + 1)
            rib = box((0.04, 0.02, high - low - 0.2), (x, wide / 2 + 0.002, (high + low) / 2))
            self.sculpture.add(mirrored_pair(rib), self.finish(tuple(int(c * 0.9) for c in color)))  # type: ignore[arg-type]
        if deep:
            stripe = box(
                (span * 0.86, 0.012, (high - low) * 0.22),
                (middle, wide / 2 + 0.004, low + (high - low) * 0.5),
            )
            self.sculpture.add(mirrored_pair(stripe), self.finish((196, 30, 36)))
        door = self.finish((40, 41, 43))
        x = self.rear_m + 0.025
        self.sculpture.add(box((0.02, 0.02, high - low - 0.16), (x, 0.0, (high + low) / 2)), door)
        for y in (wide * 0.12, wide * 0.36):
            bar = rod((x - 0.02, y, low + 0.1), (x - 0.02, y, high - 0.1), 0.014, 5)
            self.sculpture.add(mirrored_pair(bar), frame)

    def add_deflector(self, cab_length_m: float) -> None:
        """A wedge on the cab's roof that leads the air over the load."""
        x = self.length_m / 2 - cab_length_m * 0.62
        top, base = self.height_m - 0.03, self.height_m * 0.94
        half = self.width_m * 0.40
        wedge = box((1.0, 2 * half, top - base + 0.06), (x, 0.0, (top + base) / 2), 0.05)
        self.sculpture.add(wedge, self.finish((255, 255, 255), Material.PAINT))

    def add_equipment_body(self) -> None:
        """A fire engine's body: painted, with roller shutters, a pump panel and reflecting stripes."""
        low, high = self.floor_m * 0.62, self.height_m * 0.87
        span, middle = self.front_m - self.rear_m - 0.06, (self.front_m + self.rear_m) / 2
        wide = self.width_m - 0.02
        paint = self.finish((255, 255, 255), Material.PAINT)
        upper = self.floor_m + 0.02
        self.sculpture.add(box((span, wide, high - upper), (middle, 0.0, (high + upper) / 2), 0.04), paint)
        axle = self.rear_m + self.length_m * 0.20
        gap = self.radius_m + 0.10
        for a, b in ((self.rear_m + 0.04, axle - gap), (axle + gap, self.front_m - 0.04)):
            if b - a > 0.2:
                lower = box((b - a, wide, upper - low), ((a + b) / 2, 0.0, (upper + low) / 2), 0.03)
                self.sculpture.add(lower, paint)
        shutter = self.finish((186, 189, 193), Material.METAL)
        groove = self.finish((120, 123, 127), Material.METAL)
        count = 4
        for k in range(count):
            x = self.rear_m + span * (k + 0.5) / count + 0.03
            bottom, top = upper + 0.10, high - 0.16
            panel = box((span / count * 0.84, 0.02, top - bottom), (x, wide / 2 + 0.002, (top + bottom) / 2))
            self.sculpture.add(mirrored_pair(panel), shutter)
            for row in range(1, 8):
                z = bottom + (top - bottom) * row / 8
                line = box((span / count * 0.84, 0.006, 0.014), (x, wide / 2 + 0.014, z))
                self.sculpture.add(mirrored_pair(line), groove)
        stripe = box((span, 0.01, 0.12), (middle, wide / 2 + 0.003, upper + 0.02))
        self.sculpture.add(mirrored_pair(stripe), self.finish((240, 214, 40)))
        self.sculpture.add(box((0.02, wide * 0.7, 1.1), (self.rear_m + 0.02, 0.0, high - 0.75)), shutter)

    def add_ladder(self) -> None:
        """A ladder lying over body and cab."""
        metal = self.finish((196, 199, 203), Material.METAL)
        z = self.height_m - 0.10
        a, b = self.rear_m + 0.15, self.length_m / 2 - 0.9
        for y in (0.30, -0.30):
            self.sculpture.add(rod((a, y, z - 0.10), (b, y, z + 0.04), 0.045, 6), metal)
        for k in range(16):
            x = a + (b - a) * (k + 0.5) / 16
            dz = -0.10 + 0.14 * (k + 0.5) / 16
            self.sculpture.add(rod((x, -0.30, z + dz), (x, 0.30, z + dz), 0.018, 5), metal)
        for x in (a + 2.2, a + 0.9, self.front_m - 0.4):
            dz = -0.10 + 0.14 * (x - a) / (b - a)
            roof = self.height_m * 0.86
            for y in (0.30, -0.30):
                self.sculpture.add(rod((x, y, roof), (x, y, z + dz), 0.025, 5), self.finish((60, 62, 65)))
        base = lathe([(0.45, 0.0), (0.40, 0.20), (0.25, 0.28)], 12).moved(
            (a + 0.9, 0.0, self.height_m * 0.86)
        )
        self.sculpture.add(base, self.finish((60, 62, 65)))

    def add_rear(self) -> None:
        """Lamps, underrun bar and plate at the rear."""
        x = self.rear_m
        z = self.floor_m - 0.14
        dark = self.finish((34, 35, 37))
        self.sculpture.add(box((0.10, self.width_m * 0.92, 0.14), (x + 0.08, 0.0, z - 0.32)), dark)
        for y in (self.width_m * 0.30,):
            self.sculpture.add(mirrored_pair(box((0.08, 0.06, 0.34), (x + 0.10, y, z - 0.17))), dark)
        for sign, indicator in ((1.0, Material.INDICATOR_LEFT), (-1.0, Material.INDICATOR_RIGHT)):
            y = sign * (self.width_m / 2 - 0.36)
            self.sculpture.add(box((0.06, 0.66, 0.16), (x + 0.06, y, z - 0.02)), dark)
            parts = (
                (0.13, Material.TAIL_LAMP, RED_LENS),
                (0.0, Material.BRAKE_LAMP, RED_LENS),
                (-0.13, indicator, AMBER_LENS),
                (-0.26, Material.REVERSE_LAMP, LENS),
                (0.26, Material.REAR_FOG_LAMP, RED_LENS),
            )
            for offset, material, color in parts:
                lamp = box((0.03, 0.11, 0.11), (x + 0.02, y - sign * offset, z - 0.02))
                self.sculpture.add(lamp, self.finish(color, material))
        board = box((0.012, 0.46, 0.16), (x + 0.014, 0.0, z - 0.02))
        self.sculpture.add(
            board, self.finish(PLATE_YELLOW if self.radius_m > 0.45 else PLATE_BLUE, Material.PLATE)
        )
