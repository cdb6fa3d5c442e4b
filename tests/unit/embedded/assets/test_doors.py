"""Doors cut from shells."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.embedded.assets.vehicles import make_vehicle
from drivegen.embedded.assets.vehicles.catalogue import DOORED
from drivegen.embedded.assets.vehicles.cutting import Patch, joined
from drivegen.embedded.assets.vehicles.doors import OPEN_RAD, Door
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene

from .meshes import VEHICLES, check_mesh, placed_points

LIBRARY = MeshLibrary()
BLUEPRINTS = {b.id: b for b in VEHICLES}
CAR = "vehicle.lincoln.mkz_2020"


def asset_of(name: str):
    return make_vehicle(LIBRARY, name, BLUEPRINTS[name].size_m, 0)


def placed(name: str, *shares: float) -> Drawables:
    return asset_of(name).place(np.eye(4), 0.0, 0.0, 3, 9, (200, 10, 10), shares)


def area_m2(corners: np.ndarray) -> float:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_cut_loses_and_doubles_nothing() -> None:
    rng = np.random.default_rng(5)
    patch = Patch(corners_m=rng.normal(size=(200, 3, 3)), kinds=np.arange(200))
    low, high = patch.parted(0, 0.1)
    assert low.corners_m[..., 0].max() <= 0.1 + 1e-9
    assert high.corners_m[..., 0].min() >= 0.1 - 1e-9
    assert area_m2(joined([low, high]).corners_m) == pytest.approx(area_m2(patch.corners_m))
    assert set(low.kinds) | set(high.kinds) == set(range(200))


def test_shut_doors_are_part_of_the_body() -> None:
    before = len(LIBRARY.meshes)
    shut = placed(CAR, 0.0, 0.0, 0.0, 0.0)
    assert len(shut) == 5
    library = MeshLibrary()
    make_vehicle(library, CAR, BLUEPRINTS[CAR].size_m, 0)
    assert len(library.meshes) == 2, "doors cost nothing until one is opened"
    assert len(LIBRARY.meshes) - before <= 2


@pytest.mark.parametrize("name", sorted(DOORED))
def test_an_open_door_stands_out_on_its_side(name: str) -> None:
    asset = asset_of(name)
    half = BLUEPRINTS[name].size_m[1] / 2
    assert Door.FRONT_LEFT in asset.doors
    assert Door.FRONT_RIGHT in asset.doors
    for door in asset.doors:
        shares = [1.0 if d == door else 0.0 for d in range(4)]
        open_ = placed(name, *shares)
        y = placed_points(LIBRARY, open_)[:, 1] * (1.0 if door % 2 == 0 else -1.0)
        assert y.max() > half + 0.4, door
        assert y.min() > -half, "nothing moves on the other side"
        assert set(open_.object_id) == {9}
        assert set(open_.lights) == {3}
        for index in open_.mesh_index:
            check_mesh(LIBRARY.meshes[index])


def test_rear_doors_are_those_behind() -> None:
    bones = asset_of(CAR).bones(0.0, 0.0, (0.0,) * 4)
    assert bones["Door_Front_Left"][0, 3] > bones["Door_Rear_Left"][0, 3] + 0.5
    assert bones["Door_Front_Left"][1, 3] > 0.5
    assert bones["Door_Front_Right"][1, 3] < -0.5


def test_a_door_turns_about_its_front_edge() -> None:
    hinged = asset_of(CAR).opening.parts().doors[0]
    matrix = hinged.matrix(1.0)
    hinge = np.array([*hinged.hinge_m, 0.7, 1.0])
    assert np.allclose(matrix @ hinge, hinge)
    assert np.arccos(matrix[0, 0]) == pytest.approx(OPEN_RAD)
    behind = hinge - (0.8, 0.0, 0.0, 0.0)
    assert (matrix @ behind)[1] > hinge[1] + 0.6


def test_panels_and_body_together_are_the_shut_car() -> None:
    """Doors that are all but shut leave rays from the side where the shut body leaves them."""
    x, z = (v.ravel() for v in np.meshgrid(np.linspace(-2.3, 2.3, 93), np.linspace(0.25, 1.40, 40)))
    origins = np.stack([x, np.full_like(x, 3.0), z], axis=1)
    towards = np.tile(np.array([0.0, -1.0, 0.0], np.float32), (len(x), 1))
    scene = RayScene(LIBRARY)
    met = []
    for share in (0.0, 1e-6):
        scene.update(placed(CAR, share, share, share, share))
        hits = scene.cast(origins, towards, 6.0)
        assert set(hits.object_id[np.isfinite(hits.distance_m)]) == {9}
        met.append(hits.distance_m)
    scene.update(placed(CAR, 1.0, 0.0, 1.0, 0.0))
    open_ = scene.cast(origins, towards, 6.0).distance_m
    scene.close()
    near = np.isfinite(met[0]) & np.isfinite(met[1])
    apart = np.abs(met[0][near] - met[1][near])
    assert (np.isfinite(met[0]) == np.isfinite(met[1])).mean() > 0.995
    assert np.quantile(apart, 0.98) < 0.01
    inside = np.isfinite(open_) & near & (open_ > met[0] + 0.15)
    assert inside.mean() > 0.05, "rays go in where the doors were"


def test_the_others_have_none() -> None:
    for name in set(BLUEPRINTS) - DOORED:
        assert make_vehicle(LIBRARY, name, BLUEPRINTS[name].size_m, 0).doors == ()
    assert len(placed("vehicle.tesla.model3", 1.0, 1.0, 1.0, 1.0)) == 5
