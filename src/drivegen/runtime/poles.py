"""Which poles of a road become roadside units, and where sensors sit on them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from drivegen.core.errors import ConfigError
from drivegen.core.geometry import Pose
from drivegen.core.plans import PlacedPose
from drivegen.core.sensors import Rig, Sensor
from drivegen.opendrive.buildings import buildings
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import signal_heads
from drivegen.opendrive.sites import RoadsideSite, roadside_sites
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen.runtime.agents_config import (
    RoadsideCameraConfig,
    RoadsideConfig,
    RoadsideLidarConfig,
    RoadsideRadarConfig,
    RoadsideRigConfig,
)
from drivegen.runtime.camera_config import make_camera
from drivegen.runtime.point_config import make_lidar, make_radar

AHEAD_M = 1500.0
"""So far along its lanes the ego's way is followed to a junction with poles."""
POLE_RADIUS_M = 0.15
"""Of a mast on the ground."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitSite:
    """A pole that becomes a roadside unit."""

    site: RoadsideSite

    @property
    def map_agent(self) -> Pose:
        """The unit's frame: level, at the foot."""
        return self.site.foot

    def agent_mount(self, name: str, level: bool = False) -> Pose:
        """A mount in the unit's frame; without its tilt, but with its heading, when `level`.

        Where a pole carries no second LiDAR or radar (`lidar_1`, `radar_1`), it is where one would be: the
        first one's place and tilt on the other side of the arm.
        """
        found = self.site.mounts.get(name)
        if found is None:
            first = self.site.prop.inverse() @ self.site.mounts[name.removesuffix("_1") + "_0"]
            over = Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=math.pi)
            turned = over @ first
            x, y, z = (float(v) for v in first.position_m)
            found = self.site.prop @ replace(turned, position_m=np.array([-x, y, z]))
        mount = self.map_agent.inverse() @ found
        if level:
            x, y, z = (float(v) for v in mount.position_m)
            return Pose.from_xyz_rpy(x, y, z, yaw_rad=mount.yaw_rad)
        return mount


def roadside_rig(config: RoadsideRigConfig, site: UnitSite) -> Rig:
    """The rig on a pole; mounts in the unit's frame."""

    def at(place: RoadsideCameraConfig | RoadsideLidarConfig | RoadsideRadarConfig, made: Sensor) -> Sensor:
        mount = site.agent_mount(place.mount, place.level)
        return replace(made, agent_sensor=mount @ made.agent_sensor)

    sensors = [at(c, make_camera(c)) for c in config.cameras.values()]
    sensors += [at(c, make_lidar(c)) for c in config.lidars.values()]
    sensors += [at(c, make_radar(c)) for c in config.radars.values()]
    return Rig(name=config.name, sensors=tuple(sensors))


class Poles:
    """The poles of a road."""

    def __init__(self, road: str, network: RoadNetwork) -> None:
        """Reads them from the network; `road` names it in messages."""
        self._road = road
        self._network = network
        self._sites = roadside_sites(network)
        self._buildings = buildings(network)
        self._lit = {head.junction_id for head in signal_heads(network)}

    def choose(
        self, scene: str, roadside: RoadsideConfig, ego: PlacedPose, *, talk: bool
    ) -> tuple[UnitSite, ...]:
        """The poles of a scene's units, in the order of their names.

        Without poles named in the configuration they are of one junction: the nearest to the ego first, then
        each time the farthest from those that are chosen.

        Args:
            scene: For messages.
            roadside: What is wanted; `count` is not 0.
            ego: Where the ego starts.
            talk: Whether agents talk.

        Raises:
            ConfigError: There are fewer, one stands in a building, or its junction has no lights and SPAT is
                required of it.
        """
        if roadside.poles:
            chosen = [self._named(scene, pole) for pole in roadside.poles]
        else:
            chosen = self._spread(scene, self._junction(scene, roadside, ego), roadside.count, ego)
        for site in chosen:
            self._check_ground(scene, site)
            if talk and roadside.spat == "required" and site.junction_id not in self._lit:
                where = "no junction" if site.junction_id is None else f"junction {site.junction_id}"
                raise ConfigError(
                    f"{scene}: the roadside unit at pole {site.id} of {self._road} has no signal group for "
                    f"its SPAT messages: {where} has no traffic lights; choose another agents.roadside."
                    "junction or map, or set agents.roadside.spat=where_signals"
                )
        return tuple(UnitSite(site=site) for site in chosen)

    def _named(self, scene: str, pole: str) -> RoadsideSite:
        for site in self._sites:
            if site.id == pole:
                return site
        raise ConfigError(
            f"{scene}: agents.roadside.poles: {self._road} has no pole {pole!r}; it has "
            f"{', '.join(s.id for s in self._sites) or 'none'}"
        )

    def _spread(self, scene: str, junction: int, count: int, ego: PlacedPose) -> list[RoadsideSite]:
        left = [site for site in self._sites if site.junction_id == junction]
        if len(left) < count:
            raise ConfigError(
                f"{scene}: agents.roadside.count={count}, but junction {junction} of {self._road} has "
                f"{len(left)} poles; ask for fewer or set agents.roadside.junction"
            )
        start = np.array([ego.x_m, ego.y_m])
        chosen: list[RoadsideSite] = []
        while len(chosen) < count:
            feet = [site.foot.position_m[:2] for site in chosen]
            apart = [
                min(float(np.linalg.norm(site.foot.position_m[:2] - foot)) for foot in feet)
                if feet
                else -float(np.linalg.norm(site.foot.position_m[:2] - start))
                for site in left
            ]
            chosen.append(left.pop(int(np.argmax(apart))))
        return chosen

    def _junction(self, scene: str, roadside: RoadsideConfig, ego: PlacedPose) -> int:
        """The configured junction, else the first with poles on the ego's way, else the nearest with some."""
        with_poles = sorted({s.junction_id for s in self._sites if s.junction_id is not None})
        if not with_poles:
            raise ConfigError(
                f"{scene}: agents.roadside.count={roadside.count}, but {self._road} has no roadside poles at "
                "a junction; set map.params.roadside_sites=true where the generator knows it, choose a map "
                "that has some (map=junction), or set agents.roadside.count=0"
            )
        if roadside.junction is not None:
            if roadside.junction not in with_poles:
                raise ConfigError(
                    f"{scene}: agents.roadside.junction={roadside.junction}: {self._road} has none there, "
                    f"but at {', '.join(map(str, with_poles))}"
                )
            return roadside.junction
        ahead = junction_ahead(self._network, ego, with_poles)
        if ahead is not None:
            return ahead
        start = np.array([ego.x_m, ego.y_m])
        nearest = min(
            (float(np.linalg.norm(s.foot.position_m[:2] - start)), s.junction_id)
            for s in self._sites
            if s.junction_id is not None
        )
        return nearest[1]

    def _check_ground(self, scene: str, site: RoadsideSite) -> None:
        x, y, _ = (float(v) for v in site.foot.position_m)
        mast = shapely.Point(x, y).buffer(POLE_RADIUS_M)
        for building in self._buildings:
            if building.footprint.intersects(mast):
                raise ConfigError(
                    f"{scene}: pole {site.id} of {self._road} stands at ({x:.1f}, {y:.1f}) in the building "
                    f"{building.id} {building.name}".rstrip()
                    + "; move one of them in the map, or choose other agents.roadside.poles"
                )


def junction_ahead(network: RoadNetwork, start: PlacedPose, junctions: Sequence[int]) -> int | None:
    """The first of some junctions that lanes lead to from a place; none within `AHEAD_M`."""
    fixes = LaneLocator(network).locate(np.array([[start.x_m, start.y_m]]), np.array([start.yaw_rad]))
    if not fixes.found[0]:
        return None
    topology, geometry = Topology(network), NetworkGeometry(network)
    first = LaneRef(
        road_id=int(fixes.road_id[0]), section=int(fixes.section[0]), lane_id=int(fixes.lane_id[0])
    )
    queue, seen = [(0.0, first)], set()
    while queue:
        distance, lane = heapq.heappop(queue)
        if lane in seen or distance > AHEAD_M:
            continue
        seen.add(lane)
        inside = network.road_by_id[lane.road_id].junction
        if inside is not None and inside in junctions:
            return inside
        low, high = geometry.curve(lane.road_id).section_range(lane.section)
        for after in topology.successors(lane):
            heapq.heappush(queue, (distance + high - low, after))
    return None
