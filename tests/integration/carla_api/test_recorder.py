"""Recorder and replayer, called by the real client on a server of their own."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server, end_server, ready, start_server  # noqa: E402

VEHICLES, WALKERS, TICKS = 10, 6, 100
TICK_S = 0.05


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def server(maps: Path, logs: Path) -> Iterator[Server]:
    process = start_server(maps, map_name="Yizhuang01", seed=7, log_folder=str(logs))
    facts = ready(process)
    yield Server(
        port=int(str(facts["port"])), stream_port=int(str(facts["stream_port"])), pid=int(str(facts["pid"]))
    )
    code, errors = end_server(process)
    assert code == 0
    assert "Traceback" not in errors, errors


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    made = carla.Client("127.0.0.1", server.port)
    made.set_timeout(30.0)
    return made


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def drive(server: Server) -> dict[str, Any]:
    """What `record.py` saw; once more if its client hangs, as it is known to."""
    script = str(Path(__file__).parent / "record.py")
    for attempt in range(2):
        words = [str(n) for n in (server.port, VEHICLES, WALKERS, TICKS, _free_port())]
        command = [sys.executable, script, *words, "traffic.log"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=80, check=False)
        except subprocess.TimeoutExpired:
            if attempt:
                raise
        else:
            assert done.returncode == 0, done.stderr
            return dict(json.loads(done.stdout.strip().splitlines()[-1]))
    raise AssertionError


def test_a_replay_shows_every_recorded_pose(drive: dict[str, Any]) -> None:
    ids = [str(i) for i in drive["cars"] + drive["people"]]
    assert len(ids) == VEHICLES + WALKERS
    assert drive["gone"] == {}, "all had been destroyed"
    assert len(drive["replayed"]) == len(drive["recorded"]) == TICKS
    worst_m = worst_deg = 0.0
    for recorded, replayed in zip(drive["recorded"], drive["replayed"], strict=True):
        assert sorted(recorded) == sorted(replayed) == sorted(ids)
        for actor, expected in recorded.items():
            got = replayed[actor]
            worst_m = max(worst_m, math.dist(expected[:3], got[:3]))
            turned = [abs((a - b + 180) % 360 - 180) for a, b in zip(expected[3:], got[3:], strict=True)]
            worst_deg = max(worst_deg, *turned)
    assert worst_m < 0.01
    assert worst_deg < 0.1
    metres = [math.dist(drive["recorded"][0][i][:3], drive["recorded"][-1][i][:3]) for i in ids]
    assert max(metres) > 30.0, "traffic moved meanwhile"
    assert sum(metres) > 100.0


def test_replayed_actors_move_at_the_speeds_of_their_motion(drive: dict[str, Any]) -> None:
    for actor in (str(i) for i in drive["cars"] + drive["people"]):
        before, after = drive["recorded"][49][actor], drive["recorded"][50][actor]
        speed = math.dist(before[:3], after[:3]) / TICK_S
        assert drive["velocities"][50][actor] == pytest.approx(speed, abs=0.05)


def test_lights_come_back(drive: dict[str, Any]) -> None:
    recorded, replayed = drive["recorded_lights"], drive["replayed_lights"]
    for was, now in zip(recorded, replayed, strict=True):
        assert was == now
    assert len({flags for frame in recorded for flags in frame["vehicles"].values()}) > 15


def test_the_file_info_reads_it(drive: dict[str, Any], logs: Path) -> None:
    assert drive["path"] == str(logs / "traffic.log")
    assert "Total time recorded: 4.95\n" in drive["said"]
    told = drive["info"].splitlines()
    assert told[:2] == ["Version: 1", "Map: Yizhuang01"]
    for actor in drive["cars"]:
        assert any(line.startswith(f" Create {actor}: vehicle.") for line in told)
    for actor in drive["people"]:
        assert any(line.startswith(f" Create {actor}: walker.pedestrian.") for line in told)
    assert told[-2:] == [f"Frames: {TICKS}", "Duration: 4.95 seconds"]
    every = drive["all"]
    assert every.count(" Positions: ") == every.count(" Dynamic actors: ") == TICKS
    x, y, *_ = drive["recorded"][49][str(drive["cars"][0])]
    frame = every[every.index("Frame 50 at 2.45 seconds") :]
    row = frame[frame.index(f"  Id: {drive['cars'][0]} Location: (") :].splitlines()[0]
    numbers = [float(n) for n in row.split("(")[1].split(")")[0].split(", ")]
    assert (numbers[0] / 100, numbers[1] / 100) == pytest.approx((x, y), abs=0.01)
    assert f"Frames: {TICKS}" in drive["blocked"]
    assert f"Frames: {TICKS}" in drive["collisions"]


@pytest.fixture
def cars(world: Any, library: Any) -> list[Any]:
    """Two cars, the second before the first."""
    model = library.find("vehicle.tesla.model3")
    model.set_attribute("role_name", "hero")
    place = world.get_map().get_spawn_points()[0]
    ahead = carla.Transform(place.location + place.get_forward_vector() * 9.0, place.rotation)
    hero = world.spawn_actor(model, place)
    model.set_attribute("role_name", "autopilot")
    actors = [hero, world.spawn_actor(model, ahead)]
    world.tick()
    return actors


def test_collisions_and_who_stood_still(client: Any, world: Any, cars: list[Any]) -> None:
    hero, other = cars
    client.start_recorder("crash.log")
    for _ in range(40):
        world.tick()
    hero.enable_constant_velocity(carla.Vector3D(x=8.0))
    for _ in range(30):
        world.tick()
    client.stop_recorder()
    rows = client.show_recorder_collisions("crash.log", "h", "v").splitlines()
    hits = [row.split() for row in rows if "vehicle.tesla.model3" in row]
    assert hits
    time_s, *types, first, _, second, _ = hits[0]
    assert (float(time_s), types, int(first), int(second)) == (2.0, ["v", "v"], hero.id, other.id)
    assert "vehicle" not in client.show_recorder_collisions("crash.log", "w", "a")
    blocked = client.show_recorder_actors_blocked("crash.log", 1.5, 10.0)
    assert sum("vehicle.tesla.model3" in row for row in blocked.splitlines()) == 2
    assert "vehicle" not in client.show_recorder_actors_blocked("crash.log", 3.5, 10.0)


def test_hero_follow_factor_and_stop(client: Any, world: Any, cars: list[Any]) -> None:
    hero, other = cars
    for car in cars:
        car.apply_control(carla.VehicleControl(throttle=0.6))
    client.start_recorder("pair.log", True)
    places = []
    for _ in range(30):
        world.tick()
        places.append([car.get_transform().location for car in cars])
    client.stop_recorder()
    client.set_replayer_ignore_hero(True)
    client.set_replayer_time_factor(2.0)
    offset = carla.Transform(carla.Location(x=-8.0, z=4.0), carla.Rotation(pitch=-20.0))
    said = client.replay_file("pair.log", 0.5, 0.0, other.id, False, offset)
    assert "Replaying from 0.5 s - 1.45 s (1.45 s) at 2.0x" in said
    assert "Ignoring Hero vehicle" in said
    for frame in (10, 12, 14):
        world.tick()
        assert other.get_location().distance(places[frame][1]) < 0.01
        assert hero.get_location().distance(places[frame][0]) > 0.1, "it drives by itself"
    seen = world.get_spectator().get_transform()
    wanted = carla.Location(x=-8.0, z=4.0)
    other.get_transform().transform(wanted)
    assert seen.location.distance(wanted) < 0.01
    assert seen.rotation.pitch == pytest.approx(other.get_transform().rotation.pitch - 20.0, abs=0.1)
    client.stop_replayer(True)
    client.set_replayer_ignore_hero(False)
    client.set_replayer_time_factor(1.0)
    other.apply_control(carla.VehicleControl(throttle=1.0))
    before = other.get_location()
    for _ in range(20):
        world.tick()
    assert other.get_location().distance(before) > 0.5, "it drives again"


def test_sensors_of_a_replay_measure(client: Any, world: Any, cars: list[Any], listen: Any) -> None:
    gnss = world.get_blueprint_library().find("sensor.other.gnss")
    sensor = world.spawn_actor(gnss, carla.Transform(carla.Location(x=1.0)), attach_to=cars[0])
    client.start_recorder("sensor.log")
    for _ in range(10):
        world.tick()
    client.stop_recorder()
    sensor.destroy()
    client.replay_file("sensor.log", 0.0, 0.0, 0, True)
    world.tick()
    (replayed,) = world.get_actors().filter("sensor.other.gnss")
    assert replayed.parent.id == cars[0].id
    measurements = listen(replayed)
    for _ in range(3):
        world.tick()
    assert measurements.get(timeout=5.0).frame > 0
    replayed.stop()
    client.stop_replayer(False)
    world.tick()
    assert len(world.get_actors().filter("sensor.other.gnss")) == 0


@pytest.mark.parametrize("name", ["../out.log", "/etc/passwd", "/tmp/out.log", ""])
def test_no_path_leads_out_of_the_folder(client: Any, logs: Path, name: str) -> None:
    for call in (
        lambda: client.start_recorder(name),
        lambda: client.show_recorder_file_info(name, True),
        lambda: client.show_recorder_collisions(name, "a", "a"),
        lambda: client.show_recorder_actors_blocked(name, 1.0, 1.0),
        lambda: client.replay_file(name, 0.0, 0.0, 0),
    ):
        with pytest.raises(RuntimeError, match=r"outside the folder|no name of a recording"):
            call()
    assert not (logs.parent / "out.log").exists()


def test_files_that_are_not_there_or_no_recordings(client: Any, world: Any, logs: Path) -> None:
    for told in (
        client.show_recorder_file_info("none.log", False),
        client.replay_file("none.log", 0.0, 0.0, 0),
    ):
        assert f"File {logs / 'none.log'} not found on server" in told
    (logs / "text.log").write_text("nothing recorded")
    with pytest.raises(RuntimeError, match="not a CARLA recording"):
        client.show_recorder_file_info("text.log", False)
    with pytest.raises(RuntimeError, match="not a CARLA recording"):
        client.replay_file("text.log", 0.0, 0.0, 0)
    with pytest.raises(RuntimeError, match="category 'x' is unknown"):
        client.start_recorder("empty.log")
        client.show_recorder_collisions("empty.log", "x", "a")
    world.tick()


def test_another_map_is_loaded_for_its_recording(client: Any, world: Any, cars: list[Any]) -> None:
    client.start_recorder("map.log")
    for _ in range(5):
        world.tick()
    client.stop_recorder()
    place = cars[0].get_location()
    elsewhere = client.load_world("Yizhuang02", False)
    elsewhere.tick()
    assert elsewhere.get_map().name.endswith("Yizhuang02")
    assert "Loading map Yizhuang01" in client.replay_file("map.log", 0.0, 0.0, 0)
    back = client.get_world()
    back.tick()
    assert back.get_map().name.endswith("Yizhuang01")
    vehicles = list(back.get_actors().filter("vehicle.*"))
    assert min(v.get_location().distance(place) for v in vehicles) < 0.01
