"""Entities while a scenario is played: what they are, where they are and how they move."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.scenario.model.entities import (
    BoundingBox,
    ExternalObjectReference,
    MiscObject,
    Pedestrian,
    ScenarioObject,
    Vehicle,
)
from drivegen.scenario.model.names import ObjectType
from drivegen.scenario.player.roads.routes import RoadRoute
from drivegen.scenario.player.roads.spot import Pose, Spot

UNLIMITED = 1e9


class Driver(StrEnum):
    """Who moves an entity in a domain."""

    SCRIPT = "script"
    """The actions, and without one the default controller: on along the lane at the speed that it has."""
    OUTSIDE = "outside"
    """Somebody else: its pose and speed are read."""
    SIMPLE = "simple"
    """The intelligent driver of `drivers.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An entity's box: its middle from the reference point (x ahead, y left, z up), and full extents."""

    x_m: float
    y_m: float
    z_m: float
    length_m: float
    width_m: float
    height_m: float


@dataclass(slots=True, kw_only=True)
class Body:
    """One entity as it is now."""

    name: str
    source: ScenarioObject
    kind: ObjectType
    box: Box
    greatest_speed_mps: float = UNLIMITED
    greatest_acceleration_mps2: float = UNLIMITED
    greatest_deceleration_mps2: float = UNLIMITED
    wheel_base_m: float = 0.0

    present: bool = False
    """True from its first position until it is deleted."""
    pose: Pose = field(default_factory=lambda: Pose(x_m=0.0, y_m=0.0))
    spot: Spot | None = None
    """Its place on the network, belonging to the lane that it keeps to."""
    heading_on_road_rad: float = 0.0
    """Its heading relative to the road's s direction."""
    height_above_road_m: float = 0.0
    speed_mps: float = 0.0
    """Along its heading; negative when it reverses."""
    acceleration_mps2: float = 0.0
    lateral_acceleration_mps2: float = 0.0
    velocity_mps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """In the map frame."""
    travelled_m: float = 0.0
    route: RoadRoute | None = None
    at_end_of_road: bool = False
    teleported: bool = False
    """Set to a place in this step, so that it does not move on in it."""
    controllers: tuple[str, ...] = ()
    longitudinal: Driver = Driver.SCRIPT
    lateral: Driver = Driver.SCRIPT
    visible: tuple[bool, bool, bool] = (True, True, True)
    """For graphics, sensors, traffic."""
    lane_speed_mps: float = 0.0
    """Sideways speed (towards t) that a change of lane took from the speed in this step."""
    slant_rad: float | None = None
    """By how much a lateral action turns it from its lane in this step."""
    flips: int = 0
    """How often s began to run the other way under it."""
    keeps_lane: bool = True
    """True while it belongs to the lane that it was put in, however far beside it; else to the one that it is
    in."""
    moved_exactly: bool = False
    """True where an action has set its pose for the end of this step."""

    @property
    def direction(self) -> int:
        """1 if it faces along s, -1 against."""
        return 1 if math.cos(self.heading_on_road_rad) >= 0.0 else -1

    def corners(self) -> list[tuple[float, float]]:
        """The four corners of its box in the map, counter-clockwise."""
        return corners_of(self.box, self.pose)


def corners_of(box: Box, pose: Pose) -> list[tuple[float, float]]:
    """The four corners of a box in the map, counter-clockwise."""
    c, s = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    out = []
    for fx, fy in ((0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5)):
        u, v = box.x_m + fx * box.length_m, box.y_m + fy * box.width_m
        out.append((pose.x_m + c * u - s * v, pose.y_m + s * u + c * v))
    return out


def body_of(entity: ScenarioObject) -> Body:
    """An entity before the scenario begins: nowhere."""
    what = entity.entity_object
    controllers = tuple(c.controller.name for c in entity.object_controllers)
    if isinstance(what, Vehicle):
        front = what.axles.front_axle
        return Body(
            name=entity.name,
            source=entity,
            kind=ObjectType.VEHICLE,
            box=_box(what.bounding_box),
            greatest_speed_mps=what.performance.max_speed,
            greatest_acceleration_mps2=what.performance.max_acceleration,
            greatest_deceleration_mps2=what.performance.max_deceleration,
            wheel_base_m=0.0 if front is None else front.position_x - what.axles.rear_axle.position_x,
            controllers=controllers,
        )
    if isinstance(what, Pedestrian):
        return Body(
            name=entity.name,
            source=entity,
            kind=ObjectType.PEDESTRIAN,
            box=_box(what.bounding_box),
            controllers=controllers,
        )
    if isinstance(what, MiscObject):
        return Body(
            name=entity.name,
            source=entity,
            kind=ObjectType.MISCELLANEOUS,
            box=_box(what.bounding_box),
            controllers=controllers,
        )
    assert isinstance(what, ExternalObjectReference)
    box = Box(x_m=0.0, y_m=0.0, z_m=0.75, length_m=4.5, width_m=1.8, height_m=1.5)
    return Body(name=entity.name, source=entity, kind=ObjectType.EXTERNAL, box=box, controllers=controllers)


def _box(box: BoundingBox) -> Box:
    return Box(
        x_m=box.center.x,
        y_m=box.center.y,
        z_m=box.center.z,
        length_m=box.dimensions.length,
        width_m=box.dimensions.width,
        height_m=box.dimensions.height,
    )
