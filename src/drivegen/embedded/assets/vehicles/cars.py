"""Cars, vans and coaches: one shell with its fittings on four wheels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, plate, rotation_about, tube
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.asset import (
    CLEARANCE_M,
    FourWheeler,
    WheelMount,
    box_matrix,
    steer_limit,
)
from drivegen.embedded.assets.vehicles.catalogue import DOORED, Family, body_style, family_of
from drivegen.embedded.assets.vehicles.doors import DoorLines, DoorMaker, Opening, door_lines
from drivegen.embedded.assets.vehicles.fittings import (
    BOTH,
    DARK,
    Fitter,
    add_face,
    add_gaps,
    add_handle,
    add_mirrors,
    add_tail,
    add_wipers,
)
from drivegen.embedded.assets.vehicles.shell import Shell, add_shell
from drivegen.embedded.assets.vehicles.style import Livery
from drivegen.embedded.assets.vehicles.wheel import RimStyle, car_wheel
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary

BEACON_M = 0.13
"""Height that a light bar takes above the roof."""
SERVICE_WHITE = (236, 238, 240)
TAGS = {
    "vehicle.ford.ambulance": Tag.TRUCK,
    "vehicle.tesla.cybertruck": Tag.TRUCK,
    "vehicle.mitsubishi.fusorosa": Tag.BUS,
}


def mirror_reach_m(reach_m: float, width_m: float) -> float:
    """How far mirrors stand out: CARLA's boxes hold them in wide models and hardly in narrow ones."""
    return float(np.clip(reach_m + 0.22 * (width_m - 1.9), 0.05, 0.5))


def make_car(
    library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], look: int
) -> FourWheeler:
    """A car, van or coach; `look` chooses the rims."""
    length, width, height = size_lwh_m
    style = body_style(blueprint_id)
    style = replace(style, mirror_m=mirror_reach_m(style.mirror_m, width))
    tag = TAGS.get(blueprint_id, Tag.CAR)
    beacon = BEACON_M if style.livery in (Livery.POLICE, Livery.AMBULANCE) else 0.0
    rails = 0.035 if style.roof_rails else 0.0
    shell = Shell(style, (length, width, height - max(beacon, rails)))
    sculpture = Sculpture()
    add_shell(sculpture, shell, tag)
    _add_fixed(sculpture, shell, blueprint_id, height)
    fit = Fitter(sculpture, shell, tag)
    for index in range(len(style.door_lines_f) - 1):
        add_handle(fit, index)
    if family_of(blueprint_id) != Family.BUS:
        _add_car_mirrors(fit, BOTH)
    if style.livery != Livery.PLAIN:
        _add_stripe(fit, 0.90, 0.10, BOTH)
    skin = sculpture.mesh(f"{blueprint_id}/body")
    fitted = box_matrix(skin, size_lwh_m)
    body = skin.transformed(fitted)
    opening = None
    if blueprint_id in DOORED:
        maker = DoorMaker(
            library=library,
            name=blueprint_id,
            shell=shell,
            tag=tag,
            body_shell=fitted,
            add_fixed=partial(_add_around_doors, shell=shell, blueprint_id=blueprint_id, height_m=height),
            add_moving=partial(_add_to_door, shell=shell, tag=tag),
        )
        opening = Opening(tuple(line.door for line in door_lines(shell)), maker.make)
    rim = (
        RimStyle.DISC
        if tag != Tag.CAR or style.tail_power >= 5.0
        else (RimStyle.FIVE, RimStyle.TEN)[look % 2]
    )
    wheel = car_wheel(style.wheel_radius_m, style.wheel_width_m, rim, tag, f"{blueprint_id}/wheel")
    running = RunningGear(
        wheel=wheel,
        radius_m=style.wheel_radius_m,
        tyre_m=style.wheel_width_m,
        axles_m=shell.axles_m,
        face_m=shell.half_width_m * 0.955,
    )
    livery = None if style.livery == Livery.PLAIN else SERVICE_WHITE
    return assemble(library, blueprint_id, size_lwh_m, body, running, livery, opening)


def _add_fixed(sculpture: Sculpture, shell: Shell, blueprint_id: str, height_m: float) -> None:
    """Everything on the skin that does not move with a door."""
    style, tag = shell.style, TAGS.get(blueprint_id, Tag.CAR)
    fit = Fitter(sculpture, shell, tag)
    add_face(fit)
    add_tail(fit)
    add_gaps(fit)
    add_wipers(fit)
    if family_of(blueprint_id) == Family.BUS:
        _add_coach_mirrors(fit)
    trim = Finish(DARK, Material.MATTE, tag)
    fit.arch_lips(
        trim if style.cladding else Finish((255, 255, 255), Material.PAINT, tag),
        0.05 if style.cladding else 0.02,
    )
    if style.roof_rails:
        _add_rails(fit)
    if style.spare_wheel:
        spare = lathe([(0.30, 0.0), (0.36, 0.05), (0.36, 0.16), (0.28, 0.20), (0.0, 0.21)], 18)
        turned = spare.turned(rotation_about(1, -np.pi / 2))
        x = float(shell.end_point_m(False, 0.0, shell.belt_m * 0.8)[0])
        sculpture.add(turned.moved((x, 0.0, shell.belt_m * 0.86)), Finish((24, 24, 25), Material.RUBBER, tag))
    if style.livery != Livery.PLAIN:
        _add_light_bar(fit, height_m)


def _add_car_mirrors(fit: Fitter, sides: Sequence[bool]) -> None:
    s = fit.shell.style
    share = s.cowl_f + 0.30 * (s.roof_front_f - s.cowl_f) + 0.05
    add_mirrors(fit, fit.shell.x(share), fit.shell.belt_m, sides)


def _add_around_doors(sculpture: Sculpture, *, shell: Shell, blueprint_id: str, height_m: float) -> None:
    """What stays when the doors are apart, with the stripes before and behind them."""
    _add_fixed(sculpture, shell, blueprint_id, height_m)
    if shell.style.livery != Livery.PLAIN:
        fit, lines = Fitter(sculpture, shell, TAGS.get(blueprint_id, Tag.CAR)), shell.style.door_lines_f
        _add_stripe(fit, 0.90, lines[-1], BOTH)
        _add_stripe(fit, lines[0], 0.10, BOTH)


def _add_to_door(sculpture: Sculpture, line: DoorLines, *, shell: Shell, tag: Tag) -> None:
    """Handle, mirror and stripe of one door."""
    fit, sides = Fitter(sculpture, shell, tag), (line.left,)
    row = int(line.door) // 2
    add_handle(fit, row, sides)
    if row == 0:
        _add_car_mirrors(fit, sides)
    if shell.style.livery != Livery.PLAIN:
        _add_stripe(fit, shell.style.door_lines_f[row + 1], shell.style.door_lines_f[row], sides)


def _add_rails(fit: Fitter) -> None:
    shell, s = fit.shell, fit.shell.style
    y = shell.half_width_m * s.roof_width * 0.90
    z = shell.height_m - s.roof_crown_m * 0.25
    a, b = shell.x(s.roof_front_f + 0.07), shell.x(s.roof_rear_f - 0.06)
    metal = fit.finish((70, 72, 75), Material.METAL)
    rail = [(a, y, z - 0.04), (a - 0.1, y, z + 0.045), (b + 0.1, y, z + 0.045), (b, y, z - 0.06)]
    fit.sculpture.add(mirrored_pair(tube(rail, 0.018, 6)), metal)


def _add_coach_mirrors(fit: Fitter) -> None:
    """Mirrors on arms that bow forward and down from the front corners of the roof."""
    shell = fit.shell
    y, front, top = shell.half_width_m, shell.length_m / 2, shell.height_m
    arm = [
        (front - 0.35, y * 0.9, top * 0.86),
        (front - 0.10, y + 0.12, top * 0.86),
        (front - 0.06, y + 0.24, top * 0.76),
    ]
    dark = fit.finish(DARK, Material.MATTE)
    fit.sculpture.add(mirrored_pair(tube(arm, 0.03, 6)), dark)
    reach = shell.style.mirror_m
    housing = box((0.14, reach * 0.6, 0.62), (front - 0.08, y + reach * 0.7, top * 0.66), 0.05)
    fit.sculpture.add(mirrored_pair(housing), dark)
    glass, _ = plate(
        (front - 0.153, y + reach * 0.7, top * 0.66), (0.0, -reach * 0.25, 0.0), (0.0, 0.0, 0.27)
    )
    fit.sculpture.add(
        mirrored_pair(glass.facing((-1.0, 0.0, 0.0))), fit.finish((120, 128, 135), Material.METAL)
    )


def _add_stripe(fit: Fitter, rear_f: float, front_f: float, sides: Sequence[bool]) -> None:
    """A service's stripe along the side between two shares of the length."""
    shell = fit.shell
    stripe = fit.finish(
        (22, 60, 150) if shell.style.livery == Livery.POLICE else (200, 40, 34), Material.MATTE
    )
    a, b = shell.x(rear_f), shell.x(front_f)
    low = shell.sill_m + (shell.belt_m - shell.sill_m) * 0.62
    high = shell.sill_m + (shell.belt_m - shell.sill_m) * 0.80
    fit.on_side([(a, low), (b, low), (b, high), (a, high)], stripe, 0.004, sides=sides)


def _add_light_bar(fit: Fitter, box_height_m: float) -> None:
    """A light bar on the roof."""
    shell, s = fit.shell, fit.shell.style
    police = s.livery == Livery.POLICE
    x = shell.x((s.roof_front_f + min(s.roof_front_f + 0.25, s.roof_rear_f)) / 2)
    z = box_height_m - 0.09
    half = shell.half_width_m * s.roof_width * 0.72
    fit.sculpture.add(
        box((0.22, 2 * half, 0.05), (x, 0.0, z - 0.015), 0.01), fit.finish(DARK, Material.MATTE)
    )
    first, second = (30, 70, 220), (214, 26, 30) if police else (30, 70, 220)
    for sign, color, material in (
        (1.0, first, Material.BEACON_FIRST),
        (-1.0, second, Material.BEACON_SECOND),
    ):
        lens = box((0.26, half * 0.9, 0.085), (x, sign * half * 0.53, z + 0.03), 0.025)
        fit.sculpture.add(lens, fit.finish(color, material))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunningGear:
    """Equal wheels on axles."""

    wheel: Mesh
    radius_m: float
    tyre_m: float
    axles_m: tuple[float, ...]
    """x of each, the front one first; the first steers."""
    face_m: float
    """y of the outer face of the left wheels."""


def assemble(
    library: MeshLibrary,
    blueprint_id: str,
    size_lwh_m: tuple[float, float, float],
    body: Mesh,
    running: RunningGear,
    livery_rgb: tuple[int, int, int] | None = None,
    opening: Opening | None = None,
) -> FourWheeler:
    """A fitted body on its wheels, in the library."""
    body_mesh, wheel_mesh = library.add(body), library.add(running.wheel)
    track = running.face_m - running.tyre_m / 2
    wheels = tuple(
        WheelMount(
            mesh=wheel_mesh,
            centre_m=np.array([x, side * track, running.radius_m + CLEARANCE_M]),
            steers=index == 0,
        )
        for index, x in enumerate(running.axles_m)
        for side in (1.0, -1.0)
    )
    return FourWheeler(
        blueprint_id=blueprint_id,
        size_lwh_m=size_lwh_m,
        wheel_radius_m=running.radius_m,
        wheelbase_m=running.axles_m[0] - running.axles_m[-1],
        body_mesh=body_mesh,
        wheels=wheels,
        livery_rgb=livery_rgb,
        opening=opening,
        steer_limit_rad=steer_limit(
            size_lwh_m[1] / 2 - CLEARANCE_M, track, running.radius_m, running.tyre_m / 2
        ),
    )
