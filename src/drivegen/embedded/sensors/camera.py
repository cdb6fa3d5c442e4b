"""sensor.camera.*: rgb, depth, semantic_segmentation, instance_segmentation, normals, optical_flow, dvs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.core.errors import RenderError
from drivegen.core.geometry import Mat4
from drivegen.core.handedness import FLIP_Y
from drivegen.core.rng import derive_rng
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.renderer import MAX_SIDE_PX
from drivegen.embedded.renderer.views import Before, CameraView, GBuffer, Output
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.events import EventDetector
from drivegen.embedded.sensors.lens import Lens
from drivegen.embedded.sensors.measurements import CameraData, CameraImage, FlowImage, PixelEvents
from drivegen.embedded.sensors.moment import Moment
from drivegen.embedded.sensors.photo import Photo

DEPTH_RANGE_M = 1000.0
"""What CARLA's 24 bits of depth span."""

_DEPTH_STEPS = 2**24 - 1
_SLACK_S = 1e-6


class CameraKind(StrEnum):
    """What a camera shows; the values are the last part of the blueprint's id."""

    RGB = "rgb"
    DEPTH = "depth"
    SEMANTIC = "semantic_segmentation"
    INSTANCE = "instance_segmentation"
    NORMALS = "normals"
    FLOW = "optical_flow"
    DVS = "dvs"


_OUTPUT = {
    CameraKind.RGB: Output.COLOR,
    CameraKind.DEPTH: Output.DEPTH,
    CameraKind.SEMANTIC: Output.LABELS,
    CameraKind.INSTANCE: Output.LABELS,
    CameraKind.NORMALS: Output.NORMAL,
    CameraKind.FLOW: Output.FLOW,
    CameraKind.DVS: Output.COLOR,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """When a camera last looked, from where, and at what."""

    time_s: float
    world_sensor: Mat4
    moving: Drawables


class Camera:
    """A camera; docs/cameras.md tells which attribute of CARLA's does what.

    With CARLA's defaults it is a pinhole camera. It remembers the moment of its last image: flow and motion
    blur tell the motion since then.
    """

    def __init__(self, kind: CameraKind, attributes: Attributes, seed: int = 0) -> None:
        """Reads the attributes.

        Args:
            kind: What it shows.
            attributes: The blueprint's.
            seed: Of the noise of an event camera.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.kind = kind
        self.width_px = attributes.integer("image_size_x", 800, 1, MAX_SIDE_PX)
        self.height_px = attributes.integer("image_size_y", 600, 1, MAX_SIDE_PX)
        self.fov_deg = attributes.number("fov", 90.0, 1.0, 170.0)
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        self._lens = Lens.of(attributes)
        pictured = kind in (CameraKind.RGB, CameraKind.DVS)
        self._photo = Photo.of(attributes) if pictured else Photo()
        self._detector = None
        if kind is CameraKind.DVS:
            self._detector = EventDetector(attributes, derive_rng(seed, "sensor.camera.dvs"))
        outputs = {_OUTPUT[kind]}
        if self._photo.motion_blur > 0.0:
            outputs.add(Output.FLOW)
        self.outputs = frozenset(outputs)
        """The buffers that the image is made from."""
        self._seen: _Seen | None = None

    def look(self, world_sensor: Mat4, moment: Moment) -> CameraView:
        """What the renderer is asked for in this tick; call once for each image."""
        before = None
        if Output.FLOW in self.outputs:
            before = self._before(moment)
            self._seen = _Seen(time_s=moment.time_s, world_sensor=world_sensor, moving=moment.moving)
        photo = self._photo
        return CameraView(
            width_px=self.width_px,
            height_px=self.height_px,
            fov_deg=self.fov_deg,
            world_camera=world_sensor,
            exposure_ev=photo.exposure_ev,
            gamma=photo.gamma,
            camera_ev=photo.camera_ev,
            ev_limits=photo.ev_limits,
            before=before,
            smooth=photo.smooth,
        )

    def image(self, buffer: GBuffer, time_s: float = 0.0) -> CameraData | None:
        """The image of this kind from the buffers of its view; none of an event camera without events.

        Raises:
            RenderError: The buffer that it needs is absent.
        """
        if self.kind is CameraKind.FLOW and buffer.flow is not None:
            flow = buffer.flow if self._lens is None else self._lens.bend_flow(buffer.flow)
            return FlowImage(flow=flow, fov_deg=self.fov_deg)
        pixels = self._pixels(buffer)
        if self._detector is None:
            return CameraImage(bgra=pixels, fov_deg=self.fov_deg)
        events = self._detector.events(pixels, time_s)
        if len(events) == 0:
            return None
        return PixelEvents(
            events=events, width_px=self.width_px, height_px=self.height_px, fov_deg=self.fov_deg
        )

    def _pixels(self, buffer: GBuffer) -> UInt8[np.ndarray, "h w 4"]:
        lens = self._lens
        if _OUTPUT[self.kind] is Output.COLOR and buffer.bgra is not None:
            picture = self._photo.finish(buffer.bgra, buffer.flow)
            return picture if lens is None else lens.bend_picture(picture)
        if self.kind is CameraKind.DEPTH and buffer.depth_m is not None:
            pixels = encode_depth(buffer.depth_m)
        elif self.kind is CameraKind.SEMANTIC and buffer.labels is not None:
            pixels = _semantic_pixels(buffer.labels)
        elif self.kind is CameraKind.INSTANCE and buffer.labels is not None:
            pixels = buffer.labels
        elif self.kind is CameraKind.NORMALS and buffer.normal is not None:
            pixels = encode_normals(buffer.normal)
        else:
            raise RenderError(
                f"the renderer left out the {_OUTPUT[self.kind]} buffer of a {self.kind} camera"
            )
        return pixels if lens is None else lens.bend_labels(pixels)

    def _before(self, moment: Moment) -> Before | None:
        """The moment of the last image; none if one was left out since, so that nobody knows the way."""
        seen = self._seen
        if seen is None or moment.time_s - seen.time_s > self.sensor_tick_s + moment.dt_s + _SLACK_S:
            return None
        return Before(world_camera=seen.world_sensor, moving=seen.moving)


def encode_depth(depth_m: Float32[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 4"]:
    """CARLA's depth image: metres = 1000 (R + 256 G + 65536 B) / (2^24 - 1), so a step is 0.06 mm.

    Source: CARLA's sensor reference, depth camera. Beyond the range all three are 255.
    """
    steps = np.multiply(depth_m, np.float32(_DEPTH_STEPS / DEPTH_RANGE_M), dtype=np.float32)
    np.clip(steps, 0.0, np.float32(_DEPTH_STEPS), out=steps)
    np.rint(steps, out=steps)
    words = steps.astype("<u4")
    # Low byte to the place of red, high byte to that of blue.
    words.byteswap(inplace=True)
    words >>= np.uint32(8)
    words |= np.uint32(0xFF000000)
    return words.view(np.uint8).reshape(*depth_m.shape, 4)


def encode_normals(normal: Float32[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 4"]:
    """CARLA's normals: x, y, z of its world frame from -1..1 to 0..255 in red, green, blue.

    Source: carla pull request 8810, "Improve NormalsSensor" (2025). The sky, which has none, is grey 128.
    """
    out = np.full((*normal.shape[:2], 4), 255, np.uint8)
    out[..., 2::-1] = np.rint((normal * FLIP_Y.astype(np.float32) + np.float32(1.0)) * np.float32(127.5))
    return out


def _semantic_pixels(labels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "h w 4"]:
    """Tag in red, nothing in green and blue."""
    words = np.ascontiguousarray(labels).view("<u4")
    return (words & np.uint32(0xFFFF0000)).view(np.uint8)
