import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary, merge_meshes
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.raycast.segment import SegmentCaster
from tests.unit.embedded.raycast.shapes import box, ground, place

STILL = (0.0, 0.0, 0.0)
NOBODY = Drawables.empty()


@pytest.fixture
def library():
    library = MeshLibrary()
    library.add(ground(400.0))
    library.add(box(4.0, 2.0, 1.5, Tag.CAR))
    library.add(merge_meshes([box(1.0, 1.0, 4.0, Tag.POLE), box(6.0, 0.2, 0.2, Tag.TRAFFIC_LIGHT)], "both"))
    return library


def cast(caster, static, moving, start, end):
    return caster.cast(static, moving, np.array(start, np.float64), np.array(end, np.float64))


def test_all_things_come_once_in_their_order(library):
    caster = SegmentCaster(library)
    static = place((0, 0, STILL, STILL), (1, 0, (10, 0, 1), STILL))
    moving = place((1, 7, (20, 0, 1), (0, 0, 0.5)), (1, 8, (20, 9, 1), STILL))
    hits = cast(caster, static, moving, (0, 0, 1), (100, 0, -1))
    assert hits.row.tolist() == [1, 2, 0]
    assert hits.tag.tolist() == [Tag.CAR, Tag.CAR, Tag.ROAD]
    # It enters the first car 8 m ahead and leaves it behind without another word.
    slant = np.hypot(100, 2) / 100
    assert hits.distance_m[0] == pytest.approx(8.0 * slant, abs=1e-6)
    assert hits.distance_m[2] == pytest.approx(50.0 * slant, abs=1e-6)


def test_parts_of_different_kind_are_told_apart(library):
    hits = cast(SegmentCaster(library), place((2, 0, STILL, STILL)), NOBODY, (-9, 0, 0), (9, 0, 0))
    assert hits.tag.tolist() == [Tag.TRAFFIC_LIGHT, Tag.POLE]
    assert hits.distance_m.tolist() == pytest.approx([6.0, 8.5])


def test_segments_end_where_they_end_and_need_a_length(library):
    caster, static = SegmentCaster(library), place((0, 0, STILL, STILL))
    assert len(cast(caster, static, NOBODY, (0, 0, 5), (0, 0, 0.01)).row) == 0
    assert len(cast(caster, static, NOBODY, (0, 0, 5), (0, 0, -0.01)).row) == 1
    # From below too: both sides of a face count.
    assert len(cast(caster, static, NOBODY, (0, 0, -5), (0, 0, 5)).row) == 1
    assert len(cast(caster, static, NOBODY, (0, 0, 0), (0, 0, 0)).row) == 0
    assert len(cast(caster, NOBODY, NOBODY, (0, 0, 5), (0, 0, -5)).row) == 0


def test_no_segment_slips_between_two_triangles(library):
    caster, static = SegmentCaster(library), place((0, 0, STILL, STILL))
    for along in np.linspace(-199, 199, 41):
        # The square's diagonal.
        assert len(cast(caster, static, NOBODY, (along, along, 3), (along, along, -3)).row) == 1


def test_meshes_that_come_later_are_met_too(library):
    caster = SegmentCaster(library)
    cast(caster, place((0, 0, STILL, STILL)), NOBODY, (0, 0, 1), (0, 0, -1))
    library.add(box(1.0, 1.0, 1.0, Tag.BUS))
    hits = cast(caster, NOBODY, place((3, 5, (0, 0, 3), STILL)), (0, 0, 9), (0, 0, 0))
    assert hits.tag.tolist() == [Tag.BUS]


def test_the_nearest_thing_is_the_one_that_embree_finds(library):
    rng = np.random.default_rng(5)
    rows = [
        (int(k), 0, tuple(rng.uniform(-30, 30, 3)), tuple(rng.uniform(-3, 3, 3)))
        for k in rng.integers(1, 3, 60)
    ]
    static = place((0, 0, STILL, STILL), *rows)
    scene, caster = RayScene(library), SegmentCaster(library)
    try:
        scene.set_static(static)
        start = rng.uniform(-40, 40, (150, 3))
        along = rng.normal(size=(150, 3))
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        embree = scene.cast(start, along.astype(np.float32), 60.0)
        for k in range(len(start)):
            hits = cast(caster, static, NOBODY, start[k], start[k] + 60.0 * along[k])
            if not len(hits.row):
                assert np.isinf(embree.distance_m[k])
            else:
                assert hits.distance_m[0] == pytest.approx(embree.distance_m[k], abs=2e-3)
                assert hits.tag[0] == embree.tag[k]
    finally:
        scene.close()
