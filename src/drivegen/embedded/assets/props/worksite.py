"""What stands on building sites: signs, arrow boards, open manholes, pallets, tyres."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import lathe, rotation_about, torus
from drivegen.embedded.assets.panels import Panel, panel_of
from drivegen.embedded.assets.panels.drawing import arrow, moved, rectangle, text_shape, union
from drivegen.embedded.assets.panels.panel import BLACK as INK
from drivegen.embedded.assets.panels.panel import BLUE as SIGN_BLUE
from drivegen.embedded.assets.panels.panel import ORANGE as SIGN_ORANGE
from drivegen.embedded.assets.panels.panel import WHITE as PAPER
from drivegen.embedded.assets.panels.panel import YELLOW as SIGN_YELLOW
from drivegen.embedded.assets.props.making import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    RED,
    RUBBER,
    STEEL,
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
    ring_of,
    shaded,
)
from drivegen.embedded.mesh import Material
from drivegen.opendrive.sign_faces import SignFace

_TEXTS = ("前方施工", "施工", "慢行", "前方慢行")
_FACES = (
    SignFace.ROADWORKS,
    SignFace.ROAD_NARROWS,
    SignFace.MERGE,
    SignFace.DANGER,
    SignFace.KEEP_LEFT,
    SignFace.KEEP_RIGHT,
    SignFace.SLOW,
    SignFace.TWO_WAY,
)


def _text_board(text: str, ground: Color, ink: Color, height: float) -> Panel:
    letters = 0.27
    width = max(0.7, len(text) * letters * 1.14 + 0.16)
    outline = rectangle(width, height, corner=0.03)
    inner = rectangle(width - 0.04, height - 0.04, corner=0.025)
    mark = text_shape(text, letters, widest=width - 0.12)
    return Panel(outline=outline, layers=((outline, ink), (inner, ground), (mark, ink)))


def _arrow_board(ground: Color, ink: Color, turn_deg: float) -> Panel:
    outline = rectangle(1.2, 0.40, corner=0.03)
    marks = [
        moved(arrow([(-0.16, 0.0), (0.16, 0.0)], 0.10, 2.6), x, 0.0, 1.0, turn_deg)
        for x in (-0.38, 0.0, 0.38)
    ]
    return Panel(outline=outline, layers=((outline, ground), (union(*marks), ink)))


def _sign(rng: np.random.Generator) -> Design:
    """A sign on a folding stand, on legs or on a weighted post: a face of GB 5768, words, or arrows."""
    kind = pick(rng, ("face", "face", "words", "arrows"))
    ground, ink = pick(
        rng, ((SIGN_ORANGE, INK), (SIGN_YELLOW, INK), (SIGN_BLUE, PAPER), (SIGN_ORANGE, PAPER))
    )
    if kind == "face":
        panel, scale = panel_of(pick(rng, _FACES)), between(rng, 0.62, 0.95)
    elif kind == "words":
        panel, scale = _text_board(pick(rng, _TEXTS), ground, ink, 0.46), between(rng, 0.7, 1.0)
    else:
        panel, scale = _arrow_board(ground, ink, pick(rng, (0.0, 180.0))), between(rng, 0.8, 1.1)
    wide, high = (v * scale for v in panel.size_m)
    stand = pick(rng, ("legs", "post", "fold"))
    low = between(rng, 0.32, 0.6) if stand != "post" else between(rng, 0.7, 1.3)
    steel = shaded(rng, pick(rng, (STEEL, BLACK, ORANGE, YELLOW)))
    depth = {"legs": 0.60, "post": 0.46, "fold": 0.55}[stand]
    flags, lamp = chance(rng, 0.25), chance(rng, 0.25)
    height = low + high + (0.16 if lamp else 0.0)
    width = max(wide, 0.5)

    def sculpt(m: Maker) -> None:
        middle = low + high / 2
        m.panel(panel, (0.035, 0.0, middle), scale=scale, thick=0.014, back=GREY)
        half = width / 2
        if stand == "legs":
            for y in (-wide * 0.30, wide * 0.30):
                m.bar((0, y, 0.05), (0, y, middle + high * 0.15), 0.016, steel)
                m.bar((-depth / 2, y, 0.02), (depth / 2, y, 0.02), 0.02, steel)
            m.bar((0, -wide * 0.3, low * 0.5), (0, wide * 0.3, low * 0.5), 0.014, steel)
        elif stand == "post":
            m.block((depth, 0.5, 0.06), (0, 0, 0.03), RUBBER, Material.RUBBER, bevel=0.015)
            m.bar((0, 0, 0.05), (0, 0, middle + high * 0.3), 0.03, steel, sides=10)
        else:
            for y in (-wide * 0.34, wide * 0.34):
                m.bar((depth / 2 - 0.02, y, 0.012), (0.0, y, low), 0.014, steel, sides=5)
                m.bar((-depth / 2 + 0.02, y, 0.012), (0.0, y, low), 0.014, steel, sides=5)
                m.bar((0.0, y, low - 0.01), (0.0, y, middle), 0.014, steel, sides=5)
        if lamp:
            m.bar((0, 0, middle), (0, 0, height - 0.10), 0.015, steel)
            m.turned(
                [(0.05, 0.0), (0.052, 0.06), (0.0, 0.10)],
                (246, 148, 16),
                Material.LIT_SIGN,
                at=(0, 0, height - 0.10),
            )
        if flags:
            for side in (-1, 1):
                m.block((0.006, 0.12, 0.12), (-0.01, side * (half - 0.06), middle + high * 0.30), RED)
                m.bar(
                    (-0.01, side * (half - 0.12), middle),
                    (-0.01, side * (half - 0.12), middle + high * 0.38),
                    0.006,
                )

    return Design(
        size=(depth + (0.06 if stand == "post" and depth < 0.1 else 0.0), width, height), sculpt=sculpt
    )


def _arrow_trailer(rng: np.random.Generator) -> Design:
    """A board of lamps that shows an arrow, on a frame or a trailer."""
    trailer = chance(rng, 0.55)
    wide, high = pick(rng, ((1.2, 0.8), (1.6, 0.9), (2.0, 1.1), (2.2, 1.3)))
    low = between(rng, 1.0, 1.3) if trailer else between(rng, 0.6, 0.9)
    side = pick(rng, (-1, 1))
    body = shaded(rng, pick(rng, (YELLOW, ORANGE, (60, 62, 64))))
    lamp = pick(rng, ((252, 176, 24), (252, 176, 24), (248, 60, 40)))
    chevrons, sun = int(rng.integers(2, 4)), chance(rng, 0.6)
    length, width = (2.2, max(wide, 1.5)) if trailer else (0.8, wide)
    height = low + high + (0.22 if sun else 0.0)

    def sculpt(m: Maker) -> None:
        m.block((0.07, wide, high), (0, 0, low + high / 2), BLACK, bevel=0.015)
        for k in range(chevrons):
            tip = side * (wide * 0.36 - k * wide * 0.26)
            for step in range(4):
                for half in (-1, 1):
                    if step == 0 and half < 0:
                        continue
                    y, z = tip - side * step * wide * 0.055, half * step * high * 0.105
                    m.block((0.02, 0.075, 0.075), (0.042, y, low + high / 2 + z), lamp, Material.LIT_SIGN)
        if trailer:
            m.block((1.3, width * 0.72, 0.10), (-0.1, 0, 0.42), body)
            m.block((0.55, width * 0.5, 0.32), (-0.25, 0, 0.63), body, bevel=0.03)
            m.bar((0.5, 0, 0.42), (1.1, 0, 0.40), 0.035)
            m.turned([(0.03, 0.0), (0.03, 0.42)], STEEL, Material.METAL, at=(1.0, 0, 0), sides=8)
            for y in (-width / 2 + 0.09, width / 2 - 0.09):
                m.wheel((-0.1, y, 0.29), 0.29, 0.17)
                m.bar((-0.1, y * 0.8, 0.29), (-0.1, y, 0.29), 0.04)
            m.block((0.10, width, 0.05), (-1.05, 0, 0.42), RED, Material.RETRO)
            m.bar((-1.05, 0, 0.42), (-0.7, 0, 0.42), 0.03)
            m.bar((0, 0, 0.45), (0, 0, low + 0.1), 0.06, GREY, sides=8)
        else:
            for y in (-wide * 0.4, wide * 0.4):
                m.bar((0.38, y, 0.02), (0, y, low + high * 0.8), 0.02)
                m.bar((-0.38, y, 0.02), (0, y, low + high * 0.8), 0.02)
            m.bar((0, -wide * 0.4, low * 0.6), (0, wide * 0.4, low * 0.6), 0.016)
        if sun:
            panel = lathe([(0.36, 0.0), (0.36, 0.03)], 4).turned(rotation_about(2, math.pi / 4))
            m.add(
                panel.turned(rotation_about(1, 0.35)).moved((0, 0, height - 0.14)),
                (22, 32, 60),
                Material.SATIN,
            )
            m.bar((0, 0, low + high - 0.05), (0, 0, height - 0.11), 0.025)

    return Design(size=(length, width, height), sculpt=sculpt)


def _manhole(rng: np.random.Generator) -> Design:
    """An open manhole: its frame, the dark shaft, the lid beside it, some with a fence of bars about it."""
    fenced = chance(rng, 0.5)
    radius = between(rng, 0.33, 0.40)
    iron = shaded(rng, (92, 90, 88))
    lid_iron = shaded(rng, pick(rng, ((92, 90, 88), (118, 96, 78), (110, 112, 114))))
    apart = between(rng, 0.10, 0.35)
    rail = pick(rng, (YELLOW, RED, ORANGE))
    square = 2 * radius + 0.35
    reach = 2 * radius + apart
    length = max(square if fenced else 0.0, 2 * radius) + reach if not fenced else square + 2 * radius + apart
    width = square if fenced else 2 * radius + 0.1
    height = 1.0 if fenced else 0.055

    def sculpt(m: Maker) -> None:
        hole = -length / 2 + (square / 2 if fenced else radius + 0.05)
        ring = torus(radius + 0.02, 0.03, 24, 6).scaled((1, 1, 0.8)).moved((hole, 0, 0.026))
        m.add(ring, iron, Material.METAL)
        m.turned([(radius + 0.01, 0.003), (radius + 0.01, 0.006)], (8, 8, 9), at=(hole, 0, 0), sides=24)
        lid = length / 2 - radius
        m.turned(
            [(radius, 0.0), (radius, 0.035), (radius * 0.95, 0.045)],
            lid_iron,
            Material.METAL,
            at=(lid, 0, 0),
            sides=24,
        )
        for k in range(5):
            y = (k - 2) * radius * 0.34
            long = 2 * math.sqrt(max((radius * 0.86) ** 2 - y * y, 0.01))
            m.block((long, 0.035, 0.012), (lid, y, 0.049), darker(lid_iron, 0.7), Material.METAL)
        if fenced:
            half = square / 2 - 0.02
            for x in (-half, half):
                for y in (-half, half):
                    m.bar((hole + x, y, 0.0), (hole + x, y, 1.0), 0.018, rail, sides=6)
            for z in (0.25, 0.62, 0.96):
                for s in (-half, half):
                    m.bar(
                        (hole - half, s, z),
                        (hole + half, s, z),
                        0.014,
                        (rail, WHITE)[int(z * 10) % 2],
                        sides=5,
                    )
                    m.bar(
                        (hole + s, -half, z),
                        (hole + s, half, z),
                        0.014,
                        (rail, WHITE)[int(z * 10) % 2],
                        sides=5,
                    )

    return Design(size=(length, width, height), sculpt=sculpt)


def _pallet(rng: np.random.Generator) -> Design:
    length, width = pick(rng, ((1.2, 1.0), (1.2, 0.8), (1.1, 1.1), (1.0, 1.0)))
    stack = int(rng.integers(1, 6))
    plastic = chance(rng, 0.3)
    color = shaded(rng, pick(rng, (BLUE, (40, 42, 44), GREY)) if plastic else WOOD, 20)
    one = between(rng, 0.13, 0.15)
    boards = int(rng.integers(5, 8))
    tilt = [between(rng, -0.03, 0.03) for _ in range(stack)]
    load = chance(rng, 0.35) and stack < 3
    load_h = between(rng, 0.4, 0.8) if load else 0.0
    load_color = shaded(rng, pick(rng, ((196, 192, 184), (168, 84, 64), (186, 148, 104), (224, 226, 228))))

    def sculpt(m: Maker) -> None:
        for level in range(stack):
            z, tone = level * one, darker(color, 1.0 - 0.05 * (level % 2))
            shift = tilt[level] if level else 0.0
            inner_l, inner_w = length - (0.06 if level else 0.0), width - (0.06 if level else 0.0)
            for y in (-1, 0, 1):
                m.block(
                    (inner_l, 0.09, one - 0.045),
                    (shift, y * (inner_w / 2 - 0.045), z + (one - 0.045) / 2 + 0.02),
                    darker(tone, 0.8),
                )
                m.block((inner_l, 0.10, 0.02), (shift, y * (inner_w / 2 - 0.05), z + 0.01), tone)
            for k in range(boards):
                x = -inner_l / 2 + 0.055 + (inner_l - 0.11) * k / (boards - 1)
                m.block((0.11, inner_w, 0.022), (shift + x, 0, z + one - 0.012), tone)
        if load:
            z = stack * one
            rows = 3
            for k in range(rows):
                part = load_h / rows
                inset = 0.04 + 0.015 * (k % 2)
                m.block(
                    (length - 2 * inset, width - 2 * inset, part - 0.012),
                    (0, 0, z + part * (k + 0.5)),
                    load_color,
                    bevel=0.02,
                )
                m.block(
                    (length - 2 * inset - 0.04, width - 2 * inset - 0.04, 0.02),
                    (0, 0, z + part * (k + 1) - 0.008),
                    darker(load_color, 0.7),
                )

    return Design(size=(length, width, stack * one + load_h), sculpt=sculpt)


def _tyre(rng: np.random.Generator) -> Design:
    count = int(rng.integers(1, 5))
    radius, thick = pick(rng, ((0.31, 0.20), (0.33, 0.22), (0.36, 0.24), (0.50, 0.28)))
    upright = count == 1 and chance(rng, 0.35)
    tone = shaded(rng, (30, 30, 31), 6)
    painted = chance(rng, 0.25)
    paints = pick(rng, ((YELLOW, BLACK), (RED, WHITE), (WHITE, BLUE)))
    shifts = [between(rng, -0.03, 0.03) for _ in range(count)]

    def ring(radius_m: float) -> list[tuple[float, float]]:
        t = thick / 2
        return [
            (radius_m * 0.58, -t * 0.8),
            (radius_m * 0.80, -t),
            (radius_m * 0.97, -t * 0.72),
            (radius_m, 0.0),
            (radius_m * 0.97, t * 0.72),
            (radius_m * 0.80, t),
            (radius_m * 0.58, t * 0.8),
            (radius_m * 0.56, 0.0),
        ]

    def sculpt(m: Maker) -> None:
        angle = np.arange(20) * 2 * math.pi / 20
        for k in range(count):
            profile = np.array(ring(radius))
            points = np.stack(
                [
                    np.outer(np.cos(angle), profile[:, 0]),
                    np.outer(np.sin(angle), profile[:, 0]),
                    np.broadcast_to(profile[:, 1], (20, 8)),
                ],
                -1,
            )
            shape = ring_of(points)
            if upright:
                shape = shape.turned(rotation_about(0, math.pi / 2)).moved((0, 0, radius))
            else:
                shape = shape.moved((shifts[k], -shifts[k], thick * (k + 0.5)))
            m.add(shape, paints[k % 2] if painted else tone, Material.MATTE if painted else Material.RUBBER)

    size = (
        (2 * radius, thick, 2 * radius)
        if upright
        else (2 * radius + max(shifts) - min(shifts), 2 * radius + max(shifts) - min(shifts), thick * count)
    )
    return Design(size=size, sculpt=sculpt)


DESIGNS = (
    PropDesign(name="work_zone_sign", tags=(Tag.STATIC, Tag.TRAFFIC_SIGN), design=_sign, mass_kg=12.0),
    PropDesign(name="arrow_board", tags=(Tag.STATIC,), design=_arrow_trailer, mass_kg=120.0),
    PropDesign(name="open_manhole", tags=(Tag.STATIC,), design=_manhole),
    PropDesign(name="pallet", tags=(Tag.DYNAMIC,), design=_pallet, mass_kg=25.0),
    PropDesign(name="tyre", tags=(Tag.DYNAMIC,), design=_tyre, mass_kg=9.0),
)
