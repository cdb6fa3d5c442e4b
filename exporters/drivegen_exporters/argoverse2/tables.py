"""Feather tables of a log: columns of one name and type, rows as they come."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import feather

from drivegen.core.geometry import Pose

_POSE = [(name, pa.float64()) for name in ("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m")]

ANNOTATIONS = pa.schema(
    [
        ("timestamp_ns", pa.int64()),
        ("track_uuid", pa.string()),
        ("category", pa.string()),
        ("length_m", pa.float64()),
        ("width_m", pa.float64()),
        ("height_m", pa.float64()),
        *_POSE,
        ("num_interior_pts", pa.int64()),
    ]
)
EGO_POSES = pa.schema([("timestamp_ns", pa.int64()), *_POSE])
MOUNTS = pa.schema([("sensor_name", pa.string()), *_POSE])
INTRINSICS = pa.schema(
    [
        ("sensor_name", pa.string()),
        *((name, pa.float64()) for name in ("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "k3")),
        ("height_px", pa.uint16()),
        ("width_px", pa.uint16()),
    ]
)
SWEEP = pa.schema(
    [
        ("x", pa.float16()),
        ("y", pa.float16()),
        ("z", pa.float16()),
        ("intensity", pa.uint8()),
        ("laser_number", pa.uint8()),
        ("offset_ns", pa.int32()),
    ]
)


def pose_row(pose: Pose) -> dict[str, float]:
    """Quaternion and translation as columns."""
    names = ("qw", "qx", "qy", "qz", "tx_m", "ty_m", "tz_m")
    values = (*pose.orientation_wxyz, *pose.position_m)
    return {n: float(v) for n, v in zip(names, values, strict=True)}


def rows_table(rows: list[dict[str, Any]], schema: Any) -> bytes:
    """A table of rows."""
    return _feather(pa.Table.from_pylist(rows, schema=schema))


def columns_table(columns: dict[str, np.ndarray], schema: Any) -> bytes:
    """A table of columns."""
    arrays = [pa.array(columns[f.name], type=f.type) for f in schema]
    return _feather(pa.Table.from_arrays(arrays, schema=schema))


def _feather(table: Any) -> bytes:
    file = io.BytesIO()
    feather.write_feather(table, file, compression="lz4")
    return file.getvalue()
