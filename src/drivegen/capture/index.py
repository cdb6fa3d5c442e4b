"""The Parquet index of a run: scenes, frames, agents, objects, sightings; and questions to it by DuckDB.

`drivegen.capture.index_rows` tells what the tables hold. Scenes come in the order of the captures that are
given: the files' bytes depend on these alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from drivegen.capture.index_rows import SCHEMAS, rows_of
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError

TABLES = tuple(SCHEMAS)
_ROWS_OF_A_GROUP = 1 << 17
_QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


def build_index(captures: Iterable[CapturePlace], folder: Path) -> None:
    """Writes a Parquet file for each of `TABLES` into `folder`, all whole or none.

    Captures are read one by one, in the order given, which is the order of the rows; memory does not grow
    with their number.

    Raises:
        CaptureError: A capture cannot be read, two captures hold the same scene, or the disk is full.
    """
    with contextlib.ExitStack() as stack:
        tables = {
            name: stack.enter_context(_GrowingTable(folder / f"{name}.parquet", schema))
            for name, schema in SCHEMAS.items()
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
        found = rows_of(reader, path)
    return {name: pa.Table.from_pylist(found[name], SCHEMAS[name]) for name in TABLES}


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
    """Answers SQL over the tables of a run (`TABLES`); nothing else can be read, nothing written.

    Raises:
        CaptureError: There is no index, or DuckDB refuses the statement (its words are kept).
    """
    with _asked(run) as connection:
        return _answer(connection, sql)


def tables_and_columns(run: Path) -> Answer:
    """What can be asked: a row a column, with its table, the table's rows, and its type.

    Raises:
        CaptureError: There is no index.
    """
    rows: list[tuple[Any, ...]] = []
    lines: list[str] = []
    with _asked(run) as connection:
        for name in TABLES:
            table = connection.view(name)
            count = table.count("*").fetchall()[0][0]
            columns = [(c, str(kind)) for c, kind in zip(table.columns, table.types, strict=True)]
            rows += ((name, count, column, kind) for column, kind in columns)
            lines += [f"{name}, {count:,} rows", *(f"    {c:18} {kind}" for c, kind in columns), ""]
    return Answer(["table", "rows", "column", "type"], rows, "\n".join(lines[:-1]))


@contextlib.contextmanager
def _asked(run: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a run in a database of their own that can reach nothing else."""
    connection = duckdb.connect(":memory:")
    try:
        paths = [run.absolute() / "index" / f"{name}.parquet" for name in TABLES]
        _check_files(paths)
        for name, path in zip(TABLES, paths, strict=True):
            connection.read_parquet(str(path)).create_view(name)
        allowed = ", ".join("'" + str(p).replace("'", "''") + "'" for p in paths)
        connection.execute(f"SET allowed_paths = [{allowed}]")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    except duckdb.Error as error:
        raise CaptureError(
            f"the query was refused: {str(error).strip()}\nTables are {', '.join(TABLES)}; drivegen query"
            " RUN --schema shows their columns"
        ) from None
    finally:
        connection.close()


def _check_files(paths: list[Path]) -> None:
    missing = [path for path in paths if not path.is_file()]
    if len(missing) == len(paths):
        raise CaptureError(
            f"{paths[0].parent}: there is no index; run the job to its end, or give a run's folder"
        )
    if missing:
        raise CaptureError(
            f"{missing[0]} is missing: the index is of an older drivegen, or not whole; run the job again"
        )


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type not in _QUESTIONS:
        raise CaptureError(
            f"the query was refused: give one SELECT, over {', '.join(TABLES)}; --schema shows their columns"
        )
    table = connection.sql(sql).to_arrow_table()
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return Answer(table.column_names, rows, str(connection.from_arrow(table)))
