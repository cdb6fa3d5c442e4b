"""Ticks per second with 50 Traffic Manager vehicles and no sensors, the client's own work included."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.lockstep import PAUSE_S, TICK_S, Lockstep, beijing_map, lockstep
from drivegen.runtime.process import usage_of

VEHICLES = 50
TICKS = 300


def rows() -> list[dict[str, Any]]:
    """One row: ticks a second, against real time."""
    with tempfile.TemporaryDirectory() as folder, lockstep(beijing_map(Path(folder))) as bench:
        before = usage_of(bench.server.pid).cpu_s
        rates, spawned = _drive(bench)
        share = usage_of(bench.server.pid).cpu_s - before
    rate = statistics.median(rates)
    return [
        {
            "name": f"ticks/s, {spawned} Traffic Manager vehicles",
            "value": rate,
            "unit": "ticks/s",
            "against": f"real time at {TICK_S} s a tick",
            "ratio": rate * TICK_S,
        },
        {
            "name": "server CPU a tick, no sensors",
            "value": 1000.0 * share / (TICKS * len(rates)),
            "unit": "ms (spawning included)",
            "against": None,
            "ratio": None,
        },
    ]


def _drive(bench: Lockstep) -> tuple[list[float], int]:
    world = bench.world
    manager = bench.traffic_manager(seed=1)
    library = world.get_blueprint_library().filter("vehicle.*")
    cars = [b for b in library if b.get_attribute("base_type") == "car"]
    spots = world.get_map().get_spawn_points()
    vehicles = [
        actor
        for i, spot in enumerate(spots)
        if i * VEHICLES // len(spots) != (i - 1) * VEHICLES // len(spots)
        and (actor := world.try_spawn_actor(cars[i % len(cars)], spot)) is not None
    ]
    for vehicle in vehicles:
        vehicle.set_autopilot(True, manager.get_port())
    rates = []
    for _ in range(3):
        pause = 0.0
        start = time.monotonic()
        for _ in range(TICKS):
            world.tick(30.0)
            mark = time.monotonic()
            time.sleep(PAUSE_S)
            pause += time.monotonic() - mark
        rates.append(TICKS / (time.monotonic() - start - pause))
    manager.set_synchronous_mode(False)
    settings = world.get_settings()
    settings.synchronous_mode = False
    world.apply_settings(settings)
    # A Traffic Manager that still runs when its server is gone aborts the process.
    manager.shut_down()
    return rates, len(vehicles)
