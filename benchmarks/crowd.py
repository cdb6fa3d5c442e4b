"""Ticks per second of traffic with no sensors, the client's Traffic Manager and walkers' crowd included.

`python -m benchmarks crowd`, or one measurement, as JSON:
`python -m benchmarks.crowd --vehicles 100 --walkers 50 [--map FILE.xodr] [--profile FILE]`.
Server and client share one core. The map is Town05 from the folder that DRIVEGEN_TOWNS names, else the
generated junction, which has room for fewer vehicles.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import carla

from benchmarks.lockstep import PAUSE_S, beijing_map, in_own_process, lockstep, spread
from drivegen.runtime.process import usage_of

VEHICLES, WALKERS = 100, 50
GOAL_PER_S = 200.0
SIZES = (10, 25, 50, 100, 200, 400)
"""Actors of the table, two vehicles to one walker."""
WARM_TICKS, TICKS, RUNS = 40, 200, 3
TOWN = "Town05"


def rows() -> list[dict[str, Any]]:
    """The named load against its goal, then the table of sizes against the smallest one."""
    with tempfile.TemporaryDirectory() as folder:
        map_file = bench_map(Path(folder))
        named = measured(map_file, VEHICLES, WALKERS)
        table = [measured(map_file, n - n // 3, n // 3) for n in SIZES]
    load = f"{named['vehicles']} vehicles + {named['walkers']} walkers, {map_file.stem}"
    out = [
        _row(
            f"ticks/s, one core, {load}",
            named["ticks_per_s"],
            "ticks/s",
            GOAL_PER_S,
            f"{GOAL_PER_S:g} ticks/s",
        ),
        _row(
            "  of it the server's CPU a tick",
            named["server_ms"],
            "ms",
            1000.0 / GOAL_PER_S,
            "a tick at the goal",
        ),
        _row(
            "  of it the client's CPU a tick",
            named["client_ms"],
            "ms",
            1000.0 / GOAL_PER_S,
            "a tick at the goal",
        ),
    ]
    first = table[0]
    for got in table:
        actors = got["vehicles"] + got["walkers"]
        linear = first["server_ms"] * actors / (first["vehicles"] + first["walkers"])
        out.append(
            _row(
                f"server CPU a tick, {actors} actors", got["server_ms"], "ms", linear, "linear from the first"
            )
        )
    return out


def _row(name: str, value: float, unit: str, base: float, against: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": value / base}


def bench_map(folder: Path) -> Path:
    """A town when DRIVEGEN_TOWNS names a folder with it, else the generated junction."""
    packed = Path(os.environ.get("DRIVEGEN_TOWNS", "")) / f"{TOWN}.xodr.gz"
    if not packed.is_file():
        return beijing_map(folder)
    path = folder / f"{TOWN}.xodr"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def measured(map_file: Path, vehicles: int, walkers: int) -> dict[str, Any]:
    """One measurement in a client process of its own."""
    arguments = ["--map", str(map_file.resolve()), "--vehicles", str(vehicles), "--walkers", str(walkers)]
    printed = in_own_process("benchmarks.crowd", arguments, timeout_s=240.0)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def _measure(map_file: Path, vehicles: int, walkers: int, profile: Path | None) -> dict[str, Any]:
    with lockstep(map_file) as bench:
        world, server = bench.world, bench.server
        manager = bench.traffic_manager(seed=1)
        world.set_pedestrians_seed(1)
        cars, people = spawn_traffic(world, vehicles, walkers, manager)
        _ticks(world, WARM_TICKS)
        core = {min(os.sched_getaffinity(0))}
        with contextlib.suppress(ProcessLookupError):
            for thread in Path(f"/proc/{server.pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), core)
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setaffinity(int(thread.name), core)
        watcher = _profiler(server.pid, profile) if profile else None
        runs = [_timed(world, server.pid) for _ in range(RUNS)]
        if watcher:
            watcher.wait()
        middle = sorted(runs, key=lambda r: r["ticks_per_s"])[len(runs) // 2]
        return {**middle, "vehicles": len(cars), "walkers": len(people)}


def _profiler(pid: int, path: Path) -> subprocess.Popen[bytes]:
    command = [
        "py-spy",
        "record",
        "-p",
        str(pid),
        "-o",
        str(path),
        "-f",
        "raw",
        "-d",
        "8",
        "-r",
        "400",
        "--gil",
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _timed(world: carla.World, server_pid: int) -> dict[str, float]:
    server, own, start = usage_of(server_pid).cpu_s, time.process_time(), time.monotonic()
    pause = _ticks(world, TICKS)
    wall = time.monotonic() - start - pause
    return {
        "ticks_per_s": TICKS / wall,
        "server_ms": 1000.0 * (usage_of(server_pid).cpu_s - server) / TICKS,
        "client_ms": 1000.0 * (time.process_time() - own) / TICKS,
    }


def _ticks(world: carla.World, count: int) -> float:
    """Ticks; the seconds between them, in which nothing happens."""
    pause = 0.0
    for _ in range(count):
        world.tick(60.0)
        mark = time.monotonic()
        time.sleep(PAUSE_S)
        pause += time.monotonic() - mark
    return pause


def spawn_traffic(
    world: carla.World, vehicles: int, walkers: int, manager: carla.TrafficManager
) -> tuple[list[carla.Actor], list[carla.Actor]]:
    """Cars that a Traffic Manager drives, and the controllers of walkers that are on their way."""
    cars, people = spawn_cars(world, vehicles), spawn_people(world, walkers)
    world.tick(60.0)
    for car in cars:
        car.set_autopilot(True, manager.get_port())
    for controller in people:
        controller.start()
        controller.go_to_location(world.get_random_location_from_navigation())
    return cars, people


def spawn_cars(world: carla.World, count: int) -> list[carla.Actor]:
    """Cars on spawn points spread over the map."""
    library = world.get_blueprint_library().filter("vehicle.*")
    cars = [b for b in library if b.get_attribute("base_type") == "car"]
    spots = world.get_map().get_spawn_points()
    found: list[carla.Actor] = []
    for i in spread(len(spots)):
        if len(found) == count:
            break
        actor = world.try_spawn_actor(cars[i % len(cars)], spots[i])
        if actor is not None:
            found.append(actor)
    return found


def spawn_people(world: carla.World, count: int) -> list[carla.Actor]:
    """Controllers of walkers at random places of the navigation mesh."""
    library = world.get_blueprint_library()
    people = library.filter("walker.pedestrian.*")
    brain = library.find("controller.ai.walker")
    found: list[carla.Actor] = []
    for i in range(4 * count):
        if len(found) == count:
            break
        place = world.get_random_location_from_navigation()
        if place is None:
            break
        place.z += 1.0
        walker = world.try_spawn_actor(people[i % len(people)], carla.Transform(place))
        if walker is not None:
            world.tick(60.0)
            found.append(world.spawn_actor(brain, carla.Transform(), attach_to=walker))
    return found


def main() -> int:
    """One measurement, printed as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--vehicles", type=int, default=VEHICLES)
    parser.add_argument("--walkers", type=int, default=WALKERS)
    parser.add_argument("--profile", type=Path, help="py-spy's raw stacks of the server, into this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        map_file = arguments.map or bench_map(Path(folder))
        found = _measure(map_file, arguments.vehicles, arguments.walkers, arguments.profile)
    print(json.dumps(found), flush=True)
    os._exit(0)  # the client aborts now and then when its Traffic Manager is torn down


if __name__ == "__main__":
    sys.exit(main())
