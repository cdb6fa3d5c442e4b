"""Scenery of an episode: what is drawn after pieces, layers and lamps were switched."""

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.assets.scenery import MapLayer
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.embedded.world.generation import Generation
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.pieces import row_within_actor
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction
from tests.unit.embedded.navigation.networks import network, street


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    junction = BeijingJunction().generate(derive_rng(0, "map", "Yizhuang01"), "Yizhuang01")
    (folder / "Yizhuang01.xodr").write_text(write_network(junction))
    return MapStore(folder)


@pytest.fixture
def world(store):
    return World(store, "Yizhuang01", 0)


@pytest.fixture
def scenery(world):
    return Scenery(world, 0)


def tags_of(scenery, drawables):
    meshes = [scenery.library.meshes[int(k)] for k in drawables.mesh_index]
    return np.unique(np.concatenate([m.tags[m.triangles[:, 0]] for m in meshes if len(m.triangles)]))


def test_boxes_enclose_their_meshes(scenery):
    drawables = scenery.static
    for piece in (*scenery.pieces[::7], *scenery.ground_pieces[::5]):
        mesh = scenery.library.meshes[int(drawables.mesh_index[piece.row])]
        points = mesh.positions_m if piece.whole else mesh.positions_m[mesh.tags == int(piece.tag)]
        matrix = drawables.world_mesh[piece.row].astype(np.float64)
        world_m = points @ matrix[:3, :3].T + matrix[:3, 3]
        local = (world_m - piece.box.pose.position_m) @ piece.box.pose.rotation
        assert (np.abs(local) <= piece.box.size_m / 2 + 1e-3).all(), piece.name
        assert np.ptp(local, axis=0) == pytest.approx(piece.box.size_m, abs=2e-3)


def test_every_row_belongs_to_a_piece(scenery):
    rows = {p.row for p in (*scenery.pieces, *scenery.ground_pieces)}
    assert rows == set(range(len(scenery.static)))
    ids = [p.id for p in scenery.all_pieces]
    assert len(set(ids)) == len(ids)


def test_nothing_is_made_anew_while_nothing_changes(world, scenery):
    before = scenery.static
    assert scenery.static is before
    scenery.enable([scenery.pieces[0].id], False)
    assert len(scenery.static) == len(before) - 1
    scenery.enable([scenery.pieces[0].id], True)
    assert len(scenery.static) == len(before)
    # Lamps are another look of the same places: rays need no new scene.
    day = scenery.static
    world.weather = Weather(sun_altitude_deg=-30.0)
    assert scenery.static is not day
    assert scenery.static.world_mesh is day.world_mesh
    assert scenery.static.mesh_index is day.mesh_index


@pytest.mark.parametrize(
    ("layer", "tag"),
    [
        (MapLayer.BUILDINGS, Tag.BUILDING),
        (MapLayer.FOLIAGE, Tag.VEGETATION),
        (MapLayer.GROUND, Tag.TERRAIN),
        (MapLayer.WALLS, Tag.FENCE),
    ],
)
def test_no_triangle_of_an_unloaded_layer_is_left(world, scenery, layer, tag):
    whole = tags_of(scenery, scenery.static)
    world.environment.unload(int(layer))
    assert set(whole) - set(tags_of(scenery, scenery.static)) == {int(tag)}
    world.environment.load(int(layer))
    assert (tags_of(scenery, scenery.static) == whole).all()


def test_ground_that_is_switched_twice_makes_no_more_meshes(world, scenery):
    world.environment.unload(int(MapLayer.GROUND))
    _ = scenery.static
    count = len(scenery.library.meshes)
    world.environment.load(int(MapLayer.GROUND))
    _ = scenery.static
    world.environment.unload(int(MapLayer.GROUND))
    _ = scenery.static
    assert len(scenery.library.meshes) == count


def test_lamps_are_lit_where_their_posts_stand(world, scenery):
    assert not (scenery.static.lights & LIGHT_STREET_LAMP).any()
    world.weather = Weather(sun_altitude_deg=-30.0)
    lit = np.flatnonzero(scenery.static.lights & LIGHT_STREET_LAMP)
    lamps = scenery.street_lights
    assert lit.tolist() == sorted(light.piece.row for light in lamps)
    assert (scenery.static.tint[lit] == 255).all()
    for light in lamps:
        reach = light.head_m - light.piece.pose.position_m
        assert 1.5 < np.hypot(*reach[:2]) < 3.0
        assert 8.0 < reach[2] < 10.0
    dark = lamps[0]
    world.street_lights.set(dark.piece.id, 5000.0, (255, 238, 206), 2, False)
    assert len(np.flatnonzero(scenery.static.lights & LIGHT_STREET_LAMP)) == len(lit) - 1
    world.environment.unload(int(MapLayer.STREET_LIGHTS))
    assert not (scenery.static.lights & LIGHT_STREET_LAMP).any()
    assert scenery.street_lights == ()


def test_parts_of_signals_are_switched_apart(world, scenery):
    whole = scenery.moving()
    heads = [p for p in scenery.signal_pieces if p.tag is Tag.TRAFFIC_LIGHT]
    assert heads
    scenery.enable([heads[0].id], False)
    assert len(scenery.moving()) == len(whole) - 1
    scenery.enable([p.id for p in scenery.signal_pieces], False)
    assert len(scenery.moving()) == 0
    scenery.enable([p.id for p in scenery.signal_pieces], True)
    assert len(scenery.moving()) == len(whole)


def test_rows_are_counted_within_their_actor(scenery):
    moving = scenery.moving()
    ordinal = row_within_actor(moving)
    for number in np.unique(moving.object_id):
        mine = ordinal[moving.object_id == number]
        assert mine.tolist() == list(range(len(mine)))


@pytest.fixture
def sent(store):
    """Scenery of a short street that was sent as text, built as asked."""

    def load(generation):
        store.send(write_network(network(street())), generation)
        return Scenery(World(store, "OpenDriveMap", 0), 0)

    return load


def test_walls_of_a_map_that_was_sent(sent):
    bare = sent(Generation())
    walled = sent(Generation(wall_height_m=2.0))
    walls = [p for p in walled.pieces if p.tag is Tag.WALL]
    # Both sides of 100 m, in fields of 2 m.
    assert len(walls) == 100
    # Everything else is as without them.
    others = [(p.id, p.name, p.tag) for p in walled.pieces if p.tag is not Tag.WALL]
    assert others == [(p.id, p.name, p.tag) for p in bare.pieces]
    for wall in walls[::20]:
        assert wall.box.size_m[2] == pytest.approx(2.5, abs=1e-3)
        top = wall.box.pose.position_m[2] + wall.box.size_m[2] / 2
        assert top - wall.pose.position_m[2] == pytest.approx(2.0, abs=1e-3)


def test_ground_that_is_not_to_be_seen(sent):
    scenery = sent(Generation(is_visible=False))
    ground = {Tag.ROAD, Tag.SIDEWALK, Tag.ROAD_LINE, Tag.TERRAIN}
    assert not set(tags_of(scenery, scenery.static)) & ground


def test_walkers_need_not_get_a_mesh(store, sent):
    sent(Generation(has_navigation=False))
    loaded = store.load("OpenDriveMap")
    assert (loaded.navigation, loaded.navigation_file) == (b"", "")
    sent(Generation())
    assert store.load("OpenDriveMap").navigation
