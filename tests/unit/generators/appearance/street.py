"""A street as a camera sees it, from boxes on a plane: exact depth and classes without a simulator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from drivegen.capture.captured_agent import CapturedAgent
from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.reader import CapturedFrame
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag
from drivegen_generators.appearance.light import encoded, linear_of

WIDTH, HEIGHT = 160, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An upright box in the world's axes."""

    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    tag: Tag
    rgb: tuple[int, int, int]
    instance: int = 0


ROAD_RGB = (95, 95, 95)


class _Agent(CapturedAgent):
    """An agent whose camera's images are there already."""

    colours: np.ndarray
    depth: np.ndarray
    tags: np.ndarray
    instances: np.ndarray
    map_agent = Pose.identity()
    velocity_mps = np.zeros(3)

    def __init__(self, map_agent: Pose, velocity_mps: np.ndarray) -> None:
        self.name = "ego"
        self.__dict__["map_agent"] = map_agent
        self.__dict__["velocity_mps"] = velocity_mps

    def bgr(self, channel: str) -> np.ndarray:
        return self.colours

    def depth_m(self, channel: str) -> np.ndarray:
        return self.depth

    def tag(self, channel: str) -> np.ndarray:
        return self.tags

    def instance(self, channel: str) -> np.ndarray:
        return self.instances


class _Frame(CapturedFrame):
    """A frame with objects."""

    def __init__(self, time_ns: int, objects: tuple[Any, ...]) -> None:
        self.index, self.time_ns, self.keyframe = 0, time_ns, True
        self._around = objects

    def around(self, agent: str) -> tuple[Any, ...]:
        return self._around


def street(
    blocks: list[Block],
    *,
    eye_m: tuple[float, float, float] = (0.0, 0.0, 1.5),
    yaw_deg: float = 0.0,
    time_s: float = 0.0,
    shade: Any = None,
    objects: tuple[Any, ...] = (),
    velocity_mps: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> ClipImage:
    """An image looking along +x; `shade(points, normals)` gives the light on them, 1 by itself."""
    mount = Pose.from_xyz_rpy(0.0, 0.0, eye_m[2])
    camera = Camera(
        name="FRONT", agent_sensor=mount, width_px=WIDTH, height_px=HEIGHT, fov_deg=80.0, period_s=0.1
    )
    map_agent = Pose.from_xyz_rpy(eye_m[0], eye_m[1], 0.0, yaw_rad=math.radians(yaw_deg))
    agent = _Agent(map_agent, np.array(velocity_mps))
    image = ClipImage(_Frame(round(time_s * 1e9), objects), agent, camera)
    origin = np.asarray(image.map_optical.position_m)
    rays = image.rays.astype(np.float64) @ image.map_optical.rotation.T
    with np.errstate(divide="ignore", invalid="ignore"):
        nearest = np.where(rays[..., 2] < -1e-6, -origin[2] / rays[..., 2], np.inf)
        which = np.where(nearest < 250.0, 0, -1)
        nearest = np.where(which == 0, nearest, np.inf)
        normals = np.zeros_like(rays)
        normals[..., 2] = 1.0
        for number, block in enumerate(blocks, 1):
            a, b = ((np.array(side) - origin) / rays for side in (block.low_m, block.high_m))
            near, far = np.minimum(a, b), np.maximum(a, b)
            enter, leave = near.max(axis=-1), far.min(axis=-1)
            hit = (enter > 0) & (enter < leave) & (enter < nearest)
            nearest = np.where(hit, enter, nearest)
            which = np.where(hit, number, which)
            axis = near.argmax(axis=-1)
            facing = -np.sign(np.take_along_axis(rays, axis[..., None], -1)) * np.eye(3)[axis]
            normals = np.where(hit[..., None], facing, normals)
    tags = np.array([Tag.SKY, Tag.ROAD, *(b.tag for b in blocks)], np.uint8)[which + 1]
    colours = np.array([(150, 190, 235), ROAD_RGB, *(b.rgb for b in blocks)], np.float64)[which + 1]
    if shade is not None:
        points = origin + rays * np.where(np.isfinite(nearest), nearest, 0.0)[..., None]
        light = np.where(which >= 0, shade(points, normals), 1.0)
        linear = linear_of(np.rint(colours).astype(np.uint8)[..., ::-1]) * light[..., None].astype(np.float32)
        colours = encoded(linear)[..., ::-1].astype(np.float64)
    depth = np.where(np.isfinite(nearest), nearest * image.rays[..., 2], 0.0)
    agent.colours = np.ascontiguousarray(np.rint(colours).astype(np.uint8)[..., ::-1])
    # In the steps that a capture keeps.
    agent.depth = (np.rint(depth * 256) / 256).astype(np.float32)
    agent.tags = tags
    agent.instances = np.array([0, 0, *(b.instance for b in blocks)], np.uint16)[which + 1]
    return image


class StreetClip(Clip):
    """A clip of images that are there already."""

    def __init__(self, images: list[ClipImage], weather: Any) -> None:
        self._images = images
        self.cameras = [(images[0].agent, images[0].camera)] if images else []
        self._weather = weather

    @property
    def plan(self) -> Any:
        return SimpleNamespace(weather=SimpleNamespace(parameters=self._weather), vehicles=())

    @property
    def frame_count(self) -> int:
        return len(self._images)

    def first(self) -> list[ClipImage]:
        return self._images[:1]

    def images(self) -> Any:
        return iter(self._images)
