"""Which tick is what: whole numbers of ticks from the seconds of a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from drivegen.core.agents import EGO
from drivegen.core.errors import PlanError
from drivegen.core.plans import ScenePlan
from drivegen.record.agents import agents_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A scene in ticks. Recorded ticks count from 0, at which every sensor without a phase is due."""

    tick_ns: int
    warmup: int
    """Ticks before the sensors are spawned."""
    cycle: int
    """Least number of ticks after which all sensors are due together again."""
    recorded: int
    keyframe: int
    """Ticks between keyframes."""
    period: dict[str, int]
    """Ticks between deliveries, by `Agent.key` of the channel."""
    phase: dict[str, int] = field(default_factory=dict)
    """Ticks from the first recorded one to the first delivery, of sensors where it is not 0."""

    @staticmethod
    def of(plan: ScenePlan) -> Schedule:
        """The schedule of a plan. Raises PlanError where a time is no multiple of the tick."""
        tick_ns = round(plan.tick_s * 1e9)
        if tick_ns <= 0:
            raise PlanError(f"{plan.scene}: tick_s is {plan.tick_s}; it must be positive")
        period: dict[str, int] = {}
        phase: dict[str, int] = {}
        for agent in agents_of(plan):
            for key, sensor in agent.keyed.items():
                period[key] = _ticks(plan, f"period_s of {key}", sensor.period_s)
                if sensor.phase_s:
                    phase[key] = _phase(plan, key, sensor.phase_s, period[key])
                    if agent.name == EGO:
                        raise PlanError(
                            f"{plan.scene}: phase_s of {key} is {sensor.phase_s} s; the ego's have none"
                        )
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
            phase=phase,
        )

    def due(self, index: int) -> list[str]:
        """Keys of sensors that deliver at a recorded tick, in the order of the agents and their rigs."""
        phase = self.phase
        return [key for key, ticks in self.period.items() if index % ticks == phase.get(key, 0)]

    @property
    def groups(self) -> tuple[int, ...]:
        """The phases that there are, ascending."""
        return tuple(sorted({self.phase.get(key, 0) for key in self.period}))

    @property
    def lead(self) -> int:
        """Ticks from the spawning of the last sensors until their streams must be up: two cycles.

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


def _phase(plan: ScenePlan, key: str, seconds: float, period: int) -> int:
    ticks = round(seconds / plan.tick_s)
    if not 0 <= ticks < period or abs(ticks * plan.tick_s - seconds) > 1e-6:
        raise PlanError(
            f"{plan.scene}: phase_s of {key} is {seconds} s; a multiple of tick_s {plan.tick_s} below the "
            "sensor's period is wanted"
        )
    return ticks
