"""Writes a recording while it happens: after each frame the file is complete up to it."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.embedded.playback.log.layout import I64, U16, LogError, layout_of
from drivegen.embedded.playback.log.packets import (
    LISTS,
    MAGIC,
    SINGLES,
    UNKNOWN_DURATION_S,
    VERSION,
    FrameStart,
    PacketId,
)

PACKET = struct.Struct("<BI")
"""Before each packet: its id, and the size of what follows."""
MAX_RECORDS = 0xFFFF
_FRAME_BEFORE_DURATION = PACKET.size + 8

Content = Any
"""A record, a sequence of records, a table of them (`table_type`), or a `Block`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records that are bytes already."""

    count: int
    data: bytes

    def __len__(self) -> int:
        return self.count


def table_type(packet: PacketId) -> np.dtype[np.void]:
    """The numpy type of a packet's records, for packets whose records all have the same size."""
    dtype = layout_of(LISTS[packet]).dtype
    assert dtype is not None, packet
    return np.dtype(dtype)


def pack_packet(packet: PacketId, content: Content) -> bytes:
    """A packet with its head.

    Args:
        packet: Its kind.
        content: The record of a packet of one; the records of a list or a table of them; None for FRAME_END.

    Raises:
        LogError: A value does not fit its field, or there are too many records.
    """
    if packet is PacketId.FRAME_END:
        body = b""
    elif packet in SINGLES:
        body = layout_of(SINGLES[packet]).pack(content)
    else:
        if len(content) > MAX_RECORDS:
            raise LogError(f"{len(content)} records are more than a {packet.name} packet holds")
        body = struct.pack("<H", len(content)) + _records(packet, content)
    return PACKET.pack(packet, len(body)) + body


def _records(packet: PacketId, content: Content) -> bytes:
    if isinstance(content, Block):
        return content.data
    if isinstance(content, np.ndarray):
        return content.astype(table_type(packet), copy=False).tobytes()
    layout = layout_of(LISTS[packet])
    return b"".join(layout.pack(record) for record in content)


def pack_header(map_name: str, date_s: int) -> bytes:
    """What stands before the first packet.

    Args:
        map_name: Without path.
        date_s: Seconds since 1970.
    """
    number, text = layout_of(U16), layout_of(str)
    return number.pack(VERSION) + text.pack(MAGIC) + layout_of(I64).pack(date_s) + text.pack(map_name)


class LogWriter:
    """One recording."""

    def __init__(self, path: Path, map_name: str, date_s: int) -> None:
        """Begins a file, or replaces one. Raises LogError."""
        self.path = path
        self.frames = 0
        self._elapsed_ns = 0
        self._previous = 0
        """Where the last frame's duration stands."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
            self._put(pack_header(map_name, date_s))
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> LogError:
        return LogError(f"{self.path}: cannot be recorded to: {error.strerror or error}")

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def frame(self, delta_s: float, packets: Sequence[tuple[PacketId, Content]]) -> None:
        """Adds a frame.

        Args:
            delta_s: Simulated time since the last one; of no meaning for the first, which is at time 0.
            packets: What it holds, in order.

        Raises:
            LogError: The disk is full, or a value does not fit.
        """
        if self.frames:
            self._elapsed_ns += round(delta_s * 1e9)
        start = FrameStart(
            id=self.frames + 1, duration_s=UNKNOWN_DURATION_S, elapsed_s=self._elapsed_ns * 1e-9
        )
        parts = [pack_packet(PacketId.FRAME_START, start)]
        parts += [pack_packet(packet, content) for packet, content in packets]
        parts.append(pack_packet(PacketId.FRAME_END, None))
        try:
            at = self._file.tell()
            self._put(b"".join(parts))
            if self._previous:
                self._file.seek(self._previous)
                self._put(struct.pack("<d", delta_s))
                self._file.seek(0, 2)
        except OSError as error:
            raise self._fault(error) from None
        self._previous = at + _FRAME_BEFORE_DURATION
        self.frames += 1

    def close(self) -> None:
        """Ends the recording; nothing is lost if this is not called."""
        # What a full disk has refused is refused once more.
        with contextlib.suppress(OSError):
            self._file.close()
