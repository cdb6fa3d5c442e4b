"""FollowTrajectoryAction: a course that is followed exactly."""

from __future__ import annotations

import math

from drivegen.scenario.model.names import ReferenceContext
from drivegen.scenario.model.private_actions import FollowTrajectoryAction
from drivegen.scenario.player.actions.base import Domain, Running
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.curves import Curve
from drivegen.scenario.player.motion import Mover
from drivegen.scenario.player.play import Play
from drivegen.scenario.player.roads.spot import Pose

_END = 1e-9


class FollowCourse(Running):
    """Keeps the reference point on a trajectory.

    With a time reference the actor is where the trajectory is at that time, and its speed follows from that;
    without one it goes along the trajectory at its own speed, which other actions may change. In both
    following modes the course is met exactly. A trajectory that begins later than now is waited for at its
    first point.
    """

    def __init__(self, play: Play, mover: Mover, body: Body, action: FollowTrajectoryAction) -> None:
        super().__init__(play, mover, body)
        self._action = action
        self._curve: Curve | None = None
        self._gone_m = 0.0
        self._started_s = 0.0
        timing = action.time_reference.timing
        timed = timing is not None
        self.domains = (
            frozenset({Domain.LONGITUDINAL, Domain.LATERAL}) if timed else frozenset({Domain.LATERAL})
        )

    def begin(self) -> None:
        """See `Running`."""
        self._curve = self.play.places.curve(self._action.trajectory, self.body)
        self._started_s = self.play.time_s
        self._gone_m = self._action.initial_distance_offset
        self._way_to_start()
        timing = self._timing()
        if not self.body.present or (timing is None and self.play.tick == 0 and not self.play.happened):
            # At the beginning an actor is put onto its trajectory; so is one that is nowhere yet.
            self._set(self._curve.at(self._gone_m) if timing is None else self._pose_at(timing, 0.0)[0])

    def _way_to_start(self) -> None:
        """An actor that stands far from the start is set there; one beside the course goes on from beside
        it."""
        curve = self._curve
        assert curve is not None
        if self._timing() is None and not self._action.initial_distance_offset and self.body.present:
            pose = self.body.pose
            first = curve.at(0.0)
            if math.hypot(first.x_m - pose.x_m, first.y_m - pose.y_m) > _NEAR_START_M:
                near = curve.nearest(pose.x_m, pose.y_m)
                at = curve.at(near)
                if math.hypot(at.x_m - pose.x_m, at.y_m - pose.y_m) < _NEAR_START_M:
                    self._gone_m = near

    def _timing(self) -> tuple[float, float, bool] | None:
        """(scale, offset, whether times are the simulation's)."""
        curve, timing = self._curve, self._action.time_reference.timing
        if timing is None or curve is None or not curve.timed:
            return None
        return timing.scale, timing.offset, timing.domain_absolute_relative is ReferenceContext.ABSOLUTE

    def advance(self, dt_s: float) -> None:
        """See `Running`."""
        timing = self._timing()
        if timing is None:
            self._by_speed(dt_s)
        else:
            self._by_time(timing, dt_s)

    def _by_speed(self, dt_s: float) -> None:
        curve, body = self._curve, self.body
        assert curve is not None
        self._gone_m += abs(body.speed_mps) * dt_s
        over = self._gone_m - curve.length_m
        self._set(curve.at(self._gone_m if curve.closed else min(self._gone_m, curve.length_m)))
        if over >= 0.0 and not curve.closed:
            # What is left of the step goes on straight.
            self._set(curve.at(self._gone_m))
            self.done = True

    def _by_time(self, timing: tuple[float, float, bool], dt_s: float) -> None:
        curve = self._curve
        assert curve is not None
        pose, speed, over = self._pose_at(timing, dt_s)
        if speed is not None:
            self.body.speed_mps = speed
        self._set(pose)
        self.done = over and not curve.closed

    def _pose_at(self, timing: tuple[float, float, bool], dt_s: float) -> tuple[Pose, float | None, bool]:
        """(pose, speed during the trajectory, whether its end is reached) `dt_s` from now."""
        curve = self._curve
        assert curve is not None
        scale, offset, absolute = timing
        now = self.play.time_s + dt_s - (0.0 if absolute else self._started_s)
        first, last = curve.first_s * scale + offset, curve.last_s * scale + offset
        at = (now - offset) / scale if scale > 0.0 else curve.last_s
        clamped = min(max(at, curve.first_s), curve.last_s)
        speed = None
        if first <= now <= last + _END and scale > 0.0 and dt_s > 0.0:
            earlier = min(max(at - dt_s / scale, curve.first_s), curve.last_s)
            speed = (curve.length_at(clamped)[0] - curve.length_at(earlier)[0]) / dt_s
        return curve.at_time(clamped), speed, now >= last - _END

    def _set(self, pose: Pose) -> None:
        curve = self._curve
        assert curve is not None
        self.mover.put(self.body, pose if curve.height_given else self.mover.laid(pose))
        self.body.moved_exactly = True


_NEAR_START_M = 2.0
