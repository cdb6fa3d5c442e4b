"""Rides bicycles and e-bikes along their routes.

Each rider follows its path by pure pursuit (Coulter 1992, CMU-RI-TR-92-01), as fast as its plan, its kind,
bends and who is ahead allow, passes what stands in its way where there is room, and waits at red lights
unless it drew to ignore them. Riders are moved by `VehicleControl` alone, so any CARLA server will do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from drivegen.core.plans import VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.rider_path import COMFORT_MPS2, PathTable, RiderPath
from drivegen.record.rider_sight import FREE_MPS, lines, locate, safe_speeds, steering_rad
from drivegen.record.signals import GREEN, OFF, RED, SignalView

TOP_MPS = {"bicycle": 20.0 / 3.6, "ebike": 25.0 / 3.6, "tricycle": 25.0 / 3.6}
"""Kinds ride no faster, whatever the limit of their road. Electric bicycles: the design speed of GB
17761-2018, 25 km/h, taken for cargo tricycles too. Bicycles: a brisk rider in town."""

SLOWEST_MPS = 1.5
"""However far below the limit a plan wants a rider to be: slower ones fall over."""

HARD_BRAKE_MPS2 = 3.0
"""Who would have to brake harder for a light that just changed rides on."""

PAST_LINE_M = 0.5
"""Who is farther than this behind a stop line does not wait at it any more."""

HOLD_SHIFT_S = 1.5
"""A line beside the path is kept for at least so long."""

SHIFT_MPS = 0.9
"""How fast the line is changed, at most; slow riders change it slowly."""

GAP_END_M = 0.3

NEAREST_M = 0.5
"""However little a plan wants of following distance."""

FAST_MPS = 0.15
"""Who is faster than wanted by more than this brakes."""

NEAR_FREE = 0.8
"""A line that lets a rider have so much of its speed is good enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What steering must know of a vehicle."""

    wheelbase_m: float
    max_steer_rad: float
    """Of the front wheels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a rider does in the next tick; `steer` as CARLA has it, to the right positive."""

    throttle: float
    steer: float
    brake: float


@dataclass(slots=True, kw_only=True, eq=False)
class _Rider:
    plan: VehiclePlan
    path: RiderPath
    frame: Frame
    number: int
    """Of the rider in the scene, for its draws."""
    kind_mps: float
    """No faster, whatever the limit."""
    station_m: float = 0.0
    lateral_m: float = 0.0
    shift_m: float = 0.0
    """The line that it rides on now, beside its own."""
    wanted: int = 0
    """Index of the line that it makes for."""
    since_s: float = 0.0
    """Since it chose that line."""
    integral: float = 0.0
    next_halt: int = 0
    closed: bool = False
    """Whether the lights of the next halt held it in the last tick."""
    passes: bool = False
    """It rides past the next halt, whatever its lights show."""
    changes: int = 0
    """How often the next halt's lights have closed."""
    red: bool = False
    """Whether they all showed red in the last tick."""
    held: bool = False
    ignores: dict[int, bool] = field(default_factory=dict)

    def top_mps(self, limit_mps: float) -> float:
        """How fast it rides under a speed limit when nothing hinders it."""
        by_limit = limit_mps * (1.0 - self.plan.speed_difference_percent / 100.0)
        wanted = self.plan.cruise_mps or by_limit
        return max(SLOWEST_MPS, min(wanted, self.kind_mps))


@dataclass(slots=True, kw_only=True)
class _Here:
    """A rider's present."""

    speed: float
    """Forward, m/s."""
    half_m: float
    """Half its length."""
    free_mps: float
    """How fast it would ride if nobody hindered it."""


class RiderDriver:
    """All riders of a scene. The same world and lights give the same controls."""

    def __init__(self, seed: int, tick_s: float) -> None:
        """Without riders; `seed` is the scene's."""
        self._seed = seed
        self._tick_s = tick_s
        self._riders: dict[int, _Rider] = {}
        self._table = PathTable.of([])
        self._count = 0
        self.reds_run = 0
        """How often a rider passed its halt at red."""

    def add(self, actor: int, plan: VehiclePlan, path: RiderPath, frame: Frame) -> None:
        """Takes up a rider that starts at its path's beginning."""
        kinds = [mps for kind, mps in TOP_MPS.items() if kind in plan.blueprint]
        self._riders[actor] = _Rider(
            plan=plan,
            path=path,
            frame=frame,
            number=self._count,
            kind_mps=min(kinds, default=math.inf),
            shift_m=plan.lane_offset_m,
        )
        self._count += 1
        self._table = PathTable.of([r.path for r in self._riders.values()])

    def remove(self, actor: int) -> None:
        """Forgets a rider."""
        if self._riders.pop(actor, None) is not None:
            self._table = PathTable.of([r.path for r in self._riders.values()])

    def hold(self, actor: int, held: bool) -> None:
        """Lets a rider stand where it is, or go on."""
        if actor in self._riders:
            self._riders[actor].held = held

    @property
    def actors(self) -> list[int]:
        """Whom it drives."""
        return list(self._riders)

    @property
    def paths(self) -> dict[int, RiderPath]:
        """Their ways, by actor id."""
        return {actor: rider.path for actor, rider in self._riders.items()}

    def at_end(self, actor: int) -> bool:
        """Whether a rider has come to the end of its route."""
        rider = self._riders[actor]
        return rider.station_m >= rider.path.length_m - 1.0

    def controls(self, seen: GroundPlan, signals: SignalView) -> dict[int, Control]:
        """What each rider that is seen does next."""
        if not self._riders:
            return {}
        row_of = {actor: row for row, actor in enumerate(seen.ids.tolist())}
        riders = list(self._riders.items())
        own = np.array([row_of.get(actor, -1) for actor, _ in riders], np.int64)
        there = np.maximum(own, 0)
        place, axis = seen.xyz_m[there, :2].copy(), seen.axis[there]
        speed = np.einsum("ij,ij->i", seen.velocity_mps[there], axis)
        table = self._table
        known = np.array([r.station_m for _, r in riders])
        way = (table.first, table.count, table.xy_m, table.tangent)
        station, lateral = locate(*way, place, known).T.copy()
        offset = np.array([r.plan.lane_offset_m for _, r in riders])
        shifts = lines(table.first, table.count, table.left_m, table.right_m, station, offset)
        limits, bends = table.limits_mps(station)
        free = [min(r.top_mps(limits[k]), bends[k]) for k, (_, r) in enumerate(riders)]
        # Who has left its own line looks at all of them until it is back.
        content = np.array([math.inf if r.wanted else NEAR_FREE * free[k] for k, (_, r) in enumerate(riders)])
        safe = safe_speeds(
            *way,
            station,
            lateral,
            np.maximum(speed, 0.0),
            seen.half_m[there, :2].copy(),
            own,
            shifts,
            content,
            np.array([max(NEAREST_M, r.plan.following_distance_m) for _, r in riders]),
            np.ascontiguousarray(seen.xyz_m[:, :2]),
            seen.axis,
            np.ascontiguousarray(seen.half_m[:, :2]),
            seen.velocity_mps,
            seen.person,
            self._ignored(riders, seen),
        ).tolist()
        paces, halves = speed.tolist(), seen.half_m[there, 0].tolist()
        choices = shifts.tolist()
        wanted = []
        for row, (_, rider) in enumerate(riders):
            if own[row] >= 0:
                rider.station_m, rider.lateral_m = float(station[row]), float(lateral[row])
                here = _Here(speed=paces[row], half_m=halves[row], free_mps=free[row])
                wanted.append(self._speed(rider, here, choices[row], safe[row], signals))
            else:
                wanted.append(0.0)
        base = np.array([r.frame.wheelbase_m for _, r in riders])
        shift = np.array([r.shift_m for _, r in riders])
        angles = steering_rad(*way, station, shift, place, axis, speed, base).tolist()
        return {
            actor: self._control(rider, angles[row], paces[row], wanted[row])
            for row, (actor, rider) in enumerate(riders)
            if own[row] >= 0
        }

    def _ignored(self, riders: list[tuple[int, _Rider]], seen: GroundPlan) -> np.ndarray:
        """(r, o): whom each rider drew not to look out for."""
        out = np.zeros((len(riders), len(seen)), bool)
        for row, (_, rider) in enumerate(riders):
            plan = rider.plan
            if plan.ignores_vehicles_percent <= 0.0 and plan.ignores_walkers_percent <= 0.0:
                continue
            for other, actor in enumerate(seen.ids):
                if int(actor) not in rider.ignores:
                    share = (
                        plan.ignores_walkers_percent if seen.person[other] else plan.ignores_vehicles_percent
                    )
                    draw = derive_rng(self._seed, "rider ignores", rider.number, len(rider.ignores)).random()
                    rider.ignores[int(actor)] = bool(100.0 * draw < share)
                out[row, other] = rider.ignores[int(actor)]
        return out

    def _speed(
        self, rider: _Rider, here: _Here, shifts: list[float], safe: list[float], signals: SignalView
    ) -> float:
        """How fast to be next; chooses the line."""
        free = here.free_mps
        rider.since_s += self._tick_s
        best = self._choice(rider, free, safe)
        if best != rider.wanted and rider.since_s > HOLD_SHIFT_S:
            rider.wanted, rider.since_s = best, 0.0
        goal = shifts[rider.wanted]
        step = min(SHIFT_MPS, 0.25 * max(here.speed, 0.4)) * self._tick_s
        rider.shift_m += min(max(goal - rider.shift_m, -step), step)
        # While it changes over it keeps clear of what is on the line that it leaves, so far as it is on it.
        on = min(range(len(shifts)), key=lambda j: abs(shifts[j] - rider.lateral_m))
        limit = safe[rider.wanted]
        if on != rider.wanted and abs(shifts[on] - goal) > 0.1:
            limit = min(limit, max(safe[on], 1.0 if limit > 1.0 else 0.0))
        end = math.inf if rider.plan.leaves else rider.path.length_m - rider.station_m - GAP_END_M
        limit = min(limit, free, _stopping(end), self._at_light(rider, here, signals))
        return 0.0 if rider.held else limit

    @staticmethod
    def _choice(rider: _Rider, free: float, safe: list[float]) -> int:
        """The first line that hardly hinders, else the one that is clearly the fastest."""
        enough = NEAR_FREE * free
        for line in range(len(safe)):
            if safe[line] >= enough:
                return line
        fastest = safe.index(max(safe))
        return fastest if safe[fastest] > safe[rider.wanted] + 0.8 else rider.wanted

    def _at_light(self, rider: _Rider, here: _Here, signals: SignalView) -> float:
        """How fast the next lights let a rider be."""
        halts = rider.path.halts
        front = rider.station_m + here.half_m
        while rider.next_halt < len(halts) and front > halts[rider.next_halt].at_m + PAST_LINE_M:
            rider.next_halt += 1
            self.reds_run += rider.red
            rider.passes = rider.closed = rider.red = False
            rider.changes = 0
        if rider.next_halt >= len(halts):
            return FREE_MPS
        halt = halts[rider.next_halt]
        shown = [signals.lights[s].state for s in halt.signal_ids if s in signals.lights]
        closed = bool(shown) and not any(s in (GREEN, OFF) for s in shown)
        rider.red = bool(shown) and all(s == RED for s in shown)
        left = halt.at_m - front
        if closed and not rider.closed:
            draw = derive_rng(
                self._seed, "rider light", rider.number, rider.next_halt, rider.changes
            ).random()
            late = here.speed > 0.5 and here.speed**2 / (2.0 * max(left, 0.05)) > HARD_BRAKE_MPS2
            rider.passes = late or bool(100.0 * draw < rider.plan.ignores_lights_percent)
            rider.changes += 1
        rider.closed = closed
        return _stopping(left - GAP_END_M) if closed and not rider.passes else FREE_MPS

    def _control(self, rider: _Rider, angle_rad: float, speed: float, wanted: float) -> Control:
        steer = min(max(-angle_rad / rider.frame.max_steer_rad, -1.0), 1.0)
        error = wanted - speed
        if wanted < 0.2:
            rider.integral = 0.0
            return Control(throttle=0.0, steer=steer, brake=0.8)
        # Little by little the integral learns what keeps the speed; engines of servers differ.
        rider.integral = min(max(rider.integral + 0.25 * error * self._tick_s, 0.0), 0.6)
        if error < -FAST_MPS:
            rider.integral *= 0.9
            return Control(throttle=0.0, steer=steer, brake=min(1.0, -(error + FAST_MPS)))
        return Control(throttle=min(max(0.35 * error + rider.integral, 0.0), 0.9), steer=steer, brake=0.0)


def _stopping(distance_m: float) -> float:
    """The speed from which a comfortable stop takes a distance."""
    return math.sqrt(2.0 * COMFORT_MPS2 * max(0.0, distance_m)) if distance_m < 1e6 else FREE_MPS
