"""Agents of a scene from a configuration: which vehicles and poles, what they carry, what they get wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from drivegen.core.agents import AgentErrors, Clock, ConnectedVehicle, Localisation, RoadsideUnit, Sky
from drivegen.core.plans import PlacedPose, TrafficDraw, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Rig
from drivegen.core.v2x_plan import V2xPlan
from drivegen.opendrive.model import RoadNetwork
from drivegen.runtime.agents_config import AgentsConfig, ErrorsConfig, agent_names, make_v2x
from drivegen.runtime.carriers import Place, choose_cars
from drivegen.runtime.config import Config
from drivegen.runtime.poles import Poles, UnitSite, roadside_rig
from drivegen.runtime.rig_config import make_rig
from drivegen.v2x.calibration import believed_mounts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedAgents:
    """What agents add to a scene plan."""

    vehicles: tuple[VehiclePlan, ...]
    """The traffic, in which some have become connected vehicles."""
    connected: tuple[ConnectedVehicle, ...] = ()
    roadside: tuple[RoadsideUnit, ...] = ()
    v2x: V2xPlan | None = None
    ego_errors: AgentErrors = field(default_factory=AgentErrors)
    requested: dict[str, float] = field(default_factory=dict)


class AgentPlanner:
    """Chooses the agents of scenes: by the scene's seed, road and traffic, by nothing else."""

    def __init__(self, config: Config) -> None:
        """Makes the rigs that do not depend on poles."""
        self._agents: AgentsConfig = config.agents
        self._tick_s = config.scene.tick_s
        self._lasts_s = config.scene.warmup_s + config.scene.duration_s
        rig = self._agents.connected.rig
        self._vehicle_rig = None if rig is None else make_rig(rig)
        self._poles: tuple[str, Poles] | None = None
        """Of the last road, by its name."""

    def plan(
        self, scene: str, seed: int, road: str, network: RoadNetwork, traffic: TrafficDraw, ego_rig: Rig
    ) -> PlannedAgents:
        """The agents of a scene.

        Args:
            scene: Its name, for messages.
            seed: Of the scene.
            road: Name of the road.
            network: The road.
            traffic: Vehicles as drawn.
            ego_rig: What the ego carries.

        Raises:
            ConfigError: There are fewer poles or cars than asked for, a pole stands in a building, or lights
                are wanted where there are none.
        """
        names = agent_names(self._agents)
        count = self._agents.connected.count
        sites = self._sites(scene, road, network, traffic.ego)
        vehicles, connected = self._connected(scene, seed, traffic, sites, names[1 : 1 + count])
        requested = {
            "connected vehicles": float(count),
            "roadside units": float(self._agents.roadside.count),
        }
        return PlannedAgents(
            vehicles=vehicles,
            connected=connected,
            roadside=tuple(
                self._unit(seed, name, site) for name, site in zip(names[1 + count :], sites, strict=True)
            ),
            v2x=make_v2x(self._agents.v2x),
            ego_errors=self._errors(seed, names[0], ErrorsConfig(), ego_rig),
            requested={name: number for name, number in requested.items() if number},
        )

    def _sites(self, scene: str, road: str, network: RoadNetwork, ego: PlacedPose) -> tuple[UnitSite, ...]:
        roadside = self._agents.roadside
        if not roadside.count:
            return ()
        if self._poles is None or self._poles[0] != road:
            self._poles = road, Poles(road, network)
        return self._poles[1].choose(scene, roadside, ego, talk=self._agents.v2x.enabled)

    def _connected(
        self,
        scene: str,
        seed: int,
        traffic: TrafficDraw,
        sites: Sequence[UnitSite],
        names: Sequence[str],
    ) -> tuple[tuple[VehiclePlan, ...], tuple[ConnectedVehicle, ...]]:
        connected = self._agents.connected
        if not names or connected.rig is None or self._vehicle_rig is None:
            return traffic.vehicles, ()
        goal: Place | None = None
        if sites:
            x, y, _ = np.mean([site.map_agent.position_m for site in sites], axis=0)
            goal = float(x), float(y)
        rows = choose_cars(
            scene,
            traffic,
            connected.rig.blueprint,
            count=len(names),
            goal=goal,
            within_m=connected.within_m,
            lasts_s=self._lasts_s,
        )
        vehicles = list(traffic.vehicles)
        red, green, blue = connected.rig.color_rgb
        made = []
        for name, row in zip(names, rows, strict=True):
            vehicles[row] = replace(
                vehicles[row],
                blueprint=connected.rig.blueprint,
                color_rgb=(red, green, blue),
                variant=0,
                stand_in="",
                leaves=False,
            )
            rig = self._phased(seed, name, connected.phases, self._vehicle_rig)
            errors = self._errors(seed, name, connected.errors, rig)
            made.append(ConnectedVehicle(name=name, vehicle=row, rig=rig, errors=errors))
        return tuple(vehicles), tuple(made)

    def _unit(self, seed: int, name: str, site: UnitSite) -> RoadsideUnit:
        roadside = self._agents.roadside
        assert roadside.rig is not None  # the configuration was checked
        rig = self._phased(seed, name, roadside.phases, roadside_rig(roadside.rig, site))
        return RoadsideUnit(
            name=name,
            site=site.site.id,
            junction_id=site.site.junction_id,
            map_agent=site.map_agent,
            rig=rig,
            errors=self._errors(seed, name, roadside.errors, rig),
        )

    def _phased(self, seed: int, name: str, phases: str, rig: Rig) -> Rig:
        """The rig with drawn phases: the share of its period that each sensor begins later."""
        if phases == "rig":
            return rig
        shared = float(derive_rng(seed, "phase", name).random())
        sensors = []
        for sensor in rig.sensors:
            own = float(derive_rng(seed, "phase", name, sensor.name).random())
            ticks = math.floor(
                (shared if phases == "agent" else own) * round(sensor.period_s / self._tick_s) + 1e-9
            )
            sensors.append(replace(sensor, phase_s=round(ticks * self._tick_s, 9)))
        return replace(rig, sensors=tuple(sensors))

    def _errors(self, seed: int, name: str, group: ErrorsConfig, rig: Rig) -> AgentErrors:
        """Drawn from the agent's own configuration, else its group's."""
        config = self._agents.errors.get(name, group)
        clock, where, calibration = config.clock, config.localisation, config.calibration
        offset, drift = derive_rng(seed, "clock", name).standard_normal(2)
        return AgentErrors(
            clock=Clock(
                offset_ns=round((clock.offset_ms + clock.offset_sigma_ms * float(offset)) * 1e6),
                drift_ppm=clock.drift_ppm + clock.drift_sigma_ppm * float(drift),
                jitter_ns=round(clock.jitter_ms * 1e6),
            ),
            localisation=Localisation(sky=Sky(where.sky), scale=where.scale),
            believed_mounts=believed_mounts(
                seed,
                name,
                rig,
                calibration.position_sigma_m,
                math.radians(calibration.rotation_sigma_deg),
            ),
        )
