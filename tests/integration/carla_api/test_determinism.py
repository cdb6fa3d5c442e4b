"""The same script twice, the same world twice: collisions, and what sensors tell of them."""

from __future__ import annotations

import hashlib
import queue
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

TICKS = 50
SENSORS = {
    "sensor.lidar.ray_cast": {"points_per_second": "40000", "rotation_frequency": "20"},
    "sensor.lidar.ray_cast_semantic": {"points_per_second": "40000", "rotation_frequency": "20"},
    "sensor.other.radar": {"points_per_second": "1500"},
    "sensor.other.imu": {"noise_accel_stddev_x": "0.1", "noise_seed": "3"},
    "sensor.other.gnss": {"noise_lat_stddev": "0.000001", "noise_seed": "3"},
}


def _xyz(vector: Any) -> list[float]:
    return [vector.x, vector.y, vector.z]


def _bytes(data: Any) -> bytes:
    if isinstance(data, carla.SemanticLidarMeasurement):
        # Ids of actors are never used again, by design: they differ between episodes of one server.
        return np.frombuffer(data.raw_data, np.uint32).reshape(-1, 6)[:, [0, 1, 2, 3, 5]].tobytes()
    if hasattr(data, "raw_data"):
        return bytes(data.raw_data)
    if hasattr(data, "compass"):
        return repr([*_xyz(data.accelerometer), *_xyz(data.gyroscope), data.compass]).encode()
    return repr([data.latitude, data.longitude, data.altitude]).encode()


def _run(client: Any) -> tuple[str, list[str], int]:
    """Two cars that meet head on: digests of their course and of all measurements; how often they met."""
    world = client.reload_world(False)
    # The client ticks now and then while it waits for a new episode.
    library, start = world.get_blueprint_library(), world.get_map().get_spawn_points()[0]
    ahead = carla.Transform(start.location + 18.0 * start.get_forward_vector(), start.rotation)
    ahead.rotation.yaw += 180.0
    cars = [
        world.spawn_actor(library.find("vehicle.audi.tt"), start),
        world.spawn_actor(library.find("vehicle.mini.cooper_s"), ahead),
    ]
    heard: dict[str, queue.Queue[Any]] = {}
    sensors = []
    for kind, values in {**SENSORS, "sensor.other.collision": {}}.items():
        blueprint = library.find(kind)
        for name, value in values.items():
            blueprint.set_attribute(name, value)
        sensor = world.spawn_actor(blueprint, carla.Transform(carla.Location(z=2.2)), attach_to=cars[0])
        heard[kind] = queue.Queue()
        sensor.listen(heard[kind].put)
        sensors.append(sensor)
    for car, place in zip(cars, (start, ahead), strict=True):
        car.set_target_velocity(12.0 * place.get_forward_vector())
    course, told = hashlib.sha256(), {kind: hashlib.sha256() for kind in SENSORS}
    for _ in range(TICKS):
        world.tick()
        for car in cars:
            place = car.get_transform()
            turn = place.rotation
            numbers = [*_xyz(place.location), turn.pitch, turn.yaw, turn.roll, *_xyz(car.get_velocity())]
            course.update(repr(numbers).encode())
        for kind in SENSORS:
            told[kind].update(_bytes(heard[kind].get(timeout=20.0)))
    for sensor in sensors:
        sensor.stop()
        sensor.destroy()
    met = heard["sensor.other.collision"].qsize()
    return course.hexdigest(), [f"{kind} {told[kind].hexdigest()}" for kind in SENSORS], met


def test_a_crash_and_all_that_sensors_tell_of_it_are_the_same_each_time(client: Any, world: Any) -> None:
    course, told, met = _run(client)
    assert met > 0
    for _ in range(2):
        again_course, again_told, again_met = _run(client)
        assert again_course == course
        for once, again in zip(told, again_told, strict=True):
            assert once == again
        assert again_met == met
