"""Vehicles are found in the lane they drive in; spawn points are on the road."""

import numpy as np
import pytest

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.lanes import DEFAULT_SPEED_MPS, LaneLocator
from drivegen.opendrive.model import Cubic, LaneType, RoadNetwork
from drivegen.opendrive.spawn import spawn_points
from tests.unit.opendrive.roads import lane, one_road


def test_every_lane_is_found_from_inside(junction: RoadNetwork) -> None:
    geometry = NetworkGeometry(junction)
    locator = LaneLocator(junction)
    rng = np.random.default_rng(5)
    checked = 0
    for road in junction.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            for item in section.lanes:
                if item.type is not LaneType.DRIVING:
                    continue
                stations = rng.uniform(first + 1.0, last - 1.0, 20)
                points = curve.lane_centre(index, item.id, stations)
                wide = points.width_m > 3.0
                offset = rng.uniform(-1.0, 1.0, 20)
                left = np.stack([-np.sin(points.heading_rad), np.cos(points.heading_rad)], axis=1)
                xy = points.position_m[:, :2] + offset[:, None] * left
                fixes = locator.locate(xy, points.heading_rad + rng.uniform(-0.3, 0.3, 20))
                assert fixes.found.all()
                assert (fixes.road_id[wide] == road.id).all()
                assert (fixes.lane_id[wide] == item.id).all()
                assert fixes.s_m[wide] == pytest.approx(stations[wide], abs=0.3)
                assert fixes.offset_m[wide] == pytest.approx(offset[wide], abs=0.1)
                limit = road.types[0].max_mps
                assert fixes.speed_limit_mps[wide] == pytest.approx(limit)
                assert not fixes.in_junction[wide].any()
                checked += int(wide.sum())
    assert checked > 600


def test_direction_decides_between_overlapping_lanes(junction: RoadNetwork) -> None:
    heading = np.arange(4) * np.pi / 2.0
    right = 4.0 * np.column_stack([np.sin(heading), -np.cos(heading)])
    fixes = LaneLocator(junction).locate(right, heading)
    assert fixes.found.all()
    assert fixes.in_junction.all()
    turn = np.abs((fixes.heading_rad - heading + np.pi) % (2 * np.pi) - np.pi)
    assert turn.max() < 0.2


def test_far_away_is_not_found_and_limits_default() -> None:
    network = one_road(lanes=(lane(1, LaneType.DRIVING, 3.0), lane(-1, LaneType.DRIVING, 3.0)))
    xy = np.array([[50.0, -1.0], [50.0, -1.0], [50.0, 90.0]])
    fixes = LaneLocator(network).locate(xy, np.array([0.0, np.pi, 0.0]))
    assert fixes.found.tolist() == [True, True, False]
    assert fixes.lane_id[:2].tolist() == [-1, 1]
    assert fixes.speed_limit_mps[0] == DEFAULT_SPEED_MPS


def test_spawn_points_stand_in_lanes(junction: RoadNetwork, ground: Ground) -> None:
    poses = spawn_points(junction)
    assert len(poses) > 150
    xyz = np.array([p.position_m for p in poses])
    assert ground.on_driving_lane(xyz[:, :2]).all()
    assert ground.height(xyz[:, :2])[0] == pytest.approx(xyz[:, 2], abs=1e-4)
    fixes = LaneLocator(junction).locate(xyz[:, :2], np.array([p.yaw_rad for p in poses]))
    assert not fixes.in_junction.any()
    assert np.abs(fixes.offset_m).max() < 0.1
    turn = np.cos(fixes.heading_rad - np.array([p.yaw_rad for p in poses]))
    assert turn.min() > 0.99
    gaps = np.linalg.norm(xyz[:, None, :2] - xyz[None, :, :2], axis=2) + 1e3 * np.eye(len(xyz))
    assert gaps.min() > 2.7


def test_spawn_points_lean_with_the_slope() -> None:
    lanes = (lane(1, LaneType.DRIVING, 3.0), lane(-1, LaneType.DRIVING, 3.0))
    network = one_road(lanes=lanes, elevations=(Cubic(s_m=0.0, a=0.0, b=0.1),))
    for pose in spawn_points(network):
        forward = pose.rotation[:, 0]
        assert forward[2] == pytest.approx(0.1 * forward[0], abs=1e-9)
