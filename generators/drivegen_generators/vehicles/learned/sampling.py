"""Draws futures: DDIM (Song, Meng and Ermon 2021) with guidance between its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Float64

from drivegen_generators.vehicles.learned.areas import Areas
from drivegen_generators.vehicles.learned.codec import Codec
from drivegen_generators.vehicles.learned.guidance import Costs, Guide
from drivegen_generators.vehicles.learned.network import FARTHEST, MEETS, Context, Known
from drivegen_generators.vehicles.learned.places import Lines
from drivegen_generators.vehicles.learned.ways import Ways
from drivegen_generators.vehicles.learned.weights import Model, schedule
from drivegen_generators.vehicles.learned.windows import Present, turned

STEPS = 12
_PULLS, _LAST_PULLS = 4, 20
_PULL = 0.1
_MOST_PULL = 0.15
"""In standard deviations of a code, of one pull."""
_FROM = 0.3
"""Guidance begins after this share of the steps: before, futures are mostly noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Draws with a model. Equal noise gives equal futures on one machine; others may differ in the last bits,
    so what is kept is rounded."""

    model: Model
    steps: int = STEPS

    def draw(
        self,
        rng: np.random.Generator,
        present: Present,
        lanes: Float32[np.ndarray, "n k f"],
        ways: Sequence[Ways],
        *,
        guide: Guide | None = None,
        areas: Areas | None = None,
        fixed_m: Float[np.ndarray, "n t 2"] | None = None,
    ) -> Float64[np.ndarray, "s n t 2"]:
        """Futures of all actors together, in the map's frame.

        Args:
            rng: For the noise.
            present: Who is where.
            lanes: Its lane tokens.
            ways: Of each draw.
            guide: What to pull towards.
            areas: Where each group may be; wanted where the guide has `road`.
            fixed_m: Futures that are known, NaN where they are not: the others are drawn to fit.
        """
        # One thread: sums of several depend on their number.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return self._draw(rng, present, lanes, ways, guide, areas, fixed_m)
        finally:
            torch.set_num_threads(threads)

    def _draw(
        self,
        rng: np.random.Generator,
        present: Present,
        lanes: Float32[np.ndarray, "n k f"],
        ways: Sequence[Ways],
        guide: Guide | None,
        areas: Areas | None,
        fixed_m: Float[np.ndarray, "n t 2"] | None,
    ) -> Float64[np.ndarray, "s n t 2"]:
        codec, group = self.model.codec, present.group
        count, samples = len(group), len(ways)
        actor = present.features()
        told = np.stack([np.concatenate([actor, w.told], axis=1) for w in ways])
        free = np.ones(count, np.bool_)
        given = np.zeros((samples, count, codec.scale_m.shape[1]), np.float32)
        if fixed_m is not None:
            free = ~np.isfinite(fixed_m).all(axis=(1, 2))
            future = np.nan_to_num(np.stack([w.locate(fixed_m) for w in ways]))
            given = np.where(free[:, None], 0.0, codec.encode(future, told, group)).astype(np.float32)
        costs = None if guide is None or guide.none else Costs(guide, present, areas, free)
        near, relation = present.relations()
        scheduler = schedule()
        scheduler.set_timesteps(self.steps)
        noise = torch.from_numpy(rng.standard_normal(given.shape).astype(np.float32))
        open_ = torch.from_numpy(free)[None, :, None]
        with torch.no_grad():
            known = self.model.network.read(
                Context(
                    told=torch.from_numpy(told),
                    lane=torch.from_numpy(lanes),
                    near=torch.from_numpy(near),
                    relation=torch.from_numpy(relation),
                    turned=torch.from_numpy(turned(relation)),
                    there=torch.ones(near.shape, dtype=torch.bool),
                    lines=_own_lines(codec, told, present, ways),
                )
            )
            decode = _Decoder(codec, told, present, ways, known, fixed_m, free)
            fixed = ((torch.from_numpy(given) - known.mean) / known.scale).clamp(-FARTHEST, FARTHEST)
            code = noise
            for k, step in enumerate(scheduler.timesteps):
                code = torch.where(open_, code, self._noised(scheduler, fixed, noise, step))
                now = torch.full((samples, count), int(step))
                v = self.model.network(code, now, known)
                if costs is not None and k >= _FROM * self.steps:
                    last = k + 1 == len(scheduler.timesteps)
                    v = _guided(scheduler, code, v, step, costs, decode, known.scale, open_, last)
                code = scheduler.step(v, step, code).prev_sample
            return decode(code).double().numpy()

    @staticmethod
    def _noised(scheduler: Any, fixed: Any, noise: Any, step: Any) -> Any:
        flat = (-1, fixed.shape[-1])
        steps = torch.full((fixed.shape[0] * fixed.shape[1],), int(step), dtype=torch.long)
        return scheduler.add_noise(fixed.reshape(flat), noise.reshape(flat), steps).view(fixed.shape)


def _own_lines(
    codec: Codec, told: Float32[np.ndarray, "s n a"], present: Present, ways: Sequence[Ways]
) -> Lines:
    """In each actor's own frame, at the times that the network looks at."""
    times = list(MEETS)
    points = np.stack([w.seen_from(present.xyz_m, present.yaw_rad) for w in ways])
    return Lines(
        points=torch.from_numpy(points).float(),
        foreseen=torch.from_numpy(codec.foreseen(told, present.group)[:, :, times]),
        directions=torch.from_numpy(codec.directions(present.group)[:, times]),
    )


class _Decoder:
    """Standardised codes as places in the map's frame."""

    def __init__(
        self,
        codec: Codec,
        told: Float32[np.ndarray, "s n a"],
        present: Present,
        ways: Sequence[Ways],
        known: Known,
        fixed_m: Float[np.ndarray, "n t 2"] | None,
        free: Bool[np.ndarray, "n"],
    ) -> None:
        self._lines = Lines(
            points=torch.from_numpy(np.stack([w.points_m for w in ways])).float(),
            foreseen=torch.from_numpy(codec.foreseen(told, present.group)),
            directions=torch.from_numpy(codec.directions(present.group)),
        )
        self._known = known
        self._fixed = None if fixed_m is None else torch.from_numpy(np.nan_to_num(fixed_m)).float()
        self._free = torch.from_numpy(free)[None, :, None, None]

    def __call__(self, code: Any) -> Any:
        """(s, n, t, 2) of (s, n, c)."""
        made, _ = self._lines.places(self._known.mean + self._known.scale * code)
        return made if self._fixed is None else torch.where(self._free, made, self._fixed)


def _guided(
    scheduler: Any,
    code: Any,
    v: Any,
    step: Any,
    costs: Costs,
    decode: Callable[[Any], Any],
    scale: Any,
    open_: Any,
    last: bool,
) -> Any:
    """v of the clean codes that the costs pull those foreseen by `v` to."""
    signal = scheduler.alphas_cumprod[int(step)] ** 0.5
    noise = (1.0 - scheduler.alphas_cumprod[int(step)]) ** 0.5
    clean = signal * code - noise * v
    for _ in range(_LAST_PULLS if last else _PULLS):
        with torch.enable_grad():
            leaf = clean.detach().requires_grad_()
            cost = costs.of(decode(leaf))
            if not cost.requires_grad:
                break
            (slope,) = torch.autograd.grad(cost, leaf)
        # Of codes as they are: who is expected to stand can be pulled as far as others.
        pull = _PULL * slope / scale
        size = pull.norm(dim=-1, keepdim=True)
        pull = pull * (_MOST_PULL / size.clamp(min=_MOST_PULL)) / scale
        clean = clean - torch.where(open_, pull, 0.0)
    if float(noise) < 1e-6:
        return v
    # At the first step (no signal) v is minus the clean code, whatever the noise.
    return (signal * code - clean) / noise
