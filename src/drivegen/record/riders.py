"""Rides bicycles and e-bikes along their routes.

Each rider follows its path by pure pursuit (Coulter 1992, CMU-RI-TR-92-01), as fast as its plan, its kind,
bends and who is ahead allow, passes what stands in its way where there is room, and waits at red lights
unless it drew to ignore them. Riders are moved by `VehicleControl` alone, so any CARLA server will do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.rider_path import COMFORT_MPS2, STEP_M, PathTable, RiderPath
from drivegen.record.rider_sight import FREE_MPS, SHIFTS_M, locate, safe_speeds
from drivegen.record.signals import GREEN, OFF, RED, SignalView

USUAL_LIMIT_MPS = 50.0 / 3.6
"""While the server does not tell the limit."""

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
_NEAR_FREE = 0.8


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
    station_m: float = 0.0
    lateral_m: float = 0.0
    shift_m: float = 0.0
    """The line that it rides on now, beside its own."""
    wanted: int = 0
    """Index of the line that it makes for."""
    since_s: float = 0.0
    """Since it chose that line."""
    integral: float = 0.0
    limit_mps: float = USUAL_LIMIT_MPS
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

    @property
    def top_mps(self) -> float:
        """How fast it rides when nothing hinders it."""
        wanted = self.limit_mps * (1.0 - self.plan.speed_difference_percent / 100.0)
        kinds = [mps for kind, mps in TOP_MPS.items() if kind in self.plan.blueprint]
        return max(SLOWEST_MPS, min([wanted, *kinds]))


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
        self._riders[actor] = _Rider(plan=plan, path=path, frame=frame, number=self._count)
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

    def limit(self, actor: int, limit_mps: float) -> None:
        """Tells a rider the speed limit where it is."""
        if limit_mps > 0.0:
            self._riders[actor].limit_mps = limit_mps

    @property
    def actors(self) -> list[int]:
        """Whom it drives."""
        return list(self._riders)

    def at_end(self, actor: int) -> bool:
        """Whether a rider has come to the end of its route."""
        rider = self._riders[actor]
        return rider.station_m >= rider.path.length_m - 1.0

    def controls(self, seen: GroundPlan, signals: SignalView) -> dict[int, Control]:
        """What each rider that is seen does next."""
        row_of = {int(actor): row for row, actor in enumerate(seen.ids)}
        riders = list(self._riders.items())
        if not riders:
            return {}
        own = np.array([row_of.get(actor, -1) for actor, _ in riders], np.int64)
        there = np.maximum(own, 0)
        place, axis = seen.xyz_m[there, :2], seen.axis[there]
        speed = np.einsum("ij,ij->i", seen.velocity_mps[there], axis)
        table = self._table
        station = np.array([r.station_m for _, r in riders])
        found = locate(table.first, table.count, table.xy_m, table.tangent, place, station)
        shifts = np.stack([self._lines(rider) for _, rider in riders])
        safe = safe_speeds(
            table.first,
            table.count,
            table.xy_m,
            table.tangent,
            found[:, 0],
            found[:, 1],
            np.maximum(speed, 0.0),
            seen.half_m[there, :2].copy(),
            own,
            shifts,
            np.ascontiguousarray(seen.xyz_m[:, :2]),
            seen.axis,
            np.ascontiguousarray(seen.half_m[:, :2]),
            seen.velocity_mps,
            seen.person,
            self._ignored(riders, seen),
        )
        out: dict[int, Control] = {}
        for row, (actor, rider) in enumerate(riders):
            if own[row] < 0:
                continue
            rider.station_m, rider.lateral_m = float(found[row, 0]), float(found[row, 1])
            half = float(seen.half_m[own[row], 0])
            fast = self._speed(rider, float(speed[row]), half, shifts[row], safe[row], signals)
            out[actor] = self._control(rider, place[row], axis[row], float(speed[row]), fast)
        return out

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

    @staticmethod
    def _lines(rider: _Rider) -> Float64[np.ndarray, "j"]:
        """The lines beside the path that a rider may take, within the room ahead; the first is its own."""
        path = rider.path
        k = min(max(int(rider.station_m / STEP_M), 0), len(path.xy_m) - 1)
        ahead = slice(k, k + 20)
        right, left = -float(path.right_m[ahead].min()), float(path.left_m[ahead].min())
        return np.asarray(np.clip(rider.plan.lane_offset_m + SHIFTS_M, min(right, 0.0), max(left, 0.0)))

    def _speed(
        self,
        rider: _Rider,
        speed: float,
        half_m: float,
        shifts: Float64[np.ndarray, "j"],
        safe: Float64[np.ndarray, "j"],
        signals: SignalView,
    ) -> float:
        """How fast to be next; chooses the line."""
        path = rider.path
        k = min(max(int(rider.station_m / STEP_M), 0), len(path.xy_m) - 1)
        free = min(rider.top_mps, float(path.speed_mps[k]))
        rider.since_s += self._tick_s
        best = self._choice(rider, free, safe)
        if best != rider.wanted and rider.since_s > HOLD_SHIFT_S:
            rider.wanted, rider.since_s = best, 0.0
        goal = float(shifts[rider.wanted])
        step = min(SHIFT_MPS, 0.25 * max(speed, 0.4)) * self._tick_s
        rider.shift_m += min(max(goal - rider.shift_m, -step), step)
        # While it changes over it keeps clear of what is on the line that it leaves, so far as it is on it.
        on = int(np.argmin(np.abs(shifts - rider.lateral_m)))
        limit = float(safe[rider.wanted])
        if on != rider.wanted and abs(shifts[on] - shifts[rider.wanted]) > 0.1:
            limit = min(limit, max(float(safe[on]), 1.0 if limit > 1.0 else 0.0))
        end = math.inf if rider.plan.leaves else path.length_m - rider.station_m - GAP_END_M
        limit = min(limit, free, _stopping(end), self._at_light(rider, speed, half_m, signals))
        return 0.0 if rider.held else limit

    @staticmethod
    def _choice(rider: _Rider, free: float, safe: Float64[np.ndarray, "j"]) -> int:
        """The first line that hardly hinders, else the one that is clearly the fastest."""
        enough = _NEAR_FREE * min(free, FREE_MPS)
        for line in range(len(safe)):
            if safe[line] >= enough:
                return line
        fastest = int(np.argmax(safe))
        return fastest if safe[fastest] > safe[rider.wanted] + 0.8 else rider.wanted

    def _at_light(self, rider: _Rider, speed: float, half_m: float, signals: SignalView) -> float:
        """How fast the next lights let a rider be."""
        halts = rider.path.halts
        front = rider.station_m + half_m
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
            late = speed > 0.5 and speed * speed / (2.0 * max(left, 0.05)) > HARD_BRAKE_MPS2
            rider.passes = late or bool(100.0 * draw < rider.plan.ignores_lights_percent)
            rider.changes += 1
        rider.closed = closed
        return _stopping(left - GAP_END_M) if closed and not rider.passes else FREE_MPS

    def _control(
        self,
        rider: _Rider,
        place: Float64[np.ndarray, "2"],
        axis: Float64[np.ndarray, "2"],
        speed: float,
        wanted: float,
    ) -> Control:
        error = wanted - speed
        if wanted < 0.2:
            rider.integral = 0.0
            return Control(throttle=0.0, steer=self._steer(rider, place, axis, speed), brake=0.8)
        # Little by little the integral learns what keeps the speed; engines of servers differ.
        rider.integral = min(max(rider.integral + 0.25 * error * self._tick_s, 0.0), 0.6)
        effort = 0.35 * error + rider.integral
        brake = min(1.0, -0.3 * (error + 0.4)) if error < -0.4 else 0.0
        throttle = 0.0 if brake > 0.0 else min(max(effort, 0.0), 0.9)
        if brake > 0.0:
            rider.integral *= 0.9
        return Control(throttle=throttle, steer=self._steer(rider, place, axis, speed), brake=brake)

    @staticmethod
    def _steer(
        rider: _Rider, place: Float64[np.ndarray, "2"], axis: Float64[np.ndarray, "2"], speed: float
    ) -> float:
        path, frame = rider.path, rider.frame
        look = min(max(1.2 + 0.8 * speed, 2.0), 7.0)
        k = min(int((rider.station_m + look) / STEP_M), len(path.xy_m) - 1)
        tangent = path.tangent[k]
        goal = path.xy_m[k] + rider.shift_m * np.array([-tangent[1], tangent[0]])
        over = rider.station_m + look - path.length_m
        if over > 0.0:  # straight on beyond the end
            goal = goal + over * tangent
        rear = place - 0.5 * frame.wheelbase_m * axis
        away = goal - rear
        distance = max(float(np.hypot(away[0], away[1])), 0.5)
        across = float(axis[0] * away[1] - axis[1] * away[0]) / distance
        angle = math.atan2(2.0 * frame.wheelbase_m * across, distance)
        if float(axis @ away) < 0.0:
            angle = math.copysign(frame.max_steer_rad, across)
        return min(max(-angle / frame.max_steer_rad, -1.0), 1.0)


def _stopping(distance_m: float) -> float:
    """The speed from which a comfortable stop takes a distance."""
    return math.sqrt(2.0 * COMFORT_MPS2 * max(0.0, distance_m)) if distance_m < 1e6 else FREE_MPS
