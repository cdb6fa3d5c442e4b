"""Events of sensors as the payloads that the client reads: actors in full, in CARLA's frame."""

from __future__ import annotations

import msgpack
import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.rpc.describe import describe, local_box
from drivegen.embedded.sensors.measurements import CollisionEvent, Event, Met
from drivegen.embedded.wire import actors as wire
from drivegen.embedded.wire.codec import encoder_of
from drivegen.embedded.wire.frames import vector_to_wire
from drivegen.embedded.wire.values import Vector3D
from drivegen.embedded.world.actors import LocalBox
from drivegen.embedded.world.world import World

_ACTOR = encoder_of(wire.Actor)
_VECTOR = encoder_of(Vector3D)

SCENERY_TYPES = {
    Tag.ROAD: "static.road",
    Tag.SIDEWALK: "static.sidewalk",
    Tag.BUILDING: "static.building",
    Tag.WALL: "static.wall",
    Tag.FENCE: "static.fence",
    Tag.POLE: "static.pole",
    Tag.TRAFFIC_LIGHT: "static.trafficlight",
    Tag.TRAFFIC_SIGN: "static.trafficsign",
    Tag.VEGETATION: "static.vegetation",
    Tag.TERRAIN: "static.terrain",
    Tag.SKY: "static.sky",
    Tag.PEDESTRIAN: "static.pedestrian",
    Tag.RIDER: "static.rider",
    Tag.CAR: "static.car",
    Tag.TRUCK: "static.truck",
    Tag.BUS: "static.bus",
    Tag.TRAIN: "static.train",
    Tag.MOTORCYCLE: "static.motorcycle",
    Tag.BICYCLE: "static.bicycle",
    Tag.STATIC: "static.static",
    Tag.DYNAMIC: "static.dynamic",
    Tag.WATER: "static.water",
    Tag.ROAD_LINE: "static.roadline",
    Tag.GROUND: "static.ground",
    Tag.BRIDGE: "static.bridge",
    Tag.RAIL_TRACK: "static.railtrack",
    Tag.GUARD_RAIL: "static.guardrail",
}
"""What CARLA calls things without an actor: the label's name in lower case without its plural s."""


def event_payload(world: World, sensor_id: int, event: Event, stream_port: int) -> list[bytes]:
    """What follows the 48-byte header.

    A collision names the sensor's parent and the impulse that the parent was given, newton seconds. An
    obstacle names the sensor itself, as CARLA 0.9.16 does, although its documentation says the parent.
    """
    sensor = world.actors.find(sensor_id)
    other = _other(world, event.other, stream_port)
    if isinstance(event, CollisionEvent):
        parent = world.actors.find(sensor.parent_id)
        return [
            msgpack.packb(
                [
                    _ACTOR(describe(parent, world.library, stream_port)),
                    other,
                    _VECTOR(vector_to_wire(event.impulse_ns)),
                ]
            )
        ]
    return [msgpack.packb([_ACTOR(describe(sensor, world.library, stream_port)), other, event.distance_m])]


def _other(world: World, met: Met, stream_port: int) -> object:
    actor = world.actors.get(met.object_id)
    return _ACTOR(scenery_actor(met.tag) if actor is None else describe(actor, world.library, stream_port))


def scenery_actor(tag: int) -> wire.Actor:
    """The actor that CARLA makes up for what has none, so that its tag can be told: id 0."""
    known = tag in Tag.__members__.values()
    return wire.Actor(
        id=0,
        parent_id=0,
        description=wire.ActorDescription(
            uid=0,
            id=SCENERY_TYPES.get(Tag(tag), "static.unknown") if known else "static.unknown",
            attributes=(),
        ),
        bounding_box=local_box(LocalBox(centre_m=np.zeros(3), half_m=np.zeros(3)), 0),
        semantic_tags=bytes([tag]) if tag else b"",
        stream_token=b"",
    )
