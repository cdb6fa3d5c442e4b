"""Memory of a server over 20,000 ticks and 2,000 respawns of a sensor, with the real client.

`python -m benchmarks memory`. The slopes are those of a straight line through the second half: what a server
keeps for good (meshes, compiled code, a heap that has found its size) has come by then.
"""

from __future__ import annotations

import os
import queue
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import carla
import numpy as np

from benchmarks.fuzz import rss_mb
from benchmarks.lockstep import PAUSE_S, TICK_S, beijing_map, lockstep

TICKS = int(os.environ.get("DRIVEGEN_MEMORY_TICKS", "20000"))
RESPAWNS = int(os.environ.get("DRIVEGEN_MEMORY_RESPAWNS", "2000"))
VEHICLES = 10
CAMERA_S = 1.0
"""Simulated time between its images."""
KINDS = (
    ("sensor.camera.rgb", {"image_size_x": "160", "image_size_y": "90"}),
    ("sensor.lidar.ray_cast", {"points_per_second": "20000", "rotation_frequency": "20"}),
    ("sensor.other.gnss", {}),
    ("sensor.camera.semantic_segmentation", {"image_size_x": "160", "image_size_y": "90"}),
    ("sensor.other.imu", {}),
)


def rows() -> list[dict[str, Any]]:
    """Memory at the end and how it grew, over ticks and over respawns."""
    with tempfile.TemporaryDirectory() as folder, lockstep(beijing_map(Path(folder))) as bench:
        bench.client.set_timeout(300.0)  # a fresh machine compiles in its first tick
        ticked = _over_ticks(bench.world, bench.server.pid)
        respawned = _over_respawns(bench.world, bench.server.pid)
    return [*_told("ticks", TICKS, ticked), *_told("respawns of a sensor", RESPAWNS, respawned)]


def _over_ticks(world: Any, pid: int) -> list[float]:
    """Twenty times on the way: ticks with vehicles that drive and a camera that is read."""
    library, spots = world.get_blueprint_library(), world.get_map().get_spawn_points()
    cars = [b for b in library.filter("vehicle.*") if b.get_attribute("base_type") == "car"]
    made = [world.try_spawn_actor(cars[i % len(cars)], spots[i]) for i in range(min(VEHICLES, len(spots)))]
    vehicles = [v for v in made if v is not None]
    kind, values = KINDS[0]
    camera = _spawned(world, kind, {**values, "sensor_tick": str(CAMERA_S)}, vehicles[0])
    images = queue.SimpleQueue[int]()
    camera.listen(lambda image: images.put(image.frame))
    taken = []
    for tick in range(TICKS):
        for i, vehicle in enumerate(vehicles):
            if tick % 20 == i:
                steer = 0.3 if tick % 40 < 20 else -0.3
                vehicle.apply_control(carla.VehicleControl(throttle=0.4, steer=steer))
        world.tick(300.0)
        if tick % max(1, TICKS // 20) == 0:
            taken.append(rss_mb(pid))
    wanted = int(TICKS * TICK_S / CAMERA_S) - 1
    if images.qsize() < wanted:
        raise RuntimeError(f"{images.qsize()} images instead of {wanted}")
    camera.stop()
    camera.destroy()
    for vehicle in vehicles:
        vehicle.destroy()
    return taken


def _over_respawns(world: Any, pid: int) -> list[float]:
    """Each sensor is listened to, gives one measurement, stops and is destroyed."""
    taken = []
    for turn in range(RESPAWNS):
        sensor = _spawned(world, *KINDS[turn % len(KINDS)], None)
        got = threading.Event()
        sensor.listen(lambda _, got=got: got.set())
        world.tick(300.0)
        if not got.wait(60.0):
            raise RuntimeError(f"no measurement of {sensor.type_id} in respawn {turn}")
        sensor.stop()
        sensor.destroy()
        time.sleep(PAUSE_S)
        if turn % max(1, RESPAWNS // 20) == 0:
            taken.append(rss_mb(pid))
    return taken


def _spawned(world: Any, kind: str, values: dict[str, str], parent: Any) -> Any:
    blueprint = world.get_blueprint_library().find(kind)
    for name, value in values.items():
        blueprint.set_attribute(name, value)
    place = carla.Transform(carla.Location(z=3.0))
    return world.spawn_actor(blueprint, place, attach_to=parent)


def _told(what: str, count: int, taken_mb: list[float]) -> list[dict[str, Any]]:
    half = taken_mb[len(taken_mb) // 2 :]
    each = count / len(taken_mb)
    slope = float(np.polyfit(np.arange(len(half)) * each, half, 1)[0]) if len(half) > 1 else 0.0
    course = " ".join(f"{mb:.0f}" for mb in taken_mb)
    print(f"MB over {count} {what}, every {each:.0f}: {course}")
    return [
        _row(f"server's memory after {count} {what}", taken_mb[-1], "MB"),
        _row(f"its growth in the second half, 1,000 {what}", 1000.0 * slope, "MB"),
    ]


def _row(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": None, "ratio": None}
