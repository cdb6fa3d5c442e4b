"""One agent in one frame of a capture, decoded when asked for."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from drivegen.capture import cooperation_messages, images, messages, schema
from drivegen.capture.frame import AgentFrame, CameraImage, GnssFix, ImuReading, RadarScan, Sweep
from drivegen.core.cooperation import Belief
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Radar, Rig, Sensor


@runtime_checkable
class AgentSource(Protocol):
    """Where an agent's data comes from: a reader of captures."""

    def has(self, topic: str, time_ns: int) -> bool:
        """Whether there is a message."""

    def payload(self, topic: str, time_ns: int) -> bytes:
        """A message as it stands in the file."""

    def jpeg(self, agent: str, channel: str, time_ns: int) -> bytes:
        """A colour image as the file it is kept as."""

    def soiling(self, agent: str, channel: str) -> UInt8[np.ndarray, "h w"] | None:
        """What is on a camera's glass."""


class CapturedAgent:
    """One agent in one frame of a capture."""

    def __init__(
        self, reader: AgentSource, name: str, rig: Rig, time_ns: int, delivered: tuple[str, ...]
    ) -> None:
        self._reader = reader
        self._rig = rig
        self._time_ns = time_ns
        self.name = name
        self.delivered = delivered
        """Channels that delivered in this frame, by name."""

    def delivered_by(self, kind: type[Sensor]) -> tuple[str, ...]:
        """Channels of one kind of sensor that delivered in this frame, in the order of the rig."""
        return tuple(s.name for s in self._rig.sensors if isinstance(s, kind) and s.name in self.delivered)

    @cached_property
    def map_agent(self) -> Pose:
        """Pose in the world."""
        return messages.decode_pose(self._own("pose"))

    @cached_property
    def _motion(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = json.loads(self._own("motion"))
        return found

    @property
    def velocity_mps(self) -> Vec3:
        """In the world frame."""
        return np.array(self._motion["velocity_mps"], dtype=np.float64)

    @property
    def acceleration_mps2(self) -> Vec3:
        """In the world frame."""
        return np.array(self._motion["acceleration_mps2"], dtype=np.float64)

    @property
    def angular_velocity_radps(self) -> Vec3:
        """In the world frame."""
        return np.array(self._motion["angular_velocity_radps"], dtype=np.float64)

    @cached_property
    def _carrier(self) -> tuple[int | None, ObjectLabel | None]:
        if not self._reader.has(schema.agent_topic(self.name, "body"), self._time_ns):
            return None, None
        return cooperation_messages.decode_body(self._own("body"))

    @property
    def track_id(self) -> int | None:
        """Of the vehicle that carries the agent; none where no other agent sees it, and of poles."""
        return self._carrier[0]

    @property
    def body(self) -> ObjectLabel | None:
        """The ego's own label, where there are other agents."""
        return self._carrier[1]

    @cached_property
    def belief(self) -> Belief | None:
        """The agent's clock, and where it believes to be; none where everybody knows the truth."""
        if not self._reader.has(schema.agent_topic(self.name, "belief"), self._time_ns):
            return None
        return cooperation_messages.decode_belief(self._own("belief"))

    def jpeg(self, channel: str) -> bytes:
        """A camera's colour image as the file it is kept as."""
        return self._reader.jpeg(self.name, channel, self._time_ns)

    def bgr(self, channel: str) -> UInt8[np.ndarray, "h w 3"]:
        """A camera's colour image, blue first."""
        return images.decode_jpeg(self.jpeg(channel))

    def depth_m(self, channel: str) -> Float32[np.ndarray, "h w"]:
        """Depth, see `Camera.depth_along_ray`; 0 where nothing was hit or too far."""
        return images.decode_depth(messages.decode_image(self._sensor(channel, "depth")))

    def tag(self, channel: str) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag` of each pixel."""
        return images.decode_png(messages.decode_image(self._sensor(channel, "semantic")))

    def instance(self, channel: str) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the object id of each pixel."""
        return images.decode_png(messages.decode_image(self._sensor(channel, "instance")))

    def image(self, channel: str) -> CameraImage:
        """All images of a camera."""
        return CameraImage(
            bgr=self.bgr(channel),
            depth_m=self.depth_m(channel),
            tag=self.tag(channel),
            instance=self.instance(channel),
            soiling=self._reader.soiling(self.name, channel),
        )

    def sweep(self, channel: str) -> Sweep:
        """A LiDAR's returns."""
        return messages.decode_sweep(self._sensor(channel, "points"))

    def radar(self, channel: str) -> RadarScan:
        """A radar's detections."""
        return messages.decode_radar(self._sensor(channel, "detections"))

    def gnss(self, channel: str) -> GnssFix:
        """A satellite receiver's fix."""
        return messages.decode_fix(self._sensor(channel, "fix"))

    def imu(self, channel: str) -> ImuReading:
        """An inertial unit's reading."""
        return messages.decode_imu(self._sensor(channel, "imu"))

    def load(self, channels: Collection[str] | None = None) -> AgentFrame:
        """Everything decoded, or only the sensors of these channel names (or `agent/channel`)."""

        def wanted(kind: type[Sensor]) -> list[str]:
            return [
                c
                for c in self.delivered_by(kind)
                if channels is None or c in channels or f"{self.name}/{c}" in channels
            ]

        return AgentFrame(
            map_agent=self.map_agent,
            velocity_mps=self.velocity_mps,
            acceleration_mps2=self.acceleration_mps2,
            angular_velocity_radps=self.angular_velocity_radps,
            images={c: self.image(c) for c in wanted(Camera)},
            sweeps={c: self.sweep(c) for c in wanted(Lidar)},
            radars={c: self.radar(c) for c in wanted(Radar)},
            gnss={c: self.gnss(c) for c in wanted(Gnss)},
            imu={c: self.imu(c) for c in wanted(Imu)},
            track_id=self.track_id,
            body=self.body,
            belief=self.belief,
        )

    def _own(self, kind: str) -> bytes:
        return self._reader.payload(schema.agent_topic(self.name, kind), self._time_ns)

    def _sensor(self, channel: str, kind: str) -> bytes:
        return self._reader.payload(schema.sensor_topic(self.name, channel, kind), self._time_ns)
