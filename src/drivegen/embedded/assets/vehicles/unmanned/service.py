"""Patrol cars and sweepers without a driver."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, rod, rotation_about, tube
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, vec
from drivegen.embedded.assets.vehicles.unmanned import kit
from drivegen.embedded.assets.vehicles.unmanned.kit import Chassis, Design, Section
from drivegen.embedded.mesh import Material

PATROLS: tuple[tuple[Color, Color], ...] = (
    ((240, 242, 243), (26, 70, 160)),
    ((26, 60, 140), (240, 242, 243)),
    ((32, 34, 40), (250, 190, 30)),
    ((240, 242, 243), (40, 44, 52)),
    ((238, 240, 238), (30, 120, 90)),
)
SWEEPERS: tuple[tuple[Color, Color], ...] = (
    ((240, 242, 242), (40, 160, 110)),
    ((246, 134, 30), (240, 242, 242)),
    ((240, 242, 242), (44, 130, 214)),
    ((70, 170, 120), (240, 242, 242)),
    ((246, 190, 40), (50, 54, 60)),
    ((240, 242, 242), (246, 134, 30)),
)
RED, BLUE, AMBER = (214, 26, 30), (30, 70, 220), (244, 150, 20)


def patrol(variant: int) -> Design:
    """The patrol car of a variant: small, with a light bar and a mast of cameras."""
    rng = derive_rng("unmanned patrol", variant)
    out, f = Sculpture(), Finishes(Tag.CAR)
    main, second = PATROLS[int(rng.integers(len(PATROLS)))]
    u = rng.uniform(-1.0, 1.0, 6)
    long, half, top = 1.85 + 0.28 * u[0], 0.49 + 0.06 * u[1], 1.12 + 0.12 * u[2]
    c = Chassis(
        radius_m=0.24, tyre_m=0.15, front_m=long / 2 - 0.38, rear_m=-long / 2 + 0.36, track_half_m=half - 0.09
    )
    back, nose = -long / 2, long / 2
    waist = 0.70
    base: list[Section] = [
        (back + 0.01, half * 0.86, 0.34, waist - 0.06),
        (back + 0.06, half * 0.97, 0.24, waist - 0.01),
        (back + 0.20, half, 0.22, waist + 0.01),
        (nose - 0.26, half, 0.22, waist),
        (nose - 0.08, half * 0.95, 0.26, waist - 0.08),
        (nose - 0.01, half * 0.82, 0.34, waist - 0.17),
    ]
    out.add(kit.hull(base, 0.07, c.axles_m, 0.30, c.radius_m), f.paint)
    kit.chassis_parts(out, f, c, 0.19, 0.44, half)
    lean = 0.24 + 0.06 * u[3]
    _patrol_cabin(out, f, (back, nose), half, (waist, top), lean, painted=bool(u[4] > 0))
    side = half + 0.003
    kit.side_sign(
        out, f, side, ((c.front_m + c.rear_m) / 2, 0.585), (c.front_m - c.rear_m - 0.66, 0.07), second
    )
    for k in range(7):
        x = c.rear_m + 0.36 + (c.front_m - c.rear_m - 0.72) * k / 6
        for row in range(2):
            if (k + row) % 2:
                tile = ((c.front_m - c.rear_m - 0.72) / 6, 0.008, 0.03)
                out.add(mirrored_pair(box(tile, (x, side, 0.50 - 0.03 * row))), f.of(second, Material.RETRO))
    kit.front_lamps(out, f, nose - 0.006, half * 0.56, 0.475)
    kit.rear_lamps(out, f, back + 0.0, half * 0.70, 0.52)
    kit.rear_plate_of(out, f, back - 0.002, 0.42, int(rng.integers(64)))
    for x in (back + 0.03, nose - 0.03):
        out.add(box((0.06, 2 * half * 0.86, 0.10), (x, 0, 0.31), 0.025), f.dark)
    roof = (back + 0.34 + nose - 0.40 - lean) / 2
    _patrol_roof(out, f, rng, roof, half, top)
    kit.lidar(out, vec(nose - 0.20, 0, waist + 0.005), 0.05, 0.07)
    for y in (half * 0.8, -half * 0.8):
        kit.camera(out, vec(nose - 0.42, y, waist + 0.12), (0.6, math.copysign(0.8, y), -0.1), 0.02)
    return Design(body=out, chassis=c, paint=main)


def _patrol_cabin(
    out: Sculpture,
    f: Finishes,
    ends: tuple[float, float],
    half: float,
    levels: tuple[float, float],
    lean: float,
    *,
    painted: bool,
) -> None:
    """What would be the cabin of a car: pillars and roof with dark panes to all sides."""
    (back, nose), (waist, top) = ends, levels
    dark = f.of((22, 24, 28), Material.SATIN)
    cabin: list[Section] = [
        (back + 0.12, half * 0.84, waist - 0.05, waist + 0.08),
        (back + 0.20, half * 0.88, waist - 0.05, top - 0.05),
        (back + 0.30, half * 0.88, waist - 0.05, top),
        (nose - 0.36 - lean, half * 0.86, waist - 0.05, top),
        (nose - 0.34, half * 0.86, waist - 0.05, waist + 0.16),
        (nose - 0.22, half * 0.80, waist - 0.06, waist + 0.03),
    ]
    out.add(kit.hull(cabin, 0.06), f.paint if painted else dark)
    pane: list[Section] = [
        (back + 0.34, half * 0.895, waist + 0.08, top - 0.10),
        (nose - 0.44 - lean, half * 0.895, waist + 0.08, top - 0.10),
        (nose - 0.44, half * 0.87, waist + 0.08, waist + 0.15),
    ]
    out.add(kit.hull(pane, 0.02), f.glass)
    shield: list[Section] = [
        (nose - 0.385 - lean, half * 0.72, waist + 0.20, top - 0.035),
        (nose - 0.355 - lean * 0.80, half * 0.74, waist + 0.16, top - 0.045),
        (nose - 0.325, half * 0.74, waist + 0.05, waist + 0.16),
        (nose - 0.315, half * 0.72, waist + 0.06, waist + 0.12),
    ]
    out.add(kit.hull(shield, 0.03), f.glass)
    out.add(
        box((0.03, half * 1.3, (top - waist) * 0.5), (back + 0.185, 0, (waist + top) / 2 + 0.01), 0.01),
        f.glass,
    )


def _patrol_roof(
    out: Sculpture, f: Finishes, rng: np.random.Generator, x: float, half: float, top: float
) -> None:
    """Light bar, mast with cameras, loudspeaker, aerials."""
    amber = rng.random() < 0.3
    left, right = (AMBER, AMBER) if amber else (RED, BLUE)
    kit.light_bar(out, f, vec(x + 0.16, 0, top - 0.01), half * 0.72, left, right)
    tall = 0.30 + 0.35 * float(rng.random())
    foot = vec(x - 0.10, 0, top - 0.01)
    out.add(lathe([(0.08, 0.0), (0.055, 0.04), (0.036, 0.06), (0.032, tall)], 12).moved(foot), f.grey)
    head = foot + vec(0, 0, tall)
    if rng.random() < 0.5:
        out.add(box((0.16, 0.34, 0.05), head + vec(0, 0, 0.02), 0.015), f.of((232, 234, 236), Material.SATIN))
        for y in (0.14, -0.14):
            kit.dome_camera(out, f, head + vec(0, y, -0.045), 0.055)
        kit.lidar(out, head + vec(0, 0, 0.045), 0.05, 0.07)
    else:
        yoke = f.of((232, 234, 236), Material.SATIN)
        out.add(lathe([(0.05, -0.02), (0.06, 0.03), (0.03, 0.05)], 12).moved(head), yoke)
        out.add(box((0.10, 0.22, 0.11), head + vec(0.0, 0, 0.11), 0.03), yoke)
        for y in (0.05, -0.05):
            kit.camera(out, head + vec(0.05, y, 0.12), (1.0, 0.0, 0.0), 0.034)
        out.add(box((0.02, 0.05, 0.03), head + vec(0.05, 0, 0.075), 0.005), f.dark)
    horn = lathe([(0.025, -0.07), (0.03, -0.02), (0.075, 0.06)], 12).turned(rotation_about(1, math.pi / 2))
    out.add(horn.moved((x + 0.02, half * 0.55, top + 0.045)), f.grey)
    for y in (half * 0.6, -half * 0.6):
        out.add(rod(vec(x - 0.24, y, top - 0.02), vec(x - 0.27, y, top + 0.30), 0.006, 5), f.dark)


def sweeper(variant: int) -> Design:
    """The sweeper of a variant: brushes at the front corners, suction mouth, hopper, beacon."""
    rng = derive_rng("unmanned sweeper", variant)
    out, f = Sculpture(), Finishes(Tag.CAR)
    main, second = SWEEPERS[int(rng.integers(len(SWEEPERS)))]
    u = rng.uniform(-1.0, 1.0, 6)
    long, half, top = 2.45 + 0.26 * u[0], 0.60 + 0.06 * u[1], 1.50 + 0.12 * u[2]
    c = Chassis(
        radius_m=0.27, tyre_m=0.17, front_m=long / 2 - 0.62, rear_m=-long / 2 + 0.45, track_half_m=half - 0.10
    )
    back, nose = -long / 2, long / 2
    split = -0.02 + 0.12 * u[3]
    hopper: list[Section] = [
        (back + 0.01, half * 0.92, 0.52, top - 0.16),
        (back + 0.06, half * 0.99, 0.40, top - 0.04),
        (back + 0.16, half, 0.36, top),
        (split - 0.03, half, 0.36, top),
        (split, half * 0.97, 0.38, top - 0.04),
    ]
    out.add(kit.hull(hopper, 0.06, (c.rear_m,), 0.335, c.radius_m), f.paint)
    face = nose - 0.10
    slope = 0.16 + 0.10 * u[4]
    head: list[Section] = [
        (split - 0.01, half * 0.96, 0.36, top - 0.10),
        (split + 0.10, half * 0.985, 0.34, top - 0.09),
        (face - slope - 0.10, half * 0.985, 0.34, top - 0.12),
        (face - slope, half * 0.96, 0.34, top - 0.17),
        (face - 0.06, half * 0.93, 0.36, 0.92),
        (face, half * 0.86, 0.40, 0.78),
    ]
    out.add(kit.hull(head, 0.08, (c.front_m,), 0.335, c.radius_m), f.of(second, Material.SATIN))
    kit.chassis_parts(out, f, c, 0.22, 0.50, half)
    _sweeper_face(out, f, rng, face, slope, half, top)
    _brushes(out, f, rng, nose, half, c)
    side = half + 0.003
    for x0, x1 in ((back + 0.22, (back + split) / 2 - 0.02), ((back + split) / 2 + 0.02, split - 0.10)):
        kit.panel_lines(out, f, side, (x0, x1), (0.78, top - 0.16), 1, 1)
    kit.side_sign(out, f, side, ((back + split) / 2, 0.72), (split - back - 0.26, 0.05), second)
    kit.emblem(out, f, side, (back + 0.30 * (split - back), top - 0.34), 0.18, second)
    for k in range(5):
        vent = (0.16, half * 0.9, 0.014)
        out.add(box(vent, (back + 0.10, 0, top - 0.20 - 0.035 * k), 0.003), f.dark)
    stripes = f.of((214, 40, 36), Material.RETRO), f.of((238, 238, 236), Material.RETRO)
    for k in range(6):
        y = -half * 0.62 + half * 1.24 * k / 5
        out.add(box((0.014, half * 0.22, 0.07), (back + 0.012, y, 0.66), 0.002), stripes[k % 2])
    kit.rear_lamps(out, f, back - 0.004, half * 0.80, 0.88)
    kit.rear_plate_of(out, f, back - 0.004, 0.56, int(rng.integers(64)))
    out.add(box((0.07, 2 * half * 0.88, 0.12), (back + 0.035, 0, 0.40), 0.03), f.dark)
    for y in (half * 0.66, -half * 0.66):
        kit.beacon(out, f, vec(back + 0.22, y, top - 0.01), AMBER, y > 0, 0.055)
    if rng.random() < 0.5:
        kit.light_bar(out, f, vec(split + 0.14, 0, top - 0.11), half * 0.62, AMBER, AMBER)
    kit.sensor_mast(out, f, vec(face - slope - 0.18, 0, top - 0.13), 0.26 + 0.12 * float(rng.random()), 0.058)
    return Design(body=out, chassis=c, paint=main)


def _sweeper_face(
    out: Sculpture, f: Finishes, rng: np.random.Generator, face: float, slope: float, half: float, top: float
) -> None:
    """Dark shield, lamps, screen."""
    low, high = 0.95, top - 0.20
    shield: list[Section] = [
        (face - slope - 0.01, half * 0.80, low + 0.10, high),
        (face - slope + 0.035, half * 0.82, low, high - 0.01),
        (face - 0.035, half * 0.80, low - 0.06, low + 0.03),
    ]
    out.add(kit.hull(shield, 0.03), f.of((20, 22, 26), Material.SATIN))
    glow = ((120, 220, 255), (255, 255, 255), (150, 255, 170))[int(rng.integers(3))]
    words = box((0.012, half * 0.9, 0.05), (face - 0.005, 0, 0.70), 0.003)
    out.add(words, f.of(glow, Material.LIT_SIGN))
    out.add(box((0.012, half * 1.0, 0.08), (face - 0.010, 0, 0.70), 0.003), f.dark)
    kit.front_lamps(out, f, face - 0.012, half * 0.66, 0.60)
    for y in (half * 0.9, -half * 0.9):
        kit.flat_lidar(out, f, vec(face - 0.02, y * 0.5, 0.46), 1.0, 0.12)


def _brushes(
    out: Sculpture, f: Finishes, rng: np.random.Generator, nose: float, half: float, c: Chassis
) -> None:
    """Two disc brushes on arms at the front corners, a suction mouth behind the front axle, its hose."""
    tones: tuple[Color, ...] = ((40, 90, 170), (36, 36, 38), (190, 60, 40), (60, 150, 90))
    bristle = f.of(tones[int(rng.integers(len(tones)))])
    reach = 0.27 + 0.03 * float(rng.uniform(-1, 1))
    x, y = nose - reach - 0.01, half + 0.10 - reach * 0.55
    disc = lathe(
        [(reach, 0.006), (reach * 0.96, 0.03), (reach * 0.55, 0.14), (reach * 0.50, 0.17), (0.10, 0.19)], 22
    )
    out.add(mirrored_pair(disc.moved((x, y, 0.0))), bristle)
    tuft = lathe([(reach * 0.55, 0.155), (reach * 0.55, 0.185), (0.12, 0.20)], 18)
    out.add(mirrored_pair(tuft.moved((x, y, 0.0))), f.grey)
    motor = lathe([(0.075, 0.18), (0.075, 0.30), (0.05, 0.33)], 12)
    out.add(mirrored_pair(motor.moved((x, y, 0.0))), f.dark)
    arm = [vec(x, y, 0.29), vec(x - 0.14, y * 0.82, 0.36), vec(x - 0.34, y * 0.62, 0.40)]
    out.add(mirrored_pair(tube(np.array(arm), 0.03, 7)), f.dark)
    mouth_x = (c.front_m + c.rear_m) / 2
    mouth: list[Section] = [
        (mouth_x - 0.16, half * 0.78, 0.035, 0.16),
        (mouth_x - 0.10, half * 0.82, 0.025, 0.22),
        (mouth_x + 0.12, half * 0.82, 0.025, 0.20),
        (mouth_x + 0.18, half * 0.80, 0.04, 0.12),
    ]
    out.add(kit.hull(mouth, 0.02), f.dark)
    out.add(box((0.03, half * 1.66, 0.06), (mouth_x + 0.18, 0, 0.045), 0.004), f.grey)
    hose = [vec(mouth_x - 0.02, 0.1, 0.18), vec(mouth_x - 0.10, 0.12, 0.34), vec(mouth_x - 0.22, 0.12, 0.5)]
    out.add(tube(np.array(hose), 0.09, 10), f.grey)
