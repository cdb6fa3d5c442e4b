"""Curves against independent integration, lanes against the real CARLA client."""

import carla
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from drivegen.core.handedness import flip_points
from drivegen.opendrive.evaluate import NetworkGeometry, RoadCurve
from drivegen.opendrive.model import Arc, Cubic, Lane, LaneType, ParamPoly3, Poly3, RoadNetwork, Spiral
from drivegen.opendrive.reader import read_network
from tests.unit.opendrive.roads import lane, one_road

TOLERANCE_M = 0.02


@settings(max_examples=30, deadline=None)
@given(k0=st.floats(-0.1, 0.1), k1=st.floats(-0.1, 0.1), length=st.floats(1.0, 60.0))
def test_clothoid_is_the_integral_of_its_heading(k0: float, k1: float, length: float) -> None:
    spiral = Spiral(curvature_start_pm=k0, curvature_end_pm=k1)
    xy, heading, curvature = RoadCurve(one_road(spiral, length).roads[0]).reference(np.array([length]))
    rate = (k1 - k0) / length
    wanted = [
        quad(lambda s, f=f: f(k0 * s + 0.5 * rate * s * s), 0.0, length, epsabs=1e-10)[0]
        for f in (np.cos, np.sin)
    ]
    assert xy[0] == pytest.approx(wanted, abs=1e-7)
    assert heading[0] == pytest.approx(0.5 * (k0 + k1) * length, abs=1e-12)
    assert curvature[0] == pytest.approx(k1)


def test_arc_is_a_circle() -> None:
    curve = RoadCurve(one_road(Arc(curvature_pm=0.05), 20.0 * np.pi).roads[0])
    xy, heading, _ = curve.reference(np.array([10.0 * np.pi, 20.0 * np.pi]))
    assert xy == pytest.approx(np.array([[20.0, 20.0], [0.0, 40.0]]), abs=1e-9)
    assert heading == pytest.approx([np.pi / 2.0, np.pi])


def test_polynomials_are_walked_by_arc_length() -> None:
    parabola = Poly3(a=0.0, b=0.0, c=0.02, d=0.0)
    normalized = ParamPoly3(u=(0.0, 30.0, 0.0, 0.0), v=(0.0, 0.0, 18.0, 0.0), normalized=True)
    length = quad(lambda u: np.hypot(1.0, 0.04 * u), 0.0, 30.0)[0]
    half = quad(lambda u: np.hypot(1.0, 0.04 * u), 0.0, 15.0)[0]
    for shape in (parabola, normalized):
        curve = RoadCurve(one_road(shape, length).roads[0])
        xy, heading, _ = curve.reference(np.array([half, length]))
        assert xy == pytest.approx(np.array([[15.0, 4.5], [30.0, 18.0]]), abs=2e-3)
        assert heading == pytest.approx([np.arctan(0.6), np.arctan(1.2)], abs=1e-3)


def test_lane_centre_heading_counts_the_taper() -> None:
    opening = Lane(id=-1, type=LaneType.DRIVING, widths=(Cubic(s_m=0.0, a=2.0, b=0.1),))
    curve = RoadCurve(one_road(lanes=(opening,), elevations=(Cubic(s_m=0.0, a=1.0, b=0.05),)).roads[0])
    points = curve.lane_centre(0, -1, np.array([10.0, 20.0]))
    assert points.width_m == pytest.approx([3.0, 4.0])
    assert points.position_m == pytest.approx(np.array([[10.0, -1.5, 1.5], [20.0, -2.0, 2.0]]))
    step = points.position_m[1] - points.position_m[0]
    assert points.heading_rad == pytest.approx(np.arctan2(step[1], step[0]))
    against = RoadCurve(one_road(lanes=(lane(1, LaneType.DRIVING, 3.0),)).roads[0])
    assert against.lane_centre(0, 1, np.array([5.0])).heading_rad == pytest.approx(np.pi)


def compare(network: RoadNetwork, text: str, per_lane: int) -> tuple[int, float]:
    """(compared points, largest distance in metres)."""
    client = carla.Map(network.name, text)
    geometry = NetworkGeometry(network)
    count, largest = 0, 0.0
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 0.2:
                continue
            stations = np.linspace(first + 0.05, last - 0.05, per_lane)
            for item in section.lanes:
                if item.type not in {LaneType.DRIVING, LaneType.SIDEWALK, LaneType.BIKING}:
                    continue
                points = curve.lane_centre(index, item.id, stations)
                for s, position in zip(stations, points.position_m, strict=True):
                    waypoint = client.get_waypoint_xodr(road.id, item.id, float(s))
                    if waypoint is None:
                        continue
                    at = waypoint.transform.location
                    theirs = flip_points(np.array([at.x, at.y, at.z]))
                    largest = max(largest, float(np.linalg.norm(theirs - position)))
                    count += 1
    return count, largest


def test_agrees_with_carla_on_the_junction(junction: RoadNetwork, junction_text: str) -> None:
    count, largest = compare(junction, junction_text, 9)
    assert count > 1000
    assert largest < TOLERANCE_M


def test_agrees_with_carla_on_towns(town: tuple[str, str]) -> None:
    name, text = town
    count, largest = compare(read_network(text, name), text, 3)
    assert count > 500
    assert largest < TOLERANCE_M


def test_all_lanes_at_once_are_the_lanes_one_by_one(junction: RoadNetwork) -> None:
    geometry = NetworkGeometry(junction)
    count = 0
    for road in junction.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            stations = np.linspace(first, last, 5)
            every = curve.lane_centres(index, stations)
            for own in section.lanes:
                if own.id == 0:
                    assert own.id not in every
                    continue
                alone = curve.lane_centre(index, own.id, stations)
                for name in ("position_m", "heading_rad", "width_m"):
                    assert np.array_equal(getattr(alone, name), getattr(every[own.id], name))
                count += 1
    assert count > 50
