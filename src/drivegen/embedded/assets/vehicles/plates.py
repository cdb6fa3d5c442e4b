"""Licence plates of Chinese forms (GA 36) with invented numbers, their characters as strokes.

Every serial holds a letter I or O, which GA 36-2007, section 5.9.1, never lets stand in a serial: whatever
number is drawn, no vehicle was ever registered under it. The place of that letter and the other characters
follow from the variant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, grid_faces
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape, join
from drivegen.embedded.mesh import Material

Rgb = tuple[int, int, int]
Stroke = tuple[tuple[float, float], ...]


class PlateForm(StrEnum):
    """Forms in use on the road."""

    BLUE = "blue"
    """Small vehicles."""
    GREEN = "green"
    """Small vehicles of new energy: green growing stronger towards the lower edge, one character more."""
    YELLOW = "yellow"
    """Large vehicles, in front."""
    YELLOW_REAR = "yellow_rear"
    """Large vehicles, at the rear: two lines."""
    YELLOW_GREEN = "yellow_green"
    """Large vehicles of new energy."""
    POLICE = "police"


SIZE_M: dict[PlateForm, tuple[float, float]] = {
    PlateForm.BLUE: (0.44, 0.14),
    PlateForm.GREEN: (0.48, 0.14),
    PlateForm.YELLOW: (0.44, 0.14),
    PlateForm.YELLOW_REAR: (0.44, 0.22),
    PlateForm.YELLOW_GREEN: (0.48, 0.14),
    PlateForm.POLICE: (0.44, 0.14),
}
"""Width and height of each form (GA 36)."""

_BLUE, _WHITE, _BLACK, _YELLOW, _RED = (
    (16, 62, 168),
    (240, 242, 244),
    (16, 17, 18),
    (238, 184, 18),
    (206, 26, 30),
)
_GREENS: tuple[Rgb, ...] = ((222, 240, 226), (186, 226, 196), (140, 208, 158), (92, 190, 124), (58, 176, 102))

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CITY = "ACEFGHJLMNPQ"
"""Second characters."""

# ruff: noqa: E501
# Strokes in a box one wide and two high, as polylines.
_GLYPHS: dict[str, tuple[Stroke, ...]] = {
    "0": (((0.1, 0.3), (0.1, 1.7), (0.3, 2.0), (0.7, 2.0), (0.9, 1.7), (0.9, 0.3), (0.7, 0.0), (0.3, 0.0), (0.1, 0.3)),),
    "1": (((0.2, 1.6), (0.55, 2.0), (0.55, 0.0)),),
    "2": (((0.1, 1.6), (0.3, 2.0), (0.7, 2.0), (0.9, 1.6), (0.85, 1.2), (0.1, 0.0), (0.95, 0.0)),),
    "3": (((0.1, 1.95), (0.9, 1.95), (0.45, 1.15), (0.8, 1.05), (0.9, 0.6), (0.8, 0.1), (0.4, 0.0), (0.1, 0.2)),),
    "4": (((0.7, 0.0), (0.7, 2.0), (0.05, 0.55), (1.0, 0.55)),),
    "5": (((0.85, 2.0), (0.2, 2.0), (0.15, 1.1), (0.65, 1.2), (0.9, 0.85), (0.85, 0.25), (0.55, 0.0), (0.1, 0.15)),),
    "6": (((0.7, 2.0), (0.15, 0.9), (0.1, 0.4), (0.3, 0.0), (0.7, 0.0), (0.9, 0.4), (0.85, 0.9), (0.6, 1.1), (0.2, 0.95)),),
    "7": (((0.05, 1.95), (0.95, 1.95), (0.35, 0.0)),),
    "8": (
        ((0.5, 1.1), (0.15, 1.4), (0.2, 1.85), (0.5, 2.0), (0.8, 1.85), (0.85, 1.4), (0.5, 1.1), (0.1, 0.65), (0.15, 0.15),
         (0.5, 0.0), (0.85, 0.15), (0.9, 0.65), (0.5, 1.1)),
    ),
    "9": (((0.3, 0.0), (0.85, 1.1), (0.9, 1.6), (0.7, 2.0), (0.3, 2.0), (0.1, 1.6), (0.15, 1.1), (0.4, 0.9), (0.8, 1.05)),),
    "A": (((0.0, 0.0), (0.5, 2.0), (1.0, 0.0)), ((0.2, 0.65), (0.8, 0.65))),
    "B": (((0.1, 0.0), (0.1, 2.0), (0.7, 2.0), (0.88, 1.75), (0.88, 1.3), (0.65, 1.08), (0.1, 1.08)), ((0.65, 1.08), (0.95, 0.8), (0.95, 0.25), (0.7, 0.0), (0.1, 0.0))),
    "C": (((0.92, 1.5), (0.75, 2.0), (0.3, 2.0), (0.08, 1.6), (0.08, 0.4), (0.3, 0.0), (0.75, 0.0), (0.92, 0.5)),),
    "D": (((0.1, 0.0), (0.1, 2.0), (0.6, 2.0), (0.92, 1.55), (0.92, 0.45), (0.6, 0.0), (0.1, 0.0)),),
    "E": (((0.95, 2.0), (0.1, 2.0), (0.1, 0.0), (0.95, 0.0)), ((0.1, 1.05), (0.8, 1.05))),
    "F": (((0.95, 2.0), (0.1, 2.0), (0.1, 0.0)), ((0.1, 1.05), (0.8, 1.05))),
    "G": (((0.92, 1.5), (0.75, 2.0), (0.3, 2.0), (0.08, 1.6), (0.08, 0.4), (0.3, 0.0), (0.7, 0.0), (0.92, 0.3), (0.92, 0.95), (0.5, 0.95)),),
    "H": (((0.1, 0.0), (0.1, 2.0)), ((0.9, 0.0), (0.9, 2.0)), ((0.1, 1.05), (0.9, 1.05))),
    "I": (((0.5, 0.0), (0.5, 2.0)), ((0.2, 2.0), (0.8, 2.0)), ((0.2, 0.0), (0.8, 0.0))),
    "J": (((0.85, 2.0), (0.85, 0.4), (0.65, 0.0), (0.25, 0.0), (0.08, 0.45)),),
    "K": (((0.1, 0.0), (0.1, 2.0)), ((0.9, 2.0), (0.12, 0.9)), ((0.35, 1.2), (0.95, 0.0))),
    "L": (((0.1, 2.0), (0.1, 0.0), (0.95, 0.0)),),
    "M": (((0.05, 0.0), (0.05, 2.0), (0.5, 0.9), (0.95, 2.0), (0.95, 0.0)),),
    "N": (((0.1, 0.0), (0.1, 2.0), (0.9, 0.0), (0.9, 2.0)),),
    "O": (((0.5, 0.0), (0.12, 0.35), (0.02, 1.0), (0.12, 1.65), (0.5, 2.0), (0.88, 1.65), (0.98, 1.0), (0.88, 0.35), (0.5, 0.0)),),
    "P": (((0.1, 0.0), (0.1, 2.0), (0.7, 2.0), (0.92, 1.75), (0.92, 1.15), (0.7, 0.9), (0.1, 0.9)),),
    "Q": (((0.3, 0.0), (0.08, 0.4), (0.08, 1.6), (0.3, 2.0), (0.7, 2.0), (0.92, 1.6), (0.92, 0.4), (0.7, 0.0), (0.3, 0.0)), ((0.6, 0.5), (0.98, -0.1))),
    "R": (((0.1, 0.0), (0.1, 2.0), (0.7, 2.0), (0.92, 1.75), (0.92, 1.2), (0.7, 0.95), (0.1, 0.95)), ((0.55, 0.95), (0.95, 0.0))),
    "S": (((0.9, 1.6), (0.7, 2.0), (0.3, 2.0), (0.1, 1.65), (0.15, 1.3), (0.85, 0.75), (0.9, 0.35), (0.7, 0.0), (0.3, 0.0), (0.1, 0.4)),),
    "T": (((0.0, 1.95), (1.0, 1.95)), ((0.5, 1.95), (0.5, 0.0))),
    "U": (((0.1, 2.0), (0.1, 0.4), (0.3, 0.0), (0.7, 0.0), (0.9, 0.4), (0.9, 2.0)),),
    "V": (((0.05, 2.0), (0.5, 0.0), (0.95, 2.0)),),
    "W": (((0.0, 2.0), (0.25, 0.0), (0.5, 1.3), (0.75, 0.0), (1.0, 2.0)),),
    "X": (((0.05, 2.0), (0.95, 0.0)), ((0.95, 2.0), (0.05, 0.0))),
    "Y": (((0.05, 2.0), (0.5, 1.0), (0.95, 2.0)), ((0.5, 1.0), (0.5, 0.0))),
    "Z": (((0.08, 1.95), (0.92, 1.95), (0.08, 0.05), (0.95, 0.05)),),
    "京": (
        ((0.5, 2.0), (0.5, 1.72)), ((0.0, 1.68), (1.0, 1.68)), ((0.2, 1.36), (0.8, 1.36), (0.8, 0.86), (0.2, 0.86), (0.2, 1.36)),
        ((0.5, 0.86), (0.5, 0.02), (0.36, 0.1)), ((0.28, 0.6), (0.05, 0.15)), ((0.72, 0.6), (0.97, 0.15)),
    ),
    "警": (
        ((0.02, 1.85), (0.48, 1.85)), ((0.16, 2.0), (0.16, 1.72)), ((0.34, 2.0), (0.34, 1.72)),
        ((0.12, 1.62), (0.44, 1.62), (0.42, 1.2)), ((0.12, 1.5), (0.28, 1.5), (0.28, 1.32), (0.12, 1.32)),
        ((0.62, 2.0), (0.54, 1.66)), ((0.58, 1.82), (0.98, 1.82)), ((0.9, 1.8), (0.56, 1.22)), ((0.62, 1.62), (0.98, 1.22)),
        ((0.5, 1.16), (0.5, 1.02)), ((0.04, 0.98), (0.96, 0.98)), ((0.2, 0.78), (0.8, 0.78)), ((0.2, 0.6), (0.8, 0.6)),
        ((0.24, 0.4), (0.76, 0.4), (0.76, 0.02), (0.24, 0.02), (0.24, 0.4)),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What stands on a vehicle's plates."""

    form: PlateForm
    text: str
    """Province, authority, serial."""


def invented_number(form: PlateForm, *name: int | str) -> Number:
    """A number that cannot exist (see the module), the same for the same name."""
    rng = derive_rng("licence plate", str(form), *name)
    if form == PlateForm.POLICE:
        serial = [str(int(v)) for v in rng.integers(0, 10, 4)]
        serial[int(rng.integers(0, 4))] = "IO"[int(rng.integers(0, 2))]
        return Number(form=form, text="京A" + "".join(serial) + "警")
    new_energy = form in (PlateForm.GREEN, PlateForm.YELLOW_GREEN)
    serial = [str(int(v)) for v in rng.integers(0, 10, 6 if new_energy else 5)]
    place = int(rng.integers(1, len(serial) - 1))
    if new_energy:
        serial[0 if form == PlateForm.GREEN else -1] = "DF"[int(rng.random() < 0.2)]
    elif rng.random() < 0.8:
        serial[0] = _LETTERS[int(rng.integers(0, len(_LETTERS)))]
    serial[place] = "IO"[int(rng.integers(0, 2))]
    city = _CITY[int(rng.integers(0, len(_CITY)))]
    return Number(form=form, text=f"京{city}" + "".join(serial))


def add_plate(
    out: Sculpture, number: Number, world_plate: Float64[np.ndarray, "4 4"], tag: Tag, *, frame: bool = True
) -> None:
    """A plate: its middle at the origin of `world_plate`, its face along +x, its reader's right +y, up +z.

    About 150 to 300 triangles; coarser levels of detail drop the characters by themselves.
    """
    width, height = SIZE_M[number.form]
    turn, at = world_plate[:3, :3], world_plate[:3, 3]

    def put(shape: Shape, color: Rgb, material: Material = Material.PLATE) -> None:
        out.add(shape.turned(turn).moved(at), Finish(color, material, tag), crease_rad=0.0)

    ground = {PlateForm.BLUE: _BLUE, PlateForm.POLICE: _WHITE}.get(number.form, _YELLOW)
    ink = _WHITE if number.form == PlateForm.BLUE else _BLACK
    if frame:
        put(box((0.010, width + 0.022, height + 0.022), (-0.006, 0.0, 0.0)), (24, 25, 27), Material.MATTE)
    if number.form == PlateForm.GREEN:
        step = height / len(_GREENS)
        for k, color in enumerate(_GREENS):
            put(_sheet(0.0, height / 2 - (k + 0.5) * step, width, step), color)
    elif number.form == PlateForm.YELLOW_GREEN:
        left = 0.13
        put(_sheet(-(width - left) / 2, 0.0, left, height), _YELLOW)
        put(_sheet(left / 2, 0.0, width - left, height), (92, 190, 124))
    else:
        put(_sheet(0.0, 0.0, width, height), ground)
    written: list[Shape] = []
    for text, z, tall, pitch, wide in _lines(number):
        span = pitch * (len(text) - 1) + (0.012 if len(text) > 4 else 0.0)
        for k, letter in enumerate(text):
            gap = 0.012 if len(text) > 4 and k > 1 else 0.0
            glyph = _glyph(letter, wide, tall).moved((0.0, -span / 2 + k * pitch + gap, z))
            if letter == "警":
                put(glyph, _RED)
            else:
                written.append(glyph)
    put(join(written), ink)
    if number.form in (PlateForm.BLUE, PlateForm.YELLOW, PlateForm.POLICE):
        # The dot after the authority's letter.
        pitch = _lines(number)[0][3]
        put(_sheet(-pitch * 3 + 1.5 * pitch, 0.0, 0.010, 0.010, 0.0022), ink)


def _lines(number: Number) -> list[tuple[str, float, float, float, float]]:
    """(text, middle z, height, pitch, width) of each line of characters, metres."""
    if number.form == PlateForm.YELLOW_REAR:
        return [(number.text[:2], 0.062, 0.060, 0.150, 0.080), (number.text[2:], -0.035, 0.110, 0.080, 0.062)]
    if len(number.text) == 8:
        return [(number.text, 0.0, 0.090, 0.0555, 0.042)]
    return [(number.text, 0.0, 0.090, 0.0575, 0.043)]


def _sheet(y: float, z: float, width: float, height: float, x: float = 0.0) -> Shape:
    a, b = width / 2, height / 2
    corners = np.array([(x, y - a, z - b), (x, y + a, z - b), (x, y + a, z + b), (x, y - a, z + b)])
    return Shape(points_m=corners, faces=np.array([[0, 1, 2], [0, 2, 3]]))


@cache
def _glyph(letter: str, wide: float, tall: float) -> Shape:
    """A character of a plate, just before its sheet."""
    return flat_glyph(letter, wide, tall, 0.068 if letter in "京警" else 0.108).moved((0.0025, 0.0, 0.0))


def flat_glyph(
    letter: str,
    wide: float,
    tall: float,
    stroke_share: float,
    more: Mapping[str, tuple[Stroke, ...]] = MappingProxyType({}),
) -> Shape:
    """A character's strokes as flat ribbons in the plane x = 0, to be read from +x with y to the right.

    Args:
        letter: Of the plates, or of `more`.
        wide: Of the character, metres.
        tall: Of the character, metres.
        stroke_share: Width of a stroke over the height.
        more: Strokes of further characters.
    """
    fine = stroke_share * tall
    points: list[np.ndarray] = []
    faces: list[np.ndarray] = []
    count = 0
    for stroke in _split(_GLYPHS.get(letter) or more[letter]):
        path = np.array(stroke, np.float64)
        inner = np.array([wide - fine, tall - fine])
        path = (path - (0.5, 1.0)) * (inner[0], inner[1] / 2)
        ribbon = _ribbon(path, fine * (0.62 if letter == "警" else 1.0))
        n = len(path)
        points.append(np.column_stack([np.zeros(2 * n), ribbon[:, 0], ribbon[:, 1]]))
        faces.append(grid_faces(2, n) + count)
        count += 2 * n
    return Shape(points_m=np.concatenate(points), faces=np.concatenate(faces)).facing((1.0, 0.0, 0.0))


def _split(strokes: tuple[Stroke, ...]) -> list[Stroke]:
    """The strokes, parted where they turn so sharply that a mitre would be a spike."""
    out: list[Stroke] = []
    for stroke in strokes:
        path = np.array(stroke) * (1.0, 1.0)
        along = np.diff(path, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        start = 0
        for k in range(1, len(along)):
            if along[k - 1] @ along[k] < 0.15:
                out.append(stroke[start : k + 1])
                start = k
        out.append(stroke[start:])
    return out


def _ribbon(path: Float64[np.ndarray, "n 2"], wide: float) -> Float64[np.ndarray, "m 2"]:
    along = np.diff(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    before = np.vstack([along[:1], along])
    after = np.vstack([along, along[-1:]])
    if np.allclose(path[0], path[-1]):
        before[0], after[-1] = along[-1], along[0]
    mean = before + after
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 0.3)
    half = wide / 2 / np.maximum((mean * after).sum(axis=1, keepdims=True), 0.55)
    ends = np.zeros(len(path))
    if not np.allclose(path[0], path[-1]):
        ends[0], ends[-1] = -wide / 2, wide / 2
    centre = path + after * ends[:, None]
    side = np.column_stack([-mean[:, 1], mean[:, 0]]) * half
    return np.vstack([centre - side, centre + side])


def plate_at(x_m: float, z_m: float, *, front: bool, lean_rad: float = 0.0) -> Float64[np.ndarray, "4 4"]:
    """A pose before the nose or behind the tail; `lean` turns the face upward."""
    c, s = np.cos(lean_rad), np.sin(lean_rad)
    out = np.eye(4)
    # Seen from before its face, the reader's right is y of the plate; on the nose that is the vehicle's +y.
    yaw = np.diag([1.0, 1.0, 1.0]) if front else np.diag([-1.0, -1.0, 1.0])
    pitch = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    out[:3, :3] = yaw @ pitch
    out[:3, 3] = (x_m, 0.0, z_m)
    return out
