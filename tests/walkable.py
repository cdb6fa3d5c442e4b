"""Where people may walk on a road, and walks played without a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from drivegen.core.plans import WalkerPlan
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import WALKABLE, RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import long_box, object_outline
from drivegen.opendrive.surfaces.plan import ring_area, union
from drivegen.record.signals import GREEN, RED, LightState, SignalView
from drivegen.record.walkers import MovingBox, WalkerDriver

TICK_S = 0.05
KERB_GAP_M = 1.5
"""Zebras end at most so far before the kerb."""


def walkable_area(network: RoadNetwork) -> shapely.Geometry:
    """Pavements, and crossings up to the kerbs, in plan."""
    geometry = NetworkGeometry(network)
    parts = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            stations = np.linspace(first, last, max(2, int((last - first) / 1.0) + 1))
            for lane in section.lanes:
                if lane.type in WALKABLE:
                    inner, outer, _ = curve.lane_bounds(index, lane.id, stations)
                    ring = [curve.points(stations, inner), curve.points(stations, outer)[::-1]]
                    parts.append(ring_area(np.concatenate(ring)[:, :2]))
        for item in road.objects:
            if item.type == "crosswalk" and len(item.outline) >= 3:
                centre, along, across, length, width = long_box(object_outline(geometry, road.id, item))
                length += KERB_GAP_M
                corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
                parts.append(
                    shapely.Polygon([centre + a * length * along + b * width * across for a, b in corners])
                )
    return shapely.union_all(shapely.buffer([union(parts)], 0.02))


@dataclass(frozen=True, kw_only=True, eq=False)
class Played:
    """t ticks of n walkers."""

    xy_m: np.ndarray
    """t n 2."""
    driver: WalkerDriver

    @property
    def velocity_mps(self) -> np.ndarray:
        return np.diff(self.xy_m, axis=0) / TICK_S

    def deepest_overlap_m(self) -> float:
        """Of any two bodies at any fourth tick; negative where none touch."""
        radius = self.driver.radius_m
        out = -np.inf
        for places in self.xy_m[::4]:
            apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(places))
            out = max(out, float((radius[:, None] + radius - apart).max()))
        return out


def phases(plans: Sequence[WalkerPlan], time_s: float, period_s: float = 40.0) -> SignalView:
    """All lights of the plans' crossings, red in the first half of each period."""
    at = time_s % period_s
    red = at < period_s / 2
    state = LightState(
        state=RED if red else GREEN,
        elapsed_s=at if red else at - period_s / 2,
        green_s=period_s / 2, yellow_s=0.0, red_s=period_s / 2,
    )  # fmt: skip
    return SignalView(lights={s: state for p in plans for c in p.crossings for s in c.signal_ids})


def play(
    plans: Sequence[WalkerPlan],
    seconds: float,
    vehicles: Sequence[MovingBox] = (),
    ego: int | None = None,
) -> Played:
    """Moves walkers exactly as told; vehicles go on as they do."""
    driver = WalkerDriver(dict(enumerate(plans)), TICK_S)
    xy = np.array([p.waypoints[0] for p in plans], float)
    track = [xy[:, :2].copy()]
    for tick in range(round(seconds / TICK_S)):
        now = [
            MovingBox(
                box=type(v.box)(
                    pose=type(v.box.pose)(
                        position_m=v.box.pose.position_m + tick * TICK_S * v.velocity_mps,
                        orientation_wxyz=v.box.pose.orientation_wxyz,
                    ),
                    size_m=v.box.size_m,
                ),
                velocity_mps=v.velocity_mps,
            )
            for v in vehicles
        ]
        steps = driver.steps(dict(enumerate(xy)), now, phases(plans, tick * TICK_S), ego)
        for actor, step in steps.items():
            xy[actor] += step.direction * step.speed_mps * TICK_S
        track.append(xy[:, :2].copy())
    return Played(xy_m=np.array(track), driver=driver)
