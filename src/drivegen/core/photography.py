"""What a camera makes of light beside its lens: exposure, vignetting, sensor noise, soiling of the cover."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drivegen.core.errors import PlanError
from drivegen.core.weather import Weather

OPAQUE_FROM = 160
"""Of a soiling mask: where less than about three eighths of the light is the scene's, nothing counts as
visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoExposure:
    """Exposure follows the light, as CARLA's `exposure_mode=histogram`."""

    compensation_ev: float = 0.0
    """Each step doubles the light."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualExposure:
    """Exposure by hand, as CARLA's `exposure_mode=manual`."""

    shutter_s: float = 1.0 / 200.0
    iso: float = 100.0
    f_number: float = 1.4
    compensation_ev: float = 0.0

    @property
    def ev100(self) -> float:
        """Exposure value at ISO 100 (ISO 2720)."""
        return math.log2(self.f_number**2 / self.shutter_s * 100.0 / self.iso)


Exposure = AutoExposure | ManualExposure


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorNoise:
    """The linear camera model of EMVA Standard 1288 (release 4.0, sections 2 and 3), per colour channel.

    A pixel of linear light L (1 is display white) has collected mu = L full_well 100 / ISO electrons; they
    vary by shot noise (variance mu), dark noise (read_noise^2 + dark_current * exposure time) and the fixed
    patterns PRNU and DSNU, and are counted in whole steps of the converter.
    """

    full_well_e: float = 10000.0
    """Electrons at display white and ISO 100."""
    read_noise_e: float = 4.0
    dark_current_eps: float = 20.0
    """Electrons a second; about doubles every 7 degrees Celsius."""
    dsnu_e: float = 1.0
    """Standard deviation of the dark signal from pixel to pixel, fixed for a camera."""
    prnu: float = 0.008
    """Standard deviation of the gain from pixel to pixel, fixed for a camera."""
    bits: int = 12
    """Of the converter; its full scale is display white."""
    iso: float | None = None
    """Gain; none takes it from a manual exposure, or from the light of the weather under automatic one."""

    def check(self) -> None:
        """Raises PlanError for the first value that cannot be."""
        for name, low, high in (
            ("full_well_e", 100.0, 1e6),
            ("read_noise_e", 0.0, 1000.0),
            ("dark_current_eps", 0.0, 1e6),
            ("dsnu_e", 0.0, 1000.0),
            ("prnu", 0.0, 0.2),
            ("bits", 8, 16),
        ):
            require(f"noise.{name}", getattr(self, name), low, high)
        if self.iso is not None:
            require("noise.iso", self.iso, 1.0, 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soiling:
    """Water drops and dirt on the glass before the lens; what is there is drawn from the plan's seed.

    None of the first two follows the weather: drops its precipitation, dirt its wetness and dust.
    """

    drops: float | None = None
    """0..1: 1 is a cover that stands in heavy rain without a wiper."""
    dirt: float | None = None
    """0..1: 1 hides about a fifth of the image and veils more of it."""
    drop_size_px: float | None = None
    """Median radius; none is 1.6 % of the image's width."""

    def check(self) -> None:
        """Raises PlanError for the first value that cannot be."""
        for name, low, high in (("drops", 0.0, 1.0), ("dirt", 0.0, 1.0), ("drop_size_px", 2.0, 500.0)):
            value = getattr(self, name)
            if value is not None:
                require(f"soiling.{name}", value, low, high)

    def drops_in(self, weather: Weather) -> float:
        """Amount of drops, 0..1."""
        return min(1.0, weather.precipitation / 100.0) if self.drops is None else self.drops

    def dirt_in(self, weather: Weather) -> float:
        """Amount of dirt, 0..1: spray of a wet road, and dust."""
        if self.dirt is not None:
            return self.dirt
        spray = 0.12 * weather.wetness + 0.08 * weather.precipitation_deposits
        return min(1.0, (spray + 0.5 * weather.dust_storm) / 100.0)


def check_exposure(exposure: Exposure) -> None:
    """Raises PlanError for the first value that cannot be."""
    require("exposure.compensation_ev", exposure.compensation_ev, -20.0, 20.0)
    if isinstance(exposure, ManualExposure):
        require("exposure.shutter_s", exposure.shutter_s, 1e-6, 1.0)
        require("exposure.iso", exposure.iso, 1.0, 1e6)
        require("exposure.f_number", exposure.f_number, 0.5, 64.0)


def require(name: str, value: float, low: float, high: float) -> None:
    """Raises PlanError unless low <= value <= high."""
    if not (math.isfinite(value) and low <= value <= high):
        raise PlanError(f"{name} is {value:g}; {low:g} to {high:g} is wanted")


NIGHT_STREET_LUX = 15.0
"""Lit street at night: class C3 of EN 13201-2."""
AUTO_F_NUMBER = 1.8
AUTO_LONGEST_S = 1.0 / 100.0
"""An automatic camera first lengthens its exposure to this, then raises its gain."""
AUTO_MOST_ISO = 6400.0


def illuminance_lux(weather: Weather) -> float:
    """Light on the ground, roughly: daylight after the IESNA Lighting Handbook (9th edition, chapter 8).

    Clear sky: 800 + 15,500 sin^0.5 h from the sky and 128,000 exp(-0.21 / sin h) sin h from the sun; overcast
    300 + 21,000 sin h; clouds lead from the first to the second. Below the horizon it falls to 3.4 lux at -6
    degrees (the end of civil twilight) and ends at lit streets.
    """
    sine = max(0.0, math.sin(math.radians(weather.sun_altitude_deg)))
    clear = 800.0 + 15500.0 * math.sqrt(sine)
    if sine > 0.0:
        clear += 128000.0 * math.exp(-0.21 / sine) * sine
    overcast = 300.0 + 21000.0 * sine
    share = min(1.0, max(weather.cloudiness, weather.fog_density, 0.0) / 100.0)
    light = clear + (overcast - clear) * share
    if weather.sun_altitude_deg < 0.0:
        light *= math.exp(weather.sun_altitude_deg / 1.1)
    return max(light, NIGHT_STREET_LUX)


def gain_and_time(exposure: Exposure, noise: SensorNoise, weather: Weather) -> tuple[float, float]:
    """(ISO, exposure time in s) that noise is computed with.

    Under automatic exposure EV100 = log2(lux / 2.5) (ISO 2720 with C = 250) at f/1.8 gives the time, up to
    1/100 s, and then the gain.
    """
    if isinstance(exposure, ManualExposure):
        return noise.iso or exposure.iso, exposure.shutter_s
    wanted = AUTO_F_NUMBER**2 / (illuminance_lux(weather) / 2.5) * 2.0**exposure.compensation_ev
    time_s = min(wanted, AUTO_LONGEST_S)
    return noise.iso or min(AUTO_MOST_ISO, max(100.0, 100.0 * wanted / AUTO_LONGEST_S)), time_s
