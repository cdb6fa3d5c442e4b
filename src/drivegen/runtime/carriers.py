"""Which cars of the traffic become connected vehicles."""

from __future__ import annotations

import math
from functools import lru_cache

import shapely
from shapely import affinity

from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ConfigError
from drivegen.core.plans import Drive, PlacedPose, TrafficDraw, VehiclePlan
from drivegen.embedded.world.blueprints import Blueprint, BlueprintLibrary

Place = tuple[float, float]
"""x, y in the map frame, metres."""

GAP_M = 0.3
"""Left free around a vehicle that becomes another."""
FASTEST_MPS = 14.0
"""A car whose route ends is taken when it cannot come to its end so fast."""
USUAL_SIZE_M = (5.4, 2.3)
"""Length and width of a blueprint that neither CARLA nor drivegen has."""
STOREY_M = 3.5
"""Vehicles farther apart in height than this stand on different roads of a bridge."""


def choose_cars(
    scene: str,
    traffic: TrafficDraw,
    blueprint: str,
    *,
    count: int,
    goal: Place | None,
    within_m: float,
    lasts_s: float,
) -> tuple[int, ...]:
    """Cars that become another vehicle: the nearest to the way between the ego and a place.

    They are cars of the Traffic Manager's without a role, there from the beginning to the end, whose place
    has room for the other vehicle.

    Args:
        scene: For messages.
        traffic: As drawn.
        blueprint: What they become.
        count: How many.
        goal: The place; none: the ego's own and what lies ahead of it.
        within_m: No farther from the way.
        lasts_s: How long the scene lasts, warm-up included.

    Returns:
        Indices into the vehicles, the nearest first.

    Raises:
        ConfigError: There are fewer.
    """
    ego = traffic.ego
    ahead = (ego.x_m + within_m * math.cos(ego.yaw_rad), ego.y_m + within_m * math.sin(ego.yaw_rad))
    way = shapely.LineString([(ego.x_m, ego.y_m), goal if goal is not None else ahead])
    ranked = sorted(
        (float(way.distance(shapely.Point(v.start.x_m, v.start.y_m))), row)
        for row, v in enumerate(traffic.vehicles)
        if _serves(v, lasts_s)
    )
    near = [row for distance, row in ranked if distance <= within_m]
    taken = [
        (v.start, _outline(v.start, size_of(v.blueprint, v.variant), GAP_M), row)
        for row, v in enumerate(traffic.vehicles)
        if v.enters_s <= 0.0
    ]
    taken.append((ego, _outline(ego, size_of(blueprint), GAP_M), -1))
    chosen: list[int] = []
    for row in near:
        if len(chosen) == count:
            break
        start = traffic.vehicles[row].start
        outline = _outline(start, size_of(blueprint), GAP_M)
        if not any(
            k != row and abs(other.z_m - start.z_m) < STOREY_M and outline.intersects(shape)
            for other, shape, k in taken
        ):
            chosen.append(row)
            taken = [entry for entry in taken if entry[2] != row] + [(start, outline, row)]
    if len(chosen) < count:
        raise ConfigError(
            f"{scene}: agents.connected.count={count}, but of {len(near)} cars that drive within "
            f"{within_m:g} m of the ego's way and are there all the time, {len(chosen)} have room for a "
            f"{blueprint} that overlaps nobody; ask for fewer, for more traffic.vehicles or a larger "
            "agents.connected.within_m"
        )
    return tuple(chosen)


def _serves(vehicle: VehiclePlan, lasts_s: float) -> bool:
    start = vehicle.start
    points = [(start.x_m, start.y_m), *((x, y) for x, y, _ in vehicle.route)]
    ends = vehicle.leaves and shapely.LineString(points).length < FASTEST_MPS * lasts_s
    return (
        vehicle.drive is Drive.TRAFFIC_MANAGER
        and vehicle.enters_s <= 0.0
        and not vehicle.roles
        and not vehicle.orders
        and not ends
        and _is_car(vehicle.blueprint)
    )


def _is_car(blueprint: str) -> bool:
    known = _library().get(blueprint)
    return known is not None and known.object_class is ObjectClass.CAR


def size_of(blueprint: str, variant: int = 0) -> tuple[float, float]:
    """Length and width of a vehicle."""
    known = _library().get(blueprint)
    if known is None:
        return USUAL_SIZE_M
    length, width, _ = known.of_variant(variant).size_m
    return length, width


def _outline(start: PlacedPose, size_m: tuple[float, float], gap_m: float) -> shapely.Polygon:
    length, width = size_m[0] + gap_m, size_m[1] + gap_m
    box = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    turned = affinity.rotate(box, start.yaw_rad, origin=(0.0, 0.0), use_radians=True)
    return affinity.translate(turned, start.x_m, start.y_m)


@lru_cache(maxsize=1)
def _library() -> dict[str, Blueprint]:
    return {b.id: b for b in BlueprintLibrary().blueprints if b.id.startswith("vehicle.")}
