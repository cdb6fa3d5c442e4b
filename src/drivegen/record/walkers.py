"""Drives the walkers of a plan: along their waypoints, waiting at kerbs, turning back at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Box
from drivegen.core.plans import WalkerPlan
from drivegen.record.signals import RED, SignalView

REACH_M = 0.35
"""A waypoint is reached from here."""

PERSONAL_SPACE_M = 1.1
"""Walkers closer than this swerve, each to the right of the other."""

VEHICLE_CLEARANCE_M = 0.6
LOOK_AHEAD_M = 0.9
STANDING_MPS = 0.3

GAP_S = 4.0
"""An unsignalised crossing is begun when no vehicle reaches it within its own crossing time or this."""

GAP_REACH_M = 45.0
"""Vehicles farther away do not count."""

MARGIN_S = 0.5
"""A signalised crossing is begun when the red is known to last the crossing time and this."""

FRESH_RED_S = 2.0
"""Or when the last of the lights has been red for no longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """What a walker does in the next tick; right-handed."""

    direction: Float64[np.ndarray, "3"]
    """Unit length, or 0 to stand."""
    speed_mps: float


STAND = Step(direction=np.zeros(3), speed_mps=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MovingBox:
    """A vehicle as walkers see it."""

    box: Box
    velocity_mps: Float64[np.ndarray, "3"]


@dataclass(slots=True)
class Walk:
    """A walker on its way through the plan's waypoints."""

    plan: WalkerPlan
    waypoints_m: Float64[np.ndarray, "k 2"] = field(init=False)
    target: int = 1
    """Index of the waypoint that it walks to."""
    forward: bool = True
    waiting: bool = False
    """At the kerb of the crossing that leads to `target`."""

    def __post_init__(self) -> None:
        self.waypoints_m = np.array([w[:2] for w in self.plan.waypoints], dtype=np.float64)
        self._begin_leg()

    def _begin_leg(self) -> None:
        self.waiting = self.crossing() is not None

    def crossing(self) -> int | None:
        """Index, among the plan's crossings, of the one that the present leg is."""
        first = self.target - 1 if self.forward else self.target
        for index, crossing in enumerate(self.plan.crossings):
            if crossing.first == first:
                return index
        return None

    def advance(self, position_m: Float64[np.ndarray, "2"]) -> None:
        """Takes up the next leg when the target is reached; turns back at the ends."""
        if self.waiting or np.linalg.norm(self.waypoints_m[self.target] - position_m) > REACH_M:
            return
        last = len(self.waypoints_m) - 1
        if (self.forward and self.target == last) or (not self.forward and self.target == 0):
            self.forward = not self.forward
        self.target += 1 if self.forward else -1
        self._begin_leg()

    @property
    def leg_m(self) -> tuple[Float64[np.ndarray, "2"], Float64[np.ndarray, "2"]]:
        """Both ends of the present leg."""
        origin = self.target - 1 if self.forward else self.target + 1
        return self.waypoints_m[origin], self.waypoints_m[self.target]


class _Footprints:
    """Vehicles seen from above."""

    def __init__(self, vehicles: Sequence[MovingBox]) -> None:
        self._vehicles = vehicles
        self._centres_m = np.array([v.box.pose.position_m[:2] for v in vehicles]).reshape(-1, 2)
        self._axes = np.array([v.box.pose.rotation[:2, :2] for v in vehicles]).reshape(-1, 2, 2)
        half_m = np.array([v.box.size_m[:2] / 2 for v in vehicles]).reshape(-1, 2)
        self._reach_m = half_m + VEHICLE_CLEARANCE_M

    def near(self, point: Float64[np.ndarray, "2"]) -> list[MovingBox]:
        """Vehicles within whose clearance a point lies."""
        local = np.einsum("nk,nkj->nj", point - self._centres_m, self._axes)
        close = (np.abs(local) < self._reach_m).all(axis=1)
        return [self._vehicles[int(i)] for i in np.flatnonzero(close)]


class WalkerDriver:
    """All walkers of a scene. The same positions and signals give the same steps."""

    def __init__(self, plans: Mapping[int, WalkerPlan]) -> None:
        """From plans by actor id; a walker with one waypoint stands."""
        self._walks = {actor: Walk(plan) for actor, plan in plans.items() if len(plan.waypoints) > 1}
        self._standing = [actor for actor, plan in plans.items() if len(plan.waypoints) < 2]

    def steps(
        self,
        positions_m: Mapping[int, Float64[np.ndarray, "3"]],
        vehicles: Sequence[MovingBox],
        signals: SignalView,
    ) -> dict[int, Step]:
        """What each walker does next, by actor id.

        Args:
            positions_m: Where they are, in the world frame; who is missing is left out.
            vehicles: To be waited for and not to be walked into.
            signals: Traffic lights.
        """
        present = [a for a in self._walks if a in positions_m]
        places = np.array([positions_m[a][:2] for a in present]).reshape(-1, 2)
        footprints = _Footprints(vehicles)
        steps = {a: STAND for a in self._standing if a in positions_m}
        for row, actor in enumerate(present):
            walk = self._walks[actor]
            walk.advance(places[row])
            if walk.waiting and self._may_cross(walk, vehicles, signals):
                walk.waiting = False
            steps[actor] = STAND if walk.waiting else self._walk_on(walk, row, places, footprints)
        return steps

    def _may_cross(self, walk: Walk, vehicles: Sequence[MovingBox], signals: SignalView) -> bool:
        index = walk.crossing()
        if index is None:
            return True
        start, end = walk.leg_m
        needed_s = float(np.linalg.norm(end - start)) / walk.plan.speed_mps
        known = [s for s in walk.plan.crossings[index].signal_ids if s in signals.lights]
        if not known:
            return not any(_comes(v, start, end, max(GAP_S, needed_s)) for v in vehicles)
        if any(signals.lights[s].state != RED for s in known):
            return False
        # A crossing that has only just become free is begun even where its time will not suffice: on wide
        # roads it never does, and there is no better moment.
        begun = min(signals.lights[s].elapsed_s for s in known) <= FRESH_RED_S
        return begun or all(signals.red_left_s(s) >= needed_s + MARGIN_S for s in known)

    def _walk_on(
        self, walk: Walk, row: int, places: Float64[np.ndarray, "n 2"], footprints: _Footprints
    ) -> Step:
        here = places[row]
        wish = walk.waypoints_m[walk.target] - here
        wish = wish / max(float(np.linalg.norm(wish)), 1e-9)
        heading = wish + _swerve(here, wish, np.delete(places, row, axis=0))
        heading = heading / max(float(np.linalg.norm(heading)), 1e-9)
        ahead = here + LOOK_AHEAD_M * heading
        for vehicle in footprints.near(ahead):
            if np.linalg.norm(vehicle.velocity_mps[:2]) > STANDING_MPS:
                return STAND
            heading = _around(vehicle.box, here, wish)
        return Step(direction=np.array([heading[0], heading[1], 0.0]), speed_mps=walk.plan.speed_mps)


def _swerve(
    here: Float64[np.ndarray, "2"], wish: Float64[np.ndarray, "2"], others: Float64[np.ndarray, "n 2"]
) -> Float64[np.ndarray, "2"]:
    """Away from and to the right of who is near and ahead."""
    apart = others - here
    distance = np.linalg.norm(apart, axis=1)
    close = (distance < PERSONAL_SPACE_M) & (apart @ wish > -0.1)
    if not close.any():
        return np.zeros(2)
    push = ((PERSONAL_SPACE_M - distance[close]) / PERSONAL_SPACE_M)[:, None]
    away = -apart[close] / np.maximum(distance[close], 1e-6)[:, None]
    right = np.array([wish[1], -wish[0]])
    return np.asarray((push * (0.6 * away + 1.2 * right)).sum(axis=0))


def _around(
    box: Box, here: Float64[np.ndarray, "2"], wish: Float64[np.ndarray, "2"]
) -> Float64[np.ndarray, "2"]:
    """A direction past a standing vehicle: along the side on which the way is shorter."""
    away = here - box.pose.position_m[:2]
    away = away / max(float(np.linalg.norm(away)), 1e-9)
    side = np.array([-away[1], away[0]])
    if side @ wish < 0:
        side = -side
    out = side + 0.3 * away
    return np.asarray(out / np.linalg.norm(out))


def _comes(
    vehicle: MovingBox, start: Float64[np.ndarray, "2"], end: Float64[np.ndarray, "2"], within_s: float
) -> bool:
    """Whether a vehicle that goes on as it does reaches the crossing in time, or stands on it."""
    place, speed = vehicle.box.pose.position_m[:2], vehicle.velocity_mps[:2]
    leg = end - start
    share = float(np.clip((place - start) @ leg / max(float(leg @ leg), 1e-9), 0.0, 1.0))
    gap = start + share * leg - place
    distance = float(np.linalg.norm(gap))
    half = float(vehicle.box.size_m[0]) / 2
    if distance < half + VEHICLE_CLEARANCE_M:
        return True
    pace = float(speed @ gap) / distance
    return distance < GAP_REACH_M and pace > STANDING_MPS and (distance - half) / pace < within_s
