"""Drives the walkers of a plan: along their ways by social forces, waiting at kerbs, together in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.core.geometry import Box
from drivegen.core.plans import Begin, WalkerPlan
from drivegen.record.box_avoidance import STANDING_MPS, Boxes, detour, must_stop
from drivegen.record.crossing_choice import may_begin
from drivegen.record.signals import SignalView
from drivegen.record.social_force import People, next_velocities
from drivegen.record.walk_ways import STAYING, WAITING, WALKING, Ways

LOOK_AHEAD_M = 2.0
"""People walk to a point of their way so far ahead."""
LOOK_BEYOND_M = 8.0
"""Who goes round something chooses the side for the sake of a point so far ahead."""

BODY_RADIUS_M = 0.25
"""Of a circle as wide as shoulders are on average; who pushes or pulls something needs more."""

RADII_M = {"wheelchair": 0.45, "stroller": 0.45, "traveller": 0.35, "toddler": 0.18, "boy": 0.2, "girl": 0.2}
"""By drivegen's families."""

VEHICLE_CLEARANCE_M = 0.6
DETOUR_CLEARANCE_M = 0.3
DETOUR_AHEAD_M = 4.0
HORIZON_S = 1.2
"""A vehicle that comes later does not stop anybody."""

QUEUE_M = 2.5
"""Who comes so near to a kerb at which others wait stands behind them."""
QUEUE_GAP_M = 0.8

DECIDES_TICKS = 4
"""Who waits looks whether it may begin once in so many ticks, each in its own."""

TOGETHER_M = 4.0
"""A group begins a crossing together when all who are not lost are so near."""
LOST_M = 20.0
PATIENCE_S = 25.0
"""After so long at a kerb nobody waits for the others."""

STILL_MPS = 0.1
"""Who waits does not make slower steps: a body that shifts does not turn round for it."""
CREEPING_MPS = 0.02
"""The same of who is on the way."""

FASTEST_MPS = 12.0
"""Who seems to have been faster was put somewhere else."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingWalked:
    """A crossing that a walker finished."""

    actor: int
    begin: Begin
    length_m: float
    waited_s: float
    """At the kerb."""
    took_s: float


class WalkerDriver:
    """All walkers of a scene. The same positions and signals give the same steps."""

    def __init__(
        self, plans: Mapping[int, WalkerPlan], tick_s: float, obstacles: Boxes | None = None
    ) -> None:
        """From plans by actor id; a walker with one waypoint stands. `obstacles` never move."""
        self._obstacles = obstacles or _boxes([])
        self._actors = list(plans)
        self._plans = list(plans.values())
        self._tick_s = tick_s
        self._ticks = 0
        self._ways = Ways(self._plans)
        count = len(self._plans)
        self._speed_mps = np.array([p.speed_mps for p in self._plans], np.float64)
        names = [p.blueprint.rsplit(".", 1)[-1] for p in self._plans]
        self.radius_m = np.array([RADII_M.get(n, BODY_RADIUS_M) for n in names], np.float64)
        self._group = np.array([-1 if p.group is None else p.group for p in self._plans], np.int64)
        self._crossing_speed_mps = np.array(
            [c.speed_mps or self._plans[row].speed_mps for row, c in self._ways.crossings], np.float64
        )
        self._darts = np.array([c.begin is Begin.EGO for _, c in self._ways.crossings], np.bool_)
        self._last_m = np.full((count, 2), np.nan)
        self._since = np.zeros(count, np.int64)
        """Tick of the arrival at the kerb, then of the crossing's beginning."""
        self._waited_s = np.zeros(count)
        self._begun: list[int] = []
        """Index of each crossing that somebody began."""
        self.crossings_walked: list[CrossingWalked] = []

    def steps(
        self,
        positions_m: Mapping[int, Float64[np.ndarray, "3"]],
        vehicles: Sequence[MovingBox],
        signals: SignalView,
        ego: int | None = None,
    ) -> dict[int, Step]:
        """What each walker does next, by actor id; called once in a tick.

        Args:
            positions_m: Where they are, in the world frame; who is missing is left out.
            vehicles: To be waited for and not to be walked into.
            signals: Traffic lights.
            ego: Which of the vehicles the ego is, if any.
        """
        rows = np.array([r for r, a in enumerate(self._actors) if a in positions_m], np.int64)
        if not len(rows):
            return {}
        places = np.array([positions_m[self._actors[r]] for r in rows])[:, :2]
        boxes = _boxes(vehicles)
        walked = (places - self._last_m[rows]) / self._tick_s
        walked[~(np.hypot(*walked.T) < FASTEST_MPS)] = 0.0
        self._last_m[rows] = places
        self._arrive(rows, places)
        self._begin(rows, places, boxes, ego, signals)
        velocity = self._velocities(rows, places, walked, boxes.with_more(self._obstacles))
        self._ticks += 1
        speed = np.hypot(*velocity.T)
        moves = speed >= np.where(self._ways.mode[rows] == WALKING, CREEPING_MPS, STILL_MPS)
        heading = np.zeros((len(rows), 3))
        heading[:, :2] = velocity / np.maximum(speed, 1e-9)[:, None]
        return {
            self._actors[row]: Step(direction=heading[k], speed_mps=float(speed[k])) if moves[k] else STAND
            for k, row in enumerate(rows)
        }

    def achieved(self) -> dict[str, float]:
        """How many walkers there are of each role (`role NAME`), of those with a moment of their own how many
        found it; the crossings that were walked, their length and duration, and the waits before them. All of
        it adds up over scenes.
        """
        begun = {self._ways.crossings[c][0] for c in self._begun if self._is_own(c)}
        own = {row for c, (row, _) in enumerate(self._ways.crossings) if self._is_own(c)}
        counts: dict[str, float] = {}
        for row, plan in enumerate(self._plans):
            for role in plan.roles:
                missed = role in _MOMENTS and row in own - begun
                name = f"role {role}"
                counts[name] = counts.get(name, 0.0) + (0.0 if missed else 1.0)
        done = self.crossings_walked
        if done:
            counts["crossings_walked"] = float(len(done))
            counts["crossings_walked_m"] = round(sum(c.length_m for c in done), 3)
            counts["crossings_walked_s"] = round(sum(c.took_s for c in done), 3)
            counts["crossings_waited_s"] = round(sum(c.waited_s for c in done), 3)
        return {name: counts[name] for name in sorted(counts)}

    def _is_own(self, crossing: int) -> bool:
        return self._ways.crossings[crossing][1].begin is not Begin.SIGNAL

    def _arrive(self, rows: Int64[np.ndarray, "k"], places: Float64[np.ndarray, "k 2"]) -> None:
        """Walkers take up their next legs; who finds others at the kerb stops behind them."""
        ways = self._ways
        before = ways.mode[rows].copy()
        finished, crossings = ways.advance(rows, places)
        for row, index in zip(finished, crossings, strict=True):
            points = self._plans[row].waypoints
            crossing = ways.crossings[index][1]
            (ax, ay, _), (bx, by, _) = points[crossing.first], points[crossing.first + 1]
            self.crossings_walked.append(
                CrossingWalked(
                    actor=self._actors[row],
                    begin=crossing.begin,
                    length_m=float(np.hypot(bx - ax, by - ay)),
                    waited_s=float(self._waited_s[row]),
                    took_s=max(1, self._ticks - int(self._since[row])) * self._tick_s,
                )
            )
        self._queue(rows, places)
        came = (ways.mode[rows] == WAITING) & (before != WAITING)
        self._since[rows[came]] = self._ticks

    def _queue(self, rows: Int64[np.ndarray, "k"], places: Float64[np.ndarray, "k 2"]) -> None:
        ways = self._ways
        waiting = places[ways.mode[rows] == WAITING]
        near = np.flatnonzero((ways.mode[rows] == WALKING) & (ways.next_crossing(rows) >= 0))
        if not len(waiting) or not len(near):
            return
        legs = ways.legs(rows[near])
        left = ((legs.end_m - places[near]) * legs.along).sum(axis=1)
        apart = waiting[None] - places[near][:, None]
        ahead = (apart * legs.along[:, None]).sum(axis=2)
        blocked = ((np.hypot(apart[..., 0], apart[..., 1]) < QUEUE_GAP_M) & (ahead > 0.2)).any(axis=1)
        ways.begin_next(rows[near[blocked & (left < QUEUE_M) & ~ways.at_end(rows[near])]])

    def _begin(
        self,
        rows: Int64[np.ndarray, "k"],
        places: Float64[np.ndarray, "k 2"],
        boxes: Boxes,
        ego: int | None,
        signals: SignalView,
    ) -> None:
        """Who waits and may begin its crossing begins it; groups begin together."""
        ways = self._ways
        waiting = np.flatnonzero(ways.mode[rows] == WAITING)
        indexes = ways.crossing(rows[waiting])
        due = ((rows[waiting] + self._ticks) % DECIDES_TICKS == 0) | self._darts[indexes]
        ends = ways.legs(rows[waiting]).end_m
        for k, index, end in zip(waiting[due], indexes[due], ends[due], strict=True):
            row = rows[k]
            if ways.mode[row] != WAITING:  # begun with its group
                continue
            company = self._company(row, rows, places)
            if company is None:
                continue
            speed = float(self._crossing_speed_mps[index])
            crossing = ways.crossings[index][1]
            if may_begin(crossing, places[k], end, speed, boxes, ego, signals):
                ways.mode[company] = WALKING
                self._begun += ways.crossing(company).tolist()
                self._waited_s[company] = (self._ticks - self._since[company]) * self._tick_s
                self._since[company] = self._ticks

    def _company(
        self, row: np.int64, rows: Int64[np.ndarray, "k"], places: Float64[np.ndarray, "k 2"]
    ) -> Int64[np.ndarray, "c"] | None:
        """Who begins a crossing together with a walker; None while somebody of its group is missing."""
        if self._group[row] < 0:
            return np.array([row])
        members = np.flatnonzero(self._group[rows] == self._group[row])
        here = places[np.flatnonzero(rows == row)[0]]
        apart = np.hypot(*(places[members] - here).T)
        waits = self._ways.mode[rows[members]] == WAITING
        missing = (apart < LOST_M) & ~(waits & (apart < TOGETHER_M))
        patient = (self._ticks - self._since[row]) * self._tick_s < PATIENCE_S
        return None if patient and missing.any() else rows[members[waits & (apart < TOGETHER_M)]]

    def _velocities(
        self,
        rows: Int64[np.ndarray, "k"],
        places: Float64[np.ndarray, "k 2"],
        walked: Float64[np.ndarray, "k 2"],
        boxes: Boxes,
    ) -> Float64[np.ndarray, "k 2"]:
        ways = self._ways
        crossing = ways.crossing(rows)
        walking = ways.mode[rows] == WALKING
        speed = self._speed_mps[rows].copy()
        on = crossing >= 0
        speed[on] = self._crossing_speed_mps[crossing[on]]
        speed[~walking] = 0.0
        still = np.hypot(*boxes.velocity_mps.T) < STANDING_MPS
        radius = self.radius_m[rows]
        aim, beyond = ways.aim_m(rows, places, LOOK_AHEAD_M), ways.aim_m(rows, places, LOOK_BEYOND_M)
        corner = detour(places, beyond, radius, boxes, still, DETOUR_AHEAD_M, DETOUR_CLEARANCE_M)
        wish = np.where((corner != beyond).any(axis=1, keepdims=True), corner, aim) - places
        wish /= np.maximum(np.hypot(*wish.T), 1e-9)[:, None]
        speed[self._stopped(on, crossing, places, wish * speed[:, None], boxes)] = 0.0
        legs = ways.legs(rows)
        people = People(
            xy_m=places,
            velocity_mps=walked,
            wish=wish,
            speed_mps=speed,
            radius_m=radius,
            group=self._group[rows],
            leg_m=legs.origin_m,
            along=legs.along,
            half_width_m=np.where(ways.mode[rows] == STAYING, np.inf, ways.half_width_m(rows)),
        )
        return next_velocities(people, boxes, self._tick_s)

    def _stopped(
        self,
        on: Bool[np.ndarray, "k"],
        crossing: Int64[np.ndarray, "k"],
        places: Float64[np.ndarray, "k 2"],
        velocity: Float64[np.ndarray, "k 2"],
        boxes: Boxes,
    ) -> Bool[np.ndarray, "k"]:
        """Who stops for a vehicle; who darts out does not."""
        stopped = must_stop(places, velocity, boxes, HORIZON_S, VEHICLE_CLEARANCE_M)
        stopped[on] &= ~self._darts[crossing[on]]
        return stopped


_MOMENTS = frozenset({"jaywalking", "dart_out"})
"""Roles that are achieved when their moment came."""


def _boxes(vehicles: Sequence[MovingBox]) -> Boxes:
    """Seen from above."""
    turn = np.array([v.box.pose.orientation_wxyz for v in vehicles], np.float64).reshape(-1, 4)
    w, x, y, z = turn.T
    along = np.stack([1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z)], axis=1)
    return Boxes(
        xy_m=np.array([v.box.pose.position_m[:2] for v in vehicles], np.float64).reshape(-1, 2),
        along=along / np.maximum(np.hypot(*along.T), 1e-9)[:, None],
        half_m=np.array([v.box.size_m[:2] / 2 for v in vehicles], np.float64).reshape(-1, 2),
        velocity_mps=np.array([v.velocity_mps[:2] for v in vehicles], np.float64).reshape(-1, 2),
    )
