"""Crossings where SUMO has them: its OpenDRIVE output puts them on the ends of roads, to one side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from lxml import etree

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import CornerLocal, Road, RoadObject


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossing:
    """One crossing of SUMO's network."""

    id: str
    corners_m: Float64[np.ndarray, "k 2"]
    """Its outline in the map's frame."""


def read_crossings(network: Path) -> dict[str, Crossing]:
    """The crossings of a SUMO network file, by id."""
    out: dict[str, Crossing] = {}
    events = etree.iterparse(str(network), ("end",), tag="edge", resolve_entities=False, no_network=True)
    for _, edge in events:
        if edge.get("function") == "crossing":
            lane = edge.find("lane")
            if lane is not None:
                line = np.array([[float(v) for v in p.split(",")[:2]] for p in lane.get("shape", "").split()])
                identity = str(edge.get("id"))
                if len(line) >= 2 and np.ptp(line, axis=0).max() > 0.1:
                    corners = _band(line, float(lane.get("width", "4.0")))
                    out[identity] = Crossing(id=identity, corners_m=corners)
        edge.clear()
    return out


def _band(line: Float64[np.ndarray, "k 2"], width_m: float) -> Float64[np.ndarray, "m 2"]:
    """The outline of a band along a line, mitred at its bends."""
    keep = [0, *(i for i, (a, b) in enumerate(pairwise(line), 1) if np.hypot(*(b - a)) > 1e-3)]
    line = line[keep]
    step = np.diff(line, axis=0)
    normal = np.stack([-step[:, 1], step[:, 0]], axis=1) / np.hypot(step[:, 0], step[:, 1])[:, None]
    joint = np.concatenate([normal[:1], normal[:-1] + normal[1:], normal[-1:]])
    length = np.hypot(joint[:, 0], joint[:, 1])
    reach = np.concatenate([[1.0], 2.0 / np.maximum(length[1:-1], 0.5), [1.0]])
    side = joint / np.maximum(length, 1e-6)[:, None] * reach[:, None] * width_m / 2.0
    return np.concatenate([line + side, (line - side)[::-1]])


def place_crossings(
    geometry: NetworkGeometry, road: Road, crossings: dict[str, Crossing]
) -> tuple[RoadObject, ...]:
    """The road's objects, each crossing with the outline that SUMO has for it, closed as CARLA wants it."""
    return tuple(
        _placed(geometry, road, item, crossings[item.id])
        if item.type == "crosswalk" and item.id in crossings
        else item
        for item in road.objects
    )


def _placed(geometry: NetworkGeometry, road: Road, item: RoadObject, crossing: Crossing) -> RoadObject:
    s = np.array([np.clip(item.s_m, 0.0, road.length_m)])
    curve = geometry.curve(road.id)
    origin, heading, _ = curve.reference(s)
    c, n = np.cos(heading[0]), np.sin(heading[0])
    local = (crossing.corners_m - origin[0]) @ np.array([[c, -n], [n, c]])
    middle = local.mean(axis=0)
    corners = [CornerLocal(u_m=float(u), v_m=float(v)) for u, v in np.round(local, 3)]
    size = np.ptp(local - middle, axis=0)
    return RoadObject(
        id=item.id,
        name="",
        type="crosswalk",
        s_m=float(s[0]),
        t_m=0.0,
        orientation="none",
        length_m=float(np.round(size[0], 3)),
        width_m=float(np.round(size[1], 3)),
        outline=(*corners, corners[0]),
    )
