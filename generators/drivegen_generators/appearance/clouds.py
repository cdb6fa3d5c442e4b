"""An overcast sky, and what light it sends to the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from drivegen.core.tags import Tag
from drivegen_generators.appearance.daylight import Daylight
from drivegen_generators.appearance.light import Linear
from drivegen_generators.appearance.surfaces import Share, Surfaces, pattern, soft

ASPHALT = 0.12
"""Albedo of dry asphalt, 0.05 to 0.20 (Oke, Boundary Layer Climates, 2nd edition 1987, table 1.1); what is as
bright as 1 / ASPHALT times the road is white."""
_TINT = np.array([0.965, 1.0, 1.045], np.float32)
"""Of light through clouds, about 7000 K (CIE daylight locus), luminance 1."""
_CLOUDS = 0.22
"""How much clouds are lighter and darker than an even cover; by eye."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """A closed cover of clouds."""

    white: float
    """Linear luminance of a white level surface below it, as exposed."""
    seed: int

    @property
    def zenith(self) -> float:
        """Luminance overhead: 9 / (7 pi) of the illuminance of the ground (of the formula of `sky_light`)."""
        return 9.0 / 7.0 * self.white

    @property
    def horizon(self) -> Float32[np.ndarray, "3"]:
        """Light of the sky at the horizon, a third of the zenith's: also the light of the air below it."""
        return np.asarray(np.float32(self.zenith / 3.0) * _TINT)

    def light(self, sine: Share) -> Linear:
        """The sky by the sine of the elevation: CIE's standard overcast sky, L = Lz (1 + 2 sin) / 3.

        Moon and Spencer, Illuminating Engineering 37 (1942); CIE S 011:2003, sky 16.
        """
        climb = np.clip(sine, 0, 1).astype(np.float32)
        found: Linear = (np.float32(self.zenith / 3.0) * (1 + 2 * climb))[..., None] * _TINT
        return found

    def drawn(self, linear: Linear, surfaces: Surfaces) -> Linear:
        """The image with this sky in place of its own; clouds hang at the same directions in every frame."""
        d = surfaces.directions
        sky = self.light(d[..., 2])
        # On a level layer above: the nearer to the horizon, the denser.
        high = np.maximum(d[..., 2], 0.08)
        tone = np.zeros(d.shape[:2], np.float32)
        for k, weight in enumerate((0.6, 0.3, 0.1)):
            scale = np.float32(0.7 * 2**k)
            tone += weight * (
                pattern(d[..., 0] / high * scale, d[..., 1] / high * scale, self.seed, f"sky{k}") - 0.5
            )
        fade = np.clip(d[..., 2] / 0.35, 0, 1)
        sky *= (1 + np.float32(2 * _CLOUDS) * tone * fade)[..., None]
        share = soft(surfaces.image.sky)[..., None]
        return np.asarray(linear * (1 - share) + sky * share, np.float32)


def white_of(light: Daylight) -> float:
    """Linear luminance of a white level surface in the light that a scene was taken in."""
    road = light.lit.get(int(Tag.ROAD), ASPHALT)
    return min(max(road / ASPHALT, 0.3), 3.0)


def mean_of(linear: Linear, surfaces: Surfaces) -> Float32[np.ndarray, "3"]:
    """Mean colour of what stands beside the road, which reflects in it where the image shows nothing."""
    chosen = surfaces.solid & surfaces.of(Tag.BUILDING, Tag.WALL, Tag.VEGETATION, Tag.FENCE)
    if chosen.sum() < 100:
        return np.full(3, 0.15, np.float32)
    return np.asarray(linear[chosen].mean(axis=0), np.float32)
