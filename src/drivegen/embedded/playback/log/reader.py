"""Reads recordings, whoever made them: also those that were cut short, and with packets unknown here."""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import numpy as np
from jaxtyping import Shaped

from drivegen.embedded.playback.log.layout import Cursor, LogError, layout_of
from drivegen.embedded.playback.log.packets import LISTS, MAGIC, SINGLES, FrameStart, PacketId
from drivegen.embedded.playback.log.writer import PACKET, table_type

MAX_PACKET_BYTES = 64 * 2**20
"""No recorder makes larger packets: beyond this a size is damage."""
MAX_FRAME_BYTES = 256 * 2**20
"""Of the packets wanted of one frame: beyond this it is damage too."""
_KNOWN = frozenset(int(p) for p in PacketId)
_FRAME_START = layout_of(FrameStart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the first packet."""

    version: int
    date_s: int
    """Seconds since 1970."""
    map_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameEntry:
    """Where a frame stands in its file."""

    offset: int
    start: FrameStart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A frame's packets, decoded when they are asked for."""

    start: FrameStart
    packets: tuple[tuple[PacketId, bytes], ...]

    def records(self, packet: PacketId) -> tuple:
        """All records of a kind of packet, in order; none when the frame has no such packet.

        Raises:
            LogError: The packet is damaged.
        """
        found: list[object] = []
        for kind, body in self.packets:
            if kind is not packet:
                continue
            cursor = Cursor(body, self._place(packet))
            if packet in SINGLES:
                found.append(layout_of(SINGLES[packet]).read(cursor))
                continue
            (count,) = struct.unpack("<H", cursor.take(2))
            layout = layout_of(LISTS[packet])
            found += [layout.read(cursor) for _ in range(count)]
        return tuple(found)

    def table(self, packet: PacketId) -> Shaped[np.ndarray, "n"]:
        """As `records`, as an array of `table_type`. Raises LogError."""
        dtype = table_type(packet)
        tables = [np.zeros(0, dtype)]
        for kind, body in self.packets:
            if kind is packet:
                cursor = Cursor(body, self._place(packet))
                (count,) = struct.unpack("<H", cursor.take(2))
                tables.append(np.frombuffer(cursor.take(count * dtype.itemsize), dtype))
        return np.concatenate(tables)

    def bodies(self, packet: PacketId) -> tuple[bytes, ...]:
        """What packets of a kind hold, as bytes."""
        return tuple(body for kind, body in self.packets if kind is packet)

    def has(self, packet: PacketId) -> bool:
        """Whether there is such a packet."""
        return any(kind is packet for kind, _ in self.packets)

    def _place(self, packet: PacketId) -> str:
        return f"packet {packet.name} of frame {self.start.id}"


class LogReader:
    """One recording, open. A context manager."""

    def __init__(self, path: Path) -> None:
        """Opens a file and reads its header.

        Raises:
            LogError: There is no such file, or it is no recording.
        """
        self.path = path
        self.cut = False
        """Whether the last pass over the file met an end within a frame, or damage."""
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise LogError(f"{path}: {error.strerror or error}") from None
        try:
            self.header = self._header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _header(self) -> Header:
        version = self._number("<H")
        magic = self._text()
        if magic != MAGIC:
            raise LogError(f"{self.path}: is not a CARLA recording")
        date_s = self._number("<q")
        map_name = self._text()
        self._first = self._file.tell()
        return Header(version=version, date_s=date_s, map_name=map_name)

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise LogError(f"{self.path}: ends within its header; it is not a CARLA recording")
        return data

    def _number(self, code: str) -> int:
        (value,) = struct.unpack(code, self._take(struct.calcsize(code)))
        return cast(int, value)

    def _text(self) -> str:
        return self._take(self._number("<H")).decode(errors="replace")

    def frames(
        self, wanted: Collection[PacketId] | None = None, *, from_offset: int | None = None
    ) -> Iterator[Frame]:
        """The complete frames in order.

        Args:
            wanted: Kinds of packets to read; the others are stepped over. All that are known when absent.
            from_offset: Of a `FrameEntry`; the first frame when absent.
        """
        for _, frame in self._walk(_KNOWN if wanted is None else frozenset(wanted), from_offset):
            yield frame

    def index(self) -> tuple[FrameEntry, ...]:
        """Where all complete frames stand."""
        return tuple(
            FrameEntry(offset=offset, start=frame.start) for offset, frame in self._walk(frozenset(), None)
        )

    def frame_at(self, entry: FrameEntry, wanted: Collection[PacketId] | None = None) -> Frame:
        """One frame. Raises LogError when it is there no more."""
        for frame in self.frames(wanted, from_offset=entry.offset):
            if frame.start.id == entry.start.id:
                return frame
            break
        raise LogError(f"{self.path}: frame {entry.start.id} has gone; the file was changed")

    def _walk(self, wanted: frozenset[int], from_offset: int | None) -> Iterator[tuple[int, Frame]]:
        self.cut = False
        end = os.fstat(self._file.fileno()).st_size
        at = self._first if from_offset is None else from_offset
        begun: tuple[int, FrameStart] | None = None
        packets: list[tuple[PacketId, bytes]] = []
        held = 0
        while at < end:
            self._file.seek(at)
            head = self._file.read(PACKET.size)
            if len(head) < PACKET.size:
                break
            kind, size = PACKET.unpack(head)
            after = at + PACKET.size + size
            if after > end or size > MAX_PACKET_BYTES or held > MAX_FRAME_BYTES:
                break
            if kind == PacketId.FRAME_START:
                if size < cast(int, _FRAME_START.size):
                    break
                if begun is not None:
                    yield begun[0], Frame(start=begun[1], packets=tuple(packets))
                begun = at, _FRAME_START.read(Cursor(self._file.read(size), "a frame's start"))
                packets, held = [], 0
            elif kind == PacketId.FRAME_END:
                if begun is not None:
                    yield begun[0], Frame(start=begun[1], packets=tuple(packets))
                begun = None
            elif kind in wanted and kind in _KNOWN and begun is not None:
                packets.append((PacketId(kind), self._file.read(size)))
                held += size
            at = after
        self.cut = at < end or begun is not None
