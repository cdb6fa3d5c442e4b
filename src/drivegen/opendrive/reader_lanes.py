"""Lane sections, lanes, widths, road marks and speed limits from XML."""

from __future__ import annotations

from drivegen.opendrive.elements import Element
from drivegen.opendrive.model import Cubic, Lane, LaneSection, LaneSpeed, LaneType, RoadMark

_LANE_TYPES = {t.value: t for t in LaneType} | {"mwyEntry": LaneType.ENTRY, "mwyExit": LaneType.EXIT}
_PER_MPS = {"m/s": 1.0, "km/h": 3.6, "kmh": 3.6, "mph": 1.0 / 0.44704, "": 1.0}


def speed_mps(element: Element) -> float | None:
    """The limit of a <speed>; None for "no limit" and "undefined". Without a unit it is m/s."""
    if element.text("max", "no limit") in {"no limit", "undefined", ""}:
        return None
    unit = element.text("unit", "m/s")
    if unit not in _PER_MPS:
        element.fail(f'unit="{unit}" is unknown', "Write m/s, km/h or mph.")
    value = element.number("max")
    if value < 0.0:
        element.fail(f"max={value:g} is negative", "Write the limit as a positive number.")
    return value / _PER_MPS[unit]


def read_lane_sections(lanes: Element, road_length: float) -> tuple[LaneSection, ...]:
    """The sections of a road in order of s."""
    out: list[LaneSection] = []
    for element in lanes.children("laneSection"):
        section = _read_section(element)
        if out and section.s_m < out[-1].s_m:
            element.fail(
                f"s={section.s_m:g} lies before the section above it", "Sort the lane sections by s."
            )
        if section.s_m > road_length + 0.1:
            element.fail(
                f"s={section.s_m:g} lies beyond the road's length {road_length:g}", "Remove the section."
            )
        if out and section.s_m == out[-1].s_m:
            out.pop()  # of two sections at one station only the last has a length
        out.append(section)
    if not out:
        lanes.fail("there is no <laneSection>", "Give the road at least one lane section.")
    return tuple(out)


def _read_section(element: Element) -> LaneSection:
    lanes: dict[int, Lane] = {}
    for side in ("left", "center", "right"):
        for group in element.children(side):
            for entry in group.children("lane"):
                lane = _read_lane(entry)
                if lane.id in lanes:
                    entry.fail(
                        f"lane id {lane.id} is used twice in the section", "Give every lane its own id."
                    )
                expected = {"left": lane.id > 0, "center": lane.id == 0, "right": lane.id < 0}
                if not expected[side]:
                    entry.fail(
                        f"lane id {lane.id} stands under <{side}>",
                        "Left lanes have positive ids, right lanes negative ones, the centre lane 0.",
                    )
                lanes[lane.id] = lane
    for lane_id in lanes:
        inner = lane_id - (lane_id > 0) + (lane_id < 0)
        if inner != 0 and inner not in lanes:
            element.fail(
                f"lane {lane_id} has no neighbour {inner}", "Number the lanes without gaps from the centre."
            )
    return LaneSection(
        s_m=element.number("s"),
        lanes=tuple(lanes[i] for i in sorted(lanes, reverse=True)),
        single_side=element.text("singleSide", "false") == "true",
    )


def _read_lane(element: Element) -> Lane:
    link = element.child("link")
    return Lane(
        id=element.integer("id"),
        type=_LANE_TYPES.get(element.text("type", "none"), LaneType.NONE),
        widths=_cubics(element, "width"),
        borders=_cubics(element, "border"),
        road_marks=tuple(
            sorted((_read_mark(e) for e in element.children("roadMark")), key=lambda m: m.s_offset_m)
        ),
        speeds=tuple(
            LaneSpeed(s_offset_m=e.number("sOffset"), max_mps=limit)
            for e in element.children("speed")
            if (limit := speed_mps(e)) is not None
        ),
        predecessor=_lane_link(link, "predecessor"),
        successor=_lane_link(link, "successor"),
        level=element.text("level", "false") in {"true", "1"},
    )


def _cubics(parent: Element, name: str) -> tuple[Cubic, ...]:
    pieces = {c.s_m: c for c in (e.cubic("sOffset") for e in parent.children(name))}
    return tuple(pieces[s] for s in sorted(pieces))


def _lane_link(link: Element | None, name: str) -> int | None:
    element = link.child(name) if link is not None else None
    return element.integer("id") if element is not None else None


def _read_mark(element: Element) -> RoadMark:
    return RoadMark(
        s_offset_m=element.number("sOffset"),
        type=element.text("type", "none"),
        color=element.text("color", "standard"),
        width_m=max(element.number("width", 0.0), 0.0),
        lane_change=element.text("laneChange", "both"),
        weight=element.text("weight", "standard"),
        material=element.text("material", "standard"),
    )
