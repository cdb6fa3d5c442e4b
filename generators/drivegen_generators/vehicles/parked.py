"""Parked vehicles in marked bays, and in lanes for parking."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import Drive, PlacedPose
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.parking import parking_bays
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.models import Kind
from drivegen_generators.vehicles.strips import Strips
from drivegen_generators.vehicles.styles import Behaviour

KINDS = ((Kind.CAR, 0.84), (Kind.VAN, 0.09), (Kind.TAXI, 0.04), (Kind.UNMANNED, 0.03))
"""What parks; a choice."""

_LANE_BAY_M = 6.0
_NARROWEST_M = 1.8
_OVERHANG_M = 0.25
"""Mirrors may reach so far over the line."""
_SHIFT_M = (0.2, 0.08)
_TURN_RAD = math.radians(1.2)
_TRIES = 4
_STILL = Behaviour(speed_difference_percent=0.0, following_distance_m=2.0, lane_changes=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bays:
    """n bays."""

    poses: tuple[PlacedPose, ...]
    sizes_m: tuple[tuple[float, float], ...]
    """Length and width."""
    xy_m: Float64[np.ndarray, "n 2"]

    @staticmethod
    def of(network: RoadNetwork) -> Bays:
        """Those of a network, found once."""
        found = _KEPT.get(network)
        if found is None:
            found = _KEPT[network] = _bays(network)
        return found


def park(draft: Draft, share: float, within_m: float) -> None:
    """Fills a share of the bays near the ego."""
    bays = Bays.of(draft.strips.network)
    if share <= 0.0 or not bays.poses:
        return
    rng = draft.rng
    apart = bays.xy_m - draft.ego_xy_m
    near = np.flatnonzero(np.hypot(apart[:, 0], apart[:, 1]) < within_m)
    count = int(rng.binomial(len(near), share))
    draft.ask("parked", count, beside=True)
    for bay in sorted(rng.choice(near, count, replace=False).tolist()):
        length, width = bays.sizes_m[bay]
        for _ in range(_TRIES):
            choice = draft.fleet.draw_weighted(rng, KINDS)
            model = choice.model
            if model.length_m > length or model.width_m > width + _OVERHANG_M:
                continue
            pose = _shifted(rng, bays.poses[bay], length - model.length_m)
            if draft.takes(pose, model.length_m, model.width_m, gap_ahead_m=0.2, gap_aside_m=0.1):
                draft.add(choice, pose, _STILL, drive=Drive.PARKED, roles=("parked",))
            break


def _shifted(rng: np.random.Generator, pose: PlacedPose, free_m: float) -> PlacedPose:
    """Nobody parks exactly in the middle."""
    ahead, aside, turn = rng.uniform(-1.0, 1.0, 3).tolist()
    ahead *= min(_SHIFT_M[0], 0.5 * free_m)
    aside *= _SHIFT_M[1]
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    return dataclasses.replace(
        pose,
        x_m=round(pose.x_m + ahead * cos - aside * sin, 4),
        y_m=round(pose.y_m + ahead * sin + aside * cos, 4),
        yaw_rad=round(pose.yaw_rad + turn * _TURN_RAD, 6),
    )


def _bays(network: RoadNetwork) -> Bays:
    poses: list[PlacedPose] = []
    sizes: list[tuple[float, float]] = []
    marked = set()
    for bay in parking_bays(network):
        x, y, z = (round(float(v), 4) for v in bay.pose.position_m)
        poses.append(PlacedPose(x_m=x, y_m=y, z_m=z, yaw_rad=round(bay.pose.yaw_rad, 6)))
        sizes.append((bay.length_m, bay.width_m))
        marked.add(bay.road_id)
    strips = Strips.of(network)
    for strip in strips.strips:
        if strip.kind is not LaneType.PARKING or strip.ref.road_id in marked or strip.junction is not None:
            continue
        for k in range(int(strip.length_m // _LANE_BAY_M)):
            along = (k + 0.5) * _LANE_BAY_M
            width = strip.width_at(along)
            if width >= _NARROWEST_M:
                poses.append(strips.pose(strip.index, along))
                sizes.append((_LANE_BAY_M, width))
    xy = np.array([(p.x_m, p.y_m) for p in poses], dtype=np.float64).reshape(-1, 2)
    return Bays(poses=tuple(poses), sizes_m=tuple(sizes), xy_m=xy)


_KEPT: WeakKeyDictionary[RoadNetwork, Bays] = WeakKeyDictionary()
