"""Latitude and longitude of places on a map, and back.

Maps are plane: x east, y north (OpenDRIVE), and say by a PROJ string how the plane lies on WGS 84. What is
said on the air lies where the map lies on the Earth: north is y. (A capture's GNSS channels hold what CARLA's
receiver said, and that has the sphere for the Earth and grows latitude against y; see docs/v2x-messages.md.)
"""

from __future__ import annotations

import cmath
import math
import re
from dataclasses import dataclass, field

import numpy as np

from drivegen.core.errors import V2xError
from drivegen.core.geometry import Vec3
from drivegen.v2x.parts import GeoPosition

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1.0 / 298.257223563
"""WGS 84."""
ZONE_LATITUDE_DEG = 39.795
ZONE_LONGITUDE_DEG = 116.506
"""Where maps without a geoReference are taken to lie: the demonstration zone."""

_PARAMETER = re.compile(r"\+(\w+)(?:=(\S+))?")
_N = FLATTENING / (2.0 - FLATTENING)
_E = math.sqrt(FLATTENING * (2.0 - FLATTENING))
_RECTIFYING_M = SEMI_MAJOR_M / (1.0 + _N) * (1.0 + _N**2 / 4.0 + _N**4 / 64.0)
_ALPHA = (
    _N / 2.0 - 2.0 * _N**2 / 3.0 + 5.0 * _N**3 / 16.0 + 41.0 * _N**4 / 180.0,
    13.0 * _N**2 / 48.0 - 3.0 * _N**3 / 5.0 + 557.0 * _N**4 / 1440.0,
    61.0 * _N**3 / 240.0 - 103.0 * _N**4 / 140.0,
    49561.0 * _N**4 / 161280.0,
)
_BETA = (
    _N / 2.0 - 2.0 * _N**2 / 3.0 + 37.0 * _N**3 / 96.0 - _N**4 / 360.0,
    _N**2 / 48.0 + _N**3 / 15.0 - 437.0 * _N**4 / 1440.0,
    17.0 * _N**3 / 480.0 - 37.0 * _N**4 / 840.0,
    4397.0 * _N**4 / 161280.0,
)
"""Kruger's series to the fourth power of the third flattening (Karney, Transverse Mercator with an accuracy
of a few nanometers, J. Geodesy 85, 2011, equations 35 and 36, cut there): below a micrometre over a city."""


def _meridian_xi(latitude_rad: float) -> float:
    """Rectifying latitude: the northing of a place on the central meridian over the rectifying radius."""
    sine = math.sin(latitude_rad)
    conformal = math.asin(math.tanh(math.atanh(sine) - _E * math.atanh(_E * sine)))
    return conformal + sum(a * math.sin(2.0 * (j + 1) * conformal) for j, a in enumerate(_ALPHA))


@dataclass(frozen=True, slots=True, kw_only=True)
class MapProjection:
    """A transverse Mercator projection of WGS 84."""

    latitude_deg: float = ZONE_LATITUDE_DEG
    """Of the origin."""
    longitude_deg: float = ZONE_LONGITUDE_DEG
    scale: float = 1.0
    """On the central meridian."""
    false_east_m: float = 0.0
    false_north_m: float = 0.0
    _origin_xi: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_origin_xi", _meridian_xi(math.radians(self.latitude_deg)))

    @staticmethod
    def parse(proj: str) -> MapProjection:
        """From a map's geoReference.

        Knows +proj=tmerc, +proj=utm, and an origin alone (as CARLA's towns have it); a string without an
        origin gives the demonstration zone. Raises V2xError for other projections.
        """
        found: dict[str, str] = dict(_PARAMETER.findall(proj))
        if found.get("proj") == "utm" and "zone" in found:
            south = 10_000_000.0 if "south" in found else 0.0
            return MapProjection(
                latitude_deg=0.0,
                longitude_deg=6.0 * int(found["zone"]) - 183.0,
                scale=0.9996,
                false_east_m=500_000.0,
                false_north_m=south,
            )
        if "lat_0" not in found or "lon_0" not in found:
            return MapProjection()
        if found.get("proj", "tmerc") != "tmerc":
            raise V2xError(
                f"geoReference {proj!r}: projection {found['proj']} is not known here; "
                "write the map with +proj=tmerc or +proj=utm"
            )
        return MapProjection(
            latitude_deg=float(found["lat_0"]),
            longitude_deg=float(found["lon_0"]),
            scale=float(found.get("k", found.get("k_0", "1"))),
            false_east_m=float(found.get("x_0", "0")),
            false_north_m=float(found.get("y_0", "0")),
        )

    def locate(self, position_m: Vec3) -> GeoPosition:
        """Where a position of the world frame lies on the Earth; z is the height above the ellipsoid."""
        reach = _RECTIFYING_M * self.scale
        xi = (float(position_m[1]) - self.false_north_m) / reach + self._origin_xi
        eta = (float(position_m[0]) - self.false_east_m) / reach
        zeta = complex(xi, eta)
        zeta -= sum(b * cmath.sin(2 * j * zeta) for j, b in enumerate(_BETA, start=1))
        xi_0, eta_0 = zeta.real, zeta.imag
        conformal = math.asin(math.sin(xi_0) / math.cosh(eta_0))
        isometric = math.atanh(math.sin(conformal))
        sine = math.sin(conformal)
        for _ in range(6):  # converges by a factor of e^2 (0.0067) a turn
            sine = math.tanh(isometric + _E * math.atanh(_E * sine))
        longitude = self.longitude_deg + math.degrees(math.atan2(math.sinh(eta_0), math.cos(xi_0)))
        return GeoPosition(
            latitude_deg=math.degrees(math.asin(sine)),
            longitude_deg=(longitude + 180.0) % 360.0 - 180.0,
            elevation_m=float(position_m[2]),
        )

    def place(self, where: GeoPosition) -> Vec3:
        """The inverse of `locate`; an unknown elevation is taken as 0."""
        latitude = math.radians(where.latitude_deg)
        turn = math.radians((where.longitude_deg - self.longitude_deg + 180.0) % 360.0 - 180.0)
        sine = math.sin(latitude)
        tau = math.sinh(math.atanh(sine) - _E * math.atanh(_E * sine))
        xi_0 = math.atan2(tau, math.cos(turn))
        eta_0 = math.asinh(math.sin(turn) / math.hypot(tau, math.cos(turn)))
        zeta = complex(xi_0, eta_0)
        zeta += sum(a * cmath.sin(2 * j * zeta) for j, a in enumerate(_ALPHA, start=1))
        xi, eta = zeta.real, zeta.imag
        reach = _RECTIFYING_M * self.scale
        return np.array(
            [
                reach * eta + self.false_east_m,
                reach * (xi - self._origin_xi) + self.false_north_m,
                where.elevation_m or 0.0,
            ]
        )

    def _convergence_rad(self, where: GeoPosition) -> float:
        """By how much the map's y lies clockwise of true north (spherical; 1e-6 rad within 10 km)."""
        turn = math.radians(where.longitude_deg - self.longitude_deg)
        return math.atan(math.tan(turn) * math.sin(math.radians(where.latitude_deg)))

    def heading_rad(self, yaw_rad: float, where: GeoPosition) -> float:
        """Clockwise from true north, of a direction in the world frame; 0 up to a full turn."""
        return (math.pi / 2.0 - yaw_rad + self._convergence_rad(where)) % (2.0 * math.pi)

    def yaw_rad(self, heading_rad: float, where: GeoPosition) -> float:
        """The inverse of `heading_rad`, within half a turn either way."""
        yaw = math.pi / 2.0 - heading_rad + self._convergence_rad(where)
        return math.remainder(yaw, 2.0 * math.pi)
