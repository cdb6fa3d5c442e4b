"""Roads of a district from its grid of streets."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import Controller, Junction, Road
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.carriageway import APART_M, EASE_M, LANE_CHANGE_M, LEAD_M, TAPER_M
from drivegen_generators.roads.crossing import Control
from drivegen_generators.roads.district_config import DistrictConfig
from drivegen_generators.roads.fittings import fitted_arm
from drivegen_generators.roads.link import Link, LinkEnd
from drivegen_generators.roads.options import as_pair, draw_between
from drivegen_generators.roads.plan_view import Heading, Path, biarc
from drivegen_generators.roads.site import IDS_EACH, CrossingSite, Site, SiteArm, least_gap, make_site
from drivegen_generators.roads.street_grid import Kind, Node, Side, Street, StreetGrid
from drivegen_generators.roads.turns import Turn, plan_lanes

_POCKET_NARROWER_M = 0.25
_POCKET_BLOCK_M = 240.0
"""Shorter blocks have no pockets."""
_LEAST_POCKET_M = 20.0
"""Between its taper and the solid lines there is room to change lanes."""
_SLIP_BLOCK_M = 320.0
"""Shorter blocks have no slips."""
_OUTER_BLOCK_M = 40.0
"""Beyond the last junction there is so much more room than the shortest block has."""
_MIDBLOCK_M = 260.0
"""Least length of a link that has a crossing for people."""
_RING_MEDIAN_M = 2.5
_RING_GAP_RAD = math.radians(80.0)
_LOOP_M = 107.0
"""What a turn-around takes beyond its arm, and stays clear of others."""
_LEAST_OUTER_M = 75.0
_OUTER_STRAIGHT_M = 30.0
_OUTER_BEND_M = 400.0
_OUTER_ROADS = 50
_LINK_ROADS = 70
_TURNS = {1: Turn.RIGHT, 2: Turn.THROUGH, 3: Turn.LEFT}
"""By how many sides farther anticlockwise traffic leaves than it came."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """A junction in the making."""

    site: Site
    slots: tuple[Side, ...]
    """Sides of its arms, anticlockwise."""
    arms: dict[Side, Arm] = field(default_factory=dict)


class DistrictBuilder:
    """Draws what a grid leaves open, and makes its roads, junctions and controllers."""

    def __init__(self, config: DistrictConfig, rng: np.random.Generator, grid: StreetGrid) -> None:
        self._config, self._rng, self._grid = config, rng, grid
        self.roads: list[Road] = []
        self.junctions: list[Junction] = []
        self.controllers: list[Controller] = []
        self._arterial, self._minor = self._draw_sections()
        self._places: dict[Node, _Place] = {}
        self._crossings: list[_Place] = []
        self._links: list[tuple[Link, tuple[_Place, Side], tuple[_Place, Side]]] = []
        self._choose_arms()
        for number, node in enumerate(grid.nodes.values(), 1):
            self._places[node] = self._make_place(node, IDS_EACH * number)
        for node in grid.nodes.values():
            self._join(node)
        self._build()

    def _draw_sections(self) -> tuple[CrossSection, CrossSection]:
        """Widths that all arterials share, and those of all minor streets."""
        config, rng = self._config, self._rng
        names = ("lane_width_m", "separator_width_m", "bicycle_lane_width_m", "pavement_width_m")
        lane, separator, bicycle, pavement = (draw_between(rng, as_pair(getattr(config, n))) for n in names)
        minor_lane = draw_between(rng, as_pair(config.minor_lane_width_m))
        minor_bicycle = draw_between(rng, as_pair(config.minor_bicycle_lane_width_m))
        minor_pavement = draw_between(rng, as_pair(config.minor_pavement_width_m))
        arterial = CrossSection(
            lanes=2,
            lane_m=lane,
            median_m=0.0,
            separator_m=separator,
            bicycle_m=bicycle,
            pavement_m=pavement,
            pocket_m=0.0,
        )
        minor = CrossSection(
            lanes=1,
            lane_m=minor_lane,
            median_m=0.0,
            separator_m=0.0,
            bicycle_m=minor_bicycle,
            pavement_m=minor_pavement,
            pocket_m=0.0,
        )
        return arterial, minor

    def _choose_arms(self) -> None:
        """Leaves out ends of streets, and blocks of minor ones, where what is left can be a junction."""
        config, rng, grid = self._config, self._rng, self._grid
        for node in grid.nodes.values():
            for side in Side:
                if grid.beyond(node, side) is None and rng.random() >= config.outer_arms:
                    self._leave_out([(node, side)])
        for node in grid.nodes.values():
            for side in (Side.EAST, Side.NORTH):
                other = grid.beyond(node, side)
                drawn = rng.random() < config.dropped
                if other is not None and drawn and not grid.street(node, side).arterial:
                    self._leave_out([(node, side), (other, side.opposite)])
        for node in grid.nodes.values():
            tight = len(node.sides) < 4 or least_gap(node.bearings_rad) < _RING_GAP_RAD
            if node.kind is Kind.ROUNDABOUT and tight:
                node.kind = Kind.PRIORITY

    def _leave_out(self, arms: list[tuple[Node, Side]]) -> None:
        for node, side in arms:
            node.sides.discard(side)
        if not all(self._can_be(node) for node, _ in arms) or (len(arms) > 1 and not self._connected()):
            for node, side in arms:
                node.sides.add(side)

    def _can_be(self, node: Node) -> bool:
        """Whether the lanes of all arms lead on."""
        if len(node.sides) < 3:
            return False
        arms = {side: self._bare_arm(node, side) for side in node.sides}
        try:
            for side in sorted(node.sides):
                plan_lanes(arms[side], {turn: arms[to] for turn, to in self._exits(node, side).items()})
        except ConfigError:
            return False
        return True

    def _bare_arm(self, node: Node, side: Side) -> Arm:
        at = Heading(x_m=0.0, y_m=0.0, heading_rad=node.bearings_rad[side])
        return Arm(
            ids=ArmIds(out=0, loop=0, into=0),
            name=side.name.lower(),
            axis=Path(at),
            section=self._section(node, side),
            pocket_length_m=0.0,
            speed_mps=1.0,
            junction=0,
        )

    def _exits(self, node: Node, side: Side) -> dict[Turn, Side]:
        return {_TURNS[(to - side) % 4]: to for to in sorted(node.sides) if to is not side}

    def _connected(self) -> bool:
        first = next(iter(self._grid.nodes.values()))
        seen, queue = {first}, [first]
        for node in queue:  # grows
            for side in sorted(node.sides):
                other = self._grid.beyond(node, side)
                if other is not None and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return len(seen) == len(self._grid.nodes)

    def _section(self, node: Node, side: Side) -> CrossSection:
        """Of an arm, as its junction sees it."""
        street = self._grid.street(node, side)
        lanes = node.lanes[side % 2]
        if not street.arterial:
            median = _RING_MEDIAN_M if node.kind is Kind.ROUNDABOUT else 0.0
            return dataclasses.replace(self._minor, lanes=lanes, median_m=median)
        roomy = self._grid.block_m(node, side) >= _POCKET_BLOCK_M
        pocket = 0.0
        if roomy and Turn.LEFT in self._exits(node, side):
            pocket = self._arterial.lane_m - _POCKET_NARROWER_M
        return dataclasses.replace(self._arterial, lanes=lanes, median_m=street.median_m, pocket_m=pocket)

    def _make_place(self, node: Node, number: int) -> _Place:
        slots = tuple(sorted(node.sides))
        arms = []
        for side in slots:
            street = self._grid.street(node, side)
            block = self._grid.block_m(node, side)
            if math.isinf(block):
                block = self._config.block_m[0] + _OUTER_BLOCK_M
            arms.append(
                SiteArm(
                    name=f"{side.name.lower()} {street.name}",
                    bearing_rad=node.bearings_rad[side],
                    section=self._section(node, side),
                    arterial=street.arterial,
                    roomy=block >= _SLIP_BLOCK_M,
                )
            )
        if len(slots) == 3:
            minor = [side for side in slots if side.opposite not in slots]
        else:
            minor = [side for side in slots if (side % 2 == 1) == (node.lanes[0] >= node.lanes[1])]
        give_way = tuple(slots.index(side) for side in minor)
        site = make_site(self._config, self._rng, node.at, number, arms, node.kind, give_way)
        return _Place(site=site, slots=slots)

    def _join(self, node: Node) -> None:
        """Streets from a junction eastwards and northwards, and its streets that lead out of the district."""
        place = self._places[node]
        for side in place.slots:
            other = self._grid.beyond(node, side)
            if other is None:
                place.arms[side] = self._outer_arm(node, place, side)
            elif side in (Side.EAST, Side.NORTH):
                self._street(node, place, self._places[other], side)

    def _outer_arm(self, node: Node, place: _Place, side: Side) -> Arm:
        config, rng, k = self._config, self._rng, place.slots.index(side)
        edge = place.site.edge(k)
        drawn = draw_between(rng, as_pair(config.outer_length_m))
        room = config.block_m[0] - _LOOP_M - math.dist((edge.x_m, edge.y_m), node.at)
        length = max(_LEAST_OUTER_M, min(drawn, round(room, 2)))
        bend = float(rng.uniform(-1.0, 1.0)) / _OUTER_BEND_M
        first = place.site.number + _OUTER_ROADS + 3 * side
        street = self._grid.street(node, side)
        pocket = draw_between(rng, as_pair(config.pocket_length_m))
        return Arm(
            ids=ArmIds(out=first, loop=first + 1, into=first + 2),
            name=f"{side.name.lower()} {street.name}",
            axis=Path(edge).line(_OUTER_STRAIGHT_M).arc(length - _OUTER_STRAIGHT_M, bend),
            section=self._section(node, side),
            pocket_length_m=min(pocket, length - TAPER_M - APART_M),
            speed_mps=self._speed_mps(street),
            junction=place.site.junction(k),
        )

    def _speed_mps(self, street: Street) -> float:
        kmh = self._config.arterial_limit_kmh if street.arterial else self._config.minor_limit_kmh
        return kmh / 3.6

    def _street(self, node: Node, place: _Place, other: _Place, side: Side) -> None:
        """Between two junctions, perhaps with a crossing on the way."""
        street = self._grid.street(node, side)
        far = self._grid.beyond(node, side)
        assert far is not None
        ends = (
            (place, side, self._section(node, side)),
            (
                other,
                side.opposite,
                self._section(far, side.opposite),
            ),
        )
        crossed = bool(self._rng.random() < self._config.midblock)
        lights = bool(self._rng.random() < 0.5)
        first, last = (p.site.edge(p.slots.index(s)) for p, s, _ in ends)
        apart = math.hypot(last.x_m - first.x_m, last.y_m - first.y_m)
        road = place.site.number + _LINK_ROADS + side * 2
        if not (street.arterial and crossed and apart >= _MIDBLOCK_M):
            self._link(street, road, *ends)
            return
        bearing = math.atan2(last.y_m - first.y_m, last.x_m - first.x_m)
        at = (0.5 * (first.x_m + last.x_m), 0.5 * (first.y_m + last.y_m))
        section = dataclasses.replace(ends[0][2], pocket_m=0.0)
        number = IDS_EACH * (len(self._places) + len(self._crossings) + 1)
        arms = [
            SiteArm(
                name=f"{s.name.lower()} {street.name}",
                bearing_rad=turned,
                section=section,
                arterial=True,
                roomy=False,
            )
            for s, turned in ((side, bearing), (side.opposite, bearing + math.pi))
        ]
        control = Control.SIGNALS if lights else Control.NONE
        site = CrossingSite(self._config, self._rng, at, number, arms, control)
        middle = _Place(site=site, slots=(side, side.opposite))
        self._crossings.append(middle)
        self._link(street, road, ends[0], (middle, side.opposite, section))
        self._link(street, number + _LINK_ROADS, (middle, side, section), ends[1])

    def _link(
        self,
        street: Street,
        road: int,
        a: tuple[_Place, Side, CrossSection],
        b: tuple[_Place, Side, CrossSection],
    ) -> None:
        first, last = (place.site.edge(place.slots.index(side)) for place, side, _ in (a, b))
        axis = biarc(first, last.turned_back())
        drawn = draw_between(self._rng, as_pair(self._config.pocket_length_m))
        ends = []
        for (place, side, section), start in ((a, b[2]), (b, a[2])):
            ends.append(
                LinkEnd(
                    name=f"{side.name.lower()} {street.name}",
                    junction=place.site.junction(place.slots.index(side)),
                    section=section,
                    pocket_length_m=_pocket_m(drawn, axis.length_m, start, section),
                )
            )
        link = Link(
            there=road,
            back=road + 1,
            name=street.name,
            axis=axis,
            a=ends[0],
            b=ends[1],
            speed_mps=self._speed_mps(street),
        )
        a[0].arms[a[1]], b[0].arms[b[1]] = link.arm_a, link.arm_b
        self._links.append((link, a[:2], b[:2]))

    def _build(self) -> None:
        places = [*self._places.values(), *self._crossings]
        built = {place: place.site.build([place.arms[side] for side in place.slots]) for place in places}
        for place, made in built.items():
            for k, side in enumerate(place.slots):
                if place.arms[side].ids.loop:
                    arm, put = place.arms[side], made.fittings[k]
                    self.roads.extend(fitted_arm(arm, put, place.site.sign_ids(k)))
        for link, a, b in self._links:
            at_a, at_b = (built[place].fittings[place.slots.index(side)] for place, side in (a, b))
            self.roads.extend(link.roads(at_a, at_b))
        for made in built.values():
            self.roads.extend(made.roads)
            self.junctions.extend(made.junctions)
            self.controllers.extend(made.controllers)


def _pocket_m(drawn_m: float, length_m: float, start: CrossSection, end: CrossSection) -> float:
    """Length of a pocket without its taper, as drawn or so much as the link has room for."""
    if end.pocket_m <= 0.0:
        return 0.0
    eased = start.lane_m != end.lane_m or start.outer != end.outer
    changed = LEAD_M + (EASE_M if eased else 0.0) + LANE_CHANGE_M * abs(start.lanes - end.lanes)
    room = min(length_m / 2.0 - 10.0, length_m - changed) - TAPER_M - APART_M
    return max(_LEAST_POCKET_M, min(drawn_m, room))
