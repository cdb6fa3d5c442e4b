"""Light of a weather: sun, sky, ambient light, haze, fog, wetness, exposure."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from drivegen.core.weather import Weather
from drivegen.embedded.renderer.atmosphere import sun_transmittance
from drivegen.embedded.renderer.sky import (
    NIGHT_GLOW,
    NIGHT_SKY,
    Sky,
    clear_table,
    coarse_directions,
    radiance,
    solid_angles,
)

Rgb = Float64[np.ndarray, "3"]

TEXELS = 64
"""Side of the coarse map that the sky's light is summed over."""
SUN_IRRADIANCE = 20.0
"""Of the sun above the atmosphere; the unit of light is arbitrary, exposure takes it out again."""
GROUND_ALBEDO = np.array([0.16, 0.155, 0.15])
MIDDLE_GREY = 0.23
"""Exposed light of a horizontal surface of albedo 0.18 at noon."""
NOON_IRRADIANCE = 16.0
ADAPTATION = ((3.0, 0.9), (150.0, 0.5), (math.inf, 0.18))
"""Exposure follows the light with these exponents, up to where noon is so many times as bright: below 1, so
that dusk is darker than day and night darker than dusk."""
BRIGHT_EV = 12.0
"""EV100 at NOON_IRRADIANCE: the upper of CARLA's limits, where its own noons come to lie."""
NOON_EXPOSURE = MIDDLE_GREY / (0.18 * NOON_IRRADIANCE / math.pi)
AMBIENT_COLOUR = 0.42
"""Share of the sky's colour that is left in ambient light: streets are lit by walls and ground as well."""
WHITE_BALANCE = 0.5
"""Share of the light's colour that a camera's automatic white balance takes out."""
WALLS = 0.22
"""Light from walls around, in units of the ground's."""
STREET_GLOW = np.array([0.0024, 0.0019, 0.0014])
"""Ambient light at night that lamps send by way of walls and ground."""
LAMPS_BELOW_RAD = math.radians(6.0)
"""The sun's altitude below which lamps are seen to light the street."""
FOG_HEIGHT_M = 20.0
"""Height at which fog of falloff 1 has thinned to 1 / e. After CARLA's Python reference, which puts falloff 1
at the height of usual buildings, and 5 at the ground."""
TALLEST_FOG_M = 1000.0
DUST_HEIGHT_M = 500.0
"""Of the layer that dust fills."""
DUST_COLOUR = np.array([1.0, 0.78, 0.52])
HAZE_COLOUR = np.array([1.0, 0.93, 0.82])
"""Of light scattered by loess dust, and by less of it."""
LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Light:
    """All that a weather says to the shaders; light is linear and not yet exposed."""

    to_sun: Float64[np.ndarray, "3"]
    """World, unit."""
    sun: Rgb
    """Irradiance of a surface that faces the sun, divided by pi."""
    sky: Sky
    sky_scale: float
    """No direction's light is greater but next to the sun's disk."""
    ambient: Float64[np.ndarray, "4 3"]
    """Irradiance / pi = a0 + a1 n.x + a2 n.y + a3 n.z."""
    horizon: Rgb
    zenith: Rgb
    bounce: Rgb
    """Radiance of the ground."""
    haze: Rgb
    haze_sun: Rgb
    """What haze towards a low sun has more."""
    haze_per_m: float
    fog_per_m: float
    """On the ground."""
    fog_start_m: float
    fog_falloff_per_m: float
    """Fog thins with exp(-height * falloff)."""
    exposure: float
    ev: float
    """EV100 of a picture that is exposed for this light."""
    wetness: float
    puddles: float
    rain: float
    wind: float
    scatter: float
    """How much fog spreads the light of lamps and of a low sun, 1 as usual."""
    night: float
    """0 by day, 1 at night: lamps and windows."""

    @property
    def has_sun(self) -> bool:
        """Whether the sun casts shadows worth drawing."""
        return float(self.sun.max()) * self.exposure > 0.01

    @property
    def has_fog(self) -> bool:
        """Whether anything is to be seen of fog."""
        return self.fog_per_m > 0.0

    @property
    def is_wet(self) -> bool:
        """Whether the ground shines with water."""
        return self.wetness > 0.0 or self.puddles > 0.0


def light_of(weather: Weather) -> Light:
    """The light of a weather; the same weather gives the same light."""
    return _light_of(weather)


@lru_cache(maxsize=8)
def _light_of(weather: Weather) -> Light:
    altitude = math.radians(float(np.clip(weather.sun_altitude_deg, -90.0, 90.0)))
    azimuth = math.radians(weather.sun_azimuth_deg)
    to_sun = np.array(
        [math.sin(azimuth) * math.cos(altitude), math.cos(azimuth) * math.cos(altitude), math.sin(altitude)]
    )
    cloud, fog, dust = (_share(v) for v in (weather.cloudiness, weather.fog_density, weather.dust_storm))
    rain = _share(weather.precipitation)
    mie = 2.2 * _ratio(weather.mie_scattering_scale, 0.03) + 10.0 * dust
    # Not scattering_intensity: it is of CARLA's volumetric fog alone, and the client's constructor sets 0.
    rayleigh = _ratio(weather.rayleigh_scattering_scale, 0.0331)

    beam = SUN_IRRADIANCE * sun_transmittance(altitude, rayleigh, mie)
    if dust > 0.0:
        # Dust swallows blue light first, then the rest.
        beam = beam * DUST_COLOUR ** (1.5 * dust)
    directions, weight = coarse_directions(TEXELS), solid_angles(TEXELS)
    sky = _sky(to_sun, clear_table(altitude, rayleigh, mie, SUN_IRRADIANCE), beam, cloud, rain)
    depth = _fog_per_m(fog) * min(FOG_HEIGHT_M / max(weather.fog_falloff, 1e-3), TALLEST_FOG_M)
    dusty = _dust_per_m(dust) * DUST_HEIGHT_M
    # Clouds hide the disk by and by; under a closed cover there is no shadow. What dust takes from the sun it
    # mostly sends on the same way.
    veil = (1.0 - _smooth(0.35, 0.95, cloud)) * math.exp(-(depth + 0.35 * dusty) / max(to_sun[2], 0.15))
    if depth + dusty > 0.0:
        plain = radiance(sky, directions)
        mean = float(LUMA @ (plain * weight[..., None]).sum((0, 1)) / weight.sum())
        tone = HAZE_COLOUR + (DUST_COLOUR - HAZE_COLOUR) * min(1.0, 1.6 * dust)
        tone = (tone * dusty + depth) / (dusty + depth)
        sky = dataclasses.replace(sky, mist=depth + dusty, mist_light=mean * tone / float(LUMA @ tone))
    return _assembled(weather, to_sun, beam * veil, sky)


def _sky(to_sun: Rgb, table: np.ndarray, beam: Rgb, cloud: float, rain: float) -> Sky:
    """The sky without mist."""
    level = beam * max(float(to_sun[2]), 0.08)
    mean = table.astype(np.float64).mean((0, 1))
    grey = (0.30 * level / math.pi + 0.55 * mean) * (1.0 - 0.45 * rain)
    return Sky(
        table=table,
        to_sun=to_sun,
        cover=cloud if cloud > 0.005 else 0.0,
        closed=_smooth(0.6, 0.98, cloud),
        sunlit=1.5 * beam * max(float(to_sun[2]), 0.10) ** 0.5 / math.pi * 0.62 + 0.55 * mean,
        shaded=(0.26 * level / math.pi + 0.62 * mean) * (1.0 - 0.35 * rain),
        grey=float(LUMA @ grey) * np.array([0.97, 1.0, 1.05]),
        night=NIGHT_SKY * 1.0,
        glow=NIGHT_GLOW * (1.0 + cloud),
        mist=0.0,
        mist_light=np.zeros(3),
    )


def _fog_per_m(fog: float) -> float:
    """Extinction on the ground: 3.912 / visual range (Koschmieder), which is 30 m at 100 per cent."""
    return 0.13 * fog * fog + 0.004 * fog


def _dust_per_m(dust: float) -> float:
    return 0.018 * dust * (0.3 + 0.7 * dust)


def _assembled(weather: Weather, to_sun: Rgb, sun: Rgb, sky: Sky) -> Light:
    directions, weight = coarse_directions(TEXELS), solid_angles(TEXELS)
    level = float(max(to_sun[2], 0.0))
    light = radiance(sky, directions)
    # A camera's white balance follows the light on the ground part of the way.
    on_ground = (light * (directions[..., 2] * weight)[..., None]).sum((0, 1)) + sun * level
    gain = (float(LUMA @ on_ground) / np.maximum(on_ground, 1e-9)) ** WHITE_BALANCE
    sun, sky, light, on_ground = sun * gain, sky.scaled(gain), light * gain, on_ground * gain
    bounce = GROUND_ALBEDO * on_ground / math.pi
    low, high = directions[..., 2] < 0.2, directions[..., 2] > 0.8
    horizon = (light[low] * weight[low][:, None]).sum(0) / weight[low].sum()
    zenith = (light[high] * weight[high][:, None]).sum(0) / weight[high].sum()
    brightness = float(LUMA @ on_ground)
    fog, dust, rain = (_share(v) for v in (weather.fog_density, weather.dust_storm, weather.precipitation))
    towards = radiance(sky, _low_sun(to_sun)) - horizon
    night = float(np.clip((LAMPS_BELOW_RAD - math.asin(to_sun[2])) / math.radians(9.0), 0.0, 1.0))
    # CARLA has it for its fog alone.
    scatter = float(np.clip(weather.scattering_intensity, 0.0, 2.0)) if fog > 0.0 else 1.0
    return Light(
        to_sun=to_sun,
        sun=sun / math.pi,
        sky=sky,
        sky_scale=max(float(np.quantile(light.max(-1), 0.995)) * 1.15, 1e-4),
        ambient=_ambient(light, directions, weight, bounce, STREET_GLOW * night),
        horizon=horizon,
        zenith=zenith,
        bounce=bounce,
        haze=horizon * (0.9 if fog < 0.05 else 1.0),
        haze_sun=np.maximum(towards, 0.0) * 0.45 * scatter,
        haze_per_m=0.0007 + 0.0020 * rain + _dust_per_m(dust),
        fog_per_m=_fog_per_m(fog),
        fog_start_m=max(weather.fog_distance_m, 0.0),
        fog_falloff_per_m=max(weather.fog_falloff, 0.0) / FOG_HEIGHT_M,
        exposure=_exposure(brightness),
        ev=BRIGHT_EV + math.log2(max(brightness, 1e-6) / NOON_IRRADIANCE),
        wetness=max(_share(weather.wetness), 0.9 * _smooth(0.0, 0.3, rain)),
        puddles=_share(weather.precipitation_deposits),
        rain=rain,
        wind=_share(weather.wind_intensity),
        scatter=scatter,
        night=night,
    )


def _low_sun(to_sun: Rgb) -> Float64[np.ndarray, "1 3"]:
    """The direction right above the horizon under the sun."""
    flat = to_sun[:2] / max(float(np.hypot(*to_sun[:2])), 1e-9)
    return np.array([[*(flat * 0.999), 0.045]])


def _exposure(irradiance: float) -> float:
    ratio = NOON_IRRADIANCE / max(irradiance, 1e-6)
    gain, start = 1.0, 1.0
    for end, exponent in ADAPTATION:
        gain *= (min(ratio, end) / start) ** exponent
        if ratio <= end:
            break
        start = end
    return NOON_EXPOSURE * gain


def _share(percent: float) -> float:
    return float(np.clip(percent / 100.0, 0.0, 1.0))


def _ratio(value: float, usual: float) -> float:
    return float(np.clip(value / usual, 0.0, 10.0))


def _smooth(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def _ambient(
    sky: np.ndarray, directions: np.ndarray, weight: np.ndarray, bounce: Rgb, lamps: Rgb
) -> Float64[np.ndarray, "4 3"]:
    """Irradiance / pi by the first two bands of spherical harmonics (Ramamoorthi and Hanrahan 2001).

    The lower half of the sphere has the ground's radiance.
    """
    # A street is lit by its walls as well, which send up about as much as the ground.
    mean = (sky * weight[..., None]).sum((0, 1)) / (4 * math.pi) + bounce * (0.5 + WALLS) + lamps
    first = np.einsum("ijc,ijk,ij->kc", sky, directions, weight) / (4 * math.pi)
    first[2] -= bounce / 4
    # Projected on the cosine lobe: factors 1 and 2/3, the basis' own norm gives another 3.
    out = np.concatenate([mean[None], 2.0 * first])
    grey = (out @ LUMA)[:, None]
    return grey + (out - grey) * AMBIENT_COLOUR
