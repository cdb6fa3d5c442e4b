"""What a recorded frame shows beside places: lights, drivers' controls, wheels, doors, walkers' poses."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.posing import CustomPose
from drivegen.embedded.assets.vehicles.doors import Door
from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.playback.cast import Cast
from drivegen.embedded.playback.frames import pose_of_vectors
from drivegen.embedded.playback.log import Frame, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.log.wheels import first_wheels
from drivegen.embedded.traffic_lights.lights import LightState
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.world import World


def _playing(cast: Cast, recorded_ids: list[int], kind: ActorKind) -> tuple[list[int], list[Actor]]:
    """(rows, actors) of those recorded ones that somebody of a kind plays."""
    pairs = [(row, cast.actor(id_)) for row, id_ in enumerate(recorded_ids)]
    found = [(row, actor) for row, actor in pairs if actor is not None and actor.kind is kind]
    return [row for row, _ in found], [actor for _, actor in found]


def show_lights(world: World, cast: Cast, frame: Frame) -> None:
    """Makes traffic lights show what they showed. Raises LogError."""
    table = frame.table(PacketId.STATE)
    table = table[table["state"] <= max(LightState)]
    rows, lights = _playing(cast, table["actor"].tolist(), ActorKind.TRAFFIC_LIGHT)
    if lights:
        table = table[rows]
        world.lights.lead(
            np.array([light.row for light in lights], np.int32),
            table["state"],
            np.nan_to_num(table["elapsed_s"].astype(np.float64)),
            table["frozen"] != 0,
        )


def show_vehicles(world: World, cast: Cast, frame: Frame) -> None:
    """Sets drivers' controls, wheels and lights of vehicles. Raises LogError."""
    _controls(world, cast, frame)
    for body in frame.bodies(PacketId.ANIM_VEHICLE_WHEELS):
        for actor_id, steer_deg, rotation_deg in first_wheels(body):
            _turn_wheels(world, cast.actor(actor_id), steer_deg, rotation_deg)
    lights = frame.table(PacketId.VEHICLE_LIGHT)
    rows, cars = _playing(cast, lights["actor"].tolist(), ActorKind.VEHICLE)
    for row, car in zip(rows, cars, strict=True):
        car.light_flags = int(lights["flags"][row])


def _controls(world: World, cast: Cast, frame: Frame) -> None:
    table = frame.table(PacketId.ANIM_VEHICLE)
    rows, cars = _playing(cast, table["actor"].tolist(), ActorKind.VEHICLE)
    if not cars:
        return
    table = table[rows]
    world.vehicles.set_control(
        np.array([car.id for car in cars], np.uint32),
        VehicleControls(
            throttle=table["throttle"].astype(np.float64),
            steer=table["steer"].astype(np.float64),
            brake=table["brake"].astype(np.float64),
            hand_brake=table["hand_brake"] != 0,
            reverse=table["gear"] < 0,
            manual_gear=np.zeros(len(cars), np.bool_),
            gear=table["gear"].astype(np.int32),
        ),
    )


def _turn_wheels(world: World, actor: Actor | None, steer_deg: float, rotation_deg: float) -> None:
    finite = math.isfinite(steer_deg) and math.isfinite(rotation_deg)
    if actor is not None and actor.kind is ActorKind.VEHICLE and finite:
        world.vehicles.set_wheels(actor.id, -math.radians(steer_deg), -math.radians(rotation_deg))


def swing_doors(world: World, cast: Cast, frame: Frame) -> None:
    """Tells doors what they were told in a frame. Raises LogError."""
    records: Iterable[p.VehicleDoor] = frame.records(PacketId.VEHICLE_DOOR)
    for record in records:
        actor = cast.actor(record.actor)
        if actor is not None and actor.kind is ActorKind.VEHICLE and record.door in set(Door):
            actor.doors = actor.doors.told(Door(record.door), opens=record.open, now_s=world.elapsed_s)


def show_poses(cast: Cast, frame: Frame) -> None:
    """Poses walkers as they were posed. Raises LogError."""
    records: Iterable[p.WalkerBones] = frame.records(PacketId.WALKER_BONES)
    for record in records:
        actor = cast.actor(record.actor)
        if actor is None or actor.kind is not ActorKind.WALKER:
            continue
        relative = {b.name: pose_of_vectors(b.location_cm, b.rotation_deg).matrix for b in record.bones}
        sound = {n: m for n, m in relative.items() if n in PARENT_BONE and np.isfinite(m).all()}
        actor.pose = CustomPose(relative=sound, blend=1.0)
