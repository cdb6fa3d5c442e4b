"""The maps that a server knows, and one of them loaded."""

from __future__ import annotations

import dataclasses
import gzip
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from drivegen.core.errors import MapError
from drivegen.core.geometry import Pose
from drivegen.embedded.navigation.mesh import build_navigation, file_name
from drivegen.embedded.navigation.pieces import has_pavements
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.world.generation import AS_BUILT, Generation
from drivegen.embedded.world.kept_meshes import surfaces_of, surfaces_to_arrays
from drivegen.embedded.world.shelf import Arrays, from_shelf
from drivegen.embedded.world.signal_feet import SignalFeet
from drivegen.embedded.world.tiles import TiledGround, Tiles, Tiling
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import RoadSign, SignalHead, SignKind, signals_of
from drivegen.opendrive.spawn import spawn_points
from drivegen.opendrive.surfaces import Surface, mesh_network

OPENDRIVE_MAP = "OpenDriveMap"
"""The name under which a map given as text is loaded."""
_KEPT = 2
"""Loaded maps that are kept, for scripts that load the same world again and again."""
_ENDINGS = (".xodr.gz", ".xodr")
LAYERED = "_Opt"
"""CARLA's maps come in two kinds; only those of this ending have layers there. Here every map has them."""
DEFAULT_TILING = Tiling()
_OF_THE_NAME = frozenset({"name", "navigation_file", "navigation"})


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedMap:
    """A map and what is computed from it, each when first asked for."""

    name: str
    """Without path or ending."""
    text: str
    network: RoadNetwork
    generation: Generation = AS_BUILT
    tiling: Tiling = DEFAULT_TILING
    kept: dict[str, Arrays] = field(default_factory=dict)
    """What other parts have computed from the map, by name, for the next episode on it."""

    @staticmethod
    def read(
        name: str,
        text: str,
        source: str,
        generation: Generation = AS_BUILT,
        tiling: Tiling = DEFAULT_TILING,
    ) -> LoadedMap:
        """From OpenDRIVE text. Raises MapError."""
        network = read_network(text, source)
        return LoadedMap(name=name, text=text, network=network, generation=generation, tiling=tiling)

    def named(self, name: str) -> LoadedMap:
        """The same map under another name, with all that has been computed from it."""
        other = dataclasses.replace(self, name=name)
        computed = {k: v for k, v in self.__dict__.items() if k not in _OF_THE_NAME}
        other.__dict__.update({k: v for k, v in computed.items() if k not in other.__dict__})
        return other

    @cached_property
    def surfaces(self) -> tuple[Surface, ...]:
        """Road and ground as triangles, all at once: not for large maps."""
        made_from = (self.text, self.network.name)
        return surfaces_of(
            from_shelf("surfaces", made_from, lambda: surfaces_to_arrays(mesh_network(self.network)))
        )

    @cached_property
    def tiles(self) -> Tiles | None:
        """What a large map is held by; None for others, which are held whole."""
        if len(self.network.roads) <= self.tiling.most_roads:
            return None
        return Tiles(self.text, self.network, self.generation.wall_height_m, self.tiling)

    @cached_property
    def ground(self) -> Ground | TiledGround:
        """Height under wheels and feet."""
        return TiledGround(self.tiles) if self.tiles is not None else Ground(self.network, self.surfaces)

    @cached_property
    def signal_feet(self) -> SignalFeet:
        """Where the posts of signals stand on large maps."""
        return SignalFeet(self.network, self.lanes)

    @cached_property
    def lanes(self) -> LaneLocator:
        """Lanes by place."""
        return LaneLocator(self.network)

    @cached_property
    def spawn_points(self) -> list[Pose]:
        """Where vehicles may be spawned, on the ground."""
        return spawn_points(self.network)

    @cached_property
    def heads(self) -> tuple[SignalHead, ...]:
        """Traffic lights."""
        return self._signals[0]

    @cached_property
    def signs(self) -> tuple[RoadSign, ...]:
        """Traffic signs."""
        return self._signals[1]

    @cached_property
    def _signals(self) -> tuple[tuple[SignalHead, ...], tuple[RoadSign, ...]]:
        return signals_of(self.network)

    @cached_property
    def posts_limits(self) -> bool:
        """Whether speed-limit signs stand on the map; in CARLA only these change a vehicle's limit."""
        return any(sign.kind is SignKind.SPEED for sign in self.signs)

    @cached_property
    def navigation(self) -> bytes:
        """The walkers' mesh as clients load it; empty without pavements. Raises MapError."""
        if not self.navigation_file:
            return b""
        made_from = (self.text, self.network.name, self.navigation_file)
        return from_shelf("navigation", made_from, self._make_navigation)["mesh"].tobytes()

    def _make_navigation(self) -> Arrays:
        return {"mesh": np.frombuffer(build_navigation(self.network), np.uint8)}

    @cached_property
    def navigation_file(self) -> str:
        """Name of the walkers' mesh; empty without pavements, and on maps too large for one.

        Clients fetch it whole when they connect, and wait for it.
        """
        if len(self.network.roads) > self.tiling.most_walked_roads:
            return ""
        if not (self.generation.has_navigation and has_pavements(self.network)):
            return ""
        return file_name(self.name, self.text)

    @cached_property
    def geo_reference(self) -> GeoReference:
        """Origin in latitude and longitude."""
        return GeoReference.parse(self.network.geo_reference)


class MapStore:
    """The maps given at start, by name, and the one that a client has sent."""

    def __init__(self, path: Path, tiling: Tiling = DEFAULT_TILING) -> None:
        """Looks at a file or a folder. Raises MapError if there is no OpenDRIVE."""
        tiling.validate()
        self._tiling = tiling
        if path.is_dir():
            files = sorted(p for p in path.iterdir() if p.is_file() and _is_opendrive(p))
            if not files:
                raise MapError(f"{path}: no OpenDRIVE file (.xodr) in this folder")
        elif path.is_file():
            if not _is_opendrive(path):
                raise MapError(f"{path}: not an OpenDRIVE file; its name must end in .xodr")
            files = [path]
        else:
            raise MapError(f"{path}: no such file or folder")
        self._files = {bare_name(p.name): p for p in files}
        self._sent: LoadedMap | None = None
        self._loaded: list[LoadedMap] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Without path or ending, sorted."""
        return tuple(sorted(self._files))

    def resolve(self, asked: str) -> str:
        """The name of a map for a name with or without path and ending, the layered kind (`Town01_Opt`) too.

        Raises:
            MapError: There is none.
        """
        name = bare_name(asked)
        for known in (name, name.removesuffix(LAYERED)):
            if known in self._files or (known == OPENDRIVE_MAP and self._sent is not None):
                return known
        raise MapError(f"map '{asked}' not found; this server has {', '.join(self.names)}")

    def text(self, asked: str) -> str:
        """OpenDRIVE text of a map. Raises MapError."""
        name = self.resolve(asked)
        if name == OPENDRIVE_MAP and self._sent is not None:
            return self._sent.text
        path = self._files[name]
        try:
            data = path.read_bytes()
            if path.name.endswith(".gz"):
                data = gzip.decompress(data)
            return data.decode()
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            raise MapError(f"{path}: cannot be read: {error}") from None

    def load(self, asked: str) -> LoadedMap:
        """A map under the name that was asked for, read, checked, ready to be driven on. Raises MapError."""
        name = self.resolve(asked)
        if name == OPENDRIVE_MAP and self._sent is not None:
            return self._sent
        text = self.text(name)
        found = next((m for m in self._loaded if m.name == name and m.text == text), None)
        if found is None:
            found = LoadedMap.read(name, text, str(self._files[name]), tiling=self._tiling)
            _complete(found)
        self._loaded = [*(m for m in self._loaded if m is not found), found][-_KEPT:]
        wanted = bare_name(asked)
        return found if wanted == name else found.named(wanted)

    def send(self, text: str, generation: Generation = AS_BUILT) -> None:
        """Takes a map given as text, to be loaded as `OPENDRIVE_MAP`.

        Raises:
            MapError: It is broken; the one sent before, if any, is still there.
        """
        generation.validate()
        if self._sent is not None and (self._sent.text, self._sent.generation) == (text, generation):
            return
        sent = LoadedMap.read(OPENDRIVE_MAP, text, OPENDRIVE_MAP, generation, self._tiling)
        _complete(sent)
        self._sent = sent


def bare_name(asked: str) -> str:
    """A map's name without path or ending."""
    name = asked.rsplit("/", 1)[-1]
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name


def _complete(loaded: LoadedMap) -> None:
    """Makes all that a broken map could trip over, before an episode depends on it. Raises MapError."""
    _ = loaded.ground, loaded.lanes, loaded.spawn_points, loaded.heads, loaded.geo_reference
    _ = loaded.posts_limits
    if loaded.tiles is not None and loaded.spawn_points:
        loaded.ground.height_near(loaded.spawn_points[0].position_m[None])


def _is_opendrive(path: Path) -> bool:
    return path.name.endswith(_ENDINGS)
