import itertools

import numpy as np
import pytest
import shapely

from drivegen.core.errors import MapError
from drivegen.core.rng import derive_rng
from drivegen.embedded.navigation import detour
from drivegen.embedded.navigation.mesh import build_navigation, file_name
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import Cubic, RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.surfaces import SurfaceKind, mesh_network
from drivegen_generators.roads.beijing_junction import BeijingJunction
from tests.unit.embedded.navigation.checks import (
    CARRIAGEWAY,
    CROSSING,
    PAVEMENT,
    check,
    heights_at,
    plan,
    shapes,
)
from tests.unit.embedded.navigation.detour_file import File, links, read, regions
from tests.unit.embedded.navigation.networks import LANE_M, flyover, network, street


@pytest.fixture(scope="module")
def junction() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(3, "map"), "junction")


@pytest.fixture(scope="module")
def data(junction: RoadNetwork) -> bytes:
    return build_navigation(junction)


@pytest.fixture(scope="module")
def mesh(data: bytes) -> File:
    return read(data)


def _along(network: RoadNetwork, kind: EdgeKind) -> np.ndarray:
    """Points every metre on the centres of pavements or crossings, away from their ends."""
    points = []
    for edge in pavements(network).edges:
        if edge.kind is kind:
            line = shapely.linestrings(edge.centre_m[:, :2])
            for at in np.arange(1.0, shapely.length(line) - 1.0):
                points.append(shapely.get_coordinates(shapely.line_interpolate_point(line, at))[0])
    return np.array(points)


def test_a_junctions_mesh_is_sound(mesh: File) -> None:
    assert len(mesh.tiles) == 1, "from one tile the client draws places evenly"
    check(mesh)
    each = shapes(mesh.polygons())
    assert np.sum(shapely.area(each)) == pytest.approx(plan(mesh.polygons()).area, rel=1e-6), "no overlap"


def test_pavements_are_covered(junction: RoadNetwork, mesh: File) -> None:
    points = _along(junction, EdgeKind.PAVEMENT)
    assert len(points) > 1000
    covered = shapely.contains_xy(plan(mesh.polygons(PAVEMENT)), points[:, 0], points[:, 1])
    beside_crossings = shapely.distance(plan(mesh.polygons(CROSSING)), shapely.points(points)) < 1.0
    assert covered[~beside_crossings].all()


def test_crossings_are_covered_and_reach_both_pavements(junction: RoadNetwork, mesh: File) -> None:
    points = _along(junction, EdgeKind.CROSSING)
    crossing = plan(mesh.polygons(CROSSING))
    assert shapely.contains_xy(crossing, points[:, 0], points[:, 1]).all()
    assert len(shapely.get_parts(crossing)) == 4
    joined = links(mesh)
    polygons = mesh.tiles[0].polygons
    for part in shapely.get_parts(crossing):
        mine = [i for i, p in enumerate(polygons) if p.area == CROSSING and _inside(part, p)]
        beside = {j for i in mine for _, j in joined[0, i] if polygons[j].area == PAVEMENT}
        centres = [polygons[j].corners[:, :2].mean(axis=0) for j in beside]
        apart = max(np.linalg.norm(a - b) for a, b in itertools.combinations(centres, 2))
        assert apart > 25.0, "a pavement at each end"


def _inside(shape: shapely.Geometry, polygon: object) -> bool:
    middle = polygon.corners[:, :2].mean(axis=0)  # type: ignore[attr-defined]
    return bool(shapely.contains_xy(shape, *middle))


def test_everybody_can_walk_everywhere_without_leaving_pavements_and_crossings(mesh: File) -> None:
    assert len(regions(mesh, {PAVEMENT, CROSSING})) == 1
    assert len(regions(mesh, {PAVEMENT, CROSSING, CARRIAGEWAY})) == 1


def test_walkers_keep_half_a_body_from_the_kerb(junction: RoadNetwork, mesh: File) -> None:
    driving = shapely.union_all(
        shapely.polygons(
            np.concatenate(
                [
                    s.positions_m[s.triangles][:, :, :2].astype(float)
                    for s in mesh_network(junction)
                    if s.kind in (SurfaceKind.DRIVING, SurfaceKind.BIKING)
                ]
            )
        )
    )
    assert shapely.distance(plan(mesh.polygons(PAVEMENT)), driving) > 0.2
    across = plan(mesh.polygons(CARRIAGEWAY)).intersection(driving).area / driving.area
    assert across > 0.9, "whoever may cross the road finds a way over it"


def test_heights_are_the_grounds(junction: RoadNetwork, mesh: File) -> None:
    ground = Ground(junction, mesh_network(junction))
    polygons = mesh.polygons()
    inner = np.array([p.corners.mean(axis=0) for p in polygons])
    wrong = np.abs(heights_at(polygons, inner[:, :2]) - ground.height(inner[:, :2])[0])
    kinds = np.array([p.area for p in polygons])
    # Carriageways hang between the pavements' edges; slopes at dropped kerbs are finer than the mesh.
    assert wrong.max() < 0.16
    assert wrong[kinds == PAVEMENT].max() < 0.1
    assert np.quantile(wrong[kinds == PAVEMENT], 0.97) < 0.02


def test_the_same_network_gives_the_same_bytes(data: bytes) -> None:
    again = BeijingJunction().generate(derive_rng(3, "map"), "junction")
    assert build_navigation(again) == data


def test_without_pavements_there_is_no_mesh() -> None:
    assert build_navigation(network(street(pavement_m=0.0))) == b""
    assert build_navigation(network()) == b""


def test_a_narrow_pavement_is_kept() -> None:
    mesh = read(build_navigation(network(street(pavement_m=0.5))))
    check(mesh)
    pavement = plan(mesh.polygons(PAVEMENT))
    for side in (1.0, -1.0):
        middle = shapely.LineString([(1.0, side * (LANE_M + 0.25)), (99.0, side * (LANE_M + 0.25))])
        assert pavement.contains(middle)


def test_a_scrap_of_pavement_is_nowhere_to_send_anybody() -> None:
    scrap = street(2, (50.0, 40.0, 0.0), 1.0)
    mesh = read(build_navigation(network(street(), scrap)))
    assert plan(mesh.polygons(PAVEMENT)).bounds[3] < 10.0


def test_a_crossing_joins_both_sides() -> None:
    apart = read(build_navigation(network(street())))
    assert len(regions(apart, {PAVEMENT, CROSSING})) == 2
    joined = read(build_navigation(network(street(crossings_at_m=(50.0,)))))
    check(joined)
    assert len(regions(joined, {PAVEMENT, CROSSING})) == 1
    crossing = plan(joined.polygons(CROSSING))
    low_x, low_y, high_x, high_y = crossing.bounds
    assert (low_x, high_x) == pytest.approx((48.3, 51.7), abs=0.02)
    assert (low_y, high_y) == pytest.approx((-LANE_M - 0.3, LANE_M + 0.3), abs=0.02)


def test_heights_follow_a_hill() -> None:
    hill = (Cubic(s_m=0.0, a=2.0, b=0.08, c=-0.0008),)
    mesh = read(build_navigation(network(street(elevations=hill, crossings_at_m=(30.0,)))))
    check(mesh)
    for x in (5.0, 50.0, 90.0):
        z = 2.0 + 0.08 * x - 0.0008 * x * x
        found = heights_at(mesh.polygons(PAVEMENT), np.array([[x, LANE_M + 1.5], [x, -LANE_M - 1.5]]))
        assert found == pytest.approx(z + 0.15, abs=0.02)
    middle = heights_at(mesh.polygons(CROSSING), np.array([[30.0, 0.0]]))
    assert middle == pytest.approx(2.0 + 0.08 * 30 - 0.0008 * 900, abs=0.02), "kerbs are dropped there"


def test_a_bridge_is_not_joined_to_what_it_passes_over() -> None:
    mesh = read(build_navigation(flyover()))
    check(mesh)
    assert len(mesh.tiles) > 4
    every = regions(mesh, {PAVEMENT, CROSSING, CARRIAGEWAY})
    assert len(every) == 2
    levels = [{z for key in region for z in _corners(mesh, key)[:, 2].round(2)} for region in every]
    assert sorted(max(level) for level in levels) == [0.15, 6.15]
    for region in every:
        corners = np.concatenate([_corners(mesh, key) for key in region])
        assert np.ptp(corners[:, :2], axis=0).max() == pytest.approx(200.0, abs=1.0), "from end to end"
    for tile in mesh.tiles:
        assert any(p.area == PAVEMENT for p in tile.polygons), "or the client could draw no place there"


def _corners(mesh: File, key: tuple[int, int]) -> np.ndarray:
    return mesh.tiles[key[0]].polygons[key[1]].corners


def test_too_many_polygons_are_refused(monkeypatch: pytest.MonkeyPatch, junction: RoadNetwork) -> None:
    monkeypatch.setattr(detour, "_REFERENCE_BITS", 6)
    with pytest.raises(MapError, match="too many for a walkers' mesh"):
        build_navigation(junction)


def test_a_file_is_named_by_its_content() -> None:
    name = file_name("Yizhuang01", "<OpenDRIVE/>")
    assert name == file_name("Yizhuang01", "<OpenDRIVE/>")
    assert name != file_name("Yizhuang01", "<OpenDRIVE />")
    assert name.startswith("Carla/Maps/Nav/Yizhuang01-")
