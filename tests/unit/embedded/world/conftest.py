"""A world on the generated junction."""

from pathlib import Path

import pytest

from drivegen.core.rng import derive_rng
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> MapStore:
    folder: Path = tmp_path_factory.mktemp("maps")
    network = BeijingJunction().generate(derive_rng(0, "map", "Junction"), "Junction")
    (folder / "Junction.xodr").write_text(write_network(network))
    return MapStore(folder)


@pytest.fixture
def world(maps: MapStore) -> World:
    return World(maps, "Junction", seed=1)
