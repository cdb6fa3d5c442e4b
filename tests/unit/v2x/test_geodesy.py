"""Where maps lie on the Earth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.errors import V2xError
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.v2x.geodesy import FLATTENING, SEMI_MAJOR_M, MapProjection
from drivegen.v2x.parts import GeoPosition

ZONE = "+proj=tmerc +lat_0=39.795 +lon_0=116.506 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


@pytest.mark.parametrize(
    ("proj", "xyz_m", "latitude_deg", "longitude_deg"),
    [
        # Worked out with PROJ.
        (ZONE, (0.0, 0.0, 0.0), 39.795, 116.506),
        (ZONE, (1000.0, 0.0, 5.0), 39.79499941266, 116.51767560442),
        (ZONE, (-20000.0, 30000.0, 0.0), 40.06495205491, 116.27156895908),
        ("+proj=utm +zone=50 +datum=WGS84", (457700.0, 4405000.0, 0.0), 39.79390656546, 116.50593324193),
        ("+lat_0=49 +lon_0=8", (300.0, -200.0, 0.0), 48.99820152322, 8.00409979290),
        (
            "+proj=tmerc +lat_0=-33 +lon_0=151 +k=0.9996 +x_0=500 +y_0=100",
            (0.0, 0.0, 0.0),
            -33.00090192303,
            150.99464753384,
        ),
    ],
)
def test_places_are_those_of_proj(
    proj: str, xyz_m: tuple[float, float, float], latitude_deg: float, longitude_deg: float
) -> None:
    where = MapProjection.parse(proj).locate(np.array(xyz_m))
    assert where.latitude_deg == pytest.approx(latitude_deg, abs=1e-10)
    assert where.longitude_deg == pytest.approx(longitude_deg, abs=1e-10)
    assert where.elevation_m == xyz_m[2]


@pytest.mark.parametrize("proj", [ZONE, "", "+proj=utm +zone=50", "+lat_0=-40 +lon_0=179.99"])
def test_there_and_back(proj: str) -> None:
    projection = MapProjection.parse(proj)
    middle = np.array([500_000.0, 4_400_000.0, 0.0]) if "utm" in proj else np.zeros(3)
    for east, north in ((0.0, 0.0), (12.5, -3.0), (-800.0, 900.0), (15000.0, 15000.0)):
        at = middle + np.array([east, north, 12.0])
        assert projection.place(projection.locate(at)) == pytest.approx(at, abs=1e-6)


def test_x_is_east_and_y_is_north() -> None:
    projection = MapProjection.parse(ZONE)
    origin, east, north = (
        projection.locate(np.array(p)) for p in ((0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (0.0, 100.0, 0.0))
    )
    assert east.longitude_deg > origin.longitude_deg
    assert east.latitude_deg == pytest.approx(origin.latitude_deg, abs=1e-7)
    assert north.latitude_deg > origin.latitude_deg
    # Radii of curvature of the ellipsoid.
    e2 = FLATTENING * (2.0 - FLATTENING)
    sine = math.sin(math.radians(39.795))
    meridian = SEMI_MAJOR_M * (1.0 - e2) / (1.0 - e2 * sine**2) ** 1.5
    assert math.radians(north.latitude_deg - origin.latitude_deg) * meridian == pytest.approx(100.0, abs=1e-3)


def test_headings_are_those_between_places() -> None:
    """A step along a yaw leads to the place that its heading says, also far from the central meridian."""
    projection = MapProjection.parse(ZONE)
    at = np.array([9000.0, 9000.0, 0.0])
    here = projection.locate(at)
    for yaw in (-3.0, -1.0, 0.0, 0.7, 2.5):
        there = projection.locate(at + np.array([math.cos(yaw), math.sin(yaw), 0.0]))
        e2 = FLATTENING * (2.0 - FLATTENING)
        sine = math.sin(math.radians(here.latitude_deg))
        across = SEMI_MAJOR_M / math.sqrt(1.0 - e2 * sine**2)
        along = across * (1.0 - e2) / (1.0 - e2 * sine**2)
        north = math.radians(there.latitude_deg - here.latitude_deg) * along
        east = math.radians(there.longitude_deg - here.longitude_deg) * across * math.sqrt(1.0 - sine**2)
        heading = projection.heading_rad(yaw, here)
        assert math.remainder(math.atan2(east, north) - heading, 2.0 * math.pi) == pytest.approx(
            0.0, abs=5e-6
        )
        assert projection.yaw_rad(heading, here) == pytest.approx(yaw, abs=1e-12)


def test_headings_are_clockwise_from_north() -> None:
    projection = MapProjection.parse(ZONE)
    origin = GeoPosition(latitude_deg=39.795, longitude_deg=116.506)
    assert projection.heading_rad(0.0, origin) == pytest.approx(math.pi / 2.0), "along x: east"
    assert projection.heading_rad(math.pi / 2.0, origin) == pytest.approx(0.0), "along y: north"
    assert projection.heading_rad(-math.pi / 2.0, origin) == pytest.approx(math.pi)


def test_a_captures_gnss_is_carlas_and_mirrored() -> None:
    """The document says so: CARLA's receiver grows latitude against y, on a sphere, at UTM's scale."""
    carla, ours = GeoReference.parse(ZONE), MapProjection.parse(ZONE)
    latitude, longitude, _ = carla.locate(np.array([200.0, -100.0, 0.0]))
    mirrored = ours.locate(np.array([200.0, 100.0, 0.0]))
    assert latitude == pytest.approx(mirrored.latitude_deg, abs=1e-5)
    assert longitude == pytest.approx(mirrored.longitude_deg, abs=2e-5)


def test_other_projections_are_refused() -> None:
    with pytest.raises(V2xError, match="projection merc is not known here"):
        MapProjection.parse("+proj=merc +lat_0=1 +lon_0=2")
