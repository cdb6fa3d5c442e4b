"""Every prop of the library spawns (as CARLA's smoke test props_loading asks)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from drivegen.embedded.assets.props.families import PROP_FAMILIES  # noqa: E402

OURS = ".drivegen."
LABELS = {9: "vegetation", 20: "static", 21: "dynamic"}


def test_every_prop_spawns_with_its_box_and_label(client: Any, world: Any, library: Any) -> None:
    props = sorted(
        (b for b in library.filter("static.prop.*") if b.id != "static.prop.mesh" and OURS not in b.id),
        key=lambda b: b.id,
    )
    assert len(props) == 98
    commands = []
    for index, blueprint in enumerate(props):
        # On a grid in the air: some are as large as a house.
        at = carla.Location(x=25.0 * (index % 10), y=25.0 * (index // 10), z=60.0)
        commands.append(carla.command.SpawnActor(blueprint, carla.Transform(at)))
    answers = client.apply_batch_sync(commands, True)
    assert [(b.id, a.error) for b, a in zip(props, answers, strict=True) if a.error] == []
    world.tick()
    spawned = {actor.id: actor for actor in world.get_actors([a.actor_id for a in answers])}
    assert len(spawned) == len(props)
    for blueprint, answer in zip(props, answers, strict=True):
        actor = spawned[answer.actor_id]
        assert actor.type_id == blueprint.id
        extent = actor.bounding_box.extent
        assert min(extent.x, extent.y, extent.z) > 0.001
        assert set(actor.semantic_tags) <= set(LABELS), blueprint.id
        assert len(actor.semantic_tags) == 1
        greatest = 2 * max(extent.x, extent.y, extent.z)
        size = blueprint.get_attribute("size").as_str()
        assert {"tiny": 0.15, "small": 0.7, "medium": 1.8, "big": 4.0}.get(size, math.inf) > greatest


def test_families_of_props_are_as_large_as_their_meshes(client: Any, world: Any, library: Any) -> None:
    variants = (0, 7)
    wanted = [(family, variant) for family in PROP_FAMILIES for variant in variants]
    assert {b.id for b in library.filter("static.prop.drivegen.*")} == {f.blueprint_id for f in PROP_FAMILIES}
    commands = []
    for index, (family, variant) in enumerate(wanted):
        blueprint = library.find(family.blueprint_id)
        blueprint.set_attribute("variant", str(variant))
        at = carla.Location(x=12.0 * (index % 12), y=12.0 * (index // 12), z=80.0)
        commands.append(carla.command.SpawnActor(blueprint, carla.Transform(at)))
    answers = client.apply_batch_sync(commands, True)
    assert [a.error for a in answers if a.error] == []
    world.tick()
    spawned = {actor.id: actor for actor in world.get_actors([a.actor_id for a in answers])}
    for (family, variant), answer in zip(wanted, answers, strict=True):
        actor = spawned[answer.actor_id]
        assert actor.attributes["variant"] == str(variant)
        points = family.mesh(variant).positions_m
        box = actor.bounding_box
        extent = np.array([box.extent.x, box.extent.y, box.extent.z])
        middle = np.array([box.location.x, -box.location.y, box.location.z])
        assert np.allclose(2 * extent, np.ptp(points, axis=0), atol=0.02), (family.name, variant)
        assert np.allclose(middle, (points.min(axis=0) + points.max(axis=0)) / 2, atol=0.011), family.name
        assert tuple(actor.semantic_tags) == tuple(int(t) for t in family.tags), family.name


def test_labels_tell_what_can_be_moved(library: Any, world: Any) -> None:
    place = world.get_map().get_spawn_points()[0].location
    wanted = {"trafficcone01": 21, "busstop": 20, "coconutpalm": 9, "trashbag": 21, "bench01": 20}
    for index, (name, label) in enumerate(wanted.items()):
        at = carla.Transform(place + carla.Location(x=20.0 * index, z=40.0))
        actor = world.spawn_actor(library.find(f"static.prop.{name}"), at)
        assert list(actor.semantic_tags) == [label], name


def test_a_prop_of_unreals_content_says_why_it_cannot_be(library: Any, world: Any) -> None:
    blueprint = library.find("static.prop.mesh")
    blueprint.set_attribute("mesh_path", "/Game/Carla/Static/Car/4Wheeled/Tesla/SM_TeslaM3")
    with pytest.raises(RuntimeError, match=r"static.prop.mesh.*mesh_path names content of Unreal"):
        world.spawn_actor(blueprint, carla.Transform(carla.Location(z=50.0)))
