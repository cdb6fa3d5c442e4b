"""Families of bicycles, e-bikes, motorcycles, tricycles and unmanned vehicles."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.core.tags import Tag
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.light import cycles, ebikes, motorbikes, tricycles
from drivegen.embedded.assets.vehicles.light.families import FAMILIES as LIGHT
from drivegen.embedded.assets.vehicles.light.machine import assemble
from drivegen.embedded.assets.vehicles.light.ridden import Ridden
from drivegen.embedded.assets.vehicles.unmanned.families import FAMILIES as UNMANNED
from drivegen.embedded.mesh import Material, MeshLibrary

from .meshes import check_mesh, mesh_bytes, placed_points

FAMILIES = LIGHT + UNMANNED
NAMES = [f.name for f in FAMILIES]
VARIANTS = range(16)
FEW = range(0, 16, 3)
LIBRARY = MeshLibrary()
MADE = {}
CRANK_STEPS = 8


def make(family, variant):
    """The asset of a variant in the one library of this module."""
    key = (family.name, variant)
    if key not in MADE:
        MADE[key] = family.make(LIBRARY, family.blueprint_id, family.size_m(variant), variant)
    return MADE[key]


def rows_of(asset, rotation, steer):
    return asset.rows(rotation, steer, (9, 9, 9))


def points_of(row):
    return LIBRARY.meshes[row.mesh].positions_m @ row.asset_mesh[:3, :3].T + row.asset_mesh[:3, 3]


def driver_rows(asset, rotation=0.0, steer=0.0):
    """The driver's parts in the order of `Person.drawn`."""
    rows = rows_of(asset, rotation, steer)
    first = 2 + len(asset.wheels) + (asset.crank is not None)
    return rows[first:]


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_variants_fill_their_box_and_stand_on_the_ground(family):
    for variant in VARIANTS:
        asset, size = make(family, variant), np.array(family.size_m(variant))
        assert asset.size_lwh_m == tuple(size)
        low_of_box = np.array([-size[0] / 2, -size[1] / 2, 0.0])
        high_of_box = np.array([size[0] / 2, size[1] / 2, size[2]])
        reached = []
        for steer, rotation in ((0.0, 0.0), (0.7, 2.9), (-0.31, 12.7)):
            points = placed_points(LIBRARY, asset.place(np.eye(4), rotation, steer, 0, 7, (9, 9, 9)))
            reached.append((points.min(axis=0), points.max(axis=0)))
        low, high = np.min([r[0] for r in reached], axis=0), np.max([r[1] for r in reached], axis=0)
        assert np.all(low >= low_of_box + CLEARANCE_M - 1e-3), (variant, low - low_of_box)
        assert np.all(high <= high_of_box - CLEARANCE_M + 1e-3), (variant, high_of_box - high)
        assert np.all(low <= low_of_box + 0.05), (variant, low - low_of_box)
        assert np.all(high >= high_of_box - 0.05), (variant, high_of_box - high)
        for steer in (0.0, 0.4):
            drawn = asset.place(np.eye(4), 1.0, steer, 0, 7, (9, 9, 9))
            count = family.wheels
            first = 2 if isinstance(asset, Ridden) else 1
            for k in range(first, first + count):
                mesh, matrix = LIBRARY.meshes[drawn.mesh_index[k]], drawn.world_mesh[k]
                foot = (mesh.positions_m @ matrix[:3, :3].T + matrix[:3, 3])[:, 2].min()
                assert foot == pytest.approx(CLEARANCE_M, abs=6e-3), (variant, k, steer)


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_meshes_are_sound_tagged_lit_and_within_the_budget(family):
    body_tag = TAG_OF_CLASS[family.object_class]
    for variant in VARIANTS:
        asset = make(family, variant)
        drawn = asset.place(np.eye(4), 0.0, 0.0, 0, 1, (1, 2, 3))
        meshes = [LIBRARY.meshes[i] for i in drawn.mesh_index]
        tags = {int(t) for m in meshes for t in np.unique(m.tags)}
        ridden = isinstance(asset, Ridden)
        assert tags == ({int(body_tag), int(Tag.RIDER)} if ridden else {int(body_tag)}), variant
        materials = {Material(int(v)) for m in meshes for v in np.unique(m.materials)}
        wanted = {Material.PAINT, Material.RUBBER, Material.HEAD_LAMP, Material.TAIL_LAMP}
        if family.has_lights and not _is_pedalled(asset):
            wanted |= {Material.BRAKE_LAMP, Material.INDICATOR_LEFT, Material.INDICATOR_RIGHT, Material.PLATE}
        if family.name in ("unmanned_patrol", "unmanned_sweeper"):
            wanted |= {Material.BEACON_FIRST, Material.BEACON_SECOND}
        assert wanted <= materials, (variant, wanted - materials)
        own = [m for m in meshes if not m.name.startswith("light rider/")]
        people = 1 + round(len(asset.fixed) / 15.5) if ridden else 1
        assert sum(len(m.triangles) for m in meshes) <= 6_000 + 6_500 * people, variant
        assert sum(len(m.triangles) for m in own) <= (9_000 if ridden else 12_000), variant
        for mesh in own:
            if variant in FEW:
                check_mesh(mesh)
            for material, sign in ((Material.INDICATOR_LEFT, 1.0), (Material.INDICATOR_RIGHT, -1.0)):
                assert np.all(mesh.positions_m[mesh.materials == material][:, 1] * sign > 0.0), mesh.name


def _is_pedalled(asset):
    return isinstance(asset, Ridden) and asset.crank is not None


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_variants_differ(family):
    seen = set()
    for variant in VARIANTS:
        drawn = make(family, variant).place(np.eye(4), 0.0, 0.0, 0, 1, _default(family))
        digest = hashlib.sha256(drawn.tint.tobytes() + drawn.world_mesh.tobytes())
        for index in drawn.mesh_index:
            digest.update(
                LIBRARY.meshes[index].positions_m.tobytes() + LIBRARY.meshes[index].colors.tobytes()
            )
        seen.add(digest.hexdigest())
    assert len(seen) == len(VARIANTS)
    assert len({family.size_m(v) for v in VARIANTS}) > 0.9 * len(VARIANTS)


def _default(family):
    return tuple(int(v) for v in family.paints[0].split(","))


@pytest.mark.parametrize("family", LIGHT, ids=[f.name for f in LIGHT])
def test_hands_hold_the_grips_as_the_bars_turn(family):
    for variant in FEW:
        asset = make(family, variant)
        b = asset.driver.person.build
        for steer in (0.0, 0.42, -0.42):
            parts = driver_rows(asset, 0.0, steer)
            bars = points_of(rows_of(asset, 0.0, steer)[1])
            for side in (0, 1):
                fist = points_of(parts[3 + side])
                grip = np.array(asset.grips_m(steer)[side])
                assert np.linalg.norm(fist - grip, axis=1).min() < 0.03, (variant, steer)
                assert np.linalg.norm(fist.mean(axis=0) - grip) < 0.06, (variant, steer)
                # The grip is where the bars are.
                assert np.linalg.norm(bars - grip, axis=1).min() < 0.06, (variant, steer)
                # The arm reaches to the hand.
                forearm = parts[6 + 5 * side].asset_mesh
                end = forearm[:3, 3] - forearm[:3, 2] * b.forearm * b.height_m
                assert np.linalg.norm(fist - end, axis=1).min() < 0.03, (variant, steer)


@pytest.mark.parametrize("family", LIGHT, ids=[f.name for f in LIGHT])
def test_feet_stand_on_pedals_or_boards(family):
    for variant in FEW:
        asset = make(family, variant)
        b = asset.driver.person.build
        h = b.height_m
        turns = [0.0]
        if asset.crank is not None:
            turns = [2 * math.pi * k / CRANK_STEPS / asset.crank.gear for k in range(CRANK_STEPS)]
        for turn in turns:
            parts = driver_rows(asset, turn, 0.0)
            for side in (0, 1):
                shin, foot = parts[8 + 5 * side].asset_mesh, parts[9 + 5 * side].asset_mesh
                # The leg is as long as the body has it.
                assert np.linalg.norm(shin[:3, 3] - foot[:3, 3]) == pytest.approx(
                    (b.knee - b.ankle) * h, abs=4e-3
                ), (variant, turn)
                ball = foot[:3, :3] @ np.array([0.42 * b.foot * h, 0.0, -b.ankle * h]) + foot[:3, 3]
                if asset.crank is not None:
                    crank = points_of(rows_of(asset, turn, 0.0)[2 + len(asset.wheels)])
                    out = crank[:, 1] * (1 - 2 * side)
                    pedal = crank[out > out.max() - 0.05].mean(axis=0)
                    assert np.linalg.norm((ball - pedal)[[0, 2]]) < 0.04, (variant, turn, side)
                    assert out.max() - 0.085 < ball[1] * (1 - 2 * side) < out.max(), (variant, turn, side)
                else:
                    assert _height_under(points_of(rows_of(asset, 0.0, 0.0)[0]), asset, ball) < 0.04, variant


def _height_under(points, asset, foot):
    """Distance from a point straight down or up to the nearest face of the frame."""
    triangles = LIBRARY.meshes[rows_of(asset, 0.0, 0.0)[0].mesh].triangles
    a, b, c = (points[triangles[:, k]].astype(np.float64) for k in range(3))
    u, v, w = b - a, c - a, foot - a
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    good = np.abs(area) > 1e-12
    s = (w[good, 0] * v[good, 1] - w[good, 1] * v[good, 0]) / area[good]
    t = (u[good, 0] * w[good, 1] - u[good, 1] * w[good, 0]) / area[good]
    inside = (s >= 0) & (t >= 0) & (s + t <= 1)
    z = a[good, 2] + s * u[good, 2] + t * v[good, 2]
    return float(np.abs(z[inside] - foot[2]).min(initial=np.inf))


def test_pedals_turn_with_the_wheels():
    bicycle = next(f for f in LIGHT if f.object_class is ObjectClass.BICYCLE)
    asset = make(bicycle, 0)
    still, rolled = rows_of(asset, 0.0, 0.0), rows_of(asset, 0.5, 0.0)
    top = np.array([0.0, 0.0, 1.0])
    for index in (2, 3, 4):
        before, after = still[index].asset_mesh[:3, :3], rolled[index].asset_mesh[:3, :3]
        # What is on top moves forward.
        assert (after @ before.T @ top)[0] > 0.1


@pytest.mark.parametrize("module", [ebikes, cycles, motorbikes, tricycles])
def test_a_variant_is_the_same_each_time_it_is_made(module):
    twice = [assemble("again", module.design(11), (0, 0, 0)) for _ in range(2)]
    assert [mesh_bytes(m) for m in twice[0].meshes] == [mesh_bytes(m) for m in twice[1].meshes]
    assert twice[0].asset.size_lwh_m == twice[1].asset.size_lwh_m


def test_shared_meshes_are_added_once():
    library = MeshLibrary()
    family = next(f for f in LIGHT if f.name == "ebike")
    for variant in FEW:
        family.make(library, family.blueprint_id, family.size_m(variant), variant)
    names = [m.name for m in library.meshes]
    assert len(set(names)) == len(names)
    assert sum(n.startswith("ebike/") for n in names) == 2 * len(FEW)


def test_the_default_colour_stands_for_the_variants_own():
    family = next(f for f in LIGHT if f.name == "ebike")
    own = {tuple(make(family, v).place(np.eye(4), 0, 0, 0, 1, _default(family)).tint[0]) for v in VARIANTS}
    assert len(own) > 5
    asked = {tuple(make(family, v).place(np.eye(4), 0, 0, 0, 1, (12, 34, 56)).tint[0]) for v in VARIANTS}
    assert asked == {(12, 34, 56)}
