"""Estates: a ring of streets with streets across it, and gates to the outside.

A rectangle of streets with rounded corners has up to four junctions, one in each side; from some of them
streets lead inwards and meet, from some a gate leads out to a turn-around.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drivegen.opendrive.model import Junction, Line, Road, RoadNetwork
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.crossing import Control, Crossing
from drivegen_generators.roads.extras import Stretch
from drivegen_generators.roads.fittings import arm_speed_signs
from drivegen_generators.roads.layout import ArmPlan, edge_distances
from drivegen_generators.roads.link import Link, LinkEnd
from drivegen_generators.roads.network import geo_reference
from drivegen_generators.roads.plan_view import Heading, Path, Point
from drivegen_generators.roads.street import rounded, street_roads

SIDES = ("east", "north", "west", "south")
_CENTRE = 4
_OFF_CENTRE = 0.12
"""Inner streets meet at most this share of the ring's size from its middle."""
_FIRST_JUNCTION = 900
_FIRST_GATE = 200
_STREET_MARGIN_M = (14.0, 16.0)
"""Nothing is fitted so near to where a street begins, and to where it ends."""
_WIDE_MARGIN_M = (22.0, 42.0)
"""The same of streets with several lanes, which have arrows and lines that may not be crossed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstatePlan:
    """What is drawn of an estate."""

    width_m: float
    """Of the ring, from axis to axis."""
    depth_m: float
    middle: Point
    """Where inner streets meet, in shares of width and depth from the ring's middle."""
    inner: tuple[int, ...]
    """Sides (`SIDES`) from which a street leads inwards, ascending; at least two."""
    gates: tuple[int, ...]
    """Sides with a gate, ascending."""
    gate_m: float
    """From the ring to a gate's turn-around."""
    corner_m: float
    """Radius of the axis in corners."""
    kerb_m: float
    """Radius of kerbs at junctions."""
    turned_rad: float
    ring: CrossSection
    across: CrossSection
    """Of inner streets and gates."""
    speed_mps: float
    stops: bool
    """Who gives way has a stop sign; else a yield sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """A finished estate."""

    network: RoadNetwork
    stretches: tuple[Stretch, ...]
    """Straight parts of its streets, for `with_extras`."""
    gates: tuple[Arm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Street:
    """Between the arms (node, bearing) of two junctions, by corners."""

    a: tuple[int, float]
    b: tuple[int, float]
    corners: tuple[Point, ...]
    section: CrossSection
    name: str


class _Layout:
    """Nodes, streets and arms of a plan. Before it is turned the ring's middle is (0, 0), x east."""

    def __init__(self, plan: EstatePlan) -> None:
        self.plan = plan
        half_w, half_d = plan.width_m / 2.0, plan.depth_m / 2.0
        x, y = plan.middle[0] * plan.width_m, plan.middle[1] * plan.depth_m
        self.nodes: tuple[Point, ...] = ((half_w, y), (x, half_d), (-half_w, y), (x, -half_d), (x, y))
        self._corners: tuple[Point, ...] = (
            (half_w, half_d),
            (-half_w, half_d),
            (-half_w, -half_d),
            (half_w, -half_d),
        )
        self.streets = (*self._ring(), *self._inner())
        self.arms = self._arms()

    def _ring(self) -> list[_Street]:
        """Anticlockwise from junction to junction, past sides without one."""
        used = sorted({*self.plan.inner, *self.plan.gates})
        out = []
        for i, side in enumerate(used):
            to = used[(i + 1) % len(used)]
            count = (to - side - 1) % 4 + 1
            out.append(
                _Street(
                    a=(side, (side + 1) * math.pi / 2.0),
                    b=(to, (to - 1) * math.pi / 2.0),
                    corners=tuple(self._corners[(side + n) % 4] for n in range(count)),
                    section=self.plan.ring,
                    name=f"{SIDES[side]} ring",
                )
            )
        return out

    def _inner(self) -> list[_Street]:
        inner = self.plan.inner
        inward = [(side + 2) * math.pi / 2.0 for side in inner]
        if len(inner) == 2:
            bent = (inner[1] - inner[0]) % 2 == 1
            return [
                _Street(
                    a=(inner[0], inward[0]),
                    b=(inner[1], inward[1]),
                    corners=(self.nodes[_CENTRE],) if bent else (),
                    section=self.plan.across,
                    name="middle",
                )
            ]
        return [
            _Street(
                a=(side, bearing),
                b=(_CENTRE, side * math.pi / 2.0),
                corners=(),
                section=self.plan.across,
                name=f"{SIDES[side]} street",
            )
            for side, bearing in zip(inner, inward, strict=True)
        ]

    def _arms(self) -> dict[int, list[tuple[float, int | None]]]:
        """By node (bearing, street or None for a gate), anticlockwise."""
        out: dict[int, list[tuple[float, int | None]]] = {}
        for number, street in enumerate(self.streets):
            for node, bearing in (street.a, street.b):
                out.setdefault(node, []).append((bearing % math.tau, number))
        for side in self.plan.gates:
            out[side].append((side * math.pi / 2.0, None))
        return {node: sorted(arms, key=lambda v: v[0]) for node, arms in sorted(out.items())}

    def turned(self, at: Point) -> Point:
        """In the map frame."""
        c, s = math.cos(self.plan.turned_rad), math.sin(self.plan.turned_rad)
        return at[0] * c - at[1] * s, at[0] * s + at[1] * c

    def edges_m(self, node: int) -> list[float]:
        """Distance of each arm's beginning from its node."""
        plans = [
            ArmPlan(
                name="",
                bearing_rad=bearing,
                section=self.section(number),
                length_m=0.0,
                bend_pm=0.0,
                speed_mps=self.plan.speed_mps,
            )
            for bearing, number in self.arms[node]
        ]
        return edge_distances(plans, (self.plan.kerb_m,) * len(plans))

    def section(self, street: int | None) -> CrossSection:
        """Of a street, or of a gate."""
        return self.plan.across if street is None else self.streets[street].section

    def start(self, node: int, bearing: float) -> Heading:
        """An arm's beginning, outwards from its node, in the map frame."""
        k = next(i for i, v in enumerate(self.arms[node]) if abs(v[0] - bearing % math.tau) < 1e-9)
        x, y = self.turned(self.nodes[node])
        at = Heading(x_m=x, y_m=y, heading_rad=bearing + self.plan.turned_rad)
        return at.moved(self.edges_m(node)[k], 0.0)


def build_estate(plan: EstatePlan, name: str, *, latitude_deg: float, longitude_deg: float) -> Estate:
    """The network of a plan. Raises ConfigError where streets are too short for their junctions."""
    layout = _Layout(plan)
    links = [_link(layout, number, street) for number, street in enumerate(layout.streets)]
    gates = {side: _gate(layout, side, number) for number, side in enumerate(plan.gates)}
    crossings = [_crossing(layout, i, node, links, gates) for i, node in enumerate(layout.arms)]
    roads: list[Road] = []
    for number, link in enumerate(links):
        ends = []
        for node, bearing in (layout.streets[number].a, layout.streets[number].b):
            i = list(layout.arms).index(node)
            k = next(j for j, v in enumerate(layout.arms[node]) if v == (bearing % math.tau, number))
            ends.append(crossings[i].arm_fittings(k))
        roads.extend(street_roads(link, ends[0], ends[1]))
    streets = tuple(roads)
    for side, arm in gates.items():
        i = list(layout.arms).index(side)
        k = next(j for j, v in enumerate(layout.arms[side]) if v[1] is None)
        put = crossings[i].arm_fittings(k)
        _, slow, limit = arm_speed_signs(arm, crossings[i].first_signal + 100 + 10 * k)
        roads.extend(
            arm.roads(put.out_objects, put.in_objects, put.out_signals, (*put.in_signals, limit), (slow,))
        )
    junctions: list[Junction] = []
    for crossing in crossings:
        movements = crossing.movements()
        roads.extend(m.road for m in movements)
        junctions.append(replace(crossing.junction_element(movements), name=f"crossing {crossing.junction}"))
    network = RoadNetwork(
        name=name,
        geo_reference=geo_reference(latitude_deg, longitude_deg),
        roads=tuple(roads),
        junctions=tuple(junctions),
        source=name,
    )
    return Estate(network=network, stretches=_stretches(streets), gates=tuple(gates.values()))


def _link(layout: _Layout, number: int, street: _Street) -> Link:
    start, end = layout.start(*street.a), layout.start(*street.b)
    points = [layout.turned(v) for v in street.corners]
    name = street.name
    return Link(
        there=1 + 2 * number,
        back=2 + 2 * number,
        name=name,
        axis=rounded(start, points, end, layout.plan.corner_m, name),
        a=LinkEnd(name=name, junction=_junction(layout, street.a[0]), section=street.section),
        b=LinkEnd(name=name, junction=_junction(layout, street.b[0]), section=street.section),
        speed_mps=layout.plan.speed_mps,
    )


def _junction(layout: _Layout, node: int) -> int:
    return _FIRST_JUNCTION + list(layout.arms).index(node)


def _gate(layout: _Layout, side: int, number: int) -> Arm:
    first = _FIRST_GATE + 10 * number
    return Arm(
        ids=ArmIds(out=first + 1, loop=first + 2, into=first + 3),
        name=f"{SIDES[side]} gate",
        axis=Path(layout.start(side, side * math.pi / 2.0)).line(layout.plan.gate_m),
        section=layout.plan.across,
        pocket_length_m=0.0,
        speed_mps=layout.plan.speed_mps,
        junction=_junction(layout, side),
    )


def _crossing(
    layout: _Layout, number: int, node: int, links: Sequence[Link], gates: dict[int, Arm]
) -> Crossing:
    arms: list[Arm] = []
    for bearing, street in layout.arms[node]:
        if street is None:
            arms.append(gates[node])
        else:
            first = layout.streets[street].a
            at_a = first[0] == node and abs(first[1] % math.tau - bearing) < 1e-9
            arms.append(links[street].arm_a if at_a else links[street].arm_b)
    inner = node == _CENTRE
    through = _through(layout, node)
    return Crossing(
        arms=tuple(arms),
        junction=_FIRST_JUNCTION + number,
        first_road=1000 + 100 * number,
        first_signal=10_000 + 1000 * number,
        first_controller=8000 + 10 * number,
        first_object=20_000 + 1000 * number,
        kerb_radii_m=(layout.plan.kerb_m,) * len(arms),
        control=Control.NONE if inner else Control.STOP if layout.plan.stops else Control.YIELD,
        minor=() if inner else tuple(k for k in range(len(arms)) if k not in through),
    )


def _through(layout: _Layout, node: int) -> list[int]:
    """Arms of the ring at a node; they go first."""
    count = sum(street.name.endswith("ring") for street in layout.streets)
    return [k for k, (_, street) in enumerate(layout.arms[node]) if street is not None and street < count]


def _stretches(streets: Sequence[Road]) -> tuple[Stretch, ...]:
    """The straight pieces, away from the junctions; lanes are closed on long ones only."""
    out = []
    for road in streets:
        several = sum(v.type == "driving" for v in road.lane_sections[0].lanes) > 1
        first, last = _WIDE_MARGIN_M if several else _STREET_MARGIN_M
        for piece in road.geometries:
            if not isinstance(piece.shape, Line):
                continue
            start, end = max(piece.s_m, first), min(piece.s_m + piece.length_m, road.length_m - last)
            if end - start > 10.0:
                out.append(Stretch(road_id=road.id, start_m=start, end_m=end, closable=several))
    return tuple(out)


def draw_shape(
    rng: np.random.Generator, *, inner: int, gates: int
) -> tuple[Point, tuple[int, ...], tuple[int, ...], float]:
    """(middle, inner, gates, turned_rad) of an `EstatePlan`; the first two inner streets face each other."""
    middle = (float(rng.uniform(-_OFF_CENTRE, _OFF_CENTRE)), float(rng.uniform(-_OFF_CENTRE, _OFF_CENTRE)))
    order = [int(v) for v in rng.permutation(4)]
    across = order[0] % 2
    first = [across, across + 2, *(v for v in order if v % 2 != across)]
    sides = [int(v) for v in rng.permutation(4)]
    turned = float(rng.uniform(-math.pi, math.pi))
    return middle, tuple(sorted(first[:inner])), tuple(sorted(sides[:gates])), turned
