"""Trees and hedges: in a row along the pavement, on medians, scattered over what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64
from scipy.spatial import cKDTree

from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.trees import (
    BUSH,
    ORNAMENTAL,
    PLANE,
    POPLAR,
    SCHOLAR,
    SCHOLAR_YOUNG,
    TreeForm,
    make_hedge,
    make_tree,
)
from drivegen.embedded.assets.scenery.ways import Line
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.ground import Ground

HEDGE_M = 3.0
TREE_EVERY_M = 8.0
TRUNK_FROM_WALK_M = 1.1
"""Least distance of a trunk from the middle of a pavement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Trees that stand again and again: (form, mesh)."""

    wide: tuple[tuple[TreeForm, int], ...]
    slim: tuple[tuple[TreeForm, int], ...]
    small: tuple[tuple[TreeForm, int], ...]
    bushes: tuple[tuple[TreeForm, int], ...]
    hedge: int
    low_hedge: int


def make_stock(library: MeshLibrary, rng: np.random.Generator) -> Stock:
    """One set of trees."""

    def some(form: TreeForm, count: int, name: str) -> tuple[tuple[TreeForm, int], ...]:
        return tuple((form, make_tree(library, form, rng, f"tree/{name}_{k}")) for k in range(count))

    return Stock(
        wide=some(SCHOLAR, 3, "scholar") + some(PLANE, 2, "plane"),
        slim=some(POPLAR, 2, "poplar") + some(SCHOLAR_YOUNG, 2, "young"),
        small=some(ORNAMENTAL, 2, "ornamental"),
        bushes=some(BUSH, 3, "bush"),
        hedge=make_hedge(library, HEDGE_M, 1.1, 0.9, rng, "tree/hedge"),
        low_hedge=make_hedge(library, HEDGE_M, 0.7, 0.6, rng, "tree/low_hedge"),
    )


class Planter:
    """Plants one site."""

    def __init__(
        self,
        composer: Composer,
        site: Site,
        ground: Ground,
        pavements: Sequence[Line],
        clear: Float64[np.ndarray, "k 3"],
        stock: Stock,
        rng: np.random.Generator,
    ) -> None:
        self.composer, self.site, self.ground, self.stock, self.rng = composer, site, ground, stock, rng
        self.clear = clear
        walked = [line.xyz_m[:, :2] for line in pavements]
        self._walked = cKDTree(np.concatenate(walked)) if walked else None
        self._planted: list[tuple[float, float]] = []

    def kept(self, xy_m: Float[np.ndarray, "n 2"], extra_m: float = 0.0) -> Bool[np.ndarray, "n"]:
        """Which points lie where something must not stand."""
        if len(self.clear) == 0:
            return np.zeros(len(xy_m), bool)
        gap = np.linalg.norm(xy_m[:, None] - self.clear[None, :, :2], axis=2)
        return np.asarray(np.any(gap < self.clear[None, :, 2] + extra_m, axis=1))

    def from_walk_m(self, xy_m: Float[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n"]:
        """Distance to the nearest middle of a pavement."""
        if self._walked is None:
            return np.full(len(xy_m), 1e4)
        return np.asarray(self._walked.query(xy_m)[0], dtype=np.float64)

    def _plant(self, xy: Float[np.ndarray, "2"], options: Sequence[tuple[TreeForm, int]], name: str) -> None:
        form, mesh = options[int(self.rng.integers(len(options)))]
        del form
        z = float(self.ground.height(xy[None])[0][0])
        yaw = float(self.rng.uniform(0, 2 * np.pi))
        self.composer.put(mesh, (float(xy[0]), float(xy[1]), z), yaw, name, Tag.VEGETATION)
        self._planted.append((float(xy[0]), float(xy[1])))

    def _crowded(self, xy: Float[np.ndarray, "2"], gap_m: float) -> bool:
        return (
            bool(self._planted)
            and float(np.min(np.linalg.norm(np.array(self._planted) - xy, axis=1))) < gap_m
        )

    def line_pavements(self, lines: Sequence[Line]) -> None:
        """A tree every few metres at the kerb side of each pavement; behind it where it is narrow."""
        for line in lines:
            s = np.arange(float(self.rng.uniform(2.0, 6.0)), line.length_m, TREE_EVERY_M)
            if len(s) == 0:
                continue
            width = float(np.median(line.width_m))
            best = self.kerb_side(line, s, width)
            inset = width / 2 - 0.7 if width >= 3.3 else width / 2 + 1.3
            side = best if width >= 3.3 else -best
            spots = line.at(s, side * inset)
            xy = spots.xyz_m[:, :2]
            fits = (
                ~self.kept(xy, 0.6)
                & (self.site.look(self.site.to_roadway_m, xy) > 0.35)
                & ~self.site.built_at(xy)
            )
            fits &= self.from_walk_m(xy) > TRUNK_FROM_WALK_M
            if width < 3.3:
                fits &= self.site.look(self.site.to_paved_m, xy) > 0.6
            drive = self.site.look(self.site.to_driven_m, xy)
            for k in np.flatnonzero(fits):
                if not self._crowded(xy[k], 4.5):
                    self._plant(
                        xy[k], self.stock.wide if drive[k] > 3.0 else self.stock.slim, "Vegetation_Tree"
                    )

    def kerb_side(self, line: Line, s: Float64[np.ndarray, "k"], width: float) -> float:
        """1 if the road lies to the left of a pavement, -1 if to its right."""
        reach = width / 2 + 0.8
        left = self.site.look(self.site.to_roadway_m, line.at(s, reach).xyz_m[:, :2])
        right = self.site.look(self.site.to_roadway_m, line.at(s, -reach).xyz_m[:, :2])
        return 1.0 if float(np.median(left)) < float(np.median(right)) else -1.0

    def green_belts(self, lines: Sequence[Line]) -> None:
        """Low hedges along the outer edge of the pavements, with gaps where people walk in."""
        for line in lines:
            width = float(np.median(line.width_m))
            s = np.arange(HEDGE_M, line.length_m - HEDGE_M, HEDGE_M)
            if len(s) == 0:
                continue
            out = -self.kerb_side(line, s, width)
            spots = line.at(s, out * (width / 2 + 1.1))
            xy = spots.xyz_m[:, :2]
            z = self.ground.height(xy)[0]
            ends = [
                line.at(s + d, out * (width / 2 + 1.1)).xyz_m[:, :2] for d in (-HEDGE_M / 2, 0.0, HEDGE_M / 2)
            ]
            fits = np.all([self.site.look(self.site.to_paved_m, e) > 0.45 for e in ends], axis=0)
            fits &= ~np.any([self.site.built_at(e) for e in ends], axis=0) & ~self.kept(xy, 1.6)
            fits &= np.all([self.from_walk_m(e) > 1.2 for e in ends], axis=0)
            gaps = np.convolve(self.rng.random(len(s)) < 0.08, np.ones(3))[1:-1] > 0
            for k in np.flatnonzero(fits & ~gaps):
                place = (float(xy[k, 0]), float(xy[k, 1]), float(z[k]) - 0.05)
                self.composer.put(
                    self.stock.low_hedge,
                    place,
                    float(spots.heading_rad[k]),
                    "Vegetation_Hedge",
                    Tag.VEGETATION,
                )

    def medians(self, lines: Sequence[Line]) -> None:
        """Hedges with small trees on strips that are wide enough."""
        for line in lines:
            s = np.arange(HEDGE_M / 2 + 0.5, line.length_m - HEDGE_M / 2, HEDGE_M)
            if len(s) == 0:
                continue
            spots = line.at(s)
            xy = spots.xyz_m[:, :2]
            ends = [line.at(s + d).xyz_m[:, :2] for d in (-HEDGE_M / 2, 0.0, HEDGE_M / 2)]
            room = np.min([self.site.look(self.site.to_roadway_m, e) for e in ends], axis=0)
            fits = (spots.width_m > 2.2) & (room > 0.85) & ~self.kept(xy, 1.4)
            fits &= np.all([self.from_walk_m(e) > 2.2 for e in ends], axis=0)
            z = self.ground.height(xy)[0]
            for k in np.flatnonzero(fits):
                place = (float(xy[k, 0]), float(xy[k, 1]), float(z[k]) - 0.05)
                self.composer.put(
                    self.stock.hedge, place, float(spots.heading_rad[k]), "Vegetation_Hedge", Tag.VEGETATION
                )
                if k % 3 == 1 and room[k] > 1.25 and not self._crowded(xy[k], 5.0):
                    self._plant(xy[k], self.stock.small, "Vegetation_Tree")

    def scatter(self, density_pm2: float) -> None:
        """Trees and bushes over the free ground near the roads."""
        area = float(np.prod(self.site.high_m - self.site.low_m))
        count = int(min(area * density_pm2, 9000))
        xy = self.rng.uniform(self.site.low_m, self.site.high_m, size=(count, 2))
        paved = self.site.look(self.site.to_paved_m, xy)
        near = np.clip((60.0 - paved) / 50.0, 0.0, 1.0)
        keep = (paved > 4.2) & (self.rng.random(count) < near) & ~self.site.built_at(xy) & ~self.kept(xy, 2.0)
        for spot in xy[keep]:
            if self._crowded(spot, 4.0):
                continue
            drawn = self.rng.random()
            options = (
                self.stock.bushes if drawn < 0.40 else self.stock.wide if drawn < 0.75 else self.stock.slim
            )
            self._plant(spot, options, "Vegetation_Bush" if drawn < 0.40 else "Vegetation_Tree")
