"""Which frames of a capture an expression is true of: `where=` of every export.

The expression is one of DuckDB's, over the rows of the capture's index (`drivegen.capture.index`): the frame
and its scene, joined with each object of the frame. A frame is taken when the expression is true with at
least one of its objects; a frame without objects has one row in which the object's columns are null. What one
row cannot say, a subquery over the tables can.

The rows are made of the capture itself, in memory, so the answer follows from the capture and the expression
alone. Files, other databases and whatever differs from time to time (random, now) are out of its reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from drivegen.capture.index import index_capture
from drivegen.capture.index_rows import SCHEMAS
from drivegen.capture.place import CapturePlace
from drivegen.core.errors import CaptureError, ExportError

EXAMPLE = "precipitation > 0 and class = 'pedestrian' and distance_m < 20"

_ROWS = """
CREATE VIEW rows AS
SELECT f.scene, f.frame, f.time_ns, f.keyframe, f.ego_speed_mps, f.signals,
    s.* EXCLUDE (scene, frames, keyframes),
    o.* EXCLUDE (scene, frame, time_ns, keyframe)
FROM frames f JOIN scenes s ON s.scene = f.scene
LEFT JOIN objects o ON o.scene = f.scene AND o.frame = f.frame
"""
_LOCKS = (
    "SET threads = 1",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def check_where(expression: str, where: str) -> None:
    """Raises ExportError when the expression cannot be asked. `where` is for the message."""
    with _Rows({name: schema.empty_table() for name, schema in SCHEMAS.items()}) as rows:
        rows.frames(expression, where)


def frames_where(capture: CapturePlace, expression: str, where: str) -> frozenset[int]:
    """Indices of the frames that the expression is true of.

    Raises:
        ExportError: The expression cannot be asked.
        CaptureError: The capture cannot be read.
    """
    return frozenset(frame for _, frame in rows_where(index_capture(capture), expression, where))


def rows_where(
    tables: Mapping[str, pa.Table | Path], expression: str, where: str
) -> frozenset[tuple[str, int]]:
    """(scene, index) of the frames that the expression is true of.

    Args:
        tables: The index by table: in memory, or as Parquet files.
        expression: The condition.
        where: For messages.

    Raises:
        ExportError: The expression cannot be asked.
        CaptureError: A file cannot be read.
    """
    with _Rows(tables) as rows:
        return rows.frames(expression, where)


class _Rows:
    """The tables of an index in a database of their own that can reach nothing else."""

    def __init__(self, tables: Mapping[str, pa.Table | Path]) -> None:
        self._connection = duckdb.connect(":memory:")
        files = []
        for name, table in tables.items():
            if isinstance(table, Path):
                files.append("'" + str(table).replace("'", "''") + "'")
                self._view(name, table)
            else:
                self._connection.register(name, table)
        self._connection.execute(_ROWS)
        self._connection.execute(f"SET allowed_paths = [{', '.join(files)}]")
        for lock in _LOCKS:
            self._connection.execute(lock)

    def _view(self, name: str, path: Path) -> None:
        try:
            self._connection.read_parquet(str(path)).create_view(name)
        except duckdb.Error as error:
            first = str(error).strip().splitlines()[0]
            raise CaptureError(
                f"{path} cannot be read ({first}): run the job again, which writes it"
            ) from None

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def frames(self, expression: str, where: str) -> frozenset[tuple[str, int]]:
        """Where it is true."""
        try:
            rows = self._connection.view("rows")
            # A relation takes one expression, and nothing that could end it and begin something else.
            (kind,) = rows.project(expression).types
            if str(kind) != "BOOLEAN":
                raise ExportError(f"{where}: where={expression!r} is no condition but a {kind}; {_SHOW}")
            self._check_functions(expression, where)
            found = rows.filter(expression).project("scene, frame").distinct().fetchall()
        except (duckdb.Error, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise ExportError(f"{where}: where={expression!r} was refused: {first}; {_SHOW}") from None
        return frozenset((str(scene), int(frame)) for scene, frame in found)

    def _check_functions(self, expression: str, where: str) -> None:
        """Refuses what gives another answer another time."""
        text = self._connection.execute(
            "SELECT json_serialize_sql(?)",
            [f"SELECT 1 FROM rows WHERE (\n{expression}\n)"],  # noqa: S608  (parsed, not run)
        ).fetchall()[0][0]
        for node in _nodes(json.loads(text)):
            name = str(node.get("function_name", "")).lower()
            if name in _fickle() or node.get("sample") is not None:
                raise ExportError(
                    f"{where}: where={expression!r}: {name or 'a sample'} differs from time to time; equal"
                    f" captures must give equal data sets. {_SHOW}"
                )


_SHOW = f"an expression over the columns of the index is wanted, for example {EXAMPLE!r}"


@lru_cache(maxsize=1)
def _fickle() -> frozenset[str]:
    """DuckDB's functions whose answer does not follow from their arguments."""
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
        ).fetchall()
    return frozenset(str(name) for (name,) in rows)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All mappings in a tree."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each)
