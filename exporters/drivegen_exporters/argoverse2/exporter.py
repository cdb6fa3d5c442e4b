"""Argoverse 2, the sensor data set, as the av2 package loads it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float64

from drivegen.capture.export.carriers import cameras_of, lidar_of
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Box
from drivegen.core.sensors import Lidar
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen_exporters.argoverse2 import tables
from drivegen_exporters.argoverse2.lane_map import lane_map
from drivegen_exporters.argoverse2.vocabulary import RING, RING_OF_CHANNEL, category_of
from drivegen_exporters.inside import Returns
from drivegen_exporters.motion import agent_points
from drivegen_exporters.pinhole import PinholeCamera

EPOCH_NS = 1_767_225_600_000_000_000
"""2026-01-01 00:00:00 UTC: simulation time counts from there, for a scene has no date."""
CITY = "DRV"
UP, DOWN = "up_lidar", "down_lidar"
_FARTHEST_M = 65_504.0
"""Of float16."""
_MOST_LASERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    lidar: str = "LIDAR_TOP"
    """Channel that becomes the sweeps."""
    cameras: str = "auto"
    """auto, or CHANNEL=ring_NAME pairs with commas between."""
    hidden: bool = False
    """Annotate also what no return of the LiDAR hit."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of images that are made a pinhole's."""


class Argoverse2(Exporter[Options]):
    """The exporter. A scene is a log."""

    format = "argoverse2"
    version = 3
    Options = Options

    def check(self) -> None:
        """Cameras are pairs of which the second is one of Argoverse's, the field is a pinhole's."""
        if not 10.0 <= self.options.rectified_fov_deg <= 150.0:
            raise ExportError(
                f"argoverse2: rectified_fov_deg={self.options.rectified_fov_deg:g}: 10 to 150 is wanted"
            )
        rings = list(_pairs(self.options.cameras).values())
        wrong = [r for r in rings if r not in RING]
        if wrong or len(set(rings)) < len(rings):
            raise ExportError(
                f"argoverse2: cameras={self.options.cameras!r}: CHANNEL=NAME pairs are wanted, each name"
                f" once, of {', '.join(RING)}"
            )

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A log's files.

        Raises:
            ExportError: The rig lacks a sensor, or the LiDAR delivered nothing.
            MapError: The road cannot be read.
        """
        log = _Log(capture, part, self.options)
        for frame in capture.frames():
            log.add(frame)
        log.finish()

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All logs side by side."""
        counts = {"sweeps": 0, "images": 0, "annotations": 0, "labels_left_out": 0}
        for part in parts:
            dataset.take(part, _places(part.split))
            for name in counts:
                counts[name] += part.facts[name]
        return Joined(counts=counts)


class _Log:
    """One capture as a log."""

    def __init__(self, capture: CaptureReader, part: PartWriter, options: Options) -> None:
        self._capture = capture
        self._part = part
        self._hidden = options.hidden
        self._root = capture.scene
        self._lidar = lidar_of(capture, options.lidar, "argoverse2")
        if self._lidar.channels > _MOST_LASERS:
            raise ExportError(
                f"{capture.path}: {self._lidar.name} has {self._lidar.channels} channels; Argoverse 2 numbers"
                f" at most {_MOST_LASERS}"
            )
        pairs = _pairs(options.cameras)
        there = {c.name for c in capture.rigs[EGO].cameras}
        wanted = [c for c in pairs if c in there] if options.cameras == "auto" else list(pairs)
        cameras = cameras_of(capture, ",".join(wanted), "argoverse2") if wanted else ()
        self._views = {pairs[c.name]: PinholeCamera.of(c, options.rectified_fov_deg) for c in cameras}
        self._annotations: list[dict[str, Any]] = []
        self._poses: list[dict[str, Any]] = []
        self._way: list[list[float]] = []
        self._sweeps = self._images = self._left_out = 0

    def add(self, frame: CapturedFrame) -> None:
        """Writes what a frame has of the log's sensors."""
        agent = frame.agents[EGO]
        time_ns = EPOCH_NS + frame.time_ns
        rings = [r for r, view in self._views.items() if view.camera.name in agent.delivered]
        for ring in rings:
            self._part.write(
                f"{self._root}/sensors/cameras/{ring}/{time_ns}.jpg", self._views[ring].jpeg(agent)
            )
        self._images += len(rings)
        has_sweep = self._lidar.name in agent.delivered
        if has_sweep:
            sweep = agent.sweep(self._lidar.name)
            points = ego_points(sweep, agent, self._lidar)
            self._part.write(f"{self._root}/sensors/lidar/{time_ns}.feather", pack_sweep(sweep, points))
            self._annotations += self._rows(frame, agent, time_ns, Returns(points))
            self._sweeps += 1
        if has_sweep or rings:
            self._poses.append({"timestamp_ns": time_ns, **tables.pose_row(agent.map_agent)})
            self._way.append(agent.map_agent.position_m[:2].tolist())

    def finish(self) -> None:
        """Writes the tables and the map."""
        if not self._sweeps:
            raise ExportError(
                f"{self._capture.path}: {self._lidar.name} delivered nothing; Argoverse 2 is made of sweeps"
            )
        write, root = self._part.write, self._root
        write(f"{root}/annotations.feather", tables.rows_table(self._annotations, tables.ANNOTATIONS))
        write(f"{root}/city_SE3_egovehicle.feather", tables.rows_table(self._poses, tables.EGO_POSES))
        mounts = [{"sensor_name": r, **tables.pose_row(v.agent_optical)} for r, v in self._views.items()]
        mounts += [{"sensor_name": n, **tables.pose_row(self._lidar.agent_sensor)} for n in (UP, DOWN)]
        write(f"{root}/calibration/egovehicle_SE3_sensor.feather", tables.rows_table(mounts, tables.MOUNTS))
        write(
            f"{root}/calibration/intrinsics.feather",
            tables.rows_table([_intrinsic_row(r, v) for r, v in self._views.items()], tables.INTRINSICS),
        )
        made = lane_map(
            _network(self._capture.opendrive, self._capture.plan.map.opendrive), np.array(self._way)
        )
        scene = self._capture.scene
        write(f"{root}/map/log_map_archive_{scene}____{CITY}_city_00000.json", made.vectors)
        write(f"{root}/map/{scene}_ground_height_surface____{CITY}.npy", made.ground)
        write(f"{root}/map/{scene}___img_Sim2_city.json", made.image_city)
        self._part.facts = {
            "sweeps": self._sweeps,
            "images": self._images,
            "annotations": len(self._annotations),
            "labels_left_out": self._left_out,
        }

    def _rows(
        self, frame: CapturedFrame, agent: CapturedAgent, time_ns: int, returns: Returns
    ) -> Iterator[dict[str, Any]]:
        """What the LiDAR hit; `num_interior_pts` counts all returns in a box, a neighbour's and rain too."""
        agent_map = agent.map_agent.inverse()
        for label in frame.objects:
            points = label.lidar_points.get(self._lidar.name, 0)
            category = category_of(label)
            if category is None or (not points and not self._hidden):
                self._left_out += 1
                continue
            box = Box(pose=agent_map @ label.box.pose, size_m=label.box.size_m)
            length, width, height = (float(v) for v in box.size_m)
            yield {
                "timestamp_ns": time_ns,
                "track_uuid": track_uuid(self._capture.scene, label.track_id),
                "category": category,
                "length_m": length,
                "width_m": width,
                "height_m": height,
                **tables.pose_row(box.pose),
                "num_interior_pts": returns.inside(box),
            }


def track_uuid(scene: str, track_id: int) -> str:
    """A UUID (RFC 9562, version 5) that depends on scene and track alone."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"drivegen|{scene}|{track_id}"))


def ego_points(sweep: Sweep, agent: CapturedAgent, lidar: Lidar) -> Float64[np.ndarray, "n 3"]:
    """Returns in the ego's frame at the frame's time."""
    own = agent.map_agent.rotation.T
    yaw_rate_radps = float((own @ agent.angular_velocity_radps)[2])
    return agent_points(sweep, lidar.agent_sensor, own @ agent.velocity_mps, yaw_rate_radps)


def pack_sweep(sweep: Sweep, points_m: Float64[np.ndarray, "n 3"]) -> bytes:
    """A sweep's table: the ego's frame at the frame's time, metres as float16."""
    points = np.clip(points_m, -_FARTHEST_M, _FARTHEST_M)
    offset_s = sweep.time_offset_s if sweep.time_offset_s is not None else np.zeros(len(sweep))
    return tables.columns_table(
        {
            "x": points[:, 0].astype(np.float16),
            "y": points[:, 1].astype(np.float16),
            "z": points[:, 2].astype(np.float16),
            "intensity": np.rint(np.clip(sweep.intensity, 0.0, 1.0) * 255).astype(np.uint8),
            "laser_number": sweep.ring.astype(np.uint8),
            "offset_ns": np.rint(offset_s.astype(np.float64) * 1e9).astype(np.int32),
        },
        tables.SWEEP,
    )


def _intrinsic_row(ring: str, view: PinholeCamera) -> dict[str, Any]:
    """For whom pixel centres are whole numbers; no distortion is left."""
    k = view.intrinsic_centred
    return {
        "sensor_name": ring,
        "fx_px": float(k[0, 0]),
        "fy_px": float(k[1, 1]),
        "cx_px": float(k[0, 2]),
        "cy_px": float(k[1, 2]),
        "k1": 0.0,
        "k2": 0.0,
        "k3": 0.0,
        "height_px": view.camera.height_px,
        "width_px": view.camera.width_px,
    }


def _pairs(text: str) -> dict[str, str]:
    """Argoverse's names by channel."""
    if text == "auto":
        return dict(RING_OF_CHANNEL)
    pairs = (p.partition("=") for p in text.split(",") if p.strip())
    return {channel.strip(): ring.strip() for channel, _, ring in pairs}


def _places(split: str) -> Callable[[str], str]:
    return lambda name: f"{split}/{name}"


@lru_cache(maxsize=2)
def _network(opendrive: str, source: str) -> RoadNetwork:
    return read_network(opendrive, source)
