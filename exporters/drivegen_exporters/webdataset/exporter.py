"""WebDataset: tar files of samples, as the package webdataset streams them."""

from __future__ import annotations

import io
import struct
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from drivegen.capture import messages, schema
from drivegen.capture.export.carriers import ALL, Carrier, Moment, Wanted
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.images import encode_depth, encode_png
from drivegen.capture.reader import CapturedAgent, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.channels import check_frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between."""
    frames: str = "keyframes"
    """keyframes or all; a frame is a sample if all its sensors delivered in it."""
    pixel_labels: bool = True
    """Put semantic, instance and depth images beside each image."""
    shard_mb: int = 256
    """A shard that has reached this size is ended. A shard holds samples of one scene."""


class WebDataset(Exporter[Options]):
    """The exporter. A sample is a frame of the ego, or of another agent: those have shards of their own."""

    format = "webdataset"
    version = 2
    takes_agents = True
    Options = Options

    def check(self) -> None:
        """Frames and size are possible."""
        check_frames(self.options.frames, self.format)
        if self.options.shard_mb < 1:
            raise ExportError(f"webdataset: shard_mb={self.options.shard_mb}: at least 1 is wanted")

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's shards. Raises ExportError when no frame has all sensors."""
        wanted = Wanted(
            cameras=self.options.cameras,
            lidars=ALL,
            keyframes=self.options.frames != ALL,
            together=True,
        )
        carriers = self.carriers(capture, part, wanted)
        part.facts = {"agents": [self._samples(capture, part, carrier) for carrier in carriers]}

    def _samples(self, capture: CaptureReader, part: PartWriter, carrier: Carrier) -> dict[str, Any]:
        """An agent's shards, and what the joining needs."""
        other = "" if carrier.agent == EGO else carrier.agent
        shards, samples = _Shards(part, self.options.shard_mb * 1_000_000, other), 0
        start = "_".join([capture.scene.replace(".", "-"), *([other] if other else [])])
        sensors = _sensors(carrier.cameras)
        for moment in carrier.moments(capture):
            frame, agent = moment.frame, moment.agent
            key = f"{start}_{frame.index:06d}"
            fields: list[Field] = [("json", [_describe(capture, moment, sensors)])]
            for camera in carrier.cameras:
                fields += [
                    (name, part.pieces(data, f"{key}.{name}"))
                    for name, data in self._camera_fields(capture, agent, frame.time_ns, camera)
                ]
            for lidar in carrier.lidars:
                fields += [(name, [data]) for name, data in _lidar_fields(agent, lidar)]
            shards.add(key, fields)
            samples += 1
        shards.close()
        if not samples:
            names = sorted(carrier.channels)
            raise ExportError(
                f"{capture.path}: no frame has all of {', '.join(names)}; choose with cameras=..."
                " and frames=..."
            )
        return {
            "agent": carrier.agent,
            "samples": samples,
            "shards": shards.count,
            "fields": [name for name, _ in fields],
            "key": start,
        }

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Numbers the shards through.

        Raises:
            ExportError: Two scenes have samples of an agent with different fields, or would have the same
                keys.
        """
        samples = 0
        shards: dict[str, Counter[str]] = {split: Counter() for split in parts.splits}
        first: dict[str, tuple[str, list[str]]] = {}
        keys: dict[str, str] = {}
        for part in parts:
            for facts in part.facts["agents"]:
                scene, fields = first.setdefault(facts["agent"], (part.scene, facts["fields"]))
                if facts["fields"] != fields:
                    raise ExportError(
                        f"webdataset: scenes {scene} and {part.scene} have other sensors; samples of one"
                        " data set have the same fields: export them apart, or choose with cameras=..."
                    )
                if keys.setdefault(facts["key"], part.scene) != part.scene:
                    raise ExportError(
                        f"webdataset: scenes {keys[facts['key']]} and {part.scene} would have the same keys"
                    )
            dataset.take(part, _places(part.split, shards[part.split]))
            for facts in part.facts["agents"]:
                samples += facts["samples"]
                shards[part.split][facts["agent"]] += facts["shards"]
        return Joined(counts={"samples": samples, "shards": sum(c.total() for c in shards.values())})

    def _camera_fields(
        self, capture: CaptureReader, agent: CapturedAgent, time_ns: int, camera: Camera
    ) -> Iterator[tuple[str, bytes]]:
        """The files of the capture, unless the export makes images smaller."""
        name = camera.name.lower()
        yield f"{name}.jpg", agent.jpeg(camera.name)
        if not self.options.pixel_labels:
            return
        read = {"semantic": agent.tag, "instance": agent.instance}
        for kind in ("semantic", "instance", "depth"):
            payload = capture.payload(schema.sensor_topic(agent.name, camera.name, kind), time_ns)
            data = messages.decode_image(payload)
            if png_size(data) != (camera.width_px, camera.height_px):
                small = read.get(kind)
                data = encode_png(small(camera.name)) if small else encode_depth(agent.depth_m(camera.name))
            yield f"{name}.{kind}.png", data


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height that a PNG's head tells (PNG specification, section 11.2.2)."""
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _lidar_fields(agent: CapturedAgent, lidar: Lidar) -> Iterator[tuple[str, bytes]]:
    """x y z intensity ring in the LiDAR's frame; whose each return is; of what."""
    sweep, name = agent.sweep(lidar.name), lidar.name.lower()
    rows = np.empty((len(sweep), 5), "<f4")
    rows[:, :3], rows[:, 3], rows[:, 4] = sweep.points_m, sweep.intensity, sweep.ring
    yield f"{name}.npy", _npy(rows)
    yield f"{name}.object_id.npy", _npy(sweep.object_id)
    yield f"{name}.tag.npy", _npy(sweep.tag)


def _npy(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _sensors(cameras: tuple[Camera, ...]) -> dict[str, Any]:
    """Calibrations of the cameras, K with the centre of the top left pixel at (0, 0)."""
    out = {}
    for camera in cameras:
        k = camera.intrinsic.copy()
        k[:2, 2] -= 0.5
        model, coefficients = messages.distortion_of(camera)
        out[camera.name] = {
            "intrinsic": k.tolist(),
            "distortion_model": model,
            "distortion": coefficients,
            "agent_optical": messages.camera_optical(camera).matrix.tolist(),
        }
    return out


def _describe(capture: CaptureReader, moment: Moment, cameras: dict[str, Any]) -> bytes:
    """The sample's JSON: where and when, calibrations, and the labels as the capture has them."""
    frame, agent = moment.frame, moment.agent
    head = {
        "scene": capture.scene,
        **moment.carrier.told,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "map_agent": agent.map_agent.matrix.tolist(),
        "cameras": cameras,
        "lidars": {s.name: s.agent_sensor.matrix.tolist() for s in moment.carrier.lidars},
    }
    return messages.to_json(head | {"objects": [messages.object_to_plain(o) for o in moment.objects]})


Field = tuple[str, list[bytes | memoryview]]
"""A member's extension, and its content in pieces."""


class _Shards:
    """Tar files of one scene, one after the other; equal samples give equal bytes.

    Those of an agent other than the ego lie in a folder of its name until scenes are joined.
    """

    def __init__(self, part: PartWriter, most_bytes: int, agent: str) -> None:
        self._part = part
        self._folder = f"{agent}/" if agent else ""
        self._most = most_bytes
        self._tar: IO[bytes] | None = None
        self._size = 0
        self.count = 0

    def add(self, key: str, fields: list[Field]) -> None:
        """Appends a sample; its members stand together."""
        if self._tar is None:
            stream = self._part.open(f"{self._folder}{self.count:06d}.tar")
            self._tar = stream
            self._size = 0
            self.count += 1
        for name, pieces in fields:
            length = sum(len(p) for p in pieces)
            padding = bytes(-length % tarfile.BLOCKSIZE)
            for piece in (_tar_head(f"{key}.{name}", length), *pieces, padding):
                self._tar.write(piece)
            self._size += tarfile.BLOCKSIZE + length + len(padding)
        if self._size >= self._most:
            self.close()

    def close(self) -> None:
        """Ends the shard."""
        if self._tar is not None:
            end = 2 * tarfile.BLOCKSIZE
            self._tar.write(bytes(end + -(self._size + end) % tarfile.RECORDSIZE))
            self._tar = None


def _tar_head(name: str, size: int) -> bytes:
    """A member's header."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _places(split: str, first: Mapping[str, int]) -> Callable[[str], str]:
    """Names of shards in the data set, by those in a part; agents' are numbered apart."""

    def place(name: str) -> str:
        agent, _, number = name.rpartition("/")
        start = f"{agent}-{split}" if agent else split
        return f"{start}-{int(number.removesuffix('.tar')) + first.get(agent or EGO, 0):06d}.tar"

    return place
