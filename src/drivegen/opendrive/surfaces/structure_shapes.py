"""Decks, retaining walls, tunnels as surfaces; parapets and piers stand on their own (scenery)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.structures import DECK_M, Footing
from drivegen.opendrive.surfaces.builder import SurfaceBuilder, grid_triangles
from drivegen.opendrive.surfaces.structure_borders import Band
from drivegen.opendrive.surfaces.surface import SurfaceKind

BEAM_M = 0.4
"""Decks and walls reach so far beyond the outer border; parapets stand there."""
UPSTAND_M = 0.9
"""Walls of cuts rise so far above the ground."""
_INTO_GROUND_M = 0.5
_UNDER_KERB_M = 0.05
_HEADWALL_M = 0.5
_SHADE_M = 0.3

Points = Float64[np.ndarray, "n 3"]
Across = Float64[np.ndarray, "n 2"]


def add_structures(builder: SurfaceBuilder, bands: Sequence[Band]) -> None:
    """Adds all faces of structures but roads and ground."""
    for band in bands:
        match band.footing:
            case Footing.DECK:
                _add_deck(builder, band)
            case Footing.WALLED:
                _add_embankment(builder, band)
            case Footing.CUT:
                _add_cut(builder, band)
            case Footing.COVERED:
                _add_tube(builder, band)


def _sides(band: Band) -> list[tuple[Points, Float64[np.ndarray, "n 2"], float]]:
    """(border, unit vectors outwards, kerb's height) of the outer borders."""
    out = []
    for border, sign, lift, outer in (
        (band.left_m, 1.0, band.lift_m[0], band.is_outer[0]),
        (band.right_m, -1.0, band.lift_m[1], band.is_outer[1]),
    ):
        if outer:
            out.append((border, sign * band.to_left, lift))
    return out


def _at(
    border: Points, out: Float64[np.ndarray, "n 2"], beyond_m: float, z: Float64[np.ndarray, "n"]
) -> Points:
    return np.column_stack([border[:, :2] + beyond_m * out, z])


def _edges(band: Band) -> tuple[Points, Points]:
    """Left and right edge of the structure: the borders, with the beams where nothing lies beyond."""
    left = band.left_m.copy()
    right = band.right_m.copy()
    left[:, :2] += (BEAM_M if band.is_outer[0] else 0.0) * band.to_left
    right[:, :2] -= (BEAM_M if band.is_outer[1] else 0.0) * band.to_left
    return left, right


def _sheet(
    builder: SurfaceBuilder, kind: SurfaceKind, first: Points, second: Points, towards: np.ndarray
) -> None:
    """A strip between two lines, its front to `towards` (one vector, or one a station)."""
    triangles = grid_triangles(len(first), 2)
    points = np.stack([first, second], axis=1).reshape(-1, 3)
    corners = points[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = np.zeros((len(first), 3))
    front[:, : np.shape(towards)[-1]] = towards
    if float(np.sum(normal * np.tile(front[:-1], (2, 1)))) < 0.0:
        triangles = triangles[:, ::-1]
    steps = np.linalg.norm(np.diff(first, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    width = np.linalg.norm(second - first, axis=1)
    uvs = np.stack([np.column_stack([along, 0.0 * width]), np.column_stack([along, width])], axis=1)
    builder.add(kind, points, triangles, uvs=uvs.reshape(-1, 2))


_DOWN = np.array([0.0, 0.0, -1.0])
_UP = np.array([0.0, 0.0, 1.0])


def _add_deck(builder: SurfaceBuilder, band: Band) -> None:
    left, right = _edges(band)
    z = band.left_m[:, 2]
    left[:, 2] = right[:, 2] = z - DECK_M
    _sheet(builder, SurfaceKind.BRIDGE, left, right, _DOWN)
    _add_shade(builder, SurfaceKind.BRIDGE, left, right, z - _SHADE_M)
    for border, out, lift in _sides(band):
        _add_beam(builder, SurfaceKind.BRIDGE, border, out, lift, z - DECK_M)
    for row, sign in ((0, 1.0), (-1, -1.0)):
        _add_abutment(builder, band, row, sign)


def _add_shade(
    builder: SurfaceBuilder, kind: SurfaceKind, left: Points, right: Points, z_m: Float64[np.ndarray, "n"]
) -> None:
    """A face that looks up inside the body: only what looks at the sun casts a shadow, and roads none."""
    _sheet(builder, kind, np.column_stack([left[:, :2], z_m]), np.column_stack([right[:, :2], z_m]), _UP)


def _add_beam(
    builder: SurfaceBuilder,
    kind: SurfaceKind,
    border: Points,
    out: Float64[np.ndarray, "n 2"],
    lift: float,
    bottom_m: Float64[np.ndarray, "n"],
) -> None:
    """The ledge beyond a border, and the face below it."""
    top = border[:, 2] + lift
    _sheet(builder, kind, _at(border, out, 0.0, top), _at(border, out, BEAM_M, top), _UP)
    _sheet(builder, kind, _at(border, out, BEAM_M, top), _at(border, out, BEAM_M, bottom_m), out)


def _add_abutment(builder: SurfaceBuilder, band: Band, row: int, sign: float) -> None:
    """The wall across where a deck begins or ends, seen from under the deck."""
    left, right = _edges(band)
    z = float(band.left_m[row, 2])
    along = sign * np.array([band.to_left[row, 1], -band.to_left[row, 0], 0.0])
    ends = np.stack([left[row], right[row]])
    top, bottom = ends.copy(), ends.copy()
    top[:, 2] = z - DECK_M
    bottom[:, 2] = band.ground_m[row] - _INTO_GROUND_M
    _sheet(builder, SurfaceKind.BRIDGE, top, bottom, along)


def _add_embankment(builder: SurfaceBuilder, band: Band) -> None:
    for border, out, lift in _sides(band):
        bottom = np.minimum(band.ground_m, border[:, 2]) - _INTO_GROUND_M
        _add_beam(builder, SurfaceKind.WALL, border, out, lift, bottom)
        for row in (0, -1):
            ends = np.stack([border[row], border[row]])
            ends[1, :2] += BEAM_M * out[row]
            ends[:, 2] += lift
            low = ends.copy()
            low[:, 2] = bottom[row]
            along = np.array([band.to_left[row, 1], -band.to_left[row, 0], 0.0])
            _sheet(builder, SurfaceKind.WALL, ends, low, -along if row == 0 else along)


def _add_cut(builder: SurfaceBuilder, band: Band) -> None:
    kind = SurfaceKind.WALL
    for border, out, lift in _sides(band):
        foot, top = border[:, 2] + lift - _UNDER_KERB_M, band.ground_m + UPSTAND_M
        low = band.ground_m - _INTO_GROUND_M
        _sheet(builder, kind, _at(border, out, 0.0, foot), _at(border, out, 0.0, top), -out)
        _sheet(builder, kind, _at(border, out, 0.0, top), _at(border, out, BEAM_M, top), _UP)
        # Down to the road's foot, so that the sun does not shine through the earth behind the wall.
        low = np.minimum(low, foot)
        _sheet(builder, kind, _at(border, out, BEAM_M, top), _at(border, out, BEAM_M, low), out)
        for row in (0, -1):
            ends = np.stack([border[row], border[row]])
            ends[1, :2] += BEAM_M * out[row]
            high, deep = ends.copy(), ends.copy()
            high[:, 2], deep[:, 2] = top[row], foot[row] - _INTO_GROUND_M
            along = np.array([band.to_left[row, 1], -band.to_left[row, 0], 0.0])
            _sheet(builder, kind, high, deep, -along if row == 0 else along)


def _add_tube(builder: SurfaceBuilder, band: Band) -> None:
    ceiling = band.built.ceiling_m(band.s_m)
    left, right = band.left_m.copy(), band.right_m.copy()
    left[:, 2] = right[:, 2] = ceiling
    _sheet(builder, SurfaceKind.WALL, left, right, _DOWN)
    _add_shade(builder, SurfaceKind.WALL, *_edges(band), ceiling + _SHADE_M)
    for border, out, lift in _sides(band):
        foot = border[:, 2] + lift - _UNDER_KERB_M
        _sheet(builder, SurfaceKind.WALL, _at(border, out, 0.0, foot), _at(border, out, 0.0, ceiling), -out)
        roof = ceiling + _SHADE_M
        _sheet(builder, SurfaceKind.WALL, _at(border, out, BEAM_M, roof), _at(border, out, BEAM_M, foot), out)
    stretch = band.stretch
    for row, station, sign in ((0, stretch.first_m, -1.0), (-1, stretch.last_m, 1.0)):
        if abs(float(band.s_m[row]) - station) < 1e-6:
            _add_headwall(builder, band, row, sign, float(ceiling[row]))


def _add_headwall(builder: SurfaceBuilder, band: Band, row: int, sign: float, ceiling_m: float) -> None:
    """The wall above a portal, from the ceiling to above the ground."""
    left, right = _edges(band)
    ends = np.stack([left[row], right[row]])
    along = sign * np.array([band.to_left[row, 1], -band.to_left[row, 0], 0.0])
    top = float(band.ground_m[row]) + UPSTAND_M
    front_low, front_high = ends.copy(), ends.copy()
    front_low[:, 2], front_high[:, 2] = ceiling_m, top
    back_high = front_high - _HEADWALL_M * along
    back_low = back_high.copy()
    back_low[:, 2] = float(band.ground_m[row]) - _INTO_GROUND_M
    _sheet(builder, SurfaceKind.WALL, front_low, front_high, along)
    _sheet(builder, SurfaceKind.WALL, front_high, back_high, _UP)
    _sheet(builder, SurfaceKind.WALL, back_high, back_low, -along)
