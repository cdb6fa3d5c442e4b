"""One tick's raw data and truth to a `Frame`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt32

from drivegen.capture.frame import EGO, AgentFrame, CameraImage, Frame, GnssFix, ImuReading, RadarScan, Sweep
from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar
from drivegen.core.weather_course import WeatherCourse
from drivegen.record import unpack
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
    ego: Observation
    others: Sequence[Observation]
    signals: Mapping[str, str]
    data: Mapping[str, Mapping[str, Any]]
    """Raw sensor data by channel and part."""


class FrameBuilder:
    """Makes frames; remembers what instance ids mean from one to the next."""

    def __init__(self, plan: ScenePlan, timings: Timings) -> None:
        self._sensors = {s.name: s for s in plan.ego.rig.sensors}
        self._range_m = plan.label_range_m
        self._ids = InstanceIds()
        self._lenses = {c.name: LensImages(c) for c in plan.ego.rig.cameras}
        self._effects = {c.name: CameraEffects(c, plan) for c in plan.ego.rig.cameras}
        self._points = PointSensors(plan)
        self._course = WeatherCourse.of(plan.weather)
        self._timings = timings

    def build(self, moment: Moment) -> Frame:
        """The frame of a moment, with a label for every object within range."""
        ego = moment.ego
        weather = self._course.at(moment.time_ns)
        self._points.follow(weather)
        annotated = within(moment.others, ego.map_actor.position_m, self._range_m)
        ids = np.array([o.tracked.track_id for o in annotated], np.uint32)
        images: dict[str, CameraImage] = {}
        sweeps: dict[str, Sweep] = {}
        radars: dict[str, RadarScan] = {}
        gnss: dict[str, GnssFix] = {}
        imu: dict[str, ImuReading] = {}
        labels: dict[str, dict[int, CameraLabel]] = {}
        for channel, parts in moment.data.items():
            match self._sensors[channel]:
                case Camera() as camera:
                    map_camera = ego.map_actor @ camera.agent_sensor
                    self._effects[channel].follow(weather)
                    images[channel] = self._image(camera, map_camera, parts, moment, ids)
                    labels[channel] = self._look(camera, map_camera, images[channel], annotated)
                case Lidar() as lidar:
                    with self._timings.stage("lidar"):
                        sweeps[channel] = self._points.sweep(
                            lidar, parts, moment.index, ego, moment.others, ids
                        )
                case Radar() as radar:
                    with self._timings.stage("radar"):
                        radars[channel] = self._points.scan(
                            radar, parts, moment.index, ego, moment.others, ids
                        )
                case Gnss():
                    gnss[channel] = unpack.gnss(parts["gnss"])
                case Imu():
                    imu[channel] = unpack.imu(parts["imu"])
        with self._timings.stage("truth"):
            objects = _objects(annotated, ids, labels, sweeps, radars)
        agent = AgentFrame(
            map_agent=ego.map_actor,
            velocity_mps=ego.velocity_mps,
            acceleration_mps2=ego.acceleration_mps2,
            angular_velocity_radps=ego.angular_velocity_radps,
            images=images,
            sweeps=sweeps,
            radars=radars,
            gnss=gnss,
            imu=imu,
        )
        return Frame(
            index=moment.index,
            time_ns=moment.time_ns,
            keyframe=moment.keyframe,
            agents={EGO: agent},
            objects=objects,
            signals=dict(moment.signals),
        )

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
                for o in (moment.ego, *moment.others)
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


def _objects(
    annotated: Sequence[Observation],
    ids: UInt32[np.ndarray, "m"],
    labels: Mapping[str, Mapping[int, CameraLabel]],
    sweeps: Mapping[str, Sweep],
    radars: Mapping[str, RadarScan],
) -> tuple[ObjectLabel, ...]:
    """Labels in the order of `annotated`, which is that of `ids`: ascending."""
    points = {name: _count(sweep.object_id, ids) for name, sweep in sweeps.items()}
    echoes = {name: _count(scan.object_id, ids) for name, scan in radars.items()}
    return tuple(
        ObjectLabel(
            track_id=o.tracked.track_id,
            object_class=o.tracked.object_class,
            blueprint=o.tracked.blueprint,
            rider=o.tracked.rider,
            box=o.box,
            velocity_mps=o.velocity_mps,
            acceleration_mps2=o.acceleration_mps2,
            yaw_rate_radps=float(o.angular_velocity_radps[2]),
            cameras={c: seen[o.tracked.track_id] for c, seen in labels.items() if o.tracked.track_id in seen},
            lidar_points={name: int(count[row]) for name, count in points.items()},
            radar_points={name: int(count[row]) for name, count in echoes.items()},
        )
        for row, o in enumerate(annotated)
    )


def _count(found: UInt32[np.ndarray, "n"], ids: UInt32[np.ndarray, "m"]) -> list[int]:
    """How often each of the ascending ids was found."""
    if not len(ids):
        return []
    place = np.minimum(np.searchsorted(ids, found), len(ids) - 1)
    return np.bincount(place[ids[place] == found], minlength=len(ids)).tolist()
