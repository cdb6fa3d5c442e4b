"""Parts of a network: the roads that lie in a window, with all that their surfaces depend on."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Cubic, LaneSection, Road, RoadNetwork
from drivegen.opendrive.surfaces.lane_kinds import KERB_HEIGHT_M, RAISED, lane_kind

Window = tuple[float, float, float, float]
"""Least x and y, greatest x and y, in metres of the map frame."""

_STEP_M = 8.0
_SLACK_M = 2.0
"""Boxes of roads are larger by this much: chords, objects at the border."""


class RoadWindows:
    """Finds the roads of a network by place."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        geometry = NetworkGeometry(network)
        lines, self._heights = [], np.zeros(len(network.roads))
        for row, road in enumerate(network.roads):
            stations = np.linspace(0.0, road.length_m, max(2, int(np.ceil(road.length_m / _STEP_M)) + 1))
            curve = geometry.curve(road.id)
            xy = curve.reference(stations)[0]
            half = _half_width_m(road) + _SLACK_M
            lines.append(np.concatenate([xy.min(axis=0) - half, xy.max(axis=0) + half]))
            self._heights[row] = float(np.median(curve.elevation(stations)[0])) + _lift_m(road)
        self._boxes: Float64[np.ndarray, "n 4"] = np.array(lines).reshape(-1, 4)
        of_junction: dict[int, list[int]] = {}
        for row, road in enumerate(network.roads):
            if road.junction is not None:
                of_junction.setdefault(road.junction, []).append(row)
        self._of_junction = {junction: np.array(rows) for junction, rows in of_junction.items()}

    @property
    def bounds_m(self) -> Window:
        """A box around all roads."""
        x0, y0 = (float(v) for v in self._boxes[:, :2].min(axis=0))
        x1, y1 = (float(v) for v in self._boxes[:, 2:].max(axis=0))
        return x0, y0, x1, y1

    @property
    def level_m(self) -> float:
        """The middle of the heights of the outer borders of roads outside junctions."""
        outside = np.array([road.junction is None for road in self._network.roads])
        return float(np.median(self._heights[outside] if outside.any() else self._heights))

    def within(self, window: Window) -> RoadNetwork:
        """The part of the network whose surfaces in the window are those of the whole network.

        These are the roads that reach into it, all of each junction that one of them belongs to, and the
        roads around these junctions, in the file's order.
        """
        chosen = self._reaching(window)
        junctions = {
            j for row in np.flatnonzero(chosen) if (j := self._network.roads[row].junction) is not None
        }
        for junction in sorted(junctions):
            rows = self._of_junction[junction]
            chosen[rows] = True
            low, high = self._boxes[rows, :2].min(axis=0), self._boxes[rows, 2:].max(axis=0)
            chosen |= self._reaching((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
        return self._part([self._network.roads[row] for row in np.flatnonzero(chosen)])

    def _reaching(self, window: Window) -> Bool[np.ndarray, "n"]:
        x0, y0, x1, y1 = window
        boxes = self._boxes
        return np.asarray(
            (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
        )

    def _part(self, roads: list[Road]) -> RoadNetwork:
        network = self._network
        known = {road.id for road in roads}
        own = {road.junction for road in roads}
        signals = {signal.id for road in roads for signal in road.signals}
        junctions = []
        for junction in network.junctions:
            if junction.id in own:
                kept = tuple(
                    c for c in junction.connections if c.incoming_road in known and c.connecting_road in known
                )
                junctions.append(dataclasses.replace(junction, connections=kept))
        return dataclasses.replace(
            network,
            roads=tuple(roads),
            junctions=tuple(junctions),
            controllers=tuple(c for c in network.controllers if not signals.isdisjoint(c.signal_ids)),
        )


def _half_width_m(road: Road) -> float:
    """How far the road reaches to its wider side, at the most."""
    widest = 0.0
    for index, section in enumerate(road.lane_sections):
        sections = road.lane_sections
        last = sections[index + 1].s_m if index + 1 < len(sections) else road.length_m
        widest = max(widest, _side_m(section, last - section.s_m))
    return widest + _greatest(road.lane_offsets, road.length_m)


def _side_m(section: LaneSection, length_m: float) -> float:
    sides = [0.0, 0.0]
    for lane in section.lanes:
        side = int(lane.id > 0)
        if lane.borders:
            sides[side] = max(sides[side], _greatest(lane.borders, length_m))
        else:
            sides[side] += _greatest(lane.widths, length_m)
    return max(sides)


def _greatest(pieces: tuple[Cubic, ...], end_m: float) -> float:
    """The greatest absolute value at the pieces' ends."""
    most = 0.0
    for index, piece in enumerate(pieces):
        stop = pieces[index + 1].s_m if index + 1 < len(pieces) else end_m
        ds = max(stop - piece.s_m, 0.0)
        most = max(most, abs(piece.a), abs(piece.a + ds * (piece.b + ds * (piece.c + ds * piece.d))))
    return most


def _lift_m(road: Road) -> float:
    """How far what lies at the road's borders stands above the carriageway."""
    section = road.lane_sections[0]
    sides = [side[-1] for side in (section.left, section.right) if side]
    raised = [lane_kind(section, lane) in RAISED for lane in sides]
    return KERB_HEIGHT_M if any(raised) else 0.0
