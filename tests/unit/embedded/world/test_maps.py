import gzip

import pytest

from drivegen.core.errors import MapError
from drivegen.embedded.world.generation import Generation
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.preparation import prepare_maps
from drivegen.opendrive.writer import write_network
from tests.unit.embedded.navigation.networks import network, street


@pytest.fixture(scope="module")
def text():
    return write_network(network(street()))


@pytest.fixture
def store(tmp_path, text):
    (tmp_path / "Town01.xodr").write_text(text)
    (tmp_path / "Town02.xodr.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "notes.txt").write_text("no map")
    return MapStore(tmp_path)


def test_maps_of_a_folder_go_by_their_names(store):
    assert store.names == ("Town01", "Town02")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Town01", "Town01"),
        ("Carla/Maps/Town01", "Town01"),
        ("/Game/Carla/Maps/Town02", "Town02"),
        ("Town02.xodr.gz", "Town02"),
        ("Town01_Opt", "Town01_Opt"),
        ("/Game/Carla/Maps/Town02_Opt", "Town02_Opt"),
    ],
)
def test_a_map_has_the_name_that_was_asked_for(store, asked, name):
    assert store.load(asked).name == name


@pytest.mark.parametrize("asked", ["Town03", "Town03_Opt", "", "Town01/", "OpenDriveMap", "Town01_opt"])
def test_other_names_are_refused_with_what_there_is(store, asked):
    with pytest.raises(MapError, match="not found; this server has Town01, Town02"):
        store.load(asked)


def test_a_map_is_read_once_under_all_its_names(store):
    plain = store.load("Town01")
    layered = store.load("Town01_Opt")
    assert store.load("Town01") is plain
    assert layered.network is plain.network
    assert layered.ground is plain.ground
    assert layered.kept is plain.kept
    assert layered.navigation_file != plain.navigation_file


def test_a_map_that_is_sent_can_be_loaded_and_a_broken_one_leaves_it(store, text):
    store.send(text)
    sent = store.load("OpenDriveMap")
    assert (sent.name, sent.text) == ("OpenDriveMap", text)
    for broken in ("", "nonsense", "<OpenDRIVE/>", text[: len(text) // 2]):
        with pytest.raises(MapError):
            store.send(broken)
    assert store.load("OpenDriveMap") is sent
    store.send(text)
    assert store.load("OpenDriveMap") is sent
    store.send(text, Generation(wall_height_m=1.0))
    assert store.load("OpenDriveMap") is not sent


@pytest.mark.parametrize("wall_m", [-0.1, float("nan"), float("inf"), 101.0])
def test_walls_have_a_sensible_height(store, text, wall_m):
    with pytest.raises(MapError, match="wall_height"):
        store.send(text, Generation(wall_height_m=wall_m))


def test_files_that_cannot_be_read_are_named(tmp_path, text):
    (tmp_path / "Bad.xodr.gz").write_bytes(b"no gzip")
    cut = gzip.compress(text.encode())
    (tmp_path / "Cut.xodr.gz").write_bytes(cut[: len(cut) // 2])
    spoilt = bytearray(cut)
    spoilt[40] ^= 0xFF
    (tmp_path / "Spoilt.xodr.gz").write_bytes(bytes(spoilt))
    store = MapStore(tmp_path)
    for name in store.names:
        with pytest.raises(MapError, match=f"{name}.xodr.gz"):
            store.load(name)


def test_prepared_maps_lie_on_the_shelf(store, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    prepare_maps(store, 3)
    kept = sorted(p.name.rpartition("-")[0] for p in (tmp_path / "cache" / "drivegen" / "maps").iterdir())
    # Both towns are the same text, so that all but the walkers' mesh, whose name is in it, is kept once.
    assert kept == ["navigation", "navigation", "obstacles", "scenery", "surfaces"]
