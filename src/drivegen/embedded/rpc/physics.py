"""Vehicles' physics and telemetry between the wire (CARLA's frame) and the dynamics."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.dynamics.bodies import VehicleBody
from drivegen.embedded.dynamics.physics import GearPhysics, VehiclePhysics, WheelPhysics
from drivegen.embedded.dynamics.telemetry import VehicleTelemetry, WheelTelemetry
from drivegen.embedded.wire import physics as wire
from drivegen.embedded.wire.frames import vector_of, vector_to_wire
from drivegen.embedded.wire.values import Vector2D, Vector3D
from drivegen.embedded.world.world import World

CM_PER_M = 100.0


def wheel_positions(world: World, actor_id: int) -> list[Vector3D]:
    """Centres of a vehicle's wheels in the world, centimetres: front left, front right, rear left, right."""
    body = world.vehicles.body_of(actor_id)
    rigid = world.world_actor(actor_id)
    physics = world.vehicles.physics_of(actor_id)
    return [
        vector_to_wire((rigid[:3, 3] + rigid[:3, :3] @ _wheel_place(body, physics, k)) * CM_PER_M)
        for k in range(len(physics.wheels))
    ]


def _wheel_place(body: VehicleBody, physics: VehiclePhysics, k: int) -> np.ndarray:
    along = body.front_axle_m if k < 2 else -body.rear_axle_m
    aside = body.track_m / 2 * (1 - 2 * (k % 2))
    return np.array([along, aside, physics.wheels[k].radius_cm / CM_PER_M])


def physics_to_wire(physics: VehiclePhysics, positions: list[Vector3D]) -> wire.VehiclePhysicsControl:
    """Physics as the client has it."""
    return wire.VehiclePhysicsControl(
        torque_curve=_curve_to_wire(physics.torque_curve),
        max_rpm=physics.max_rpm,
        moi=physics.moi,
        damping_rate_full_throttle=physics.damping_full_throttle,
        damping_rate_zero_throttle_clutch_engaged=physics.damping_closed_engaged,
        damping_rate_zero_throttle_clutch_disengaged=physics.damping_closed_disengaged,
        use_gear_autobox=physics.automatic,
        gear_switch_time=physics.gear_switch_time_s,
        clutch_strength=physics.clutch_strength,
        final_ratio=physics.final_ratio,
        forward_gears=tuple(
            wire.GearPhysicsControl(ratio=g.ratio, down_ratio=g.down_ratio, up_ratio=g.up_ratio)
            for g in physics.gears
        ),
        mass=physics.mass_kg,
        drag_coefficient=physics.drag_coefficient,
        center_of_mass=vector_to_wire(np.array(physics.mass_centre_m)),
        steering_curve=_curve_to_wire(physics.steering_curve),
        wheels=tuple(
            _wheel_to_wire(wheel, position) for wheel, position in zip(physics.wheels, positions, strict=True)
        ),
        use_sweep_wheel_collision=physics.sweep_wheel_collision,
    )


def _curve_to_wire(points: tuple[tuple[float, float], ...]) -> tuple[Vector2D, ...]:
    return tuple(Vector2D(x=x, y=y) for x, y in points)


def _wheel_to_wire(wheel: WheelPhysics, position: Vector3D) -> wire.WheelPhysicsControl:
    return wire.WheelPhysicsControl(
        tire_friction=wheel.tire_friction,
        damping_rate=wheel.damping_rate,
        max_steer_angle=wheel.max_steer_deg,
        radius=wheel.radius_cm,
        max_brake_torque=wheel.max_brake_torque_nm,
        max_handbrake_torque=wheel.max_hand_brake_torque_nm,
        lat_stiff_max_load=wheel.lat_stiff_max_load,
        lat_stiff_value=wheel.lat_stiff_value,
        long_stiff_value=wheel.long_stiff_value,
        position=position,
    )


def physics_of_wire(control: wire.VehiclePhysicsControl) -> VehiclePhysics:
    """Physics as the dynamics have it; not checked. The wheels' places are not read, as in CARLA."""
    x, y, z = (float(v) for v in vector_of(control.center_of_mass))
    return VehiclePhysics(
        torque_curve=tuple((p.x, p.y) for p in control.torque_curve),
        max_rpm=control.max_rpm,
        moi=control.moi,
        damping_full_throttle=control.damping_rate_full_throttle,
        damping_closed_engaged=control.damping_rate_zero_throttle_clutch_engaged,
        damping_closed_disengaged=control.damping_rate_zero_throttle_clutch_disengaged,
        automatic=control.use_gear_autobox,
        gear_switch_time_s=control.gear_switch_time,
        clutch_strength=control.clutch_strength,
        final_ratio=control.final_ratio,
        gears=tuple(
            GearPhysics(ratio=g.ratio, down_ratio=g.down_ratio, up_ratio=g.up_ratio)
            for g in control.forward_gears
        ),
        mass_kg=control.mass,
        drag_coefficient=control.drag_coefficient,
        mass_centre_m=(x, y, z),
        steering_curve=tuple((p.x, p.y) for p in control.steering_curve),
        wheels=tuple(_wheel_of_wire(wheel) for wheel in control.wheels),
        sweep_wheel_collision=control.use_sweep_wheel_collision,
    )


def _wheel_of_wire(wheel: wire.WheelPhysicsControl) -> WheelPhysics:
    return WheelPhysics(
        tire_friction=wheel.tire_friction,
        damping_rate=wheel.damping_rate,
        max_steer_deg=wheel.max_steer_angle,
        radius_cm=wheel.radius,
        max_brake_torque_nm=wheel.max_brake_torque,
        max_hand_brake_torque_nm=wheel.max_handbrake_torque,
        lat_stiff_max_load=wheel.lat_stiff_max_load,
        lat_stiff_value=wheel.lat_stiff_value,
        long_stiff_value=wheel.long_stiff_value,
    )


def telemetry_to_wire(telemetry: VehicleTelemetry) -> wire.VehicleTelemetryData:
    """Telemetry as the client has it: forces in newton, positive forward and to the right."""
    return wire.VehicleTelemetryData(
        speed=telemetry.speed_mps,
        steer=telemetry.steer,
        throttle=telemetry.throttle,
        brake=telemetry.brake,
        engine_rpm=telemetry.engine_rpm,
        gear=telemetry.gear,
        drag=telemetry.drag_n,
        wheels=tuple(_wheel_telemetry(wheel) for wheel in telemetry.wheels),
    )


def _wheel_telemetry(wheel: WheelTelemetry) -> wire.WheelTelemetryData:
    rest = wheel.rest_load_n if wheel.rest_load_n > 0.0 else 1.0
    return wire.WheelTelemetryData(
        tire_friction=wheel.friction,
        lat_slip=-math.degrees(wheel.lateral_slip_rad),
        long_slip=wheel.longitudinal_slip,
        omega=wheel.turning_radps,
        tire_load=wheel.load_n,
        normalized_tire_load=wheel.load_n / rest,
        torque=wheel.torque_nm,
        long_force=wheel.forward_force_n,
        lat_force=-wheel.left_force_n,
        normalized_long_force=abs(wheel.forward_force_n) / rest,
        normalized_lat_force=abs(wheel.left_force_n) / rest,
    )
