"""Time of day, weather and the state of the road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drivegen.scenario.model.element import Element
from drivegen.scenario.model.entities import BoundingBox, File, Properties
from drivegen.scenario.model.names import CloudState, FractionalCloudCover, PrecipitationType, Wetness


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfDay(Element):
    """Date and time, and whether they go on with the simulation."""

    animation: bool
    date_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun(Element):
    """Azimuth (rad, from north, clockwise), elevation (rad) and illuminance (lx)."""

    azimuth: float
    elevation: float
    illuminance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fog(Element):
    """How far one sees, metres."""

    visual_range: float
    bounding_box: BoundingBox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Precipitation(Element):
    """What falls, and how much: mm/h, or 0 to 1 (`intensity`) in files of 1.0."""

    precipitation_type: PrecipitationType
    precipitation_intensity: float | None = None
    intensity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind(Element):
    """Where the wind blows to (rad, from x, to the left) and how fast (m/s)."""

    direction: float
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DomeImage(Element):
    """A picture of the sky."""

    azimuth_offset: float = 0.0
    dome_file: File


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather(Element):
    """The weather; what is missing stays as it is. Pressure in Pa, temperature in K."""

    cloud_state: CloudState | None = None
    fractional_cloud_cover: FractionalCloudCover | None = None
    atmospheric_pressure: float | None = None
    temperature: float | None = None
    sun: Sun | None = None
    fog: Fog | None = None
    precipitation: Precipitation | None = None
    wind: Wind | None = None
    dome_image: DomeImage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadCondition(Element):
    """How the road grips (1 is as usual), and how wet it is."""

    friction_scale_factor: float
    wetness: Wetness | None = None
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Element):
    """An environment; what is missing stays as it is."""

    name: str
    time_of_day: TimeOfDay | None = None
    weather: Weather | None = None
    road_condition: RoadCondition | None = None
