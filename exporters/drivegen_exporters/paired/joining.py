"""Parts of scenes become one data set: numbers run through all of them, tables are strung together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Joined
from drivegen.capture.export.part import Part
from drivegen_exporters.paired.numbering import Bases, Kind, expand, fill, numeral
from drivegen_exporters.paired.scene import PAIR_ROWS, PAIRED, TEXTS, UNIT_ROWS, VEHICLE_ROWS

SPLITS = ("train", "val", "test")
"""Loaders want these to be there, if only empty."""
_TABLES = {
    VEHICLE_ROWS: "vehicle-side/data_info.json",
    UNIT_ROWS: "infrastructure-side/data_info.json",
    PAIR_ROWS: "cooperative/data_info.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a part's numbers begin, and its split."""

    bases: Bases
    split: str


def join_pairs(parts: Parts, dataset: DatasetWriter) -> Joined:
    """Takes the files of all parts under their final numbers and writes what spans scenes.

    Keeps a few numbers a scene in memory.

    Raises:
        ExportError: The numbers of the format do not suffice.
    """
    places: list[_Place] = []
    counts: dict[str, int] = {}
    bases = dict.fromkeys(Kind, 0)
    with ExitStack() as stack:
        tables = {k: _Table(stack.enter_context(dataset.open(name))) for k, name in _TABLES.items()}
        for part in parts:
            place = _Place(bases=dict(bases), split=part.split)
            places.append(place)
            dataset.take(part, _names(part, place.bases))
            _write_texts(part, place.bases, dataset)
            for name, table in tables.items():
                for line in _kept_lines(part, name):
                    table.add(fill(line, place.bases))
            for kind in Kind:
                bases[kind] += part.facts["numbers"][kind.value]
            for name, count in part.facts["counts"].items():
                counts[name] = counts.get(name, 0) + count
        for table in tables.values():
            table.end()
    with dataset.open("split_data.json") as file:
        _write_split(file, parts, places)
    totals = {
        "vehicle_frames": bases[Kind.VEHICLE],
        "infrastructure_frames": bases[Kind.UNIT],
        "segments": bases[Kind.SEGMENT],
    }
    return Joined(counts=totals | counts)


class _Table:
    """A JSON list, row by row."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lead = b"[\n"

    def add(self, row: bytes) -> None:
        self._file.write(self._lead + row)
        self._lead = b",\n"

    def end(self) -> None:
        self._file.write(b"[]\n" if self._lead == b"[\n" else b"\n]\n")


def _names(part: Part, bases: Bases) -> Callable[[str], list[str]]:
    """The names of a part's files: those of the vehicle's frames once for each segment."""
    frames, segments = part.facts["vehicle_frames"], part.facts["numbers"][Kind.SEGMENT.value]
    each = [{**bases, Kind.VEHICLE: bases[Kind.VEHICLE] + frames * i} for i in range(segments)]

    def names(name: str) -> list[str]:
        wanted = each if name.startswith("vehicle-side/") else [dict(bases)]
        return [fill(n.encode(), b).decode() for n in expand(name) for b in wanted]

    return names


def _write_texts(part: Part, bases: Bases, dataset: DatasetWriter) -> None:
    for line in _kept_lines(part, TEXTS):
        name, text = fill(line, bases).split(b"\t", 1)
        dataset.write(name.decode(), text + b"\n")


def _kept_lines(part: Part, name: str) -> Iterator[bytes]:
    path = part.kept(name)
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")


def _write_split(file: IO[bytes], parts: Parts, places: list[_Place]) -> None:
    """Segments, frames of both sides, and the vehicle's frames of pairs, by split."""
    tables: dict[str, Callable[[Part, _Place], Iterator[str]]] = {
        "batch_split": lambda part, place: _numbers(part, place, Kind.SEGMENT),
        "vehicle_split": lambda part, place: _numbers(part, place, Kind.VEHICLE),
        "infrastructure_split": lambda part, place: _numbers(part, place, Kind.UNIT),
        "cooperative_split": _paired,
    }
    for t, (table, numbers) in enumerate(tables.items()):
        file.write(f'{"," if t else "{"}\n "{table}": {{'.encode())
        for s, split in enumerate(dict.fromkeys((*SPLITS, *parts.splits))):
            file.write(f'{"," if s else ""}\n  "{split}": ['.encode())
            lead = ""
            for part, place in zip(parts, places, strict=True):
                for number in numbers(part, place) if place.split == split else ():
                    file.write(f'{lead}"{number}"'.encode())
                    lead = ", "
            file.write(b"]")
        file.write(b"\n }")
    file.write(b"\n}\n")


def _numbers(part: Part, place: _Place, kind: Kind) -> Iterator[str]:
    first = place.bases[kind]
    return (numeral(kind, first + n) for n in range(part.facts["numbers"][kind.value]))


def _paired(part: Part, place: _Place) -> Iterator[str]:
    return (fill(line, place.bases).decode().strip('"') for line in _kept_lines(part, PAIRED))
