import numpy as np
import pytest
from shapely.geometry import LineString, Point, Polygon

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.plans import Begin, Drive, PlacedPose, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.core.weather import Weather
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, PavementEdge
from drivegen.opendrive.pavements import Pavements as Graph
from drivegen.opendrive.stops import BusStop
from drivegen_generators.pedestrians import pavements, people, straight
from drivegen_generators.pedestrians.pavements import HASTE, Pavements

NETWORK = RoadNetwork(name="hand-made", geo_reference="", roads=())


def edge(start, end, kind, points, width, signals=()):
    return PavementEdge(
        start=start,
        end=end,
        kind=kind,
        centre_m=np.array([(x, y, 0.15 if kind is EdgeKind.PAVEMENT else 0.0) for x, y in points], float),
        width_m=width,
        signal_ids=tuple(signals),
    )


@pytest.fixture
def graph(monkeypatch):
    """Pavements along y = 10 and y = -10 from x = -50 to 50, joined by a signalised crossing at x = 0."""
    p, c = EdgeKind.PAVEMENT, EdgeKind.CROSSING
    along = [np.linspace(-50, 0, 26), np.linspace(0, 50, 26)]
    edges = (
        edge(0, 1, p, [(x, 10) for x in along[0]], 3.0),
        edge(1, 2, p, [(x, 10) for x in along[1]], 3.0),
        edge(3, 4, p, [(x, -10) for x in along[0]], 3.0),
        edge(4, 5, p, [(x, -10) for x in along[1]], 3.0),
        edge(1, 4, c, [(0, 8.5), (0, -8.5)], 5.0, ["7", "8"]),
    )
    nodes = np.array([(-50, 10), (0, 10), (50, 10), (-50, -10), (0, -10), (50, -10)], float)
    made = Graph(
        nodes_m=np.column_stack([nodes, np.zeros(6)]),
        edges=edges,
        edges_of_node=((0,), (0, 1, 4), (1,), (2,), (2, 3, 4), (3,)),
        bicycle_lanes=(),
    )
    monkeypatch.setattr(pavements.graphs, "pavements", lambda network: made)
    return made


def test_walks_keep_to_pavements_and_crossings(graph):
    plans = Pavements().plan(derive_rng(1), NETWORK, 30).walkers
    assert len(plans) == 30
    floor = [LineString(e.centre_m[:, :2]).buffer(e.width_m / 2) for e in graph.edges]
    corners = [Point(0, y).buffer(4.0) for y in (10, -10)]  # where pavement and crossing meet
    allowed = floor[0].union(floor[1]).union(floor[2]).union(floor[3]).union(floor[4])
    for corner in corners:
        allowed = allowed.union(corner)
    for plan in plans:
        assert len(plan.waypoints) >= 2
        assert allowed.buffer(0.01).contains(LineString([w[:2] for w in plan.waypoints]))


def test_crossings_are_marked_with_their_signals(graph):
    plans = Pavements(crossing_share=1.0, kerb_share=1.0).plan(derive_rng(2), NETWORK, 12).walkers
    for plan in plans:
        assert plan.crossings
        for crossing in plan.crossings:
            assert crossing.signal_ids == ("7", "8")
            kerb, other = (np.array(plan.waypoints[crossing.first + k]) for k in (0, 1))
            assert sorted([kerb[1], other[1]]) == pytest.approx([-8.5, 8.5])
            assert abs(kerb[0]) <= 2.5
            assert kerb[0] == pytest.approx(other[0])
        first = np.array(plan.waypoints[0][:2])
        kerb = np.array(plan.waypoints[plan.crossings[0].first][:2])
        assert np.linalg.norm(first - kerb) < 12.0


def test_no_leg_that_is_not_a_crossing_leaves_the_kerb(graph):
    for plan in Pavements().plan(derive_rng(3), NETWORK, 40).walkers:
        marked = {c.first for c in plan.crossings}
        for i, (a, b) in enumerate(zip(plan.waypoints[:-1], plan.waypoints[1:], strict=True)):
            assert (a[1] * b[1] < 0) == (i in marked)


def test_starts_are_apart_and_near_the_ego_likelier(graph):
    ego = PlacedPose(x_m=45.0, y_m=0.0, z_m=0.0, yaw_rad=0.0)
    alone = Pavements(reach_m=10.0, kerb_share=0.0, group_share=0.0, jaywalking_share=0.0)
    plans = alone.plan(derive_rng(4), NETWORK, 30, near=ego).walkers
    starts = np.array([p.waypoints[0][:2] for p in plans])
    assert (starts[:, 0] > 0).mean() >= 0.9
    apart = np.linalg.norm(starts[:, None] - starts[None], axis=2) + 10 * np.eye(len(starts))
    assert apart.min() >= 1.2 - 1e-3


def test_children_are_children(graph):
    only = Pavements(child_share=1.0, families=False, jaywalking_share=0.0)
    children = only.plan(derive_rng(5), NETWORK, 20).walkers
    small = {f"walker.pedestrian.{n:04d}" for n in (9, 10, 11, 12, 13, 14, 48, 49)}
    assert {p.blueprint for p in children} <= small
    grown = Pavements(child_share=0.0, families=False, group_share=0.0)
    adults = grown.plan(derive_rng(5), NETWORK, 40).walkers
    assert not {p.blueprint for p in adults} & small
    assert np.mean([p.speed_mps for p in adults]) == pytest.approx(1.34, abs=0.12)


def test_families_have_shares_and_stand_ins_of_their_age(graph):
    plans = [p for k in range(12) for p in Pavements().plan(derive_rng(5, k), NETWORK, 40).walkers]
    names = [p.blueprint.removeprefix("walker.drivegen.") for p in plans]
    assert set(names) <= {*people.ADULTS, *people.CHILDREN}
    assert {"woman", "man", "old_woman", "old_man", "worker", "girl", "boy", "student"} <= set(names)
    child = [n in people.CHILDREN for n in names]
    assert np.mean(child) == pytest.approx(0.12, abs=0.05)
    small = {f"walker.pedestrian.{n:04d}" for n in (9, 10, 11, 12, 13, 14, 48, 49)}
    assert [p.stand_in in small for p in plans] == child
    assert all(0 <= p.variant <= people.GREATEST_VARIANT for p in plans)


def test_people_come_from_a_bounded_pool(graph):
    for k in range(6):
        plans = Pavements(child_share=0.05 * k).plan(derive_rng(9, k), NETWORK, 60).walkers
        assert len({(p.blueprint, p.variant) for p in plans}) <= people.POOL
        assert len(plans) > people.POOL


def test_groups_start_side_by_side_and_share_their_way_and_pace(graph):
    draw = Pavements(group_share=1.0, jaywalking_share=0.0).plan(derive_rng(10), NETWORK, 24)
    assert 22 <= draw.requested["role group"] <= 24
    groups = {}
    for plan in draw.walkers:
        if "group" in plan.roles:
            groups.setdefault(plan.group, []).append(plan)
    assert sum(map(len, groups.values())) >= 22
    assert None not in groups
    for members in groups.values():
        assert 2 <= len(members) <= 4
        starts = np.array([m.waypoints[0][:2] for m in members])
        apart = np.linalg.norm(starts[:, None] - starts[None], axis=2)
        assert apart.max() < 3.0
        assert (apart + 10 * np.eye(len(members))).min() > 0.4
        assert len({m.speed_mps for m in members}) == 1
        assert len({c.signal_ids for m in members for c in m.crossings}) <= 1
        ends = np.array([m.waypoints[-1][:2] for m in members])
        assert np.ptp(ends, axis=0).max() < 3.0


def test_most_children_walk_with_an_adult(graph):
    plans = [p for k in range(8) for p in Pavements().plan(derive_rng(12, k), NETWORK, 40).walkers]
    child = [p.blueprint.rsplit(".", 1)[-1] in people.CHILDREN for p in plans]
    led = [p.group is not None for p, c in zip(plans, child, strict=True) if c]
    assert np.mean(led) > 0.6


def test_jaywalkers_cross_away_from_crossings_or_do_not_mind_the_lights(graph, monkeypatch):
    lanes = np.array([(x, y) for x in np.arange(-50, 50, 2.0) for y in np.arange(-7, 8, 3.5)])
    monkeypatch.setattr(straight, "_lane_points", lambda network: lanes)
    draw = Pavements(jaywalking_share=0.5, jaywalk_width_m=20.0).plan(derive_rng(13), NETWORK, 24)
    bold = [p for p in draw.walkers if "jaywalking" in p.roles]
    assert draw.requested["role jaywalking"] == len(bold) == 12
    away = [p for p in bold if not p.crossings[0].signal_ids]
    assert 2 <= len(away) <= 10
    for plan in bold:
        (crossing,) = plan.crossings
        assert crossing.begin is Begin.GAP
        kerb, other = (np.array(plan.waypoints[crossing.first + k]) for k in (0, 1))
        assert kerb[1] * other[1] < 0
        if not crossing.signal_ids:
            assert abs(kerb[0]) > 15.0
            assert kerb[0] == pytest.approx(other[0], abs=0.1)
            assert abs(kerb[1]) == pytest.approx(10 - 1.5 + 0.45)


def test_wide_roads_are_not_crossed_away_from_crossings(graph, monkeypatch):
    lanes = np.array([(x, y) for x in np.arange(-50, 50, 2.0) for y in np.arange(-7, 8, 3.5)])
    monkeypatch.setattr(straight, "_lane_points", lambda network: lanes)
    draw = Pavements(jaywalking_share=1.0, jaywalk_width_m=15.0).plan(derive_rng(13), NETWORK, 8)
    assert all(p.crossings[0].signal_ids for p in draw.walkers if "jaywalking" in p.roles)


def parked(x, blueprint="vehicle.drivegen.bus", drive=Drive.PARKED):
    return VehiclePlan(
        blueprint=blueprint,
        color_rgb=(0, 0, 0),
        start=PlacedPose(x_m=x, y_m=-6.8, z_m=0.0, yaw_rad=0.0),
        speed_difference_percent=0.0,
        following_distance_m=2.0,
        lane_changes=False,
        drive=drive,
    )


EGO = PlacedPose(x_m=-40.0, y_m=-3.0, z_m=0.0, yaw_rad=0.0)


def test_who_darts_out_is_hidden_by_a_parked_vehicle(graph):
    generator = Pavements(dart_outs=1, jaywalking_share=0.0)
    draw = generator.plan(derive_rng(14), NETWORK, 6, near=EGO, vehicles=[parked(0.0)])
    assert draw.requested["role dart_out"] == 1.0
    assert len(draw.walkers) == 6
    (plan,) = [p for p in draw.walkers if "dart_out" in p.roles]
    (crossing,) = plan.crossings
    assert crossing.begin is Begin.EGO
    assert crossing.first == 0
    assert 2.2 <= crossing.speed_mps <= 3.4
    assert 1.0 < crossing.ego_within_s < 5.0
    start, end = plan.waypoints[0], plan.waypoints[1]
    bus = Polygon([(-6.0, -8.4), (6.0, -8.4), (6.0, -5.2), (-6.0, -5.2)])
    eye = (EGO.x_m + 1.5, EGO.y_m)
    assert LineString([eye, start[:2]]).intersects(bus)
    assert not LineString([start[:2], end[:2]]).buffer(0.3).intersects(bus)
    assert end[1] > 8.0


def test_without_a_parked_vehicle_on_its_way_nobody_darts_out(graph):
    generator = Pavements(dart_outs=2)
    moving = [parked(0.0, drive=Drive.TRAFFIC_MANAGER), parked(-45.0), parked(5.0, "vehicle.drivegen.ebike")]
    draw = generator.plan(derive_rng(14), NETWORK, 6, near=EGO, vehicles=moving)
    assert draw.requested["role dart_out"] == 2.0
    assert not [p for p in draw.walkers if "dart_out" in p.roles]


def test_people_wait_on_platforms(graph, monkeypatch):
    stop = BusStop(
        name="BusStop_1", road_id=1, lane_id=-1, is_bay=False, s_m=0.0,
        stand=Pose.from_xyz_rpy(0, 6, 0), stand_length_m=12.0, stand_width_m=3.0,
        platform=Pose.from_xyz_rpy(20, 10, 0.15, yaw_rad=np.pi), platform_length_m=10.0, platform_width_m=2.5,
    )  # fmt: skip
    monkeypatch.setattr(pavements, "bus_stops", lambda network: (stop,))
    draw = Pavements(waiting_share=0.25, jaywalking_share=0.0).plan(derive_rng(15), NETWORK, 16)
    waiting = [p for p in draw.walkers if "waiting" in p.roles]
    assert draw.requested["role waiting"] == len(waiting) == 4
    for plan in waiting:
        assert plan.stays
        (x, y, z), (tx, ty, _) = plan.waypoints
        assert 15.4 < x < 24.6
        assert 9.2 < y < 10.8
        assert z == 0.15
        assert (tx - x, ty - y)[1] < 0  # towards the road


def test_walls_are_where_the_pavement_ends(graph):
    for plan in Pavements(jaywalking_share=0.0).plan(derive_rng(16), NETWORK, 30).walkers:
        assert len(plan.half_widths_m) == len(plan.waypoints) - 1
        crossed = {c.first for c in plan.crossings}
        for k, width in enumerate(plan.half_widths_m):
            ay, by = (w[1] for w in plan.waypoints[k : k + 2])
            if k not in crossed and abs(ay) == abs(by):
                assert width <= 1.5 - abs(abs(ay) - 10.0) + 1e-6
            assert width >= 0.3


def test_umbrellas_are_open_in_rain_alone(graph):
    def umbrellas(weather):
        plans = Pavements(child_share=0.0).plan(derive_rng(8), NETWORK, 40, weather=weather).walkers
        return np.mean([p.blueprint == "walker.drivegen.umbrella" for p in plans])

    assert umbrellas(None) == umbrellas(Weather()) == 0.0
    assert umbrellas(Weather(precipitation=60.0)) > 0.35


def test_a_full_pavement_gives_fewer_than_asked(graph):
    # Two pavements of 100 m with people at least 1.2 m apart in a strip of 0.8 m: some tens fit, not more.
    plans = Pavements(kerb_share=0.0).plan(derive_rng(6), NETWORK, 1000).walkers
    assert 50 < len(plans) < 200


def test_the_same_generator_state_gives_the_same_walks(graph):
    assert Pavements().plan(derive_rng(7), NETWORK, 9) == Pavements().plan(derive_rng(7), NETWORK, 9)


def test_without_pavements_nobody_walks(monkeypatch):
    empty = Graph(nodes_m=np.zeros((0, 3)), edges=(), edges_of_node=(), bicycle_lanes=())
    monkeypatch.setattr(pavements.graphs, "pavements", lambda network: empty)
    assert Pavements().plan(derive_rng(1), NETWORK, 5).walkers == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"child_share": -0.1}, "child_share is -0.1"),
        ({"crossing_share": 2}, "crossing_share is 2"),
        ({"reach_m": 0}, "reach_m is 0"),
        ({"length_m": None}, "length_m is None; a number"),
        ({"group_share": 1.5}, "group_share is 1.5"),
        ({"jaywalking_share": "x"}, "jaywalking_share is 'x'; a number"),
        ({"dart_outs": 1.5}, "dart_outs is 1.5; a whole number"),
        ({"dart_outs": -1}, "dart_outs is -1"),
        ({"speed_mps": [1.0]}, "speed_mps"),
        ({"speed_mps": [9.0, 0.1]}, "speed_mps is 9.0"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        Pavements(**options)


def test_a_negative_count_is_an_error(graph):
    with pytest.raises(ConfigError, match="-2 walkers"):
        Pavements().plan(derive_rng(1), NETWORK, -2)


def test_people_hurry_over_crossings(graph):
    plans = Pavements(crossing_share=1.0, kerb_share=1.0).plan(derive_rng(2), NETWORK, 12).walkers
    hurried = [(c.speed_mps, p.speed_mps) for p in plans for c in p.crossings if c.begin is Begin.SIGNAL]
    assert len(hurried) > 5
    assert all(fast == pytest.approx(HASTE * pace, abs=1e-3) for fast, pace in hurried)
