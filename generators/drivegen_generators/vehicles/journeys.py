"""Journeys of demand: who came in when, and where that leaves them as a scene begins."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np

from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.fleet import Choice
from drivegen_generators.vehicles.inflows import LaneFlow
from drivegen_generators.vehicles.strips import Strip
from drivegen_generators.vehicles.styles import Behaviour
from drivegen_generators.vehicles.ways import Ways

_SLOWEST_MPS = 1.5
_STEP_M = 1.5
_FARTHEST_M = 60.0
"""Vehicles that find their place taken stand so far behind it at most."""
_BEFORE_LINE_M = 1.2
_OWN_LANE = 0.5
"""Share that stays in its lane where a lane opens beside it that leads the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One vehicle's way through the map."""

    chain: tuple[int, ...]
    """Strips from the entry on."""
    leaves: bool
    """At the end of the last strip."""
    choice: Choice
    behaviour: Behaviour
    emergency: bool
    at_s: float
    """When it comes in."""
    gone_s: float
    """When it has done its way, undisturbed."""
    place: int = 0
    """Where it is as the scene begins, for those that came before: place in the chain, and how far along."""
    along_m: float = 0.0
    waits: bool = False
    """It is at a light."""


def travel(
    rng: np.random.Generator,
    ways: Ways,
    lane: LaneFlow,
    *,
    at_s: float,
    ratios: Mapping[str, float],
    longest_m: float,
    within: Container[int] | None,
    light_delay_s: float,
    choice: Choice,
    behaviour: Behaviour,
    emergency: bool,
) -> Journey | None:
    """The journey of who comes in at a time; None if it has left before the scene begins.

    Vehicles travel at the speed that they want, and wait at each light from 0 to twice `light_delay_s`.
    """
    first = lane.ways.draw(rng) if lane.ways is not None else None
    chain, leaves = ways.walk(rng, lane.strip, ratios, longest_m, first, within)
    pieces, stops = ways.strips.strips, ways.strips.stop_along_m
    share = max(1.0 - behaviour.speed_difference_percent / 100.0, 0.1)
    clock = at_s
    found: tuple[int, float, bool] | None = None
    for k, strip in enumerate(chain):
        piece = pieces[strip]
        pace = max(share * piece.speed_mps, _SLOWEST_MPS)
        stop = stops.get(strip)
        if found is None and clock + piece.length_m / pace > 0.0:
            along = max(-clock, 0.0) * pace
            if stop is None or along <= stop:
                found = k, along, False
        clock += piece.length_m / pace
        if stop is not None:
            clock += 2.0 * light_delay_s * float(rng.random()) * (not emergency)
            if found is None and clock > 0.0:
                found = k, stop, True
    if found is None:
        return None
    return Journey(
        chain=chain,
        leaves=leaves,
        choice=choice,
        behaviour=behaviour,
        emergency=emergency,
        at_s=at_s,
        gone_s=clock,
        place=found[0],
        along_m=found[1],
        waits=found[2],
    )


def settle(draft: Draft, ways: Ways, journey: Journey) -> tuple[int, float] | None:
    """Takes room for a vehicle that is there as the scene begins: where it is, or as near behind as there is.

    Nobody starts on a crossing: those who would be there stand behind it, or before its stop line.

    Returns its place in the chain and how far along it is, or None where all is taken.
    """
    pieces, model = ways.strips.strips, journey.choice.model
    half = 0.5 * model.length_m
    place, along = journey.place, journey.along_m
    chain = journey.chain
    if journey.waits:
        along -= _BEFORE_LINE_M + half
    if ways.links.link_of.get(chain[place]) is None:
        ahead = next((k for k in range(place, len(chain)) if chain[k] in ways.links.link_of), None)
        if ahead is not None:
            for extra in (1.0, 9.0, 17.0, 25.0):
                if extra + half < pieces[chain[ahead]].length_m and _takes(
                    draft, chain[ahead], extra + half, journey
                ):
                    return ahead, extra + half
    left = _FARTHEST_M
    while left > 0.0:
        if along < half and place == 0:
            return None
        if along < 0.0:
            place -= 1
            along += pieces[chain[place]].length_m
            continue
        if ways.links.link_of.get(chain[place]) is None:
            along = -1.0
            continue
        limit = _last_m(ways, pieces[chain[place]], chain[place], place + 1 < len(chain)) - half
        if along > limit:
            along = min(along, limit)
            if along < 0.0:
                continue
        if _takes(draft, chain[place], along, journey):
            return place, along
        along -= _STEP_M
        left -= _STEP_M
    return None


def _takes(draft: Draft, strip: int, along_m: float, journey: Journey) -> bool:
    model = journey.choice.model
    gap = 1.0 if journey.waits else 2.5
    return draft.takes(
        draft.strips.pose(strip, along_m), model.length_m, model.width_m, gap_ahead_m=gap, gap_aside_m=0.2
    )


def _last_m(ways: Ways, piece: Strip, strip: int, goes_on: bool) -> float:
    """How far along a strip a bumper may be: to a stop line, or to where it leads over a crossing."""
    stop = ways.strips.stop_along_m.get(strip)
    if stop is not None:
        return stop - 0.5
    over = any(after not in ways.links.link_of for after in ways.strips.after[strip])
    return piece.length_m - (1.0 if over or not goes_on else -20.0)


def beside(
    rng: np.random.Generator, ways: Ways, journey: Journey, ratios: Mapping[str, float], longest_m: float
) -> Journey:
    """The journey, or one like it from a lane that opened beside its own and leads the same way."""
    strip = journey.chain[journey.place]
    for side in (1, -1):
        other = ways.strips.neighbour(strip, side)
        if other is None or ways.strips.before[other]:
            continue
        turn = next(
            (w.turn for w in ways.over(strip) if _leads(journey.chain, journey.place + 1, w.strips)), None
        )
        same = [w for w in ways.over(other) if turn is not None and w.turn is turn]
        if not same or rng.random() < _OWN_LANE:
            continue
        way = same[int(rng.random() * len(same))]
        chain, leaves = ways.walk(rng, other, ratios, longest_m, way)
        return _moved(journey, (*journey.chain[: journey.place], *chain), leaves)
    return journey


def _leads(chain: tuple[int, ...], start: int, way: tuple[int, ...]) -> bool:
    return bool(way) and chain[start : start + len(way)] == way


def _moved(journey: Journey, chain: tuple[int, ...], leaves: bool) -> Journey:
    return Journey(
        chain=chain,
        leaves=leaves,
        choice=journey.choice,
        behaviour=journey.behaviour,
        emergency=journey.emergency,
        at_s=journey.at_s,
        gone_s=journey.gone_s,
        place=journey.place,
        along_m=journey.along_m,
        waits=journey.waits,
    )
