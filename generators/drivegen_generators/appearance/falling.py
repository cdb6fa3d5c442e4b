"""Rain and snow in the air: how much of it there is, how it falls, what it hides and how it is seen.

Rain: sizes by Marshall and Palmer (Journal of Meteorology 5, 1948), speeds by Atlas, Srivastava and Sekhon
(Reviews of Geophysics 11, 1973). Snow: sizes of melted flakes by Gunn and Marshall (Journal of Meteorology
15, 1958), speeds by Langleben (Quarterly Journal of the Royal Meteorological Society 80, 1954). Both hide
what is behind them twice as much as their shadow does (extinction efficiency 2: van de Hulst, Light
Scattering by Small Particles, 1957). A drop is seen for the time that it covers a pixel, of the exposure
time, and shows nearly all that is before the camera at once (Garg and Nayar, "Vision and rain",
International Journal of Computer Vision 75, 2007).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.core.rng import derive_rng
from drivegen_generators.appearance.light import Linear
from drivegen_generators.appearance.surfaces import Share, Surfaces

FLAKE_DENSITY = 0.1
"""Of snow in a flake over that of water: it is wider than its melted drop by the third root (typical of dry
aggregates, 0.05 to 0.2)."""
RAIN_BOX_M, SNOW_BOX_M = 6.0, 11.0
"""Side of the block of air whose drops or flakes are drawn one by one; farther ones are part of the veil."""
NEAREST_M = 0.6
_LEVELS = (0.02, 0.04, 0.08, 0.14, 0.24, 0.4, 0.65, 0.95)
_DROP_LIGHT = 0.94
"""Of the light from before the camera that a drop shows (Garg and Nayar 2007, section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """An exponential distribution of melted diameters, N(D) = n0 exp(-slope D)."""

    n0_per_m3_mm: float
    slope_per_mm: float
    wider: float
    """Diameter in the air over the melted one."""
    least_mm: float
    """Melted; smaller ones are not drawn."""

    @property
    def extinction_per_m(self) -> float:
        """Of light, by all: the integral of 2 (pi / 4) (wider D)^2 N(D) is pi wider^2 n0 / slope^3."""
        return math.pi * self.wider**2 * self.n0_per_m3_mm / self.slope_per_mm**3 * 1e-6

    @property
    def drawn_per_m3(self) -> float:
        """Number that is large enough to be drawn."""
        return self.n0_per_m3_mm / self.slope_per_mm * math.exp(-self.slope_per_mm * self.least_mm)


def rain_sizes(rate_mmph: float) -> Sizes:
    """Marshall and Palmer 1948."""
    return Sizes(n0_per_m3_mm=8000.0, slope_per_mm=4.1 * rate_mmph**-0.21, wider=1.0, least_mm=0.8)


def snow_sizes(rate_mmph: float) -> Sizes:
    """Gunn and Marshall 1958; the rate is that of the melted water."""
    return Sizes(
        n0_per_m3_mm=3800.0 * rate_mmph**-0.87,
        slope_per_mm=2.55 * rate_mmph**-0.48,
        wider=FLAKE_DENSITY ** (-1.0 / 3.0),
        least_mm=1.0,
    )


def rain_speed_mps(diameter_mm: Float32[np.ndarray, "n"]) -> Float32[np.ndarray, "n"]:
    """Terminal speed of drops: 9.65 - 10.3 exp(-0.6 D) (Atlas and others 1973)."""
    return np.asarray(9.65 - 10.3 * np.exp(-0.6 * diameter_mm), np.float32)


def snow_speed_mps(melted_mm: Float32[np.ndarray, "n"]) -> Float32[np.ndarray, "n"]:
    """Terminal speed of dendrites: 1.6 D^0.3, D the melted diameter in centimetres (Langleben 1954)."""
    return np.asarray(1.6 * (melted_mm / 10.0) ** 0.3, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Falling:
    """What falls through a scene: a block of air that repeats in all directions. Drawn once for the scene."""

    box_m: float
    """Side of the block."""
    start_m: Float32[np.ndarray, "n 3"]
    """In the block, at time 0."""
    velocity_mps: Float32[np.ndarray, "n 3"]
    """World."""
    diameter_m: Float32[np.ndarray, "n"]
    """In the air."""
    sway_m: float
    """Flakes swing by so much; 0: drops."""


def rain_of(rate_mmph: float, wind_mps: float, seed: int) -> Falling:
    """Rain of a rate; with the wind of a direction that the seed draws."""
    sizes = rain_sizes(rate_mmph)
    rng = derive_rng(seed, "rain")
    melted = _drawn(sizes, RAIN_BOX_M, rng)
    return _falling(sizes, melted, rain_speed_mps(melted), wind_mps, RAIN_BOX_M, 0.0, rng)


def snow_of(rate_mmph: float, wind_mps: float, seed: int) -> Falling:
    """Snow of a rate of melted water."""
    sizes = snow_sizes(rate_mmph)
    rng = derive_rng(seed, "snow")
    melted = _drawn(sizes, SNOW_BOX_M, rng)
    return _falling(sizes, melted, snow_speed_mps(melted), wind_mps, SNOW_BOX_M, 0.04, rng)


def _drawn(sizes: Sizes, box_m: float, rng: np.random.Generator) -> Float32[np.ndarray, "n"]:
    count = int(rng.poisson(sizes.drawn_per_m3 * box_m**3))
    drawn = sizes.least_mm + rng.exponential(1.0 / sizes.slope_per_mm, count)
    return np.minimum(drawn, 6.0).astype(np.float32)


def _falling(
    sizes: Sizes,
    melted_mm: Float32[np.ndarray, "n"],
    speed_mps: Float32[np.ndarray, "n"],
    wind_mps: float,
    box_m: float,
    sway_m: float,
    rng: np.random.Generator,
) -> Falling:
    heading = float(rng.uniform(0.0, 2.0 * math.pi))
    velocity = np.empty((len(melted_mm), 3), np.float32)
    velocity[:, 0] = wind_mps * math.cos(heading)
    velocity[:, 1] = wind_mps * math.sin(heading)
    velocity[:, 2] = -speed_mps
    return Falling(
        box_m=box_m,
        start_m=(rng.random((len(melted_mm), 3), np.float32) * np.float32(box_m)),
        velocity_mps=velocity,
        diameter_m=(melted_mm * np.float32(sizes.wider * 1e-3)),
        sway_m=sway_m,
    )


def drawn_into(
    linear: Linear,
    surfaces: Surfaces,
    falling: Falling,
    light: Float32[np.ndarray, "3"],
    exposure_s: float,
    background: Share | None = None,
) -> Linear:
    """The image with what falls before it, as streaks of the exposure time.

    Args:
        linear: The image.
        surfaces: Of it.
        falling: What falls.
        light: Mean light from before the camera (rain), or of a flake.
        exposure_s: Of the camera.
        background: Light of lamps that drops pass, added to theirs, by pixel.
    """
    starts, ends, widths_px, cover = _streaks(surfaces, falling, exposure_s)
    share = _laid(linear.shape[:2], starts, ends, widths_px, cover)[..., None]
    own = np.broadcast_to(light * np.float32(1.0 if falling.sway_m else _DROP_LIGHT), linear.shape)
    if background is not None:
        own = own + background[..., None]
    return np.asarray(linear * (1 - share) + own * share, np.float32)


def _streaks(surfaces: Surfaces, falling: Falling, exposure_s: float) -> tuple[np.ndarray, ...]:
    """Pixels of both ends, width and cover of what is before the camera and not hidden."""
    image = surfaces.image
    time_s = image.time_ns * 1e-9
    box = falling.box_m
    place = falling.start_m + np.remainder(falling.velocity_mps * np.float64(time_s), box).astype(np.float32)
    if falling.sway_m:
        phase = (6.28 * (time_s * 0.7 + falling.start_m[:, 2])).astype(np.float32)
        place[:, 0] += np.float32(falling.sway_m) * np.sin(phase)
    eye = np.remainder(np.asarray(image.map_optical.position_m), box).astype(np.float32)
    relative = np.remainder(place - eye, np.float32(box)) - np.float32(box / 2)
    turn = image.map_optical.rotation.astype(np.float32)
    ahead = relative @ turn[:, 2]
    kept = np.flatnonzero((ahead > NEAREST_M) & (ahead < box / 2))
    own = (falling.velocity_mps[kept] - np.asarray(image.velocity_mps, np.float32)) * np.float32(exposure_s)
    first = relative[kept] @ turn
    last = first + own @ turn
    lens = image.camera.optics
    starts, ends = lens.project(first), lens.project(last)
    height, width = image.tag.shape
    middle = (starts + ends) / 2
    good = np.isfinite(middle).all(axis=1) & (last[:, 2] > NEAREST_M / 2)
    good &= (middle >= 0).all(axis=1) & (middle[:, 0] < width) & (middle[:, 1] < height)
    starts, ends, middle, first = starts[good], ends[good], middle[good].astype(np.int32), first[good]
    reach = np.linalg.norm(first, axis=1)
    before = reach < image.distance_m[middle[:, 1], middle[:, 0]]
    diameter = falling.diameter_m[kept][good][before]
    starts, ends, reach = starts[before], ends[before], reach[before]
    focal = 0.5 * (lens.intrinsic[0, 0] + lens.intrinsic[1, 1])
    widths_px = diameter * focal / reach
    length_px = np.linalg.norm(ends - starts, axis=1)
    # Each pixel of the path is covered while the drop passes it; thinner ones cover part of its width.
    cover = np.minimum(1.0, widths_px / np.maximum(length_px, 1e-3)) * np.minimum(1.0, widths_px)
    return starts, ends, widths_px, cover


def _laid(
    shape: tuple[int, int], starts: np.ndarray, ends: np.ndarray, widths_px: np.ndarray, cover: np.ndarray
) -> Share:
    """The share of each pixel's light that comes from what falls: one layer for each strength and width."""
    open_share = np.ones(shape, np.float32)
    edges = (0.012, *(math.sqrt(a * b) for a, b in pairwise(_LEVELS)), 1.01)
    thick = np.clip(np.rint(widths_px), 1, 9).astype(np.int32)
    shift = 4
    for k, level in enumerate(_LEVELS):
        chosen = np.flatnonzero((cover >= edges[k]) & (cover < edges[k + 1]))
        if len(chosen) == 0:
            continue
        layer = np.zeros(shape, np.uint8)
        ends_of = np.stack([starts[chosen], ends[chosen]], axis=1) - 0.5
        points = np.rint(ends_of * (1 << shift)).astype(np.int32)
        for line, width in zip(points, thick[chosen], strict=True):
            cv2.line(layer, line[0].tolist(), line[1].tolist(), 255, int(width), cv2.LINE_AA, shift)
        open_share *= 1 - layer.astype(np.float32) * np.float32(level / 255)
    return 1 - open_share
