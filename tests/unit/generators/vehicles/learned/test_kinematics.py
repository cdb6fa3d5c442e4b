"""Whatever is wanted, what is driven keeps to the limits."""

from __future__ import annotations

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.learned.kinematics import Limits, follow
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group

LIMITS = Limits()


def driven(wanted: np.ndarray, speed: np.ndarray, group: Group) -> np.ndarray:
    count = wanted.shape[-3]
    start = np.zeros((count, 3))
    size = np.tile((4.6, 1.9), (count, 1))
    return follow(start, speed, wanted, size, np.full(count, group))


def motion(pose: np.ndarray, speed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(speed, acceleration, curvature) between rows."""
    whole = np.concatenate([np.zeros((len(pose), 1, 3)), pose], axis=1)
    step = np.linalg.norm(np.diff(whole[..., :2], axis=1), axis=2)
    v = np.concatenate([speed[:, None], step / STEP_S], axis=1)
    turn = np.diff(whole[..., 2], axis=1)
    return v, np.diff(v, axis=1) / STEP_S, np.abs(turn) / np.maximum(step, 1e-3)


def test_a_steady_way_is_followed() -> None:
    t = STEP_S * np.arange(1, 41)
    straight = np.stack([10.0 * t, 0.0 * t], axis=1)
    bend = np.stack([30.0 * np.sin(t / 3.0), 30.0 * (1.0 - np.cos(t / 3.0))], axis=1)
    wanted = np.stack([straight, bend])
    pose = driven(wanted, np.array([10.0, 10.0]), Group.VEHICLE)
    gap = np.linalg.norm(pose[..., :2] - wanted, axis=2)
    assert gap[0].max() < 0.05
    assert gap[1].max() < 1.0


def test_noise_is_driven_within_the_limits() -> None:
    rng = derive_rng(1)
    for group, top in ((Group.VEHICLE, 15.0), (Group.RIDER, 6.0)):
        speed = rng.uniform(0.0, top, 60)
        t = STEP_S * np.arange(1, 41)
        wanted = np.stack([speed[:, None] * t, np.zeros((60, 40))], axis=2) + rng.normal(
            0.0, 3.0, (60, 40, 2)
        )
        v, a, curvature = motion(driven(wanted, speed, group), speed)
        # Differences over a row of two substeps: the mean of what was bounded.
        assert a.max() < LIMITS.acceleration_mps2[group] + 0.05
        assert a.min() > -LIMITS.braking_mps2[group] - 0.05
        moves = (v[:, :-1] > 1.0) & (v[:, 1:] > 1.0)
        assert curvature[moves].max() < 1.0 / LIMITS.radius_m[group] + 0.01
        fast = (v[:, :-1] > 6.0) & (v[:, 1:] > 6.0)
        lateral = curvature * v[:, 1:] ** 2
        assert (not fast.any()) or lateral[fast].max() < 1.3 * LIMITS.lateral_mps2


def test_who_stands_does_not_turn_on_the_spot() -> None:
    wanted = np.tile([0.0, 0.4], (1, 40, 1))
    pose = driven(wanted, np.zeros(1), Group.VEHICLE)
    assert np.abs(pose[..., 2]).max() < 0.2
    assert np.linalg.norm(pose[..., :2], axis=2).max() < 0.5


def test_people_walk_no_faster_than_they_can() -> None:
    t = STEP_S * np.arange(1, 41)
    wanted = np.stack([20.0 * t, np.zeros(40)], axis=1)[None]
    v, a, _ = motion(driven(wanted, np.array([1.0]), Group.WALKER), np.array([1.0]))
    assert v.max() < LIMITS.walking_mps + 1e-6
    assert np.abs(a).max() < LIMITS.acceleration_mps2[Group.WALKER] + 1e-6
