"""Convoys: several vehicles of one kind, one behind the other, on the same way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.models import Kind
from drivegen_generators.vehicles.places import Places
from drivegen_generators.vehicles.strips import route_points
from drivegen_generators.vehicles.ways import Ways

_GAP_M = (3.5, 6.0)
"""Between them at first, bumper to bumper."""
_FOLLOWING_M = (1.5, 2.5)
_ROUTE_M = 600.0
_APART_M = 5.0
_TRIES = 40


def convoy(
    draft: Draft,
    places: Places,
    order: Sequence[int],
    ways: Ways,
    ratios: Mapping[str, float],
    kind: Kind,
    size: int,
    *,
    leaving: bool,
) -> int:
    """Places a convoy at the first place with room for all of it, else for as many as can be.

    Returns how many vehicles it has; 0 where not even two find room.
    """
    rng = draft.rng
    draft.ask("convoy", size)
    choice = draft.fleet.draw_of(rng, kind)
    length, width = choice.model.length_m, choice.model.width_m
    gap = float(rng.uniform(*_GAP_M))
    best: list[tuple[int, float]] = []
    for place in order[:_TRIES]:
        lead = (int(places.strip[place]), float(places.along_m[place]))
        found: list[tuple[int, float]] = []
        for k in range(size):
            spot = draft.back(lead[0], lead[1] - k * (length + gap))
            if spot is None or not draft.is_free(draft.strips.pose(*spot), length, width):
                break
            found.append(spot)
        if len(found) > len(best):
            best = found
        if len(best) == size:
            break
    if len(best) < 2:
        return 0
    strip, _ = best[0]
    chain, out = ways.walk(rng, strip, ratios, _ROUTE_M)
    common = draft.fleet.behaviour(rng, kind)
    follow = round(float(rng.uniform(*_FOLLOWING_M)), 2)
    behaviour = dataclasses.replace(
        common, following_distance_m=follow, lane_changes=False, keeps_right_percent=0.0
    )
    variant = draft.variant(choice.model.blueprint)
    color = None
    for spot in best:
        pose = draft.strips.pose(*spot)
        if not draft.takes(pose, length, width):
            break
        pieces = [draft.strips.strips[i] for i in (*_between(draft, spot[0], strip), *chain)]
        end = ways.links.leaves_at_m(chain[-1]) if out else pieces[-1].length_m
        made = draft.add(
            choice,
            pose,
            behaviour,
            place=spot,
            roles=("convoy",),
            route=route_points(pieces, spot[1], end, _APART_M),
            leaves=out and leaving,
            variant=variant,
            color=color,
        )
        color = made.color_rgb
    return len(best)


def _between(draft: Draft, first: int, last: int) -> list[int]:
    """Strips from `first` to the one before `last`, which lies ahead on the same lane."""
    out: list[int] = []
    at = last
    while at != first:
        at = draft.strips.before[at][0]
        out.insert(0, at)
    return out
