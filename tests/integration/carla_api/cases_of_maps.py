"""carla.Client: choosing maps, layers of a new episode, maps given as text; run by `test_maps`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402

_CLIENTS: list[Any] = []
"""Kept for good: a client that is let go while its light manager hears a snapshot may crash."""
LABELS = carla.CityObjectLabel


@pytest.fixture
def home(client: Any, world: Any) -> Iterator[None]:
    """Brings the first map back."""
    yield
    client.load_world("Yizhuang01", reset_settings=False)


def name(world: Any) -> str:
    return str(world.get_map().name)


def test_maps_are_known_by_their_path(client: Any, world: Any) -> None:
    assert client.get_available_maps() == ["/Game/Carla/Maps/Yizhuang01", "/Game/Carla/Maps/Yizhuang02"]
    assert name(world) == "Carla/Maps/Yizhuang01"


@pytest.mark.usefixtures("home")
def test_maps_by_name_with_and_without_path(client: Any) -> None:
    for asked in ("Yizhuang02", "/Game/Carla/Maps/Yizhuang02", "Carla/Maps/Yizhuang02"):
        assert name(client.load_world(asked, reset_settings=False)) == "Carla/Maps/Yizhuang02"


@pytest.mark.usefixtures("home")
def test_the_layered_kind_of_a_map(server: Server, client: Any) -> None:
    loaded = client.load_world("Yizhuang02_Opt", False, carla.MapLayer(0x1 | 0x8))
    assert name(loaded) == "Carla/Maps/Yizhuang02_Opt"
    assert loaded.get_environment_objects(LABELS.Buildings)
    assert loaded.get_environment_objects(LABELS.Terrain)
    for label in (LABELS.Vegetation, LABELS.Static, LABELS.Fences):
        assert not loaded.get_environment_objects(label)
    assert loaded.get_environment_objects(LABELS.Roads)
    assert loaded.get_environment_objects(LABELS.TrafficLight)
    # A client keeps the lights of maps that it has seen before.
    other = carla.Client("127.0.0.1", server.port)
    other.set_timeout(20.0)
    _CLIENTS.append(other)
    assert not other.get_world().get_lightmanager().get_all_lights()
    loaded.load_map_layer(carla.MapLayer.All)
    assert loaded.get_environment_objects(LABELS.Vegetation)
    # The client compares names.
    assert client.load_world_if_different("Carla/Maps/Yizhuang02_Opt", False) is None


def test_an_unknown_map_is_refused_and_the_old_world_stays(client: Any, world: Any, car: Any) -> None:
    for asked in ("Town99", "/Game/Carla/Maps/Town99_Opt", "../Yizhuang01.txt"):
        with pytest.raises(RuntimeError, match="not found; this server has Yizhuang01, Yizhuang02"):
            client.load_world(asked)
    assert name(client.get_world()) == "Carla/Maps/Yizhuang01"
    world.tick()
    assert car.id in [a.id for a in client.get_world().get_actors()]


@pytest.mark.usefixtures("home")
def test_settings_are_reset_when_asked(client: Any, world: Any) -> None:
    assert client.load_world("Yizhuang02", reset_settings=False).get_settings().synchronous_mode
    fresh = client.load_world("Yizhuang02").get_settings()
    assert not fresh.synchronous_mode
    assert fresh.fixed_delta_seconds is None
    assert (fresh.tile_stream_distance, fresh.actor_active_distance) == (3000.0, 2000.0)
    fresh.synchronous_mode = True
    fresh.fixed_delta_seconds = 0.05
    client.get_world().apply_settings(fresh)


@pytest.mark.usefixtures("home")
def test_a_map_given_as_text(client: Any, world: Any, maps: Path) -> None:
    text = (maps / "Yizhuang02.xodr").read_text()
    generated = client.generate_opendrive_world(text, carla.OpendriveGenerationParameters(), False)
    town = generated.get_map()
    assert town.name == "Carla/Maps/OpenDriveMap"
    assert town.to_opendrive() == text
    assert len(town.get_spawn_points()) > 50
    assert client.get_required_files("Nav")
    # It can be loaded again by its name, and again as it was.
    assert name(client.load_world("OpenDriveMap", False)) == "Carla/Maps/OpenDriveMap"
    assert name(client.reload_world(False)) == "Carla/Maps/OpenDriveMap"


@pytest.mark.usefixtures("home")
def test_walls_along_the_road_are_as_high_as_asked(client: Any, world: Any, maps: Path) -> None:
    text = (maps / "Yizhuang02.xodr").read_text()
    for wall_m in (0.0, 2.5):
        parameters = carla.OpendriveGenerationParameters(
            wall_height=wall_m, enable_pedestrian_navigation=False
        )
        generated = client.generate_opendrive_world(text, parameters, False)
        assert not client.get_required_files("Nav")
        walls = generated.get_environment_objects(LABELS.Walls)
        assert bool(walls) == (wall_m > 0.0)
        for wall in walls[::50]:
            box = wall.bounding_box
            top = carla.Location(box.location.x, box.location.y, box.location.z + 10.0)
            met = [p for p in generated.cast_ray(top, box.location) if p.label == LABELS.Walls]
            assert met[0].location.z - wall.transform.location.z == pytest.approx(wall_m, abs=0.02)
    spawn = generated.get_map().get_spawn_points()[0]
    edge = generated.project_point(spawn.location + carla.Location(z=1.0), spawn.get_right_vector(), 60.0)
    assert edge.label == LABELS.Walls


@pytest.mark.usefixtures("home")
def test_the_road_of_a_map_given_as_text_can_be_invisible(client: Any, world: Any, maps: Path) -> None:
    text = (maps / "Yizhuang02.xodr").read_text()
    parameters = carla.OpendriveGenerationParameters(wall_height=0.0, enable_mesh_visibility=False)
    generated = client.generate_opendrive_world(text, parameters, False)
    spawn = generated.get_map().get_spawn_points()[0]
    assert generated.ground_projection(spawn.location + carla.Location(z=2.0), 50.0) is None
    # Wheels find it all the same.
    blueprint = generated.get_blueprint_library().find("vehicle.audi.tt")
    car = generated.spawn_actor(blueprint, spawn)
    for _ in range(20):
        generated.tick()
    assert abs(car.get_location().z - spawn.location.z) < 0.3


BROKEN = {
    "nothing": "",
    "no XML": "this is no map",
    "XML of another kind": "<html><body/></html>",
    "cut": '<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="4"/><road id="1" length="10"',
    "no roads": '<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="4" name="x"/></OpenDRIVE>',
    "entities": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><OpenDRIVE>&b;</OpenDRIVE>',
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_map_is_refused_and_the_old_world_stays(
    client: Any, world: Any, car: Any, what: str
) -> None:
    with pytest.raises(RuntimeError) as raised:
        client.generate_opendrive_world(BROKEN[what], carla.OpendriveGenerationParameters(), False)
    message = str(raised.value)
    assert message
    assert "Traceback" not in message
    assert len(message.splitlines()) == 1
    world.tick()
    assert name(client.get_world()) == "Carla/Maps/Yizhuang01"
    assert car.id in [a.id for a in world.get_actors()]


def test_walls_of_no_sensible_height_are_refused(client: Any, world: Any, maps: Path) -> None:
    text = (maps / "Yizhuang02.xodr").read_text()
    for wall_m in (-1.0, 1e6):
        with pytest.raises(RuntimeError, match=r"wall_height .* is not within 0 and 100 metres"):
            client.generate_opendrive_world(
                text, carla.OpendriveGenerationParameters(wall_height=wall_m), False
            )
    assert name(client.get_world()) == "Carla/Maps/Yizhuang01"
