"""Roadside sites of a map: poles with mounting points for cameras, LiDARs, radars, radio and a cabinet.

A site is an OpenDRIVE object named `RoadsidePole` that is drawn as `core.roadside.ROADSIDE_POLE`
(see `opendrive.things`); all else about it follows from the table in `core.roadside`, by which the pole is
drawn too. Frames are right-handed, the map's: x east, y north, z up, metres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from drivegen.core.geometry import Box, Pose
from drivegen.core.roadside import CABINET_M, CABINET_Y_M, ROADSIDE_POLE, roadside_pole
from drivegen.opendrive.model import ElementKind, Road, RoadNetwork, RoadObject
from drivegen.opendrive.things import Thing, thing_object, things

SITE_NAME = "RoadsidePole"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadsideSite:
    """One pole at a junction."""

    id: str
    """Of the OpenDRIVE object."""
    junction_id: int | None
    """Of the junction that the pole stands at; None on a road that touches none."""
    road_id: int
    """Whose traffic `camera_0` meets."""
    variant: int
    """Of the blueprint `core.roadside.ROADSIDE_POLE`."""
    prop: Pose
    """Of the blueprint's origin: where to spawn the pole on a server that does not draw the map's things."""
    foot: Pose
    """Of the pole's foot on the ground. x is where `camera_0` looks, against the traffic that comes towards
    the pole; the arm reaches towards -y, over the road."""
    mounts: Mapping[str, Pose]
    """By the names of `core.roadside.RoadsidePole.mounts`: world from device, x along its view."""
    cabinet: Box
    """The cabinet at the foot."""


def roadside_sites(network: RoadNetwork) -> tuple[RoadsideSite, ...]:
    """All sites of a network in the order of the file; empty where the map has none. Raises MapError."""
    return tuple(_site(network, t) for t in things(network) if t.blueprint_id == ROADSIDE_POLE)


def pole_object(
    object_id: int, variant: int, *, s_m: float, foot_t_m: float, z_offset_m: float, heading_rad: float
) -> RoadObject:
    """The object of a site, for a generator.

    Args:
        object_id: unique in the network.
        variant: of the pole.
        s_m: of the foot.
        foot_t_m: of the foot, with `heading_rad` 0 or pi (the arm across the road).
        z_offset_m: of the ground at the foot above the road's elevation.
        heading_rad: of `camera_0`'s view from the direction of s: 0, or pi to look back along the road.
    """
    pole = roadside_pole(variant)
    sign = 1.0 if abs(heading_rad) < 1.0 else -1.0
    return thing_object(
        object_id=object_id,
        name=SITE_NAME,
        kind="pole",
        blueprint_id=ROADSIDE_POLE,
        variant=variant,
        s_m=s_m,
        t_m=foot_t_m - sign * pole.foot_y_m,
        z_offset_m=z_offset_m,
        heading_rad=heading_rad,
        size_m=pole.size_m,
    )


def _site(network: RoadNetwork, thing: Thing) -> RoadsideSite:
    pole = roadside_pole(thing.variant)
    foot = Pose.from_xyz_rpy(0.0, pole.foot_y_m, 0.0)
    cabinet = Pose.from_xyz_rpy(0.0, pole.foot_y_m + CABINET_Y_M, CABINET_M[2] / 2)
    mounts = {name: thing.pose @ mount for name, mount in pole.mounts.items()}
    return RoadsideSite(
        id=thing.object_id,
        junction_id=_junction_near(network.road_by_id[thing.road_id], thing.s_m),
        road_id=thing.road_id,
        variant=thing.variant,
        prop=thing.pose,
        foot=thing.pose @ foot,
        mounts=MappingProxyType(mounts),
        cabinet=Box(pose=thing.pose @ cabinet, size_m=np.array(CABINET_M)),
    )


def _junction_near(road: Road, s_m: float) -> int | None:
    """The junction that a road belongs to or touches, at its nearer end first."""
    if road.junction is not None:
        return road.junction
    ends = [road.predecessor, road.successor]
    if s_m > road.length_m / 2:
        ends.reverse()
    return next((e.id for e in ends if e is not None and e.kind is ElementKind.JUNCTION), None)
