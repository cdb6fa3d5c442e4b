"""CARLA's weather parameters."""

from __future__ import annotations

from dataclasses import astuple, dataclass


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
