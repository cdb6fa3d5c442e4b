"""Guide signs: boards over the road, street names, places. White on blue, green or brown."""

from __future__ import annotations

from collections.abc import Callable

from shapely.geometry.base import BaseGeometry

from drivegen.embedded.assets.panels import pictograms as p
from drivegen.embedded.assets.panels.drawing import (
    arrow,
    bar,
    moved,
    rectangle,
    text_shape,
    text_width,
    union,
)
from drivegen.embedded.assets.panels.panel import BLUE, BROWN, GREEN, WHITE, Color, Panel
from drivegen.embedded.assets.panels.strokes import writable
from drivegen.opendrive.sign_faces import SignFace

LANE_M = 1.15
"""Width of one lane's field on a board."""
LETTER_M = 0.42
"""Height of characters on a board over the road."""
MOST_LETTERS = 12
MOST_LANES = 7
"""What a map has more is left out."""
_MOVES = "lsru"


def _board(width: float, height: float, ground: Color, *marks: BaseGeometry) -> Panel:
    outline = rectangle(width, height, corner=0.08)
    inner = rectangle(width - 0.06, height - 0.06, corner=0.06)
    return Panel(outline=outline, layers=((outline, WHITE), (inner, ground), (union(*marks), WHITE)))


def _lanes(text: str) -> Panel:
    """One field a lane, parted by lines."""
    words = ["".join(c for c in word.lower() if c in _MOVES)[:4] for word in text.replace("|", " ").split()]
    lanes = [word for word in words if word] or ["l", "s", "sr"]
    lanes = lanes[:MOST_LANES]
    width = LANE_M * len(lanes)
    marks: list[BaseGeometry] = []
    for k, moves in enumerate(lanes):
        x = (k - (len(lanes) - 1) / 2) * LANE_M
        marks.append(moved(p.lane_arrow(moves), x, -0.02, 0.60))
        if k:
            marks.append(bar([(x - LANE_M / 2, -0.62), (x - LANE_M / 2, 0.62)], 0.05))
    return _board(width + 0.12, 1.55, BLUE, *marks)


def _street(text: str) -> Panel:
    """A name above a line with the direction."""
    name, _, below = text.partition("|")
    name, below = writable(name)[:MOST_LETTERS] or "大街", writable(below)[:MOST_LETTERS]
    height = 0.40
    width = max(1.4, text_width(name, height) + 0.34)
    marks = [text_shape(name, height, (0.0, 0.16 if below else 0.0))]
    if below:
        marks += [
            bar([(-width / 2 + 0.1, -0.11), (width / 2 - 0.1, -0.11)], 0.02),
            text_shape(below, 0.20, (0.0, -0.25)),
        ]
    return _board(width, 0.86 if below else 0.60, BLUE, *marks)


def _directions(ground: Color) -> Callable[[str], Panel]:
    def draw(text: str) -> Panel:
        """Places to the left, ahead and to the right around a crossing of arrows."""
        places = [writable(part)[:MOST_LETTERS] for part in [*text.split("|"), "", ""][:3]]
        left, ahead, right = places if any(places) else ["科创街", "荣华路", "经海路"]
        sides = max(text_width(left, LETTER_M), text_width(right, LETTER_M), 1.2)
        width = max(2 * sides + 1.5, text_width(ahead, LETTER_M) + 0.7)
        marks = [arrow([(0.0, -1.10), (0.0, 0.42)], 0.20, 2.4)]
        for word, sign in ((left, -1.0), (right, 1.0)):
            if word:
                marks.append(arrow([(0.0, -0.45), (sign * 0.62, -0.45)], 0.18, 2.4))
                marks.append(text_shape(word, LETTER_M, (sign * (0.68 + sides / 2), -0.45)))
        if ahead:
            marks.append(text_shape(ahead, LETTER_M, (0.0, 0.80)))
        return _board(width, 2.5, ground, *marks)

    return draw


def _tourist(text: str) -> Panel:
    name = writable(text)[:MOST_LETTERS] or "公园"
    width = max(1.5, text_width(name, 0.34) + 1.05)
    marks = [
        moved(p.temple(), -width / 2 + 0.46, 0.0, 0.34),
        text_shape(name, 0.34, (0.40, 0.0)),
    ]
    return _board(width, 0.90, BROWN, *marks)


BOARDS: dict[SignFace, Callable[[str], Panel]] = {
    SignFace.LANES: _lanes,
    SignFace.STREET: _street,
    SignFace.DIRECTIONS: _directions(BLUE),
    SignFace.EXPRESSWAY: _directions(GREEN),
    SignFace.TOURIST: _tourist,
}
"""How each board is drawn from its text."""
