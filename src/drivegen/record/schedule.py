"""Which tick is what: whole numbers of ticks from the seconds of a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.core.errors import PlanError
from drivegen.core.plans import ScenePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A scene in ticks. Recorded ticks count from 0, at which every sensor is due."""

    tick_ns: int
    warmup: int
    """Ticks before the sensors are spawned."""
    cycle: int
    """Least number of ticks after which all sensors are due together again."""
    recorded: int
    keyframe: int
    """Ticks between keyframes."""
    period: dict[str, int]
    """Ticks between deliveries, by channel."""

    @staticmethod
    def of(plan: ScenePlan) -> Schedule:
        """The schedule of a plan. Raises PlanError where a time is no multiple of the tick."""
        tick_ns = round(plan.tick_s * 1e9)
        if tick_ns <= 0:
            raise PlanError(f"{plan.scene}: tick_s is {plan.tick_s}; it must be positive")
        period = {s.name: _ticks(plan, f"period_s of {s.name}", s.period_s) for s in plan.ego.rig.sensors}
        if len(period) != len(plan.ego.rig.sensors):
            raise PlanError(f"{plan.scene}: two sensors of rig {plan.ego.rig.name} have the same name")
        keyframe = _ticks(plan, "keyframe_s", plan.keyframe_s)
        for name, ticks in period.items():
            if keyframe % ticks:
                raise PlanError(
                    f"{plan.scene}: keyframe_s {plan.keyframe_s} is no multiple of the period of {name}; "
                    "every sensor must be due at a keyframe"
                )
        return Schedule(
            tick_ns=tick_ns,
            warmup=max(1, math.ceil(plan.warmup_s / plan.tick_s - 1e-6)),
            cycle=math.lcm(*period.values()) if period else 1,
            recorded=_ticks(plan, "duration_s", plan.duration_s),
            keyframe=keyframe,
            period=period,
        )

    def due(self, index: int) -> list[str]:
        """Channels that deliver at a recorded tick, in the order of the rig."""
        return [name for name, ticks in self.period.items() if index % ticks == 0]

    @property
    def lead(self) -> int:
        """Ticks from the spawning of the sensors until their streams must be up: two cycles.

        The number is fixed, so that a scene does not depend on how quickly a stream came up: a stream may
        miss the first cycle, but not both.
        """
        return 2 * self.cycle


def _ticks(plan: ScenePlan, name: str, seconds: float) -> int:
    ticks = round(seconds / plan.tick_s)
    if ticks < 1 or abs(ticks * plan.tick_s - seconds) > 1e-6:
        raise PlanError(
            f"{plan.scene}: {name} is {seconds} s; a positive multiple of tick_s {plan.tick_s} is wanted"
        )
    return ticks
