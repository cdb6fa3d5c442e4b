"""A reader of DAIR-V2X-C and V2X-Seq-SPD that shares no code with drivegen.

It does what the data sets' own loaders do, read in the repository AIR-THU/DAIR-V2X at c885c54: which keys
they look up, in which order corners come, where the correction of a pair is added.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from tests.label_checks import ReadBox, bounds_px, corners_of

Row = dict[str, Any]
Chain = tuple[np.ndarray, np.ndarray]
"""Rotation 3 x 3 and translation: p' = R p + t."""

TYPES = {"Car", "Truck", "Van", "Bus", "Pedestrian", "Cyclist", "Tricyclist", "Motorcyclist"}
TYPES |= {"Barrowlist", "Trafficcone", "Unknown_movable"}


def after(second: Chain, first: Chain) -> Chain:
    return second[0] @ first[0], second[0] @ first[1] + second[1]


def inverse(chain: Chain) -> Chain:
    rotation = np.linalg.inv(chain[0])
    return rotation, -rotation @ chain[1]


def moved(points: np.ndarray, chain: Chain) -> np.ndarray:
    return points @ chain[0].T + chain[1]


class PairedReader:
    """What both formats share; `sequential` for V2X-Seq-SPD."""

    def __init__(self, root: Path, *, sequential: bool) -> None:
        self.root = root
        self.sequential = sequential
        self.vehicle: list[Row] = self.json("vehicle-side/data_info.json")
        self.unit: list[Row] = self.json("infrastructure-side/data_info.json")
        self.pairs: list[Row] = self.json("cooperative/data_info.json")
        self.split: Row = self.json("split_data.json")
        self.vehicle_by_id = {self.id_of(r): r for r in self.vehicle}
        self.unit_by_id = {self.id_of(r): r for r in self.unit}

    def json(self, name: str) -> Any:
        return json.loads((self.root / name).read_text())

    @staticmethod
    def id_of(row: Row) -> str:
        """The loaders cut it out of the path."""
        return row["image_path"][-10:-4]

    def side_of(self, row: Row) -> str:
        return "infrastructure-side" if "calib_virtuallidar_to_world_path" in row else "vehicle-side"

    def cloud(self, row: Row) -> np.ndarray:
        """x, y, z, intensity."""
        data = (self.root / self.side_of(row) / row["pointcloud_path"]).read_bytes()
        head, body = data.split(b"DATA binary\n", 1)
        fields = dict(line.split(" ", 1) for line in head.decode().splitlines()[1:])
        assert fields["FIELDS"] == "x y z intensity" and fields["SIZE"] == "4 4 4 4"
        assert fields["TYPE"] == "F F F F" and fields["COUNT"] == "1 1 1 1" and fields["HEIGHT"] == "1"
        points = np.frombuffer(body, "<f4").reshape(-1, 4)
        assert int(fields["WIDTH"]) == int(fields["POINTS"]) == len(points) > 0
        return points

    def labels(self, row: Row, view: str = "lidar") -> list[Row]:
        return self.json(f"{self.side_of(row)}/{row[f'label_{view}_std_path']}")

    def transform(self, row: Row, key: str) -> Chain:
        data = self.json(f"{self.side_of(row)}/{row[key]}")
        data = data.get("transform", data)
        return np.array(data["rotation"]), np.array(data["translation"]).reshape(3)

    def camera_lidar(self, row: Row) -> Chain:
        side = "virtuallidar" if self.side_of(row) == "infrastructure-side" else "lidar"
        return self.transform(row, f"calib_{side}_to_camera_path")

    def k(self, row: Row) -> np.ndarray:
        data = self.json(f"{self.side_of(row)}/{row['calib_camera_intrinsic_path']}")
        assert data["cam_D"] == [0.0] * 5
        return np.array(data["cam_K"]).reshape(3, 3)

    def boxes(self, row: Row, view: str = "lidar") -> list[ReadBox]:
        return [read_box(label) for label in self.labels(row, view)]

    def boxes_px(self, row: Row, view: str = "camera") -> dict[int, np.ndarray]:
        """Boxes in the image by the written calibration; without those that reach behind the camera."""
        found = {}
        for box in self.boxes(row, view):
            bounds = bounds_px(moved(box.corners, self.camera_lidar(row)), self.k(row))
            if bounds is not None:
                found[box.object_id] = bounds
        return found

    def in_plain_view(self, row: Row) -> set[int]:
        """Objects of the image of which nothing is hidden or cut off."""
        return {
            int(label["object_id"])
            for label in self.labels(row, "camera")
            if int(label["occluded_state"]) == int(label["truncated_state"]) == 0
        }

    def frames_of(self, pair: Row) -> tuple[Row, Row]:
        if self.sequential:
            return self.vehicle_by_id[pair["vehicle_frame"]], self.unit_by_id[pair["infrastructure_frame"]]
        vehicle, unit = pair["vehicle_image_path"][-10:-4], pair["infrastructure_image_path"][-10:-4]
        return self.vehicle_by_id[vehicle], self.unit_by_id[unit]

    def world_lidar(self, row: Row) -> Chain:
        """Of the vehicle's LiDAR."""
        return after(
            self.transform(row, "calib_novatel_to_world_path"),
            self.transform(row, "calib_lidar_to_novatel_path"),
        )

    def vehicle_unit(self, pair: Row) -> Chain:
        """The vehicle's LiDAR frame from the virtual LiDAR's: the correction is added in the world by
        DAIR-V2X-C, in the vehicle's LiDAR frame by V2X-Seq-SPD."""
        vehicle, unit = self.frames_of(pair)
        rotation, translation = self.transform(unit, "calib_virtuallidar_to_world_path")
        if self.sequential:
            offset = pair["system_error_offset"]
            chain = after(inverse(self.world_lidar(vehicle)), (rotation, translation))
            return chain[0], chain[1] + np.array([offset["delta_x"], offset["delta_y"], 0.0])
        path = f"infrastructure-side/{unit['calib_virtuallidar_to_world_path']}"
        error = self.json(path)["relative_error"]
        delta = np.array([error["delta_x"] or 0.0, error["delta_y"] or 0.0, 0.0])
        return after(inverse(self.world_lidar(vehicle)), (rotation, translation + delta))

    def cooperative(self, pair: Row) -> list[ReadBox]:
        """Cooperative boxes in the vehicle's LiDAR frame."""
        vehicle, _ = self.frames_of(pair)
        if self.sequential:
            rows = self.json(f"cooperative/label/{pair['vehicle_frame']}.json")
            return [read_box(r) for r in rows]
        rows = self.json(pair["cooperative_label_path"])
        to_lidar = inverse(self.world_lidar(vehicle))
        return [
            ReadBox(object_id=r["object_id"], corners=moved(np.array(r["world_8_points"]), to_lidar))
            for r in rows
        ]

    def earlier_unit(self, row: Row, k: int) -> tuple[Row, float] | None:
        """The asynchronous loaders' frame k before, and the milliseconds between."""
        first = row["valid_frames_splits"][0]["start_frame_id"] if self.sequential else row["batch_start_id"]
        number = int(self.id_of(row)) - k
        earlier = self.unit_by_id.get(f"{number:06d}")
        if number < int(first) or earlier is None:
            return None
        return earlier, (int(row["pointcloud_timestamp"]) - int(earlier["pointcloud_timestamp"])) / 1000.0


def read_box(label: Row) -> ReadBox:
    """The loaders' corners: a box by its centre, turned about z by radians, counter-clockwise."""
    yaw = float(label["rotation"])
    turn = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
    size = [float(label["3d_dimensions"][k]) for k in "lwh"]
    center = [float(label["3d_location"][k]) for k in "xyz"]
    points = label.get("num_lidar_pts")
    return ReadBox(
        object_id=int(label["object_id"]),
        corners=corners_of(np.array(center), turn, np.array(size)),
        lidar_points=None if points is None else int(points),
    )
