"""carla.Landmark: what the client finds in the map, and the actors that belong to it."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")


@pytest.fixture
def road(world: Any) -> Any:
    return world.get_map()


@pytest.fixture
def lights(world: Any) -> list[Any]:
    return list(world.get_actors().filter("traffic.traffic_light"))


def test_every_landmark_has_its_actor(world: Any, road: Any) -> None:
    marks = road.get_all_landmarks()
    assert {m.type for m in marks} == {"1000001", "274"}
    for mark in marks:
        actor = world.get_traffic_light(mark) if mark.type == "1000001" else world.get_traffic_sign(mark)
        assert actor is not None and actor.is_alive


def test_ids_lead_to_lights_and_back(world: Any, road: Any, lights: list[Any]) -> None:
    for light in lights:
        found = world.get_traffic_light_from_opendrive_id(light.get_opendrive_id())
        assert found.id == light.id
        marks = road.get_all_landmarks_from_id(light.get_opendrive_id())
        assert marks and {m.id for m in marks} == {light.get_opendrive_id()}


def test_a_landmarks_group_is_its_controller(road: Any, lights: list[Any], world: Any) -> None:
    for mark in road.get_all_landmarks_of_type("1000001"):
        ids = {m.id for m in road.get_landmark_group(mark)}
        assert mark.id in ids and len(ids) == 2, "opposite approaches share a controller"
        light = world.get_traffic_light(mark)
        group = {m.get_opendrive_id() for m in light.get_group_traffic_lights()}
        assert ids < group and len(group) == 8
        # Those of one controller show the same.
        states = {str(m.state) for m in lights if m.get_opendrive_id() in ids}
        assert len(states) == 1


def test_lights_of_a_junction_and_before_a_waypoint(world: Any, road: Any, lights: list[Any]) -> None:
    seen = set()
    for light in lights:
        for stop in light.get_stop_waypoints():
            (before,) = stop.previous(10.0)
            ahead = {m.id for m in world.get_traffic_lights_from_waypoint(before, 40.0)}
            assert light.id in ahead
            marks = before.get_landmarks_of_type(40.0, "1000001", False)
            assert light.get_opendrive_id() in {m.id for m in marks}
            junction = next(w for w in (stop.next(d)[0] for d in (2.0, 6.0, 12.0)) if w.is_junction)
            inside = {m.id for m in world.get_traffic_lights_in_junction(junction.junction_id)}
            assert inside == {m.id for m in lights}
            seen.add(light.id)
    assert seen == {light.id for light in lights}


def test_speed_signs_are_ahead_of_their_lanes(road: Any) -> None:
    for mark in road.get_all_landmarks_of_type("274"):
        lanes = [k for first, last in mark.get_lane_validities() for k in range(first, last + 1)]
        assert lanes and all(lane < 0 for lane in lanes)
        if mark.s < 10.0:
            continue
        waypoint = road.get_waypoint_xodr(mark.road_id, lanes[-1], mark.s - 5.0)
        found = waypoint.get_landmarks_of_type(10.0, "274", True)
        assert [m.id for m in found] == [mark.id]
        assert found[0].distance == pytest.approx(5.0, abs=0.1)
