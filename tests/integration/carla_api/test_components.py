"""What actors are built of: components, bones, sockets."""

from __future__ import annotations

import math
from typing import Any

import pytest

carla = pytest.importorskip("carla")

TOLERANCE_M = 2e-3


@pytest.fixture
def walker(world: Any, library: Any) -> Any:
    place = world.get_map().get_spawn_points()[1]
    place.location.z += 1.0
    actor = world.spawn_actor(library.find("walker.pedestrian.0010"), place)
    for _ in range(20):
        world.tick()
    return actor


def test_components_stand_where_they_say(car: Any, walker: Any) -> None:
    for actor, wanted in ((car, {"VehicleMesh", "VehicleBounds"}), (walker, {"CharacterMesh0"})):
        names = actor.get_component_names()
        assert wanted <= set(names)
        for name in names:
            relative = actor.get_component_relative_transform(name)
            world_ = actor.get_component_world_transform(name)
            again = actor.get_transform().transform(carla.Location(relative.location))
            assert again.distance(world_.location) < TOLERANCE_M
    assert car.get_component_relative_transform("VehicleBounds").location.z == pytest.approx(
        car.bounding_box.location.z, abs=1e-4
    )
    feet = walker.get_component_relative_transform("CharacterMesh0").location.z
    assert feet == pytest.approx(-walker.bounding_box.extent.z, abs=1e-4)


def test_a_component_that_is_not_there_is_named(car: Any) -> None:
    with pytest.raises(RuntimeError, match=r"no component 'Wing'; it has VehicleMesh, VehicleBounds"):
        car.get_component_world_transform("Wing")


def test_a_walkers_bones_are_its_skeleton(walker: Any) -> None:
    skeleton = {b.name: b for b in walker.get_bones().bone_transforms}
    names = walker.get_bone_names()
    world_ = walker.get_bone_world_transforms()
    relative = walker.get_bone_relative_transforms()
    assert len(names) == len(world_) == len(relative) == 66
    for name, at, own in zip(names, world_, relative, strict=True):
        assert at.location.distance(skeleton[name].world.location) < TOLERANCE_M
        if name not in ("crl_root",):
            assert own.location.distance(skeleton[name].relative.location) < TOLERANCE_M
    assert list(walker.get_socket_names()) == list(names)
    assert len(walker.get_socket_world_transforms()) == len(walker.get_socket_relative_transforms()) == 66


def test_wheels_are_bones_that_roll(world: Any, car: Any) -> None:
    names = car.get_bone_names()
    wheels = ["Wheel_Front_Left", "Wheel_Front_Right", "Wheel_Rear_Left", "Wheel_Rear_Right"]
    assert names[0] == "Vehicle_Base"
    assert set(wheels) <= set(names)

    def local() -> dict[str, Any]:
        frame = car.get_transform()
        poses = zip(names, car.get_vehicle_bone_world_transforms(), strict=True)
        return {name: (frame.inverse_transform(carla.Location(t.location)), t.rotation) for name, t in poses}

    still = local()
    left, right = still["Wheel_Front_Left"][0], still["Wheel_Front_Right"][0]
    assert left.x == pytest.approx(right.x, abs=TOLERANCE_M)
    assert left.y == pytest.approx(-right.y, abs=TOLERANCE_M)
    assert left.y < -0.5, "CARLA's y points to the right"
    assert left.x > still["Wheel_Rear_Left"][0].x + 2.0
    assert 0.2 < left.z < 0.5
    car.apply_control(carla.VehicleControl(throttle=0.5))
    for _ in range(20):
        world.tick()
    rolled = local()["Wheel_Rear_Left"][1].pitch - still["Wheel_Rear_Left"][1].pitch
    assert abs(math.remainder(rolled, 360.0)) > 1.0


def test_doors_are_bones_of_vehicles_that_have_them(world: Any, library: Any, car: Any) -> None:
    place = world.get_map().get_spawn_points()[3]
    doored = world.spawn_actor(library.find("vehicle.lincoln.mkz_2020"), place)
    world.tick()
    assert "Door_Front_Left" in doored.get_bone_names()
    assert not [name for name in car.get_bone_names() if name.startswith("Door")]


def test_what_has_no_bones_has_none(world: Any, library: Any) -> None:
    place = world.get_map().get_spawn_points()[2]
    prop = world.spawn_actor(library.find("static.prop.barrel"), place)
    world.tick()
    assert list(prop.get_bone_names()) == []
    assert list(prop.get_bone_world_transforms()) == []
    assert prop.get_component_names() == ["StaticMeshComponent0"]
