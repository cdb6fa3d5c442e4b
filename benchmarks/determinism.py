"""Is the same traffic the same, to the last bit, on fresh servers?

`python -m benchmarks.determinism [--map FILE.xodr]`: 50 Traffic Manager vehicles, 30 walkers with AI
controllers and cycling traffic lights for 2,000 ticks on three fresh servers: every actor's pose in every
tick, and the bytes of an image and a LiDAR sweep at ten ticks. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import carla

from benchmarks.crowd import spawn_traffic
from benchmarks.lockstep import PAUSE_S, TICK_S, beijing_map, in_own_process, lockstep

VEHICLES, WALKERS, TICKS, SERVERS, SAMPLES = 50, 30, 2000, 3, 10


def rows() -> list[dict[str, Any]]:
    """How many of the runs are like the first one."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [recorded(beijing_map(Path(folder))) for _ in range(SERVERS)]
    load = f"{runs[0]['vehicles']} vehicles + {runs[0]['walkers']} walkers x {TICKS} ticks"
    equal = sum(differences(runs[0], run) == [] for run in runs)
    return [
        {
            "name": f"equal runs on fresh servers, {load}",
            "value": equal,
            "unit": f"of {SERVERS}",
            "against": "all",
            "ratio": equal / SERVERS,
        }
    ]


def recorded(map_file: Path) -> dict[str, Any]:
    """One run in a client process of its own."""
    arguments = ["--record", "--map", str(map_file.resolve())]
    printed = in_own_process("benchmarks.determinism", arguments, timeout_s=400.0)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def differences(first: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What differs, with the first tick that does."""
    found = []
    for name in ("poses", "lights", "image", "lidar"):
        unequal = [t for t, (a, b) in enumerate(zip(first[name], other[name], strict=False)) if a != b]
        if unequal or len(first[name]) != len(other[name]):
            found.append(f"{name}: {len(unequal)} of {len(first[name])} differ, the first is {unequal[:1]}")
    return found


def _record(map_file: Path) -> dict[str, Any]:
    with lockstep(map_file) as bench:
        world = bench.world
        manager = bench.traffic_manager(seed=7)
        world.set_pedestrians_seed(7)
        world.set_pedestrians_cross_factor(0.3)
        cars, people = spawn_traffic(world, VEHICLES, WALKERS, manager)
        for controller in people:
            controller.set_max_speed(1.4)
        found = _drive(world, cars[0])
        return {**found, "vehicles": len(cars), "walkers": len(people)}


def _drive(world: carla.World, ego: carla.Actor) -> dict[str, Any]:
    library = world.get_blueprint_library()
    queues: dict[str, queue.Queue[Any]] = {"image": queue.Queue(), "lidar": queue.Queue()}
    sensors = []  # a sensor that nobody holds ends
    for name, blueprint_id in (("image", "sensor.camera.rgb"), ("lidar", "sensor.lidar.ray_cast")):
        blueprint = library.find(blueprint_id)
        blueprint.set_attribute("sensor_tick", str(TICKS // SAMPLES * TICK_S))
        if name == "lidar":
            blueprint.set_attribute("rotation_frequency", str(1.0 / TICK_S))
        sensors.append(world.spawn_actor(blueprint, carla.Transform(carla.Location(z=2.5)), attach_to=ego))
        sensors[-1].listen(queues[name].put)
    lights = sorted(world.get_actors().filter("traffic.traffic_light*"), key=lambda a: a.id)
    found: dict[str, Any] = {"poses": [], "lights": [], "image": [], "lidar": []}
    for _ in range(TICKS):
        world.tick(60.0)
        snapshot = world.get_snapshot()
        text = "".join(
            f"{seen.id}{t.location.x!r}{t.location.y!r}{t.location.z!r}{t.rotation.yaw!r}{t.rotation.pitch!r}"
            for seen in sorted(snapshot, key=lambda s: s.id)
            for t in (seen.get_transform(),)
        )
        found["poses"].append(hashlib.sha256(text.encode()).hexdigest()[:16])
        found["lights"].append("".join(str(int(light.state)) for light in lights))
        time.sleep(PAUSE_S)
    for name, frames in queues.items():
        for _ in range(SAMPLES):
            data = frames.get(timeout=20.0)
            digest = hashlib.sha256(bytes(data.raw_data)).hexdigest()[:16]
            found[name].append(f"{len(data.raw_data)} {digest}")
    return found


def main() -> int:
    """Prints what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", type=Path, help="an OpenDRIVE file; without it the generated junction")
    parser.add_argument("--record", action="store_true", help="one run, printed as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        map_file = arguments.map or beijing_map(Path(folder))
        if arguments.record:
            print(json.dumps(_record(map_file)), flush=True)
            os._exit(0)  # the client aborts now and then when its Traffic Manager is torn down
        runs = [recorded(map_file) for _ in range(SERVERS)]
    first = runs[0]
    print(f"{first['vehicles']} vehicles, {first['walkers']} walkers, {len(first['poses'])} ticks")
    print(f"{len(set(first['poses']))} different sets of poses, {len(set(first['lights']))} of lights,")
    print(f"{len(set(first['image']))} images, {len(set(first['lidar']))} sweeps")
    wrong = [f"server {i + 2}: {line}" for i, run in enumerate(runs[1:]) for line in differences(first, run)]
    print("\n".join(wrong) or f"all {SERVERS} runs are equal")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
