"""The road network as MAP sees it: nodes, links between them, lanes of links, phases of lights.

A node is a junction or a place where a road ends. A link is the way of one direction of traffic from a node
to the next, over however many roads. Lanes of a link count from 1, from the left as the traffic sees them,
where the link reaches its node.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from jaxtyping import Float64

from drivegen.core.geometry import Vec3
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lane_graph import LaneGraph, Turn
from drivegen.opendrive.model import ContactPoint, RoadNetwork
from drivegen.opendrive.signals import LIGHT_TYPES, SignalHead, signal_heads
from drivegen.opendrive.topology import LaneRef
from drivegen.v2x.map_message import MOST_POINTS
from drivegen.v2x.parts import NodeRef

FIRST_NODE = 256
"""Node ids below are set aside for tests by the standard."""
REGION = 0
"""Also for tests: these are no real junctions."""
LINE_M = 300.0
"""A lane's line goes so far back from its node."""
_TOLERANCE_M = 0.05
_WHOLE_TURN = 2.0 * np.pi
_STRAIGHT_RAD = np.radians(45.0)
_BACK_RAD = np.radians(150.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LaneWay:
    """A way from a lane through its junction."""

    to_node: NodeRef
    """At the end of the link that it leads into."""
    to_lane: int
    turn: Turn
    phase: int | None
    """None where no light governs it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkLane:
    """A lane where its link reaches the node."""

    number: int
    ref: LaneRef
    width_m: float
    speed_mps: float
    line_m: Float64[np.ndarray, "n 3"]
    """2 to 31 points, downstream."""
    ways: tuple[LaneWay, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeLink:
    """A link into a node."""

    road_id: int
    """The road that touches the node."""
    upstream: NodeRef
    lanes: tuple[LinkLane, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPhase:
    """Signals of a junction that show the same at the same time."""

    number: int
    """From 1."""
    signal_ids: tuple[str, ...]


class NodeMap:
    """Nodes, links and phases of a network; what is asked for is worked out and kept."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.graph = LaneGraph(network)
        self._geometry = NetworkGeometry(network)
        keys: list[tuple[int, ContactPoint | None]] = [
            *((j, None) for j in sorted(network.junction_by_id)),
            *((r.id, contact) for r in network.roads if r.junction is None for contact in ContactPoint),
        ]
        self._number = {key: FIRST_NODE + i for i, key in enumerate(keys)}
        self._heads: dict[int, list[SignalHead]] = {}
        for head in signal_heads(network):
            if head.junction_id is not None:
                self._heads.setdefault(head.junction_id, []).append(head)
        self._controls = _controls(network)
        self._links: dict[int, tuple[NodeLink, ...]] = {}

    def junction_ref(self, junction_id: int) -> NodeRef:
        """The node of a junction. Raises KeyError for a junction that the network has not."""
        return NodeRef(id=self._number[(junction_id, None)], region=REGION)

    def junction_of(self, ref: NodeRef) -> int | None:
        """The junction of a node; none for an end of the road, and for nodes of other maps."""
        for (name, contact), number in self._number.items():
            if contact is None and number == ref.id:
                return name
        return None

    def centre_m(self, junction_id: int) -> Vec3:
        """The middle of a junction: of the ends of all lanes that lead through it."""
        inside = [i for i, ref in enumerate(self.graph.lanes) if self._junction(ref.road_id) == junction_id]
        if not inside:
            return np.zeros(3)
        ends = np.concatenate([self.graph.line(i).position_m[[0, -1]] for i in inside])
        return np.asarray(0.5 * (ends.min(axis=0) + ends.max(axis=0)))

    def phases(self, junction_id: int) -> tuple[SignalPhase, ...]:
        """Phases of a junction: a controller's signals each, in the order of its cycle; then single ones."""
        heads = self._heads.get(junction_id, [])
        groups: dict[tuple[int, int, str], list[str]] = {}
        for head in heads:
            key = (
                (1, 0, head.signal_id)
                if head.controller_id is None
                else (0, head.sequence, head.controller_id)
            )
            groups.setdefault(key, []).append(head.signal_id)
        return tuple(
            SignalPhase(number=i + 1, signal_ids=tuple(groups[key])) for i, key in enumerate(sorted(groups))
        )

    def links(self, junction_id: int) -> tuple[NodeLink, ...]:
        """Links into a junction, by their roads' ids."""
        if junction_id not in self._links:
            self._links[junction_id] = self._find_links(junction_id)
        return self._links[junction_id]

    def _junction(self, road_id: int) -> int | None:
        return self.network.road_by_id[road_id].junction

    def _find_links(self, junction_id: int) -> tuple[NodeLink, ...]:
        phase_of = {s: p.number for p in self.phases(junction_id) for s in p.signal_ids}
        graph = self.graph
        entering: dict[tuple[int, bool], list[int]] = {}
        for i, ref in enumerate(graph.lanes):
            into = [s for s in graph.successors[i] if self._junction(graph.lanes[s].road_id) == junction_id]
            if into and not graph.in_junction[i]:
                entering.setdefault((ref.road_id, ref.lane_id < 0), []).append(i)
        return tuple(
            NodeLink(
                road_id=road,
                upstream=self._upstream(entering[road, forward][0]),
                lanes=tuple(
                    self._lane(number, lane, junction_id, phase_of)
                    for number, lane in enumerate(
                        sorted(entering[road, forward], key=lambda i: abs(graph.lanes[i].lane_id)), start=1
                    )
                ),
            )
            for road, forward in sorted(entering)
        )

    def _lane(self, number: int, lane: int, junction_id: int, phase_of: dict[str, int]) -> LinkLane:
        graph = self.graph
        ref = graph.lanes[lane]
        return LinkLane(
            number=number,
            ref=ref,
            width_m=self._width_m(lane),
            speed_mps=float(graph.speed_mps[lane]),
            line_m=_thinned(self._line(lane)),
            ways=self._ways(lane, junction_id, phase_of),
        )

    def _width_m(self, lane: int) -> float:
        """Where the lane reaches its node."""
        ref = self.graph.lanes[lane]
        curve = self._geometry.curve(ref.road_id)
        s_m = self.graph.s_m(lane, float(self.graph.length_m[lane]))
        return float(curve.width(ref.section, ref.lane_id, np.array([s_m]))[0][0])

    def _line(self, lane: int) -> Float64[np.ndarray, "n 3"]:
        """The lane's middle with what leads up to it, up to `LINE_M` before its end."""
        graph = self.graph
        parts = [graph.line(lane).position_m]
        long, seen = _length(parts[0]), {lane}
        while long < LINE_M:
            before = [p for p in graph.predecessors[lane] if not graph.in_junction[p] and p not in seen]
            if not before:
                break
            lane = before[0]
            seen.add(lane)
            parts.insert(0, graph.line(lane).position_m)
            long += _length(parts[0])
        line = np.concatenate(parts)
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
        line = line[np.concatenate([[True], steps > 1e-3])]
        left = np.concatenate([np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1)[::-1])[::-1], [0.0]])
        near = np.flatnonzero(left <= LINE_M)[0]
        return np.asarray(line[min(near, len(line) - 2) :])

    def _ways(self, lane: int, junction_id: int, phase_of: dict[str, int]) -> tuple[LaneWay, ...]:
        graph = self.graph
        found: dict[tuple[int, int, Turn], LaneWay] = {}
        for first in graph.successors[lane]:
            path = [first]
            while (
                graph.in_junction[path[-1]] and self._junction(graph.lanes[path[-1]].road_id) == junction_id
            ):
                after = [s for s in graph.successors[path[-1]] if s not in path]
                if not after:
                    break
                path.append(after[0])
            inside = [p for p in path if graph.in_junction[p]]
            if not inside or path[-1] == inside[-1]:
                continue
            signals = [s for p in inside for s in self._controls.get(graph.lanes[p], ())]
            to_node, to_lane = self._downstream(path[-1])
            turn = self._turn(inside)
            found.setdefault(
                (to_node.id, to_lane, turn),
                LaneWay(
                    to_node=to_node,
                    to_lane=to_lane,
                    turn=turn,
                    phase=next((phase_of[s] for s in signals if s in phase_of), None),
                ),
            )
        return tuple(found[key] for key in sorted(found))

    def _turn(self, inside: list[int]) -> Turn:
        first, last = self.graph.line(inside[0]).heading_rad, self.graph.line(inside[-1]).heading_rad
        if len(inside) == 1:
            return self.graph.turn(inside[0])
        turned = float((last[-1] - first[0] + np.pi) % _WHOLE_TURN - np.pi)
        if abs(turned) > _BACK_RAD:
            return Turn.U_TURN
        if abs(turned) <= _STRAIGHT_RAD:
            return Turn.THROUGH
        return Turn.LEFT if turned > 0.0 else Turn.RIGHT

    def _upstream(self, lane: int) -> NodeRef:
        graph, seen = self.graph, {lane}
        while True:
            before = [p for p in graph.predecessors[lane] if p not in seen]
            inside = [p for p in before if graph.in_junction[p]]
            if inside:
                return self._node_of_road(graph.lanes[inside[0]].road_id)
            if not before:
                ref = graph.lanes[lane]
                return self._end(ref, ContactPoint.START if ref.lane_id < 0 else ContactPoint.END)
            lane = before[0]
            seen.add(lane)

    def _downstream(self, lane: int) -> tuple[NodeRef, int]:
        """(node at the end of a lane's link, the lane's number there)."""
        graph, seen = self.graph, {lane}
        while True:
            after = [s for s in graph.successors[lane] if s not in seen]
            inside = [s for s in after if graph.in_junction[s]]
            if inside or not after:
                ref = graph.lanes[lane]
                node = (
                    self._node_of_road(graph.lanes[inside[0]].road_id)
                    if inside
                    else self._end(ref, ContactPoint.END if ref.lane_id < 0 else ContactPoint.START)
                )
                return node, self._rank(ref)
            lane = after[0]
            seen.add(lane)

    def _rank(self, ref: LaneRef) -> int:
        """A lane's number among the driving lanes of its direction."""
        same = [
            r.lane_id
            for r in self.graph.lanes
            if (r.road_id, r.section) == (ref.road_id, ref.section) and (r.lane_id < 0) == (ref.lane_id < 0)
        ]
        return 1 + sorted(same, key=abs).index(ref.lane_id)

    def _node_of_road(self, road_id: int) -> NodeRef:
        junction = self._junction(road_id)
        if junction is None:
            raise ValueError(f"road {road_id} is in no junction")
        return self.junction_ref(junction)

    def _end(self, ref: LaneRef, contact: ContactPoint) -> NodeRef:
        """The node where a road ends, or where its lanes do."""
        return NodeRef(id=self._number[ref.road_id, contact], region=REGION)


def _controls(network: RoadNetwork) -> dict[LaneRef, list[str]]:
    """Lights by the lanes inside junctions that they govern."""
    lights = {s.id for road in network.roads for s in road.signals if s.type in LIGHT_TYPES}
    out: dict[LaneRef, list[str]] = {}
    for road in network.roads:
        if road.junction is None:
            continue
        uses = [(r.signal_id, r.s_m, r.validities) for r in road.signal_references if r.signal_id in lights]
        uses += [(s.id, s.s_m, s.validities) for s in road.signals if s.id in lights]
        for signal_id, s_m, validities in uses:
            section = road.section_at(s_m)
            for lane in road.lane_sections[section].lanes:
                if lane.id != 0 and (not validities or any(v.holds(lane.id) for v in validities)):
                    ref = LaneRef(road_id=road.id, section=section, lane_id=lane.id)
                    out.setdefault(ref, []).append(signal_id)
    return out


def _length(line: Float64[np.ndarray, "n 3"]) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _thinned(line: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "k 3"]:
    """As few points as a tolerance allows; a larger one where it would be more than a message holds."""
    tolerance = _TOLERANCE_M
    while True:
        thin = np.asarray(shapely.LineString(line).simplify(tolerance).coords)
        if len(thin) <= MOST_POINTS:
            return thin
        tolerance *= 1.5
