"""Where every actor is: those that dynamics moves, those that stand free, those that hang on others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int32, UInt32

from drivegen.core.geometry import Mat4, Vec3
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from drivegen.embedded.world.actors import Actor, ActorKind, ActorRegistry
from drivegen.embedded.world.transforms import matrices

_MOVED = (ActorKind.VEHICLE, ActorKind.WALKER)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Level:
    """Attached actors whose parents are all placed by earlier levels."""

    parent_place: Int32[np.ndarray, "n"]
    local: Float64[np.ndarray, "n 4 4"]


class Placement:
    """World poses of all actors as matrices: first vehicles, then walkers, then the others by depth.

    The tables of who hangs on whom are made when something has changed, the poses once a step.
    """

    def __init__(self, actors: ActorRegistry, vehicles: VehicleDynamics, walkers: WalkerDynamics) -> None:
        self._actors = actors
        self._vehicles = vehicles
        self._walkers = walkers
        self._stale = True
        self._place: dict[int, int] = {}
        self._other_ids: UInt32[np.ndarray, "n"] = np.zeros(0, np.uint32)
        self._free: Float64[np.ndarray, "n 4 4"] = np.zeros((0, 4, 4))
        self._levels: list[_Level] = []
        self._world: Float64[np.ndarray, "n 4 4"] = np.zeros((0, 4, 4))

    def changed(self) -> None:
        """Actors came or went, or one that dynamics does not move was put somewhere else."""
        self._stale = True

    def moved(self, actor_id: int) -> None:
        """One that hangs on nothing and that dynamics does not move is somewhere else."""
        if not self._stale:
            first = len(self._vehicles) + len(self._walkers)
            self._free[self._place[actor_id] - first] = self._actors.find(actor_id).local

    def update(self) -> None:
        """Takes up where dynamics has moved its actors."""
        if self._stale:
            self._make_tables()
        parts = [
            matrices(self._vehicles.position_m, self._vehicles.rpy_rad),
            matrices(self._walkers.position_m, self._walkers.rpy_rad),
            self._free,
        ]
        world = np.concatenate(parts)
        for level in self._levels:
            world = np.concatenate([world, world[level.parent_place] @ level.local])
        self._world = world

    def world_actor(self, actor_id: int) -> Mat4:
        """Pose of an actor in the world, as of the last `update` or later change."""
        if self._stale:
            self.update()
        return self._world[self._place[actor_id]]

    def bodies_near(self, place_m: Vec3, reach_m: float) -> list[tuple[Actor, Mat4]]:
        """Vehicles, walkers and props whose boxes may reach a circle about a place, and their poses now."""
        found: list[tuple[Actor, Mat4]] = []
        for bodies in (self._vehicles, self._walkers):
            if len(bodies):
                position, size = bodies.position_m, bodies.size_m
                reaches = reach_m + np.hypot(size[:, 0], size[:, 1]) / 2
                gap = position[:, :2] - place_m[:2]
                rows = np.flatnonzero(np.hypot(gap[:, 0], gap[:, 1]) <= reaches)
                poses, ids = matrices(position[rows], bodies.rpy_rad[rows]), bodies.ids[rows].tolist()
                found += [(self._actors.find(i), pose) for i, pose in zip(ids, poses, strict=True)]
        for actor in self._actors.of_kind(ActorKind.PROP):
            pose = self.world_actor(actor.id) if actor.parent_id else actor.local
            gap = pose[:2, 3] - place_m[:2]
            if np.hypot(gap[0], gap[1]) <= reach_m + np.hypot(*actor.box.half_m[:2]):
                found.append((actor, pose))
        return found

    def others(self) -> tuple[UInt32[np.ndarray, "n"], Float64[np.ndarray, "n 4 4"]]:
        """Ids and poses of all actors that are neither vehicles nor walkers."""
        return self._other_ids, self._world[len(self._world) - len(self._other_ids) :]

    def vehicles(self) -> Float64[np.ndarray, "n 4 4"]:
        """Poses of vehicles, in dynamics' rows; as `world_actor`."""
        if self._stale:
            self.update()
        return self._world[: len(self._vehicles)]

    def walkers(self) -> Float64[np.ndarray, "n 4 4"]:
        """Poses of walkers, in dynamics' rows; as `world_actor`."""
        if self._stale:
            self.update()
        start = len(self._vehicles)
        return self._world[start : start + len(self._walkers)]

    def _make_tables(self) -> None:
        place = {int(id_): i for i, id_ in enumerate(self._vehicles.ids)}
        for i, id_ in enumerate(self._walkers.ids):
            place[int(id_)] = len(self._vehicles) + i
        rest = [a for a in self._actors if a.kind not in _MOVED]
        free = [a for a in rest if not a.parent_id]
        hanging = [a for a in rest if a.parent_id]
        ordered = list(free)
        for actor in free:
            place[actor.id] = len(place)
        self._free = _stack(free)
        self._levels = []
        while hanging:
            ready = [a for a in hanging if a.parent_id in place]
            assert ready, "an actor hangs on one that does not exist"
            parents = np.array([place[a.parent_id] for a in ready], np.int32)
            self._levels.append(_Level(parent_place=parents, local=_stack(ready)))
            for actor in ready:
                place[actor.id] = len(place)
            ordered += ready
            hanging = [a for a in hanging if a.id not in place]
        self._other_ids = np.array([a.id for a in ordered], np.uint32)
        self._place = place
        self._stale = False


def _stack(actors: list[Actor]) -> Float64[np.ndarray, "n 4 4"]:
    return np.stack([a.local for a in actors]) if actors else np.zeros((0, 4, 4))
