"""Which traffic lights hold the traffic that a pedestrian crossing cuts."""

from __future__ import annotations

import numpy as np
import shapely

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE
from drivegen.opendrive.signals import LIGHT_TYPES, signal_heads
from drivegen.opendrive.topology import LaneRef, Topology

_STRAIGHT_RAD = np.radians(35.0)
_STEP_M = 1.0


class CrossingSignals:
    """Finds the lights of a crossing.

    Traffic that enters the junction over the crossing counts with its light. Traffic that leaves over it
    counts too, except turns on a light that also serves traffic straight on: those give way to people who
    walk along with them. Where that would leave no moment to walk, all turns give way.
    """

    def __init__(self, geometry: NetworkGeometry) -> None:
        network = geometry.network
        self._geometry = geometry
        self._topology = Topology(network)
        self._entering: dict[tuple[int, int], list[str]] = {}
        for head in signal_heads(network):
            for line in head.stop_lines:
                self._entering.setdefault((line.road_id, line.lane_id), []).append(head.signal_id)
        lights = {s.id for r in network.roads for s in r.signals if s.type in LIGHT_TYPES}
        self._inside: dict[tuple[int, int], list[str]] = {}
        self._turn: dict[int, float] = {}
        self._of_junction: dict[int, set[str]] = {}
        straight: set[str] = set()
        for road in network.roads:
            if road.junction is None:
                continue
            heading = geometry.curve(road.id).reference(np.array([0.0, road.length_m]))[1]
            turn = (heading[1] - heading[0] + np.pi) % (2.0 * np.pi) - np.pi
            self._turn[road.id] = abs(float(turn))
            for reference in road.signal_references:
                if reference.signal_id not in lights:
                    continue
                self._of_junction.setdefault(road.junction, set()).add(reference.signal_id)
                if self._turn[road.id] < _STRAIGHT_RAD:
                    straight.add(reference.signal_id)
                for lane in road.lane_sections[road.section_at(reference.s_m)].lanes:
                    if lane.type in DRIVABLE and any(v.holds(lane.id) for v in reference.validities):
                        self._inside.setdefault((road.id, lane.id), []).append(reference.signal_id)
        self._serves_straight = straight
        self._refs, self._lines = self._lanes()
        self._tree = shapely.STRtree(self._lines)

    def _lanes(self) -> tuple[list[LaneRef], list[shapely.Geometry]]:
        refs: list[LaneRef] = []
        lines: list[shapely.Geometry] = []
        for road in self._geometry.network.roads:
            curve = self._geometry.curve(road.id)
            for index, section in enumerate(road.lane_sections):
                first, last = curve.section_range(index)
                if last - first < 0.05:
                    continue
                stations = np.linspace(first, last, max(2, int(np.ceil((last - first) / _STEP_M)) + 1))
                for lane in section.lanes:
                    if lane.id != 0 and lane.type in DRIVABLE:
                        points = curve.lane_centre(index, lane.id, stations).position_m[:, :2]
                        refs.append(LaneRef(road_id=road.id, section=index, lane_id=lane.id))
                        lines.append(shapely.linestrings(points if lane.id < 0 else points[::-1]))
        return refs, lines

    def of(self, crossing: shapely.Geometry) -> tuple[str, ...]:
        """Ids of the lights of a crossing's area in plan, sorted."""
        through: set[str] = set()
        turning: set[str] = set()
        junctions: set[int] = set()
        for i in np.sort(self._tree.query(crossing, predicate="intersects")):
            ref, line = self._refs[i], self._lines[i]
            road = self._geometry.network.road_by_id[ref.road_id]
            leaving = [ref]
            if road.junction is None:
                through.update(self._entering.get((ref.road_id, ref.lane_id), ()))
                leaving = list(self._topology.predecessors(ref))
            else:
                cut = shapely.centroid(shapely.intersection(line, crossing))
                if float(shapely.line_locate_point(line, cut)) < 0.4 * float(line.length):
                    through.update(self._inside.get((ref.road_id, ref.lane_id), ()))
                    leaving = []
            for lane in leaving:
                signals = self._inside.get((lane.road_id, lane.lane_id), ())
                if self._turn.get(lane.road_id, 0.0) < _STRAIGHT_RAD:
                    through.update(signals)
                else:
                    turning.update(s for s in signals if s not in self._serves_straight)
            junctions.update(j for lane in (ref, *leaving) if (j := self._junction(lane)) is not None)
        every = {s for j in junctions for s in self._of_junction.get(j, ())}
        # Where each approach has its own phase some light is always green; then turns give way.
        together = through | turning
        return tuple(sorted(through if every <= together else together))

    def _junction(self, ref: LaneRef) -> int | None:
        return self._geometry.network.road_by_id[ref.road_id].junction
