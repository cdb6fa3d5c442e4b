"""The mesh follows the roads, has no holes, and paint lies on it."""

import numpy as np
import pytest
import shapely

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import DRIVABLE, Cubic, LaneType, RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.surfaces import Surface, SurfaceKind, mesh_network
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, long_box, object_outline
from drivegen.opendrive.surfaces.paint import LIFT_M
from drivegen.opendrive.surfaces.triangulate import triangulate
from drivegen.opendrive.triangle_index import TriangleIndex
from tests.unit.opendrive.roads import lane, one_road

FLAT = (SurfaceKind.DRIVING, SurfaceKind.SHOULDER, SurfaceKind.BIKING, SurfaceKind.PARKING)
PAINT = (SurfaceKind.MARKING, SurfaceKind.CROSSWALK, SurfaceKind.STOP_LINE)


def corners_of(surfaces: tuple[Surface, ...], *kinds: SurfaceKind) -> np.ndarray:
    return np.concatenate([s.positions_m[s.triangles].astype(float) for s in surfaces if s.kind in kinds])


def lane_centres(network: RoadNetwork, *, inside: bool | None = None) -> np.ndarray:
    """Points on driving lanes, of roads inside junctions, outside, or both."""
    geometry = NetworkGeometry(network)
    out = []
    for road in network.roads:
        if inside is not None and inside != (road.junction is not None):
            continue
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            for item in section.lanes:
                if item.id and item.type in DRIVABLE and last - first > 0.5:
                    stations = np.linspace(first, last, max(3, int(last - first)))
                    points = curve.lane_centre(index, item.id, stations)
                    out.append(points.position_m[points.width_m > 0.2])
    return np.concatenate(out)


def test_surfaces_are_well_formed(surfaces: tuple[Surface, ...]) -> None:
    kinds = [s.kind for s in surfaces]
    assert len(set(kinds)) == len(kinds)
    built = {SurfaceKind.BRIDGE, SurfaceKind.WALL}
    wanted = {*FLAT, *PAINT, *SurfaceKind} - {SurfaceKind.SHOULDER, SurfaceKind.PARKING} - built
    assert wanted <= set(kinds)
    for s in surfaces:
        count = len(s.positions_m)
        assert s.positions_m.dtype == s.normals.dtype == s.uvs.dtype == np.float32
        assert s.normals.shape == s.colors.shape == (count, 3)
        assert s.uvs.shape == (count, 2)
        assert s.triangles.min() == 0
        assert s.triangles.max() == count - 1
        assert np.isfinite(s.positions_m).all()
        assert np.linalg.norm(s.normals, axis=1) == pytest.approx(1.0, abs=1e-4)
        assert s.colors.dtype == np.uint8


@pytest.mark.parametrize(
    "kind", [*FLAT, *PAINT, SurfaceKind.SIDEWALK, SurfaceKind.MEDIAN, SurfaceKind.TERRAIN]
)
def test_floors_face_up(surfaces: tuple[Surface, ...], kind: SurfaceKind) -> None:
    for s in surfaces:
        if s.kind is kind:
            corners = s.positions_m[s.triangles].astype(float)
            normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            assert (normal[:, 2] > 0.0).all()


def test_same_network_same_mesh(junction: RoadNetwork, surfaces: tuple[Surface, ...]) -> None:
    for a, b in zip(surfaces, mesh_network(junction), strict=True):
        for name in ("positions_m", "normals", "uvs", "triangles", "colors"):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


def test_no_gap_under_the_traffic(junction: RoadNetwork, ground: Ground) -> None:
    centres = lane_centres(junction)
    sides = np.concatenate([centres + np.array([dx, dy, 0.0]) for dx in (-0.9, 0.9) for dy in (-0.9, 0.9)])
    assert ground.on_driving_lane(centres[:, :2]).all()
    assert ground.on_driving_lane(sides[:, :2]).mean() > 0.999
    height, normal = ground.height(centres[:, :2])
    assert height == pytest.approx(0.0, abs=1e-5)
    assert normal[:, 2] == pytest.approx(1.0)


def test_every_place_has_exactly_one_floor(surfaces: tuple[Surface, ...]) -> None:
    """Random points near the middle: one upward triangle each, but for the overlap of 1 cm at seams."""
    kinds = (*FLAT, SurfaceKind.SIDEWALK, SurfaceKind.MEDIAN, SurfaceKind.TERRAIN, SurfaceKind.KERB)
    corners = corners_of(surfaces, *kinds)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    corners = corners[normal[:, 2] > 0.3 * np.linalg.norm(normal, axis=1)]
    near = (np.abs(corners[:, :, :2]).min(axis=(1, 2)) < 90.0) & (np.ptp(corners, axis=1).max(axis=1) < 400.0)
    triangles = shapely.polygons(corners[near][:, :, :2])
    points = np.random.default_rng(3).uniform(-75.0, 75.0, (4000, 2))
    hit, _ = shapely.STRtree(triangles).query(shapely.points(points), predicate="intersects")
    hits = np.bincount(hit, minlength=len(points))
    assert (hits >= 1).all()
    assert (hits == 1).mean() > 0.99


def test_pavements_stand_above_and_drop_at_crossings(junction: RoadNetwork, ground: Ground) -> None:
    geometry = NetworkGeometry(junction)
    curve = geometry.curve(1)
    pavement = curve.road.lane_sections[0].right[-1]
    assert pavement.type is LaneType.SIDEWALK
    along = curve.lane_centre(0, pavement.id, np.linspace(10.0, 100.0, 50)).position_m
    assert ground.height(along[:, :2])[0] == pytest.approx(KERB_HEIGHT_M, abs=1e-5)
    zebra = curve.road.objects[0]
    centre, axis, _, half, _ = long_box(object_outline(geometry, 1, zebra))
    for side in (-1.0, 1.0):
        beyond = centre + side * (half + np.array([0.3, 1.0, 1.5, 2.6]))[:, None] * axis
        height = ground.height(beyond)[0]
        assert height[0] == pytest.approx(0.0, abs=0.01)
        assert np.all(np.diff(height) > -1e-6)
        assert height[3] == pytest.approx(KERB_HEIGHT_M, abs=0.01)


def test_paint_lies_just_above_the_floor(surfaces: tuple[Surface, ...]) -> None:
    floor = TriangleIndex(corners_of(surfaces, *FLAT))
    for kind in PAINT:
        corners = corners_of(surfaces, kind)
        points = np.concatenate([corners.mean(axis=1), corners[:, 0], corners[:, 1], corners[:, 2]])
        found = floor.find(points[:, :2], points[:, 2])
        assert (found >= 0).all()
        gap = points[:, 2] - floor.height(points[:, :2], found)
        assert gap == pytest.approx(LIFT_M, abs=1e-4)


def test_broken_lines_have_their_length() -> None:
    lanes = (lane(-1, LaneType.DRIVING, 3.5, "broken"), lane(-2, LaneType.DRIVING, 3.5))
    marking = next(
        s for s in mesh_network(one_road(lanes=lanes, length_m=60.0)) if s.kind is SurfaceKind.MARKING
    )
    corners = marking.positions_m[marking.triangles].astype(float)
    plan = shapely.union_all(shapely.polygons(corners[:, :, :2]), grid_size=1e-3)
    dashes = shapely.get_parts(plan)
    assert len(dashes) == 10
    assert shapely.area(dashes) == pytest.approx(2.0 * 0.15, abs=2e-3)


def test_slope_and_hill_are_followed() -> None:
    rising = (Cubic(s_m=0.0, a=2.0, b=0.03, c=0.0004),)
    lanes = (lane(-1, LaneType.DRIVING, 3.5), lane(-2, LaneType.SIDEWALK, 2.0))
    network = one_road(lanes=lanes, elevations=rising)
    ground = Ground(network, mesh_network(network))
    s = np.linspace(0.5, 99.5, 200)
    height, normal = ground.height(np.column_stack([s, np.full_like(s, -1.75)]))
    assert height == pytest.approx(2.0 + 0.03 * s + 0.0004 * s**2, abs=0.006)
    assert -normal[:, 0] / normal[:, 2] == pytest.approx(0.03 + 0.0008 * s, abs=0.01)
    beside = ground.height(np.column_stack([s, np.full_like(s, 0.05)]))[0]
    assert beside == pytest.approx(height, abs=0.1)


def test_triangulation_covers_exactly_the_shape() -> None:
    shape = shapely.Point(0.3, 0.2).buffer(20.0).difference(shapely.Point(3.0, 3.0).buffer(5.0))
    xy, triangles = triangulate(shape, 3.0)
    a, b, c = (xy[triangles[:, k]] for k in range(3))
    area = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert area.min() > 0.0
    assert area.sum() == pytest.approx(shape.area, rel=1e-9)


def test_towns_are_followed(town: tuple[str, str]) -> None:
    name, text = town
    network = read_network(text, name)
    ground = Ground(network, mesh_network(network))
    on_roads, in_junctions = lane_centres(network, inside=False), lane_centres(network, inside=True)
    for centres in (on_roads, in_junctions):
        assert ground.on_driving_lane(centres[:, :2]).mean() > 0.999
    error = np.abs(ground.height_near(on_roads) - on_roads[:, 2])
    assert np.quantile(error, 0.999) < 0.01
    # Overlapping connecting roads of towns differ in height, since superelevation is ignored.
    error = np.abs(ground.height_near(in_junctions) - in_junctions[:, 2])
    assert np.quantile(error, 0.95) < 0.05
    assert error.max() < 0.5
