"""Latitude and longitude of the map frame, for formats that want them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

EARTH_RADIUS_M = 6_378_137.0
"""WGS 84, equatorial; the sphere of KITTI's and CARLA's Mercator scale."""

_LATITUDE = re.compile(r"\+lat_0=([-+0-9.eE]+)")
_LONGITUDE = re.compile(r"\+lon_0=([-+0-9.eE]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoOrigin:
    """Where the map frame's zero lies."""

    latitude_deg: float
    longitude_deg: float

    @staticmethod
    def of(geo_reference: str) -> GeoOrigin:
        """From a PROJ string; (0, 0) where it does not tell, as CARLA has it."""
        latitude = _LATITUDE.search(geo_reference)
        longitude = _LONGITUDE.search(geo_reference)
        return GeoOrigin(
            latitude_deg=float(latitude[1]) if latitude else 0.0,
            longitude_deg=float(longitude[1]) if longitude else 0.0,
        )

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Latitude and longitude in degrees: Mercator's projection of the sphere, true at the origin.

        Snyder, "Map Projections - A Working Manual" (1987), equations 7-1 to 7-4; it is what CARLA's own
        receiver has, and the inverse of what KITTI's raw data kit does with a scale of cos(latitude).
        """
        scale_m = math.cos(math.radians(self.latitude_deg)) * EARTH_RADIUS_M
        start = math.log(math.tan(math.pi / 4 + math.radians(self.latitude_deg) / 2))
        latitude = 2 * math.atan(math.exp(start + y_m / scale_m)) - math.pi / 2
        return math.degrees(latitude), self.longitude_deg + math.degrees(x_m / scale_m)
