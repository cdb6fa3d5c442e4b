"""Where the sun stands: the Astronomical Almanac's low-precision formulas as given by Michalsky.

J. J. Michalsky, "The Astronomical Almanac's algorithm for approximate solar position (1950-2050)", Solar
Energy 40 (1988), 227-235; stated to be good to 0.01 degrees. Without refraction, which lifts the sun by 0.5
degrees at the horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SunPosition:
    """Direction to the sun, degrees."""

    altitude_deg: float
    """Above the horizon; negative at night."""
    azimuth_deg: float
    """Clockwise from north, 0..360."""


def right_ascension_declination(moment: datetime) -> tuple[float, float]:
    """(right ascension 0..360, declination) of the sun in degrees at a moment with a time zone."""
    days = (moment - J2000) / timedelta(days=1)
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = math.radians(357.528 + 0.9856003 * days)
    longitude = math.radians(mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    obliquity = math.radians(23.439 - 0.0000004 * days)
    ascension = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    return math.degrees(ascension) % 360.0, math.degrees(declination)


def sun_position(moment: datetime, latitude_deg: float, longitude_deg: float) -> SunPosition:
    """The sun seen from a place at a moment that has a time zone; longitude is positive to the east."""
    ascension, declination_deg = right_ascension_declination(moment)
    days = (moment - J2000) / timedelta(days=1)
    # Greenwich mean sidereal time in hours (Michalsky, equation 6); its day part runs with UT.
    utc = moment.astimezone(UTC)
    hours = utc.hour + utc.minute / 60.0 + (utc.second + utc.microsecond / 1e6) / 3600.0
    sidereal = 6.697375 + 0.0657098242 * days + hours
    angle = math.radians(sidereal * 15.0 + longitude_deg - ascension)
    latitude, declination = math.radians(latitude_deg), math.radians(declination_deg)
    sine = math.sin(declination) * math.sin(latitude) + math.cos(declination) * math.cos(latitude) * math.cos(
        angle
    )
    east = -math.cos(declination) * math.sin(angle)
    north = math.sin(declination) * math.cos(latitude) - math.cos(declination) * math.sin(
        latitude
    ) * math.cos(angle)
    return SunPosition(
        altitude_deg=math.degrees(math.asin(max(-1.0, min(1.0, sine)))),
        azimuth_deg=math.degrees(math.atan2(east, north)) % 360.0,
    )
