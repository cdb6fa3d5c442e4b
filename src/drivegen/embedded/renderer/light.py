"""Light of a weather: sun, sky texture, ambient light, haze, wetness, exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64, UInt8

from drivegen.core.rng import derive_rng
from drivegen.core.weather import Weather
from drivegen.embedded.renderer.atmosphere import clear_sky, sun_transmittance

Rgb = Float64[np.ndarray, "3"]

SKY_TEXELS = 512
SUN_IRRADIANCE = 20.0
"""Of the sun above the atmosphere; the unit of light is arbitrary, exposure takes it out again."""
NIGHT_SKY = np.array([0.006, 0.009, 0.018])
"""Radiance of a city's night sky at the zenith: moon, stars, street light scattered back."""
NIGHT_GLOW = np.array([0.022, 0.016, 0.013])
"""More of it near the horizon, from lamps."""
GROUND_ALBEDO = np.array([0.16, 0.155, 0.15])
MIDDLE_GREY = 0.23
"""Exposed light of a horizontal surface of albedo 0.18 at noon."""
NOON_IRRADIANCE = 16.0
ADAPTATION, DARK_ADAPTATION, DARK_RATIO = 0.92, 0.3, 25.0
"""Exponents with which exposure follows the light, the second where noon is more than DARK_RATIO times as
bright: below 1, so that dusk is darker than day and night darker than dusk."""
BRIGHT_EV = 12.0
"""EV100 at NOON_IRRADIANCE: the upper of CARLA's limits, where its own noons come to lie."""
NOON_EXPOSURE = MIDDLE_GREY / (0.18 * NOON_IRRADIANCE / math.pi)
AMBIENT_COLOUR = 0.42
"""Share of the sky's colour that is left in ambient light: streets are lit by walls and ground as well."""
WHITE_BALANCE = 0.55
"""Share of the light's colour that a camera's automatic white balance takes out."""
LAMPS_BELOW_RAD = math.radians(6.0)
"""The sun's altitude below which lamps are seen to light the street."""
LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Light:
    """All that a weather says to the shaders; light is linear and not yet exposed."""

    to_sun: Float64[np.ndarray, "3"]
    """World, unit."""
    sun: Rgb
    """Irradiance of a surface that faces the sun, divided by pi."""
    sky: UInt8[np.ndarray, "texels texels 3"]
    """Octahedral map of the upper half: radiance = sky_scale * (value / 255)^2."""
    sky_scale: float
    ambient: Float64[np.ndarray, "4 3"]
    """Irradiance / pi = a0 + a1 n.x + a2 n.y + a3 n.z."""
    horizon: Rgb
    zenith: Rgb
    bounce: Rgb
    """Radiance of the ground."""
    haze: Rgb
    haze_per_m: float
    fog_per_m: float
    fog_start_m: float
    exposure: float
    ev: float
    """EV100 of a picture that is exposed for this light."""
    wetness: float
    puddles: float
    night: float
    """0 by day, 1 at night: lamps and windows."""

    @property
    def has_sun(self) -> bool:
        """Whether the sun casts shadows worth drawing."""
        return float(self.sun.max()) * self.exposure > 0.01


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
    mie = 2.2 * _ratio(weather.mie_scattering_scale, 0.03) + 14.0 * dust
    rayleigh = _ratio(weather.rayleigh_scattering_scale, 0.0331)
    night = float(np.clip((LAMPS_BELOW_RAD - altitude) / math.radians(9.0), 0.0, 1.0))

    # Clouds hide the disk by and by; under a closed cover there is no shadow.
    veil = (
        (1.0 - 0.97 * _smooth(0.35, 0.95, cloud)) * (1.0 - 0.97 * min(1.0, 2.0 * fog)) * (1.0 - 0.75 * dust)
    )
    beam = SUN_IRRADIANCE * sun_transmittance(altitude, rayleigh, mie)
    sun = beam * veil
    directions = _directions()
    clear = SUN_IRRADIANCE * _clear_map(directions, to_sun, altitude, rayleigh, mie)
    sky = _clouded(directions, clear, to_sun, beam, cloud, rain)
    sky += NIGHT_SKY + NIGHT_GLOW * np.exp(-5.0 * directions[..., 2:]) * (1.0 + cloud)
    mist = max(fog, 0.8 * dust)
    if mist > 0.0:
        sky = _misted(directions, sky, mist, np.array([1.0, 0.82, 0.6]) if dust > fog else np.ones(3))
    return _assembled(weather, to_sun, sun, sky, directions, night, rain)


def _assembled(
    weather: Weather,
    to_sun: Rgb,
    sun: Rgb,
    sky: np.ndarray,
    directions: np.ndarray,
    night: float,
    rain: float,
) -> Light:
    weight = _solid_angles(directions)
    level = float(max(to_sun[2], 0.0))
    sun, sky = _balanced(sun, sky, directions, weight, level)
    on_ground = (sky * (directions[..., 2] * weight)[..., None]).sum((0, 1)) + sun * level
    bounce = GROUND_ALBEDO * on_ground / math.pi
    ambient = _ambient(sky, directions, weight, bounce)
    low = directions[..., 2] < 0.2
    horizon = (sky[low] * weight[low][:, None]).sum(0) / weight[low].sum()
    high = directions[..., 2] > 0.8
    zenith = (sky[high] * weight[high][:, None]).sum(0) / weight[high].sum()
    scale = float(np.quantile(sky.max(-1), 0.998)) * 1.05
    brightness = float(LUMA @ on_ground)
    fog = _share(weather.fog_density)
    dust = _share(weather.dust_storm)
    return Light(
        to_sun=to_sun,
        sun=sun / math.pi,
        sky=np.rint(np.sqrt(np.clip(sky / scale, 0.0, 1.0)) * 255.0).astype(np.uint8),
        sky_scale=scale,
        ambient=ambient,
        horizon=horizon,
        zenith=zenith,
        bounce=bounce,
        haze=horizon * (0.9 if fog < 0.05 else 1.0),
        haze_per_m=0.0008 + 0.0016 * rain + 0.02 * dust,
        # 3.912 / visual range (Koschmieder): 30 m at 100 per cent.
        fog_per_m=0.13 * fog * fog + 0.004 * fog,
        fog_start_m=max(weather.fog_distance_m, 0.0),
        exposure=_exposure(brightness),
        ev=BRIGHT_EV + math.log2(max(brightness, 1e-6) / NOON_IRRADIANCE),
        wetness=max(_share(weather.wetness), 0.9 * _smooth(0.0, 0.3, rain)),
        puddles=_share(weather.precipitation_deposits),
        night=night,
    )


def _balanced(
    sun: Rgb, sky: np.ndarray, directions: np.ndarray, weight: np.ndarray, level: float
) -> tuple[Rgb, np.ndarray]:
    """Light as a camera sees it whose white balance follows the light on the ground part of the way."""
    total = (sky * (directions[..., 2] * weight)[..., None]).sum((0, 1)) + sun * level
    gain = (float(LUMA @ total) / np.maximum(total, 1e-9)) ** WHITE_BALANCE
    return sun * gain, sky * gain


def _exposure(irradiance: float) -> float:
    ratio = NOON_IRRADIANCE / max(irradiance, 1e-6)
    gain = min(ratio, DARK_RATIO) ** ADAPTATION * max(ratio / DARK_RATIO, 1.0) ** DARK_ADAPTATION
    return NOON_EXPOSURE * gain


def _share(percent: float) -> float:
    return float(np.clip(percent / 100.0, 0.0, 1.0))


def _ratio(value: float, usual: float) -> float:
    return float(np.clip(value / usual, 0.0, 10.0))


def _smooth(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@lru_cache(maxsize=1)
def _directions() -> Float64[np.ndarray, "texels texels 3"]:
    """Direction of each texel of the octahedral map of the upper half (Cigolle et al. 2014)."""
    c = (np.arange(SKY_TEXELS) + 0.5) / SKY_TEXELS * 2.0 - 1.0
    a, b = np.meshgrid(c, c, indexing="xy")
    d = np.stack([(a + b) / 2.0, (a - b) / 2.0, np.zeros_like(a)], -1)
    d[..., 2] = 1.0 - np.abs(d[..., 0]) - np.abs(d[..., 1])
    return d / np.linalg.norm(d, axis=-1, keepdims=True)


@lru_cache(maxsize=1)
def _cached_solid_angles() -> np.ndarray:
    d = _directions()
    # A texel of the octahedron's faces seen from the middle: proportional to 1 / distance^3.
    weight = (np.abs(d).sum(-1)) ** 3
    return weight * (2.0 * math.pi / weight.sum())


def _solid_angles(_: np.ndarray) -> np.ndarray:
    return _cached_solid_angles()


def _clear_map(
    directions: np.ndarray, to_sun: Rgb, altitude: float, rayleigh: float, mie: float
) -> np.ndarray:
    """The clear sky of `clear_sky` on the texels, from a coarse table of elevation and azimuth."""
    rows, columns = 40, 33
    elevation = np.linspace(0.0, 1.0, rows) ** 2 * (math.pi / 2)
    azimuth = np.linspace(0.0, 1.0, columns) ** 1.5 * math.pi
    table = clear_sky(elevation, azimuth, altitude, rayleigh, mie)
    el = np.arcsin(np.clip(directions[..., 2], 0.0, 1.0))
    flat = directions[..., :2]
    heading = to_sun[:2] / max(float(np.hypot(*to_sun[:2])), 1e-9)
    cosine = (flat @ heading) / np.maximum(np.linalg.norm(flat, axis=-1), 1e-9)
    az = np.arccos(np.clip(cosine, -1.0, 1.0))
    i = np.sqrt(el / (math.pi / 2)) * (rows - 1)
    j = (az / math.pi) ** (1.0 / 1.5) * (columns - 1)
    i0, j0 = np.minimum(i.astype(int), rows - 2), np.minimum(j.astype(int), columns - 2)
    fi, fj = (i - i0)[..., None], (j - j0)[..., None]
    top = table[i0, j0] * (1 - fj) + table[i0, j0 + 1] * fj
    bottom = table[i0 + 1, j0] * (1 - fj) + table[i0 + 1, j0 + 1] * fj
    return top * (1 - fi) + bottom * fi


@lru_cache(maxsize=1)
def _cloud_noise() -> Float64[np.ndarray, "texels texels"]:
    """Fractal value noise of a flat cloud layer, 0..1, on the texels; always the same clouds."""
    d = _directions()
    rng = derive_rng(0, "sky", "clouds")
    p = d[..., :2] / (d[..., 2:] + 0.18) * 1.9 + 20.0
    total, weight = np.zeros(p.shape[:2]), 0.0
    for octave in range(6):
        lattice = rng.random((64, 64))
        q = p * 2.03**octave + 13.7 * octave
        i = np.floor(q).astype(int)
        f = q - i
        f = f * f * (3.0 - 2.0 * f)
        x, y = i[..., 0] % 64, i[..., 1] % 64
        x1, y1 = (x + 1) % 64, (y + 1) % 64
        low = lattice[x, y] * (1 - f[..., 0]) + lattice[x1, y] * f[..., 0]
        high = lattice[x, y1] * (1 - f[..., 0]) + lattice[x1, y1] * f[..., 0]
        amplitude = 0.55**octave
        total += amplitude * (low * (1 - f[..., 1]) + high * f[..., 1])
        weight += amplitude
    return total / weight


def _clouded(
    directions: np.ndarray, clear: np.ndarray, to_sun: Rgb, beam: Rgb, cloud: float, rain: float
) -> np.ndarray:
    """Clouds before the clear sky; towards 100 per cent a closed grey cover (CIE overcast sky)."""
    if cloud <= 0.005:
        return clear.copy()
    noise = _cloud_noise()
    z = directions[..., 2]
    threshold = 0.66 - 0.5 * cloud
    thick = np.clip((noise - threshold) / 0.16, 0.0, 1.6)
    cover = np.clip(thick, 0.0, 1.0) * np.clip(z / 0.08, 0.0, 1.0) ** 0.5
    weight = _solid_angles(directions)
    mean_sky = (clear * weight[..., None]).sum((0, 1)) / weight.sum()
    beam_level = beam * max(float(to_sun[2]), 0.06)
    towards = np.clip(directions @ to_sun, 0.0, 1.0)
    silver = 0.55 + 0.7 * towards**6
    base = 0.33 * beam_level / math.pi * 2.2 + 0.75 * mean_sky
    lit = base * (silver * (1.25 - 0.55 * np.clip(thick - 0.35, 0.0, 1.0)))[..., None]
    partly = clear * (1 - cover[..., None]) + lit * cover[..., None]
    closed_level = (0.30 * beam_level / math.pi + 0.55 * mean_sky) * (1.0 - 0.45 * rain)
    grey = float(LUMA @ closed_level) * np.array([0.97, 1.0, 1.05])
    pattern = 1.0 + 0.35 * (noise - 0.5)
    closed = grey * (((1.0 + 2.0 * z) / 3.0) * 1.28 * pattern)[..., None]
    share = _smooth(0.6, 0.98, cloud)
    return partly * (1 - share) + closed * share


def _misted(directions: np.ndarray, sky: np.ndarray, mist: float, tone: Rgb) -> np.ndarray:
    """The sky seen through fog or dust: even near the horizon, and higher the denser it is."""
    weight = _solid_angles(directions)
    mean = (sky * weight[..., None]).sum((0, 1)) / weight.sum()
    even = float(LUMA @ mean) * tone
    z = directions[..., 2:]
    share = 1.0 - (1.0 - mist) ** 2 * np.clip(z / (0.05 + mist), 0.0, 1.0)
    share = np.clip(share * min(1.0, mist * 6.0), 0.0, 1.0)
    return sky * (1 - share) + even * share


def _ambient(
    sky: np.ndarray, directions: np.ndarray, weight: np.ndarray, bounce: Rgb
) -> Float64[np.ndarray, "4 3"]:
    """Irradiance / pi by the first two bands of spherical harmonics (Ramamoorthi and Hanrahan 2001).

    The lower half of the sphere has the ground's radiance.
    """
    mean = (sky * weight[..., None]).sum((0, 1)) / (4 * math.pi) + bounce / 2
    first = np.einsum("ijc,ijk,ij->kc", sky, directions, weight) / (4 * math.pi)
    first[2] -= bounce / 4
    # Projected on the cosine lobe: factors 1 and 2/3, the basis' own norm gives another 3.
    out = np.concatenate([mean[None], 2.0 * first])
    grey = (out @ LUMA)[:, None]
    return grey + (out - grey) * AMBIENT_COLOUR
