"""carla.TrafficSign: signs of the map as actors, in pictures, and what they do to speed limits."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

SIGN_TAG = 8


@pytest.fixture
def signs(world: Any) -> list[Any]:
    found = [a for a in world.get_actors().filter("traffic.*") if a.type_id != "traffic.traffic_light"]
    assert len(found) == 12
    return found


def test_each_is_the_actor_of_its_landmark(world: Any, signs: list[Any]) -> None:
    marks = world.get_map().get_all_landmarks_of_type("274")
    assert len(marks) == len(signs)
    found = set()
    for mark in marks:
        sign = world.get_traffic_sign(mark)
        assert isinstance(sign, carla.TrafficSign) and not isinstance(sign, carla.TrafficLight)
        assert sign.type_id == f"traffic.speed_limit.{mark.value:.0f}"
        away = sign.get_location() - mark.transform.location
        assert (away.x**2 + away.y**2) ** 0.5 < 1.0
        found.add(sign.id)
    assert found == {sign.id for sign in signs}


def test_trigger_volumes_lie_on_the_lanes_that_they_govern(world: Any, signs: list[Any]) -> None:
    road = world.get_map()
    for sign in signs:
        pose, volume = sign.get_transform(), sign.trigger_volume
        place = pose.transform(volume.location)
        waypoint = road.get_waypoint(place, project_to_road=True)
        assert waypoint.transform.location.distance(place) < 4.0
        # Across the road, as CARLA's scripts walk through it.
        assert abs(pose.get_forward_vector().dot(waypoint.transform.get_forward_vector())) < 0.1
        assert volume.extent.x > 1.4 and volume.extent.y >= 1.0
        assert list(sign.semantic_tags) == [SIGN_TAG]


def test_they_stay_where_they_are(world: Any, signs: list[Any]) -> None:
    sign = signs[0]
    place = sign.get_location()
    assert not sign.destroy()
    sign.set_location(carla.Location(z=50.0))
    world.tick()
    assert sign.get_location().distance(place) < 1e-3
    assert sign.id in {a.id for a in world.get_actors()}


def test_a_plate_is_seen_with_its_tag_its_id_and_inside_its_box(
    world: Any, signs: list[Any], listen: Callable[[Any], queue.Queue[Any]]
) -> None:
    sign = next(s for s in signs if s.type_id.endswith(".60") or s.type_id.endswith(".50"))
    pose = sign.get_transform()
    (box,) = [
        b
        for b in world.get_level_bbs(carla.CityObjectLabel.TrafficSigns)
        if b.location.distance(pose.location) < 4.0
    ]
    assert 2.0 < box.location.z - pose.location.z < 3.5
    # The plate looks along -y of the actor, to the traffic.
    away = 6.0
    facing = pose.get_right_vector() * -1.0
    blueprint = world.get_blueprint_library().find("sensor.camera.instance_segmentation")
    size = 200
    for name in ("image_size_x", "image_size_y"):
        blueprint.set_attribute(name, str(size))
    blueprint.set_attribute("fov", "20")
    yaw = float(np.degrees(np.arctan2(-facing.y, -facing.x)))
    eye = carla.Transform(box.location + carla.Location(facing * away), carla.Rotation(yaw=yaw))
    images = listen(world.spawn_actor(blueprint, eye))
    world.tick()
    image = images.get(timeout=60.0)
    bgra = np.frombuffer(image.raw_data, np.uint8).reshape(size, size, 4)
    ids = (bgra[..., 0].astype(int) << 8) | bgra[..., 1]
    plate = (bgra[..., 2] == SIGN_TAG) & (ids == sign.id & 0xFFFF)
    rows, columns = np.nonzero(plate)
    assert len(rows) > 2000
    metres = away * 2.0 * np.tan(np.radians(10.0)) / size
    assert np.ptp(columns) * metres == pytest.approx(2.0 * box.extent.y, abs=0.06)
    assert np.ptp(rows) * metres == pytest.approx(2.0 * box.extent.z, abs=0.06)
    assert abs(columns.mean() - size / 2) < 4 and abs(rows.mean() - size / 2) < 4


def test_a_limit_holds_from_the_sign_on(world: Any, library: Any, signs: list[Any]) -> None:
    road = world.get_map()
    mark = next(
        m for m in road.get_all_landmarks_of_type("274") if m.s > 10.0 and m.value > 30.0
    )  # on a road out of the junction
    start = road.get_waypoint_xodr(mark.road_id, -1, mark.s)
    (before,) = start.previous(6.0)
    place = before.transform
    place.location.z += 0.3
    car = world.spawn_actor(library.find("vehicle.audi.tt"), place)
    world.tick()
    car.enable_constant_velocity(carla.Vector3D(x=8.0))
    told = []
    for _ in range(40):
        world.tick()
        ahead = car.get_location() - start.transform.location
        told.append((ahead.dot(start.transform.get_forward_vector()), car.get_speed_limit()))
    assert told[0][0] < 0.0 < told[-1][0]
    passed = [limit for along, limit in told if along > 0.5]
    assert passed and passed == pytest.approx([mark.value] * len(passed))
