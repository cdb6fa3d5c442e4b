"""carla.DebugHelper: what it draws is in RGB images, and only there, for as long as it shall."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

WIDTH, HEIGHT = 320, 180
MAGENTA, GREEN = carla.Color(255, 0, 255), carla.Color(0, 255, 0)


class Eye:
    """A camera behind and above a car; `look` ticks and gives the image as RGB."""

    def __init__(self, world: Any, kind: str, car: Any, listen: Callable[[Any], queue.Queue[Any]]) -> None:
        blueprint = world.get_blueprint_library().find(f"sensor.camera.{kind}")
        blueprint.set_attribute("image_size_x", str(WIDTH))
        blueprint.set_attribute("image_size_y", str(HEIGHT))
        place = carla.Transform(carla.Location(x=-8.0, z=3.0), carla.Rotation(pitch=-8.0))
        self.sensor = world.spawn_actor(blueprint, place, attach_to=car)
        self._world, self._images = world, listen(self.sensor)

    def image(self, frame: int) -> np.ndarray:
        while True:
            image = self._images.get(timeout=60.0)
            if image.frame == frame:
                return np.frombuffer(image.raw_data, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., 2::-1].copy()

    def look(self) -> np.ndarray:
        return self.image(self._world.tick())


@pytest.fixture
def eye(world: Any, car: Any, listen: Callable[[Any], queue.Queue[Any]]) -> Any:
    world.debug.clear_debug_shape()
    world.debug.clear_debug_string()
    yield Eye(world, "rgb", car, listen)
    world.debug.clear_debug_shape()
    world.debug.clear_debug_string()


@pytest.fixture
def before(car: Any) -> Any:
    """A place 12 m before the car at a height of 2 m, and the direction to the right."""
    pose = car.get_transform()
    at = pose.location + carla.Location(pose.get_forward_vector() * 12.0) + carla.Location(z=2.0)
    return at, carla.Location(pose.get_right_vector())


def count(image: np.ndarray, color: Any) -> int:
    return int(np.all(image == (color.r, color.g, color.b), axis=-1).sum())


def test_every_shape_is_in_the_picture(world: Any, eye: Eye, before: Any) -> None:
    at, right = before
    debug = world.debug
    left_end, right_end = at + carla.Location(right * -1.0), at + carla.Location(right * 1.0)
    box = carla.BoundingBox(at, carla.Vector3D(1.0, 1.0, 1.0))
    turn = carla.Rotation(yaw=20.0)
    assert count(eye.look(), MAGENTA) == 0
    life, at_least = 0.05, 5
    for draw in (
        lambda: debug.draw_point(at, 0.1, MAGENTA, life),
        lambda: debug.draw_line(left_end, right_end, 0.2, MAGENTA, life),
        lambda: debug.draw_arrow(left_end, right_end, 0.2, 0.3, MAGENTA, life),
        lambda: debug.draw_box(box, turn, 0.2, MAGENTA, life),
        lambda: debug.draw_string(at, "Hello, World", False, MAGENTA, life),
        lambda: debug.draw_hud_point(at, 8.0, MAGENTA, life),
        lambda: debug.draw_hud_line(left_end, right_end, 3.0, MAGENTA, life),
        lambda: debug.draw_hud_arrow(left_end, right_end, 3.0, 0.3, MAGENTA, life),
        lambda: debug.draw_hud_box(box, turn, 3.0, MAGENTA, life),
    ):
        draw()
        assert count(eye.look(), MAGENTA) >= at_least
        assert count(eye.look(), MAGENTA) == 0, "its life was one tick long"


def test_only_rgb_cameras_see_it(
    world: Any, car: Any, eye: Eye, before: Any, listen: Callable[[Any], queue.Queue[Any]]
) -> None:
    at, right = before
    kinds = ("depth", "semantic_segmentation", "instance_segmentation")
    others = [Eye(world, kind, car, listen) for kind in kinds]
    for _ in range(2):
        frame = world.tick()
        plain = [e.image(frame) for e in (eye, *others)]
    world.debug.draw_line(at + carla.Location(right * -3.0), at + carla.Location(right * 3.0), 1.0, MAGENTA)
    world.debug.draw_string(at, "Hello", False, GREEN, 5.0)
    frame = world.tick()
    drawn = [e.image(frame) for e in (eye, *others)]
    assert count(drawn[0], MAGENTA) > 100
    for a, b in zip(plain[1:], drawn[1:], strict=True):
        assert np.array_equal(a, b)


def test_life_times(world: Any, eye: Eye, before: Any) -> None:
    at, _ = before
    world.debug.draw_point(at, 0.1, MAGENTA, life_time=0.3)
    world.debug.draw_point(at + carla.Location(z=1.0), 0.1, GREEN)  # -1 by default
    shown = [eye.look() for _ in range(9)]
    assert [count(image, MAGENTA) > 0 for image in shown] == [True] * 6 + [False] * 3
    assert all(count(image, GREEN) for image in shown), "lines without a life-time stay"


def test_clearing(world: Any, eye: Eye, before: Any) -> None:
    at, _ = before
    world.debug.draw_point(at, 0.1, MAGENTA, 0.0)
    world.debug.draw_string(at + carla.Location(z=1.0), "MMMMMM", False, GREEN, 60.0)
    image = eye.look()
    assert count(image, MAGENTA) and count(image, GREEN)
    world.debug.clear_debug_shape()
    image = eye.look()
    assert not count(image, MAGENTA) and count(image, GREEN)
    world.debug.clear_debug_string()
    assert not count(eye.look(), GREEN)


def test_what_stands_before_it_hides_it(world: Any, car: Any, eye: Eye) -> None:
    middle = car.get_transform().transform(car.bounding_box.location)
    world.debug.draw_point(middle, 0.1, MAGENTA, 0.05)
    assert count(eye.look(), MAGENTA) == 0, "inside the car"
    world.debug.draw_hud_point(middle, 8.0, MAGENTA, 0.05)
    assert count(eye.look(), MAGENTA) > 20
