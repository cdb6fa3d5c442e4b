"""Walkers' skeletons: reading them, posing them, and that the pose is what sensors see."""

from __future__ import annotations

import math
import queue
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

TOLERANCE_M = 1e-3


@pytest.fixture
def walker(world: Any, library: Any) -> Any:
    place = world.get_map().get_spawn_points()[0]
    place.location.z += 1.0
    actor = world.spawn_actor(library.find("walker.pedestrian.0002"), place)
    for _ in range(20):
        world.tick()
    return actor


def bones(walker: Any) -> dict[str, Any]:
    return {bone.name: bone for bone in walker.get_bones().bone_transforms}


def raised_arm(walker: Any, bone: str = "crl_arm__R") -> tuple[str, Any]:
    """The bone turned forward and up by 100 degrees."""
    now = bones(walker)[bone].relative
    turn = now.rotation
    turn.pitch += 100.0
    return bone, carla.Transform(carla.Location(now.location), turn)


def set_bones(walker: Any, *pairs: tuple[str, Any]) -> None:
    control = carla.WalkerBoneControlIn()
    control.bone_transforms = list(pairs)
    walker.set_bones(control)


def hand(walker: Any) -> Any:
    return bones(walker)["crl_hand__R"].component.location


def test_the_three_frames_agree(walker: Any) -> None:
    found = bones(walker)
    feet = walker.get_transform()
    feet.location.z -= walker.bounding_box.extent.z
    for bone in found.values():
        again = feet.transform(carla.Location(bone.component.location))
        assert again.distance(bone.world.location) < TOLERANCE_M
    for child, parent in (
        ("crl_hips__C", "crl_root"),
        ("crl_handThumb__L", "crl_hand__L"),
        ("crl_handPinkyEnd__R", "crl_handPinky02__R"),
        ("crl_eye__R", "crl_Head__C"),
        ("crl_toeEnd__L", "crl_toe__L"),
    ):
        at = found[parent].component.transform(carla.Location(found[child].relative.location))
        assert at.distance(found[child].component.location) < TOLERANCE_M


def test_a_pose_shows_when_it_is_mixed_in(world: Any, walker: Any) -> None:
    rest = hand(walker)
    set_bones(walker, raised_arm(walker))
    world.tick()
    assert hand(walker).distance(rest) < TOLERANCE_M, "a pose is not shown before it is asked for"
    walker.show_pose()
    world.tick()
    shown = hand(walker)
    assert shown.z > rest.z + 0.4
    walker.blend_pose(0.5)
    world.tick()
    half = hand(walker)
    assert rest.z + 0.1 < half.z < shown.z - 0.1
    walker.hide_pose()
    world.tick()
    assert hand(walker).distance(rest) < TOLERANCE_M


def test_bones_that_are_not_listed_stay_as_they_were_set(world: Any, walker: Any) -> None:
    set_bones(walker, raised_arm(walker))
    walker.show_pose()
    world.tick()
    raised = hand(walker)
    set_bones(walker, raised_arm(walker, "crl_arm__L"))
    world.tick()
    assert hand(walker).distance(raised) < TOLERANCE_M
    assert bones(walker)["crl_hand__L"].component.location.z > 1.2


def test_names_that_are_no_bones_do_no_harm(world: Any, walker: Any) -> None:
    set_bones(walker, ("crl_tail__C", carla.Transform()), raised_arm(walker))
    walker.show_pose()
    world.tick()
    assert "crl_tail__C" not in bones(walker)
    assert hand(walker).z > 1.2


def test_a_pose_is_taken_from_the_walk(world: Any, walker: Any) -> None:
    walker.apply_control(carla.WalkerControl(direction=carla.Vector3D(x=1.0), speed=1.4))
    for _ in range(33):
        world.tick()
    walker.get_pose_from_animation()
    taken = bones(walker)
    walker.show_pose()
    for _ in range(7):
        world.tick()
    kept = bones(walker)
    for name, bone in taken.items():
        if name.startswith("crl_"):
            assert kept[name].component.location.distance(bone.component.location) < TOLERANCE_M, name
    walker.hide_pose()
    world.tick()
    feet = ("crl_foot__L", "crl_foot__R")
    moved = [bones(walker)[f].component.location.distance(taken[f].component.location) for f in feet]
    assert max(moved) > 0.05, "the walk goes on under the pose"


def take(world: Any, *queues: queue.Queue[Any]) -> list[Any]:
    frame = world.tick()
    out = []
    for measurements in queues:
        while (measurement := measurements.get(timeout=20.0)).frame != frame:
            pass
        out.append(measurement)
    return out


def test_cameras_and_lidars_see_the_pose(world: Any, library: Any, walker: Any, listen: Any) -> None:
    """Arms stretched to both sides: the picture of labels and the points are as wide as the bones."""
    at = walker.get_location()
    blueprint = library.find("sensor.camera.instance_segmentation")
    for name, value in (("image_size_x", "240"), ("image_size_y", "240"), ("fov", "60")):
        blueprint.set_attribute(name, value)
    yaw = walker.get_transform().rotation.yaw
    ahead = walker.get_transform().get_forward_vector()
    eye = carla.Transform(at + ahead * 3.0, carla.Rotation(yaw=yaw + 180.0))
    camera = listen(world.spawn_actor(blueprint, eye))
    blueprint = library.find("sensor.lidar.ray_cast_semantic")
    values = {"channels": "64", "points_per_second": "400000", "rotation_frequency": "20"}
    for name, value in {**values, "upper_fov": "20", "lower_fov": "-20", "range": "10"}.items():
        blueprint.set_attribute(name, value)
    lidar = listen(world.spawn_actor(blueprint, eye))

    def widths() -> tuple[float, float, float]:
        image, points = take(world, camera, lidar)
        pixels = np.frombuffer(image.raw_data, np.uint8).reshape(240, 240, 4)
        numbers = pixels.astype(np.int64)
        mine = numbers[..., 1] + 256 * numbers[..., 0] == walker.id & 0xFFFF
        columns = np.flatnonzero(mine.any(axis=0))
        rows = np.frombuffer(
            points.raw_data, np.dtype([("xyz", "3f4"), ("cos", "f4"), ("id", "u4"), ("tag", "u4")])
        )
        across = rows["xyz"][rows["id"] == walker.id, 1]
        own = [
            walker.get_transform().inverse_transform(carla.Location(b.world.location)).y
            for b in bones(walker).values()
        ]
        return (
            2 * 3.0 * math.tan(math.radians(30)) * np.ptp(columns) / 240,
            float(np.ptp(across)),
            float(np.ptp(own)),
        )

    hanging = widths()
    sides = []
    for bone, roll in (("crl_arm__L", 80.0), ("crl_arm__R", -80.0)):
        now = bones(walker)[bone].relative
        turn = now.rotation
        turn.roll += roll
        sides.append((bone, carla.Transform(carla.Location(now.location), turn)))
    set_bones(walker, *sides)
    walker.show_pose()
    stretched = widths()
    assert stretched[2] > hanging[2] + 0.5
    for seen, said in ((stretched[0], stretched[2]), (stretched[1], stretched[2])):
        assert seen == pytest.approx(said, abs=0.15)
    assert hanging[0] < 1.0
