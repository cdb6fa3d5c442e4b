"""carla.WalkerAIController: the client fetches the walkers' mesh and leads walkers over it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

carla = pytest.importorskip("carla")

from drivegen.opendrive.writer import write_network  # noqa: E402
from tests.integration.conftest import end_server, ready, start_server  # noqa: E402
from tests.unit.embedded.navigation.checks import CROSSING, PAVEMENT, plan  # noqa: E402
from tests.unit.embedded.navigation.detour_file import read  # noqa: E402
from tests.unit.embedded.navigation.networks import network, street  # noqa: E402

TICK_S = 0.05


def _walk(port: int, home: Path, map_name: str, count: int, ticks: int, cross_factor: float) -> Any:
    """What `walk.py` saw, and the mesh that the client fetched."""
    script = Path(__file__).parent / "walk.py"
    words = [str(w) for w in (port, map_name, count, ticks, cross_factor)]
    done = subprocess.run(
        [sys.executable, str(script), *words],
        capture_output=True,
        text=True,
        timeout=90,
        env=dict(os.environ, HOME=str(home)),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    fetched = list(home.glob(f"carlaCache/0.9.16/Carla/Maps/Nav/{map_name}-*.bin"))
    assert len(fetched) == 1, "one name for one map"
    return json.loads(done.stdout.strip().splitlines()[-1]), read(fetched[0].read_bytes())


@contextmanager
def _server(maps: Path, **options: Any) -> Iterator[int]:
    """Port of a fresh server."""
    process = start_server(maps, **options)
    try:
        yield int(str(ready(process)["port"]))
    finally:
        code, errors = end_server(process)
    assert code == 0
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def walked(maps: Path, home: Path) -> Any:
    """Thirty walkers, half a minute, none of whom crosses where there is no crossing."""
    with _server(maps, map_name="Yizhuang01", seed=7) as port:
        return _walk(port, home, "Yizhuang01", 30, 600, 0.0)


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with two streets without crossings, of which one has pavements."""
    folder = tmp_path_factory.mktemp("streets")
    for name, pavement_m in (("bare", 0.0), ("street", 3.0)):
        text = write_network(network(street(length_m=80.0, pavement_m=pavement_m)))
        (folder / f"{name}.xodr").write_text(text)
    with _server(folder, map_name="bare") as port:
        yield port


def _plan_points(places: Any) -> np.ndarray:
    """CARLA's locations in plan, right-handed."""
    return np.asarray(places)[..., :2] * (1.0, -1.0)


def test_places_are_drawn_on_pavements(walked: Any) -> None:
    seen, mesh = walked
    pavement = shapely.buffer(plan(mesh.polygons(PAVEMENT)), 0.01)
    points = _plan_points(seen["drawn"])
    assert shapely.contains_xy(pavement, points[:, 0], points[:, 1]).all()
    assert np.ptp(points, axis=0).min() > 200.0, "all over the map"
    assert np.asarray(seen["drawn"])[:, 2] == pytest.approx(0.15, abs=0.16)


def test_walkers_keep_to_pavements_and_crossings(walked: Any) -> None:
    seen, mesh = walked
    points = _plan_points(seen["places"])[40::10].reshape(-1, 2)
    pavement, crossing = plan(mesh.polygons(PAVEMENT)), plan(mesh.polygons(CROSSING))
    allowed = shapely.buffer(pavement.union(crossing), 0.1)
    shapely.prepare(allowed)
    assert shapely.contains_xy(allowed, points[:, 0], points[:, 1]).mean() > 0.995
    across = _plan_points(seen["places"])[::10]
    inner = shapely.buffer(crossing, -0.5)
    crossed = shapely.contains_xy(inner, across[..., 0], across[..., 1]).any(axis=0)
    assert crossed.sum() >= 4, "some cross the road"


def test_walkers_walk(walked: Any) -> None:
    seen, _ = walked
    points = _plan_points(seen["places"])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=2)
    metres = steps.sum(axis=0)
    assert np.median(metres) > 0.8 * 1.4 * TICK_S * len(points)
    assert metres.min() > 10.0, "nobody stands for ever"
    speeds = np.asarray(seen["speeds"])
    assert speeds[2:].max() < 1.6
    assert speeds[2:] * TICK_S == pytest.approx(steps[1:], abs=0.01), "the velocity is that of the motion"


def test_walkers_stand_on_the_ground(walked: Any) -> None:
    seen, _ = walked
    feet = np.asarray(seen["places"])[40:, :, 2] - np.asarray(seen["half_heights"])
    assert feet.min() > -0.01
    assert feet.max() < 0.17, "no higher than a pavement"
    assert np.quantile(feet, 0.5) == pytest.approx(0.15, abs=0.01)


def test_a_fresh_server_gives_the_same_walks(walked: Any, maps: Path, home: Path) -> None:
    seen, _ = walked
    with _server(maps, map_name="Yizhuang01", seed=7) as port:
        again, _ = _walk(port, home, "Yizhuang01", 30, 600, 0.0)
    assert again["digest"] == seen["digest"]


def test_some_cross_anywhere_when_they_may(streets: int, tmp_path: Path) -> None:
    """Without crossings only those with the factor reach the other side."""
    reached = []
    for factor in (0.0, 1.0):
        seen, _ = _walk(streets, tmp_path, "street", 12, 400, factor)
        sides = np.sign(_plan_points(seen["places"])[40:, :, 1])
        reached.append(int((sides.min(axis=0) < sides.max(axis=0)).sum()))
    assert reached[0] == 0
    assert reached[1] >= 2


def test_a_controller_leads_its_walker_to_a_place(world: Any, library: Any) -> None:
    start = world.get_random_location_from_navigation()
    walker = world.spawn_actor(
        library.find("walker.pedestrian.0005"), carla.Transform(start + carla.Location(z=1.0))
    )
    controller = world.spawn_actor(library.find("controller.ai.walker"), carla.Transform(), walker)
    world.tick()
    assert isinstance(controller, carla.WalkerAIController)
    assert controller.parent.id == walker.id
    goal = next(
        place
        for place in (world.get_random_location_from_navigation() for _ in range(500))
        if 12.0 < place.distance(start) < 30.0
    )
    controller.start()
    controller.go_to_location(goal)
    controller.set_max_speed(2.5)
    nearest, fastest = 1000.0, 0.0
    for _ in range(900):
        world.tick()
        fastest = max(fastest, walker.get_velocity().length())
        nearest = min(nearest, walker.get_location().distance_2d(goal))
        if nearest < 1.3:
            break
    assert nearest < 1.3
    assert fastest == pytest.approx(2.5, abs=0.2)
    controller.stop()
    for _ in range(3):
        world.tick()
    assert walker.get_velocity().length() < 0.7
    assert controller.destroy()


def test_a_controller_wants_a_walker(world: Any, library: Any, car: Any) -> None:
    blueprint = library.find("controller.ai.walker")
    with pytest.raises(RuntimeError, match="attach_to"):
        world.spawn_actor(blueprint, carla.Transform())
    with pytest.raises(RuntimeError, match="is no walker"):
        world.spawn_actor(blueprint, carla.Transform(), car)


def test_a_map_without_pavements_has_no_places(streets: int) -> None:
    client = carla.Client("127.0.0.1", streets)
    client.set_timeout(20.0)
    world = client.load_world("bare")
    assert world.get_random_location_from_navigation() is None
    assert client.get_required_files("Nav") == []
