"""From CARLA's per cents to millimetres an hour and to extinction: what is in the air, and on the road.

CARLA's weather has no units. These are drivegen's; docs/lidar-and-radar.md has them in a table:

- rain: precipitation x `Degradation.rain_at_full_mmph`, so 100 is a cloudburst of 50 mm/h
- fog: 0.13 f^2 + 0.004 f per metre for a density f of 0..1, which is also how drivegen's own server draws it.
  CARLA's distance at which fog begins is a thing of pictures and has no effect here.
- dust: 0.018 d (0.3 + 0.7 d) per metre for a dust storm d of 0..1, as drivegen's own server draws it: a
  visibility of 166 m at 100
- water on the road: puddles (precipitation_deposits) and wetness, 1 mm at 100
"""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.core.degradation import Degradation
from drivegen.core.weather import Weather
from drivegen.record.degradation import dust, fog

FILM_AT_FULL_MM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Atmosphere:
    """Weather in physical units. Everything 0 is clear and dry."""

    rain_mmph: float = 0.0
    snow_mmph: float = 0.0
    """Melted."""
    fog_visibility_m: float = 0.0
    """0: no fog."""
    dust_visibility_m: float = 0.0
    """0: no dust."""
    wetness: float = 0.0
    """Share of lying surfaces that is wet, 0..1."""
    film_mm: float = 0.0
    """Water on the road that tyres can throw up."""

    @staticmethod
    def of(weather: Weather, degradation: Degradation) -> Atmosphere:
        """What a scene's weather means, as far as the plan has effects on."""
        fog_density, storm = _share(weather.fog_density), _share(weather.dust_storm)
        wet = max(_share(weather.wetness), _share(weather.precipitation_deposits))
        return Atmosphere(
            rain_mmph=_share(weather.precipitation) * degradation.rain_at_full_mmph,
            snow_mmph=degradation.snow_mmph,
            fog_visibility_m=degradation.fog_visibility_m
            or _visibility_m(0.13 * fog_density**2 + 0.004 * fog_density),
            dust_visibility_m=degradation.dust_visibility_m
            or _visibility_m(0.018 * storm * (0.3 + 0.7 * storm)),
            wetness=wet,
            film_mm=wet * FILM_AT_FULL_MM if degradation.spray else 0.0,
        )

    @property
    def fog_extinction_per_m(self) -> float:
        """At 905 nm, as at visible light: droplets are larger than both."""
        return fog.extinction_per_m(self.fog_visibility_m)

    @property
    def dust_extinction_per_m(self) -> float:
        """At 905 nm."""
        return fog.extinction_per_m(self.dust_visibility_m)

    @property
    def soft_backscatter_per_m_sr(self) -> float:
        """Of fog and dust together."""
        return fog.backscatter_per_m_sr(self.fog_visibility_m) + dust.backscatter_per_m_sr(
            self.dust_visibility_m
        )


def _share(percent: float) -> float:
    return min(max(percent, 0.0), 100.0) / 100.0


def _visibility_m(extinction_per_m: float) -> float:
    return fog.extinction_per_m(1.0) / extinction_per_m if extinction_per_m > 0.0 else 0.0
