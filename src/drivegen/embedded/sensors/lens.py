"""Lens distortion by CARLA's lens_* attributes, the same for pictures and for labels.

The material that distorts in CARLA exists only as a binary asset. What is public: with its defaults nothing
is distorted, `lens_circle_multiplier` brings the distortion in (pull request 2145), and a falloff of 0 with a
multiplier of 0 breaks the image (issue 2822), which says that they are base and exponent of a power. The
formula here is the one that goes with these names (the lens algorithm of SynthEyes: K and KCube over a
squared radius), weighted by that power:

    r^2 = lens_x_size x^2 + lens_y_size y^2,   x and y from -1 to 1 over the image
    f = 1 + r^2 (lens_k + lens_kcube r)
    weight = (lens_circle_multiplier min(r, 1)) ^ lens_circle_falloff
    the distorted image shows at (x, y) what the pinhole's shows at (x, y) (1 + weight (f - 1))

What lies beyond the pinhole's image is not there to be shown: the border is continued, in labels as well.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Self

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from drivegen.embedded.sensors.attributes import Attributes

RADII = 4096
"""Length of the table from which the distortion is turned round."""


class Lens:
    """The distortion of one lens."""

    def __init__(
        self, *, k: float, k_cube: float, x_size: float, y_size: float, multiplier: float, falloff: float
    ) -> None:
        self._k, self._k_cube = k, k_cube
        self._size = (x_size, y_size)
        self._multiplier, self._falloff = multiplier, falloff
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

    @property
    def distorts(self) -> bool:
        """Whether any pixel is moved."""
        return self._multiplier > 0.0 and bool(self._k or self._k_cube) and max(self._size) > 0.0

    def scale(self, radius: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """By how much the place in the pinhole's image is further out than that in the distorted one."""
        weight = (self._multiplier * np.minimum(radius, 1.0)) ** self._falloff
        return 1.0 + weight * radius**2 * (self._k + self._k_cube * radius)

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
        x, y = _grid(width, height)
        factor = self.scale(self.radius(x, y))
        # Where it was in the pinhole's image (y down), then where the lens showed that.
        x0 = x * factor - flow[..., 0]
        y0 = y * factor + flow[..., 1]
        bent_radius = self.radius(x0, y0)
        table = np.linspace(0.0, 2.0 * float(max(bent_radius.max(), 1e-6)), RADII)
        # Where the distortion folds the image over, the outermost place counts.
        shown = np.maximum.accumulate(table * self.scale(table))
        back = np.interp(bent_radius, shown, table) / np.maximum(bent_radius, 1e-12)
        back = np.where(bent_radius > 1e-9, back, 1.0)
        return np.stack([x - x0 * back, y0 * back - y], axis=-1).astype(np.float32)

    def _sampled(self, values: np.ndarray, how: int) -> np.ndarray:
        across, down = self._map(values.shape[1], values.shape[0])
        return cv2.remap(values, across, down, how, borderMode=cv2.BORDER_REPLICATE)

    def _map_of(
        self, width: int, height: int
    ) -> tuple[Float32[np.ndarray, "h w"], Float32[np.ndarray, "h w"]]:
        """Which pixel of the pinhole's image is shown, as indices across and down."""
        x, y = _grid(width, height)
        factor = self.scale(self.radius(x, y))
        across = (x * factor + 1.0) * (width / 2) - 0.5
        down = (y * factor + 1.0) * (height / 2) - 0.5
        return across.astype(np.float32), down.astype(np.float32)


def _grid(width: int, height: int) -> tuple[Float64[np.ndarray, "h w"], Float64[np.ndarray, "h w"]]:
    """Middles of pixels from -1 to 1: to the right, and down."""
    x = (np.arange(width) + 0.5) * (2.0 / width) - 1.0
    y = (np.arange(height) + 0.5) * (2.0 / height) - 1.0
    grid = np.meshgrid(x, y)
    return grid[0], grid[1]
