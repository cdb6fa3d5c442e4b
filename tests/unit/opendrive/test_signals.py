"""Lights, the lanes they hold, and phases that do not cross."""

import math
from itertools import combinations

import numpy as np
import pytest
import shapely

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import SignKind, road_signs, signal_heads
from drivegen.opendrive.topology import LaneRef, Topology


def test_heads_face_the_traffic_that_they_hold(junction: RoadNetwork) -> None:
    heads = signal_heads(junction)
    assert len(heads) == 8
    assert [h.index for h in heads] == list(range(8))
    held = []
    for head in heads:
        assert head.stop_lines
        assert head.junction_id == junction.junctions[0].id
        for line in head.stop_lines:
            middle = 0.5 * (line.start_m + line.end_m)
            toward = head.pose.position_m - middle
            travel = np.array([np.cos(line.heading_rad), np.sin(line.heading_rad)])
            assert 40.0 < toward[:2] @ travel < 90.0
            assert float(head.pose.rotation[:2, 0] @ travel) < -0.9
            left = line.start_m - line.end_m
            assert np.linalg.norm(left) == pytest.approx(3.4, abs=0.2)
            assert travel[0] * left[1] - travel[1] * left[0] > 0.0
            held.append((line.road_id, line.lane_id))
        assert head.pose.position_m[2] > 4.0
    assert len(set(held)) == len(held) == 16


def test_stop_lines_end_before_the_zebra(junction: RoadNetwork) -> None:
    geometry = NetworkGeometry(junction)
    for head in signal_heads(junction):
        for line in head.stop_lines:
            length = geometry.curve(line.road_id).road.length_m
            assert length - 0.6 < line.s_m < length


def test_controllers_take_turns(junction: RoadNetwork) -> None:
    heads = signal_heads(junction)
    phases: dict[int, list[str]] = {}
    for head in heads:
        phases.setdefault(head.sequence, []).append(head.signal_id)
    assert sorted(phases) == [0, 1, 2, 3]
    assert all(len(v) == 2 for v in phases.values())


def test_no_green_movements_cross_except_right_turns(junction: RoadNetwork) -> None:
    geometry = NetworkGeometry(junction)
    of_signal = {s: c.id for c in junction.controllers for s in c.signal_ids}
    phases: dict[str, list[tuple[float, int, shapely.Geometry]]] = {}
    for road in junction.roads:
        if road.junction is None:
            continue
        curve = geometry.curve(road.id)
        heading = curve.reference(np.array([0.0, road.length_m]))[1]
        lanes = [v for v in road.lane_sections[0].lanes if v.type is LaneType.DRIVING]
        if not lanes:
            continue
        s = np.linspace(0.0, road.length_m, 60)
        borders = curve.border_offsets(0, s)
        outer = borders[min(v.id for v in lanes)]
        ring = np.concatenate([curve.points(s, borders[0])[:, :2], curve.points(s, outer)[::-1, :2]])
        area = shapely.Polygon(ring).buffer(-0.3)
        phase = of_signal[road.signal_references[0].signal_id]
        phases.setdefault(phase, []).append(
            (math.remainder(heading[1] - heading[0], math.tau), road.id, area)
        )
    assert len(phases) == 4
    for movements in phases.values():
        ahead = [m for m in movements if m[0] > -0.8]
        assert len(ahead) == 2
        for (_, a, first), (_, b, second) in combinations(ahead, 2):
            assert not first.intersects(second), (a, b)


def test_speed_signs(junction: RoadNetwork) -> None:
    signs = road_signs(junction)
    assert {s.kind for s in signs} == {SignKind.SPEED}
    assert {round((s.value or 0.0) * 3.6) for s in signs} == {30, 60}


def test_lanes_follow_each_other(junction: RoadNetwork) -> None:
    topology = Topology(junction)
    for road in junction.roads:
        for index, section in enumerate(road.lane_sections):
            for item in section.lanes:
                if item.type is not LaneType.DRIVING:
                    continue
                here = LaneRef(road_id=road.id, section=index, lane_id=item.id)
                after = topology.successors(here)
                assert after
                assert all(here in topology.predecessors(ref) for ref in after)


def test_town_lights_hold_lanes(town: tuple[str, str]) -> None:
    name, text = town
    heads = signal_heads(read_network(text, name))
    assert len(heads) == {"Town01": 36, "Town03": 38, "Town10HD": 17}[name]
    for head in heads:
        assert head.stop_lines
        line = head.stop_lines[0]
        middle = 0.5 * (line.start_m + line.end_m)
        assert np.linalg.norm(middle - head.pose.position_m) < 60.0
