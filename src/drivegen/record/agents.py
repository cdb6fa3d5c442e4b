"""Who carries sensors in a scene: the ego, connected vehicles, roadside units; and each of them at a tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drivegen.core.agents import EGO, RoadsideUnit, label_key
from drivegen.core.errors import PlanError
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.plans import Drive, ScenePlan
from drivegen.core.rng import derive_seed
from drivegen.core.sensors import Rig, Sensor
from drivegen.record.truth import Observation

MAST_M = 0.4
"""Width of a pole's own body, which its radars pass over; their devices hang before it."""
MAST_HEIGHT_M = 9.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agent:
    """An agent of a scene plan."""

    name: str
    rig: Rig
    vehicle: int | None = None
    """Index into `ScenePlan.vehicles`; none of the ego and of roadside units."""
    unit: RoadsideUnit | None = None
    """None of vehicles."""

    def key(self, channel: str) -> str:
        """What a sensor is called among those of all agents: the ego's channels have no prefix."""
        return label_key(self.name, channel)

    def seed(self, scene_seed: int) -> int:
        """That its sensors draw from; the ego's is the scene's."""
        return scene_seed if self.name == EGO else derive_seed(scene_seed, "agent", self.name)

    @property
    def keyed(self) -> dict[str, Sensor]:
        """Its sensors by `key`, in the order of the rig."""
        return {self.key(s.name): s for s in self.rig.sensors}


def agents_of(plan: ScenePlan) -> tuple[Agent, ...]:
    """All agents of a plan: the ego first, then connected vehicles, then roadside units, as planned.

    Raises PlanError for agents that cannot be: a name twice or a reserved one, a vehicle that is none of the
    plan's, that comes later, leaves, or carries two rigs, two sensors of one name, two units at one pole.
    """
    vehicles = {c.name: c.vehicle for c in plan.connected}
    units = {u.name: u for u in plan.roadside}
    agents = tuple(
        Agent(name=name, rig=rig, vehicle=vehicles.get(name), unit=units.get(name))
        for name, rig in plan.rigs.items()
    )
    _check_channels(plan, agents)
    _check_vehicles(plan)
    _check_poles(plan)
    return agents


def _check_channels(plan: ScenePlan, agents: tuple[Agent, ...]) -> None:
    for agent in agents:
        if len(agent.keyed) != len(agent.rig.sensors):
            raise PlanError(
                f"{plan.scene}: two sensors of {agent.name} (rig {agent.rig.name}) have the same name; "
                "rename one"
            )


def _check_vehicles(plan: ScenePlan) -> None:
    carriers: dict[int, str] = {}
    for each in plan.connected:
        if not 0 <= each.vehicle < len(plan.vehicles):
            raise PlanError(
                f"{plan.scene}: {each.name} is carried by vehicle {each.vehicle}, "
                f"but the plan has vehicles 0 to {len(plan.vehicles) - 1}"
            )
        if each.vehicle in carriers:
            raise PlanError(
                f"{plan.scene}: {carriers[each.vehicle]} and {each.name} are carried by the same vehicle "
                f"{each.vehicle}; give each its own"
            )
        carriers[each.vehicle] = each.name
        vehicle = plan.vehicles[each.vehicle]
        if vehicle.enters_s > 0.0 or vehicle.leaves or vehicle.drive is Drive.RIDER:
            raise PlanError(
                f"{plan.scene}: {each.name} is carried by vehicle {each.vehicle}, which comes later, leaves "
                "or is ridden; take one that is there all the time"
            )


def _check_poles(plan: ScenePlan) -> None:
    owners: dict[str, str] = {}
    for unit in plan.roadside:
        if unit.site in owners:
            raise PlanError(
                f"{plan.scene}: {owners[unit.site]} and {unit.name} are both at pole {unit.site}; "
                "leave one out, or give one unit all the sensors"
            )
        owners[unit.site] = unit.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """An agent at one tick, in the world frame."""

    agent: Agent
    map_agent: Pose
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    angular_velocity_radps: Vec3
    box: Box
    """Of the body that carries the sensors."""
    track_id: int | None
    """Of that body; none of a pole."""


class Carriers:
    """Where the agents of a scene are."""

    def __init__(self, agents: tuple[Agent, ...], track_ids: Mapping[str, int]) -> None:
        """Takes the agents and the ids of those that are vehicles."""
        self.agents = agents
        self.track_ids = dict(track_ids)
        """Of the vehicles, by agent's name."""
        self._standing = {a.name: _standing(a, a.unit) for a in agents if a.unit is not None}

    @property
    def fixed_m(self) -> list[Vec3]:
        """Where roadside units stand."""
        return [c.map_agent.position_m for c in self._standing.values()]

    def at(self, observed: Mapping[int, Observation]) -> dict[str, Carried]:
        """All agents at a tick, by name, from what is known of the vehicles by track id.

        Raises KeyError with the name of an agent whose vehicle is not among them.
        """
        out: dict[str, Carried] = {}
        for agent in self.agents:
            if agent.name in self._standing:
                out[agent.name] = self._standing[agent.name]
                continue
            seen = observed.get(self.track_ids[agent.name])
            if seen is None:
                raise KeyError(agent.name)
            out[agent.name] = Carried(
                agent=agent,
                map_agent=seen.map_actor,
                velocity_mps=seen.velocity_mps,
                acceleration_mps2=seen.acceleration_mps2,
                angular_velocity_radps=seen.angular_velocity_radps,
                box=seen.box,
                track_id=seen.tracked.track_id,
            )
        return out


def _standing(agent: Agent, unit: RoadsideUnit) -> Carried:
    mast = Pose.from_xyz_rpy(0.0, 0.0, MAST_HEIGHT_M / 2)
    return Carried(
        agent=agent,
        map_agent=unit.map_agent,
        velocity_mps=np.zeros(3),
        acceleration_mps2=np.zeros(3),
        angular_velocity_radps=np.zeros(3),
        box=Box(pose=unit.map_agent @ mast, size_m=np.array([MAST_M, MAST_M, MAST_HEIGHT_M])),
        track_id=None,
    )
