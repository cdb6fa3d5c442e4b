"""CARLA's weather parameters."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

RAIN_AT_FULL_MMPH = 50.0
"""Rain at a precipitation of 100 per cent; `Degradation.rain_at_full_mmph` has it as its default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The 14 parameters in the order of CARLA's wire struct; per cent unless the name says otherwise."""

    cloudiness: float = 0.0
    precipitation: float = 0.0
    precipitation_deposits: float = 0.0
    wind_intensity: float = 0.0
    sun_azimuth_deg: float = 0.0
    """Clockwise from north (CARLA's -y, OpenDRIVE's +y) seen from above."""
    sun_altitude_deg: float = 45.0
    """Above the horizon; negative at night."""
    fog_density: float = 0.0
    fog_distance_m: float = 0.0
    """Where fog begins."""
    fog_falloff: float = 0.2
    """Density of fog against height; greater keeps it near the ground."""
    wetness: float = 0.0
    scattering_intensity: float = 1.0
    mie_scattering_scale: float = 0.03
    rayleigh_scattering_scale: float = 0.0331
    dust_storm: float = 0.0

    def values(self) -> tuple[float, ...]:
        """All 14 in wire order."""
        return astuple(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherKeyframe:
    """The weather at a time of a scene."""

    time_s: float
    """After the first recorded frame."""
    parameters: Weather


def fog_density_percent(visibility_m: float) -> float:
    """The fog density that gives a meteorological visibility, at most 100.

    The inverse of drivegen's extinction 0.13 f^2 + 0.004 f per metre (f from 0 to 1) with Koschmieder's law
    for a contrast of 5 per cent; see docs/lidar-and-radar.md.
    """
    return _percent_of(0.13, 0.004, visibility_m)


def dust_storm_percent(visibility_m: float) -> float:
    """The dust storm that gives a visibility, at most 100; of the extinction 0.018 d (0.3 + 0.7 d)."""
    return _percent_of(0.018 * 0.7, 0.018 * 0.3, visibility_m)


def _percent_of(square: float, linear: float, visibility_m: float) -> float:
    extinction = math.log(20.0) / visibility_m
    share = (math.sqrt(linear**2 + 4.0 * square * extinction) - linear) / (2.0 * square)
    return 100.0 * min(1.0, share)
