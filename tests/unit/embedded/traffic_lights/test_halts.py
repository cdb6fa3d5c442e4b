from collections.abc import Sequence

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.traffic_lights.lights import LightState, TrafficLights
from tests.unit.embedded.dynamics.driving import KINDS, body, controls, set_speed
from tests.unit.embedded.traffic_lights.roads import LANE_M, head, network, road

LEVEL = SlopedPlane()
LINE_M = 100.0
LANE_Y_M = -LANE_M / 2


def _street(lanes: int = 1) -> TrafficLights:
    """Straight streets along x, 20 m apart, each with a line at x = 100 and a light of its own."""
    roads = [road(1 + i, (0.0, 20.0 * i, 0.0), 120.0) for i in range(lanes)]
    heads = [head(i, (1 + i, -1, LINE_M), junction=None) for i in range(lanes)]
    lights = TrafficLights(network(*roads), heads)
    lights.freeze_all(True)
    return lights


def _show(lights: TrafficLights, state: LightState) -> None:
    for row in range(len(lights)):
        lights.set_state(row, state)


class _Drivers:
    """Vehicles that keep a speed and brake with all force when told, as the Traffic Manager does.

    They also go on taking for green a light that was green when they were last told of it.
    """

    def __init__(self, kinds: Sequence[ObjectClass], speed_mps: float, dt_s: float, before_m: float) -> None:
        self.vehicles = VehicleDynamics()
        for i, kind in enumerate(kinds):
            each = body(kind)
            start = LINE_M - before_m - each.size_m[0] / 2
            self.vehicles.add(5 + i, each, Pose.from_xyz_rpy(start, 20.0 * i + LANE_Y_M, 0.0))
        self.speed_mps, self.dt_s = speed_mps, dt_s
        self.vehicles.step(dt_s, LEVEL)
        set_speed(self.vehicles, speed_mps)
        self.latched = np.zeros(len(kinds), np.bool_)

    def run(self, lights: TrafficLights, seconds: float) -> None:
        for _ in range(round(seconds / self.dt_s)):
            self.step(lights)

    def step(self, lights: TrafficLights) -> None:
        cars = self.vehicles
        lights.step(self.dt_s)
        row = lights.at_light(
            cars.ids,
            cars.position_m,
            cars.rpy_rad[:, 2],
            cars.speed_mps,
            cars.size_m[:, 0] / 2,
            cars.brake_deceleration_mps2,
        )
        at = row >= 0
        green = ~at | (lights.state[row] == LightState.GREEN) | self.latched
        self.latched = at & green
        asked = controls(len(row))
        asked.brake[~green] = 1.0
        asked.throttle[green] = np.where(cars.speed_mps[green] < self.speed_mps, 0.7, 0.1)
        cars.set_control(cars.ids, asked)
        cars.step(self.dt_s, LEVEL)

    @property
    def front_m(self) -> np.ndarray:
        return self.vehicles.position_m[:, 0] + self.vehicles.size_m[:, 0] / 2


@pytest.mark.parametrize("speed_mps", [2.0, 6.0, 11.0, 16.0])
@pytest.mark.parametrize("dt_s", [0.05, 0.1])
def test_red_stops_the_front_shortly_before_the_line(speed_mps: float, dt_s: float) -> None:
    kinds = [kind for kind in KINDS if speed_mps < 10.0 or kind is not ObjectClass.BICYCLE]
    lights = _street(len(kinds))
    _show(lights, LightState.RED)
    drivers = _Drivers(kinds, speed_mps, dt_s, before_m=5.0 + 4.0 * speed_mps)
    drivers.run(lights, 15.0)
    gap = LINE_M - drivers.front_m
    assert np.all(drivers.vehicles.speed_mps == 0.0)
    assert np.all(gap >= 0.4)
    assert np.all(gap <= 1.8 + 0.5 * speed_mps * dt_s)
    _show(lights, LightState.GREEN)
    drivers.run(lights, 5.0)
    assert np.all(drivers.front_m > LINE_M)


@pytest.mark.parametrize("when_m", np.arange(2.0, 40.0, 3.0))
@pytest.mark.parametrize("speed_mps", [8.0, 14.0])
def test_yellow_stops_who_can_stop_and_lets_the_others_pass(speed_mps: float, when_m: float) -> None:
    """Nobody comes to a stand beyond the line, wherever the vehicle is when green ends."""
    lights = _street()
    _show(lights, LightState.GREEN)
    drivers = _Drivers((ObjectClass.CAR,), speed_mps, 0.05, before_m=when_m + 10.0)
    while LINE_M - drivers.front_m[0] > when_m:
        drivers.step(lights)
        assert drivers.vehicles.speed_mps[0] > 0.9 * speed_mps
    _show(lights, LightState.YELLOW)
    drivers.run(lights, 3.0)
    _show(lights, LightState.RED)
    drivers.run(lights, 8.0)
    stopped = drivers.vehicles.speed_mps[0] == 0.0
    needs = speed_mps**2 / (2 * body(ObjectClass.CAR).brake_deceleration_mps2) + 0.1 * speed_mps
    assert stopped == (when_m > needs + 0.6) or abs(when_m - needs - 0.6) < 1.0
    if stopped:
        assert 0.0 < LINE_M - drivers.front_m[0] <= 2.2


def test_only_the_lane_and_direction_of_the_light() -> None:
    lights = _street()
    lights.set_state(0, LightState.RED)
    x = np.array([92.0, 92.0, 92.0, 101.0, 60.0, 92.0])
    y = np.array([LANE_Y_M, -LANE_Y_M, LANE_Y_M, LANE_Y_M, LANE_Y_M, LANE_Y_M - LANE_M])
    yaw = np.array([0.0, 0.0, np.pi, 0.0, 0.0, 0.0])
    position = np.stack([x, y, np.zeros(6)], axis=1)
    ids = np.arange(10, 16, dtype=np.uint32)
    at = lights.at_light(ids, position, yaw, np.full(6, 8.0), np.full(6, 2.0))
    assert at.tolist() == [0, -1, -1, -1, -1, -1]


def test_the_zone_follows_the_lane_around_a_bend_and_over_road_ends() -> None:
    bend = road(1, (0.0, 0.0, 0.0), 60.0, curvature_pm=0.02, successor=2)
    angle = 60.0 * 0.02
    end = (np.sin(angle) / 0.02, (1 - np.cos(angle)) / 0.02, angle)
    lights = TrafficLights(network(bend, road(2, end, 30.0, predecessor=1)), [head(0, (2, -1, 5.0))])
    lights.set_state(0, LightState.RED)
    lights.freeze_all(True)

    def at(arc_m: float) -> int:
        a = arc_m * 0.02
        radius = 1 / 0.02 + LANE_M / 2
        front = np.array([radius * np.sin(a), 1 / 0.02 - radius * np.cos(a), 0.0])
        ids = np.array([int(arc_m * 10)], np.uint32)
        return int(lights.at_light(ids, front[None], np.array([a]), np.array([14.0]), np.zeros(1))[0])

    assert at(58.0) == -1, "too late to stop"
    assert at(48.0) == 0
    assert at(20.0) == -1


def test_a_line_inside_a_junction_counts_at_its_entry() -> None:
    inside = road(2, (100.0, 0.0, 0.0), 20.0, junction=7, predecessor=1)
    lights = TrafficLights(network(road(1, (0.0, 0.0, 0.0), 100.0), inside), [head(0, (2, -1, 19.0))])
    lights.set_state(0, LightState.RED)
    lights.freeze_all(True)
    position = np.array([[97.0, LANE_Y_M, 0.0], [99.0, LANE_Y_M, 0.0], [90.0, LANE_Y_M, 0.0]])
    ids = np.array([1, 2, 3], np.uint32)
    at = lights.at_light(ids, position, np.zeros(3), np.zeros(3), np.full(3, 2.0))
    assert at.tolist() == [0, -1, -1]


def test_of_two_lights_for_one_lane_the_one_that_lets_go_counts() -> None:
    lights = TrafficLights(
        network(road(1, (0.0, 0.0, 0.0), 120.0)),
        [head(0, (1, -1, LINE_M), controller="a"), head(1, (1, -1, LINE_M), controller="b", sequence=1)],
    )
    lights.freeze_all(True)
    position, zero = np.array([[97.0, LANE_Y_M, 0.0]]), np.zeros(1)
    seen = []
    for shown in ((LightState.RED, LightState.RED), (LightState.RED, LightState.GREEN)):
        for row, state in enumerate(shown):
            lights.set_state(row, state)
        at = lights.at_light(np.array([4], np.uint32), position, zero, zero, zero + 2.0)
        seen.append(int(at[0]))
    assert seen == [0, 1]
