"""The messages that travelled: Parquet, a binary log, JSON lines."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen.core.cooperation import SentMessage
from drivegen.core.errors import ExportError
from drivegen_exporters.v2x_messages.log import pack_log
from drivegen_exporters.v2x_messages.readme import README
from drivegen_exporters.v2x_messages.tables import (
    RECEPTIONS,
    agent_line,
    cloud_line,
    decoded_line,
    kinds_of,
    reception_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cloud: bool = True
    """Write the cloud's pictures too."""


class V2xMessages(Exporter[Options]):
    """The exporter; see docs/exporters.md for the files."""

    format = "v2x_messages"
    Options = Options

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """Table, log and lines of a scene.

        Raises:
            ExportError: Nobody talks in the scene.
        """
        scene, plan = capture.scene, capture.plan
        if plan.v2x is None:
            raise ExportError(
                f"{capture.path}: nobody sends messages in scene {scene}; record it with agents that talk"
            )
        kinds = kinds_of(plan)
        rows: list[dict[str, Any]] = []
        messages: list[SentMessage] = []
        pictures: list[bytes] = []
        for frame in capture.frames():
            if frame.exchange is None:
                continue
            rows += reception_rows(scene, frame, kinds)
            messages += frame.exchange.messages
            if frame.exchange.cloud is not None and self.options.cloud:
                pictures.append(cloud_line(scene, frame.index, frame.exchange.cloud))
        part.write(f"parquet/{scene}.parquet", _parquet(rows))
        part.write(f"log/{scene}.pcapng", pack_log(list(kinds), messages))
        part.write(f"decoded/{scene}.jsonl", b"".join(decoded_line(scene, m) for m in messages))
        if pictures:
            part.write(f"cloud/{scene}.jsonl", b"".join(pictures))
        first = capture.frame(0).agents
        for interface, (name, kind) in enumerate(kinds.items()):
            track_id = first[name].track_id if name in first else None
            part.keep("agents").write(agent_line(scene, name, kind, interface, track_id))
        part.facts = {
            "messages": len(messages),
            "receptions": sum(row["received_ns"] is not None for row in rows),
            "losses": sum(row["received_ns"] is None for row in rows),
            "payload_bytes": sum(len(m.payload) for m in messages),
            "pictures": len(pictures),
        }

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """The list of agents, and what tells of the files."""
        counts = dict.fromkeys(("messages", "receptions", "losses", "payload_bytes", "pictures"), 0)
        with dataset.open("agents.jsonl") as file:
            for part in parts:
                dataset.take(part)
                for name in counts:
                    counts[name] += part.facts[name]
                with part.kept("agents").open("rb") as source:
                    shutil.copyfileobj(source, file)
        return Joined(counts=counts, notes=README)


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, RECEPTIONS), stream, compression="zstd")
    return stream.getvalue()
