"""carla.WorldSnapshot: every actor of every tick, where it was put; steps of the length asked for."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")


def _turn_deg(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


def test_a_vehicle_at_every_spawn_point_is_in_the_next_snapshot(
    client: Any, world: Any, library: Any
) -> None:
    points = world.get_map().get_spawn_points()
    vehicles = [b for b in library.filter("vehicle.*") if ".drivegen." not in b.id]
    batch = [carla.command.SpawnActor(vehicles[i % len(vehicles)], p) for i, p in enumerate(points)]
    answers = client.apply_batch_sync(batch, False)
    assert [a.error for a in answers if a.error] == []
    frame = world.tick()
    snapshot = world.get_snapshot()
    assert snapshot.frame == snapshot.timestamp.frame == frame
    assert len(world.get_actors().filter("vehicle.*")) == len(points)
    assert all(snapshot.has_actor(actor.id) for actor in world.get_actors())
    for answer, point in zip(answers, points, strict=True):
        found = snapshot.find(answer.actor_id).get_transform()
        assert found.location.distance_2d(point.location) < 0.01
        # Roads lean, and a vehicle stands on its road from its first tick on.
        for name in ("pitch", "yaw", "roll"):
            assert _turn_deg(getattr(found.rotation, name), getattr(point.rotation, name)) < 3.0
    # As numbers too: a vehicle that faces backwards is not at -180 degrees here and at 180 there.
    told = [snapshot.find(a.actor_id).get_transform().rotation.yaw for a in answers]
    assert told == pytest.approx([p.rotation.yaw for p in points], abs=0.5)


def test_two_vehicles_find_no_room_at_one_spawn_point(client: Any, world: Any, library: Any) -> None:
    point, car = world.get_map().get_spawn_points()[0], library.find("vehicle.tesla.model3")
    first, second = client.apply_batch_sync([carla.command.SpawnActor(car, point)] * 2, False)
    assert not first.error
    assert "collision" in second.error


@pytest.mark.parametrize("seconds", [0.1, 0.05, 0.016667])
def test_free_running_steps_have_the_length_that_was_asked_for(world: Any, seconds: float) -> None:
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = False, seconds
    settings.max_substep_delta_time, settings.max_substeps = 0.01, 10
    world.apply_settings(settings)
    world.wait_for_tick(10.0)
    before = world.wait_for_tick(10.0).timestamp
    for _ in range(5):
        now = world.wait_for_tick(10.0).timestamp
        assert now.delta_seconds == pytest.approx(seconds, rel=1e-5)
        passed = (now.frame - before.frame) * seconds
        assert now.elapsed_seconds - before.elapsed_seconds == pytest.approx(passed, rel=1e-5)
        before = now


def test_a_batch_ticks_once_if_it_is_told_to(client: Any, world: Any, library: Any) -> None:
    point, car = world.get_map().get_spawn_points()[0], library.find("vehicle.tesla.model3")
    frame = world.get_snapshot().frame
    (answer,) = client.apply_batch_sync([carla.command.SpawnActor(car, point)], False)
    assert world.get_snapshot().frame == frame
    client.apply_batch_sync([carla.command.DestroyActor(answer.actor_id)], True)
    assert world.get_snapshot().frame == frame + 1


def test_waypoints_lead_on_and_aside_from_everywhere(world: Any) -> None:
    town = world.get_map()
    assert town.get_topology()
    waypoints = town.generate_waypoints(10.0)
    assert len(waypoints) > 100
    for waypoint in waypoints[::7]:
        assert waypoint.lane_width > 0.0
        for neighbour in (waypoint.get_left_lane(), waypoint.get_right_lane()):
            assert neighbour is None or neighbour.road_id == waypoint.road_id
        for ahead in waypoint.next(4.0):
            assert ahead.transform.location.distance(waypoint.transform.location) < 8.0
    assert town.get_crosswalks()
