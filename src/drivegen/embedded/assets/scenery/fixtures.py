"""Lamps, railings, bollards, bins, cabinets, bus stops along the roads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import street
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.layers import LAMP_POST
from drivegen.embedded.assets.scenery.planting import Planter
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.ways import Line
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.pavements import EdgeKind, Pavements

LAMP_EVERY_M = 32.0
NARROW_STRIP_M = 2.2
SWEPT_RADIUS_M = 45.0
"""In tighter bends nothing stands next to the lanes: the ends of long vehicles sweep over the kerb there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixtures:
    """Meshes of what stands again and again."""

    lamp: int
    lamp_single: int
    railing: int
    bollard: int
    bin: int
    cabinet: int
    bench: int
    bus_stop: int


def make_fixtures(library: MeshLibrary) -> Fixtures:
    """One of each."""
    return Fixtures(
        lamp=street.make_lamp(library, 9.5, 2.2, 1.0, "street/lamp_double"),
        lamp_single=street.make_lamp(library, 8.5, 1.9, 0.0, "street/lamp"),
        railing=street.make_railing(library, "street/railing"),
        bollard=street.make_bollard(library, "street/bollard"),
        bin=street.make_bin(library, "street/bin"),
        cabinet=street.make_cabinet(library, "street/cabinet"),
        bench=street.make_bench(library, "street/bench"),
        bus_stop=street.make_bus_stop(library, "street/bus_stop"),
    )


class Fitter:
    """Fits out one site."""

    def __init__(
        self,
        composer: Composer,
        site: Site,
        ground: Ground,
        planter: Planter,
        rng: np.random.Generator,
        lamps_m: Sequence[Float64[np.ndarray, "2"]] = (),
        fixtures: Fixtures | None = None,
    ) -> None:
        """`lamps_m`: where lamps stand already; `fixtures`: those of other sites, None to make new ones."""
        self.composer, self.site, self.ground, self.planter, self.rng = composer, site, ground, planter, rng
        self.stock = fixtures if fixtures is not None else make_fixtures(composer.library)
        self._lamps: list[Float64[np.ndarray, "2"]] = list(lamps_m)

    def _put(
        self, mesh: int, xy: Float64[np.ndarray, "2"], yaw: float, name: str, tag: Tag, lights: int = 0
    ) -> None:
        z = float(self.ground.height(xy[None])[0][0])
        self.composer.put(mesh, (float(xy[0]), float(xy[1]), z), yaw, name, tag, lights)

    def railings(self, lines: Sequence[Line]) -> None:
        """Railings on narrow strips between lanes, field by field."""
        half = street.RAILING_M / 2
        for line in lines:
            s = np.arange(half + 0.3, line.length_m - half, street.RAILING_M)
            if len(s) == 0:
                continue
            spots = line.at(s)
            xy = spots.xyz_m[:, :2]
            ends = [line.at(s + d).xyz_m[:, :2] for d in (-half, 0.0, half)]
            room = np.min([self.site.look(self.site.to_roadway_m, e) for e in ends], axis=0)
            fits = (spots.width_m <= NARROW_STRIP_M) & (room > 0.28) & ~self.planter.kept(xy, 1.0)
            fits &= np.all([self.planter.from_walk_m(e) > 2.2 for e in ends], axis=0)
            fits &= ~line.bends_within(s, SWEPT_RADIUS_M)
            for k in np.flatnonzero(fits):
                self._put(self.stock.railing, xy[k], float(spots.heading_rad[k]), "Fence_Railing", Tag.FENCE)

    def strip_lamps(self, lines: Sequence[Line]) -> None:
        """Two-armed lamps on the strips between carriageway and bicycle lane."""
        for line in lines:
            s = np.arange(9.0, line.length_m, LAMP_EVERY_M)
            if len(s) == 0:
                continue
            spots, tight = line.at(s), line.bends_within(s, SWEPT_RADIUS_M)
            for k in range(len(s)):
                if 0.9 <= spots.width_m[k] <= NARROW_STRIP_M and not tight[k]:
                    self._lamp(spots.xyz_m[k, :2], float(spots.heading_rad[k]), 0.35)

    def pavement_lamps(self, lines: Sequence[Line]) -> None:
        """Lamps at the kerb of pavements that no other lamp lights."""
        for line in lines:
            s = np.arange(6.0, line.length_m, LAMP_EVERY_M)
            if len(s) == 0:
                continue
            width = float(np.median(line.width_m))
            inset = width / 2 - 0.45 if width >= 2.4 else width / 2 + 0.5
            side = self.planter.kerb_side(line, s, width) * (1.0 if width >= 2.4 else -1.0)
            spots, tight = line.at(s, side * inset), line.bends_within(s, SWEPT_RADIUS_M)
            for k in np.flatnonzero(~tight):
                self._lamp(spots.xyz_m[k, :2], float(spots.heading_rad[k]), 0.25)

    def _lamp(self, xy: Float64[np.ndarray, "2"], heading: float, from_road_m: float) -> None:
        there = xy[None]
        if self.planter.kept(there, 0.3)[0] or self.site.look(self.site.to_roadway_m, there)[0] < from_road_m:
            return
        if (
            self._lamps
            and float(np.min(np.linalg.norm(np.array(self._lamps) - xy, axis=1))) < 0.62 * LAMP_EVERY_M
        ):
            return
        if self.planter.from_walk_m(there)[0] < 1.0 or self.site.built_at(there)[0]:
            return
        sides = [heading + math.pi / 2, heading - math.pi / 2]
        reach = [
            self.site.look(self.site.to_driven_m, there + 2.0 * np.array([[math.cos(a), math.sin(a)]]))[0]
            for a in sides
        ]
        near = int(np.argmin(reach))
        other = there + 1.5 * np.array([[math.cos(sides[1 - near]), math.sin(sides[1 - near])]])
        double = self.site.look(self.site.to_roadway_m, other)[0] < 0.3
        self._put(
            self.stock.lamp if double else self.stock.lamp_single,
            xy,
            sides[near],
            LAMP_POST,
            Tag.POLE,
            LIGHT_STREET_LAMP,
        )
        self._lamps.append(xy)

    def crossings(self, ways: Pavements) -> None:
        """Bollards beside the kerb points of crossings, out of the way of those who cross."""
        for edge in ways.edges:
            if edge.kind != EdgeKind.CROSSING:
                continue
            for point, other in (
                (edge.centre_m[0], edge.centre_m[-1]),
                (edge.centre_m[-1], edge.centre_m[0]),
            ):
                away = point[:2] - other[:2]
                away = away / max(float(np.linalg.norm(away)), 1e-6)
                along = np.array([-away[1], away[0]])
                beside = edge.width_m / 2 + 0.35
                for place in (-beside - 0.65, -beside, beside, beside + 0.65):
                    xy = point[:2] + 0.45 * away + place * along
                    room = self.site.look(self.site.to_roadway_m, xy[None])[0]
                    if 0.25 < room < 3.0 and self.planter.from_walk_m(xy[None])[0] > 1.0:
                        self._put(self.stock.bollard, xy, 0.0, "Pole_Bollard", Tag.POLE)

    def furniture(self, lines: Sequence[Line], *, shelters: bool = True) -> None:
        """Bins, benches, cabinets and now and then a bus shelter at the outer edge of pavements."""
        for number, line in enumerate(lines):
            width = float(np.median(line.width_m))
            if width < 2.4 or line.length_m < 25.0:
                continue
            s = np.arange(12.0, line.length_m - 8.0, 17.0)
            if len(s) == 0:
                continue
            road = self.planter.kerb_side(line, s, width)
            spots = line.at(s, -road * (width / 2 - 0.42))
            for k in range(len(s)):
                xy = spots.xyz_m[k, :2]
                if self.planter.kept(xy[None], 1.5)[0] or self.planter.from_walk_m(xy[None])[0] < 1.2:
                    continue
                if self.site.look(self.site.to_roadway_m, xy[None])[0] < 1.2:
                    continue
                yaw = float(spots.heading_rad[k]) + (0.0 if road < 0 else math.pi)
                kind = int(self.rng.integers(4))
                if kind == 0:
                    self._put(self.stock.bin, xy, yaw, "Static_Bin", Tag.STATIC)
                elif kind == 1:
                    self._put(self.stock.bench, xy, yaw, "Static_Bench", Tag.STATIC)
                elif kind == 2 and k % 2 == 0:
                    self._put(self.stock.cabinet, xy, yaw, "Static_Cabinet", Tag.STATIC)
            if shelters and number % 2 == 0 and line.length_m > 55.0:
                self._bus_stop(line, road, width)

    def _bus_stop(self, line: Line, road: float, width: float) -> None:
        """A shelter behind the pavement, open to it."""
        spot = line.at(np.array([line.length_m * 0.55]), -road * (width / 2 + 1.1))
        xy = spot.xyz_m[0, :2]
        yaw = float(spot.heading_rad[0]) + (0.0 if road < 0 else math.pi)
        along = np.array([math.cos(yaw), math.sin(yaw)])
        ends = xy + np.linspace(-3.8, 4.6, 8)[:, None] * along
        if np.all(self.site.look(self.site.to_roadway_m, ends) > 1.5) and not np.any(
            self.site.built_at(ends)
        ):
            back = np.array([-along[1], along[0]])
            outline = [xy + a * along + b * back for a, b in ((-4, -1.0), (5, -1.0), (5, 1.0), (-4, 1.0))]
            self.site.build(np.array(outline))
            self._put(self.stock.bus_stop, xy, yaw, "Static_BusStop", Tag.STATIC)
