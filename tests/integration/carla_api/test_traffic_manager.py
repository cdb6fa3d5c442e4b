"""carla.TrafficManager: it drives on this server, obeys its lights, and does the same twice."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _drive(server: Server, vehicles: int, ticks: int) -> dict[str, Any]:
    """Runs `drive.py`; once more if the client hangs, as it is known to."""
    command = [sys.executable, str(Path(__file__).parent / "drive.py")]
    for attempt in range(2):
        words = [str(n) for n in (server.port, vehicles, ticks, _free_port())]
        try:
            done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=70, check=True)
        except subprocess.TimeoutExpired:
            if attempt:
                raise
        else:
            return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    raise AssertionError


def test_thirty_vehicles_pass_the_junction_and_twice_the_same(server: Server, world: Any) -> None:
    first = _drive(server, vehicles=30, ticks=500)
    assert first["errors"] == []
    assert first["vehicles"] == 30
    assert first["off_road"] == 0
    assert first["waited_at_red"] > 0
    assert first["metres"] / 30 > 60.0, "they drive"
    second = _drive(server, vehicles=30, ticks=500)
    assert second["digest"] == first["digest"]


def test_a_manager_is_found_by_port_from_another_process(server: Server, world: Any) -> None:
    script = (
        "import carla, os, sys\n"
        "client = carla.Client('127.0.0.1', int(sys.argv[1])); client.set_timeout(10.0)\n"
        "manager = client.get_trafficmanager(int(sys.argv[2]))\n"
        "manager.global_percentage_speed_difference(10.0)\n"
        "print(manager.get_port(), flush=True)\n"
        "sys.stdin.readline()\n"
        "os._exit(0)\n"
    )
    port = _free_port()
    processes = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(server.port), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == str(port)
    for process in processes:
        process.communicate("\n", timeout=20)
