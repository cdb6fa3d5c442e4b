"""Where people walk and ride: a graph of pavements and crossings, and the bicycle lanes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float64

from drivegen.opendrive.model import RoadNetwork


class EdgeKind(StrEnum):
    """What an edge of the graph leads over."""

    PAVEMENT = "pavement"
    CROSSING = "crossing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PavementEdge:
    """A stretch that is walked in both directions."""

    start: int
    """Index of a node."""
    end: int
    kind: EdgeKind
    centre_m: Float64[np.ndarray, "n 3"]
    """On the ground, from `start` to `end`. A crossing has exactly two points, at the kerbs."""
    width_m: float
    signal_ids: tuple[str, ...]
    """Of a crossing: OpenDRIVE ids of the signals that hold the traffic which it cuts."""

    @property
    def length_m(self) -> float:
        """Along the centre."""
        return float(np.sum(np.linalg.norm(np.diff(self.centre_m, axis=0), axis=1)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BicycleLane:
    """The centre of a bicycle lane in its direction of travel."""

    road_id: int
    lane_id: int
    centre_m: Float64[np.ndarray, "n 3"]
    width_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pavements:
    """The graph. Nodes are ends of pavements and kerb points of crossings."""

    nodes_m: Float64[np.ndarray, "k 3"]
    edges: tuple[PavementEdge, ...]
    edges_of_node: tuple[tuple[int, ...], ...]
    """Indexes of the edges at each node, ascending."""
    bicycle_lanes: tuple[BicycleLane, ...]

    def other_end(self, edge: int, node: int) -> int:
        """The node across an edge."""
        found = self.edges[edge]
        return found.end if found.start == node else found.start

    def points_from(self, edge: int, node: int) -> Float64[np.ndarray, "n 3"]:
        """The edge's centre, walked away from a node."""
        found = self.edges[edge]
        return found.centre_m if found.start == node else found.centre_m[::-1]


def pavements(network: RoadNetwork) -> Pavements:
    """The graph of a network; empty where it has no pavements."""
    raise NotImplementedError
