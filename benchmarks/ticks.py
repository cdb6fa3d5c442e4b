"""Ticks per second with 50 Traffic Manager vehicles and no sensors, the client's own work included."""

from __future__ import annotations

import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import carla

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins
from drivegen.runtime.process import usage_of
from drivegen.runtime.server import EmbeddedServer

VEHICLES = 50
TICKS = 300
TICK_S = 0.05
PAUSE_S = 0.002
"""Between ticks: without it the client's Traffic Manager can deadlock."""


def rows() -> list[dict[str, Any]]:
    """One row: ticks a second, against real time."""
    with tempfile.TemporaryDirectory() as folder:
        road = Path(folder) / "bench.xodr"
        generator = plugins.make("generators.roads", "beijing_junction", {}, "map.plugin")
        road.write_text(write_network(generator.generate(derive_rng(1, "map", 0), "bench")), encoding="utf-8")
        with EmbeddedServer(
            road,
            scenery_seed=1,
            renderer="auto",
            log=Path(folder) / "log",
            start_timeout_s=60.0,
            render_threads=1,
        ) as server:
            rates, spawned = _drive(server)
            share = usage_of(server.pid).cpu_s
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
            "unit": "ms (start included)",
            "against": None,
            "ratio": None,
        },
    ]


def _drive(server: EmbeddedServer) -> tuple[list[float], int]:
    client = carla.Client(server.host, server.port)
    client.set_timeout(30.0)
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, TICK_S
    world.apply_settings(settings)
    manager = client.get_trafficmanager(free_port())
    manager.set_synchronous_mode(True)
    manager.set_random_device_seed(1)
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
    settings.synchronous_mode = False
    world.apply_settings(settings)
    # A Traffic Manager that still runs when its server is gone aborts the process.
    manager.shut_down()
    return rates, len(vehicles)


def free_port() -> int:
    """A TCP port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
