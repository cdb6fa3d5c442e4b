"""A server with a street, and cameras that are put where a picture is wanted."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carla
import cv2
import numpy as np
from benchmarks.lockstep import beijing_map, lockstep
from jaxtyping import UInt8

Image = UInt8[np.ndarray, "h w 3"]

KINDS = ("rgb", "depth", "semantic_segmentation", "instance_segmentation", "normals", "optical_flow")
WAIT_S = 60.0
FAR_M = 80.0
"""Depth from here on is drawn black."""
FLOW_PX = 12.0
"""Flow of this length is drawn in full colour."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One moment seen by a camera: colour, and each label view as a picture, BGR."""

    color: Image
    labels: dict[str, Image]


class Studio:
    """A world in lock-step with its client."""

    def __init__(self, client: carla.Client, world: carla.World) -> None:
        self.client = client
        self.world = world
        self._cameras: dict[tuple[int, int, float], list[tuple[carla.Actor, queue.SimpleQueue[Any]]]] = {}

    def take(
        self, at: carla.Transform, width_px: int = 1280, height_px: int = 720, fov_deg: float = 90.0
    ) -> Shot:
        """A picture; time goes on by two ticks, so that what moves has its flow."""
        cameras = self._at(at, width_px, height_px, fov_deg)
        for _ in range(2):
            frame = self.world.tick(WAIT_S)
            images = [_of_frame(inbox, frame) for _, inbox in cameras]
        pictures = dict(zip(KINDS, map(_picture, KINDS, images), strict=True))
        return Shot(color=pictures.pop("rgb"), labels=pictures)

    def _at(
        self, at: carla.Transform, width_px: int, height_px: int, fov_deg: float
    ) -> list[tuple[carla.Actor, queue.SimpleQueue[Any]]]:
        key = (width_px, height_px, fov_deg)
        if key not in self._cameras:
            self.close()
            self._cameras[key] = [self._camera(kind, at, *key) for kind in KINDS]
        for camera, _ in self._cameras[key]:
            camera.set_transform(at)
        return self._cameras[key]

    def _camera(
        self, kind: str, at: carla.Transform, width_px: int, height_px: int, fov_deg: float
    ) -> tuple[carla.Actor, queue.SimpleQueue[Any]]:
        blueprint = self.world.get_blueprint_library().find(f"sensor.camera.{kind}")
        for name, value in (("image_size_x", width_px), ("image_size_y", height_px), ("fov", fov_deg)):
            blueprint.set_attribute(name, str(value))
        camera = self.world.spawn_actor(blueprint, at)
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        camera.listen(inbox.put)
        return camera, inbox

    def close(self) -> None:
        """Takes the cameras away."""
        for cameras in self._cameras.values():
            for camera, _ in cameras:
                camera.stop()
                camera.destroy()
        self._cameras.clear()


@contextmanager
def studio() -> Iterator[Studio]:
    """A studio on the generated junction, its server ended afterwards."""
    with tempfile.TemporaryDirectory() as folder, lockstep(beijing_map(Path(folder))) as session:
        place = Studio(session.client, session.world)
        try:
            yield place
        finally:
            place.close()


def look_from(eye_m: tuple[float, float, float], target_m: tuple[float, float, float]) -> carla.Transform:
    """A camera's transform, in CARLA's frame, that has the target in its middle."""
    x, y, z = (b - a for a, b in zip(eye_m, target_m, strict=True))
    yaw, pitch = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    return carla.Transform(carla.Location(*eye_m), carla.Rotation(yaw=float(yaw), pitch=float(pitch)))


def strip(images: Sequence[Image], width_px: int) -> Image:
    """Pictures of one size side by side, scaled to a width in all."""
    row = np.hstack(list(images))
    height = round(row.shape[0] * width_px / row.shape[1])
    return np.asarray(cv2.resize(row, (width_px, height), interpolation=cv2.INTER_AREA), np.uint8)


def _of_frame(inbox: queue.SimpleQueue[Any], frame: int) -> Any:
    """The image of a tick; those of ticks before are left aside."""
    while (image := inbox.get(timeout=WAIT_S)).frame < frame:
        pass
    return image


def _picture(kind: str, image: Any) -> Image:
    if kind == "optical_flow":
        return _flow(np.frombuffer(image.raw_data, np.float32).reshape(image.height, image.width, 2))
    if kind == "semantic_segmentation":
        image.convert(carla.ColorConverter.CityScapesPalette)
    pixels = np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)[..., :3]
    if kind == "depth":
        return _depth(pixels)
    if kind == "instance_segmentation":
        return _instances(pixels)
    return np.ascontiguousarray(pixels)


def _depth(pixels: Image) -> Image:
    code = pixels.astype(np.float64) @ (65536.0, 256.0, 1.0)
    metres = code * 1000.0 / (2**24 - 1)
    near = np.clip(1.0 - np.log(np.maximum(metres, 1.0)) / np.log(FAR_M), 0.0, 1.0)
    return np.asarray(cv2.applyColorMap((near * 255).astype(np.uint8), cv2.COLORMAP_TURBO), np.uint8)


def _instances(pixels: Image) -> Image:
    """A colour of its own for each id; what has none is grey by its tag."""
    number = pixels[..., 1].astype(np.int64) + 256 * pixels[..., 0].astype(np.int64)
    hue = (number * 67) % 180
    hsv = np.stack([hue, np.full_like(hue, 200), np.full_like(hue, 235)], -1).astype(np.uint8)
    colors = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)
    grey = np.repeat((30 + 5 * pixels[..., 2:3]).astype(np.uint8), 3, axis=-1)
    return np.where(number[..., None] > 0, colors, grey)


def _flow(flow: np.ndarray) -> Image:
    height, width, _ = flow.shape
    x, y = flow[..., 0] * width / 2, -flow[..., 1] * height / 2
    hue = (np.degrees(np.arctan2(y, x)) % 360.0) / 2.0
    strength = np.clip(np.hypot(x, y) / FLOW_PX, 0.0, 1.0) * 255.0
    hsv = np.stack([hue, strength, np.full_like(hue, 255.0)], -1).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)
