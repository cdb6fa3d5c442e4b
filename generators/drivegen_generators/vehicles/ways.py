"""Ways over a crossing: from a lane of one link to a lane of the next, and the turn that each makes."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from drivegen.opendrive.lane_graph import Turn
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.vehicles.draws import choose
from drivegen_generators.vehicles.links import Links

_MOST_WAYS = 48
_LONGEST_M = 600.0
"""A way over a crossing is not longer; roundabouts lead round and round."""
_STRAIGHT_RAD = math.radians(42.0)
_BACK_RAD = math.radians(150.0)


TURNS: dict[str, float] = {Turn.LEFT: 0.20, Turn.THROUGH: 0.60, Turn.RIGHT: 0.18, Turn.U_TURN: 0.02}
"""Ratios where the configuration says nothing; this project's own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Strips after the one that it begins from."""

    strips: tuple[int, ...]
    turn: Turn | None
    """None: it leads to where traffic leaves the map, or to a dead end, without a crossing."""
    leaves: bool
    """Traffic leaves the map at the end of the last strip."""


class Ways:
    """Ways of a network, found when asked for and kept."""

    def __init__(self, network: RoadNetwork) -> None:
        self.links = Links.of(network)
        self.strips = self.links.strips
        self._known: dict[int, tuple[Way, ...]] = {}

    @staticmethod
    def of(network: RoadNetwork) -> Ways:
        """Those of a network, made once."""
        found = _KEPT.get(network)
        if found is None:
            found = _KEPT[network] = Ways(network)
        return found

    def over(self, strip: int) -> tuple[Way, ...]:
        """All ways from a strip to the next link, without changes of lane."""
        found = self._known.get(strip)
        if found is None:
            found = self._known[strip] = self._find(strip)
        return found

    def _find(self, start: int) -> tuple[Way, ...]:
        out: list[Way] = []
        if start in self.links.exits:
            return (Way(strips=(), turn=None, leaves=True),)
        home = self.links.link_of.get(start)
        pieces = self.strips.strips
        stack: list[tuple[tuple[int, ...], int, bool, float]] = [((), start, home is None, 0.0)]
        while stack and len(out) < _MOST_WAYS:
            path, at, crossed, length = stack.pop()
            after = self.strips.after[at]
            if not after and path:
                out.append(Way(strips=path, turn=None, leaves=False))
            # The first of the successors is looked at first.
            for step in reversed(after):
                if step in path or step == start:
                    continue
                link = self.links.link_of.get(step)
                if link is not None and crossed:
                    out.append(self._way(start, (*path, step)))
                elif link is not None and step in self.links.exits:
                    out.append(Way(strips=(*path, step), turn=None, leaves=True))
                else:
                    over = length + pieces[step].length_m
                    if over < _LONGEST_M or link is not None:
                        stack.append(((*path, step), step, link is None, over if link is None else 0.0))
        return tuple(sorted(out, key=lambda w: (w.turn or "", w.strips)))

    def _way(self, start: int, path: tuple[int, ...]) -> Way:
        pieces = self.strips.strips
        into = next((s for s in reversed((start, *path[:-1])) if s in self.links.link_of), start)
        turned = math.remainder(pieces[path[-1]].heading_rad[0] - pieces[into].heading_rad[-1], math.tau)
        if abs(turned) < _STRAIGHT_RAD:
            turn = Turn.THROUGH
        elif abs(turned) > _BACK_RAD:
            turn = Turn.U_TURN
        else:
            turn = Turn.LEFT if turned > 0.0 else Turn.RIGHT
        return Way(strips=path, turn=turn, leaves=path[-1] in self.links.exits)

    def choose(
        self, rng: np.random.Generator, starts: Sequence[int], ratios: Mapping[str, float]
    ) -> tuple[int, Way] | None:
        """A start among several lanes and a way from it; turns by their ratios among those that there are.

        None where no way leads on.
        """
        found = [(s, way) for s in starts for way in self.over(s)]
        turning = [(s, way) for s, way in found if way.turn is not None]
        if turning:
            weights = {t: ratios.get(t, 0.0) for t in Turn if any(w.turn is t for _, w in turning)}
            if sum(weights.values()) <= 0.0:
                weights = dict.fromkeys(weights, 1.0)
            turn = choose(rng, list(weights.items()))
            found = [(s, way) for s, way in turning if way.turn is turn]
        if not found:
            return None
        return found[int(rng.random() * len(found))]

    def walk(
        self,
        rng: np.random.Generator,
        start: int,
        ratios: Mapping[str, float],
        least_m: float,
        first: Way | None = None,
        within: Container[int] | None = None,
    ) -> tuple[tuple[int, ...], bool]:
        """Strips from `start` over one crossing after the other, until so far or where traffic leaves.

        Args:
            rng: To draw from.
            start: The first strip.
            ratios: Of turns.
            least_m: Longer routes end with the strip that makes them so long.
            first: The way over the first crossing; drawn where none is given.
            within: Links that the vehicle is in; it leaves on the first other one.

        Returns:
            The strips, `start` first; and whether the vehicle leaves the map at the end of the last.
        """
        out = [start]
        length = self.strips.strips[start].length_m
        way = first
        while length < least_m:
            if way is None:
                chosen = self.choose(rng, (out[-1],), ratios)
                if chosen is None:
                    return tuple(out), False
                way = chosen[1]
            out.extend(way.strips)
            length += sum(self.strips.strips[s].length_m for s in way.strips)
            if way.leaves:
                return tuple(out), True
            if within is not None and self.links.link_of.get(out[-1]) not in within:
                return tuple(out), True
            if not way.strips:
                break
            way = None
        return tuple(out), False


_KEPT: WeakKeyDictionary[RoadNetwork, Ways] = WeakKeyDictionary()
