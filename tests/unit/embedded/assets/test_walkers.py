from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.skeleton import FLESH_RADIUS_M
from drivegen.core.tags import Tag
from drivegen.embedded.assets.walkers import make_walker
from drivegen.embedded.mesh import MeshLibrary

from .meshes import WALKERS, check_mesh, mesh_bytes, placed_points

LIBRARY = MeshLibrary()
PHASES = np.arange(8) * np.pi / 4
MOMENTS = [(0.0, 0.0), (1.3, 0.6), *((float(p), 1.4) for p in PHASES[::2]), (0.8, 1.4), (3.9, 2.8)]


def bone_box(asset, phase, speed):
    bones = asset.bones(phase, speed)
    positions = np.array([m[:3, 3] for m in bones.values()])
    radii = np.array([FLESH_RADIUS_M.get(name, 0.0) for name in bones])[:, None]
    return (positions - radii).min(axis=0), (positions + radii).max(axis=0)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("blueprint", WALKERS, ids=[b.id[-4:] for b in WALKERS])
def test_the_bones_bound_the_body(blueprint, seed):
    asset = make_walker(LIBRARY, blueprint.id, blueprint.size_m[2], seed)
    slack = []
    for phase, speed in MOMENTS:
        points = placed_points(LIBRARY, asset.place(np.eye(4), phase, speed, 3))
        low, high = bone_box(asset, phase, speed)
        slack.append(np.concatenate([points.min(axis=0) - low, high - points.max(axis=0)]))
        assert points[:, 2].min() >= 0.0095, (phase, speed)
    assert np.min(slack) >= -1e-6, (np.min(slack, axis=0), blueprint.id)
    child = blueprint.size_m[2] < 1.5
    loosest = 0.08 if child else 0.055
    assert np.max(slack) <= loosest, np.max(slack, axis=0)
    assert np.median(slack) <= (0.045 if child else 0.03)


@pytest.mark.parametrize("blueprint", WALKERS, ids=[b.id[-4:] for b in WALKERS])
def test_the_body_is_a_little_shorter_than_its_box(blueprint):
    height = blueprint.size_m[2]
    asset = make_walker(LIBRARY, blueprint.id, height, 0)
    top = placed_points(LIBRARY, asset.place(np.eye(4), 0.0, 0.0, 1))[:, 2].max()
    assert 0.005 <= height - top <= 0.065


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.4, 1.8])
def test_planted_feet_do_not_slide(speed):
    asset = make_walker(LIBRARY, "walker.pedestrian.0001", 1.86, 0)
    rate = asset.phase_rate_radps(speed)
    steps = np.linspace(0.0, 2 * np.pi / rate, 200, endpoint=False)
    ground = []
    for t in steps:
        bones = asset.bones(rate * t, speed)
        ground.append([bones[f"crl_{b}__L"][:3, 3] + (speed * t, 0.0, 0.0) for b in ("foot", "toe")])
    track = np.array(ground)
    velocity = np.diff(track, axis=0) / (steps[1] - steps[0])
    planted = np.arange(len(velocity)) / len(velocity)
    flat = (planted > 0.10) & (planted < 0.34)
    assert np.abs(velocity[flat]).max() < 0.02
    # At some time in every cycle each foot also leaves the ground.
    assert track[:, 0, 2].max() > track[:, 0, 2].min() + 0.05


def test_the_gait_is_symmetric_and_smooth():
    asset = make_walker(LIBRARY, "walker.pedestrian.0004", 1.86, 0)
    phases = np.linspace(0.0, 2 * np.pi, 121)
    names = list(asset.bones(0.0, 1.4))
    poses = [asset.bones(float(p), 1.4) for p in phases]
    path = np.array([[pose[n][:3, 3] for n in names] for pose in poses])
    step = np.linalg.norm(np.diff(path, axis=0), axis=2)
    assert step.max() < 0.09  # per 3 degrees of the cycle: no jump
    for left in (n for n in names if n.endswith("__L")):
        right = names.index(left[:-1] + "R")
        mirrored = np.roll(path[:-1, right], 60, axis=0) * (1.0, -1.0, 1.0)
        assert np.allclose(path[:-1, names.index(left)], mirrored, atol=0.01), left


def test_legs_keep_their_length():
    asset = make_walker(LIBRARY, "walker.pedestrian.0007", 1.86, 0)
    b = asset.person.build
    for phase in np.linspace(0, 6.2, 30):
        bones = asset.bones(float(phase), 1.4)
        for side in "LR":
            hip, knee, ankle = (bones[f"crl_{n}__{side}"][:3, 3] for n in ("thigh", "leg", "foot"))
            assert np.linalg.norm(hip - knee) == pytest.approx((b.hip - b.knee) * b.height_m, abs=2e-3)
            assert np.linalg.norm(knee - ankle) == pytest.approx((b.knee - b.ankle) * b.height_m, abs=6e-3)


def test_people_are_sound_meshes_of_one_tag():
    for blueprint in WALKERS:
        for seed in (0, 1):
            make_walker(LIBRARY, blueprint.id, blueprint.size_m[2], seed)
    for mesh in LIBRARY.meshes:
        check_mesh(mesh)
        assert set(mesh.tags) == {int(Tag.PEDESTRIAN)}


def test_clothes_differ_by_seed_and_bytes_do_not():
    tints = set()
    for seed in range(12):
        asset = make_walker(LIBRARY, "walker.pedestrian.0002", 1.86, seed)
        tints.add(asset.place(np.eye(4), 0.0, 0.0, 1).tint.tobytes())
    assert len(tints) > 6
    libraries = [MeshLibrary(), MeshLibrary()]
    for library in libraries:
        make_walker(library, "walker.pedestrian.0002", 1.86, 5)
    assert [mesh_bytes(m) for m in libraries[0].meshes] == [mesh_bytes(m) for m in libraries[1].meshes]


def test_unknown_walker_is_named():
    with pytest.raises(ConfigError, match=r"walker\.robot"):
        make_walker(MeshLibrary(), "walker.robot.0001", 1.86, 0)
