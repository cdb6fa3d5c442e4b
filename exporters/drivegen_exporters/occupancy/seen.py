"""Which voxels the cameras, and the LiDARs, see or see through in a frame."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.occupancy.grid import VOXEL_M, voxels_of

HALF_M = VOXEL_M * math.sqrt(3.0) / 2.0
"""From a voxel's middle to its corner: a surface that is nearer by less than this may lie in it."""

_Centres = Float64[np.ndarray, "n 3"]


def seen_by_cameras(
    agent: CapturedAgent, cameras: tuple[Camera, ...], centres_m: _Centres
) -> Bool[np.ndarray, "n"]:
    """Voxels whose middle is in an image and not behind what is seen there; by the depth images."""
    out = np.zeros(len(centres_m), bool)
    for camera in (c for c in cameras if c.name in agent.delivered):
        optical = camera_optical(camera)
        # Most voxels are behind a camera: that is known by one product a voxel.
        ahead = np.arange(len(centres_m))
        if not camera.depth_along_ray:
            ahead = np.flatnonzero((centres_m - optical.position_m) @ optical.rotation[:, 2] > 0.0)
        points = optical.inverse().transform_points(centres_m[ahead])
        distance = np.linalg.norm(points, axis=1) if camera.depth_along_ray else points[:, 2]
        pixels = camera.optics.project(points)
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= 0) & (pixels < [camera.width_px, camera.height_px])).all(axis=1)
        inside &= distance > 0
        columns, rows = np.floor(pixels[inside]).astype(int).T
        depth = agent.depth_m(camera.name)[rows, columns]
        out[ahead[inside]] |= (depth == 0) | (distance[inside] <= depth + HALF_M)
    return out


def seen_by_lidars(
    agent: CapturedAgent, lidars: tuple[Lidar, ...], centres_m: _Centres
) -> Bool[np.ndarray, "n"]:
    """Voxels through which a beam went, or in which it ended. Beams that met nothing do not count.

    Args:
        agent: Of the frame.
        lidars: Of its rig.
        centres_m: Middles of all voxels of the grid, by their flat numbers.
    """
    out = np.zeros(len(centres_m), bool)
    for lidar in (s for s in lidars if s.name in agent.delivered):
        elevations = np.radians(lidar.elevations_deg)
        columns = max(1, round(lidar.columns * 360.0 / lidar.horizontal_fov_deg))
        farthest = np.zeros((lidar.channels, columns))
        sweep = agent.sweep(lidar.name)
        _, column, length = _polar(sweep.points_m.astype(np.float64), columns)
        np.maximum.at(farthest, (sweep.ring.astype(int), column), length)
        points = lidar.agent_sensor.inverse().transform_points(centres_m)
        elevation, column, distance = _polar(points, columns)
        ring = np.clip(np.searchsorted(elevations, elevation), 1, len(elevations) - 1)
        ring -= elevation - elevations[ring - 1] < elevations[ring] - elevation
        width = np.arcsin(np.minimum(HALF_M / np.maximum(distance, HALF_M), 1.0))
        met = np.abs(elevations[ring] - elevation) <= width
        out |= met & (farthest[ring, column] >= distance - HALF_M)
        out[voxels_of(lidar.agent_sensor.transform_points(sweep.points_m))[0]] = True
    return out


def _polar(
    points_m: _Centres, columns: int
) -> tuple[Float64[np.ndarray, "n"], np.ndarray, Float64[np.ndarray, "n"]]:
    """Elevation in radians, column around the sensor, distance in metres."""
    distance = np.linalg.norm(points_m, axis=1)
    elevation = np.arcsin(points_m[:, 2] / np.maximum(distance, 1e-9))
    turn = np.arctan2(points_m[:, 1], points_m[:, 0]) / math.tau
    return elevation, np.floor(turn * columns).astype(int) % columns, distance
