"""Bus stops: shelters with lit posters, and posts with the plates of lines."""

from __future__ import annotations

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import loft
from drivegen.embedded.assets.panels import Panel
from drivegen.embedded.assets.panels.drawing import bar, moved, rectangle, text_shape, union
from drivegen.embedded.assets.panels.pictograms import bus
from drivegen.embedded.assets.props.making import (
    GREY,
    LIGHT_GREY,
    STEEL,
    WOOD,
    Color,
    Design,
    Maker,
    PropDesign,
    between,
    chance,
    darker,
    pick,
    shaded,
)
from drivegen.embedded.mesh import Material

_PLACES = (
    "荣华中路",
    "科创十三街",
    "经海路",
    "景园街",
    "亦庄站",
    "文化园西路",
    "天华东路",
    "北环东路",
    "大街口",
    "科创二街",
)
_POSTERS: tuple[tuple[Color, Color, Color], ...] = (
    ((206, 64, 52), (244, 220, 170), (250, 248, 240)),
    ((34, 92, 160), (120, 196, 226), (250, 250, 250)),
    ((40, 130, 90), (236, 216, 90), (250, 250, 244)),
    ((236, 170, 190), (180, 60, 110), (255, 250, 250)),
    ((34, 34, 40), (224, 170, 60), (240, 240, 240)),
    ((240, 240, 236), (224, 96, 40), (60, 62, 66)),
)


def poster(
    m: Maker, centre: tuple[float, float, float], width: float, height: float, look: int, side: float
) -> None:
    """A picture on a panel that looks along y: a ground, a hill, a sun, lines of text."""
    ground, shape, ink = _POSTERS[look % len(_POSTERS)]
    x, y, z = centre
    across = (-side * width / 2, 0, 0)
    m.sheet(centre, across, (0, 0, height / 2), ground, Material.LIT_SIGN)
    lift = side * 0.003
    m.sheet(
        (x, y + lift, z - height * 0.22),
        (-side * width * 0.5, 0, 0),
        (0, 0, height * 0.20),
        shape,
        Material.LIT_SIGN,
    )
    m.sheet(
        (x + width * 0.16, y + 2 * lift, z + height * 0.06),
        (-side * width * 0.17, 0, 0),
        (0, 0, height * 0.17),
        darker(shape, 0.7),
        Material.LIT_SIGN,
    )
    for k, share in enumerate((0.38, 0.30, -0.34)):
        m.sheet(
            (x - width * 0.08 * k, y + 2 * lift, z + height * share),
            (-side * width * (0.34 - 0.06 * k), 0, 0),
            (0, 0, height * 0.024),
            ink,
            Material.LIT_SIGN,
        )


def _bus_stop(rng: np.random.Generator) -> Design:
    """A shelter along x, open to -y, with a roof, a bench and a lit panel; some with a name board."""
    length, depth, height = between(rng, 3.6, 8.4), between(rng, 1.3, 1.9), between(rng, 2.45, 2.85)
    steel = shaded(rng, pick(rng, ((84, 88, 92), (150, 154, 157), (48, 52, 56), (124, 40, 38), (46, 84, 74))))
    roof_color = shaded(rng, pick(rng, (steel, LIGHT_GREY, (110, 40, 36), (60, 96, 140))))
    roof = pick(rng, ("flat", "tilt", "bow"))
    bays = max(2, round(length / 1.7))
    looks = [int(v) for v in rng.integers(0, 6, 3)]
    panels = int(rng.integers(1, 3)) if length > 5 else 1
    name = pick(rng, _PLACES)
    bench = chance(rng, 0.85)
    wood = shaded(rng, pick(rng, (WOOD, STEEL)))

    def sculpt(m: Maker) -> None:
        back = depth / 2 - 0.28
        top = height - 0.24
        posts = np.linspace(-length / 2 + 0.3, length / 2 - 0.3, bays + 1)
        for x in posts:
            m.block((0.09, 0.12, top), (x, back, top / 2), steel, Material.METAL)
            m.block((0.06, depth * 0.72, 0.09), (x, back - depth * 0.32, top - 0.03), steel, Material.METAL)
        front, rear = -depth / 2, depth / 2
        outline = {
            "flat": [(front, top), (rear, top), (rear, top + 0.16), (front, top + 0.16)],
            "tilt": [(front, top + 0.10), (rear, top), (rear, top + 0.07), (front, height - 0.02)],
            "bow": [
                (front, top + 0.02),
                (0.0, top + 0.14),
                (rear, top),
                (rear, top + 0.06),
                (0.0, height - 0.02),
                (front, top + 0.09),
            ],
        }[roof]
        m.add(
            loft([np.array([(x, y, z) for y, z in outline]) for x in (-length / 2, length / 2)]),
            roof_color,
            Material.SATIN,
        )
        m.block((length * 0.6, 0.05, 0.24), (0, front + 0.04, top + 0.12), darker(roof_color, 0.7))
        m.block((0.05, 0.05, height - top - 0.02), (0, 0, (height + top) / 2 + 0.01), steel)
        plate = _name_plate(name)
        scale = min(1.0, 0.20 / plate.size_m[1], length * 0.5 / plate.size_m[0])
        m.panel(
            plate,
            (0.0, front + 0.012, top + 0.12),
            yaw_rad=-np.pi / 2,
            scale=scale,
            thick=0.006,
            material=Material.LIT_SIGN,
        )
        wide = (length - 0.6) / bays
        for k in range(bays):
            x = (posts[k] + posts[k + 1]) / 2
            if k >= bays - panels:
                m.block(
                    (wide - 0.14, 0.16, top - 0.55),
                    (x, back, 0.30 + (top - 0.55) / 2),
                    darker(steel, 0.7),
                    Material.SATIN,
                )
                for side in (-1.0, 1.0):
                    poster(
                        m,
                        (x, back + side * 0.085, 0.30 + (top - 0.55) / 2),
                        wide - 0.30,
                        top - 0.75,
                        looks[k % 3],
                        side,
                    )
            else:
                m.block(
                    (wide - 0.10, 0.014, top - 0.75),
                    (x, back, 0.35 + (top - 0.75) / 2),
                    (150, 168, 174),
                    Material.GLASS,
                )
        if bench:
            span = (bays - panels) * wide * 0.8
            x = posts[0] + (bays - panels) * wide / 2
            for y in (-0.12, 0.0, 0.12):
                m.block((span, 0.10, 0.04), (x, back - 0.36 + y, 0.44), wood, Material.SATIN)
            for end in (-1, 1):
                m.block((0.06, 0.30, 0.42), (x + end * span * 0.42, back - 0.36, 0.21), steel, Material.METAL)

    return Design(size=(length, depth, height), sculpt=sculpt)


def _name_plate(name: str) -> Panel:
    width = len(name) * 0.26 + 0.5
    outline = rectangle(width, 0.30)
    marks = union(text_shape(name, 0.20, (0.10, 0.0)), moved(bus(), -width / 2 + 0.15, 0.0, 0.10))
    return Panel(outline=outline, layers=((outline, (24, 84, 150)), (marks, (244, 244, 242))))


def _route_plate(name: str, numbers: tuple[int, ...], ground: Color) -> Panel:
    """The plate of a stop: its name, and a column for each line that calls."""
    width, height = 0.80, 1.0
    outline = rectangle(width, height, corner=0.03)
    head = rectangle(width, 0.26, (0.0, height / 2 - 0.13)).intersection(outline)
    marks = [text_shape(name, 0.15, (0.0, height / 2 - 0.13), widest=width - 0.08)]
    ink = []
    for k, number in enumerate(numbers):
        x = (k - (len(numbers) - 1) / 2) * width / max(len(numbers), 1) * 0.94
        ink.append(text_shape(str(number), 0.13, (x, 0.13), widest=0.2, weight=0.19))
        for row in range(3):
            ink.append(bar([(x - 0.08, -0.04 - 0.14 * row), (x + 0.08, -0.04 - 0.14 * row)], 0.03))
    layers = (
        (outline, (240, 240, 238)),
        (head, ground),
        (union(*ink), (30, 44, 80)),
        (union(*marks), (244, 244, 242)),
    )
    return Panel(outline=outline, layers=layers)


def _bus_sign(rng: np.random.Generator) -> Design:
    """The post of a bus stop with one plate or two."""
    height = between(rng, 2.3, 2.9)
    name = pick(rng, _PLACES)
    numbers = tuple(int(v) for v in rng.integers(1, 999, int(rng.integers(1, 4))))
    ground: Color = pick(rng, ((20, 96, 72), (24, 84, 150), (150, 30, 36)))
    steel = shaded(rng, pick(rng, (STEEL, (84, 88, 92), (24, 96, 72))))
    scale = between(rng, 0.75, 1.0)
    flag = chance(rng, 0.6)

    def sculpt(m: Maker) -> None:
        panel = _route_plate(name, numbers, ground)
        wide, high = (v * scale for v in panel.size_m)
        y = wide / 2 + 0.05 if flag else 0.0
        m.turned(
            [(0.16, 0.0), (0.16, 0.03), (0.05, 0.05)],
            GREY,
            Material.METAL,
            at=(0, -wide / 2 if flag else 0, 0),
            sides=12,
        )
        foot = -wide / 2 if flag else 0.0
        m.bar((0, foot, 0.03), (0, foot, height), 0.04, steel, sides=10)
        y = foot + 0.05 + wide / 2 if flag else 0.0
        z = height - 0.08 - high / 2
        gap = 0.045 if not flag else 0.012
        m.panel(panel, (gap + 0.006, y, z), scale=scale, thick=0.008, tag=Tag.TRAFFIC_SIGN)
        m.panel(panel, (-gap - 0.006, y, z), yaw_rad=np.pi, scale=scale, thick=0.008, tag=Tag.TRAFFIC_SIGN)
        for share in (-0.42, 0.42):
            m.block(
                (0.02 if flag else 0.08, wide if flag else 0.06, 0.03),
                (0, y, z + share * high),
                steel,
                Material.METAL,
            )

    wide = 0.80 * scale
    length = 0.32
    return Design(size=(length, (wide + 0.05 + 0.16) if flag else max(wide, 0.32), height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="bus_stop", tags=(Tag.STATIC, Tag.TRAFFIC_SIGN), design=_bus_stop),
    PropDesign(name="bus_sign", tags=(Tag.POLE, Tag.TRAFFIC_SIGN), design=_bus_sign),
)
