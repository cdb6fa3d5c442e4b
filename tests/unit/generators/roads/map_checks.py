"""What every generated map must be, asked of the real client and of our own evaluator."""

from __future__ import annotations

from collections.abc import Iterator

import carla
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.surfaces import mesh_network
from drivegen.opendrive.topology import LaneRef, Topology
from tests.unit.opendrive.test_evaluate import TOLERANCE_M, compare


def check_with_client(network: RoadNetwork, text: str) -> carla.Map:
    """Finite waypoints along every driving lane, each of which leads on; crossings are read."""
    town = carla.Map(network.name, text)
    waypoints = town.generate_waypoints(3.0)
    poses = np.array(
        [
            (at.location.x, at.location.y, at.location.z, at.rotation.yaw, w.lane_width)
            for w in waypoints
            for at in (w.transform,)
        ]
    )
    assert len(poses)
    assert np.isfinite(poses).all()
    sampled = {(w.road_id, w.section_id, w.lane_id) for w in waypoints}
    assert sampled == {(v.road_id, v.section, v.lane_id) for v in driving_lanes(network)}
    assert [(w.road_id, w.lane_id, w.s) for w in waypoints if not w.next(2.0)] == []
    wanted = sum(o.type == "crosswalk" for road in network.roads for o in road.objects)
    assert len(town.get_crosswalks()) == 5 * wanted
    return town


def check_agreement(network: RoadNetwork, text: str, per_lane: int = 3) -> None:
    """Our lanes lie where the client's do."""
    count, largest = compare(network, text, per_lane)
    assert count > 50
    assert largest < TOLERANCE_M


def check_mesh(network: RoadNetwork) -> None:
    """There is driving surface at the right height under every driving lane."""
    surfaces = mesh_network(network)
    assert all(np.isfinite(s.positions_m).all() for s in surfaces)
    ground = Ground(network, surfaces)
    centres = np.concatenate(list(_lane_centres(network)))
    assert ground.on_driving_lane(centres[:, :2]).all()
    assert np.abs(ground.height_near(centres) - centres[:, 2]).max() < TOLERANCE_M
    above = ground.height(centres[:, :2])[0] - centres[:, 2] > TOLERANCE_M
    assert bool(above.any()) == any(road.structures for road in network.roads)


def _lane_centres(network: RoadNetwork) -> Iterator[np.ndarray]:
    geometry = NetworkGeometry(network)
    for lane in driving_lanes(network):
        curve = geometry.curve(lane.road_id)
        first, last = curve.section_range(lane.section)
        stations = np.linspace(first + 0.05, last - 0.05, max(3, int(last - first)))
        points = curve.lane_centre(lane.section, lane.lane_id, stations)
        yield points.position_m[points.width_m > 0.2]


def check_strongly_connected(network: RoadNetwork) -> None:
    """From every driving lane every other is reached, by lane changes only where the lines are broken."""
    lanes = driving_lanes(network)
    number = {lane: i for i, lane in enumerate(lanes)}
    topology = Topology(network)
    pairs = [(number[a], number[b]) for a in lanes for b in topology.successors(a) if b in number]
    for road in network.roads:
        for index, section in enumerate(road.lane_sections):
            for lane in section.right:
                here = LaneRef(road_id=road.id, section=index, lane_id=lane.id)
                beside = LaneRef(road_id=road.id, section=index, lane_id=lane.id - 1)
                broken = any(m.type == "broken" and m.lane_change == "both" for m in lane.road_marks)
                if here in number and beside in number and broken:
                    pairs += [(number[here], number[beside]), (number[beside], number[here])]
    rows, columns = np.array(pairs).T
    graph = coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(lanes), len(lanes)))
    parts, label = connected_components(graph, connection="strong")
    assert parts == 1, [lane for lane in lanes if label[number[lane]] != label[0]]


def driving_lanes(network: RoadNetwork) -> list[LaneRef]:
    return [
        LaneRef(road_id=road.id, section=index, lane_id=lane.id)
        for road in network.roads
        for index, section in enumerate(road.lane_sections)
        for lane in section.lanes
        if lane.type is LaneType.DRIVING and lane.id != 0
    ]


def check_dialect(network: RoadNetwork) -> None:
    """What the client needs of a file beyond the standard."""
    ids = [item.id for road in network.roads for item in (*road.objects, *road.signals)]
    assert all(i.isdigit() for i in ids)
    assert len(ids) == len(set(ids))
    assert len({road.id for road in network.roads}) == len(network.roads)
    assert "+lat_0=" in network.geo_reference
    inside = [road for road in network.roads if road.junction is not None]
    connected = [c.connecting_road for j in network.junctions for c in j.connections]
    assert sorted(connected) == sorted(road.id for road in inside)
    for road in inside:
        assert all(v.type is not LaneType.DRIVING for s in road.lane_sections for v in s.left)
    lights = {s.id for road in network.roads for s in road.signals if s.type == "1000001"}
    grouped = [s for c in network.controllers for s in c.signal_ids]
    assert sorted(grouped) == sorted(lights)
    referred = {r.signal_id for road in network.roads for r in road.signal_references}
    assert referred == lights
