"""Approaches where the map makes them odd: lines painted inside junctions, roads too short to wait on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivegen.embedded.traffic_lights.approaches import find_approaches
from drivegen.embedded.traffic_lights.lights import LightState, TrafficLights
from drivegen.opendrive.model import ContactPoint, ElementKind, RoadLink
from drivegen.opendrive.signals import SignalHead
from tests.unit.embedded.traffic_lights.roads import LANE_M, head, network, road

Y = -LANE_M / 2


def painted(light: SignalHead, x_m: float) -> SignalHead:
    """The light with its line painted across the right lane at x."""
    (line,) = light.stop_lines
    ends = {"start_m": np.array([x_m, 0.0, 0.0]), "end_m": np.array([x_m, -LANE_M, 0.0])}
    return replace(light, stop_lines=(replace(line, **ends),))


def at(lights: TrafficLights, front_m: float, speed_mps: float = 0.0) -> int:
    """The light that a car is told of whose front is at x."""
    lights.step(0.05)
    row = lights.at_light(
        np.array([5], np.uint32),
        np.array([[front_m - 2.0, Y, 0.0]]),
        np.zeros(1),
        np.array([speed_mps]),
        np.array([2.0]),
    )
    return int(row[0])


@pytest.mark.parametrize(("line_m", "fronts"), [(100.0, (99.0,)), (104.0, (99.0, 101.5, 103.0))])
def test_who_stands_before_the_painted_line_is_at_the_light(line_m, fronts):
    """The lane ends at 100; the line may be painted beyond its end."""
    roads = network(road(1, (0.0, 0.0, 0.0), 100.0))
    lights = painted(head(0, (1, -1, 100.0), junction=None), line_m)
    for front in fronts:
        fresh = TrafficLights(roads, [lights])
        fresh.freeze_all(True)
        fresh.set_state(0, LightState.RED)
        assert at(fresh, front) == 0
        assert at(fresh, line_m + 2.0) == -1, "behind the line"
        assert at(fresh, line_m + 20.0) == -1


def test_a_line_inside_is_not_where_moving_traffic_stops():
    roads = network(road(1, (0.0, 0.0, 0.0), 100.0))
    fresh = TrafficLights(roads, [painted(head(0, (1, -1, 100.0), junction=None), 104.0)])
    fresh.freeze_all(True)
    fresh.set_state(0, LightState.RED)
    assert at(fresh, 102.0, 8.0) == -1, "too fast to stop before it"


def test_a_road_too_short_to_wait_on_is_led_on_through_the_junction():
    into = RoadLink(kind=ElementKind.JUNCTION, id=9)
    first = replace(road(1, (0.0, 0.0, 0.0), 60.0), successor=into)
    through = road(2, (60.0, 0.0, 0.0), 15.0, junction=9, predecessor=1, successor=3)
    short = replace(road(3, (75.0, 0.0, 0.0), 1.0), predecessor=into)
    roads = network(first, through, short)
    lights = [painted(head(0, (3, -1, 1.0), junction=None), 76.0)]
    approaches = find_approaches(roads, lights)
    assert len(approaches) == 1 and approaches.rows == ((0,),)
    assert approaches.points_m[:, 0].min() < 20.0, "through the junction and up the road before it"
    fresh = TrafficLights(roads, lights)
    fresh.freeze_all(True)
    fresh.set_state(0, LightState.RED)
    assert at(fresh, 75.0) == 0
    assert at(fresh, 50.0, 12.0) == -1
    assert through.predecessor is not None and through.predecessor.contact is ContactPoint.END
