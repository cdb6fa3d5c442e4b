"""The poles of roadside units on a server: whether they can stand where they are, and are drawn."""

from __future__ import annotations

import contextlib
from typing import Any

import carla
import numpy as np
from jaxtyping import Float64

from drivegen.core.agents import RoadsideUnit
from drivegen.core.errors import PlanError
from drivegen.core.geometry import Vec3
from drivegen.core.handedness import flip_points
from drivegen.core.plans import ScenePlan
from drivegen.core.roadside import ROADSIDE_POLE
from drivegen.core.tags import Tag
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.sites import RoadsideSite, roadside_sites
from drivegen.record.streams import configured, transform_of

ABOVE_M = 150.0
"""Higher than buildings."""
MAST_AT_M = 2.2
"""Height at which a mast is looked for: above its cabinet, below its arm."""
MAST_REACH_M = 0.6


class RoadsidePoles:
    """The poles of a scene. Calls to the server raise RuntimeError; the caller turns them into its errors."""

    def __init__(self, world: Any, plan: ScenePlan, network: RoadNetwork) -> None:
        """Raises PlanError for a pole that the road has not, or that stands in a building.

        A pole that the server does not draw, as drivegen's own does, is spawned, where it has the blueprint;
        CARLA has none, and there the sensors hang in the air.
        """
        self._world = world
        self._actors: list[Any] = []
        sites = {site.id: site for site in roadside_sites(network)} if plan.roadside else {}
        self.sites = {unit.name: _site(plan, unit, sites) for unit in plan.roadside}
        """By agent's name."""
        for unit in plan.roadside:
            self._check_ground(plan, unit)
        for name, site in self.sites.items():
            if not self._is_drawn(site):
                self._spawn(name, site)

    @property
    def antennas_m(self) -> dict[str, Vec3]:
        """Where the radios are, by agent's name."""
        return {name: site.mounts["rsu"].position_m for name, site in self.sites.items()}

    def _check_ground(self, plan: ScenePlan, unit: RoadsideUnit) -> None:
        foot = unit.map_agent.position_m
        labels = self._met(foot + _up(ABOVE_M), foot + _up(0.3))
        if Tag.BUILDING in labels:
            raise PlanError(
                f"{plan.scene}: {unit.name}: pole {unit.site} of {plan.map.name} stands at "
                f"({foot[0]:.1f}, {foot[1]:.1f}) in a building; choose another pole "
                "(agents.roadside.poles) or move it in the map"
            )

    def _is_drawn(self, site: RoadsideSite) -> bool:
        across = np.array([[-MAST_REACH_M, 0.0, MAST_AT_M], [MAST_REACH_M, 0.0, MAST_AT_M]])
        start, end = site.foot.transform_points(across)
        return bool(self._met(start, end))

    def _met(self, start_m: Float64[np.ndarray, "3"], end_m: Float64[np.ndarray, "3"]) -> list[int]:
        ends = [carla.Location(*(float(v) for v in flip_points(p))) for p in (start_m, end_m)]
        return [int(point.label) for point in self._world.cast_ray(*ends)]

    def _spawn(self, name: str, site: RoadsideSite) -> None:
        library = self._world.get_blueprint_library()
        if ROADSIDE_POLE not in {blueprint.id for blueprint in library}:
            return
        blueprint = configured(library, ROADSIDE_POLE, {"variant": str(site.variant), "role_name": name})
        actor = self._world.try_spawn_actor(blueprint, transform_of(site.prop))
        if actor is not None:
            self._actors.append(actor)

    def destroy(self) -> None:
        """Takes the spawned poles away; never raises for a dead server."""
        for actor in self._actors:
            with contextlib.suppress(RuntimeError):
                actor.destroy()
        self._actors = []


def _site(plan: ScenePlan, unit: RoadsideUnit, sites: dict[str, RoadsideSite]) -> RoadsideSite:
    found = sites.get(unit.site)
    if found is None:
        raise PlanError(
            f"{plan.scene}: {unit.name} is at pole {unit.site!r}, which {plan.map.name} has not; it has "
            f"{', '.join(sites) or 'none'}"
        )
    return found


def _up(height_m: float) -> Vec3:
    return np.array([0.0, 0.0, height_m])
