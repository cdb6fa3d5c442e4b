"""One capture as a scenario folder: for every agent a folder, in it for every stamp a YAML, a PCD and images.

Stamps. All agents have the same. They are the moments at which the ego's LiDAR delivers, as far apart as the
slowest of the sensors that are written, and named by the ticks since the capture's first frame (so two apart
at 10 Hz of a simulation of 20 Hz). From a sensor that runs in another phase comes what it delivered last; the
first stamp is the first at which every sensor has delivered.

A file of a stamp tells the truth of its moment: true_ego_pos, vehicles, and predicted_ego_pos as the agent's
belief then. lidar_pose and cords are where the sensor was when it delivered, so that what stands still meets
in all clouds; `drivegen` in the file says how much earlier that was, and what the agent's clock said. With
`labels: sweep` vehicles are those of the sweep's moment instead, and every box holds the returns of its
agent's cloud also when that is older.

Clouds hold no returns of the body that carries the LiDAR: loaders cut them off by a box that fits OPV2V's own
car and mount, and what is left of a cooperator's would show in fused clouds as if others had seen it.

Vehicles are all but people; two-wheelers by an option. As in OPV2V an agent has those that at least one of
its LiDAR's returns hit. location is the middle of the box's bottom and center leads from there straight up to
its middle: loaders add the two without a rotation. plan_trajectory is what the agent drove in the next 3 s
(x, y, km/h), for a capture knows no plan; a roadside unit has none.

Axes and angles: CARLA's (left-handed, degrees), poses as x, y, z, roll, yaw, pitch. extrinsic leads from the
LiDAR to the camera, both with CARLA's axes (x ahead, y right, z up), as in OPV2V's own files, whatever its
documentation calls it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Float64, UInt32

from drivegen.capture.course import Course, still_points
from drivegen.capture.export.part import PartWriter
from drivegen.capture.images import decode_jpeg
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.actors import RIDDEN, ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.handedness import flip_points, matrix_to_carla, pose_to_carla
from drivegen.core.labels import ObjectLabel
from drivegen_exporters.classes import vocabulary
from drivegen_exporters.opv2v.formats import pcd_bytes, yaml_bytes
from drivegen_exporters.opv2v.members import Member, View, object_id

KMH_OF_MPS = 3.6
PLAN_S, PLAN_STEP_S = 3.0, 0.2
"""How far plan_trajectory leads, and the time between its points."""
OWN_SKIN_M = 0.05
"""Returns so near its carrier's box, of nothing that is annotated, are of the carrier."""
MOMENT, SWEEP = "moment", "sweep"
"""When vehicles are taken."""


class SceneExport:
    """Writes one capture.

    Args:
        reader: The capture.
        folder: Of the scenario, below the data set's.
        part: Where files go.
        members: The agents, the ego first.
        labels: `MOMENT` or `SWEEP`.
        two_wheelers: Whether bicycles, motorcycles and tricycles are vehicles too.
        hidden: Whether vehicles are written that no return of the agent's LiDAR hit.
    """

    def __init__(
        self,
        reader: CaptureReader,
        folder: str,
        part: PartWriter,
        members: list[Member],
        *,
        labels: str,
        two_wheelers: bool,
        hidden: bool,
    ) -> None:
        self._reader = reader
        self._folder = folder
        self._part = part
        self._members = members
        self._labels = labels
        self._classes = _vehicle_classes(two_wheelers)
        self._hidden = hidden
        self._newest: dict[tuple[str, str], CapturedFrame] = {}
        self._courses = {m.name: Course(reader, m.name) for m in members}
        self._first_ns = reader.frame(0).time_ns
        # The ego's own id among the objects that others see.
        self._ego_track = reader.frame(0).agents[members[0].name].track_id
        self.stamps = 0
        self.vehicles = 0
        """Written, over all agents and stamps."""
        self.left_out = 0
        """Not written because no return hit them."""

    def run(self) -> None:
        """Writes everything of the scene.

        Raises:
            ExportError: There is no moment by which every sensor has delivered.
        """
        ego = self._members[0]
        channels = [(m.name, c) for m in self._members for c in _channels(m)]
        step = self._step()
        last = -step
        self._part.write(f"{self._folder}/data_protocol.yaml", yaml_bytes(self._protocol(step)))
        for frame in self._reader.frames():
            for name, channel in channels:
                if channel in frame.agents[name].delivered:
                    self._newest[name, channel] = frame
            due = ego.lidar.name in frame.agents[ego.name].delivered and self._tick(frame) >= last + step
            if due and len(self._newest) == len(channels):
                last = self._tick(frame)
                self.stamps += 1
                for member in self._members:
                    self._write(member, frame)
        if not self.stamps:
            silent = ", ".join(f"{n}/{c}" for n, c in channels if (n, c) not in self._newest)
            raise ExportError(
                f"{self._reader.path}: there is no moment by which every sensor has delivered"
                f" ({silent or 'all but the ego’s LiDAR'} had not); record a longer scene"
            )

    def _step(self) -> int:
        """Ticks from stamp to stamp."""
        periods = [m.lidar.period_s for m in self._members]
        periods += [view.camera.period_s for m in self._members for view in m.views]
        return max(1, round(max(periods) / self._reader.plan.tick_s))

    def _tick(self, frame: CapturedFrame) -> int:
        """Since the first frame; frames in which no sensor delivers are not in a capture."""
        return round((frame.time_ns - self._first_ns) * 1e-9 / self._reader.plan.tick_s)

    def _write(self, member: Member, frame: CapturedFrame) -> None:
        stem = f"{self._folder}/{member.folder}/{self._tick(frame):06d}"
        swept = self._newest[member.name, member.lidar.name]
        self._part.write(f"{stem}.pcd", self._cloud(member, swept))
        content: dict[str, Any] = {}
        for view in member.views:
            taken = self._newest[member.name, view.camera.name]
            self._part.write(f"{stem}_camera{view.place}.png", _png(taken, member, view))
            content[f"camera{view.place}"] = _camera(taken, member, view)
        content |= self._motion(member, frame)
        content["lidar_pose"] = carla_pose(swept.agents[member.name].map_agent @ member.agent_cloud)
        content["vehicles"] = self._vehicles(member, frame if self._labels == MOMENT else swept, swept)
        content["drivegen"] = _own(member, frame, swept)
        self._part.write(f"{stem}.yaml", yaml_bytes(dict(sorted(content.items()))))

    def _cloud(self, member: Member, frame: CapturedFrame) -> bytes:
        sweep = frame.agents[member.name].sweep(member.lidar.name)
        points_m = still_points(self._courses[member.name], frame.time_ns, member.lidar, sweep)
        others = ~self._own_returns(member, frame, sweep.object_id, points_m)
        cloud_lidar = member.agent_cloud.inverse() @ member.lidar.agent_sensor
        points_m = cloud_lidar.transform_points(points_m[others])
        return pcd_bytes(flip_points(points_m), sweep.intensity[others])

    def _own_returns(
        self,
        member: Member,
        frame: CapturedFrame,
        object_id: UInt32[np.ndarray, "n"],
        points_m: Float64[np.ndarray, "n 3"],
    ) -> Bool[np.ndarray, "n"]:
        """Which points are of the body that carries the LiDAR; none where the capture does not know it."""
        agent = frame.agents[member.name]
        bodies = (agent.body, *frame.objects) if agent.track_id is not None else ()
        own = next((o for o in bodies if o is not None and o.track_id == agent.track_id), None)
        if own is None:
            return np.zeros(len(points_m), bool)
        in_map = (agent.map_agent @ member.lidar.agent_sensor).transform_points(points_m)
        return (object_id == 0) & own.box.contains(in_map, OWN_SKIN_M)

    def _motion(self, member: Member, frame: CapturedFrame) -> dict[str, Any]:
        agent = frame.agents[member.name]
        believed = agent.map_agent if agent.belief is None else agent.belief.map_agent
        return {
            "ego_speed": float(np.linalg.norm(agent.velocity_mps)) * KMH_OF_MPS,
            "plan_trajectory": [] if member.roadside else self._plan(member, frame.time_ns),
            "predicted_ego_pos": carla_pose(believed),
            "true_ego_pos": carla_pose(agent.map_agent),
        }

    def _plan(self, member: Member, time_ns: int) -> list[list[float]]:
        course, found = self._courses[member.name], []
        for i in range(1, 1 + round(PLAN_S / PLAN_STEP_S)):
            then_ns = time_ns + round(i * PLAN_STEP_S * 1e9)
            if then_ns > course.times_ns[-1]:
                break
            x, y, *_ = carla_pose(course.at(then_ns))
            found.append([x, y, course.speed_mps(then_ns) * KMH_OF_MPS])
        return found

    def _vehicles(
        self, member: Member, moment: CapturedFrame, swept: CapturedFrame
    ) -> dict[int, dict[str, Any]]:
        hits = {o.track_id: o.lidar_points.get(member.points_key, 0) for o in swept.around(member.name)}
        found = {}
        for label in moment.around(member.name):
            if label.object_class not in self._classes:
                continue
            points = hits.get(label.track_id, 0)
            if points == 0 and not self._hidden:
                self.left_out += 1
                continue
            self.vehicles += 1
            found[object_id(label.track_id, ego=label.track_id == self._ego_track)] = vehicle(label, points)
        return found

    def _protocol(self, step: int) -> dict[str, Any]:
        plan = self._reader.plan
        return {
            "world": {
                "town": plan.map.name,
                "sync_mode": True,
                "fixed_delta_seconds": plan.tick_s,
                "seed": plan.seed,
                "weather": {k: float(v) for k, v in asdict(plan.weather.parameters).items()},
            },
            "scenario": {
                "name": plan.scene,
                "ticks_from_stamp_to_stamp": step,
                "labels": self._labels,
                "agents": {m.folder: self._described(m) for m in self._members},
            },
        }

    def _described(self, member: Member) -> dict[str, Any]:
        return {
            "name": member.name,
            "kind": "roadside_unit" if member.roadside else "vehicle",
            "lidar": {
                "name": member.lidar.name,
                "channels": member.lidar.channels,
                "range": member.lidar.range_m,
                "upper_fov": member.lidar.upper_fov_deg,
                "lower_fov": member.lidar.lower_fov_deg,
                "rotation_frequency": 1.0 / member.lidar.period_s,
                "pose_on_agent": carla_pose(member.lidar.agent_sensor),
                "cloud_frame_on_agent": carla_pose(member.agent_cloud),
            },
            "cameras": {f"camera{view.place}": view.camera.name for view in member.views},
        }


def vehicle(label: ObjectLabel, lidar_points: int) -> dict[str, Any]:
    """An entry of `vehicles`."""
    bottom = label.box.pose.position_m - [0.0, 0.0, label.box.size_m[2] / 2]
    x, y, z, *angle = carla_pose(Pose(position_m=bottom, orientation_wxyz=label.box.pose.orientation_wxyz))
    return {
        "angle": angle,
        "bp_id": label.blueprint,
        "center": [0.0, 0.0, float(label.box.size_m[2]) / 2],
        "extent": [float(v) / 2 for v in label.box.size_m],
        "location": [x, y, z],
        "speed": float(np.linalg.norm(label.velocity_mps)) * KMH_OF_MPS,
        "class": label.object_class.value,
        "lidar_points": lidar_points,
    }


def _vehicle_classes(two_wheelers: bool) -> frozenset[ObjectClass]:
    entries = vocabulary("opv2v").classes.items()
    vehicles = frozenset(each for each, entry in entries if entry.category is not None)
    return vehicles if two_wheelers else vehicles - RIDDEN


def carla_pose(pose: Pose) -> list[float]:
    """[x, y, z, roll, yaw, pitch] in CARLA's frame, metres and degrees."""
    x, y, z, pitch, yaw, roll = pose_to_carla(pose)
    return [x, y, z, roll, yaw, pitch]


def _camera(frame: CapturedFrame, member: Member, view: View) -> dict[str, Any]:
    camera_cloud = view.camera.agent_sensor.inverse() @ member.agent_cloud
    return {
        "cords": carla_pose(frame.agents[member.name].map_agent @ view.camera.agent_sensor),
        "extrinsic": matrix_to_carla(camera_cloud).tolist(),
        "intrinsic": view.lens.intrinsic.tolist(),
    }


def _png(frame: CapturedFrame, member: Member, view: View) -> bytes:
    bgr = decode_jpeg(frame.agents[member.name].jpeg(view.camera.name))
    image = bgr if view.rectified is None else view.rectified.image(bgr)
    # Fast compression: what JPEG left of noise hardly gets smaller by more.
    return bytes(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


def _own(member: Member, frame: CapturedFrame, swept: CapturedFrame) -> dict[str, Any]:
    """What the form has no place for; loaders skip it."""
    found: dict[str, Any] = {
        "agent": member.name,
        "time_ns": frame.time_ns,
        "lidar_age_ns": frame.time_ns - swept.time_ns,
    }
    belief, then = frame.agents[member.name].belief, swept.agents[member.name].belief
    if belief is not None and then is not None:
        found |= {
            "clock_ns": belief.stamp_ns,
            "lidar_clock_ns": then.channel_stamps_ns[member.lidar.name],
            "position_sigma_m": belief.position_sigma_m,
        }
    return found


def _channels(member: Member) -> list[str]:
    return [member.lidar.name, *(view.camera.name for view in member.views)]
