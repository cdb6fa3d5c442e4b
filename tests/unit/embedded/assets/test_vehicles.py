from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_seed
from drivegen.core.tags import Tag
from drivegen.embedded.assets.vehicles import make_vehicle
from drivegen.embedded.assets.vehicles.asset import CLEARANCE_M
from drivegen.embedded.assets.vehicles.factory import LOOKS
from drivegen.embedded.mesh import Material, MeshLibrary

from .meshes import VEHICLES, check_mesh, mesh_bytes, placed_points

TWO_WHEELS = ("crossbike", "century", "omafiets", "ninja", "yzf", "low_rider", "vespa")
SLACK_M = 0.05
LIBRARY = MeshLibrary()
IDS = [b.id for b in VEHICLES]


def _two_looks(blueprint_id):
    """Seeds that give both looks of a blueprint."""
    looks = [derive_seed("vehicle look", blueprint_id, seed) % LOOKS for seed in range(20)]
    return [looks.index(look) for look in range(LOOKS)]


@pytest.mark.parametrize("blueprint", VEHICLES, ids=IDS)
def test_everything_fits_the_box_and_nearly_touches_it(blueprint):
    half = np.array(blueprint.size_m) / 2
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for seed in _two_looks(blueprint.id):
        asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, seed)
        reached = []
        for steer in (0.0, 0.7, -0.7, 0.21, -0.4):
            for rotation in (0.0, 2.9, 6.1):
                drawables = asset.place(np.eye(4), rotation, steer, 0, 7, (10, 20, 30))
                points = placed_points(LIBRARY, drawables) - (0.0, 0.0, half[2])
                reached.append((points.min(axis=0), points.max(axis=0)))
        low = np.min([r[0] for r in reached], axis=0)
        high = np.max([r[1] for r in reached], axis=0)
        assert np.all(low >= -half + CLEARANCE_M - 1e-4), (seed, low + half)
        assert np.all(high <= half - CLEARANCE_M + 1e-4), (seed, half - high)
        assert np.all(low <= -half + SLACK_M), (seed, low + half)
        assert np.all(high >= half - SLACK_M), (seed, half - high)


@pytest.mark.parametrize("blueprint", VEHICLES, ids=IDS)
def test_rows_share_the_id_and_carry_lights_and_tint(blueprint):
    asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 3)
    drawables = asset.place(np.eye(4), 0.0, 0.0, 0x29, 4711, (12, 34, 56))
    assert set(drawables.object_id) == {4711}
    assert set(drawables.lights) == {0x29}
    livery = getattr(asset, "livery_rgb", None)
    assert tuple(drawables.tint[0]) == (livery or (12, 34, 56))
    materials = {
        Material(int(m)) for i in drawables.mesh_index for m in np.unique(LIBRARY.meshes[i].materials)
    }
    assert {Material.PAINT, Material.RUBBER, Material.HEAD_LAMP, Material.TAIL_LAMP} <= materials
    if not any(w in blueprint.id for w in TWO_WHEELS):
        signs = {Material.GLASS, Material.BRAKE_LAMP, Material.PLATE}
        assert signs | {Material.INDICATOR_LEFT, Material.INDICATOR_RIGHT} <= materials


@pytest.mark.parametrize("blueprint", [b for b in VEHICLES if any(w in b.id for w in TWO_WHEELS)])
def test_two_wheelers_are_machine_and_rider(blueprint):
    asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 1)
    drawables = asset.place(np.eye(4), 0.0, 0.0, 0, 1, (1, 2, 3))
    tags = {int(t) for i in drawables.mesh_index for t in np.unique(LIBRARY.meshes[i].tags)}
    bicycle = any(w in blueprint.id for w in TWO_WHEELS[:3])
    assert tags == {int(Tag.RIDER), int(Tag.BICYCLE if bicycle else Tag.MOTORCYCLE)}


@pytest.mark.parametrize("name", ["century", "omafiets", "crossbike"])
def test_feet_stay_on_the_turning_pedals(name):
    blueprint = next(b for b in VEHICLES if name in b.id)
    asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 1)
    person = asset.rider.person
    for rotation in np.linspace(0.0, 30.0, 40):
        matrices = [r.asset_mesh for r in asset.rows(float(rotation), 0.0, (0, 0, 0))]
        left_shin, left_foot = matrices[-7], matrices[-6]
        knee_to_ankle = np.linalg.norm(left_shin[:3, 3] - left_foot[:3, 3])
        b = person.build
        assert knee_to_ankle == pytest.approx((b.knee - b.ankle) * b.height_m, abs=2e-3)


def test_indicators_stand_on_their_sides():
    for blueprint in VEHICLES:
        asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 0)
        for index in asset.place(np.eye(4), 0.0, 0.0, 0, 1, (1, 2, 3)).mesh_index:
            mesh = LIBRARY.meshes[index]
            for material, sign in ((Material.INDICATOR_LEFT, 1.0), (Material.INDICATOR_RIGHT, -1.0)):
                lamps = mesh.positions_m[mesh.materials == material]
                assert np.all(lamps[:, 1] * sign > 0.0), (blueprint.id, material)


def test_wheels_roll_forward_and_steer_to_the_left():
    blueprint = next(b for b in VEHICLES if b.id == "vehicle.tesla.model3")
    asset = make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 0)
    ahead = asset.place(np.eye(4), 0.1, 0.0, 0, 1, (0, 0, 0)).world_mesh[1:]
    still = asset.place(np.eye(4), 0.0, 0.0, 0, 1, (0, 0, 0)).world_mesh[1:]
    left = asset.place(np.eye(4), 0.0, 0.3, 0, 1, (0, 0, 0)).world_mesh[1:]
    for before, after, turned, wheel in zip(still, ahead, left, asset.wheels, strict=True):
        # The point on top of a wheel that rolls forward moves forward.
        x, y, z = wheel.centre_m
        top = np.linalg.inv(before) @ (x, y, z + asset.wheel_radius_m, 1.0)
        assert (after @ top)[0] > (before @ top)[0] + 0.02
        axle = turned[:3, 1] * np.sign(wheel.centre_m[1])
        assert (axle[0] < -0.2) == wheel.steers


def test_meshes_are_sound():
    for blueprint in VEHICLES:
        make_vehicle(LIBRARY, blueprint.id, blueprint.size_m, 0)
    for mesh in LIBRARY.meshes:
        check_mesh(mesh)
        assert len(mesh.triangles) < 6000, mesh.name


def test_equal_seeds_give_equal_bytes_and_cost_no_new_mesh():
    blueprint = next(b for b in VEHICLES if "vespa" in b.id)
    libraries = [MeshLibrary(), MeshLibrary()]
    for library in libraries:
        make_vehicle(library, blueprint.id, blueprint.size_m, 9)
        count = len(library.meshes)
        make_vehicle(library, blueprint.id, blueprint.size_m, 9)
        assert len(library.meshes) == count
    assert [mesh_bytes(m) for m in libraries[0].meshes] == [mesh_bytes(m) for m in libraries[1].meshes]


def test_unknown_vehicle_is_named():
    with pytest.raises(ConfigError, match=r"vehicle\.made\.up"):
        make_vehicle(MeshLibrary(), "vehicle.made.up", (4.0, 2.0, 1.5), 0)
