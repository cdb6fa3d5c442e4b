"""The scenery of a large map: tiles that somebody looks at, and bare ground behind them.

What is drawn depends on where the sensors are and on nothing else: neither on the tiles that are kept, nor on
the way that led there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Vec3
from drivegen.embedded.assets import scenery as assets
from drivegen.embedded.assets.surfaces import LOOKS
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh
from drivegen.embedded.renderer.views import FAR_M
from drivegen.embedded.sensors.collision import CollisionDetector
from drivegen.embedded.sensors.gnss import Gnss
from drivegen.embedded.sensors.imu import Imu
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.bodies import Bodies
from drivegen.embedded.world.kept_meshes import scenery_of
from drivegen.embedded.world.pieces import ACTORS_FROM, GROUND_FROM, actor_number, ground_pieces, ground_row
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.street_lights import StreetLight
from drivegen.embedded.world.tiles import PIECES, Kept, Tiles, tile_of_piece
from drivegen.embedded.world.world import World
from drivegen.opendrive.surfaces import SurfaceKind
from drivegen.opendrive.surfaces.builder import COLORS

BLIND = (Gnss, Imu, CollisionDetector)
"""Sensors that need no mesh."""
_BELOW_M = 0.02
"""Of bare ground under the level of the roads' borders, as the ground of tiles."""
_FAR_CELLS = 8
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """One tile's scenery; its drawables point into the episode's library."""

    number: int
    scenery: assets.Scenery
    own: range
    """Meshes of this tile alone."""
    lamps: tuple[StreetLight, ...]


class TiledScenery(Scenery):
    """One episode's meshes on a large map."""

    def __init__(self, world: World, seed: int, tiles: Tiles) -> None:
        super().__init__(world, seed)
        self.bodies = Bodies(self.library, seed, lambda actor: actor.id in self._sighted)
        self._tiles = tiles
        self._parts: Kept[int, _Part] = Kept(tiles.tiling.most_tiles, self._let_go)
        self._now: assets.Scenery | None = None
        self._now_of: tuple[tuple[Cell, ...], tuple[Cell, ...]] = ((), ())
        self._shown_parts: list[tuple[_Part, int]] = []
        self._sighted: frozenset[int] = frozenset()
        self._stock: list[int] = []
        self._far_mesh = -1
        self._signal_tiles: np.ndarray | None = None

    # -- where somebody looks -----------------------------------------------------------------------------

    def _viewers(self) -> Float64[np.ndarray, "n 2"]:
        """Places of all sensors that see; of the spectator if there are none."""
        world = self._world
        sensors = [
            actor.id
            for actor in world.actors.of_kind(ActorKind.SENSOR)
            if actor.sensor is not None and not isinstance(actor.sensor.sensor, BLIND)
        ]
        ids = sensors or [world.spectator.id]
        return np.array([world.placement.world_actor(i)[:2, 3] for i in ids])

    def _cells(self) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
        """Tiles in sight, and the squares behind them."""
        viewers, grid = self._viewers(), self._tiles.grid
        seen = grid.near(viewers, self._tiles.tiling.sight_m)
        tiles = tuple(cell for cell in seen if grid.number_of_cell(*cell) >= 0)
        known = set(tiles)
        return tiles, tuple(cell for cell in grid.near(viewers, FAR_M) if cell not in known)

    def build_next(self) -> bool:
        """Builds a tile that is in sight and not there yet; false if all were."""
        tiles, _ = self._cells()
        for cell in tiles:
            if self._tiles.grid.number_of_cell(*cell) not in self._parts:
                self._part(cell, len(tiles))
                return True
        return False

    @property
    def _built(self) -> assets.Scenery:
        cells = self._cells()
        if self._now is None or cells != self._now_of:
            self._now = self._compose(*cells)
            self._now_of = cells
        return self._now

    def _compose(self, tiles: tuple[Cell, ...], far: tuple[Cell, ...]) -> assets.Scenery:
        parts = [self._part(cell, len(tiles)) for cell in tiles]
        sizes = [len(part.scenery.drawables) for part in parts]
        starts = np.cumsum([0, *sizes]).tolist()
        self._shown_parts = list(zip(parts, starts, strict=False))
        self._sighted = self._signals_on({part.number for part in parts})
        objects = [
            dataclasses.replace(piece, row=piece.row + start)
            for part, start in self._shown_parts
            for piece in part.scenery.objects
        ]
        drawables = [part.scenery.drawables for part in parts]
        return assets.Scenery(
            drawables=Drawables.concatenate([*drawables, self._far(far)]), objects=tuple(objects)
        )

    def _signals_on(self, numbers: set[int]) -> frozenset[int]:
        signals = self._world.signal_actors
        if self._signal_tiles is None:
            places = np.array([actor.local[:2, 3] for actor in signals]).reshape(-1, 2)
            self._signal_tiles = self._tiles.grid.numbers_of(places)
        rows = np.flatnonzero(np.isin(self._signal_tiles, sorted(numbers)))
        return frozenset(signals[row].id for row in rows.tolist())

    # -- tiles --------------------------------------------------------------------------------------------

    def _part(self, cell: Cell, in_use: int) -> _Part:
        number = self._tiles.grid.number_of_cell(*cell)
        return self._parts.get(number, lambda: self._make(number, in_use), in_use)

    def _make(self, number: int, in_use: int) -> _Part:
        if not self._stock:
            self._stock = [self.library.add(m) for m in self._tiles.stock(self._seed).library.meshes]
        arrays = self._tiles.scenery(number, self._seed, in_use)
        first = len(self.library.meshes)
        scenery = scenery_of(arrays, self.library, self._stock)
        self._world.street_lights.follow(self._world.weather.sun_altitude_deg)
        lamps = self._world.street_lights.add(self._lamps(scenery))
        own = range(first, len(self.library.meshes))
        return _Part(number=number, scenery=scenery, own=own, lamps=tuple(lamps))

    def _let_go(self, part: _Part) -> None:
        for mesh in part.own:
            self.library.release(mesh)
        for key in [key for key in self._parted if key[0] in part.own]:
            self.library.release(self._parted.pop(key))

    def _far(self, cells: tuple[Cell, ...]) -> Drawables:
        """Bare ground."""
        if not self._world.map.generation.is_visible:
            return Drawables.empty()
        if self._far_mesh < 0:
            self._far_mesh = self.library.add(_bare_ground(self._tiles.grid.size_m))
        count = len(cells)
        world = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
        for row, cell in enumerate(cells):
            world[row, :2, 3] = self._tiles.grid.window_of_cell(*cell)[:2]
        world[:, 2, 3] = self._tiles.level_m - _BELOW_M
        return Drawables(
            mesh_index=np.full(count, self._far_mesh, np.int32),
            world_mesh=world,
            object_id=np.zeros(count, np.uint32),
            tint=np.full((count, 3), 255, np.uint8),
            lights=np.zeros(count, np.uint32),
        )

    # -- what is asked for --------------------------------------------------------------------------------

    def along(self, start_m: Vec3, end_m: Vec3) -> Drawables:
        """Everything that never moves and may be met between two points, up to as far as cameras see."""
        static, grid = self.static, self._tiles.grid
        way = np.asarray(end_m, dtype=np.float64) - start_m
        length = min(float(np.linalg.norm(way[:2])), FAR_M)
        steps = np.linspace(0.0, length, int(4.0 * length / grid.size_m) + 2)
        unit = way[:2] / max(float(np.linalg.norm(way[:2])), 1e-9)
        shown = set(self._now_of[0])
        cells = [
            cell
            for cell in sorted(
                {(int(i), int(j)) for i, j in grid.cells_of(start_m[:2] + steps[:, None] * unit)}
            )
            if cell not in shown and grid.number_of_cell(*cell) >= 0
        ]
        if not cells:
            return static
        in_use = len(shown) + len(cells)
        return Drawables.concatenate(
            [static, *(self._part(cell, in_use).scenery.drawables for cell in cells)]
        )

    def _lamp_rows(self) -> Iterable[tuple[StreetLight, int]]:
        for part, start in self._shown_parts:
            rows = {piece.id: piece.row for piece in part.scenery.objects}
            for lamp in part.lamps:
                yield lamp, rows[lamp.piece.id] + start

    @property
    def street_lights(self) -> tuple[StreetLight, ...]:
        """The lamps in sight whose posts are loaded, as they are switched now."""
        _ = self._built
        self._world.street_lights.follow(self._world.weather.sun_altitude_deg)
        loaded = self._world.environment.is_loaded
        return tuple(lamp for part, _start in self._shown_parts for lamp in part.lamps if loaded(lamp.piece))

    @property
    def ground_pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Squares of road, pavement, paint and open ground in sight."""
        _ = self._built
        return tuple(
            dataclasses.replace(piece, row=piece.row + start)
            for part, start in self._shown_parts
            for piece in self._ground_of(part)
        )

    def _ground_of(self, part: _Part) -> tuple[assets.SceneryObject, ...]:
        made = part.scenery
        return ground_pieces(made.drawables, self.library.meshes, made.objects, part.number * PIECES)

    @property
    def signal_pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Parts of the lights and signs in sight."""
        _ = self._built
        signals = self._world.signal_actors
        return self._pieces_of(n for n, actor in enumerate(signals) if actor.id in self._sighted)

    def enable(self, ids: Iterable[int], on: bool) -> None:
        """Switches pieces on or off, wherever they are; unknown ids are passed over, as CARLA does."""
        wanted = set(ids)
        numbers = {tile_of_piece(i) for i in wanted if 0 < i < GROUND_FROM}
        numbers |= {ground_row(i) // PIECES for i in wanted if GROUND_FROM <= i < ACTORS_FROM}
        signals = {actor_number(i) for i in wanted if i >= ACTORS_FROM}
        found: list[assets.SceneryObject] = []
        for number in sorted(n for n in numbers if n < len(self._tiles.grid)):
            part = self._part(self._tiles.grid.cell_of(number), len(self._now_of[0]) + 1)
            found += [p for p in (*part.scenery.objects, *self._ground_of(part)) if p.id in wanted]
        known = sorted(n for n in signals if n < len(self._world.signal_actors))
        found += [p for p in self._pieces_of(known) if p.id in wanted]
        self._world.environment.enable(found, on)


def make_scenery(world: World, seed: int) -> Scenery:
    """Of the world's episode."""
    tiles = world.map.tiles
    return Scenery(world, seed) if tiles is None else TiledScenery(world, seed, tiles)


def _bare_ground(size_m: float) -> Mesh:
    """A square of the ground between roads, its lower corner at the origin."""
    side = np.linspace(0.0, size_m, _FAR_CELLS + 1)
    x, y = (v.ravel() for v in np.meshgrid(side, side, indexing="ij"))
    index = np.arange(len(x)).reshape(_FAR_CELLS + 1, _FAR_CELLS + 1)
    a, b, c, d = (v.ravel() for v in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    material, tag = LOOKS[SurfaceKind.TERRAIN]
    return Mesh(
        name="ground/bare",
        positions_m=np.column_stack([x, y, np.zeros(len(x))]).astype(np.float32),
        normals=np.tile(np.array([0.0, 0.0, 1.0], np.float32), (len(x), 1)),
        uvs=np.column_stack([x, y]).astype(np.float32),
        colors=np.tile(np.array(COLORS[SurfaceKind.TERRAIN], np.uint8), (len(x), 1)),
        materials=np.full(len(x), int(material), np.uint8),
        tags=np.full(len(x), int(tag), np.uint8),
        triangles=np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]).astype(np.int32),
    )
