"""What stands on pavements for people to go round: poles, bins, trees, railings, as the server tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import carla
import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.core.plans import WalkerPlan
from drivegen.record.box_avoidance import Boxes

NEAR_M = 3.0
"""What is farther from all ways is in nobody's way."""

LABELS = ("Poles", "TrafficSigns", "Static", "Fences", "Walls", "Vegetation")
"""CARLA's names of what may stand there."""

STEP_OVER_M = 0.2
"""Lower things are stepped over."""
HEAD_ROOM_M = 2.0
"""What begins so high above the ground is passed under."""
TALL_M = 2.5
TRUNK_M = 0.25
"""Half the width of what carries a crown or an arm: boxes of trees and lamps hold those too."""

_PLANTS, _POLES = LABELS.index("Vegetation"), LABELS.index("Poles")


def furniture(world: Any, plans: Sequence[WalkerPlan]) -> Boxes:
    """The boxes of what stands near the ways of walkers; asks the server once for each label."""
    rows = []
    for kind, label in enumerate(LABELS):
        for item in world.get_environment_objects(getattr(carla.CityObjectLabel, label)):
            at, half, turn = item.bounding_box.location, item.bounding_box.extent, item.bounding_box.rotation
            rows.append((at.x, -at.y, at.z - half.z, half.x, half.y, 2.0 * half.z, -turn.yaw, kind))
    return near_ways(np.array(sorted(rows), np.float64).reshape(-1, 8), plans)


def near_ways(things: Float64[np.ndarray, "n 8"], plans: Sequence[WalkerPlan]) -> Boxes:
    """The boxes on the ground of things near ways.

    Args:
        things: Middle x and y, height of the bottom, half length and width, height, yaw in degrees, and
            the index of the label; right-handed.
        plans: Of the walkers.
    """
    ways = [p.waypoints if len(p.waypoints) > 1 else p.waypoints * 2 for p in plans if p.waypoints]
    points = np.array([w for p in ways for w in p], np.float64).reshape(-1, 3)
    if not len(things) or not len(points):
        return _boxes(things[:0])
    tree = shapely.STRtree([shapely.linestrings([w[:2] for w in p]) for p in ways])
    found = tree.query(shapely.points(things[:, :2]), predicate="dwithin", distance=NEAR_M)[0]
    things = things[np.unique(found)]
    apart = np.hypot(things[:, None, 0] - points[:, 0], things[:, None, 1] - points[:, 1])
    above = things[:, 2] - points[np.argmin(apart, axis=1), 2]
    top = above + things[:, 5]
    return _boxes(things[(above < HEAD_ROOM_M) & (top > STEP_OVER_M) & (above > -HEAD_ROOM_M)])


def _boxes(things: Float64[np.ndarray, "n 8"]) -> Boxes:
    tall = things[:, 5] > TALL_M
    plants, poles = things[:, 7] == _PLANTS, things[:, 7] == _POLES
    trunks = things[tall & plants].copy()
    armed = tall & poles & (things[:, 3:5].max(axis=1, initial=0.0) > 2.0 * TRUNK_M)
    arms = things[armed]
    # Which end of its box a lamp with an arm stands at is not told: nobody walks under the other either.
    feet = np.concatenate([_moved(arms, 1.0), _moved(arms, -1.0)])
    whole = things[~(tall & plants) & ~armed]
    thin = np.concatenate([trunks, feet])
    thin[:, 3:5] = np.minimum(thin[:, 3:5], TRUNK_M)
    found = np.concatenate([whole, thin])
    yaw = np.radians(found[:, 6])
    return Boxes(
        xy_m=found[:, :2].copy(),
        along=np.stack([np.cos(yaw), np.sin(yaw)], axis=1),
        half_m=found[:, 3:5].copy(),
        velocity_mps=np.zeros((len(found), 2)),
    )


def _moved(things: Float64[np.ndarray, "n 8"], side: float) -> Float64[np.ndarray, "n 8"]:
    """To one end of their longer axis."""
    out = things.copy()
    yaw = np.radians(things[:, 6]) + np.where(things[:, 3] >= things[:, 4], 0.0, np.pi / 2)
    reach = side * (things[:, 3:5].max(axis=1, initial=0.0) - TRUNK_M)
    out[:, 0] += reach * np.cos(yaw)
    out[:, 1] += reach * np.sin(yaw)
    return out
