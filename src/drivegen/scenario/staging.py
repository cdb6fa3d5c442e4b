"""A scenario that was played, as a scene plan with tracks: what the recorder needs to record it.

Who drove does not matter any more: everybody follows the course that came. Sensors are left to whoever
records it.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from drivegen.core.errors import ScenarioError
from drivegen.core.plans import (
    Drive,
    EgoPlan,
    MapPlan,
    PlacedPose,
    PropPlan,
    ScenePlan,
    VehiclePlan,
    WalkerPlan,
    WeatherPlan,
)
from drivegen.core.sensors import Rig
from drivegen.core.tracks import SignalCourse, Track
from drivegen.core.weather import Weather, WeatherKeyframe
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.scenario.model.entities import Vehicle
from drivegen.scenario.model.names import ObjectType, Role
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.bodies import Body, body_of
from drivegen.scenario.player.live.blueprints import blueprint_of
from drivegen.scenario.player.live.environment import weather_of
from drivegen.scenario.player.live.lights import signal_state
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.simulate import Course
from drivegen.scenario.road import ScenarioRoad

NO_RIG = Rig(name="none", sensors=())
OF_SCENARIO, UNTOLD = "scenario", ""
"""Names of weathers: the scenario's own; none, where it tells of none."""
SWITCH_S = 0.001
"""Weather that a scenario sets anew changes in so short a time."""
JUMP_MPS = 15.0
"""Places that are farther apart than the speed says, by more than this, are a teleport."""
PAINTS = ((198, 202, 206), (38, 40, 44), (150, 32, 34), (32, 62, 110), (108, 112, 116), (222, 220, 212))
"""Of those whose colour nobody tells."""
_EMERGENCY = frozenset({Role.AMBULANCE, Role.FIRE, Role.POLICE})


def plan_of(
    scenario: Scenario,
    road: ScenarioRoad,
    course: Course,
    *,
    name: str,
    subject: str,
    step_s: float,
    available: Collection[str],
) -> ScenePlan:
    """The scene plan of a played scenario, for as long as the subject is there; without sensors.

    Args:
        scenario: That was played.
        road: Its roads.
        course: What came.
        name: Of the scene and its road; a file's name.
        subject: Who becomes the ego.
        step_s: Between the course's rows; the scene's tick.
        available: Blueprints of the server that records.

    Raises:
        ScenarioError: The subject is no vehicle or was there for less than two steps, or an entity has no
            blueprint.
    """
    bodies = {o.name: body_of(o) for o in scenario.entities.scenario_objects}
    tracks = _tracks(course.rows, bodies, step_s)
    own = tracks.get(subject, ())
    if bodies[subject].kind is not ObjectType.VEHICLE:
        raise ScenarioError(f'"{subject}" is no vehicle: sensors need one to ride on')
    if not own:
        raise ScenarioError(f'"{subject}" was there for less than two steps: nothing can be recorded')
    ego = own[0]
    begin_s = ego.begins_s - step_s
    ticks = round((ego.ends_s - ego.begins_s) / step_s) + 1
    cast = {n: tuple(_moved(t, -begin_s) for t in found) for n, found in tracks.items() if n != subject}
    named = {n: blueprint_of(body, available) for n, body in bodies.items()}
    return ScenePlan(
        scene=name,
        seed=0,
        tick_s=step_s,
        warmup_s=step_s,
        duration_s=round(ticks * step_s, 9),
        keyframe_s=step_s,
        label_range_m=100.0,
        map=MapPlan(
            name=name,
            opendrive=f"{name}.xodr",
            sha256=hashlib.sha256(road.text.encode()).hexdigest(),
            scenery_seed=0,
        ),
        weather=_weather(course, begin_s + step_s),
        ego=EgoPlan(
            blueprint=named[subject],
            color_rgb=_color(bodies[subject]),
            variant=_variant(bodies[subject]),
            start=_start(ego),
            speed_difference_percent=0.0,
            rig=NO_RIG,
            track=_moved(ego, -begin_s),
        ),
        vehicles=tuple(
            _vehicle(bodies[n], named[n], t)
            for n, found in cast.items()
            for t in found
            if bodies[n].kind in (ObjectType.VEHICLE, ObjectType.EXTERNAL)
        ),
        walkers=tuple(
            WalkerPlan(
                blueprint=named[n],
                speed_mps=0.0,
                waypoints=(),
                crossings=(),
                variant=_variant(bodies[n]) or 0,
                track=t,
            )
            for n, found in cast.items()
            for t in found
            if bodies[n].kind is ObjectType.PEDESTRIAN
        ),
        props=tuple(
            PropPlan(blueprint=named[n], track=t)
            for n, found in cast.items()
            for t in found
            if bodies[n].kind is ObjectType.MISCELLANEOUS
        ),
        requested={
            "vehicles": float(_count(cast, bodies, ObjectType.VEHICLE)),
            "pedestrians": float(_count(cast, bodies, ObjectType.PEDESTRIAN)),
        },
        signals=_signals(course, road.network, begin_s),
    )


def _count(cast: Mapping[str, Any], bodies: Mapping[str, Body], kind: ObjectType) -> int:
    return sum(1 for n in cast if bodies[n].kind is kind)


def _tracks(rows: Sequence[Row], bodies: Mapping[str, Body], step_s: float) -> dict[str, tuple[Track, ...]]:
    """Of each entity, in the order of the file, one for each time that it is there."""
    by_name: dict[str, list[Row]] = {name: [] for name in bodies}
    for row in rows:
        by_name[row.name].append(row)
    out = {}
    for name, own in by_name.items():
        pieces: list[list[Row]] = []
        for row in own:
            if not pieces or row.time_s - pieces[-1][-1].time_s > 1.5 * step_s or _jumps(pieces[-1][-1], row):
                pieces.append([])
            pieces[-1].append(row)
        tracks = tuple(_track(p, bodies[name]) for p in pieces if len(p) > 1)
        if tracks:
            out[name] = tracks
    return out


def _jumps(before: Row, row: Row) -> bool:
    """A teleport: who is put elsewhere is another actor, that appears there."""
    way = math.dist((before.x_m, before.y_m, before.z_m), (row.x_m, row.y_m, row.z_m))
    fastest = max(abs(before.speed_mps), abs(row.speed_mps)) + JUMP_MPS
    return way > fastest * (row.time_s - before.time_s)


def _track(rows: Sequence[Row], body: Body) -> Track:
    """Of the middle of the box's underside."""
    h = np.array([r.h_rad for r in rows])
    pitch = np.array([r.pitch_rad for r in rows])
    ahead, left = body.box.x_m, body.box.y_m
    places = np.array([(r.x_m, r.y_m, r.z_m) for r in rows])
    c, s = np.cos(h), np.sin(h)
    # Slopes lift what lies ahead of the reference point.
    places += np.stack([c * ahead - s * left, s * ahead + c * left, -ahead * np.sin(pitch)], axis=1)
    return Track.through(
        [r.time_s for r in rows],
        places,
        h,
        pitch_rad=pitch,
        roll_rad=np.array([r.roll_rad for r in rows]),
        of=body.name,
    )


def _moved(track: Track, by_s: float) -> Track:
    """The same at other times."""
    return replace(track, times_s=tuple(round(t + by_s, 6) for t in track.times_s))


def _start(track: Track) -> PlacedPose:
    return PlacedPose(x_m=track.x_m[0], y_m=track.y_m[0], z_m=track.z_m[0], yaw_rad=track.yaw_rad[0])


def _vehicle(body: Body, blueprint: str, track: Track) -> VehiclePlan:
    what = body.source.entity_object
    return VehiclePlan(
        blueprint=blueprint,
        color_rgb=_color(body),
        variant=_variant(body) or 0,
        start=_start(track),
        speed_difference_percent=0.0,
        following_distance_m=0.0,
        lane_changes=False,
        drive=Drive.TRACK,
        beacon=isinstance(what, Vehicle) and what.role in _EMERGENCY,
        track=track,
    )


def _property(body: Body, name: str) -> str | None:
    properties = getattr(body.source.entity_object, "properties", None)
    return None if properties is None else properties.get(name)


def _color(body: Body) -> tuple[int, int, int]:
    """As a property says, by whole numbers of 0 to 255 with commas between."""
    said = (_property(body, "color") or "").split(",")
    if len(said) == 3 and all(v.strip().isdigit() and int(v) < 256 for v in said):
        return int(said[0]), int(said[1]), int(said[2])
    return PAINTS[sum(body.name.encode()) % len(PAINTS)]


def _variant(body: Body) -> int | None:
    said = _property(body, "variant")
    return int(said) if said is not None and said.isdigit() else None


def _weather(course: Course, begin_s: float) -> WeatherPlan:
    """As the scenario sets it; each time at once."""
    weather = Weather()
    steps = []
    hour = 12.0
    for time_s, action in course.environments:
        weather = weather_of(action.environment, weather)
        steps.append((time_s - begin_s, weather))
        if action.environment.time_of_day is not None:
            when = action.environment.time_of_day.date_time
            hour = when.hour + when.minute / 60.0 + when.second / 3600.0
    past = [w for t, w in steps if t <= SWITCH_S]
    later = {round(t, 6): w for t, w in steps if t > SWITCH_S}
    first = past[-1] if past else Weather()
    keyframes = []
    for (_, before), (time_s, after) in itertools.pairwise([(0.0, first), *later.items()]):
        keyframes += [
            WeatherKeyframe(time_s=round(time_s - SWITCH_S, 6), parameters=before),
            WeatherKeyframe(time_s=time_s, parameters=after),
        ]
    return WeatherPlan(
        preset=OF_SCENARIO if steps else UNTOLD,
        hour=hour,
        parameters=first,
        keyframes=tuple(keyframes),
        update_s=0.05,
    )


def _signals(course: Course, network: RoadNetwork, begin_s: float) -> tuple[SignalCourse, ...]:
    """What the road's traffic lights showed, of those that are known."""
    lit = {head.signal_id for head in signal_heads(network)}
    shown: dict[str, dict[float, str]] = {}
    for change in course.signals:
        if change.signal_id in lit:
            state = str(signal_state(change.state)).lower()
            # Times before the scene's own are those of its beginning, the last one stays.
            shown.setdefault(change.signal_id, {})[round(max(0.0, change.time_s - begin_s), 6)] = state
    return tuple(
        SignalCourse(signal_id=name, times_s=tuple(states), states=tuple(states.values()))
        for name, states in sorted(shown.items())
    )
