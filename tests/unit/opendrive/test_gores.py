"""Chevrons fill gores and keep inside them; bold broken lines have dashes of their own."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import shapely

from drivegen.opendrive.model import CornerLocal, LaneType, RoadMark, RoadNetwork, RoadObject
from drivegen.opendrive.surfaces import SurfaceKind, mesh_network
from tests.unit.opendrive.roads import lane, one_road

TIP, BASE, HALF_M = 20.0, 50.0, 3.0


def with_gore(turned: bool) -> RoadNetwork:
    network = one_road(lanes=(lane(-1, LaneType.DRIVING, 12.0),))
    length = BASE - TIP
    gore = RoadObject(
        id="7",
        name="Gore_Chevrons",
        type="roadMark",
        s_m=BASE if turned else TIP,
        t_m=-6.0,
        heading_rad=math.pi if turned else 0.0,
        outline=tuple(
            CornerLocal(u_m=u, v_m=v) for u, v in ((0.0, 0.0), (length, HALF_M), (length, -HALF_M))
        ),
    )
    (road,) = network.roads
    return dataclasses.replace(network, roads=(dataclasses.replace(road, objects=(gore,)),))


def painted(network: RoadNetwork) -> shapely.Geometry:
    triangles = [
        s.positions_m[s.triangles][:, :, :2] for s in mesh_network(network) if s.kind is SurfaceKind.MARKING
    ]
    return shapely.union_all(shapely.polygons(np.concatenate(triangles).astype(float)), grid_size=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_chevrons_lie_in_the_gore_and_point_at_its_tip(turned: bool) -> None:
    paint = painted(with_gore(turned))
    tip, base = (BASE, TIP) if turned else (TIP, BASE)
    gore = shapely.Polygon([(tip, -6.0), (base, -6.0 + HALF_M), (base, -6.0 - HALF_M)])
    assert shapely.area(shapely.difference(paint, gore)) < 0.01
    # 0.45 m of paint in every 1.45 m.
    assert shapely.area(paint) / shapely.area(gore) == pytest.approx(0.45 / 1.45, rel=0.08)
    toward = 1.0 if turned else -1.0
    corners = [shapely.get_coordinates(stripe).T for stripe in shapely.get_parts(paint)]
    whole = [(x, y) for x, y in corners if np.ptp(y) > 3.0]
    assert len(whole) > 4
    for x, y in whole:
        outer = x[[np.argmax(y), np.argmin(y)]]
        assert (toward * (x[np.argmax(toward * x)] - outer) > 1.0).all()


def test_bold_broken_lines_have_short_dashes() -> None:
    network = one_road(lanes=(lane(-1, LaneType.DRIVING, 3.5), lane(-2, LaneType.DRIVING, 3.5)))
    mark = RoadMark(s_offset_m=0.0, type="broken", color="white", width_m=0.45, weight="bold")
    (road,) = network.roads
    (section,) = road.lane_sections
    lanes = tuple(dataclasses.replace(v, road_marks=(mark,)) if v.id == -1 else v for v in section.lanes)
    section = dataclasses.replace(section, lanes=lanes)
    network = dataclasses.replace(network, roads=(dataclasses.replace(road, lane_sections=(section,)),))
    dashes = shapely.get_parts(painted(network))
    bounds = shapely.bounds(dashes)
    assert np.allclose(np.sort(bounds[:, 0])[:5], [0.0, 6.0, 12.0, 18.0, 24.0], atol=0.01)
    assert np.allclose((bounds[:, 2] - bounds[:, 0])[bounds[:, 2] < 99.0], 3.0, atol=0.01)
    assert np.allclose(bounds[:, 3] - bounds[:, 1], 0.45, atol=0.01)
