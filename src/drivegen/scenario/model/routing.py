"""Routes and trajectories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from drivegen.scenario.model.element import AtLeast, Element, Stated, UnsignedInt
from drivegen.scenario.model.names import RouteStrategy
from drivegen.scenario.model.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint(Element):
    """One point of a route, and how the way to the next one is chosen."""

    route_strategy: RouteStrategy
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Element):
    """A way over the road network through its waypoints."""

    name: str
    closed: Annotated[bool, Stated()] = False
    waypoints: Annotated[tuple[Waypoint, ...], AtLeast(2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex(Element):
    """A corner of a polyline; `time` in seconds where the trajectory has times."""

    time: float | None = None
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline(Element):
    """Straight lines from vertex to vertex."""

    vertices: Annotated[tuple[Vertex, ...], AtLeast(2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothoid(Element):
    """One Euler spiral: its start, curvature (1/m) there, curvature's change (1/m^2) and length (m)."""

    position: Position
    curvature: float
    curvature_prime: float
    length: float
    start_time: float | None = None
    stop_time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClothoidSplineSegment(Element):
    """One spiral of a spline. Without a start it begins at the one before's end, turned by `h_offset`."""

    position_start: Position | None = None
    curvature_start: float
    curvature_end: float
    length: float
    h_offset: float = 0.0
    time_start: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClothoidSpline(Element):
    """Spirals one after another; where the first has no start, they begin where the entity is."""

    segments: Annotated[tuple[ClothoidSplineSegment, ...], AtLeast(1)]
    time_end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint(Element):
    """A control point of a NURBS curve."""

    position: Position
    time: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot(Element):
    """A knot of a NURBS curve."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nurbs(Element):
    """A rational B-spline of `order` = degree + 1; it has `len(control_points) + order` knots."""

    order: UnsignedInt
    control_points: Annotated[tuple[ControlPoint, ...], AtLeast(2)]
    knots: Annotated[tuple[Knot, ...], AtLeast(2)]


Shape = Polyline | Clothoid | ClothoidSpline | Nurbs


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory(Element):
    """An exact course of an entity's reference point."""

    name: str
    closed: Annotated[bool, Stated()] = False
    shape: Shape
