"""Single stations against the evaluator for many, walking, finding, measuring, routes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, RoadNetwork
from drivegen.scenario.player.roads.distances import lane_steps, relative_lane
from drivegen.scenario.player.roads.network import Roads
from drivegen_generators.roads.roundabout import Roundabout


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return Roundabout().generate(derive_rng(3, "map", "Round"), "Round")


@pytest.fixture(scope="module")
def roads(network: RoadNetwork) -> Roads:
    return Roads(network)


def test_lane_centres_are_those_of_the_evaluator(network: RoadNetwork, roads: Roads) -> None:
    geometry = NetworkGeometry(network)
    for road in network.roads:
        curve, points = geometry.curve(road.id), roads.space.points(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            s = np.linspace(first, last, 5)
            for lane in section.lanes:
                if lane.id == 0:
                    continue
                centre = curve.lane_centre(index, lane.id, s)
                for i, station in enumerate(s.tolist()):
                    t, _, width = points.lane_centre(index, lane.id, station)
                    line = points.line(station)
                    x = line.x_m - t * math.sin(line.heading_rad)
                    y = line.y_m + t * math.cos(line.heading_rad)
                    assert math.hypot(x - centre.position_m[i, 0], y - centre.position_m[i, 1]) < 1e-6
                    assert width == pytest.approx(centre.width_m[i])


def test_a_walk_has_its_length_and_stays_on_lanes_that_follow(network: RoadNetwork, roads: Roads) -> None:
    walked = 0
    for road in network.roads:
        for lane in road.lane_sections[0].lanes:
            if lane.type not in DRIVABLE or road.junction is not None:
                continue
            start = roads.space.in_lane(road.id, lane.id, 0.5 * road.length_m)
            at, gone = start, 0.0
            before = roads.space.pose(at)
            direction = 1 if lane.id < 0 else -1
            for _ in range(200):
                step = roads.walk.walk(at, 0.5, direction)
                direction = -direction if step.flipped else direction
                pose = roads.space.pose(step.spot)
                moved = math.hypot(pose.x_m - before.x_m, pose.y_m - before.y_m)
                assert moved <= 0.6
                gone += moved + step.left_m
                at, before = step.spot, pose
                if step.left_m > 0.0:
                    break
            else:
                assert gone == pytest.approx(100.0, rel=0.02)
                walked += 1
    assert walked >= 4


def test_a_point_is_found_where_it_was_put(network: RoadNetwork, roads: Roads) -> None:
    for road in network.roads:
        if road.junction is not None:
            continue
        for lane in road.lane_sections[0].lanes:
            if lane.type not in DRIVABLE:
                continue
            spot = roads.space.in_lane(road.id, lane.id, 0.4 * road.length_m, 0.3)
            pose = roads.space.pose(spot, roads.space.lane_heading(spot))
            found = roads.space.locate(pose.x_m, pose.y_m, pose.heading_rad)
            assert (found.road_id, found.lane_id) == (spot.road_id, spot.lane_id)
            assert found.s_m == pytest.approx(spot.s_m, abs=1e-4)
            assert found.offset_m == pytest.approx(0.3, abs=1e-4)


def test_a_route_through_the_roundabout_joins_up(network: RoadNetwork, roads: Roads) -> None:
    arms = [r for r in network.roads if r.junction is None]
    inwards = next(
        (r, lane.id)
        for r in arms
        for lane in r.lane_sections[0].lanes
        if lane.type in DRIVABLE and roads.walk.walk(
            roads.space.in_lane(r.id, lane.id, 0.5 * r.length_m), r.length_m, 1 if lane.id < 0 else -1
        ).left_m == 0.0
    )  # fmt: skip
    start = roads.space.in_lane(inwards[0].id, inwards[1], 0.5 * inwards[0].length_m)
    far = roads.walk.walk(start, 80.0, 1 if inwards[1] < 0 else -1).spot
    route = roads.planner.route([start, far])
    assert route.legs[0].road_id == start.road_id
    assert route.legs[-1].road_id == far.road_id
    assert route.distance_of(far) == pytest.approx(route.length_m)
    along = roads.distances.along(start, far)
    assert along is not None
    assert abs(along[0]) <= route.length_m + 1e-6


@pytest.mark.parametrize(
    ("lane", "steps", "other"), [(-1, 1, 1), (-2, 1, -1), (1, -1, -1), (2, 1, 3), (-1, 2, 2)]
)
def test_relative_lanes_leave_out_the_centre(lane: int, steps: int, other: int) -> None:
    assert relative_lane(lane, steps) == other
    assert lane_steps(lane, other) == steps
