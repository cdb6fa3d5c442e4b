"""Lanes, boundaries and the host vehicle of OSI's ground truth, by what ASAM's description asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.capture import synthetic_capture as world

from drivegen.core.errors import ExportError
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import signal_heads
from drivegen_exporters.osi.exporter import Osi

osi3 = pytest.importorskip("osi3")

ROADS = Path(__file__).parents[3] / "scenarios/roads"
NO_LINE, SOLID, DASHED, EDGE, KERB = 2, 3, 4, 6, 12
WHITE, YELLOW, COLORLESS = 3, 4, 2
DRIVING, NON_DRIVING, INTERSECTION = 2, 3, 4
START, CONTINUE, END, GAP = 2, 3, 4, 5

MARKS = world.XODR.replace(
    '<lane id="0" type="none" level="false"/>',
    '<lane id="0" type="none" level="false">'
    '<roadMark sOffset="0" type="solid broken" color="yellow" width="0.2"/></lane>',
).replace(
    '<lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>',
    '<lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/>'
    '<roadMark sOffset="0" type="broken" color="white" width="0.1"/>'
    '<roadMark sOffset="100" type="solid" color="white" width="0.1"/></lane>',
)


class Told:
    """A ground truth's lanes and boundaries by id."""

    def __init__(self, message: Any) -> None:
        self.lanes = {lane.id.value: lane.classification for lane in message.lane}
        self.sources = {tuple(lane.source_reference[0].identifier): lane.id.value for lane in message.lane}
        self.boundaries = {b.id.value: b for b in message.lane_boundary}
        every = [*self.lanes, *self.boundaries, *(o.id.value for o in message.moving_object)]
        every += [o.id.value for o in message.traffic_light]
        assert (
            len(every)
            == len(set(every))
            == len(message.lane)
            + len(message.lane_boundary)
            + len(message.moving_object)
            + len(message.traffic_light)
        )

    def lane(self, number: int) -> Any:
        """The lane of a road with one lane section."""
        return self.lanes[self.sources["1", "0.0", str(number)]]

    def found(self, ids: Sequence[Any]) -> list[Any]:
        return [self.boundaries[i.value] for i in ids]

    def line(self, ids: Sequence[Any]) -> np.ndarray:
        return np.concatenate([points(b.boundary_line, "position") for b in self.found(ids)])


def points(line: Sequence[Any], of: str = "") -> np.ndarray:
    at = [getattr(p, of) if of else p for p in line]
    return np.array([[p.x, p.y, p.z] for p in at])


def told(text: str, way: Sequence[Sequence[float]], reach_m: float = 150.0) -> Told:
    from osi3.osi_groundtruth_pb2 import GroundTruth

    from drivegen_exporters.osi.lanes import RoadLanes

    message = GroundTruth()
    lanes = RoadLanes(read_network(text, "road"), np.array(way, float), reach_m, "road.xodr")
    lanes.add(message, np.array([*way[0], 0.0]))
    return Told(message)


def distance(place: np.ndarray, line: np.ndarray) -> float:
    """Of a place to a line of straight pieces, in plan."""
    a, b = line[:-1, :2], line[1:, :2]
    along = np.einsum("ij,ij->i", place[:2] - a, b - a) / np.maximum(
        np.einsum("ij,ij->i", b - a, b - a), 1e-12
    )
    nearest = a + np.clip(along, 0.0, 1.0)[:, None] * (b - a)
    return float(np.linalg.norm(nearest - place[:2], axis=1).min())


def test_a_plain_road() -> None:
    road = told(world.XODR, [(-3.0, -6.7)])
    assert {n: road.lane(n).type for n in (2, 1, -1, -2)} == {
        2: NON_DRIVING,
        1: DRIVING,
        -1: DRIVING,
        -2: NON_DRIVING,
    }
    assert len(road.lanes) == 4 and len(road.boundaries) == 5
    assert [n for n in (2, 1, -1, -2) if road.lane(n).is_host_vehicle_lane] == [-1]
    assert {n: road.lane(n).subtype for n in (1, 2)} == {1: 2, 2: 4}
    for number, y in ((1, -3.25), (-1, -6.75)):
        lane = road.lane(number)
        centre = points(lane.centerline)
        np.testing.assert_allclose(centre[:, 1:], np.tile([y, 0.0], (len(centre), 1)), atol=1e-9)
        np.testing.assert_allclose(centre[[0, -1], 0], [-120.0, 120.0], atol=1e-6)
        assert lane.centerline_is_driving_direction is (number < 0)
        np.testing.assert_allclose(road.line(lane.left_lane_boundary_id)[:, 1], y + 1.75, atol=1e-9)
        np.testing.assert_allclose(road.line(lane.right_lane_boundary_id)[:, 1], y - 1.75, atol=1e-9)
    assert not road.lane(2).centerline
    sides = [road.lane(n).left_lane_boundary_id for n in (2, 1, -1, -2)] + [
        road.lane(-2).right_lane_boundary_id
    ]
    kinds = [[b.classification.type for b in road.found(ids)] for ids in sides]
    assert kinds == [[EDGE], [KERB], [NO_LINE], [KERB], [EDGE]]
    assert road.found(sides[1])[0].boundary_line[0].height == pytest.approx(0.15)
    ids = {n: road.sources["1", "0.0", str(n)] for n in (2, 1, -1, -2)}
    beside = {
        n: (
            [i.value for i in road.lane(n).left_adjacent_lane_id],
            [i.value for i in road.lane(n).right_adjacent_lane_id],
        )
        for n in ids
    }
    assert beside == {
        2: ([], [ids[1]]),
        1: ([ids[2]], [ids[-1]]),
        -1: ([ids[1]], [ids[-2]]),
        -2: ([ids[-1]], []),
    }


def test_paint() -> None:
    road = told(MARKS, [(-3.0, -6.7)])
    (left,) = road.found(road.lane(1).right_lane_boundary_id)
    (right,) = road.found(road.lane(-1).left_lane_boundary_id)
    assert left.id.value != right.id.value  # each lane has its own side of a double line
    assert (left.classification.type, left.classification.color) == (SOLID, YELLOW)
    assert (right.classification.type, right.classification.color) == (DASHED, YELLOW)
    np.testing.assert_allclose(points(left.boundary_line, "position")[:, 1], -4.8, atol=1e-9)
    np.testing.assert_allclose(points(right.boundary_line, "position")[:, 1], -5.2, atol=1e-9)
    broken, solid = road.found(road.lane(-1).right_lane_boundary_id)
    assert [b.classification.type for b in (broken, solid)] == [DASHED, SOLID]
    assert [b.classification.color for b in (broken, solid)] == [WHITE, WHITE]
    assert broken.boundary_line[0].width == pytest.approx(0.1)
    x = points(broken.boundary_line, "position")[:, 0]
    states = np.array([p.dash for p in broken.boundary_line])
    assert (x[0], x[-1]) == (-120.0, -20.0) and points(solid.boundary_line, "position")[0, 0] == -20.0
    starts, ends = x[states == START], x[states == END]
    np.testing.assert_allclose(starts, -120.0 + 6.0 * np.arange(17), atol=1e-6)  # 2 m and 4 m below 60 km/h
    np.testing.assert_allclose(ends - starts, 2.0, atol=1e-6)
    assert set(states) <= {START, CONTINUE, END, GAP} and not solid.boundary_line[0].HasField("dash")
    assert road.found(road.lane(-2).right_lane_boundary_id)[0].classification.color == COLORLESS


@pytest.fixture(scope="module")
def junction() -> Told:
    network = read_network((ROADS / "signal_junction.xodr").read_text(), "signal_junction")
    stop = next(line for head in signal_heads(network) for line in head.stop_lines)
    return told((ROADS / "signal_junction.xodr").read_text(), [tuple(stop.start_m[:2])], 80.0)


def test_left_is_left_and_neighbours_agree(junction: Told) -> None:
    driving = {k: v for k, v in junction.lanes.items() if v.type == DRIVING}
    assert len(driving) > 8
    for number, lane in junction.lanes.items():
        for other in lane.left_adjacent_lane_id:
            assert [i.value for i in junction.lanes[other.value].right_adjacent_lane_id] == [number]
            shared = {i.value for i in lane.left_lane_boundary_id}
            theirs = {i.value for i in junction.lanes[other.value].right_lane_boundary_id}
            double = (
                junction.line(lane.left_lane_boundary_id)[0]
                - junction.line(junction.lanes[other.value].right_lane_boundary_id)[0]
            )
            assert shared == theirs or 0.0 < np.linalg.norm(double) < 0.6
    judged = 0
    for lane in driving.values():
        centre = points(lane.centerline)
        left, right = (junction.line(i) for i in (lane.left_lane_boundary_id, lane.right_lane_boundary_id))
        for i in range(len(centre) - 1):
            ahead, middle = centre[i + 1] - centre[i], 0.5 * (centre[i + 1] + centre[i])
            if distance(middle, left) + distance(middle, right) < 1.0:
                continue  # the lane has not opened yet
            judged += 1
            for side, line in ((1.0, left), (-1.0, right)):
                to = line[np.argmin(np.linalg.norm(line - middle, axis=1))] - middle
                assert side * (ahead[0] * to[1] - ahead[1] * to[0]) > 0.0
            assert abs(distance(middle, left) - distance(middle, right)) < 0.45  # double lines lie beside
    assert judged > 20


def test_lanes_lead_into_each_other(junction: Told) -> None:
    followed = crossed = 0
    for number, lane in junction.lanes.items():
        for pair in lane.lane_pairing:
            assert pair.HasField("antecessor_lane_id") or pair.HasField("successor_lane_id")
            if lane.type == INTERSECTION:
                for side, own in (("antecessor", "successor"), ("successor", "antecessor")):
                    if pair.HasField(f"{side}_lane_id"):
                        other = junction.lanes[getattr(pair, f"{side}_lane_id").value]
                        back = {getattr(p, f"{own}_lane_id").value for p in other.lane_pairing}
                        assert number in back
                        crossed += 1
            elif lane.type == DRIVING and pair.HasField("successor_lane_id"):
                other = junction.lanes[pair.successor_lane_id.value]
                end = points(lane.centerline)[-1 if lane.centerline_is_driving_direction else 0]
                if other.type == INTERSECTION:
                    assert distance(end, junction.line(other.free_lane_boundary_id)) < 0.1
                else:
                    start = points(other.centerline)[0 if other.centerline_is_driving_direction else -1]
                    assert np.linalg.norm(end - start) < 0.01
                followed += 1
    assert followed > 4 and crossed > 4
    whole = [lane for lane in junction.lanes.values() if lane.type == INTERSECTION]
    assert whole and not any(lane.centerline or lane.left_lane_boundary_id for lane in whole)


def test_a_trace_has_the_lanes_the_host_and_the_lights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_osi import messages

    light = (
        '<signals><signal id="101" name="Signal_3Light_Post01" s="200" t="-5" zOffset="5" hOffset="0"'
        ' dynamic="yes" type="1000001" subtype="-1" orientation="+" country="OpenDRIVE" value="-1">'
        '<validity fromLane="-1" toLane="-1"/></signal></signals>'
    )
    monkeypatch.setattr(world, "XODR", MARKS.replace("</lanes>", f"</lanes>{light}"))
    plan = world.make_plan("scene-0001", 0.1, world.make_rig(columns=90))
    capture = world.write_capture(tmp_path / "scene-0001.mcap", plan).path
    Osi().export([capture], tmp_path / "osi")
    truths, views = (messages(tmp_path / "osi", kind, "scene-0001") for kind in ("gt", "sv"))
    assert [v.global_ground_truth for v in views] == truths
    for message, view in zip(truths, views, strict=True):
        road = Told(message)
        (host,) = [o for o in message.moving_object if o.id.value == message.host_vehicle_id.value]
        assert host.model_reference == plan.ego.blueprint and host.base.dimension.length > 3.0
        assert view.host_vehicle_id == message.host_vehicle_id
        own = [i.value for i in host.moving_object_classification.assigned_lane_id]
        assert own == [road.sources["1", "0.0", "-1"]]
        assert [k for k, lane in road.lanes.items() if lane.is_host_vehicle_lane] == own
        (walker,) = [o for o in message.moving_object if o.id.value == 30]
        on = [i.value for i in walker.moving_object_classification.assigned_lane_id]
        assert on == [road.sources["1", "0.0", "-2"]]
        assert len(message.traffic_light) == 3
        for bulb in message.traffic_light:
            assert [i.value for i in bulb.classification.assigned_lane_id] == own
    Osi({"lanes_m": 0}).export([capture], tmp_path / "bare")
    assert not messages(tmp_path / "bare", "gt", "scene-0001")[0].lane


def test_only_what_is_near_is_told() -> None:
    assert not told(world.XODR, [(-400.0, -5.0)]).lanes
    with pytest.raises(ExportError, match="lanes_m=-1: 0 or more"):
        Osi({"lanes_m": -1.0})
