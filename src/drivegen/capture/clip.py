"""A clip: the images of a scene with exact controls, as back ends of looks see them.

Nothing is estimated: depth, classes, instances, edges and normals are what was drawn, pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, UInt8, UInt16

from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.lenses import Lens
from drivegen.core.looks import Style
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag

FARTHEST_M = 256.0
"""Beyond it a capture keeps no depth."""
_EDGE_STEP = 0.05
"""Neighbours whose distances differ by more than this share belong to two surfaces."""


class ClipImage:
    """One image of one camera; every property is decoded or worked out when asked for, and kept."""

    def __init__(self, frame: CapturedFrame, agent: CapturedAgent, camera: Camera) -> None:
        self._frame = frame
        self._agent = agent
        self.camera = camera
        self.agent = agent.name
        self.frame = frame.index
        self.time_ns = frame.time_ns
        self.keyframe = frame.keyframe

    @property
    def channel(self) -> str:
        """Name of the camera."""
        return self.camera.name

    @cached_property
    def bgr(self) -> UInt8[np.ndarray, "h w 3"]:
        """The simulator's colours, blue first."""
        return self._agent.bgr(self.channel)

    @cached_property
    def depth_m(self) -> Float32[np.ndarray, "h w"]:
        """As the capture has it (see `Camera.depth_along_ray`); 0 where nothing was hit or too far."""
        return self._agent.depth_m(self.channel)

    @cached_property
    def tag(self) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag`."""
        return self._agent.tag(self.channel)

    @cached_property
    def instance(self) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the object id; 0 for scenery."""
        return self._agent.instance(self.channel)

    @cached_property
    def sky(self) -> Bool[np.ndarray, "h w"]:
        """Where nothing but sky is."""
        return (self.tag == Tag.SKY) | ((self.tag == Tag.NONE) & (self.depth_m == 0.0))

    @cached_property
    def distance_m(self) -> Float32[np.ndarray, "h w"]:
        """From the camera along the ray of each pixel; infinite for sky, `FARTHEST_M` for what is farther."""
        distance = self.depth_m.copy()
        if not self.camera.depth_along_ray:
            # Along a ray of length 1 the axis gets on by its z.
            distance /= np.maximum(self.rays[..., 2], np.float32(1e-3))
        distance[self.depth_m == 0.0] = FARTHEST_M
        distance[self.sky] = np.inf
        return distance

    @property
    def rays(self) -> Float32[np.ndarray, "h w 3"]:
        """Unit directions of the pixels in the optical frame (x right, y down, z forward)."""
        return _rays(self.camera.optics, self.camera.width_px, self.camera.height_px)

    @property
    def agent_optical(self) -> Pose:
        """Pose of the optical frame in the agent's."""
        return camera_optical(self.camera)

    @property
    def map_optical(self) -> Pose:
        """Pose of the optical frame in the world."""
        return self._agent.map_agent @ self.agent_optical

    @cached_property
    def map_objects(self) -> dict[int, Pose]:
        """Poses in the world of the boxes of the objects around, by the id that `instance` holds."""
        return {label.track_id & 0xFFFF: label.box.pose for label in self.objects}

    @property
    def map_agent(self) -> Pose:
        """Pose of the camera's agent in the world."""
        return self._agent.map_agent

    @property
    def velocity_mps(self) -> Vec3:
        """Of the agent, in the world frame."""
        return self._agent.velocity_mps

    @cached_property
    def objects(self) -> tuple[ObjectLabel, ...]:
        """The objects around the agent, in the world frame, by ascending track id; not its own body."""
        return self._frame.around(self.agent)

    @property
    def height_m(self) -> float:
        """Of the camera above the ground that its agent stands on."""
        return float(self.map_optical.position_m[2] - self._agent.map_agent.position_m[2])

    @cached_property
    def edges(self) -> Bool[np.ndarray, "h w"]:
        """Where an instance or class borders on another: the pixel above the border, or left of it."""
        found = np.zeros(self.tag.shape, bool)
        for image in (self.instance, self.tag):
            found[:-1] |= image[:-1] != image[1:]
            found[:, :-1] |= image[:, :-1] != image[:, 1:]
        return found

    @cached_property
    def normals(self) -> Float32[np.ndarray, "h w 3"]:
        """Unit normals of surfaces in the optical frame, towards the camera; 0 where none is known.

        From the points of neighbouring pixels, where these lie on one surface.
        """
        distance = self.distance_m
        near = np.isfinite(distance) & (self.depth_m > 0.0)
        points = self.rays * np.where(near, distance, np.float32(0))[..., None]
        right, down = points[:-1, 1:] - points[:-1, :-1], points[1:, :-1] - points[:-1, :-1]
        here = distance[:-1, :-1]
        with np.errstate(invalid="ignore"):
            whole = np.abs(distance[:-1, 1:] - here) < _EDGE_STEP * here
            whole &= np.abs(distance[1:, :-1] - here) < _EDGE_STEP * here
        whole &= near[:-1, :-1] & near[:-1, 1:] & near[1:, :-1]
        across = np.cross(down, right)
        length = np.linalg.norm(across, axis=-1)
        whole &= length > 0.0
        out = np.zeros_like(self.rays)
        out[:-1, :-1][whole] = across[whole] / length[whole][:, None]
        return out


class Clip:
    """All images of a scene, or of some of its cameras."""

    def __init__(self, reader: CaptureReader, channels: frozenset[str] | None = None) -> None:
        """Raises CaptureError when the scene has no such camera.

        Args:
            reader: Stays open as long as the clip is used.
            channels: Names of the cameras; all when absent.
        """
        self._reader = reader
        self.cameras: list[tuple[str, Camera]] = [
            (agent, camera)
            for agent, rig in reader.rigs.items()
            for camera in rig.cameras
            if channels is None or camera.name in channels
        ]
        """By agent, in the order of the rigs."""
        if not self.cameras:
            raise CaptureError(f"{reader.path}: there is no camera whose images could get another look")

    @property
    def content_sha256(self) -> str:
        """Of the capture; empty where it was cut short."""
        return self._reader.content_sha256 or ""

    @property
    def plan(self) -> ScenePlan:
        """The scene's."""
        return self._reader.plan

    @property
    def frame_count(self) -> int:
        """Frames of the scene, also those in which no camera delivers."""
        return len(self._reader)

    def images(self) -> Iterator[ClipImage]:
        """All images, frame by frame, each frame's in the order of the cameras."""
        for images in self.frames():
            yield from images

    def frames(self) -> Iterator[list[ClipImage]]:
        """The images of each frame that has any, in the order of the cameras."""
        for frame in self._reader.frames():
            found = list(self._of(frame))
            if found:
                yield found

    @cached_property
    def image_count(self) -> int:
        """How many `images` there are."""
        heads = self._reader.frames()
        return sum(c.name in f.agents[a].delivered for f in heads for a, c in self.cameras)

    def first(self) -> list[ClipImage]:
        """The images of the first frame that has any."""
        return next(self.frames(), [])

    def _of(self, frame: CapturedFrame) -> Iterator[ClipImage]:
        for agent, camera in self.cameras:
            if camera.name in frame.agents[agent].delivered:
                yield ClipImage(frame, frame.agents[agent], camera)


@runtime_checkable
class LookMaker(Protocol):
    """A back end: gives the images of a clip another look. A plugin of `drivegen.generators.appearance`."""

    version: int
    """To be raised when the same clip, style and seed give other images."""

    def check(self, style: Style) -> None:
        """Raises ConfigError for a style that the back end does not understand."""

    def images(
        self, clip: Clip, style: Style, seed: int
    ) -> Iterator[tuple[ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """Each image of the clip with its new colours, blue first, of the same size and optics: labels are
        not copied, so a back end whose model wants another size scales back.

        In any order over cameras, but of one camera by ascending time. The same clip, style and seed give
        the same colours. What is kept in memory must not grow with the clip's length.
        """


@runtime_checkable
class GroupLookMaker(LookMaker, Protocol):
    """A back end that takes the clips of several scenes at once, to fill its batches."""

    clips_at_once: int
    """At most."""

    def images_of_all(
        self, clips: Sequence[tuple[Clip, int]], style: Style
    ) -> Iterator[tuple[int, ClipImage, UInt8[np.ndarray, "h w 3"]]]:
        """As `images`, of several clips with their seeds: which clip, its image, the new colours."""


@runtime_checkable
class ReportingLookMaker(LookMaker, Protocol):
    """A back end with more to say of how a look came about than its style and parameters."""

    def facts(self) -> dict[str, str]:
        """What the images follow from beside style, parameters and seed: a hash of the weights, for example.
        Equal facts, equal images; known without the model being loaded. `licence` among them says what the
        weights' licence is."""

    def report(self) -> dict[str, Any]:
        """How the images that were given last were made: device, batch size, share of the time in which the
        model worked. Goes into the look's file; not into its content hash."""


@lru_cache(maxsize=16)
def _rays(lens: Lens, width_px: int, height_px: int) -> Float32[np.ndarray, "h w 3"]:
    y, x = np.mgrid[0:height_px, 0:width_px]
    rays = lens.unproject(np.stack([x + 0.5, y + 0.5], axis=-1))
    rays = np.nan_to_num(rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(np.float32)
    rays.setflags(write=False)
    return rays
