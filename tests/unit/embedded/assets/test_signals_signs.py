from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.assets.signals import make_traffic_light
from drivegen.embedded.assets.signs import make_sign
from drivegen.embedded.drawables import LIGHT_SIGNAL_GREEN, LIGHT_SIGNAL_RED, LIGHT_SIGNAL_YELLOW
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.sign_faces import OVERHEAD, SignFace
from drivegen.opendrive.signal_forms import HeadForm, LensForm

from .meshes import check_mesh, placed_points

LENSES = (Material.SIGNAL_RED, Material.SIGNAL_YELLOW, Material.SIGNAL_GREEN)


@pytest.mark.parametrize("arm", [0.0, 3.5, 9.0, 14.0])
@pytest.mark.parametrize("seed", [0, 1, 3])
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
    pole = library.meshes[asset.pole_mesh]
    # A box for seconds hangs on the pole and counts as a light; boxes of lights are those of lenses alone.
    counts = seed // 3 % 2 == 0
    assert set(pole.tags) == {int(Tag.POLE), int(Tag.TRAFFIC_LIGHT)} if counts else {int(Tag.POLE)}
    assert np.bincount(pole.tags).argmax() == Tag.POLE
    for mesh in library.meshes:
        check_mesh(mesh)
    everything = placed_points(library, drawables)
    assert everything[:, 2].min() >= -1e-6
    # Traffic passes below what reaches over the carriageway.
    assert everything[np.abs(everything[:, 1]) > 1.0][:, 2].min(initial=9.0) > 4.5


@pytest.mark.parametrize("lens", list(LensForm))
@pytest.mark.parametrize("horizontal", [False, True])
def test_lenses_stand_in_their_order_and_look_forward(lens, horizontal):
    library = MeshLibrary()
    asset = make_traffic_light(library, 5.0, 0, HeadForm(lens=lens, horizontal=horizontal))
    mesh = library.meshes[asset.head_mesh]
    check_mesh(mesh)
    wanted = (LENSES[0], LENSES[2]) if lens is LensForm.PEDESTRIAN else LENSES
    assert set(mesh.materials) & {int(m) for m in LENSES} == {int(m) for m in wanted}
    places = []
    for material in wanted:
        lit = mesh.materials == material
        points = mesh.positions_m[lit]
        places.append((points.min(axis=0) + points.max(axis=0)) / 2)
        assert mesh.normals[lit, 0].mean() > 0.4
        assert np.ptp(points[:, 1]) < 0.31 and np.ptp(points[:, 2]) < 0.31
    # Red is on top; of a head that lies it is on the left of who looks at it, who has +y to the right.
    steps = np.diff(places, axis=0)[:, 1 if horizontal else 2]
    assert np.all(steps > 0.25) if horizontal else np.all(steps < -0.25)


@pytest.mark.parametrize(
    ("lens", "axis", "side"), [(LensForm.LEFT, 1, -1), (LensForm.RIGHT, 1, 1), (LensForm.STRAIGHT, 2, 1)]
)
def test_arrows_point_where_their_traffic_goes(lens, axis, side):
    library = MeshLibrary()
    mesh = library.meshes[make_traffic_light(library, 0.0, 1, HeadForm(lens=lens)).head_mesh]
    points = mesh.positions_m[mesh.materials == Material.SIGNAL_GREEN]
    along, across = side * points[:, axis], points[:, 3 - axis]
    # An arrow has one point at its tip and a blunt end; the reader's right is +y.
    tip, end = along > along.max() - 1e-4, along < along.min() + 1e-4
    assert np.ptp(across[tip]) < 1e-4
    assert np.ptp(across[end]) > 0.02
    assert np.ptp(across) > 1.5 * np.ptp(across[end])


def test_pedestrians_have_red_for_yellow():
    library = MeshLibrary()
    people = make_traffic_light(library, 0.0, 0, HeadForm(lens=LensForm.PEDESTRIAN))
    cars = make_traffic_light(library, 0.0, 0)
    for given, shown in (
        (LIGHT_SIGNAL_YELLOW, LIGHT_SIGNAL_RED),
        (LIGHT_SIGNAL_RED, LIGHT_SIGNAL_RED),
        (LIGHT_SIGNAL_GREEN, LIGHT_SIGNAL_GREEN),
        (0, 0),
    ):
        assert set(people.place(np.eye(4), given, 1).lights) == {shown}
        assert set(cars.place(np.eye(4), given, 1).lights) == {given}
    assert people.light_boxes[0].pose.position_m[2] < cars.light_boxes[0].pose.position_m[2]


@pytest.mark.parametrize("face", list(SignFace))
def test_signs_are_a_plate_on_a_pole(face):
    library = MeshLibrary()
    arm = 4.0 if face in OVERHEAD else 0.0
    asset = make_sign(library, face, "60" if face is SignFace.SPEED_LIMIT else "", arm)
    for mesh in library.meshes:
        check_mesh(mesh)
        assert len(mesh.triangles) < 1500
    post, plate = library.meshes[asset.post_mesh], library.meshes[asset.plate_mesh]
    assert set(plate.tags) == {int(Tag.TRAFFIC_SIGN)} and set(post.tags) == {int(Tag.POLE)}
    drawables = asset.place(np.eye(4), 99)
    assert set(drawables.object_id) == {99}
    points = plate.positions_m + asset.plate.pose.position_m
    assert points[:, 2].min() > (5.0 if face in OVERHEAD else 2.0)
    assert asset.plate.pose.position_m[1] == pytest.approx(-arm)
    assert np.allclose(np.ptp(points, axis=0), asset.plate.size_m, atol=1e-5)
    coloured = plate.materials == Material.RETRO
    assert np.all(plate.normals[coloured, 0] > 0.99), "the face looks along x"
    assert np.allclose(plate.positions_m[coloured, 0], plate.positions_m[:, 0].max())
    everything = placed_points(library, drawables)
    assert everything[:, 2].min() >= -1e-6
    behind = placed_points(library, drawables)[: len(post.positions_m)]
    ahead = behind[(behind[:, 2] > points[:, 2].min()) & (np.abs(behind[:, 1] + arm) < 0.3)]
    assert ahead[:, 0].max() < points[:, 0].max() - 0.005, "nothing stands before the face"


def test_speed_signs_show_different_numbers():
    sizes = set()
    for value in ("20", "40", "60", "80"):
        library = MeshLibrary()
        asset = make_sign(library, SignFace.SPEED_LIMIT, value)
        sizes.add(library.meshes[asset.plate_mesh].positions_m.tobytes())
    assert len(sizes) == 4
