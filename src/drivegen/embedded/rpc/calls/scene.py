"""Calls about what stands on the map."""

# ruff: noqa: ARG001  (a handler takes all that its call carries)

from __future__ import annotations

from drivegen.embedded.rpc.describe import world_box
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U8
from drivegen.embedded.wire.frames import transform_of
from drivegen.embedded.wire.values import BoundingBox, EnvironmentObject, LightState

ANY = 255


def get_all_level_BBs(session: Session, label: U8) -> tuple[BoundingBox, ...]:  # noqa: N802 (CARLA's name)
    """Boxes of the scenery with a semantic tag."""
    pieces = session.simulation.scenery.pieces
    return tuple(world_box(p.box, 0) for p in pieces if label in (ANY, int(p.tag)))


def get_environment_objects(session: Session, label: U8) -> tuple[EnvironmentObject, ...]:
    """Pieces of the scenery with a semantic tag."""
    return tuple(
        EnvironmentObject(
            transform=transform_of(piece.pose),
            bounding_box=world_box(piece.box, 0),
            id=piece.id,
            name=piece.name,
            type=int(piece.tag),
        )
        for piece in session.simulation.scenery.pieces
        if label in (ANY, int(piece.tag))
    )


def query_lights_state(session: Session, client: str) -> tuple[LightState, ...]:
    """Street lights that clients can switch: none."""
    return ()
