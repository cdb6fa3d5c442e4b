"""Ramps lead where they should, roads lie apart, and lanes run on without a jog."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.sign_faces import SignFace
from drivegen.opendrive.signals import SignKind, road_signs
from drivegen.opendrive.surfaces.lane_kinds import DroppedKerbs
from drivegen.opendrive.surfaces.strips import make_slab
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen_generators.roads.expressway import ExpresswayRoads
from drivegen_generators.roads.expressway_axis import heading_at, make_axis, stretch
from drivegen_generators.roads.plan_view import Heading, Path
from tests.unit.generators.roads.map_checks import driving_lanes

MAIN = {
    "merge": ["arrive", "close", "open", "leave"],
    "diverge": ["open", "leave", "arrive", "close"],
    "weaving": ["arrive", "weave", "leave"],
    "all": ["open", "leave", "arrive", "weave", "leave", "arrive", "close"],
}
TIGHT = {
    "bend_radius_m": 300.0,
    "loop_radius_m": 30.0,
    "green_width_m": (9.25, 9.25),
    "ramp_length_m": (90.0, 90.0),
    "hard_shoulder": True,
    "hard_shoulder_width_m": (4.0, 4.0),
}


def drawn(seed: int = 0, **config: object) -> RoadNetwork:
    return ExpresswayRoads(**config).generate(derive_rng(seed, "map"), "expressway")


def test_stretches_run_beside_their_path() -> None:
    path = Path(Heading(x_m=3.0, y_m=-2.0, heading_rad=0.4)).line(50.0).arc(80.0, 0.01).arc(60.0, -0.02)
    beside = stretch(path, 20.0, 170.0, 7.0)
    assert beside.length_m == pytest.approx(30.0 + 80.0 * 1.07 + 40.0 * 0.86)
    for got, s in ((beside.start, 20.0), (beside.end, 170.0)):
        wanted = heading_at(path, s).moved(0.0, -7.0)
        assert math.dist((got.x_m, got.y_m), (wanted.x_m, wanted.y_m)) < 1e-9
        assert math.remainder(got.heading_rad - wanted.heading_rad, math.tau) == pytest.approx(0.0, abs=1e-9)


def test_the_axis_is_closed_around_the_origin() -> None:
    axis = make_axis(900.0, (0.002, -0.001, 0.0005), half_width_m=70.0, loop_radius_m=40.0)
    middle = heading_at(axis.out, 450.0)
    assert math.hypot(middle.x_m, middle.y_m) < 1e-9
    for path, after in (
        (axis.out, axis.far),
        (axis.far, axis.back),
        (axis.back, axis.near),
        (axis.near, axis.out),
    ):
        assert math.dist((path.end.x_m, path.end.y_m), (after.start.x_m, after.start.y_m)) < 1e-6
        assert math.cos(path.end.heading_rad - after.start.heading_rad) > 1.0 - 1e-9


@pytest.mark.parametrize("kind", MAIN)
def test_both_directions_have_the_zones_of_their_kind(kind: str) -> None:
    network = drawn(kind=kind)
    for direction in ("eastbound", "westbound"):
        found = [j.name for j in network.junctions if j.name.startswith(f"{direction} expressway")]
        assert [name.split()[2] for name in found] == MAIN[kind]
        ramps = [r for r in network.roads if r.junction is None and r.name.split()[1] in ("exit", "entry")]
        assert len(ramps) == 2 * sum(zone in ("arrive", "leave") for zone in MAIN[kind])


@pytest.mark.parametrize("side_road", [True, False])
def test_ramps_join_main_carriageway_and_side_road(side_road: bool) -> None:
    network = drawn(kind="all", side_road=side_road)
    topology = Topology(network)
    named = {road.id: road.name for road in network.roads}
    for road in network.roads:
        word = road.name.split()[1]
        if road.junction is not None or word not in ("exit", "entry"):
            continue
        lane = LaneRef(road_id=road.id, section=0, lane_id=-1)
        (into,), (out_of,) = topology.predecessors(lane), topology.successors(lane)
        ways = ("expressway", "side road") if word == "exit" else ("side road", "expressway")
        assert ways[0] in named[into.road_id] and ways[1] in named[out_of.road_id]
        for around in (into, out_of):
            (beyond,) = topology.successors(around) if around == out_of else topology.predecessors(around)
            assert network.road_by_id[beyond.road_id].junction is None


@pytest.mark.parametrize("config", [{"kind": "all"}, {"kind": "merge", **TIGHT}], ids=["drawn", "tight"])
def test_lanes_run_on_without_a_jog(config: dict[str, object]) -> None:
    network = drawn(3, **config)
    geometry, topology = NetworkGeometry(network), Topology(network)
    count = 0
    for lane in driving_lanes(network):
        curve = geometry.curve(lane.road_id)
        end = curve.lane_centre(0, lane.lane_id, np.array([curve.section_range(0)[1]]))
        for after in topology.successors(lane):
            start = geometry.curve(after.road_id).lane_centre(0, after.lane_id, np.array([0.0]))
            assert np.linalg.norm(start.position_m - end.position_m) < 0.01
            assert np.cos(start.heading_rad - end.heading_rad)[0] > math.cos(0.03)
            count += 1
    assert count > 100


@pytest.mark.parametrize("config", [{"kind": "all"}, {"kind": "weaving", **TIGHT}], ids=["drawn", "tight"])
@pytest.mark.parametrize("side_road", [True, False])
def test_roads_outside_junctions_lie_apart(config: dict[str, object], side_road: bool) -> None:
    network = drawn(5, side_road=side_road, **config)
    geometry, drops = NetworkGeometry(network), DroppedKerbs(NetworkGeometry(network))
    outlines = [
        slab.outline
        for road in network.roads
        if road.junction is None and (slab := make_slab(geometry.curve(road.id), 0, drops)) is not None
    ]
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    for i, j in zip(first, second, strict=True):
        assert i == j or shapely.area(shapely.intersection(outlines[i], outlines[j])) < 0.5


def test_only_the_lane_that_leaves_is_told_to_slow_down() -> None:
    network = drawn(1, kind="diverge", speed_limit_kmh=90.0, ramp_speed_limit_kmh=40.0)
    last = {
        (line.road_id, line.lane_id): round(sign.value * 3.6)
        for sign in road_signs(network)
        if sign.kind is SignKind.SPEED and sign.value is not None
        for line in sign.stop_lines
    }
    leaving = [
        r for r in network.roads if r.junction is None and any(s.type == "expressway" for s in r.signals)
    ]
    assert len(leaving) == 2
    for road in leaving:
        lanes = [v.id for v in road.lane_sections[0].right if v.type is LaneType.DRIVING]
        assert last[road.id, lanes[-1]] == 40
        assert all((road.id, lane) not in last for lane in lanes[:-1])


def test_boards_name_the_way_to_the_exit() -> None:
    boards = [s for s in road_signs(drawn(kind="weaving")) if s.face is SignFace.EXPRESSWAY]
    assert len(boards) == 2
    for board in boards:
        left, ahead, right = board.text.split("|")
        assert not left and ahead and right and ahead != right
