"""Drawn futures: shapes, repeatability, and what guidance does to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conftest import make_lane, make_present, make_ways
from drivegen.core.rng import derive_rng
from drivegen_generators.vehicles.learned.areas import Areas
from drivegen_generators.vehicles.learned.scenes import Group
from drivegen_generators.vehicles.learned.windows import FUTURE, LANES, Present

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch

from drivegen_generators.vehicles.learned.guidance import Guide
from drivegen_generators.vehicles.learned.pieces import TOKEN, Builder, PieceKind, Pieces
from drivegen_generators.vehicles.learned.sampling import STEPS
from drivegen_generators.vehicles.learned.weights import schedule

AWAY = make_lane((0.0, 5000.0))
"""A lane that is nowhere near: all go straight on."""
NO_LANES = np.zeros((1, LANES, TOKEN), np.float32)


def drawn(
    sampler: Any,
    present: Present,
    guide: Guide | None = None,
    seed: int = 1,
    pieces: Pieces = AWAY,
    **more: Any,
) -> np.ndarray:
    lanes = np.repeat(NO_LANES, len(present.group), axis=0)
    ways = make_ways(present, pieces, 6, came_m=more.get("fixed_m"))
    return sampler.draw(derive_rng(seed), present, lanes, ways, guide=guide, **more)


CLOSE = make_present([(0, 0, 0), (9, 0.3, 0), (20, 0.0, np.pi)], [9.0, 1.0, 8.0])
"""The ego runs up to a slow car, another comes towards both."""


def test_equal_seeds_draw_equal_futures_and_others_others(sampler: Any) -> None:
    a, b = drawn(sampler, CLOSE), drawn(sampler, CLOSE)
    assert a.shape == (6, 3, FUTURE, 2)
    assert np.isfinite(a).all()
    assert a.tobytes() == b.tobytes()
    assert np.abs(a - drawn(sampler, CLOSE, seed=2)).max() > 0.1
    assert np.ptp(a[:, 0, -1], axis=0).max() > 0.5


def test_futures_turn_and_move_with_the_actor(sampler: Any) -> None:
    """Nothing depends on where in the map something happens."""
    turn, shift = 0.8, np.array([500.0, -300.0])
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, -s], [s, c]])
    places = [(0, 0, 0), (9, 0.3, 0), (20, 0.0, np.pi)]
    moved = make_present(
        [(*(rotation @ (x, y) + shift), yaw + turn) for x, y, yaw in places], [9.0, 1.0, 8.0]
    )
    gap = drawn(sampler, CLOSE) @ rotation.T + shift - drawn(sampler, moved)
    assert np.abs(gap).max() < 0.05


def nearness(places: np.ndarray) -> float:
    """How deep, in all, middles come within 3 m of one another."""
    gap = np.linalg.norm(places[:, :, None] - places[:, None], axis=-1)
    a, b = np.triu_indices(places.shape[1], 1)
    return float(np.maximum(3.0 - gap[:, a, b], 0.0).sum())


def test_guidance_keeps_actors_apart(sampler: Any) -> None:
    free, guided = drawn(sampler, CLOSE), drawn(sampler, CLOSE, Guide(separation=1.0))
    assert nearness(free) > 10.0
    assert nearness(guided) < 0.5 * nearness(free)


def test_guidance_keeps_actors_on_the_road(sampler: Any) -> None:
    """The road is a strip that ends 3 m to the left of the way that they are on."""
    ys = np.arange(600) * 0.5 - 150.0
    distance = np.broadcast_to((ys - 1.0)[:, None], (600, 600)).astype(np.float32)
    areas = Areas(low_m=np.array([-150.0, -150.0]), distance_m=np.stack([distance] * len(Group)))
    present = make_present([(0, 0.5, 0.12), (-20, 0.5, 0.12)], [8.0, 8.0])
    free = drawn(sampler, present, areas=areas)
    guided = drawn(sampler, present, Guide(road=1.0), areas=areas)
    outside = [np.maximum(p[..., 1] - 1.0, 0.0).sum() for p in (free, guided)]
    assert outside[0] > 50.0
    assert outside[1] < 0.4 * outside[0]


def test_goals_pull_and_adversaries_come_nearer(sampler: Any) -> None:
    present = make_present([(0, 0, 0), (12, 7, 0)], [6.0, 6.0])
    plain = drawn(sampler, present)
    goals = np.array([[np.nan, np.nan], [20.0, 7.0]])
    aimed = drawn(sampler, present, Guide(goal=1.0, goals_m=goals))

    def miss(places: np.ndarray) -> float:
        return float(np.linalg.norm(places[:, 1, -1] - goals[1], axis=-1).mean())

    assert miss(aimed) < 0.7 * miss(plain)
    hunted = drawn(sampler, present, Guide(adversarial=3.0))

    def nearest(places: np.ndarray) -> float:
        return float(np.linalg.norm(places[:, 1] - places[:, 0], axis=-1).min(axis=1).mean())

    assert nearest(hunted) < nearest(plain) - 0.5


def test_known_futures_are_kept(sampler: Any) -> None:
    fixed = np.full((3, FUTURE, 2), np.nan)
    fixed[1] = CLOSE.xyz_m[1, :2] + 0.2 * np.arange(1, FUTURE + 1)[:, None] * (1.0, 0.0)
    found = drawn(sampler, CLOSE, Guide(separation=1.0), fixed_m=fixed)
    assert np.abs(found[:, 1] - fixed[1]).max() < 1e-4


def test_futures_follow_bends_of_their_lane(sampler: Any) -> None:
    """A lane that turns left by a quarter of a circle: whoever drives on it does so too."""
    turn = np.linspace(0.0, np.pi / 2.0, 60)
    bend = np.stack([30.0 * np.sin(turn), 30.0 - 30.0 * np.cos(turn), 0.0 * turn], axis=1)
    builder = Builder()
    builder.cut(
        np.concatenate([[[-30.0, 0.0, 0.0]], bend, [[30.0, 200.0, 0.0]]]), PieceKind.DRIVING, 3.5, 13.9
    )
    present = make_present([(0, 0, 0)], [9.0])
    found = drawn(sampler, present, pieces=builder.done())
    far = found[:, 0, -1]
    assert (far[:, 1] > 15.0).all()
    on = np.concatenate([bend[:, :2], np.stack([np.full(80, 30.0), np.linspace(30.0, 190.0, 80)], axis=1)])
    gap = np.linalg.norm(found[:, 0, :, None] - on, axis=-1).min(axis=-1)
    assert gap.max() < 1.75 + 1.0


def test_the_steps_of_the_sampler_draw_what_a_perfect_denoiser_knows() -> None:
    """A normal distribution and one of two modes, whose v is known exactly; DDIM of few steps draws them a
    little too narrow."""

    def drawn_with(expected: Callable[[Any, float, float], Any]) -> Any:
        scheduler = schedule()
        scheduler.set_timesteps(STEPS)
        x = torch.randn(20000, generator=torch.Generator().manual_seed(1))
        for t in scheduler.timesteps:
            a = float(scheduler.alphas_cumprod[t]) ** 0.5
            n = (1.0 - a * a) ** 0.5
            x = scheduler.step((a * x - expected(x, a, n)) / n, t, x).prev_sample
        return x

    def mode(x: Any, a: float, n: float, mean: float, deviation: float) -> Any:
        return mean + a * deviation**2 / (a * a * deviation**2 + n * n) * (x - a * mean)

    found = drawn_with(lambda x, a, n: mode(x, a, n, 2.0, 0.3))
    assert float(found.mean()) == pytest.approx(2.0, abs=0.05)
    assert 0.8 * 0.3 < float(found.std()) < 1.05 * 0.3

    def two(x: Any, a: float, n: float) -> Any:
        right = torch.sigmoid(2.0 * a * x / (a * a * 0.01 + n * n))
        return right * mode(x, a, n, 1.0, 0.1) + (1.0 - right) * mode(x, a, n, -1.0, 0.1)

    found = drawn_with(two)
    assert float((found > 0.0).float().mean()) == pytest.approx(0.5, abs=0.02)
    assert float(found[found > 0.0].mean()) == pytest.approx(1.0, abs=0.05)
    assert float(found[found > 0.0].std()) < 0.15
