"""A city on the embedded server: from its text to the first frames at three far places, and the memory.

`python -m benchmarks city` (not part of `make bench`: it takes minutes). On an empty shelf, so that all tiles
are built. The goal is a server below 3 GB.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_rng
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.stage import Stage
from drivegen.embedded.world.world import World
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

FORM = os.environ.get("DRIVEGEN_CITY_FORM", "city")
GOAL_GB = 3.0
PLACES = (0.0, 0.34, 0.67)
"""Shares of the list of spawn points."""


def rows() -> list[dict[str, Any]]:
    """CPU seconds, and the greatest resident size of this process."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CACHE_HOME"] = home
        path = Path(home) / "City.xodr"
        roads = plugins.make("generators.roads", FORM, {}, "map.plugin")
        path.write_text(write_network(roads.generate(derive_rng(0, "map"), "City")))
        before_gb = _peak_gb()
        out = []
        start = time.process_time()
        world = World(MapStore(path), "City", 0)
        world.settings = dataclasses.replace(world.settings, synchronous=True)
        out.append(_row(f"{FORM}, {len(world.map.network.roads)} roads: loading", start, "CPU s"))
        stage = Stage("auto", 0)
        for share in PLACES:
            start = time.process_time()
            _look(world, stage, world.map.spawn_points[int(share * len(world.map.spawn_points))])
            out.append(_row(f"{FORM}: first frame {share:.0%} through the spawn points", start, "CPU s"))
        stage.close()
        out.append(
            {
                "name": f"{FORM}: greatest memory ({before_gb:.2f} GB of it while the map was drawn)",
                "value": _peak_gb(),
                "unit": "GB",
                "ratio": _peak_gb() / GOAL_GB,
                "against": f"{GOAL_GB:g} GB",
            }
        )
        return out


def _look(world: World, stage: Stage, place: Pose) -> None:
    """One frame of a camera and a LiDAR on a car; all are gone again afterwards."""
    car = world.spawn("vehicle.tesla.model3", {}, place)
    camera = {"image_size_x": "640", "image_size_y": "360"}
    lidar = {"range": "100", "points_per_second": "200000", "rotation_frequency": "20"}
    above = Pose.from_xyz_rpy(-6.0, 0.0, 3.0)
    sensors = [
        world.spawn("sensor.camera.rgb", camera, above, car.id),
        world.spawn("sensor.lidar.ray_cast", lidar, above, car.id),
    ]
    world.step(0.05)
    assert len(stage.measure(world, lambda _: True)) == 2
    for actor in (*sensors, car):
        world.destroy(actor.id)


def _row(name: str, start_s: float, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": time.process_time() - start_s,
        "unit": unit,
        "ratio": None,
        "against": None,
    }


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
