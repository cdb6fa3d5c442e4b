"""Parquet files with a card, as Hugging Face's `datasets` loads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from drivegen.capture.export.carriers import ALL, Wanted, moments_of
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen_exporters.channels import check_frames
from drivegen_exporters.huggingface.card import IMAGES, SWEEPS, front_matter, notes
from drivegen_exporters.huggingface.rows import Row, image_row, schema_of, sweep_row

_GROUP_ROWS = 16
"""Rows of a row group: what is in memory at a time, and what a reader fetches for one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between."""
    frames: str = "keyframes"
    """keyframes or all."""


class HuggingFace(Exporter[Options]):
    """The exporter. A scene is a file of `images` and one of `sweeps`."""

    format = "huggingface"
    takes_agents = True
    Options = Options

    def check(self) -> None:
        """Frames are keyframes or all."""
        check_frames(self.options.frames, self.format)

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's files. Raises ExportError when a camera is not in the rig."""
        wanted = Wanted(cameras=self.options.cameras, lidars=ALL, keyframes=self.options.frames != ALL)
        carriers = self.carriers(capture, part, wanted)
        with _Table(part, IMAGES, self._told) as images, _Table(part, SWEEPS, self._told) as sweeps:
            for moment in moments_of(carriers, capture):
                for camera in moment.cameras:
                    images.add(image_row(capture.scene, moment, camera, part))
                for lidar in moment.lidars:
                    sweeps.add(sweep_row(capture.scene, moment, lidar))
        part.facts = {IMAGES: images.rows, SWEEPS: sweeps.rows}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """Numbers the files of each split through; the card tells their columns."""
        counts = {IMAGES: 0, SWEEPS: 0}
        taken = dict.fromkeys(parts.splits, 0)
        for part in parts:
            dataset.take(part, _places(part.split, taken[part.split], len(parts.of_split(part.split))))
            taken[part.split] += 1
            counts[IMAGES] += part.facts[IMAGES]
            counts[SWEEPS] += part.facts[SWEEPS]
        there = [split for split, files in taken.items() if files]
        patterns = {c: {split: f"{c}/{split}-*.parquet" for split in there} for c in counts if counts[c]}
        head = front_matter(patterns, agents=self._told)
        return Joined(counts=counts, front_matter=head, notes=notes(agents=self._told))

    @property
    def _told(self) -> bool:
        """Whether rows tell whose sensor it is."""
        return self.request.agents != EGO


class _Table:
    """A Parquet file that is written a row group at a time; a context."""

    def __init__(self, part: PartWriter, config: str, agents: bool) -> None:
        self._part = part
        self._config = config
        self._schema = schema_of(config, agents=agents)
        self._waiting: list[Row] = []
        self._writer: Any = None
        self.rows = 0

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def add(self, row: Row) -> None:
        """Appends a row."""
        self._waiting.append(row)
        self.rows += 1
        if len(self._waiting) == _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._writer is None:
            # Images and points do not compress: what is left is small.
            self._writer = parquet.ParquetWriter(
                self._part.open(f"{self._config}.parquet"),
                self._schema,
                compression="none",
                use_dictionary=["scene", "sensor"],
                write_statistics=["scene", "sensor", "frame", "time_ns"],
            )
        self._writer.write_table(pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting = []


def _places(split: str, number: int, files: int) -> Callable[[str], str]:
    def place(name: str) -> str:
        return f"{name.removesuffix('.parquet')}/{split}-{number:05d}-of-{files:05d}.parquet"

    return place
