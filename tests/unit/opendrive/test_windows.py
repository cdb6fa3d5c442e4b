"""Parts of a network, meshed by themselves, are the surfaces of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.surfaces import Surface, SurfaceKind, mesh_network
from drivegen.opendrive.surfaces.cropping import centred_in, reaching_into
from drivegen.opendrive.surfaces.heights import PlotHeight
from drivegen.opendrive.surfaces.terrain import Plot
from drivegen.opendrive.windows import RoadWindows, Window
from drivegen_generators.roads.district import District

SIZE_M = 240.0
AROUND_M = 100.0


@pytest.fixture(scope="module")
def district() -> RoadNetwork:
    return District(junctions=2, block_m=[240.0, 260.0]).generate(derive_rng(3, "map"), "District")


@pytest.fixture(scope="module")
def tiles(district: RoadNetwork) -> dict[Window, tuple[Surface, ...]]:
    """All tiles over the district."""
    windows = RoadWindows(district)
    x0, y0, x1, y1 = windows.bounds_m
    out = {}
    for x in np.arange(np.floor(x0 / SIZE_M), np.ceil(x1 / SIZE_M)) * SIZE_M:
        for y in np.arange(np.floor(y0 / SIZE_M), np.ceil(y1 / SIZE_M)) * SIZE_M:
            box = (float(x), float(y), float(x) + SIZE_M, float(y) + SIZE_M)
            part = windows.within((x - AROUND_M, y - AROUND_M, x + SIZE_M + AROUND_M, y + SIZE_M + AROUND_M))
            out[box] = mesh_network(part, Plot(box_m=box, level_m=windows.level_m))
    return out


def test_tiles_have_each_triangle_of_the_roads_once(
    district: RoadNetwork, tiles: dict[Window, tuple[Surface, ...]]
) -> None:
    assert len(tiles) >= 4
    for surface in mesh_network(district):
        if surface.kind is SurfaceKind.TERRAIN:
            continue
        parts = [
            _triangles(own)
            for box, made in tiles.items()
            for own in centred_in(made, box)
            if own.kind is surface.kind
        ]
        assert sorted(map(tuple, np.concatenate(parts).tolist())) == sorted(
            map(tuple, _triangles(surface).tolist())
        )


def test_a_window_has_few_roads_and_whole_junctions(district: RoadNetwork) -> None:
    windows = RoadWindows(district)
    x0, y0, x1, y1 = windows.bounds_m
    assert len(windows.within((x0, y0, x1, y1)).roads) == len(district.roads)
    inside = next(road for road in district.roads if road.junction is not None)
    start = inside.geometries[0]
    part = windows.within((start.x_m - 0.5, start.y_m - 0.5, start.x_m + 0.5, start.y_m + 0.5))
    assert len(part.roads) < len(district.roads)
    assert {road.id for road in part.roads} >= {r.id for r in district.roads if r.junction == inside.junction}
    joined = [r for r in part.roads if r.junction == inside.junction]
    ends = {link.id for r in joined for link in (r.predecessor, r.successor) if link is not None}
    assert ends
    assert ends <= {road.id for road in part.roads}


def test_ground_goes_on_over_borders(tiles: dict[Window, tuple[Surface, ...]]) -> None:
    """Along a border both tiles' ground is at the same height, and so is what both draw just beside it."""
    for (x0, y0, x1, y1), made in tiles.items():
        other = tiles.get((x1, y0, x1 + SIZE_M, y1))
        if other is None:
            continue
        grounds = [
            Ground(_NO_NETWORK, reaching_into(surfaces, box, 1.5))
            for surfaces, box in ((made, (x0, y0, x1, y1)), (other, (x1, y0, x1 + SIZE_M, y1)))
        ]
        y = np.linspace(y0 + 0.013, y1 - 0.013, 700)
        line = np.column_stack([np.full(len(y), x1), y, np.zeros(len(y))])
        here, there = (ground.height_near(line) for ground in grounds)
        np.testing.assert_allclose(here, there, atol=5e-3)


def test_rims_of_plots_on_hills_agree() -> None:
    rng = np.random.default_rng(4)
    points = rng.uniform((-100.0, 0.0, 0.0), (100.0, 100.0, 0.0), (400, 3))
    points[:, 2] = 5.0 + 0.08 * points[:, 0] + np.sin(points[:, 1] / 30.0)
    left = PlotHeight(points[points[:, 0] < 45.0], (-100.0, 0.0, 0.0, 100.0), 0.0)
    right = PlotHeight(points[points[:, 0] > -45.0], (0.0, 0.0, 100.0, 100.0), 0.0)
    border = np.column_stack([np.zeros(301), np.linspace(0.0, 100.0, 301)])
    assert np.ptp(left(border)) > 1.0
    np.testing.assert_allclose(left(border), right(border), atol=1e-9)


_NO_NETWORK = RoadNetwork(name="border", geo_reference="", roads=())


def _triangles(surface: Surface) -> np.ndarray:
    """Corners in millimetres, the smallest first, (t, 9)."""
    corners = np.rint(surface.positions_m[surface.triangles].astype(np.float64) * 1000.0).astype(np.int64)
    order = np.lexsort((corners[:, :, 2], corners[:, :, 1], corners[:, :, 0]), axis=1)[:, 0]
    turned = (order[:, None] + np.arange(3)) % 3
    return np.take_along_axis(corners, turned[:, :, None], axis=1).reshape(-1, 9)
