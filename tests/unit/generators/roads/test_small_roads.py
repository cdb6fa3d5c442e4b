"""Streets of estates, and bus stops, parking lanes and work zones on any form."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.props.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.mesh import Material
from drivegen.opendrive.checks import check_text
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, Road, RoadNetwork
from drivegen.opendrive.parking import parking_bays
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import SignKind, road_signs
from drivegen.opendrive.stops import bus_stops
from drivegen.opendrive.surfaces import SurfaceKind, mesh_network
from drivegen.opendrive.surfaces.builder import YELLOW
from drivegen.opendrive.things import things
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.campus import Campus
from drivegen_generators.roads.industrial_park import IndustrialPark
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from tests.unit.generators.roads.map_checks import (
    check_agreement,
    check_dialect,
    check_mesh,
    check_strongly_connected,
    check_with_client,
)

DRAWS = int(os.environ.get("DRIVEGEN_DRAWS", "2"))
MESHED_DRAWS = max(1, DRAWS // 10)
ALL = {"bus_stops": 4, "parking_lanes": 4, "work_zones": 4}
FORMS = {
    "junction_4": lambda: SignalisedJunction(arms=4, **ALL),
    "junction_3": lambda: SignalisedJunction(arms=3, **ALL),
    "unsignalised_4": lambda: UnsignalisedJunction(arms=4, **ALL),
    "unsignalised_3": lambda: UnsignalisedJunction(arms=3, **ALL),
    "midblock": lambda: MidblockCrossing(**ALL),
    "campus": Campus,
    "industrial_park": IndustrialPark,
}
BOUNDS = {
    Campus: {
        "inner_streets": (2, 3, 4),
        "gates": (1, 4),
        "width_m": ((180.0, 180.0), (800.0, 800.0)),
        "depth_m": ((160.0, 160.0), (800.0, 800.0)),
        "corner_radius_m": ((16.0, 16.0), (24.0, 24.0)),
        "pavement_width_m": ((1.5, 1.5), (6.0, 6.0)),
        "lane_width_m": ((2.75, 2.75), (4.0, 4.0)),
        "barriers": (False, True),
    },
    IndustrialPark: {
        "inner_streets": (2, 4),
        "yards": (1, 4),
        "ring_lanes": (1, 2),
        "pavements": (False, True),
        "width_m": ((260.0, 260.0), (900.0, 900.0)),
        "depth_m": ((240.0, 240.0), (900.0, 900.0)),
        "lane_width_m": ((3.25, 3.25), (4.5, 4.5)),
        "work_zones": (0, 6),
    },
}
"""Values at the ends of what is allowed."""
WORKS = {"lanes": 3, "signalised": False, "arm_length_m": (160.0, 160.0)}


def drawn(form: str, seed: int) -> RoadNetwork:
    return FORMS[form]().generate(derive_rng(seed, "map"), form)


def check(network: RoadNetwork) -> None:
    text = write_network(network)
    check_dialect(network)
    check_with_client(network, text)
    check_agreement(network, text)
    check_strongly_connected(network)


@pytest.mark.parametrize("form", FORMS)
def test_every_draw_is_a_good_map(form: str) -> None:
    @settings(max_examples=DRAWS, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(0, 2**32))
    def one(seed: int) -> None:
        check(drawn(form, seed))

    one()


@pytest.mark.parametrize("form", ("midblock", "campus"))
def test_draws_mesh_without_holes(form: str) -> None:
    @settings(max_examples=MESHED_DRAWS, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(1, 2**32))
    def one(seed: int) -> None:
        check_mesh(drawn(form, seed))

    one()


@pytest.mark.parametrize("kind", BOUNDS, ids=lambda kind: kind.__name__)
def test_extremes_are_good_maps(kind: type) -> None:
    values = {name: st.sampled_from(ends) for name, ends in BOUNDS[kind].items()}

    @settings(max_examples=DRAWS, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(0, 2**32), config=st.fixed_dictionaries(values))
    def one(seed: int, config: dict[str, object]) -> None:
        check(kind(**config).generate(derive_rng(seed, "map"), "extreme"))

    one()


@pytest.mark.parametrize("form", FORMS)
def test_equal_seeds_equal_bytes_and_quickly(form: str) -> None:
    drawn(form, 0)
    start = time.perf_counter()
    texts = [write_network(drawn(form, seed)) for seed in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]
    assert time.perf_counter() - start < 3.0


@pytest.mark.parametrize("form", ("midblock", "industrial_park"))
def test_checks_of_maps_find_nothing(form: str) -> None:
    report = check_text(write_network(drawn(form, 2)), form)
    assert [str(f) for f in report] == []


def roads_with(network: RoadNetwork, kind: LaneType) -> list[Road]:
    return [
        road
        for road in network.roads
        if any(lane.type is kind for section in road.lane_sections for lane in section.lanes)
    ]


def lane_area(network: RoadNetwork, kind: LaneType) -> shapely.Geometry:
    geometry = NetworkGeometry(network)
    parts = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            s = np.linspace(*curve.section_range(index), 60)
            for lane in section.lanes:
                if lane.type is kind and lane.id != 0:
                    inner, outer, _ = curve.lane_bounds(index, lane.id, s)
                    ring = np.concatenate([curve.points(s, inner), curve.points(s, outer)[::-1]])[:, :2]
                    parts.append(shapely.buffer(shapely.polygons(ring), 0.0))
    return shapely.union_all(parts)


def box_of(pose, length: float, width: float) -> shapely.Geometry:
    u, v = length / 2.0, width / 2.0
    corners = np.array([(-u, -v, 0.0), (u, -v, 0.0), (u, v, 0.0), (-u, v, 0.0)])
    return shapely.polygons(pose.transform_points(corners)[:, :2])


@pytest.mark.parametrize("form", ("junction_4", "unsignalised_4", "campus"))
def test_stops_have_a_stand_on_their_lane_and_a_platform_that_people_reach(form: str) -> None:
    found = 0
    for seed in range(2):
        network = read_network(write_network(drawn(form, seed)), form)
        ways = pavements(network)
        lanes = {
            kind: lane_area(network, kind) for kind in (LaneType.STOP, LaneType.DRIVING, LaneType.SIDEWALK)
        }
        for stop in bus_stops(network):
            found += 1
            stand = box_of(stop.stand, stop.stand_length_m, stop.stand_width_m)
            platform = box_of(stop.platform, stop.platform_length_m, stop.platform_width_m)
            kind = LaneType.STOP if stop.is_bay else LaneType.DRIVING
            assert shapely.intersection(stand, lanes[kind]).area > 0.9 * stand.area
            assert shapely.intersection(platform, lanes[LaneType.SIDEWALK]).area > 0.9 * platform.area
            assert stop.stand_length_m >= 19.99 and stop.stand_width_m >= 2.3
            right = stop.stand.inverse().transform_points(stop.platform.position_m[None])[0]
            assert right[1] < 0.0 and abs(right[0]) < 0.5
            assert reaches_elsewhere(ways, platform)
            shelter = [t for t in things(network) if t.road_id == stop.road_id and t.name == "BusShelter"]
            assert any(
                shapely.contains_xy(shapely.buffer(platform, 0.3), *t.pose.position_m[:2]) for t in shelter
            )
    assert found >= 2


def reaches_elsewhere(ways, platform: shapely.Geometry) -> bool:
    """Whether the pavements on a platform lead 30 m away from it."""
    near = [
        node
        for node, at in enumerate(ways.nodes_m)
        if shapely.dwithin(shapely.points(at[:2]), platform, 20.0)
        and any(
            shapely.intersects(shapely.linestrings(ways.edges[e].centre_m[:, :2]), platform)
            for e in ways.edges_of_node[node]
        )
    ]
    seen, queue = set(near), list(near)
    while queue:
        node = queue.pop()
        for edge in ways.edges_of_node[node]:
            other = ways.other_end(edge, node)
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return any(shapely.distance(shapely.points(ways.nodes_m[n][:2]), platform) > 30.0 for n in seen)


def test_a_platform_before_a_bicycle_lane_has_a_crossing_over_it() -> None:
    plain = UnsignalisedJunction(bicycle_lanes=True, bicycle_lane_width_m=(2.0, 2.0))
    fitted = UnsignalisedJunction(bicycle_lanes=True, bicycle_lane_width_m=(2.0, 2.0), bus_stops=2)
    before, after = (m.generate(derive_rng(3, "map"), "m") for m in (plain, fitted))
    assert len(bus_stops(after)) == 2
    counts = [sum(e.kind is EdgeKind.CROSSING for e in pavements(n).edges) for n in (before, after)]
    assert counts[1] == counts[0] + 2


@pytest.mark.parametrize("form", ("junction_4", "campus", "industrial_park"))
def test_bays_lie_in_parking_lanes_apart_from_each_other(form: str) -> None:
    bays = 0
    for seed in range(3):
        network = read_network(write_network(drawn(form, seed)), form)
        area = lane_area(network, LaneType.PARKING)
        boxes = [box_of(b.pose, b.length_m, b.width_m) for b in parking_bays(network)]
        bays += len(boxes)
        for box in boxes:
            assert shapely.intersection(box, area).area > 0.97 * box.area
        tree = shapely.STRtree(boxes)
        for i, j in zip(*tree.query(boxes, predicate="intersects"), strict=True):
            if i < j:
                assert shapely.intersection(boxes[i], boxes[j]).area < 0.1
    assert bays > 20


def test_a_closed_lane_leads_into_its_neighbour_and_nobody_drives_there() -> None:
    for seed in range(3):
        network = MidblockCrossing(**WORKS, work_zones=2).generate(derive_rng(seed, "map"), "m")
        topology = Topology(network)
        closed = roads_with(network, LaneType.ROADWORKS)
        assert len(closed) == 2
        for road in closed:
            counts = [sum(v.type is LaneType.DRIVING for v in s.lanes) for s in road.lane_sections]
            assert counts == [3, 3, 2, 3, 3]
            led = [
                topology.successors(LaneRef(road_id=road.id, section=1, lane_id=v.id))
                for v in road.lane_sections[1].lanes
                if v.type is LaneType.DRIVING and v.id != 0
            ]
            assert all(len(v) == 1 for v in led)
            assert len({v[0] for v in led}) == 2
            for section in road.lane_sections[1:4]:
                total = sum(lane.widths[0].a for lane in section.right if lane.type in ROADWAY)
                assert total == pytest.approx(sum(v.widths[0].a for v in road.lane_sections[0].right[:3]))


ROADWAY = {LaneType.DRIVING, LaneType.ROADWORKS}


def test_whoever_keeps_in_the_closed_lane_to_its_end_passes_inside_the_cones() -> None:
    """2.6 m wide, on the closing lane's middle, then over to its neighbour's within 15 m."""
    for seed in range(4):
        network = MidblockCrossing(**WORKS, work_zones=2).generate(derive_rng(seed, "map"), "m")
        geometry = NetworkGeometry(network)
        boxes = [box_of(t.pose, *t.size_m[:2]) for t in things(network) if t.name != "RoadsidePole"]
        assert len(boxes) > 20
        for road in roads_with(network, LaneType.ROADWORKS):
            curve = geometry.curve(road.id)
            lanes = [v for v in road.lane_sections[1].lanes if v.type is LaneType.DRIVING and v.id != 0]
            closing = min(
                lanes,
                key=lambda v: curve.lane_centre(1, v.id, np.array([curve.section_range(1)[1]])).width_m[0],
            )
            s = np.linspace(*curve.section_range(1), 40)
            merging = curve.lane_centre(1, closing.id, s).position_m[:, :2]
            assert closing.successor is not None
            onward = np.linspace(curve.section_range(2)[0] + 15.0, curve.section_range(2)[1], 40)
            after = curve.lane_centre(2, closing.successor, onward).position_m[:, :2]
            swept = shapely.buffer(
                shapely.linestrings(np.concatenate([merging, after])), 1.3, cap_style="flat"
            )
            hit = [b for b in boxes if shapely.intersects(swept, b)]
            assert hit == []


def test_signs_lead_up_to_works_and_the_limit_ends_behind_them() -> None:
    network = MidblockCrossing(**WORKS, work_zones=1, speed_limit_kmh=50.0).generate(
        derive_rng(0, "map"), "m"
    )
    (road,) = roads_with(network, LaneType.ROADWORKS)
    own = {s.id: s for s in road.signals}
    signs = {s.signal_id: s for s in road_signs(network) if s.signal_id in own}
    speeds = sorted((own[k].s_m, s.value) for k, s in signs.items() if s.kind is SignKind.SPEED)
    first, last = (road.lane_sections[i].s_m for i in (1, 4))
    assert [round(v * 3.6) for _, v in speeds] == [30, 50]
    assert speeds[0][0] < first < last <= speeds[1][0]
    assert {"roadworks", "road_narrows"} <= {s.face.value for s in signs.values()}


def test_stands_and_bays_are_painted() -> None:
    network = MidblockCrossing(**WORKS, bus_stops=1).generate(derive_rng(1, "map"), "m")
    (stop,) = bus_stops(network)
    stand = shapely.buffer(box_of(stop.stand, stop.stand_length_m, stop.stand_width_m), 0.1)
    yellow = 0.0
    for surface in mesh_network(network):
        if surface.kind is SurfaceKind.MARKING:
            for triangle in surface.triangles[
                np.all(surface.colors[surface.triangles[:, 0]] == YELLOW, axis=1)
            ]:
                shape = shapely.polygons(surface.positions_m[triangle][:, :2])
                yellow += shape.area if shapely.contains(stand, shape) else 0.0
    assert yellow > 0.15 * 2.0 * stop.stand_length_m


def test_estates_are_loops() -> None:
    """From a junction one comes back to it without a turn-around."""
    for kind in (Campus, IndustrialPark):
        for seed in range(3):
            network = kind().generate(derive_rng(seed, "map"), "m")
            assert len(network.junctions) >= 2
            around = [road for road in network.roads if "turn-around" not in road.name]
            links = [r for r in around if r.junction is None and r.predecessor and r.successor]
            between = [r for r in links if r.predecessor.kind == r.successor.kind == "junction"]
            assert len(between) >= 2 * len(network.junctions)
            assert {r.predecessor.id for r in between} == set(network.junction_by_id)


def test_forms_without_extras_are_as_they_were() -> None:
    plain = MidblockCrossing(lanes=3).generate(derive_rng(4, "map"), "m")
    assert not roads_with(plain, LaneType.STOP) + roads_with(plain, LaneType.PARKING)
    assert not things(plain) and not bus_stops(plain) and not parking_bays(plain)


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        (Campus, {"inner_streets": 1}, "inner_streets=1 must be a whole number within 2 to 4"),
        (Campus, {"towers": 3}, "unknown option 'towers'"),
        (Campus, {"corner_radius_m": [24.0, 18.0]}, "swap them"),
        (IndustrialPark, {"ring_lanes": 3}, "ring_lanes=3 must be a whole number within 1 to 2"),
        (IndustrialPark, {"pavements": "few"}, "pavements='few' must be true or false"),
        (MidblockCrossing, {"work_zones": -1}, "work_zones=-1 must be a whole number within 0 to 12"),
    ],
)
def test_bad_configuration(kind: type, config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(**config)
    assert message in str(caught.value)


def test_boxes_hold_their_members_and_boards_point_at_the_open_lanes() -> None:
    boards = 0
    for network in (
        MidblockCrossing(**WORKS, work_zones=2, bus_stops=2).generate(derive_rng(seed, "map"), "m")
        for seed in range(6)
    ):
        geometry = NetworkGeometry(network)
        for thing in things(network):
            family = FAMILY_OF_BLUEPRINT[thing.blueprint_id]
            assert np.all(np.array(family.size_m(thing.variant)) <= np.array(thing.size_m) + 0.02)
            if thing.name != "ArrowBoard":
                continue
            boards += 1
            mesh = family.mesh(thing.variant)
            lamps = mesh.positions_m[mesh.materials == Material.LIT_SIGN]
            height = lamps[:, 2] - 0.5 * (lamps[:, 2].min() + lamps[:, 2].max())
            tip, rest = (lamps[far, 1].mean() for far in (np.abs(height) < 0.05, np.abs(height) > 0.2))
            to = thing.pose.transform_points(np.array([(0.0, tip, 0.0), (0.0, rest, 0.0)]))
            road = network.road_by_id[thing.road_id]
            curve = geometry.curve(road.id)
            s = np.array([0.5 * sum(curve.section_range(2))])
            open_lanes = [
                v.id for v in road.lane_sections[2].lanes if v.type is LaneType.DRIVING and v.id != 0
            ]
            shut = next(v.id for v in road.lane_sections[2].lanes if v.type is LaneType.ROADWORKS)
            across = (
                curve.lane_centre(2, open_lanes[0], s).position_m - curve.lane_centre(2, shut, s).position_m
            )[0]
            assert float((to[0] - to[1]) @ across) > 0.0
    assert boards >= 6
