"""The radar on scenes that are worked out by hand: cells, cross sections, detection, ghosts, weather."""

import math

import numpy as np
import pytest

from drivegen.capture.frame import Echo
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.radar_presets import RADAR_PRESETS
from drivegen.core.sensors import Radar
from drivegen.record.degradation import radio
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.radar_model import (
    FALSE_ALARM,
    REFERENCE_SNR,
    Carrier,
    Hits,
    RadarModel,
    Target,
)
from drivegen.record.radar_rcs import CROSS_SECTIONS, aspect_rad, cross_section_dbsm, silhouette_m2

IDS = np.arange(1, 100, dtype=np.uint32)
SMALL = np.array([0.4, 0.4, 0.4])


def radar(**changes) -> Radar:
    quiet = {"false_alarms": 0.0, "ghosts": False}
    return RADAR_PRESETS["front_near"].radar("R", Pose.identity(), **{**quiet, **changes})


def carrier(velocity_mps=(0.0, 0.0, 0.0)) -> Carrier:
    return Carrier(
        map_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.6),
        velocity_mps=np.array(velocity_mps, dtype=np.float64),
        ground_m=0.0,
        heading=np.array([1.0, 0.0, 0.0]),
        box=Box(pose=Pose.from_xyz_rpy(-2.6, 0.0, 0.75), size_m=np.array([4.8, 1.8, 1.5])),
    )


def target(x_m, y_m=0.0, *, object_id=7, kind=ObjectClass.CAR, size=SMALL, velocity=(0.0, 0.0, 0.0), yaw=0.0):
    return Target(
        object_id=object_id,
        object_class=kind,
        box=Box(pose=Pose.from_xyz_rpy(x_m, y_m, 0.6, yaw_rad=yaw), size_m=np.array(size)),
        velocity_mps=np.array(velocity, dtype=np.float64),
    )


def rays(*points, velocity=0.0):
    """CARLA's rows for rays from (0, 0, 0.6) to points; azimuth is positive to the right."""
    rows = []
    for k, (x, y, z) in enumerate(points):
        r = math.sqrt(x * x + y * y + (z - 0.6) ** 2)
        v = velocity[k] if isinstance(velocity, (list, tuple)) else velocity
        rows.append((v, -math.atan2(y, x), math.asin((z - 0.6) / r), r))
    return np.array(rows, "<f4").tobytes()


def test_a_ray_of_the_cone_stands_for_its_share_of_the_solid_angle():
    made = radar(rays=20_000)
    rng = np.random.default_rng(0)
    sy, sz = math.tan(math.radians(60.0)), math.tan(math.radians(10.0))
    share, turn = rng.random(20_000), 2.0 * math.pi * rng.random(20_000)
    ahead = np.stack([np.ones(20_000), -sy * share * np.cos(turn), sz * share * np.sin(turn)], axis=1)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    weight = RadarModel(made, Atmosphere(), 1).solid_angle(ahead)
    # A window in the middle of the view, and the whole ellipse on the plane by quadrature.
    inside = (np.abs(ahead[:, 1] / ahead[:, 0]) < 0.3) & (np.abs(ahead[:, 2] / ahead[:, 0]) < 0.05)
    y, z = np.meshgrid(np.linspace(-sy, sy, 1201), np.linspace(-sz, sz, 601))
    density = (1.0 + y**2 + z**2) ** -1.5 * (2 * sy / 1200) * (2 * sz / 600)
    whole = density[(y / sy) ** 2 + (z / sz) ** 2 <= 1.0].sum()
    window = density[(np.abs(y) < 0.3) & (np.abs(z) < 0.05)].sum()
    assert weight.sum() == pytest.approx(whole, rel=0.03)
    assert weight[inside].sum() == pytest.approx(window, rel=0.06)


@pytest.mark.parametrize("kind", list(ObjectClass))
def test_every_class_has_a_cross_section_that_turns_with_it(kind):
    section = CROSS_SECTIONS[kind]
    around = np.array([cross_section_dbsm(section, a) for a in np.linspace(-math.pi, math.pi, 361)])
    np.testing.assert_allclose(around, around[::-1], atol=1e-9)
    assert cross_section_dbsm(section, 0.0) == pytest.approx(section.front_dbsm, abs=0.1)
    assert cross_section_dbsm(section, math.pi / 2) == pytest.approx(section.side_dbsm, abs=0.1)
    assert cross_section_dbsm(section, math.pi) == pytest.approx(section.rear_dbsm, abs=0.1)
    if kind not in (ObjectClass.PEDESTRIAN, ObjectClass.CHILD):
        # From a side to the corner it falls all the way.
        falling = [cross_section_dbsm(section, math.radians(a)) for a in range(90, 134, 4)]
        assert falling == sorted(falling, reverse=True)
        assert section.side_dbsm > section.front_dbsm > section.corner_dbsm


def test_bigger_things_are_bigger_for_a_radar():
    order = (ObjectClass.CHILD, ObjectClass.PEDESTRIAN, ObjectClass.BICYCLE, ObjectClass.MOTORCYCLE)
    order = (*order, ObjectClass.CAR, ObjectClass.VAN, ObjectClass.TRUCK)
    means = [cross_section_dbsm(CROSS_SECTIONS[kind], math.pi) for kind in order]
    assert means == sorted(means)


def test_the_side_that_is_seen():
    car = target(20.0, 0.0, size=(4.5, 1.8, 1.5)).box
    assert aspect_rad(car, np.array([60.0, 0.0, 0.6])) == pytest.approx(0.0)
    assert aspect_rad(car, np.array([20.0, 9.0, 0.6])) == pytest.approx(math.pi / 2)
    assert aspect_rad(car, np.zeros(3)) == pytest.approx(math.pi)
    assert silhouette_m2(car, np.array([1000.0, 0.0, 0.6])) == pytest.approx(1.8 * 1.5, rel=0.01)
    assert silhouette_m2(car, np.array([20.0, 1000.0, 0.6])) == pytest.approx(4.5 * 1.5, rel=0.01)


def one(section_m2, range_m) -> Hits:
    value = {name: np.zeros(1) for name in Hits.__slots__}
    value["range_m"], value["section_m2"] = np.array([range_m]), np.array([section_m2])
    value["ground_mps"] = np.array([20.0])
    return Hits(**{**value, "owner": np.zeros(1, int), "echo": np.zeros(1, int)})


def test_the_radar_equation():
    model = RadarModel(radar(), Atmosphere(), 1)
    there = model.radar.reference_range_m
    assert model.snr(one(10.0, there))[0] == pytest.approx(REFERENCE_SNR)
    assert math.log(0.9) * (1.0 + REFERENCE_SNR) == pytest.approx(math.log(FALSE_ALARM))
    assert model.snr(one(10.0, 2.0 * there))[0] == pytest.approx(REFERENCE_SNR / 16.0)
    assert model.snr(one(1.0, there))[0] == pytest.approx(REFERENCE_SNR / 10.0)


@pytest.mark.parametrize("share", [0.8, 1.0, 1.6])
def test_a_fluctuating_target_is_found_as_often_as_swerling_says(share):
    model = RadarModel(radar(), Atmosphere(), 1)
    cell = one(10.0, share * model.radar.reference_range_m)
    rng = np.random.default_rng(5)
    found = np.mean([len(model._detect(cell, rng)[1]) for _ in range(1500)])
    wanted = FALSE_ALARM ** (1.0 / (1.0 + model.snr(cell)[0]))
    assert found == pytest.approx(wanted, abs=0.03)


def test_noise_alone_hardly_ever_gives_a_detection():
    model = RadarModel(radar(), Atmosphere(), 1)
    rng = np.random.default_rng(1)
    assert sum(len(model._detect(one(0.0, 50.0), rng)[1]) for _ in range(3000)) == 0


def test_an_object_gets_its_detections_and_its_velocity():
    model = RadarModel(radar(), Atmosphere(), 1)
    car = target(15.0, 3.0, size=(4.0, 1.8, 1.5), velocity=(-4.0, 0.0, 0.0))
    way = np.array([13.2, 3.0, 0.0]) / math.hypot(13.2, 3.0)
    seen = [(13.2, 3.0 + d, 0.6 + h) for d in (-0.4, 0.0, 0.4) for h in (-0.3, 0.0, 0.3)]
    closing = float(np.array([-14.0, 0.0, 0.0]) @ way)
    found = []
    for frame in range(20):
        scan = model.scan(rays(*seen, velocity=closing), frame, carrier((10.0, 0.0, 0.0)), [car], IDS)
        assert (scan.object_id == 7).all()
        found += list(
            zip(scan.velocity_mps, scan.compensated_mps, scan.range_m, scan.azimuth_rad, strict=True)
        )
    assert len(found) >= 18
    velocity, compensated, range_m, azimuth = np.mean(found, axis=0)
    assert velocity == pytest.approx(closing, abs=0.05)
    assert compensated == pytest.approx(float(np.array([-4.0, 0.0, 0.0]) @ way), abs=0.15)
    assert range_m == pytest.approx(math.hypot(13.2, 3.0), abs=0.2)
    assert azimuth == pytest.approx(math.atan2(3.0, 13.2), abs=0.02)
    nobody = model.scan(rays(*seen, velocity=closing), 0, carrier(), [car], np.zeros(0, np.uint32))
    assert not nobody.object_id.any()
    assert (nobody.echo == Echo.STATIC).all()


def test_what_hides_half_of_an_object_takes_half_of_its_cross_section():
    model = RadarModel(radar(rays=60_000), Atmosphere(), 1)
    car = target(30.0, size=(4.0, 1.8, 1.5))
    rng = np.random.default_rng(2)
    y, z = rng.uniform(-0.9, 0.9, 4000), rng.uniform(-0.1, 1.3, 4000)
    rows = np.frombuffer(rays(*((28.0, a, b) for a, b in zip(y, z, strict=True))), "<f4").reshape(-1, 4)
    whole = 10.0 ** (cross_section_dbsm(CROSS_SECTIONS[ObjectClass.CAR], math.pi) / 10.0)
    outline = 0.7 * silhouette_m2(car.box, carrier().map_sensor.position_m)
    for chosen in (slice(0, 40), slice(0, 80)):
        hits = model.hits(rows[chosen], carrier(), [car])
        assert (hits.owner == 0).all()
        level = np.cos(hits.elevation_rad)
        ahead = (
            level * np.cos(hits.azimuth_rad),
            level * np.sin(hits.azimuth_rad),
            np.sin(hits.elevation_rad),
        )
        seen_m2 = (model.solid_angle(np.stack(ahead, axis=1)) * hits.range_m**2).sum()
        assert 0.02 < seen_m2 / outline < 0.8
        assert hits.section_m2.sum() == pytest.approx(whole * seen_m2 / outline)
    assert model.hits(rows, carrier(), [car]).section_m2.sum() == pytest.approx(whole)


def test_rays_at_the_road_under_an_object_are_the_roads():
    model = RadarModel(radar(), Atmosphere(), 1)
    car = target(15.0, size=(4.0, 1.8, 1.2))
    hits = model.hits(
        np.frombuffer(rays((14.0, 0.0, 0.0), (13.0, 0.0, 0.5)), "<f4").reshape(-1, 4), carrier(), [car]
    )
    assert hits.owner.tolist() == [-1, 0]


def test_near_targets_of_one_velocity_are_one_detection_and_others_are_two():
    model = RadarModel(radar(reference_range_m=200.0, rays=20), Atmosphere(), 1)

    def count(first, second, velocity):
        cars = [target(*first), target(*second, object_id=8)]
        points = ((*first, 0.6), (*second, 0.6))
        scan = model.scan(rays(*points, velocity=velocity), 1, carrier(), cars, IDS)
        return len(scan)

    assert count((20.05, 0.3), (20.15, 0.6), [3.0, 3.0]) == 1
    assert count((20.05, 0.3), (22.05, 0.3), [3.0, 3.0]) == 2
    assert count((20.05, 0.3), (20.15, 0.6), [3.0, 6.0]) == 2
    assert count((20.05, -3.0), (20.15, 3.0), [3.0, 3.0]) == 2


def test_velocities_fold_beyond_the_unambiguous_interval():
    model = RadarModel(radar(max_velocity_mps=20.0, reference_range_m=200.0, rays=20), Atmosphere(), 1)
    scan = model.scan(rays((20.0, 0.3, 0.6), velocity=-25.0), 1, carrier(), [target(20.0, 0.3)], IDS)
    assert scan.velocity_mps[0] == pytest.approx(15.0, abs=0.1)
    assert scan.ambiguity.tolist() == [-1]
    assert scan.compensated_mps[0] == pytest.approx(-25.0, abs=0.1)


def test_weather_weakens_what_is_far():
    clear, wet = RadarModel(radar(), Atmosphere(), 1), RadarModel(radar(), Atmosphere(rain_mmph=30.0), 1)
    there = one(10.0, 80.0)
    loss_db = 2.0 * radio.rain_attenuation(76.5, 30.0) * 0.08
    assert 10.0 * math.log10(clear.snr(there)[0] / wet.snr(there)[0]) == pytest.approx(loss_db, abs=1e-9)
    # What stands still competes with the echo of the drops.
    still = one(10.0, 80.0)
    still.ground_mps[0] = 0.0
    assert wet.snr(still)[0] < wet.snr(there)[0]
    assert wet.rain_power(20.0) > wet.rain_power(60.0) > 0.0


def test_ghosts_are_marked_and_belong_to_nobody():
    model = RadarModel(radar(ghosts=True, reference_range_m=150.0, rays=50), Atmosphere(), 1)
    lorry = target(9.0, 0.3, kind=ObjectClass.TRUCK, velocity=(2.0, 0.0, 0.0))
    wall = [(x, 6.0, 1.0) for x in np.arange(8.0, 30.0, 0.5)]
    points, velocity = [(9.0, 0.3, 0.6), *wall], [2.0, *([0.0] * len(wall))]
    kinds = []
    for frame in range(12):
        scan = model.scan(rays(*points, velocity=velocity), frame, carrier(), [lorry], IDS)
        ghosts = scan.echo == Echo.GHOST
        assert not scan.object_id[ghosts].any()
        kinds += list(
            zip(scan.range_m[ghosts], scan.velocity_mps[ghosts], scan.azimuth_rad[ghosts], strict=True)
        )
    found = np.array(kinds)
    twice = found[np.abs(found[:, 0] - 18.0) < 0.5]
    assert len(twice) > 3
    np.testing.assert_allclose(twice[:, 1], 4.0, atol=0.1)
    # The image lies as far behind the wall as the lorry is before it.
    image = found[np.abs(found[:, 0] - math.hypot(9.0, 11.7)) < 0.5]
    assert len(image) > 3
    np.testing.assert_allclose(image[:, 2], math.atan2(11.7, 9.0), atol=0.05)
    np.testing.assert_allclose(image[:, 1], 2.0 * 9.0 / math.hypot(9.0, 11.7), atol=0.1)


def test_false_alarms_come_as_often_as_asked_and_in_rain_near():
    noisy = RadarModel(radar(false_alarms=3.0), Atmosphere(), 1)
    scans = [noisy.scan(b"", frame, carrier(), [], IDS) for frame in range(200)]
    assert np.mean([len(s) for s in scans]) == pytest.approx(3.0, abs=0.4)
    assert all((s.echo == Echo.NOISE).all() for s in scans)
    rainy = RadarModel(radar(false_alarms=3.0), Atmosphere(rain_mmph=50.0), 1)
    drops = [
        s.range_m[s.echo == Echo.WEATHER]
        for s in (rainy.scan(b"", f, carrier(), [], IDS) for f in range(200))
    ]
    assert len(np.concatenate(drops)) > 20
    assert np.median(np.concatenate(drops)) < 60.0


def test_the_same_seed_gives_the_same_scan():
    points = [(x, y, 0.6) for x in (10.0, 20.0, 40.0) for y in (-5.0, 0.0, 5.0)]

    def content(seed, frame):
        model = RadarModel(RADAR_PRESETS["imaging"].radar("R", Pose.identity()), Atmosphere(), seed)
        scan = model.scan(rays(*points), frame, carrier(), [target(10.0)], IDS)
        return scan.range_m.tobytes() + scan.rcs_dbsm.tobytes()

    assert content(1, 2) == content(1, 2)
    assert content(1, 2) != content(1, 3)
    assert content(1, 2) != content(2, 2)
