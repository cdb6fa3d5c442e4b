"""Debug shapes: a variant of nine primitives. Fields in wire order, CARLA's frame and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drivegen.embedded.wire.codec import Plain, WireError, decode
from drivegen.embedded.wire.values import BoundingBox, Color, Rotation, Vector3D


@dataclass(frozen=True, slots=True, kw_only=True)
class PointShape:
    """Kinds 0 and, in the HUD, 5."""

    location: Vector3D
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShape:
    """Kinds 1 and 6. The thickness is in metres, in the HUD in pixels."""

    begin: Vector3D
    end: Vector3D
    thickness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrowShape:
    """Kinds 2 and 7."""

    line: LineShape
    arrow_size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxShape:
    """Kinds 3 and 8; the box's own rotation does not count."""

    box: BoundingBox
    rotation: Rotation
    thickness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShape:
    """Kind 4."""

    location: Vector3D
    text: str
    draw_shadow: bool


Primitive = PointShape | LineShape | ArrowShape | BoxShape | TextShape

KINDS: tuple[tuple[type[Any], bool], ...] = (
    (PointShape, False),
    (LineShape, False),
    (ArrowShape, False),
    (BoxShape, False),
    (TextShape, True),
    (PointShape, True),
    (LineShape, True),
    (ArrowShape, True),
    (BoxShape, True),
)
"""By the variant's index: the struct, and whether it belongs to CARLA's HUD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DebugShape:
    """A shape to draw."""

    primitive: Any
    """`[index, struct]`; `read_primitive` reads it."""
    color: Color
    life_time: float
    """Seconds."""
    persistent_lines: bool


def read_primitive(value: Plain) -> tuple[Primitive, bool]:
    """A shape's primitive, and whether it belongs to the HUD. Raises WireError."""
    if type(value) is not list or len(value) != 2 or type(value[0]) is not int:
        raise WireError("a primitive is [kind, struct]")
    if not 0 <= value[0] < len(KINDS):
        raise WireError(f"a primitive's kind is a number from 0 to {len(KINDS) - 1}, not {value[0]}")
    kind, hud = KINDS[value[0]]
    return decode(kind, value[1]), hud
