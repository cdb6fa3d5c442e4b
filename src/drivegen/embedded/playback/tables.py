"""The state of a world as a recording's records, many at once where there are many in every frame."""

from __future__ import annotations

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
from drivegen.embedded.playback.log.wheels import pack_wheels
from drivegen.embedded.playback.log.writer import Block, table_type
from drivegen.embedded.world.actors import Actor
from drivegen.embedded.world.world import World

Table = Shaped[np.ndarray, "n"]


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


def vehicle_wheels(world: World) -> Block:
    """How wheels are turned: the single front wheel of the dynamics stands for both."""
    cars = world.vehicles
    ids = cars.ids
    two_wheeled = [world.actors.find(id_).attributes.get("number_of_wheels") == "2" for id_ in ids.tolist()]
    return Block(
        count=len(ids),
        data=pack_wheels(
            ids,
            -np.degrees(cars.steer_rad),
            -np.degrees(cars.wheel_rotation_rad),
            np.array(two_wheeled, np.bool_),
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
