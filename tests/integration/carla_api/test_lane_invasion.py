"""sensor.other.lane_invasion: worked out by the client from the map and the snapshots."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import drain, mount  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
STEP_M = 0.1


def _lane_with(world: Any, kind: Any) -> tuple[Any, float]:
    """A waypoint on a driving lane and the side (1 right, -1 left) on which a line of a kind bounds it."""
    for waypoint in world.get_map().generate_waypoints(5.0):
        if waypoint.is_junction or waypoint.lane_type != carla.LaneType.Driving:
            continue
        for side, marking in ((1.0, waypoint.right_lane_marking), (-1.0, waypoint.left_lane_marking)):
            beyond = waypoint.get_right_lane() if side > 0 else waypoint.get_left_lane()
            if marking.type == kind and beyond is not None:
                return waypoint, side
    pytest.fail(f"no lane of the map is bounded by {kind}")


@pytest.mark.parametrize("name", ["Broken", "Solid"])
def test_the_line_that_is_crossed_is_told(world: Any, car: Any, listen: Listen, name: str) -> None:
    kind = getattr(carla.LaneMarkingType, name)
    waypoint, side = _lane_with(world, kind)
    place = waypoint.transform
    place.location.z += 0.1
    car.set_simulate_physics(False)
    car.set_transform(place)
    world.tick()
    world.tick()
    events = listen(mount(world, car, "sensor.other.lane_invasion", carla.Transform()))
    assert not drain(events), "the middle of a lane is no crossing"
    aside = place.get_right_vector() * (side * STEP_M)
    half, width = waypoint.lane_width / 2, car.bounding_box.extent.y
    crossed_at = None
    for step in range(1, round((half - width + 0.5) / STEP_M) + 1):
        place.location += aside
        car.set_transform(place)
        frame = world.tick()
        time.sleep(0.005)
        if not events.empty():
            crossed_at = step * STEP_M
            break
    assert crossed_at is not None
    # The client compares two snapshots: it may tell a step later.
    assert crossed_at == pytest.approx(half - width, abs=0.25), "as soon as the car's side is over the line"
    event = events.get(timeout=5.0)
    assert kind in [marking.type for marking in event.crossed_lane_markings]
    assert abs(event.frame - frame) <= 1


def test_it_has_no_stream_and_stops(world: Any, car: Any, listen: Listen) -> None:
    sensor = mount(world, car, "sensor.other.lane_invasion", carla.Transform())
    assert isinstance(sensor, carla.LaneInvasionSensor)
    events = listen(sensor)
    assert sensor.is_listening()
    sensor.stop()
    assert not sensor.is_listening()
    car.enable_constant_velocity(carla.Vector3D(x=6.0, y=3.0))
    for _ in range(30):
        world.tick()
    assert not drain(events)
