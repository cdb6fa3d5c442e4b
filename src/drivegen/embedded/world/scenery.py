"""What stands on a map: ground, buildings, trees, lamps, signs; and the bodies of actors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from drivegen.core.geometry import Box, Vec3
from drivegen.embedded.assets import scenery as assets
from drivegen.embedded.drawables import LIGHT_STREET_LAMP, Drawables, lamp_look
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.bodies import Bodies
from drivegen.embedded.world.kept_meshes import scenery_of
from drivegen.embedded.world.kept_scenery import kept_scenery
from drivegen.embedded.world.pieces import (
    ACTORS_FROM,
    actor_pieces,
    ground_pieces,
    kept,
    row_within_actor,
    without_tags,
)
from drivegen.embedded.world.street_lights import DEFAULT_COLOR, DEFAULT_INTENSITY, StreetLight
from drivegen.embedded.world.world import World


class Scenery:
    """One episode's meshes: those of the map and those of its actors."""

    def __init__(self, world: World, seed: int) -> None:
        self.library = MeshLibrary()
        self.bodies = Bodies(self.library, seed)
        self._world = world
        self._seed = seed
        self._static: Drawables | None = None
        self._static_of: tuple[assets.Scenery | None, int, int] = (None, -1, -1)
        self._parted: dict[tuple[int, frozenset[int]], int] = {}

    def build_next(self) -> bool:
        """Builds some of the scenery that is not there yet; false if all was."""
        if "_whole" in self.__dict__:
            return False
        return len(self._whole.drawables) > 0

    @cached_property
    def _whole(self) -> assets.Scenery:
        built = scenery_of(kept_scenery(self._world.map, self._seed), self.library)
        self._world.street_lights.follow(self._world.weather.sun_altitude_deg)
        self._world.street_lights.install(self._lamps(built))
        return built

    @property
    def _built(self) -> assets.Scenery:
        """All that stands there now; the same object until something else does."""
        return self._whole

    # -- what is seen -------------------------------------------------------------------------------------

    @property
    def static(self) -> Drawables:
        """Everything that never moves and is there, with the street lamps as they are switched.

        The same object until a lamp or a piece is switched; its poses the same object until a piece is.
        """
        built, world = self._built, self._world
        world.street_lights.follow(world.weather.sun_altitude_deg)
        now = (built, world.environment.revision, world.street_lights.revision)
        if self._static is None or now != self._static_of:
            same = self._static_of[0] is built and self._static_of[1] == now[1]
            places = self._static if same else None
            self._static = self._shown(self._with_lamps(built.drawables), places)
            self._static_of = now
        return self._static

    def along(self, start_m: Vec3, end_m: Vec3) -> Drawables:  # noqa: ARG002 (large maps ask where)
        """Everything that never moves and may be met between two points."""
        return self.static

    def _lamp_rows(self) -> Iterable[tuple[StreetLight, int]]:
        """All lamps, and which rows of the drawables they are."""
        return ((lamp, lamp.piece.row) for lamp in self._world.street_lights)

    def _with_lamps(self, drawables: Drawables) -> Drawables:
        lights, tint = drawables.lights & np.uint32(~LIGHT_STREET_LAMP & 2**32 - 1), drawables.tint.copy()
        for lamp, row in self._lamp_rows():
            if lamp.active and lamp.intensity > 0.0:
                bits, tint[row] = lamp_look(lamp.color, DEFAULT_COLOR, lamp.intensity / DEFAULT_INTENSITY)
                lights[row] |= np.uint32(LIGHT_STREET_LAMP | bits)
        return dataclasses.replace(drawables, lights=lights, tint=tint)

    def _shown(self, drawables: Drawables, before: Drawables | None) -> Drawables:
        """Without what is switched off. `before` differs in nothing but its lamps."""
        environment = self._world.environment
        if environment.is_whole and self._world.map.generation.is_visible:
            return drawables
        rows = np.ones(len(drawables), bool)
        mesh = drawables.mesh_index.copy()
        for piece in self.pieces:
            if not environment.is_shown(piece):
                rows[piece.row] = False
        gone: dict[int, set[int]] = {}
        for piece in self.ground_pieces:
            if not environment.is_shown(piece) or not self._world.map.generation.is_visible:
                gone.setdefault(piece.row, set()).add(int(piece.tag))
        for row, tags in gone.items():
            mesh[row] = self._without(int(mesh[row]), frozenset(tags))
            rows[row] = len(self.library.meshes[mesh[row]].triangles) > 0
        shown = kept(dataclasses.replace(drawables, mesh_index=mesh), rows)
        if before is None:
            return shown
        return dataclasses.replace(before, lights=shown.lights, tint=shown.tint)

    def _without(self, mesh: int, tags: frozenset[int]) -> int:
        key = (mesh, tags)
        if key not in self._parted:
            self._parted[key] = self.library.add(without_tags(self.library.meshes[mesh], tags))
        return self._parted[key]

    def moving(self) -> Drawables:
        """All actors with a body as they stand now, without those parts of signals that are switched off."""
        drawables = self.bodies.drawables(self._world)
        environment = self._world.environment
        if environment.is_whole:
            return drawables
        signals = self._world.signal_actors
        off = {
            (signals[number].id, part)
            for piece in self.signal_pieces
            if not environment.is_shown(piece)
            for number, part in [divmod(piece.id - ACTORS_FROM, 32)]
        }
        if not off:
            return drawables
        ordinal = row_within_actor(drawables)
        keep = [(int(i), int(k)) not in off for i, k in zip(drawables.object_id, ordinal, strict=True)]
        return kept(drawables, np.array(keep, bool))

    # -- pieces -------------------------------------------------------------------------------------------

    @property
    def pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Buildings, trees, lamps and so on, in a fixed order, also those that are switched off.

        `World.environment` tells which are there.
        """
        return self._built.objects

    @property
    def ground_pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Tiles of road, pavement, paint and open ground."""
        return self._ground_pieces

    @cached_property
    def _ground_pieces(self) -> tuple[assets.SceneryObject, ...]:
        return ground_pieces(self._built.drawables, self.library.meshes, self._built.objects)

    @property
    def signal_pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Poles and heads of traffic lights, posts and plates of signs."""
        return self._signal_pieces

    @cached_property
    def _signal_pieces(self) -> tuple[assets.SceneryObject, ...]:
        return self._pieces_of(range(len(self._world.signal_actors)))

    def _pieces_of(self, numbers: Iterable[int]) -> tuple[assets.SceneryObject, ...]:
        """The parts of some of the map's signals."""
        out: list[assets.SceneryObject] = []
        signals = self._world.signal_actors
        for number in numbers:
            actor = signals[number]
            kind = "TrafficLight" if actor.kind is ActorKind.TRAFFIC_LIGHT else "TrafficSign"
            name = f"{kind}_{number:04d}"
            out += actor_pieces(number, name, self.bodies.signal(actor), self.library.meshes)
        return tuple(out)

    @property
    def all_pieces(self) -> tuple[assets.SceneryObject, ...]:
        """Everything of the map that a client can switch."""
        return self.pieces + self.ground_pieces + self.signal_pieces

    def enable(self, ids: Iterable[int], on: bool) -> None:
        """Switches pieces on or off; unknown ids are passed over, as CARLA does."""
        wanted = set(ids)
        self._world.environment.enable([p for p in self.all_pieces if p.id in wanted], on)

    # -- lights -------------------------------------------------------------------------------------------

    @property
    def street_lights(self) -> tuple[StreetLight, ...]:
        """The lamps whose posts are loaded, as they are switched now."""
        _ = self._built
        self._world.street_lights.follow(self._world.weather.sun_altitude_deg)
        return tuple(
            light for light in self._world.street_lights if self._world.environment.is_loaded(light.piece)
        )

    def _lamps(self, built: assets.Scenery) -> list[StreetLight]:
        heads: dict[int, np.ndarray] = {}
        out = []
        for piece in built.objects:
            if not piece.name.startswith(assets.LAMP_POST):
                continue
            index = int(built.drawables.mesh_index[piece.row])
            if index not in heads:
                mesh = self.library.meshes[index]
                lens = mesh.positions_m[(mesh.materials == Material.STREET_LAMP)]
                # The longer arm reaches along x, a shorter one back.
                heads[index] = lens[lens[:, 0] > 0.0].mean(axis=0).astype(np.float64)
            world = piece.pose.matrix
            out.append(StreetLight(piece=piece, head_m=world[:3, :3] @ heads[index] + world[:3, 3]))
        return out

    def light_boxes(self, row: int) -> tuple[Box, ...]:
        """The heads of a traffic light in the world."""
        return self.bodies.signal_boxes(self._world.light_actors[row])
