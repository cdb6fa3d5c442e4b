"""Pictograms in the square from -1 to 1: people, vehicles, arrows."""

from __future__ import annotations

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from drivegen.embedded.assets.panels.drawing import (
    arc,
    arrow,
    bar,
    disc,
    moved,
    polygon,
    rectangle,
    union,
)


def walker() -> BaseGeometry:
    """A person who walks to the left."""
    return union(
        disc(0.17, (0.02, 0.80), 10),
        bar([(0.04, 0.62), (0.08, -0.05)], 0.34),
        bar([(0.10, 0.0), (-0.16, -0.42), (-0.46, -0.98)], 0.20),
        bar([(0.06, 0.0), (0.30, -0.45), (0.42, -0.98)], 0.20),
        bar([(0.00, 0.56), (-0.30, 0.24), (-0.50, 0.14)], 0.14),
        bar([(0.08, 0.56), (0.36, 0.22), (0.42, 0.02)], 0.14),
    )


def stander() -> BaseGeometry:
    """A person who stands."""
    return union(
        disc(0.17, (0.0, 0.80), 10),
        rectangle(0.46, 0.66, (0.0, 0.28)),
        bar([(-0.12, 0.05), (-0.12, -0.98)], 0.19),
        bar([(0.12, 0.05), (0.12, -0.98)], 0.19),
        bar([(-0.30, 0.58), (-0.34, -0.10)], 0.12),
        bar([(0.30, 0.58), (0.34, -0.10)], 0.12),
    )


def children() -> BaseGeometry:
    """Two children who run, hand in hand."""
    child = union(
        disc(0.20, (0.0, 0.72), 10),
        polygon((-0.18, 0.48), (0.18, 0.48), (0.30, -0.20), (-0.22, -0.20)),
        bar([(-0.05, -0.15), (-0.34, -0.48), (-0.52, -0.92)], 0.20),
        bar([(0.12, -0.15), (0.42, -0.44), (0.70, -0.42)], 0.20),
        bar([(-0.10, 0.42), (-0.56, 0.20)], 0.14),
        bar([(0.10, 0.42), (0.56, 0.14)], 0.14),
    )
    return union(moved(child, -0.46, 0.08, 0.90), moved(child, 0.50, -0.16, 0.74))


def worker() -> BaseGeometry:
    """A person who digs, and a heap."""
    return union(
        disc(0.17, (-0.20, 0.72), 10),
        bar([(-0.30, 0.54), (-0.52, 0.0)], 0.30),
        bar([(-0.50, 0.05), (-0.28, -0.42), (-0.34, -0.95)], 0.20),
        bar([(-0.56, 0.05), (-0.72, -0.42), (-0.94, -0.95)], 0.20),
        bar([(-0.26, 0.48), (0.06, 0.18)], 0.14),
        bar([(-0.62, 0.40), (0.40, -0.50)], 0.09),
        polygon((0.10, -0.98), (0.96, -0.98), (0.62, -0.42), (0.44, -0.36)),
    )


def bicycle() -> BaseGeometry:
    """A bicycle that rides to the left."""

    def wheel(x: float) -> BaseGeometry:
        return disc(0.42, (x, -0.32), 20).difference(disc(0.30, (x, -0.32), 20))

    frame = [(-0.55, -0.32), (-0.36, 0.26), (0.28, 0.26), (0.02, -0.32), (-0.36, 0.26)]
    return union(
        wheel(-0.55),
        wheel(0.55),
        bar(frame, 0.11),
        bar([(0.02, -0.32), (0.55, -0.32), (0.28, 0.26)], 0.11),
        bar([(0.28, 0.20), (0.34, 0.46)], 0.10),
        bar([(0.16, 0.48), (0.54, 0.48)], 0.12),
        bar([(-0.38, 0.20), (-0.44, 0.56), (-0.66, 0.62)], 0.11),
    )


def car_front() -> BaseGeometry:
    """A car from its front."""
    body = polygon(
        (-0.88, -0.12), (-0.74, 0.06), (-0.52, 0.62), (0.52, 0.62), (0.74, 0.06), (0.88, -0.12),
        (0.88, -0.56), (-0.88, -0.56),
    )  # fmt: skip
    glass = polygon((-0.52, 0.10), (-0.38, 0.48), (0.38, 0.48), (0.52, 0.10))
    lamps = union(disc(0.13, (-0.60, -0.20), 10), disc(0.13, (0.60, -0.20), 10))
    feet = union(rectangle(0.26, 0.30, (-0.68, -0.68)), rectangle(0.26, 0.30, (0.68, -0.68)))
    return union(body.difference(glass).difference(lamps), feet)


def truck() -> BaseGeometry:
    """A truck that drives to the left, from its side."""
    cab = polygon((-0.96, -0.40), (-0.96, 0.02), (-0.82, 0.34), (-0.46, 0.34), (-0.46, -0.40))
    cab = cab.difference(polygon((-0.84, 0.02), (-0.76, 0.22), (-0.58, 0.22), (-0.58, 0.02)))
    wheels = union(*(disc(0.19, (x, -0.46), 14) for x in (-0.62, 0.40, 0.76)))
    holes = union(*(disc(0.24, (x, -0.46), 14) for x in (-0.62, 0.40, 0.76)))
    return union(union(cab, rectangle(1.36, 0.90, (0.28, 0.05))).difference(holes), wheels)


def bus() -> BaseGeometry:
    """A bus that drives to the left, from its side."""
    body = rectangle(1.90, 0.98, (0.0, 0.08), 0.08)
    panes = union(*(rectangle(0.32, 0.32, (x, 0.26)) for x in (-0.66, -0.26, 0.14)))
    door = rectangle(0.24, 0.70, (0.62, 0.04))
    holes = union(*(disc(0.25, (x, -0.42), 14) for x in (-0.52, 0.40)))
    wheels = union(*(disc(0.19, (x, -0.42), 14) for x in (-0.52, 0.40)))
    return union(body.difference(union(panes, door, holes)), wheels)


def slipping_car() -> BaseGeometry:
    """A car from behind over two wavy tracks."""
    track = [(-0.26, -0.05), (-0.10, -0.30), (-0.38, -0.62), (-0.20, -0.98)]
    tracks = union(bar(track, 0.13), bar([(x + 0.62, y) for x, y in track], 0.13))
    return union(moved(car_front(), 0.06, 0.42, 0.62, -8.0), tracks)


def horn() -> BaseGeometry:
    """A horn with its ball."""
    bell = polygon(
        (-0.90, 0.50), (-0.72, 0.50), (-0.10, 0.14), (-0.10, -0.14), (-0.72, -0.50), (-0.90, -0.50)
    )
    return union(bell, rectangle(0.50, 0.18, (0.12, 0.0)), disc(0.32, (0.62, 0.0), 16))


def bumps() -> BaseGeometry:
    """Two humps on a road."""
    humps = [
        moved(shapely.box(-0.5, 0.0, 0.5, 1.0).intersection(disc(0.44, sides=20)), x) for x in (-0.46, 0.46)
    ]
    return union(*(moved(h, 0.0, -0.20) for h in humps), rectangle(1.96, 0.24, (0.0, -0.28)))


def lens_board() -> tuple[BaseGeometry, BaseGeometry, BaseGeometry, BaseGeometry]:
    """A signal: its housing and its red, yellow and green lens."""
    discs = [disc(0.20, (0.0, y), 14) for y in (0.56, 0.0, -0.56)]
    return rectangle(0.62, 1.80, (0.0, 0.0), 0.12), discs[0], discs[1], discs[2]


def stripes() -> BaseGeometry:
    """The bars of a zebra crossing in perspective."""
    bars = []
    for k in range(-3, 4):
        x = 0.28 * k
        bars.append(
            polygon((x * 1.12 - 0.09, -0.98), (x * 1.12 + 0.09, -0.98), (x + 0.07, -0.72), (x - 0.07, -0.72))
        )
    return union(*bars)


def straight_arrow() -> BaseGeometry:
    """Ahead."""
    return arrow([(0.0, -0.95), (0.0, 0.95)], 0.36, 2.6)


def left_arrow() -> BaseGeometry:
    """To the left, from below."""
    return arrow([(0.42, -0.88), (0.42, 0.30), (-0.92, 0.30)], 0.34, 2.6)


def left_turn() -> BaseGeometry:
    """A bent arrow to the left, slender: for prohibitions."""
    return arrow([(0.40, -0.86), (0.40, 0.28), (-0.84, 0.28)], 0.30, 2.6)


def ahead_and_left() -> BaseGeometry:
    """One arrow ahead, one to the left from its shaft."""
    return union(
        arrow([(0.34, -0.95), (0.34, 0.95)], 0.28, 2.5), arrow([(0.34, -0.30), (-0.95, -0.30)], 0.28, 2.5)
    )


def down_left() -> BaseGeometry:
    """A slanted arrow past an obstacle, down to the left."""
    return arrow([(0.62, 0.62), (-0.66, -0.66)], 0.36, 2.6)


def u_turn() -> BaseGeometry:
    """A hairpin to the left."""
    path = [(0.42, -0.85), (0.42, 0.20), *arc((0.0, 0.20), 0.42, 0.0, 180.0, 8)[1:], (-0.42, -0.66)]
    return arrow(path, 0.29, 2.5)


def circling() -> BaseGeometry:
    """Three arrows that chase each other, against the clock."""
    out = []
    for k in range(3):
        start = 90.0 + 120.0 * k
        points = arc((0.0, 0.0), 0.64, start + 12.0, start + 74.0, 6)
        tip = arc((0.0, 0.0), 0.64, start + 100.0, start + 112.0, 1)
        out.append(arrow([*points, tip[1]], 0.26, 2.4, 0.46))
    return union(*out)


def crossroads() -> BaseGeometry:
    """A plus."""
    return union(rectangle(0.40, 1.90), rectangle(1.60, 0.40, (0.0, 0.0)))


def t_junction() -> BaseGeometry:
    """A road that ends in another."""
    return union(rectangle(0.40, 1.30, (0.0, -0.30)), rectangle(1.70, 0.40, (0.0, 0.35)))


def side_road() -> BaseGeometry:
    """A road with another to its left."""
    return union(rectangle(0.42, 1.90, (0.20, 0.0)), rectangle(0.90, 0.32, (-0.40, -0.10)))


def curve() -> BaseGeometry:
    """A sharp bend to the left."""
    return arrow([(0.30, -0.95), (0.30, 0.0), (-0.55, 0.85)], 0.36, 2.3)


def double_curve() -> BaseGeometry:
    """First left, then right."""
    path = [(0.24, -0.98), (0.24, -0.62), (-0.24, -0.12), (-0.24, 0.10), (0.20, 0.58), (0.20, 1.02)]
    return arrow(path, 0.28, 2.4)


def narrowing() -> BaseGeometry:
    """Both edges of a road come nearer."""
    edge = [(-0.62, -0.95), (-0.62, -0.25), (-0.22, 0.25), (-0.22, 0.95)]
    return union(bar(edge, 0.24), bar([(-x, y) for x, y in edge], 0.24))


def opposing() -> BaseGeometry:
    """One arrow up, one down."""
    up = arrow([(0.40, -0.90), (0.40, 0.90)], 0.26, 2.4)
    return union(up, affinity.rotate(up, 180.0, origin=(0, 0)))


def merging() -> BaseGeometry:
    """A road that joins another from the right."""
    return union(
        arrow([(-0.12, -0.98), (-0.12, 0.98)], 0.34, 2.3),
        bar([(0.60, -0.90), (0.60, -0.50), (-0.02, 0.16)], 0.24),
    )


def bang() -> BaseGeometry:
    """An exclamation mark."""
    return union(
        polygon((-0.20, 0.95), (0.20, 0.95), (0.12, -0.35), (-0.12, -0.35)), disc(0.20, (0.0, -0.74), 14)
    )


def lane_arrow(moves: str, *, width: float = 0.22) -> BaseGeometry:
    """The arrow of a lane on a board: any of the letters l, s, r, u."""
    parts = []
    if "s" in moves:
        parts.append(arrow([(0.0, -0.95), (0.0, 0.95)], width, 2.5))
    if "l" in moves:
        low = -0.60 if "u" in moves else 0.0
        parts.append(arrow([(0.0, -0.95), (0.0, -0.05 + low), (-0.70, 0.42 + low)], width, 2.5))
    if "r" in moves:
        parts.append(arrow([(0.0, -0.95), (0.0, -0.05), (0.70, 0.42)], width, 2.5))
    if "u" in moves:
        # Beside an arrow to the left the hairpin stays above it.
        tip = 0.02 if "l" in moves else -0.45
        bend = arc((-0.30, 0.45), 0.30, 0.0, 180.0, 6)
        parts.append(arrow([(0.0, -0.95), *bend, (-0.60, tip)], width, 2.5))
    return union(*parts)


def temple() -> BaseGeometry:
    """A hall with a curved roof: places of interest."""
    roof = polygon(
        (-0.98, 0.20),
        (-0.60, 0.34),
        (-0.26, 0.66),
        (0.26, 0.66),
        (0.60, 0.34),
        (0.98, 0.20),
        (0.80, 0.10),
        (-0.80, 0.10),
    )
    columns = union(*(rectangle(0.14, 0.66, (x, -0.24)) for x in (-0.60, -0.22, 0.22, 0.60)))
    return union(roof, columns, rectangle(1.70, 0.16, (0.0, -0.64)), rectangle(0.30, 0.16, (0.0, 0.72)))
