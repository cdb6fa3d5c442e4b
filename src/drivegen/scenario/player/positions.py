"""What the standard's positions mean on a road network (ASAM OpenSCENARIO XML 1.3, 6.3 and 7.3)."""

from __future__ import annotations

import math
from collections.abc import Callable

from drivegen.core.errors import MapError, ScenarioError
from drivegen.scenario.model.names import ReferenceContext, RouteStrategy
from drivegen.scenario.model.positions import (
    GeoPosition,
    LanePosition,
    Orientation,
    Position,
    PositionInLaneCoordinates,
    PositionInRoadCoordinates,
    RelativeLanePosition,
    RelativeObjectPosition,
    RelativeRoadPosition,
    RelativeWorldPosition,
    RoadPosition,
    RoutePosition,
    TrajectoryPosition,
    WorldPosition,
)
from drivegen.scenario.model.routing import Route, Trajectory
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.courses import Courses
from drivegen.scenario.player.curves import Curve
from drivegen.scenario.player.placed import Placed
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.distances import relative_lane
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.routes import RoadRoute, choice_of
from drivegen.scenario.player.roads.spot import Pose, Spot
from drivegen.scenario.player.roads.walk import Choice
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.parts import GeoPosition as MapPoint


class Places:
    """Finds positions; the bodies are those of the scenario, by name."""

    def __init__(self, roads: Roads, body: Callable[[str], Body]) -> None:
        self._roads = roads
        self._body = body
        self._projection: MapProjection | None = None
        self._courses = Courses(self.find, self._ground)

    def find(self, position: Position, actor: Body | None = None) -> Placed:
        """Where a position is now. `actor` is who goes there: its route decides at forks.

        Raises MapError for roads and lanes that are not there, with the line of the position; ScenarioError
        where no way leads.
        """
        try:
            return self._find(position, actor)
        except MapError as error:
            place, said = position.place, str(error)
            raise MapError(said if said.startswith(place.file) else f"{place}: {said}") from None

    def _find(self, position: Position, actor: Body | None) -> Placed:
        match position:
            case WorldPosition():
                return self._world(position)
            case LanePosition():
                return self._lane(position)
            case RoadPosition():
                spot = self._roads.space.at_track(
                    _number(position.road_id, "road", position), position.s, position.t
                )
                return self._placed(spot, 0.0, position.orientation)
            case RelativeWorldPosition() | RelativeObjectPosition():
                return self._beside(position)
            case RelativeRoadPosition():
                return self._relative_road(position, actor)
            case RelativeLanePosition():
                return self._relative_lane(position, actor)
            case RoutePosition():
                return self._on_route(position)
            case TrajectoryPosition():
                return self._on_trajectory(position, actor)
            case GeoPosition():
                return self._geo(position)

    def route(self, route: Route, actor: Body | None = None) -> RoadRoute:
        """A route over the network through its waypoints."""
        found = [self.find(waypoint.position, actor).spot for waypoint in route.waypoints]
        spots = [spot for spot in found if spot is not None]
        if len(spots) < len(found):
            raise ScenarioError(f"{route.place}: a route needs roads: name the LogicFile of the road network")
        fewest = any(w.route_strategy is RouteStrategy.LEAST_INTERSECTIONS for w in route.waypoints)
        return self._roads.planner.route(spots, closed=route.closed, fewest_junctions=fewest)

    def curve(self, trajectory: Trajectory, actor: Body | None = None) -> Curve:
        """A trajectory as a curve in the map."""
        return self._courses.curve(trajectory, actor)

    def on_network(self, pose: Pose) -> tuple[Spot | None, float]:
        """(place on the network, heading relative to its road) of a pose."""
        if self._roads.space.empty:
            return None, 0.0
        spot = self._roads.space.locate(pose.x_m, pose.y_m, pose.heading_rad)
        return spot, wrapped(pose.heading_rad - self._roads.space.line(spot).heading_rad)

    def _ground(self, x_m: float, y_m: float, heading_rad: float) -> float:
        """Height of the road at or beside a point; 0 where there are no roads."""
        if self._roads.space.empty:
            return 0.0
        return self._roads.space.pose(self._roads.space.locate(x_m, y_m, heading_rad)).z_m

    def _placed(
        self, spot: Spot, base_rad: float, orientation: Orientation | None, up_m: float = 0.0
    ) -> Placed:
        """A place on the network; `base_rad` is the heading relative to the road that a relative one adds
        to."""
        relative = base_rad
        pitch = roll = None
        if orientation is not None:
            if orientation.type is ReferenceContext.RELATIVE:
                relative = wrapped(base_rad + orientation.h)
            else:
                relative = wrapped(orientation.h - self._roads.space.line(spot).heading_rad)
                pitch = orientation.p or None
                roll = orientation.r or None
        pose = self._roads.space.pose(spot, relative)
        pose = Pose(
            x_m=pose.x_m,
            y_m=pose.y_m,
            z_m=pose.z_m + up_m,
            heading_rad=pose.heading_rad,
            pitch_rad=pose.pitch_rad if pitch is None else pitch,
            roll_rad=pose.roll_rad if roll is None else roll,
        )
        return Placed(
            pose=pose,
            spot=spot,
            heading_on_road_rad=relative,
            heading_given=orientation is not None,
            height_given=False,
        )

    def _lane(self, position: LanePosition) -> Placed:
        road = _number(position.road_id, "road", position)
        lane = _number(position.lane_id, "lane", position)
        space = self._roads.space
        over = position.s - space.road(road).length_m
        if over > 0.01:
            # Beyond the road's end it goes on over the roads that follow, as far as there are any.
            end = space.in_lane(road, lane, position.s - over, position.offset)
            walked = self._roads.walk.walk(end, over, 1)
            if walked.left_m > 0.01:
                raise ScenarioError(
                    f"{position.place}: s={position.s:g} lies {walked.left_m:.1f} m beyond the road's end"
                )
            spot = walked.spot
        else:
            spot = space.in_lane(road, lane, position.s, position.offset)
        return self._placed(spot, space.lane_heading(spot), position.orientation)

    def _world(self, position: WorldPosition) -> Placed:
        if self._roads.space.empty:
            return self._in_the_open(position)
        spot = self._roads.space.locate(position.x, position.y, position.h)
        ground = self._roads.space.pose(spot)
        line = self._roads.space.line(spot).heading_rad
        heading = position.h if position.h is not None else line + self._roads.space.lane_heading(spot)
        relative = wrapped(heading - line)
        lying = self._roads.space.pose(spot, relative)
        pose = Pose(
            x_m=position.x,
            y_m=position.y,
            z_m=ground.z_m if position.z is None else position.z,
            heading_rad=wrapped(heading),
            pitch_rad=lying.pitch_rad if position.p is None else position.p,
            roll_rad=lying.roll_rad if position.r is None else position.r,
        )
        return Placed(
            pose=pose,
            spot=spot,
            heading_on_road_rad=relative,
            heading_given=position.h is not None,
            height_given=position.z is not None,
        )

    def _in_the_open(self, position: WorldPosition) -> Placed:
        """A position where there are no roads."""
        pose = Pose(
            x_m=position.x,
            y_m=position.y,
            z_m=position.z or 0.0,
            heading_rad=wrapped(position.h or 0.0),
            pitch_rad=position.p or 0.0,
            roll_rad=position.r or 0.0,
        )
        return Placed(
            pose=pose,
            spot=None,
            heading_on_road_rad=0.0,
            heading_given=position.h is not None,
            height_given=position.z is not None,
        )

    def _geo(self, position: GeoPosition) -> Placed:
        if self._projection is None:
            self._projection = MapProjection.parse(self._roads.space.network.geo_reference)
        where = MapPoint(
            latitude_deg=position.latitude_deg,
            longitude_deg=position.longitude_deg,
            elevation_m=position.altitude or 0.0,
        )
        x, y, _ = (float(v) for v in self._projection.place(where))
        spot = self._roads.space.locate(x, y)
        placed = self._placed(spot, self._roads.space.lane_heading(spot), position.orientation)
        pose = Pose(
            x_m=x,
            y_m=y,
            z_m=placed.pose.z_m if position.altitude is None else position.altitude,
            heading_rad=placed.pose.heading_rad,
            pitch_rad=placed.pose.pitch_rad,
            roll_rad=placed.pose.roll_rad,
        )
        return Placed(
            pose=pose,
            spot=spot,
            heading_on_road_rad=placed.heading_on_road_rad,
            heading_given=position.orientation is not None,
            height_given=position.altitude is not None,
        )

    def _beside(self, position: RelativeWorldPosition | RelativeObjectPosition) -> Placed:
        reference = self._body(position.entity_ref).pose
        dx, dy = position.dx, position.dy
        if isinstance(position, RelativeObjectPosition):
            c, s = math.cos(reference.heading_rad), math.sin(reference.heading_rad)
            dx, dy = c * position.dx - s * position.dy, s * position.dx + c * position.dy
        heading = reference.heading_rad
        orientation = position.orientation
        if orientation is not None:
            relative = orientation.type is ReferenceContext.RELATIVE
            heading = reference.heading_rad + orientation.h if relative else orientation.h
        pose = Pose(
            x_m=reference.x_m + dx,
            y_m=reference.y_m + dy,
            z_m=reference.z_m + position.dz,
            heading_rad=wrapped(heading),
            pitch_rad=reference.pitch_rad,
            roll_rad=reference.roll_rad,
        )
        spot, on_road = self.on_network(pose)
        if position.dz == 0.0:
            pose = Pose(
                x_m=pose.x_m,
                y_m=pose.y_m,
                z_m=reference.z_m if spot is None else self._roads.space.pose(spot).z_m,
                heading_rad=pose.heading_rad,
                pitch_rad=pose.pitch_rad,
                roll_rad=pose.roll_rad,
            )
        return Placed(
            pose=pose,
            spot=spot,
            heading_on_road_rad=on_road,
            heading_given=orientation is not None,
            height_given=position.dz != 0.0,
        )

    def _reference(self, name: str) -> Spot:
        spot = self._body(name).spot
        if spot is None:
            raise ScenarioError(f'"{name}" has no position yet: teleport it before others that refer to it')
        return spot

    def _relative_road(self, position: RelativeRoadPosition, actor: Body | None) -> Placed:
        reference = self._reference(position.entity_ref)
        spot = self._along(reference, position.ds, actor, self._body(position.entity_ref))
        # Across the road the other's t counts, wherever the walk came to.
        return self._placed(
            self._roads.space.at_track(spot.road_id, spot.s_m, reference.t_m + position.dt),
            0.0,
            position.orientation,
        )

    def _relative_lane(self, position: RelativeLanePosition, actor: Body | None) -> Placed:
        other = self._body(position.entity_ref)
        reference = self._reference(position.entity_ref)
        if not other.keeps_lane:
            reference = self._roads.space.in_own_lane(reference)
        if position.ds_lane is not None:
            ahead = 1 if position.ds_lane >= 0.0 else -1
            direction = ahead * other.direction
            centre = self._roads.space.in_lane(reference.road_id, reference.lane_id, reference.s_m)
            walked = self._roads.walk.walk(
                centre, abs(position.ds_lane), direction, self._choice(actor, other)
            )
            spot = walked.spot
        else:
            spot = self._along(reference, position.ds or 0.0, actor, other)
        # To the left of the entity that is referred to, as for changes of lane.
        lane = relative_lane(spot.lane_id, position.d_lane * other.direction)
        try:
            found = self._roads.space.in_lane(spot.road_id, lane, spot.s_m, position.offset)
        except MapError as error:
            raise ScenarioError(f"{position.place}: {error}") from error
        return self._placed(found, self._roads.space.lane_heading(found), position.orientation)

    def _along(self, reference: Spot, ds_m: float, actor: Body | None, other: Body) -> Spot:
        """`ds_m` along the reference line's s, on to other roads where the road ends."""
        space = self._roads.space
        s, length = reference.s_m + ds_m, space.road(reference.road_id).length_m
        if 0.0 <= s <= length:
            return space.at_track(reference.road_id, s, self._kept_t(reference, s))
        # Reference lines count, not the lane's own length: go to the end, then on by what is left.
        direction = 1 if ds_m >= 0.0 else -1
        end = length if direction > 0 else 0.0
        left = abs(ds_m) - abs(end - reference.s_m)
        at = space.at_track(reference.road_id, end, self._kept_t(reference, end))
        walked = self._roads.walk.walk(at, left, direction, self._choice(actor, other))
        return walked.spot

    def _kept_t(self, reference: Spot, s_m: float) -> float:
        """t of the reference's lane and offset at another station; where the lane is not there its t."""
        points = self._roads.space.points(reference.road_id)
        section = points.section(s_m)
        if points.road.lane_sections[section].lane(reference.lane_id) is None:
            return reference.t_m
        return points.lane_centre(section, reference.lane_id, s_m)[0] + reference.offset_m

    def _choice(self, actor: Body | None, other: Body) -> Choice | None:
        route = actor.route if actor is not None and actor.route is not None else other.route
        return choice_of(route, self._roads.walk)

    def _on_route(self, position: RoutePosition) -> Placed:
        route = self.route(position.route)
        within = position.in_route_position
        space = self._roads.space
        if isinstance(within, PositionInRoadCoordinates | PositionInLaneCoordinates):
            road_id, s, direction = route.place(within.path_s)
            if isinstance(within, PositionInRoadCoordinates):
                spot = space.at_track(road_id, s, within.t)
            else:
                spot = space.in_lane(
                    road_id, _number(within.lane_id, "lane", position), s, within.lane_offset
                )
        else:
            reference = self._reference(within.entity_ref)
            gone = route.distance_of(reference)
            if gone is None:
                raise ScenarioError(f'"{within.entity_ref}" is not on the route "{position.route.name}"')
            road_id, s, direction = route.place(gone)
            spot = space.at_track(road_id, s, reference.t_m)
        return self._placed(spot, 0.0 if direction > 0 else math.pi, position.orientation)

    def _on_trajectory(self, position: TrajectoryPosition, actor: Body | None) -> Placed:
        pose = self.curve(position.trajectory, actor).at(position.s)
        heading = pose.heading_rad
        orientation = position.orientation
        if orientation is not None:
            relative = orientation.type is ReferenceContext.RELATIVE
            heading = heading + orientation.h if relative else orientation.h
        aside = Pose(
            x_m=pose.x_m - position.t * math.sin(pose.heading_rad),
            y_m=pose.y_m + position.t * math.cos(pose.heading_rad),
            z_m=pose.z_m,
            heading_rad=wrapped(heading),
            pitch_rad=pose.pitch_rad,
            roll_rad=pose.roll_rad,
        )
        spot, on_road = self.on_network(aside)
        return Placed(
            pose=aside, spot=spot, heading_on_road_rad=on_road, heading_given=True, height_given=False
        )


def _number(text: str, what: str, position: Position) -> int:
    try:
        return int(text)
    except ValueError:
        raise ScenarioError(
            f'{position.place}: {what} "{text}" is not a whole number; drivegen reads numbered {what}s only'
        ) from None
