"""Where the posts of a large map's signals stand, told from its roads alone."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import Road, RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, DroppedKerbs, lane_kind


class SignalFeet:
    """Heights beside the roads that signals belong to, without the ground's triangles."""

    def __init__(self, network: RoadNetwork, lanes: LaneLocator) -> None:
        self._geometry = NetworkGeometry(network)
        self._drops = DroppedKerbs(self._geometry)
        self._lanes = lanes
        self._roads: dict[str, tuple[Road, float]] = {}
        for road in network.roads:
            for signal in road.signals:
                self._roads.setdefault(signal.id, (road, signal.s_m))

    def on_driving_lane(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """True on driving lanes."""
        return self._lanes.covers(xy_m)

    def height_of(self, signal_id: str, foot_m: Vec3) -> float:
        """Height of the ground at the foot of a signal's post: of the lane of its road that it stands on.

        Beyond the road's border the ground is as high as what lies there. A signal that no road names stands
        where the map has it.
        """
        if signal_id not in self._roads:
            return float(foot_m[2])
        road, at_m = self._roads[signal_id]
        curve = self._geometry.curve(road.id)
        s = np.array([np.clip(at_m, 0.0, road.length_m)])
        xy, heading, _ = curve.reference(s)
        t = float((foot_m[:2] - xy[0]) @ (-np.sin(heading[0]), np.cos(heading[0])))
        index = road.section_at(float(s[0]))
        section = road.lane_sections[index]
        z = float(curve.elevation(s)[0][0])
        side = section.left if t > 0.0 else section.right
        if not side:
            return z
        borders = curve.border_offsets(index, s)
        lane = next((lane for lane in side if abs(float(borders[lane.id][0])) >= abs(t)), side[-1])
        if lane_kind(section, lane) not in RAISED:
            return z
        return z + KERB_HEIGHT_M * float(self._drops.factor(foot_m[None, :2])[0])
