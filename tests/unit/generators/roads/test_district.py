"""Whatever district is drawn, the real client reads it and traffic can go on for ever.

DRIVEGEN_DRAWS sets how many districts of up to eight junctions are drawn; the default district and the city
of 329 junctions with lights are drawn where it is at least 100.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.district import City, District
from drivegen_generators.roads.fittings import ArmFittings
from drivegen_generators.roads.link import Link, LinkEnd
from drivegen_generators.roads.plan_view import Heading, biarc
from drivegen_generators.roads.street_names import street_name
from tests.unit.generators.roads.map_checks import (
    check_agreement,
    check_dialect,
    check_mesh,
    check_strongly_connected,
    check_with_client,
)

DRAWS = int(os.environ.get("DRIVEGEN_DRAWS", "4"))
LARGE = DRAWS >= 100
PHASES = (Phase.explicit, Phase.generate)
"""Shrinking a district takes longer than it helps."""
SECTION = CrossSection(
    lanes=3, lane_m=3.5, median_m=5.0, separator_m=1.5, bicycle_m=3.0, pavement_m=3.5, pocket_m=0.0
)
ENDS = {
    "junctions": (1, 2, 3, 5, 8) if LARGE else (1, 2, 4),
    "block_m": ((240.0, 240.0), (300.0, 480.0), (700.0, 700.0)),
    "irregularity": (0.0, 1.0),
    "arterials": (0.0, 0.5, 1.0),
    "arterial_lanes": ((2, 2), (2, 5), (5, 5)),
    "minor_lanes": ((1, 1), (1, 2), (2, 2)),
    "lane_changes": (0.0, 1.0),
    "signalised_minor": (0.0, 1.0),
    "roundabouts": (0.0, 1.0),
    "midblock": (0.0, 1.0),
    "dropped": (0.0, 1.0),
    "outer_arms": (0.0, 1.0),
    "slips": (0.0, 1.0),
    "u_turns": (0.0, 1.0),
    "separator_width_m": ((0.5, 0.5), (4.0, 4.0)),
    "minor_pavement_width_m": ((1.5, 1.5), (5.0, 5.0)),
}
"""Values at the ends of what is allowed."""


def check(network: RoadNetwork) -> None:
    text = write_network(network)
    check_dialect(network)
    check_with_client(network, text)
    check_agreement(network, text)
    check_strongly_connected(network)
    check_ids(network)
    check_clear(network)


def check_ids(network: RoadNetwork) -> None:
    """The client tells roads from junctions by their numbers alone."""
    assert not {r.id for r in network.roads} & {j.id for j in network.junctions}
    assert len({j.id for j in network.junctions}) == len(network.junctions)
    assert len({c.id for c in network.controllers}) == len(network.controllers)
    grouped = Counter(c.id for j in network.junctions for c in j.controllers)
    assert grouped == Counter(c.id for c in network.controllers)


def check_clear(network: RoadNetwork) -> None:
    """Roads outside junctions keep apart from those that they do not touch."""
    geometry = NetworkGeometry(network)
    places, owners = [], []
    for road in network.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            s = np.arange(first, last, 4.0)
            offsets = curve.border_offsets(index, s)
            for border in (0, min(v.id for v in section.lanes)):
                places.append(curve.points(s, offsets[border])[:, :2])
                owners.append(np.full(len(s), road.id))
    points, owner = np.concatenate(places), np.concatenate(owners)
    for road in network.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index in range(len(road.lane_sections)):
            first, last = curve.section_range(index)
            s = np.linspace(first, last, max(2, int((last - first) / 4.0)))
            offsets = curve.border_offsets(index, s)
            middle = 0.5 * (offsets[0] + offsets[min(offsets)])
            half = 0.5 * np.abs(offsets[0] - offsets[min(offsets)])
            centre = curve.points(s, middle)[:, :2]
            touched = [v.id for v in (road.predecessor, road.successor) if v and v.contact is not None]
            others = ~np.isin(owner, [road.id, *touched])
            apart = np.linalg.norm(centre[:, None, :] - points[others][None, :, :], axis=2)
            nearest = owner[others][apart.min(axis=0).argmin()] if others.any() else 0
            assert (apart > half[:, None] - 0.3).all(), (road.id, road.name, int(nearest))


def test_every_draw_is_a_good_map() -> None:
    @settings(max_examples=DRAWS, deadline=None, database=None, derandomize=True, phases=PHASES)
    @given(seed=st.integers(0, 2**32), junctions=st.integers(1, 8 if LARGE else 4))
    def one(seed: int, junctions: int) -> None:
        check(District(junctions=junctions).generate(derive_rng(seed, "map"), "district"))

    one()


def test_extremes_are_good_maps() -> None:
    values = {name: st.sampled_from(ends) for name, ends in ENDS.items()}

    @settings(max_examples=DRAWS, deadline=None, database=None, derandomize=True, phases=PHASES)
    @given(seed=st.integers(0, 2**32), config=st.fixed_dictionaries(values))
    def one(seed: int, config: dict[str, object]) -> None:
        check(District(**config).generate(derive_rng(seed, "map"), "extreme"))

    one()


def test_meshes_without_holes() -> None:
    for seed in range(max(1, DRAWS // 20)):
        check_mesh(District(junctions=1).generate(derive_rng(seed, "map"), "district"))


@pytest.mark.skipif(not LARGE, reason="takes minutes; set DRIVEGEN_DRAWS to 100 or more")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", [District, City])
def test_the_large_ones_are_good_maps(kind: type[District]) -> None:
    start = time.process_time()
    network = kind().generate(derive_rng(0, "map"), kind.form)
    text = write_network(network)
    assert time.process_time() - start < 180.0
    check_dialect(network)
    check_with_client(network, text)
    check_agreement(network, text, per_lane=1)
    check_strongly_connected(network)
    check_ids(network)


def test_the_city_has_as_many_junctions_with_lights_as_asked() -> None:
    network = City(junctions=12, midblock=0.0, arterials=0.4, signalised_minor=0.0).generate(
        derive_rng(1, "map"), "city"
    )
    lit = [j for j in network.junctions if j.controllers]
    assert len(lit) == 12 < len(network.junctions)
    assert {c.id for j in lit for c in j.controllers} == {h.controller_id for h in signal_heads(network)}


def test_a_district_has_all_forms() -> None:
    network = District().generate(derive_rng(0, "map"), "district")
    names = Counter(j.name.split(" ")[0] for j in network.junctions)
    assert names["roundabout"] >= 3
    arms = Counter(len({c.incoming_road for c in j.connections}) for j in network.junctions)
    assert arms[2] and arms[3] and arms[4]
    without = [j for j in network.junctions if not j.controllers]
    assert 0 < len(without) < len(network.junctions)
    streets = {r.name for r in network.roads if r.junction is None and r.name[-1] in "街路"}
    assert len(streets) >= 8


def test_equal_seeds_equal_bytes() -> None:
    texts = [write_network(District(junctions=4).generate(derive_rng(s, "map"), "m")) for s in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]


def test_names() -> None:
    names = [street_name(i, along=along) for along in (False, True) for i in range(40)]
    assert len(set(names)) == len(names)
    assert (names[0], names[11], names[40]) == ("科创一街", "科创十二街", "荣华一路")


@pytest.mark.parametrize(
    ("a", "b", "pockets"),
    [
        ({}, {}, (0.0, 0.0)),
        ({}, {"pocket_m": 3.25}, (0.0, 40.0)),
        ({"pocket_m": 3.25}, {"pocket_m": 3.25}, (30.0, 40.0)),
        ({"lanes": 2}, {"lanes": 3, "pocket_m": 3.25}, (0.0, 40.0)),
        ({"lanes": 4}, {"lanes": 2}, (0.0, 0.0)),
        ({"median_m": 0.0}, {"median_m": 4.0}, (0.0, 0.0)),
        ({"separator_m": 0.0, "lane_m": 3.0}, {"bicycle_m": 2.0}, (0.0, 0.0)),
    ],
)
def test_links_change_gradually(a: dict[str, Any], b: dict[str, Any], pockets: tuple[float, float]) -> None:
    """Borders of lanes that follow each other meet; sections at both ends are as the junctions see them."""
    link = make_link(a, b, pockets, 260.0)
    network = RoadNetwork(name="m", geo_reference="", roads=link.roads(ArmFittings(), ArmFittings()))
    geometry = NetworkGeometry(network)
    for road, out, into in zip(
        network.roads, (link.arm_a, link.arm_b), (link.arm_b, link.arm_a), strict=True
    ):
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections[:-1]):
            s = road.lane_sections[index + 1].s_m
            before, after = (
                np.unique(
                    np.round([v[0] for k, v in curve.border_offsets(i, np.array([s])).items() if k <= 0], 3)
                )
                for i in (index, index + 1)
            )
            assert before == pytest.approx(after, abs=2e-3)
            assert all(v.successor is not None for v in section.right if v.type is LaneType.DRIVING)
        first, last = road.lane_sections[0], road.lane_sections[-1]
        assert len([v for v in first.right if v.type is LaneType.DRIVING]) == out.section.lanes
        assert len([v for v in last.right if v.type is LaneType.DRIVING]) == into.section.entry_lanes
        ends = curve.border_offsets(len(road.lane_sections) - 1, np.array([road.length_m - 1e-6]))
        assert ends[0][0] == pytest.approx(-into.section.median_m / 2.0 + into.section.pocket_m, abs=1e-3)
        assert min(ends.values())[0] == pytest.approx(-into.section.outer_m, abs=1e-3)
        starts = curve.border_offsets(0, np.array([0.0]))
        assert min(starts.values())[0] == pytest.approx(-out.section.outer_m, abs=1e-3)


def test_both_carriageways_of_a_link_share_its_median() -> None:
    link = make_link({"pocket_m": 3.25}, {"pocket_m": 3.25, "median_m": 7.0}, (30.0, 40.0), 300.0)
    there, back = link.roads(ArmFittings(), ArmFittings())
    geometry = NetworkGeometry(RoadNetwork(name="m", geo_reference="", roads=(there, back)))
    for x in np.linspace(1.0, link.axis.length_m - 1.0, 120):
        widths, left = 0.0, []
        for road, s in ((there, x), (back, link.axis.length_m - x)):
            offsets = geometry.curve(road.id).border_offsets(road.section_at(s), np.array([s]))
            left.append(offsets[0][0])
            widths += offsets[1][0] - offsets[0][0] if 1 in offsets else 0.0
        assert widths == pytest.approx(-left[0] - left[1], abs=1e-3)


def make_link(a: dict[str, Any], b: dict[str, Any], pockets: tuple[float, float], length_m: float) -> Link:
    far = Heading(x_m=length_m, y_m=15.0, heading_rad=0.1)
    return Link(
        there=1,
        back=2,
        name="link",
        axis=biarc(Heading(x_m=0.0, y_m=0.0, heading_rad=0.0), far),
        a=LinkEnd(name="a", junction=900, section=replace(SECTION, **a), pocket_length_m=pockets[0]),
        b=LinkEnd(name="b", junction=901, section=replace(SECTION, **b), pocket_length_m=pockets[1]),
        speed_mps=15.0,
    )


def test_short_links_are_refused() -> None:
    with pytest.raises(ConfigError, match="too short"):
        make_link({"lanes": 2}, {"lanes": 4, "pocket_m": 3.25}, (0.0, 40.0), 150.0).roads(
            ArmFittings(), ArmFittings()
        )


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        (District, {"legs": 4}, "unknown option 'legs'"),
        (District, {"junctions": 0}, "junctions=0 must be a whole number"),
        (District, {"block_m": [100.0, 200.0]}, "block_m"),
        (District, {"slips": 1.5}, "slips=1.5 must be a number"),
        (District, {"arterial_lanes": [2.5, 3]}, "must be a whole number"),
        (District, {"median_width_m": [1.0, 5.0]}, "left-turn pockets need medians"),
        (City, {"junctions": 2000}, "junctions=2000"),
    ],
)
def test_bad_configuration(kind: type[District], config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(**config)
    assert message in str(caught.value)


def test_a_city_without_lights_is_refused() -> None:
    with pytest.raises(ConfigError, match="raise arterials"):
        City(junctions=9, arterials=0.0, signalised_minor=0.0).generate(derive_rng(0, "map"), "city")
