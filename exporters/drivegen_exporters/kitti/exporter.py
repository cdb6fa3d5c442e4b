"""KITTI, object detection and tracking, as mmdet3d's evaluation and TrackEval load them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.images import decode_jpeg
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar
from drivegen.opendrive.reader import read_network
from drivegen_exporters.geodesy import GeoOrigin
from drivegen_exporters.kitti.calibration import object_calibration, tracking_calibration
from drivegen_exporters.kitti.labels import LabelRow, row_of
from drivegen_exporters.kitti.oxts import oxts_row
from drivegen_exporters.kitti.vocabulary import DONT_CARE
from drivegen_exporters.pinhole import PinholeCamera

OBJECT, TRACKING = "object", "tracking"
LAYOUTS = (OBJECT, TRACKING, "both")
IMAGES = ("png", "jpg")
_TRAINVAL, _ALL_SEQUENCES = "trainval", "training"
_SEQUENCE = "SEQUENCE"
"""Stands in a part for the number that the sequence gets when all are joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    camera: str = "CAM_FRONT"
    """Channel that becomes image_2."""
    lidar: str = "LIDAR_TOP"
    """Channel that becomes velodyne."""
    layout: str = "both"
    """object (keyframes), tracking (all frames that camera and LiDAR share) or both."""
    image: str = "png"
    """png, as tools for KITTI insist, or jpg: the capture's own bytes, a quarter of the size."""
    rectified_fov_deg: float = 100.0
    """Widest horizontal field of an image that is made a pinhole's."""


class Kitti(Exporter[Options]):
    """The exporter; `object` and `tracking` in the data set's folder are the benchmarks' roots."""

    format = "kitti"
    Options = Options

    def check(self) -> None:
        """Layout, kind of image and field are possible."""
        chosen = self.options
        if chosen.layout not in LAYOUTS:
            raise ExportError(f"kitti: layout={chosen.layout!r}: one of {', '.join(LAYOUTS)} is wanted")
        if chosen.image not in IMAGES:
            raise ExportError(f"kitti: image={chosen.image!r}: png or jpg is wanted")
        if not 10.0 <= chosen.rectified_fov_deg <= 150.0:
            raise ExportError(f"kitti: rectified_fov_deg={chosen.rectified_fov_deg:g}: 10 to 150 is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Files of a scene, numbered from 0.

        Raises:
            ExportError: The rig lacks the camera or the LiDAR, or no frame has both.
        """
        scene = _Scene(capture, part, self.options)
        for frame in capture.frames():
            scene.add(frame)
        scene.finish()

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Numbers all frames and sequences through, scene by scene."""
        counts = {"images": 0, "sequences": 0, "sequence_frames": 0, "labels": 0, "dont_care": 0}
        with dataset.open("scenes.txt") as scenes:
            for number, part in enumerate(parts):
                facts = part.facts
                dataset.take(part, _places(counts["images"], number))
                scenes.write(f"{number:04d} {part.scene} {counts['images']} {facts['images']}\n".encode())
                counts["images"] += facts["images"]
                counts["sequences"] += facts["sequence_frames"] > 0
                for name in ("sequence_frames", "labels", "dont_care"):
                    counts[name] += facts[name]
        if self.options.layout != TRACKING:
            for split in (*parts.splits, _TRAINVAL):
                _write_image_set(dataset, parts, split)
        if self.options.layout != OBJECT:
            for split in (*parts.splits, _ALL_SEQUENCES):
                _write_sequence_map(dataset, parts, split)
        return Joined(counts=counts)


class _Scene:
    """One capture as KITTI's files."""

    def __init__(self, capture: CaptureReader, part: PartWriter, options: Options) -> None:
        sensors = {s.name: s for s in capture.rigs[EGO].sensors}
        camera, lidar = sensors.get(options.camera), sensors.get(options.lidar)
        if not isinstance(camera, Camera) or not isinstance(lidar, Lidar):
            raise ExportError(
                f"{capture.path}: KITTI wants the camera {options.camera} and the LiDAR {options.lidar} in"
                f" the rig, which has {', '.join(sensors)}; choose with camera=... and lidar=..."
            )
        self._capture = capture
        self._part = part
        self._options = options
        self._lidar = lidar
        self._view = PinholeCamera.of(camera, options.rectified_fov_deg)
        self._origin = GeoOrigin.of(read_network(capture.opendrive, capture.plan.map.opendrive).geo_reference)
        self._images = 0
        self._sequence_frames = 0
        self._labels = 0
        self._dont_care = 0

    def add(self, frame: CapturedFrame) -> None:
        """Writes a frame if camera and LiDAR delivered in it."""
        agent = frame.agents[EGO]
        if not {self._view.camera.name, self._lidar.name} <= set(agent.delivered):
            return
        as_object = frame.keyframe and self._options.layout != TRACKING
        as_tracking = self._options.layout != OBJECT
        if not as_object and not as_tracking:
            return
        image = self._image(self._view.jpeg(agent))
        points = pack_sweep(agent.sweep(self._lidar.name)).tobytes()
        rows = [
            row
            for label in frame.objects
            if (row := row_of(label, self._view, agent.map_agent, self._lidar.name)) is not None
        ]
        rows.sort(key=lambda r: r.type == DONT_CARE)
        self._labels += sum(r.type != DONT_CARE for r in rows)
        self._dont_care += sum(r.type == DONT_CARE for r in rows)
        if as_object:
            self._write_object(image, points, rows)
        if as_tracking:
            self._write_tracking(image, points, rows, oxts_row(agent, self._origin))

    def finish(self) -> None:
        """Writes what a sequence has once, and the facts."""
        if not self._images and not self._sequence_frames:
            raise ExportError(
                f"{self._capture.path}: no {'key' if self._options.layout == OBJECT else ''}frame has both"
                f" {self._view.camera.name} and {self._lidar.name}; their periods must agree"
            )
        if self._sequence_frames:
            text = tracking_calibration(self._view, self._lidar.agent_sensor)
            self._part.write(f"{TRACKING}/training/calib/{_SEQUENCE}.txt", text)
        self._part.facts = {
            "images": self._images,
            "sequence_frames": self._sequence_frames,
            "labels": self._labels,
            "dont_care": self._dont_care,
        }

    def _image(self, jpeg: bytes) -> bytes:
        if self._options.image == "jpg":
            return jpeg
        return cv2.imencode(".png", decode_jpeg(jpeg), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()

    def _write_object(self, image: bytes, points: bytes, rows: list[LabelRow]) -> None:
        root, name = f"{OBJECT}/training", f"{self._images:06d}"
        self._part.write(f"{root}/image_2/{name}.{self._options.image}", image)
        self._part.write(f"{root}/velodyne/{name}.bin", points)
        self._part.write(f"{root}/calib/{name}.txt", object_calibration(self._view, self._lidar.agent_sensor))
        self._part.write(f"{root}/label_2/{name}.txt", "".join(f"{r.object_row}\n" for r in rows).encode())
        self._images += 1

    def _write_tracking(self, image: bytes, points: bytes, rows: list[LabelRow], oxts: str) -> None:
        root, name = f"{TRACKING}/training", f"{self._sequence_frames:06d}"
        self._part.write(f"{root}/image_02/{_SEQUENCE}/{name}.{self._options.image}", image)
        self._part.write(f"{root}/velodyne/{_SEQUENCE}/{name}.bin", points)
        labels = self._part.open(f"{root}/label_02/{_SEQUENCE}.txt")
        labels.write("".join(f"{r.tracking_row(self._sequence_frames)}\n" for r in rows).encode())
        self._part.open(f"{root}/oxts/{_SEQUENCE}.txt").write(f"{oxts}\n".encode())
        self._sequence_frames += 1


def pack_sweep(sweep: Sweep) -> Float32[np.ndarray, "n 4"]:
    """x, y, z in the LiDAR's frame (forward, left, up), reflectance 0..1; little-endian."""
    out = np.empty((len(sweep), 4), "<f4")
    out[:, :3] = sweep.points_m
    out[:, 3] = np.clip(sweep.intensity, 0.0, 1.0)
    return out


def _write_image_set(dataset: DatasetWriter, parts: Parts, split: str) -> None:
    """Numbers of the images of a split; trainval is all that is not for testing."""
    first = 0
    with dataset.open(f"{OBJECT}/ImageSets/{split}.txt") as file:
        for part in parts:
            if part.split == split or (split == _TRAINVAL and part.split != "test"):
                for i in range(first, first + part.facts["images"]):
                    file.write(f"{i:06d}\n".encode())
            first += part.facts["images"]


def _write_sequence_map(dataset: DatasetWriter, parts: Parts, split: str) -> None:
    """Sequences of a split, as the tracking evaluation wants them; training is all."""
    with dataset.open(f"{TRACKING}/training/evaluate_tracking.seqmap.{split}") as file:
        for number, part in enumerate(parts):
            if split in {part.split, _ALL_SEQUENCES}:
                row = f"{number:04d} empty 000000 {part.facts['sequence_frames']:06d}\n"
                file.write(row.encode())


def _places(first: int, sequence: int) -> Callable[[str], str]:
    """Names in the data set of a part's files: frames from `first` on, this sequence."""

    def place(name: str) -> str:
        if name.startswith(TRACKING):
            return name.replace(_SEQUENCE, f"{sequence:04d}")
        folder, file = name.rsplit("/", 1)
        number, suffix = file.split(".", 1)
        return f"{folder}/{int(number) + first:06d}.{suffix}"

    return place
