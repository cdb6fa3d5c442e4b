"""sensor.lidar.ray_cast and its semantic sister: counts, partial sweeps, intensity, noise."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, in_front, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
SEMANTIC = np.dtype([("xyz", "f4", 3), ("cos", "f4"), ("id", "u4"), ("tag", "u4")])
CLEAN = {"dropoff_general_rate": 0, "dropoff_zero_intensity": 0}


def _points(scan: Any) -> np.ndarray:
    return np.frombuffer(scan.raw_data, np.float32).reshape(-1, 4)


@pytest.mark.parametrize("kind", ["ray_cast", "ray_cast_semantic"])
def test_points_are_counted_by_channel(world: Any, car: Any, listen: Listen, kind: str) -> None:
    values = {"channels": 16, "range": 50, "rotation_frequency": 20, "points_per_second": 160000}
    measurements = listen(mount(world, car, f"sensor.lidar.{kind}", **values))
    for _ in range(3):
        world.tick()
        scan = measurements.get(timeout=10.0)
        assert scan.channels == 16
        counts = [scan.get_point_count(channel) for channel in range(scan.channels)]
        assert sum(counts) == len(scan) > 500
        assert max(counts) <= 160000 * 0.05 / 16, "a channel fires so often in a tick"
        semantic = kind == "ray_cast_semantic"
        xyz = np.frombuffer(scan.raw_data, SEMANTIC)["xyz"] if semantic else _points(scan)[:, :3]
        assert np.linalg.norm(xyz, axis=1).max() <= 50.01
        # The points come channel by channel, each at its own elevation, the highest first.
        elevation = np.degrees(np.arctan2(xyz[:, 2], np.linalg.norm(xyz[:, :2], axis=1)))
        wanted = np.repeat(np.linspace(10.0, -30.0, 16), counts)
        np.testing.assert_allclose(elevation, wanted, atol=0.01)


def test_a_tick_sweeps_its_share_of_the_turn(world: Any, car: Any, listen: Listen) -> None:
    values = {"channels": 4, "range": 80, "points_per_second": 40000, "lower_fov": -20, "upper_fov": -5}
    measurements = listen(mount(world, car, "sensor.lidar.ray_cast", rotation_frequency=5, **CLEAN, **values))
    for tick in range(8):
        world.tick()
        scan = measurements.get(timeout=10.0)
        # 5 turns a second are a quarter of a turn in a tick of 0.05 s.
        assert scan.horizontal_angle == pytest.approx(math.tau * ((tick + 1) % 4) / 4, abs=1e-3)
        azimuth = np.degrees(np.arctan2(_points(scan)[:, 1], _points(scan)[:, 0]))
        turned = (azimuth + 180.0 - 90.0 * (tick % 4)) % 360.0
        assert turned.max() < 90.0 + 1e-3, "clockwise from behind"
        assert turned.max() - turned.min() > 60.0


def test_a_narrow_field_of_view_is_swept_alone(world: Any, car: Any, listen: Listen) -> None:
    values = {"channels": 8, "range": 80, "points_per_second": 80000, "upper_fov": -2, "lower_fov": -20}
    measurements = listen(
        mount(
            world, car, "sensor.lidar.ray_cast", rotation_frequency=20, horizontal_fov=90, **CLEAN, **values
        )
    )
    for _ in range(2):
        world.tick()
        points = _points(measurements.get(timeout=10.0))
        azimuth = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
        assert np.abs(azimuth).max() <= 45.01
        assert azimuth.max() > 40.0
        assert azimuth.min() < -40.0


def test_intensity_falls_with_the_distance_and_weak_points_drop(world: Any, car: Any, listen: Listen) -> None:
    values = {"channels": 16, "range": 80, "rotation_frequency": 20, "points_per_second": 320000}
    kinds: dict[str, dict[str, object]] = {
        "all": CLEAN,
        "half": {"dropoff_general_rate": 0.5, "dropoff_zero_intensity": 0},
        "weak": {"dropoff_general_rate": 0, "dropoff_zero_intensity": 1, "dropoff_intensity_limit": 1},
        "noisy": {**CLEAN, "noise_stddev": 0.1},
    }
    queues = {
        name: listen(
            mount(
                world, car, "sensor.lidar.ray_cast", atmosphere_attenuation_rate=0.02, **values, **attributes
            )
        )
        for name, attributes in kinds.items()
    }
    world.tick()
    scans = {
        name: _points(measurements.get(timeout=10.0)).astype(float) for name, measurements in queues.items()
    }
    away = np.linalg.norm(scans["all"][:, :3], axis=1)
    np.testing.assert_allclose(scans["all"][:, 3], np.exp(-0.02 * away), rtol=1e-4)
    count = len(away)
    assert len(scans["half"]) == pytest.approx(count / 2, abs=4.5 * math.sqrt(count) / 2)
    # With a limit of 1 and certain loss at 0, a point stays with the probability of its intensity.
    kept = np.exp(-0.02 * away)
    sigma = math.sqrt((kept * (1 - kept)).sum())
    assert len(scans["weak"]) == pytest.approx(kept.sum(), abs=4.5 * sigma)
    assert len(scans["noisy"]) == count
    error = np.linalg.norm(scans["noisy"][:, :3], axis=1) - away
    assert error.std() == pytest.approx(0.1, rel=0.1)


def test_ignored_vehicles_are_looked_through(world: Any, car: Any, listen: Listen) -> None:
    other = in_front(world, car, "vehicle.ford.ambulance", 10.0)
    world.tick()
    lidar = mount(
        world,
        car,
        "sensor.lidar.ray_cast_semantic",
        range=60,
        rotation_frequency=20,
        points_per_second=200000,
    )
    scans = listen(lidar)

    def seen() -> set[int]:
        world.tick()
        return set(np.frombuffer(scans.get(timeout=10.0).raw_data, SEMANTIC)["id"].tolist())

    assert {car.id, other.id} <= seen()
    lidar.set_ignored_vehicles([other.id, car.id])
    assert not seen() & {car.id, other.id}
    lidar.set_ignored_vehicles([car.id])
    assert seen() & {car.id, other.id} == {other.id}
    with pytest.raises(RuntimeError, match="is no vehicle"):
        lidar.set_ignored_vehicles([lidar.id])
    with pytest.raises(RuntimeError, match="does not exist"):
        lidar.set_ignored_vehicles([2**20])
    assert not drain(scans)
