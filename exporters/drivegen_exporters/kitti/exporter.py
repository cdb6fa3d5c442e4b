"""KITTI, object detection and tracking, as mmdet3d's evaluation and TrackEval load them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.capture.export.carriers import Carrier, Moment, Wanted
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import Part, PartWriter
from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.images import decode_jpeg
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.opendrive.reader import read_network
from drivegen_exporters.geodesy import GeoOrigin
from drivegen_exporters.kitti.calibration import object_calibration, tracking_calibration
from drivegen_exporters.kitti.labels import LabelRow, row_of
from drivegen_exporters.kitti.oxts import oxts_row
from drivegen_exporters.kitti.vocabulary import DONT_CARE
from drivegen_exporters.pinhole import PinholeCamera
from drivegen_exporters.sequences import numbered, placeholder

OBJECT, TRACKING = "object", "tracking"
LAYOUTS = (OBJECT, TRACKING, "both")
IMAGES = ("png", "jpg")
_TRAINVAL, _ALL_SEQUENCES = "trainval", "training"


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
    version = 2
    takes_agents = True
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
        """Files of a scene, numbered from 0; each agent is a sequence.

        Raises:
            ExportError: The rig lacks the camera or the LiDAR, or no frame has both.
        """
        chosen = self.options
        wanted = Wanted(
            cameras=chosen.camera,
            lidars=chosen.lidar,
            one=True,
            keyframes=chosen.layout == OBJECT,
            together=True,
        )
        origin = GeoOrigin.of(read_network(capture.opendrive, capture.plan.map.opendrive).geo_reference)
        sequences: list[dict[str, Any]] = []
        for carrier in self.carriers(capture, part, wanted):
            first = sum(s["images"] for s in sequences)
            sequence = _Sequence(carrier, part, chosen, origin, first)
            for moment in carrier.moments(capture):
                sequence.add(moment)
            sequences.append(sequence.finish(str(capture.path)))
        part.facts = {"sequences": sequences}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Numbers all frames and sequences through, scene by scene."""
        counts = {"images": 0, "sequences": 0, "sequence_frames": 0, "labels": 0, "dont_care": 0}
        with dataset.open("scenes.txt") as scenes:
            number = 0
            for part in parts:
                found = part.facts["sequences"]
                numbers = {s["agent"]: f"{number + i:04d}" for i, s in enumerate(found)}
                number += len(found)
                dataset.take(part, _places(counts["images"], numbers))
                for facts in found:
                    agent = facts["agent"]
                    row = f"{numbers[agent]} {part.scene} {counts['images']} {facts['images']}"
                    told = "" if self.request.agents == EGO else f" {agent}"
                    scenes.write(f"{row}{told}\n".encode())
                    counts["sequences"] += facts["sequence_frames"] > 0
                    for name in ("images", "sequence_frames", "labels", "dont_care"):
                        counts[name] += facts[name]
        if self.options.layout != TRACKING:
            for split in (*parts.splits, _TRAINVAL):
                _write_image_set(dataset, parts, split)
        if self.options.layout != OBJECT:
            for split in (*parts.splits, _ALL_SEQUENCES):
                _write_sequence_map(dataset, parts, split)
        return Joined(counts=counts)


class _Sequence:
    """What one agent has of a capture, as KITTI's files."""

    def __init__(
        self, carrier: Carrier, part: PartWriter, options: Options, origin: GeoOrigin, first_image: int
    ) -> None:
        self._agent = carrier.agent
        self._place = placeholder(carrier.agent)
        self._part = part
        self._options = options
        self._lidar = carrier.lidars[0]
        self._view = PinholeCamera.of(carrier.cameras[0], options.rectified_fov_deg)
        self._origin = origin
        self._first_image = first_image
        self._images = 0
        self._sequence_frames = 0
        self._labels = 0
        self._dont_care = 0

    def add(self, moment: Moment) -> None:
        """Writes a frame in which camera and LiDAR delivered."""
        agent = moment.agent
        as_object = moment.keyframe and self._options.layout != TRACKING
        as_tracking = self._options.layout != OBJECT
        if not as_object and not as_tracking:
            return
        image = self._image(self._view.jpeg(agent))
        points = pack_sweep(agent.sweep(self._lidar.name)).tobytes()
        rows = [
            row
            for label in moment.objects
            if (row := row_of(label, self._view, agent.map_agent, self._lidar.name)) is not None
        ]
        rows.sort(key=lambda r: r.type == DONT_CARE)
        self._labels += sum(r.type != DONT_CARE for r in rows)
        self._dont_care += sum(r.type == DONT_CARE for r in rows)
        if as_object:
            self._write_object(image, points, rows)
        if as_tracking:
            self._write_tracking(image, points, rows, oxts_row(agent, self._origin))

    def finish(self, capture: str) -> dict[str, Any]:
        """Writes what a sequence has once, and returns the facts."""
        if not self._images and not self._sequence_frames:
            raise ExportError(
                f"{capture}: no {'key' if self._options.layout == OBJECT else ''}frame has both"
                f" {self._view.camera.name} and {self._lidar.name}; their periods must agree"
            )
        if self._sequence_frames:
            text = tracking_calibration(self._view, self._lidar.agent_sensor)
            self._part.write(f"{TRACKING}/training/calib/{self._place}.txt", text)
        return {
            "agent": self._agent,
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
        root, name = f"{OBJECT}/training", f"{self._first_image + self._images:06d}"
        self._part.write(f"{root}/image_2/{name}.{self._options.image}", image)
        self._part.write(f"{root}/velodyne/{name}.bin", points)
        self._part.write(f"{root}/calib/{name}.txt", object_calibration(self._view, self._lidar.agent_sensor))
        self._part.write(f"{root}/label_2/{name}.txt", "".join(f"{r.object_row}\n" for r in rows).encode())
        self._images += 1

    def _write_tracking(self, image: bytes, points: bytes, rows: list[LabelRow], oxts: str) -> None:
        root, name = f"{TRACKING}/training", f"{self._sequence_frames:06d}"
        self._part.write(f"{root}/image_02/{self._place}/{name}.{self._options.image}", image)
        self._part.write(f"{root}/velodyne/{self._place}/{name}.bin", points)
        labels = self._part.open(f"{root}/label_02/{self._place}.txt")
        labels.write("".join(f"{r.tracking_row(self._sequence_frames)}\n" for r in rows).encode())
        self._part.open(f"{root}/oxts/{self._place}.txt").write(f"{oxts}\n".encode())
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
            images = sum(s["images"] for s in part.facts["sequences"])
            if part.split == split or (split == _TRAINVAL and part.split != "test"):
                for i in range(first, first + images):
                    file.write(f"{i:06d}\n".encode())
            first += images


def _write_sequence_map(dataset: DatasetWriter, parts: Parts, split: str) -> None:
    """Sequences of a split, as the tracking evaluation wants them; training is all."""
    with dataset.open(f"{TRACKING}/training/evaluate_tracking.seqmap.{split}") as file:
        for number, (part, facts) in enumerate(_sequences(parts)):
            if split in {part.split, _ALL_SEQUENCES}:
                row = f"{number:04d} empty 000000 {facts['sequence_frames']:06d}\n"
                file.write(row.encode())


def _sequences(parts: Parts) -> Iterator[tuple[Part, dict[str, Any]]]:
    """All sequences in the order of their numbers: whose part, and what it said of them."""
    for part in parts:
        for facts in part.facts["sequences"]:
            yield part, facts


def _places(first: int, sequences: Mapping[str, str]) -> Callable[[str], str]:
    """Names in the data set of a part's files: frames from `first` on, sequences by agent."""

    def place(name: str) -> str:
        if name.startswith(TRACKING):
            return numbered(name, sequences)
        folder, file = name.rsplit("/", 1)
        number, suffix = file.split(".", 1)
        return f"{folder}/{int(number) + first:06d}.{suffix}"

    return place
