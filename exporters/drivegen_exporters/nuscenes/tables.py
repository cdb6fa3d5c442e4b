"""The tables: rows that come scene by scene, written as they come.

Tokens are MD5 of what they name (scene, table, key), so equal captures give equal tokens.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any

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
)
"""The 13 that the devkit demands, and lidarseg."""

Row = dict[str, Any]


def token(*parts: object) -> str:
    """32 hexadecimal digits that depend on the parts alone."""
    text = "|".join(str(p) for p in parts)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class TableFiles:
    """One JSON file a table, opened together, rows appended in the order in which they are added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self.counts = dict.fromkeys(TABLES, 0)
        self.bytes = 0

    def __enter__(self) -> TableFiles:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            self._files[name] = (self._folder / f"{name}.json").open("w", encoding="utf-8")
            self._files[name].write("[")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def close(self) -> None:
        """Ends the tables; without this they are not JSON."""
        for name, file in self._files.items():
            file.write("\n]\n")
            file.close()
            self.bytes += (self._folder / f"{name}.json").stat().st_size

    def add(self, table: str, row: Row) -> None:
        """Appends a row."""
        separator = ",\n" if self.counts[table] else "\n"
        self._files[table].write(separator + json.dumps(row, ensure_ascii=False, allow_nan=False))
        self.counts[table] += 1


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
