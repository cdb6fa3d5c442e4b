"""A `RoadNetwork` to OpenDRIVE text in CARLA's dialect."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from drivegen.core.errors import MapError
from drivegen.opendrive.model import (
    Arc,
    CornerLocal,
    Cubic,
    Geometry,
    Junction,
    Lane,
    LaneSection,
    LaneType,
    LaneValidity,
    Line,
    Poly3,
    Road,
    RoadLink,
    RoadNetwork,
    RoadObject,
    Shape,
    Signal,
    SignalReference,
    Spiral,
    Structure,
    StructureKind,
)

SMALLEST_CURVATURE_PM = 1e-5
"""CARLA misplaces flatter arcs (measured: 6 cm at 1e-6, NaN at 0); they are written as lines."""


class _Xml:
    """Lines of XML; attributes keep the order they are given in."""

    def __init__(self) -> None:
        self._lines: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
        self._open: list[str] = []

    def begin(self, name: str, /, **attributes: object) -> None:
        self._lines.append(f"{self._indent}<{name}{_attributes(attributes)}>")
        self._open.append(name)

    def end(self) -> None:
        name = self._open.pop()
        self._lines.append(f"{self._indent}</{name}>")

    def leaf(self, name: str, /, **attributes: object) -> None:
        self._lines.append(f"{self._indent}<{name}{_attributes(attributes)}/>")

    def content(self, name: str, text: str) -> None:
        self._lines.append(f"{self._indent}<{name}>{escape(text)}</{name}>")

    @property
    def _indent(self) -> str:
        return "  " * len(self._open)

    def text(self) -> str:
        assert not self._open
        return "\n".join(self._lines) + "\n"


def _attributes(attributes: dict[str, object]) -> str:
    parts = []
    for name, value in attributes.items():
        if value is None:
            continue
        text = repr(value + 0.0) if isinstance(value, float) else str(value)
        parts.append(f" {name.rstrip('_')}={quoteattr(text)}")
    return "".join(parts)


def write_network(network: RoadNetwork) -> str:
    """Canonical OpenDRIVE 1.4 text: the same network gives the same bytes.

    Numbers are written so that reading gives them back exactly. Arcs flatter than `SMALLEST_CURVATURE_PM`
    become lines and clothoids of constant curvature become arcs, because CARLA cannot place those.
    Raises MapError for what CARLA would drop without a word: lanes given by borders, crosswalks whose
    outline is in road coordinates.
    """
    xml = _Xml()
    xml.begin("OpenDRIVE")
    xml.begin("header", revMajor=1, revMinor=4, name=network.name, version=1.0, vendor="drivegen")
    if network.geo_reference:
        xml.content("geoReference", network.geo_reference)
    xml.end()
    for road in network.roads:
        _write_road(xml, road, network.name)
    for controller in network.controllers:
        xml.begin("controller", name=controller.name, id=controller.id, sequence=controller.sequence)
        for signal_id in controller.signal_ids:
            xml.leaf("control", signalId=signal_id, type="")
        xml.end()
    for junction in network.junctions:
        _write_junction(xml, junction)
    xml.end()
    return xml.text()


def _write_road(xml: _Xml, road: Road, network_name: str) -> None:
    junction = -1 if road.junction is None else road.junction
    xml.begin("road", name=road.name, length=float(road.length_m), id=road.id, junction=junction)
    if road.predecessor or road.successor:
        xml.begin("link")
        _write_link(xml, "predecessor", road.predecessor)
        _write_link(xml, "successor", road.successor)
        xml.end()
    for kind in road.types:
        xml.begin("type", s=float(kind.s_m), type=kind.type)
        if kind.max_mps is not None:
            _write_speed(xml, kind.max_mps)
        xml.end()
    xml.begin("planView")
    for geometry in road.geometries:
        _write_geometry(xml, geometry)
    xml.end()
    _write_profile(xml, "elevationProfile", "elevation", road.elevations)
    _write_profile(xml, "lateralProfile", "superelevation", road.superelevations)
    xml.begin("lanes")
    for offset in road.lane_offsets:
        _write_cubic(xml, "laneOffset", "s", offset)
    for section in road.lane_sections:
        _write_section(xml, section, f"{network_name}: road {road.id}")
    xml.end()
    if road.objects or road.structures:
        xml.begin("objects")
        for item in road.objects:
            _write_object(xml, item, f"{network_name}: road {road.id}")
        # The schema has tunnels before bridges.
        for structure in sorted(road.structures, key=lambda v: v.kind is StructureKind.BRIDGE):
            _write_structure(xml, structure)
        xml.end()
    if road.signals or road.signal_references:
        xml.begin("signals")
        for signal in road.signals:
            _write_signal(xml, signal)
        for reference in road.signal_references:
            _write_reference(xml, reference)
        xml.end()
    xml.end()


def _write_speed(xml: _Xml, max_mps: float) -> None:
    """Whole km/h where that is exact: the schema of OpenDRIVE 1.4 knows whole numbers only."""
    kmh = round(max_mps * 3.6)
    if kmh / 3.6 == max_mps:
        xml.leaf("speed", max=kmh, unit="km/h")
    else:
        xml.leaf("speed", max=float(max_mps), unit="m/s")


def _write_link(xml: _Xml, name: str, link: RoadLink | None) -> None:
    if link is not None:
        contact = None if link.contact is None else link.contact.value
        xml.leaf(name, elementType=link.kind.value, elementId=link.id, contactPoint=contact)


def _dialect_shape(shape: Shape) -> Shape:
    if isinstance(shape, Spiral) and abs(shape.curvature_end_pm - shape.curvature_start_pm) < 1e-9:
        shape = Arc(curvature_pm=shape.curvature_start_pm)
    if isinstance(shape, Arc) and abs(shape.curvature_pm) < SMALLEST_CURVATURE_PM:
        return Line()
    return shape


def _write_geometry(xml: _Xml, geometry: Geometry) -> None:
    xml.begin(
        "geometry",
        s=float(geometry.s_m),
        x=float(geometry.x_m),
        y=float(geometry.y_m),
        hdg=float(geometry.heading_rad),
        length=float(geometry.length_m),
    )
    shape = _dialect_shape(geometry.shape)
    if isinstance(shape, Line):
        xml.leaf("line")
    elif isinstance(shape, Arc):
        xml.leaf("arc", curvature=float(shape.curvature_pm))
    elif isinstance(shape, Spiral):
        xml.leaf("spiral", curvStart=float(shape.curvature_start_pm), curvEnd=float(shape.curvature_end_pm))
    elif isinstance(shape, Poly3):
        xml.leaf("poly3", a=float(shape.a), b=float(shape.b), c=float(shape.c), d=float(shape.d))
    else:
        values = {
            n + axis: float(v)
            for axis, four in (("U", shape.u), ("V", shape.v))
            for n, v in zip("abcd", four, strict=True)
        }
        xml.leaf("paramPoly3", pRange="normalized" if shape.normalized else "arcLength", **values)
    xml.end()


def _write_cubic(xml: _Xml, name: str, station: str, cubic: Cubic) -> None:
    values = {
        station: float(cubic.s_m),
        "a": float(cubic.a),
        "b": float(cubic.b),
        "c": float(cubic.c),
        "d": float(cubic.d),
    }
    xml.leaf(name, **values)


def _write_profile(xml: _Xml, profile: str, name: str, cubics: tuple[Cubic, ...]) -> None:
    if cubics:
        xml.begin(profile)
        for cubic in cubics:
            _write_cubic(xml, name, "s", cubic)
        xml.end()


def _write_section(xml: _Xml, section: LaneSection, where: str) -> None:
    xml.begin("laneSection", s=float(section.s_m), singleSide="true" if section.single_side else None)
    centre = section.lane(0) or Lane(id=0, type=LaneType.NONE)
    for side, lanes in (("left", section.left[::-1]), ("center", (centre,)), ("right", section.right)):
        if lanes:
            xml.begin(side)
            for lane in lanes:
                _write_lane(xml, lane, where)
            xml.end()
    xml.end()


def _write_lane(xml: _Xml, lane: Lane, where: str) -> None:
    if lane.borders and not lane.widths:
        raise MapError(
            f"{where}: lane {lane.id} is given by borders, which CARLA reads as width 0. Give it widths."
        )
    xml.begin("lane", id=lane.id, type=lane.type.value, level="true" if lane.level else "false")
    if lane.predecessor is not None or lane.successor is not None:
        xml.begin("link")
        if lane.predecessor is not None:
            xml.leaf("predecessor", id=lane.predecessor)
        if lane.successor is not None:
            xml.leaf("successor", id=lane.successor)
        xml.end()
    for width in lane.widths:
        _write_cubic(xml, "width", "sOffset", width)
    for mark in lane.road_marks:
        xml.leaf(
            "roadMark",
            sOffset=float(mark.s_offset_m),
            type=mark.type,
            weight=mark.weight,
            color=mark.color,
            material=mark.material,
            width=float(mark.width_m) if mark.width_m > 0.0 else None,
            laneChange=mark.lane_change,
        )
    for speed in lane.speeds:
        xml.leaf("speed", sOffset=float(speed.s_offset_m), max=float(speed.max_mps))
    xml.end()


def _write_object(xml: _Xml, item: RoadObject, where: str) -> None:
    if item.type == "crosswalk" and any(not isinstance(c, CornerLocal) for c in item.outline):
        raise MapError(
            f"{where}: crosswalk {item.id} has its outline in road coordinates, which CARLA drops. "
            "Give corners in local coordinates."
        )
    attributes: dict[str, object] = {
        "id": item.id,
        "name": item.name,
        "s": float(item.s_m),
        "t": float(item.t_m),
        "zOffset": float(item.z_offset_m),
        "hdg": float(item.heading_rad),
        "roll": float(item.roll_rad),
        "pitch": float(item.pitch_rad),
        "orientation": item.orientation,
        "type": item.type,
        "length": float(item.length_m) if item.length_m else None,
        "width": float(item.width_m) if item.width_m else None,
        "radius": float(item.radius_m) if item.radius_m else None,
        "height": float(item.height_m) if item.height_m else None,
    }
    xml.begin("object", **attributes)
    for repeat in item.repeats:
        xml.leaf(
            "repeat",
            s=float(repeat.s_m),
            length=float(repeat.length_m),
            distance=float(repeat.distance_m),
            tStart=float(repeat.t_start_m),
            tEnd=float(repeat.t_end_m),
            zOffsetStart=float(repeat.z_offset_start_m),
            zOffsetEnd=float(repeat.z_offset_end_m),
        )
    if item.outline:
        xml.begin("outline")
        for corner in item.outline:
            height = float(corner.height_m)
            if isinstance(corner, CornerLocal):
                xml.leaf(
                    "cornerLocal",
                    u=float(corner.u_m),
                    v=float(corner.v_m),
                    z=float(corner.z_m),
                    height=height,
                )
            else:
                xml.leaf(
                    "cornerRoad",
                    s=float(corner.s_m),
                    t=float(corner.t_m),
                    dz=float(corner.dz_m),
                    height=height,
                )
        xml.end()
    for code, value in item.user_data:
        xml.leaf("userData", code=code, value=value)
    xml.end()


def _write_structure(xml: _Xml, structure: Structure) -> None:
    tunnel = structure.kind is StructureKind.TUNNEL
    xml.leaf(
        structure.kind.value,
        s=float(structure.s_m),
        length=float(structure.length_m),
        name=structure.name,
        id=structure.id,
        type=structure.type,
        lighting=float(structure.lighting) if tunnel else None,
        daylight=float(structure.daylight) if tunnel else None,
    )


def _write_signal(xml: _Xml, signal: Signal) -> None:
    xml.begin(
        "signal",
        name=signal.name,
        id=signal.id,
        s=float(signal.s_m),
        t=float(signal.t_m),
        zOffset=float(signal.z_offset_m),
        hOffset=float(signal.h_offset_rad),
        roll=float(signal.roll_rad),
        pitch=float(signal.pitch_rad),
        orientation=signal.orientation,
        dynamic="yes" if signal.dynamic else "no",
        country=signal.country,
        type=signal.type,
        subtype=signal.subtype,
        value=-1.0 if signal.value is None else float(signal.value),
        unit=signal.unit or None,
        text=signal.text,
        height=float(signal.height_m),
        width=float(signal.width_m),
    )
    _write_validities(xml, signal.validities)
    xml.end()


def _write_reference(xml: _Xml, reference: SignalReference) -> None:
    xml.begin(
        "signalReference",
        id=reference.signal_id,
        s=float(reference.s_m),
        t=float(reference.t_m),
        orientation=reference.orientation,
    )
    _write_validities(xml, reference.validities)
    xml.end()


def _write_validities(xml: _Xml, validities: tuple[LaneValidity, ...]) -> None:
    for validity in validities:
        xml.leaf("validity", fromLane=validity.from_lane, toLane=validity.to_lane)


def _write_junction(xml: _Xml, junction: Junction) -> None:
    xml.begin("junction", id=junction.id, name=junction.name)
    for connection in junction.connections:
        xml.begin(
            "connection",
            id=connection.id,
            incomingRoad=connection.incoming_road,
            connectingRoad=connection.connecting_road,
            contactPoint=connection.contact.value,
        )
        for link in connection.lane_links:
            xml.leaf("laneLink", from_=link.from_lane, to=link.to_lane)
        xml.end()
    for controller in junction.controllers:
        xml.leaf("controller", id=controller.id, type="0", sequence=controller.sequence)
    xml.end()
