"""Plain readers of forms of several agents, from the formats' descriptions and loaders."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.round_trip.forms import Found, add_pose, nothing, square
from tests.unit.exporters.opv2v_reader import Scenario, box_pose, matrix
from tests.unit.exporters.paired_reader import PairedReader

_MIRROR = np.diag([1.0, -1.0, 1.0, 1.0])
"""CARLA's y points right; the capture's left."""
EPOCH_US = 1_767_225_600_000_000
_IDS = 1_000_000
"""Track ids stand above multiples of it."""


def read_opv2v(root: Path) -> Found:
    """Poses, boxes, calibrations and clouds, from CARLA's left-handed frame into a right-handed one."""
    found = nothing()
    for folder in sorted(p for p in root.glob("*/*") if p.is_dir()):
        scenario = Scenario(folder)
        found["same split"][folder.parent.name, folder.name] = True
        for name in scenario.agents:
            for view in scenario.views(name):
                data = view.data
                key = folder.name, data["drivegen"]["agent"], int(view.stamp)
                add_pose(found, "agents", key, _right(matrix(data["true_ego_pos"])))
                add_pose(found, "clouds", key, _right(matrix(data["lidar_pose"])))
                found["metres of points"][key] = view.points * [1.0, -1.0, 1.0]
                for number, vehicle in data["vehicles"].items():
                    of = (*key, number % _IDS)
                    add_pose(found, "boxes", of, _right(box_pose(vehicle)))
                    found["size of boxes"][of] = 2.0 * np.array(vehicle["extent"])
                    found["speed"][of] = vehicle["speed"] / 3.6
                for camera in (k for k in data if k.startswith("camera")):
                    of = (*key, camera)
                    add_pose(found, "cameras", of, _right(matrix(data[camera]["cords"])))
                    add_pose(found, "LiDAR in camera", of, _right(np.array(data[camera]["extrinsic"])))
                    found["pixels of intrinsics"][of] = data[camera]["intrinsic"]
    return found


def _right(left: np.ndarray) -> np.ndarray:
    return _MIRROR @ left @ _MIRROR


def read_dair_v2x(root: Path) -> Found:
    """DAIR-V2X-C, by what its loader looks up."""
    return _read_paired(root, sequential=False)


def read_v2x_seq(root: Path) -> Found:
    """V2X-Seq-SPD, by what its loader looks up."""
    return _read_paired(root, sequential=True)


def _read_paired(root: Path, *, sequential: bool) -> Found:
    reader, found = PairedReader(root, sequential=sequential), nothing()
    for row in (*reader.vehicle, *reader.unit):
        key = row["scene"], row["agent"], row["pointcloud_frame"]
        is_unit = row in reader.unit
        world = (
            reader.transform(row, "calib_virtuallidar_to_world_path") if is_unit else reader.world_lidar(row)
        )
        add_pose(found, "LiDAR in world", key, square(*world))
        add_pose(found, "LiDAR in camera", key, square(*reader.camera_lidar(row)))
        found["pixels of intrinsics"][key] = reader.k(row)
        found["metres of points"][key] = reader.cloud(row)[:, :3]
        found["same time"][key] = int(row["pointcloud_timestamp"]) - EPOCH_US
        for box in reader.boxes(row):
            found["corners of boxes"][(*key, box.object_id)] = box.corners
    return found
