"""Clients of the session's server."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402

TICK_S = 0.05


@pytest.fixture(scope="session")
def client(server: Server) -> Any:
    made = carla.Client("127.0.0.1", server.port)
    made.set_timeout(30.0)
    return made


@pytest.fixture
def world(client: Any) -> Iterator[Any]:
    """The world in synchronous mode, without actors of other tests."""
    found = client.get_world()
    settings = carla.WorldSettings()
    settings.synchronous_mode = True
    settings.fixed_delta_seconds = TICK_S
    found.apply_settings(settings)
    found.set_weather(carla.WeatherParameters.ClearNoon)
    found.reset_all_traffic_lights()
    found.freeze_all_traffic_lights(False)
    found.tick()
    yield found
    found.tick()  # actors spawned since the last tick are in no snapshot
    client.apply_batch_sync(
        [
            carla.command.DestroyActor(actor.id)
            for actor in client.get_world().get_actors()
            if actor.type_id.split(".")[0] in ("vehicle", "walker", "sensor", "static")
        ],
        False,
    )
    # Not as part of the batch: that tick waits with the interpreter's lock held, which the client's own
    # threads may want in order to let go of a sensor's callback; the client then hangs until its time-out.
    found.tick()


@pytest.fixture
def library(world: Any) -> Any:
    return world.get_blueprint_library()


@pytest.fixture
def car(world: Any, library: Any) -> Any:
    """A car at the first spawn point, standing on the ground."""
    actor = world.spawn_actor(library.find("vehicle.tesla.model3"), world.get_map().get_spawn_points()[0])
    world.tick()
    return actor


@pytest.fixture
def listen() -> Iterator[Callable[[Any], queue.Queue[Any]]]:
    """Subscribes to a sensor; what it delivers comes out of a queue."""
    listening = []

    def start(sensor: Any) -> queue.Queue[Any]:
        measurements: queue.Queue[Any] = queue.Queue()
        sensor.listen(measurements.put)
        listening.append(sensor)
        return measurements

    yield start
    for sensor in listening:
        if sensor.is_listening():
            sensor.stop()
