"""The map's traffic lights as actors: where the pole stands, and the box in which vehicles obey."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.world.actors import Actor, ActorKind, LocalBox
from drivegen.embedded.world.maps import LoadedMap
from drivegen.opendrive.signals import SignalHead

MAX_ARM_M = 14.0
_STEP_M = 0.5
_KERB_M = 0.5
"""Between the edge of the carriageway and the pole."""
TRIGGER_DEPTH_M = 2.0
TRIGGER_HEIGHT_M = 2.0


def light_actors(loaded: LoadedMap, new_id: Callable[[], int]) -> list[Actor]:
    """One actor for each of the map's heads, in their order; `row` says which."""
    poles = [_pole(loaded, head) for head in loaded.heads]
    actors = []
    for row, (head, (world_actor, arm_m)) in enumerate(zip(loaded.heads, poles, strict=True)):
        actors.append(
            Actor(
                id=new_id(),
                kind=ActorKind.TRAFFIC_LIGHT,
                type_id="traffic.traffic_light",
                attributes={},
                box=_trigger(head, world_actor),
                tags=(int(Tag.TRAFFIC_LIGHT),),
                local=world_actor,
                row=row,
                arm_m=arm_m,
            )
        )
    return actors


def _pole(loaded: LoadedMap, head: SignalHead) -> tuple[Mat4, float]:
    """Pose of the pole's foot (x towards the traffic) and how far its arm reaches.

    A head that hangs over the carriageway needs a pole beside it: the first place to the right of the
    driver who looks at it (the pole's +y) that is not driven on.
    """
    yaw = head.pose.yaw_rad
    side = np.array([-math.sin(yaw), math.cos(yaw)])
    reach = np.arange(0.0, MAX_ARM_M + _STEP_M, _STEP_M)
    places = head.pose.position_m[:2] + reach[:, None] * side
    beside = np.flatnonzero(~loaded.ground.on_driving_lane(places))
    arm_m = float(reach[beside[0]]) if len(beside) else 0.0
    if arm_m:
        arm_m += _KERB_M
    x, y = head.pose.position_m[:2] + arm_m * side
    z = loaded.ground.height_near(np.array([[x, y, head.pose.position_m[2] - 4.0]]))
    return Pose.from_xyz_rpy(float(x), float(y), float(z[0]), yaw_rad=yaw).matrix, arm_m


def _trigger(head: SignalHead, world_actor: Mat4) -> LocalBox:
    """A box over the stop lines, which CARLA's client calls the trigger volume; in the actor's frame."""
    if not head.stop_lines:
        return LocalBox.empty()
    ends = np.array([p for line in head.stop_lines for p in (line.start_m, line.end_m)])
    heading = head.stop_lines[0].heading_rad
    along = np.array([math.cos(heading), math.sin(heading), 0.0])
    across = np.array([-along[1], along[0], 0.0])
    spans = [_span(ends @ axis) for axis in (along, across)]
    centre = spans[0][0] * along + spans[1][0] * across
    centre[2] = float(ends[:, 2].mean()) + TRIGGER_HEIGHT_M / 2
    half = np.array([spans[0][1] + TRIGGER_DEPTH_M / 2, spans[1][1], TRIGGER_HEIGHT_M / 2])
    rotation = world_actor[:3, :3]
    own_yaw = math.atan2(rotation[1, 0], rotation[0, 0])
    return LocalBox(
        centre_m=rotation.T @ (centre - world_actor[:3, 3]), half_m=half, yaw_rad=heading - own_yaw
    )


def _span(values: Float64[np.ndarray, "n"]) -> tuple[float, float]:
    """Middle and half length."""
    low, high = float(values.min()), float(values.max())
    return (low + high) / 2, (high - low) / 2
