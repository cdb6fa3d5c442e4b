"""The vector map and the raster of ground heights, as Argoverse 2's map classes load them.

Both hold what lies around the ego's way. Lanes are those of OpenDRIVE's lane sections on which motor traffic
or bicycles go; boundaries run in the direction of travel. Crossings are OpenDRIVE's objects of that type.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.spatial import cKDTree

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import DRIVABLE, Lane, LaneType, Road, RoadNetwork
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen_exporters.argoverse2.crossings import crossings
from drivegen_exporters.argoverse2.vocabulary import mark_of

REACH_M = 150.0
"""How far around the ego's way the map goes."""
PIXEL_M = 0.3
"""Of the raster of ground heights; the data set's own."""
_KNOWN_M = 5.0
"""A ground height is told where a lane's border is nearer than this."""
_BORDER_STEP_M = 1.0

_KINDS = {LaneType.BIKING: "BIKE", LaneType.BUS: "BUS"}
_LANES = DRIVABLE | {LaneType.BIKING}

_Line = Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneMap:
    """The three files of a log's map."""

    vectors: bytes
    """JSON."""
    ground: bytes
    """.npy, float16, metres; NaN where nothing is known."""
    image_city: bytes
    """JSON of the similarity that leads from the city to the raster's pixels."""


def lane_map(network: RoadNetwork, way_m: Float64[np.ndarray, "k 2"]) -> LaneMap:
    """The map around a way."""
    low = np.floor(way_m.min(axis=0) - REACH_M)
    high = np.ceil(way_m.max(axis=0) + REACH_M)
    maker = _Maker(network, low, high)
    lanes = maker.lanes()
    areas = maker.areas
    text = {
        "pedestrian_crossings": {str(crossing["id"]): crossing for crossing in maker.crossings()},
        "lane_segments": {str(lane["id"]): lane for lane in lanes},
        "drivable_areas": {str(area["id"]): area for area in areas},
    }
    ground = _ground(maker.borders, low, high)
    sim2 = {"R": [1.0, 0.0, 0.0, 1.0], "t": [-float(low[0]), -float(low[1])], "s": 1.0 / PIXEL_M}
    return LaneMap(vectors=_json(text), ground=ground, image_city=_json(sim2))


def lane_id(ref: LaneRef) -> int:
    """A positive number of 53 bits that depends on the lane alone."""
    text = f"{ref.road_id}|{ref.section}|{ref.lane_id}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "little") + 1


class _Maker:
    def __init__(
        self, network: RoadNetwork, low: Float64[np.ndarray, "2"], high: Float64[np.ndarray, "2"]
    ) -> None:
        self._network = network
        self._topology = Topology(network)
        self._geometry = NetworkGeometry(network)
        self._low, self._high = low, high
        self.areas: list[dict[str, Any]] = []
        self.borders: list[_Line] = []

    def lanes(self) -> list[dict[str, Any]]:
        """Rows of all lanes that reach into the window; gathers drivable areas and borders meanwhile."""
        out = []
        for road in self._network.roads:
            for index, section in enumerate(road.lane_sections):
                for lane in section.lanes:
                    if lane.id != 0 and lane.type in _LANES:
                        out += self._lane(road, index, lane)
        return out

    def crossings(self) -> list[dict[str, Any]]:
        """Rows of all pedestrian crossings that reach into the window."""
        return [
            {"id": each.id, "edge1": _points(each.edge1), "edge2": _points(each.edge2)}
            for each in crossings(self._geometry)
            if self._inside(np.concatenate([each.edge1, each.edge2]))
        ]

    def _lane(self, road: Road, index: int, lane: Lane) -> list[dict[str, Any]]:
        curve = self._geometry.curve(road.id)
        stations = curve.stations(index)
        inner_t, outer_t, _ = curve.lane_bounds(index, lane.id, stations)
        inner, outer = curve.points(stations, inner_t), curve.points(stations, outer_t)
        if not self._inside(inner) and not self._inside(outer):
            return []
        if float(np.abs(outer_t - inner_t).max()) < 0.1:
            return []
        if lane.id > 0:
            inner, outer = inner[::-1], outer[::-1]
        self.borders += [inner, outer]
        ref = LaneRef(road_id=road.id, section=index, lane_id=lane.id)
        if lane.type in DRIVABLE:
            ring = np.concatenate([inner, outer[::-1]])
            self.areas.append({"id": lane_id(ref), "area_boundary": _points(ring)})
        return [
            {
                "id": lane_id(ref),
                "is_intersection": road.junction is not None,
                "lane_type": _KINDS.get(lane.type, "VEHICLE"),
                "left_lane_boundary": _points(inner),
                "right_lane_boundary": _points(outer),
                "left_lane_mark_type": self._mark(road, index, lane.id + (1 if lane.id < 0 else -1)),
                "right_lane_mark_type": self._mark(road, index, lane.id),
                "successors": [lane_id(r) for r in self._topology.successors(ref) if self._is_lane(r)],
                "predecessors": [lane_id(r) for r in self._topology.predecessors(ref) if self._is_lane(r)],
                "left_neighbor_id": self._neighbour(road, index, lane.id, inwards=True),
                "right_neighbor_id": self._neighbour(road, index, lane.id, inwards=False),
            }
        ]

    def _inside(self, line: _Line) -> bool:
        return bool(((line[:, :2] >= self._low) & (line[:, :2] <= self._high)).all(axis=1).any())

    def _is_lane(self, ref: LaneRef) -> bool:
        section = self._network.road_by_id[ref.road_id].lane_sections[ref.section]
        return any(lane.id == ref.lane_id and lane.type in _LANES for lane in section.lanes)

    def _mark(self, road: Road, index: int, number: int) -> str:
        for lane in road.lane_sections[index].lanes:
            if lane.id == number and lane.road_marks:
                return mark_of(lane.road_marks[0].type, lane.road_marks[0].color)
        return "NONE"

    def _neighbour(self, road: Road, index: int, number: int, *, inwards: bool) -> int | None:
        """The next lane of the same direction."""
        step = 1 if (number < 0) == inwards else -1
        other = LaneRef(road_id=road.id, section=index, lane_id=number + step)
        same_way = other.lane_id * number > 0
        return lane_id(other) if same_way and self._is_lane(other) else None


def _ground(borders: list[_Line], low: Float64[np.ndarray, "2"], high: Float64[np.ndarray, "2"]) -> bytes:
    """Heights by the nearest point of a lane's border."""
    columns, rows = (int(n) for n in np.ceil((high - low) / PIXEL_M))
    heights = np.full((rows, columns), np.nan, np.float16)
    dense = [_dense(line) for line in borders]
    if dense:
        known = np.concatenate(dense)
        tree = cKDTree(known[:, :2])
        x = low[0] + (np.arange(columns) + 0.5) * PIXEL_M
        for row in range(rows):
            y = low[1] + (row + 0.5) * PIXEL_M
            distance, place = tree.query(
                np.stack([x, np.full_like(x, y)], axis=1), distance_upper_bound=_KNOWN_M
            )
            near = np.isfinite(distance)
            heights[row, near] = known[place[near], 2]
    file = io.BytesIO()
    np.save(file, heights)
    return file.getvalue()


def _dense(line: _Line) -> _Line:
    """Points along a line, a metre apart at most."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, way[-1], max(2, int(way[-1] / _BORDER_STEP_M) + 2))
    return np.stack([np.interp(at, way, line[:, axis]) for axis in range(3)], axis=1)


def _points(line: _Line) -> list[dict[str, float]]:
    return [{"x": round(float(x), 2), "y": round(float(y), 2), "z": round(float(z), 2)} for x, y, z in line]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
