"""sensor.other.radar: what it meets, how fast that is, and CARLA's signs."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import in_front, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
BUMPER = carla.Transform(carla.Location(x=2.6, z=0.9))


def _detections(scan: Any) -> np.ndarray:
    """(velocity, azimuth, altitude, depth) rows."""
    return np.array([(d.velocity, d.azimuth, d.altitude, d.depth) for d in scan]).reshape(-1, 4)


def _directions(scan: Any, detections: np.ndarray) -> np.ndarray:
    """World directions of the rays, (n, 3) in CARLA's frame."""
    _, azimuth, altitude, _ = detections.T
    local = np.stack(
        [np.cos(altitude) * np.cos(azimuth), np.cos(altitude) * np.sin(azimuth), np.sin(altitude)], axis=1
    )
    return local @ np.array(scan.transform.get_matrix())[:3, :3].T


def _inside(actor: Any, points: np.ndarray, above_m: float = -0.05) -> np.ndarray:
    """Which world points lie in an actor's box, grown by 5 cm, and this much above its bottom."""
    inverse = np.array(actor.get_transform().get_inverse_matrix())
    box = actor.bounding_box
    local = points @ inverse[:3, :3].T + inverse[:3, 3]
    local -= [box.location.x, box.location.y, box.location.z]
    inside = np.all(np.abs(local) < np.array([box.extent.x, box.extent.y, box.extent.z]) + 0.05, axis=1)
    return inside & (local[:, 2] > above_m - box.extent.z)


def _vector(v: Any) -> np.ndarray:
    return np.array([v.x, v.y, v.z])


def test_velocity_is_that_of_the_car_ahead_against_ones_own(world: Any, car: Any, listen: Listen) -> None:
    ahead = in_front(world, car, "vehicle.ford.ambulance", 18.0)
    car.enable_constant_velocity(carla.Vector3D(x=9.0))
    ahead.enable_constant_velocity(carla.Vector3D(x=4.0))
    radar = mount(world, car, "sensor.other.radar", BUMPER, points_per_second=20000, range=60)
    scans = listen(radar)
    checked = 0
    for _ in range(12):
        world.tick()
        scan = scans.get(timeout=5.0)
        found = _detections(scan)
        assert len(scan) == scan.get_detection_count() == len(found) <= 1000
        rays = _directions(scan, found)
        points = _vector(scan.transform.location) + rays * found[:, 3:]
        on_car = _inside(ahead, points, above_m=0.15)
        sure = on_car | ~_inside(ahead, points)  # between is the road under the car, and its wheels
        own = _vector(car.get_velocity())
        expected = (np.where(on_car[:, None], _vector(ahead.get_velocity()), 0.0) - own) * rays
        np.testing.assert_allclose(found[sure, 0], expected.sum(axis=1)[sure], atol=0.1)
        checked += on_car.sum()
    assert checked > 200
    on_car_velocity = found[on_car, 0]
    assert on_car_velocity.mean() == pytest.approx(-5.0, abs=0.3), "what comes nearer is negative"
    assert found[sure & ~on_car, 0].min() == pytest.approx(-9.0, abs=0.3), (
        "the road comes nearer as one drives"
    )


def test_rays_stay_within_the_field_of_view_and_the_range(world: Any, car: Any, listen: Listen) -> None:
    radar = mount(
        world,
        car,
        "sensor.other.radar",
        carla.Transform(carla.Location(x=2.6, z=1.0), carla.Rotation(pitch=-8)),
        horizontal_fov=50,
        vertical_fov=10,
        range=40,
        points_per_second=30000,
    )
    scans = listen(radar)
    world.tick()
    found = _detections(scans.get(timeout=5.0))
    assert len(found) > 700
    assert np.degrees(np.abs(found[:, 1])).max() == pytest.approx(25.0, abs=3.0)
    assert np.degrees(np.abs(found[:, 2])).max() <= 5.01
    assert found[:, 3].max() <= 40.0 / math.cos(math.radians(25.0)) + 0.01
    # Standing still on a still street: nothing moves.
    np.testing.assert_allclose(found[:, 0], 0.0, atol=0.05)


def test_azimuth_grows_to_the_right_and_altitude_upwards(world: Any, car: Any, listen: Listen) -> None:
    other = in_front(world, car, "vehicle.ford.ambulance", 14.0, aside_m=3.5)
    wide = {"horizontal_fov": 90, "vertical_fov": 40, "points_per_second": 60000, "range": 30}
    scans = listen(mount(world, car, "sensor.other.radar", BUMPER, **wide))
    for _ in range(2):
        world.tick()
        scan = scans.get(timeout=5.0)
    found = _detections(scan)
    on_car = _inside(other, _vector(scan.transform.location) + _directions(scan, found) * found[:, 3:])
    assert on_car.sum() > 30
    assert (found[on_car, 1] > 0.05).mean() > 0.95, "to the right"
    assert found[on_car, 2].max() > 0.05, "its roof is above the sensor"
    ground = found[(found[:, 2] < -0.1) & ~on_car]
    below = ground[:, 3] * np.sin(-ground[:, 2])
    # Hardly anything but the road lies there: a bollard or a hedge may be hit now and then.
    assert (np.abs(below - 0.9) < 0.25).mean() > 0.99
