import numpy as np
import pytest
from shapely.geometry import LineString, Point

from drivegen.core.errors import ConfigError
from drivegen.core.plans import PlacedPose
from drivegen.core.rng import derive_rng
from drivegen.core.weather import Weather
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, PavementEdge
from drivegen.opendrive.pavements import Pavements as Graph
from drivegen_generators.pedestrians import pavements
from drivegen_generators.pedestrians.pavements import Pavements

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
    plans = Pavements(reach_m=10.0, kerb_share=0.0).plan(derive_rng(4), NETWORK, 30, near=ego).walkers
    starts = np.array([p.waypoints[0][:2] for p in plans])
    assert (starts[:, 0] > 0).mean() > 0.9
    apart = np.linalg.norm(starts[:, None] - starts[None], axis=2) + 10 * np.eye(len(starts))
    assert apart.min() >= 1.2 - 1e-3


def test_children_are_children(graph):
    children = Pavements(child_share=1.0, families=False).plan(derive_rng(5), NETWORK, 20).walkers
    small = {f"walker.pedestrian.{n:04d}" for n in (9, 10, 11, 12, 13, 14, 48, 49)}
    assert {p.blueprint for p in children} <= small
    adults = Pavements(child_share=0.0, families=False).plan(derive_rng(5), NETWORK, 40).walkers
    assert not {p.blueprint for p in adults} & small
    assert np.mean([p.speed_mps for p in adults]) == pytest.approx(1.34, abs=0.12)


def test_families_have_shares_and_stand_ins_of_their_age(graph):
    plans = [p for k in range(12) for p in Pavements().plan(derive_rng(5, k), NETWORK, 40).walkers]
    names = [p.blueprint.removeprefix("walker.drivegen.") for p in plans]
    assert set(names) <= {*pavements.ADULTS, *pavements.CHILDREN}
    assert {"woman", "man", "old_woman", "old_man", "worker", "girl", "boy", "student"} <= set(names)
    child = [n in pavements.CHILDREN for n in names]
    assert np.mean(child) == pytest.approx(0.12, abs=0.05)
    small = {f"walker.pedestrian.{n:04d}" for n in (9, 10, 11, 12, 13, 14, 48, 49)}
    assert [p.stand_in in small for p in plans] == child
    assert all(0 <= p.variant <= pavements.GREATEST_VARIANT for p in plans)


def test_people_come_from_a_bounded_pool(graph):
    for k in range(6):
        plans = Pavements(child_share=0.05 * k).plan(derive_rng(9, k), NETWORK, 60).walkers
        assert len({(p.blueprint, p.variant) for p in plans}) <= pavements.POOL
        assert len(plans) > pavements.POOL


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
