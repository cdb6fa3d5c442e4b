"""A server of its own and a client in lock-step with it, for benchmarks."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import carla

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins
from drivegen.runtime.servers.embedded import EmbeddedServer

TICK_S = 0.05
PAUSE_S = 0.002
"""Between ticks: without it the client's Traffic Manager can deadlock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockstep:
    """What `lockstep` gives."""

    server: EmbeddedServer
    client: carla.Client
    world: carla.World

    def traffic_manager(self, seed: int) -> carla.TrafficManager:
        """A synchronous one on a free port."""
        manager = self.client.get_trafficmanager(free_port())
        manager.set_synchronous_mode(True)
        manager.set_random_device_seed(seed)
        return manager


@contextmanager
def lockstep(map_file: Path) -> Iterator[Lockstep]:
    """A fresh server that steps `TICK_S` when its client says so."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedServer(
            map_file,
            scenery_seed=1,
            renderer="auto",
            log=Path(folder) / "log",
            start_timeout_s=240.0,  # a fresh machine compiles and prepares its map
            render_threads=1,
        ) as server,
    ):
        client = carla.Client(server.host, server.port)
        client.set_timeout(120.0)
        step_when_told(client.get_world())
        # The server ticked freely until now: begin at the beginning.
        yield Lockstep(server=server, client=client, world=client.reload_world(False))


def in_own_process(module: str, arguments: Sequence[str], *, timeout_s: float, attempts: int = 3) -> bytes:
    """What `python -m module` prints, run again when it hangs or crashes.

    A Traffic Manager's state belongs to its client's process, it outlives its server badly, and it can wait
    for itself for ever or abort the process at its end, known faults of the client. Raises
    subprocess.TimeoutExpired or CalledProcessError.
    """
    command = [sys.executable, "-m", module, *arguments]
    root = Path(__file__).parents[1]
    for _ in range(attempts - 1):
        try:
            return subprocess.run(
                command, check=True, timeout=timeout_s, stdout=subprocess.PIPE, cwd=root
            ).stdout
        except subprocess.TimeoutExpired:
            print("the client hangs; once more", file=sys.stderr, flush=True)
        except subprocess.CalledProcessError as ended:
            if ended.returncode >= 0:  # an error of ours; a signal is a crash within the client
                raise
            print(f"the client ended by signal {-ended.returncode}; once more", file=sys.stderr, flush=True)
    return subprocess.run(command, check=True, timeout=timeout_s, stdout=subprocess.PIPE, cwd=root).stdout


def spread(count: int) -> list[int]:
    """The numbers below `count`, each far from those before it: steps of a golden section."""
    return sorted(range(count), key=lambda i: (i * 0.6180339887) % 1.0)


def step_when_told(world: carla.World) -> None:
    """Synchronous mode with steps of `TICK_S`."""
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, TICK_S
    world.apply_settings(settings)


def beijing_map(folder: Path) -> Path:
    """The generated junction as a file."""
    path = folder / "Yizhuang01.xodr"
    roads = plugins.make("generators.roads", "beijing_junction", {}, "map.plugin")
    path.write_text(write_network(roads.generate(derive_rng(0, "map", 0), "Yizhuang01")), encoding="utf-8")
    return path


def free_port() -> int:
    """A TCP port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
