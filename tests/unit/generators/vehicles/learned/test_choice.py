"""Overlaps are those that shapely sees, and choices avoid them."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import affinity

from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.learned.choice import choose_futures, held_back
from drivegen_generators.vehicles.learned.overlaps import SLACK_M, meet, overlapping, overlapping_pairs

T = 40


def outline(pose: np.ndarray, size: np.ndarray) -> shapely.Polygon:
    length, width = size / 2 - SLACK_M
    box = shapely.box(-length, -width, length, width)
    return affinity.translate(affinity.rotate(box, pose[2], (0, 0), use_radians=True), *pose[:2])


def test_boxes_meet_where_shapely_says_so() -> None:
    rng = derive_rng(2)
    pose = np.concatenate([rng.uniform(-5, 5, (400, 2)), rng.uniform(-4, 4, (400, 1))], axis=1)
    size = rng.uniform((1.0, 0.5), (9.0, 2.5), (400, 2))
    found = meet(pose[:200], size[:200], pose[200:], size[200:])
    wanted = [outline(pose[i], size[i]).intersects(outline(pose[200 + i], size[200 + i])) for i in range(200)]
    assert 40 < sum(wanted) < 160
    assert found.tolist() == wanted


def straight(x: float, y: float, yaw: float, speed: float) -> np.ndarray:
    t = 0.2 * np.arange(1, T + 1)
    return np.stack([x + speed * t * np.cos(yaw), y + speed * t * np.sin(yaw), np.full(T, yaw)], axis=1)


SIZES = np.array([[4.6, 1.9], [4.6, 1.9]])


def test_who_overlaps_from_the_beginning_or_on_another_level_is_not_counted() -> None:
    pose = np.stack([straight(0, 0, 0, 5), straight(20, 0, 0, 0)])
    assert overlapping(pose, SIZES, np.zeros(2)).tolist() == [True, True]
    assert overlapping_pairs(pose, SIZES, np.zeros(2)) == [(0, 1)]
    assert not overlapping(pose, SIZES, np.array([0.0, 6.0])).any()
    assert not overlapping(pose + np.array([[[0, 0, 0]], [[-19, 0, 0]]]), SIZES, np.zeros(2)).any()


def test_samples_are_mixed_until_nobody_overlaps() -> None:
    """In sample 0 both reach the crossing at once, in 1 the second is slow; it takes that."""
    first, second = straight(-20, 0, 0, 5), straight(0, -20, np.pi / 2, 5)
    slow = straight(0, -20, np.pi / 2, 2)
    off = np.zeros((2, 2), np.bool_)
    pose = np.stack([np.stack([first, second]), np.stack([straight(-20, 8, 0, 5), slow])])
    off[1, 0] = True
    chosen = choose_futures(pose, SIZES, np.zeros(2), off, np.ones(2, np.bool_), 2)
    assert not overlapping(chosen.pose_m, SIZES, np.zeros(2)).any()
    assert np.array_equal(chosen.pose_m[0], first)
    assert chosen.swapped == 1


def test_who_finds_no_sample_holds_back_on_its_way() -> None:
    start = np.array([[-20.0, 0, 0], [0, 0, 0]])
    pose = np.stack([straight(-20, 0, 0, 5), straight(0, 0, 0, 0)])[None]
    speed = np.array([5.0, 0.0])
    ways = np.array([held_back(pose[0], speed, start, b, 0.2) for b in (2.0, 5.0)])
    assert ways[0, 0, -1, 0] - -20.0 < 25.0 / 4.0 + 0.1
    every = np.concatenate([pose, ways])
    chosen = choose_futures(every, SIZES, np.zeros(2), np.zeros((3, 2), np.bool_), np.ones(2, np.bool_), 1)
    assert chosen.held_back >= 1
    assert not overlapping(chosen.pose_m, SIZES, np.zeros(2)).any()
    # Nobody may choose: the overlap stays, and is seen.
    stuck = choose_futures(every, SIZES, np.zeros(2), np.zeros((3, 2), np.bool_), np.zeros(2, np.bool_), 1)
    assert overlapping(stuck.pose_m, SIZES, np.zeros(2)).all()
