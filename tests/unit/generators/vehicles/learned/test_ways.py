"""Ways along lanes: where they lead, and futures told along them."""

from __future__ import annotations

import numpy as np
import pytest

from conftest import make_lane, make_present, make_ways
from drivegen_generators.vehicles.learned.pieces import Builder, PieceKind, Pieces
from drivegen_generators.vehicles.learned.ways import SPACING_M, STATIONS_M, WAY
from drivegen_generators.vehicles.learned.windows import FUTURE

GAP = 3 * len(STATIONS_M) + 3 + 10 + 1
"""Of the number that tells how far the next is ahead."""


def fork() -> Pieces:
    """A lane to the east that goes on straight or turns left in a circle of 20 m."""
    builder = Builder()
    (first,) = builder.cut(np.array([(-25.0, 0, 0), (0, 0, 0)]), PieceKind.DRIVING, 3.5, 13.9)
    straight = builder.cut(np.array([(0.0, 0, 0), (150, 0, 0)]), PieceKind.JUNCTION, 3.5, 13.9)
    turn = np.linspace(0.0, np.pi / 2.0, 30)
    bend = np.stack([20.0 * np.sin(turn), 20.0 - 20.0 * np.cos(turn), 0.0 * turn], axis=1)
    left = builder.cut(bend, PieceKind.JUNCTION, 3.5, 8.0)
    on = builder.cut(np.array([(20.0, 20, 0), (20, 150, 0)]), PieceKind.DRIVING, 3.5, 13.9)
    builder.after[first] = [straight[0], left[0]]
    builder.after[left[-1]] = [on[0]]
    return builder.done()


def test_ways_go_on_by_chance_or_as_futures_went() -> None:
    present = make_present([(-10, 0.4, 0.02)], [8.0])
    ends = np.array([w.points_m[0, 30] for w in make_ways(present, fork(), 20)])
    turned = ends[:, 1] > 10.0
    assert turned.any() and not turned.all()
    assert np.abs(ends[~turned, 1]).max() < 0.1
    t = np.linspace(0.0, np.pi / 2.0, FUTURE)[:, None]
    came = np.concatenate([20.0 * np.sin(t), 20.0 - 20.0 * np.cos(t)], axis=1)[None]
    for ways in make_ways(present, fork(), 8, came_m=came):
        assert np.linalg.norm(ways.points_m[0] - (20.0, 20.0), axis=1).min() < 1.5
        assert np.abs(ways.locate(came)[..., 1]).max() < 0.3


def test_places_along_a_way_and_back() -> None:
    torch = pytest.importorskip("torch")
    from drivegen_generators.vehicles.learned.places import Lines

    present = make_present([(-10, 0.4, 0.02)], [8.0])
    t = np.linspace(0.02, np.pi / 2.0, FUTURE)[:, None]
    came = np.concatenate([19.5 * np.sin(t), 20.0 - 19.5 * np.cos(t)], axis=1)[None]
    (ways,) = make_ways(present, fork(), came_m=came)
    told = ways.locate(came)
    assert (np.diff(told[0, :, 0]) > 0.0).all()
    assert told[0, :, 1] == pytest.approx(0.5, abs=0.15)
    lines = Lines(
        points=torch.from_numpy(ways.points_m)[None],
        foreseen=torch.from_numpy(told)[None],
        directions=torch.zeros(1, FUTURE, 2, 4, dtype=torch.float64),
    )
    places, run = lines.places(torch.zeros(1, 1, 4, dtype=torch.float64))
    assert np.abs(places[0].numpy() - came).max() < 0.1
    assert run.norm(dim=-1).numpy() == pytest.approx(1.0, abs=0.02)


def test_who_is_on_no_lane_goes_straight_on() -> None:
    present = make_present([(0, 0, 0.7)], [1.0])
    (ways,) = make_ways(present, make_lane((0.0, 500.0)))
    run = SPACING_M * np.array([np.cos(0.7), np.sin(0.7)])
    assert np.abs(ways.points_m[0] - run * np.arange(len(ways.points_m[0]))[:, None]).max() < 1e-9
    assert ways.told.shape == (1, WAY)


def test_the_next_ahead_is_told_and_not_who_is_beside_or_behind() -> None:
    present = make_present([(0, 0, 0), (30, 0.2, 0), (50, 0, 0), (10, 3.5, 0), (-12, 0, 0)], [8.0] * 5)
    (ways,) = make_ways(present, make_lane())
    there, gap = ways.told[:, GAP - 1], ways.told[:, GAP] * 20.0
    assert there.tolist() == [1.0, 1.0, 0.0, 0.0, 1.0]
    assert gap[0] == pytest.approx(30.0 - 4.6, abs=0.01)
    assert gap[1] == pytest.approx(20.0 - 4.6, abs=0.01)
    assert gap[4] == pytest.approx(12.0 - 4.6, abs=0.01)
