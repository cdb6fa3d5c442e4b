"""The reader: any frame of a capture in milliseconds, decoded when asked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import cached_property
from types import TracebackType
from typing import Any

import numpy as np
from jaxtyping import UInt8

from drivegen.capture import cooperation_messages, images, messages, schema
from drivegen.capture.captured_agent import CapturedAgent
from drivegen.capture.frame import EGO, Frame, objects_around
from drivegen.capture.look_file import LookFile, look_path
from drivegen.capture.mcap_source import McapSource
from drivegen.capture.place import CapturePlace
from drivegen.core.cooperation import CloudPicture, Exchange
from drivegen.core.errors import CaptureError, DamagedCaptureError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.plain import from_plain
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Rig, Sensor
from drivegen.core.verdicts import ImageVerdicts, VerdictRates

__all__ = ["CaptureReader", "CapturedAgent", "CapturedFrame"]


class CaptureReader:
    """A capture opened for reading. Of a file on this machine several threads may decode frames at once.

    Args:
        path: The capture, or where a remote one lies.
        recover: Take the whole frames of a file that was cut short (`recovered` tells).
        look: Name of the look whose colour images are read; empty: the simulator's. All else is the same.

    Raises:
        CaptureError: The file is missing, not a capture, cut short (without `recover`), damaged, or of a
            schema version that this reader does not know; or there is no such look of this capture.
    """

    def __init__(self, path: CapturePlace, *, recover: bool = False, look: str = "") -> None:
        self.path = path
        self._source = McapSource(path, recover)
        self._masks: dict[tuple[str, str], UInt8[np.ndarray, "h w"]] = {}
        try:
            self._check_version()
            self._frames = self._list_frames()
            self._look = self._open_look(look)
        except BaseException:
            self._source.close()
            raise

    def __enter__(self) -> CaptureReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the file back; frames of this reader can then no longer be decoded."""
        self._source.close()
        if self._look is not None:
            self._look.close()

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def recovered(self) -> bool:
        """Whether the file was cut short and only its front is read."""
        return self._source.recovered

    @cached_property
    def plan(self) -> ScenePlan:
        """The scene's plan."""
        return ScenePlan.from_json(self._metadata("drivegen.plan")["json"])

    @cached_property
    def rigs(self) -> dict[str, Rig]:
        """Rigs by agent: the ego first, then connected vehicles and roadside units as planned."""
        texts = self._metadata("drivegen.rigs")
        return {
            name: from_plain(Rig, json.loads(texts[name]), f"{self.path} rig of {name}")
            for name in self._metadata("drivegen.capture").get("agents", EGO).split(",")
        }

    @property
    def provenance(self) -> dict[str, str]:
        """Versions and names of what made the capture."""
        return dict(self._metadata("drivegen.provenance"))

    @property
    def scene(self) -> str:
        """Name of the scene."""
        return self._metadata("drivegen.capture")["scene"]

    @cached_property
    def opendrive(self) -> str:
        """The road's text."""
        return self._source.attachment(schema.MAP_ATTACHMENT).decode()

    @property
    def content_sha256(self) -> str | None:
        """The content hash that the writer stored; none when the file was cut short."""
        found = self._source.metadata.get("drivegen.summary")
        return found["content_sha256"] if found else None

    @property
    def look_sha256(self) -> str | None:
        """Content hash of the look that is read; none for the simulator's."""
        return self._look.content_sha256 if self._look is not None else None

    @property
    def verdict_rates(self) -> VerdictRates | None:
        """Of the look that is read; none where nobody judged it, and of the simulator's."""
        return self._look.rates if self._look is not None else None

    def verdicts(self, agent: str, channel: str, time_ns: int) -> ImageVerdicts | None:
        """On an image of the look that is read; none where nobody judged it."""
        return self._look.verdicts(agent, channel, time_ns) if self._look is not None else None

    def all_verdicts(self) -> Iterator[ImageVerdicts]:
        """On all images of the look that is read, camera by camera, each camera's by time."""
        return iter(()) if self._look is None else self._look.all_verdicts()

    def sensor(self, agent: str, channel: str) -> Sensor:
        """A sensor of an agent's rig. Raises CaptureError when there is none."""
        for sensor in self.rigs[agent].sensors if agent in self.rigs else ():
            if sensor.name == channel:
                return sensor
        raise CaptureError(f"{self.path}: no sensor {agent}/{channel}; there are {self._sensor_names()}")

    def believed_mount(self, agent: str, channel: str) -> Pose:
        """Agent from sensor, as the agent's calibration has it; `sensor` tells the truth."""
        self.sensor(agent, channel)
        return self.plan.agent_errors[agent].mount(self.rigs[agent], channel)

    def soiling(self, agent: str, channel: str) -> UInt8[np.ndarray, "h w"] | None:
        """What is on a camera's glass, 0 clean .. 255 opaque; none of a camera that has no soiling."""
        camera = self.sensor(agent, channel)
        if not isinstance(camera, Camera) or camera.soiling is None or not self._frames:
            return None
        if (agent, channel) not in self._masks:
            topic = schema.sensor_topic(agent, channel, "soiling")
            payload = self.payload(topic, self._frames[0]["time_ns"])
            self._masks[agent, channel] = images.decode_png(messages.decode_image(payload))
        return self._masks[agent, channel]

    def frame(self, index: int) -> CapturedFrame:
        """The frame of that index. Raises CaptureError beyond the end."""
        if not 0 <= index < len(self._frames):
            raise CaptureError(f"{self.path}: no frame {index}; it has 0..{len(self._frames) - 1}")
        return CapturedFrame(self, self._frames[index])

    def frames(self, *, keyframes: bool = False) -> Iterator[CapturedFrame]:
        """All frames in order, or only the keyframes; nothing is decoded yet."""
        for index, head in enumerate(self._frames):
            if head["keyframe"] or not keyframes:
                yield self.frame(index)

    def jpeg(self, agent: str, channel: str, time_ns: int) -> bytes:
        """A colour image, of the look that is read, as the file it is kept as."""
        if self._look is not None:
            return self._look.jpeg(agent, channel, time_ns)
        return messages.decode_image(self.payload(schema.sensor_topic(agent, channel, "image"), time_ns))

    def verify(self) -> str:
        """Reads every byte and returns the content hash.

        Raises:
            CaptureError: A checksum is wrong, or the hash is not the one that the writer stored.
        """
        content = schema.ContentHash()
        for topic, time_ns, payload in self._source.messages():
            content.add(topic, time_ns, payload)
        found = content.hexdigest(self._metadata("drivegen.plan")["json"])
        if self.content_sha256 is not None and found != self.content_sha256:
            raise DamagedCaptureError(
                str(self.path),
                f"content hash {found[:12]}... is not {self.content_sha256[:12]}... as written",
            )
        return found

    def has(self, topic: str, time_ns: int) -> bool:
        """Whether there is a message; not everything comes in every frame."""
        return self._source.has(topic, time_ns)

    def payload(self, topic: str, time_ns: int) -> bytes:
        """A message as it stands in the file (topics: `drivegen.capture.schema`)."""
        return self._source.payload(topic, time_ns)

    def _metadata(self, name: str) -> dict[str, str]:
        try:
            return self._source.metadata[name]
        except KeyError:
            raise CaptureError(f"{self.path} is not a whole capture: {name} is missing") from None

    def _check_version(self) -> None:
        if self._source.profile != schema.PROFILE:
            raise CaptureError(
                f"{self.path} is an MCAP file, but not a drivegen capture"
                f" (its profile is {self._source.profile!r})"
            )
        version = self._metadata("drivegen.capture").get("schema_version", "")
        if version.split(".")[0] != str(schema.SCHEMA_VERSION[0]):
            raise CaptureError(
                f"{self.path} has capture schema {version or 'unknown'}; this drivegen reads"
                f" {schema.SCHEMA_VERSION[0]}.x: use the version that recorded it, or record it anew"
            )

    def _open_look(self, name: str) -> LookFile | None:
        if not name:
            return None
        look = LookFile(look_path(self.path, name))
        if look.origin.capture_sha256 != self.content_sha256:
            look.close()
            raise CaptureError(f"{look.path} was made of another recording of the scene; make it again")
        return look

    def _list_frames(self) -> list[dict[str, Any]]:
        payloads = self._source.small_payloads(schema.FRAME_TOPIC)
        try:
            heads = [json.loads(p) for p in payloads]
            whole = [h["index"] for h in heads] == list(range(len(heads)))
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise DamagedCaptureError(str(self.path), "frames are missing")
        return heads

    def _sensor_names(self) -> str:
        return ", ".join(f"{a}/{s.name}" for a, rig in self.rigs.items() for s in rig.sensors)


class CapturedFrame:
    """One frame of a capture; every property is read and decoded when asked for."""

    def __init__(self, reader: CaptureReader, head: dict[str, Any]) -> None:
        self._reader = reader
        self._head = head
        self.index: int = head["index"]
        self.time_ns: int = head["time_ns"]
        """Simulation time."""
        self.keyframe: bool = head["keyframe"]

    @cached_property
    def plain_objects(self) -> list[dict[str, Any]]:
        """The objects as the capture has them (`drivegen.capture.messages.object_to_plain`): for who wants
        little of many."""
        found: list[dict[str, Any]] = json.loads(self._reader.payload(schema.OBJECTS_TOPIC, self.time_ns))[
            "objects"
        ]
        return found

    @cached_property
    def objects(self) -> tuple[ObjectLabel, ...]:
        """All annotated objects, by ascending track id."""
        return tuple(messages.object_from_plain(o) for o in self.plain_objects)

    @cached_property
    def signals(self) -> dict[str, str]:
        """State by OpenDRIVE signal id."""
        found: dict[str, str] = json.loads(self._reader.payload(schema.SIGNALS_TOPIC, self.time_ns))[
            "signals"
        ]
        return found

    @cached_property
    def agents(self) -> dict[str, CapturedAgent]:
        """Agents by name, in the order of the reader's rigs."""
        delivered = self._head["agents"]
        return {
            name: CapturedAgent(self._reader, name, rig, self.time_ns, tuple(delivered[name]))
            for name, rig in self._reader.rigs.items()
        }

    @cached_property
    def exchange(self) -> Exchange | None:
        """What agents told one another; none where nobody talks."""
        reader, time_ns = self._reader, self.time_ns
        if not reader.has(schema.MESSAGES_TOPIC, time_ns):
            return None
        topics = {name: schema.agent_topic(name, "detections") for name in reader.rigs}
        return Exchange(
            detections={
                name: cooperation_messages.decode_detections(reader.payload(topic, time_ns))
                for name, topic in topics.items()
                if reader.has(topic, time_ns)
            },
            messages=cooperation_messages.decode_sent(reader.payload(schema.MESSAGES_TOPIC, time_ns)),
            cloud=self._cloud(),
        )

    def _cloud(self) -> CloudPicture | None:
        if not self._reader.has(schema.CLOUD_TOPIC, self.time_ns):
            return None
        return cooperation_messages.decode_cloud(self._reader.payload(schema.CLOUD_TOPIC, self.time_ns))

    def around(self, agent: str) -> tuple[ObjectLabel, ...]:
        """Objects as an agent has them, by ascending track id: with the ego, without its own body."""
        return objects_around(self.objects, self.agents[EGO].body, self.agents[agent].track_id)

    def load(self, channels: Collection[str] | None = None) -> Frame:
        """Everything decoded, or only sensors of these channel names (or `agent/channel`)."""
        return Frame(
            index=self.index,
            time_ns=self.time_ns,
            keyframe=self.keyframe,
            agents={n: a.load(channels) for n, a in self.agents.items()},
            objects=self.objects,
            signals=self.signals,
            exchange=self.exchange,
        )
