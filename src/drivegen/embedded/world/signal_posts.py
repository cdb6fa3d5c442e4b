"""Where the posts of lights and signs stand, how their actors are turned, and the box where vehicles obey.

CARLA's signals are turned a quarter against what they show: an actor's x lies across the road, and the 0.9.16
client walks along it through the trigger volume when it looks for stop waypoints (TrafficLight.cpp,
GetStopWaypoints; TrafficLightManager.cpp adds the quarter).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4, Pose, rpy_from_rotation
from drivegen.embedded.world.actors import LocalBox
from drivegen.embedded.world.maps import LoadedMap
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.signals import RoadSign, SignalHead, StopLine, mean_heading_rad

QUARTER_RAD = math.pi / 2
_STEP_M = 0.5
_KERB_M = 0.5
"""Between the edge of the carriageway and the post."""
TRIGGER_DEPTH_M = 2.0
TRIGGER_HEIGHT_M = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Post:
    """Where a signal's actor is and what it is made of."""

    local: Mat4
    """The actor's pose in the world: on the ground, x across the road to the right of who drives away."""
    facing_rad: float
    """From the actor's x to where the signal looks."""
    aside_m: float
    """From where the map has the signal to the post, to the right of the driver who looks at it."""
    trigger: LocalBox
    """Over the stop lines."""


def post_of(loaded: LoadedMap, signal: SignalHead | RoadSign, most_aside_m: float) -> Post:
    """The post of a light or a sign.

    A signal that the map has over the carriageway gets its post beside it: on the first place to the right of
    the driver who looks at it that is not driven on.
    """
    seen_rad = float(rpy_from_rotation(signal.pose.rotation)[2])
    side = np.array([-math.sin(seen_rad), math.cos(seen_rad)])
    reach = np.arange(0.0, most_aside_m + _STEP_M, _STEP_M)
    at = signal.pose.position_m
    places = at[:2] + reach[:, None] * side
    # The ground of a large map is made where somebody comes; its signals are everywhere.
    ground = loaded.ground if isinstance(loaded.ground, Ground) else loaded.signal_feet
    beside = np.flatnonzero(~ground.on_driving_lane(places))
    aside_m = float(reach[beside[0]]) if len(beside) else 0.0
    if aside_m:
        aside_m += _KERB_M
    x, y = at[:2] + aside_m * side
    foot = np.array([x, y, signal.foot_m[2]])
    if isinstance(ground, Ground):
        z = float(ground.height_near(foot[None])[0])
    else:
        z = ground.height_of(signal.signal_id, foot)
    lines = signal.stop_lines
    towards_rad = mean_heading_rad(lines) + math.pi if lines else seen_rad
    local = Pose.from_xyz_rpy(float(x), float(y), z, yaw_rad=towards_rad - QUARTER_RAD).matrix
    return Post(
        local=local,
        facing_rad=(seen_rad - towards_rad + QUARTER_RAD + math.pi) % (2 * math.pi) - math.pi,
        aside_m=aside_m,
        trigger=_trigger(lines, local),
    )


def turned(local: Mat4, facing_rad: float) -> Mat4:
    """Pose of a signal's meshes, whose x points to where it looks, from its actor's."""
    return local @ Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=facing_rad).matrix


def _trigger(lines: tuple[StopLine, ...], world_actor: Mat4) -> LocalBox:
    """A box over the lines along the actor's axes, just before them."""
    if not lines:
        return LocalBox.empty()
    ends = np.array([p for line in lines for p in (line.start_m, line.end_m)])
    placed = (ends - world_actor[:3, 3]) @ world_actor[:3, :3]
    (x, half_x), (y, half_y) = _span(placed[:, 0]), _span(placed[:, 1])
    # The actor's y points along the traffic's way back: the box lies on the side that the traffic comes from.
    depth = half_y + TRIGGER_DEPTH_M / 2
    centre = np.array([x, y + TRIGGER_DEPTH_M / 2, float(placed[:, 2].mean()) + TRIGGER_HEIGHT_M / 2])
    return LocalBox(centre_m=centre, half_m=np.array([half_x, depth, TRIGGER_HEIGHT_M / 2]))


def _span(values: Float64[np.ndarray, "n"]) -> tuple[float, float]:
    """Middle and half length."""
    low, high = float(values.min()), float(values.max())
    return (low + high) / 2, (high - low) / 2
