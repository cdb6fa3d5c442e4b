"""Poles on a server: refused in buildings, spawned where they are not drawn."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from drivegen.core.agents import RoadsideUnit
from drivegen.core.errors import PlanError
from drivegen.core.rng import derive_rng
from drivegen.core.roadside import ROADSIDE_POLE
from drivegen.core.sensors import Rig
from drivegen.core.tags import Tag
from drivegen.opendrive.sites import roadside_sites
from drivegen.record.roadside import RoadsidePoles
from drivegen_generators.roads.junction import SignalisedJunction

NETWORK = SignalisedJunction().generate(derive_rng(1, "map"), "lit")
SITES = roadside_sites(NETWORK)


class World:
    """Answers rays by their direction; keeps what is spawned."""

    def __init__(self, down=(), across=(), blueprints=(ROADSIDE_POLE,)):
        self.down, self.across = down, across
        self.blueprints = blueprints
        self.spawned = []

    def cast_ray(self, start, end):
        labels = self.across if abs(start.z - end.z) < 0.01 else self.down
        return [SimpleNamespace(label=label, location=end) for label in labels]

    def get_blueprint_library(self):
        class Library(list):
            def find(self, name):
                return next(b for b in self if b.id == name)

        return Library(SimpleNamespace(id=i, has_attribute=lambda a: False) for i in self.blueprints)

    def try_spawn_actor(self, blueprint, transform):
        self.spawned.append((blueprint.id, transform.location))
        return SimpleNamespace(destroy=self.spawned.clear)


def plan_at(scene_plan, site_id):
    site = SITES[0]
    unit = RoadsideUnit(
        name="roadside_1",
        site=site_id,
        junction_id=site.junction_id,
        map_agent=site.foot,
        rig=Rig(name="none", sensors=()),
    )
    return scene_plan(roadside=(unit,))


def test_a_pole_that_is_drawn_is_left_alone(scene_plan):
    world = World(down=(Tag.POLE, Tag.VEGETATION), across=(Tag.POLE,))
    poles = RoadsidePoles(world, plan_at(scene_plan, SITES[0].id), NETWORK)
    assert world.spawned == []
    assert poles.antennas_m["roadside_1"][2] > 6.0


def test_a_pole_that_is_not_drawn_is_spawned_and_taken_away(scene_plan):
    world = World()
    poles = RoadsidePoles(world, plan_at(scene_plan, SITES[0].id), NETWORK)
    ((blueprint, location),) = world.spawned
    assert blueprint == ROADSIDE_POLE
    assert location.y == pytest.approx(-SITES[0].prop.position_m[1], abs=1e-4)
    poles.destroy()
    assert world.spawned == []


def test_sensors_hang_in_the_air_where_the_server_has_no_poles(scene_plan):
    world = World(blueprints=())
    RoadsidePoles(world, plan_at(scene_plan, SITES[0].id), NETWORK)
    assert world.spawned == []


def test_a_pole_in_a_building_is_refused(scene_plan):
    with pytest.raises(PlanError, match=rf"roadside_1: pole {SITES[0].id} of m stands at .* in a building"):
        RoadsidePoles(World(down=(Tag.BUILDING,)), plan_at(scene_plan, SITES[0].id), NETWORK)


def test_a_pole_that_the_road_has_not_is_refused(scene_plan):
    with pytest.raises(PlanError, match=r"roadside_1 is at pole '77', which m has not; it has \d+"):
        RoadsidePoles(World(), plan_at(scene_plan, "77"), NETWORK)


def test_without_units_nothing_is_asked(scene_plan):
    assert RoadsidePoles(None, scene_plan(), NETWORK).sites == {}
