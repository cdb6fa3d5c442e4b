"""A position, once it is found."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.scenario.player.roads.spot import Pose, Spot


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
