"""Hulls with wheel arches, sensors and lamps of unmanned vehicles, and how a design becomes an asset."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from drivegen.core.actors import ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import Ring, box, ellipsoid, lathe, loft, mirrored_pair, plate, rod
from drivegen.embedded.assets.people.limbs import Vec3
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M, FourWheeler, WheelMount, steer_limit
from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.kit import Color, Finishes, disc_wheel, vec
from drivegen.embedded.assets.vehicles.light.machine import add_once
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary

Section = tuple[float, float, float, float]
"""x, half width, low z, high z."""
LIVERIES: tuple[tuple[Color, Color], ...] = (
    ((238, 240, 241), (44, 118, 214)),
    ((238, 240, 241), (40, 170, 120)),
    ((236, 60, 48), (240, 240, 238)),
    ((250, 196, 28), (36, 36, 40)),
    ((36, 110, 214), (240, 242, 244)),
    ((34, 38, 46), (60, 200, 210)),
    ((238, 240, 241), (236, 120, 34)),
    ((66, 72, 80), (150, 210, 80)),
    ((196, 226, 236), (30, 74, 130)),
)
"""Body and second colour; nobody's in particular."""


_ARC_RAD = np.concatenate([np.linspace(k * math.pi / 2, (k + 1) * math.pi / 2, 4) for k in (-1, 0, 1, 2)])
_ARC = np.stack([np.cos(_ARC_RAD), np.sin(_ARC_RAD)])
_SIDE = np.repeat(np.array([1.0, 1.0, -1.0, -1.0]), 4)
_TOP = np.repeat(np.array([-1.0, 1.0, 1.0, -1.0]), 4)


def section(x: float, half: float, low: float, high: float, radius_m: float) -> Ring:
    """A rounded rectangle across the vehicle."""
    tall = (high - low) / 2
    r = min(radius_m, half * 0.95, tall * 0.96)
    out = np.empty((16, 3))
    out[:, 0] = x
    out[:, 1] = _SIDE * (half - r) + r * _ARC[0]
    out[:, 2] = (low + high) / 2 + _TOP * (tall - r) + r * _ARC[1]
    return out


def hull(
    rows: Sequence[Section],
    radius_m: float,
    axles_m: Sequence[float] = (),
    arch_m: float = 0.0,
    wheel_z_m: float = 0.0,
) -> Shape:
    """A body along x through sections, its underside cut out over the wheels.

    Args:
        rows: from the rear to the front.
        radius_m: of the edges.
        axles_m: x of the axles.
        arch_m: radius of the arches.
        wheel_z_m: height of the axles.
    """
    x_rows = np.array([r[0] for r in rows])
    extra = [a + arch_m * math.cos(t) for a in axles_m for t in np.linspace(0.0, math.pi, 11)]
    inside = [x for x in extra if x_rows[0] < x < x_rows[-1]]
    xs = np.unique(np.round(np.concatenate([x_rows, inside]), 4))
    columns = [np.interp(xs, x_rows, [r[k] for r in rows]) for k in (1, 2, 3)]
    rings = []
    for x, half, low, high in zip(xs, *columns, strict=True):
        over = max([arch_m**2 - (x - axle) ** 2 for axle in axles_m] or [0.0])
        under = max(low, wheel_z_m + math.sqrt(over)) if over > 0 else low
        rings.append(section(float(x), float(half), float(under), float(high), radius_m))
    return loft(rings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chassis:
    """Wheels of a design."""

    radius_m: float
    tyre_m: float
    front_m: float
    """x of the front axle."""
    rear_m: float
    track_half_m: float
    """From the middle to the middle of a tyre."""

    @property
    def axles_m(self) -> tuple[float, float]:
        """x of both."""
        return (self.rear_m, self.front_m)


@dataclass(kw_only=True)
class Design:
    """An unmanned vehicle before it is an asset: x forward, y left, z up from the ground."""

    body: Sculpture
    chassis: Chassis
    paint: Color
    wheel: Mesh | None = None


def chassis_parts(
    out: Sculpture, f: Finishes, c: Chassis, low_m: float, high_m: float, half_m: float
) -> None:
    """The dark box between the wheels, with axles."""
    long = c.front_m - c.rear_m + 2 * c.radius_m * 1.2
    inner = min(half_m, c.track_half_m - c.tyre_m / 2 - 0.05)
    out.add(
        box((long, 2 * inner, high_m - low_m), ((c.front_m + c.rear_m) / 2, 0, (low_m + high_m) / 2), 0.02),
        f.dark,
    )
    for x in c.axles_m:
        out.add(rod((x, -c.track_half_m, c.radius_m), (x, c.track_half_m, c.radius_m), 0.035, 8), f.dark)


def lidar(out: Sculpture, at: Vec3, radius_m: float = 0.055, tall_m: float = 0.075) -> None:
    """A spinning LiDAR on its foot: base, dark window, lid."""
    out.add_turned(_lidar(radius_m, tall_m), np.eye(3), at)


@lru_cache(maxsize=32)
def _lidar(r: float, h: float) -> Sculpture:
    """One at the origin; never changed once made."""
    out, f = Sculpture(), Finishes(Tag.CAR)
    out.add(lathe([(r * 0.92, 0.0), (r, 0.01), (r, h * 0.28)], 16), f.metal)
    out.add(lathe([(r * 0.97, h * 0.26), (r * 0.97, h * 0.84)], 16), f.of((22, 24, 30), Material.SATIN))
    out.add(lathe([(r, h * 0.82), (r, h * 0.94), (r * 0.9, h)], 16), f.metal)
    return out


def flat_lidar(out: Sculpture, f: Finishes, at: Vec3, facing: float, wide_m: float = 0.14) -> None:
    """A solid-state LiDAR: a box with a dark window; facing 1 is forward, -1 back."""
    out.add(box((0.07, wide_m, 0.07), at, 0.012), f.grey)
    out.add(
        box((0.012, wide_m * 0.8, 0.045), at + vec(facing * 0.034, 0, 0), 0.004),
        f.of((24, 22, 34), Material.SATIN),
    )


def camera(out: Sculpture, at: Vec3, way: tuple[float, float, float], radius_m: float = 0.02) -> None:
    """A small camera that looks along `way`."""
    out.add_turned(_camera(way, radius_m), np.eye(3), at)


@lru_cache(maxsize=64)
def _camera(way: tuple[float, float, float], radius_m: float) -> Sculpture:
    """One at the origin; never changed once made."""
    out, f = Sculpture(), Finishes(Tag.CAR)
    d = np.array(way) / np.linalg.norm(way)
    out.add(rod(-d * radius_m, d * radius_m, radius_m, 9), f.dark)
    lens = rod(d * radius_m * 0.9, d * radius_m * 1.3, radius_m * 0.6, 8)
    out.add(lens, f.of((36, 40, 60), Material.SATIN))
    return out


def dome_camera(out: Sculpture, f: Finishes, at: Vec3, radius_m: float) -> None:
    """A turning camera under a dark dome: white shell above."""
    out.add(
        lathe(
            [
                (radius_m * 0.6, -radius_m * 0.2),
                (radius_m, 0.0),
                (radius_m * 0.9, radius_m * 0.9),
                (radius_m * 0.3, radius_m * 1.2),
            ],
            14,
        ).moved(at),
        f.of((232, 234, 236), Material.SATIN),
    )
    out.add(
        ellipsoid(
            (radius_m * 0.86, radius_m * 0.86, radius_m * 0.86), at - vec(0, 0, radius_m * 0.05), 12, 6
        ),
        f.of((22, 22, 26), Material.SATIN),
    )


def beacon(
    out: Sculpture, f: Finishes, at: Vec3, color: Color, first: bool = True, radius_m: float = 0.05
) -> None:
    """A flashing light on its foot."""
    material = Material.BEACON_FIRST if first else Material.BEACON_SECOND
    out.add(lathe([(radius_m, 0.0), (radius_m, 0.02)], 12).moved(at), f.dark)
    lens = [
        (radius_m * 0.92, 0.018),
        (radius_m * 0.86, radius_m * 1.2),
        (radius_m * 0.5, radius_m * 1.7),
        (0.0, radius_m * 1.8),
    ]
    out.add(lathe(lens, 12).moved(at), f.of(color, material))


def light_bar(out: Sculpture, f: Finishes, at: Vec3, half_m: float, left: Color, right: Color) -> None:
    """A bar of two beacons across the roof."""
    out.add(box((0.13, 2 * half_m, 0.03), at + vec(0, 0, 0.015), 0.008), f.dark)
    for side, color, material in ((1.0, left, Material.BEACON_FIRST), (-1.0, right, Material.BEACON_SECOND)):
        lens = box((0.12, half_m * 0.80, 0.065), at + vec(0, side * half_m * 0.56, 0.06), 0.02)
        out.add(lens, f.of(color, material))
    out.add(box((0.11, half_m * 0.26, 0.07), at + vec(0, 0, 0.06), 0.012), f.grey)


def sensor_mast(out: Sculpture, f: Finishes, foot: Vec3, tall_m: float, radius_m: float = 0.05) -> None:
    """A post with a LiDAR on top and cameras to all sides below it."""
    out.add(lathe([(0.09, 0.0), (0.05, 0.03), (0.04, tall_m)], 12).moved(foot), f.dark)
    top = foot + vec(0, 0, tall_m)
    out.add(box((0.14, 0.16, 0.05), top + vec(0, 0, 0.0), 0.015), f.dark)
    for way in ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)):
        camera(out, top + vec(way[0] * 0.07, way[1] * 0.08, 0.0), way, 0.016)
    lidar(out, top + vec(0, 0, 0.025), radius_m, radius_m * 1.4)


def lamp_strip(
    out: Sculpture, at: Vec3, wide_m: float, tall_m: float, finish: Finish, deep_m: float = 0.03
) -> None:
    """A pair of flat lamps, at a place on the left and its mirror image."""
    lamp = box((deep_m, wide_m, tall_m), at, min(tall_m, deep_m) * 0.3)
    out.add(mirrored_pair(lamp), finish)


def turn_lamps(out: Sculpture, f: Finishes, at: Vec3, wide_m: float, tall_m: float) -> None:
    """A pair of indicators, at a place on the left and its mirror image."""
    for side, finish in ((1.0, f.left), (-1.0, f.right)):
        out.add(box((0.03, wide_m, tall_m), at * np.array([1, side, 1]), 0.006), finish)


def front_lamps(out: Sculpture, f: Finishes, x: float, y: float, z: float) -> None:
    """Head lamps and indicators of the nose, on the left and mirrored."""
    lamp_strip(out, vec(x - 0.006, y, z), 0.15, 0.075, f.dark)
    lamp_strip(out, vec(x, y, z), 0.12, 0.05, f.lens)
    turn_lamps(out, f, vec(x, y, z - 0.058), 0.12, 0.022)


def rear_lamps(out: Sculpture, f: Finishes, x: float, y: float, z: float) -> None:
    """Tail, brake and reversing lamps and indicators, upright on the left and mirrored."""
    lamp_strip(out, vec(x + 0.006, y, z), 0.085, 0.30, f.dark)
    lamp_strip(out, vec(x, y, z + 0.08), 0.065, 0.12, f.red)
    lamp_strip(out, vec(x, y, z - 0.015), 0.065, 0.055, f.brake)
    turn_lamps(out, f, vec(x, y, z - 0.075), 0.065, 0.05)
    lamp_strip(out, vec(x, y, z - 0.122), 0.065, 0.03, f.reverse)


def panel_lines(
    out: Sculpture,
    f: Finishes,
    y: float,
    x: tuple[float, float],
    z: tuple[float, float],
    columns: int,
    rows: int,
) -> None:
    """Gaps round compartment doors on both sides of a flat wall at +-y, with handles."""
    width, tall = (x[1] - x[0]) / columns, (z[1] - z[0]) / rows
    for k in range(columns + 1):
        out.add(
            mirrored_pair(box((0.008, 0.006, z[1] - z[0]), (x[0] + k * width, y, (z[0] + z[1]) / 2))), f.dark
        )
    for k in range(rows + 1):
        out.add(
            mirrored_pair(box((x[1] - x[0], 0.006, 0.008), ((x[0] + x[1]) / 2, y, z[0] + k * tall))), f.dark
        )
    for i in range(columns):
        for j in range(rows):
            spot = (x[0] + (i + 0.86) * width, y, z[0] + (j + 0.5) * tall)
            out.add(mirrored_pair(box((0.03, 0.008, 0.05), spot, 0.002)), f.grey)


def side_sign(
    out: Sculpture,
    f: Finishes,
    y: float,
    centre: tuple[float, float],
    size_m: tuple[float, float],
    color: Color,
    material: Material = Material.SATIN,
) -> None:
    """A flat field on both sides."""
    out.add(
        mirrored_pair(box((size_m[0], 0.008, size_m[1]), (centre[0], y, centre[1]), 0.002)),
        f.of(color, material),
    )


def emblem(
    out: Sculpture, f: Finishes, y: float, centre: tuple[float, float], size_m: float, color: Color
) -> None:
    """A made-up sign of two bars and a disc on both sides."""
    x, z = centre
    finish = f.of(color, Material.SATIN)
    for dx, tall in ((-0.42, 0.9), (-0.12, 0.6)):
        out.add(mirrored_pair(box((size_m * 0.2, 0.010, size_m * tall), (x + dx * size_m, y, z))), finish)
    disc = lathe([(0.26 * size_m, -0.005), (0.26 * size_m, 0.005)], 14)
    flat = disc.turned(np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])).moved((x + 0.32 * size_m, y, z))
    out.add(mirrored_pair(flat.closed()), finish)


def screen_face(
    out: Sculpture, f: Finishes, x: float, z: float, half_m: float, tall_m: float, glow: Color, smile: bool
) -> None:
    """A dark display on the nose with two lit eyes, and perhaps a mouth."""
    out.add(box((0.02, 2 * half_m, tall_m), (x, 0, z), 0.008), f.of((16, 17, 20), Material.SATIN))
    lit = f.of(glow, Material.LIT_SIGN)
    for y in (half_m * 0.45, -half_m * 0.45):
        out.add(box((0.008, half_m * 0.22, tall_m * 0.34), (x + 0.010, y, z + tall_m * 0.08), 0.002), lit)
    if smile:
        for k in range(-2, 3):
            out.add(
                box(
                    (0.008, half_m * 0.12, tall_m * 0.07),
                    (x + 0.010, k * half_m * 0.12, z - tall_m * 0.30 + 0.018 * abs(k)),
                ),
                lit,
            )


def rear_plate_of(out: Sculpture, f: Finishes, x: float, z: float, code: int) -> None:
    """The white number board of vehicles on trial, looking back."""
    out.add(box((0.012, 0.34, 0.12), (x + 0.004, 0, z), 0.003), f.dark)
    shape, uvs = plate((x - 0.004, 0, z), (0.0, -0.16, 0.0), (0.0, 0.0, 0.05))
    out.add(shape.facing((-1.0, 0, 0)), f.of((236, 238, 238), Material.PLATE), uvs=uvs)
    for k in range(6):
        tall = 0.02 + 0.012 * ((code >> k) & 1)
        mark, _ = plate((x - 0.006, -0.12 + 0.048 * k, z), (0.0, -0.012, 0.0), (0.0, 0.0, tall))
        out.add(mark.facing((-1.0, 0, 0)), f.of((30, 60, 150)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A variant before it is in any library."""

    body: Mesh
    wheel: Mesh
    chassis: Chassis
    shift_m: Float64[np.ndarray, "3"]
    size_lwh_m: tuple[float, float, float]
    paint: Color


def build(name: str, design: Design) -> Built:
    """Meshes and box of a design."""
    c = design.chassis
    points = design.body.points_m()
    low, high = points.min(axis=0), points.max(axis=0)
    low[0] = min(low[0], c.rear_m - c.radius_m)
    high[0] = max(high[0], c.front_m + c.radius_m)
    half = max(-low[1], high[1], c.track_half_m + c.tyre_m / 2)
    size = tuple(
        math.ceil(v * 1e3) / 1e3
        for v in (high[0] - low[0] + 2 * CLEARANCE_M, 2 * (half + CLEARANCE_M), high[2] + 2 * CLEARANCE_M)
    )
    shift = np.array([-(low[0] + high[0]) / 2, 0.0, CLEARANCE_M])
    return Built(
        body=design.body.mesh(f"{name}/body", offset_m=shift),
        wheel=design.wheel or disc_wheel(c.radius_m, c.tyre_m, Tag.CAR),
        chassis=c,
        shift_m=shift,
        size_lwh_m=(size[0], size[1], size[2]),
        paint=design.paint,
    )


def place_in(library: MeshLibrary, built: Built, blueprint_id: str) -> FourWheeler:
    """The asset of a built variant."""
    c, size = built.chassis, built.size_lwh_m
    wheel = add_once(library, built.wheel)
    mounts = []
    for x, steers in ((c.front_m, True), (c.rear_m, False)):
        for y in (c.track_half_m, -c.track_half_m):
            centre = np.array([x, y, c.radius_m]) + built.shift_m
            mounts.append(WheelMount(mesh=wheel, centre_m=centre, steers=steers))
    return FourWheeler(
        blueprint_id=blueprint_id,
        size_lwh_m=size,
        wheel_radius_m=c.radius_m,
        wheelbase_m=c.front_m - c.rear_m,
        body_mesh=add_once(library, built.body),
        wheels=tuple(mounts),
        steer_limit_rad=steer_limit(size[1] / 2 - CLEARANCE_M, c.track_half_m, c.radius_m, c.tyre_m / 2),
        livery_rgb=built.paint,
    )


def unmanned_family(name: str, paints: tuple[Color, ...], design: Callable[[int], Design]) -> VehicleFamily:
    """A family from the designs of its variants; each keeps its livery."""

    @lru_cache(maxsize=64)
    def built(variant: int) -> Built:
        return build(f"{name}/{variant}", design(variant))

    @lru_cache(maxsize=8192)
    def size_m(variant: int) -> tuple[float, float, float]:
        return built(variant).size_lwh_m

    def make(
        library: MeshLibrary, blueprint_id: str, size_lwh_m: tuple[float, float, float], variant: int
    ) -> FourWheeler:
        del size_lwh_m  # the variant's own
        return place_in(library, built(variant), blueprint_id)

    return VehicleFamily(
        name=name,
        base_type="unmanned",
        object_class=ObjectClass.UNMANNED,
        paints=tuple(",".join(str(c) for c in color) for color in paints),
        size_m=size_m,
        make=make,
        special_type="electric",
        wheels=4,
    )
