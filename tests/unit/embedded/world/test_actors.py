"""The registry of actors."""

from __future__ import annotations

import pytest

from drivegen.embedded.world.actors import KEPT_BOXES, Actor, ActorError, ActorKind, ActorRegistry, LocalBox


def _add(registry: ActorRegistry, kind: ActorKind = ActorKind.VEHICLE) -> Actor:
    actor = Actor(id=registry.new_id(), kind=kind, type_id="any", attributes={}, box=LocalBox.empty())
    registry.add(actor)
    return actor


def test_kinds_are_kept_in_the_order_of_birth() -> None:
    registry = ActorRegistry(2)
    cars = [_add(registry), _add(registry)]
    person = _add(registry, ActorKind.WALKER)
    cars.append(_add(registry))
    assert registry.of_kind(ActorKind.VEHICLE) == cars
    assert registry.of_kind(ActorKind.WALKER, ActorKind.VEHICLE) == [*cars[:2], person, cars[2]]
    registry.remove(cars[1])
    assert registry.of_kind(ActorKind.VEHICLE) == [cars[0], cars[2]]
    registry.clear()
    assert registry.of_kind(ActorKind.VEHICLE) == []


def test_boxes_of_actors_that_are_gone_are_known_for_a_while() -> None:
    registry = ActorRegistry(2)
    gone = _add(registry)
    registry.remove(gone)
    assert registry.box_of(gone.id) is gone.box
    with pytest.raises(ActorError, match=f"actor {gone.id} does not exist"):
        registry.find(gone.id)
    for _ in range(KEPT_BOXES):
        registry.remove(_add(registry))
    with pytest.raises(ActorError, match="does not exist"):
        registry.box_of(gone.id)
    with pytest.raises(ActorError, match="does not exist"):
        registry.box_of(10**6)
