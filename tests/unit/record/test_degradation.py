"""Weather in LiDARs against the formulas of the papers that it is taken from."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from drivegen.core.degradation import Degradation
from drivegen.core.geometry import Box, Pose
from drivegen.core.weather import Weather
from drivegen.embedded.renderer.light import light_of
from drivegen.record.degradation import dust, fog, particles, rain, snow, spray
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.reflectance import film_transmission, intensity_of, wet_reflectance


def test_contrast_at_the_visibility_is_five_per_cent():
    for visibility in (30.0, 200.0, 1000.0):
        assert math.exp(-fog.extinction_per_m(visibility) * visibility) == pytest.approx(0.05)
    assert fog.extinction_per_m(0.0) == fog.extinction_per_m(math.inf) == 0.0
    # Fog sends back three times as much of what it takes away as its share of dust's: 65 sr against 40 sr.
    assert fog.extinction_per_m(80.0) / fog.backscatter_per_m_sr(80.0) == pytest.approx(65.1, abs=0.1)
    assert fog.extinction_per_m(80.0) / dust.backscatter_per_m_sr(80.0) == pytest.approx(40.0)


@pytest.mark.parametrize("range_m", [2.0, 4.5, 20.0])
def test_the_echo_of_fog_is_the_papers_integral(range_m):
    alpha, beta, tau, c = 0.06, 9.2e-4, fog.PULSE_HALF_WIDTH_S, fog.LIGHT_MPS

    def term(t):
        r = range_m - c * t / 2.0
        seen = min(max((r - fog.OVERLAP_FROM_M) / (fog.OVERLAP_FULL_M - fog.OVERLAP_FROM_M), 0.0), 1.0)
        return math.sin(math.pi * t / (2.0 * tau)) ** 2 * math.exp(-2.0 * alpha * r) * seen / r**2

    wanted = math.pi * beta * quad(term, 0.0, 2.0 * tau, limit=200)[0] * c / 2.0
    assert fog.soft_power(np.array([range_m]), alpha, beta)[0] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize("rate", [2.0, 25.0])
def test_drops_are_those_of_marshall_and_palmer(rate):
    drops = rain.drops(rate)

    def number(d):
        return 8000.0 * math.exp(-4.1 * rate**-0.21 * d)

    above = quad(number, 1.5, 60.0)[0]
    assert drops.number_above(np.array([1.5]))[0] == pytest.approx(above, rel=1e-6)
    # Twice the cross section of all drops in a cubic metre; and the power law that the text states.
    cross = quad(lambda d: 2.0 * math.pi / 4.0 * d**2 * number(d), 0.0, 60.0)[0] * 1e-6
    assert drops.extinction_per_m == pytest.approx(cross, rel=1e-6)
    assert drops.extinction_per_m == pytest.approx(3.6e-4 * rate**0.63, rel=0.02)


def test_flakes_hold_the_water_that_gunn_and_marshalls_drops_hold():
    flakes = snow.flakes(1.5)
    melted = quad(lambda d: d**3 * 3800.0 * 1.5**-0.87 * math.exp(-2.55 * 1.5**-0.48 * d), 0.0, 80.0)[0]
    n0, slope = flakes.intercept_per_m3_mm, flakes.slope_per_mm
    water = snow.FLAKE_DENSITY * quad(lambda d: d**3 * n0 * math.exp(-slope * d), 0.0, 200.0)[0]
    assert water == pytest.approx(melted, rel=1e-6)
    # Meteorological visibility in snow of 1.5 mm/h is some hundred metres (Rasmussen et al. 1999).
    assert 200.0 < math.log(20.0) / flakes.extinction_per_m < 1500.0


def test_found_drops_are_those_of_a_plain_monte_carlo():
    # Every drop is drawn and weighed, as LISA does.
    drops, theta, floor, end = rain.drops(40.0), 1e-3, 0.003, 8.0
    table = particles.finds(drops, 0.004, theta, 1e-9, floor)
    rng = np.random.default_rng(4)
    beams, smallest = 400_000, 0.5
    volume = math.pi / 12.0 * theta**2 * end**3
    count = rng.poisson(drops.number_above(np.array([smallest]))[0] * volume, beams)
    r = end * rng.random(count.sum()) ** (1.0 / 3.0)
    diameter = smallest + rng.exponential(1.0 / drops.slope_per_mm, count.sum())
    filled = np.minimum(diameter * 1e-3 / (theta * r), 1.0) ** 2
    seen = rain.REFLECTANCE * filled * np.exp(-2.0 * 0.004 * r) * fog.overlap(r)
    found = (seen >= floor).sum() / beams
    wanted = table.expected[round(end / particles.STEP_M)]
    needed = table.least_mm[table.least_mm > 0.0].min()
    assert needed > smallest, "the brute force would miss small drops"
    assert wanted > 0.002
    assert found == pytest.approx(wanted, rel=0.12)


def test_wet_ground_is_darker_and_mirrors_flat_light_away():
    np.testing.assert_allclose(wet_reflectance(np.array([0.0, 1.0])), [0.0, 1.0])
    assert wet_reflectance(np.array([0.2]))[0] == pytest.approx(0.2 / (1.33**2 * 0.8 + 0.2))
    through = film_transmission(np.array([1.0, 0.5, 0.1]))
    assert through[0] == pytest.approx((1.0 - ((0.33) / 2.33) ** 2) ** 2, rel=1e-6)
    assert through[0] > through[1] > through[2] > 0.0


def test_intensity_is_a_bytes_scale():
    shown = intensity_of(np.array([0.0, 0.1, 1.0, 10.0, 100.0, 1000.0], np.float32)) * 255.0
    np.testing.assert_allclose(shown, [0.0, 10.0, 100.0, 177.5, 255.0, 255.0], atol=1e-3)


def test_fog_in_points_is_the_fog_in_pictures():
    weather = Weather(fog_density=45.0, fog_distance_m=10.0)
    air = Atmosphere.of(weather, Degradation())
    assert air.fog_extinction_per_m == pytest.approx(light_of(weather).fog_per_m)
    storm, calm = Weather(dust_storm=60.0), Weather()
    drawn = light_of(storm).haze_per_m - light_of(calm).haze_per_m
    assert Atmosphere.of(storm, Degradation()).dust_extinction_per_m == pytest.approx(drawn)


def test_the_weather_in_physical_units():
    weather = Weather(precipitation=40.0, wetness=50.0, precipitation_deposits=80.0, dust_storm=100.0)
    air = Atmosphere.of(weather, Degradation(snow_mmph=0.5))
    assert air.rain_mmph == pytest.approx(20.0)
    assert air.snow_mmph == 0.5
    assert air.wetness == pytest.approx(0.8)
    assert air.film_mm == pytest.approx(0.8)
    assert air.dust_visibility_m == pytest.approx(math.log(20.0) / 0.018)
    assert air.fog_visibility_m == 0.0
    assert Atmosphere.of(weather, Degradation(spray=False)).film_mm == 0.0
    assert Atmosphere.of(weather, Degradation(fog_visibility_m=70.0)).fog_visibility_m == 70.0
    assert Atmosphere.of(Weather(), Degradation()) == Atmosphere()


CAR = Box(pose=Pose.from_xyz_rpy(20.0, 0.0, 0.75, yaw_rad=0.0), size_m=np.array([4.5, 1.8, 1.5]))


def test_spray_hangs_behind_a_fast_vehicle_on_a_wet_road():
    assert spray.cloud_of(CAR, 25.0, 0.0) is None
    assert spray.cloud_of(CAR, 3.0, 1.0) is None
    slow, fast = spray.cloud_of(CAR, 12.0, 1.0), spray.cloud_of(CAR, 24.0, 1.0)
    assert slow is not None
    assert fast is not None
    assert fast.extinction_per_m == pytest.approx(4.0 * slow.extinction_per_m)
    assert fast.box.size_m[0] == pytest.approx(2.0 * slow.box.size_m[0])
    # From the rear bumper backwards, on the ground.
    corners = fast.box.corners_m()
    assert corners[:, 0].max() == pytest.approx(20.0 - 2.25)
    assert corners[:, 2].min() == pytest.approx(0.0, abs=1e-9)


def test_beams_cross_spray_where_its_box_is():
    cloud = spray.cloud_of(CAR, 20.0, 1.0)
    assert cloud is not None
    azimuth = np.linspace(-0.3, 0.3, 61)
    directions = np.stack([np.cos(azimuth), np.sin(azimuth), 0.0 * azimuth], 1).astype(np.float32)
    path = spray.paths([cloud], Pose.from_xyz_rpy(0.0, 0.0, 0.6), directions, 5)
    assert path is not None
    middle = 30
    length = cloud.box.size_m[0]
    assert path.enter_m[middle] == pytest.approx(20.0 - 2.25 - length, abs=1e-4)
    assert path.leave_m[middle] == pytest.approx(20.0 - 2.25, abs=1e-4)
    met = np.isfinite(path.enter_m)
    assert met[middle]
    assert not met[0]
    assert not met[-1]
    assert spray.paths([], Pose.identity(), directions, 5) is None
    # Patches have mean 1: over many seeds the middle of the cloud has its own extinction there.
    mean = np.mean(
        [
            spray.paths([cloud], Pose.from_xyz_rpy(0.0, 0.0, 0.6), directions, s).extinction_per_m[middle]
            for s in range(600)
        ]
    )
    assert mean == pytest.approx(cloud.extinction_per_m * math.exp(-spray.FALL_OFF / 2.0), rel=0.2)
