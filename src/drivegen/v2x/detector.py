"""The detector model: what a well-trained detector would make of the evidence in an agent's own sensors.

Nothing is detected that the agent's LiDARs and cameras have no returns or pixels of. What is detected is off
in place, heading, size, speed and class, by amounts that grow with range and with thin evidence, and that
persist from frame to frame. All of it is expressed in the world by way of the pose and the mounts that the
agent believes. Sources and choices: docs/cooperation-models.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.special import ndtr

from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.core.agents import AgentErrors
from drivegen.core.cooperation import Belief, Detection
from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen.core.v2x_plan import DetectorPlan
from drivegen.v2x.draws import Draws
from drivegen.v2x.evidence import Evidence, Scene, Witness, thinness
from drivegen.v2x.false_alarms import FalseAlarm, FalseAlarms
from drivegen.v2x.latents import Latents

REFERENCE_M = 20.0
"""Range that `DetectorPlan.position_sigma_m` is of."""
ALONG, ACROSS = 1.2, 0.75
"""Along the line of sight and across it; their root mean square is 1."""
CAMERA_ALONG, CAMERA_ALONG_LEAST_M = 0.05, 0.4
"""Depth error of what only a camera sees: share of the range, and at least."""
CAMERA_ACROSS = 0.008
CAMERA_SPEED = 3.0
"""Speed errors of what only a camera sees, over those by LiDAR."""
FLIPS, THIN_FLIPS = 0.005, 0.06
"""Share of headings that are half a turn off: with ample and with the thinnest evidence."""
CONFUSED, THIN_CONFUSED = 0.01, 0.12
"""Share of wrong classes, likewise."""
PEOPLE_YAW = 6.0
"""Yaw errors of people over those of vehicles."""
LOST_NS = 600_000_000
"""After so long without a detection the agent counts the object as another."""
_PERSISTENT = math.sqrt(0.5)
"""Share of an error's standard deviation that persists; the rest is new in each frame."""

MISS, CLASS, FLIP, ALONG_Z, ACROSS_Z, UP_Z, YAW, VX, VY, LENGTH, WIDTH, HEIGHT, SCORE = range(13)
TAUS_S = np.array([0.4, 3.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.5, 0.5, 3.0, 3.0, 3.0, 0.7])
"""Correlation times of the above."""

CONFUSIONS: dict[ObjectClass, tuple[ObjectClass, ...]] = {
    ObjectClass.CAR: (ObjectClass.VAN,),
    ObjectClass.VAN: (ObjectClass.CAR, ObjectClass.TRUCK),
    ObjectClass.TRUCK: (ObjectClass.VAN, ObjectClass.BUS),
    ObjectClass.BUS: (ObjectClass.TRUCK,),
    ObjectClass.EMERGENCY: (ObjectClass.VAN, ObjectClass.TRUCK),
    ObjectClass.POLICE: (ObjectClass.CAR,),
    ObjectClass.MOTORCYCLE: (ObjectClass.BICYCLE,),
    ObjectClass.BICYCLE: (ObjectClass.MOTORCYCLE,),
    ObjectClass.TRICYCLE: (ObjectClass.MOTORCYCLE, ObjectClass.VAN),
    ObjectClass.CONSTRUCTION: (ObjectClass.TRUCK,),
    ObjectClass.UNMANNED: (ObjectClass.VAN, ObjectClass.TRICYCLE),
    ObjectClass.PEDESTRIAN: (ObjectClass.CHILD, ObjectClass.BICYCLE),
    ObjectClass.CHILD: (ObjectClass.PEDESTRIAN,),
}
"""What a class is taken for, each as likely as the others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """Arrays of m candidates: true values with the detector's errors, before belief."""

    rows: Int64[np.ndarray, "m"]
    kept: Bool[np.ndarray, "m"]
    centre_m: Float64[np.ndarray, "m 3"]
    yaw_rad: Float64[np.ndarray, "m"]
    size_m: Float64[np.ndarray, "m 3"]
    velocity_mps: Float64[np.ndarray, "m 3"]
    score: Float64[np.ndarray, "m"]
    confused: Float64[np.ndarray, "m"]
    """Below 0: rightly classed; else 0..1, which of the confusions."""
    channel: list[str]


class Detector:
    """The perception of one agent through a scene."""

    def __init__(
        self, seed: int, agent: str, rig: Rig, errors: AgentErrors, plan: DetectorPlan, first_ns: int
    ) -> None:
        self._plan = plan
        self._rig, self._errors = rig, errors
        self._witness = Witness(agent, rig)
        self._latents = Latents(Draws(seed, "detector persistent", agent), TAUS_S)
        self._white = Draws(seed, "detector white", agent)
        sensors: tuple[Camera | Lidar, ...] = (*rig.lidars, *rig.cameras)
        self._false = FalseAlarms(Draws(seed, "false alarms", agent), plan.false_alarms, sensors, first_ns)
        self._known: dict[int | tuple[int, int], tuple[int, int]] = {}
        """Detection id and when it was last found, by true track or false alarm."""
        self._next = 1
        self._mounts = {
            sensor.name: errors.mount(rig, sensor.name) @ sensor.agent_sensor.inverse()
            for sensor in sensors
            if sensor.name in errors.believed_mounts
        }

    def look(self, time_ns: int, scene: Scene) -> None:
        """Takes in the cameras' part of a frame in which nothing is detected."""
        self._witness.look(time_ns, scene)

    def detect(
        self, time_ns: int, scene: Scene, map_agent: Pose, own_track: int | None, belief: Belief
    ) -> tuple[Detection, ...]:
        """What the agent finds in a frame in which its sensors delivered, by ascending detection id.

        `map_agent` is where it truly is.
        """
        evidence = self._witness.evidence(time_ns, scene, own_track)
        found = self._found(time_ns, scene, evidence, map_agent)
        out = self._believed(time_ns, scene, found, map_agent, belief)
        for alarm in self._false.at(time_ns, belief.map_agent):
            out.append(self._of_nothing(time_ns, alarm, belief))
        out.sort(key=lambda d: d.detection_id)
        return tuple(out)

    def _found(self, time_ns: int, scene: Scene, evidence: Evidence, map_agent: Pose) -> _Found:
        plan, rows = self._plan, evidence.row
        by_lidar, by_camera = thin_evidence(evidence, plan)
        thin = by_lidar * by_camera
        lidar = evidence.points >= plan.least_points
        track = scene.track_id[rows]
        state = self._latents.step(time_ns, track)
        white = self._white.normals(track[:, None], time_ns, np.arange(len(TAUS_S))[None, :])
        noise = _PERSISTENT * state + math.sqrt(1.0 - _PERSISTENT**2) * white
        miss = np.where(thin < 1.0, plan.miss_rate + (1.0 - plan.miss_rate) * thin, 1.0)
        centre = scene.centre_m[rows]
        sight = centre - map_agent.position_m
        range_m = np.maximum(np.linalg.norm(sight[:, :2], axis=1), 1.0)
        along, across = position_sigmas_m(plan, range_m, thin, lidar)
        ray = sight[:, :2] / range_m[:, None]
        off = np.column_stack(
            [
                ray[:, 0] * along * noise[:, ALONG_Z] - ray[:, 1] * across * noise[:, ACROSS_Z],
                ray[:, 1] * along * noise[:, ALONG_Z] + ray[:, 0] * across * noise[:, ACROSS_Z],
                0.4 * across * noise[:, UP_Z],
            ]
        )
        person = np.array([scene.labels[r].object_class in PEOPLE for r in rows], dtype=bool)
        yaw_sigma = plan.yaw_sigma_rad * (1.0 + thin) * np.where(person, PEOPLE_YAW, 1.0)
        flipped = ~person & (ndtr(state[:, FLIP]) < FLIPS + (THIN_FLIPS - FLIPS) * thin)
        speed_sigma = plan.speed_sigma_mps * (1.0 + thin) * np.where(lidar, 1.0, CAMERA_SPEED)
        velocity = scene.velocity_mps[rows].copy()
        velocity[:, :2] += speed_sigma[:, None] * noise[:, VX : VY + 1]
        wrong = ndtr(state[:, CLASS])
        share = CONFUSED + (THIN_CONFUSED - CONFUSED) * thin
        cameras, lidars = self._witness.cameras, self._witness.lidars
        return _Found(
            rows=rows,
            kept=ndtr(state[:, MISS]) >= miss,
            centre_m=centre + off,
            yaw_rad=scene.yaw_rad[rows] + yaw_sigma * noise[:, YAW] + np.where(flipped, math.pi, 0.0),
            size_m=scene.size_m[rows] * np.exp(plan.size_sigma * noise[:, LENGTH : HEIGHT + 1]),
            velocity_mps=velocity,
            score=np.clip(0.95 - 0.45 * thin - 0.05 * np.abs(noise[:, SCORE]), 0.05, 1.0),
            confused=np.where(wrong < share, wrong / share, -1.0),
            channel=[
                lidars[evidence.lidar[i]] if lidar[i] else cameras[evidence.camera[i]] if cameras else ""
                for i in range(len(rows))
            ],
        )

    def _believed(
        self, time_ns: int, scene: Scene, found: _Found, map_agent: Pose, belief: Belief
    ) -> list[Detection]:
        kept = np.flatnonzero(found.kept)
        centre, velocity = found.centre_m[kept], found.velocity_mps[kept]
        yaw, channels = found.yaw_rad[kept], [found.channel[i] for i in kept]
        for channel in dict.fromkeys(channels):
            mount = self._mounts.get(channel)
            moved = belief.map_agent if mount is None else belief.map_agent @ mount
            shift = moved @ map_agent.inverse()
            own = np.array([c == channel for c in channels])
            centre[own] = shift.transform_points(centre[own])
            velocity[own] = velocity[own] @ shift.rotation.T
            yaw[own] += shift.yaw_rad
        turned, size = _upright(yaw), found.size_m[kept]
        out = []
        for k, i in enumerate(kept.tolist()):
            label = scene.labels[found.rows[i]]
            out.append(
                Detection(
                    detection_id=self._number(time_ns, label.track_id),
                    track_id=label.track_id,
                    object_class=_taken_for(label.object_class, float(found.confused[i])),
                    box=Box(pose=Pose(position_m=centre[k], orientation_wxyz=turned[k]), size_m=size[k]),
                    velocity_mps=velocity[k],
                    score=float(found.score[i]),
                    stamp_ns=belief.channel_stamps_ns.get(channels[k], belief.stamp_ns),
                )
            )
        return out

    def _of_nothing(self, time_ns: int, alarm: FalseAlarm, belief: Belief) -> Detection:
        centre = alarm.foot_m + np.array([0.0, 0.0, alarm.size_m[2] / 2.0])
        return Detection(
            detection_id=self._number(time_ns, alarm.key),
            track_id=0,
            object_class=alarm.object_class,
            box=Box(
                pose=Pose(position_m=centre, orientation_wxyz=_upright(np.array([alarm.yaw_rad]))[0]),
                size_m=alarm.size_m,
            ),
            velocity_mps=np.zeros(3),
            score=alarm.score,
            stamp_ns=belief.stamp_ns,
        )

    def _number(self, time_ns: int, what: int | tuple[int, int]) -> int:
        number, last = self._known.get(what, (0, -LOST_NS - 1))
        if time_ns - last > LOST_NS or number == 0:
            number = self._next
            self._next += 1
        self._known[what] = (number, time_ns)
        return number


def thin_evidence(
    evidence: Evidence, plan: DetectorPlan
) -> tuple[Float64[np.ndarray, "m"], Float64[np.ndarray, "m"]]:
    """How thin the evidence is by LiDAR and by camera: 1 is none that counts, 0 is ample.

    Of an object that is mostly hidden in the image the pixels count less: nothing below a tenth visible, all
    above six tenths.
    """
    seen = np.clip((evidence.visible_fraction - 0.1) / 0.5, 0.0, 1.0)
    return thinness(evidence.points, plan.least_points), thinness(evidence.pixels * seen, plan.least_pixels)


def position_sigmas_m(
    plan: DetectorPlan,
    range_m: Float64[np.ndarray, "m"],
    thin: Float64[np.ndarray, "m"],
    lidar: Bool[np.ndarray, "m"],
) -> tuple[Float64[np.ndarray, "m"], Float64[np.ndarray, "m"]]:
    """Standard deviations of a centre along the line of sight and across it."""
    base = plan.position_sigma_m * np.sqrt(0.5 + 0.5 * (range_m / REFERENCE_M) ** 2) * (1.0 + thin)
    depth = np.maximum(CAMERA_ALONG * range_m, CAMERA_ALONG_LEAST_M) * (1.0 + thin)
    return (
        np.where(lidar, ALONG * base, depth),
        np.where(lidar, ACROSS * base, plan.position_sigma_m + CAMERA_ACROSS * range_m),
    )


def _upright(yaw_rad: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n 4"]:
    """Quaternions of headings."""
    half = 0.5 * (np.remainder(yaw_rad + math.pi, 2.0 * math.pi) - math.pi)
    none = np.zeros_like(half)
    return np.stack([np.cos(half), none, none, np.sin(half)], axis=1)


def _taken_for(object_class: ObjectClass, confused: float) -> ObjectClass:
    if confused < 0.0:
        return object_class
    others = CONFUSIONS[object_class]
    return others[min(int(confused * len(others)), len(others) - 1)]
