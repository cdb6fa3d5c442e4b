"""What procedural looks understand of weather and time, and what each means in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen_generators.appearance.light import DAYLIGHT_K


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """What is in the air."""

    visibility_m: tuple[float, float]
    """Meteorological optical range, from and to."""
    layer_m: float
    """Height at which it has thinned to 1 / e."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """What a weather is made of."""

    air: Air | None = None
    overcast: bool = False
    """Clouds cover the sky: no sun, no shadows."""
    rain_mmph: tuple[float, float] | None = None
    snow_mmph: tuple[float, float] | None = None
    """Of melted water."""
    exposed: float = 1.0
    """White in it over white in the light of the capture, as a camera's exposure leaves it."""


WEATHERS: dict[str, Sky] = {
    "clear": Sky(),
    "haze": Sky(air=Air(visibility_m=(1000.0, 3000.0), layer_m=1000.0)),
    "fog": Sky(air=Air(visibility_m=(60.0, 250.0), layer_m=120.0)),
    "overcast": Sky(overcast=True, exposed=0.8),
    "rain": Sky(overcast=True, rain_mmph=(8.0, 40.0), exposed=0.68),
    "snow": Sky(overcast=True, snow_mmph=(0.8, 2.5), exposed=0.82),
}
"""Fog is less than 1 km of sight, as WMO has it (International Cloud Atlas), here so little that a street
shows it, and shallow; haze fills the mixed air below the clouds. Rain of 8 mm/h is moderate to heavy, 40
violent in showers (WMO-No. 8: heavy from 10 mm/h, violent from 50)."""
FALL_LAYER_M = 1500.0
"""Rain and snow fill the air up to their clouds."""
DEFAULT_LAYER_M = 120.0
"""Where `visibility_m` is given in clear weather."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """How a time of day differs from the light that the images were taken in."""

    light_ev: float = 0.0
    """Light on surfaces, after the exposure time was lengthened as far as it goes; powers of two."""
    gain_ev: float = 0.0
    """What the camera amplifies."""
    sky_ev: float = 0.0
    """The sky beside surfaces."""
    temperature_k: float = DAYLIGHT_K
    exposure_s: float = 1.0 / 250.0
    """Of what falls through the picture."""


LIGHTINGS = {
    "day": Lighting(),
    "dusk": Lighting(light_ev=-3.0, gain_ev=1.6, sky_ev=-0.4, temperature_k=9500.0, exposure_s=1.0 / 100.0),
    "night": Lighting(light_ev=-6.0, gain_ev=3.9, sky_ev=-2.5, temperature_k=4000.0, exposure_s=1.0 / 60.0),
}
"""Dusk under a blue sky, night under lamps. Chosen by eye; only their parts have sources."""
NIGHT_WHITE_LX = 26.0
"""Illuminance at which white is just white in a picture of the night."""
