"""`apply_batch`: many commands in one call."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from itertools import groupby
from typing import Any

from drivegen.core.errors import DrivegenError
from drivegen.embedded.rpc.calls import actors, physics, traffic_lights, vehicles, walkers
from drivegen.embedded.rpc.controls import drive, lead, step_of
from drivegen.embedded.rpc.dispatch import Bare, CallError
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire import commands as c
from drivegen.embedded.wire.actors import VehicleLightState
from drivegen.embedded.wire.codec import Plain
from drivegen.embedded.wire.messages import failure, success
from drivegen.embedded.wire.tables import control_table, step_table
from drivegen.embedded.world.actors import ActorError


def apply_batch(session: Session, commands: tuple[Any, ...], do_tick: bool) -> Bare:
    """Carries commands out in order; each has its own answer, the actor's id or an error.

    With `do_tick` a synchronous server ticks afterwards.
    """
    answers: list[Plain] = []
    for kind, run in groupby(commands, _kind):
        answers += _run(session, kind, list(run))
    if do_tick and session.world.settings.synchronous:
        session.simulation.tick()
    return Bare(answers)


def _kind(plain: Plain) -> int | None:
    try:
        kind = plain[0][0]
    except (TypeError, LookupError):
        return None
    return kind if type(kind) is int else None


def _run(session: Session, kind: int | None, commands: list[Plain]) -> list[Plain]:
    """Answers of commands of one kind: at once what comes every tick for many, else one by one."""
    with contextlib.suppress(ActorError):
        if kind == c.KIND_OF[c.ApplyVehicleControl] and (controls := control_table(commands)) is not None:
            drive(session.world, controls)
            return [success(actor) for actor in controls.actors]
        if kind == c.KIND_OF[c.ApplyWalkerState] and (steps := step_table(commands)) is not None:
            lead(session.world, steps)
            return [success(actor) for actor in steps.actors]
    return [_answer(session, plain) for plain in commands]


def _answer(session: Session, plain: Plain) -> Plain:
    try:
        return success(_carry_out(session, c.decode_command(plain)))
    except DrivegenError as error:
        return failure(str(error))


def _carry_out(session: Session, command: c.Command) -> int:
    """The id of the actor that a command is about."""
    match command:
        case c.SpawnActor():
            return _spawn(session, command)
        case c.DestroyActor():
            actors.destroy_actor(session, command.actor)
        case c.ApplyVehicleControl():
            vehicles.apply_control_to_vehicle(session, command.actor, command.control)
        case c.ApplyWalkerControl():
            walkers.apply_control_to_walker(session, command.actor, command.control)
        case c.ApplyTransform():
            actors.set_actor_transform(session, command.actor, command.transform)
        case c.ApplyWalkerState():
            lead(session.world, step_of(command))
        case c.ApplyTargetVelocity():
            actors.set_actor_target_velocity(session, command.actor, command.velocity)
        case c.ApplyTargetAngularVelocity():
            actors.set_actor_target_angular_velocity(session, command.actor, command.angular_velocity)
        case c.ApplyImpulse():
            actors.add_actor_impulse(session, command.actor, command.impulse)
        case c.SetSimulatePhysics():
            actors.set_actor_simulate_physics(session, command.actor, command.enabled)
        case c.SetEnableGravity():
            actors.set_actor_enable_gravity(session, command.actor, command.enabled)
        case c.SetAutopilot():
            actors.set_actor_autopilot(session, command.actor, command.enabled)
        case c.SetVehicleLightState():
            lights = VehicleLightState(flags=command.flags)
            vehicles.set_vehicle_light_state(session, command.actor, lights)
        case c.UnsupportedCommand():
            raise CallError(f"drivegen's embedded server does not support the command '{command.name}'")
        case _:
            _carry_out_rarer(session, command)
    return command.actor


def _carry_out_rarer(session: Session, command: c.Command) -> None:
    match command:
        case c.ApplyVehicleAckermannControl():
            physics.apply_ackermann_control_to_vehicle(session, command.actor, command.control)
        case c.ApplyVehiclePhysicsControl():
            physics.apply_physics_control(session, command.actor, command.control)
        case c.ApplyForce():
            actors.add_actor_force(session, command.actor, command.force)
        case c.ApplyAngularImpulse():
            actors.add_actor_angular_impulse(session, command.actor, command.impulse)
        case c.ApplyTorque():
            actors.add_actor_torque(session, command.actor, command.torque)
        case c.ShowDebugTelemetry():
            physics.show_vehicle_debug_telemetry(session, command.actor, command.enabled)
        case c.ApplyLocation():
            actors.set_actor_location(session, command.actor, command.location)
        case c.SetTrafficLightState():
            traffic_lights.set_traffic_light_state(session, command.actor, command.state)


def _spawn(session: Session, command: c.SpawnActor) -> int:
    if command.parent is None:
        actor = actors.spawn_actor(session, command.description, command.transform)
    else:
        actor = actors.spawn_actor_with_parent(
            session,
            command.description,
            command.transform,
            command.parent,
            command.attachment,
            command.socket,
        )
    for after in command.do_after:
        _carry_out(session, _about(after, actor.id))
    return actor.id


def _about(command: c.Command, actor_id: int) -> c.Command:
    """The command with the future actor, id 0, replaced by the one just spawned."""
    if isinstance(command, c.UnsupportedCommand):
        return command
    if isinstance(command, c.SpawnActor):
        return replace(command, parent=actor_id) if command.parent == 0 else command
    return replace(command, actor=actor_id) if command.actor == 0 else command
