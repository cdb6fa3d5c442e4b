"""GNSS and IMU, and that sensors repeat their noise."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]


def test_gnss_is_the_clients_own_projection(world: Any, car: Any, listen: Listen) -> None:
    gnss = mount(world, car, "sensor.other.gnss", carla.Transform(carla.Location(z=1.0)))
    measurements = listen(gnss)
    world.tick()
    fix = measurements.get(timeout=5.0)
    wanted = world.get_map().transform_to_geolocation(gnss.get_transform().location)
    assert fix.latitude == pytest.approx(wanted.latitude, abs=1e-9)
    assert fix.longitude == pytest.approx(wanted.longitude, abs=1e-9)
    assert fix.altitude == pytest.approx(wanted.altitude, abs=1e-4)


def test_imu_at_rest_and_turning(world: Any, car: Any, listen: Listen) -> None:
    measurements = listen(mount(world, car, "sensor.other.imu", carla.Transform()))
    for _ in range(5):
        world.tick()
        reading = measurements.get(timeout=5.0)
    assert reading.accelerometer.z == pytest.approx(9.81, abs=0.05)
    assert math.hypot(reading.accelerometer.x, reading.accelerometer.y) < 0.3
    assert reading.compass == pytest.approx(
        math.radians(car.get_transform().rotation.yaw + 90) % math.tau, abs=0.01
    )
    car.apply_control(carla.VehicleControl(throttle=0.6, steer=0.4))
    for _ in range(60):  # until it turns: soon after that it leaves the road
        world.tick()
        reading = measurements.get(timeout=5.0)
        if reading.gyroscope.z > 0.15:
            break
    assert reading.gyroscope.z == pytest.approx(math.radians(car.get_angular_velocity().z), abs=0.02)
    assert reading.gyroscope.z > 0.15, "turning right is positive in CARLA's frame"
    assert reading.accelerometer.y > 0.1, "a right-hand bend presses to the right, CARLA's +y"


def test_bias_is_added_and_noise_is_of_the_size_asked_for(world: Any, car: Any, listen: Listen) -> None:
    gnss = listen(
        mount(
            world,
            car,
            "sensor.other.gnss",
            noise_lat_bias=1e-4,
            noise_lon_bias=-2e-4,
            noise_alt_bias=3.0,
            noise_alt_stddev=0.5,
        )
    )
    imu = listen(
        mount(
            world,
            car,
            "sensor.other.imu",
            noise_gyro_bias_x=0.1,
            noise_gyro_bias_y=0.2,
            noise_gyro_bias_z=0.3,
            noise_accel_stddev_y=0.2,
        )
    )
    truth = listen(mount(world, car, "sensor.other.gnss"))
    still = listen(mount(world, car, "sensor.other.imu"))
    for _ in range(150):
        world.tick()
    fixes, plain = drain(gnss), drain(truth)
    assert fixes[0].latitude - plain[0].latitude == pytest.approx(1e-4, abs=1e-9)
    assert fixes[0].longitude - plain[0].longitude == pytest.approx(-2e-4, abs=1e-9)
    error = np.array([a.altitude - b.altitude for a, b in zip(fixes, plain, strict=True)])
    assert error.mean() == pytest.approx(3.0, abs=4.5 * 0.5 / math.sqrt(150))
    assert error.std() == pytest.approx(0.5, rel=0.25)
    readings, calm = drain(imu), drain(still)
    gyro = [readings[-1].gyroscope - calm[-1].gyroscope]
    assert (gyro[0].x, gyro[0].y, gyro[0].z) == pytest.approx((0.1, 0.2, 0.3), abs=1e-6)
    sideways = [a.accelerometer.y - b.accelerometer.y for a, b in zip(readings, calm, strict=True)]
    assert np.std(sideways) == pytest.approx(0.2, rel=0.25)
    assert readings[-1].accelerometer.x == pytest.approx(calm[-1].accelerometer.x, abs=1e-6)


NOISY = {
    "sensor.other.gnss": {"noise_alt_stddev": 1.0},
    "sensor.other.imu": {"noise_accel_stddev_x": 1.0},
    "sensor.other.radar": {},
    "sensor.lidar.ray_cast": {"noise_stddev": 0.1, "points_per_second": 20000},
}


def _words(measurement: Any) -> object:
    if isinstance(measurement, carla.GnssMeasurement):
        return measurement.altitude
    if isinstance(measurement, carla.IMUMeasurement):
        return measurement.accelerometer.x
    return bytes(measurement.raw_data)


def _episode(client: Any, listen: Listen, noise_seed: int, before: int) -> dict[str, list[object]]:
    """What four noisy sensors tell in an episode of six ticks, after some other spawns."""
    world = client.reload_world(False)
    library, points = world.get_blueprint_library(), world.get_map().get_spawn_points()
    car = world.spawn_actor(library.find("vehicle.tesla.model3"), points[0])
    for _ in range(before):
        mount(world, car, "sensor.other.gnss")
    queues = {
        type_id: listen(mount(world, car, type_id, noise_seed=noise_seed, **values))
        for type_id, values in NOISY.items()
    }
    for _ in range(6):
        world.tick()
    return {type_id: [_words(m) for m in drain(heard)] for type_id, heard in queues.items()}


def test_noise_repeats_with_its_episode_or_with_its_seed(client: Any, world: Any, listen: Listen) -> None:
    first = _episode(client, listen, noise_seed=0, before=0)
    assert all(len(told) == 6 == len(set(told)) for told in first.values())
    assert _episode(client, listen, noise_seed=0, before=0) == first
    seeded = _episode(client, listen, noise_seed=3, before=0)
    assert all(seeded[type_id] != told for type_id, told in first.items())
    assert _episode(client, listen, noise_seed=3, before=2) == seeded, "a noise_seed stands for itself"
