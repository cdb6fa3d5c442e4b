"""What the tests of the dynamics share: vehicles to drive."""

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import VehicleBody, body_for
from drivegen.embedded.dynamics.vehicles import VehicleControls, VehicleDynamics

SIZES_M = {
    ObjectClass.CAR: (4.8, 1.85, 1.5),
    ObjectClass.VAN: (5.9, 2.0, 2.5),
    ObjectClass.TRUCK: (7.9, 2.9, 3.4),
    ObjectClass.BUS: (10.2, 2.9, 3.5),
    ObjectClass.MOTORCYCLE: (2.2, 0.8, 1.5),
    ObjectClass.BICYCLE: (1.7, 0.6, 1.6),
}
KINDS = tuple(SIZES_M)


def body(kind: ObjectClass) -> VehicleBody:
    return body_for(kind, np.array(SIZES_M[kind]))


def one_of_each(apart_m: float = 100.0) -> tuple[VehicleDynamics, list[VehicleBody]]:
    """A vehicle of each kind, side by side, heading along x."""
    vehicles = VehicleDynamics()
    bodies = [body(kind) for kind in KINDS]
    for i, each in enumerate(bodies):
        vehicles.add(i + 1, each, Pose.from_xyz_rpy(0.0, i * apart_m, 0.0))
    return vehicles, bodies


def controls(
    n: int,
    throttle: float = 0.0,
    steer: float = 0.0,
    brake: float = 0.0,
    hand_brake: bool = False,
    reverse: bool = False,
) -> VehicleControls:
    return VehicleControls(
        throttle=np.full(n, throttle),
        steer=np.full(n, steer),
        brake=np.full(n, brake),
        hand_brake=np.full(n, hand_brake),
        reverse=np.full(n, reverse),
        manual_gear=np.zeros(n, np.bool_),
        gear=np.zeros(n, np.int32),
    )


def set_speed(vehicles: VehicleDynamics, speed_mps: float) -> None:
    for actor_id, yaw in zip(vehicles.ids, vehicles.rpy_rad[:, 2], strict=True):
        vehicles.set_target_velocity(int(actor_id), speed_mps * np.array([np.cos(yaw), np.sin(yaw), 0.0]))


def drive(
    vehicles: VehicleDynamics, asked: VehicleControls, seconds: float, ground, dt_s: float = 0.05
) -> None:
    vehicles.set_control(vehicles.ids, asked)
    for _ in range(round(seconds / dt_s)):
        vehicles.step(dt_s, ground)
