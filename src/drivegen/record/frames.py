"""One tick's raw data and truth to a `Frame`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import UInt32

from drivegen.capture.frame import EGO, AgentFrame, CameraImage, Frame, RadarScan, Sweep
from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar
from drivegen.core.weather import Weather
from drivegen.core.weather_course import WeatherCourse
from drivegen.record import unpack
from drivegen.record.agents import Agent, Carried
from drivegen.record.camera_effects import CameraEffects
from drivegen.record.identity import Candidate, InstanceIds
from drivegen.record.lens_images import LensImages
from drivegen.record.point_sensors import PointSensors
from drivegen.record.timings import Timings
from drivegen.record.truth import Observation, allowed_tags, within
from drivegen.record.visibility import Target, camera_labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """A tick, as far as it must be asked before the next one begins."""

    index: int
    time_ns: int
    keyframe: bool
    carried: Mapping[str, Carried]
    """All agents, by name."""
    everybody: Sequence[Observation]
    """All vehicles and walkers, the ego first."""
    signals: Mapping[str, str]
    left_s: Mapping[str, float]
    """How long each signal will show what it shows, where that is known."""
    paths: Mapping[tuple[str, str], str] | None
    """What stands between pairs of agents; none where nobody talks."""
    data: Mapping[str, Mapping[str, Any]]
    """Raw sensor data by `Agent.key` and part."""

    @property
    def ego(self) -> Observation:
        """The ego vehicle."""
        return self.everybody[0]


@dataclass(slots=True, kw_only=True, eq=False)
class _Evidence:
    """What the sensors of all agents say of objects, by `Agent.key`."""

    cameras: dict[str, dict[int, CameraLabel]] = field(default_factory=dict)
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    radars: dict[str, RadarScan] = field(default_factory=dict)


class FrameBuilder:
    """Makes frames; remembers what instance ids mean from one to the next."""

    def __init__(self, plan: ScenePlan, agents: Sequence[Agent], timings: Timings) -> None:
        self._range_m = plan.label_range_m
        ids = InstanceIds()
        self._agents = [AgentSensors(plan, agent, ids, timings) for agent in agents]
        self._course = WeatherCourse.of(plan.weather)
        self._timings = timings

    def build(self, moment: Moment) -> Frame:
        """The frame of a moment, with a label for every object within range of an agent."""
        weather = self._course.at(moment.time_ns)
        centres = [c.map_agent.position_m for c in moment.carried.values()]
        annotated = within(moment.everybody[1:], centres, self._range_m)
        alone = len(self._agents) == 1
        labelled = annotated if alone else sorted([*annotated, moment.ego], key=_track_id)
        evidence = _Evidence()
        agents = {each.agent.name: each.take(moment, weather, labelled, evidence) for each in self._agents}
        with self._timings.stage("truth"):
            objects = _objects(labelled, moment.carried, evidence)
            if not alone:
                own = moment.ego.tracked.track_id
                body = next(o for o in objects if o.track_id == own)
                objects = tuple(o for o in objects if o.track_id != own)
                agents[EGO] = replace(agents[EGO], body=body)
        return Frame(
            index=moment.index,
            time_ns=moment.time_ns,
            keyframe=moment.keyframe,
            agents=agents,
            objects=objects,
            signals=dict(moment.signals),
        )


class AgentSensors:
    """Makes what the sensors of one agent deliver, and what they say of objects."""

    def __init__(self, plan: ScenePlan, agent: Agent, ids: InstanceIds, timings: Timings) -> None:
        self.agent = agent
        self._sensors = agent.keyed
        cameras = agent.rig.cameras
        self._lenses = {c.name: LensImages(c) for c in cameras}
        self._effects = {c.name: CameraEffects(c, plan, agent.seed(plan.seed)) for c in cameras}
        self._points = PointSensors(plan, agent)
        self._ids = ids
        self._timings = timings
        self._alone = not plan.connected and not plan.roadside

    def take(
        self, moment: Moment, weather: Weather, labelled: Sequence[Observation], evidence: _Evidence
    ) -> AgentFrame:
        """The agent's part of a frame; adds to `evidence` what its sensors saw of those that are labelled."""
        carried = moment.carried[self.agent.name]
        self._points.follow(weather)
        own = carried.track_id
        around = [o for o in labelled if o.tracked.track_id != own]
        ids = np.array([o.tracked.track_id for o in around], np.uint32)
        frame = AgentFrame(
            map_agent=carried.map_agent,
            velocity_mps=carried.velocity_mps,
            acceleration_mps2=carried.acceleration_mps2,
            angular_velocity_radps=carried.angular_velocity_radps,
            track_id=None if self._alone else own,
        )
        for key, sensor in self._sensors.items():
            parts = moment.data.get(key)
            if parts is None:
                continue
            name = sensor.name
            match sensor:
                case Camera() as camera:
                    map_camera = carried.map_agent @ camera.agent_sensor
                    self._effects[name].follow(weather)
                    frame.images[name] = self._image(camera, map_camera, parts, moment, ids)
                    evidence.cameras[key] = self._look(camera, map_camera, frame.images[name], around)
                case Lidar() as lidar:
                    with self._timings.stage("lidar"):
                        frame.sweeps[name] = evidence.sweeps[key] = self._points.sweep(
                            lidar, parts, moment.index, carried, moment.everybody, ids
                        )
                case Radar() as radar:
                    with self._timings.stage("radar"):
                        frame.radars[name] = evidence.radars[key] = self._points.scan(
                            radar, parts, moment.index, carried, moment.everybody, ids
                        )
                case Gnss():
                    frame.gnss[name] = unpack.gnss(parts["gnss"])
                case Imu():
                    frame.imu[name] = unpack.imu(parts["imu"])
        return frame

    def _image(
        self,
        camera: Camera,
        map_camera: Pose,
        parts: Mapping[str, Any],
        moment: Moment,
        annotated: UInt32[np.ndarray, "m"],
    ) -> CameraImage:
        with self._timings.stage("unpack"):
            raw = self._lenses[camera.name].take(parts)
        effects = self._effects[camera.name]
        with self._timings.stage("effects"):
            bgr = effects.apply(raw.bgr, moment.time_ns)
        with self._timings.stage("identity"):
            candidates = [
                Candidate(actor_id=o.tracked.track_id, tags=allowed_tags(o.tracked.object_class), box=o.box)
                for o in moment.everybody
            ]
            instance = self._ids.resolve(
                camera, map_camera, raw.depth_m, raw.tag, raw.raw, candidates, annotated
            )
        return CameraImage(
            bgr=bgr, depth_m=raw.depth_m, tag=raw.tag, instance=instance, soiling=effects.soiling
        )

    def _look(
        self, camera: Camera, map_camera: Pose, image: CameraImage, annotated: Sequence[Observation]
    ) -> dict[int, CameraLabel]:
        with self._timings.stage("visibility"):
            targets = [
                Target(track_id=o.tracked.track_id, object_class=o.tracked.object_class, box=o.box)
                for o in annotated
            ]
            hidden = self._effects[camera.name].opaque
            return camera_labels(camera, map_camera, image.depth_m, image.instance, targets, hidden)


def _track_id(observation: Observation) -> int:
    return observation.tracked.track_id


def _objects(
    labelled: Sequence[Observation], carried: Mapping[str, Carried], evidence: _Evidence
) -> tuple[ObjectLabel, ...]:
    """Labels in the order of `labelled`: by ascending id. A body has nothing from its own sensors."""
    ids = np.array([o.tracked.track_id for o in labelled], np.uint32)
    points = {key: _count(sweep.object_id, ids) for key, sweep in evidence.sweeps.items()}
    echoes = {key: _count(scan.object_id, ids) for key, scan in evidence.radars.items()}
    own = {c.track_id: set(c.agent.keyed) for c in carried.values() if c.track_id is not None}
    labels = []
    for row, o in enumerate(labelled):
        track_id = o.tracked.track_id
        mine = own.get(track_id, set())
        labels.append(
            ObjectLabel(
                track_id=track_id,
                object_class=o.tracked.object_class,
                blueprint=o.tracked.blueprint,
                rider=o.tracked.rider,
                box=o.box,
                velocity_mps=o.velocity_mps,
                acceleration_mps2=o.acceleration_mps2,
                yaw_rate_radps=float(o.angular_velocity_radps[2]),
                cameras={k: seen[track_id] for k, seen in evidence.cameras.items() if track_id in seen},
                lidar_points={k: int(count[row]) for k, count in points.items() if k not in mine},
                radar_points={k: int(count[row]) for k, count in echoes.items() if k not in mine},
                joints_m=o.joints_m,
            )
        )
    return tuple(labels)


def _count(found: UInt32[np.ndarray, "n"], ids: UInt32[np.ndarray, "m"]) -> list[int]:
    """How often each of the ascending ids was found."""
    if not len(ids):
        return []
    place = np.minimum(np.searchsorted(ids, found), len(ids) - 1)
    return np.bincount(place[ids[place] == found], minlength=len(ids)).tolist()
