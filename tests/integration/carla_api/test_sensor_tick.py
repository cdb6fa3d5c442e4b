"""When sensors measure: `sensor_tick`, listening, stopping, going away."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
SMALL = {"image_size_x": "16", "image_size_y": "16"}
BY_CLOCK = (
    "sensor.camera.depth",
    "sensor.lidar.*",
    "sensor.other.gnss",
    "sensor.other.imu",
    "sensor.other.radar",
)
"""Obstacle detectors and event cameras tell only what happens; all cameras are due alike."""


def test_every_sensor_measures_once_a_period(world: Any, library: Any, listen: Listen) -> None:
    """As CARLA's own smoke test of sensor_tick: free sensors, a period of a second, exact counts."""
    blueprints = [blueprint for pattern in BY_CLOCK for blueprint in library.filter(pattern)]
    assert len(blueprints) == 6
    queues = {}
    for blueprint in blueprints:
        blueprint.set_attribute("sensor_tick", "1.0")
        for name, value in SMALL.items():
            if blueprint.has_attribute(name):
                blueprint.set_attribute(name, value)
        queues[blueprint.id] = listen(world.spawn_actor(blueprint, carla.Transform(carla.Location(z=30.0))))
    first = world.tick()
    for _ in range(49):
        world.tick()
    wanted = math.ceil(50 * 0.05 / 1.0)
    for type_id, measurements in queues.items():
        frames = [m.frame for m in drain(measurements, 0.02)]
        assert frames == [first + 20 * k for k in range(wanted)], type_id


@pytest.mark.parametrize("sensor_tick", [0.1, 0.25])
def test_sensor_tick_is_exact(world: Any, car: Any, listen: Listen, sensor_tick: float) -> None:
    measurements = listen(mount(world, car, "sensor.other.gnss", sensor_tick=sensor_tick))
    first = world.tick()
    for _ in range(40):
        world.tick()
    every = round(sensor_tick / 0.05)
    assert [m.frame for m in drain(measurements)] == list(range(first, first + 41, every))


@pytest.mark.parametrize("sensor_tick", [0.0, 0.01, 0.05])
def test_a_period_up_to_the_step_means_every_tick(
    world: Any, car: Any, listen: Listen, sensor_tick: float
) -> None:
    measurements = listen(mount(world, car, "sensor.other.radar", sensor_tick=sensor_tick))
    frames = [world.tick() for _ in range(12)]
    assert [m.frame for m in drain(measurements)] == frames


def test_listening_begins_and_ends_and_begins_again(world: Any, car: Any, listen: Listen) -> None:
    sensor = mount(world, car, "sensor.other.imu")
    assert not sensor.is_listening()
    first = listen(sensor)
    assert sensor.is_listening()
    heard = [world.tick() for _ in range(3)]
    assert [m.frame for m in drain(first)] == heard
    sensor.stop()
    assert not sensor.is_listening()
    for _ in range(3):
        world.tick()
        time.sleep(0.01)
    assert not drain(first)
    second = listen(sensor)
    heard = [world.tick() for _ in range(3)]
    assert [m.frame for m in drain(second)] == heard
    assert not drain(first)


def test_a_sensor_goes_away_while_it_is_heard(world: Any, car: Any, listen: Listen) -> None:
    steady = listen(mount(world, car, "sensor.other.gnss"))
    for type_id in ("sensor.other.radar", "sensor.lidar.ray_cast", "sensor.other.collision"):
        sensor = mount(world, car, type_id)
        sensor.listen(lambda _: None)
        world.tick()
        assert sensor.destroy()
        assert not sensor.is_alive
    frames = [world.tick() for _ in range(3)]
    assert [m.frame for m in drain(steady)][-3:] == frames


def test_every_sensor_stays_where_its_carrier_takes_it(world: Any, car: Any, listen: Listen) -> None:
    """As CARLA's own smoke test: the pose in a measurement is the sensor's in that frame."""
    types = ("sensor.other.radar", "sensor.other.gnss", "sensor.other.imu", "sensor.lidar.ray_cast_semantic")
    sensors = [mount(world, car, type_id) for type_id in types]
    queues = [listen(sensor) for sensor in sensors]
    car.enable_constant_velocity(carla.Vector3D(x=10.0))
    for _ in range(10):
        frame = world.tick()
        for sensor, measurements in zip(sensors, queues, strict=True):
            data = measurements.get(timeout=5.0)
            assert data.frame == frame
            assert data.transform.location.distance(sensor.get_transform().location) < 1e-3
            assert data.transform.rotation.yaw == pytest.approx(sensor.get_transform().rotation.yaw, abs=1e-3)
