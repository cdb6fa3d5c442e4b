"""Small buses without a driver."""

from __future__ import annotations

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, mirrored_pair
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, slab, vec
from drivegen.embedded.assets.vehicles.unmanned import kit
from drivegen.embedded.assets.vehicles.unmanned.kit import Chassis, Design, Section
from drivegen.embedded.assets.vehicles.wheel import RimStyle, car_wheel
from drivegen.embedded.mesh import Material

LIVERIES: tuple[tuple[Color, Color], ...] = (
    ((240, 242, 243), (40, 120, 220)),
    ((240, 242, 243), (60, 180, 150)),
    ((36, 110, 200), (240, 242, 243)),
    ((64, 70, 80), (120, 220, 230)),
    ((240, 242, 243), (236, 110, 50)),
    ((150, 200, 90), (40, 60, 70)),
    ((226, 216, 196), (150, 40, 50)),
)


def shuttle(variant: int) -> Design:
    """The shuttle of a variant."""
    rng = derive_rng("unmanned shuttle", variant)
    out, f = Sculpture(), Finishes(Tag.CAR)
    main, second = LIVERIES[int(rng.integers(len(LIVERIES)))]
    u = rng.uniform(-1.0, 1.0, 6)
    long = (4.30 if rng.random() < 0.55 else 5.50) + 0.28 * u[0]
    half, top = 1.00 + 0.05 * u[1], 2.56 + 0.09 * u[2]
    both_ways = bool(rng.random() < 0.5)
    c = Chassis(
        radius_m=0.33,
        tyre_m=0.20,
        front_m=long / 2 - 0.80,
        rear_m=-long / 2 + 0.80,
        track_half_m=half - 0.14,
    )
    back, nose = -long / 2, long / 2
    slant = 0.30 + 0.10 * u[3]
    rear_slant = slant if both_ways else 0.10
    sill, waist = 0.30, 0.95 + 0.06 * u[4]
    body: list[Section] = [
        (back + 0.01, half * 0.84, 0.46, waist - 0.14),
        (back + 0.07, half * 0.94, sill + 0.02, waist),
        (back + 0.26, half, sill - 0.02, waist + 0.02),
        (nose - 0.26, half, sill - 0.02, waist + 0.02),
        (nose - 0.07, half * 0.94, sill + 0.02, waist),
        (nose - 0.01, half * 0.84, 0.46, waist - 0.14),
    ]
    out.add(kit.hull(body, 0.12, c.axles_m, 0.42, c.radius_m), f.paint)
    kit.chassis_parts(out, f, c, 0.24, 0.60, half)
    house: list[Section] = [
        (back + 0.05, half * 0.90, waist - 0.10, waist + 0.10),
        (back + 0.06 + rear_slant * 0.5, half * 0.945, waist - 0.10, (waist + top) / 2 + 0.10),
        (back + 0.08 + rear_slant, half * 0.955, waist - 0.10, top - 0.16),
        (nose - 0.08 - slant, half * 0.955, waist - 0.10, top - 0.16),
        (nose - 0.06 - slant * 0.5, half * 0.945, waist - 0.10, (waist + top) / 2 + 0.10),
        (nose - 0.05, half * 0.90, waist - 0.10, waist + 0.10),
    ]
    out.add(kit.hull(house, 0.12), f.glass)
    _pillars(out, f, rng, (back + rear_slant, nose - slant), half, waist, top)
    roof: list[Section] = [
        (back + 0.02 + rear_slant, half * 0.92, top - 0.22, top - 0.06),
        (back + 0.20 + rear_slant, half * 0.985, top - 0.24, top - 0.01),
        (back + 0.55 + rear_slant, half * 0.985, top - 0.24, top),
        (nose - 0.55 - slant, half * 0.985, top - 0.24, top),
        (nose - 0.18 - slant, half * 0.985, top - 0.24, top - 0.02),
        (nose - 0.00 - slant, half * 0.92, top - 0.22, top - 0.09),
    ]
    out.add(kit.hull(roof, 0.10), f.paint)
    out.add(
        box((long * 0.30, half * 1.1, 0.10), (-0.1, 0, top + 0.03), 0.04),
        f.of((222, 224, 226), Material.SATIN),
    )
    _ends(out, f, rng, (back, nose), (rear_slant, slant), half, waist, top, second)
    band = (long - 0.70, 2 * half + 0.010, 0.07)
    out.add(box(band, (0, 0, waist - 0.06), 0.01), f.of(second, Material.SATIN))
    kit.emblem(out, f, half + 0.004, (-long * 0.30, waist - 0.26), 0.22, second)
    _roof_corners(out, f, (back + rear_slant, nose - slant), half, top)
    wheel = car_wheel(c.radius_m, c.tyre_m, RimStyle.TEN, Tag.CAR, "light/shuttle_wheel")
    return Design(body=out, chassis=c, paint=main, wheel=wheel)


def _pillars(
    out: Sculpture,
    f: Finishes,
    rng: np.random.Generator,
    ends: tuple[float, float],
    half: float,
    waist: float,
    top: float,
) -> None:
    """Posts between the windows and double doors on the right side."""
    y, tall = half * 0.958, top - 0.20 - waist
    middle = (waist + top - 0.18) / 2
    door = 0.05 * float(rng.uniform(-1, 1))
    for x in (ends[0] + 0.22, door - 0.68, door + 0.68, ends[1] - 0.22):
        out.add(mirrored_pair(box((0.09, 0.014, tall), (x, y, middle), 0.004)), f.paint)
    right = -half - 0.002
    for x in (door - 0.62, door, door + 0.62):
        out.add(box((0.02, 0.014, top - 0.62), (x, right + 0.012, (top + 0.20) / 2)), f.dark)
    for x in (door - 0.31, door + 0.31):
        out.add(
            box((0.52, 0.016, waist - 0.50), (x, right + 0.008, (waist + 0.44) / 2 + 0.0), 0.004), f.glass
        )
        out.add(box((0.03, 0.03, 0.40), (x * 0.4 + door * 0.6, right - 0.004, 1.25), 0.008), f.metal)
    out.add(box((1.30, 0.03, 0.05), (door, right + 0.015, 0.34), 0.01), f.of((240, 200, 40)))
    out.add(box((1.26, 0.014, 0.03), (door, right + 0.012, top - 0.30)), f.dark)


def _ends(
    out: Sculpture,
    f: Finishes,
    rng: np.random.Generator,
    ends: tuple[float, float],
    slants: tuple[float, float],
    half: float,
    waist: float,
    top: float,
    second: Color,
) -> None:
    """Lamps, display and bumper of nose and tail."""
    back, nose = ends
    glow = ((120, 214, 255), (255, 255, 255), (150, 255, 190))[int(rng.integers(3))]
    z = waist - 0.20
    mask = [
        (vec(nose + 0.000, 0, z - 0.10), half * 0.78, 0.5),
        (vec(nose + 0.004, 0, z + 0.02), half * 0.82, 0.5),
        (vec(nose - 0.006, 0, z + 0.09), half * 0.80, 0.5),
    ]
    out.add(slab(mask, 0.05, 0.05), f.of((24, 26, 30), Material.SATIN))
    kit.lamp_strip(out, vec(nose - 0.032, half * 0.60, z), 0.26, 0.07, f.lens, 0.05)
    kit.turn_lamps(out, f, vec(nose - 0.022, half * 0.60, z - 0.065), 0.26, 0.03)
    out.add(
        box((0.03, half * 0.56, 0.025), (nose - 0.006, 0, z + 0.02), 0.006), f.of(glow, Material.LIT_SIGN)
    )
    sign = vec(nose - slants[1] + 0.015, 0, top - 0.145)
    out.add(box((0.03, half * 1.0, 0.13), sign, 0.008), f.of((18, 18, 20), Material.SATIN))
    for k in range(4):
        mark = (0.01, 0.07 + 0.03 * (k % 2), 0.06)
        out.add(box(mark, sign + vec(0.014, -0.24 + 0.16 * k, 0)), f.of((255, 170, 60), Material.LIT_SIGN))
    out.add(box((0.10, 2 * half * 0.86, 0.14), (nose - 0.04, 0, 0.42), 0.04), f.dark)
    out.add(box((0.10, 2 * half * 0.86, 0.14), (back + 0.04, 0, 0.42), 0.04), f.dark)
    kit.flat_lidar(out, f, vec(nose + 0.01, 0, 0.52), 1.0, 0.20)
    kit.lamp_strip(out, vec(back + 0.025, half * 0.62, z), 0.26, 0.07, f.red, 0.05)
    kit.lamp_strip(out, vec(back + 0.022, half * 0.62, z - 0.065), 0.26, 0.045, f.brake, 0.05)
    for side, finish in ((1.0, f.left), (-1.0, f.right)):
        out.add(box((0.05, 0.26, 0.035), (back + 0.022, side * half * 0.62, z - 0.115), 0.006), finish)
    kit.lamp_strip(out, vec(back + 0.02, half * 0.30, z), 0.10, 0.045, f.reverse, 0.05)
    kit.rear_plate_of(out, f, back - 0.004, z - 0.10, int(rng.integers(64)))
    panel = box((0.02, half * 0.8, 0.12), (back + 0.03 + slants[0], 0, top - 0.155), 0.006)
    out.add(panel, f.of(second, Material.SATIN))


def _roof_corners(out: Sculpture, f: Finishes, ends: tuple[float, float], half: float, top: float) -> None:
    """LiDARs and cameras at the corners of the roof, one in the middle in front."""
    for x, way in ((ends[1] - 0.22, 1.0), (ends[0] + 0.24, -1.0)):
        for y in (half * 0.84, -half * 0.84):
            out.add(box((0.14, 0.14, 0.06), (x, y, top), 0.02), f.dark)
            kit.lidar(out, vec(x, y, top + 0.025), 0.055, 0.08)
            kit.camera(out, vec(x + way * 0.07, y, top), (way, 0.0, -0.2), 0.02)
    x = ends[1] - 0.30
    out.add(box((0.24, 0.34, 0.07), (x, 0, top + 0.02), 0.025), f.dark)
    kit.lidar(out, vec(x, 0, top + 0.05), 0.07, 0.10)
