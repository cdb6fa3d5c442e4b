"""Shapes that clients draw into the world to look at: strokes, boxes, texts, each with its life-time.

CARLA's server gives lines, points, arrows and boxes to its renderer, which keeps one with a life-time of 0 or
less until shapes are cleared (sources: DebugShapeDrawer.cpp of the 0.9.16 server; issue 5231 of its
repository); `persistent_lines` is read by nobody there. Strings and HUD shapes belong to its window, where
they live at least one frame, and no longer with a life-time of 0 or less (CarlaHUD.cpp). This server has no
window: what would be there is drawn into the pictures of RGB cameras.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.geometry import Mat4
from drivegen.embedded.renderer.debug import LETTER, STROKE, DebugFigures, letters_of, strokes_between

MOST_ROWS = 100_000
"""Strokes and letters that are kept; a box is twelve, an arrow five."""
MOST_LETTERS = 512
"""Of one text."""
PX_PER_SIZE = 100.0
"""A point of size 0.1 is 10 pixels wide at any distance, as in CARLA."""


class Layer(StrEnum):
    """How figures are drawn."""

    WORLD = "world"
    """Hidden by what stands before them; stay until cleared when their life-time is 0 or less."""
    HUD = "hud"
    """Over everything; at least one frame, and no longer when their life-time is 0 or less."""
    TEXT = "text"
    """As HUD, but letters."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shape:
    rows: np.ndarray
    layer: Layer
    first_frame: int
    until_ns: int | None
    """None: until cleared."""

    def lives(self, frame: int, now_ns: int) -> bool:
        return self.until_ns is None or frame <= self.first_frame or now_ns <= self.until_ns


class DebugShapes:
    """The shapes of an episode, oldest first."""

    def __init__(self) -> None:
        self._shapes: deque[_Shape] = deque()
        self._rows = 0
        self._figures: DebugFigures | None = None
        self.dropped = 0
        """Shapes that had to go for newer ones."""

    def __len__(self) -> int:
        return len(self._shapes)

    def add(self, rows: np.ndarray, layer: Layer, life_time_s: float, *, frame: int, now_ns: int) -> None:
        """Draws a shape from the next frame on.

        Args:
            rows: dtype STROKE, or LETTER for `Layer.TEXT`.
            layer: How.
            life_time_s: Simulated; see the layers for 0 and less.
            frame: The world's.
            now_ns: The world's time.
        """
        kept = life_time_s <= 0.0 and layer is Layer.WORLD
        until = None if kept else now_ns + round(max(life_time_s, 0.0) * 1e9)
        self._shapes.append(_Shape(rows=rows, layer=layer, first_frame=frame + 1, until_ns=until))
        self._rows += len(rows)
        self._figures = None
        if self._rows > MOST_ROWS:
            self._keep([s for s in self._shapes if s.lives(frame, now_ns)])
            while self._rows > MOST_ROWS:
                self._rows -= len(self._shapes.popleft().rows)
                self.dropped += 1

    def figures(self, frame: int, now_ns: int) -> DebugFigures | None:
        """What a frame's pictures show, None for nothing; forgets what is past."""
        if not self._shapes:
            return None
        if not all(s.lives(frame, now_ns) for s in self._shapes):
            self._keep([s for s in self._shapes if s.lives(frame, now_ns)])
        if self._figures is None and self._shapes:
            self._figures = DebugFigures(
                strokes=self._of(Layer.WORLD, STROKE),
                over=self._of(Layer.HUD, STROKE),
                letters=self._of(Layer.TEXT, LETTER),
            )
        return self._figures

    def clear_shapes(self) -> None:
        """Forgets all but texts and HUD shapes."""
        self._keep([s for s in self._shapes if s.layer is not Layer.WORLD])

    def clear_texts(self) -> None:
        """Forgets texts and HUD shapes."""
        self._keep([s for s in self._shapes if s.layer is Layer.WORLD])

    def _keep(self, shapes: Sequence[_Shape]) -> None:
        self._shapes = deque(shapes)
        self._rows = sum(len(s.rows) for s in shapes)
        self._figures = None

    def _of(self, layer: Layer, kind: np.dtype[np.void]) -> np.ndarray:
        rows = [s.rows for s in self._shapes if s.layer is layer]
        return np.concatenate(rows) if rows else np.zeros(0, kind)


def line_rows(
    begin_m: Float[np.ndarray, "3"], end_m: Float[np.ndarray, "3"], width: float, rgb: Sequence[int]
) -> np.ndarray:
    """A line; width in metres, below 0 in pixels. A point is a line without length."""
    return strokes_between(np.asarray(begin_m)[None], np.asarray(end_m)[None], width, rgb)


def arrow_rows(
    begin_m: Float[np.ndarray, "3"],
    end_m: Float[np.ndarray, "3"],
    width: float,
    head_m: float,
    rgb: Sequence[int],
) -> np.ndarray:
    """A line with four strokes from its end back to the corners of a square."""
    begin, end = np.asarray(begin_m, np.float64), np.asarray(end_m, np.float64)
    forward = end - begin
    length = float(np.linalg.norm(forward))
    forward = forward / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
    side = np.cross([0.0, 0.0, 1.0], forward)
    side = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-6 else np.array([0.0, 1.0, 0.0])
    up = np.cross(forward, side)
    neck = end - head_m * forward
    corners = [neck + head_m * (a * side + b * up) for a in (1.0, -1.0) for b in (1.0, -1.0)]
    return strokes_between(np.array([begin, *corners]), np.array([end] * 5), width, rgb)


def box_rows(world_box: Mat4, half_m: Float[np.ndarray, "3"], width: float, rgb: Sequence[int]) -> np.ndarray:
    """The twelve edges of a box."""
    corners: Float64[np.ndarray, "8 3"] = np.array(
        [[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)]
    )
    edges = [(a, b) for a in range(8) for b in range(a + 1, 8) if bin(a ^ b).count("1") == 1]
    placed = (corners * half_m) @ world_box[:3, :3].T + world_box[:3, 3]
    first, second = np.array(edges).T
    return strokes_between(placed[first], placed[second], width, rgb)


def text_rows(text: str, anchor_m: Float[np.ndarray, "3"], rgb: Sequence[int], *, shadow: bool) -> np.ndarray:
    """Letters; a text longer than `MOST_LETTERS` is cut."""
    return letters_of(text[:MOST_LETTERS], anchor_m, rgb, shadow=shadow)
