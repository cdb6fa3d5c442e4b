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
from drivegen_generators.vehicles.learned.places import Lines, encounters
from drivegen_generators.vehicles.learned.ways import WAY
from drivegen_generators.vehicles.learned.windows import ACTOR, RELATION

WIDTH, HEADS = 112, 4
READERS, WRITERS = 2, 3
"""Layers that read the context, lanes and all, and that denoise."""
MEETS = (3, 9, 16, 24, 32, 39)
"""Steps of the future at which the noisy futures of neighbours are looked at."""
FARTHEST = 6.0
"""Standardised codes are taken to be no larger: who goes elsewhere altogether shall not lead all others."""
_LOG_SCALES = (math.log(0.02), math.log(4.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """Tensors of n actors; neighbours by row among all of them."""

    told: Any
    """(r or 1, n, a + w): of each actor and of its way, which may differ from draw to draw"""
    lane: Any
    """(n, k, f)"""
    near: Any
    """(n, b)"""
    relation: Any
    """(n, b, r)"""
    turned: Any
    """(n, b, 4): `windows.turned` of them"""
    there: Any
    """(n, b)"""
    lines: Lines
    """Ways in each actor's own frame, with futures at `MEETS`."""


def _mlp(inside: int, outside: int) -> Any:
    return nn.Sequential(nn.Linear(inside, outside), nn.GELU(), nn.Linear(outside, outside))


def _look(query: Any, key: Any, value: Any, hidden: Any) -> Any:
    """(r, n, d): what each of n sees in a list of its own, the same in all r: key and value (n, l, d), and
    hidden (n, l) where there is nothing."""
    q = _heads(query)
    k, v = (x.view(*x.shape[:2], HEADS, -1) for x in (key, value))
    score = torch.einsum("rhne,nlhe->rhnl", q, k) / math.sqrt(q.shape[-1])
    weight = score.masked_fill(hidden[None, None], -1e9).softmax(-1)
    return _joined(torch.einsum("rhnl,nlhe->rhne", weight, v))


def _look_around(query: Any, key: Any, value: Any, relation: Any, near: Any, nobody: Any) -> Any:
    """(r, n, d): what each sees in those near it, (n, b) rows of its own kind, and in how they are to it,
    relation: keys and values (r or 1, n, b, d)."""
    q, k, v = (_heads(x) for x in (query, key, value))
    rel_k, rel_v = (x.reshape(*x.shape[:3], HEADS, -1).expand(len(q), -1, -1, -1, -1) for x in relation)
    at = near.expand(*q.shape[:2], -1, -1)
    score = (q @ k.transpose(-1, -2)).gather(-1, at) + torch.einsum("rhne,rnbhe->rhnb", q, rel_k)
    weight = (score / math.sqrt(q.shape[-1])).masked_fill(nobody[None, None], -1e9).softmax(-1)
    whole = weight.new_zeros(*q.shape[:3], q.shape[2]).scatter_add(-1, at, weight)
    return _joined(whole @ v + torch.einsum("rhnb,rnbhe->rhne", weight, rel_v))


def _heads(x: Any) -> Any:
    """(r, h, n, d / h) of (r, n, d)."""
    return x.view(*x.shape[:2], HEADS, -1).transpose(1, 2)


def _joined(x: Any) -> Any:
    """The inverse of `_heads`."""
    return x.transpose(1, 2).flatten(2)


class _Layer(nn.Module):
    """Looks at lanes, then at neighbours, then thinks."""

    def __init__(self, *, lanes: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3 if lanes else 2))
        self.lane_query = nn.Linear(WIDTH, WIDTH) if lanes else None
        self.lane_out = nn.Linear(WIDTH, WIDTH) if lanes else None
        self.own = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, z: Any, stored: tuple[Any, Any], no_lane: Any, near: Any, nobody: Any) -> Any:
        """(r, n, d) of the same."""
        lanes, relation = stored
        if self.lane_query is not None and self.lane_out is not None:
            key, value = lanes
            seen = _look(self.lane_query(self.norms[2](z)), key, value, no_lane)
            z = z + self.lane_out(seen)
        query, key, value = self.own(self.norms[0](z)).chunk(3, -1)
        z = z + self.out(_look_around(query, key, value, relation, near, nobody))
        return z + self.think(self.norms[1](z))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What was read: tensors, r or 1 times n actors."""

    state: Any
    """(r, n, d)"""
    mean: Any
    """(r, n, c): the codes that are expected."""
    scale: Any
    """(r, n, c): how far codes are from them: standardised codes are (code - mean) / scale."""
    relation: tuple[Any, Any]
    context: Context
    nobody: Any


class Denoiser(nn.Module):
    """Reads a moment, and says v of noisy codes of all actors at once.

    What is read says at once how each future is expected and how sure that is. Codes are standardised with
    it: whoever waits at a light has next to no choice, and noise as large as that of others would have to be
    taken away to the last centimetre.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reading = nn.ModuleDict(
            {
                "told": _mlp(ACTOR + WAY, WIDTH),
                # Keys and values of lanes and relations, common to all layers: most of the work is here.
                "lane": nn.Sequential(nn.Linear(TOKEN, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2 * WIDTH)),
                "relation": nn.Sequential(nn.Linear(RELATION, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2 * WIDTH)),
                "layers": nn.ModuleList(_Layer(lanes=True) for _ in range(READERS)),
                "norm": nn.LayerNorm(WIDTH),
                "guess": nn.Linear(WIDTH, 2 * COMPONENTS),
            }
        )
        self.relation = nn.Sequential(nn.Linear(RELATION, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2 * WIDTH))
        self.met = nn.Sequential(nn.Linear(3 * len(MEETS), 48), nn.GELU(), nn.Linear(48, 2 * WIDTH))
        self.state = nn.Linear(WIDTH, WIDTH)
        self.code = _mlp(2 * COMPONENTS, WIDTH)
        self.time = _mlp(32, WIDTH)
        self.writers = nn.ModuleList(_Layer(lanes=False) for _ in range(WRITERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.last = nn.Linear(WIDTH, COMPONENTS)
        for end in (self.reading["guess"], self.last):
            nn.init.zeros_(end.weight)
            nn.init.zeros_(end.bias)

    def read(self, context: Context) -> Known:
        """The context, once for all steps."""
        part = self.reading
        no_lane = context.lane.abs().sum(-1) == 0.0
        nobody = ~context.there
        lanes, relation = part["lane"](context.lane), part["relation"](context.relation[None])
        stored = lanes.chunk(2, -1), relation.chunk(2, -1)
        h = part["told"](context.told)
        for layer in part["layers"]:
            h = layer(h, stored, no_lane, context.near, nobody)
        h = part["norm"](h)
        mean, scale = part["guess"](h).chunk(2, -1)
        return Known(
            state=h,
            mean=mean,
            scale=scale.clamp(*_LOG_SCALES).exp(),
            relation=self.relation(context.relation[None]).chunk(2, -1),
            context=context,
            nobody=nobody,
        )

    def forward(self, noisy: Any, step: Any, known: Known) -> Any:
        """v (r, n, c) of noisy standardised codes (r, n, c) at steps (r, n)."""
        code = known.mean + known.scale * noisy
        z = self.code(torch.cat([noisy, code], -1)) + self.state(known.state) + self.time(_waves(step))
        context = known.context
        with torch.no_grad():
            met = encounters(context.lines, code, context.near, context.turned)
        seen = self.met(met).chunk(2, -1)
        relation = tuple(a + b for a, b in zip(known.relation, seen, strict=True))
        for layer in self.writers:
            z = layer(z, (None, relation), None, context.near, known.nobody)
        return self.last(self.norm(z))


def _waves(step: Any) -> Any:
    """Sines and cosines of a step (Vaswani and others 2017)."""
    rate = torch.exp(torch.arange(16, dtype=torch.float32) * (-math.log(1000.0) / 15.0))
    phase = step.unsqueeze(-1).float() * rate
    return torch.cat([phase.sin(), phase.cos()], -1)
