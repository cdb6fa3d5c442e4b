"""A recorded scene as an OpenSCENARIO 1.3 file that plays the same motion.

Every actor follows a trajectory with times. Reference points are those of the standard: of vehicles the
ground below the middle of the rear axle, which is guessed from the length, of people the ground below them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from lxml import etree

from drivegen.capture.frame import EGO
from drivegen.capture.motions import Motion, Motions, motions_of
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.geometry import Pose
from drivegen.core.plans import WeatherPlan
from drivegen.core.tracks import Anchor, Placed, Track, TrackCourse
from drivegen.core.weather import RAIN_AT_FULL_MMPH, Weather
from drivegen.core.weather_course import WeatherCourse
from drivegen.scenario.model.names import FractionalCloudCover
from drivegen.scenario.player.live.blueprints import CLASS
from drivegen.scenario.player.live.environment import visual_range_m, wetness_of, wind_mps

REAR_SHARE = 0.3
"""Of a vehicle's length: from its middle back to the rear axle."""
DATE = "2000-01-01T00:00:00"
"""Of every file: its bytes follow from the capture alone."""
_USUAL_SIZE_M = (4.7, 1.9, 1.5)
"""Of an ego whose capture does not tell its box: nobody else was there to see it."""

_CATEGORIES = {
    ObjectClass.CAR: "car",
    ObjectClass.VAN: "van",
    ObjectClass.TRUCK: "truck",
    ObjectClass.BUS: "bus",
    ObjectClass.MOTORCYCLE: "motorbike",
    ObjectClass.BICYCLE: "bicycle",
    ObjectClass.TRICYCLE: "motorbike",
    ObjectClass.CONSTRUCTION: "truck",
    ObjectClass.UNMANNED: "van",
    ObjectClass.POLICE: "car",
    ObjectClass.EMERGENCY: "van",
}
_ROLES = {ObjectClass.POLICE: "police", ObjectClass.EMERGENCY: "ambulance"}
_MASSES_KG = {"car": 1600, "van": 2500, "truck": 12000, "bus": 12000, "motorbike": 200, "bicycle": 90}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Entity:
    name: str
    motion: Motion
    size_m: tuple[float, float, float]
    track: Track

    @property
    def afoot(self) -> bool:
        return self.motion.object_class in PEOPLE

    @property
    def back_m(self) -> float:
        """From the box's middle back to the reference point."""
        return 0.0 if self.afoot else REAR_SHARE * self.size_m[0]


def scenario_of(reader: CaptureReader, road: str, from_s: float = 0.0, to_s: float = math.inf) -> bytes:
    """The file's bytes.

    Args:
        reader: Of the capture.
        road: Path of the OpenDRIVE file, from the folder of the scenario.
        from_s: Where the cut begins, after the first frame.
        to_s: Where it ends.

    Raises:
        CaptureError: The capture cannot be read.
        ValueError: Less than two frames lie in the cut.
    """
    motions = motions_of(reader, from_s, to_s)
    step_s = reader.plan.tick_s
    entities = tuple(_entities(motions))
    root = etree.Element("OpenSCENARIO")
    told = f"{reader.scene}, from {motions.begins_s:g} s on, as it was recorded"
    _add(root, "FileHeader", author="drivegen", date=DATE, description=told, revMajor=1, revMinor=3)
    _add(root, "CatalogLocations")
    _add(_add(root, "RoadNetwork"), "LogicFile", filepath=road)
    cast = _add(root, "Entities")
    for entity in entities:
        _cast(_add(cast, "ScenarioObject", name=entity.name), entity)
    story = _add(root, "Storyboard")
    init = _add(_add(story, "Init"), "Actions")
    weathers = list(_weathers(reader.plan.weather, motions))
    _environment(_add(init, "GlobalAction"), weathers[0][1], reader.plan.weather.hour)
    for name, shown in motions.signals.items():
        _signal(_add(init, "GlobalAction"), name, shown[0][1])
    for entity in entities:
        if entity.track.begins_s <= 1e-6:
            private = _add(init, "Private", entityRef=entity.name)
            teleport = _add(_add(private, "PrivateAction"), "TeleportAction")
            _position(teleport, entity, TrackCourse(entity.track).at(0.0))
    _stories(story, entities, motions, weathers, reader.plan.weather.hour, step_s)
    stop = _add(_add(story, "StopTrigger"), "ConditionGroup")
    _at_time(stop, "end of the recording", motions.ends_s)
    etree.indent(root, "  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _entities(motions: Motions) -> Iterator[_Entity]:
    named = [("Ego" if name == EGO else _word(name), m) for name, m in motions.agents.items()]
    named += [(f"{_word(m.object_class.value)}_{m.track_id}", m) for m in motions.objects]
    for name, motion in named:
        length, width, height = motion.size_m.tolist()
        size = (length, width, height) if length > 0.0 else _USUAL_SIZE_M
        for number, track in enumerate(motion.tracks, 1):
            yield _Entity(
                name=name if number == 1 else f"{name}_again_{number}",
                motion=motion,
                size_m=size,
                track=track,
            )


def _word(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text).capitalize()


def _cast(made: etree._Element, entity: _Entity) -> None:
    length, width, height = entity.size_m
    motion, kind = entity.motion, entity.motion.object_class
    if entity.afoot:
        what = _add(
            made, "Pedestrian", name=entity.name, pedestrianCategory="pedestrian", mass=70,
            model3d=motion.blueprint,
        )  # fmt: skip
    else:
        category = _CATEGORIES.get(kind, "car")
        what = _add(
            made, "Vehicle", name=entity.name, vehicleCategory=category, role=_ROLES.get(kind, "civil"),
            mass=_MASSES_KG[category], model3d=motion.blueprint,
        )  # fmt: skip
    box = _add(what, "BoundingBox")
    _add(box, "Center", x=entity.back_m, y=0.0, z=height / 2.0)
    _add(box, "Dimensions", width=width, length=length, height=height)
    if not entity.afoot:
        _add(what, "Performance", maxSpeed=70, maxAcceleration=12, maxDeceleration=12)
        axles = _add(what, "Axles")
        wheel = {"wheelDiameter": min(0.65, height / 2.0), "trackWidth": 0.8 * width, "positionZ": 0.32}
        _add(axles, "FrontAxle", maxSteering=0.6, positionX=2.0 * REAR_SHARE * length, **wheel)
        _add(axles, "RearAxle", maxSteering=0.0, positionX=0.0, **wheel)
    _add(_add(what, "Properties"), "Property", name=CLASS, value=kind.value)


def _stories(
    board: etree._Element,
    entities: Iterable[_Entity],
    motions: Motions,
    weathers: list[tuple[float, Weather]],
    hour: float,
    step_s: float,
) -> None:
    act = _add(_add(board, "Story", name="recording"), "Act", name="act")
    for entity in entities:
        course = TrackCourse(entity.track)
        events = _group(act, entity.name, entity.name)
        track = entity.track
        # What happens at a time is to be seen a step later.
        if track.begins_s > 1e-6:
            action = _event(events, "appear", track.begins_s)
            added = _add(
                _add(_add(action, "GlobalAction"), "EntityAction", entityRef=entity.name), "AddEntityAction"
            )
            _position(added, entity, course.at(track.begins_s))
            _trigger(action, track.begins_s - step_s)
        action = _event(events, "move", track.begins_s)
        _follow(_add(action, "PrivateAction"), entity, course, step_s)
        _trigger(action, track.begins_s)
        if track.ends_s < motions.ends_s - 1e-6:
            action = _event(events, "vanish", track.ends_s)
            _add(
                _add(_add(action, "GlobalAction"), "EntityAction", entityRef=entity.name),
                "DeleteEntityAction",
            )
            _trigger(action, track.ends_s)
    changes = [(t, n, s) for n, shown in motions.signals.items() for t, s in shown[1:]]
    if changes or len(weathers) > 1:
        events = _group(act, "surroundings", None)
        for number, (time_s, name, state) in enumerate(sorted(changes), 1):
            action = _event(events, f"signal {name} {number}", time_s)
            _signal(_add(action, "GlobalAction"), name, state)
            _trigger(action, time_s)
        for number, (time_s, weather) in enumerate(weathers[1:], 1):
            action = _event(events, f"weather {number}", time_s)
            _environment(_add(action, "GlobalAction"), weather, hour)
            _trigger(action, time_s)
    _at_time(_add(_add(act, "StartTrigger"), "ConditionGroup"), "begin", 0.0)


def _group(act: etree._Element, name: str, actor: str | None) -> etree._Element:
    group = _add(act, "ManeuverGroup", name=name, maximumExecutionCount=1)
    actors = _add(group, "Actors", selectTriggeringEntities="false")
    if actor is not None:
        _add(actors, "EntityRef", entityRef=actor)
    return _add(group, "Maneuver", name=name)


def _event(maneuver: etree._Element, name: str, time_s: float) -> etree._Element:
    """The action of a new event."""
    event = _add(maneuver, "Event", name=name, priority="parallel", maximumExecutionCount=1)
    return _add(event, "Action", name=f"{name} at {_text(time_s)} s")


def _trigger(action: etree._Element, time_s: float) -> None:
    """Lets the event of an action begin at a time."""
    event = action.getparent()
    assert event is not None
    _at_time(_add(_add(event, "StartTrigger"), "ConditionGroup"), f"{event.get('name')} due", time_s)


def _at_time(group: etree._Element, name: str, time_s: float) -> None:
    condition = _add(group, "Condition", name=name, delay=0, conditionEdge="none")
    by_value = _add(condition, "ByValueCondition")
    # Half a microsecond earlier, so that no rounding makes it a step later.
    at = max(0.0, time_s - 5e-7)
    _add(by_value, "SimulationTimeCondition", value=at, rule="greaterOrEqual")


def _follow(action: etree._Element, entity: _Entity, course: TrackCourse, step_s: float) -> None:
    follow = _add(_add(action, "RoutingAction"), "FollowTrajectoryAction")
    trajectory = _add(
        _add(follow, "TrajectoryRef"), "Trajectory", name=f"way of {entity.name}", closed="false"
    )
    line = _add(_add(trajectory, "Shape"), "Polyline")
    track = entity.track
    steps = round((track.ends_s - track.begins_s) / step_s)
    times = {round(track.begins_s + k * step_s, 6) for k in range(steps + 1)} | {track.ends_s}
    for time_s in sorted(t for t in times if t <= track.ends_s + 1e-9):
        _position(_add(line, "Vertex", time=time_s), entity, course.at(time_s))
    _add(_add(follow, "TimeReference"), "Timing", domainAbsoluteRelative="absolute", scale=1, offset=0)
    _add(follow, "TrajectoryFollowingMode", followingMode="position")


def _position(parent: etree._Element, entity: _Entity, placed: Placed) -> None:
    down = entity.size_m[2] / 2.0 if entity.track.anchor is Anchor.MIDDLE else 0.0
    at = placed.pose @ Pose.from_xyz_rpy(-entity.back_m, 0.0, -down)
    x, y, z = at.position_m.tolist()
    yaw = math.remainder(placed.yaw_rad, 2.0 * math.pi)
    angles = {"h": yaw, "p": placed.pitch_rad, "r": placed.roll_rad}
    _add(_add(parent, "Position"), "WorldPosition", x=x, y=y, z=z, **angles)


def _weathers(plan: WeatherPlan, motions: Motions) -> Iterator[tuple[float, Weather]]:
    """(from when, weather), the first at 0; weather that changes goes in steps of a second."""
    course = WeatherCourse.of(plan)
    before = course.exact(motions.begins_s)
    yield 0.0, before
    for time_s in np.arange(1.0, motions.ends_s, 1.0).tolist() if course.changes else ():
        weather = course.exact(motions.begins_s + time_s)
        if weather != before:
            yield time_s, weather
            before = weather


def _environment(action: etree._Element, weather: Weather, hour: float) -> None:
    made = _add(_add(action, "EnvironmentAction"), "Environment", name="as recorded")
    clock = f"{int(hour) % 24:02d}:{int(hour % 1.0 * 60.0):02d}:00"
    _add(made, "TimeOfDay", animation="false", dateTime=f"{DATE[:10]}T{clock}")
    covers = list(FractionalCloudCover)
    eighths = min(round(weather.cloudiness / 12.5), 8)
    sky = _add(made, "Weather", fractionalCloudCover=covers[eighths].value)
    elevation = math.radians(weather.sun_altitude_deg)
    light = 100_000.0 * max(0.0, math.sin(elevation)) + 1.0
    azimuth = math.radians(weather.sun_azimuth_deg % 360.0)
    _add(sky, "Sun", azimuth=azimuth, elevation=elevation, illuminance=light)
    _add(sky, "Fog", visualRange=visual_range_m(weather))
    rain = weather.precipitation / 100.0 * RAIN_AT_FULL_MMPH
    kind = "rain" if rain > 0.0 else "dry"
    _add(sky, "Precipitation", precipitationType=kind, precipitationIntensity=rain)
    _add(sky, "Wind", direction=0, speed=wind_mps(weather))
    _add(made, "RoadCondition", frictionScaleFactor=1, wetness=wetness_of(weather).value)


def _signal(action: etree._Element, name: str, state: str) -> None:
    infrastructure = _add(_add(action, "InfrastructureAction"), "TrafficSignalAction")
    _add(infrastructure, "TrafficSignalStateAction", name=name, state=state)


def _add(parent: etree._Element, tag: str, **attributes: str | float) -> etree._Element:
    return etree.SubElement(parent, tag, {n: _text(v) for n, v in attributes.items()})


def _text(value: str | float) -> str:
    """Numbers without exponents or trailing zeros, to a tenth of a micrometre."""
    if isinstance(value, str):
        return value
    text = f"{value:.7f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
