"""The map mask: a picture of the drivable surface, and where its lower left corner lies in the world."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from drivegen.opendrive.evaluate import RoadCurve
from drivegen.opendrive.model import DRIVABLE, RoadNetwork
from drivegen.opendrive.reader import read_network

METRES_PER_PIXEL = 0.1
"""The devkit's default, and the finest it takes."""

_MARGIN_M = 20.0
_SHIFT = 4
"""Fractional bits of OpenCV's polygon corners."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivableMask:
    """White where motor traffic may drive."""

    mask: UInt8[np.ndarray, "h w"]
    """255 drivable, else 0; north is up."""
    origin_m: tuple[float, float]
    """World x and y of the lower left corner: zero of the data set's global frame."""


def drivable_mask(opendrive: str, source: str) -> DrivableMask:
    """Rasterises the driving lanes of a road network. Raises MapError for what cannot be read."""
    network = read_network(opendrive, source)
    strips = _lane_strips(network)
    corners = np.concatenate(strips) if strips else np.zeros((1, 2))
    lower = np.floor(corners.min(axis=0) - _MARGIN_M)
    size = np.ceil((corners.max(axis=0) + _MARGIN_M - lower) / METRES_PER_PIXEL).astype(int)
    width, height = int(size[0]), int(size[1])
    mask = np.zeros((height, width), np.uint8)
    for strip in strips:
        pixels = (strip - lower) / METRES_PER_PIXEL
        pixels[:, 1] = height - pixels[:, 1]
        # OpenCV's integer coordinates are pixel centres
        fixed = np.rint((pixels - 0.5) * (1 << _SHIFT)).astype(np.int32)
        quads = np.stack([fixed[0:-2:2], fixed[1:-1:2], fixed[3::2], fixed[2::2]], axis=1)
        for quad in quads:
            cv2.fillConvexPoly(mask, quad, 255, cv2.LINE_8, _SHIFT)
    return DrivableMask(mask=mask, origin_m=(float(lower[0]), float(lower[1])))


def _lane_strips(network: RoadNetwork) -> list[Float64[np.ndarray, "n 2"]]:
    """Of every driving lane the corners inner, outer, inner, outer, ... along the road."""
    strips = []
    for road in network.roads:
        curve = RoadCurve(road)
        for index, section in enumerate(road.lane_sections):
            stations = curve.stations(index)
            for lane in section.lanes:
                if lane.type not in DRIVABLE or lane.id == 0:
                    continue
                inner, outer, _ = curve.lane_bounds(index, lane.id, stations)
                if math.isclose(float(np.abs(outer - inner).max()), 0.0):
                    continue
                borders = [curve.points(stations, t)[:, :2] for t in (inner, outer)]
                strips.append(np.stack(borders, axis=1).reshape(-1, 2))
    return strips
