from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.assets.signals import make_traffic_light
from drivegen.embedded.assets.signs import make_sign
from drivegen.embedded.drawables import LIGHT_SIGNAL_RED
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.signals import SignKind

from .meshes import check_mesh, placed_points


@pytest.mark.parametrize("arm", [0.0, 3.5, 9.0, 14.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_head_hangs_where_the_arm_ends(arm, seed):
    library = MeshLibrary()
    asset = make_traffic_light(library, arm, seed)
    drawables = asset.place(np.eye(4), LIGHT_SIGNAL_RED, 99)
    assert set(drawables.object_id) == {99} and set(drawables.lights) == {LIGHT_SIGNAL_RED}
    (box,) = asset.light_boxes
    assert box.pose.position_m[1] == pytest.approx(-arm)
    head = library.meshes[asset.head_mesh]
    points = head.positions_m + box.pose.position_m
    assert np.allclose(points.min(axis=0), box.pose.position_m - box.size_m / 2, atol=1e-5)
    assert np.allclose(points.max(axis=0), box.pose.position_m + box.size_m / 2, atol=1e-5)
    assert set(head.tags) == {int(Tag.TRAFFIC_LIGHT)}
    assert set(library.meshes[asset.pole_mesh].tags) == {int(Tag.POLE)}
    for mesh in library.meshes:
        check_mesh(mesh)
    everything = placed_points(library, drawables)
    assert everything[:, 2].min() >= -1e-6
    # Traffic passes below what reaches over the carriageway.
    assert everything[np.abs(everything[:, 1]) > 1.0][:, 2].min(initial=9.0) > 4.5


def test_red_is_on_top_and_lenses_look_forward():
    library = MeshLibrary()
    asset = make_traffic_light(library, 5.0, 0)
    mesh = library.meshes[asset.head_mesh]
    heights = []
    for material in (Material.SIGNAL_RED, Material.SIGNAL_YELLOW, Material.SIGNAL_GREEN):
        lens = mesh.materials == material
        heights.append(mesh.positions_m[lens, 2].mean())
        assert mesh.normals[lens, 0].mean() > 0.4
    assert heights[0] > heights[1] > heights[2]


@pytest.mark.parametrize("kind", list(SignKind))
def test_signs_are_a_plate_on_a_pole(kind):
    library = MeshLibrary()
    asset = make_sign(library, kind, 60 if kind == SignKind.SPEED else None)
    for mesh in library.meshes:
        check_mesh(mesh)
    post, plate = library.meshes[asset.post_mesh], library.meshes[asset.plate_mesh]
    assert set(plate.tags) == {int(Tag.TRAFFIC_SIGN)} and set(post.tags) == {int(Tag.POLE)}
    drawables = asset.place(np.eye(4), 99)
    assert set(drawables.object_id) == {99}
    points = plate.positions_m + asset.plate.pose.position_m
    assert points[:, 2].min() > 2.0 and np.ptp(points[:, 1]) < 0.9
    assert np.allclose(np.ptp(points, axis=0), asset.plate.size_m, atol=1e-5)
    assert placed_points(library, drawables)[:, 2].min() >= -1e-6


def test_speed_signs_show_different_numbers():
    sizes = set()
    for value in (20, 40, 60, 80):
        library = MeshLibrary()
        asset = make_sign(library, SignKind.SPEED, value)
        sizes.add(library.meshes[asset.plate_mesh].positions_m.tobytes())
    assert len(sizes) == 4
