"""How the weather of a scene goes on: keyframes, and straight lines between them.

All who follow the weather (the recorder that sets it in the simulator, the sensor models that stand behind
the simulator) ask the same course, so that they agree in every frame.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, fields
from itertools import pairwise

from drivegen.core.errors import PlanError
from drivegen.core.plans import WeatherPlan
from drivegen.core.weather import Weather, WeatherKeyframe

_NAMES = tuple(f.name for f in fields(Weather))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherCourse:
    """The weather of a scene as a function of time; constant in steps."""

    keyframes: tuple[WeatherKeyframe, ...]
    """In the order of time, the first at 0."""
    update_ns: int

    @staticmethod
    def of(plan: WeatherPlan) -> WeatherCourse:
        """The course of a plan. Raises PlanError where times do not ascend or are no numbers."""
        if not (math.isfinite(plan.update_s) and plan.update_s >= 0.001):
            raise PlanError(f"weather.update_s is {plan.update_s}; 0.001 s or more is wanted")
        times = [0.0, *(k.time_s for k in plan.keyframes)]
        for before, after in pairwise(times):
            if not (math.isfinite(after) and after > before):
                raise PlanError(
                    f"weather.keyframes: {after} s comes after {before} s; times must ascend from 0"
                )
        first = WeatherKeyframe(time_s=0.0, parameters=plan.parameters)
        return WeatherCourse(keyframes=(first, *plan.keyframes), update_ns=round(plan.update_s * 1e9))

    @property
    def changes(self) -> bool:
        """Whether it is ever another weather than at the beginning."""
        return any(k.parameters != self.keyframes[0].parameters for k in self.keyframes)

    def at(self, time_ns: int) -> Weather:
        """The weather that holds at a time after the first recorded frame, ns; that of 0 before it.

        It is the interpolated weather of the last update, a whole multiple of `update_ns`.
        """
        return self.exact(max(0, time_ns) // self.update_ns * self.update_ns / 1e9)

    def exact(self, time_s: float) -> Weather:
        """The interpolated weather of a time; the last keyframe's after it."""
        index = bisect_right(self.keyframes, time_s, key=lambda k: k.time_s) - 1
        if index < 0:
            return self.keyframes[0].parameters
        if index + 1 == len(self.keyframes):
            return self.keyframes[-1].parameters
        here, there = self.keyframes[index], self.keyframes[index + 1]
        share = (time_s - here.time_s) / (there.time_s - here.time_s)
        return between(here.parameters, there.parameters, share)

    def mean(self, duration_s: float) -> Weather:
        """Over the first seconds of the course: for what does not change within a scene."""
        if not self.changes or duration_s <= 0.0:
            return self.keyframes[0].parameters
        samples = [self.exact(duration_s * (i + 0.5) / 64.0).values() for i in range(64)]
        means = [math.fsum(column) / 64.0 for column in zip(*samples, strict=True)]
        return Weather(**dict(zip(_NAMES, means, strict=True)))


def between(a: Weather, b: Weather, share: float) -> Weather:
    """The weather `share` (0..1) of the way from one to another; the azimuth goes the shorter way round."""
    values = {n: getattr(a, n) + share * (getattr(b, n) - getattr(a, n)) for n in _NAMES}
    turn = math.remainder(b.sun_azimuth_deg - a.sun_azimuth_deg, 360.0)
    values["sun_azimuth_deg"] = (a.sun_azimuth_deg + share * turn) % 360.0
    return Weather(**values)
