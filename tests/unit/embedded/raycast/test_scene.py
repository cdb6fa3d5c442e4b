import dataclasses
import importlib.util

import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.core.geometry import rotation_from_rpy
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary, merge_meshes
from drivegen.embedded.raycast import packets
from drivegen.embedded.raycast.embree import library_version
from drivegen.embedded.raycast.scene import RayScene
from tests.unit.embedded.raycast.shapes import box, ground, mesh, place, slab_distance, unit

STILL = (0.0, 0.0, 0.0)


@pytest.fixture
def library():
    library = MeshLibrary()
    library.add(ground(4000.0))
    library.add(box(4.0, 2.0, 1.5, Tag.CAR, Material.PAINT))
    library.add(box(0.6, 0.6, 1.8, Tag.PEDESTRIAN, Material.CLOTH))
    return library


@pytest.fixture
def scene(library):
    scene = RayScene(library)
    yield scene
    scene.close()


def forward(count=1):
    return np.tile(np.float32([[1.0, 0.0, 0.0]]), (count, 1))


def test_points_on_the_ground_lie_on_it_within_a_millimetre(scene):
    scene.set_static(place((0, 0, STILL, STILL)))
    rng = np.random.default_rng(1)
    reach = rng.uniform(0.0, 200.0, 2000)
    angle = rng.uniform(-np.pi, np.pi, 2000)
    offsets = np.stack([reach * np.cos(angle), reach * np.sin(angle), np.full(2000, -2.0)], axis=1)
    origin = np.array([[350.0, -800.0, 2.0]])
    directions = unit(offsets).astype(np.float32)
    hits = scene.cast(origin, directions)
    points = origin + directions.astype(np.float64) * hits.distance_m[:, None]
    near = np.linalg.norm(offsets, axis=1) < 100.0
    assert near.sum() > 900
    assert np.abs(points[near, 2]).max() < 1e-3
    np.testing.assert_allclose(hits.distance_m, np.linalg.norm(offsets, axis=1), rtol=2e-5)
    np.testing.assert_array_equal(hits.tag, Tag.ROAD)
    np.testing.assert_array_equal(hits.material, Material.ASPHALT)
    np.testing.assert_array_equal(hits.object_id, 0)
    np.testing.assert_allclose(hits.normal, np.tile([0, 0, 1], (2000, 1)), atol=1e-6)
    np.testing.assert_allclose(hits.cos_incidence, -directions[:, 2], atol=1e-6)


@pytest.mark.parametrize("centre", [(60.0, 10.0, 3.0), (1500.0, -900.0, 20.0)])
def test_a_turned_box_is_met_where_its_planes_are(scene, centre):
    rpy = (0.2, -0.3, 0.9)
    scene.update(place((1, 7, centre, rpy)))
    rng = np.random.default_rng(2)
    centre = np.float32(centre).astype(np.float64)
    origins = (centre + unit(rng.normal(size=(3000, 3))) * rng.uniform(5.0, 100.0, (3000, 1))).astype(
        np.float32
    )
    aim = centre + rng.uniform(-2.5, 2.5, (3000, 3)) - origins
    directions = unit(aim).astype(np.float32)
    rotation = np.float32(rotation_from_rpy(*rpy)).astype(np.float64)
    half = np.array([2.0, 1.0, 0.75])
    expected = slab_distance(origins, directions, half, rotation, centre)
    hits = scene.cast(origins, directions)
    # A ray within a hair of an edge may go either way.
    grown = slab_distance(origins, directions, half + 1e-3, rotation, centre)
    shrunk = slab_distance(origins, directions, half - 1e-3, rotation, centre)
    with np.errstate(invalid="ignore"):
        steady = ~np.isfinite(expected) | (np.abs(grown - shrunk) < 0.05)
    clear = (np.isfinite(grown) == np.isfinite(shrunk)) & steady
    assert clear.sum() > 2800
    np.testing.assert_array_equal(np.isfinite(hits.distance_m)[clear], np.isfinite(expected)[clear])
    met = clear & np.isfinite(expected)
    assert met.sum() > 500
    points = origins[met] + directions[met].astype(np.float64) * hits.distance_m[met, None]
    local = np.abs((points - centre) @ rotation) - half
    assert np.abs(local.max(axis=1)).max() < 1e-3
    np.testing.assert_array_equal(hits.object_id[met], 7)
    # The normal is the box's own axis, turned to the origin of the ray.
    assert np.all(np.einsum("ij,ij->i", hits.normal[met], directions[met]) <= 0.0)
    axes = np.abs(hits.normal[met] @ rotation)
    np.testing.assert_allclose(axes.max(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(
        hits.cos_incidence[met], -np.einsum("ij,ij->i", hits.normal[met], directions[met]), atol=1e-5
    )
    missed = clear & ~np.isfinite(expected)
    assert not hits.object_id[missed].any()
    assert not hits.tag[missed].any()
    assert not hits.normal[missed].any()


def test_packets_and_single_rays_agree(scene):
    scene.set_static(place((0, 0, STILL, STILL), (1, 0, (15.0, 3.0, 0.75), (0.0, 0.0, 0.5))))
    scene.update(place((2, 5, (8.0, -1.0, 0.9), STILL), (1, 6, (-9.0, 0.0, 0.75), STILL)))
    rng = np.random.default_rng(3)
    directions = unit(rng.normal(size=(301, 3)) * [1, 1, 0.2]).astype(np.float32)
    origins = np.float32([[0.3, -0.2, 1.7]])
    together = scene.cast(origins, directions)
    assert len(np.unique(together.object_id)) == 3
    for ray in range(0, 301, 7):
        alone = scene.cast(origins, directions[ray : ray + 1])
        for name in ("distance_m", "object_id", "tag", "material", "cos_incidence", "normal"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[ray])


def test_origin_for_all_or_for_each_and_a_rotation_come_to_the_same(scene):
    scene.set_static(place((0, 0, STILL, STILL)))
    scene.update(place((1, 6, (9.0, 0.0, 0.75), STILL)))
    rng = np.random.default_rng(4)
    directions = unit(rng.normal(size=(100, 3))).astype(np.float32)
    origin = np.float32([[0.0, 0.0, 1.5]])
    rotation = rotation_from_rpy(0.1, 0.2, 0.3)
    one = scene.cast(origin, directions, rotation=rotation)
    turned = (directions.astype(np.float64) @ rotation.T).astype(np.float32)
    each = scene.cast(np.repeat(origin, 100, axis=0), turned)
    np.testing.assert_array_equal(np.isfinite(one.distance_m), np.isfinite(each.distance_m))
    met = np.isfinite(one.distance_m) & (one.distance_m < 100)
    np.testing.assert_allclose(one.distance_m[met], each.distance_m[met], rtol=1e-4)


def test_triangles_keep_their_own_tags_and_materials(scene, library):
    both = merge_meshes(
        [
            mesh([[5, -1, -1], [5, 0, -1], [5, 0, 1], [5, -1, 1]], [[0, 1, 2], [0, 2, 3]], Tag.BICYCLE, 3),
            mesh([[5, 0, -1], [5, 1, -1], [5, 1, 1], [5, 0, 1]], [[0, 1, 2], [0, 2, 3]], Tag.RIDER, 11),
        ],
        "rider",
    )
    scene.set_static(place((0, 0, STILL, STILL)))
    # The library has grown since the scene first looked.
    scene.update(place((library.add(both), 0xFFFF1234, (0, 0, 3), STILL)))
    origins = np.float32([[0, -0.5, 3.2], [0, 0.5, 3.2]])
    hits = scene.cast(origins, forward(2))
    assert hits.tag.tolist() == [Tag.BICYCLE, Tag.RIDER]
    assert hits.material.tolist() == [Material.RUBBER, Material.CLOTH]
    assert hits.object_id.tolist() == [0xFFFF1234] * 2
    np.testing.assert_allclose(hits.distance_m, 5.0, atol=1e-5)


def test_what_moves_is_met_where_it_is_now(scene):
    origin = np.float32([[0, 0, 0.5]])
    assert np.isinf(scene.cast(origin, forward()).distance_m[0])
    scene.update(place((1, 4, (10, 0, 0), STILL), (2, 5, (30, 0, 0), STILL)))
    first = scene.cast(origin, forward())
    assert (first.distance_m[0], first.object_id[0]) == (pytest.approx(8.0, abs=1e-5), 4)
    # The same meshes elsewhere: transforms only.
    scene.update(place((1, 4, (10, 50, 0), STILL), (2, 5, (12, 0, 0), STILL)))
    second = scene.cast(origin, forward())
    assert (second.distance_m[0], second.object_id[0]) == (pytest.approx(11.7, abs=1e-5), 5)
    # The same places, other actors.
    scene.update(place((1, 8, (10, 50, 0), STILL), (2, 9, (12, 0, 0), STILL)))
    assert scene.cast(origin, forward()).object_id[0] == 9
    # Other meshes.
    scene.update(place((1, 8, (10, 0, 0), (0, 0, np.pi / 2))))
    third = scene.cast(origin, forward())
    assert (third.distance_m[0], third.object_id[0]) == (pytest.approx(9.0, abs=1e-5), 8)
    scene.update(Drawables.empty())
    assert np.isinf(scene.cast(origin, forward()).distance_m[0])


def test_static_is_replaced_and_lives_beside_what_moves(scene):
    origin = np.float32([[0, 0, 0.5]])
    scene.update(place((1, 4, (10, 0, 0), STILL)))
    scene.set_static(place((1, 0, (6, 0, 0), STILL)))
    assert scene.cast(origin, forward()).distance_m[0] == pytest.approx(4.0, abs=1e-5)
    scene.set_static(place((1, 0, (60, 0, 0), STILL)))
    hits = scene.cast(origin, forward())
    assert (hits.distance_m[0], hits.object_id[0]) == (pytest.approx(8.0, abs=1e-5), 4)
    scene.set_static(Drawables.empty())
    assert scene.cast(origin, forward()).object_id[0] == 4


def test_the_caller_may_reuse_its_arrays(scene):
    drawables = place((1, 4, (10, 0, 0), STILL))
    scene.update(drawables)
    scene.cast(np.float32([[0, 0, 0.5]]), forward())
    drawables.world_mesh[0, 0, 3] = 500.0
    assert scene.cast(np.float32([[0, 0, 0.5]]), forward()).distance_m[0] == pytest.approx(8.0, abs=1e-5)


def test_rays_end_at_t_max(scene):
    scene.update(place((1, 4, (10, 0, 0), STILL)))
    origin = np.float32([[0, 0, 0.5]])
    assert np.isinf(scene.cast(origin, forward(), 7.99).distance_m[0])
    assert np.isfinite(scene.cast(origin, forward(), 8.01).distance_m[0])


def test_no_rays_are_no_hits(scene):
    assert len(scene.cast(np.zeros((1, 3)), np.zeros((0, 3), np.float32)).distance_m) == 0


def test_no_ray_slips_through_a_seam(scene, library):
    steps = 60
    x, y = np.meshgrid(np.arange(steps + 1.0), np.arange(steps + 1.0), indexing="ij")
    z = 0.3 * np.sin(x * 1.7) * np.cos(y * 2.3)
    corner = np.arange(steps)[:, None] * (steps + 1) + np.arange(steps)
    a, b, c, d = (i.ravel() for i in (corner, corner + steps + 1, corner + steps + 2, corner + 1))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    index = library.add(mesh(np.stack([x, y, z], -1).reshape(-1, 3), triangles))
    scene.set_static(place((index, 0, (0, 0, 0), (0.0, 0.0, 0.123))))
    # Straight at vertices and at the middles of edges.
    rotation = np.float32(rotation_from_rpy(0, 0, 0.123)).astype(np.float64)
    vertices = np.stack([x, y, z], -1)[5:-5, 5:-5].reshape(-1, 3)
    targets = np.concatenate([vertices, vertices + np.array([0.5, 0.0, 0.0])]) @ rotation.T
    origins = targets + np.array([0.013, 0.017, 40.0])
    hits = scene.cast(origins, unit(targets - origins).astype(np.float32), 45.0)
    assert np.isfinite(hits.distance_m).all()


def test_a_closed_scene_says_so(library):
    scene = RayScene(library)
    scene.set_static(place((0, 0, STILL, STILL)))
    scene.close()
    scene.close()
    with pytest.raises(RenderError, match="closed"):
        scene.cast(np.zeros((1, 3)), forward())
    with pytest.raises(RenderError, match="closed"):
        scene.update(place((1, 4, (10, 0, 0), STILL)))


def test_a_missing_library_is_named(monkeypatch, library, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RenderError, match=r"embreex .* not installed: pip install"):
        RayScene(library)
    elsewhere = importlib.util.spec_from_file_location("embreex", tmp_path / "embreex" / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: elsewhere)
    with pytest.raises(RenderError, match=r"embreex\.libs holds no libembree4"):
        RayScene(library)
    (tmp_path / "embreex.libs").mkdir()
    (tmp_path / "embreex.libs" / "libembree4-0.so.4").write_bytes(b"not a library")
    with pytest.raises(RenderError, match="cannot be used"):
        RayScene(library)


def test_kernels_compile_where_nothing_can_be_written(monkeypatch):
    real = packets.numba.njit

    def refusing(*arguments, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*arguments, **options)

    monkeypatch.setattr(packets.numba, "njit", refusing)
    double = packets.compiled(lambda x: 2 * x)
    assert double(21) == 42
    assert double.targetoptions["nogil"]
    assert packets.cast_packets.targetoptions["nogil"]


def test_the_library_tells_its_version():
    version, _, width = library_version().partition(", packets of ")
    assert tuple(int(part) for part in version.split("."))[:2] >= (4, 4)
    assert width in ("4 rays", "8 rays", "16 rays")


def test_new_lights_build_no_new_scene(scene, monkeypatch):
    still = place((0, 0, STILL, STILL), (1, 0, (10, 0, 0.75), STILL))
    scene.set_static(still)
    assert scene.cast(np.float32([[0, 0, 1]]), forward()).tag[0] == Tag.CAR
    built = []
    replace = scene._replace
    monkeypatch.setattr(scene, "_replace", lambda *given: built.append(given) or replace(*given))
    scene.set_static(dataclasses.replace(still, lights=still.lights + np.uint32(1)))
    assert not built
    assert scene.cast(np.float32([[0, 0, 1]]), forward()).tag[0] == Tag.CAR
    scene.set_static(dataclasses.replace(still, world_mesh=still.world_mesh.copy()))
    assert len(built) == 1
