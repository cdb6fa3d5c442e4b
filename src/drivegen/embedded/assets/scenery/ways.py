"""Lines along which things stand in rows: pavements, separators, medians, frontages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float64

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.pavements import EdgeKind, Pavements
from drivegen.opendrive.signals import road_signs, signal_heads

_STEP_M = 1.0
_BEND_OVER_M = 8.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """A polyline with headings, one point about every metre."""

    xyz_m: Float64[np.ndarray, "n 3"]
    heading_rad: Float64[np.ndarray, "n"]
    width_m: Float64[np.ndarray, "n"]
    """Of the strip whose middle this is."""

    @property
    def length_m(self) -> float:
        """Along the line, seen from above."""
        return float(self.stations_m[-1])

    @cached_property
    def stations_m(self) -> Float64[np.ndarray, "n"]:
        """Distance of each point from the start."""
        steps = np.linalg.norm(np.diff(self.xyz_m[:, :2], axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @cached_property
    def _turning_rad(self) -> Float64[np.ndarray, "n"]:
        return np.unwrap(self.heading_rad)

    def bends_within(self, s_m: Float[np.ndarray, "k"], radius_m: float) -> Bool[np.ndarray, "k"]:
        """Whether the line bends more tightly than a circle of this radius at distances along it."""
        before = np.interp(s_m - _BEND_OVER_M / 2, self.stations_m, self._turning_rad)
        after = np.interp(s_m + _BEND_OVER_M / 2, self.stations_m, self._turning_rad)
        return np.abs(after - before) > _BEND_OVER_M / radius_m

    def at(self, s_m: Float[np.ndarray, "k"], left_m: Float[np.ndarray, "k"] | float = 0.0) -> Line:
        """Points at distances along the line, shifted to the left."""
        stations = self.stations_m
        xyz = np.stack([np.interp(s_m, stations, self.xyz_m[:, k]) for k in range(3)], axis=1)
        heading = np.interp(s_m, stations, self._turning_rad)
        xyz[:, 0] -= left_m * np.sin(heading)
        xyz[:, 1] += left_m * np.cos(heading)
        return Line(xyz_m=xyz, heading_rad=heading, width_m=np.interp(s_m, stations, self.width_m))


def polyline(xyz_m: Float[np.ndarray, "n 3"], width_m: float) -> Line:
    """A line through points, resampled about every metre."""
    points = np.asarray(xyz_m, dtype=np.float64)
    steps = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    points = points[np.concatenate([[True], steps > 1e-6])]
    stations = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1))])
    count = max(int(np.ceil(stations[-1] / _STEP_M)) + 1, 2)
    s = np.linspace(0.0, stations[-1], count)
    xyz = np.stack([np.interp(s, stations, points[:, k]) for k in range(3)], axis=1)
    tangent = np.gradient(xyz[:, :2], axis=0)
    return Line(
        xyz_m=xyz, heading_rad=np.arctan2(tangent[:, 1], tangent[:, 0]), width_m=np.full(count, width_m)
    )


def pavement_lines(ways: Pavements) -> list[Line]:
    """Middles of the pavements."""
    return [
        polyline(e.centre_m, e.width_m)
        for e in ways.edges
        if e.kind == EdgeKind.PAVEMENT and len(e.centre_m) > 1 and e.length_m > 2.0
    ]


def strip_lines(network: RoadNetwork, geometry: NetworkGeometry) -> list[Line]:
    """Middles of the planted or kerbed strips between lanes (OpenDRIVE's median lanes)."""
    out = []
    for road in network.roads:
        curve = geometry.curve(road.id)
        for index, section in enumerate(road.lane_sections):
            first, last = curve.section_range(index)
            if last - first < 2.0:
                continue
            s = np.linspace(first, last, max(int((last - first) / _STEP_M), 2))
            for lane in section.lanes:
                if lane.type == LaneType.MEDIAN:
                    centre = curve.lane_centre(index, lane.id, s)
                    out.append(
                        Line(xyz_m=centre.position_m, heading_rad=centre.heading_rad, width_m=centre.width_m)
                    )
    return out


def frontage_lines(network: RoadNetwork, geometry: NetworkGeometry) -> list[Line]:
    """Outer borders of all roads outside junctions; the free side lies to the right."""
    out = []
    for road in network.roads:
        if road.junction is not None:
            continue
        curve = geometry.curve(road.id)
        for index in range(len(road.lane_sections)):
            first, last = curve.section_range(index)
            if last - first < 2.0:
                continue
            s = np.linspace(first, last, max(int((last - first) / _STEP_M), 2))
            borders = curve.border_offsets(index, s)
            lowest, highest = min(borders), max(borders)
            heading = curve.reference(s)[1]
            out.append(
                Line(xyz_m=curve.points(s, borders[lowest]), heading_rad=heading, width_m=np.zeros(len(s)))
            )
            left = curve.points(s, borders[highest])[::-1]
            out.append(Line(xyz_m=left, heading_rad=heading[::-1] + np.pi, width_m=np.zeros(len(s))))
    return out


def kept_clear_m(network: RoadNetwork, ways: Pavements) -> Float64[np.ndarray, "k 3"]:
    """(x, y, radius) of places to keep clear: ends of crossings, signals with their arms, signs."""
    spots: list[tuple[float, float, float]] = []
    for edge in ways.edges:
        if edge.kind == EdgeKind.CROSSING:
            spots += [
                (float(p[0]), float(p[1]), 0.5 * edge.width_m + 0.8)
                for p in (edge.centre_m[0], edge.centre_m[-1])
            ]
    for head in signal_heads(network):
        side = np.array([-np.sin(head.pose.yaw_rad), np.cos(head.pose.yaw_rad)])
        for reach in np.arange(0.0, 14.6, 1.0):
            x, y = head.pose.position_m[:2] + reach * side
            spots.append((float(x), float(y), 1.6))
    for sign in road_signs(network):
        spots.append((float(sign.foot_m[0]), float(sign.foot_m[1]), 1.5))
    return np.array(spots, dtype=np.float64).reshape(-1, 3)
