"""The sun over one local day at one place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drivegen.core.errors import ConfigError
from drivegen_generators.weather.sun import SunPosition, sun_position


@dataclass(frozen=True, slots=True, kw_only=True)
class Daylight:
    """A day, a place, and a clock."""

    year: int
    day_of_year: int
    latitude_deg: float
    longitude_deg: float
    utc_offset_h: float

    @staticmethod
    def of(
        year: int,
        day_of_year: int,
        latitude_deg: float,
        longitude_deg: float,
        *,
        utc_offset_h: float | None = None,
    ) -> Daylight:
        """A day at a place; the clock is that of the longitude's zone where no offset is given."""
        offset = round(longitude_deg / 15.0) if utc_offset_h is None else utc_offset_h
        return Daylight(
            year=year,
            day_of_year=day_of_year,
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            utc_offset_h=float(offset),
        )

    def sun(self, hour: float) -> SunPosition:
        """At a local hour; below 0 and above 24 of the days before and after."""
        midnight = datetime(self.year, 1, 1, tzinfo=UTC) + timedelta(days=self.day_of_year - 1)
        moment = midnight + timedelta(hours=hour - self.utc_offset_h)
        return sun_position(moment, self.latitude_deg, self.longitude_deg)

    def hour_at(self, altitude_deg: float, *, morning: bool, what: str) -> float:
        """Local hour, 0..24, at which the sun stands so high; by bisection between noon and midnight.

        Raises:
            ConfigError: It never does; the message begins with `what`.
        """
        noon = 12.0 + self.utc_offset_h - self.longitude_deg / 15.0
        low, high = (noon - 12.0, noon) if morning else (noon + 12.0, noon)
        if not self.sun(low).altitude_deg <= altitude_deg <= self.sun(high).altitude_deg:
            raise ConfigError(
                f"{what}: the sun is never {altitude_deg:.1f} degrees high there on that "
                "day; choose another day, place or preset"
            )
        for _ in range(40):
            middle = (low + high) / 2
            if self.sun(middle).altitude_deg <= altitude_deg:
                low = middle
            else:
                high = middle
        return low % 24.0


def checked(name: str, value: float, low: float, high: float) -> float:
    """The value. Raises ConfigError unless it is a number from low to high."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ConfigError(f"weather {name} is {value!r}; a number is wanted")
    if not low <= value <= high:
        raise ConfigError(f"weather {name} is {value}; it must lie in {low}..{high}")
    return value
