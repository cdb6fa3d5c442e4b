"""The families of props: every member fills its box, looks outward, is unlike the others, and is cheap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from drivegen.core.roadside import LENS_GAP_M, ROADSIDE_POLE, mounts, roadside_pole
from drivegen.embedded.assets.props import animals
from drivegen.embedded.assets.props.families import DESIGNS, FAMILY_OF_BLUEPRINT, PROP_FAMILIES

from .meshes import check_mesh, mesh_bytes

MADE = [d for d in DESIGNS if d not in animals.DESIGNS]
OURS = [f for f in PROP_FAMILIES if f.name in {d.name for d in MADE} | {"roadside_pole"}]
LARGE = {"bus_stop", "bus_sign", "kiosk", "roadside_pole"}
VARIANTS = range(20)


def parts_volumes_m3(mesh) -> np.ndarray:
    """Signed volume of each closed part, most of whose edges are walked both ways."""
    _, place = np.unique(np.round(mesh.positions_m * 1e4).astype(np.int64), axis=0, return_inverse=True)
    t = place.reshape(-1)[mesh.triangles]
    t = t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])]
    n = int(place.max()) + 1
    edges = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(n, n))
    part = connected_components(graph, directed=False)[1][t[:, 0]]
    keys = np.sort(edges, axis=1)
    _, inverse, count = np.unique(keys[:, 0] * n + keys[:, 1], return_inverse=True, return_counts=True)
    lone = (count[inverse.reshape(-1)] == 1).reshape(3, -1).any(axis=0)
    corners = np.zeros((n, 3))
    corners[place.reshape(-1)] = mesh.positions_m
    a, b, c = (corners[t[:, k]] for k in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
    opened = np.bincount(part[lone], minlength=n) > 0
    used = np.bincount(part, minlength=n) > 0
    return np.bincount(part, weights=volume, minlength=n)[used & ~opened]


def test_there_are_families_enough():
    assert len(OURS) >= 35
    assert len({f.name for f in PROP_FAMILIES}) == len(PROP_FAMILIES)


@pytest.mark.parametrize("family", OURS, ids=[f.name for f in OURS])
def test_members_fill_their_boxes_and_are_unlike(family):
    looks, boxes = set(), set()
    for variant in VARIANTS:
        mesh, size = family.mesh(variant), np.array(family.size_m(variant))
        low, high = mesh.positions_m.min(axis=0), mesh.positions_m.max(axis=0)
        assert np.all(low >= [-size[0] / 2, -size[1] / 2, -1e-6]), variant
        assert np.all(high <= [size[0] / 2, size[1] / 2, size[2]]), variant
        assert np.allclose(high - low, size, atol=0.02, rtol=0.0), variant
        assert abs(float(low[2])) < 1e-6, "it stands on the ground"
        assert len(mesh.triangles) <= (4000 if family.name in LARGE else 1500), variant
        assert set(mesh.tags) <= {int(t) for t in family.tags}, variant
        assert np.bincount(mesh.tags[mesh.triangles[:, 0]]).argmax() in {int(t) for t in family.tags}
        if variant % 4 == 0:
            check_mesh(mesh)
        volumes = parts_volumes_m3(mesh)
        assert len(volumes) and volumes.min() > -1e-7, (variant, volumes.min())
        looks.add(mesh_bytes(mesh).split(b"/", 1)[-1][2:])
        boxes.add(tuple(size))
    assert len(looks) == len(VARIANTS)
    assert mesh_bytes(family.mesh(VARIANTS[-1])) == mesh_bytes(mesh)


@pytest.mark.parametrize("design", MADE, ids=[d.name for d in MADE])
def test_sculptors_keep_to_the_box_that_they_announce(design):
    for variant in VARIANTS[:20:5]:
        size = np.array(design.size_m(variant))
        made = np.ptp(design.sculpted(variant).positions_m, axis=0)
        off = np.abs(made - size)
        assert np.all((off < 0.07 * size) | (off < 0.03)), (variant, made, size)


@pytest.mark.parametrize("variant", [0, 1, 3, 7])
def test_devices_of_a_roadside_pole_stand_at_their_mounts(variant):
    family = FAMILY_OF_BLUEPRINT[ROADSIDE_POLE]
    mesh = family.mesh(variant)
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    pole = roadside_pole(variant)
    assert mounts(variant) is pole.mounts
    assert {"camera_0", "camera_1", "fisheye_0", "lidar_0", "radar_0", "rsu"} <= set(pole.sensors)
    for name in pole.sensors:
        if not name.startswith(("camera", "fisheye", "lidar", "radar")):
            continue
        mount = pole.mounts[name]
        view = mount.rotation[:, 0]
        back = ray_distance(mount.position_m, -view, a, b, c)
        assert abs(back - LENS_GAP_M) < 0.012, (name, back)
        # Nothing of the pole stands before the device, along its view and ten degrees about it.
        for turn in np.radians([-10.0, 0.0, 10.0]):
            ahead = np.cos(turn) * view + np.sin(turn) * mount.rotation[:, 1]
            assert ray_distance(mount.position_m, ahead, a, b, c) == np.inf, name
    # The radio stands on the pole's top.
    rsu = pole.mounts["rsu"].position_m
    near = np.linalg.norm(mesh.positions_m - rsu, axis=1)
    assert near.min() < 0.25 and rsu[2] > pole.height_m
    assert np.allclose(
        pole.mounts["camera_0"].rotation[:, 0], pole.mounts["camera_1"].rotation[:, 0] * [-1, -1, 1]
    )


def ray_distance(origin, direction, a, b, c) -> float:
    """Nearest hit of a ray on triangles from either side (Moeller and Trumbore 1997)."""
    e1, e2 = b - a, c - a
    p = np.cross(direction, e2)
    det = np.einsum("ij,ij->i", e1, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = origin - a
        u = np.einsum("ij,ij->i", s, p) / det
        q = np.cross(s, e1)
        v = q @ direction / det
        t = np.einsum("ij,ij->i", e2, q) / det
    u, v, t = (np.nan_to_num(x, nan=-1.0, posinf=-1.0, neginf=-1.0) for x in (u, v, t))
    hit = (np.abs(det) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6)
    return float(t[hit].min()) if hit.any() else np.inf
