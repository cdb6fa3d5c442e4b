"""Cars in service: police, taxis, ambulances; and the beds of pickups."""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.forms import box, loft, mirrored_pair, tube
from drivegen.embedded.assets.sculpt import Finish, Shape
from drivegen.embedded.assets.vehicles.motor.cars import CarBody
from drivegen.embedded.assets.vehicles.motor.lettering import write
from drivegen.embedded.assets.vehicles.motor.lots import Lots
from drivegen.embedded.assets.vehicles.motor.panels import BLACK, DARK, Panels, Rgb
from drivegen.embedded.mesh import Material

POLICE_BLUE: Rgb = (16, 44, 128)
SERVICE_WHITE: Rgb = (236, 238, 240)
TAXI_GOLD: Rgb = (212, 158, 44)
TAXI_LOWER: tuple[Rgb, ...] = (
    (16, 84, 56),
    (22, 52, 122),
    (14, 104, 116),
    (96, 30, 40),
    (196, 199, 203),
    (74, 44, 92),
    (92, 58, 34),
)
BEACON_BLUE: Rgb = (24, 62, 220)
BEACON_RED: Rgb = (214, 24, 28)
BAR_M = 0.125
"""Height of a light bar above the roof."""
SIGN_M = 0.15
"""Height of a taxi's sign above the roof."""


def add_light_bar(body: CarBody, lots: Lots, first: Rgb, second: Rgb) -> None:
    """A bar with lenses on the roof."""
    p, f, cabin = body.panels, body.form, body.cabin
    x = (
        cabin.roof_front_m + (cabin.roof_rear_m - cabin.roof_front_m) * 0.18
        if f.length_m < 5.3
        else cabin.roof_front_m - 0.25
    )
    half, z = min(f.width_m * 0.5 * f.roof_width * 0.86, 0.66), f.height_m
    style = lots.pick(("flat", "vee", "blocks"))
    body.out.add(box((0.16, 1.4 * half, 0.04), (x, 0.0, z + 0.005), 0.01), p.finish(DARK))
    back = 0.10 if style == "vee" else 0.0
    for sign, color, material in (
        (1.0, first, Material.BEACON_FIRST),
        (-1.0, second, Material.BEACON_SECOND),
    ):
        count = 1 if style != "blocks" else 2
        for k in range(count):
            a, b = (
                half * (0.06 + 0.94 * k / count),
                half * (0.06 + 0.94 * (k + 1) / count - (0.05 if k + 1 < count else 0.0)),
            )
            inner, outer = x, x - back
            rings = []
            for y, at in ((a, inner), (b, outer)):
                rings.append(
                    [
                        (at + 0.12, y, z + 0.03),
                        (at + 0.09, y, z + BAR_M - 0.015),
                        (at, y, z + BAR_M),
                        (at - 0.09, y, z + BAR_M - 0.015),
                        (at - 0.12, y, z + 0.03),
                    ]
                )
            lens = loft(np.array(rings))
            body.out.add(
                lens if sign > 0 else lens.scaled((1.0, -1.0, 1.0)), p.finish(color, material), crease_rad=0.5
            )
    body.out.add(
        box((0.17, half * 0.10, BAR_M - 0.03), (x, 0.0, z + 0.065), 0.01),
        p.finish((196, 198, 202), Material.METAL),
    )


def side_skin(panels: Panels, left: bool):  # type: ignore[no-untyped-def]
    """The left or the right side, as a surface to write on; and how text reads there."""
    flip = np.array([1.0, 1.0 if left else -1.0, 1.0])

    def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.asarray(panels.hull.side_point_m(u, v) * flip)

    return skin, (-1.0 if left else 1.0, 0.0)


def write_sides(
    panels: Panels, text: str, middle: tuple[float, float], tall_m: float, look: Finish, **how: float
) -> None:
    """The same words on both sides."""
    for left in (True, False):
        skin, reads = side_skin(panels, left)
        write(panels, skin, text, middle, tall_m, look, reads=reads, **how)


def dress_police(body: CarBody, lots: Lots) -> None:
    """White with blue flanks, the words, a bar of red and blue."""
    p, f = body.panels, body.form
    span = f.waist_m - f.sill_m
    white = p.finish((244, 245, 247), Material.SATIN)
    middle = sum(f.axles_m) / 2
    z = f.sill_m + 0.46 * span
    write_sides(p, "公安", (middle + 0.48, z), 0.17, white, stroke=0.15)
    write_sides(p, "POLICE", (middle - 0.42, z), 0.13, white, stroke=0.17)
    add_light_bar(body, lots, BEACON_RED, BEACON_BLUE)


def dress_ambulance(body: CarBody, lots: Lots) -> None:
    """White with a stripe, the words, a cross of six beams, blue lights."""
    p, f = body.panels, body.form
    color = body.band.color if body.band is not None else BEACON_RED
    look = p.finish(color, Material.SATIN)
    middle = -f.length_m * 0.14
    z = f.waist_m + 0.52 * (f.height_m - f.waist_m)
    cabin = body.cabin
    rear_blank = any(kind == "paint" for _, kind in f.cells)

    def wall(left: bool):  # type: ignore[no-untyped-def]
        def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            rise = (v - cabin.waist_m) / (cabin.edge_m - cabin.waist_m)
            ends = cabin.side(np.array([0.0, 1.0]), np.array([0.4, 0.4]))[:, 0]
            share = (u - ends[0]) / (ends[1] - ends[0])
            return np.asarray(cabin.side(share, rise) * (1.0, 1.0 if left else -1.0, 1.0))

        return skin

    for left in (True, False):
        reads = (-1.0 if left else 1.0, 0.0)
        if rear_blank:
            write(p, wall(left), "急救", (middle + 0.7, z), 0.36, look, reads=reads, stroke=0.13)
            write(p, wall(left), "120", (middle - 0.75, z), 0.36, look, reads=reads, stroke=0.16)
            for turn in (0.0, np.pi / 3, -np.pi / 3):
                beam = np.array([(-0.055, -0.2), (0.055, -0.2), (0.055, 0.2), (-0.055, 0.2)])
                c, s = np.cos(turn), np.sin(turn)
                at = beam @ np.array([[c, s], [-s, c]])
                p.lay(
                    wall(left),
                    middle - 1.35 + at[:, 0],
                    z + at[:, 1],
                    np.array([[0, 1, 2], [0, 2, 3]]),
                    p.finish((20, 84, 170), Material.SATIN),
                    0.008,
                )
        else:
            skin, _ = side_skin(p, left)
            write(
                p,
                skin,
                "急救 120",
                (sum(f.axles_m) / 2, f.sill_m + 0.25 * (f.waist_m - f.sill_m)),
                0.15,
                look,
                reads=reads,
                stroke=0.14,
            )
    add_light_bar(body, lots, BEACON_BLUE, BEACON_BLUE)


def dress_taxi(body: CarBody, _lots: Lots) -> None:
    """Beijing's two colours and the sign on the roof."""
    p, f, cabin = body.panels, body.form, body.cabin
    x, z = cabin.roof_front_m + (cabin.roof_rear_m - cabin.roof_front_m) * 0.30, f.height_m - 0.012
    wide, tall = 0.46, SIGN_M
    rings = [
        [
            (x + dx, y, z + dz)
            for dx, dz in (
                (0.08, 0.0),
                (0.05, tall * 0.8),
                (0.02, tall),
                (-0.03, tall),
                (-0.06, tall * 0.8),
                (-0.08, 0.0),
            )
        ]
        for y in (-wide / 2, wide / 2)
    ]
    body.out.add(loft(np.array(rings)), p.finish((236, 232, 214), Material.LIT_SIGN), crease_rad=0.3)
    red = p.finish((190, 24, 26), Material.LIT_SIGN)

    def face(front: bool):  # type: ignore[no-untyped-def]
        def skin(u: np.ndarray, v: np.ndarray) -> np.ndarray:
            dx = 0.08 - (0.03 if front else 0.02) * v / (tall * 0.8)
            return np.stack([x + (dx if front else -dx), u, z + v], axis=-1)

        return skin

    for front in (True, False):
        write(
            p,
            face(front),
            "TAXI",
            (0.0, tall * 0.42),
            0.085,
            red,
            reads=(1.0 if front else -1.0, 0.0),
            stroke=0.17,
            out_m=0.004,
            wide=0.7,
            pitch=0.95,
        )
    door = sum(f.doors_f[:2]) / 2 * -f.length_m + f.length_m / 2
    look = p.finish((240, 238, 230), Material.SATIN)
    write_sides(p, "TAXI", (door, f.sill_m + 0.36 * (f.waist_m - f.sill_m)), 0.10, look, stroke=0.16)


def dress_bed(body: CarBody, lots: Lots) -> None:
    """The bed of a pickup: a cover, a hoop, a canopy or load."""
    p, f, hull = body.panels, body.form, body.hull
    front, rear = hull.x(f.backlight_f) - 0.05, -f.length_m / 2 + 0.10
    kind = lots.pick(("soft", "open", "hoop", "canopy"), (0.3, 0.25, 0.3, 0.15))
    p.top(
        [(rear, -0.90), (front, -0.90)],
        [(rear, 0.90), (front, 0.90)],
        p.finish((26, 27, 29) if kind != "open" else (58, 60, 63)),
        out_m=0.006,
        cells=6,
        rows=6,
    )
    half, deck = f.width_m / 2 * 0.90, f.deck_m
    rail = box((front - rear, 0.05, 0.05), ((front + rear) / 2, half - 0.01, deck + 0.012), 0.015)
    body.out.add(mirrored_pair(rail), p.finish(DARK))
    if kind == "hoop":
        path = [
            (front - 0.55, half - 0.05, deck - 0.02),
            (front - 0.18, half - 0.12, deck + 0.36),
            (front - 0.14, half - 0.22, deck + 0.42),
            (front - 0.14, -half + 0.22, deck + 0.42),
            (front - 0.18, -half + 0.12, deck + 0.36),
            (front - 0.55, -half + 0.05, deck - 0.02),
        ]
        body.out.add(tube(path, 0.034, 8), p.finish((60, 62, 65), Material.METAL))
    elif kind == "canopy":
        top = f.height_m - f.crown_m - 0.01
        rings = [
            [
                (rear + 0.02, y, deck - 0.02),
                (front, y, deck - 0.02),
                (front, y * 0.9, top),
                (rear + 0.18, y * 0.9, top),
            ]
            for y in (-half, half)
        ]
        body.out.add(loft(np.array(rings)), body.paint, crease_rad=0.2)
        length = front - rear
        for sign in (1.0, -1.0):
            low, high = deck + 0.10, top - 0.08
            ya, yb = (
                half * (1.0 - 0.1 * (low - deck) / (top - deck)),
                half * (1.0 - 0.1 * (high - deck) / (top - deck)),
            )
            quad = np.array(
                [
                    (rear + length * 0.2, sign * (ya + 0.006), low),
                    (front - length * 0.08, sign * (ya + 0.006), low),
                    (front - length * 0.08, sign * (yb + 0.006), high),
                    (rear + length * 0.22, sign * (yb + 0.006), high),
                ]
            )
            body.out.add(
                Shape(points_m=quad, faces=np.array([[0, 1, 2], [0, 2, 3]])).facing((0.0, sign, 0.2)),
                p.finish((14, 16, 18), Material.GLASS),
            )
    elif kind == "open":
        for k in range(lots.pick((1, 2, 3))):
            size = (lots.span(0.35, 0.6), lots.span(0.35, 0.7), lots.span(0.2, 0.42))
            x = front - 0.35 - 0.45 * k
            crate = box(size, (x, lots.span(-0.3, 0.3), deck + size[2] / 2), 0.01)
            body.out.add(
                crate, p.finish(lots.pick(((150, 112, 70), (60, 88, 130), (120, 122, 120), (40, 96, 64))))
            )
    body.out.add(box((0.012, 1.0, 0.05), (hull.x(f.backlight_f) + 0.02, 0.0, deck + 0.05)), p.finish(BLACK))
