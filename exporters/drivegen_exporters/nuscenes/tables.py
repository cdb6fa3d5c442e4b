"""The tables: rows that are kept scene by scene, and joined without reading them.

Tokens are MD5 of what they name (scene, table, key), so equal captures give equal tokens.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any

from drivegen.capture.export.dataset import DatasetWriter
from drivegen.capture.export.part import Part, PartWriter
from drivegen_exporters.nuscenes.vocabulary import ATTRIBUTES, CATEGORIES, INDEX, VISIBILITIES

TABLES = (
    "category",
    "attribute",
    "visibility",
    "instance",
    "sensor",
    "calibrated_sensor",
    "ego_pose",
    "log",
    "scene",
    "sample",
    "sample_data",
    "sample_annotation",
    "map",
    "lidarseg",
    "panoptic",
)
"""The 13 that the devkit demands, and labels of points."""

_SEPARATOR = b",\n"
_PIECE_BYTES = 1 << 20

Row = dict[str, Any]


def token(*parts: object) -> str:
    """32 hexadecimal digits that depend on the parts alone."""
    text = "|".join(str(p) for p in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class TableRows:
    """Rows of one scene: kept in its part, a file a table, in the order in which they are added."""

    def __init__(self, part: PartWriter) -> None:
        self._part = part
        self.counts: dict[str, int] = {}

    def add(self, table: str, row: Row) -> None:
        """Appends a row."""
        count = self.counts.get(table, 0)
        self.counts[table] = count + 1
        self._part.keep(table).write((_SEPARATOR if count else b"") + _json(row))


class TableFiles:
    """One JSON file a table, open together; a context."""

    def __init__(self, dataset: DatasetWriter, folder: str) -> None:
        self._dataset = dataset
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self.counts = dict.fromkeys(TABLES, 0)

    def __enter__(self) -> TableFiles:
        with contextlib.ExitStack() as stack:
            for name in TABLES:
                file = stack.enter_context(self._dataset.open(f"{self._folder}/{name}.json"))
                file.write(b"[")
                self._files[name] = file
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for file in self._files.values():
                file.write(b"\n]\n")
        self._stack.__exit__(kind, error, trace)

    def add(self, table: str, row: Row) -> None:
        """Appends a row."""
        self._separate(table, 1)
        self._files[table].write(_json(row))

    def append(self, part: Part, rows: Mapping[str, int]) -> None:
        """Appends the rows that a part keeps, of which the numbers by table are given."""
        for table, count in sorted(rows.items()):
            self._separate(table, count)
            with part.kept(table).open("rb") as source:
                shutil.copyfileobj(source, self._files[table], _PIECE_BYTES)

    def _separate(self, table: str, rows: int) -> None:
        self._files[table].write(_SEPARATOR if self.counts[table] else b"\n")
        self.counts[table] += rows


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _json(row: Row) -> bytes:
    return _ENCODER.encode(row).encode()


def add_vocabulary(tables: TableFiles) -> None:
    """The rows that are the same in every data set."""
    for name, description in CATEGORIES:
        tables.add(
            "category",
            {
                "token": category_token(name),
                "name": name,
                "description": description,
                "index": INDEX[name],
            },
        )
    for name, description in ATTRIBUTES:
        tables.add("attribute", {"token": attribute_token(name), "name": name, "description": description})
    for number, level, upper in VISIBILITIES:
        description = f"up to {upper:.0%} of the object is visible over all cameras"
        tables.add("visibility", {"token": number, "level": level, "description": description})


def category_token(name: str) -> str:
    """Token of a category."""
    return token("category", name)


def attribute_token(name: str) -> str:
    """Token of an attribute."""
    return token("attribute", name)


def sensor_token(channel: str) -> str:
    """Token of a sensor."""
    return token("sensor", channel)


def link(rows: list[Row]) -> None:
    """Joins the rows of one chain: `prev` and `next`, empty at the ends."""
    for i, row in enumerate(rows):
        row["prev"] = rows[i - 1]["token"] if i else ""
        row["next"] = rows[i + 1]["token"] if i + 1 < len(rows) else ""
