import math

import carla
import numpy as np
import pytest

from drivegen.core.handedness import FLIP_Y
from drivegen.embedded.sensors.geolocation import GeoReference
from tests.unit.embedded.sensors.room import measure_one, moment, sensor

YIZHUANG = "+proj=tmerc +lat_0=39.795 +lon_0=116.506 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"

ROAD = """<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="4" name="a">{}</header>
<road name="r" length="100" id="1" junction="-1">
<planView><geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry></planView>
<lanes><laneSection s="0"><center><lane id="0" type="none" level="false"/></center><right>
<lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
</right></laneSection></lanes></road></OpenDRIVE>"""


@pytest.mark.parametrize(
    "proj",
    [
        YIZHUANG,
        "+lat_0=49 +lon_0=8",
        "+proj=tmerc +lat_0=-33.5e0 +lon_0=-70.25 +k=0.9 +x_0=100 +y_0=200",
        "+proj=utm +zone=50 +datum=WGS84",
        "",
    ],
)
def test_places_are_those_of_carlas_client(proj):
    reference = f"<geoReference><![CDATA[{proj}]]></geoReference>" if proj else ""
    client = carla.Map("m", ROAD.format(reference))
    ours = GeoReference.parse(proj)
    rng = np.random.default_rng(5)
    for position in (np.zeros(3), *rng.uniform(-9000.0, 9000.0, (40, 3))):
        # carla.Location holds float32.
        left = np.float32(position * FLIP_Y).astype(np.float64)
        theirs = client.transform_to_geolocation(carla.Location(*left))
        latitude, longitude, altitude = ours.locate(left * FLIP_Y)
        assert latitude == pytest.approx(theirs.latitude, abs=1e-10)
        assert longitude == pytest.approx(theirs.longitude, abs=1e-10)
        assert altitude == pytest.approx(theirs.altitude, abs=1e-6)


def test_a_kilometre_by_hand():
    # 1000 m / (0.9996 * 6378137 m) = 1.5684830e-4 rad = 0.0089867475 deg along the meridian,
    # and 1 / cos(60 deg) = 2 times as much longitude at 60 degrees north.
    degrees = math.degrees(1000.0 / (0.9996 * 6378137.0))
    assert degrees == pytest.approx(0.0089867475, abs=1e-9)
    reference = GeoReference(latitude_deg=60.0, longitude_deg=10.0, altitude_m=5.0)
    # drivegen's +y is CARLA's -y, towards which CARLA 0.9.16's latitude falls.
    assert reference.locate(np.array([0.0, 1000.0, 2.0])) == pytest.approx(
        (60.0 - degrees, 10.0, 7.0), abs=1e-12
    )
    latitude, longitude, _ = reference.locate(np.array([1000.0, 0.0, 0.0]))
    assert longitude == pytest.approx(10.0 + 2 * degrees, abs=1e-8)
    assert latitude == pytest.approx(60.0, abs=2e-6)


def test_a_fix_is_at_the_sensor():
    reference = GeoReference.parse(YIZHUANG)
    pose = np.eye(4)
    pose[:3, 3] = [120.0, -45.0, 31.5]
    fix = measure_one(sensor("sensor.other.gnss"), moment(geo_reference=reference), world_sensor=pose)
    assert (fix.latitude_deg, fix.longitude_deg, fix.altitude_m) == reference.locate(pose[:3, 3])


def test_bias_and_noise_are_as_asked():
    gnss = sensor(
        "sensor.other.gnss",
        noise_lat_bias=1e-4,
        noise_lat_stddev=2e-5,
        noise_lon_bias=-3e-4,
        noise_lon_stddev=1e-5,
        noise_alt_bias=2.0,
        noise_alt_stddev=0.5,
        noise_seed=9,
    )
    fixes = [gnss.measure(np.eye(4), GeoReference()) for _ in range(4000)]
    error = np.array([(f.latitude_deg - 42.0, f.longitude_deg - 2.0, f.altitude_m) for f in fixes])
    bias, stddev = np.array([1e-4, -3e-4, 2.0]), np.array([2e-5, 1e-5, 0.5])
    assert np.all(np.abs(error.mean(axis=0) - bias) < 4.5 * stddev / math.sqrt(4000))
    np.testing.assert_allclose(error.std(axis=0), stddev, rtol=0.06)


def test_a_seed_repeats():
    def fixes(seed, noise_seed):
        gnss = sensor("sensor.other.gnss", seed, noise_lat_stddev=1.0, noise_seed=noise_seed)
        return [gnss.measure(np.eye(4), GeoReference()).latitude_deg for _ in range(3)]

    assert fixes(1, 2) == fixes(1, 2)
    assert fixes(1, 2) != fixes(1, 3)
    assert fixes(1, 2) == fixes(7, 2), "a noise_seed stands alone"
    assert fixes(1, 0) == fixes(1, 0) != fixes(7, 0), "without one the world's seed counts"
