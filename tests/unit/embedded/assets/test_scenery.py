from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import build_scenery
from drivegen.embedded.assets.surfaces import LOOKS, surface_meshes
from drivegen.embedded.drawables import LIGHT_STREET_LAMP
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import DRIVABLE, LaneType
from drivegen.opendrive.pavements import EdgeKind, pavements
from drivegen.opendrive.surfaces import SurfaceKind, mesh_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

from .meshes import check_mesh, mesh_bytes

STANDING_BELOW_M = 2.6
"""What hangs higher than this (crowns, arms of lamps) may reach over a lane."""


class Built:
    def __init__(self):
        self.network = BeijingJunction(arm_length_m=100.0).generate(derive_rng(5, "road"), "junction")
        self.surfaces = mesh_network(self.network)
        self.ground = Ground(self.network, self.surfaces)
        self.library = MeshLibrary()
        self.scenery = build_scenery(self.network, self.surfaces, self.library, 3, self.ground)


@pytest.fixture(scope="module")
def built():
    return Built()


def standing_points(built):
    """(x, y) of the low vertices of everything but the ground, thinned, with the mesh's name."""
    drawables = built.scenery.drawables
    for index, matrix in zip(drawables.mesh_index, drawables.world_mesh, strict=True):
        mesh = built.library.meshes[index]
        if mesh.name.startswith("ground/"):
            continue
        low = mesh.positions_m[mesh.positions_m[:, 2] < STANDING_BELOW_M]
        low = low[:: max(len(low) // 60, 1)]
        yield mesh.name, low @ matrix[:3, :3].T + matrix[:3, 3]


def lane_samples(built, types):
    """(centre, half width) every metre of all lanes of some types."""
    geometry = NetworkGeometry(built.network)
    for road in built.network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 0.5:
                continue
            s = np.arange(first, last, 1.0)
            for lane in section.lanes:
                if lane.type in types and lane.id:
                    points = curve.lane_centre(index, lane.id, s)
                    yield points.position_m[:, :2], points.width_m / 2


def nearest_share(points, tree, halves):
    """Distance of points to the nearest lane sample, over half the lane's width."""
    distance, k = tree.query(points[:, :2], distance_upper_bound=6.0)
    inside = np.isfinite(distance)
    out = np.full(len(points), np.inf)
    out[inside] = distance[inside] / np.maximum(halves[k[inside]], 0.1)
    return out


@pytest.mark.parametrize("types", [DRIVABLE, {LaneType.BIKING}], ids=["driving", "bicycle"])
def test_nothing_stands_on_lanes(built, types):
    samples = list(lane_samples(built, types))
    centres, halves = np.concatenate([c for c, _ in samples]), np.concatenate([h for _, h in samples])
    keep = halves > 0.8
    tree = cKDTree(centres[keep])
    for name, points in standing_points(built):
        assert nearest_share(points, tree, halves[keep]).min() > 0.97, name


def test_nobody_bumps_into_things_on_pavements_and_crossings(built):
    ways = pavements(built.network)
    walked = []
    for edge in ways.edges:
        centre = edge.centre_m[:, :2]
        length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(centre, axis=0), axis=1))])
        s = np.arange(0.0, length[-1], 0.5)
        line = np.stack([np.interp(s, length, centre[:, k]) for k in (0, 1)], axis=1)
        half = edge.width_m / 2 if edge.kind == EdgeKind.CROSSING else 0.0
        walked.append((line, half))
    tree = cKDTree(np.concatenate([line for line, _ in walked]))
    for name, points in standing_points(built):
        low = points[points[:, 2] < 2.2]
        if len(low):
            assert nearest_share(low, tree, np.full(tree.n, 0.5)).min() > 1.0, name


def test_buildings_keep_their_distance_to_all_that_is_paved(built):
    paved = [s for s in built.surfaces if s.kind not in (SurfaceKind.TERRAIN, SurfaceKind.KERB)]
    points = np.concatenate([s.positions_m[:, :2] for s in paved])
    for item in built.scenery.objects:
        if item.tag == Tag.BUILDING:
            local = (points - item.pose.position_m[:2]) @ item.pose.rotation[:2, :2]
            middle = (item.box.pose.position_m - item.pose.position_m) @ item.pose.rotation
            outside = np.abs(local - middle[:2]) - item.box.size_m[:2] / 2
            assert np.max(outside, axis=1).min() > 2.0, item.name


def test_objects_are_boxed_and_numbered(built):
    objects = built.scenery.objects
    assert [o.id for o in objects] == list(range(1, len(objects) + 1))
    assert len({o.name for o in objects}) == len(objects)
    drawables = built.scenery.drawables
    rows = [
        (i, m)
        for i, m in zip(drawables.mesh_index, drawables.world_mesh, strict=True)
        if not built.library.meshes[i].name.startswith("ground/")
    ]
    assert len(rows) == len(objects)
    for (index, matrix), item in zip(rows[::7], objects[::7], strict=True):
        points = built.library.meshes[index].positions_m @ matrix[:3, :3].T + matrix[:3, 3]
        assert np.all(item.box.contains(points, 2e-3)), item.name
        assert not np.all(item.box.contains(points, -5e-3)), item.name


def test_a_street_has_all_that_belongs_to_it(built):
    count = {}
    for item in built.scenery.objects:
        kind = item.name.rsplit("_", 1)[0]
        count[kind] = count.get(kind, 0) + 1
    assert count["Vegetation_Tree"] > 80 and count["Pole_Lamp"] > 16 and count["Fence_Railing"] > 100
    assert sum(v for k, v in count.items() if k.startswith("Building")) > 60
    assert {"Pole_Bollard", "Static_Bin", "Vegetation_Hedge", "Static_BusStop"} <= set(count)
    lights = built.scenery.drawables.lights
    assert np.count_nonzero(lights) == count["Pole_Lamp"]
    assert set(lights) == {0, LIGHT_STREET_LAMP}


def test_the_horizon_is_closed(built):
    """From the middle, looking a little upward, building or tree is met in most directions."""
    hit = np.zeros(360, bool)
    for item in built.scenery.objects:
        if item.box.size_m[2] > 5.0:
            corners = item.box.corners_m()[:, :2]
            angle = np.degrees(np.arctan2(corners[:, 1], corners[:, 0]))
            if np.ptp(angle) < 180:
                hit[np.arange(int(np.floor(angle.min())), int(np.ceil(angle.max())) + 1) % 360] = True
    assert hit.mean() > 0.97


def test_trees_and_houses_stand_on_the_ground(built):
    feet = np.array(
        [o.pose.position_m for o in built.scenery.objects if o.name.startswith("Vegetation_Tree")]
    )
    z, _ = built.ground.height(feet[:, :2])
    assert np.allclose(feet[:, 2], z, atol=0.02)


def test_the_whole_scene_is_light_enough_and_sound(built):
    triangles = np.array([len(m.triangles) for m in built.library.meshes])
    assert triangles[built.scenery.drawables.mesh_index].sum() < 500_000
    for mesh in built.library.meshes:
        if not mesh.name.startswith("ground/"):
            check_mesh(mesh)


def test_equal_seeds_give_equal_scenes_and_others_do_not(built):
    def bytes_of(library, scenery):
        parts = [mesh_bytes(m) for m in library.meshes]
        d = scenery.drawables
        return b"".join([*parts, d.mesh_index.tobytes(), d.world_mesh.tobytes(), d.lights.tobytes()])

    again, other = MeshLibrary(), MeshLibrary()
    same = build_scenery(built.network, built.surfaces, again, 3, built.ground)
    differs = build_scenery(built.network, built.surfaces, other, 4, built.ground)
    assert bytes_of(again, same) == bytes_of(built.library, built.scenery)
    assert bytes_of(other, differs) != bytes_of(built.library, built.scenery)


def test_ground_meshes_are_all_surfaces_in_tiles(built):
    meshes = surface_meshes(built.surfaces)
    assert sum(len(m.triangles) for m in meshes) == sum(len(s.triangles) for s in built.surfaces)
    assert sum(len(m.triangles) for m in meshes) < 60_000
    area = {}
    for mesh in meshes:
        p = mesh.positions_m[mesh.triangles].astype(np.float64)
        size = np.linalg.norm(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), axis=1) / 2
        for tag in np.unique(mesh.tags):
            chosen = mesh.tags[mesh.triangles[:, 0]] == tag
            area[int(tag)] = area.get(int(tag), 0.0) + size[chosen].sum()
    expected = {}
    for surface in built.surfaces:
        p = surface.positions_m[surface.triangles].astype(np.float64)
        size = np.linalg.norm(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), axis=1).sum() / 2
        tag = int(LOOKS[surface.kind][1])
        expected[tag] = expected.get(tag, 0.0) + size
    assert area == pytest.approx(expected)
    assert {int(Tag.ROAD), int(Tag.SIDEWALK), int(Tag.ROAD_LINE), int(Tag.TERRAIN)} == set(area)
    roads = [m for m in meshes if np.any(m.materials == int(Material.ASPHALT))]
    assert all(np.ptp(m.positions_m[:, :2], axis=0).max() < 130.0 for m in roads)
