"""What older versions of the standard wrote in another way, brought to 1.3's.

Sources: the release notes of ASAM OpenSCENARIO XML 1.1, 1.2 and 1.3, which name what each of them deprecates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from drivegen.scenario.model.element import Place
from drivegen.scenario.reading.document import Node
from drivegen.scenario.reading.scope import Scope
from drivegen.scenario.reading.values import as_text, to_boolean, to_double

OLD_WORDS: Mapping[str, Mapping[str, str]] = {
    "Priority": {"overwrite": "override"},
    "ParameterType": {"integer": "int"},
    "RelativeDistanceType": {"cartesianDistance": "euclidianDistance"},
}
"""Words of a list that were given others, by the list's name."""

_RENAMED: Mapping[str, Mapping[str, str]] = {
    "Clothoid": {"curvatureDot": "curvaturePrime"},
    "Sun": {"intensity": "illuminance"},
    "TrafficSourceAction": {"velocity": "speed"},
    "ActivateControllerAction": {"controllerRef": "objectControllerRef"},
    "GeoPosition": {"height": "altitude"},
}

Note = Callable[[Place, str], None]


def upgraded(node: Node, scope: Scope, note: Note) -> Node:
    """The element as 1.3 writes it; the same one where nothing changes. `note` is told of each change.

    Raises:
        ValueError: a value that must be converted is not of its type.
    """
    for old, new in _RENAMED.get(node.tag, {}).items():
        if old in node.attributes:
            node = _renamed(node, old, new, note)
    change = _CHANGES.get(node.tag)
    return node if change is None else change(node, scope, note)


def _renamed(node: Node, old: str, new: str, note: Note) -> Node:
    note(node.place_of(old), f"{old} of {node.tag} is old: it is {new} now")
    attributes = {k: v for k, v in node.attributes.items() if k != old}
    attributes.setdefault(new, node.attributes[old])
    lines = dict(node.attribute_lines)
    if old in lines:
        lines[new] = lines[old]
    return replace(node, attributes=attributes, attribute_lines=lines)


def _geo_position(node: Node, scope: Scope, note: Note) -> Node:
    """Radians (1.1) to degrees (1.2)."""
    for old in ("latitude", "longitude"):
        if old in node.attributes:
            degrees = math.degrees(to_double(scope.resolve(node.attributes[old])))
            node = _renamed(node, old, f"{old}Deg", note)
            node = replace(node, attributes={**node.attributes, f"{old}Deg": as_text(degrees)})
    return node


def _along_route(node: Node, scope: Scope, note: Note) -> Node:
    """`alongRoute` (1.0): along the road, or straight; it stands above what 1.1 put in its place."""
    if "alongRoute" not in node.attributes:
        return node
    note(node.place_of("alongRoute"), f"alongRoute of {node.tag} is old: use coordinateSystem")
    along = to_boolean(scope.resolve(node.attributes["alongRoute"]))
    attributes = {k: v for k, v in node.attributes.items() if k != "alongRoute"}
    attributes["coordinateSystem"] = "road" if along else "entity"
    attributes["relativeDistanceType"] = "longitudinal" if along else "euclidianDistance"
    return replace(node, attributes=attributes)


def _private_action(node: Node, _: Scope, note: Note) -> Node:
    """`ActivateControllerAction` (1.0) stands in `ControllerAction` since 1.1."""
    children = []
    for child in node.children:
        if child.tag == "ActivateControllerAction":
            note(child.place, "ActivateControllerAction stands in ControllerAction now")
            children.append(Node(tag="ControllerAction", attributes={}, place=child.place, children=[child]))
        else:
            children.append(child)
    return replace(node, children=children)


def _follow_trajectory(node: Node, _: Scope, note: Note) -> Node:
    """The trajectory stands in `TrajectoryRef` since 1.1."""
    children = []
    for child in node.children:
        if child.tag in ("Trajectory", "CatalogReference"):
            note(child.place, f"{child.tag} of FollowTrajectoryAction stands in TrajectoryRef now")
            children.append(Node(tag="TrajectoryRef", attributes={}, place=child.place, children=[child]))
        else:
            children.append(child)
    return replace(node, children=children)


def _swarm(node: Node, _: Scope, note: Note) -> Node:
    """`velocity` (1.0) is a range of one speed since 1.2."""
    if "velocity" not in node.attributes:
        return node
    note(node.place_of("velocity"), "velocity of TrafficSwarmAction is old: it is InitialSpeedRange now")
    speed = node.attributes["velocity"]
    attributes = {k: v for k, v in node.attributes.items() if k != "velocity"}
    children = list(node.children)
    if node.child("InitialSpeedRange") is None:
        limits = {"lowerLimit": speed, "upperLimit": speed}
        children.append(Node(tag="InitialSpeedRange", attributes=limits, place=node.place_of("velocity")))
    return replace(node, attributes=attributes, children=children)


def _declaration(node: Node, _: Scope, note: Note) -> Node:
    """A declared name has no `$`."""
    name = node.attributes.get("name", "")
    if not name.startswith("$"):
        return node
    note(node.place_of("name"), f"a parameter is declared without $: {name[1:]!r}")
    return replace(node, attributes={**node.attributes, "name": name[1:]})


def _trigger(node: Node, _: Scope, note: Note) -> Node:
    """Conditions `criteria_...` on parameters are another tool's marks: no trigger waits for them."""
    groups = []
    for group in node.children:
        kept = [c for c in group.children if not _is_criterion(c)]
        if len(kept) < len(group.children):
            note(group.place, "conditions named criteria_... are verdicts of another tool: they are left out")
        if kept or not group.children:
            groups.append(replace(group, children=kept))
    return replace(node, children=groups)


def _is_criterion(condition: Node) -> bool:
    value = condition.child("ByValueCondition")
    by_parameter = value is not None and value.child("ParameterCondition") is not None
    return by_parameter and condition.attributes.get("name", "").startswith("criteria_")


def _phase(node: Node, _: Scope, note: Note) -> Node:
    """1.2's schema has a slip in one name."""
    children = []
    for child in node.children:
        if child.tag == "TrafficeSignalGroupState":
            note(child.place, "TrafficeSignalGroupState is a slip of 1.2: write TrafficSignalGroupState")
        right = child.tag.replace("Traffice", "Traffic")
        children.append(replace(child, tag=right))
    return replace(node, children=children)


_CHANGES: Mapping[str, Callable[[Node, Scope, Note], Node]] = {
    "GeoPosition": _geo_position,
    "TimeHeadwayCondition": _along_route,
    "TimeToCollisionCondition": _along_route,
    "DistanceCondition": _along_route,
    "PrivateAction": _private_action,
    "FollowTrajectoryAction": _follow_trajectory,
    "TrafficSwarmAction": _swarm,
    "Phase": _phase,
    "ParameterDeclaration": _declaration,
    "StartTrigger": _trigger,
    "StopTrigger": _trigger,
}
