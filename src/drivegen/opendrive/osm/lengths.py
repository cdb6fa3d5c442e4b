"""Roads whose stated length is not that of their curve: netconvert is off by up to some centimetres."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from drivegen.opendrive.model import Cubic, Lane, LaneSection, ParamPoly3, Road

_STEPS = 400
_OFF_M = 2e-4


def curve_length_m(shape: ParamPoly3) -> float:
    """Arc length of a normalised curve, as a chain of chords: short by less than a millimetre in 100 m."""
    p = np.linspace(0.0, 1.0, _STEPS + 1)
    u, v = (np.polynomial.polynomial.polyval(p, axis) for axis in (shape.u, shape.v))
    return float(np.hypot(np.diff(u), np.diff(v)).sum())


def measured(road: Road) -> Road:
    """The road with its curve's own length, and all that depends on s stretched to it.

    Roads of several pieces, or of one that is no normalised cubic, stay as they are.
    """
    if len(road.geometries) != 1:
        return road
    geometry = road.geometries[0]
    if not isinstance(geometry.shape, ParamPoly3) or not geometry.shape.normalized or road.length_m <= 0.0:
        return road
    length = curve_length_m(geometry.shape)
    if abs(length - road.length_m) <= _OFF_M:
        return road
    k = length / road.length_m
    return replace(
        road,
        length_m=length,
        geometries=(replace(geometry, length_m=length),),
        lane_sections=tuple(_section(section, k) for section in road.lane_sections),
        lane_offsets=_stretched(road.lane_offsets, k),
        elevations=_stretched(road.elevations, k),
        superelevations=_stretched(road.superelevations, k),
        types=tuple(replace(v, s_m=v.s_m * k) for v in road.types),
        signals=tuple(replace(v, s_m=v.s_m * k) for v in road.signals),
        signal_references=tuple(replace(v, s_m=v.s_m * k) for v in road.signal_references),
        objects=tuple(replace(v, s_m=v.s_m * k) for v in road.objects),
    )


def _section(section: LaneSection, k: float) -> LaneSection:
    return replace(section, s_m=section.s_m * k, lanes=tuple(_lane(lane, k) for lane in section.lanes))


def _lane(lane: Lane, k: float) -> Lane:
    return replace(lane, widths=_stretched(lane.widths, k), borders=_stretched(lane.borders, k))


def _stretched(cubics: Iterable[Cubic], k: float) -> tuple[Cubic, ...]:
    return tuple(Cubic(s_m=v.s_m * k, a=v.a, b=v.b / k, c=v.c / k**2, d=v.d / k**3) for v in cubics)
