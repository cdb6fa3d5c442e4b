"""Routes as the Traffic Manager gets them."""

from __future__ import annotations

import carla

from drivegen.core.plans import PlacedPose, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen.record.behaviour import path_of
from drivegen.record.lane_map import LaneMap
from drivegen_generators.roads.beijing_junction import BeijingJunction
from drivegen_generators.vehicles.strips import route_points
from drivegen_generators.vehicles.ways import TURNS, Ways


def test_a_route_is_given_without_its_points_in_junctions() -> None:
    """Lanes cross in a junction; a point there would take a vehicle over to another lane."""
    network = BeijingJunction().generate(derive_rng(1, "map"), "Junction")
    ways = Ways.of(network)
    start = next(i for i in sorted(ways.links.link_of) if any(w.turn is not None for w in ways.over(i)))
    chain, _ = ways.walk(derive_rng(3), start, TURNS, 2000.0)
    pieces = [ways.strips.strips[i] for i in chain]
    route = route_points(pieces, 0.0, pieces[-1].length_m, 5.0)
    first = route[0]
    plan = VehiclePlan(
        blueprint="vehicle.lincoln.mkz_2020",
        color_rgb=(1, 2, 3),
        start=PlacedPose(x_m=first[0], y_m=first[1], z_m=first[2], yaw_rad=0.0),
        speed_difference_percent=0.0,
        following_distance_m=2.0,
        lane_changes=False,
        route=route,
    )
    road = carla.Map("Junction", write_network(network))
    inside = [p for p in route if road.get_waypoint(carla.Location(p[0], -p[1], p[2])).is_junction]
    assert inside, "the route leads over the junction"
    given = path_of(plan, LaneMap(road))
    assert 5 < len(given) < len(route)
    assert not any(road.get_waypoint(point).is_junction for point in given)
