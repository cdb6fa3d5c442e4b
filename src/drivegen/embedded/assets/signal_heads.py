"""Heads of traffic signals: housing, hoods and lenses of each form (GB 14887: lenses of 300 mm).

Heads look along +x and are built about the middle of their lenses.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64
from shapely.geometry.base import BaseGeometry

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, dome, lathe, loft, rotation_about
from drivegen.embedded.assets.panels import pictograms
from drivegen.embedded.assets.panels.drawing import arrow, mirrored, moved, text_shape, union
from drivegen.embedded.assets.panels.panel import triangles_of
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.mesh import Material
from drivegen.opendrive.signal_forms import LensForm

LENS_M = 0.15
"""Radius of a lens: 300 mm signals, as on arterial roads (GB 14887 forms)."""
PITCH_M = 0.36
"""From lens to lens."""
HOUSING = (28, 30, 31)
DARK_LENS = (15, 16, 17)
COLORS = (
    (Material.SIGNAL_RED, (200, 26, 26)),
    (Material.SIGNAL_YELLOW, (214, 158, 24)),
    (Material.SIGNAL_GREEN, (24, 150, 92)),
)
"""In their order from the top, or from the left of who looks at them."""


def sculpt_head(lens: LensForm, *, horizontal: bool, board: bool) -> Sculpture:
    """A head; `board` puts a backboard with a white edge behind a vehicle's."""
    colors = COLORS if lens is not LensForm.PEDESTRIAN else (COLORS[0], COLORS[2])
    out = Sculpture()
    housing = _finish(HOUSING)
    count = len(colors)
    long = count * PITCH_M + 0.04
    across, up = (long, 0.40) if horizontal else (0.40, long)
    out.add(box((0.16, across, up), (-0.08, 0.0, 0.0), 0.03), housing)
    if board and lens is not LensForm.PEDESTRIAN:
        _board(out, across, up)
    for k, (material, color) in enumerate(colors):
        place = (k - (count - 1) / 2) * PITCH_M
        # The reader's left is -y.
        centre = np.array([0.0, place, 0.0]) if horizontal else np.array([0.0, 0.0, -place])
        out.add(hood().moved(centre), housing)
        if lens is LensForm.ROUND:
            cap = dome(LENS_M, 0.03, 18).turned(rotation_about(1, math.pi / 2))
            out.add(cap.moved(centre), _finish(color, material))
        else:
            _lit_figure(out, centre, figure(lens, red=k == 0), _finish(color, material))
    return out


def sculpt_countdown() -> Sculpture:
    """A box with two digits of dark segments: what counts seconds, while it counts none."""
    out = Sculpture()
    out.add(box((0.14, 0.44, 0.40), (-0.07, 0.0, 0.0), 0.025), _finish(HOUSING))
    out.add(box((0.01, 0.38, 0.34), (0.004, 0.0, 0.0)), _finish((10, 10, 11)))
    digits = triangles_of(text_shape("88", 0.25, weight=0.17))
    out.add(flat_shape(digits, 0.011), _finish((44, 26, 22)), crease_rad=0.0)
    shade = box((0.16, 0.46, 0.015), (0.07, 0.0, 0.205))
    out.add(shade, _finish(HOUSING))
    return out


def figure(lens: LensForm, *, red: bool) -> BaseGeometry:
    """What a lens shows, in metres about its middle, x to the reader's right."""
    scale = LENS_M * 0.90
    if lens is LensForm.PEDESTRIAN:
        return moved(pictograms.stander() if red else pictograms.walker(), scale=scale)
    if lens is LensForm.BICYCLE:
        return moved(pictograms.bicycle(), scale=scale * 0.96)
    ahead = arrow([(0.0, -0.95), (0.0, 0.95)], 0.42, 2.5)
    left = moved(ahead, turn_deg=90.0)
    return moved(
        {
            LensForm.LEFT: left,
            LensForm.RIGHT: mirrored(left),
            LensForm.STRAIGHT: ahead,
            LensForm.STRAIGHT_LEFT: pictograms.ahead_and_left(),
            LensForm.STRAIGHT_RIGHT: mirrored(pictograms.ahead_and_left()),
            LensForm.U_TURN: union(pictograms.u_turn()),
        }[lens],
        scale=scale,
    )


def flat_shape(corners: Float64[np.ndarray, "t 3 2"], x_m: float) -> Shape:
    """Triangles upright at x, seen from the front."""
    flat = corners.reshape(-1, 2)
    points = np.column_stack([np.full(len(flat), x_m), flat])
    return Shape(points_m=points, faces=np.arange(len(flat)).reshape(-1, 3))


def hood() -> Shape:
    """A hood over a lens: three quarters of a tube, cut back below."""
    angle = np.linspace(-0.30 * math.pi, 1.30 * math.pi, 13)
    depth = 0.06 + 0.20 * np.clip(0.5 + 0.5 * np.sin(angle), 0.0, 1.0)
    rings = []
    for a, reach in zip(angle, depth, strict=True):
        outer = ((LENS_M + 0.028) * math.cos(a), (LENS_M + 0.028) * math.sin(a))
        inner = ((LENS_M + 0.012) * math.cos(a), (LENS_M + 0.012) * math.sin(a))
        rings.append(np.array([(-0.01, *outer), (reach, *outer), (reach, *inner), (-0.01, *inner)]))
    return loft(rings)


def _finish(color: tuple[int, int, int], material: Material = Material.MATTE) -> Finish:
    return Finish(color, material, Tag.TRAFFIC_LIGHT)


def _board(out: Sculpture, across: float, up: float) -> None:
    wide, high = across + 0.26, up + 0.26
    out.add(box((0.02, wide, high), (-0.10, 0.0, 0.0), 0.008), _finish((20, 21, 22)))
    for side in (-1, 1):
        upright = (-0.088, side * (wide / 2 - 0.012), 0.0)
        level = (-0.088, 0.0, side * (high / 2 - 0.012))
        out.add(box((0.008, 0.024, high), upright), _finish((226, 228, 230)))
        out.add(box((0.008, wide, 0.024), level), _finish((226, 228, 230)))


def _lit_figure(out: Sculpture, centre: np.ndarray, shape: BaseGeometry, lit: Finish) -> None:
    """A dark disc with the figure that shines before it."""
    disc = lathe([(LENS_M, 0.0), (LENS_M, 0.008)], 18).turned(rotation_about(1, math.pi / 2))
    out.add(disc.moved(centre), _finish(DARK_LENS))
    out.add(flat_shape(triangles_of(shape), 0.014).moved(centre), lit, crease_rad=0.0)
