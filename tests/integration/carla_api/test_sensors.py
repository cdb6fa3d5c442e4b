"""Sensors: every frame arrives, of its own tick, with data that agree with the world."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
MOUNT = carla.Transform(carla.Location(x=1.0, z=1.8))


def _spawn(world: Any, car: Any, type_id: str, mount: Any = MOUNT, **values: object) -> Any:
    blueprint = world.get_blueprint_library().find(type_id)
    for name, value in values.items():
        blueprint.set_attribute(name, str(value))
    return world.spawn_actor(blueprint, mount, attach_to=car)


def _pixels(image: Any) -> np.ndarray:
    return np.frombuffer(image.raw_data, np.uint8).reshape(image.height, image.width, 4)


CAMERAS = ("rgb", "depth", "semantic_segmentation", "instance_segmentation")


def test_every_frame_arrives_from_the_first_tick_after_listen(world: Any, car: Any, listen: Listen) -> None:
    small = {"image_size_x": 96, "image_size_y": 64}
    sensors = [_spawn(world, car, f"sensor.camera.{kind}", **small) for kind in CAMERAS]
    sensors += [_spawn(world, car, "sensor.lidar.ray_cast", range=30), _spawn(world, car, "sensor.other.imu")]
    queues = [listen(sensor) for sensor in sensors]
    for _ in range(12):
        frame = world.tick()
        stamp = world.get_snapshot().timestamp.elapsed_seconds
        for sensor, measurements in zip(sensors, queues, strict=True):
            data = measurements.get(timeout=10.0)
            assert data.frame == frame, sensor.type_id
            assert data.timestamp == pytest.approx(stamp)
            assert data.transform.location.distance(sensor.get_transform().location) < 1e-3
    assert all(measurements.empty() for measurements in queues)


def test_the_instance_camera_depth_and_lidar_agree_on_a_car(
    world: Any, library: Any, car: Any, listen: Listen
) -> None:
    place = car.get_transform()
    ahead = carla.Transform(place.location + place.get_forward_vector() * 14.0, place.rotation)
    ahead.location.z += 0.2
    other = world.spawn_actor(library.find("vehicle.ford.ambulance"), ahead)
    size = {"image_size_x": 400, "image_size_y": 300, "fov": 90}
    queues = {kind: listen(_spawn(world, car, f"sensor.camera.{kind}", **size)) for kind in CAMERAS}
    scan = listen(
        _spawn(
            world,
            car,
            "sensor.lidar.ray_cast_semantic",
            range=60,
            rotation_frequency=20,
            points_per_second=600000,
        )
    )
    for _ in range(3):
        world.tick()
        got = {kind: measurements.get(timeout=10.0) for kind, measurements in queues.items()}
        points = scan.get(timeout=10.0)
    instance = _pixels(got["instance_segmentation"]).astype(np.int64)
    ids = instance[..., 1] + 256 * instance[..., 0]
    mine = ids == other.id % 65536
    assert mine.sum() > 500
    assert set(np.unique(instance[..., 2][mine])) <= {int(t) for t in other.semantic_tags}
    tags = _pixels(got["semantic_segmentation"])[..., 2]
    assert (tags[mine] == instance[..., 2][mine]).all()
    assert {int(carla.CityObjectLabel.Roads), int(carla.CityObjectLabel.Sky)} <= set(np.unique(tags).tolist())
    raw = _pixels(got["depth"]).astype(np.float64)
    depth_m = 1000.0 * (raw[..., 2] + 256.0 * raw[..., 1] + 65536.0 * raw[..., 0]) / (2**24 - 1)
    middle = other.get_transform().transform(carla.Location(other.bounding_box.location))
    away = got["depth"].transform.inverse_transform(carla.Location(middle)).x
    extent = other.bounding_box.extent
    assert away - extent.x - 0.05 < depth_m[mine].min() < away
    assert depth_m[mine].max() < away + extent.x + 0.1
    kind = np.dtype([("xyz", "f4", 3), ("cos", "f4"), ("id", "u4"), ("tag", "u4")])
    cloud = np.frombuffer(points.raw_data, kind)
    hits = cloud["xyz"][cloud["id"] == other.id].astype(np.float64)
    assert len(hits) > 100
    for x, y, z in hits[:: max(1, len(hits) // 50)]:
        on_world = points.transform.transform(carla.Location(float(x), float(y), float(z)))
        local = other.get_transform().inverse_transform(carla.Location(on_world))
        assert abs(local.x) < extent.x + 0.05
        assert abs(local.y) < extent.y + 0.05
        assert -0.05 < local.z < 2 * extent.z + 0.05


def test_a_picture_has_a_road_and_a_sky(world: Any, car: Any, listen: Listen) -> None:
    measurements = listen(_spawn(world, car, "sensor.camera.rgb", image_size_x=320, image_size_y=180))
    world.tick()
    pixels = _pixels(measurements.get(timeout=10.0))
    assert (pixels[..., 3] == 255).all()
    sky, road = pixels[:30, :, :3].mean(axis=(0, 1)), pixels[-30:, :, :3].mean(axis=(0, 1))
    assert sky[0] > sky[2] + 10, "the sky is blue"
    assert sky.mean() > road.mean() + 20


def test_a_sensor_without_listener_costs_nothing(world: Any, car: Any, listen: Listen) -> None:
    measurements = listen(
        camera := _spawn(world, car, "sensor.camera.rgb", image_size_x=1920, image_size_y=1080)
    )
    world.tick()
    measurements.get(timeout=20.0)
    camera.stop()
    for _ in range(5):
        world.tick()
        time.sleep(0.02)
    began = time.monotonic()
    for _ in range(10):
        world.tick()
    assert time.monotonic() - began < 0.5


def test_no_rendering_mode_leaves_the_other_sensors(world: Any, car: Any, listen: Listen) -> None:
    images = listen(_spawn(world, car, "sensor.camera.rgb", image_size_x=64, image_size_y=64))
    fixes = listen(_spawn(world, car, "sensor.other.gnss"))
    settings = world.get_settings()
    settings.no_rendering_mode = True
    world.apply_settings(settings)
    frame = world.tick()
    # The client itself ticks while it changes settings.
    while fixes.get(timeout=5.0).frame < frame:
        pass
    assert images.empty()


def test_several_clients_hear_one_sensor(server: Server, world: Any, car: Any, listen: Listen) -> None:
    gnss = _spawn(world, car, "sensor.other.gnss")
    heard = [listen(gnss)]
    clients = []
    for _ in range(4):
        other = carla.Client("127.0.0.1", server.port)
        other.set_timeout(10.0)
        (found,) = other.get_world().get_actors([gnss.id])
        clients.append((other, found))
        heard.append(listen(found))
    frames = [world.tick() for _ in range(10)]
    for measurements in heard:
        assert [measurements.get(timeout=5.0).frame for _ in range(10)] == frames


def test_sensors_come_and_go_while_another_delivers(world: Any, car: Any, listen: Listen) -> None:
    steady = listen(_spawn(world, car, "sensor.other.imu"))
    threads = threading.active_count()
    for _ in range(30):
        passing = _spawn(world, car, "sensor.other.gnss")
        measurements = listen(passing)
        frame = world.tick()
        assert measurements.get(timeout=5.0).frame == frame
        assert steady.get(timeout=5.0).frame == frame
        passing.destroy()
    assert threading.active_count() <= threads + 1
