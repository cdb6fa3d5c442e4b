"""Signals, signal references and objects from XML."""

from __future__ import annotations

from drivegen.opendrive.elements import Element
from drivegen.opendrive.model import (
    CornerLocal,
    CornerRoad,
    LaneValidity,
    ObjectRepeat,
    RoadObject,
    Signal,
    SignalReference,
    Structure,
    StructureKind,
)


def read_signals(road: Element) -> tuple[Signal, ...]:
    """The signals of a road."""
    return tuple(
        Signal(
            id=e.text("id"),
            name=e.text("name", ""),
            s_m=e.number("s"),
            t_m=e.number("t"),
            z_offset_m=e.number("zOffset", 0.0),
            h_offset_rad=e.number("hOffset", 0.0),
            orientation=e.text("orientation", "none"),
            dynamic=e.text("dynamic", "no") == "yes",
            type=e.text("type", "-1"),
            subtype=e.text("subtype", "-1"),
            value=_value(e),
            unit=e.text("unit", ""),
            text=e.text("text", ""),
            country=e.text("country", ""),
            width_m=e.number("width", 0.0),
            height_m=e.number("height", 0.0),
            pitch_rad=e.number("pitch", 0.0),
            roll_rad=e.number("roll", 0.0),
            validities=_validities(e),
        )
        for group in road.children("signals")
        for e in group.children("signal")
    )


def _value(signal: Element) -> float | None:
    """None also for -1, which OpenDRIVE 1.4 writes for "no value"."""
    value = signal.optional_number("value")
    return None if value == -1.0 else value


def read_signal_references(road: Element) -> tuple[SignalReference, ...]:
    """The signal references of a road."""
    return tuple(
        SignalReference(
            signal_id=e.text("id"),
            s_m=e.number("s"),
            t_m=e.number("t", 0.0),
            orientation=e.text("orientation", "none"),
            validities=_validities(e),
        )
        for group in road.children("signals")
        for e in group.children("signalReference")
    )


def _validities(element: Element) -> tuple[LaneValidity, ...]:
    return tuple(
        LaneValidity(from_lane=e.integer("fromLane"), to_lane=e.integer("toLane"))
        for e in element.children("validity")
    )


def read_objects(road: Element) -> tuple[RoadObject, ...]:
    """The objects of a road."""
    return tuple(
        RoadObject(
            id=e.text("id", ""),
            name=e.text("name", ""),
            type=e.text("type", "none"),
            s_m=e.number("s"),
            t_m=e.number("t"),
            z_offset_m=e.number("zOffset", 0.0),
            heading_rad=e.number("hdg", 0.0),
            pitch_rad=e.number("pitch", 0.0),
            roll_rad=e.number("roll", 0.0),
            orientation=e.text("orientation", "none"),
            length_m=e.number("length", 0.0),
            width_m=e.number("width", 0.0),
            radius_m=e.number("radius", 0.0),
            height_m=e.number("height", 0.0),
            outline=_outline(e),
            repeats=tuple(_repeat(r) for r in e.children("repeat")),
            user_data=tuple(
                (d.text("code"), d.text("value", "")) for d in e.children("userData") if d.has("code")
            ),
        )
        for group in road.children("objects")
        for e in group.children("object")
    )


def _outline(element: Element) -> tuple[CornerLocal, ...] | tuple[CornerRoad, ...]:
    """The first outline, whether in the 1.4 form or inside <outlines>."""
    holder = element.child("outlines") or element
    outline = holder.child("outline")
    if outline is None:
        return ()
    local = tuple(
        CornerLocal(
            u_m=e.number("u"), v_m=e.number("v"), z_m=e.number("z", 0.0), height_m=e.number("height", 0.0)
        )
        for e in outline.children("cornerLocal")
    )
    if local:
        return local
    return tuple(
        CornerRoad(
            s_m=e.number("s"), t_m=e.number("t"), dz_m=e.number("dz", 0.0), height_m=e.number("height", 0.0)
        )
        for e in outline.children("cornerRoad")
    )


def _repeat(element: Element) -> ObjectRepeat:
    return ObjectRepeat(
        s_m=element.number("s"),
        length_m=element.number("length"),
        distance_m=element.number("distance"),
        t_start_m=element.number("tStart", 0.0),
        t_end_m=element.number("tEnd", 0.0),
        z_offset_start_m=element.number("zOffsetStart", 0.0),
        z_offset_end_m=element.number("zOffsetEnd", 0.0),
    )


def read_structures(road: Element) -> tuple[Structure, ...]:
    """Bridges and tunnels of a road, tunnels first as in the file."""
    return tuple(
        Structure(
            id=e.text("id", ""),
            kind=kind,
            s_m=e.number("s"),
            length_m=e.number("length"),
            type=e.text("type", ""),
            name=e.text("name", ""),
            lighting=e.number("lighting", 0.0),
            daylight=e.number("daylight", 0.0),
        )
        for group in road.children("objects")
        for kind in (StructureKind.TUNNEL, StructureKind.BRIDGE)
        for e in group.children(kind.value)
    )
