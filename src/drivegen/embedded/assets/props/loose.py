"""What lies or stands about: boxes, bags, branches, drums."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import icosphere, lathe, rod
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    RED,
    WHITE,
    WOOD,
    YELLOW,
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
from drivegen.embedded.assets.sculpt import Shape, join
from drivegen.embedded.mesh import Material

CARTON: Color = (184, 146, 102)


def _lumpy(rng: np.random.Generator, level: int, strength: float) -> Shape:
    """A ball with dents that are the same for the same generator."""
    ball = icosphere(level)
    wave = np.zeros(len(ball.points_m))
    for _ in range(5):
        along = rng.normal(size=3)
        wave += np.sin(ball.points_m @ (along * 4.0) + float(rng.uniform(0, 6.28)))
    return Shape(points_m=ball.points_m * (1.0 + strength * wave / 2.5)[:, None], faces=ball.faces)


def _sagged(ball: Shape, length: float, width: float, height: float, flat: float) -> Shape:
    """A ball made as large as a box that stands on the ground, its lower part pressed flat."""
    points = ball.points_m.copy()
    points[:, 2] = np.maximum(points[:, 2], -flat)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - low) / (high - low) * (length, width, height) - (length / 2, width / 2, 0.0)
    return Shape(points_m=points, faces=ball.faces)


def _trash_bag(rng: np.random.Generator) -> Design:
    count = int(rng.integers(1, 4))
    color = shaded(rng, pick(rng, ((30, 32, 34), (30, 32, 34), (40, 62, 120), (196, 200, 202), (46, 92, 62))))
    each = [
        (
            between(rng, 0.38, 0.60),
            between(rng, 0.34, 0.52),
            between(rng, 0.42, 0.70),
            between(rng, -0.05, 0.05),
        )
        for _ in range(count)
    ]
    balls = [_lumpy(rng, 2, 0.13) for _ in range(count)]
    length = 0.84 * sum(e[0] for e in each[:-1]) + each[-1][0]
    width = max(e[3] + e[1] / 2 for e in each) - min(e[3] - e[1] / 2 for e in each)

    def sculpt(m: Maker) -> None:
        x = 0.0
        for (l, w, h, y), ball in zip(each, balls, strict=True):  # noqa: E741
            m.add(_sagged(ball, l, w, h * 0.72, 0.72).moved((x + l / 2, y, 0)), color, Material.SATIN)
            neck = [(0.10, h * 0.66), (0.035, h * 0.82), (0.08, h * 0.93), (0.09, h * 0.99), (0.02, h)]
            m.turned(neck, darker(color, 0.9), Material.SATIN, at=(x + l / 2, y, 0), sides=7)
            x += l * 0.84

    return Design(size=(length, width, max(e[2] for e in each)), sculpt=sculpt)


def _plastic_bag(rng: np.random.Generator) -> Design:
    """A thin bag that the wind has blown up."""
    size = (between(rng, 0.22, 0.42), between(rng, 0.18, 0.34), between(rng, 0.14, 0.36))
    color = shaded(
        rng, pick(rng, (WHITE, (226, 232, 236), RED, (240, 200, 206), (232, 186, 40), (120, 176, 206)))
    )
    ball = _lumpy(rng, 2, 0.26)
    ears = chance(rng, 0.7)
    lean = between(rng, -0.5, 0.5)

    def sculpt(m: Maker) -> None:
        l, w, h = size  # noqa: E741
        m.add(_sagged(ball, l, w, h * (0.84 if ears else 1.0), 0.6), color, Material.SATIN)
        if ears:
            for side in (-1, 1):
                root, tip = (side * l * 0.16, 0.0, h * 0.62), (side * l * 0.20 + lean * 0.05, lean * 0.06, h)
                m.bar(root, tip, 0.013, color, Material.SATIN, sides=5)

    return Design(size=size, sculpt=sculpt)


def _boxes(rng: np.random.Generator) -> Design:
    """Cartons, foam boxes, crates: one or a stack."""
    kind = pick(rng, ("carton", "carton", "foam", "crate", "wood"))
    columns, rows = int(rng.integers(1, 3)), int(rng.integers(1, 4))
    l, w, h = {  # noqa: E741
        "carton": (between(rng, 0.30, 0.60), between(rng, 0.25, 0.45), between(rng, 0.20, 0.42)),
        "foam": (between(rng, 0.45, 0.60), between(rng, 0.32, 0.42), between(rng, 0.26, 0.34)),
        "crate": (between(rng, 0.50, 0.62), between(rng, 0.35, 0.42), between(rng, 0.24, 0.34)),
        "wood": (between(rng, 0.45, 0.80), between(rng, 0.40, 0.60), between(rng, 0.35, 0.60)),
    }[kind]
    color = shaded(
        rng,
        {
            "carton": CARTON,
            "foam": (236, 238, 238),
            "crate": pick(rng, (BLUE, GREEN, RED, YELLOW)),
            "wood": WOOD,
        }[kind],
        18,
    )
    tape = pick(rng, ((206, 178, 130), (226, 226, 220), (180, 60, 50)))
    missing = columns > 1 and rows > 1 and chance(rng, 0.5)
    flap = chance(rng, 0.3)

    def one(m: Maker, x: float, z: float, shrink: float, top: bool) -> None:
        sl, sw = l - shrink, w - shrink
        if kind in ("carton", "foam"):
            body = h - 0.004 if kind == "carton" else h - 0.05
            m.block((sl, sw, body), (x, 0, z + body / 2), color, bevel=0.006 if kind == "carton" else 0.015)
            if kind == "carton":
                m.block((sl + 0.002, 0.06, body + 0.002), (x, 0, z + body / 2 + 0.001), tape)
                m.block((sl * 0.3, sw + 0.004, body * 0.3), (x, 0, z + body * 0.55), darker(color, 1.15))
            else:
                m.block((sl + 0.0, sw + 0.0, 0.05), (x, 0, z + h - 0.025), darker(color, 0.97), bevel=0.012)
                m.block((0.05, sw + 0.004, h * 0.9), (x, 0, z + h * 0.45), tape)
        elif kind == "crate":
            wall = 0.03
            for side in (-1, 1):
                m.block((sl, wall, h * 0.94), (x, side * (sw / 2 - wall / 2), z + h * 0.47), color)
                m.block((wall, sw, h * 0.94), (x + side * (sl / 2 - wall / 2), 0, z + h * 0.47), color)
                m.block(
                    (sl * 0.9, 0.006, h * 0.12),
                    (x, side * (sw / 2 + 0.002), z + h * 0.40),
                    darker(color, 0.5),
                )
                m.block((0.12, 0.006, 0.035), (x, side * (sw / 2 + 0.002), z + h * 0.75), (14, 14, 14))
            m.block((sl, sw, 0.03), (x, 0, z + 0.015), color)
            m.block((sl + 0.0, sw + 0.0, 0.03), (x, 0, z + h - 0.015), color) if not top else None
            if top:
                m.block((sl - 0.08, sw - 0.08, h * 0.55), (x, 0, z + 0.03 + h * 0.27), darker(color, 0.35))
                for side in (-1, 1):
                    m.block((sl, 0.045, 0.04), (x, side * (sw / 2 - 0.022), z + h - 0.02), color)
                    m.block((0.045, sw, 0.04), (x + side * (sl / 2 - 0.022), 0, z + h - 0.02), color)
        else:
            m.block((sl - 0.04, sw - 0.04, h - 0.02), (x, 0, z + h / 2), darker(color, 0.7))
            for share in (0.1, 0.37, 0.63, 0.9):
                for side in (-1, 1):
                    m.block(
                        (sl, 0.02, h * 0.22), (x, side * (sw / 2 - 0.01), z + h * share * 0.98 + 0.005), color
                    )
                m.block((sl * 0.23, sw, 0.02), (x - sl / 2 + sl * share, 0, z + h - 0.01), color)
            for side in (-1, 1):
                for end in (-1, 1):
                    m.block(
                        (0.05, 0.03, h - 0.01),
                        (x + end * (sl / 2 - 0.06), side * (sw / 2 - 0.012), z + h / 2),
                        darker(color, 0.85),
                    )

    def sculpt(m: Maker) -> None:
        for c in range(columns):
            for r in range(rows):
                if missing and c == columns - 1 and r == rows - 1:
                    continue
                x = (c - (columns - 1) / 2) * (l + 0.012)
                shrink = 0.0 if r == 0 else 0.012 + 0.01 * (r % 2)
                one(m, x, r * h, shrink, r == rows - 1)
        if kind == "carton" and flap:
            m.block((l * 0.4, w * 0.9, 0.006), (0, 0, rows * h - 0.003), darker(color, 1.1))

    return Design(size=(columns * l + (columns - 1) * 0.012, w, rows * h), sculpt=sculpt)


def _branch(rng: np.random.Generator) -> Design:
    """A limb broken off in a storm, with twigs and leaves."""
    length = between(rng, 1.2, 3.4)
    bark = shaded(rng, (96, 76, 58))
    leaf = shaded(rng, pick(rng, ((74, 110, 52), (110, 126, 58), (146, 112, 56))))
    bend = between(rng, -0.18, 0.18)
    twigs = []
    for _ in range(int(rng.integers(5, 9))):
        at = float(rng.uniform(0.25, 0.95))
        side = 1.0 if rng.random() < 0.5 else -1.0
        twigs.append(
            (
                at,
                side,
                float(rng.uniform(0.18, 0.34)) * length * (1.15 - at),
                float(rng.uniform(0.3, 0.9)),
                float(rng.uniform(0.0, 0.5)),
            )
        )
    leaves = chance(rng, 0.75)
    seeds = rng.uniform(-1, 1, (len(twigs), 12, 3))
    thick = 0.016 + 0.014 * length

    def stem(t: float) -> np.ndarray:
        lift = thick + 0.06 * length * t * (1 - t)
        return np.array([(t - 0.5) * length * 0.94, bend * math.sin(math.pi * t), lift])

    tips = np.array(
        [
            stem(at) + long * np.array([math.cos(a), side * math.sin(a), rise])
            for at, side, long, a, rise in twigs
        ]
    )
    # Leaves lie about the tips, each reaching some centimetres further.
    near, far = (seeds.min(axis=1), seeds.max(axis=1)) if leaves else (0.0 * tips, 0.0 * tips)
    reach_m = np.array([0.16, 0.14]), 0.05 if leaves else 0.01
    high = (tips[:, :2] + far[:, :2] * reach_m[0]).max(axis=0) + reach_m[1]
    low = (tips[:, :2] + near[:, :2] * reach_m[0]).min(axis=0) - reach_m[1]
    high_y, low_y = max(float(high[1]), max(0.0, bend) + thick), min(float(low[1]), min(0.0, bend) - thick)
    right, left = max(float(high[0]), 0.47 * length), min(float(low[0]), -0.47 * length)
    width, extent = round(high_y - low_y, 3), round(right - left, 3)
    height = round(max(float(tips[:, 2].max()) + (0.10 if leaves else 0.01), 0.015 * length + 2 * thick), 3)

    def sculpt(m: Maker) -> None:
        m.pipe(
            [stem(t) for t in np.linspace(0, 1, 7)],
            list(np.linspace(thick, thick * 0.25, 7)),
            bark,
            Material.BARK,
            sides=7,
        )
        for (at, *_), tip, spread in zip(twigs, tips, seeds, strict=True):
            m.bar(stem(at), tip, thick * 0.3, bark, Material.BARK, sides=4)
            if leaves:
                cloud = []
                for dx, dy, dz in spread:
                    centre = tip + np.array([dx * 0.16, dy * 0.14, 0.0])
                    centre[2] = np.clip(tip[2] + dz * 0.10, 0.02, height - 0.04)
                    up = np.array([dz * 0.5, dx * 0.5, 1.0])
                    up /= np.linalg.norm(up)
                    a = np.cross(up, [dy, 1.0, dx])
                    a *= 0.075 / max(float(np.linalg.norm(a)), 1e-9)
                    b = np.cross(up, a) * 0.55
                    points = np.array([centre - a, centre - b, centre + a, centre + b])
                    points[:, 2] = np.clip(points[:, 2], 0.004, height)
                    faces = np.array([(0, 1, 2), (0, 2, 3), (2, 1, 0), (3, 2, 0)])
                    cloud.append(
                        Shape(
                            points_m=np.concatenate([points, points - (0, 0, 0.002)]),
                            faces=np.concatenate([faces[:2], faces[2:] + 4]),
                        )
                    )
                m.add(join(cloud), leaf, Material.MATTE, crease_rad=0.0)

    return Design(size=(extent, width, height), sculpt=sculpt)


def _drum(rng: np.random.Generator) -> Design:
    """Drums, kegs and gas bottles: round containers."""
    kind = pick(rng, ("drum", "bottle", "keg", "water"))
    sizes: dict[str, tuple[float, float]] = {
        "drum": (between(rng, 0.28, 0.30), between(rng, 0.85, 0.92)),
        "bottle": (between(rng, 0.11, 0.16), between(rng, 0.6, 1.3)),
        "keg": (between(rng, 0.18, 0.21), between(rng, 0.50, 0.60)),
        "water": (0.135, between(rng, 0.46, 0.50)),
    }
    radius, height = sizes[kind]
    color = shaded(
        rng, pick(rng, (BLUE, GREEN, RED, GREY, (90, 120, 150))) if kind != "water" else (120, 170, 206)
    )

    def sculpt(m: Maker) -> None:
        r, h = radius, height
        if kind == "drum":
            profile = [
                (0.96, 0.0),
                (1.0, 0.01),
                (0.97, 0.03),
                (0.97, 0.32),
                (1.0, 0.345),
                (0.97, 0.37),
                (0.97, 0.64),
                (1.0, 0.665),
                (0.97, 0.69),
                (0.97, 0.97),
                (1.0, 0.985),
                (1.0, 1.0),
            ]
        elif kind == "bottle":
            profile = [
                (0.8, 0.0),
                (1.0, 0.03),
                (1.0, 0.80),
                (0.8, 0.89),
                (0.3, 0.92),
                (0.3, 0.95),
                (0.45, 0.95),
                (0.45, 1.0),
            ]
        elif kind == "keg":
            profile = [(0.9, 0.0), (0.9, 0.10), (1.0, 0.16), (1.0, 0.84), (0.9, 0.90), (0.9, 1.0)]
        else:
            profile = [
                (0.9, 0.0),
                (1.0, 0.04),
                (1.0, 0.30),
                (0.94, 0.34),
                (1.0, 0.38),
                (1.0, 0.70),
                (0.5, 0.88),
                (0.22, 0.91),
                (0.22, 1.0),
            ]
        surface = Material.SATIN
        shape = lathe([(a * r, b * h) for a, b in profile], 18)
        m.add(shape, color if kind != "keg" else LIGHT_GREY, surface)
        if kind == "drum":
            m.turned([(0.05, h), (0.05, h + 0.0)], BLACK, at=(r * 0.6, 0, 0), sides=8)
            m.turned([(r * 0.974, h * 0.44), (r * 0.974, h * 0.58)], WHITE, sides=18)
        if kind == "bottle":
            m.add(rod((-r * 0.4, 0, h * 0.97), (r * 0.5, 0, h * 0.97), 0.012, 6), YELLOW)

    return Design(size=(2 * radius, 2 * radius, height), sculpt=sculpt)


DESIGNS = (
    PropDesign(name="trash_bag", tags=(Tag.DYNAMIC,), design=_trash_bag, mass_kg=6.0),
    PropDesign(name="plastic_bag", tags=(Tag.DYNAMIC,), design=_plastic_bag, mass_kg=0.02),
    PropDesign(name="boxes", tags=(Tag.DYNAMIC,), design=_boxes, mass_kg=8.0),
    PropDesign(name="fallen_branch", tags=(Tag.VEGETATION,), design=_branch, mass_kg=20.0),
    PropDesign(name="drum", tags=(Tag.DYNAMIC,), design=_drum, mass_kg=30.0),
)
