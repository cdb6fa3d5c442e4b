"""Doors and custom poses are recorded and played again."""

from pathlib import Path

import numpy as np
import pytest

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.posing import CustomPose, relatives
from drivegen.embedded.assets.vehicles.doors import Door
from drivegen.embedded.assets.walkers import make_walker
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.playback import ReplayOptions
from drivegen.embedded.playback.log import LogReader, PacketId
from drivegen.embedded.world.actors import ActorKind
from tests.unit.embedded.playback.scene import PERSON, TICK_S, Scene

DOORED = "vehicle.lincoln.mkz_2020"
NAME = "a.log"


def _clear(scene: Scene) -> None:
    for id_ in scene.of_kind(ActorKind.VEHICLE, ActorKind.WALKER):
        scene.world.destroy(id_)
    scene.step()


def test_doors_swing_when_they_swung(scene: Scene) -> None:
    car = scene.spawn(DOORED, 0)
    scene.step(5)
    scene.playback.start_recorder(NAME, additional=False)
    shares = []
    for tick in range(50):
        if tick == 5:
            car.doors = car.doors.told(Door.ALL, opens=True, now_s=scene.world.elapsed_s)
        if tick == 30:
            car.doors = car.doors.told(Door.REAR_RIGHT, opens=False, now_s=scene.world.elapsed_s)
        scene.step()
        shares.append(car.doors.shares(scene.world.elapsed_s))
    scene.playback.stop_recorder()
    assert shares[-1] == pytest.approx((1.0, 1.0, 1.0, 0.0), abs=1e-6)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions())
    for expected in shares:
        scene.step()
        now = scene.world.actors.find(car.id).doors.shares(scene.world.elapsed_s)
        assert now == pytest.approx(expected, abs=1.5 * TICK_S)
    assert now == pytest.approx((1.0, 1.0, 1.0, 0.0), abs=TICK_S)


def test_only_what_is_told_is_recorded(scene: Scene, tmp_path: Path) -> None:
    scene.spawn(DOORED, 0)
    scene.spawn(PERSON, 13)
    scene.playback.start_recorder(NAME, additional=True)
    scene.step(5)
    scene.playback.stop_recorder()
    with LogReader(tmp_path / "logs" / NAME) as reader:
        for entry in reader.index():
            frame = reader.frame_at(entry)
            assert not frame.has(PacketId.VEHICLE_DOOR)
            assert not frame.has(PacketId.WALKER_BONES)


def test_a_pose_is_played_again(scene: Scene) -> None:
    person = scene.spawn(PERSON, 13)
    person.asset = make_walker(MeshLibrary(), PERSON, 1.86, 0)
    scene.step(5)
    own = relatives(person.asset.bones(0.0, 0.0))
    turned = {n: m.copy() for n, m in own.items() if n in PARENT_BONE}
    turned["crl_arm__L"][:3, :3] = rotation_about(1, -1.4)
    person.pose = CustomPose(relative=turned, blend=1.0)
    scene.playback.start_recorder(NAME, additional=False)
    scene.step(10)
    scene.playback.stop_recorder()
    expected = person.asset.bones(0.0, 0.0, person.pose)
    _clear(scene)
    scene.playback.replay(NAME, ReplayOptions())
    scene.step(3)
    again = scene.world.actors.find(person.id)
    assert again is not person
    assert again.pose is not None
    assert again.pose.shows
    seen = person.asset.bones(0.0, 0.0, again.pose)
    for name in PARENT_BONE:
        assert np.allclose(seen[name], expected[name], atol=1e-4), name
