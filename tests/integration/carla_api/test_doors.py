"""Vehicles' doors: they swing within a second, for pictures, labels and LiDAR alike."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.conftest import TICK_S  # noqa: E402

POINT = np.dtype([("xyz", "3f4"), ("cos", "f4"), ("id", "u4"), ("tag", "u4")])
CAR_TAG = 14


@pytest.fixture
def car(world: Any, library: Any) -> Any:
    actor = world.spawn_actor(library.find("vehicle.lincoln.mkz_2020"), world.get_map().get_spawn_points()[0])
    for _ in range(5):
        world.tick()
    return actor


@pytest.fixture
def lidar(world: Any, library: Any, car: Any, listen: Callable[[Any], queue.Queue[Any]]) -> Any:
    """Points on the car, in its own frame, from above."""
    blueprint = library.find("sensor.lidar.ray_cast_semantic")
    values = {"channels": "64", "points_per_second": "600000", "rotation_frequency": "20", "range": "20"}
    for name, value in {**values, "upper_fov": "-10", "lower_fov": "-80"}.items():
        blueprint.set_attribute(name, value)
    above = car.get_transform()
    above.location.z += 5.0
    measurements = listen(world.spawn_actor(blueprint, above))

    def take() -> np.ndarray:
        frame = world.tick()
        while (measurement := measurements.get(timeout=20.0)).frame != frame:
            pass
        rows = np.frombuffer(measurement.raw_data, POINT)
        mine = rows[rows["id"] == car.id]
        assert set(mine["tag"]) <= {CAR_TAG}
        return mine["xyz"] + np.array([0.0, 0.0, 5.0])

    return take


def reach(points: np.ndarray) -> tuple[float, float]:
    """How far points stand out on the left and on the right; CARLA's y points to the right."""
    return -float(points[:, 1].min()), float(points[:, 1].max())


def test_a_door_opens_within_a_second_and_shuts_again(world: Any, car: Any, lidar: Any) -> None:
    half = car.bounding_box.extent.y
    left, right = reach(lidar())
    assert max(left, right) < half + 0.02
    car.open_door(carla.VehicleDoor.FL)
    began = world.get_snapshot().timestamp.elapsed_seconds
    seen = []
    while world.get_snapshot().timestamp.elapsed_seconds < began + 1.2:
        seen.append(reach(lidar()))
    assert seen[3][0] < seen[8][0] - 0.1 < seen[-1][0] - 0.2, "it swings, it does not jump"
    assert seen[-1][0] > half + 0.5
    assert seen[-1][0] == pytest.approx(seen[-3][0], abs=0.02)
    assert max(right for _, right in seen) < half + 0.02
    assert car.bounding_box.extent.y == half, "the box stays CARLA's"
    car.close_door(carla.VehicleDoor.FL)
    for _ in range(round(1.1 / TICK_S)):
        points = lidar()
    assert max(reach(points)) < half + 0.02


def test_all_doors_open_and_one_shuts(world: Any, car: Any, lidar: Any) -> None:
    half = car.bounding_box.extent.y
    car.open_door(carla.VehicleDoor.All)
    for _ in range(22):
        world.tick()
    left, right = reach(lidar())
    assert min(left, right) > half + 0.5
    car.close_door(carla.VehicleDoor.FR)
    car.close_door(carla.VehicleDoor.RR)
    for _ in range(22):
        world.tick()
    left, right = reach(lidar())
    assert left > half + 0.5
    assert right < half + 0.02


def test_a_camera_sees_the_open_door_as_part_of_the_car(
    world: Any, library: Any, car: Any, listen: Callable[[Any], queue.Queue[Any]]
) -> None:
    blueprint = library.find("sensor.camera.instance_segmentation")
    for name, value in (("image_size_x", "200"), ("image_size_y", "200"), ("fov", "60")):
        blueprint.set_attribute(name, value)
    above = carla.Transform(car.get_location() + carla.Location(z=6.0), carla.Rotation(pitch=-90.0))
    images = listen(world.spawn_actor(blueprint, above))

    def pixels() -> int:
        frame = world.tick()
        while (image := images.get(timeout=20.0)).frame != frame:
            pass
        b, g, r = np.moveaxis(np.frombuffer(image.raw_data, np.uint8).reshape(200, 200, 4)[..., :3], -1, 0)
        mine = (g == car.id & 0xFF) & (b == car.id >> 8 & 0xFF)
        assert set(r[mine]) == {CAR_TAG}
        return int(mine.sum())

    shut = pixels()
    car.open_door(carla.VehicleDoor.FR)
    for _ in range(22):
        world.tick()
    assert pixels() > shut + 30


def test_what_has_no_doors_keeps_them_shut(world: Any, library: Any) -> None:
    place = world.get_map().get_spawn_points()[2]
    blueprint = library.find("vehicle.tesla.model3")
    assert not blueprint.get_attribute("has_dynamic_doors").as_bool()
    other = world.spawn_actor(blueprint, place)
    other.open_door(carla.VehicleDoor.All)
    world.tick()
    assert other.is_alive
    doored = [b.id for b in library.filter("vehicle.*") if b.get_attribute("has_dynamic_doors").as_bool()]
    assert "vehicle.lincoln.mkz_2020" in doored
    assert len(doored) == 11
