"""Checks of single roads: reference lines, widths, heights."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.curves import evaluate_geometry
from drivegen.opendrive.evaluate import Cubics, NetworkGeometry, RoadCurve
from drivegen.opendrive.model import DRIVABLE, Geometry, Lane, Road

TOUCH_M = 0.05
"""Ends that are nearer than this touch."""
_KINK_RAD = np.radians(10.0)
_NEGATIVE_M = 0.02
_NOTHING_M = 0.01
_STEEPEST = 0.25
"""Rise over run; no public road is steeper for long."""
_STEP_M = 0.5
_CRUMB_M = 0.02


def check_roads(geometry: NetworkGeometry) -> Iterator[Finding]:
    """Findings of each road by itself."""
    for road in geometry.network.roads:
        curve = geometry.curve(road.id)
        yield from _reference(road)
        yield from _elevation(road, curve)
        for index, section in enumerate(road.lane_sections):
            for lane in section.lanes:
                if lane.id != 0:
                    yield from _width(road, curve, index, lane)


def _reference(road: Road) -> Iterator[Finding]:
    for before, after in pairwise(road.geometries):
        x, y, heading, _ = evaluate_geometry(before, np.array([after.s_m - before.s_m]))
        gap = float(np.hypot(after.x_m - x[0], after.y_m - y[0]))
        turn = abs(float((after.heading_rad - heading[0] + np.pi) % (2 * np.pi) - np.pi))
        if gap > TOUCH_M:
            yield _at(
                road, after, Severity.ERROR, "reference-gap", f"the reference line jumps by {gap:.2f} m"
            )
        elif turn > _KINK_RAD and min(before.length_m, after.length_m) > _CRUMB_M:
            what = f"the reference line turns by {np.degrees(turn):.0f} degrees at once"
            yield _at(road, after, Severity.WARNING, "reference-kink", what)


def _at(road: Road, geometry: Geometry, severity: Severity, kind: str, what: str) -> Finding:
    return Finding(
        severity=severity,
        kind=kind,
        what=what,
        mend="begin each <geometry> where the one before ends",
        road_id=road.id,
        s_m=geometry.s_m,
        x_m=geometry.x_m,
        y_m=geometry.y_m,
    )


def _elevation(road: Road, curve: RoadCurve) -> Iterator[Finding]:
    starts = np.array([c.s_m for c in road.elevations[1:] if 0.0 < c.s_m < road.length_m])
    before, after = curve.elevation(starts - 1e-6)[0], curve.elevation(starts)[0]
    for s, step in zip(starts, after - before, strict=True):
        if abs(step) > TOUCH_M:
            x, y, _ = curve.points(np.array([s]), np.zeros(1))[0]
            yield Finding(
                severity=Severity.ERROR,
                kind="elevation-jump",
                what=f"the height jumps by {step:.2f} m",
                mend="begin each <elevation> at the height where the one before ends",
                road_id=road.id,
                s_m=float(s),
                x_m=float(x),
                y_m=float(y),
            )
    stations = np.arange(0.0, road.length_m, _STEP_M)
    slope = np.abs(curve.elevation(stations)[1])
    if len(slope) and slope.max() > _STEEPEST:
        s = float(stations[np.argmax(slope)])
        x, y, _ = curve.points(np.array([s]), np.zeros(1))[0]
        yield Finding(
            severity=Severity.WARNING,
            kind="steep",
            what=f"a grade of {100 * slope.max():.0f} %",
            mend="check the <elevation> there",
            road_id=road.id,
            s_m=s,
            x_m=float(x),
            y_m=float(y),
        )


def _width(road: Road, curve: RoadCurve, index: int, lane: Lane) -> Iterator[Finding]:
    first, last = curve.section_range(index)
    if last - first < _CRUMB_M or (lane.borders and not lane.widths):
        return
    stations = np.linspace(first, last, max(2, int((last - first) / _STEP_M) + 1))
    width = Cubics(lane.widths, road.lane_sections[index].s_m)(stations)[0]
    lowest = int(np.argmin(width))
    if width[lowest] < -_NEGATIVE_M:
        what, kind, severity = f"the width is {width[lowest]:.2f} m", "negative-width", Severity.ERROR
    elif lane.type in DRIVABLE and float(width.max()) < _NOTHING_M:
        what, kind, severity = "a driving lane without width", "no-width", Severity.WARNING
    else:
        return
    s = float(stations[lowest])
    x, y, _ = curve.lane_centre(index, lane.id, np.array([s])).position_m[0]
    yield Finding(
        severity=severity,
        kind=kind,
        what=what,
        mend="correct the lane's <width>",
        road_id=road.id,
        section=index,
        lane_id=lane.id,
        s_m=s,
        x_m=float(x),
        y_m=float(y),
    )
