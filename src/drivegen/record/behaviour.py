"""Hands vehicles to the client's Traffic Manager with the parameters of their plans."""

from __future__ import annotations

from typing import Any

import carla
import numpy as np

from drivegen.core.handedness import flip_points
from drivegen.core.plans import EgoPlan, VehiclePlan
from drivegen.record.lane_map import LaneMap

STANDSTILL = carla.VehicleControl(throttle=0.0, brake=1.0, hand_brake=True)
"""Of who is parked or has stopped for an order."""

SPARE_M = 8.0
"""Points of a route nearer than this to the vehicle are left out: the Traffic Manager begins with them, and
one that it has already passed would be looked for on the way round."""


def hand_over(traffic: Any, actor: Any, plan: VehiclePlan | EgoPlan, lanes: LaneMap | None = None) -> None:
    """Lets the Traffic Manager drive an actor as the plan says; `lanes` are wanted where it has a route.

    A route is given with `set_path`: the Traffic Manager takes each of its points off when the vehicle's
    horizon has come within 5.5 m of it, goes on from the waypoint next to it, chooses at forks what leads
    towards the next, and draws its turns itself when no point is left.
    """
    actor.set_autopilot(True, traffic.get_port())
    traffic.vehicle_percentage_speed_difference(actor, plan.speed_difference_percent)
    traffic.update_vehicle_lights(actor, True)
    if isinstance(plan, EgoPlan):
        return
    traffic.distance_to_leading_vehicle(actor, plan.following_distance_m)
    traffic.auto_lane_change(actor, plan.lane_changes)
    # What is not asked for is not said: setting a parameter to its default is not the same in every version.
    if plan.lane_offset_m:
        # The Traffic Manager counts it to the right, in CARLA's left-handed frame.
        traffic.vehicle_lane_offset(actor, -plan.lane_offset_m)
    if plan.ignores_lights_percent:
        traffic.ignore_lights_percentage(actor, plan.ignores_lights_percent)
    if plan.ignores_signs_percent:
        traffic.ignore_signs_percentage(actor, plan.ignores_signs_percent)
    if plan.ignores_vehicles_percent:
        traffic.ignore_vehicles_percentage(actor, plan.ignores_vehicles_percent)
    if plan.ignores_walkers_percent:
        traffic.ignore_walkers_percentage(actor, plan.ignores_walkers_percent)
    if plan.keeps_right_percent:
        traffic.keep_slow_lane_rule_percentage(actor, plan.keeps_right_percent)
    if plan.route and lanes is not None:
        traffic.set_path(actor, path_of(plan, lanes))


def path_of(plan: VehiclePlan, lanes: LaneMap) -> list[Any]:
    """A route as `carla.Location`s, in the server's frame.

    Without its points in junctions: lanes cross there, the nearest waypoint may be one of a lane that leads
    elsewhere, and the Traffic Manager would follow that. What comes after the junction shows the way over it.
    """
    start = plan.start
    points = [
        p
        for p in plan.route
        if (p[0] - start.x_m) ** 2 + (p[1] - start.y_m) ** 2 > SPARE_M**2 and not lanes.in_junction(*p)
    ]
    return [carla.Location(x, y, z) for x, y, z in flip_points(np.array(points or plan.route[-1:])).tolist()]
