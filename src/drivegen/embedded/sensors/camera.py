"""sensor.camera.rgb, .depth, .semantic_segmentation, .instance_segmentation."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.core.errors import RenderError
from drivegen.core.geometry import Mat4
from drivegen.embedded.renderer.renderer import MAX_SIDE_PX
from drivegen.embedded.renderer.views import CameraView, GBuffer, Output
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.measurements import CameraImage

DEPTH_RANGE_M = 1000.0
"""What CARLA's 24 bits of depth span."""

_DEPTH_STEPS = 2**24 - 1


class CameraKind(StrEnum):
    """What a camera shows; the values are the last part of the blueprint's id."""

    RGB = "rgb"
    DEPTH = "depth"
    SEMANTIC = "semantic_segmentation"
    INSTANCE = "instance_segmentation"


_OUTPUT = {
    CameraKind.RGB: Output.COLOR,
    CameraKind.DEPTH: Output.DEPTH,
    CameraKind.SEMANTIC: Output.LABELS,
    CameraKind.INSTANCE: Output.LABELS,
}


class Camera:
    """A pinhole camera.

    Of CARLA's attributes it reads image_size_x, image_size_y, fov, sensor_tick, and for RGB
    exposure_compensation and gamma. The lens (lens_*) and the post-processing of Unreal (bloom, grain, depth
    of field, motion blur, tone curve, white balance) are accepted and have no effect.
    """

    def __init__(self, kind: CameraKind, attributes: Attributes) -> None:
        """Reads the attributes.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        self.kind = kind
        self.width_px = attributes.integer("image_size_x", 800, 1, MAX_SIDE_PX)
        self.height_px = attributes.integer("image_size_y", 600, 1, MAX_SIDE_PX)
        self.fov_deg = attributes.number("fov", 90.0, 1.0, 170.0)
        self.sensor_tick_s = attributes.number("sensor_tick", 0.0, 0.0)
        rgb = kind is CameraKind.RGB
        self.exposure_ev = attributes.number("exposure_compensation", 0.0, -20.0, 20.0) if rgb else 0.0
        self.gamma = attributes.number("gamma", 2.2, 0.1, 10.0) if rgb else 2.2

    @property
    def output(self) -> Output:
        """The buffer that the image is made from."""
        return _OUTPUT[self.kind]

    def view(self, world_sensor: Mat4) -> CameraView:
        """What the renderer is asked for."""
        return CameraView(
            width_px=self.width_px,
            height_px=self.height_px,
            fov_deg=self.fov_deg,
            world_camera=world_sensor,
            exposure_ev=self.exposure_ev,
            gamma=self.gamma,
        )

    def image(self, buffer: GBuffer) -> CameraImage:
        """The image of this kind from the buffers of its view.

        Raises:
            RenderError: The buffer that it needs is absent.
        """
        if self.kind is CameraKind.DEPTH and buffer.depth_m is not None:
            pixels = encode_depth(buffer.depth_m)
        elif self.kind is CameraKind.RGB and buffer.bgra is not None:
            pixels = buffer.bgra
        elif self.kind is CameraKind.SEMANTIC and buffer.labels is not None:
            pixels = _semantic_pixels(buffer.labels)
        elif self.kind is CameraKind.INSTANCE and buffer.labels is not None:
            pixels = buffer.labels
        else:
            raise RenderError(f"the renderer left out the {self.output} buffer of a {self.kind} camera")
        return CameraImage(bgra=pixels, fov_deg=self.fov_deg)


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


def _semantic_pixels(labels: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "h w 4"]:
    """Tag in red, nothing in green and blue."""
    words = np.ascontiguousarray(labels).view("<u4")
    return (words & np.uint32(0xFFFF0000)).view(np.uint8)
