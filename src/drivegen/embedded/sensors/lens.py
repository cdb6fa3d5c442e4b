"""Lens distortion by CARLA's lens_* attributes, the same for pictures and for labels.

The material that distorts in CARLA exists only as a binary asset. What is public: with its defaults nothing
is distorted, `lens_circle_multiplier` brings the distortion in (pull request 2145), and a falloff of 0 with a
multiplier of 0 breaks the image (issue 2822), which says that they are base and exponent of a power. The
formula here is the one that goes with these names (the lens algorithm of SynthEyes: K and KCube over a
squared radius), weighted by that power:

    r^2 = lens_x_size x^2 + lens_y_size y^2,   x and y from -1 to 1 over the image
    f = 1 + r^2 (lens_k + lens_kcube r)
    weight = min(lens_circle_multiplier r, 1) ^ lens_circle_falloff
    the distorted image shows at (x, y) what the pinhole's shows at (x, y) (1 + weight (f - 1))

Where that would fold the image over, it shows the last ring before the fold. What lies beyond the pinhole's
image is not there to be shown: the border is continued, in labels as well.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Self

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from drivegen.embedded.sensors.attributes import Attributes

RADII, FURTHEST = 16384, 4.0
"""The distortion is a table: its length, and how far it goes in radii of the image's corner."""


class Lens:
    """The distortion of one lens."""

    def __init__(
        self, *, k: float, k_cube: float, x_size: float, y_size: float, multiplier: float, falloff: float
    ) -> None:
        self._size = (x_size, y_size)
        self.distorts = multiplier > 0.0 and bool(k or k_cube) and max(x_size, y_size) > 0.0
        """Whether any pixel is moved."""
        r = np.linspace(0.0, FURTHEST * math.sqrt(x_size + y_size), RADII)
        weight = np.minimum(multiplier * r, 1.0) ** falloff
        bent = r * (1.0 + weight * r * r * (k + k_cube * r))
        self._table = (r, np.maximum.accumulate(bent))
        self._map = lru_cache(maxsize=1)(self._map_of)

    @classmethod
    def of(cls, attributes: Attributes) -> Self | None:
        """The lens of these attributes; none where it distorts nothing, as with CARLA's defaults.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        lens = cls(
            k=attributes.number("lens_k", -1.0),
            k_cube=attributes.number("lens_kcube", 0.0),
            x_size=attributes.number("lens_x_size", 0.08, 0.0),
            y_size=attributes.number("lens_y_size", 0.08, 0.0),
            multiplier=attributes.number("lens_circle_multiplier", 0.0, 0.0),
            falloff=attributes.number("lens_circle_falloff", 5.0, 0.0),
        )
        return lens if lens.distorts else None

    def radius_in_pinhole(self, radius: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """The r in the pinhole's image of what is shown at an r in the distorted one."""
        return np.asarray(np.interp(radius, *self._table))

    def radius_shown(self, radius: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """The other way round."""
        return np.asarray(np.interp(radius, *self._table[::-1]))

    def radius(self, x: Float64[np.ndarray, "*n"], y: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """The r of the formula."""
        return np.asarray(np.sqrt(self._size[0] * x * x + self._size[1] * y * y))

    def bend_picture(self, pixels: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "h w c"]:
        """A picture as the lens shows it, between pixels by linear interpolation."""
        return self._sampled(pixels, cv2.INTER_LINEAR)

    def bend_labels(self, values: np.ndarray) -> np.ndarray:
        """An image of labels or measures, (h, w) or (h, w, c), as the lens shows it: the nearest pixel's."""
        return self._sampled(values, cv2.INTER_NEAREST)

    def bend_flow(self, flow: Float32[np.ndarray, "h w 2"]) -> Float32[np.ndarray, "h w 2"]:
        """Flow in the distorted image, from that in the pinhole's; both in halves of the image, y up."""
        height, width, _ = flow.shape
        flow = self.bend_labels(flow)
        x, y = self._in_pinhole(width, height)
        now = self._shown(x, y)
        was = self._shown(x - flow[..., 0], y + flow[..., 1])
        return np.stack([now[0] - was[0], was[1] - now[1]], axis=-1).astype(np.float32)

    def _sampled(self, values: np.ndarray, how: int) -> np.ndarray:
        across, down = self._map(values.shape[1], values.shape[0])
        return cv2.remap(values, across, down, how, borderMode=cv2.BORDER_REPLICATE)

    def _map_of(
        self, width: int, height: int
    ) -> tuple[Float32[np.ndarray, "h w"], Float32[np.ndarray, "h w"]]:
        """Which pixel of the pinhole's image is shown, as indices across and down."""
        x, y = self._in_pinhole(width, height)
        across = (x + 1.0) * (width / 2) - 0.5
        down = (y + 1.0) * (height / 2) - 0.5
        return across.astype(np.float32), down.astype(np.float32)

    def _in_pinhole(
        self, width: int, height: int
    ) -> tuple[Float64[np.ndarray, "h w"], Float64[np.ndarray, "h w"]]:
        """Where in the pinhole's image lies what each pixel shows."""
        x, y = _grid(width, height)
        radius = self.radius(x, y)
        factor = self.radius_in_pinhole(radius) / np.maximum(radius, 1e-12)
        factor[radius < 1e-9] = 1.0
        return x * factor, y * factor

    def _shown(
        self, x: Float64[np.ndarray, "h w"], y: Float64[np.ndarray, "h w"]
    ) -> tuple[Float64[np.ndarray, "h w"], Float64[np.ndarray, "h w"]]:
        """Where the distorted image shows places of the pinhole's."""
        radius = self.radius(x, y)
        factor = self.radius_shown(radius) / np.maximum(radius, 1e-12)
        factor[radius < 1e-9] = 1.0
        return x * factor, y * factor


def _grid(width: int, height: int) -> tuple[Float64[np.ndarray, "h w"], Float64[np.ndarray, "h w"]]:
    """Middles of pixels from -1 to 1: to the right, and down."""
    x = (np.arange(width) + 0.5) * (2.0 / width) - 1.0
    y = (np.arange(height) + 0.5) * (2.0 / height) - 1.0
    grid = np.meshgrid(x, y)
    return grid[0], grid[1]
