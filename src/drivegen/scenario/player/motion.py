"""How bodies move: set to a place, driven on along their lane, moved from outside."""

from __future__ import annotations

import math

from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.placed import Placed
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.routes import choice_of
from drivegen.scenario.player.roads.spot import Pose, Spot


def _straight_on(pose: Pose, ahead_m: float) -> Pose:
    return Pose(
        x_m=pose.x_m + ahead_m * math.cos(pose.heading_rad),
        y_m=pose.y_m + ahead_m * math.sin(pose.heading_rad),
        z_m=pose.z_m,
        heading_rad=pose.heading_rad,
        pitch_rad=pose.pitch_rad,
        roll_rad=pose.roll_rad,
    )


class Mover:
    """Moves bodies over a network."""

    def __init__(self, roads: Roads) -> None:
        self._roads = roads

    def place(self, body: Body, placed: Placed) -> None:
        """Sets a body to a position; it does not move on in this step."""
        body.spot = spot = placed.spot
        body.pose = placed.pose
        if spot is not None:
            body.heading_on_road_rad = wrapped(placed.heading_on_road_rad - self.lane_slant(spot))
            body.height_above_road_m = placed.pose.z_m - self._roads.space.pose(spot).z_m
        body.present = True
        body.teleported = body.keeps_lane = True
        body.at_end_of_road = False
        body.slant_rad = None

    def put(self, body: Body, pose: Pose) -> None:
        """Sets a body to a pose of the map and finds its place on the network, keeping to its road if it
        can."""
        body.pose = pose
        body.present = True
        body.keeps_lane = body.at_end_of_road = False
        if self._roads.space.empty:
            return
        prefer = None if body.spot is None else body.spot.road_id
        spot = self._roads.space.locate(pose.x_m, pose.y_m, pose.heading_rad, prefer)
        line = self._roads.space.line(spot).heading_rad
        body.spot = spot
        body.heading_on_road_rad = wrapped(pose.heading_rad - line - self.lane_slant(spot))

    def laid(self, pose: Pose) -> Pose:
        """A pose laid on the road's surface: height, pitch and roll are the road's."""
        if self._roads.space.empty:
            return pose
        spot = self._roads.space.locate(pose.x_m, pose.y_m, pose.heading_rad)
        relative = pose.heading_rad - self._roads.space.line(spot).heading_rad
        ground = self._roads.space.pose(spot, relative)
        return Pose(
            x_m=pose.x_m,
            y_m=pose.y_m,
            z_m=ground.z_m,
            heading_rad=pose.heading_rad,
            pitch_rad=ground.pitch_rad,
            roll_rad=ground.roll_rad,
        )

    def lane_slant(self, spot: Spot) -> float:
        """By how much a lane's middle turns from the road because widths change."""
        points = self._roads.space.points(spot.road_id)
        _, slope, _ = points.lane_centre(points.section(spot.s_m), spot.lane_id, spot.s_m)
        if slope == 0.0:
            return 0.0
        return math.atan2(slope, 1.0 - points.line(spot.s_m).curvature_pm * spot.t_m)

    def drive_on(self, body: Body, dt_s: float, offset_m: float | None) -> None:
        """One step along the lane at the body's speed, at `offset_m` from its middle (None: as it is).

        What a change of lane needs sideways is taken from the speed, so that the speed over ground is kept.
        """
        speed = body.speed_mps
        if body.spot is None:
            body.pose = _straight_on(body.pose, speed * dt_s)
            return
        sideways = min(abs(body.lane_speed_mps), abs(speed))
        along = math.sqrt(max(speed * speed - sideways * sideways, 0.0)) if sideways > 0.0 else abs(speed)
        facing = body.direction
        direction = facing if speed >= 0.0 else -facing
        walked = self._roads.walk.walk(
            body.spot, along * dt_s, direction, choice_of(body.route, self._roads.walk)
        )
        flip = -1.0 if walked.flipped else 1.0
        if walked.flipped:
            body.flips += 1
            body.heading_on_road_rad = wrapped(body.heading_on_road_rad + math.pi)
        spot = walked.spot
        if body.at_end_of_road and walked.left_m > 0.0:
            body.speed_mps = 0.0
        body.at_end_of_road = walked.left_m > 0.0
        if offset_m is not None:
            offset = flip * offset_m
            spot = Spot(
                road_id=spot.road_id,
                s_m=spot.s_m,
                t_m=spot.t_m - spot.offset_m + offset,
                lane_id=spot.lane_id,
                offset_m=offset,
            )
        self.settle(body, spot, body.direction * (body.slant_rad or 0.0) * flip)

    def settle(self, body: Body, spot: Spot, slant_rad: float) -> None:
        """Gives a body the pose of a place on the network."""
        body.spot = spot
        turn = body.heading_on_road_rad + self.lane_slant(spot) + slant_rad
        pose = self._roads.space.pose(spot, turn)
        if body.height_above_road_m != 0.0:
            pose = Pose(
                x_m=pose.x_m,
                y_m=pose.y_m,
                z_m=pose.z_m + body.height_above_road_m,
                heading_rad=pose.heading_rad,
                pitch_rad=pose.pitch_rad,
                roll_rad=pose.roll_rad,
            )
        body.pose = pose
