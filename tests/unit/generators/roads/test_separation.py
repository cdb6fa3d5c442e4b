"""Streets that cross at two levels: clearance, the ground, walls, and what stands there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely

from drivegen.core.errors import ConfigError
from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.structures import add_structures, bands_of
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.surfaces import Surface, SurfaceKind, mesh_network
from drivegen.opendrive.triangle_index import TriangleIndex
from drivegen_generators.roads.overpass import Overpass
from drivegen_generators.roads.separation_config import LEAST_CLEARANCE_M
from drivegen_generators.roads.tunnel import Tunnel

TOLERANCE_M = 0.02
HEAD_ROOM_M = 4.0
"""Over pavements too."""
Form = type[Overpass] | type[Tunnel]


def drawn(form: Form, seed: int) -> RoadNetwork:
    return form().generate(derive_rng(seed, "map"), form.__name__)


@pytest.fixture(scope="module", params=[(Overpass, 0), (Overpass, 3), (Tunnel, 0), (Tunnel, 3)])
def site(request: pytest.FixtureRequest) -> tuple[RoadNetwork, tuple[Surface, ...]]:
    network = drawn(*request.param)
    return network, mesh_network(network)


def lane_points(network: RoadNetwork, keep: Callable[[LaneType], bool]) -> np.ndarray:
    geometry = NetworkGeometry(network)
    out = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            s = np.linspace(first + 0.01, last - 0.01, max(3, int(last - first)))
            for lane in section.lanes:
                if lane.id and keep(lane.type):
                    out.append(curve.lane_centre(index, lane.id, s).position_m)
    return np.concatenate(out)


def triangles(surfaces: tuple[Surface, ...], *kinds: SurfaceKind) -> np.ndarray:
    return np.concatenate([s.positions_m[s.triangles].astype(float) for s in surfaces if s.kind in kinds])


def test_vehicles_have_room_above_them(site: tuple[RoadNetwork, tuple[Surface, ...]]) -> None:
    network, surfaces = site
    solid = triangles(surfaces, SurfaceKind.BRIDGE, SurfaceKind.WALL)
    # Turned over, what faces down faces up.
    ceilings = TriangleIndex(solid[:, ::-1])
    points = lane_points(network, lambda kind: kind in (LaneType.DRIVING, LaneType.BIKING))
    found = ceilings.find(points[:, :2], points[:, 2])
    height = ceilings.height(points[:, :2], found)
    over = (found >= 0) & (height > points[:, 2])
    assert over.sum() > 20
    assert (height[over] - points[over, 2]).min() > LEAST_CLEARANCE_M - TOLERANCE_M
    assert (height[over] - points[over, 2]).max() < 8.0


def test_the_ground_goes_under_and_over_but_never_through(
    site: tuple[RoadNetwork, tuple[Surface, ...]],
) -> None:
    network, surfaces = site
    earth = TriangleIndex(triangles(surfaces, SurfaceKind.TERRAIN))
    kinds = (LaneType.DRIVING, LaneType.BIKING, LaneType.SIDEWALK)
    points = lane_points(network, lambda kind: kind in kinds)
    found = earth.find(points[:, :2], slack_m=0.0)
    there = found >= 0
    gap = earth.height(points[there, :2], found[there]) - points[there, 2]
    assert there.sum() > 20
    assert ((gap < -0.01) | (gap > HEAD_ROOM_M)).all()


def test_wheels_and_feet_keep_their_level(site: tuple[RoadNetwork, tuple[Surface, ...]]) -> None:
    network, surfaces = site
    ground = Ground(network, surfaces)
    points = lane_points(network, lambda kind: kind is LaneType.DRIVING)
    for lift in (0.0, 1.0, -0.5):
        found = ground.height_near(points + np.array([0.0, 0.0, lift]))
        assert np.abs(found - points[:, 2]).max() < TOLERANCE_M
    walked = lane_points(network, lambda kind: kind is LaneType.SIDEWALK)
    kerb = ground.height_near(walked) - walked[:, 2]
    assert kerb.min() > -TOLERANCE_M
    assert kerb.max() < 0.15 + TOLERANCE_M


def test_nothing_stands_on_a_lane(site: tuple[RoadNetwork, tuple[Surface, ...]]) -> None:
    network, surfaces = site
    composer = Composer(MeshLibrary())
    ground = Ground(network, surfaces)
    add_structures(composer, network, ground, bands_of(NetworkGeometry(network)))
    points = lane_points(network, lambda kind: kind is not LaneType.MEDIAN)
    pieces = [piece for piece in composer.objects if not piece.name.startswith("Pole_Lamp")]
    names = {piece.name.rsplit("_", 1)[0] for piece in pieces}
    over = names == {"GuardRail_Parapet", "Bridge_Pier"}
    assert over or names == {"Wall_Plinth"}
    tags = {piece.tag for piece in pieces}
    assert tags == ({Tag.GUARD_RAIL, Tag.BRIDGE} if over else {Tag.WALL})
    for piece in pieces:
        half = piece.box.size_m / 2.0
        local = (points - piece.box.pose.position_m) @ piece.box.pose.matrix[:3, :3]
        inside = (np.abs(local[:, :2]) < half[:2]).all(axis=1)
        clear = (points[inside, 2] > piece.box.pose.position_m[2] + half[2]) | (
            points[inside, 2] < piece.box.pose.position_m[2] - half[2] - HEAD_ROOM_M
        )
        assert clear.all(), piece.name


def test_borders_of_decks_and_cuts_are_closed(site: tuple[RoadNetwork, tuple[Surface, ...]]) -> None:
    """On each stretch the left border of one carriageway and the right border of the other are outer ones."""
    network, _ = site
    bands = bands_of(NetworkGeometry(network))
    assert len(bands) == 6
    assert all(band.is_outer == (False, True) for band in bands)
    whole = shapely.union_all([shapely.buffer(band.outline, 0.01) for band in bands])
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0


@pytest.mark.parametrize(
    ("form", "config", "message"),
    [
        (Overpass, {"clearance_m": [3.0, 4.0]}, "clearance_m"),
        (Overpass, {"grade_percent": [4.0, 7.0]}, "steeper than the 5.5 %"),
        (Overpass, {"covered_length_m": [50.0, 60.0]}, "unknown option 'covered_length_m'"),
        (Tunnel, {"covered_length_m": [5.0, 60.0]}, "covered_length_m"),
        (Tunnel, {"lanes": 3}, "lanes=3 must be a whole number"),
    ],
)
def test_bad_configuration(form: Form, config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        form(**config)
    assert message in str(caught.value)
