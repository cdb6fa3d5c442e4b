"""Sensors on cars, for tests."""

from __future__ import annotations

import queue
import time
from typing import Any

import carla

ROOF = carla.Transform(carla.Location(x=1.0, z=1.8))


def mount(world: Any, parent: Any, type_id: str, place: Any = ROOF, **values: object) -> Any:
    """A sensor with these attributes; on nothing when the parent is None."""
    blueprint = world.get_blueprint_library().find(type_id)
    for name, value in values.items():
        blueprint.set_attribute(name, str(value))
    return world.spawn_actor(blueprint, place, attach_to=parent)


def in_front(world: Any, car: Any, type_id: str, ahead_m: float, aside_m: float = 0.0, **values: str) -> Any:
    """Another actor before a car, turned as the car is; the next tick puts it there."""
    blueprint = world.get_blueprint_library().find(type_id)
    for name, value in values.items():
        blueprint.set_attribute(name, value)
    place = car.get_transform()
    place.location += place.get_forward_vector() * ahead_m + place.get_right_vector() * aside_m
    place.location.z += 1.0 if type_id.startswith("walker") else 0.3
    return world.spawn_actor(blueprint, place)


def drain(measurements: queue.Queue[Any], settle_s: float = 0.1) -> list[Any]:
    """All that has arrived, after a moment for what is under way."""
    time.sleep(settle_s)
    out = []
    while not measurements.empty():
        out.append(measurements.get())
    return out
