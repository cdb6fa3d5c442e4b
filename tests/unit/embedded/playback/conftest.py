"""Worlds to record and to play back to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivegen.core.rng import derive_rng
from drivegen.embedded.playback import Hooks, LogFolder, Playback
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction
from tests.unit.embedded.playback.scene import Scene


@pytest.fixture(scope="session")
def junctions(tmp_path_factory: pytest.TempPathFactory) -> MapStore:
    """Two generated junctions."""
    folder = tmp_path_factory.mktemp("junctions")
    for name in ("North", "South"):
        network = BeijingJunction().generate(derive_rng(0, "map", name), name)
        (folder / f"{name}.xodr").write_text(write_network(network))
    return MapStore(folder)


@pytest.fixture
def make_scene(junctions: MapStore, tmp_path: Path) -> Callable[[], Scene]:
    """Fresh worlds that share one folder of recordings."""

    def make() -> Scene:
        world = World(junctions, "North", seed=0)
        scene = Scene(world=world)
        scene.playback = Playback(
            world,
            LogFolder(tmp_path / "logs"),
            lambda new_map: world.begin_episode(new_map, reset_settings=False),
            Hooks(
                spawned=scene.spawned.append,
                destroyed=scene.destroyed.append,
                warn=scene.warnings.append,
            ),
        )
        return scene

    return make


@pytest.fixture
def scene(make_scene: Callable[[], Scene]) -> Scene:
    return make_scene()
