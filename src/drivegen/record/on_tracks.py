"""Vehicles, walkers, things and traffic lights that do what a scene plan says at every time.

They have no physics: before each tick they are put to where their track is then, and told its velocity, which
is what a server says of an actor without physics. Walkers are led as the client leads a crowd, so that their
legs move.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import carla
import numpy as np

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.handedness import FLIP_AXIAL, flip_points
from drivegen.core.plans import PropPlan, ScenePlan, VehiclePlan, WalkerPlan
from drivegen.core.tracks import Anchor, Placed, TrackCourse
from drivegen.core.weather_course import WeatherCourse
from drivegen.record.cast import Cast
from drivegen.record.lamps import Lamps, Pedals, beams
from drivegen.record.schedule import Schedule
from drivegen.record.streams import transform_of
from drivegen.record.truth import GROUND_CLEARANCE_M, Observation, Tracked
from drivegen.record.world import ServerWorld

SLACK_S = 1e-6


def check_tracks(plan: ScenePlan, schedule: Schedule) -> None:
    """Raises PlanError where the track of an agent does not last from the first recorded tick to the last."""
    first, last = schedule.warmup * plan.tick_s, (schedule.warmup + schedule.recorded - 1) * plan.tick_s
    carriers = {"ego": plan.ego.track, **{c.name: plan.vehicles[c.vehicle].track for c in plan.connected}}
    for name, track in carriers.items():
        if track is not None and (track.begins_s > first + SLACK_S or track.ends_s < last - SLACK_S):
            raise PlanError(
                f"{plan.scene}: {name}'s track goes from {track.begins_s:g} to {track.ends_s:g} s; the scene "
                f"is recorded from {first:g} to {last:g} s: shorten duration_s, or give a longer track"
            )


class OnTracks:
    """All of a scene that follows tracks. Calls to the server raise RuntimeError."""

    def __init__(self, plan: ScenePlan, server: ServerWorld, cast: Cast, lamps: Lamps) -> None:
        """Takes over who was spawned; no tick may be under way, here and in `place` and `close`.

        `lamps` are told of beacons; all other lamps are switched here.
        """
        self._lamps = lamps
        self._weather = WeatherCourse.of(plan.weather)
        self._warmup_s = plan.warmup_s
        self._pedals: dict[int, Pedals] = {}
        self._lit: dict[int, int] = {}
        """Flags of lamps, by actor, as they were last switched."""
        self._server = server
        self._cast = cast
        self._time_s = 0.0
        self._courses: dict[int, TrackCourse] = {}
        """By actor id, of those that are there."""
        self._origins: dict[int, Pose] = {}
        """From a track's anchor to the actor's origin."""
        self._fixed: set[int] = set()
        """Agents, which wait where their track begins."""
        self._waiting: list[tuple[TrackCourse, VehiclePlan | WalkerPlan]] = [
            *((TrackCourse(v.track), v) for v in plan.vehicles if v.track is not None),
            *((TrackCourse(w.track), w) for w in plan.walkers if w.track is not None),
        ]
        self._things: dict[int, tuple[TrackCourse, Pose]] = {}
        self._props = [(TrackCourse(p.track), p) for p in plan.props]
        if plan.ego.track is not None:
            self._add(cast.ego, TrackCourse(plan.ego.track))
            self._fixed.add(cast.ego.track_id)
        for actor in cast.carriers.values():
            carried = cast.vehicle_plans.get(actor)
            if carried is not None and carried.track is not None:
                self._waiting = [w for w in self._waiting if w[1] is not carried]
                self._add(cast.by_id(actor), TrackCourse(carried.track))
                self._fixed.add(actor)
        self._lights = _lights(server.world, plan)
        self._shown: dict[str, str] = {}
        self._signals = plan.signals

    def _add(self, tracked: Tracked, course: TrackCourse) -> None:
        self._courses[tracked.track_id] = course
        self._origins[tracked.track_id] = _origin(tracked.actor_box.pose, tracked.actor_box.size_m, course)

    def place(self, time_s: float, early_s: float = 0.0) -> None:
        """Brings everybody to where the tick that comes next finds them; `time_s` is that tick's.

        With `early_s` to where they were so long before, had they come at the velocity that they have then.
        """
        self._time_s = time_s
        gone = [
            actor
            for actor, course in self._courses.items()
            if actor not in self._fixed and not course.is_there(time_s, SLACK_S)
        ]
        if gone:
            self._cast.leave(gone)
            for actor in gone:
                del self._courses[actor], self._origins[actor]
                self._pedals.pop(actor, None)
                self._lit.pop(actor, None)
                self._lamps.forget(actor)
        self._enter(time_s)
        self._place_things(time_s)
        commands: list[Any] = []
        by_weather = beams(self._weather.at(round((time_s - self._warmup_s) * 1e9)))
        for actor, course in self._courses.items():
            placed = course.at(time_s, early_s)
            origin = placed.pose @ self._origins[actor]
            if actor in self._cast.walker_plans:
                commands.append(_walk(actor, origin, placed))
            else:
                commands += [*_drive(actor, origin, placed), *self._switch(actor, placed, by_weather)]
        if commands:
            self._server.client.apply_batch(commands)
        self._light(time_s)

    def _switch(self, actor: int, placed: Placed, by_weather: int) -> list[Any]:
        flags = self._pedals.setdefault(actor, Pedals()).flags(placed) | by_weather | self._lamps.kept(actor)
        if self._lit.get(actor, 0) == flags:
            return []
        self._lit[actor] = flags
        return [carla.command.SetVehicleLightState(actor, flags)]

    def _enter(self, time_s: float) -> None:
        due = [w for w in self._waiting if w[0].is_there(time_s, SLACK_S)]
        if not due:
            return
        # Who was never there at any tick is passed over.
        self._waiting = [w for w in self._waiting if w[0].track.begins_s > time_s + SLACK_S]
        for (course, plan), tracked in zip(due, self._cast.put_in([p for _, p in due]), strict=True):
            if tracked is not None:
                self._add(tracked, course)
                # Who is led stays at the height that it has, as far as the ground lets it.
                origin = course.at(time_s).pose @ self._origins[tracked.track_id]
                tracked.actor.set_transform(transform_of(origin))
                if isinstance(plan, VehiclePlan) and plan.beacon:
                    self._lamps.beacon(tracked.track_id)

    def _place_things(self, time_s: float) -> None:
        gone = [i for i, (course, _) in self._things.items() if not course.is_there(time_s, SLACK_S)]
        if gone:
            self._cast.leave(gone)
            for actor in gone:
                del self._things[actor]
        due = [p for p in self._props if p[0].is_there(time_s, SLACK_S)]
        self._props = [p for p in self._props if p[0].track.begins_s > time_s + SLACK_S]
        for (course, _), actor in zip(due, self._cast.put_things([plan for _, plan in due]), strict=True):
            if actor is not None:
                box = Tracked.of(actor).actor_box
                self._things[int(actor.id)] = course, _origin(box.pose, box.size_m, course)
        commands = [
            carla.command.ApplyTransform(actor, transform_of(course.at(time_s).pose @ origin))
            for actor, (course, origin) in self._things.items()
        ]
        if commands:
            self._server.client.apply_batch(commands)

    def _light(self, time_s: float) -> None:
        for course in self._signals:
            state = course.at(time_s)
            if self._shown.get(course.signal_id) != state:
                self._shown[course.signal_id] = state
                light = self._lights[course.signal_id]
                light.set_state(getattr(carla.TrafficLightState, state.capitalize()))
                light.freeze(True)

    @property
    def signals_left_s(self) -> dict[str, float | None]:
        """How long each light that has a course shows what it shows; None where it stays so."""
        changes = {c.signal_id: c.next_change_s(self._time_s) for c in self._signals}
        return {name: None if t is None else t - self._time_s for name, t in changes.items()}

    def told(self, observed: Sequence[Observation]) -> list[Observation]:
        """Observations of the last tick with the motion of tracks, for what a server makes of places."""
        return [self._told(o) if o.tracked.track_id in self._courses else o for o in observed]

    def _told(self, seen: Observation) -> Observation:
        placed = self._courses[seen.tracked.track_id].at(self._time_s)
        roll_rate, pitch_rate, _ = seen.angular_velocity_radps.tolist()
        return replace(
            seen,
            velocity_mps=_velocity(placed, seen.map_actor.position_m),
            acceleration_mps2=placed.acceleration_mps2,
            angular_velocity_radps=np.array([roll_rate, pitch_rate, placed.yaw_rate_radps]),
        )

    def achieved(self) -> dict[str, float]:
        """Walkers that came, by role."""
        plans = self._cast.walker_plans.values()
        roles = Counter(role for plan in plans if plan.track is not None for role in plan.roles)
        return {f"role {name}": float(roles[name]) for name in sorted(roles)}

    @property
    def never_came(self) -> list[str]:
        """One line for each whose track was over before the scene began, or began after its end."""
        waiting: list[VehiclePlan | WalkerPlan | PropPlan] = [p for _, p in self._waiting]
        waiting += [p for _, p in self._props]
        return [f"{p.blueprint}: the scene has no tick while its track lasts" for p in waiting]

    def close(self) -> None:
        """Gives lights back to the server's controllers; never raises for a dead server."""
        with contextlib.suppress(RuntimeError):
            for name in self._shown:
                self._lights[name].freeze(False)


def _velocity(placed: Placed, origin_m: Vec3) -> Vec3:
    """Of the actor's origin, from that of the track's anchor: both turn about z alike."""
    x, y, _ = (origin_m - placed.position_m).tolist()
    turn = placed.yaw_rate_radps
    return placed.velocity_mps + np.array([-turn * y, turn * x, 0.0])


def _origin(box: Pose, size_m: Vec3, course: TrackCourse) -> Pose:
    """The actor's origin in the frame of the track's anchor, by the server's box of the actor."""
    if course.track.anchor is Anchor.ORIGIN:
        return Pose.identity()
    if course.track.anchor is Anchor.MIDDLE:
        return box.inverse()
    x, y, z = box.position_m.tolist()
    return Pose.from_xyz_rpy(-x, -y, float(size_m[2]) / 2.0 + GROUND_CLEARANCE_M - z)


def _walk(actor: int, origin: Pose, placed: Placed) -> Any:
    speed = float(np.hypot(*placed.velocity_mps[:2]))
    return carla.command.ApplyWalkerState(actor, transform_of(origin), speed)


def _drive(actor: int, origin: Pose, placed: Placed) -> list[Any]:
    velocity = _velocity(placed, origin.position_m)
    turning = np.degrees(np.array([0.0, 0.0, placed.yaw_rate_radps])) * FLIP_AXIAL
    return [
        carla.command.ApplyTransform(actor, transform_of(origin)),
        carla.command.ApplyTargetVelocity(actor, carla.Vector3D(*flip_points(velocity).tolist())),
        carla.command.ApplyTargetAngularVelocity(actor, carla.Vector3D(*turning.tolist())),
    ]


def _lights(world: Any, plan: ScenePlan) -> Mapping[str, Any]:
    if not plan.signals:
        return {}
    found = {str(a.get_opendrive_id()): a for a in world.get_actors().filter("traffic.traffic_light*")}
    unknown = sorted({c.signal_id for c in plan.signals} - found.keys())
    if unknown:
        raise PlanError(
            f"{plan.scene}: the road has no traffic light {', '.join(unknown)} that the plan has a course for"
        )
    return found
