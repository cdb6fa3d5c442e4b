"""carla.Walker: control, states set by batches, bones."""

from __future__ import annotations

import math
from typing import Any

import pytest

carla = pytest.importorskip("carla")


@pytest.fixture
def walker(world: Any, library: Any) -> Any:
    place = world.get_map().get_spawn_points()[0]
    place.location.z += 1.0
    actor = world.spawn_actor(library.find("walker.pedestrian.0002"), place)
    for _ in range(20):
        world.tick()
    return actor


def test_a_walker_goes_where_it_is_told(world: Any, walker: Any) -> None:
    start = walker.get_location()
    # Along the carriageway: the railing on its left would stop it.
    direction = carla.Vector3D(x=0.96, y=0.28)
    walker.apply_control(carla.WalkerControl(direction=direction, speed=1.4))
    for _ in range(100):
        world.tick()
    gone = walker.get_location() - start
    assert gone.dot(direction) == pytest.approx(7.0, abs=0.8)
    velocity = walker.get_velocity()
    assert velocity.length() == pytest.approx(1.4, abs=0.1)
    assert walker.get_transform().rotation.yaw == pytest.approx(math.degrees(math.atan2(0.28, 0.96)), abs=3.0)
    control = walker.get_control()
    assert (control.direction.x, control.direction.y) == pytest.approx((0.96, 0.28), abs=1e-5)
    assert control.speed == pytest.approx(1.4)


def test_the_origin_is_the_middle_of_the_body(walker: Any) -> None:
    box = walker.bounding_box
    assert box.location.z == 0.0
    assert box.extent.z == pytest.approx(0.93)
    assert walker.get_location().z == pytest.approx(0.93, abs=0.05)


def test_a_state_puts_a_walker_and_gives_it_a_velocity(client: Any, world: Any, walker: Any) -> None:
    place = walker.get_transform()
    for _ in range(20):
        place.location.x += 0.05
        client.apply_batch([carla.command.ApplyWalkerState(walker, place, 1.0)])
        world.tick()
    assert walker.get_location().x == pytest.approx(place.location.x, abs=0.02)
    assert walker.get_velocity().x == pytest.approx(1.0, abs=0.1)


def test_bones_are_carlas_and_lie_in_the_body(world: Any, walker: Any) -> None:
    bones = {b.name: b for b in walker.get_bones().bone_transforms}
    assert {"crl_root", "crl_hips__C", "crl_Head__C", "crl_hand__L", "crl_foot__R"} <= set(bones)
    body = walker.get_transform()
    for bone in bones.values():
        local = body.inverse_transform(carla.Location(bone.world.location))
        assert abs(local.x) < 0.8
        assert abs(local.y) < 0.8
        assert -1.0 < local.z < 1.0
    assert bones["crl_Head__C"].world.location.z > bones["crl_hips__C"].world.location.z + 0.4
    foot, leg = bones["crl_foot__R"], bones["crl_leg__R"]
    again = leg.component.transform(carla.Location(foot.relative.location))
    assert again.distance(foot.component.location) < 1e-3


def test_limbs_move_when_walking(world: Any, walker: Any) -> None:
    walker.apply_control(carla.WalkerControl(direction=carla.Vector3D(x=1.0), speed=1.4))
    reach = []
    for _ in range(30):
        world.tick()
        feet = {
            b.name: walker.get_transform().inverse_transform(carla.Location(b.world.location)).x
            for b in walker.get_bones().bone_transforms
            if b.name.startswith("crl_foot__")
        }
        reach.append(feet["crl_foot__L"] - feet["crl_foot__R"])
    assert max(reach) > 0.15
    assert min(reach) < -0.15
