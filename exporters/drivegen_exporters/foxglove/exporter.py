"""MCAP files that Foxglove opens: transforms, images, point clouds and boxes, in its own schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drivegen import __version__
from drivegen.capture import messages, schema
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.mcap_file import Lane, McapFile
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Gnss, Lidar, Radar, Sensor
from drivegen_exporters.channels import check_frames, frames_of
from drivegen_exporters.foxglove.overlays import ANNOTATIONS, SCENE, Boxes, image_annotations

_CHUNK_BYTES = 4 << 20
_OBJECTS = "/objects"
_KIND = {Camera: "image", Lidar: "points", Radar: "detections", Gnss: "fix"}
_SCHEMA = {
    "image": schema.IMAGE,
    "points": schema.POINTS,
    "detections": schema.POINTS,
    "fix": schema.FIX,
    "calibration": schema.CALIBRATION,
    "annotations": ANNOTATIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    frames: str = "all"
    """all or keyframes."""


class Foxglove(Exporter[Options]):
    """The exporter. A scene is a file, with all its agents."""

    format = "foxglove"
    Options = Options

    def check(self) -> None:
        """Frames are all or keyframes."""
        check_frames(self.options.frames, self.format)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's file. Raises ExportError when it has no frame of the kind asked for."""
        stream: Any = part.open(f"{capture.scene}.mcap")
        file = McapFile(stream, "", f"drivegen {__version__}", hashed=False)
        file.add_metadata("drivegen", {"scene": capture.scene, "capture": capture.content_sha256 or ""})
        recording = _Recording(capture, file, self.options.frames, part)
        for frame in frames_of(capture, self.options.frames):
            recording.add(frame)
            if file.open_bytes >= _CHUNK_BYTES:
                file.end_chunks()
        if not recording.frames:
            raise ExportError(f"{capture.path}: the capture has no {self.options.frames}")
        file.finish()
        part.facts = {"frames": recording.frames, "messages": recording.messages}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All files as they are."""
        counts = {"frames": 0, "messages": 0}
        for part in parts:
            dataset.take(part)
            for name in counts:
                counts[name] += part.facts[name]
        return Joined(counts=counts)


class _Recording:
    """Writes frames; points, fixes and transforms go over byte for byte."""

    def __init__(self, capture: CaptureReader, file: McapFile, frames: str, part: PartWriter) -> None:
        self._capture = capture
        self._file = file
        self._part = part
        plan = capture.plan
        self._boxes = Boxes(round((plan.tick_s if frames == "all" else plan.keyframe_s) * 1e9))
        self._channels: dict[str, int] = {}
        self._calibrated: set[str] = set()
        self.frames = 0
        self.messages = 0

    def add(self, frame: CapturedFrame) -> None:
        """Writes a frame of all agents."""
        time_ns = frame.time_ns
        self._put(
            schema.TF_TOPIC, schema.TRANSFORMS, Lane.ZSTD, time_ns, self._copied(schema.TF_TOPIC, time_ns)
        )
        boxes = self._boxes.update(frame.objects, time_ns)
        self._put(_OBJECTS, SCENE, Lane.ZSTD, time_ns, boxes)
        for name, agent in frame.agents.items():
            for sensor in self._capture.rigs[name].sensors:
                if sensor.name in agent.delivered and type(sensor) in _KIND:
                    self._add_sensor(frame, name, sensor)
        self.frames += 1

    def _add_sensor(self, frame: CapturedFrame, agent: str, sensor: Sensor) -> None:
        time_ns = frame.time_ns
        kind = _KIND[type(sensor)]
        topic = schema.sensor_topic(agent, sensor.name, kind)
        if isinstance(sensor, Camera):
            frame_id = messages.sensor_frame(agent, sensor.name)
            # Players begin anywhere: calibrations come with every keyframe.
            if frame.keyframe or topic not in self._calibrated:
                self._calibrated.add(topic)
                data = messages.encode_calibration(sensor, frame_id, time_ns)
                self._put_sensor(agent, sensor, "calibration", Lane.ZSTD, time_ns, data)
            key = sensor.name if agent == "ego" else f"{agent}/{sensor.name}"
            marks = image_annotations(frame.objects, key, time_ns)
            self._put_sensor(agent, sensor, "annotations", Lane.ZSTD, time_ns, marks)
            name = f"{self._capture.scene}{topic}/{time_ns}.jpg"
            jpeg = self._part.pieces(self._capture.jpeg(agent, sensor.name, time_ns), name)
            image = messages.image_around(jpeg, "jpeg", frame_id, time_ns)
            self._put(topic, schema.IMAGE, Lane.PLAIN, time_ns, *image)
            return
        self._put_sensor(agent, sensor, kind, Lane.PLAIN, time_ns, self._copied(topic, time_ns))

    def _put_sensor(
        self, agent: str, sensor: Sensor, kind: str, lane: Lane, time_ns: int, data: bytes
    ) -> None:
        topic = schema.sensor_topic(agent, sensor.name, kind)
        self._put(topic, _SCHEMA[kind], lane, time_ns, data)

    def _put(
        self, topic: str, kind: schema.Schema, lane: Lane, time_ns: int, *pieces: bytes | memoryview
    ) -> None:
        if topic not in self._channels:
            self._channels[topic] = self._file.add_channel(topic, kind, lane)
        self._file.add_pieces(self._channels[topic], time_ns, self.frames, pieces)
        self.messages += 1

    def _copied(self, topic: str, time_ns: int) -> bytes:
        return bytes(self._capture.payload(topic, time_ns))
