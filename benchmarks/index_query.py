"""Questions to an index of a million objects.

`python -m benchmarks index_query`. The goal is an answer in 1 s. The index has the columns and the file form
of a run's: 1,000 scenes of 20 frames of 50 objects, drawn at random, with what one camera has of a third of
them. Every time is that of `drivegen.capture.index.query`, which opens the files anew.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drivegen.capture.export.where import rows_where
from drivegen.capture.index import TABLES, query
from drivegen.capture.index_rows import SCHEMAS
from drivegen.core.actors import ObjectClass

SCENES, FRAMES, OBJECTS = 1000, 20, 50
GOAL_S = 1.0
TIMES = 3
QUESTIONS = {
    "count by class": "select class, count(*) from objects group by all",
    "class x distance x weather": (
        "select weather, class, round(distance_m, -1) m, count(*), avg(visible_fraction)"
        " from objects join scenes using (scene) group by all"
    ),
    "people within 20 m in rain": (
        "select distinct scene, frame from objects join scenes using (scene)"
        " where precipitation > 0 and class = 'pedestrian' and distance_m < 20"
    ),
    "by camera": (
        "select c.camera, count(*), avg(c.visible_fraction)"
        " from objects, unnest(cameras) as u(c) group by all"
    ),
    "longest tracks": (
        "select scene, track_id, count(*) n from objects group by all"
        " order by n desc, scene, track_id limit 50"
    ),
}
WHERE = "precipitation > 0 and class = 'pedestrian' and distance_m < 20"


def rows() -> list[dict[str, Any]]:
    """Seconds by question, the best of some."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "index")
        found = [_row(name, lambda sql=sql: query(Path(folder), sql)) for name, sql in QUESTIONS.items()]
        tables = {name: Path(folder) / "index" / f"{name}.parquet" for name in TABLES}
        found.append(_row("where= of readers", lambda: rows_where(tables, WHERE, "benchmark")))
    return found


def _row(name: str, ask: Any) -> dict[str, Any]:
    times_s, cpu_s = [], []
    for _ in range(TIMES):
        start, cpu = time.perf_counter(), time.process_time()
        ask()
        times_s.append(time.perf_counter() - start)
        cpu_s.append(time.process_time() - cpu)
    return {
        "name": f"index of {SCENES * FRAMES * OBJECTS:,} objects: {name}",
        "value": min(times_s),
        "unit": "s",
        "ratio": min(times_s) / GOAL_S,
        "against": f"1 s; of the processor {min(cpu_s):.2f} s",
    }


def _write(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(1)
    names = [f"scene-{i:04d}" for i in range(SCENES)]
    wet = rng.uniform(-60.0, 60.0, SCENES).clip(0.0)
    columns = {
        "scene": names,
        "capture": [f"{name}.mcap" for name in names],
        "weather": np.where(wet > 0, "rain", "clear"),
        "precipitation": wet,
        "frames": np.full(SCENES, FRAMES),
    }
    _table(folder, "scenes", SCENES, columns)
    count = SCENES * FRAMES
    columns = {"scene": np.repeat(names, FRAMES), "frame": np.tile(np.arange(FRAMES), SCENES)}
    _table(folder, "frames", count, columns | {"objects": np.full(count, OBJECTS)})
    count *= OBJECTS
    at = rng.uniform(-80.0, 80.0, (count, 2))
    classes = np.array([c.value for c in ObjectClass])
    columns = {
        "scene": np.repeat(names, FRAMES * OBJECTS),
        "frame": np.tile(np.repeat(np.arange(FRAMES), OBJECTS), SCENES),
        "time_ns": np.tile(np.repeat(np.arange(FRAMES) * 500_000_000, OBJECTS), SCENES),
        "track_id": np.tile(np.arange(OBJECTS) + 24, SCENES * FRAMES),
        "class": classes[rng.integers(0, len(classes), count)],
        "ego_x_m": at[:, 0],
        "ego_y_m": at[:, 1],
        "x_m": at[:, 0] + rng.uniform(0, 500, count),
        "y_m": at[:, 1] + rng.uniform(0, 500, count),
        "distance_m": np.hypot(at[:, 0], at[:, 1]),
        "lidar_points": rng.integers(0, 300, count),
        "visible_fraction": rng.uniform(0.0, 1.0, count),
        "cameras": _cameras(rng, count),
    }
    _table(folder, "objects", count, columns)
    for name in ("agents", "sightings"):
        _table(folder, name, 0, {})


def _cameras(rng: np.random.Generator, count: int) -> pa.Array:
    seen = rng.uniform(size=count) < 1 / 3
    total = int(seen.sum())
    kind = SCHEMAS["objects"].field("cameras").type
    parts = [
        pa.array(np.array(["CAM_FRONT", "CAM_LEFT", "CAM_RIGHT", "CAM_BACK"])[rng.integers(0, 4, total)]),
        pa.array(rng.uniform(0.0, 1.0, total), pa.float32()),
        pa.array(rng.integers(0, 9000, total), pa.int32()),
        pa.array(np.zeros(total), pa.float32()),
    ]
    values = pa.StructArray.from_arrays(parts, fields=list(kind.value_type))
    offsets = np.concatenate([[0], np.cumsum(seen)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=kind)


def _table(folder: Path, name: str, count: int, columns: dict[str, Any]) -> None:
    """With null where a column is not given."""
    schema = SCHEMAS[name]
    arrays = [
        pa.nulls(count, field.type)
        if field.name not in columns
        else pa.array(columns[field.name], field.type)
        if not isinstance(columns[field.name], pa.Array)
        else columns[field.name]
        for field in schema
    ]
    table = pa.Table.from_arrays(arrays, schema=schema)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd", row_group_size=1 << 17)
