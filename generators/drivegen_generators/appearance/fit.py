"""Sizes that models want, and the way back to a camera's own.

A model gets the whole image, scaled alike in both directions and continued at its right and lower border to
multiples of what the model wants; what comes back is cut to the image and scaled to the camera's size. So
optics and labels of the capture hold for every look, to the pixel; what a model draws finer than the camera
is lost, and what it draws coarser is not made finer.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drivegen.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """From a camera's size to a model's; sizes are (width, height) in pixels."""

    camera_px: tuple[int, int]
    content_px: tuple[int, int]
    """Of the scaled image inside the model's, from its top left."""
    model_px: tuple[int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the model's image for one of the camera's, across and down: intrinsics of the model's
        image are the camera's times these."""
        return self.content_px[0] / self.camera_px[0], self.content_px[1] / self.camera_px[1]

    def to_model(self, image: np.ndarray, *, nearest: bool = False) -> np.ndarray:
        """An image of the camera (h, w) or (h, w, c) in the model's size; `nearest` mixes no values."""
        if nearest:
            how = cv2.INTER_NEAREST_EXACT
        else:
            how = cv2.INTER_AREA if self.content_px < self.camera_px else cv2.INTER_CUBIC
        if self.content_px != self.camera_px:
            image = np.asarray(cv2.resize(image, self.content_px, interpolation=how))
        right, low = (m - c for m, c in zip(self.model_px, self.content_px, strict=True))
        if right or low:
            image = np.asarray(cv2.copyMakeBorder(image, 0, low, 0, right, cv2.BORDER_REPLICATE))
        return image

    def back(self, image: np.ndarray) -> np.ndarray:
        """A model's image in the camera's size. Raises ConfigError when it has not the model's size."""
        if image.shape[1::-1] != self.model_px:
            raise ConfigError(
                f"the model gave an image of {image.shape[1]}x{image.shape[0]}, not of"
                f" {self.model_px[0]}x{self.model_px[1]} as it was told"
            )
        cut = image[: self.content_px[1], : self.content_px[0]]
        if self.content_px == self.camera_px:
            return np.ascontiguousarray(cut)
        how = cv2.INTER_AREA if self.content_px > self.camera_px else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(np.ascontiguousarray(cut), self.camera_px, interpolation=how))


def fit_to(width_px: int, height_px: int, *, long_side_px: int | None = None, multiple: int = 8) -> Fit:
    """The fit of a camera of this size.

    Args:
        width_px: Of the camera.
        height_px: Of the camera.
        long_side_px: Of the scaled image; the camera's own when absent.
        multiple: Of which the model's sides are.

    Raises:
        ConfigError: A size is none.
    """
    if multiple < 1 or (long_side_px is not None and long_side_px < multiple):
        raise ConfigError(f"long_side_px={long_side_px}, multiple={multiple}: no image has such a size")
    share = 1.0 if long_side_px is None else long_side_px / max(width_px, height_px)
    content = max(1, round(width_px * share)), max(1, round(height_px * share))
    model = -(-content[0] // multiple) * multiple, -(-content[1] // multiple) * multiple
    return Fit(camera_px=(width_px, height_px), content_px=content, model_px=model)
