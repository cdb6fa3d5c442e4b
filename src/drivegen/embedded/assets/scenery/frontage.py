"""Buildings along the roads and around the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery.buildings import Building, Kind, footprint_m, make_building
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.trees import make_tree_line
from drivegen.embedded.assets.scenery.ways import Line
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of buildings behind another."""

    kinds: tuple[Kind, ...]
    setback_m: float
    """From the edge of all that is paved to the fronts."""
    gap_m: tuple[float, float]
    clear_m: float
    """Least distance of the walls to anything paved."""


ROWS = (
    Row(
        kinds=(
            Kind.SHOPS,
            Kind.SLAB,
            Kind.OFFICE,
            Kind.SLAB,
            Kind.TOWER,
            Kind.CURTAIN,
            Kind.HALL,
            Kind.COURTYARD,
        ),
        setback_m=9.0,
        gap_m=(5.0, 14.0),
        clear_m=6.0,
    ),
    Row(
        kinds=(Kind.TOWER, Kind.SLAB, Kind.TOWER, Kind.OFFICE, Kind.CURTAIN),
        setback_m=40.0,
        gap_m=(14.0, 30.0),
        clear_m=14.0,
    ),
    Row(kinds=(Kind.TOWER,), setback_m=82.0, gap_m=(22.0, 50.0), clear_m=20.0),
)
SIZES: dict[Kind, tuple[tuple[float, float, int], ...]] = {
    Kind.SHOPS: ((24.0, 10.0, 2), (36.0, 12.0, 2), (18.0, 10.0, 2)),
    Kind.SLAB: ((36.0, 12.0, 6), (48.0, 12.0, 6), (27.0, 13.0, 7)),
    Kind.OFFICE: ((30.0, 20.0, 9), (42.0, 18.0, 6), (27.0, 24.0, 14)),
    Kind.CURTAIN: ((32.0, 22.0, 12), (26.0, 26.0, 18), (44.0, 20.0, 8)),
    Kind.HALL: ((48.0, 22.0, 3), (36.0, 18.0, 2), (60.0, 24.0, 3)),
    Kind.COURTYARD: ((18.0, 7.5, 1), (24.0, 8.0, 1), (14.0, 7.0, 1)),
    Kind.TOWER: ((27.0, 16.0, 18), (36.0, 15.0, 15), (22.5, 18.0, 24)),
}
"""Length, depth, storeys."""
_EMBEDDED_M = 0.15
"""Foundations end at least so far below the ground."""
FAR_RING = 84
FAR_TREES = 60


def make_stock(library: MeshLibrary, rng: np.random.Generator) -> dict[Kind, list[Building]]:
    """The buildings that stand again and again."""
    return {
        kind: [
            make_building(library, kind, length, depth, storeys, rng, f"building/{kind}_{k}")
            for k, (length, depth, storeys) in enumerate(sizes)
        ]
        for kind, sizes in SIZES.items()
    }


def add_rows(
    composer: Composer,
    site: Site,
    ground: Ground,
    lines: Sequence[Line],
    stock: dict[Kind, list[Building]],
    rng: np.random.Generator,
) -> None:
    """Rows of buildings behind the roads' outer borders, nearest rows first."""
    for row in ROWS:
        for line in lines:
            _add_row(composer, site, ground, line, row, stock, rng)


def _add_row(
    composer: Composer,
    site: Site,
    ground: Ground,
    line: Line,
    row: Row,
    stock: dict[Kind, list[Building]],
    rng: np.random.Generator,
) -> None:
    fronts = line.at(np.arange(0.0, line.length_m + 1.0), -row.setback_m)
    fits = site.look(site.to_paved_m, fronts.xyz_m[:, :2]) >= row.clear_m
    fits &= ~site.built_at(fronts.xyz_m[:, :2])
    place = float(rng.uniform(0.0, 8.0))
    while place < line.length_m:
        kind = row.kinds[int(rng.integers(len(row.kinds)))]
        choices = stock[kind]
        first = int(rng.integers(len(choices)))
        built = False
        for k in range(len(choices)):
            building = choices[(first + k) % len(choices)]
            ends = np.array([place, place + building.length_m / 2, place + building.length_m])
            if not np.all(fits[np.minimum(ends.astype(np.int64), len(fits) - 1)]):
                continue
            if _try(composer, site, ground, line, row, building, kind, place + building.length_m / 2):
                place += building.length_m + float(rng.uniform(*row.gap_m))
                built = True
                break
        if not built:
            place += 5.0


def _try(
    composer: Composer,
    site: Site,
    ground: Ground,
    line: Line,
    row: Row,
    building: Building,
    kind: Kind,
    middle_m: float,
) -> bool:
    if middle_m > line.length_m + 6.0:
        return False
    spot = line.at(np.array([min(middle_m, line.length_m)]), -row.setback_m)
    yaw = float(spot.heading_rad[0]) + np.pi
    front = spot.xyz_m[0, :2]
    corners = footprint_m(building, front, yaw, 0.0)
    if np.any(site.look(site.to_paved_m, corners) < row.clear_m) or np.any(site.built_at(corners)):
        return False
    if not site.is_free(footprint_m(building, front, yaw, 1.5), row.clear_m):
        return False
    site.build(footprint_m(building, front, yaw, 2.5))
    heights = ground.height(corners)[0]
    # On its highest corner, but its foundation reaches down to the ground at the lowest.
    deepest = max(-composer.bottom_m(building.mesh) - _EMBEDDED_M, 0.0)
    z = min(float(heights.max()), float(heights.min()) + deepest)
    _put(composer, building, kind, front, z, yaw)
    return True


def _put(
    composer: Composer, building: Building, kind: Kind, front: Float[np.ndarray, "2"], z: float, yaw: float
) -> None:
    composer.put(
        building.mesh,
        (float(front[0]), float(front[1]), z),
        yaw,
        f"Building_{kind.capitalize()}",
        Tag.BUILDING,
    )


def add_horizon(composer: Composer, site: Site, ground: Ground, rng: np.random.Generator) -> None:
    """Far blocks and banks of trees all around, so that no road ends at a bare edge."""
    library = composer.library
    centre, half = (site.low_m + site.high_m) / 2, (site.high_m - site.low_m) / 2
    blocks = [
        make_building(library, Kind.FAR, length, depth, storeys, rng, f"building/far_{k}")
        for k, (length, depth, storeys) in enumerate(
            ((30.0, 16.0, 18), (42.0, 14.0, 11), (54.0, 13.0, 7), (24.0, 20.0, 26), (36.0, 18.0, 22))
        )
    ]
    for k in range(FAR_RING):
        angle = 2 * np.pi * (k + float(rng.uniform(0.0, 0.9))) / FAR_RING
        far = float(rng.uniform(10.0, 170.0))
        spot = _rim(centre, half, angle, far)
        inward = np.arctan2(*(centre - spot)[::-1])
        block = blocks[int(rng.integers(len(blocks)))]
        yaw = float(np.round((inward + np.pi / 2) / (np.pi / 2)) * np.pi / 2 + rng.normal(0.0, 0.08))
        outline = footprint_m(block, spot, yaw, 2.0)
        if site.is_free(outline, 25.0):
            site.build(outline)
            _put(composer, block, Kind.FAR, spot, float(ground.height(spot[None])[0][0]), yaw)
    banks = [
        make_tree_line(library, 42.0, height, rng, f"tree/bank_{k}")
        for k, height in enumerate((8.0, 10.0, 7.0))
    ]
    for k in range(FAR_TREES):
        angle = 2 * np.pi * (k + 0.5) / FAR_TREES
        spot = _rim(centre, half, angle, -14.0 + float(rng.uniform(-6.0, 6.0)))
        outward = spot - centre
        yaw = float(np.arctan2(outward[1], outward[0]) + np.pi / 2)
        z = float(ground.height(spot[None])[0][0])
        along = np.array([np.cos(yaw), np.sin(yaw)])
        ends = spot + np.linspace(-24.0, 24.0, 13)[:, None] * along
        if np.all(site.look(site.to_paved_m, ends) > 9.0) and not np.any(site.built_at(ends)):
            composer.put(
                banks[k % len(banks)],
                (float(spot[0]), float(spot[1]), z),
                yaw,
                "Vegetation_Bank",
                Tag.VEGETATION,
            )


def _rim(
    centre: Float64[np.ndarray, "2"], half: Float64[np.ndarray, "2"], angle: float, beyond_m: float
) -> Float64[np.ndarray, "2"]:
    """A point beyond the ellipse-like rim of the map in a direction."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    reach = (np.abs(direction / half) ** 4).sum() ** -0.25
    return np.asarray(centre + direction * (reach + beyond_m))
