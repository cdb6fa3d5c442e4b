"""People who run out from behind a parked vehicle when the ego comes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.core.plans import Begin, Crossing, Drive, PlacedPose, VehiclePlan
from drivegen_generators.pedestrians.dice import Dice
from drivegen_generators.pedestrians.footways import Point
from drivegen_generators.pedestrians.straight import HALF_WIDTH_M, Straight
from drivegen_generators.pedestrians.walks import Trail
from drivegen_generators.vehicles.models import MODELS, TWO_WHEELERS, Kind

AHEAD_M = (18.0, 160.0)
"""How far from its start the ego may find the vehicle."""

ASIDE_M = (-2.0, 14.0)
"""To the right of the ego's line; roads bend, so that what is beside the lane may lie on that line."""

SAME_WAY_RAD = 0.5

IN_FRONT_M = (0.9, 0.7, 0.5)
"""Of the parked vehicle's front; the widest that is free."""

FREE_M = 0.4

SPEED_MPS = (2.2, 3.4)
"""Of people who run over a road; this project's own figures."""

EARLY_S = (1.0, 2.0)
"""So long before the ego somebody is in its lane."""

START_S = 1.0
"""Lost while getting up to speed."""

_PASSING_M = 2.6
"""The ego passes a parked vehicle's side at least so far from its middle."""
_WIDEST_M = 60.0
_SHORT_M = 10.0
_TO_MEDIAN_M = 0.6
_PAVEMENT_REACH_M = 7.0

_SIZE_M = {m.blueprint: (m.length_m, m.width_m) for kind in MODELS for m in MODELS[kind]}
_TALL = {
    m.blueprint
    for kind in (Kind.BUS, Kind.TRUCK, Kind.VAN, Kind.EMERGENCY, Kind.CONSTRUCTION)
    for m in MODELS[kind]
}
_LOW = {m.blueprint for kind in TWO_WHEELERS for m in MODELS[kind]}
_USUAL_SIZE_M = (4.8, 2.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dart:
    """A way out from behind a vehicle."""

    trail: Trail
    behind: int
    """Which vehicle of the plan."""
    hides_adults: bool


def covers(vehicles: Sequence[VehiclePlan], ego: PlacedPose) -> list[int]:
    """Parked vehicles that the ego will pass on its right, those that hide a grown person first."""
    cos, sin = math.cos(ego.yaw_rad), math.sin(ego.yaw_rad)
    found = []
    for k, vehicle in enumerate(vehicles):
        if vehicle.drive is not Drive.PARKED or vehicle.blueprint in _LOW:
            continue
        dx, dy = vehicle.start.x_m - ego.x_m, vehicle.start.y_m - ego.y_m
        ahead, right = cos * dx + sin * dy, sin * dx - cos * dy
        turn = math.remainder(vehicle.start.yaw_rad - ego.yaw_rad, math.tau)
        near = AHEAD_M[0] <= ahead <= AHEAD_M[1] and ASIDE_M[0] <= right <= ASIDE_M[1]
        if near and abs(turn) < SAME_WAY_RAD:
            found.append((vehicle.blueprint not in _TALL, ahead, k))
    return [k for _, _, k in sorted(found)]


def dart(
    dice: Dice, straight: Straight, vehicles: Sequence[VehiclePlan], behind: int, ego: PlacedPose
) -> Dart | None:
    """From the pavement in front of a parked vehicle over the road; None where there is no room.

    The vehicle's body lies between the walker and an ego that comes from behind it on its left.
    """
    vehicle = vehicles[behind]
    length, width = _SIZE_M.get(vehicle.blueprint, _USUAL_SIZE_M)
    at = vehicle.start
    fx, fy = math.cos(at.yaw_rad), math.sin(at.yaw_rad)
    lx, ly = -fy, fx
    for ahead in IN_FRONT_M:
        x, y = at.x_m + (length / 2 + ahead) * fx, at.y_m + (length / 2 + ahead) * fy
        beside = straight.beside(x, y, -lx, -ly, _PAVEMENT_REACH_M)
        back = width / 2 - 0.2 if beside is None else beside[0]
        z = round(at.z_m, 3) if beside is None else beside[1]
        kerb: Point = (x - back * lx, y - back * ly, z)
        if not _is_free(vehicles, kerb, (lx, ly), back + width / 2 + 1.0):
            continue
        run = back + max(_aside_m(straight, at, ego), _PASSING_M)
        speed = dice.between(*SPEED_MPS)
        crossing = Crossing(
            first=0,
            signal_ids=(),
            begin=Begin.EGO,
            ego_within_s=round(run / speed + START_S + dice.between(*EARLY_S), 2),
            speed_mps=round(speed, 2),
        )
        trail = Trail()
        across = straight.hit(kerb[0], kerb[1], lx, ly, _WIDEST_M)
        begin_m = back + width / 2 + 0.5
        x, y = kerb[0] + begin_m * lx, kerb[1] + begin_m * ly
        reach_m = run + _SHORT_M if across is None else across.distance_m
        median_m = straight.to_median(x, y, lx, ly, max(0.1, reach_m - begin_m))
        if across is not None and median_m is None:
            straight.cross(trail, dice, kerb, (lx, ly), across, crossing)
        else:
            # To the middle of the road, and no farther.
            length_m = run + _SHORT_M if median_m is None else begin_m + median_m - _TO_MEDIAN_M
            far = (kerb[0] + length_m * lx, kerb[1] + length_m * ly, round(at.z_m, 3))
            trail.add_crossing(kerb, far, HALF_WIDTH_M, crossing)
        return Dart(trail=trail, behind=behind, hides_adults=vehicle.blueprint in _TALL)
    return None


def _aside_m(straight: Straight, at: PlacedPose, ego: PlacedPose) -> float:
    """How far left of a vehicle the ego passes: by their distances from the pavement, where both have one."""
    far = [
        straight.hit(p.x_m, p.y_m, math.sin(p.yaw_rad), -math.cos(p.yaw_rad), _WIDEST_M, nearest_m=0.0)
        for p in (ego, at)
    ]
    if far[0] is not None and far[1] is not None:
        return far[0].distance_m - far[1].distance_m
    return math.sin(ego.yaw_rad) * (at.x_m - ego.x_m) - math.cos(ego.yaw_rad) * (at.y_m - ego.y_m)


def _is_free(
    vehicles: Sequence[VehiclePlan], kerb: Point, along: tuple[float, float], length_m: float
) -> bool:
    """Whether no parked vehicle stands on the first stretch of a way."""
    places = [
        (kerb[0] + k * 0.4 * along[0], kerb[1] + k * 0.4 * along[1]) for k in range(int(length_m / 0.4) + 1)
    ]
    for vehicle in vehicles:
        at = vehicle.start
        if vehicle.drive is not Drive.PARKED or math.hypot(at.x_m - kerb[0], at.y_m - kerb[1]) > 20.0:
            continue
        length, width = _SIZE_M.get(vehicle.blueprint, _USUAL_SIZE_M)
        cos, sin = math.cos(at.yaw_rad), math.sin(at.yaw_rad)
        for x, y in places:
            u, v = cos * (x - at.x_m) + sin * (y - at.y_m), cos * (y - at.y_m) - sin * (x - at.x_m)
            if abs(u) < length / 2 + FREE_M and abs(v) < width / 2 + FREE_M:
                return False
    return True
