"""Point clouds as PCD 0.7 files (https://pointclouds.org/documentation/tutorials/pcd_file_format.html)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Pose

FULL_INTENSITY = 255.0


def pack_cloud(
    points_m: Float[np.ndarray, "n 3"], intensity: Float[np.ndarray, "n"], lidar_sensor: Pose
) -> bytes:
    """A binary PCD with the fields x, y, z, intensity (0..255) as 4-byte floats.

    Args:
        points_m: In the sensor's frame.
        intensity: 0..1.
        lidar_sensor: The file's frame from the sensor's.
    """
    rows = np.empty((len(points_m), 4), "<f4")
    rows[:, :3] = lidar_sensor.transform_points(points_m)
    rows[:, 3] = intensity * FULL_INTENSITY
    head = (
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z intensity\nSIZE 4 4 4 4\n"
        f"TYPE F F F F\nCOUNT 1 1 1 1\nWIDTH {len(rows)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
        f"POINTS {len(rows)}\nDATA binary\n"
    )
    return head.encode() + rows.tobytes()
