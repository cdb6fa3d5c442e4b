"""Broken and rude clients: each loses only its own connection."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

carla = pytest.importorskip("carla")

from drivegen.embedded.rpc.table import call_table  # noqa: E402
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
    for length in (b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff") * 4:
        sock = _connect(server.port)
        sock.sendall(b"\x94\x00\x01\xa7version\x91" + length + b"x" * 1000)
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


@pytest.mark.parametrize("name", sorted(call_table().calls))
def test_every_call_answers_a_wrong_shape(server: Server, wire: socket.socket, name: str) -> None:
    for number, arguments in enumerate(([], [[False]] * 9, [7], [[False], *[[["x"]]] * 7])):
        kind, answered, error, result = _ask(wire, 0, number, name, arguments)
        assert (kind, answered, error) == (1, number, None)
        text = str(result)
        assert text.startswith(("[[0, ['", "[[True, ['", "[[[0, ['", '[[0, ["', '[[True, ["', '[[[0, ["'))
        assert name in text


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[socket.socket]:
    with _connect(server.port) as sock:
        yield sock


def test_deep_nesting_and_many_lists_end_their_own_connection_only(server: Server, world: Any) -> None:
    head = b"\x94\x00\x01\xa7version"
    for data in (head + b"\x91" * 100_000, head + (b"\xdc\x7f\xff" + b"\x90" * 32767) * 200):
        sock = _connect(server.port)
        with contextlib.suppress(ConnectionError):
            sock.sendall(data)
            sock.settimeout(10.0)
            assert sock.recv(1) == b""
        sock.close()
        _alive(world)


def test_notifications_are_carried_out_and_not_answered(server: Server, world: Any) -> None:
    sock = _connect(server.port)
    frame = world.get_snapshot().frame
    sock.sendall(msgpack.packb([2, "tick_cue", [[True]]]) + msgpack.packb([2, "fly_away", [[True], 1]]))
    assert _ask(sock, 0, 5, "version", [[False]])[1] == 5
    assert world.tick() == frame + 2


def test_a_texture_is_refused_however_large(server: Server, world: Any) -> None:
    sock = _connect(server.port)
    texels = b"\xdd\x00\x10\x00\x00" + b"\x94\x01\x02\x03\x04" * 0x100000
    head = b"\x94\x00\x07\xbeapply_color_texture_to_objects\x94\x91\xc2\x91\xa1A\x00"
    sock.sendall(
        head + b"\x93\xcd\x04\x00\xcd\x04\x00" + texels + msgpack.packb([0, 8, "version", [[False]]])
    )
    unpacker, answers = msgpack.Unpacker(), []
    while len(answers) < 2:
        unpacker.feed(sock.recv(65536))
        answers += list(unpacker)
    assert "does not support 'apply_color_texture_to_objects'" in str(answers[0])
    assert answers[1][3] == [[1, "0.9.16"]]


def test_a_client_that_floods_and_does_not_read_is_not_noticed(server: Server, world: Any) -> None:
    flood = _connect(server.port)
    flood.setblocking(False)
    request = msgpack.packb([0, 1, "get_actor_definitions", [[False]]]) * 200
    before = _rss_mb(server.pid)
    worst, end = 0.0, time.monotonic() + 2.0
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            flood.send(request)
        mark = time.monotonic()
        world.tick()
        worst = max(worst, time.monotonic() - mark)
    flood.close()
    assert worst < 1.0
    assert _rss_mb(server.pid) < before + 100


def test_many_idle_connections_are_not_noticed(server: Server, world: Any) -> None:
    idle = [_connect(port) for port in (server.port, server.stream_port) * 150]
    _alive(world)
    late = carla.Client("127.0.0.1", server.port)
    late.set_timeout(30.0)
    assert late.get_server_version() == "0.9.16"
    for sock in idle:
        sock.close()
    _alive(world)


def test_numbers_that_are_none_change_nothing(world: Any, car: Any) -> None:
    before = car.get_transform()
    nan, infinite = float("nan"), float("inf")
    for bad in (nan, infinite, -infinite):
        car.set_location(carla.Location(bad, 0.0, 0.0))
        car.set_transform(carla.Transform(carla.Location(), carla.Rotation(yaw=bad)))
        car.apply_control(carla.VehicleControl(throttle=bad))
        car.set_target_velocity(carla.Vector3D(0.0, bad, 0.0))
        car.add_impulse(carla.Vector3D(0.0, 0.0, bad))
        world.set_weather(carla.WeatherParameters(cloudiness=bad))
        settings = world.get_settings()
        settings.max_culling_distance = bad
        with pytest.raises(RuntimeError, match="a finite number is wanted"):
            world.apply_settings(settings)
        with pytest.raises(RuntimeError, match="a finite number is wanted"):
            world.spawn_actor(
                world.get_blueprint_library().find("sensor.other.imu"), carla.Transform(carla.Location(z=bad))
            )
    world.tick()
    after = car.get_transform()
    assert after.location.distance(before.location) < 0.05
    assert abs(after.rotation.yaw - before.rotation.yaw) < 0.5
    assert 0.0 <= world.get_weather().cloudiness <= 100.0


@pytest.mark.parametrize("seconds", [1e30, 10.5])
def test_steps_of_no_sensible_length_are_refused(world: Any, seconds: float) -> None:
    settings = world.get_settings()
    settings.fixed_delta_seconds = seconds
    with pytest.raises(RuntimeError, match="fixed_delta_seconds"):
        world.apply_settings(settings)
    assert world.get_settings().fixed_delta_seconds == pytest.approx(0.05)


def test_a_negative_step_is_refused(wire: socket.socket, world: Any) -> None:
    # The client takes it for none; others may not.
    given = [True, False, [True, -0.05], True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True]
    answer = _ask(wire, 0, 1, "set_episode_settings", [[False], given])[3]
    assert "fixed_delta_seconds -0.05 is not within 0 and 10" in answer[0][1][0]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("sensor.camera.rgb", "image_size_x", "0"),
        ("sensor.camera.rgb", "image_size_y", "100000"),
        ("sensor.camera.depth", "image_size_x", "-5"),
        ("sensor.camera.rgb", "fov", "0"),
        ("sensor.camera.rgb", "fov", "nan"),
        ("sensor.lidar.ray_cast", "channels", "0"),
        ("sensor.lidar.ray_cast", "points_per_second", "1000000000000"),
        ("sensor.lidar.ray_cast", "range", "-1"),
        ("sensor.other.radar", "points_per_second", "1000000000000"),
        ("sensor.other.imu", "sensor_tick", "nan"),
    ],
)
def test_sensors_of_no_sensible_size_are_refused_by_name(
    world: Any, library: Any, kind: str, name: str, value: str
) -> None:
    blueprint = library.find(kind)
    blueprint.set_attribute(name, value)
    with pytest.raises(RuntimeError, match=f"{kind}: attribute {name}"):
        world.spawn_actor(blueprint, carla.Transform())
    _alive(world)


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20
