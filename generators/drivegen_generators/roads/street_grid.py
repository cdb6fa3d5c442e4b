"""Where the streets of a district run, which of them meet, and how: drawn before any road is made."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen_generators.roads.district_config import DistrictConfig
from drivegen_generators.roads.options import as_pair, draw_between
from drivegen_generators.roads.plan_view import Point
from drivegen_generators.roads.street_names import street_name

_WIND_SHARE = 0.08
"""Of a block: how far a street winds to both sides at full irregularity."""
_SCATTER_SHARE = 0.03
_WIND_BLOCKS = 6.0
"""Blocks from bend to bend."""
_ASPECT = 1.15
_CHANGE_BLOCK_M = 350.0
"""Shorter blocks keep their lanes."""


class Side(IntEnum):
    """Where an arm leaves a junction; anticlockwise."""

    EAST = 0
    NORTH = 1
    WEST = 2
    SOUTH = 3

    @property
    def opposite(self) -> Side:
        """Across the junction."""
        return Side((self + 2) % 4)


class Kind(StrEnum):
    """Forms of junctions."""

    SIGNALS = "signals"
    PRIORITY = "priority"
    ROUNDABOUT = "roundabout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A line of the grid."""

    name: str
    arterial: bool
    lanes: int
    """Of one direction, where it begins."""
    median_m: float


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """Where two streets meet."""

    column: int
    row: int
    at: Point
    kind: Kind
    bearings_rad: tuple[float, ...] = ()
    """Of the four sides."""
    lanes: tuple[int, int] = (1, 1)
    """Of the street from west to east, and of that from south to north."""
    sides: set[Side] = field(default_factory=set)
    """Those with an arm."""


@dataclass(slots=True, kw_only=True, eq=False)
class StreetGrid:
    """Junctions by column and row, and the streets."""

    rows: tuple[Street, ...]
    """From west to east, the southernmost first."""
    columns: tuple[Street, ...]
    nodes: dict[tuple[int, int], Node]
    """In the order of their drawing, row by row."""

    def street(self, node: Node, side: Side) -> Street:
        """The street that leaves a junction on a side."""
        return self.rows[node.row] if side in (Side.EAST, Side.WEST) else self.columns[node.column]

    def beyond(self, node: Node, side: Side) -> Node | None:
        """The next place on the grid on a side, whether or not a street leads there."""
        step = ((1, 0), (0, 1), (-1, 0), (0, -1))[side]
        return self.nodes.get((node.column + step[0], node.row + step[1]))

    def block_m(self, node: Node, side: Side) -> float:
        """Distance to the next junction; infinite where there is none."""
        other = self.beyond(node, side)
        return math.inf if other is None else math.dist(node.at, other.at)


def draw_grid(config: DistrictConfig, rng: np.random.Generator, *, count_lights: bool) -> StreetGrid:
    """Streets and junctions; which arms are left out is not drawn here.

    Args:
        config: checked.
        rng: draws all.
        count_lights: `config.junctions` counts junctions with lights only.
    """
    size = max(1, round(math.sqrt(config.junctions * _ASPECT)))
    most = math.ceil(config.junctions / size) * (4 if count_lights else 1)
    columns, pattern = (_streets(config, rng, n, along=along) for n, along in ((size, True), (most, False)))
    nodes: dict[tuple[int, int], Node] = {}
    left = config.junctions
    for column, row in ((i % size, i // size) for i in range(size * most)):
        if left > 0:
            kind = _kind(config, rng, arterial=pattern[row].arterial or columns[column].arterial)
            nodes[column, row] = Node(column=column, row=row, at=(0.0, 0.0), kind=kind)
            left -= 1 if kind is Kind.SIGNALS or not count_lights else 0
    if left > 0:
        raise ConfigError(
            f"roads: too few junctions of a grid have lights to make {config.junctions}; raise arterials "
            "or signalised_minor"
        )
    rows = pattern[: 1 + max(row for _, row in nodes)]
    grid = StreetGrid(rows=tuple(rows), columns=tuple(columns), nodes=nodes)
    _place(config, rng, grid)
    _count_lanes(config, rng, grid)
    return grid


def _streets(config: DistrictConfig, rng: np.random.Generator, count: int, *, along: bool) -> list[Street]:
    """Arterials lie evenly among the others."""
    phase = float(rng.random())
    out = []
    for i in range(count):
        arterial = math.floor((i + 1) * config.arterials + phase) > math.floor(i * config.arterials + phase)
        lanes = config.arterial_lanes if arterial else config.minor_lanes
        median = draw_between(rng, as_pair(config.median_width_m))
        out.append(
            Street(
                name=street_name(i, along=along),
                arterial=arterial,
                lanes=int(rng.integers(lanes[0], lanes[1] + 1)),
                median_m=median if arterial else 0.0,
            )
        )
    return out


def _kind(config: DistrictConfig, rng: np.random.Generator, *, arterial: bool) -> Kind:
    lights, ring = (bool(v) for v in rng.random(2) < (config.signalised_minor, config.roundabouts))
    if arterial or lights:
        return Kind.SIGNALS
    return Kind.ROUNDABOUT if ring else Kind.PRIORITY


def _place(config: DistrictConfig, rng: np.random.Generator, grid: StreetGrid) -> None:
    """Positions around (0, 0), and the directions of the streets there."""
    x, y = (
        np.cumsum([draw_between(rng, as_pair(config.block_m)) for _ in range(n)])
        for n in (len(grid.columns), len(grid.rows))
    )
    least = config.block_m[0] * config.irregularity
    wind, phase = rng.uniform(0.3, 1.0, (2, len(x) + len(y))), rng.uniform(0.0, math.tau, len(x) + len(y))
    for (column, row), node in grid.nodes.items():
        k = len(x) + row
        across = wind[0, column] * math.sin(math.tau * row / _WIND_BLOCKS + phase[column])
        up = wind[1, k] * math.sin(math.tau * column / _WIND_BLOCKS + phase[k])
        scatter = rng.uniform(-1.0, 1.0, 2)
        node.at = (
            float(x[column] + least * (_WIND_SHARE * across + _SCATTER_SHARE * scatter[0])),
            float(y[row] + least * (_WIND_SHARE * up + _SCATTER_SHARE * scatter[1])),
        )
    middle = np.mean([node.at for node in grid.nodes.values()], axis=0)
    for node in grid.nodes.values():
        node.at = (round(node.at[0] - float(middle[0]), 2), round(node.at[1] - float(middle[1]), 2))
    for node in grid.nodes.values():
        east, north = (_direction(grid, node, side) for side in (Side.EAST, Side.NORTH))
        node.bearings_rad = (east, north, east + math.pi, north + math.pi)
        node.sides = set(Side)


def _direction(grid: StreetGrid, node: Node, side: Side) -> float:
    """Of the street that leaves on a side, smoothed over the blocks before and after."""
    ahead, behind = (grid.beyond(node, s) or node for s in (side, side.opposite))
    if ahead is behind:
        return 0.0 if side is Side.EAST else math.pi / 2.0
    return math.atan2(ahead.at[1] - behind.at[1], ahead.at[0] - behind.at[0])


def _count_lanes(config: DistrictConfig, rng: np.random.Generator, grid: StreetGrid) -> None:
    """Lanes of both streets at each junction; arterials gain or lose one now and then."""
    for axis, (streets, side) in enumerate(((grid.rows, Side.EAST), (grid.columns, Side.NORTH))):
        for index, street in enumerate(streets):
            line = [n for n in grid.nodes.values() if (n.row, n.column)[axis] == index]
            lanes = street.lanes
            for before, node in zip([None, *line], line, strict=False):
                changes, way = bool(rng.random() < config.lane_changes), int(rng.integers(2)) * 2 - 1
                far = before is not None and grid.block_m(before, side) >= _CHANGE_BLOCK_M
                if street.arterial and changes and far:
                    least, most = config.arterial_lanes
                    lanes = min(max(lanes + way, least), most)
                node.lanes = (lanes, node.lanes[1]) if axis == 0 else (node.lanes[0], lanes)
