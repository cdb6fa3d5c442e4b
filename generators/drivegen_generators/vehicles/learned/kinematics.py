"""Makes futures drivable: a kinematic bicycle follows each within limits, people walk after theirs.

Vehicles and riders keep to x' = v cos(yaw), y' = v sin(yaw), yaw' = v k with bounded acceleration and
curvature k (Rajamani, "Vehicle Dynamics and Control", 2nd ed. 2012, section 2.2, without slip at the
middle); they steer by pure pursuit (Coulter 1992, CMU-RI-TR-92-01).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from drivegen_generators.vehicles.learned.scenes import STEP_S, Group

SUBSTEPS = 2
"""Steps of integration in one of `STEP_S`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What nobody exceeds; this project's choice within what tyres on dry asphalt (0.8 g) give."""

    acceleration_mps2: tuple[float, float, float] = (4.5, 2.5, 2.0)
    """By `Group`."""
    braking_mps2: tuple[float, float, float] = (8.0, 5.0, 3.0)
    lateral_mps2: float = 6.0
    """Of vehicles and riders in bends."""
    radius_m: tuple[float, float] = (5.0, 1.5)
    """Of the tightest bend of vehicles as long as a car, and of riders; longer vehicles turn in as many times
    their length more."""
    curvature_rate_pms: float = 0.5
    """How quickly the curvature changes, 1/m in a second."""
    walking_mps: float = 4.0
    turning_radps: float = 3.0
    """Of people."""


_LIMITS = Limits()
_CAR_M = 5.0
_LOOK_S, _LEAST_LOOK_M = 0.5, 2.0
_CATCH_UP_S = 0.8
_STANDS_MPS, _CREEPS_MPS = 0.1, 0.4
_RESTS_M, _RESTS_ON_FOOT_M = 1.0, 0.6
"""Who stands, or creeps, rests as long as it shall be no farther ahead than this: drawn futures tremble."""


def follow(
    start_m: Float[np.ndarray, "n 3"],
    speed_mps: Float[np.ndarray, "n"],
    wanted_m: Float[np.ndarray, "*s n t 2"],
    size_m: Float[np.ndarray, "n 2"],
    group: Int[np.ndarray, "n"],
    limits: Limits = _LIMITS,
) -> Float64[np.ndarray, "*s n t 3"]:
    """x, y and yaw at the same times as the futures that are wanted.

    Args:
        start_m: x, y and yaw now.
        speed_mps: Now, along yaw.
        wanted_m: Places at each `STEP_S` from the first after now on.
        size_m: Length and width.
        group: `Group` of each.
        limits: Of motion.
    """
    shape = wanted_m.shape[:-2]
    steps = wanted_m.shape[-2]
    flat = np.asarray(wanted_m, np.float64).reshape(-1, steps, 2)
    copies = len(flat) // len(start_m)
    start = np.tile(np.asarray(start_m, np.float64), (copies, 1))
    speed, size = np.tile(speed_mps, copies).astype(np.float64), np.tile(size_m, (copies, 1))
    kind = np.tile(group, copies)
    fine = _finer(np.concatenate([start[:, None, :2], flat], axis=1))
    out = np.empty((len(flat), steps, 3))
    drives = kind != Group.WALKER
    for rows, motion in ((drives, _ride), (~drives, _walk)):
        if rows.any():
            out[rows] = motion(start[rows], speed[rows], fine[rows], size[rows], kind[rows], limits)
    return out.reshape(*shape, steps, 3)


def _finer(path_m: Float64[np.ndarray, "n t 2"]) -> Float64[np.ndarray, "n u 2"]:
    """Places at each substep, on straight lines between those given."""
    parts = [path_m[:, :-1] + (path_m[:, 1:] - path_m[:, :-1]) * (k / SUBSTEPS) for k in range(SUBSTEPS)]
    inner = np.stack(parts, axis=2).reshape(len(path_m), -1, 2)
    return np.concatenate([inner, path_m[:, -1:]], axis=1)


def _ride(
    start: Float64[np.ndarray, "n 3"],
    speed: Float64[np.ndarray, "n"],
    path: Float64[np.ndarray, "n u 2"],
    size: Float64[np.ndarray, "n 2"],
    kind: Int[np.ndarray, "n"],
    limits: Limits,
) -> Float64[np.ndarray, "n t 3"]:
    dt = STEP_S / SUBSTEPS
    n, u = path.shape[:2]
    along = np.concatenate(
        [np.zeros((n, 1)), np.cumsum(np.linalg.norm(np.diff(path, axis=1), axis=2), axis=1)], axis=1
    )
    most = np.array(limits.acceleration_mps2)[kind]
    least = -np.array(limits.braking_mps2)[kind]
    tight = 1.0 / np.where(
        kind == Group.RIDER, limits.radius_m[1], limits.radius_m[0] * np.maximum(1.0, size[:, 0] / _CAR_M)
    )
    x, y, yaw = start.T.copy()
    v, bend, ahead_bend = speed.copy(), np.zeros(n), np.zeros(n)
    rows = np.arange(n)
    out = np.empty((n, (u - 1) // SUBSTEPS, 3))
    for k in range(1, u):
        c, s = np.cos(yaw), np.sin(yaw)
        behind = (path[:, k, 0] - x - v * c * dt) * c + (path[:, k, 1] - y - v * s * dt) * s
        wanted = (along[:, k] - along[:, k - 1]) / dt + behind / _CATCH_UP_S
        # No faster than the bend that comes is driven within the limit.
        wanted = np.minimum(wanted, np.sqrt(limits.lateral_mps2 / np.maximum(np.abs(ahead_bend), 1e-6)))
        rests = ((v < _STANDS_MPS) | (wanted < _CREEPS_MPS)) & (behind < _RESTS_M)
        a = np.clip((np.where(rests, 0.0, np.maximum(wanted, 0.0)) - v) / dt, least, most)
        v = np.maximum(v + a * dt, 0.0)
        # Pure pursuit: the arc through the first place of the path that is far enough ahead.
        look = np.maximum(_LEAST_LOOK_M, _LOOK_S * v)
        far = np.argmax(along >= (along[:, k] + look)[:, None], axis=1)
        there = along[rows, -1] >= along[:, k] + look
        far = np.where(there, far, u - 1)
        dx, dy = path[rows, far, 0] - x, path[rows, far, 1] - y
        ahead, aside = dx * c + dy * s, dy * c - dx * s
        square = np.maximum(ahead**2 + aside**2, 0.25 * look**2)
        curvature = np.where(ahead > 0.3, 2.0 * aside / square, 0.0)
        ahead_bend = np.clip(curvature, -tight, tight)
        bound = np.minimum(tight, limits.lateral_mps2 / np.maximum(v**2, 1e-6))
        change = np.clip(curvature - bend, -limits.curvature_rate_pms * dt, limits.curvature_rate_pms * dt)
        bend = np.clip(bend + change, -bound, bound)
        turned = yaw + 0.5 * v * bend * dt
        x, y = x + v * np.cos(turned) * dt, y + v * np.sin(turned) * dt
        yaw = yaw + v * bend * dt
        if k % SUBSTEPS == 0:
            out[:, k // SUBSTEPS - 1] = np.stack([x, y, yaw], axis=1)
    return out


def _walk(
    start: Float64[np.ndarray, "n 3"],
    speed: Float64[np.ndarray, "n"],
    path: Float64[np.ndarray, "n u 2"],
    size: Float64[np.ndarray, "n 2"],  # noqa: ARG001 - both motions are called alike
    kind: Int[np.ndarray, "n"],
    limits: Limits,
) -> Float64[np.ndarray, "n t 3"]:
    dt = STEP_S / SUBSTEPS
    place, yaw = start[:, :2].copy(), start[:, 2].copy()
    v = np.stack([speed * np.cos(yaw), speed * np.sin(yaw)], axis=1)
    most = np.array(limits.acceleration_mps2)[kind][:, None]
    out = np.empty((len(path), (path.shape[1] - 1) // SUBSTEPS, 3))
    for k in range(1, path.shape[1]):
        wanted = (path[:, k] - path[:, k - 1]) / dt + (path[:, k] - place - v * dt) / _CATCH_UP_S
        pace = np.linalg.norm(wanted, axis=1, keepdims=True)
        gap = np.linalg.norm(path[:, k] - place, axis=1, keepdims=True)
        stands = np.linalg.norm(v, axis=1, keepdims=True) < _STANDS_MPS
        wanted = np.where((stands | (pace < _CREEPS_MPS)) & (gap < _RESTS_ON_FOOT_M), 0.0, wanted)
        wanted *= np.minimum(1.0, limits.walking_mps / np.maximum(pace, 1e-9))
        change = (wanted - v) / (2.0 * dt)
        size_a = np.linalg.norm(change, axis=1, keepdims=True)
        v = v + change * np.minimum(1.0, most / np.maximum(size_a, 1e-9)) * dt
        place = place + v * dt
        moves = np.linalg.norm(v, axis=1) > 0.25
        turn = (np.arctan2(v[:, 1], v[:, 0]) - yaw + np.pi) % (2.0 * np.pi) - np.pi
        turn = np.clip(turn, -limits.turning_radps * dt, limits.turning_radps * dt)
        yaw = np.where(moves, yaw + turn, yaw)
        if k % SUBSTEPS == 0:
            out[:, k // SUBSTEPS - 1] = np.concatenate([place, yaw[:, None]], axis=1)
    return out
