"""Calls about any actor: to spawn, destroy, place and push it."""

# ruff: noqa: ARG001  (a handler takes all that its call carries)

from __future__ import annotations

from drivegen.core.geometry import Vec3
from drivegen.embedded.rpc.describe import attribute_values, describe, local_box
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire import actors as wire
from drivegen.embedded.wire.codec import U8, U32
from drivegen.embedded.wire.frames import pose_of, turning_of, vector_of
from drivegen.embedded.wire.physics import Moment3D
from drivegen.embedded.wire.values import BoundingBox, Transform, Vector3D
from drivegen.embedded.world.actors import ActorKind

_PUSHED = (ActorKind.VEHICLE, ActorKind.PROP)
_M2_PER_CM2 = 1e-4


def get_actors_by_id(session: Session, ids: tuple[U32, ...]) -> tuple[wire.Actor, ...]:
    """The actors of these ids that exist."""
    world = session.world
    found = [actor for actor in map(world.actors.get, ids) if actor is not None]
    return tuple(describe(a, world.library, session.simulation.stream_port) for a in found)


def spawn_actor(session: Session, description: wire.ActorDescription, transform: Transform) -> wire.Actor:
    """A new actor in the world."""
    return _spawn(session, description, transform, 0)


def spawn_actor_with_parent(
    session: Session,
    description: wire.ActorDescription,
    transform: Transform,
    parent: U32,
    attachment: U8,
    socket: str,
) -> wire.Actor:
    """A new actor that hangs on another.

    Spring arms, which CARLA recommends for films only, follow as rigidly as the rigid attachment: their
    lag would make a picture depend on the frame rate.
    """
    return _spawn(session, description, transform, parent)


def _spawn(
    session: Session, description: wire.ActorDescription, transform: Transform, parent: int
) -> wire.Actor:
    world = session.world
    actor = world.spawn(description.id, attribute_values(description), pose_of(transform), parent)
    if actor.sensor is not None:
        session.simulation.open_stream(actor.id)
    return describe(actor, world.library, session.simulation.stream_port)


def destroy_actor(session: Session, actor: U32) -> bool:
    """Takes an actor out of the world."""
    gone = session.world.destroy(actor)
    if gone.sensor is not None:
        session.simulation.close_stream(gone.id)
    return True


def set_actor_location(session: Session, actor: U32, location: Vector3D) -> None:
    """Puts an actor somewhere and leaves how it is turned."""
    session.world.put_at(actor, vector_of(location))


def set_actor_transform(session: Session, actor: U32, transform: Transform) -> None:
    """Puts an actor somewhere; one that hangs on another, in that one's frame (as CARLA does)."""
    session.world.put(actor, pose_of(transform))


def set_actor_target_velocity(session: Session, actor: U32, velocity: Vector3D) -> None:
    """Sets a vehicle's or a prop's velocity once."""
    if session.world.actors.find(actor, *_PUSHED).kind is ActorKind.VEHICLE:
        session.world.vehicles.set_target_velocity(actor, vector_of(velocity))
    elif actor in session.world.collisions.props:
        session.world.collisions.props.set_target_velocity(actor, vector_of(velocity))


def set_actor_target_angular_velocity(session: Session, actor: U32, angular_velocity: Vector3D) -> None:
    """Sets a vehicle's or a prop's turning once, degrees per second."""
    if session.world.actors.find(actor, *_PUSHED).kind is ActorKind.VEHICLE:
        session.world.vehicles.set_target_angular_velocity(actor, turning_of(angular_velocity))
    elif actor in session.world.collisions.props:
        session.world.collisions.props.set_target_angular_velocity(actor, turning_of(angular_velocity))


def enable_actor_constant_velocity(session: Session, actor: U32, velocity: Vector3D) -> None:
    """Keeps a vehicle's velocity, in its own frame, whatever its controls."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.set_constant_velocity(actor, vector_of(velocity))


def disable_actor_constant_velocity(session: Session, actor: U32) -> None:
    """Ends a constant velocity."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.set_constant_velocity(actor, None)


def add_actor_impulse(session: Session, actor: U32, impulse: Vector3D) -> None:
    """Pushes a vehicle or a prop, newton seconds."""
    if session.world.actors.find(actor, *_PUSHED).kind is ActorKind.VEHICLE:
        session.world.vehicles.add_impulse(actor, vector_of(impulse))
    elif actor in session.world.collisions.props:
        session.world.collisions.props.add_impulse(actor, vector_of(impulse))


def add_actor_impulse_at_location(
    session: Session, actor: U32, impulse: Vector3D, location: Vector3D
) -> None:
    """Pushes a vehicle or a prop at a place of the world, newton seconds."""
    if session.world.actors.find(actor, *_PUSHED).kind is ActorKind.VEHICLE:
        session.world.vehicles.add_impulse(actor, vector_of(impulse), vector_of(location))
    elif actor in session.world.collisions.props:
        session.world.collisions.props.add_impulse(actor, vector_of(impulse))


def add_actor_angular_impulse(session: Session, actor: U32, impulse: Moment3D) -> None:
    """Turns a vehicle at once. As in CARLA, in degrees and centimetres: kg cm2 deg / s.

    The client's `add_torque` arrives here too (a fault of the 0.9.16 client).
    """
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.add_angular_impulse(actor, _moment(impulse))


def _moment(moment: Moment3D) -> Vec3:
    """In newton metres (seconds)."""
    return turning_of(Vector3D(x=moment.x, y=moment.y, z=moment.z)) * _M2_PER_CM2


def add_actor_force(session: Session, actor: U32, force: Vector3D) -> None:
    """Pushes a vehicle over the next step, newton."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.add_force(actor, vector_of(force))


def add_actor_force_at_location(session: Session, actor: U32, force: Vector3D, location: Vector3D) -> None:
    """Pushes a vehicle at a place of the world over the next step, newton."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.add_force(actor, vector_of(force), vector_of(location))


def add_actor_torque(session: Session, actor: U32, torque: Moment3D) -> None:
    """Turns a vehicle over the next step. As in CARLA, in degrees and centimetres: kg cm2 deg / s2."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.add_torque(actor, _moment(torque))


def set_actor_simulate_physics(session: Session, actor: U32, enabled: bool) -> None:
    """Whether dynamics moves a vehicle, a walker or a prop; other actors have none.

    As in CARLA, props are spawned without: they stand fast, also in the air.
    """
    world = session.world
    found = world.actors.find(actor)
    if found.kind is ActorKind.VEHICLE:
        world.vehicles.set_simulate_physics(actor, enabled)
    elif found.kind is ActorKind.WALKER:
        world.walkers.set_simulate_physics(actor, enabled)
    elif actor in world.collisions.props:
        world.collisions.props.set_simulate_physics(actor, enabled)


def set_actor_collisions(session: Session, actor: U32, enabled: bool) -> None:
    """Whether a vehicle, a walker or a prop touches anything but the ground; other actors never do.

    The client's AI controllers switch their walkers' off.
    """
    world = session.world
    found = world.actors.find(actor)
    if found.kind is ActorKind.VEHICLE:
        world.vehicles.set_collisions(actor, enabled)
    elif found.kind is ActorKind.WALKER:
        world.walkers.set_collisions(actor, enabled)
    elif actor in world.collisions.props:
        world.collisions.props.set_collisions(actor, enabled)


def set_actor_dead(session: Session, actor: U32) -> None:
    """A walker dies: it lies on the ground, and is gone after ten seconds (as in CARLA).

    The client asks for it when a vehicle has hit a walker that one of its AI controllers leads. A vehicle's
    engine stops; its failure state tells so.
    """
    found = session.world.actors.find(actor, ActorKind.WALKER, ActorKind.VEHICLE)
    if found.kind is ActorKind.VEHICLE:
        session.world.vehicles.stop_engine(actor)
    else:
        session.world.set_dead(actor)


def set_actor_enable_gravity(session: Session, actor: U32, enabled: bool) -> None:
    """Whether a vehicle or a prop with physics falls; other actors never do."""
    world = session.world
    if world.actors.find(actor).kind is ActorKind.VEHICLE:
        world.vehicles.set_gravity(actor, enabled)
    elif actor in world.collisions.props:
        world.collisions.props.set_gravity(actor, enabled)


def set_actor_autopilot(session: Session, actor: U32, enabled: bool) -> None:
    """The client's Traffic Manager drives; there is nothing for the server to do but to know the vehicle."""
    session.world.actors.find(actor, ActorKind.VEHICLE)


def get_actor_bounding_box(session: Session, actor: U32) -> BoundingBox:
    """The actor's box in its own frame, also of one that is gone since."""
    return local_box(session.world.actors.box_of(actor), actor)
