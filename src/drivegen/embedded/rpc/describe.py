"""The world's actors and blueprints as the structs that the client keeps of them."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Box
from drivegen.core.handedness import angles_to_carla, flip_points
from drivegen.embedded.wire import actors as wire
from drivegen.embedded.wire.frames import transform_of, vector_to_wire
from drivegen.embedded.wire.streams import token
from drivegen.embedded.wire.values import BoundingBox, Rotation, Transform, Vector3D
from drivegen.embedded.world.actors import Actor, LocalBox
from drivegen.embedded.world.blueprints import BlueprintLibrary


def definitions(library: BlueprintLibrary) -> tuple[wire.ActorDefinition, ...]:
    """All blueprints."""
    return tuple(
        wire.ActorDefinition(
            uid=uid,
            id=blueprint.id,
            tags=blueprint.words,
            attributes=tuple(
                wire.ActorAttribute(
                    id=a.id,
                    type=wire.AttributeType(a.kind),
                    value=a.value,
                    recommended_values=a.recommended,
                    is_modifiable=a.modifiable,
                    restrict_to_recommended=a.restricted,
                )
                for a in blueprint.attributes
            ),
        )
        for uid, blueprint in enumerate(library.blueprints, start=1)
    )


def describe(actor: Actor, library: BlueprintLibrary, stream_port: int) -> wire.Actor:
    """An actor. Sensors that measure have a token for the stream of their own id."""
    return wire.Actor(
        id=actor.id,
        parent_id=actor.parent_id,
        description=wire.ActorDescription(
            uid=library.uid(actor.type_id),
            id=actor.type_id,
            attributes=_values(actor),
        ),
        bounding_box=local_box(actor.box, actor.id),
        semantic_tags=bytes(actor.tags),
        stream_token=token(actor.id, stream_port) if actor.sensor is not None else b"",
    )


def _values(actor: Actor) -> tuple[wire.ActorAttributeValue, ...]:
    kinds = {a.id: a.kind for a in actor.blueprint.attributes} if actor.blueprint else {}
    return tuple(
        wire.ActorAttributeValue(
            id=name,
            type=wire.AttributeType(kinds.get(name, wire.AttributeType.STRING)),
            value=value,
        )
        for name, value in sorted(actor.attributes.items())
    )


def local_box(box: LocalBox, actor_id: int) -> BoundingBox:
    """A box in its actor's frame."""
    return BoundingBox(
        location=vector_to_wire(box.centre_m),
        extent=Vector3D(x=float(box.half_m[0]), y=float(box.half_m[1]), z=float(box.half_m[2])),
        rotation=Rotation(pitch=0.0, yaw=-math.degrees(box.yaw_rad), roll=0.0),
        actor_id=actor_id,
    )


def world_box(box: Box, actor_id: int) -> BoundingBox:
    """A box in the world."""
    placed = transform_of(box.pose)
    half = np.asarray(box.size_m) / 2
    return BoundingBox(
        location=placed.location,
        extent=Vector3D(x=float(half[0]), y=float(half[1]), z=float(half[2])),
        rotation=placed.rotation,
        actor_id=actor_id,
    )


def transforms_of_matrices(rigid: Float64[np.ndarray, "b 4 4"]) -> list[Transform]:
    """Rigid matrices as CARLA transforms."""
    return [
        Transform(location=Vector3D(x=x, y=y, z=z), rotation=Rotation(pitch=pitch, yaw=yaw, roll=roll))
        for (x, y, z), (pitch, yaw, roll) in plain_transforms(rigid)
    ]


def plain_transforms(rigid: Float64[np.ndarray, "b 4 4"]) -> list[list[list[float]]]:
    """Rigid matrices as CARLA transforms in the shape that they have on the wire."""
    both = np.stack([flip_points(rigid[:, :3, 3]), angles_to_carla(rigid[:, :3, :3])], axis=1)
    plain: list[list[list[float]]] = both.tolist()
    return plain


def attribute_values(description: wire.ActorDescription) -> dict[str, str]:
    """The values of a spawn call by name."""
    return {a.id: a.value for a in description.attributes}
