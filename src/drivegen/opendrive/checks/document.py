"""Checks of the file's text: what CARLA's reader cannot take, or drops without a word."""

from __future__ import annotations

from collections.abc import Iterator

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.elements import Element
from drivegen.opendrive.writer import SMALLEST_CURVATURE_PM

_BADLY_PLACED_PM = 1e-6
"""Flatter arcs are off by 6 cm and more in carla.Map 0.9.16 (measured); at 0 they are NaN."""


def check_document(root: Element) -> Iterator[Finding]:
    """Findings of a parsed file, by line."""
    header = root.child("header")
    reference = header.child("geoReference") if header is not None else None
    if reference is None or not reference.content:
        yield Finding(
            severity=Severity.WARNING,
            kind="no-geo-reference",
            what="there is no <geoReference>: positions by satellite mean nothing",
            mend='add one to <header>, for example "+proj=tmerc +lat_0=39.795 +lon_0=116.506"',
            line=header.line if header is not None else root.line,
        )
    for road in root.children("road"):
        yield from _road(road)
    for junction in root.children("junction"):
        yield from _junction(junction)
    yield from _ignored(root)


def _whole(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


def _id_of(element: Element) -> int | None:
    text = element.text("id", "")
    return int(text) if _whole(text) else None


def _ids(element: Element, *names: str) -> Iterator[Finding]:
    for name in names:
        value = element.text(name, "")
        if element.has(name) and not _whole(value):
            yield Finding(
                severity=Severity.ERROR,
                kind="id-not-integer",
                what=f'<{element.tag}> {name}="{value}" is not an integer',
                mend="renumber the file: CARLA reads integers only",
                line=element.line,
            )


def _road(road: Element) -> Iterator[Finding]:
    yield from _ids(road, "id", "junction")
    link = road.child("link")
    for end in link.elements() if link is not None else ():
        yield from _ids(end, "elementId")
    road_id = _id_of(road)
    plan = road.child("planView")
    for geometry in plan.children("geometry") if plan is not None else ():
        yield from _geometry(geometry, road_id)
    lanes = road.child("lanes")
    for section in lanes.children("laneSection") if lanes is not None else ():
        for side in section.elements():
            for lane in side.children("lane"):
                yield from _lane(lane, road_id)
    objects = road.child("objects")
    for item in objects.children("object") if objects is not None else ():
        if item.text("type", "") == "crosswalk":
            yield from _crosswalk(item, road_id)


def _number(element: Element, name: str) -> float | None:
    try:
        return float(element.text(name, ""))
    except ValueError:
        return None


def _geometry(geometry: Element, road_id: int | None) -> Iterator[Finding]:
    s, x, y = (_number(geometry, name) for name in ("s", "x", "y"))
    for arc in geometry.children("arc"):
        curvature = _number(arc, "curvature")
        if curvature is not None and abs(curvature) < SMALLEST_CURVATURE_PM:
            bad = abs(curvature) < _BADLY_PLACED_PM
            yield Finding(
                severity=Severity.ERROR if bad else Severity.WARNING,
                kind="flat-arc",
                what=f"an arc of curvature {curvature:g}/m, which CARLA "
                + ("places far off or nowhere" if bad else "places some centimetres off"),
                mend="write <line/>",
                line=arc.line,
                road_id=road_id,
                s_m=s,
                x_m=x,
                y_m=y,
            )
    for spiral in geometry.children("spiral"):
        first, last = _number(spiral, "curvStart"), _number(spiral, "curvEnd")
        if first is not None and first == last:
            yield Finding(
                severity=Severity.ERROR,
                kind="constant-spiral",
                what=f"a spiral of constant curvature {first:g}/m, whose points are NaN in CARLA",
                mend="write <arc> or <line/>",
                line=spiral.line,
                road_id=road_id,
                s_m=s,
                x_m=x,
                y_m=y,
            )


def _lane(lane: Element, road_id: int | None) -> Iterator[Finding]:
    yield from _ids(lane, "id")
    link = lane.child("link")
    for end in link.elements() if link is not None else ():
        yield from _ids(end, "id")
    if lane.child("border") is not None and lane.child("width") is None:
        yield Finding(
            severity=Severity.ERROR,
            kind="border-lane",
            what="the lane is given by <border>, which CARLA reads as width 0",
            mend="give it <width>",
            line=lane.line,
            road_id=road_id,
            lane_id=_id_of(lane),
        )


def _crosswalk(item: Element, road_id: int | None) -> Iterator[Finding]:
    outline = item.child("outline")
    corners = list(outline.children("cornerLocal")) if outline is not None else []
    if len(corners) >= 3:
        first, last = ([_number(c, axis) for axis in "uv"] for c in (corners[0], corners[-1]))
        if first != last:
            yield Finding(
                severity=Severity.WARNING,
                kind="crosswalk-open",
                what=f"the outline of crossing {item.text('id', '?')} does not end where it begins: "
                "in CARLA's list of corners nobody sees where the next crossing begins",
                mend="repeat the first <cornerLocal> at the end",
                line=item.line,
                road_id=road_id,
                s_m=_number(item, "s"),
            )
        return
    if item.child("outlines") is not None:
        form = "inside <outlines>"
    elif outline is None:
        form = "missing"
    else:
        form = "not of three or more <cornerLocal>"
    yield Finding(
        severity=Severity.ERROR,
        kind="crosswalk-outline",
        what=f"the outline of crossing {item.text('id', '?')} is {form}: CARLA drops the crossing",
        mend="put <outline> with <cornerLocal> straight into <object>, as OpenDRIVE 1.4 has it",
        line=item.line,
        road_id=road_id,
        s_m=_number(item, "s"),
    )


def _junction(junction: Element) -> Iterator[Finding]:
    yield from _ids(junction, "id")
    if junction.text("type", "default") == "direct":
        yield Finding(
            severity=Severity.ERROR,
            kind="direct-junction",
            what="a direct junction: the CARLA client fails on it",
            mend="make it a junction with connecting roads",
            line=junction.line,
            junction_id=_id_of(junction),
        )
    for connection in junction.children("connection"):
        yield from _ids(connection, "id", "incomingRoad", "connectingRoad")
        for link in connection.children("laneLink"):
            yield from _ids(link, "from", "to")


def _ignored(root: Element) -> Iterator[Finding]:
    """What CARLA ignores, once for each kind."""
    seen: dict[str, tuple[Element, int | None, int]] = {}
    for road in root.children("road"):
        profile = road.child("lateralProfile")
        for name in ("superelevation", "shape", "crossfall"):
            for element in profile.children(name) if profile is not None else ():
                if any(abs(_number(element, c) or 0.0) > 1e-6 for c in "abcd"):
                    first, road_id, count = seen.get(name, (element, _id_of(road), 0))
                    seen[name] = (first, road_id, count + 1)
    for name, (element, road_id, count) in seen.items():
        yield Finding(
            severity=Severity.NOTE,
            kind="ignored",
            what=f"{count} <{name}>, here the first: CARLA ignores them, roads are level across",
            mend="nothing, if that does",
            line=element.line,
            road_id=road_id,
        )
