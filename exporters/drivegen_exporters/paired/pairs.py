"""Which frames of two sides belong together, and what both together see.

Sweeps are paired by the times that are written: with the agents' own clocks a pair is one that the agents
would have taken for one, and the truth of its time difference is the clocks'.

The written chain from the vehicle's LiDAR to the world holds the vehicle's errors of localisation and
calibration. The correction that a pair carries is the horizontal difference, vehicle's less unit's, between
where the written chains and the true ones put the LiDARs; it undoes errors of position, not of heading.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from drivegen.core.geometry import Vec3
from drivegen_exporters.paired.boxes import SideLabel, side_label
from drivegen_exporters.paired.options import PairedOptions
from drivegen_exporters.paired.sides import Side, SideFrame, nearest_pairs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointLabel:
    """An object that one side of a pair or both have seen."""

    label: SideLabel
    by_vehicle: bool
    by_unit: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """A frame of the vehicle and one of a unit."""

    vehicle: SideFrame
    unit: SideFrame
    offset_m: Vec3
    """Added to a place that the unit's written chain gives in the world, it is where the vehicle's written
    chain has it; z is 0."""

    @property
    def world_offset(self) -> dict[str, float]:
        """The correction in the formats' words."""
        return {"delta_x": float(self.offset_m[0]), "delta_y": float(self.offset_m[1])}


def pairs_of(vehicle: Side, unit: Side, options: PairedOptions) -> list[Pair]:
    """The pairs of two sides, by time; every frame is in one at most."""
    found = []
    times = [[f.sweep_us for f in side.frames] for side in (vehicle, unit)]
    for i, j in nearest_pairs(*times):
        ours, theirs = vehicle.frames[i], unit.frames[j]
        apart_m = vehicle.true_map_lidar(ours.sweep).position_m - unit.true_map_lidar(theirs.sweep).position_m
        far = 0.0 < options.pair_range_m < np.linalg.norm(apart_m)
        if far or abs(ours.sweep_us - theirs.sweep_us) > options.pair_within_ms * 1000.0:
            continue
        offset = _error_m(vehicle, ours) - _error_m(unit, theirs)
        found.append(Pair(vehicle=ours, unit=theirs, offset_m=offset))
    return found


def cooperative_labels(
    vehicle: Side, pair: Pair, by_vehicle: Collection[int], by_unit: Collection[int]
) -> list[JointLabel]:
    """What one side or the other has seen, where it was at the vehicle's instant, as the vehicle has it.

    Args:
        vehicle: The vehicle's side.
        pair: The pair.
        by_vehicle: Objects that the vehicle's sweep hit.
        by_unit: Objects that the unit's sweep hit, at its own instant.

    Returns:
        In the vehicle's LiDAR frame; without the vehicle's own body.
    """
    frame = pair.vehicle
    lidar_map = vehicle.true_map_lidar(frame.sweep).inverse()
    seen = {o.track_id: o.cameras.get(vehicle.camera_key) for o in vehicle.around(frame.image)}
    found = []
    for o in vehicle.around(frame.sweep):
        sides = (o.track_id in by_vehicle, o.track_id in by_unit)
        if any(sides):
            points = o.lidar_points.get(vehicle.lidar_key, 0)
            label = side_label(o, lidar_map, vehicle.view, seen.get(o.track_id), points)
            found.append(JointLabel(label=label, by_vehicle=sides[0], by_unit=sides[1]))
    return found


def _error_m(side: Side, frame: SideFrame) -> Vec3:
    """Where the written chain puts a side's LiDAR, less where it was; horizontal."""
    error = side.map_lidar(frame.sweep).position_m - side.true_map_lidar(frame.sweep).position_m
    error[2] = 0.0
    return error
