import dataclasses
import math

import numpy as np
import pytest

from drivegen.core.errors import MapError
from drivegen.opendrive.model import ObjectRepeat, RoadNetwork, RoadObject
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.things import thing_object, things
from drivegen.opendrive.writer import write_network
from tests.unit.opendrive.roads import one_road

CONE = "static.prop.drivegen.cone"


def with_object(item: RoadObject, heading_rad: float = 0.0) -> RoadNetwork:
    network = one_road(heading_rad=heading_rad)
    road = dataclasses.replace(network.roads[0], objects=(item,))
    return RoadNetwork(name="m", geo_reference="", roads=(road,))


def cone() -> RoadObject:
    return thing_object(
        object_id=7,
        name="Cone",
        kind="obstacle",
        blueprint_id=CONE,
        variant=5,
        s_m=10.0,
        t_m=-2.0,
        z_offset_m=0.15,
        heading_rad=math.pi / 2,
        size_m=(0.4, 0.4, 0.7),
    )


def test_a_thing_is_written_and_read_back() -> None:
    network = with_object(cone(), heading_rad=math.pi / 2)
    again = read_network(write_network(network), "m")
    assert again.roads[0].objects == network.roads[0].objects
    (thing,) = things(again)
    assert (thing.blueprint_id, thing.variant, thing.road_id) == (CONE, 5, 1)
    # the road runs north: 10 m along, 2 m to the right, and a quarter turned from north is west
    np.testing.assert_allclose(thing.pose.position_m, (2.0, 10.0, 0.15), atol=1e-9)
    assert abs(thing.pose.yaw_rad) == pytest.approx(math.pi)


def test_a_repeated_thing_stands_at_each_place() -> None:
    row = ObjectRepeat(s_m=20.0, length_m=9.0, distance_m=3.0, t_start_m=-1.0, t_end_m=-4.0)
    placed = things(with_object(dataclasses.replace(cone(), repeats=(row,))))
    feet = np.array([t.pose.position_m for t in placed])
    np.testing.assert_allclose(feet[:, 0], (20.0, 23.0, 26.0, 29.0))
    np.testing.assert_allclose(feet[:, 1], (-1.0, -2.0, -3.0, -4.0))


@pytest.mark.parametrize(
    ("data", "size_m", "message"),
    [
        ((("blueprint", "vehicle.audi.tt"),), 1.0, "Name a static.prop"),
        ((("blueprint", CONE), ("variant", "-1")), 1.0, "whole number from 0 to 65535"),
        ((("blueprint", CONE), ("variant", "65536")), 1.0, "whole number from 0 to 65535"),
        ((("blueprint", CONE),), 0.0, "Give the object length, width and height"),
    ],
)
def test_what_cannot_stand_is_told(data: tuple, size_m: float, message: str) -> None:
    item = dataclasses.replace(cone(), user_data=data, height_m=size_m)
    with pytest.raises(MapError, match=message) as told:
        things(with_object(item))
    assert "road 1: object 7" in str(told.value)


def test_other_objects_are_no_things() -> None:
    assert things(with_object(dataclasses.replace(cone(), user_data=(("note", "x"),)))) == ()
