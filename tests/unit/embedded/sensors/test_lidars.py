import numpy as np
import pytest

from drivegen.core.geometry import rotation_from_rpy
from drivegen.core.tags import Tag
from tests.unit.embedded.raycast.shapes import place
from tests.unit.embedded.sensors.room import (
    STILL,
    inside_room,
    measure_one,
    moment,
    request,
    sensor,
    suite,
    world,
)

CLEAN = {"dropoff_general_rate": 0, "dropoff_intensity_limit": 0, "dropoff_zero_intensity": 0}
SHAPE = {"channels": 16, "points_per_second": 16 * 400 * 10, "range": 100, "upper_fov": 30, "lower_fov": -30}


def lidar(seed=0, **attributes):
    return sensor("sensor.lidar.ray_cast", seed, **{**SHAPE, **attributes})


def test_points_of_a_room_lie_on_its_walls():
    pose = np.eye(4)
    pose[:3, :3] = rotation_from_rpy(0.05, -0.1, 0.7)
    pose[:3, 3] = [1.0, -2.0, 0.5]
    scan = measure_one(lidar(**CLEAN), moment(inside_room()), world_sensor=pose)
    assert scan.channel_counts.tolist() == [400] * 16
    assert len(scan.points) == 6400
    inside = scan.points[:, :3] @ pose[:3, :3].T + pose[:3, 3]
    assert np.abs(np.abs(inside).max(axis=1) - 10.0).max() < 1e-4
    distance = np.linalg.norm(scan.points[:, :3].astype(np.float64), axis=1)
    np.testing.assert_allclose(scan.points[:, 3], np.exp(-0.004 * distance), rtol=1e-5)
    assert scan.horizontal_angle_rad == 0.0


def test_the_ground_at_a_hundred_metres_is_met_within_a_millimetre():
    # Two metres up, looking down by atan(2/100).
    down = -np.degrees(np.arctan2(2.0, 100.0))
    pose = np.eye(4)
    pose[2, 3] = 2.0
    scan = measure_one(
        lidar(**CLEAN, channels=1, upper_fov=down, lower_fov=down, range=150),
        moment(place((0, 0, STILL, STILL))),
        world_sensor=pose,
    )
    assert len(scan.points) == 6400
    assert np.abs(scan.points[:, 2] + 2.0).max() < 1e-3
    np.testing.assert_allclose(np.linalg.norm(scan.points[:, :2], axis=1), 100.0, atol=5e-3)


def test_counts_are_by_channel_from_the_top():
    pose = np.eye(4)
    pose[2, 3] = 2.0
    scan = measure_one(
        lidar(**CLEAN, channels=5, points_per_second=5 * 100 * 10, upper_fov=20, lower_fov=-20, range=30),
        moment(place((0, 0, STILL, STILL))),
        world_sensor=pose,
    )
    # Up and level rays meet nothing; 10 degrees down reaches 11.5 m, 20 degrees 5.8 m.
    assert scan.channel_counts.tolist() == [0, 0, 0, 100, 100]
    reach = np.linalg.norm(scan.points[:, :3], axis=1)
    np.testing.assert_allclose(reach[:100], 2 / np.sin(np.radians(10)), atol=1e-4)
    np.testing.assert_allclose(reach[100:], 2 / np.sin(np.radians(20)), atol=1e-4)


def test_range_ends_the_rays():
    assert len(measure_one(lidar(**CLEAN, range=9.9), moment(inside_room())).points) == 0


def test_a_quarter_turn_a_tick_covers_a_quarter():
    one, _, _ = suite()
    head = lidar(**CLEAN, rotation_frequency=5)
    first = one.measure([request(head)], moment(room := inside_room(), dt_s=0.05))[0]
    second = one.measure([request(head)], moment(room, dt_s=0.05))[0]
    one.close()
    assert first.channel_counts.tolist() == second.channel_counts.tolist() == [200] * 16
    # Clockwise from behind: behind to left is +y and -x, then left to ahead.
    assert np.all(first.points[:, 1] > -1e-3)
    assert np.all(first.points[:, 0] < 1e-3)
    assert np.all(second.points[:, 1] > -1e-3)
    assert np.all(second.points[:, 0] > -1e-3)
    assert second.horizontal_angle_rad == pytest.approx(np.pi)


@pytest.mark.parametrize("rate", [0.1, 0.45, 1.0])
def test_general_drop_off_loses_its_share(rate):
    scan = measure_one(lidar(**{**CLEAN, "dropoff_general_rate": rate}), moment(inside_room()))
    expected = 6400 * (1 - rate)
    assert abs(len(scan.points) - expected) <= 4.5 * np.sqrt(6400 * rate * (1 - rate))
    assert scan.channel_counts.sum() == len(scan.points)
    if rate < 1:
        assert len(np.unique(scan.channel_counts)) > 1


def test_weak_points_are_dropped_by_carlas_curve():
    # In a sphere-like distance: one channel level in a room, distances 10 to 14.1 m, intensity exp(-0.1 d).
    attributes = {"atmosphere_attenuation_rate": 0.1, "dropoff_general_rate": 0}
    shape = {"channels": 1, "points_per_second": 400_000, "upper_fov": 0, "lower_fov": 0}
    whole = measure_one(lidar(**attributes, **shape, dropoff_zero_intensity=0), moment(inside_room()))
    thinned = measure_one(
        lidar(**attributes, **shape, dropoff_intensity_limit=0.33, dropoff_zero_intensity=0.8),
        moment(inside_room()),
    )
    assert len(whole.points) == 40000
    intensity = whole.points[:, 3].astype(np.float64)
    chance = np.where(intensity > 0.33, 0.0, 0.8 * (1 - intensity / 0.33))
    sigma = np.sqrt((chance * (1 - chance)).sum())
    assert abs(len(whole.points) - len(thinned.points) - chance.sum()) < 4.5 * sigma
    assert chance.sum() > 1000
    assert (thinned.points[:, 3] > 0.33).sum() == (whole.points[:, 3] > 0.33).sum()


def test_noise_moves_points_along_their_rays():
    clean = measure_one(lidar(**CLEAN), moment(inside_room())).points
    noisy = measure_one(lidar(**CLEAN, noise_stddev=0.05), moment(inside_room())).points
    true = np.linalg.norm(clean[:, :3], axis=1)
    error = np.linalg.norm(noisy[:, :3], axis=1) - true
    assert abs(error.mean()) < 4.5 * 0.05 / np.sqrt(6400)
    assert error.std() == pytest.approx(0.05, rel=0.05)
    across = np.cross(clean[:, :3].astype(np.float64), noisy[:, :3]) / true[:, None]
    assert np.abs(across).max() < 1e-4
    np.testing.assert_array_equal(clean[:, 3], noisy[:, 3])


def test_a_seed_repeats_and_another_differs():
    noisy = {"dropoff_general_rate": 0.45, "noise_stddev": 0.02, "atmosphere_attenuation_rate": 0.1}
    first, again = (measure_one(lidar(7, **noisy), moment(inside_room())) for _ in range(2))
    other = measure_one(lidar(8, **noisy), moment(inside_room()))
    reseeded = measure_one(lidar(7, **noisy, noise_seed=3), moment(inside_room()))
    assert first.points.tobytes() == again.points.tobytes()
    assert len({s.points.tobytes() for s in (first, other, reseeded)}) == 3


def test_semantic_lidar_tells_what_it_hit():
    moving = place((2, 77, (8.0, 0.0, 0.0), STILL))
    semantic = sensor("sensor.lidar.ray_cast_semantic", **SHAPE)
    scan = measure_one(semantic, moment(inside_room(), moving))
    assert scan.channel_counts.tolist() == [400] * 16
    on_car = scan.object_id == 77
    assert 50 < on_car.sum() < 1000
    np.testing.assert_array_equal(on_car, scan.tag == Tag.CAR)
    np.testing.assert_array_equal(~on_car, scan.tag == Tag.WALL)
    np.testing.assert_allclose(scan.points_m[on_car].min(axis=0)[0], 6.0, atol=1e-5)
    level = np.abs(scan.points_m[:, 0] - 6.0) < 1e-4
    np.testing.assert_allclose(
        scan.cos_incidence[level],
        6.0 / np.linalg.norm(scan.points_m[level], axis=1),
        atol=1e-5,
    )
    assert scan.tag.dtype == scan.object_id.dtype == np.uint32


def test_lidars_of_one_pose_and_pattern_share_their_rays():
    one, _, scene = suite()
    plain, dropping = lidar(**CLEAN), lidar(3, dropoff_general_rate=0.5)
    semantic = sensor("sensor.lidar.ray_cast_semantic", **SHAPE)
    elsewhere = np.eye(4)
    elsewhere[0, 3] = 1.0
    room = inside_room()
    results = one.measure(
        [request(dropping), request(semantic), request(plain), request(lidar(**CLEAN), elsewhere)],
        moment(room),
    )
    assert scene().casts == [6400, 6400]
    dropped, labelled, whole, _ = results
    np.testing.assert_array_equal(labelled.points_m, whole.points[:, :3])
    alone = measure_one(lidar(3, dropoff_general_rate=0.5), moment(room))
    assert dropped.points.tobytes() == alone.points.tobytes()
    np.testing.assert_array_equal(dropped.channel_counts, alone.channel_counts)
    assert 3000 < len(dropped.points) < 3400
    # Alone, only the rays that are fired are cast.
    scene().casts.clear()
    one.measure([request(dropping)], moment(room))
    assert 3000 < scene().casts[0] < 3400
    assert scene().statics == 1
    one.close()


def test_the_own_vehicle_is_hit():
    pose = np.eye(4)
    pose[2, 3] = 1.0
    semantic = sensor("sensor.lidar.ray_cast_semantic", **{**SHAPE, "lower_fov": -80})
    scan = measure_one(semantic, moment(moving=place((2, 5, STILL, STILL))), world(), pose)
    assert (scan.object_id == 5).sum() == len(scan.object_id) > 100
