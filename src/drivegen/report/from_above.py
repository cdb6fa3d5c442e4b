"""Pictures from above for films: metres to pixels, the ground, the time and a bar of 20 m."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float64, Int, UInt8

from drivegen.capture.export.preview import mark_size
from drivegen.report.palette import bgr

PAPER, INK = bgr("#f3f2ec"), bgr("#22272d")
_GROUND = {"walk": "#e9dfcd", "green": "#d5e2c5", "bike": "#ecd3cb", "side": "#dcdde0", "drive": "#cdd0d5"}
_BAR_M = 20.0
_FOOT_PX = 26

Areas = Mapping[str, Sequence[Float64[np.ndarray, "n 2"]]]
"""Rings of the map in metres, by kind (`drivegen.report.plan_view.areas_of`)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewFromAbove:
    """A square of the map; north is up."""

    middle_m: Float64[np.ndarray, "2"]
    reach_m: float
    """From the middle to each side."""
    size_px: int

    @property
    def px_per_m(self) -> float:
        """Scale."""
        return self.size_px / (2.0 * self.reach_m)

    def pixels(self, xy_m: Float[np.ndarray, "n 2"]) -> Int[np.ndarray, "n 2"]:
        """In sixteenths of a pixel, as OpenCV takes them (`shift=4`)."""
        local = (np.asarray(xy_m, dtype=np.float64) - self.middle_m) * [1.0, -1.0]
        return np.rint((local * self.px_per_m + self.size_px / 2) * 16.0).astype(np.int32)

    def ground(self, areas: Areas) -> UInt8[np.ndarray, "h w 3"]:
        """A picture of what lies in the square."""
        out = np.full((self.size_px, self.size_px, 3), PAPER, np.uint8)
        for kind, color in _GROUND.items():
            for ring in areas.get(kind, ()):
                low, high = ring.min(axis=0), ring.max(axis=0)
                if (low < self.middle_m + self.reach_m).all() and (high > self.middle_m - self.reach_m).all():
                    cv2.fillPoly(out, [self.pixels(ring)], bgr(color), cv2.LINE_8, 4)
        return out

    def write(self, picture: UInt8[np.ndarray, "h w 3"], time_s: float) -> None:
        """The time, and a bar of 20 m left of the place of the mark of previews."""
        side, font = self.size_px, cv2.FONT_HERSHEY_SIMPLEX
        cv2.rectangle(picture, (0, side - _FOOT_PX), (side, side), PAPER, -1)
        cv2.putText(picture, f"{time_s:.1f} s", (8, side - 8), font, 0.5, INK, 1, cv2.LINE_AA)
        end = side - mark_size(side, side)[1] - 10
        begin = end - round(_BAR_M * self.px_per_m)
        cv2.line(picture, (begin, side - 9), (end, side - 9), INK, 2)
        cv2.putText(picture, f"{_BAR_M:g} m", (begin - 46, side - 7), font, 0.45, INK, 1, cv2.LINE_AA)
