"""The sun in an image: how much of each pixel's light is of it, taking it out, and putting another one in.

A matt surface gives back albedo x (E_sky + E_sun V max(n . s, 0)) / pi (Lambert's cosine law), V being 1
where the sun shines on it. Normals are exact. V is not in a capture: on the ground it is read off the image,
whose asphalt has two brightnesses, elsewhere it is what a march through the depth towards the sun says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from jaxtyping import Float32

from drivegen.capture.clip import ClipImage
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen_generators.appearance.light import LUMINANCE, Linear, linear_of
from drivegen_generators.appearance.march import follow
from drivegen_generators.appearance.surfaces import GROUND, Mask, Share, Surfaces, smoothstep

LOWEST_SUN = math.sin(math.radians(4.0))
"""Lower suns are not taken out: shadows are then longer than a picture."""
_NEAR_M = 45.0
_LEAST_PIXELS = 500
_BINS = 96
_GRAIN = 0.4
_LOG_RANGE = (-8.0, 0.5)
_LEAST_RATIO, _MOST_RATIO = 1.45, 14.0
"""Of lit to shaded ground; two brightnesses farther apart, or nearer, are not sun and shadow."""
_LEVEL = 0.8
"""Of a normal's z, from which ground is level."""
WALL_TRUST = 0.6
"""Exponent with which sunlight is taken off what is not ground, where nobody knows what was in the shade."""
SHADOW_REACH_M, SHADOW_STEPS, SHADOW_THICK_M = 45.0, 40, 2.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Daylight:
    """The light that a scene was taken in, found once for the scene, so that nothing flickers."""

    to_sun: Float32[np.ndarray, "3"]
    """World, unit."""
    ratio: float
    """Light on level ground in the sun over that in the shade; 1 where there is no sun."""
    ratio_rgb: Float32[np.ndarray, "3"] = field(default_factory=lambda: np.ones(3, np.float32))
    """The same by colour: shade is lit by the blue of the sky."""
    lit: dict[int, float] = field(default_factory=dict)
    """By tag of the ground: luminance in the sun (without a sun: its mean)."""

    @property
    def has_sun(self) -> bool:
        """Whether there are shadows to be taken out."""
        return self.ratio > 1.0

    @property
    def facing(self) -> float:
        """Sunlight on a surface that faces the sun, in units of the sky's light on the ground."""
        return (self.ratio - 1.0) / max(float(self.to_sun[2]), LOWEST_SUN)

    def colored(self, gain: Share) -> Linear:
        """A gain of light as colours: V by which light of 1 + V (ratio - 1) gains so much, then by colour."""
        if not self.has_sun:
            return np.repeat(gain[..., None], 3, axis=-1)
        sun = np.maximum((np.float32(self.ratio) / gain - 1) / np.float32(self.ratio - 1), 0)[..., None]
        found: Linear = self.ratio_rgb / (1 + sun * (self.ratio_rgb - 1))
        return found


def towards_sun(azimuth_deg: float, altitude_deg: float) -> Float32[np.ndarray, "3"]:
    """Direction to a sun; azimuth clockwise from north, which is +y (`drivegen.core.weather.Weather`)."""
    a, h = math.radians(azimuth_deg), math.radians(altitude_deg)
    return np.array([math.sin(a) * math.cos(h), math.cos(a) * math.cos(h), math.sin(h)], np.float32)


def daylight_of(images: list[ClipImage], weather: Weather) -> Daylight:
    """The light of a scene, from its first images and its weather's sun.

    The threshold between sun and shadow is Otsu's (IEEE Transactions on Systems, Man, and Cybernetics 9,
    1979), on the logarithm of the luminance of near asphalt.
    """
    luminances: dict[int, list[Float32[np.ndarray, "n"]]] = {int(t): [] for t in GROUND}
    road_rgb: list[Float32[np.ndarray, "n 3"]] = []
    for image in images:
        linear = linear_of(image.bgr)
        luminance = _smooth_luminance(linear)
        near = image.distance_m < _NEAR_M
        for tag, found in luminances.items():
            found.append(luminance[near & (image.tag == tag)])
        road_rgb.append(linear[near & (image.tag == Tag.ROAD)])
    to_sun = towards_sun(weather.sun_azimuth_deg, weather.sun_altitude_deg)
    all_of = {tag: np.concatenate(found) for tag, found in luminances.items() if found}
    road = all_of.get(int(Tag.ROAD), np.zeros(0, np.float32))
    ratio, ratio_rgb = 1.0, np.ones(3, np.float32)
    if to_sun[2] > LOWEST_SUN and len(road) > _LEAST_PIXELS:
        ratio, ratio_rgb = _ratio_of(road, np.concatenate(road_rgb))
    lit = {tag: _lit_of(found, ratio) for tag, found in all_of.items() if len(found) > _LEAST_PIXELS // 10}
    return Daylight(to_sun=to_sun, ratio=ratio, ratio_rgb=ratio_rgb, lit=lit)


def _smooth_luminance(linear: Linear) -> Share:
    """Without the grain of asphalt; edges stay where they are."""
    own = np.maximum((linear @ LUMINANCE).astype(np.float32), 1e-4)
    smooth = np.maximum(cv2.medianBlur(own, 5), 1e-4)
    return np.asarray(np.where(np.abs(np.log(own / smooth)) > _GRAIN, own, smooth))


def _split(values: Float32[np.ndarray, "n"]) -> tuple[float, float, float]:
    """Medians of both sides of Otsu's threshold in the logarithm, and the share of the upper."""
    logs = np.log(np.maximum(values, 1e-4))
    counts, edges = np.histogram(logs, _BINS, _LOG_RANGE)
    middles = 0.5 * (edges[1:] + edges[:-1])
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
        between = np.where((below > 0) & (above > 0), below * above * (high - low) ** 2, 0.0)
    best = int(np.argmax(between))
    upper = logs > edges[best + 1]
    if not 0 < upper.sum() < len(logs):
        return float(np.median(logs)), float(np.median(logs)), 1.0
    return float(np.median(logs[~upper])), float(np.median(logs[upper])), float(upper.mean())


def _ratio_of(
    road: Float32[np.ndarray, "n"], rgb: Float32[np.ndarray, "n 3"]
) -> tuple[float, Float32[np.ndarray, "3"]]:
    low, high, share = _split(road)
    ratio = math.exp(high - low)
    if not (_LEAST_RATIO <= ratio <= _MOST_RATIO and 0.01 < share < 0.995):
        return 1.0, np.ones(3, np.float32)
    logs = np.log(np.maximum(road, 1e-4))
    sides = [rgb[np.abs(logs - middle) < 0.25 * (high - low)] for middle in (high, low)]
    if min(len(side) for side in sides) < _LEAST_PIXELS // 20:
        return ratio, np.full(3, ratio, np.float32)
    lit, shaded = (np.maximum(side.mean(axis=0), 1e-4) for side in sides)
    found = lit / shaded
    return ratio, np.asarray(np.maximum(found * (ratio / (found @ LUMINANCE)), 1.05), np.float32)


def _lit_of(values: Float32[np.ndarray, "n"], ratio: float) -> float:
    if ratio == 1.0:
        return float(values.mean())
    low, high, share = _split(values)
    # Two brightnesses only where they lie about as far apart as the asphalt's.
    two = (high - low) > 0.6 * math.log(ratio) and 0.02 < share < 0.98
    return math.exp(high) if two else float(np.median(values))


def _ground(surfaces: Surfaces) -> Mask:
    """Level ground: kerbs' sides are walls."""
    return surfaces.of(*GROUND) & (surfaces.up > _LEVEL)


def gain_on_ground(linear: Linear, surfaces: Surfaces, light: Daylight) -> Share:
    """By how much the ground is darker than in the sun where it lies in the shade; 1 in the sun, elsewhere.

    What is a little darker is so by itself; penumbras get what they lack and no more.
    """
    luminance = _smooth_luminance(linear)
    gain = np.ones(luminance.shape, np.float32)
    for tag, lit in light.lit.items():
        there = surfaces.image.tag == tag
        lacking = np.log(np.float32(lit) / np.maximum(luminance[there], 1e-4)) / math.log(light.ratio)
        low, high = (0.3, 0.8) if tag == Tag.ROAD_LINE else (0.12, 0.4)
        found = np.clip(lacking, 0, 1) * smoothstep(low, high, lacking.astype(np.float32))
        gain[there] = np.float32(light.ratio) ** found
    return gain


def shaded_by(surfaces: Surfaces, to_sun: Float32[np.ndarray, "3"]) -> Share:
    """The share of the sun that is hidden by what the image shows, 0 to 1."""
    half = slice(None, None, 2)
    wanted = surfaces.solid[half, half] & (surfaces.image.distance_m[half, half] < 120.0)
    wanted &= surfaces.normals[half, half] @ to_sun > 0.02
    out = np.zeros(wanted.shape, np.float32)
    starts = surfaces.points_m[half, half][wanted] + 0.04 * surfaces.normals[half, half][wanted]
    along = np.broadcast_to(to_sun, starts.shape)
    hits = follow(surfaces, starts, along, reach_m=SHADOW_REACH_M, steps=SHADOW_STEPS, thick_m=SHADOW_THICK_M)
    out[wanted] = hits.found
    size = surfaces.solid.shape[::-1]
    return np.asarray(cv2.resize(cv2.medianBlur(out, 3), size, interpolation=cv2.INTER_LINEAR))


def even(linear: Linear, surfaces: Surfaces, light: Daylight) -> Linear:
    """The image as if every surface had the light of level ground in the sun: no shade, no shadows.

    On walls, cars and plants sunlight is only taken out in part (`WALL_TRUST`); the sky stays as it is.
    """
    if not light.has_sun:
        return linear
    cosine = np.maximum(surfaces.normals @ light.to_sun, 0)
    walls = (np.float32(light.ratio) / (1 + np.float32(light.facing) * cosine)) ** np.float32(WALL_TRUST)
    gain = np.where(_ground(surfaces), gain_on_ground(linear, surfaces, light), walls)
    return linear * _steady(light.colored(np.maximum(gain, np.float32(0.1))), surfaces)


def under_sun(level: Linear, surfaces: Surfaces, light: Daylight, to_sun: Float32[np.ndarray, "3"]) -> Linear:
    """An even image under another sun, with the shadows that it casts as far as the image shows."""
    cosine = np.maximum(surfaces.normals @ to_sun, 0)
    visible = 1 - shaded_by(surfaces, to_sun)
    # The same direct light on what faces it; level ground in the sun keeps its brightness at the same height.
    share = (1 + np.float32(light.facing) * cosine * visible) / np.float32(light.ratio)
    trust = np.float32(0.5 * (1 + WALL_TRUST))
    share = np.where(_ground(surfaces), share, share**trust)
    return level * _steady(1 / light.colored(1 / share), surfaces)


def _steady(gain: Linear, surfaces: Surfaces) -> Linear:
    """Borders of the gain as soft as the image's, and no step at the border of the sky."""
    blurred = cv2.GaussianBlur(gain, (3, 3), 0.0)
    return np.asarray(np.where(surfaces.solid[..., None], blurred, np.float32(1)))
