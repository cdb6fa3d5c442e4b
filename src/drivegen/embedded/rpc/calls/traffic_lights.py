"""Calls about traffic lights."""

from __future__ import annotations

from drivegen.embedded.rpc.describe import world_box
from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.traffic_lights.lights import LightState
from drivegen.embedded.wire.codec import U32
from drivegen.embedded.wire.values import BoundingBox
from drivegen.embedded.world.actors import ActorKind

MAX_TIME_S = 1e6


def _row(session: Session, actor: int) -> int:
    return session.world.actors.find(actor, ActorKind.TRAFFIC_LIGHT).row


def _time(time_s: float) -> float:
    if not 0.0 <= time_s <= MAX_TIME_S:
        raise CallError(f"a light's time of {time_s:g} s is not within 0 and {MAX_TIME_S:g}")
    return time_s


def set_traffic_light_state(session: Session, actor: U32, state: LightState) -> None:
    """Shows a state now."""
    session.world.lights.set_state(_row(session, actor), state)


def set_traffic_light_green_time(session: Session, actor: U32, time_s: float) -> None:
    """How long green lasts."""
    session.world.lights.set_green_time(_row(session, actor), _time(time_s))


def set_traffic_light_yellow_time(session: Session, actor: U32, time_s: float) -> None:
    """How long yellow lasts."""
    session.world.lights.set_yellow_time(_row(session, actor), _time(time_s))


def set_traffic_light_red_time(session: Session, actor: U32, time_s: float) -> None:
    """How long all-red lasts."""
    session.world.lights.set_red_time(_row(session, actor), _time(time_s))


def freeze_traffic_light(session: Session, actor: U32, freeze: bool) -> None:
    """Stops or starts the clock of a light's group."""
    session.world.lights.freeze(_row(session, actor), freeze)


def freeze_all_traffic_lights(session: Session, freeze: bool) -> None:
    """Stops or starts every clock."""
    session.world.lights.freeze_all(freeze)


def reset_traffic_light_group(session: Session, actor: U32) -> None:
    """Starts a light's group afresh."""
    session.world.lights.reset_group(_row(session, actor))


def reset_all_traffic_lights(session: Session) -> None:
    """Starts every group afresh."""
    session.world.lights.reset_all()


def get_group_traffic_lights(session: Session, actor: U32) -> tuple[U32, ...]:
    """The lights of the same junction, itself among them."""
    rows = session.world.lights.group_rows(_row(session, actor))
    return tuple(session.world.light_actors[int(row)].id for row in rows)


def get_light_boxes(session: Session, actor: U32) -> tuple[BoundingBox, ...]:
    """The boxes of a light's heads in the world."""
    row = _row(session, actor)
    return tuple(world_box(box, actor) for box in session.simulation.scenery.light_boxes(row))
