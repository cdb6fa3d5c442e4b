"""Everything that vehicles do in a scene beside what the Traffic Manager does: enter, ride, obey, leave."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import carla
import numpy as np

from drivegen.core.plans import Deed, Drive, ScenePlan, VehiclePlan
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import SignalHead
from drivegen.opendrive.way_halts import WayHalts
from drivegen.record.behaviour import STANDSTILL, hand_over
from drivegen.record.cast import Cast
from drivegen.record.entries import Entries, speed_mps
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.incidents import Incidents
from drivegen.record.lamps import Lamps
from drivegen.record.lane_map import LaneMap, limits_mps, room_m
from drivegen.record.orders import PATIENCE_S, OrderBook, may_pull_out
from drivegen.record.progress import Progress
from drivegen.record.rider_path import Halt, RiderPath, sampled
from drivegen.record.riders import Frame, RiderDriver
from drivegen.record.signals import SignalView
from drivegen.record.stops import Stops
from drivegen.record.truth import Observation, Tracked
from drivegen.record.world import ServerWorld

ENTERING_RIDER_MPS = 3.0


class Vehicles:
    """The vehicles of a scene, steered between ticks.

    Calls to the server raise RuntimeError; the caller turns them into its errors.
    """

    def __init__(
        self,
        plan: ScenePlan,
        server: ServerWorld,
        cast: Cast,
        network: RoadNetwork,
        heads: Sequence[SignalHead],
    ) -> None:
        """Takes over who was spawned. No tick may be under way, here and in all methods."""
        self._plan = plan
        self._server = server
        self._cast = cast
        self._network = network
        self._halts: WayHalts | None = None
        self._lanes = LaneMap(server.world.get_map())
        self.lamps = Lamps(server.world)
        self._orders = OrderBook()
        self._stops = Stops(server.traffic, self.lamps, self._lanes, plan.tick_s)
        self._riders = RiderDriver(plan.seed, plan.tick_s)
        self._entries = Entries(plan.vehicles)
        self._progress: dict[int, Progress] = {}
        self._going: dict[int, float] = {}
        """Who was told to drive on, and when; until there is a gap."""
        self.incidents = Incidents(heads, self._lanes, cast.ego.track_id, plan.tick_s)
        self._reds_told = 0
        commands: list[Any] = []
        for tracked in cast.others:
            if tracked.track_id in cast.vehicle_plans:
                commands += self._take_up(tracked, cast.vehicle_plans[tracked.track_id])
        self._send(commands)

    def _take_up(self, tracked: Tracked, plan: VehiclePlan) -> list[Any]:
        """Gives a new vehicle to who drives it; what the server is to be told."""
        actor = tracked.track_id
        self._orders.add(actor, plan)
        if plan.beacon:
            self.lamps.beacon(actor)
        match plan.drive:
            case Drive.TRACK:
                pass
            case Drive.PARKED:
                return [carla.command.ApplyVehicleControl(actor, STANDSTILL)]
            case Drive.RIDER:
                path = self._path(tracked, plan)
                self._riders.add(actor, plan, path, _frame_of(tracked))
            case Drive.TRAFFIC_MANAGER:
                hand_over(self._server.traffic, tracked.actor, plan, self._lanes)
                if plan.route:
                    self._progress[actor] = Progress.of(plan)
        return []

    def _path(self, tracked: Tracked, plan: VehiclePlan) -> RiderPath:
        """Through the route; the start lies beside it by the plan's offset."""
        start, yaw = plan.start, plan.start.yaw_rad
        x, y = start.x_m + plan.lane_offset_m * math.sin(yaw), start.y_m - plan.lane_offset_m * math.cos(yaw)
        points = np.array([(x, y, start.z_m), *plan.route], np.float64)
        if len(points) < 2:
            return RiderPath.through(points[:, :2])
        xy = sampled(points[:, :2])
        # Heights go along by the share of the way; they only tell one storey from another.
        z = np.interp(np.linspace(0.0, 1.0, len(xy)), _shares(points[:, :2]), points[:, 2])
        fixes = self._lanes.along(xy, z)
        if self._halts is None:
            self._halts = WayHalts(self._network)
        return RiderPath.through(
            points[:, :2],
            room_m(xy, fixes, float(tracked.actor_box.size_m[1]) / 2.0),
            limits_mps(self._network, fixes),
            tuple(Halt(at_m=h.at_m, signal_ids=h.signal_ids) for h in self._halts.of(points[:, :2])),
        )

    def steer(
        self, time_s: float, ego: Observation, others: Sequence[Observation], signals: SignalView
    ) -> None:
        """All that is to happen before the next tick.

        Args:
            time_s: Since the scene's beginning; stands still while sensors come up.
            ego: The ego after the last tick.
            others: Everybody else.
            signals: The lights.
        """
        seen = GroundPlan.of([ego, *others])
        self.incidents.observe(time_s, seen, signals.states, self._riders.actors)
        self._advance(seen)
        gone = self._leavers(seen)
        if gone:
            self._leave(gone)
        commands = self._enter(time_s, seen)
        present = {int(actor) for actor in seen.ids} - set(gone)
        for actor, deed in self._orders.due(time_s, self._cast.ego.track_id, seen):
            if actor in present:
                commands += self._obey(actor, deed, seen, time_s)
        commands += self._pull_out(time_s, seen, present)
        speeds = dict(zip(seen.ids.tolist(), seen.speed_mps.tolist(), strict=True))
        commands += self._stops.commands({a: s for a, s in speeds.items() if a in present})
        commands += self._ride(seen, signals)
        commands += self.lamps.commands(time_s, present)
        self._send(commands)

    def _advance(self, seen: GroundPlan) -> None:
        for row, actor in enumerate(seen.ids):
            progress = self._progress.get(int(actor))
            if progress is not None:
                progress.advance(seen.xyz_m[row, :2])

    def _leavers(self, seen: GroundPlan) -> list[int]:
        plans = self._cast.vehicle_plans
        out: list[int] = []
        riders = set(self._riders.actors)
        for actor in (int(a) for a in seen.ids):
            if actor not in plans or not plans[actor].leaves:
                continue
            rides = actor in riders and self._riders.at_end(actor)
            if rides or (actor in self._progress and self._progress[actor].done):
                out.append(actor)
        return out

    def _leave(self, gone: Sequence[int]) -> None:
        riders = set(self._riders.actors)
        for actor in gone:
            if actor not in riders and self._cast.vehicle_plans[actor].drive is Drive.TRAFFIC_MANAGER:
                self._cast.actor(actor).set_autopilot(False, self._server.traffic.get_port())
            self._riders.remove(actor)
            self._orders.remove(actor)
            self._stops.forget(actor)
            self._going.pop(actor, None)
            self.lamps.forget(actor)
            self._progress.pop(actor, None)
        self._cast.leave(gone)

    def _enter(self, time_s: float, seen: GroundPlan) -> list[Any]:
        due = self._entries.due(time_s, seen)
        commands: list[Any] = []
        if not due:
            return commands
        speeds = []
        for plan in due:
            top = {Drive.PARKED: 0.0, Drive.RIDER: ENTERING_RIDER_MPS}.get(plan.drive, np.inf)
            speeds.append(min(top, speed_mps(plan, seen)))
        for plan, tracked in zip(due, self._cast.enter(due, speeds), strict=True):
            if tracked is None:
                self._entries.refused(plan, time_s)
            else:
                commands += self._take_up(tracked, plan)
        return commands

    def _pull_out(self, time_s: float, seen: GroundPlan, present: set[int]) -> list[Any]:
        """Lets those drive on who were told to and have a gap, or have waited for one for long."""
        out: list[Any] = []
        for actor, since_s in list(self._going.items()):
            row = np.flatnonzero(seen.ids == actor)
            if actor in present and (may_pull_out(seen, int(row[0])) or time_s - since_s > PATIENCE_S):
                del self._going[actor]
                plan = self._cast.vehicle_plans[actor]
                progress = self._progress.setdefault(actor, Progress.of(plan))
                out += self._stops.end(self._cast.actor(actor), progress.rest)
        return out

    def _obey(self, actor: int, deed: Deed, seen: GroundPlan, time_s: float) -> list[Any]:
        plan = self._cast.vehicle_plans[actor]
        traffic, carla_actor = self._server.traffic, self._cast.actor(actor)
        if deed is Deed.STOP:
            self._going.pop(actor, None)
            self.incidents.told_to_stop(actor)
        elif deed is Deed.GO:
            self.incidents.told_to_go(actor)
        if plan.drive is Drive.RIDER:
            self._riders.hold(actor, deed is Deed.STOP)
            return []
        match deed:
            case Deed.STOP if plan.drive is Drive.TRAFFIC_MANAGER:
                return self._stops.begin(carla_actor, float(seen.speed_mps[seen.ids == actor][0]))
            case Deed.GO:
                self._going[actor] = time_s
            case Deed.LANE_LEFT | Deed.LANE_RIGHT if plan.drive is Drive.TRAFFIC_MANAGER:
                traffic.force_lane_change(carla_actor, deed is Deed.LANE_RIGHT)
        return []

    def _ride(self, seen: GroundPlan, signals: SignalView) -> list[Any]:
        found = self._riders.controls(seen, signals)
        if self._riders.reds_run > self._reds_told:
            self.incidents.ran_red(self._riders.reds_run - self._reds_told)
            self._reds_told = self._riders.reds_run
        control: Callable[..., Any] = carla.VehicleControl
        return [
            carla.command.ApplyVehicleControl(
                actor, control(throttle=each.throttle, steer=each.steer, brake=each.brake)
            )
            for actor, each in found.items()
        ]

    def _send(self, commands: Sequence[Any]) -> None:
        if commands:
            self._server.client.apply_batch(list(commands))

    @property
    def plans(self) -> dict[int, VehiclePlan]:
        """By actor id, of all that came, also of those that left."""
        return self._cast.vehicle_plans

    @property
    def paths(self) -> dict[int, RiderPath]:
        """The ways of riders that are there, by actor id."""
        return self._riders.paths

    @property
    def never_entered(self) -> list[str]:
        """One line for each vehicle that found its place taken to the end."""
        return [
            f"{plan.blueprint}: was to enter at {plan.enters_s:g} s and found its place taken"
            for plan in self._entries.waiting
        ]

    def achieved(self) -> dict[str, float]:
        """How many of each role came (`role NAME`), and what happened."""
        roles = Counter(role for plan in self._cast.entered for role in plan.roles)
        return {
            **{f"role {name}": float(roles[name]) for name in sorted(roles)},
            **self.incidents.counts,
        }


def _frame_of(tracked: Tracked) -> Frame:
    """Wheelbase and steering of a vehicle, of which servers tell wheel positions in centimetres."""
    length = float(tracked.actor_box.size_m[0])
    wheels = tracked.actor.get_physics_control().wheels
    steer = max((float(w.max_steer_angle) for w in wheels), default=0.0)
    places = np.array([(w.position.x, w.position.y) for w in wheels], np.float64).reshape(-1, 2) / 100.0
    base = 0.0
    if len(places) >= 2:
        front = len(places) // 2
        base = float(np.hypot(*(places[:front].mean(axis=0) - places[front:].mean(axis=0))))
    if not 0.4 * length < base < 0.95 * length:
        base = 0.62 * length
    return Frame(wheelbase_m=base, max_steer_rad=float(np.radians(steer if steer > 5.0 else 60.0)))


def _shares(xy: np.ndarray) -> np.ndarray:
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    return np.asarray(steps / max(float(steps[-1]), 1e-9))
