"""The state of a world as a recording's records, many at once where there are many in every frame."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float64, Shaped

from drivegen.embedded.playback.frames import (
    CM_PER_M,
    locations_cm,
    rotations_deg,
    turnings_dps,
    vector,
    velocities_mps,
)
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.packets import PacketId
from drivegen.embedded.playback.log.writer import table_type
from drivegen.embedded.world.actors import Actor
from drivegen.embedded.world.world import World

Table = Shaped[np.ndarray, "n"]
_WHEELS = ((True, 0), (True, 1), (False, 2), (False, 3))
_TWO_WHEELS = ((True, 0), (False, 1))
"""(steered, place): of vehicles with four and with two wheels."""


def positions(world: World, other_placed: Bool[np.ndarray, "m"]) -> Table:
    """Vehicles, walkers, and those of the placement's other actors that are marked."""
    placement = world.placement
    other_ids, others = placement.others()
    ids = np.concatenate([world.vehicles.ids, world.walkers.ids, other_ids[other_placed]])
    poses = np.concatenate([placement.vehicles(), placement.walkers(), others[other_placed]])
    table = np.zeros(len(ids), table_type(PacketId.POSITION))
    table["actor"] = ids
    table["location_cm"] = locations_cm(poses[:, :3, 3])
    table["rotation_deg"] = rotations_deg(poses[:, :3, :3])
    return table


def light_states(world: World) -> Table:
    """Traffic lights."""
    lights = world.lights
    table = np.zeros(len(lights), table_type(PacketId.STATE))
    table["actor"] = [actor.id for actor in world.light_actors]
    table["frozen"] = lights.frozen
    table["elapsed_s"] = lights.elapsed_s
    table["state"] = lights.state
    return table


def vehicle_animations(world: World) -> Table:
    """What drivers do."""
    controls = world.vehicles.controls
    table = np.zeros(len(world.vehicles), table_type(PacketId.ANIM_VEHICLE))
    table["actor"] = world.vehicles.ids
    table["steer"] = controls.steer
    table["throttle"] = controls.throttle
    table["brake"] = controls.brake
    table["hand_brake"] = controls.hand_brake
    table["gear"] = controls.gear
    return table


def walker_animations(world: World) -> Table:
    """How fast walkers go."""
    table = np.zeros(len(world.walkers), table_type(PacketId.ANIM_WALKER))
    table["actor"] = world.walkers.ids
    table["speed_cmps"] = world.walkers.speed_mps * CM_PER_M
    return table


def vehicle_lights(world: World) -> Table:
    """Vehicles' lights."""
    ids = world.vehicles.ids
    table = np.zeros(len(ids), table_type(PacketId.VEHICLE_LIGHT))
    table["actor"] = ids
    table["flags"] = [world.actors.find(id_).light_flags for id_ in ids.tolist()]
    return table


def vehicle_wheels(world: World) -> tuple[p.VehicleWheels, ...]:
    """How wheels are turned: the single front wheel of the dynamics stands for both."""
    cars = world.vehicles
    rows = zip(cars.ids.tolist(), cars.steer_rad.tolist(), cars.wheel_rotation_rad.tolist(), strict=True)
    return tuple(_wheels(world, actor_id, steer, rotation) for actor_id, steer, rotation in rows)


def _wheels(world: World, actor_id: int, steer_rad: float, rotation_rad: float) -> p.VehicleWheels:
    two = world.actors.find(actor_id).attributes.get("number_of_wheels") == "2"
    steer_deg, rotation_deg = -math.degrees(steer_rad), -math.degrees(rotation_rad)
    return p.VehicleWheels(
        actor=actor_id,
        wheels=tuple(
            p.Wheel(place=place, steer_deg=steer_deg if steered else 0.0, rotation_deg=rotation_deg)
            for steered, place in (_TWO_WHEELS if two else _WHEELS)
        ),
    )


def kinematics(world: World) -> Table:
    """Motion of vehicles and walkers."""
    cars, people = world.vehicles, world.walkers
    table = np.zeros(len(cars) + len(people), table_type(PacketId.KINEMATICS))
    table["actor"] = np.concatenate([cars.ids, people.ids])
    table["velocity_mps"] = velocities_mps(np.concatenate([cars.velocity_mps, people.velocity_mps]))
    turning = np.concatenate([cars.angular_velocity_radps, people.angular_velocity_radps])
    table["angular_velocity_dps"] = turnings_dps(turning)
    return table


def local_box(actor: Actor) -> p.Box:
    """An actor's box in its own frame."""
    return _box(actor.id, actor.box.centre_m, actor.box.half_m)


def trigger_volume(light: Actor) -> p.Box:
    """A traffic light's trigger volume in the world."""
    centre = light.local[:3, :3] @ light.box.centre_m + light.local[:3, 3]
    return _box(light.id, centre, light.box.half_m)


def _box(actor_id: int, centre_m: Float64[np.ndarray, "3"], half_m: Float64[np.ndarray, "3"]) -> p.Box:
    return p.Box(
        actor=actor_id,
        origin_cm=vector(locations_cm(centre_m[None])[0]),
        extent_cm=vector(half_m * CM_PER_M),
    )


def light_times(world: World, lights: list[Actor]) -> Table:
    """How long lights show their colours."""
    rows = np.array([light.row for light in lights], np.int64)
    table = np.zeros(len(rows), table_type(PacketId.TRAFFIC_LIGHT_TIME))
    table["actor"] = np.array([light.id for light in lights], np.uint32)
    table["green_s"] = world.lights.green_time_s[rows]
    table["yellow_s"] = world.lights.yellow_time_s[rows]
    table["red_s"] = world.lights.red_time_s[rows]
    return table
