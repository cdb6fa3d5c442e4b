"""Calls about what stands on the map: pieces, boxes, layers, rays, street lights."""

# ruff: noqa: ARG001  (a handler takes all that its call carries)

from __future__ import annotations

import math

import numpy as np

from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.embedded.rpc.describe import world_box
from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U8, U16, U64
from drivegen.embedded.wire.frames import transform_of, vector_of, vector_to_wire
from drivegen.embedded.wire.values import (
    BoundingBox,
    Color,
    EnvironmentObject,
    LabelledPoint,
    LightState,
    Vector3D,
)
from drivegen.embedded.world.actors import Actor, ActorKind

ANY = 255
NOTHING = 0
_BODIES = (ActorKind.VEHICLE, ActorKind.WALKER, ActorKind.PROP)
FARTHEST_M = 1e6
"""Of points that rays go between."""


def get_all_level_BBs(session: Session, label: U8) -> tuple[BoundingBox, ...]:  # noqa: N802 (CARLA's name)
    """Boxes of all that is there with a semantic tag: pieces of the map, signals, actors."""
    environment = session.world.environment
    pieces = [p for p in session.simulation.scenery.all_pieces if environment.is_shown(p)]
    boxes = [world_box(p.box, 0) for p in pieces if label in (ANY, int(p.tag))]
    for actor in session.world.actors.of_kind(*_BODIES):
        if label == ANY or label in actor.tags:
            boxes.append(world_box(_actor_box(session, actor), actor.id))
    return tuple(boxes)


def _actor_box(session: Session, actor: Actor) -> Box:
    x, y, z = (float(v) for v in actor.box.centre_m)
    turned = Pose.from_xyz_rpy(x, y, z, 0.0, 0.0, actor.box.yaw_rad)
    placed = Pose.from_matrix(session.world.world_actor(actor.id))
    return Box(pose=placed @ turned, size_m=2.0 * actor.box.half_m)


def get_environment_objects(session: Session, label: U8) -> tuple[EnvironmentObject, ...]:
    """Pieces of the map's loaded layers with a semantic tag, also those that are switched off.

    Ids are the same whenever the map is loaded with the same scenery seed.
    """
    environment = session.world.environment
    return tuple(
        EnvironmentObject(
            transform=transform_of(piece.pose),
            bounding_box=world_box(piece.box, 0),
            id=piece.id,
            name=piece.name,
            type=int(piece.tag),
        )
        for piece in session.simulation.scenery.all_pieces
        if label in (ANY, int(piece.tag)) and environment.is_loaded(piece)
    )


def enable_environment_objects(session: Session, ids: tuple[U64, ...], enable: bool) -> None:
    """Switches pieces of the map on or off: for cameras, rays and collisions. Unknown ids are passed over."""
    session.simulation.scenery.enable(ids, enable)


def get_names_of_all_objects(session: Session) -> tuple[str, ...]:
    """Names of the pieces of the map's loaded layers."""
    environment = session.world.environment
    return tuple(p.name for p in session.simulation.scenery.all_pieces if environment.is_loaded(p))


def load_map_layer(session: Session, layers: U16) -> None:
    """Brings layers of the map back, with all their pieces switched on."""
    session.world.environment.load(layers)
    session.world.street_lights.changed_by(None)


def unload_map_layer(session: Session, layers: U16) -> None:
    """Takes layers away: for cameras, rays and collisions. Wheels and feet still find the ground."""
    session.world.environment.unload(layers)
    session.world.street_lights.changed_by(None)


# -- rays -------------------------------------------------------------------------------------------------


def project_point(
    session: Session, location: Vector3D, direction: Vector3D, distance: float
) -> tuple[bool, LabelledPoint]:
    """The first thing from a point in a direction; `ground_projection` of the client asks it downwards."""
    start, along = _point(location), vector_of(direction)
    length = float(np.linalg.norm(along))
    if not (math.isfinite(length) and length > 0.0):
        raise CallError("project_point needs a direction that is not zero")
    if not 0.0 <= distance <= FARTHEST_M:
        raise CallError(f"search_distance {distance:g} is not within 0 and {FARTHEST_M:g} metres")
    hits = session.simulation.meet(start, start + along * (distance / length))
    if not len(hits.distance_m):
        return False, LabelledPoint(location=Vector3D(x=0.0, y=0.0, z=0.0), label=NOTHING)
    place = start + along * (float(hits.distance_m[0]) / length)
    return True, LabelledPoint(location=vector_to_wire(place), label=int(hits.tag[0]))


def cast_ray(session: Session, start: Vector3D, end: Vector3D) -> tuple[LabelledPoint, ...]:
    """All things between two points, in order: each once for every tag it has, where the ray enters it."""
    first, last = _point(start), _point(end)
    hits = session.simulation.meet(first, last)
    along = (last - first) / max(float(np.linalg.norm(last - first)), 1e-12)
    return tuple(
        LabelledPoint(location=vector_to_wire(first + along * distance), label=int(tag))
        for distance, tag in zip(hits.distance_m, hits.tag, strict=True)
    )


def _point(location: Vector3D) -> Vec3:
    point = vector_of(location)
    if not (np.abs(point) <= FARTHEST_M).all():
        raise CallError(f"a ray's points are within {FARTHEST_M:g} metres of the map's origin")
    return point


# -- street lights ----------------------------------------------------------------------------------------


def query_lights_state(session: Session, endpoint: str) -> tuple[LightState, ...]:
    """Street lights, one a lamp post, each at its head. Ids are those of the posts among the map's pieces."""
    lights = session.simulation.scenery.street_lights
    session.world.street_lights.told(session.owner)
    return tuple(
        LightState(
            id=light.piece.id,
            location=vector_to_wire(light.head_m),
            intensity=light.intensity,
            group=light.group,
            color=Color(r=light.color[0], g=light.color[1], b=light.color[2]),
            active=light.active,
        )
        for light in lights
    )


def update_lights_state(
    session: Session, endpoint: str, lights: tuple[LightState, ...], discard_client: bool
) -> None:
    """Switches street lights; the next snapshot asks the other clients to look again.

    Unknown lights are passed over. A client that says it is to be discarded is not asked any more.
    """
    table = session.world.street_lights
    _ = session.simulation.scenery.street_lights
    for light in lights:
        if not math.isfinite(light.intensity):
            raise CallError(f"light {light.id}: intensity {light.intensity} is not a number")
    for light in lights:
        color = (light.color.r, light.color.g, light.color.b)
        table.set(light.id, max(light.intensity, 0.0), color, light.group, light.active)
    table.changed_by(session.owner)
    if discard_client:
        table.forget(session.owner)


def update_day_night_cycle(session: Session, endpoint: str, active: bool) -> None:
    """Whether the sun switches the street lights; without it they stay as clients set them."""
    session.world.street_lights.set_day_night_cycle(active)
