"""carla.TrafficLight: cycle, times, freezing, groups, boxes, and which vehicles are at one."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")


@pytest.fixture
def lights(world: Any) -> list[Any]:
    found = list(world.get_actors().filter("traffic.traffic_light"))
    assert len(found) >= 4
    return found


def test_lights_cycle(world: Any, lights: list[Any]) -> None:
    seen: dict[int, Counter[object]] = {light.id: Counter() for light in lights}
    for _ in range(1600):
        world.tick()
        snapshot = world.get_snapshot()
        assert snapshot is not None
        for light in lights:
            seen[light.id][light.state] += 1
    for counts in seen.values():
        assert set(counts) == {
            carla.TrafficLightState.Red,
            carla.TrafficLightState.Yellow,
            carla.TrafficLightState.Green,
        }


def test_ids_of_the_map_and_places(world: Any, lights: list[Any]) -> None:
    landmarks = {mark.id: mark for mark in world.get_map().get_all_landmarks_of_type("1000001")}
    for light in lights:
        mark = landmarks[light.get_opendrive_id()]
        away = light.get_location() - mark.transform.location
        assert (away.x**2 + away.y**2) ** 0.5 < 16.0
        assert world.get_traffic_light(mark).id == light.id


def test_a_state_is_shown_at_once_and_frozen(world: Any, lights: list[Any]) -> None:
    lights[0].set_state(carla.TrafficLightState.Yellow)
    lights[0].freeze(True)
    for _ in range(200):
        world.tick()
    assert lights[0].state == carla.TrafficLightState.Yellow
    assert all(light.is_frozen() for light in lights)
    lights[0].freeze(False)
    world.tick()
    assert not lights[0].is_frozen()


def test_times_come_back_and_count(world: Any, lights: list[Any]) -> None:
    light = lights[0]
    light.set_green_time(4.0)
    light.set_yellow_time(1.5)
    light.set_red_time(0.5)
    world.tick()
    assert light.get_green_time() == pytest.approx(4.0)
    assert light.get_yellow_time() == pytest.approx(1.5)
    assert light.get_red_time() == pytest.approx(0.5)
    # Times count from the next green on.
    for shown in (carla.TrafficLightState.Green, carla.TrafficLightState.Red, carla.TrafficLightState.Green):
        green = 0
        while light.state == shown:
            world.tick()
            green += 1
            assert green < 2000
        while shown == carla.TrafficLightState.Green and light.state == carla.TrafficLightState.Yellow:
            world.tick()
    assert green * 0.05 == pytest.approx(4.0, abs=0.15)
    light.set_green_time(10.0)
    light.set_yellow_time(3.0)
    light.set_red_time(2.0)


def test_a_group_is_one_junctions(lights: list[Any]) -> None:
    group = {light.id for light in lights[0].get_group_traffic_lights()}
    assert lights[0].id in group
    assert group <= {light.id for light in lights}
    assert {light.id for light in lights[1].get_group_traffic_lights()} == group


def test_stop_waypoints_are_those_lanes_that_lead_to_the_lanes_a_light_governs(
    world: Any, lights: list[Any]
) -> None:
    for light in lights:
        stops = light.get_stop_waypoints()
        assert all(w.lane_type == carla.LaneType.Driving and not w.is_junction for w in stops)
        entries = set()
        for affected in light.get_affected_lane_waypoints():
            if affected.lane_type != carla.LaneType.Driving:
                continue  # Bicycles wait on their own lane.
            waypoint = affected
            while waypoint.is_junction:
                (waypoint,) = waypoint.previous(1.0)
            entries.add((waypoint.road_id, waypoint.lane_id))
        assert entries and {(w.road_id, w.lane_id) for w in stops} == entries
        for waypoint in stops:
            here = waypoint.transform
            ahead = light.get_light_boxes()[0].location - here.location
            assert ahead.dot(here.get_forward_vector()) > 5.0
            # The actor's x lies across the road, as in CARLA.
            assert abs(light.get_transform().get_forward_vector().dot(here.get_forward_vector())) < 0.1


def test_light_boxes_are_up_on_the_pole(lights: list[Any]) -> None:
    for light in lights:
        boxes = light.get_light_boxes()
        assert boxes
        for box in boxes:
            assert 1.5 < box.location.z < 12.0
            assert max(box.extent.x, box.extent.y, box.extent.z) < 2.0


def test_a_car_before_a_red_light_is_at_it(world: Any, library: Any, lights: list[Any]) -> None:
    light = next(light for light in lights if light.get_stop_waypoints())
    (stop, *_) = light.get_stop_waypoints()
    (before, *_) = stop.previous(20.0)
    place = before.transform
    place.location.z += 0.3
    car = world.spawn_actor(library.find("vehicle.audi.tt"), place)
    light.set_state(carla.TrafficLightState.Red)
    light.freeze(True)
    car.set_target_velocity(place.get_forward_vector() * 8.0)
    car.enable_constant_velocity(carla.Vector3D(x=8.0))
    told = []
    for _ in range(80):
        world.tick()
        told.append(car.is_at_traffic_light())
        if told[-1]:
            assert car.get_traffic_light().id in {m.id for m in light.get_group_traffic_lights()}
            assert car.get_traffic_light_state() == carla.TrafficLightState.Red
    light.freeze(False)
    assert any(told)
    assert not told[-1], "behind the line it is at no light"


def test_a_car_is_at_the_light_of_its_line_and_at_none_behind_it(
    world: Any, library: Any, lights: list[Any]
) -> None:
    stops: dict[tuple[int, int], tuple[Any, set[int]]] = {}
    for light in lights:
        for stop in light.get_stop_waypoints():
            stops.setdefault((stop.road_id, stop.lane_id), (stop, set()))[1].add(light.id)
    assert len(stops) >= 12
    world.freeze_all_traffic_lights(True)
    for light in lights:
        light.set_state(carla.TrafficLightState.Red)
    car = world.spawn_actor(library.find("vehicle.tesla.model3"), world.get_map().get_spawn_points()[0])
    front = car.bounding_box.location.x + car.bounding_box.extent.x
    car.apply_control(carla.VehicleControl(brake=1.0, hand_brake=True))
    for stop, own in stops.values():
        for ahead, expected in ((-1.0, True), (6.0, False), (14.0, False)):
            (waypoint, *_) = stop.previous(front - ahead) if ahead < front else stop.next(ahead - front)
            place = waypoint.transform
            place.location.z += 0.1
            car.set_transform(place)
            car.set_target_velocity(carla.Vector3D())
            for _ in range(3):
                world.tick()
            assert car.is_at_traffic_light() == expected, (stop.road_id, stop.lane_id, ahead)
            if expected:
                assert car.get_traffic_light().id in own
                assert car.get_traffic_light_state() == carla.TrafficLightState.Red
            else:
                assert car.get_traffic_light_state() == carla.TrafficLightState.Green


def test_lenses_are_lit_as_the_state_says(
    world: Any, library: Any, lights: list[Any], listen: Callable[[Any], queue.Queue[Any]]
) -> None:
    light = lights[0]
    (box,) = light.get_light_boxes()
    back = carla.Location(light.get_transform().get_right_vector() * -5.0)
    yaw = float(np.degrees(np.arctan2(-back.y, -back.x)))
    blueprint = library.find("sensor.camera.rgb")
    for name, value in (("image_size_x", "120"), ("image_size_y", "120"), ("fov", "25")):
        blueprint.set_attribute(name, value)
    images = listen(
        world.spawn_actor(blueprint, carla.Transform(box.location + back, carla.Rotation(yaw=yaw)))
    )
    world.freeze_all_traffic_lights(True)
    states = carla.TrafficLightState
    lit = {}
    for state in (states.Red, states.Yellow, states.Green):
        light.set_state(state)
        frame = world.tick()
        image = next(i for i in iter(lambda: images.get(timeout=60.0), None) if i.frame == frame)
        bgr = np.frombuffer(image.raw_data, np.uint8).reshape(120, 120, 4)[..., :3].astype(float)
        strong = bgr.max(axis=-1) > 200
        bright = np.where(strong & (np.ptp(bgr, axis=-1) > 90), bgr.max(axis=-1), 0.0)
        rows = np.arange(120)
        lit[state] = (
            float((bright.sum(axis=1) * rows).sum() / max(bright.sum(), 1.0)),
            bgr[bright > 0].mean(axis=0),
        )
    assert lit[states.Red][0] < lit[states.Yellow][0] < lit[states.Green][0], "red is on top"
    blue, green, red = lit[states.Red][1]
    assert red > 2 * green and red > 2 * blue
    blue, green, red = lit[states.Green][1]
    assert green > 1.2 * red
