"""What a map names stands where it says, as the blueprint is drawn, and the rest keeps clear."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from drivegen.core.rng import derive_rng
from drivegen.embedded.assets.scenery import LAMP_POST, build_scenery
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.sites import roadside_sites
from drivegen.opendrive.surfaces import mesh_network
from drivegen_generators.roads.junction import SignalisedJunction

DEVICES = ("camera", "lidar", "radar", "fisheye")


class Built:
    def __init__(self) -> None:
        config = {"arm_length_m": (90.0, 90.0), "slips": False, "left_turn_pockets": False}
        self.network = SignalisedJunction(**config).generate(derive_rng(5, "map"), "junction")
        surfaces = mesh_network(self.network)
        self.ground = Ground(self.network, surfaces)
        self.library = MeshLibrary()
        self.scenery = build_scenery(self.network, surfaces, self.library, 3, self.ground)
        self.sites = roadside_sites(self.network)

    def poles(self):
        return [o for o in self.scenery.objects if "roadside_pole" in self.name(o)]

    def name(self, piece) -> str:
        return self.library.meshes[int(self.scenery.drawables.mesh_index[piece.row])].name

    def points(self, piece) -> np.ndarray:
        mesh = self.library.meshes[int(self.scenery.drawables.mesh_index[piece.row])]
        world = self.scenery.drawables.world_mesh[piece.row]
        return mesh.positions_m @ world[:3, :3].T + world[:3, 3]


@pytest.fixture(scope="module")
def built() -> Built:
    return Built()


def test_the_pole_is_drawn_where_its_mounts_are(built: Built) -> None:
    assert len(built.sites) == 4 == len(built.poles())
    for site, piece in zip(built.sites, built.poles(), strict=True):
        drawn = cKDTree(built.points(piece))
        for name, mount in site.mounts.items():
            if name.startswith(DEVICES):
                distance, nearest = drawn.query(mount.position_m, k=8)
                assert distance[0] < 0.18, name  # the windows of LiDARs are 0.28 m wide
                behind = (drawn.data[nearest] - mount.position_m) @ mount.rotation[:, 0]
                assert np.all(behind < 0.0) or name.startswith("camera"), name  # cameras have a shade
        assert drawn.query(site.mounts["rsu"].position_m)[0] < 0.3
        assert drawn.query(site.foot.position_m)[0] < 0.2
        inside = site.cabinet.contains(drawn.data, 0.02)
        assert inside.sum() > 50
        assert abs(drawn.data[:, 2].min() - site.foot.position_m[2]) < 0.02


def test_the_pole_stands_on_the_ground(built: Built) -> None:
    for site in built.sites:
        feet = np.array([site.foot.position_m, site.cabinet.pose.position_m])[:, :2]
        height = built.ground.height(feet)[0]
        assert np.all(np.abs(height - site.foot.position_m[2]) < 0.025)


def test_it_is_a_street_lamp(built: Built) -> None:
    for piece in built.poles():
        assert piece.name.startswith(LAMP_POST)
        assert built.scenery.drawables.lights[piece.row] & LIGHT_STREET_LAMP


def test_nothing_else_is_in_the_way(built: Built) -> None:
    feet = np.array([site.foot.position_m[:2] for site in built.sites])
    devices = np.array([m.position_m for site in built.sites for m in site.mounts.values()])
    for piece in built.scenery.objects:
        if "roadside_pole" in built.name(piece):
            continue
        points = built.points(piece)
        name = built.name(piece)
        assert np.min(cKDTree(points).query(devices)[0]) > 0.8, name
        if piece.name.startswith(LAMP_POST):
            gap = np.linalg.norm(feet - piece.pose.position_m[:2], axis=1)
            assert np.min(gap) > 15.0
        for site in built.sites:
            assert not np.any(site.cabinet.contains(points, 0.1)), name
