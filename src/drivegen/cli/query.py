"""`drivegen query`: SQL over a run's index, and what can be asked."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drivegen.capture.index import Answer

FORMATS = ("table", "csv", "json")


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What the verb takes beside how URLs are reached."""
    verb.add_argument("run_folder", metavar="RUN", help="a run folder, for example runs/demo, or its URL")
    verb.add_argument(
        "sql", metavar="SQL", nargs="?", help="one SELECT of DuckDB's; without it, the tables and columns"
    )
    verb.add_argument("--schema", action="store_true", help="the tables, their rows and columns")
    verb.add_argument("--format", choices=FORMATS, default="table", help="default: %(default)s")
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answer."""
    # Only where used: duckdb, pyarrow, and the storage.
    from drivegen.capture.index import query, tables_and_columns  # noqa: PLC0415
    from drivegen.cli.datasets import read_options  # noqa: PLC0415
    from drivegen.runtime.storage.opened import open_run  # noqa: PLC0415

    with open_run(arguments.run_folder, read_options(arguments.storage)) as folder:
        if arguments.schema or arguments.sql is None:
            answer = tables_and_columns(folder.root)
        else:
            answer = query(folder.root, arguments.sql)
    sys.stdout.write(written(answer, arguments.format))
    return 0


def written(answer: Answer, form: str) -> str:
    """An answer as text: a table for people, CSV with a line of names, or JSON, a list of objects."""
    if form == "json":
        rows = [dict(zip(answer.columns, map(_plain, row), strict=True)) for row in answer.rows]
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows)
        return f"[\n{lines}\n]\n" if rows else "[]\n"
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([_cell(value) for value in row] for row in answer.rows)
        return out.getvalue()
    return f"{answer}\n"


def _plain(value: Any) -> Any:
    """As JSON has it: decimals of sums as whole numbers, what is no number as null."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value


def _cell(value: Any) -> Any:
    plain = _plain(value)
    nested = isinstance(plain, list | dict)
    return json.dumps(plain, ensure_ascii=False, default=str) if nested else plain
