"""What stands fast on a map and can be run into: the scenery's solid parts and the posts of signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache, partial

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.scenery import MapLayer, Scenery
from drivegen.embedded.assets.signals import make_traffic_light
from drivegen.embedded.assets.signs import make_sign
from drivegen.embedded.dynamics.obstacles import Obstacles, obstacles, padded
from drivegen.embedded.dynamics.solids import MOST_CORNERS, Solid, solids_of
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world.actors import Actor, ActorKind
from drivegen.embedded.world.environment import Environment
from drivegen.embedded.world.kept_meshes import scenery_of
from drivegen.embedded.world.kept_scenery import kept_scenery, made_from
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.shelf import Arrays, from_shelf
from drivegen.embedded.world.tiles import Kept, Tiles
from drivegen.opendrive.sign_faces import OVERHEAD, SignFace

AROUND_M = 40.0
"""So far from a body it may meet something in a tick."""
_CORNERS = np.array([(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)])
_BARE_POST_M = 0.3
"""Traffic lights with a shorter arm stand on a post without one."""
_NO_BOX = 3
"""The seed of a light without a box for seconds, which hangs above everybody."""


class Standing:
    """One episode's obstacles."""

    def __init__(
        self, loaded: LoadedMap, seed: int, environment: Environment, signals: Sequence[Actor]
    ) -> None:
        self._loaded = loaded
        self._seed = seed
        self._environment = environment
        self._signals = signals
        self._there: Obstacles | None = None
        self._there_of = -1

    def around(self, xy_m: Float64[np.ndarray, "n 2"]) -> Obstacles:  # noqa: ARG002 (large maps ask where)
        """At least what stands within `AROUND_M` of some points now; the same object until that changes."""
        return self.obstacles

    @property
    def obstacles(self) -> Obstacles:
        """All that is there now; the same object until a piece is switched."""
        if self._there is None or self._environment.revision != self._there_of:
            self._there_of = self._environment.revision
            self._there = self._all if self._environment.is_whole else self._all.only(self._shown())
        return self._there

    @cached_property
    def _kept(self) -> Arrays:
        key = made_from(self._loaded, self._seed)
        return from_shelf("obstacles", key, lambda: _of_scenery(self._loaded, self._seed))

    @cached_property
    def _all(self) -> Obstacles:
        return _joined([self._kept], self._signals)

    def _shown(self) -> np.ndarray:
        return shown(self._all, self._kept["layers"], self._environment)


def _joined(parts: Sequence[Arrays], signals: Iterable[Actor]) -> Obstacles:
    """Those of scenery, then the signals' posts."""
    every = [*parts, _of_signals(signals)]
    names = [name for name in every[-1] if name != "layers"]
    return Obstacles.from_arrays({name: np.concatenate([part[name] for part in every]) for name in names})


def shown(there: Obstacles, layers: np.ndarray, environment: Environment) -> np.ndarray:
    """Which obstacles are there, (m,) bool; the first are of scenery, on these layers."""
    shows = lru_cache(maxsize=None)(environment.shows)
    keep = np.ones(len(there), np.bool_)
    for k, (piece, layer) in enumerate(zip(there.sources.tolist(), layers.tolist(), strict=False)):
        keep[k] = shows(piece, MapLayer(layer))
    return keep


class TiledStanding(Standing):
    """One episode's obstacles on a large map."""

    def __init__(
        self,
        loaded: LoadedMap,
        seed: int,
        environment: Environment,
        signals: Sequence[Actor],
        tiles: Tiles,
    ) -> None:
        super().__init__(loaded, seed, environment, signals)
        self._tiles = tiles
        self._kept_tiles: Kept[int, Arrays] = Kept(tiles.tiling.most_tiles)
        feet = np.array([actor.local[:2, 3] for actor in signals]).reshape(-1, 2)
        self._tile_of_signal = tiles.grid.numbers_of(feet)
        self._numbers: tuple[int, ...] | None = None

    @property
    def obstacles(self) -> Obstacles:
        """What was near the points of the last `around`."""
        return self._there if self._there is not None else Obstacles.none()

    def around(self, xy_m: Float64[np.ndarray, "n 2"]) -> Obstacles:
        """What stands on the tiles within `AROUND_M` of some points."""
        grid = self._tiles.grid
        corners = (xy_m[:, None, :] + AROUND_M * _CORNERS).reshape(-1, 2)
        numbers = tuple(np.unique(grid.numbers_of(corners)).tolist())
        now = self._environment.revision
        if self._there is None or numbers != self._numbers or now != self._there_of:
            self._there = self._on(numbers)
            self._numbers, self._there_of = numbers, now
        return self._there

    def _on(self, numbers: tuple[int, ...]) -> Obstacles:
        parts = [self._kept_tiles.get(n, partial(self._tile, n), len(numbers)) for n in numbers]
        rows = np.flatnonzero(np.isin(self._tile_of_signal, numbers)).tolist()
        every = _joined(parts, [self._signals[row] for row in rows])
        if self._environment.is_whole:
            return every
        layers = np.concatenate([np.zeros(0, np.int64), *(part["layers"] for part in parts)])
        return every.only(shown(every, layers, self._environment))

    def _tile(self, number: int) -> Arrays:
        def make() -> Arrays:
            library = MeshLibrary()
            library.meshes += self._tiles.stock(self._seed).library.meshes
            stock = range(len(library.meshes))
            return _of_built(scenery_of(self._tiles.scenery(number, self._seed), library, stock), library)

        return from_shelf("tile-obstacles", self._tiles.made_from(number, self._seed), make)


def make_standing(
    loaded: LoadedMap, seed: int, environment: Environment, signals: Sequence[Actor]
) -> Standing:
    """One episode's obstacles."""
    if loaded.tiles is not None:
        return TiledStanding(loaded, seed, environment, signals, loaded.tiles)
    return Standing(loaded, seed, environment, signals)


def _of_scenery(loaded: LoadedMap, seed: int) -> Arrays:
    library = MeshLibrary()
    return _of_built(scenery_of(kept_scenery(loaded, seed), library), library)


def _of_built(built: Scenery, library: MeshLibrary) -> Arrays:
    places, layers = [], []
    solids: dict[int, tuple[Solid, ...]] = {}
    for piece in built.objects:
        mesh = int(built.drawables.mesh_index[piece.row])
        if mesh not in solids:
            solids[mesh] = solids_of(library.meshes[mesh])
        world = built.drawables.world_mesh[piece.row].astype(np.float64)
        places += [(solid, world, 0, piece.id) for solid in solids[mesh]]
        layers += [int(piece.layer)] * len(solids[mesh])
    return {**_arrays(places), "layers": np.array(layers, np.int64)}


def _of_signals(signals: Iterable[Actor]) -> Arrays:
    return _arrays([(solid, actor.local, actor.id, -1) for actor in signals for solid in _post_solids(actor)])


def _post_solids(actor: Actor) -> tuple[Solid, ...]:
    if actor.kind is ActorKind.TRAFFIC_LIGHT:
        return _light_post(with_arm=actor.arm_m > _BARE_POST_M)
    return _sign_post(over=actor.plate is not None and actor.plate[0] in OVERHEAD)


@lru_cache(maxsize=2)
def _light_post(*, with_arm: bool) -> tuple[Solid, ...]:
    """Of all posts alike: below the reach of people and cars their arms make no difference."""
    return _of_mesh(lambda library: make_traffic_light(library, 4.0 if with_arm else 0.0, _NO_BOX).pole_mesh)


@lru_cache(maxsize=2)
def _sign_post(*, over: bool) -> tuple[Solid, ...]:
    face = SignFace.LANES if over else SignFace.PLAIN
    return _of_mesh(lambda library: make_sign(library, face, arm_m=4.0 if over else 0.0).post_mesh)


def _of_mesh(make: Callable[[MeshLibrary], int]) -> tuple[Solid, ...]:
    library = MeshLibrary()
    return solids_of(library.meshes[make(library)])


def _arrays(places: Sequence[tuple[Solid, Float64[np.ndarray, "4 4"], int, int]]) -> dict[str, np.ndarray]:
    """Of (solid, its place in the world, actor's id, piece's id)."""
    corners = np.zeros((len(places), MOST_CORNERS, 2))
    heights = np.zeros((len(places), 2))
    for k, (solid, world, _, _) in enumerate(places):
        corners[k] = padded(solid.corners_m) @ world[:2, :2].T + world[:2, 3]
        heights[k] = (solid.low_m + world[2, 3], solid.high_m + world[2, 3])
    made = obstacles(
        corners_m=corners,
        counts=np.array([len(solid.corners_m) for solid, *_ in places], np.int64),
        heights_m=heights,
        tags=np.array([int(solid.tag) for solid, *_ in places], np.uint8),
        owners=np.array([owner for _, _, owner, _ in places], np.uint32),
        sources=np.array([piece for *_, piece in places], np.int32),
    )
    return made.arrays()
