"""A frame, an agent in it, an image of it; everything is decoded when asked for."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from drivegen.capture.frame import EGO, GnssFix, ImuReading, RadarScan, Sweep
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Mat4, Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar, Radar
from drivegen.datasets.boxes import Boxes, PixelBoxes, boxes_of, pixel_boxes_of
from drivegen.datasets.calibration import Calibration, calibration_of
from drivegen.datasets.shelf import Shelf

AGENT = "agent"
MAP = "map"


class FrameView:
    """One frame of a scene."""

    def __init__(self, shelf: Shelf, number: int, index: int) -> None:
        self._shelf = shelf
        self._number = number
        self.index = index
        """In its capture."""
        self._held: tuple[CaptureReader, CapturedFrame] | None = None

    @property
    def captured(self) -> CapturedFrame:
        """The frame as the capture's reader has it: also messages, beliefs, detections."""
        reader = self.reader
        if self._held is None or self._held[0] is not reader:
            self._held = reader, reader.frame(self.index)
        return self._held[1]

    @property
    def reader(self) -> CaptureReader:
        """Of the frame's capture."""
        return self._shelf.reader(self._number)

    @property
    def scene(self) -> str:
        """Name of its scene."""
        return self._shelf.scenes[self._number].name

    @property
    def time_ns(self) -> int:
        """Simulation time."""
        return self.captured.time_ns

    @property
    def keyframe(self) -> bool:
        """Whether it is one of those that formats of 2 Hz annotate."""
        return self.captured.keyframe

    @property
    def agents(self) -> tuple[str, ...]:
        """Names: the ego first, then connected vehicles and roadside units."""
        return tuple(self.captured.agents)

    def agent(self, name: str = EGO) -> AgentView:
        """An agent. Raises CaptureError when there is none of that name."""
        if name not in self.captured.agents:
            raise CaptureError(f"{self.scene}: no agent {name}; there are {', '.join(self.agents)}")
        return AgentView(self, name)

    @property
    def objects(self) -> tuple[ObjectLabel, ...]:
        """All annotated objects, by ascending track id."""
        return self.captured.objects

    def boxes(self) -> Boxes:
        """All annotated objects in the world frame; points and visible fraction are the ego's."""
        return boxes_of([label.seen_by(EGO) for label in self.objects], Pose.identity())

    @property
    def signals(self) -> dict[str, str]:
        """State of traffic lights by OpenDRIVE signal id."""
        return self.captured.signals


class AgentView:
    """One agent in one frame: where it is, and what its sensors delivered."""

    def __init__(self, frame: FrameView, name: str) -> None:
        self.frame = frame
        self.name = name

    @property
    def captured(self) -> CapturedAgent:
        """The agent as the capture's reader has it."""
        return self.frame.captured.agents[self.name]

    @property
    def map_agent(self) -> Mat4:
        """World from agent."""
        return self.captured.map_agent.matrix

    @property
    def velocity_mps(self) -> Vec3:
        """In the world frame."""
        return self.captured.velocity_mps

    @property
    def cameras(self) -> tuple[str, ...]:
        """Cameras that delivered in this frame."""
        return self.captured.delivered_by(Camera)

    @property
    def lidars(self) -> tuple[str, ...]:
        """LiDARs that delivered in this frame."""
        return self.captured.delivered_by(Lidar)

    @property
    def radars(self) -> tuple[str, ...]:
        """Radars that delivered in this frame."""
        return self.captured.delivered_by(Radar)

    def rgb(self, channel: str) -> UInt8[np.ndarray, "h w 3"]:
        """A camera's colour image, red first."""
        return np.asarray(cv2.cvtColor(self._of(channel).bgr(channel), cv2.COLOR_BGR2RGB))

    def depth_m(self, channel: str) -> Float32[np.ndarray, "h w"]:
        """Depth along the optical axis, of fisheyes along the ray; 0 where nothing was hit or too far."""
        return self._of(channel).depth_m(channel)

    def semantic(self, channel: str) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag` of each pixel."""
        return self._of(channel).tag(channel)

    def instance(self, channel: str) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the track id of each pixel; 0 for scenery."""
        return self._of(channel).instance(channel)

    def lidar(self, channel: str) -> Sweep:
        """A LiDAR's returns, in the sensor's frame, with the track id and tag of each."""
        return self._of(channel).sweep(channel)

    def radar(self, channel: str) -> RadarScan:
        """A radar's detections."""
        return self._of(channel).radar(channel)

    def gnss(self, channel: str) -> GnssFix:
        """A satellite receiver's fix."""
        return self._of(channel).gnss(channel)

    def imu(self, channel: str) -> ImuReading:
        """An inertial unit's reading."""
        return self._of(channel).imu(channel)

    def calibration(self, channel: str, *, believed: bool = False) -> Calibration:
        """Where a sensor is and how a camera draws: the truth, or as the agent believes.

        Raises CaptureError when there is no such sensor.
        """
        return calibration_of(self.frame.reader, self.captured, channel, believed=believed)

    def boxes(self, reference: str = AGENT) -> Boxes:
        """The objects around the agent; its own body is none of them.

        Args:
            reference: Frame of reference: `agent`, `map`, or a channel (of a camera its optical frame).

        Raises:
            CaptureError: There is no such channel.
        """
        if reference == MAP:
            pose = Pose.identity()
        elif reference == AGENT:
            pose = self.captured.map_agent.inverse()
        else:
            pose = Pose.from_matrix(self.calibration(reference).sensor_map)
        return boxes_of(self._labels(), pose)

    def pixel_boxes(self, channel: str, *, hidden: bool = False) -> PixelBoxes:
        """Objects in a camera's image.

        Args:
            channel: The camera's.
            hidden: With all objects whose box projects into the image, each with that box clipped to the
                image; otherwise those that can be seen, each with the box of its visible pixels.

        Raises:
            CaptureError: The camera delivered nothing in this frame.
        """
        self._of(channel)
        return pixel_boxes_of(self._labels(), channel, hidden=hidden)

    def _labels(self) -> list[ObjectLabel]:
        return [label.seen_by(self.name) for label in self.frame.captured.around(self.name)]

    def _of(self, channel: str) -> CapturedAgent:
        agent = self.captured
        if channel not in agent.delivered:
            raise CaptureError(
                f"{self.frame.scene}, frame {self.frame.index}: {self.name}/{channel} delivered nothing;"
                f" there are {', '.join(agent.delivered) or 'no sensors that did'}"
            )
        return agent


class ImageView:
    """One image with its labels."""

    def __init__(self, frame: FrameView, agent: str, channel: str) -> None:
        self.frame = frame
        self.agent = AgentView(frame, agent)
        self.channel = channel

    @property
    def name(self) -> str:
        """scene/frame/agent/channel: tells it from all other images of the set."""
        return f"{self.frame.scene}/{self.frame.index}/{self.agent.name}/{self.channel}"

    @property
    def jpeg(self) -> bytes:
        """The colour image as the file it is kept as."""
        return self.agent.captured.jpeg(self.channel)

    @property
    def rgb(self) -> UInt8[np.ndarray, "h w 3"]:
        """Colours, red first."""
        return self.agent.rgb(self.channel)

    @property
    def depth_m(self) -> Float32[np.ndarray, "h w"]:
        """See `AgentView.depth_m`."""
        return self.agent.depth_m(self.channel)

    @property
    def semantic(self) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag` of each pixel."""
        return self.agent.semantic(self.channel)

    @property
    def instance(self) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the track id of each pixel; 0 for scenery."""
        return self.agent.instance(self.channel)

    @property
    def calibration(self) -> Calibration:
        """Of the camera."""
        return self.agent.calibration(self.channel)

    def boxes(self) -> Boxes:
        """Objects around the agent, in the camera's optical frame."""
        return self.agent.boxes(self.channel)

    def pixel_boxes(self, *, hidden: bool = False) -> PixelBoxes:
        """See `AgentView.pixel_boxes`."""
        return self.agent.pixel_boxes(self.channel, hidden=hidden)


def image_arrays(image: ImageView) -> dict[str, Any]:
    """An image as a dictionary of arrays: what `ImageSet.torch` gives unless told otherwise."""
    calibration = image.calibration
    return {
        "name": image.name,
        "rgb": image.rgb,
        "depth_m": image.depth_m,
        "semantic": image.semantic,
        "instance": image.instance,
        "boxes": image.pixel_boxes(),
        "intrinsic": calibration.intrinsic,
        "map_camera": calibration.map_sensor,
    }
