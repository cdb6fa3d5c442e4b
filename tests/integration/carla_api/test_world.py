"""carla.Client and carla.World: handshake, maps, settings, ticks, weather, files."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402


def test_versions_agree(client: Any) -> None:
    assert client.get_server_version() == client.get_client_version() == "0.9.16"


def test_a_new_episode_forgets_actors_and_starts_time_afresh(client: Any, world: Any, library: Any) -> None:
    spawn = world.get_map().get_spawn_points()[0]
    world.spawn_actor(library.find("vehicle.audi.tt"), spawn)
    for _ in range(5):
        world.tick()
    before = world.get_snapshot()
    fresh = client.reload_world(False)
    fresh.tick()
    after = fresh.get_snapshot()
    assert fresh.id != world.id
    assert after.frame > before.frame
    # The client ticks once by itself while it waits for the new episode.
    assert after.timestamp.elapsed_seconds == pytest.approx(0.1)
    assert not fresh.get_actors().filter("vehicle.*")
    assert fresh.get_settings().synchronous_mode


def test_the_map_is_the_file(world: Any, maps: Path) -> None:
    assert world.get_map().to_opendrive() == (maps / "Yizhuang01.xodr").read_text()


def test_spawn_points_lie_on_driving_lanes(world: Any) -> None:
    town = world.get_map()
    points = town.get_spawn_points()
    assert len(points) > 100
    for point in points:
        waypoint = town.get_waypoint(point.location, project_to_road=False)
        assert waypoint is not None
        # The client finds the lane's centre beside a point to centimetres, along it only to decimetres.
        away = point.location - waypoint.transform.location
        assert abs(waypoint.transform.get_right_vector().dot(away)) < 0.05
        assert waypoint.transform.get_forward_vector().dot(point.get_forward_vector()) > 0.99


def test_files_stay_in_their_folder(client: Any, maps: Path) -> None:
    for name in ("../../../../etc/passwd", "/etc/passwd", "Carla/Maps/OpenDrive/../../../etc/passwd", "x"):
        with pytest.raises(RuntimeError, match="not among this server's files"):
            client.request_file(name)


def test_every_tick_is_one_step(world: Any) -> None:
    first = world.get_snapshot()
    for k in range(1, 21):
        assert world.tick() == first.frame + k
        now = world.get_snapshot().timestamp
        assert now.frame == first.frame + k
        assert now.delta_seconds == pytest.approx(0.05)
        assert now.elapsed_seconds == pytest.approx(first.timestamp.elapsed_seconds + k * 0.05)


SETTINGS = {
    "synchronous_mode": True,
    "no_rendering_mode": True,
    "fixed_delta_seconds": 0.02,
    "substepping": False,
    "max_substep_delta_time": 0.004,
    "max_substeps": 7,
    "max_culling_distance": 250.0,
    "deterministic_ragdolls": True,
    "tile_stream_distance": 1234.0,
    "actor_active_distance": 123.0,
    "spectator_as_ego": False,
}


def test_all_settings_come_back(world: Any) -> None:
    settings = world.get_settings()
    for name, value in SETTINGS.items():
        assert getattr(settings, name) != value or name in ("synchronous_mode", "deterministic_ragdolls")
        setattr(settings, name, value)
    settings.deterministic_ragdolls = not settings.deterministic_ragdolls
    expected = {**SETTINGS, "deterministic_ragdolls": settings.deterministic_ragdolls}
    world.apply_settings(settings)
    got = world.get_settings()
    assert {name: getattr(got, name) for name in SETTINGS} == pytest.approx(expected)
    world.tick()
    assert world.get_snapshot().timestamp.delta_seconds == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("fixed_delta_seconds", 11.0, "fixed_delta_seconds 11 is not within 0 and 10"),
        ("max_substeps", 0, "max_substeps 0 is not within 1 and 16"),
        ("max_substeps", 17, "max_substeps 17 is not within 1 and 16"),
        ("max_substep_delta_time", 0.0, "max_substep_delta_time 0 is not above 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(world: Any, name: str, value: float, message: str) -> None:
    before = world.get_settings()
    settings = world.get_settings()
    setattr(settings, name, value)
    with pytest.raises(RuntimeError, match=message):
        world.apply_settings(settings)
    assert world.get_settings() == before


def test_the_gravity_of_imus_comes_back(world: Any, library: Any, listen: Any) -> None:
    assert world.get_imui_sensor_gravity() == pytest.approx(9.81)
    imu = world.spawn_actor(library.find("sensor.other.imu"), carla.Transform())
    readings = listen(imu)
    try:
        world.set_imui_sensor_gravity(1.62)
        assert world.get_imui_sensor_gravity() == pytest.approx(1.62)
        world.tick()
        assert readings.get(timeout=10.0).accelerometer.z == pytest.approx(1.62, abs=1e-3)
    finally:
        world.set_imui_sensor_gravity(9.81)


def test_actors_never_sleep(world: Any, car: Any) -> None:
    settings = world.get_settings()
    settings.actor_active_distance = 1.0
    world.apply_settings(settings)
    car.set_location(car.get_location() + carla.Location(x=5.0))
    for _ in range(3):
        world.tick()
    for actor in world.get_actors():
        assert actor.is_active
        assert not actor.is_dormant


def test_free_running_time_passes_by_itself(world: Any) -> None:
    settings = world.get_settings()
    settings.synchronous_mode = False
    settings.fixed_delta_seconds = 0.05
    world.apply_settings(settings)
    first = world.wait_for_tick(5.0)
    began = time.monotonic()
    while world.get_snapshot().frame < first.frame + 20:
        world.wait_for_tick(5.0)
    passed = time.monotonic() - began
    assert 0.7 < passed < 3.0
    settings.fixed_delta_seconds = None
    world.apply_settings(settings)
    world.wait_for_tick(5.0)
    assert 0.0 < world.wait_for_tick(5.0).timestamp.delta_seconds <= 0.5


def test_time_stands_in_synchronous_mode(world: Any) -> None:
    frame = world.tick()
    time.sleep(0.3)
    assert world.get_snapshot().frame == frame


def test_weather_comes_back(world: Any) -> None:
    world.set_weather(carla.WeatherParameters.HardRainSunset)
    assert world.get_weather() == carla.WeatherParameters.HardRainSunset


def test_the_default_weather_is_the_maps(world: Any) -> None:
    world.set_weather(carla.WeatherParameters.Default)
    got = world.get_weather()
    assert (got.cloudiness, got.sun_altitude_angle, got.fog_density) == (0.0, 45.0, 0.0)


def test_a_client_that_joins_knows_frame_and_actors_without_a_tick(
    server: Server, world: Any, car: Any
) -> None:
    other = carla.Client("127.0.0.1", server.port)
    other.set_timeout(10.0)
    seen = other.get_world()
    # Nobody ticks: the server sends the snapshot by itself, and it comes in on a thread of the client's.
    end = time.monotonic() + 10.0
    while not len(seen.get_actors()) and time.monotonic() < end:
        time.sleep(0.01)
    assert seen.get_snapshot().frame == world.get_snapshot().frame
    assert car.id in [a.id for a in seen.get_actors()]
    assert seen.get_spectator().type_id == "spectator"


def test_any_client_may_tick(server: Server, world: Any) -> None:
    other = carla.Client("127.0.0.1", server.port)
    other.set_timeout(10.0)
    frame = world.tick()
    assert other.get_world().tick() == frame + 1


def test_the_spectator_can_be_placed(world: Any) -> None:
    spectator = world.get_spectator()
    wanted = carla.Transform(carla.Location(1, 2, 30), carla.Rotation(-45, 90, 0))
    spectator.set_transform(wanted)
    world.tick()
    got = world.get_spectator().get_transform()
    assert got.location.distance(wanted.location) < 1e-4
    assert (got.rotation.pitch, got.rotation.yaw) == pytest.approx((-45, 90), abs=1e-3)


def test_what_is_not_supported_says_so_by_name(world: Any) -> None:
    diffuse, texture = carla.MaterialParameter.Diffuse, carla.TextureColor(2, 2)
    with pytest.raises(RuntimeError, match="does not support 'apply_color_texture_to_objects'"):
        world.apply_color_texture_to_object(world.get_names_of_all_objects()[0], diffuse, texture)


def test_a_client_of_its_own_process_sees_the_same_world(server: Server, world: Any, car: Any) -> None:
    script = (
        "import carla, sys, time\n"
        "client = carla.Client('127.0.0.1', int(sys.argv[1])); client.set_timeout(10.0)\n"
        "world, end = client.get_world(), time.monotonic() + 10.0\n"
        # The snapshot that a new client is sent comes in on a thread of the client's; nobody ticks here.
        "while not len(world.get_actors()) and time.monotonic() < end: time.sleep(0.01)\n"
        "print([a.id for a in world.get_actors().filter('vehicle.*')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(server.port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == f"[{car.id}]"
