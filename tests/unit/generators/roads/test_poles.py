"""Roadside poles stand beside lanes, reach over the road, and meet the traffic, whatever is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.rng import derive_rng
from drivegen.core.roadside import roadside_pole
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, LaneType, RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import road_signs, signal_heads
from drivegen.opendrive.sites import RoadsideSite, roadside_sites
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.junction import SignalisedJunction

ROADWAY = DRIVABLE | {LaneType.BIKING, LaneType.SHOULDER}
KERB_TO_KERB = ROADWAY | {LaneType.MEDIAN}
WIDTHS = {
    "separator_width_m": st.sampled_from(((0.5, 0.5), (1.8, 1.9), (2.5, 6.0))),
    "pavement_width_m": st.sampled_from(((1.5, 1.5), (2.0, 4.9), (4.9, 5.1), (5.0, 10.0))),
    "arms": st.sampled_from((3, 4)),
    "slips": st.sampled_from((None, True)),
}


def lanes_of(
    geometry: NetworkGeometry, kinds: frozenset[LaneType], beside: tuple[RoadsideSite, ...]
) -> list[shapely.Geometry]:
    """Of the roads that have a site and of those through junctions."""
    out, ids = [], {site.road_id for site in beside}
    for road in geometry.network.roads:
        if road.junction is None and road.id not in ids:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            s = curve.stations(index)
            for lane in section.lanes:
                if lane.type in kinds and lane.id != 0:
                    inner, outer, _ = curve.lane_bounds(index, lane.id, s)
                    ring = np.concatenate([curve.points(s, inner), curve.points(s, outer)[::-1]])[:, :2]
                    out.append(shapely.make_valid(shapely.polygons(ring)))
    return out


def on_ground(site: RoadsideSite) -> shapely.Geometry:
    mast = shapely.buffer(shapely.points(site.foot.position_m[:2]), 0.15)
    return shapely.union(mast, shapely.convex_hull(shapely.multipoints(site.cabinet.corners_m()[:, :2])))


def check(network: RoadNetwork) -> None:
    network = read_network(write_network(network), "m")
    sites = roadside_sites(network)
    assert len(sites) == sum(road.name.endswith(" in") for road in network.roads)
    geometry, ways = NetworkGeometry(network), pavements(network)
    roadway, between_kerbs = (lanes_of(geometry, kinds, sites) for kinds in (ROADWAY, KERB_TO_KERB))
    walked = [e for e in ways.edges if e.kind is EdgeKind.PAVEMENT]
    crossed = [e for e in ways.edges if e.kind is EdgeKind.CROSSING]
    posts = [h.foot_m[:2] for h in signal_heads(network)] + [v.foot_m[:2] for v in road_signs(network)]
    for site in sites:
        assert site.junction_id == network.junctions[0].id
        taken = on_ground(site)
        assert np.min(shapely.distance(taken, roadway)) >= 0.15
        assert min(shapely.distance(taken, shapely.points(p)) for p in posts) > 1.2
        for edge in walked:
            assert shapely.distance(taken, shapely.linestrings(edge.centre_m[:, :2])) >= 0.85
        for edge in crossed:
            band = shapely.buffer(shapely.linestrings(edge.centre_m[:, :2]), edge.width_m / 2)
            assert shapely.distance(taken, band) > 1.5
        pole = roadside_pole(site.variant)
        tip = site.foot.transform_points(np.array([[0.0, -pole.arm_m, 0.0]]))[0, :2]
        assert np.any(shapely.contains(between_kerbs, shapely.points(tip)))
        check_view(geometry, site)


def check_view(geometry: NetworkGeometry, site: RoadsideSite) -> None:
    """Traffic that comes in drives towards camera_0, within reach of the arm's side."""
    road = geometry.network.road_by_id[site.road_id]
    curve = geometry.curve(road.id)
    index = len(road.lane_sections) - 1
    lane = min(v.id for v in road.lane_sections[index].lanes if v.type in DRIVABLE)
    centre = curve.lane_centre(index, lane, np.array([road.length_m - 30.0]))
    towards = site.mounts["camera_0"].rotation[:, 0]
    travel = float(centre.heading_rad[0])
    assert towards @ (math.cos(travel), math.sin(travel), 0.0) < -0.9
    ahead = site.foot.inverse().transform_points(centre.position_m)[0]
    assert ahead[0] > 20.0 and ahead[1] < 0.0


@pytest.mark.parametrize("arms", [3, 4])
def test_poles_of_random_junctions_stand_clear(arms: int) -> None:
    @settings(max_examples=6, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(0, 2**32))
    def one(seed: int) -> None:
        check(SignalisedJunction(arms=arms).generate(derive_rng(seed, "map"), "m"))

    one()


def test_poles_of_narrow_and_wide_streets_stand_clear() -> None:
    @settings(max_examples=8, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(0, 2**32), config=st.fixed_dictionaries(WIDTHS))
    def one(seed: int, config: dict[str, object]) -> None:
        check(SignalisedJunction(**config).generate(derive_rng(seed, "map"), "m"))

    one()


def test_without_sites_all_else_is_the_same() -> None:
    with_poles, without = (
        SignalisedJunction(roadside_sites=v).generate(derive_rng(3, "map"), "m") for v in (True, False)
    )
    assert len(roadside_sites(with_poles)) == 4 and roadside_sites(without) == ()
    text, bare = write_network(with_poles), write_network(without)
    kept, skipping = [], False
    for line in text.splitlines():
        skipping = skipping or 'name="RoadsidePole"' in line
        if not skipping:
            kept.append(line)
        if skipping and "</object>" in line:
            skipping = False
    assert kept == bare.splitlines()
