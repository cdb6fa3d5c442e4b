"""Where traffic comes into a scene, how much of it, and by which lanes it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.opendrive.lane_graph import Turn
from drivegen_generators.vehicles.draws import Table
from drivegen_generators.vehicles.links import Entry
from drivegen_generators.vehicles.ways import Way, Ways

_SAMPLES = 12
_SLOWEST = 0.6
"""Of the limit, that journeys are reckoned with to know how far back in time they may have begun."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneFlow:
    """One lane of an inflow."""

    strip: int
    share: float
    """Of the entry's traffic."""
    ways: Table[Way] | None
    """Over the next crossing; none where no way leads on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inflow:
    """An entry with its lanes."""

    entry: Entry
    lanes: tuple[LaneFlow, ...]
    drive_s: float
    """Longest that a journey from here takes without lights."""
    drive_m: float
    lights: int
    """Most of them on the way."""


def make_inflow(ways: Ways, entry: Entry, ratios: Mapping[str, float], longest_m: float) -> Inflow:
    """Shares an entry's turns among its lanes: each turn by its ratio, evenly over the ways that make it.

    Turns that no lane makes are left out; where none is left all that there are count alike.
    """
    found = [(s, way) for s in entry.strips for way in ways.over(s) if way.turn is not None]
    there = [t for t in Turn if any(way.turn is t for _, way in found)]
    weights = {t: ratios.get(t, 0.0) for t in there}
    if sum(weights.values()) <= 0.0:
        weights = dict.fromkeys(there, 1.0)
    total = sum(weights.values())
    number = {t: sum(way.turn is t for _, way in found) for t in there}
    lanes = []
    for strip in entry.strips:
        own = [
            (way, weights[way.turn] / number[way.turn] / total)
            for s, way in found
            if s == strip and way.turn is not None and weights[way.turn] > 0.0
        ]
        if own:
            share = sum(weight for _, weight in own)
            lanes.append(LaneFlow(strip=strip, share=share, ways=Table(own)))
        elif not found:
            lanes.append(LaneFlow(strip=strip, share=1.0 / len(entry.strips), ways=None))
    drive_s, drive_m, lights = _longest(ways, entry, longest_m)
    return Inflow(entry=entry, lanes=tuple(lanes), drive_s=drive_s, drive_m=drive_m, lights=lights)


def _longest(ways: Ways, entry: Entry, longest_m: float) -> tuple[float, float, int]:
    """Seconds, metres and lights of the longest of some journeys."""
    rng = derive_rng("journeys", entry.name, entry.link)
    pieces, stops = ways.strips.strips, ways.strips.stop_along_m
    even = {turn.value: 1.0 for turn in Turn}
    most_s, most_m, lights = 0.0, 0.0, 0
    for k in range(_SAMPLES):
        chain, _ = ways.walk(rng, entry.strips[k % len(entry.strips)], even, longest_m)
        most_s = max(most_s, sum(pieces[s].length_m / (_SLOWEST * pieces[s].speed_mps) for s in chain))
        most_m = max(most_m, sum(pieces[s].length_m for s in chain))
        lights = max(lights, sum(s in stops for s in chain))
    return most_s, most_m, lights


def by_name(what: str, given: Mapping[str, object], entries: Sequence[Entry]) -> dict[int, object]:
    """Options of entries by their link. An option's name is the road's, or its first words.

    Raises ConfigError for a name that no entry has.
    """
    out: dict[int, object] = {}
    for name, value in given.items():
        meant = [e for e in entries if e.name == name or e.name.startswith(f"{name} ")]
        if not meant:
            known = ", ".join(e.name for e in entries) or "none"
            raise ConfigError(f"traffic {what}: no entry is called {name!r}; this map has {known}")
        out.update((e.link, value) for e in meant)
    return out
