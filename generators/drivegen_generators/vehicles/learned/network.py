"""The denoiser: a transformer over actors, each with its lane tokens and its neighbours in its own frame.

The context (past, road, others) is read once; then a stack that also sees the noisy futures says what noise
to take away (v-prediction: Salimans and Ho 2022, "Progressive distillation for fast sampling of diffusion
models").
Relative positions enter keys and values (Shaw, Uszkoreit and Vaswani 2018), so that nothing depends on the
map's origin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from drivegen_generators.vehicles.learned.codec import COMPONENTS
from drivegen_generators.vehicles.learned.pieces import TOKEN
from drivegen_generators.vehicles.learned.windows import ACTOR, RELATION

WIDTH, HEADS = 112, 4
READERS, WRITERS = 2, 3
"""Layers that read the context, and that denoise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """Tensors of n actors; neighbours by row among all of them."""

    actor: Any
    """(n, a)"""
    lane: Any
    """(n, k, f)"""
    near: Any
    """(n, b)"""
    relation: Any
    """(n, b, r)"""
    there: Any
    """(n, b)"""


def _mlp(inside: int, outside: int) -> Any:
    return nn.Sequential(nn.Linear(inside, outside), nn.GELU(), nn.Linear(outside, outside))


class _Heads(nn.Module):
    """Attention of each actor to a list of its own."""

    def forward(self, query: Any, key: Any, value: Any, hidden: Any) -> Any:
        """(r, n, d) of (r, n, d), twice (r or 1, n, l, d), and (n, l): true where there is nothing."""
        r, n, d = query.shape
        q = query.view(r, n, HEADS, 1, d // HEADS)
        k, v = (x.view(*x.shape[:3], HEADS, d // HEADS).transpose(2, 3) for x in (key, value))
        score = (q * k).sum(-1) / math.sqrt(d // HEADS)
        weight = score.masked_fill(hidden[None, :, None, :], -1e9).softmax(-1)
        return (weight.unsqueeze(-1) * v).sum(3).reshape(r, n, d)


class _Layer(nn.Module):
    """Looks at lanes, then at neighbours, then thinks."""

    def __init__(self, *, lanes: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.heads = _Heads()
        self.lane_query = nn.Linear(WIDTH, WIDTH) if lanes else None
        self.lane_out = nn.Linear(WIDTH, WIDTH) if lanes else None
        self.own = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, z: Any, stored: tuple[Any, Any], no_lane: Any, near: Any, nobody: Any) -> Any:
        """(r, n, d) of the same."""
        lanes, relation = stored
        if self.lane_query is not None and self.lane_out is not None:
            seen = self.heads(self.lane_query(self.norms[0](z)), lanes[0], lanes[1], no_lane)
            z = z + self.lane_out(seen)
        query, key, value = self.own(self.norms[1](z)).chunk(3, -1)
        seen = self.heads(query, key[:, near] + relation[0], value[:, near] + relation[1], nobody)
        z = z + self.out(seen)
        return z + self.think(self.norms[2](z))


class Denoiser(nn.Module):
    """v of noisy codes of all actors at once."""

    def __init__(self) -> None:
        super().__init__()
        self.actor = _mlp(ACTOR, WIDTH)
        # Keys and values of lanes and relations, common to all layers: most of the work is here.
        self.lane = nn.Sequential(nn.Linear(TOKEN, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2 * WIDTH))
        self.relation = nn.Sequential(nn.Linear(RELATION, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2 * WIDTH))
        self.readers = nn.ModuleList(_Layer(lanes=True) for _ in range(READERS))
        self.code = _mlp(COMPONENTS, WIDTH)
        self.time = _mlp(32, WIDTH)
        self.writers = nn.ModuleList(_Layer(lanes=k < READERS) for k in range(WRITERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.last = nn.Linear(WIDTH, COMPONENTS)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def read(self, context: Context) -> tuple[Any, ...]:
        """The context, once for all steps and samples."""
        no_lane = context.lane.abs().sum(-1) == 0.0
        nobody = ~context.there
        stored = (
            self.lane(context.lane).unsqueeze(0).chunk(2, -1),
            self.relation(context.relation).unsqueeze(0).chunk(2, -1),
        )
        h = self.actor(context.actor).unsqueeze(0)
        for layer in self.readers:
            h = layer(h, stored, no_lane, context.near, nobody)
        return h, stored, no_lane, context.near, nobody

    def forward(self, noisy: Any, step: Any, known: tuple[Any, ...]) -> Any:
        """v (r, n, c) of noisy codes (r, n, c) at steps (r, n) of what `read` made."""
        h, stored, no_lane, near, nobody = known
        z = self.code(noisy) + h + self.time(_waves(step))
        for layer in self.writers:
            z = layer(z, stored, no_lane, near, nobody)
        return self.last(self.norm(z))


def _waves(step: Any) -> Any:
    """Sines and cosines of a step (Vaswani and others 2017)."""
    rate = torch.exp(torch.arange(16, dtype=torch.float32) * (-math.log(1000.0) / 15.0))
    phase = step.unsqueeze(-1).float() * rate
    return torch.cat([phase.sin(), phase.cos()], -1)
