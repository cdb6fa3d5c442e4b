"""What a recorded frame shows beside poses: traffic lights, drivers' controls, wheels, vehicles' lights."""

from __future__ import annotations

import math

import numpy as np

from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.playback.cast import Cast
from drivegen.embedded.playback.log import Frame, PacketId
from drivegen.embedded.playback.log import packets as p
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
    for wheels in frame.records(PacketId.ANIM_VEHICLE_WHEELS):
        _turn_wheels(world, cast, wheels)
    for lights in frame.records(PacketId.VEHICLE_LIGHT):
        actor = cast.actor(lights.actor)
        if actor is not None and actor.kind is ActorKind.VEHICLE:
            actor.light_flags = lights.flags


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


def _turn_wheels(world: World, cast: Cast, record: p.VehicleWheels) -> None:
    actor = cast.actor(record.actor)
    angles = [(w.steer_deg, w.rotation_deg) for w in record.wheels if math.isfinite(w.steer_deg)]
    if actor is None or actor.kind is not ActorKind.VEHICLE or not angles:
        return
    steer_deg, rotation_deg = angles[0]  # the first wheel is a front wheel
    if math.isfinite(rotation_deg):
        world.vehicles.set_wheels(actor.id, -math.radians(steer_deg), -math.radians(rotation_deg))
