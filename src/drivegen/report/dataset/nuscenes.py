"""nuScenes' tables as rows of the index, and their keyframes as pictures.

Tables as docs/schema_nuscenes.md of nuscenes-devkit has them: sizes are width, length, height; boxes and ego
poses are in the global frame; a camera's calibration is that of its optical frame.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drivegen.capture.index_rows import SCHEMAS
from drivegen.core.actors import ObjectClass
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.report.dataset.folder import Folder
from drivegen.report.pictures import Image, draw_box
from drivegen.report.strange import shape
from drivegen.report.strange.shape import Sizes

FORMATS = ("nuscenes", "v2x_sim")
CLASSES = {
    "human.pedestrian.child": ObjectClass.CHILD,
    "human.pedestrian": ObjectClass.PEDESTRIAN,
    "vehicle.bicycle": ObjectClass.BICYCLE,
    "vehicle.bus": ObjectClass.BUS,
    "vehicle.car": ObjectClass.CAR,
    "vehicle.construction": ObjectClass.CONSTRUCTION,
    "vehicle.emergency.police": ObjectClass.POLICE,
    "vehicle.emergency": ObjectClass.EMERGENCY,
    "vehicle.motorcycle": ObjectClass.MOTORCYCLE,
    "vehicle.trailer": ObjectClass.TRUCK,
    "vehicle.truck": ObjectClass.TRUCK,
}
"""By the beginning of a category's name: what the report calls it."""
SIZES_M: dict[str, Sizes] = {**shape.SIZES_M, "car": ((2.5, 8.0), (1.3, 2.7), (1.1, 3.3))}
"""Plausible sizes: nuScenes' cars are vans, too."""
SEEN = {"1": 0.2, "2": 0.5, "3": 0.7, "4": 0.9}
"""Visibility by token: the middle of each of nuScenes' four bins."""
Row = dict[str, Any]
_LEAST_PX = 6.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """A camera's keyframe."""

    file: str
    camera: Camera
    map_ego: Pose

    @property
    def name(self) -> str:
        """Channel."""
        return self.camera.name


class Tables:
    """The tables of one version, as dictionaries by token. Raises ExportError where one is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        found = sorted(p.parent for p in root.glob("*/sample_annotation.json"))
        if not found:
            raise ExportError(f"{root}: there is no folder with nuScenes' tables; run drivegen verify")
        self._folder = found[0]
        self.poses = self._by_token("ego_pose")
        self.calibrations = self._by_token("calibrated_sensor")
        self.channels = {t: s["channel"] for t, s in self._by_token("sensor").items()}
        self.instances = self._by_token("instance")
        self.categories = {t: str(c["name"]) for t, c in self._by_token("category").items()}
        self.scenes = sorted(self._by_token("scene").values(), key=lambda s: str(s["name"]))
        self.numbers = {token: i + 1 for i, token in enumerate(sorted(self.instances))}
        """Track ids."""
        samples = sorted(self._rows("sample"), key=lambda s: int(s["timestamp"]))
        self.samples: dict[str, list[Row]] = {}
        for sample in samples:
            self.samples.setdefault(sample["scene_token"], []).append(sample)
        self.data: dict[str, list[Row]] = {}
        for item in self._rows("sample_data"):
            if item["is_key_frame"]:
                self.data.setdefault(item["sample_token"], []).append(item)
        self.labels: dict[str, list[Row]] = {}
        for label in self._rows("sample_annotation"):
            self.labels.setdefault(label["sample_token"], []).append(label)

    def _rows(self, name: str) -> list[Row]:
        path = self._folder / f"{name}.json"
        try:
            rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ExportError(f"{path} cannot be read ({error}); run drivegen verify") from None
        return rows

    def _by_token(self, name: str) -> dict[str, Row]:
        return {row["token"]: row for row in self._rows(name)}

    def kind(self, label: Row) -> ObjectClass | None:
        """The report's class of an annotation; none of cones, barriers and the like."""
        name = self.categories[self.instances[label["instance_token"]]["category_token"]]
        return next((c for begin, c in CLASSES.items() if name.startswith(begin)), None)

    def ego(self, sample: Row) -> Pose:
        """Where the ego is: by the pose of a LiDAR, or else of whatever delivered nearest to the sample."""
        found = self.data.get(sample["token"], [])
        lidars = [d for d in found if "LIDAR" in self._channel(d)] or found
        best = min(lidars, key=lambda d: (abs(d["timestamp"] - sample["timestamp"]), self._channel(d)))
        return _pose(self.poses[best["ego_pose_token"]])

    def _channel(self, data: Row) -> str:
        return str(self.channels[self.calibrations[data["calibrated_sensor_token"]]["sensor_token"]])

    def delivered(self, sample: Row) -> list[str]:
        """Channels with data in a keyframe."""
        return sorted(self._channel(d) for d in self.data.get(sample["token"], []))

    def views(self, sample: Row) -> list[View]:
        """The cameras of a keyframe, by name."""
        out = []
        for item in self.data.get(sample["token"], []):
            calibration = self.calibrations[item["calibrated_sensor_token"]]
            k = calibration["camera_intrinsic"]
            if not k:
                continue
            lens = Pinhole(fx_px=k[0][0], fy_px=k[1][1], cx_px=k[0][2], cy_px=k[1][2])
            optical = _pose(calibration)
            mount = np.eye(4)
            mount[:3, :3], mount[:3, 3] = optical.rotation @ OPTICAL_FROM_MOUNT, optical.position_m
            camera = Camera(
                name=self._channel(item),
                agent_sensor=Pose.from_matrix(mount),
                width_px=int(item["width"]),
                height_px=int(item["height"]),
                fov_deg=math.degrees(2.0 * math.atan2(item["width"] / 2.0, k[0][0])),
                period_s=0.5,
                lens=lens,
            )
            pose = _pose(self.poses[item["ego_pose_token"]])
            out.append(View(file=str(item["filename"]), camera=camera, map_ego=pose))
        return sorted(out, key=lambda v: v.name)

    def objects(self, sample: Row) -> Iterator[tuple[Row, ObjectLabel]]:
        """The annotations that the report has a class for."""
        for label in self.labels.get(sample["token"], []):
            kind = self.kind(label)
            if kind is None:
                continue
            width, length, height = (float(v) for v in label["size"])
            yield (
                label,
                ObjectLabel(
                    track_id=self.numbers[label["instance_token"]],
                    object_class=kind,
                    blueprint="",
                    rider=False,
                    box=Box(pose=_pose(label), size_m=np.array([length, width, height])),
                    velocity_mps=np.zeros(3),
                    acceleration_mps2=np.zeros(3),
                    yaw_rate_radps=0.0,
                ),
            )


def _pose(row: Row) -> Pose:
    return Pose(
        position_m=np.array(row["translation"], dtype=np.float64),
        orientation_wxyz=np.array(row["rotation"], dtype=np.float64),
    )


def write_index(tables: Tables, folder: Folder, out: Path) -> None:
    """The rows of all keyframes as an index in `out`/index, so that all that asks an index can be asked."""
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    told = {s.name: s for s in folder.scenes}
    for scene in tables.scenes:
        name = str(scene["name"])
        samples = tables.samples.get(scene["token"], [])
        for number, sample in enumerate(samples):
            since_ns = (int(sample["timestamp"]) - int(samples[0]["timestamp"])) * 1000
            _sample_rows(tables, rows, name, number, since_ns, sample)
        known = told.get(name)
        mine = [r for r in rows["frames"] if r["scene"] == name]
        rows["scenes"].append(
            {
                "scene": name,
                "map": known.map if known else "",
                "weather": known.weather if known else "not known",
                "hour": known.hour if known else 0.0,
                "duration_s": mine[-1]["time_ns"] / 1e9 if mine else 0.0,
                "frames": known.frames if known else len(mine),
                "keyframes": len(mine),
                "tracks": len({r["track_id"] for r in rows["objects"] if r["scene"] == name}),
                "content_sha256": known.capture_sha256 if known else "",
            }
        )
    (out / "index").mkdir(parents=True)
    for table, schema in SCHEMAS.items():
        # Columns that the tables do not tell are null.
        filled = [{field: row.get(field) for field in schema.names} for row in rows[table]]
        pq.write_table(pa.Table.from_pylist(filled, schema), out / "index" / f"{table}.parquet")


def _sample_rows(
    tables: Tables, rows: dict[str, list[Row]], scene: str, number: int, since_ns: int, sample: Row
) -> None:
    ego = tables.ego(sample)
    x, y, z = (float(v) for v in ego.position_m)
    common = {"scene": scene, "frame": number, "time_ns": since_ns, "keyframe": True}
    objects = list(tables.objects(sample))
    rows["frames"].append(
        {
            **common,
            "objects": len(objects),
            "ego_x_m": x,
            "ego_y_m": y,
            "ego_z_m": z,
            "ego_yaw_rad": ego.yaw_rad,
            "delivered": [f"ego/{c}" for c in tables.delivered(sample)],
            "signals": [],
        }
    )
    rows["agents"].append(
        {**common, "agent": "ego", "kind": "ego", "x_m": x, "y_m": y, "z_m": z, "yaw_rad": ego.yaw_rad}
    )
    for label, thing in objects:
        place, size = thing.box.pose.position_m, thing.box.size_m
        local = ego.inverse().transform_points(place[None])[0]
        about = {
            **common,
            "track_id": thing.track_id,
            "class": thing.object_class.value,
            "distance_m": float(np.linalg.norm(place - ego.position_m)),
            "lidar_points": int(label["num_lidar_pts"]),
            "radar_points": int(label["num_radar_pts"]),
            "visible_fraction": SEEN.get(str(label["visibility_token"])),
            "cameras": [],
        }
        rows["objects"].append(
            {
                **about,
                "rider": False,
                "blueprint": "",
                **dict(zip(("x_m", "y_m", "z_m"), place.tolist(), strict=True)),
                "yaw_rad": thing.box.pose.yaw_rad,
                **dict(zip(("length_m", "width_m", "height_m"), size.tolist(), strict=True)),
                "ego_x_m": float(local[0]),
                "ego_y_m": float(local[1]),
            }
        )
        rows["sightings"].append({**about, "agent": "ego"})


def draw_view(tables: Tables, sample: Row, view: View) -> tuple[Image | None, int]:
    """A camera's image with the boxes in it that are not mostly hidden, and their number."""
    image = cv2.imread(str(tables.root / view.file), cv2.IMREAD_COLOR)
    if image is None:
        return None, 0
    count = 0
    for label, thing in tables.objects(sample):
        if SEEN.get(str(label["visibility_token"]), 1.0) > SEEN["1"] and box_in_view(view, thing) is not None:
            draw_box(image, view.camera, view.map_ego, thing, max(1, round(view.camera.width_px / 500)))
            count += 1
    return np.asarray(image), count


def box_in_view(view: View, thing: ObjectLabel) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of a box in an image, clipped; none where less than some pixels are inside."""
    optical = view.camera.agent_sensor.rotation @ OPTICAL_FROM_MOUNT.T
    map_camera = view.map_ego @ Pose.from_matrix(_matrix(optical, view.camera.agent_sensor.position_m))
    corners = map_camera.inverse().transform_points(thing.box.corners_m())
    if (corners[:, 2] < 0.3).any():
        return None
    pixels = view.camera.optics.project(corners)
    low = np.clip(pixels.min(axis=0), 0, [view.camera.width_px, view.camera.height_px])
    high = np.clip(pixels.max(axis=0), 0, [view.camera.width_px, view.camera.height_px])
    if (high - low).min() < 1.0 or (high - low).max() < _LEAST_PX:
        return None
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _matrix(rotation: np.ndarray, position_m: np.ndarray) -> np.ndarray:
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = rotation, position_m
    return out
