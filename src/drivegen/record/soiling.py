"""Water drops and dirt on the glass before a camera's lens.

Drops are after Halimeh and Roser, "Raindrop detection on car windshields using geometric-photometric
environment construction and intensity-based correlation" (IEEE IV 2009): a drop is the cap of a sphere of
water that shows a wide part of the scene small and upside down. Their ray tracing through cap and glass is
put in a closed form: at the place a in the drop (0 in the middle, 1 at its rim) the scene is seen in the
direction of -a, stretched by 1 / sqrt(1 - 0.8 a^2) as refraction at a cap stretches it, which spans
`SEEN_THROUGH` of the image's width. The camera is focused far behind its glass, so what a drop shows is
blurred and its rim soft (as in von Bernuth, Volk and Bringmann, "Rendering physically correct raindrops on
windshields for robustness verification of camera-based object recognition", IEEE IV 2018).

Dirt is after Gu, Ramamoorthi, Belhumeur and Nayar, "Removing image artifacts due to dirty camera lenses and
thin occluders" (ACM TOG 28, 2009): I = I0 (1 - d) + c d, an attenuation, and light that the dirt scatters,
here the image's mean light in the dirt's colour.

Drops and dirt are drawn once for a scene and stay where they are. The mask says of each pixel which share
of its light is not that of the scene's own point there, 0..255; the classes of Uricar et al., "SoilingNet"
(2019), clean, transparent, semi-transparent and opaque, are ranges of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numba
import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8, UInt16

from drivegen.core.photography import OPAQUE_FROM, Soiling
from drivegen.core.rng import derive_rng
from drivegen.core.weather import Weather

MOST_DROPS = 90
SEEN_THROUGH = 0.55
"""Of the image's width: what a drop shows across itself."""
DROP_ALPHA = 0.96
SMALLER = 4
"""What drops show is blurred, so it is taken from an image so many times smaller."""
DIRT_BGR = (72.0, 82.0, 90.0)
"""sRGB of dried road dirt in the mean light of a middle grey (118) image."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drop:
    """A drop and the rectangle around it."""

    rows: slice
    columns: slice
    alpha: Float32[np.ndarray, "h w 1"]
    at_px: Float32[np.ndarray, "h w 2"]
    """Where in the small image the drop's pixels look."""
    shade: Float32[np.ndarray, "h w 1"]
    """Light through it over light beside it: dark towards the rim, where it mirrors."""


class SoiledGlass:
    """What is on a camera's glass in a scene."""

    def __init__(self, soiling: Soiling, weather: Weather, seen: Bool[np.ndarray, "h w"], seed: int) -> None:
        """
        Args:
            soiling: How much there is, where it does not follow the weather.
            weather: Of the scene.
            seen: Pixels that the lens sees; nothing is drawn on the others.
            seed: Of the camera and scene.
        """
        self._shape = seen.shape
        self._drops = _make_drops(soiling, weather, seen, seed)
        dirt, tone = _make_dirt(soiling.dirt_in(weather), seen, seed)
        self._dirt = np.rint(dirt * 256.0).astype(np.uint16)
        self._tone = np.rint(tone * 128.0).astype(np.uint8)
        self._dirty = bool(self._dirt.any())
        cover: Float32[np.ndarray, "h w"] = np.zeros(seen.shape, np.float32)
        for drop in self._drops:
            window = cover[drop.rows, drop.columns]
            np.maximum(window, drop.alpha[..., 0], out=window)
        both = 1.0 - (1.0 - cover) * (1.0 - dirt)
        self.mask: UInt8[np.ndarray, "h w"] = np.rint(both * 255.0).astype(np.uint8)
        """0 clean .. 255 opaque."""

    @property
    def clean(self) -> bool:
        """Whether nothing is there."""
        return not self._drops and not self._dirty

    @property
    def opaque(self) -> Bool[np.ndarray, "h w"]:
        """Pixels behind which nothing counts as visible."""
        return np.asarray(self.mask >= OPAQUE_FROM)

    def soil(self, bgr: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        """The image through the glass."""
        if self.clean:
            return bgr
        height, width = self._shape
        size = (max(1, width // SMALLER), max(1, height // SMALLER))
        small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
        out = bgr.copy()
        if self._drops:
            blurred = cv2.GaussianBlur(small, (0, 0), max(1.0, size[0] / 160.0))
            for drop in self._drops:
                window = out[drop.rows, drop.columns]
                seen = cv2.remap(blurred, drop.at_px, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                mixed = window + (seen * drop.shade - window) * drop.alpha
                window[:] = np.clip(mixed + np.float32(0.5), 0.0, 255.0)
        if self._dirty:
            light = float(small.mean()) / 118.0
            colour = np.clip(np.array(DIRT_BGR) * light, 0.0, 255.0)
            _mix_dirt(out, self._dirt, self._tone, colour)
        return out


def _make_drops(soiling: Soiling, weather: Weather, seen: Bool[np.ndarray, "h w"], seed: int) -> list[_Drop]:
    height_px, width_px = seen.shape
    amount = soiling.drops_in(weather)
    median = soiling.drop_size_px or 0.016 * width_px
    rng = derive_rng(seed, "drops")
    found = []
    for index in range(MOST_DROPS):
        # All are drawn, so that more rain adds drops and leaves the others where they are.
        x, y, turn, flat = rng.uniform([0.0, 0.0, 0.0, 0.75], [width_px, height_px, math.pi, 1.0])
        radius = median * math.exp(0.45 * rng.standard_normal())
        bumps = rng.normal(0.0, 0.05, 3)
        phases = rng.uniform(0.0, 2.0 * math.pi, 3)
        if index < round(amount * MOST_DROPS):
            drop = _make_drop((x, y), radius, turn, flat, (bumps, phases), seen)
            if drop is not None:
                found.append(drop)
    return found


def _make_drop(
    middle: tuple[float, float],
    radius: float,
    turn: float,
    flat: float,
    form: tuple[np.ndarray, np.ndarray],
    seen: Bool[np.ndarray, "h w"],
) -> _Drop | None:
    size = (seen.shape[1], seen.shape[0])
    reach = math.ceil(radius * 1.45) + 2
    left, top = max(0, int(middle[0]) - reach), max(0, int(middle[1]) - reach)
    right, bottom = min(size[0], int(middle[0]) + reach), min(size[1], int(middle[1]) + reach)
    if right - left < 2 or bottom - top < 2:
        return None
    y, x = np.mgrid[top:bottom, left:right]
    dx, dy = x + 0.5 - middle[0], y + 0.5 - middle[1]
    along = dx * math.cos(turn) + dy * math.sin(turn)
    across = (dy * math.cos(turn) - dx * math.sin(turn)) / flat
    angle = np.arctan2(across, along)
    wobble = 1.0 + sum(b * np.cos((k + 2) * angle + p) for k, (b, p) in enumerate(zip(*form, strict=True)))
    place = np.hypot(along, across) / (radius * wobble)
    # The rim is out of focus: soft over about a third of the radius.
    alpha = DROP_ALPHA * np.clip((1.12 - place) / 0.32, 0.0, 1.0)
    alpha = alpha * alpha * (3.0 - 2.0 * alpha) * seen[top:bottom, left:right]
    inside = np.minimum(place, 1.0)
    stretch = SEEN_THROUGH * size[0] / (2.0 * radius) / np.sqrt(1.0 - 0.8 * inside * inside) * 0.45
    look_x = (middle[0] - dx * stretch) / SMALLER - 0.5
    look_y = (middle[1] - dy * stretch) / SMALLER - 0.5
    # Light from below the drop is mirrored at its upper rim and the sky shows in its lower part.
    shade = 1.04 - 0.34 * inside**6
    return _Drop(
        rows=slice(top, bottom),
        columns=slice(left, right),
        alpha=alpha[..., None].astype(np.float32),
        at_px=np.stack([look_x, look_y], axis=-1).astype(np.float32),
        shade=shade[..., None].astype(np.float32),
    )


def _make_dirt(
    amount: float, seen: Bool[np.ndarray, "h w"], seed: int
) -> tuple[Float32[np.ndarray, "h w"], Float32[np.ndarray, "h w"]]:
    """Opacity (patches of fractal noise, most of it at the lower border, and splashes) and brightness."""
    height_px, width_px = seen.shape
    if amount <= 0.0:
        return np.zeros(seen.shape, np.float32), np.ones(seen.shape, np.float32)
    rng = derive_rng(seed, "dirt")
    field = _fractal(rng, width_px, height_px, 0, 6)
    field += np.linspace(-0.5, 0.6, height_px, dtype=np.float32)[:, None]
    threshold = np.quantile(field, 1.0 - 0.6 * amount)
    thickness = np.clip(0.8 + 0.16 * _fractal(rng, width_px, height_px, 3, 7), 0.3, 1.0)
    patches = 0.96 * np.sqrt(np.clip((field - threshold) / 1.7, 0.0, 1.0)) * thickness
    film = 0.10 * amount * np.clip(field + 1.2, 0.0, 1.5)
    spots = _splashes(amount, width_px, height_px, rng)
    dirt = np.maximum(np.maximum(patches, film), spots).astype(np.float32)
    # Out of focus, as the drops are.
    dirt = cv2.GaussianBlur(dirt, (0, 0), max(0.8, width_px / 400.0)) * seen
    tone = np.clip(1.0 + 0.10 * _fractal(rng, width_px, height_px, 2, 7), 0.5, 1.5)
    return dirt.astype(np.float32), tone.astype(np.float32)


def _fractal(
    rng: np.random.Generator, width_px: int, height_px: int, first: int, last: int
) -> Float32[np.ndarray, "h w"]:
    """Noise of octaves `first` to `last`, the coarsest of 3 2^first cells in the height; of unit variance."""
    field = np.zeros((height_px, width_px), np.float32)
    for octave in range(first, last):
        cells = 3 * 2**octave
        coarse = rng.standard_normal((cells + 3, max(2, cells * width_px // height_px) + 3))
        wide = cv2.resize(coarse.astype(np.float32), (width_px, height_px), interpolation=cv2.INTER_CUBIC)
        field += wide * np.float32(0.62 ** (octave - first))
    return field / field.std()


@numba.njit(cache=True)
def _mix_dirt(
    bgr: UInt8[np.ndarray, "h w 3"],
    dirt: UInt16[np.ndarray, "h w"],
    tone: UInt8[np.ndarray, "h w"],
    colour: Float64[np.ndarray, "3"],
) -> None:
    """Lays dirt over an image; `dirt` is 256 where opaque, `tone` 128 for the colour as it is."""
    height, width = dirt.shape
    paint = np.rint(colour).astype(np.int32)
    for y in range(height):
        for x in range(width):
            share = np.int32(dirt[y, x])
            if share == 0:
                continue
            for c in range(3):
                light = min(255, (paint[c] * np.int32(tone[y, x])) >> 7)
                bgr[y, x, c] = np.uint8((bgr[y, x, c] * (256 - share) + light * share + 128) >> 8)


def _splashes(
    amount: float, width_px: int, height_px: int, rng: np.random.Generator
) -> Float32[np.ndarray, "h w"]:
    """Small spots of dried mud."""
    out = np.zeros((height_px, width_px), np.float32)
    for _ in range(round(220 * amount)):
        x, y = rng.uniform([0.0, 0.0], [width_px, height_px])
        radius = width_px * 0.0022 * math.exp(0.6 * rng.standard_normal())
        opacity = rng.uniform(0.35, 0.95)
        centre = (round(x * 16), round(y * 16))
        cv2.circle(out, centre, max(16, round(radius * 16)), opacity, -1, cv2.LINE_8, 4)
    return out
