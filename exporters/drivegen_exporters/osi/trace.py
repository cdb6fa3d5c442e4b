"""OSI traces in MCAP, as ASAM's OSI Trace File Format has them (OSI 3.8, osi-sensor-data documentation)."""

from __future__ import annotations

from typing import IO, Any

from google.protobuf import __version__ as protobuf_version

from drivegen import __version__
from drivegen.capture.mcap_file import Lane, McapFile
from drivegen.capture.schema import protobuf_schema

_CHUNK_BYTES = 4 << 20
_ZERO_TIME = "2026-01-01T00:00:00Z"
"""Simulation time counts from there: a scene has no date."""


def file_name(kind: str, osi: str, frames: int, scene: str) -> str:
    """The name that the format asks for."""
    return f"20260101T000000Z_{kind}_{osi}_{protobuf_version}_{frames}_{scene}.mcap"


class Trace:
    """One file of messages of one type."""

    def __init__(self, stream: IO[bytes], message: Any, topic: str, osi: str, description: str) -> None:
        self._file = McapFile(stream, "", f"drivegen {__version__}", hashed=False)  # type: ignore[arg-type]
        self._file.add_metadata(
            "net.asam.osi.trace",
            {
                "version": osi,
                "min_osi_version": osi,
                "max_osi_version": osi,
                "min_protobuf_version": protobuf_version,
                "max_protobuf_version": protobuf_version,
                "zero_time": _ZERO_TIME,
                "description": description,
                "authors": "drivegen",
                "data_sources": f"drivegen {__version__}, simulated",
            },
        )
        self._channel = self._file.add_channel(
            topic,
            protobuf_schema(message),
            Lane.ZSTD,
            {
                "net.asam.osi.trace.channel.osi_version": osi,
                "net.asam.osi.trace.channel.protobuf_version": protobuf_version,
                "net.asam.osi.trace.channel.description": description,
            },
        )
        self.messages = 0

    def add(self, time_ns: int, message: Any) -> None:
        """Appends a message."""
        data = bytes(message.SerializeToString(deterministic=True))
        self._file.add_message(self._channel, time_ns, self.messages, data)
        self.messages += 1
        if self._file.open_bytes >= _CHUNK_BYTES:
            self._file.end_chunks()

    def finish(self) -> None:
        """Writes the summary; the stream stays open."""
        self._file.finish()
