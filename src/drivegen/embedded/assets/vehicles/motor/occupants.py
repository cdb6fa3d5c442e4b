"""Who and what is seen through windows: the renderer's glass is opaque, so they are painted on it.

Head-rests, the wheel, the driver and passengers are panels of glass in their own dim colours, on the screens
and on the side windows; the sky is mirrored in them as in the glass around. They follow the windows' form but
not the parallax of a real inside.
"""

from __future__ import annotations

import numpy as np

from drivegen.embedded.assets.sculpt import Finish
from drivegen.embedded.assets.vehicles.motor.cabin import Cabin
from drivegen.embedded.assets.vehicles.motor.panels import Panels, Skin, disc
from drivegen.embedded.mesh import Material

SEAT = (46, 46, 48)
SKIN = (104, 78, 62)
CLOTHES = ((70, 78, 96), (92, 88, 84), (48, 50, 54), (104, 58, 54), (72, 92, 80))
HAIR = (26, 23, 22)
OUT_M = 0.004
INSIDE = (0.0, 0.0, 0.8)


def add_occupants(panels: Panels, cabin: Cabin, people: int) -> None:
    """Seats and people of a car; drivers sit on the left."""
    seat = panels.finish(SEAT, Material.GLASS)
    skin, hair = panels.finish(SKIN, Material.GLASS), panels.finish(HAIR, Material.GLASS)
    half, tall = cabin.half_width_m * 0.92, cabin.edge_m - cabin.waist_m
    rise = 0.62 if tall > 0.4 else 0.56

    def blob(
        skin_of: Skin,
        u: float,
        v: float,
        ru: float,
        rv: float,
        look: Finish,
        layer: int,
        mirror: bool = False,
    ) -> None:
        low, high = disc(u, v, ru, rv)
        panels.on(
            skin_of,
            low,
            high,
            look,
            out_m=OUT_M + 0.003 * layer,
            cells=6,
            rows=1,
            mirror=mirror,
            inside_m=INSIDE,
        )

    for a in (0.42, -0.42):
        width = 0.26 / half
        panels.on(
            cabin.screen,
            [(a - width, 0.12), (a + width, 0.12)],
            [(a - width * 0.85, rise - 0.06), (a + width * 0.85, rise - 0.06)],
            seat,
            out_m=OUT_M,
            cells=3,
            inside_m=INSIDE,
        )
        blob(cabin.screen, a, rise + 0.02, 0.13 / half, 0.10, seat, 0)
        panels.on(
            cabin.back,
            [(a - width, 0.08), (a + width, 0.08)],
            [(a - width * 0.9, 0.34), (a + width * 0.9, 0.34)],
            seat,
            out_m=OUT_M,
            cells=3,
            inside_m=INSIDE,
        )
        blob(cabin.back, a, 0.42, 0.13 / half, 0.10, seat, 0)
    seats = [(0.42, CLOTHES[people % 5])] + ([(-0.42, CLOTHES[(people + 2) % 5])] if people else [])
    for a, cloth in seats:
        coat = panels.finish(cloth, Material.GLASS)
        wide = 0.20 / half
        panels.on(
            cabin.screen,
            [(a - wide * 1.05, 0.12), (a + wide * 1.05, 0.12)],
            [(a - wide * 0.7, rise - 0.14), (a + wide * 0.7, rise - 0.14)],
            coat,
            out_m=OUT_M + 0.003,
            cells=4,
            inside_m=INSIDE,
        )
        blob(cabin.screen, a, rise - 0.02, 0.075 / half, 0.105, skin, 2)
        panels.on(
            cabin.screen,
            [(a - 0.078 / half, rise + 0.02), (a, rise + 0.05), (a + 0.078 / half, rise + 0.02)],
            [(a - 0.06 / half, rise + 0.075), (a, rise + 0.105), (a + 0.06 / half, rise + 0.075)],
            hair,
            out_m=OUT_M + 0.009,
            cells=4,
            rows=1,
            inside_m=INSIDE,
        )
    ring = panels.finish((34, 34, 36), Material.GLASS)
    _, high = disc(0.42, 0.16, 0.17 / half, 0.19, 9)
    upper = [(u, v - 0.035) for u, v in high]
    panels.on(cabin.screen, upper, high, ring, out_m=OUT_M + 0.009, cells=8, rows=1, inside_m=INSIDE)
    windows = [
        (start, end)
        for (start, _), (end, kind) in zip(((0.0, ""), *cabin.cells), cabin.cells, strict=False)
        if kind in ("glass", "tinted") and end - start > 0.1
    ]
    length = max(cabin.cowl_m - cabin.backlight_m, 0.5)
    for k, (start, end) in enumerate(windows[:2]):
        u = end - 0.22 / length
        panels.on(
            cabin.side,
            [(u - 0.11 / length, 0.06), (u + 0.13 / length, 0.06)],
            [(u - 0.02 / length, rise - 0.08), (u + 0.12 / length, rise - 0.08)],
            seat,
            out_m=OUT_M,
            cells=2,
            mirror=True,
            inside_m=INSIDE,
        )
        blob(cabin.side, u + 0.07 / length, rise, 0.06 / length, 0.10, seat, 0, mirror=True)
        if k == 0 and start < u:
            coat = panels.finish(seats[0][1], Material.GLASS)
            flip = np.array([1.0, 1.0, 1.0])
            for sign in (1.0, -1.0) if people else (1.0,):
                face = flip * (1.0, sign, 1.0)

                def at(s: np.ndarray, r: np.ndarray, face: np.ndarray = face) -> np.ndarray:
                    return np.asarray(cabin.side(s, r) * face)

                panels.on(
                    at,
                    [(u - 0.16 / length, 0.06), (u + 0.06 / length, 0.06)],
                    [(u - 0.08 / length, rise - 0.14), (u + 0.02 / length, rise - 0.12)],
                    coat,
                    out_m=OUT_M + 0.003,
                    cells=2,
                    inside_m=INSIDE,
                )
                blob(at, u - 0.04 / length, rise - 0.01, 0.085 / length, 0.115, skin, 2)
                blob(at, u - 0.015 / length, rise + 0.045, 0.085 / length, 0.075, hair, 3)
