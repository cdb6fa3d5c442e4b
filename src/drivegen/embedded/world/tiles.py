"""A large map by tiles: what stands on each is made when somebody comes near it, and let go later.

A tile depends on nothing but the map, its number and a seed, never on the tiles that were made before it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int64

from drivegen.core.errors import ConfigError
from drivegen.embedded.assets.scenery import PlotPlan, PlotStock, build_plot, make_plot_stock
from drivegen.embedded.world.kept_meshes import scenery_to_arrays, surfaces_of, surfaces_to_arrays
from drivegen.embedded.world.shelf import Arrays, from_shelf
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.stops import bus_stops
from drivegen.opendrive.surfaces import Surface, mesh_network
from drivegen.opendrive.surfaces.cropping import centred_in, reaching_into
from drivegen.opendrive.surfaces.terrain import Plot
from drivegen.opendrive.windows import RoadWindows, Window

AROUND_M = 100.0
"""So much of the roads around a tile is looked at while it is made."""
PIECES = 1 << 14
"""Ids of a tile's pieces; the next tile's begin behind them."""
_CELLS_M = 20.0
_GROUND_SLACK_M = 1.5
"""Triangles so far outside a tile may still answer for a point in it."""
_MARGIN_M = 80.0
"""Of the ground beyond the outermost roads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiling:
    """Which maps are held by tiles, and how."""

    most_roads: int = 300
    """Maps with more roads than this are. A junction has up to 60, a district of five junctions about 120."""
    tile_m: float = 320.0
    """Side of a tile: a multiple of the cells that ground and junctions are cut along (10 and 4 m)."""
    sight_m: float = 250.0
    """Tiles that are nearer than this to a sensor are there; behind them is bare ground as far as cameras
    see."""
    most_tiles: int = 48
    """Tiles that are kept at once, unless more are needed in one tick."""

    most_walked_roads: int = 1500
    """Maps with more roads have no walkers' mesh: clients fetch it whole when they connect, and that of a
    city takes minutes to make. A large district has about 600."""

    def validate(self) -> None:
        """Raises ConfigError."""
        if self.most_roads < 0:
            raise ConfigError(f"tiling of maps above {self.most_roads} roads: give 0 or more")
        if self.tile_m < _CELLS_M or self.tile_m % _CELLS_M:
            raise ConfigError(f"tiles of {self.tile_m:g} m: give a multiple of {_CELLS_M:g}")
        if self.sight_m < 0.0 or self.most_tiles < 1:
            raise ConfigError("tiling: sight is 0 m or more, and at least one tile is kept")


Key = TypeVar("Key")
Value = TypeVar("Value")


class TileGrid:
    """Squares over a map, numbered column by column."""

    def __init__(self, bounds_m: Window, size_m: float) -> None:
        low = np.floor((np.array(bounds_m[:2]) - _MARGIN_M) / size_m).astype(np.int64)
        high = np.floor((np.array(bounds_m[2:]) + _MARGIN_M) / size_m).astype(np.int64)
        self.size_m = size_m
        self.low = low
        self.shape: tuple[int, int] = (int(high[0] - low[0] + 1), int(high[1] - low[1] + 1))

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def cells_of(self, xy_m: Float[np.ndarray, "n 2"]) -> Int64[np.ndarray, "n 2"]:
        """Column and row of the square at each point, also beyond the map."""
        return np.floor(np.asarray(xy_m, dtype=np.float64) / self.size_m).astype(np.int64) - self.low

    def numbers_of(self, xy_m: Float[np.ndarray, "n 2"]) -> Int64[np.ndarray, "n"]:
        """The tile at each point; beyond the map the nearest one."""
        cells = np.clip(self.cells_of(xy_m), 0, np.array(self.shape) - 1)
        return np.asarray(cells[:, 0] * self.shape[1] + cells[:, 1])

    def near(self, xy_m: Float[np.ndarray, "n 2"], reach_m: float) -> tuple[tuple[int, int], ...]:
        """Squares with a point within a distance of one of some points, ascending; also beyond the map."""
        found: set[tuple[int, int]] = set()
        count = int(np.ceil(reach_m / self.size_m))
        for x, y in np.asarray(xy_m, dtype=np.float64).tolist():
            column, row = (int(v) for v in self.cells_of(np.array([[x, y]]))[0])
            for i in range(column - count, column + count + 1):
                for j in range(row - count, row + count + 1):
                    x0, y0, x1, y1 = self.window_of_cell(i, j)
                    gap = np.hypot(max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1))
                    if gap <= reach_m:
                        found.add((i, j))
        return tuple(sorted(found))

    def number_of_cell(self, column: int, row: int) -> int:
        """The tile of a square; -1 beyond the map."""
        if 0 <= column < self.shape[0] and 0 <= row < self.shape[1]:
            return column * self.shape[1] + row
        return -1

    def window_of_cell(self, column: int, row: int) -> Window:
        """Least x and y, greatest x and y."""
        x, y = ((np.array([column, row]) + self.low) * self.size_m).tolist()
        return x, y, x + self.size_m, y + self.size_m

    def cell_of(self, number: int) -> tuple[int, int]:
        """Column and row of a tile."""
        return divmod(number, self.shape[1])

    def window(self, number: int) -> Window:
        """Least x and y, greatest x and y of a tile."""
        return self.window_of_cell(*self.cell_of(number))


class Kept(Generic[Key, Value]):
    """The values that were used last, at most so many."""

    def __init__(self, most: int, gone: Callable[[Value], None] | None = None) -> None:
        self.most = most
        self._gone = gone
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def get(self, key: Key, make: Callable[[], Value], in_use: int = 1) -> Value:
        """The value of a key, made if it is not there; lets the oldest go that are beyond `most`.

        Args:
            key: Of the value.
            make: Makes it.
            in_use: So many that were used last are not let go, however few may be kept.
        """
        if key not in self._values:
            self._values[key] = make()
        self._values.move_to_end(key)
        while len(self._values) > max(self.most, in_use):
            old = self._values.popitem(last=False)[1]
            if self._gone is not None:
                self._gone(old)
        return self._values[key]


class Tiles:
    """The tiles of one map."""

    def __init__(self, text: str, network: RoadNetwork, wall_height_m: float, tiling: Tiling) -> None:
        """`wall_height_m`: of the walls along the roads, 0 for none."""
        self.tiling = tiling
        self._map = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        self._network = network
        self._wall_height_m = wall_height_m
        self._windows = RoadWindows(network)
        self.grid = TileGrid(self._windows.bounds_m, tiling.tile_m)
        self.level_m = self._windows.level_m
        self._parts: Kept[int, RoadNetwork] = Kept(2)
        self._surfaces: Kept[int, tuple[Surface, ...]] = Kept(2)
        self._grounds: Kept[int, Ground] = Kept(tiling.most_tiles)
        self._sceneries: Kept[tuple[int, int], Arrays] = Kept(tiling.most_tiles)
        self._stocks: dict[int, PlotStock] = {}

    @cached_property
    def _shelters(self) -> bool:
        return not bus_stops(self._network)

    def part(self, number: int) -> RoadNetwork:
        """The roads in and around a tile."""
        x0, y0, x1, y1 = self.grid.window(number)
        window = (x0 - AROUND_M, y0 - AROUND_M, x1 + AROUND_M, y1 + AROUND_M)
        return self._parts.get(number, lambda: self._windows.within(window))

    def surfaces(self, number: int) -> tuple[Surface, ...]:
        """The surfaces of the roads in and around a tile, and of the ground in it."""

        def make() -> Arrays:
            plot = Plot(box_m=self.grid.window(number), level_m=self.level_m)
            return surfaces_to_arrays(mesh_network(self.part(number), plot))

        return self._surfaces.get(
            number, lambda: surfaces_of(from_shelf("tile", self._made_from(number), make))
        )

    def own_surfaces(self, number: int) -> tuple[Surface, ...]:
        """The triangles that belong to a tile and to no other."""
        return centred_in(self.surfaces(number), self.grid.window(number))

    def ground(self, number: int, in_use: int = 1) -> Ground:
        """The ground under all points of a tile; `in_use` as that of `Kept`."""

        def make() -> Ground:
            reaching = reaching_into(self.surfaces(number), self.grid.window(number), _GROUND_SLACK_M)
            return Ground(self._network, reaching)

        return self._grounds.get(number, make, in_use)

    def stock(self, seed: int) -> PlotStock:
        """What stands on all tiles again and again."""
        if seed not in self._stocks:
            self._stocks[seed] = make_plot_stock(self._network.name, seed)
        return self._stocks[seed]

    def scenery(self, number: int, seed: int, in_use: int = 1) -> Arrays:
        """As `kept_meshes.tile_scenery_of` reads it; `in_use` as that of `Kept`."""
        made_from = self.made_from(number, seed)
        return self._sceneries.get(
            (number, seed),
            lambda: from_shelf("tile-scenery", made_from, lambda: self._make_scenery(number, seed)),
            in_use,
        )

    def _make_scenery(self, number: int, seed: int) -> Arrays:
        stock = self.stock(seed)
        plan = PlotPlan(
            number=number,
            first_id=number * PIECES,
            window=self.grid.window(number),
            seed=seed,
            shelters=self._shelters,
            wall_height_m=self._wall_height_m,
        )
        made, library = build_plot(
            self.part(number),
            self.surfaces(number),
            self.own_surfaces(number),
            self.ground(number),
            stock,
            plan,
        )
        return scenery_to_arrays(made, library.meshes[len(stock.library.meshes) :])

    def made_from(self, number: int, seed: int) -> tuple[str | int, ...]:
        """All that a tile's scenery depends on."""
        return (*self._made_from(number), seed, f"{self._wall_height_m:g}")

    def _made_from(self, number: int) -> tuple[str | int, ...]:
        return self._map, self._network.name, f"{self.grid.size_m:g}", number


def tile_of_piece(piece_id: int) -> int:
    """The number of the tile that a piece of scenery stands on, by its id."""
    return (piece_id - 1) // PIECES


class TiledGround:
    """The ground of a large map: the answers of `Ground`, tile by tile."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles

    def height(
        self, xy_m: Float[np.ndarray, "n 2"]
    ) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n 3"]]:
        """(z_m, unit normal) of the highest surface at points of the map frame; defined everywhere."""
        points = np.asarray(xy_m, dtype=np.float64)
        z, normal = np.zeros(len(points)), np.tile([0.0, 0.0, 1.0], (len(points), 1))
        for ground, rows in self._parts(points):
            z[rows], normal[rows] = ground.height(points[rows])
        return z, normal

    def height_near(self, xyz_m: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """z_m at points; of surfaces above each other (bridges) that of the one nearest to the point's z."""
        points = np.asarray(xyz_m, dtype=np.float64)
        z = np.zeros(len(points))
        for ground, rows in self._parts(points[:, :2]):
            z[rows] = ground.height_near(points[rows])
        return z

    def on_driving_lane(self, xy_m: Float[np.ndarray, "n 2"]) -> Bool[np.ndarray, "n"]:
        """True on driving lanes and junction floors, on whatever level."""
        points = np.asarray(xy_m, dtype=np.float64)
        out = np.zeros(len(points), np.bool_)
        for ground, rows in self._parts(points):
            out[rows] = ground.on_driving_lane(points[rows])
        return out

    def _parts(self, xy_m: Float[np.ndarray, "n 2"]) -> list[tuple[Ground, Int64[np.ndarray, "k"]]]:
        numbers = self._tiles.grid.numbers_of(xy_m)
        there = np.unique(numbers).tolist()
        return [
            (self._tiles.ground(number, 2 * len(there)), np.flatnonzero(numbers == number))
            for number in there
        ]
