"""The Parquet index of a run: scenes, frames, objects; and questions to it by DuckDB.

One row an object and frame in `objects`, one row a frame in `frames`, one row a scene in `scenes`. Scenes
come in the order of the captures that are given: the files' bytes depend on these alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drivegen.capture.frame import EGO
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar, Radar

TABLES = ("scenes", "frames", "objects")
_ROWS_OF_A_GROUP = 1 << 17
_QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)

_F8 = pa.float64()
_F4 = pa.float32()
SCENES = pa.schema(
    [
        ("scene", pa.string()),
        ("capture", pa.string()),
        ("content_sha256", pa.string()),
        ("plan_sha256", pa.string()),
        ("map", pa.string()),
        ("weather", pa.string()),
        ("hour", _F8),
        ("cloudiness", _F8),
        ("precipitation", _F8),
        ("fog_density", _F8),
        ("wetness", _F8),
        ("sun_altitude_deg", _F8),
        ("duration_s", _F8),
        ("frames", pa.int32()),
        ("keyframes", pa.int32()),
        ("tracks", pa.int32()),
    ]
)
FRAMES = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("objects", pa.int32()),
        ("lidar_points", pa.int64()),
        ("radar_points", pa.int64()),
        ("ego_x_m", _F8),
        ("ego_y_m", _F8),
        ("ego_z_m", _F8),
        ("ego_yaw_rad", _F8),
        ("ego_speed_mps", _F8),
        ("delivered", pa.list_(pa.string())),
        ("signals", pa.map_(pa.string(), pa.string())),
    ]
)
CAMERA = pa.struct(
    [
        ("camera", pa.string()),
        ("visible_fraction", _F4),
        ("visible_pixels", pa.int32()),
        ("truncation", _F4),
    ]
)
OBJECTS = pa.schema(
    [
        ("scene", pa.string()),
        ("frame", pa.int32()),
        ("time_ns", pa.int64()),
        ("keyframe", pa.bool_()),
        ("track_id", pa.int64()),
        ("class", pa.string()),
        ("blueprint", pa.string()),
        ("rider", pa.bool_()),
        ("x_m", _F8),
        ("y_m", _F8),
        ("z_m", _F8),
        ("yaw_rad", _F8),
        ("length_m", _F8),
        ("width_m", _F8),
        ("height_m", _F8),
        ("speed_mps", _F8),
        ("distance_m", _F8),
        ("ego_x_m", _F8),
        ("ego_y_m", _F8),
        ("lidar_points", pa.int32()),
        ("radar_points", pa.int32()),
        ("visible_fraction", _F4),
        ("cameras", pa.list_(CAMERA)),
    ]
)
"""`distance_m` is from the ego's origin to the box's centre; `ego_x_m`, `ego_y_m` are the centre in the ego's
frame; `visible_fraction` is the greatest over the cameras, null where no camera delivered."""


def build_index(captures: Iterable[CapturePlace], folder: Path) -> None:
    """Writes scenes.parquet, frames.parquet and objects.parquet into `folder`, all whole or none.

    Captures are read one by one, in the order given, which is the order of the rows; memory does not grow
    with their number.

    Raises:
        CaptureError: A capture cannot be read, two captures hold the same scene, or the disk is full.
    """
    with contextlib.ExitStack() as stack:
        tables = {
            name: stack.enter_context(_GrowingTable(folder / f"{name}.parquet", schema))
            for name, schema in zip(TABLES, (SCENES, FRAMES, OBJECTS), strict=True)
        }
        seen: set[str] = set()
        for path in captures:
            part = index_capture(path)
            scene = part["scenes"]["scene"][0].as_py()
            if scene in seen:
                raise CaptureError(f"{path}: scene {scene} is in two captures; give each capture once")
            seen.add(scene)
            for name, table in tables.items():
                table.add(part[name])
        for table in tables.values():
            table.finish()
        for table in tables.values():
            table.publish()


def index_capture(path: CapturePlace) -> dict[str, pa.Table]:
    """The part of one capture: a table for each of `TABLES`."""
    with CaptureReader(path) as reader:
        scene = reader.scene
        frames: list[dict[str, Any]] = []
        objects: list[dict[str, Any]] = []
        for frame in reader.frames():
            ego = frame.agents[EGO].map_agent
            lidars = frame.agents[EGO].delivered_by(Lidar)
            points = sum(len(frame.agents[EGO].sweep(c)) for c in lidars)
            radars = frame.agents[EGO].delivered_by(Radar)
            echoes = sum(len(frame.agents[EGO].radar(c)) for c in radars)
            frames.append(_frame_row(scene, frame, points, echoes))
            objects += (_object_row(scene, frame, label, ego) for label in frame.objects)
        scenes = [_scene_row(reader, path, frames, objects)]
    return {
        "scenes": pa.Table.from_pylist(scenes, SCENES),
        "frames": pa.Table.from_pylist(frames, FRAMES),
        "objects": pa.Table.from_pylist(objects, OBJECTS),
    }


def _scene_row(
    reader: CaptureReader, path: CapturePlace, frames: list[dict[str, Any]], objects: list[dict[str, Any]]
) -> dict[str, Any]:
    plan = reader.plan
    weather = plan.weather.parameters
    return {
        "scene": reader.scene,
        "capture": path.name,
        "content_sha256": reader.content_sha256,
        "plan_sha256": plan.sha256,
        "map": plan.map.name,
        "weather": plan.weather.preset,
        "hour": plan.weather.hour,
        "cloudiness": weather.cloudiness,
        "precipitation": weather.precipitation,
        "fog_density": weather.fog_density,
        "wetness": weather.wetness,
        "sun_altitude_deg": weather.sun_altitude_deg,
        "duration_s": (frames[-1]["time_ns"] - frames[0]["time_ns"]) / 1e9 if frames else 0.0,
        "frames": len(frames),
        "keyframes": sum(f["keyframe"] for f in frames),
        "tracks": len({o["track_id"] for o in objects}),
    }


def _frame_row(scene: str, frame: CapturedFrame, lidar_points: int, radar_points: int) -> dict[str, Any]:
    ego = frame.agents[EGO]
    x, y, z = (float(v) for v in ego.map_agent.position_m)
    return {
        "scene": scene,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "objects": len(frame.objects),
        "lidar_points": lidar_points,
        "radar_points": radar_points,
        "ego_x_m": x,
        "ego_y_m": y,
        "ego_z_m": z,
        "ego_yaw_rad": ego.map_agent.yaw_rad,
        "ego_speed_mps": float(np.linalg.norm(ego.velocity_mps)),
        "delivered": [f"{a.name}/{c}" for a in frame.agents.values() for c in a.delivered],
        "signals": sorted(frame.signals.items()),
    }


def _object_row(scene: str, frame: CapturedFrame, label: ObjectLabel, map_ego: Pose) -> dict[str, Any]:
    x, y, z = (float(v) for v in label.box.pose.position_m)
    length, width, height = (float(v) for v in label.box.size_m)
    offset = label.box.pose.position_m - map_ego.position_m
    in_ego = offset @ map_ego.rotation
    saw = any(a.delivered_by(Camera) for a in frame.agents.values())
    fractions = [c.visible_fraction for c in label.cameras.values()]
    return {
        "scene": scene,
        "frame": frame.index,
        "time_ns": frame.time_ns,
        "keyframe": frame.keyframe,
        "track_id": label.track_id,
        "class": label.object_class.value,
        "blueprint": label.blueprint,
        "rider": label.rider,
        "x_m": x,
        "y_m": y,
        "z_m": z,
        "yaw_rad": label.box.pose.yaw_rad,
        "length_m": length,
        "width_m": width,
        "height_m": height,
        "speed_mps": float(np.linalg.norm(label.velocity_mps)),
        "distance_m": float(np.linalg.norm(offset)),
        "ego_x_m": float(in_ego[0]),
        "ego_y_m": float(in_ego[1]),
        "lidar_points": sum(label.lidar_points.values()) if label.lidar_points else None,
        "radar_points": sum(label.radar_points.values()) if label.radar_points else None,
        "visible_fraction": max(fractions, default=0.0) if saw else None,
        "cameras": [
            {
                "camera": name,
                "visible_fraction": c.visible_fraction,
                "visible_pixels": c.visible_pixels,
                "truncation": c.truncation,
            }
            for name, c in sorted(label.cameras.items())
        ],
    }


class _GrowingTable:
    """A Parquet file that is written row group by row group and appears when it is whole."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".part")
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> _GrowingTable:
        with self._told():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._partial, self._schema, compression="zstd")
        return self

    def add(self, table: pa.Table) -> None:
        """Rows that follow those before."""
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows >= _ROWS_OF_A_GROUP:
            self._write()

    def _write(self) -> None:
        with self._told():
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=_ROWS_OF_A_GROUP)
        self._waiting, self._rows = [], 0

    def finish(self) -> None:
        """Nothing more comes; the file is on the disk."""
        if self._waiting:
            self._write()
        with self._told():
            self._writer.close()
            with self._partial.open("rb") as file:
                os.fsync(file.fileno())

    def publish(self) -> None:
        """Gives it its name."""
        self._partial.replace(self._path)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CaptureError(
                f"{self._path} could not be written: {error.strerror or error}; "
                "free space or choose another folder"
            ) from error

    def __exit__(self, *_: object) -> None:
        # After an error the rest of the file may be impossible to write; what was written goes anyway.
        with contextlib.suppress(OSError):
            self._writer.close()
        self._partial.unlink(missing_ok=True)


class Answer:
    """What a question gave: names of columns, rows, and the table as text."""

    def __init__(self, columns: list[str], rows: list[tuple[Any, ...]], text: str) -> None:
        self.columns = columns
        self.rows = rows
        self._text = text

    def __str__(self) -> str:
        return self._text


def query(run: Path, sql: str) -> Answer:
    """Answers SQL over `scenes`, `frames` and `objects` of a run; nothing else can be read, nothing written.

    Raises:
        CaptureError: There is no index, or DuckDB refuses the statement (its words are kept).
    """
    connection = duckdb.connect(":memory:")
    try:
        paths = [run.absolute() / "index" / f"{name}.parquet" for name in TABLES]
        for name, path in zip(TABLES, paths, strict=True):
            if not path.is_file():
                raise CaptureError(
                    f"{path}: there is no index; run the job to its end, or give a run's folder"
                )
            connection.read_parquet(str(path)).create_view(name)
        allowed = ", ".join("'" + str(p).replace("'", "''") + "'" for p in paths)
        connection.execute(f"SET allowed_paths = [{allowed}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return _answer(connection, sql)
    except duckdb.Error as error:
        raise CaptureError(f"the query was refused: {error}") from None
    finally:
        connection.close()


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in _QUESTIONS:
        raise CaptureError("the query was refused: give one SELECT, over scenes, frames and objects")
    table = connection.sql(sql).to_arrow_table()
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return Answer(table.column_names, rows, str(connection.from_arrow(table)))
