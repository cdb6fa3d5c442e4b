"""The maps that a server knows, and one of them loaded."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drivegen.core.errors import MapError
from drivegen.core.geometry import Pose
from drivegen.embedded.navigation.mesh import build_navigation, file_name
from drivegen.embedded.navigation.pieces import has_pavements
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.world.kept_meshes import surfaces_of, surfaces_to_arrays
from drivegen.embedded.world.shelf import from_shelf
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.signals import SignalHead, SignKind, road_signs, signal_heads
from drivegen.opendrive.spawn import spawn_points
from drivegen.opendrive.surfaces import Surface, mesh_network

OPENDRIVE_MAP = "OpenDriveMap"
"""The name under which a map given as text is loaded."""
_KEPT = 2
"""Loaded maps that are kept, for scripts that load the same world again and again."""
_ENDINGS = (".xodr.gz", ".xodr")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedMap:
    """A map and what is computed from it, each when first asked for."""

    name: str
    """Without path or ending."""
    text: str
    network: RoadNetwork

    @staticmethod
    def read(name: str, text: str, source: str) -> LoadedMap:
        """From OpenDRIVE text. Raises MapError."""
        return LoadedMap(name=name, text=text, network=read_network(text, source))

    @cached_property
    def surfaces(self) -> tuple[Surface, ...]:
        """Road and ground as triangles."""
        made_from = (self.text, self.network.name)
        return surfaces_of(
            from_shelf("surfaces", made_from, lambda: surfaces_to_arrays(mesh_network(self.network)))
        )

    @cached_property
    def ground(self) -> Ground:
        """Height under wheels and feet."""
        return Ground(self.network, self.surfaces)

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
        return signal_heads(self.network)

    @cached_property
    def posts_limits(self) -> bool:
        """Whether speed-limit signs stand on the map; in CARLA only these change a vehicle's limit."""
        return any(sign.kind is SignKind.SPEED for sign in road_signs(self.network))

    @cached_property
    def navigation(self) -> bytes:
        """The walkers' mesh as clients load it; empty without pavements. Raises MapError."""
        return build_navigation(self.network)

    @cached_property
    def navigation_file(self) -> str:
        """Name of the walkers' mesh; empty without pavements."""
        return file_name(self.name, self.text) if has_pavements(self.network) else ""

    @cached_property
    def geo_reference(self) -> GeoReference:
        """Origin in latitude and longitude."""
        return GeoReference.parse(self.network.geo_reference)


class MapStore:
    """The maps given at start, by name, and the one that a client has sent."""

    def __init__(self, path: Path) -> None:
        """Looks at a file or a folder. Raises MapError if there is no OpenDRIVE."""
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
        self._files = {_name_of(p): p for p in files}
        self._sent: str | None = None
        self._loaded: list[LoadedMap] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Without path or ending, sorted."""
        return tuple(sorted(self._files))

    def resolve(self, asked: str) -> str:
        """The name of a map for a name with or without path and ending. Raises MapError."""
        name = asked.rsplit("/", 1)[-1]
        for ending in _ENDINGS:
            name = name.removesuffix(ending)
        if name in self._files or (name == OPENDRIVE_MAP and self._sent is not None):
            return name
        raise MapError(f"map '{asked}' not found; this server has {', '.join(self.names)}")

    def text(self, asked: str) -> str:
        """OpenDRIVE text of a map. Raises MapError."""
        name = self.resolve(asked)
        if name == OPENDRIVE_MAP and self._sent is not None:
            return self._sent
        path = self._files[name]
        try:
            data = path.read_bytes()
            if path.name.endswith(".gz"):
                data = gzip.decompress(data)
            return data.decode()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise MapError(f"{path}: cannot be read: {error}") from None

    def load(self, asked: str) -> LoadedMap:
        """A map, read, checked, and ready to be driven on. Raises MapError."""
        name = self.resolve(asked)
        text = self.text(name)
        for known in self._loaded:
            if known.name == name and known.text == text:
                return known
        loaded = LoadedMap.read(name, text, str(self._files.get(name, OPENDRIVE_MAP)))
        # All that a broken map could trip over is made before an episode depends on it.
        _ = loaded.ground, loaded.lanes, loaded.spawn_points, loaded.heads, loaded.geo_reference
        _ = loaded.posts_limits
        self._loaded = [*self._loaded, loaded][-_KEPT:]
        return loaded

    def send(self, text: str) -> None:
        """Takes a map given as text, to be loaded as `OPENDRIVE_MAP`. Raises MapError if it is broken."""
        read_network(text, OPENDRIVE_MAP)
        self._sent = text


def _is_opendrive(path: Path) -> bool:
    return path.name.endswith(_ENDINGS)


def _name_of(path: Path) -> str:
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
