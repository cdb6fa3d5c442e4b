"""Trajectories of the standard as curves in the map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.positions import Position
from drivegen.scenario.model.routing import Clothoid, ClothoidSpline, Nurbs, Polyline, Trajectory
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.curves import Curve, CurvePoint, nurbs_points, spiral_points
from drivegen.scenario.player.placed import Placed
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.spot import Pose


class Courses:
    """Makes curves; positions and heights of the ground are found by whoever knows the roads."""

    def __init__(
        self,
        find: Callable[[Position, Body | None], Placed],
        ground: Callable[[float, float, float], float],
    ) -> None:
        self._find = find
        self._ground = ground

    def curve(self, trajectory: Trajectory, actor: Body | None) -> Curve:
        """A trajectory as a curve in the map."""
        shape = trajectory.shape
        match shape:
            case Polyline():
                points = [self._point(v.position, actor, v.time) for v in shape.vertices]
                return Curve(points, closed=trajectory.closed, smooth=False)
            case Clothoid():
                points = self._clothoid(shape, actor)
            case ClothoidSpline():
                points = self._spline(shape, actor)
            case Nurbs():
                points = self._nurbs(shape, actor)
        return Curve(points, closed=trajectory.closed, smooth=True)

    def _point(self, position: Position, actor: Body | None, time_s: float | None) -> CurvePoint:
        placed = self._find(position, actor)
        return CurvePoint(
            pose=placed.pose,
            heading_given=placed.heading_given,
            height_given=placed.height_given,
            time_s=time_s,
        )

    def _sampled(
        self, xyh: Float64[np.ndarray, "n 3"], times: Float64[np.ndarray, "n"] | None, start: Placed
    ) -> list[CurvePoint]:
        out = []
        for index, (x, y, h) in enumerate(xyh.tolist()):
            z = start.pose.z_m
            if not start.height_given:
                z = self._ground(x, y, h)
            out.append(
                CurvePoint(
                    pose=Pose(x_m=x, y_m=y, z_m=z, heading_rad=wrapped(h)),
                    heading_given=True,
                    height_given=start.height_given,
                    time_s=None if times is None else float(times[index]),
                )
            )
        return out

    def _clothoid(self, shape: Clothoid, actor: Body | None) -> list[CurvePoint]:
        start = self._find(shape.position, actor)
        last = shape.curvature + shape.curvature_prime * shape.length
        xyh = spiral_points(start.pose, shape.curvature, last, shape.length)
        times = None
        if shape.start_time is not None and shape.stop_time is not None:
            times = np.linspace(shape.start_time, shape.stop_time, len(xyh))
        return self._sampled(xyh, times, start)

    def _spline(self, shape: ClothoidSpline, actor: Body | None) -> list[CurvePoint]:
        out: list[CurvePoint] = []
        end: Pose | None = None
        starts = [s.time_start for s in shape.segments]
        timed = all(t is not None for t in starts) and shape.time_end is not None
        first: Placed | None = None
        for index, segment in enumerate(shape.segments):
            if segment.position_start is None and end is None and actor is not None and actor.present:
                # A spline without a start begins where its actor is.
                end = actor.pose
                first = Placed(
                    pose=end,
                    spot=actor.spot,
                    heading_on_road_rad=actor.heading_on_road_rad,
                    heading_given=True,
                    height_given=False,
                )
            elif segment.position_start is not None or end is None:
                if segment.position_start is None:
                    raise ScenarioError(
                        f"{segment.place}: the first segment of a clothoid spline needs PositionStart"
                    )
                placed = self._find(segment.position_start, actor)
                first = first or placed
                end = placed.pose
            begin = Pose(
                x_m=end.x_m,
                y_m=end.y_m,
                z_m=end.z_m,
                heading_rad=end.heading_rad + segment.h_offset,
            )
            xyh = spiral_points(begin, segment.curvature_start, segment.curvature_end, segment.length)
            times = None
            if timed:
                until = starts[index + 1] if index + 1 < len(starts) else shape.time_end
                times = np.linspace(starts[index] or 0.0, until or 0.0, len(xyh))
            assert first is not None
            points = self._sampled(xyh, times, first)
            out += points if not out else points[1:]
            end = Pose(x_m=xyh[-1, 0], y_m=xyh[-1, 1], z_m=points[-1].pose.z_m, heading_rad=xyh[-1, 2])
        return out

    def _nurbs(self, shape: Nurbs, actor: Body | None) -> list[CurvePoint]:
        control = [self._point(c.position, actor, c.time) for c in shape.control_points]
        timed = all(c.time_s is not None for c in control)
        headings = [control[0].pose.heading_rad]
        for c in control[1:]:
            headings.append(headings[-1] + wrapped(c.pose.heading_rad - headings[-1]))
        rows = np.array(
            [
                (c.pose.x_m, c.pose.y_m, c.pose.z_m, h, c.time_s or 0.0)
                for c, h in zip(control, headings, strict=True)
            ]
        )
        weights = np.array([c.weight for c in shape.control_points])
        points = nurbs_points(shape.order, rows, weights, np.array([k.value for k in shape.knots]))
        given = all(c.heading_given for c in control)
        return [
            CurvePoint(
                pose=Pose(x_m=x, y_m=y, z_m=z, heading_rad=wrapped(h)),
                heading_given=given,
                height_given=all(c.height_given for c in control),
                time_s=t if timed else None,
            )
            for x, y, z, h, t in points.tolist()
        ]
