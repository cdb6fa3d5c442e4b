"""A reader of nuScenes tables that shares no code with drivegen: what a consumer does with the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]


def rotation(q: list[float]) -> np.ndarray:
    """Of a quaternion wxyz, by Euler-Rodrigues."""
    w, x, y, z = q
    v = np.array([x, y, z])
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return (w * w - v @ v) * np.eye(3) + 2 * np.outer(v, v) + 2 * w * cross


class Tables:
    def __init__(self, root: Path, version: str = "v1.0-drivegen") -> None:
        self.root = root
        self.rows: dict[str, list[Row]] = {
            p.stem: json.loads(p.read_text()) for p in (root / version).glob("*.json")
        }
        self.by_token = {
            name: {r["token"]: r for r in rows} for name, rows in self.rows.items() if isinstance(rows, list)
        }

    def get(self, table: str, token: str) -> Row:
        return self.by_token[table][token]

    def to_sensor(self, points: np.ndarray, sample_data: Row) -> np.ndarray:
        """Global points in the frame of the sensor that took a sample_data."""
        for table, key in (("ego_pose", "ego_pose_token"), ("calibrated_sensor", "calibrated_sensor_token")):
            frame = self.get(table, sample_data[key])
            points = (points - np.array(frame["translation"])) @ rotation(frame["rotation"])
        return points

    def sample_data_of(self, sample: Row, channel: str) -> Row:
        return next(
            d
            for d in self.rows["sample_data"]
            if d["sample_token"] == sample["token"]
            and d["is_key_frame"]
            and channel in d["filename"].split("/")
        )

    def annotations_of(self, sample: Row) -> list[Row]:
        return [a for a in self.rows["sample_annotation"] if a["sample_token"] == sample["token"]]

    def points(self, sample_data: Row) -> np.ndarray:
        return np.fromfile(self.root / sample_data["filename"], "<f4").reshape(-1, 5)

    def corners(self, annotation: Row) -> np.ndarray:
        """The 8 corners of a box in the global frame."""
        width, length, height = annotation["size"]
        signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
        local = signs * np.array([length, width, height]) / 2
        return local @ rotation(annotation["rotation"]).T + np.array(annotation["translation"])

    def points_in_box(self, points: np.ndarray, sample_data: Row, annotation: Row) -> int:
        """How many points of a sweep lie in a box, counted in the sensor's frame."""
        center = self.to_sensor(np.array([annotation["translation"]]), sample_data)[0]
        ego = rotation(self.get("ego_pose", sample_data["ego_pose_token"])["rotation"])
        mount = rotation(self.get("calibrated_sensor", sample_data["calibrated_sensor_token"])["rotation"])
        box = mount.T @ ego.T @ rotation(annotation["rotation"])
        local = (points[:, :3].astype(np.float64) - center) @ box
        width, length, height = annotation["size"]
        return int(np.all(np.abs(local) <= np.array([length, width, height]) / 2, axis=1).sum())

    def count_mismatches(self) -> tuple[int, int]:
        """(annotations whose num_lidar_pts is not what the boxes hold, annotations)."""
        wrong = total = 0
        for sample in self.rows["sample"]:
            data = self.sample_data_of(sample, "LIDAR_TOP")
            points = self.points(data)
            for annotation in self.annotations_of(sample):
                total += 1
                wrong += self.points_in_box(points, data, annotation) != annotation["num_lidar_pts"]
        return wrong, total
