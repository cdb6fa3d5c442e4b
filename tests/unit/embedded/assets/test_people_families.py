"""The families of people: all stand, walk and run inside their boxes, what they hold in their hands."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.skeleton import FLESH_RADIUS_M
from drivegen.core.tags import Tag
from drivegen.embedded.assets.people.arms import GRIP
from drivegen.embedded.assets.people.things import LEFT_HAND, RIGHT_HAND
from drivegen.embedded.assets.walkers.factory import make_person
from drivegen.embedded.assets.walkers.families import SORTS, WALKER_FAMILIES, pace_of
from drivegen.embedded.assets.walkers.gear import WHEEL_M, Carriage
from drivegen.embedded.assets.walkers.members import member_of
from drivegen.embedded.assets.walkers.stride import stride_m
from drivegen.embedded.dynamics.ground import SlopedPlane
from drivegen.embedded.dynamics.walkers import WalkerDynamics
from drivegen.embedded.mesh import MeshLibrary

from .meshes import check_mesh, mesh_bytes, placed_points

VARIANTS = (0, 1, 2, 40001)
PHASES = np.arange(8) * np.pi / 4
LIBRARY = MeshLibrary()
NAMES = [f.name for f in WALKER_FAMILIES]
SORT = {s.name: s for s in SORTS}
FAMILY = {f.name: f for f in WALKER_FAMILIES}
PUSHED = (Carriage.STROLLER, Carriage.WHEELCHAIR)


def person(name, variant, library=LIBRARY):
    family = FAMILY[name]
    return make_person(library, family.blueprint_id, family.size_m(variant), variant)


def carrying(carriage, variants=range(60)):
    """(family, variant) of some who hold a thing."""
    found = []
    for sort in SORTS:
        if any(c == carriage for c, _ in sort.carriages):
            of_it = [v for v in variants if member_of(sort, v).gear.carriage == carriage]
            found += [(sort.name, v) for v in of_it[:2]]
    assert found
    return found


def moments(family):
    return [(float(p), s) for s in (0.0, 0.6, *family.speeds_mps) for p in (PHASES if s else PHASES[:1])]


def bone_box(bones):
    places = np.array([m[:3, 3] for m in bones.values()])
    radii = np.array([FLESH_RADIUS_M.get(name, 0.0) for name in bones])[:, None]
    return (places - radii).min(axis=0), (places + radii).max(axis=0)


def triangles(library, asset):
    rows = asset.place(np.eye(4), 0.0, 0.0, 1).mesh_index
    return sum(len(library.meshes[m].triangles) for m in rows)


@pytest.mark.parametrize("name", NAMES)
def test_the_bones_bound_body_and_things(name):
    for variant in VARIANTS:
        asset = person(name, variant)
        lengths = []
        for phase, speed in moments(FAMILY[name]):
            points = placed_points(LIBRARY, asset.place(np.eye(4), phase, speed, 3))
            low, high = bone_box(asset.bones(phase, speed))
            low[2] = max(low[2], 0.0)
            slack = np.concatenate([points.min(axis=0) - low, high - points.max(axis=0)])
            assert slack.min() >= -0.02, (variant, phase, speed, slack)
            assert slack.max() <= 0.12, (variant, phase, speed, slack)
            assert 0.0 <= points[:, 2].min() <= 0.03 + 0.3 * (speed > 1.7), (variant, phase, speed)
            lengths.append(np.ptp(points, axis=0))
        size = np.array(asset.height_m)
        assert abs(lengths[0][2] - size) < 0.06, (variant, lengths[0], size)


@pytest.mark.parametrize("name", NAMES)
def test_the_box_of_a_member_is_about_that_of_a_walking_one(name):
    for variant in VARIANTS:
        asset, size = person(name, variant), np.array(FAMILY[name].size_m(variant))
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for phase in PHASES:
            points = placed_points(LIBRARY, asset.place(np.eye(4), phase, FAMILY[name].speeds_mps[0], 3))
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
        # The stride reaches out of the box before and behind by as much as the box is too long in its middle.
        assert np.all(np.abs((high - low)[:2] - size[:2]) < (0.50, 0.24)), (variant, high - low, size)
        assert np.all(np.abs((high + low)[:2] / 2) < 0.16), (variant, low, high)


@pytest.mark.parametrize("name", NAMES)
def test_meshes_are_sound_and_within_budget(name):
    before = len(LIBRARY.meshes)
    asset = person(name, 77)
    for mesh in LIBRARY.meshes[before:]:
        check_mesh(mesh)
        assert set(mesh.tags) == {int(Tag.PEDESTRIAN)}
    limits = {Carriage.FREE: 6_300, **dict.fromkeys(PUSHED, 10_000)}
    assert triangles(LIBRARY, asset) <= limits.get(asset.gear.carriage, 7_300)


@pytest.mark.parametrize("name", NAMES)
def test_variants_are_distinct_and_repeat(name):
    looks = {(m.look, m.gear) for m in (member_of(SORT[name], v) for v in range(300))}
    assert len(looks) == 300
    heights = [FAMILY[name].size_m(v)[2] for v in range(100)]
    assert np.ptp(heights) > 0.12
    libraries = [MeshLibrary(), MeshLibrary()]
    placed = [person(name, 5, library).place(np.eye(4), 1.0, 1.0, 7) for library in libraries]
    assert [mesh_bytes(m) for m in libraries[0].meshes] == [mesh_bytes(m) for m in libraries[1].meshes]
    assert placed[0].world_mesh.tobytes() == placed[1].world_mesh.tobytes()


def grip_of(asset, bones):
    hand = bones[LEFT_HAND if asset.gear.side > 0 else RIGHT_HAND]
    build = asset.person.build
    offset = np.array([GRIP[0], -asset.gear.side * GRIP[1], GRIP[2]]) * build.hand * build.height_m
    return hand[:3, :3] @ offset + hand[:3, 3]


@pytest.mark.parametrize(
    "carriage", [Carriage.UMBRELLA, Carriage.SUITCASE, Carriage.CANE, Carriage.BAG, Carriage.PHONE]
)
def test_things_are_in_the_hand(carriage):
    for name, variant in carrying(carriage):
        asset = person(name, variant)
        for phase, speed in moments(FAMILY[name]):
            rows = asset.place(np.eye(4), phase, speed, 1)
            held = rows.world_mesh[-1][:3, 3]
            assert np.linalg.norm(held - grip_of(asset, asset.bones(phase, speed))) < 0.03, (name, variant)


def test_an_umbrella_is_over_the_head_and_a_suitcase_on_the_ground():
    for name, variant in carrying(Carriage.UMBRELLA):
        asset = person(name, variant)
        for phase, speed in moments(FAMILY[name]):
            canopy = asset.place(np.eye(4), phase, speed, 1).world_mesh[-1]
            head = asset.bones(phase, speed)["crl_Head__C"][:3, 3]
            top = canopy[:3, :3] @ (0, 0, asset.gear.length_m) + canopy[:3, 3]
            assert np.linalg.norm((top - head)[:2]) < 0.15
            assert top[2] - head[2] > 0.15
    for carriage, least in ((Carriage.SUITCASE, -0.02), (Carriage.CANE, -0.005)):
        for name, variant in carrying(carriage):
            asset = person(name, variant)
            for phase, speed in moments(FAMILY[name]):
                rows = asset.place(np.eye(4), phase, speed, 1)
                mesh, matrix = LIBRARY.meshes[rows.mesh_index[-1]], rows.world_mesh[-1]
                lowest = (mesh.positions_m @ matrix[2, :3] + matrix[2, 3]).min()
                assert least < lowest < (0.14 if carriage == Carriage.CANE else 0.03), (name, variant, lowest)


def test_hands_hold_the_bar_of_a_pram_and_the_rims_of_a_wheelchair():
    for name, variant in [*carrying(Carriage.STROLLER), *carrying(Carriage.WHEELCHAIR)]:
        asset = person(name, variant)
        gear, build = asset.gear, asset.person.build
        touching = 0
        for phase, speed in moments(FAMILY[name]):
            bones = asset.bones(phase, speed)
            for bone, side in ((LEFT_HAND, 1.0), (RIGHT_HAND, -1.0)):
                offset = np.array([GRIP[0], -side * GRIP[1], GRIP[2]]) * build.hand * build.height_m
                grip = bones[bone][:3, :3] @ offset + bones[bone][:3, 3] - (asset.ahead_m, 0, 0)
                if gear.carriage == Carriage.STROLLER:
                    bar = np.array([gear.reach_m, side * gear.half_m, gear.height_m])
                    assert np.linalg.norm(grip - bar) < 0.03
                else:
                    off = abs(np.hypot(grip[0], grip[2] - WHEEL_M) - gear.reach_m)
                    touching += np.hypot(off, abs(grip[1]) - gear.half_m) < 0.03
        if gear.carriage == Carriage.WHEELCHAIR:
            assert touching >= 0.4 * 2 * len(moments(FAMILY[name]))


def test_wheels_of_a_wheelchair_turn_with_the_way():
    asset = person("wheelchair", 0)
    speed = 0.9
    rate = asset.phase_rate_radps(speed)
    assert rate * WHEEL_M == pytest.approx(speed)
    frames = [asset.place(np.eye(4), rate * t, speed, 1).world_mesh[-1] for t in (0.0, 0.1)]
    turned = frames[0][:3, :3].T @ frames[1][:3, :3]
    assert np.arctan2(turned[0, 2], turned[0, 0]) == pytest.approx(speed * 0.1 / WHEEL_M, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_planted_feet_do_not_slide_in_the_world(name):
    """With the phase that the dynamics give, not one of the asset's own."""
    if name == "wheelchair":
        return
    family, variant = FAMILY[name], 3
    asset = person(name, variant)
    size = np.array(family.size_m(variant))
    walkers = WalkerDynamics()
    pace = pace_of(family.blueprint_id, size[2], variant)
    walkers.add(1, size, Pose.from_xyz_rpy(0.0, 0.0, size[2] / 2), pace)
    speed = family.speeds_mps[0]
    walkers.set_control(1, np.array([1.0, 0.0, 0.0]), speed)
    for _ in range(80):
        walkers.step(0.02, SlopedPlane())
    start, track, phases = walkers.position_m[0, 0], [], []
    for _ in range(120):
        walkers.step(0.02, SlopedPlane())
        phases.append(float(walkers.gait_phase_rad[0]))
        toe = asset.bones(phases[-1], float(walkers.speed_mps[0]))["crl_toe__L"][:3, 3].copy()
        toe[0] += walkers.position_m[0, 0] - start
        track.append(toe)
    cycle = np.array(phases)[:-1] / (2 * np.pi)
    flat = (cycle > 0.10) & (cycle < 0.32)
    slid = np.linalg.norm(np.diff(np.array(track), axis=0), axis=1)[flat] / 0.02
    assert flat.sum() > 10
    assert slid.max() < 0.03
    assert stride_m(1.4, 1.7) == pytest.approx(1.466, abs=0.01)


def test_the_fallen_lie_on_the_ground_beside_what_they_held():
    for name in NAMES:
        asset = person(name, 2)
        points = placed_points(LIBRARY, asset.place(np.eye(4), 1.0, 1.0, 1, lying=True))
        assert -0.005 < points[:, 2].min() < 0.02, name
        body = len(asset.place(np.eye(4), 0.0, 0.0, 1)) - len(asset.person.things)
        rows = asset.place(np.eye(4), 1.0, 1.0, 1, lying=True)
        for mesh, matrix in zip(rows.mesh_index[:body], rows.world_mesh[:body], strict=True):
            lies = LIBRARY.meshes[mesh].positions_m @ matrix[2, :3] + matrix[2, 3]
            assert lies.max() < 0.75, name
        low, high = bone_box(asset.bones(1.0, 1.0, lying=True))
        assert (points >= low - 0.08).all() and (points <= high + 0.08).all(), name
