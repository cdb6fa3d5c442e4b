"""Words on vehicles: strokes laid on a skin."""

from __future__ import annotations

from functools import cache

from drivegen.embedded.assets.sculpt import Finish, Shape
from drivegen.embedded.assets.vehicles.motor.panels import Panels, Skin
from drivegen.embedded.assets.vehicles.plates import Stroke, flat_glyph

# ruff: noqa: E501
# Strokes in a box one wide and two high, as those of the plates.
WORDS: dict[str, tuple[Stroke, ...]] = {
    "公": (((0.4, 1.9), (0.02, 1.05)), ((0.6, 1.9), (0.98, 1.05)), ((0.5, 1.05), (0.15, 0.2), (0.85, 0.3)), ((0.7, 0.6), (0.92, 0.05))),
    "安": (((0.5, 2.0), (0.5, 1.72)), ((0.06, 1.35), (0.06, 1.68), (0.94, 1.68), (0.94, 1.35)), ((0.45, 1.45), (0.2, 0.55), (0.9, 0.02)), ((0.03, 0.95), (0.97, 0.95)), ((0.75, 0.95), (0.55, 0.4), (0.08, 0.02))),
    "校": (((0.02, 1.4), (0.42, 1.4)), ((0.22, 2.0), (0.22, 0.0)), ((0.2, 1.2), (0.02, 0.6)), ((0.7, 2.0), (0.7, 1.65)), ((0.45, 1.6), (0.98, 1.6)), ((0.62, 1.45), (0.48, 1.1)), ((0.8, 1.45), (0.96, 1.1)), ((0.85, 1.0), (0.45, 0.02)), ((0.55, 1.0), (0.98, 0.02))),
    "车": (((0.1, 1.7), (0.9, 1.7)), ((0.45, 2.0), (0.2, 1.2), (0.9, 1.2)), ((0.02, 0.65), (0.98, 0.65)), ((0.55, 1.45), (0.55, 0.0))),
    "消": (((0.05, 1.85), (0.2, 1.65)), ((0.0, 1.35), (0.18, 1.15)), ((0.02, 0.1), (0.25, 0.8)), ((0.65, 2.0), (0.65, 1.45)), ((0.4, 1.85), (0.5, 1.5)), ((0.92, 1.85), (0.8, 1.5)), ((0.4, 0.0), (0.4, 1.35), (0.92, 1.35), (0.92, 0.05)), ((0.4, 0.95), (0.92, 0.95)), ((0.4, 0.55), (0.92, 0.55))),
    "防": (((0.06, 0.0), (0.06, 1.9), (0.34, 1.9), (0.2, 1.35), (0.36, 0.9), (0.1, 0.75)), ((0.68, 2.0), (0.72, 1.7)), ((0.42, 1.6), (0.99, 1.6)), ((0.62, 1.6), (0.6, 0.9), (0.4, 0.05)), ((0.6, 1.05), (0.92, 1.05), (0.86, 0.1), (0.68, 0.2))),
    "急": (((0.4, 2.0), (0.1, 1.5)), ((0.3, 1.8), (0.7, 1.8), (0.6, 1.55)), ((0.15, 1.5), (0.85, 1.5), (0.85, 0.8), (0.1, 0.8)), ((0.2, 1.15), (0.85, 1.15)), ((0.1, 0.55), (0.03, 0.1)), ((0.3, 0.6), (0.35, 0.05), (0.7, 0.05), (0.78, 0.3)), ((0.5, 0.65), (0.58, 0.4)), ((0.85, 0.55), (0.98, 0.2))),
    "救": (((0.02, 1.45), (0.52, 1.45)), ((0.27, 2.0), (0.27, 0.05), (0.15, 0.15)), ((0.4, 1.85), (0.48, 1.7)), ((0.05, 1.05), (0.2, 0.8)), ((0.02, 0.3), (0.22, 0.6)), ((0.5, 1.05), (0.3, 0.75), (0.52, 0.35)), ((0.68, 2.0), (0.55, 1.2)), ((0.62, 1.55), (0.99, 1.55)), ((0.88, 1.55), (0.78, 0.7), (0.52, 0.02)), ((0.66, 1.1), (0.99, 0.02))),
    "危": (((0.4, 2.0), (0.1, 1.5)), ((0.3, 1.75), (0.72, 1.75), (0.6, 1.4)), ((0.1, 1.38), (0.98, 1.38)), ((0.2, 1.38), (0.16, 0.6), (0.02, 0.02)), ((0.4, 0.95), (0.85, 0.95), (0.83, 0.55), (0.65, 0.55)), ((0.4, 0.95), (0.42, 0.08), (0.95, 0.08), (0.96, 0.35))),
    "险": (((0.06, 0.0), (0.06, 1.9), (0.34, 1.9), (0.2, 1.35), (0.36, 0.9), (0.1, 0.75)), ((0.7, 2.0), (0.38, 1.2)), ((0.7, 1.9), (1.0, 1.2)), ((0.52, 1.25), (0.86, 1.25)), ((0.5, 0.9), (0.56, 0.35)), ((0.68, 0.95), (0.72, 0.4)), ((0.92, 0.95), (0.8, 0.05)), ((0.42, 0.04), (0.99, 0.04))),
}  # fmt: skip


@cache
def _letter(letter: str, wide: float, tall: float, stroke: float) -> Shape:
    return flat_glyph(letter, wide, tall, stroke, WORDS)


def write(
    panels: Panels,
    skin: Skin,
    text: str,
    middle: tuple[float, float],
    tall_m: float,
    finish: Finish,
    *,
    reads: tuple[float, float] = (1.0, 0.0),
    wide: float = 0.62,
    pitch: float = 0.80,
    stroke: float = 0.12,
    out_m: float = 0.009,
) -> None:
    """Writes a line on a surface.

    Args:
        panels: Takes it.
        skin: The surface; its second coordinate goes up.
        text: Letters of the plates, and `WORDS`.
        middle: Of the line, in the surface's coordinates.
        tall_m: Height of the letters.
        finish: Of the letters.
        reads: How the first coordinate goes with the reader's right: (its step for a metre, 0).
        wide: Width of a letter over its height.
        pitch: Distance of letters over their height.
        stroke: Width of the strokes over the height.
        out_m: How far they stand out.
    """
    for k, letter in enumerate(text):
        if letter == " ":
            continue
        square = 1.4 if letter in WORDS or letter in "京警" else 1.0
        shape = _letter(letter, wide * tall_m * square, tall_m, stroke * (0.7 if square > 1.0 else 1.0))
        across = shape.points_m[:, 1] + (k - (len(text) - 1) / 2) * pitch * tall_m * square
        u, v = middle[0] + reads[0] * across, middle[1] + shape.points_m[:, 2]
        panels.lay(skin, u, v, shape.faces, finish, out_m)
