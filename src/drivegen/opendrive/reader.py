"""OpenDRIVE text to a `RoadNetwork`."""

from __future__ import annotations

from itertools import pairwise

from drivegen.core.errors import MapError
from drivegen.opendrive.elements import Element, parse_xml
from drivegen.opendrive.model import (
    DRIVABLE,
    Arc,
    Connection,
    ContactPoint,
    Controller,
    Cubic,
    ElementKind,
    Geometry,
    Junction,
    JunctionController,
    LaneLink,
    Line,
    ParamPoly3,
    Poly3,
    Road,
    RoadLink,
    RoadNetwork,
    RoadType,
    Shape,
    Spiral,
)
from drivegen.opendrive.reader_lanes import read_lane_sections, speed_mps
from drivegen.opendrive.reader_objects import (
    read_objects,
    read_signal_references,
    read_signals,
    read_structures,
)

LONGEST_M = 1e6
"""Of one road: whoever samples its line along its length must come to an end."""


def read_network(text: str, source: str) -> RoadNetwork:
    """Reads OpenDRIVE; `source` names the file in messages.

    Signals, objects and lane types that drivegen does not know are kept by name; elements that CARLA ignores
    (user data, railroads, CRG, shape) are skipped. Links to roads that are absent are kept as they are.
    Raises MapError with file, line and mend for what cannot be driven on.
    """
    root = parse_xml(text, source)
    if root.tag != "OpenDRIVE":
        root.fail("the root element is not <OpenDRIVE>", "Give an OpenDRIVE file (.xodr).")
    roads = _read_roads(root)
    junctions = tuple(_read_junction(e) for e in root.children("junction"))
    _check_junctions(root, roads, junctions)
    header = root.child("header")
    reference = header.child("geoReference") if header is not None else None
    return RoadNetwork(
        name=header.text("name", "") if header is not None else "",
        geo_reference=reference.content if reference is not None else "",
        roads=roads,
        junctions=junctions,
        controllers=tuple(_read_controller(e) for e in root.children("controller")),
        source=source,
    )


def _read_roads(root: Element) -> tuple[Road, ...]:
    roads: list[Road] = []
    seen: dict[int, int] = {}
    for element in root.children("road"):
        road = _read_road(element)
        if road.id in seen:
            element.fail(
                f"road id {road.id} is used twice, first in line {seen[road.id]}",
                "Give every road its own id.",
            )
        seen[road.id] = element.line
        roads.append(road)
    if not roads:
        root.fail("there is no <road>", "Give a file with at least one road.")
    if not any(lane.type in DRIVABLE for r in roads for s in r.lane_sections for lane in s.lanes):
        root.fail("no lane of any road is drivable", 'Give at least one lane type="driving".')
    return tuple(roads)


def _read_road(element: Element) -> Road:
    length = element.number("length")
    if length <= 0.0:
        element.fail(f"length {length:g} is not positive", "Remove the road or give its length in metres.")
    if length > LONGEST_M:
        element.fail(f"length {length:g} is beyond {LONGEST_M:g} m", "Cut the road into several.")
    junction = element.text("junction", "-1")
    link = element.child("link")
    elevation = element.child("elevationProfile")
    lateral = element.child("lateralProfile")
    lanes = element.required_child("lanes", "Give the road at least one lane section.")
    return Road(
        id=element.integer("id"),
        name=element.text("name", ""),
        length_m=length,
        junction=None if junction in {"-1", ""} else element.integer("junction"),
        geometries=_read_plan_view(element, length),
        lane_sections=read_lane_sections(lanes, length),
        lane_offsets=_cubics(lanes, "laneOffset"),
        elevations=_cubics(elevation, "elevation"),
        superelevations=_cubics(lateral, "superelevation"),
        predecessor=_read_link(link, "predecessor"),
        successor=_read_link(link, "successor"),
        types=tuple(_read_type(e) for e in element.children("type")),
        signals=read_signals(element),
        signal_references=read_signal_references(element),
        objects=read_objects(element),
        structures=read_structures(element),
    )


def _cubics(parent: Element | None, name: str) -> tuple[Cubic, ...]:
    """Pieces sorted by start; of several at one start the last counts, as CARLA has it."""
    if parent is None:
        return ()
    pieces = {c.s_m: c for c in (e.cubic() for e in parent.children(name))}
    return tuple(pieces[s] for s in sorted(pieces))


def _read_plan_view(road: Element, road_length: float) -> tuple[Geometry, ...]:
    plan = road.required_child("planView", "Give the road a reference line.")
    out: list[Geometry] = []
    elements = list(plan.children("geometry"))
    for element in elements:
        length = element.number("length")
        if length < 0.0:
            element.fail(f"length {length:g} is negative", "Give the length in metres.")
        if length < 1e-9:
            continue  # exporters leave such crumbs; they add nothing
        out.append(
            Geometry(
                s_m=element.number("s"),
                x_m=element.number("x"),
                y_m=element.number("y"),
                heading_rad=element.number("hdg"),
                length_m=length,
                shape=_read_shape(element),
            )
        )
    if not out:
        plan.fail("there is no <geometry> of positive length", "Give the road a reference line.")
    for before, after in pairwise(out):
        if after.s_m <= before.s_m:
            plan.fail(f"the geometries are not in order at s={after.s_m:g}", "Sort them by s.")
    if out[0].s_m > 0.01 or out[-1].s_m + out[-1].length_m < road_length - 0.1:
        plan.fail(
            f"the geometries reach from {out[0].s_m:g} to {out[-1].s_m + out[-1].length_m:g} m, "
            f"the road from 0 to {road_length:g} m",
            "Correct the road's length or complete its geometry.",
        )
    return tuple(out)


def _read_shape(geometry: Element) -> Shape:
    shape = next((e for e in geometry.elements() if e.tag != "userData"), None)
    if shape is None:
        geometry.fail("has no shape", "Put <line/>, <arc>, <spiral>, <poly3> or <paramPoly3> inside.")
    match shape.tag:
        case "line":
            return Line()
        case "arc":
            return Arc(curvature_pm=shape.number("curvature"))
        case "spiral":
            return Spiral(
                curvature_start_pm=shape.number("curvStart"), curvature_end_pm=shape.number("curvEnd")
            )
        case "poly3":
            a, b, c, d = (shape.number(n) for n in "abcd")
            return Poly3(a=a, b=b, c=c, d=d)
        case "paramPoly3":
            au, bu, cu, du, av, bv, cv, dv = (shape.number(n + axis) for axis in "UV" for n in "abcd")
            return ParamPoly3(
                u=(au, bu, cu, du),
                v=(av, bv, cv, dv),
                normalized=shape.text("pRange", "normalized") != "arcLength",
            )
        case other:
            shape.fail(
                f'"{other}" is not a shape of OpenDRIVE', "Use line, arc, spiral, poly3 or paramPoly3."
            )


def _read_link(link: Element | None, name: str) -> RoadLink | None:
    element = link.child(name) if link is not None else None
    if element is None:
        return None
    kind = element.text("elementType", "road")
    if kind not in {"road", "junction"}:
        element.fail(f'elementType="{kind}" is unknown', "Write road or junction.")
    if kind == "junction":
        return RoadLink(kind=ElementKind.JUNCTION, id=element.integer("elementId"))
    return RoadLink(kind=ElementKind.ROAD, id=element.integer("elementId"), contact=_contact(element))


def _contact(element: Element) -> ContactPoint:
    text = element.text("contactPoint", "start")
    if text not in {"start", "end"}:
        element.fail(f'contactPoint="{text}" is unknown', "Write start or end.")
    return ContactPoint(text)


def _read_type(element: Element) -> RoadType:
    speed = element.child("speed")
    return RoadType(
        s_m=element.number("s"),
        type=element.text("type", "unknown"),
        max_mps=speed_mps(speed) if speed is not None else None,
    )


def _read_junction(element: Element) -> Junction:
    if element.text("type", "default") == "direct":
        element.fail(
            'type="direct" makes the CARLA client fail', "Turn it into a junction with connecting roads."
        )
    return Junction(
        id=element.integer("id"),
        name=element.text("name", ""),
        connections=tuple(
            Connection(
                id=e.integer("id"),
                incoming_road=e.integer("incomingRoad"),
                connecting_road=e.integer("connectingRoad"),
                contact=_contact(e),
                lane_links=tuple(
                    LaneLink(from_lane=k.integer("from"), to_lane=k.integer("to"))
                    for k in e.children("laneLink")
                ),
            )
            for e in element.children("connection")
            if e.has("connectingRoad")
        ),
        controllers=tuple(
            JunctionController(id=e.text("id"), sequence=int(e.number("sequence", 0)))
            for e in element.children("controller")
        ),
    )


def _check_junctions(root: Element, roads: tuple[Road, ...], junctions: tuple[Junction, ...]) -> None:
    road_ids = {road.id for road in roads}
    junction_ids = {junction.id for junction in junctions}
    lines = {e.text("id", ""): e.line for e in (*root.children("junction"), *root.children("road"))}
    for junction in junctions:
        for connection in junction.connections:
            for road in (connection.incoming_road, connection.connecting_road):
                if road not in road_ids:
                    raise MapError(
                        f"{root.source}:{lines.get(str(junction.id), 0)}: <junction> {junction.id}: "
                        f"connection {connection.id} names road {road}, which the file does not have. "
                        "Remove the connection or add the road."
                    )
    for item in roads:
        if item.junction is not None and item.junction not in junction_ids:
            raise MapError(
                f"{root.source}:{lines.get(str(item.id), 0)}: <road> {item.id}: belongs to junction "
                f'{item.junction}, which the file does not have. Add the junction or write junction="-1".'
            )


def _read_controller(element: Element) -> Controller:
    signals = dict.fromkeys(e.text("signalId") for e in element.children("control"))
    return Controller(
        id=element.text("id"),
        name=element.text("name", ""),
        signal_ids=tuple(signals),
        sequence=int(element.number("sequence", 0)),
    )
