import numpy as np
import pytest
from shapely.geometry import MultiPoint, Polygon

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box
from drivegen.embedded.assets.scenery import street
from drivegen.embedded.assets.scenery.trees import PLANE, make_tree
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.dynamics.solids import MOST_CORNERS, box_solid, hull, single_solid, solids_of
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary

GREY = Finish((120, 120, 120), Material.MATTE, Tag.STATIC)


def _mesh(*boxes: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Mesh:
    out = Sculpture()
    for size, centre in boxes:
        out.add(box(size, centre), GREY)
    return out.mesh("boxes")


def test_a_box_is_its_own_plan() -> None:
    (solid,) = solids_of(_mesh(((2.0, 1.0, 1.2), (0.5, 0.0, 0.6))))
    assert (
        Polygon(solid.corners_m).symmetric_difference(Polygon.from_bounds(-0.5, -0.5, 1.5, 0.5)).area < 1e-6
    )
    assert (solid.low_m, solid.high_m) == pytest.approx((0.0, 1.2))
    assert solid.tag is Tag.STATIC


def test_what_hangs_high_or_lies_low_is_not_solid() -> None:
    assert solids_of(_mesh(((4.0, 0.2, 0.2), (0.0, 0.0, 3.0)))) == ()
    assert solids_of(_mesh(((4.0, 2.0, 0.15), (0.0, 0.0, 0.075)))) == ()


def test_a_mast_is_solid_only_where_it_stands() -> None:
    library = MeshLibrary()
    lamp = street.make_lamp(library, 9.5, 2.2, 1.0, "lamp")
    (post,) = solids_of(library.meshes[lamp])
    assert np.abs(post.corners_m).max() < 0.13, "neither its arms nor its flange"
    assert post.high_m > 8.0
    assert post.tag is Tag.POLE


def test_a_tree_is_solid_only_at_its_trunk() -> None:
    library = MeshLibrary()
    tree = make_tree(library, PLANE, np.random.default_rng(1), "tree")
    (trunk,) = solids_of(library.meshes[tree])
    assert 0.3 < np.ptp(trunk.corners_m, axis=0).max() < 0.6
    assert len(trunk.corners_m) <= MOST_CORNERS


def test_parts_stand_for_themselves_and_small_ones_within_larger() -> None:
    railing = _mesh(((3.0, 0.04, 0.05), (0, 0, 0.96)), ((0.03, 0.03, 0.7), (0.4, 0, 0.6)))
    (field,) = solids_of(railing)
    assert np.ptp(field.corners_m, axis=0) == pytest.approx([3.0, 0.04], abs=1e-6)
    assert field.low_m == pytest.approx(0.25), "the bar reaches lower than the rail"
    gate = _mesh(
        ((0.2, 0.2, 2.0), (0, -2, 1.0)), ((0.2, 0.2, 2.0), (0, 2, 1.0)), ((0.2, 4.2, 0.2), (0, 0, 2.7))
    )
    assert len(solids_of(gate)) == 2, "one can walk through"


def test_hulls_hold_their_points_with_few_corners() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        points = rng.normal(size=(40, 2))
        got, whole = hull(points), MultiPoint(points).convex_hull
        assert 3 <= len(got) <= MOST_CORNERS
        assert Polygon(got).exterior.is_ccw
        assert whole.buffer(1e-5).contains(Polygon(got))
        assert Polygon(got).area > 0.85 * whole.area


@pytest.mark.parametrize("points", [[(0, 0), (2, 1)], [(1, 1)], [(0, 0), (1, 1), (2, 2)]])
def test_what_has_no_thickness_gets_some(points: list[tuple[float, float]]) -> None:
    got = Polygon(hull(np.array(points, np.float64)))
    assert got.is_valid
    assert got.exterior.is_ccw
    assert 5e-5 < got.area < 0.05


def test_several_become_one() -> None:
    one = single_solid([box_solid(0.5, 0.5, 1.0, Tag.STATIC), box_solid(1.0, 0.2, 2.0, Tag.STATIC)])
    assert np.ptp(one.corners_m, axis=0) == pytest.approx([2.0, 1.0])
    assert one.high_m == 2.0
    with pytest.raises(ValueError, match="no solids"):
        single_solid([])
