"""Boxes that give the wheels in them another friction: ice, oil, wet leaves (static.trigger.friction)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Mat4
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.world.actors import Actor, LocalBox
from drivegen.embedded.world.placement import Placement
from drivegen.embedded.world.transforms import matrices

GREATEST = 1e9
"""Of frictions and extents, as of a vehicle's own physics."""
_NO_WAY_M = 1e-9


def trigger_box(values: Mapping[str, str]) -> LocalBox:
    """A trigger's box about its origin. Raises ConfigError for extents or a friction that cannot be."""
    for name in ("friction", "extent_x", "extent_y", "extent_z"):
        if not 0.0 <= float(values[name]) <= GREATEST:
            raise ConfigError(
                f"static.trigger.friction: {name} is {values[name]}; it must be within 0 and {GREATEST:g}"
            )
    half_cm = np.array([float(values[f"extent_{axis}"]) for axis in "xyz"])
    return LocalBox(centre_m=np.zeros(3), half_m=half_cm / 100.0)


class FrictionTriggers:
    """One episode's triggers. Where boxes overlap, the newest counts.

    CARLA gives all wheels of a vehicle the friction as soon as any part of it is inside; here each wheel has
    that of its own place, so that a car can stand with one side on ice.
    """

    def __init__(self, placement: Placement) -> None:
        self._placement = placement
        self._triggers: dict[int, tuple[LocalBox, float]] = {}
        self._acted = False

    def add(self, actor: Actor) -> None:
        """Takes a trigger in."""
        self._triggers[actor.id] = actor.box, float(actor.attributes["friction"])

    def remove(self, actor: Actor) -> None:
        """Takes an actor out, if it is one of these."""
        self._triggers.pop(actor.id, None)

    def act_on(self, vehicles: VehicleDynamics) -> None:
        """Gives wheels the friction of where they are now, and those that have left their own."""
        if not self._triggers and not self._acted:
            return
        self._acted = bool(self._triggers)
        friction = np.full((len(vehicles), 4), np.nan)
        if self._triggers and len(vehicles):
            low, up = _wheels(vehicles)
            for actor_id, (box, inside) in self._triggers.items():
                world_trigger = self._placement.world_actor(actor_id)
                friction[_reach_into(low, up, world_trigger, box.half_m)] = inside
        vehicles.set_surface(friction)


def _wheels(vehicles: VehicleDynamics) -> tuple[Float64[np.ndarray, "n 4 3"], Float64[np.ndarray, "n 1 3"]]:
    """In the world: where wheels touch the ground, and from there to their tops."""
    world = matrices(vehicles.position_m, vehicles.rpy_rad)
    low = np.einsum("nij,nkj->nki", world[:, :3, :3], vehicles.wheel_places_m) + world[:, None, :3, 3]
    return low, (world[:, :3, 2] * 2.0 * vehicles.wheel_radius_m[:, None])[:, None]


def _reach_into(
    low: Float64[np.ndarray, "n 4 3"],
    up: Float64[np.ndarray, "n 1 3"],
    world_trigger: Mat4,
    half_m: Float64[np.ndarray, "3"],
) -> Bool[np.ndarray, "n 4"]:
    """Which lines from `low` over `up` meet a box: they are cut by its three pairs of planes in turn."""
    turn = world_trigger[:3, :3]
    start, way = (low - world_trigger[:3, 3]) @ turn, up @ turn
    way = np.where(np.abs(way) < _NO_WAY_M, _NO_WAY_M, way)
    one, other = (-half_m - start) / way, (half_m - start) / way
    enters = np.minimum(one, other).max(axis=-1)
    leaves = np.maximum(one, other).min(axis=-1)
    return np.asarray((enters <= leaves) & (leaves >= 0.0) & (enters <= 1.0))
