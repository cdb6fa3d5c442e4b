"""One capture as rows and files.

Frames of reference. Global: the world moved so that the map mask's lower left corner is (0, 0). Ego: the
agent's frame as it is in the capture, on the ground in the middle of the vehicle (nuScenes has the rear
axle, which a capture does not know). LIDAR_TOP: x right, y forward, z up, as nuScenes' own. Cameras: optical.

Cameras. nuScenes knows pinholes only, so images of lenses that distort are made a pinhole's
(`drivegen_exporters.rectify`), and K is that pinhole's; of a fisheye most of the field is lost. Visibility
is still that in the camera's own images, with what the pinhole leaves out.

Annotations. As in nuScenes itself, an object is annotated in the samples in which at least one LiDAR or radar
return hit it; its chain leads over the samples between. With `hidden` every label is annotated; the
detection benchmark then ignores the truth without returns, but not what a detector says of it.

Keyframes are samples. Sweeps between them belong to the next sample; those after the last sample belong to
the last. Time is simulation time after the first moment of 2026 (UTC): a scene has no date.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar
from drivegen.core.tags import Tag
from drivegen_exporters.nuscenes import vocabulary
from drivegen_exporters.nuscenes.tables import (
    Row,
    TableRows,
    attribute_token,
    category_token,
    link,
    sensor_token,
    token,
)
from drivegen_exporters.rectify import field_deg, rectification_of

REFERENCE_LIDAR = "LIDAR_TOP"
EPOCH_US = 1_767_225_600_000_000
"""2026-01-01 00:00:00 UTC."""
DATE = "2026-01-01"

SENSOR_FROM_NUSCENES = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""Rotates nuScenes' LiDAR axes (x right, y forward) into the sensor's own (x forward, y left)."""

_EGO_HALF_M = np.array([3.0, 1.3])
"""Half length and width around the ego's origin that hold the body of any car or van."""
_VEHICLE_TAGS = (Tag.CAR, Tag.TRUCK, Tag.BUS)

_TAG_INDEX = vocabulary.index_of_tags()


class SceneExport:
    """Turns one capture into rows and files.

    Args:
        reader: The capture.
        origin_m: World x and y of the global frame's zero.
        version: Name of the data set's table folder.
        part: Where files go.
        tables: Where rows go.
        hidden: Annotate also what no LiDAR or radar return hit.
        rectified_fov_deg: Widest field of images that are made pinholes.
    """

    def __init__(
        self,
        reader: CaptureReader,
        origin_m: tuple[float, float],
        version: str,
        part: PartWriter,
        tables: TableRows,
        *,
        hidden: bool,
        rectified_fov_deg: float,
    ) -> None:
        self._reader = reader
        self._scene = reader.scene
        self._offset_m = np.array([origin_m[0], origin_m[1], 0.0])
        self._version = version
        self._part = part
        self._tables = tables
        self._channels = {s.name: s for s in reader.rigs[EGO].sensors if isinstance(s, Camera | Lidar)}
        self._rectified = {
            name: rectification_of(s, rectified_fov_deg)
            for name, s in self._channels.items()
            if isinstance(s, Camera)
        }
        self._samples: list[Row] = []
        self._sample_data: dict[str, list[Row]] = {name: [] for name in self._channels}
        self._annotations: dict[int, list[Row]] = {}
        self._categories: dict[int, str] = {}
        self._hidden = hidden
        self.left_out = 0
        """Labels of keyframes that became no annotation because nothing hit the object."""

    @property
    def rectified(self) -> dict[str, dict[str, float]]:
        """Cameras that became pinholes: their field now, and the share of their pixels that is kept."""
        found = {}
        for name, rectified in self._rectified.items():
            if rectified is not None:
                width_px = rectified.at.shape[1]
                found[name] = {
                    "fov_deg": round(field_deg(rectified.pinhole, width_px), 2),
                    "kept": round(rectified.kept, 4),
                }
        return found

    def run(self) -> None:
        """Writes everything of the scene.

        Raises:
            ExportError: The capture has no keyframe, or no LIDAR_TOP in a keyframe.
        """
        if not isinstance(self._channels.get(REFERENCE_LIDAR), Lidar):
            raise ExportError(
                f"{self._reader.path}: nuScenes wants a LiDAR named {REFERENCE_LIDAR} in the rig,"
                f" which has {', '.join(self._channels) or 'no camera or LiDAR'}"
            )
        self._add_calibrations()
        waiting: list[Row] = []
        for frame in self._reader.frames():
            agent = frame.agents[EGO]
            rows = [self._add_data(frame, agent, c) for c in self._channels if c in agent.delivered]
            waiting += rows
            if frame.keyframe:
                sample_token = self._add_sample(frame)
                self._add_annotations(frame, sample_token)
                for row in waiting:
                    row["sample_token"] = sample_token
                waiting = []
        if not self._samples:
            raise ExportError(f"{self._reader.path}: the capture has no keyframe")
        for row in waiting:
            row["sample_token"] = self._samples[-1]["token"]
        self._flush()

    def _add_calibrations(self) -> None:
        for channel, sensor in self._channels.items():
            if isinstance(sensor, Camera):
                rectified = self._rectified[channel]
                lens = sensor.optics if rectified is None else rectified.pinhole
                pose, intrinsic = camera_optical(sensor), lens.intrinsic.tolist()
            else:
                pose, intrinsic = ego_lidar(sensor), []
            self._tables.add(
                "calibrated_sensor",
                {
                    "token": self._calibration_token(channel),
                    "sensor_token": sensor_token(channel),
                    "translation": pose.position_m.tolist(),
                    "rotation": pose.orientation_wxyz.tolist(),
                    "camera_intrinsic": intrinsic,
                },
            )

    def _add_data(self, frame: CapturedFrame, agent: CapturedAgent, channel: str) -> Row:
        sensor = self._channels[channel]
        time_us = timestamp_us(frame)
        key = token(self._scene, "sample_data", channel, frame.time_ns)
        folder = "samples" if frame.keyframe else "sweeps"
        stem = f"{folder}/{channel}/{self._scene}__{channel}__{time_us}"
        row: Row = {
            "token": key,
            "sample_token": "",
            "ego_pose_token": key,
            "calibrated_sensor_token": self._calibration_token(channel),
            "timestamp": time_us,
            "fileformat": "pcd",
            "is_key_frame": frame.keyframe,
            "height": 0,
            "width": 0,
            "filename": f"{stem}.pcd.bin",
        }
        if isinstance(sensor, Camera):
            row |= {
                "fileformat": "jpg",
                "height": sensor.height_px,
                "width": sensor.width_px,
                "filename": f"{stem}.jpg",
            }
            jpeg = agent.jpeg(channel)
            rectified = self._rectified[channel]
            self._part.write(row["filename"], jpeg if rectified is None else rectified.jpeg(jpeg))
        else:
            sweep = agent.sweep(channel)
            self._part.write(row["filename"], pack_sweep(sweep).tobytes())
            if frame.keyframe and channel == REFERENCE_LIDAR:
                self._add_lidarseg(key, sweep, frame.objects)
        ego = agent.map_agent
        self._tables.add(
            "ego_pose",
            {
                "token": key,
                "timestamp": time_us,
                "rotation": ego.orientation_wxyz.tolist(),
                "translation": (ego.position_m - self._offset_m).tolist(),
            },
        )
        self._sample_data[channel].append(row)
        return row

    def _add_lidarseg(self, key: str, sweep: Sweep, objects: tuple[ObjectLabel, ...]) -> None:
        name = f"lidarseg/{self._version}/{key}_lidarseg.bin"
        self._part.write(
            name, point_categories(sweep, objects, self._channels[REFERENCE_LIDAR].agent_sensor).tobytes()
        )
        self._tables.add("lidarseg", {"token": key, "sample_data_token": key, "filename": name})

    def _add_sample(self, frame: CapturedFrame) -> str:
        key = token(self._scene, "sample", frame.time_ns)
        delivered = frame.agents[EGO].delivered
        if REFERENCE_LIDAR not in delivered:
            raise ExportError(
                f"{self._reader.path}: keyframe {frame.index} has no {REFERENCE_LIDAR};"
                " its period must divide the time between keyframes"
            )
        self._samples.append(
            {"token": key, "timestamp": timestamp_us(frame), "scene_token": self._token("scene")}
        )
        return key

    def _add_annotations(self, frame: CapturedFrame, sample_token: str) -> None:
        for label in (o.seen_by(EGO) for o in frame.objects):
            lidar_points = label.lidar_points.get(REFERENCE_LIDAR, 0)
            radar_points = sum(label.radar_points.values())
            if lidar_points + radar_points == 0 and not self._hidden:
                self.left_out += 1
                continue
            length, width, height = (float(v) for v in label.box.size_m)
            self._categories.setdefault(label.track_id, vocabulary.category_of(label))
            self._annotations.setdefault(label.track_id, []).append(
                {
                    "token": token(self._scene, "sample_annotation", label.track_id, frame.time_ns),
                    "sample_token": sample_token,
                    "instance_token": self._token("instance", label.track_id),
                    "visibility_token": vocabulary.visibility_of(vocabulary.visible_fraction(label)),
                    "attribute_tokens": [attribute_token(vocabulary.attribute_of(label))],
                    "translation": (label.box.pose.position_m - self._offset_m).tolist(),
                    "size": [width, length, height],
                    "rotation": label.box.pose.orientation_wxyz.tolist(),
                    "num_lidar_pts": lidar_points,
                    "num_radar_pts": radar_points,
                }
            )

    def _flush(self) -> None:
        link(self._samples)
        for sample in self._samples:
            self._tables.add("sample", sample)
        for rows in self._sample_data.values():
            link(rows)
            for row in rows:
                self._tables.add("sample_data", row)
        for track_id in sorted(self._annotations):
            rows = self._annotations[track_id]
            link(rows)
            for row in rows:
                self._tables.add("sample_annotation", row)
            self._tables.add(
                "instance",
                {
                    "token": self._token("instance", track_id),
                    "category_token": category_token(self._categories[track_id]),
                    "nbr_annotations": len(rows),
                    "first_annotation_token": rows[0]["token"],
                    "last_annotation_token": rows[-1]["token"],
                },
            )
        plan = self._reader.plan
        self._tables.add(
            "log",
            {
                "token": self._token("log"),
                "logfile": self._scene,
                "vehicle": plan.ego.blueprint,
                "date_captured": DATE,
                "location": plan.map.name,
            },
        )
        self._tables.add(
            "scene",
            {
                "token": self._token("scene"),
                "log_token": self._token("log"),
                "nbr_samples": len(self._samples),
                "first_sample_token": self._samples[0]["token"],
                "last_sample_token": self._samples[-1]["token"],
                "name": self._scene,
                "description": f"{plan.map.name}, {plan.weather.preset}, {plan.weather.hour:g} h;"
                f" {len(plan.vehicles)} vehicles, {len(plan.walkers)} pedestrians",
            },
        )

    def _token(self, *parts: Any) -> str:
        return token(self._scene, *parts)

    def _calibration_token(self, channel: str) -> str:
        return self._token("calibrated_sensor", channel)


def log_token(scene: str) -> str:
    """Token of a scene's log."""
    return token(scene, "log")


def timestamp_us(frame: CapturedFrame) -> int:
    """Microseconds since 1970."""
    return EPOCH_US + frame.time_ns // 1000


def ego_lidar(lidar: Lidar) -> Pose:
    """Mount of a LiDAR for nuScenes' axes."""
    matrix = lidar.agent_sensor.matrix.copy()
    matrix[:3, :3] = lidar.agent_sensor.rotation @ SENSOR_FROM_NUSCENES
    return Pose.from_matrix(matrix)


def pack_sweep(sweep: Sweep) -> Float32[np.ndarray, "n 5"]:
    """x (right), y (forward), z (up), intensity 0..255, ring; little-endian."""
    out = np.empty((len(sweep), 5), "<f4")
    out[:, 0] = -sweep.points_m[:, 1]
    out[:, 1] = sweep.points_m[:, 0]
    out[:, 2] = sweep.points_m[:, 2]
    out[:, 3] = sweep.intensity * 255.0
    out[:, 4] = sweep.ring
    return out


def point_categories(
    sweep: Sweep, objects: tuple[ObjectLabel, ...], ego_lidar_mount: Pose
) -> UInt8[np.ndarray, "n"]:
    """lidarseg index of each return: of its object if that is annotated, else of its tag.

    Returns from vehicles that belong to no annotated object and lie where the ego's body is are the ego's.
    """
    categories = _TAG_INDEX[sweep.tag]
    in_ego = np.abs(ego_lidar_mount.transform_points(sweep.points_m)[:, :2])
    own = (in_ego < _EGO_HALF_M).all(axis=1) & np.isin(sweep.tag, _VEHICLE_TAGS)
    categories = np.where(own, np.uint8(vocabulary.INDEX["vehicle.ego"]), categories)
    ids = np.array([o.track_id for o in objects], np.uint32)
    indexes = np.array([vocabulary.INDEX[vocabulary.category_of(o)] for o in objects], np.uint8)
    if len(ids):
        place = np.minimum(np.searchsorted(ids, sweep.object_id), len(ids) - 1)
        known = ids[place] == sweep.object_id
        categories = np.where(known, indexes[place], categories)
    return categories
