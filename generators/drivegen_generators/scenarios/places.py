"""Positions of OpenSCENARIO. Metres and radians; any number may be an expression with parameters."""

from __future__ import annotations

from drivegen_generators.scenarios.xml import Element, Value, element


def lane(road: int, lane_id: int, s: Value, offset: Value | None = None, h: Value | None = None) -> Element:
    """On a lane of a road, `s` along the road, `offset` left of the lane's middle."""
    return _position(
        element("LanePosition", _heading(h), roadId=str(road), laneId=str(lane_id), s=s, offset=offset)
    )


def road(road_id: int, s: Value, t: Value, h: Value | None = None) -> Element:
    """On a road, `t` left of its reference line."""
    return _position(element("RoadPosition", _heading(h), roadId=str(road_id), s=s, t=t))


def world(x: Value, y: Value, h: Value | None = None) -> Element:
    """In the map's frame: x east, y north."""
    return _position(element("WorldPosition", x=x, y=y, h=h))


def beside(entity: str, lanes: int, ds: Value, offset: Value | None = None) -> Element:
    """On the lane `lanes` to the left of an entity's, `ds` ahead of it along the lane."""
    return _position(
        element("RelativeLanePosition", entityRef=entity, dLane=str(lanes), ds=ds, offset=offset)
    )


def _heading(h: Value | None) -> Element | None:
    return None if h is None else element("Orientation", type="relative", h=h)


def _position(which: Element) -> Element:
    return element("Position", which)
