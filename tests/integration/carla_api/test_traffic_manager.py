"""carla.TrafficManager: it drives on this server, obeys its lights, and does the same twice."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
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


class Remote:
    """A client process that does what it is told."""

    def __init__(self, port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "tm_client.py"), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "on\n"

    def tell(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def remotes(server: Server) -> Iterator[Callable[[], Remote]]:
    made: list[Remote] = []

    def make() -> Remote:
        made.append(Remote(server.port))
        return made[-1]

    yield make
    for remote in made:
        remote.kill()


def _registered(server: Server, port: int) -> tuple[bool, list[Any]]:
    """What the server says of a port: whether a manager runs there, and where."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        unpacker, answers = msgpack.Unpacker(), []
        for number, name in enumerate(("is_traffic_manager_running", "get_traffic_manager_running")):
            sock.sendall(msgpack.packb([0, number, name, [[False], port]]))
        while len(answers) < 2:
            unpacker.feed(sock.recv(65536))
            answers += list(unpacker)
    return answers[0][3][0][1], answers[1][3][0][1]


MANAGER = "(m := client.get_trafficmanager({})).get_port()"


def test_two_managers_run_on_two_ports(server: Server, world: Any, remotes: Callable[[], Remote]) -> None:
    ports = [_free_port(), _free_port()]
    for port in ports:
        assert _registered(server, port) == (False, ["", 0])
        assert remotes().tell(MANAGER.format(port)) == str(port)
    for port in ports:
        running, (address, at) = _registered(server, port)
        assert running
        assert (at, bool(address)) == (port, True)


def test_a_second_client_uses_the_first_ones_manager(
    server: Server, world: Any, remotes: Callable[[], Remote]
) -> None:
    port = _free_port()
    first, second = remotes(), remotes()
    assert first.tell(MANAGER.format(port)) == str(port)
    before = _registered(server, port)
    assert second.tell(MANAGER.format(port)) == str(port)
    assert _registered(server, port) == before
    assert second.tell("m.global_percentage_speed_difference(10.0)") == "None"
    # The one that came second goes; the manager is the first one's and stays.
    second.kill()
    assert _registered(server, port) == before


def test_a_dead_ones_manager_is_taken_over(server: Server, world: Any, remotes: Callable[[], Remote]) -> None:
    port = _free_port()
    first, second = remotes(), remotes()
    assert first.tell(MANAGER.format(port)) == str(port)
    first.kill()
    assert _registered(server, port)[0], "the server cannot know"
    # The client knocks at the dead one's address for some seconds first.
    assert second.tell(MANAGER.format(port)) == str(port)
    assert second.tell("m.global_percentage_speed_difference(10.0)") == "None"
    assert _registered(server, port)[0]


def test_a_manager_that_is_shut_down_is_forgotten(
    server: Server, world: Any, remotes: Callable[[], Remote]
) -> None:
    port, remote = _free_port(), remotes()
    assert remote.tell(MANAGER.format(port)) == str(port)
    assert remote.tell("m.shut_down()") == "None"
    assert not _registered(server, port)[0]
