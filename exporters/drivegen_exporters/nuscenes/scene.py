"""One capture as rows and files.

Frames of reference. Global: the world moved so that the map mask's lower left corner is (0, 0). Ego: the
agent's frame as it is in the capture, on the ground in the middle of the vehicle (nuScenes has the rear
axle, which a capture does not know). LIDAR_TOP: x right, y forward, z up, as nuScenes' own. Cameras: optical.
Radars: x forward, y left (`drivegen_exporters.nuscenes.radar`).

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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from jaxtyping import UInt32

from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar, Radar
from drivegen_exporters.inside import Returns
from drivegen_exporters.nuscenes import vocabulary
from drivegen_exporters.nuscenes.panoptic import InstanceNumbers, pack_labels
from drivegen_exporters.nuscenes.radar import moves, pack_radar
from drivegen_exporters.nuscenes.sweeps import ego_lidar, pack_sweep, point_categories
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Channel:
    """A camera, LiDAR or radar that is exported."""

    agent: str
    sensor: Camera | Lidar | Radar

    @property
    def modality(self) -> str:
        """nuScenes' word for its kind."""
        return type(self.sensor).__name__.lower()


class SceneExport:
    """Turns one capture into rows and files: the ego's, unless a subclass knows of more agents.

    Args:
        reader: The capture.
        origin_m: World x and y of the global frame's zero.
        version: Name of the data set's table folder.
        part: Where files go.
        tables: Where rows go.
        hidden: Annotate also what no LiDAR or radar return hit.
        rectified_fov_deg: Widest field of images that are made pinholes.
    """

    counts_own: ClassVar[bool] = False
    """Whether `num_lidar_pts` counts an object's own returns. The format's is the number of all returns in
    the box, a neighbour's and rain too."""

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
        self._channels = self.find_channels(reader)
        self._rectified = {
            name: rectification_of(c.sensor, rectified_fov_deg)
            for name, c in self._channels.items()
            if isinstance(c.sensor, Camera)
        }
        self._places: dict[str, dict[int, tuple[int, bool]]] = {}
        self._samples: list[Row] = []
        self._sample_data: dict[str, list[Row]] = {name: [] for name in self._channels}
        self._annotations: dict[int, list[Row]] = {}
        self._categories: dict[int, str] = {}
        self._instances = InstanceNumbers()
        self._hidden = hidden
        self._movers: tuple[int, UInt32[np.ndarray, "k"]] = -1, np.zeros(0, np.uint32)
        self.left_out = 0
        """Labels of keyframes that became no annotation because nothing hit the object."""

    def find_channels(self, reader: CaptureReader) -> dict[str, Channel]:
        """What is exported, by the names that the data set has for it."""
        sensors = (s for s in reader.rigs[EGO].sensors if isinstance(s, Camera | Lidar | Radar))
        return {s.name: Channel(agent=EGO, sensor=s) for s in sensors}

    def has_categories(self, name: str) -> bool:
        """Whether the points of a channel are classified."""
        return name == REFERENCE_LIDAR

    def place_of(self, delivered: Sequence[int], keyframes: Sequence[int]) -> dict[int, tuple[int, bool]]:
        """Which sample the data of a channel belongs to, and whether it is the sample's own.

        Args:
            delivered: Indexes of the frames in which it delivered.
            keyframes: Indexes of the frames that are samples; not empty.
        """
        own = {index: place for place, index in enumerate(keyframes) if index in delivered}
        return belongings(delivered, own, len(keyframes))

    def labels(self, frame: CapturedFrame) -> Iterable[tuple[ObjectLabel, int]]:
        """What is in the world at a keyframe, with the sensors' evidence and its number of LiDAR returns."""
        for label in frame.objects:
            mine = label.seen_by(EGO)
            yield mine, mine.lidar_points.get(REFERENCE_LIDAR, 0)

    def check_rig(self) -> None:
        """Raises ExportError for rigs that the format cannot take."""
        reference = self._channels.get(REFERENCE_LIDAR)
        if reference is None or not isinstance(reference.sensor, Lidar):
            raise ExportError(
                f"{self._reader.path}: nuScenes wants a LiDAR named {REFERENCE_LIDAR} in the rig,"
                f" which has {', '.join(self._channels) or 'no camera, LiDAR or radar'}"
            )

    def check_keyframe(self, frame: CapturedFrame) -> None:
        """Raises ExportError for a keyframe that cannot be a sample."""
        if REFERENCE_LIDAR not in frame.agents[EGO].delivered:
            raise ExportError(
                f"{self._reader.path}: keyframe {frame.index} has no {REFERENCE_LIDAR};"
                " its period must divide the time between keyframes"
            )

    @property
    def modalities(self) -> dict[str, str]:
        """camera, lidar or radar, by channel."""
        return {name: channel.modality for name, channel in self._channels.items()}

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
        self.check_rig()
        keyframes = [f.index for f in self._reader.frames(keyframes=True)]
        if not keyframes:
            raise ExportError(f"{self._reader.path}: the capture has no keyframe")
        delivered: dict[str, list[int]] = {name: [] for name in self._channels}
        for frame in self._reader.frames():
            for name, channel in self._channels.items():
                if channel.sensor.name in frame.agents[channel.agent].delivered:
                    delivered[name].append(frame.index)
        for name in self._channels:
            self._places[name] = self.place_of(delivered[name], keyframes)
        self._samples = [self._sample(self._reader.frame(index)) for index in keyframes]
        self._add_calibrations()
        for frame in self._reader.frames():
            for name, places in self._places.items():
                if frame.index in places:
                    self._add_data(frame, name, *places[frame.index])
            if frame.keyframe:
                self.check_keyframe(frame)
                self._add_annotations(frame)
        self._flush()

    def _add_calibrations(self) -> None:
        for name, channel in self._channels.items():
            sensor = channel.sensor
            if isinstance(sensor, Camera):
                rectified = self._rectified[name]
                lens = sensor.optics if rectified is None else rectified.pinhole
                pose, intrinsic = camera_optical(sensor), lens.intrinsic.tolist()
            elif isinstance(sensor, Radar):
                pose, intrinsic = sensor.agent_sensor, []
            else:
                pose, intrinsic = ego_lidar(sensor), []
            self._tables.add(
                "calibrated_sensor",
                {
                    "token": self._calibration_token(name),
                    "sensor_token": sensor_token(name),
                    "translation": pose.position_m.tolist(),
                    "rotation": pose.orientation_wxyz.tolist(),
                    "camera_intrinsic": intrinsic,
                },
            )

    def _add_data(self, frame: CapturedFrame, name: str, sample: int, is_own: bool) -> None:
        sensor, agent = self._channels[name].sensor, frame.agents[self._channels[name].agent]
        time_us = timestamp_us(frame)
        key = token(self._scene, "sample_data", name, frame.time_ns)
        folder = "samples" if is_own else "sweeps"
        stem = f"{folder}/{name}/{self._scene}__{name}__{time_us}"
        row: Row = {
            "token": key,
            "sample_token": self._samples[sample]["token"],
            "ego_pose_token": key,
            "calibrated_sensor_token": self._calibration_token(name),
            "timestamp": time_us,
            "fileformat": "pcd",
            "is_key_frame": is_own,
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
            jpeg = agent.jpeg(sensor.name)
            rectified = self._rectified[name]
            self._part.write(row["filename"], jpeg if rectified is None else rectified.jpeg(jpeg))
        elif isinstance(sensor, Radar):
            row["filename"] = f"{stem}.pcd"
            scan = agent.radar(sensor.name)
            self._part.write(row["filename"], pack_radar(scan, sensor, self._moving(frame)))
        else:
            sweep = agent.sweep(sensor.name)
            self._part.write(row["filename"], pack_sweep(sweep).tobytes())
            if is_own and self.has_categories(name):
                self._add_lidarseg(key, sweep, frame.around(agent.name), sensor.agent_sensor)
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
        self._sample_data[name].append(row)

    def _moving(self, frame: CapturedFrame) -> UInt32[np.ndarray, "k"]:
        """Ids of what moves in a frame; kept for the other radars of the same frame."""
        if self._movers[0] != frame.index:
            ids = [o["track_id"] for o in frame.plain_objects if moves(o["velocity_mps"])]
            self._movers = frame.index, np.array(ids, np.uint32)
        return self._movers[1]

    def _add_lidarseg(self, key: str, sweep: Sweep, objects: tuple[ObjectLabel, ...], mount: Pose) -> None:
        name = f"lidarseg/{self._version}/{key}_lidarseg.bin"
        categories = point_categories(sweep, objects, mount)
        self._part.write(name, categories.tobytes())
        self._tables.add("lidarseg", {"token": key, "sample_data_token": key, "filename": name})
        name = f"panoptic/{self._version}/{key}_panoptic.npz"
        self._part.write(name, pack_labels(self._instances.labels(categories, sweep.object_id, objects)))
        self._tables.add("panoptic", {"token": key, "sample_data_token": key, "filename": name})

    def _sample(self, frame: CapturedFrame) -> Row:
        return {
            "token": token(self._scene, "sample", frame.time_ns),
            "timestamp": timestamp_us(frame),
            "scene_token": self._token("scene"),
        }

    def _add_annotations(self, frame: CapturedFrame) -> None:
        returns = None if self.counts_own else self._returns(frame)
        for label, lidar_points in self.labels(frame):
            radar_points = sum(label.radar_points.values())
            if lidar_points + radar_points == 0 and not self._hidden:
                self.left_out += 1
                continue
            length, width, height = (float(v) for v in label.box.size_m)
            self._categories.setdefault(label.track_id, vocabulary.category_of(label))
            self._annotations.setdefault(label.track_id, []).append(
                {
                    "token": token(self._scene, "sample_annotation", label.track_id, frame.time_ns),
                    "sample_token": token(self._scene, "sample", frame.time_ns),
                    "instance_token": self._token("instance", label.track_id),
                    "visibility_token": vocabulary.visibility_of(vocabulary.visible_fraction(label)),
                    "attribute_tokens": [attribute_token(vocabulary.attribute_of(label))],
                    "translation": (label.box.pose.position_m - self._offset_m).tolist(),
                    "size": [width, length, height],
                    "rotation": label.box.pose.orientation_wxyz.tolist(),
                    "num_lidar_pts": lidar_points if returns is None else returns.inside(label.box),
                    "num_radar_pts": radar_points,
                }
            )

    def _returns(self, frame: CapturedFrame) -> Returns:
        agent, lidar = frame.agents[EGO], self._channels[REFERENCE_LIDAR].sensor
        points = (agent.map_agent @ lidar.agent_sensor).transform_points(agent.sweep(lidar.name).points_m)
        return Returns(points)

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


def belongings(delivered: Sequence[int], own: dict[int, int], samples: int) -> dict[int, tuple[int, bool]]:
    """Which sample each frame's data belongs to, and whether it is the sample's own.

    What lies between two samples' own data belongs to the next sample, as in nuScenes; what comes after the
    last belongs to the last.

    Args:
        delivered: Indexes of frames, ascending.
        own: Sample by frame, of the data that is a sample's own; both ascend.
        samples: How many there are.
    """
    out: dict[int, tuple[int, bool]] = {}
    following = samples - 1
    for index in reversed(delivered):
        following = own.get(index, following)
        out[index] = (following, index in own)
    return dict(sorted(out.items()))


def log_token(scene: str) -> str:
    """Token of a scene's log."""
    return token(scene, "log")


def timestamp_us(frame: CapturedFrame) -> int:
    """Microseconds since 1970."""
    return EPOCH_US + frame.time_ns // 1000
