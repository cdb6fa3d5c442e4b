"""Whatever is drawn of any form, the real client reads it and traffic can go on for ever.

DRIVEGEN_DRAWS sets how many draws of each form are made.
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.signals import SignKind, road_signs, signal_heads
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.expressway import ExpresswayRoads
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.roads.midblock import MidblockCrossing
from drivegen_generators.roads.overpass import Overpass
from drivegen_generators.roads.roundabout import Roundabout
from drivegen_generators.roads.tunnel import Tunnel
from drivegen_generators.roads.unsignalised import UnsignalisedJunction
from tests.unit.generators.roads.map_checks import (
    check_agreement,
    check_dialect,
    check_mesh,
    check_strongly_connected,
    check_with_client,
)

DRAWS = int(os.environ.get("DRIVEGEN_DRAWS", "12"))
LONG_DRAWS = DRAWS if "DRIVEGEN_DRAWS" in os.environ else 4
"""Of forms with many lanes."""
LONG = {"expressway", "ExpresswayRoads"}
MESHED_DRAWS = max(1, DRAWS // 10)
"""Meshing takes a hundred times as long as drawing."""
FORMS = {
    "junction_4": lambda: SignalisedJunction(arms=4),
    "junction_3": lambda: SignalisedJunction(arms=3),
    "unsignalised_4": lambda: UnsignalisedJunction(arms=4),
    "unsignalised_3": lambda: UnsignalisedJunction(arms=3),
    "midblock": MidblockCrossing,
    "roundabout": Roundabout,
    "overpass": Overpass,
    "tunnel": Tunnel,
    "expressway": ExpresswayRoads,
}
WITHOUT_CROSSINGS = {"expressway"}
GRADES = ((0.0, 0.0), (-8.0, -8.0), (8.0, 8.0))
SEPARATED = {
    "lanes": (1, 2),
    "skew_deg": (0.0, 20.0),
    "bend_radius_m": (120.0, 1000.0),
    "clearance_m": ((4.5, 4.5), (8.0, 8.0)),
    "grade_percent": ((2.0, 2.0), (5.5, 5.5)),
    "lane_width_m": ((2.75, 2.75), (4.5, 4.5)),
    "end_length_m": ((45.0, 45.0), (200.0, 200.0)),
    "pavement_width_m": ((1.5, 1.5), (6.0, 6.0)),
}
BOUNDS = {
    SignalisedJunction: {
        "arms": (3, 4),
        "skew_deg": (0.0, 15.0),
        "bend_radius_m": (150.0, 1000.0),
        "slips": (None, False, True),
        "u_turns": (None, False, True),
        "waiting_areas": (False, True),
        "left_turn_pockets": (False, True),
        "lane_width_m": ((2.75, 2.75), (3.75, 3.75)),
        "pavement_width_m": ((1.5, 1.5), (10.0, 10.0)),
        "grade_percent": GRADES,
    },
    UnsignalisedJunction: {
        "arms": (3, 4),
        "skew_deg": (0.0, 20.0),
        "main_lanes": (1, 2),
        "bicycle_lanes": (False, True),
        "kerb_radius_m": ((5.0, 5.0), (15.0, 15.0)),
        "grade_percent": GRADES,
    },
    MidblockCrossing: {
        "lanes": (1, 4),
        "signalised": (False, True),
        "bend_radius_m": (150.0, 1000.0),
        "median_width_m": ((0.5, 0.5), (12.0, 12.0)),
        "grade_percent": GRADES,
    },
    Roundabout: {
        "arms": (3, 4, 5),
        "circulating_lanes": (1, 2),
        "bicycle_lanes": (False, True),
        "median_width_m": ((1.0, 1.0), (6.0, 6.0)),
        "lane_width_m": ((2.75, 2.75), (4.5, 4.5)),
        "ring_lane_width_m": ((3.5, 3.5), (6.0, 6.0)),
        "pavement_width_m": ((1.5, 1.5), (5.0, 5.0)),
        "grade_percent": GRADES,
    },
    Overpass: SEPARATED,
    Tunnel: {**SEPARATED, "covered_length_m": ((20.0, 20.0), (300.0, 300.0))},
    ExpresswayRoads: {
        "kind": ("merge", "diverge", "weaving", "all"),
        "lanes": (2, 4),
        "side_road": (False, True),
        "side_lanes": (1, 3),
        "hard_shoulder": (False, True),
        "bend_radius_m": (300.0, 1e6),
        "loop_radius_m": (30.0, 150.0),
        "median_width_m": ((1.0, 1.0), (12.0, 12.0)),
        "lane_width_m": ((3.25, 3.25), (3.75, 3.75)),
        "green_width_m": ((9.25, 9.25), (30.0, 30.0)),
        "ramp_length_m": ((90.0, 90.0), (250.0, 250.0)),
        "weaving_length_m": ((120.0, 120.0), (800.0, 800.0)),
        "pavement_width_m": ((1.5, 1.5), (10.0, 10.0)),
    },
}
"""Values at the ends of what is allowed."""


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
    @settings(
        max_examples=LONG_DRAWS if form in LONG else DRAWS, deadline=None, database=None, derandomize=True
    )
    @given(seed=st.integers(0, 2**32))
    def one(seed: int) -> None:
        network = drawn(form, seed)
        check(network)
        crossings = any(o.type == "crosswalk" for road in network.roads for o in road.objects)
        assert crossings == (form not in WITHOUT_CROSSINGS)

    one()


@pytest.mark.parametrize("form", FORMS)
def test_draws_mesh_without_holes(form: str) -> None:
    @settings(max_examples=MESHED_DRAWS, deadline=None, database=None, derandomize=True)
    @given(seed=st.integers(1, 2**32))
    def one(seed: int) -> None:
        check_mesh(drawn(form, seed))

    one()


@pytest.mark.parametrize("kind", BOUNDS, ids=lambda kind: kind.__name__)
def test_extremes_are_good_maps(kind: type) -> None:
    values = {name: st.sampled_from(ends) for name, ends in BOUNDS[kind].items()}

    @settings(
        max_examples=LONG_DRAWS if kind.__name__ in LONG else DRAWS,
        deadline=None,
        database=None,
        derandomize=True,
    )
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


def test_what_governs_each_form() -> None:
    for form in ("junction_4", "junction_3"):
        network = drawn(form, 2)
        assert {h.controller_id for h in signal_heads(network)} == {c.id for c in network.controllers}
        crossings = [e for e in pavements(network).edges if e.kind is EdgeKind.CROSSING]
        assert any(e.signal_ids for e in crossings)
    network = UnsignalisedJunction(arms=4, sign="stop").generate(derive_rng(1, "map"), "m")
    assert sum(s.kind is SignKind.STOP for s in road_signs(network)) == 2
    network = Roundabout(arms=5).generate(derive_rng(1, "map"), "m")
    assert sum(s.kind is SignKind.YIELD for s in road_signs(network)) == 5


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        (SignalisedJunction, {"legs": 4}, "unknown option 'legs'"),
        (SignalisedJunction, {"lanes": [3, 3, 3]}, "must have 4 numbers"),
        (SignalisedJunction, {"median_width_m": [1.0, 2.0]}, "left-turn pockets need medians"),
        (SignalisedJunction, {"lane_width_m": [3.5, 3.0]}, "swap them"),
        (UnsignalisedJunction, {"sign": "none"}, "sign='none' must be yield, stop or null"),
        (MidblockCrossing, {"lanes": 2.5}, "lanes=2.5 must be a whole number"),
        (ExpresswayRoads, {"kind": "split"}, "kind='split' must be one of"),
        (ExpresswayRoads, {"green_width_m": [8.0, 9.0]}, "leaves no room for ramps"),
        (Roundabout, {"arms": 5, "island_radius_m": [12.0, 14.0]}, "no room for the entries"),
    ],
)
def test_bad_configuration(kind: type, config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(**config)
    assert message in str(caught.value)


def test_lanes_that_lead_nowhere_are_refused() -> None:
    with pytest.raises(ConfigError, match="more similar numbers"):
        SignalisedJunction(lanes=[5, 2, 2, 2]).generate(derive_rng(0, "map"), "m")
