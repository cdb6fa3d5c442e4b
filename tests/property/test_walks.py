"""Whatever road is drawn: walkers keep to pavements and crossings, and to themselves."""

import os
from functools import cache

import numpy as np
import pytest
import shapely
from benchmarks.road_forms_drive import FORMS
from hypothesis import given, settings
from hypothesis import strategies as st

from drivegen.core.plans import PlacedPose
from drivegen.core.rng import derive_rng
from drivegen.runtime import plugins
from drivegen_generators.pedestrians.pavements import Pavements
from tests.walkable import play, walkable_area

MIDDLE = PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0)
SECONDS = 60.0
GREATEST = 200 if "DRIVEGEN_WALK_DRAWS" in os.environ else 80
DEEPEST_M = 0.1
"""Bodies may overlap so far where people push."""

WITH_PAVEMENTS = ("junction_3", "junction_4", "unsignalised_4", "midblock_lights", "roundabout")


@cache
def road(form, seed):
    plugin, params = FORMS[form]
    roads = plugins.make("generators.roads", plugin, params, "map.plugin")
    network = roads.generate(derive_rng(seed, "map"), form)
    area = walkable_area(network)
    shapely.prepare(area)
    return network, area


@settings(max_examples=int(os.environ.get("DRIVEGEN_WALK_DRAWS", "3")), deadline=None, derandomize=True)
@given(
    form=st.sampled_from(WITH_PAVEMENTS),
    seed=st.integers(0, 50),
    count=st.integers(30, GREATEST),
)
def test_people_never_stand_in_walls_nor_in_each_other(form, seed, count):
    network, area = road(form, seed)
    plans = Pavements(jaywalking_share=0.0).plan(derive_rng(seed), network, count, near=MIDDLE).walkers
    assert len(plans) > 20
    for plan in plans:
        line = shapely.linestrings([w[:2] for w in plan.waypoints])
        assert shapely.difference(line, area).length < 0.05
    played = play(plans, SECONDS)
    inside = shapely.contains_xy(area, *played.xy_m.reshape(-1, 2).T)
    assert inside.all()
    assert played.deepest_overlap_m() < DEEPEST_M
    assert np.linalg.norm(played.velocity_mps, axis=2).max() < 1.3 * 2.2 + 1e-6


@pytest.mark.parametrize("form", ["junction_4", "unsignalised_3"])
def test_equal_seeds_give_equal_plans_and_tracks(form):
    network, _ = road(form, 1)
    once, again = (Pavements().plan(derive_rng(4), network, 25, near=MIDDLE) for _ in range(2))
    assert once == again
    np.testing.assert_array_equal(play(once.walkers, 5.0).xy_m, play(again.walkers, 5.0).xy_m)
