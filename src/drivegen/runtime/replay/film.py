"""A film of a course from above, as GIF: lanes, entities, what the verdict says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from drivegen.core.errors import StorageError
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.report.film import gif
from drivegen.report.from_above import INK, PAPER, ViewFromAbove
from drivegen.report.palette import bgr
from drivegen.report.plan_view import areas_of
from drivegen.scenario.model.names import ObjectType
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.bodies import Body, body_of
from drivegen.scenario.player.rows import Row
from drivegen.scenario.verdicts.judge import Verdict
from drivegen.scenario.verdicts.motion import Motion, motions_of

_PX = 480
_REACH_M = 45.0
_STEP_S = 0.1
_BEFORE_S, _AFTER_S = 6.0, 2.5
"""Of the failure."""
_LONGEST_S = 20.0
_SUBJECT, _ALARM = bgr("#c2410c"), bgr("#b00020")
_KINDS = {
    ObjectType.VEHICLE: bgr("#31597a"),
    ObjectType.PEDESTRIAN: bgr("#7c3aed"),
    ObjectType.MISCELLANEOUS: bgr("#6a7079"),
    ObjectType.EXTERNAL: bgr("#6a7079"),
}
_LEAST_M = 0.8
"""People are drawn so wide at least."""


def film(
    path: Path,
    scenario: Scenario,
    network: RoadNetwork | None,
    rows: Sequence[Row],
    subject: str,
    verdict: Verdict,
) -> None:
    """Writes the seconds around the first failure, or the first 20 s without one. Raises StorageError."""
    bodies = {o.name: body_of(o) for o in scenario.entities.scenario_objects}
    motions = motions_of(rows, {name: body.box for name, body in bodies.items()})
    times = motions[subject].time_s
    first, last = _span(float(times[0]), float(times[-1]), verdict.first_failure_s)
    wanted = np.arange(first, last + 1e-9, _STEP_S)
    areas = areas_of(NetworkGeometry(network)) if network is not None and network.roads else {}
    pictures = []
    for time_s in wanted.tolist():
        middle = _at(motions[subject], time_s).middle_m[0]
        view = ViewFromAbove(middle_m=middle, reach_m=_REACH_M, size_px=_PX)
        picture = view.ground(areas)
        for name, motion in motions.items():
            if motion.time_s[0] - _STEP_S <= time_s <= motion.time_s[-1] + _STEP_S:
                _entity(picture, view, bodies[name], _at(motion, time_s), subject=name == subject)
        view.write(picture, time_s)
        _write(picture, time_s, verdict)
        pictures.append(picture)
    try:
        path.write_bytes(gif(pictures, _STEP_S))
    except OSError as error:
        raise StorageError(f"{path}: the film cannot be written ({error.strerror})") from error


def _span(begin_s: float, end_s: float, failure_s: float | None) -> tuple[float, float]:
    if failure_s is None:
        return begin_s, min(end_s, begin_s + _LONGEST_S)
    return max(begin_s, failure_s - _BEFORE_S), min(end_s, failure_s + _AFTER_S)


def _at(motion: Motion, time_s: float) -> Motion:
    return motion.at(np.array([int(np.argmin(np.abs(motion.time_s - time_s)))]))


def _entity(
    picture: UInt8[np.ndarray, "h w 3"], view: ViewFromAbove, body: Body, now: Motion, *, subject: bool
) -> None:
    color = _SUBJECT if subject else _KINDS[body.kind]
    if body.kind is ObjectType.PEDESTRIAN:
        at = view.pixels(now.middle_m)[0].tolist()
        radius = round(max(body.box.width_m, _LEAST_M) / 2.0 * view.px_per_m * 16.0)
        cv2.circle(picture, at, radius, color, -1, cv2.LINE_AA, 4)
        cv2.circle(picture, at, radius, INK, 1, cv2.LINE_AA, 4)
        return
    corners = view.pixels(now.corners_m[0])
    cv2.fillPoly(picture, [corners], color, cv2.LINE_AA, 4)
    cv2.polylines(picture, [corners.reshape(-1, 1, 2)], True, INK, 1, cv2.LINE_AA, 4)
    nose = view.pixels(np.stack([now.middle_m[0], now.front_m[0]]))
    cv2.line(picture, nose[0].tolist(), nose[1].tolist(), PAPER, 1, cv2.LINE_AA, 4)


def _write(picture: UInt8[np.ndarray, "h w 3"], time_s: float, verdict: Verdict) -> None:
    """What has failed until now."""
    failed = [
        j.finding.measure
        for j in verdict.failed
        if j.finding.time_s is not None and j.finding.time_s <= time_s + 1e-6
    ]
    if failed:
        cv2.rectangle(picture, (0, 0), (_PX, 24), _ALARM, -1)
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(picture, ", ".join(failed), (8, 17), font, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
