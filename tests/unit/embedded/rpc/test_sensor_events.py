"""Events as they go to the client."""

from types import SimpleNamespace

import msgpack
import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.rpc.sensor_events import SCENERY_TYPES, event_payload, scenery_actor
from drivegen.embedded.sensors.measurements import CollisionEvent, Met, ObstacleEvent
from drivegen.embedded.world.actors import Actor, ActorKind, ActorRegistry, LocalBox
from drivegen.embedded.world.blueprints import BlueprintLibrary


@pytest.fixture
def world():
    registry = ActorRegistry(2)
    for type_id, kind, parent in (
        ("vehicle.tesla.model3", ActorKind.VEHICLE, 0),
        ("walker.pedestrian.0001", ActorKind.WALKER, 0),
        ("sensor.other.collision", ActorKind.SENSOR, 2),
    ):
        registry.add(
            Actor(
                id=registry.new_id(),
                kind=kind,
                type_id=type_id,
                attributes={},
                box=LocalBox.empty(),
                tags=(14,),
                parent_id=parent,
            )
        )
    return SimpleNamespace(actors=registry, library=BlueprintLibrary())


def unpacked(world, event):
    return msgpack.unpackb(b"".join(event_payload(world, 4, event, 2001)))


def test_a_collision_names_parent_other_and_impulse_in_carlas_frame(world):
    told = unpacked(
        world, CollisionEvent(other=Met(object_id=3, tag=12), impulse_ns=np.array([1.0, 2.0, 3.0]))
    )
    mine, other, impulse = told
    assert (mine[0], mine[2][1]) == (2, "vehicle.tesla.model3")
    assert (other[0], other[2][1]) == (3, "walker.pedestrian.0001")
    assert impulse == [1.0, -2.0, 3.0]


def test_an_obstacle_names_the_sensor_as_carlas_server_does(world):
    sensor, other, distance = unpacked(world, ObstacleEvent(other=Met(object_id=0, tag=3), distance_m=4.5))
    assert (sensor[0], sensor[1]) == (4, 2)
    assert (other[0], other[2][1], other[4], distance) == (0, "static.building", b"\x03", 4.5)


def test_a_gone_actor_is_told_by_its_tag(world):
    _, other, _ = unpacked(world, ObstacleEvent(other=Met(object_id=99, tag=14), distance_m=1.0))
    assert (other[0], other[2][1]) == (0, "static.car")


def test_every_tag_has_a_name():
    assert {tag for tag in Tag if tag not in SCENERY_TYPES} == {Tag.NONE, Tag.OTHER}
    for tag in Tag:
        actor = scenery_actor(tag)
        assert actor.id == 0
        assert actor.description.id.startswith("static.")
    for tag in (Tag.NONE, Tag.OTHER, 250):
        assert scenery_actor(tag).description.id == "static.unknown"
    assert scenery_actor(Tag.NONE).semantic_tags == b""
