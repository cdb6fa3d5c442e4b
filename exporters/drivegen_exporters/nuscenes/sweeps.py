"""Sweeps as nuScenes has them: its axes, its points, the class of each."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, UInt8

from drivegen.capture.frame import Sweep
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Lidar
from drivegen.core.tags import Tag
from drivegen_exporters.nuscenes import vocabulary

SENSOR_FROM_NUSCENES = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""Rotates nuScenes' LiDAR axes (x right, y forward) into the sensor's own (x forward, y left)."""

_EGO_HALF_M = np.array([3.0, 1.3])
"""Half length and width around the ego's origin that hold the body of any car or van."""
_VEHICLE_TAGS = (Tag.CAR, Tag.TRUCK, Tag.BUS)

_TAG_INDEX = vocabulary.index_of_tags()


def ego_lidar(lidar: Lidar) -> Pose:
    """Mount of a LiDAR for nuScenes' axes."""
    matrix = lidar.agent_sensor.matrix.copy()
    matrix[:3, :3] = lidar.agent_sensor.rotation @ SENSOR_FROM_NUSCENES
    return Pose.from_matrix(matrix)


def pack_sweep(sweep: Sweep) -> Float32[np.ndarray, "n 5"]:
    """x (right), y (forward), z (up), intensity 0..255, ring; little-endian."""
    out = np.empty((len(sweep), 5), "<f4")
    out[:, 0] = -sweep.points_m[:, 1]
    out[:, 1] = sweep.points_m[:, 0]
    out[:, 2] = sweep.points_m[:, 2]
    out[:, 3] = sweep.intensity * 255.0
    out[:, 4] = sweep.ring
    return out


def point_categories(
    sweep: Sweep, objects: tuple[ObjectLabel, ...], ego_lidar_mount: Pose
) -> UInt8[np.ndarray, "n"]:
    """lidarseg index of each return: of its object if that is annotated, else of its tag.

    Returns from vehicles that belong to no annotated object and lie where the ego's body is are the ego's.
    """
    categories = _TAG_INDEX[sweep.tag]
    in_ego = np.abs(ego_lidar_mount.transform_points(sweep.points_m)[:, :2])
    own = (in_ego < _EGO_HALF_M).all(axis=1) & np.isin(sweep.tag, _VEHICLE_TAGS)
    categories = np.where(own, np.uint8(vocabulary.INDEX["vehicle.ego"]), categories)
    ids = np.array([o.track_id for o in objects], np.uint32)
    indexes = np.array([vocabulary.INDEX[vocabulary.category_of(o)] for o in objects], np.uint8)
    if len(ids):
        place = np.minimum(np.searchsorted(ids, sweep.object_id), len(ids) - 1)
        known = ids[place] == sweep.object_id
        categories = np.where(known, indexes[place], categories)
    return categories
