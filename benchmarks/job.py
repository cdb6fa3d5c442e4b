"""The main job: where its CPU time goes, and how long a server takes to its first frame."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import carla

from drivegen.runtime.folder import RunFolder
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.servers.embedded import EmbeddedServer

START_LIMIT_S = 5.0
MEMORY_LIMIT_MB = 2048.0


def rows() -> list[dict[str, Any]]:
    """One scene of the demo by one worker."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["experiment=demo", "job.scenes=1", "job.pool=inline", "export=none", "report=false"]
        subprocess.run(
            [sys.executable, "-m", "drivegen.cli.main", "generate", *words],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=600,
        )
        run = Path(folder) / "runs" / "demo"
        mark = Ledger(RunFolder(run)).read(0)
        assert mark is not None
        road = next((run / "maps").glob("*.xodr"))
        # What is kept between servers goes into an empty folder: a map never seen, then the same again.
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        new_map_s, known_map_s = (_first_frame_s(road, Path(folder)) for _ in range(2))
    cpu = mark.cpu_seconds
    rest = sum(cpu.values()) - cpu["rendering"]
    memory = sum(mark.peak_memory_mb.values())
    return [
        _row("CPU of a demo scene, rendering and rays", cpu["rendering"], "s", None, None),
        _row("CPU of a demo scene, all else", rest, "s", "rendering and rays", rest / cpu["rendering"]),
        _row("memory of a worker: server and recorder", memory, "MB", "2 GB", memory / MEMORY_LIMIT_MB),
        _row("server start to first frame, new map", new_map_s, "s", "5 s", new_map_s / START_LIMIT_S),
        _row("server start to first frame, known map", known_map_s, "s", "5 s", known_map_s / START_LIMIT_S),
    ]


def _row(name: str, value: float, unit: str, against: str | None, ratio: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio}


def _first_frame_s(road: Path, folder: Path) -> float:
    """From starting the process to a 1280x720 picture in the client's hands, a car in front of it."""
    start = time.monotonic()
    with EmbeddedServer(
        road,
        scenery_seed=1,
        renderer="auto",
        log=folder / "log",
        start_timeout_s=180.0,
        render_threads=2,
    ) as server:
        client = carla.Client(server.host, server.port)
        client.set_timeout(60.0)
        world = client.get_world()
        settings = world.get_settings()
        settings.synchronous_mode, settings.fixed_delta_seconds = True, 0.05
        world.apply_settings(settings)
        library = world.get_blueprint_library()
        car = world.spawn_actor(library.find("vehicle.tesla.model3"), world.get_map().get_spawn_points()[0])
        camera_type = library.find("sensor.camera.rgb")
        camera_type.set_attribute("image_size_x", "1280")
        camera_type.set_attribute("image_size_y", "720")
        mount = carla.Transform(carla.Location(x=-6.0, z=3.0))
        camera = world.spawn_actor(camera_type, mount, attach_to=car)
        images: queue.Queue[Any] = queue.Queue()
        camera.listen(images.put)
        world.tick(60.0)
        images.get(timeout=60.0)
        seconds = time.monotonic() - start
        camera.stop()
        settings.synchronous_mode = False
        world.apply_settings(settings)
    return seconds
