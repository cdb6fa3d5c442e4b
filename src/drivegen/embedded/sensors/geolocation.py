"""Latitude and longitude of places on a map, by the projection of CARLA 0.9.16's client."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from drivegen.core.geometry import Vec3

EARTH_RADIUS_M = 6378137.0
"""Semi-major axis of WGS 84; CARLA takes the Earth for a sphere of it."""

SCALE = 0.9996
"""Scale on the central meridian; CARLA uses UTM's whatever the geoReference says."""

_PARAMETER = r"\+{}\s*=\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoReference:
    """Origin of the map. The default is CARLA's for maps whose geoReference it cannot read."""

    latitude_deg: float = 42.0
    longitude_deg: float = 2.0
    altitude_m: float = 0.0

    @staticmethod
    def parse(proj: str) -> GeoReference:
        """From a map's geoReference, as CARLA reads it: +lat_0 and +lon_0, every other part is ignored.

        Without both of them it is CARLA's default; the client warns of that and goes on.
        """
        latitude = re.search(_PARAMETER.format("lat_0"), proj)
        longitude = re.search(_PARAMETER.format("lon_0"), proj)
        if latitude is None or longitude is None:
            return GeoReference()
        return GeoReference(latitude_deg=float(latitude[1]), longitude_deg=float(longitude[1]))

    def locate(self, position_m: Vec3) -> tuple[float, float, float]:
        """(latitude_deg, longitude_deg, altitude_m) of a position in the right-handed world frame.

        Agrees with `carla.Map.transform_to_geolocation` of 0.9.16, which CARLA's own GNSS sensor uses too:
        the inverse spherical transverse Mercator projection (Snyder, Map Projections: A Working Manual, 1987,
        equations 8-6 and 8-7) applied to CARLA's left-handed x and y without turning y round. So latitude
        grows with CARLA's +y, which is drivegen's -y, although the compass calls CARLA's -y north. Scripts
        written against CARLA 0.9.16 expect both.
        """
        east = float(position_m[0]) / (SCALE * EARTH_RADIUS_M)
        north = -float(position_m[1]) / (SCALE * EARTH_RADIUS_M) + math.radians(self.latitude_deg)
        latitude = math.asin(math.sin(north) / math.cosh(east))
        longitude = math.radians(self.longitude_deg) + math.atan2(math.sinh(east), math.cos(north))
        return (
            math.degrees(latitude),
            math.degrees(longitude),
            float(position_m[2]) + self.altitude_m,
        )
