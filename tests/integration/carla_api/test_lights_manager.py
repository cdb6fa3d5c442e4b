"""carla.LightManager: the street lights of a map, and who hears of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from tests.integration.conftest import Server  # noqa: E402

NIGHT = -40.0
SIZE = (160, 90)
WARM = carla.Color(255, 238, 206)


_CLIENTS: list[Any] = []
"""Kept for good: a client that is let go while its light manager hears a snapshot may crash."""


@pytest.fixture(scope="module")
def fresh(server: Server) -> Any:
    """A world of a client that has seen no other map: clients keep the lights of all maps ever seen."""
    return other_client(server)


@pytest.fixture
def lights(fresh: Any, world: Any) -> Iterator[Any]:
    """A light manager, by day; all lamps are as new afterwards."""
    manager = fresh.get_lightmanager()
    manager.set_day_night_cycle(True)
    settle(world)
    yield manager
    every = manager.get_all_lights()
    state = carla.LightState(5000.0, WARM, carla.LightGroup.Street, False)
    manager.set_light_states(every, [state] * len(every))
    settle(world)
    sun(world, 45.0)
    manager.set_day_night_cycle(True)
    settle(world)


def settle(world: Any) -> None:
    """Lets a client's changes reach the server, and the others ask for them."""
    for _ in range(3):
        world.tick()
        time.sleep(0.03)


def sun(world: Any, altitude_deg: float) -> None:
    weather = world.get_weather()
    weather.sun_altitude_angle = altitude_deg
    world.set_weather(weather)
    settle(world)


def until(said: Callable[[], bool]) -> bool:
    """Whether something comes true soon: another thread of the client's asks the server."""
    end = time.monotonic() + 5.0
    while not said() and time.monotonic() < end:
        time.sleep(0.01)
    return said()


def other_client(server: Server) -> Any:
    """The world of a client of its own."""
    client = carla.Client("127.0.0.1", server.port)
    client.set_timeout(20.0)
    world = client.get_world()
    _CLIENTS.extend([client, world])
    return world


def test_every_lamp_post_is_a_street_light(world: Any, lights: Any) -> None:
    posts = [o for o in world.get_environment_objects() if o.name.startswith("Pole_Lamp")]
    every = lights.get_all_lights()
    assert sorted(light.id for light in every) == sorted(o.id for o in posts)
    assert len(lights.get_all_lights(carla.LightGroup.Street)) == len(every) > 20
    for group in (carla.LightGroup.Building, carla.LightGroup.Vehicle, carla.LightGroup.Other):
        assert not lights.get_all_lights(group)
    boxes = {o.id: o.bounding_box for o in posts}
    for light in every:
        box = boxes[light.id]
        assert light.location.distance_2d(box.location) < box.extent.x + 0.1
        assert 7.0 < light.location.z < 10.0
        assert (light.intensity, light.color, light.light_group) == (5000.0, WARM, carla.LightGroup.Street)


def test_lamps_follow_the_sun(world: Any, lights: Any) -> None:
    assert not lights.get_turned_on_lights(carla.LightGroup.Street)
    sun(world, NIGHT)
    assert until(lambda: not lights.get_turned_off_lights(carla.LightGroup.Street))
    sun(world, 45.0)
    assert until(lambda: not lights.get_turned_on_lights(carla.LightGroup.Street))


def test_without_the_day_night_cycle_lamps_stay_as_they_are(world: Any, lights: Any) -> None:
    lights.set_day_night_cycle(False)
    sun(world, NIGHT)
    assert not lights.get_turned_on_lights(carla.LightGroup.Street)
    some = lights.get_all_lights()[:5]
    lights.turn_on(some)
    settle(world)
    sun(world, 45.0)
    assert {light.id for light in lights.get_turned_on_lights(carla.LightGroup.Street)} == {
        light.id for light in some
    }
    lights.set_day_night_cycle(True)
    settle(world)
    assert until(lambda: not lights.get_turned_on_lights(carla.LightGroup.Street))


def test_a_change_is_told_to_the_other_clients(server: Server, world: Any, lights: Any) -> None:
    theirs = other_client(server).get_lightmanager()
    some = lights.get_all_lights()[3:6]
    lights.turn_on(some)
    lights.set_color(some, carla.Color(10, 20, 30))
    lights.set_intensity(some, 123.0)
    lights.set_light_group(some, carla.LightGroup.Building)
    settle(world)
    wanted = {light.id for light in some}

    def told() -> list[Any]:
        return [light for light in theirs.get_all_lights() if light.id in wanted]

    assert until(lambda: all(light.is_on for light in told()))
    for light in told():
        assert (light.intensity, light.color) == (123.0, carla.Color(10, 20, 30))
    assert {light.id for light in theirs.get_all_lights(carla.LightGroup.Building)} == wanted
    assert {light.id for light in theirs.get_turned_on_lights(carla.LightGroup.NONE)} == wanted
    # One who comes later sees the same.
    late = other_client(server).get_lightmanager()
    assert {light.id for light in late.get_turned_on_lights()} == wanted


def test_light_states_are_set_one_by_one(world: Any, lights: Any) -> None:
    some = lights.get_all_lights()[:2]
    lights.set_active(some, [True, False])
    lights.set_intensities(some, [10.0, 20.0])
    lights.set_colors(some, [carla.Color(1, 2, 3), carla.Color(4, 5, 6)])
    settle(world)
    assert lights.is_active(some) == [True, False]
    assert lights.get_intensity(some) == [10.0, 20.0]
    some[1].turn_on()
    some[0].set_light_state(carla.LightState(7.0, carla.Color(9, 9, 9), carla.LightGroup.Street, False))
    settle(world)
    assert [light.is_on for light in some] == [False, True]
    assert some[0].intensity == 7.0


def test_lamps_light_the_street_in_pictures(
    world: Any, lights: Any, library: Any, listen: Callable[[Any], Any]
) -> None:
    blueprint = library.find("sensor.camera.rgb")
    blueprint.set_attribute("image_size_x", str(SIZE[0]))
    blueprint.set_attribute("image_size_y", str(SIZE[1]))
    # Street lights are told to show in pictures by what they do to the road below.
    below = lights.get_all_lights()[20].location
    sun(world, NIGHT)
    camera = world.spawn_actor(
        blueprint,
        carla.Transform(carla.Location(below.x, below.y, 7.0), carla.Rotation(pitch=-90.0)),
    )
    images = listen(camera)

    def mean_bgr() -> np.ndarray:
        settle(world)
        while not images.empty():
            images.get()
        world.tick()
        image = images.get(timeout=30.0)
        return np.frombuffer(image.raw_data, np.uint8).reshape(-1, 4)[:, :3].mean(axis=0)

    every = lights.get_all_lights()
    lit = mean_bgr()
    lights.turn_off(every)
    dark = mean_bgr()
    assert lit.mean() > 1.5 * dark.mean()
    lights.turn_on(every)
    lights.set_color(every, carla.Color(255, 0, 0))
    red = mean_bgr()
    assert red[2] > 2.0 * max(red[0], red[1])
    lights.set_color(every, WARM)
    lights.set_intensity(every, 500.0)
    dim = mean_bgr()
    assert dark.mean() < dim.mean() < 0.8 * lit.mean()
    lights.set_intensity(every, 5000.0)
    assert mean_bgr() == pytest.approx(lit, abs=0.5)
