"""The LiDAR's receiver on scenes that are worked out by hand: what it finds, loses and makes up."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.capture.frame import Clutter
from drivegen.core.geometry import Box, Pose
from drivegen.core.lidar_presets import LIDAR_PRESETS
from drivegen.core.sensors import Lidar
from drivegen.core.tags import Tag
from drivegen.embedded.sensors.attributes import Attributes
from drivegen.embedded.sensors.sweep import ScanPattern, Spinner
from drivegen.record.degradation import fog, rain
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.degradation.spray import Cloud, cloud_of
from drivegen.record.lidar_model import LidarModel, least_power
from drivegen.record.lidar_parts import DETECTION, SUBRAYS, beam_directions, gather, lidar_parts
from drivegen.record.reflectance import REFLECTANCE, paint_reflectance

HERE = Pose.identity()
NOBODY = np.zeros(0, np.uint32)
CAR = 70_007


def spinning(**changes) -> Lidar:
    values = {
        "name": "L",
        "agent_sensor": HERE,
        "channels": 64,
        "upper_fov_deg": 2.0,
        "lower_fov_deg": -2.0,
        "range_m": 200.0,
        "columns": 500,
        "period_s": 0.1,
    }
    return Lidar(**{**values, **changes})


def cylinder(lidar: Lidar, radius_m, *, tag=Tag.BUILDING, cosine=1.0, object_id=0, tick_s=0.1):
    """Measurements of a wall all round, upright to every beam; `radius_m` may differ by subray."""
    parts = {}
    runs = len(lidar.channel_runs)
    for number, (name, part) in enumerate(lidar_parts(lidar, tick_s).items()):
        spinner = Spinner(ScanPattern.read(Attributes(name, part.attributes)))
        sweep = spinner.advance(tick_s)
        distance = radius_m[number // runs] if isinstance(radius_m, list) else radius_m
        rays = sweep.directions.astype(np.float64)
        met = np.isfinite(np.broadcast_to(distance, len(rays)))
        rows = np.zeros(int(met.sum()), DETECTION)
        rows["xyz"] = (rays * np.broadcast_to(np.where(met, distance, 0.0), len(rays))[:, None])[met] * [
            1,
            -1,
            1,
        ]
        rows["cos"], rows["object_id"], rows["tag"] = cosine, object_id, tag
        counts = met.reshape(sweep.pattern.channels, -1).sum(axis=1)
        parts[name] = SimpleNamespace(
            raw_data=rows.tobytes(),
            channels=sweep.pattern.channels,
            get_point_count=lambda k, counts=counts: int(counts[k]),
        )
    return parts


def swept(lidar: Lidar, parts, air=None, frame=0, seed=1, annotated=NOBODY, paint=None, clouds=()):
    model = LidarModel(lidar, air or Atmosphere(), seed)
    return model.sweep(gather(lidar, parts, 0.1), frame, annotated, paint or {}, HERE, clouds)


@pytest.mark.parametrize("name", sorted(LIDAR_PRESETS))
@pytest.mark.parametrize("returns", [1, 2])
def test_carlas_rays_are_the_presets_beams(name, returns):
    lidar = LIDAR_PRESETS[name].lidar("L", HERE, returns=returns, columns=24)
    parts = lidar_parts(lidar, 0.1)
    rays = []
    for part in parts.values():
        spinner = Spinner(ScanPattern.read(Attributes("lidar", part.attributes)))
        first, second = spinner.advance(0.1), spinner.advance(0.1)
        assert first == second, "every tick is a whole sweep"
        rays.append(first.directions @ part.lidar_part.rotation.T)
    subrays = len(SUBRAYS) if returns == 2 else 1
    by_subray = np.concatenate(rays).reshape(subrays, -1, 3)
    middle = by_subray.mean(axis=0)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    np.testing.assert_allclose(middle, beam_directions(lidar), atol=2e-6)
    elevation = np.degrees(np.arcsin(beam_directions(lidar)[:, 2])).reshape(lidar.channels, -1)
    np.testing.assert_allclose(elevation, np.repeat(lidar.elevations_deg[::-1, None], 24, axis=1), atol=1e-4)
    if returns == 2:
        apart = np.degrees(np.linalg.norm(by_subray[0] - by_subray[3], axis=1))
        wanted = math.degrees(lidar.divergence_mrad * 1e-3 / math.sqrt(2.0))
        assert apart.max() == pytest.approx(wanted, rel=0.05)


def test_a_clear_sweep_is_what_came_over_the_wire():
    lidar = spinning()
    parts = cylinder(lidar, 42.0, object_id=CAR, tag=Tag.CAR)
    sweep = swept(lidar, parts, annotated=np.array([CAR], np.uint32))
    wire = np.frombuffer(parts["lidar"].raw_data, DETECTION)["xyz"] * np.array([1, -1, 1], np.float32)
    np.testing.assert_array_equal(sweep.points_m, wire)
    assert np.bincount(sweep.ring).tolist() == [500] * 64
    assert np.all(np.diff(sweep.ring.astype(int)) <= 0), "from the top ring down"
    assert (sweep.object_id == CAR).all()
    assert (swept(lidar, parts).object_id == 0).all(), "not annotated"
    assert sweep.clutter is None
    assert sweep.time_offset_s is None


def test_intensity_goes_with_material_and_cosine_or_with_range():
    lidar = spinning()
    wall = swept(lidar, cylinder(lidar, 30.0, cosine=0.5))
    np.testing.assert_allclose(wall.intensity, 0.5 * REFLECTANCE[Tag.BUILDING] * 100 / 255, rtol=1e-4)
    sign = swept(lidar, cylinder(lidar, 30.0, tag=Tag.TRAFFIC_SIGN))
    assert sign.intensity.min() > 0.6
    dark, bright = (paint_reflectance(c) for c in ((10, 10, 10), (250, 250, 250)))
    car = cylinder(lidar, 30.0, tag=Tag.CAR, object_id=CAR)
    painted = [swept(lidar, car, paint={CAR: p}).intensity[0] for p in (dark, bright)]
    np.testing.assert_allclose(painted, np.array([dark, bright]) * 100 / 255, rtol=1e-4)
    assert painted[1] > 5 * painted[0]
    old = spinning(intensity="carla", atmosphere_attenuation=0.01)
    np.testing.assert_allclose(swept(old, cylinder(old, 30.0)).intensity, math.exp(-0.3), rtol=1e-5)


def test_a_wet_road_is_darker():
    lidar = spinning()
    road = cylinder(lidar, 30.0, tag=Tag.ROAD, cosine=0.1)
    dry, wet = (swept(lidar, road, Atmosphere(wetness=w)).intensity.mean() for w in (0.0, 1.0))
    assert wet < 0.5 * dry
    wall = cylinder(lidar, 30.0, tag=Tag.BUILDING)
    assert swept(lidar, wall, Atmosphere(wetness=1.0)).intensity.mean() == pytest.approx(0.4 * 100 / 255)


def test_nine_of_ten_are_found_at_the_stated_range():
    # A surface of 10 per cent: 0.4 with a cosine of a quarter.
    lidar = spinning(range_at_10_percent_m=120.0, range_m=400.0)
    share = {
        r: len(swept(lidar, cylinder(lidar, r, cosine=0.25))) / (64 * 500)
        for r in (60.0, 120.0, 150.0, 240.0)
    }
    assert share[60.0] == 1.0
    assert share[120.0] == pytest.approx(0.9, abs=0.01)
    # Signal 5.28 at the limit, threshold 4, noise 1: P = Phi(5.28 (120 / r)^2 - 4).
    wanted = 0.5 * math.erfc(-(5.2816 * (120.0 / 150.0) ** 2 - 4.0) / math.sqrt(2.0))
    assert share[150.0] == pytest.approx(wanted, abs=0.01)
    assert share[240.0] < 0.01


def test_noise_has_the_stated_spread_and_stays_on_the_beam():
    lidar = spinning(range_noise_m=0.04, range_at_10_percent_m=120.0)
    sweep = swept(lidar, cylinder(lidar, 120.0, cosine=0.25))
    ranges = np.linalg.norm(sweep.points_m.astype(np.float64), axis=1)
    assert ranges.mean() == pytest.approx(120.0, abs=0.002)
    assert ranges.std() == pytest.approx(0.04, rel=0.03)
    near = swept(lidar, cylinder(lidar, 20.0))
    assert np.linalg.norm(near.points_m.astype(np.float64), axis=1).std() == pytest.approx(0.01, rel=0.03)


@pytest.mark.parametrize("visibility", [60.0, 150.0])
def test_fog_takes_away_what_beer_and_lambert_say(visibility):
    lidar = spinning(range_at_10_percent_m=120.0)
    air = Atmosphere(fog_visibility_m=visibility)
    alpha = fog.extinction_per_m(visibility)
    for r in (10.0, 25.0):
        sweep = swept(lidar, cylinder(lidar, r), air)
        kind = np.zeros(len(sweep), np.uint8) if sweep.clutter is None else sweep.clutter
        walls = sweep.intensity[kind == Clutter.SURFACE]
        np.testing.assert_allclose(walls, 0.4 * math.exp(-2.0 * alpha * r) * 100 / 255, rtol=1e-3)
    # Where a wall's echo has fallen to P_min, nine of ten are found.
    limit = next(
        r for r in np.arange(5.0, 200.0, 0.02) if 0.4 * math.exp(-2 * alpha * r) / r**2 <= least_power(lidar)
    )
    sweep = swept(lidar, cylinder(lidar, limit), air)
    kind = np.zeros(len(sweep), np.uint8) if sweep.clutter is None else sweep.clutter
    assert (kind == Clutter.SURFACE).sum() / (64 * 500) == pytest.approx(0.9, abs=0.02)


def test_thick_fog_is_seen_and_hides():
    lidar = spinning(range_at_10_percent_m=200.0)
    far = swept(lidar, cylinder(lidar, 60.0), Atmosphere(fog_visibility_m=15.0))
    assert far.clutter is not None
    assert (far.clutter == Clutter.FOG).all()
    ranges = np.linalg.norm(far.points_m, axis=1)
    assert 2.0 < np.median(ranges) < 8.0
    assert not far.object_id.any()
    assert not far.tag.any()
    dusty = swept(lidar, cylinder(lidar, 60.0), Atmosphere(dust_visibility_m=15.0))
    assert dusty.clutter is not None
    assert (dusty.clutter == Clutter.DUST).all()
    assert swept(lidar, cylinder(lidar, 60.0), Atmosphere(fog_visibility_m=5000.0)).clutter is None


def test_drops_come_as_often_and_as_far_away_as_they_should():
    # No surface at all: every return is a drop.
    lidar = spinning(range_at_10_percent_m=200.0, divergence_mrad=1.0)
    model = LidarModel(lidar, Atmosphere(rain_mmph=60.0), 3)
    finds = model._weathering.drops
    assert finds is not None
    empty = {"lidar": SimpleNamespace(raw_data=b"", channels=64, get_point_count=lambda k: 0)}
    beams = gather(lidar, empty, 0.1)
    ranges = []
    for frame in range(4):
        sweep = model.sweep(beams, frame, NOBODY, {}, HERE)
        assert sweep.clutter is not None
        assert (sweep.clutter == Clutter.RAIN).all()
        ranges.append(np.linalg.norm(sweep.points_m, axis=1))
    found = np.concatenate(ranges)
    expected = 4 * 64 * 500 * (1.0 - math.exp(-finds.expected[-1]))
    assert expected > 300
    # All but those few that the receiver's noise hides at the limit.
    assert len(found) == pytest.approx(expected, rel=0.12)
    middle = np.interp(finds.expected[-1] / 2.0, finds.expected, np.arange(len(finds.expected)) * 0.1)
    assert np.median(found) == pytest.approx(middle, rel=0.1)
    assert found.min() > fog.OVERLAP_FROM_M


def test_more_snow_gives_more_flakes_and_fewer_far_walls():
    lidar = spinning(range_at_10_percent_m=120.0)
    counts = []
    for rate in (0.2, 1.0, 3.0):
        sweep = swept(lidar, cylinder(lidar, 90.0), Atmosphere(snow_mmph=rate))
        assert sweep.clutter is not None
        counts.append(((sweep.clutter == Clutter.SNOW).sum(), (sweep.clutter == Clutter.SURFACE).sum()))
    assert counts[0][0] < counts[1][0] < counts[2][0]
    assert counts[0][1] > counts[1][1] > counts[2][1]


def test_rain_takes_its_extinction_from_walls():
    lidar = spinning(range_at_10_percent_m=200.0)
    sweep = swept(lidar, cylinder(lidar, 50.0), Atmosphere(rain_mmph=30.0))
    kind = np.zeros(len(sweep), np.uint8) if sweep.clutter is None else sweep.clutter
    wanted = 0.4 * math.exp(-100.0 * rain.drops(30.0).extinction_per_m) * 100 / 255
    np.testing.assert_allclose(sweep.intensity[kind == 0], wanted, rtol=1e-3)


def test_spray_hides_what_is_behind_it():
    lidar = spinning(range_at_10_percent_m=100.0)
    car = Box(pose=Pose.from_xyz_rpy(25.0, 0.0, 0.0), size_m=np.array([4.0, 1.8, 1.5]))
    cloud = cloud_of(car, 25.0, 1.0)
    assert isinstance(cloud, Cloud)
    clear = swept(lidar, cylinder(lidar, 40.0))
    sprayed = swept(lidar, cylinder(lidar, 40.0), Atmosphere(film_mm=1.0), clouds=[cloud])
    assert sprayed.clutter is not None
    drops = sprayed.clutter == Clutter.SPRAY
    ranges = np.linalg.norm(sprayed.points_m, axis=1)
    assert drops.sum() > 30
    assert ranges[drops].min() > 7.9
    assert ranges[drops].max() < 23.5
    azimuth = np.arctan2(sprayed.points_m[:, 1], sprayed.points_m[:, 0])
    ahead = (np.abs(azimuth) < 0.05) & ~drops
    same = np.abs(np.arctan2(clear.points_m[:, 1], clear.points_m[:, 0])) < 0.05
    assert ahead.sum() < 0.95 * same.sum()
    away = np.abs(azimuth) > 1.0
    assert away.sum() == (np.abs(np.arctan2(clear.points_m[:, 1], clear.points_m[:, 0])) > 1.0).sum()


def test_two_returns_are_the_strongest_and_the_last():
    lidar = spinning(returns=2, columns=60)
    # One quarter of each beam on a pole at 20 m, three on the wall at 50 m.
    sweep = swept(lidar, cylinder(lidar, [20.0, 50.0, 50.0, 50.0]))
    assert sweep.return_index is not None
    ranges = np.linalg.norm(sweep.points_m, axis=1).reshape(-1, 2)
    np.testing.assert_allclose(sweep.return_index.reshape(-1, 2), [[0, 1]] * (64 * 60))
    # 1 / 20^2 is more than 3 / 50^2: the near one is the strongest, the far one the last.
    np.testing.assert_allclose(ranges, [[20.0, 50.0]] * (64 * 60), atol=1e-3)
    # Now the far wall is also the strongest, so the near one comes second.
    sweep = swept(lidar, cylinder(lidar, [40.0, 50.0, 50.0, 50.0]))
    ranges = np.linalg.norm(sweep.points_m, axis=1).reshape(-1, 2)
    np.testing.assert_allclose(ranges, [[50.0, 40.0]] * (64 * 60), atol=1e-3)
    # Nearer than the pulse is long: one return, between them by power.
    sweep = swept(lidar, cylinder(lidar, [49.8, 49.8, 50.0, 50.0]))
    assert len(sweep) == 64 * 60
    np.testing.assert_allclose(np.linalg.norm(sweep.points_m, axis=1), 49.9, atol=2e-3)


def test_the_same_seed_gives_the_same_bytes():
    lidar = spinning(range_noise_m=0.02, range_at_10_percent_m=100.0)
    parts = cylinder(lidar, 60.0)
    air = Atmosphere(snow_mmph=1.0, fog_visibility_m=200.0, rain_mmph=5.0)

    def content(**changes):
        sweep = swept(lidar, parts, air, **changes)
        assert sweep.clutter is not None
        return sweep.points_m.tobytes() + sweep.intensity.tobytes() + sweep.clutter.tobytes()

    assert content() == content()
    assert content() != content(frame=1)
    assert content() != content(seed=2)


def test_a_server_that_has_turned_a_little_is_understood():
    lidar = spinning(channels=4, columns=90)
    parts = cylinder(lidar, 30.0)
    rows = np.frombuffer(parts["lidar"].raw_data, DETECTION).copy()
    turn = math.radians(0.5 * 4.0)
    x, y = rows["xyz"][:, 0].copy(), rows["xyz"][:, 1].copy()
    rows["xyz"][:, 0] = x * math.cos(turn) - y * math.sin(turn)
    rows["xyz"][:, 1] = x * math.sin(turn) + y * math.cos(turn)
    parts["lidar"].raw_data = rows.tobytes()
    beams = gather(lidar, parts, 0.1)
    assert (beams.met >= 0).all(), "every point is another beam's"
