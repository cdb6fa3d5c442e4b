"""How a scene begins: the places of the rule-based traffic, with speeds that fit them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.core.plans import Drive, PlacedPose, VehiclePlan
from drivegen_generators.vehicles.learned.lights import Lights
from drivegen_generators.vehicles.learned.pieces import PieceKind, Pieces
from drivegen_generators.vehicles.learned.scenes import EGO_SIZE_M, STEP_S, Group
from drivegen_generators.vehicles.learned.windows import PAST, Present
from drivegen_generators.vehicles.models import MODELS, TWO_WHEELERS, Kind

_SIZES = {m.blueprint: (m.length_m, m.width_m) for models in MODELS.values() for m in models}
_RIDERS = {m.blueprint for kind in (*TWO_WHEELERS, Kind.TRICYCLE) for m in MODELS[kind]}
_MIRRORS_M = 0.2
_WIDEST_M = 2.55
"""Of bodies: GB 1589-2016, 4.2. Models are as wide as their widest stand-in, mirrors included."""
_EGO_BELOW = 0.12
_HEADWAY_S, _STANDSTILL_M, _BRAKING_MPS2, _LATERAL_MPS2 = 1.5, 2.0, 2.0, 2.0
_ON_LANE_M = 3.0
_CRAWL_MPS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beginning:
    """The actors of a plan: the ego first, then its vehicles in their order."""

    present: Present
    stands: Bool[np.ndarray, "n"]
    """Who never moves."""


def size_of(plan: VehiclePlan) -> tuple[float, float]:
    """Length and width of the body; of what is none of drivegen's families those of the ego."""
    length, width = _SIZES.get(plan.blueprint, EGO_SIZE_M)
    if plan.blueprint in _RIDERS:
        return length, width
    return length, min(width - _MIRRORS_M, _WIDEST_M)


def drives_as(plan: VehiclePlan) -> Group:
    """Rider or vehicle."""
    return Group.RIDER if plan.blueprint in _RIDERS else Group.VEHICLE


def beginning(
    rng: np.random.Generator,
    ego: PlacedPose,
    vehicles: Sequence[VehiclePlan],
    pieces: Pieces,
    lights: Lights,
) -> Beginning:
    """Everybody at time 0; the second before they went straight at the speed that they have."""
    poses = [ego, *(v.start for v in vehicles)]
    xyz = np.array([(p.x_m, p.y_m, p.z_m) for p in poses])
    yaw = np.array([p.yaw_rad for p in poses])
    sizes = np.array([EGO_SIZE_M, *(size_of(v) for v in vehicles)])
    group = np.array([Group.VEHICLE, *(drives_as(v) for v in vehicles)])
    stands = np.array([False, *(v.drive is Drive.PARKED for v in vehicles)])
    speed = np.zeros(len(poses))
    for n in np.flatnonzero(~stands).tolist():
        plan = vehicles[n - 1] if n else None
        wanted = _wanted_mps(plan, pieces, lights, xyz[n], float(yaw[n]))
        room = _room_m(n, xyz, yaw, sizes)
        if plan is not None and "queue" in plan.roles:
            wanted = 0.0
        wanted = min(wanted, max(0.0, room - _STANDSTILL_M) / _HEADWAY_S)
        speed[n] = wanted * float(rng.uniform(0.75, 1.0))
    speed[speed < _CRAWL_MPS] = 0.0
    back = np.arange(PAST, 0, -1) * STEP_S
    axis = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    past = xyz[:, None, :2] - axis[:, None] * (speed[:, None] * back)[..., None]
    ego_row = np.zeros(len(poses), np.bool_)
    ego_row[0] = True
    return Beginning(
        present=Present(xyz_m=xyz, yaw_rad=yaw, past_m=past, size_m=sizes, group=group, ego=ego_row),
        stands=stands,
    )


def _wanted_mps(
    plan: VehiclePlan | None, pieces: Pieces, lights: Lights, xyz: Float64[np.ndarray, "3"], yaw: float
) -> float:
    """By limit and driver, less in bends and before red lights."""
    apart, near = pieces.tree.query(xyz[:2], k=min(24, pieces.tree.n))
    heading = pieces.heading_rad
    for distance, point in zip(apart, near, strict=True):
        p, k = divmod(int(point), pieces.points_m.shape[1])
        fits = math.cos(float(heading[p, k]) - yaw) > 0.7 and pieces.kind[p] < PieceKind.PAVEMENT
        if not fits or distance > _ON_LANE_M + 3.0:
            continue
        share = 1.0 - (_EGO_BELOW if plan is None else plan.speed_difference_percent / 100.0)
        speed = float(pieces.speed_mps[p]) * share
        if plan is not None and plan.cruise_mps:
            speed = plan.cruise_mps
        points = pieces.points_m[p, :, :2]
        length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        turned = abs(float(np.unwrap(heading[p])[-1] - np.unwrap(heading[p])[0]))
        if turned > 1e-3:
            speed = min(speed, math.sqrt(_LATERAL_MPS2 * length / turned))
        for signal in pieces.signals[p][:1]:
            if lights.at(signal, 0.0)[0] != "green":
                left = float(np.linalg.norm(points[-1] - xyz[:2]))
                speed = min(speed, math.sqrt(2.0 * _BRAKING_MPS2 * max(0.0, left - 5.0)))
        return speed
    return 0.0 if plan is None else min(3.0, plan.cruise_mps or 3.0)


def _room_m(
    n: int,
    xyz: Float64[np.ndarray, "n 3"],
    yaw: Float64[np.ndarray, "n"],
    sizes: Float64[np.ndarray, "n 2"],
) -> float:
    """To the bumper of whoever is ahead."""
    delta = xyz - xyz[n]
    c, s = math.cos(yaw[n]), math.sin(yaw[n])
    ahead, aside = delta[:, 0] * c + delta[:, 1] * s, np.abs(delta[:, 1] * c - delta[:, 0] * s)
    wide = 0.5 * (sizes[:, 1] + sizes[n, 1]) + 0.3 + 0.05 * np.maximum(ahead, 0.0)
    found = (ahead > 0.5) & (aside < wide) & (np.abs(delta[:, 2]) < 3.0)
    gap = ahead - 0.5 * (sizes[:, 0] + sizes[n, 0])
    return float(gap[found].min()) if found.any() else math.inf
