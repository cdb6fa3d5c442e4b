"""Debug figures over the colour of a view: strokes with a width, and letters. No label, no depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import cv2
import moderngl
import numpy as np
from jaxtyping import Float, UInt8

from drivegen.embedded.renderer.programs import LETTER_UNIT

STROKE = np.dtype([("begin", "3f4"), ("width", "f4"), ("end", "3f4"), ("color", "f4")])
"""A stroke between two points of the world. Width in metres; below 0 it is in pixels, whatever the distance.
The colour is 0xRRGGBB. moderngl: `4f 4f /i`."""
LETTER = np.dtype([("anchor", "3f4"), ("place", "f4"), ("offset", "2f4"), ("shift", "f4"), ("color", "f4")])
"""A letter of a text at a point of the world: its place in `letter_sheet`, how far right of and below the
anchor its cell begins, in heights of a line; the shift of a shadow in pixels. moderngl: `4f 4f /i`."""
FIRST, LAST = 32, 126
"""The letters on the sheet, ASCII; others are shown as a question mark."""
COLUMNS = 16
CELL_PX = (40, 56)
"""Width and height of a letter's cell on the sheet."""
_BASE_PX = 42
_FONT, _SCALE, _STROKE_PX = cv2.FONT_HERSHEY_SIMPLEX, 1.2, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DebugFigures:
    """What is drawn over the colour of every view of a moment."""

    strokes: np.ndarray
    """dtype STROKE, hidden by what stands before them."""
    over: np.ndarray
    """dtype STROKE, over everything."""
    letters: np.ndarray
    """dtype LETTER, over everything."""


def packed_color(rgb: Sequence[int]) -> float:
    """0xRRGGBB; float32 holds it exactly."""
    return float((rgb[0] << 16) | (rgb[1] << 8) | rgb[2])


def strokes_between(
    begin_m: Float[np.ndarray, "n 3"], end_m: Float[np.ndarray, "n 3"], width: float, rgb: Sequence[int]
) -> np.ndarray:
    """n rows, dtype STROKE."""
    rows = np.zeros(len(begin_m), STROKE)
    rows["begin"], rows["end"] = begin_m, end_m
    rows["width"], rows["color"] = width, packed_color(rgb)
    return rows


def letters_of(
    text: str, anchor_m: Float[np.ndarray, "3"], rgb: Sequence[int], *, shadow: bool = False
) -> np.ndarray:
    """Rows, dtype LETTER, of a text whose top left corner is at a point; lines are broken at newlines."""
    rows: list[tuple[float, float, float, float, float]] = []
    for number, line in enumerate(text.split("\n")):
        right = 0.0
        for letter in line:
            code = ord(letter) if FIRST <= ord(letter) <= LAST else ord("?")
            for shift, color in (
                ((1.0, 0.0), (0.0, packed_color(rgb))) if shadow else ((0.0, packed_color(rgb)),)
            ):
                if letter != " ":
                    rows.append((code - FIRST, right, number * 1.15, shift, color))
            right += _advance(code)
    out = np.zeros(len(rows), LETTER)
    if rows:
        table = np.array(rows, np.float32)
        out["anchor"] = anchor_m
        out["place"], out["offset"] = table[:, 0], table[:, 1:3]
        out["shift"], out["color"] = table[:, 3], table[:, 4]
    # Shadows first: a letter's shadow must not lie on its neighbour.
    return out[np.argsort(-out["shift"], kind="stable")]


@cache
def _advance(code: int) -> float:
    """How far the next letter stands, in heights of a line."""
    (width, _), _ = cv2.getTextSize(chr(code), _FONT, _SCALE, _STROKE_PX)
    return (width + 1.0) / CELL_PX[1]


@cache
def letter_sheet() -> UInt8[np.ndarray, "h w"]:
    """OpenCV's Hershey letters in rows of `COLUMNS` cells: 255 where there is ink."""
    count = LAST - FIRST + 1
    rows = -(-count // COLUMNS)
    sheet = np.zeros((rows * CELL_PX[1], COLUMNS * CELL_PX[0]), np.uint8)
    for k in range(count):
        row, column = divmod(k, COLUMNS)
        cell = np.zeros(CELL_PX[::-1], np.uint8)
        cv2.putText(cell, chr(FIRST + k), (3, _BASE_PX), _FONT, _SCALE, 255, _STROKE_PX, cv2.LINE_AA)
        sheet[row * CELL_PX[1] : (row + 1) * CELL_PX[1], column * CELL_PX[0] : (column + 1) * CELL_PX[0]] = (
            cell
        )
    return sheet


class OverlayPrograms(Protocol):
    """What makes vertex arrays of quads, one for each row of a buffer."""

    def overlay(self, name: str, rows: moderngl.Buffer) -> moderngl.VertexArray:
        """A vertex array of the program `name`."""
        ...


class DebugLayer:
    """Draws figures over the colour of what is already there."""

    def __init__(self, gl: moderngl.Context, programs: OverlayPrograms) -> None:
        self._gl = gl
        self._programs = programs
        self._rows: dict[str, tuple[moderngl.Buffer, moderngl.VertexArray]] = {}
        self._sheet: moderngl.Texture | None = None

    def draw(self, figures: DebugFigures, eye_m: Float[np.ndarray, "3"]) -> None:
        """Into the bound framebuffer's colour; its depth hides strokes and is left as it is.

        Args:
            figures: What to draw.
            eye_m: Where the camera is; the uniform block of its view is bound.
        """
        gl = self._gl
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        # Colour and alpha apart; moderngl's stubs know only the short form.
        gl.blend_func = gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._quads("debug_stroke", _far_first(figures.strokes, eye_m))
        gl.enable_only(gl.BLEND)
        self._quads("debug_stroke", figures.over)
        if len(figures.letters):
            self._letters().use(LETTER_UNIT)
            self._quads("debug_letter", figures.letters)

    def _quads(self, name: str, rows: np.ndarray) -> None:
        if not len(rows):
            return
        kept = self._rows.get(name)
        if kept is None or kept[0].size < rows.nbytes:
            if kept is not None:
                kept[1].release()
                kept[0].release()
            buffer = self._gl.buffer(reserve=2 * rows.nbytes)
            kept = self._rows[name] = (buffer, self._programs.overlay(name, buffer))
        kept[0].write(rows)
        kept[1].render(self._gl.TRIANGLE_STRIP, vertices=4, instances=len(rows))

    def _letters(self) -> moderngl.Texture:
        if self._sheet is None:
            sheet = letter_sheet()
            self._sheet = self._gl.texture(sheet.shape[::-1], 1, sheet.tobytes(), alignment=1)
            self._sheet.build_mipmaps()
            self._sheet.filter = (self._gl.LINEAR_MIPMAP_LINEAR, self._gl.LINEAR)
        return self._sheet


def _far_first(rows: np.ndarray, eye_m: Float[np.ndarray, "3"]) -> np.ndarray:
    """Strokes in the order of their distance: they leave no depth by which they could hide each other."""
    if len(rows) < 2:
        return rows
    away = 0.5 * (rows["begin"] + rows["end"]) - np.asarray(eye_m, np.float32)
    return rows[np.argsort(-np.einsum("ni,ni->n", away, away), kind="stable")]
