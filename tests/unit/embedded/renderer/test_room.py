"""Stretches of a buffer that are handed out, given back, and handed out again."""

from __future__ import annotations

import itertools

import numpy as np

from drivegen.embedded.renderer.room import Room


def test_what_came_back_is_handed_out_again() -> None:
    room = Room()
    assert room.take([10, 0, 20, 5]) == [0, 0, 10, 30]
    room.give_back(10, 20)
    assert room.take([8, 12]) == [10, 18]
    assert room.end == 35


def test_neighbours_that_came_back_join_and_the_end_moves_down() -> None:
    room = Room()
    room.take([10, 10, 10])
    room.give_back(0, 10)
    room.give_back(20, 10)
    assert room.end == 20
    room.give_back(10, 10)
    assert room.end == 0
    assert room.take([30]) == [0]


def test_stretches_never_overlap() -> None:
    rng = np.random.default_rng(1)
    room, held = Room(), []
    for _ in range(400):
        if held and rng.random() < 0.5:
            room.give_back(*held.pop(int(rng.integers(len(held)))))
        else:
            length = int(rng.integers(1, 40))
            held.append((room.take([length])[0], length))
        covered = sorted(held)
        assert all(a + n <= b for (a, n), (b, _) in itertools.pairwise(covered))
        assert all(a + n <= room.end for a, n in covered)
