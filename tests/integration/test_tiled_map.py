"""CARLA's own client on a map that the server holds by tiles."""

from __future__ import annotations

import itertools
import queue
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import carla
import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.midblock import MidblockCrossing
from tests.integration.conftest import end_server, ready

TILE_M = 160.0
STEP_S = 0.1


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[carla.Client]:
    path: Path = tmp_path_factory.mktemp("maps") / "Street.xodr"
    path.write_text(write_network(MidblockCrossing().generate(derive_rng(0, "map", "Street"), "Street")))
    command = [sys.executable, "-m", "drivegen.cli.main", "serve", "--map", str(path), "--port", "0"]
    tiling = ["--exit-with-parent", "--tiles-above", "0", "--tile-size", f"{TILE_M:g}"]
    process = subprocess.Popen(
        [*command, *tiling],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    made = carla.Client("127.0.0.1", int(str(ready(process)["port"])))
    made.set_timeout(60.0)
    yield made
    code, errors = end_server(process)
    assert code == 0 and "Traceback" not in errors, errors


def _before_border(points: list[carla.Transform]) -> carla.Transform:
    """The place from which straight ahead a border between tiles is nearest, but at least 8 m away."""

    def gap(point: carla.Transform) -> float:
        ahead, at = point.get_forward_vector(), point.location
        x, u = (at.x, ahead.x) if abs(ahead.x) > abs(ahead.y) else (at.y, ahead.y)
        rest = (-x if u > 0.0 else x) % TILE_M
        return rest if rest >= 8.0 else 2.0 * TILE_M

    return min(points, key=gap)


def test_a_car_drives_over_a_border_with_its_sensors(client: carla.Client) -> None:
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, STEP_S
    world.apply_settings(settings)
    library = world.get_blueprint_library()
    start = _before_border(world.get_map().get_spawn_points())
    car = world.spawn_actor(library.find("vehicle.tesla.model3"), start)
    camera = library.find("sensor.camera.semantic_segmentation")
    for name, value in (("image_size_x", "96"), ("image_size_y", "54")):
        camera.set_attribute(name, value)
    images: queue.Queue[carla.Image] = queue.Queue()
    eye = world.spawn_actor(camera, carla.Transform(carla.Location(z=2.0)), attach_to=car)
    eye.listen(images.put)
    clouds: queue.Queue[carla.LidarMeasurement] = queue.Queue()
    lidar = world.spawn_actor(
        library.find("sensor.lidar.ray_cast"), carla.Transform(carla.Location(z=2.2)), attach_to=car
    )
    lidar.listen(clouds.put)
    way, returns = [], []
    for _ in range(60):
        car.apply_control(carla.VehicleControl(throttle=0.8))
        frame = world.tick()
        image = images.get(timeout=30.0)
        assert image.frame == frame
        tags = np.frombuffer(image.raw_data, np.uint8).reshape(54, 96, 4)[..., 2]
        assert np.isin(tags[40:], (1, 24)).mean() > 0.5  # road and its paint ahead
        returns.append(len(clouds.get(timeout=30.0)))
        way.append(car.get_location())
        tiles = [(int(at.x // TILE_M), int(at.y // TILE_M)) for at in way]
        if len(set(tiles)) > 1 and tiles[-1] == tiles[-5]:
            break
    assert len(set(tiles)) == 2
    # Half a turn of the LiDAR each tick: never a tick without ground, wheels always on it.
    assert min(returns) > 0.3 * max(returns)
    assert max(abs(b.z - a.z) for a, b in itertools.pairwise(way[5:])) < 0.03
    for actor in (eye, lidar, car):
        actor.destroy()


def test_calls_about_the_whole_map_are_answered(client: carla.Client) -> None:
    world = client.get_world()
    points = world.get_map().get_spawn_points()
    objects = world.get_environment_objects()
    assert len({item.id for item in objects}) == len(objects) > 20
    for point in (points[0], points[-1]):
        ground = world.ground_projection(point.location + carla.Location(z=5.0), 20.0)
        assert ground is not None and abs(ground.location.z - point.location.z) < 0.3
    assert len(world.get_level_bbs(carla.CityObjectLabel.Any)) > 20
    place = world.get_random_location_from_navigation()
    assert place is not None
    person = world.spawn_actor(
        world.get_blueprint_library().find("walker.pedestrian.0001"),
        carla.Transform(place + carla.Location(z=1.0)),
    )
    world.tick()
    world.tick()
    assert abs(person.get_location().z - place.z) < 1.3
    person.destroy()
