import numpy as np
import pytest

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import ALL_LAYERS, MapLayer, SceneryObject
from drivegen.embedded.world.environment import Environment


def piece(number, tag, name="thing"):
    at = Pose.identity()
    return SceneryObject(id=number, name=name, tag=tag, pose=at, box=Box(pose=at, size_m=np.ones(3)))


HOUSE = piece(1, Tag.BUILDING)
TREE = piece(2, Tag.VEGETATION)
LAMP = piece(3, Tag.POLE, "Pole_Lamp_00003")
BOLLARD = piece(4, Tag.POLE, "Pole_Bollard_00004")
ROAD = piece(5, Tag.ROAD)
SIGN = piece(6, Tag.TRAFFIC_SIGN)
ALL = (HOUSE, TREE, LAMP, BOLLARD, ROAD, SIGN)


def shown(environment):
    return [p.id for p in ALL if environment.is_shown(p)]


def test_everything_is_there_at_first():
    environment = Environment()
    assert environment.is_whole
    assert shown(environment) == [1, 2, 3, 4, 5, 6]


def test_pieces_go_and_come_back_and_every_change_is_counted():
    environment = Environment()
    environment.enable([HOUSE, SIGN], False)
    assert shown(environment) == [2, 3, 4, 5]
    assert (environment.is_whole, environment.revision) == (False, 1)
    assert environment.is_loaded(HOUSE)
    environment.enable([HOUSE, TREE, SIGN], True)
    assert shown(environment) == [1, 2, 3, 4, 5, 6]
    assert (environment.is_whole, environment.revision) == (True, 2)


@pytest.mark.parametrize(
    ("layer", "left"),
    [
        (MapLayer.BUILDINGS, [2, 3, 4, 5, 6]),
        (MapLayer.FOLIAGE, [1, 3, 4, 5, 6]),
        (MapLayer.STREET_LIGHTS, [1, 2, 4, 5, 6]),
        (MapLayer.PROPS, [1, 2, 3, 5, 6]),
        (MapLayer.DECALS | MapLayer.PARTICLES | MapLayer.PARKED_VEHICLES, [1, 2, 3, 4, 5, 6]),
        (ALL_LAYERS, [5, 6]),
    ],
)
def test_layers_go_and_come_back(layer, left):
    environment = Environment()
    environment.unload(int(layer))
    assert shown(environment) == left
    environment.load(int(layer))
    assert shown(environment) == [1, 2, 3, 4, 5, 6]
    assert environment.is_whole
    # An episode that begins with the others only.
    assert shown(Environment(ALL_LAYERS & ~int(layer))) == left


def test_a_layer_that_was_away_comes_back_whole_and_one_that_was_not_stays_as_it_is():
    environment = Environment()
    environment.enable([HOUSE, TREE], False)
    environment.unload(int(MapLayer.BUILDINGS))
    environment.load(ALL_LAYERS)
    assert shown(environment) == [1, 3, 4, 5, 6]
