"""What a camera asks for and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, UInt8, UInt16

from drivegen.core.geometry import Mat4
from drivegen.embedded.drawables import Drawables

FAR_M = 1000.0
"""Depth of the sky and the far clipping plane: the largest depth that CARLA's depth image can say."""

NEAR_M = 0.1
"""Near clipping plane."""

EV_LIMITS = (10.0, 12.0)
"""CARLA's `exposure_min_bright` and `exposure_max_bright`; the pictures of the embedded server are exposed as
within these limits, so that others shift the exposure by what they let through."""


class Output(StrEnum):
    """One buffer of a `GBuffer`."""

    COLOR = "color"
    DEPTH = "depth"
    LABELS = "labels"
    NORMAL = "normal"
    FLOW = "flow"


ALL_LABELS = frozenset({Output.DEPTH, Output.LABELS})
EVERYTHING = frozenset(Output)

FLOW_LIMIT = 2.0
"""No flow is longer in either direction: what CARLA's flow image can say."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Before:
    """The moment that flow is counted from."""

    world_camera: Mat4
    """The pose of the camera then."""
    moving: Drawables
    """What moves, as it stood then. What stands still is taken to have stood where it stands now."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CameraView:
    """A pinhole camera at a moment; the principal point is the middle of the image, pixels are square."""

    width_px: int
    height_px: int
    fov_deg: float
    """Horizontal field of view, between 1 and 170."""
    world_camera: Mat4
    """Camera frame to world, both right-handed: x forward along the optical axis, y left, z up."""
    exposure_ev: float = 0.0
    """CARLA's `exposure_compensation`: each step doubles the light."""
    gamma: float = 2.2
    """CARLA's `gamma` of the target display; 2.2 leaves the picture as it is."""
    camera_ev: float | None = None
    """Exposure by hand: EV100 of aperture, shutter and film. None follows the light of the weather."""
    ev_limits: tuple[float, float] = EV_LIMITS
    """Where the exposure that follows the light stops following it, EV100."""
    before: Before | None = None
    """Without it there is no flow: zeros."""
    smooth: bool = True
    """Smooth the edges of the colour; no other buffer changes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GBuffer:
    """The buffers of one view, rows from top to bottom; None where it was not wanted."""

    bgra: UInt8[np.ndarray, "h w 4"] | None = None
    """Display-encoded colour, alpha 255: the byte order of CARLA's images."""
    depth_m: Float32[np.ndarray, "h w"] | None = None
    """Along the optical axis; `FAR_M` in the sky."""
    labels: UInt8[np.ndarray, "h w 4"] | None = None
    """High byte of the object id, its low byte, tag, 255: B, G, R, A of CARLA's instance camera."""
    normal: Float32[np.ndarray, "h w 3"] | None = None
    """Unit, in the world frame; zero in the sky."""
    flow: Float32[np.ndarray, "h w 2"] | None = None
    """Motion since `CameraView.before`: where a point is less where it was, in halves of the image's width
    (to the right) and height (up). Zero in a view without `before`."""

    @property
    def tag(self) -> UInt8[np.ndarray, "h w"] | None:
        """`drivegen.core.tags.Tag` of each pixel, a view of `labels`."""
        return None if self.labels is None else self.labels[..., 2]

    @property
    def object_id(self) -> UInt16[np.ndarray, "h w"] | None:
        """Low 16 bits of the actor id of each pixel, 0 where there is none."""
        if self.labels is None:
            return None
        return self.labels.view(">u2")[..., 0].astype(np.uint16)
