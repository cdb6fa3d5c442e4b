"""Vehicles that enter a scene while it runs: when they are due, and whether their place is free."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from drivegen.core.plans import VehiclePlan
from drivegen.record.ground_plan import GroundPlan

RETRY_S = 0.5
"""Who finds its place taken looks again so much later."""

MARGIN_M = 2.0
"""Left free before and behind who enters."""

ASIDE_M = 0.3

HEADWAY_S = 2.0
"""Nobody who drives towards the place may be nearer than this."""

ENTRY_MPS = 8.0
"""Who enters does so at most so fast: it has hardly begun to look where it goes."""

ENTRY_BRAKE_MPS2 = 2.0

_LENGTHS_M = {
    "articulated_bus": 18.1,
    "heavy_truck": 16.6,
    "tanker": 14.4,
    "bus": 12.4,
    "coach": 12.4,
    "fire": 11.2,
    "hgv": 8.2,
    "mixer": 9.8,
    "excavator": 8.0,
    "loader": 8.1,
    "roller": 6.2,
    "truck": 8.2,
    "van": 6.2,
    "sprinter": 6.0,
    "ambulance": 6.5,
    "fusorosa": 10.4,
    "bike": 2.2,
    "bicycle": 2.2,
    "cycle": 3.3,
}
"""By parts of a blueprint's name, the first that fits. A blueprint does not tell its size before it is
spawned; what is longer than thought is refused by the server, and tries again."""


USUAL_LENGTH_M = 5.6
USUAL_WIDTH_M = 2.3


def length_of(blueprint: str) -> float:
    """How long a vehicle is at most, by the name of its blueprint; metres."""
    return next((m for part, m in _LENGTHS_M.items() if part in blueprint), USUAL_LENGTH_M)


def width_of(blueprint: str) -> float:
    """How wide at most; metres."""
    length = length_of(blueprint)
    return 1.0 if length < 2.5 else 3.0 if length > 6.5 else USUAL_WIDTH_M


def is_free(plan: VehiclePlan, seen: GroundPlan) -> bool:
    """Whether a vehicle may enter at its start: nobody there, and nobody about to be.

    Others count when their rectangle, moved on for `HEADWAY_S` if they come from behind, meets that of the
    vehicle with `MARGIN_M` before and behind.
    """
    if not len(seen):
        return True
    start = plan.start
    axis = np.array([math.cos(start.yaw_rad), math.sin(start.yaw_rad)])
    half = np.array([length_of(plan.blueprint) / 2.0 + MARGIN_M, width_of(plan.blueprint) / 2.0 + ASIDE_M])
    away = seen.xyz_m[:, :2] - np.array([start.x_m, start.y_m])
    along, across = away @ axis, away @ np.array([-axis[1], axis[0]])
    c = np.abs(seen.axis @ axis)
    s = np.sqrt(np.maximum(0.0, 1.0 - c * c))
    reach = c * seen.half_m[:, 0] + s * seen.half_m[:, 1]
    beside = s * seen.half_m[:, 0] + c * seen.half_m[:, 1]
    near = (np.abs(across) < half[1] + beside) & (np.abs(seen.xyz_m[:, 2] - start.z_m) < 4.0)
    # Who comes on takes the stretch that it drives within the headway.
    sweep = np.maximum(0.0, seen.velocity_mps @ axis) * HEADWAY_S
    taken = (along - reach < half[0]) & (along + reach + np.where(along < 0.0, sweep, 0.0) > -half[0])
    return not bool(np.any(near & taken))


@dataclass(slots=True, kw_only=True)
class _Entry:
    number: int
    """Of the vehicle in the plan."""
    plan: VehiclePlan
    next_s: float


class Entries:
    """Vehicles that are still to come, in the order in which they are due."""

    def __init__(self, vehicles: Iterable[VehiclePlan]) -> None:
        """From a plan's vehicles; those that are there from the beginning are left out."""
        waiting = [
            _Entry(number=i, plan=plan, next_s=plan.enters_s)
            for i, plan in enumerate(vehicles)
            if plan.enters_s > 0.0 and plan.track is None
        ]
        self._waiting = sorted(waiting, key=lambda e: (e.plan.enters_s, e.number))

    def due(self, time_s: float, seen: GroundPlan) -> list[VehiclePlan]:
        """Who enters now: due, with a free place; of several that want one place the first.

        Who is returned counts as entered: `refused` takes it back.
        """
        out: list[VehiclePlan] = []
        for entry in self._waiting:
            if entry.next_s > time_s + 1e-6:
                continue
            if is_free(entry.plan, seen) and not any(_meet(entry.plan, other) for other in out):
                out.append(entry.plan)
            else:
                entry.next_s = time_s + RETRY_S
        taken = {id(plan) for plan in out}
        self._waiting = [e for e in self._waiting if id(e.plan) not in taken]
        return out

    def refused(self, plan: VehiclePlan, time_s: float) -> None:
        """Takes one back that the server did not let in."""
        self._waiting.append(_Entry(number=-1, plan=plan, next_s=time_s + RETRY_S))
        self._waiting.sort(key=lambda e: (e.plan.enters_s, e.number))

    @property
    def waiting(self) -> list[VehiclePlan]:
        """Who has not entered."""
        return [e.plan for e in self._waiting]


def speed_mps(plan: VehiclePlan, seen: GroundPlan) -> float:
    """How fast a vehicle enters: as the room ahead lets it stop, at most `ENTRY_MPS`."""
    start = plan.start
    axis = np.array([math.cos(start.yaw_rad), math.sin(start.yaw_rad)])
    away = seen.xyz_m[:, :2] - np.array([start.x_m, start.y_m])
    along, across = away @ axis, away @ np.array([-axis[1], axis[0]])
    ahead = (along > 0.0) & (np.abs(across) < width_of(plan.blueprint) / 2.0 + 1.5)
    gaps = (along - seen.half_m[:, 0])[ahead] - length_of(plan.blueprint) / 2.0 - 3.0
    room = float(gaps.min()) if len(gaps) else math.inf
    return min(ENTRY_MPS, math.sqrt(2.0 * ENTRY_BRAKE_MPS2 * max(0.0, room)))


def _meet(one: VehiclePlan, other: VehiclePlan) -> bool:
    apart = math.hypot(one.start.x_m - other.start.x_m, one.start.y_m - other.start.y_m)
    return apart < (length_of(one.blueprint) + length_of(other.blueprint)) / 2.0 + MARGIN_M
