"""The index's rows of one scene as arrays, for what is computed label by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jaxtyping import Bool, Float64, Int64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Views:
    """What the cameras have of n labels: of each the camera that shows most of it."""

    cameras: Int64[np.ndarray, "n"]
    """How many have part of the box in their image."""
    pixels: Int64[np.ndarray, "n"]
    """Visible, of all cameras together."""
    fraction: Float64[np.ndarray, "n"]
    """The greatest visible fraction; NaN where no camera has the box in its image."""
    truncation: Float64[np.ndarray, "n"]
    """The least; NaN likewise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """n rows of `objects` of one scene, by track and then by time."""

    scene: str
    frame: Int64[np.ndarray, "n"]
    time_s: Float64[np.ndarray, "n"]
    """Since the scene's first frame."""
    keyframe: Bool[np.ndarray, "n"]
    track: Int64[np.ndarray, "n"]
    kind: np.ndarray
    """Class of each row, as text."""
    xyz_m: Float64[np.ndarray, "n 3"]
    """Middle of the box in the world."""
    yaw_rad: Float64[np.ndarray, "n"]
    size_m: Float64[np.ndarray, "n 3"]
    """Length, width, height."""
    speed_mps: Float64[np.ndarray, "n"]
    """NaN where it is not known."""
    distance_m: Float64[np.ndarray, "n"]
    ego_xy_m: Float64[np.ndarray, "n 2"]
    """The middle of the box in the ego's frame."""
    map_ego: Float64[np.ndarray, "n 4"]
    """x, y, z in metres and yaw in radians of the ego in each row's frame, in the world."""
    lidar_points: Float64[np.ndarray, "n"]
    """NaN where no LiDAR delivered."""
    views: Views

    def __len__(self) -> int:
        return len(self.frame)

    def is_any(self, kinds: Sequence[str]) -> Bool[np.ndarray, "n"]:
        """Rows of some classes."""
        return np.isin(self.kind, list(kinds))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sightings:
    """n rows of `sightings` of one scene, in the index's order."""

    scene: str
    frame: Int64[np.ndarray, "n"]
    track: Int64[np.ndarray, "n"]
    kind: np.ndarray
    agent: np.ndarray
    distance_m: Float64[np.ndarray, "n"]
    lidar_points: Float64[np.ndarray, "n"]
    views: Views

    def __len__(self) -> int:
        return len(self.frame)


def read_labels(run: Path, scene: str) -> Labels:
    """All labels of a scene. Raises OSError where there is no index."""
    table = _read(run, "objects", scene)
    frames = _read(run, "frames", scene)
    table = table.sort_by([("track_id", "ascending"), ("frame", "ascending")])
    numbers = _whole(frames, "frame")
    poses = np.full((int(numbers.max(initial=0)) + 1, 4), np.nan)
    poses[numbers] = _columns(frames, "ego_x_m", "ego_y_m", "ego_z_m", "ego_yaw_rad")
    first_ns = int(_whole(frames, "time_ns").min(initial=np.iinfo(np.int64).max))
    return Labels(
        scene=scene,
        frame=_whole(table, "frame"),
        time_s=(_whole(table, "time_ns") - first_ns) / 1e9,
        keyframe=np.asarray(table["keyframe"].to_numpy(zero_copy_only=False), dtype=bool),
        track=_whole(table, "track_id"),
        kind=_text(table, "class"),
        xyz_m=_columns(table, "x_m", "y_m", "z_m"),
        yaw_rad=_number(table, "yaw_rad"),
        size_m=_columns(table, "length_m", "width_m", "height_m"),
        speed_mps=_number(table, "speed_mps"),
        distance_m=_number(table, "distance_m"),
        ego_xy_m=_columns(table, "ego_x_m", "ego_y_m"),
        map_ego=poses[_whole(table, "frame")],
        lidar_points=_number(table, "lidar_points"),
        views=_views(table),
    )


def read_sightings(run: Path, scene: str) -> Sightings:
    """What each agent has of the objects of a scene."""
    table = _read(run, "sightings", scene)
    return Sightings(
        scene=scene,
        frame=_whole(table, "frame"),
        track=_whole(table, "track_id"),
        kind=_text(table, "class"),
        agent=_text(table, "agent"),
        distance_m=_number(table, "distance_m"),
        lidar_points=_number(table, "lidar_points"),
        views=_views(table),
    )


def _read(run: Path, name: str, scene: str) -> pa.Table:
    """Row groups of other scenes are skipped by their statistics."""
    path = run / "index" / f"{name}.parquet"
    return pq.read_table(path, filters=pc.field("scene") == scene, partitioning=None)


def _number(table: pa.Table, name: str) -> Float64[np.ndarray, "n"]:
    column = pc.cast(table[name], pa.float64())
    return np.asarray(pc.fill_null(column, float("nan")).to_numpy(), dtype=np.float64)


def _whole(table: pa.Table, name: str) -> Int64[np.ndarray, "n"]:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _text(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=object)


def _columns(table: pa.Table, *names: str) -> Float64[np.ndarray, "n k"]:
    return np.stack([_number(table, name) for name in names], axis=1)


def _views(table: pa.Table) -> Views:
    column = table["cameras"].combine_chunks()
    counts = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    flat: Any = column.flatten()
    row = np.repeat(np.arange(len(counts)), counts)
    pixels = np.zeros(len(counts), np.int64)
    fraction, truncation = np.full(len(counts), -np.inf), np.full(len(counts), np.inf)
    if len(row):
        np.add.at(pixels, row, _field(flat, "visible_pixels").astype(np.int64))
        np.maximum.at(fraction, row, _field(flat, "visible_fraction"))
        np.minimum.at(truncation, row, _field(flat, "truncation"))
    none = counts == 0
    fraction[none], truncation[none] = np.nan, np.nan
    return Views(cameras=counts, pixels=pixels, fraction=fraction, truncation=truncation)


def _field(flat: Any, name: str) -> Float64[np.ndarray, "n"]:
    return np.asarray(flat.field(name).to_numpy(zero_copy_only=False), dtype=np.float64)
