"""Links between crossings: carriageways that follow each other without a junction, where traffic enters a
map, and where it leaves.

A link is long; junctions that lie so close together that nothing fits between them, as those around a
roundabout do, are one crossing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64, Int64

from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen_generators.vehicles.strips import Strips

_CROSSING_M = 40.0
"""Carriageways between junctions that are shorter belong to a crossing."""
_TURNED_RAD = math.radians(150.0)
"""A road between two others that turns by more than this is a turn-around."""
_END_M = 12.0
"""Vehicles leave so far before the end of a road that ends."""

Carriageway = tuple[int, int]
"""Road and direction: -1 along the road, 1 against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A chain of carriageways from one crossing to the next."""

    index: int
    chain: tuple[Carriageway, ...]
    length_m: float
    entry: int | None
    """Place in the chain where traffic enters the map; none where it comes from a crossing alone."""
    exit: int | None
    """Place in the chain at whose end traffic leaves the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where traffic enters the map."""

    name: str
    """Of the road."""
    link: int
    strips: tuple[int, ...]
    """Driving lanes, from left to right."""


class Links:
    """The links of a network; `of` keeps them for as long as the network lives."""

    def __init__(self, network: RoadNetwork) -> None:
        self.strips = strips = Strips.of(network)
        self._lanes: dict[Carriageway, list[list[int]]] = {}
        self._feeders: dict[int, frozenset[int]] = {}
        for strip in strips.strips:
            if strip.kind is LaneType.DRIVING and strip.junction is None:
                side = -1 if strip.ref.lane_id < 0 else 1
                sections = self._lanes.setdefault((strip.ref.road_id, side), [])
                if not sections or strips.strips[sections[-1][-1]].ref.section != strip.ref.section:
                    sections.append([])
                sections[-1].append(strip.index)
        for (_, side), sections in self._lanes.items():
            # As the traffic meets them, and from left to right.
            sections[:] = [sorted(s, key=self._out) for s in (sections if side < 0 else sections[::-1])]
        self.links = self._make()
        self.link_of: dict[int, int] = {
            strip: link.index
            for link in self.links
            for carriageway in link.chain
            for section in self._lanes[carriageway]
            for strip in section
        }
        """By strip; strips of crossings have none."""
        self.entries = tuple(self._entry(link) for link in self.links if link.entry is not None)
        self.exits = frozenset(
            strip
            for link in self.links
            if link.exit is not None
            for strip in self._lanes[link.chain[link.exit]][-1]
        )
        """Strips at whose end traffic leaves the map."""

    @staticmethod
    def of(network: RoadNetwork) -> Links:
        """Those of a network, made once."""
        found = _KEPT.get(network)
        if found is None:
            found = _KEPT[network] = Links(network)
        return found

    def leaves_at_m(self, strip: int) -> float:
        """How far along an exit strip vehicles leave."""
        length = self.strips.strips[strip].length_m
        return max(length - (_END_M if not self.strips.after[strip] else 1.0), 0.5 * length)

    def first(self, link: int) -> list[int]:
        """Lanes where a link begins, from left to right."""
        return self._lanes[self.links[link].chain[0]][0]

    def near(self, x_m: float, y_m: float, radius_m: float) -> frozenset[int]:
        """Links of which some part lies within a radius."""
        xy, link = self._samples
        close = np.hypot(xy[:, 0] - x_m, xy[:, 1] - y_m) < radius_m
        return frozenset(link[close].tolist())

    @cached_property
    def _samples(self) -> tuple[Float64[np.ndarray, "n 2"], Int64[np.ndarray, "n"]]:
        xy: list[tuple[float, float]] = []
        of: list[int] = []
        for link in self.links:
            for carriageway in link.chain:
                for section in self._lanes[carriageway]:
                    piece = self.strips.strips[section[0]]
                    for k in range(int(piece.length_m // _SAMPLE_M) + 1):
                        xy.append(piece.at(k * _SAMPLE_M)[:2])
                        of.append(link.index)
        return np.array(xy, dtype=np.float64).reshape(-1, 2), np.array(of, dtype=np.int64)

    def feeders(self, link: int) -> frozenset[int]:
        """Links that lead over a crossing into one."""
        found = self._feeders.get(link)
        if found is None:
            seen = set(self.first(link))
            queue = list(seen)
            out = set()
            while queue:
                for before in self.strips.before[queue.pop()]:
                    if before in self.link_of:
                        out.add(self.link_of[before])
                    elif before not in seen:
                        seen.add(before)
                        queue.append(before)
            found = self._feeders[link] = frozenset(out)
        return found

    def inner_entry(self, link: int) -> Entry:
        """The beginning of a link as an entry, for scenes that do not hold the whole map."""
        road, side = self.links[link].chain[0]
        return Entry(name=self._name(road, side), link=link, strips=tuple(self.first(link)))

    def bicycle_lanes(self, link: int) -> tuple[int | None, int | None]:
        """Bicycle lanes of a link: at whose beginning riders come into the map, at whose end they leave."""
        found = self.links[link]
        beside = self.strips.bicycle_lane
        enter = None if found.entry is None else beside(self._lanes[found.chain[found.entry]][0][0])
        leave = None if found.exit is None else beside(self._lanes[found.chain[found.exit]][-1][0])
        return enter, leave

    def _out(self, strip: int) -> int:
        return abs(self.strips.strips[strip].ref.lane_id)

    def _make(self) -> tuple[Link, ...]:
        following: dict[Carriageway, Carriageway] = {}
        led: set[Carriageway] = set()
        for key, sections in self._lanes.items():
            for strip in sections[-1]:
                for after in self.strips.after[strip]:
                    ref = self.strips.strips[after].ref
                    other = (ref.road_id, -1 if ref.lane_id < 0 else 1)
                    if other in self._lanes and other != key and key not in following:
                        following[key] = other
                        led.add(other)
        chains: list[tuple[Carriageway, ...]] = []
        seen: set[Carriageway] = set()
        # Rings without a junction have no beginning: they come last, from wherever they are met.
        for start in (*(k for k in self._lanes if k not in led), *self._lanes):
            chain: list[Carriageway] = []
            at: Carriageway | None = start
            while at is not None and at not in seen:
                seen.add(at)
                chain.append(at)
                at = following.get(at)
            if chain:
                chains.append(tuple(chain))
        found = (self._link(chain) for chain in chains)
        kept = [link for link in found if link is not None]
        return tuple(
            Link(index=i, chain=k.chain, length_m=k.length_m, entry=k.entry, exit=k.exit)
            for i, k in enumerate(kept)
        )

    def _link(self, chain: tuple[Carriageway, ...]) -> Link | None:
        """None for those that belong to a crossing."""
        roads = self.strips.network.road_by_id
        length = sum(roads[road].length_m for road, _ in chain)
        begins = any(self.strips.before[s] for s in self._lanes[chain[0]][0])
        ends = any(self.strips.after[s] for s in self._lanes[chain[-1]][-1])
        if begins and ends and length < _CROSSING_M:
            return None
        entry = None if begins else 0
        leave = None if ends else len(chain) - 1
        if begins and ends and len(chain) > 2:
            turn = self._turn(chain)
            if turn is not None:
                entry, leave = turn + 1, turn - 1
        return Link(index=0, chain=chain, length_m=length, entry=entry, exit=leave)

    def _turn(self, chain: tuple[Carriageway, ...]) -> int | None:
        """Place in the chain of the road that turns the traffic back to where it came from."""
        for k in range(1, len(chain) - 1):
            pieces = [self.strips.strips[section[0]] for section in self._lanes[chain[k]]]
            turned = sum(p.heading_rad[-1] - p.heading_rad[0] for p in pieces)
            if abs(turned) > _TURNED_RAD:
                return k
        return None

    def _name(self, road: int, side: int) -> str:
        name = self.strips.network.road_by_id[road].name or f"road {road}"
        return name if side < 0 else f"{name} (against s)"

    def _entry(self, link: Link) -> Entry:
        place = link.entry if link.entry is not None else 0
        return Entry(
            name=self._name(*link.chain[place]),
            link=link.index,
            strips=tuple(self._lanes[link.chain[place]][0]),
        )


_SAMPLE_M = 25.0

_KEPT: WeakKeyDictionary[RoadNetwork, Links] = WeakKeyDictionary()
