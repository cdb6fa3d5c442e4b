"""Large maps by tiles: the same whatever was built before, shut at the borders, and let go again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.world.maps import LoadedMap, MapStore
from drivegen.embedded.world.pieces import GROUND_FROM
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.stage import Stage, make_scenery
from drivegen.embedded.world.tiled_scenery import TiledScenery
from drivegen.embedded.world.tiles import PIECES, Kept, TileGrid, Tiles, Tiling, tile_of_piece
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.midblock import MidblockCrossing

SIZE_M = 160.0
NEAR = Tiling(most_roads=0, tile_m=SIZE_M, sight_m=60.0, most_tiles=2)
ALL = Tiling(most_roads=0, tile_m=SIZE_M, sight_m=900.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("maps")
    network = MidblockCrossing().generate(derive_rng(0, "map", "Street"), "Street")
    (made / "Street.xodr").write_text(write_network(network))
    return made


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A shelf of this module's own: what is compared has been built here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def world_of(folder: Path, tiling: Tiling) -> World:
    maps = MapStore(folder, tiling)
    world = World(maps, maps.names[0], 1)
    world.settings = dataclasses.replace(world.settings, synchronous=True)
    return world


def border(world: World) -> tuple[float, float]:
    """A place on the road where it crosses from one tile into the next."""
    tiles = world.map.tiles
    assert tiles is not None
    places = np.array([pose.position_m[:2] for pose in world.map.spawn_points])
    away = np.abs(places / SIZE_M - np.round(places / SIZE_M)) * SIZE_M
    row, axis = np.unravel_index(int(np.argmin(away)), away.shape)
    places[row, axis] = np.round(places[row, axis] / SIZE_M) * SIZE_M
    return float(places[row, 0]), float(places[row, 1])


def test_the_latest_are_kept_and_those_in_use() -> None:
    gone: list[str] = []
    kept: Kept[int, str] = Kept(2, gone.append)
    for number in (1, 2, 1, 3):
        assert kept.get(number, lambda n=number: f"made {n}") == f"made {number}"
    assert gone == ["made 2"] and 1 in kept and 2 not in kept
    kept.get(4, lambda: "made 4", in_use=3)
    assert len(kept) == 3 and gone == ["made 2"]
    kept.get(4, lambda: "never")
    assert gone == ["made 2", "made 1"]


def test_squares_near_a_place() -> None:
    grid = TileGrid((-100.0, -100.0, 300.0, 60.0), 100.0)
    assert grid.shape == (6, 4)
    number = int(grid.numbers_of(np.array([[50.0, 50.0]]))[0])
    assert grid.window(number) == (0.0, 0.0, 100.0, 100.0)
    windows = {grid.window_of_cell(*cell) for cell in grid.near(np.array([[95.0, 50.0]]), 10.0)}
    assert windows == {(0.0, 0.0, 100.0, 100.0), (100.0, 0.0, 200.0, 100.0)}
    assert len(grid.near(np.array([[95.0, 95.0]]), 10.0)) == 4
    far = grid.near(np.array([[1000.0, 0.0]]), 10.0)
    assert all(grid.number_of_cell(*cell) < 0 for cell in far)


def test_small_maps_are_held_whole(folder: Path) -> None:
    world = world_of(folder, Tiling())
    assert world.map.tiles is None
    assert type(make_scenery(world, 0)) is Scenery


def test_a_tile_is_the_same_whatever_was_built_before(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (folder / "Street.xodr").read_text()
    made = []
    for number, first in enumerate(((), (0,), (0, 1))):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / str(number)))
        tiles = LoadedMap.read("Street", text, "Street", tiling=ALL).tiles
        assert isinstance(tiles, Tiles)
        there = tiles.grid.numbers_of(np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, -1.0]])).tolist()
        for i in first:
            tiles.scenery(there[1 + i], 0)
        made.append(tiles.scenery(there[0], 0))
    for other in made[1:]:
        assert made[0].keys() == other.keys()
        for name, values in made[0].items():
            assert np.array_equal(values, other[name]), name
    ids = made[0]["objects.id"]
    assert len(ids) > 20 and {tile_of_piece(int(i)) for i in ids} == {there[0]}
    assert int(ids.max()) - int(ids.min()) < PIECES


def test_sensors_see_the_same_over_a_border_as_when_all_tiles_are_there(folder: Path) -> None:
    """Rays within sight exactly, and a picture of the ground across the border."""
    seen = []
    for tiling in (NEAR, ALL):
        world = world_of(folder, tiling)
        x, y = border(world)
        stage = Stage("auto", 0)
        lidar = {"range": "55", "points_per_second": "200000", "rotation_frequency": "20"}
        world.spawn("sensor.lidar.ray_cast_semantic", lidar, Pose.from_xyz_rpy(x, y, 2.0))
        camera = {"image_size_x": "160", "image_size_y": "90", "fov": "80"}
        down = Pose.from_xyz_rpy(x, y, 12.0, pitch_rad=1.2)
        for kind in ("rgb", "depth", "semantic_segmentation"):
            world.spawn(f"sensor.camera.{kind}", camera, down)
        world.step(0.05)
        seen.append([frame.measurement for frame in stage.measure(world, lambda _: True)])
        scenery = stage.scenery(world)
        assert isinstance(scenery, TiledScenery)
        seen[-1].append(len({tile_of_piece(p.id) for p in scenery.pieces}))
        stage.close()
    (near_rays, *near_pictures, few), (all_rays, *all_pictures, many) = seen
    assert few < many
    assert len(near_rays.points_m) > 1000
    assert near_rays.points_m.tobytes() == all_rays.points_m.tobytes()
    assert near_rays.tag.tobytes() == all_rays.tag.tobytes()
    for near, every in zip(near_pictures, all_pictures, strict=True):
        assert np.mean(near.bgra == every.bgra) > 0.999


def test_no_ray_falls_through_a_border(folder: Path) -> None:
    """Down along the border, millimetre by millimetre to both sides, everything meets one ground."""
    world = world_of(folder, NEAR)
    x, y = border(world)
    stage = Stage("auto", 0)
    world.spawn("sensor.lidar.ray_cast", {"range": "50"}, Pose.from_xyz_rpy(x, y, 2.0))
    heights = world.map.ground
    for away in np.linspace(-30.0, 30.0, 41):
        for beside in (-0.001, 0.0, 0.001):
            place = (
                np.array([x + beside, y + away, 30.0])
                if x % SIZE_M == 0.0
                else np.array([x + away, y + beside, 30.0])
            )
            hits = stage.meet(world, place, place - np.array([0.0, 0.0, 40.0]))
            assert len(hits.distance_m) > 0
            ground = hits.distance_m[np.isin(hits.tag, (Tag.ROAD, Tag.SIDEWALK, Tag.TERRAIN))]
            assert len(ground) > 0
            wanted = float(heights.height(place[None, :2])[0][0])
            assert 30.0 - float(ground.min()) == pytest.approx(wanted, abs=0.02)
    stage.close()


def test_tiles_are_let_go(folder: Path) -> None:
    world = world_of(folder, NEAR)
    stage = Stage("auto", 0)
    lidar = {"range": "50", "rotation_frequency": "20"}
    sensor = world.spawn("sensor.lidar.ray_cast_semantic", lidar, Pose.identity())
    places = sorted((tuple(p.position_m[:2]) for p in world.map.spawn_points), key=sum)
    ways = [places[0], places[len(places) // 2], places[-1], places[0]]
    shown, first = set(), b""
    for x, y in ways:
        world.put(sensor.id, Pose.from_xyz_rpy(float(x), float(y), 2.0))
        world.step(0.05)
        frames = stage.measure(world, lambda _: True)
        scenery = stage.scenery(world)
        here = {tile_of_piece(p.id) for p in scenery.pieces}
        shown |= here
        full = [m for m in scenery.library.meshes if m.name.startswith("ground/") and len(m.triangles)]
        squares = (SIZE_M / 40.0 + 1.0) ** 2
        assert len(full) <= (max(NEAR.most_tiles, len(here)) + 1) * squares
        points = frames[0].measurement.points_m.tobytes()
        first = first or points
    assert len(shown) > max(NEAR.most_tiles, len(here)) and len(scenery.library.released) > 0
    assert points == first  # what came back is what was there before
    stage.close()


def test_pieces_and_lamps_of_tiles_are_switched(folder: Path) -> None:
    world = world_of(folder, NEAR)
    x, y = border(world)
    world.spawn("sensor.lidar.ray_cast", {"range": "50"}, Pose.from_xyz_rpy(x, y, 2.0))
    scenery = make_scenery(world, 0)
    rows = len(scenery.static)
    ids = [p.id for p in scenery.all_pieces]
    assert len(set(ids)) == len(ids)
    tree = next(p for p in scenery.pieces if p.name.startswith("Vegetation"))
    ground = next(p for p in scenery.ground_pieces if p.tag is Tag.TERRAIN)
    assert ground.id >= GROUND_FROM
    scenery.enable([tree.id], False)
    assert len(scenery.static) == rows - 1
    scenery.enable([tree.id], True)
    assert len(scenery.static) == rows
    lamps = scenery.street_lights
    assert len(lamps) > 0 and not lamps[0].active
    world.street_lights.set(lamps[0].piece.id, 5000.0, (255, 255, 255), 2, True)
    assert scenery.street_lights[0].active
