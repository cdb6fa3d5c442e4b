"""Calls about what vehicles are made of, and about what keeps their course and turns their wheels."""

from __future__ import annotations

import math

from drivegen.embedded.rpc.dispatch import CallError
from drivegen.embedded.rpc.physics import (
    physics_of_wire,
    physics_to_wire,
    telemetry_to_wire,
    wheel_positions,
)
from drivegen.embedded.rpc.session import Session
from drivegen.embedded.wire.codec import U8, U32
from drivegen.embedded.wire.physics import (
    AckermannControllerSettings,
    VehicleAckermannControl,
    VehiclePhysicsControl,
    VehicleTelemetryData,
)
from drivegen.embedded.world.actors import ActorKind

WHEELS = 4


def get_physics_control(session: Session, actor: U32) -> VehiclePhysicsControl:
    """What a vehicle is made of; its wheels' places in the world are in centimetres, as CARLA gives them."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    physics = session.world.vehicles.physics_of(actor)
    return physics_to_wire(physics, wheel_positions(session.world, actor))


def apply_physics_control(session: Session, actor: U32, control: VehiclePhysicsControl) -> None:
    """Makes a vehicle of something else: mass, engine, gears, tyres, brakes, steering.

    `use_sweep_wheel_collision` is kept and has no effect: wheels stand on the highest ground under the box
    either way. The wheels' places are not read, and rear wheels are never steered.
    """
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.set_physics(actor, physics_of_wire(control))


def get_telemetry_data(session: Session, actor: U32) -> VehicleTelemetryData:
    """What a vehicle's engine and wheels do."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    return telemetry_to_wire(session.world.vehicles.telemetry_of(actor))


def show_vehicle_debug_telemetry(session: Session, actor: U32, enabled: bool) -> None:
    """Accepted; nothing is shown, because there is no window to show it in."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    if enabled:
        session.simulation.warn("telemetry is not shown, there is no window: ask get_telemetry_data for it")


def apply_ackermann_control_to_vehicle(
    session: Session, actor: U32, control: VehicleAckermannControl
) -> None:
    """Keeps a course and a speed from the next tick on, until a vehicle control is applied."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    session.world.vehicles.set_course(
        actor, (control.steer, control.steer_speed, control.speed, control.acceleration, control.jerk)
    )


def get_ackermann_controller_settings(session: Session, actor: U32) -> AckermannControllerSettings:
    """Gains of the controllers of speed and acceleration."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    gains = session.world.vehicles.course_gains(actor)
    names = AckermannControllerSettings.__dataclass_fields__
    return AckermannControllerSettings(**dict(zip(names, gains, strict=True)))


def apply_ackermann_controller_settings(
    session: Session, actor: U32, settings: AckermannControllerSettings
) -> None:
    """Sets the gains of the controllers of speed and acceleration."""
    session.world.actors.find(actor, ActorKind.VEHICLE)
    gains = tuple(getattr(settings, name) for name in AckermannControllerSettings.__dataclass_fields__)
    if not all(math.isfinite(gain) for gain in gains):
        raise CallError(f"vehicle {actor}: gains must be finite numbers, not {gains}")
    session.world.vehicles.set_course_gains(actor, gains)


def _wheel(session: Session, actor: int, wheel: int, *, by_hand: bool) -> int:
    session.world.actors.find(actor, ActorKind.VEHICLE)
    if wheel >= WHEELS:
        raise CallError(f"vehicle {actor}: wheel {wheel} is none of 0 to {WHEELS - 1}")
    if by_hand and session.world.vehicles.simulates_physics(actor):
        raise CallError(
            f"vehicle {actor}: its physics turn its wheels; call set_simulate_physics(False) first"
        )
    return wheel


def set_wheel_steer_direction(session: Session, actor: U32, wheel: U8, angle_deg: float) -> None:
    """Turns a wheel of a vehicle without physics, degrees, positive to the right (as in CARLA, for show).

    Pictures show both front wheels at the angle that was set last for one of them, and rear wheels straight.
    """
    place = _wheel(session, actor, wheel, by_hand=True)
    session.world.vehicles.turn_wheel(actor, place, steer_rad=-math.radians(angle_deg))


def get_wheel_steer_angle(session: Session, actor: U32, wheel: U8) -> float:
    """How far a wheel is steered, degrees, positive to the right."""
    place = _wheel(session, actor, wheel, by_hand=False)
    return -math.degrees(session.world.vehicles.wheel_steer_rad(actor)[place])


def set_wheel_pitch_angle(session: Session, actor: U32, wheel: U8, angle_deg: float) -> None:
    """Rolls a wheel of a vehicle without physics, degrees; pictures show all wheels as the one set last."""
    place = _wheel(session, actor, wheel, by_hand=True)
    session.world.vehicles.turn_wheel(actor, place, rotation_rad=-math.radians(angle_deg))


def get_wheel_pitch_angle(session: Session, actor: U32, wheel: U8) -> float:
    """How far a wheel has rolled, degrees, negative forwards as in CARLA's frame."""
    place = _wheel(session, actor, wheel, by_hand=False)
    return -math.degrees(session.world.vehicles.wheel_pitch_rad(actor)[place])
