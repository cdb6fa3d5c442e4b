"""Poses that clients give a walker bone by bone."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.posing import CustomPose, parent_of, posed, relatives
from drivegen.embedded.assets.walkers import make_walker
from drivegen.embedded.mesh import MeshLibrary

from .meshes import placed_points

LIBRARY = MeshLibrary()
ASSET = make_walker(LIBRARY, "walker.pedestrian.0001", 1.86, 0)
OWN = ASSET.bones(1.0, 1.4)


def turned(bone: str, axis: int, angle_rad: float, blend: float = 1.0) -> CustomPose:
    relative = relatives(OWN)
    turn = np.eye(4)
    turn[:3, :3] = rotation_about(axis, angle_rad)
    return CustomPose(relative={**relative, bone: relative[bone] @ turn}, blend=blend)


def points(pose: CustomPose | None, *, lying: bool = False) -> np.ndarray:
    return placed_points(LIBRARY, ASSET.place(np.eye(4), 1.0, 1.4, 7, pose, lying=lying))


def test_parents_come_before_their_children() -> None:
    names = list(PARENT_BONE)
    assert len(names) == 66
    for name in names[1:]:
        assert names.index(PARENT_BONE[name]) < names.index(name)
    for name in OWN:
        assert parent_of(name) in ("", *list(OWN)[: list(OWN).index(name)])


def test_relatives_and_back() -> None:
    again = posed(OWN, CustomPose(relative=relatives(OWN), blend=1.0))
    for name, matrix in OWN.items():
        assert np.allclose(again[name], matrix, atol=1e-12), name


def test_the_animation_as_a_pose_changes_no_vertex() -> None:
    assert np.allclose(points(None), points(CustomPose(relative=relatives(OWN), blend=1.0)), atol=1e-5)


def test_a_pose_that_is_not_mixed_in_changes_nothing() -> None:
    assert np.array_equal(points(None), points(turned("crl_arm__L", 0, 1.0, blend=0.0)))
    assert np.array_equal(points(None), points(CustomPose(relative={}, blend=1.0)))


@pytest.mark.parametrize("blend", [0.25, 0.5, 1.0])
def test_an_arm_turns_by_its_share_and_takes_the_hand_along(blend: float) -> None:
    pose = turned("crl_arm__L", 0, 1.2, blend)
    bones = ASSET.bones(1.0, 1.4, pose)
    before = OWN["crl_foreArm__L"][:3, 3] - OWN["crl_arm__L"][:3, 3]
    after = bones["crl_foreArm__L"][:3, 3] - bones["crl_arm__L"][:3, 3]
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    assert np.arccos(cosine) == pytest.approx(1.2 * blend, abs=0.02)
    reach = np.linalg.norm(bones["crl_hand__L"][:3, 3] - bones["crl_arm__L"][:3, 3])
    assert reach == pytest.approx(np.linalg.norm(OWN["crl_hand__L"][:3, 3] - OWN["crl_arm__L"][:3, 3]))
    assert np.allclose(bones["crl_foot__L"], OWN["crl_foot__L"])
    drawn = points(pose)
    # Vertices of the hand lie around the bones of the hand.
    tip = bones["crl_handMiddleEnd__L"][:3, 3]
    assert np.linalg.norm(drawn - tip, axis=1).min() < 0.04


@pytest.mark.parametrize("bone", ["crl_hand__R", "crl_Head__C", "crl_foot__L", "crl_hips__C"])
def test_each_bone_moves_the_mesh(bone: str) -> None:
    moved = np.linalg.norm(points(turned(bone, 2, 0.8)) - points(None), axis=1)
    assert moved.max() > 0.02
    if bone != "crl_hips__C":
        assert (moved > 1e-6).mean() < 0.5, "the rest stays"


def test_the_dead_lie_on_the_ground() -> None:
    lying = points(None, lying=True)
    assert 0.0 <= lying[:, 2].min() < 0.03
    assert lying[:, 2].max() < 0.6
    assert np.ptp(lying[:, 0]) > 1.6
    assert abs(lying[:, 0].mean()) < 0.3
    head = ASSET.bones(0.0, 0.0, lying=True)["crl_Head__C"][:3, 3]
    assert np.linalg.norm(lying - head, axis=1).min() < 0.15
