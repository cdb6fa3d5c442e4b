"""Images a second from the server to one client, in lock-step, copied to numpy; the picture is painted once.

What is timed is the tick, the stream and the client, not the renderer, which has a benchmark of its own.
`python -m benchmarks.streams --serve` is the server's process: the real one but for its stage.
"""

from __future__ import annotations

import json
import queue
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import carla
import numpy as np

from benchmarks.lockstep import beijing_map, step_when_told
from drivegen.embedded.playback import LogFolder
from drivegen.embedded.sensors.measurements import CameraImage
from drivegen.embedded.server.simulation import Simulation
from drivegen.embedded.streaming import StreamServer
from drivegen.embedded.world.actors import ActorKind
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.stage import SensorFrame, Stage
from drivegen.embedded.world.world import World

WIDTH, HEIGHT = 1280, 720
GOAL_PER_S = 250.0
CAMERAS = (1, 4)
IMAGES, RUNS = 400, 5


class PaintedStage(Stage):
    """Every camera sees the same noise, at no cost."""

    def __init__(self) -> None:
        super().__init__("auto", 1)
        pixels = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
        self._picture = CameraImage(bgra=pixels, fov_deg=90.0)

    def prepare(self, world: World) -> bool:  # noqa: ARG002
        """Nothing is to be made."""
        return False

    def measure(self, world: World, has_readers: Callable[[int], bool]) -> list[SensorFrame]:
        """The picture, for every sensor that is read."""
        return [
            SensorFrame(
                actor_id=actor.id,
                type_id=actor.type_id,
                world_sensor=world.placement.world_actor(actor.id),
                measurement=self._picture,
            )
            for actor in world.actors.of_kind(ActorKind.SENSOR)
            if has_readers(actor.id)
        ]


def serve() -> None:
    """Until standard input ends."""
    with tempfile.TemporaryDirectory() as folder:
        maps = MapStore(beijing_map(Path(folder)))
        listener = socket.create_server(("127.0.0.1", 0))
        world = World(maps, maps.names[0], 1)
        simulation = Simulation(
            world, StreamServer("127.0.0.1", 10.0), PaintedStage(), listener, LogFolder(Path(folder) / "logs")
        )
        simulation.run(lambda: print(simulation.rpc.port, flush=True))


def rows() -> list[dict[str, Any]]:
    """Images a second with one camera and with several."""
    command = [sys.executable, "-m", "benchmarks.streams", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            client = carla.Client("127.0.0.1", int(server.stdout.readline()))
            client.set_timeout(30.0)
            world = client.get_world()
            step_when_told(world)
            return [
                {
                    "name": f"images/s to one client, {WIDTH}x{HEIGHT} BGRA, cameras: {cameras}",
                    "value": (rate := _rate(world, cameras)),
                    "unit": "images/s",
                    "against": f"{GOAL_PER_S:g} images/s",
                    "ratio": rate / GOAL_PER_S,
                }
                for cameras in CAMERAS
            ]
        finally:
            server.kill()


def _rate(world: carla.World, cameras: int) -> float:
    blueprint = world.get_blueprint_library().find("sensor.camera.rgb")
    blueprint.set_attribute("image_size_x", str(WIDTH))
    blueprint.set_attribute("image_size_y", str(HEIGHT))
    sensors = [world.spawn_actor(blueprint, carla.Transform()) for _ in range(cameras)]
    images: queue.Queue[carla.Image] = queue.Queue()
    for sensor in sensors:
        sensor.listen(images.put)
    kept = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    rates = []
    for _ in range(RUNS):
        start = time.monotonic()
        for _ in range(IMAGES // cameras):
            world.tick(30.0)
            for _ in sensors:
                image = images.get(timeout=10.0)
                kept[:] = np.frombuffer(image.raw_data, np.uint8).reshape(HEIGHT, WIDTH, 4)
        rates.append(IMAGES // cameras * cameras / (time.monotonic() - start))
    for sensor in sensors:
        sensor.stop()
        sensor.destroy()
    return statistics.median(rates)


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        print(json.dumps(rows(), indent=1))
