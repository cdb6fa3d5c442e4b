"""Queues that stand at red lights when a scene begins."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.models import KERB_KINDS
from drivegen_generators.vehicles.strips import StopAt

_BEFORE_LINE_M = (0.6, 2.0)
"""The first bumper stands so far before the stop line."""
_GAP_M = (1.6, 3.0)
"""Between standing vehicles, bumper to bumper."""
_TIGHT_M = 0.8
"""Of it is kept free of all others."""
_LONGEST = 14
"""Vehicles in a lane."""


def red_stops(draft: Draft) -> list[StopAt]:
    """Stop lines of lights that are not among the first of their cycle, all where there are no others."""
    stops = draft.strips.stops
    return [s for s in stops if not s.first] or list(stops)


def queue(draft: Draft, count: int) -> int:
    """Lets up to so many vehicles of the mix stand at lights, the likelier the nearer to the ego.

    Returns how many it placed.
    """
    stops = red_stops(draft)
    draft.ask("queue", count)
    if count <= 0 or not stops:
        return 0
    rng = draft.rng
    weights = _weights(draft, stops)
    front = [s.along_m - float(rng.uniform(*_BEFORE_LINE_M)) for s in stops]
    standing = [0] * len(stops)
    placed = 0
    for _ in range(count):
        total = weights.sum()
        if total <= 0.0:
            break
        lane = int(np.searchsorted(np.cumsum(weights), rng.random() * total, side="right"))
        lane = min(lane, len(stops) - 1)
        choice = draft.fleet.draw(rng)
        while choice.kind in KERB_KINDS:
            # They wait beside the lanes; where nothing else is in the mix, a car does.
            choice = draft.fleet.draw_motor(rng)
        model = choice.model
        place = draft.back(stops[lane].strip, front[lane] - 0.5 * model.length_m)
        if place is None:
            weights[lane] = 0.0
            continue
        pose = draft.strips.pose(*place)
        if not draft.takes(pose, model.length_m, model.width_m, gap_ahead_m=_TIGHT_M, gap_aside_m=0.2):
            weights[lane] = 0.0
            continue
        draft.add(choice, pose, draft.fleet.behaviour(rng, choice.kind), place=place, roles=("queue",))
        front[lane] -= model.length_m + float(rng.uniform(*_GAP_M))
        standing[lane] += 1
        if standing[lane] >= _LONGEST:
            weights[lane] = 0.0
        placed += 1
    return placed


def _weights(draft: Draft, stops: Sequence[StopAt]) -> np.ndarray:
    x, y = draft.ego.x_m, draft.ego.y_m
    out = []
    for stop in stops:
        sx, sy, _, _ = draft.strips.strips[stop.strip].at(stop.along_m)
        distance = math.hypot(sx - x, sy - y)
        out.append(math.exp(-distance / draft.reach_m) if distance < 6.0 * draft.reach_m else 0.0)
    return np.array(out)
