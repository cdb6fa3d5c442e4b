"""Numbers as messages carry them: steps of a unit within a range, with a value for "not available".

Steps, ranges and special values are those of the data elements of T/CSAE 53-2020 (YD/T 3709-2020), as public
tables of its fields have them (docs/v2x-messages.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

from drivegen.core.errors import V2xError

_T = TypeVar("_T")
_DEGREE = 180.0 / math.pi
STANDARD_GRAVITY_MPS2 = 9.80665
"""Of which vertical acceleration is counted in fiftieths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How one quantity is counted."""

    field: str
    """Its name in the messages of this package; the last part is its unit."""
    per_unit: float
    """Steps in one unit."""
    least: int
    most: int
    none: int | None = None
    """Says that the value is not available."""
    clamps: bool = False
    """The outermost steps mean "so much or more"; else what lies beyond is refused."""

    def raw(self, value: float | None) -> int:
        """Steps of a value, the nearest (to even between two). Raises V2xError when it is out of range."""
        if value is None:
            if self.none is None:
                raise V2xError(f"{self.field}: none, but it must be said")
            return self.none
        if math.isfinite(value):
            steps = round(value * self.per_unit)
            if self.least <= steps <= self.most:
                return steps
            if self.clamps:
                return self.least if steps < self.least else self.most
        low, high = sorted((self.least / self.per_unit, self.most / self.per_unit))
        raise V2xError(f"{self.field}: {value:.10g} is not within {low:.10g} .. {high:.10g}")

    def value(self, raw: int) -> float | None:
        """The inverse of `raw`; steps that are reserved are taken as not available."""
        if raw == self.none or not self.least <= raw <= self.most:
            return None
        return raw / self.per_unit

    def given(self, raw: int) -> float:
        """As `value` of a quantity that is always available. Raises V2xError for a reserved step."""
        value = self.value(raw)
        if value is None:
            raise V2xError(f"{self.field}: {raw} stands for no value")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """How a direction is counted, clockwise from north; any number of turns is taken off."""

    field: str
    turn: int
    """Steps in a full turn; that number itself says that it is not available."""

    def raw(self, value_rad: float | None) -> int:
        """Steps of a direction. Raises V2xError when it is no number."""
        if value_rad is None:
            return self.turn
        if not math.isfinite(value_rad):
            raise V2xError(f"{self.field}: {value_rad} is not within 0 .. {2.0 * math.pi:.10g}")
        return round(value_rad / (2.0 * math.pi) * self.turn) % self.turn

    def value(self, raw: int) -> float | None:
        """Radians, 0 up to a full turn."""
        return raw * (2.0 * math.pi) / self.turn if 0 <= raw < self.turn else None


LATITUDE = Scale(field="latitude_deg", per_unit=1e7, least=-900000000, most=900000000, none=900000001)
LONGITUDE = Scale(field="longitude_deg", per_unit=1e7, least=-1799999999, most=1800000000, none=1800000001)
ELEVATION = Scale(field="elevation_m", per_unit=10.0, least=-4095, most=61439, none=-4096)
SECOND = Scale(field="second_s", per_unit=1000.0, least=0, most=60999, none=65535)
"""Within the minute; a leap second reaches beyond 60."""
SPEED = Scale(field="speed_mps", per_unit=50.0, least=0, most=8190, none=8191)
HEADING = Bearing(field="heading_rad", turn=28800)
ROUGH_HEADING = Bearing(field="heading_rad", turn=240)
WHEEL = Scale(field="wheel_rad", per_unit=-_DEGREE / 1.5, least=-126, most=126, none=127, clamps=True)
"""The wire counts to the right."""
ALONG = Scale(field="forward_mps2", per_unit=100.0, least=-2000, most=2000, none=2001, clamps=True)
ACROSS = Scale(field="left_mps2", per_unit=-100.0, least=-2000, most=2000, none=2001, clamps=True)
"""The wire counts to the right."""
UPWARDS = Scale(
    field="up_mps2", per_unit=-50.0 / STANDARD_GRAVITY_MPS2, least=-126, most=127, none=-127, clamps=True
)
"""The wire counts downwards."""
YAW_RATE = Scale(field="yaw_rate_radps", per_unit=-100.0 * _DEGREE, least=-32767, most=32767)
"""The wire counts clockwise."""
WIDTH = Scale(field="width_m", per_unit=100.0, least=1, most=1023, none=0)
LENGTH = Scale(field="length_m", per_unit=100.0, least=1, most=4095, none=0)
HEIGHT = Scale(field="height_m", per_unit=20.0, least=1, most=127, none=0)
LANE_WIDTH = Scale(field="width_m", per_unit=100.0, least=0, most=32767)
RADIUS = Scale(field="radius_m", per_unit=10.0, least=0, most=65535)
ELLIPSE = Scale(field="ellipse_m", per_unit=20.0, least=0, most=254, none=255, clamps=True)
ELLIPSE_BEARING = Bearing(field="ellipse_rad", turn=65535)
CONFIDENCE = Scale(field="confidence", per_unit=200.0, least=0, most=200)
TRACKED = Scale(field="tracked_s", per_unit=100.0, least=1, most=65534, none=65535, clamps=True)
COUNTDOWN = Scale(field="left_s", per_unit=10.0, least=0, most=36000, none=36001, clamps=True)
MINUTE_OF_YEAR = Scale(field="minute_of_year", per_unit=1.0, least=0, most=527039, none=527040)


def whole(field: str, value: int, least: int, most: int) -> int:
    """The number itself. Raises V2xError when it is out of range."""
    if not least <= value <= most:
        raise V2xError(f"{field}: {value} is not within {least} .. {most}")
    return value


def identity(field: str, value: bytes) -> bytes:
    """The eight bytes themselves. Raises V2xError when there are more or fewer."""
    if len(value) != 8:
        raise V2xError(f"{field}: {len(value)} bytes, not 8")
    return value


def listed(field: str, values: tuple[_T, ...], least: int, most: int) -> tuple[_T, ...]:
    """The values themselves. Raises V2xError when there are too many or too few."""
    if not least <= len(values) <= most:
        raise V2xError(f"{field}: {len(values)} entries, not {least} .. {most}")
    return values


def text(field: str, value: str, most: int) -> str:
    """The text itself. Raises V2xError when it is empty, too long, or not ASCII."""
    if not 1 <= len(value) <= most:
        raise V2xError(f"{field}: {len(value)} characters, not 1 .. {most}")
    if not value.isascii():
        raise V2xError(f"{field}: {value!r} has characters outside ASCII")
    return value
