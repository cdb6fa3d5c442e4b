"""Checks of what sensors of different kinds have of one object, for each agent."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.report.rows import Sightings
from drivegen.report.strange.finding import Finding, Level, times

_MANY_POINTS = 40
_FEW_CUT = 0.4
"""Truncation: what is cut more than this may be seen by nobody."""
_MANY_PIXELS = 600
_CLEAR = 0.9
_NEAR_M = 30.0


def check_senses(seen: Sightings) -> list[Finding]:
    """Objects that a LiDAR hits often and a camera that looks there does not show, and the reverse."""
    views = seen.views
    with np.errstate(invalid="ignore"):
        unseen = (seen.lidar_points >= _MANY_POINTS) & (views.cameras > 0) & (views.pixels == 0)
        unseen &= views.truncation < _FEW_CUT
        unhit = (seen.lidar_points == 0) & (views.pixels >= _MANY_PIXELS) & (views.fraction > _CLEAR)
        unhit &= (views.truncation < _FEW_CUT) & (seen.distance_m < _NEAR_M)
    out = []
    for agent, rows in _worst(seen, unseen, seen.lidar_points):
        points, row = seen.lidar_points[rows[0]], rows[0]
        why = f"{points:.0f} LiDAR points of {agent}, and none of its cameras that look there shows a pixel"
        # A LiDAR on the roof looks over what hides an object from a camera: seldom with so many points.
        out.append(
            _finding(seen, row, "unseen_points", points / _MANY_POINTS, why + times(len(rows)), len(rows))
        )
    for agent, rows in _worst(seen, unhit, views.pixels.astype(np.float64)):
        row = rows[0]
        why = (
            f"{views.pixels[row]} visible pixels in the images of {agent} at {seen.distance_m[row]:.0f} m,"
            f" and no LiDAR point{times(len(rows))}"
        )
        out.append(_finding(seen, row, "unhit_pixels", views.pixels[row] / _MANY_PIXELS, why, len(rows)))
    return out


def _worst(
    seen: Sightings, strange: Bool[np.ndarray, "n"], score: Float64[np.ndarray, "n"]
) -> list[tuple[str, list[int]]]:
    """Rows of each agent and track, the strangest first."""
    found: dict[tuple[str, int], list[int]] = {}
    for row in np.flatnonzero(strange):
        found.setdefault((str(seen.agent[row]), int(seen.track[row])), []).append(int(row))
    return [(agent, sorted(rows, key=lambda r: -score[r])) for (agent, _), rows in sorted(found.items())]


def _finding(seen: Sightings, row: int, check: str, score: float, why: str, frames: int) -> Finding:
    return Finding(
        check=check,
        level=Level.DOUBTFUL,
        score=float(min(score, 9.0)),
        why=why,
        scene=seen.scene,
        frame=int(seen.frame[row]),
        track=int(seen.track[row]),
        kind=str(seen.kind[row]),
        agent=str(seen.agent[row]),
        frames=frames,
    )
