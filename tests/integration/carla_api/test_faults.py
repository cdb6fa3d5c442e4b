"""Broken and rude clients: each loses only its own connection."""

from __future__ import annotations

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgpack
import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _ask(sock: socket.socket, *request: object) -> Any:
    sock.sendall(msgpack.packb(list(request)))
    unpacker = msgpack.Unpacker()
    while True:
        unpacker.feed(sock.recv(65536))
        for answer in unpacker:
            return answer


def _alive(world: Any) -> None:
    frame = world.get_snapshot().frame
    assert world.tick() == frame + 1


def test_unknown_and_wrong_calls_are_answered(server: Server, world: Any) -> None:
    sock = _connect(server.port)
    kind, number, error, result = _ask(sock, 0, 1, "fly_away", [[False]])
    assert (kind, number, error) == (1, 1, None)
    assert result == [[0, ["'fly_away' is not a call of CARLA 0.9.16"]]]
    result = _ask(sock, 0, 2, "destroy_actor", [[False], "seven"])[3]
    assert "destroy_actor: actor: an integer is wanted, not 'seven'" in result[0][1][0]
    result = _ask(sock, 0, 3, "set_actor_simulate_physics", [[False], 1])[3]
    assert result[0][0] is True
    assert "wants 2 arguments" in result[0][1][0]
    result = _ask(sock, 0, 4, "get_actors_by_id", [[False], [1, -5]])[3]
    assert "get_actors_by_id: ids" in result[0][1][0]
    result = _ask(sock, 0, 5, "apply_batch", [[False], [[[99, []]], [[1, ["x"]]], 7], False])[3]
    assert [answer[0][0] for answer in result] == [0, 0, 0]
    assert _ask(sock, 0, 6, "version", [[False]])[3] == [[1, "0.9.16"]]
    _alive(world)


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 10000,
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(range(256)) * 16,
        msgpack.packb({"a": 1}),
        msgpack.packb([0, 1, "version"]),
    ],
)
def test_garbage_ends_its_own_connection_only(server: Server, world: Any, data: bytes) -> None:
    sock = _connect(server.port)
    sock.sendall(data)
    sock.settimeout(5.0)
    assert sock.recv(1) == b""
    _alive(world)


def test_random_bytes_on_both_ports(server: Server, world: Any) -> None:
    rng = random.Random(5)
    for _ in range(60):
        for port in (server.port, server.stream_port):
            sock = _connect(port)
            sock.sendall(rng.randbytes(rng.randrange(1, 400)))
            sock.close()
    _alive(world)


def test_a_length_of_4_gib_is_not_taken_at_its_word(server: Server, world: Any) -> None:
    before = _rss_mb(server.pid)
    socks = []
    for head in (b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff") * 4:
        sock = _connect(server.port)
        sock.sendall(head + b"x" * 1000)
        socks.append(sock)
    _alive(world)
    assert _rss_mb(server.pid) < before + 20
    for sock in socks:
        sock.close()


def test_a_client_killed_in_the_middle_of_a_call(server: Server, world: Any) -> None:
    script = (
        "import carla, sys\n"
        "client = carla.Client('127.0.0.1', int(sys.argv[1])); client.set_timeout(10.0)\n"
        "world = client.get_world(); print('on', flush=True)\n"
        "while True: world.get_blueprint_library()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(server.port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"on\n"
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _alive(world)


def test_a_half_request_waits_and_is_served_when_whole(server: Server, world: Any) -> None:
    sock = _connect(server.port)
    data = msgpack.packb([0, 1, "version", [[False]]])
    sock.sendall(data[:5])
    _alive(world)
    sock.sendall(data[5:])
    assert msgpack.unpackb(sock.recv(1000))[3] == [[1, "0.9.16"]]


def test_a_reader_that_stops_reading_does_not_stop_time(server: Server, world: Any, car: Any) -> None:
    blueprint = world.get_blueprint_library().find("sensor.camera.rgb")
    blueprint.set_attribute("image_size_x", "1600")
    blueprint.set_attribute("image_size_y", "900")
    camera = world.spawn_actor(blueprint, carla.Transform(carla.Location(z=3.0)), attach_to=car)
    dead = _connect(server.stream_port)
    dead.sendall(struct.pack("<I", camera.id))
    time.sleep(0.1)
    settings = world.get_settings()
    settings.synchronous_mode = False
    world.apply_settings(settings)
    first = world.wait_for_tick(10.0).frame
    while world.get_snapshot().frame < first + 10:
        world.wait_for_tick(10.0)
    dead.close()
    camera.destroy()


def test_twenty_clients_come_and_go(server: Server, world: Any, car: Any) -> None:
    for _ in range(20):
        client = carla.Client("127.0.0.1", server.port)
        client.set_timeout(10.0)
        visited = client.get_world()
        # The snapshot that a new client is sent comes in on a thread of the client's.
        end = time.monotonic() + 10.0
        while not len(visited.get_actors()) and time.monotonic() < end:
            time.sleep(0.01)
        assert car.id in [actor.id for actor in visited.get_actors()]
    _alive(world)
    time.sleep(0.2)
    assert len(list(Path(f"/proc/{server.pid}/fd").iterdir())) < 100


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20
