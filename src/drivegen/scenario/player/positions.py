"""What the standard's positions mean on a road network (ASAM OpenSCENARIO XML 1.3, 6.3 and 7.3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
from drivegen.scenario.model.routing import Clothoid, ClothoidSpline, Nurbs, Polyline, Route, Trajectory
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.curves import Curve, CurvePoint, nurbs_points, spiral_points
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.distances import relative_lane
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.routes import RoadRoute
from drivegen.scenario.player.roads.spot import Pose, Spot
from drivegen.scenario.player.roads.walk import Choice
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.parts import GeoPosition as MapPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A position, found."""

    pose: Pose
    spot: Spot | None
    """On the network, or the nearest place of it; None where there are no roads."""
    heading_on_road_rad: float
    heading_given: bool
    """True if the file says which way, so that a trajectory does not take its tangent."""
    height_given: bool


class Places:
    """Finds positions; the bodies are those of the scenario, by name."""

    def __init__(self, roads: Roads, body: Callable[[str], Body]) -> None:
        self._roads = roads
        self._body = body
        self._projection: MapProjection | None = None

    def find(self, position: Position, actor: Body | None = None) -> Placed:
        """Where a position is now. `actor` is who goes there: its route decides at forks.

        Raises MapError for roads and lanes that are not there, ScenarioError where no way leads.
        """
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
        shape = trajectory.shape
        match shape:
            case Polyline():
                points = [self._point(v.position, actor, v.time) for v in shape.vertices]
                return Curve(points, closed=trajectory.closed, smooth=False)
            case Clothoid():
                points = self._clothoid(shape, actor)
            case ClothoidSpline():
                points = self._spline(shape, actor)
            case Nurbs():
                points = self._nurbs(shape, actor)
        return Curve(points, closed=trajectory.closed, smooth=True)

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
        spot = self._roads.space.in_lane(road, lane, position.s, position.offset)
        return self._placed(spot, self._roads.space.lane_heading(spot), position.orientation)

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
            direction = 1 if position.ds_lane >= 0.0 else -1
            centre = self._roads.space.in_lane(reference.road_id, reference.lane_id, reference.s_m)
            walked = self._roads.walk.walk(
                centre, abs(position.ds_lane), direction, self._choice(actor, other)
            )
            spot = walked.spot
        else:
            spot = self._along(reference, position.ds or 0.0, actor, other)
        lane = relative_lane(spot.lane_id, position.d_lane)
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
        if route is None:
            return None
        walk = self._roads.walk
        return lambda way, ways: route.choose(walk, way, ways)

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

    def _point(self, position: Position, actor: Body | None, time_s: float | None) -> CurvePoint:
        placed = self.find(position, actor)
        return CurvePoint(
            pose=placed.pose,
            heading_given=placed.heading_given,
            height_given=placed.height_given,
            time_s=time_s,
        )

    def _sampled(self, xyh: np.ndarray, times: np.ndarray | None, start: Placed) -> list[CurvePoint]:
        out = []
        for index, (x, y, h) in enumerate(xyh.tolist()):
            z = start.pose.z_m
            if not start.height_given:
                z = self._ground(x, y, h)
            out.append(
                CurvePoint(
                    pose=Pose(x_m=x, y_m=y, z_m=z, heading_rad=wrapped(h)),
                    heading_given=True,
                    height_given=start.height_given,
                    time_s=None if times is None else float(times[index]),
                )
            )
        return out

    def _clothoid(self, shape: Clothoid, actor: Body | None) -> list[CurvePoint]:
        start = self.find(shape.position, actor)
        last = shape.curvature + shape.curvature_prime * shape.length
        xyh = spiral_points(start.pose, shape.curvature, last, shape.length)
        times = None
        if shape.start_time is not None and shape.stop_time is not None:
            times = np.linspace(shape.start_time, shape.stop_time, len(xyh))
        return self._sampled(xyh, times, start)

    def _spline(self, shape: ClothoidSpline, actor: Body | None) -> list[CurvePoint]:
        out: list[CurvePoint] = []
        end: Pose | None = None
        starts = [s.time_start for s in shape.segments]
        timed = all(t is not None for t in starts) and shape.time_end is not None
        first: Placed | None = None
        for index, segment in enumerate(shape.segments):
            if segment.position_start is not None or end is None:
                if segment.position_start is None:
                    raise ScenarioError(
                        f"{segment.place}: the first segment of a clothoid spline needs PositionStart"
                    )
                placed = self.find(segment.position_start, actor)
                first = first or placed
                end = placed.pose
            begin = Pose(
                x_m=end.x_m,
                y_m=end.y_m,
                z_m=end.z_m,
                heading_rad=end.heading_rad + segment.h_offset,
            )
            xyh = spiral_points(begin, segment.curvature_start, segment.curvature_end, segment.length)
            times = None
            if timed:
                until = starts[index + 1] if index + 1 < len(starts) else shape.time_end
                times = np.linspace(starts[index] or 0.0, until or 0.0, len(xyh))
            assert first is not None
            points = self._sampled(xyh, times, first)
            out += points if not out else points[1:]
            end = Pose(x_m=xyh[-1, 0], y_m=xyh[-1, 1], z_m=points[-1].pose.z_m, heading_rad=xyh[-1, 2])
        return out

    def _nurbs(self, shape: Nurbs, actor: Body | None) -> list[CurvePoint]:
        control = [self._point(c.position, actor, c.time) for c in shape.control_points]
        timed = all(c.time_s is not None for c in control)
        headings = [control[0].pose.heading_rad]
        for c in control[1:]:
            headings.append(headings[-1] + wrapped(c.pose.heading_rad - headings[-1]))
        rows = np.array(
            [
                (c.pose.x_m, c.pose.y_m, c.pose.z_m, h, c.time_s or 0.0)
                for c, h in zip(control, headings, strict=True)
            ]
        )
        weights = np.array([c.weight for c in shape.control_points])
        points = nurbs_points(shape.order, rows, weights, np.array([k.value for k in shape.knots]))
        given = all(c.heading_given for c in control)
        return [
            CurvePoint(
                pose=Pose(x_m=x, y_m=y, z_m=z, heading_rad=wrapped(h)),
                heading_given=given,
                height_given=all(c.height_given for c in control),
                time_s=t if timed else None,
            )
            for x, y, z, h, t in points.tolist()
        ]


def _number(text: str, what: str, position: Position) -> int:
    try:
        return int(text)
    except ValueError:
        raise ScenarioError(
            f'{position.place}: {what} "{text}" is not a whole number; drivegen reads numbered {what}s only'
        ) from None
