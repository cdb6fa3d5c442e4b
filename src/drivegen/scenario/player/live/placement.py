"""Between an entity's reference point and its actor's origin.

The middle of the actor's box is put where the middle of the entity's box is, its underside onto the ground:
an actor is seldom as long as the entity that it plays, and reference points lie at rear axles, origins in the
middle.
"""

from __future__ import annotations

import math
from typing import Any

from drivegen.core.geometry import Pose as Transform
from drivegen.core.handedness import pose_from_carla
from drivegen.record.streams import transform_of
from drivegen.scenario.player.bodies import Body
from drivegen.scenario.player.roads.angles import wrapped
from drivegen.scenario.player.roads.spot import Pose

HIDDEN_BELOW_M = 200.0
"""Entities that graphics and sensors shall not show are kept so far below the road."""


class Seat:
    """Where an actor sits on its entity."""

    def __init__(self, body: Body, actor: Any) -> None:
        box = actor.bounding_box
        self._ahead_m = body.box.x_m - box.location.x
        self._left_m = body.box.y_m + box.location.y
        self._up_m = box.extent.z - box.location.z

    def transform(self, pose: Pose, *, shown: bool = True) -> Any:
        """The `carla.Transform` of the actor for its entity's pose."""
        c, s = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        return transform_of(
            Transform.from_xyz_rpy(
                pose.x_m + c * self._ahead_m - s * self._left_m,
                pose.y_m + s * self._ahead_m + c * self._left_m,
                # Slopes lift what lies ahead of the reference point.
                pose.z_m
                + self._up_m
                - self._ahead_m * math.sin(pose.pitch_rad)
                - (0.0 if shown else HIDDEN_BELOW_M),
                pose.roll_rad,
                pose.pitch_rad,
                pose.heading_rad,
            )
        )

    def pose(self, transform: Any) -> Pose:
        """The entity's pose for a `carla.Transform` of its actor."""
        at, turn = transform.location, transform.rotation
        found = pose_from_carla(at.x, at.y, at.z, turn.pitch, turn.yaw, turn.roll)
        heading = -math.radians(turn.yaw)
        pitch, roll = -math.radians(turn.pitch), math.radians(turn.roll)
        x, y, z = (float(v) for v in found.position_m)
        c, s = math.cos(heading), math.sin(heading)
        return Pose(
            x_m=x - c * self._ahead_m + s * self._left_m,
            y_m=y - s * self._ahead_m - c * self._left_m,
            z_m=z - self._up_m + self._ahead_m * math.sin(pitch),
            heading_rad=wrapped(heading),
            pitch_rad=pitch,
            roll_rad=roll,
        )
